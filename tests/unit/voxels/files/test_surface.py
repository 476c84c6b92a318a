"""The pore wall as triangles: its area, its volume, which way it faces, what the file holds."""

import math
from pathlib import Path

import numpy as np
import pytest

from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.files import write_surface

RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def near(value: object, rel: float = 1e-8) -> object:
    """Equal to a relative tolerance alone: the usual absolute one is as large as these lengths."""
    return pytest.approx(value, rel=rel, abs=0)


def triangles(path: Path) -> np.ndarray:
    raw = path.read_bytes()
    count = int.from_bytes(raw[80:84], "little")
    assert len(raw) == 84 + 50 * count
    return np.frombuffer(raw, RECORD, count, 84)


def signed_volume(corners: np.ndarray) -> float:
    a, b, c = corners.astype(float).transpose(1, 0, 2)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def ball(radius: float, edges: int, spacing: tuple[float, float, float]) -> VoxelImage:
    x, y, z = ((np.arange(edges) + 0.5) * edge for edge in spacing)
    middle = [edges * edge / 2 for edge in spacing]
    distance = np.sqrt((x[:, None, None] - middle[0]) ** 2 + (y[:, None] - middle[1]) ** 2 + (z - middle[2]) ** 2)
    # Linear across the wall, so that the surface lies where the ball's does.
    return VoxelImage(void=np.clip((radius - distance) / 4e-8 + 0.5, 0, 1).astype(np.float32), spacing=spacing)


def test_a_ball_of_void_has_its_volume_its_area_and_normals_that_face_the_solid(tmp_path: Path) -> None:
    radius, spacing = 1e-7, (1e-8, 1.2e-8, 0.9e-8)
    write_surface(ball(radius, 30, spacing), tmp_path / "ball.stl")
    found = triangles(tmp_path / "ball.stl")
    corners = found["corners"].astype(float)
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    # Flat triangles inside a ball of 10 voxels radius lose about (1 / 20)^2 of both.
    assert signed_volume(corners) == near(4 / 3 * math.pi * radius**3, rel=0.02)
    assert np.linalg.norm(across, axis=1).sum() / 2 == near(4 * math.pi * radius**2, rel=0.02)
    outwards = corners.mean(axis=1) - 30 * np.array(spacing) / 2
    assert (np.einsum("ij,ij->i", found["normal"], outwards) > 0).all()
    assert np.linalg.norm(found["normal"], axis=1) == pytest.approx(1.0, abs=1e-5)


def test_void_that_fills_the_image_to_one_side_is_closed_there(tmp_path: Path) -> None:
    void = np.zeros((6, 6, 6), bool)
    void[:3] = True
    write_surface(VoxelImage(void=void, spacing=(1e-8,) * 3), tmp_path / "half.stl")
    corners = triangles(tmp_path / "half.stl")["corners"]
    assert corners.min() == 0.0
    assert corners.reshape(-1, 3).max(axis=0) == near([3e-8, 6e-8, 6e-8], rel=1e-6)
    # Marching cubes bevels edges and corners by half a voxel.
    assert signed_volume(corners) == near(3 * 6 * 6 * 1e-24, rel=0.1)


def test_along_a_periodic_axis_the_surface_spans_one_period_and_is_open(tmp_path: Path) -> None:
    void = np.zeros((4, 8, 8), bool)
    void[:, 2:6, 2:6] = True
    write_surface(VoxelImage(void=void, spacing=(1e-8,) * 3, periodic=(True, False, False)), tmp_path / "channel.stl")
    found = triangles(tmp_path / "channel.stl")
    along = found["corners"][..., 0]
    assert along.max() - along.min() == near(4e-8, rel=1e-6)
    assert np.abs(found["normal"][:, 0]).max() < 1e-6  # no wall across the channel


def test_an_image_without_a_wall_has_no_surface(tmp_path: Path) -> None:
    solid = VoxelImage(void=np.zeros((4, 4, 4), bool), spacing=(1e-8,) * 3)
    with pytest.raises(InvalidInput, match="no wall"):
        write_surface(solid, tmp_path / "none.stl")
    endless = VoxelImage(void=np.ones((4, 4, 4), bool), spacing=(1e-8,) * 3, periodic=(True, True, True))
    with pytest.raises(InvalidInput, match="no wall"):
        write_surface(endless, tmp_path / "none.stl")
    with pytest.raises(InvalidInput, match="written as STL"):
        write_surface(solid, tmp_path / "none.obj")
    assert list(tmp_path.iterdir()) == []
