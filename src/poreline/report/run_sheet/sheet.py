"""The run sheet and its parts. Numbers are SI; tables.py and csv_file.py have them as text."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from poreline.report.run_sheet.numbers import SheetNumber


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
    """Everything that an operator needs to make the recipe."""

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

    def as_dict(self) -> dict[str, Any]:
        """Nested plain fields, SI with units, for machine-readable output."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


def own_numbers(part: Any) -> list[SheetNumber]:
    """The numbers that a part of the sheet holds itself, in its order."""
    values = (getattr(part, f.name) for f in dataclasses.fields(part))
    return [value for value in values if isinstance(value, SheetNumber)]


def _plain(node: Any) -> Any:
    """Nested dataclasses as nested tables; numbers with their units."""
    if isinstance(node, SheetNumber):
        return node.as_dict()
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        return {f.name: _plain(getattr(node, f.name)) for f in dataclasses.fields(node)}
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(item) for item in node] if isinstance(node, tuple) else node
