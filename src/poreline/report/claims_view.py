"""The 48 verdicts as the report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from poreline.claims.registry import registry
from poreline.quantities import to_si
from poreline.report.figures import Window
from poreline.report.headline import number_text

_SYMBOLS = {"met": "✓", "met-within-about": "≈", "not-met": "✕", "undetermined": "?"}
_WORDS = {
    "met": "met",
    "met-within-about": "met, within “about”",
    "not-met": "not met",
    "undetermined": "undetermined",
}
_PORE = "pore_diameter_mean"


@dataclass(frozen=True)
class ClaimRow:
    """One claim with its verdict."""

    number: int
    parent: int | None
    title: str
    verdict: str
    symbol: str
    words: str
    by_proxy: bool
    probability: str
    """Percent, rounded, without its sign; empty where there is none."""
    evidence: tuple[Any, ...]


@dataclass(frozen=True)
class ClaimsView:
    """All claims, in groups."""

    groups: tuple[tuple[str, tuple[ClaimRow, ...]], ...]
    counts: tuple[tuple[str, str, str, int], ...]
    """Verdict, symbol, words, number of claims; verdicts that do not occur included."""

    @property
    def rows(self) -> tuple[ClaimRow, ...]:
        """All claims in their order."""
        return tuple(row for _, rows in self.groups for row in rows)


def claims_view(verdicts: Any) -> ClaimsView:
    """The verdicts as rows of text."""
    groups: dict[str, list[ClaimRow]] = {}
    for verdict in verdicts.verdicts:
        groups.setdefault(verdict.group, []).append(_row(verdict))
    rows = [row for group in groups.values() for row in group]
    counts = tuple(
        (name, symbol, _WORDS[name], sum(row.verdict == name for row in rows)) for name, symbol in _SYMBOLS.items()
    )
    return ClaimsView(tuple((name, tuple(rows)) for name, rows in groups.items()), counts)


def _row(verdict: Any) -> ClaimRow:
    return ClaimRow(
        verdict.claim,
        verdict.parent,
        verdict.title,
        verdict.verdict,
        _SYMBOLS[verdict.verdict],
        _WORDS[verdict.verdict],
        verdict.by_proxy,
        percent_text(verdict.probability),
        tuple(verdict.evidence),
    )


def percent_text(probability: float | None) -> str:
    """A probability in whole percent; never 0 or 100 where it is not exactly that."""
    if probability is None or math.isnan(probability):
        return ""
    percent = 100.0 * probability
    if 0.0 < percent < 1.0:
        return "<1"
    if 99.0 < percent < 100.0:
        return ">99"
    return f"{percent:.0f}"


def pore_windows() -> Sequence[Window]:
    """The pore sizes that claims ask for, each with the claims that add it."""
    book = registry()
    found: dict[tuple[float, float], list[int]] = {}
    for number, claim in book.claims.items():
        for name in claim.adds:
            for condition in book.conditions_of(name):
                window = condition.window
                if condition.quantity == _PORE and window is not None and window.low is not None and window.high is not None:
                    ends = (to_si(window.low.value, window.unit), to_si(window.high.value, window.unit))
                    found.setdefault(ends, []).append(number)
    return [Window(_claims(numbers, low, high), low, high) for (low, high), numbers in found.items()]


def _claims(numbers: Sequence[int], low: float, high: float) -> str:
    word = "claim" if len(numbers) == 1 else "claims"
    return f"{word} {', '.join(map(str, numbers))}: {number_text(1e9 * low)}-{number_text(1e9 * high)} nm"
