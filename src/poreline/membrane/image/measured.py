"""What was measured on an image: named results, curves, individual pores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.quantities import MeasuredResult
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Meaning
from poreline.voxels import VoxelImage

Array = npt.NDArray[np.float64]

OCTANT_BAND = "band: spread between the octants of the image"
"""Said in the method of a number whose band tells how another piece of the same membrane would differ."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Distribution:
    """A measured curve: y over x, both in SI units."""

    meaning: str
    """What the curve is, in one line that defines it."""
    x: Array
    y: Array
    x_unit: str
    y_unit: str
    x_meaning: str
    y_meaning: str
    shown_in: str = ""
    """Unit that people plot x in."""

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output."""
        names = ("meaning", "x_unit", "y_unit", "x_meaning", "y_meaning")
        return {name: getattr(self, name) for name in names} | {"x": self.x.tolist(), "y": self.y.tolist()}


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredStructure:
    """A structure as its image shows it."""

    image: VoxelImage
    results: dict[str, MeasuredResult]
    """Every result by name, in the order in which they are shown."""
    meanings: dict[str, Meaning]
    """Symbol, units and method of every result."""
    distributions: dict[str, Distribution]
    maps: dict[str, npt.NDArray[np.float32]] = field(default_factory=dict)
    """Values per voxel that pictures show: `local_thickness` in m."""
    tables: dict[str, dict[str, Array]] = field(default_factory=dict)
    """Tables by column: `pores`, one row for each individual pore."""
    cautions: tuple[Caution, ...] = ()

    def value(self, name: str) -> float:
        """A result as a number, SI; NaN where it is not one."""
        return float(getattr(self.results.get(name), "value", float("nan")))
