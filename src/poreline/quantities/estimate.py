"""A derived number with its band, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A derived number: the value at the nominal parameters and the 5-95 % band over the sampled parameters.

    SI units throughout; `low` and `high` equal `value` where nothing uncertain acts on it.
    """

    value: float
    low: float
    high: float
    unit: str
    meaning: str
    method: str

    def as_dict(self) -> dict[str, float | str]:
        """Plain fields, for machine-readable output."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "meaning": self.meaning,
            "method": self.method,
        }


@dataclass(frozen=True)
class NotDetermined:
    """A result that cannot be known here, and why."""

    reason: str
    unit: str
    meaning: str

    def as_dict(self) -> dict[str, float | str | None]:
        """Plain fields, for machine-readable output; `value` is None."""
        return {"value": None, "reason": self.reason, "unit": self.unit, "meaning": self.meaning}


Result = Estimate | NotDetermined


@dataclass(frozen=True)
class Infinite:
    """A measured number without an upper bound, and why: the tortuosity of a film that does not connect."""

    reason: str
    unit: str
    meaning: str

    def as_dict(self) -> dict[str, float | str | None]:
        """Plain fields, for machine-readable output; `value` is the word "infinite"."""
        return {"value": "infinite", "reason": self.reason, "unit": self.unit, "meaning": self.meaning}


@dataclass(frozen=True)
class Truth:
    """A yes or no that was measured: whether the pores connect two faces."""

    value: bool
    meaning: str
    method: str

    def as_dict(self) -> dict[str, bool | str]:
        """Plain fields, for machine-readable output."""
        return {"value": self.value, "unit": "1", "meaning": self.meaning, "method": self.method}


MeasuredResult = Estimate | NotDetermined | Infinite | Truth
"""What a measurement of an image comes to."""
