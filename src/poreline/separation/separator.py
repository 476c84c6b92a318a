"""Battery separator: how much the film adds to the resistance of the electrolyte."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

SEPARATOR_LIMIT = 12.0
"""MacMullin number that a battery separator should stay below."""


def macmullin_number(porosity_open: Values, tortuosity: Values) -> Values:
    """Resistance of the filled film over that of the same volume of electrolyte, N_M = tau / eps.

    `porosity_open` eps is the connected porosity. Infinite where no pore passes.
    Source: MacMullin and Muccini 1956; Landesfeind et al. 2016 for separators, neither re-read.
    """
    with np.errstate(divide="ignore"):
        return np.divide(tortuosity, porosity_open)


def area_resistance(macmullin: Values, thickness: Values, conductivity: Values) -> Values:
    """Resistance of the filled film times its area, N_M H / kappa, ohm m2.

    `thickness` H in m, `conductivity` kappa of the electrolyte in S/m; broadcast together.
    """
    return macmullin * thickness / conductivity
