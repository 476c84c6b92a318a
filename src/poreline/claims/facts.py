"""What the judges look at: a run, seen as a recipe, its materials and its results."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from poreline.claims.measured import MeasuredFacts
from poreline.claims.window import Array
from poreline.line import Plan, Run
from poreline.materials import Copolymer, Polymer
from poreline.quantities import NotDetermined, format_quantity, printable
from poreline.recipe import Anneal, ClaimSettings, Composition, StretchStep

_MEASURED_MEMBRANE = "The membrane was measured, not made here: what it was made of and how is not known."
_NO_RECIPE = "no recipe: what it was made of and how is not known"


@dataclass(frozen=True)
class Facts:
    """A run as the judges see it, and the structure of its membrane where an image shows it."""

    run: Run | None = None
    structure: MeasuredFacts | None = None

    @property
    def settings(self) -> ClaimSettings:
        """How the claims are read."""
        return self.run.recipe.claims if self.run is not None else ClaimSettings()

    @property
    def plan(self) -> Plan | None:
        """The plan of a membrane that is made; None for a measured one."""
        return self.run.plan if self.run is not None and isinstance(self.run.plan, Plan) else None

    @property
    def made(self) -> Run:
        """The run of a recipe."""
        assert self.run is not None  # the judges ask only where there is a recipe
        return self.run

    @property
    def why_unknown(self) -> str:
        """Why composition and method are not known where there is no plan."""
        return _MEASURED_MEMBRANE if self.run is not None else _NO_RECIPE

    @property
    def composition(self) -> Composition | None:
        """What is blended; None for a measured membrane."""
        return self.run.recipe.composition if self.run is not None else None

    @property
    def steps(self) -> tuple[StretchStep, ...]:
        """The stretch programme; every step says whether it is cold or hot."""
        return self.plan.steps if self.plan is not None else ()

    def steps_in(self, regime: str) -> tuple[tuple[int, StretchStep], ...]:
        """The cold or hot steps ("any": all) with their places in the programme."""
        return tuple((i, step) for i, step in enumerate(self.steps) if regime in ("any", step.regime))

    @property
    def anneal(self) -> Anneal | None:
        """The anneal, if there is one."""
        return self.made.recipe.anneal

    def component(self, role: str) -> Polymer | Copolymer | None:
        """The first or second polymer, or the copolymer."""
        return getattr(self.plan.substances, role) if self.plan is not None else None

    @property
    def first(self) -> Polymer:
        """The first polymer of a membrane that is made."""
        assert self.plan is not None  # the judges ask only where there is a plan
        return self.plan.substances.first

    @property
    def first_name(self) -> str:
        """The name of the first polymer, safe to print."""
        return printable(self.first.name)

    def assumed(self, field: str) -> str:
        """A remark where the recipe leaves `field` out and a default stands in for it."""
        return " (assumed)" if any(found.field == field for found in self.made.understood.assumed) else ""

    def cold_stretch(self, otherwise: float) -> float:
        """Temperature of the first cold stretch, K."""
        return next((step.temperature for step in self.steps if step.regime == "cold"), otherwise)

    def transition_below_cold(self, coldest: float) -> str:
        """Why a window below Tg of the first polymer has no meaning here; empty where it has one."""
        transition, cold = float(self.first.glass_transition), self.cold_stretch(coldest)
        if transition >= cold:
            return ""
        has_cold = any(step.regime == "cold" for step in self.steps)
        where = "the cold stretch" if has_cold else "any cold stretch"
        return (
            f"Tg of {self.first_name} ({format_quantity(transition, 'degC')}) lies below {where} "
            f"({format_quantity(cold, 'degC')}): below it there is no hot stretch, so the claim's temperatures have no "
            "meaning for this first polymer."
        )

    # Results

    def value(self, name: str) -> float:
        """A result at the nominal parameters, SI; NaN where there is none."""
        return float(getattr(self.made.results.get(name), "value", np.nan))

    def samples(self, name: str) -> Array:
        """Samples of a result, SI."""
        return self.made.samples.get(name, np.zeros(0))

    def why_not(self, names: tuple[str, ...]) -> str:
        """Why one of these results has no value."""
        missing = [self.made.results.get(name) for name in names]
        reasons = [found.reason for found in missing if isinstance(found, NotDetermined)]
        return reasons[0] if reasons else "It is neither simulated nor measured."

    def measured(self, name: str) -> bool:
        """Whether the recipe gives a measured value for this result."""
        recipe = self.made.recipe
        if recipe.membrane is not None:
            return getattr(recipe.membrane, name, None) is not None and not self.assumed(f"membrane.{name}")
        return getattr(recipe.measured, name, None) is not None

    def samples_of_transition(self) -> Array | None:
        """Samples of Tg of the first polymer, K, in step with those of the results; None where it is not varied."""
        return self.made.inputs.get(f"{self.first.name}.glass_transition")


def varies(samples: Array) -> bool:
    """Whether something uncertain acts on these samples: they are not all the same."""
    return samples.size > 0 and not bool(np.all(samples == samples.flat[0]))
