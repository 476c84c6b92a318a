"""The units that membrane engineers print, against their definitions."""

from __future__ import annotations

import pytest

from poreline.quantities import to_si

# 22414 cm3(STP) is one mole and 1 cmHg 1333.22 Pa; both are conventions, so the numbers are exact to the printed digits.
BARRER = 1e-10 * (1e-6 / 22414e-6) * 1e-2 / (1e-4 * 1333.22)
PRINTED = 1e-4


def test_one_barrer() -> None:
    assert to_si(1.0, "barrer") == pytest.approx(BARRER, rel=1e-12)
    assert to_si(1.0, "barrer") == pytest.approx(3.3464e-16, rel=PRINTED)


def test_one_gpu_is_a_million_barrer_per_metre() -> None:
    assert to_si(1.0, "GPU") == pytest.approx(3.3464e-10, rel=PRINTED)
    assert to_si(1.0, "GPU") == pytest.approx(to_si(1.0, "barrer") / 1e-6, rel=1e-12)


def test_the_unit_of_food_packaging_tables() -> None:
    """One cm3(STP) mil/(100 in2 day atm) is 0.006 barrer: oxygen barriers of PP and PS are tabulated in it."""
    packaging = to_si(1.0, "mol mil/(in2 d atm)") / 22414.0 / 100.0
    assert packaging / to_si(1.0, "barrer") == pytest.approx(0.00600, rel=0.01)


def test_a_litre_per_square_metre_hour_and_bar() -> None:
    assert to_si(1.0, "L/(m2 h bar)") == pytest.approx(1.0 / 3.6e11, rel=1e-12)
