"""One evaluation serves one film or thousands: the numbers are the same, whatever stands beside them."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.physics.films import (
    COLD,
    EXAMPLES,
    MATERIALS,
    PERMEANCES,
    STRETCHES,
    composition,
    hot_step,
    kelvin,
    planned,
    recipe,
    results,
)

from poreline.line import Plan, evaluate, evaluate_many, evaluate_samples, simulate
from poreline.line.uncertainty import normal_deviates, sampled, uncertain_numbers
from poreline.materials.priors import Prior
from poreline.quantities.trees import get
from poreline.recipe import (
    Anneal,
    Extrusion,
    Measured,
    MeltCasting,
    Recipe,
    SolutionCasting,
    Spraying,
    UnderstoodRecipe,
)

# Size and coverage of a compatibilised blend are iterated until no film of the batch moves by more than 1e-10 in
# coverage, so that a neighbour may cost or save an iteration. Without copolymer nothing is iterated.
ITERATED, DIRECT = 1e-8, 1e-12
NAMES = (
    "domain_diameter_median",
    "copolymer_coverage",
    "porosity",
    "film_thickness",
    "pore_diameter_mean",
    "connectivity",
    "permeance_gas_N2",
    "permeance_liquid_methanol",
    "break_stretch_ratio",
)
BASE = "PS10/PP90+SEEPS5"


def mixed() -> list[Recipe]:
    """Films of many structures, in no order."""
    example = EXAMPLES[BASE]
    made = recipe(BASE)
    kinds = [
        made,
        recipe("PS10/PP90"),
        recipe("PET15/PP85", 300),
        recipe(BASE, film=MeltCasting(melt_time=120.0, cooling_rate=2.0)),
        recipe(BASE, film=SolutionCasting(source="solution", wet_thickness=1e-3)),
        recipe(BASE, film=Spraying()),
        recipe(BASE, stretch=()),
        recipe(BASE, stretch=(COLD,), anneal=None),
        recipe(BASE, stretch=(replace(COLD, direction="both"), hot_step(example, 200, direction="both"))),
        recipe(BASE, stretch=(COLD, hot_step(example, 150), hot_step(example, 150, direction="transverse"))),
        recipe("PS10/PP90", composition=composition("PMMA", (10, 90, 3), second="HDPE")),
        recipe(BASE, 400, anneal=Anneal(temperature=kelvin(80), duration=60.0)),
        recipe("PS10/PP90", 250),
        recipe(BASE, 150),
    ]
    order = np.random.default_rng(0).permutation(len(kinds))
    return [kinds[index] for index in order]


def assert_each_alone(plans: list[Plan], tolerance: float) -> None:
    found = evaluate_many(plans, NAMES, PERMEANCES, MATERIALS)
    for index, made in enumerate(plans):
        alone = results(made, PERMEANCES)
        for name in NAMES:
            assert found[name][index] == pytest.approx(alone[name], rel=tolerance, abs=1e-30), f"{name} of plan {index}"


def test_many_films_of_many_structures_equal_each_alone() -> None:
    assert_each_alone([planned(made) for made in mixed()], ITERATED)


def test_bare_films_equal_each_alone_to_the_last_digits() -> None:
    assert_each_alone(
        [planned(recipe(name, percent)) for name in ("PS10/PP90", "PET15/PP85") for percent in STRETCHES], DIRECT
    )


# What a recipe leaves out (None) and what it gives (a number) are two structures, and must not be stacked.
LEFT_OUT: dict[str, dict[str, Any]] = {
    "measured porosity": {"measured": Measured(porosity=0.3)},
    "measured domain": {"measured": Measured(domain_diameter=1e-6)},
    "measured pore": {"measured": Measured(pore_diameter_mean=30e-9)},
    "measured tortuosity": {"measured": Measured(tortuosity=3.0)},
    "draw-down": {"film": Extrusion(thickness=100e-6, draw_down=5.0, draw_time=0.1)},
    "thickness": {"film": Extrusion()},
}


@pytest.mark.parametrize("given_first", [True, False])
@pytest.mark.parametrize("what", LEFT_OUT)
def test_a_number_that_only_one_film_gives_counts_for_that_film(what: str, given_first: bool) -> None:
    without, given_ = planned(recipe(BASE)), planned(recipe(BASE, **LEFT_OUT[what]))
    assert_each_alone([given_, without] if given_first else [without, given_], ITERATED)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(list(EXAMPLES)), st.floats(30.0, 600.0)), min_size=2, max_size=6))
def test_any_films_equal_each_alone(films: list[tuple[str, float]]) -> None:
    assert_each_alone([planned(recipe(name, percent)) for name, percent in films], ITERATED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_samples_without_a_deviation_are_the_nominal_film(name: str) -> None:
    made = recipe(name)
    nominal = planned(made)
    numbers = uncertain_numbers(nominal, PERMEANCES, MATERIALS, "all")
    assert len(numbers) > 40
    found = evaluate(sampled(nominal, numbers, np.zeros((3, len(numbers)))), PERMEANCES, MATERIALS).findings()
    alone = results(made, PERMEANCES)
    for quantity, value in alone.items():
        values = np.broadcast_to(np.asarray(found[quantity].values, dtype=float), (3,))
        assert values == pytest.approx(np.full(3, value), rel=DIRECT, abs=1e-30, nan_ok=True), quantity


def test_every_uncertain_number_is_where_it_says() -> None:
    nominal = planned(recipe(BASE))
    for number in uncertain_numbers(nominal, PERMEANCES, MATERIALS, "all"):
        assert get(nominal, number.path) == pytest.approx(number.nominal, rel=1e-15), number.name


def test_what_follows_a_sampled_number_keeps_its_ratio_to_it() -> None:
    """The share of broken strands of a hot stretch stays a third of that of the cold one."""
    nominal = planned(recipe(BASE))
    numbers = uncertain_numbers(nominal, (), MATERIALS, "model")
    moved = sampled(nominal, numbers, normal_deviates(50, len(numbers), np.random.default_rng(2)))
    drawing = get(moved, ("substances", "second", "drawing"))
    assert drawing.chain_scission_hot / drawing.chain_scission_cold == pytest.approx(np.full(50, 1.0 / 3.0), rel=1e-9)


def test_samples_equal_each_alone() -> None:
    made = recipe(BASE)
    nominal = planned(made)
    numbers = uncertain_numbers(nominal, PERMEANCES, MATERIALS, "all")
    deviates = normal_deviates(20, len(numbers), np.random.default_rng(4))
    together = evaluate_samples(sampled(nominal, numbers, deviates), 20, NAMES, PERMEANCES, MATERIALS)
    for row in range(20):
        alone = evaluate(sampled(nominal, numbers, deviates[row : row + 1]), PERMEANCES, MATERIALS).findings()
        for name in NAMES:
            assert together[name][row] == pytest.approx(float(np.ravel(alone[name].values)[0]), rel=1e-7), name


@pytest.mark.parametrize("block", [1, 7, 64, 100])
def test_results_do_not_depend_on_where_a_block_ends(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["poreline.line.evaluate"]
    nominal = planned(recipe(BASE))
    numbers = uncertain_numbers(nominal, (), MATERIALS, "model")
    moved = sampled(nominal, numbers, normal_deviates(100, len(numbers), np.random.default_rng(6)))
    names = ("porosity", "domain_diameter_median", "pore_diameter_mean")
    whole = evaluate_samples(moved, 100, names)
    plans = [planned(recipe(BASE, percent)) for percent in np.linspace(50.0, 500.0, 10)]
    many = evaluate_many(plans, names)
    monkeypatch.setattr(module, "BLOCK", block)
    for name in names:
        assert evaluate_samples(moved, 100, names)[name] == pytest.approx(whole[name], rel=1e-7)
        assert evaluate_many(plans, names)[name] == pytest.approx(many[name], rel=ITERATED)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    understood = UnderstoodRecipe(recipe(BASE), (), (), MATERIALS)
    one, same, other = (simulate(understood, samples=200, seed=seed, causes=["porosity"]) for seed in (5, 5, 6))
    for name, values in one.samples.items():
        assert np.array_equal(values, same.samples[name], equal_nan=True), name
    assert one.results == same.results
    assert one.causes == same.causes
    assert one.provenance.run_digest == same.provenance.run_digest != other.provenance.run_digest
    assert not np.array_equal(one.samples["porosity"], other.samples["porosity"])


def test_a_prior_without_a_deviation_is_the_nominal_value() -> None:
    for number in uncertain_numbers(planned(recipe(BASE)), PERMEANCES, MATERIALS, "all"):
        drawn = number.prior.sample(number.nominal, np.zeros(1))
        assert drawn[0] == pytest.approx(number.nominal, rel=1e-15), number.name


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.floats(0.01, 100.0), st.floats(1.01, 3.0), st.floats(-4.0, 4.0))
def test_a_lognormal_prior_is_as_likely_a_factor_above_as_below(nominal: float, factor: float, z: float) -> None:
    prior = Prior("lognormal", factor)
    up, down = prior.sample(nominal, np.array([z, -z]))
    assert up * down == pytest.approx(nominal**2, rel=1e-9)


def test_a_prior_keeps_to_its_limits() -> None:
    drawn = Prior("normal", 1.0, lowest=-0.5, highest=0.5).sample(0.0, np.linspace(-5.0, 5.0, 101))
    assert (drawn.min(), drawn.max()) == (-0.5, 0.5)
