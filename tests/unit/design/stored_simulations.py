"""Folders as a volume simulation leaves them, with the little of them that a fit reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

RECIPE = """
name = "PS15/PP85 to {elongation} %"
[composition]
first = {{ polymer = "PS", parts = 15 }}
second = {{ polymer = "PP", parts = 85 }}
[[stretch]]
temperature = "20 degC"
elongation = "20 %"
strain_rate = "0.01 1/s"
[[stretch]]
temperature = "87 degC"
elongation = "{elongation} %"
strain_rate = "0.05 1/s"
[parameters]
percolation_threshold = {threshold}
"""


def stored_simulation(
    root: Path,
    run: str,
    elongation: float,
    *,
    model: str = "volume",
    outcome: str = "ok",
    threshold: float = 2.4,
    porosity: Sequence[float] = (0.30, 0.32),
    open_share: float = 0.9,
    tortuosity: Sequence[float] = (3.0, 3.3),
) -> Path:
    """Write the folder of one simulation with two cells."""
    folder = root / run
    folder.mkdir(parents=True)
    recipe = RECIPE.format(elongation=elongation, threshold=threshold)
    (folder / "recipe.toml").write_text(recipe, encoding="utf-8")
    summary = {
        "recipe": {"name": f"to {elongation}"},
        "outcome": outcome,
        "outcome_text": outcome,
        "results": {},
        "claims": [],
        "simulation": {"voxels": 32, "domains": 8},
        "provenance": {
            "created": "2026-11-26T00:00:00+00:00",
            "model": model,
            "version": "0.1.0",
            "recipe_digest": "0123456789abcdef",
            "run_digest": "fedcba9876543210",
            "priors": "all",
            "seed": 0,
            "samples": 100,
        },
    }
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    count = len(porosity)
    numbers = {
        "porosity": np.array(porosity),
        "porosity_open": np.array(porosity) * open_share,
        "tortuosity": np.array(tortuosity),
        "tortuosity_machine": 2.5 * np.array(tortuosity),
        "thickness_ratio": np.full(count, 0.8),
        "stretch_ratio_final": np.full(count, 1.0 + elongation / 100.0),
    }
    with h5py.File(folder / "results.nc", "w") as file:
        cells = file.create_group("cells")
        cells.create_dataset("seed", data=np.arange(count))
        for name, values in numbers.items():
            cells.create_dataset(name, data=values)
    return folder
