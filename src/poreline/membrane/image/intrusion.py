"""What a non-wetting fluid reaches: one ordered flood from wide to narrow gives the whole intrusion curve.

A ball of radius r, pushed in from a face, reaches a place if its centre can move there through places that are at least r away
from every wall, and it covers everything within r. The flood visits voxels in the order of the widest way that leads to
them (a bottleneck path, as Dijkstra's shortest path with minimum for sum), so that every radius is answered at once and exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.membrane.image.local_thickness import paint_balls, patch_distances
from poreline.membrane.image.wall import Wall
from poreline.voxels import Axis, VoxelImage

FloatArray = npt.NDArray[np.float32]
Face = tuple[Axis, int]
"""A face of the image: its axis, and 0 for the first plane or -1 for the last."""
_NEAR = 0.8661
"""Voxels within which a voxel's centre stands for a ball's: half the diagonal of a voxel."""


@dataclass(frozen=True, eq=False)
class Intrusion:
    """What balls reach from the chosen faces."""

    faces: tuple[Face, ...]
    access: FloatArray
    """(nx, ny, nz) radius in m of the largest ball whose centre can come to the voxel; 0 where none can."""
    reached: FloatArray
    """(nx, ny, nz) radius in m of the largest ball that covers the voxel; 0 where none does."""


@nb.njit(cache=True)
def _raise_to_balls(opening, balls, spacing, wraps, near):  # type: ignore[no-untyped-def]
    """A voxel next to a ball's centre is as wide as the ball: the middle of a pore seldom runs through a voxel's centre."""
    nx, ny, nz = opening.shape
    for n in range(balls.shape[0]):
        x, y, z, r = balls[n, 0], balls[n, 1], balls[n, 2], balls[n, 3]
        i0, j0, k0 = int(np.round(x / spacing[0])), int(np.round(y / spacing[1])), int(np.round(z / spacing[2]))
        for a in range(-1, 2):
            for b in range(-1, 2):
                for c in range(-1, 2):
                    i, j, k = i0 + a, j0 + b, k0 + c
                    off = (i - x / spacing[0]) ** 2 + (j - y / spacing[1]) ** 2 + (k - z / spacing[2]) ** 2
                    if off > near * near:
                        continue
                    if wraps[0]:
                        i %= nx
                    if wraps[1]:
                        j %= ny
                    if wraps[2]:
                        k %= nz
                    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz and 0.0 < opening[i, j, k] < r:
                        opening[i, j, k] = r


def openings(image: VoxelImage, wall: Wall, balls: FloatArray) -> FloatArray:
    """Radius in m of the largest ball around the middle of each voxel; 0 in the solid.

    The distance to the wall; next to the centre of a largest ball the radius of that ball; in a voxel that holds a microcrack of its
    own, half the microcrack's width.
    """
    smallest = min(image.spacing)
    opening = patch_distances(image, wall)
    spacing = np.array([edge / smallest for edge in image.spacing])
    _raise_to_balls(opening, balls, spacing, np.array(image.periodic), _NEAR)
    opening *= np.float32(smallest)
    if image.pore_width is not None:
        cracked = (image.pore_width > 0.0) & (image.void > 0.0)
        opening[cracked] = 0.5 * image.pore_width[cracked]
    return opening


@nb.njit(cache=True)
def _flood(level, start, wraps, heads, following, access):  # type: ignore[no-untyped-def]
    """Highest level that a way from the start keeps to, for every voxel; -1 where no way leads. Levels count from 0."""
    nx, ny, nz = level.shape
    flat_level, flat_access = level.reshape(-1), access.reshape(-1)
    flat_start = start.reshape(-1)
    for v in range(flat_level.size):
        flat_access[v] = -1
        if flat_start[v] and flat_level[v] >= 0:
            flat_access[v] = flat_level[v]
            following[v] = heads[flat_level[v]]
            heads[flat_level[v]] = v
    for at in range(heads.size - 1, -1, -1):
        while heads[at] >= 0:
            v = heads[at]
            heads[at] = following[v]
            i, j, k = v // (ny * nz), (v // nz) % ny, v % nz
            for side in range(6):
                a, b, c = i, j, k
                if side == 0:
                    a -= 1
                elif side == 1:
                    a += 1
                elif side == 2:
                    b -= 1
                elif side == 3:
                    b += 1
                elif side == 4:
                    c -= 1
                else:
                    c += 1
                if wraps[0]:
                    a %= nx
                if wraps[1]:
                    b %= ny
                if wraps[2]:
                    c %= nz
                if a < 0 or a >= nx or b < 0 or b >= ny or c < 0 or c >= nz:
                    continue
                w = (a * ny + b) * nz + c
                if flat_level[w] < 0 or flat_access[w] >= 0:
                    continue
                to = min(at, flat_level[w])
                flat_access[w] = to
                following[w] = heads[to]
                heads[to] = w


@nb.njit(cache=True, parallel=True)
def _edges(access, wraps):  # type: ignore[no-untyped-def]
    """Voxels with a neighbour that is less accessible: only their balls reach beyond what is reached anyway."""
    nx, ny, nz = access.shape
    kept = np.zeros(access.shape, np.bool_)
    for plane in nb.prange(nx):
        i = np.int64(plane)
        for j in range(ny):
            for k in range(nz):
                own = access[i, j, k]
                if own < 0:
                    continue
                for a in range(-1, 2):
                    for b in range(-1, 2):
                        for c in range(-1, 2):
                            x, y, z = i + a, j + b, k + c
                            if wraps[0]:
                                x %= nx
                            if wraps[1]:
                                y %= ny
                            if wraps[2]:
                                z %= nz
                            if 0 <= x < nx and 0 <= y < ny and 0 <= z < nz and access[x, y, z] < own:
                                kept[i, j, k] = True
    return kept


def faces_of(image: VoxelImage, axis: Axis | None = None) -> tuple[Face, ...]:
    """The faces from which something can enter: those of `axis`, or of all axes, that are not periodic nor one voxel apart."""
    axes: tuple[Axis, ...] = (0, 1, 2) if axis is None else (axis,)
    return tuple((a, end) for a in axes for end in (0, -1) if not image.periodic[a] and image.shape[a] > 1)


def access_from(opening: FloatArray, faces: tuple[Face, ...], periodic: tuple[bool, bool, bool]) -> FloatArray:
    """Radius of the largest ball whose centre can come from one of the faces to each voxel, in the unit of `opening`.

    max over ways of min along the way of the opening; ways step across faces of voxels. 0 where no way leads. Exact for
    every distinct opening. Memory: about 17 bytes a voxel and 8 for each pore voxel.
    """
    level, values = _levels(opening)
    start = np.zeros(opening.shape, np.bool_)
    for axis, end in faces:
        start[(slice(None),) * axis + (end,)] = True
    access = np.empty(opening.shape, np.int32)
    heads, following = np.full(values.size, -1, np.int64), np.empty(opening.size, np.int64)
    _flood(level, start, np.array(periodic), heads, following, access)
    return np.where(access >= 0, values[np.maximum(access, 0)] if values.size else 0.0, 0.0).astype(np.float32)


def _levels(opening: FloatArray) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The rank of every voxel's opening among the distinct ones, from 0; -1 in the solid; and the openings by rank."""
    values, ranks = np.unique(opening[opening > 0.0], return_inverse=True)
    level = np.full(opening.shape, -1, np.int32)
    level[opening > 0.0] = ranks
    return level, values


def intrude(
    opening: FloatArray, faces: tuple[Face, ...], spacing: tuple[float, float, float], periodic: tuple[bool, bool, bool]
) -> tuple[FloatArray, FloatArray]:
    """Access and reach of balls from the faces: see `Intrusion`; `opening` and `spacing` in one unit.

    A voxel is covered by a ball whose centre is less than its radius away.
    """
    access = access_from(opening, faces, periodic)
    edge = _edges(access, np.array(periodic))
    places = np.argwhere(edge)
    radii = access[edge]
    order = np.argsort(-radii, kind="stable")
    smallest = min(spacing)
    scaled = np.array([s / smallest for s in spacing])
    balls = np.empty((places.shape[0], 4), np.float32)
    balls[:, :3] = places[order] * scaled
    # Just under the radius: what lies on the surface of the ball is not covered.
    balls[:, 3] = radii[order] / smallest * (1.0 - 1e-6)
    painted = paint_balls(opening > 0.0, balls, scaled, periodic, cover=0.0, inside=0.0)
    reached = access.copy()
    covered = painted >= 0
    reached[covered] = np.maximum(reached[covered], radii[order][painted[covered]])
    return access, reached


def intrusion(image: VoxelImage, opening: FloatArray | None = None, faces: tuple[Face, ...] | None = None) -> Intrusion:
    """Intrusion from the chosen faces, by default from every face of the image that is not periodic."""
    if opening is None:
        from poreline.membrane.image.local_thickness import largest_balls
        from poreline.membrane.image.wall import wall_of

        wall = wall_of(image)
        opening = openings(image, wall, largest_balls(image, wall)[0])
    chosen = faces_of(image) if faces is None else faces
    access, reached = intrude(opening, chosen, image.spacing, image.periodic)
    return Intrusion(chosen, access, reached)


def through_access(image: VoxelImage, opening: FloatArray, axis: Axis) -> FloatArray:
    """Radius in m of the largest ball that can pass each voxel on a way from one face of the axis to the other; 0: none can."""
    first = access_from(opening, ((axis, 0),), image.periodic)
    last = access_from(opening, ((axis, -1),), image.periodic)
    return np.minimum(first, last)
