"""`poreline check`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

import typer

from poreline.app.cli.inputs import PRIORS, Inputs, chosen
from poreline.app.cli.screen import VERDICT_SIGNS, VERDICT_STYLES, clean, console, table
from poreline.claims import ClaimVerdict, MeasuredFacts, Verdicts, check
from poreline.line import Run, simulate
from poreline.line.store import SUMMARY, RunStore, is_measurement, read_summary
from poreline.line.uncertainty import Priors
from poreline.quantities import Fault, InvalidInput, printable
from poreline.report.machine import to_json

_MET = {"met", "met-within-about"}
_MOST_NAMED = 8
_COMMAND_LINE, _MEASURED = "command line", "--measured"
_PROXY = '"proxy": judged by the mean-field model\'s stand-in; an image decides better.'
_FROM_RECIPE = "Composition and method: as the recipe says."
_NO_RECIPE = "Composition and method: not known without a recipe."


def check_membrane(
    recipe: Path | None,
    *,
    measured: str | None,
    out: Path,
    require: str,
    seed: int,
    samples: int,
    priors: str,
    evidence: bool,
    as_json: bool,
) -> None:
    """Judge a recipe, a measured structure, or both, against the claims; exit status 1 if a required claim is not met."""
    inputs = Inputs("check")
    inputs.read(lambda: _something(recipe, measured))
    inputs.read(lambda: chosen("--priors", priors, PRIORS))
    required = inputs.read(lambda: _required(require)) or []
    understood = None if recipe is None else inputs.recipe(recipe)
    structure = None if measured is None else inputs.read(lambda: measured_structure(measured, RunStore(out)))
    inputs.check()
    made = None
    if understood is not None:
        made = simulate(understood, samples=samples, seed=seed, priors=cast(Priors, priors), causes=())
    verdicts = check(made, structure)
    failed = [number for number in required if verdicts.of(number).verdict not in _MET]
    if as_json:
        content = {
            "recipe": made.recipe.name if made is not None else None,
            "outcome": made.outcome.kind if made is not None else None,
            "measured": structure.as_dict() if structure is not None else None,
            "claims": verdicts.as_dicts(),
            "settings": dataclasses.asdict(verdicts.settings),
            "required": required,
            "failed": failed,
        }
        typer.echo(to_json(content))
    else:
        _show(made, structure, verdicts, evidence=evidence)
        if failed:
            typer.echo(f"Required and not met: {', '.join(map(str, failed))}", err=True)
    if failed:
        raise typer.Exit(1)


def _something(recipe: Path | None, measured: str | None) -> None:
    if recipe is None and measured is None:
        reason = "There is nothing to judge."
        remedy = "Name a recipe file, or a measurement with --measured RUN, or both."
        raise InvalidInput(
            [Fault("RECIPE", "", "a recipe, a measured structure, or both", reason, remedy)], _COMMAND_LINE
        )


def measured_structure(run_id: str, store: RunStore) -> MeasuredFacts:
    """The structure that a stored measurement found. Raises InvalidInput for a run that is none."""
    try:
        folder = store.folder(run_id)
    except InvalidInput as error:
        raise InvalidInput([dataclasses.replace(f, field=_MEASURED) for f in error.faults], _COMMAND_LINE) from error
    shown, limit = printable(folder.name, 100), "a run of `poreline measure`"
    try:
        summary = read_summary(folder)
    except (OSError, ValueError) as error:
        reason = f"Its {SUMMARY} cannot be used: {printable(error, 200)}."
        raise InvalidInput(
            [Fault(_MEASURED, shown, limit, reason, "Measure the image again.")], _COMMAND_LINE
        ) from error
    if not is_measurement(summary):
        reason = "It is the run of a recipe: its structure was computed, and no image of it was measured."
        others = [printable(run.id, 100) for run in store.runs() if run.is_measurement]
        known = f"Measured: {', '.join(others[:_MOST_NAMED])}." if others else "None is kept in this folder of runs."
        remedy = f"Measure an image with `poreline measure FILE`. {known}"
        raise InvalidInput([Fault(_MEASURED, shown, limit, reason, remedy)], _COMMAND_LINE)
    return MeasuredFacts.of_summary(summary, folder.name)


def _required(text: str) -> list[int]:
    numbers, faults = [], []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        if part.isascii() and part.isdigit() and 1 <= int(part[:9]) <= 48:
            numbers.append(int(part))
        else:
            faults.append(
                Fault(
                    "--require",
                    printable(part),
                    "claim numbers 1 to 48",
                    "There is no such claim.",
                    'Write them like "11,30".',
                )
            )
    if faults:
        raise InvalidInput(faults, _COMMAND_LINE)
    return numbers


def _show(made: Run | None, structure: MeasuredFacts | None, verdicts: Verdicts, *, evidence: bool) -> None:
    screen = console()
    if made is not None:
        screen.print(clean(made.recipe.name, "bold"))
    if structure is not None:
        kind = "a section" if structure.is_section else "an image"
        found = f"Structure: {kind}, {structure.name}, measured in run {structure.id}"
        screen.print(clean(found, "" if made is not None else "bold"))
        screen.print(clean(_FROM_RECIPE if made is not None else _NO_RECIPE))
    groups: dict[str, list[ClaimVerdict]] = {}
    for claim in verdicts.claims:
        groups.setdefault(claim.group, []).append(claim)
    for group, claims in groups.items():
        rows = []
        for claim in claims:
            sign = clean(f"{VERDICT_SIGNS[claim.verdict]} {claim.verdict}", VERDICT_STYLES[claim.verdict])
            probability = "" if claim.probability is None else f"{claim.probability:.2f}"
            parent = "" if claim.parent is None else f"{claim.parent}"
            rows.append(
                (
                    claim.claim,
                    parent,
                    sign,
                    "proxy" if claim.by_proxy else "",
                    probability,
                    claim.title,
                    _reasons(claim, everything=evidence),
                )
            )
        screen.print(
            table(("claim", "of", "verdict", "by", "P", "what it asks", "evidence"), rows, title=group, right=(0, 1, 4))
        )
    counts = {verdict: sum(claim.verdict == verdict for claim in verdicts.claims) for verdict in VERDICT_SIGNS}
    screen.print(clean("   ".join(f"{VERDICT_SIGNS[verdict]} {count} {verdict}" for verdict, count in counts.items())))
    proxy = "" if structure is not None else " " + _PROXY
    screen.print(clean(f"P: probability over the uncertain numbers.{proxy}"))


def _reasons(claim: ClaimVerdict, *, everything: bool) -> str:
    """The evidence worth reading: all of it, or that which decides against the claim."""
    chosen = [judgement.text for judgement in claim.evidence if everything or judgement.verdict != "met"]
    return "\n".join(dict.fromkeys(([claim.note] if claim.note else []) + chosen))
