"""`poreline sheet`."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import typer

from poreline.app.cli.inputs import Inputs, batch_mass
from poreline.app.cli.screen import clean, console, table
from poreline.line import simulate
from poreline.quantities import Fault, InvalidInput, printable
from poreline.report.machine import to_json
from poreline.report.run_sheet import run_sheet, sections, to_csv


def print_sheet(
    recipe: Path, *, batch: str, line: Path | None, csv: Path | None, seed: int, samples: int, as_json: bool
) -> None:
    """Print the run sheet of a recipe for a batch, on a line if one is given."""
    inputs = Inputs("sheet")
    mass = inputs.read(lambda: batch_mass(batch)) or 0.0
    own_line = inputs.line(line)
    understood = inputs.recipe(recipe)
    inputs.check()
    assert understood is not None
    made = run_sheet(simulate(understood, samples=samples, seed=seed, causes=()), mass, own_line)
    if csv is not None:
        _write(csv, to_csv(made))
    if as_json:
        typer.echo(to_json(made.as_dict()))
        return
    screen = console()
    screen.print(clean(f"Run sheet: {understood.recipe.name}, batch {batch}", "bold"))
    for section in sections(made):
        if section.rows:
            screen.print(table(section.columns, section.rows, title=section.title))
        for note in section.notes:
            screen.print(clean(note))
    if csv is not None:
        screen.print(clean(f"Written: {printable(csv, 400)}"), soft_wrap=True)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = f"It cannot be written: {error.strerror or error}."
        raise InvalidInput(
            [Fault("--csv", printable(path, 200), "a file that can be written", reason, "Choose another file.")],
            "command line",
        ) from error
