"""Direct-contact membrane distillation of water: vapour through pores that hold air."""

from __future__ import annotations

import numpy as np

from poreline.quantities.constants import GAS_CONSTANT
from poreline.quantities.fields import Values
from poreline.separation.gas import knudsen_diffusivity

WATER_MOLAR_MASS = 18.015e-3
"""kg/mol."""


def vapour_pressure_water(temperature: Values) -> Values:
    """Saturation pressure of water, exp(23.1964 - 3816.44 / (T - 46.13)), Pa; `temperature` T in K, 10-168 degC.

    Source: Antoine constants of Reid, Prausnitz and Sherwood 1977, not re-read; compared with public codes and
    within 1 % of the steam tables at 25-100 degC.
    """
    return np.exp(23.1964 - 3816.44 / (temperature - 46.13))


def diffusivity_pressure_water_air(temperature: Values) -> Values:
    """Diffusivity of water vapour in air times the pressure, 1.895e-5 T^2.072, Pa m2/s; `temperature` T in K.

    Source: usual in membrane distillation (after Alsaadi et al. 2013, not re-read); compared with public codes.
    """
    return 1.895e-5 * temperature**2.072


def distillation_coefficient(
    *,
    conductance: Values,
    thickness: Values,
    pore_diameter: Values,
    temperature: Values,
    air_pressure: Values,
) -> Values:
    """Mass of water that passes per area, time and vapour pressure difference, C, kg/(m2 s Pa).

    C = (eps/tau) M / (H R T) / (1/D_K + p_a/PD): Knudsen and molecular resistance of stagnant air in series, with
    `conductance` eps/tau, `thickness` H and hydraulic `pore_diameter` in m, mean `temperature` T in K, partial
    `air_pressure` p_a in Pa; broadcast together. Zero without pores.
    Source: Schofield, Fane and Fell 1987, not re-read.
    """
    knudsen = knudsen_diffusivity(pore_diameter, WATER_MOLAR_MASS, temperature)
    molecular = air_pressure / diffusivity_pressure_water_air(temperature)
    effective = knudsen / (1.0 + knudsen * molecular)
    return conductance / thickness * (WATER_MOLAR_MASS / GAS_CONSTANT) / temperature * effective


def face_temperatures(feed: Values, permeate: Values, polarisation: Values) -> tuple[Values, Values]:
    """Temperatures of the membrane's faces in K: the bulk difference times `polarisation`, around the same mean."""
    mean = 0.5 * (feed + permeate)
    half = 0.5 * polarisation * (feed - permeate)
    return mean + half, mean - half
