"""The distance transform is exact: anisotropic, periodic or not."""

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from poreline.voxels.distance import distance_to


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


def test_without_a_mark_everything_is_infinitely_far():
    assert np.isinf(distance_to(np.zeros((3, 4, 5), bool))).all()
