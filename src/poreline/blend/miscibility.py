"""Whether two polymers demix, and how sure that is."""

from __future__ import annotations

import numpy as np

from poreline.quantities.constants import AVOGADRO, BOLTZMANN, GAS_CONSTANT
from poreline.quantities.fields import Values
from poreline.quantities.normal import normal_share

REFERENCE_VOLUME = 1e-4  # m3/mol, of one lattice site
SOLUBILITY_UNCERTAINTY = 300.0  # Pa^0.5, one standard deviation of a tabulated solubility parameter
STATISTICAL_SEGMENT = 0.67e-9  # m, of the reference volume


def interaction_parameter(first: Values, second: Values, temperature: Values) -> Values:
    """Flory interaction parameter chi = V_ref (delta1 - delta2)^2/(R T).

    Solubility parameters in Pa^0.5, temperature in K; dimensionless. Valid for pairs without specific interactions.
    Source: Hildebrand and Scott 1950.
    """
    return REFERENCE_VOLUME * (first - second) ** 2 / (GAS_CONSTANT * temperature)


def chain_length(molar_mass: Values, density_melt: Values) -> Values:
    """Number of lattice sites of a chain, N = M/(rho V_ref)."""
    return molar_mass / (density_melt * REFERENCE_VOLUME)


def critical_interaction_parameter(length_first: Values, length_second: Values) -> Values:
    """chi_c = (N1^-1/2 + N2^-1/2)^2/2 at the critical point of two chains. Source: Flory 1953, Scott 1949."""
    return 0.5 * (length_first**-0.5 + length_second**-0.5) ** 2


def spinodal_interaction_parameter(length_first: Values, length_second: Values, fraction_first: Values) -> Values:
    """chi_s = [1/(N1 phi) + 1/(N2 (1 - phi))]/2, above which the mixture at phi demixes by itself. Source: Flory 1953."""
    fraction = np.clip(fraction_first, 1e-9, 1.0 - 1e-9)
    return 0.5 * (1.0 / (length_first * fraction) + 1.0 / (length_second * (1.0 - fraction)))


def immiscibility_probability(first: Values, second: Values, spinodal: Values, temperature: Values) -> Values:
    """Probability that chi exceeds its spinodal value when both solubility parameters are uncertain by 0.3 MPa^0.5.

    Exact for normal errors: the difference of the two is normal with sqrt(2) times the standard deviation.
    """
    critical = np.sqrt(spinodal * GAS_CONSTANT * temperature / REFERENCE_VOLUME)
    difference = first - second
    spread = SOLUBILITY_UNCERTAINTY * np.sqrt(2.0)
    return 1.0 - normal_share((critical - difference) / spread) + normal_share((-critical - difference) / spread)


def interface_width(chi: Values) -> Values:
    """Width of a bare interface a_I = 2 b/sqrt(6 chi), m. Source: Helfand and Tagami 1972."""
    return 2.0 * STATISTICAL_SEGMENT / np.sqrt(6.0 * np.maximum(chi, 1e-12))


def helfand_tagami_tension(chi: Values, temperature: Values) -> Values:
    """Tension of a bare interface kT rho_0 b sqrt(chi/6), N/m. Source: Helfand and Tagami 1972."""
    return BOLTZMANN * temperature * AVOGADRO / REFERENCE_VOLUME * STATISTICAL_SEGMENT * np.sqrt(chi / 6.0)
