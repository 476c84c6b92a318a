"""Drives a volume through its programme: steps, macroscopic equilibrium, smaller steps where needed, and how it ended."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.volume import grid
from poreline.stretch.volume import properties as p
from poreline.stretch.volume.compiled import Precision
from poreline.stretch.volume.crazing import constraint_pressure
from poreline.stretch.volume.device import Mesh, mesh_of
from poreline.stretch.volume.interface import DebondingRule, hold_again, loosen
from poreline.stretch.volume.parameters import Parameters
from poreline.stretch.volume.schedule import Segment, hold_time
from poreline.stretch.volume.state import Counters, VolumeState
from poreline.voxels.device import Device, choose_device

Array = npt.NDArray[np.float64]
Progress = Callable[[int, int, float], None]
"""Called with the steps done, the steps of the whole programme at full increments, and the porosity."""
Hook = Callable[[VolumeState], None]

FULL = 16  # sixteenths of a step
_ONSET = 2  # sixteenths: a draw starts slowly, or the elastic rise of the stress sends a wave through the volume
_MACRO = 0.3  # share of the elastic response that a free direction takes in a step
_MACRO_FOLLOWING = 0.1
_BROKEN_AFTER = 0.02  # growth of the stretch over which a voxel breaks
_BROKEN_IN_HOLD = 0.01  # a step
_LAG_LIMIT = 0.1  # stress across a thickness that follows alone, over the drawing stress, above which steps get smaller
_MASSES_EVERY = 10  # steps
_RUPTURE_SHARE = 0.5  # of the largest true stress of the draw
_RUPTURE_FLOOR = 1.0  # MPa: stresses below it tell nothing
_TORN_SHARE = 0.5  # of a cross-section: fewer torn voxels are no rupture; those seen had 1.8 to 4.8
_PERMISSION_EVERY = 0.1  # of stretch
_SMALL = ("mean_gradient", "mean_velocity", "mean_velocity_mean", "stress")


@dataclass(frozen=True, kw_only=True)
class SolverSettings:
    """How finely and where a simulation runs."""

    damping: float = 0.02
    """Share of a node's velocity about its running mean that a step takes away."""
    following: float = 0.005
    """Share by which the running mean follows."""
    interval: int = 20
    """Full steps between two records at 32 voxels; more on larger grids."""
    residual_limit: float = 0.15
    """Rms unbalanced force over rms element force above which steps get smaller."""
    kinetic_limit: float = 0.05
    """Kinetic energy over work done above which steps get smaller."""
    smallest_increment: int = 1
    """Sixteenths of a full step."""
    device: Device = field(default_factory=lambda: choose_device("cpu"))
    precision: Precision = "float32"


def porosity_of(sums: Array) -> float:
    """Void volume over total volume from the sums over the elements."""
    return float(sums[grid.VOID_VOLUME] / sums[grid.VOLUME])


def run(
    state: VolumeState,
    programme: tuple[Segment, ...],
    parameters: Parameters,
    *,
    rule: DebondingRule | None = None,
    settings: SolverSettings | None = None,
    progress: Progress | None = None,
    checkpoint: Hook | None = None,
    stations: tuple[float, ...] = (),
    at_station: Hook | None = None,
    most_steps: int | None = None,
) -> VolumeState:
    """Drive a volume through the segments of its programme, in place; returns it.

    `rule` tells which bare domains may debond (None: all). `progress` and `checkpoint` are called at every record;
    `checkpoint` gets a state that continues bit for bit. `at_station` gets the state when the machine stretch passes a value
    of `stations`, and at the end of every segment. `most_steps` ends this call at the first record after so many steps; a
    later call goes on.
    The outcome is in `state.outcome`: completed, ruptured, unstable or, after `most_steps`, running. Never raises for
    physics; a state with NaN is never returned: a piece that fails is repeated with smaller steps, down to
    `settings.smallest_increment`.
    """
    driver = _Driver(
        state, programme, parameters, rule or DebondingRule(None, StretchConstants()), settings or SolverSettings()
    )
    with np.errstate(all="ignore"):
        driver.drive(progress, checkpoint, tuple(sorted(stations)), at_station, most_steps)
    return state


def _width_free(segment: Segment) -> bool:
    return segment.free[1] and segment.transverse is None


class _Driver:
    def __init__(
        self,
        state: VolumeState,
        programme: tuple[Segment, ...],
        parameters: Parameters,
        rule: DebondingRule,
        settings: SolverSettings,
    ) -> None:
        self._state, self._programme, self._parameters = state, programme, parameters
        self._rule, self._settings = rule, settings
        rates = settings.damping, settings.following
        self._mesh: Mesh = mesh_of(state, settings.device, settings.precision, rates)
        self._count = math.prod(state.shape)
        self._interval = max(1, round(settings.interval * max(state.shape) / 32)) * FULL
        self._table: Array = np.zeros((p.PHASES, p.PHASE_PROPERTIES))
        self._rate_constants: Array = np.zeros(p.PHASES)
        self._common = parameters.common()
        self._healing_rate = 0.0
        self._tangent = 1.0
        self._prepared = -1

    # One segment after the other

    def drive(
        self,
        progress: Progress | None,
        checkpoint: Hook | None,
        stations: tuple[float, ...],
        at_station: Hook | None,
        most_steps: int | None,
    ) -> None:
        state, counters = self._state, self._state.counters
        all_steps = sum(segment.steps for segment in self._programme)
        last_step = None if most_steps is None else counters.steps + most_steps
        while state.outcome == "running":
            if counters.segment >= len(self._programme):
                state.end("completed")
                break
            if last_step is not None and counters.steps >= last_step:
                break
            before = float(state.mean_gradient[0])
            if self._piece():
                done = self._done()
                if progress is not None and state.history:
                    progress(done, all_steps, state.history[-1][10])
                passed = any(before < s <= float(state.mean_gradient[0]) for s in stations)
                ended = counters.place == 0
                if checkpoint is not None or (at_station is not None and (passed or ended)):
                    self._mesh.store(state)
                if checkpoint is not None:
                    checkpoint(state)
                if at_station is not None and (passed or ended):
                    at_station(state)
        self._mesh.store(state)

    def _done(self) -> int:
        counters = self._state.counters
        before = sum(segment.steps for segment in self._programme[: counters.segment])
        return before + counters.place // FULL

    def _piece(self) -> bool:
        """Steps up to the next record; False if they failed and were taken back, or ended the run."""
        state, counters = self._state, self._state.counters
        number = counters.segment
        segment = self._programme[number]
        self._prepare(number, segment)
        if counters.place == 0:
            self._pace(0.0)  # what moved with the last segment's load does not move with this one's
        if segment.kind == "draw" and counters.place == 0:
            counters.increment = min(counters.increment, _ONSET)
            # A draw that follows another begins with less stress, or in another direction.
            counters.stress_largest = 0.0
        kept = self._keep()
        end = min(segment.steps * FULL, (counters.place // self._interval + 1) * self._interval)
        stresses: list[float] = []
        while counters.place < end:
            self._step(segment, end)
            if not np.isfinite(state.stress).all() or not np.isfinite(state.mean_gradient).all():
                return self._take_back(kept)
            stresses.append(self._drawing_force(segment))
        sums = self._mesh.measure()
        motion = self._mesh.motion()
        if not (np.isfinite(sums).all() and np.isfinite(motion).all()):
            return self._take_back(kept)
        residual, kinetic = self._quality(sums, motion)
        self._record(segment, sums, residual, kinetic)
        if segment.kind == "draw":
            self._adapt(residual, kinetic, self._lag(segment))
        elif counters.increment < FULL:
            counters.increment *= 2  # a hold sets its own pace; only one that failed goes slower
        if segment.kind == "draw" and stresses:
            self._watch_rupture(float(np.mean(stresses)) * self._count / float(sums[grid.VOLUME]))
        if counters.place >= segment.steps * FULL and state.outcome == "running":
            counters.segment, counters.place = number + 1, 0
            if segment.transverse:
                counters.transverse = segment.transverse[1]
        return True

    def _prepare(self, number: int, segment: Segment) -> None:
        """The numbers of the segment; at a change of temperature also the factor on the elastic strain of its first step."""
        if self._prepared != number:
            self._table = self._parameters.table(segment.temperature, segment.rate)
            self._rate_constants = self._parameters.rate_constants(segment.temperature)
            self._healing_rate = self._parameters.healing_rate(segment.temperature)
            self._tangent = self._parameters.matrix_tangent(segment.temperature)
            self._prepared = number

    def _check_permission(self, segment: Segment) -> None:
        state, counters = self._state, self._state.counters
        if segment.kind != "draw":
            return
        across = counters.transverse if segment.transverse is None else state.mean_gradient[1] / counters.width_entry
        stretch = float(max(state.mean_gradient[0], across))
        if counters.place > 0 and stretch < counters.permission_stretch + _PERMISSION_EVERY:
            return
        counters.permission_stretch = stretch
        above = self._rule.radius(
            segment.temperature, segment.rate, float(state.mean_gradient[0]), float(across), cold=not segment.hot
        )
        if loosen(state, above):
            self._mesh.loosen(state)

    # One step

    def _step(self, segment: Segment, end: int) -> None:
        state, counters = self._state, self._state.counters
        self._check_permission(segment)
        taken = min(counters.increment, end - counters.place)
        whole = segment.steps * FULL
        start, stop = counters.place / whole, (counters.place + taken) / whole
        before = state.mean_gradient.copy()
        duration, breaking = self._load(segment, start, stop, taken / FULL)
        self._table[:, p.FLOW_INCREMENT] = self._rate_constants * duration
        self._common[p.BREAKING_INCREMENT] = breaking
        self._common[p.CONSTRAINT_PRESSURE] = self._constraint(segment)
        self._common[p.HEALED_SHARE] = -math.expm1(-duration * self._healing_rate)
        self._table[:, p.REFERENCE_CHANGE] = self._reference_change(segment.temperature)
        fresh = counters.steps % _MASSES_EVERY == 0
        sums = self._mesh.step(
            self._table, self._common, state.mean_gradient, masses=fresh, measures=counters.place + taken >= end
        )
        state.stress[:] = sums / self._count
        counters.work += float((state.stress * (state.mean_gradient - before)).sum()) * self._count
        self._relax(segment)
        counters.steps += 1
        counters.place += taken
        counters.time += duration

    def _load(self, segment: Segment, start: float, stop: float, share: float) -> tuple[float, float]:
        """Move the driven directions; the physical time of the step, s, and the growth of broken shares in it."""
        gradient, counters = self._state.mean_gradient, self._state.counters
        if segment.kind != "draw":
            time = hold_time(stop, segment.duration) - hold_time(start, segment.duration)
            return time, _BROKEN_IN_HOLD * share
        travel, growth = 0.0, 0.0
        if segment.machine is not None:
            first, last = segment.machine
            old = float(gradient[0])
            gradient[0] = first + stop * (last - first)
            travel = abs(float(gradient[0]) - old)
            growth = travel / float(gradient[0])
        if segment.transverse is not None:
            first, last = segment.transverse
            if first == 1.0 and start == 0.0:
                counters.width_entry = float(gradient[1])
            goal = counters.width_entry * (first + stop * (last - first))
            step = abs(goal - float(gradient[1]))
            gradient[1] = goal
            travel = max(travel, step / counters.width_entry)
            growth = max(growth, step / goal)
        return travel / segment.rate, growth / _BROKEN_AFTER

    def _constraint(self, segment: Segment) -> float:
        """Pressure of a held or drawn width, MPa, of the last step's mean stress in Kirchhoff measure; 0 where the width is free."""
        if _width_free(segment):
            return 0.0
        return constraint_pressure(*(float(x) for x in self._state.stress * self._state.mean_gradient))

    def _reference_change(self, temperature: float) -> Array:
        """Factor on the elastic strain: at a change of temperature the stress goes on (cooling) or the strain does (heating)."""
        counters = self._state.counters
        before = counters.temperature
        counters.temperature = temperature
        if before in (0.0, temperature):
            return np.ones(p.PHASES)
        return np.minimum(1.0, self._parameters.shear_moduli(before) / self._parameters.shear_moduli(temperature))

    def _relax(self, segment: Segment) -> None:
        """Free directions move towards zero mean stress, damped about a running mean."""
        state = self._state
        for axis in range(3):
            driven = (axis == 0 and segment.machine) or (axis == 1 and segment.transverse)
            if driven or not segment.free[axis]:
                state.mean_velocity[axis] = state.mean_velocity_mean[axis] = 0.0
                continue
            v, mean = float(state.mean_velocity[axis]), float(state.mean_velocity_mean[axis])
            pull = float(state.stress[axis]) * float(state.mean_gradient[axis]) ** 2 * _MACRO**2 / self._tangent
            v += -2.0 * _MACRO * (v - mean) - pull
            mean += _MACRO_FOLLOWING * _MACRO * (v - mean)
            state.mean_velocity[axis], state.mean_velocity_mean[axis] = v, mean
            state.mean_gradient[axis] += v

    # Records, and what they lead to

    def _quality(self, sums: Array, motion: Array) -> tuple[float, float]:
        # Rms over components and corners of the force of an element under a uniform stress: |P|/(4 sqrt 3).
        of_elements = math.sqrt(max(float(sums[grid.STRESS_SQUARED]), 0.0) / (48.0 * self._count))
        unbalanced = math.sqrt(max(float(motion[grid.FORCE_SQUARED]), 0.0) / (3.0 * self._count))
        residual = unbalanced / of_elements if of_elements > 0.0 else 0.0
        work = max(abs(self._state.counters.work), 1e-12)
        return residual, float(motion[grid.KINETIC]) / work

    def _record(self, segment: Segment, sums: Array, residual: float, kinetic: float) -> None:
        state, counters = self._state, self._state.counters
        state.history.append(
            (
                float(counters.segment),
                float(counters.steps),
                counters.time,
                segment.temperature,
                *(float(x) for x in state.mean_gradient),
                *(float(x) * 1e6 for x in state.stress),
                porosity_of(sums),
                float(sums[grid.VOLUME]) / self._count,
                residual,
                kinetic,
                float(sums[grid.VOLUME_LEAST]),
                counters.increment / FULL,
            )
        )

    def _adapt(self, residual: float, kinetic: float, lag: float) -> None:
        settings, counters = self._settings, self._state.counters
        before = counters.increment
        excess = max(residual / settings.residual_limit, kinetic / settings.kinetic_limit, lag / _LAG_LIMIT)
        if excess > 1.0:
            counters.increment = max(before // 2, settings.smallest_increment)
        elif excess < 0.5:
            counters.increment = min(before * 2, FULL)
        self._pace(counters.increment / before)

    def _pace(self, factor: float) -> None:
        """Everything moves by that factor faster, as its load does: otherwise each change of the step sends a wave through the volume."""
        if factor != 1.0:
            self._mesh.pace(factor)
            self._state.mean_velocity *= factor
            self._state.mean_velocity_mean *= factor

    def _lag(self, segment: Segment) -> float:
        """Stress left across the thickness over the drawing stress, where the thickness alone has to follow the draw."""
        if _width_free(segment):
            return 0.0
        left = abs(float(self._state.stress[2] * self._state.mean_gradient[2]))
        return left / max(self._drawing_force(segment), _RUPTURE_FLOOR)

    def _drawing_force(self, segment: Segment) -> float:
        """Largest nominal stress times stretch of the driven directions, MPa: the true stress times the volume ratio."""
        state = self._state
        driven = [axis for axis, ends in enumerate((segment.machine, segment.transverse)) if ends is not None]
        return max((float(state.stress[axis] * state.mean_gradient[axis]) for axis in driven), default=0.0)

    def _watch_rupture(self, stress: float) -> None:
        """Ends the run where the true stress of a draw has fallen to half of its largest and voxels are torn.

        Not the engineering stress: that of a dense film falls to half by itself, since a film at 88 degC draws in the
        necking regime. Not the stress alone: where a matrix without domains cavitates all at once, it falls as far and recovers.
        """
        state, counters = self._state, self._state.counters
        counters.stress_largest = max(counters.stress_largest, stress)
        largest = counters.stress_largest
        if largest > _RUPTURE_FLOOR and stress < _RUPTURE_SHARE * largest and self._torn() >= _TORN_SHARE:
            counters.ruptured_at = float(state.mean_gradient[0])
            state.end("ruptured")

    def _torn(self) -> float:
        """Torn voxels outside domains and debonded layers, over the voxels of a cross-section."""
        state = self._state
        self._mesh.store(state)
        solid = (state.kind == p.MATRIX) | (state.kind == p.LAYER)
        torn = int(np.count_nonzero(state.voxel[p.BROKEN][solid] > 0.5))
        return torn / math.prod(state.shape[1:])

    def _keep(self) -> tuple[dict[str, npt.NDArray[Any]], Counters]:
        """A copy of the small numbers; the mesh keeps its own arrays."""
        self._mesh.mark()
        kept = {name: getattr(self._state, name).copy() for name in (*_SMALL, "permitted")}
        return kept, replace(self._state.counters)

    def _take_back(self, kept: tuple[dict[str, npt.NDArray[Any]], Counters]) -> bool:
        """Undo a piece that failed; the next try has steps of half the size, or the run ends here."""
        state, settings = self._state, self._settings
        self._mesh.go_back()
        if hold_again(state, kept[0]["permitted"]):
            self._mesh.loosen(state)
        for name in _SMALL:
            getattr(state, name)[:] = kept[0][name]
        failed, retries = state.counters.increment, state.counters.retries
        state.counters = replace(kept[1], retries=retries + 1)
        if failed <= settings.smallest_increment:
            state.end("unstable")
        state.counters.increment = max(failed // 2, settings.smallest_increment)
        self._pace(state.counters.increment / failed)
        return False
