"""simulate_volume(): a recipe through the line, its film cracked open voxel by voxel, in cells side by side."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from poreline import __version__
from poreline.line.evaluate import LineResult
from poreline.line.plan import MembranePlan, Plan
from poreline.line.run import Outcome, Run
from poreline.line.simulate import USUAL_SAMPLES, simulate
from poreline.line.store import VOLUME
from poreline.line.uncertainty import Priors
from poreline.line.volume.cell import CellPlan, cell_cautions, packable, packed
from poreline.line.volume.checkpoint import Identity, image_name
from poreline.line.volume.drawn import CellNumbers
from poreline.line.volume.ensemble import CAVITATES_FROM, DISCRETISATION_OF_CAVITATION
from poreline.line.volume.frames import Frame
from poreline.line.volume.measuring import measure_cell
from poreline.line.volume.results import SHARED_STAGES, curves_of, longest_draw, measured_of, quality_of, results_of
from poreline.line.volume.settings import VolumeSettings, cells_at_a_time, check_memory, memory_needed
from poreline.line.volume.side_by_side import TakeShare, side_by_side
from poreline.line.volume.solving import BYTES_PER_VOXEL, Keeper, expected_speed, solve_cell, steps_of
from poreline.line.volume.status import Board, Progress
from poreline.line.volume.volume_run import VolumeRun
from poreline.quantities import Fault, InvalidInput, printable
from poreline.quantities.faults import Caution
from poreline.recipe import UnderstoodRecipe
from poreline.voxels import VoxelImage, launch
from poreline.voxels.device import choose_device

if TYPE_CHECKING:
    from poreline.membrane.image.measured import MeasuredStructure

_MEASURING_SECONDS_PER_VOXEL = 6e-5
"""Time in which one core measures an image, for each voxel of the undrawn grid; a rough number for what a run announces."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """What a simulation takes, said before it starts."""

    cells: int
    at_a_time: int
    """Cells that are drawn side by side."""
    voxels: int
    domains: int
    steps: int
    """Of each cell."""
    memory: int
    """Bytes at the peak, of all cells that are under way together."""
    speed: float
    """Element steps a second of all cells together, measured on this machine for a moment, side by side as they will be."""
    seconds: float
    """Expected for all cells."""
    device: str

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output."""
        return dict(self.__dict__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Prepared:
    """A volume simulation, checked and ready to start."""

    understood: UnderstoodRecipe
    plan: Plan
    mean_field: Run
    settings: VolumeSettings
    cell: CellPlan
    device: str
    """cpu or cuda."""
    digest: str
    """Sixteen digits that are equal for equal recipe, materials, version, settings and device."""
    at_a_time: int = 1
    """Cells that are drawn side by side; no number depends on it."""

    def identity(self, seed: int) -> Identity:
        """What a checkpoint of one cell belongs to."""
        return Identity(
            version=__version__,
            recipe_digest=_digest_of_film(self.plan),
            settings=self._settings_of_cell(),
            seed=seed,
            device=self.device,
        )

    def _settings_of_cell(self) -> dict[str, Any]:
        return {
            "voxels": self.settings.voxels,
            "domains": self.cell.domains,
            "steps_factor": self.settings.steps_factor,
        }

    @property
    def cells_digest(self) -> str:
        """Eight digits for the folder of the checkpoints: of all that decides a cell, but its seed."""
        content = {**self.identity(0).as_dict(), "seed": None}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def _digest_of_film(plan: Plan) -> str:
    """Sixteen digits of all numbers that a film is made and drawn by: recipe, materials, constants; not of its bands."""
    content = json.dumps(dataclasses.asdict(plan), sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def prepare(
    understood: UnderstoodRecipe, settings: VolumeSettings, *, samples: int = USUAL_SAMPLES, priors: Priors = "all"
) -> Prepared:
    """Check everything that can be checked before a cell is drawn, and run the mean-field model for comparison.

    Raises InvalidInput: a recipe that the simulation cannot draw, domains that cannot be packed (it says what can), too
    little memory (it says how much is needed), a device that is absent.
    """
    mean_field = simulate(understood, samples=samples, seed=settings.seeds[0], priors=priors, causes=())
    plan = mean_field.plan
    if isinstance(plan, MembranePlan):
        reason = "The membrane was measured: there is no film to draw."
        remedy = "Leave out --model volume: its duties need no simulation."
        raise InvalidInput([Fault("membrane", "given", "a composition", reason, remedy)], "volume simulation")
    assert mean_field.nominal.film is not None  # a plan of the line has one
    device = choose_device(settings.device).kind
    check_memory(settings, BYTES_PER_VOXEL[device])
    cell = packable(plan, mean_field.nominal.film, settings)
    content = [mean_field.provenance.run_digest, {**settings.as_dict(), "device": device}, cell.domains]
    return Prepared(
        understood=mean_field.understood,
        plan=plan,
        mean_field=mean_field,
        settings=settings,
        cell=cell,
        device=device,
        digest=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16],
        at_a_time=_at_a_time(settings, device),
    )


def _at_a_time(settings: VolumeSettings, device: str) -> int:
    """Cells side by side; on a GPU one after the other, since one keeps all of it busy."""
    return 1 if device == "cuda" else cells_at_a_time(settings, BYTES_PER_VOXEL[device], launch.thread_count())


def check_checkpoints(prepared: Prepared, folder: Path) -> list[int]:
    """Seeds of the cells that go on from a checkpoint in `folder`. Raises InvalidInput for those that cannot be used."""
    found: list[int] = []
    faults: list[Fault] = []
    for seed in prepared.settings.seeds:
        keeper = Keeper.of(folder, prepared.identity(seed), None)
        try:
            if keeper.state() is not None:
                found.append(seed)
        except InvalidInput as error:
            faults += error.faults
    if faults:
        raise InvalidInput(faults, "checkpoints")
    return found


def cost_of(prepared: Prepared) -> Cost:
    """Steps, memory and expected time, from a speed that is measured for a moment on this machine."""
    settings, at_a_time = prepared.settings, prepared.at_a_time
    steps, cells = steps_of(prepared.plan, settings), len(settings.seeds)
    trial = packed(prepared.cell, settings.seeds[0])
    speed = expected_speed(prepared.plan, prepared.cell, trial, settings, prepared.device, at_a_time)
    voxels = settings.voxels**3
    seconds = cells * voxels * (steps / speed + _MEASURING_SECONDS_PER_VOXEL / at_a_time)
    return Cost(
        cells=cells,
        at_a_time=at_a_time,
        voxels=settings.voxels,
        domains=prepared.cell.domains,
        steps=steps,
        memory=memory_needed(settings, BYTES_PER_VOXEL[prepared.device], at_a_time),
        speed=speed,
        seconds=seconds,
        device=prepared.device,
    )


def simulate_volume(
    prepared: Prepared,
    *,
    checkpoints: Path | None = None,
    images: Path | None = None,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> VolumeRun:
    """Draw every cell through the programme and measure what has opened, `prepared.at_a_time` cells side by side.

    `checkpoints` is the folder in which unfinished cells are kept, and from which they go on: with it an interruption at
    any moment, a kill included, loses at most some minutes, and the numbers come out as if there had been none. Cells
    that were drawn to the end are kept there too. `images` receives the image of each cell (`structure-0.nc`), to be
    measured or shown like any other. `say` is told what a user should know on the way; it and `progress` are called by one
    thread at a time, which need not be the one that called this. Setting `stop` ends the simulation with Interrupted, after
    a checkpoint of each cell that is being drawn. Raises InvalidInput for a checkpoint that is damaged or belongs to
    something else.
    """
    begin = time.perf_counter()
    seeds = prepared.settings.seeds
    board = Board(len(seeds), progress, say)
    stop, halt = stop or threading.Event(), threading.Event()
    kept: list[Keeper] = [Keeper.of(checkpoints, prepared.identity(seed), board.say, stop, halt) for seed in seeds]

    def one(number: int, take_share: TakeShare) -> _Made:
        keeper = kept[number]
        keeper.check()
        keeper.begin()
        return _cell(prepared, number, keeper, images, board, take_share)

    made = side_by_side(one, len(seeds), prepared.at_a_time, halt)
    files = {seed: name for seed, part in zip(seeds, made, strict=True) if (name := part.file)}
    remarks = [
        text for keeper, part in zip(kept, made, strict=True) for text in (*keeper.remarks, *part.numbers.remarks)
    ]
    shown = made[0].image
    assert shown is not None  # that of the first cell is kept
    numbers = [part.numbers for part in made]
    remarks = list(dict.fromkeys(remarks))
    wall_time = time.perf_counter() - begin
    return as_run(prepared, numbers, shown, made[0].frames, files, tuple(remarks), clock(), wall_time)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Made:
    """A cell that is done."""

    numbers: CellNumbers
    image: MeasuredStructure | None
    """Of the first cell: the others are on the disk, one image in memory is enough."""
    frames: tuple[Frame, ...]
    file: str
    """Name of its image file; empty: there is none."""


def _cell(
    prepared: Prepared, number: int, keeper: Keeper, images: Path | None, board: Board, take_share: TakeShare
) -> _Made:
    plan, cell, settings = prepared.plan, prepared.cell, prepared.settings
    seed = settings.seeds[number]
    blend = packed(cell, seed)

    def drawn_so_far(share: float, porosity: float, stretch_ratio: float, doing: str) -> None:
        take_share()
        board.drawing(number, share, doing, porosity, stretch_ratio)

    drawn = solve_cell(plan, cell, blend, settings, seed, device=prepared.device, keeper=keeper, progress=drawn_so_far)

    def measured_so_far(name: str, share: float) -> None:
        keeper.check()
        take_share()
        board.measuring(number, share, name)

    board.drawing(number, 1.0, "drawn", float(drawn.curve.porosity[-1]), float(drawn.curve.stretch_ratio[-1]))
    base = prepared.mean_field.nominal
    found, measured = measure_cell(
        drawn,
        cell,
        blend,
        plan,
        prepared.understood.recipe.duty,
        prepared.understood.materials,
        dense_permeability=base.membrane.dense_permeability,
        name=prepared.understood.recipe.name,
        device=prepared.settings.device,
        progress=measured_so_far,
    )
    file = _write_image(measured.image, images, seed, keeper) if images is not None else ""
    board.ended(number)
    return _Made(numbers=found, image=measured if number == 0 else None, frames=drawn.frames, file=file)


def _write_image(image: VoxelImage, folder: Path, seed: int, keeper: Keeper) -> str:
    """Write the image of a cell; the name of its file. A disk that is full does not end a simulation: the name is empty then."""
    from poreline.voxels.files import write_image

    name = image_name(seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_image(image, folder / name)
        return name
    except (InvalidInput, OSError) as error:
        why = error.faults[0].reason if isinstance(error, InvalidInput) else str(error.strerror)
        text = f"The image of the cell of seed {seed} could not be kept: {printable(why, 120).rstrip('.')}."
        keeper.say(text)
        keeper.remarks.append(text)
        return ""


def as_run(
    prepared: Prepared,
    cells: list[CellNumbers],
    image: MeasuredStructure,
    frames: tuple[Frame, ...],
    files: dict[int, str],
    remarks: tuple[str, ...],
    now: datetime,
    wall_time: float,
) -> VolumeRun:
    """The simulation that measured cells come to: results with their bands, curves, outcome, cautions, provenance.

    Its nominal membrane and performance are those of the first cell.
    """
    mean_field = prepared.mean_field
    results, meanings, stages = results_of(cells, mean_field)
    shared = {name for name, stage in mean_field.stage_of.items() if stage in SHARED_STAGES}
    nominal = LineResult(
        blend=mean_field.nominal.blend, film=mean_field.nominal.film, membrane=cells[0].membrane,
        performance=cells[0].performance,
    )  # fmt: skip
    provenance = dataclasses.replace(
        mean_field.provenance,
        model=VOLUME,
        seed=prepared.settings.seeds[0],
        run_digest=prepared.digest,
        created=now.isoformat(timespec="seconds"),
        wall_time=wall_time,
    )
    run = dataclasses.replace(
        mean_field,
        outcome=outcome_of_cells(cells),
        results=results,
        meanings=meanings,
        stage_of=stages,
        nominal=nominal,
        samples={name: values for name, values in mean_field.samples.items() if name in shared},
        curve=None,
        stations=(),
        causes={},
        cautions=tuple(_cautions(prepared, cells, remarks)),
        provenance=provenance,
    )
    return VolumeRun(
        run=run,
        mean_field=mean_field,
        settings=prepared.settings,
        cell=prepared.cell,
        cells=tuple(cells),
        measured=measured_of(cells),
        curves=curves_of(cells),
        image=image,
        frames=frames,
        quality=quality_of(cells, prepared.at_a_time),
        at_a_time=prepared.at_a_time,
        device=choose_device(prepared.device).name,
        files=files,
    )


def outcome_of_cells(cells: list[CellNumbers]) -> Outcome:
    """How the simulation ended, physically.

    One cell that ruptures is a rupture: the film is as strong as its weakest part. One that lost the balance of forces makes the
    whole doubtful. The voids do not connect where they fail to in half of the cells or more.
    """
    count = len(cells)
    broken = [cell.rupture_stretch_ratio for cell in cells if cell.rupture_stretch_ratio is not None]
    where = "" if count == 1 else f" in {len(broken)} of {count} cells"
    if broken:
        text = (
            f"RUPTURED{where}: the stress collapses at a stretch ratio of {min(broken):.3g}. Draw less, draw hotter, or "
            f"compatibilise. The numbers below describe {'the cell' if count == 1 else 'broken cells'} at the break"
            f"{', averaged with the others' if len(broken) < count else ''}; what follows a break is not simulated."
        )
        return Outcome("ruptured", text)
    rough = sum(cell.outcome == "not-converged" for cell in cells)
    if rough:
        text = (
            f"The balance of forces was lost in {rough} of {count} cells: the residual is too large. Take --steps-factor 2, "
            "and compare."
        )
        return Outcome("not-converged", text)
    apart = sum(cell.outcome == "not-connected" for cell in cells)
    if 2 * apart >= count:
        named = "" if count == 1 else f" in {apart} of {count} cells"
        text = f"The voids do not lead through the thickness{named}. A longer draw, or a cold stretch before it, connects more."
        return Outcome("not-connected", text)
    named = "" if count == 1 else f" in {count - apart} of {count} cells"
    return Outcome("ok", f"The film survives the programme and its voids connect through the thickness{named}.")


LIMITS: tuple[Caution, ...] = (
    Caution(
        "volume-calibration",
        "The law of the voxels leans on three numbers that no measurement fixes yet: the pressure that nucleates a craze, the void "
        "at which it is nucleated, and the strength of the interface. The bands do not hold them.",
    ),
    Caution(
        "volume-packing",
        "Porosity moves by about 12 % with where the domains lie in a cell of eight: several cells are averaged for this.",
    ),
    Caution(
        "volume-grid",
        "From 64 to 96 voxels an edge the porosity at a stretch ratio of 3 moves by at most 1 %, at 2 by 2 %, and with twice the steps by "
        "2 %; at the end of the cold draw by 5 and 6 %. The bands hold 6 % for this, 9 % of widths, and more beyond a stretch ratio of 3.8.",
    ),
    Caution(
        "volume-healing",
        "Young crazes heal where the domains flow, above their glass transition; the time that takes is assumed.",
    ),
    Caution(
        "volume-after-rupture",
        "What happens after a rupture is not simulated: the numbers then are those at the break. Where a film breaks depends on the "
        "grid: four bare cells break 0.5 of stretch ratio earlier in the mean on 96 voxels than on 64, up to 0.9 each. Its band holds 13 %.",
    ),
    Caution(
        "volume-domains",
        "Glassy domains yield by an assumed law and draw out in a hot stretch, some two times at a stretch ratio of 4; this was not "
        "compared with images.",
    ),
    Caution(
        "volume-fixed-width",
        "Films of fixed width are not drawn: how a constrained draw differs from cavitation rests on an assumed law.",
    ),
    Caution(
        "volume-compatibiliser",
        "A compatibiliser lowers the porosity at equal stretch here, where more porosity and twice the stretch are claimed for it.",
    ),
)
"""What the volume simulation is known not to do, or not to know."""


def _cautions(prepared: Prepared, cells: list[CellNumbers], remarks: tuple[str, ...]) -> list[Caution]:
    found = [*prepared.understood.cautions, *cell_cautions(prepared.cell, prepared.settings), *LIMITS]
    measured = prepared.plan.measured
    unused = [name for name in ("porosity", "pore_diameter_mean", "pore_diameter_spread", "tortuosity")
              if getattr(measured, name) is not None]  # fmt: skip
    if unused:
        names = ", ".join(name.replace("_", " ") for name in unused)
        text = f"The measured {names} of the recipe replace the mean-field model's numbers only: the volume simulation has its own."
        found.append(Caution("measured-not-used", text))
    if (reached := longest_draw(cells)) > CAVITATES_FROM:
        text = (
            f"Drawn to a stretch ratio of {reached:.3g}: somewhere between 4.2 and 5.2 (seen at 88 degC) the simulated matrix between domains cavitates "
            "throughout, and the porosity doubles. Where that begins moves by 0.3 with grid and steps. From a stretch "
            f"ratio of 4.2 on the bands hold {100 * DISCRETISATION_OF_CAVITATION:.0f} % for it."
        )
        found.append(Caution("volume-cavitation", text))
    worst = max(cell.quality.residual_largest for cell in cells)
    if worst > _ROUGH:
        text = f"The unbalanced force reaches {worst:.2g} of an element's in a draw, above {_ROUGH:g}: fibrils break, or the steps are too few."
        found.append(Caution("volume-residual", text))
    found += [Caution(REMARK, text) for text in remarks]
    found += [caution for cell in cells for caution in cell.cautions]
    found += [Caution(code, text) for cell in cells for code, text in cell.performance.warnings]
    return list(dict.fromkeys(found))


_ROUGH = 0.1
REMARK = "volume-remark"
"""Code of the caution that tells what happened on the way."""
