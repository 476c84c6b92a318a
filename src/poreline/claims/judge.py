"""One judge per way of judging, and the judgement of a requirement from its conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from poreline.claims import composition, method, structure
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
    """The judgement of one requirement."""
    parts = tuple(
        replace(JUDGES[condition.judge](condition, facts), quantity=condition.quantity)
        for condition in registry.conditions_of(identifier)
    )
    return combined(registry.requirements[identifier], parts)
