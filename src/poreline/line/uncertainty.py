"""What is uncertain in a plan: every number with a prior, its samples, and plans with the samples in place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.line.plan import Constants, MembranePlan, Plan
from poreline.materials import Materials
from poreline.materials.priors import Prior
from poreline.quantities.fields import meanings
from poreline.quantities.trees import Path, get, put
from poreline.recipe import Duty, GasDuty, GurleyDuty

Priors = Literal["all", "model"]
Deviates = npt.NDArray[np.float64]

_FACTORS = {
    "viscosity_factor": "melt viscosity as a whole",
    "yield_factor": "yield stress as a whole",
    "factor": "interfacial tension as a whole",
}
_MEASURED = Prior("lognormal", 1.05)
_MEASURED_SHARE = Prior("lognormal", 1.05, highest=0.999)
_MEASURED_FACTOR = Prior("lognormal", 1.05, lowest=1.0)
_ASSUMED_TORTUOSITY = Prior("lognormal", 1.4, lowest=1.0)
"""Scatter of the exponent 1.5 to 2.3 of measured separators at a porosity of 0.4."""


@dataclass(frozen=True, kw_only=True)
class UncertainNumber:
    """One number of a plan with its prior."""

    name: str
    """What it is called in tables: `PP.yield_factor`, `microcrack_opening_hot`."""
    meaning: str
    symbol: str
    unit: str
    shown_in: str
    nominal: float
    prior: Prior
    path: Path
    follows: tuple[Path, ...] = ()
    """Numbers that keep their ratio to this one."""
    scope: Literal["material", "model", "measured"]
    source: str


def uncertain_numbers(
    plan: Plan | MembranePlan, duties: Iterable[Duty], materials: Materials, priors: Priors = "all"
) -> tuple[UncertainNumber, ...]:
    """Every uncertain number of a plan: constants of the model, and with priors = "all" the material records too."""
    if isinstance(plan, MembranePlan):
        return tuple(_membrane_numbers(plan))
    found = [*_constants(plan.constants), *_materials(plan, _gases(duties), materials, priors), *_measured(plan)]
    return tuple(number for number in found if number.nominal != 0.0 or number.prior.shape == "normal")


def _gases(duties: Iterable[Duty]) -> set[str]:
    gases: set[str] = set()
    for duty in duties:
        if isinstance(duty, GasDuty):
            gases |= set(duty.mixture) if duty.mixture is not None else {duty.gas}
        elif isinstance(duty, GurleyDuty):
            gases.add("air")
    return gases


def _constants(constants: Constants) -> Iterator[UncertainNumber]:
    for room in dataclasses.fields(constants):
        held = getattr(constants, room.name)
        for field in dataclasses.fields(held):
            prior = field.metadata["prior"]
            if prior is not None:
                about = field.metadata["quantity"]
                yield UncertainNumber(
                    name=field.name,
                    meaning=about.meaning,
                    symbol=about.symbol,
                    unit=about.unit,
                    shown_in=about.display_unit,
                    nominal=float(getattr(held, field.name)),
                    prior=prior,
                    path=("constants", room.name, field.name),
                    scope="model",
                    source=about.method,
                )


# Material entries whose prior is among the model's constants in the order of importance: they count as the model's.
_COUNTED_AS_MODEL = {"cavitation_stress", "chain_scission_cold", "saturation_density", "adhesion_coefficient"}


# Numbers that no law of the line reads: they are for people and for the checks of a recipe.
_NOT_IN_THE_LAWS = {
    ("substances", "first", "melting_point"),
    ("substances", "second", "melting_point"),
    ("substances", "second", "glass_transition"),
    ("substances", "copolymer", "glass_transition"),
    ("substances", "copolymer", "styrene_glass_transition"),
}
_FOREIGN = {"foreign_uptake", "foreign_adhesion"}


def _materials(plan: Plan, gases: set[str], materials: Materials, priors: Priors) -> Iterator[UncertainNumber]:
    substances = plan.substances
    subjects: list[tuple[str, Path]] = [
        (substances.first.name, ("substances", "first")),
        (substances.second.name, ("substances", "second")),
    ]
    if substances.second.drawing is not None:
        subjects.append((substances.second.name, ("substances", "second", "drawing")))
    if substances.copolymer is not None:
        subjects.append((substances.copolymer.name, ("substances", "copolymer")))
    pair = f"{substances.first.name}+{substances.second.name}"
    subjects.append((pair, ("substances", "tension")))
    for subject, path in subjects:
        for name, about in meanings(type(get(plan, path))):
            if (*path, name) in _NOT_IN_THE_LAWS or (name in _FOREIGN and substances.anchored):
                continue
            value = get(plan, (*path, name))
            prior = materials.prior(subject, name) if value is not None else None
            scope: Literal["material", "model"] = "model" if name in _COUNTED_AS_MODEL else "material"
            if prior is None or (priors == "model" and scope == "material"):
                continue
            follows: tuple[Path, ...] = ((*path, "chain_scission_hot"),) if name == "chain_scission_cold" else ()
            yield UncertainNumber(
                name=f"{subject}.{'interfacial_tension' if name == 'factor' else name}",
                meaning=f"{subject}: {_FACTORS.get(name, about.meaning)}",
                symbol=about.symbol,
                unit=about.unit,
                shown_in=about.display_unit,
                nominal=float(value),
                prior=prior,
                path=(*path, name),
                follows=follows,
                scope=scope,
                source="materials",
            )
    if priors == "all":
        yield from _permeabilities(plan, gases, materials)


def _permeabilities(plan: Plan, gases: set[str], materials: Materials) -> Iterator[UncertainNumber]:
    for role in ("first", "second"):
        polymer = getattr(plan.substances, role)
        for gas in sorted(gases & polymer.permeability.keys()):
            prior = materials.prior(polymer.name, f"permeability.{gas}")
            if prior is not None:
                yield UncertainNumber(
                    name=f"{polymer.name}.permeability.{gas}",
                    meaning=f"{polymer.name}: permeability of the dense polymer to {gas}",
                    symbol="P",
                    unit="mol/(m s Pa)",
                    shown_in="barrer",
                    nominal=float(polymer.permeability[gas]),
                    prior=prior,
                    path=("substances", role, "permeability", gas),
                    scope="material",
                    source="materials",
                )


_MEASURED_UNITS = {
    "viscosity_first": ("Pa s", "Pa s"),
    "viscosity_second": ("Pa s", "Pa s"),
    "domain_diameter": ("m", "um"),
    "film_thickness": ("m", "um"),
    "membrane_thickness": ("m", "um"),
    "thickness": ("m", "um"),
    "pore_diameter_mean": ("m", "nm"),
    "porosity": ("1", "%"),
}


def _measured_number(name: str, value: float, prior: Prior, path: Path, source: str) -> UncertainNumber:
    unit, shown_in = _MEASURED_UNITS.get(name, ("1", "1"))
    return UncertainNumber(
        name=f"measured.{name}",
        meaning=f"measured {name.replace('_', ' ')}",
        symbol="",
        unit=unit,
        shown_in=shown_in,
        nominal=float(value),
        prior=prior,
        path=path,
        scope="measured",
        source=source,
    )


_MEASURED_PRIORS = {
    "porosity": _MEASURED_SHARE,
    "tortuosity": _MEASURED_FACTOR,
    "pore_diameter_spread": _MEASURED_FACTOR,
    "domain_diameter_spread": _MEASURED_FACTOR,
}


def _measured(plan: Plan) -> Iterator[UncertainNumber]:
    for field in dataclasses.fields(plan.measured):
        value = getattr(plan.measured, field.name)
        if value is not None:
            yield _measured_number(
                field.name,
                value,
                _MEASURED_PRIORS.get(field.name, _MEASURED),
                ("measured", field.name),
                "the recipe's measurement, 5 % assumed",
            )


def _membrane_numbers(plan: MembranePlan) -> Iterator[UncertainNumber]:
    for name in ("porosity", "pore_diameter_mean", "thickness", "pore_diameter_spread"):
        value = getattr(plan.membrane, name)
        yield _measured_number(
            name,
            value,
            _MEASURED_PRIORS.get(name, _MEASURED),
            ("membrane", name),
            "the recipe's measurement, 5 % assumed",
        )
    prior = _ASSUMED_TORTUOSITY if plan.tortuosity_assumed else _MEASURED_FACTOR
    source = (
        "porosity^-1.5, scatter of measured separators"
        if plan.tortuosity_assumed
        else "the recipe's measurement, 5 % assumed"
    )
    yield _measured_number("tortuosity", plan.membrane.tortuosity or 1.0, prior, ("membrane", "tortuosity"), source)


def normal_deviates(count: int, numbers: int, rng: np.random.Generator) -> Deviates:
    """Standard normal deviates, one row a sample, one column a number; a further number leaves the columns before it."""
    return rng.standard_normal((numbers, count)).T


def sampled(plan: Plan | MembranePlan, numbers: tuple[UncertainNumber, ...], deviates: Deviates) -> Plan | MembranePlan:
    """The plan with every uncertain number replaced by its samples (arrays of the length of `deviates`)."""
    for number, column in zip(numbers, deviates.T, strict=True):
        values = number.prior.sample(number.nominal, column)
        plan = put(plan, number.path, values)
        for path in number.follows:
            plan = put(plan, path, get(plan, path) * (values / number.nominal))
    return plan
