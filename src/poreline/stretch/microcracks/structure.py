"""From the state of a drawn volume to its structure: microcracks, cavities, connection, and the grid in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.stretch.microcracks.cavities import Cavities, cavities, widths_on_grid
from poreline.stretch.microcracks.connection import Participation, VoidConnection, participation, void_connection
from poreline.stretch.microcracks.current_configuration import (
    CurrentConfiguration,
    current_configuration,
    deformation_gradient,
)
from poreline.stretch.microcracks.microcracks import FibrilClosure, FloatArray, Microcracks, microcracks

CRACK, THROAT, PORE_DIAMETER = "crack", "throat", "pore_diameter"
"""Names of the widths: opening of a crack; clean slit as narrow to flow as its throats; their hydraulic diameter, twice that."""


@dataclass(frozen=True, kw_only=True, eq=False)
class StretchedStructure:
    """The structure of a drawn volume."""

    microcracks: Microcracks
    """Of every element of the unstretched grid."""
    cavities: Cavities
    """Openings that the grid resolves, apart from the microcracks."""
    connection: VoidConnection
    participation: Participation
    configuration: CurrentConfiguration
    """The structure in space. Its `image("throat")` lets gas and liquid through as the throats do; `image("crack")` shows
    the widths that a microscope sees."""
    porosity: float
    """Void over current volume."""


def stretched_structure(
    displacement: FloatArray,
    mean_gradient: npt.ArrayLike,
    *,
    void: FloatArray,
    broken: FloatArray,
    craze_count: FloatArray,
    craze_spacing_sum: FloatArray,
    phase: npt.NDArray[np.uint8],
    voxel_edge: float,
    closure: FibrilClosure,
    voxels: Sequence[int] | None = None,
) -> StretchedStructure:
    """Everything that the state of a drawn volume says of its pores.

    Nodes and mean gradient as for `current_configuration`; `void` L, `broken` D, `craze_count` and `craze_spacing_sum`
    (1/m) as for `microcracks`; `phase` in the labels of images (1 matrix, 2 domain, 3 shell); `voxel_edge` of the
    unstretched grid in m; `voxels` of the grid in space. Raises InvalidInput as these do.
    """
    gradient = deformation_gradient(displacement, mean_gradient)
    cracks = microcracks(void, broken, craze_count, craze_spacing_sum, gradient, closure)
    resolved = cavities(cracks.opened, cracks.void_fraction, gradient[0, 0], voxel_edge)
    del gradient
    crack, throat, normal = widths_on_grid(cracks, resolved)
    configuration = current_configuration(
        displacement,
        mean_gradient,
        voxel_edge=voxel_edge,
        void=cracks.void_fraction,
        phase=phase,
        normal=normal,
        widths={CRACK: crack, THROAT: throat, PORE_DIAMETER: np.float32(2.0) * throat},
        voxels=voxels,
    )
    volume = cracks.volume_ratio.astype(np.float64)
    return StretchedStructure(
        microcracks=cracks,
        cavities=resolved,
        connection=void_connection(cracks.void_fraction, cracks.volume_ratio),
        participation=participation(cracks.void_fraction, cracks.volume_ratio),
        configuration=configuration,
        porosity=float((cracks.void_fraction * volume).sum() / volume.sum()),
    )
