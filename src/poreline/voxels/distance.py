"""Exact Euclidean distances on a grid: to the nearest marked voxel, with anisotropic voxels and periodic axes."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.voxels.threads import parallel

IntArray = npt.NDArray[np.int32]
NOWHERE = -1
"""Index of a voxel from which nothing is marked."""


@nb.njit(cache=True, inline="always")
def _lower_envelope(nearest, heights, n, spacing, wraps, apexes, starts, found):  # type: ignore[no-untyped-def]
    """Nearest mark of each voxel of one line, from the marks that the axes before found (Felzenszwalb and Huttenlocher 2012).

    `heights` is the squared distance to the mark in the axes before; on a wrapping line the marks of the line's copies
    on both sides compete too.
    """
    count = 0
    first, last = (-n, 2 * n) if wraps else (0, n)
    for position in range(first, last):
        q = position % n if wraps else position
        if nearest[q] < 0:
            continue
        x = position * spacing
        while count > 0:
            apex = apexes[count - 1]
            before = apex * spacing
            other = heights[apex % n if wraps else apex]
            meet = ((heights[q] + x * x) - (other + before * before)) / (2.0 * (x - before))
            if count > 1 and meet <= starts[count - 1]:
                count -= 1
            else:
                break
        apexes[count] = position
        if count == 0:
            starts[0] = -np.inf
        else:
            starts[count] = meet
        count += 1
    if count == 0:
        for q in range(n):
            found[q] = -1
        return
    k = 0
    for q in range(n):
        x = q * spacing
        while k + 1 < count and starts[k + 1] < x:
            k += 1
        apex = apexes[k]
        found[q] = nearest[apex % n if wraps else apex]


@parallel()
def _along_z(index, wraps):  # type: ignore[no-untyped-def]
    """Nearest mark along each line of the last axis: two sweeps."""
    nx, ny, nz = index.shape
    for i in nb.prange(nx):
        place = np.empty(nz, np.int64)
        below = np.empty(nz, np.int64)
        for j in range(ny):
            line = index[i, j]
            last = -(1 << 30)
            if wraps:
                for k in range(nz):
                    if line[k] >= 0:
                        last = k - nz
            for k in range(nz):
                if line[k] >= 0:
                    last = k
                below[k] = last
            upper = 1 << 30
            if wraps:
                for k in range(nz - 1, -1, -1):
                    if line[k] >= 0:
                        upper = k + nz
            for k in range(nz - 1, -1, -1):
                if line[k] >= 0:
                    upper = k
                place[k] = below[k] if k - below[k] <= upper - k else upper
            for k in range(nz - 1, -1, -1):
                below[k] = line[place[k] % nz] if -(1 << 29) < place[k] < (1 << 29) else -1
            for k in range(nz):
                line[k] = below[k]


_TOGETHER = 16  # neighbouring lines that are gathered together, so that memory is read by whole cache lines


@parallel()
def _along(index, rows, columns, spacing, wraps, axis):  # type: ignore[no-untyped-def]
    """Nearest mark along axis 1 or 0, after the axes behind it; `rows` and `columns` are the marks' places on axes 1 and 2."""
    nx, ny, nz = index.shape
    n = ny if axis == 1 else nx
    others = nx if axis == 1 else ny
    blocks = (nz + 16 - 1) // 16
    period_y, period_z = ny * spacing[1], nz * spacing[2]
    for task in nb.prange(others * blocks):
        other, block = task // blocks, task % blocks
        k0 = block * 16
        width = min(16, nz - k0)
        lines = np.empty((16, n), np.int32)
        heights = np.empty(n, np.float64)
        found = np.empty(n, np.int32)
        apexes = np.empty(3 * n if wraps[axis] else n, np.int64)
        starts = np.empty(3 * n if wraps[axis] else n, np.float64)
        for q in range(n):
            for w in range(width):
                lines[w, q] = index[other, q, k0 + w] if axis == 1 else index[q, other, k0 + w]
        for w in range(width):
            for q in range(n):
                mark = lines[w, q]
                if mark < 0:
                    continue
                dz = abs(columns[mark] - (k0 + w)) * spacing[2]
                if wraps[2]:
                    dz = min(dz, period_z - dz)
                height = dz * dz
                if axis == 0:
                    dy = abs(rows[mark] - other) * spacing[1]
                    if wraps[1]:
                        dy = min(dy, period_y - dy)
                    height += dy * dy
                heights[q] = height
            _lower_envelope(lines[w], heights, n, spacing[axis], wraps[axis], apexes, starts, found)
            for q in range(n):
                lines[w, q] = found[q]
        for q in range(n):
            for w in range(width):
                if axis == 1:
                    index[other, q, k0 + w] = lines[w, q]
                else:
                    index[q, other, k0 + w] = lines[w, q]


@parallel()
def _squared(index, places, spacing, wraps, out):  # type: ignore[no-untyped-def]
    nx, ny, nz = index.shape
    for i in nb.prange(nx):
        for j in range(ny):
            for k in range(nz):
                mark = index[i, j, k]
                if mark < 0:
                    out[i, j, k] = np.inf
                    continue
                place = np.int64(places[mark])
                dx = abs(place // (ny * nz) - i) * spacing[0]
                dy = abs((place // nz) % ny - j) * spacing[1]
                dz = abs(place % nz - k) * spacing[2]
                if wraps[0]:
                    dx = min(dx, nx * spacing[0] - dx)
                if wraps[1]:
                    dy = min(dy, ny * spacing[1] - dy)
                if wraps[2]:
                    dz = min(dz, nz * spacing[2] - dz)
                out[i, j, k] = np.float32(np.sqrt(dx * dx + dy * dy + dz * dz))


def spread_nearest(
    index: IntArray, places: npt.NDArray[Any], spacing: tuple[float, float, float], periodic: tuple[bool, bool, bool]
) -> None:
    """Give every voxel the number of the mark that is nearest to it, in place.

    `index` (nx, ny, nz) holds the number of the mark in marked voxels and -1 elsewhere; `places[number]` is the flat
    index of the marked voxel. Distances count from centre to centre with `spacing` in any unit; periodic axes wrap.
    Exact; 8 bytes a mark. Source: separable lower envelopes, Felzenszwalb and Huttenlocher 2012.
    """
    steps, wraps = np.array(spacing, dtype=np.float64), np.array(periodic)
    _along_z(index, bool(wraps[2]))
    rows, columns = np.divmod(np.asarray(places), index.shape[2])
    rows %= index.shape[1]
    # Looked up for each voxel: no division there.
    rows, columns = rows.astype(np.int32, copy=False), columns.astype(np.int32, copy=False)
    _along(index, rows, columns, steps, wraps, 1)
    _along(index, rows, columns, steps, wraps, 0)


def distance_to(
    mask: npt.NDArray[np.bool_],
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0),
    periodic: tuple[bool, bool, bool] = (False, False, False),
) -> npt.NDArray[np.float32]:
    """Distance from the centre of every voxel to the centre of the nearest voxel of `mask`, in the unit of `spacing`.

    0 inside the mask, infinite everywhere where the mask is empty. Exact; 8 bytes a voxel.
    """
    places = np.flatnonzero(mask)
    index = np.full(mask.shape, NOWHERE, dtype=np.int32)
    index.reshape(-1)[places] = np.arange(places.size, dtype=np.int32)
    spread_nearest(index, places, spacing, periodic)
    out = np.empty(mask.shape, dtype=np.float32)
    _squared(index, places, np.array(spacing, dtype=np.float64), np.array(periodic), out)
    return out
