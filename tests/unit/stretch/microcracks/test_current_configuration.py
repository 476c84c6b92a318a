"""The image of a stretched blend keeps its void, its cracks and what flows through them."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from poreline.membrane.characterise import characterise
from poreline.quantities import InvalidInput
from poreline.stretch.microcracks.current_configuration import current_configuration, deformation_gradient
from poreline.voxels.image import PHASE_DOMAIN, PHASE_MATRIX, PHASE_VOID

EDGE = 50e-9
N = 16


def box(stretch, ratio=1.25):
    across = np.sqrt(ratio / stretch)
    return np.diag([stretch, across, across])


def of_matrix(size=N):
    return np.full((size,) * 3, PHASE_MATRIX, np.uint8)


def rough(size=32, stretch=3.0, seed=0):
    """A smooth displacement along all axes, and the void that its volume ratio leaves to a solid of constant volume."""
    rng = np.random.default_rng(seed)
    width = size / 16
    fields = np.stack([gaussian_filter(rng.normal(size=(size,) * 3), width, mode="wrap") for _ in range(3)])
    u = fields / fields.std() * width * np.array([0.6, 0.12, 0.12])[:, None, None, None]
    u = u.astype(np.float32)
    ratio = np.linalg.det(np.moveaxis(deformation_gradient(u, box(stretch)), (0, 1), (-2, -1)))
    assert ratio.min() > 0.05
    return u, np.clip(1.0 - 0.9 / ratio, 0.0, 0.9).astype(np.float32), ratio


def plane(stretch, sharper):
    """One plane of elements across x, void to 0.4 and stretched `sharper` times as much as all; one slit in each element.

    Displacement, void, width (m), normal, mean gradient.
    """
    mean = box(stretch) if stretch > 1.0 else np.eye(3)
    own = np.full(N, (N - sharper) * stretch / (N - 1))
    own[5] = stretch * sharper
    u = np.zeros((3, N, N, N), np.float32)
    u[0] = np.concatenate([[0.0], np.cumsum(own - stretch)[:-1]])[:, None, None]
    void, width = np.zeros((2, N, N, N), np.float32)
    void[5], width[5] = 0.4, 0.4 * stretch * sharper * EDGE
    normal = np.zeros((3, N, N, N), np.float32)
    normal[0, 5] = 1.0
    return u, void, width, normal, mean


def test_gradient_of_a_wave_is_its_difference_between_nodes():
    u = np.zeros((3, N, N, N), np.float32)
    wave = np.sin(2.0 * np.pi * np.arange(N) / N)
    u[1] = wave[None, :, None]
    u[2] = 0.5 * wave[:, None, None]
    found = deformation_gradient(u, box(2.0))
    slope = np.roll(wave, -1) - wave
    np.testing.assert_allclose(
        found[1, 1], box(2.0)[1, 1] + np.broadcast_to(slope[None, :, None], (N, N, N)), atol=1e-6
    )
    np.testing.assert_allclose(found[2, 0], np.broadcast_to(0.5 * slope[:, None, None], (N, N, N)), atol=1e-6)
    np.testing.assert_allclose(found[0, 0], 2.0, atol=1e-6)
    np.testing.assert_allclose(found[0, 1], 0.0, atol=1e-6)


@pytest.mark.parametrize("voxels", [None, (96, 32, 32), (50, 17, 40)])
def test_porosity_of_the_image_is_that_of_the_state(voxels):
    u, void, ratio = rough()
    found = current_configuration(u, box(3.0), voxel_edge=EDGE, void=void, phase=of_matrix(32), voxels=voxels)
    porosity = (void * ratio).sum() / ratio.sum()
    assert found.porosity == pytest.approx(porosity, rel=2e-3)
    # Boxes stand for parts of sheared elements; before the correction that costs less than one percent.
    assert found.correction == pytest.approx(1.0, abs=0.01)
    assert found.missed == 0
    assert found.void.max() <= 1.0


def test_slabs_of_the_image_hold_the_void_of_the_elements_that_lie_there():
    u, void, ratio = rough()
    found = current_configuration(u, box(3.0), voxel_edge=EDGE, void=void, phase=of_matrix(32), voxels=(96, 21, 21))
    middles = (
        3.0 * (np.arange(32) + 0.5)[:, None, None]
        + sum(np.roll(u[0], (-a, -b, -c), (0, 1, 2)) for a in (0, 1) for b in (0, 1) for c in (0, 1)) / 8.0
    )
    slab = (np.floor(middles / 12.0).astype(int) % 8).ravel()
    volume = np.bincount(slab, ratio.ravel())
    expected = np.bincount(slab, (void * ratio).ravel()) / volume
    # The elements that a slab's face cuts are counted whole here: 3 of 12 voxels at each face.
    np.testing.assert_allclose(found.void.reshape(8, 12, 21, 21).mean(axis=(1, 2, 3)), expected, atol=0.03)


def test_undeformed_elements_come_back_as_they_are():
    rng = np.random.default_rng(1)
    void = rng.random((N, N, N)).astype(np.float32)
    phase = rng.integers(1, 4, (N, N, N)).astype(np.uint8)
    width = rng.random((N, N, N)).astype(np.float32) * 1e-8
    normal = rng.normal(size=(3, N, N, N)).astype(np.float32)
    normal /= np.linalg.norm(normal, axis=0) * np.sign(normal[0])
    u = np.zeros((3, N, N, N), np.float32)
    found = current_configuration(
        u, np.eye(3), voxel_edge=EDGE, void=void, phase=phase, normal=normal, widths={"crack": width}, fields={"own": void}
    )  # fmt: skip
    np.testing.assert_allclose(found.void, void, rtol=1e-5)
    np.testing.assert_allclose(found.widths["crack"], width, rtol=1e-5)
    np.testing.assert_allclose(np.abs((found.normal * normal).sum(axis=0)), 1.0, atol=1e-4)
    np.testing.assert_array_equal(found.phase, phase)
    np.testing.assert_allclose(found.fields["own"], void, rtol=1e-5)
    assert found.spacing == pytest.approx((EDGE,) * 3)


def test_a_uniform_shift_across_the_periodic_face_only_moves_the_image():
    u, void, *_ = plane(1.0, 1.0)
    u[2] = 3.0
    u[0] = -7.0
    found = current_configuration(u, np.eye(3), voxel_edge=EDGE, void=void, phase=of_matrix())
    np.testing.assert_allclose(found.void, np.roll(void, -7, axis=0), atol=1e-6)


def test_domains_keep_their_share_of_the_volume():
    u, void, ratio = rough()
    phase = of_matrix(32)
    phase[8:20, 8:20, 8:20] = PHASE_DOMAIN
    void[phase == PHASE_DOMAIN] = 0.0
    found = current_configuration(u, box(3.0), voxel_edge=EDGE, void=void, phase=phase)
    share = ratio[phase == PHASE_DOMAIN].sum() / ratio.sum()
    assert (found.phase == PHASE_DOMAIN).mean() == pytest.approx(share, rel=0.03)


@pytest.mark.parametrize(("stretch", "sharper"), [(1.0, 1.0), (1.0, 1.6), (2.0, 1.0), (2.0, 1.6)])
def test_a_flat_crack_measures_as_the_slit_that_it_is(stretch, sharper):
    u, void, width, normal, mean = plane(stretch, sharper)
    found = current_configuration(
        u, mean, voxel_edge=EDGE, void=void, phase=of_matrix(), normal=normal, widths={"crack": width}
    )
    measured = characterise(
        found.image("crack"), only=["porosity", "connection", "local-thickness", "viscous", "diffusion"], device="cpu"
    )
    slit = float(width[5, 0, 0])
    porosity = slit / (N * EDGE * stretch)
    assert measured.value("porosity") == pytest.approx(porosity, rel=1e-5)
    assert measured.value("local_thickness_mean") == pytest.approx(slit, rel=1e-4)
    assert measured.value("pore_diameter_mean") == pytest.approx(slit, rel=1e-4)
    # Plane Poiseuille flow along the slit, nothing across it.
    for axis in "yz":
        assert measured.value(f"permeability_{axis}") == pytest.approx(porosity * slit**2 / 12.0, rel=1e-3)
        assert measured.value(f"diffusivity_relative_{axis}") == pytest.approx(porosity, rel=1e-3)
        assert measured.results[f"connected_{axis}"].value
    assert measured.value("permeability_x") == 0.0
    assert not measured.results["connected_x"].value


def test_thin_void_stays_in_the_porosity_but_connects_nothing():
    u, void, width, normal, mean = plane(1.0, 1.0)
    found = current_configuration(
        u, mean, voxel_edge=EDGE, void=0.2 * void, phase=of_matrix(), normal=normal, widths={"crack": width}
    )
    image = found.image("crack")
    assert image.void.mean() == pytest.approx(0.2 * 0.4 / N)
    assert not image.open_voxels().any()
    assert found.image("crack", connected_from=0.05).open_voxels().any()


def test_void_that_the_grid_resolves_is_a_pore_without_a_width():
    u, void, width, normal, mean = plane(1.0, 1.0)
    found = current_configuration(
        u, mean, voxel_edge=EDGE, void=2.0 * void, phase=of_matrix(), normal=normal, widths={"crack": 0.0 * width}
    )
    assert (found.phase[5] == PHASE_VOID).all()
    image = found.image("crack")
    assert image.open_voxels()[5].all()
    assert not image.pore_width.any()


def test_a_sheared_box_and_wrong_arrays_are_refused_together():
    u, void, _, normal, mean = plane(2.0, 1.0)
    with pytest.raises(InvalidInput, match="edges along x, y, z"):
        current_configuration(u, mean + np.eye(3)[[1, 2, 0]], voxel_edge=EDGE, void=void, phase=of_matrix())
    with pytest.raises(InvalidInput) as caught:
        current_configuration(u, mean, voxel_edge=1.0, void=void + 1.0, phase=0 * of_matrix(), voxels=(0, 1, 1))
    assert [fault.field for fault in caught.value.faults] == ["spacing, x", "void", "phase", "voxels"]
    with pytest.raises(InvalidInput) as caught:
        current_configuration(u[:2], mean, voxel_edge=EDGE, void=void, phase=of_matrix(8), normal=normal[0])
    assert [fault.field for fault in caught.value.faults] == ["displacement", "phase", "normal"]


def test_a_width_that_was_not_given_is_refused():
    u, void, *_ = plane(1.0, 1.0)
    found = current_configuration(u, np.eye(3), voxel_edge=EDGE, void=void, phase=of_matrix())
    with pytest.raises(InvalidInput, match="no such width"):
        found.image("crack")
