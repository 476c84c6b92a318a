"""The volume simulation of a recipe: representative cells of its film, cracked open voxel by voxel, measured like any image."""

from poreline.line.volume.settings import QUALITIES, VolumeSettings, volume_settings
from poreline.line.volume.simulate import Cost, Prepared, cost_of, prepare, simulate_volume
from poreline.line.volume.status import Status
from poreline.line.volume.volume_run import Curve, VolumeRun

__all__ = [
    "QUALITIES",
    "Cost",
    "Curve",
    "Prepared",
    "Status",
    "VolumeRun",
    "VolumeSettings",
    "cost_of",
    "prepare",
    "simulate_volume",
    "volume_settings",
]
