"""The run sheet: what an operator needs to make a recipe on a real line, from weigh-out to acceptance limits."""

from poreline.report.run_sheet.csv_file import CSV_COLUMNS, to_csv
from poreline.report.run_sheet.make import run_sheet
from poreline.report.run_sheet.mixing import screw_speed
from poreline.report.run_sheet.numbers import SheetNumber
from poreline.report.run_sheet.sheet import Problem, RunSheet
from poreline.report.run_sheet.stretch import gap_length, gap_time
from poreline.report.run_sheet.tables import Section, sections

__all__ = [
    "CSV_COLUMNS",
    "Problem",
    "RunSheet",
    "Section",
    "SheetNumber",
    "gap_length",
    "gap_time",
    "run_sheet",
    "screw_speed",
    "sections",
    "to_csv",
]
