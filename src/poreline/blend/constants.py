"""Constants of the mixing laws, with their priors."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.materials.priors import SHARE, Bounds, Prior, model_constant
from poreline.quantities.fields import Values


@dataclass(frozen=True, kw_only=True)
class BlendConstants:
    """What the domain size leans on. Every constant may be replaced by name in a recipe's [parameters]."""

    breakup_coefficient: Values = model_constant(
        4.0, "1", "prefactor of the breakup size", symbol="C_W", prior=Prior("lognormal", 1.3), source="Wu 1987"
    )
    breakup_viscosity_exponent: Values = model_constant(
        0.84, "1", "exponent of the viscosity ratio in the breakup size", source="Wu 1987"
    )
    coalescence_coefficient: Values = model_constant(
        10.0, "1", "growth by coalescence in the mixer per volume fraction", symbol="k_co", prior=Prior("lognormal", 1.5),
        source="fitted to Lepers, Favis and Tabar 1997", bounds=Bounds(0.0, 1e300))  # fmt: skip
    line_coalescence_probability: Values = model_constant(
        0.015, "1", "probability that a collision in the film line ends in coalescence", symbol="P_0", prior=Prior("lognormal", 1.6),
        source="assumed", bounds=SHARE)  # fmt: skip
    tension_floor: Values = model_constant(
        0.55, "1", "tension of a saturated interface over the bare one, in breakup", symbol="r_G", prior=Prior("normal", 0.1, 0.15, 1.0),
        source="fitted to the 1/99 blend of Lepers, Favis and Tabar 1997", bounds=SHARE)  # fmt: skip
    uptake_premix_first: Values = model_constant(
        0.35, "1", "share of the copolymer that reaches the interface when premixed with the first polymer", symbol="eta_mix",
        prior=Prior("lognormal", 1.5), source="estimated; order as Zhao et al. 2018", bounds=SHARE)  # fmt: skip
    uptake_simultaneous: Values = model_constant(
        0.25, "1", "share of the copolymer that reaches the interface when all is mixed at once", symbol="eta_mix",
        prior=Prior("lognormal", 1.5), source="estimated; order as Zhao et al. 2018", bounds=SHARE)  # fmt: skip
    uptake_premix_second: Values = model_constant(
        0.15, "1", "share of the copolymer that reaches the interface when premixed with the second polymer", symbol="eta_mix",
        prior=Prior("lognormal", 1.5), source="estimated; order as Zhao et al. 2018", bounds=SHARE)  # fmt: skip
    uptake_solution: Values = model_constant(
        0.60, "1", "share of the copolymer that reaches the interface in a common solvent", symbol="eta_mix",
        prior=Prior("lognormal", 1.5), source="assumed: the chains are mobile", bounds=SHARE)  # fmt: skip
    domain_spread_bare: Values = model_constant(
        1.60,
        "1",
        "geometric standard deviation of the domain diameter without copolymer",
        symbol="sigma_g",
        source="estimated, typical 1.4-1.8",
        bounds=Bounds(1.0, 1e3),
    )
    domain_spread_narrowing: Values = model_constant(
        0.15, "1", "narrowing of the domain distribution at full coverage", source="estimated", bounds=SHARE
    )
