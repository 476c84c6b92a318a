"""Predictions of the run as numbers of the sheet, with their 90 % bands."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from poreline.line import Run
from poreline.line.draw import Station
from poreline.quantities import Estimate
from poreline.report.run_sheet.numbers import SheetNumber, number

Lookup = Callable[[str], Any]
"""From the name of a result to its values."""


def after_station(
    station: Station, name: str, scale: float, unit: str, meaning: str, shown_in: str = "", **options: Any
) -> SheetNumber:
    """A result after a station, times `scale`, with its band."""
    value = scale * station.nominal[name]
    low, high = min(scale * station.low[name], value), max(scale * station.high[name], value)
    return number(value, unit, meaning, shown_in, low, high, kind="90 % band", **options)


def of_membrane(
    run: Run, name: str, scale: float, unit: str, meaning: str, shown_in: str = "", **options: Any
) -> SheetNumber:
    """A result of the run, times `scale`, with its band."""
    found = run.results[name]
    if not isinstance(found, Estimate):
        return number(math.nan, unit, meaning, shown_in, note=found.reason)
    bounds = (scale * found.low, scale * found.high)
    return number(scale * found.value, unit, meaning, shown_in, *bounds, kind="90 % band", **options)


def of_formula(run: Run, formula: Callable[[Lookup], Any]) -> tuple[float, float, float]:
    """Nominal value of a formula of results, and its 5-95 % band over the run's samples, which holds the value."""
    value = float(formula(run.value))
    sampled = formula(lambda name: run.samples.get(name, run.value(name)))
    low, high = (float(bound) for bound in np.percentile(np.asarray(sampled, dtype=float), [5, 95]))
    return value, min(low, value), max(high, value)
