"""Number, radius and width of the microcracks."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_SMALLEST_FRACTION = 1e-9


def domain_distance(diameter: Values, fraction_first: Values) -> Values:
    """Centre distance of the domains, d (pi/(6 phi))^(1/3), m."""
    return diameter * np.cbrt(np.pi / (6.0 * np.maximum(fraction_first, _SMALLEST_FRACTION)))


def domain_density(diameter: Values, fraction_first: Values, volume_ratio: Values) -> Values:
    """Domains per current volume, 6 phi/(pi d^3 J), 1/m3."""
    return 6.0 * fraction_first / (np.pi * diameter**3 * volume_ratio)


def crack_radius(distance: Values, stretch_ratio: Values, section: Values, smallest: Values, largest: Values) -> Values:
    """Radius of a microcrack between its neighbours, m.

    a = hypot(k_a L s/2, a_min), k_a = 0.5 + 0.5 (1 - exp(-(lam - 1))) growing with the draw, s the linear contraction of
    the section that the crack lies in; not more than `largest`, where other cracks relieve it. Closure of this model.
    """
    reach = 0.5 + 0.5 * -np.expm1(-(stretch_ratio - 1.0))
    return np.minimum(np.hypot(reach * distance * section / 2.0, smallest), np.maximum(largest, smallest))


def crack_density(
    domains: Values, diameter: Values, nucleated: Values, polar_spacing: Values, matrix_spacing: Values, radius: Values
) -> Values:
    """Microcracks per current volume, 1/m3: 2 N_p (1 + d/s_c0) S_t at the domains' poles, S_t/(s_0 pi a^2) in the matrix."""
    return 2.0 * domains * (1.0 + diameter / polar_spacing) * nucleated + nucleated / (
        matrix_spacing * np.pi * radius**2
    )


def crack_width(void_ratio: Values, volume_ratio: Values, density: Values, radius: Values) -> Values:
    """Mean opening w = e_c/(J N_c pi a^2), m: the void volume spread over the cracks' area; 0 without cracks."""
    area = volume_ratio * density * np.pi * radius**2
    return np.where(area > 0.0, void_ratio / np.where(area > 0.0, area, 1.0), 0.0)
