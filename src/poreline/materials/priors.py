"""How uncertain a number is: the prior that a sampled band draws it from."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities.fields import Meaning
from poreline.quantities.units import difference_from_si


@dataclass(frozen=True)
class Prior:
    """A lognormal prior (spread = factor of one standard deviation) or a normal one (spread in the number's SI unit).

    Samples are clipped to `lowest` and `highest`.
    """

    shape: Literal["lognormal", "normal"]
    spread: float
    lowest: float = -math.inf
    highest: float = math.inf

    def sample(self, nominal: float, normal_deviates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Samples around `nominal` from standard normal deviates; the deviate 0 gives the nominal value."""
        if self.shape == "lognormal":
            drawn = nominal * np.exp(normal_deviates * math.log(self.spread))
        else:
            drawn = nominal + normal_deviates * self.spread
        return np.clip(drawn, self.lowest, self.highest)

    def text(self, unit: str) -> str:
        """One standard deviation in words: a factor, or a difference in `unit`."""
        if self.shape == "lognormal":
            return f"x/÷ {self.spread:.3g}"
        difference = f"± {difference_from_si(self.spread, unit):.3g}"
        return difference if unit == "1" else f"{difference} {_DIFFERENCES.get(unit, unit)}"


_DIFFERENCES = {"degC": "K"}


@dataclass(frozen=True)
class Bounds:
    """What a constant of the model can be at all, in SI."""

    lowest: float = 1e-300
    highest: float = 1e300

    def hold(self, value: float) -> bool:
        """Whether the value lies inside."""
        return self.lowest <= value <= self.highest


POSITIVE = Bounds()
SHARE = Bounds(0.0, 1.0)


def model_constant(
    default: float,
    unit: str,
    meaning: str,
    *,
    symbol: str = "",
    prior: Prior | None = None,
    source: str,
    shown_in: str = "",
    bounds: Bounds = POSITIVE,
) -> Any:
    """A dataclass field for a constant of the model: its value, unit, meaning, prior, bounds and where it comes from."""
    about = Meaning(unit, meaning, symbol, shown_in, source)
    return dataclasses.field(default=default, metadata={"quantity": about, "prior": prior, "bounds": bounds})
