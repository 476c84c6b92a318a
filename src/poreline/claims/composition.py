"""Judges of what the membrane is made of: shares, classes of the polymers, immiscibility."""

from __future__ import annotations

from poreline.claims.facts import Facts, varies
from poreline.claims.judgement import Judgement, Source, against, of_choice
from poreline.claims.registry import Condition
from poreline.line.cautions import verdict_on_miscibility
from poreline.materials import Copolymer, Polymer
from poreline.quantities import from_si, printable
from poreline.recipe import Composition

_FROM_RECIPE = ("kind",)


def share(condition: Condition, facts: Facts) -> Judgement:
    """A share of the composition by weight, per 100 parts of first + second polymer or of everything."""
    composition = facts.composition
    if composition is None:
        return Judgement(verdict="undetermined", source="recipe", text=facts.why_unknown)
    assert condition.window is not None
    limits = condition.window.limits(facts.settings)
    parts = _parts(condition.quantity, composition)
    of_polymers, of_total = (
        from_si(parts / whole, limits.unit) for whole in (composition.polymer_parts, composition.total_parts)
    )
    name = _component(condition.quantity, composition)
    if condition.basis == "total":
        note = f"{name}: {of_total:.4g} % of the total." if parts > 0 else ""
        return against(limits, of_total, source="recipe", text=f"{name} {of_total:.4g} % of the total", note=note)
    text = f"{name} {of_polymers:.4g} % of first + second polymer ({of_total:.4g} % of the total)"
    other = limits.verdict(of_total)
    if other == limits.verdict(of_polymers):
        return against(limits, of_polymers, source="recipe", text=text)
    text += f"; counted on the total it would be {other}"
    return against(limits, of_polymers, source="recipe", text=text, on_total=other)


def _parts(quantity: str, composition: Composition) -> float:
    if quantity == "additives":
        return sum(additive.parts for additive in composition.additives)
    return composition.copolymer_parts if quantity == "copolymer" else getattr(composition, quantity).parts


def _component(quantity: str, composition: Composition) -> str:
    if quantity == "additives":
        return ", ".join(["additives", *(printable(additive.name) for additive in composition.additives)])
    if quantity == "copolymer":
        return printable(composition.compatibiliser.copolymer) if composition.compatibiliser else "compatibiliser"
    return printable(getattr(composition, quantity).polymer)


def polymers(condition: Condition, facts: Facts) -> Judgement:
    """The class that each of some components belongs to."""
    source: Source = "recipe" if condition.quantity in _FROM_RECIPE else "materials"
    if facts.plan is None:
        return Judgement(verdict="undetermined", source=source, text=facts.why_unknown)
    asked = [(role, facts.component(role)) for role in condition.of]
    if any(component is None for _, component in asked):
        return of_choice(False, "none", condition.allowed, source=source, text="there is no compatibiliser")
    components = [component for _, component in asked if component is not None]
    if condition.within_family:
        components = [component for component in components if _in_family(component, condition.within_family)]
    if not components:
        text = f"neither polymer is a {condition.within_family}"
        return of_choice(False, "none", condition.allowed, source=source, text=text)
    classes = [(printable(component.name), _classes(component, condition.quantity)) for component in components]
    value = ", ".join(name for name, _ in classes)
    text = ", ".join(f"{name}: {printable(' and '.join(found)) or 'not given'}" for name, found in classes)
    if any(not found for _, found in classes):
        text += f" (add {condition.quantity} to the material file)"
        return Judgement(verdict="undetermined", value=value, source=source, unit="", text=text)
    accepted = {*condition.allowed, *condition.synonyms}
    held = all(accepted & set(found) for _, found in classes)
    return of_choice(held, value, condition.allowed, source=source, text=text)


def _in_family(component: Polymer | Copolymer, family: str) -> bool:
    return isinstance(component, Polymer) and component.family == family


def _classes(component: Polymer | Copolymer, quantity: str) -> list[str]:
    """What a component may be called in this respect."""
    if isinstance(component, Copolymer):
        return [component.name, component.full_name]
    found = (component.order, component.affinity) if quantity == "class" else (getattr(component, quantity),)
    return [name for name in found if name]


def immiscible(condition: Condition, facts: Facts) -> Judgement:
    """Whether the two polymers form two phases: by their solubility parameters, or because the pair is known to."""
    blend = facts.made.nominal.blend if facts.plan is not None else None
    if facts.plan is None or blend is None:
        return Judgement(verdict="undetermined", source="materials", text=facts.why_unknown)
    first, second = facts.plan.substances.first, facts.plan.substances.second
    pair = f"{printable(first.name)} and {printable(second.name)}"
    verdict = verdict_on_miscibility(blend)
    degree, probability = float(blend.segregation_degree), float(blend.immiscibility_probability)
    measured = facts.plan.measured.interaction_parameter is not None
    by = "the measured interaction parameter" if measured else "solubility parameters"
    text = f"{pair}: {verdict} by {by} (chi/chi_s {degree:.3g}, probability {probability:.2f})"
    # What was measured on this pair counts for more than what is known of pairs of its kind.
    listed = not measured and facts.made.understood.materials.known_immiscible(first.name, second.name)
    text += ", known to form two phases (list of pairs)" if listed else ", not in the list of known pairs"
    if listed or verdict != "uncertain":
        held = listed or verdict == "immiscible"
        degrees = facts.samples("segregation_degree")
        beyond_spinodal = degrees > 1.0 if varies(degrees) and not listed else None  # what is observed is certain
        found = "immiscible" if held else verdict
        return of_choice(held, found, ["immiscible"], source="materials", text=text, inside=beyond_spinodal)
    text += "; list the pair as immiscible in a material file if two glass transitions are found in it"
    return Judgement(verdict="undetermined", value=verdict, window="immiscible", unit="", source="materials", text=text)
