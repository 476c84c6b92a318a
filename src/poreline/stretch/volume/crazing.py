"""Crazes of the matrix: nucleation, drawing, healing and closing."""

from __future__ import annotations

import math


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

    `growth` exp(L); `pressure` the elastic pressure p = K (ln J - L) less that of the constraint, MPa; `nucleation` xi p_n (MPa); psi and its slope
    from relative_pressure. p_lim = exp(L) xi p_n psi is the limit in Kirchhoff measure; L grows by (p - p_lim)/(K + p_lim').
    """
    limit = growth * nucleation * psi
    rise = max(limit + nucleation * slope, -0.5 * bulk)
    return void + max(0.0, pressure - limit) / (bulk + rise)


def healed_share(void: float, share: float, limit: float) -> float:
    """Share of a craze of void L that heals in a step: `share` of one just nucleated, nothing from L = `limit` on.

    Rigid domains hold the fibrils of a young craze stretched; where the domains flow, it heals. Closure of this model.
    """
    return share * max(0.0, 1.0 - void / limit)


def constraint_pressure(first: float, second: float, third: float) -> float:
    """Part of the mean pressure that a held or drawn width adds and that opens no craze: p - q/3, at least 0.

    `first` to `third` the mean stresses along the axes; q their equivalent stress. Crazes lie across the direction that opens
    them, and a uniform tension along their plane does not. What is left on the mean is the pressure q/3 of a draw of free width
    at the same flow stress. Closure of this model for films, whose thickness is free.
    """
    mean = (first + second + third) / 3.0
    squares = (first - second) ** 2 + (second - third) ** 2 + (third - first) ** 2
    return max(0.0, mean - math.sqrt(0.5 * squares) / 3.0)


def closed_void(void: float, log_volume: float, bulk: float, closing: float) -> float:
    """Void L after closing: the pressure in an open craze does not fall below -p_close, and L not below 0."""
    return max(0.0, min(void, log_volume + closing / bulk))
