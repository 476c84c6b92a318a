"""Individual pores: the pore space cut at its throats, and a table with one row for each piece.

The distance to the wall is flooded from its peaks downwards (watershed: Beucher and Lantuejoul 1979, flooding by priority as in Meyer
1991), across periodic axes too. A peak makes a pore of its own only if the wall comes clearly nearer on every way to a
wider pore (its dynamic: Grimaud 1992); roughness of the wall and plateaus along a channel make none.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.voxels import VoxelImage
from poreline.voxels.threads import parallel

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Distance = npt.NDArray[np.float32]

NARROWING = 0.1
"""Share of a pore's inscribed radius by which its throats must be narrower than itself, or it is part of the wider pore beside it."""
NARROWING_VOXELS = 0.5
"""The least such difference, in the smallest voxel edge: less is roughness of the wall on the grid."""
LEVELS_PER_VOXEL = 32.0
"""Steps per voxel edge in which distances are told apart."""


@dataclass(frozen=True, kw_only=True, eq=False)
class PoreTable:
    """Individual pores, one row each, the widest not necessarily first; row n is region n + 1 of `regions`."""

    volume: Array = quantity("m3", "void volume of the pore", shown_in="um3")
    diameter_equivalent: Array = quantity(
        "m", "diameter of the ball of that volume; in a section of the disc of that area", shown_in="nm"
    )
    diameter_inscribed: Array = quantity("m", "diameter of the largest ball inside the pore", shown_in="nm")
    centroid: Array = quantity("m", "(n, 3) centre of the pore, from the corner of the image", shown_in="um")
    centre: Array = quantity(
        "m", "(n, 3) centre of the largest ball inside the pore, from the corner of the image", shown_in="um"
    )
    neighbours: IntArray = quantity("1", "pores that share a throat with this one")
    touches_face: npt.NDArray[np.bool_] = quantity(
        "1", "whether a face of the image that is not periodic cuts the pore"
    )
    """Not counted: the faces across an axis that the image is one voxel deep along, which every pore of it touches."""
    regions: npt.NDArray[np.int32]
    """(nx, ny, nz) pore of each voxel, from 1; 0 outside."""

    @property
    def count(self) -> int:
        """Number of pores."""
        return int(self.volume.size)

    def as_columns(self) -> dict[str, Array]:
        """The table by column, SI units: places as `centroid_x`, `centroid_y`, `centroid_z`."""
        columns: dict[str, Array] = {}
        for field in fields(self):
            values = getattr(self, field.name)
            if values.ndim == 1:
                columns[field.name] = values.astype(np.float64)
            elif values.ndim == 2:
                columns |= {f"{field.name}_{axis}": values[:, n] for n, axis in enumerate("xyz")}
        return columns


def individual_pores(
    image: VoxelImage, inscribed: Distance, narrowing: float = NARROWING, narrowing_voxels: float = NARROWING_VOXELS
) -> PoreTable:
    """The pores of an image, cut at their throats.

    `inscribed` is the distance to the wall in m of every voxel, 0 outside the pores; it says which voxels are pore. A peak of
    it stays a pore if it stands above its highest pass to a wider pore by `narrowing` of its height and by `narrowing_voxels` of the
    smallest voxel edge. A voxel counts with its void fraction. Memory: 12 bytes a voxel beside the image and the distance. Raises
    InvalidInput for a distance map of another shape and for limits that are not between 0 and 1, or below 0.
    """
    _check(image, inscribed, narrowing, narrowing_voxels)
    step = min(image.spacing) / LEVELS_PER_VOXEL
    wraps = np.array(image.periodic)
    order, starts = _by_distance(inscribed, step)
    floor = narrowing_voxels * min(image.spacing)
    parent = np.full(image.shape, -1, np.int32 if inscribed.size < 2**31 else np.int64)
    peaks = _peaks(inscribed, order, wraps, narrowing, floor, parent.reshape(-1))
    del order
    regions = np.zeros(image.shape, np.int32)
    # The array of the peaks' search becomes the queue of the flood.
    _flood(inscribed, peaks, wraps, step, starts.size, regions, parent.reshape(-1))
    del parent
    return _table(image, inscribed, regions, peaks, wraps)


def _check(image: VoxelImage, inscribed: Distance, narrowing: float, narrowing_voxels: float) -> None:
    faults = []
    if inscribed.shape != image.shape:
        reason, remedy = "It does not have the shape of the image.", "Take the distance map of this image."
        faults.append(Fault("inscribed", str(inscribed.shape), str(image.shape), reason, remedy))
    if not 0.0 <= narrowing < 1.0:
        reason, remedy = "It is a share of a pore's radius.", f"Leave it at {NARROWING}."
        faults.append(Fault("narrowing", str(narrowing), "0 to 1", reason, remedy))
    if not 0.0 <= narrowing_voxels < np.inf:
        reason, remedy = "It is a difference of distances.", f"Leave it at {NARROWING_VOXELS}."
        faults.append(Fault("narrowing_voxels", str(narrowing_voxels), "0 or more", reason, remedy))
    if faults:
        raise InvalidInput(faults, "individual pores")


def _by_distance(inscribed: Distance, step: float) -> tuple[npt.NDArray[np.int32 | np.int64], IntArray]:
    """Flat indices of the pore voxels from the wall inwards, in levels of `step`, and where each level begins."""
    levels = int(float(inscribed.max(initial=0.0)) / step) + 2
    counts = np.zeros(levels + 1, np.int64)
    _count_levels(inscribed, step, counts)
    starts = np.cumsum(counts)
    order: npt.NDArray[np.int32 | np.int64] = np.empty(
        int(starts[-1]), np.int32 if inscribed.size < 2**31 else np.int64
    )
    _sort_levels(inscribed, step, starts.copy(), order)
    return order, starts[:-1]


@nb.njit(cache=True)
def _count_levels(inscribed, step, counts):  # type: ignore[no-untyped-def]
    for value in inscribed.flat:
        if value > 0.0:
            counts[np.int64(value / step) + 1] += 1


@nb.njit(cache=True)
def _sort_levels(inscribed, step, at, order):  # type: ignore[no-untyped-def]
    for place, value in enumerate(inscribed.flat):
        if value > 0.0:
            level = np.int64(value / step)
            order[at[level]] = place
            at[level] += 1


@nb.njit(cache=True)
def _beside(place, shape, wraps, beside):  # type: ignore[no-untyped-def]
    """Flat indices of the voxels beside one, by its six faces, into `beside`; -1 beyond the image."""
    nx, ny, nz = shape
    row = place // nz
    k, i = place - row * nz, row // ny
    j = row - i * ny
    plane = ny * nz
    beside[0] = place - plane if i > 0 else (place + (nx - 1) * plane if wraps[0] else -1)
    beside[1] = place + plane if i < nx - 1 else (place - (nx - 1) * plane if wraps[0] else -1)
    beside[2] = place - nz if j > 0 else (place + (ny - 1) * nz if wraps[1] else -1)
    beside[3] = place + nz if j < ny - 1 else (place - (ny - 1) * nz if wraps[1] else -1)
    beside[4] = place - 1 if k > 0 else (place + nz - 1 if wraps[2] else -1)
    beside[5] = place + 1 if k < nz - 1 else (place - nz + 1 if wraps[2] else -1)


@nb.njit(cache=True)
def _root(parent, a):  # type: ignore[no-untyped-def]
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = np.int64(parent[a])
    return a


@nb.njit(cache=True)
def _peaks(inscribed, order, wraps, narrowing, floor, parent):  # type: ignore[no-untyped-def]
    """Voxels of the peaks that are pores, from one sweep from the widest voxel to the narrowest.

    The root of each set of voxels seen so far is its highest one. Where two sets meet, the lower peak is done for: it was a
    pore if it stands high enough above the pass.
    """
    shape = inscribed.shape
    height = inscribed.reshape(-1)
    found = np.empty(1024, np.int64)
    beside = np.empty(6, np.int64)
    count = 0
    for n in range(order.size - 1, -1, -1):
        place = np.int64(order[n])
        parent[place] = place
        _beside(place, shape, wraps, beside)
        for other in beside:
            if other < 0 or parent[other] < 0:
                continue
            a, b = _root(parent, place), _root(parent, other)
            if a == b:
                continue
            if height[a] < height[b]:
                a, b = b, a
            rise = height[b] - height[place]
            if b != place and rise >= max(narrowing * height[b], floor):
                if count == found.size:
                    found = np.concatenate((found, np.empty_like(found)))
                found[count] = b
                count += 1
            parent[b] = a
    for n in range(order.size - 1, -1, -1):
        place = np.int64(order[n])
        if parent[place] == place:
            if count == found.size:
                found = np.concatenate((found, np.empty_like(found)))
            found[count] = place
            count += 1
    return np.sort(found[:count])


@nb.njit(cache=True)
def _flood(inscribed, peaks, wraps, step, levels, regions, queue):  # type: ignore[no-untyped-def]
    """Grow the regions from their peaks, the widest voxels first and at equal width the earliest reached.

    `queue` holds for each voxel the one that waits behind it at the same level.
    """
    shape = inscribed.shape
    height, region = inscribed.reshape(-1), regions.reshape(-1)
    heads, tails = np.full(levels + 1, -1, np.int64), np.full(levels + 1, -1, np.int64)
    for n in range(peaks.size):
        place = peaks[n]
        region[place] = n + 1
        level = np.int64(height[place] / step)
        queue[place] = -1
        if heads[level] < 0:
            heads[level] = place
        else:
            queue[tails[level]] = place
        tails[level] = place
    beside = np.empty(6, np.int64)
    level = levels
    while level >= 0:
        place = heads[level]
        if place < 0:
            level -= 1
            continue
        heads[level] = queue[place]
        _beside(place, shape, wraps, beside)
        for other in beside:
            if other < 0 or region[other] != 0 or height[other] <= 0.0:
                continue
            region[other] = region[place]
            # A voxel wider than the one that reached it waits no longer than that one did.
            below = min(level, np.int64(height[other] / step))
            queue[other] = -1
            if heads[below] < 0:
                heads[below] = other
            else:
                queue[tails[below]] = other
            tails[below] = other


@nb.njit(cache=True)
def _sums(void, regions, peaks, wraps, walls, volumes, moments, touches):  # type: ignore[no-untyped-def]
    """Void of each pore in voxels, its moments about the peak, and the faces that it touches."""
    nx, ny, nz = void.shape
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                n = regions[i, j, k] - 1
                if n < 0:
                    continue
                value = np.float64(void[i, j, k])
                peak = peaks[n]
                dx, dy, dz = i - peak // (ny * nz), j - peak // nz % ny, k - peak % nz
                if wraps[0]:
                    dx -= nx * np.int64(np.round(dx / nx))
                if wraps[1]:
                    dy -= ny * np.int64(np.round(dy / ny))
                if wraps[2]:
                    dz -= nz * np.int64(np.round(dz / nz))
                volumes[n] += value
                moments[n, 0] += value * dx
                moments[n, 1] += value * dy
                moments[n, 2] += value * dz
                touches[n] |= walls[0] and (i == 0 or i == nx - 1)
                touches[n] |= walls[1] and (j == 0 or j == ny - 1)
                touches[n] |= walls[2] and (k == 0 or k == nz - 1)


@parallel()
def _count_contacts(regions, wraps, counts):  # type: ignore[no-untyped-def]
    """Faces between voxels of two pores, for each plane of the first axis."""
    nx, ny, nz = regions.shape
    for plane in nb.prange(nx):
        i = np.int64(plane)
        found = 0
        for j in range(ny):
            for k in range(nz):
                here = regions[i, j, k]
                if here == 0:
                    continue
                for axis in range(3):
                    x, y, z = i + (axis == 0), j + (axis == 1), k + (axis == 2)
                    if (x == nx or y == ny or z == nz) and not wraps[axis]:
                        continue
                    there = regions[x % nx, y % ny, z % nz]
                    found += there != 0 and there != here
        counts[plane] = found


@parallel()
def _fill_contacts(regions, wraps, starts, pairs, places, axes):  # type: ignore[no-untyped-def]
    """Both pores, the voxel before the face and the axis of every such face."""
    nx, ny, nz = regions.shape
    for plane in nb.prange(nx):
        i = np.int64(plane)
        at = starts[plane]
        for j in range(ny):
            for k in range(nz):
                here = regions[i, j, k]
                if here == 0:
                    continue
                for axis in range(3):
                    x, y, z = i + (axis == 0), j + (axis == 1), k + (axis == 2)
                    if (x == nx or y == ny or z == nz) and not wraps[axis]:
                        continue
                    there = regions[x % nx, y % ny, z % nz]
                    if there != 0 and there != here:
                        pairs[at, 0], pairs[at, 1] = here - 1, there - 1
                        places[at] = (i * ny + j) * nz + k
                        axes[at] = axis
                        at += 1


@dataclass(frozen=True, eq=False)
class Contacts:
    """Faces between voxels of different pores, one row each."""

    pairs: npt.NDArray[np.int32]
    """(n, 2) the pore before the face and the one behind it, from 0."""
    places: IntArray
    """Flat index of the voxel before the face."""
    axes: npt.NDArray[np.int8]
    """Axis along which the face is crossed."""


def contacts_of(regions: npt.NDArray[np.int32], periodic: tuple[bool, bool, bool]) -> Contacts:
    """Every face between voxels of two pores: 17 bytes each."""
    counts = np.empty(regions.shape[0], np.int64)
    wraps = np.array(periodic)
    _count_contacts(regions, wraps, counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    number = int(starts[-1])
    pairs, places, axes = np.empty((number, 2), np.int32), np.empty(number, np.int64), np.empty(number, np.int8)
    _fill_contacts(regions, wraps, starts, pairs, places, axes)
    return Contacts(pairs, places, axes)


def _table(
    image: VoxelImage,
    inscribed: Distance,
    regions: npt.NDArray[np.int32],
    peaks: IntArray,
    wraps: npt.NDArray[np.bool_],
) -> PoreTable:
    number = peaks.size
    volumes, moments, touches = np.zeros(number), np.zeros((number, 3)), np.zeros(number, np.bool_)
    walls = ~wraps & (np.array(image.shape) > 1)
    _sums(image.void, regions, peaks, wraps, walls, volumes, moments, touches)
    spacing, edges = np.array(image.spacing), np.array(image.edges)
    centre = (np.stack(np.unravel_index(peaks, image.shape), axis=1) + 0.5) * spacing
    offset = np.divide(moments, volumes[:, None], out=np.zeros_like(moments), where=volumes[:, None] > 0)
    centroid = centre + offset * spacing
    centroid = np.where(wraps, np.mod(centroid, edges), centroid)
    pairs = contacts_of(regions, image.periodic).pairs
    keys = np.unique(pairs.min(axis=1).astype(np.int64) * number + pairs.max(axis=1))
    neighbours = np.bincount(np.concatenate([keys // max(1, number), keys % max(1, number)]), minlength=number)
    volume = volumes * image.voxel_volume
    return PoreTable(
        volume=volume,
        diameter_equivalent=_diameter_equivalent(image, volume),
        diameter_inscribed=2.0 * inscribed.reshape(-1)[peaks].astype(np.float64),
        centroid=centroid,
        centre=centre,
        neighbours=neighbours.astype(np.int64),
        touches_face=touches,
        regions=regions,
    )


def _diameter_equivalent(image: VoxelImage, volume: Array) -> Array:
    """Of balls, or of discs where the image is one voxel deep: that depth says nothing about the pores."""
    flat = [edge for edge, n in zip(image.spacing, image.shape, strict=True) if n == 1]
    diameter: Array = np.sqrt(4.0 * volume / (np.pi * flat[0])) if len(flat) == 1 else np.cbrt(6.0 * volume / np.pi)
    return diameter
