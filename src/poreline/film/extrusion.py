"""Extrusion: mass balance of the draw-down, and what it does to the domains."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values
from poreline.recipe import Extrusion
from poreline.recipe.forming import USUAL_DIE_GAP, USUAL_THICKNESS


def film_thickness(film: Extrusion) -> Values:
    """Thickness of the film, m: die gap over draw-down and width ratio, unless the recipe gives it."""
    if film.thickness is not None:
        return film.thickness
    if film.draw_down is None:
        return USUAL_THICKNESS
    gap = film.die_gap if film.die_gap is not None else USUAL_DIE_GAP
    return gap / (film.draw_down * film.width_ratio)


def die_gap(film: Extrusion) -> Values:
    """Gap of the die, m: given, or from thickness and draw-down, or the usual one."""
    if film.die_gap is not None:
        return film.die_gap
    if film.thickness is not None and film.draw_down is not None:
        return film.thickness * film.draw_down * film.width_ratio
    return USUAL_DIE_GAP


def draw_down(film: Extrusion) -> Values:
    """Film speed over melt speed at the die: given, or from the mass balance."""
    if film.draw_down is not None:
        return film.draw_down
    return die_gap(film) / (film_thickness(film) * film.width_ratio)


def relaxation_time(radius: Values, viscosity: Values, tension: Values, ratio: Values, fraction: Values) -> Values:
    """Time in which a drop of a blend relaxes to a sphere, s.

    (R eta2/(4 Gamma)) (19 p + 16)(2 p + 3 - 2 phi (p - 1))/(10 (p + 1) - 2 phi (5 p + 2)); m, Pa s, N/m.
    Source: Palierne 1990, not re-read; limit phi = 0, p = 1 is 35/16 R eta/Gamma.
    """
    shape = (19.0 * ratio + 16.0) * (2.0 * ratio + 3.0 - 2.0 * fraction * (ratio - 1.0))
    return radius * viscosity / (4.0 * tension) * shape / (10.0 * (ratio + 1.0) - 2.0 * fraction * (5.0 * ratio + 2.0))


def drop_elongation(draw: Values, draw_time: Values, relaxation: Values, ratio: Values) -> Values:
    """Hencky elongation of a drop after a draw-down: e = f rate tau (1 - exp(-t/tau)), f = 5/(2 p + 3).

    From e' = f rate - e/tau, e(0) = 0, with rate = ln(draw)/t. A Newtonian inclusion follows the matrix by f.
    """
    follow = 5.0 / (2.0 * ratio + 3.0)
    time = np.maximum(draw_time, 1e-9)
    return follow * np.log(draw) / time * relaxation * -np.expm1(-time / relaxation)


def aspect_ratio(elongation: Values) -> Values:
    """Length over width of a prolate drop of conserved volume, exp(1.5 e)."""
    return np.exp(1.5 * elongation)
