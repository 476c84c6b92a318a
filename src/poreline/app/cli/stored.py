"""`poreline runs`."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any, cast

import typer

from poreline.app.cli.inputs import PRIORS, chosen
from poreline.app.cli.screen import clean, console, table
from poreline.claims import MeasuredFacts, check
from poreline.line import Run, parameter_names, simulate
from poreline.line.resolve import resolved
from poreline.line.store import VOLUME, RunStore, StoredRun, is_measurement, name_of
from poreline.line.uncertainty import Priors
from poreline.quantities import Fault, InvalidInput, printable
from poreline.recipe import UnderstoodRecipe, read_recipe
from poreline.report.machine import to_json

_SAME = 1e-12
_MOST_SAMPLES = 1_000_000


def list_runs(out: Path, *, as_json: bool) -> None:
    """List the runs."""
    runs = RunStore(out).runs()
    if as_json:
        typer.echo(to_json({"folder": str(out), "runs": [run.as_dict() for run in runs]}))
        return
    if not runs:
        console().print(clean(f"No runs in {printable(out, 400)}."))
        return
    rows = [
        (
            run.id,
            run.created.replace("T", " ")[:16],
            run.name,
            run.outcome,
            *_made_with(run),
            run.version,
        )
        for run in runs
    ]
    columns = ("run", "created (UTC)", "recipe or image", "outcome", "samples", "seed", "version")
    console().print(table(columns, rows, right=(4, 5)))


def _made_with(run: StoredRun) -> tuple[str | int, str | int]:
    """Number of samples and seed; of a measurement or a volume simulation what it is instead of the samples."""
    if run.is_measurement:
        return "image", ""
    return ("volume" if run.model == VOLUME else run.samples), run.seed


def show_run(run_id: str, out: Path, *, as_json: bool) -> None:
    """Show what a run found."""
    store = RunStore(out)
    summary, folder = store.summary(run_id), store.folder(run_id)
    if as_json:
        typer.echo(to_json({**summary, "folder": str(folder)}))
        return
    screen = console()
    screen.print(clean(name_of(summary) or folder.name, "bold"))
    screen.print(clean(summary["outcome_text"]))
    rows = [
        (name, _number(entry.get("value")), _band(entry), entry["unit"], entry["meaning"])
        for name, entry in summary["results"].items()
    ]
    screen.print(table(("result", "value", "90 % band", "SI unit", "meaning"), rows, right=(1,)))
    for verdict in ("met", "met-within-about", "not-met", "undetermined"):
        numbers = [str(claim["claim"]) for claim in summary.get("claims", ()) if claim["verdict"] == verdict]
        if numbers:
            screen.print(clean(f"claims {verdict}: {', '.join(numbers)}"))
    screen.print(clean(f"Report: {printable(folder / 'report.html', 400)}"), soft_wrap=True)


def compare_runs(first: str, second: str, out: Path, *, as_json: bool) -> None:
    """Compare two runs."""
    store = RunStore(out)
    faults: list[Fault] = []
    found: list[dict[str, Any]] = []
    for run_id in (first, second):
        try:
            found.append(store.summary(run_id))
        except InvalidInput as error:
            faults += error.faults
    if faults:
        raise InvalidInput(faults, "runs")
    a, b = found
    content = {
        "recipe": _recipe_differences(_asked(a), _asked(b)),
        "results": _result_differences(a["results"], b["results"]),
        "claims": _claim_differences(a.get("claims", []), b.get("claims", [])),
        "outcome": {"a": a["outcome"], "b": b["outcome"]},
        "identical": a["provenance"]["run_digest"] == b["provenance"]["run_digest"],
    }
    if as_json:
        typer.echo(to_json({"a": store.folder(first).name, "b": store.folder(second).name, **content}))
        return
    screen = console()
    screen.print(
        clean(f"A {store.folder(first).name} ({a['outcome']})   B {store.folder(second).name} ({b['outcome']})", "bold")
    )
    if content["identical"]:
        same = "image, version and settings" if is_measurement(a) else "recipe, version, seed and samples"
        screen.print(clean(f"Same {same}: equal numbers."))
    screen.print(
        table(
            ("setting" if is_measurement(a) else "recipe field", "A", "B"),
            [(d["field"], d["a"], d["b"]) for d in content["recipe"]],
        )
    )
    rows = [
        (d["name"], _number(d["a"]), _number(d["b"]), "" if d["ratio"] is None else f"{d['ratio']:.3g}", d["unit"])
        for d in content["results"]
    ]
    screen.print(table(("result", "A", "B", "B/A", "SI unit"), rows, right=(1, 2, 3)))
    if content["claims"]:
        screen.print(table(("claim", "A", "B"), [(d["claim"], d["a"], d["b"]) for d in content["claims"]]))


def _asked(summary: dict[str, Any]) -> dict[str, Any]:
    """What was asked: the recipe; of a measurement the image and the settings."""
    return {"image": summary["image"], **summary["settings"]} if is_measurement(summary) else summary["recipe"]


def _flat(node: Any, path: str = "") -> dict[str, Any]:
    if isinstance(node, dict):
        return {
            key: value
            for name, child in node.items()
            for key, value in _flat(child, f"{path}.{name}" if path else name).items()
        }
    if isinstance(node, list):
        return {
            key: value for index, child in enumerate(node) for key, value in _flat(child, f"{path}[{index}]").items()
        }
    return {path: node}


def _recipe_differences(a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    left, right = _flat(a), _flat(b)
    return [
        {"field": field, "a": left.get(field, ""), "b": right.get(field, "")}
        for field in dict.fromkeys([*left, *right])
        if left.get(field) != right.get(field) and field != "notes"
    ]


def _result_differences(a: dict[str, Any], b: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name in dict.fromkeys([*a, *b]):
        left, right = (side.get(name, {}).get("value") for side in (a, b))
        numbers = _is_number(left) and _is_number(right)
        if left == right or (numbers and math.isclose(left, right, rel_tol=_SAME)):
            continue
        ratio = right / left if numbers and left else None
        rows.append({"name": name, "a": left, "b": right, "ratio": ratio, "unit": (a.get(name) or b[name])["unit"]})
    return rows


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _claim_differences(a: list[dict[str, Any]], b: list[dict[str, Any]]) -> list[dict[str, Any]]:
    left, right = ({claim["claim"]: claim["verdict"] for claim in side} for side in (a, b))
    return [
        {"claim": number, "a": left.get(number, "not judged"), "b": right.get(number, "not judged")}
        for number in dict.fromkeys([*left, *right])
        if left.get(number) != right.get(number)
    ]


def rewrite_report(run_id: str, out: Path, *, as_json: bool) -> None:
    """Write the report of a run again: from its recipe, seed and samples; of a volume simulation from what its folder holds."""
    store = RunStore(out)
    summary, folder = store.summary(run_id), store.folder(run_id)
    if is_measurement(summary):
        _refuse_to_redraw(summary, folder)
    page = _volume_page(folder, summary) if summary["provenance"]["model"] == VOLUME else _page(folder, summary)
    target = folder / "report.html"
    try:
        temporary = folder / ".report.html.unfinished"
        temporary.write_text(page, encoding="utf-8")
        temporary.replace(target)
    except OSError as error:
        reason = f"It cannot be written: {error.strerror or error}."
        limit, remedy = "a file that can be written", "Check the folder's permissions."
        raise InvalidInput([Fault("report", printable(target, 200), limit, reason, remedy)], "runs") from error
    if as_json:
        typer.echo(to_json({"report": str(target)}))
    else:
        console().print(clean(f"Written: {printable(target, 400)}"), soft_wrap=True)


def _refuse_to_redraw(summary: dict[str, Any], folder: Path) -> None:
    """Raise InvalidInput: the folder of a measurement does not hold its image."""
    file = printable(summary["settings"].get("file", "the image"), 200)
    reason = "The report of a measurement is drawn from the image, which is not kept in the run's folder."
    remedy = f"Open {printable(folder / 'report.html', 200)} as it was made, or measure {file} again: poreline measure {file}"
    raise InvalidInput([Fault("run", printable(folder.name), "a run of a recipe", reason, remedy)], "runs")


def _page(folder: Path, summary: dict[str, Any]) -> str:
    from poreline.report.html import render_report
    from poreline.report.run_sheet import run_sheet

    made = _again(folder, summary["provenance"])
    sheet = run_sheet(made, _batch(summary), None) if made.recipe.composition is not None else None
    return render_report(made, check(made), sheet)


def _volume_page(folder: Path, summary: dict[str, Any]) -> str:
    """The report of a volume simulation, whose cells are not drawn again."""
    from poreline.line.volume.stored import stored_volume_run
    from poreline.report.run_sheet import run_sheet
    from poreline.report.volume.html import render_volume_report

    provenance = summary["provenance"]
    priors = _checked(folder, provenance)
    understood = _kept_recipe(folder)
    made = stored_volume_run(folder, understood, summary, priors)
    _say_version(provenance, made.mean_field.provenance.version)
    verdicts = check(made.run, MeasuredFacts.of_volume(made))
    return render_volume_report(made, verdicts, run_sheet(made.mean_field, _batch(summary), None))


def _batch(summary: dict[str, Any]) -> float:
    return float(summary.get("batch", {}).get("value", 10.0))


def _again(folder: Path, provenance: dict[str, Any]) -> Run:
    """The run in `folder` made once more from its recipe, seed, samples and priors."""
    priors = _checked(folder, provenance)
    understood = _kept_recipe(folder)
    made = simulate(understood, samples=provenance["samples"], seed=provenance["seed"], priors=priors)
    _say_version(provenance, made.provenance.version)
    return made


def _kept_recipe(folder: Path) -> UnderstoodRecipe:
    """The recipe of a run's folder, with what it left out as it was written: the kept one has every default filled in."""
    understood = read_recipe(folder / "recipe.toml", parameter_names())
    try:
        written = read_recipe(folder / "recipe-as-written.toml", parameter_names())
    except InvalidInput:  # it is not there, or names files that are elsewhere
        return understood
    full = resolved(written)
    same = dataclasses.replace(full.recipe, materials=understood.recipe.materials) == understood.recipe
    return dataclasses.replace(understood, assumed=full.assumed) if same else understood


def _checked(folder: Path, provenance: dict[str, Any]) -> Priors:
    """The priors of a stored run. Raises InvalidInput where they or its number of samples cannot be those of a run."""
    if not 1 <= provenance["samples"] <= _MOST_SAMPLES:
        limit, reason = f"1 to {_MOST_SAMPLES}", "No run has such a number of samples."
        fault = Fault("provenance.samples", printable(provenance["samples"]), limit, reason, "Run the recipe again.")
        raise InvalidInput([fault], printable(folder, 200))
    return cast(Priors, chosen("provenance.priors", provenance["priors"], PRIORS))


def _say_version(provenance: dict[str, Any], now: str) -> None:
    if now != provenance["version"]:
        earlier = printable(provenance["version"])
        typer.echo(f"poreline: the run was made by version {earlier}; this report is by version {now}.", err=True)


def remove_run(run_id: str, out: Path, *, sure: bool, as_json: bool) -> None:
    """Delete a run's folder."""
    store = RunStore(out)
    folder = store.folder(run_id)
    if not sure and as_json:
        reason = "With --json nobody can be asked whether to delete the run."
        raise InvalidInput([Fault("--yes", "", "", reason, "Add --yes.")], "command line")
    shown = printable(folder, 400)
    if not sure and not typer.confirm(f"Delete {shown} and everything in it?"):
        return
    store.remove(folder.name)
    typer.echo(to_json({"removed": str(folder)}) if as_json else f"Deleted: {shown}")


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return "not determined" if value is None else f"{value:.4g}"


def _band(entry: dict[str, Any]) -> str:
    if not _is_number(entry.get("value")):
        return printable(entry.get("reason", ""))
    return f"{entry['low']:.3g} to {entry['high']:.3g}"
