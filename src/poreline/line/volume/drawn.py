"""What the simulation of one cell hands on: its state at the end, its curves on the way, and how well the balance held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from poreline.line.run import OutcomeKind
from poreline.line.volume.frames import Frame
from poreline.membrane import Membrane
from poreline.quantities import MeasuredResult
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Meaning
from poreline.separation import Performance

Array = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class ProgrammeCurve:
    """The cell along its programme, one number for each recorded step; all of one length, SI."""

    stage: npt.NDArray[np.int64]
    """Index of the stage in `stages`."""
    stages: tuple[str, ...]
    """What happens in each stage, in words."""
    stretch_ratio: Array
    """Length over undrawn length along x."""
    width_ratio: Array
    thickness_ratio: Array
    stress: Array
    """(3, n) force along x, y, z over the undrawn section across it, Pa."""
    porosity: Array
    temperature: Array

    @property
    def true_stress(self) -> Array:
        """Force along x over the current section, voids included, Pa."""
        return self.stress[0] / (self.width_ratio * self.thickness_ratio)

    def last_of(self, stage: int) -> int:
        """Index of the last recorded step of a stage; -1 where it was not reached."""
        found = np.flatnonzero(self.stage == stage)
        return int(found[-1]) if found.size else -1


@dataclass(frozen=True, kw_only=True)
class CellQuality:
    """How well the simulation of a cell kept its balance, and how fast it was."""

    residual: float
    """Unbalanced force over the force of an element (root mean squares), median over the draws."""
    residual_end: float
    """The same at the end of the programme."""
    energy_ratio: float
    """Largest kinetic energy of the fictitious motion over the work done on the cell."""
    steps: int
    min_det_F: float  # noqa: N815  # the deformation gradient is called F
    """Smallest volume ratio of a voxel at any record."""
    element_steps_per_second: float
    """Of this cell alone, while others may have been drawn beside it."""
    bytes_per_voxel: float
    converged: bool
    residual_largest: float = 0.0
    """The largest of the draws, but for the first record of each."""

    def as_dict(self) -> dict[str, float | int | bool]:
        """Plain fields, for machine-readable output."""
        return dict(self.__dict__)


@dataclass(frozen=True, kw_only=True, eq=False)
class DrawnCell:
    """One cell at the end of its programme."""

    seed: int
    displacement: FloatArray
    """(3, N, N, N) periodic part of the displacement of the nodes, in voxels."""
    mean_gradient: Array
    """(3, 3) mean deformation gradient."""
    void: FloatArray
    """L = ln of the void volume ratio, of each voxel."""
    broken: FloatArray
    craze_count: FloatArray
    """Crazes per undrawn length along the draw, 1/m."""
    craze_spacing_sum: FloatArray
    """Sum of ln(fibril spacing / nm) over them, 1/m."""
    curve: ProgrammeCurve
    quality: CellQuality
    rupture_stretch_ratio: float | None
    """Stretch ratio at which the film broke; None: it did not."""
    wall_time: float
    remarks: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = ()
    """A plane of the cell at moments of its programme, for pictures."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CellNumbers:
    """Everything that is known of one cell after its structure was measured."""

    seed: int
    numbers: Mapping[str, float]
    """Results by name, SI; NaN where there is none."""
    reasons: Mapping[str, str]
    """Why a result has no number."""
    measured: Mapping[str, MeasuredResult]
    """What was measured on the cell's image."""
    meanings: Mapping[str, Meaning]
    """Symbol, units and method of what was measured."""
    cautions: tuple[Caution, ...]
    """Those of the measures."""
    membrane: Membrane
    """The membrane that the image comes to."""
    performance: Performance
    """What it does on the recipe's duties."""
    curve: ProgrammeCurve
    quality: CellQuality
    rupture_stretch_ratio: float | None
    wall_time: float
    outcome: OutcomeKind = "ok"
    remarks: tuple[str, ...] = ()
    """What happened on the way that a reader should know."""
    widths: Mapping[str, FloatArray] = field(default_factory=dict)
    """Samples of crack widths and throats (m) with their area as weights, for the distributions in the report."""
