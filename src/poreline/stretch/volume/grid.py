"""The periodic grid of voxels: one eight-node element a voxel, its forces, and the motion of the nodes.

Node a of element (i, j, k) is (i + s_i, j + s_j, k + s_k) modulo N, s in {0, 1}. Position x = Fbar X + u(X), u periodic.
A three-level Haar butterfly over the eight values of a component of u gives its three gradients and its four hourglass
amplitudes; the transposed butterfly gives the forces. Source of the element: Flanagan and Belytschko 1981, for cubes.

One sweep does a whole step. A node of plane i moves as soon as the elements of the planes i - 1 and i around it are done, for no
later element needs its place any more; forces then live in the cache of the processor and never in memory. A part of the
planes is one thread's; the first plane of each part belongs to two, and moves after all parts are done (`finish`). The force
on a node is always the sum of what the elements below give and what those above give, each in one order, so that the number
of parts changes no bit.

How the loops are made to vectorise: a row (i, j) of everything is copied into one scratch array of literal shape, the loops
over k run on that alone, and the results are copied out. The compiler then knows that no two rows overlap. In memory the
numbers of a row lie beside each other (`by_row`): ten arrays a power of two apart would share a few lines of the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from poreline.stretch.volume.debonding import broken_share
from poreline.stretch.volume.flow import stress_estimate, stress_left
from poreline.stretch.volume.properties import (
    BREAKING_INCREMENT,
    DEBONDING_RATE,
    DOMAIN,
    INTERFACE_STRENGTH,
    LAYER,
    LOOSE_LAYER,
    MATRIX,
    common_of,
    phase_of,
)
from poreline.stretch.volume.voxel import (
    advance,
    close_crazes,
    deform,
    fibril_opening,
    flow_load,
    interface_opening,
    open_crazes,
    respond,
)

LONGEST_ROW = 1024
_LENGTH = 1104  # of a scratch row, an odd number of cache lines: the next row then starts in another set of the cache
_STILL = 1e-17  # voxels a step; the front of the first wave would fill the grid with denormal numbers, which are slow

# Rows of the scratch array of a row of elements: the new state, the kind, for each component
# three gradients and four hourglass amplitudes, and the numbers that one law hands on to the next.
_VOID, _BROKEN, _COUNT, _SPACING, _KIND = 6, 7, 8, 9, 10
_AMPLITUDES, _HANDED = 11, 32
_ELEMENT_ROWS = _HANDED + 21
_NODE_ROWS = 12

# Columns of the sums over a plane of elements, and of nodes.
STRESS_XX, STRESS_YY, STRESS_ZZ, STRESS_SQUARED, VOLUME, VOID_VOLUME, VOLUME_LEAST = range(7)
ELEMENT_SUMS = 7
FORCE_SQUARED, KINETIC = range(2)
NODE_SUMS = 2
NODE_PARTS = 4
"""What elements give to a node: three components of force, and mass."""
AMPLITUDES = 21
"""What an element on a GPU writes: seven amplitudes a component."""


def by_row(field: Any) -> Any:
    """The field (components, N, N, N) with all components of a row beside each other in memory; a copy unless it is so already."""
    return np.ascontiguousarray(field.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)


def rows_of(field: Any) -> Any:
    """The memory of a field that `by_row` laid out: contiguous (N, N, components, N)."""
    return field.transpose(1, 2, 0, 3)


def gradient_at(rows: Any, k: int, mean: Any) -> Any:
    """Deformation gradient of element k of a scratch row, 9 numbers row by row."""
    return (
        mean[0] + 0.25 * rows[_AMPLITUDES, k],
        mean[1] + 0.25 * rows[_AMPLITUDES + 1, k],
        mean[2] + 0.25 * rows[_AMPLITUDES + 2, k],
        mean[3] + 0.25 * rows[_AMPLITUDES + 7, k],
        mean[4] + 0.25 * rows[_AMPLITUDES + 8, k],
        mean[5] + 0.25 * rows[_AMPLITUDES + 9, k],
        mean[6] + 0.25 * rows[_AMPLITUDES + 14, k],
        mean[7] + 0.25 * rows[_AMPLITUDES + 15, k],
        mean[8] + 0.25 * rows[_AMPLITUDES + 16, k],
    )


def nine_from(rows: Any, first: int, k: int) -> Any:
    """Nine numbers of element k from scratch row `first` on."""
    return (
        rows[first, k],
        rows[first + 1, k],
        rows[first + 2, k],
        rows[first + 3, k],
        rows[first + 4, k],
        rows[first + 5, k],
        rows[first + 6, k],
        rows[first + 7, k],
        rows[first + 8, k],
    )


def step(
    start: int,
    stop: int,
    n1: int,
    n2: int,
    u: Any,
    v: Any,
    running: Any,
    inverse: Any,
    state: Any,
    kind: Any,
    scatter: Any,
    normal: Any,
    loose: Any,
    edges: Any,
    begins: Any,
    table: Any,
    common: Any,
    mean_gradient: Any,
    rates: Any,
    with_masses: int,
    with_measures: int,
    sums: Any,
    node_sums: Any,
) -> None:
    """One step of the elements of planes start ... stop - 1, and of the nodes of all of them but the first.

    Fields of more than one component are (N, N, components, N). `loose` (N, N): rows in which a layer may debond. `edges` (N, 2, N,
    NODE_PARTS, N) gets what the part gives to the nodes of its first plane (at 1) and of the plane after its last (at 0), and
    `begins` (N) a mark at its first plane, for `finish`. `rates` holds c and beta of the nodes. `with_masses` and `with_measures`
    (0 or 1): also new masses, and all sums rather than those of the stress alone.
    """
    if start >= stop:
        return
    n0 = u.shape[0]
    rows = np.empty((_ELEMENT_ROWS, _LENGTH), u.dtype)
    work = np.empty((4, _LENGTH), u.dtype)
    moving = np.empty((_NODE_ROWS, _LENGTH), u.dtype)
    # What elements have given so far to the nodes of their own plane (2), and to those of the plane before and after in turn.
    given = np.empty((3, n1, NODE_PARTS, n2), u.dtype)
    parts = 4 if with_masses else 3
    matrix, domain, layer = phase_of(table, MATRIX), phase_of(table, DOMAIN), phase_of(table, LAYER)
    shared = common_of(common)
    mean = (
        mean_gradient[0],
        mean_gradient[1],
        mean_gradient[2],
        mean_gradient[3],
        mean_gradient[4],
        mean_gradient[5],
        mean_gradient[6],
        mean_gradient[7],
        mean_gradient[8],
    )
    begins[start] = 1
    for i in range(start, stop):
        i1 = i + 1 if i + 1 < n0 else 0
        before = (i - start) & 1
        after = 1 - before
        for column in range(7):
            sums[i, column] = 0.0
        sums[i, 6] = 1e30
        node_sums[i, 0] = 0.0
        node_sums[i, 1] = 0.0
        for c in range(parts):
            for k in range(n2):
                given[2, 0, c, k] = 0.0
                given[after, 0, c, k] = 0.0
        for j in range(n1):
            j1 = j + 1 if j + 1 < n1 else 0
            for c in range(3):
                for k in range(n2):
                    a = u[i, j, c, k]
                    b = u[i1, j, c, k]
                    d = u[i, j1, c, k]
                    e = u[i1, j1, c, k]
                    work[0, k] = (a + e) + (b + d)
                    work[1, k] = (b - a) + (e - d)
                    work[2, k] = (d - a) + (e - b)
                    work[3, k] = (e - d) - (b - a)
                for r in range(4):
                    work[r, n2] = work[r, 0]
                first = _AMPLITUDES + 7 * c
                for k in range(n2):
                    rows[first, k] = work[1, k] + work[1, k + 1]
                    rows[first + 1, k] = work[2, k] + work[2, k + 1]
                    rows[first + 2, k] = work[0, k + 1] - work[0, k]
                    rows[first + 3, k] = work[3, k] + work[3, k + 1]
                    rows[first + 4, k] = work[1, k + 1] - work[1, k]
                    rows[first + 5, k] = work[2, k + 1] - work[2, k]
                    rows[first + 6, k] = work[3, k + 1] - work[3, k]
            for k in range(n2):
                rows[_KIND, k] = kind[i, j, k]
            # Seven loops and not one: the processor works on several turns of a short loop at once, which hides how long an
            # exponential takes to arrive, and a short loop fits the registers.
            for k in range(n2):
                product, measures = deform(
                    gradient_at(rows, k, mean),
                    (
                        state[i, j, 0, k],
                        state[i, j, 1, k],
                        state[i, j, 2, k],
                        state[i, j, 3, k],
                        state[i, j, 4, k],
                        state[i, j, 5, k],
                    ),
                )
                rows[_HANDED, k] = product[0]
                rows[_HANDED + 1, k] = product[1]
                rows[_HANDED + 2, k] = product[2]
                rows[_HANDED + 3, k] = product[3]
                rows[_HANDED + 4, k] = product[4]
                rows[_HANDED + 5, k] = product[5]
                rows[_HANDED + 6, k] = product[6]
                rows[_HANDED + 7, k] = product[7]
                rows[_HANDED + 8, k] = product[8]
                rows[_HANDED + 9, k] = measures[0]
                rows[_HANDED + 10, k] = measures[1]
                rows[_HANDED + 11, k] = measures[2]
                rows[_HANDED + 12, k] = measures[3]
                rows[_HANDED + 13, k] = measures[4]
                rows[_HANDED + 14, k] = measures[5]
                rows[_HANDED + 15, k] = measures[6]
                rows[_HANDED + 16, k] = measures[7]
                rows[_HANDED + 17, k] = measures[8]
            for k in range(n2):
                of_voxel = rows[_KIND, k]
                was, inner = open_crazes(
                    (rows[_HANDED + 11, k], rows[_HANDED + 12, k], rows[_HANDED + 13, k]),
                    (state[i, j, 6, k], state[i, j, 8, k], state[i, j, 9, k]),
                    scatter[i, j, k],
                    (of_voxel == 1.0, of_voxel >= 2.0),
                    (matrix, domain, layer),
                    shared,
                )
                rows[_VOID, k] = inner[0]
                rows[_COUNT, k] = inner[1]
                rows[_SPACING, k] = inner[2]
                rows[_HANDED + 18, k] = was[0]
                rows[_HANDED + 19, k] = was[1]
            for k in range(n2):
                of_voxel = rows[_KIND, k]
                crazed, inner = close_crazes(
                    rows[_HANDED + 11, k],
                    rows[_HANDED + 19, k],
                    (rows[_VOID, k], rows[_COUNT, k], rows[_SPACING, k]),
                    (of_voxel == 1.0, of_voxel >= 2.0),
                    (matrix, domain, layer),
                    shared,
                )
                rows[_VOID, k] = inner[0]
                rows[_COUNT, k] = inner[1]
                rows[_SPACING, k] = inner[2]
                rows[_HANDED + 19, k] = crazed[0]
                rows[_HANDED + 20, k] = crazed[1]
            for k in range(n2):
                of_voxel = rows[_KIND, k]
                trial, hindrance = flow_load(
                    (
                        rows[_HANDED + 9, k],
                        rows[_HANDED + 12, k],
                        rows[_HANDED + 14, k],
                        rows[_HANDED + 15, k],
                        rows[_HANDED + 16, k],
                    ),
                    rows[_HANDED + 18, k],
                    (of_voxel == 1.0, of_voxel >= 2.0),
                    (matrix, domain, layer),
                )
                rows[_HANDED + 15, k] = trial
                rows[_HANDED + 16, k] = hindrance
            for k in range(n2):
                rows[_HANDED + 18, k] = stress_estimate(rows[_HANDED + 15, k], rows[_HANDED + 16, k])
            for k in range(n2):
                rows[_HANDED + 18, k] = stress_left(rows[_HANDED + 15, k], rows[_HANDED + 16, k], rows[_HANDED + 18, k])
            for k in range(n2):
                of_voxel = rows[_KIND, k]
                metric, stress, rest = respond(
                    gradient_at(rows, k, mean),
                    nine_from(rows, _HANDED, k),
                    (
                        state[i, j, 0, k],
                        state[i, j, 1, k],
                        state[i, j, 2, k],
                        state[i, j, 3, k],
                        state[i, j, 4, k],
                        state[i, j, 5, k],
                    ),
                    (
                        rows[_HANDED + 9, k],
                        rows[_HANDED + 10, k],
                        rows[_HANDED + 11, k],
                        rows[_HANDED + 12, k],
                        rows[_HANDED + 13, k],
                        rows[_HANDED + 14, k],
                        rows[_HANDED + 17, k],
                    ),
                    (rows[_HANDED + 18, k], rows[_HANDED + 19, k], rows[_HANDED + 20, k]),
                    state[i, j, 7, k],
                    (of_voxel == 1.0, of_voxel >= 2.0),
                    (matrix, domain, layer),
                    shared,
                )
                stiffness = rest[0]
                rows[0, k] = metric[0]
                rows[1, k] = metric[1]
                rows[2, k] = metric[2]
                rows[3, k] = metric[3]
                rows[4, k] = metric[4]
                rows[5, k] = metric[5]
                rows[_HANDED, k] = stress[0]
                rows[_HANDED + 1, k] = stress[1]
                rows[_HANDED + 2, k] = stress[2]
                rows[_HANDED + 3, k] = stress[3]
                rows[_HANDED + 4, k] = stress[4]
                rows[_HANDED + 5, k] = stress[5]
                rows[_HANDED + 6, k] = stress[6]
                rows[_HANDED + 7, k] = stress[7]
                rows[_HANDED + 8, k] = stress[8]
                rows[_HANDED + 11, k] = rest[2]
                rows[_HANDED + 12, k] = rest[1]
                rows[_HANDED + 14, k] = fibril_opening(
                    rows[_HANDED + 13, k],
                    rows[_HANDED + 20, k],
                    (of_voxel == 1.0, of_voxel >= 2.0),
                    (matrix, domain, layer),
                )
                rows[_AMPLITUDES + 3, k] *= stiffness
                rows[_AMPLITUDES + 4, k] *= stiffness
                rows[_AMPLITUDES + 5, k] *= stiffness
                rows[_AMPLITUDES + 6, k] *= stiffness
                rows[_AMPLITUDES + 10, k] *= stiffness
                rows[_AMPLITUDES + 11, k] *= stiffness
                rows[_AMPLITUDES + 12, k] *= stiffness
                rows[_AMPLITUDES + 13, k] *= stiffness
                rows[_AMPLITUDES + 17, k] *= stiffness
                rows[_AMPLITUDES + 18, k] *= stiffness
                rows[_AMPLITUDES + 19, k] *= stiffness
                rows[_AMPLITUDES + 20, k] *= stiffness
            if loose[i, j]:
                for k in range(n2):
                    parting = interface_opening(
                        gradient_at(rows, k, mean),
                        nine_from(rows, _HANDED, k),
                        state[i, j, 7, k],
                        (normal[i, j, 0, k], normal[i, j, 1, k], normal[i, j, 2, k]),
                        scatter[i, j, k] * layer[INTERFACE_STRENGTH],
                        layer[DEBONDING_RATE],
                        rows[_KIND, k] == 3.0,
                    )
                    rows[_HANDED + 14, k] = max(rows[_HANDED + 14, k], parting)
            for k in range(n2):
                rows[_BROKEN, k] = broken_share(state[i, j, 7, k], rows[_HANDED + 14, k], shared[BREAKING_INCREMENT])
            for s in range(10):
                for k in range(n2):
                    state[i, j, s, k] = rows[s, k]
            for column in range(3):
                row_sum = np.float64(0.0)
                for k in range(n2):
                    row_sum += rows[_HANDED + 4 * column, k]
                sums[i, column] += row_sum
            if with_measures:
                row_sum = np.float64(0.0)
                for c in range(9):
                    for k in range(n2):
                        row_sum += rows[_HANDED + c, k] * rows[_HANDED + c, k]
                sums[i, 3] += row_sum
                least = rows[_HANDED + 10, 0]
                volume = np.float64(0.0)
                void = np.float64(0.0)
                for k in range(n2):
                    volume += rows[_HANDED + 10, k]
                    void += rows[_HANDED + 11, k]
                    least = min(least, rows[_HANDED + 10, k])
                sums[i, 4] += volume
                sums[i, 5] += void
                sums[i, 6] = min(sums[i, 6], np.float64(least))
            for c in range(parts):
                if c < 3:
                    # The transposed butterfly: node k lies between the elements k - 1 and k; one loop on them, then the first.
                    first = _AMPLITUDES + 7 * c
                    stress_row = _HANDED + 3 * c
                    for r in range(3, 7):
                        rows[first + r, n2] = rows[first + r, 0]
                    for r in range(3):
                        rows[stress_row + r, n2] = rows[stress_row + r, 0]
                    for k in range(n2):
                        x = 0.25 * (rows[stress_row + 2, k] - rows[stress_row + 2, k + 1])
                        y = 0.25 * (rows[stress_row, k] + rows[stress_row, k + 1])
                        z = 0.25 * (rows[stress_row + 1, k] + rows[stress_row + 1, k + 1])
                        y = y + (rows[first + 4, k] - rows[first + 4, k + 1])
                        z = z + (rows[first + 5, k] - rows[first + 5, k + 1])
                        w = (rows[first + 3, k] + rows[first + 3, k + 1]) + (
                            rows[first + 6, k] - rows[first + 6, k + 1]
                        )
                        work[0, k + 1] = (y + z) - (x + w)
                        work[1, k + 1] = (w + z) - (x + y)
                        work[2, k + 1] = (w + y) - (x + z)
                        work[3, k + 1] = -(x + w) - (y + z)
                    for r in range(4):
                        work[r, 0] = work[r, n2]
                else:
                    rows[_HANDED + 12, n2] = rows[_HANDED + 12, 0]
                    for r in range(4):
                        for k in range(n2):
                            work[r, k + 1] = rows[_HANDED + 12, k] + rows[_HANDED + 12, k + 1]
                        work[r, 0] = work[r, n2]
                # Corners (0, 0), (1, 0), (0, 1), (1, 1) of (i, j).
                for k in range(n2):
                    given[2, j, c, k] += work[0, k]
                for k in range(n2):
                    given[after, j, c, k] += work[1, k]
                if j1 > 0:
                    for k in range(n2):
                        given[2, j1, c, k] = work[2, k]
                    for k in range(n2):
                        given[after, j1, c, k] = work[3, k]
                else:
                    for k in range(n2):
                        given[2, 0, c, k] += work[2, k]
                    for k in range(n2):
                        given[after, 0, c, k] += work[3, k]
            if i > start and j > 0:
                move_row(
                    i,
                    j,
                    n2,
                    given[before, j],
                    given[2, j],
                    u,
                    v,
                    running,
                    inverse,
                    rates,
                    with_masses,
                    with_measures,
                    moving,
                    node_sums,
                )
        if i > start:
            move_row(
                i,
                0,
                n2,
                given[before, 0],
                given[2, 0],
                u,
                v,
                running,
                inverse,
                rates,
                with_masses,
                with_measures,
                moving,
                node_sums,
            )
        else:
            edges[start, 1, :, :, :] = given[2]
        if i + 1 == stop:
            edges[i1, 0, :, :, :] = given[after]


def finish(
    n1: int,
    n2: int,
    u: Any,
    v: Any,
    running: Any,
    inverse: Any,
    edges: Any,
    begins: Any,
    rates: Any,
    with_masses: int,
    with_measures: int,
    node_sums: Any,
) -> None:
    """Move the nodes of the first plane of every part, and take its mark away."""
    moving = np.empty((_NODE_ROWS, _LENGTH), u.dtype)
    for i in range(u.shape[0]):
        if begins[i]:
            for j in range(n1):
                move_row(
                    i,
                    j,
                    n2,
                    edges[i, 0, j],
                    edges[i, 1, j],
                    u,
                    v,
                    running,
                    inverse,
                    rates,
                    with_masses,
                    with_measures,
                    moving,
                    node_sums,
                )
            begins[i] = 0


def move_row(
    i: int,
    j: int,
    n2: int,
    below: Any,
    above: Any,
    u: Any,
    v: Any,
    running: Any,
    inverse: Any,
    rates: Any,
    with_masses: int,
    with_measures: int,
    rows: Any,
    sums: Any,
) -> None:
    """One step of a row of nodes: they move under their forces and are damped about the running mean.

    v <- v - c (v - vbar) + f/m; vbar <- vbar + beta (v - vbar); u <- u + v. `below` and `above` (NODE_PARTS, N) what the elements of
    the plane before and of this plane give; `rates` holds c and beta; `rows` (12, N or more) to work in; `sums` of the plane grow.
    """
    damping, following = rates[0], rates[1]
    if with_masses:
        for k in range(n2):
            inverse[i, j, k] = 1.0 / (below[3, k] + above[3, k])
    for c in range(3):
        for k in range(n2):
            rows[c, k] = below[c, k] + above[c, k]
        for k in range(n2):
            rows[3 + c, k] = v[i, j, c, k]
        for k in range(n2):
            rows[6 + c, k] = running[i, j, c, k]
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
            v[i, j, c, k] = rows[3 + c, k]
        for k in range(n2):
            running[i, j, c, k] = rows[6 + c, k]
        for k in range(n2):
            u[i, j, c, k] += rows[3 + c, k]
    if with_measures:
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
