"""`poreline run` and `poreline why`."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import typer

from poreline.app.cli.inputs import PRIORS, Inputs, batch_mass, chosen
from poreline.app.cli.screen import VERDICT_SIGNS, clean, console, table
from poreline.app.cli.volume_options import VolumeOptions
from poreline.claims import Verdicts, check
from poreline.line import Run, causes_of, parameter_names, simulate
from poreline.line.sensitivity import Causes
from poreline.line.store import SUMMARY, RunStore
from poreline.line.uncertainty import Priors
from poreline.quantities import Estimate, Fault, InvalidInput, format_quantity, nearest, printable
from poreline.recipe import read_recipe
from poreline.report.headline import headline
from poreline.report.line_file import Line
from poreline.report.machine import causes_object, run_object, to_json
from poreline.report.run_sheet import RunSheet, run_sheet

MODELS = ("mean-field", "volume")
_MOST_CAUSES = 8


def run_recipes(
    recipes: Sequence[Path],
    *,
    volume: VolumeOptions,
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
    """Run recipes: every input is checked before the first starts, and every run is made before one is written."""
    inputs = Inputs("run")
    inputs.read(lambda: chosen("--model", model, MODELS))
    inputs.read(volume.check_unused)
    inputs.read(lambda: chosen("--priors", priors, PRIORS))
    mass = inputs.read(lambda: batch_mass(batch)) or 0.0
    own_line = inputs.line(line)
    read = [inputs.recipe(path, among_others=len(recipes) > 1) for path in recipes]
    inputs.check()
    store = RunStore(out)
    store.check_writable()
    understood = [recipe for recipe in read if recipe is not None]
    runs = [simulate(recipe, samples=samples, seed=seed, priors=cast(Priors, priors)) for recipe in understood]
    _check_names(runs, recipes, why)
    if why:
        runs = [dataclasses.replace(made, causes={**made.causes, **causes_of(made, why, 1024)}) for made in runs]
    kept = [
        _Kept(made, verdicts, *keep(made, verdicts, store, batch=mass, line=own_line))
        for made, verdicts in _judged(runs)
    ]
    if as_json:
        objects = [one.printed for one in kept]
        typer.echo(to_json(objects[0] if len(objects) == 1 else {"runs": objects}))
        return
    for one in kept:
        show(one.made, one.verdicts, one.folder, why)


@dataclasses.dataclass(frozen=True)
class _Kept:
    """A run that was written: itself, the verdicts, its folder, what --json prints."""

    made: Run
    verdicts: Verdicts
    folder: Path
    printed: dict[str, Any]


def _judged(runs: Sequence[Run]) -> list[tuple[Run, Verdicts]]:
    return [(made, check(made)) for made in runs]


def _check_names(runs: Sequence[Run], recipes: Sequence[Path], names: Sequence[str], option: str = "--why") -> None:
    """Raise InvalidInput for every name that is no result of a run."""
    faults = []
    for made, path in zip(runs, recipes, strict=True):
        for name in dict.fromkeys(names):
            if name not in made.results:
                near = nearest(name, made.results)
                remedy = f"Did you mean {near}?" if near else "Known: " + ", ".join(made.results)
                reason = f"{printable(path, 100)} has no such result."
                faults.append(Fault(option, printable(name), "the name of a result", reason, remedy))
    if faults:
        raise InvalidInput(faults, "command line")


def keep(
    made: Run, verdicts: Verdicts, store: RunStore, *, batch: float, line: Line | None
) -> tuple[Path, dict[str, Any]]:
    """Write a run's folder and enter it into the catalogue; returns the folder and the run as printed by --json."""
    from poreline.line.results_file import write_results
    from poreline.report.figures import pictures, write_pictures
    from poreline.report.html import render_report
    from poreline.report.run_sheet import to_csv

    sheet: RunSheet | None = None
    if made.recipe.composition is not None:
        sheet = run_sheet(made, batch, line)
    with store.new(made.recipe.name, made.provenance.run_digest) as (folder, final):
        files = {"recipe": "recipe.toml", "results": "results.nc", "summary": SUMMARY, "report": "report.html"}
        files |= write_recipe(made, folder)
        if sheet is not None:
            (folder / "run-sheet.csv").write_text(to_csv(sheet), encoding="utf-8", newline="")
            files["run_sheet"] = "run-sheet.csv"
        write_results(made, folder / "results.nc")
        drawn = pictures(made)
        (folder / "report.html").write_text(render_report(made, verdicts, sheet, drawn), encoding="utf-8")
        for picture in write_pictures(drawn, folder):
            files[f"picture_{picture.stem.replace('-', '_')}"] = picture.name
        printed = {**run_object(made, verdicts, files), "batch": {"value": batch, "unit": "kg"}}
        (folder / SUMMARY).write_text(to_json(printed) + "\n", encoding="utf-8")
    # Inside the folder the files are named relative to it, so that it can be moved; the caller is told where they are.
    return final[0], {
        **printed,
        "folder": str(final[0]),
        "files": {key: str(final[0] / name) for key, name in files.items()},
    }


def write_recipe(made: Run, folder: Path) -> dict[str, str]:
    """Write the recipe as understood, as written, and its own materials; names of the files beside `recipe.toml`."""
    from poreline.recipe import as_text, to_toml

    files: dict[str, str] = {}
    text = as_text(made.recipe)
    if made.recipe.composition is None:  # nothing was made: the defaults of mixing and film played no part
        text = {key: value for key, value in text.items() if key not in {"mixing", "film"}}
    if made.understood.materials_file is not None:
        # A copy, so that the folder holds all that its report is made of.
        shutil.copyfile(made.understood.materials_file, folder / "materials.toml")
        text["materials"]["file"] = files["materials"] = "materials.toml"
    (folder / "recipe.toml").write_text(
        f"# The recipe as understood: every default filled in.\n{to_toml(text)}", encoding="utf-8"
    )
    if made.understood.text:
        (folder / "recipe-as-written.toml").write_text(made.understood.text, encoding="utf-8")
        files["recipe_as_written"] = "recipe-as-written.toml"
    return files


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
    files, report = printable(folder, 400), printable(folder / "report.html", 400)
    screen.print(clean(f"Files: {files}/"), soft_wrap=True)
    screen.print(clean(f"Open:  {report}"), soft_wrap=True)


_BY_PROXY = "Structure is judged by the mean-field model's proxies; `poreline check` gives the evidence."


def show_claims(verdicts: Verdicts, screen: Any, by: str = _BY_PROXY) -> None:
    """One line per verdict: which claims; `by` says what the structure is judged on."""
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
    screen.print(clean(by))


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
    _check_names([made], [recipe], [number], "NUMBER")
    causes = causes_of(made, [number], samples)[number]
    if as_json:
        ranked = causes_object(causes, most=len(causes.causes))
        typer.echo(to_json({"result": number, **made.results[number].as_dict(), **ranked}))
        return
    console().print(causes_table(made, causes))
