"""Which claims cannot hold together: their windows on the same quantity do not meet."""

from __future__ import annotations

from collections.abc import Iterator

from poreline.claims.registry import Condition, Registry
from poreline.claims.window import Limits
from poreline.recipe import ClaimSettings

Axis = tuple[str, ...]


def excluded_by(number: int, registry: Registry, settings: ClaimSettings) -> tuple[int, ...]:
    """The claims that cannot hold together with claim `number`, by what both ask for with their parents.

    Windows count as written, without the tolerance of "about"; two ranges that share only a bound exclude each other.
    """
    own = _asked(number, registry, settings)
    return tuple(other for other in registry.claims if _clash(own, _asked(other, registry, settings)))


def _clash(own: list[tuple[Axis, Limits | frozenset[str]]], other: list[tuple[Axis, Limits | frozenset[str]]]) -> bool:
    return any(axis == axis2 and not _meet(window, window2) for axis, window in own for axis2, window2 in other)


def _meet(one: Limits | frozenset[str], other: Limits | frozenset[str]) -> bool:
    if isinstance(one, Limits):
        return isinstance(other, Limits) and one.shares_more_than_a_bound(other)
    return isinstance(other, frozenset) and bool(one & other)


def _asked(number: int, registry: Registry, settings: ClaimSettings) -> list[tuple[Axis, Limits | frozenset[str]]]:
    """What a claim and its parents ask for, quantity by quantity."""
    return [found for condition in registry.conditions(number) for found in _windows(condition, settings)]


def _windows(condition: Condition, settings: ClaimSettings) -> Iterator[tuple[Axis, Limits | frozenset[str]]]:
    axis = (condition.judge, condition.quantity)
    if condition.window is not None:
        where = (condition.basis, condition.regime, condition.relative_to, condition.reading)
        yield (*axis, *where), condition.window.limits(settings)
    elif condition.judge == "choice":
        yield axis, frozenset(condition.allowed)
    elif condition.judge == "polymers" and not condition.within_family:
        # A claim that asks both polymers for one class leaves open which; a single component is pinned down.
        for role in condition.of:
            yield (*axis, role), frozenset(condition.allowed)
