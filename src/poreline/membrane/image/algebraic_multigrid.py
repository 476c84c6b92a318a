"""Conjugate gradients with an algebraic multigrid preconditioner: for conductances that differ by orders of magnitude.

Voxels crossed by microcracks conduct along the sheets, and across them a thousand to a million times less. Levels that join
blocks of voxels, as `multigrid` does, then mix what hardly talks to each other, and conjugate gradients hardly converge.
Here a level joins voxels along their strong links, wherever these lead, and a solve takes 10 to 20 iterations whatever the
conductances are.

The equations are sum over links of w (u_i - u_j) + e_i u_i = b_i, for the nodes of a graph: w > 0 the conductance of a link,
e >= 0 that to a fixed value. Coarse levels are such graphs too (Galerkin with piecewise constants). A cycle smooths by
one Gauss-Seidel sweep downwards and one upwards, and solves each coarse level by one or two steps of conjugate gradients with a
cycle each, the last one directly. Nothing subtracts conductances from each other, so that small ones keep all their digits.

The nodes of all levels are numbered through, finest first; every array holds all levels. Vectors and sums are float64; the
conductances have the precision of the solve. One thread: cells are solved side by side. Memory: about 180 bytes a node in
double precision, 150 in single.

Sources: Notay 2010 (aggregation by pairs, cycles of conjugate gradients), Napov and Notay 2012 (how good an aggregate is).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray = npt.NDArray[np.floating[Any]]
Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Nodes = npt.NDArray[np.int32]

QUALITY = 6.5
"""Two aggregates join where the error that tells them apart has, by the smoother, at most so much more weight than energy.

Lower: more nodes on the coarse levels and fewer iterations. All neighbours of a cubic grid have 6."""
PASSES = 4
"""Times that aggregates join in pairs on the way to the next level: up to 16 nodes become one."""
ENOUGH = 0.25
"""Relative residual after one step of conjugate gradients on a coarse level from which there is no second one."""
FINEST_TOLERANCE = 1e-13
"""Relative error, in the energy norm, beyond which float64 does not go."""
COARSEST = 100
"""Nodes of a level that is solved directly."""
_LEAST_COARSENING = 0.6  # nodes of a level over those of the finer one, above which less good aggregates are taken
_TRIES = (
    (1.0, False),
    (8.0, False),
    (math.inf, True),
)  # factor on QUALITY, and whether a node without a mate joins a pair

_SUMS = {"reassoc", "contract", "nsz", "arcp"}  # vectorised sums; NaN and infinity keep their meaning


@dataclass(frozen=True, eq=False)
class Graph:
    """The equations of the kept voxels of a grid."""

    start: Places
    """(nodes + 1,) where the links of a node begin: first those to nodes before it, then those to nodes after it."""
    middle: Places
    """(nodes,) where the links to nodes after it begin."""
    other: Nodes
    """(links,) node at the other end; each link is there twice, once for either end."""
    weight: FloatArray
    """(links,) conductance."""
    excess: Array
    """(nodes,) conductance to a fixed value."""


@njit(cache=True, nogil=True)
def _number(kept: Any, number: Any) -> int:
    """Number the kept voxels in order; -1 for the others. Returns how many there are."""
    count = 0
    for i in range(kept.shape[0]):
        for j in range(kept.shape[1]):
            for k in range(kept.shape[2]):
                number[i, j, k] = count if kept[i, j, k] else -1
                count += kept[i, j, k]
    return count


@njit(cache=True, nogil=True)
def _link(number: Any, g0: Any, g1: Any, g2: Any, periodic: Any, start: Any, middle: Any, excess: Any,
          other: Any, weight: Any) -> int:  # fmt: skip
    """Write the links of every node in order; with empty `other` only count them. Returns how many there are."""
    n0, n1, n2 = number.shape
    near, g = np.empty(6, np.int64), np.empty(6)
    write, at = other.size > 0, 0
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                row = number[i, j, k]
                if row < 0:
                    continue
                a, b, c = i + 1, j + 1, k + 1
                g[0], g[1], g[2] = g0[a, b, c], g1[a, b, c], g2[a, b, c]
                g[3], g[4], g[5] = g2[a, b, c + 1], g1[a, b + 1, c], g0[a + 1, b, c]
                # -2: there is a fixed value, or a wall, on the other side of the face.
                near[0] = number[i - 1, j, k] if i > 0 else (number[n0 - 1, j, k] if periodic[0] else -2)
                near[1] = number[i, j - 1, k] if j > 0 else (number[i, n1 - 1, k] if periodic[1] else -2)
                near[2] = number[i, j, k - 1] if k > 0 else (number[i, j, n2 - 1] if periodic[2] else -2)
                near[3] = number[i, j, k + 1] if c < n2 else (number[i, j, 0] if periodic[2] else -2)
                near[4] = number[i, j + 1, k] if b < n1 else (number[i, 0, k] if periodic[1] else -2)
                near[5] = number[i + 1, j, k] if a < n0 else (number[0, j, k] if periodic[0] else -2)
                if write:
                    start[row] = at
                    excess[row] = 0.0
                for after in range(2):
                    for f in range(6):
                        if g[f] > 0 and near[f] >= 0 and near[f] != row and (near[f] > row) == (after == 1):
                            if write:
                                other[at], weight[at] = near[f], g[f]
                            at += 1
                        elif write and after == 0 and g[f] > 0 and near[f] == -2:
                            excess[row] += g[f]
                    if write and after == 0:
                        middle[row] = at
    if write:
        start[middle.size] = at
    return at


def graph_of(kept: npt.NDArray[np.bool_], faces: tuple[Any, Any, Any], periodic: tuple[bool, bool, bool]) -> Graph:
    """The graph of the kept voxels, in the order of the grid.

    `faces` are the conductances of the lower faces along each axis, with a layer of ghosts around (`multigrid.FaceOperator`):
    those between two voxels link them, those at a face of the grid that does not repeat lead to a fixed value.
    """
    number = np.empty(kept.shape, np.int32)
    count = _number(kept, number)
    wraps, dtype = np.array(periodic), faces[0].dtype
    start, middle, excess = np.zeros(count + 1, np.int64), np.zeros(count, np.int64), np.zeros(count)
    nothing = (np.empty(0, np.int32), np.empty(0, dtype))
    links = _link(number, *faces, wraps, start, middle, excess, *nothing)
    other, weight = np.empty(max(links, 1), np.int32), np.empty(max(links, 1), dtype)
    _link(number, *faces, wraps, start, middle, excess, other, weight)
    return Graph(start, middle, other[:links], weight[:links], excess)


# ---- coarse levels --------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _totals(start: Any, weight: Any, excess: Any) -> Any:
    """Diagonal of the equations: all conductances of a node."""
    total = excess.copy()
    for i in range(excess.size):
        for e in range(start[i], start[i + 1]):
            total[i] += weight[e]
    return total


@njit(cache=True, nogil=True)
def _pairs(start: Any, other: Any, weight: Any, total: Any, quality: float, attach: bool, first: bool) -> Any:
    """Number of the aggregate of each node, how many there are, and which of them holds nothing (-1: none).

    `total` is the diagonal of the finest nodes of the level, summed over those that make up a node. A node takes the free
    neighbour with which the error +1, -1, weighted to no mean, has the least weight D1 D2 / (D1 + D2) over its energy w.
    With `attach` what finds none joins its best neighbour's aggregate. In the `first` pass nodes without links, which a sweep
    solves, go together into the aggregate that holds nothing.
    """
    n = total.size
    joined = np.full(n, -1, np.int32)
    count, lone = 0, -1
    for i in range(n):
        if joined[i] >= 0:
            continue
        if first and start[i] == start[i + 1]:
            if lone < 0:
                lone = count
                count += 1
            joined[i] = lone
            continue
        best, mate, near, nearest = quality, -1, -1, 0.0
        for e in range(start[i], start[i + 1]):
            j = other[e]
            if joined[j] < 0:
                found = 2.0 * total[i] * total[j] / ((total[i] + total[j]) * weight[e])
                if found <= best and (found < best or mate < 0):
                    best, mate = found, j
            elif weight[e] > nearest:
                near, nearest = j, weight[e]
        if mate < 0 and attach and near >= 0:
            joined[i] = joined[near]
            continue
        joined[i] = count
        if mate >= 0:
            joined[mate] = count
        count += 1
    return joined, count, lone


@njit(cache=True, nogil=True)
def _coarse(start: Any, other: Any, weight: Any, excess: Any, joined: Any, count: int, lone: int) -> Any:
    """The graph of the aggregates: conductances between two of them add up; the one that holds nothing has none."""
    n = excess.size
    first = np.zeros(count + 1, np.int64)
    for i in range(n):
        first[joined[i] + 1] += 1
    for c in range(count):
        first[c + 1] += first[c]
    member, fill = np.empty(n, np.int32), first[:-1].copy()
    for i in range(n):
        member[fill[joined[i]]] = i
        fill[joined[i]] += 1
    starts, middles, excesses = np.empty(count + 1, np.int64), np.empty(count, np.int64), np.zeros(count)
    others, weights = np.empty(other.size, np.int32), np.empty(weight.size, weight.dtype)
    place = np.full(count, -1, np.int64)
    at = 0
    for c in range(count):
        starts[c] = at
        for after in range(2):
            for m in range(first[c], first[c + 1]):
                i = member[m]
                if after == 0 and c != lone:
                    excesses[c] += excess[i]
                for e in range(start[i], start[i + 1]):
                    d = joined[other[e]]
                    if d == c or (d > c) != (after == 1):
                        continue
                    if place[d] < starts[c]:
                        place[d] = at
                        others[at], weights[at] = d, weight[e]
                        at += 1
                    else:
                        weights[place[d]] += weight[e]
            if after == 0:
                middles[c] = at
    starts[count] = at
    return starts, middles, others[:at].copy(), weights[:at].copy(), excesses


def _next_level(fine: Graph) -> tuple[Graph, Nodes]:
    """The next coarser level, and the aggregate of each node."""
    for factor, attach in _TRIES:
        level, parent = fine, np.arange(fine.excess.size, dtype=np.int32)
        total = _totals(fine.start, fine.weight, fine.excess)
        for number in range(PASSES):
            links = (level.start, level.other, level.weight)
            joined, count, lone = _pairs(*links, total, factor * QUALITY, attach, number == 0)
            level = Graph(*_coarse(*links, level.excess, joined, count, lone))
            parent, total = joined[parent], np.bincount(joined, weights=total, minlength=count)
        if level.excess.size <= _LEAST_COARSENING * fine.excess.size:
            break
    return level, parent


@njit(cache=True, nogil=True)
def _eliminate(start: Any, other: Any, weight: Any, excess: Any) -> Any:
    """Factors of the coarsest level: conductances at the elimination of each node, and their sum; 0 at the last of a cluster
    that nothing fixes. Only sums of positive numbers. Source: Grassmann, Taksar and Heyman 1985."""
    n = excess.size
    w, left, pivot = np.zeros((n, n)), excess.copy(), np.zeros(n)
    for i in range(n):
        for e in range(start[i], start[i + 1]):
            w[i, other[e]] += weight[e]
    for i in range(n):
        pivot[i] = left[i]
        for j in range(i + 1, n):
            pivot[i] += w[i, j]
        if pivot[i] <= 0.0:
            continue
        for j in range(i + 1, n):
            if w[i, j] > 0.0:
                share = w[i, j] / pivot[i]
                left[j] += share * left[i]
                for k in range(i + 1, n):
                    w[j, k] += share * w[i, k]
    return w, pivot


def _free_clusters(level: Graph) -> Nodes:
    """Cluster of each node that no value fixes; all others share the number of nodes, which is no cluster."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    n = level.excess.size
    links = csr_array((np.ones(level.other.size), level.other, level.start), shape=(n, n))
    _, cluster = connected_components(links, directed=False)
    held = np.bincount(cluster, weights=level.excess) > 0.0
    alone = np.diff(level.start) == 0  # may stand for nodes of any clusters, which a sweep has solved
    return np.where(held[cluster] | alone, n, cluster).astype(np.int32)


# ---- a cycle --------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _solve_coarsest(w: Any, pivot: Any, b: Any, z: Any, low: int) -> None:
    n = pivot.size
    for i in range(n):
        z[low + i] = b[low + i]
    for i in range(n):
        if pivot[i] > 0.0:
            share = z[low + i] / pivot[i]
            for j in range(i + 1, n):
                z[low + j] += w[i, j] * share
    for i in range(n - 1, -1, -1):
        value = 0.0
        if pivot[i] > 0.0:
            value = z[low + i]
            for j in range(i + 1, n):
                value += w[i, j] * z[low + j]
            value /= pivot[i]
        z[low + i] = value


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _descend(start: Any, middle: Any, other: Any, weight: Any, inverse: Any, parent: Any, b: Any, z: Any,
             low: int, high: int, top: int) -> None:  # fmt: skip
    """Sweep downwards from zero on a level, and its residual as the right side of the next."""
    for i in range(low, high):
        value = b[i]
        for e in range(start[i], middle[i]):
            value += weight[e] * z[other[e]]
        z[i] = value * inverse[i]
    for i in range(high, top):
        b[i] = 0.0
    for i in range(low, high):
        # What nodes before it gave was there at its turn: the residual is what nodes after it give.
        value = 0.0
        for e in range(middle[i], start[i + 1]):
            value += weight[e] * z[other[e]]
        b[parent[i]] += value


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _ascend(
    start: Any, other: Any, weight: Any, inverse: Any, parent: Any, b: Any, z: Any, low: int, high: int
) -> None:
    """Add the correction of the next level, and sweep upwards."""
    for i in range(low, high):
        z[i] += z[parent[i]]
    for i in range(high - 1, low - 1, -1):
        value = b[i]
        for e in range(start[i], start[i + 1]):
            value += weight[e] * z[other[e]]
        z[i] = value * inverse[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _first_step(start: Any, other: Any, weight: Any, total: Any, b: Any, z: Any, first: Any, image: Any,
                low: int, high: int) -> tuple[float, float, bool]:  # fmt: skip
    """One step of conjugate gradients along z, which becomes the solution; b becomes the residual.

    Returns the energy of the direction, the length of the step, and whether that is enough.
    """
    energy, along, size, left = 0.0, 0.0, 0.0, 0.0
    for i in range(low, high):
        around = 0.0
        for e in range(start[i], start[i + 1]):
            around += weight[e] * z[other[e]]
        image[i] = z[i] * total[i] - around
        first[i] = z[i]
        energy += image[i] * z[i]
        along += z[i] * b[i]
        size += b[i] * b[i]
    step = along / energy if energy > 0.0 else 0.0
    for i in range(low, high):
        b[i] -= step * image[i]
        z[i] = step * first[i]
        left += b[i] * b[i]
    return energy, step, left <= ENOUGH * ENOUGH * size


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _second_step(start: Any, other: Any, weight: Any, total: Any, b: Any, z: Any, first: Any, image: Any,
                 low: int, high: int, energy: float, step: float) -> None:  # fmt: skip
    """A second step, along the part of z that is conjugate to the first direction; z becomes the solution."""
    own, mixed, along = 0.0, 0.0, 0.0
    for i in range(low, high):
        around = 0.0
        for e in range(start[i], start[i + 1]):
            around += weight[e] * z[other[e]]
        own += (z[i] * total[i] - around) * z[i]
        mixed += z[i] * image[i]
        along += z[i] * b[i]
    own -= mixed * mixed / energy
    second = along / own if own > 0.0 else 0.0
    for i in range(low, high):
        z[i] = (step - mixed * second / energy) * first[i] + second * z[i]


@njit(cache=True, nogil=True)
def _cycle(at: Any, start: Any, middle: Any, other: Any, weight: Any, total: Any, inverse: Any, parent: Any,
           w: Any, pivot: Any, b: Any, z: Any, first: Any, image: Any) -> None:  # fmt: skip
    """z = approximate solution for b on the finest level; both are overwritten on the others.

    Goes down and up the levels by a loop: a compiled function that calls itself cannot be kept on disk.
    """
    last = at.size - 2
    again = np.zeros(at.size, np.bool_)
    energy, step = np.zeros(at.size), np.zeros(at.size)
    level, falls = 0, True
    while level >= 0:
        low, high = at[level], at[level + 1]
        if falls and level == last:
            _solve_coarsest(w, pivot, b, z, low)
            falls = False
        elif falls:
            _descend(start, middle, other, weight, inverse, parent, b, z, low, high, at[level + 2])
            again[level] = False
            level += 1
            continue
        else:
            top = at[level + 2]
            if level + 1 < last and again[level]:
                _second_step(start, other, weight, total, b, z, first, image, high, top, energy[level], step[level])
            elif level + 1 < last:
                energy[level], step[level], enough = _first_step(
                    start, other, weight, total, b, z, first, image, high, top
                )
                if not enough:
                    again[level], falls = True, True
                    level += 1
                    continue
            _ascend(start, other, weight, inverse, parent, b, z, low, high)
        level -= 1


def _joined_up(parts: list[Any]) -> Any:
    """The parts in one array; the list is emptied, so that what was joined last does not hold its memory."""
    joined = np.concatenate(parts)
    parts.clear()
    return joined


class AlgebraicMultigrid:
    """The levels of a graph, and the solution of its equations for any right side."""

    def __init__(self, graph: Graph) -> None:
        """Build the levels from the finest one."""
        parents: list[Nodes] = []
        starts, middles, others, weights, totals = [], [], [], [], []
        nodes, links = [0], [0]
        while True:
            nodes.append(nodes[-1] + graph.excess.size)
            links.append(links[-1] + graph.other.size)
            starts.append(graph.start[:-1] + links[-2])
            middles.append(graph.middle + links[-2])
            others.append(graph.other)
            weights.append(graph.weight)
            totals.append(_totals(graph.start, graph.weight, graph.excess))
            if graph.excess.size <= COARSEST:
                break
            graph, parent = _next_level(graph)
            parents.append(parent)
        self.nodes = nodes[1]
        self._at = np.array(nodes, np.int64)
        self._factors = _eliminate(graph.start, graph.other, graph.weight, graph.excess)
        free = _free_clusters(graph)
        for parent in reversed(parents):
            free = free[parent]
        self._free, self._sizes = free, np.bincount(free, minlength=graph.excess.size + 1)
        start = np.concatenate([*starts, [links[-1]]], dtype=np.int64)
        middle = np.concatenate(middles)
        others = [other + np.int32(first) for other, first in zip(others, nodes[:-1], strict=True)]
        self._links = (start, middle, _joined_up(others), _joined_up(weights))
        self._total = _joined_up(totals)
        self._inverse = np.zeros(nodes[-1])
        np.divide(1.0, self._total, out=self._inverse, where=self._total > 0.0)
        last = np.zeros(graph.excess.size, np.int32)
        self._parent = np.concatenate(
            [parent + np.int32(first) for parent, first in zip(parents, nodes[1:-1], strict=True)] + [last]
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Nodes of each level, finest first."""
        return tuple(int(n) for n in np.diff(self._at))

    def solve(
        self,
        right: Array,
        *,
        tolerance: float,
        most_iterations: int,
        settled: Callable[[Array], bool] | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> SolvedGraph:
        """Solve for the nodes' potentials from zero; `right` has a value for each node of the finest level.

        Ends when the residual in the norm of the preconditioner has fallen by `tolerance`, or after `most_iterations`. Where
        `settled` then says that the potentials are not good enough, it goes on to a tolerance ten times finer, and so on down to
        `FINEST_TOLERANCE`. `progress` gets the share that is done. Where no value is fixed, the right side must add up to zero
        in every cluster. Source: flexible conjugate gradients, Notay 2000.
        """
        count, n = int(self._at[-1]), self.nodes
        start, middle, other, weight = self._links
        b, z, first, image = (np.zeros(count) for _ in range(4))
        u, direction, along = np.zeros(n), np.zeros(n), np.zeros(n)
        b[:n] = right
        begin, energy, product, iterations, goal = 0.0, 1.0, 0.0, 0, tolerance
        every_level: Any = (
            self._at,
            start,
            middle,
            other,
            weight,
            self._total,
            self._inverse,
            self._parent,
            *self._factors,
            b,
            z,
            first,
            image,
        )
        while True:
            _cycle(*every_level)
            product, mixed = _products(b, z, along)
            begin = begin or product
            if iterations and progress is not None:
                progress(min(1.0, math.log(max(product / begin, 1e-300)) / (2.0 * math.log(tolerance))))
            if not product > 0.0 or iterations >= most_iterations:
                break
            if math.sqrt(product / begin) <= goal:
                if settled is None or goal <= FINEST_TOLERANCE or settled(u):
                    break
                goal = max(0.1 * goal, FINEST_TOLERANCE)
            _turn(direction, z, mixed / energy if iterations else 0.0)
            energy, gain = _apply(start, other, weight, self._total, direction, along, b)
            if not energy > 0.0:
                break
            _advance(u, b, direction, along, gain / energy, self._free, self._sizes)
            iterations += 1
        residual = math.sqrt(max(product, 0.0) / begin) if begin > 0.0 else 0.0
        return SolvedGraph(u, iterations, residual, residual <= tolerance)


@dataclass(frozen=True, eq=False)
class SolvedGraph:
    """Potentials of the nodes."""

    potential: Array
    iterations: int
    residual: float
    """Residual in the norm of the preconditioner, over that of the start: about the relative error of energy norm."""
    converged: bool


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _products(b: Any, z: Any, along: Any) -> tuple[float, float]:
    """Products of z with b and with the image of the last direction."""
    product, mixed = 0.0, 0.0
    for i in range(along.size):
        product += b[i] * z[i]
        mixed += z[i] * along[i]
    return product, mixed


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _turn(direction: Any, z: Any, share: float) -> None:
    """New direction: z made conjugate to the last one."""
    for i in range(direction.size):
        direction[i] = z[i] - share * direction[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _apply(start: Any, other: Any, weight: Any, total: Any, direction: Any, along: Any, b: Any) -> tuple[float, float]:
    """Image of the direction; its products with the direction, and of the direction with b."""
    energy, gain = 0.0, 0.0
    for i in range(direction.size):
        around = 0.0
        for e in range(start[i], start[i + 1]):
            around += weight[e] * direction[other[e]]
        along[i] = direction[i] * total[i] - around
        energy += along[i] * direction[i]
        gain += direction[i] * b[i]
    return energy, gain


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _advance(u: Any, b: Any, direction: Any, along: Any, step: float, free: Any, sizes: Any) -> None:
    """A step along the direction. Where nothing fixes the potentials, the residual is made to add up to zero again.

    Rounding leaves a sum, which no potential takes up; left alone it is blown up once the residual is as small.
    """
    sums = np.zeros(sizes.size)
    for i in range(u.size):
        u[i] += step * direction[i]
        b[i] -= step * along[i]
        sums[free[i]] += b[i]
    for c in range(sums.size):
        sums[c] = sums[c] / sizes[c] if c < sums.size - 1 and sizes[c] > 0 else 0.0
    for i in range(u.size):
        b[i] -= sums[free[i]]
