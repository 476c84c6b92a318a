"""Crazes of the matrix: nucleation, drawing, closing, and the count of crazes in a voxel."""

from __future__ import annotations


def relative_pressure(
    fraction: float, drawing_ratio: float, resistance: float, f_n: float, f_w: float, f_m: float, a_h: float
) -> float:
    """Pressure that opens a craze of this void fraction over the nucleation pressure, psi.

    psi = r_d + (k - r_d) w + a_h z^2, w = max(0, 1 - f/f_n), z = max(0, f - f_w)/(f_m - f_w). `fraction` f; `drawing_ratio`
    r_d = p_d/p_n; `resistance` k. A closure of this model: a craze is drawn at r_d once it is nucleated.
    """
    w = max(0.0, 1.0 - fraction / f_n)
    z = max(0.0, fraction - f_w) / (f_m - f_w)
    return drawing_ratio + (resistance - drawing_ratio) * w + a_h * z * z


def relative_pressure_slope(
    fraction: float, drawing_ratio: float, resistance: float, f_n: float, f_w: float, f_m: float, a_h: float
) -> float:
    """Derivative of relative_pressure by the void fraction."""
    z = max(0.0, fraction - f_w) / (f_m - f_w)
    nucleating = 1.0 if fraction < f_n else 0.0
    return (drawing_ratio - resistance) / f_n * nucleating + 2.0 * a_h * z / (f_m - f_w)


def opened_void(
    void: float, growth: float, pressure: float, bulk: float, nucleation: float, psi: float, slope: float
) -> float:
    """Void L = ln Jp after one linearised implicit step of opening.

    `growth` exp(L); `pressure` the elastic pressure p = K (ln J - L), MPa; `nucleation` xi p_n (MPa); psi and its slope
    from relative_pressure. p_lim = exp(L) xi p_n psi is the limit in Kirchhoff measure; L grows by (p - p_lim)/(K + p_lim').
    """
    limit = growth * nucleation * psi
    rise = max(limit + nucleation * slope, -0.5 * bulk)
    return void + max(0.0, pressure - limit) / (bulk + rise)


def closed_void(void: float, log_volume: float, bulk: float, closing: float) -> float:
    """Void L after closing: the pressure in an open craze does not fall below -p_close, and L not below 0."""
    return max(0.0, min(void, log_volume + closing / bulk))
