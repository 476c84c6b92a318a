"""Numbers of several cells as one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from poreline.line.volume.ensemble import (
    DISCRETISATION,
    DISCRETISATION_OF_WIDTHS,
    PACKING_SCATTER,
    combined,
    grid_share,
    half_width,
    student_t,
)
from poreline.line.volume.results import _merged
from poreline.membrane.image.measured import OCTANT_BAND
from poreline.quantities import Estimate, NotDetermined
from poreline.quantities.fields import Meaning

ABOUT = Meaning("1", "porosity", "eps", "%", "volume simulation")


def test_students_t_has_its_tabulated_quantiles() -> None:
    # 95 % one-sided, of any table of the distribution.
    assert student_t(1) == pytest.approx(6.314, abs=1e-3)
    assert student_t(3) == pytest.approx(2.353, abs=1e-3)
    assert student_t(10**6) == pytest.approx(1.645, abs=1e-3)


def test_one_cell_has_the_published_scatter_and_the_grid_in_squares() -> None:
    assert half_width([0.2]) == pytest.approx(0.2 * math.hypot(PACKING_SCATTER, DISCRETISATION))


def test_equal_cells_leave_the_band_of_the_grid() -> None:
    assert half_width([0.2] * 4) == pytest.approx(0.2 * DISCRETISATION)


def test_the_band_of_a_mean_holds_the_truth_in_nine_of_ten_ensembles() -> None:
    rng = np.random.default_rng(5)
    # A scatter far above that of the grid, so that the scatter between the cells is what is tested.
    drawn = rng.normal(1.0, 0.5, (4000, 4))
    inside = [abs(np.mean(cells) - 1.0) <= half_width(cells.tolist()) for cells in drawn]
    assert np.mean(inside) == pytest.approx(0.90, abs=0.02)  # three standard errors of the share, and the grid's part


def test_a_number_that_a_cell_does_not_have_is_not_determined_and_says_where() -> None:
    found = combined([1.0, math.nan, 2.0], ABOUT, reasons=["", "no pore goes through.", ""])
    assert isinstance(found, NotDetermined)
    assert found.reason == "no pore goes through (in 1 of 3 cells)."


def test_a_share_stays_between_none_and_all() -> None:
    found = combined([0.999], ABOUT, share=True)
    assert isinstance(found, Estimate)
    assert 0.0 < found.low < found.value <= found.high <= 1.0


def test_what_is_the_same_in_every_cell_has_no_band() -> None:
    found = combined([4.0], ABOUT, exact=True)
    assert isinstance(found, Estimate)
    assert found.low == found.value == found.high


def test_the_method_tells_how_the_band_came_about() -> None:
    one, four = combined([0.2], ABOUT), combined([0.2, 0.21, 0.19, 0.2], ABOUT)
    assert isinstance(one, Estimate)
    assert isinstance(four, Estimate)
    assert "one cell, 12 %" in one.method
    assert "4 cells (Student's t)" in four.method
    between = combined([0.2], ABOUT, grid=grid_share(3.9133))
    assert isinstance(between, Estimate)
    assert "7.1 % for grid and steps" in between.method


def test_widths_have_the_wider_band_of_the_grid() -> None:
    found = combined([2.0, 2.0, 2.0], ABOUT, grid=DISCRETISATION_OF_WIDTHS)
    assert isinstance(found, Estimate)
    assert found.high - found.value == pytest.approx(0.09 * 2.0)
    assert "9 % for grid and steps" in found.method


def test_from_where_the_matrix_cavitates_throughout_the_band_is_wider() -> None:
    assert grid_share(3.0) == grid_share(3.8) == DISCRETISATION
    assert DISCRETISATION < grid_share(4.0) < grid_share(4.1) < grid_share(4.2) == grid_share(6.0)
    # Porosities at 4.75 on 32, 48 and 64 voxels, and on 48 with twice the steps, of one packing: bare, shelled, bonded at 5, and
    # one with half the copolymer at 4.4.
    for seen in (
        [0.2353, 0.2066, 0.2025, 0.2998],
        [0.2625, 0.2449, 0.1721, 0.2596],
        [0.2481, 0.1632, 0.157, 0.2502],
        [0.194, 0.234, 0.146, 0.203, 0.133],
    ):
        middle = 0.5 * (min(seen) + max(seen))
        assert max(seen) - middle < grid_share(4.75) * middle


def test_bands_of_the_cells_measures_are_added_in_squares() -> None:
    parts = [Estimate(2.0, 1.7, 2.4, "1", "a number", "a way"), Estimate(2.0, 1.9, 2.2, "1", "a number", "a way")]
    found = _merged(parts, None, DISCRETISATION)
    assert isinstance(found, Estimate)
    assert found.value - found.low == pytest.approx(np.hypot(DISCRETISATION * 2.0, 0.2))
    assert found.high - found.value == pytest.approx(np.hypot(DISCRETISATION * 2.0, 0.3))


def test_the_octants_of_a_cell_are_not_counted_beside_the_scatter_between_cells() -> None:
    parts = [Estimate(2.0, 1.0, 3.0, "1", "a number", f"a way; {OCTANT_BAND}")] * 2
    found = _merged(parts, Meaning("1", "a number", "", "", f"a way; {OCTANT_BAND}"), DISCRETISATION)
    assert isinstance(found, Estimate)
    assert found.high - found.low == pytest.approx(2 * DISCRETISATION * 2.0)
    assert "octants" not in found.method
