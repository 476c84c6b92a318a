"""Set-points of the ovens, with the claims' windows where they lie in one."""

from __future__ import annotations

from poreline.claims import registry
from poreline.quantities import from_si, to_si
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import SheetNumber, around, digits, number

_TOLERANCE = 1.0  # K

Window = tuple[float, float]
"""Lowest and highest, K."""


def stretch_set_point(facts: Facts, temperature: float, regime: str) -> SheetNumber:
    """Set-point of a stretch station: the claims' window where it lies in one, otherwise +-1 K."""
    meaning = "oven set-point"
    if regime == "cold":
        return _set_point(temperature, meaning, _claimed(facts, "cold-temperature"))
    missing = "the claims' hot window has no meaning: the domains are soft when drawn cold"
    return _set_point(temperature, meaning, _hot_window(facts), missing)


def anneal_set_point(facts: Facts, temperature: float) -> SheetNumber:
    """Set-point of the anneal oven, as for a stretch station."""
    return _set_point(temperature, "anneal oven set-point", _anneal_window(facts))


def _set_point(temperature: float, meaning: str, window: Window | None, missing: str = "") -> SheetNumber:
    """A set-point in its window, or with a tolerance where it lies outside or has none; `missing` says why it has none."""
    if window is not None and window[0] - 1e-6 <= temperature <= window[1] + 1e-6:
        return number(temperature, "K", meaning, "degC", *window, kind="claim window")
    if window is not None:
        bounds = " to ".join(digits(from_si(bound, "degC")) for bound in window)
        missing = f"outside the claim window of {bounds} degC"
    return number(temperature, "K", meaning, "degC", *around(temperature, _TOLERANCE), note=missing)


def _claimed(facts: Facts, requirement: str) -> Window:
    """Window of a requirement of the claims, K; a window in kelvin counts from another temperature."""
    (condition,) = registry().conditions_of(requirement)
    assert condition.window is not None  # the requirements of temperature have one
    limits = condition.window.limits(facts.run.recipe.claims)
    return to_si(limits.low, limits.unit), to_si(limits.high, limits.unit)


def _hot_window(facts: Facts) -> Window | None:
    """The claims' window of the hot stretch; None where it would be colder than the cold one."""
    (condition,) = registry().conditions_of("hot-temperature")
    transition = float(facts.plan.substances.first.glass_transition)
    cold = [float(stage.temperature) for stage in facts.stages if stage.regime == "cold"]
    if transition < max(cold, default=condition.coldest):
        return None
    low, high = _claimed(facts, "hot-temperature")
    return transition + low, transition + high


def _anneal_window(facts: Facts) -> Window | None:
    """The claims' window of the anneal: above the last hot stretch, and below Tg of the first polymer."""
    hot = [float(stage.temperature) for stage in facts.stages if stage.regime == "hot"]
    if not hot or _hot_window(facts) is None:
        return None
    low, high = (hot[-1] + above for above in _claimed(facts, "anneal-above-hot"))
    transition = float(facts.plan.substances.first.glass_transition)
    return (low, min(high, transition)) if low < transition else None
