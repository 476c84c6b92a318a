"""The arrays of a volume where the loops run, and the four things that a step does with them: on the processor or a GPU."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from poreline.stretch.volume import grid
from poreline.stretch.volume.compiled import Precision, cuda_law, planes_loop
from poreline.stretch.volume.properties import LOOSE_LAYER
from poreline.stretch.volume.state import VolumeState
from poreline.voxels import launch
from poreline.voxels.device import Device

Array = npt.NDArray[np.float64]
_MOVING = ("displacement", "velocity", "velocity_mean", "voxel")
"""What a step changes in place, and a failed piece goes back to."""


class Mesh(Protocol):
    """The elements and nodes of a volume on one device."""

    def step(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        """One step of all elements and nodes; sums over the elements: P_xx, P_yy, P_zz.

        `masses`: with new nodal masses; `measures`: `motion` and `measure` are asked for after it.
        """

    def motion(self) -> Array:
        """Sums over the nodes of the last step, which was asked for its measures: squared force, kinetic energy."""

    def measure(self) -> Array:
        """All sums over the elements of the last step, which was asked for its measures."""

    def pace(self, factor: float) -> None:
        """Multiply the velocities, and their running means."""

    def mark(self) -> None:
        """Keep a copy of what moves."""

    def go_back(self) -> None:
        """Return to that copy."""

    def loosen(self, state: VolumeState) -> None:
        """Take over the kinds of voxel of `state`."""

    def store(self, state: VolumeState) -> None:
        """Write what moves into `state`."""


class _OnProcessor:
    """The arrays of the state itself, what the edges of the parts give, and a copy to go back to: 80 bytes a voxel more."""

    def __init__(self, state: VolumeState, precision: Precision, rates: tuple[float, float]) -> None:
        self._state, self._shape = state, state.shape
        self._dtype = np.dtype(precision)
        n0, n1, n2 = self._shape
        # Only the planes where parts meet are ever written, and only those take memory.
        self._edges = np.zeros((n0, 2, n1, grid.NODE_PARTS, n2), precision)
        self._begins = np.zeros(n0, np.uint8)
        self._loose = loose_rows(state)
        self._element_sums = np.zeros((n0, grid.ELEMENT_SUMS))
        self._node_sums = np.zeros((n0, grid.NODE_SUMS))
        self._rates = np.array(rates, precision)
        self._step = planes_loop(grid.step, precision)
        self._finish = planes_loop(grid.finish, precision)
        self._kept: list[npt.NDArray[Any]] = []
        for name in (*_MOVING, "normal"):
            setattr(state, name, grid.by_row(getattr(state, name)))

    def step(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        s, (_, n1, n2) = self._state, self._shape
        gradient = np.diag(mean_gradient).ravel().astype(self._dtype)
        numbers = table.astype(self._dtype), common.astype(self._dtype), gradient, self._rates
        nodes = (*(grid.rows_of(x) for x in (s.displacement, s.velocity, s.velocity_mean)), s.inverse_mass)
        voxels = grid.rows_of(s.voxel), s.kind, s.scatter, grid.rows_of(s.normal), self._loose
        asked = int(masses), int(measures)
        arguments = (*nodes, *voxels, self._edges, self._begins, *numbers, *asked, self._element_sums, self._node_sums)
        launch.run_planes(self._step, self._shape, arguments)
        self._finish(n1, n2, *nodes, self._edges, self._begins, self._rates, *asked, self._node_sums)
        return self._element_sums[:, :3].sum(axis=0)

    def measure(self) -> Array:
        sums = self._element_sums.sum(axis=0)
        sums[grid.VOLUME_LEAST] = self._element_sums[:, grid.VOLUME_LEAST].min()
        return sums

    def motion(self) -> Array:
        return self._node_sums.sum(axis=0)

    def pace(self, factor: float) -> None:
        for array in (self._state.velocity, self._state.velocity_mean):
            array *= self._dtype.type(factor)

    def mark(self) -> None:
        now = [getattr(self._state, name) for name in (*_MOVING, "inverse_mass")]
        if not self._kept:
            self._kept = [array.copy(order="K") for array in now]
            return
        for kept, array in zip(self._kept, now, strict=True):
            np.copyto(kept, array)

    def go_back(self) -> None:
        for name, kept in zip((*_MOVING, "inverse_mass"), self._kept, strict=True):
            np.copyto(getattr(self._state, name), kept)

    def loosen(self, state: VolumeState) -> None:
        self._loose = loose_rows(state)

    def store(self, state: VolumeState) -> None:
        pass  # the arrays are the state's own


def loose_rows(state: VolumeState) -> npt.NDArray[np.uint8]:
    """Rows of voxels (N, N) in which a layer may debond, as 0 and 1."""
    return (state.kind == LOOSE_LAYER).any(axis=2).astype(np.uint8)


class _OnGpu:
    """Copies of the state's arrays on a GPU, 84 bytes a voxel of amplitudes instead of force slots, 32 of measures.

    The copy to go back to lies in the memory of the host."""

    def __init__(self, state: VolumeState, device: Device, precision: Precision, rates: tuple[float, float]) -> None:
        self._device, self._shape, self._dtype = device, state.shape, np.dtype(precision)
        names = (*_MOVING, "inverse_mass", "kind", "scatter", "normal")
        self._arrays: dict[str, Any] = {
            name: device.array(np.ascontiguousarray(getattr(state, name))) for name in names
        }
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

    def step(self, table: Array, common: Array, mean_gradient: Array, *, masses: bool, measures: bool) -> Array:
        a = self._arrays
        gradient = np.diag(mean_gradient).ravel()
        numbers = [self._device.array(x.astype(self._dtype)) for x in (table, common, gradient)]
        fields = a["displacement"], a["voxel"], a["kind"], a["scatter"], a["normal"]
        self._device.run(
            self._element, self._shape, *fields, self._amplitudes, self._masses, self._measures, *numbers, int(masses)
        )
        if masses:
            self._device.run(self._inverse, self._shape, self._masses, a["inverse_mass"])
        moving = a["displacement"], a["velocity"], a["velocity_mean"]
        self._device.run(
            self._node, self._shape, *moving, self._amplitudes, a["inverse_mass"], self._rates, self._motion
        )
        return np.array([self._sum(self._measures, column) for column in range(3)])

    def measure(self) -> Array:
        sums = np.array([*(self._sum(self._measures, column) for column in range(6)), 0.0])
        sums[grid.VOLUME_LEAST] = float(self._device.host(self._measures)[4].min())
        return sums

    def motion(self) -> Array:
        return np.array([self._sum(self._motion, column) for column in range(grid.NODE_SUMS)])

    def pace(self, factor: float) -> None:
        for name in ("velocity", "velocity_mean"):
            self._arrays[name] = self._device.array(self._device.host(self._arrays[name]) * self._dtype.type(factor))

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
