"""Local thickness: the diameter of the largest ball that lies in the pore and covers a place, finer than the voxels.

Definition: Hildebrand and Rueegsegger 1997. The wall is known below the voxel (`wall_of`), and the balls' centres are not
bound to the grid: each candidate voxel on the middle of a pore moves to the centre of the largest ball nearby.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.membrane.image.wall import Wall, wall_of
from poreline.voxels import VoxelImage, launch
from poreline.voxels.distance import NOWHERE, spread_nearest
from poreline.voxels.image import OPEN_FROM

MOST_PATCHES = 96
"""Patches of wall around a voxel that a ball is fitted between."""
COVER = 0.35
"""Voxels that a ball covers beyond its surface: centres of wall voxels lie in the pore between two balls' contact points."""
TOUCHING = 0.35
"""Voxels by which a wall may lie further than the nearest one and still be touched by a ball."""
RIDGE = 0.7
"""Growth of the distance to the wall, per length, towards a voxel around from which on the middle of the pore lies there."""
BLOCKS = 16
"""Blocks of planes that are worked through side by side."""
FIT_TASKS = 256
"""Parts that the fits of balls are shared out in."""


@dataclass(frozen=True, eq=False)
class LocalThickness:
    """Local thickness of a pore space."""

    thickness: npt.NDArray[np.float32]
    """(nx, ny, nz) local thickness, m; 0 outside the pore."""
    bounded: npt.NDArray[np.bool_] | None
    """Voxels whose ball is bounded by walls alone; None: all. The others' balls end at the image's face and may be larger."""


@nb.njit(cache=True)
def _distance(x, y, z, point, normal, f, extent, wraps, patch):  # type: ignore[no-untyped-def]
    """Distance from a place to a flat round patch of wall, and the vector from its nearest point; negative behind it."""
    vx, vy, vz = x - point[f, 0], y - point[f, 1], z - point[f, 2]
    if wraps[0] and abs(vx) > 0.5 * extent[0]:
        vx -= extent[0] * np.round(vx / extent[0])
    if wraps[1] and abs(vy) > 0.5 * extent[1]:
        vy -= extent[1] * np.round(vy / extent[1])
    if wraps[2] and abs(vz) > 0.5 * extent[2]:
        vz -= extent[2] * np.round(vz / extent[2])
    nx, ny, nz = normal[f, 0], normal[f, 1], normal[f, 2]
    h = vx * nx + vy * ny + vz * nz
    tx, ty, tz = vx - h * nx, vy - h * ny, vz - h * nz
    square = tx * tx + ty * ty + tz * tz
    reach = np.float64(patch[f])
    if square <= reach * reach:
        return h, h * nx, h * ny, h * nz
    aside = np.sqrt(square)
    over = aside - reach
    scale = over / aside
    dx, dy, dz = h * nx + scale * tx, h * ny + scale * ty, h * nz + scale * tz
    length = np.sqrt(dx * dx + dy * dy + dz * dz)
    return length, dx, dy, dz


@nb.njit(cache=True)
def _of_voxel(x, y, z, mark, place, point, normal, extent, wraps, patch):  # type: ignore[no-untyped-def]
    """Distance to the nearest patch of the voxel that patch `mark` belongs to."""
    least = np.inf
    f = mark
    while f < place.size and place[f] == place[mark]:
        distance = _distance(x, y, z, point, normal, f, extent, wraps, patch)[0]
        least = min(least, distance)
        f += 1
    return least


@nb.njit(cache=True)
def _plane_distances(void, index, i, place, point, normal, spacing, extent, wraps, patch, threshold, out):  # type: ignore[no-untyped-def]
    """Distance to the wall from the open voxels of plane i; -1 in closed ones."""
    ny, nz = out.shape
    for j in range(ny):
        for k in range(nz):
            out[j, k] = -1.0
            mark = index[i, j, k]
            if void[i, j, k] >= threshold and mark >= 0:
                out[j, k] = _of_voxel(
                    i * spacing[0], j * spacing[1], k * spacing[2], mark, place, point, normal, extent, wraps, patch
                )
            elif void[i, j, k] >= threshold:
                out[j, k] = np.inf


@nb.njit(cache=True, fastmath={"reassoc", "contract", "nsz", "arcp"}, error_model="numpy")
def _distances(x, y, z, near, count, away):  # type: ignore[no-untyped-def]
    """Distance from a place to each of the patches nearby (`away[0]`), and the vector from its nearest point (`away[1:]`).

    `near` holds the patches by column: point, normal and radius. One loop without branches, which the compiler vectorises.
    """
    one, tiny = np.float32(1.0), np.float32(1e-20)
    for p in range(count):
        vx, vy, vz = x - near[0, p], y - near[1, p], z - near[2, p]
        nx, ny, nz = near[3, p], near[4, p], near[5, p]
        h = vx * nx + vy * ny + vz * nz
        tx, ty, tz = vx - h * nx, vy - h * ny, vz - h * nz
        aside = np.sqrt(tx * tx + ty * ty + tz * tz + tiny)
        scale = max(np.float32(0.0), one - near[6, p] / aside)
        over = scale * aside
        away[1, p], away[2, p], away[3, p] = h * nx + scale * tx, h * ny + scale * ty, h * nz + scale * tz
        away[0, p] = np.sqrt(h * h + over * over) if scale > np.float32(0.0) else h


@nb.njit(cache=True, fastmath={"reassoc", "contract", "nsz", "arcp", "nnan", "ninf"}, error_model="numpy")
def _way(count, away, least, ux, uy, uz):  # type: ignore[no-untyped-def]
    """How far one can go along u, away from the nearest wall, until another is as near: |v + t u| = least + t; at most 1."""
    way = np.float32(1.0)
    for p in range(count):
        d = away[0, p]
        dot = away[1, p] * ux + away[2, p] * uy + away[3, p] * uz
        other = (d * d - least * least) / (np.float32(2.0) * max(least - dot, np.float32(1e-9)))
        way = min(way, other if (d > np.float32(0.0)) & (dot < least - np.float32(1e-6)) else np.float32(1.0))
    return way


@nb.njit(cache=True)
def _without_far_patches(near, count, away, limit):  # type: ignore[no-untyped-def]
    """Drop the patches that are further than `limit`; returns how many are left."""
    kept = 0
    for p in range(count):
        if away[0, p] <= limit:
            for column in range(7):
                near[column, kept] = near[column, p]
            for column in range(4):
                away[column, kept] = away[column, p]
            kept += 1
    return kept


@nb.njit(cache=True)
def _fit(x0, y0, z0, near, count, spacing, lows, highs, wraps, smooth, away, out):  # type: ignore[no-untyped-def]
    """Centre and radius of the largest ball near a place between patches of wall; True if a face of the image stops it.

    Places count from (x0, y0, z0), the centre of the voxel.
    """
    step, zero = 0.5, np.float32(0.0)
    sx, sy, sz = np.float32(spacing[0]), np.float32(spacing[1]), np.float32(spacing[2])
    longest = max(sx, sy, sz)
    x = y = z = zero
    best, bx, by, bz = np.float32(-np.inf), zero, zero, zero
    for turn in range(12):
        _distances(x, y, z, near, count, away)
        nearest = np.argmin(away[0, :count])
        least = away[0, nearest]
        if turn == 0:
            # The centre stays within a voxel, and so what is much further than that is never touched.
            count = _without_far_patches(near, count, away, abs(least) + 1.8 * longest + max(smooth, TOUCHING))
            nearest = np.argmin(away[0, :count])
        gain = least - best
        if least > best:
            best, bx, by, bz = least, x, y, z
        length = max(np.float32(1e-9), abs(least))
        sign = np.float32(1.0 if least > zero else -1.0) / length
        ux, uy, uz = sign * away[1, nearest], sign * away[2, nearest], sign * away[3, nearest]
        way = _way(count, away, least, ux, uy, uz)
        if way < 0.02 and step < 0.25 and gain < 0.01:
            break
        move = np.float32(way if way > 0.02 else step * 0.25)
        step *= 0.8
        x, y, z = x + move * ux, y + move * uy, z + move * uz
        # Stay near the voxel: what lies further is another voxel's ball.
        off = np.sqrt((x / sx) ** 2 + (y / sy) ** 2 + (z / sz) ** 2)
        if off > np.float32(1.0):
            x, y, z = x / off, y / off, z / off
        if not wraps[0]:
            x = np.float32(min(max(x, lows[0] - x0), highs[0] - x0))
        if not wraps[1]:
            y = np.float32(min(max(y, lows[1] - y0), highs[1] - y0))
        if not wraps[2]:
            z = np.float32(min(max(z, lows[2] - z0), highs[2] - z0))
    touching = best + np.float32(TOUCHING)
    smooth = max(smooth, 0.7 / max(1.0, float(best)) - 0.1)
    _distances(bx, by, bz, near, count, away)
    # The contact: mean distance of the patches that the ball touches, which noise of single patches does not shrink.
    if smooth > 0.0:
        total, number = 0.0, 0
        for p in range(count):
            d = away[0, p]
            if (
                d < best + smooth
                and away[1, p] * near[3, p] + away[2, p] * near[4, p] + away[3, p] * near[5, p] > 0.9999 * d
            ):
                total += d
                number += 1
        if number > 0:
            best = np.float32(total / number)
    cx, cy, cz = x0 + bx, y0 + by, z0 + bz
    out[0], out[1], out[2], out[3] = cx, cy, cz, best
    inside = True
    for axis in range(3):
        centre = (cx, cy, cz)[axis]
        inside = inside and (wraps[axis] or (centre - best - 1.0 > lows[axis] and centre + best + 1.0 < highs[axis]))
    if inside:
        return False
    return _ends_at_face(near, count, away, touching, (x0, y0, z0), lows, highs, wraps)


@nb.njit(cache=True)
def _ends_at_face(near, count, away, touching, origin, lows, highs, wraps):  # type: ignore[no-untyped-def]
    """Whether the walls that a ball touches do not bound it by themselves.

    Walls that lie all on one side of the centre do not: the ball ends at a face, or belongs to a pore beyond. Nor does the rim of a
    wall at a face: there the wall goes on where the image does not show it.
    """
    mx = my = mz = 0.0
    for p in range(count):
        d, dx, dy, dz = away[0, p], away[1, p], away[2, p], away[3, p]
        if 0.0 < d < touching:
            mx, my, mz = mx + dx / d, my + dy / d, mz + dz / d
            facing = (dx * near[3, p] + dy * near[4, p] + dz * near[5, p]) / d
            if facing < 0.9999:
                for axis in range(3):
                    place = origin[axis] + near[axis, p]
                    if not wraps[axis] and (place < lows[axis] + 3.0 or place > highs[axis] - 3.0):
                        return True
    length = max(1e-9, np.sqrt(mx * mx + my * my + mz * mz))
    for p in range(count):
        d = away[0, p]
        if 0.0 < d < touching and (away[1, p] * mx + away[2, p] * my + away[3, p] * mz) / (d * length) < 0.25:
            return False
    return True


@nb.njit(cache=True)
def _gather(x0, y0, z0, marks, number, place, point, normal, patch, extent, wraps, near):  # type: ignore[no-untyped-def]
    """The patches of the marked voxels by column, seen from a place; returns how many."""
    count = 0
    for m in range(number):
        f = marks[m]
        own = place[f]
        while f < place.size and place[f] == own and count < MOST_PATCHES:
            x, y, z = point[f, 0] - x0, point[f, 1] - y0, point[f, 2] - z0
            if wraps[0] and abs(x) > 0.5 * extent[0]:
                x -= extent[0] * np.round(x / extent[0])
            if wraps[1] and abs(y) > 0.5 * extent[1]:
                y -= extent[1] * np.round(y / extent[1])
            if wraps[2] and abs(z) > 0.5 * extent[2]:
                z -= extent[2] * np.round(z / extent[2])
            near[0, count], near[1, count], near[2, count] = x, y, z
            near[3, count], near[4, count], near[5, count] = normal[f, 0], normal[f, 1], normal[f, 2]
            near[6, count] = patch[f]
            count += 1
            f += 1
    return count


@nb.njit(cache=True)
def _marks_around(index, i, j, k, wraps, marks):  # type: ignore[no-untyped-def]
    """The different first patches that the voxels around one are nearest to; returns how many."""
    nx, ny, nz = index.shape
    number = 0
    for a in range(-1, 2):
        ii = i + a
        if ii < 0 or ii >= nx:
            if not wraps[0]:
                continue
            ii %= nx
        for c in range(-1, 2):
            jj = j + c
            if jj < 0 or jj >= ny:
                if not wraps[1]:
                    continue
                jj %= ny
            for e in range(-1, 2):
                kk = k + e
                if kk < 0 or kk >= nz:
                    if not wraps[2]:
                        continue
                    kk %= nz
                mark = index[ii, jj, kk]
                known = mark < 0
                for m in range(number):
                    known = known or marks[m] == mark
                if not known:
                    marks[number] = mark
                    number += 1
    return number


@nb.njit(cache=True)
def _neighbours(spacing, width):  # type: ignore[no-untyped-def]
    """The 26 voxels around one, the nearest first: plane (0, 1, 2), flat offset in a plane of rows `width` long, least growth."""
    plane, offset, growth = np.empty(26, np.int64), np.empty(26, np.int64), np.empty(26, np.float32)
    at = 0
    for steps in range(1, 4):
        for a in range(-1, 2):
            for c in range(-1, 2):
                for e in range(-1, 2):
                    if abs(a) + abs(c) + abs(e) == steps:
                        plane[at], offset[at] = a + 1, c * width + e
                        growth[at] = RIDGE * np.sqrt(
                            (a * spacing[0]) ** 2 + (c * spacing[1]) ** 2 + (e * spacing[2]) ** 2
                        )
                        at += 1
    return plane, offset, growth


@nb.njit(cache=True)
def _close_rim(plane, wraps):  # type: ignore[no-untyped-def]
    """The rim of a plane of distances: around the corner on a periodic axis, -1 (solid) elsewhere."""
    for j in range(1, plane.shape[0] - 1):
        plane[j, 0] = plane[j, -2] if wraps[2] else -1.0
        plane[j, -1] = plane[j, 1] if wraps[2] else -1.0
    for k in range(plane.shape[1]):
        plane[0, k] = plane[-2, k] if wraps[1] else -1.0
        plane[-1, k] = plane[1, k] if wraps[1] else -1.0


@nb.njit(cache=True, nogil=True)
def _ridge(start, stop, void, index, place, point, normal, spacing, extent, wraps, patch, threshold, out):  # type: ignore[no-untyped-def]
    """Mark the voxels on the middle of the pores, from which balls are fitted.

    A voxel is not there if the distance grows by more than `RIDGE` times the way to one of the 26 around it.
    """
    nx, ny, nz = index.shape
    plane_of, offset, growth = _neighbours(spacing, nz + 2)
    blocks = min(nx, BLOCKS)
    for b in range(start, stop):
        begin, end = b * nx // blocks, (b + 1) * nx // blocks
        planes = np.full((3, ny + 2, nz + 2), -1.0, np.float32)
        flat = planes.reshape(-1)
        starts = np.empty(3, np.int64)
        for x in range(begin - 1, end + 1):
            # Plane x of distances comes in; plane x - 1 has all its neighbours then.
            i = x - 1
            new = (x - begin + 1) % 3
            if 0 <= x < nx or wraps[0]:
                _plane_distances(
                    void,
                    index,
                    x % nx,
                    place,
                    point,
                    normal,
                    spacing,
                    extent,
                    wraps,
                    patch,
                    threshold,
                    planes[new, 1:-1, 1:-1],
                )
                _close_rim(planes[new], wraps)
            else:
                planes[new, :, :] = -1.0
            if i < begin:
                continue
            for a in range(3):
                starts[a] = (x - begin + 2 + a) % 3 * (ny + 2) * (nz + 2)
            for j in range(ny):
                for k in range(nz):
                    out[i, j, k] = False
                    here = (j + 1) * (nz + 2) + k + 1
                    own = flat[starts[1] + here]
                    if own == np.inf or void[i, j, k] < threshold:
                        continue
                    overtopped = False
                    for n in range(26):
                        if flat[starts[plane_of[n]] + here + offset[n]] >= own + growth[n]:
                            overtopped = True
                            break
                    out[i, j, k] = not overtopped


@nb.njit(cache=True, nogil=True)
def _fit_all(  # type: ignore[no-untyped-def]
    start, stop, centres, index, place, point, normal, spacing, extent, wraps, patch, smooth, balls, stopped
):
    """The largest ball near each of the voxels whose flat indices are `centres`."""
    nx, ny, nz = index.shape
    lows = np.array([-0.5 * spacing[0], -0.5 * spacing[1], -0.5 * spacing[2]])
    highs = np.array([(nx - 0.5) * spacing[0], (ny - 0.5) * spacing[1], (nz - 0.5) * spacing[2]])
    near = np.empty((7, MOST_PATCHES), np.float32)
    away = np.empty((4, MOST_PATCHES), np.float32)
    marks = np.empty(27, np.int64)
    out = np.empty(4, np.float64)
    for task in range(start, stop):
        for n in range(task * centres.size // FIT_TASKS, (task + 1) * centres.size // FIT_TASKS):
            centre = np.int64(centres[n])
            i, j, k = centre // (ny * nz), (centre // nz) % ny, centre % nz
            x0, y0, z0 = i * spacing[0], j * spacing[1], k * spacing[2]
            number = _marks_around(index, i, j, k, wraps, marks)
            count = _gather(x0, y0, z0, marks, number, place, point, normal, patch, extent, wraps, near)
            stopped[n] = _fit(x0, y0, z0, near, count, spacing, lows, highs, wraps, smooth, away, out)
            balls[n, 0], balls[n, 1], balls[n, 2], balls[n, 3] = out[0], out[1], out[2], out[3]


_NONE = -1
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = np.uint64(1)


@nb.njit(cache=True, nogil=True)
def _bits_of(start, stop, pore, bits):  # type: ignore[no-untyped-def]
    """One bit for each voxel that is still to be covered, sixty-four along the last axis to a word."""
    ny, nz = pore.shape[1:]
    for i in range(start, stop):
        for j in range(ny):
            for word in range(bits.shape[2]):
                value = np.uint64(0)
                for k in range(64 * word, min(64 * word + 64, nz)):
                    if pore[i, j, k]:
                        value |= _ONE << np.uint64(k - 64 * word)
                bits[i, j, word] = value


@nb.njit(cache=True)
def _take(bits, painted, i, j, first, last, n):  # type: ignore[no-untyped-def]
    """Voxels first ... last of a row that are still to be covered get ball n."""
    for w in range(first >> 6, (last >> 6) + 1):
        word = bits[i, j, w]
        if word == 0:
            continue
        low, high = max(first - 64 * w, 0), min(last - 64 * w, 63)
        new = word & (_ALL << np.uint64(low)) & (_ALL >> np.uint64(63 - high))
        if new == 0:
            continue
        bits[i, j, w] = word & ~new
        for bit in range(low, high + 1):
            if (new >> np.uint64(bit)) & _ONE:
                painted[i, j, 64 * w + bit] = n


@nb.njit(cache=True)
def _take_wrapped(bits, painted, i, j, first, last, n):  # type: ignore[no-untyped-def]
    """The same for a stretch that may reach across the ends of a periodic row."""
    nz = painted.shape[2]
    if last - first >= nz:
        first, last = 0, nz - 1
    first, last = first % nz, first % nz + last - first
    _take(bits, painted, i, j, first, min(last, nz - 1), n)
    if last >= nz:
        _take(bits, painted, i, j, 0, last - nz, n)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _paint(start, stop, bits, balls, spacing, wraps, cover, painted):  # type: ignore[no-untyped-def]
    """Ball by ball, the first of them first: each takes the voxels within its radius + `cover` that none has taken before.

    Each block of planes is painted by itself. A ball mostly finds nothing left, and then costs one look at each row of voxels.
    """
    nx, ny, nz = painted.shape
    per_x, per_y, per_z = 1.0 / spacing[0], 1.0 / spacing[1], 1.0 / spacing[2]
    blocks = min(nx, BLOCKS)
    for b in range(start, stop):
        begin, end = b * nx // blocks, (b + 1) * nx // blocks
        for n in range(balls.shape[0]):
            cx, r = balls[n, 0] * per_x, balls[n, 3] + cover
            if not wraps[0] and (cx + r * per_x < begin or cx - r * per_x > end - 1):
                continue
            cy, cz = balls[n, 1] * per_y, balls[n, 2] * per_z
            low, high = int(np.ceil(cx - r * per_x)), int(np.floor(cx + r * per_x))
            if not wraps[0]:
                low, high = max(low, begin), min(high, end - 1)
            lowest, highest = int(np.ceil(cz - r * per_z)), int(np.floor(cz + r * per_z))
            across = wraps[2] and (lowest < 0 or highest >= nz)
            lowest, highest = max(lowest, 0), min(highest, nz - 1)
            one_word = lowest <= highest and lowest >> 6 == highest >> 6 and not across
            word = max(lowest, 0) >> 6
            mask = (_ALL << np.uint64(lowest & 63)) & (_ALL >> np.uint64(63 - (highest & 63)))
            for x in range(low, high + 1):
                i = x % nx if wraps[0] else x
                if i < begin or i >= end:
                    continue
                dx = (x - cx) * spacing[0]
                left = r * r - dx * dx
                half = np.sqrt(max(left, 0.0)) * per_y
                top = int(np.floor(cy + half))
                bottom = int(np.ceil(cy - half))
                if not wraps[1]:
                    bottom, top = max(bottom, 0), min(top, ny - 1)
                for y in range(bottom, top + 1):
                    j = y % ny if wraps[1] else y
                    if one_word and bits[i, j, word] & mask == 0:
                        continue
                    dy = (y - cy) * spacing[1]
                    deep = np.sqrt(max(left - dy * dy, 0.0)) * per_z
                    first, last = int(np.ceil(cz - deep)), int(np.floor(cz + deep))
                    if across and first <= last:
                        _take_wrapped(bits, painted, i, j, first, last, n)
                        continue
                    first, last = max(first, 0), min(last, nz - 1)
                    if first <= last:
                        _take(bits, painted, i, j, first, last, n)


@nb.njit(cache=True)
def _remaining(bits, count):  # type: ignore[no-untyped-def]
    """Places (i, j, k) of the voxels whose bits are left."""
    places = np.empty((count, 3), np.int64)
    at = 0
    nx, ny, words = bits.shape
    for i in range(nx):
        for j in range(ny):
            for word in range(words):
                value = bits[i, j, word]
                if value == 0:
                    continue
                for bit in range(64):
                    if (value >> np.uint64(bit)) & _ONE:
                        if at < count:
                            places[at, 0], places[at, 1], places[at, 2] = i, j, 64 * word + bit
                        at += 1
    return at, places


@nb.njit(cache=True)
def _patch_up(places, painted, wraps):  # type: ignore[no-untyped-def]
    """Places that no ball covers take the first ball of their neighbours; returns the places that are left."""
    nx, ny, nz = painted.shape
    chosen = np.full(places.shape[0], _NONE, np.int32)
    for at in range(places.shape[0]):
        best = np.int32(2147483647)
        for a in range(-1, 2):
            for c in range(-1, 2):
                for e in range(-1, 2):
                    i, j, k = places[at, 0] + a, places[at, 1] + c, places[at, 2] + e
                    if wraps[0]:
                        i %= nx
                    if wraps[1]:
                        j %= ny
                    if wraps[2]:
                        k %= nz
                    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz and painted[i, j, k] >= 0:
                        best = min(best, painted[i, j, k])
        if best < 2147483647:
            chosen[at] = best
    for at in range(places.shape[0]):
        painted[places[at, 0], places[at, 1], places[at, 2]] = chosen[at]
    return places[chosen < 0]


@nb.njit(cache=True, nogil=True)
def _read(start, stop, painted, balls, stopped, unit, thickness, bounded):  # type: ignore[no-untyped-def]
    """Diameter of the ball that covers each voxel; `thickness` may lie in the memory of `painted`."""
    ny, nz = painted.shape[1:]
    for i in range(start, stop):
        for j in range(ny):
            for k in range(nz):
                n = painted[i, j, k]
                if n >= 0:
                    thickness[i, j, k] = unit * balls[n, 3]
                    bounded[i, j, k] = not stopped[n]
                else:
                    thickness[i, j, k] = 0.0


def _uncovered(pore: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    bits = np.empty((*pore.shape[:2], -(-pore.shape[2] // 64)), np.uint64)
    launch.run_tasks(_bits_of, pore.shape[0], (pore, bits))
    return bits


def paint_balls(
    pore: npt.NDArray[np.bool_],
    balls: npt.NDArray[np.float32],
    spacing: npt.NDArray[np.float64],
    periodic: tuple[bool, bool, bool],
    *,
    cover: float,
    near: bool = False,
) -> npt.NDArray[np.int32]:
    """Number of the first ball that covers each pore voxel, -1 where none does.

    `balls` (n, 4): centre and radius in the unit of `spacing`, in the order in which they take precedence. A ball covers what lies
    within its radius + `cover`. With `near`, voxels that none covers take the first ball of their neighbours, up to four voxels
    away. Five bytes a voxel, the result among them.
    """
    bits, wraps = _uncovered(pore), np.array(periodic)
    painted = np.full(pore.shape, _NONE, np.int32)
    launch.run_tasks(_paint, min(pore.shape[0], BLOCKS), (bits, balls, spacing, wraps, cover, painted))
    if near:
        count = _remaining(bits, 0)[0]
        left = _remaining(bits, count)[1]
        for _ in range(4):
            left = _patch_up(left, painted, wraps)
    return painted


def patch_distances(image: VoxelImage, wall: Wall) -> npt.NDArray[np.float32]:
    """Distance from the centre of each open voxel to the wall, in the smallest edge of a voxel; 0 in closed ones.

    Where there is no wall at all: the longest edge of the image.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    extent = spacing * np.array(image.shape)
    out = np.zeros(image.shape, np.float32)
    if wall.place.size == 0:
        out[image.open_voxels()] = extent.max()
        return out
    index = nearest_patches(image, wall)
    around = (wall.place, wall.point, wall.normal, spacing, extent, np.array(image.periodic), wall.radius)
    launch.run_tasks(_all_distances, image.shape[0], (image.void, index, *around, OPEN_FROM, out))
    return out


@nb.njit(cache=True, nogil=True)
def _all_distances(start, stop, void, index, place, point, normal, spacing, extent, wraps, patch, threshold, out):  # type: ignore[no-untyped-def]
    for i in range(start, stop):
        _plane_distances(void, index, i, place, point, normal, spacing, extent, wraps, patch, threshold, out[i])
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                if void[i, j, k] < threshold:
                    out[i, j, k] = 0.0
                else:
                    # A voxel whose centre the wall has just passed is open all the same.
                    out[i, j, k] = max(out[i, j, k], np.float32(0.01))


def edges_across(image: VoxelImage, wall: Wall) -> npt.NDArray[np.float32]:
    """Extent in m of each open voxel across the nearest wall, sqrt(sum (n_a h_a)^2) with its normal n; 0 in closed ones.

    The edge of the voxel where voxels are cubes. Memory: 8 bytes a voxel, the result among them.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    out = np.zeros(image.shape, np.float32)
    if wall.place.size:
        index = nearest_patches(image, wall)
        around = (
            wall.place,
            wall.point,
            wall.normal,
            spacing,
            spacing * np.array(image.shape),
            np.array(image.periodic),
        )
        launch.run_tasks(_all_edges, image.shape[0], (image.void, index, *around, wall.radius, OPEN_FROM, out))
        out *= np.float32(smallest)
    return out


@nb.njit(cache=True, nogil=True)
def _all_edges(start, stop, void, index, place, point, normal, spacing, extent, wraps, patch, threshold, out):  # type: ignore[no-untyped-def]
    for i in range(start, stop):
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                mark = index[i, j, k]
                if void[i, j, k] < threshold or mark < 0:
                    continue
                x, y, z = i * spacing[0], j * spacing[1], k * spacing[2]
                least, square = np.inf, 0.0
                f = mark
                while f < place.size and place[f] == place[mark]:
                    distance = _distance(x, y, z, point, normal, f, extent, wraps, patch)[0]
                    if distance < least:
                        least, square = distance, 0.0
                        for axis in range(3):
                            square += (normal[f, axis] * spacing[axis]) ** 2
                    f += 1
                out[i, j, k] = np.sqrt(square)


def nearest_patches(image: VoxelImage, wall: Wall) -> npt.NDArray[np.int32]:
    """For each voxel the first patch of the voxel with a wall that is nearest to it."""
    smallest = min(image.spacing)
    index = np.full(image.shape, NOWHERE, dtype=np.int32)
    firsts = np.flatnonzero(np.diff(wall.place, prepend=-1))
    index.reshape(-1)[wall.place[firsts]] = firsts
    spread_nearest(index, wall.place, tuple(edge / smallest for edge in image.spacing), image.periodic)  # type: ignore[arg-type]
    return index


SMOOTH_BINARY, SMOOTH_GREY = 0.8, 0.1
"""Voxels within which the distances of touched patches are averaged: as far as a binary or a grey wall scatters (calibrated)."""


def largest_balls(image: VoxelImage, wall: Wall) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Balls (centre and radius, in the smallest voxel edge) on the middle of the pores, the largest first; and which end at a face."""
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    wraps = np.array(image.periodic)
    extent = spacing * np.array(image.shape)
    index = nearest_patches(image, wall)
    ridge = np.empty(image.shape, np.bool_)
    around = (wall.place, wall.point, wall.normal, spacing, extent, wraps, wall.radius)
    launch.run_tasks(_ridge, min(image.shape[0], BLOCKS), (image.void, index, *around, OPEN_FROM, ridge))
    centres = np.flatnonzero(ridge)
    del ridge
    balls, stopped = np.empty((centres.size, 4), np.float32), np.zeros(centres.size, np.bool_)
    smooth = SMOOTH_BINARY if image.is_binary else SMOOTH_GREY
    launch.run_tasks(_fit_all, FIT_TASKS, (centres, index, *around, smooth, balls, stopped))
    del index, centres
    held = np.isfinite(balls[:, 3]) & (balls[:, 3] > 0.0)
    balls, stopped = balls[held], stopped[held]
    # What walls alone bound comes first: a ball that a face cut short, or let grow, must not cover it.
    order = np.lexsort((-balls[:, 3], stopped))
    return balls[order], stopped[order]


def local_thickness(
    image: VoxelImage,
    wall: Wall | None = None,
    found: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]] | None = None,
) -> LocalThickness:
    """Local thickness of the pores of an image; `wall` and the `largest_balls` may be given if they are at hand.

    Memory beside the image: about 8 bytes a voxel at a porosity of 0.4, 5 of them the result.
    """
    wall = wall_of(image) if wall is None else wall
    if wall.place.size == 0:
        thickness, bounded = np.zeros(image.shape, np.float32), np.ones(image.shape, np.bool_)
        thickness[image.void >= OPEN_FROM] = np.inf
        bounded = ~np.isinf(thickness)
    else:
        balls, stopped = largest_balls(image, wall) if found is None else found
        thickness, bounded = _by_balls(image, balls, stopped)
    if image.pore_width is not None:
        # A microcrack that is narrower than its voxel has the width that it brings along.
        cracked = (image.pore_width > 0.0) & (image.void > 0.0)
        thickness[cracked], bounded[cracked] = image.pore_width[cracked], True
    return LocalThickness(thickness, bounded)


def _by_balls(
    image: VoxelImage, balls: npt.NDArray[np.float32], stopped: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Diameter of the first ball that covers each open voxel, m, and whether walls alone bound it."""
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    painted = paint_balls(image.open_voxels(), balls, spacing, image.periodic, cover=COVER, near=True)
    thickness, bounded = painted.view(np.float32), np.ones(image.shape, np.bool_)
    unit = np.float32(2.0 * smallest)
    launch.run_tasks(_read, image.shape[0], (painted, balls, stopped, unit, thickness, bounded))
    return thickness, bounded
