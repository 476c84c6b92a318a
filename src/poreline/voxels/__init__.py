"""Images of structures on a grid, and the place where kernels run on CPU or GPU. Image files: `poreline.voxels.files`."""

from poreline.voxels.image import AXES, AXIS_NAMES, Axis, VoxelImage

__all__ = ["AXES", "AXIS_NAMES", "Axis", "VoxelImage"]
