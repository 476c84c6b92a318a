"""Sixteen films, nineteen results each, against an independent implementation of the same laws (tests/data/golden.csv)."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.physics.films import EXAMPLES, GPU, LITRES, MATERIALS, PERMEANCES, STRETCHES, recipe, results

from poreline.line import simulate
from poreline.recipe import UnderstoodRecipe

# The table carries six digits; half a percent leaves room for another order of operations, not for another law.
TOLERANCE = 0.005

Film = tuple[str, int]


def golden() -> dict[Film, dict[str, float]]:
    found: dict[Film, dict[str, float]] = defaultdict(dict)
    with (Path(__file__).parents[1] / "data" / "golden.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found[row["recipe"], int(row["stretch_pct"])][row["quantity"]] = float(row["value"])
    return dict(found)


GOLDEN = golden()


def test_the_table_is_whole() -> None:
    assert set(GOLDEN) == {(name, percent) for name in EXAMPLES for percent in STRETCHES}
    assert {len(film) for film in GOLDEN.values()} == {19}


@pytest.mark.parametrize("film", GOLDEN, ids=lambda film: f"{film[0]} {film[1]}%")
def test_golden_film(film: Film) -> None:
    found = results(recipe(*film), PERMEANCES)
    for quantity, value in GOLDEN[film].items():
        # A debonded share of 1e-40 and a zero are the same physics.
        assert found[quantity] == pytest.approx(value, rel=TOLERANCE, abs=1e-9 if value == 0.0 else 0.0), quantity


@pytest.mark.parametrize("name", EXAMPLES)
def test_simulate_gives_the_golden_numbers_with_a_band_around_them(name: str) -> None:
    understood = UnderstoodRecipe(recipe(name, 200), (), (), MATERIALS)
    run = simulate(understood, samples=100, causes=[])
    for quantity, value in GOLDEN[name, 200].items():
        estimate = run.results[quantity]
        assert run.value(quantity) == pytest.approx(value, rel=TOLERANCE, abs=1e-9 if value == 0.0 else 0.0), quantity
        assert estimate.low <= estimate.value <= estimate.high, quantity  # type: ignore[union-attr]


# Intermediate results at 200 %, by name: PET15/PP85, PS10/PP90, PS10/PP90+SEEPS5, PS15/PP85+SEEPS7.5
INTERMEDIATE = {
    "breakup_diameter": (0.91104e-6, 0.63713e-6, 0.43821e-6, 0.42917e-6),
    "mixed_diameter": (1.8298e-6, 1.1412e-6, 0.53957e-6, 0.56120e-6),
    "interfacial_tension_effective": (7.5e-3, 5.37e-3, 3.6935e-3, 3.6172e-3),
    "domain_diameter_spread": (1.6, 1.6, 1.4959, 1.4912),
    "first_volume_fraction": (0.10685, 0.087397, 0.083202, 0.12268),
    "pole_crazed_share": (0.0, 1.7394e-5, 0.49821, 0.49821),
    "fibril_spacing": (11.388e-9, 12.280e-9, 12.280e-9, 12.280e-9),
    "fibril_hydraulic_diameter": (15.218e-9, 16.410e-9, 16.410e-9, 16.410e-9),
    "crack_radius": (1.8025e-6, 1.0525e-6, 0.41491e-6, 0.40474e-6),
    "cracks_per_domain": (30.275, 14.782, 5.3722, 5.5131),
    "crack_porosity": (0.094140, 0.093260, 0.10115, 0.096404),
}


@pytest.mark.parametrize("column", range(4), ids=list(EXAMPLES))
def test_intermediate_results(column: int) -> None:
    found = results(recipe(list(EXAMPLES)[column], 200), ())
    for quantity, values in INTERMEDIATE.items():
        assert found[quantity] == pytest.approx(values[column], rel=1e-3, abs=1e-12), quantity


def test_permeances_in_the_units_of_the_field() -> None:
    printed = ((3947.7, 6.4701), (3315.6, 6.4369), (302.71, 0.33536), (766.11, 0.82695))
    for name, (gpu, litres) in zip(EXAMPLES, printed, strict=True):
        found = results(recipe(name, 200), PERMEANCES)
        assert found["permeance_gas_N2"] / GPU == pytest.approx(gpu, rel=1e-3)
        assert found["permeance_liquid_methanol"] * LITRES == pytest.approx(litres, rel=1e-3)


def test_gas_permeance_of_an_open_film_is_inverse_to_its_thickness_at_fixed_structure() -> None:
    """Twice the film: the same cracks, but a longer way for the finite-size rounding, hence a few percent."""
    made = recipe("PET15/PP85", 400)
    double = replace(made, film=replace(made.film, thickness=200e-6))
    thin, thick = results(made, PERMEANCES), results(double, PERMEANCES)
    assert thick["pore_diameter_mean"] == thin["pore_diameter_mean"]
    assert thin["permeance_gas_N2"] / thick["permeance_gas_N2"] == pytest.approx(2.0, rel=0.03)


def test_every_porosity_and_pore_of_the_examples_lies_in_the_windows_they_were_made_for() -> None:
    porosity = np.array([film["porosity"] for film in GOLDEN.values()])
    pores = np.array([film["pore_diameter_mean"] for film in GOLDEN.values()])
    assert np.all((porosity >= 0.05) & (porosity <= 0.40))
    assert np.all((pores >= 1e-9) & (pores <= 200e-9))
