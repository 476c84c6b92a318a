"""Exponential and logarithm of the law: the plain ones, and float32 ones that a loop over voxels can be vectorised with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_LOG2_E = 1.44269504
_LN2_HIGH = 0.693359375  # few digits: its product with a small whole number is exact
_LN2_LOW = -2.12194440e-4
_SQRT_HALF_BITS = 0x3F3504F3
_THIRD = 0.3333333333
_FOUR_THIRDS = 1.3333333333
_GUESS = 1419910000.0
_ROUNDING = 127.5  # the bias of float32's exponent, and a half to round to the nearest


def exponential(x: float) -> float:
    """exp(x)."""
    return math.exp(x)


def logarithm(x: float) -> float:
    """Natural logarithm of x > 0."""
    return math.log(x)


def inverse_cube_root(x: float) -> float:
    """x^(-1/3) of x > 0."""
    return x ** (-1.0 / 3.0)


def inverse_cube_root_float32(x: Any) -> Any:
    """x^(-1/3) of a normal positive float32 by a linear guess of its bits and three steps of Newton; relative error 2e-7.

    The constant of the guess is the one that leaves least error after one step, .0023.
    """
    bits = np.float32(np.float32(x).view(np.int32))
    y = np.int32(_GUESS - bits * _THIRD).view(np.float32)
    third = x * _THIRD
    for _ in range(3):
        y = y * (_FOUR_THIRDS - third * (y * y * y))
    return y


def exponential_float32(x: Any) -> Any:
    """exp(x) in float32 for |x| < 87 by powers of two and a polynomial, without a call or a branch; relative error 2e-7.

    Source of the polynomial: Cephes library (Moshier 1992), expf.
    """
    whole = np.int32(x * _LOG2_E + _ROUNDING)
    power = np.float32(whole) - 127.0
    r = x - power * _LN2_HIGH
    r = r - power * _LN2_LOW
    series: Any = 1.9875691500e-4
    series = series * r + 1.3981999507e-3
    series = series * r + 8.3334519073e-3
    series = series * r + 4.1665795894e-2
    series = series * r + 1.6666665459e-1
    series = series * r + 5.0000001201e-1
    series = series * r * r + r + 1.0
    return series * np.int32(whole << 23).view(np.float32)


def logarithm_float32(x: Any) -> Any:
    """Natural logarithm of a normal positive float32 by its exponent and a polynomial; error 1e-7 of max(1, |log x|).

    Source of the polynomial: Cephes library (Moshier 1992), logf.
    """
    bits = np.float32(x).view(np.int32)
    power = np.int32(np.int32(bits - _SQRT_HALF_BITS) >> 23)
    t = np.int32(bits - np.int32(power << 23)).view(np.float32) - 1.0
    z = t * t
    series: Any = 7.0376836292e-2
    series = series * t - 1.1514610310e-1
    series = series * t + 1.1676998740e-1
    series = series * t - 1.2420140846e-1
    series = series * t + 1.4249322787e-1
    series = series * t - 1.6668057665e-1
    series = series * t + 2.0000714765e-1
    series = series * t - 2.4999993993e-1
    series = series * t + 3.3333331174e-1
    y = series * t * z
    whole = np.float32(power)
    y = y + whole * _LN2_LOW
    y = y - 0.5 * z
    return (t + y) + whole * _LN2_HIGH
