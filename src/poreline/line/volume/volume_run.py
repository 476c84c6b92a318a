"""A volume simulation: the cells, what they come to together, and the mean-field model's run of the same recipe beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poreline.line.run import Run
from poreline.line.volume.cell import CellPlan
from poreline.line.volume.drawn import CellNumbers
from poreline.line.volume.frames import Frame
from poreline.line.volume.settings import VolumeSettings
from poreline.quantities import MeasuredResult
from poreline.quantities.fields import Meaning

if TYPE_CHECKING:
    from poreline.membrane.image.measured import MeasuredStructure

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A result along the programme: the mean over the cells with its band, SI."""

    x: Array
    """Stretch ratio along the machine; it stands still while the film is heated, annealed and cooled."""
    y: Array
    low: Array
    high: Array
    stage: npt.NDArray[np.int64]
    """Index of the stage of every point in `stages`."""
    stages: tuple[str, ...]
    about: Meaning
    at: int
    """The point whose value stands for the curve where one number is wanted: the end of the last draw."""

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output: `value`, `low`, `high` at the end of the last draw, and the curve."""
        return {
            "value": float(self.y[self.at]),
            "low": float(self.low[self.at]),
            "high": float(self.high[self.at]),
            "unit": self.about.unit,
            "meaning": self.about.meaning,
            "method": self.about.method,
            "curve": {
                "x": self.x.tolist(),
                "x_unit": "1",
                "x_meaning": "stretch ratio in the machine direction",
                "y": self.y.tolist(),
                "low": self.low.tolist(),
                "high": self.high.tolist(),
                "stage": self.stage.tolist(),
                "stages": list(self.stages),
            },
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class VolumeRun:
    """One recipe through the line with its film cracked open in three dimensions, cell by cell."""

    run: Run
    """The run with the numbers of the volume simulation; blend and film are those of both models."""
    mean_field: Run
    """The same recipe by the mean-field model."""
    settings: VolumeSettings
    cell: CellPlan
    cells: tuple[CellNumbers, ...]
    """One for each seed."""
    measured: Mapping[str, MeasuredResult]
    """What was measured on the images of the cells, as one number each: what the claims are judged on."""
    curves: Mapping[str, Curve]
    """`stress_x_curve` and the like, and `porosity_curve`."""
    image: MeasuredStructure
    """The measured image of the first cell, for pictures."""
    frames: tuple[Frame, ...]
    """A plane of the first cell at moments of its programme, for pictures; empty where none was recorded."""
    quality: Mapping[str, float | int | bool]
    """Of the cells: the worst residual, energy ratio and smallest det F, steps of a cell, speed of all cells together, bytes
    for each voxel."""
    device: str
    at_a_time: int = 1
    """Cells that were drawn side by side."""
    files: Mapping[int, str] = field(default_factory=dict)
    """Name of the image file of each cell, by its seed."""
