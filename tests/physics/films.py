"""The films that the physics tests make: four example recipes, and one function that runs the nominal line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.line import MembranePlan, Plan, evaluate, plan
from poreline.line.uncertainty import normal_deviates, sampled, uncertain_numbers
from poreline.materials import default_materials
from poreline.recipe import (
    Anneal,
    Composition,
    CopolymerShare,
    Duty,
    Extrusion,
    FilmForming,
    GasDuty,
    LiquidDuty,
    Mixing,
    PolymerShare,
    Recipe,
    StretchStep,
)

MATERIALS = default_materials()
ZERO_CELSIUS = 273.15
GPU = 3.3464e-10  # mol/(m2 s Pa)
LITRES = 3.6e11  # L/(m2 h bar) per m/(s Pa)
PERMEANCES: tuple[Duty, ...] = (GasDuty(), LiquidDuty())
"""N2 and methanol at 25 degC, from 2 bar to 1 bar absolute."""


def kelvin(celsius: float) -> float:
    return celsius + ZERO_CELSIUS


@dataclass(frozen=True)
class Example:
    """An example recipe: composition, mixing, and the temperatures that belong to its first polymer."""

    first: str
    parts: tuple[float, float, float]
    """First polymer, polypropylene, SEEPS, by weight."""
    mixing_temperature: float
    mixing_rate: float
    hot: float
    anneal: float


EXAMPLES = {
    "PET15/PP85": Example("PET", (15, 85, 0), 265, 100, 66, 73),
    "PS10/PP90": Example("PS", (10, 90, 0), 210, 50, 87, 94),
    "PS10/PP90+SEEPS5": Example("PS", (10, 90, 5), 210, 50, 87, 94),
    "PS15/PP85+SEEPS7.5": Example("PS", (15, 85, 7.5), 210, 50, 87, 94),
}
STRETCHES = (100, 200, 300, 400)  # percent

COLD = StretchStep(temperature=kelvin(20), elongation=0.25, strain_rate=0.01)


def composition(
    first: str, parts: tuple[float, float, float], *, second: str = "PP", copolymer: str = "SEEPS"
) -> Composition:
    return Composition(
        first=PolymerShare(polymer=first, parts=parts[0]),
        second=PolymerShare(polymer=second, parts=parts[1]),
        compatibiliser=CopolymerShare(copolymer=copolymer, parts=parts[2]) if parts[2] else None,
    )


def hot_step(example: Example, percent: float, **changes: Any) -> StretchStep:
    return replace(
        StretchStep(temperature=kelvin(example.hot), elongation=percent / 100.0, strain_rate=0.05), **changes
    )


def recipe(name: str, percent: float = 200, duties: tuple[Duty, ...] = PERMEANCES, **changes: Any) -> Recipe:
    """An example drawn to `percent`; `changes` replace whole sections."""
    example = EXAMPLES[name]
    made = Recipe(
        name=name,
        composition=composition(example.first, example.parts),
        mixing=Mixing(temperature=kelvin(example.mixing_temperature), shear_rate=float(example.mixing_rate)),
        film=Extrusion(thickness=100e-6),
        stretch=(COLD, hot_step(example, percent)),
        anneal=Anneal(temperature=kelvin(example.anneal), duration=600.0),
        duty=duties,
    )
    return replace(made, **changes)


def planned(made: Recipe) -> Plan:
    found = plan(made, MATERIALS)
    assert not isinstance(found, MembranePlan)
    return found


def results(made: Recipe | Plan, duties: tuple[Duty, ...] | None = None) -> dict[str, float]:
    """Every nominal result of a recipe or a plan; NaN where it is not determined."""
    wanted = duties if duties is not None else made.duty if isinstance(made, Recipe) else ()
    found = evaluate(planned(made) if isinstance(made, Recipe) else made, wanted, MATERIALS).findings()
    return {name: float(np.asarray(finding.values)) for name, finding in found.items()}


def samples(
    made: Recipe, names: tuple[str, ...], count: int, seed: int = 0, priors: Literal["all", "model"] = "model"
) -> dict[str, npt.NDArray[np.float64]]:
    """Samples of the named results over the priors."""
    nominal = planned(made)
    numbers = uncertain_numbers(nominal, made.duty, MATERIALS, priors)
    deviates = normal_deviates(count, len(numbers), np.random.default_rng(seed))
    found = evaluate(sampled(nominal, numbers, deviates), made.duty, MATERIALS).findings()
    return {name: np.broadcast_to(np.asarray(found[name].values, dtype=float), (count,)) for name in names}


def with_film(made: Recipe, film: FilmForming) -> Recipe:
    return replace(made, film=film)
