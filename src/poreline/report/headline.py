"""The results that answer "what membrane, how sure": one list for the terminal and the report; numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from poreline.line import Run
from poreline.quantities import Estimate, Meaning, Result, from_si

DIGITS = 3
"""Significant digits of every number that is shown."""
_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e6  # between them a number is written without a power of ten
_SMALLEST_PERCENT = 1e-3  # below it a share is "<0.001"

_BEFORE_DUTIES = {
    "domain_diameter_median": "domain diameter",
    "porosity": "porosity",
    "pore_diameter_mean": "mean pore, by flow",
    "crack_width_mean": "crack width",
    "pore_diameter_spread": "pore-size spread",
    "connectivity": "connectivity",
    "open_share": "connected voids",
    "tortuosity": "tortuosity factor",
    "film_thickness": "thickness",
}
_OF_DUTIES = {
    "permeance_gas_": "permeance, {}",
    "selectivity_": "separation factor, {}",
    "gurley_time": "Gurley time",
    "permeance_liquid_": "permeance, {}",
    "liquid_entry_pressure": "liquid entry pressure",
    "rejection": "rejection",
    "molecular_weight_cutoff": "molecular-weight cut-off",
    "contactor_coefficient_overall": "contactor coefficient",
    "distillation_flux": "distillation flux",
    "macmullin_number": "MacMullin number",
    "youngs_modulus_machine": "Young's modulus, machine",
    "strength_machine": "strength, machine",
}
_AFTER_DUTIES = {"break_probability": "break risk"}
_NOT_HEADLINES = ("selectivity_ideal_",)


@dataclass(frozen=True)
class HeadlineRow:
    """One headline result as text."""

    label: str
    value_text: str
    """The number; empty where it is not determined."""
    band_text: str
    """5-95 % band, like "12.9-29.1"; the reason where the result is not determined; empty where nothing is uncertain."""
    unit: str
    """Display unit, like "nm"; empty for a plain ratio."""
    meaning: str
    name: str


@dataclass(frozen=True)
class Shown:
    """A result in its display unit, as text."""

    value: str
    low: str
    high: str
    unit: str
    reason: str = ""
    certain: bool = False
    """True where nothing uncertain acts on it."""

    @property
    def band(self) -> str:
        """The band as one text; one number where both ends read the same, empty where there is no band."""
        if self.reason or self.certain:
            return ""
        if self.low == self.high:
            return self.low
        joint = " to " if set("-e") & set(self.low + self.high) else "-"
        return f"{self.low}{joint}{self.high}"


def number_text(value: float, unit: str = "1", digits: int = DIGITS) -> str:
    """A number with three significant digits, without a power of ten where that can be read; shares below 0.001 % as such."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    if unit == "%" and 0.0 < abs(value) < _SMALLEST_PERCENT:
        return f"<{_SMALLEST_PERCENT:g}"
    size = abs(float(f"{value:.{digits - 1}e}"))
    if size == 0.0:
        return "0"
    if _PLAIN_FROM <= size < _PLAIN_BELOW:
        exponent = math.floor(math.log10(size))
        if exponent >= digits:
            return f"{round(value, digits - 1 - exponent):.0f}"
        return f"{value:.{digits}g}"
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(power)}"


def shown(result: Result, about: Meaning) -> Shown:
    """A result as text in its display unit."""
    unit = about.display_unit
    named = "" if unit == "1" else unit
    if not isinstance(result, Estimate):
        return Shown("", "", "", named, result.reason)
    value, low, high = (number_text(from_si(x, unit), unit) for x in (result.value, result.low, result.high))
    return Shown(value, low, high, named, certain=result.low == result.high)


def headline(run: Run) -> list[HeadlineRow]:
    """The headline results of a run, in the order of the line; those of the duties before the break risk."""
    return [_row(run, name, label) for name, label in _labels(run)]


def _labels(run: Run) -> Iterator[tuple[str, str]]:
    yield from ((name, label) for name, label in _BEFORE_DUTIES.items() if name in run.results)
    for name, stage in run.stage_of.items():
        if stage == "separation" and (label := _duty_label(run, name)):
            yield name, label
    yield from ((name, label) for name, label in _AFTER_DUTIES.items() if name in run.results)


def _duty_label(run: Run, name: str) -> str:
    """The label of a duty's result; empty for one that is no headline."""
    if name.startswith(_NOT_HEADLINES):
        return ""
    stem, number = _without_number(run, name)
    prefix = next((p for p in _OF_DUTIES if stem == p or (p.endswith("_") and stem.startswith(p))), None)
    if prefix is None or (stem == "liquid_entry_pressure" and not isinstance(run.results[name], Estimate)):
        return ""
    label = _OF_DUTIES[prefix].format(stem.removeprefix(prefix).replace("_", " over "))
    return f"{label} ({number})" if number else label


def _without_number(run: Run, name: str) -> tuple[str, str]:
    """The name that a second duty shares with an earlier one, and its number: permeance_gas_N2_2 -> permeance_gas_N2, 2."""
    stem, _, last = name.rpartition("_")
    return (stem, last) if last.isdigit() and stem in run.results else (name, "")


def _row(run: Run, name: str, label: str) -> HeadlineRow:
    about = run.meanings[name]
    text = shown(run.results[name], about)
    return HeadlineRow(label, text.value, text.reason or text.band, text.unit, about.meaning, name)
