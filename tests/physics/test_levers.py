"""One change at a time: what the programme's levers do, and that each claimed window lies on the favourable side."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.physics.films import COLD, EXAMPLES, GPU, hot_step, kelvin, recipe, results

from poreline.recipe import StretchStep

BASE = "PS10/PP90+SEEPS5"
PRINTED = 0.02


def film(
    *,
    name: str = BASE,
    cold: StretchStep | None = COLD,
    order: str = "premix-first",
    anneal: bool = True,
    percent: float = 200,
    **hot: object,
) -> dict[str, float]:
    """The base film with one change; `cold` None leaves the cold stretch out."""
    made = recipe(name, percent)
    last = hot_step(EXAMPLES[name], percent, **hot)
    return results(
        replace(
            made,
            mixing=replace(made.mixing, order=order),  # type: ignore[arg-type]
            stretch=(last,) if cold is None else (cold, last),
            anneal=made.anneal if anneal else None,
        )
    )


def test_the_base_film() -> None:
    found = film()
    assert 100 * found["porosity"] == pytest.approx(11.9, rel=PRINTED)
    assert 1e9 * found["pore_diameter_mean"] == pytest.approx(15.6, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(303, rel=PRINTED)


@pytest.mark.parametrize(
    ("order", "domain", "pore", "gpu"), [("simultaneous", 0.71, 16.2, 317), ("premix-second", 0.86, 17.2, 383)]
)
def test_order_of_mixing(order: str, domain: float, pore: float, gpu: float) -> None:
    found = film(order=order)
    assert 1e6 * found["domain_diameter_median"] == pytest.approx(domain, rel=PRINTED)
    assert 1e9 * found["pore_diameter_mean"] == pytest.approx(pore, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(gpu, rel=PRINTED)


def test_without_the_cold_stretch_the_compatibilised_film_is_dense() -> None:
    found = film(cold=None)
    assert 100 * found["porosity"] == pytest.approx(3.5, rel=PRINTED)
    assert found["connectivity"] == pytest.approx(0.48, rel=PRINTED)
    # 0.008 GPU, one printed digit: the dense polymer.
    assert found["permeance_gas_N2"] / GPU == pytest.approx(0.008, abs=5e-4)


def test_a_shorter_or_longer_cold_stretch() -> None:
    for elongation, porosity, gpu in ((0.10, 6.1, 4.2), (0.30, 13.1, 396)):
        found = film(cold=replace(COLD, elongation=elongation))
        assert 100 * found["porosity"] == pytest.approx(porosity, rel=PRINTED)
        assert found["permeance_gas_N2"] / GPU == pytest.approx(gpu, rel=PRINTED)


def test_a_warm_cold_stretch() -> None:
    found = film(cold=replace(COLD, temperature=kelvin(60), regime="cold"))
    assert 100 * found["porosity"] == pytest.approx(10.4, rel=PRINTED)
    assert 1e9 * found["pore_diameter_mean"] == pytest.approx(18.8, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(98, rel=PRINTED)


def test_a_hot_stretch_at_the_softening_of_the_domains() -> None:
    found = film(temperature=kelvin(97))
    assert found["rigid_share"] == pytest.approx(0.5, rel=1e-9)
    assert 100 * found["porosity"] == pytest.approx(10.6, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(1.7, rel=PRINTED, abs=0.05)


def test_a_cooler_hot_stretch_opens_more_and_breaks_earlier() -> None:
    found, base = film(temperature=kelvin(70)), film()
    assert 100 * found["porosity"] == pytest.approx(12.9, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(447, rel=PRINTED)
    assert found["break_stretch_ratio"] == pytest.approx(7.20, rel=PRINTED)
    assert base["break_stretch_ratio"] == pytest.approx(7.96, rel=PRINTED)


def test_without_an_anneal() -> None:
    found = film(anneal=False)
    assert 100 * found["porosity"] == pytest.approx(8.1, rel=PRINTED)
    assert 1e9 * found["pore_diameter_mean"] == pytest.approx(14.2, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(122, rel=PRINTED)


def test_a_cold_stretch_alone_stays_below_five_percent() -> None:
    found = results(recipe(BASE, stretch=(COLD,)))
    assert 100 * found["porosity"] == pytest.approx(4.4, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(0.0051, rel=PRINTED)


def test_at_fixed_width_the_film_is_thinner_with_the_same_structure() -> None:
    base = film()
    found = film(cold=replace(COLD, width="fixed"), width="fixed")
    assert 100 * found["porosity"] == pytest.approx(12.2, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(488, rel=PRINTED)
    assert found["film_thickness"] < base["film_thickness"]
    assert found["pore_diameter_mean"] == pytest.approx(base["pore_diameter_mean"], rel=0.02)


def test_the_bare_film_stays_open_without_a_cold_stretch() -> None:
    found = film(name="PS10/PP90", cold=None)
    assert 100 * found["porosity"] == pytest.approx(12.4, rel=PRINTED)
    assert found["permeance_gas_N2"] / GPU == pytest.approx(413, rel=PRINTED)


# Each window of the claims on the favourable side: inside it the film is more porous and lets more through than outside.


@pytest.mark.parametrize("celsius", [15, 20, 25])
def test_the_claimed_cold_temperatures_open_more_than_a_warm_one(celsius: float) -> None:
    inside = film(cold=replace(COLD, temperature=kelvin(celsius)))
    outside = film(cold=replace(COLD, temperature=kelvin(60), regime="cold"))
    assert inside["porosity"] > outside["porosity"]
    assert inside["permeance_gas_N2"] > outside["permeance_gas_N2"]


@pytest.mark.parametrize("elongation", [0.20, 0.25, 0.30])
def test_the_claimed_cold_elongations_open_more_than_a_short_one(elongation: float) -> None:
    inside = film(cold=replace(COLD, elongation=elongation))
    outside = film(cold=replace(COLD, elongation=0.10))
    assert inside["porosity"] > outside["porosity"]
    assert inside["permeance_gas_N2"] > outside["permeance_gas_N2"]


def test_a_total_stretch_of_a_hundred_percent_connects_and_half_of_it_does_not() -> None:
    assert film(percent=100)["connectivity"] > 1.0 > film(percent=50)["connectivity"]


@pytest.mark.parametrize("below", [10, 15])
def test_the_claimed_hot_temperatures_open_more_than_one_above_the_glass_transition(below: float) -> None:
    inside, outside = film(temperature=kelvin(100 - below)), film(temperature=kelvin(105))
    assert inside["porosity"] > outside["porosity"]
    assert inside["permeance_gas_N2"] > outside["permeance_gas_N2"]


def test_the_anneal_keeps_pores_open() -> None:
    assert film()["porosity"] > film(anneal=False)["porosity"]
    assert film()["permeance_gas_N2"] > film(anneal=False)["permeance_gas_N2"]


def test_the_copolymer_gives_smaller_and_more_uniform_pores_and_a_longer_draw() -> None:
    bare, covered = film(name="PS10/PP90"), film()
    assert covered["pore_diameter_mean"] < bare["pore_diameter_mean"]
    assert covered["pore_diameter_spread"] < bare["pore_diameter_spread"]
    assert covered["break_stretch_ratio"] > bare["break_stretch_ratio"]
