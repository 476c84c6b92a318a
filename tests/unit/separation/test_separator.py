import numpy as np
import pytest

from poreline.quantities import from_si
from poreline.separation.separator import area_resistance, macmullin_number


def test_macmullin_number_and_area_resistance_of_the_reference_membrane():
    number = macmullin_number(0.15, 5.0)
    assert number == pytest.approx(33.3, rel=0.01)
    assert from_si(float(area_resistance(number, 50e-6, 1.0)), "ohm cm2") == pytest.approx(16.67, rel=1e-3)


def test_it_is_infinite_without_a_path():
    assert np.isinf(macmullin_number(0.0, 5.0))
