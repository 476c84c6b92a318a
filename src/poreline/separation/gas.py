"""Gas through the pores, and through the polymer between them: Knudsen and viscous parts of the dusty gas.

Structure enters every law as the conductance of the pores (transport porosity / tortuosity) and one hydraulic pore
diameter.
"""

from __future__ import annotations

import numpy as np

from poreline.membrane.image.local_laws import mean_molecular_speed, tube_knudsen_diffusivity
from poreline.quantities.constants import GAS_CONSTANT
from poreline.quantities.fields import Values

VISCOUS_CONSTANT = {"slit": 48.0, "cylinder": 32.0}
"""k_v of the mean velocity dp Dh^2 / (k_v mu L); Dh is the hydraulic diameter, twice the width of a slit."""
SURFACE_DIFFUSION_LIMIT = 2e-9
"""Pore diameter in m below which activated and surface diffusion, absent here, carry the gas."""
ADSORBED_LAYER = 0.35e-9
"""Thickness in m of the layer that a condensable vapour adsorbs on the pore wall."""

_FULLER = 1e-4 * 0.00143 * 1e5 * np.sqrt(0.5e-3)  # from cm2/s, bar and g/mol to the SI


def mean_free_path(viscosity: Values, molar_mass: Values, temperature: Values, pressure: Values) -> Values:
    """Mean free path of the molecules of a gas, (mu / p) sqrt(pi R T / (2 M)), m.

    `viscosity` in Pa s, `molar_mass` in kg/mol, `temperature` in K, `pressure` in Pa, broadcast together.
    Source: kinetic theory of gases (the viscosity-based path).
    """
    return viscosity / pressure * np.sqrt(0.5 * np.pi * GAS_CONSTANT * (temperature / molar_mass))


def knudsen_diffusivity(pore_diameter: Values, molar_mass: Values, temperature: Values) -> Values:
    """Diffusivity of a gas whose molecules meet only the wall, m2/s: that of a tube as wide as the pores' hydraulic diameter.

    `pore_diameter` (hydraulic) in m, `molar_mass` in kg/mol, `temperature` in K, broadcast together. The law is
    `tube_knudsen_diffusivity`; the factor 1.1-1.4 of slits is neglected.
    """
    return tube_knudsen_diffusivity(pore_diameter, mean_molecular_speed(molar_mass, temperature))


def knudsen_selectivity(molar_mass_first: Values, molar_mass_second: Values) -> Values:
    """Ratio of the Knudsen permeances of two gases, sqrt(M_second / M_first)."""
    return np.sqrt(molar_mass_second / molar_mass_first)


def bulk_diffusivity(
    molar_mass_first: Values,
    molar_mass_second: Values,
    diffusion_volume_first: Values,
    diffusion_volume_second: Values,
    temperature: Values,
    pressure: Values,
) -> Values:
    """Binary diffusivity of two gases in free space, m2/s.

    D_12 = 0.00143 T^1.75 / (p M_12^(1/2) (v_1^(1/3) + v_2^(1/3))^2) in cm2/s, bar and g/mol, M_12 = 2/(1/M_1 + 1/M_2).
    Here molar masses in kg/mol, diffusion volumes in cm3/mol, `temperature` in K, `pressure` in Pa, broadcast
    together. About 5 % at low pressure. Source: Fuller, Schettler and Giddings 1966, in the form of Poling, Prausnitz
    and O'Connell 2001; constant compared with public codes.
    """
    inverse_masses = np.sqrt(1.0 / molar_mass_first + 1.0 / molar_mass_second)
    volumes = np.square(np.cbrt(diffusion_volume_first) + np.cbrt(diffusion_volume_second))
    return _FULLER * temperature**1.75 * inverse_masses / (pressure * volumes)


def graham_flux_ratio(molar_mass: Values, molar_mass_other: Values) -> Values:
    """Flux of the other gas over that of this one when both diffuse at uniform pressure, -sqrt(M / M_other).

    Source: Graham 1833; follows from the dusty gas equations without a pressure gradient.
    """
    return -np.sqrt(molar_mass / molar_mass_other)


def pore_diffusivity(knudsen: Values, bulk: Values, mole_fraction: Values = 0.0, flux_ratio: Values = -1.0) -> Values:
    """Diffusivity of one gas of a pair in a pore, 1/D = 1/D_K + (1 - a y)/D_12 with a = 1 + N_other/N, m2/s.

    `knudsen` D_K and `bulk` D_12 in m2/s, `mole_fraction` y of this gas, `flux_ratio` N_other/N; broadcast together.
    At uniform pressure a = 1 - sqrt(M / M_other) (`graham_flux_ratio`); with equal and opposite fluxes a = 0; for a
    trace y = 0 and D = 1/(1/D_K + 1/D_12). Source: Evans, Watson and Mason 1961, not re-read.
    """
    return 1.0 / (1.0 / knudsen + (1.0 - (1.0 + flux_ratio) * mole_fraction) / bulk)


def free_pore_diameter(pore_diameter: Values, layer: Values) -> Values:
    """Pore diameter that a layer of thickness `layer` on the wall leaves free, max(Dh - 2 layer, 0), m."""
    return np.maximum(pore_diameter - 2.0 * layer, 0.0)


def permeance_gas(
    *,
    conductance: Values,
    thickness: Values,
    pore_diameter: Values,
    molar_mass: Values,
    viscosity: Values,
    temperature: Values,
    mean_pressure: Values,
    viscous_constant: float = VISCOUS_CONSTANT["slit"],
    dense_permeability: Values = 0.0,
) -> Values:
    """Permeance to a single gas, mol/(m2 s Pa): Knudsen plus viscous flow in the pores, beside the dense polymer.

    (eps/tau) / (H R T) [Dh v / 3 + Dh^2 p / (k_v mu)] + P_dense / H, with `conductance` eps/tau, `thickness` H in m,
    hydraulic `pore_diameter` Dh in m, `molar_mass` in kg/mol, `viscosity` mu in Pa s, `temperature` in K,
    `mean_pressure` p of both sides in Pa, `dense_permeability` in mol/(m s Pa); broadcast together. Without a
    connected pore the conductance is zero and the dense permeance remains. Valid for Dh > 2 nm.
    Source: dusty gas, single species (Mason and Malinauskas 1983), not re-read.
    """
    knudsen = knudsen_diffusivity(pore_diameter, molar_mass, temperature)
    viscous = np.square(pore_diameter) * (mean_pressure / (viscous_constant * viscosity))
    pores = conductance * (knudsen + viscous) / (GAS_CONSTANT * temperature)
    return (pores + dense_permeability) / thickness
