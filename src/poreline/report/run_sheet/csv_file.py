"""The sheet as a file for a spreadsheet: one comma-separated table."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterable, Iterator

from poreline.report.run_sheet.numbers import SheetNumber
from poreline.report.run_sheet.sheet import MixingSheet, RunSheet, WeighOut, own_numbers

CSV_COLUMNS = ("section", "item", "value", "unit", "range", "note")
_FORMULA = frozenset("=+-@＝＋－＠\t\r\n|")


def to_csv(sheet: RunSheet) -> str:
    """The sheet as one comma-separated table: section, item, value, unit, range, note. No cell is read as a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in _rows(sheet):
        writer.writerow([_safe(cell) for cell in row])
    return stream.getvalue()


_Row = tuple[str, str, str, str, str, str]


def _rows(sheet: RunSheet) -> Iterator[_Row]:
    """The sheet in the order of the line."""
    yield ("sheet", "recipe", sheet.recipe_name, "", "", sheet.outcome)
    yield ("sheet", "run", sheet.run_digest, "", "", "")
    yield ("sheet", "line", sheet.line_name, "", "", "")
    yield from _numbers("sheet", [sheet.weigh_out.batch, sheet.inlet_speed, sheet.film_width, sheet.punch_area])
    yield from _problems(sheet)
    yield from _weigh_out(sheet.weigh_out)
    yield from _mixing(sheet.mixing)
    yield ("film forming", "process", sheet.film.process, "", "", "")
    yield from _numbers("film forming", sheet.film.settings.values())
    yield from _notes("film forming", sheet.film.notes)
    for step in sheet.stretch:
        kind = f"{step.regime}, {step.direction}, width {'held' if step.width_held else 'free'}"
        yield ("stretch", f"{step.label}: kind", kind, "", "", "")
        yield from _numbers("stretch", own_numbers(step), f"{step.label}: ")
    if sheet.anneal is not None:
        yield from _numbers("anneal", own_numbers(sheet.anneal))
        yield ("anneal", "tension", sheet.anneal.tension, "", "", "")
    yield from _numbers("winding", own_numbers(sheet.wind_up))
    for check in sheet.checks:
        yield from _numbers("checks", own_numbers(check), f"{check.place}: ")
    yield from _notes("notes", sheet.notes)


def _problems(sheet: RunSheet) -> Iterator[_Row]:
    for problem in sheet.problems:
        needed, available = problem.needed, problem.available
        limit = f"{available.meaning} {available.text}"
        yield ("problems", f"{problem.step}: {problem.what}", needed.number_text, needed.unit_text, limit, problem.text)


def _weigh_out(weighed: WeighOut) -> Iterator[_Row]:
    for component in weighed.components:
        note = f"{component.role}; {component.parts:g} {weighed.basis}"
        note = "; ".join(part for part in (note, component.note) if part)
        yield from _numbers("weigh-out", [dataclasses.replace(component.mass, meaning=component.name, note=note)])
    yield from _numbers("weigh-out", [weighed.remainder, weighed.resolution])


def _mixing(mixing: MixingSheet) -> Iterator[_Row]:
    for index, step in enumerate(mixing.steps):
        # The tolerances stand with the weigh-out.
        numbers = [
            dataclasses.replace(mass, meaning=feed, low=None, high=None, range_kind="")
            for feed, mass in zip(step.feeds, step.masses, strict=True)
        ]
        note = "; ".join(part for part in (step.temperature.note, step.note) if part)
        numbers.append(dataclasses.replace(step.temperature, note=note))
        if step.masterbatch_ratio is not None:
            numbers.append(step.masterbatch_ratio)
        yield from _numbers("mixing", numbers, f"step {index + 1}: {step.title}: ")
    yield from _numbers("mixing", own_numbers(mixing))
    yield from _notes("mixing", mixing.notes)


def _numbers(section: str, numbers: Iterable[SheetNumber], head: str = "") -> Iterator[_Row]:
    for each in numbers:
        bounds = f"{each.bounds_text} ({each.range_kind})" if each.bounds_text else ""
        yield (section, head + each.meaning, each.number_text, each.unit_text, bounds, each.note_text)


def _notes(section: str, notes: Iterable[str]) -> Iterator[_Row]:
    return ((section, "note", note, "", "", "") for note in notes)


def _safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula: led by an apostrophe unless it is a number."""
    # A tab or a line end is stripped as a space, so the cell's own first character counts too.
    if cell[:1] not in _FORMULA and cell.lstrip()[:1] not in _FORMULA:
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
