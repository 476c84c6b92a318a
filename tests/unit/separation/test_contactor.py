import numpy as np
import pytest

from poreline.separation.contactor import membrane_coefficient, overall_coefficient
from poreline.separation.gas import knudsen_diffusivity, pore_diffusivity

CARBON_DIOXIDE = 44.0095e-3


def test_pores_that_hold_gas_pass_a_thousand_times_more_than_pores_that_hold_liquid():
    gas = pore_diffusivity(knudsen_diffusivity(20e-9, CARBON_DIOXIDE, 298.15), 1.6e-5)
    dry, wet = membrane_coefficient(gas, 0.03, 50e-6), membrane_coefficient(1.92e-9, 0.03, 50e-6)
    assert dry == pytest.approx(1.308e-3, rel=1e-3)
    assert wet == pytest.approx(1.152e-6, rel=1e-3)
    assert dry / wet == pytest.approx(1136, rel=1e-3)


def test_resistances_add_up():
    overall = overall_coefficient(1e-3, 2e-2, 1e-4, 0.83)
    assert 1.0 / overall == pytest.approx(1.0 / 2e-2 + 1.0 / 1e-3 + 1.0 / (0.83 * 1e-4))


def test_a_side_without_resistance_leaves_the_membrane_alone():
    assert overall_coefficient(1e-3, None, None, 0.83) == pytest.approx(1e-3)


def test_liquid_in_the_pores_counts_like_the_liquid_side():
    # Two equal liquid layers in series, one of them in the membrane.
    assert overall_coefficient(1e-4, None, 1e-4, 0.83, pores_hold_liquid=True) == pytest.approx(0.5 * 0.83e-4)


def test_nothing_passes_a_closed_membrane():
    assert list(overall_coefficient(np.array([0.0, 1e-3]), None, None, 0.83)) == pytest.approx([0.0, 1e-3])
    assert overall_coefficient(0.0, 1e-2, 1e-4, 0.83) == 0.0
