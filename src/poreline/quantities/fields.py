"""Dataclass fields that know their unit and meaning, written once and read by tables, files, schema and report."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = float | npt.NDArray[np.float64]
"""One number, or an array of them (recipes, parameter samples, stations of a draw); all laws broadcast."""


@dataclass(frozen=True)
class Meaning:
    """What a number is: its SI unit, the unit people print it in, its meaning, its symbol and the law it comes from."""

    unit: str
    meaning: str
    symbol: str = ""
    shown_in: str = ""
    method: str = ""

    @property
    def display_unit(self) -> str:
        """The unit to print it in."""
        return self.shown_in or self.unit


def quantity(unit: str, meaning: str, *, symbol: str = "", shown_in: str = "", method: str = "", **options: Any) -> Any:
    """A dataclass field that holds a number in SI `unit`, with its meaning, symbol, display unit and method."""
    metadata = {"quantity": Meaning(unit, meaning, symbol, shown_in, method)}
    return dataclasses.field(metadata=metadata, **options)


def meanings(kind: type) -> Iterator[tuple[str, Meaning]]:
    """Name and Meaning of every quantity field of a dataclass, in order."""
    for field in dataclasses.fields(kind):
        found = field.metadata.get("quantity")
        if found is not None:
            yield field.name, found


@dataclass(frozen=True)
class Finding:
    """A result before it becomes an Estimate: its values (one, or many over samples), what they mean, where they fail.

    A value that cannot be known is NaN, and `reason` says why.
    """

    values: Values
    meaning: Meaning
    reason: str = ""


def findings(stage: object) -> dict[str, Finding]:
    """Every quantity field of a stage result as a Finding, by field name."""
    return {name: Finding(getattr(stage, name), meaning) for name, meaning in meanings(type(stage))}
