"""The state of a simulated volume between two steps: everything that a continuation needs, as named arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.stretch.volume.properties import STATE

Array = npt.NDArray[Any]
Outcome = Literal["running", "completed", "ruptured", "unstable"]
_OUTCOMES: tuple[Outcome, ...] = ("running", "completed", "ruptured", "unstable")

RECORD = (
    "segment",
    "step",
    "time",
    "temperature",
    "stretch_machine",
    "stretch_transverse",
    "stretch_thickness",
    "stress_machine",
    "stress_transverse",
    "stress_thickness",
    "porosity",
    "volume_ratio",
    "residual",
    "kinetic_ratio",
    "determinant_least",
    "increment",
)
"""Columns of the history: nominal stresses (force over unstretched section) in Pa, temperature in K, time in s;
residual is the rms unbalanced nodal force over the rms element force, kinetic_ratio the kinetic energy of the fictitious
motion over the work done, increment the size of the steps over the full one."""


@dataclass
class Counters:
    """Where a run stands. Plain numbers, kept exactly in a checkpoint."""

    segment: int = 0
    place: int = 0
    """Within the segment, in sixteenths of a full step."""
    increment: int = 16
    """Size of the next step, in sixteenths of a full step: 1 to 16."""
    steps: int = 0
    """Steps taken."""
    retries: int = 0
    """Times that a piece was taken back and repeated with smaller steps."""
    time: float = 0.0
    """s"""
    temperature: float = 0.0
    """K, of the last step; 0 before the first."""
    work: float = 0.0
    """Work done on the volume, in MPa times voxels."""
    stress_largest: float = 0.0
    """Largest true stress of this draw, MPa."""
    width_entry: float = 1.0
    """Stretch of the width when its first transverse draw began."""
    transverse: float = 1.0
    """Stretch ratio of the width over its entry."""
    permission_stretch: float = 0.0
    """Largest stretch at which the debonding of domains was last checked."""
    ruptured_at: float = 0.0
    """Stretch ratio at rupture; 0: none."""
    outcome: int = 0
    """Index into running, completed, ruptured, unstable."""


@dataclass(eq=False)
class VolumeState:
    """A volume in the course of its programme. Axis 0 is the machine direction, 1 the width, 2 the thickness.

    101 bytes a voxel in float32. A run on the processor adds 80 for the copy that a failed piece goes back to, and some 4 at 64
    voxels an edge for the planes where the parts of two threads meet: 185 in all.
    """

    displacement: Array
    """(3, N, N, N) periodic part u of the position x = Fbar X + u, in voxels, at the corner with the lowest indices."""
    velocity: Array
    """(3, N, N, N) voxels a step"""
    velocity_mean: Array
    """(3, N, N, N) running mean of the velocity"""
    voxel: Array
    """(10, N, N, N): Cp (xx, yy, zz, xy, xz, yz), L = ln of the void's volume ratio, D broken, C crazes per micrometre of
    reference length, Q sum of ln(fibril spacing in nm) over them."""
    kind: Array
    """(N, N, N) uint8: matrix 0, domain 1, layer that holds 2, layer that may debond 3"""
    domain: Array
    """(N, N, N) int32: number of the nearest domain"""
    normal: Array
    """(3, N, N, N) outward normal of the nearest domain surface"""
    scatter: Array
    """(N, N, N) local strength factor xi"""
    inverse_mass: Array
    """(N, N, N) of the nodes"""
    mean_gradient: Array
    """(3,) float64: stretch of the volume along the axes"""
    mean_velocity: Array
    """(3,) float64, and its running mean: of the free directions"""
    mean_velocity_mean: Array
    stress: Array
    """(3,) float64: mean nominal stress P_xx, P_yy, P_zz, MPa, of the last step"""
    permitted: Array
    """(domains,) bool: domains whose interface may debond"""
    radius: Array
    """(domains,) float64: radius of each domain, m"""
    counters: Counters = field(default_factory=Counters)
    history: list[tuple[float, ...]] = field(default_factory=list)
    """One row of RECORD at each interval."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Voxels along the axes."""
        n0, n1, n2 = self.kind.shape
        return int(n0), int(n1), int(n2)

    @property
    def outcome(self) -> Outcome:
        """How the run stands or ended."""
        return _OUTCOMES[self.counters.outcome]

    def end(self, outcome: Outcome) -> None:
        """Set how the run ended."""
        self.counters.outcome = _OUTCOMES.index(outcome)

    def record(self) -> dict[str, npt.NDArray[np.float64]]:
        """The history by column."""
        rows = np.array(self.history, np.float64).reshape(-1, len(RECORD))
        return {name: rows[:, column].copy() for column, name in enumerate(RECORD)}

    def arrays(self) -> dict[str, Array]:
        """Everything as arrays by name, to be written to a checkpoint. `VolumeState.from_arrays` is the way back, bit for bit."""
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("counters", "history")}
        counters = [float(getattr(self.counters, f.name)) for f in fields(Counters)]
        history = np.array(self.history, np.float64).reshape(-1, len(RECORD))
        return {**named, "counters": np.array(counters, np.float64), "history": history}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Array]) -> VolumeState:
        """A state from what `arrays` gave. Raises KeyError where one is missing."""
        kinds = [type(getattr(Counters(), f.name)) for f in fields(Counters)]
        numbers = zip(fields(Counters), kinds, arrays["counters"], strict=True)
        counters = Counters(**{f.name: kind(value) for f, kind, value in numbers})
        history = [tuple(float(x) for x in row) for row in arrays["history"]]
        named = {f.name: np.array(arrays[f.name]) for f in fields(cls) if f.name not in ("counters", "history")}
        return cls(**named, counters=counters, history=history)

    def copy(self) -> VolumeState:
        """An independent copy."""
        return VolumeState.from_arrays(self.arrays())


def unstretched(
    kind: Array, domain: Array, normal: Array, scatter: Array, radius: Array, precision: str = "float32"
) -> VolumeState:
    """A volume at rest before its first step: no stress, no void, every interface holding."""
    shape = kind.shape
    voxel = np.zeros((STATE, *shape), precision)
    voxel[:3] = 1.0
    return VolumeState(
        displacement=np.zeros((3, *shape), precision),
        velocity=np.zeros((3, *shape), precision),
        velocity_mean=np.zeros((3, *shape), precision),
        voxel=voxel,
        kind=np.ascontiguousarray(kind, np.uint8).copy(),
        domain=np.ascontiguousarray(domain, np.int32).copy(),
        normal=np.ascontiguousarray(normal, precision).copy(),
        scatter=np.ascontiguousarray(scatter, precision).copy(),
        inverse_mass=np.zeros(shape, precision),
        mean_gradient=np.ones(3),
        mean_velocity=np.zeros(3),
        mean_velocity_mean=np.zeros(3),
        stress=np.zeros(3),
        permitted=np.zeros(len(radius), bool),
        radius=np.asarray(radius, np.float64).copy(),
    )


def deformation_gradients(state: VolumeState) -> npt.NDArray[np.float32]:
    """F of every voxel, (3, 3, N, N, N): the mean gradient plus that of the displacement at the element's centre."""
    gradients = np.empty((3, 3, *state.shape), np.float32)
    for component in range(3):
        for axis in range(3):
            part = state.displacement[component]
            for other in range(3):
                ahead = np.roll(part, -1, other)
                part = ahead - part if other == axis else 0.5 * (part + ahead)
            gradients[component, axis] = part + (state.mean_gradient[axis] if component == axis else 0.0)
    return gradients
