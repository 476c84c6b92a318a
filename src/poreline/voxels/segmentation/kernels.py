"""Loops over the voxels of a grey image. A picture is an image of one voxel along the second axis.

Levels are the grey values of pure solid and pure void. They may change slowly: they are known on a coarse grid of
blocks, at the middle of each, and interpolated linearly. The void coordinate of a voxel is (solid - grey) / (solid -
void): 0 on the plateau of the solid, 1 on that of the void.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from poreline.voxels.threads import parallel

FloatArray = npt.NDArray[np.float32]
Map = npt.NDArray[np.float64]
Block = tuple[int, int, int]

BINS = 3000
LOWEST_COORDINATE, HIGHEST_COORDINATE = -2.5, 3.5
"""Range of the histogram of void coordinates; what lies beyond counts at its ends."""
CHUNKS = 32
"""Parts along the first axis that are counted apart."""


@parallel(error_model="numpy")
def cross_median(source: FloatArray, first: int, last: int, arm: int, out: FloatArray) -> None:
    """Median of each voxel and its neighbours up to `arm` along both directions of each axis, for planes first to last.

    A flat crack of one voxel is kept: more than half of the cross lies in it.
    """
    nx, ny, nz = source.shape
    for plane in numba.prange(first, last):
        i: Any = np.int64(plane)
        cross = np.empty(6 * arm + 1, np.float32)
        for j in range(ny):
            for k in range(nz):
                cross[0] = source[i, j, k]
                size = 1
                for step in range(1, arm + 1):
                    if nx > 1:
                        cross[size] = source[max(0, i - step), j, k]
                        cross[size + 1] = source[min(nx - 1, i + step), j, k]
                        size += 2
                    if ny > 1:
                        cross[size] = source[i, max(0, j - step), k]
                        cross[size + 1] = source[i, min(ny - 1, j + step), k]
                        size += 2
                    if nz > 1:
                        cross[size] = source[i, j, max(0, k - step)]
                        cross[size + 1] = source[i, j, min(nz - 1, k + step)]
                        size += 2
                for end in range(1, size):
                    value = cross[end]
                    place = end
                    while place > 0 and cross[place - 1] > value:
                        cross[place] = cross[place - 1]
                        place -= 1
                    cross[place] = value
                out[i - first, j, k] = cross[size // 2]


@numba.njit(cache=True, error_model="numpy")
def _levels_of_row(levels: Map, block: Block, i: int, j: int, row: Map) -> None:
    """Levels at the blocks' middles along the last axis, for the row of voxels at (i, j)."""
    mx, my, mz = levels.shape
    x = min(max((i + 0.5) / block[0] - 0.5, 0.0), mx - 1.0)
    y = min(max((j + 0.5) / block[1] - 0.5, 0.0), my - 1.0)
    i0, j0 = int(x), int(y)
    i1, j1 = min(i0 + 1, mx - 1), min(j0 + 1, my - 1)
    fx, fy = x - i0, y - j0
    for k in range(mz):
        near = levels[i0, j0, k] * (1 - fy) + levels[i0, j1, k] * fy
        far = levels[i1, j0, k] * (1 - fy) + levels[i1, j1, k] * fy
        row[k] = near * (1 - fx) + far * fx


@numba.njit(cache=True, error_model="numpy")
def _level(row: Map, edge: int, k: int) -> float:
    """Level at a voxel of a row, linear between the middles of the blocks and constant beyond the outer ones."""
    last = row.shape[0] - 1
    if last == 0:
        return float(row[0])
    z = min(max((k + 0.5) / edge - 0.5, 0.0), float(last))
    k0 = min(int(z), last - 1)
    return float(row[k0] + (z - k0) * (row[k0 + 1] - row[k0]))


@numba.njit(cache=True, error_model="numpy")
def _steps_to_wall(grey: FloatArray, i: int, j: int, k: int, wall: float, farthest: int) -> int:
    """Steps along an axis to the nearest voxel on the other side of the wall's grey value; `farthest` + 1 if none is near."""
    nx, ny, nz = grey.shape
    bright = grey[i, j, k] >= wall
    for step in range(1, farthest + 1):
        if i >= step and (grey[i - step, j, k] >= wall) != bright:
            return step
        if i + step < nx and (grey[i + step, j, k] >= wall) != bright:
            return step
        if j >= step and (grey[i, j - step, k] >= wall) != bright:
            return step
        if j + step < ny and (grey[i, j + step, k] >= wall) != bright:
            return step
        if k >= step and (grey[i, j, k - step] >= wall) != bright:
            return step
        if k + step < nz and (grey[i, j, k + step] >= wall) != bright:
            return step
    return farthest + 1


@parallel(error_model="numpy")
def count_coordinates(
    grey: FloatArray,
    every: int,
    solid: Map,
    void: Map,
    block: Block,
    wall: float,
    farthest: int,
    counts: npt.NDArray[np.int64],
) -> None:
    """Histograms of the void coordinate by the steps to the nearest wall, on every so manieth plane.

    `wall` is the coordinate of the wall; `counts` has the shape (CHUNKS, farthest + 1, BINS) and is added to: 1 step in
    row 0, more than `farthest` in the last.
    """
    nx, ny, nz = grey.shape
    planes = (nx + every - 1) // every
    scale = BINS / (HIGHEST_COORDINATE - LOWEST_COORDINATE)
    for chunk in numba.prange(CHUNKS):
        zeros, ones = np.empty(solid.shape[2]), np.empty(void.shape[2])
        for plane in range(chunk * planes // CHUNKS, (chunk + 1) * planes // CHUNKS):
            i = plane * every
            for j in range(ny):
                _levels_of_row(solid, block, i, j, zeros)
                _levels_of_row(void, block, i, j, ones)
                for k in range(nz):
                    zero = _level(zeros, block[2], k)
                    one = _level(ones, block[2], k)
                    coordinate = (zero - grey[i, j, k]) / (zero - one)
                    place = int(min(max((coordinate - LOWEST_COORDINATE) * scale, 0.0), BINS - 1.0))
                    steps = _steps_to_wall(grey, i, j, k, zero + wall * (one - zero), farthest)
                    counts[chunk, steps - 1, place] += 1


@parallel(error_model="numpy")
def sum_blocks(
    grey: FloatArray, every: int, solid: Map, void: Map, block: Block, wall: float, sums: npt.NDArray[np.float64]
) -> None:
    """Sums by block of the void coordinate's distance from its plateau, and counts, for voxels away from the walls.

    `sums` has the shape (6, blocks along each axis) and is added to: sum and count over solid, over void, and over all
    voxels (there the coordinate itself).
    """
    nx, ny, nz = grey.shape
    for plane in numba.prange(sums.shape[1]):
        a = np.int64(plane)
        zeros, ones = np.empty(solid.shape[2]), np.empty(void.shape[2])
        start = (a * block[0] + every - 1) // every * every
        for i in range(start, min((a + 1) * block[0], nx), every):
            for j in range(ny):
                b = j // block[1]
                _levels_of_row(solid, block, i, j, zeros)
                _levels_of_row(void, block, i, j, ones)
                for k in range(nz):
                    c = k // block[2]
                    zero = _level(zeros, block[2], k)
                    one = _level(ones, block[2], k)
                    coordinate = (zero - grey[i, j, k]) / (zero - one)
                    sums[4, a, b, c] += coordinate
                    sums[5, a, b, c] += 1.0
                    if _steps_to_wall(grey, i, j, k, zero + wall * (one - zero), 1) > 1:
                        # An outlier must not move its block: a level is where most voxels are.
                        if coordinate < wall:
                            sums[0, a, b, c] += max(coordinate, -1.0)
                            sums[1, a, b, c] += 1.0
                        else:
                            sums[2, a, b, c] += min(coordinate - 1.0, 1.0)
                            sums[3, a, b, c] += 1.0


@parallel(error_model="numpy")
def fill_void(
    grey: FloatArray,
    start: int,
    planes: int,
    skip: int,
    solid: Map,
    void: Map,
    block: Block,
    wall: float,
    edge: float,
    dead_solid: float,
    dead_void: float,
    step: float,
    out: FloatArray,
    tallies: npt.NDArray[np.float64],
) -> None:
    """Void fractions of `planes` planes of a slab whose plane `skip` is plane `start` of the image.

    A voxel with a neighbour of the other phase is linear from 0 at `edge`, the level of the solid beside a wall, over
    0.5 at the wall to 1 on the plateau of the void. A voxel without one belongs to its plateau if it differs from that
    by less than the dead zone: then the difference is noise. Otherwise it holds something smaller than a voxel, and is
    linear between the plateaus. A wall beyond the levels leaves 0 and 1 only.

    `tallies` (planes, 4): sum of the void fraction, voxels of at least a half, voxels that leave and that join the void
    when the wall's coordinate moves by `step` up and down.
    """
    nx, ny, nz = grey.shape
    for plane in numba.prange(planes):
        i: Any = np.int64(plane) + skip
        zeros, ones = np.empty(solid.shape[2]), np.empty(void.shape[2])
        for j in range(ny):
            _levels_of_row(solid, block, start + plane, j, zeros)
            _levels_of_row(void, block, start + plane, j, ones)
            for k in range(nz):
                zero = _level(zeros, block[2], k)
                one = _level(ones, block[2], k)
                coordinate = (zero - grey[i, j, k]) / (zero - one)
                threshold = zero + wall * (one - zero)
                opened = coordinate >= wall
                bright = grey[i, j, k] >= threshold
                alone = True
                for a in range(max(0, i - 1), min(nx, i + 2)):
                    for b in range(max(0, j - 1), min(ny, j + 2)):
                        for c in range(max(0, k - 1), min(nz, k + 2)):
                            if (grey[a, b, c] >= threshold) != bright:
                                alone = False
                pure = alone and (1.0 - coordinate < dead_void if opened else coordinate < dead_solid)
                bottom = 0.0 if alone else edge
                if pure or not bottom < wall < 1.0:
                    share = 1.0 if opened else 0.0
                elif opened:
                    share = min(0.5 + 0.5 * (coordinate - wall) / (1.0 - wall), 1.0)
                else:
                    share = min(max(0.5 * (coordinate - bottom) / (wall - bottom), 0.0), 0.4999)
                out[plane, j, k] = share
                tallies[plane, 0] += share
                if opened:
                    tallies[plane, 1] += 1.0
                    if coordinate < wall + step:
                        tallies[plane, 2] += 1.0
                elif coordinate >= wall - step:
                    tallies[plane, 3] += 1.0
