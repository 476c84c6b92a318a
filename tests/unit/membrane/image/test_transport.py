"""Effective diffusivity and conductivity of images whose answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from poreline.membrane.image import transport
from poreline.membrane.image.transport import (
    Conduction,
    solve_conductance,
    solve_diffusion,
    solve_gas_diffusion,
    solve_viscous_flow,
    tensor,
)
from poreline.quantities import InvalidInput
from poreline.voxels.image import AXES, Axis, VoxelImage

NM = 1e-9
CUBES = (NM, NM, NM)
REPEATS = (True, True, True)
Shape = tuple[int, int, int]


def image_of(void: npt.NDArray[Any], spacing: tuple[float, float, float] = CUBES, **more: Any) -> VoxelImage:
    return VoxelImage(void=void, spacing=spacing, **more)


def blobs(shape: tuple[int, int, int], porosity: float, seed: int, sigma: float = 2.0) -> npt.NDArray[np.bool_]:
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), sigma, mode="wrap")
    return noise < np.quantile(noise, porosity)


# ---- exact answers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("length", [1, 2, 9])
def test_a_straight_channel_has_tortuosity_one_at_any_resolution(axis: Axis, length: int, periodic: bool) -> None:
    across = np.zeros((5, 4), bool)
    across[1:3, 2] = True
    void = np.moveaxis(np.repeat(across[None], length, axis=0), 0, axis)
    found = solve_diffusion(image_of(void, (NM, 2 * NM, 3 * NM), periodic=(periodic,) * 3), axis)
    assert found.connected
    assert found.tortuosity == pytest.approx(1.0, rel=1e-6)
    assert found.porosity_open == pytest.approx(0.1, rel=1e-12)
    assert found.flux_imbalance < 1e-6


@pytest.mark.parametrize("periodic", [False, True])
def test_an_image_of_void_is_free_space(periodic: bool) -> None:
    for void in (np.ones((6, 5, 4), bool), np.ones((6, 5, 4), np.float32)):
        found = solve_diffusion(image_of(void, periodic=(periodic,) * 3), 1, flux_map=True)
        assert found.diffusivity_relative == pytest.approx(1.0, rel=1e-12)
        assert found.flux_in == found.flux_out == pytest.approx(1.0, rel=1e-12)
        assert found.iterations == 0
        assert found.flux_magnitude == pytest.approx(np.ones((6, 5, 4)), rel=1e-6)


def test_a_single_voxel_is_an_image() -> None:
    assert solve_diffusion(image_of(np.ones((1, 1, 1), bool)), 0).diffusivity_relative == 1.0
    assert not solve_diffusion(image_of(np.zeros((1, 1, 1), bool)), 0).connected


def layers(conductances: tuple[float, ...], axis: Axis) -> VoxelImage:
    """Sheets of random microcracks, of the conductivity 2/3 of their void, stacked along the axis; 1.5 voxels each."""
    along = np.repeat(1.5 * np.asarray(conductances, np.float32), 3)
    void = np.empty((len(along), 4, 3), np.float32)
    void[:] = along[:, None, None]
    void = np.ascontiguousarray(np.moveaxis(void, 0, axis))
    return image_of(void, (2 * NM, NM, 3 * NM), pore_width=np.full(void.shape, 0.1 * NM, np.float32))


@pytest.mark.parametrize("axis", AXES)
def test_layers_in_series_add_their_resistances(axis: Axis) -> None:
    found = solve_diffusion(layers((0.5, 0.1, 0.3), axis), axis)
    assert found.diffusivity_relative == pytest.approx(3.0 / (1 / 0.5 + 1 / 0.1 + 1 / 0.3), rel=1e-6)


@pytest.mark.parametrize("axis", AXES)
def test_layers_side_by_side_add_their_conductances(axis: Axis) -> None:
    across: Axis = AXES[axis - 1]
    found = solve_diffusion(layers((0.5, 0.1, 0.3), across), axis)
    assert found.diffusivity_relative == pytest.approx(0.3, rel=1e-6)
    # Void of 1.5 times the conductance each.
    assert found.tortuosity == pytest.approx(1.5, rel=1e-6)


def test_layers_of_a_repeating_image_in_series_add_their_resistances() -> None:
    sheets = layers((0.5, 0.1, 0.3), 0)
    repeats = image_of(sheets.void, sheets.spacing, pore_width=sheets.pore_width, periodic=REPEATS)
    found = solve_diffusion(repeats, 0)
    assert found.diffusivity_relative == pytest.approx(3.0 / (1 / 0.5 + 1 / 0.1 + 1 / 0.3), rel=1e-6)
    assert found.column == pytest.approx((found.diffusivity_relative, 0.0, 0.0), abs=1e-9)


def cracked(normal: tuple[float, float, float], void: float = 0.2) -> VoxelImage:
    shape = (4, 5, 3)
    normals = np.broadcast_to(np.asarray(normal, np.float32)[:, None, None, None], (3, *shape)).copy()
    width = np.full(shape, 0.2 * NM, np.float32)
    return image_of(np.full(shape, void, np.float32), pore_width=width, pore_normal=normals)


def test_microcracks_conduct_along_their_plane_and_not_across_it() -> None:
    flat = tensor(cracked((0.0, 0.0, 1.0)))
    assert np.diag(flat.values) == pytest.approx([0.2, 0.2, 0.0], rel=1e-6)
    assert flat.solutions[0].connected
    assert not flat.solutions[2].connected
    assert math.isinf(flat.solutions[2].tortuosity)
    inclined = tensor(cracked((0.6, 0.0, 0.8)))
    assert np.diag(inclined.values) == pytest.approx([0.2 * 0.64, 0.2, 0.2 * 0.36], rel=1e-6)


def test_microcracks_without_a_direction_count_as_random() -> None:
    assert np.diag(tensor(cracked((0.0, 0.0, 0.0))).values) == pytest.approx([0.4 / 3.0] * 3, rel=1e-6)


def test_sheets_across_the_ends_shut_them_and_leave_the_paths_between() -> None:
    sheets = cracked((0.0, 1.0, 0.0))
    assert sheets.pore_normal is not None
    sheets.pore_normal[:, 0, :3] = np.asarray([1.0, 0.0, 0.0])[:, None, None]
    found = solve_diffusion(sheets, 0)
    # Three of five rows begin with sheets that nothing passes; the sheets of the others lie along the flow.
    assert found.connected
    assert 2 / 5 * 0.2 <= found.diffusivity_relative < 0.2
    assert found.flux_imbalance < 1e-6


def sheets(shape: Shape = (24, 10, 12), **more: Any) -> VoxelImage:
    """A stack of sheets of microcracks, hardly tilted, of any void, with gaps in them: as a stretched film has."""
    random = np.random.default_rng(20)
    void = np.where(random.random(shape) < 0.25, 0.0, random.uniform(0.5, 0.8, shape)).astype(np.float32)
    normal = random.normal(0.0, 0.02, (3, *shape))
    normal[0] = 1.0
    normal /= np.sqrt(np.square(normal).sum(axis=0))
    width = np.where(void > 0, random.uniform(0.05, 0.3, shape) * NM, 0.0).astype(np.float32)
    return image_of(void, pore_width=width, pore_normal=normal.astype(np.float32), **more)


@pytest.mark.parametrize("periodic", [REPEATS, (False, False, False), (False, True, True)])
def test_sheets_of_microcracks_are_solved_along_and_across_them(periodic: tuple[bool, bool, bool]) -> None:
    image = sheets(periodic=periodic)
    shared = Conduction(image)
    for axis in AXES:
        found = shared.diffusion(axis, flux_map=True)
        assert found.converged
        assert found.flux_imbalance <= transport.MOST_IMBALANCE
        assert found.iterations <= 40
        assert found.flux_magnitude is not None
        assert (found.flux_magnitude[image.void == 0] == 0.0).all()
        # One after the other is the same as each alone.
        alone = solve_diffusion(image, axis)
        assert alone.diffusivity_relative == found.diffusivity_relative
        assert alone.porosity_open == found.porosity_open
    assert shared.diffusion(0).diffusivity_relative < 1e-2 * shared.diffusion(1).diffusivity_relative


def test_two_solvers_agree_on_microcracks(monkeypatch: pytest.MonkeyPatch) -> None:
    image = sheets(periodic=REPEATS)
    along = [solve_diffusion(image, axis).diffusivity_relative for axis in AXES]
    monkeypatch.setattr(transport, "_cracked_voxels", lambda _: False)  # by levels that join blocks of voxels
    for axis in AXES:
        blocks = solve_diffusion(image, axis, tolerance=1e-9)
        assert blocks.diffusivity_relative == pytest.approx(along[axis], rel=1e-6)


def test_a_field_of_conductivities_is_solved_along_several_axes_as_along_each() -> None:
    image = sheets(periodic=REPEATS)
    field = (1e-17 * np.random.default_rng(21).uniform(0.1, 1.0, image.shape)).astype(np.float32)
    shared = Conduction(image, field)
    for axis in AXES:
        found, alone = shared.conductance(axis), solve_conductance(image, axis, field)
        assert found.conductivity_effective == alone.conductivity_effective > 0.0
        assert found.flux_in == pytest.approx(found.flux_out, rel=1e-4)


def test_an_axis_that_other_clusters_go_through_is_solved_for_these() -> None:
    void = np.zeros((6, 7, 8), np.float32)
    void[:, 1, 1] = 0.6  # one way along x, another along z, that do not touch
    void[3, 4, :] = 0.7
    width = np.where(void > 0, 0.2 * NM, 0.0).astype(np.float32)
    shared = Conduction(image_of(void, periodic=REPEATS, pore_width=width))
    two_thirds = transport.RANDOM_SHEETS
    assert shared.diffusion(0).diffusivity_relative == pytest.approx(two_thirds * 0.6 / 56, rel=1e-6)
    assert not shared.diffusion(1).connected
    assert shared.diffusion(2).diffusivity_relative == pytest.approx(two_thirds * 0.7 / 42, rel=1e-6)
    assert shared.diffusion(2).porosity_open == pytest.approx(0.7 / 42, rel=1e-6)
    assert shared.diffusion(0).porosity_open == pytest.approx(0.6 / 56, rel=1e-6)


def test_a_voxel_that_is_all_void_conducts_as_free_space_whatever_its_cracks() -> None:
    assert solve_diffusion(cracked((1.0, 0.0, 0.0), void=1.0), 0).diffusivity_relative == pytest.approx(1.0)


def test_a_local_conductivity_multiplies_that_of_the_void() -> None:
    void = np.ones((6, 4, 3), bool)
    field = np.broadcast_to(np.asarray([1, 2, 4, 1, 2, 4], np.float32)[:, None, None], void.shape).copy()
    mean = 1.0 / np.mean([1.0, 0.5, 0.25])
    assert solve_diffusion(image_of(void), 0, conductivity=field).diffusivity_relative == pytest.approx(mean, rel=1e-6)
    found = solve_conductance(image_of(void), 0, field * np.float32(1e-17), flux_map=True)
    assert found.conductivity_effective == pytest.approx(1e-17 * mean, rel=1e-6)
    assert found.flux_magnitude == pytest.approx(np.full(void.shape, 1e-17 * mean), rel=1e-5)
    assert solve_conductance(image_of(void), 1, field).conductivity_effective == pytest.approx(7.0 / 3.0, rel=1e-6)


@pytest.mark.parametrize("voxels", [1, 2, 5, 8])
def test_viscous_flow_through_a_slit_is_exact_at_any_number_of_voxels(voxels: int) -> None:
    void = np.zeros((4, 3, voxels + 2), bool)
    void[:, :, 1:-1] = True
    place = np.arange(voxels) + 0.5
    distance = np.zeros(void.shape, np.float32)
    distance[:, :, 1:-1] = np.minimum(place, voxels - place) * NM
    thickness = np.where(void, np.float32(voxels * NM), np.float32(0.0))
    found = solve_viscous_flow(image_of(void), 0, thickness, distance)
    porosity = voxels / (voxels + 2)
    assert found.conductivity_effective == pytest.approx(porosity * (voxels * NM) ** 2 / 12.0, rel=1e-5)


def test_a_microcrack_flows_by_its_own_width() -> None:
    cracks = cracked((0.0, 0.0, 1.0))
    nothing = np.zeros(cracks.shape, np.float32)
    found = solve_viscous_flow(cracks, 0, nothing, nothing)
    assert found.conductivity_effective == pytest.approx(0.2 * (0.2 * NM) ** 2 / 12.0, rel=1e-5)


def test_gas_in_a_tube_follows_bosanquet() -> None:
    void = np.ones((4, 3, 3), bool)
    width = np.full(void.shape, 10 * NM, np.float32)
    found = solve_gas_diffusion(
        image_of(void), 0, width, free_diffusivity=2e-5, molecular_speed=475.0, pore_shape="tube"
    )
    knudsen = 10 * NM * 475.0 / 3.0
    assert found.conductivity_effective == pytest.approx(1.0 / (1.0 / knudsen + 1.0 / 2e-5), rel=1e-6)


# ---- convergence on shapes that the grid does not follow ----------------------------------------------------------


def inclined_channel(voxels: int, across: int, fine: int = 16) -> tuple[VoxelImage, float]:
    """A channel of half the width at the slope 1 : across, cut by the grid, one period; and cos^2 of its angle."""
    place = (np.arange(voxels * fine) + 0.5) / (voxels * fine)
    inside = np.mod(place[:, None] + across * place[None, :] + 0.3 / voxels, 1.0) < 0.5
    void = inside.reshape(voxels, fine, voxels, fine).mean((1, 3), dtype=np.float32)
    return image_of(void[:, None, :].copy(), periodic=REPEATS), across**2 / (1.0 + across**2)


@pytest.mark.parametrize("across", [1, 2])
def test_an_inclined_channel_converges_to_its_cosine(across: int) -> None:
    errors = []
    for voxels in (16, 64):
        image, cosine_squared = inclined_channel(voxels, across)
        found = solve_diffusion(image, 0)
        errors.append(abs(found.diffusivity_relative / (0.5 * cosine_squared) - 1.0))
        # The flux follows the channel: its part across is -1/across of that along.
        assert found.column is not None
        assert found.column[2] == pytest.approx(-found.column[0] / across, rel=0.02)
    assert errors[1] < 0.02
    assert errors[1] < 0.4 * errors[0]  # first order in the voxel: a quarter


SPHERES = {0.1: 0.8571, 0.3: 0.6056, 0.5: 0.3737}
"""D / D_0 of a simple cubic array of impermeable spheres by their volume fraction: Rayleigh 1892 with the lattice sum as
Runge corrected it in 1925, 1 - 3c / (2 + c - 0.979 c^(10/3) ...), and the higher terms of McKenzie, McPhedran and Derrick
1978. The uncorrected sum gives 0.6075 and 0.3905, 4 % too much for the last."""


def octant(concentration: float, voxels: int, fine: int = 4) -> npt.NDArray[np.float32]:
    radius = (3.0 * concentration / (4.0 * math.pi)) ** (1.0 / 3.0)
    square = np.square((np.arange(voxels * fine) + 0.5) / (2.0 * voxels * fine))
    outside = square[:, None, None] + square[:, None] + square > radius**2
    return outside.reshape(voxels, fine, voxels, fine, voxels, fine).mean((1, 3, 5), dtype=np.float32)


def whole_cell(part: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    for axis in AXES:
        part = np.concatenate([np.flip(part, axis), part], axis=axis)
    return part


@pytest.mark.parametrize("concentration", SPHERES)
def test_a_cubic_array_of_spheres_conducts_as_rayleigh_said(concentration: float) -> None:
    part = octant(concentration, 16)
    walls = solve_diffusion(image_of(part), 0)
    assert walls.diffusivity_relative == pytest.approx(SPHERES[concentration], rel=0.02)
    cell = solve_diffusion(image_of(whole_cell(part), periodic=REPEATS), 2)
    # Planes of symmetry are walls and planes of equal potential: both kinds of boundary are the same problem.
    assert cell.diffusivity_relative == pytest.approx(walls.diffusivity_relative, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("concentration", SPHERES)
def test_a_cubic_array_of_spheres_converges(concentration: float) -> None:
    errors = [
        abs(solve_diffusion(image_of(octant(concentration, n)), 0).diffusivity_relative / SPHERES[concentration] - 1.0)
        for n in (16, 64)
    ]
    assert errors[1] < max(0.5 * errors[0], 0.002)  # or within the digits of the series


# ---- bounds, balance, no connection -------------------------------------------------------------------------------


@pytest.mark.parametrize("porosity", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("periodic", [False, True])
def test_no_isotropic_image_conducts_better_than_hashin_and_shtrikman_allow(porosity: float, periodic: bool) -> None:
    void = blobs((40, 40, 40), porosity, seed=round(100 * porosity))
    found = solve_diffusion(image_of(void, periodic=(periodic,) * 3), 0)
    assert found.connected
    assert found.tortuosity >= (3.0 - found.porosity_open) / 2.0
    assert found.flux_imbalance <= 1e-4
    assert found.flux_in == pytest.approx(found.flux_out, rel=1e-4)


def test_an_image_that_does_not_connect_has_infinite_tortuosity() -> None:
    void = np.ones((8, 5, 5), bool)
    void[4] = False
    for periodic in (False, True):
        found = solve_diffusion(image_of(void, periodic=(periodic,) * 3), 0, flux_map=True)
        assert not found.connected
        assert found.diffusivity_relative == found.porosity_open == 0.0
        assert math.isinf(found.tortuosity)
        assert found.flux_magnitude is not None
        assert not found.flux_magnitude.any()
        across = solve_diffusion(image_of(void, periodic=(periodic,) * 3), 1)
        assert across.diffusivity_relative == pytest.approx(7.0 / 8.0, rel=1e-9)


def test_a_path_that_leaves_by_the_side_connects_a_repeating_image_only() -> None:
    # Steps that climb along y, and go on from the other side of the image.
    void = np.zeros((4, 4, 1), bool)
    for step in range(4):
        void[step, step] = void[(step + 1) % 4, step] = True
    assert solve_diffusion(image_of(void, periodic=REPEATS), 0).connected
    assert solve_diffusion(image_of(void, periodic=(True, True, False)), 1).connected
    assert not solve_diffusion(image_of(void, periodic=(True, False, False)), 0).connected


def test_a_loop_inside_a_repeating_image_is_no_path() -> None:
    void = np.zeros((6, 6, 1), bool)
    void[[0, 0, 0, 1, 5, 5, 5], [1, 2, 3, 2, 1, 2, 3]] = True  # across the seam and back
    found = solve_diffusion(image_of(void, periodic=REPEATS), 0)
    assert not found.connected
    assert found.diffusivity_relative == 0.0


def test_dead_ends_and_closed_pores_count_in_neither_flux_nor_open_porosity() -> None:
    void = np.zeros((8, 6, 6), bool)
    void[:, 1, 1] = True
    closed = void.copy()
    closed[3:5, 4, 4] = True
    alone, both = (solve_diffusion(image_of(v), 0) for v in (void, closed))
    assert both.porosity_open == alone.porosity_open == pytest.approx(1.0 / 36.0)
    assert both.diffusivity_relative == alone.diffusivity_relative


def test_the_map_of_the_flux_has_the_mean_of_the_flux_in_a_channel_that_narrows() -> None:
    void = np.zeros((12, 8, 1), bool)
    void[:6, :] = True
    void[6:, 2:6] = True
    found = solve_diffusion(image_of(void), 0, flux_map=True)
    assert found.flux_magnitude is not None
    assert not found.flux_magnitude[~void].any()
    # Far from the step the flux is even: the mean flux over the open share of the section.
    assert found.flux_magnitude[-1, 3, 0] == pytest.approx(2.0 * found.diffusivity_relative, rel=0.01)


def test_the_tensor_of_a_repeating_image_is_symmetric() -> None:
    made = tensor(image_of(blobs((24, 20, 16), 0.5, seed=11), (NM, 2 * NM, 1.5 * NM), periodic=REPEATS))
    assert made.is_full
    assert made.values == pytest.approx(made.values.T, abs=1e-5)  # reciprocity, to the tolerance of the solver
    assert not tensor(image_of(blobs((8, 8, 8), 0.7, seed=1))).is_full


# ---- precision, repeatability, input --------------------------------------------------------------------------------


def test_single_precision_agrees_with_double() -> None:
    image = image_of(blobs((48, 48, 48), 0.5, seed=3))
    single, double = (solve_diffusion(image, 0, precision=p) for p in ("single", "double"))  # type: ignore[arg-type]
    assert single.precision == "single"
    assert single.diffusivity_relative == pytest.approx(double.diffusivity_relative, rel=1e-5)
    assert single.flux_imbalance < 1e-4


def test_a_repeated_solve_is_bit_identical() -> None:
    image = image_of(blobs((40, 36, 32), 0.5, seed=4))
    first, second = (solve_diffusion(image, 0, precision="single", flux_map=True) for _ in range(2))
    assert first.diffusivity_relative == second.diffusivity_relative
    np.testing.assert_array_equal(first.flux_magnitude, second.flux_magnitude)


def test_a_void_fraction_of_zeros_and_ones_is_the_binary_image() -> None:
    void = blobs((24, 24, 24), 0.5, seed=5)
    found = [solve_diffusion(image_of(v), 1).diffusivity_relative for v in (void, void.astype(np.float32))]
    assert found[0] == pytest.approx(found[1], rel=1e-6)


def test_a_solve_that_is_cut_short_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_ITERATIONS", 1)
    found = solve_diffusion(image_of(blobs((24, 24, 24), 0.5, seed=6)), 0)
    assert not found.converged
    assert found.residual > 1e-6
    assert "after 1 iterations" in found.reason


def test_a_solution_whose_flux_is_lost_between_sections_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    pores = image_of(blobs((24, 24, 24), 0.5, seed=6))
    # A tolerance of a tenth stops after a few iterations: the solver is content, and the flux is not the same everywhere.
    rough = solve_diffusion(pores, 1, tolerance=0.1)
    assert rough.flux_imbalance > transport.MOST_IMBALANCE
    assert not rough.converged
    assert f"{rough.flux_imbalance:.1e}" in rough.reason
    field = np.ones(pores.shape, np.float32)
    assert not solve_conductance(pores, 1, field, tolerance=0.1).converged
    fine = solve_diffusion(pores, 1)
    assert fine.converged
    assert fine.reason == ""
    # The line is where it says it is.
    monkeypatch.setattr(transport, "MOST_IMBALANCE", 0.9 * fine.flux_imbalance)
    assert not solve_diffusion(pores, 1).converged
    monkeypatch.setattr(transport, "MOST_IMBALANCE", 1.1 * fine.flux_imbalance)
    assert solve_diffusion(pores, 1).converged


def test_what_does_not_connect_is_solved() -> None:
    closed = solve_diffusion(image_of(np.zeros((4, 4, 4), bool)), 0)
    assert closed.converged
    assert closed.reason == ""


def test_progress_ends_at_one() -> None:
    done: list[float] = []
    solve_diffusion(image_of(blobs((24, 24, 24), 0.5, seed=7)), 0, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == 1.0


def test_every_fault_of_the_input_is_reported_at_once() -> None:
    field = np.full((3, 3, 3), -1.0, np.float32)
    with pytest.raises(InvalidInput) as caught:
        solve_diffusion(image_of(np.ones((3, 3, 3), bool)), 3, conductivity=field, tolerance=0.0, precision="half")  # type: ignore[arg-type]
    assert {fault.field for fault in caught.value.faults} == {"axis", "tolerance", "precision", "conductivity"}


def test_a_map_of_another_shape_is_refused() -> None:
    image = image_of(np.ones((3, 3, 3), bool))
    with pytest.raises(InvalidInput, match="wall_distance"):
        solve_viscous_flow(image, 0, np.ones((3, 3, 3), np.float32), np.ones((2, 3, 3), np.float32))
