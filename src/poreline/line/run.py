"""A run: one recipe through the line, with its bands, curves, cautions and provenance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.line.draw import DrawCurve, Station
from poreline.line.evaluate import LineResult
from poreline.line.plan import MembranePlan, Plan
from poreline.line.sensitivity import Causes
from poreline.line.uncertainty import UncertainNumber
from poreline.quantities import Result
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Meaning
from poreline.recipe import Recipe, UnderstoodRecipe

OutcomeKind = Literal["ok", "ruptured", "not-connected", "not-converged"]


@dataclass(frozen=True)
class Outcome:
    """How the run ended, physically."""

    kind: OutcomeKind
    text: str
    """What happened, where, and what would help."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a run was made of and made with."""

    version: str
    model: str
    seed: int
    samples: int
    priors: str
    recipe_digest: str
    run_digest: str
    """Equal for equal recipe, materials, version, model, seed and samples."""
    python: str
    numpy: str
    platform: str
    created: str
    """Date and time, ISO 8601, UTC; not part of the digest."""
    wall_time: float
    """Seconds; not part of the digest."""

    def as_dict(self) -> dict[str, str | int | float]:
        """Plain fields, for machine-readable output."""
        return dict(self.__dict__)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One recipe through the line."""

    understood: UnderstoodRecipe
    plan: Plan | MembranePlan
    outcome: Outcome
    results: dict[str, Result]
    """Every result by name, in the order of the line."""
    meanings: dict[str, Meaning]
    """Symbol, units and method of every result."""
    stage_of: dict[str, str]
    """The stage that every result belongs to."""
    nominal: LineResult
    samples: dict[str, npt.NDArray[np.float64]]
    """Samples of every result."""
    numbers: tuple[UncertainNumber, ...]
    """What was sampled."""
    inputs: dict[str, npt.NDArray[np.float64]]
    """Samples of what was sampled, by name, in step with those of the results."""
    curve: DrawCurve | None = None
    stations: tuple[Station, ...] = ()
    causes: dict[str, Causes] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()
    provenance: Provenance

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.understood.recipe

    def value(self, name: str) -> float:
        """Nominal value of a result; NaN where it is not determined."""
        found = self.results[name]
        return getattr(found, "value", float("nan"))
