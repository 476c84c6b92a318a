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

from poreline.quantities import Fault, InvalidInput
from poreline.voxels import VoxelImage, launch
from poreline.voxels.image import OPEN_FROM

STEEPEST = 1.01
"""Slope of the wall against a grid plane up to which a column measures it; steeper walls are measured along another axis."""
MOST_BENT = 0.1
"""Bend of a wall (1/(2 R), R its radius in voxels) up to which a binary image's wall is fitted to 25 columns, not 9."""


MOST_VOXELS = 2**31 - 1
"""Voxels of an image whose wall can be measured."""
WIDEST = 1.5
"""Largest radius of a patch over the longest edge of a voxel; patches lie a voxel or so apart."""
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
    patch: npt.NDArray[np.float32]
    """(n, 7), lengths in the unit of the spacing. Columns 0 to 2: a point of the wall, counted from the centre of voxel (0, 0, 0);
    3 to 5: the unit normal, into the pore; 6: how far around its point a patch is as good as flat."""


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


@nb.njit(cache=True, error_model="numpy")
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


@nb.njit(cache=True, error_model="numpy")
def _plane(total, slope_a, slope_b, curve_a, curve_b, centre, below, axis, side, spacing, reach, rounded, out):  # type: ignore[no-untyped-def]
    """The patch from the sums over its columns of the height h, p h, q h, p^2 h and q^2 h, and the middle one's height.

    `out` receives the point, the normal, the bend in voxels, and the bend in voxels over the square of a length across.
    """
    first, second = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    width = 2 * reach + 1
    number = width * width
    squares = 2.0 if reach == 1 else 10.0  # sums of p^2 and, below, of (p^2 - its mean)^2
    per_square = 1.0 / (squares * width)
    slope_a *= per_square
    slope_b *= per_square
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
    out[7] = max(abs(bend_a) / spacing[first] ** 2, abs(bend_b) / spacing[second] ** 2)
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


@nb.njit(cache=True, error_model="numpy")
def _patch(flat, around, axis, side, spacing, out):  # type: ignore[no-untyped-def]
    """Wall between an open voxel and its closed neighbour on `side` (+1, -1) of `axis`; returns the larger slope.

    `out` receives the point (relative to the voxel's centre), the normal and the bend. The columns are summed from a common
    base: down to where the void fraction stops growing, up to where it stops falling, at most two voxels.
    """
    first, second = (1 if axis == 0 else 0), (1 if axis == 2 else 2)
    column, reach = around[axis], 1
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
    return _plane(total, slope_a, slope_b, curve_a, curve_b, centre, below, axis, side, spacing, reach, False, out)


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


@nb.njit(cache=True, error_model="numpy")
def _keep(out, at, here, i, j, k, spacing, widest, flatness, place, patch):  # type: ignore[no-untyped-def]
    place[at] = here
    patch[at, 0], patch[at, 1], patch[at, 2] = i * spacing[0] + out[0], j * spacing[1] + out[1], k * spacing[2] + out[2]
    patch[at, 3], patch[at, 4], patch[at, 5] = out[3], out[4], out[5]
    patch[at, 6] = min(widest, np.sqrt(flatness / max(1e-6, out[7])))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fill(  # type: ignore[no-untyped-def]
    start,
    stop,
    void,
    wraps,
    spacing,
    threshold,
    steepest,
    widest,
    flatness,
    starts,
    place,
    patch,
    counts,
):
    """Patches of every plane of void fractions, behind the plane's start, and how many it has."""
    nx, ny, nz = void.shape
    flat = void.reshape(-1)
    out = np.empty(8, np.float64)
    least = np.empty(8, np.float64)
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
                        slope = _patch(flat, around, axis, side, spacing, out)
                        if slope <= steepest:
                            kept += 1
                            _keep(out, at, lateral, i, j, k, spacing, widest, flatness, place, patch)
                            at += 1
                        elif slope < flattest:
                            flattest = slope
                            least[:] = out
                if kept == 0 and flattest < np.inf:
                    _keep(least, at, lateral, i, j, k, spacing, widest, flatness, place, patch)
                    at += 1
        counts[i] = at - starts[i]


@nb.njit(cache=True)
def _reflected(place, n, wraps):  # type: ignore[no-untyped-def]
    """Place on an axis: around the corner on a periodic one, the edge elsewhere."""
    if 0 <= place < n:
        return place
    return place % n if wraps else min(max(place, 0), n - 1)


@nb.njit(cache=True, nogil=True)
def _pack_planes(start, stop, void, wraps, along_y, along_z):  # type: ignore[no-untyped-def]
    """The columns of a binary image along its last two axes, a bit for each voxel; place p lies at bit p + 4, edges go on."""
    ny, nz = void.shape[1:]
    for i in range(start, stop):
        along_y[i] = 0
        for p in range(-_REACH, ny + _REACH):
            row, words, bit = (
                void[i, _reflected(p, ny, wraps[1])],
                along_y[i, (p + _REACH) >> 6],
                np.uint64((p + _REACH) & 63),
            )
            for k in range(nz):
                words[k] |= np.uint64(row[k]) << bit
        for j in range(ny):
            row, words = void[i, j], along_z[i, j]
            words[:] = 0
            for p in range(-_REACH, nz + _REACH):
                words[(p + _REACH) >> 6] |= np.uint64(row[_reflected(p, nz, wraps[2])]) << np.uint64((p + _REACH) & 63)


@nb.njit(cache=True, nogil=True)
def _pack_across(start, stop, void, wraps, along_x):  # type: ignore[no-untyped-def]
    """The columns along the first axis."""
    nx, nz = void.shape[0], void.shape[2]
    for j in range(start, stop):
        along_x[j] = 0
        for p in range(-_REACH, nx + _REACH):
            row, words, bit = (
                void[_reflected(p, nx, wraps[0]), j],
                along_x[j, (p + _REACH) >> 6],
                np.uint64((p + _REACH) & 63),
            )
            for k in range(nz):
                words[k] |= np.uint64(row[k]) << bit


@nb.njit(cache=True)
def _window(words, at, step, shift):  # type: ignore[no-untyped-def]
    """Nine voxels of a column as bits, the lowest first, from bit `shift` of word `at` on; its words lie `step` apart."""
    value = words[at] >> shift
    if shift > 64 - 2 * _REACH - 1:
        value |= words[at + step] << (np.uint64(64) - shift)
    return np.int64(value & np.uint64(511))


@nb.njit(cache=True)
def _tables():  # type: ignore[no-untyped-def]
    """What a column of nine voxels says, as bits the lowest first, with the wall below it (0) or above (1).

    (side, reach - 1, bits) how far it falls and rises; (side, fall, rise, bits) its height.
    """
    extents = np.empty((2, 2, 512, 2), np.int8)
    heights = np.empty((2, _REACH, _REACH, 512), np.int8)
    column, voxels = np.arange(2 * _REACH + 1), np.empty(2 * _REACH + 1, np.float32)
    for bits in range(512):
        for n in range(2 * _REACH + 1):
            voxels[n] = (bits >> n) & 1
        for above in range(2):
            side = 2 * above - 1
            for reach in range(1, 3):
                extents[above, reach - 1, bits] = _extent(voxels, column, 0, side, 2 + reach)
            for fall in range(_REACH):
                for rise in range(_REACH):
                    heights[above, fall, rise, bits] = int(_height(voxels, column, 0, side, fall, rise))
    return extents, heights


@nb.njit(cache=True, error_model="numpy")
def _binary_plane(windows, reach, extents, heights, axis, side, spacing, out):  # type: ignore[no-untyped-def]
    """The patch of a binary image's wall from the (5, 5) columns around it; extents and heights are those of the side."""
    middle = windows[2, 2]
    fall = np.int64(extents[reach - 1, middle, 0])
    height_of = heights[fall, extents[reach - 1, middle, 1]]
    total = slope_a = slope_b = curve_a = curve_b = np.int64(0)
    for p in range(-reach, reach + 1):
        columns = windows[p + 2]
        below, above = np.int64(height_of[columns[1]]), np.int64(height_of[columns[3]])
        row = below + above + height_of[columns[2]]
        slope_b += above - below
        curve_b += above + below
        if reach == 2:
            below, above = np.int64(height_of[columns[0]]), np.int64(height_of[columns[4]])
            row += below + above
            slope_b += 2 * (above - below)
            curve_b += 4 * (above + below)
        total += row
        slope_a += p * row
        curve_a += p * p * row
    sums = np.float64(total), np.float64(slope_a), np.float64(slope_b), np.float64(curve_a), np.float64(curve_b)
    return _plane(*sums, np.float64(height_of[middle]), fall, axis, side, spacing, reach, True, out)


@nb.njit(cache=True, error_model="numpy")
def _binary_steepness(words, rows, k, spacing, out):  # type: ignore[no-untyped-def]
    """As `_steepness`, from the columns along the last axis: (3, 3) of them start at `rows`."""
    out[0] = out[1] = out[2] = 0.0
    for a in range(3):
        for b in range(3):
            bits = _window(words, rows[a, b] + (k >> 6), 1, np.uint64(k & 63)) >> (_REACH - 1)
            lower, higher = bits & 1, (bits >> 2) & 1
            number = lower + ((bits >> 1) & 1) + higher
            out[0] += (a - 1) * number
            out[1] += (b - 1) * number
            out[2] += higher - lower
    for axis in range(3):
        out[axis] = abs(out[axis]) / spacing[axis]
    return max(out[0], out[1], out[2])


@nb.njit(cache=True)
def _gather(words, firsts, first_step, seconds, second_step, step, place, windows):  # type: ignore[no-untyped-def]
    """The (5, 5) columns around a place of an axis: `firsts` and `seconds` are their places on the other two."""
    at, shift = (place >> 6) * step, np.uint64(place & 63)
    for p in range(5):
        row = at + firsts[p] * first_step
        for q in range(5):
            windows[p, q] = _window(words, row + seconds[q] * second_step, step, shift)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fill_binary(  # type: ignore[no-untyped-def]
    start,
    stop,
    shape,
    words_x,
    words_y,
    words_z,
    wraps,
    spacing,
    steepest,
    most_bent,
    widest,
    flatness,
    starts,
    place,
    patch,
    counts,
):
    """As `_fill`, for a binary image whose columns along x, y and z are given as bits."""
    nx, ny, nz = shape
    flat_x, flat_y, flat_z = words_x.reshape(-1), words_y.reshape(-1), words_z.reshape(-1)
    per_x, per_y, per_z = words_x.shape[1], words_y.shape[1], words_z.shape[2]
    extents, heights = _tables()
    out, least, rough = np.empty(8, np.float64), np.empty(8, np.float64), np.empty(3, np.float64)
    windows, rows = np.empty((5, 5), np.int64), np.empty((3, 3), np.int64)
    around_x, around_y, around_z = np.empty(5, np.int64), np.empty(5, np.int64), np.empty(5, np.int64)
    one = np.uint64(1)
    for i in range(start, stop):
        at = starts[i]
        for a in range(5):
            around_x[a] = _reflected(i + a - 2, nx, wraps[0])
        for j in range(ny):
            for b in range(5):
                around_y[b] = _reflected(j + b - 2, ny, wraps[1])
            for a in range(3):
                for b in range(3):
                    rows[a, b] = (around_x[a + 1] * ny + around_y[b + 1]) * per_z
            for first in range(0, nz, 48):
                # Open voxels with a closed one beside them, 48 at a time, from the bits of their rows.
                word, shift = (first + _REACH - 1) >> 6, np.uint64((first + _REACH - 1) & 63)
                own = _stretch(flat_z, rows[1, 1] + word, shift)
                enclosed = own & (own >> np.uint64(2))
                for row in (rows[0, 1], rows[2, 1], rows[1, 0], rows[1, 2]):
                    enclosed &= _stretch(flat_z, row + word, shift) >> one
                found = (own >> one) & ~enclosed
                for k in range(first, min(first + 48, nz)):
                    if not (found >> np.uint64(k - first)) & one:
                        continue
                    for c in range(5):
                        around_z[c] = _reflected(k + c - 2, nz, wraps[2])
                    here = (i * ny + j) * nz + k
                    largest = _binary_steepness(flat_z, rows, k, spacing, rough)
                    flattest = np.inf
                    kept = 0
                    for axis in range(3):
                        if rough[axis] < 0.6 * largest:
                            continue
                        if axis == 0:
                            _gather(flat_x, around_y, per_x * nz, around_z, 1, nz, i, windows)
                        elif axis == 1:
                            _gather(flat_y, around_x, per_y * nz, around_z, 1, nz, j, windows)
                        else:
                            _gather(flat_z, around_x, ny * per_z, around_y, per_z, 1, k, windows)
                        neighbours = windows[2, 2]
                        for side in (-1, 1):
                            if (neighbours >> (_REACH + side)) & 1:
                                continue
                            told = extents[(side + 1) // 2], heights[(side + 1) // 2]
                            slope = _binary_plane(windows, 2, *told, axis, side, spacing, out)
                            if out[6] > most_bent:
                                # Too round for a plane of twenty-five columns.
                                slope = _binary_plane(windows, 1, *told, axis, side, spacing, out)
                            if slope <= steepest:
                                kept += 1
                                _keep(out, at, here, i, j, k, spacing, widest, flatness, place, patch)
                                at += 1
                            elif slope < flattest:
                                flattest = slope
                                least[:] = out
                    if kept == 0 and flattest < np.inf:
                        _keep(least, at, here, i, j, k, spacing, widest, flatness, place, patch)
                        at += 1
        counts[i] = at - starts[i]


@nb.njit(cache=True)
def _stretch(words, at, shift):  # type: ignore[no-untyped-def]
    """Sixty-four bits of a row from bit `shift` of word `at` on."""
    value = words[at] >> shift
    if shift > 0:
        value |= words[at + 1] << (np.uint64(64) - shift)
    return value


@nb.njit(cache=True, fastmath={"contract"})
def _shift_by(f, g, patch, ax, ay, az, alike):  # type: ignore[no-untyped-def]
    """How far patch g, moved aside by (ax, ay, az), would move patch f along its normal, and whether it counts (1 or 0)."""
    nx, ny, nz = patch[f, 3], patch[f, 4], patch[f, 5]
    mx, my, mz = patch[g, 3], patch[g, 4], patch[g, 5]
    dx, dy, dz = patch[g, 0] - patch[f, 0] + ax, patch[g, 1] - patch[f, 1] + ay, patch[g, 2] - patch[f, 2] + az
    shift = np.float32(0.5) * (dx * (nx + mx) + dy * (ny + my) + dz * (nz + mz))
    counts = (nx * mx + ny * my + nz * mz > alike) & (g != f)
    return shift if counts else np.float32(0.0), np.int64(counts)


@nb.njit(cache=True, nogil=True)
def _settle(start, stop, shape, rows, place, patch, spacing, wraps, reach, alike, shifts):  # type: ignore[no-untyped-def]
    """How far each patch moves along its normal to the mean of its neighbours': a round wall through them all.

    A point p' with normal n' lies on one sphere with the point p and normal n if (p' - p) . (n + n') = 0. `rows` says where the
    patches of each row of voxels along the last axis begin; those within `reach` of a place lie together in it.
    """
    nx, ny, nz = shape
    width = 2 * reach + 1
    begins, ends, lows = (
        np.empty(width * width, np.int64),
        np.empty(width * width, np.int64),
        np.empty(width * width, np.int64),
    )
    first, asides = np.empty(width * width, np.int64), np.empty((width * width, 2), np.float32)
    nothing, least = np.float32(0.0), np.float32(alike)
    for i in range(start, stop):
        for j in range(ny):
            if rows[i * ny + j] == rows[i * ny + j + 1]:
                continue
            number_of_rows = 0
            for x in range(i - reach, i + reach + 1):
                if not wraps[0] and (x < 0 or x >= nx):
                    continue
                for y in range(j - reach, j + reach + 1):
                    if not wraps[1] and (y < 0 or y >= ny):
                        continue
                    row = (x % nx) * ny + y % ny
                    begins[number_of_rows], ends[number_of_rows] = rows[row], rows[row + 1]
                    lows[number_of_rows], first[number_of_rows] = rows[row], row * nz
                    # A copy around the corner lies a period aside.
                    asides[number_of_rows, 0] = (x - x % nx) * spacing[0]
                    asides[number_of_rows, 1] = (y - y % ny) * spacing[1]
                    number_of_rows += 1
            for f in range(rows[i * ny + j], rows[i * ny + j + 1]):
                k = place[f] - (i * ny + j) * nz
                shift, number = np.float64(0.0), 1
                beyond = wraps[2] and (k < reach or k + reach >= nz)
                for r in range(number_of_rows):
                    low, end = lows[r], ends[r]
                    before, behind = first[r] + k - reach, first[r] + k + reach
                    while low < end and place[low] < before:
                        low += 1
                    lows[r] = low
                    ax, ay = asides[r, 0], asides[r, 1]
                    for g in range(low, end):
                        if place[g] > behind:
                            break
                        found = _shift_by(f, g, patch, ax, ay, nothing, least)
                        shift, number = shift + found[0], number + found[1]
                    if beyond:
                        for copy in range((k - reach) // nz, (k + reach) // nz + 1):
                            az = np.float32(copy * nz * spacing[2])
                            for g in range(begins[r], end):
                                if copy != 0 and abs(place[g] - first[r] + copy * nz - k) <= reach:
                                    found = _shift_by(f, g, patch, ax, ay, az, least)
                                    shift, number = shift + found[0], number + found[1]
                shifts[f] = shift / number


def _settle_all(
    place: npt.NDArray[np.int32], patch: npt.NDArray[np.float32], image: VoxelImage, spacing: npt.NDArray[np.float64]
) -> None:
    nx, ny, nz = image.shape
    rows = np.searchsorted(place, np.arange(nx * ny + 1, dtype=np.int64) * nz)
    shifts = np.empty(place.shape, np.float32)
    arguments = (image.shape, rows, place, patch, spacing, np.array(image.periodic), SETTLING, ALIKE, shifts)
    launch.run_tasks(_settle, nx, arguments)
    for axis in range(3):
        patch[:, axis] += shifts * patch[:, 3 + axis]


@nb.njit(cache=True)
def _close_up(starts, kept, place, patch):  # type: ignore[no-untyped-def]
    """Close the gaps behind the patches of each plane; returns how many patches there are."""
    at = 0
    for plane in range(kept.size):
        for f in range(starts[plane], starts[plane] + kept[plane]):
            place[at] = place[f]
            for column in range(7):
                patch[at, column] = patch[f, column]
            at += 1
    return at


def _columns_of(void: npt.NDArray[np.bool_], wraps: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.uint64], ...]:
    """The columns of a binary image along x (ny, words, nz), y (nx, words, nz) and z (nx, ny, words), a bit for each voxel."""
    (nx, ny, nz), (wx, wy, wz) = void.shape, ((n + 2 * _REACH + 63) // 64 + 1 for n in void.shape)
    along_x, along_y, along_z = (np.empty(shape, np.uint64) for shape in ((ny, wx, nz), (nx, wy, nz), (nx, ny, wz)))
    launch.run_tasks(_pack_planes, nx, (void, wraps, along_y, along_z))
    launch.run_tasks(_pack_across, ny, (void, wraps, along_x))
    return along_x, along_y, along_z


def wall_of(image: VoxelImage) -> Wall:
    """The wall of an image's pores, patch by patch, in the unit of the smallest edge of a voxel.

    32 bytes a patch, of which every column of voxels that the wall crosses has one; of a binary image 0.7 bytes a voxel for its
    columns as bits while they are read. Raises InvalidInput above 2,147,483,647 voxels, which its places cannot count.
    """
    if image.void.size > MOST_VOXELS:
        reason, remedy = "Places of the wall are counted in 32 bits.", "Measure parts of the image."
        limit = f"at most {MOST_VOXELS:,} voxels for measures of pore width"
        raise InvalidInput([Fault("image", f"{image.void.size:,} voxels", limit, reason, remedy)], "wall of the pores")
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    widest = WIDEST * float(spacing.max())
    wraps = np.array(image.periodic)
    planes = image.shape[0]
    counts = np.zeros(planes, np.int64)
    launch.run_tasks(_count, planes, (image.void, wraps, OPEN_FROM, counts))
    starts = np.concatenate([[0], np.cumsum(counts)])
    number = int(starts[-1])
    place, patch = np.empty(number, np.int32), np.empty((number, 7), np.float32)
    kept = np.zeros(planes, np.int64)
    if image.is_binary:
        columns = _columns_of(image.void, wraps)  # type: ignore[arg-type]
        limits = (STEEPEST, MOST_BENT, widest, FLATNESS)
        arguments = (image.shape, *columns, wraps, spacing, *limits, starts, place, patch, kept)
        launch.run_tasks(_fill_binary, planes, arguments)
    else:
        limits = (OPEN_FROM, STEEPEST, widest, FLATNESS)
        launch.run_tasks(_fill, planes, (image.void, wraps, spacing, *limits, starts, place, patch, kept))
    count = _close_up(starts, kept, place, patch)
    # In place: a copy of them all would be the largest thing in memory.
    place.resize(count, refcheck=False)
    patch.resize((count, 7), refcheck=False)
    if image.is_binary:
        _settle_all(place, patch, image, spacing)
    return Wall(place, patch)
