"""Text with a unit in, SI floats inside, text with a unit out.

Only this module knows pint, and pint sees a user's text only after it has been split into one number and one plain unit
expression of bounded length, so that its expression parser cannot be used to evaluate anything else.
"""

from __future__ import annotations

import math
import re
from functools import cache
from importlib.resources import files
from typing import Any

MAXIMUM_LENGTH = 64
_NUMBER = re.compile(r"[+-]?(?:\d{1,24}(?:\.\d{0,24})?|\.\d{1,24})(?:[eE][+-]?\d{1,3})?")
# Letters, the field's signs, integer or decimal exponents, products and quotients: nothing that could be evaluated.
_UNIT = re.compile(r"(?:1|[A-Za-zµμ°ÅΩ%]|[*/^() .-]|(?<=[A-Za-z^*)(-])[0-9]|(?<=[0-9.])[0-9.])*")
_EXPONENT = re.compile(r"(?<=[A-Za-z])(-?\d+)(?![A-Za-z0-9])")
_POWER = re.compile(r"\d+(?:\.\d+)?")
_TOWER = re.compile(r"(?:\^|\*\*)[\s()-]*[\d.]+[\s()]*(?:\^|\*\*)")
_MAXIMUM_EXPONENT = 12
_RATIOS = ("%", "percent", "ppm", "1")  # the units of a plain ratio: one of them, never a product or a power
_RATIO_INSIDE = re.compile(r"%|percent|ppm")
_RATE_OF_PERCENT = re.compile(
    r"(?:%|percent) */ *(?:s|sec|second|min|minute|h|hr|hour)"
)  # "500 %/min", as drawing frames are set


class UnitError(ValueError):
    """A text that is not "number unit", or whose unit measures something else. Carries the reason and the remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason = reason
        self.remedy = remedy


@cache
def _registry() -> Any:
    import pint

    definitions = files("poreline.quantities").joinpath("units.txt")
    return pint.UnitRegistry(str(definitions), autoconvert_offset_to_baseunit=True)


@cache
def _conversion(unit: str) -> tuple[float, float, str]:
    """Factor and offset that turn a number in `unit` into SI (si = number * factor + offset), and the dimension."""
    if len(unit) > MAXIMUM_LENGTH or not _UNIT.fullmatch(unit) or _TOWER.search(unit):
        raise UnitError(f"{unit!r} is not a unit.", "Write one number and one unit, like '100 um' or '0.01 1/s'.")
    if any(float(power) > _MAXIMUM_EXPONENT for power in _POWER.findall(unit)):
        raise UnitError(f"{unit!r} has an absurd exponent.", "Write one number and one unit, like '0.91 g/cm3'.")
    if unit not in _RATIOS and _RATIO_INSIDE.search(unit) and not _RATE_OF_PERCENT.fullmatch(unit):
        raise UnitError(f"{unit!r} is not a unit.", "Write a share like '25 %', with one unit.")
    # pint's tokenizer does not take the degree sign as part of a name.
    expression = _EXPONENT.sub(r"**\1", unit.replace("°C", "degC").replace("°F", "degF"))
    try:
        registry = _registry()
        parsed = registry.parse_units(expression)
        one = registry.Quantity(1.0, parsed).to_base_units()
        zero = registry.Quantity(0.0, parsed).to_base_units()
        measured = str(one.dimensionality)
    except Exception as error:  # whatever escapes from the tokenizer or the parser of pint means one thing here
        raise UnitError(
            f"{unit!r} is not a unit that poreline knows.",
            "Units are written like um, degC, 1/s, g/cm3, MPa, mol/(m2 s Pa).",
        ) from error
    # pint's base of mass is the gram here; SI wants the kilogram. Fifteen digits take off what the chain of conversions added.
    grams = float(one.dimensionality.get("[mass]", 0))
    scale = 1e-3**grams
    offset = float(zero.magnitude) * scale
    factor = float(f"{float(one.magnitude) * scale - offset:.15g}")
    return factor, float(f"{offset:.15g}"), measured


def dimension(unit: str) -> str:
    """The physical dimension of a unit, as text: '[length]', '1 / [time]', 'dimensionless'."""
    return _conversion(unit)[2]


def to_si(value: float, unit: str) -> float:
    """A number in `unit` as an SI float: to_si(100, 'um') is 1e-4 (m). Temperatures become kelvin."""
    factor, offset, _ = _conversion(unit)
    # 100 * 1e-6 is 9.999999999999999e-05 and 100 / 1e6 is 1e-4: divide where the reciprocal is the round number.
    reciprocal = round(1.0 / factor)
    if factor < 1.0 and math.isclose(reciprocal * factor, 1.0, rel_tol=1e-14):
        return value / reciprocal + offset
    return value * factor + offset


def from_si(value: float, unit: str) -> float:
    """An SI float as a number in `unit`; the inverse of to_si."""
    factor, offset, _ = _conversion(unit)
    return (value - offset) / factor


def difference_to_si(value: float, unit: str) -> float:
    """A difference or a spread in `unit` as an SI float: for temperatures the zero of the scale plays no part."""
    return value * _conversion(unit)[0]


def difference_from_si(value: float, unit: str) -> float:
    """An SI difference or spread as a number in `unit`; the inverse of difference_to_si."""
    return value / _conversion(unit)[0]


def parse_quantity(text: str, unit: str) -> float:
    """SI value of a text like '87 degC', which must measure the same thing as `unit`.

    Raises UnitError when the text is not one number and one unit, when the unit is unknown or measures something else,
    or when the number is not finite.
    """
    example = f"like '{_example(unit)}'."
    if len(text) > MAXIMUM_LENGTH:
        raise UnitError(
            f"A quantity has at most {MAXIMUM_LENGTH} characters; this one has {len(text)}.",
            f"Write one number and one unit, {example}",
        )
    stripped = text.strip()
    number = _NUMBER.match(stripped)
    if number is None:
        raise UnitError("It does not start with a finite number.", f"Write one number and one unit, {example}")
    rest = stripped[number.end() :].strip()
    if not rest:
        if dimension(unit) == "dimensionless":
            raise UnitError("It has no unit.", f"Say what the number counts, {example}")
        raise UnitError("It has no unit.", f"Add the unit, {example}")
    found = dimension(rest)
    if found != dimension(unit):
        raise UnitError(f"{rest!r} measures {_words(found)}, not {_words(dimension(unit))}.", f"Write it {example}")
    if found == "dimensionless" and rest not in _RATIOS:
        raise UnitError(f"{rest!r} cancels out to a plain ratio.", "Write a share like '25 %', or '0.25 1'.")
    value = to_si(float(number.group()), rest)
    if not math.isfinite(value):
        raise UnitError("The number is too large.", f"Write one number and one unit, {example}")
    return value


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """Text of an SI value in `unit`: format_quantity(1e-4, 'um') is '100 um'."""
    number = f"{from_si(value, unit):.{digits}g}"
    return number if unit == "1" else f"{number} {unit}"


_EXAMPLES = {
    "[length]": "100 um",
    "[temperature]": "87 degC",
    "1 / [time]": "0.01 1/s",
    "[time]": "10 min",
    "dimensionless": "25 %",
    "[angle]": "107 deg",
    "[angle] / [time]": "150 rpm",
    "[mass]": "10 kg",
    "[mass] / [length] / [time] ** 2": "1 bar",
    "[length] / [time]": "5 m/min",
}


def _example(unit: str) -> str:
    return _EXAMPLES.get(dimension(unit), f"1 {unit}")


_WORDS = {
    "dimensionless": "a plain ratio",
    "[length]": "a length",
    "[angle]": "an angle",
    "[angle] / [time]": "a speed of rotation",
    "[temperature]": "a temperature",
    "[time]": "a time",
    "1 / [time]": "a rate (1/time)",
    "[mass]": "a mass",
    "[length] / [time]": "a speed",
    "[mass] / [length] / [time] ** 2": "a pressure",
    "[mass] / [length] / [time]": "a viscosity",
    "[mass] / [length] ** 3": "a density",
}


def _words(dimension_text: str) -> str:
    return _WORDS.get(dimension_text, dimension_text)
