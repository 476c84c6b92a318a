"""From grey values to void fractions: pictures of an electron microscope, volumes of a tomograph."""

from poreline.voxels.segmentation.segment import SegmentedPicture, SegmentedVolume, segment_picture, segment_volume
from poreline.voxels.segmentation.settings import Segmentation

__all__ = ["Segmentation", "SegmentedPicture", "SegmentedVolume", "segment_picture", "segment_volume"]
