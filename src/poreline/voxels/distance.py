"""Exact Euclidean distances on a grid: to the nearest marked voxel, with anisotropic voxels and periodic axes."""

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.voxels import launch

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


@nb.njit(cache=True)
def _along_z(lines, wraps, squares, spacing, below):  # type: ignore[no-untyped-def]
    """Nearest mark along each line of the last axis of a plane, and the square of the distance to it: two sweeps."""
    ny, nz = lines.shape
    nowhere = 1 << 30
    for j in range(ny):
        line = lines[j]
        last, first = -nowhere, nowhere
        if wraps:
            for k in range(nz):
                if line[k] >= 0:
                    last = k - nz
                    first = min(first, k + nz)
        for k in range(nz):
            if line[k] >= 0:
                last = k
            below[k] = last
        upper = first
        for k in range(nz - 1, -1, -1):
            if line[k] >= 0:
                upper = k
            place = below[k] if k - below[k] <= upper - k else upper
            squares[j, k] = np.inf
            # Marks are handed down only to places that have been passed: those at the mark itself still stand.
            below[k] = place
            if abs(place) < nowhere:
                squares[j, k] = np.float32(((place - k) * spacing) ** 2)
        for k in range(nz):
            place = below[k]
            below[k] = line[place % nz] if abs(place) < nowhere else -1
        for k in range(nz):
            line[k] = below[k]


_TOGETHER = 32
"""Neighbouring lines that are worked through side by side: whole cache lines, and the arithmetic is vectorised."""
_FAR = 24
"""Voxels along a line up to which marks are tried one by one; where the nearest lies further, the lower envelope finds it."""


@nb.njit(cache=True, fastmath={"nnan", "nsz"}, error_model="numpy")
def _by_trial(marks, squares, n, spacing, wraps, best, found):  # type: ignore[no-untyped-def]
    """Nearest mark of each place of `_TOGETHER` lines, from the marks that the axes before found; False if one lies too far.

    Of marks equally near the one with the lowest position counts, as in the lower envelope.
    """
    last = n // 2 if wraps else n - 1
    for q in range(n):
        for w in range(_TOGETHER):
            best[w], found[q, w] = squares[q, w], marks[q, w]
        for d in range(1, last + 1):
            way = np.float32((d * spacing) ** 2)
            open_lines = np.int32(0)  # a count is vectorised, a largest value is not
            for w in range(best.size):  # not a constant number: LLVM would unroll the loop instead of vectorising it
                open_lines += np.int32(best[w] >= way)
            if open_lines == 0:
                break
            if d > _FAR:
                return False
            before, behind = q - d, q + d
            if wraps:
                before, behind = before + n if before < 0 else before, behind - n if behind >= n else behind
            if before >= 0:
                for w in range(_TOGETHER):
                    square, mark, least, nearest = squares[before, w] + way, marks[before, w], best[w], found[q, w]
                    found[q, w] = mark if square <= least else nearest
                    best[w] = square if square <= least else least
            if behind < n:
                for w in range(_TOGETHER):
                    square, mark, least, nearest = squares[behind, w] + way, marks[behind, w], best[w], found[q, w]
                    found[q, w] = mark if square < least else nearest
                    best[w] = square if square < least else least
    return True


@nb.njit(cache=True)
def _spread_along(marks, squares, n, spacing, wraps, best, found):  # type: ignore[no-untyped-def]
    """The nearest mark of each place of `_TOGETHER` lines in `found`."""
    for w in range(_TOGETHER):
        nothing = True
        for q in range(n):
            nothing = nothing and marks[q, w] < 0
        if nothing:
            # Else the search for the nearest mark would go to the end of the line.
            squares[:, w] = 0.0
    if _by_trial(marks, squares, n, spacing, wraps, best, found):
        return
    heights, line = np.empty(n, np.float64), np.empty(n, np.int32)
    apexes, starts = np.empty(3 * n if wraps else n, np.int64), np.empty(3 * n if wraps else n, np.float64)
    nearest = np.empty(n, np.int32)
    for w in range(_TOGETHER):
        for q in range(n):
            line[q], heights[q] = marks[q, w], squares[q, w]
        _lower_envelope(line, heights, n, spacing, wraps, apexes, starts, nearest)
        for q in range(n):
            found[q, w] = nearest[q]


@nb.njit(cache=True, nogil=True)
def _in_planes(start, stop, index, spacing, wraps):  # type: ignore[no-untyped-def]
    """Nearest mark within each plane of the first axis."""
    ny, nz = index.shape[1:]
    in_plane = np.empty((ny, nz), np.float32)
    below = np.empty(nz, np.int64)
    marks, found = np.empty((ny, _TOGETHER), np.int32), np.empty((ny, _TOGETHER), np.int32)
    squares, best = np.empty((ny, _TOGETHER), np.float32), np.empty(_TOGETHER, np.float32)
    for i in range(start, stop):
        plane = index[i]
        _along_z(plane, wraps[2], in_plane, spacing[2], below)
        for k0 in range(0, nz, _TOGETHER):
            width = min(_TOGETHER, nz - k0)
            marks[:, width:] = -1
            for j in range(ny):
                for w in range(width):
                    marks[j, w], squares[j, w] = plane[j, k0 + w], in_plane[j, k0 + w]
            _spread_along(marks, squares, ny, spacing[1], wraps[1], best, found)
            for j in range(ny):
                for w in range(width):
                    plane[j, k0 + w] = found[j, w]


@nb.njit(cache=True, nogil=True)
def _across_planes(start, stop, index, columns, spacing, wraps):  # type: ignore[no-untyped-def]
    """Nearest mark along the first axis, after the other two; `columns` are the marks' places on axes 1 and 2."""
    nx, ny, nz = index.shape
    period_y, period_z = ny * spacing[1], nz * spacing[2]
    marks, found = np.empty((nx, _TOGETHER), np.int32), np.empty((nx, _TOGETHER), np.int32)
    squares, best = np.empty((nx, _TOGETHER), np.float32), np.empty(_TOGETHER, np.float32)
    for j in range(start, stop):
        for k0 in range(0, nz, _TOGETHER):
            width = min(_TOGETHER, nz - k0)
            marks[:, width:] = -1
            for i in range(nx):
                for w in range(width):
                    mark = index[i, j, k0 + w]
                    marks[i, w], squares[i, w] = mark, np.inf
                    if mark >= 0:
                        dy, dz = abs(columns[mark, 0] - j) * spacing[1], abs(columns[mark, 1] - k0 - w) * spacing[2]
                        if wraps[1]:
                            dy = min(dy, period_y - dy)
                        if wraps[2]:
                            dz = min(dz, period_z - dz)
                        squares[i, w] = np.float32(dy * dy + dz * dz)
            _spread_along(marks, squares, nx, spacing[0], wraps[0], best, found)
            for i in range(nx):
                for w in range(width):
                    index[i, j, k0 + w] = found[i, w]


@nb.njit(cache=True)
def _columns_of(places, ny, nz):  # type: ignore[no-untyped-def]
    """Places on axes 1 and 2 of marks given by flat index."""
    columns = np.empty((places.size, 2), np.int32)
    for n in range(places.size):
        place = np.int64(places[n])
        row = place // nz
        columns[n, 0], columns[n, 1] = row % ny, place - row * nz
    return columns


@nb.njit(cache=True, nogil=True)
def _lengths(start, stop, index, places, spacing, wraps, out):  # type: ignore[no-untyped-def]
    nx, ny, nz = index.shape
    for i in range(start, stop):
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
    Exact to float32; of marks equally near that of the lowest place counts. Memory: 8 bytes a mark. Axis by axis: nearby marks
    are tried one by one, for many lines at once; where none is near, by lower envelopes (Felzenszwalb and Huttenlocher 2012).
    """
    steps, wraps = np.array(spacing, dtype=np.float64), np.array(periodic)
    launch.run_tasks(_in_planes, index.shape[0], (index, steps, wraps))
    # Looked up for each voxel: no division there.
    columns = _columns_of(np.asarray(places), index.shape[1], index.shape[2])
    launch.run_tasks(_across_planes, index.shape[1], (index, columns, steps, wraps))


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
    arguments = (index, places, np.array(spacing, dtype=np.float64), np.array(periodic), out)
    launch.run_tasks(_lengths, mask.shape[0], arguments)
    return out
