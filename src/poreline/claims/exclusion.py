"""Which claims cannot hold together: their windows on the same quantity do not meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from poreline.claims.registry import Condition, Registry
from poreline.claims.window import Limits
from poreline.recipe import ClaimSettings

Axis = tuple[str, ...]
"""What is judged: two claims can clash only on the same axis."""
Windows = Mapping[Axis, tuple[Limits | frozenset[str], ...]]


@cache
def exclusions(registry: Registry, settings: ClaimSettings) -> Mapping[int, tuple[int, ...]]:
    """For every claim those that cannot hold together with it, by what both ask for with their parents.

    Windows count as written, without the tolerance of "about"; two ranges that share only a bound exclude each other.
    """
    asked = {number: _asked(number, registry, settings) for number in registry.claims}
    return {number: tuple(other for other in asked if _clash(asked[number], asked[other])) for number in asked}


def _clash(one: Windows, other: Windows) -> bool:
    return any(not _meet(a, b) for axis in one.keys() & other.keys() for a, b in product(one[axis], other[axis]))


def _meet(one: Limits | frozenset[str], other: Limits | frozenset[str]) -> bool:
    if isinstance(one, Limits):
        return isinstance(other, Limits) and one.shares_more_than_a_bound(other)
    return isinstance(other, frozenset) and bool(one & other)


def _asked(number: int, registry: Registry, settings: ClaimSettings) -> Windows:
    """What a claim and its parents ask for, axis by axis."""
    found: dict[Axis, tuple[Limits | frozenset[str], ...]] = {}
    for condition in dict.fromkeys(registry.conditions(number)):
        for axis, window in _windows(condition, settings):
            found[axis] = (*found.get(axis, ()), window)
    return found


def _windows(condition: Condition, settings: ClaimSettings) -> Iterator[tuple[Axis, Limits | frozenset[str]]]:
    axis = (condition.judge, condition.quantity)
    if condition.window is not None:
        where = (condition.basis, condition.regime, condition.relative_to, condition.reading)
        yield (*axis, *where), condition.window.limits(settings)
    elif condition.judge == "choice":
        yield axis, frozenset(condition.allowed)
    elif condition.judge == "polymers" and not condition.within_family:
        for role in condition.of:
            yield (*axis, role), frozenset(condition.allowed)
