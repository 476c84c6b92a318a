"""What must hold for every film, found by searching for a counterexample."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.physics.films import COLD, EXAMPLES, composition, hot_step, kelvin, planned, recipe, results

from poreline.line import Plan
from poreline.recipe import Anneal, Mixing, Recipe, StretchStep
from poreline.stretch.meanfield.wakes import free_contraction_void, wake_void

SEARCH = settings(max_examples=60, deadline=None, derandomize=True)
ROUNDING = 1e-9

names = st.sampled_from(list(EXAMPLES))
percents = st.floats(30.0, 600.0)
parts = st.floats(1.0, 25.0)


def growing(low: float, high: float, least: float) -> st.SearchStrategy[tuple[float, float]]:
    """Two numbers, the second larger by at least `least`."""
    return st.tuples(st.floats(low, high - least), st.floats(least, high - low)).map(
        lambda pair: (pair[0], min(pair[0] + pair[1], high))
    )


@SEARCH
@given(names, growing(30.0, 600.0, 1.0))
def test_a_longer_draw_never_makes_a_film_less_porous(name: str, pair: tuple[float, float]) -> None:
    short, long = (results(recipe(name, percent), ())["porosity"] for percent in pair)
    assert long >= short


@SEARCH
@given(st.sampled_from(["PS", "PET"]), growing(2.0, 20.0, 0.5), st.floats(50.0, 400.0))
def test_more_bare_domains_make_a_film_more_porous(first: str, shares: tuple[float, float], percent: float) -> None:
    name = "PS10/PP90" if first == "PS" else "PET15/PP85"
    few, many = (
        results(recipe(name, percent, composition=composition(first, (share, 100.0 - share, 0.0))), ())
        for share in shares
    )
    assert many["porosity"] > few["porosity"]


@SEARCH
@given(growing(1.0, 30.0, 0.1))
def test_more_of_the_first_polymer_makes_coarser_domains(shares: tuple[float, float]) -> None:
    few, many = (
        results(recipe("PS10/PP90", composition=composition("PS", (share, 100.0 - share, 0.0))), ()) for share in shares
    )
    assert many["domain_diameter_median"] > few["domain_diameter_median"]


@SEARCH
@given(growing(0.1, 20.0, 0.1))
def test_more_copolymer_covers_more_and_makes_finer_domains_and_pores(amounts: tuple[float, float]) -> None:
    few, many = (
        results(recipe("PS10/PP90+SEEPS5", composition=composition("PS", (10, 90, amount))), ()) for amount in amounts
    )
    assert many["copolymer_coverage"] > few["copolymer_coverage"]
    assert many["domain_diameter_median"] < few["domain_diameter_median"]


@SEARCH
@given(st.floats(0.0, 1.0), st.floats(1.0, 12.0))
def test_a_wake_lies_between_free_contraction_and_the_rigid_one(closure: float, ratio: float) -> None:
    void = float(wake_void(ratio, 1.0, closure, biaxial=False))
    assert float(free_contraction_void(ratio)) - 1e-5 <= void <= ratio - 1.0 + 1e-5


DIRECTIONS = st.sampled_from(["machine", "transverse", "both"])
WIDTHS = st.sampled_from(["free", "fixed"])


@st.composite
def programmes(draw: st.DrawFn) -> tuple[StretchStep, ...]:
    """One to four steps, cold or hot, free or fixed, along, across or both; elongations grow in each direction."""
    reached = {"machine": 0.0, "transverse": 0.0}
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        direction = draw(DIRECTIONS)
        ways = ("machine", "transverse") if direction == "both" else (direction,)
        elongation = max(reached[way] for way in ways) + draw(st.floats(0.01, 1.5))
        reached |= dict.fromkeys(ways, elongation)
        steps.append(
            StretchStep(
                temperature=kelvin(draw(st.floats(15.0, 100.0))),
                elongation=elongation,
                strain_rate=draw(st.floats(1e-3, 1.0)),
                direction=direction,
                width=draw(WIDTHS),
            )
        )
    return tuple(steps)


anneals = st.one_of(
    st.none(),
    st.builds(
        Anneal,
        temperature=st.floats(60.0, 120.0).map(kelvin),
        duration=st.floats(0.0, 1e4),
        under_tension=st.booleans(),
    ),
)


@settings(SEARCH, max_examples=200)
@given(names, programmes(), anneals)
def test_mass_and_volume_balance_in_every_programme(
    name: str, steps: tuple[StretchStep, ...], anneal: Anneal | None
) -> None:
    found = results(recipe(name, stretch=steps, anneal=anneal), ())
    volume = found["stretch_ratio_final"] * found["width_ratio"] * found["thickness_ratio"]
    assert volume == pytest.approx(found["volume_ratio"], rel=ROUNDING)
    assert found["density_ratio"] * found["volume_ratio"] == pytest.approx(1.0, rel=ROUNDING)
    assert found["porosity"] == pytest.approx(1.0 - found["density_ratio"], rel=ROUNDING, abs=ROUNDING)
    assert found["film_thickness"] == pytest.approx(100e-6 * found["thickness_ratio"], rel=ROUNDING)


@settings(SEARCH, max_examples=200)
@given(names, programmes(), anneals)
def test_every_share_is_a_share_and_every_size_is_finite(
    name: str, steps: tuple[StretchStep, ...], anneal: Anneal | None
) -> None:
    found = results(recipe(name, stretch=steps, anneal=anneal), ())
    assert all(np.isfinite(value) for value in found.values())
    for share in (
        "porosity",
        "debonded_share",
        "pole_crazed_share",
        "nucleated_share",
        "open_share",
        "microcrack_share",
        "break_probability",
        "fibril_survival",
        "through_connection_probability",
        "transport_porosity",
        "springback",
    ):
        assert -ROUNDING <= found[share] <= 1.0 + ROUNDING, share
    assert found["debonded_share"] + found["pole_crazed_share"] <= 1.0 + ROUNDING
    assert found["porosity_open"] <= found["porosity"] + ROUNDING
    assert found["tortuosity"] >= 1.25
    assert found["pore_diameter_mean"] <= 2.0 * found["crack_width_mean"] * (1.0 + ROUNDING)


@SEARCH
@given(names, programmes(), st.floats(1.0, 1e5))
def test_a_longer_anneal_never_closes_pores(name: str, steps: tuple[StretchStep, ...], duration: float) -> None:
    """Below the softening of the domains, where holding the length only takes springback away."""
    warm = kelvin(EXAMPLES[name].anneal - 5.0)
    short, long = (
        results(recipe(name, stretch=steps, anneal=Anneal(temperature=warm, duration=time)), ())["porosity"]
        for time in (duration, 10.0 * duration)
    )
    assert long >= short


@SEARCH
@given(names, percents, st.floats(20e-6, 1e-3))
def test_the_structure_does_not_know_how_thick_the_film_is(name: str, percent: float, thickness: float) -> None:
    """Domains, voids and cracks are the same in a film ten times as thick, as long as cracks do not span it."""
    made = recipe(name, percent)
    thick = replace(made, film=replace(made.film, thickness=thickness))
    one, other = results(made, ()), results(thick, ())
    for name_ in ("porosity", "domain_diameter_median", "crack_radius", "pore_diameter_mean", "connectivity"):
        assert other[name_] == pytest.approx(one[name_], rel=ROUNDING), name_


@SEARCH
@given(st.floats(0.5, 40.0), st.floats(20.0, 500.0))
def test_parts_are_relative(share: float, factor: float) -> None:
    """Ten parts of a hundred are twenty of two hundred."""
    made = recipe("PS10/PP90", composition=composition("PS", (share, 100.0 - share, 2.0)))
    scaled = recipe(
        "PS10/PP90", composition=composition("PS", (factor * share, factor * (100.0 - share), factor * 2.0))
    )
    one, other = results(made, ()), results(scaled, ())
    for quantity, value in one.items():
        assert other[quantity] == pytest.approx(value, rel=1e-6, abs=1e-12), quantity


@SEARCH
@given(st.floats(0.05, 0.6), names)
def test_a_measured_porosity_is_the_porosity(porosity: float, name: str) -> None:
    made = recipe(name)
    found = results(replace(made, measured=replace(made.measured, porosity=porosity)), ())
    assert found["porosity"] == pytest.approx(porosity, rel=ROUNDING)
    volume = found["stretch_ratio_final"] * found["width_ratio"] * found["thickness_ratio"]
    assert volume == pytest.approx(found["volume_ratio"], rel=ROUNDING)
    assert found["microcrack_share"] == pytest.approx(results(made, ())["microcrack_share"], rel=1e-6)


@SEARCH
@given(st.floats(10.0, 300.0))
def test_faster_mixing_never_makes_coarser_domains(rate: float) -> None:
    def diameter(shear_rate: float) -> float:
        mixing = Mixing(temperature=kelvin(210), shear_rate=shear_rate)
        return results(recipe("PS10/PP90+SEEPS5", mixing=mixing), ())["domain_diameter_median"]

    assert diameter(1.2 * rate) < diameter(rate)


def test_what_the_searches_start_from() -> None:
    made: Plan = planned(recipe("PS10/PP90", stretch=(COLD, hot_step(EXAMPLES["PS10/PP90"], 200))))
    assert made == planned(recipe("PS10/PP90", 200))
    assert isinstance(recipe("PS10/PP90"), Recipe)
