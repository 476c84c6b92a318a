"""The loops over the rays of a picture in three dimensions.

The box has its middle at 0 and half edges `half`, its longest 1; `axes` has the directions of the picture's right, up and towards
the viewer as rows; `scale` is in pixels; `step` along a ray in the units of the box. Cells repeat `repeats` times along each axis.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from poreline.report.cracking.look import BEND, DARKEST_AT
from poreline.voxels.threads import parallel

_OPENED = 0.44  # void fraction from which a ray passes
_REACH = 0.75  # voxels to both sides, for a slope
_FAR = 4.0  # from the middle of the box, where rays start
_TONES = (0.86, 0.88, 1.0)  # of faces across x, y, z
_AMBIENT, _DIFFUSE, _DEPTH = 0.42, 0.50, 1.5
_CLEAR_BELOW = 0.12  # void fraction that clouds nothing
_DENSITY = 26.0  # opacity of void over the half thickness of the box
_THIN = (0.42, 0.60, 0.78)
_DENSE = (0.04, 0.14, 0.30)
_FOG = 0.35
_OPAQUE = 0.015  # what is left of the view where a ray ends


@nb.njit(cache=True, error_model="numpy", inline="always")
def _sample(values, x, y, z):  # type: ignore[no-untyped-def]
    """Linear interpolation between middles of voxels, repeated beyond the box; places in voxels."""
    nx, ny, nz = values.shape
    x, y, z = x - 0.5, y - 0.5, z - 0.5
    i, j, k = np.int64(np.floor(x)), np.int64(np.floor(y)), np.int64(np.floor(z))
    a, b, c = x - i, y - j, z - k
    i, j, k = i % nx, j % ny, k % nz
    i1, j1, k1 = (i + 1) % nx, (j + 1) % ny, (k + 1) % nz
    low = (values[i, j, k] * (1 - c) + values[i, j, k1] * c) * (1 - b)
    low += (values[i, j1, k] * (1 - c) + values[i, j1, k1] * c) * b
    high = (values[i1, j, k] * (1 - c) + values[i1, j, k1] * c) * (1 - b)
    high += (values[i1, j1, k] * (1 - c) + values[i1, j1, k1] * c) * b
    return low * (1 - a) + high * a


@nb.njit(cache=True, error_model="numpy")
def _slope(values, x, y, z, slope):  # type: ignore[no-untyped-def]
    """Direction in which the values grow; how steep they are."""
    slope[0] = _sample(values, x + _REACH, y, z) - _sample(values, x - _REACH, y, z)
    slope[1] = _sample(values, x, y + _REACH, z) - _sample(values, x, y - _REACH, z)
    slope[2] = _sample(values, x, y, z + _REACH) - _sample(values, x, y, z - _REACH)
    steep = np.sqrt(slope[0] ** 2 + slope[1] ** 2 + slope[2] ** 2)
    for c in range(3):
        slope[c] /= steep + 1e-9
    return steep


@nb.njit(cache=True, error_model="numpy")
def _through(origin, direction, low, high, spans):  # type: ignore[no-untyped-def]
    """Where a ray enters and leaves a box, and the axis of the face that it enters by."""
    first, last, axis = -1e30, 1e30, 0
    for c in range(3):
        if abs(direction[c]) < 1e-12:
            if origin[c] < low[c] or origin[c] > high[c]:
                first, last = 1.0, -1.0
            continue
        one, other = (low[c] - origin[c]) / direction[c], (high[c] - origin[c]) / direction[c]
        near, far = min(one, other), max(one, other)
        if near > first:
            first, axis = near, c
        last = min(last, far)
    spans[0], spans[1], spans[2] = first, last, axis


@nb.njit(cache=True, error_model="numpy", inline="always")
def _aim(row, column, height, width, scale, axes, origin, direction):  # type: ignore[no-untyped-def]
    """The ray of a pixel."""
    sx, sy = (column + 0.5 - 0.5 * width) / scale, (0.5 * height - row - 0.5) / scale
    for c in range(3):
        direction[c] = -axes[2, c]
        origin[c] = sx * axes[0, c] + sy * axes[1, c] + _FAR * axes[2, c]


@parallel(error_model="numpy")
def march_film(void, domain, shell, repeats, half, axes, scale, lamp, step, cut, tints, found):  # type: ignore[no-untyped-def]
    """The film, opaque, without the corner that begins at `cut`; `found` (height, width, 4) gets colours and opacity."""
    height, width = found.shape[:2]
    nx, ny, nz = void.shape[0] * repeats[0], void.shape[1] * repeats[1], void.shape[2] * repeats[2]
    for line in nb.prange(height):
        row = np.int64(line)
        direction, origin, slope, spans = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
        hole_low, hole_high = -half, half.copy()
        hole_low[0], hole_high[1], hole_low[2] = cut[0] * half[0], cut[1] * half[1], cut[2] * half[2]
        for column in range(width):
            _aim(row, column, height, width, scale, axes, origin, direction)
            _through(origin, direction, -half, half, spans)
            first, last, axis = spans[0], spans[1], np.int64(spans[2])
            if last <= first:
                found[row, column, 3] = 0.0
                continue
            begin = first
            _through(origin, direction, hole_low, hole_high, spans)
            if spans[1] > first + 1e-9 and spans[0] <= first + 1e-9:
                # The ray falls into the hole, and lands on the face through which it leaves.
                begin = spans[1]
                for c in range(3):
                    reached = origin[c] + direction[c] * begin
                    if abs(reached - hole_low[c]) < 1e-6 or abs(reached - hole_high[c]) < 1e-6:
                        axis = np.int64(c)
                if begin >= last - 1e-9:
                    found[row, column, 3] = 0.0
                    continue
            on_face, hit = True, False
            place, f, x, y, z = begin + 1e-6, 0.0, 0.0, 0.0, 0.0
            while place < last:
                x = 0.5 * ((origin[0] + direction[0] * place) / half[0] + 1.0) * nx
                y = 0.5 * ((origin[1] + direction[1] * place) / half[1] + 1.0) * ny
                z = 0.5 * ((origin[2] + direction[2] * place) / half[2] + 1.0) * nz
                f = _sample(void, x, y, z)
                if f < _OPENED:
                    hit = True
                    break
                on_face = False
                place += step
            if not hit and on_face:  # it grazes an edge, between two places that are looked at
                found[row, column, 3] = 0.0
                continue
            if not hit:
                for c in range(3):
                    found[row, column, c] = tints[3, c]
                continue
            tone, grey = _TONES[axis], min(1.0, max(0.0, f / DARKEST_AT)) ** BEND
            if not on_face:
                _slope(void, x, y, z, slope)
                facing = slope[0] * lamp[0] + slope[1] * lamp[1] + slope[2] * lamp[2]
                # Deep in a cavity little light arrives.
                tone = (_AMBIENT + _DIFFUSE * max(0.0, facing)) * np.exp(-_DEPTH * (place - begin) / half[2])
                grey = 0.0
            d = min(1.0, max(0.0, (_sample(domain, x, y, z) - 0.5) * 5.0 + 0.5))
            s = _sample(shell, x, y, z)
            for c in range(3):
                solid = tints[0, c] + s * (tints[2, c] - tints[0, c])
                solid += d * (tints[1, c] - solid)
                solid += grey * (tints[3, c] - solid)
                found[row, column, c] = min(1.0, solid * tone)


@nb.njit(cache=True, error_model="numpy", inline="always")
def _within(place, count):  # type: ignore[no-untyped-def]
    """The voxels before and after a place, and how far it is from the first to the second; cells repeat."""
    place -= 0.5
    place -= count * np.floor(place / count)
    low = min(np.int64(place), count - 1)
    return low, low + 1 if low + 1 < count else 0, place - low


@nb.njit(cache=True, error_model="numpy", inline="always")
def _sample_all(fields, x, y, z, found):  # type: ignore[no-untyped-def]
    """Linear interpolation of all fields (nx, ny, nz, 3) at once: they share places and weights."""
    nx, ny, nz, _ = fields.shape
    i, i1, a = _within(x, nx)
    j, j1, b = _within(y, ny)
    k, k1, c = _within(z, nz)
    for f in range(3):
        low = (fields[i, j, k, f] * (1 - c) + fields[i, j, k1, f] * c) * (1 - b)
        low += (fields[i, j1, k, f] * (1 - c) + fields[i, j1, k1, f] * c) * b
        high = (fields[i1, j, k, f] * (1 - c) + fields[i1, j, k1, f] * c) * (1 - b)
        high += (fields[i1, j1, k, f] * (1 - c) + fields[i1, j1, k1, f] * c) * b
        found[f] = low * (1 - a) + high * a


@parallel(error_model="numpy")
def march_voids(fields, domain, repeats, half, axes, scale, lamp, step, tints, found):  # type: ignore[no-untyped-def]
    """Void as a cloud and domains as skins; `found` (height, width, 4) gets colours and opacity.

    `fields` (nx, ny, nz, 3) holds the void fraction, the share of domain, and how far the cloud's surface faces the lamp.
    """
    height, width = found.shape[:2]
    nx, ny, nz = fields.shape[0] * repeats[0], fields.shape[1] * repeats[1], fields.shape[2] * repeats[2]
    for line in nb.prange(height):
        row = np.int64(line)
        direction, origin, slope, spans = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
        colour, here = np.empty(3), np.empty(3)
        for column in range(width):
            _aim(row, column, height, width, scale, axes, origin, direction)
            _through(origin, direction, -half, half, spans)
            first, last = spans[0], spans[1]
            if last <= first:
                found[row, column, 3] = 0.0
                continue
            clear, before, place = 1.0, 0.0, first + 1e-6
            colour[:] = 0.0
            while place < last and clear > _OPAQUE:
                x = 0.5 * ((origin[0] + direction[0] * place) / half[0] + 1.0) * nx
                y = 0.5 * ((origin[1] + direction[1] * place) / half[1] + 1.0) * ny
                z = 0.5 * ((origin[2] + direction[2] * place) / half[2] + 1.0) * nz
                _sample_all(fields, x, y, z, here)
                d, dense = here[1], here[0] - _CLEAR_BELOW
                skin = (d > 0.5) != (before > 0.5)
                before = d
                fog = _FOG * (place - first) / (2.0 * half[0])
                if skin:
                    _slope(domain, x, y, z, slope)
                    facing = -(slope[0] * lamp[0] + slope[1] * lamp[1] + slope[2] * lamp[2])
                    rim = abs(slope[0] * axes[2, 0] + slope[1] * axes[2, 1] + slope[2] * axes[2, 2])
                    opacity = 0.22 + 0.45 * (1.0 - rim) ** 2
                    for c in range(3):
                        tone = min(1.0, tints[1, c] * (0.72 + 0.34 * max(0.0, facing)))
                        colour[c] += clear * opacity * (tone + fog * (1.0 - tone))
                    clear *= 1.0 - opacity
                elif dense > 0.0:
                    opacity = 1.0 - np.exp(-dense * _DENSITY * step / half[2])
                    share = min(1.0, dense / 0.45)
                    for c in range(3):
                        tone = min(1.0, (_THIN[c] + share * (_DENSE[c] - _THIN[c])) * (1.015 + 0.285 * here[2]))
                        colour[c] += clear * opacity * (tone + fog * (1.0 - tone))
                    clear *= 1.0 - opacity
                place += step
            for c in range(3):
                found[row, column, c] = min(1.0, colour[c] + clear)
