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
from poreline.voxels import VoxelImage
from poreline.voxels.distance import NOWHERE, spread_nearest
from poreline.voxels.image import OPEN_FROM

MOST_PATCHES = 96
"""Patches of wall around a voxel that a ball is fitted between."""
COVER = 0.35
"""Voxels that a ball covers beyond its surface: centres of wall voxels lie in the pore between two balls' contact points."""
TOUCHING = 0.35
"""Voxels by which a wall may lie further than the nearest one and still be touched by a ball."""
INSIDE = 0.1
"""Voxels by which a ball may stick out of a painted one and still be left out."""


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


@nb.njit(cache=True)
def _fit(x, y, z, patches, count, point, normal, extent, wraps, patch, lows, highs, smooth, out):  # type: ignore[no-untyped-def]
    """Centre and radius of the largest ball near a place between patches of wall; True if a face of the image stops it."""
    away = np.empty((MOST_PATCHES, 4), np.float64)
    step = 0.5
    best, bx, by, bz = -np.inf, x, y, z
    x0, y0, z0 = x, y, z
    for _ in range(12):
        least, nearest = np.inf, 0
        for p in range(count):
            d, dx, dy, dz = _distance(x, y, z, point, normal, patches[p], extent, wraps, patch)
            away[p, 0], away[p, 1], away[p, 2], away[p, 3] = d, dx, dy, dz
            if d < least:
                least, nearest = d, p
        gain = least - best
        if least > best:
            best, bx, by, bz = least, x, y, z
        length = max(1e-9, abs(least))
        sign = 1.0 if least > 0.0 else -1.0
        ux, uy, uz = (
            sign * away[nearest, 1] / length,
            sign * away[nearest, 2] / length,
            sign * away[nearest, 3] / length,
        )
        # Away from the nearest wall until another one is as near: |v + t u| = least + t.
        way = 1.0
        for p in range(count):
            d = away[p, 0]
            dot = away[p, 1] * ux + away[p, 2] * uy + away[p, 3] * uz
            if d > 0.0 and dot < least - 1e-9:
                way = min(way, (d * d - least * least) / (2.0 * (least - dot)))
        if way < 0.02 and step < 0.25 and gain < 0.01:
            break
        move = way if way > 0.02 else step * 0.25
        step *= 0.8
        x, y, z = x + move * ux, y + move * uy, z + move * uz
        # Stay near the voxel: what lies further is another voxel's ball.
        off = np.sqrt((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2)
        if off > 1.0:
            x, y, z = x0 + (x - x0) / off, y0 + (y - y0) / off, z0 + (z - z0) / off
        if not wraps[0]:
            x = min(max(x, lows[0]), highs[0])
        if not wraps[1]:
            y = min(max(y, lows[1]), highs[1])
        if not wraps[2]:
            z = min(max(z, lows[2]), highs[2])
    touching = best + TOUCHING
    smooth = max(smooth, 0.7 / max(1.0, best) - 0.1)
    # The contact: mean distance of the patches that the ball touches, which noise of single patches does not shrink.
    if smooth > 0.0:
        total, number = 0.0, 0
        for p in range(count):
            f = patches[p]
            d, dx, dy, dz = _distance(bx, by, bz, point, normal, f, extent, wraps, patch)
            if d < best + smooth and dx * normal[f, 0] + dy * normal[f, 1] + dz * normal[f, 2] > 0.9999 * d:
                total += d
                number += 1
        if number > 0:
            best = total / number
    out[0], out[1], out[2], out[3] = bx, by, bz, best
    inside = True
    for axis in range(3):
        centre = (bx, by, bz)[axis]
        inside = inside and (wraps[axis] or (centre - best - 1.0 > lows[axis] and centre + best + 1.0 < highs[axis]))
    if inside:
        return False
    # Walls that lie all on one side of the centre do not bound a ball: it ends at a face, or belongs to a pore beyond.
    # Nor does the rim of a wall at a face: there the wall goes on where the image does not show it.
    mx = my = mz = 0.0
    for p in range(count):
        f = patches[p]
        d, dx, dy, dz = _distance(bx, by, bz, point, normal, f, extent, wraps, patch)
        if 0.0 < d < touching:
            mx, my, mz = mx + dx / d, my + dy / d, mz + dz / d
            facing = (dx * normal[f, 0] + dy * normal[f, 1] + dz * normal[f, 2]) / d
            if facing < 0.9999 and (
                (not wraps[0] and (point[f, 0] < lows[0] + 3.0 or point[f, 0] > highs[0] - 3.0))
                or (not wraps[1] and (point[f, 1] < lows[1] + 3.0 or point[f, 1] > highs[1] - 3.0))
                or (not wraps[2] and (point[f, 2] < lows[2] + 3.0 or point[f, 2] > highs[2] - 3.0))
            ):  # fmt: skip
                return True
    length = max(1e-9, np.sqrt(mx * mx + my * my + mz * mz))
    for p in range(count):
        d, dx, dy, dz = _distance(bx, by, bz, point, normal, patches[p], extent, wraps, patch)
        if 0.0 < d < touching and (dx * mx + dy * my + dz * mz) / (d * length) < 0.25:
            return False
    return True


@nb.njit(cache=True, parallel=True)
def _balls(  # type: ignore[no-untyped-def]
    void,
    index,
    place,
    point,
    normal,
    spacing,
    extent,
    wraps,
    patch,
    threshold,
    smooth,
    starts,
    balls,
    stopped,
    fill,
):
    """Largest balls of every block of planes: counted (fill = False) or written behind the block's start."""
    nx, ny, nz = index.shape
    blocks = starts.size - 1
    counts = np.zeros(blocks, np.int64)
    lows = np.array([-0.5 * spacing[0], -0.5 * spacing[1], -0.5 * spacing[2]])
    highs = np.array([(nx - 0.5) * spacing[0], (ny - 0.5) * spacing[1], (nz - 0.5) * spacing[2]])
    for b in nb.prange(blocks):
        begin, end = np.int64(b) * nx // blocks, (np.int64(b) + 1) * nx // blocks
        planes = np.full((3, ny, nz), -1.0, np.float32)
        patches = np.empty(MOST_PATCHES, np.int64)
        marks = np.empty(27, np.int64)
        out = np.empty(4, np.float64)
        at = starts[b]
        if end > begin:
            if begin > 0:
                _plane_distances(
                    void, index, begin - 1, place, point, normal, spacing, extent, wraps, patch, threshold, planes[0]
                )
            elif wraps[0]:
                _plane_distances(
                    void, index, nx - 1, place, point, normal, spacing, extent, wraps, patch, threshold, planes[0]
                )
            _plane_distances(
                void, index, begin, place, point, normal, spacing, extent, wraps, patch, threshold, planes[1]
            )
        for i in range(begin, end):
            before, here, behind = (i - begin) % 3, (i - begin + 1) % 3, (i - begin + 2) % 3
            planes[behind, :, :] = -1.0
            if i + 1 < nx:
                _plane_distances(
                    void, index, i + 1, place, point, normal, spacing, extent, wraps, patch, threshold, planes[behind]
                )
            elif wraps[0]:
                _plane_distances(
                    void, index, 0, place, point, normal, spacing, extent, wraps, patch, threshold, planes[behind]
                )
            for j in range(ny):
                for k in range(nz):
                    own = planes[here, j, k]
                    if (own < 0.0 and void[i, j, k] < threshold) or own == np.inf:
                        continue
                    covered = False
                    number = 0
                    for a in range(-1, 2):
                        plane = before if a < 0 else (here if a == 0 else behind)
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
                                other = planes[plane, jj, kk]
                                if other < 0.0:
                                    continue
                                if a != 0 or c != 0 or e != 0:
                                    apart = np.sqrt(
                                        (a * spacing[0]) ** 2 + (c * spacing[1]) ** 2 + (e * spacing[2]) ** 2
                                    )
                                    if other >= own + 0.8 * apart:
                                        covered = True
                                ii = (i + a) % nx
                                mark = np.int64(index[ii, jj, kk])
                                known = mark < 0
                                for m in range(number):
                                    known = known or marks[m] == mark
                                if not known:
                                    marks[number] = mark
                                    number += 1
                    if covered:
                        continue
                    if fill:
                        count = 0
                        for m in range(number):
                            f = marks[m]
                            while f < place.size and place[f] == place[marks[m]] and count < MOST_PATCHES:
                                patches[count] = f
                                count += 1
                                f += 1
                        stopped[at] = _fit(
                            i * spacing[0], j * spacing[1], k * spacing[2], patches, count, point, normal, extent, wraps,
                            patch, lows, highs, smooth, out,
                        )  # fmt: skip
                        balls[at, 0], balls[at, 1], balls[at, 2], balls[at, 3] = out[0], out[1], out[2], out[3]
                    at += 1
        counts[b] = at - starts[b]
    return counts


_NONE = -1


@nb.njit(cache=True, parallel=True)
def _paint(pore, balls, spacing, wraps, cover, margin, blocks, painted):  # type: ignore[no-untyped-def]
    """Number of the first ball that covers each open voxel, block by block; `balls` come with the largest first."""
    nx, ny, nz = painted.shape
    for b in nb.prange(blocks):
        begin, end = np.int64(b) * nx // blocks, (np.int64(b) + 1) * nx // blocks
        for n in range(balls.shape[0]):
            cx, cy, cz, radius = (
                np.float64(balls[n, 0]),
                np.float64(balls[n, 1]),
                np.float64(balls[n, 2]),
                np.float64(balls[n, 3]),
            )
            r = radius + cover
            low, high = int(np.ceil((cx - r) / spacing[0])), int(np.floor((cx + r) / spacing[0]))
            if not wraps[0] and (high < begin or low >= end):
                continue
            # A ball inside one that has been painted covers nothing new.
            i, j, k = int(np.round(cx / spacing[0])), int(np.round(cy / spacing[1])), int(np.round(cz / spacing[2]))
            i = i % nx if wraps[0] else min(max(i, 0), nx - 1)
            j = j % ny if wraps[1] else min(max(j, 0), ny - 1)
            k = k % nz if wraps[2] else min(max(k, 0), nz - 1)
            if begin <= i < end and painted[i, j, k] >= 0:
                o = painted[i, j, k]
                dx, dy, dz = cx - balls[o, 0], cy - balls[o, 1], cz - balls[o, 2]
                if np.sqrt(dx * dx + dy * dy + dz * dz) + radius <= balls[o, 3] + margin:
                    continue
            for x in range(low, high + 1):
                ii = x % nx if wraps[0] else x
                if ii < begin or ii >= end:
                    continue
                dx = x * spacing[0] - cx
                left = r * r - dx * dx
                if left < 0.0:
                    continue
                half = np.sqrt(left)
                for y in range(int(np.ceil((cy - half) / spacing[1])), int(np.floor((cy + half) / spacing[1])) + 1):
                    if (y < 0 or y >= ny) and not wraps[1]:
                        continue
                    jj = y % ny if wraps[1] else y
                    dy = y * spacing[1] - cy
                    rest = left - dy * dy
                    if rest < 0.0:
                        continue
                    deep = np.sqrt(rest)
                    first, last = int(np.ceil((cz - deep) / spacing[2])), int(np.floor((cz + deep) / spacing[2]))
                    if not wraps[2]:
                        first, last = max(first, 0), min(last, nz - 1)
                    for z in range(first, last + 1):
                        kk = z % nz if wraps[2] else z
                        if painted[ii, jj, kk] < 0 and pore[ii, jj, kk]:
                            painted[ii, jj, kk] = n


@nb.njit(cache=True, parallel=True)
def _patch_up(void, painted, wraps, threshold, out):  # type: ignore[no-untyped-def]
    """Open voxels that no ball covers take the largest ball of their neighbours; returns how many are left."""
    nx, ny, nz = painted.shape
    left = np.zeros(nx, np.int64)
    for plane in nb.prange(nx):
        i = np.int64(plane)
        for j in range(ny):
            for k in range(nz):
                out[i, j, k] = painted[i, j, k]
                if painted[i, j, k] >= 0 or void[i, j, k] < threshold:
                    continue
                best = np.int32(2147483647)
                for a in range(-1, 2):
                    for c in range(-1, 2):
                        for e in range(-1, 2):
                            ii, jj, kk = i + a, j + c, k + e
                            if wraps[0]:
                                ii %= nx
                            if wraps[1]:
                                jj %= ny
                            if wraps[2]:
                                kk %= nz
                            if 0 <= ii < nx and 0 <= jj < ny and 0 <= kk < nz and painted[ii, jj, kk] >= 0:
                                best = min(best, painted[ii, jj, kk])
                if best < 2147483647:
                    out[i, j, k] = best
                else:
                    left[i] += 1
    return left.sum()


@nb.njit(cache=True, parallel=True)
def _read(painted, balls, stopped, thickness, bounded):  # type: ignore[no-untyped-def]
    nx, ny, nz = painted.shape
    for i in nb.prange(nx):
        for j in range(ny):
            for k in range(nz):
                n = painted[i, j, k]
                if n >= 0:
                    thickness[i, j, k] = 2.0 * balls[n, 3]
                    bounded[i, j, k] = not stopped[n]


def paint_balls(
    pore: npt.NDArray[np.bool_],
    balls: npt.NDArray[np.float32],
    spacing: npt.NDArray[np.float64],
    periodic: tuple[bool, bool, bool],
    *,
    cover: float,
    inside: float,
) -> npt.NDArray[np.int32]:
    """Number of the first ball that covers each pore voxel, -1 where none does.

    `balls` (n, 4): centre and radius in the unit of `spacing`, in the order in which they take precedence. A ball covers what lies
    within its radius + `cover`. One that lies in a ball which has been painted, up to `inside`, is left out.
    """
    painted = np.full(pore.shape, _NONE, np.int32)
    _paint(pore, balls, spacing, np.array(periodic), cover, inside, min(pore.shape[0], 16), painted)
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
    _all_distances(
        image.void,
        index,
        wall.place,
        wall.point,
        wall.normal,
        spacing,
        extent,
        np.array(image.periodic),
        wall.radius,
        OPEN_FROM,
        out,
    )
    return out


@nb.njit(cache=True, parallel=True)
def _all_distances(void, index, place, point, normal, spacing, extent, wraps, patch, threshold, out):  # type: ignore[no-untyped-def]
    for plane in nb.prange(index.shape[0]):
        i = np.int64(plane)
        _plane_distances(void, index, i, place, point, normal, spacing, extent, wraps, patch, threshold, out[i])
        for j in range(index.shape[1]):
            for k in range(index.shape[2]):
                if void[i, j, k] < threshold:
                    out[i, j, k] = 0.0
                else:
                    # A voxel whose centre the wall has just passed is open all the same.
                    out[i, j, k] = max(out[i, j, k], np.float32(0.01))


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
    smooth = SMOOTH_BINARY if image.is_binary else SMOOTH_GREY
    blocks = min(image.shape[0], 16)
    none = np.zeros(blocks + 1, np.int64)
    common = (
        image.void,
        index,
        wall.place,
        wall.point,
        wall.normal,
        spacing,
        extent,
        wraps,
        wall.radius,
        OPEN_FROM,
        smooth,
    )
    counts = _balls(*common, none, np.empty((0, 4), np.float32), np.empty(0, np.bool_), False)
    starts = np.concatenate([[0], np.cumsum(counts)])
    balls, stopped = np.empty((int(starts[-1]), 4), np.float32), np.zeros(int(starts[-1]), np.bool_)
    _balls(*common, starts, balls, stopped, True)
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
    """Local thickness of the pores of an image; `wall` and the `largest_balls` may be given if they are at hand."""
    wall = wall_of(image) if wall is None else wall
    thickness, bounded = np.zeros(image.shape, np.float32), np.ones(image.shape, np.bool_)
    if wall.place.size == 0:
        thickness[image.void >= OPEN_FROM] = np.inf
        bounded = ~np.isinf(thickness)
    else:
        _by_balls(image, largest_balls(image, wall) if found is None else found, thickness, bounded)
    if image.pore_width is not None:
        # A microcrack that is narrower than its voxel has the width that it brings along.
        cracked = (image.pore_width > 0.0) & (image.void > 0.0)
        thickness[cracked], bounded[cracked] = image.pore_width[cracked], True
    return LocalThickness(thickness, bounded)


def _by_balls(
    image: VoxelImage,
    found: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]],
    thickness: npt.NDArray[np.float32],
    bounded: npt.NDArray[np.bool_],
) -> None:
    """Fill in the diameter of the first ball that covers each open voxel, m, and whether walls alone bound it."""
    balls, stopped = found
    smallest = min(image.spacing)
    spacing, wraps = np.array([edge / smallest for edge in image.spacing]), np.array(image.periodic)
    painted = paint_balls(image.open_voxels(), balls, spacing, image.periodic, cover=COVER, inside=INSIDE)
    more = np.empty_like(painted)
    for _ in range(4):
        left = _patch_up(image.void, painted, wraps, OPEN_FROM, more)
        painted, more = more, painted
        if left == 0:
            break
    _read(painted, balls, stopped, thickness, bounded)
    thickness *= np.float32(smallest)
