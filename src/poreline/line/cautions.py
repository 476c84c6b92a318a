"""What to be cautious about in a result: the physics behind it, and the limits of the laws that it leans on."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from poreline.blend import Blend
from poreline.film import Film
from poreline.film.spray import FEWEST_SPLATS
from poreline.line.evaluate import LineResult
from poreline.line.plan import Plan
from poreline.line.run import Outcome
from poreline.materials import Materials
from poreline.quantities import format_quantity, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.quantities.faults import Caution
from poreline.recipe import Recipe
from poreline.stretch import StretchedFilm

_MISCIBLE, _IMMISCIBLE = 0.05, 0.95
_SMALLEST_DEGREE = 2.0
_COCONTINUOUS = 0.45
_DILUTE = 0.005  # volume fraction of first polymer
_NO_SHEAR_BREAKUP = 4.0
_FIBRILLAR = 12.0
_COARSE = 10e-6  # m
_YIELD_RATES = (1e-4, 10.0)  # 1/s
_YIELD_TEMPERATURES = {
    "PP": (15, 110),
    "PMP": (15, 110),
    "HDPE": (15, 100),
    "LDPE": (15, 85),
}  # degC, of the Eyring fits
_LIKELY_BREAK = 0.05
_LARGEST_RESIDUAL = 1e-6  # of the coverage
_STEP_IN_TEMPERATURE = 20.0  # K below the hottest step from which a hot step looks like a cold one
_COLD_FIT = 0.4  # elongation up to which the cold opening rate was fitted


def line_cautions(recipe: Recipe, plan: Plan, nominal: LineResult, materials: Materials) -> Iterator[Caution]:
    """Cautions about a simulated line at its nominal parameters."""
    assert nominal.blend is not None  # a plan that makes a membrane has every stage
    assert nominal.film is not None
    assert nominal.stretched is not None
    yield from _blend(recipe, nominal.blend, materials)
    yield from _film(nominal.film, float(nominal.stretched.film_thickness))
    yield from _validity(plan)
    yield from _stretch(plan, nominal.stretched)


def verdict_on_miscibility(blend: Blend) -> str:
    """immiscible, miscible or uncertain, by the solubility parameters alone."""
    probability = float(np.asarray(blend.immiscibility_probability))
    if probability >= _IMMISCIBLE and float(np.asarray(blend.segregation_degree)) >= _SMALLEST_DEGREE:
        return "immiscible"
    return "miscible" if probability <= _MISCIBLE else "uncertain"


def _blend(recipe: Recipe, blend: Blend, materials: Materials) -> Iterator[Caution]:
    first, second = blend.substances.first.name, blend.substances.second.name
    phi, ratio = float(blend.first_volume_fraction_melt), float(blend.viscosity_ratio)
    verdict = verdict_on_miscibility(blend)
    listed = materials.known_immiscible(first, second)
    if verdict != "immiscible" and not listed:
        text = (
            f"{first} and {second} may mix (probability of demixing {float(blend.immiscibility_probability):.2f} by solubility "
            "parameters): without domains the membrane has no first polymer. Give a measured pair."
        )
        yield Caution("miscible-pair" if verdict == "miscible" else "miscibility-uncertain", text)
    elif verdict != "immiscible":
        yield Caution(
            "miscibility-by-list",
            f"The solubility parameters do not decide whether {first} and {second} demix; the pair is known to.",
        )
    if phi < _DILUTE:
        text = (
            f"At {100 * phi:.2g} vol% of first polymer there are hardly any domains: what is left are the matrix's own microcracks, "
            "outside what the model was fitted to, and their size and connection are not to be relied on."
        )
        yield Caution("no-first-polymer" if phi <= 0.0 else "few-domains", text)
    matrix = 1.0 - phi - float(blend.copolymer_volume_fraction_melt)
    if phi >= _COCONTINUOUS or phi > ratio * matrix:
        yield Caution(
            "co-continuous",
            f"At {100 * phi:.0f} vol% and a viscosity ratio of {ratio:.2g} both polymers may be continuous (Jordhamo): the domain picture ends there.",
        )
    if ratio > _NO_SHEAR_BREAKUP:
        yield Caution(
            "no-shear-breakup",
            f"At a viscosity ratio of {ratio:.2g} simple shear cannot break the domains; the size leans on the elongational flow of the mixer.",
        )
    if not blend.substances.anchored and blend.substances.copolymer is not None:
        yield Caution(
            "copolymer-not-anchored",
            f"The end blocks of {blend.substances.copolymer.name} do not entangle with {first}: less of it reaches the interface and it holds less (assumed).",
        )
    if recipe.composition is not None and recipe.composition.additives:
        names = ", ".join(printable(additive.name) for additive in recipe.composition.additives)
        yield Caution(
            "additives-ignored",
            f"Additives ({names}) are weighed out and judged by the claims; they play no part in the physics.",
        )


def _film(film: Film, thickness: float) -> Iterator[Caution]:
    large = float(film.domain_diameter_large)
    shown = format_quantity(large, "um", 3)
    if large > thickness / 4.0:
        yield Caution(
            "pinhole-risk",
            f"The largest domains ({shown}) span over a quarter of the drawn film ({format_quantity(thickness, 'um', 3)}): pinholes are likely.",
        )
    elif large > float(film.film_thickness_unstretched) / 10.0:
        yield Caution("large-domains", f"Fewer than ten of the large domains ({shown}) fit across the film.")
    if float(film.domain_diameter_median) > _COARSE:
        yield Caution(
            "coarse-domains",
            f"Domains of {format_quantity(float(film.domain_diameter_median), 'um', 3)} are too coarse to be uniform.",
        )
    if float(film.domain_aspect_ratio) > _FIBRILLAR:
        yield Caution(
            "fibrillar-domains",
            f"Domains drawn out to an aspect ratio of {float(film.domain_aspect_ratio):.1f} are fibrils: outside the domain picture of the claims.",
        )
    if film.splats_per_thickness is not None and float(film.splats_per_thickness) < FEWEST_SPLATS:
        yield Caution(
            "few-splats",
            f"Only {float(film.splats_per_thickness):.1f} dried droplets lie on one another: pinholes are likely below {FEWEST_SPLATS:g}.",
        )


def _validity(plan: Plan) -> Iterator[Caution]:
    low, high = _YIELD_TEMPERATURES.get(plan.substances.second.name, (-math.inf, math.inf))
    for index, step in enumerate(plan.steps):
        celsius = step.temperature - ZERO_CELSIUS
        if not low - 0.5 <= celsius <= high + 0.5:
            yield Caution(
                "yield-law-temperature",
                f"stretch[{index}] at {celsius:.4g} degC is outside {low}-{high} degC, where the yield stress of {plan.substances.second.name} was fitted.",
            )
        if not _YIELD_RATES[0] <= step.strain_rate <= _YIELD_RATES[1]:
            yield Caution(
                "yield-law-rate",
                f"stretch[{index}] at {step.strain_rate:.3g} 1/s is outside {_YIELD_RATES[0]:g}-{_YIELD_RATES[1]:g} 1/s, where the yield law holds.",
            )
    mixing = plan.mixing.temperature
    assert mixing is not None  # a plan has it filled in
    for polymer in (plan.substances.first, plan.substances.second):
        if abs(mixing - float(polymer.viscosity_reference_temperature)) > 50.0:
            yield Caution(
                "viscosity-law-temperature",
                f"The viscosity of {polymer.name} is extrapolated by more than 50 K to {format_quantity(mixing, 'degC')}.",
            )


def _stretch(plan: Plan, stretched: StretchedFilm) -> Iterator[Caution]:
    if plan.measured.porosity is not None:
        yield Caution(
            "porosity-measured",
            "The measured porosity replaces the predicted one; the shares of cracks and wakes stay as predicted.",
        )
    if not plan.steps:
        yield Caution("not-stretched", "The film is not stretched: nothing opens in it.")
        return
    regimes = [step.regime for step in plan.steps]
    if "cold" not in regimes:
        yield Caution(
            "no-cold-stretch",
            "Without a cold stretch few microcracks nucleate: the hot stretch opens only what it nucleates itself.",
        )
    if any(step.regime == "cold" and step.elongation > _COLD_FIT for step in plan.steps):
        text = f"A cold stretch beyond {100 * _COLD_FIT:g} % leaves the range that its opening rate was fitted in: the porosity is extrapolated."
        yield Caution("cold-stretch-beyond-fit", text)
    if "hot" not in regimes:
        yield Caution("no-hot-stretch", "Without a hot stretch the nucleated microcracks hardly open.")
    coldest_hot = min((step.temperature for step in plan.steps if step.regime == "hot"), default=math.inf)
    if coldest_hot < max(step.temperature for step in plan.steps) - _STEP_IN_TEMPERATURE:
        text = (
            f"A stretch at {format_quantity(coldest_hot, 'degC', 4)} that follows a warmer one counts as hot here and for the claims; "
            'if it is meant to be a cold stretch, say regime = "cold" in its step.'
        )
        yield Caution("cool-step-counts-as-hot", text)
    natural, drawn = (
        float(stretched.natural_draw_ratio),
        float(np.maximum(stretched.stretch_ratio, stretched.stretch_ratio_transverse)),
    )
    if natural > 1.0:
        where = (
            "and the film may hold unnecked zones beside the necked ones"
            if drawn < natural
            else "so the draw gap must be short, or many microcracks must steady it"
        )
        yield Caution(
            "necks",
            f"The matrix necks at these conditions: its natural draw ratio is {natural:.2f} (drawn here to {drawn:.2f}), {where}.",
        )
    if plan.anneal is None:
        yield Caution("no-anneal", "Without an anneal part of the draw springs back and pores close.")
    elif not plan.anneal.under_tension:
        yield Caution(
            "anneal-without-tension",
            "An anneal without tension does not hold the draw: the film shrinks back as without anneal (assumed).",
        )
    probability = float(stretched.break_probability)
    if probability > _LIKELY_BREAK:
        yield Caution(
            "break-risk", f"The film breaks during the programme with a probability of {100 * probability:.0f} %."
        )


def outcome(plan: Plan, nominal: LineResult, parts: list[StretchedFilm]) -> Outcome:
    """How the run ended: `parts` are the films after each step."""
    blend, stretched, structure = nominal.blend, nominal.stretched, nominal.structure
    assert blend is not None  # a plan that makes a membrane has every stage
    assert stretched is not None
    assert structure is not None
    decisive = (stretched.porosity, structure.connectivity, nominal.membrane.pore_diameter_mean)
    if not all(np.isfinite(value) for value in decisive) or float(blend.coverage_residual) > _LARGEST_RESIDUAL:
        text = "The model found no finite solution at these numbers: domain size and copolymer coverage do not settle."
        return Outcome("not-converged", text)
    if float(stretched.ruptured) > 0.0:
        return Outcome("ruptured", _rupture(plan, stretched, parts))
    if float(structure.connectivity) < 1.0:
        share = float(structure.connectivity)
        text = (
            f"The voids do not connect into one network through the film (connectivity {share:.2f} of the threshold): only chance "
            "paths lead through it. A longer draw, or a cold stretch before it, connects more."
        )
        return Outcome("not-connected", text)
    return Outcome("ok", "The film survives the programme and its voids connect.")


def _rupture(plan: Plan, stretched: StretchedFilm, parts: list[StretchedFilm]) -> str:
    tail = "All numbers below describe the film as if it had not broken."
    for index, part in enumerate(parts):
        if float(part.break_margin) > 1.0:
            limit = 100.0 * (float(part.break_stretch_ratio) - 1.0)
            target = 100.0 * plan.steps[index].elongation
            return (
                f"RUPTURED in stretch[{index}]: the film breaks at about {limit:.0f} %, before {target:.0f} % is reached. "
                f"Draw less, draw hotter, or compatibilise. {tail}"
            )
    if float(stretched.film.domain_diameter_large) >= float(stretched.film_thickness):
        drawn = format_quantity(float(stretched.film_thickness), "um", 3)
        return f"RUPTURED: the largest domains bridge the drawn film of {drawn}. Mix finer or make the film thicker. {tail}"
    stress = format_quantity(float(stretched.true_stress_largest), "MPa", 3)
    last = len(plan.steps) - 1
    return f"RUPTURED in stretch[{last}]: the stress on the solid between the voids reaches {stress}. Draw less or hotter. {tail}"
