"""The law of one voxel: from its deformation gradient and state to its new state and its stress.

Kirchhoff stress throughout; no eigenvalues. Compressible elasticity on the unimodular elastic metric be, flow of its
deviator, void volume L that opens at a pressure, a network stress that never relaxes, and damage D.
"""

from __future__ import annotations

import math
from typing import Any

from poreline.stretch.volume.arithmetic import exponential, logarithm
from poreline.stretch.volume.crazing import (
    closed_void,
    healed_share,
    opened_void,
    relative_pressure,
    relative_pressure_slope,
)
from poreline.stretch.volume.debonding import broken_share, integrity
from poreline.stretch.volume.flow import orientation_hindrance, stress_after_flow
from poreline.stretch.volume.properties import (
    ACTIVATION_STRESS,
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
    FLOW_INCREMENT,
    HARDENING_MODULUS,
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
    RESIDUAL_MODULUS,
    SHEAR_MODULUS,
    WIDENING_FRACTION,
    WIDENING_HARDENING,
    choose,
)

_TINY = 1e-20
_NEVER = 1e30  # MPa, a strength that nothing reaches
_LEAST_VOLUME = 0.05  # det F below which a voxel counts as crushed


def deform(gradient: Any, metric: Any, kinds: Any, phases: Any) -> Any:
    """What a deformation does to a voxel before anything in it yields.

    `gradient` F, 9 numbers row by row; `metric` Cp (xx, yy, zz, xy, xz, yz); `kinds` (in domain, in layer, may debond);
    `phases` tuples of the matrix, the domain and the layer. Returns (deviator e of be, six numbers) and (mean of be, det F,
    ln J, J^-2/3, tr(B)/3, e:e, dev B:dev B, e:dev B), J = max(det F, 0.05).
    """
    f11, f12, f13, f21, f22, f23, f31, f32, f33 = gradient
    g11, g22, g33, g12, g13, g23 = metric
    in_domain, in_layer, _ = kinds
    matrix, domain, layer = phases
    determinant = f11 * (f22 * f33 - f23 * f32) + f12 * (f23 * f31 - f21 * f33) + f13 * (f21 * f32 - f22 * f31)
    log_volume = logarithm(max(determinant, _LEAST_VOLUME))
    shrink = exponential(log_volume * (-2.0 / 3.0))

    # be = J^-2/3 F Cp F^T
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
    rs = choose(REFERENCE_CHANGE, in_domain, in_layer, matrix, domain, layer)
    e11 = (e11 - mean) * rs
    e22 = (e22 - mean) * rs
    e33 = (e33 - mean) * rs
    e12 = e12 * rs
    e13 = e13 * rs
    e23 = e23 * rs

    # B = F F^T and its deviator
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
    return (
        (e11, e22, e33, e12, e13, e23),
        (mean, determinant, log_volume, shrink, spread, ee, dd, ed),
    )


def yield_and_craze(measures: Any, inner: Any, scatter: float, kinds: Any, phases: Any, common: Any) -> Any:
    """Flow of the deviator, and opening and closing of crazes: what needs exponentials, on invariants alone.

    `measures` the second result of deform; `inner` (L, C, Q); `scatter` xi; `common` numbers of the step. Returns (factor on
    the deviator, pressure p in MPa, exp(-L)) and the new (L, C, Q).
    """
    mean, _, log_volume, shrink, spread, ee, dd, ed = measures
    void, count, spacing = inner
    in_domain, in_layer, _ = kinds
    matrix, domain, layer = phases

    # Crazes heal one by one: the others keep their width.
    left_open = 1.0 - healed_share(void, common[HEALED_SHARE], common[HEALING_LIMIT])
    void = void * left_open
    count = count * left_open
    spacing = spacing * left_open

    # Flow of the deviator
    bulk = choose(BULK_MODULUS, in_domain, in_layer, matrix, domain, layer)
    shear = choose(SHEAR_MODULUS, in_domain, in_layer, matrix, domain, layer)
    activation = choose(ACTIVATION_STRESS, in_domain, in_layer, matrix, domain, layer)
    network = shrink * math.sqrt(1.5 * dd + _TINY)
    alignment = ed / math.sqrt(ee * dd + 1e-30)
    hindered = orientation_hindrance(
        choose(HARDENING_MODULUS, in_domain, in_layer, matrix, domain, layer), network, activation, alignment
    )
    dense = exponential(-void)  # exp(-L); its square makes a craze carry the flow stress in Cauchy measure
    softening = dense * dense
    equivalent = shear * math.sqrt(1.5 * ee + _TINY)
    trial = dense * equivalent + 1e-12
    carried = softening * equivalent / trial
    h = 3.0 * shear * mean * carried * carried
    increment = choose(FLOW_INCREMENT, in_domain, in_layer, matrix, domain, layer)
    left = stress_after_flow(trial, max(h * increment * exponential(-hindered), 1e-34), activation)
    relaxed = 1.0 / (1.0 + 3.0 * shear * mean * softening * (trial - left) / (h * left + 1e-12))

    # Crazes
    fraction = 1.0 - dense
    growth = 1.0 / dense
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
    void = closed_void(opened, log_volume, bulk, common[CLOSING_PRESSURE])
    pressure = bulk * (log_volume - void)
    dense = exponential(-void)
    fraction = 1.0 - dense
    new = max(0.0, 1.0 / dense - growth) * choose(CRAZE_RATE, in_domain, in_layer, matrix, domain, layer)
    count = count + new
    spacing = spacing + new * choose(CRAZE_SPACING_LOG, in_domain, in_layer, matrix, domain, layer)
    return (relaxed, pressure, dense), (void, count, spacing)


def respond(
    gradient: Any,
    strain: Any,
    measures: Any,
    yielded: Any,
    broken: float,
    normal: Any,
    scatter: float,
    kinds: Any,
    phases: Any,
    common: Any,
) -> Any:
    """Damage, stress and new inverse plastic metric of a voxel.

    `strain` and `measures` from deform, `yielded` the first result of yield_and_craze, `broken` D, `normal` of the layer in
    the reference configuration. Returns (Cp, D), the first Piola-Kirchhoff stress P row by row (MPa), and (hourglass
    stiffness, element mass, void volume J f, P:P).
    """
    f11, f12, f13, f21, f22, f23, f31, f32, f33 = gradient
    e11, e22, e33, e12, e13, e23 = strain
    mean, determinant, _, shrink = measures[0], measures[1], measures[2], measures[3]
    relaxed, pressure, dense = yielded
    in_domain, in_layer, may_debond = kinds
    matrix, domain, layer = phases

    # Cofactors: det F times F^-T.
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
    # B = F F^T
    b11 = f11 * f11 + f12 * f12 + f13 * f13
    b22 = f21 * f21 + f22 * f22 + f23 * f23
    b33 = f31 * f31 + f32 * f32 + f33 * f33
    b12 = f11 * f21 + f12 * f22 + f13 * f23
    b13 = f11 * f31 + f12 * f32 + f13 * f33
    b23 = f21 * f31 + f22 * f32 + f23 * f33
    spread = (b11 + b22 + b33) * (1.0 / 3.0)
    bulk = choose(BULK_MODULUS, in_domain, in_layer, matrix, domain, layer)
    shear = choose(SHEAR_MODULUS, in_domain, in_layer, matrix, domain, layer)
    fraction = 1.0 - dense

    # Damage: normal traction on a layer, which then goes on with the opening along its normal; long or nearly empty fibrils
    stiff = shear * relaxed
    chain = choose(NETWORK_MODULUS, in_domain, in_layer, matrix, domain, layer)
    residual = choose(RESIDUAL_MODULUS, in_domain, in_layer, matrix, domain, layer)
    whole = chain + residual
    n1, n2, n3 = normal
    v1 = c11 * n1 + c12 * n2 + c13 * n3
    v2 = c21 * n1 + c22 * n2 + c23 * n3
    v3 = c31 * n1 + c32 * n2 + c33 * n3
    vv = v1 * v1 + v2 * v2 + v3 * v3
    ve = e11 * v1 * v1 + e22 * v2 * v2 + e33 * v3 * v3 + 2.0 * (e12 * v1 * v2 + e13 * v1 * v3 + e23 * v2 * v3)
    vb = b11 * v1 * v1 + b22 * v2 * v2 + b33 * v3 * v3 + 2.0 * (b12 * v1 * v2 + b13 * v1 * v3 + b23 * v2 * v3)
    traction = ((stiff * ve + whole * vb) / (vv + _TINY) - whole + pressure) / volume
    strength = scatter * (layer[INTERFACE_STRENGTH] if may_debond else _NEVER)
    parting = (traction > strength) | (may_debond & (broken > 0.0))
    x1 = f11 * n1 + f12 * n2 + f13 * n3
    x2 = f21 * n1 + f22 * n2 + f23 * n3
    x3 = f31 * n1 + f32 * n2 + f33 * n3
    apart = (math.sqrt(x1 * x1 + x2 * x2 + x3 * x3) - 1.0) * layer[DEBONDING_RATE]
    long = math.sqrt(3.0 * spread) - choose(BREAK_STRETCH, in_domain, in_layer, matrix, domain, layer)
    empty = 1.0 / dense - choose(BREAK_GROWTH, in_domain, in_layer, matrix, domain, layer)
    goal = max(long, empty) * choose(BREAK_RATE, in_domain, in_layer, matrix, domain, layer)
    goal = max(goal, apart if parting else 0.0)
    broken = broken_share(broken, goal, common[BREAKING_INCREMENT])
    g = integrity(broken)
    relaxed = 0.0 if broken >= 1.0 else relaxed
    e11 = relaxed * e11
    e22 = relaxed * e22
    e33 = relaxed * e33
    e12 = relaxed * e12
    e13 = relaxed * e13
    e23 = relaxed * e23

    # tau = g mu e + (G_e g + G_res)(B - 1) + p 1, P = tau F^-T; compression is never weakened
    pressure = g * pressure if pressure > 0.0 else pressure
    own = g * shear
    elastic = chain * g + residual
    t11 = own * e11 + elastic * (b11 - 1.0) + pressure
    t22 = own * e22 + elastic * (b22 - 1.0) + pressure
    t33 = own * e33 + elastic * (b33 - 1.0) + pressure
    t12 = own * e12 + elastic * b12
    t13 = own * e13 + elastic * b13
    t23 = own * e23 + elastic * b23
    inverse = 1.0 / volume
    p11 = (t11 * c11 + t12 * c21 + t13 * c31) * inverse
    p12 = (t11 * c12 + t12 * c22 + t13 * c32) * inverse
    p13 = (t11 * c13 + t12 * c23 + t13 * c33) * inverse
    p21 = (t12 * c11 + t22 * c21 + t23 * c31) * inverse
    p22 = (t12 * c12 + t22 * c22 + t23 * c32) * inverse
    p23 = (t12 * c13 + t22 * c23 + t23 * c33) * inverse
    p31 = (t13 * c11 + t23 * c21 + t33 * c31) * inverse
    p32 = (t13 * c12 + t23 * c22 + t33 * c32) * inverse
    p33 = (t13 * c13 + t23 * c23 + t33 * c33) * inverse

    # New Cp = J^2/3 F^-1 be F^-T with be made unimodular
    e11 = e11 + mean
    e22 = e22 + mean
    e33 = e33 + mean
    unity = e11 * (e22 * e33 - e23 * e23) - e12 * (e12 * e33 - e23 * e13) + e13 * (e12 * e23 - e22 * e13)
    back = exponential(logarithm(max(unity, _LEAST_VOLUME)) * (-1.0 / 3.0)) * inverse * inverse / shrink
    m11 = e11 * c11 + e12 * c21 + e13 * c31
    m12 = e11 * c12 + e12 * c22 + e13 * c32
    m13 = e11 * c13 + e12 * c23 + e13 * c33
    m21 = e12 * c11 + e22 * c21 + e23 * c31
    m22 = e12 * c12 + e22 * c22 + e23 * c32
    m23 = e12 * c13 + e22 * c23 + e23 * c33
    m31 = e13 * c11 + e23 * c21 + e33 * c31
    m32 = e13 * c12 + e23 * c22 + e33 * c32
    m33 = e13 * c13 + e23 * c23 + e33 * c33
    g11 = back * (c11 * m11 + c21 * m21 + c31 * m31)
    g22 = back * (c12 * m12 + c22 * m22 + c32 * m32)
    g33 = back * (c13 * m13 + c23 * m23 + c33 * m33)
    g12 = back * (c11 * m12 + c21 * m22 + c31 * m32)
    g13 = back * (c11 * m13 + c21 * m23 + c31 * m33)
    g23 = back * (c12 * m13 + c22 * m23 + c32 * m33)

    # Hourglass stiffness at the plastic tangent, and the mass that a fictitious time step of 1 needs
    hourglass = max(
        choose(HOURGLASS_STIFFNESS, in_domain, in_layer, matrix, domain, layer) * g * (1.0 - 0.9 * fraction),
        choose(HOURGLASS_LEAST, in_domain, in_layer, matrix, domain, layer),
    )
    reach = c11 * c11 + c12 * c12 + c13 * c13 + c21 * c21 + c22 * c22 + c23 * c23 + c31 * c31 + c32 * c32 + c33 * c33
    tangent = bulk + 2.0 * shear * mean + elastic * 3.0 * spread
    mass = common[MASS_SCALE] * (tangent * reach * inverse * inverse + 48.0 * hourglass)
    pp = p11 * p11 + p12 * p12 + p13 * p13 + p21 * p21 + p22 * p22 + p23 * p23 + p31 * p31 + p32 * p32 + p33 * p33
    return (
        (g11, g22, g33, g12, g13, g23, broken),
        (p11, p12, p13, p21, p22, p23, p31, p32, p33),
        (hourglass, mass, volume * fraction, pp),
    )


def advance(gradient: Any, state: Any, normal: Any, scatter: float, kinds: Any, phases: Any, common: Any) -> Any:
    """New state, stress and stiffness of a voxel after one step: deform, yield_and_craze and respond after one another.

    `state` Cp (xx, yy, zz, xy, xz, yz), L, D, C, Q; the rest as above. Returns (state, first Piola-Kirchhoff stress P row by
    row, (hourglass stiffness, element mass, det F, void volume J f, P:P)), MPa.
    """
    g11, g22, g33, g12, g13, g23, void, broken, count, spacing = state
    strain, measures = deform(gradient, (g11, g22, g33, g12, g13, g23), kinds, phases)
    yielded, inner = yield_and_craze(measures, (void, count, spacing), scatter, kinds, phases, common)
    metric, stress, rest = respond(gradient, strain, measures, yielded, broken, normal, scatter, kinds, phases, common)
    after = (
        metric[0],
        metric[1],
        metric[2],
        metric[3],
        metric[4],
        metric[5],
        inner[0],
        metric[6],
        inner[1],
        inner[2],
    )
    return after, stress, (rest[0], rest[1], measures[1], rest[2], rest[3])
