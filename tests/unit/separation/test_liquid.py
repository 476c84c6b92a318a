import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.quantities import from_si, to_si
from poreline.separation.liquid import enters, permeance_liquid

METHANOL = 5.44e-4


def permeance(**changes):
    usual = {"conductance": 0.02, "thickness": 50e-6, "pore_diameter": 20e-9, "viscosity": METHANOL}
    return permeance_liquid(**(usual | changes))


def test_methanol_through_slits_and_cylinders():
    assert from_si(float(permeance(viscous_constant=48.0)), "L/(m2 h bar)") == pytest.approx(2.206, rel=1e-3)
    assert from_si(float(permeance(viscous_constant=32.0)), "L/(m2 h bar)") == pytest.approx(3.309, rel=1e-3)


def test_unit_of_liquid_permeance():
    assert 1.0 / to_si(1.0, "L/(m2 h bar)") == pytest.approx(3.6e11)


@given(diameter=st.floats(1e-10, 1e-6), factor=st.floats(1.0, 10.0))
def test_permeance_grows_with_the_pores(diameter, factor):
    assert permeance(pore_diameter=factor * diameter) >= permeance(pore_diameter=diameter)


@given(thickness=st.floats(1e-7, 1e-3), factor=st.floats(0.1, 10.0))
def test_permeance_is_inverse_to_thickness(thickness, factor):
    assert permeance(thickness=thickness) == pytest.approx(factor * permeance(thickness=factor * thickness))


def test_the_bound_layer_closes_the_narrowest_pores():
    assert permeance(pore_diameter=0.5e-9) == 0.0
    assert permeance(pore_diameter=4e-9) == pytest.approx(permeance() * (3.4 / 20.0) ** 2)


def test_a_liquid_enters_if_it_wets_is_pressed_or_was_brought_in():
    right_angle = 0.5 * np.pi
    assert enters(0.0, -1e6, 1e5)
    assert not enters(right_angle + 0.3, 2e6, 1e5)
    assert enters(right_angle + 0.3, 2e6, 2.1e6)
    assert enters(right_angle + 0.3, 2e6, 1e5, prewetted=True)
    assert list(enters(np.array([0.1, 2.0]), np.array([-1e6, 1e6]), 1e5)) == [True, False]
    assert list(enters(np.array([0.1, 2.0]), np.array([-1e6, 1e6]), 1e5, prewetted=True)) == [True, True]
