"""Gurley time: how long a standard volume of air takes through a standard area under a standard pressure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from poreline.quantities.constants import ATMOSPHERE, GAS_CONSTANT, STANDARD_TEMPERATURE
from poreline.quantities.fields import Values


class GurleyStandard(NamedTuple):
    """What a Gurley test prescribes (SI)."""

    volume: float
    area: float
    pressure_difference: float

    @property
    def mean_pressure(self) -> float:
        """Mean absolute pressure of both sides, Pa."""
        return ATMOSPHERE + 0.5 * self.pressure_difference


GURLEY_STANDARD = {
    "JIS P8117": GurleyStandard(100e-6, 6.42e-4, 1220.0),
    "ASTM": GurleyStandard(10e-6, 6.45e-4, 3039.0),
}
"""By name: 100 cm3 through 6.42 cm2 at 1220 Pa, and 10 cm3 through 6.45 cm2 at 3039 Pa."""


def gurley_time(permeance_air: Values, standard: GurleyStandard, temperature: Values = STANDARD_TEMPERATURE) -> Values:
    """Time in s in which the volume of the standard passes: t = p_atm V / (R T) / (A Pi dp).

    `permeance_air` in mol/(m2 s Pa) at the mean pressure of the test, `temperature` in K; broadcast together.
    Infinite where nothing passes. Source: definition of the test; volumes, areas and pressures not re-read in the
    standards.
    """
    moles = ATMOSPHERE * standard.volume / (GAS_CONSTANT * temperature)
    with np.errstate(divide="ignore"):
        return np.divide(moles / (standard.area * standard.pressure_difference), permeance_air)
