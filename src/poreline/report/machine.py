"""Runs as plain objects for other programs: what --json prints and summary.json holds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from poreline.claims import Verdicts
from poreline.line import Run
from poreline.line.sensitivity import Causes
from poreline.quantities import Fault
from poreline.recipe import as_text


def run_object(run: Run, verdicts: Verdicts, files: Mapping[str, str]) -> dict[str, Any]:
    """One run: the recipe as understood, outcome, results, warnings, claims, causes, provenance, files."""
    return {
        "recipe": as_text(run.recipe),
        "assumed": [{"field": a.field, "value": a.value, "meaning": a.meaning} for a in run.understood.assumed],
        "outcome": run.outcome.kind,
        "outcome_text": run.outcome.text,
        "results": {name: result.as_dict() for name, result in run.results.items()},
        "warnings": [caution.as_dict() for caution in run.cautions],
        "claims": verdicts.as_dicts(),
        "causes": {name: causes_object(causes) for name, causes in run.causes.items()},
        "stations": [
            {
                "step": station.step,
                "results": {
                    name: {
                        "value": value,
                        "low": station.low[name],
                        "high": station.high[name],
                        "unit": run.meanings[name].unit,
                    }
                    for name, value in station.nominal.items()
                },
            }
            for station in run.stations
        ],
        "provenance": run.provenance.as_dict(),
        "files": dict(files),
    }


def causes_object(causes: Causes, most: int = 12) -> dict[str, Any]:
    """The numbers that cause a result's band, the most important first."""
    return {
        "logarithmic": causes.logarithmic,
        "samples": causes.samples,
        "causes": [
            {
                "name": cause.number.name,
                "meaning": cause.number.meaning,
                "nominal": cause.number.nominal,
                "unit": cause.number.unit,
                "prior": cause.number.prior.text(cause.number.shown_in),
                "first_order": cause.first_order,
                "total": cause.total,
                "effect": cause.effect,
            }
            for cause in causes.causes[:most]
        ],
    }


def error_object(faults: Sequence[Fault]) -> dict[str, Any]:
    """Every fault of an input."""
    return {"error": [fault.as_dict() for fault in faults]}


def to_json(content: Any, *, indent: int | None = 2) -> str:
    """Strict JSON in ASCII: what is not a finite number becomes null, and no control character reaches a terminal."""
    return json.dumps(_strict(content), indent=indent, ensure_ascii=True, allow_nan=False)


def _strict(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _strict(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_strict(item) for item in node]
    if isinstance(node, bool) or node is None or isinstance(node, str | int):
        return node
    if hasattr(node, "tolist"):
        return _strict(node.tolist())
    if isinstance(node, float):
        return node if math.isfinite(node) else None
    return str(node)
