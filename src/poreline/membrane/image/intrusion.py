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
from poreline.voxels import Axis, VoxelImage, launch

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
def _flood(level, starts, wraps, heads, following, access):  # type: ignore[no-untyped-def]
    """Highest level that a way from the start keeps to, for every voxel; -1 where no way leads. Levels count from 0.

    Voxels wait in a list for each level; `starts` (n, 3, 2) are the boxes of voxels that a way may begin in.
    """
    nx, ny, nz = level.shape
    flat_level, flat_access = level.reshape(-1), access.reshape(-1)
    for box in range(starts.shape[0]):
        for i in range(starts[box, 0, 0], starts[box, 0, 1]):
            for j in range(starts[box, 1, 0], starts[box, 1, 1]):
                for k in range(starts[box, 2, 0], starts[box, 2, 1]):
                    v = (i * ny + j) * nz + k
                    if flat_level[v] >= 0 and flat_access[v] < 0:
                        flat_access[v] = flat_level[v]
                        following[v] = heads[flat_level[v]]
                        heads[flat_level[v]] = v
    for at in range(heads.size - 1, -1, -1):
        while heads[at] >= 0:
            v = np.int64(heads[at])
            heads[at] = following[v]
            row = v // nz
            i, j, k = row // ny, row % ny, v % nz
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
                if a < 0 or a >= nx:
                    if not wraps[0]:
                        continue
                    a %= nx
                if b < 0 or b >= ny:
                    if not wraps[1]:
                        continue
                    b %= ny
                if c < 0 or c >= nz:
                    if not wraps[2]:
                        continue
                    c %= nz
                w = (a * ny + b) * nz + c
                if flat_level[w] < 0 or flat_access[w] >= 0:
                    continue
                to = min(at, flat_level[w])
                flat_access[w] = to
                following[w] = heads[to]
                heads[to] = w


@nb.njit(cache=True, nogil=True)
def _reaching(start, stop, access, spacing, wraps, kept):  # type: ignore[no-untyped-def]
    """Voxels whose balls may reach what no other ball does, for each plane.

    A ball inside that of a voxel around it covers nothing new, nor does one whose 26 voxels around are all as accessible:
    whatever it covers, one of them is nearer to.
    """
    nx, ny, nz = access.shape
    apart = np.empty((3, 3, 3), np.float32)
    for a in range(3):
        for c in range(3):
            for e in range(3):
                apart[a, c, e] = np.sqrt(
                    ((a - 1) * spacing[0]) ** 2 + ((c - 1) * spacing[1]) ** 2 + ((e - 1) * spacing[2]) ** 2
                )
    for i in range(start, stop):
        for j in range(ny):
            for k in range(nz):
                kept[i, j, k] = False
                own = access[i, j, k]
                if own <= 0.0:
                    continue
                inside, edge = False, False
                for a in range(-1, 2):
                    x = i + a
                    if x < 0 or x >= nx:
                        if not wraps[0]:
                            continue
                        x %= nx
                    for b in range(-1, 2):
                        y = j + b
                        if y < 0 or y >= ny:
                            if not wraps[1]:
                                continue
                            y %= ny
                        for c in range(-1, 2):
                            z = k + c
                            if z < 0 or z >= nz:
                                if not wraps[2]:
                                    continue
                                z %= nz
                            other = access[x, y, z]
                            edge = edge or other < own
                            if a != 0 or b != 0 or c != 0:
                                inside = inside or other >= own + apart[a + 1, b + 1, c + 1]
                    if inside:
                        break
                kept[i, j, k] = edge and not inside


def faces_of(image: VoxelImage, axis: Axis | None = None) -> tuple[Face, ...]:
    """The faces from which something can enter: those of `axis`, or of all axes, that are not periodic nor one voxel apart."""
    axes: tuple[Axis, ...] = (0, 1, 2) if axis is None else (axis,)
    return tuple((a, end) for a in axes for end in (0, -1) if not image.periodic[a] and image.shape[a] > 1)


def access_from(opening: FloatArray, faces: tuple[Face, ...], periodic: tuple[bool, bool, bool]) -> FloatArray:
    """Radius of the largest ball whose centre can come from one of the faces to each voxel, in the unit of `opening`.

    max over ways of min along the way of the opening; ways step across faces of voxels. 0 where no way leads. Exact for
    every distinct opening. Memory beside `opening`: 12 bytes a voxel and about 16 for each pore voxel while they are ranked.
    """
    level, values = _levels(opening)
    starts = np.zeros((len(faces), 3, 2), np.int64)
    starts[:, :, 1] = opening.shape
    for box, (axis, end) in enumerate(faces):
        starts[box, axis] = (0, 1) if end == 0 else (opening.shape[axis] - 1, opening.shape[axis])
    access = np.full(opening.shape, -1, np.int32)
    heads, following = np.full(values.size, -1, np.int32), np.empty(opening.size, np.int32)
    _flood(level, starts, np.array(periodic), heads, following, access)
    # The result lies where the levels lay.
    reached = level.view(np.float32)
    _values_of(access.reshape(-1), values, reached.reshape(-1))
    return reached


@nb.njit(cache=True)
def _values_of(ranks, values, out):  # type: ignore[no-untyped-def]
    for v in range(ranks.size):
        out[v] = values[ranks[v]] if ranks[v] >= 0 else np.float32(0.0)


@nb.njit(cache=True)
def _rank(order, places, opening, level, values):  # type: ignore[no-untyped-def]
    """Number the distinct openings from the smallest; returns how many there are."""
    rank = -1
    for n in order:
        value = opening[places[n]]
        if rank < 0 or value != values[rank]:
            rank += 1
            values[rank] = value
        level[places[n]] = rank
    return rank + 1


def _levels(opening: FloatArray) -> tuple[npt.NDArray[np.int32], FloatArray]:
    """The rank of every voxel's opening among the distinct ones, from 0; -1 in the solid; and the openings by rank."""
    flat = opening.reshape(-1)
    places = np.flatnonzero(flat > 0.0).astype(np.int32)
    order = np.argsort(flat[places])
    level, values = np.full(opening.shape, -1, np.int32), np.empty(places.size, np.float32)
    count = _rank(order, places, flat, level.reshape(-1), values)
    return level, values[:count].copy()


@nb.njit(cache=True)
def _centres(places, ny, nz, spacing, balls):  # type: ignore[no-untyped-def]
    for n in range(places.size):
        row = places[n] // nz
        balls[n, 0], balls[n, 1] = (row // ny) * spacing[0], (row % ny) * spacing[1]
        balls[n, 2] = (places[n] % nz) * spacing[2]


@nb.njit(cache=True)
def _root(parent, turns, place):  # type: ignore[no-untyped-def]
    """Root of a voxel's set, and by how many turns around the axis the voxel lies further than the root."""
    turn = 0
    while parent[place] != place:
        above = parent[place]
        if parent[above] != above:
            turns[place] += turns[above]
            parent[place] = parent[above]
        turn += turns[place]
        place = np.int64(parent[place])
    return place, turn


@nb.njit(cache=True)
def _set_all(start, following, value, through):  # type: ignore[no-untyped-def]
    """Give every voxel of a set the value, unless it has one: it was set when the first way of its set came around."""
    place = start
    while True:
        if through[place] == 0.0:
            through[place] = value
        place = np.int64(following[place])
        if place == start:
            return


@nb.njit(cache=True)
def _wind(order, opening, wraps, axis, parent, turns, following, winds, through):  # type: ignore[no-untyped-def]
    """Widest way around a periodic axis for every voxel, from one sweep from the widest voxel to the narrowest.

    Voxels join into sets, whose members form a ring in `following`; each knows how many turns it lies from its root. A set
    that meets itself a turn further on goes around, at the opening of the voxel that closed the way.
    """
    nx, ny, nz = opening.shape
    width = opening.reshape(-1)
    for n in range(order.size):
        place = np.int64(order[n])
        value = width[place]
        parent[place], following[place] = place, place
        row = place // nz
        i, j, k = row // ny, row % ny, place % nz
        for side in range(6):
            a, b, c = i, j, k
            step = 1 if side % 2 else -1
            if side < 2:
                a += step
            elif side < 4:
                b += step
            else:
                c += step
            crossed = 0
            if a < 0 or a >= nx:
                if not wraps[0]:
                    continue
                a %= nx
                crossed = step if axis == 0 else 0
            if b < 0 or b >= ny:
                if not wraps[1]:
                    continue
                b %= ny
                crossed = step if axis == 1 else 0
            if c < 0 or c >= nz:
                if not wraps[2]:
                    continue
                c %= nz
                crossed = step if axis == 2 else 0
            other = (a * ny + b) * nz + c
            if parent[other] < 0:
                continue
            one, turn = _root(parent, turns, place)
            two, other_turn = _root(parent, turns, other)
            apart = turn + crossed - other_turn
            if one == two:
                if apart != 0 and not winds[one]:
                    winds[one] = True
                    _set_all(one, following, value, through)
                continue
            if winds[one] and not winds[two]:
                _set_all(two, following, value, through)
            elif winds[two] and not winds[one]:
                _set_all(one, following, value, through)
            winds[one] = winds[one] or winds[two]
            parent[two], turns[two] = one, apart
            following[one], following[two] = following[two], following[one]
        if through[place] == 0.0 and winds[_root(parent, turns, place)[0]]:
            through[place] = value


def _around(opening: FloatArray, axis: Axis, periodic: tuple[bool, bool, bool]) -> FloatArray:
    """Radius of the largest ball that can pass each voxel on a way that repeats along a periodic axis.

    Memory beside `opening`: 15 bytes a voxel and about 20 for each pore voxel while they are ranked.
    """
    flat = opening.reshape(-1)
    places = np.flatnonzero(flat > 0.0).astype(np.int32)
    order = places[np.argsort(-flat[places], kind="stable")]
    del places
    parent, following = np.full(opening.size, -1, np.int32), np.empty(opening.size, np.int32)
    turns, winds = np.zeros(opening.size, np.int16), np.zeros(opening.size, np.bool_)
    through = np.zeros(opening.shape, np.float32)
    _wind(order, opening, np.array(periodic), axis, parent, turns, following, winds, through.reshape(-1))
    return through


def intrude(
    opening: FloatArray, faces: tuple[Face, ...], spacing: tuple[float, float, float], periodic: tuple[bool, bool, bool]
) -> tuple[FloatArray, FloatArray]:
    """Access and reach of balls from the faces: see `Intrusion`; `opening` and `spacing` in one unit."""
    access = access_from(opening, faces, periodic)
    return access, covered_by(access, opening > 0.0, spacing, periodic)


def covered_by(
    access: FloatArray,
    pore: npt.NDArray[np.bool_],
    spacing: tuple[float, float, float],
    periodic: tuple[bool, bool, bool],
) -> FloatArray:
    """Radius of the largest ball that covers each voxel of the pore, of balls of the radius `access` around every voxel.

    0 where none does. `access` and `spacing` in one unit. A voxel is covered by a ball whose centre is less than its radius
    away. Memory beside both: 5 bytes a voxel, the result among them, and 36 for each ball that may reach further than others.
    """
    kept = np.empty(access.shape, np.bool_)
    launch.run_tasks(_reaching, access.shape[0], (access, np.array(spacing), np.array(periodic), kept))
    places = np.flatnonzero(kept)
    del kept
    radii = access.reshape(-1)[places]
    order = np.argsort(-radii, kind="stable")
    places, radii = places[order], radii[order]
    smallest = min(spacing)
    scaled = np.array([s / smallest for s in spacing])
    balls = np.empty((places.size, 4), np.float32)
    _centres(places, access.shape[1], access.shape[2], scaled, balls)
    del places, order
    # Just under the radius: what lies on the surface of the ball is not covered.
    balls[:, 3] = radii / smallest * (1.0 - 1e-6)
    painted = paint_balls(pore, balls, scaled, periodic, cover=0.0)
    reached = painted.view(np.float32)
    _values_of(painted.reshape(-1), radii, reached.reshape(-1))
    np.maximum(reached, access, out=reached)
    return reached


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
    """Radius in m of the largest ball that can pass each voxel on a way through the image along an axis; 0: none can.

    From one face to the other; along a periodic axis on a way that comes back to where it began, a period further on.
    """
    if image.periodic[axis]:
        return _around(opening, axis, image.periodic)
    first = access_from(opening, ((axis, 0),), image.periodic)
    last = access_from(opening, ((axis, -1),), image.periodic)
    return np.minimum(first, last, out=first)
