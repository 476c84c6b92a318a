"""Image files of structures: read whatever a microscope or a program writes, write what others read."""

from poreline.voxels.files.arrays import read_array
from poreline.voxels.files.image_file import ImageFile
from poreline.voxels.files.images import needs_segmentation, read_image
from poreline.voxels.files.writing import write_image, write_surface

__all__ = ["ImageFile", "needs_segmentation", "read_array", "read_image", "write_image", "write_surface"]
