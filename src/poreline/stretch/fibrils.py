"""Fibrils that bridge a microcrack: spacing, diameter, hydraulic diameter of the space between them."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values


def fibril_surface_energy(
    surface_tension: Values, scission: Values, strand_density: Values, strand_length: Values, bond_energy: Values
) -> Values:
    """Energy per new surface of a fibril, gamma + f_sc nu_e d_e U/4, J/m2. Source: Kramer 1983."""
    return surface_tension + scission * 0.25 * strand_density * strand_length * bond_energy


def fibril_spacing(surface_energy: Values, drawing_stress: Values) -> Values:
    """Distance between fibrils D0 = 8 G_s/S, m: the meniscus spacing at which the stress gradient is largest.

    J/m2, Pa. Maximises (S - 2 G_s/r)/r over r = D0/2. Source: Kramer and Berger 1990.
    """
    return 8.0 * surface_energy / drawing_stress


def hydraulic_diameter(spacing: Values, draw_ratio: Values) -> Values:
    """Four times the void volume per fibril surface, D_f (1 - v_f)/v_f with v_f = 1/lam_f, D_f = D0 sqrt(v_f), m."""
    fibril_share = 1.0 / draw_ratio
    return np.sqrt(fibril_share) * spacing * (1.0 - fibril_share) / fibril_share


def fibril_survival(width: Values, breakdown_width: Values) -> Values:
    """Share of the fibrils that still bridge a crack of this width, 1/(1 + (w/w_b)^2). Closure of this model."""
    return 1.0 / (1.0 + (width / breakdown_width) ** 2)


def throat_diameter(width: Values, survival: Values, hydraulic: Values) -> Values:
    """Hydraulic diameter of a bridged slit, 1/D = 1/(2 w) + q/D_hf, m: wall areas of slit and fibrils add up."""
    return 2.0 * width / (1.0 + 2.0 * width * survival / hydraulic)
