"""The order of the numbers that the law of a voxel reads: of each phase, common to all, and of its state."""

from __future__ import annotations

from typing import Any

# Phases of the table, and kinds of voxel: a layer that may debond is a kind of its own.
MATRIX, DOMAIN, LAYER, LOOSE_LAYER = range(4)
PHASES = 3

(
    BULK_MODULUS,  # K, MPa
    SHEAR_MODULUS,  # mu, MPa
    REFERENCE_CHANGE,  # rs: factor on the elastic strain in the step that changes the temperature
    ACTIVATION_STRESS,  # A = kT/V*, MPa
    FLOW_INCREMENT,  # r0 dt
    NETWORK_MODULUS,  # G_e, MPa
    HARDENING_MODULUS,  # G_h, MPa
    RESIDUAL_MODULUS,  # G_res, MPa: left when broken
    HOURGLASS_STIFFNESS,  # k_hg before damage, MPa
    HOURGLASS_LEAST,  # MPa
    NUCLEATION_PRESSURE,  # p_n, MPa
    DRAWING_RATIO,  # r_d = p_d/p_n
    ELONGATION_RESISTANCE,  # k_o
    INTERFACE_STRENGTH,  # s_int, MPa
    BREAK_STRETCH,  # sqrt(tr B) at which fibrils break
    BREAK_GROWTH,  # exp(L) at which they break
    BREAK_RATE,  # voxel edge over the opening that a break takes
    DEBONDING_RATE,  # voxel edge over the opening of an interface that debonds
    CRAZE_RATE,  # r_d^4/D0, 1/um
    CRAZE_SPACING_LOG,  # ln(D0/nm)
) = range(20)
PHASE_PROPERTIES = 20
# What phase_of adds to them: every voxel needs it, and the table is short.
RELATIVE_SHEAR, RELATIVE_HARDENING, RELATIVE_FLOW = range(20, 23)  # sqrt(3/2) mu/A, sqrt(3/2) G_h/A, 3 mu r0 dt/A

(
    BREAKING_INCREMENT,  # largest dD of the step
    NUCLEATION_FRACTION,  # f_n
    WIDENING_FRACTION,  # f_w
    LARGEST_FRACTION,  # f_m
    WIDENING_HARDENING,  # a_h
    CLOSING_PRESSURE,  # p_close, MPa
    MASS_SCALE,  # 1/(8 s^2)
    HEALED_SHARE,  # share of a young craze that heals in the step
    HEALING_LIMIT,  # L from which a craze does not heal
    CONSTRAINT_PRESSURE,  # of a held or drawn width, which opens no craze, MPa
) = range(10)
COMMON_PROPERTIES = 10

_ROOT = 1.5**0.5

# State of a voxel: inverse plastic metric Cp = (Fp^T Fp)^-1 (xx, yy, zz, xy, xz, yz), void L, broken D, crazes C and Q.
STATE = 10
VOID, BROKEN, CRAZE_COUNT, CRAZE_SPACING_SUM = 6, 7, 8, 9


def phase_of(table: Any, row: int) -> Any:
    """The numbers of one phase as a tuple, which a compiled loop keeps in registers, and three that follow from them."""
    inverse = 1.0 / table[row, ACTIVATION_STRESS]
    return (
        table[row, 0],
        table[row, 1],
        table[row, 2],
        table[row, 3],
        table[row, 4],
        table[row, 5],
        table[row, 6],
        table[row, 7],
        table[row, 8],
        table[row, 9],
        table[row, 10],
        table[row, 11],
        table[row, 12],
        table[row, 13],
        table[row, 14],
        table[row, 15],
        table[row, 16],
        table[row, 17],
        table[row, 18],
        table[row, 19],
        _ROOT * table[row, SHEAR_MODULUS] * inverse,
        _ROOT * table[row, HARDENING_MODULUS] * inverse,
        3.0 * table[row, SHEAR_MODULUS] * table[row, FLOW_INCREMENT] * inverse,
    )


def common_of(table: Any) -> Any:
    """The numbers common to all phases as a tuple."""
    return table[0], table[1], table[2], table[3], table[4], table[5], table[6], table[7], table[8], table[9]


def choose(name: int, in_domain: bool, in_layer: bool, matrix: Any, domain: Any, layer: Any) -> Any:
    """The property `name` of the phase of a voxel, as a selection without a branch."""
    outside = layer[name] if in_layer else matrix[name]
    return domain[name] if in_domain else outside
