"""The normal distribution function."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.quantities.normal import normal_share


def test_known_shares() -> None:
    shares = normal_share(np.array([-1.6448536269514722, 0.0, 1.0, 1.959963984540054]))
    assert shares == pytest.approx([0.05, 0.5, 0.8413447460685429, 0.975], rel=1e-12)


def test_the_tails_do_not_vanish_early_and_do_not_overflow() -> None:
    assert float(normal_share(-10.0)) == pytest.approx(7.619853024160527e-24, rel=1e-9)
    assert float(normal_share(1e6)) == 1.0
    assert float(normal_share(-1e6)) == 0.0


def test_a_number_and_an_array_give_the_same() -> None:
    z = np.linspace(-5.0, 5.0, 21)
    assert normal_share(z) == pytest.approx([float(normal_share(float(x))) for x in z], rel=1e-15)
    assert normal_share(z) + normal_share(-z) == pytest.approx(np.ones(21), rel=1e-14)
    assert np.all(np.diff(normal_share(z)) > 0.0)
