"""Domains on a grid have the volumes, layers and normals of the ellipsoids that they stand for."""

import math

import numpy as np
import pytest

from poreline.blend.packing import Packing, pack
from poreline.blend.voxelise import DOMAIN, LAYER, MATRIX, _to_ellipsoid, voxelise, voxelise_labels
from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.image import PHASE_DOMAIN, PHASE_MATRIX, PHASE_SHELL
from poreline.voxels.labelling import components_of

MICRON = 1e-6
PERIODIC = (True, True, True)


def packing(**changes):
    settings = {"diameter_median": MICRON, "diameter_spread": 1.3, "volume_fraction": 0.15, "count": 12, "seed": 4,
                "gap": 0.1 * MICRON}  # fmt: skip
    return pack(**(settings | changes))


def one_ball(radius, *, semi_axes=None, centre=(0.5, 0.5, 0.5)):
    """One ball or ellipsoid in a cube of edge 1 micron; lengths in micron."""
    axes = MICRON * np.array([semi_axes if semi_axes is not None else (radius,) * 3])
    fraction = 4.0 / 3.0 * math.pi * float(np.prod(axes)) / MICRON**3
    return Packing(
        centres=MICRON * np.array([centre]), semi_axes=axes, edge=MICRON, volume_fraction=fraction, gap=0.0, seed=0
    )


def analytic(packing, voxels, offset):
    return 4.0 / 3.0 * math.pi * np.prod(packing.semi_axes / packing.edge * voxels + offset, axis=1).sum()


@pytest.mark.parametrize("aspect_ratio", [1.0, 2.0])
@pytest.mark.parametrize("voxels", [24, 41])
def test_domains_without_a_layer_have_the_volume_fraction_to_half_a_voxel(aspect_ratio, voxels):
    found = packing(aspect_ratio=aspect_ratio, count=32)
    blend = voxelise(found, voxels, 0.0)
    assert np.count_nonzero(blend.phase == DOMAIN) == round(0.15 * voxels**3)
    assert not (blend.phase == LAYER).any()


@pytest.mark.parametrize(("thickness", "inset"), [(0.6, 0.0), (1.0, 0.25), (1.5, 0.05), (0.0, 0.25)])
def test_domain_and_layer_have_the_volumes_of_shrunk_and_grown_balls(thickness, inset):
    found = packing()
    blend = voxelise(found, 48, thickness, inset)
    inside, layer = np.count_nonzero(blend.phase == DOMAIN), np.count_nonzero(blend.phase == LAYER)
    assert abs(inside - analytic(found, 48, -0.5 * thickness - inset)) < 1.0
    assert abs(inside + layer - analytic(found, 48, 0.5 * thickness - inset)) < 1.0


def test_a_layer_separates_domain_from_matrix():
    blend = voxelise(packing(), 48, 1.5)
    for axis in range(3):
        beside = np.roll(blend.phase, 1, axis)
        touching = (blend.phase == DOMAIN) & (beside == MATRIX) | (blend.phase == MATRIX) & (beside == DOMAIN)
        assert not touching.any()


def test_equal_distances_do_not_change_the_volume():
    # A ball in the middle of a voxel: distances come in eights and more.
    blend = voxelise(one_ball(0.3), 21, 1.0)
    assert np.count_nonzero(blend.phase == DOMAIN) == round(4.0 / 3.0 * math.pi * (6.3 - 0.5) ** 3)


def test_normals_of_a_ball_point_from_its_centre_across_the_faces_of_the_cube():
    blend = voxelise(one_ball(0.3, centre=(0.0, 0.25, 0.9)), 20, 1.0)
    place = (
        np.stack(np.meshgrid(*[(np.arange(20) + 0.5) / 20] * 3, indexing="ij"))
        - np.array([0.0, 0.25, 0.9])[:, None, None, None]
    )
    place -= np.round(place)
    np.testing.assert_allclose(blend.normal, place / np.linalg.norm(place, axis=0), atol=1e-5)
    assert not blend.domain.any()


@pytest.mark.parametrize("aspect_ratio", [1.0, 2.5])
def test_normals_point_out_of_the_nearest_domain(aspect_ratio):
    found = packing(aspect_ratio=aspect_ratio, count=40)
    blend = voxelise(found, 40, 1.0)
    np.testing.assert_allclose(np.linalg.norm(blend.normal, axis=0), 1.0, atol=1e-5)
    place = np.stack(np.meshgrid(*[(np.arange(40) + 0.5) / 40 * found.edge] * 3, indexing="ij"), axis=-1)
    place -= found.centres[blend.domain]
    place -= found.edge * np.round(place / found.edge)
    outward = np.einsum("cijk,ijkc->ijk", blend.normal, place / found.semi_axes[blend.domain] ** 2)
    # Off the surface the normal and the gradient of the level differ, but not by a right angle.
    assert (outward[blend.phase == LAYER] > 0.0).all()
    assert blend.voxel_edge == pytest.approx(found.edge / 40)


def test_the_nearest_domain_is_the_one_of_all_with_the_least_distance():
    found = packing(count=30, diameter_spread=1.5, gap=0.0)
    blend = voxelise(found, 30, 0.0)
    place = np.stack(np.meshgrid(*[(np.arange(30) + 0.5) / 30 * found.edge] * 3, indexing="ij"), axis=-1)
    apart = place[..., None, :] - found.centres
    apart -= found.edge * np.round(apart / found.edge)
    distance = np.linalg.norm(apart, axis=-1) - found.radius
    chosen = np.take_along_axis(distance, blend.domain[..., None], axis=-1)[..., 0]
    np.testing.assert_allclose(chosen, distance.min(axis=-1), atol=1e-12)


@pytest.mark.parametrize("axes", [(3.0, 1.0, 1.0), (1.0, 2.0, 2.0), (1.0, 2.0, 3.0), (2.0, 2.0, 2.0)])
def test_distance_to_an_ellipsoid_ends_on_its_surface_along_its_normal(axes):
    axes = np.array(axes)
    rng, normal = np.random.default_rng(1), np.empty(3)
    for trial in range(200):
        point = rng.normal(size=3) * rng.choice([0.3, 1.0, 3.0])
        point[trial % 3] *= trial % 5 > 0
        distance = _to_ellipsoid(point, axes, normal)
        foot = point - distance * normal
        gradient = foot / axes**2
        assert ((foot / axes) ** 2).sum() == pytest.approx(1.0, abs=1e-6)
        assert abs(normal @ gradient) == pytest.approx(np.linalg.norm(gradient), rel=1e-6)
        assert (distance < 0.0) == (((point / axes) ** 2).sum() < 1.0)
    assert _to_ellipsoid(np.zeros(3), axes, normal) == pytest.approx(-axes.min(), rel=1e-6)


def test_a_layer_thicker_than_a_domain_and_a_negative_one_are_refused():
    with pytest.raises(InvalidInput, match="use up the smallest domain"):
        voxelise(one_ball(0.1), 10, 1.5, 0.25)
    with pytest.raises(InvalidInput, match="inset"):
        voxelise(one_ball(0.1), 10, 0.0, 1.0)
    with pytest.raises(InvalidInput) as caught:
        voxelise(one_ball(0.3), 1, -1.0, -0.1)
    assert [fault.field for fault in caught.value.faults] == ["voxels", "layer_thickness", "inset"]


def test_as_an_image_each_domain_is_one_region_of_the_first_polymer():
    blend = voxelise(packing(), 48, 1.0)
    image = blend.image(shell=True)
    assert components_of(image.phase == PHASE_DOMAIN, PERIODIC).count == 12
    np.testing.assert_array_equal(image.phase == PHASE_SHELL, blend.phase == LAYER)
    assert (blend.image().phase != PHASE_SHELL).all()
    assert (image.phase == PHASE_MATRIX).sum() == (blend.phase == MATRIX).sum()


@pytest.fixture(scope="module")
def seen():
    """A blend as an imaging method would give it: labels only."""
    found = packing(gap=0.25 * MICRON)
    return found, voxelise(found, 64, 0.0)


def test_labels_without_a_layer_stay_as_they_are(seen):
    _, labelled = seen
    again = voxelise_labels(labelled.image(), 0.0)
    assert np.count_nonzero(again.phase == DOMAIN) == np.count_nonzero(labelled.phase == DOMAIN)
    # Smoothing may trade single voxels of the surface.
    assert (again.phase != labelled.phase).mean() < 1e-3


def test_labels_give_the_layer_and_normals_of_the_domains_behind_them(seen):
    found, labelled = seen
    again, expected = voxelise_labels(labelled.image(), 1.0, 0.25), voxelise(found, 64, 1.0, 0.25)
    for phase in (DOMAIN, LAYER):
        share = np.count_nonzero(again.phase == phase) / np.count_nonzero(expected.phase == phase)
        assert share == pytest.approx(1.0, abs=0.03)
    cosine = (again.normal * expected.normal).sum(axis=0)[expected.phase == LAYER]
    assert np.median(cosine) > 0.995
    assert cosine.min() > 0.8


def test_labels_number_each_domain_and_know_its_size(seen):
    found, labelled = seen
    again = voxelise_labels(labelled.image(), 1.0)
    inside = labelled.phase == DOMAIN
    pairs = np.unique(np.stack([labelled.domain[inside], again.domain[inside]]), axis=1)
    assert pairs.shape[1] == found.count
    np.testing.assert_allclose(again.domain_radius[pairs[1]], found.radius[pairs[0]], rtol=0.02)


def test_an_image_without_two_polymers_or_a_cube_is_refused():
    void, phase = np.zeros((8, 8, 8), bool), np.ones((8, 8, 8), np.uint8)
    with pytest.raises(InvalidInput, match="Both polymers"):
        voxelise_labels(VoxelImage(void=void, spacing=(1e-8,) * 3, phase=phase), 1.0)
    with pytest.raises(InvalidInput) as caught:
        voxelise_labels(VoxelImage(void=void[:, :, :4], spacing=(1e-8,) * 3), 1.0)
    assert [fault.field for fault in caught.value.faults] == ["image", "phase"]


def test_an_image_whose_domains_the_layer_would_use_up_is_refused():
    phase = np.ones((12, 12, 12), np.uint8)
    phase[4:6, 4:6, 4:6] = 2
    image = VoxelImage(void=np.zeros(phase.shape, bool), spacing=(1e-8,) * 3, phase=phase)
    assert voxelise_labels(image, 0.0).phase.sum() == 8
    with pytest.raises(InvalidInput, match=r"use up every domain; the largest is 2\.48 voxels"):
        voxelise_labels(image, 4.0)
