"""Anneal: heat setting after the last station, in line."""

from __future__ import annotations

from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import number
from poreline.report.run_sheet.ovens import anneal_set_point
from poreline.report.run_sheet.sheet import AnnealSheet


def anneal_sheet(facts: Facts) -> AnnealSheet | None:
    """Oven and rolls of the anneal; None where the recipe has none."""
    anneal, assumed = facts.plan.anneal, facts.inlet.assumed
    if anneal is None:
        return None
    held, speed = anneal.under_tension, facts.inlet.value * facts.exit_ratio
    left = 1.0 if held else facts.run.value("stretch_ratio_final") / facts.run.value("stretch_ratio")
    path = "path in the anneal oven: film speed times duration"
    return AnnealSheet(
        temperature=anneal_set_point(facts, anneal.temperature),
        duration=number(anneal.duration, "s", "duration", "min", assumed=facts.assumed("anneal.duration")),
        oven_length=number(speed * anneal.duration, "m", path, assumed=assumed),
        speed=number(speed, "m/s", "film speed into the oven", "m/min", assumed=assumed),
        speed_out=number(speed * left, "m/s", "film speed out of the oven", "m/min", assumed=assumed),
        tension="length held: equal roll speeds"
        if held
        else "no tension: the exit roll runs slower and the film shrinks",
    )
