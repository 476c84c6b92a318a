"""One comparison of the model with a published number, and the rows that it comes from."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Verdict = Literal["agrees", "differs", "not judged"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A published value beside the predicted one."""

    what: str
    measured: str
    predicted: str
    ratio: float = math.nan
    """Predicted over measured; NaN for a trend."""
    verdict: Verdict
    note: str = ""
    rows: tuple[str, ...]
    """Rows of data.csv that it uses."""


def judged(
    what: str,
    measured: float,
    predicted: float,
    unit: str,
    within: float,
    *,
    rows: Sequence[str],
    note: str = "",
    slack: float = 0.0,
    digits: int = 3,
) -> Comparison:
    """Agrees if predicted over measured lies within a factor, the measured value being known to +- `slack`."""
    low, high = (measured - slack) / within, (measured + slack) * within
    factor = f"{within:g}" if within - 1.0 > 1e-4 else f"(1 + {within - 1.0:.0e})"
    tolerance = f"x/÷ {factor}" + (f" ± {slack:g} {unit}" if slack else "")
    return Comparison(
        what=what,
        measured=f"{measured:.{digits}g} {unit}".rstrip(),
        predicted=f"{predicted:.{digits}g} {unit}".rstrip(),
        ratio=predicted / measured,
        verdict="agrees" if low <= predicted <= high else "differs",
        note=f"{tolerance}; {note}" if note else tolerance,
        rows=tuple(rows),
    )


def in_range(
    what: str, low: float, high: float, predicted: float, unit: str, *, rows: Sequence[str], note: str = ""
) -> Comparison:
    """Agrees if the prediction lies in a published range; the ratio is that to the geometric middle of it."""
    return Comparison(
        what=what,
        measured=f"{low:.3g} to {high:.3g} {unit}",
        predicted=f"{predicted:.3g} {unit}",
        ratio=predicted / math.sqrt(low * high),
        verdict="agrees" if low <= predicted <= high else "differs",
        note=note,
        rows=tuple(rows),
    )


def trend(what: str, measured: str, predicted: str, agrees: bool, *, rows: Sequence[str], note: str = "") -> Comparison:
    """A direction without a number."""
    return Comparison(
        what=what,
        measured=measured,
        predicted=predicted,
        verdict="agrees" if agrees else "differs",
        note=note,
        rows=tuple(rows),
    )


def read_rows(case: str) -> list[dict[str, str]]:
    """The rows of the data.csv beside a case file."""
    with (Path(case).parent / "data.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def unaccounted(rows: Sequence[dict[str, str]], key: str, comparisons: Sequence[Comparison]) -> set[str]:
    """Rows that are neither compared nor left out with a reason, or that are both."""
    compared = {row for comparison in comparisons for row in comparison.rows}
    left_out = {row[key] for row in rows if row["used"] == "no" and row["reason"]}
    everything = {row[key] for row in rows}
    return (everything - compared - left_out) | (compared & left_out) | (compared - everything)


def as_table(comparisons: Sequence[Comparison], heads: tuple[str, str] = ("published", "predicted")) -> str:
    """A markdown table; `heads` name the columns of the two values."""
    lines = [f"| what | {heads[0]} | {heads[1]} | ratio | verdict | note |", "|---|---|---|---|---|---|"]
    for c in comparisons:
        ratio = "" if math.isnan(c.ratio) else f"{c.ratio:.2f}"
        lines.append(f"| {c.what} | {c.measured} | {c.predicted} | {ratio} | {c.verdict} | {c.note} |")
    return "\n".join(lines)
