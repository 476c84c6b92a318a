"""What a membrane does on its duties."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from poreline.materials import Gas, Liquid, Solute
from poreline.quantities.fields import Finding, Meaning, Values
from poreline.separation.liquid import Truth

Warnings = tuple[tuple[str, str], ...]
"""Code and text of each warning."""


class FluidLibrary(Protocol):
    """Where the fluids of a duty come from."""

    def gas(self, name: str) -> Gas:
        """The gas of that name."""

    def liquid(self, name: str) -> Liquid:
        """The liquid of that name."""

    def solute(self, name: str) -> Solute:
        """The solute of that name."""


@dataclass(frozen=True, kw_only=True)
class DutyResult:
    """What a membrane does on one duty."""

    kind: str
    title: str
    duty: Any
    """The duty, as the recipe gives it."""
    results: dict[str, Finding]
    warnings: Warnings = ()


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What a membrane does on all its duties, in their order."""

    duties: tuple[DutyResult, ...] = field(default=())

    @property
    def results(self) -> dict[str, Finding]:
        """All results by name; a name that an earlier duty has used gets the suffix _2, _3, ..."""
        flat: dict[str, Finding] = {}
        for duty in self.duties:
            for name, found in duty.results.items():
                flat[_free_name(name, flat)] = found
        return flat

    @property
    def warnings(self) -> Warnings:
        """All warnings, in the order of the duties, each once."""
        return tuple(dict.fromkeys(warning for duty in self.duties for warning in duty.warnings))


def _free_name(name: str, taken: dict[str, Finding]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def found(values: Values, meaning: Meaning, reason: str = "") -> Finding:
    """A result; where its values are not finite they become NaN, and only then `reason` is kept."""
    finite = np.isfinite(values)
    if np.all(finite):
        return Finding(values, meaning)
    return Finding(np.where(finite, values, np.nan)[()], meaning, reason)


def warn(condition: Truth, code: str, text: str, **numbers: Any) -> Warnings:
    """One warning if `condition` holds, with `numbers` formatted into `text`; none for samples (an array)."""
    if np.ndim(condition) or not condition:
        return ()
    return ((code, text.format(**numbers)),)


def join(*parts: Sequence[tuple[str, str]]) -> Warnings:
    """The warnings of all parts."""
    return tuple(warning for part in parts for warning in part)
