"""A stretch programme as the simulation drives it: segments with targets, temperatures and numbers of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from poreline.quantities.constants import ZERO_CELSIUS
from poreline.recipe import Anneal
from poreline.stretch.programme import Stage

SegmentKind = Literal["draw", "heat", "anneal", "cool", "release"]

ROOM_TEMPERATURE = ZERO_CELSIUS + 23.0
_DRAW_COLD, _DRAW_HOT = 1800, 1030  # steps per unit of stretch ratio at 32 voxels
_CHANGE_PARTS, _CHANGE_STEPS, _CHANGE_TIME = 6, 23, 5.0  # temperatures, steps at each, seconds at each
_ANNEAL_STEPS = 225
_RELEASE_STEPS, _RELEASE_TIME = 400, 60.0
_STEPS_AT = 32  # voxels, where these numbers hold: waves take longer across a larger grid
_SMALLEST_CHANGE = 0.5  # K


@dataclass(frozen=True)
class Segment:
    """One piece of the programme."""

    kind: SegmentKind
    temperature: float
    """K"""
    steps: int
    """At the full increment; smaller increments take more."""
    free: tuple[bool, bool, bool]
    """Directions whose mean stress is zero; the others keep or follow their length."""
    machine: tuple[float, float] | None = None
    """Stretch ratio from the first to the second, where the machine direction is drawn."""
    transverse: tuple[float, float] | None = None
    """The same of the width at entry."""
    duration: float = 0.0
    """s"""
    rate: float = 0.01
    """1/s, of the draw or of the last one: the spacing of new fibrils follows it."""
    hot: bool = False
    stage: int = 0
    """Number of the stage of the programme that it belongs to."""


def segments(
    stages: tuple[Stage, ...], anneal: Anneal | None, voxels: int, steps_factor: float = 1.0
) -> tuple[Segment, ...]:
    """The segments of a programme: draws with a change of temperature at length between them, anneal, cooling, release.

    Numbers of steps are for a converged porosity (docs of the volume simulation) and grow with the grid; `steps_factor`
    multiplies them. Without an anneal the film cools at length after its last draw. An anneal without tension leaves all
    directions free.
    """
    scale = steps_factor * voxels / _STEPS_AT
    found: list[Segment] = []
    temperature: float | None = None
    free, rate, hot = (False, True, True), 0.01, False
    last = len(stages) - 1
    for number, stage in enumerate(stages):
        target, rate, hot = float(stage.temperature), float(stage.strain_rate), stage.regime == "hot"
        holds = (False, stage.width == "free" and not stage.draws_transverse, True)
        if temperature is not None:
            found += _change(temperature, target, free, scale, rate, hot, number)
        free, temperature = holds, target
        ends = float(stage.machine_start), float(stage.machine_end)
        across = float(stage.transverse_start), float(stage.transverse_end)
        machine = ends if stage.draws_machine else None
        transverse = across if stage.draws_transverse else None
        travel = max(abs(b - a) for a, b in (machine or (1.0, 1.0), transverse or (1.0, 1.0)))
        steps = _count((_DRAW_HOT if hot else _DRAW_COLD) * travel, scale)
        if travel > 0.0:
            found.append(Segment("draw", target, steps, holds, machine, transverse, 0.0, rate, hot, number))
    if temperature is None:
        return ()
    if anneal is not None:
        held = free if anneal.under_tension else (True, True, True)
        found += _change(temperature, float(anneal.temperature), held, scale, rate, hot, last)
        temperature, free = float(anneal.temperature), held
        steps = _count(_ANNEAL_STEPS, scale)
        found.append(Segment("anneal", temperature, steps, held, None, None, float(anneal.duration), rate, hot, last))
    found += _change(temperature, ROOM_TEMPERATURE, free, scale, rate, hot, last)
    everything = (True, True, True)
    steps = _count(_RELEASE_STEPS, scale)
    found.append(Segment("release", ROOM_TEMPERATURE, steps, everything, None, None, _RELEASE_TIME, rate, hot, last))
    return tuple(found)


def hold_time(progress: float, duration: float) -> float:
    """Time of a hold at this progress (0 to 1), s: geometric, from a thousandth of the duration on."""
    return 0.0 if progress <= 0.0 else duration * 1e-3 ** (1.0 - progress)


def _count(steps: float, scale: float) -> int:
    return max(1, round(steps * scale))


def _change(
    start: float, end: float, free: tuple[bool, bool, bool], scale: float, rate: float, hot: bool, stage: int
) -> list[Segment]:
    if abs(end - start) < _SMALLEST_CHANGE:
        return []
    kind: SegmentKind = "heat" if end > start else "cool"
    steps = _count(_CHANGE_STEPS, scale)
    temperatures = np.linspace(start, end, _CHANGE_PARTS + 1)[1:]
    return [Segment(kind, float(t), steps, free, None, None, _CHANGE_TIME, rate, hot, stage) for t in temperatures]
