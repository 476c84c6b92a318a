"""Programmes of several steps and directions: continuity, and what a later step cannot undo."""

from __future__ import annotations

import copy
import itertools

import pytest

from poreline.line import evaluate, plan
from poreline.recipe import read_recipe_table

BARE = {
    "composition": {"first": {"polymer": "PS", "parts": 10}, "second": {"polymer": "PP", "parts": 90}},
    "stretch": [
        {"temperature": "20 degC", "elongation": "25 %", "strain_rate": "0.01 1/s"},
        {"temperature": "87 degC", "elongation": "200 %", "strain_rate": "0.05 1/s"},
    ],
    "anneal": {"temperature": "94 degC", "duration": "10 min"},
}


def results(*further, **changes):
    table = copy.deepcopy(BARE) | changes
    table["stretch"] = [*table["stretch"], *further]
    understood = read_recipe_table(table)
    return {
        name: float(found.values)
        for name, found in evaluate(plan(understood.recipe, understood.materials)).findings().items()
    }


CONTINUOUS = (
    "porosity",
    "connectivity",
    "tortuosity",
    "cracks_per_domain",
    "crack_radius",
    "thickness_ratio",
    "width_ratio",
)


def test_a_vanishing_transverse_step_changes_nothing_of_the_structure() -> None:
    without = results()
    tiny = results({"temperature": "87 degC", "elongation": "0.01 %", "direction": "transverse"})
    for name in CONTINUOUS:
        assert tiny[name] == pytest.approx(without[name], rel=1e-3), name


def test_a_later_warm_step_leaves_open_what_a_cooler_one_opened() -> None:
    before = results()
    after = results({"temperature": "110 degC", "elongation": "201 %"})
    assert after["void_ratio_debonded"] == pytest.approx(before["void_ratio_debonded"], rel=0.01)
    assert after["porosity"] > 0.95 * before["porosity"]


@pytest.mark.parametrize(("first", "last"), [("free", "fixed"), ("fixed", "free")])
def test_a_short_last_step_does_not_decide_how_the_wakes_close(first, last) -> None:
    whole = [{**step, "width": first} for step in BARE["stretch"]]
    alone = results(stretch=whole)
    with_last = results({"temperature": "87 degC", "elongation": "200.1 %", "width": last}, stretch=whole)
    assert with_last["void_ratio_debonded"] == pytest.approx(alone["void_ratio_debonded"], rel=2e-3)


def test_drawing_both_ways_at_once_widens_the_film_by_what_it_was_drawn() -> None:
    both = [{"temperature": "87 degC", "elongation": "100 %", "direction": "both"}]
    found = results(stretch=both)
    assert found["width_ratio"] == pytest.approx(found["stretch_ratio_final_transverse"])
    assert found["width_ratio"] == pytest.approx(2.0, rel=0.01)
    assert found["stretch_ratio_final"] * found["width_ratio"] * found["thickness_ratio"] == pytest.approx(
        found["volume_ratio"]
    )


def test_the_force_across_counts_on_the_section_across() -> None:
    found = results({"temperature": "87 degC", "elongation": "50 %", "direction": "transverse"})
    assert found["engineering_stress"] == pytest.approx(found["flow_stress_hot"] / 1.5)


def test_hardly_any_domains_do_not_connect_better_than_many() -> None:
    connected = []
    for parts in (1e-6, 0.01, 0.1):
        composition = {"first": {"polymer": "PS", "parts": parts}, "second": {"polymer": "PP", "parts": 90}}
        connected.append(results(composition=composition)["connectivity"])
    assert max(connected) < 1.0 < results()["connectivity"]


def test_a_film_drawn_far_below_the_matrix_glass_transition_breaks() -> None:
    cold = [{"temperature": "-150 degC", "elongation": "200 %"}]
    found = results(stretch=cold)
    assert found["break_stretch_ratio"] > 1.0
    assert found["ruptured"] == 1.0


def test_the_anneal_softens_domains_smoothly_around_their_glass_transition() -> None:
    porosities = [results(anneal={"temperature": f"{t} degC"})["porosity"] for t in (99.0, 99.5, 100.0, 100.5, 101.0)]
    steps = [abs(b - a) for a, b in itertools.pairwise(porosities)]
    assert porosities == sorted(porosities, reverse=True)
    assert max(steps) < 0.6 * (porosities[0] - porosities[-1])
