"""Spraying: what one droplet can hold, and how many splats make a film."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_SPLAT_FLATNESS = 0.1  # thickness of a dried splat over the diameter of its solid sphere
FEWEST_SPLATS = 5.0  # across the film, below which pinholes are likely
_DROPLET_SPREAD = 0.3  # standard deviation of the logarithm that the droplets' own sizes add


def largest_domain(droplet_diameter: Values, solids: Values, fraction_first: Values) -> Values:
    """Diameter of the one domain that holds all of the first polymer of a droplet, D_s (c_s phi)^(1/3), m. Upper bound."""
    return droplet_diameter * (solids * fraction_first) ** (1.0 / 3.0)


def splats(thickness: Values, droplet_diameter: Values, solids: Values) -> Values:
    """Number of dried splats across the film, H0/(0.1 D_s c_s^(1/3))."""
    return thickness / (_SPLAT_FLATNESS * droplet_diameter * solids ** (1.0 / 3.0))


def drying_time(droplet_diameter: Values, drying_constant: Values) -> Values:
    """Time in which a droplet dries, D_s^2/K, s."""
    return droplet_diameter**2 / drying_constant


def broadened(spread: Values) -> Values:
    """Domain spread with that of the droplets added: exp sqrt(ln^2 sigma_g + 0.3^2)."""
    return np.exp(np.hypot(np.log(spread), _DROPLET_SPREAD))
