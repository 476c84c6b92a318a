"""Which pores go through: connection along each axis, open, dead-end and closed porosity, the largest cluster, the matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.quantities import Estimate, MeasuredResult, NotDetermined, Truth
from poreline.quantities.fields import meanings, quantity
from poreline.voxels import AXES, AXIS_NAMES, Axis, VoxelImage
from poreline.voxels.image import OPEN_FROM, PHASE_MATRIX
from poreline.voxels.labelling import Components, Labels, components_of, label, trim_to_through
from poreline.voxels.threads import parallel

BoolArray = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]
Yes = tuple[bool, bool, bool]
Three = tuple[float, float, float]

_LARGEST_TALLY = 2**25  # sums per cluster that all threads hold together
_CHUNK = 2**24


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How the voids of an image connect; three numbers are those along x, y and z.

    Clusters are sets of open voxels that touch by their faces. A cluster goes through along an axis if it reaches both faces
    or, on a periodic axis, winds around. Void in voxels that do not count as open belongs to the clusters that it touches. Across a
    section, which is one voxel thick, nothing is known: no connection, NaN.
    """

    porosity: float = quantity("1", "volume of the voids over total volume", symbol="ε", shown_in="%")
    connected: Yes = quantity("1", "whether voids go through the image, by voxels that share a face")
    connected_26: Yes = quantity(
        "1", "whether voids go through the image, by voxels that share a face, an edge or a corner"
    )
    porosity_open: Three = quantity(
        "1", "volume of the voids that go through over total volume", symbol="ε_o", shown_in="%"
    )
    porosity_blind: Three = quantity(
        "1", "volume of the voids that open to one face only over total volume", shown_in="%"
    )
    porosity_closed: Three = quantity(
        "1", "volume of the voids that open to neither face over total volume", shown_in="%"
    )
    connected_share: float = quantity(
        "1", "largest of the shares of the voids that go through, and of the largest cluster", shown_in="%"
    )
    largest_cluster_share: float = quantity(
        "1", "volume of the largest cluster over the volume of all voids", shown_in="%"
    )
    largest_cluster_connected: Yes = quantity("1", "whether the largest cluster goes through the image")
    largest_cluster_extent: Three = quantity(
        "m", "length of the largest cluster; the image's edge where it winds", shown_in="um"
    )
    largest_cluster_extent_share: Three = quantity(
        "1", "length of the largest cluster over the edge of the image", shown_in="%"
    )
    clusters: int = quantity("1", "connected clusters of open voxels")
    solid_connected: Yes = quantity("1", "whether the solid goes through the image")
    matrix_connected: Yes | None = quantity(
        "1", "whether the second polymer goes through the image; None: not known which it is"
    )
    is_section: bool = False

    def results(self) -> dict[str, MeasuredResult]:
        """Every field by its name, one for each axis where it has three: `porosity_open_z`."""
        found: dict[str, MeasuredResult] = {}
        for name, meaning in meanings(Connection):
            value = getattr(self, name)
            if value is None:
                value = (None, None, None)
            names = [name] if not isinstance(value, tuple) else [f"{name}_{axis}" for axis in AXIS_NAMES]
            for key, one in zip(names, value if isinstance(value, tuple) else (value,), strict=True):
                text = meaning.meaning if key == name else f"{meaning.meaning}, along {key[-1]}"
                found[key] = self._result(key, one, meaning.unit, text.replace("; None: not known which it is", ""))
        return found

    def _result(self, key: str, value: float | bool | None, unit: str, meaning: str) -> MeasuredResult:
        if self.is_section and key.endswith("_z"):
            return NotDetermined("A section does not show what connects across it.", unit, meaning)
        if value is None:
            return NotDetermined("The image tells void from solid, not one polymer from the other.", unit, meaning)
        if isinstance(value, bool):
            return Truth(value, meaning, "connected components")
        if np.isnan(value):
            return NotDetermined("The image shows no void.", unit, meaning)
        return Estimate(float(value), float(value), float(value), unit, meaning, "connected components")


def connect(image: VoxelImage) -> Connection:
    """How the voids of an image connect along x, y and z.

    Void of a voxel that does not count as open is shared among the clusters of the open voxels beside it, by their void
    fraction; without such a neighbour it is closed. Memory: 6 bytes a voxel and 8 for each run of open voxels.
    """
    opened = image.open_voxels()
    labels = label(opened, image.periodic)
    found = labels.components
    voids, alone, total = _void_of_clusters(image, labels)
    del labels
    whole = float(np.prod(image.shape))
    axes = [axis for axis in AXES if image.shape[axis] > 1]
    open_, blind, closed = [np.nan] * 3, [np.nan] * 3, [np.nan] * 3
    for axis in axes:
        through, one = found.reaches_both(axis), found.reaches_one(axis)
        open_[axis], blind[axis] = float(voids[through].sum()) / whole, float(voids[one].sum()) / whole
        closed[axis] = float(voids[~(through | one)].sum() + alone) / whole
    largest = int(voids.argmax()) if found.count else None
    largest_share = float(voids[largest]) / total if largest is not None else (0.0 if total > 0.0 else np.nan)
    shares = [largest_share, *(open_[axis] * whole / total for axis in axes)] if total > 0.0 else [np.nan]
    extents = tuple(float(n) for n in found.extents[largest]) if largest is not None else (0.0, 0.0, 0.0)
    corners = components_of(opened, image.periodic, 26)
    del opened
    matrix = _goes_through(_solid(image, matrix_only=True), image) if image.phase is not None else None
    return Connection(
        porosity=total / whole,
        connected=_through(found, image),
        connected_26=_through(corners, image),
        porosity_open=_three(open_),
        porosity_blind=_three(blind),
        porosity_closed=_three(closed),
        connected_share=max(shares),
        largest_cluster_share=largest_share,
        largest_cluster_connected=_through(found, image, largest) if largest is not None else (False, False, False),
        largest_cluster_extent=_three([n * h for n, h in zip(extents, image.spacing, strict=True)]),
        largest_cluster_extent_share=_three([n / length for n, length in zip(extents, image.shape, strict=True)]),
        clusters=found.count,
        solid_connected=_goes_through(_solid(image, matrix_only=False), image),
        matrix_connected=matrix,
        is_section=image.is_section,
    )


def through_mask(image: VoxelImage, axis: Axis, labels: Labels | None = None) -> BoolArray:
    """The open voxels that belong to clusters which go through along `axis`: what a transport solve needs. 1 byte a voxel.

    `labels` are those of the image's open voxels; without them the clusters are found anew, which takes no labels for each voxel.
    """
    if labels is None:
        return trim_to_through(image.open_voxels(), axis, image.periodic)
    keep = np.concatenate([[False], labels.components.reaches_both(axis)])
    kept: BoolArray = np.empty(labels.labels.shape, np.bool_)
    step = max(1, _CHUNK // max(1, kept.shape[1] * kept.shape[2]))
    for start in range(0, kept.shape[0], step):
        kept[start : start + step] = keep[labels.labels[start : start + step]]
    return kept


def _three(values: list[float]) -> Three:
    return (float(values[0]), float(values[1]), float(values[2]))


def _through(found: Components, image: VoxelImage, one: int | None = None) -> Yes:
    chosen = slice(None) if one is None else slice(one, one + 1)
    x, y, z = (bool(found.reaches_both(axis)[chosen].any()) for axis in AXES)
    return x, y, z and not image.is_section


def _goes_through(mask: BoolArray, image: VoxelImage) -> Yes:
    return _through(components_of(mask, image.periodic), image)


def _solid(image: VoxelImage, *, matrix_only: bool) -> BoolArray:
    """Voxels that are at least half solid; a partly open voxel with narrow cracks still bears load across their fibrils."""
    solid: BoolArray = ~image.void if image.void.dtype == np.bool_ else image.void < OPEN_FROM  # type: ignore[assignment, misc]
    if matrix_only and image.phase is not None:
        solid &= image.phase == PHASE_MATRIX
    return solid


def _void_of_clusters(image: VoxelImage, labels: Labels) -> tuple[Array, float, float]:
    """Void of each cluster, void that touches none, and all void, in voxels."""
    if image.is_binary:
        volumes = labels.volumes.astype(np.float64)
        return volumes, 0.0, float(volumes.sum())
    parts = max(1, min(16, _LARGEST_TALLY // max(1, labels.count), image.shape[0]))
    tally = np.zeros((parts, labels.count + 1))
    _tally_void(image.void, labels.labels, np.array(image.periodic), tally)
    sums = tally.sum(axis=0)
    return sums[1:], float(sums[0]), float(sums.sum())


@parallel()
def _tally_void(void, labels, wraps, tally):  # type: ignore[no-untyped-def]
    """Add up the void of each cluster; in column 0 what touches no cluster. One row of the tally for each part of the image."""
    nx, ny, nz = void.shape
    parts = tally.shape[0]
    for part in nb.prange(parts):
        near, share = np.empty(6, np.int64), np.empty(6, np.float64)
        for i in range(np.int64(part) * nx // parts, (np.int64(part) + 1) * nx // parts):
            for j in range(ny):
                for k in range(nz):
                    value = np.float64(void[i, j, k])
                    if value == 0.0 or labels[i, j, k] > 0:
                        tally[part, labels[i, j, k]] += value
                        continue
                    number, total = 0, 0.0
                    for axis in range(3):
                        for side in (-1, 1):
                            x, y, z = i + side * (axis == 0), j + side * (axis == 1), k + side * (axis == 2)
                            if wraps[axis]:
                                x, y, z = (x + nx) % nx, (y + ny) % ny, (z + nz) % nz
                            elif x < 0 or y < 0 or z < 0 or x >= nx or y >= ny or z >= nz:
                                continue
                            if labels[x, y, z] > 0:
                                near[number], share[number] = labels[x, y, z], void[x, y, z]
                                total += share[number]
                                number += 1
                    if number == 0:
                        tally[part, 0] += value
                    for n in range(number):
                        tally[part, near[n]] += value * share[n] / total
