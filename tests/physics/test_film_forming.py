"""Film forming: draw-down, relaxation of drops, casting, spray."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.physics.films import recipe, results

from poreline.film.casting import coarsening_at_rest, cooling_factors
from poreline.film.extrusion import aspect_ratio, drop_elongation, relaxation_time
from poreline.film.spray import largest_domain
from poreline.recipe import Extrusion, MeltCasting, SolutionCasting, Spraying

PRINTED = 0.01


def test_a_die_of_half_a_millimetre_drawn_down_five_times_gives_a_hundred_micrometres() -> None:
    made = recipe("PS10/PP90", film=Extrusion(die_gap=0.5e-3, draw_down=5.0))
    assert results(made, ())["film_thickness_unstretched"] == pytest.approx(100e-6, rel=1e-12)


def test_a_drop_as_viscous_as_the_matrix_relaxes_in_35_sixteenths_of_its_capillary_time() -> None:
    bare = relaxation_time(1e-6, 1500.0, 5e-3, 1.0, 0.0)
    assert bare == pytest.approx(0.65625, rel=1e-12)
    assert bare == pytest.approx(35.0 / 16.0 * 1e-6 * 1500.0 / 5e-3, rel=1e-12)
    assert relaxation_time(1e-6, 1500.0, 5e-3, 1.0, 0.1) == pytest.approx(0.7056, rel=PRINTED)


def test_a_newtonian_inclusion_of_equal_viscosity_follows_the_matrix() -> None:
    """p = 1 and no time to relax: the drop takes the whole elongation ln(5)."""
    assert float(drop_elongation(5.0, 1e-3, 1e6, 1.0)) == pytest.approx(np.log(5.0), rel=1e-6)


def test_a_quick_draw_leaves_long_drops_and_a_slow_one_round_ones() -> None:
    relaxation = relaxation_time(0.945e-6, 1245.0, 5.37e-3, 1.34, 0.079)
    assert relaxation == pytest.approx(0.580, rel=PRINTED)
    assert pytest.approx(0.8803, rel=PRINTED) == 5.0 / (2.0 * 1.34 + 3.0)
    for draw_time, elongation, length_over_width in ((0.1, 1.301, 7.04), (1.0, 0.675, 2.75)):
        found = drop_elongation(5.0, draw_time, relaxation, 1.34)
        assert float(found) == pytest.approx(elongation, rel=PRINTED)
        assert float(aspect_ratio(found)) == pytest.approx(length_over_width, rel=PRINTED)


def test_the_example_film_drawn_down_in_a_tenth_of_a_second() -> None:
    """The line's own radius, viscosity and tension are those of the hand calculation, to their printed digits."""
    made = recipe("PS10/PP90", film=Extrusion(thickness=100e-6, draw_down=5.0, draw_time=0.1))
    assert results(made, ())["domain_aspect_ratio"] == pytest.approx(7.04, rel=0.02)


def test_drawn_out_domains_keep_their_volume() -> None:
    """Length d AR^(2/3), width d AR^(-1/3)."""
    ratio = 7.0
    length, width = ratio ** (2.0 / 3.0), ratio ** (-1.0 / 3.0)
    assert length * width**2 == pytest.approx(1.0, rel=1e-12)
    assert length / width == pytest.approx(ratio, rel=1e-12)


def test_slender_domains_debond_later() -> None:
    """Only the radius across the draw drives the crack along the interface."""
    made = recipe("PS10/PP90", 100)
    slender = replace(made, film=Extrusion(thickness=100e-6, draw_down=5.0, draw_time=0.05))
    assert results(slender, ())["debonded_share"] < results(made, ())["debonded_share"]


def test_five_minutes_of_rest_in_the_melt() -> None:
    assert float(coarsening_at_rest(300.0, 0.0)) == pytest.approx(1.260, rel=PRINTED)
    assert float(coarsening_at_rest(30.0, 0.0)) == 1.0, "under a minute nothing is seen"
    assert float(coarsening_at_rest(300.0, 1.0)) == 1.0, "covered drops do not coarsen"


def test_slow_cooling_makes_the_matrix_stiffer_and_easier_to_cavitate() -> None:
    assert tuple(map(float, cooling_factors(1.0))) == (1.1, 0.9)
    assert tuple(map(float, cooling_factors(50.0))) == (1.0, 1.0)
    quick = results(recipe("PS10/PP90+SEEPS5", film=MeltCasting()), ())
    slow = results(recipe("PS10/PP90+SEEPS5", film=MeltCasting(cooling_rate=1.0)), ())
    assert slow["nucleated_share"] > quick["nucleated_share"]


def test_one_droplet_holds_one_domain() -> None:
    assert float(largest_domain(40e-6, 0.05, 0.1)) == pytest.approx(6.84e-6, rel=PRINTED)
    made = recipe("PS10/PP90+SEEPS5", film=Spraying())
    found = results(made, ())
    bound = 40e-6 * (0.05 * found["first_volume_fraction"]) ** (1.0 / 3.0)
    assert found["domain_diameter_median"] == pytest.approx(bound, rel=1e-9)


def test_a_sprayed_film_has_a_broad_distribution() -> None:
    found = results(recipe("PS10/PP90", film=Spraying()), ())
    assert found["domain_diameter_spread"] == pytest.approx(np.exp(np.hypot(np.log(1.6), 0.3)), rel=1e-12)


def test_casting_from_solution_gives_coarse_domains() -> None:
    """5-30 um is what a slow solvent leaves; the film of half a millimetre of a 10 % solution is 50 um thick."""
    made = recipe("PS10/PP90", film=SolutionCasting(source="solution", wet_thickness=500e-6, demixing_viscosity=0.1))
    found = results(made, ())
    assert found["film_thickness_unstretched"] == pytest.approx(50e-6, rel=1e-12)
    assert 1e-6 < found["domain_diameter_median"] <= 0.3 * 50e-6 * (1 + 1e-12)
