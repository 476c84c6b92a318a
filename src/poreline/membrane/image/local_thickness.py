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

MOST_PATCHES = 162
"""Patches of wall around a voxel that a ball is fitted between: six of each of the 27 voxels."""
COVER = 0.35
"""Voxels that a ball covers beyond its surface: centres of wall voxels lie in the pore between two balls' contact points."""
TOUCHING = 0.35
"""Voxels by which a wall may lie further than the nearest one and still be touched by a ball."""
RIDGE = 0.7
"""A voxel is off the middle of its pore if the wall is further from one of the 26 voxels around by this share of the way there."""
BLOCKS_A_THREAD = 4
"""Blocks of planes for each thread: one that is held up leaves its others to the rest. A block costs two planes more, or a look at
every ball; what comes out does not depend on them."""


@dataclass(frozen=True, eq=False)
class LocalThickness:
    """Local thickness of a pore space."""

    thickness: npt.NDArray[np.float32]
    """(nx, ny, nz) local thickness, m; 0 outside the pore."""
    bounded: npt.NDArray[np.bool_]
    """Voxels whose ball is bounded by walls alone. The others' balls end at the image's face and may be larger."""


@nb.njit(cache=True, error_model="numpy")
def _minimum_image(way, extent, wraps):  # type: ignore[no-untyped-def]
    """A way along an axis, by the minimum image where the axis is periodic."""
    if wraps and abs(way) > np.float32(0.5) * extent:
        way -= extent * np.round(way / extent)
    return way


@nb.njit(cache=True, error_model="numpy")
def _distance(x, y, z, patch, f, extent, wraps):  # type: ignore[no-untyped-def]
    """Distance from a place to a flat round patch of wall; negative behind it."""
    vx = _minimum_image(x - patch[f, 0], extent[0], wraps[0])
    vy = _minimum_image(y - patch[f, 1], extent[1], wraps[1])
    vz = _minimum_image(z - patch[f, 2], extent[2], wraps[2])
    nx, ny, nz = patch[f, 3], patch[f, 4], patch[f, 5]
    h = vx * nx + vy * ny + vz * nz
    tx, ty, tz = vx - h * nx, vy - h * ny, vz - h * nz
    square, reach = tx * tx + ty * ty + tz * tz, patch[f, 6]
    if square <= reach * reach:
        return h
    over = np.sqrt(square) - reach
    return np.sqrt(h * h + over * over)


@nb.njit(cache=True)
def _nearest_of_voxel(x, y, z, mark, place, patch, extent, wraps):  # type: ignore[no-untyped-def]
    """The nearest patch of the voxel that patch `mark` belongs to, and the distance to it."""
    least, nearest = _distance(x, y, z, patch, mark, extent, wraps), mark
    f, own = mark + 1, place[mark]
    while f < place.size and place[f] == own:
        distance = _distance(x, y, z, patch, f, extent, wraps)
        if distance < least:
            least, nearest = distance, f
        f += 1
    return least, nearest


_LANES = 64
"""Balls that are fitted side by side, in the lanes of vector registers; with fewer the compiler does not think it worth while."""
# Where the rows of `_LANES` numbers begin in their one array; its flat index, with constant distances between rows, is what
# lets the compiler vectorise. Behind these come eleven rows for each patch of the balls.
_X, _Y, _Z = (n * _LANES for n in (0, 1, 2))  # place of the centre, from the voxel it started in
_LEAST, _DX, _DY, _DZ = (n * _LANES for n in (3, 4, 5, 6))  # distance to the nearest patch, and the vector from it
_BEST, _BX, _BY, _BZ = (n * _LANES for n in (7, 8, 9, 10))  # largest ball so far
_WAY, _STEP = 11 * _LANES, 12 * _LANES
_LOW_X, _LOW_Y, _LOW_Z, _HIGH_X, _HIGH_Y, _HIGH_Z = (n * _LANES for n in range(13, 19))  # where the image ends
_CONTACT, _TOUCHED = 19 * _LANES, 20 * _LANES
_PATCHES, _PER_PATCH = 21 * _LANES, 11 * _LANES
_PX, _PY, _PZ, _NX, _NY, _NZ, _RADIUS = (n * _LANES for n in range(7))  # of a patch: point, normal and radius
_AWAY, _AX, _AY, _AZ = (n * _LANES for n in range(7, 11))  # distance of the centre from it, and the vector
_VECTORISED = {"contract", "nsz", "nnan"}  # not the order of sums: two compilations would round differently
_AROUND = 32  # numbers in two vector registers: room for the 27 voxels around a place and itself
_BEYOND = np.float32(1e6)  # where patches lie that only fill up
_VX, _VY, _VZ, _MX, _MY, _MZ, _REACH, _FAR = (n * _LANES for n in range(8))
"""Rows of numbers of places that see one patch each: the way from it, its normal and radius, and the distance."""


@nb.njit(cache=True, error_model="numpy")
def _distances(work):  # type: ignore[no-untyped-def]
    """`_distance` of `_LANES` places from a patch each, in single precision, in the lanes of vector registers."""
    for w in range(_LANES):
        vx, vy, vz = work[_VX + w], work[_VY + w], work[_VZ + w]
        nx, ny, nz, reach = work[_MX + w], work[_MY + w], work[_MZ + w], work[_REACH + w]
        h = vx * nx + vy * ny + vz * nz
        tx, ty, tz = vx - h * nx, vy - h * ny, vz - h * nz
        square = tx * tx + ty * ty + tz * tz
        over = np.sqrt(square) - reach
        aside = np.sqrt(h * h + over * over)
        work[_FAR + w] = h if square <= reach * reach else aside


@nb.njit(cache=True, error_model="numpy")
def _plane_distances(void, index, i, place, patch, spacing, extent, wraps, threshold, work, open_at, out):  # type: ignore[no-untyped-def]
    """Distance to the wall from the open voxels of plane i; -1 in closed ones, infinite in those that see no wall.

    `work` and `open_at` are room to work in.
    """
    ny, nz = out.shape
    sx, sy, sz = np.float32(spacing[0]), np.float32(spacing[1]), np.float32(spacing[2])
    x = np.float32(i) * sx
    for j in range(ny):
        y, marks, open_part, line = np.float32(j) * sy, index[i, j], void[i, j], out[j]
        count = 0
        for k in range(nz):
            closed, blind = open_part[k] < threshold, marks[k] < 0
            line[k] = np.float32(-1.0) if closed else np.float32(np.inf)
            open_at[count] = k
            count += 0 if closed or blind else 1
        for begin in range(0, count, _LANES):
            number = min(_LANES, count - begin)
            for w in range(number):
                k = open_at[begin + w]
                f = marks[k]
                z = np.float32(k) * sz
                work[_VX + w] = _minimum_image(x - patch[f, 0], extent[0], wraps[0])
                work[_VY + w] = _minimum_image(y - patch[f, 1], extent[1], wraps[1])
                work[_VZ + w] = _minimum_image(z - patch[f, 2], extent[2], wraps[2])
                work[_MX + w], work[_MY + w], work[_MZ + w] = patch[f, 3], patch[f, 4], patch[f, 5]
                work[_REACH + w] = patch[f, 6]
            _distances(work)
            for w in range(number):
                k = open_at[begin + w]
                f = marks[k]
                line[k] = work[_FAR + w]
                if f + 1 < place.size and place[f + 1] == place[f]:  # few voxels hold several patches
                    z = np.float32(k) * sz
                    line[k] = _nearest_of_voxel(x, y, z, f, place, patch, extent, wraps)[0]


@nb.njit(cache=True, fastmath=_VECTORISED, error_model="numpy")
def _look_around(work, count):  # type: ignore[no-untyped-def]
    """Distance from each centre to each of its patches, the vector from its nearest point, and the nearest of them."""
    one, zero, tiny = np.float32(1.0), np.float32(0.0), np.float32(1e-20)
    for w in range(_LANES):
        work[_LEAST + w] = np.float32(np.inf)
    for p in range(count):
        r = _PATCHES + _PER_PATCH * p
        for w in range(_LANES):
            vx, vy, vz = (
                work[_X + w] - work[r + _PX + w],
                work[_Y + w] - work[r + _PY + w],
                work[_Z + w] - work[r + _PZ + w],
            )
            nx, ny, nz = work[r + _NX + w], work[r + _NY + w], work[r + _NZ + w]
            h = vx * nx + vy * ny + vz * nz
            tx, ty, tz = vx - h * nx, vy - h * ny, vz - h * nz
            aside = np.sqrt(tx * tx + ty * ty + tz * tz + tiny)
            scale = one - work[r + _RADIUS + w] / aside
            scale = scale if scale > zero else zero
            over = scale * aside
            dx, dy, dz = h * nx + scale * tx, h * ny + scale * ty, h * nz + scale * tz
            length = np.sqrt(h * h + over * over)
            d = length if scale > zero else h
            work[r + _AWAY + w], work[r + _AX + w], work[r + _AY + w], work[r + _AZ + w] = d, dx, dy, dz
        for w in range(_LANES):
            d, least = work[r + _AWAY + w], work[_LEAST + w]
            dx, dy, dz = work[r + _AX + w], work[r + _AY + w], work[r + _AZ + w]
            lx, ly, lz = work[_DX + w], work[_DY + w], work[_DZ + w]
            work[_DX + w] = dx if d < least else lx
            work[_DY + w] = dy if d < least else ly
            work[_DZ + w] = dz if d < least else lz
            work[_LEAST + w] = d if d < least else least


@nb.njit(cache=True, fastmath=_VECTORISED, error_model="numpy")
def _go_on(work, count, spacing):  # type: ignore[no-untyped-def]
    """Keep what is the largest ball so far, and move each centre away from the nearest wall; returns how many still gain.

    The way goes until another wall is as near: |v + t u| = least + t; at most 1. The centre stays within a voxel of where it
    started: what lies further is another voxel's ball.
    """
    one, zero, small = np.float32(1.0), np.float32(0.0), np.float32(1e-6)
    tiny, half, quarter, fade = np.float32(1e-9), np.float32(0.5), np.float32(0.25), np.float32(0.8)
    short, little = np.float32(0.02), np.float32(0.01)
    for w in range(_LANES):
        least = work[_LEAST + w]
        size = abs(least)
        per = one / (size if size > tiny else tiny)
        per = per if least > zero else -per
        # From here on the direction away from the nearest wall.
        work[_DX + w], work[_DY + w], work[_DZ + w] = per * work[_DX + w], per * work[_DY + w], per * work[_DZ + w]
        work[_WAY + w] = one
    for p in range(count):
        r = _PATCHES + _PER_PATCH * p
        for w in range(_LANES):
            d, least, way = work[r + _AWAY + w], work[_LEAST + w], work[_WAY + w]
            dot = (
                work[r + _AX + w] * work[_DX + w]
                + work[r + _AY + w] * work[_DY + w]
                + work[r + _AZ + w] * work[_DZ + w]
            )
            slow = least - dot
            other = half * (d * d - least * least) / (slow if slow > tiny else tiny)
            meets = (d > zero) & (slow > small) & (other < way)
            work[_WAY + w] = other if meets else way
    sx, sy, sz = np.float32(1.0 / spacing[0]), np.float32(1.0 / spacing[1]), np.float32(1.0 / spacing[2])
    moving = 0
    for w in range(_LANES):
        least, way, step = work[_LEAST + w], work[_WAY + w], work[_STEP + w]
        x, y, z = work[_X + w], work[_Y + w], work[_Z + w]
        best, bx, by, bz = work[_BEST + w], work[_BX + w], work[_BY + w], work[_BZ + w]
        gain = least - best
        work[_BX + w] = x if gain > zero else bx
        work[_BY + w] = y if gain > zero else by
        work[_BZ + w] = z if gain > zero else bz
        work[_BEST + w] = least if gain > zero else best
        done = (way < short) & (step < quarter) & (gain < little)
        move = way if way > short else quarter * step
        move = zero if done else move
        moving += 0 if done else 1
        work[_STEP + w] = fade * step
        x, y, z = x + move * work[_DX + w], y + move * work[_DY + w], z + move * work[_DZ + w]
        px, py, pz = x * sx, y * sy, z * sz
        off = np.sqrt(px * px + py * py + pz * pz)
        back = one / (off if off > one else one)
        x, y, z = x * back, y * back, z * back
        low_x, low_y, low_z = work[_LOW_X + w], work[_LOW_Y + w], work[_LOW_Z + w]
        high_x, high_y, high_z = work[_HIGH_X + w], work[_HIGH_Y + w], work[_HIGH_Z + w]
        x, y, z = low_x if x < low_x else x, low_y if y < low_y else y, low_z if z < low_z else z
        work[_X + w] = high_x if x > high_x else x
        work[_Y + w] = high_y if y > high_y else y
        work[_Z + w] = high_z if z > high_z else z
    return moving


@nb.njit(cache=True, fastmath=_VECTORISED, error_model="numpy")
def _touch(work, count, smooth):  # type: ignore[no-untyped-def]
    """Sum of the distances of the patches that each largest ball touches, and their number.

    A patch is touched inside its rim, if it lies as near as the nearest, to within the scatter of single patches.
    """
    one, zero, facing = np.float32(1.0), np.float32(0.0), np.float32(0.9999)
    for w in range(_LANES):
        work[_X + w], work[_Y + w], work[_Z + w] = work[_BX + w], work[_BY + w], work[_BZ + w]
        work[_CONTACT + w], work[_TOUCHED + w] = zero, zero
    _look_around(work, count)
    for w in range(_LANES):
        best = work[_BEST + w]
        within = np.float32(0.7) / (best if best > one else one) - np.float32(0.1)
        work[_WAY + w] = best + (within if within > smooth else smooth)
    for p in range(count):
        r = _PATCHES + _PER_PATCH * p
        for w in range(_LANES):
            d, total, number = work[r + _AWAY + w], work[_CONTACT + w], work[_TOUCHED + w]
            along = (
                work[r + _AX + w] * work[r + _NX + w]
                + work[r + _AY + w] * work[r + _NY + w]
                + work[r + _AZ + w] * work[r + _NZ + w]
            )
            touched = (d < work[_WAY + w]) & (along > facing * d)
            work[_CONTACT + w] = total + d if touched else total
            work[_TOUCHED + w] = number + one if touched else number


@nb.njit(cache=True)
def _fit(work, count, spacing, smooth):  # type: ignore[no-untyped-def]
    """Centres and radii of the largest balls near `_LANES` places, each between its own patches of wall."""
    for w in range(_LANES):
        work[_X + w] = work[_Y + w] = work[_Z + w] = 0.0
        work[_BX + w] = work[_BY + w] = work[_BZ + w] = 0.0
        work[_BEST + w], work[_STEP + w] = -np.inf, 0.5
    for _ in range(12):
        _look_around(work, count)
        if _go_on(work, count, spacing) == 0:
            break
    _touch(work, count, np.float32(smooth))


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
def _patches_of(marks, number, place, patches):  # type: ignore[no-untyped-def]
    """The patches of the marked voxels; returns how many."""
    count = 0
    for m in range(number):
        f = np.int64(marks[m])
        own = place[f]
        while f < place.size and place[f] == own and count < MOST_PATCHES:
            patches[count] = f
            count += 1
            f += 1
    return count


@nb.njit(cache=True, error_model="numpy")
def _lay_out(patches, counts, most, origins, patch, extent, wraps, work):  # type: ignore[no-untyped-def]
    """The patches of all balls, each seen from where its ball starts; patches far away, so that every ball has `most`.

    Patch by patch and not ball by ball: what is written then lies side by side.
    """
    for p in range(most):
        r = _PATCHES + _PER_PATCH * p
        for w in range(_LANES):
            if p >= counts[w]:
                work[r + _PX + w], work[r + _PY + w], work[r + _PZ + w] = _BEYOND, 0.0, 0.0
                work[r + _NX + w], work[r + _NY + w], work[r + _NZ + w], work[r + _RADIUS + w] = -1.0, 0.0, 0.0, 0.0
                continue
            f = patches[w, p]
            work[r + _PX + w] = _minimum_image(patch[f, 0] - origins[w, 0], extent[0], wraps[0])
            work[r + _PY + w] = _minimum_image(patch[f, 1] - origins[w, 1], extent[1], wraps[1])
            work[r + _PZ + w] = _minimum_image(patch[f, 2] - origins[w, 2], extent[2], wraps[2])
            work[r + _NX + w], work[r + _NY + w], work[r + _NZ + w] = patch[f, 3], patch[f, 4], patch[f, 5]
            work[r + _RADIUS + w] = patch[f, 6]


@nb.njit(cache=True)
def _marks_around(index, i, j, k, wraps, seen, again, marks):  # type: ignore[no-untyped-def]
    """The different first patches that the voxels around one are nearest to; returns how many. `seen`, `again`: room for 32."""
    nx, ny, nz = index.shape
    seen[:] = -1
    at = 0
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
            row = index[ii, jj]
            for e in range(-1, 2):
                kk = k + e
                if kk < 0 or kk >= nz:
                    if not wraps[2]:
                        continue
                    kk %= nz
                seen[at] = row[kk]
                at += 1
    # Each with all behind it, in vector registers: many times faster than a list that is searched as it grows.
    for other in range(_AROUND):
        again[other] = np.int32(seen[other] < 0)
    for one in range(27):
        mark = seen[one]
        for other in range(_AROUND):
            again[other] |= np.int32((seen[other] == mark) & (other > one))
    number = 0
    for one in range(27):
        marks[number] = seen[one]
        number += 1 - again[one]
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


@nb.njit(cache=True)
def _overtopped(flat, starts, plane_of, offset, growth, here, own, over):  # type: ignore[no-untyped-def]
    """Mark the voxels of a row from which the distance grows towards one of the 26 around; rows of planes `flat` from `here` on."""
    nz = own.size
    for k in range(nz):
        own[k], over[k] = flat[starts[1] + here + k], 0
    for n in range(26):
        row, rise = flat[starts[plane_of[n]] + here + offset[n] :], growth[n]
        for k in range(nz):
            over[k] |= np.int32(row[k] >= own[k] + rise)


@nb.njit(cache=True, nogil=True)
def _ridge(start, stop, blocks, void, index, place, patch, spacing, extent, wraps, threshold, out):  # type: ignore[no-untyped-def]
    """Mark the voxels on the middle of the pores, from which balls are fitted.

    A voxel is not there if the distance grows by more than `RIDGE` times the way to one of the 26 around it.
    """
    nx, ny, nz = index.shape
    plane_of, offset, growth = _neighbours(spacing, nz + 2)
    planes = np.empty((3, ny + 2, nz + 2), np.float32)
    flat = planes.reshape(-1)
    starts = np.empty(3, np.int64)
    own, over = np.empty(nz, np.float32), np.empty(nz, np.int32)
    work, open_at = np.zeros(8 * _LANES, np.float32), np.empty(nz + 1, np.int64)
    for b in range(start, stop):
        begin, end = b * nx // blocks, (b + 1) * nx // blocks
        planes[:] = -1.0
        for x in range(begin - 1, end + 1):
            # Plane x of distances comes in; plane x - 1 has all its neighbours then.
            i = x - 1
            new = planes[(x - begin + 1) % 3]
            if 0 <= x < nx or wraps[0]:
                inner = new[1:-1, 1:-1]
                _plane_distances(
                    void, index, x % nx, place, patch, spacing, extent, wraps, threshold, work, open_at, inner
                )
                _close_rim(new, wraps)
            else:
                new[:] = -1.0
            if i < begin:
                continue
            for a in range(3):
                starts[a] = (x - begin + 2 + a) % 3 * (ny + 2) * (nz + 2)
            for j in range(ny):
                _overtopped(flat, starts, plane_of, offset, growth, (j + 1) * (nz + 2) + 1, own, over)
                for k in range(nz):
                    # Closed voxels are -1, those that see no wall infinite.
                    out[i, j, k] = over[k] == 0 and void[i, j, k] >= threshold and own[k] < np.inf


@nb.njit(cache=True, nogil=True)
def _fit_all(  # type: ignore[no-untyped-def]
    start, stop, centres, index, place, patch, spacing, extent, wraps, smooth, balls, stopped
):
    """The largest ball near each of the voxels whose flat indices are `centres`."""
    nx, ny, nz = index.shape
    lows = np.array([-0.5 * spacing[0], -0.5 * spacing[1], -0.5 * spacing[2]])
    highs = np.array([(nx - 0.5) * spacing[0], (ny - 0.5) * spacing[1], (nz - 0.5) * spacing[2]])
    work = np.zeros(_PATCHES + _PER_PATCH * MOST_PATCHES, np.float32)
    near, away = np.empty((7, MOST_PATCHES), np.float32), np.empty((4, MOST_PATCHES), np.float32)
    seen, again, marks = np.empty(_AROUND, np.int32), np.empty(_AROUND, np.int32), np.empty(_AROUND, np.int32)
    counts = np.zeros(_LANES, np.int64)
    patches = np.empty((_LANES, MOST_PATCHES), np.int32)
    origins, out = np.zeros((_LANES, 3), np.float64), np.empty(4, np.float64)
    for task in range(start, stop):
        n = task * _LANES
        balls_here = min(_LANES, centres.size - n)
        for w in range(balls_here):
            centre = np.int64(centres[n + w])
            row = centre // nz
            i, j, k = row // ny, row % ny, centre - row * nz
            origins[w, 0], origins[w, 1], origins[w, 2] = i * spacing[0], j * spacing[1], k * spacing[2]
            number = _marks_around(index, i, j, k, wraps, seen, again, marks)
            counts[w] = _patches_of(marks, number, place, patches[w])
            for axis in range(3):
                low, high = lows[axis] - origins[w, axis], highs[axis] - origins[w, axis]
                work[_LOW_X + axis * _LANES + w] = -np.inf if wraps[axis] else low
                work[_HIGH_X + axis * _LANES + w] = np.inf if wraps[axis] else high
        counts[balls_here:] = 0
        most = counts.max()
        _lay_out(patches, counts, most, origins, patch, extent, wraps, work)
        _fit(work, most, spacing, smooth)
        for w in range(balls_here):
            _take_ball(work, w, counts[w], origins[w], lows, highs, wraps, near, away, out)
            stopped[n + w] = _may_end_at_face(out, lows, highs, wraps) and _ends_at_face(
                near, counts[w], away, work[_BEST + w] + np.float32(TOUCHING), origins[w], lows, highs, wraps
            )
            balls[n + w, 0], balls[n + w, 1], balls[n + w, 2], balls[n + w, 3] = out[0], out[1], out[2], out[3]


@nb.njit(cache=True)
def _take_ball(work, w, count, origin, lows, highs, wraps, near, away, out):  # type: ignore[no-untyped-def]
    """Centre and radius of ball w; near a face of the image also its patches, by column.

    The radius is the mean distance of the patches that the ball touches, which noise of single patches does not shrink.
    """
    radius = work[_BEST + w]
    if work[_TOUCHED + w] > 0.0:
        radius = work[_CONTACT + w] / work[_TOUCHED + w]
    for axis in range(3):
        out[axis] = origin[axis] + work[_BX + axis * _LANES + w]
    out[3] = radius
    if _may_end_at_face(out, lows, highs, wraps):
        for p in range(count):
            r = _PATCHES + _PER_PATCH * p
            for column in range(7):
                near[column, p] = work[r + column * _LANES + w]
            for column in range(4):
                away[column, p] = work[r + _AWAY + column * _LANES + w]


@nb.njit(cache=True)
def _may_end_at_face(ball, lows, highs, wraps):  # type: ignore[no-untyped-def]
    """Whether a ball comes within a voxel of a face of the image."""
    for axis in range(3):
        reach = ball[3] + 1.0
        if not wraps[axis] and not (ball[axis] - reach > lows[axis] and ball[axis] + reach < highs[axis]):
            return True
    return False


_NONE = -1
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = np.uint64(1)
_ROWS = 16
"""Rows of voxels that a ball is tried on together."""


@nb.njit(cache=True, nogil=True)
def _bits_of(start, stop, pore, bits):  # type: ignore[no-untyped-def]
    """One bit for each voxel that is still to be covered, sixty-four along the last axis to a word `bits[word, i, j]`."""
    ny, nz = pore.shape[1:]
    for i in range(start, stop):
        for j in range(ny):
            row = pore[i, j]
            for word in range(bits.shape[0]):
                value = np.uint64(0)
                for k in range(64 * word, min(64 * word + 64, nz)):
                    value |= np.uint64(row[k]) << np.uint64(k - 64 * word)
                bits[word, i, j] = value


@nb.njit(cache=True)
def _take(bits, painted, i, j, first, last, n):  # type: ignore[no-untyped-def]
    """Voxels first ... last of a row that are still to be covered get ball n."""
    for w in range(first >> 6, (last >> 6) + 1):
        word = bits[w, i, j]
        if word == 0:
            continue
        low, high = max(first - 64 * w, 0), min(last - 64 * w, 63)
        new = word & (_ALL << np.uint64(low)) & (_ALL >> np.uint64(63 - high))
        if new == 0:
            continue
        bits[w, i, j] = word & ~new
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


@nb.njit(cache=True, error_model="numpy")
def _may_cover(rows, first_word, last_word, i, bottom, top, cy, cz, left, spacing_y, per_z):  # type: ignore[no-untyped-def]
    """Whether a ball may reach a voxel of plane i that is still to be covered: sixteen rows at a time, without branches.

    In float32, and so with a margin. Behind the last row of the image lie empty ones.
    """
    # The square is rounded by some 1e-7 of the radius squared, and by as much of the place times the radius.
    zero, margin = np.float32(0.0), np.float32(1e-3)
    rounding = np.float32(4e-7 * (left + (abs(cy) * spacing_y + 1.0) * np.sqrt(max(left, 0.0))))
    y0, z0, square, scale, per = (
        np.float32(cy),
        np.float32(cz),
        np.float32(left) + rounding,
        np.float32(spacing_y),
        np.float32(per_z),
    )
    for word in range(first_word, last_word + 1):
        plane, origin = rows[word, i], np.float32(64 * word)
        for begin in range(bottom, top + 1, _ROWS):
            some = np.uint64(0)
            for n in range(begin, begin + _ROWS):
                uncovered = plane[n]
                dy = (np.float32(n) - y0) * scale
                deep = np.sqrt(max(square - dy * dy, zero)) * per + margin
                first, last = np.ceil(z0 - deep) - origin, np.floor(z0 + deep) - origin
                reaches = (last >= zero) & (first <= np.float32(63.0)) & (first <= last)
                low, high = np.int32(max(first, zero)), np.int32(min(last, np.float32(63.0)))
                mask = (_ALL << (np.uint64(low) & np.uint64(63))) & (_ALL >> (np.uint64(63 - high) & np.uint64(63)))
                some |= mask & uncovered & (np.uint64(0) - np.uint64(reaches))
            if some != 0:
                return True
    return False


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _paint(start, stop, blocks, bits, balls, spacing, wraps, cover, painted):  # type: ignore[no-untyped-def]
    """Ball by ball, the first of them first: each takes the voxels within its radius + `cover` that none has taken before.

    Each block of planes is painted by itself. A ball mostly finds nothing left in a plane, which is told for many rows at once.
    """
    nx, ny, nz = painted.shape
    per_x, per_y, per_z = 1.0 / spacing[0], 1.0 / spacing[1], 1.0 / spacing[2]
    spacing_y = spacing[1]
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
            if lowest > highest and not across:
                continue
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
                if (
                    not across
                    and bottom >= 0
                    and top < ny
                    and not _may_cover(bits, lowest >> 6, highest >> 6, i, bottom, top, cy, cz, left, spacing_y, per_z)
                ):
                    continue
                for y in range(bottom, top + 1):
                    j = y % ny if wraps[1] else y
                    dy = (y - cy) * spacing_y
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
    words, nx, ny = bits.shape  # and rows behind the last one, which are empty
    for i in range(nx):
        for j in range(ny):
            for word in range(words):
                value = bits[word, i, j]
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


def _blocks(planes: int) -> int:
    return min(planes, BLOCKS_A_THREAD * launch.thread_count())


def _uncovered(pore: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    bits = np.empty((-(-pore.shape[2] // 64), pore.shape[0], pore.shape[1] + _ROWS), np.uint64)
    bits[:, :, pore.shape[1] :] = 0
    launch.run_tasks(_bits_of, pore.shape[0], (pore, bits))
    return bits


def paint_balls(
    pore: npt.NDArray[np.bool_],
    balls: npt.NDArray[np.float32] | npt.NDArray[np.float64],
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
    blocks = _blocks(pore.shape[0])
    launch.run_tasks(_paint, blocks, (blocks, bits, balls, spacing, wraps, cover, painted))
    if near:
        count = _remaining(bits, 0)[0]
        left = _remaining(bits, count)[1]
        for _ in range(4):
            left = _patch_up(left, painted, wraps)
    return painted


def patch_distances(
    image: VoxelImage, wall: Wall, nearest: npt.NDArray[np.int32] | None = None
) -> npt.NDArray[np.float32]:
    """Distance from the centre of each open voxel to the wall, in the smallest edge of a voxel; 0 in closed ones.

    Where there is no wall at all: the longest edge of the image. `nearest` are the `nearest_patches`, if they are at hand.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    extent = spacing * np.array(image.shape)
    out = np.zeros(image.shape, np.float32)
    if wall.place.size == 0:
        out[image.open_voxels()] = extent.max()
        return out
    index = nearest_patches(image, wall) if nearest is None else nearest
    around = (wall.place, wall.patch, spacing, extent.astype(np.float32), np.array(image.periodic))
    launch.run_tasks(_all_distances, image.shape[0], (image.void, index, *around, OPEN_FROM, out))
    return out


@nb.njit(cache=True, nogil=True)
def _all_distances(start, stop, void, index, place, patch, spacing, extent, wraps, threshold, out):  # type: ignore[no-untyped-def]
    work, open_at = np.zeros(8 * _LANES, np.float32), np.empty(index.shape[2] + 1, np.int64)
    for i in range(start, stop):
        _plane_distances(void, index, i, place, patch, spacing, extent, wraps, threshold, work, open_at, out[i])
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
        extent = (spacing * np.array(image.shape)).astype(np.float32)
        around = (wall.place, wall.patch, spacing, extent, np.array(image.periodic))
        launch.run_tasks(_all_edges, image.shape[0], (image.void, index, *around, OPEN_FROM, out))
        out *= np.float32(smallest)
    return out


@nb.njit(cache=True, nogil=True)
def _all_edges(start, stop, void, index, place, patch, spacing, extent, wraps, threshold, out):  # type: ignore[no-untyped-def]
    sx, sy, sz = np.float32(spacing[0]), np.float32(spacing[1]), np.float32(spacing[2])
    for i in range(start, stop):
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                mark = index[i, j, k]
                if void[i, j, k] < threshold or mark < 0:
                    continue
                x, y, z = np.float32(i) * sx, np.float32(j) * sy, np.float32(k) * sz
                f = _nearest_of_voxel(x, y, z, mark, place, patch, extent, wraps)[1]
                square = 0.0
                for axis in range(3):
                    square += (patch[f, 3 + axis] * spacing[axis]) ** 2
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


def largest_balls(
    image: VoxelImage, wall: Wall, nearest: npt.NDArray[np.int32] | None = None
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Balls (centre and radius, in the smallest voxel edge) on the middle of the pores, the largest first; and which end at a face.

    `nearest` are the `nearest_patches`, if they are at hand.
    """
    smallest = min(image.spacing)
    spacing = np.array([edge / smallest for edge in image.spacing])
    wraps = np.array(image.periodic)
    extent = (spacing * np.array(image.shape)).astype(np.float32)
    index = nearest_patches(image, wall) if nearest is None else nearest
    ridge = np.empty(image.shape, np.bool_)
    around = (wall.place, wall.patch, spacing, extent, wraps)
    blocks = _blocks(image.shape[0])
    launch.run_tasks(_ridge, blocks, (blocks, image.void, index, *around, OPEN_FROM, ridge))
    centres = np.flatnonzero(ridge)
    del ridge
    balls, stopped = np.empty((centres.size, 4), np.float32), np.zeros(centres.size, np.bool_)
    smooth = SMOOTH_BINARY if image.is_binary else SMOOTH_GREY
    launch.run_tasks(_fit_all, -(-centres.size // _LANES), (centres, index, *around, smooth, balls, stopped))
    del index, centres
    held = np.isfinite(balls[:, 3]) & (balls[:, 3] > 0.0)
    balls, stopped = balls[held], stopped[held]
    # What walls alone bound comes first: a ball that a face cut short, or let grow, must not cover it.
    # The bits of a positive float rise with it; one sort of whole numbers is many times faster than one by two keys.
    key = stopped.astype(np.uint64) << np.uint64(63)
    key |= (np.uint64(0x7FFFFFFF) - balls[:, 3].view(np.uint32)) << np.uint64(32)
    key |= np.arange(len(balls), dtype=np.uint64)
    key.sort()
    order = (key & np.uint64(0xFFFFFFFF)).astype(np.int64)
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
        del wall  # if nobody else has it, its memory is free for the result
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
