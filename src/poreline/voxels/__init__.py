"""Images of structures on a grid, and the place where kernels run on CPU or GPU. Image files: `poreline.voxels.files`."""

from poreline.voxels import threads
from poreline.voxels.image import AXES, AXIS_NAMES, Axis, VoxelImage

threads.choose_layer()  # before any parallel loop: the first one fixes it for the process

__all__ = ["AXES", "AXIS_NAMES", "Axis", "VoxelImage"]
