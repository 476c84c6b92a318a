"""The sheet as tables of text, for a terminal or a page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
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

@dataclass(frozen=True)
class Section:
    """A table of the sheet as text, for a terminal or a page; `notes` stand below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
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
        *_stretch(sheet.stretch),
        *_anneal(sheet.anneal),
        Section("Release and winding", _LIST, _listed(own_numbers(sheet.wind_up))),
        _checks(sheet),
        Section("Notes", ("Note",), tuple((note,) for note in sheet.notes)),
    ]
    return tuple(section for section in made if section.rows)


def _listed(numbers: Iterable[SheetNumber]) -> tuple[tuple[str, ...], ...]:
    return tuple((number.meaning, number.text, number.range_text, number.note_text) for number in numbers)


def _header(sheet: RunSheet) -> Section:
    rows: list[tuple[str, ...]] = [("recipe", sheet.recipe_name, "", ""), ("run", sheet.run_digest, "", "")]
    if sheet.line_name:
        rows.append(("line", sheet.line_name, "", ""))
    rows += _listed([sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width])
    return Section("Run sheet", _LIST, tuple(rows), (sheet.outcome,) if sheet.outcome else ())


def _problems(sheet: RunSheet) -> Section:
    rows = tuple((problem.step, problem.text.removeprefix(f"{problem.step}: ")) for problem in sheet.problems)
    return Section("What this line cannot do", ("Step", "Problem"), rows)


def _weigh_out(weigh_out: WeighOut) -> Section:
    rows: list[tuple[str, ...]] = [
        (
            component.name,
            component.role,
            f"{component.parts:g}",
            component.mass_share.text,
            component.mass.text,
            component.mass.bounds_text,
            component.note,
        )
        for component in weigh_out.components
    ]
    total = sum(component.mass.value for component in weigh_out.components)
    weighed = dataclasses.replace(weigh_out.batch, value=total)
    rows.append(("sum", "", "", "100 %", weighed.text, "", ""))
    unit = weigh_out.batch.display_unit
    column = "Parts" if weigh_out.basis == "parts by weight" else "Weight %"
    notes = [f"Basis: {weigh_out.basis}. Weighed to {weigh_out.resolution.text}; tolerances are assumed."]
    if weigh_out.remainder.number_text != "0.000":
        notes.append(f"{weigh_out.remainder.text} of the batch is below the resolution and not weighed out.")
    columns = ("Component", "Role", column, "Of the total", "Mass", f"Tolerance, {unit}", "Note")
    return Section("Weigh-out", columns, tuple(rows), tuple(notes))


def _feeds(mixing: MixingSheet) -> Section:
    rows: list[tuple[str, ...]] = []
    for index, step in enumerate(mixing.steps):
        ratio = step.masterbatch_ratio
        note = f"{ratio.text} copolymer on carrier" if ratio is not None else ""
        notes = "; ".join(part for part in (note, step.temperature.note_text, step.note) if part)
        for number, (feed, mass) in enumerate(zip(step.feeds, step.masses, strict=True)):
            first = number == 0
            rows.append(
                (
                    f"{index + 1}. {step.title}" if first else "",
                    feed,
                    mass.text,
                    step.temperature.text if first else "",
                    notes if first else "",
                )
            )
    return Section("Order of mixing", ("Step", "Feed", "Mass", "Melt temperature", "Note"), tuple(rows))


def _stretch(steps: tuple[StretchSheet, ...]) -> Iterator[Section]:
    yield Section(
        "Stretch: settings",
        ("Step", "Stretch", "Oven", "Oven range", "Ratio here", "Ratio in all", "Elongation", "Width", "Note"),
        tuple(
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
        ),
    )
    assumed = any(step.speed_in.assumed for step in steps)
    yield Section(
        "Stretch: rolls and gaps",
        ("Step", "Entry roll", "Exit roll", "Strain rate", "Time in gap", "Gap", "Line's gap", "Rate there"),
        tuple(
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
        ),
        ("Speeds and gaps are for the inlet speed assumed above and grow in proportion to it.",) if assumed else (),
    )
    across = [step for step in steps if step.clip_width_out is not None]
    yield Section(
        "Stretch: tenter",
        ("Step", "Clips at entry", "Clips at exit", "Clips part at", "Force on the clips"),
        tuple(
            (
                step.label,
                _text(step.clip_width_in),
                _text(step.clip_width_out),
                _text(step.width_rate),
                _text(step.clip_force),
            )
            for step in across
        ),
    )
    yield Section(
        "Stretch: what to expect",
        ("Step", "Width", "Thickness", "Draw force per width", "Draw force", "Largest", "Break risk by here"),
        tuple(
            (
                step.label,
                _with_band(step.width),
                _with_band(step.thickness),
                _with_band(step.draw_force_per_width),
                _text(step.draw_force),
                _text(step.draw_force_peak),
                _with_band(step.break_risk),
            )
            for step in steps
        ),
        ("In brackets the 90 % band. Force per metre of unstretched width.", *_width_note(steps)),
    )


def _width_note(steps: tuple[StretchSheet, ...]) -> Iterator[str]:
    if any(step.width.assumed for step in steps):
        yield "Widths and whole forces are for the width assumed above and grow in proportion to it."


def _anneal(anneal: AnnealSheet | None) -> Iterator[Section]:
    if anneal is not None:
        yield Section("Anneal", _LIST, (*_listed(own_numbers(anneal)), ("tension", anneal.tension, "", "")))


def _checks(sheet: RunSheet) -> Section:
    rows = tuple(
        (
            check.place,
            _with_band(check.width),
            _with_band(check.thickness),
            _with_band(check.density),
            _with_band(check.punch_mass),
        )
        for check in sheet.checks
    )
    punch = f"Punch {sheet.punch_area.text}"
    note = (
        "Brackets: acceptance limits (90 % band of the prediction; for the unstretched film 5 % of thickness, assumed)."
    )
    return Section("In-line checks", ("Where", "Width", "Thickness", "Density", punch), rows, (note,))


def _text(number: SheetNumber | None) -> str:
    return "" if number is None else number.text


def _both(along: SheetNumber, across: SheetNumber | None) -> str:
    return along.text if across is None else f"{along.text} x {across.text}"


def _with_band(number: SheetNumber | None) -> str:
    return "" if number is None else number.band_text
