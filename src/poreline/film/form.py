"""Blend to film: one function per process, one door."""

from __future__ import annotations

from typing import Any

import numpy as np

from poreline.blend import Blend, BlendConstants, LineShear
from poreline.blend.copolymer import settled_coverage
from poreline.film import casting, extrusion, spray
from poreline.film.film import Film
from poreline.quantities.fields import Values
from poreline.recipe import Extrusion, FilmForming, Measured, MeltCasting, SolutionCasting, Spraying

NORMAL_95 = 1.645


def line_shear(forming: FilmForming) -> LineShear | None:
    """The shear that the melt meets between mixer and film; none where the film is made from a liquid."""
    if isinstance(forming, Extrusion | MeltCasting):
        return LineShear(shear_rate=forming.shear_rate, total_shear=forming.total_shear)
    return None


def form(
    blend: Blend, forming: FilmForming, constants: BlendConstants | None = None, measured: Measured | None = None
) -> Film:
    """Make a film of a blend by the recipe's process."""
    constants, measured = constants or BlendConstants(), measured or Measured()
    if isinstance(forming, Extrusion):
        film = _extruded(blend, forming)
    elif isinstance(forming, MeltCasting):
        film = _melt_cast(blend, forming)
    elif isinstance(forming, SolutionCasting):
        film = _solution_cast(blend, forming, constants, measured)
    else:
        film = _sprayed(blend, forming, constants, measured)
    if measured.film_thickness is not None:
        film["film_thickness_unstretched"] = measured.film_thickness
    if measured.domain_diameter is not None:
        film["domain_diameter_median"] = measured.domain_diameter
    if measured.domain_diameter_spread is not None:
        film["domain_diameter_spread"] = measured.domain_diameter_spread
    film["domain_diameter_large"] = film["domain_diameter_median"] * film["domain_diameter_spread"] ** NORMAL_95
    return Film(blend=blend, **film)


def _as_mixed(blend: Blend, thickness: Values) -> dict[str, Any]:
    """The fields of a film in which the domains are as mixing left them."""
    return {
        "film_thickness_unstretched": thickness,
        "domain_diameter_median": blend.domain_diameter_blend,
        "domain_diameter_spread": blend.domain_diameter_spread_blend,
        "copolymer_coverage": blend.copolymer_coverage_blend,
        "copolymer_areal_density": blend.copolymer_areal_density_blend,
        "domain_aspect_ratio": 1.0,
        "yield_factor": 1.0,
        "cavitation_factor": 1.0,
        "residual_porosity": 0.0,
    }


def _extruded(blend: Blend, forming: Extrusion) -> dict[str, Any]:
    film = _as_mixed(blend, extrusion.film_thickness(forming))
    if forming.draw_time is not None:
        relaxation = extrusion.relaxation_time(
            blend.domain_diameter_blend / 2.0,
            blend.viscosity_second_line,
            blend.interfacial_tension_effective,
            blend.viscosity_ratio_line,
            blend.first_volume_fraction_melt,
        )
        elongation = extrusion.drop_elongation(
            extrusion.draw_down(forming), forming.draw_time, relaxation, blend.viscosity_ratio_line
        )
        film["domain_aspect_ratio"] = extrusion.aspect_ratio(elongation)
    return film


def _melt_cast(blend: Blend, forming: MeltCasting) -> dict[str, Any]:
    film = _as_mixed(blend, forming.thickness)
    film["domain_diameter_median"] = blend.domain_diameter_blend * casting.coarsening_at_rest(
        forming.melt_time, blend.copolymer_coverage_blend
    )
    film["yield_factor"], film["cavitation_factor"] = casting.cooling_factors(forming.cooling_rate)
    return film


def _solution_cast(
    blend: Blend, forming: SolutionCasting, constants: BlendConstants, measured: Measured
) -> dict[str, Any]:
    film = _as_mixed(blend, casting.solution_thickness(forming))
    if forming.suspension:
        return film
    if measured.domain_diameter is not None:
        return film | _covered_from_solution(blend, measured.domain_diameter, constants, tension_acts=False)
    bare = casting.viscous_coarsening(blend.interfacial_tension, forming)
    return film | _covered_from_solution(blend, bare, constants, tension_acts=True)


def _sprayed(blend: Blend, forming: Spraying, constants: BlendConstants, measured: Measured) -> dict[str, Any]:
    film = _as_mixed(blend, forming.thickness)
    largest = spray.largest_domain(forming.droplet_diameter, forming.solids, blend.first_volume_fraction)
    if forming.suspension:
        film["domain_diameter_median"] = np.minimum(blend.domain_diameter_blend, largest)
    else:
        diameter = largest if measured.domain_diameter is None else measured.domain_diameter
        film |= _covered_from_solution(blend, diameter, constants, tension_acts=False)
    film["domain_diameter_spread"] = spray.broadened(film["domain_diameter_spread"])
    film["residual_porosity"] = forming.residual_porosity
    film["splats_per_thickness"] = spray.splats(forming.thickness, forming.droplet_diameter, forming.solids)
    return film


def _covered_from_solution(
    blend: Blend, bare_diameter: Values, constants: BlendConstants, *, tension_acts: bool
) -> dict[str, Any]:
    """Domain size, spread and coverage when the copolymer meets the interface in a common solvent.

    Where tension drives the coarsening (`tension_acts`), a covered interface coarsens less, so size and coverage are
    solved together, as in the melt.
    """
    copolymer = blend.substances.copolymer

    def diameter_at(covered: Values) -> Values:
        return bare_diameter * (1.0 - (1.0 - constants.tension_floor) * covered) if tension_acts else bare_diameter

    covered: Values = np.zeros(np.shape(blend.first_volume_fraction_melt))
    if copolymer is not None:
        reached = constants.uptake_solution * (1.0 if blend.substances.anchored else copolymer.foreign_uptake)
        covered, _ = settled_coverage(
            diameter_at, reached, blend.copolymer_volume_fraction_melt, copolymer, blend.first_volume_fraction_melt
        )
    diameter = diameter_at(covered)
    return {
        "domain_diameter_median": diameter,
        "domain_diameter_spread": constants.domain_spread_bare - constants.domain_spread_narrowing * covered,
        "copolymer_coverage": covered,
        "copolymer_areal_density": covered * (copolymer.saturation_density if copolymer else 0.0),
    }
