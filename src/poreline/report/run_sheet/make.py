"""The verb: a run, a batch and a line become a sheet."""

from __future__ import annotations

from collections.abc import Iterator

from poreline.line import Plan, Run
from poreline.quantities import Fault, InvalidInput, format_quantity, printable
from poreline.report.line_file import Line
from poreline.report.run_sheet.anneal import anneal_sheet
from poreline.report.run_sheet.checks import checks
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.film_forming import film_sheet
from poreline.report.run_sheet.line_limits import problems
from poreline.report.run_sheet.mixing import mixing_sheet
from poreline.report.run_sheet.numbers import digits
from poreline.report.run_sheet.sheet import RunSheet
from poreline.report.run_sheet.stretch import stretch_sheets
from poreline.report.run_sheet.weigh_out import weigh_out
from poreline.report.run_sheet.winding import wind_up

_SMALLEST_BATCH, _LARGEST_BATCH = 1e-3, 1e5  # kg


def run_sheet(run: Run, batch: float, line: Line | None = None) -> RunSheet:
    """The run sheet of a recipe for a batch of `batch` kg, on `line` if its operator has described it.

    Raises InvalidInput for a measured membrane, which nobody makes here, and for a batch that no scale weighs.
    """
    facts = _facts(run, batch, line)
    weighed, film = weigh_out(facts), film_sheet(facts)
    mixing, stretch, anneal = mixing_sheet(facts, weighed), stretch_sheets(facts), anneal_sheet(facts)
    return RunSheet(
        recipe_name=printable(run.recipe.name, 120),
        line_name=printable(facts.line.name) if line is not None else "",
        run_digest=run.provenance.run_digest,
        outcome="" if run.outcome.kind == "ok" else run.outcome.text,
        inlet_speed=facts.inlet,
        film_width=facts.width,
        weigh_out=weighed,
        mixing=mixing,
        film=film,
        stretch=stretch,
        anneal=anneal,
        wind_up=wind_up(facts),
        checks=tuple(checks(facts)),
        punch_area=facts.punch,
        problems=tuple(problems(facts, mixing, film, stretch, anneal)),
        notes=tuple(_notes(facts)),
    )


def _facts(run: Run, batch: float, line: Line | None) -> Facts:
    if not isinstance(run.plan, Plan):
        reason = "A measured membrane is not made here, so there is nothing to weigh, mix or draw."
        remedy = "Give a composition instead of [membrane]."
        raise InvalidInput([Fault("membrane", "", "a recipe with a composition", reason, remedy)], "run sheet")
    if not _SMALLEST_BATCH <= batch <= _LARGEST_BATCH:  # so for NaN too
        limit = f"{format_quantity(_SMALLEST_BATCH, 'g')} to {format_quantity(_LARGEST_BATCH, 't')}"
        fault = Fault("batch", f"{batch:g} kg", limit, "No scale weighs it out.", 'Write it like "10 kg".')
        raise InvalidInput([fault], "run sheet")
    return Facts(run=run, plan=run.plan, batch=float(batch), line=line or Line())


def _notes(facts: Facts) -> Iterator[str]:
    if facts.stages:
        yield (
            "Strain rate: change of the stretch ratio (length over unstretched length) per time, the mean over the gap. "
            "The film's speed is taken to rise linearly along the gap, so time in the gap = gap ln(v2/v1)/(v2 - v1), or gap/v where both speeds are equal."
        )
        yield "Stretch ratios count from the unstretched film; a station's own ratio is its exit over its entry."
        yield "Draw force: engineering stress times unstretched thickness; the largest may come at the onset of the draw."
    else:
        yield "The recipe has no stretch: nothing opens in the film."
    density = digits(facts.density_solid / 1e3)
    yield f"Porosity from a punch: 1 - mass/({density} g/cm3 x area x thickness), with the density of the solid blend."
    composition = facts.run.recipe.composition
    if composition is not None and any(additive.parts > 0 for additive in composition.additives):
        yield "Densities leave the additives out."
    yield "Bands hold nine in ten of the films that the model's uncertainty allows; inside them a film is as predicted."
