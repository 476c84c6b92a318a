"""Recipe to blend: volume fractions, rheology, and the domain size that mixing and the film line leave."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from poreline.blend import breakup as breakup_law
from poreline.blend import miscibility
from poreline.blend.blend import Amounts, Blend, Substances
from poreline.blend.breakup import breakup_diameter
from poreline.blend.coalescence import line_growth, mixer_growth
from poreline.blend.constants import BlendConstants
from poreline.blend.copolymer import coverage, effective_tension, settled_coverage, uptake
from poreline.materials import Polymer
from poreline.quantities.fields import Values
from poreline.recipe import Measured, Mixing


@dataclass(frozen=True, kw_only=True)
class LineShear:
    """Shear that the melt meets between mixer and film; none for a film cast or sprayed from a liquid."""

    shear_rate: Values
    total_shear: Values


def volume_fractions(amounts: Amounts, densities: tuple[Values, Values, Values]) -> tuple[Values, Values]:
    """Volume fractions of the first polymer and of the copolymer from masses and the densities (first, second, copolymer).

    phi_i = (w_i/rho_i)/sum(w_j/rho_j). The copolymer is its own volume, at the interface and in the matrix.
    """
    first, second, copolymer = (
        w / rho for w, rho in zip((amounts.first, amounts.second, amounts.copolymer), densities, strict=True)
    )
    total = first + second + copolymer
    return first / total, copolymer / total


def _thermodynamics(
    first: Polymer, second: Polymer, temperature: Values, fraction: Values, measured_chi: Values | None
) -> dict[str, Values]:
    """Whether the pair demixes; a measured interaction parameter decides in place of the solubility parameters."""
    length_first = miscibility.chain_length(first.molar_mass, first.density_melt)
    length_second = miscibility.chain_length(second.molar_mass, second.density_melt)
    spinodal = miscibility.spinodal_interaction_parameter(length_first, length_second, fraction)
    if measured_chi is None:
        delta_first, delta_second = first.solubility_parameter, second.solubility_parameter
        chi = miscibility.interaction_parameter(delta_first, delta_second, temperature)
        probability = miscibility.immiscibility_probability(delta_first, delta_second, spinodal, temperature)
    else:
        chi = measured_chi
        probability = np.where(chi > spinodal, 1.0, 0.0)
    return {
        "interaction_parameter": chi,
        "critical_interaction_parameter": miscibility.critical_interaction_parameter(length_first, length_second),
        "segregation_degree": chi / spinodal,
        "immiscibility_probability": probability,
        "interface_width": miscibility.interface_width(chi),
    }


@dataclass(frozen=True, kw_only=True)
class _Shear:
    """What breaks drops at one place of the line: viscosity ratio, viscosity of the matrix (Pa s), shear rate (1/s)."""

    ratio: Values
    viscosity: Values
    rate: Values


@dataclass(frozen=True)
class _Domains:
    breakup: Values
    mixed: Values
    median: Values
    covered: Values
    tension: Values
    residual: Values = 0.0


def mix(
    amounts: Amounts,
    mixing: Mixing,
    line: LineShear | None,
    substances: Substances,
    constants: BlendConstants | None = None,
    measured: Measured | None = None,
) -> Blend:
    """Mix a blend in the melt; `line` is the shear between mixer and film.

    mixing.temperature must be given (the recipe's default is filled in before). Domain size and coverage depend on one
    another and are solved together by damped fixed-point iteration.
    """
    constants, measured = constants or BlendConstants(), measured or Measured()
    if mixing.temperature is None:
        raise ValueError("the mixing temperature must be resolved before mixing")
    first, second, copolymer = substances.first, substances.second, substances.copolymer
    temperature, rate = mixing.temperature, mixing.shear_rate
    solid = volume_fractions(
        amounts, (first.density_solid, second.density_solid, copolymer.density_solid if copolymer else 1.0)
    )
    melt = volume_fractions(
        amounts, (first.density_melt, second.density_melt, copolymer.density_melt if copolymer else 1.0)
    )

    law_first, law_second = first.viscosity(rate, temperature), second.viscosity(rate, temperature)
    eta_first = law_first if measured.viscosity_first is None else measured.viscosity_first
    eta_second = law_second if measured.viscosity_second is None else measured.viscosity_second
    ratio = eta_first / eta_second
    line_rate = rate if line is None else line.shear_rate
    # A measured viscosity shifts the whole curve of its polymer.
    eta_second_line = second.viscosity(line_rate, temperature) * (eta_second / law_second)
    eta_first_line = first.viscosity(line_rate, temperature) * (eta_first / law_first)

    tension = substances.tension.at(temperature, first, second)
    domains = _domains(
        melt,
        tension,
        _Shear(ratio=ratio, viscosity=eta_second, rate=rate),
        None
        if line is None
        else _Shear(ratio=eta_first_line / eta_second_line, viscosity=eta_second_line, rate=line.shear_rate),
        line,
        mixing,
        substances,
        constants,
    )
    if measured.domain_diameter is not None:
        domains = _at_measured_size(domains, measured.domain_diameter, tension, melt, mixing, substances, constants)

    thermodynamics = _thermodynamics(first, second, temperature, solid[0], measured.interaction_parameter)
    spread = constants.domain_spread_bare - constants.domain_spread_narrowing * domains.covered
    return Blend(
        substances=substances,
        first_volume_fraction=solid[0],
        copolymer_volume_fraction=solid[1],
        first_volume_fraction_melt=melt[0],
        copolymer_volume_fraction_melt=melt[1],
        mixing_temperature=temperature,
        **thermodynamics,
        viscosity_first=eta_first,
        viscosity_second=eta_second,
        viscosity_ratio=ratio,
        viscosity_second_line=eta_second_line,
        viscosity_ratio_line=eta_first_line / eta_second_line,
        interfacial_tension=tension,
        interfacial_tension_effective=domains.tension,
        breakup_diameter=domains.breakup,
        mixed_diameter=domains.mixed,
        domain_diameter_blend=domains.median,
        domain_diameter_spread_blend=spread
        if measured.domain_diameter_spread is None
        else measured.domain_diameter_spread,
        copolymer_coverage_blend=domains.covered,
        coverage_residual=domains.residual,
        capillary_number=breakup_law.capillary_number(eta_second, rate, domains.mixed / 2.0, domains.tension),
        capillary_number_critical=breakup_law.critical_capillary_shear(ratio),
        copolymer_areal_density_blend=domains.covered * (copolymer.saturation_density if copolymer else 0.0),
    )


def _domains(
    melt: tuple[Values, Values],
    tension: Values,
    mixer: _Shear,
    in_line: _Shear | None,
    line: LineShear | None,
    mixing: Mixing,
    substances: Substances,
    constants: BlendConstants,
) -> _Domains:
    """Domain size and coverage that agree with one another."""
    fraction, fraction_copolymer = melt

    def sizes(covered: Values) -> _Domains:
        effective = effective_tension(tension, covered, constants.tension_floor)
        wu = (constants.breakup_coefficient, constants.breakup_viscosity_exponent)
        growth = mixer_growth(fraction, covered, constants.coalescence_coefficient)
        breakup = breakup_diameter(effective, mixer.ratio, mixer.viscosity, mixer.rate, *wu)
        mixed = breakup * growth
        if line is None or in_line is None:
            return _Domains(breakup, mixed, mixed, covered, effective)
        # Coarsening in the line ends where breakup at the line's own shear rate would hold the drops.
        held = breakup_diameter(effective, in_line.ratio, in_line.viscosity, in_line.rate, *wu) * growth
        coarsened = mixed * line_growth(fraction, covered, constants.line_coalescence_probability, line.total_shear)
        return _Domains(breakup, mixed, np.minimum(coarsened, np.maximum(mixed, held)), covered, effective)

    copolymer = substances.copolymer
    if copolymer is None:
        return sizes(np.zeros(np.shape(fraction)))
    reached = uptake(mixing, copolymer, constants, anchored=substances.anchored)
    covered, residual = settled_coverage(
        lambda covered: sizes(covered).median, reached, fraction_copolymer, copolymer, fraction
    )
    return replace(sizes(covered), residual=residual)


def _at_measured_size(
    domains: _Domains,
    diameter: Values,
    bare_tension: Values,
    melt: tuple[Values, Values],
    mixing: Mixing,
    substances: Substances,
    constants: BlendConstants,
) -> _Domains:
    """The domains at the size that was measured: the copolymer covers the interface that there is."""
    covered = domains.covered
    copolymer = substances.copolymer
    if copolymer is not None:
        reached = uptake(mixing, copolymer, constants, anchored=substances.anchored)
        covered = coverage(reached, melt[1], copolymer, diameter, melt[0])
    tension = effective_tension(bare_tension, covered, constants.tension_floor)
    return replace(domains, median=diameter, covered=covered, tension=tension)
