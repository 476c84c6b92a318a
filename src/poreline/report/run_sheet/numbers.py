"""The numbers of the sheet as an operator reads them: value, unit, range, and what is assumed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from poreline.quantities import from_si

RangeKind = Literal["", "claim window", "assumed tolerance", "90 % band"]


@dataclass(frozen=True, kw_only=True)
class SheetNumber:
    """One number of the sheet, in SI, with what an operator must know about it."""

    value: float
    unit: str
    """SI unit of value, low and high."""
    meaning: str
    shown_in: str = ""
    """Unit to print it in; the SI unit if empty."""
    low: float | None = None
    high: float | None = None
    range_kind: RangeKind = ""
    """What low and high are: the claims' window, a tolerance that is assumed, or the band of a prediction."""
    assumed: bool = False
    """True where neither the recipe nor the line file gives it."""
    note: str = ""
    decimals: int | None = None
    """Fixed number of decimals in the printed unit; by default four significant digits."""

    @property
    def display_unit(self) -> str:
        """The unit to print it in."""
        return self.shown_in or self.unit

    @property
    def unit_text(self) -> str:
        """The unit to print beside it; empty for a plain ratio."""
        return "" if self.display_unit == "1" else self.display_unit

    @property
    def number_text(self) -> str:
        """The value in its display unit, without the unit."""
        return digits(from_si(self.value, self.display_unit), self.decimals)

    @property
    def text(self) -> str:
        """Value and unit."""
        return f"{self.number_text} {self.unit_text}".rstrip()

    @property
    def bounds_text(self) -> str:
        """Low and high in the display unit, without unit and kind."""
        if self.low is None or self.high is None:
            return ""
        low, high = (from_si(bound, self.display_unit) for bound in (self.low, self.high))
        return f"{digits(low, self.decimals)} to {digits(high, self.decimals)}"

    @property
    def range_text(self) -> str:
        """Low to high with unit and kind; empty without a range."""
        parts = (self.bounds_text, self.unit_text, f"({self.range_kind})")
        return " ".join(part for part in parts if part) if self.bounds_text else ""

    @property
    def band_text(self) -> str:
        """Value, range in brackets, unit."""
        bounds = self.bounds_text
        # A dash between two numbers is read as a minus where one of them has its own.
        bounds = bounds if "-" in bounds else bounds.replace(" to ", "-")
        parts = (self.number_text, f"[{bounds}]" if bounds else "", self.unit_text)
        return " ".join(part for part in parts if part)

    @property
    def note_text(self) -> str:
        """The note, led by `assumed` where the number is."""
        return "; ".join(part for part in ("assumed" if self.assumed else "", self.note) if part)

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, SI, for machine-readable output; what does not apply is left out."""
        found: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.low is not None and self.high is not None:
            found |= {"low": self.low, "high": self.high, "range": self.range_kind}
        if self.assumed:
            found["assumed"] = True
        return found | ({"note": self.note} if self.note else {})


def number(
    value: float,
    unit: str,
    meaning: str,
    shown_in: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    kind: RangeKind = "assumed tolerance",
    assumed: bool = False,
    note: str = "",
    decimals: int | None = None,
) -> SheetNumber:
    """A number of the sheet; `kind` says what low and high are where there are any."""
    return SheetNumber(
        value=float(value),
        unit=unit,
        meaning=meaning,
        shown_in=shown_in,
        low=low,
        high=high,
        range_kind=kind if low is not None else "",
        assumed=assumed,
        note=note,
        decimals=decimals,
    )


def around(value: float, tolerance: float) -> tuple[float, float]:
    """Low and high of a value with a tolerance on both sides."""
    return value - tolerance, value + tolerance


def digits(value: float, decimals: int | None = None) -> str:
    """A number as an operator reads it: fixed decimals, or four significant digits, without powers of ten where possible."""
    if not math.isfinite(value):
        return "not known"
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if value == 0.0:
        return "0"
    places = 3 - math.floor(math.log10(abs(value)))
    if places > 9:
        return f"{value:.3g}"
    text = f"{value:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float, rounding: Callable[[float], int]) -> float:
    """Three significant digits, rounded the safe way: math.floor for a largest value, math.ceil for a smallest."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 2)
    # A number that already has three digits must not lose one to the last bit of its quotient.
    return rounding(round(value / scale, 9)) * scale


def speed_text(speed: float, rounding: Callable[[float], int] = round) -> str:
    """A speed in m/min with three digits."""
    return f"{digits(rounded(from_si(speed, 'm/min'), rounding))} m/min"
