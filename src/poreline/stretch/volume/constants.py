"""Constants of the volume simulation. What both models use (adhesion, clamping, debonding) stands with the mean-field model."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.materials.priors import SHARE, Bounds, model_constant

_HEIGHT = Bounds(0.0, 1e300)


@dataclass(frozen=True, kw_only=True)
class VolumeConstants:
    """What the law of a voxel leans on beside the materials. Numbers in SI; "assumed" is a choice without data."""

    matrix_softening: float = model_constant(
        0.0193,
        "1/K",
        "fall of the matrix's modulus on heating, E(T) = E(23 degC) exp(-b (T - 23 degC))",
        source="assumed",
    )
    matrix_bulk_modulus: float = model_constant(
        1e9, "Pa", "bulk modulus of the matrix", symbol="K", source="assumed, soft on purpose: larger fictitious time steps", shown_in="MPa"
    )  # fmt: skip
    domain_bulk_modulus: float = model_constant(
        3e9,
        "Pa",
        "bulk modulus of a domain",
        symbol="K_d",
        source="assumed, typical of glassy polymers",
        shown_in="MPa",
    )
    domain_modulus_slope: float = model_constant(
        8e6, "Pa/K", "fall of a glassy domain's modulus on heating", source="assumed", shown_in="MPa/K"
    )
    domain_rubber_modulus: float = model_constant(
        5e6, "Pa", "modulus of a domain above its glass transition", source="assumed", shown_in="MPa"
    )
    domain_activation_volume: float = model_constant(
        1e-27, "m3", "Eyring activation volume of a glassy domain", symbol="V*_d", source="assumed", shown_in="nm3"
    )
    domain_network_modulus: float = model_constant(
        1e6, "Pa", "network modulus of a domain that never relaxes", symbol="G_e,d", source="assumed", shown_in="MPa"
    )
    domain_hardening_modulus: float = model_constant(
        3e6, "Pa", "hardening modulus of a domain", symbol="G_h,d", source="assumed", shown_in="MPa"
    )
    elastic_share: float = model_constant(
        0.3, "1", "share of the matrix's hardening modulus that is elastic; the rest slows the flow", source="assumed", bounds=SHARE
    )  # fmt: skip
    residual_modulus: float = model_constant(
        5e4, "Pa", "modulus that a broken voxel keeps", symbol="G_res", source="assumed, for stability", shown_in="MPa"
    )
    nucleation_pressure: float = model_constant(
        14e6, "Pa", "pressure that nucleates a craze in a matrix with a cavitation stress of 45 MPa", symbol="p_n",
        source="fitted to where PP cavitates: severely at 25-40 degC, not at 70-100 degC (Pawlak and Galeski 2010)", shown_in="MPa"
    )  # fmt: skip
    nucleation_share: float = model_constant(
        0.40, "1", "nucleation pressure over the yield stress at 20 degC and 0.01 1/s, for matrices other than PP", source="assumed, that of PP"
    )  # fmt: skip
    nucleation_fraction: float = model_constant(
        0.05, "1", "void fraction at which a craze is nucleated", symbol="f_n", source="assumed", bounds=SHARE
    )
    elongation_resistance: float = model_constant(
        0.05, "1", "rise of the nucleation pressure with orientation", symbol="k_o",
        source="fitted: without it the pure matrix voids at 70 degC", bounds=_HEIGHT
    )  # fmt: skip
    widening_fraction: float = model_constant(
        0.1, "1", "void fraction from which a craze hardens", symbol="f_w", source="assumed", bounds=SHARE
    )
    largest_fraction: float = model_constant(
        0.6, "1", "void fraction at which that hardening is in full", symbol="f_m", source="assumed", bounds=SHARE
    )
    widening_hardening: float = model_constant(
        1.0, "1", "height of that hardening", symbol="a_h", source="assumed", bounds=_HEIGHT
    )
    closing_pressure: float = model_constant(
        0.5e6, "Pa", "pressure that closes an open craze", symbol="p_close", source="assumed", shown_in="MPa"
    )
    break_elongation: float = model_constant(
        30.0, "1", "tr(B)/3 at which fibrils break", symbol="I_b", source="assumed"
    )
    break_fraction: float = model_constant(
        0.95, "1", "void fraction at which fibrils break", source="assumed", bounds=SHARE
    )
    break_opening: float = model_constant(
        100e-9, "m", "opening along the draw over which the fibrils of a voxel break, once they have begun", symbol="w_c",
        source="assumed, the crack width at which half of the fibrils of the microcracks have failed", shown_in="nm"
    )  # fmt: skip
    debonding_opening: float = model_constant(
        25e-9, "m", "opening along its normal over which a bare interface loses its strength", symbol="w_i",
        source="assumed, the bare adhesion of 0.5 J/m2 over the strength of 20 MPa", shown_in="nm"
    )  # fmt: skip
    healing_time: float = model_constant(
        100.0, "s", "time in which a young craze heals at the glass transition of the domains", symbol="t_h",
        source="assumed, the relaxation time that is taken to define a glass transition"
    )  # fmt: skip
    healing_fraction: float = model_constant(
        0.4, "1", "void fraction from which a craze does not heal, its fibrils being drawn", symbol="f_h", source="assumed", bounds=SHARE
    )  # fmt: skip
    interface_strength: float = model_constant(
        20e6, "Pa", "normal traction that starts the debonding of a bare interface", symbol="s_int",
        source="assumed, the strength criterion beside the energy criterion of debonding", shown_in="MPa"
    )  # fmt: skip
    scatter: float = model_constant(
        0.1, "1", "standard deviation of the logarithm of the local strength", source="assumed", bounds=_HEIGHT
    )
    scatter_length: float = model_constant(
        0.19, "1", "correlation length of the local strength over the domain diameter", source="assumed"
    )
    shell_modulus: float = model_constant(
        4e6, "Pa", "shear modulus of a copolymer shell", symbol="mu_c", source="assumed, a thermoplastic elastomer", shown_in="MPa"
    )  # fmt: skip
    shell_network_modulus: float = model_constant(
        2e6, "Pa", "network modulus of a resolved copolymer shell", source="assumed", shown_in="MPa"
    )
    bond_energy: float = model_constant(
        6e-19, "J", "energy of one chain scission", symbol="U", source="Kramer and Berger 1990"
    )
