"""The 48 verdicts as the report shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from poreline.claims import ClaimVerdict, Judgement, Verdicts
from poreline.recipe import as_text
from poreline.recipe.understood import meaning_of
from poreline.report.headline import number_text
from poreline.report.text import GAP, pretty_number, pretty_text, pretty_unit

_SYMBOLS = {"met": "✓", "met-within-about": "≈", "not-met": "✕", "undetermined": "?"}
_WORDS = {
    "met": "met",
    "met-within-about": "met, within “about”",
    "not-met": "not met",
    "undetermined": "undetermined",
}
_WEAKER = ("met", "met-within-about", "undetermined", "not-met")


@dataclass(frozen=True)
class EvidenceRow:
    """One requirement of a claim, held against the run."""

    title: str
    verdict: str
    symbol: str
    value: str
    """Number and unit, or words; empty where it is not known."""
    window: str
    margin: str
    """Distance to the nearest bound, with sign and unit; empty without one."""
    probability: str
    source: str
    binding: bool
    text: str

    @property
    def words(self) -> str:
        """The verdict in words."""
        return _WORDS[self.verdict]


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
    evidence: tuple[EvidenceRow, ...]
    deciding: EvidenceRow | None
    """The requirement that it fails by, or else comes closest to failing by."""
    note: str

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the verdict is what it is, one sentence each: what does not hold or is not known; all evidence if everything holds."""
        open_ones = [item.text for item in self.evidence if item.binding and item.verdict != "met"]
        chosen = open_ones or ([item.text for item in self.evidence] if not self.note else [])
        return tuple(dict.fromkeys(text for text in (self.note, *chosen) if text))


@dataclass(frozen=True)
class ClaimsView:
    """All claims, in groups, and how they were read."""

    groups: tuple[tuple[str, tuple[ClaimRow, ...]], ...]
    counts: tuple[tuple[str, str, str, int], ...]
    """Verdict, symbol, words, number of claims; verdicts that do not occur included."""
    settings: tuple[tuple[str, str, str], ...]
    """Name, value and meaning."""

    @property
    def rows(self) -> tuple[ClaimRow, ...]:
        """All claims in their order."""
        return tuple(row for _, rows in self.groups for row in rows)


def judged_on_image(verdicts: Verdicts) -> list[EvidenceRow]:
    """Every requirement that an image decides, once, in the order in which the claims ask for it."""
    found: dict[str, EvidenceRow] = {}
    for verdict in verdicts:
        for judgement in verdict.evidence:
            if judgement.source == "measurement" and judgement.requirement not in found:
                found[judgement.requirement] = _evidence(judgement)
    return list(found.values())


def claims_view(verdicts: Verdicts) -> ClaimsView:
    """The verdicts as rows of text."""
    excluded = verdicts.excluded
    groups: dict[str, list[ClaimRow]] = {}
    for verdict in verdicts:
        groups.setdefault(verdict.group, []).append(_row(verdict, excluded.get(verdict.claim, ())))
    counts = tuple(
        (name, symbol, _WORDS[name], sum(verdict.verdict == name for verdict in verdicts))
        for name, symbol in _SYMBOLS.items()
    )
    kind: Any = type(verdicts.settings)
    settings = tuple((name, str(value), meaning_of(kind, name)) for name, value in as_text(verdicts.settings).items())
    return ClaimsView(tuple((name, tuple(rows)) for name, rows in groups.items()), counts, settings)


def _row(verdict: ClaimVerdict, excluding: Sequence[int]) -> ClaimRow:
    evidence = tuple(_evidence(judgement) for judgement in verdict.evidence)
    note = verdict.note
    if excluding:
        note = f"{note} {_named(excluding)}, which {'holds' if len(excluding) == 1 else 'hold'}, {'excludes' if len(excluding) == 1 else 'exclude'} it.".strip()
    return ClaimRow(
        verdict.claim,
        verdict.parent,
        pretty_text(verdict.title),
        verdict.verdict,
        _SYMBOLS[verdict.verdict],
        _WORDS[verdict.verdict],
        verdict.by_proxy,
        percent_text(verdict.probability),
        evidence,
        _deciding(verdict, evidence),
        pretty_text(note),
    )


def _deciding(verdict: ClaimVerdict, evidence: Sequence[EvidenceRow]) -> EvidenceRow | None:
    """The weakest of the binding requirements; among equals the least probable, then that with the smallest margin."""

    def weakness(pair: tuple[Judgement, EvidenceRow]) -> tuple[int, float, float]:
        judgement = pair[0]
        bounds = [abs(bound) for bound in (judgement.low, judgement.high) if bound]
        margin = math.inf if judgement.margin is None else judgement.margin / max(bounds, default=1.0)
        probability = 1.0 if judgement.probability is None else judgement.probability
        return -_WEAKER.index(judgement.verdict), probability, margin

    binding = [pair for pair in zip(verdict.evidence, evidence, strict=True) if pair[0].binding]
    return min(binding, key=weakness)[1] if binding else None


def _evidence(judgement: Judgement) -> EvidenceRow:
    unit = pretty_unit(judgement.unit) if judgement.unit else ""
    return EvidenceRow(
        judgement.title,
        judgement.verdict,
        _SYMBOLS[judgement.verdict],
        _value(judgement, unit),
        pretty_text(judgement.window),
        "" if judgement.margin is None else f"{_signed(judgement.margin)}{GAP}{unit}".rstrip(),
        percent_text(judgement.probability),
        ("by proxy, " if judgement.by_proxy else "") + judgement.source,
        judgement.binding,
        pretty_text(judgement.text.removeprefix("by proxy: ")),
    )


def _value(judgement: Judgement, unit: str) -> str:
    if judgement.value is None:
        return "not known" if judgement.verdict == "undetermined" else "none"
    if isinstance(judgement.value, str):
        return judgement.value
    return f"{pretty_number(number_text(judgement.value))}{GAP}{unit}".rstrip()


def _signed(value: float) -> str:
    text = number_text(abs(value))
    return text if text == "0" else f"{'+' if value > 0 else '−'}{pretty_number(text)}"


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


def _named(numbers: Sequence[int]) -> str:
    return f"Claim{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}"
