"""Connected components of a mask, across periodic axes too, and which of them go through the image.

Runs of marked voxels along the last axis are joined by union-find (Rosenfeld and Pfaltz 1966, runs as in He, Chao and
Suzuki 2008), slabs of planes side by side. Contacts across a periodic axis are joined last, by union-find that carries
how many images apart two components lie: a component that meets itself in another image *winds* around that axis, and
in the endless structure it goes on for ever (Machta et al. 1996, Newman and Ziff 2001).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.voxels.image import Axis
from poreline.voxels.threads import parallel

BoolArray = npt.NDArray[np.bool_]
Neighbours = Literal[6, 26]
Periodic = tuple[bool, bool, bool]

MOST_RUNS = 2**31 - 2
"""Runs of marked voxels that 32-bit labels can number."""
_SLABS = 16  # parts of the image that are joined side by side


@dataclass(frozen=True, eq=False)
class Components:
    """The connected components of a mask, each as one number per property; numbered from 0 in the order of their first voxel."""

    count: int
    volumes: npt.NDArray[np.int64]
    """(count,) number of voxels."""
    winds: BoolArray
    """(count, 3) whether the component meets its own image along a periodic axis, and so has no end along it."""
    touches: BoolArray
    """(count, 3, 2) whether it has a voxel on the first and on the last face of each axis."""
    extents: npt.NDArray[np.int32]
    """(count, 3) edges of its bounding box in voxels, unrolled across periodic axes; the image's edge where it winds."""
    centroids: npt.NDArray[np.float64]
    """(count, 3) centre of its voxels, in voxels from the centre of voxel (0, 0, 0), inside the image on a periodic axis."""
    periodic: Periodic

    def reaches_both(self, axis: Axis) -> BoolArray:
        """(count,) whether the component goes through: from face to face, or, on a periodic axis, on and on."""
        found: BoolArray = (
            self.winds[:, axis] if self.periodic[axis] else self.touches[:, axis, 0] & self.touches[:, axis, 1]
        )
        return found

    def reaches_one(self, axis: Axis) -> BoolArray:
        """(count,) whether the component opens to exactly one of the two faces; never on a periodic axis, which has none."""
        found: BoolArray = self.touches[:, axis, 0] ^ self.touches[:, axis, 1]
        return np.zeros_like(found) if self.periodic[axis] else found


@dataclass(frozen=True, eq=False)
class Labels:
    """The components of a mask and the component of every voxel."""

    labels: npt.NDArray[np.int32]
    """Number of the component that a voxel belongs to, from 1; 0 outside the mask."""
    components: Components
    """What each component is; label n is row n - 1."""

    @property
    def count(self) -> int:
        """Number of components."""
        return self.components.count

    @property
    def volumes(self) -> npt.NDArray[np.int64]:
        """(count,) number of voxels of each component."""
        return self.components.volumes

    @property
    def winds(self) -> BoolArray:
        """(count, 3) whether a component meets its own image along a periodic axis."""
        return self.components.winds


def label(mask: BoolArray, periodic: Periodic = (False, False, False), neighbours: Neighbours = 6) -> Labels:
    """Connected components of a mask of shape (nx, ny, nz), by faces (6) or by faces, edges and corners (26).

    Memory: 4 bytes a voxel for the labels and 8 bytes for each run of marked voxels along the last axis.
    Raises InvalidInput for a mask that is not a three-dimensional array of bool, another neighbourhood, or too many runs.
    """
    runs = _joined(mask, periodic, neighbours)
    labels = np.zeros(runs.shape, np.int32)
    _paint_labels(runs.firsts, runs.begins, runs.ends, runs.component, labels)
    return Labels(labels, runs.components)


def components_of(
    mask: BoolArray, periodic: Periodic = (False, False, False), neighbours: Neighbours = 6
) -> Components:
    """The components that `label` finds, without the label of every voxel: 8 bytes for each run, nothing for each voxel."""
    return _joined(mask, periodic, neighbours).components


def trim_to_through(
    mask: BoolArray, axis: Axis, periodic: Periodic = (False, False, False), neighbours: Neighbours = 6
) -> BoolArray:
    """The voxels of a mask that belong to a component which goes through the image along `axis`, 1 byte a voxel.

    Through: touching both faces, or winding around a periodic axis. Raises InvalidInput as `label` does.
    """
    runs = _joined(mask, periodic, neighbours)
    kept = np.zeros(runs.shape, np.bool_)
    _paint_kept(runs.firsts, runs.begins, runs.ends, runs.component, runs.components.reaches_both(axis), kept)
    return kept


@dataclass(frozen=True, eq=False)
class _Runs:
    """Runs of marked voxels along the last axis, row by row, and the component of each."""

    shape: tuple[int, int, int]
    firsts: npt.NDArray[np.int64]
    """(nx ny + 1,) number of the first run of each row."""
    begins: npt.NDArray[np.uint16 | np.uint32]
    """First voxel of each run along the last axis."""
    ends: npt.NDArray[np.uint16 | np.uint32]
    """First voxel after each run."""
    component: npt.NDArray[np.int32]
    """Component of each run, from 0."""
    components: Components


def _joined(mask: BoolArray, periodic: Periodic, neighbours: Neighbours) -> _Runs:
    _check(mask, neighbours)
    mask = np.ascontiguousarray(mask)
    nx, ny, nz = mask.shape
    counts = np.empty(nx * ny, np.int64)
    _count_runs(mask, counts)
    firsts = np.zeros(nx * ny + 1, np.int64)
    np.cumsum(counts, out=firsts[1:])
    number = int(firsts[-1])
    if number > MOST_RUNS:
        reason = "The mask has more runs of voxels than 32-bit labels can number."
        raise InvalidInput(
            [Fault("mask", f"{number}", f"{MOST_RUNS}", reason, "Analyse a part of the image.")], "labels"
        )
    kind: type[np.uint16 | np.uint32] = np.uint16 if nz < 2**16 else np.uint32
    begins, ends = np.empty(number, kind), np.empty(number, kind)
    _find_runs(mask, firsts, begins, ends)
    parent = np.empty(number, np.int32)
    reach = 0 if neighbours == 6 else 1
    slabs = max(1, min(_SLABS, nx // 2))
    _join(firsts, begins, ends, parent, nx, ny, reach, slabs)
    parts = int(_number_roots(parent))
    wraps = np.array(periodic)
    volumes, boxes, moments = np.zeros(parts, np.int64), np.empty((parts, 3, 2), np.int64), np.zeros((parts, 3))
    _measure(firsts, begins, ends, parent, ny, volumes, boxes, moments)
    shape = np.array(mask.shape)
    if wraps.any():
        ups, shifts, winds = (
            np.arange(parts, dtype=np.int32),
            np.zeros((parts, 3), np.int32),
            np.zeros((parts, 3), np.bool_),
        )
        _join_images(firsts, begins, ends, parent, shape, wraps, reach, ups, shifts, winds)
        of_part = np.empty(parts, np.int32)
        count = int(_number_parts(ups, shifts, of_part))
        joined = _merge(of_part, ups, shifts, shape, wraps, volumes, boxes, moments, winds, count)
        volumes, boxes, moments, touches, winds = joined
        _rename(parent, of_part)
    else:
        count, winds = parts, np.zeros((parts, 3), np.bool_)
        touches = np.stack([boxes[:, :, 0] == 0, boxes[:, :, 1] == shape - 1], axis=2)
    extents = np.where(winds, shape, boxes[:, :, 1] - boxes[:, :, 0] + 1).astype(np.int32)
    centroids = moments / np.maximum(volumes, 1)[:, None]
    centroids = np.where(wraps, np.mod(centroids + 0.5, shape) - 0.5, centroids)
    found = Components(count, volumes, winds, touches, extents, centroids, periodic)
    return _Runs((nx, ny, nz), firsts, begins, ends, parent, found)


def _check(mask: BoolArray, neighbours: int) -> None:
    faults = []
    if mask.ndim != 3 or mask.dtype != np.bool_:
        found = f"{mask.ndim} axes, {mask.dtype}"
        faults.append(
            Fault("mask", found, "3 axes, bool", "A mask says yes or no for each voxel.", "Convert it first.")
        )
    if neighbours not in (6, 26):
        reason = "Voxels touch by faces, or by faces, edges and corners."
        faults.append(Fault("neighbours", str(neighbours), "6 or 26", reason, "Write 6 for transport through faces."))
    if faults:
        raise InvalidInput(faults, "labels")


@parallel()
def _count_runs(mask, counts):  # type: ignore[no-untyped-def]
    """Number of runs of every row."""
    nx, ny, nz = mask.shape
    for i in nb.prange(nx):
        for j in range(ny):
            row = mask[i, j]
            found = np.int64(row[0])
            for k in range(1, nz):
                found += row[k] & (not row[k - 1])
            counts[i * ny + j] = found


@parallel()
def _find_runs(mask, firsts, begins, ends):  # type: ignore[no-untyped-def]
    nx, ny, nz = mask.shape
    for i in nb.prange(nx):
        for j in range(ny):
            at = firsts[i * ny + j]
            if at == firsts[i * ny + j + 1]:
                continue
            row = mask[i, j]
            inside = False
            for k in range(nz):
                if row[k] != inside:
                    if inside:
                        ends[at] = k
                        at += 1
                    else:
                        begins[at] = k
                    inside = not inside
            if inside:
                ends[at] = nz


@nb.njit(cache=True, inline="always")
def _root(parent, a):  # type: ignore[no-untyped-def]
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return a


@nb.njit(cache=True)
def _join_rows(firsts, begins, ends, parent, first, second, reach):  # type: ignore[no-untyped-def]
    """Join the runs of two neighbouring rows that overlap, or with reach 1 touch by a corner."""
    a, b = firsts[first], firsts[second]
    last_a, last_b = firsts[first + 1], firsts[second + 1]
    while a < last_a and b < last_b:
        end_a, end_b = np.int64(ends[a]), np.int64(ends[b])
        if np.int64(begins[a]) < end_b + reach and np.int64(begins[b]) < end_a + reach:
            ra, rb = _root(parent, a), _root(parent, b)
            # The earlier run is the root, so that components are numbered by their first voxel.
            if ra < rb:
                parent[rb] = ra
            elif rb < ra:
                parent[ra] = rb
        if end_a < end_b:
            a += 1
        else:
            b += 1


@nb.njit(cache=True)
def _join_plane(firsts, begins, ends, parent, i, ny, reach, before, within):  # type: ignore[no-untyped-def]
    """Join plane i of the first axis in itself, and with the plane before it."""
    for j in range(ny):
        row = i * ny + j
        if firsts[row] == firsts[row + 1]:
            continue
        if within and j > 0:
            _join_rows(firsts, begins, ends, parent, row - 1, row, reach)
        if before:
            for side in range(-reach, reach + 1):
                if 0 <= j + side < ny:
                    _join_rows(firsts, begins, ends, parent, row - ny + side, row, reach)


@parallel()
def _join(firsts, begins, ends, parent, nx, ny, reach, slabs):  # type: ignore[no-untyped-def]
    """Union-find over all runs; contacts across periodic axes are left out."""
    for slab in nb.prange(slabs):
        begin, end = np.int64(slab) * nx // slabs, (np.int64(slab) + 1) * nx // slabs
        for a in range(firsts[begin * ny], firsts[end * ny]):
            parent[a] = a
        for i in range(begin, end):
            _join_plane(firsts, begins, ends, parent, i, ny, reach, i > begin, True)
    for slab in range(1, slabs):
        _join_plane(firsts, begins, ends, parent, slab * nx // slabs, ny, reach, True, False)


@nb.njit(cache=True)
def _number_roots(parent):  # type: ignore[no-untyped-def]
    """Replace each run's parent by the number of its component."""
    count = 0
    for a in range(parent.size):
        if parent[a] == a:
            parent[a] = count
            count += 1
        else:
            # Parents come first and hold their component's number already.
            parent[a] = parent[parent[a]]
    return count


@nb.njit(cache=True)
def _measure(firsts, begins, ends, component, ny, volumes, boxes, moments):  # type: ignore[no-untyped-def]
    """Volume, bounding box (first and last voxel) and sum of coordinates of each component."""
    for c in range(volumes.size):
        for axis in range(3):
            boxes[c, axis, 0], boxes[c, axis, 1] = np.iinfo(np.int64).max, np.iinfo(np.int64).min
    for row in range(firsts.size - 1):
        i, j = row // ny, row % ny
        for a in range(firsts[row], firsts[row + 1]):
            c = component[a]
            begin, end = np.int64(begins[a]), np.int64(ends[a])
            length = end - begin
            volumes[c] += length
            moments[c, 0] += length * i
            moments[c, 1] += length * j
            moments[c, 2] += 0.5 * length * (begin + end - 1)
            boxes[c, 0, 0], boxes[c, 0, 1] = min(boxes[c, 0, 0], i), max(boxes[c, 0, 1], i)
            boxes[c, 1, 0], boxes[c, 1, 1] = min(boxes[c, 1, 0], j), max(boxes[c, 1, 1], j)
            boxes[c, 2, 0], boxes[c, 2, 1] = min(boxes[c, 2, 0], begin), max(boxes[c, 2, 1], end - 1)


@nb.njit(cache=True)
def _root_with_shift(ups, shifts, part, shift):  # type: ignore[no-untyped-def]
    """Root of a part, and by how many images the part lies off the root (in `shift`); shortens the way for the next time."""
    root = part
    shift[:] = 0
    while ups[root] != root:
        shift += shifts[root]
        root = ups[root]
    rest0, rest1, rest2 = shift[0], shift[1], shift[2]
    while ups[part] != part:
        above = ups[part]
        own0, own1, own2 = shifts[part, 0], shifts[part, 1], shifts[part, 2]
        shifts[part, 0], shifts[part, 1], shifts[part, 2] = rest0, rest1, rest2
        ups[part] = root
        rest0, rest1, rest2 = rest0 - own0, rest1 - own1, rest2 - own2
        part = above
    return root


@nb.njit(cache=True)
def _meet(ups, shifts, winds, a, b, step, shift_a, shift_b):  # type: ignore[no-untyped-def]
    """Part a touches part b of the image `step` further on."""
    ra = _root_with_shift(ups, shifts, a, shift_a)
    rb = _root_with_shift(ups, shifts, b, shift_b)
    if ra == rb:
        for axis in range(3):
            winds[ra, axis] |= shift_a[axis] + step[axis] != shift_b[axis]
        return
    # b lies at shift_b from rb, and at shift_a + step from ra.
    if ra < rb:
        ups[rb] = ra
        for axis in range(3):
            shifts[rb, axis] = shift_a[axis] + step[axis] - shift_b[axis]
            winds[ra, axis] |= winds[rb, axis]
    else:
        ups[ra] = rb
        for axis in range(3):
            shifts[ra, axis] = shift_b[axis] - shift_a[axis] - step[axis]
            winds[rb, axis] |= winds[ra, axis]


@nb.njit(cache=True)
def _join_images(firsts, begins, ends, component, shape, wraps, reach, ups, shifts, winds):  # type: ignore[no-untyped-def]
    """Join the parts that touch across a periodic axis."""
    nx, ny, nz = shape
    step = np.zeros(3, np.int32)
    shift_a, shift_b = np.zeros(3, np.int32), np.zeros(3, np.int32)
    for i in range(nx):
        for j in range(ny):
            row = i * ny + j
            first, last = firsts[row], firsts[row + 1]
            if first == last:
                continue
            for di in range(-1, 2):
                for dj in range(-1, 2):
                    if reach == 0 and di != 0 and dj != 0:
                        continue
                    step[0] = (i + di >= nx) - np.int64(i + di < 0)
                    step[1] = (j + dj >= ny) - np.int64(j + dj < 0)
                    if (step[0] != 0 and not wraps[0]) or (step[1] != 0 and not wraps[1]):
                        continue
                    other = (i + di - step[0] * nx) * ny + j + dj - step[1] * ny
                    other_first, other_last = firsts[other], firsts[other + 1]
                    if other_first == other_last:
                        continue
                    straight = di == 0 and dj == 0
                    # Across the last axis: the row's end meets the other row's beginning.
                    if wraps[2] and (straight or reach == 1) and ends[last - 1] == nz and begins[other_first] == 0:
                        step[2] = 1
                        _meet(ups, shifts, winds, component[last - 1], component[other_first], step, shift_a, shift_b)
                    step[2] = 0
                    # Across the other two, once for each pair of rows.
                    if step[0] > 0 or (step[0] == 0 and step[1] > 0):
                        a, b = first, other_first
                        while a < last and b < other_last:
                            end_a, end_b = np.int64(ends[a]), np.int64(ends[b])
                            if np.int64(begins[a]) < end_b + reach and np.int64(begins[b]) < end_a + reach:
                                _meet(ups, shifts, winds, component[a], component[b], step, shift_a, shift_b)
                            if end_a < end_b:
                                a += 1
                            else:
                                b += 1


@nb.njit(cache=True)
def _number_parts(ups, shifts, of_part):  # type: ignore[no-untyped-def]
    """Number of the component of every part; afterwards every part hangs on its root directly."""
    count = 0
    shift = np.zeros(3, np.int32)
    for part in range(ups.size):
        root = _root_with_shift(ups, shifts, part, shift)
        if root == part:
            of_part[part] = count
            count += 1
        else:
            of_part[part] = of_part[root]
    return count


@nb.njit(cache=True)
def _merge(of_part, ups, shifts, shape, wraps, volumes, boxes, moments, winds, count):  # type: ignore[no-untyped-def]
    """Properties of the components from those of their parts, laid side by side as they join."""
    whole, box, sums = np.zeros(count, np.int64), np.empty((count, 3, 2), np.int64), np.zeros((count, 3))
    touches, around = np.zeros((count, 3, 2), np.bool_), np.zeros((count, 3), np.bool_)
    for part in range(ups.size):
        c = of_part[part]
        fresh = ups[part] == part
        whole[c] += volumes[part]
        for axis in range(3):
            offset = np.int64(shifts[part, axis]) * shape[axis] if not fresh else np.int64(0)
            low, high = boxes[part, axis, 0] + offset, boxes[part, axis, 1] + offset
            # The root is the first part of its component.
            box[c, axis, 0] = low if fresh else min(box[c, axis, 0], low)
            box[c, axis, 1] = high if fresh else max(box[c, axis, 1], high)
            sums[c, axis] += moments[part, axis] + np.float64(offset) * volumes[part]
            touches[c, axis, 0] |= boxes[part, axis, 0] == 0
            touches[c, axis, 1] |= boxes[part, axis, 1] == shape[axis] - 1
            if fresh:
                around[c, axis] = winds[part, axis]
    return whole, box, sums, touches, around


@parallel()
def _rename(component, of_part):  # type: ignore[no-untyped-def]
    for a in nb.prange(component.size):
        component[a] = of_part[component[a]]


@parallel()
def _paint_labels(firsts, begins, ends, component, labels):  # type: ignore[no-untyped-def]
    nx, ny, _ = labels.shape
    for i in nb.prange(nx):
        for j in range(ny):
            row = labels[i, j]
            for a in range(firsts[i * ny + j], firsts[i * ny + j + 1]):
                row[np.int64(begins[a]) : np.int64(ends[a])] = component[a] + 1


@parallel()
def _paint_kept(firsts, begins, ends, component, keep, kept):  # type: ignore[no-untyped-def]
    nx, ny, _ = kept.shape
    for i in nb.prange(nx):
        for j in range(ny):
            row = kept[i, j]
            for a in range(firsts[i * ny + j], firsts[i * ny + j + 1]):
                if keep[component[a]]:
                    row[np.int64(begins[a]) : np.int64(ends[a])] = True
