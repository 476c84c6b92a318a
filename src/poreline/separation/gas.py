"""Gas through the pores, and through the polymer between them: dusty gas, Knudsen and viscous parts, binary mixtures.

Structure enters every law as the conductance of the pores (transport porosity / tortuosity) and one hydraulic pore
diameter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from poreline.quantities.constants import GAS_CONSTANT
from poreline.quantities.fields import Values
from poreline.separation.root import bracketed_root

VISCOUS_CONSTANT = {"slit": 48.0, "cylinder": 32.0}
"""k_v of the mean velocity dp Dh^2 / (k_v mu L); Dh is the hydraulic diameter, twice the width of a slit."""
SURFACE_DIFFUSION_LIMIT = 2e-9
"""Pore diameter in m below which activated and surface diffusion, absent here, carry the gas."""
ADSORBED_LAYER = 0.35e-9
"""Thickness in m of the layer that a condensable vapour adsorbs on the pore wall."""

_FULLER = 1e-4 * 0.00143 * 1e5 * np.sqrt(0.5e-3)  # from cm2/s, bar and g/mol to the SI


def mean_molecular_speed(molar_mass: Values, temperature: Values) -> Values:
    """Mean speed of the molecules of a gas, sqrt(8 R T / (pi M)), m/s.

    `molar_mass` in kg/mol, `temperature` in K, broadcast together. Source: kinetic theory of gases.
    """
    return np.sqrt(8.0 * GAS_CONSTANT / np.pi * (temperature / molar_mass))


def mean_free_path(viscosity: Values, molar_mass: Values, temperature: Values, pressure: Values) -> Values:
    """Mean free path of the molecules of a gas, (mu / p) sqrt(pi R T / (2 M)), m.

    `viscosity` in Pa s, `molar_mass` in kg/mol, `temperature` in K, `pressure` in Pa, broadcast together.
    Source: kinetic theory of gases (the viscosity-based path).
    """
    return viscosity / pressure * np.sqrt(0.5 * np.pi * GAS_CONSTANT * (temperature / molar_mass))


def knudsen_diffusivity(pore_diameter: Values, molar_mass: Values, temperature: Values) -> Values:
    """Diffusivity of a gas whose molecules meet only the wall, D_K = Dh v / 3, m2/s.

    `pore_diameter` (hydraulic) in m, `molar_mass` in kg/mol, `temperature` in K, broadcast together. Exact for long
    cylinders with diffuse reflection; the factor 1.1-1.4 of slits is neglected. Source: Knudsen 1909.
    """
    return pore_diameter * mean_molecular_speed(molar_mass, temperature) / 3.0


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
    slip = mean_molecular_speed(molar_mass, temperature) / 3.0
    viscous = pore_diameter * (mean_pressure / (viscous_constant * viscosity))
    pores = (conductance * pore_diameter) * (slip + viscous) / (GAS_CONSTANT * temperature)
    return (pores + dense_permeability) / thickness


class GasOfPair(NamedTuple):
    """One gas of a binary mixture: what the mixture laws need to know of it (SI)."""

    molar_mass: Values
    viscosity: Values
    diffusion_volume: Values
    dense_permeability: Values = 0.0


class PairPermeation(NamedTuple):
    """What passes when a membrane is fed with a binary mixture (SI)."""

    permeance_first: Values
    permeance_second: Values
    permeate_fraction: Values
    """Mole fraction of the first gas in what passes."""
    selectivity: Values
    """Separation factor (y1/y2)/(x1/x2) of permeate over feed."""


def mixture_viscosity(first: GasOfPair, second: GasOfPair, mole_fraction: Values) -> Values:
    """Viscosity of a binary gas mixture, sum(y mu sqrt(M)) / sum(y sqrt(M)), Pa s; `mole_fraction` of the first gas.

    Source: Herning and Zipperer 1936, not re-read. Within a few per cent, up to 20 % with hydrogen or helium.
    """
    weight_first = mole_fraction * np.sqrt(first.molar_mass)
    weight_second = (1.0 - mole_fraction) * np.sqrt(second.molar_mass)
    return (weight_first * first.viscosity + weight_second * second.viscosity) / (weight_first + weight_second)


def permeation_pair(
    first: GasOfPair,
    second: GasOfPair,
    *,
    feed_fraction: Values,
    feed_pressure: Values,
    permeate_pressure: Values,
    conductance: Values,
    thickness: Values,
    pore_diameter: Values,
    temperature: Values,
    viscous_constant: float = VISCOUS_CONSTANT["slit"],
) -> PairPermeation:
    """Permeances and separation of a binary gas mixture.

    Each gas diffuses with 1/D_i = 1/D_K,i + (1 - (1 + N_j/N_i) y_i)/D_12, the two flux ratios being solved together
    (not set to the isobaric ratio of Graham: here a pressure difference drives both gases), is carried by the
    viscous flow, and passes the dense polymer beside. Assumes ideal gases, one temperature, gradients that are
    uniform through the thickness, composition and viscosity at the mean of feed and permeate, and a permeate that
    consists of what passes, unmixed (no sweep gas). Exact in the Knudsen, the viscous and the equal-gas limit.

    `feed_fraction` mole fraction of the first gas; pressures in Pa; the rest as in `permeance_gas`; broadcast
    together. NaN where the feed pressure does not exceed the permeate pressure.
    Source: dusty gas (Mason and Malinauskas 1983), not re-read; closure of this model.
    """
    mean_pressure = 0.5 * (feed_pressure + permeate_pressure)
    total_drive = feed_pressure - permeate_pressure
    knudsen_first = knudsen_diffusivity(pore_diameter, first.molar_mass, temperature)
    knudsen_second = knudsen_diffusivity(pore_diameter, second.molar_mass, temperature)
    bulk = bulk_diffusivity(
        first.molar_mass, second.molar_mass, first.diffusion_volume, second.diffusion_volume, temperature, mean_pressure
    )
    pores = conductance / (GAS_CONSTANT * temperature)
    flow = np.square(pore_diameter) * (mean_pressure / viscous_constant) * total_drive

    def fluxes(permeate_fraction: Values) -> tuple[Values, Values, Values, Values]:
        drive_first = feed_pressure * feed_fraction - permeate_pressure * permeate_fraction
        drive_second = total_drive - drive_first
        mean_fraction = (feed_pressure * feed_fraction + permeate_pressure * permeate_fraction) / (2.0 * mean_pressure)
        met_by_first = (
            mean_fraction * knudsen_second / bulk
        )  # collisions with the other gas, per collision with the wall
        met_by_second = (1.0 - mean_fraction) * knudsen_first / bulk
        both = 1.0 + met_by_first + met_by_second
        carried = flow / mixture_viscosity(first, second, mean_fraction)
        diffused_first = knudsen_first * (drive_first + met_by_first * total_drive) / both
        diffused_second = knudsen_second * (drive_second + met_by_second * total_drive) / both
        flux_first = pores * (diffused_first + mean_fraction * carried) + first.dense_permeability * drive_first
        flux_second = (
            pores * (diffused_second + (1.0 - mean_fraction) * carried) + second.dense_permeability * drive_second
        )
        return flux_first, flux_second, drive_first, drive_second

    def imbalance(permeate_fraction: Values) -> Values:
        flux_first, flux_second, _, _ = fluxes(permeate_fraction)
        largest = np.abs(flux_first) + np.abs(flux_second)
        return (flux_first * (1.0 - permeate_fraction) - flux_second * permeate_fraction) / np.where(
            largest > 0.0, largest, 1.0
        )

    shape = np.broadcast_shapes(*(np.shape(part) for part in (pores, flow, bulk, thickness, feed_fraction)))
    fraction: Values = bracketed_root(imbalance, np.zeros(shape), np.ones(shape), tolerance=1e-12)
    fraction = np.where(total_drive > 0.0, fraction, np.nan)
    flux_first, flux_second, drive_first, drive_second = fluxes(fraction)
    with np.errstate(divide="ignore", invalid="ignore"):
        return PairPermeation(
            flux_first / (drive_first * thickness),
            flux_second / (drive_second * thickness),
            fraction,
            fraction * (1.0 - feed_fraction) / ((1.0 - fraction) * feed_fraction),
        )
