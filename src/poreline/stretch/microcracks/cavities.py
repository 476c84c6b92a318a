"""Cavities that the grid resolves: where a domain came off or no fibrils are left, how far the gap has opened."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from poreline.quantities import Fault, InvalidInput, NotDetermined
from poreline.stretch.microcracks.microcracks import BoolArray, FloatArray, Microcracks
from poreline.voxels.image import OPEN_FROM

_MEANING = "opening of the cavities along the draw"


@dataclass(frozen=True, kw_only=True, eq=False)
class Cavities:
    """Openings along x, one for each run of open voxels; all runs have the same unstretched section."""

    opening: FloatArray
    """(nx, ny, nz) opening in m of the run that a voxel belongs to; 0 outside."""
    openings: FloatArray
    """(n,) opening of every run, m."""

    @property
    def opening_median(self) -> float | NotDetermined:
        """Median opening by unstretched section, m."""
        if not self.openings.size:
            return NotDetermined("No cavity has opened.", "m", _MEANING)
        return float(np.median(self.openings))


def cavities(opened: BoolArray, void_fraction: FloatArray, stretch_x: FloatArray, voxel_edge: float) -> Cavities:
    """Openings of the runs of `opened` voxels along x, sum of f lam_x h over each run.

    `void_fraction` f and `stretch_x` lam_x = F_xx of every voxel, `voxel_edge` h of the unstretched grid in m. Runs go on
    across the periodic face. A domain's cavity is a wake: report it apart from the microcracks. Raises InvalidInput for
    shapes that do not match.
    """
    named = {"void_fraction": void_fraction, "stretch_x": stretch_x}
    faults = [
        Fault(name, str(array.shape), str(opened.shape), "It does not have the shape of the grid.", "Give one a voxel.")
        for name, array in named.items()
        if array.shape != opened.shape
    ]
    if faults:
        raise InvalidInput(faults, "cavities")
    opening = np.zeros(opened.shape, np.float32)
    first = np.zeros(opened.shape, np.bool_)
    _runs(opened, void_fraction, stretch_x, voxel_edge, opening, first)
    return Cavities(opening=opening, openings=opening[first])


def widths_on_grid(cracks: Microcracks, found: Cavities) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Crack width, throat width (m) and normal of every voxel, as an image of the state takes them.

    Microcracks keep theirs. A voxel of a cavity that is half void or more has width 0: the grid resolves its pore. One that
    is less has the opening of its run, a clean slit across x.
    """
    narrow = cracks.opened & (cracks.void_fraction < OPEN_FROM)
    gap = np.where(narrow, found.opening, np.float32(0.0))
    crack = np.where(cracks.opened, gap, cracks.width)
    throat = np.where(cracks.opened, gap, cracks.throat_width)
    normal = cracks.normal.copy()
    normal[:, narrow] = np.array([[1.0], [0.0], [0.0]], np.float32)
    return crack, throat, normal


@numba.njit(cache=True, error_model="numpy")
def _runs(opened, fraction, stretch, edge, opening, first):  # type: ignore[no-untyped-def]
    nx, ny, nz = opened.shape
    for j in range(ny):
        for k in range(nz):
            # Begin behind a closed voxel, so that no run is cut by the periodic face.
            origin = -1
            for i in range(nx):
                if not opened[i, j, k]:
                    origin = i
                    break
            start, total = -1, 0.0
            for step in range(nx + 1):
                i = (origin + 1 + step) % nx
                goes_on = step < nx and opened[i, j, k]
                if goes_on:
                    if start < 0:
                        start, total = step, 0.0
                    total += fraction[i, j, k] * stretch[i, j, k] * edge
                elif start >= 0:
                    first[(origin + 1 + start) % nx, j, k] = True
                    for back in range(start, step):
                        opening[(origin + 1 + back) % nx, j, k] = total
                    start = -1
