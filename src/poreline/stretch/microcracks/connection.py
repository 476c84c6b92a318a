"""How the void of a drawn volume connects and spreads, on the elements themselves: before any image is made.

Neighbours of the unstretched grid stay neighbours, so what touches is known without the deformed positions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.stretch.microcracks.current_configuration import CONNECTED_FROM
from poreline.stretch.microcracks.microcracks import FloatArray
from poreline.voxels import AXES, Axis
from poreline.voxels.labelling import components_of, label

Three = tuple[float, float, float]

_PERIODIC = (True, True, True)
_HALVINGS = 14  # of the level: to 6e-5
SLABS, BLOCKS = 16, 4


@dataclass(frozen=True, kw_only=True)
class VoidConnection:
    """How the void connects, by elements that share a face; three numbers are those along x, y and z."""

    connected: tuple[bool, bool, bool] = quantity("1", "whether void above the level goes through the volume")
    spanning_level: Three = quantity(
        "1", "highest void fraction f* above which the void still goes through", symbol="f*"
    )
    largest_cluster_share: float = quantity(
        "1", "void of the largest cluster above the level over all void", shown_in="%"
    )
    level: float = quantity("1", "void fraction from which neighbours count as connected")


def void_connection(
    void_fraction: FloatArray, volume_ratio: FloatArray, level: float = CONNECTED_FROM
) -> VoidConnection:
    """Connection of the elements with a void fraction f of `level` or more, and the levels that still span.

    The void of an element is f J, with J its `volume_ratio`. Spanning: a cluster meets its own image along the axis. 0 as
    spanning level: no void goes through at any. Raises InvalidInput for shapes that do not match and a level that is no share.
    """
    faults = []
    if void_fraction.shape != volume_ratio.shape:
        found, wanted = str(volume_ratio.shape), str(void_fraction.shape)
        faults.append(
            Fault("volume_ratio", found, wanted, "It does not have the shape of the grid.", "Give one a voxel.")
        )
    if not 0.0 < level <= 1.0:
        faults.append(Fault("level", f"{level:g}", "above 0, to 1", "It is a void fraction.", "0.1 is usual."))
    if faults:
        raise InvalidInput(faults, "connection of void")
    clusters = label(void_fraction >= level, _PERIODIC)
    void = (void_fraction * volume_ratio).astype(np.float64)
    share = 0.0
    if clusters.count:
        share = float(np.bincount(clusters.labels.ravel(), void.ravel())[1:].max() / void.sum())
    return VoidConnection(
        connected=_three_bools(clusters.components.reaches_both(axis).any() for axis in AXES),
        spanning_level=_three(spanning_level(void_fraction, axis) for axis in AXES),
        largest_cluster_share=share,
        level=level,
    )


def spanning_level(void_fraction: FloatArray, axis: Axis) -> float:
    """Highest void fraction f* such that the elements with f >= f* go through along a periodic axis; 0 if none do.

    By halving between 0 and the largest that every section has, to 1e-4.
    """

    def spans(level: float) -> bool:
        found = components_of(void_fraction >= level, _PERIODIC)
        return bool(found.reaches_both(axis).any())

    across = tuple(other for other in AXES if other != axis)
    # No way passes a section at a higher level than that section's own largest.
    high = float(void_fraction.max(axis=across).min())
    if high <= 0.0 or spans(high):
        return max(high, 0.0)
    low = 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if spans(middle) else (low, middle)
    return low


@dataclass(frozen=True, kw_only=True)
class Participation:
    """How evenly void is spread over parts of the volume: 1 where all have the same, 1/n where one of n has all."""

    slabs: float = quantity("1", "participation of 16 slabs across the draw")
    blocks: float = quantity("1", "participation of 4 x 4 x 4 blocks")


def participation(void_fraction: FloatArray, volume_ratio: FloatArray) -> Participation:
    """Participation (sum v)^2/(n sum v^2) of the void v = f J over slabs across x and over blocks; NaN without void.

    A part's void is that for its unstretched volume, so parts of unequal size count alike. Fewer voxels make fewer parts.
    """
    void = (void_fraction * volume_ratio).astype(np.float64)
    over_x = void.mean(axis=(1, 2))
    return Participation(slabs=_participation(_parts(over_x, SLABS)), blocks=_participation(_parts(void, BLOCKS)))


def _parts(values: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
    """Means over about equal parts along every axis."""
    for axis in range(values.ndim):
        size = values.shape[axis]
        parts = min(most, size)
        starts = np.arange(parts) * size // parts
        lengths = np.diff(np.append(starts, size)).reshape([-1 if a == axis else 1 for a in range(values.ndim)])
        values = np.add.reduceat(values, starts, axis=axis) / lengths
    return values


def _participation(values: npt.NDArray[np.float64]) -> float:
    squares = float(np.square(values).sum())
    return float(values.sum()) ** 2 / (values.size * squares) if squares > 0.0 else float("nan")


def _three(values: object) -> Three:
    x, y, z = (float(value) for value in values)  # type: ignore[attr-defined]
    return x, y, z


def _three_bools(values: object) -> tuple[bool, bool, bool]:
    x, y, z = (bool(value) for value in values)  # type: ignore[attr-defined]
    return x, y, z
