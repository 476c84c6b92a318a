"""Where the pore wall runs inside the voxels: a small flat patch of wall for every voxel that the wall passes.

Between a pore voxel and the solid one beside it the wall's height above the grid is the void fraction summed along the
column through both (the height function of volume-of-fluid methods: Cummins, Francois and Kothe 2005, not re-read), its
slope the difference of the neighbouring columns. Exact for plane walls with exact void fractions. In a binary image a column
tells the wall to half a voxel only; there a plane is fitted to all nine or twenty-five columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.voxels import VoxelImage, launch
from poreline.voxels.image import OPEN_FROM

STEEPEST = 1.01
"""Slope of the wall against a grid plane up to which a column measures it; steeper walls are measured along another axis."""
MOST_BENT = 0.1
"""Bend of a wall (1/(2 R), R its radius in voxels) up to which a binary image's wall is fitted to 25 columns, not 9."""


WIDEST = 1.5
"""Largest radius of a patch in voxels; patches lie a voxel or so apart."""
ALIKE = 0.7
"""Cosine between the normals of two patches of one wall, at least."""
SETTLING = 2
"""Voxels around a patch of a binary image's wall whose patches it is averaged with: each by itself knows half a voxel only."""
FLATNESS = 0.05
"""Sag in voxels up to which a patch of a round wall counts as flat: radius = sqrt(2 R sag) = sqrt(sag / bend)."""


@dataclass(frozen=True, eq=False)
class Wall:
    """Patches of wall: one row each, sorted by the voxel they belong to."""

    place: npt.NDArray[np.int32]
    """Flat index of the pore voxel."""
    point: npt.NDArray[np.float32]
    """(n, 3) a point of the wall, in the unit of the spacing, counted from the centre of voxel (0, 0, 0)."""
    normal: npt.NDArray[np.float32]
    """(n, 3) unit normal, into the pore."""
    radius: npt.NDArray[np.float32]
    """(n,) how far around its point a patch is as good as flat, in the unit of the spacing."""


_SETTLING_TASKS = 64
_REACH = 4
"""Voxels around a voxel that a patch may read."""


@nb.njit(cache=True)
def _around(i, n, stride, wraps, out):  # type: ignore[no-untyped-def]
    """Flat offsets of the places i - 4 ... i + 4 of an axis: around the corner on a periodic axis, the edge elsewhere."""
    for step in range(-_REACH, _REACH + 1):
        place = i + step
        if place < 0 or place >= n:
            place = place % n if wraps else min(max(place, 0), n - 1)
        out[step + _REACH] = place * stride


@nb.njit(cache=True)
def _steepness(flat, around, spacing, out):  # type: ignore[no-untyped-def]
    """Rough gradient of the void fraction from the voxels around: tells along which axes a wall can be measured."""
    out[0] = out[1] = out[2] = 0.0
    for a in range(-1, 2):
        for b in range(-1, 2):
            row = around[0, a + _REACH] + around[1, b + _REACH]
            for c in range(-1, 2):
                value = np.float64(flat[row + around[2, c + _REACH]])
                out[0] += a * value
                out[1] += b * value
                out[2] += c * value
    for axis in range(3):
        out[axis] = abs(out[axis]) / spacing[axis]
    return max(out[0], out[1], out[2])


@nb.njit(cache=True)
def _extent(flat, column, base, side, furthest):  # type: ignore[no-untyped-def]
    """How far the middle column falls into the pore and rises into the wall: until it stops opening, and closing."""
    below, best = 0, flat[base + column[_REACH]]
    for step in range(1, furthest):
        value = flat[base + column[_REACH - step * side]]
        if value < best:
            break
        below, best = step, value
    above, least = 1, flat[base + column[_REACH + side]]
    for step in range(2, furthest):
        value = flat[base + column[_REACH + step * side]]
        if value > least:
            break
        above, least = step, value
    return below, above


@nb.njit(cache=True)
def _height(flat, column, base, side, below, above):  # type: ignore[no-untyped-def]
    """Void fraction summed along a column: up until it opens again, which is another wall; down until it is as open as it gets."""
    own = flat[base + column[_REACH]]
    before, height = own, np.float64(own)
    for step in range(1, above + 1):
        value = flat[base + column[_REACH + step * side]]
        if value > before:
            break
        before = value
        height += value
    if own >= 1:
        return height + below * np.float64(own)
    peak = own
    for step in range(1, below + 1):
        value = flat[base + column[_REACH - step * side]]
        if value < peak:
            return height + peak * np.float64(below - step + 1)
        peak = value
        height += value
    return height


@nb.njit(cache=True)
def _patch(flat, around, axis, side, spacing, reach, rounded, out):  # type: ignore[no-untyped-def]
    """Wall between an open voxel and its closed neighbour on `side` (+1, -1) of `axis`; returns the larger slope.

    `out` receives the point (relative to the voxel's centre), the normal and the bend. The columns are summed from a common
    base: down to where the void fraction stops growing, up to where it stops falling, at most four voxels.
    """
    first, second = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    column = around[axis]
    middle_base = around[first, _REACH] + around[second, _REACH]
    below, above = _extent(flat, column, middle_base, side, 2 + reach)
    total = slope_a = slope_b = curve_a = curve_b = centre = 0.0
    for p in range(-reach, reach + 1):
        for q in range(-reach, reach + 1):
            base = around[first, p + _REACH] + around[second, q + _REACH]
            height = _height(flat, column, base, side, below, above)
            total += height
            slope_a += p * height
            slope_b += q * height
            if p == 0 and q == 0:
                centre = height
            curve_a += p * p * height
            curve_b += q * q * height
    width = 2 * reach + 1
    number = width * width
    squares = 2.0 if reach == 1 else 10.0  # sums of p^2 and, below, of (p^2 - its mean)^2
    slope_a /= squares * width
    slope_b /= squares * width
    mean = total / number
    # Least squares of a paraboloid over the columns: second differences, and the height at the middle.
    mean_square = squares / width
    quartic = 2.0 / 3.0 if reach == 1 else 14.0
    bend_a = (curve_a - mean_square * total) / (quartic * width)
    bend_b = (curve_b - mean_square * total) / (quartic * width)
    middle = mean - (bend_a + bend_b) * mean_square
    # Columns of exact void fractions tell the height by themselves; rounded ones only together.
    height = middle if rounded else centre
    out[6] = max(abs(bend_a), abs(bend_b))
    # The mean over a voxel's section lies off the height at its middle by a twelfth of the bend.
    height -= (bend_a + bend_b) / 12.0
    top = (height - below - 0.5) * side * spacing[axis]
    sa = slope_a * spacing[axis] / spacing[first]
    sb = slope_b * spacing[axis] / spacing[second]
    length = np.sqrt(1.0 + sa * sa + sb * sb)
    out[0] = out[1] = out[2] = 0.0
    out[axis] = top
    out[3 + axis] = -side / length
    out[3 + first] = sa / length
    out[3 + second] = sb / length
    return max(abs(sa), abs(sb))


@nb.njit(cache=True, nogil=True)
def _count(start, stop, void, wraps, threshold, counts):  # type: ignore[no-untyped-def]
    """Faces between open and closed voxels, for each plane of the first axis: seen from the open side."""
    nx, ny, nz = void.shape
    for i in range(start, stop):
        found = 0
        for side in (-1, 1):
            other = i + side
            if 0 <= other < nx or wraps[0]:
                here, there = void[i], void[other % nx]
                for j in range(ny):
                    for k in range(nz):
                        found += (here[j, k] >= threshold) & (there[j, k] < threshold)
        for j in range(ny):
            here = void[i, j]
            for side in (-1, 1):
                row = j + side
                if 0 <= row < ny or wraps[1]:
                    there = void[i, row % ny]
                    for k in range(nz):
                        found += (here[k] >= threshold) & (there[k] < threshold)
            for k in range(1, nz):
                found += (here[k] >= threshold) != (here[k - 1] >= threshold)
            if wraps[2]:
                found += (here[0] >= threshold) != (here[nz - 1] >= threshold)
        counts[i] = found


@nb.njit(cache=True)
def _keep(out, at, here, i, j, k, spacing, widest, flatness, place, point, normal, radius):  # type: ignore[no-untyped-def]
    place[at] = here
    point[at, 0], point[at, 1], point[at, 2] = i * spacing[0] + out[0], j * spacing[1] + out[1], k * spacing[2] + out[2]
    normal[at, 0], normal[at, 1], normal[at, 2] = out[3], out[4], out[5]
    radius[at] = min(widest, np.sqrt(flatness / max(1e-6, out[6])))


@nb.njit(cache=True, nogil=True)
def _fill(  # type: ignore[no-untyped-def]
    start,
    stop,
    void,
    wraps,
    spacing,
    rounded,
    threshold,
    steepest,
    most_bent,
    widest,
    flatness,
    starts,
    place,
    point,
    normal,
    radius,
    counts,
):
    """Patches of every plane, behind the plane's start, and how many it has."""
    nx, ny, nz = void.shape
    flat = void.reshape(-1)
    out = np.empty(7, np.float64)
    least = np.empty(7, np.float64)
    rough = np.empty(3, np.float64)
    around = np.empty((3, 2 * _REACH + 1), np.int64)
    for i in range(start, stop):
        _around(i, nx, ny * nz, wraps[0], around[0])
        at = starts[i]
        for j in range(ny):
            _around(j, ny, nz, wraps[1], around[1])
            row = void[i, j]
            for k in range(nz):
                if row[k] < threshold:
                    continue
                before, behind = k - 1, k + 1
                if before < 0:
                    before = nz - 1 if wraps[2] else 0
                if behind >= nz:
                    behind = 0 if wraps[2] else nz - 1
                lateral = around[0, _REACH] + around[1, _REACH] + k
                if (
                    row[before] >= threshold
                    and row[behind] >= threshold
                    and flat[lateral + around[0, _REACH - 1] - around[0, _REACH]] >= threshold
                    and flat[lateral + around[0, _REACH + 1] - around[0, _REACH]] >= threshold
                    and flat[lateral + around[1, _REACH - 1] - around[1, _REACH]] >= threshold
                    and flat[lateral + around[1, _REACH + 1] - around[1, _REACH]] >= threshold
                ):
                    continue
                _around(k, nz, 1, wraps[2], around[2])
                largest = _steepness(flat, around, spacing, rough)
                flattest = np.inf
                kept = 0
                for axis in range(3):
                    if rough[axis] < 0.6 * largest:
                        continue
                    for side in (-1, 1):
                        step = around[axis, _REACH + side] - around[axis, _REACH]
                        if flat[lateral + step] >= threshold:
                            continue
                        slope = _patch(flat, around, axis, side, spacing, 2 if rounded else 1, rounded, out)
                        if rounded and out[6] > most_bent:
                            # Too round for a plane of twenty-five columns.
                            slope = _patch(flat, around, axis, side, spacing, 1, rounded, out)
                        if slope <= steepest:
                            kept += 1
                            _keep(out, at, lateral, i, j, k, spacing, widest, flatness, place, point, normal, radius)
                            at += 1
                        elif slope < flattest:
                            flattest = slope
                            least[:] = out
                if kept == 0 and flattest < np.inf:
                    _keep(least, at, lateral, i, j, k, spacing, widest, flatness, place, point, normal, radius)
                    at += 1
        counts[i] = at - starts[i]


@nb.njit(cache=True, nogil=True)
def _settle(start, stop, first, place, point, normal, spacing, wraps, reach, shifts):  # type: ignore[no-untyped-def]
    """Move each patch along its normal to the mean of its neighbours': a round wall through them all.

    A point p' with normal n' lies on one sphere with the point p and normal n if (p' - p) . (n + n') = 0.
    """
    nx, ny, nz = first.shape
    for task in range(start, stop):
        for f in range(task * place.size // _SETTLING_TASKS, (task + 1) * place.size // _SETTLING_TASKS):
            voxel = np.int64(place[f])
            i, j, k = voxel // (ny * nz), (voxel // nz) % ny, voxel % nz
            shift, number = 0.0, 1
            for a in range(-reach, reach + 1):
                x = i + a
                if x < 0 or x >= nx:
                    if not wraps[0]:
                        continue
                    x %= nx
                for b in range(-reach, reach + 1):
                    y = j + b
                    if y < 0 or y >= ny:
                        if not wraps[1]:
                            continue
                        y %= ny
                    for c in range(-reach, reach + 1):
                        z = k + c
                        if z < 0 or z >= nz:
                            if not wraps[2]:
                                continue
                            z %= nz
                        g = first[x, y, z]
                        if g < 0:
                            continue
                        own = place[g]
                        while g < place.size and place[g] == own:
                            alike = (
                                normal[f, 0] * normal[g, 0] + normal[f, 1] * normal[g, 1] + normal[f, 2] * normal[g, 2]
                            )
                            if g != f and alike > ALIKE:
                                # A copy around the corner: the voxel's own place, and how the patch lies to it.
                                dx = point[g, 0] - point[f, 0] + (i + a - x) * spacing[0]
                                dy = point[g, 1] - point[f, 1] + (j + b - y) * spacing[1]
                                dz = point[g, 2] - point[f, 2] + (k + c - z) * spacing[2]
                                shift += 0.5 * (
                                    dx * (normal[f, 0] + normal[g, 0])
                                    + dy * (normal[f, 1] + normal[g, 1])
                                    + dz * (normal[f, 2] + normal[g, 2])
                                )
                                number += 1
                            g += 1
            shifts[f] = shift / number


def _settle_all(wall: Wall, image: VoxelImage, spacing: npt.NDArray[np.float64]) -> None:
    first = np.full(image.shape, -1, np.int32)
    firsts = np.flatnonzero(np.diff(wall.place, prepend=-1))
    first.reshape(-1)[wall.place[firsts]] = firsts
    shifts = np.empty(wall.radius.shape, np.float32)
    arguments = (first, wall.place, wall.point, wall.normal, spacing, np.array(image.periodic), SETTLING, shifts)
    launch.run_tasks(_settle, _SETTLING_TASKS, arguments)
    for axis in range(3):
        wall.point[:, axis] += shifts * wall.normal[:, axis]


@nb.njit(cache=True)
def _close_up(starts, kept, place, point, normal, radius):  # type: ignore[no-untyped-def]
    """Close the gaps behind the patches of each plane; returns how many patches there are."""
    at = 0
    for plane in range(kept.size):
        for f in range(starts[plane], starts[plane] + kept[plane]):
            place[at], radius[at] = place[f], radius[f]
            for axis in range(3):
                point[at, axis], normal[at, axis] = point[f, axis], normal[f, axis]
            at += 1
    return at


def wall_of(image: VoxelImage) -> Wall:
    """The wall of an image's pores, patch by patch, in the unit of the smallest edge of a voxel.

    About 28 bytes a patch; a patch for every column of voxels that the wall crosses.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    wraps = np.array(image.periodic)
    planes = image.shape[0]
    counts = np.zeros(planes, np.int64)
    launch.run_tasks(_count, planes, (image.void, wraps, OPEN_FROM, counts))
    starts = np.concatenate([[0], np.cumsum(counts)])
    number = int(starts[-1])
    place, radius = np.empty(number, np.int32), np.empty(number, np.float32)
    point, normal = np.empty((number, 3), np.float32), np.empty((number, 3), np.float32)
    limits = (OPEN_FROM, STEEPEST, MOST_BENT, WIDEST, FLATNESS)
    patches = (place, point, normal, radius)
    kept = np.zeros(planes, np.int64)
    launch.run_tasks(_fill, planes, (image.void, wraps, spacing, image.is_binary, *limits, starts, *patches, kept))
    count = _close_up(starts, kept, *patches)
    for column, shape in zip(patches, (count, (count, 3), (count, 3), count), strict=True):
        column.resize(shape, refcheck=False)  # in place: a copy of them all would be the largest thing in memory
    wall = Wall(place, point, normal, radius)
    if image.is_binary:
        _settle_all(wall, image, spacing)
    return wall
