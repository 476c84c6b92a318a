"""Judges of how the membrane is made: film forming, mixing, stretch programme, anneal."""

from __future__ import annotations

import dataclasses

import numpy as np

from poreline.claims.facts import Facts
from poreline.claims.judgement import Judgement, against, of_choice
from poreline.claims.registry import Condition
from poreline.claims.window import Inside, Limits
from poreline.quantities import format_quantity, from_si
from poreline.recipe import StretchStep

_SHOWN = "degC"
_RELATIVE = "relative to Tg of the first polymer"
_AS_ELONGATION, _AS_RATIO = "read as an elongation", "read literally, as a ratio"
_AT_TRANSITION = 1e-9  # K


def choice(condition: Condition, facts: Facts) -> Judgement:
    """A choice of the recipe among several."""
    if facts.plan is None:
        return Judgement(verdict="undetermined", source="recipe", text=facts.why_unknown)
    if condition.quantity == "mixing.order" and facts.plan.substances.copolymer is None:
        text = "without a compatibiliser there is no order of mixing"
        return of_choice(False, "none", condition.allowed, source="recipe", text=text)
    section, _, field = condition.quantity.partition(".")
    found = str(getattr(getattr(facts.made.recipe, section), field))
    text = f"{condition.quantity} is {found}{facts.assumed(condition.quantity)}"
    return of_choice(found in condition.allowed, found, condition.allowed, source="recipe", text=text)


def sequence(condition: Condition, facts: Facts) -> Judgement:
    """A first kind of stretch at the start of the programme, then at least one of the second kind."""
    if facts.plan is None:
        return Judgement(verdict="undetermined", source="recipe", text=facts.why_unknown)
    found = [str(step.regime) for step in facts.steps]
    before, after = condition.allowed
    held = bool(found) and found[0] == before and after in found
    text = f"the programme is {_listed(facts.steps)}" if found else "the film is not stretched"
    return of_choice(held, ", ".join(found) or "none", [f"{before}, then {after}"], source="recipe", text=text)


def _listed(steps: tuple[StretchStep, ...]) -> str:
    return ", ".join(f"{step.regime} at {format_quantity(step.temperature, _SHOWN)}" for step in steps)


def step(condition: Condition, facts: Facts) -> Judgement:
    """Temperature or elongation of the stretches of one regime."""
    if facts.plan is None:
        return Judgement(verdict="undetermined", source="recipe", text=facts.why_unknown)
    found = facts.steps_in(condition.regime)
    assert condition.window is not None
    limits = condition.window.limits(facts.settings)
    if not found:
        kind = "" if condition.regime == "any" else f"{condition.regime} "
        text = f"there is no {kind}stretch"
        return Judgement(verdict="not-met", window=_window_text(limits, condition), source="recipe", text=text)
    if condition.quantity == "elongation":
        return _elongation(condition, facts, limits, found)
    judged = [_temperature(condition, facts, limits, index, stretch) for index, stretch in found]
    return min(judged, key=lambda judgement: judgement.closeness if judgement.closeness is not None else -np.inf)


def _window_text(limits: Limits, condition: Condition) -> str:
    return f"{limits.text} {_RELATIVE}" if condition.relative_to else limits.text


def _elongation(
    condition: Condition, facts: Facts, limits: Limits, found: tuple[tuple[int, StretchStep], ...]
) -> Judgement:
    """The largest elongation that the steps reach, or the length over the unstretched one where that is the reading."""
    reading = getattr(facts.settings, condition.reading) if condition.reading else ""
    index, longest = max(found, key=lambda place: place[1].elongation)
    where = f"stretch[{index}] reaches an elongation of {format_quantity(longest.elongation, '%')}"
    if len({stretch.direction for _, stretch in found}) > 1:
        where += f" ({longest.direction}, the largest)"
    ratio = reading == "ratio"
    value = from_si(longest.stretch_ratio if ratio else longest.elongation, limits.unit)
    if not reading:
        return against(limits, value, source="recipe", text=where)
    read = _AS_RATIO if ratio else _AS_ELONGATION
    text = f"{where}; the claim's dimension {limits.text} is {read} (setting {condition.reading})"
    note = f"The claim's dimension {limits.text} of the original is {read}."
    judged = against(limits, value, source="recipe", text=text, note=note)
    return dataclasses.replace(judged, window=f"{limits.text}, {read}")


def _temperature(condition: Condition, facts: Facts, limits: Limits, index: int, stretch: StretchStep) -> Judgement:
    shown = from_si(stretch.temperature, _SHOWN)
    where = f"stretch[{index}] is at {shown:.4g} {_SHOWN}"
    if not condition.relative_to:
        return against(limits, shown, source="recipe", text=where)
    meaningless = facts.transition_below_cold(condition.coldest)
    if meaningless:
        return Judgement(verdict="not-met", source="recipe", text=meaningless, note=meaningless)
    return _below_transition(facts, limits, stretch.temperature, where)


def _below_transition(facts: Facts, limits: Limits, temperature: float, where: str) -> Judgement:
    """A temperature held against a window that counts from Tg of the first polymer."""
    transition = float(facts.first.glass_transition)
    samples = facts.samples_of_transition()
    inside: Inside | None = None if samples is None else limits.inside(temperature - samples)
    distance = abs(temperature - transition)
    side = f"{distance:.4g} K {'below' if temperature < transition else 'above'}" if distance > _AT_TRANSITION else "at"
    text = f"{where}, {side} Tg of "
    text += f"{facts.first_name} ({format_quantity(transition, _SHOWN)})"
    if inside is not None:
        text += ", whose own uncertainty decides the probability"
    moved = limits.moved(from_si(transition, _SHOWN), _SHOWN)
    judged = against(moved, from_si(temperature, _SHOWN), inside, source="recipe", text=text)
    return dataclasses.replace(judged, window=f"{moved.text} ({limits.text} {_RELATIVE})")


def anneal(condition: Condition, facts: Facts) -> Judgement:
    """Tension and temperature of the anneal."""
    if facts.plan is None:
        return Judgement(verdict="undetermined", source="recipe", text=facts.why_unknown)
    setting = facts.anneal
    if setting is None:
        return Judgement(verdict="not-met", unit="", source="recipe", text="there is no anneal")
    if condition.quantity == "under_tension":
        found = "under tension" if setting.under_tension else "without tension"
        text = f"the anneal is {found}{facts.assumed('anneal.under_tension')}"
        return of_choice(setting.under_tension, found, ["under tension"], source="recipe", text=text)
    assert condition.window is not None
    limits = condition.window.limits(facts.settings)
    where = f"the anneal is at {format_quantity(setting.temperature, _SHOWN)}"
    if condition.quantity == "below_transition":
        meaningless = facts.transition_below_cold(condition.coldest)
        if meaningless:
            return Judgement(verdict="not-met", source="recipe", text=meaningless, note=meaningless)
        return _below_transition(facts, limits, setting.temperature, where)
    hot = facts.steps_in("hot")
    if not hot:
        return Judgement(verdict="not-met", window=limits.text, source="recipe", text="there is no hot stretch")
    last = hot[-1][1].temperature
    text = f"{where}, the last hot stretch at {format_quantity(last, _SHOWN)}"
    return against(limits, setting.temperature - last, source="recipe", text=text)
