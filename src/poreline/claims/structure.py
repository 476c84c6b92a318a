"""Judges of the membrane's structure, from the results of the line or from a measurement."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from poreline.claims.facts import Facts, varies
from poreline.claims.judgement import Judgement, Source, against
from poreline.claims.registry import Condition
from poreline.claims.window import Array, Inside, Limits
from poreline.quantities import from_si
from poreline.quantities.fields import Values


def _volume_ratio_over_viscosity_ratio(first: Values, copolymer: Values, viscosity_ratio: Values) -> Values:
    """Volume of the first polymer over that of the second, over their viscosity ratio: 1 at phase inversion (Jordhamo)."""
    return first / (1.0 - first - copolymer) / viscosity_ratio


def _large_domain_over_thickness(diameter: Values, thickness: Values) -> Values:
    """Diameter that 95 % of the domains stay below, over the thickness of the drawn film."""
    return diameter / thickness


# Quantities that no stage returns by name: the results they follow from, how, and what they are called.
_Derived = tuple[tuple[str, ...], Callable[..., Values], str]
_DERIVED: dict[str, _Derived] = {
    "volume_ratio_over_viscosity_ratio": (
        ("first_volume_fraction_melt", "copolymer_volume_fraction_melt", "viscosity_ratio"),
        _volume_ratio_over_viscosity_ratio,
        "volume ratio over viscosity ratio of the polymers in the melt",
    ),
    "large_domain_over_thickness": (
        ("domain_diameter_large", "film_thickness"),
        _large_domain_over_thickness,
        "diameter of the largest domains (95 %) over the film's thickness",
    ),
}


def result(condition: Condition, facts: Facts) -> Judgement:
    """A result of the line, or its measurement, in its window."""
    assert condition.window is not None
    limits = condition.window.limits(facts.settings)
    names, law, meaning = _DERIVED.get(condition.quantity, ((condition.quantity,), None, ""))
    measured = law is None and facts.measured(condition.quantity)
    source: Source = "measurement" if measured else "mean-field model"
    if facts.plan is None and not (condition.direct and measured):
        return _unknown(condition, facts, limits)
    with np.errstate(divide="ignore", invalid="ignore"):
        nominal = [facts.value(name) for name in names]
        samples = [facts.samples(name) for name in names]
        value = float(np.asarray(law(*nominal) if law is not None else nominal[0]))
        drawn = np.asarray(law(*samples) if law is not None else samples[0], dtype=float)
    value = shown(value, limits)
    if not meaning:
        meaning = facts.made.meanings[condition.quantity].meaning if condition.quantity in facts.made.meanings else ""
    text = f"{meaning or condition.quantity.replace('_', ' ')}: {value:.4g}{unit_text(limits)}, {limits.text}"
    if np.isnan(value):
        text = f"{meaning or condition.quantity.replace('_', ' ')}: {facts.why_not(names)}"
    return against(
        limits,
        value,
        inside_of(limits, drawn),
        source=source,
        by_proxy=not (condition.direct and measured),
        text=text + _beside(condition, facts, limits),
    )


def _unknown(condition: Condition, facts: Facts, limits: Limits) -> Judgement:
    """A measured membrane of which this was not measured."""
    text = "neither simulated nor measured: it needs an image of the membrane"
    if facts.assumed(f"membrane.{condition.quantity}"):
        text = "not measured: the recipe leaves it out, and an assumed value proves nothing"
    return Judgement(verdict="undetermined", window=limits.text, unit=limits.unit, source="measurement", text=text)


def unit_text(limits: Limits) -> str:
    """The unit of a window as it follows a number."""
    return "" if limits.unit == "1" else f" {limits.unit}"


def shown(value: float, limits: Limits) -> float:
    """An SI value in the unit of the window."""
    return from_si(value, limits.unit)


def inside_of(limits: Limits, drawn: Array) -> Inside | None:
    """Which samples lie inside; None where they are all the same."""
    if not varies(drawn):
        return None
    scale, offset = from_si(1.0, limits.unit) - from_si(0.0, limits.unit), from_si(0.0, limits.unit)
    return limits.inside(drawn * scale + offset)


def _beside(condition: Condition, facts: Facts, limits: Limits) -> str:
    if not condition.beside or not np.isfinite(facts.value(condition.beside)):
        return ""
    name = facts.made.meanings[condition.beside].meaning
    return f", beside it: {name} {shown(facts.value(condition.beside), limits):.4g}{unit_text(limits)}"


def survival(condition: Condition, facts: Facts) -> Judgement:
    """Whether the film survives its programme: a broken film is no membrane."""
    if facts.plan is None:
        text = "it was measured, so it exists"
        return Judgement(verdict="met", value="whole", window="whole", unit="", source="measurement", text=text)
    if facts.made.outcome.kind == "not-converged":
        return Judgement(verdict="undetermined", source="mean-field model", by_proxy=True, text=facts.made.outcome.text)
    broken = facts.value(condition.quantity) > 0.0
    drawn = facts.samples(condition.quantity)
    return Judgement(
        verdict="not-met" if broken else "met",
        value="ruptured" if broken else "whole",
        window="whole",
        unit="",
        source="mean-field model",
        by_proxy=True,
        inside=drawn == 0.0 if varies(drawn) else None,
        text=f"the film ruptures ({facts.made.outcome.text.rstrip('.')})"
        if broken
        else "the film survives its programme",
        note="The film ruptures." if broken else "",
    )
