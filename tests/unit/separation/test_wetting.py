import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.separation.wetting import bubble_point_pressure, entry_pressure, largest_pore, pore_opening

WATER_ON_POLYPROPYLENE = np.deg2rad(107.0)

openings = st.floats(1e-9, 1e-5)
angles = st.floats(0.0, np.pi)


def test_entry_pressure_of_water():
    assert entry_pressure(0.072, WATER_ON_POLYPROPYLENE, 20e-9, "cylinder") == pytest.approx(42.1e5, rel=1e-3)
    assert entry_pressure(0.072, WATER_ON_POLYPROPYLENE, 20e-9, "slit") == pytest.approx(21.05e5, rel=1e-3)


def test_bubble_point_of_methanol():
    assert bubble_point_pressure(22.1e-3, 0.0, 20e-9, "cylinder") == pytest.approx(44.2e5, rel=1e-3)


@given(opening=openings, angle=angles)
def test_a_slit_is_entered_at_half_the_pressure_of_a_cylinder_of_the_same_opening(opening, angle):
    slit, cylinder = (entry_pressure(0.05, angle, opening, shape) for shape in ("slit", "cylinder"))
    assert slit == pytest.approx(0.5 * cylinder)


@given(diameter=openings, angle=angles)
def test_a_slit_is_entered_at_the_pressure_of_a_cylinder_of_the_same_hydraulic_diameter(diameter, angle):
    slit, cylinder = (
        entry_pressure(0.05, angle, pore_opening(diameter, shape), shape) for shape in ("slit", "cylinder")
    )
    assert slit == pytest.approx(cylinder)


@given(opening=openings, angle=angles)
def test_entry_pressure_is_positive_exactly_where_the_liquid_does_not_wet(opening, angle):
    pressure = entry_pressure(0.05, angle, opening, "cylinder")
    assert (pressure > 0.0) == (np.cos(angle) < 0.0)
    assert bubble_point_pressure(0.05, angle, opening, "cylinder") == -pressure


def test_the_largest_pores_are_entered_first():
    assert largest_pore(20e-9, 1.3) == pytest.approx(33.8e-9)
    narrow, wide = (
        entry_pressure(0.072, WATER_ON_POLYPROPYLENE, largest_pore(20e-9, spread), "cylinder") for spread in (1.0, 1.5)
    )
    assert wide == pytest.approx(narrow / 2.25)


def test_no_opening_is_never_entered():
    assert np.isinf(entry_pressure(0.072, WATER_ON_POLYPROPYLENE, 0.0, "slit"))
