"""The wall of the pores as triangles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from poreline.voxels.image import OPEN_FROM, VoxelImage

_PIECE = 2**18  # triangles that are written together
_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def pore_wall(image: VoxelImage) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int32]]:
    """Corners in m and triangles of the surface at a void fraction of 0.5; the origin is the image's first corner.

    Seen from the solid, the corners of a triangle run counter-clockwise: its normal points from void to solid. Both
    arrays are empty where the image has no wall. Memory: 4 bytes a voxel beside what marching cubes needs.
    """
    from skimage.measure import marching_cubes

    ends = [(0, 1) if periodic else (1, 1) for periodic in image.periodic]
    padded = np.zeros([edges + sum(end) for edges, end in zip(image.shape, ends, strict=True)], np.float32)
    inside = tuple(slice(low, low + edges) for edges, (low, _) in zip(image.shape, ends, strict=True))
    padded[inside] = image.void
    for axis, periodic in enumerate(image.periodic):
        if periodic:  # one plane more, so that the surface spans a whole period
            np.moveaxis(padded, axis, 0)[-1] = np.moveaxis(padded, axis, 0)[0]
    if not padded.min() < OPEN_FROM < padded.max():
        return np.empty((0, 3), np.float32), np.empty((0, 3), np.int32)
    # The package counts corners by the left hand, so that its word for this side is the opposite one.
    corners, triangles, _, _ = marching_cubes(padded, OPEN_FROM, gradient_direction="ascent")  # type: ignore[no-untyped-call]
    middle = np.array([0.5 - low for low, _ in ends])
    return ((corners + middle) * np.array(image.spacing)).astype(np.float32), triangles.astype(np.int32, copy=False)


def write_stl(vertices: npt.NDArray[np.float32], triangles: npt.NDArray[np.int32], path: Path) -> None:
    """Write triangles as binary STL, 50 bytes each, with their normals."""
    with path.open("wb") as stream:
        stream.write(b"pore wall, lengths in m".ljust(80))
        stream.write(len(triangles).to_bytes(4, "little"))
        for start in range(0, len(triangles), _PIECE):
            corners = vertices[triangles[start : start + _PIECE]].astype(np.float64)
            across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            length = np.linalg.norm(across, axis=1, keepdims=True)
            records = np.zeros(len(corners), _RECORD)
            records["normal"] = np.divide(across, length, out=np.zeros_like(across), where=length > 0)
            records["corners"] = corners
            stream.write(records.tobytes())
