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

from poreline.voxels import VoxelImage
from poreline.voxels.image import OPEN_FROM

STEEPEST = 1.01
"""Slope of the wall against a grid plane up to which a column measures it; steeper walls are measured along another axis."""
MOST_BENT = 0.1
"""Bend of a wall (1/(2 R), R its radius in voxels) up to which a binary image's wall is fitted to 25 columns, not 9."""


WIDEST = 1.5
"""Largest radius of a patch in voxels; patches lie a voxel or so apart."""
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


@nb.njit(cache=True)
def _value(void, i, j, k, wraps):  # type: ignore[no-untyped-def]
    """Void fraction at a place that may lie outside: around the corner on a periodic axis, the edge's value elsewhere."""
    nx, ny, nz = void.shape
    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
        return np.float64(void[i, j, k])
    if i < 0 or i >= nx:
        i = i % nx if wraps[0] else (0 if i < 0 else nx - 1)
    if j < 0 or j >= ny:
        j = j % ny if wraps[1] else (0 if j < 0 else ny - 1)
    if k < 0 or k >= nz:
        k = k % nz if wraps[2] else (0 if k < 0 else nz - 1)
    return np.float64(void[i, j, k])


@nb.njit(cache=True)
def _steepness(void, i, j, k, wraps, spacing, out):  # type: ignore[no-untyped-def]
    """Rough gradient of the void fraction from the voxels around: tells along which axes a wall can be measured."""
    out[0] = out[1] = out[2] = 0.0
    for a in range(-1, 2):
        for b in range(-1, 2):
            for c in range(-1, 2):
                value = _value(void, i + a, j + b, k + c, wraps)
                out[0] += a * value
                out[1] += b * value
                out[2] += c * value
    for axis in range(3):
        out[axis] = abs(out[axis]) / spacing[axis]
    return max(out[0], out[1], out[2])


@nb.njit(cache=True)
def _patch(void, i, j, k, axis, side, wraps, spacing, reach, rounded, out):  # type: ignore[no-untyped-def]
    """Wall between an open voxel and its closed neighbour on `side` (+1, -1) of `axis`; returns the larger slope.

    `out` receives the point (relative to the voxel's centre) and the normal. The columns are summed from a common base:
    down to where the void fraction stops growing, up to where it stops falling, at most four voxels.
    """
    dx, dy, dz = side * (axis == 0), side * (axis == 1), side * (axis == 2)
    furthest = 2 + reach
    below, best = 0, _value(void, i, j, k, wraps)
    for step in range(1, furthest):
        value = _value(void, i - step * dx, j - step * dy, k - step * dz, wraps)
        if value < best:
            break
        below, best = step, value
    above, least = 1, _value(void, i + dx, j + dy, k + dz, wraps)
    for step in range(2, furthest):
        value = _value(void, i + step * dx, j + step * dy, k + step * dz, wraps)
        if value > least:
            break
        above, least = step, value
    first, second = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    ax, ay, az = first == 0, first == 1, first == 2
    bx, by, bz = second == 0, second == 1, second == 2
    total = slope_a = slope_b = curve_a = curve_b = centre = 0.0
    squares = 0.0
    for p in range(-reach, reach + 1):
        for q in range(-reach, reach + 1):
            x, y, z = i + p * ax + q * bx, j + p * ay + q * by, k + p * az + q * bz
            # Upwards until the column opens again, which is another wall; downwards until it is as open as it gets.
            before = _value(void, x, y, z, wraps)
            height = peak = before
            for step in range(1, above + 1):
                value = _value(void, x + step * dx, y + step * dy, z + step * dz, wraps)
                if value > before:
                    break
                before = value
                height += value
            for step in range(1, below + 1):
                value = _value(void, x - step * dx, y - step * dy, z - step * dz, wraps) if peak < 1.0 else 0.0
                if value < peak:
                    height += peak * (below - step + 1)
                    break
                peak = value
                height += value
            total += height
            slope_a += p * height
            slope_b += q * height
            if p == 0 and q == 0:
                centre = height
            curve_a += p * p * height
            curve_b += q * q * height
    width = 2 * reach + 1
    number = width * width
    squares = 0.0
    for p in range(-reach, reach + 1):
        squares += p * p
    slope_a /= squares * width
    slope_b /= squares * width
    mean = total / number
    # Least squares of a paraboloid over the columns: second differences, and the height at the middle.
    mean_square = squares / width
    quartic = 0.0
    for p in range(-reach, reach + 1):
        quartic += (p * p - mean_square) ** 2
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


@nb.njit(cache=True, parallel=True)
def _count(void, wraps, threshold):  # type: ignore[no-untyped-def]
    """Faces between open and closed voxels, for each plane of the first axis."""
    nx, ny, nz = void.shape
    counts = np.zeros(nx, np.int64)
    for plane in nb.prange(nx):
        i = np.int64(plane)  # the loop's own variable is unsigned, and a signed sum with it a float
        found = 0
        for j in range(ny):
            for k in range(nz):
                if void[i, j, k] < threshold:
                    continue
                for axis in range(3):
                    for side in (-1, 1):
                        value = _value(
                            void, i + side * (axis == 0), j + side * (axis == 1), k + side * (axis == 2), wraps
                        )
                        found += value < threshold
        counts[i] = found
    return counts


@nb.njit(cache=True, parallel=True)
def _fill(  # type: ignore[no-untyped-def]
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
):
    """Patches of every plane, behind the plane's start; returns how many each plane has."""
    nx, ny, nz = void.shape
    counts = np.zeros(nx, np.int64)
    for plane in nb.prange(nx):
        i = np.int64(plane)
        out = np.empty(7, np.float64)
        least = np.empty(7, np.float64)
        rough = np.empty(3, np.float64)
        at = starts[i]
        for j in range(ny):
            for k in range(nz):
                if void[i, j, k] < threshold:
                    continue
                flattest = np.inf
                kept = 0
                largest = -1.0
                for axis in range(3):
                    for side in (-1, 1):
                        value = _value(
                            void, i + side * (axis == 0), j + side * (axis == 1), k + side * (axis == 2), wraps
                        )
                        if value >= threshold:
                            continue
                        if largest < 0.0:
                            largest = _steepness(void, i, j, k, wraps, spacing, rough)
                        if rough[axis] < 0.6 * largest:
                            continue
                        slope = _patch(void, i, j, k, axis, side, wraps, spacing, 2 if rounded else 1, rounded, out)
                        if rounded and out[6] > most_bent:
                            # Too round for a plane of twenty-five columns.
                            slope = _patch(void, i, j, k, axis, side, wraps, spacing, 1, rounded, out)
                        if slope <= steepest:
                            kept += 1
                        elif slope < flattest:
                            flattest = slope
                            least[:] = out
                            continue
                        else:
                            continue
                        place[at] = (i * ny + j) * nz + k
                        point[at, 0], point[at, 1], point[at, 2] = (
                            i * spacing[0] + out[0],
                            j * spacing[1] + out[1],
                            k * spacing[2] + out[2],
                        )
                        normal[at, 0], normal[at, 1], normal[at, 2] = out[3], out[4], out[5]
                        radius[at] = min(widest, np.sqrt(flatness / max(1e-6, out[6])))
                        at += 1
                if kept == 0 and flattest < np.inf:
                    place[at] = (i * ny + j) * nz + k
                    point[at, 0], point[at, 1], point[at, 2] = (
                        i * spacing[0] + least[0],
                        j * spacing[1] + least[1],
                        k * spacing[2] + least[2],
                    )
                    normal[at, 0], normal[at, 1], normal[at, 2] = least[3], least[4], least[5]
                    radius[at] = min(widest, np.sqrt(flatness / max(1e-6, least[6])))
                    at += 1
        counts[i] = at - starts[i]
    return counts


def wall_of(image: VoxelImage) -> Wall:
    """The wall of an image's pores, patch by patch, in the unit of the smallest edge of a voxel.

    About 28 bytes a patch; a patch for every column of voxels that the wall crosses.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    wraps = np.array(image.periodic)
    counts = _count(image.void, wraps, OPEN_FROM)
    starts = np.concatenate([[0], np.cumsum(counts)])
    number = int(starts[-1])
    radius = np.empty(number, np.float32)
    place, point, normal = (
        np.empty(number, np.int32),
        np.empty((number, 3), np.float32),
        np.empty((number, 3), np.float32),
    )
    kept = _fill(
        image.void,
        wraps,
        spacing,
        image.is_binary,
        OPEN_FROM,
        STEEPEST,
        MOST_BENT,
        WIDEST,
        FLATNESS,
        starts,
        place,
        point,
        normal,
        radius,
    )
    rows = (
        np.concatenate([np.arange(start, start + count) for start, count in zip(starts, kept, strict=False)])
        if number
        else np.zeros(0, int)
    )
    return Wall(place[rows], point[rows], normal[rows], radius[rows])
