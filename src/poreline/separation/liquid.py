"""Liquid through filled pores, and whether the pores are filled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from poreline.quantities.fields import Values
from poreline.separation.gas import VISCOUS_CONSTANT

Truth = bool | np.bool_ | npt.NDArray[np.bool_]
"""Yes or no, or an array of them."""

BOUND_LAYER = 0.3e-9
"""Thickness in m of the immobile layer on the wall of a narrow pore, one molecule of water or methanol."""
BOUND_LAYER_LIMIT = 5e-9
"""Pore diameter in m below which the bound layer is subtracted."""


def permeance_liquid(
    *,
    conductance: Values,
    thickness: Values,
    pore_diameter: Values,
    viscosity: Values,
    viscous_constant: float = VISCOUS_CONSTANT["slit"],
) -> Values:
    """Permeance of filled pores to a liquid, (eps/tau) Dh^2 / (k_v mu H), m/(s Pa).

    `conductance` eps/tau, `thickness` H and hydraulic `pore_diameter` Dh in m, `viscosity` mu in Pa s; broadcast
    together. A bound layer of 0.3 nm on either wall is subtracted below 5 nm; swelling and compaction are ignored.
    Source: Darcy's law with the Hagen-Poiseuille conductance; the bound layer is an assumption of this model.
    """
    narrow = pore_diameter < BOUND_LAYER_LIMIT
    free = np.where(narrow, np.maximum(pore_diameter - 2.0 * BOUND_LAYER, 0.0), pore_diameter)
    return conductance * np.square(free) / (viscous_constant * viscosity * thickness)


def enters(
    contact_angle: Values, entry_pressure: Values, pressure_difference: Values, prewetted: bool = False
) -> Truth:
    """True where a liquid fills the pores: it wets (below 90 deg), is pressed in, or was brought in beforehand.

    `contact_angle` in rad, `entry_pressure` and `pressure_difference` in Pa; broadcast together; booleans.
    """
    if prewetted:
        return np.full(np.broadcast_shapes(np.shape(contact_angle), np.shape(entry_pressure)), True)[()]
    return (contact_angle < 0.5 * np.pi) | (pressure_difference > entry_pressure)
