"""Whether polymers demix: interaction parameter, critical point, interface, tension, amounts."""

from __future__ import annotations

import numpy as np
import pytest
from tests.physics.films import EXAMPLES, MATERIALS, composition, kelvin, planned, recipe, results

from poreline.blend import Amounts
from poreline.blend.miscibility import (
    chain_length,
    critical_interaction_parameter,
    helfand_tagami_tension,
    immiscibility_probability,
    interaction_parameter,
    interface_width,
    spinodal_interaction_parameter,
)
from poreline.blend.mix import volume_fractions
from poreline.materials.interfacial_tension import HarmonicMeanTension

PRINTED = 0.01


def chi(first: str, second: str, celsius: float) -> float:
    one, two = MATERIALS.polymer(first), MATERIALS.polymer(second)
    return float(interaction_parameter(one.solubility_parameter, two.solubility_parameter, kelvin(celsius)))


def lengths(first: str, second: str) -> tuple[float, float]:
    one, two = (
        chain_length(p.molar_mass, p.density_melt) for p in (MATERIALS.polymer(first), MATERIALS.polymer(second))
    )
    return float(one), float(two)


def test_interaction_of_polystyrene_and_polypropylene() -> None:
    assert chi("PS", "PP", 210) == pytest.approx(0.09957, rel=PRINTED)


def test_chain_lengths_and_critical_point_of_polystyrene_and_polypropylene() -> None:
    first, second = lengths("PS", "PP")
    assert (first, second) == pytest.approx((2577, 4667), rel=PRINTED)
    assert critical_interaction_parameter(first, second) == pytest.approx(5.895e-4, rel=PRINTED)
    assert chi("PS", "PP", 210) / critical_interaction_parameter(first, second) == pytest.approx(168.9, rel=PRINTED)
    assert spinodal_interaction_parameter(first, second, 0.0874) == pytest.approx(2.337e-3, rel=PRINTED)


@pytest.mark.parametrize(
    ("first", "second", "celsius", "degree"),
    [("PET", "PP", 265, 182), ("PMP", "PP", 250, 74), ("PS", "HDPE", 200, 164), ("HDPE", "PP", 200, 5.9)],
)
def test_how_far_other_pairs_are_past_their_critical_point(
    first: str, second: str, celsius: float, degree: float
) -> None:
    # Printed with two or three digits: half of the last one beside the percent.
    critical = critical_interaction_parameter(*lengths(first, second))
    assert chi(first, second, celsius) / critical == pytest.approx(
        degree, rel=PRINTED, abs=0.5 if degree > 10 else 0.05
    )


def test_equal_chains_demix_at_two_over_their_length() -> None:
    assert critical_interaction_parameter(1000.0, 1000.0) == pytest.approx(2.0 / 1000.0, rel=1e-12)


def test_the_spinodal_touches_the_critical_point_for_equal_chains() -> None:
    assert spinodal_interaction_parameter(800.0, 800.0, 0.5) == pytest.approx(
        critical_interaction_parameter(800.0, 800.0), rel=1e-12
    )


def test_probability_of_demixing_agrees_with_random_draws() -> None:
    """Both solubility parameters uncertain by 0.3 MPa^0.5; 200 000 draws know the share to 0.1 %, five of which are allowed."""
    one, two = MATERIALS.polymer("HDPE"), MATERIALS.polymer("PP")
    spinodal = spinodal_interaction_parameter(*lengths("HDPE", "PP"), 0.1)
    rng = np.random.default_rng(7)
    drawn = [p.solubility_parameter + rng.normal(0.0, 300.0, 200_000) for p in (one, two)]
    share = np.mean(interaction_parameter(drawn[0], drawn[1], kelvin(200)) > spinodal)
    law = immiscibility_probability(one.solubility_parameter, two.solubility_parameter, spinodal, kelvin(200))
    assert float(law) == pytest.approx(float(share), abs=5e-3)


def test_polystyrene_and_polypropylene_are_surely_immiscible() -> None:
    found = results(recipe("PS10/PP90"), ())
    assert found["immiscibility_probability"] > 0.999
    assert found["segregation_degree"] == pytest.approx(0.09957 / 2.337e-3, rel=PRINTED)


def test_the_bare_interface_is_thinner_than_an_entanglement() -> None:
    """Chains that cross only 1.7 nm of interface do not entangle (tube 5-9 nm): the bare interface is weak."""
    assert interface_width(0.09957) == pytest.approx(1.733e-9, rel=PRINTED)
    assert interface_width(0.09957) < 5e-9
    assert helfand_tagami_tension(0.09957, 483.15) == pytest.approx(3.467e-3, rel=PRINTED)


@pytest.mark.parametrize(
    ("first", "second", "celsius", "millinewton"),
    [("PS", "PP", 200, 4.93), ("PET", "PP", 265, 7.42), ("PS", "HDPE", 180, 5.01), ("PMMA", "HDPE", 140, 9.65)],
)
def test_harmonic_mean_of_surface_tensions(first: str, second: str, celsius: float, millinewton: float) -> None:
    one, two = MATERIALS.polymer(first), MATERIALS.polymer(second)
    assert float(HarmonicMeanTension().at(kelvin(celsius), one, two)) == pytest.approx(1e-3 * millinewton, rel=PRINTED)


def test_a_liquid_has_no_tension_against_itself() -> None:
    pp = MATERIALS.polymer("PP")
    assert float(HarmonicMeanTension().at(kelvin(200), pp, pp)) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("pair", MATERIALS.pair_names)
def test_two_molten_polymers_have_a_tension_between_them_up_to_300_degrees(pair: str) -> None:
    """A negative tension would mix them, and give domains of negative size."""
    first, second = pair.split("+")
    one, two = MATERIALS.polymer(first), MATERIALS.polymer(second)
    tension = MATERIALS.tension(first, second)
    assert all(float(tension.at(kelvin(celsius), one, two)) > 0.0 for celsius in range(140, 301, 20))


SOLID_AND_MELT = [
    ("PET15/PP85", 0.10685, 0.10085, 0.0),
    ("PS10/PP90", 0.08740, 0.07911, 0.0),
    ("PS10/PP90+SEEPS5", 0.08320, 0.07554, 0.04800),
    ("PS15/PP85+SEEPS7.5", 0.12268, 0.11201, None),
]


@pytest.mark.parametrize(("name", "solid", "melt", "copolymer"), SOLID_AND_MELT)
def test_parts_by_weight_become_volume_fractions(name: str, solid: float, melt: float, copolymer: float | None) -> None:
    found = results(recipe(name), ())
    assert found["first_volume_fraction"] == pytest.approx(solid, rel=1e-3)  # printed with four digits
    assert found["first_volume_fraction_melt"] == pytest.approx(melt, rel=1e-3)
    if copolymer is not None:
        assert found["copolymer_volume_fraction"] == pytest.approx(copolymer, rel=1e-3)


def test_volume_fractions_do_not_depend_on_the_unit_of_mass() -> None:
    densities = (1050.0, 905.0, 910.0)
    small = volume_fractions(Amounts(first=10.0, second=90.0, copolymer=5.0), densities)
    large = volume_fractions(Amounts(first=2.0, second=18.0, copolymer=1.0), densities)
    assert small == pytest.approx(large, rel=1e-14)


def test_no_copolymer_is_the_same_as_no_parts_of_it() -> None:
    none = planned(recipe("PS10/PP90"))
    zero = planned(recipe("PS10/PP90", composition=composition("PS", (10, 90, 0))))
    assert none.substances.copolymer is None
    assert zero.substances.copolymer is None
    assert EXAMPLES["PS10/PP90"].parts[2] == 0
