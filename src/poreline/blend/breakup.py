"""Breakup of drops in a melt."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_LARGEST_EXPONENT = 300.0  # just below p = 4.08 the law runs to infinity


def capillary_number(
    viscosity: Values, shear_rate: Values, domain_radius: Values, interfacial_tension: Values
) -> Values:
    """Viscous over interfacial stress on a drop, Ca = eta2 rate R/Gamma (Pa s, 1/s, m, N/m). Source: Taylor 1934."""
    return viscosity * shear_rate * domain_radius / interfacial_tension


def taylor_deformation(capillary: Values, viscosity_ratio: Values) -> Values:
    """Deformation (L - B)/(L + B) of a small drop in shear, Ca (19 p + 16)/(16 p + 16). Source: Taylor 1934."""
    return capillary * (19.0 * viscosity_ratio + 16.0) / (16.0 * viscosity_ratio + 16.0)


def critical_capillary_shear(viscosity_ratio: Values) -> Values:
    """Capillary number at which a Newtonian drop breaks in simple shear; infinite for p >= 4.08.

    Source: de Bruyn's fit (1989) of Grace's data (1982); constants not re-read, their values checked against Grace's curve.
    """
    x = np.log10(viscosity_ratio)
    limit = np.log10(4.08)
    below = x < limit
    distance = np.where(below, x - limit, -1.0)
    exponent = -0.506 - 0.0995 * x + 0.124 * x**2 - 0.115 / distance
    return np.where(below, 10.0 ** np.minimum(exponent, _LARGEST_EXPONENT), np.inf)


def critical_capillary_elongation(viscosity_ratio: Values) -> Values:
    """Capillary number at which a Newtonian drop breaks in elongation. Source: de Bruyn 1989 after Grace 1982, not re-read."""
    x = np.log10(viscosity_ratio)
    return 10.0 ** (-0.6485 - 0.02442 * x + 0.02221 * x**2 - 0.00056 / (x - np.log10(0.00645)))


def breakup_diameter(
    interfacial_tension: Values,
    viscosity_ratio: Values,
    viscosity_second: Values,
    shear_rate: Values,
    coefficient: Values = 4.0,
    exponent: Values = 0.84,
) -> Values:
    """Diameter that breakup leads to in a mixer, d_b = C_W Gamma p^(+-0.84)/(eta2 rate), m; + for p >= 1, - below.

    N/m, -, Pa s, 1/s. Valid for viscoelastic melts in twin-screw mixers, 0.05 < p < 20. Source: Wu 1987.
    """
    ratio = np.maximum(viscosity_ratio, 1.0 / viscosity_ratio) ** exponent
    return coefficient * interfacial_tension * ratio / (viscosity_second * shear_rate)
