"""Porosity and misplaced voxels after segmentation of pictures whose geometry is known."""

from __future__ import annotations

import numpy as np
import pytest
from validation.comparison import Comparison
from validation.measuring.segmentation.pictures import SEEDS, Found, Kind, Structure, segmented

CASES: dict[tuple[Kind, Structure, float], tuple[float, float]] = {
    ("SEM picture", "cracks", 0.05): (0.015, 0.020),
    ("SEM picture", "cracks", 0.15): (0.010, 0.025),
    ("SEM picture", "cracks", 0.30): (0.015, 0.040),
    ("SEM picture", "sponge", 0.05): (0.015, 0.015),
    ("SEM picture", "sponge", 0.15): (0.015, 0.025),
    ("SEM picture", "sponge", 0.30): (0.020, 0.040),
    ("tomogram", "cracks", 0.05): (0.004, 0.015),
    ("tomogram", "cracks", 0.20): (0.004, 0.030),
    ("tomogram", "cracks", 0.40): (0.020, 0.060),
    ("tomogram", "sponge", 0.05): (0.004, 0.015),
    ("tomogram", "sponge", 0.20): (0.005, 0.030),
    ("tomogram", "sponge", 0.40): (0.010, 0.065),
}
"""Accepted error of the porosity and share of misplaced voxels, by picture, structure and noise over contrast."""


def of(case: tuple[Kind, Structure, float]) -> list[Found]:
    return [segmented(*case, seed) for seed in SEEDS]


def errors(found: list[Found]) -> list[float]:
    return [one.porosity - one.porosity_true for one in found]


def holds(case: tuple[Kind, Structure, float]) -> bool:
    error, wrong = CASES[case]
    return max(map(abs, errors(of(case)))) <= error and max(one.share_wrong for one in of(case)) <= wrong


def compare() -> list[Comparison]:
    found = []
    for case in CASES:
        kind, structure, noise = case
        true, seen = (
            float(np.mean([getattr(one, name) for one in of(case)])) for name in ("porosity_true", "porosity")
        )
        found.append(
            Comparison(
                what=f"{kind} of {structure}, noise {noise:.0%} of the contrast: porosity",
                measured=f"{true:.3f}",
                predicted=f"{seen:.3f}",
                ratio=seen / true,
                verdict="agrees" if holds(case) else "differs",
                rows=(),
            )
        )
    return found


def as_markdown() -> str:
    """The table: errors of the porosity in percent of the volume, and misplaced voxels."""
    lines = [
        f"{len(SEEDS)} seeded pictures of each kind; errors in points of porosity, smallest to largest.",
        "",
        "| picture | structure | noise over contrast | true porosity, % | error, points | misplaced, at most, % | accepted | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for case, comparison in zip(CASES, compare(), strict=True):
        kind, structure, noise = case
        found, (error, wrong) = of(case), CASES[case]
        true = 100 * float(np.mean([one.porosity_true for one in found]))
        off = [100 * value for value in errors(found)]
        worst = 100 * max(one.share_wrong for one in found)
        accepted = f"{100 * error:.1f} points, {100 * wrong:.1f} %"
        lines.append(
            f"| {kind} | {structure} | {noise:g} | {true:.1f} | {_signed(min(off))} to {_signed(max(off))} | {worst:.1f} | "
            f"{accepted} | {comparison.verdict} |"
        )
    return "\n".join(lines)


def _signed(value: float) -> str:
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text.endswith("0.0") else text


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}, {case[1]}, {case[2]:g}")
def test_porosity_and_walls_come_back_within_what_is_accepted(case: tuple[Kind, Structure, float]) -> None:
    assert holds(case)


def test_more_noise_misplaces_more_voxels() -> None:
    for kind, structure in {case[:2] for case in CASES}:
        shares = [np.mean([one.share_wrong for one in of(case)]) for case in CASES if case[:2] == (kind, structure)]
        assert shares == sorted(shares)
