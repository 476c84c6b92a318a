"""Means of sub-volumes, and the band that they give the mean of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from poreline.membrane.image.representative import (
    band_of_blocks,
    block_means,
    mean_with_band,
    means_of_divisions,
    representative,
    subvolume_curve,
)
from poreline.quantities import InvalidInput

SPACING = (1e-8, 1e-8, 1e-8)


def test_means_of_sub_volumes_are_those_of_slicing() -> None:
    rng = np.random.default_rng(1)
    values, weights = rng.random((7, 9, 12)).astype(np.float32), rng.random((7, 9, 12)) < 0.6
    divided = [(2, 3, 4), (1, 1, 1), (7, 2, 5)]
    for counts, (means, totals) in zip(divided, means_of_divisions(values, divided, weights), strict=True):
        for box in np.ndindex(*counts):
            cut = tuple(slice(b * n // c, (b + 1) * n // c) for b, c, n in zip(box, counts, values.shape, strict=True))
            assert totals[box] == weights[cut].sum()
            assert means[box] == pytest.approx(values[cut][weights[cut]].mean(dtype=float), rel=1e-6)


def test_a_sub_volume_without_weight_has_no_mean_and_no_say() -> None:
    values, weights = np.ones((4, 4, 4), np.float32), np.ones((4, 4, 4), bool)
    values[2:, 2:, 2:], weights[2:, 2:, 2:] = 9.0, False
    means, totals = block_means(values, (2, 2, 2), weights)
    assert np.isnan(means[1, 1, 1])
    assert totals[1, 1, 1] == 0
    assert mean_with_band(values, weights) == (1.0, 1.0, 1.0)


def test_the_band_of_equal_blocks_is_students() -> None:
    means = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    mean, low, high = band_of_blocks(means)
    reach = t.ppf(0.95, 7) * means.std(ddof=1) / np.sqrt(8)
    assert (mean, low, high) == pytest.approx((4.5, 4.5 - reach, 4.5 + reach))


def test_the_band_covers_the_true_mean_nine_times_in_ten() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(1000):
        weights = rng.uniform(0.5, 1.5, 8)
        _, low, high = band_of_blocks(rng.normal(0.3, 0.02, 8), weights)
        held += low <= 0.3 <= high
    # 1000 trials of 0.9 scatter by 0.01.
    assert held / 1000 == pytest.approx(0.9, abs=0.03)


def test_the_band_never_leaves_the_range_of_the_values() -> None:
    void = np.zeros((8, 8, 8), bool)
    void[:4, :4, :4] = True
    mean, low, high = mean_with_band(void)
    assert (mean, low) == (0.125, 0.0)
    assert 0.125 < high < 1.0


def test_too_few_blocks_give_a_mean_without_a_band() -> None:
    mean, low, high = band_of_blocks(np.array([1.0, 3.0, np.nan]))
    assert mean == 2.0
    assert np.isnan(low)
    assert np.isnan(high)
    assert np.isnan(band_of_blocks(np.array([np.nan]))).all()


def test_noise_without_correlation_decays_with_the_root_of_the_volume() -> None:
    values = np.random.default_rng(5).random((60, 60, 60)).astype(np.float32)
    curve = subvolume_curve(values, SPACING)
    assert curve.number[:3].tolist() == [8, 27, 64]
    assert curve.edge[:3] == pytest.approx([3e-7, 2e-7, 1.5e-7])
    assert curve.decay == pytest.approx(1.5, abs=0.25)
    # sd of a uniform number over its mean is 1 / sqrt(3); 8 sub-volumes know it to a quarter.
    assert curve.error_relative == pytest.approx(1 / np.sqrt(3 * 60**3), rel=0.35)


def test_structure_as_large_as_the_image_widens_the_band() -> None:
    ramp = np.linspace(0.0, 1.0, 40, dtype=np.float32)[:, None, None] * np.ones((40, 40, 40), np.float32)
    found = representative(ramp, SPACING)
    assert found.mean == pytest.approx(0.5)
    assert found.curve.decay < 0.5
    assert found.curve.error_relative > 0.3
    plain = mean_with_band(ramp)
    assert found.low <= plain[1]
    assert found.high >= plain[2]
    assert 0.0 <= found.low < found.high <= 1.0


def test_a_homogeneous_map_has_no_error() -> None:
    found = representative(np.full((16, 16, 16), 0.25, np.float32), SPACING)
    assert found.mean == found.low == found.high == 0.25
    assert found.curve.error_relative == 0.0


def test_a_section_is_divided_in_its_plane() -> None:
    curve = subvolume_curve(np.random.default_rng(1).random((90, 90, 1)).astype(np.float32), SPACING)
    assert curve.number[:2].tolist() == [4, 9]
    assert curve.decay <= 1.0


def test_a_map_too_small_for_a_curve_says_so_with_nan() -> None:
    curve = subvolume_curve(np.ones((6, 6, 6), np.float32), SPACING)
    assert curve.edge.size == 0
    assert np.isnan(curve.error_relative)


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInput) as error:
        block_means(np.ones((4, 4, 4)), (5, 1, 1), np.ones((4, 4)))
    assert [fault.field for fault in error.value.faults] == ["weights", "counts"]
    with pytest.raises(InvalidInput):
        block_means(np.ones((4, 4)), (1, 1, 1))
