"""One judge per way of judging, and the judgement of a requirement from its conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from poreline.claims import composition, image, method, structure
from poreline.claims.facts import Facts
from poreline.claims.judgement import Judgement, combined
from poreline.claims.registry import Condition, Judge, Registry

JUDGES: dict[Judge, Callable[[Condition, Facts], Judgement]] = {
    "share": composition.share,
    "polymers": composition.polymers,
    "immiscible": composition.immiscible,
    "choice": method.choice,
    "sequence": method.sequence,
    "step": method.step,
    "anneal": method.anneal,
    "result": structure.result,
    "survival": structure.survival,
}


def judge(identifier: str, facts: Facts, registry: Registry) -> Judgement:
    """The judgement of one requirement: on the image where there is one and the requirement can be seen on it."""
    requirement = registry.requirements[identifier]
    if facts.structure is not None and requirement.on_image:
        return combined(requirement, image.judge(requirement, facts, facts.structure, registry.band))
    parts = tuple(
        replace(JUDGES[condition.judge](condition, facts), quantity=condition.quantity)
        for condition in registry.conditions_of(identifier)
    )
    return combined(requirement, parts)
