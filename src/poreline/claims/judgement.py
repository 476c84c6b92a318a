"""A judgement: one requirement held against one run, with the value, the window and where the value comes from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from poreline.claims.registry import Requirement
from poreline.claims.window import Inside, Limits, Verdict

Source = Literal["recipe", "mean-field model", "volume simulation", "measurement", "materials"]

_WORST_LAST: tuple[Verdict, ...] = ("met", "met-within-about", "undetermined", "not-met")


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """One requirement (or one of its conditions) held against one run."""

    requirement: str = ""
    title: str = ""
    quantity: str = ""
    """What was judged; of several conditions the one that decides."""
    verdict: Verdict
    value: float | str | None = None
    """What was found, in `unit`; None where there is no number."""
    window: str = ""
    """The window in words."""
    low: float | None = None
    high: float | None = None
    """The bounds of the window in `unit`; None on an open side."""
    margin: float | None = None
    """Distance to the nearest bound of the window as written, in its unit; positive inside."""
    unit: str = "1"
    source: Source
    by_proxy: bool = False
    """Whether a model judged a stand-in for the structure."""
    binding: bool = True
    """False for evidence that the claim lists and does not depend on."""
    inside: Inside | None = field(default=None, compare=False, repr=False)
    """For every sample of the run whether it lies in the window as written; None where nothing uncertain acts on it."""
    text: str = ""
    note: str = ""
    """What a reader of the verdict must know besides."""
    on_total: Verdict | None = None
    """The verdict on a share counted on the total, where it is another one."""
    closeness: float | None = field(default=None, compare=False, repr=False)
    """The margin relative to the larger bound."""

    @property
    def probability(self) -> float | None:
        """Share of the samples inside the window as written, without the tolerance; None if nothing is uncertain."""
        return None if self.inside is None else float(np.mean(self.inside))

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output."""
        names = ("requirement", "title", "quantity", "verdict", "value", "window", "low", "high", "margin", "unit")
        more = ("source", "by_proxy", "binding", "probability", "text", "note", "on_total")
        return {name: getattr(self, name) for name in (*names, *more)}


def against(limits: Limits, value: float, samples: Inside | None = None, **about: Any) -> Judgement:
    """The judgement of a value in the unit of the limits; `samples` says which of the run's samples lie inside."""
    verdict = limits.verdict(value)
    known = verdict != "undetermined"
    return Judgement(
        verdict=verdict,
        value=value if known else None,
        window=limits.text,
        low=limits.low if np.isfinite(limits.low) else None,
        high=limits.high if np.isfinite(limits.high) else None,
        margin=limits.margin(value) if known and np.isfinite(limits.margin(value)) else None,
        unit=limits.unit,
        inside=samples,
        closeness=limits.closeness(value) if known else None,
        **about,
    )


def of_choice(held: bool, value: str, allowed: Iterable[str], **about: Any) -> Judgement:
    """The judgement of a choice among several."""
    return Judgement(verdict="met" if held else "not-met", value=value, window=" or ".join(allowed), unit="", **about)


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of things that must all hold: one that does not decides, then one that is not known."""
    return max(verdicts, key=_WORST_LAST.index, default="met")


def joint(judgements: Iterable[Judgement]) -> Inside | None:
    """For every sample whether all judgements hold; None if nothing uncertain acts on them."""
    sampled = [judgement.inside for judgement in judgements if judgement.inside is not None]
    return np.logical_and.reduce(sampled) if sampled else None


def _weakness(part: Judgement) -> tuple[int, float]:
    return _WORST_LAST.index(part.verdict), -part.closeness if part.closeness is not None else -np.inf


def all_of(parts: Sequence[Judgement]) -> Judgement:
    """The judgement of things that must all hold: the weakest, then the closest one decides."""
    deciding = max(parts, key=_weakness)
    # A condition that certainly fails has no samples of its own, and then no sample meets them all.
    failed = any(part.verdict in {"not-met", "met-within-about"} and part.inside is None for part in parts)
    known = all(part.verdict != "undetermined" for part in parts)
    inside = joint(parts) if known else None
    return replace(
        deciding,
        by_proxy=any(part.by_proxy for part in parts),
        inside=np.zeros_like(inside) if failed and inside is not None else inside,
        text="; ".join(dict.fromkeys(part.text for part in parts if part.text)),
        note=" ".join(dict.fromkeys(part.note for part in parts if part.note)),
    )


def any_of(parts: Sequence[Judgement]) -> Judgement:
    """The judgement of things of which one is enough: the strongest decides, and unless it is met all are told."""
    deciding = min(parts, key=_weakness)
    certain = any(part.verdict == "met" and part.inside is None for part in parts)
    sampled = [part.inside for part in parts if part.inside is not None and part.verdict != "undetermined"]
    if deciding.verdict == "met":
        text = deciding.text
    else:
        text = "; or ".join(dict.fromkeys(part.text for part in parts if part.text))
    uncertain = sampled and not certain and deciding.verdict != "undetermined"
    return replace(deciding, inside=np.logical_or.reduce(sampled) if uncertain else None, text=text)


def combined(requirement: Requirement, parts: Sequence[Judgement]) -> Judgement:
    """The judgement of a requirement from those of its conditions."""
    found = all_of(parts)
    by_proxy = f"by proxy: {found.text}; {requirement.better} decides better"
    return replace(
        found,
        requirement=requirement.identifier,
        title=requirement.title,
        text=by_proxy if found.by_proxy else found.text,
    )
