"""A window of a claim: its bounds, what the word "about" adds to them, and how a value lies to it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities import from_si
from poreline.quantities.units import dimension
from poreline.recipe import ClaimSettings

Array = npt.NDArray[np.float64]
Inside = npt.NDArray[np.bool_]
Verdict = Literal["met", "met-within-about", "not-met", "undetermined"]

_ROUNDING = 1e-9  # relative: a value that a recipe writes on a bound lies on it, whatever the unit made of it


@dataclass(frozen=True)
class Bound:
    """One bound of a window: a number in the window's unit, or the setting that holds it."""

    value: float = math.nan
    setting: str = ""
    """Name of the field of ClaimSettings that holds the number, for a limit that the claims do not give."""
    strict: bool = False
    """True if the bound itself lies outside."""

    def resolved(self, unit: str, settings: ClaimSettings) -> float:
        """The number in the window's unit."""
        return from_si(float(getattr(settings, self.setting)), unit) if self.setting else self.value


@dataclass(frozen=True)
class Window:
    """A window as the registry writes it."""

    unit: str
    """The unit that the window, the value and the margin are written in."""
    low: Bound | None = None
    high: Bound | None = None
    about: bool = False

    def limits(self, settings: ClaimSettings) -> Limits:
        """The window as numbers, with the limits and the tolerance of these settings."""
        low = -math.inf if self.low is None else self.low.resolved(self.unit, settings)
        high = math.inf if self.high is None else self.high.resolved(self.unit, settings)
        return Limits(
            unit=self.unit,
            low=low,
            high=high,
            low_strict=self.low is not None and self.low.strict,
            high_strict=self.high is not None and self.high.strict,
            low_tolerance=self._tolerance(low, settings),
            high_tolerance=self._tolerance(high, settings),
            about=self.about,
            settings=tuple(bound.setting for bound in (self.low, self.high) if bound is not None and bound.setting),
        )

    def _tolerance(self, bound: float, settings: ClaimSettings) -> float:
        if not self.about or not math.isfinite(bound):
            return 0.0
        if dimension(self.unit) == "[temperature]":
            return settings.about_temperature
        return settings.about * abs(bound)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A window as numbers in its unit; a side without a bound is infinite."""

    unit: str
    low: float
    high: float
    low_strict: bool = False
    high_strict: bool = False
    low_tolerance: float = 0.0
    high_tolerance: float = 0.0
    about: bool = False
    settings: tuple[str, ...] = ()

    def verdict(self, value: float) -> Verdict:
        """met, met-within-about, not-met, or undetermined for a value that is not a number."""
        if math.isnan(value):
            return "undetermined"
        if bool(self.inside(np.array(value))):
            return "met"
        above = value >= self.low - self.low_tolerance - _slack(self.low)
        below = value <= self.high + self.high_tolerance + _slack(self.high)
        return "met-within-about" if self.about and above and below else "not-met"

    def inside(self, values: Array) -> Inside:
        """Whether each value lies in the window as written, without the tolerance; NaN does not."""
        low, high = _slack(self.low), _slack(self.high)
        above = values > self.low + low if self.low_strict else values >= self.low - low
        below = values < self.high - high if self.high_strict else values <= self.high + high
        return np.asarray(above & below)

    def margin(self, value: float) -> float:
        """Distance to the nearest bound, positive inside the window as written."""
        return min(value - self.low, self.high - value)

    def closeness(self, value: float) -> float:
        """The margin relative to the larger bound, to compare windows of different quantities."""
        scale = max((abs(bound) for bound in (self.low, self.high) if math.isfinite(bound)), default=1.0)
        return self.margin(value) / (scale or 1.0)

    def moved(self, by: float, unit: str) -> Limits:
        """The window moved along its quantity, written in `unit`, whose steps are as large."""
        values = {**self.__dict__, "low": self.low + by, "high": self.high + by, "unit": unit}
        return Limits(**values)

    def shares_more_than_a_bound(self, other: Limits) -> bool:
        """Whether a value can lie in both windows as written; two ranges that only touch do not count."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        points = self.low == self.high or other.low == other.high
        return low < high or (low == high and points)

    @property
    def text(self) -> str:
        """The window in words."""
        unit = "" if self.unit == "1" else f" {self.unit}"
        low, high = f"{self.low:.4g}", f"{self.high:.4g}"
        about = "about " if self.about else ""
        if self.low == self.high:
            words = f"{about}{low}{unit}"
        elif math.isinf(self.high):
            words = f"{'above' if self.low_strict else 'at least'} {about}{low}{unit}"
        elif math.isinf(self.low):
            words = f"{'below' if self.high_strict else 'at most'} {about}{high}{unit}"
        else:
            words = f"{about}{low}{' to ' if self.low < 0 else '-'}{high}{unit}"
        return f"{words} (setting {', '.join(self.settings)})" if self.settings else words


def _slack(bound: float) -> float:
    return _ROUNDING * max(1.0, abs(bound)) if math.isfinite(bound) else 0.0
