"""Judges of the membrane's structure from what was measured on an image of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist

import numpy as np

from poreline.claims.facts import Facts
from poreline.claims.judgement import Judgement, against, all_of, any_of, of_choice
from poreline.claims.measured import MeasuredFacts
from poreline.claims.registry import Band, ImageCondition, ImageJudge, Requirement
from poreline.claims.structure import inside_of, shown, unit_text
from poreline.claims.window import Array, Limits
from poreline.quantities import Estimate, Infinite, NotDetermined, Truth
from poreline.quantities.fields import Values


@dataclass(frozen=True)
class _Seen:
    """What the judges of an image look at."""

    title: str
    """What is asked for."""
    facts: Facts
    measured: MeasuredFacts
    band: Band

    @property
    def samples(self) -> int:
        """Number of samples: as many as the run has, so that both are judged together."""
        run = self.facts.run
        return run.provenance.samples if run is not None else self.band.samples

    def why_not(self, name: str) -> str:
        """Why there is no such result."""
        found = self.measured.results.get(name)
        if found is None:
            return f"{name} is not among the results of the measurement: measure the image with all measures"
        if isinstance(found, NotDetermined):
            return f"{self.title}: not determined on the image: {found.reason.rstrip('.')}"
        return f"{name} is not stored as what it should be"

    def estimate(self, name: str) -> Estimate | None:
        """A measured number; None where there is none."""
        found = self.measured.results.get(name)
        return found if isinstance(found, Estimate) else None


def judge(requirement: Requirement, facts: Facts, measured: MeasuredFacts, band: Band) -> tuple[Judgement, ...]:
    """The judgements of a requirement's conditions on an image, or the one that says why a section cannot tell."""
    if measured.is_section and requirement.section:
        text = f"{requirement.title}: a section does not tell it: {requirement.section}"
        quantity = requirement.on_image[0].quantity
        return (Judgement(verdict="undetermined", quantity=quantity, source=measured.source, text=text),)
    seen = _Seen(requirement.title, facts, measured, band)
    return tuple(_judged(condition, seen) for condition in requirement.on_image)


def _judged(condition: ImageCondition, seen: _Seen) -> Judgement:
    if condition.instead and condition.quantity not in seen.measured.results:
        return all_of([_judged(other, seen) for other in condition.instead])
    found = replace(IMAGE_JUDGES[condition.judge](condition, seen), quantity=condition.quantity)
    return any_of([found, *(_judged(other, seen) for other in condition.either)]) if condition.either else found


def number(condition: ImageCondition, seen: _Seen) -> Judgement:
    """A measured number, or the ratio of two, in its window; its band gives the probability."""
    assert condition.window is not None
    limits = condition.window.limits(seen.facts.settings)
    if isinstance(seen.measured.results.get(condition.quantity), Infinite):
        return _infinite(condition, seen, limits)
    names = [name for name in (condition.quantity, condition.over) if name]
    found = [seen.estimate(name) for name in names]
    known = [estimate for estimate in found if estimate is not None]
    if len(known) < len(names):
        missing = [seen.why_not(name) for name, one in zip(names, found, strict=True) if one is None]
        return _undetermined(limits, seen, "; ".join(dict.fromkeys(missing)))
    meaning = ", over ".join(estimate.meaning for estimate in known)
    if any(estimate.value == 0.0 for estimate in known[1:]):
        return _undetermined(limits, seen, f"{meaning}: the second is 0")
    value = shown(float(_ratio([estimate.value for estimate in known])), limits)
    samples = [_samples(estimate, name, seen) for name, estimate in zip(names, known, strict=True)]
    said = f"{meaning}: {value:.4g}{unit_text(limits)}"
    if condition.needs and seen.estimate(condition.needs) is None:
        text = f"{said}, by {known[0].method or 'another measure'}; {seen.why_not(condition.needs)}"
        return replace(_undetermined(limits, seen, text), value=value)
    text = f"{said}{_band_text(known, limits, seen)}, {limits.text}{_beside(condition, seen, limits)}"
    inside = inside_of(limits, _ratio(samples))
    return against(limits, value, inside, source=seen.measured.source, text=text)


def _ratio(parts: Sequence[Values]) -> Array:
    """The first over the second, where there are two."""
    return np.asarray(parts[0] / parts[1] if len(parts) > 1 else parts[0], dtype=float)


def _undetermined(limits: Limits, seen: _Seen, text: str) -> Judgement:
    source = seen.measured.source
    return Judgement(verdict="undetermined", window=limits.text, unit=limits.unit, source=source, text=text)


def _infinite(condition: ImageCondition, seen: _Seen, limits: Limits) -> Judgement:
    found = seen.measured.results[condition.quantity]
    return Judgement(
        verdict=limits.verdict(math.inf),
        value="infinite",
        window=limits.text,
        unit="",
        source=seen.measured.source,
        text=f"{found.meaning}: infinite, {limits.text} ({getattr(found, 'reason', '')})",
    )


def _band_text(known: list[Estimate], limits: Limits, seen: _Seen) -> str:
    """The band of a number that has one; that of a ratio is in its probability only."""
    if len(known) > 1 or known[0].low == known[0].high:
        return ""
    share = f"{seen.band.high - seen.band.low:.0%}".replace("%", " %")
    low, high = (shown(end, limits) for end in (known[0].low, known[0].high))
    return f" ({share} band {low:.4g} to {high:.4g})"


def _beside(condition: ImageCondition, seen: _Seen, limits: Limits) -> str:
    found = seen.estimate(condition.beside)
    if found is None:
        return ""
    return f", beside it: {found.meaning} {shown(found.value, limits):.4g}{unit_text(limits)}"


def _samples(estimate: Estimate, name: str, seen: _Seen) -> Array:
    """Samples of a measured number: its value is the median, and each end of its band lies at its share.

    Below and above the value each half has a normal distribution's half of its own width.
    """
    width_below = (estimate.value - estimate.low) / -NormalDist().inv_cdf(seen.band.low)
    width_above = (estimate.high - estimate.value) / NormalDist().inv_cdf(seen.band.high)
    deviates = _deviates(name, seen.samples)
    return estimate.value + deviates * np.where(deviates < 0.0, width_below, width_above)


@cache
def _deviates(name: str, count: int) -> Array:
    """Standard normal deviates, one from each of `count` equal shares, in an order that the name alone decides.

    The same quantity is judged on the same samples in every claim, and two quantities independently of each other.
    """
    edges = np.linspace(0.0, 1.0, count + 1)
    middles = np.mean([edges[:-1], edges[1:]], axis=0)
    deviates = np.array([NormalDist().inv_cdf(share) for share in middles])
    return np.random.default_rng(list(name.encode())).permutation(deviates)


def truth(condition: ImageCondition, seen: _Seen) -> Judgement:
    """A yes or no that must be yes."""
    found = seen.measured.results.get(condition.quantity)
    if not isinstance(found, Truth):
        text = seen.why_not(condition.quantity)
        return Judgement(verdict="undetermined", window="yes", unit="", source=seen.measured.source, text=text)
    said = "yes" if found.value else "no"
    method = f" ({found.method})" if seen.measured.source == "volume simulation" else ""
    return of_choice(found.value, said, ["yes"], source=seen.measured.source, text=f"{found.meaning}: {said}{method}")


def existence(condition: ImageCondition, seen: _Seen) -> Judgement:
    """What was measured exists, whatever a model says; a simulated film may have broken."""
    if seen.measured.source == "volume simulation":
        broken = seen.measured.ruptured
        return Judgement(
            verdict="not-met" if broken else "met",
            value="ruptured" if broken else "whole",
            window="whole",
            unit="",
            source="volume simulation",
            text="the simulated film ruptures" if broken else "the simulated film survives its programme",
            note="The film ruptures." if broken else "",
        )
    text = "it was measured, so it exists"
    run = seen.facts.run
    if run is not None and run.outcome.kind == "ruptured":
        text += "; the mean-field model has the film rupture"
    return Judgement(verdict="met", value="whole", window="whole", unit="", source="measurement", text=text)


IMAGE_JUDGES: dict[ImageJudge, Callable[[ImageCondition, _Seen], Judgement]] = {
    "number": number,
    "truth": truth,
    "existence": existence,
}
