import numpy as np
import pytest

from poreline.separation.root import bracketed_root


def test_finds_the_roots_of_many_functions_at_once():
    target = np.linspace(0.1, 50.0, 40)
    root = bracketed_root(lambda x: x**3 - target, np.zeros(40), np.full(40, 10.0))
    assert root == pytest.approx(np.cbrt(target), rel=1e-8)


def test_is_nan_without_a_change_of_sign():
    root = bracketed_root(lambda x: x**2 - np.array([1.0, -1.0]), np.zeros(2), np.full(2, 3.0))
    assert root[0] == pytest.approx(1.0)
    assert np.isnan(root[1])


def test_a_root_at_an_end_of_the_bracket_is_found():
    assert bracketed_root(lambda x: x - 1.0, 0.0, 1.0) == pytest.approx(1.0)
    assert bracketed_root(lambda x: x, 0.0, 1.0) == pytest.approx(0.0, abs=1e-9)
