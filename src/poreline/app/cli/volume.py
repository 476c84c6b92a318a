"""`poreline run --model volume`: films that crack open in three dimensions, with checkpoints and a progress bar."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import typer

from poreline.app.cli.inputs import PRIORS, Inputs, batch_mass, chosen
from poreline.app.cli.running import show_claims
from poreline.app.cli.screen import clean, console, table
from poreline.app.cli.volume_options import VolumeOptions
from poreline.claims import MeasuredFacts, Verdicts, check
from poreline.line.store import SUMMARY, RunStore, folder_name
from poreline.line.uncertainty import Priors
from poreline.line.volume import (
    QUALITIES,
    Cost,
    Prepared,
    Status,
    VolumeRun,
    cost_of,
    prepare,
    simulate_volume,
)
from poreline.line.volume.checkpoint import checkpoint_name, forget_cells
from poreline.line.volume.settings import gigabytes
from poreline.line.volume.simulate import check_checkpoints
from poreline.quantities import Fault, InvalidInput, Truth, printable
from poreline.report.headline import headline, shown
from poreline.report.line_file import Line
from poreline.report.machine import to_json

CHECKPOINTS = "checkpoints"
"""Folder beside the runs that holds what is unfinished."""
_WORDS_WIDTH = 74  # characters beside the bar
_SAID_EVERY = 20.0  # seconds, where there is no terminal for a bar
_COMMAND_LINE = "command line"


def run_volumes(
    recipes: Sequence[Path],
    options: VolumeOptions,
    *,
    seed: int,
    samples: int,
    priors: str,
    out: Path,
    why: Sequence[str],
    batch: str,
    line: Path | None,
    as_json: bool,
) -> None:
    """Simulate recipes: all of them are checked before the first starts, and each is kept as soon as it is finished."""
    inputs = Inputs("run")
    inputs.read(lambda: chosen("--priors", priors, PRIORS))
    mass = inputs.read(lambda: batch_mass(batch)) or 0.0
    own_line = inputs.line(line)
    settings = inputs.read(lambda: options.settings(seed))
    inputs.read(lambda: _no_causes(why))
    inputs.read(lambda: _one_of(options))
    read = [inputs.recipe(path, among_others=len(recipes) > 1) for path in recipes]
    store = RunStore(out)
    inputs.read(store.check_writable)
    inputs.check()
    assert settings is not None
    made_ready = []
    for path, understood in zip(recipes, read, strict=True):
        assert understood is not None
        name = printable(path, 100) if len(recipes) > 1 else ""
        made_ready.append(
            inputs.read(
                lambda u=understood: prepare(u, settings, samples=samples, priors=cast(Priors, priors)),  # type: ignore[misc]
                name,
            )
        )
    for prepared in made_ready:
        if prepared is not None and not options.fresh:
            inputs.read(lambda p=prepared: _check_kept(p, store, options))  # type: ignore[misc]
    inputs.check()
    if options.fresh:
        for prepared in made_ready:
            assert prepared is not None
            _forget(prepared, store)
    objects = []
    for prepared in made_ready:
        assert prepared is not None
        made, verdicts, folder, printed = _simulated(prepared, store, batch=mass, line=own_line, as_json=as_json)
        objects.append(printed)
        if not as_json:
            show(made, verdicts, folder)
    if as_json:
        typer.echo(to_json(objects[0] if len(objects) == 1 else {"runs": objects}))


def _no_causes(why: Sequence[str]) -> None:
    if why:
        reason = "Causes are ranked over thousands of samples, which a simulation of minutes does not have."
        remedy = "Ask the mean-field model: leave out --model volume."
        raise InvalidInput(
            [Fault("--why", printable(why[0]), "not with --model volume", reason, remedy)], _COMMAND_LINE
        )


def _one_of(options: VolumeOptions) -> None:
    if options.resume and options.fresh:
        reason, remedy = "One goes on from checkpoints, the other begins anew.", "Leave out one of both."
        raise InvalidInput([Fault("--resume", "", "not with --fresh", reason, remedy)], _COMMAND_LINE)


# Checkpoints


def checkpoint_folder(prepared: Prepared, store: RunStore) -> Path:
    """Where the unfinished cells of a simulation lie: one folder for each recipe, version and grid."""
    return store.root / CHECKPOINTS / folder_name(prepared.understood.recipe.name, prepared.cells_digest)


def _check_kept(prepared: Prepared, store: RunStore, options: VolumeOptions) -> None:
    """Look at the checkpoints before anything starts. Raises InvalidInput for those that cannot be used, or are missing."""
    folder = checkpoint_folder(prepared, store)
    found = check_checkpoints(prepared, folder)
    if not options.resume or found:
        return
    # Others of the same recipe's name tell what differs.
    others = sorted(store.root.glob(f"{CHECKPOINTS}/{folder.name.rpartition('-')[0]}-*"))
    for other in others:
        check_checkpoints(prepared, other)
    reason = f"No checkpoint of this recipe with these settings lies in {printable(folder.parent, 200)}."
    remedy = "Leave out --resume: the same command goes on by itself where it was interrupted."
    raise InvalidInput([Fault("--resume", "", "a checkpoint to go on from", reason, remedy)], _COMMAND_LINE)


def _forget(prepared: Prepared, store: RunStore) -> None:
    """Delete what is kept of the cells of this simulation. Other seeds of the same recipe and grid keep theirs."""
    folder = checkpoint_folder(prepared, store)
    forget_cells(folder, prepared.settings.seeds)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()  # unless cells of other recipes lie there


def _say(text: str) -> None:
    typer.echo(f"poreline: {text}", err=True)


# One simulation


def _simulated(
    prepared: Prepared, store: RunStore, *, batch: float, line: Line | None, as_json: bool
) -> tuple[VolumeRun, Verdicts, Path, dict[str, Any]]:
    folder = checkpoint_folder(prepared, store)
    _say(cost_words(prepared, cost_of(prepared)))
    stop = threading.Event()
    drawing = threading.Event()
    try:
        with _stopping(stop, drawing), _progress(as_json=as_json) as (tell, say):
            last: list[Status] = []

            def on_the_way(status: Status) -> None:
                last[:] = [status]
                drawing.set() if status.phase == "drawing" else drawing.clear()
                tell(status)

            made = simulate_volume(prepared, checkpoints=folder, images=folder, progress=on_the_way, say=say, stop=stop)
            drawing.clear()
            for status in last:
                tell(dataclasses.replace(status, phase="reporting", share=1.0))
            verdicts = check(made.run, MeasuredFacts.of_volume(made))
            kept, printed = keep(made, verdicts, store, folder, batch=batch, line=line)
    except KeyboardInterrupt as stop:
        raise typer.Abort(_how_to_go_on(folder)) from stop
    _forget(prepared, store)  # all of it is in the run's folder now
    return made, verdicts, kept, printed


def _how_to_go_on(folder: Path) -> str:
    kept = sorted(path.name for path in folder.glob(checkpoint_name("*"))) if folder.is_dir() else []
    if not kept:
        return "interrupted before the first checkpoint; nothing half-written is left."
    shown_folder = printable(folder, 300)
    return (
        f"interrupted. What was drawn so far is kept in {shown_folder}: the same command goes on from there. "
        "Delete the folder, or add --fresh, to begin anew."
    )


def cost_words(prepared: Prepared, cost: Cost) -> str:
    """What a simulation takes, in one line."""
    settings = prepared.settings
    cells = "1 cell" if cost.cells == 1 else f"{cost.cells} cells"
    together = f", {cost.at_a_time} at a time" if cost.at_a_time > 1 else ""
    grade = QUALITIES[settings.quality]
    named = (
        settings.quality if (settings.voxels, len(settings.seeds)) == (grade.voxels, grade.seeds) else "own settings"
    )
    return (
        f"{named}: {cells} of {cost.voxels} x {cost.voxels} x {cost.voxels} voxels with {cost.domains} domains{together}; "
        f"about {cost.steps} steps a cell, {gigabytes(cost.memory)} of memory, about {duration(cost.seconds)} on "
        f"{cost.device} ({cost.speed / 1e6:.3g} million element steps a second)."
    )


def duration(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextlib.contextmanager
def _stopping(stop: threading.Event, drawing: threading.Event) -> Iterator[None]:
    """Ctrl-C while cells are drawn waits for their next records, so that nothing of them is lost; a second one does not wait."""

    def on_signal(number: int, frame: Any) -> None:
        if drawing.is_set() and not stop.is_set():
            stop.set()
            return
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_Tell = Callable[[Status], None]


@contextlib.contextmanager
def _progress(*, as_json: bool) -> Iterator[tuple[_Tell, Callable[[str], None]]]:
    """What the simulation reports to: a bar on a terminal, a line now and then elsewhere, with --json only remarks."""
    if sys.stderr.isatty():
        with _bar() as bar:
            yield bar
    elif as_json:
        yield (lambda status: None), _say
    else:
        yield _lines(), _say


def _words(status: Status) -> str:
    if status.phase == "reporting":
        return "drawing the report"
    names = [str(number + 1) for number in status.under_way]
    one = f"cell {names[0]}" if len(names) == 1 else f"cells {', '.join(names)}"
    cell = f"{one} of {status.cells}: " if status.cells > 1 else ""
    doing = status.doing.replace("-", " ")
    return f"{cell}{doing}" if status.phase == "drawing" else f"{cell}measuring {doing}"


def _state(status: Status) -> str:
    return f"porosity {100 * status.porosity:.1f} %, stretch {status.stretch_ratio:.2f}"


class _Clock:
    """Time that is left, from the share done since this process began."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._first: float | None = None

    def left(self, share: float) -> str:
        if self._first is None:
            self._first = share
        done, spent = share - self._first, time.monotonic() - self._begin
        if done < 0.01 or spent < 2.0 or share >= 1.0:
            return ""
        return f"{duration(spent * (1.0 - share) / done)} left"


def _lines() -> _Tell:
    clock, last = _Clock(), time.monotonic()

    def say(status: Status) -> None:
        nonlocal last
        left = clock.left(status.share)
        if time.monotonic() - last < _SAID_EVERY:
            return
        last = time.monotonic()
        parts = [f"{100 * status.share:3.0f} % {_words(status)}", _state(status), left]
        _say("; ".join(part for part in parts if part))

    return say


@contextlib.contextmanager
def _bar() -> Iterator[tuple[_Tell, Callable[[str], None]]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    screen = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=max(6, min(24, screen.width - _WORDS_WIDTH))),
        TaskProgressColumn(),
        TextColumn("{task.fields[state]}", markup=False),
        TextColumn("{task.fields[left]}", markup=False),
    )
    clock = _Clock()
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("starting", total=1.0, state="", left="")

        def tell(status: Status) -> None:
            bar.update(
                task,
                description=_words(status),
                completed=status.share,
                state=_state(status) if status.phase == "drawing" else "",
                left=clock.left(status.share),
            )

        yield tell, lambda text: screen.print(clean(f"poreline: {text}"), soft_wrap=True)


# What is kept and shown


def keep(
    made: VolumeRun, verdicts: Verdicts, store: RunStore, images: Path, *, batch: float, line: Line | None
) -> tuple[Path, dict[str, Any]]:
    """Write the folder of a simulation and enter it into the catalogue; returns the folder and what --json prints.

    `images` is the folder that holds the cells' images; they are moved.
    """
    from poreline.app.cli.running import write_recipe
    from poreline.line.volume.results_file import write_volume_results
    from poreline.report.figures import write_pictures
    from poreline.report.run_sheet import run_sheet, to_csv
    from poreline.report.volume.film import write_film_pictures
    from poreline.report.volume.html import drawn, render_volume_report
    from poreline.report.volume.machine import volume_object

    sheet = run_sheet(made.mean_field, batch, line)
    with store.new(made.run.recipe.name, made.run.provenance.run_digest) as (folder, final):
        files = {"recipe": "recipe.toml", "results": "results.nc", "summary": SUMMARY, "report": "report.html"}
        files |= write_recipe(made.run, folder)
        (folder / "run-sheet.csv").write_text(to_csv(sheet), encoding="utf-8", newline="")
        files["run_sheet"] = "run-sheet.csv"
        write_volume_results(made, folder / "results.nc")
        for seed, name in made.files.items():
            shutil.move(images / name, folder / name)
            files[f"structure_{seed}"] = name
        figures = drawn(made)
        with ThreadPoolExecutor(1) as beside:
            film_files = beside.submit(write_film_pictures, figures.film, folder)
            (folder / "report.html").write_text(render_volume_report(made, verdicts, sheet, figures), encoding="utf-8")
            for picture in write_pictures(figures.pictures, folder):
                files[f"picture_{picture.stem.replace('-', '_')}"] = picture.name
            files |= film_files.result()
        printed = {**volume_object(made, verdicts, files), "batch": {"value": batch, "unit": "kg"}}
        (folder / SUMMARY).write_text(to_json(printed) + "\n", encoding="utf-8")
    whole = {key: str(final[0] / name) for key, name in files.items()}
    return final[0], {**printed, "folder": str(final[0]), "files": whole}


_BESIDE = ("porosity", "pore_diameter_mean", "crack_width_mean", "pore_diameter_spread", "open_share", "tortuosity",
           "film_thickness", "stretch_ratio_final", "engineering_stress")  # fmt: skip


def show(made: VolumeRun, verdicts: Verdicts, folder: Path) -> None:
    """Print a simulation: both models side by side, connection, quality, claims, cautions, files."""
    screen = console()
    run = made.run
    screen.print(clean(run.recipe.name, "bold"))
    screen.print(clean(run.outcome.text, "" if run.outcome.kind == "ok" else "bold red"))
    screen.print(beside_table(made))
    found = {axis: made.measured.get(f"connected_{axis}") for axis in "xyz"}
    connected = [
        f"{axis}: {'yes' if one.value else 'no'} ({one.method.rpartition('; ')[2]})"
        for axis, one in found.items()
        if isinstance(one, Truth)
    ]
    screen.print(clean(f"Pores lead through along {', '.join(connected)}"))
    quality = made.quality
    screen.print(
        clean(
            f"Balance: residual {quality['residual']:.2g} in the draws, energy ratio {quality['energy_ratio']:.2g}, least det F "
            f"{quality['min_det_F']:.2g}, {quality['steps']} steps; {'converged' if quality['converged'] else 'NOT CONVERGED'}"
        )
    )
    show_claims(
        verdicts, screen, by="Structure is judged on the images of the simulated cells; the report gives the evidence."
    )
    for caution in run.cautions:
        screen.print(clean(f"! {caution.text}", "yellow"))
    screen.print(clean(f"Files: {printable(folder, 400)}/"), soft_wrap=True)
    screen.print(clean(f"Open:  {printable(folder / 'report.html', 400)}"), soft_wrap=True)


def beside_table(made: VolumeRun) -> Any:
    """The headline results of both models."""
    names = {row.name: row.label for row in headline(made.run)} | {
        name: made.run.meanings[name].meaning for name in _BESIDE if name in made.run.results
    }
    labels = {row.name: row.label for row in headline(made.run)}
    rows = []
    for name in names:
        about = made.run.meanings[name]
        own = shown(made.run.results[name], about)
        other = made.mean_field.results.get(name)
        beside = shown(other, made.mean_field.meanings[name]) if other is not None else None
        if not own.value and (beside is None or not beside.value):
            continue
        rows.append(
            (
                labels.get(name, name.replace("_", " ")),
                own.value or "–",
                own.band,
                beside.value if beside is not None else "",
                beside.band if beside is not None else "",
                own.unit or (beside.unit if beside is not None else ""),
                about.meaning,
            )
        )
    columns = ("result", "volume", "90 % band", "mean-field", "90 % band", "unit", "what it is")
    return table(columns, rows, right=(1, 3))
