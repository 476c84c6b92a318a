"""The recipe as a row of boxes: blend, film, every stretch, anneal, membrane; with conditions and key results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from poreline.line import MembranePlan, Plan, Run
from poreline.line.draw import Station
from poreline.quantities import Estimate, Meaning, format_quantity
from poreline.recipe import Anneal, Composition, Extrusion, MeltCasting, SolutionCasting, Spraying, StretchStep
from poreline.report.headline import Shown, number_text, shown

_ORDERS = {
    "simultaneous": "all mixed at once",
    "premix-first": "copolymer premixed with the first polymer",
    "premix-second": "copolymer premixed with the second polymer",
}


@dataclass(frozen=True)
class Outcome:
    """One key result in a box."""

    label: str
    text: Shown


@dataclass(frozen=True)
class Box:
    """One process step."""

    kind: str
    """blend, film, cold, hot, anneal or membrane: the pictogram."""
    title: str
    conditions: tuple[str, ...]
    """Texts with plain units."""
    results: tuple[Outcome, ...]


def boxes(run: Run) -> tuple[Box, ...]:
    """The boxes of the line diagram of a run; a measured membrane has only the last."""
    return tuple(_boxes(run))


def _boxes(run: Run) -> Iterator[Box]:
    plan = run.plan
    if isinstance(plan, MembranePlan):
        tortuosity = (
            "tortuosity assumed: porosity to the power -1.5" if plan.tortuosity_assumed else "tortuosity measured"
        )
        conditions = (f"measured, {plan.membrane.pore_shape} pores", tortuosity)
        names = ("porosity", "pore_diameter_mean", "tortuosity", "film_thickness")
        yield Box("membrane", "Membrane", conditions, _results(run, names))
        return
    composition = run.recipe.composition
    if composition is not None:
        yield Box("blend", "Blend", _of_blend(plan, composition), _results(run, _BLEND))
    yield Box(
        "film",
        _film_title(plan),
        _of_film(plan),
        _results(run, ("film_thickness_unstretched", "domain_diameter_median")),
    )
    for index, step in enumerate(plan.steps):
        station = next((s for s in run.stations if s.step == index), None)
        kind = step.regime or "hot"
        title = (
            f"{kind.capitalize()} stretch"
            + {"machine": "", "transverse": ", across", "both": ", both ways"}[step.direction]
        )
        yield Box(kind, title, _of_step(step), _of_station(run, station))
    if plan.anneal is not None:
        yield Box("anneal", "Anneal", _of_anneal(plan.anneal), _results(run, ("springback", "stretch_ratio_final")))
    yield Box("membrane", "Membrane", (), _results(run, _MEMBRANE))


_BLEND = ("domain_diameter_blend", "viscosity_ratio", "copolymer_coverage_blend")
_MEMBRANE = ("porosity", "pore_diameter_mean", "connectivity", "film_thickness")
_LABELS = {
    "domain_diameter_blend": "domains",
    "viscosity_ratio": "viscosity ratio",
    "copolymer_coverage_blend": "interface covered",
    "film_thickness_unstretched": "thickness",
    "domain_diameter_median": "domains",
    "film_thickness": "thickness",
    "engineering_stress": "stress",
    "break_probability": "break risk",
    "springback": "springback left",
    "stretch_ratio_final": "draw ratio kept",
    "porosity": "porosity",
    "pore_diameter_mean": "mean pore",
    "connectivity": "connectivity",
    "tortuosity": "tortuosity",
}


def _results(run: Run, names: tuple[str, ...]) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(_LABELS[name], shown(run.results[name], run.meanings[name]))
        for name in names
        if name in run.results and not _is_zero_coverage(run, name)
    )


def _is_zero_coverage(run: Run, name: str) -> bool:
    return name == "copolymer_coverage_blend" and run.value(name) == 0.0


def _of_blend(plan: Plan, composition: Composition) -> tuple[str, ...]:
    unit = " %" if composition.basis == "weight-percent" else " parts"
    parts = [
        f"{plan.substances.first.name} {composition.first.parts:g}",
        f"{plan.substances.second.name} {composition.second.parts:g}",
    ]
    if plan.substances.copolymer is not None:
        parts.append(f"{plan.substances.copolymer.name} {composition.copolymer_parts:g}")
    parts += [f"{additive.name} {additive.parts:g}" for additive in composition.additives]
    order = (_ORDERS[plan.mixing.order],) if plan.substances.copolymer is not None else ()
    temperature = () if plan.mixing.temperature is None else (format_quantity(plan.mixing.temperature, "degC", 3),)
    return (
        " : ".join(parts) + unit,
        *order,
        ", ".join((*temperature, format_quantity(plan.mixing.shear_rate, "1/s", 3))),
    )


def _film_title(plan: Plan) -> str:
    return {
        Extrusion: "Extruded film",
        MeltCasting: "Cast film",
        SolutionCasting: "Cast film",
        Spraying: "Sprayed film",
    }[type(plan.film)]


def _of_film(plan: Plan) -> tuple[str, ...]:
    match plan.film:
        case Extrusion(draw_down=float() as draw_down):
            return ("through a slit die", f"drawn down {draw_down:.3g} times")
        case Extrusion():
            return ("through a slit die",)
        case MeltCasting():
            return ("from the melt",)
        case SolutionCasting(suspension=True):
            return ("from a suspension of the blend",)
        case SolutionCasting(solids=solids):
            return ("from solution", f"{format_quantity(solids, '%', 3)} polymer by volume")
        case Spraying(droplet_diameter=diameter, passes=passes):
            return (f"droplets of {format_quantity(diameter, 'um', 3)}", f"{passes:.3g} passes")


def _of_step(step: StretchStep) -> tuple[str, ...]:
    return (
        f"{format_quantity(step.temperature, 'degC', 3)}, {format_quantity(step.strain_rate, '1/s', 3)}",
        f"to {format_quantity(step.elongation, '%', 3)} (draw ratio {number_text(step.stretch_ratio)})",
        f"width {step.width}" if step.direction == "machine" else "",
    )


def _of_station(run: Run, station: Station | None) -> tuple[Outcome, ...]:
    if station is None:
        return ()
    found = []
    for name in ("porosity", "film_thickness", "engineering_stress", "break_probability"):
        about: Meaning = run.meanings[name]
        value = Estimate(station.nominal[name], station.low[name], station.high[name], about.unit, about.meaning, "")
        found.append(Outcome(_LABELS[name], shown(value, about)))
    return tuple(found)


def _of_anneal(anneal: Anneal) -> tuple[str, ...]:
    return (
        f"{format_quantity(anneal.temperature, 'degC', 3)}, {format_quantity(anneal.duration, 'min', 3)}",
        "under tension" if anneal.under_tension else "free to shrink",
    )
