"""Stress at the pole of a domain, and clamping of the domain by the cooled matrix."""

from __future__ import annotations

import numpy as np

from poreline.materials import Polymer
from poreline.quantities.fields import Values


def pole_stress_concentration(bulk_ratio: Values, shear_ratio: Values, poisson_ratio: Values) -> Values:
    """Traction at the pole of an elastic sphere in uniaxial tension over the remote stress.

    K = B_K/3 + 2 B_G/3, B = r/(1 + c (r - 1)), r = modulus of the sphere over the matrix's, c_K = (1 + nu)/(3 (1 - nu)),
    c_G = 2 (4 - 5 nu)/(15 (1 - nu)), nu of the matrix. Limits: equal moduli 1, void 0, rigid nu = 0.5: 2.
    Source: Eshelby 1957, Goodier 1933.
    """
    c_bulk = (1.0 + poisson_ratio) / (3.0 * (1.0 - poisson_ratio))
    c_shear = 2.0 * (4.0 - 5.0 * poisson_ratio) / (15.0 * (1.0 - poisson_ratio))
    bulk = bulk_ratio / (1.0 + c_bulk * (bulk_ratio - 1.0))
    shear = shear_ratio / (1.0 + c_shear * (shear_ratio - 1.0))
    return bulk / 3.0 + 2.0 * shear / 3.0


def elastic_concentration(first: Polymer, second: Polymer) -> Values:
    """pole_stress_concentration of a domain of `first` in `second` before the matrix yields."""
    bulk = [p.youngs_modulus / (3.0 * (1.0 - 2.0 * p.poisson_ratio)) for p in (first, second)]
    shear = [p.youngs_modulus / (2.0 * (1.0 + p.poisson_ratio)) for p in (first, second)]
    return pole_stress_concentration(bulk[0] / bulk[1], shear[0] / shear[1], second.poisson_ratio)


def thermal_clamping(first: Polymer, second: Polymer, temperature: Values, setting_temperature: Values) -> Values:
    """Pressure of the matrix on a domain after cooling from the setting temperature, Pa.

    p = (alpha2 - alpha1) dT/[(1 + nu2)/(2 E2) + (1 - 2 nu1)/E1], dT = max(T_set - T, 0). Source: Selsing 1961.
    """
    cooling = np.maximum(setting_temperature - temperature, 0.0)
    compliance = (1.0 + second.poisson_ratio) / (2.0 * second.youngs_modulus) + (
        1.0 - 2.0 * first.poisson_ratio
    ) / first.youngs_modulus
    return (second.thermal_expansion - first.thermal_expansion) * cooling / compliance
