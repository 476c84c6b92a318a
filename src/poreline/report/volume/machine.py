"""A volume simulation as a plain object for other programs: what --json prints and summary.json holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poreline.claims import Verdicts
from poreline.line.volume import VolumeRun
from poreline.quantities import Truth
from poreline.report.machine import run_object

CONNECTED = tuple(f"connected_{axis}" for axis in "xyz")


def volume_object(made: VolumeRun, verdicts: Verdicts, files: Mapping[str, str]) -> dict[str, Any]:
    """One simulation: that of any run, with its curves, connection and quality, its cells, and the mean-field model beside it."""
    plain = run_object(made.run, verdicts, files)
    connected = {name: found for name in CONNECTED if isinstance(found := made.measured.get(name), Truth)}
    return {
        **plain,
        "results": {
            **plain["results"],
            **{name: found.as_dict() for name, found in connected.items()},
            **{name: curve.as_dict() for name, curve in made.curves.items()},
        },
        "quality": dict(made.quality),
        "simulation": {
            **made.settings.as_dict(),
            "device": made.device,
            "cells_at_a_time": made.at_a_time,
            "domains": made.cell.domains,
            "cell_edge": {"value": made.cell.edge, "unit": "m"},
            "voxel_edge": {"value": made.cell.voxel_edge, "unit": "m"},
            "interface": made.cell.interface,
        },
        "cells": [
            {
                "seed": cell.seed,
                "outcome": cell.outcome,
                "porosity": cell.numbers.get("porosity"),
                "pore_diameter_mean": cell.numbers.get("pore_diameter_mean"),
                "tortuosity": cell.numbers.get("tortuosity"),
                **{name: found.value for name in CONNECTED if isinstance(found := cell.measured.get(name), Truth)},
                "rupture_stretch_ratio": cell.rupture_stretch_ratio,
                "quality": cell.quality.as_dict(),
                "wall_time": cell.wall_time,
                "image": made.files.get(cell.seed),
            }
            for cell in made.cells
        ],
        "mean_field": {
            "outcome": made.mean_field.outcome.kind,
            "outcome_text": made.mean_field.outcome.text,
            "results": {name: result.as_dict() for name, result in made.mean_field.results.items()},
        },
    }
