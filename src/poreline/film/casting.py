"""Casting: coarsening at rest in the melt, or during the drying of a solution."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values
from poreline.recipe import SolutionCasting
from poreline.recipe.forming import USUAL_THICKNESS

_COARSENING_TIME = 300.0  # s, of bare drops at rest in the melt; closure of this model
_SHORTEST_REST = 60.0  # s, below which coarsening at rest is left out
_SLOWEST_FAST_COOLING = 5.0  # K/s, below which the matrix grows more crystalline
_SLOW_YIELD, _SLOW_CAVITATION = 1.1, 0.9
SOLVENT_DENSITY = 900.0  # kg/m3, of a usual solvent
_SIGGIA = 0.05
_DRYING_SHARE = 0.2  # of the evaporation time is left when the solution has demixed and not yet vitrified
_LARGEST_SHARE = 0.3  # of the film's thickness that a domain can reach


def coarsening_at_rest(melt_time: Values, coverage: Values) -> Values:
    """Factor [1 + t/t_c]^(1/3), t_c = 300 s/(1 - theta), by which domains grow in a melt at rest. Closure of this model."""
    growth = (1.0 + melt_time * (1.0 - coverage) / _COARSENING_TIME) ** (1.0 / 3.0)
    return np.where(np.asarray(melt_time) < _SHORTEST_REST, 1.0, growth)


def cooling_factors(cooling_rate: Values) -> tuple[Values, Values]:
    """Factors on yield stress and cavitation stress: a slowly cooled matrix is stiffer and cavitates earlier.

    Below 5 K/s 1.1 and 0.9, otherwise 1. Source: direction by Pawlak and Galeski 2005 (abstract), size assumed.
    """
    slow = np.asarray(cooling_rate) < _SLOWEST_FAST_COOLING
    return np.where(slow, _SLOW_YIELD, 1.0), np.where(slow, _SLOW_CAVITATION, 1.0)


def solution_thickness(film: SolutionCasting) -> Values:
    """Thickness of the dry film, m: wet thickness times solids, unless the recipe gives it."""
    if film.thickness is not None:
        return film.thickness
    return film.wet_thickness * film.solids if film.wet_thickness is not None else USUAL_THICKNESS


def wet_thickness(film: SolutionCasting) -> Values:
    """Gap of the casting knife, m."""
    return film.wet_thickness if film.wet_thickness is not None else solution_thickness(film) / film.solids


def evaporation_time(film: SolutionCasting) -> Values:
    """Time in which the solvent leaves, s: h_w (1 - c_s) rho/J."""
    return wet_thickness(film) * (1.0 - film.solids) * SOLVENT_DENSITY / film.evaporation_flux


def viscous_coarsening(tension: Values, film: SolutionCasting) -> Values:
    """Domain diameter by viscous coarsening until the film vitrifies, m: 0.05 Gamma_s t_v/eta_s, at most 0.3 H0.

    Gamma_s = Gamma c_s^2, t_v a fifth of the evaporation time. Source: scaling of Siggia 1979; prefactors assumed.
    """
    dilute = tension * film.solids**2
    coarse = _SIGGIA * dilute * _DRYING_SHARE * evaporation_time(film) / film.demixing_viscosity
    return np.minimum(coarse, _LARGEST_SHARE * solution_thickness(film))
