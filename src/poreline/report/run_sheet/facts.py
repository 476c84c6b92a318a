"""What every part of a sheet is made from: the run, the batch, the line, and the masses and widths that follow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from poreline.film import Film
from poreline.line import Plan, Run
from poreline.quantities.fields import Values
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
    """The run, the batch in kg, and the line: one that limits nothing where there is no line file."""

    run: Run
    plan: Plan
    batch: float
    line: Line

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
        blend, of = self.film.blend, self.plan.substances
        copolymer = of.copolymer.density_solid if of.copolymer is not None else 0.0
        densities = (of.first.density_solid, of.second.density_solid, copolymer)
        return _mixed(blend.first_volume_fraction, blend.copolymer_volume_fraction, densities)

    @cached_property
    def density_melt(self) -> float:
        """Density of the molten blend, kg/m3."""
        blend, of = self.film.blend, self.plan.substances
        copolymer = of.copolymer.density_melt if of.copolymer is not None else 0.0
        densities = (of.first.density_melt, of.second.density_melt, copolymer)
        return _mixed(blend.first_volume_fraction_melt, blend.copolymer_volume_fraction_melt, densities)

    @property
    def density_film(self) -> float:
        """Density of the unstretched film, which may hold pores of its own, kg/m3."""
        return self.density_solid * (1.0 - float(self.film.residual_porosity))

    @property
    def thickness(self) -> float:
        """Thickness of the unstretched film, m."""
        return float(self.film.film_thickness_unstretched)

    def areal_mass(self, drawn: float = 1.0) -> float:
        """Mass per area, kg/m2, of a film drawn to `drawn` times its area."""
        return self.density_film * self.thickness / drawn

    @cached_property
    def inlet(self) -> SheetNumber:
        """Speed of the unstretched film into the line."""
        meaning = "speed of the unstretched film"
        return _given_or_usual(self.line.inlet_speed, _USUAL_INLET_SPEED, "m/s", meaning, "m/min")

    @cached_property
    def width(self) -> SheetNumber:
        """Width of the unstretched film."""
        meaning, widest = "width of the unstretched film", self.width_from_die
        if self.line.film_width is None and widest is not None:
            return number(widest, "m", meaning, "mm", note="die width times the recipe's width_ratio")
        return _given_or_usual(self.line.film_width, _USUAL_WIDTH, "m", meaning, "mm")

    @property
    def width_from_die(self) -> float | None:
        """Width of the film that the whole die makes, m; None without a die or its width."""
        film = self.plan.film
        if self.line.die_width is None or not isinstance(film, Extrusion):
            return None
        return self.line.die_width * float(film.width_ratio)

    @cached_property
    def punch(self) -> SheetNumber:
        """Area that is punched out and weighed: smaller where the film is narrow."""
        narrowest = self.width.value * min([1.0, *(station.low["width_ratio"] for station in self.run.stations)])
        area, note = (_DISC, "disc of 47 mm: the film is narrow") if narrowest < _NARROW else (_PUNCH, "")
        return number(area, "m2", "area of the punch that is weighed", "cm2", assumed=True, note=note)

    def assumed(self, field: str) -> bool:
        """True for a field that the recipe leaves to its default."""
        return any(entry.field == field for entry in self.run.understood.assumed)


def _mixed(first: Values, copolymer: Values, densities: tuple[Values, Values, Values]) -> float:
    """Density of a blend from the volume fractions of its first polymer and its copolymer."""
    shares = (first, 1.0 - first - copolymer, copolymer)
    return float(sum(share * density for share, density in zip(shares, densities, strict=True)))


def _given_or_usual(given: float | None, usual: float, unit: str, meaning: str, shown_in: str) -> SheetNumber:
    if given is None:
        return number(usual, unit, meaning, shown_in, assumed=True)
    return number(given, unit, meaning, shown_in, note="from the line file")
