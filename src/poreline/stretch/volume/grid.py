"""The periodic grid of voxels: one eight-node element a voxel, its forces, and the motion of the nodes.

Node a of element (i, j, k) is (i + s_i, j + s_j, k + s_k) modulo N, s in {0, 1}. Position x = Fbar X + u(X), u periodic.
A three-level Haar butterfly over the eight values of a component of u gives its three gradients and its four hourglass
amplitudes; the transposed butterfly gives the forces. Elements write their forces into slots of their own and nodes
gather them, so that no two threads write one number and sums do not depend on the number of threads.

How the loops are made to vectorise: a row (i, j) of everything is copied into one scratch array of literal shape, the loop
over k runs on that alone, and the results are copied out. The compiler then knows that no two rows overlap. Source of the
element: Flanagan and Belytschko 1981, for cubes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from poreline.stretch.volume.properties import (
    DOMAIN,
    LAYER,
    LOOSE_LAYER,
    MATRIX,
    common_of,
    phase_of,
)
from poreline.stretch.volume.voxel import advance, deform, respond, yield_and_craze

LONGEST_ROW = 1024
_LENGTH = 1096  # of a scratch row: the next row then starts in another set of the first cache
_ELEMENT_ROWS = 56
_NODE_ROWS = 24
_STILL = 1e-17  # voxels a step; the front of the first wave would fill the grid with denormal numbers, which are slow

# Columns of the sums over a plane of elements, and of nodes.
STRESS_XX, STRESS_YY, STRESS_ZZ, STRESS_SQUARED, VOLUME, VOID_VOLUME, VOLUME_LEAST = range(7)
ELEMENT_SUMS = 7
FORCE_SQUARED, KINETIC = range(2)
NODE_SUMS = 2
FORCE_SLOTS = 12
AMPLITUDES = 21
"""What an element on a GPU writes: seven amplitudes a component."""


def elements(
    start: int,
    stop: int,
    n1: int,
    n2: int,
    u: Any,
    state: Any,
    kind: Any,
    scatter: Any,
    normal: Any,
    forces: Any,
    masses: Any,
    table: Any,
    common: Any,
    mean_gradient: Any,
    with_masses: int,
    with_measures: int,
    sums: Any,
) -> None:
    """One step of the elements of planes start..stop: state, forces [4 c + s_i + 2 s_j], sums of each plane.

    `with_masses` and `with_measures` (0 or 1): also write the masses, and sum more than the stress. The forces of the two ends
    of an element along k are added in the row already: twelve slots a voxel instead of 24.
    """
    n0 = u.shape[1]
    rows = np.empty((_ELEMENT_ROWS, _LENGTH), u.dtype)
    matrix, domain, layer = phase_of(table, MATRIX), phase_of(table, DOMAIN), phase_of(table, LAYER)
    shared = common_of(common)
    h11, h12, h13 = mean_gradient[0], mean_gradient[1], mean_gradient[2]
    h21, h22, h23 = mean_gradient[3], mean_gradient[4], mean_gradient[5]
    h31, h32, h33 = mean_gradient[6], mean_gradient[7], mean_gradient[8]
    for i in range(start, stop):
        i1 = i + 1 if i + 1 < n0 else 0
        for column in range(7):
            sums[i, column] = 0.0
        sums[i, 6] = 1e30
        for j in range(n1):
            j1 = j + 1 if j + 1 < n1 else 0
            for c in range(3):
                for k in range(n2):
                    a = u[c, i, j, k]
                    b = u[c, i1, j, k]
                    d = u[c, i, j1, k]
                    e = u[c, i1, j1, k]
                    rows[0, k] = (a + e) + (b + d)
                    rows[1, k] = (b - a) + (e - d)
                    rows[2, k] = (d - a) + (e - b)
                    rows[3, k] = (e - d) - (b - a)
                for r in range(4):
                    rows[r, n2] = rows[r, 0]
                first = 27 + 7 * c
                for k in range(n2):
                    rows[first, k] = rows[1, k] + rows[1, k + 1]
                    rows[first + 1, k] = rows[2, k] + rows[2, k + 1]
                    rows[first + 2, k] = rows[0, k + 1] - rows[0, k]
                    rows[first + 3, k] = rows[3, k] + rows[3, k + 1]
                    rows[first + 4, k] = rows[1, k + 1] - rows[1, k]
                    rows[first + 5, k] = rows[2, k + 1] - rows[2, k]
                    rows[first + 6, k] = rows[3, k + 1] - rows[3, k]
            for s in range(10):
                for k in range(n2):
                    rows[12 + s, k] = state[s, i, j, k]
            for k in range(n2):
                rows[22, k] = kind[i, j, k]
                rows[23, k] = scatter[i, j, k]
            for c in range(3):
                for k in range(n2):
                    rows[24 + c, k] = normal[c, i, j, k]
            # Three loops and not one: each has a short chain of dependent operations and fits the registers.
            for k in range(n2):
                of_voxel = rows[22, k]
                strain, measures = deform(
                    (
                        h11 + 0.25 * rows[27, k],
                        h12 + 0.25 * rows[28, k],
                        h13 + 0.25 * rows[29, k],
                        h21 + 0.25 * rows[34, k],
                        h22 + 0.25 * rows[35, k],
                        h23 + 0.25 * rows[36, k],
                        h31 + 0.25 * rows[41, k],
                        h32 + 0.25 * rows[42, k],
                        h33 + 0.25 * rows[43, k],
                    ),
                    (rows[12, k], rows[13, k], rows[14, k], rows[15, k], rows[16, k], rows[17, k]),
                    (of_voxel == 1.0, of_voxel >= 2.0, of_voxel == 3.0),
                    (matrix, domain, layer),
                )
                rows[12, k] = strain[0]
                rows[13, k] = strain[1]
                rows[14, k] = strain[2]
                rows[15, k] = strain[3]
                rows[16, k] = strain[4]
                rows[17, k] = strain[5]
                rows[48, k] = measures[0]
                rows[49, k] = measures[1]
                rows[50, k] = measures[2]
                rows[51, k] = measures[3]
                rows[52, k] = measures[4]
                rows[53, k] = measures[5]
                rows[54, k] = measures[6]
                rows[55, k] = measures[7]
            for k in range(n2):
                of_voxel = rows[22, k]
                yielded, inner = yield_and_craze(
                    (
                        rows[48, k],
                        rows[49, k],
                        rows[50, k],
                        rows[51, k],
                        rows[52, k],
                        rows[53, k],
                        rows[54, k],
                        rows[55, k],
                    ),
                    (rows[18, k], rows[20, k], rows[21, k]),
                    rows[23, k],
                    (of_voxel == 1.0, of_voxel >= 2.0, of_voxel == 3.0),
                    (matrix, domain, layer),
                    shared,
                )
                rows[18, k] = inner[0]
                rows[20, k] = inner[1]
                rows[21, k] = inner[2]
                rows[53, k] = yielded[0]
                rows[54, k] = yielded[1]
                rows[55, k] = yielded[2]
            for k in range(n2):
                of_voxel = rows[22, k]
                after, stress, rest = respond(
                    (
                        h11 + 0.25 * rows[27, k],
                        h12 + 0.25 * rows[28, k],
                        h13 + 0.25 * rows[29, k],
                        h21 + 0.25 * rows[34, k],
                        h22 + 0.25 * rows[35, k],
                        h23 + 0.25 * rows[36, k],
                        h31 + 0.25 * rows[41, k],
                        h32 + 0.25 * rows[42, k],
                        h33 + 0.25 * rows[43, k],
                    ),
                    (rows[12, k], rows[13, k], rows[14, k], rows[15, k], rows[16, k], rows[17, k]),
                    (rows[48, k], rows[49, k], rows[50, k], rows[51, k]),
                    (rows[53, k], rows[54, k], rows[55, k]),
                    rows[19, k],
                    (rows[24, k], rows[25, k], rows[26, k]),
                    rows[23, k],
                    (of_voxel == 1.0, of_voxel >= 2.0, of_voxel == 3.0),
                    (matrix, domain, layer),
                    shared,
                )
                stiffness = rest[0]
                rows[27, k] = 0.25 * stress[0]
                rows[28, k] = 0.25 * stress[1]
                rows[29, k] = 0.25 * stress[2]
                rows[30, k] *= stiffness
                rows[31, k] *= stiffness
                rows[32, k] *= stiffness
                rows[33, k] *= stiffness
                rows[34, k] = 0.25 * stress[3]
                rows[35, k] = 0.25 * stress[4]
                rows[36, k] = 0.25 * stress[5]
                rows[37, k] *= stiffness
                rows[38, k] *= stiffness
                rows[39, k] *= stiffness
                rows[40, k] *= stiffness
                rows[41, k] = 0.25 * stress[6]
                rows[42, k] = 0.25 * stress[7]
                rows[43, k] = 0.25 * stress[8]
                rows[44, k] *= stiffness
                rows[45, k] *= stiffness
                rows[46, k] *= stiffness
                rows[47, k] *= stiffness
                rows[12, k] = after[0]
                rows[13, k] = after[1]
                rows[14, k] = after[2]
                rows[15, k] = after[3]
                rows[16, k] = after[4]
                rows[17, k] = after[5]
                rows[19, k] = after[6]
                rows[52, k] = rows[49, k]
                rows[48, k] = stress[0]
                rows[49, k] = stress[4]
                rows[50, k] = stress[8]
                rows[51, k] = rest[3]
                rows[53, k] = rest[2]
                rows[54, k] = rest[1]
            for s in range(10):
                for k in range(n2):
                    state[s, i, j, k] = rows[12 + s, k]
            for c in range(3):
                # The transposed butterfly: node k lies between the elements k - 1 and k; one loop on them, then the first.
                first = 27 + 7 * c
                for r in range(first, first + 7):
                    rows[r, n2] = rows[r, 0]
                for k in range(n2):
                    rows[0, k + 1] = rows[first + 2, k] - rows[first + 2, k + 1]
                    rows[1, k + 1] = (rows[first, k] + rows[first, k + 1]) + (
                        rows[first + 4, k] - rows[first + 4, k + 1]
                    )
                    rows[2, k + 1] = (rows[first + 1, k] + rows[first + 1, k + 1]) + (
                        rows[first + 5, k] - rows[first + 5, k + 1]
                    )
                    rows[3, k + 1] = (rows[first + 3, k] + rows[first + 3, k + 1]) + (
                        rows[first + 6, k] - rows[first + 6, k + 1]
                    )
                for r in range(4):
                    rows[r, 0] = rows[r, n2]
                for k in range(n2):
                    forces[4 * c, i, j, k] = (rows[1, k] + rows[2, k]) - (rows[0, k] + rows[3, k])
                for k in range(n2):
                    forces[4 * c + 1, i, j, k] = (rows[3, k] + rows[2, k]) - (rows[0, k] + rows[1, k])
                for k in range(n2):
                    forces[4 * c + 2, i, j, k] = (rows[3, k] + rows[1, k]) - (rows[0, k] + rows[2, k])
                for k in range(n2):
                    forces[4 * c + 3, i, j, k] = -(rows[0, k] + rows[3, k]) - (rows[1, k] + rows[2, k])
            for column in range(6 if with_measures else 3):
                row_sum = np.float64(0.0)
                for k in range(n2):
                    row_sum += rows[48 + column, k]
                sums[i, column] += row_sum
            if with_measures:
                least = rows[52, 0]
                for k in range(n2):
                    least = min(least, rows[52, k])
                sums[i, 6] = min(sums[i, 6], np.float64(least))
            if with_masses:
                for k in range(n2):
                    masses[i, j, k] = rows[54, k]


def inverse_masses(start: int, stop: int, n1: int, n2: int, masses: Any, inverse: Any) -> None:
    """Inverse mass of every node: the eight elements around it give an equal part each."""
    for i in range(start, stop):
        before_i = i - 1 if i > 0 else masses.shape[0] - 1
        for j in range(n1):
            before_j = j - 1 if j > 0 else n1 - 1
            for k in range(n2):
                before_k = k - 1 if k > 0 else n2 - 1
                inverse[i, j, k] = 1.0 / (
                    masses[i, j, k]
                    + masses[i, j, before_k]
                    + masses[i, before_j, k]
                    + masses[i, before_j, before_k]
                    + masses[before_i, j, k]
                    + masses[before_i, j, before_k]
                    + masses[before_i, before_j, k]
                    + masses[before_i, before_j, before_k]
                )


def nodes(
    start: int,
    stop: int,
    n1: int,
    n2: int,
    u: Any,
    v: Any,
    running: Any,
    forces: Any,
    inverse: Any,
    rates: Any,
    sums: Any,
) -> None:
    """One step of the nodes of planes start..stop: gathers the forces, moves the nodes, damps about the running mean.

    v <- v - c (v - vbar) + f/m; vbar <- vbar + beta (v - vbar); u <- u + v. `rates` holds c and beta.
    """
    n0 = u.shape[1]
    rows = np.empty((_NODE_ROWS, _LENGTH), u.dtype)
    damping, following = rates[0], rates[1]
    for i in range(start, stop):
        i1 = i - 1 if i > 0 else n0 - 1
        sums[i, 0] = 0.0
        sums[i, 1] = 0.0
        for j in range(n1):
            j1 = j - 1 if j > 0 else n1 - 1
            for c in range(3):
                for k in range(n2):
                    rows[c, k] = forces[4 * c, i, j, k] + forces[4 * c + 1, i1, j, k]
                for k in range(n2):
                    rows[c, k] += forces[4 * c + 2, i, j1, k] + forces[4 * c + 3, i1, j1, k]
                for k in range(n2):
                    rows[3 + c, k] = v[c, i, j, k]
                for k in range(n2):
                    rows[6 + c, k] = running[c, i, j, k]
            for k in range(n2):
                rows[9, k] = inverse[i, j, k]
            for k in range(n2):
                lightness = rows[9, k]
                force = rows[0, k] * rows[0, k] + rows[1, k] * rows[1, k] + rows[2, k] * rows[2, k]
                w0 = rows[3, k] - damping * (rows[3, k] - rows[6, k]) + rows[0, k] * lightness
                w1 = rows[4, k] - damping * (rows[4, k] - rows[7, k]) + rows[1, k] * lightness
                w2 = rows[5, k] - damping * (rows[5, k] - rows[8, k]) + rows[2, k] * lightness
                w0 = w0 if abs(w0) > _STILL else 0.0
                w1 = w1 if abs(w1) > _STILL else 0.0
                w2 = w2 if abs(w2) > _STILL else 0.0
                d0 = w0 - rows[6, k]
                d1 = w1 - rows[7, k]
                d2 = w2 - rows[8, k]
                r0 = rows[6, k] + following * d0
                r1 = rows[7, k] + following * d1
                r2 = rows[8, k] + following * d2
                rows[3, k] = w0
                rows[4, k] = w1
                rows[5, k] = w2
                rows[6, k] = r0 if abs(r0) > _STILL else 0.0
                rows[7, k] = r1 if abs(r1) > _STILL else 0.0
                rows[8, k] = r2 if abs(r2) > _STILL else 0.0
                rows[10, k] = force
                rows[11, k] = 0.5 * (d0 * d0 + d1 * d1 + d2 * d2) / lightness
            for c in range(3):
                for k in range(n2):
                    v[c, i, j, k] = rows[3 + c, k]
                for k in range(n2):
                    running[c, i, j, k] = rows[6 + c, k]
                for k in range(n2):
                    u[c, i, j, k] += rows[3 + c, k]
            for column in range(2):
                row_sum = np.float64(0.0)
                for k in range(n2):
                    row_sum += rows[10 + column, k]
                sums[i, column] += row_sum


# The same on a GPU: one thread a voxel


def element_of_voxel(
    i: int,
    j: int,
    k: int,
    u: Any,
    state: Any,
    kind: Any,
    scatter: Any,
    normal: Any,
    amplitudes: Any,
    masses: Any,
    measures: Any,
    table: Any,
    common: Any,
    mean_gradient: Any,
    with_masses: int,
) -> None:
    """One step of one element: state, seven amplitudes a component, and what is summed (P11, P22, P33, P:P, det F, J f)."""
    _, n0, n1, n2 = u.shape
    i1 = i + 1 if i + 1 < n0 else 0
    j1 = j + 1 if j + 1 < n1 else 0
    k1 = k + 1 if k + 1 < n2 else 0
    row0 = _butterfly(u, 0, i, j, k, i1, j1, k1)
    row1 = _butterfly(u, 1, i, j, k, i1, j1, k1)
    row2 = _butterfly(u, 2, i, j, k, i1, j1, k1)
    gradient = (
        mean_gradient[0] + 0.25 * row0[0],
        mean_gradient[1] + 0.25 * row0[1],
        mean_gradient[2] + 0.25 * row0[2],
        mean_gradient[3] + 0.25 * row1[0],
        mean_gradient[4] + 0.25 * row1[1],
        mean_gradient[5] + 0.25 * row1[2],
        mean_gradient[6] + 0.25 * row2[0],
        mean_gradient[7] + 0.25 * row2[1],
        mean_gradient[8] + 0.25 * row2[2],
    )
    before = (
        state[0, i, j, k],
        state[1, i, j, k],
        state[2, i, j, k],
        state[3, i, j, k],
        state[4, i, j, k],
        state[5, i, j, k],
        state[6, i, j, k],
        state[7, i, j, k],
        state[8, i, j, k],
        state[9, i, j, k],
    )
    of_voxel = kind[i, j, k]
    after, stress, rest = advance(
        gradient,
        before,
        (normal[0, i, j, k], normal[1, i, j, k], normal[2, i, j, k]),
        scatter[i, j, k],
        (of_voxel == DOMAIN, of_voxel >= LAYER, of_voxel == LOOSE_LAYER),
        (phase_of(table, MATRIX), phase_of(table, DOMAIN), phase_of(table, LAYER)),
        common_of(common),
    )
    state[0, i, j, k] = after[0]
    state[1, i, j, k] = after[1]
    state[2, i, j, k] = after[2]
    state[3, i, j, k] = after[3]
    state[4, i, j, k] = after[4]
    state[5, i, j, k] = after[5]
    state[6, i, j, k] = after[6]
    state[7, i, j, k] = after[7]
    state[8, i, j, k] = after[8]
    state[9, i, j, k] = after[9]
    _write(amplitudes, 0, i, j, k, 0.25 * stress[0], 0.25 * stress[1], 0.25 * stress[2], rest[0], row0)
    _write(amplitudes, 7, i, j, k, 0.25 * stress[3], 0.25 * stress[4], 0.25 * stress[5], rest[0], row1)
    _write(amplitudes, 14, i, j, k, 0.25 * stress[6], 0.25 * stress[7], 0.25 * stress[8], rest[0], row2)
    measures[0, i, j, k] = stress[0]
    measures[1, i, j, k] = stress[4]
    measures[2, i, j, k] = stress[8]
    measures[3, i, j, k] = rest[4]
    measures[4, i, j, k] = rest[2]
    measures[5, i, j, k] = rest[3]
    if with_masses:
        masses[i, j, k] = rest[1]


def _butterfly(u: Any, c: int, i: int, j: int, k: int, i1: int, j1: int, k1: int) -> Any:
    """Four times the gradients of a component of u, and its four hourglass amplitudes (ij, ik, jk, ijk)."""
    low = _butterfly_at(u[c, i, j, k], u[c, i1, j, k], u[c, i, j1, k], u[c, i1, j1, k])
    high = _butterfly_at(u[c, i, j, k1], u[c, i1, j, k1], u[c, i, j1, k1], u[c, i1, j1, k1])
    return (
        low[1] + high[1],
        low[2] + high[2],
        high[0] - low[0],
        low[3] + high[3],
        high[1] - low[1],
        high[2] - low[2],
        high[3] - low[3],
    )


def _butterfly_at(a: float, b: float, d: float, e: float) -> Any:
    return (a + e) + (b + d), (b - a) + (e - d), (d - a) + (e - b), (e - d) - (b - a)


def _write(
    amplitudes: Any, first: int, i: int, j: int, k: int, x: float, y: float, z: float, stiffness: float, row: Any
) -> None:
    amplitudes[first, i, j, k] = x
    amplitudes[first + 1, i, j, k] = y
    amplitudes[first + 2, i, j, k] = z
    amplitudes[first + 3, i, j, k] = stiffness * row[3]
    amplitudes[first + 4, i, j, k] = stiffness * row[4]
    amplitudes[first + 5, i, j, k] = stiffness * row[5]
    amplitudes[first + 6, i, j, k] = stiffness * row[6]


def inverse_mass_of_voxel(i: int, j: int, k: int, masses: Any, inverse: Any) -> None:
    """Inverse mass of one node from the eight elements around it."""
    n0, n1, n2 = masses.shape
    before_i = i - 1 if i > 0 else n0 - 1
    before_j = j - 1 if j > 0 else n1 - 1
    before_k = k - 1 if k > 0 else n2 - 1
    inverse[i, j, k] = 1.0 / (
        masses[i, j, k]
        + masses[i, j, before_k]
        + masses[i, before_j, k]
        + masses[i, before_j, before_k]
        + masses[before_i, j, k]
        + masses[before_i, j, before_k]
        + masses[before_i, before_j, k]
        + masses[before_i, before_j, before_k]
    )


def _pull(amplitudes: Any, first: int, i: int, j: int, k: int, si: float, sj: float, sk: float) -> float:
    """Force of an element on its corner with signs (si, sj, sk), one component."""
    return -(
        si * amplitudes[first, i, j, k]
        + sj * amplitudes[first + 1, i, j, k]
        + sk * amplitudes[first + 2, i, j, k]
        + si * sj * amplitudes[first + 3, i, j, k]
        + si * sk * amplitudes[first + 4, i, j, k]
        + sj * sk * amplitudes[first + 5, i, j, k]
        + si * sj * sk * amplitudes[first + 6, i, j, k]
    )


def node_of_voxel(
    i: int, j: int, k: int, u: Any, v: Any, running: Any, amplitudes: Any, inverse: Any, rates: Any, measures: Any
) -> None:
    """One step of one node: gathers the forces of eight elements and moves. Measures: squared force, kinetic energy."""
    _, n0, n1, n2 = u.shape
    i1 = i - 1 if i > 0 else n0 - 1
    j1 = j - 1 if j > 0 else n1 - 1
    k1 = k - 1 if k > 0 else n2 - 1
    lightness = inverse[i, j, k]
    force_squared = 0.0 * lightness
    energy = 0.0 * lightness
    for c in range(3):
        first = 7 * c
        force = (
            _pull(amplitudes, first, i, j, k, -1.0, -1.0, -1.0)
            + _pull(amplitudes, first, i1, j, k, 1.0, -1.0, -1.0)
            + _pull(amplitudes, first, i, j1, k, -1.0, 1.0, -1.0)
            + _pull(amplitudes, first, i1, j1, k, 1.0, 1.0, -1.0)
            + _pull(amplitudes, first, i, j, k1, -1.0, -1.0, 1.0)
            + _pull(amplitudes, first, i1, j, k1, 1.0, -1.0, 1.0)
            + _pull(amplitudes, first, i, j1, k1, -1.0, 1.0, 1.0)
            + _pull(amplitudes, first, i1, j1, k1, 1.0, 1.0, 1.0)
        )
        before = running[c, i, j, k]
        speed = v[c, i, j, k] - rates[0] * (v[c, i, j, k] - before) + force * lightness
        speed = speed if abs(speed) > _STILL else 0.0
        own = speed - before
        mean = before + rates[1] * own
        v[c, i, j, k] = speed
        running[c, i, j, k] = mean if abs(mean) > _STILL else 0.0
        u[c, i, j, k] += speed
        force_squared += force * force
        energy += 0.5 * own * own / lightness
    measures[0, i, j, k] = force_squared
    measures[1, i, j, k] = energy


def measure_of_voxel(i: int, j: int, k: int, measures: Any, column: int) -> float:
    """One of the measures, to be added up in float64."""
    return np.float64(measures[column, i, j, k])
