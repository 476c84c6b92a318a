import numpy as np
import pytest

from poreline.separation.mechanics import strength_machine, youngs_modulus_machine, youngs_modulus_transverse


def test_modulus_of_stretched_polypropylene():
    assert youngs_modulus_machine(1.4e9, 3.0, 0.119) == pytest.approx(3.26e9, rel=1e-3)
    assert youngs_modulus_transverse(1.4e9, 0.119) == pytest.approx(0.7 * 1.4e9 * 0.881**3)


def test_the_modulus_stops_growing_at_a_stretch_ratio_of_five():
    moduli = youngs_modulus_machine(1.4e9, np.array([4.0, 5.0, 7.0]), 0.1)
    assert moduli[0] < moduli[1] == moduli[2]


def test_strength_is_the_flow_stress_on_the_section_without_pores(materials):
    drawing = materials.polymer("PP").drawing
    strength = strength_machine(drawing, 3.0, 0.0)
    expected = drawing.yield_stress(0.05, 296.15) + 1.8e6 * (9.0 - 1.0 / 3.0)
    assert strength == pytest.approx(expected, rel=1e-6)
    assert strength_machine(drawing, 3.0, 0.2) == pytest.approx(expected * 0.8**1.5)
