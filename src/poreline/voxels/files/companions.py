"""The arrays that go with an image: width and direction of its microcracks, material of its voxels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from poreline.voxels.files.image_file import AnyArray

COMPANIONS: dict[str, tuple[str, str]] = {
    "pore_width": ("m", "width of the microcracks of partly open voxels"),
    "pore_normal": ("1", "unit normal of those microcracks"),
    "phase": ("1", "material: 0 void, 1 matrix, 2 domain of the first polymer, 3 copolymer shell"),
}
"""Name, unit and meaning of each."""


class Companions(TypedDict, total=False):
    """Companions of an image as they were found."""

    pore_width: npt.NDArray[np.float32]
    pore_normal: npt.NDArray[np.float32]
    phase: npt.NDArray[np.uint8]


def fitting(array: AnyArray, found: Mapping[str, AnyArray]) -> tuple[Companions, tuple[str, ...]]:
    """The companions that have the type and the shape of the image, and remarks on those that have not."""
    kept: dict[str, Any] = {}
    remarks = []
    for name, companion in found.items():
        dtype = np.dtype(np.uint8 if name == "phase" else np.float32)
        shape = (3, *array.shape) if name == "pore_normal" else array.shape
        if array.ndim == 3 and companion.shape == shape and companion.dtype.newbyteorder("=") == dtype:
            kept[name] = companion.astype(dtype, copy=False)
        else:
            remarks.append(f'Its array "{name}" does not fit the image and was left out.')
    return Companions(**kept), tuple(remarks)  # type: ignore[typeddict-item]
