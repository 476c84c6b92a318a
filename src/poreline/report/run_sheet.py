"""The run sheet: what an operator needs to make a recipe on a real line, from weigh-out to acceptance limits."""

from __future__ import annotations

import csv
import dataclasses
import io
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from poreline.claims import registry
from poreline.film import casting, extrusion, spray
from poreline.line import Plan, Run
from poreline.line.draw import Station
from poreline.materials import Polymer
from poreline.quantities import Estimate, Fault, InvalidInput, format_quantity, from_si, printable, to_si
from poreline.recipe import Extrusion, MeltCasting, SolutionCasting, Spraying
from poreline.report.line_file import Line, LineStation
from poreline.stretch.programme import Stage, stages

_USUAL_INLET_SPEED = 1.0 / 60.0  # m/s
_USUAL_WIDTH = 0.3  # m
_USUAL_SCREW, _USUAL_CHANNEL = 25e-3, 4e-3  # m
_SOLVENT_DENSITY = 900.0  # kg/m3, of a usual solvent; what the evaporation time of the film room takes too
_OVEN_TOLERANCE, _MELT_TOLERANCE = 1.0, 5.0  # K
_WEIGHING_TOLERANCE, _THICKNESS_TOLERANCE = 0.005, 0.05
_RATE_TOLERANCE = 0.1  # a strain rate this far from the recipe's is a problem
_COARSEST, _FINEST = Fraction(1, 1000), Fraction(1, 1_000_000)  # kg, resolution of the weigh-out
_PUNCH, _DISC = 100e-4, math.pi * (23.5e-3) ** 2  # m2: 100 cm2, and a disc of 47 mm for narrow films
_NARROW = 0.115  # m, a film that a 100 cm2 punch does not fit
_BATCHES = (1e-3, 1e5)  # kg
_SHORT_RUN = 7200.0  # s, below which the running time is printed in minutes

_DRYING = {
    "polyester": "dry before melting: 120-150 degC for 4-6 h, below 50 ppm of water (usual, assumed), or it hydrolyses",
    "polyamide": "dry before melting: 80 degC in vacuum for 8-12 h, below 0.1 % of water (usual, assumed)",
    "polycarbonate": "dry before melting: 120 degC for 4 h, below 200 ppm of water (usual, assumed)",
    "acrylic": "dry before melting: 80 degC for 4 h, below 500 ppm of water (usual, assumed)",
}

RangeKind = Literal["", "claim window", "assumed tolerance", "90 % band", "limits"]


@dataclass(frozen=True, kw_only=True)
class SheetNumber:
    """One number of the sheet, in SI, with what an operator must know about it."""

    value: float
    unit: str
    """SI unit of value, low and high."""
    meaning: str
    shown_in: str = ""
    """Unit to print it in; the SI unit if empty."""
    low: float | None = None
    high: float | None = None
    range_kind: RangeKind = ""
    """What low and high are: the claims' window, a tolerance that is assumed, or the band of a prediction."""
    assumed: bool = False
    """True where neither the recipe nor the line file gives it."""
    note: str = ""
    decimals: int | None = None
    """Fixed number of decimals in the printed unit; by default four significant digits."""

    @property
    def display_unit(self) -> str:
        """The unit to print it in."""
        return self.shown_in or self.unit

    @property
    def number_text(self) -> str:
        """The value in its display unit, without the unit."""
        return _digits(from_si(self.value, self.display_unit), self.decimals)

    @property
    def text(self) -> str:
        """Value and unit."""
        return _with_unit(self.number_text, self.display_unit)

    @property
    def bounds_text(self) -> str:
        """Low and high in the display unit, without unit and kind."""
        if self.low is None or self.high is None:
            return ""
        low, high = (from_si(bound, self.display_unit) for bound in (self.low, self.high))
        return f"{_digits(low, self.decimals)} to {_digits(high, self.decimals)}"

    @property
    def range_text(self) -> str:
        """Low to high with unit and kind; empty without a range."""
        bounds = self.bounds_text
        return f"{_with_unit(bounds, self.display_unit)} ({self.range_kind})" if bounds else ""

    @property
    def note_text(self) -> str:
        """The note, led by `assumed` where the number is."""
        return "; ".join(part for part in ("assumed" if self.assumed else "", self.note) if part)

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, SI, for machine-readable output; what does not apply is left out."""
        found: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.low is not None and self.high is not None:
            found |= {"low": self.low, "high": self.high, "range": self.range_kind}
        if self.assumed:
            found["assumed"] = True
        return found | ({"note": self.note} if self.note else {})


@dataclass(frozen=True, kw_only=True)
class Component:
    """One component of the batch."""

    name: str
    role: str
    parts: float
    mass_share: SheetNumber
    mass: SheetNumber
    """As weighed: a multiple of the resolution."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FeedStep:
    """One step of mixing: what is fed, in the masses of the weigh-out."""

    title: str
    feeds: tuple[str, ...]
    masses: tuple[SheetNumber, ...]
    temperature: SheetNumber
    masterbatch_ratio: SheetNumber | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class WeighOut:
    """Masses for the batch. The weighed masses and the remainder sum to the batch."""

    batch: SheetNumber
    basis: str
    components: tuple[Component, ...]
    resolution: SheetNumber
    remainder: SheetNumber


@dataclass(frozen=True, kw_only=True)
class MixingSheet:
    """Settings of the mixer, and the order in which the components meet."""

    temperature: SheetNumber
    shear_rate: SheetNumber
    screw_speed: SheetNumber
    screw_diameter: SheetNumber
    channel_depth: SheetNumber
    time: SheetNumber
    steps: tuple[FeedStep, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FilmSheet:
    """How the film is formed: the numbers that its process needs, in order."""

    process: str
    settings: dict[str, SheetNumber]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StretchSheet:
    """One stretch station: its settings, and the film that leaves it, still held at length."""

    step: int
    regime: str
    direction: str
    width_held: bool
    oven_temperature: SheetNumber
    elongation: SheetNumber
    ratio: SheetNumber
    ratio_cumulative: SheetNumber
    strain_rate: SheetNumber
    residence_time: SheetNumber
    speed_in: SheetNumber
    speed_out: SheetNumber
    gap: SheetNumber
    ratio_transverse: SheetNumber | None = None
    ratio_transverse_cumulative: SheetNumber | None = None
    clip_width_in: SheetNumber | None = None
    clip_width_out: SheetNumber | None = None
    width_rate: SheetNumber | None = None
    line_gap: SheetNumber | None = None
    line_strain_rate: SheetNumber | None = None
    line_inlet_speed: SheetNumber | None = None
    width: SheetNumber
    thickness: SheetNumber
    draw_force_per_width: SheetNumber | None = None
    draw_force: SheetNumber | None = None
    draw_force_peak: SheetNumber | None = None
    clip_force: SheetNumber | None = None
    break_risk: SheetNumber

    @property
    def label(self) -> str:
        """The step as the recipe counts it."""
        return f"stretch[{self.step}]"


@dataclass(frozen=True, kw_only=True)
class AnnealSheet:
    """Heat setting after the last station."""

    temperature: SheetNumber
    duration: SheetNumber
    oven_length: SheetNumber
    speed: SheetNumber
    speed_out: SheetNumber
    tension: str


@dataclass(frozen=True, kw_only=True)
class WindUp:
    """What is left when the film is let go."""

    shrinkage_machine: SheetNumber | None
    shrinkage_transverse: SheetNumber | None
    film_length: SheetNumber
    membrane_length: SheetNumber
    membrane_area: SheetNumber
    running_time: SheetNumber


@dataclass(frozen=True, kw_only=True)
class Check:
    """Acceptance limits at one place of the line."""

    place: str
    width: SheetNumber
    thickness: SheetNumber
    density: SheetNumber
    areal_mass: SheetNumber
    punch_mass: SheetNumber


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that this line cannot do, or would do otherwise than the recipe says."""

    step: str
    what: str
    needed: SheetNumber
    available: SheetNumber
    text: str


@dataclass(frozen=True, kw_only=True)
class RunSheet:
    """Everything that an operator needs to make the recipe. Numbers are SI; `sections` has them as text."""

    recipe_name: str
    line_name: str
    run_digest: str
    outcome: str
    inlet_speed: SheetNumber
    film_width: SheetNumber
    weigh_out: WeighOut
    mixing: MixingSheet
    film: FilmSheet
    stretch: tuple[StretchSheet, ...]
    anneal: AnnealSheet | None
    wind_up: WindUp
    checks: tuple[Check, ...]
    punch_area: SheetNumber
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sheet as tables of text, in the order of the line."""
        return sections(self)

    def as_dict(self) -> dict[str, Any]:
        """Nested plain fields, SI with units, for machine-readable output."""
        found: dict[str, Any] = _plain(self)
        return found


@dataclass(frozen=True)
class Section:
    """A table of the sheet as text, for a terminal or a page; `notes` stand below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


# The sheet


def run_sheet(run: Run, batch: float, line: Line | None = None) -> RunSheet:
    """The run sheet of a recipe for a batch of `batch` kg, on `line` if its operator has described it.

    Raises InvalidInput for a measured membrane, which nobody makes here, and for a batch that no scale weighs.
    """
    if not isinstance(run.plan, Plan):
        reason = "A measured membrane is not made here, so there is nothing to weigh, mix or draw."
        raise InvalidInput(
            [Fault("membrane", "", "a recipe with a composition", reason, "Give a composition instead of [membrane].")],
            "run sheet",
        )
    if not (math.isfinite(batch) and _BATCHES[0] <= batch <= _BATCHES[1]):
        limit = f"{format_quantity(_BATCHES[0], 'g')} to {format_quantity(_BATCHES[1], 't')}"
        fault = Fault("batch", f"{batch:g} kg", limit, "No scale weighs it out.", 'Write it like "10 kg".')
        raise InvalidInput([fault], "run sheet")
    return _Maker(run, run.plan, float(batch), line or Line(), line is not None).sheet()


@dataclass
class _Maker:
    """The facts that every part of one sheet is made from, and the problems that turn up on the way."""

    run: Run
    plan: Plan
    batch: float
    line: Line
    has_line: bool
    problems: list[Problem] = field(default_factory=list)
    slowest: list[float] = field(default_factory=list)
    """Inlet speeds that a limit of the line does not allow to go below."""
    fastest: list[float] = field(default_factory=list)
    """Inlet speeds that a limit of the line does not allow to exceed."""

    def __post_init__(self) -> None:
        film = self.run.nominal.film
        assert film is not None  # a plan that makes a membrane has every stage
        blend, substances = film.blend, self.plan.substances
        copolymer = substances.copolymer
        shares = _shares(float(blend.first_volume_fraction), float(blend.copolymer_volume_fraction))
        melt = _shares(float(blend.first_volume_fraction_melt), float(blend.copolymer_volume_fraction_melt))
        solids = (substances.first.density_solid, substances.second.density_solid)
        melts = (substances.first.density_melt, substances.second.density_melt)
        self.density_solid = _mixed(shares, (*solids, copolymer.density_solid if copolymer else 0.0))
        self.density_melt = _mixed(melt, (*melts, copolymer.density_melt if copolymer else 0.0))
        self.thickness = float(film.film_thickness_unstretched)
        self.density_film = self.density_solid * (1.0 - float(film.residual_porosity))
        self.stages = stages(self.plan.steps)
        self.written_off = {entry.field for entry in self.run.understood.assumed}
        self.width = self._film_width()
        self.inlet = self._given_or_usual(
            self.line.inlet_speed, _USUAL_INLET_SPEED, "m/s", "speed of the unstretched film", "m/min"
        )
        self.punch = _DISC if self._narrowest() < _NARROW else _PUNCH

    def sheet(self) -> RunSheet:
        """All parts, in the order of the line."""
        weigh_out = _weigh_out(self)
        mixing = _mixing(self, weigh_out)
        film = _film(self)
        _stations(self)
        stretch = tuple(_stretch(self, index, stage) for index, stage in enumerate(self.stages))
        anneal = _anneal(self)
        _inlet_speeds(self)
        run = self.run
        return RunSheet(
            recipe_name=printable(run.recipe.name, 120),
            line_name=printable(self.line.name) if self.has_line else "",
            run_digest=run.provenance.run_digest,
            outcome="" if run.outcome.kind == "ok" else run.outcome.text,
            inlet_speed=self.inlet,
            film_width=self.width,
            weigh_out=weigh_out,
            mixing=mixing,
            film=film,
            stretch=stretch,
            anneal=anneal,
            wind_up=_wind_up(self),
            checks=tuple(_checks(self)),
            punch_area=_number(
                self.punch,
                "m2",
                "area of the punch that is weighed",
                "cm2",
                assumed=True,
                note="disc of 47 mm: the film is narrow" if self.punch == _DISC else "",
            ),
            problems=tuple(self.problems),
            notes=tuple(_notes(self)),
        )

    def assumed(self, field_name: str) -> bool:
        """True for a field that the recipe leaves to its default."""
        return field_name in self.written_off

    def problem(self, step: str, what: str, needed: SheetNumber, available: float, relation: str, remedy: str) -> None:
        """Note a problem; its text says what is needed, what the line allows, and what helps."""
        have = dataclasses.replace(needed, value=available, meaning=relation, note="", low=None, high=None)
        text = f"{step}: needs {needed.text} ({what}), the line {relation} {have.text}: {remedy}."
        self.problems.append(Problem(step=step, what=what, needed=needed, available=have, text=text))

    def areal_mass(self, drawn: float) -> float:
        """Mass per area, kg/m2, of a film drawn to `drawn` times its area."""
        return self.density_film * self.thickness / drawn

    def _film_width(self) -> SheetNumber:
        line, film, meaning = self.line, self.plan.film, "width of the unstretched film"
        if line.film_width is None and line.die_width is not None and isinstance(film, Extrusion):
            width = line.die_width * float(film.width_ratio)
            return _number(width, "m", meaning, "mm", note="die width times the recipe's width_ratio")
        return self._given_or_usual(line.film_width, _USUAL_WIDTH, "m", meaning, "mm")

    def _given_or_usual(self, given: float | None, usual: float, unit: str, meaning: str, shown_in: str) -> SheetNumber:
        note = "from the line file" if given is not None else ""
        value = usual if given is None else given
        return _number(value, unit, meaning, shown_in, assumed=given is None, note=note)

    def _narrowest(self) -> float:
        return self.width.value * min([1.0, *(station.low["width_ratio"] for station in self.run.stations)])


# Weigh-out


def _weigh_out(maker: _Maker) -> WeighOut:
    composition = maker.run.recipe.composition
    assert composition is not None  # a plan that makes a membrane has one
    substances = maker.plan.substances
    listed = [
        (substances.first.name, "first polymer (domains)", composition.first.parts),
        (substances.second.name, "second polymer (matrix)", composition.second.parts),
    ]
    if composition.compatibiliser is not None and substances.copolymer is not None:
        listed.append((substances.copolymer.name, "compatibiliser", composition.compatibiliser.parts))
    listed += [(printable(extra.name), "additive", extra.parts) for extra in composition.additives]
    listed = [entry for entry in listed if entry[2] > 0]
    total = sum(Fraction(parts) for _, _, parts in listed)
    resolution = _resolution(Fraction(maker.batch) * min(Fraction(parts) for _, _, parts in listed) / total)
    units = int(Fraction(repr(maker.batch)) / resolution)
    counts = _apportioned([Fraction(parts) * units / total for _, _, parts in listed], units)
    shown_in, decimals = _scale(maker.batch, resolution)

    def mass(amount: Fraction, meaning: str, tolerance: float = 0.0) -> SheetNumber:
        value = float(amount)
        bounds = _around(value, tolerance) if tolerance else (None, None)
        return _number(value, "kg", meaning, shown_in, *bounds, decimals=decimals)

    components = []
    for (name, role, parts), count in zip(listed, counts, strict=True):
        weighed = count * resolution
        tolerance = max(_WEIGHING_TOLERANCE * float(weighed), float(resolution))
        components.append(
            Component(
                name=name,
                role=role,
                parts=parts,
                mass_share=_number(float(Fraction(parts) / total), "1", f"share of the total, {name}", "%"),
                mass=mass(weighed, f"mass of {name}", tolerance),
                note="too little to weigh: feed it as a masterbatch" if count == 0 else "",
            )
        )
    left = Fraction(repr(maker.batch)) - units * resolution
    return WeighOut(
        batch=_number(maker.batch, "kg", "batch", shown_in, decimals=decimals),
        basis="parts by weight" if composition.basis == "parts" else "weight percent",
        components=tuple(components),
        resolution=mass(resolution, "weighed to"),
        remainder=_number(float(left), "kg", "of the batch, below the resolution", "g", decimals=3),
    )


def _resolution(smallest: Fraction) -> Fraction:
    """Power of ten that gives the smallest mass (kg) three digits; 1 g or finer, not below 1 mg."""
    power = Fraction(10) ** (math.floor(math.log10(max(smallest, _FINEST))) - 2)
    return max(min(power, _COARSEST), _FINEST)


def _apportioned(quotas: list[Fraction], units: int) -> list[int]:
    """Whole numbers next to the quotas that sum to `units`: the largest remainders are rounded up."""
    counts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda index: counts[index] - quotas[index])
    for index in by_remainder[: units - sum(counts)]:
        counts[index] += 1
    return counts


def _scale(batch: float, resolution: Fraction) -> tuple[str, int]:
    """Unit in which masses are printed, and the decimals that show the resolution."""
    digits = round(-math.log10(resolution))
    return ("kg", digits) if batch >= 1.0 else ("g", max(digits - 3, 0))


# Mixing


def _mixing(maker: _Maker, weigh_out: WeighOut) -> MixingSheet:
    mixing, line = maker.plan.mixing, maker.line
    assert mixing.temperature is not None  # a plan has it filled in
    melt = mixing.temperature
    temperature = _number(
        melt,
        "K",
        "melt temperature in the mixer",
        "degC",
        *_around(melt, _MELT_TOLERANCE),
        assumed=maker.run.recipe.mixing.temperature is None,
    )
    own = line.screw_diameter is not None and line.channel_depth is not None
    diameter = line.screw_diameter if line.screw_diameter is not None else _USUAL_SCREW
    depth = line.channel_depth if line.channel_depth is not None else _USUAL_CHANNEL
    screw = _number(
        screw_speed(mixing.shear_rate, diameter, depth),
        "1/s",
        "screw speed",
        "rpm",
        note="shear rate = pi D N / h" + ("" if own else ", for the screw assumed below"),
    )
    if line.screw_speed_max is not None and screw.value > line.screw_speed_max:
        reached = mixing.shear_rate * line.screw_speed_max / screw.value
        maker.problem(
            "mixing",
            "screw speed",
            screw,
            line.screw_speed_max,
            "allows up to",
            f"at that speed the shear rate is {format_quantity(reached, '1/s', 3)}, and the domains grow about in inverse proportion",
        )
    steps = tuple(_feed_steps(maker, weigh_out, temperature))
    _limit_melt(maker, "mixing", temperature, line.mixer_temperature_max, "melt in the mixer")
    for step in steps[:-1]:
        _limit_melt(maker, "mixing: premix", step.temperature, line.mixer_temperature_max, "melt in the mixer")
    return MixingSheet(
        temperature=temperature,
        shear_rate=_number(
            mixing.shear_rate, "1/s", "mean shear rate in the mixer", assumed=maker.assumed("mixing.shear_rate")
        ),
        screw_speed=screw,
        screw_diameter=_number(diameter, "m", "screw diameter", "mm", assumed=line.screw_diameter is None),
        channel_depth=_number(depth, "m", "channel depth", "mm", assumed=line.channel_depth is None),
        time=_number(mixing.time, "s", "mixing time", "min", assumed=maker.assumed("mixing.time")),
        steps=steps,
        notes=tuple(_mixing_notes(maker)),
    )


def screw_speed(shear_rate: float, diameter: float, channel_depth: float) -> float:
    """Turns per second that shear the melt at `shear_rate` in the channel: N = rate h/(pi D). SI."""
    return shear_rate * channel_depth / (math.pi * diameter)


def _limit_melt(maker: _Maker, step: str, needed: SheetNumber, limit: float | None, what: str) -> None:
    if limit is not None and needed.value > limit:
        maker.problem(step, what, needed, limit, "allows up to", "take grades that flow at that temperature")


def _feed_steps(maker: _Maker, weigh_out: WeighOut, temperature: SheetNumber) -> Iterator[FeedStep]:
    by_role = {component.role.split()[0]: component for component in weigh_out.components}
    copolymer, order = by_role.get("compatibiliser"), maker.plan.mixing.order
    if copolymer is None or order == "simultaneous" or order.removeprefix("premix-") not in by_role:
        note = "nothing to premix without a compatibiliser" if copolymer is None and order != "simultaneous" else ""
        yield _feed("all components at once", weigh_out.components, temperature, note=note)
        return
    role = order.removeprefix("premix-")
    carrier, polymer = by_role[role], getattr(maker.plan.substances, role)
    premixed = (copolymer, carrier)
    ratio = copolymer.mass.value / carrier.mass.value if carrier.mass.value else math.inf
    note = (
        ""
        if role == "first"
        else "a masterbatch of the whole matrix is unusual: it is the whole batch but the first polymer, melted twice"
    )
    title = f"premix: {copolymer.name} into {carrier.name}"
    yield _feed(title, premixed, _premix_temperature(polymer), ratio=ratio, note=note)
    rest = tuple(component for component in weigh_out.components if component not in premixed)
    total = sum(component.mass.value for component in premixed)
    master = dataclasses.replace(copolymer.mass, value=total, low=None, high=None, meaning="mass of the premix")
    yield _feed("let down: the premix into the rest", rest, temperature, premix=master)


def _premix_temperature(polymer: Polymer) -> SheetNumber:
    usual = float(polymer.processing_temperature)
    return _number(
        usual,
        "K",
        "melt temperature of the premix",
        "degC",
        *_around(usual, _MELT_TOLERANCE),
        assumed=True,
        note=f"usual for {polymer.name}",
    )


def _feed(
    title: str,
    components: tuple[Component, ...],
    temperature: SheetNumber,
    *,
    premix: SheetNumber | None = None,
    ratio: float | None = None,
    note: str = "",
) -> FeedStep:
    masterbatch = None
    if ratio is not None and math.isfinite(ratio):
        masterbatch = _number(ratio, "1", "mass of copolymer per mass of carrier in the masterbatch", "%")
    lead = () if premix is None else (premix,)
    return FeedStep(
        title=title,
        feeds=(*("premix" for _ in lead), *(component.name for component in components)),
        masses=(*lead, *(component.mass for component in components)),
        temperature=temperature,
        masterbatch_ratio=masterbatch,
        note=note,
    )


def _mixing_notes(maker: _Maker) -> Iterator[str]:
    for polymer in (maker.plan.substances.first, maker.plan.substances.second):
        if polymer.family in _DRYING:
            yield f"{polymer.name} ({polymer.family}): {_DRYING[polymer.family]}."
    film = maker.plan.film
    if isinstance(film, SolutionCasting | Spraying) and not film.suspension:
        yield "The components meet again in the solvent: melt mixing only makes the pellets and may be left out."


# Film forming


def _film(maker: _Maker) -> FilmSheet:
    film = maker.plan.film
    assumed = maker.plan.measured.film_thickness is None and (
        getattr(film, "thickness", None) is None or maker.assumed("film.thickness")
    )
    measured = maker.plan.measured.film_thickness is not None
    thickness = _number(
        maker.thickness,
        "m",
        "thickness of the unstretched film",
        "um",
        *_around(maker.thickness, _THICKNESS_TOLERANCE * maker.thickness),
        assumed=assumed and not _thickness_follows(maker),
        note="as measured" if measured else "",
    )
    settings = {"thickness": thickness, "width": maker.width}
    if isinstance(film, Extrusion):
        more, notes = _extrusion(maker, film)
        process = "extrusion through a slit die"
    elif isinstance(film, MeltCasting):
        more, notes = _melt_casting(maker, film)
        process = "casting from the melt"
    elif isinstance(film, SolutionCasting):
        more, notes = _solution_casting(maker, film)
        process = "casting from a suspension" if film.suspension else "casting from a solution"
    else:
        more, notes = _spraying(maker, film)
        process = "spraying a suspension" if film.suspension else "spraying a solution"
    return FilmSheet(process=process, settings=settings | more, notes=notes)


def _thickness_follows(maker: _Maker) -> bool:
    """True where the thickness is not written but follows from what is."""
    film = maker.plan.film
    if isinstance(film, Extrusion):
        return film.draw_down is not None
    return isinstance(film, SolutionCasting) and film.wet_thickness is not None


Settings = tuple[dict[str, SheetNumber], tuple[str, ...]]


def _melt_temperature(maker: _Maker, meaning: str) -> SheetNumber:
    melt = maker.plan.mixing.temperature
    assert melt is not None  # a plan has it filled in
    number = _number(melt, "K", meaning, "degC", *_around(melt, _MELT_TOLERANCE), assumed=True, note="as in the mixer")
    _limit_melt(maker, "film", number, maker.line.die_temperature_max, meaning)
    return number


def _feed_rate(maker: _Maker) -> SheetNumber:
    """Throughput that feeds the stretch line at its inlet speed."""
    rate = maker.density_film * maker.thickness * maker.width.value * maker.inlet.value
    return _number(
        rate,
        "kg/s",
        "throughput that keeps up with the stretch line",
        "kg/h",
        note="at its inlet speed",
        assumed=maker.inlet.assumed or maker.width.assumed,
    )


def _extrusion(maker: _Maker, film: Extrusion) -> Settings:
    line = maker.line
    gap, draw = float(extrusion.die_gap(film)), float(extrusion.draw_down(film))
    derived = film.thickness is not None and film.draw_down is not None
    die_gap = _number(gap, "m", "die gap", "mm", assumed=film.die_gap is None and not derived)
    settings = {
        "die_temperature": _melt_temperature(maker, "die temperature"),
        "die_gap": die_gap,
        "draw_down": _number(
            draw,
            "1",
            "draw-down: film speed over melt speed at the die",
            note="" if film.draw_down is not None else "from die gap, thickness and width ratio",
        ),
        "feed_rate": _feed_rate(maker),
    }
    _limit_die(maker, film, die_gap)
    shrunk = maker.density_melt / maker.density_solid
    if line.throughput is None or line.die_width is None:
        note = (
            "The line file gives no throughput and die width: the film speed is relative to the melt speed at the die."
        )
        return settings, (note, _shrinkage_note(shrunk))
    speed = line.throughput / (maker.density_melt * line.die_width * gap)
    target = line.throughput / (maker.density_film * maker.thickness * line.die_width * float(film.width_ratio))
    settings["melt_speed"] = _number(speed, "m/s", "melt speed at the die", "m/min")
    settings["film_speed"] = _number(speed * draw, "m/s", "film speed: melt speed times draw-down", "m/min")
    settings["take_off_speed"] = _number(
        target, "m/s", "take-off speed that holds the thickness", "m/min", note="counts the solid's density"
    )
    return settings, (_shrinkage_note(shrunk),)


def _shrinkage_note(ratio: float) -> str:
    return (
        f"Draw-down counts the melt. On solidifying the film thins to {100.0 * ratio:.1f} % "
        "(melt over solid density): trim the take-off on the measured thickness."
    )


def _limit_die(maker: _Maker, film: Extrusion, gap: SheetNumber) -> None:
    line = maker.line
    low, high = line.die_gap_min, line.die_gap_max
    for limit, relation, sign in ((low, "starts at", -1.0), (high, "allows up to", 1.0)):
        if limit is not None and sign * gap.value > sign * limit * (1.0 + sign * 1e-9):
            draw = limit / (maker.thickness * float(film.width_ratio))
            remedy = f"with that gap a draw-down of {draw:.3g} gives the same thickness"
            maker.problem("film", "die gap", gap, limit, relation, remedy)
    if line.die_width is not None and maker.width.value > line.die_width * float(film.width_ratio) * (1 + 1e-9):
        widest = line.die_width * float(film.width_ratio)
        remedy = "draw a narrower film"
        maker.problem("film", "film width", maker.width, widest, "makes a film of at most", remedy)


def _melt_casting(maker: _Maker, film: MeltCasting) -> Settings:
    gap = maker.thickness * maker.density_solid / maker.density_melt
    return {
        "die_temperature": _melt_temperature(maker, "melt temperature"),
        "gap": _number(gap, "m", "gap of the die or the knife", "um", note="thickness times solid over melt density"),
        "melt_time": _number(
            film.melt_time, "s", "longest time molten at rest", assumed=maker.assumed("film.melt_time")
        ),
        "cooling_rate": _number(
            film.cooling_rate, "K/s", "cooling rate", assumed=maker.assumed("film.cooling_rate"), note="at least"
        ),
        "feed_rate": _feed_rate(maker),
    }, ()


def _solvent(maker: _Maker, solids: float) -> dict[str, SheetNumber]:
    """Solvent per polymer, and how much of it the batch takes."""
    ratio = (1.0 - solids) / solids * _SOLVENT_DENSITY / maker.density_solid
    density = _number(_SOLVENT_DENSITY, "kg/m3", "density of the solvent", "g/cm3", assumed=True)
    note = "with the solvent density assumed here"
    return {
        "solids": _number(solids, "1", "polymer in the liquid, by volume", "%", assumed=maker.assumed("film.solids")),
        "solids_by_mass": _number(1.0 / (1.0 + ratio), "1", "polymer in the liquid, by mass", "%", note=note),
        "solvent_per_polymer": _number(ratio, "1", "mass of solvent per mass of polymer", "kg/kg", note=note),
        "solvent": _number(ratio * maker.batch, "kg", "solvent for the batch", note=note),
        "solvent_density": density,
    }


def _solution_casting(maker: _Maker, film: SolutionCasting) -> Settings:
    wet, time = float(casting.wet_thickness(film)), float(casting.evaporation_time(film))
    settings = {
        "wet_thickness": _number(wet, "m", "gap of the casting knife (wet thickness)", "um"),
        **_solvent(maker, film.solids),
        "evaporation_flux": _number(
            film.evaporation_flux,
            "kg/(m2 s)",
            "mass of solvent that leaves per area and time",
            assumed=maker.assumed("film.evaporation_flux"),
        ),
        "evaporation_time": _number(time, "s", "evaporation time", "min", note="at that flux"),
        "drying_length": _number(
            time * maker.inlet.value,
            "m",
            "length of the dryer at the inlet speed",
            assumed=maker.inlet.assumed,
            note="or dry off line",
        ),
    }
    return settings, ("Extract the vapour and keep it below its explosive limit: it is a solvent.",)


def _spraying(maker: _Maker, film: Spraying) -> Settings:
    solvent = _solvent(maker, film.solids)
    areal = maker.density_film * maker.thickness
    per_pass = areal / film.passes
    wet = per_pass * (1.0 + solvent["solvent_per_polymer"].value)
    drying = float(spray.drying_time(film.droplet_diameter, film.drying_constant))
    splats = float(spray.splats(film.thickness, film.droplet_diameter, film.solids))
    settings = {
        "droplet_diameter": _number(
            film.droplet_diameter,
            "m",
            "Sauter diameter of the droplets",
            "um",
            assumed=maker.assumed("film.droplet_diameter"),
        ),
        **solvent,
        "areal_mass": _number(areal, "kg/m2", "dry mass per area", "g/m2"),
        "passes": _number(film.passes, "1", "passes", assumed=maker.assumed("film.passes")),
        "areal_mass_per_pass": _number(per_pass, "kg/m2", "dry mass per area and pass", "g/m2"),
        "wet_mass_per_pass": _number(wet, "kg/m2", "sprayed mass per area and pass", "g/m2"),
        "drying_time": _number(drying, "s", "drying time of a droplet", "ms", note="pause at least as long"),
        "splats": _number(splats, "1", "dried splats across the film", note="at least 5, or pinholes are likely"),
    }
    return settings, ("Strip the film from the substrate before it is stretched.",)


# Stretch


def gap_length(time: float, speed_in: float, speed_out: float) -> float:
    """Length of a gap in which a film whose speed rises linearly along it stays `time`: t (v2 - v1)/ln(v2/v1). SI.

    The mean is the logarithmic one; for equal speeds it is the speed itself.
    """
    return time * _mean_speed(speed_in, speed_out)


def gap_time(length: float, speed_in: float, speed_out: float) -> float:
    """Time that a film stays in a gap of `length`; the inverse of gap_length. SI."""
    return length / _mean_speed(speed_in, speed_out)


def _mean_speed(speed_in: float, speed_out: float) -> float:
    exponent = math.log(speed_out / speed_in)
    return speed_in * math.expm1(exponent) / exponent if exponent else speed_in


def _change(stage: Stage) -> float:
    """Change of the stretch ratio that takes the time of the stage: of the direction that changes most."""
    machine = float(stage.machine_end - stage.machine_start) if stage.draws_machine else 0.0
    transverse = float(stage.transverse_end - stage.transverse_start) if stage.draws_transverse else 0.0
    return max(machine, transverse)


def _stretch(maker: _Maker, index: int, stage: Stage) -> StretchSheet:
    step, where = maker.plan.steps[index], f"stretch[{index}]"
    start, end = float(stage.machine_start), float(stage.machine_end)
    rate, change = float(stage.strain_rate), _change(stage)
    time = change / rate
    inlet = maker.inlet.value
    speed_in = _roll_speed(maker, inlet * start, "entry")
    speed_out = _roll_speed(maker, inlet * end, "exit")
    gap = _number(
        gap_length(time, inlet * start, inlet * end), "m", "length of the gap that gives the strain rate", "mm"
    )
    oven = _oven(maker, float(stage.temperature), stage.regime)
    _limit_oven(maker, where, oven, maker.line.at(index))
    _limit_rolls(maker, index, speed_in, speed_out)
    return StretchSheet(
        step=index,
        regime=stage.regime,
        direction=step.direction,
        width_held=step.width == "fixed",
        oven_temperature=oven,
        elongation=_number(step.elongation, "1", "elongation at the end, cumulative", "%"),
        ratio=_number(end / start, "1", "stretch ratio in this station (speed out over in)"),
        ratio_cumulative=_number(end, "1", "stretch ratio, cumulative"),
        strain_rate=_number(
            rate,
            "1/s",
            "strain rate of the recipe: change of the stretch ratio per time",
            assumed=maker.assumed(f"{where}.strain_rate"),
        ),
        residence_time=_number(time, "s", "time in the gap: change of the stretch ratio over strain rate"),
        speed_in=speed_in,
        speed_out=speed_out,
        gap=gap,
        **_transverse(maker, index, stage, rate),
        **_fixed_gap(maker, index, stage, gap),
        **_expected(maker, index, stage),
    )


def _roll_speed(maker: _Maker, speed: float, which: str) -> SheetNumber:
    return _number(speed, "m/s", f"speed of the {which} roll", "m/min", assumed=maker.inlet.assumed)


def _oven(maker: _Maker, temperature: float, regime: str) -> SheetNumber:
    """Set-point of a station with the claims' window where it lies in one, otherwise +-1 K."""
    if regime == "cold":
        return _set_point(temperature, "oven set-point", _claimed(maker, "cold-temperature"))
    window = _below_transition(maker)
    missing = (
        "" if window is not None else "the claims' hot window has no meaning: the domains are soft when drawn cold"
    )
    return _set_point(temperature, "oven set-point", window, missing)


def _claimed(maker: _Maker, requirement: str) -> tuple[float, float]:
    """Window of a requirement of the claims, K; a window in kelvin counts from another temperature."""
    (condition,) = registry().conditions_of(requirement)
    assert condition.window is not None  # the requirements of temperature have one
    limits = condition.window.limits(maker.run.recipe.claims)
    return to_si(limits.low, limits.unit), to_si(limits.high, limits.unit)


def _below_transition(maker: _Maker) -> tuple[float, float] | None:
    """The claims' window of the hot stretch; None where it would be colder than the cold one."""
    (condition,) = registry().conditions_of("hot-temperature")
    transition = float(maker.plan.substances.first.glass_transition)
    cold = [float(stage.temperature) for stage in maker.stages if stage.regime == "cold"]
    if transition < max(cold, default=condition.coldest):
        return None
    low, high = _claimed(maker, "hot-temperature")
    return transition + low, transition + high


def _set_point(temperature: float, meaning: str, window: tuple[float, float] | None, missing: str = "") -> SheetNumber:
    if window is not None and window[0] - 1e-6 <= temperature <= window[1] + 1e-6:
        return _number(temperature, "K", meaning, "degC", *window, kind="claim window")
    if window is not None:
        bounds = " to ".join(_digits(from_si(bound, "degC")) for bound in window)
        missing = f"outside the claim window of {bounds} degC"
    return _number(temperature, "K", meaning, "degC", *_around(temperature, _OVEN_TOLERANCE), note=missing)


def _limit_oven(maker: _Maker, where: str, oven: SheetNumber, at: LineStation) -> None:
    if at.oven_temperature_max is not None and oven.value > at.oven_temperature_max:
        maker.problem(where, "oven", oven, at.oven_temperature_max, "allows up to", "use a hotter oven")
    if at.oven_temperature_min is not None and oven.value < at.oven_temperature_min:
        maker.problem(where, "oven", oven, at.oven_temperature_min, "goes down to", "cool the chamber")


def _limit_rolls(maker: _Maker, index: int, speed_in: SheetNumber, speed_out: SheetNumber) -> None:
    at, inlet = maker.line.at(index), maker.inlet.value
    for speed, what in ((speed_in, "entry roll"), (speed_out, "exit roll")):
        ratio = speed.value / inlet
        if at.roll_speed_max is not None:
            maker.fastest.append(at.roll_speed_max / ratio)
            if speed.value > at.roll_speed_max * (1.0 + 1e-9):
                remedy = f"lower the inlet speed to {_speed(at.roll_speed_max / ratio, math.floor)}"
                maker.problem(f"stretch[{index}]", what, speed, at.roll_speed_max, "allows up to", remedy)
        if at.roll_speed_min is not None:
            maker.slowest.append(at.roll_speed_min / ratio)
            if speed.value < at.roll_speed_min * (1.0 - 1e-9):
                remedy = f"raise the inlet speed to {_speed(at.roll_speed_min / ratio, math.ceil)}"
                maker.problem(f"stretch[{index}]", what, speed, at.roll_speed_min, "starts at", remedy)


def _transverse(maker: _Maker, index: int, stage: Stage, rate: float) -> dict[str, Any]:
    """Clips of the tenter, in a station that draws across the film."""
    if not stage.draws_transverse:
        return {}
    start, end = float(stage.transverse_start), float(stage.transverse_end)
    wide = maker.run.stations[index].nominal["width_ratio"] * maker.width.value
    out = _number(wide, "m", "width between the clips at the exit", "mm", assumed=maker.width.assumed)
    ratio = _number(end / start, "1", "transverse stretch ratio in this station (width out over in)")
    widest = maker.line.tenter_width_max
    if maker.line.tenter is False:
        remedy = "draw across on another line"
        maker.problem(f"stretch[{index}]", "transverse stretch ratio", ratio, 1.0, "has no tenter and keeps", remedy)
    elif widest is not None and wide > widest:
        narrow = _rounded(maker.width.value * widest / wide, math.floor)
        remedy = f"start from a film of at most {format_quantity(narrow, 'mm')}"
        maker.problem(f"stretch[{index}]", "width between the clips", out, widest, "allows up to", remedy)
    return {
        "ratio_transverse": ratio,
        "ratio_transverse_cumulative": _number(end, "1", "transverse stretch ratio, cumulative"),
        "clip_width_in": _number(
            wide * start / end, "m", "width between the clips at the entry", "mm", assumed=maker.width.assumed
        ),
        "clip_width_out": out,
        "width_rate": _number(
            wide / end * (end - start) / (_change(stage) / rate) if end > start else 0.0,
            "m/s",
            "speed at which the clips part",
            "mm/s",
            assumed=maker.width.assumed,
        ),
    }


def _fixed_gap(maker: _Maker, index: int, stage: Stage, gap: SheetNumber) -> dict[str, Any]:
    """What a gap that the line fixes makes of the strain rate, and the inlet speed that restores it."""
    length, change = maker.line.at(index).gap, _change(stage)
    if length is None or gap.value <= 0.0:
        return {}
    rate, inlet = float(stage.strain_rate), maker.inlet.value
    found = change / gap_time(length, inlet * float(stage.machine_start), inlet * float(stage.machine_end))
    restored = inlet * length / gap.value
    line_rate = _number(found, "1/s", "strain rate in the line's gap")
    if abs(found / rate - 1.0) > _RATE_TOLERANCE:
        remedy = f"{found / rate:.3g} times the recipe's; an inlet speed of {_speed(restored)} gives the recipe's, or a gap of {gap.text}"
        needed = _number(rate, "1/s", "strain rate of the recipe")
        maker.problem(f"stretch[{index}]", "strain rate", needed, found, "gives", remedy)
    return {
        "line_gap": _number(length, "m", "length of the line's gap", "mm", note="from the line file"),
        "line_strain_rate": line_rate,
        "line_inlet_speed": _number(restored, "m/s", "inlet speed at which that gap gives the recipe's rate", "m/min"),
    }


def _expected(maker: _Maker, index: int, stage: Stage) -> dict[str, Any]:
    """Film and forces at the end of a station, from the run's prediction."""
    station, across = maker.run.stations[index], float(stage.transverse_end)
    along = float(stage.machine_end)
    wide, assumed = maker.width.value, maker.width.assumed
    stress = max(along, across)  # the true stress is the engineering stress times this
    per_width = maker.thickness * stress / along
    forces: dict[str, SheetNumber] = {}
    if stage.draws_machine:
        forces["draw_force_per_width"] = _band(
            station, "engineering_stress", per_width, "N/m", "draw force at the exit per unstretched width"
        )
        forces["draw_force"] = _band(
            station, "engineering_stress", per_width * wide, "N", "draw force at the exit", assumed=assumed
        )
        if across == 1.0:
            forces["draw_force_peak"] = _peak(maker, index, maker.thickness * wide)
        _limit_force(maker, index, forces.get("draw_force_peak", forces["draw_force"]))
    if stage.draws_transverse:
        per_length = maker.thickness * stress / (along * station.nominal["width_ratio"])
        forces["clip_force"] = _band(
            station, "engineering_stress", per_length, "N/m", "force on the clips at the exit per length of film"
        )
    return forces | {
        "width": _band(station, "width_ratio", wide, "m", "width at the exit", "mm", assumed=assumed),
        "thickness": _band(station, "film_thickness", 1.0, "m", "thickness at the exit", "um"),
        "break_risk": _band(
            station, "break_probability", 1.0, "1", "probability that the film has broken by here", "%", decimals=2
        ),
    }


def _peak(maker: _Maker, index: int, section: float) -> SheetNumber:
    """Largest draw force of the station; yielding at its start may take more than its end."""
    station, curve = maker.run.stations[index], maker.run.curve
    name = "engineering_stress"
    bands = [(source[name] for source in (station.nominal, station.low, station.high))]
    if curve is not None and name in curve.nominal:
        here = curve.step == index
        bands += [(float(np.max(source[name][here])) for source in (curve.nominal, curve.low, curve.high))]
    value, low, high = (section * max(parts) for parts in zip(*bands, strict=True))
    return _number(
        value,
        "N",
        "largest draw force in the station",
        "",
        low,
        max(high, value),
        kind="90 % band",
        assumed=maker.width.assumed,
    )


def _limit_force(maker: _Maker, index: int, force: SheetNumber) -> None:
    limit = maker.line.at(index).draw_force_max
    if limit is not None and force.value > limit:
        narrow = _rounded(maker.width.value * limit / force.value, math.floor)
        remedy = f"draw a film of at most {format_quantity(narrow, 'mm')}"
        maker.problem(f"stretch[{index}]", "draw force", force, limit, "allows up to", remedy)


def _stations(maker: _Maker) -> None:
    have, need = maker.line.station_count, len(maker.stages)
    if have is not None and need > have:
        number = _number(float(need), "1", "stretch stations")
        remedy = "pass the film more than once, or join steps"
        maker.problem(f"stretch[{have}]", "stretch stations", number, float(have), "has", remedy)


# Anneal, wind-up, checks


def _exit_speed(maker: _Maker) -> float:
    return maker.inlet.value * (float(maker.stages[-1].machine_end) if maker.stages else 1.0)


def _anneal(maker: _Maker) -> AnnealSheet | None:
    anneal = maker.plan.anneal
    if anneal is None:
        return None
    speed = _exit_speed(maker)
    held = anneal.under_tension
    left = maker.run.value("stretch_ratio_final") / maker.run.value("stretch_ratio")
    temperature = _set_point(anneal.temperature, "anneal oven set-point", _anneal_window(maker))
    length = _number(
        speed * anneal.duration, "m", "path in the anneal oven: film speed times duration", assumed=maker.inlet.assumed
    )
    _limit_oven(maker, "anneal", temperature, maker.line.at(len(maker.line.station)))  # the line's own limits
    available = maker.line.anneal_oven_length
    if available is not None and length.value > 0.0:
        inlet = maker.inlet.value * available / length.value
        maker.fastest.append(inlet)
        if length.value > available * (1.0 + 1e-9):
            remedy = f"lower the inlet speed to {_speed(inlet, math.floor)}, or anneal off line on a frame"
            maker.problem("anneal", "oven length", length, available, "has", remedy)
    return AnnealSheet(
        temperature=temperature,
        duration=_number(anneal.duration, "s", "duration", "min", assumed=maker.assumed("anneal.duration")),
        oven_length=length,
        speed=_number(speed, "m/s", "film speed into the oven", "m/min", assumed=maker.inlet.assumed),
        speed_out=_number(
            speed * (1.0 if held else left), "m/s", "film speed out of the oven", "m/min", assumed=maker.inlet.assumed
        ),
        tension="length held: equal roll speeds"
        if held
        else "no tension: the exit roll runs slower and the film shrinks",
    )


def _anneal_window(maker: _Maker) -> tuple[float, float] | None:
    """The claims' window of the anneal: above the last hot stretch, and below Tg of the first polymer."""
    hot = [float(stage.temperature) for stage in maker.stages if stage.regime == "hot"]
    if not hot or _below_transition(maker) is None:
        return None
    low, high = (hot[-1] + above for above in _claimed(maker, "anneal-above-hot"))
    transition = float(maker.plan.substances.first.glass_transition)
    return (low, min(high, transition)) if low < transition else None


def _inlet_speeds(maker: _Maker) -> None:
    """A problem of its own where no inlet speed suits every limit of the line."""
    slowest, fastest = max(maker.slowest, default=0.0), min(maker.fastest, default=math.inf)
    if slowest > fastest * (1.0 + 1e-9):
        needed = _number(slowest, "m/s", "slowest inlet speed that the rolls turn at", "m/min")
        remedy = "no inlet speed suits all of it: run part of the line off line"
        maker.problem("line", "inlet speed", needed, fastest, "as a whole allows up to", remedy)


def _wind_up(maker: _Maker) -> WindUp:
    length = maker.batch / (maker.density_film * maker.thickness * maker.width.value)
    final = maker.run.value("stretch_ratio_final")
    width = maker.run.value("width_ratio") * maker.width.value
    note, assumed = "without losses at start and edges", maker.width.assumed
    stages_ = maker.stages
    return WindUp(
        shrinkage_machine=_shrinkage(maker, "", "length") if any(s.draws_machine for s in stages_) else None,
        shrinkage_transverse=_shrinkage(maker, "_transverse", "width")
        if any(s.draws_transverse for s in stages_)
        else None,
        film_length=_number(length, "m", "unstretched film from the batch", note=note, assumed=assumed),
        membrane_length=_number(length * final, "m", "membrane from the batch", note=note, assumed=assumed),
        membrane_area=_number(length * final * width, "m2", "membrane area from the batch", note=note),
        running_time=_number(
            length / maker.inlet.value,
            "s",
            "running time",
            "h" if length > _SHORT_RUN * maker.inlet.value else "min",
            note="at the inlet speed",
            assumed=assumed or maker.inlet.assumed,
        ),
    )


def _shrinkage(maker: _Maker, which: str, of: str) -> SheetNumber:
    """Share of the length or the width that springs back when the film is let go."""
    run, end, drawn = maker.run, f"stretch_ratio_final{which}", f"stretch_ratio{which}"
    value = 1.0 - run.value(end) / run.value(drawn)
    low, high = _percentiles(maker, value, lambda s: 1.0 - s(end) / s(drawn))
    return _number(value, "1", f"shrinkage allowance of the {of}", "%", low, high, kind="90 % band")


def _percentiles(maker: _Maker, value: float, formula: Callable[[Callable[[str], Any]], Any]) -> tuple[float, float]:
    """5-95 % band of a formula of results over the run's samples, holding the nominal value."""
    drawn = formula(lambda name: maker.run.samples.get(name, maker.run.value(name)))
    low, high = (float(bound) for bound in np.percentile(np.asarray(drawn, dtype=float), [5, 95]))
    return min(low, value), max(high, value)


def _checks(maker: _Maker) -> Iterator[Check]:
    thickness, areal = maker.thickness, maker.areal_mass(1.0)
    yield _check(
        maker,
        "unstretched film",
        maker.width,
        _number(
            thickness,
            "m",
            "thickness",
            "um",
            *_around(thickness, _THICKNESS_TOLERANCE * thickness),
        ),
        _number(maker.density_film, "kg/m3", "density", "g/cm3"),
        (areal, *_around(areal, _THICKNESS_TOLERANCE * areal)),
        "assumed tolerance",
    )
    for index, station in enumerate(maker.run.stations):
        along = float(maker.stages[index].machine_end)
        # The mass per area follows the drawn area alone: what thins by voids weighs the same.
        masses = [
            maker.areal_mass(along * band["width_ratio"]) for band in (station.nominal, station.high, station.low)
        ]
        yield _check(
            maker,
            f"after stretch[{index}], held",
            _band(station, "width_ratio", maker.width.value, "m", "width", "mm", assumed=maker.width.assumed),
            _band(station, "film_thickness", 1.0, "m", "thickness", "um"),
            _band(station, "density_ratio", maker.density_film, "kg/m3", "density", "g/cm3"),
            (masses[0], masses[1], masses[2]),
        )
    run = maker.run
    area = run.value("stretch_ratio_final") * run.value("width_ratio")
    mass = maker.areal_mass(area)
    bounds = _percentiles(maker, mass, lambda s: maker.areal_mass(s("stretch_ratio_final") * s("width_ratio")))
    yield _check(
        maker,
        "membrane, let go",
        _estimate(run, "width_ratio", maker.width.value, "m", "width", "mm", assumed=maker.width.assumed),
        _estimate(run, "film_thickness", 1.0, "m", "thickness", "um"),
        _estimate(run, "density_ratio", maker.density_film, "kg/m3", "density", "g/cm3"),
        (mass, *bounds),
    )


def _check(
    maker: _Maker,
    place: str,
    width: SheetNumber,
    thickness: SheetNumber,
    density: SheetNumber,
    mass: tuple[float, float, float],
    kind: RangeKind = "90 % band",
) -> Check:
    value, low, high = mass
    low, high = min(low, value), max(high, value)
    area = maker.punch
    return Check(
        place=place,
        width=width,
        thickness=thickness,
        density=density,
        areal_mass=_number(value, "kg/m2", "mass per area", "g/m2", low, high, kind=kind),
        punch_mass=_number(value * area, "kg", "mass of the punch", "mg", low * area, high * area, kind=kind),
    )


def _notes(maker: _Maker) -> Iterator[str]:
    if maker.stages:
        yield (
            "Strain rate: change of the stretch ratio (length over unstretched length) per time, the mean over the gap. "
            "The film's speed is taken to rise linearly along the gap, so time in the gap = gap ln(v2/v1)/(v2 - v1)."
        )
        yield "Stretch ratios count from the unstretched film; a station's own ratio is its exit over its entry."
        yield "Draw force: engineering stress times unstretched thickness; the largest may come at the onset of the draw."
    else:
        yield "The recipe has no stretch: nothing opens in the film."
    density = _digits(maker.density_solid / 1e3)
    yield f"Porosity from a punch: 1 - mass/({density} g/cm3 x area x thickness), with the density of the solid blend."
    additives = maker.run.recipe.composition.additives if maker.run.recipe.composition is not None else ()
    if any(additive.parts > 0 for additive in additives):
        yield "Densities leave the additives out."
    yield "Bands hold nine in ten of the films that the model's uncertainty allows; inside them a film is as predicted."


# Numbers and texts


def _number(
    value: float,
    unit: str,
    meaning: str,
    shown_in: str = "",
    low: float | None = None,
    high: float | None = None,
    *,
    kind: RangeKind = "assumed tolerance",
    assumed: bool = False,
    note: str = "",
    decimals: int | None = None,
) -> SheetNumber:
    return SheetNumber(
        value=float(value),
        unit=unit,
        meaning=meaning,
        shown_in=shown_in,
        low=low,
        high=high,
        range_kind=kind if low is not None else "",
        assumed=assumed,
        note=note,
        decimals=decimals,
    )


def _band(
    station: Station, name: str, scale: float, unit: str, meaning: str, shown_in: str = "", **options: Any
) -> SheetNumber:
    """A result after a station, times `scale`, with its band."""
    value = scale * station.nominal[name]
    low, high = min(scale * station.low[name], value), max(scale * station.high[name], value)
    return _number(value, unit, meaning, shown_in, low, high, kind="90 % band", **options)


def _estimate(run: Run, name: str, scale: float, unit: str, meaning: str, shown_in: str, **options: Any) -> SheetNumber:
    """A result of the run, times `scale`, with its band."""
    found = run.results[name]
    if not isinstance(found, Estimate):
        return _number(math.nan, unit, meaning, shown_in, note=found.reason)
    bounds = (scale * found.low, scale * found.high)
    return _number(scale * found.value, unit, meaning, shown_in, *bounds, kind="90 % band", **options)


def _around(value: float, tolerance: float) -> tuple[float, float]:
    return value - tolerance, value + tolerance


def _shares(first: float, copolymer: float) -> tuple[float, float, float]:
    return first, 1.0 - first - copolymer, copolymer


def _mixed(shares: tuple[float, ...], densities: tuple[Any, ...]) -> float:
    """Density of a blend from its volume shares."""
    return float(sum(share * float(density) for share, density in zip(shares, densities, strict=True)))


def _digits(value: float, decimals: int | None = None) -> str:
    """A number as an operator reads it: fixed decimals, or four significant digits, without powers of ten where possible."""
    if not math.isfinite(value):
        return "not known"
    if decimals is not None:
        return f"{value:.{decimals}f}"
    if value == 0.0:
        return "0"
    places = 3 - math.floor(math.log10(abs(value)))
    if places > 9:
        return f"{value:.3g}"
    text = f"{value:.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _with_unit(text: str, unit: str) -> str:
    return text if unit == "1" else f"{text} {unit}"


def _rounded(value: float, rounding: Callable[[float], int]) -> float:
    """Three significant digits, rounded the safe way."""
    scale = 10.0 ** (math.floor(math.log10(value)) - 2)
    # A number that already has three digits must not lose one to the last bit of its quotient.
    return rounding(round(value / scale, 9)) * scale


def _speed(value: float, rounding: Callable[[float], int] = round) -> str:
    """A speed in m/min with three digits."""
    return _with_unit(_digits(_rounded(from_si(value, "m/min"), rounding)), "m/min")


def _plain(node: Any) -> Any:
    """Nested dataclasses as nested tables; numbers with their units."""
    if isinstance(node, SheetNumber):
        return node.as_dict()
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return {f.name: _plain(getattr(node, f.name)) for f in dataclasses.fields(node)}
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, tuple) else node


# The sheet as tables


_LIST = ("Item", "Value", "Range", "Note")


def sections(sheet: RunSheet) -> tuple[Section, ...]:
    """The sheet as tables of text, in the order of the line; empty tables are left out."""
    made = [
        _section_header(sheet),
        _section_problems(sheet),
        _section_weigh_out(sheet.weigh_out),
        _section_feeds(sheet.mixing),
        Section("Mixing", _LIST, _listed(_own_numbers(sheet.mixing)), sheet.mixing.notes),
        Section(f"Film forming: {sheet.film.process}", _LIST, _listed(sheet.film.settings.values()), sheet.film.notes),
        *_sections_stretch(sheet.stretch),
        *_section_anneal(sheet.anneal),
        Section("Release and winding", _LIST, _listed(_own_numbers(sheet.wind_up))),
        _section_checks(sheet),
        Section("Notes", ("Note",), tuple((note,) for note in sheet.notes)),
    ]
    return tuple(section for section in made if section.rows)


def _own_numbers(part: Any) -> list[SheetNumber]:
    """The numbers that a part holds itself."""
    values = (getattr(part, f.name) for f in dataclasses.fields(part))
    return [value for value in values if isinstance(value, SheetNumber)]


def _listed(numbers: Iterable[SheetNumber]) -> tuple[tuple[str, ...], ...]:
    return tuple((number.meaning, number.text, number.range_text, number.note_text) for number in numbers)


def _section_header(sheet: RunSheet) -> Section:
    rows: list[tuple[str, ...]] = [("recipe", sheet.recipe_name, "", ""), ("run", sheet.run_digest, "", "")]
    if sheet.line_name:
        rows.append(("line", sheet.line_name, "", ""))
    rows += _listed([sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width])
    return Section("Run sheet", _LIST, tuple(rows), (sheet.outcome,) if sheet.outcome else ())


def _section_problems(sheet: RunSheet) -> Section:
    rows = tuple((problem.step, problem.text.removeprefix(f"{problem.step}: ")) for problem in sheet.problems)
    return Section("What this line cannot do", ("Step", "Problem"), rows)


def _section_weigh_out(weigh_out: WeighOut) -> Section:
    rows: list[tuple[str, ...]] = [
        (
            component.name,
            component.role,
            f"{component.parts:g}",
            component.mass_share.text,
            component.mass.text,
            component.mass.bounds_text,
            component.note,
        )
        for component in weigh_out.components
    ]
    total = sum(component.mass.value for component in weigh_out.components)
    weighed = dataclasses.replace(weigh_out.batch, value=total)
    rows.append(("sum", "", "", "100 %", weighed.text, "", ""))
    unit = weigh_out.batch.display_unit
    column = "Parts" if weigh_out.basis == "parts by weight" else "Weight %"
    notes = [f"Basis: {weigh_out.basis}. Weighed to {weigh_out.resolution.text}; tolerances are assumed."]
    if weigh_out.remainder.number_text != "0.000":
        notes.append(f"{weigh_out.remainder.text} of the batch is below the resolution and not weighed out.")
    columns = ("Component", "Role", column, "Of the total", "Mass", f"Tolerance, {unit}", "Note")
    return Section("Weigh-out", columns, tuple(rows), tuple(notes))


def _section_feeds(mixing: MixingSheet) -> Section:
    rows: list[tuple[str, ...]] = []
    for index, step in enumerate(mixing.steps):
        ratio = step.masterbatch_ratio
        note = f"{ratio.text} copolymer on carrier" if ratio is not None else ""
        notes = "; ".join(part for part in (note, step.temperature.note_text, step.note) if part)
        for number, (feed, mass) in enumerate(zip(step.feeds, step.masses, strict=True)):
            first = number == 0
            rows.append(
                (
                    f"{index + 1}. {step.title}" if first else "",
                    feed,
                    mass.text,
                    step.temperature.text if first else "",
                    notes if first else "",
                )
            )
    return Section("Order of mixing", ("Step", "Feed", "Mass", "Melt temperature", "Note"), tuple(rows))


def _sections_stretch(steps: tuple[StretchSheet, ...]) -> Iterator[Section]:
    yield Section(
        "Stretch: settings",
        ("Step", "Stretch", "Oven", "Oven range", "Ratio here", "Ratio in all", "Elongation", "Width", "Note"),
        tuple(
            (
                step.label,
                f"{step.regime}, {step.direction}",
                step.oven_temperature.text,
                step.oven_temperature.range_text,
                _both(step.ratio, step.ratio_transverse),
                _both(step.ratio_cumulative, step.ratio_transverse_cumulative),
                step.elongation.text,
                "held" if step.width_held or step.direction != "machine" else "free",
                step.oven_temperature.note_text,
            )
            for step in steps
        ),
    )
    assumed = any(step.speed_in.assumed for step in steps)
    yield Section(
        "Stretch: rolls and gaps",
        ("Step", "Entry roll", "Exit roll", "Strain rate", "Time in gap", "Gap", "Line's gap", "Rate there"),
        tuple(
            (
                step.label,
                step.speed_in.text,
                step.speed_out.text,
                step.strain_rate.text + (" (assumed)" if step.strain_rate.assumed else ""),
                step.residence_time.text,
                step.gap.text,
                _text(step.line_gap),
                _text(step.line_strain_rate),
            )
            for step in steps
        ),
        ("Speeds and gaps are for the inlet speed assumed above and grow in proportion to it.",) if assumed else (),
    )
    across = [step for step in steps if step.clip_width_out is not None]
    yield Section(
        "Stretch: tenter",
        ("Step", "Clips at entry", "Clips at exit", "Clips part at", "Force on the clips"),
        tuple(
            (
                step.label,
                _text(step.clip_width_in),
                _text(step.clip_width_out),
                _text(step.width_rate),
                _text(step.clip_force),
            )
            for step in across
        ),
    )
    yield Section(
        "Stretch: what to expect",
        ("Step", "Width", "Thickness", "Draw force per width", "Draw force", "Largest", "Break risk by here"),
        tuple(
            (
                step.label,
                _with_band(step.width),
                _with_band(step.thickness),
                _with_band(step.draw_force_per_width),
                _text(step.draw_force),
                _text(step.draw_force_peak),
                _with_band(step.break_risk),
            )
            for step in steps
        ),
        ("In brackets the 90 % band. Force per metre of unstretched width.", *_width_note(steps)),
    )


def _width_note(steps: tuple[StretchSheet, ...]) -> Iterator[str]:
    if any(step.width.assumed for step in steps):
        yield "Widths and whole forces are for the width assumed above and grow in proportion to it."


def _section_anneal(anneal: AnnealSheet | None) -> Iterator[Section]:
    if anneal is not None:
        yield Section("Anneal", _LIST, (*_listed(_own_numbers(anneal)), ("tension", anneal.tension, "", "")))


def _section_checks(sheet: RunSheet) -> Section:
    rows = tuple(
        (
            check.place,
            _with_band(check.width),
            _with_band(check.thickness),
            _with_band(check.density),
            _with_band(check.punch_mass),
        )
        for check in sheet.checks
    )
    punch = f"Punch {sheet.punch_area.text}"
    note = (
        "Brackets: acceptance limits (90 % band of the prediction; for the unstretched film 5 % of thickness, assumed)."
    )
    return Section("In-line checks", ("Where", "Width", "Thickness", "Density", punch), rows, (note,))


def _text(number: SheetNumber | None) -> str:
    return "" if number is None else number.text


def _both(along: SheetNumber, across: SheetNumber | None) -> str:
    return along.text if across is None else f"{along.text} x {across.text}"


def _with_band(number: SheetNumber | None) -> str:
    """Value, band in brackets, unit."""
    if number is None:
        return ""
    bounds = number.bounds_text.replace(" to ", "-" if "-" not in number.bounds_text else " to ")
    return _with_unit(f"{number.number_text} [{bounds}]" if bounds else number.number_text, number.display_unit)


# The sheet as a file

CSV_COLUMNS = ("section", "item", "value", "unit", "range", "note")
_FORMULA = frozenset("=+-@＝＋－＠\t\r\n|")


def to_csv(sheet: RunSheet) -> str:
    """The sheet as one comma-separated table: section, item, value, unit, range, note. No cell is read as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in _csv_rows(sheet):
        writer.writerow([_safe(cell) for cell in row])
    return stream.getvalue()


CsvRow = tuple[str, str, str, str, str, str]


def _csv_rows(sheet: RunSheet) -> Iterator[CsvRow]:
    yield ("sheet", "recipe", sheet.recipe_name, "", "", sheet.outcome)
    yield ("sheet", "run", sheet.run_digest, "", "", "")
    yield ("sheet", "line", sheet.line_name, "", "", "")
    yield from _csv_numbers("sheet", "", [sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width, sheet.punch_area])
    for problem in sheet.problems:
        limit = f"{problem.available.meaning} {problem.available.text}"
        needed = problem.needed
        unit = "" if needed.display_unit == "1" else needed.display_unit
        yield ("problems", f"{problem.step}: {problem.what}", needed.number_text, unit, limit, problem.text)
    for component in sheet.weigh_out.components:
        note = f"{component.role}; {component.parts:g} {sheet.weigh_out.basis}"
        extra = "; ".join(part for part in (note, component.note) if part)
        mass = dataclasses.replace(component.mass, meaning=component.name, note=extra)
        yield from _csv_numbers("weigh-out", "", [mass])
    yield from _csv_numbers("weigh-out", "", [sheet.weigh_out.remainder, sheet.weigh_out.resolution])
    for index, step in enumerate(sheet.mixing.steps):
        head = f"step {index + 1}: {step.title}: "
        named = [
            dataclasses.replace(mass, meaning=feed, low=None, high=None, range_kind="")
            for feed, mass in zip(step.feeds, step.masses, strict=True)
        ]
        own = [dataclasses.replace(step.temperature, note="; ".join(filter(None, (step.temperature.note, step.note))))]
        yield from _csv_numbers(
            "mixing", head, [*named, *own, *([step.masterbatch_ratio] if step.masterbatch_ratio else [])]
        )
    yield from _csv_numbers("mixing", "", _own_numbers(sheet.mixing))
    yield from (("mixing", "note", note, "", "", "") for note in sheet.mixing.notes)
    yield ("film forming", "process", sheet.film.process, "", "", "")
    yield from _csv_numbers("film forming", "", sheet.film.settings.values())
    yield from (("film forming", "note", note, "", "", "") for note in sheet.film.notes)
    for stretched in sheet.stretch:
        kind = f"{stretched.regime}, {stretched.direction}, width {'held' if stretched.width_held else 'free'}"
        yield ("stretch", f"{stretched.label}: kind", kind, "", "", "")
        yield from _csv_numbers("stretch", f"{stretched.label}: ", _own_numbers(stretched))
    if sheet.anneal is not None:
        yield from _csv_numbers("anneal", "", _own_numbers(sheet.anneal))
        yield ("anneal", "tension", sheet.anneal.tension, "", "", "")
    yield from _csv_numbers("winding", "", _own_numbers(sheet.wind_up))
    for check in sheet.checks:
        yield from _csv_numbers("checks", f"{check.place}: ", _own_numbers(check))
    yield from (("notes", "note", note, "", "", "") for note in sheet.notes)


def _csv_numbers(section: str, head: str, numbers: Iterable[SheetNumber]) -> Iterator[CsvRow]:
    for number in numbers:
        unit = "" if number.display_unit == "1" else number.display_unit
        bounds = f"{number.bounds_text} ({number.range_kind})" if number.bounds_text else ""
        yield (section, head + number.meaning, number.number_text, unit, bounds, number.note_text)


def _safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula: led by an apostrophe unless it is a number."""
    lead = cell.lstrip()[:1] if cell[:1] not in _FORMULA else cell[:1]
    if lead not in _FORMULA or not lead:
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
