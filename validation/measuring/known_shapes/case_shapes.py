"""Mean local thickness of slits, cylinders and balls of known size, beside what PoreSpy prints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from validation.comparison import Comparison, read_rows, unaccounted
from validation.measuring.known_shapes.shapes import PLACES, Widths, widths

ROWS = [row | {"id": f"{row['shape']} {row['size_voxels']}"} for row in read_rows(__file__)]
EXACT = 1e-4  # float32 lengths


def of(row: dict[str, str]) -> Widths:
    shape: Any = row["shape"]
    return widths(shape, int(row["size_voxels"]))


def bar(row: dict[str, str]) -> float:
    """Relative error that is accepted."""
    if row["shape"] == "slit":
        return EXACT
    return 0.10 if int(row["size_voxels"]) < 10 else 0.03


def worst(values: tuple[float, ...], size: int) -> float:
    return max(abs(value / size - 1.0) for value in values)


def compare() -> list[Comparison]:
    """Void fractions against the true size."""
    found = []
    for row in ROWS:
        size, values = int(row["size_voxels"]), of(row).fractions
        found.append(
            Comparison(
                what=row["id"],
                measured=f"{size} voxels",
                predicted=f"{np.mean(values):.3f} voxels",
                ratio=float(np.mean(values)) / size,
                verdict="agrees" if worst(values, size) <= bar(row) else "differs",
                rows=(row["id"],),
            )
        )
    return found


def as_markdown() -> str:
    """The table: three ways to measure beside each other."""
    lines = [
        f"Mean local thickness by volume, voxels; mean (smallest to largest) of {PLACES} places on the grid.",
        "",
        "| shape | true size | PoreSpy 3.2, binary | here, binary | here, void fractions | accepted | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for row, comparison in zip(ROWS, compare(), strict=True):
        found, limit = of(row), bar(row)
        accepted = "exact" if limit == EXACT else f"{100 * limit:.0f} %"
        cells = (row["shape"], row["size_voxels"], row["thickness_mean_voxels"], _text(found.binary, 1),
                 _text(found.fractions, 2), accepted, comparison.verdict)  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _text(values: tuple[float, ...], digits: int) -> str:
    mean, low, high = (f"{value:.{digits}f}" for value in (np.mean(values), min(values), max(values)))
    return mean if len(values) == 1 else f"{mean} ({low} to {high})"


def test_every_row_is_used_or_left_out_for_a_reason() -> None:
    assert unaccounted(ROWS, "id", compare()) == set()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_void_fractions_give_the_size_within_the_bar_at_every_place(row: dict[str, str]) -> None:
    assert worst(of(row).fractions, int(row["size_voxels"])) <= bar(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_binary_image_is_nearer_to_the_size_than_integer_radii_are(row: dict[str, str]) -> None:
    size, theirs = int(row["size_voxels"]), float(row["thickness_mean_voxels"])
    assert abs(float(np.mean(of(row).binary)) - size) < abs(theirs - size)


def test_binary_slits_along_the_grid_are_exact() -> None:
    for row in ROWS:
        if row["shape"] == "slit":
            assert math.isclose(of(row).binary[0], int(row["size_voxels"]), rel_tol=EXACT)
