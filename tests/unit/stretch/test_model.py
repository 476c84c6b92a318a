"""The drawing model at its edges: matrices that cannot be drawn, and results of a film that was not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from poreline.line import evaluate, plan
from poreline.line.plan import Plan
from poreline.materials import default_materials
from poreline.recipe import Anneal, Composition, PolymerShare, Recipe, StretchStep
from poreline.stretch.meanfield.annealing import springback_left
from poreline.stretch.meanfield.breaking import break_probability, break_stretch_ratio
from poreline.stretch.stretched_film import StretchedFilm

COLD = StretchStep(temperature=293.15, elongation=0.25, strain_rate=0.01)
HOT = StretchStep(temperature=360.15, elongation=2.0)


def planned(*steps: StretchStep, anneal: Anneal | None = None) -> Plan:
    recipe = Recipe(
        composition=Composition(
            first=PolymerShare(polymer="PS", parts=10.0), second=PolymerShare(polymer="PP", parts=90.0)
        ),
        stretch=steps,
        anneal=anneal,
    )
    found = plan(recipe, default_materials())
    assert isinstance(found, Plan)
    return found


def stretched(*steps: StretchStep, anneal: Anneal | None = None) -> StretchedFilm:
    found = evaluate(planned(*steps, anneal=anneal)).stretched
    assert found is not None
    return found


def test_a_polymer_without_drawing_data_is_no_matrix() -> None:
    made = planned(COLD)
    brittle = replace(made, substances=replace(made.substances, second=default_materials().polymer("PMMA")))
    with pytest.raises(ValueError, match="cannot be a matrix"):
        evaluate(brittle)


def test_an_anneal_without_tension_holds_nothing() -> None:
    loose = stretched(COLD, HOT, anneal=Anneal(temperature=367.15, under_tension=False))
    none = stretched(COLD, HOT)
    assert loose.porosity == none.porosity
    assert loose.springback == 0.35


def test_stresses_belong_to_their_stages() -> None:
    cold, hot, both = stretched(COLD), stretched(replace(HOT, regime="hot")), stretched(COLD, HOT)
    assert cold.flow_stress_hot == hot.flow_stress_cold == 0.0
    assert both.flow_stress_cold == cold.flow_stress_cold > 0.0
    assert both.flow_stress_hot > 0.0
    assert cold.nucleated_share == cold.nucleated_share_cold
    assert hot.nucleated_share_cold == 0.0


def test_the_engineering_stress_is_the_force_over_the_first_section() -> None:
    found = stretched(COLD, HOT)
    assert found.engineering_stress == pytest.approx(found.flow_stress_hot / 3.0, rel=1e-12)


def test_a_film_drawn_past_its_neck_is_necked_throughout() -> None:
    assert float(stretched(COLD, replace(HOT, elongation=4.0)).necked_share) == 1.0
    half_way = stretched(COLD, replace(HOT, elongation=1.0))
    share = (2.0 - 1.25) / (float(half_way.natural_draw_ratio) - 1.25)
    assert float(half_way.necked_share) == pytest.approx(share, rel=1e-12)


def test_break_laws_at_their_limits() -> None:
    assert break_stretch_ratio(8.0, 0.0, 0.0, 0.6) == 8.0, "the neat film"
    assert break_stretch_ratio(8.0, 1.0, 0.0, 0.6) == 1.0, "nothing but the first polymer"
    assert break_stretch_ratio(8.0, 0.1, 1.0, 0.6) > break_stretch_ratio(8.0, 0.1, 0.0, 0.6)
    assert float(break_probability(1.0, 0.15)) == 0.5
    assert float(break_probability(0.0, 0.15)) == 0.0


def test_springback_only_falls_with_time() -> None:
    left = [float(springback_left(0.35, time, 20.0, 0.4)) for time in (0.0, 1.0, 10.0, 1e3, 1e6)]
    assert left == sorted(left, reverse=True)
    assert left[0] == 0.35


def test_slow_cooling_carries_through_to_the_stress() -> None:
    made = evaluate(planned(COLD, HOT))
    assert made.film is not None
    assert made.film.yield_factor == 1.0
