"""Limits: nothing dispersed, nothing drawn, drawn both ways, and the symmetries that the laws must have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.physics.films import COLD, EXAMPLES, MATERIALS, PERMEANCES, composition, hot_step, kelvin, recipe, results

from poreline.recipe import Anneal, Recipe

BASE = "PS10/PP90+SEEPS5"
EXAMPLE = EXAMPLES[BASE]
# What has no value where it does not apply, each with a reason: methanol wets, a dense film has no pores to empty.
NOT_DETERMINED = {"liquid_entry_pressure", "bubble_point_pressure", "knudsen_number_N2"}


def undetermined(found: dict[str, float]) -> set[str]:
    return {name for name, value in found.items() if not np.isfinite(value)}


@pytest.mark.parametrize("copolymer", [0, 5])
def test_without_a_first_polymer_there_are_no_wakes(copolymer: float) -> None:
    found = results(recipe(BASE, composition=composition("PS", (0, 90, copolymer))))
    assert found["first_volume_fraction"] == 0.0
    assert found["void_ratio_debonded"] == found["void_ratio_poles"] == 0.0
    assert found["microcrack_share"] == pytest.approx(1.0, rel=1e-9)
    assert undetermined(found) <= NOT_DETERMINED


@pytest.mark.parametrize("anneal", [None, Anneal(temperature=kelvin(94))])
def test_a_film_that_is_not_stretched_stays_as_it_is(anneal: Anneal | None) -> None:
    found = results(recipe(BASE, stretch=(), anneal=anneal))
    assert found["porosity"] == 0.0
    assert found["volume_ratio"] == 1.0
    assert found["crack_width_mean"] == found["pore_diameter_mean"] == found["wake_length"] == 0.0
    assert found["cracks_per_domain"] == found["connectivity"] == found["ruptured"] == 0.0
    assert found["film_thickness"] == found["film_thickness_unstretched"]
    assert undetermined(found) <= NOT_DETERMINED


def test_a_film_that_is_not_stretched_lets_through_what_its_polymers_dissolve() -> None:
    """Parallel permeation through PP and PS at 8.3 vol%."""
    found = results(recipe(BASE, stretch=(), anneal=None))
    phi = found["first_volume_fraction"]
    dense = (1.0 - phi) * MATERIALS.polymer("PP").permeability["N2"] + phi * MATERIALS.polymer("PS").permeability["N2"]
    assert found["permeance_gas_N2"] == pytest.approx(dense / found["film_thickness"], rel=1e-6)
    assert found["permeance_liquid_methanol"] == 0.0


def test_a_stretch_below_the_yield_strain_opens_nothing_in_the_matrix() -> None:
    found = results(recipe(BASE, stretch=(replace(COLD, elongation=0.05),)))
    assert found["void_ratio_microcracks"] == 0.0
    assert found["crack_width_mean"] == 0.0
    assert undetermined(found) <= NOT_DETERMINED


def drawn(*steps: object, **changes: object) -> dict[str, float]:
    return results(recipe(BASE, stretch=steps, **changes), ())


def across(percent: float, width: str = "fixed") -> tuple[object, object]:
    held = {"direction": "transverse", "width": width}
    return replace(COLD, **held), hot_step(EXAMPLE, percent, **held)  # type: ignore[arg-type]


def along(percent: float, width: str = "fixed") -> tuple[object, object]:
    return replace(COLD, width=width), hot_step(EXAMPLE, percent, width=width)  # type: ignore[arg-type]


# A film is the same along and across before it is drawn. Drawn in one direction with the other held it is the same film
# turned by a right angle; only the strain measure of the stress differs (lam^2 - lam^-2 against lam^2 - 1/lam).


@pytest.mark.parametrize("percent", [200, 500])
def test_a_film_drawn_across_is_as_porous_as_one_drawn_along(percent: float) -> None:
    one, other = drawn(*along(percent)), drawn(*across(percent))
    assert other["porosity"] == pytest.approx(one["porosity"], rel=0.02)
    assert other["thickness_ratio"] == pytest.approx(one["thickness_ratio"], rel=0.02)
    assert other["width_ratio"] == pytest.approx(one["stretch_ratio_final"], rel=0.02)


@pytest.mark.parametrize("percent", [200, 500])
def test_a_film_drawn_across_has_the_wakes_of_one_drawn_along(percent: float) -> None:
    one, other = drawn(*along(percent)), drawn(*across(percent))
    assert other["wake_length"] == pytest.approx(one["wake_length"], rel=0.02)


@pytest.mark.parametrize("percent", [200, 500])
def test_a_film_drawn_across_has_the_cracks_of_one_drawn_along(percent: float) -> None:
    one, other = drawn(*along(percent)), drawn(*across(percent))
    assert other["crack_radius"] == pytest.approx(one["crack_radius"], rel=0.02)
    assert other["connectivity"] == pytest.approx(one["connectivity"], rel=0.05)


def test_drawing_both_ways_opens_and_connects_more_than_one_way() -> None:
    one = drawn(*along(200))
    both = drawn(replace(COLD, direction="both"), hot_step(EXAMPLE, 200, direction="both"))
    one_after_the_other = drawn(*along(200), hot_step(EXAMPLE, 200, direction="transverse"))
    for biaxial in (both, one_after_the_other):
        assert biaxial["porosity"] > one["porosity"]
        assert biaxial["connectivity"] > one["connectivity"]


@pytest.mark.parametrize("name", ["PS10/PP90", BASE])
@pytest.mark.parametrize("parts", [2, 3])
def test_splitting_a_hot_step_at_one_temperature_changes_porosity_by_little(name: str, parts: int) -> None:
    """A pause in the draw is no new onset: half a point of porosity is allowed."""
    steps = [hot_step(EXAMPLE, percent) for percent in np.linspace(0.0, 400.0, parts + 1)[1:]]
    split = results(recipe(name, stretch=(COLD, *steps)), ())
    assert split["porosity"] == pytest.approx(results(recipe(name, 400), ())["porosity"], abs=0.005)


def test_splitting_the_cold_step_changes_porosity_by_little() -> None:
    """The first half ends at a lower stress and so cavitates a shade less."""
    split = drawn(replace(COLD, elongation=0.15), COLD, hot_step(EXAMPLE, 200))
    assert split["porosity"] == pytest.approx(results(recipe(BASE, 200), ())["porosity"], abs=0.001)


@pytest.mark.parametrize("second", ["PP", "HDPE", "LDPE", "PMP"])
@pytest.mark.parametrize("first", ["PS", "PET", "PBT", "PMMA", "PC", "PA6"])
def test_every_shipped_pair_runs_through_the_line(first: str, second: str) -> None:
    """Finite results without warnings (which fail a test here), porous, with and without copolymer."""
    for parts in (0.0, 5.0):
        made = Recipe(
            composition=composition(first, (10, 90, parts), second=second),
            stretch=recipe(BASE).stretch,
            anneal=Anneal(temperature=kelvin(94)),
            duty=PERMEANCES,
        )
        found = results(made)
        assert undetermined(found) <= NOT_DETERMINED
        assert 0.0 < found["porosity"] < 0.6
        assert found["permeance_gas_N2"] > 0.0


def test_a_tortuosity_factor_is_never_below_a_straight_way_through_a_full_network() -> None:
    for percent in (25, 100, 400, 800):
        for name in EXAMPLES:
            assert results(recipe(name, percent), ())["tortuosity"] >= 1.25
