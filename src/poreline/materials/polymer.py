"""A polymer as the line sees it: its numbers and their laws of temperature and rate."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from poreline.quantities.constants import BOLTZMANN, GAS_CONSTANT, ZERO_CELSIUS
from poreline.quantities.fields import Values, quantity

_ROOM = ZERO_CELSIUS + 23.0  # K, the temperature of the tabulated solid-state numbers
_SURFACE_REFERENCE = ZERO_CELSIUS + 20.0  # K, the temperature that melt surface tensions are extrapolated to
_BRITTLE_BREAK_RATIO = 1.05  # where the linear law of temperature would fall below it
_LOWEST_HARDENING_MODULUS = 0.2e6  # Pa, keeps the linear law of temperature positive near the melting point


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What a polymer needs to be drawn as the matrix: yield, hardening, cavitation, fibrils, break."""

    activation_volume: Values = quantity("m3", "Eyring activation volume of yield", symbol="V*", shown_in="nm3")
    log_rate_constant: Values = quantity("1", "natural logarithm of the Eyring rate constant in 1/s", symbol="ln e0")
    activation_enthalpy: Values = quantity(
        "J/mol", "Eyring activation enthalpy of yield", symbol="dH", shown_in="kJ/mol"
    )
    hardening_modulus_23c: Values = quantity("Pa", "strain-hardening modulus at 23 degC", symbol="G_R", shown_in="MPa")
    hardening_modulus_slope: Values = quantity(
        "Pa/K", "change of the strain-hardening modulus with temperature", symbol="dG_R/dT", shown_in="MPa/K"
    )
    yield_strain: Values = quantity("1", "elongation at yield", symbol="eps_y")
    break_ratio_23c: Values = quantity("1", "stretch ratio at break of the neat film at 23 degC", symbol="lam_max23")
    break_ratio_slope: Values = quantity("1/K", "change of the stretch ratio at break with temperature", symbol="slope")
    cavitation_stress: Values = quantity(
        "Pa", "polar hydrostatic stress at which half of the sites cavitate", symbol="sig_cav", shown_in="MPa"
    )
    cavitation_width: Values = quantity("Pa", "width of the cavitation threshold", symbol="w_cav", shown_in="MPa")
    fibril_surface_energy: Values = quantity(
        "J/m2", "surface energy of a fibril without chain scission", symbol="gamma"
    )
    entanglement_density: Values = quantity("1/m3", "number of entangled strands per volume", symbol="nu_e")
    entanglement_length: Values = quantity("m", "distance between entanglements", symbol="d_e", shown_in="nm")
    chain_scission_cold: Values = quantity(
        "1", "share of the crossed strands that break when fibrils form in the cold stretch", symbol="f_sc"
    )
    chain_scission_hot: Values = quantity(
        "1", "share of the crossed strands that break when fibrils form in a hot stretch", symbol="f_sc"
    )
    yield_factor: Values = quantity("1", "factor on the yield stress as a whole", symbol="", default=1.0)

    def yield_stress(self, rate: Values, temperature: Values) -> Values:
        """Eyring yield stress Y = factor (kT/V*) asinh(rate/e0 exp(dH/(R T))), Pa.

        `rate` tensile strain rate in 1/s, `temperature` in K, broadcast together. Valid 15-110 degC (PP, PMP),
        15-100 degC (HDPE), 15-85 degC (LDPE), 1e-4 to 10 1/s. Source: Ree and Eyring 1955; constants fitted to
        handbook yield stresses.
        """
        exponent = np.log(rate) - self.log_rate_constant + self.activation_enthalpy / (GAS_CONSTANT * temperature)
        # asinh(exp(x)) without overflow: for large x it is x + ln 2.
        arcsinh = np.where(exponent > 20.0, exponent + np.log(2.0), np.arcsinh(np.exp(np.minimum(exponent, 20.0))))
        return self.yield_factor * (BOLTZMANN * temperature / self.activation_volume) * arcsinh

    def hardening_modulus(self, temperature: Values) -> Values:
        """Strain-hardening modulus G_R(T), Pa; linear in temperature, not below 0.2 MPa. `temperature` in K."""
        linear = self.hardening_modulus_23c + self.hardening_modulus_slope * (temperature - _ROOM)
        return np.maximum(linear, _LOWEST_HARDENING_MODULUS)

    def break_ratio(self, temperature: Values) -> Values:
        """Stretch ratio at break of the neat film lam0(T), linear in temperature (K), not below that of a brittle film."""
        return np.maximum(self.break_ratio_23c + self.break_ratio_slope * (temperature - _ROOM), _BRITTLE_BREAK_RATIO)


@dataclass(frozen=True, kw_only=True)
class Polymer:
    """One polymer: densities, thermodynamics, melt flow, solid state, surface; as a matrix also its `drawing`."""

    name: str = field(compare=False)
    full_name: str = field(compare=False, default="")
    family: str = field(compare=False, default="")
    """polyolefin, polystyrene, polyester, acrylic, polycarbonate or polyamide."""
    kind: str = field(compare=False, default="")
    """The polyolefin's kind: polypropylene, polyethylene or poly(4-methyl-1-pentene); otherwise the polymer itself."""
    order: str = field(compare=False, default="")
    """amorphous or semicrystalline."""
    affinity: str = field(compare=False, default="")
    """hydrophobic or hydrophilic."""
    grade: str = field(compare=False, default="")
    """The grade that the viscosity fixes."""

    density_solid: Values = quantity("kg/m3", "density at 23 degC", symbol="rho", shown_in="g/cm3")
    density_melt: Values = quantity(
        "kg/m3", "density of the melt at the process temperature", symbol="rho_melt", shown_in="g/cm3"
    )
    solubility_parameter: Values = quantity(
        "Pa^0.5", "Hildebrand solubility parameter", symbol="delta", shown_in="MPa^0.5"
    )
    molar_mass: Values = quantity("kg/mol", "mass-average molar mass", symbol="M")
    glass_transition: Values = quantity("K", "glass transition temperature", symbol="Tg", shown_in="degC")
    melting_point: Values | None = quantity("K", "melting point", symbol="Tm", shown_in="degC", default=None)
    processing_temperature: Values = quantity("K", "usual melt temperature in a twin-screw mixer", shown_in="degC")
    viscosity_zero_shear: Values = quantity("Pa s", "zero-shear viscosity at the reference temperature", symbol="eta0")
    viscosity_reference_temperature: Values = quantity(
        "K", "reference temperature of the viscosity law", symbol="Tref", shown_in="degC"
    )
    viscosity_relaxation_time: Values = quantity(
        "s", "Cross relaxation time at the reference temperature", symbol="lambda"
    )
    viscosity_exponent: Values = quantity("1", "Cross power-law exponent", symbol="n")
    flow_activation_energy: Values = quantity(
        "J/mol", "Arrhenius activation energy of flow", symbol="Ea", shown_in="kJ/mol"
    )
    youngs_modulus: Values = quantity("Pa", "Young's modulus at 23 degC", symbol="E", shown_in="GPa")
    poisson_ratio: Values = quantity("1", "Poisson's ratio at 23 degC", symbol="nu")
    thermal_expansion: Values = quantity("1/K", "linear thermal expansion, mean 20-95 degC", symbol="alpha")
    surface_tension_20c: Values = quantity(
        "N/m", "surface tension of the melt extrapolated to 20 degC", symbol="gamma", shown_in="mN/m"
    )
    surface_tension_slope: Values = quantity(
        "N/(m K)", "change of the surface tension with temperature", symbol="dgamma/dT", shown_in="mN/(m K)"
    )
    surface_polarity: Values = quantity("1", "polar share of the surface tension", symbol="x_p")
    viscosity_factor: Values = quantity("1", "factor on the melt viscosity curve as a whole", symbol="", default=1.0)
    permeability: dict[str, Values] = field(default_factory=dict)
    """Permeability of the dense polymer by gas, mol/(m s Pa)."""
    drawing: Drawing | None = None

    def viscosity(self, shear_rate: Values, temperature: Values) -> Values:
        """Melt viscosity, Pa s: Cross law in shear rate (1/s), Arrhenius in temperature (K).

        a_T = exp(Ea/R (1/T - 1/Tref)), eta = eta0 a_T / (1 + (lambda a_T rate)^(1 - n)). Valid from Tm + 10 K to
        Tref +- 50 K. Source: Cross 1965.
        """
        shift = np.exp(
            self.flow_activation_energy
            / GAS_CONSTANT
            * (1.0 / temperature - 1.0 / self.viscosity_reference_temperature)
        )
        thinning = 1.0 + (self.viscosity_relaxation_time * shift * shear_rate) ** (1.0 - self.viscosity_exponent)
        return self.viscosity_factor * self.viscosity_zero_shear * shift / thinning

    def surface_tension(self, temperature: Values) -> Values:
        """Surface tension, N/m, linear in temperature (K)."""
        return self.surface_tension_20c + self.surface_tension_slope * (temperature - _SURFACE_REFERENCE)


GLASSY_STRESS_AT_TRANSITION = 5e6  # Pa
GLASSY_STRESS_SLOPE = 0.9e6  # Pa/K
_RIGID_MIDPOINT = 3.0  # K below the glass transition
_RIGID_WIDTH = 1.0  # K


def glassy_flow_stress(polymer: Polymer, temperature: Values) -> Values:
    """Flow stress of a glassy domain, Pa: 5 MPa + 0.9 MPa/K (Tg - T). A closure of this model; T in K."""
    return GLASSY_STRESS_AT_TRANSITION + GLASSY_STRESS_SLOPE * np.maximum(polymer.glass_transition - temperature, 0.0)


def rigid_share(polymer: Polymer, temperature: Values) -> Values:
    """Share of domains that are still rigid at `temperature` (K): a logistic 3 K below Tg, 1 K wide. Closure."""
    distance = (polymer.glass_transition - temperature - _RIGID_MIDPOINT) / _RIGID_WIDTH
    share: Values = 1.0 / (1.0 + np.exp(-np.clip(distance, -500.0, 500.0)))
    return share
