"""Tortuosity of an image of blurred noise, beside two other solvers."""

from __future__ import annotations

import numpy as np
import pytest
from validation.comparison import Comparison, as_table, judged, read_rows, trend, unaccounted
from validation.measuring.blurred_noise.image import POROSITY, blurred_noise, solved

from poreline.voxels.image import AXES, AXIS_NAMES

ROWS = {row["id"]: row for row in read_rows(__file__)}
WITHIN = 1.01
BALANCE = 1e-4
VOID_OF_OCTANTS = (393364, 399048, 370075, 393488, 423999, 429705, 367727, 422594)
"""Void voxels of the octants of the image on which the other tools were run."""


def compare() -> list[Comparison]:
    found = []
    of_x = solved()[0]
    all_pores = POROSITY / of_x.diffusivity_relative
    for key, row in ROWS.items():
        everything = row["porosity_in_the_ratio"] == "all pores"
        what = f"tortuosity along array axis 0 (x), {row['porosity_in_the_ratio']}: {row['tool']}"
        value = all_pores if everything else of_x.tortuosity
        found.append(judged(what, float(row["tortuosity"]), value, "", WITHIN, rows=(key,), digits=4))
    found += [
        Comparison(
            what=f"tortuosity along array axis {axis} ({AXIS_NAMES[axis]})",
            measured="–",
            predicted=f"{solved()[axis].tortuosity:.4g}",
            verdict="not judged",
            note="what would be compared if pages came first" if axis == 2 else "",
            rows=(),
        )
        for axis in AXES[1:]
    ]
    for axis, one in zip(AXES, solved(), strict=True):
        ends = abs(one.flux_in / one.flux_out - 1.0)
        found.append(
            trend(
                f"balance of the flux along array axis {axis} ({AXIS_NAMES[axis]})",
                f"below {BALANCE:.0e}",
                f"sections differ by less than {_decade(one.flux_imbalance)}, both ends by less than {_decade(ends)}",
                max(one.flux_imbalance, ends) < BALANCE,
                rows=(),
            )
        )
    return found


def _decade(value: float) -> str:
    """The power of ten above a number: the last digits of a residue differ between machines."""
    return f"1e{int(np.ceil(np.log10(max(value, 1e-7)))):d}"


def as_markdown() -> str:
    return as_table(compare(), heads=("other solver", "here"))


@pytest.mark.slow
def test_every_row_is_used_or_left_out_for_a_reason() -> None:
    assert unaccounted(list(ROWS.values()), "id", compare()) == set()


@pytest.mark.slow
def test_every_comparison_agrees() -> None:
    assert {comparison.verdict for comparison in compare()} == {"agrees", "not judged"}


def test_the_image_is_that_which_the_other_tools_were_run_on() -> None:
    octants = blurred_noise().reshape(2, 100, 2, 100, 2, 100).sum(axis=(1, 3, 5)).ravel()
    # Another processor may round a voxel at the cut to the other side.
    np.testing.assert_allclose(octants, VOID_OF_OCTANTS, atol=2)
    assert blurred_noise().mean() == POROSITY


def test_a_small_image_of_the_kind_is_solved_with_a_balanced_flux() -> None:
    for one in solved(50):
        assert one.connected
        assert one.flux_imbalance < BALANCE
