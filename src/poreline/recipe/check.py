"""Checks of a recipe that need more than one of its fields, or the materials.

They run on whichever sections are right in themselves, so that every fault is reported at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from poreline.materials import Materials, Polymer
from poreline.quantities import Fault, InvalidInput, format_quantity, nearest, printable
from poreline.quantities.constants import STANDARD_TEMPERATURE, ZERO_CELSIUS
from poreline.quantities.faults import Caution
from poreline.recipe.composition import Composition
from poreline.recipe.duty import ContactorDuty, DistillationDuty, GasDuty, LiquidDuty, SoluteDuty
from poreline.recipe.forming import USUAL_DIE_GAP, Extrusion, SolutionCasting
from poreline.recipe.mixing import Mixing
from poreline.recipe.programme import Anneal, StretchStep, regimes

_SUM_TOLERANCE = 0.01  # percent; rounding in the last printed digit
_MELT_MARGIN = 10.0  # K above the melting point that a mixer needs
_DRAW_MARGIN = 20.0  # K below the melting point where the drawing laws end
_MISMATCH = 0.02  # relative disagreement of two thicknesses that still counts as rounding
_DENSEST = 0.75  # melt density over solid density: a film may be thinner by so much than the melt that left the die
_DEGRADES = ZERO_CELSIUS + 350.0  # K, above it polyolefins degrade within a mixing time
_DESTROYED = ZERO_CELSIUS + 400.0  # K, above it no blend of them leaves the mixer


@dataclass(frozen=True)
class Checked:
    """What the checks found: faults, which end the reading, and cautions, which go with the results."""

    faults: tuple[Fault, ...]
    cautions: tuple[Caution, ...]


def check(
    parts: Mapping[str, Any],
    materials: Materials,
    parameter_names: Collection[str] = (),
    written: Mapping[str, Any] | None = None,
) -> Checked:
    """Check the sections of a recipe together.

    `parts` holds the sections that are right in themselves, a step or duty that is not as None; `written` is the recipe
    as it stands, so that even a section with faults has its names looked up.
    """
    written = parts if written is None else written
    faults: list[Fault] = []
    composition: Composition | None = parts.get("composition")
    first = second = None
    if composition is not None:
        faults += _amounts(composition)
        first, second = _polymers(composition, materials, faults)
    elif "composition" in written:
        faults += _names_in(written["composition"], materials)
    faults += _wholeness(written)
    faults += _order(parts.get("stretch", ()))
    faults += _film(parts.get("film"))
    faults += [
        fault for index, duty in enumerate(parts.get("duty", ())) for fault in _duty(duty, f"duty[{index}]", materials)
    ]
    faults += _parameters(written.get("parameters"), parameter_names)
    faults += _too_hot(parts.get("mixing"))
    cautions: list[Caution] = list(_degrading(parts.get("mixing")))
    if first is not None and second is not None:
        mixing = parts.get("mixing") or Mixing()
        faults += _melting(parts.get("stretch", ()), parts.get("anneal"), mixing, parts.get("film"), first, second)
        if None not in parts.get("stretch", ()):
            cautions += _cautions(parts.get("stretch", ()), parts.get("anneal"), first, second)
    return Checked(tuple(faults), tuple(cautions))


def _names_in(table: Any, materials: Materials) -> Iterator[Fault]:
    """Unknown materials in a composition that has other faults."""
    lookups = {
        "first": ("polymer", materials.polymer),
        "second": ("polymer", lambda name: _matrix(name, materials)),
        "compatibiliser": ("copolymer", materials.copolymer),
    }
    for role, (key, lookup) in lookups.items():
        entry = table.get(role) if isinstance(table, dict) else None
        name = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield from _known(lambda lookup=lookup, name=name: lookup(name), f"composition.{role}.{key}")


def _wholeness(parts: Mapping[str, Any]) -> Iterator[Fault]:
    if "composition" in parts and "membrane" in parts:
        reason = "A membrane is either made from a composition or measured."
        yield Fault(
            "membrane",
            "",
            "composition or membrane",
            reason,
            "Remove one of the two; a measured stage result goes under [measured].",
        )
    if "composition" not in parts and "membrane" not in parts:
        reason = "There is nothing to make and nothing measured."
        yield Fault(
            "composition", "", "composition or membrane", reason, "Add [composition], or [membrane] for a measured one."
        )
    if "membrane" in parts and "composition" not in parts:
        for key in ("stretch", "anneal", "mixing", "film", "measured"):
            if parts.get(key):
                yield Fault(
                    key,
                    "",
                    "",
                    "A measured membrane is not made here.",
                    f"Remove {key}, or give a composition instead of [membrane].",
                )


def _amounts(composition: Composition) -> Iterator[Fault]:
    if composition.second.parts <= 0:
        reason = "The matrix holds the membrane together: without it there is no film."
        yield Fault(
            "composition.second.parts",
            f"{composition.second.parts:g}",
            "above 0",
            reason,
            "Give the matrix polymer's parts.",
        )
    additives = sum(additive.parts for additive in composition.additives)
    if additives > composition.polymer_parts > 0:
        reason = "There is more of the additives than of the polymers: that is no blend that the line knows."
        limit = f"at most the {composition.polymer_parts:g} parts of the polymers"
        yield Fault("composition.additives", f"{additives:g} parts", limit, reason, "Correct the parts.")
    if composition.basis == "weight-percent" and abs(composition.total_parts - 100.0) > _SUM_TOLERANCE:
        reason = "Weight percent of everything in the composition must sum to 100."
        remedy = 'Correct the numbers, or write basis = "parts".'
        yield Fault("composition", f"a sum of {composition.total_parts:g} %", "100 %", reason, remedy)


def _polymers(
    composition: Composition, materials: Materials, faults: list[Fault]
) -> tuple[Polymer | None, Polymer | None]:
    first = second = None
    try:
        first = materials.polymer(composition.first.polymer)
    except InvalidInput as error:
        faults += _moved(error, "composition.first.polymer")
    try:
        second = _matrix(composition.second.polymer, materials)
    except InvalidInput as error:
        faults += _moved(error, "composition.second.polymer")
    if composition.compatibiliser is not None:
        try:
            materials.copolymer(composition.compatibiliser.copolymer)
        except InvalidInput as error:
            faults += _moved(error, "composition.compatibiliser.copolymer")
    if first is not None and second is not None and first.name == second.name:
        reason = "A polymer blended with itself has no domains."
        faults.append(
            Fault(
                "composition.second.polymer",
                second.name,
                "another polymer than the first",
                reason,
                "Choose two different polymers.",
            )
        )
    return first, second


def _matrix(name: str, materials: Materials) -> Polymer:
    """The polymer for use as the matrix. Raises InvalidInput, in words for someone who writes a recipe."""
    polymer = materials.polymer(name)
    if polymer.drawing is None:
        known = ", ".join(materials.matrix_names)
        reason = f"{polymer.name} cannot be the matrix (the second polymer): how it draws is not known."
        remedy = "Choose one of those, or give the numbers of its drawing in a file of own materials."
        raise InvalidInput([Fault("matrix", polymer.name, known, reason, remedy)], "materials")
    return polymer


def _moved(error: InvalidInput, field: str) -> list[Fault]:
    return [Fault(field, fault.value, fault.limit, fault.reason, fault.remedy) for fault in error.faults]


def _too_hot(mixing: Mixing | None) -> Iterator[Fault]:
    if mixing is not None and mixing.temperature is not None and mixing.temperature > _DESTROYED:
        limit, found = f"at most {format_quantity(_DESTROYED, 'degC')}", format_quantity(mixing.temperature, "degC")
        reason = "Polyolefins, and most polymers, decompose there."
        yield Fault("mixing.temperature", found, limit, reason, "Usual are 190 to 300 degC.")


def _degrading(mixing: Mixing | None) -> Iterator[Caution]:
    if mixing is not None and mixing.temperature is not None and mixing.temperature > _DEGRADES:
        yield Caution(
            "mixing-degrades",
            f"mixing.temperature is {format_quantity(mixing.temperature, 'degC')}: above "
            f"{format_quantity(_DEGRADES, 'degC')} polyolefins degrade within a mixing time, which the model does not know.",
        )


def _order(steps: tuple[StretchStep, ...]) -> Iterator[Fault]:
    reached = {"machine": 0.0, "transverse": 0.0}
    for index, step in enumerate(steps):
        if step is None:
            continue
        directions = ("machine", "transverse") if step.direction == "both" else (step.direction,)
        for direction in directions:
            if step.elongation < reached[direction]:
                reason = f"Elongations count from the unstretched film, and the step before ends at {100 * reached[direction]:g} %."
                remedy = "Give the total elongation at the end of this step."
                yield Fault(
                    f"stretch[{index}].elongation",
                    f"{100 * step.elongation:g} %",
                    f"at least {100 * reached[direction]:g} %",
                    reason,
                    remedy,
                )
            reached[direction] = max(reached[direction], step.elongation)


def _film(film: Any) -> Iterator[Fault]:
    if isinstance(film, Extrusion):
        yield from _mass_balance(film)
        yield from _die(film)
    if isinstance(film, SolutionCasting) and film.wet_thickness is not None and film.thickness is not None:
        expected = film.wet_thickness * film.solids
        if abs(film.thickness / expected - 1.0) > _MISMATCH:
            limit, found = f"{_um(expected)} from wet_thickness and solids", _um(film.thickness)
            yield Fault("film.thickness", found, limit, "What dries is what was cast.", "Leave one of the three out.")


def _mass_balance(film: Extrusion) -> Iterator[Fault]:
    """Thickness, die gap and draw-down that disagree, with or without the melt growing denser as it turns solid."""
    if film.thickness is None or film.die_gap is None or film.draw_down is None:
        return
    molten = film.die_gap / (film.draw_down * film.width_ratio)
    if not _DENSEST * (1.0 - _MISMATCH) <= film.thickness / molten <= 1.0 + _MISMATCH:
        limit = f"{_um(_DENSEST * molten)} to {_um(molten)} from die_gap, draw_down and width_ratio"
        reason = "The film is as thick as mass balance makes it, or up to a quarter thinner as it grows denser on solidifying."
        yield Fault("film.thickness", _um(film.thickness), limit, reason, "Leave one of the three out.")


def _die(film: Extrusion) -> Iterator[Fault]:
    """A film that would have to be thicker than its die."""
    if film.draw_down is not None or film.thickness is None:
        return
    thinnest = film.thickness * film.width_ratio
    limit = f"at least {_um(thinnest)}"
    if film.die_gap is not None and film.die_gap < thinnest:
        yield Fault("film.die_gap", _um(film.die_gap), limit, "A film is not thicker than its die.", "Widen the die.")
    if film.die_gap is None and film.draw_time is not None and thinnest > USUAL_DIE_GAP:
        reason = (
            f"The film is drawn down in draw_time, and from the usual die gap of {_um(USUAL_DIE_GAP)} "
            f"no film of {_um(film.thickness)} is drawn."
        )
        yield Fault("film.die_gap", "", limit, reason, "Give die_gap.")


def _um(length: float) -> str:
    return format_quantity(length, "um")


def _duty(duty: Any, field: str, materials: Materials) -> Iterator[Fault]:
    if isinstance(duty, GasDuty):
        if duty.mixture is not None:
            total = sum(duty.mixture.values())
            if len(duty.mixture) != 2 or abs(total - 1.0) > 1e-6:
                found = f"{len(duty.mixture)} gases, mole fractions that sum to {total:g}"
                yield Fault(
                    f"{field}.mixture",
                    found,
                    "two gases whose mole fractions sum to 1",
                    "Only binary mixtures are known.",
                    "Give two gases.",
                )
            for name in duty.mixture:
                yield from _known(lambda name=name: materials.gas(name), f"{field}.mixture")
        else:
            yield from _known(lambda: materials.gas(duty.gas), f"{field}.gas")
        if duty.feed_pressure < duty.permeate_pressure:
            found = f"{format_quantity(duty.feed_pressure, 'bar')}, the permeate's is {format_quantity(duty.permeate_pressure, 'bar')}"
            yield Fault(
                f"{field}.feed_pressure",
                found,
                "at least the permeate's",
                "Gas flows from high to low pressure.",
                "Exchange the two.",
            )
    elif isinstance(duty, LiquidDuty):
        own = None not in (duty.viscosity, duty.surface_tension, duty.contact_angle)
        if not own:
            for fault in _known(lambda: materials.liquid(duty.liquid), f"{field}.liquid"):
                remedy = f"{fault.remedy} Or give viscosity, surface_tension and contact_angle."
                yield Fault(fault.field, fault.value, fault.limit, fault.reason, remedy)
    elif isinstance(duty, SoluteDuty) and duty.radius is None:
        yield from _known(lambda: materials.solute(duty.solute), f"{field}.solute")
    elif isinstance(duty, ContactorDuty):
        yield from _known(lambda: materials.gas(duty.gas), f"{field}.gas")
    elif isinstance(duty, DistillationDuty) and duty.feed_temperature <= duty.permeate_temperature:
        limit = f"above the permeate's {format_quantity(duty.permeate_temperature, 'degC')}"
        reason = "Vapour goes from the hot face to the cold one."
        yield Fault(
            f"{field}.feed_temperature",
            format_quantity(duty.feed_temperature, "degC"),
            limit,
            reason,
            "Exchange the two.",
        )


def _known(lookup: Any, field: str) -> Iterator[Fault]:
    try:
        lookup()
    except InvalidInput as error:
        yield from _moved(error, field)


def _parameters(given: Any, names: Collection[str]) -> Iterator[Fault]:
    for name in given if isinstance(given, Mapping) else ():
        if names and name not in names:
            near = nearest(name, names)
            remedy = f"Did you mean {near}?" if near else "Choose one of them."
            yield Fault(
                f"parameters.{printable(name)}", "", ", ".join(sorted(names)), "The model has no such constant.", remedy
            )


def _melting(
    steps: tuple[StretchStep, ...], anneal: Anneal | None, mixing: Mixing, film: Any, first: Polymer, second: Polymer
) -> Iterator[Fault]:
    melting = second.melting_point
    if melting is not None:
        below = f"below {format_quantity(float(melting), 'degC')}, the melting point of the matrix ({second.full_name})"
        for index, step in enumerate(steps):
            if step is not None and step.temperature >= melting:
                remedy = _window(first)
                yield Fault(
                    f"stretch[{index}].temperature",
                    format_quantity(step.temperature, "degC"),
                    below,
                    "The film would melt.",
                    remedy,
                )
        if anneal is not None and anneal.temperature >= melting:
            yield Fault(
                "anneal.temperature",
                format_quantity(anneal.temperature, "degC"),
                below,
                "The film would melt.",
                "Anneal a few degrees above the hot stretch.",
            )
    if mixing.temperature is not None:
        for role, polymer in (("first", first), ("second", second)):
            softening = float(polymer.melting_point if polymer.melting_point is not None else polymer.glass_transition)
            if mixing.temperature < softening + _MELT_MARGIN:
                limit = f"at least {format_quantity(softening + _MELT_MARGIN, 'degC')}"
                reason = f"The {role} polymer ({polymer.name}) would not flow."
                remedy = f"Usual for {polymer.name}: {format_quantity(float(polymer.processing_temperature), 'degC')}."
                yield Fault("mixing.temperature", format_quantity(mixing.temperature, "degC"), limit, reason, remedy)


def _window(first: Polymer) -> str:
    transition = float(first.glass_transition)
    if transition < STANDARD_TEMPERATURE:
        return "Draw well below the melting point."
    low, high = format_quantity(transition - 15, "degC"), format_quantity(transition - 10, "degC")
    return f"The claims' hot stretch lies 10-15 degC below Tg of the first polymer: {low} to {high} for {first.name}."


def _cautions(
    steps: tuple[StretchStep, ...], anneal: Anneal | None, first: Polymer, second: Polymer
) -> Iterator[Caution]:
    transition = float(first.glass_transition)
    for index, (step, regime) in enumerate(zip(steps, regimes(steps), strict=True)):
        where = f"stretch[{index}]"
        if regime == "hot" and step.temperature > transition:
            text = (
                f"{where} is at {format_quantity(step.temperature, 'degC')}, above Tg of the first polymer "
                f"({format_quantity(transition, 'degC')}, {first.name}): soft domains draw out with the matrix and open hardly any voids."
            )
            yield Caution("hot-stretch-above-tg", text)
        if second.melting_point is not None and float(second.melting_point) - _DRAW_MARGIN < step.temperature < float(
            second.melting_point
        ):
            text = f"{where} is within {_DRAW_MARGIN:g} K of the matrix's melting point, where the drawing laws end."
            yield Caution("near-melting", text)
    if anneal is not None and anneal.temperature > transition and first.order != "":
        text = (
            f"The anneal at {format_quantity(anneal.temperature, 'degC')} is above Tg of the first polymer "
            f"({format_quantity(transition, 'degC')}): softened domains let part of the wakes close."
        )
        yield Caution("anneal-above-tg", text)
