"""Nucleation of fibril-bridged microcracks in the matrix."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values


def cavitation_share(stress: Values, concentration: Values, threshold: Values, width: Values) -> Values:
    """Share Lambda of the sites at which the hydrostatic tension K sigma exceeds the cavitation stress (all Pa).

    Logistic of the given width. Anchors for PP: severe cavitation on drawing at 25-40 degC, none at 70-100 degC
    (Pawlak and Galeski 2010, abstract). Closure of this model.
    """
    return 1.0 / (1.0 + np.exp(np.clip(-(concentration * stress - threshold) / width, -500.0, 500.0)))


def nucleated_by_cold_stretch(elongation: Values, yield_strain: Values, share: Values, strain_scale: Values) -> Values:
    """Share of the sites nucleated by a cold stretch, [1 - exp(-(eps - eps_y)+/0.15)] Lambda_c. Closure of this model."""
    return -np.expm1(-np.maximum(elongation - yield_strain, 0.0) / strain_scale) * share


def gent_cavitation_stress(
    glass_transition: Values, temperature: Values, pressure: Values = 0.0, flaw_concentration: float = 10.0
) -> Values:
    """Stress at which a glassy matrix cavitates at its flaws, [beta (Tg - T) + P]/k, Pa; beta = 3.3 MPa/K.

    For matrices below their Tg, as an alternative threshold. Source: Gent 1970, not re-read.
    """
    return (3.3e6 * (glass_transition - temperature) + pressure) / flaw_concentration
