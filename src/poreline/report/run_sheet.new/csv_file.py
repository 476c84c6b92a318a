"""The sheet as a file for a spreadsheet: one comma-separated table."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator

from poreline.report.run_sheet.numbers import SheetNumber
from poreline.report.run_sheet.sheet import RunSheet, own_numbers

CSV_COLUMNS = ("section", "item", "value", "unit", "range", "note")
_FORMULA = frozenset("=+-@＝＋－＠\t\r\n|")


def to_csv(sheet: RunSheet) -> str:
    """The sheet as one comma-separated table: section, item, value, unit, range, note. No cell is read as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in _csv_rows(sheet):
        writer.writerow([_safe(cell) for cell in row])
    return stream.getvalue()


CsvRow = tuple[str, str, str, str, str, str]


def _csv_rows(sheet: RunSheet) -> Iterator[CsvRow]:
    yield ("sheet", "recipe", sheet.recipe_name, "", "", sheet.outcome)
    yield ("sheet", "run", sheet.run_digest, "", "", "")
    yield ("sheet", "line", sheet.line_name, "", "", "")
    yield from _csv_numbers("sheet", "", [sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width, sheet.punch_area])
    for problem in sheet.problems:
        limit = f"{problem.available.meaning} {problem.available.text}"
        needed = problem.needed
        unit = "" if needed.display_unit == "1" else needed.display_unit
        yield ("problems", f"{problem.step}: {problem.what}", needed.number_text, unit, limit, problem.text)
    for component in sheet.weigh_out.components:
        note = f"{component.role}; {component.parts:g} {sheet.weigh_out.basis}"
        extra = "; ".join(part for part in (note, component.note) if part)
        mass = dataclasses.replace(component.mass, meaning=component.name, note=extra)
        yield from _csv_numbers("weigh-out", "", [mass])
    yield from _csv_numbers("weigh-out", "", [sheet.weigh_out.remainder, sheet.weigh_out.resolution])
    for index, step in enumerate(sheet.mixing.steps):
        head = f"step {index + 1}: {step.title}: "
        named = [
            dataclasses.replace(mass, meaning=feed, low=None, high=None, range_kind="")
            for feed, mass in zip(step.feeds, step.masses, strict=True)
        ]
        own = [dataclasses.replace(step.temperature, note="; ".join(filter(None, (step.temperature.note, step.note))))]
        yield from _csv_numbers(
            "mixing", head, [*named, *own, *([step.masterbatch_ratio] if step.masterbatch_ratio else [])]
        )
    yield from _csv_numbers("mixing", "", own_numbers(sheet.mixing))
    yield from (("mixing", "note", note, "", "", "") for note in sheet.mixing.notes)
    yield ("film forming", "process", sheet.film.process, "", "", "")
    yield from _csv_numbers("film forming", "", sheet.film.settings.values())
    yield from (("film forming", "note", note, "", "", "") for note in sheet.film.notes)
    for stretched in sheet.stretch:
        kind = f"{stretched.regime}, {stretched.direction}, width {'held' if stretched.width_held else 'free'}"
        yield ("stretch", f"{stretched.label}: kind", kind, "", "", "")
        yield from _csv_numbers("stretch", f"{stretched.label}: ", own_numbers(stretched))
    if sheet.anneal is not None:
        yield from _csv_numbers("anneal", "", own_numbers(sheet.anneal))
        yield ("anneal", "tension", sheet.anneal.tension, "", "", "")
    yield from _csv_numbers("winding", "", own_numbers(sheet.wind_up))
    for check in sheet.checks:
        yield from _csv_numbers("checks", f"{check.place}: ", own_numbers(check))
    yield from (("notes", "note", note, "", "", "") for note in sheet.notes)


def _csv_numbers(section: str, head: str, numbers: Iterable[SheetNumber]) -> Iterator[CsvRow]:
    for number in numbers:
        unit = "" if number.display_unit == "1" else number.display_unit
        bounds = f"{number.bounds_text} ({number.range_kind})" if number.bounds_text else ""
        yield (section, head + number.meaning, number.number_text, unit, bounds, number.note_text)


def _safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula: led by an apostrophe unless it is a number."""
    lead = cell.lstrip()[:1] if cell[:1] not in _FORMULA else cell[:1]
    if lead not in _FORMULA or not lead:
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
