"""The plan of one run: a recipe with every default filled in and every material looked up, as numbers that may be arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from poreline.blend import Amounts, BlendConstants, Substances
from poreline.materials import Materials
from poreline.materials.priors import Bounds
from poreline.membrane import MembraneConstants, usual_tortuosity
from poreline.quantities import Fault, InvalidInput
from poreline.quantities.trees import leaves, put
from poreline.recipe import (
    Anneal,
    Composition,
    FilmForming,
    Measured,
    MeasuredMembrane,
    Mixing,
    Recipe,
    StretchStep,
    regimes,
)
from poreline.stretch.meanfield import StretchConstants
from poreline.stretch.volume.constants import VolumeConstants


@dataclass(frozen=True, kw_only=True)
class Constants:
    """The constants of the models, room by room."""

    blend: BlendConstants = BlendConstants()
    stretch: StretchConstants = StretchConstants()
    membrane: MembraneConstants = MembraneConstants()
    volume: VolumeConstants = dataclasses.field(default_factory=VolumeConstants)
    """Of the volume simulation: the mean-field model has no use for them."""


_PREFIX = {"volume": "volume."}
"""What stands before the names of a room's constants in a recipe."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that the mean-field line computes a membrane from."""

    substances: Substances
    amounts: Amounts
    mixing: Mixing
    film: FilmForming
    steps: tuple[StretchStep, ...]
    anneal: Anneal | None
    measured: Measured
    constants: Constants = Constants()


@dataclass(frozen=True, kw_only=True)
class MembranePlan:
    """A measured membrane, with its tortuosity filled in."""

    membrane: MeasuredMembrane
    tortuosity_assumed: bool


_PRACTICALLY_INFINITE = 1e200


def parameter_names() -> dict[str, str]:
    """Names of the models' constants, as a recipe's [parameters] may give them, with their SI units.

    Those of the volume simulation have `volume.` before their name.
    """
    made = Constants()
    return {
        f"{_PREFIX.get(room.name, '')}{constant.name}": constant.metadata["quantity"].unit
        for room in dataclasses.fields(Constants)
        for constant in dataclasses.fields(getattr(made, room.name))
    }


def plan(recipe: Recipe, materials: Materials) -> Plan | MembranePlan:
    """The plan of a recipe. Raises InvalidInput for an unknown material."""
    if recipe.membrane is not None:
        membrane = recipe.membrane
        assumed = membrane.tortuosity is None
        return MembranePlan(
            membrane=replace(membrane, tortuosity=float(usual_tortuosity(membrane.porosity))) if assumed else membrane,
            tortuosity_assumed=assumed,
        )
    composition = recipe.composition
    if composition is None:
        raise InvalidInput(
            [Fault("composition", "", "", "There is nothing to make and nothing measured.", "Add [composition].")]
        )
    return _line_plan(recipe, composition, materials)


def _line_plan(recipe: Recipe, composition: Composition, materials: Materials) -> Plan:
    first = materials.polymer(composition.first.polymer)
    second = materials.matrix(composition.second.polymer)
    copolymer = None
    # No copolymer is not the same as none of it: without parts nothing sits at the interface.
    if composition.compatibiliser is not None and composition.compatibiliser.parts > 0:
        copolymer = materials.copolymer(composition.compatibiliser.copolymer)
    temperature = recipe.mixing.temperature
    if temperature is None:
        temperature = usual_mixing_temperature(composition, materials)
    steps = tuple(
        replace(step, regime=regime) for step, regime in zip(recipe.stretch, regimes(recipe.stretch), strict=True)
    )
    return Plan(
        substances=Substances(
            first=first,
            second=second,
            tension=materials.tension(first.name, second.name),
            copolymer=copolymer,
            anchored=copolymer is None or first.name in copolymer.anchors_in,
        ),
        amounts=Amounts(
            first=float(composition.first.parts),
            second=float(composition.second.parts),
            copolymer=float(composition.copolymer_parts) if copolymer is not None else 0.0,
        ),
        mixing=replace(recipe.mixing, temperature=temperature),
        film=recipe.film,
        steps=steps,
        anneal=recipe.anneal,
        measured=recipe.measured,
        constants=_constants(recipe.parameters),
    )


def usual_mixing_temperature(composition: Composition, materials: Materials) -> float:
    """The higher of the two polymers' usual processing temperatures, K."""
    polymers = (composition.first.polymer, composition.second.polymer)
    return max(float(materials.polymer(name).processing_temperature) for name in polymers)


def _constants(given: dict[str, float]) -> Constants:
    """The constants with the recipe's own. Raises InvalidInput for values that a constant cannot have."""
    made = Constants()
    faults = []
    for room in dataclasses.fields(Constants):
        held = getattr(made, room.name)
        prefix = _PREFIX.get(room.name, "")
        bounds = {f"{prefix}{field.name}": field.metadata["bounds"] for field in dataclasses.fields(held)}
        own = {name: value for name, value in given.items() if name in bounds}
        faults += [
            _out_of_bounds(name, value, bounds[name]) for name, value in own.items() if not bounds[name].hold(value)
        ]
        made = replace(
            made, **{room.name: replace(held, **{name.removeprefix(prefix): value for name, value in own.items()})}
        )
    faults += faults_of_volume(made.volume)
    if faults:
        raise InvalidInput(faults, "recipe")
    return made


def faults_of_volume(constants: VolumeConstants) -> list[Fault]:
    """Where the law of a voxel has no meaning, or divides by zero, though each constant lies within its bounds."""
    c = constants
    found = []
    for name, value, limit, fits in (
        ("nucleation_fraction", c.nucleation_fraction, "above 0, below 1", 0.0 < c.nucleation_fraction < 1.0),
        ("healing_fraction", c.healing_fraction, "at least 0, below 1", c.healing_fraction < 1.0),
        ("largest_fraction", c.largest_fraction, f"above widening_fraction, {c.widening_fraction:g}",
         c.largest_fraction > c.widening_fraction),
    ):  # fmt: skip
        if not fits:
            remedy = "See the table of constants in the documentation of the volume simulation."
            found.append(
                Fault(
                    f"parameters.volume.{name}", f"{value:g}", limit, "The law of a voxel has no meaning there.", remedy
                )
            )
    return found


def _out_of_bounds(name: str, value: float, bounds: Bounds) -> Fault:
    if bounds.highest > _PRACTICALLY_INFINITE:
        limit = "above 0" if bounds.lowest > 0.0 else "at least 0"
    else:
        limit = f"{bounds.lowest:g} to {bounds.highest:g}"
    return Fault(
        f"parameters.{name}",
        f"{value:g}",
        limit,
        "The model has no meaning there.",
        "See the constant's default in a report.",
    )


def varied(base: Plan, columns: Mapping[str, npt.NDArray[np.float64]]) -> Plan:
    """A batch of plans: `base` with some of its numbers replaced by arrays of one length.

    `columns` maps a path in the plan, like "amounts.first" or "steps.1.elongation", to the values, in SI. Raises KeyError
    for a path that is not a number of the plan.
    """
    made = base
    known = {".".join(map(str, path)): path for path, _ in leaves(base)}
    for name, values in columns.items():
        made = put(made, known[name], values)
    return made
