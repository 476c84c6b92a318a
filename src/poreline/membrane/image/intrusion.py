"""What a non-wetting fluid reaches: one ordered flood from wide to narrow gives the whole intrusion curve.

A ball of radius r, pushed in from a face, reaches a place if its centre can move there through places that are at least r away
from every wall, and it covers everything within r. The flood finds the widest way that leads to each voxel
(a bottleneck path, as Dijkstra's shortest path with minimum for sum), so that every radius is answered at once and exactly. From
wide to narrow there is no order to keep; only where a way gets wider again voxels wait for the turn of their radius.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.membrane.image.local_thickness import largest_balls, nearest_patches, paint_balls, patch_distances
from poreline.membrane.image.wall import Wall, wall_of
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


@nb.njit(cache=True, error_model="numpy")
def _raise_to_balls(opening, balls, spacing, wraps, near):  # type: ignore[no-untyped-def]
    """A voxel next to a ball's centre is as wide as the ball: the middle of a pore seldom runs through a voxel's centre."""
    nx, ny, nz = opening.shape
    per_x, per_y, per_z, limit = 1.0 / spacing[0], 1.0 / spacing[1], 1.0 / spacing[2], near * near
    for n in range(balls.shape[0]):
        x, y, z, r = balls[n, 0] * per_x, balls[n, 1] * per_y, balls[n, 2] * per_z, balls[n, 3]
        i0, j0, k0 = int(np.round(x)), int(np.round(y)), int(np.round(z))
        for a in range(-1, 2):
            off_x = (i0 + a - x) ** 2
            if off_x > limit:
                continue
            for b in range(-1, 2):
                off_xy = off_x + (j0 + b - y) ** 2
                if off_xy > limit:
                    continue
                for c in range(-1, 2):
                    i, j, k = i0 + a, j0 + b, k0 + c
                    if off_xy + (k - z) ** 2 > limit:
                        continue
                    if wraps[0]:
                        i %= nx
                    if wraps[1]:
                        j %= ny
                    if wraps[2]:
                        k %= nz
                    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz and 0.0 < opening[i, j, k] < r:
                        opening[i, j, k] = r


def openings(
    image: VoxelImage, wall: Wall, balls: FloatArray, nearest: npt.NDArray[np.int32] | None = None
) -> FloatArray:
    """Radius in m of the largest ball around the middle of each voxel; 0 in the solid.

    The distance to the wall; next to the centre of a largest ball the radius of that ball; in a voxel that holds a microcrack of its
    own, half the microcrack's width. `nearest` are the `nearest_patches`, if they are at hand.
    """
    smallest = min(image.spacing)
    opening = patch_distances(image, wall, nearest)
    spacing = np.array([edge / smallest for edge in image.spacing])
    _raise_to_balls(opening, balls, spacing, np.array(image.periodic), _NEAR)
    opening *= np.float32(smallest)
    if image.pore_width is not None:
        cracked = (image.pore_width > 0.0) & (image.void > 0.0)
        opening[cracked] = 0.5 * image.pore_width[cracked]
    return opening


@nb.njit(cache=True)
def _neighbours_of(v, shape, wraps, around):  # type: ignore[no-untyped-def]
    """Flat indices of the voxels that share a face with voxel v; returns how many."""
    nx, ny, nz = shape
    row = v // nz
    i = row // ny
    j, k = row - i * ny, v - row * nz
    if 0 < i < nx - 1 and 0 < j < ny - 1 and 0 < k < nz - 1:
        around[0], around[1], around[2], around[3] = v - ny * nz, v + ny * nz, v - nz, v + nz
        around[4], around[5] = v - 1, v + 1
        return 6
    count = 0
    for axis, place, n, stride in ((0, i, nx, ny * nz), (1, j, ny, nz), (2, k, nz, 1)):
        if place > 0 or wraps[axis]:
            around[count] = v - stride if place > 0 else v + (n - 1) * stride
            count += 1
        if place < n - 1 or wraps[axis]:
            around[count] = v + stride if place < n - 1 else v - (n - 1) * stride
            count += 1
    return count


@nb.njit(cache=True)
def _spill(level, access, shape, wraps, stack, filled, waiting):  # type: ignore[no-untyped-def]
    """Go on from the voxels on the stack to all that no better way leads to; returns how many voxels may lead on later.

    From a voxel reached at radius a, a neighbour that is no wider is reached at its own radius, whenever it is found: no way
    leads to it at more. A wider one is reached at a only once no other way can be wider than a: if a is `level`, the widest
    that is left. Else the voxel waits.
    """
    around = np.empty(6, np.int64)
    count = 0
    while filled > 0:
        filled -= 1
        v = np.int64(stack[filled])
        own, waits = access[v], False
        for n in range(_neighbours_of(v, shape, wraps, around)):
            w = around[n]
            other = -access[w]
            if other <= 0:
                continue
            if other > own:
                if own != level:
                    waits = True
                    continue
                other = own
            access[w] = other
            stack[filled] = w
            filled += 1
        if waits:
            waiting[count] = v
            count += 1
    return count


@nb.njit(cache=True)
def _flood(starts, wraps, access, stack, waiting):  # type: ignore[no-untyped-def]
    """Widest way from the start to every voxel: least radius on it, the largest over the ways.

    `access` holds the opening of each voxel with a minus, and in the end its widest way where one leads; 0 is solid. `starts`
    (n, 3, 2) are the boxes of voxels that a way may begin in. Voxels at which a way gets wider wait on a heap; there are few.
    """
    shape, flat = access.shape, access.reshape(-1)
    ny, nz = shape[1:]
    around = np.empty(6, np.int64)
    filled = 0
    for box in range(starts.shape[0]):
        for i in range(starts[box, 0, 0], starts[box, 0, 1]):
            for j in range(starts[box, 1, 0], starts[box, 1, 1]):
                for k in range(starts[box, 2, 0], starts[box, 2, 1]):
                    v = (i * ny + j) * nz + k
                    if flat[v] < 0:
                        flat[v] = -flat[v]
                        stack[filled] = v
                        filled += 1
    heap = [(np.float32(0.0), np.int64(-1))]
    level = np.float32(np.inf)
    while True:
        for n in range(_spill(level, flat, shape, wraps, stack, filled, waiting)):
            v = np.int64(waiting[n])
            for m in range(_neighbours_of(v, shape, wraps, around)):
                if flat[around[m]] < 0:
                    heapq.heappush(heap, (-flat[v], v))
                    break
        least, v = heapq.heappop(heap)
        if v < 0:
            break
        level, stack[0], filled = -least, v, 1
    for v in range(flat.size):
        flat[v] = max(flat[v], np.float32(0.0))


_TABLED = 16
"""Radius in voxels up to which a table tells how large a ball next to another must be to cover the same voxels."""
_UNDER = 1.0 - 1e-6
"""What lies on the surface of a ball is not covered: it counts with a radius just under its own."""


@nb.njit(cache=True)
def _around_one(spacing):  # type: ignore[no-untyped-def]
    """Steps to the 26 voxels around one, the nearest first, and their lengths."""
    steps, lengths = np.empty((26, 3), np.int64), np.empty(26, np.float64)
    at = 0
    for number in range(1, 4):
        for a in range(-1, 2):
            for b in range(-1, 2):
                for c in range(-1, 2):
                    if abs(a) + abs(b) + abs(c) == number:
                        steps[at, 0], steps[at, 1], steps[at, 2] = a, b, c
                        lengths[at] = np.sqrt((a * spacing[0]) ** 2 + (b * spacing[1]) ** 2 + (c * spacing[2]) ** 2)
                        at += 1
    return steps, lengths


@nb.njit(cache=True)
def _covering(spacing, reach):  # type: ignore[no-untyped-def]
    """How large balls around neighbours must be to cover what a ball around a voxel covers.

    A ball of radius r covers the voxels at the distances up to r: returns the squares of the distances that occur, up to
    `reach`, and for each of them and each of the 26 neighbours the square of the least radius.
    """
    nx, ny, nz = int(reach / spacing[0]), int(reach / spacing[1]), int(reach / spacing[2])
    number = (2 * nx + 1) * (2 * ny + 1) * (2 * nz + 1)
    places, squares = np.empty((number, 3), np.float64), np.empty(number, np.float64)
    at = 0
    for a in range(-nx, nx + 1):
        for b in range(-ny, ny + 1):
            for c in range(-nz, nz + 1):
                places[at, 0], places[at, 1], places[at, 2] = a * spacing[0], b * spacing[1], c * spacing[2]
                squares[at] = places[at, 0] ** 2 + places[at, 1] ** 2 + places[at, 2] ** 2
                at += 1
    steps = _around_one(spacing)[0]
    shells, needed = np.empty(number, np.float64), np.zeros((number, 26), np.float32)
    count = -1
    largest = np.zeros(26, np.float64)
    for at in np.argsort(squares):
        if squares[at] > reach * reach:
            break
        if count < 0 or squares[at] > shells[count] + 1e-9:
            count += 1
            shells[count] = squares[at]
        for n in range(26):
            square = 0.0
            for axis in range(3):
                square += (places[at, axis] - steps[n, axis] * spacing[axis]) ** 2
            largest[n] = max(largest[n], square)
            needed[count, n] = largest[n]
    return shells[: count + 1].copy(), needed[: count + 1].copy()


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _reaching(start, stop, access, per_unit, spacing, wraps, shells, needed, kept):  # type: ignore[no-untyped-def]
    """Voxels whose balls may reach what no other ball does, for each plane.

    A ball covers nothing new if one around a voxel next to it is as large and covers the same voxels. Nor does a ball whose
    26 voxels around are all as accessible: whatever it covers, one of them is nearer to. Nor one that covers its own voxel
    alone, which is known without. `access` times `per_unit` is in the unit of `spacing`, whose smallest is 1.
    """
    nx, ny, nz = access.shape
    steps, lengths = _around_one(spacing)
    flat = access.reshape(-1)
    offsets = steps[:, 0] * (ny * nz) + steps[:, 1] * nz + steps[:, 2]
    scale = per_unit * _UNDER
    for i in range(start, stop):
        for j in range(ny):
            row = (i * ny + j) * nz
            deep = 0 < i < nx - 1 and 0 < j < ny - 1
            for k in range(nz):
                kept[i, j, k] = False
                own = flat[row + k] * scale
                if own < 1.0:
                    continue
                square = own * own
                shell = min(
                    int(square), shells.size - 1
                )  # close by: as many distances as whole numbers, where voxels are cubes
                while shell > 0 and shells[shell] > square:
                    shell -= 1
                while shell + 1 < shells.size and shells[shell + 1] <= square:
                    shell += 1
                is_tabled = own < _TABLED
                inside, edge = False, False
                for n in range(26):
                    if deep and 0 < k < nz - 1:
                        other = flat[row + k + offsets[n]] * scale
                    else:
                        x, y, z = i + steps[n, 0], j + steps[n, 1], k + steps[n, 2]
                        if wraps[0]:
                            x %= nx
                        if wraps[1]:
                            y %= ny
                        if wraps[2]:
                            z %= nz
                        if not (0 <= x < nx and 0 <= y < ny and 0 <= z < nz):
                            continue
                        other = flat[(x * ny + y) * nz + z] * scale
                    if other < own:
                        edge = True
                    elif other * other >= needed[shell, n] if is_tabled else other >= own + lengths[n]:
                        inside = True
                        break
                kept[i, j, k] = edge and not inside


def faces_of(image: VoxelImage, axis: Axis | None = None) -> tuple[Face, ...]:
    """The faces from which something can enter: those of `axis`, or of all axes, that are not periodic nor one voxel apart."""
    axes: tuple[Axis, ...] = (0, 1, 2) if axis is None else (axis,)
    return tuple((a, end) for a in axes for end in (0, -1) if not image.periodic[a] and image.shape[a] > 1)


def access_from(opening: FloatArray, faces: tuple[Face, ...], periodic: tuple[bool, bool, bool]) -> FloatArray:
    """Radius of the largest ball whose centre can come from one of the faces to each voxel, in the unit of `opening`.

    max over ways of min along the way of the opening; ways step across faces of voxels. 0 where no way leads. Exact for
    every distinct opening. Memory beside `opening`: 4 bytes a voxel, the result, and up to 8 for each pore voxel.
    """
    starts = np.zeros((len(faces), 3, 2), np.int64)
    starts[:, :, 1] = opening.shape
    for box, (axis, end) in enumerate(faces):
        starts[box, axis] = (0, 1) if end == 0 else (opening.shape[axis] - 1, opening.shape[axis])
    access = np.negative(opening)
    pores = np.count_nonzero(opening)
    _flood(starts, np.array(periodic), access, np.empty(pores, np.int32), np.empty(pores, np.int32))
    return access


@nb.njit(cache=True)
def _values_of(ranks, values, out):  # type: ignore[no-untyped-def]
    for v in range(ranks.size):
        out[v] = values[ranks[v]] if ranks[v] >= 0 else np.float32(0.0)


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
    away. Memory beside both: 5 bytes a voxel, the result among them, and 52 for each ball that may reach further than others.
    """
    smallest = min(spacing)
    scaled = np.array([s / smallest for s in spacing])
    shells, needed = _covering(scaled, float(_TABLED))
    kept = np.empty(access.shape, np.bool_)
    arguments = (access, 1.0 / smallest, scaled, np.array(periodic), shells, needed, kept)
    launch.run_tasks(_reaching, access.shape[0], arguments)
    places = np.flatnonzero(kept)
    del kept
    radii = access.reshape(-1)[places]
    order = np.argsort(-radii, kind="stable")
    places, radii = places[order], radii[order]
    balls = np.empty((places.size, 4), np.float64)  # float32 would not tell what lies on the surface of a ball
    _centres(places, access.shape[1], access.shape[2], scaled, balls)
    del places, order
    balls[:, 3] = radii * np.float64(_UNDER / smallest)
    painted = paint_balls(pore, balls, scaled, periodic, cover=0.0)
    reached = painted.view(np.float32)
    _values_of(painted.reshape(-1), radii, reached.reshape(-1))
    np.maximum(reached, access, out=reached)
    return reached


def intrusion(image: VoxelImage, opening: FloatArray | None = None, faces: tuple[Face, ...] | None = None) -> Intrusion:
    """Intrusion from the chosen faces, by default from every face of the image that is not periodic."""
    if opening is None:
        wall = wall_of(image)
        nearest = nearest_patches(image, wall)
        opening = openings(image, wall, largest_balls(image, wall, nearest)[0], nearest)
        del nearest, wall
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
