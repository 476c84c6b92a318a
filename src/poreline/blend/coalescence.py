"""Coalescence of drops, in the mixer and in the film line."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values


def mixer_growth(fraction_first: Values, coverage: Values, coefficient: Values) -> Values:
    """Factor 1 + k_co phi (1 - theta) by which coalescence enlarges the drops of a mixer at steady state.

    Balance of breakup and collision frequency. Source: form of Tokita 1977 and Fortelny and Zivny 1995; k_co fitted.
    """
    return 1.0 + coefficient * fraction_first * (1.0 - coverage)


def line_growth(fraction_first: Values, coverage: Values, probability: Values, total_shear: Values) -> Values:
    """Factor exp[4/(3 pi) phi P_0 (1 - theta) N] by which collisions at low shear enlarge drops that no longer break.

    From dn/dt = -(4/pi) phi rate P n at conserved volume, over the total shear N = rate t.
    """
    return np.exp(4.0 / (3.0 * np.pi) * fraction_first * probability * (1.0 - coverage) * total_shear)


def drainage_probability(
    radius: Values, viscosity_ratio: Values, capillary: Values, mobility: str, critical_thickness: float = 5e-9
) -> Values:
    """Probability that the film between two colliding drops drains in time; `mobility` immobile, partial or mobile.

    immobile exp[-9/8 (R/h)^2 Ca^2], partial exp[-sqrt(3)/4 (R/h) p Ca^1.5], mobile exp[-1.5 Ca ln(R/h)]. They span
    0 to 0.5 for one and the same collision, which is why the model uses a fitted constant. Source: Chesters 1991, not re-read.
    """
    thinning = radius / critical_thickness
    if mobility == "immobile":
        return np.exp(-9.0 / 8.0 * thinning**2 * capillary**2)
    if mobility == "partial":
        return np.exp(-np.sqrt(3.0) / 4.0 * thinning * viscosity_ratio * capillary**1.5)
    return np.exp(-1.5 * capillary * np.log(thinning))
