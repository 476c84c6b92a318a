"""`poreline check`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast

import typer

from poreline.app.cli.inputs import PRIORS, Inputs, chosen
from poreline.app.cli.screen import VERDICT_SIGNS, VERDICT_STYLES, clean, console, table
from poreline.claims import ClaimVerdict, Verdicts, check
from poreline.line import simulate
from poreline.line.uncertainty import Priors
from poreline.quantities import Fault, InvalidInput, printable
from poreline.report.machine import to_json

_MET = {"met", "met-within-about"}


def check_recipe(
    recipe: Path, *, require: str, seed: int, samples: int, priors: str, evidence: bool, as_json: bool
) -> None:
    """Judge a recipe against the claims; exit status 1 if a required claim is not met."""
    inputs = Inputs("check")
    inputs.read(lambda: chosen("--priors", priors, PRIORS))
    required = inputs.read(lambda: _required(require)) or []
    understood = inputs.recipe(recipe)
    inputs.check()
    assert understood is not None
    made = simulate(understood, samples=samples, seed=seed, priors=cast(Priors, priors), causes=())
    verdicts = check(made)
    failed = [number for number in required if verdicts.of(number).verdict not in _MET]
    if as_json:
        settings = dataclasses.asdict(made.recipe.claims)
        content = {
            "recipe": made.recipe.name,
            "outcome": made.outcome.kind,
            "claims": verdicts.as_dicts(),
            "settings": settings,
            "required": required,
            "failed": failed,
        }
        typer.echo(to_json(content))
    else:
        _show(made.recipe.name, verdicts, evidence=evidence)
        if failed:
            typer.echo(f"Required and not met: {', '.join(map(str, failed))}", err=True)
    if failed:
        raise typer.Exit(1)


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
        raise InvalidInput(faults, "command line")
    return numbers


def _show(name: str, verdicts: Verdicts, *, evidence: bool) -> None:
    screen = console()
    screen.print(clean(name, "bold"))
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
    screen.print(
        clean(
            'P: probability over the uncertain numbers. "proxy": judged by the mean-field model\'s stand-in; an image decides better.'
        )
    )


def _reasons(claim: ClaimVerdict, *, everything: bool) -> str:
    """The evidence worth reading: all of it, or that which decides against the claim."""
    chosen = [judgement.text for judgement in claim.evidence if everything or judgement.verdict != "met"]
    return "\n".join(([claim.note] if claim.note else []) + chosen)
