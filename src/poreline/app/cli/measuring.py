"""`poreline measure`: an image in; its numbers, figures and report out."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shlex
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import typer

from poreline.app.cli.inputs import Inputs, chosen
from poreline.app.cli.screen import clean, console, table
from poreline.line.measurement import Measurement, Segmented, measure
from poreline.line.store import SUMMARY, RunStore
from poreline.quantities import Fault, InvalidInput, UnitError, nearest, parse_quantity, printable
from poreline.report.machine import to_json
from poreline.voxels import VoxelImage
from poreline.voxels.device import DEVICES, choose_device
from poreline.voxels.files import (
    ImageFile,
    needs_segmentation,
    read_array,
    read_image,
    write_image,
    write_surface,
)
from poreline.voxels.files.writing import WRITTEN
from poreline.voxels.image import AXIS_NAMES, faults_of_spacing
from poreline.voxels.memory import memory_available
from poreline.voxels.segmentation import Segmentation, segment_picture, segment_volume

_SURFACE, _NETWORK = ".stl", ".pnm.npz"
EXPORTS = (*WRITTEN, _SURFACE, _NETWORK)
_METHODS = ("otsu", "local")
_PORES = ("dark", "bright")
_DENOISE = ("median", "none", "nlm")
_SILENT_SECONDS = 2.0
_NOT_ON_SCREEN = ("largest cluster", "solid", "matrix")  # the report has them
_COMMAND_LINE = "command line"
_MEASURED_BY = {
    "tortuosity": "diffusion", "diffusivity": "diffusion", "permeability": "viscous", "flow": "viscous", "knudsen": "gas",
    "thickness": "local-thickness", "pore-size": "local-thickness", "mercury": "intrusion", "bubble-point": "intrusion",
    "area": "surface", "percolation": "connection", "correlation": "two-point", "domains": "uniformity",
}  # fmt: skip
"""What people ask for by another word, and the measure that gives it."""
_WRITE_SPACING = 'Give the edge of one voxel, like --spacing "10 nm"; or one for each axis: "10 nm,10 nm,20 nm".'


@dataclasses.dataclass(frozen=True, kw_only=True)
class MeasureOptions:
    """What the user wrote after `poreline measure`."""

    file: Path
    spacing: str = ""
    periodic: str = ""
    pore_label: int | None = None
    dataset: str = ""
    only: str = ""
    axis: Sequence[str] = ()
    device: str = "auto"
    threshold: str = ""
    grey_pore: float | None = None
    grey_solid: float | None = None
    pores: str = "dark"
    denoise: str = "median"
    keep_data_bar: bool = False
    export: Sequence[Path] = ()
    out: Path = Path("runs")
    as_json: bool = False

    @property
    def grey_options(self) -> dict[str, str]:
        """What was given that only grey values need, by option, as it is shown."""
        given = (("--grey-pore", self.grey_pore), ("--grey-solid", self.grey_solid))
        levels = {option: f"{value:.9g}" for option, value in given if value is not None}
        return ({"--threshold": printable(self.threshold)} if self.threshold else {}) | levels


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Understood:
    """The options, read and checked."""

    found: ImageFile
    spacing: tuple[float, float, float]
    """In the order of the axes x, y, z."""
    spacing_from: str
    periodic: tuple[bool, bool, bool] | None
    measures: tuple[str, ...] | None
    axes: tuple[int, ...]
    segmentation: Segmentation | None
    """None: the file already tells void from solid."""


def measure_image(options: MeasureOptions) -> None:
    """Measure an image: everything is checked before the first measure, and the folder is written whole or not at all."""
    store = RunStore(options.out)
    try:
        with _progress(as_json=options.as_json) as stage:
            made = _measured(options, store, stage)
        folder, printed = keep(made, store, options.export)
    except KeyboardInterrupt as stop:
        raise typer.Abort("interrupted; nothing was written.") from stop
    if options.as_json:
        typer.echo(to_json(printed))
    else:
        show(made, folder, [str(path) for path in options.export], printed["export_remarks"])


def _measured(options: MeasureOptions, store: RunStore, stage: _Stage) -> Measurement:
    stage(f"reading {printable(options.file.name, 60)}")
    understood = _understood(options, store)
    image, segmented = _image(options, understood, stage)
    _check_memory(image, understood.measures)
    tell = stage("measuring")
    return measure(
        image,
        only=understood.measures,
        axes=understood.axes,
        device=options.device,
        settings=_settings(options, understood),
        segmented=segmented,
        command=_command(options, segmented),
        progress=tell,
    )


# What the user wrote


def _understood(options: MeasureOptions, store: RunStore) -> _Understood:
    inputs = Inputs("measure")
    given = inputs.read(lambda: spacing_of(options.spacing)) if options.spacing else None
    periodic = inputs.read(lambda: periodic_of(options.periodic)) if options.periodic else None
    measures = inputs.read(lambda: measures_of(options.only)) if options.only else None
    axes = inputs.read(lambda: axes_of(options.axis)) or (0, 1, 2)
    inputs.read(lambda: _device(options.device))
    settings = inputs.read(lambda: segmentation_of(options))
    for path in options.export:
        inputs.read(lambda path=path: check_export(path, options.file))  # type: ignore[misc]
    inputs.read(store.check_writable)
    found = inputs.read(lambda: read_array(options.file, dataset=options.dataset))
    spacing = _spacing_of_all(given, found) if given or found is not None else None
    if found is not None and not options.spacing:
        inputs.read(lambda: _check_spacing(spacing, found))
    parted = found is not None and not needs_segmentation(found.array)
    if found is not None:
        inputs.read(lambda: _check_grey_options(options, found))
    inputs.check()
    assert found is not None
    assert spacing is not None
    return _Understood(
        found=found,
        spacing=spacing,
        spacing_from="given on the command line" if given else found.spacing_from,
        periodic=periodic,
        measures=measures,
        axes=axes,
        segmentation=None if (parted and not options.grey_options) or options.pore_label is not None else settings,
    )


def spacing_of(text: str) -> tuple[float, ...]:
    """Edges of a voxel in m: one for all axes, two of a picture (x, y), or three (x, y, z). Raises InvalidInput."""
    parts = [part.strip() for part in text.split(",")]
    faults: list[Fault] = []
    if len(parts) > 3:
        faults.append(Fault("--spacing", printable(text), "1 to 3 lengths", "An image has three axes.", _WRITE_SPACING))
    found = []
    for part in parts[:3]:
        try:
            found.append(parse_quantity(part, "m"))
        except UnitError as error:
            remedy = _WRITE_SPACING
            faults.append(
                Fault("--spacing", printable(part) or "empty", "a length with its unit", error.reason, remedy)
            )
    if not faults:
        whole = (found * 3)[:3] if len(found) == 1 else [*found, found[0]][:3]
        known = [dataclasses.replace(fault, field="--spacing") for fault in faults_of_spacing(_three(whole))]
        faults += list(dict.fromkeys(known))
    if faults:
        raise InvalidInput(faults, _COMMAND_LINE)
    return tuple(found)


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = values
    return x, y, z


def _spacing_of_all(given: tuple[float, ...] | None, found: ImageFile | None) -> tuple[float, float, float] | None:
    """Edges along x, y, z: as given, else as the file tells; None where neither does."""
    if given:
        return _three((given * 3)[:3] if len(given) == 1 else (*given, given[0])[:3])
    if found is None or found.spacing is None:
        return None
    rows, columns, depth = found.spacing
    return (columns, rows, depth) if found.kind == "picture" else found.spacing


def _check_spacing(spacing: tuple[float, float, float] | None, found: ImageFile) -> None:
    if spacing is None:
        why = printable(found.spacing_from.removeprefix("none: "), 200)
        reason = f"The file does not tell how large a voxel is: {why}."
        raise InvalidInput([Fault("--spacing", "", "a length with its unit", reason, _WRITE_SPACING)], _COMMAND_LINE)
    faults = [
        dataclasses.replace(fault, field="spacing in the file", remedy=_WRITE_SPACING)
        for fault in faults_of_spacing(spacing)
    ]
    if faults:
        raise InvalidInput(dict.fromkeys(faults), _COMMAND_LINE)


def periodic_of(text: str) -> tuple[bool, bool, bool]:
    """Which axes repeat, from a text like "xy". Raises InvalidInput."""
    letters = text.strip().lower()
    if not letters or set(letters) - set(AXIS_NAMES) or len(set(letters)) != len(letters):
        fault = Fault(
            "--periodic", printable(text), "letters of x, y, z, each once", "It names no axes.", "Write it like xy."
        )
        raise InvalidInput([fault], _COMMAND_LINE)
    return "x" in letters, "y" in letters, "z" in letters


def measures_of(text: str) -> tuple[str, ...]:
    """The measures that are asked for, in their own order. Raises InvalidInput for every one that is none."""
    from poreline.membrane.image.characterise import MEASURES

    asked = [part.strip() for part in text.split(",") if part.strip()]
    faults = []
    for name in dict.fromkeys(asked):
        if name not in MEASURES:
            near = _MEASURED_BY.get(name.lower().replace("_", "-")) or nearest(name, MEASURES)
            remedy = f"Did you mean {near}?" if near else "Choose some of them, with commas between."
            faults.append(Fault("--only", printable(name), ", ".join(MEASURES), "There is no such measure.", remedy))
    if not asked:
        faults.append(
            Fault("--only", printable(text), ", ".join(MEASURES), "It names no measure.", "Leave it out for all.")
        )
    if faults:
        raise InvalidInput(faults, _COMMAND_LINE)
    return tuple(name for name in MEASURES if name in asked)


def axes_of(letters: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the axes; all three where none is named. Raises InvalidInput for every letter that is no axis."""
    wrong = [letter for letter in letters if letter.lower() not in AXIS_NAMES]
    if wrong:
        faults = [
            Fault(
                "--axis", printable(letter), "x, y, z", "There is no such axis.", "Write --axis z; repeat it for more."
            )
            for letter in dict.fromkeys(wrong)
        ]
        raise InvalidInput(faults, _COMMAND_LINE)
    return tuple(sorted({AXIS_NAMES.index(letter.lower()) for letter in letters})) or (0, 1, 2)


def _device(name: str) -> None:
    chosen("--device", name, DEVICES)
    try:
        choose_device(name)
    except InvalidInput as error:
        raise InvalidInput([dataclasses.replace(f, field="--device") for f in error.faults], _COMMAND_LINE) from error


def segmentation_of(options: MeasureOptions) -> Segmentation:
    """How grey values are to be parted. Raises InvalidInput."""
    faults: list[Fault] = []
    for option, found, allowed in (("--pores", options.pores, _PORES), ("--denoise", options.denoise, _DENOISE)):
        try:
            chosen(option, found, allowed)
        except InvalidInput as error:
            faults += error.faults
    method, grey = options.threshold or "otsu", None
    if method not in _METHODS:
        try:
            method, grey = "manual", float(method)
        except ValueError:
            grey = float("nan")
        if not np.isfinite(grey):
            near = nearest(options.threshold, _METHODS)
            remedy = f"Did you mean {near}?" if near else "Write a grey value, like --threshold 118."
            reason = "It is neither a method nor a grey value."
            faults.append(Fault("--threshold", printable(options.threshold), "otsu, local or a number", reason, remedy))
    if faults:
        raise InvalidInput(faults, _COMMAND_LINE)
    try:
        return Segmentation(
            method=method,  # type: ignore[arg-type]
            threshold=grey,
            pores=options.pores,  # type: ignore[arg-type]
            denoise=options.denoise,  # type: ignore[arg-type]
            data_bar="keep" if options.keep_data_bar else "cut",
            grey_pore=options.grey_pore,
            grey_solid=options.grey_solid,
        )
    except InvalidInput as error:
        named = [dataclasses.replace(fault, field=f"--{fault.field.replace('_', '-')}") for fault in error.faults]
        raise InvalidInput(named, _COMMAND_LINE) from error


def _check_grey_options(options: MeasureOptions, found: ImageFile) -> None:
    """Raise InvalidInput for options of grey values that the file has none of."""
    if options.pore_label is not None:
        limit, reason = "not with --pore-label", "A label image is not parted by grey values."
        remedy = "Leave out one of both."
    elif found.array.dtype == np.bool_:
        limit, reason = "not for such a file", "The file holds true and false, which need no threshold."
        remedy = "Leave it out."
    else:
        return
    faults = [Fault(option, shown, limit, reason, remedy) for option, shown in options.grey_options.items()]
    if faults:
        raise InvalidInput(faults, _COMMAND_LINE)


def ending_of(path: Path) -> str:
    """The format that a name of a file to export asks for; empty for one that is not known."""
    name = path.name.lower()
    return max((ending for ending in EXPORTS if name.endswith(ending)), key=len, default="")


def check_export(path: Path, source: Path) -> None:
    """Raise InvalidInput for a file that cannot be exported to."""
    shown = printable(path, 200)
    folder = path.parent
    if not ending_of(path):
        reason, remedy = "Its ending names no format that images are written in.", "Choose one of the endings."
        raise InvalidInput([Fault("--export", shown, ", ".join(EXPORTS), reason, remedy)], _COMMAND_LINE)
    if not folder.is_dir() or not os.access(folder, os.W_OK) or path.is_dir():
        reason, remedy = "It cannot be written there.", "Choose a folder that exists and can be written to."
        raise InvalidInput([Fault("--export", shown, "a file in a folder that exists", reason, remedy)], _COMMAND_LINE)
    if path.exists() and source.exists() and path.samefile(source):
        reason, remedy = "It is the image that is measured.", "Choose another name."
        raise InvalidInput([Fault("--export", shown, "another file than FILE", reason, remedy)], _COMMAND_LINE)


# The image


def _image(options: MeasureOptions, understood: _Understood, stage: _Stage) -> tuple[VoxelImage, Segmented | None]:
    name = printable(options.file.stem, 80)
    if understood.segmentation is None:
        image = read_image(
            options.file,
            spacing=understood.spacing,
            periodic=understood.periodic,
            pore_label=options.pore_label,
            dataset=options.dataset,
            name=name,
        )
        return image, None
    found = understood.found
    segmented: Segmented
    tell = stage("segmenting")
    progress = None if tell is None else lambda share: tell("segmenting", share)
    try:
        if found.kind == "picture":
            segmented = segment_picture(found.array, understood.segmentation)
            # Rows count along y, columns along x.
            void = np.ascontiguousarray(segmented.void.T)[:, :, None]
        else:
            segmented = segment_volume(found.array, understood.segmentation, progress)
            void = segmented.void
    except InvalidInput as error:
        raise InvalidInput(error.faults, printable(options.file, 200)) from error
    spacing_from = f"spacing: {understood.spacing_from}"
    image = VoxelImage(
        void=void,
        spacing=understood.spacing,
        periodic=understood.periodic or found.periodic or (False, False, False),
        name=name,
        source=(
            f"{printable(options.file.name, 200)}: {found.format}",
            spacing_from,
            *found.remarks,
            *segmented.remarks,
        ),
    )
    return image, segmented


def _check_memory(image: VoxelImage, measures: Collection[str] | None) -> None:
    """Raise InvalidInput where the measures need more memory than there is."""
    from poreline.membrane.image.characterise import MEASURES, memory_needed

    available = memory_available()
    needed = memory_needed(image.shape, measures)
    if available is None or needed <= available:
        return
    fitting = [name for name in (measures or MEASURES) if memory_needed(image.shape, [name]) <= available]
    remedy = (
        f"These fit: --only {','.join(fitting)}. For the others crop or bin the image, or use a machine with more memory."
        if fitting
        else "Crop the image or bin it, or use a machine with more memory."
    )
    shape = " x ".join(map(str, image.shape))
    reason = f"Measuring {shape} voxels needs {_gigabytes(needed)}, and {_gigabytes(available)} are available."
    raise InvalidInput(
        [Fault("memory", _gigabytes(available), f"{_gigabytes(needed)} or more", reason, remedy)], "measure"
    )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.3g} GB" if size >= 1e8 else f"{size / 1e6:.3g} MB"


def _settings(options: MeasureOptions, understood: _Understood) -> dict[str, Any]:
    """What was asked, for the record; what the defaults decide is in it too."""
    settings: dict[str, Any] = {"file": printable(options.file.name, 200)}
    if options.dataset:
        settings["dataset"] = printable(options.dataset, 200)
    if options.pore_label is not None:
        settings["pore_label"] = options.pore_label
    if understood.segmentation is not None:
        asked = dataclasses.asdict(understood.segmentation)
        settings["segmentation"] = {key: value for key, value in asked.items() if value is not None}
    return settings


def _command(options: MeasureOptions, segmented: Segmented | None) -> str:
    """The command line that measures the file again, its threshold as a number; empty where there is no threshold."""
    if segmented is None:
        return ""
    words = ["poreline", "measure", printable(options.file, 400)]
    pairs = (("--spacing", options.spacing), ("--periodic", options.periodic), ("--dataset", options.dataset),
             ("--only", options.only), *(("--axis", axis) for axis in options.axis))  # fmt: skip
    words += [word for option, value in pairs if value for word in (option, value)]
    # A number takes the place of the method it came from, but for one that has a threshold for each window.
    words += ["--threshold", "local" if options.threshold == "local" else f"{segmented.threshold:.9g}"]
    words += [
        word for option, value in options.grey_options.items() if option != "--threshold" for word in (option, value)
    ]
    words += ["--pores", options.pores] if options.pores != "dark" else []
    words += ["--denoise", options.denoise] if options.denoise != "median" else []
    words += ["--keep-data-bar"] if options.keep_data_bar else []
    words += ["--device", options.device] if options.device != "auto" else []
    return shlex.join(words)


# Progress

_Tell = Callable[[str, float], None]
"""What is under way in a stage, and the share of the stage that is done."""
_Stage = Callable[[str], _Tell | None]
"""Begins a stage: reading, segmenting, measuring. Returns what the stage reports to, if anything listens."""


@contextlib.contextmanager
def _progress(*, as_json: bool) -> Iterator[_Stage]:
    """What the stages report to: a bar on a terminal, lines elsewhere, nothing in the first two seconds."""
    if sys.stderr.isatty():
        with _bar() as stage:
            yield stage
    elif as_json:
        yield lambda name: None
    else:
        with _lines() as stage:
            yield stage


@contextlib.contextmanager
def _after_silence(begin: Callable[[], None]) -> Iterator[None]:
    """Call `begin` after two seconds, unless what is done inside ends before."""
    timer = threading.Timer(_SILENT_SECONDS, begin)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


@contextlib.contextmanager
def _lines() -> Iterator[_Stage]:
    said: list[str] = []
    now = ""
    speaking = False

    def say() -> None:
        if speaking and now and [now] != said[-1:]:
            said.append(now)
            typer.echo(f"poreline: {now}", err=True)

    def speak() -> None:
        nonlocal speaking
        speaking = True
        say()

    def stage(name: str) -> _Tell:
        nonlocal now
        now, told = name, [""]
        say()

        def tell(part: str, share: float) -> None:
            nonlocal now
            if part != told[0]:  # a line for each part, not for each step of it
                told[0], now = part, f"{100 * share:3.0f} % {part}"
                say()

        return tell

    with _after_silence(speak):
        yield stage


@contextlib.contextmanager
def _bar() -> Iterator[_Stage]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[percent]}"),
        TextColumn("{task.fields[left]}"),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    # Without a total the bar moves to and fro: how long reading takes is not known.
    task = bar.add_task("reading", total=None, percent="", left="")

    def stage(name: str) -> _Tell:
        begin = time.monotonic()
        bar.update(task, description=name, total=None, percent="", left="")

        def tell(part: str, share: float) -> None:
            spent = time.monotonic() - begin
            left = f"about {_duration(spent * (1.0 - share) / share)} left" if share > 0.02 else ""
            bar.update(task, description=part, total=1.0, completed=share, percent=f"{100 * share:3.0f} %", left=left)

        return tell

    try:
        with _after_silence(bar.start):
            yield stage
    finally:
        bar.stop()


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


# What is kept and shown


def keep(made: Measurement, store: RunStore, exports: Sequence[Path]) -> tuple[Path, dict[str, Any]]:
    """Write a measurement's folder and its exports; returns the folder and the measurement as printed by --json."""
    from poreline.line.measurement_file import write_measurement
    from poreline.report.figures import write_pictures
    from poreline.report.measured.html import drawn, render_measured_report
    from poreline.report.measured.machine import measurement_object

    with store.new(made.name, made.provenance.run_digest) as (folder, final):
        files = {"results": "results.nc", "summary": SUMMARY, "report": "report.html"}
        write_measurement(made, folder / "results.nc")
        figures = drawn(made)
        (folder / "report.html").write_text(render_measured_report(made, figures), encoding="utf-8")
        for picture in write_pictures(figures.pictures, folder):
            files[f"picture_{picture.stem.replace('-', '_')}"] = picture.name
        printed = measurement_object(made, files)
        (folder / SUMMARY).write_text(to_json(printed) + "\n", encoding="utf-8")
    try:
        left_out = [remark for path in exports for remark in write_export(made, path)]
    except KeyboardInterrupt as stop:
        raise typer.Abort(
            f"interrupted; the measurement is kept in {printable(final[0], 400)}, and not all exports are."
        ) from stop
    # Inside the folder the files are named relative to it, so that it can be moved; the caller is told where they are.
    whole = {key: str(final[0] / name) for key, name in files.items()}
    whole |= {f"export_{number}": str(path) for number, path in enumerate(exports, start=1)}
    return final[0], {**printed, "folder": str(final[0]), "files": whole, "export_remarks": left_out}


def write_export(made: Measurement, path: Path) -> tuple[str, ...]:
    """Write the image, its surface or its network into a file of the user's, whole or not at all.

    Returns what the format does not keep, one remark each. Raises InvalidInput.
    """
    ending = ending_of(path)
    if ending == _NETWORK:
        return _write_network(made, path)
    try:
        return write_surface(made.image, path) if ending == _SURFACE else write_image(made.image, path)
    except InvalidInput as error:
        faults = [dataclasses.replace(fault, field="--export") for fault in error.faults]
        raise InvalidInput(faults, _COMMAND_LINE) from error


def _write_network(made: Measurement, path: Path) -> tuple[str, ...]:
    from poreline.membrane.image.intrusion import openings
    from poreline.membrane.image.local_thickness import largest_balls
    from poreline.membrane.image.network import extract_network, write_openpnm
    from poreline.membrane.image.wall import wall_of

    wall = wall_of(made.image)
    # The same distances as in the measures, so that the network in the file is the one in the results.
    network = extract_network(made.image, openings(made.image, wall, largest_balls(made.image, wall)[0]))
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.parent) as folder:
        written = write_openpnm(network, Path(folder) / path.name)
        for file in written:
            file.replace(path.with_name(file.name))
    beside = ", ".join(printable(file.name, 80) for file in written[1:])
    return (f"The same as tables: {beside}.",)


def show(made: Measurement, folder: Path, exports: Sequence[str] = (), remarks: Sequence[str] = ()) -> None:
    """Print a measurement: headline numbers, pore sizes by definition, what differs by axis, cautions, files."""
    from poreline.report.measured.results_view import BANDS

    screen = console()
    screen.print(clean(made.name, "bold"))
    screen.print(clean(made.outcome.text, "" if made.outcome.kind == "ok" else "bold red"))
    for made_table in _tables(made):
        screen.print(made_table)
    screen.print(clean(BANDS))
    for caution in made.cautions:
        screen.print(clean(f"! {caution.text}", "yellow"))
    screen.print(clean(f"Files: {printable(folder, 400)}/"), soft_wrap=True)
    for path in exports:
        screen.print(clean(f"Export: {printable(path, 400)}"), soft_wrap=True)
    for remark in remarks:
        screen.print(clean(f"! {remark}", "yellow"))
    screen.print(clean(f"Open:  {printable(folder / 'report.html', 400)}"), soft_wrap=True)


def _tables(made: Measurement) -> Iterator[Any]:
    from poreline.report.measured.results_view import groups, headline_results, size_definitions

    subjects = {group.name: group for group in groups(made)}
    apart = {row.name for name in ("sizes", "connection", "transport") if name in subjects
             for row in subjects[name].everything}  # fmt: skip
    rows = [
        (row.label, row.value or "not determined", row.band, row.unit, row.meaning)
        for row in headline_results(made)
        if row.name not in apart
    ]
    if rows:
        yield table(("result", "value", "band", "unit", "what it is"), rows, right=(1,))
    sizes = [
        (size.title if number == 0 else "", row.label, row.value, row.band, row.unit, row.meaning)
        for size in size_definitions(made)
        for number, row in enumerate(row for row in size.rows if row.value)
    ]
    if sizes:
        columns = ("pore size by", "result", "value", "band", "unit", "what it is")
        yield table(columns, sizes, title="Pore sizes: compare like with like", right=(2,))
    for name in ("connection", "transport"):
        group = subjects.get(name)
        cells = [
            (row.label, *(cell.value or "–" if cell else "" for cell in row.cells), row.unit, row.meaning)
            for row in (group.by_axis if group is not None else ())
            if any(cell is not None and cell.value for cell in row.cells) and not row.label.startswith(_NOT_ON_SCREEN)
        ]
        if group is not None and cells:
            right = tuple(range(1, len(group.columns) + 1))
            yield table((group.title.lower(), *group.columns, "unit", "what it is"), cells, right=right)
