"""Bands of the examples over the priors of the model, and the probabilities of the windows they are judged by.

The printed bounds come from 8000 samples: over 60 seeds the upper bound of the pore diameter scatters by 2.2 % (one
standard deviation). 40 000 samples here make the table's error the larger one. A bound is met within 5 % of it plus half
of its last printed digit.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from tests.physics.films import EXAMPLES, STRETCHES, recipe, samples

COUNT = 40_000
NAMES = (
    "domain_diameter_median",
    "porosity",
    "crack_width_mean",
    "pore_diameter_mean",
    "pore_diameter_spread",
    "connectivity",
)
PET, PS, SEEPS5, SEEPS75 = EXAMPLES
FILMS = [(name, percent) for name in EXAMPLES for percent in STRETCHES]
film = pytest.mark.parametrize(("name", "percent"), FILMS, ids=[f"{name} {percent}%" for name, percent in FILMS])

# d in um, half of the last printed digit, by composition
DIAMETER = {PET: (1.9, 8.1, 0.05), PS: (1.1, 3.2, 0.05), SEEPS5: (0.39, 1.0, 0.05), SEEPS75: (0.42, 1.1, 0.05)}
# porosity in %, w in nm, D_flow in nm, probability of B > B_c: at 100, 200, 300, 400 %
POROSITY = {
    PET: ((9, 16), (15, 26), (20, 33), (24, 40)),
    PS: ((8, 16), (14, 25), (19, 32), (22, 38)),
    SEEPS5: ((5, 12), (8, 19), (10, 26), (12, 33)),
    SEEPS75: ((6, 13), (8, 20), (11, 27), (13, 35)),
}
WIDTH = {
    PET: ((25, 107), (40, 177), (57, 258), (74, 342)),
    PS: ((28, 116), (45, 190), (63, 272), (81, 362)),
    SEEPS5: ((14, 80), (23, 136), (32, 201), (41, 270)),
    SEEPS75: ((12, 74), (19, 126), (27, 186), (35, 250)),
}
PORE = {
    PET: ((11, 38), (13, 76), (15, 135), (17, 207)),
    PS: ((12, 45), (14, 90), (16, 158), (19, 242)),
    SEEPS5: ((9, 19), (11, 25), (12, 36), (12, 52)),
    SEEPS75: ((9, 18), (10, 23), (11, 32), (12, 45)),
}
CONNECTED = {
    PET: (1.0, 1.0, 1.0, 1.0),
    PS: (1.0, 1.0, 1.0, 1.0),
    SEEPS5: (0.77, 0.98, 1.0, 1.0),
    SEEPS75: (0.97, 1.0, 1.0, 1.0),
}


@cache
def drawn(name: str, percent: int) -> dict[str, npt.NDArray[np.float64]]:
    return samples(recipe(name, percent, duties=()), NAMES, COUNT, seed=1)


def band(values: npt.NDArray[np.float64], scale: float) -> list[float]:
    return [float(x) * scale for x in np.percentile(values, [5, 95])]


def assert_meets(found: list[float], printed: tuple[float, float], rounding: float) -> None:
    for bound, value in zip(printed, found, strict=True):
        assert value == pytest.approx(bound, abs=0.05 * bound + rounding)


@pytest.mark.parametrize("name", EXAMPLES)
def test_domain_diameter(name: str) -> None:
    low, high, rounding = DIAMETER[name]
    assert_meets(band(drawn(name, 200)["domain_diameter_median"], 1e6), (low, high), rounding)


@film
def test_porosity(name: str, percent: int) -> None:
    assert_meets(band(drawn(name, percent)["porosity"], 1e2), POROSITY[name][percent // 100 - 1], 0.5)


@film
def test_crack_width(name: str, percent: int) -> None:
    assert_meets(band(drawn(name, percent)["crack_width_mean"], 1e9), WIDTH[name][percent // 100 - 1], 0.5)


@film
def test_pore_diameter(name: str, percent: int) -> None:
    assert_meets(band(drawn(name, percent)["pore_diameter_mean"], 1e9), PORE[name][percent // 100 - 1], 0.5)


@film
def test_probability_of_connection(name: str, percent: int) -> None:
    share = float(np.mean(drawn(name, percent)["connectivity"] > 1.0))
    assert share == pytest.approx(CONNECTED[name][percent // 100 - 1], abs=0.03)


SHARES = {
    "porosity of 5-40 %": (
        "porosity", 0.05, 0.40,
        {PET: (1, 1, 1, 0.95), PS: (1, 1, 1, 0.97), SEEPS5: (0.98, 1, 1, 0.99), SEEPS75: (0.99, 1, 1, 0.99)},
    ),
    "pores of 1-200 nm": (
        "pore_diameter_mean", 1e-9, 200e-9,
        {PET: (1, 1, 0.98, 0.95), PS: (1, 0.99, 0.97, 0.92), SEEPS5: (1, 1, 1, 1), SEEPS75: (1, 1, 1, 1)},
    ),
    "pores of 10-20 nm": (
        "pore_diameter_mean", 10e-9, 20e-9,
        {
            SEEPS5: (0.89, 0.83, 0.69, 0.55), SEEPS75: (0.87, 0.85, 0.74, 0.62),
            PS: (0.58, 0.29, 0.14, 0.07), PET: (0.68, 0.40, 0.21, 0.11),
        },
    ),
    "a pore spread up to 2": (
        "pore_diameter_spread", 0.0, 2.0,
        {PS: (0.96, 0.82, 0.62, 0.45), PET: (0.97, 0.84, 0.66, 0.49)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("window", SHARES)
def test_probability_of_a_window(window: str) -> None:
    name, low, high, printed = SHARES[window]
    for composition, shares in printed.items():
        for percent, share in zip(STRETCHES, shares, strict=True):
            values = drawn(composition, percent)[name]
            assert float(np.mean((values >= low) & (values <= high))) == pytest.approx(share, abs=0.03), (
                f"{window}: {composition} at {percent} %"
            )


def test_compatibilised_pores_are_uniform() -> None:
    for composition in (SEEPS5, SEEPS75):
        for percent in STRETCHES:
            share = float(np.mean(drawn(composition, percent)["pore_diameter_spread"] <= 2.0))
            assert share >= 0.99 - 0.03, f"{composition} at {percent} %"


def test_cracks_of_bare_blends_reach_a_few_hundred_nanometres() -> None:
    """What microscopy of such films reports, and what compatibilised ones only just touch."""
    assert band(drawn(PS, 400)["crack_width_mean"], 1e9)[1] > 300.0
    assert band(drawn(SEEPS5, 100)["crack_width_mean"], 1e9)[1] < 100.0
