"""Mean local thickness of known shapes, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.local_thickness import local_thickness
from poreline.voxels import VoxelImage
from poreline.voxels.phantoms import ball, cylinder, random_offset, slit

Shape = Literal["slit", "cylinder", "ball"]
SPACING = 1e-8
PLACES = 8
_MARGIN = 12


@dataclass(frozen=True)
class Widths:
    """Mean local thickness in voxels of one shape, at each of its places."""

    binary: tuple[float, ...]
    fractions: tuple[float, ...]


def mean_thickness(void: npt.NDArray[Any]) -> float:
    """Mean by volume in voxels, over the voxels whose ball the image shows whole."""
    found = local_thickness(VoxelImage(void=void, spacing=(SPACING,) * 3))
    weights = void * (void >= 0.5)
    if found.bounded is not None:
        weights = weights * found.bounded
    return float((found.thickness * weights).sum(dtype=float) / weights.sum(dtype=float)) / SPACING


def void_of(shape: Shape, size: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Void fraction of a shape along the grid, at a random place within a voxel; a slit's faces lie between voxels."""
    edge = size + _MARGIN
    if shape == "slit":
        return slit((edge, 16, 16), size)
    offset = random_offset(rng)
    return cylinder((edge, edge, 16), size, offset=offset) if shape == "cylinder" else ball((edge,) * 3, size, offset)


@cache
def widths(shape: Shape, size: int) -> Widths:
    """What is measured on a shape of this size in voxels."""
    rng = np.random.default_rng([size, len(shape)])
    voids = [void_of(shape, size, rng) for _ in range(1 if shape == "slit" else PLACES)]
    return Widths(
        binary=tuple(mean_thickness(void >= 0.5) for void in voids),
        fractions=tuple(mean_thickness(void) for void in voids),
    )
