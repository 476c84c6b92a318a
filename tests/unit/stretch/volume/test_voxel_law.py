"""The law of one voxel, called from Python: what it must do whatever the numbers are."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.unit.stretch.volume.volumes import COLD, HOT, parameters

from poreline.stretch.volume import properties as p
from poreline.stretch.volume.arithmetic import exponential, inverse_cube_root, logarithm
from poreline.stretch.volume.compiled import _part
from poreline.stretch.volume.crazing import (
    closed_void,
    constraint_pressure,
    relative_pressure,
    relative_pressure_slope,
)
from poreline.stretch.volume.debonding import broken_share
from poreline.stretch.volume.flow import stress_estimate, stress_left
from poreline.stretch.volume.voxel import advance

AT_REST = (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
IN_MATRIX = (False, False, False)
IN_LOOSE_LAYER = (False, True, True)


def step(
    gradient: Any,
    state: Any = AT_REST,
    *,
    duration: float = 0.0,
    temperature: float = COLD,
    kinds: Any = IN_MATRIX,
    normal: Any = (1.0, 0.0, 0.0),
    breaking: float = 0.0,
    healed: float = 0.0,
    constraint: float = 0.0,
    edge: float = 60e-9,
) -> Any:
    table = replace(parameters(), voxel_edge=edge).table(temperature, 0.01)
    table[:, p.FLOW_INCREMENT] = parameters().rate_constants(temperature) * duration
    common = parameters().common()
    common[p.BREAKING_INCREMENT] = breaking
    common[p.HEALED_SHARE] = healed
    common[p.CONSTRAINT_PRESSURE] = constraint
    phases = tuple(p.phase_of(table, row) for row in range(p.PHASES))
    return advance(tuple(np.ravel(gradient)), state, normal, 1.0, kinds, phases, tuple(common))


def rotation(angle: float) -> np.ndarray[Any, Any]:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def test_a_rigid_rotation_leaves_no_stress() -> None:
    state, stress, _ = step(rotation(0.7) @ rotation(0.2).T)
    np.testing.assert_allclose(stress, np.zeros(9), atol=1e-8)
    np.testing.assert_allclose(state[:6], AT_REST[:6], atol=1e-12)


def test_stress_turns_with_the_material() -> None:
    strained = np.diag([1.01, 0.99, 1.0])
    _, before, _ = step(strained)
    _, after, _ = step(rotation(0.6) @ strained)
    np.testing.assert_allclose(np.reshape(after, (3, 3)), rotation(0.6) @ np.reshape(before, (3, 3)), atol=1e-9)


def test_small_strains_give_the_stress_of_linear_elasticity() -> None:
    table = parameters().table(COLD, 0.01)[p.MATRIX]
    mu = table[p.SHEAR_MODULUS] + table[p.NETWORK_MODULUS] + table[p.RESIDUAL_MODULUS]
    shear = np.eye(3)
    shear[0, 1] = 1e-5
    _, stress, _ = step(shear)
    assert stress[1] == pytest.approx(mu * 1e-5, rel=1e-4)
    _, stress, _ = step(np.eye(3) * (1.0 + 1e-6))
    network = 2.0 * (table[p.NETWORK_MODULUS] + table[p.RESIDUAL_MODULUS])
    assert stress[0] == pytest.approx((3.0 * table[p.BULK_MODULUS] + network) * 1e-6, rel=1e-4)


def test_the_stress_after_flow_solves_its_equation() -> None:
    trials, hindrances = np.linspace(0.5, 80.0, 54), np.geomspace(1e-34, 1e4, 77)
    for trial in trials:
        for hindrance in hindrances:
            left = trial * stress_left(trial, hindrance, stress_estimate(trial, hindrance))
            low, high = (y + hindrance * math.sinh(y) for y in (left * (1.0 - 1e-5), left * (1.0 + 1e-5)))
            assert low < trial < high


def test_below_half_the_activation_stress_nothing_flows() -> None:
    assert stress_left(0.49, 1.0, 0.4) == 1.0


def test_the_slope_of_the_craze_pressure_is_its_derivative() -> None:
    numbers = (0.3, 1.1, 0.05, 0.1, 0.6, 1.0)
    for fraction in (0.01, 0.03, 0.07, 0.2, 0.5):
        up, down = (relative_pressure(fraction + d, *numbers) for d in (1e-6, -1e-6))
        assert relative_pressure_slope(fraction, *numbers) == pytest.approx((up - down) / 2e-6, abs=1e-6)


def test_an_open_craze_closes_at_its_pressure_and_not_below_nothing() -> None:
    assert closed_void(0.2, 0.1, 1000.0, 0.5) == pytest.approx(0.1 + 0.5 / 1000.0)
    assert closed_void(0.2, -0.3, 1000.0, 0.5) == 0.0
    assert closed_void(0.2, 0.25, 1000.0, 0.5) == 0.2


@pytest.mark.parametrize("temperature", [COLD, HOT])
def test_hydrostatic_opening_of_a_voxel_follows_the_craze_law(temperature: float) -> None:
    table = parameters().table(temperature, 0.01)[p.MATRIX]
    common = parameters().common()
    numbers = common[p.NUCLEATION_FRACTION], *common[p.WIDENING_FRACTION : p.WIDENING_HARDENING + 1]
    state: Any = AT_REST
    for volume in np.linspace(1.0, 1.6, 1200)[1:]:
        state, _, _ = step(np.eye(3) * volume ** (1.0 / 3.0), state, temperature=temperature)
        void, fraction = state[p.VOID], 1.0 - math.exp(-state[p.VOID])
        # Where opening is stable the pressure lies on the law; softening up to f_n is passed in jumps.
        if fraction > 1.2 * common[p.NUCLEATION_FRACTION]:
            pressure = table[p.BULK_MODULUS] * (math.log(volume) - void)
            psi = relative_pressure(fraction, table[p.DRAWING_RATIO], 1.0, *numbers)
            assert pressure == pytest.approx(math.exp(void) * table[p.NUCLEATION_PRESSURE] * psi, rel=0.02)
    assert state[p.VOID] > 0.4


def test_below_the_nucleation_pressure_no_void_opens() -> None:
    table = parameters().table(COLD, 0.01)[p.MATRIX]
    volume = math.exp(0.95 * table[p.NUCLEATION_PRESSURE] / table[p.BULK_MODULUS])
    state, _, _ = step(np.eye(3) * volume ** (1.0 / 3.0))
    assert state[p.VOID] == 0.0
    state, _, _ = step(np.eye(3) * 0.9)
    assert state[p.VOID] == 0.0


def test_crazes_are_counted_as_they_open_and_keep_their_spacing() -> None:
    state: Any = AT_REST
    for volume in np.linspace(1.0, 1.1, 200)[1:]:
        state, _, _ = step(np.eye(3) * volume ** (1.0 / 3.0), state)
    table = parameters().table(COLD, 0.01)[p.MATRIX]
    count, spacing = state[p.CRAZE_COUNT], state[p.CRAZE_SPACING_SUM]
    assert count == pytest.approx(table[p.CRAZE_RATE] * math.expm1(state[p.VOID]), rel=1e-6)
    # 11.3 nm: the spacing of fibrils in PP at 20 degC and 0.01 1/s.
    assert math.exp(spacing / count) == pytest.approx(11.34, rel=0.01)


def test_a_loose_layer_breaks_under_tension_along_its_normal_only() -> None:
    # 2.5 % of uniaxial strain: some 40 MPa along x, above the 20 MPa of a bare interface.
    gradient = np.diag([1.03, 1.0, 1.0])
    along = step(gradient, kinds=IN_LOOSE_LAYER, breaking=0.5)[0]
    # It loses its strength over 25 nm; a voxel of 60 nm has opened by 1.8 nm.
    assert along[p.BROKEN] == pytest.approx(1.8 / 25.0)
    held = step(gradient, kinds=(False, True, False), breaking=0.5)[0]
    assert held[p.BROKEN] == 0.0
    pressed = step(np.diag([0.97, 1.0, 1.0]), kinds=IN_LOOSE_LAYER, breaking=0.5)[0]
    assert pressed[p.BROKEN] == 0.0


def test_a_break_takes_an_opening_and_not_a_strain() -> None:
    # Fibrils break from a stretch of sqrt(90) on, over 100 nm: a voxel of half the edge takes twice the stretch for it.
    begin = math.sqrt(90.0)
    for edge in (30e-9, 60e-9):
        goal = (edge / 100e-9) * 0.5
        stretched = np.diag([begin + 0.5, 0.2, 0.2])
        spread = math.sqrt((begin + 0.5) ** 2 + 0.08) - begin
        state, _, _ = step(stretched, edge=edge, breaking=1.0)
        assert state[p.BROKEN] == pytest.approx(spread * edge / 100e-9, rel=1e-6)
        assert state[p.BROKEN] == pytest.approx(goal, rel=0.02)
        assert step(np.diag([begin - 0.1, 0.2, 0.2]), state, edge=edge, breaking=1.0)[0][p.BROKEN] == state[p.BROKEN]


def test_a_break_is_no_faster_than_its_increment_and_stays() -> None:
    assert broken_share(0.2, 0.9, 0.1) == pytest.approx(0.3)
    assert broken_share(0.2, 0.25, 0.1) == 0.25
    assert broken_share(0.2, 0.0, 0.1) == 0.2
    assert broken_share(0.95, 7.0, 0.1) == 1.0


def test_young_crazes_heal_one_by_one_and_drawn_ones_stay() -> None:
    young: Any = (*AT_REST[:6], 0.05, 0.0, 0.4, 1.0)
    drawn: Any = (*AT_REST[:6], 0.6, 0.0, 0.4, 1.0)
    for start, left in ((young, 1.0 - 0.5 * (1.0 - 0.05 / -math.log(0.6))), (drawn, 1.0)):
        # Held at the volume that the healed craze has, so that nothing opens or closes.
        gradient = np.eye(3) * math.exp(start[p.VOID] * left / 3.0)
        state, _, _ = step(gradient, start, healed=0.5)
        assert state[p.VOID] == pytest.approx(start[p.VOID] * left, rel=1e-9)
        assert state[p.CRAZE_COUNT] == pytest.approx(0.4 * left, rel=1e-9)
        assert state[p.CRAZE_SPACING_SUM] / state[p.CRAZE_COUNT] == pytest.approx(2.5)


def test_the_pressure_that_a_held_width_adds_opens_no_craze() -> None:
    assert constraint_pressure(30.0, 0.0, 0.0) == 0.0
    # Plane strain and equal biaxial tension of the flow stress 30: what is left of the mean pressure is that of uniaxial tension.
    for second, first in ((30.0 / math.sqrt(3.0), 60.0 / math.sqrt(3.0)), (30.0, 30.0)):
        assert (first + second) / 3.0 - constraint_pressure(first, second, 0.0) == pytest.approx(10.0)
    table = parameters().table(COLD, 0.01)[p.MATRIX]
    volume = math.exp(1.2 * table[p.NUCLEATION_PRESSURE] / table[p.BULK_MODULUS])
    gradient = np.eye(3) * volume ** (1.0 / 3.0)
    assert step(gradient)[0][p.VOID] > 0.0
    assert step(gradient, constraint=0.3 * table[p.NUCLEATION_PRESSURE])[0][p.VOID] == 0.0


def test_a_broken_voxel_carries_compression_and_no_tension() -> None:
    broken = (*AT_REST[:7], 1.0, 0.0, 0.0)
    _, tension, _ = step(np.eye(3) * 1.003, broken)
    _, compression, _ = step(np.eye(3) * 0.997, broken)
    _, sound, _ = step(np.eye(3) * 0.997)
    assert abs(tension[0]) < 0.02
    assert compression[0] == pytest.approx(sound[0], rel=0.01)


def test_a_torn_voxel_forgets_what_rounding_left_of_its_elastic_strain() -> None:
    # As found in a torn film: sheared sixtyfold, det F = 1, and an elastic metric that is none.
    gradient = np.array([[8.0, 60.0, 20.0], [0.0, 0.5, 4.0], [0.0, 0.0, 0.25]])
    state, stress, (_, mass, determinant, _, _) = step(gradient, (-1e7, -3e5, -2e5, 1e6, 4e6, -2e5, 0.0, 1.0, 0.0, 0.0))
    assert determinant == pytest.approx(1.0)
    xx, yy, zz, xy, xz, yz = state[:6]
    metric = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    np.testing.assert_allclose(gradient @ metric @ gradient.T, np.eye(3), atol=1e-6)
    assert mass > step(np.eye(3))[2][1]
    # What is left is the rubber of the residual modulus.
    table = parameters().table(COLD, 0.01)[p.MATRIX]
    left = table[p.RESIDUAL_MODULUS] + 0.001 * table[p.NETWORK_MODULUS]
    expected = left * (gradient - np.linalg.inv(gradient).T)
    np.testing.assert_allclose(np.reshape(stress, (3, 3)), expected, atol=1e-3 * np.abs(expected).max())


def test_float32_functions_are_good_to_seven_digits() -> None:
    import numba

    laws = exponential, logarithm, inverse_cube_root
    exp, log, inverse = (_part(law, "float32", "cpu") for law in laws)

    @numba.njit
    def all_three(x: Any, out: Any) -> None:
        for i in range(x.size):
            out[0, i] = exp(x[i])
            out[1, i] = log(out[0, i])
            out[2, i] = inverse(out[0, i])

    x = np.linspace(-80.0, 80.0, 4001).astype(np.float32)
    out = np.empty((3, x.size), np.float32)
    all_three(x, out)
    np.testing.assert_allclose(out[0], np.exp(x.astype(np.float64)), rtol=4e-7)
    np.testing.assert_allclose(out[1], np.log(out[0].astype(np.float64)), rtol=3e-7, atol=3e-7)
    np.testing.assert_allclose(out[2], out[0].astype(np.float64) ** (-1.0 / 3.0), rtol=4e-7)
