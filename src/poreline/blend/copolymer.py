"""Copolymer at the interface: coverage and tension."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from poreline.blend.constants import BlendConstants
from poreline.materials import Copolymer
from poreline.quantities.constants import AVOGADRO
from poreline.quantities.fields import Values
from poreline.recipe import Mixing

_TOLERANCE = 1e-10  # of the coverage
_ITERATIONS = 60
_DAMPING = 0.5
_SMALLEST_FRACTION = 1e-9  # volume fraction that stands in for "no first polymer", so that ratios stay finite


def coverage(
    uptake: Values, fraction_copolymer: Values, copolymer: Copolymer, domain_diameter: Values, fraction_first: Values
) -> Values:
    """Share theta of the interface that is covered: 1 - exp(-Sigma_av/Sigma_sat).

    Sigma_av = eta_mix n_c d/(6 phi_1), n_c = phi_c rho_c N_A/M_c chains per volume, at melt densities.
    Source: the emulsification law of Tang and Huang 1994, per area of interface.
    """
    chains = fraction_copolymer * copolymer.density_melt * AVOGADRO / copolymer.molar_mass
    available = uptake * chains * domain_diameter / (6.0 * np.maximum(fraction_first, _SMALLEST_FRACTION))
    return -np.expm1(-available / copolymer.saturation_density)


def settled_coverage(
    diameter_at: Callable[[Values], Values],
    reached: Values,
    fraction_copolymer: Values,
    copolymer: Copolymer,
    fraction_first: Values,
) -> tuple[Values, Values]:
    """The coverage that agrees with the domain size it leads to, and its last change.

    `diameter_at` gives the domain diameter (m) at a coverage; the other arguments are those of `coverage`. A damped
    fixed-point iteration from the bare interface.
    """
    covered: Values = np.zeros(np.shape(fraction_first))
    change: Values = 0.0
    for _ in range(_ITERATIONS):
        implied = coverage(reached, fraction_copolymer, copolymer, diameter_at(covered), fraction_first)
        change = _DAMPING * (implied - covered)
        covered = covered + change
        if np.max(np.abs(change)) < _TOLERANCE:
            break
    return covered, np.abs(change)


def effective_tension(bare: Values, covered: Values, floor: Values) -> Values:
    """Tension of a covered interface in breakup, Gamma (1 - (1 - r_G) theta), N/m."""
    return bare * (1.0 - (1.0 - floor) * covered)


def uptake(mixing: Mixing, copolymer: Copolymer, constants: BlendConstants, *, anchored: bool) -> Values:
    """Share eta_mix of the copolymer that reaches the interface in the melt, by the order of mixing."""
    by_order = {
        "premix-first": constants.uptake_premix_first,
        "simultaneous": constants.uptake_simultaneous,
        "premix-second": constants.uptake_premix_second,
    }
    return by_order[mixing.order] * (1.0 if anchored else copolymer.foreign_uptake)
