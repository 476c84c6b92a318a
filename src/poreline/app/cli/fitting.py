"""`poreline fit`."""

from __future__ import annotations

import dataclasses
import datetime
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from poreline.app.cli.inputs import Inputs
from poreline.app.cli.screen import clean, console, table
from poreline.design import ConnectionFit, VolumeEvidence, fit_connection, parameter_set_text, stored_evidence
from poreline.line.store import VOLUME, RunStore
from poreline.quantities import Fault, InvalidInput, printable
from poreline.report.machine import to_json

_COMMAND_LINE = "command line"
_MOST_LISTED = 8


def fit_runs(runs: Sequence[str], *, output: Path, name: str, date: str, force: bool, out: Path, as_json: bool) -> None:
    """Fit the mean-field model's connection to stored volume simulations, and write a set of parameters."""
    store = RunStore(out)
    inputs = Inputs("fit")
    day = inputs.read(lambda: _day(date))
    inputs.read(lambda: _check_output(output, force=force))
    if not runs:
        inputs.read(lambda: _no_runs(store))
    folders = [inputs.read(lambda run=run: store.folder(run)) for run in runs]  # type: ignore[misc]
    found: list[VolumeEvidence] = []
    for folder in dict.fromkeys(folder for folder in folders if folder is not None):  # a run named twice counts once
        one = inputs.read(lambda folder=folder: stored_evidence(folder))  # type: ignore[misc]
        if one is not None:
            found.append(one)
    inputs.check()
    assert day is not None
    fit = fit_connection(found)
    _write(output, parameter_set_text(fit, name=name or output.stem, date=day, file_name=output.name))
    if as_json:
        typer.echo(to_json(fit_object(fit, name=name or output.stem, date=day, output=output)))
        return
    show(fit, output)


def _day(text: str) -> datetime.date:
    if not text:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        fault = Fault("--date", printable(text), "a date", "It is no day of the calendar.", "Write it like 2026-11-26.")
        raise InvalidInput([fault], _COMMAND_LINE) from error


def _check_output(path: Path, *, force: bool) -> None:
    shown = printable(path, 200)
    if path.is_dir():
        fault = Fault("--output", shown, "a file", "It is a folder.", "Name a file in it, like fitted.toml.")
    elif path.exists() and not force:
        fault = Fault("--output", shown, "a new file", "It exists.", "Add --force to replace it, or name another.")
    elif not path.absolute().parent.is_dir():
        fault = Fault("--output", shown, "in a folder that exists", "Its folder does not exist.", "Make the folder.")
    else:
        return
    raise InvalidInput([fault], _COMMAND_LINE)


def _no_runs(store: RunStore) -> None:
    known = [stored.id for stored in store.runs() if stored.model == VOLUME]
    reason = "No run is named."
    where = printable(store.root, 200)
    if known:
        more = f" and {len(known) - _MOST_LISTED} more" if len(known) > _MOST_LISTED else ""
        remedy = f"Volume simulations in {where}: {', '.join(known[:_MOST_LISTED])}{more}."
    else:
        remedy = f"No volume simulation lies in {where}. Make some with: poreline run RECIPE --model volume"
    raise InvalidInput([Fault("RUN", "", "ids of volume simulations, three or more", reason, remedy)], _COMMAND_LINE)


def fit_object(fit: ConnectionFit, *, name: str, date: datetime.date, output: Path) -> dict[str, Any]:
    """A fit as a plain object, for other programs."""
    constants = {
        constant.name: {
            "value": constant.value,
            "unit": constant.about.unit,
            "meaning": constant.about.meaning,
            "standard_error": constant.standard_error,
            "default": constant.default,
            "prior": constant.prior,
            "determined": constant.determined,
            "note": constant.note,
        }
        for constant in fit.constants
    }
    runs = [
        {
            **dataclasses.asdict(one),
            "open_share_model": float(share),
            "open_share_residual": float(of_share),
            "tortuosity_model": None if one.tortuosity is None else float(factor),
            "tortuosity_residual": None if one.tortuosity is None else float(of_factor),
        }
        for one, share, factor, of_share, of_factor in zip(
            fit.evidence, fit.open_share, fit.tortuosity, fit.open_share_residual, fit.tortuosity_residual, strict=True
        )
    ]
    return {
        "name": name,
        "date": date.isoformat(),
        "file": str(output),
        "constants": constants,
        "runs": runs,
        "misfit": fit.misfit,
        "misfit_default": fit.misfit_default,
        "notes": list(fit.notes),
    }


def show(fit: ConnectionFit, output: Path) -> None:
    """Print a fit: constants, runs, notes, the file."""
    screen = console()
    count = len(fit.evidence)
    screen.print(clean(f"Connection of the mean-field model, fitted to {count} volume simulations", "bold"))
    rows = [
        (
            c.name,
            f"{c.value:.4g}",
            f"± {c.standard_error:.2g}",
            f"{c.default:g}",
            c.prior,
            c.note or c.about.meaning,
        )
        for c in fit.constants
    ]
    screen.print(table(("constant", "value", "1 sd", "default", "prior", "what it is"), rows, right=(1, 3)))
    columns = ("run", "stretch", "contacts", "open share", "model", "tortuosity", "model")
    screen.print(table(columns, [_row(fit, i) for i in range(count)], right=(1, 2, 3, 4, 5, 6)))
    screen.print(
        clean(f"Misfit over the errors {fit.misfit:.2g}, of the defaults {fit.misfit_default:.2g}; 1 is as assumed.")
    )
    for note in fit.notes:
        screen.print(clean(f"! {note}", "yellow"))
    shown = printable(output, 400)
    screen.print(clean(f"Written: {shown}"), soft_wrap=True)
    screen.print(clean('Use it in a recipe: [parameters] file = "..."'), soft_wrap=True)


def _row(fit: ConnectionFit, index: int) -> tuple[str, ...]:
    one, factor = fit.evidence[index], float(fit.tortuosity[index])
    return (
        one.run or one.name,
        f"{one.stretch_ratio:.3g}",
        f"{one.contacts:.3g}",
        f"{100 * one.open_share:.3g} %",
        f"{100 * float(fit.open_share[index]):.3g} %",
        "–" if one.tortuosity is None else f"{one.tortuosity:.3g}",
        "–" if math.isnan(factor) else f"{factor:.3g}",
    )


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            unfinished = Path(name)
            unfinished.chmod(0o644)
            unfinished.replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = f"It cannot be written: {error.strerror or error}."
        fault = Fault("--output", printable(path, 200), "a file that can be written", reason, "Choose another file.")
        raise InvalidInput([fault], _COMMAND_LINE) from error
