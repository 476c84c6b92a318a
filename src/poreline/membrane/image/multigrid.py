"""Conjugate gradients with a multigrid preconditioner for finite volumes on a voxel grid, on the processor or a GPU.

The equations are sum over the six faces of g (u - u_neighbour) = b in every voxel: conduction, diffusion, Darcy flow.
Arrays carry one layer of ghosts on every side. A ghost is 0 (a face with a fixed value, or a wall, whose conductance is
0) or a copy of the opposite side (periodic).

Coarse levels join 2 x 2 x 2 voxels. The conductance between two aggregates is the sum of the conductances of the faces
between them (Galerkin with piecewise constants). Such a coarse operator is too stiff by up to two. Two things make up for
it: the correction is multiplied by OVERCORRECTION, and the first coarse levels are solved by two steps of conjugate
gradients, each with a cycle as preconditioner. One cycle alone needs three to six times as many iterations, more so in
larger images; plain Jacobi needs hundreds. Axes with weak coupling (a long voxel edge) are joined later.

Vectors are float32 or float64; every scalar product is summed in float64. Memory: five vectors and the coarse levels,
20 + 5.1 bytes a voxel in float32, beside the operator (1 byte a voxel for a binary image, 12 for face conductances).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from poreline.voxels.device import Device
from poreline.voxels.image import AXES
from poreline.voxels.launch import Shape

SMOOTHING = (1.5, 0.6)
"""Factors of the damped Jacobi sweeps before the coarse correction; after it they come in reverse."""
OVERCORRECTION = 1.4
"""Factor of the coarse correction."""
STRONG = 0.35
"""Coupling along an axis over the strongest one from which that axis is joined on the next level."""
ACCELERATED = 3
"""Coarse levels, from the finest on, that are solved by two steps of conjugate gradients instead of one cycle."""
COARSEST = 400
"""Voxels of a level that is solved with its inverse."""

TINY = np.float32(1e-30)
"""Stands for the diagonal of a voxel without faces: laws without branches are vectorised."""
OPEN = 64
"""Bit of a voxel's code that says that it is open; bits 0-1, 2-3 and 4-5 count its links along axes 0, 1 and 2."""


def apply_code(i: int, j: int, k: int, code: Any, u: Any, out: Any, w0: float, w1: float, w2: float) -> float:
    """Operator of a binary image: out = A u. Returns u times out."""
    i += 1
    j += 1
    k += 1
    c = code[i, j, k]
    here = u[i, j, k]
    own = (w0 * np.float32(c & 3) + w1 * np.float32((c >> 2) & 3) + w2 * np.float32((c >> 4) & 3)) * here
    around = (
        w0 * (u[i - 1, j, k] + u[i + 1, j, k])
        + w1 * (u[i, j - 1, k] + u[i, j + 1, k])
        + w2 * (u[i, j, k - 1] + u[i, j, k + 1])
    )
    value = own - around if c > 0 else np.float32(0.0)
    out[i, j, k] = value
    return np.float64(here) * np.float64(value)


def residual_code(i: int, j: int, k: int, code: Any, b: Any, u: Any, out: Any, w0: float, w1: float, w2: float) -> None:
    """Residual of a binary image: out = b - A u."""
    i += 1
    j += 1
    k += 1
    c = code[i, j, k]
    own = (w0 * np.float32(c & 3) + w1 * np.float32((c >> 2) & 3) + w2 * np.float32((c >> 4) & 3)) * u[i, j, k]
    around = (
        w0 * (u[i - 1, j, k] + u[i + 1, j, k])
        + w1 * (u[i, j - 1, k] + u[i, j + 1, k])
        + w2 * (u[i, j, k - 1] + u[i, j, k + 1])
    )
    out[i, j, k] = b[i, j, k] - own + around if c > 0 else np.float32(0.0)


def start_code(
    i: int, j: int, k: int, code: Any, b: Any, out: Any, damping: float, w0: float, w1: float, w2: float
) -> None:
    """First damped Jacobi sweep of a binary image, from zero."""
    i += 1
    j += 1
    k += 1
    c = code[i, j, k]
    diagonal = w0 * np.float32(c & 3) + w1 * np.float32((c >> 2) & 3) + w2 * np.float32((c >> 4) & 3)
    out[i, j, k] = damping * b[i, j, k] / max(diagonal, TINY)


def smooth_code(
    i: int, j: int, k: int, code: Any, b: Any, u: Any, out: Any, damping: float, w0: float, w1: float, w2: float
) -> float:
    """Damped Jacobi sweep of a binary image, out = u + damping (b - A u) / diagonal. Returns b times out."""
    i += 1
    j += 1
    k += 1
    c = code[i, j, k]
    diagonal = w0 * np.float32(c & 3) + w1 * np.float32((c >> 2) & 3) + w2 * np.float32((c >> 4) & 3)
    around = (
        w0 * (u[i - 1, j, k] + u[i + 1, j, k])
        + w1 * (u[i, j - 1, k] + u[i, j + 1, k])
        + w2 * (u[i, j, k - 1] + u[i, j, k + 1])
    )
    here, right = u[i, j, k], b[i, j, k]
    value = (here + damping * ((right + around) / max(diagonal, TINY) - here)) * np.float32(c >> 6)
    out[i, j, k] = value
    return np.float64(right) * np.float64(value)


def correct_code(
    i: int, j: int, k: int, code: Any, coarse: Any, u: Any, factor: float, s0: int, s1: int, s2: int
) -> None:
    """Add the coarse correction to every open voxel of a binary image."""
    correction = factor * coarse[(i >> s0) + 1, (j >> s1) + 1, (k >> s2) + 1]
    u[i + 1, j + 1, k + 1] += correction * np.float32(code[i + 1, j + 1, k + 1] >> 6)


def apply_faces(i: int, j: int, k: int, g0: Any, g1: Any, g2: Any, u: Any, out: Any) -> float:
    """Operator of face conductances: out = A u. Returns u times out."""
    i += 1
    j += 1
    k += 1
    here = u[i, j, k]
    value = (
        g0[i, j, k] * (here - u[i - 1, j, k])
        + g0[i + 1, j, k] * (here - u[i + 1, j, k])
        + g1[i, j, k] * (here - u[i, j - 1, k])
        + g1[i, j + 1, k] * (here - u[i, j + 1, k])
        + g2[i, j, k] * (here - u[i, j, k - 1])
        + g2[i, j, k + 1] * (here - u[i, j, k + 1])
    )
    out[i, j, k] = value
    return np.float64(here) * np.float64(value)


def residual_faces(i: int, j: int, k: int, g0: Any, g1: Any, g2: Any, b: Any, u: Any, out: Any) -> None:
    """Residual of face conductances: out = b - A u."""
    i += 1
    j += 1
    k += 1
    here = u[i, j, k]
    out[i, j, k] = b[i, j, k] - (
        g0[i, j, k] * (here - u[i - 1, j, k])
        + g0[i + 1, j, k] * (here - u[i + 1, j, k])
        + g1[i, j, k] * (here - u[i, j - 1, k])
        + g1[i, j + 1, k] * (here - u[i, j + 1, k])
        + g2[i, j, k] * (here - u[i, j, k - 1])
        + g2[i, j, k + 1] * (here - u[i, j, k + 1])
    )


def start_faces(i: int, j: int, k: int, g0: Any, g1: Any, g2: Any, b: Any, out: Any, damping: float) -> None:
    """First damped Jacobi sweep of face conductances, from zero."""
    i += 1
    j += 1
    k += 1
    diagonal = g0[i, j, k] + g0[i + 1, j, k] + g1[i, j, k] + g1[i, j + 1, k] + g2[i, j, k] + g2[i, j, k + 1]
    out[i, j, k] = damping * b[i, j, k] / max(diagonal, TINY)


def smooth_faces(i: int, j: int, k: int, g0: Any, g1: Any, g2: Any, b: Any, u: Any, out: Any, damping: float) -> float:
    """Damped Jacobi sweep of face conductances, out = u + damping (b - A u) / diagonal. Returns b times out."""
    i += 1
    j += 1
    k += 1
    diagonal = g0[i, j, k] + g0[i + 1, j, k] + g1[i, j, k] + g1[i, j + 1, k] + g2[i, j, k] + g2[i, j, k + 1]
    around = (
        g0[i, j, k] * u[i - 1, j, k]
        + g0[i + 1, j, k] * u[i + 1, j, k]
        + g1[i, j, k] * u[i, j - 1, k]
        + g1[i, j + 1, k] * u[i, j + 1, k]
        + g2[i, j, k] * u[i, j, k - 1]
        + g2[i, j, k + 1] * u[i, j, k + 1]
    )
    here, right = u[i, j, k], b[i, j, k]
    value = (here + damping * ((right + around) / max(diagonal, TINY) - here)) * np.float32(diagonal > 0)
    out[i, j, k] = value
    return np.float64(right) * np.float64(value)


def correct_faces(i: int, j: int, k: int, coarse: Any, u: Any, factor: float, s0: int, s1: int, s2: int) -> None:
    """Add the coarse correction to every voxel."""
    u[i + 1, j + 1, k + 1] += factor * coarse[(i >> s0) + 1, (j >> s1) + 1, (k >> s2) + 1]


def restrict(
    i: int, j: int, k: int, fine: Any, coarse: Any, s0: int, s1: int, s2: int, n0: int, n1: int, n2: int
) -> None:
    """Sum of the fine values of an aggregate. An axis with shift s = 0 is not joined; the last aggregate may be thinner."""
    i0, j0, k0 = i << s0, j << s1, k << s2
    i1, j1, k1 = min(i0 + s0, n0 - 1), min(j0 + s1, n1 - 1), min(k0 + s2, n2 - 1)
    # The second voxel counts only where there is one: a factor of 0 or 1 keeps the loop free of branches.
    fi, fj, fk = np.float32(i1 - i0), np.float32(j1 - j0), np.float32(k1 - k0)
    i0, i1, j0, j1, k0, k1 = i0 + 1, i1 + 1, j0 + 1, j1 + 1, k0 + 1, k1 + 1
    first = fine[i0, j0, k0] + fi * fine[i1, j0, k0] + fj * (fine[i0, j1, k0] + fi * fine[i1, j1, k0])
    second = fine[i0, j0, k1] + fi * fine[i1, j0, k1] + fj * (fine[i0, j1, k1] + fi * fine[i1, j1, k1])
    coarse[i + 1, j + 1, k + 1] = first + fk * second


def join_faces(
    i: int, j: int, k: int, fine: Any, coarse: Any, axis: int, s0: int, s1: int, s2: int, n0: int, n1: int, n2: int
) -> None:
    """Conductance of the lower face of an aggregate along `axis`: the sum over the fine faces that make it up."""
    i0, j0, k0 = min(i << s0, n0), min(j << s1, n1), min(k << s2, n2)
    i1 = i0 if axis == 0 else min(i0 + s0, n0 - 1)
    j1 = j0 if axis == 1 else min(j0 + s1, n1 - 1)
    k1 = k0 if axis == 2 else min(k0 + s2, n2 - 1)
    conductance = 0.0
    for a in range(i0, i1 + 1):
        for b in range(j0, j1 + 1):
            for c in range(k0, k1 + 1):
                conductance += fine[a + 1, b + 1, c + 1]
    coarse[i + 1, j + 1, k + 1] = conductance


def wrap(i: int, j: int, k: int, u: Any, axis: int, n: int) -> None:
    """Fill the ghosts of a periodic axis of n voxels; called for a plane that is one voxel thick along it."""
    i += 1
    j += 1
    k += 1
    if axis == 0:
        u[0, j, k] = u[n, j, k]
        u[n + 1, j, k] = u[1, j, k]
    elif axis == 1:
        u[i, 0, k] = u[i, n, k]
        u[i, n + 1, k] = u[i, 1, k]
    else:
        u[i, j, 0] = u[i, j, n]
        u[i, j, n + 1] = u[i, j, 1]


def solve_coarsest(i: int, j: int, k: int, inverse: Any, b: Any, out: Any, n0: int, n1: int, n2: int) -> None:
    """One voxel of the coarsest level: its row of the inverse times the right side."""
    row = (i * n1 + j) * n2 + k
    value = 0.0
    column = 0
    for p in range(n0):
        for q in range(n1):
            for r in range(n2):
                value += inverse[row, column] * b[p + 1, q + 1, r + 1]
                column += 1
    out[i + 1, j + 1, k + 1] = value


def advance(i: int, j: int, k: int, x: Any, r: Any, p: Any, q: Any, step: float) -> None:
    """Step of conjugate gradients: x += step p, r -= step q."""
    i += 1
    j += 1
    k += 1
    x[i, j, k] += step * p[i, j, k]
    r[i, j, k] -= step * q[i, j, k]


def combine(i: int, j: int, k: int, out: Any, p: Any, q: Any, share_p: float, share_q: float) -> None:
    """Linear combination: out = share_p p + share_q q."""
    i += 1
    j += 1
    k += 1
    out[i, j, k] = share_p * p[i, j, k] + share_q * q[i, j, k]


def turn(i: int, j: int, k: int, p: Any, z: Any, share: float) -> None:
    """New direction of conjugate gradients: p = z + share p."""
    i += 1
    j += 1
    k += 1
    p[i, j, k] = z[i, j, k] + share * p[i, j, k]


def plane(shape: Shape, axis: int) -> Shape:
    """The shape, one voxel thick along the axis."""
    return tuple(1 if a == axis else n for a, n in enumerate(shape))  # type: ignore[return-value]


def faces_of(shape: Shape, axis: int) -> Shape:
    """Shape of the faces along an axis: one more than there are voxels."""
    return tuple(n + (a == axis) for a, n in enumerate(shape))  # type: ignore[return-value]


def padded(shape: Shape) -> Shape:
    """The shape with a layer of ghosts on every side."""
    return (shape[0] + 2, shape[1] + 2, shape[2] + 2)


@dataclass(frozen=True, eq=False)
class Grid:
    """A grid of voxels on a device, with its ghosts."""

    device: Device
    shape: Shape
    periodic: tuple[bool, bool, bool]
    dtype: type[np.float32] | type[np.float64]

    def vector(self) -> Any:
        """Zeros, with ghosts."""
        return self.device.zeros(padded(self.shape), self.dtype)

    def fill_ghosts(self, u: Any) -> None:
        """Copy the opposite sides into the ghosts of the periodic axes."""
        for axis in AXES:
            if self.periodic[axis]:
                self.device.run(wrap, plane(self.shape, axis), u, axis, self.shape[axis])


class Operator(Protocol):
    """Equations on a grid: what conjugate gradients and the smoother need of them."""

    @property
    def grid(self) -> Grid:
        """Where they live."""

    def apply(self, u: Any, out: Any) -> float:
        """Out = A u; returns the product of both."""

    def residual(self, b: Any, u: Any, out: Any) -> None:
        """Out = b - A u."""

    def start(self, b: Any, out: Any, damping: float) -> None:
        """Out = damping b / diagonal."""

    def smooth(self, b: Any, u: Any, out: Any, damping: float) -> float:
        """Out = u + damping (b - A u) / diagonal; returns b times out."""

    def correct(self, coarse: Any, u: Any, factor: float, shift: Shape) -> None:
        """Add the coarse correction to u."""

    def faces(self, axis: int, scratch: Any) -> Any:
        """Conductances of the lower faces along an axis; may be written to the scratch array."""


@dataclass(frozen=True, eq=False)
class CodeOperator:
    """Equations of a binary image, from one byte for each voxel (`OPEN` and the numbers of its links)."""

    grid: Grid
    code: Any
    weights: tuple[float, float, float]
    """Conductance of a link along each axis."""
    fixed: int
    """Axis whose two end faces have fixed values; -1: none."""

    def _numbers(self, *values: float) -> tuple[Any, ...]:
        return tuple(self.grid.dtype(value) for value in (*values, *self.weights))

    def apply(self, u: Any, out: Any) -> float:
        """Out = A u; returns the product of both."""
        return self.grid.device.total(apply_code, self.grid.shape, self.code, u, out, *self._numbers())

    def residual(self, b: Any, u: Any, out: Any) -> None:
        """Out = b - A u."""
        self.grid.device.run(residual_code, self.grid.shape, self.code, b, u, out, *self._numbers())

    def start(self, b: Any, out: Any, damping: float) -> None:
        """Out = damping b / diagonal."""
        self.grid.device.run(start_code, self.grid.shape, self.code, b, out, *self._numbers(damping))

    def smooth(self, b: Any, u: Any, out: Any, damping: float) -> float:
        """Out = u + damping (b - A u) / diagonal; returns b times out."""
        return self.grid.device.total(smooth_code, self.grid.shape, self.code, b, u, out, *self._numbers(damping))

    def correct(self, coarse: Any, u: Any, factor: float, shift: Shape) -> None:
        """Add the coarse correction to u."""
        self.grid.device.run(correct_code, self.grid.shape, self.code, coarse, u, self.grid.dtype(factor), *shift)

    def faces(self, axis: int, scratch: Any) -> Any:
        """Conductances of the lower faces along an axis, written to the scratch array."""
        n = self.grid.shape[axis]
        weight = self.grid.dtype(self.weights[axis])
        launched = faces_of(self.grid.shape, axis)
        self.grid.device.run(faces_from_code, launched, self.code, scratch, axis, n, axis == self.fixed, weight)
        return scratch


def faces_from_code(i: int, j: int, k: int, code: Any, g: Any, axis: int, n: int, fixed: bool, weight: float) -> None:
    """Conductance of the lower face of a voxel of a binary image; a fixed face is half a voxel away."""
    here = np.int64(code[i + 1, j + 1, k + 1] >> 6)
    below = np.int64(code[i + 1 - (axis == 0), j + 1 - (axis == 1), k + 1 - (axis == 2)] >> 6)
    place = i if axis == 0 else (j if axis == 1 else k)
    links = (here & below) + 2 * fixed * ((place == 0) * here + (place == n) * below)
    g[i + 1, j + 1, k + 1] = weight * links


@dataclass(frozen=True, eq=False)
class FaceOperator:
    """Equations of any conductances, stored for the lower face of each voxel along each axis."""

    grid: Grid
    conductances: tuple[Any, Any, Any]

    def apply(self, u: Any, out: Any) -> float:
        """Out = A u; returns the product of both."""
        return self.grid.device.total(apply_faces, self.grid.shape, *self.conductances, u, out)

    def residual(self, b: Any, u: Any, out: Any) -> None:
        """Out = b - A u."""
        self.grid.device.run(residual_faces, self.grid.shape, *self.conductances, b, u, out)

    def start(self, b: Any, out: Any, damping: float) -> None:
        """Out = damping b / diagonal."""
        self.grid.device.run(start_faces, self.grid.shape, *self.conductances, b, out, self.grid.dtype(damping))

    def smooth(self, b: Any, u: Any, out: Any, damping: float) -> float:
        """Out = u + damping (b - A u) / diagonal; returns b times out."""
        number = self.grid.dtype(damping)
        return self.grid.device.total(smooth_faces, self.grid.shape, *self.conductances, b, u, out, number)

    def correct(self, coarse: Any, u: Any, factor: float, shift: Shape) -> None:
        """Add the coarse correction to u."""
        self.grid.device.run(correct_faces, self.grid.shape, coarse, u, self.grid.dtype(factor), *shift)

    def faces(self, axis: int, scratch: Any) -> Any:
        """Conductances of the lower faces along an axis."""
        return self.conductances[axis]


@dataclass(frozen=True, eq=False)
class _Level:
    operator: Operator
    right: Any
    first: Any
    second: Any
    shift: Shape
    """How the level is joined to the next: 1 for each axis that halves; all 0 for the coarsest."""
    accelerated: tuple[Any, ...]
    """Three vectors of a level that is solved by two steps of conjugate gradients; none elsewhere."""


def _joined(shape: Shape, coupling: tuple[float, ...]) -> Shape:
    strongest = max(c for c, n in zip(coupling, shape, strict=True) if n > 1)
    return tuple(int(n > 1 and c >= STRONG * strongest) for c, n in zip(coupling, shape, strict=True))  # type: ignore[return-value]


def _coarser(operator: Operator, shift: Shape, scratch: Any) -> FaceOperator:
    fine = operator.grid
    shape: Shape = tuple(-(-n // (1 << s)) for n, s in zip(fine.shape, shift, strict=True))  # type: ignore[assignment]
    grid = Grid(fine.device, shape, fine.periodic, fine.dtype)
    made = []
    for axis in AXES:
        joined = grid.vector()
        faces = operator.faces(axis, scratch)
        fine.device.run(join_faces, faces_of(shape, axis), faces, joined, axis, *shift, *fine.shape)
        made.append(joined)
    return FaceOperator(grid, (made[0], made[1], made[2]))


def _inverse(operator: Operator, scratch: Any) -> npt.NDArray[np.float64]:
    """Pseudo-inverse of a small operator: voxels without a face, and a constant that no face fixes, stay zero."""
    grid = operator.grid
    count = math.prod(grid.shape)
    numbers = np.pad(np.arange(count).reshape(grid.shape), 1, constant_values=-1)
    for axis in AXES:
        if grid.periodic[axis]:
            moved, n = np.moveaxis(numbers, axis, 0), grid.shape[axis]
            moved[0], moved[n + 1] = moved[n], moved[1]
    matrix = np.zeros((count, count))
    for axis in AXES:
        g = np.moveaxis(grid.device.host(operator.faces(axis, scratch)), axis, 0).astype(np.float64)
        cells = np.moveaxis(numbers, axis, 0)
        last = grid.shape[axis] + (0 if grid.periodic[axis] else 1)
        for face in range(1, last + 1):
            inside = (slice(1, -1), slice(1, -1))
            upper, lower, value = cells[face][inside].ravel(), cells[face - 1][inside].ravel(), g[face][inside].ravel()
            both = (upper >= 0) & (lower >= 0)
            np.add.at(matrix, (upper[upper >= 0], upper[upper >= 0]), value[upper >= 0])
            np.add.at(matrix, (lower[lower >= 0], lower[lower >= 0]), value[lower >= 0])
            np.add.at(matrix, (upper[both], lower[both]), -value[both])
            np.add.at(matrix, (lower[both], upper[both]), -value[both])
    values, vectors = np.linalg.eigh(matrix)
    kept = values > 1e-11 * max(float(values[-1]), 1e-300)
    return (vectors[:, kept] / values[kept]) @ vectors[:, kept].T


class Multigrid:
    """A cycle through the levels as preconditioner.

    Sources: Braess 1995 (aggregation), Notay and Vassilevski 2008 (steps of conjugate gradients on coarse levels).
    """

    def __init__(self, operator: Operator, coupling: tuple[float, float, float], scratch: Any) -> None:
        """Build the levels. `coupling` is the conductance of a link along each axis; `scratch` is overwritten."""
        levels: list[_Level] = []
        current, strength = operator, tuple(coupling)
        while True:
            shape = current.grid.shape
            small = math.prod(shape) <= COARSEST
            right, first, second = [current.grid.vector() for _ in range(3)] if levels else [None] * 3
            shift: Shape = (0, 0, 0) if small else _joined(shape, strength)
            steps = 0 < len(levels) <= ACCELERATED and not small
            extra = tuple(current.grid.vector() for _ in range(3)) if steps else ()
            levels.append(_Level(current, right, first, second, shift, extra))
            if small:
                break
            # Joining an axis doubles the faces that cross the other two, and leaves its own as many.
            doubled = [2 ** (sum(shift) - s) for s in shift]
            strength = tuple(c * d for c, d in zip(strength, doubled, strict=True))
            current = _coarser(current, shift, scratch)
        self._levels = levels
        grid = levels[-1].operator.grid
        self._inverse = grid.device.array(_inverse(levels[-1].operator, scratch).astype(grid.dtype))

    def precondition(self, b: Any, first: Any, second: Any) -> tuple[Any, Any, float]:
        """Approximate solution for b, in one of the two arrays. Returns it, the other one, and b times the solution."""
        return self._cycle(0, b, first, second)

    def _correction(self, depth: int) -> Any:
        """Solution of a coarse level: one cycle, or two steps of flexible conjugate gradients with a cycle each."""
        level = self._levels[depth]
        operator, grid = level.operator, level.operator.grid
        device, shape = grid.device, grid.shape
        z, free, along = self._cycle(depth, level.right, level.first, level.second)
        if not level.accelerated or not along > 0.0:
            return z
        image, residual, spare = level.accelerated
        grid.fill_ghosts(z)
        energy = operator.apply(z, image)
        device.run(combine, shape, residual, level.right, image, grid.dtype(1.0), grid.dtype(-along / energy))
        d, free, along_second = self._cycle(depth, residual, free, spare)
        mixed = device.dot(d, image)
        grid.fill_ghosts(d)
        energy_second = operator.apply(d, free) - mixed * mixed / energy
        second = along_second / energy_second if energy_second > 0.0 else 0.0
        device.run(combine, shape, z, z, d, grid.dtype((along - mixed * second) / energy), grid.dtype(second))
        return z

    def _cycle(self, depth: int, b: Any, first: Any, second: Any) -> tuple[Any, Any, float]:
        level = self._levels[depth]
        operator, grid = level.operator, level.operator.grid
        if level.shift == (0, 0, 0):
            grid.device.run(solve_coarsest, grid.shape, self._inverse, b, first, *grid.shape)
            return first, second, grid.device.dot(b, first) if depth == 0 else 0.0
        operator.start(b, first, SMOOTHING[0])
        for damping in SMOOTHING[1:]:
            grid.fill_ghosts(first)
            operator.smooth(b, first, second, damping)
            first, second = second, first
        grid.fill_ghosts(first)
        operator.residual(b, first, second)
        coarse = self._levels[depth + 1]
        below = coarse.operator.grid
        below.device.run(restrict, below.shape, second, coarse.right, *level.shift, *grid.shape)
        correction = self._correction(depth + 1)
        operator.correct(correction, first, OVERCORRECTION, level.shift)
        product = 0.0
        for damping in reversed(SMOOTHING):
            grid.fill_ghosts(first)
            product = operator.smooth(b, first, second, damping)
            first, second = second, first
        return first, second, product


@dataclass(frozen=True, eq=False)
class Solved:
    """Solution of the equations, and the arrays that are free again."""

    solution: Any
    iterations: int
    residual: float
    """Residual in the norm of the preconditioner, over that of the start: about the relative error of energy norm."""
    converged: bool
    spare: tuple[Any, Any, Any]


def conjugate_gradients(
    operator: Operator,
    right: Any,
    coupling: tuple[float, float, float],
    *,
    tolerance: float,
    most_iterations: int,
    progress: Callable[[float], None] | None = None,
) -> Solved:
    """Solve A u = right from zero. `right` is overwritten; `progress` gets the share that is done, 0 to 1.

    Ends when the residual in the norm of the preconditioner has fallen by `tolerance`, or after `most_iterations`; a
    solution that has not converged says so. Source: Hestenes and Stiefel 1952.
    """
    grid = operator.grid
    device, shape = grid.device, grid.shape
    # The faces that it writes would stay in the ghosts, which are to be zero: the scratch array is not used again.
    multigrid = Multigrid(operator, coupling, grid.vector())
    first, second = grid.vector(), grid.vector()
    u, direction = grid.vector(), grid.vector()
    z, free, product = multigrid.precondition(right, first, second)
    start, previous, iterations = product, 1.0, 0
    while product > 0.0 and math.sqrt(product / start) > tolerance and iterations < most_iterations:
        device.run(turn, shape, direction, z, grid.dtype(product / previous if iterations else 0.0))
        grid.fill_ghosts(direction)
        energy = operator.apply(direction, free)
        if not energy > 0.0:
            break
        device.run(advance, shape, u, right, direction, free, grid.dtype(product / energy))
        previous = product
        z, free, product = multigrid.precondition(right, z, free)
        iterations += 1
        if progress is not None:
            progress(min(1.0, math.log(max(product / start, 1e-300)) / (2.0 * math.log(tolerance))))
    residual = math.sqrt(max(product, 0.0) / start) if start > 0.0 else 0.0
    grid.fill_ghosts(u)
    return Solved(u, iterations, residual, residual <= tolerance, (direction, z, free))
