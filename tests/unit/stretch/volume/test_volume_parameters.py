"""The numbers of the law for polystyrene in polypropylene, against values worked out by hand from the formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.stretch.volume.volumes import COLD, HOT, parameters

from poreline.quantities.constants import ZERO_CELSIUS
from poreline.stretch.volume import properties as p

# E 1483.4 and 399.2 MPa, nu .2528 and .4335; E_d 3224 and 2679.7 MPa, nu .3209 and .3511; hardening 1.824 and 1.28 MPa.
MATRIX = {
    p.BULK_MODULUS: (1000.0, 1000.0),
    p.SHEAR_MODULUS: (592.08, 139.28),
    p.ACTIVATION_STRESS: (1.1904, 1.4665),
    p.NETWORK_MODULUS: (0.5472, 0.3840),
    p.HARDENING_MODULUS: (1.2768, 0.8960),
    p.RESIDUAL_MODULUS: (0.05, 0.05),
    p.HOURGLASS_STIFFNESS: (0.09670, 0.08650),
    p.HOURGLASS_LEAST: (0.0025, 0.0025),
    p.NUCLEATION_PRESSURE: (14.0, 14.0),
    p.DRAWING_RATIO: (1.0, 0.3681),
    p.ELONGATION_RESISTANCE: (0.05, 0.05),
    p.BREAK_STRETCH: (math.sqrt(90.0), math.sqrt(90.0)),
    p.BREAK_GROWTH: (20.0, 20.0),
    p.BREAK_RATE: (0.6, 0.6),
    p.DEBONDING_RATE: (2.4, 2.4),
    # Fibrils 11.335 and 16.658 nm apart at 0.01 1/s; a craze per micrometre is 1/D0, hot by r_d^4 less.
    p.CRAZE_RATE: (88.22, 1.102),
    p.CRAZE_SPACING_LOG: (math.log(11.335), math.log(16.658)),
}
DOMAIN = {
    p.BULK_MODULUS: (3000.0, 3000.0),
    p.SHEAR_MODULUS: (1220.4, 991.64),
    p.ACTIVATION_STRESS: (4.0474, 4.9862),
    p.NETWORK_MODULUS: (1.0, 1.0),
    p.HARDENING_MODULUS: (3.0, 3.0),
    p.RESIDUAL_MODULUS: (0.05, 0.05),
    p.HOURGLASS_STIFFNESS: (5.0375, 4.1870),
    p.BREAK_RATE: (0.0, 0.0),
    p.CRAZE_RATE: (0.0, 0.0),
}


@pytest.mark.parametrize(("row", "numbers"), [(p.MATRIX, MATRIX), (p.DOMAIN, DOMAIN)])
def test_every_number_of_a_phase_is_that_of_its_formula(row: int, numbers: dict[int, tuple[float, float]]) -> None:
    for column, temperature in enumerate((COLD, HOT)):
        table = parameters().table(temperature, 0.01)
        for name, expected in numbers.items():
            assert table[row, name] == pytest.approx(expected[column], rel=1e-3), (name, temperature)


def test_a_domain_never_crazes_and_a_bare_layer_is_matrix_with_a_strength() -> None:
    table = parameters().table(COLD, 0.01)
    assert table[p.DOMAIN, p.NUCLEATION_PRESSURE] > 1e20
    assert table[p.LAYER, p.INTERFACE_STRENGTH] == 20.0
    assert table[p.MATRIX, p.INTERFACE_STRENGTH] > 1e20
    same = [name for name in MATRIX if name != p.INTERFACE_STRENGTH]
    np.testing.assert_array_equal(table[p.LAYER, same], table[p.MATRIX, same])


def test_rates_of_flow_are_those_of_eyring() -> None:
    # Matrix exp(59.8 - 227400/(R T)); domain 1e-3/sinh(s/A) with s = 77 and 15.8 MPa.
    assert parameters().rate_constants(COLD)[:2] == pytest.approx([2.835e-15, 1.0932e-11], rel=1e-3)
    assert parameters().rate_constants(HOT)[:2] == pytest.approx([1.2068e-7, 8.426e-5], rel=1e-3)


def test_the_numbers_common_to_all_phases_are_those_of_the_law() -> None:
    common = parameters().common()
    names = p.NUCLEATION_FRACTION, p.WIDENING_FRACTION, p.LARGEST_FRACTION, p.WIDENING_HARDENING, p.CLOSING_PRESSURE
    assert common[list(names)] == pytest.approx([0.05, 0.1, 0.6, 1.0, 0.5])
    assert common[p.HEALING_LIMIT] == pytest.approx(-math.log(0.6))


def test_a_shell_is_softer_by_its_share_of_the_layer() -> None:
    from poreline.stretch.volume.parameters import Shell

    table = parameters(shell=Shell(10e-9, 60e-9)).table(COLD, 0.01)
    assert table[p.LAYER, p.SHEAR_MODULUS] == pytest.approx(1.0 / (1.0 / 24.0 + 5.0 / 6.0 / 592.08), rel=1e-3)
    assert table[p.LAYER, p.NUCLEATION_PRESSURE] == 14.0  # a rubber as thin as this would need 22 MPa
    resolved = parameters(shell=Shell(10e-9, 5e-9))
    assert resolved.table(COLD, 0.01)[p.LAYER, p.SHEAR_MODULUS] == pytest.approx(4.0)
    assert resolved.table(COLD, 0.01)[p.LAYER, p.NETWORK_MODULUS] == pytest.approx(2.0)
    assert resolved.table(HOT, 0.01)[p.LAYER, p.DRAWING_RATIO] == 1.0
    assert resolved.rate_constants(COLD)[p.LAYER] == 0.0


def test_crazes_heal_where_the_domains_flow_and_are_nucleated_again_there() -> None:
    rates = [parameters().healing_rate(ZERO_CELSIUS + t) for t in (20.0, 88.0, 94.0, 100.0, 105.0)]
    assert rates[0] == 0.0
    # Anneals and hot draws below the glass transition of polystyrene leave crazes alone.
    assert rates[1] * 100.0 < 1e-3
    assert rates[2] * 600.0 < 0.04
    assert rates[3] == pytest.approx(0.01)
    assert 1.0 / rates[4] == pytest.approx(2.9, rel=0.02)
    ratios = [parameters().table(ZERO_CELSIUS + t, 0.01)[p.MATRIX, p.DRAWING_RATIO] for t in (88.0, 97.0, 105.0)]
    assert ratios[0] < 0.37
    assert 0.6 < ratios[1] < 0.7
    assert ratios[2] > 0.999
