"""The sheet as tables of text, for a terminal or a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from poreline.report.run_sheet.numbers import SheetNumber
from poreline.report.run_sheet.sheet import (
    AnnealSheet,
    MixingSheet,
    RunSheet,
    StretchSheet,
    WeighOut,
    own_numbers,
)

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A table of the sheet as text, for a terminal or a page; `notes` stand below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


_LIST = ("Item", "Value", "Range", "Note")


def sections(sheet: RunSheet) -> tuple[Section, ...]:
    """The sheet as tables of text, in the order of the line; empty tables are left out."""
    made = [
        _header(sheet),
        _problems(sheet),
        _weigh_out(sheet.weigh_out),
        _feeds(sheet.mixing),
        Section("Mixing", _LIST, _listed(own_numbers(sheet.mixing)), sheet.mixing.notes),
        Section(f"Film forming: {sheet.film.process}", _LIST, _listed(sheet.film.settings.values()), sheet.film.notes),
        _stations(sheet.stretch),
        _rolls(sheet.stretch),
        _tenter(sheet.stretch),
        _expected(sheet.stretch),
        _anneal(sheet.anneal),
        Section("Release and winding", _LIST, _listed(own_numbers(sheet.wind_up))),
        _checks(sheet),
        Section("Notes", ("Note",), tuple((note,) for note in sheet.notes)),
    ]
    return tuple(section for section in made if section.rows)


def _listed(numbers: Iterable[SheetNumber]) -> tuple[Row, ...]:
    return tuple((number.meaning, number.text, number.range_text, number.note_text) for number in numbers)


def _header(sheet: RunSheet) -> Section:
    rows: list[Row] = [("recipe", sheet.recipe_name, "", ""), ("run", sheet.run_digest, "", "")]
    if sheet.line_name:
        rows.append(("line", sheet.line_name, "", ""))
    rows += _listed([sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width])
    return Section("Run sheet", _LIST, tuple(rows), (sheet.outcome,) if sheet.outcome else ())


def _problems(sheet: RunSheet) -> Section:
    rows = tuple((problem.step, problem.text.removeprefix(f"{problem.step}: ")) for problem in sheet.problems)
    return Section("What this line cannot do", ("Step", "Problem"), rows)


def _weigh_out(weighed: WeighOut) -> Section:
    column = "Parts" if weighed.basis == "parts by weight" else "Weight %"
    tolerance = f"Tolerance, {weighed.batch.display_unit}"
    rows: list[Row] = [
        (
            each.name,
            each.role,
            f"{each.parts:g}",
            each.mass_share.text,
            each.mass.text,
            each.mass.bounds_text,
            each.note,
        )
        for each in weighed.components
    ]
    total = dataclasses.replace(weighed.batch, value=sum(each.mass.value for each in weighed.components))
    rows.append(("sum", "", "", "100 %", total.text, "", ""))
    notes = [f"Basis: {weighed.basis}. Weighed to {weighed.resolution.text}; tolerances are assumed."]
    if weighed.remainder.number_text != "0.000":
        notes.append(f"{weighed.remainder.text} of the batch is below the resolution and not weighed out.")
    columns = ("Component", "Role", column, "Of the total", "Mass", tolerance, "Note")
    return Section("Weigh-out", columns, tuple(rows), tuple(notes))


def _feeds(mixing: MixingSheet) -> Section:
    """A row per feed; what holds for the whole step stands in its first."""
    rows: list[Row] = []
    for index, step in enumerate(mixing.steps):
        ratio = ""
        if step.masterbatch_ratio is not None:
            ratio = f"masterbatch ratio 1 : {1.0 / step.masterbatch_ratio.value:.3g} (copolymer : carrier)"
        notes = "; ".join(part for part in (ratio, step.temperature.note_text, step.note) if part)
        head, temperature = f"{index + 1}. {step.title}", step.temperature.text
        for feed, mass in zip(step.feeds, step.masses, strict=True):
            rows.append((head, feed, mass.text, temperature, notes))
            head = temperature = notes = ""
    return Section("Order of mixing", ("Step", "Feed", "Mass", "Melt temperature", "Note"), tuple(rows))


def _stations(steps: tuple[StretchSheet, ...]) -> Section:
    columns = ("Step", "Stretch", "Oven", "Oven range", "Ratio here", "Ratio in all", "Elongation", "Width", "Note")
    rows = tuple(
        (
            step.label,
            f"{step.regime}, {step.direction}",
            step.oven_temperature.text,
            step.oven_temperature.range_text,
            _both(step.ratio, step.ratio_transverse),
            _both(step.ratio_cumulative, step.ratio_transverse_cumulative),
            step.elongation.text,
            "held" if step.width_held or step.direction != "machine" else "free",
            step.oven_temperature.note_text,
        )
        for step in steps
    )
    return Section("Stretch: settings", columns, rows)


def _rolls(steps: tuple[StretchSheet, ...]) -> Section:
    columns = ("Step", "Entry roll", "Exit roll", "Strain rate", "Time in gap", "Gap", "Line's gap", "Rate there")
    rows = tuple(
        (
            step.label,
            step.speed_in.text,
            step.speed_out.text,
            step.strain_rate.text + (" (assumed)" if step.strain_rate.assumed else ""),
            step.residence_time.text,
            step.gap.text,
            _text(step.line_gap),
            _text(step.line_strain_rate),
        )
        for step in steps
    )
    assumed = any(step.speed_in.assumed for step in steps)
    note = "Speeds and gaps are for the inlet speed assumed above and grow in proportion to it."
    return Section("Stretch: rolls and gaps", columns, rows, (note,) if assumed else ())


def _tenter(steps: tuple[StretchSheet, ...]) -> Section:
    columns = ("Step", "Clips at entry", "Clips at exit", "Clips part at", "Force on the clips")
    rows = tuple(
        (
            step.label,
            _text(step.clip_width_in),
            _text(step.clip_width_out),
            _text(step.width_rate),
            _text(step.clip_force),
        )
        for step in steps
        if step.clip_width_out is not None
    )
    return Section("Stretch: tenter", columns, rows)


def _expected(steps: tuple[StretchSheet, ...]) -> Section:
    columns = ("Step", "Width", "Thickness", "Draw force per width", "Draw force", "Largest", "Break risk by here")
    rows = tuple(
        (
            step.label,
            step.width.band_text,
            step.thickness.band_text,
            _band(step.draw_force_per_width),
            _band(step.draw_force),
            _band(step.draw_force_peak),
            step.break_risk.band_text,
        )
        for step in steps
    )
    notes = ["In brackets the 90 % band. Force per metre of unstretched width."]
    if any(step.width.assumed for step in steps):
        notes.append("Widths and whole forces are for the width assumed above and grow in proportion to it.")
    return Section("Stretch: what to expect", columns, rows, tuple(notes))


def _anneal(anneal: AnnealSheet | None) -> Section:
    rows = (*_listed(own_numbers(anneal)), ("tension", anneal.tension, "", "")) if anneal is not None else ()
    return Section("Anneal", _LIST, rows)


def _checks(sheet: RunSheet) -> Section:
    columns = ("Where", "Width", "Thickness", "Density", f"Punch {sheet.punch_area.text}")
    rows = tuple(
        (
            check.place,
            check.width.band_text,
            check.thickness.band_text,
            check.density.band_text,
            check.punch_mass.band_text,
        )
        for check in sheet.checks
    )
    note = (
        "Brackets: acceptance limits (90 % band of the prediction; for the unstretched film 5 % of thickness, assumed)."
    )
    return Section("In-line checks", columns, rows, (note,))


def _text(number: SheetNumber | None) -> str:
    return "" if number is None else number.text


def _band(number: SheetNumber | None) -> str:
    return "" if number is None else number.band_text


def _both(along: SheetNumber, across: SheetNumber | None) -> str:
    return along.text if across is None else f"{along.text} x {across.text}"
