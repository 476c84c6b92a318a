"""Intrusion in one flood equals brute force at every radius."""

import numpy as np
import pytest
from scipy import ndimage

from poreline.membrane.image.intrusion import access_from, covered_by, faces_of, intrude, intrusion, through_access
from poreline.membrane.image.porometry import INSTRUMENTS, flow_curve, pressure
from poreline.voxels import VoxelImage
from poreline.voxels.labelling import label


def blobs(shape, share, seed):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2.0, mode="wrap")
    return field < np.quantile(field, share)


def brute_force(squared, pore, faces):
    """Reach of balls at every distinct squared radius: label what is wide enough, keep what touches a face, dilate."""
    reached = np.zeros(squared.shape)
    for level in np.unique(squared[squared > 0]):
        labels, _ = ndimage.label(squared >= level)
        entered = np.unique(np.concatenate([np.take(labels, end, axis=axis).ravel() for axis, end in faces]))
        seeds = np.isin(labels, entered[entered > 0])
        if seeds.any():
            away = np.rint(ndimage.distance_transform_edt(~seeds) ** 2).astype(int)
            reached[(away < level) & pore] = level
    return reached


@pytest.mark.parametrize(
    "faces", [((0, 0),), ((0, 0), (0, -1)), ((2, -1), (1, 0)), tuple((a, e) for a in range(3) for e in (0, -1))]
)
def test_one_flood_equals_brute_force_at_every_radius(faces):
    pore = blobs((22, 24, 26), 0.45, 1)
    squared = np.rint(ndimage.distance_transform_edt(pore) ** 2).astype(int)
    _, reached = intrude(np.sqrt(squared).astype(np.float32), faces, (1.0, 1.0, 1.0), (False,) * 3)
    assert np.array_equal(np.rint(reached.astype(float) ** 2), brute_force(squared, pore, faces))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("periodic", [(False,) * 3, (False, True, True)])
def test_the_widest_way_is_found_through_ups_and_downs(seed, periodic):
    # A few levels only, so that many ways are equally wide, and no two neighbours alike otherwise.
    rng = np.random.default_rng(seed)
    opening = rng.integers(0, 6, (9, 8, 7)).astype(np.float32)
    expected = np.zeros_like(opening)
    for level in range(1, 6):
        labels = label(opening >= level, periodic).labels
        entered = np.unique(labels[0])
        expected[np.isin(labels, entered[entered > 0])] = level
    assert np.array_equal(access_from(opening, ((0, 0),), periodic), expected)
    # From every face, not periodic: as from a frame that is wider than all.
    labels_of = [ndimage.label(np.pad(opening, 1, constant_values=9) >= level)[0] for level in range(1, 6)]
    every = np.zeros_like(opening)
    for level, labels in enumerate(labels_of, 1):
        every[(labels == labels[0, 0, 0])[1:-1, 1:-1, 1:-1]] = level
    faces = tuple((a, e) for a in range(3) for e in (0, -1))
    assert np.array_equal(access_from(opening, faces, (False,) * 3), every)


def covered_by_brute_force(access, spacing, periodic):
    reached = access.copy()
    for place in np.argwhere(access > 0):
        square = np.zeros(1)
        for axis, (n, edge, wraps) in enumerate(zip(access.shape, spacing, periodic, strict=True)):
            away = np.abs(np.arange(n) - place[axis])
            away = np.minimum(away, n - away) if wraps else away
            square = square + ((away * edge) ** 2).reshape([-1 if a == axis else 1 for a in range(3)])
        radius = access[tuple(place)]
        covered = (square < (float(radius) * (1 - 1e-6)) ** 2) & (access > 0)
        reached[covered] = np.maximum(reached[covered], radius)
    return reached


@pytest.mark.parametrize("spacing", [(1e-8, 1e-8, 1e-8), (1e-8, 2.3e-8, 1.4e-8)])
@pytest.mark.parametrize("periodic", [(False,) * 3, (True,) * 3])
@pytest.mark.parametrize("roughness", [0.0, 0.4])
def test_balls_that_are_left_out_cover_nothing_of_their_own(spacing, periodic, roughness):
    pore = blobs((14, 40, 17), 0.45, 3)
    access = ndimage.distance_transform_edt(pore, sampling=spacing).astype(np.float32)
    access *= 1 - roughness * np.random.default_rng(4).random(access.shape, np.float32)
    found = covered_by(access, pore, spacing, periodic)
    assert np.array_equal(found, covered_by_brute_force(access, spacing, periodic))


def test_balls_wider_than_any_table_cover_all_the_same():
    access = ndimage.distance_transform_edt(np.pad(np.ones((40, 40, 40), bool), 1)).astype(np.float32)
    found = covered_by(access, access > 0, (1.0, 1.0, 1.0), (False,) * 3)
    assert access.max() > 16
    assert np.array_equal(found, covered_by_brute_force(access, (1.0, 1.0, 1.0), (False,) * 3))


def test_an_ink_bottle_is_entered_through_its_neck():
    opening = np.zeros((9, 5, 5), np.float32)
    opening[:, 2, 2] = [4, 4, 1, 1, 3, 3, 3, 1, 5]
    access = access_from(opening, ((0, 0),), (False,) * 3)
    assert access[:, 2, 2].tolist() == [4, 4, 1, 1, 1, 1, 1, 1, 1]


def test_a_straight_slit_lets_its_own_width_through():
    void = np.zeros((20, 20, 20), bool)
    void[:, :, 8:12] = True
    image = VoxelImage(void=void, spacing=(1e-8,) * 3)
    found = intrusion(image, faces=faces_of(image, 0))
    np.testing.assert_allclose(2 * found.access[:, 5, 9], 4e-8, rtol=1e-5)


def test_what_no_face_opens_to_is_not_reached():
    void = np.zeros((12, 12, 12), bool)
    void[4:8, 4:8, 4:8] = True
    assert intrusion(VoxelImage(void=void, spacing=(1e-8,) * 3)).reached.max() == 0.0


def test_porometry_opens_the_widest_throat_first():
    void = np.zeros((10, 30, 10), bool)
    void[:, 2:4, 2:8] = True
    void[:, 10:16, 2:8] = True
    through = np.zeros(void.shape, np.float32)
    through[:, 2:4, 2:8], through[:, 10:16, 2:8] = 1e-8, 3e-8
    curve = flow_curve(VoxelImage(void=void, spacing=(1e-8,) * 3), through, 0)
    assert curve.diameter.tolist() == pytest.approx([6e-8, 2e-8])
    # Areas 36 and 12, flows as area times the square of the diameter: 36 * 9 to 12.
    assert curve.flow_share[0] == pytest.approx(324 / 336)
    assert curve.mean_flow_diameter == pytest.approx(6e-8)


def test_pressure_and_range_follow_young_and_laplace():
    assert pressure(np.array([1e-7]), 0.016)[0] == pytest.approx(6.4e5)
    flow, liquid = INSTRUMENTS
    assert flow.smallest == pytest.approx(18.3e-9, rel=0.01)
    assert liquid.smallest < flow.smallest


@pytest.mark.parametrize("periodic", [(True, True, True), (True, False, True), (False, False, True)])
def test_ways_around_a_periodic_axis_equal_brute_force_at_every_radius(periodic):
    opening = ndimage.uniform_filter(np.random.default_rng(3).random((7, 6, 8)), 2, mode="wrap").astype(np.float32)
    opening[opening < 0.42] = 0.0
    expected = np.zeros_like(opening)
    for level in np.unique(opening[opening > 0])[::-1]:
        found = label(opening >= level, periodic)
        passes = np.concatenate([[False], found.components.reaches_both(2)])[found.labels]
        expected[passes & (expected == 0)] = level
    assert expected.any()
    image = VoxelImage(void=opening > 0, spacing=(1e-8,) * 3, periodic=periodic)
    assert np.array_equal(through_access(image, opening, 2), expected)


def test_nothing_goes_around_a_periodic_axis_through_a_wall():
    void = np.zeros((10, 10, 10), bool)
    void[3:7, 3:7, :] = True
    void[:, :, 5] = False
    image = VoxelImage(void=void, spacing=(1e-8,) * 3, periodic=(True,) * 3)
    assert not through_access(image, np.where(void, np.float32(2e-8), np.float32(0.0)), 2).any()
