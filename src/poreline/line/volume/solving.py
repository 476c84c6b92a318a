"""One cell through its programme: the solver with the film's numbers, its checkpoints, and what it hands on."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from poreline.film import Film
from poreline.line.plan import Plan
from poreline.line.volume.cell import CellPlan
from poreline.line.volume.checkpoint import Identity, checkpoint_name, read_checkpoint, write_checkpoint
from poreline.line.volume.drawn import CellQuality, DrawnCell, ProgrammeCurve
from poreline.line.volume.frames import Frame, FrameRecorder, frames_as_arrays, frames_from_arrays
from poreline.line.volume.settings import VolumeSettings
from poreline.line.volume.side_by_side import Interrupted, TakeShare, side_by_side
from poreline.quantities import Fault, InvalidInput, printable
from poreline.stretch import stages
from poreline.voxels.device import choose_device

if TYPE_CHECKING:
    from poreline.blend.voxelise import VoxelisedBlend
    from poreline.stretch.microcracks.microcracks import FibrilClosure
    from poreline.stretch.volume.model import StretchedVolume
    from poreline.stretch.volume.schedule import Segment
    from poreline.stretch.volume.state import VolumeState

BYTES_PER_VOXEL = {"cpu": 220.0, "cuda": 340.0}
"""What the solver holds for each voxel: state, the copy that a failed piece goes back to, the domains. On the processor measured at 96
voxels an edge: 200 beside 17 of the domains."""
CHECKPOINT_SECONDS = 30.0
"""Time between two checkpoints, or longer where writing one takes more than a twentieth of it."""
LARGEST_RESIDUAL, LARGEST_RESIDUAL_AT_END = 0.1, 0.15
"""Median residual of the draws, and residual at the end, above which a simulation does not count as converged."""
_WRITING_SHARE = 20.0
_TRIALS, _TRIAL_STEPS, _TRIAL_SECONDS = 3, 12, 2.0
_SECONDS = "seconds"
_WORDS = {"heat": "heating", "cool": "cooling", "anneal": "anneal", "release": "release"}

Progress = Callable[[float, float, float, str], None]
"""Called with the share that is done, the porosity, the stretch ratio, and what happens."""


@dataclasses.dataclass
class Keeper:
    """Keeps the state of one cell on the disk, and knows whether the user wants to stop."""

    path: Path | None
    identity: Identity
    say: Callable[[str], None]
    stop: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set by the user."""
    halt: threading.Event = dataclasses.field(default_factory=threading.Event)
    """Set where another cell has failed."""
    remarks: list[str] = dataclasses.field(default_factory=list)
    spent: float = 0.0
    """Seconds of earlier runs on this cell."""
    frames: Sequence[Frame] = ()
    """Its frames, kept with the state."""
    _begin: float = dataclasses.field(default_factory=time.monotonic)
    _written: float = dataclasses.field(default_factory=time.monotonic)
    _took: float = 0.0
    _failed: str = ""

    @classmethod
    def of(
        cls,
        folder: Path | None,
        identity: Identity,
        say: Callable[[str], None] | None,
        stop: threading.Event | None = None,
        halt: threading.Event | None = None,
    ) -> Keeper:
        """The keeper of a cell whose checkpoints lie in `folder`; None: nothing is kept."""
        path = None if folder is None else folder / checkpoint_name(identity.seed)
        return cls(path, identity, say or _silent, stop or threading.Event(), halt or threading.Event())

    def begin(self) -> None:
        """The cell begins now: its time counts from here."""
        self._begin = self._written = time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether the cell should end here."""
        return self.stop.is_set() or self.halt.is_set()

    def check(self) -> None:
        """Raise Interrupted where the cell should end here; what was drawn of it has been kept."""
        if self.stopping:
            raise Interrupted

    def state(self) -> VolumeState | None:
        """The state to go on from; None to begin. Raises InvalidInput for a checkpoint that cannot be used."""
        if self.path is None or not self.path.exists():
            return None
        from poreline.stretch.volume.state import VolumeState

        arrays = read_checkpoint(self.path, self.identity)
        try:
            self.spent = float(arrays.pop(_SECONDS))
            self.frames = frames_from_arrays(arrays)
            return VolumeState.from_arrays(arrays)
        except (KeyError, ValueError, TypeError) as error:
            reason = f"It holds no state of the solver: {printable(error, 100)}."
            remedy = f"Delete it to begin this cell anew: {printable(self.path, 200)}"
            fault = Fault("checkpoint", printable(self.path.name, 100), "a checkpoint of this run", reason, remedy)
            raise InvalidInput([fault], printable(self.path, 200)) from error

    @property
    def seconds(self) -> float:
        """Time spent on this cell, earlier runs included."""
        return self.spent + time.monotonic() - self._begin

    def keep(self, state: VolumeState, *, now: bool = False) -> None:
        """Write a checkpoint where it is time for one, or `now`; stop where the user wants it, after writing."""
        stopping = self.stopping
        due = time.monotonic() - self._written > max(CHECKPOINT_SECONDS, _WRITING_SHARE * self._took)
        if self.path is not None and (now or stopping or due):
            begin = time.monotonic()
            arrays = {**state.arrays(), **frames_as_arrays(self.frames), _SECONDS: np.float64(self.seconds)}
            failed = write_checkpoint(self.path, self.identity, arrays)
            self._written, self._took = time.monotonic(), time.monotonic() - begin
            if failed and failed != self._failed:
                text = f"No checkpoint could be written ({failed}); the simulation goes on without one."
                self.say(text)
                self.remarks.append(text)
            self._failed = failed
        if stopping:
            raise Interrupted


def _silent(text: str) -> None:
    pass


# What the solver is given


def programme_of(plan: Plan, settings: VolumeSettings) -> tuple[Segment, ...]:
    """The segments of a recipe's programme on the grid of the settings."""
    from poreline.stretch.volume.schedule import segments

    return segments(stages(plan.steps), plan.anneal, settings.voxels, settings.steps_factor)


def steps_of(plan: Plan, settings: VolumeSettings) -> int:
    """Steps of a cell at full increments."""
    return sum(segment.steps for segment in programme_of(plan, settings))


def fibril_closure(plan: Plan, film: Film) -> FibrilClosure:
    """What turns void and craze counts into widths: fibrils of the last draw, and the constants that both models share."""
    from poreline.stretch.microcracks.microcracks import FibrilClosure, polar_crack_spacing
    from poreline.stretch.volume.parameters import fibril_spacing

    constants, drawing = plan.constants.membrane, plan.substances.second.drawing
    assert drawing is not None  # a film that is drawn has one
    last = plan.steps[-1]
    late = fibril_spacing(
        drawing,
        float(last.temperature),
        float(last.strain_rate),
        plan.constants.volume.bond_energy,
        float(np.asarray(film.yield_factor)),
    )
    spacing = polar_crack_spacing(
        float(np.asarray(film.domain_diameter_median)), float(np.asarray(constants.polar_crack_spacing))
    )
    toughened = 1.0 + float(np.asarray(constants.fibril_toughening)) * float(np.asarray(film.copolymer_coverage))
    return FibrilClosure(
        fibril_spacing_late=late,
        crack_spacing_largest=float(np.asarray(spacing)),
        breakdown_width=float(np.asarray(constants.fibril_breakdown_width)) * toughened,
        fibril_volume_fraction=1.0 / float(np.asarray(constants.fibril_draw_ratio)),
    )


def expected_speed(
    plan: Plan, cell: CellPlan, blend: VoxelisedBlend, settings: VolumeSettings, device: str, at_a_time: int = 1
) -> float:
    """Element steps a second on this machine, of `at_a_time` cells together: their first steps, after everything is compiled."""
    from poreline.stretch.volume.model import stretch
    from poreline.stretch.volume.solver import SolverSettings

    common: dict[str, Any] = {"blend": blend, "interface": cell.interface, "steps_factor": settings.steps_factor,
                              "volume_constants": plan.constants.volume,
                              "settings": SolverSettings(device=choose_device(device))}  # fmt: skip
    film, draw = cell.film, (plan.steps, plan.anneal, plan.constants.stretch)
    begun = stretch(film, *draw, **common, most_steps=2).state
    states = [begun, *(begun.copy() for _ in range(at_a_time - 1))]

    def steps(number: int, take_share: TakeShare) -> int:
        del take_share  # all of them end together
        before = states[number].counters.steps
        stretch(film, *draw, **common, state=states[number], most_steps=_TRIAL_STEPS)
        return states[number].counters.steps - before  # whole pieces, up to the next record

    best, start = 0.0, time.perf_counter()
    for _ in range(_TRIALS):  # the first may still load what was compiled, and another program may be busy
        begin = time.perf_counter()
        if begin - start > _TRIAL_SECONDS:
            break
        taken = sum(side_by_side(steps, at_a_time, at_a_time, threading.Event()))
        best = max(best, taken * settings.voxels**3 / max(time.perf_counter() - begin, 1e-9))
    return best


# The run of a cell


def solve_cell(
    plan: Plan,
    cell: CellPlan,
    blend: VoxelisedBlend,
    settings: VolumeSettings,
    seed: int,
    *,
    device: str,
    keeper: Keeper,
    progress: Progress,
) -> DrawnCell:
    """Draw one cell to the end of its programme, or to its break; goes on from the keeper's checkpoint if there is one.

    Raises Interrupted (after a checkpoint) where the keeper was told to stop.
    """
    from poreline.stretch.volume.model import stretch
    from poreline.stretch.volume.solver import FULL, SolverSettings
    from poreline.stretch.volume.state import RECORD

    programme = programme_of(plan, settings)
    found = keeper.state()
    before = 0 if found is None else found.counters.steps
    names = [_words(segment) for segment in programme]
    all_steps = sum(segment.steps for segment in programme)
    if found is not None:
        keeper.say(_going_on(seed, found, all_steps))
    recorder = FrameRecorder(blend, shell=cell.interface == "shell", programme=programme, frames=keeper.frames)
    keeper.frames = recorder.frames

    def at_record(state: VolumeState) -> None:
        recorder.at_record(state)
        done = sum(segment.steps for segment in programme[: state.counters.segment]) + state.counters.place / FULL
        record = dict(zip(RECORD, state.history[-1], strict=True))
        doing = names[min(state.counters.segment, len(names) - 1)]
        progress(min(1.0, done / all_steps), record["porosity"], record["stretch_machine"], doing)
        keeper.keep(state)

    made = stretch(
        cell.film,
        plan.steps,
        plan.anneal,
        plan.constants.stretch,
        blend=blend,
        interface=cell.interface,
        volume_constants=plan.constants.volume,
        settings=SolverSettings(device=choose_device(device)),
        steps_factor=settings.steps_factor,
        seed=seed,
        state=found,
        checkpoint=at_record,
    )
    seconds = keeper.seconds
    if made.steps > before:
        keeper.keep(made.state, now=True)
    else:
        seconds = keeper.spent  # nothing was left to do
    speed = made.steps * settings.voxels**3 / max(seconds, 1e-9)
    drawn = _drawn(made, names, seed, speed, seconds, device)
    return dataclasses.replace(drawn, frames=tuple(recorder.frames))


def _going_on(seed: int, state: VolumeState, all_steps: int) -> str:
    if state.outcome != "running":
        return f"Cell {seed} was drawn before: its state is taken from the checkpoint."
    ratio = float(state.mean_gradient[0])
    return f"Cell {seed} goes on from its checkpoint: step {state.counters.steps} of about {all_steps}, stretch ratio {ratio:.3g}."


def _words(segment: Segment) -> str:
    if segment.kind == "draw":
        return "hot stretch" if segment.hot else "cold stretch"
    return _WORDS[segment.kind]


def _drawn(made: StretchedVolume, names: list[str], seed: int, speed: float, seconds: float, device: str) -> DrawnCell:
    from poreline.stretch.volume.properties import BROKEN, CRAZE_COUNT, CRAZE_SPACING_SUM, VOID

    state, record = made.state, made.history
    per_metre = np.float32(1e6)  # the solver counts crazes per micrometre
    end = float(record["residual"][-1])
    settled = made.residual_median <= LARGEST_RESIDUAL and end <= LARGEST_RESIDUAL_AT_END
    remarks = (
        f"In the cell of seed {seed} pieces of the programme were repeated {made.retries} times with smaller steps.",
    )
    return DrawnCell(
        seed=seed,
        displacement=state.displacement,
        mean_gradient=np.diag(state.mean_gradient),
        void=state.voxel[VOID],
        broken=state.voxel[BROKEN],
        craze_count=state.voxel[CRAZE_COUNT] * per_metre,
        craze_spacing_sum=state.voxel[CRAZE_SPACING_SUM] * per_metre,
        curve=_curve(record, names),
        quality=CellQuality(
            residual=made.residual_median,
            residual_end=end,
            residual_largest=made.residual_largest,
            energy_ratio=made.kinetic_ratio_largest,
            steps=made.steps,
            min_det_F=made.determinant_least,
            element_steps_per_second=speed,
            bytes_per_voxel=BYTES_PER_VOXEL[device],
            converged=made.outcome == "ruptured" or (made.outcome == "completed" and settled),
        ),
        rupture_stretch_ratio=made.stretch_ratio_rupture,
        wall_time=seconds,
        remarks=remarks if made.retries else (),
    )


def _curve(record: dict[str, Any], names: list[str]) -> ProgrammeCurve:
    """The records by stage: neighbouring segments that do the same are one; the film at rest stands before them."""
    starts = [0, *(i for i in range(1, len(names)) if names[i] != names[i - 1])]
    stage_of = np.searchsorted(starts, np.arange(len(names)), side="right") - 1
    stage = stage_of[record["segment"].astype(int)]

    def column(name: str, at_rest: float) -> Any:
        return np.concatenate([[at_rest], record[name]])

    return ProgrammeCurve(
        stage=np.concatenate([stage[:1], stage]).astype(np.int64),
        stages=tuple(names[i] for i in starts),
        stretch_ratio=column("stretch_machine", 1.0),
        width_ratio=column("stretch_transverse", 1.0),
        thickness_ratio=column("stretch_thickness", 1.0),
        stress=np.stack([column(f"stress_{axis}", 0.0) for axis in ("machine", "transverse", "thickness")]),
        porosity=column("porosity", 0.0),
        temperature=column("temperature", float(record["temperature"][0])),
    )
