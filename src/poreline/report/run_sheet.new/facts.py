"""What every part of a sheet is made from: the run, the batch, the line, and the masses and widths that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from poreline.blend import Substances
from poreline.film import Film
from poreline.line import Plan, Run
from poreline.recipe import Extrusion
from poreline.report.line_file import Line
from poreline.report.run_sheet.numbers import SheetNumber, number
from poreline.stretch import Stage, stages

_USUAL_INLET_SPEED = 1.0 / 60.0  # m/s
_USUAL_WIDTH = 0.3  # m
_PUNCH, _DISC = 100e-4, math.pi * (23.5e-3) ** 2  # m2: 100 cm2, and a disc of 47 mm for narrow films
_NARROW = 0.115  # m, a film that a 100 cm2 punch does not fit


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The run, the batch in kg, and the line; one of which nothing is known where there is no line file."""

    run: Run
    plan: Plan
    batch: float
    line: Line
    has_line: bool

    @cached_property
    def film(self) -> Film:
        """The unstretched film of the run."""
        film = self.run.nominal.film
        assert film is not None  # a plan that makes a membrane has every stage
        return film

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stretch stations."""
        return stages(self.plan.steps)

    @property
    def exit_ratio(self) -> float:
        """Speed of the film that leaves the last station over its speed into the first."""
        return float(self.stages[-1].machine_end) if self.stages else 1.0

    @cached_property
    def density_solid(self) -> float:
        """Density of the solid blend, kg/m3."""
        of = self.plan.substances
        densities = (of.first.density_solid, of.second.density_solid, of.copolymer.density_solid if of.copolymer else 0)
        blend = self.film.blend
        return _mixed(float(blend.first_volume_fraction), float(blend.copolymer_volume_fraction), densities)

    @cached_property
    def density_melt(self) -> float:
        """Density of the molten blend, kg/m3."""
        of = self.plan.substances
        densities = (of.first.density_melt, of.second.density_melt, of.copolymer.density_melt if of.copolymer else 0)
        blend = self.film.blend
        return _mixed(float(blend.first_volume_fraction_melt), float(blend.copolymer_volume_fraction_melt), densities)
