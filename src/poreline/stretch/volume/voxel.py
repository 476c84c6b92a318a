"""The law of one voxel: from its deformation gradient and state to its new state and its stress.

Kirchhoff stress throughout; no eigenvalues. Compressible elasticity on the unimodular elastic metric be, flow of its
deviator, void volume L that opens at a pressure, a network stress that never relaxes, and damage D.
"""

from __future__ import annotations

import math
from typing import Any

from poreline.stretch.volume.arithmetic import exponential, inverse_cube_root, logarithm
from poreline.stretch.volume.crazing import (
    closed_void,
    healed_share,
    opened_void,
    relative_pressure,
    relative_pressure_slope,
)
from poreline.stretch.volume.debonding import broken_share, integrity
from poreline.stretch.volume.flow import orientation_hindrance, stress_estimate, stress_left
from poreline.stretch.volume.properties import (
    BREAK_GROWTH,
    BREAK_RATE,
    BREAK_STRETCH,
    BREAKING_INCREMENT,
    BULK_MODULUS,
    CLOSING_PRESSURE,
    CONSTRAINT_PRESSURE,
    CRAZE_RATE,
    CRAZE_SPACING_LOG,
    DEBONDING_RATE,
    DRAWING_RATIO,
    ELONGATION_RESISTANCE,
    HEALED_SHARE,
    HEALING_LIMIT,
    HOURGLASS_LEAST,
    HOURGLASS_STIFFNESS,
    INTERFACE_STRENGTH,
    LARGEST_FRACTION,
    MASS_SCALE,
    NETWORK_MODULUS,
    NUCLEATION_FRACTION,
    NUCLEATION_PRESSURE,
    REFERENCE_CHANGE,
    RELATIVE_FLOW,
    RELATIVE_HARDENING,
    RELATIVE_SHEAR,
    RESIDUAL_MODULUS,
    SHEAR_MODULUS,
    WIDENING_FRACTION,
    WIDENING_HARDENING,
    choose,
)

_TINY = 1e-20
_LEAST_VOLUME = 0.05  # det F below which a voxel counts as crushed


def deform(gradient: Any, metric: Any) -> Any:
    """What a deformation does to a voxel before anything in it yields.

    `gradient` F, 9 numbers row by row; `metric` Cp (xx, yy, zz, xy, xz, yz). Returns the product F Cp, 9 numbers, and (mean of
    be, det F, ln J, J^-2/3, tr(B)/3, e:e, dev B:dev B, e:dev B, det e), with e = dev be, be = J^-2/3 F Cp F^T, B = F F^T,
    J = max(det F, 0.05).
    """
    f11, f12, f13, f21, f22, f23, f31, f32, f33 = gradient
    g11, g22, g33, g12, g13, g23 = metric
    determinant = f11 * (f22 * f33 - f23 * f32) + f12 * (f23 * f31 - f21 * f33) + f13 * (f21 * f32 - f22 * f31)
    volume = max(determinant, _LEAST_VOLUME)
    log_volume = logarithm(volume)
    root = inverse_cube_root(volume)
    shrink = root * root

    m11 = f11 * g11 + f12 * g12 + f13 * g13
    m12 = f11 * g12 + f12 * g22 + f13 * g23
    m13 = f11 * g13 + f12 * g23 + f13 * g33
    m21 = f21 * g11 + f22 * g12 + f23 * g13
    m22 = f21 * g12 + f22 * g22 + f23 * g23
    m23 = f21 * g13 + f22 * g23 + f23 * g33
    m31 = f31 * g11 + f32 * g12 + f33 * g13
    m32 = f31 * g12 + f32 * g22 + f33 * g23
    m33 = f31 * g13 + f32 * g23 + f33 * g33
    e11 = shrink * (m11 * f11 + m12 * f12 + m13 * f13)
    e22 = shrink * (m21 * f21 + m22 * f22 + m23 * f23)
    e33 = shrink * (m31 * f31 + m32 * f32 + m33 * f33)
    e12 = shrink * (m11 * f21 + m12 * f22 + m13 * f23)
    e13 = shrink * (m11 * f31 + m12 * f32 + m13 * f33)
    e23 = shrink * (m21 * f31 + m22 * f32 + m23 * f33)
    mean = (e11 + e22 + e33) * (1.0 / 3.0)
    e11 = e11 - mean
    e22 = e22 - mean
    e33 = e33 - mean

    b11 = f11 * f11 + f12 * f12 + f13 * f13
    b22 = f21 * f21 + f22 * f22 + f23 * f23
    b33 = f31 * f31 + f32 * f32 + f33 * f33
    b12 = f11 * f21 + f12 * f22 + f13 * f23
    b13 = f11 * f31 + f12 * f32 + f13 * f33
    b23 = f21 * f31 + f22 * f32 + f23 * f33
    spread = (b11 + b22 + b33) * (1.0 / 3.0)
    d11 = b11 - spread
    d22 = b22 - spread
    d33 = b33 - spread

    ee = e11 * e11 + e22 * e22 + e33 * e33 + 2.0 * (e12 * e12 + e13 * e13 + e23 * e23)
    dd = d11 * d11 + d22 * d22 + d33 * d33 + 2.0 * (b12 * b12 + b13 * b13 + b23 * b23)
    ed = e11 * d11 + e22 * d22 + e33 * d33 + 2.0 * (e12 * b12 + e13 * b13 + e23 * b23)
    third = e11 * (e22 * e33 - e23 * e23) - e12 * (e12 * e33 - e23 * e13) + e13 * (e12 * e23 - e22 * e13)
    return (
        (m11, m12, m13, m21, m22, m23, m31, m32, m33),
        (mean, determinant, log_volume, shrink, spread, ee, dd, ed, third),
    )


def open_crazes(measures: Any, inner: Any, scatter: float, kinds: Any, phases: Any, common: Any) -> Any:
    """Healing and opening of the crazes of a voxel.

    `measures` (ln J, J^-2/3, tr(B)/3) from deform; `inner` (L, C, Q); `scatter` xi; `kinds` (in domain, in layer); `phases` what
    phase_of gives for matrix, domain and layer; `common` numbers of the step. Returns exp(-L) and exp(L) before the opening, and
    (L, C, Q) with L after it.
    """
    log_volume, shrink, spread = measures
    void, count, spacing = inner
    in_domain, in_layer = kinds
    matrix, domain, layer = phases

    # Crazes heal one by one: the others keep their width.
    left_open = 1.0 - healed_share(void, common[HEALED_SHARE], common[HEALING_LIMIT])
    void = void * left_open

    dense = exponential(-void)
    fraction = 1.0 - dense
    growth = 1.0 / dense
    bulk = choose(BULK_MODULUS, in_domain, in_layer, matrix, domain, layer)
    k_o = choose(ELONGATION_RESISTANCE, in_domain, in_layer, matrix, domain, layer)
    drawing = choose(DRAWING_RATIO, in_domain, in_layer, matrix, domain, layer)
    resistance = 1.0 + k_o * max(0.0, shrink * spread - 1.0)
    nucleation = scatter * choose(NUCLEATION_PRESSURE, in_domain, in_layer, matrix, domain, layer)
    f_n = common[NUCLEATION_FRACTION]
    f_w = common[WIDENING_FRACTION]
    f_m = common[LARGEST_FRACTION]
    a_h = common[WIDENING_HARDENING]
    psi = relative_pressure(fraction, drawing, resistance, f_n, f_w, f_m, a_h)
    slope = relative_pressure_slope(fraction, drawing, resistance, f_n, f_w, f_m, a_h)
    driving = bulk * (log_volume - void) - common[CONSTRAINT_PRESSURE]
    opened = opened_void(void, growth, driving, bulk, nucleation, psi, slope)
    return (dense, growth), (opened, count * left_open, spacing * left_open)


def close_crazes(log_volume: float, growth: float, inner: Any, kinds: Any, phases: Any, common: Any) -> Any:
    """Closing of the crazes of a voxel, and the count of those that are new.

    `growth` exp(L) before and `inner` (L, C, Q) after open_crazes. Returns (pressure p in MPa, exp(-L)) and the new (L, C, Q).
    """
    void, count, spacing = inner
    in_domain, in_layer = kinds
    matrix, domain, layer = phases
    bulk = choose(BULK_MODULUS, in_domain, in_layer, matrix, domain, layer)
    void = closed_void(void, log_volume, bulk, common[CLOSING_PRESSURE])
    dense = exponential(-void)
    new = max(0.0, 1.0 / dense - growth) * choose(CRAZE_RATE, in_domain, in_layer, matrix, domain, layer)
    count = count + new
    spacing = spacing + new * choose(CRAZE_SPACING_LOG, in_domain, in_layer, matrix, domain, layer)
    return (bulk * (log_volume - void), dense), (void, count, spacing)


def flow_load(measures: Any, dense: float, kinds: Any, phases: Any) -> Any:
    """What the flow of the deviator starts from, as stress_left wants it: trial stress and hindrance over the activation stress.

    `measures` (mean of be, J^-2/3, e:e, dev B:dev B, e:dev B) from deform; `dense` exp(-L) before the step: its square makes a craze
    carry the flow stress in Cauchy measure. What is left of the stress is left of the deviator: a radial return.
    """
    mean, shrink, ee, dd, ed = measures
    in_domain, in_layer = kinds
    matrix, domain, layer = phases
    of_elastic = math.sqrt(ee + _TINY)
    of_network = math.sqrt(dd + _TINY)
    hindered = orientation_hindrance(
        choose(RELATIVE_HARDENING, in_domain, in_layer, matrix, domain, layer) * shrink * of_network,
        ed / (of_elastic * of_network),
    )
    shear = choose(RELATIVE_SHEAR, in_domain, in_layer, matrix, domain, layer)
    shear = shear * choose(REFERENCE_CHANGE, in_domain, in_layer, matrix, domain, layer)
    rate = choose(RELATIVE_FLOW, in_domain, in_layer, matrix, domain, layer) * mean * dense * dense
    return shear * dense * of_elastic + 1e-12, max(rate * exponential(-hindered), 1e-34)


def respond(
    gradient: Any,
    product: Any,
    metric: Any,
    measures: Any,
    yielded: Any,
    broken: float,
    kinds: Any,
    phases: Any,
    common: Any,
) -> Any:
    """Stress and new inverse plastic metric of a voxel, of which the share `broken` D is broken.

    `product` and `measures` from deform, `metric` Cp before, `yielded` (share left of the trial stress, pressure in MPa, exp(-L)). Returns Cp, the
    first Piola-Kirchhoff stress P row by row (MPa), and (hourglass stiffness, element mass, void volume J f).

    tau = g mu r e + (G_e g + G_res)(B - 1) + p 1 and P = tau F^-T. Since be F^-T = J^-2/3 F Cp and B F^-T = F, neither be nor B is
    needed. Likewise be = r e + mean 1 means Cp = r Cp + (1 - r) mean J^2/3 C^-1, C = F^T F, before it is made unimodular.
    """
    f11, f12, f13, f21, f22, f23, f31, f32, f33 = gradient
    m11, m12, m13, m21, m22, m23, m31, m32, m33 = product
    g11, g22, g33, g12, g13, g23 = metric
    mean, determinant, _, shrink, spread, ee, third = measures
    left, pressure, dense = yielded
    in_domain, in_layer = kinds
    matrix, domain, layer = phases

    # Cofactors: det F times F^-T; and C^-1.
    c11 = f22 * f33 - f23 * f32
    c12 = f23 * f31 - f21 * f33
    c13 = f21 * f32 - f22 * f31
    c21 = f32 * f13 - f33 * f12
    c22 = f33 * f11 - f31 * f13
    c23 = f31 * f12 - f32 * f11
    c31 = f12 * f23 - f13 * f22
    c32 = f13 * f21 - f11 * f23
    c33 = f11 * f22 - f12 * f21
    volume = max(determinant, _LEAST_VOLUME)
    inverse = 1.0 / volume
    squared = inverse * inverse
    i11 = squared * (c11 * c11 + c21 * c21 + c31 * c31)
    i22 = squared * (c12 * c12 + c22 * c22 + c32 * c32)
    i33 = squared * (c13 * c13 + c23 * c23 + c33 * c33)
    i12 = squared * (c11 * c12 + c21 * c22 + c31 * c32)
    i13 = squared * (c11 * c13 + c21 * c23 + c31 * c33)
    i23 = squared * (c12 * c13 + c22 * c23 + c32 * c33)

    # Compression is never weakened.
    shear = choose(SHEAR_MODULUS, in_domain, in_layer, matrix, domain, layer)
    g = integrity(broken)
    relaxed = left * choose(REFERENCE_CHANGE, in_domain, in_layer, matrix, domain, layer)
    # A torn voxel remembers nothing: be = 1. It may be drawn a hundredfold, and its be is then rounding error only.
    torn = broken >= 1.0
    relaxed = 0.0 if torn else relaxed
    mean = 1.0 if torn else mean
    pressure = g * pressure if pressure > 0.0 else pressure
    elastic = choose(NETWORK_MODULUS, in_domain, in_layer, matrix, domain, layer) * g
    elastic = elastic + choose(RESIDUAL_MODULUS, in_domain, in_layer, matrix, domain, layer)
    own = g * shear * relaxed
    isotropic = (pressure - elastic - own * mean) * inverse
    own = own * shrink
    p11 = own * m11 + elastic * f11 + isotropic * c11
    p12 = own * m12 + elastic * f12 + isotropic * c12
    p13 = own * m13 + elastic * f13 + isotropic * c13
    p21 = own * m21 + elastic * f21 + isotropic * c21
    p22 = own * m22 + elastic * f22 + isotropic * c22
    p23 = own * m23 + elastic * f23 + isotropic * c23
    p31 = own * m31 + elastic * f31 + isotropic * c31
    p32 = own * m32 + elastic * f32 + isotropic * c32
    p33 = own * m33 + elastic * f33 + isotropic * c33

    # The determinant of r e + mean 1: of a deviator the second invariant is -e:e/2.
    unity = mean * (mean * mean - 0.5 * relaxed * relaxed * ee) + relaxed * relaxed * relaxed * third
    unity = 1.0 if torn else unity
    back = inverse_cube_root(max(unity, _LEAST_VOLUME))
    kept = back * relaxed
    fresh = back * (1.0 - relaxed) * mean / shrink
    g11 = kept * g11 + fresh * i11
    g22 = kept * g22 + fresh * i22
    g33 = kept * g33 + fresh * i33
    g12 = kept * g12 + fresh * i12
    g13 = kept * g13 + fresh * i13
    g23 = kept * g23 + fresh * i23

    # Hourglass stiffness at the plastic tangent, and the mass that a fictitious time step of 1 needs
    hourglass = max(
        choose(HOURGLASS_STIFFNESS, in_domain, in_layer, matrix, domain, layer) * g * (0.1 + 0.9 * dense),
        choose(HOURGLASS_LEAST, in_domain, in_layer, matrix, domain, layer),
    )
    tangent = (
        choose(BULK_MODULUS, in_domain, in_layer, matrix, domain, layer) + 2.0 * shear * mean + elastic * 3.0 * spread
    )
    mass = common[MASS_SCALE] * (tangent * (i11 + i22 + i33) + 48.0 * hourglass)
    return (
        (g11, g22, g33, g12, g13, g23),
        (p11, p12, p13, p21, p22, p23, p31, p32, p33),
        (hourglass, mass, volume - volume * dense),
    )


def fibril_opening(spread: float, dense: float, kinds: Any, phases: Any) -> float:
    """Opening of long or nearly empty fibrils beyond their break, over the opening that a break takes.

    `spread` tr(B)/3, `dense` exp(-L).
    """
    in_domain, in_layer = kinds
    matrix, domain, layer = phases
    long = math.sqrt(3.0 * spread) - choose(BREAK_STRETCH, in_domain, in_layer, matrix, domain, layer)
    empty = 1.0 / dense - choose(BREAK_GROWTH, in_domain, in_layer, matrix, domain, layer)
    return max(long, empty) * choose(BREAK_RATE, in_domain, in_layer, matrix, domain, layer)


def interface_opening(
    gradient: Any, stress: Any, broken: float, normal: Any, strength: float, rate: float, may_debond: bool
) -> float:
    """Opening of a layer along its normal over the opening that debonding takes; 0 where it holds.

    `stress` P row by row, MPa; `normal` N of the layer in the reference configuration; `strength` normal traction that starts
    the debonding, MPa, compared with the stress before anything is broken; `rate` edge of the voxel over that opening. The
    normal traction is n.sigma.n = v.P N/v.v, v = det F F^-T N.
    """
    f11, f12, f13, f21, f22, f23, f31, f32, f33 = gradient
    p11, p12, p13, p21, p22, p23, p31, p32, p33 = stress
    n1, n2, n3 = normal
    v1 = (f22 * f33 - f23 * f32) * n1 + (f23 * f31 - f21 * f33) * n2 + (f21 * f32 - f22 * f31) * n3
    v2 = (f32 * f13 - f33 * f12) * n1 + (f33 * f11 - f31 * f13) * n2 + (f31 * f12 - f32 * f11) * n3
    v3 = (f12 * f23 - f13 * f22) * n1 + (f13 * f21 - f11 * f23) * n2 + (f11 * f22 - f12 * f21) * n3
    traction = v1 * (p11 * n1 + p12 * n2 + p13 * n3)
    traction = traction + v2 * (p21 * n1 + p22 * n2 + p23 * n3)
    traction = traction + v3 * (p31 * n1 + p32 * n2 + p33 * n3)
    reached = traction > strength * (v1 * v1 + v2 * v2 + v3 * v3)
    x1 = f11 * n1 + f12 * n2 + f13 * n3
    x2 = f21 * n1 + f22 * n2 + f23 * n3
    x3 = f31 * n1 + f32 * n2 + f33 * n3
    apart = (math.sqrt(x1 * x1 + x2 * x2 + x3 * x3) - 1.0) * rate
    return apart if may_debond & (reached | (broken > 0.0)) else 0.0


def advance(gradient: Any, state: Any, normal: Any, scatter: float, kinds: Any, phases: Any, common: Any) -> Any:
    """New state, stress and stiffness of a voxel after one step: the laws above after one another.

    `state` Cp (xx, yy, zz, xy, xz, yz), L, D, C, Q; `kinds` (in domain, in layer, may debond); the rest as above. What breaks in
    a step weakens the stress of the next. Returns (state, first Piola-Kirchhoff stress P row by row, (hourglass stiffness,
    element mass, det F, void volume J f, P:P)), MPa.
    """
    g11, g22, g33, g12, g13, g23, void, broken, count, spacing = state
    metric = g11, g22, g33, g12, g13, g23
    in_domain, in_layer, may_debond = kinds
    kind = in_domain, in_layer
    layer = phases[2]
    product, measures = deform(gradient, metric)
    of_volume = measures[2], measures[3], measures[4]
    before, inner = open_crazes(of_volume, (void, count, spacing), scatter, kind, phases, common)
    crazed, inner = close_crazes(measures[2], before[1], inner, kind, phases, common)
    of_shape = measures[0], measures[3], measures[5], measures[6], measures[7]
    trial, hindrance = flow_load(of_shape, before[0], kind, phases)
    left = stress_left(trial, hindrance, stress_estimate(trial, hindrance))
    needed = measures[0], measures[1], measures[2], measures[3], measures[4], measures[5], measures[8]
    metric, stress, rest = respond(
        gradient, product, metric, needed, (left, crazed[0], crazed[1]), broken, kind, phases, common
    )
    goal = fibril_opening(measures[4], crazed[1], kind, phases)
    strength = scatter * layer[INTERFACE_STRENGTH]
    parting = interface_opening(gradient, stress, broken, normal, strength, layer[DEBONDING_RATE], may_debond)
    broken = broken_share(broken, max(goal, parting), common[BREAKING_INCREMENT])
    p11, p12, p13, p21, p22, p23, p31, p32, p33 = stress
    squared = p11 * p11 + p12 * p12 + p13 * p13 + p21 * p21 + p22 * p22 + p23 * p23 + p31 * p31 + p32 * p32 + p33 * p33
    after = (
        metric[0],
        metric[1],
        metric[2],
        metric[3],
        metric[4],
        metric[5],
        inner[0],
        broken,
        inner[1],
        inner[2],
    )
    return after, stress, (rest[0], rest[1], measures[1], rest[2], squared)
