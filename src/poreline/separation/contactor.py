"""Membrane contactor: transfer of a gas through the membrane into a liquid."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values


def membrane_coefficient(diffusivity: Values, conductance: Values, thickness: Values) -> Values:
    """Mass-transfer coefficient of the membrane alone, k_m = D (eps/tau) / H, m/s.

    `diffusivity` in m2/s in what fills the pores (in gas 1/D = 1/D_K + 1/D_AB), `conductance` eps/tau, `thickness`
    in m; broadcast together. Source: Fick's law; Gabelman and Hwang 1999 for contactors, not re-read.
    """
    return diffusivity * conductance / thickness


def overall_coefficient(
    membrane: Values,
    gas: Values | None,
    liquid: Values | None,
    partition: Values,
    *,
    pores_hold_liquid: bool = False,
) -> Values:
    """Overall coefficient on the gas side, 1/K = 1/k_g + 1/k_m + 1/(H_c k_l), m/s.

    Coefficients in m/s; None for a side without resistance. `partition` H_c is the concentration in the liquid over
    that in the gas at equilibrium. Where the pores hold liquid, k_m counts like the liquid side, as 1/(H_c k_m).
    Zero where nothing passes the membrane. Source: resistances in series.
    """
    with np.errstate(divide="ignore"):
        resistance = np.divide(1.0, membrane * partition if pores_hold_liquid else membrane)
        if gas is not None:
            resistance = resistance + 1.0 / gas
        if liquid is not None:
            resistance = resistance + 1.0 / (partition * liquid)
        return 1.0 / resistance
