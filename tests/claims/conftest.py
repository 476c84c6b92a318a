"""Recipes of the tests: the four compositions that the claims name, made by the whole method, and changes to them."""

import copy
import json
from functools import cache

import pytest

from poreline.claims import check
from poreline.line import simulate
from poreline.recipe import read_recipe_table

COMPOSITIONS = {
    7: ({"polymer": "PET", "parts": 15}, {"polymer": "PP", "parts": 85}, None),
    8: ({"polymer": "PS", "parts": 10}, {"polymer": "PP", "parts": 90}, None),
    11: ({"polymer": "PS", "parts": 10}, {"polymer": "PP", "parts": 90}, {"copolymer": "SEEPS", "parts": 5}),
    12: ({"polymer": "PS", "parts": 15}, {"polymer": "PP", "parts": 85}, {"copolymer": "SEEPS", "parts": 7.5}),
}


def table(claim=11, elongation="300 %"):
    """The recipe of one of the four compositions, extruded, with cold stretch, hot stretch and anneal."""
    first, second, copolymer = copy.deepcopy(COMPOSITIONS[claim])
    pet = first["polymer"] == "PET"
    composition = {"first": first, "second": second}
    if copolymer is not None:
        composition["compatibiliser"] = copolymer
    return {
        "composition": composition,
        "mixing": {
            "order": "premix-first",
            "temperature": "265 degC" if pet else "210 degC",
            "shear_rate": "100 1/s" if pet else "50 1/s",
        },
        "film": {"process": "extrusion", "thickness": "100 um"},
        "stretch": [
            {"temperature": "20 degC", "elongation": "25 %", "strain_rate": "0.01 1/s"},
            {"temperature": "66 degC" if pet else "87 degC", "elongation": elongation, "strain_rate": "0.05 1/s"},
        ],
        "anneal": {"temperature": "73 degC" if pet else "94 degC", "duration": "10 min"},
    }


def changed(base, **changes):
    """The table with values replaced: `stretch__1__temperature="90 degC"`; None removes an entry."""
    made = copy.deepcopy(base)
    for path, value in changes.items():
        *above, last = path.split("__")
        node = made
        for key in above:
            node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
        if isinstance(node, list):
            last = int(last)
        if value is None:
            node.pop(last)
        else:
            node[last] = value
    return made


@cache
def _run(text, samples, priors):
    return simulate(read_recipe_table(json.loads(text)), samples=samples, priors=priors, causes=())


def run_of(recipe, samples=200, priors="all"):
    """The run of a recipe table; equal tables run once."""
    return _run(json.dumps(recipe, sort_keys=True), samples, priors)


def verdicts_of(recipe):
    return check(run_of(recipe))


@pytest.fixture(scope="session")
def full():
    """The recipe of claim 11's membrane, made by the whole method."""
    return table(11)


@pytest.fixture
def recipe_of():
    return table


@pytest.fixture
def change():
    return changed


@pytest.fixture
def run():
    return run_of


@pytest.fixture
def verdicts():
    return verdicts_of
