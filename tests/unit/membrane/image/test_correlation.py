"""Two-point and cluster functions, against counting pairs one lag at a time."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.membrane.image.correlation import CLUSTER_LAGS, cluster_function, pack_bits, two_point
from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.labelling import label

SPACING = (1e-9, 2e-9, 5e-9)
NEVER, ALWAYS = (False, False, False), (True, True, True)
SHAPES = [(7, 5, 70), (6, 9, 64), (65, 4, 3), (3, 66, 129), (5, 4, 1), (1, 1, 1)]


def _image(void, periodic=NEVER) -> VoxelImage:
    return VoxelImage(void=void, spacing=SPACING, periodic=periodic)


def _random(shape, seed=1):
    return np.random.default_rng(seed).random(shape) < 0.6


def _pairs(values, axis, lag, wraps):
    """The two places of every pair at a lag."""
    if wraps:
        return values, np.roll(values, -lag, axis)
    moved = np.moveaxis(values, axis, 0)
    return moved[: moved.shape[0] - lag], moved[lag:]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", [NEVER, ALWAYS, (False, True, False), (True, False, True)])
def test_every_pair_of_open_voxels_is_counted_at_every_lag(shape, periodic):
    void = _random(shape)
    for axis, found in enumerate(two_point(_image(void, periodic), most=1000)):
        assert found.distance == pytest.approx(np.arange(shape[axis]) * SPACING[axis])
        for lag in range(shape[axis]):
            one, other = _pairs(void, axis, lag, periodic[axis])
            assert found.probability[lag] == (one & other).mean(dtype=np.float64), (axis, lag)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", [NEVER, ALWAYS])
def test_void_fractions_count_with_their_product(shape, periodic):
    void = np.random.default_rng(2).random(shape, dtype=np.float32)
    for axis, found in enumerate(two_point(_image(void, periodic), most=1000)):
        for lag in range(shape[axis]):
            one, other = _pairs(void.astype(np.float64), axis, lag, periodic[axis])
            assert found.probability[lag] == pytest.approx((one * other).mean(), rel=1e-12)
        assert found.porosity == pytest.approx(void.mean(dtype=np.float64))


def test_void_fractions_of_nought_and_one_give_the_curve_of_the_binary_image():
    void = _random((20, 21, 70))
    pairs = zip(two_point(_image(void)), two_point(_image(void.astype(np.float32))), strict=True)
    for whole, partial in pairs:
        assert partial.probability == pytest.approx(whole.probability, rel=1e-12)
        assert partial.correlation_length == pytest.approx(whole.correlation_length, rel=1e-9)


def test_the_curve_of_a_periodic_image_is_its_autocorrelation():
    void = _random((16, 18, 20))
    spectrum = np.abs(np.fft.fftn(void)) ** 2
    autocorrelation = np.fft.ifftn(spectrum).real / void.size
    x, y, z = two_point(_image(void, ALWAYS))
    assert x.probability == pytest.approx(autocorrelation[:9, 0, 0])
    assert y.probability == pytest.approx(autocorrelation[0, :10, 0])
    assert z.probability == pytest.approx(autocorrelation[0, 0, :11])


def test_the_curve_of_a_finite_image_is_its_padded_autocorrelation_over_the_number_of_pairs():
    void = _random((16, 18, 70))
    for axis, found in enumerate(two_point(_image(void), most=1000)):
        n = void.shape[axis]
        spectrum = np.abs(np.fft.fft(void, 2 * n, axis)) ** 2
        products = np.fft.ifft(spectrum, axis=axis).real.sum(axis=tuple({0, 1, 2} - {axis}))[:n]
        pairs = void.size / n * (n - np.arange(n))
        assert found.probability == pytest.approx(products / pairs)


def test_the_curve_begins_with_the_porosity_and_ends_with_its_square_where_nothing_correlates():
    void = _random((40, 41, 42), seed=4)
    for found in two_point(_image(void)):
        assert found.probability[0] == found.porosity == void.mean()
        assert found.autocovariance[0] == 1.0
        # Voxels thrown at random: pairs scatter by about 1 / sqrt(34 000) times 3 lags.
        assert found.probability_far == pytest.approx(found.porosity**2, abs=0.01)


def test_the_correlation_length_of_stripes_is_the_area_of_their_first_triangle():
    # Stripes of 5 in 10: the autocovariance falls straight from 1 to -1 over 5 voxels, with its zero at 2.5.
    void = np.zeros((20, 4, 4), bool)
    void[np.arange(20) % 10 < 5] = True
    x, y, _ = two_point(_image(void, ALWAYS))
    assert x.correlation_length == pytest.approx(1.25 * SPACING[0])
    assert np.isnan(y.correlation_length)
    assert y.reason == "Pores still correlate at the longest distance."


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [np.bool_, np.float32])
def test_without_contrast_there_is_no_correlation_length_and_the_reason_is_told(value, dtype):
    for found in two_point(_image(np.full((9, 8, 65), value, dtype))):
        assert found.probability == pytest.approx(np.full(found.distance.size, value))
        assert np.isnan(found.correlation_length)
        assert "no contrast" in found.reason


def test_lags_go_to_half_the_edge_unless_asked_and_never_beyond_the_image():
    image = _image(_random((9, 20, 6)))
    assert [found.distance.size for found in two_point(image)] == [5, 11, 4]
    assert [found.distance.size for found in two_point(image, most=8)] == [9, 9, 6]
    assert [found.distance.size for found in two_point(image, most=0)] == [1, 1, 1]


@pytest.mark.parametrize("most", [-1, 2.5, True])
def test_a_longest_lag_that_counts_nothing_is_refused(most):
    with pytest.raises(InvalidInput, match="most"):
        two_point(_image(_random((3, 3, 3))), most=most)


def test_bits_lie_in_the_order_of_the_voxels_and_are_zero_beyond_the_end():
    mask = _random((4, 3, 70))
    words = pack_bits(mask[:, :, ::-1])
    assert words.shape == (4, 3, 2)
    bits = (words[..., None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert (bits.reshape(4, 3, 128)[..., :70] == mask[:, :, ::-1]).all()
    assert not bits.reshape(4, 3, 128)[..., 70:].any()


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("periodic", [NEVER, ALWAYS, (False, True, False)])
def test_pairs_in_one_cluster_are_counted_and_pairs_in_two_are_not(shape, periodic):
    labels = np.random.default_rng(6).integers(0, 4, shape, dtype=np.int32)
    for axis, found in enumerate(cluster_function(labels, SPACING, periodic, most=1000, lags=1000)):
        assert found.distance == pytest.approx(np.arange(shape[axis]) * SPACING[axis])
        for lag in range(shape[axis]):
            one, other = _pairs(labels, axis, lag, periodic[axis])
            assert found.probability[lag] == ((one == other) & (one != 0)).mean(dtype=np.float64)


def test_one_cluster_gives_the_two_point_curve_and_several_give_less():
    void = np.random.default_rng(8).random((30, 31, 32)) < 0.3
    image = _image(void)
    several = label(void).labels
    assert several.max() > 1
    curves = zip(
        two_point(image),
        cluster_function(void.astype(np.int32), SPACING),
        cluster_function(several, SPACING),
        strict=True,
    )
    for all_pores, one, parted in curves:
        assert (one.probability == all_pores.probability).all()
        assert parted.probability[0] == void.mean()
        assert (parted.probability <= all_pores.probability).all()
        assert parted.probability[-1] < 0.01 < all_pores.probability[-1]


def test_lags_of_the_cluster_function_are_bounded_and_reach_half_the_edge():
    labels = np.zeros((300, 40, 3), np.int32)
    x, y, z = cluster_function(labels, SPACING)
    assert (x.distance.size, y.distance.size, z.distance.size) == (CLUSTER_LAGS, 21, 2)
    assert (x.distance[0], x.distance[-1]) == (0.0, pytest.approx(150 * SPACING[0]))


def test_every_fault_of_a_cluster_function_is_told_at_once():
    with pytest.raises(InvalidInput) as caught:
        cluster_function(np.zeros((3, 3), np.int64), (0.0, 1e-9, 1e-9), most=-1, lags=0)
    assert [fault.field for fault in caught.value.faults] == ["spacing, x", "most", "lags", "labels"]
