"""The blend: domains of the first polymer in the second."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.materials import Copolymer, InterfacialTension, Polymer
from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class Substances:
    """The materials of one blend."""

    first: Polymer
    second: Polymer
    tension: InterfacialTension
    copolymer: Copolymer | None = None
    anchored: bool = True
    """Whether the copolymer's end blocks entangle with the first polymer."""


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """Masses of the components, in any one unit."""

    first: Values = quantity("1", "parts by weight of the first polymer")
    second: Values = quantity("1", "parts by weight of the second polymer")
    copolymer: Values = quantity("1", "parts by weight of the compatibiliser", default=0.0)


@dataclass(frozen=True, kw_only=True)
class Blend:
    """A mixed blend: its volume fractions, thermodynamics, rheology, and its domains."""

    substances: Substances
    first_volume_fraction: Values = quantity(
        "1", "volume fraction of the first polymer in the solid", symbol="phi", shown_in="%"
    )
    copolymer_volume_fraction: Values = quantity(
        "1", "volume fraction of the copolymer in the solid", symbol="phi_c", shown_in="%"
    )
    first_volume_fraction_melt: Values = quantity(
        "1", "volume fraction of the first polymer in the melt", symbol="phi_1", shown_in="%"
    )
    copolymer_volume_fraction_melt: Values = quantity(
        "1", "volume fraction of the copolymer in the melt", symbol="phi_c", shown_in="%"
    )
    mixing_temperature: Values = quantity("K", "melt temperature in the mixer", shown_in="degC")
    interaction_parameter: Values = quantity(
        "1",
        "Flory interaction parameter at the mixing temperature",
        symbol="chi",
        method="solubility parameters (Hildebrand)",
    )
    critical_interaction_parameter: Values = quantity(
        "1", "interaction parameter at the critical point", symbol="chi_c", method="Flory-Huggins"
    )
    segregation_degree: Values = quantity(
        "1",
        "interaction parameter over its spinodal value at this composition",
        symbol="chi/chi_s",
        method="Flory-Huggins",
    )
    immiscibility_probability: Values = quantity(
        "1",
        "probability that the pair is immiscible, solubility parameters being uncertain",
        symbol="P_imm",
        method="Flory-Huggins, delta +- 0.3 MPa^0.5",
    )
    interface_width: Values = quantity(
        "m", "width of the bare interface", symbol="a_I", shown_in="nm", method="Helfand and Tagami 1972"
    )
    viscosity_first: Values = quantity(
        "Pa s", "viscosity of the first polymer in the mixer", symbol="eta_1", method="Cross-Arrhenius"
    )
    viscosity_second: Values = quantity(
        "Pa s", "viscosity of the second polymer in the mixer", symbol="eta_2", method="Cross-Arrhenius"
    )
    viscosity_ratio: Values = quantity(
        "1", "viscosity of the first polymer over that of the second", symbol="p", method="Cross-Arrhenius"
    )
    viscosity_second_line: Values = quantity(
        "Pa s", "viscosity of the second polymer in the film line", symbol="eta_2", method="Cross-Arrhenius"
    )
    viscosity_ratio_line: Values = quantity(
        "1", "viscosity ratio in the film line", symbol="p", method="Cross-Arrhenius"
    )
    interfacial_tension: Values = quantity(
        "N/m", "tension of the bare interface in the mixer", symbol="Gamma12", shown_in="mN/m"
    )
    interfacial_tension_effective: Values = quantity(
        "N/m", "tension of the covered interface in breakup", symbol="Gamma_eff", shown_in="mN/m"
    )
    breakup_diameter: Values = quantity(
        "m", "domain diameter by breakup alone", symbol="d_b", shown_in="um", method="Wu 1987"
    )
    mixed_diameter: Values = quantity(
        "m", "domain diameter that leaves the mixer", symbol="d_1", shown_in="um", method="breakup and coalescence"
    )
    domain_diameter_blend: Values = quantity(
        "m",
        "number-median diameter of the domains that leave the mixer and the film line",
        symbol="d",
        shown_in="um",
        method="breakup (Wu 1987), coalescence, coarsening in the film line",
    )
    domain_diameter_spread_blend: Values = quantity(
        "1", "geometric standard deviation of the domain diameter", symbol="sigma_g", method="lognormal by number"
    )
    copolymer_coverage_blend: Values = quantity(
        "1",
        "share of the interface that the copolymer covers",
        symbol="theta",
        shown_in="%",
        method="emulsification law (Tang and Huang 1994)",
    )
    copolymer_areal_density_blend: Values = quantity(
        "1/m2", "copolymer chains per area of interface", symbol="Sigma", shown_in="1/nm2"
    )
    coverage_residual: Values = quantity("1", "last change of the coverage in the solution of size and coverage")
    capillary_number: Values = quantity(
        "1", "viscous over interfacial stress on a domain in the mixer", symbol="Ca", method="Taylor 1934"
    )
    capillary_number_critical: Values = quantity(
        "1",
        "capillary number at which a Newtonian drop breaks in simple shear, for comparison",
        symbol="Ca_c",
        method="de Bruyn 1989 after Grace 1982",
    )
