"""The arrays of a volume where the loops run, and the four things that a step does with them: on the processor or a GPU."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from poreline.stretch.volume import grid
from poreline.stretch.volume.compiled import Precision, cuda_law, planes_loop
from poreline.stretch.volume.state import VolumeState
from poreline.voxels import launch
from poreline.voxels.device import Device

Array = npt.NDArray[np.float64]
_MOVING = ("displacement", "velocity", "velocity_mean", "voxel")
"""What a step changes in place, and a failed piece goes back to."""


class Mesh(Protocol):
    """The elements and nodes of a volume on one device."""

    def elements(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        """One step of all elements; sums over them: P_xx, P_yy, P_zz. `masses`, `measures`: what else is asked for after it."""

    def masses(self) -> None:
        """New nodal masses from those of the last step of the elements."""

    def nodes(self) -> None:
        """One step of all nodes."""

    def motion(self) -> Array:
        """Sums over the nodes of the last step: squared force, kinetic energy."""

    def measure(self) -> Array:
        """All sums of the last step of the elements, which was asked for its measures."""

    def mark(self) -> None:
        """Keep a copy of what moves."""

    def go_back(self) -> None:
        """Return to that copy."""

    def loosen(self, state: VolumeState) -> None:
        """Take over the kinds of voxel of `state`."""

    def store(self, state: VolumeState) -> None:
        """Write what moves into `state`."""


class _OnProcessor:
    """The arrays of the state itself, the slots of the forces, and a copy to go back to: 52 + 80 bytes a voxel more."""

    def __init__(self, state: VolumeState, precision: Precision, rates: tuple[float, float]) -> None:
        self._state, self._shape = state, state.shape
        self._dtype = np.dtype(precision)
        self._forces = np.zeros((grid.FORCE_SLOTS, *self._shape), precision)
        self._masses = np.zeros(self._shape, precision)
        self._element_sums = np.zeros((self._shape[0], grid.ELEMENT_SUMS))
        self._node_sums = np.zeros((self._shape[0], grid.NODE_SUMS))
        self._rates = np.array(rates, precision)
        self._elements = planes_loop(grid.elements, precision)
        self._nodes = planes_loop(grid.nodes, precision)
        self._inverse = planes_loop(grid.inverse_masses, precision)
        self._kept: list[npt.NDArray[Any]] = []

    def elements(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        s = self._state
        gradient = np.diag(mean_gradient).ravel().astype(self._dtype)
        numbers = table.astype(self._dtype), common.astype(self._dtype), gradient
        arrays = s.displacement, s.voxel, s.kind, s.scatter, s.normal, self._forces, self._masses
        launch.run_planes(
            self._elements, self._shape, (*arrays, *numbers, int(masses), int(measures), self._element_sums)
        )
        return self._element_sums[:, :3].sum(axis=0)

    def measure(self) -> Array:
        sums = self._element_sums.sum(axis=0)
        sums[grid.VOLUME_LEAST] = self._element_sums[:, grid.VOLUME_LEAST].min()
        return sums

    def masses(self) -> None:
        launch.run_planes(self._inverse, self._shape, (self._masses, self._state.inverse_mass))

    def nodes(self) -> None:
        s = self._state
        arrays = s.displacement, s.velocity, s.velocity_mean, self._forces, s.inverse_mass
        launch.run_planes(self._nodes, self._shape, (*arrays, self._rates, self._node_sums))

    def motion(self) -> Array:
        return self._node_sums.sum(axis=0)

    def mark(self) -> None:
        now = [getattr(self._state, name) for name in (*_MOVING, "inverse_mass")]
        if not self._kept:
            self._kept = [array.copy() for array in now]
            return
        for kept, array in zip(self._kept, now, strict=True):
            np.copyto(kept, array)

    def go_back(self) -> None:
        for name, kept in zip((*_MOVING, "inverse_mass"), self._kept, strict=True):
            np.copyto(getattr(self._state, name), kept)

    def loosen(self, state: VolumeState) -> None:
        pass  # the kinds are the state's own array

    def store(self, state: VolumeState) -> None:
        pass  # the arrays are the state's own


class _OnGpu:
    """Copies of the state's arrays on a GPU, 84 bytes a voxel of amplitudes instead of force slots, 32 of measures.

    The copy to go back to lies in the memory of the host."""

    def __init__(self, state: VolumeState, device: Device, precision: Precision, rates: tuple[float, float]) -> None:
        self._device, self._shape, self._dtype = device, state.shape, np.dtype(precision)
        names = (*_MOVING, "inverse_mass", "kind", "scatter", "normal")
        self._arrays: dict[str, Any] = {name: device.array(getattr(state, name)) for name in names}
        self._amplitudes = device.zeros((grid.AMPLITUDES, *self._shape), precision)
        self._masses = device.zeros(self._shape, precision)
        self._measures = device.zeros((6, *self._shape), precision)
        self._motion = device.zeros((grid.NODE_SUMS, *self._shape), precision)
        self._rates = device.array(np.array(rates, precision))
        self._element = cuda_law(grid.element_of_voxel, precision)
        self._node = cuda_law(grid.node_of_voxel, precision)
        self._inverse = cuda_law(grid.inverse_mass_of_voxel, precision)
        self._kept: dict[str, npt.NDArray[Any]] = {}

    def _sum(self, array: Any, column: int) -> float:
        return self._device.total(grid.measure_of_voxel, self._shape, array, column)

    def elements(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        a = self._arrays
        gradient = np.diag(mean_gradient).ravel()
        numbers = [self._device.array(x.astype(self._dtype)) for x in (table, common, gradient)]
        fields = a["displacement"], a["voxel"], a["kind"], a["scatter"], a["normal"]
        self._device.run(
            self._element, self._shape, *fields, self._amplitudes, self._masses, self._measures, *numbers, int(masses)
        )
        return np.array([self._sum(self._measures, column) for column in range(3)])

    def measure(self) -> Array:
        sums = np.array([*(self._sum(self._measures, column) for column in range(6)), 0.0])
        sums[grid.VOLUME_LEAST] = float(self._device.host(self._measures)[4].min())
        return sums

    def masses(self) -> None:
        self._device.run(self._inverse, self._shape, self._masses, self._arrays["inverse_mass"])

    def nodes(self) -> None:
        a = self._arrays
        moving = a["displacement"], a["velocity"], a["velocity_mean"]
        self._device.run(
            self._node, self._shape, *moving, self._amplitudes, a["inverse_mass"], self._rates, self._motion
        )

    def motion(self) -> Array:
        return np.array([self._sum(self._motion, column) for column in range(grid.NODE_SUMS)])

    def mark(self) -> None:
        self._kept = {name: self._device.host(self._arrays[name]).copy() for name in (*_MOVING, "inverse_mass")}

    def go_back(self) -> None:
        self._arrays |= {name: self._device.array(kept) for name, kept in self._kept.items()}

    def loosen(self, state: VolumeState) -> None:
        self._arrays["kind"] = self._device.array(state.kind)

    def store(self, state: VolumeState) -> None:
        for name in (*_MOVING, "inverse_mass"):
            np.copyto(getattr(state, name), self._device.host(self._arrays[name]))


def mesh_of(state: VolumeState, device: Device, precision: Precision, rates: tuple[float, float]) -> Mesh:
    """The mesh of a volume on a device; on the processor it works on the state's own arrays. `rates` damping and following."""
    if device.kind == "cuda":
        return _OnGpu(state, device, precision, rates)
    return _OnProcessor(state, precision, rates)
