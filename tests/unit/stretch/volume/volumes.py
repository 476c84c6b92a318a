"""Small volumes by hand for the tests of the volume simulation."""

from __future__ import annotations

import numpy as np

from poreline.blend.voxelise import VoxelisedBlend
from poreline.materials import default_materials
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.stretch.volume.parameters import Parameters, Shell
from poreline.stretch.volume.scatter import strength_scatter
from poreline.stretch.volume.schedule import Segment
from poreline.stretch.volume.state import VolumeState, unstretched

COLD, HOT = ZERO_CELSIUS + 20.0, ZERO_CELSIUS + 88.0


def parameters(*, crazing: bool = True, shell: Shell | None = None) -> Parameters:
    """Polystyrene in polypropylene."""
    materials = default_materials()
    return Parameters(materials.polymer("PP"), materials.polymer("PS"), shell=shell, crazing=crazing)


def ball(voxels: int, share: float = 0.3, layer: float = 1.0, edge: float = 1e-6) -> VoxelisedBlend:
    """One ball of a radius of `share` cell edges in the middle of the cell, with a layer around it."""
    place = np.indices((voxels,) * 3) + 0.5 - voxels / 2
    distance = np.sqrt((place**2).sum(axis=0))
    phase = np.where(distance < share * voxels - 0.75 * layer, 1, 0).astype(np.uint8)
    phase[(phase == 0) & (distance < share * voxels + 0.25 * layer)] = 2
    return VoxelisedBlend(
        phase=phase,
        domain=np.zeros(phase.shape, np.int32),
        normal=(place / np.maximum(distance, 1e-9)).astype(np.float32),
        voxel_edge=edge / voxels,
        layer_thickness=layer,
        domain_radius=np.array([share * edge]),
    )


def with_ball(voxels: int, precision: str = "float32", layer: float = 1.0, share: float = 0.3) -> VolumeState:
    """The ball at rest, with the usual scatter of strength."""
    blend = ball(voxels, share, layer)
    scatter = strength_scatter(voxels, 0.1, 0.19 * 2.0 * share, 1)
    return unstretched(blend.phase, blend.domain, blend.normal, scatter, np.array([share * 1e-6]), precision)


def of_one_phase(voxels: int, precision: str = "float32", phase: int = 0) -> VolumeState:
    """A volume of one phase without scatter."""
    shape = (voxels,) * 3
    kind = np.full(shape, phase, np.uint8)
    return unstretched(kind, np.zeros(shape, np.int32), np.zeros((3, *shape)), np.ones(shape), np.zeros(1), precision)


def draw(
    end: float,
    steps: int,
    temperature: float = COLD,
    rate: float = 0.005,
    free: tuple[bool, bool, bool] = (False, True, True),
    start: float = 1.0,
) -> Segment:
    """A draw in the machine direction."""
    return Segment("draw", temperature, steps, free, (start, end), None, 0.0, rate, temperature > COLD + 30.0)
