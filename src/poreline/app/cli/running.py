"""`poreline run` and `poreline why`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import typer

from poreline.app.cli.screen import VERDICT_SIGNS, clean, console, table
from poreline.claims import Verdicts, check
from poreline.line import Run, causes_of, parameter_names, simulate
from poreline.line.sensitivity import Causes
from poreline.line.store import SUMMARY, RunStore
from poreline.line.uncertainty import Priors
from poreline.quantities import (
    Estimate,
    Fault,
    InvalidInput,
    UnitError,
    format_quantity,
    nearest,
    parse_quantity,
    printable,
)
from poreline.recipe import UnderstoodRecipe, read_recipe
from poreline.report.headline import headline
from poreline.report.line_file import Line, read_line
from poreline.report.machine import causes_object, run_object, to_json
from poreline.report.run_sheet import RunSheet, run_sheet

_MODELS = ("mean-field",)
_PRIORS = ("all", "model")
_MOST_CAUSES = 8


def run_recipes(
    recipes: Sequence[Path],
    *,
    model: str,
    seed: int,
    samples: int,
    priors: str,
    out: Path,
    why: Sequence[str],
    batch: str,
    line: Path | None,
    as_json: bool,
) -> None:
    """Run recipes one after the other; every input is checked before the first starts."""
    understood, mass, own_line = _inputs(recipes, model, priors, batch, line)
    objects = []
    for recipe in understood:
        made = simulate(recipe, samples=samples, seed=seed, priors=cast(Priors, priors))
        if why:
            made = dataclasses.replace(made, causes={**made.causes, **_asked(made, why)})
        verdicts = check(made)
        folder, printed = keep(made, verdicts, RunStore(out), batch=mass, line=own_line)
        objects.append(printed)
        if not as_json:
            show(made, verdicts, folder, why)
    if as_json:
        typer.echo(to_json(objects[0] if len(objects) == 1 else {"runs": objects}))


def _inputs(
    recipes: Sequence[Path], model: str, priors: str, batch: str, line: Path | None
) -> tuple[list[UnderstoodRecipe], float, Line | None]:
    faults: list[Fault] = []
    if model not in _MODELS:
        near = nearest(model, _MODELS)
        faults.append(_choice("--model", model, _MODELS, near))
    if priors not in _PRIORS:
        faults.append(_choice("--priors", priors, _PRIORS, nearest(priors, _PRIORS)))
    mass = 0.0
    try:
        mass = batch_mass(batch)
    except InvalidInput as error:
        faults += error.faults
    own_line = None
    if line is not None:
        try:
            own_line = read_line(line)
        except InvalidInput as error:
            faults += error.faults
    understood = []
    for path in recipes:
        try:
            understood.append(read_recipe(path, parameter_names()))
        except InvalidInput as error:
            several = len(recipes) > 1
            faults += [
                dataclasses.replace(fault, field=f"{printable(path, 100)}: {fault.field}" if several else fault.field)
                for fault in error.faults
            ]
    if faults:
        raise InvalidInput(faults, str(recipes[0]) if len(recipes) == 1 else "poreline run")
    return understood, mass, own_line


def _choice(field: str, found: str, allowed: Sequence[str], near: str | None) -> Fault:
    remedy = f"Did you mean {near}?" if near else "Choose one of them."
    return Fault(field, printable(found), ", ".join(allowed), "It is not one of the choices.", remedy)


def batch_mass(text: str) -> float:
    """A batch like "10 kg" in kg. Raises InvalidInput."""
    try:
        mass = parse_quantity(text, "kg")
    except UnitError as error:
        raise InvalidInput(
            [Fault("--batch", printable(text), "a mass", error.reason, 'Write it like "10 kg".')], "command line"
        ) from error
    if not 1e-6 <= mass <= 1e7:
        raise InvalidInput(
            [
                Fault(
                    "--batch",
                    printable(text),
                    "1 mg to 10000 t",
                    "Nobody weighs out such a batch.",
                    'Write it like "10 kg".',
                )
            ],
            "command line",
        )
    return mass


def keep(
    made: Run, verdicts: Verdicts, store: RunStore, *, batch: float, line: Line | None
) -> tuple[Path, dict[str, Any]]:
    """Write a run's folder and enter it into the catalogue; returns the folder and the run as printed by --json."""
    from poreline.line.results_file import write_results
    from poreline.recipe import as_text, to_toml
    from poreline.report.figures import pictures, write_pictures
    from poreline.report.html import render_report
    from poreline.report.run_sheet import to_csv

    sheet: RunSheet | None = None
    if made.recipe.composition is not None:
        sheet = run_sheet(made, batch, line)
    with store.new(made.recipe.name, made.provenance.run_digest) as (folder, final):
        files = {"recipe": "recipe.toml", "results": "results.nc", "summary": SUMMARY, "report": "report.html"}
        text = as_text(made.recipe)
        (folder / "recipe.toml").write_text(
            f"# The recipe as understood: every default filled in.\n{to_toml(text)}", encoding="utf-8"
        )
        if made.understood.text:
            (folder / "recipe-as-written.toml").write_text(made.understood.text, encoding="utf-8")
            files["recipe_as_written"] = "recipe-as-written.toml"
        if sheet is not None:
            (folder / "run-sheet.csv").write_text(to_csv(sheet), encoding="utf-8", newline="")
            files["run_sheet"] = "run-sheet.csv"
        write_results(made, folder / "results.nc")
        drawn = pictures(made)
        (folder / "report.html").write_text(render_report(made, verdicts, sheet, drawn), encoding="utf-8")
        for picture in write_pictures(drawn, folder):
            files[f"picture_{picture.stem.replace('-', '_')}"] = picture.name
        printed = run_object(made, verdicts, files)
        (folder / SUMMARY).write_text(to_json(printed) + "\n", encoding="utf-8")
    # Inside the folder the files are named relative to it, so that it can be moved; the caller is told where they are.
    return final[0], {
        **printed,
        "folder": str(final[0]),
        "files": {key: str(final[0] / name) for key, name in files.items()},
    }


def show(made: Run, verdicts: Verdicts, folder: Path, why: Sequence[str] = ()) -> None:
    """Print a run: headline numbers, claims, cautions, causes, where the files are."""
    screen = console()
    screen.print(clean(made.recipe.name, "bold"))
    screen.print(clean(made.outcome.text, "" if made.outcome.kind == "ok" else "bold red"))
    rows = [(row.label, row.value_text, row.band_text, row.unit, row.meaning) for row in headline(made)]
    screen.print(table(("result", "value", "90 % band", "unit", "what it is"), rows, right=(1,)))
    show_claims(verdicts, screen)
    for caution in made.cautions:
        screen.print(clean(f"! {caution.text}", "yellow"))
    for name in why:
        screen.print(causes_table(made, made.causes[name]))
    if made.understood.assumed:
        screen.print(clean(f"{len(made.understood.assumed)} fields were left out and assumed; the report lists them."))
    screen.print(clean(f"Files: {folder}/ (open {folder / 'report.html'})"), soft_wrap=True)


def show_claims(verdicts: Verdicts, screen: Any) -> None:
    """One line per verdict: which claims."""
    named = {
        "met": "met",
        "met-within-about": 'met within "about"',
        "not-met": "not met",
        "undetermined": "undetermined",
    }
    for verdict, label in named.items():
        numbers = [str(claim.claim) for claim in verdicts.claims if claim.verdict == verdict]
        if numbers:
            screen.print(clean(f"{VERDICT_SIGNS[verdict]} {len(numbers):2d} claims {label}: {', '.join(numbers)}"))
    screen.print(clean("Structure is judged by the mean-field model's proxies; `poreline check` gives the evidence."))


def causes_table(made: Run, causes: Causes) -> Any:
    """The ranked causes of one result's band."""
    about = made.meanings[causes.result]
    result = made.results[causes.result]
    band = ""
    if isinstance(result, Estimate):
        value, low, high = (format_quantity(x, about.display_unit, 3) for x in (result.value, result.low, result.high))
        band = f" {value} [{low} to {high}]"
    rows = [
        (
            f"{100 * cause.total:.0f} %",
            f"{100 * cause.first_order:.0f} %",
            cause.number.name,
            cause.number.meaning,
            cause.number.prior.text(cause.number.shown_in),
        )
        for cause in causes.causes[:_MOST_CAUSES]
    ]
    of = " (of its logarithm)" if causes.logarithmic else ""
    title = f"What causes the band of {causes.result}{band}: shares of the variance{of}"
    return table(("total", "alone", "number", "meaning", "prior, 1 sd"), rows, title=title, right=(0, 1))


def explain(recipe: Path, number: str, *, seed: int, samples: int, as_json: bool) -> None:
    """Rank the causes of one result's band."""
    made = simulate(read_recipe(recipe, parameter_names()), seed=seed, causes=())
    causes = _asked(made, [number], samples)[number]
    if as_json:
        typer.echo(
            to_json(
                {"result": number, **made.results[number].as_dict(), **causes_object(causes, most=len(causes.causes))}
            )
        )
        return
    console().print(causes_table(made, causes))


def _asked(made: Run, names: Sequence[str], samples: int = 1024) -> dict[str, Causes]:
    """The causes of results that the user names; raises InvalidInput for a name that the run does not have."""
    faults = []
    for name in names:
        if name not in made.results:
            near = nearest(name, made.results)
            remedy = f"Did you mean {near}?" if near else "Known: " + ", ".join(made.results)
            faults.append(
                Fault("--why", printable(name), "the name of a result", "This run has no such result.", remedy)
            )
    if faults:
        raise InvalidInput(faults, "command line")
    return causes_of(made, names, samples)
