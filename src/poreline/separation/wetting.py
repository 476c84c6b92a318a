"""Pressures at which a liquid enters a pore that it does not wet, or leaves one that it does."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_PERIMETER_OVER_AREA = {"slit": 2.0, "cylinder": 4.0}  # times the opening: width of the slit, diameter of the cylinder


def largest_pore(pore_diameter: Values, spread: Values) -> Values:
    """Diameter of the largest pores that matter, D s_g^2, m: 98 % of a lognormal distribution are smaller."""
    return pore_diameter * np.square(spread)


def pore_opening(pore_diameter: Values, pore_shape: str) -> Values:
    """Opening of a pore in m: the diameter of a cylinder, the width (half the hydraulic diameter) of a slit."""
    return pore_diameter * 0.5 if pore_shape == "slit" else pore_diameter


def entry_pressure(
    surface_tension: Values, contact_angle: Values, opening: Values, pore_shape: str, shape_factor: Values = 1.0
) -> Values:
    """Liquid entry pressure, -4 beta gamma cos(theta) / D of a cylinder, -2 beta gamma cos(theta) / w of a slit, Pa.

    `surface_tension` gamma in N/m, `contact_angle` theta in rad, `opening` D or w in m, `shape_factor` beta (1 for
    straight walls); broadcast together. Positive where the liquid does not wet, negative where it does; infinite for
    an opening of zero. A slit and a cylinder of one hydraulic diameter (D = 2 w) have one entry pressure.
    Source: Young and Laplace; Franken et al. 1987 for the shape factor, not re-read.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(
            -_PERIMETER_OVER_AREA[pore_shape] * shape_factor * surface_tension * np.cos(contact_angle), opening
        )


def bubble_point_pressure(
    surface_tension: Values, contact_angle: Values, opening: Values, pore_shape: str, shape_factor: Values = 1.0
) -> Values:
    """Gas pressure that empties a pore filled with a wetting liquid, Pa: the entry pressure with the other sign.

    Arguments as `entry_pressure`. Positive where the liquid wets. Source: Young and Laplace.
    """
    return -entry_pressure(surface_tension, contact_angle, opening, pore_shape, shape_factor)
