"""The distance transform is exact: anisotropic, periodic or not."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from poreline.voxels.distance import NOWHERE, distance_to, spread_nearest


@pytest.mark.parametrize("periodic", [(False,) * 3, (True,) * 3, (False, True, False), (True, False, True)])
@pytest.mark.parametrize("shape", [(7, 9, 11), (19, 33, 17), (1, 6, 6)])
def test_equals_scipy_on_the_unrolled_image(shape, periodic):
    mask = np.random.default_rng(3).random(shape) < 0.02
    mask[0, 0, 0] = True
    spacing = (1.0, 1.5, 0.7)
    copies = tuple(3 if wraps else 1 for wraps in periodic)
    middle = tuple(slice(n, 2 * n) if wraps else slice(None) for n, wraps in zip(shape, periodic, strict=True))
    expected = distance_transform_edt(~np.tile(mask, copies), sampling=spacing)[middle]
    np.testing.assert_allclose(distance_to(mask, spacing, periodic), expected, rtol=1e-6)


@pytest.mark.parametrize("periodic", [(False,) * 3, (True,) * 3])
@pytest.mark.parametrize("share", [0.1, 1e-3, 3e-5])
def test_near_and_far_marks_are_found_alike(share, periodic):
    # Marks nearby are tried one by one, those far away come from lower envelopes; half of the image has many, half has few.
    mask = np.random.default_rng(5).random((70, 61, 40)) < share
    mask[:30] &= np.random.default_rng(6).random((30, 61, 40)) < 0.3
    mask[0, 0, 0] = True
    copies = tuple(3 if wraps else 1 for wraps in periodic)
    middle = tuple(slice(n, 2 * n) if wraps else slice(None) for n, wraps in zip(mask.shape, periodic, strict=True))
    expected = distance_transform_edt(~np.tile(mask, copies))[middle]
    np.testing.assert_allclose(distance_to(mask, periodic=periodic), expected, rtol=1e-6)


@pytest.mark.parametrize("length", [9, 101])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_of_marks_equally_near_the_lowest_place_counts(axis, length):
    shape = [3, 3, 3]
    shape[axis] = length
    index = np.full(shape, NOWHERE, np.int32)
    ends = [np.ravel_multi_index([1 if a != axis else place for a in range(3)], shape) for place in (0, length - 1)]
    index.reshape(-1)[ends] = [0, 1]
    spread_nearest(index, np.array(ends), (1.0, 1.0, 1.0), (False,) * 3)
    assert np.take(index, length // 2, axis=axis).max() == 0
    assert np.take(index, length // 2 + 1, axis=axis).min() == 1


def test_without_a_mark_everything_is_infinitely_far():
    assert np.isinf(distance_to(np.zeros((3, 4, 5), bool))).all()
