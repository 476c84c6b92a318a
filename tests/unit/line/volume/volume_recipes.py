"""Small recipes and grids, so that a cell is drawn in seconds."""

from __future__ import annotations

import copy
from typing import Any

from poreline.line import parameter_names
from poreline.recipe import UnderstoodRecipe, read_recipe_table

SHORT: dict[str, Any] = {
    "name": "PS15/PP85, a short draw",
    "composition": {"first": {"polymer": "PS", "parts": 15}, "second": {"polymer": "PP", "parts": 85}},
    "film": {"process": "extrusion", "thickness": "100 um"},
    "stretch": [
        {"temperature": "20 degC", "elongation": "20 %", "strain_rate": "0.01 1/s"},
        {"temperature": "87 degC", "elongation": "80 %", "strain_rate": "0.05 1/s"},
    ],
    "anneal": {"temperature": "94 degC", "duration": "2 min"},
    "duty": [{"kind": "gas", "gas": "N2"}],
}


def short_recipe(**changes: Any) -> dict[str, Any]:
    """The tables of the short recipe with some of them replaced."""
    return {**copy.deepcopy(SHORT), **changes}


def understood(**changes: Any) -> UnderstoodRecipe:
    """The short recipe, read."""
    return read_recipe_table(short_recipe(**changes), parameter_names=parameter_names())
