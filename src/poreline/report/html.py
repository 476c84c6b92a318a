"""The report of a run: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from poreline.claims import Verdicts
from poreline.line import MembranePlan, Plan, Run
from poreline.line.sensitivity import Cause
from poreline.line.uncertainty import UncertainNumber
from poreline.materials import Record
from poreline.materials.records import FACTOR_OF, meaning_of
from poreline.quantities import Meaning, difference_to_si, format_quantity, from_si
from poreline.report.bibliography import law_sources, laws_of, records_of, sources_of
from poreline.report.claims_view import claims_view
from poreline.report.diagram import boxes
from poreline.report.figures import Picture, pictures, svg_text
from poreline.report.headline import headline, number_text, shown
from poreline.report.run_sheet import RunSheet, sections
from poreline.report.text import GAP, pretty_number, pretty_symbol, pretty_text, pretty_unit
from poreline.report.trust import CALIBRATED, PREDICTED, WEAK

_OUTCOMES = {
    "ok": ("●", "Connected membrane"),
    "ruptured": ("✕", "RUPTURED: the film breaks while it is drawn"),
    "not-connected": ("○", "NOT CONNECTED: the voids form no network through the film"),
    "not-converged": ("?", "NOT CONVERGED: the simulation found no steady answer"),
}
_MEASURED = ("●", "Measured membrane")
_SEEN = {
    "full": "read in full",
    "abstract": "abstract read",
    "secondary": "known as quoted elsewhere",
    "not re-read": "not re-read",
}
_STAGES = {
    "blend": "Blend",
    "film": "Film",
    "stretch": "Stretched film",
    "structure": "Structure of the voids",
    "membrane": "Membrane",
    "separation": "Separation",
}
_FIRST_DUTIES = 4  # results of duties on the first screen, which must hold the claims too
_SHOWN_CAUSES = 6
_OPEN_CAUSES = ("porosity", "pore_diameter_mean", "permeance_")  # results whose causes are shown without a click


def render_report(
    run: Run, verdicts: Verdicts, sheet: RunSheet | None = None, drawn: Sequence[Picture] | None = None
) -> str:
    """One run as a self-contained HTML page: figures, claims, causes, tables, sources; `sheet` adds the run sheet.

    `drawn` are the run's pictures where they have been drawn already.

    The same run, verdicts and sheet give the same text, apart from the time of the run in its provenance.
    """
    return (
        environment()
        .get_template("report.html.j2")
        .render(**_content(run, verdicts, sheet, pictures(run) if drawn is None else drawn))
    )


@cache
def environment() -> Environment:
    """The templates of the reports, with the filters that they use."""

    # importlib.resources, so that the report works from a zipped package too.
    def load(name: str) -> str:
        return files("poreline.report").joinpath("templates", name).read_text(encoding="utf-8")

    made = Environment(
        loader=FunctionLoader(load), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters |= {
        "unit": pretty_unit,
        "number": pretty_number,
        "symbol": pretty_symbol,
        "plain": pretty_text,
        "quantity": _quantity,
        "band": _band,
    }
    return made


def _content(run: Run, verdicts: Verdicts, sheet: RunSheet | None, drawn: Sequence[Picture]) -> dict[str, Any]:
    records = records_of(run)
    rows = headline(run)
    later = [row.name for row in rows if run.stage_of[row.name] == "separation"][_FIRST_DUTIES:]
    return {
        "run": run,
        "style": Markup(files("poreline.report").joinpath("style.css").read_text(encoding="utf-8")),
        "measured": isinstance(run.plan, MembranePlan),
        "outcome": _outcome(run),
        "route": _route(run),
        "headline": [row for row in rows if row.name not in later],
        "more_headline": [row for row in rows if row.name in later],
        "claims": claims_view(verdicts),
        "boxes": boxes(run),
        **_figures(drawn),
        "causes": _causes(run),
        "stages": _stages(run),
        "sheet": sections(sheet) if sheet is not None else (),
        "records": [_record_row(run, record) for record in records],
        "references": sources_of(run, records),
        "seen": _SEEN,
        "laws": laws_of(run),
        "law_sources": law_sources(run),
        "calibrated": CALIBRATED,
        "predicted": PREDICTED,
        "weak": WEAK,
        "provenance": _provenance(run),
    }


def _outcome(run: Run) -> tuple[str, str]:
    if isinstance(run.plan, MembranePlan) and run.outcome.kind == "ok":
        return _MEASURED
    return _OUTCOMES[run.outcome.kind]


def _route(run: Run) -> str:
    """What the recipe does, in one line."""
    composition = run.recipe.composition
    if not isinstance(run.plan, Plan) or composition is None:
        return "no recipe: porosity, pore size and thickness were measured; only the duties are computed"
    return " → ".join(_route_parts(run.plan, [b.conditions[0] for b in boxes(run)[:1]]))


def _route_parts(plan: Plan, beginning: Sequence[str]) -> Iterator[str]:
    yield from beginning
    yield {"extrusion": "extruded", "casting": "cast", "spray": "sprayed"}[plan.film.process]
    for step in plan.steps:
        yield f"{step.regime} {format_quantity(step.temperature, 'degC', 3)} to {format_quantity(step.elongation, '%', 3)}"
    if not plan.steps:
        yield "not stretched"
    if plan.anneal is not None:
        yield f"annealed {format_quantity(plan.anneal.temperature, 'degC', 3)}"


# Numbers


def _band(text: str) -> str:
    """A band as it is typeset: "12.9-29.1" with an en dash, powers of ten raised."""
    low, joint, high = text.partition(" to ")
    if not joint:
        low, joint, high = text.partition("-")
    if not joint or not high or not low:
        return text
    return f"{pretty_number(low)} – {pretty_number(high)}"


def _quantity(value: float, unit: str) -> str:
    """An SI number in its display unit, typeset."""
    return f"{pretty_number(number_text(from_si(value, unit), unit))}{GAP}{pretty_unit(unit)}".rstrip()


# Figures


@dataclass(frozen=True)
class FigureView:
    """A figure as it stands in the page."""

    name: str
    title: str
    description: str
    svg: Markup


def _figures(drawn: Sequence[Picture]) -> dict[str, list[FigureView]]:
    made = [_figure(picture) for picture in drawn]
    return {
        "draw_figures": [view for view in made if not view.name.startswith("pore-sizes")],
        "pore_figures": [view for view in made if view.name.startswith("pore-sizes")],
    }


def _figure(picture: Picture) -> FigureView:
    # matplotlib has escaped every text in it.
    return FigureView(picture.name, picture.title, picture.description, Markup(svg_text(picture)))


# Causes


@dataclass(frozen=True)
class CauseRow:
    """One uncertain number behind a band."""

    meaning: str
    name: str
    symbol: str
    nominal: str
    prior: str
    first_order: float
    """Percent of the variance, at most 100."""
    total: float
    effect: str
    source: str


@dataclass(frozen=True)
class CausesView:
    """The causes of one result's band."""

    title: str
    name: str
    logarithmic: bool
    samples: int
    rows: tuple[CauseRow, ...]
    rest: int
    """Numbers that are not listed."""
    open: bool


def _causes(run: Run) -> list[CausesView]:
    views = []
    for name, causes in run.causes.items():
        about = run.meanings[name]
        listed = [cause for cause in causes.causes[:_SHOWN_CAUSES] if cause.total > 0.005]
        views.append(
            CausesView(
                about.meaning,
                name,
                causes.logarithmic,
                causes.samples,
                tuple(_cause_row(run, cause, about) for cause in listed),
                len(causes.causes) - len(listed),
                name.startswith(_OPEN_CAUSES),
            )
        )
    return views


def _cause_row(run: Run, cause: Cause, about: Meaning) -> CauseRow:
    number = cause.number
    unit, meaning = _unit_and_meaning(run, number)
    return CauseRow(
        meaning,
        number.name,
        number.symbol,
        _quantity(number.nominal, unit),
        prior_text(number, unit),
        min(100.0, 100.0 * cause.first_order),
        min(100.0, 100.0 * max(cause.total, cause.first_order)),
        _effect(cause.effect, about.display_unit),
        number.source,
    )


def _effect(change: float, unit: str) -> str:
    """A change of a result, with its sign; of a share in percentage points."""
    text = number_text(abs(change) / difference_to_si(1.0, unit))
    sign = "" if text == "0" else "+" if change > 0 else "−"
    return f"{sign}{pretty_number(text)}{GAP}{'points' if unit == '%' else pretty_unit(unit)}".rstrip()


def _unit_and_meaning(run: Run, number: UncertainNumber) -> tuple[str, str]:
    """Display unit and meaning; a measured number has those of the result that it replaces."""
    about = run.meanings.get(number.name.removeprefix("measured.")) if number.scope == "measured" else None
    if about is not None:
        return about.display_unit, f"measured: {about.meaning}"
    return ("1" if number.shown_in == "SI" else number.shown_in or number.unit), number.meaning


def prior_text(number: UncertainNumber, unit: str) -> str:
    """A prior as text: a factor, or a spread in the display unit; one standard deviation."""
    if number.prior.shape == "lognormal":
        return f"×/÷ {number.prior.spread:.3g}"
    spread = number.prior.spread / difference_to_si(1.0, unit)
    return f"± {pretty_number(number_text(spread))}{GAP}{pretty_unit(unit)}".rstrip()


# Tables


@dataclass(frozen=True)
class ResultRow:
    """One result in a table."""

    name: str
    meaning: str
    symbol: str
    value: str
    band: str
    unit: str
    method: str
    reason: str


def _stages(run: Run) -> list[tuple[str, list[ResultRow]]]:
    groups: dict[str, list[ResultRow]] = {}
    for name, result in run.results.items():
        about = run.meanings[name]
        text = shown(result, about)
        groups.setdefault(run.stage_of[name], []).append(
            ResultRow(name, about.meaning, about.symbol, text.value, text.band, text.unit, about.method, text.reason)
        )
    return [(_STAGES.get(stage, stage), rows) for stage, rows in groups.items()]


@dataclass(frozen=True)
class RecordRow:
    """One material number in use."""

    record: Record
    meaning: str
    value: str
    prior: str


def _record_row(run: Run, record: Record) -> RecordRow:
    subject = record.subject
    categories = ("pair",) if "+" in subject else ("polymer", "copolymer", "gas", "liquid", "solute")
    found = next((m for c in categories if (m := meaning_of(c, record.property)) is not None), None)  # type: ignore[arg-type]
    name = found.meaning if found is not None else record.property
    value = f"{pretty_number(f'{record.printed:g}')}{GAP}{pretty_unit(record.unit)}".rstrip()
    return RecordRow(record, name, value, _record_prior(run, record))


def _record_prior(run: Run, record: Record) -> str:
    """The uncertainty that the run sampled for this record, one standard deviation."""
    sampled = {number.name: number for number in run.numbers}
    number = sampled.get(f"{record.subject}.{record.property}")
    if number is not None:
        return prior_text(number, number.shown_in or number.unit)
    # Some laws are varied as a whole, by a factor; the record that carries it says so.
    factor = next((name for name, carrier in FACTOR_OF.items() if carrier == record.property), "")
    number = sampled.get(f"{record.subject}.{'interfacial_tension' if factor == 'factor' else factor}")
    return f"{prior_text(number, '1')} on the law as a whole" if number is not None else ""


def _provenance(run: Run) -> list[tuple[str, str]]:
    made = run.provenance
    samples = f"{made.samples} samples of {len(run.numbers)} uncertain numbers"
    priors = {"all": "parameters of the model and material records", "model": "parameters of the model only"}
    return [
        ("poreline", made.version),
        ("model", made.model),
        ("bands", f"{samples}, 5-95 % of the samples"),
        ("varied", priors.get(made.priors, made.priors)),
        ("seed", str(made.seed)),
        ("digest of the recipe", made.recipe_digest),
        ("digest of the run", made.run_digest),
        ("Python, NumPy", f"{made.python}, {made.numpy}"),
        ("platform", made.platform),
        ("made", made.created),
        ("wall time of the simulation", f"{made.wall_time:.2f} s"),
    ]
