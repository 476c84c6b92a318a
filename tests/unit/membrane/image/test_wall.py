"""Where the wall of a binary image runs does not depend on how the image lies, nor where it is cut."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

from poreline.membrane.image.wall import wall_of
from poreline.voxels import VoxelImage

EDGE = 1e-8


def blobs(shape, seed):
    field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2.0, mode="wrap")
    return field < np.quantile(field, 0.4)


def patches(void, spacing=(EDGE,) * 3, periodic=(False,) * 3):
    return wall_of(VoxelImage(void=np.ascontiguousarray(void), spacing=spacing, periodic=periodic)).patch


def assert_alike(found, expected):
    """The same patches in any order."""
    assert found.shape == expected.shape
    away, _ = cKDTree(expected).query(found)
    assert away.max() < 1e-3
    away, _ = cKDTree(found).query(expected)
    assert away.max() < 1e-3


@pytest.mark.parametrize("axes", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_turned_images_have_turned_walls(axes):
    # 70 voxels: longer than a word of bits. No round ratios of the edges, at which rounding decides how a wall is seen.
    void, spacing = blobs((18, 25, 70), 1), (EDGE, 1.4871 * EDGE, 1.2213 * EDGE)
    expected = patches(void, spacing)
    turned = patches(void.transpose(axes), tuple(spacing[a] for a in axes))
    back = np.argsort(axes)
    assert_alike(np.hstack([turned[:, :3][:, back], turned[:, 3:6][:, back], turned[:, 6:]]), expected)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mirrored_images_have_mirrored_walls(axis):
    void = blobs((20, 70, 23), 2)
    mirrored = patches(np.flip(void, axis))
    mirrored[:, axis] = void.shape[axis] - 1 - mirrored[:, axis]
    mirrored[:, 3 + axis] *= -1
    assert_alike(mirrored, patches(void))


@pytest.mark.parametrize("shape", [(19, 21, 140), (140, 6, 19), (7, 130, 9)])
def test_the_cut_of_a_periodic_image_leaves_no_trace(shape):
    void = blobs(shape, 3)
    shifts = (5, 3, 62)
    rolled = patches(np.roll(void, shifts, (0, 1, 2)), periodic=(True,) * 3)
    expected = patches(void, periodic=(True,) * 3)
    for axis in range(3):
        # A millionth of a voxel either way must not tell the two ends of the period apart.
        rolled[:, axis] = (rolled[:, axis] - shifts[axis] + 1.0) % shape[axis]
        expected[:, axis] = (expected[:, axis] + 1.0) % shape[axis]
    tree = cKDTree(expected[:, :3], boxsize=shape)
    assert rolled.shape == expected.shape
    for away, nearest in [tree.query(rolled[:, :3], k=6)]:
        alike = np.abs(expected[nearest, 3:] - rolled[:, None, 3:]).max(axis=2) < 1e-3
        assert ((away < 1e-3) & alike).any(axis=1).all()


def test_rows_shorter_than_the_reach_of_a_patch_are_read_around_the_corner():
    void = np.zeros((12, 3, 2), bool)
    void[4:9] = True
    found = patches(void, periodic=(True,) * 3)
    assert found.shape == (12, 7)
    np.testing.assert_allclose(np.sort(found[:, 0]), np.repeat([3.5, 8.5], 6), atol=1e-5)
    np.testing.assert_allclose(np.abs(found[:, 3]), 1.0)
