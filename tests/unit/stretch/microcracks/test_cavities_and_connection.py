"""Cavities open along the draw; void connects by faces and spreads more or less evenly."""

import numpy as np
import pytest

from poreline.quantities import InvalidInput, NotDetermined
from poreline.stretch.microcracks.cavities import cavities, widths_on_grid
from poreline.stretch.microcracks.connection import participation, spanning_level, void_connection
from poreline.stretch.microcracks.microcracks import FibrilClosure, microcracks
from poreline.stretch.microcracks.structure import CRACK, PORE_DIAMETER, THROAT, stretched_structure
from poreline.voxels.image import PHASE_DOMAIN, PHASE_MATRIX

N = 12
EDGE = 50e-9
CLOSURE = FibrilClosure(fibril_spacing_late=15e-9, crack_spacing_largest=0.25e-6, breakdown_width=100e-9)


def empty(size=N):
    return np.zeros((size,) * 3, np.float32)


def test_opening_of_a_run_is_the_sum_of_its_void_along_the_draw():
    opened, void, stretch = empty() > 0, empty(), empty() + 3.0
    opened[4:6, 2, 3] = True
    void[4, 2, 3], void[5, 2, 3], stretch[5, 2, 3] = 0.8, 0.5, 4.0
    found = cavities(opened, void, stretch, EDGE)
    expected = (0.8 * 3.0 + 0.5 * 4.0) * EDGE
    assert found.openings == pytest.approx([expected])
    assert found.opening[4, 2, 3] == found.opening[5, 2, 3] == pytest.approx(expected)
    assert np.count_nonzero(found.opening) == 2
    assert found.opening_median == pytest.approx(expected)


def test_a_run_goes_on_across_the_periodic_face_and_may_have_no_end():
    opened, void = empty() > 0, empty() + 0.5
    opened[[0, 1, N - 1], 0, 0] = True
    opened[:, 5, 5] = True
    found = cavities(opened, void, empty() + 2.0, EDGE)
    assert sorted(found.openings) == pytest.approx([3 * EDGE, N * EDGE])
    assert found.opening[N - 1, 0, 0] == pytest.approx(3 * EDGE)


def test_without_an_open_voxel_no_opening_is_determined():
    found = cavities(empty() > 0, empty(), empty(), EDGE)
    assert isinstance(found.opening_median, NotDetermined)


def test_a_cavity_has_the_width_of_its_run_where_the_grid_does_not_resolve_it():
    void, broken = empty(), empty()
    void[3], broken[3] = np.log(1.25), 1.0  # a fifth void, broken: a slit
    void[7], broken[7] = np.log(5.0), 1.0  # four fifths void: a pore of its own
    void[9] = np.log(1.1)  # crazed
    gradient = np.zeros((3, 3, N, N, N), np.float32)
    gradient[0, 0], gradient[1, 1], gradient[2, 2] = 2.0, 0.8, 0.8
    count = empty() + 8e6
    cracks = microcracks(void, broken, count, 2.5 * count, gradient, CLOSURE)
    crack, throat, normal = widths_on_grid(cracks, cavities(cracks.opened, cracks.void_fraction, gradient[0, 0], EDGE))
    np.testing.assert_allclose(crack[3], 0.2 * 2.0 * EDGE, rtol=1e-5)
    np.testing.assert_array_equal(throat[3], crack[3])
    assert not crack[7].any()
    np.testing.assert_allclose(crack[9], cracks.width[9])
    np.testing.assert_allclose(throat[9], 0.5 * cracks.pore_diameter[9])
    assert (normal[0, 3] == 1.0).all()


def test_the_spanning_level_is_the_least_void_on_the_best_way():
    void = empty()
    void[4, 4, :] = 0.3
    void[4, 4, 6] = 0.17
    void[8, :, 4] = 0.05
    levels = [spanning_level(void, axis) for axis in (0, 1, 2)]
    assert levels == pytest.approx([0.0, 0.05, 0.17], abs=1e-4)
    found = void_connection(void, empty() + 1.3)
    assert found.connected == (False, False, True)
    assert found.spanning_level == pytest.approx((0.0, 0.05, 0.17), abs=1e-4)


def test_diagonal_neighbours_do_not_connect():
    void = empty()
    for i in range(N):
        void[i, i, 0] = 0.5
    assert spanning_level(void, 0) == 0.0


def test_share_of_the_largest_cluster_counts_current_void():
    void, ratio = empty(), empty() + 1.0
    void[0, 0, 0], ratio[0, 0, 0] = 0.5, 4.0
    void[5, 5, 5], void[5, 5, 6] = 0.5, 0.5
    void[9, 9, 9] = 0.05  # below the level: void that belongs to no cluster
    found = void_connection(void, ratio)
    assert found.largest_cluster_share == pytest.approx(2.0 / 3.05)
    assert not any(found.connected)


def test_void_everywhere_participates_fully_and_in_one_place_as_one_part():
    ones = empty(16) + 1.0
    assert participation(0.2 * ones, ones).slabs == pytest.approx(1.0)
    assert participation(0.2 * ones, ones).blocks == pytest.approx(1.0)
    single = empty(16)
    single[3, 3, 3] = 0.4
    assert participation(single, ones).slabs == pytest.approx(1 / 16)
    assert participation(single, ones).blocks == pytest.approx(1 / 64)
    assert np.isnan(participation(empty(), empty()).slabs)


def test_parts_of_unequal_size_count_alike():
    ones = empty(18) + 1.0
    assert participation(0.2 * ones, ones).slabs == pytest.approx(1.0)


def test_wrong_shapes_and_levels_are_refused():
    with pytest.raises(InvalidInput) as caught:
        void_connection(empty(), empty(4), level=0.0)
    assert [fault.field for fault in caught.value.faults] == ["volume_ratio", "level"]
    with pytest.raises(InvalidInput):
        cavities(empty() > 0, empty(4), empty(), EDGE)


def test_the_structure_of_a_state_has_one_porosity_and_throats_below_its_cracks():
    rng = np.random.default_rng(0)
    phase = np.full((N,) * 3, PHASE_MATRIX, np.uint8)
    phase[3:8, 3:8, 3:8] = PHASE_DOMAIN
    void = np.where(phase == PHASE_MATRIX, np.log1p(0.3 * rng.random((N,) * 3)), 0.0).astype(np.float32)
    count = empty() + 8e6
    found = stretched_structure(
        np.zeros((3, N, N, N), np.float32), np.diag([2.5, 0.68, 0.68]), void=void, broken=empty(), craze_count=count,
        craze_spacing_sum=2.5 * count, phase=phase, voxel_edge=EDGE, closure=CLOSURE,
    )  # fmt: skip
    assert found.porosity == pytest.approx(1.0 - np.exp(-void).mean(), rel=1e-5)
    assert found.configuration.porosity == pytest.approx(found.porosity, rel=2e-3)
    widths = found.configuration.widths
    assert (widths[THROAT] <= widths[CRACK] * (1 + 1e-5)).all()
    np.testing.assert_allclose(widths[PORE_DIAMETER], 2.0 * widths[THROAT], rtol=1e-5)
    assert found.configuration.image(THROAT).periodic == (True, True, True)
    assert found.configuration.image(THROAT).shape == (30, 8, 8)
    assert not found.cavities.openings.size
