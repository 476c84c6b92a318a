"""Local thickness of known shapes: within 10 % from 3 voxels up, within 3 % from 10."""

import numpy as np
import pytest

from poreline.membrane.image.local_thickness import local_thickness
from poreline.voxels import VoxelImage
from poreline.voxels.launch import limited_threads
from poreline.voxels.phantoms import ball, cylinder, slit

EDGE = 1e-8


def mean_thickness(void, periodic=(False,) * 3):
    """Volume-weighted mean in voxels, over the voxels whose ball the image shows whole."""
    found = local_thickness(VoxelImage(void=void, spacing=(EDGE,) * 3, periodic=periodic))
    weights = void * (void >= 0.5) * found.bounded
    return float((found.thickness * weights).sum(dtype=float) / weights.sum(dtype=float)) / EDGE


def random_shape(kind, size, rng):
    normal = rng.normal(size=3)
    shape = (int(1.2 * size) + (20 if kind == "slit" else 12),) * 3
    if kind == "slit":
        return slit(shape, size, tuple(normal), float(rng.uniform(-0.5, 0.5)))
    offset = tuple(rng.uniform(-0.5, 0.5, 3))
    if kind == "cylinder":
        return cylinder(shape, size, tuple(normal), offset, samples=4)
    return ball(shape, size, offset, samples=4)


@pytest.mark.parametrize("width", [1, 2, 3, 5])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", [bool, np.float32])
def test_slits_along_the_grid_are_exact(width, axis, dtype):
    void = np.zeros((20, 18, 16), dtype)
    place = [slice(None)] * 3
    place[axis] = slice(6, 6 + width)
    void[tuple(place)] = 1
    assert mean_thickness(void) == pytest.approx(width, rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "size", "bound"),
    [(k, s, 0.10 if s < 10 else 0.03) for k in ("slit", "cylinder", "ball") for s in (3, 4.4, 10)],
)
def test_known_shapes_at_random_places_and_tilts(kind, size, bound):
    rng = np.random.default_rng([int(10 * size), len(kind)])
    found = [mean_thickness(random_shape(kind, size, rng)) / size for _ in range(4)]
    assert max(found) < 1 + bound
    assert min(found) > 1 - bound


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "size", "bound"),
    [(k, s, 0.10 if s < 10 else 0.03) for k in ("slit", "cylinder", "ball") for s in (3, 5, 7, 10, 20)],
)
def test_two_hundred_random_cases_of_each_shape(kind, size, bound):
    rng = np.random.default_rng([int(10 * size), len(kind), 7])
    found = np.array([mean_thickness(random_shape(kind, size, rng)) / size for _ in range(200)])
    print(f"{kind} {size}: {found.mean():.4f}, {found.min():.4f} to {found.max():.4f}, sd {found.std():.4f}")
    assert found.max() < 1 + bound
    assert found.min() > 1 - bound


def test_binary_shapes_are_right_in_the_mean():
    # A binary image knows the wall to half a voxel; the mean over places and tilts is what can be asked of it.
    rng = np.random.default_rng(5)
    for kind in ("slit", "cylinder", "ball"):
        found = [mean_thickness(random_shape(kind, 10, rng) > 0.5) / 10 for _ in range(6)]
        assert np.mean(found) == pytest.approx(1.0, abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["slit", "cylinder", "ball"])
@pytest.mark.parametrize(("size", "bound"), [(3, 0.10), (5, 0.10), (7, 0.10), (10, 0.03), (20, 0.03)])
def test_two_hundred_binary_cases_of_each_shape_are_right_in_the_mean(kind, size, bound):
    rng = np.random.default_rng([int(10 * size), len(kind), 8])
    found = np.array([mean_thickness(random_shape(kind, size, rng) > 0.5) / size for _ in range(200)])
    print(f"{kind} {size}, binary: {found.mean():.4f}, {found.min():.4f} to {found.max():.4f}, sd {found.std():.4f}")
    assert found.mean() == pytest.approx(1.0, abs=bound)


def test_unequal_voxel_edges_measure_in_metres():
    void = np.zeros((12, 12, 12), bool)
    void[:, :, 4:7] = True
    found = local_thickness(VoxelImage(void=void, spacing=(1e-8, 1e-8, 3e-8)))
    np.testing.assert_allclose(found.thickness[void], 9e-8, rtol=1e-5)


def test_a_slit_across_a_periodic_face_is_whole():
    void = np.zeros((12, 12, 12), bool)
    void[:, :, [0, 1, 11]] = True
    assert mean_thickness(void, (True, True, True)) == pytest.approx(3.0, rel=1e-5)


def test_equal_images_give_equal_bits():
    rng = np.random.default_rng(2)
    image = VoxelImage(void=random_shape("cylinder", 5, rng), spacing=(EDGE,) * 3)
    first, second = local_thickness(image), local_thickness(image)
    assert np.array_equal(first.thickness, second.thickness)


def test_the_number_of_threads_changes_nothing():
    image = VoxelImage(void=random_shape("slit", 10, np.random.default_rng(3)) > 0.5, spacing=(EDGE,) * 3)
    found = local_thickness(image)
    with limited_threads(1):
        alone = local_thickness(image)
    assert np.array_equal(found.thickness, alone.thickness)
    assert np.array_equal(found.bounded, alone.bounded)


def test_a_microcrack_keeps_the_width_it_brings():
    void = np.zeros((8, 8, 8), np.float32)
    void[:, :, 4] = 0.2
    width = np.where(void > 0, np.float32(2e-9), np.float32(0))
    found = local_thickness(VoxelImage(void=void, spacing=(EDGE,) * 3, pore_width=width))
    np.testing.assert_allclose(found.thickness[:, :, 4], 2e-9, rtol=1e-6)


@pytest.mark.parametrize(
    ("longest", "tilt", "bound"), [(2.0, 35.0, 0.01), (2.0, 50.0, 0.04), (4.0, 35.0, 0.03), (4.0, 65.0, 0.02)]
)
def test_tilted_slits_in_unequal_voxels(longest, tilt, bound):
    # A slit of 8 shortest edges, its normal tilted from x towards the long edge; exact void fractions.
    spacing, width, samples = np.array([1.0, 1.0, longest]), 8.0, 6
    counts = np.maximum(12, np.round(np.array([56.0, 24.0, 80.0]) / spacing).astype(int))
    within = (np.arange(samples) + 0.5) / samples - 0.5
    x, z = (((np.arange(counts[a])[:, None] + within).ravel() - (counts[a] - 1) / 2) * spacing[a] for a in (0, 2))
    away = x[:, None] * np.cos(np.radians(tilt)) + z * np.sin(np.radians(tilt)) + 0.137
    opened = (np.abs(away) < width / 2).reshape(counts[0], samples, counts[2], samples).mean(axis=(1, 3))
    void = np.repeat(opened[:, None, :], counts[1], axis=1).astype(np.float32)
    found = local_thickness(VoxelImage(void=void, spacing=tuple(EDGE * spacing)))
    inside = (void > 0.999) & found.bounded & (found.thickness > 0.0)
    assert found.thickness[inside].mean() / (width * EDGE) == pytest.approx(1.0, abs=bound)
