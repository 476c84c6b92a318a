"""Which values are pore, and what a grey image is told."""

from pathlib import Path

import numpy as np
import pytest

from poreline.quantities import InvalidInput
from poreline.voxels.files import needs_segmentation, read_image

SPACING = (1e-8, 2e-8, 3e-8)
RNG = np.random.default_rng(12)
TRUTHS = RNG.random((6, 5, 4)) < 0.4


def saved(array: np.ndarray, tmp_path: Path) -> Path:
    np.save(tmp_path / "image.npy", array)
    return tmp_path / "image.npy"


def test_true_is_pore_and_the_label_0_turns_it_round(tmp_path: Path) -> None:
    path = saved(TRUTHS, tmp_path)
    assert np.array_equal(read_image(path, spacing=SPACING).void, TRUTHS)
    assert np.array_equal(read_image(path, spacing=SPACING, pore_label=0).void, ~TRUTHS)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_from_0_to_1_are_void_fractions(dtype: type, tmp_path: Path) -> None:
    fractions = RNG.random((6, 5, 4)).astype(dtype)
    image = read_image(saved(fractions, tmp_path), spacing=SPACING)
    assert image.void.dtype == np.float32
    assert np.array_equal(image.void, fractions.astype(np.float32))
    assert any("void fraction" in line for line in image.source)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64, np.float32])
def test_a_label_is_pore_where_it_is_named(dtype: type, tmp_path: Path) -> None:
    labels = RNG.integers(0, 5, (6, 5, 4)).astype(dtype)
    image = read_image(saved(labels, tmp_path), spacing=SPACING, pore_label=3)
    assert image.void.dtype == np.bool_
    assert np.array_equal(image.void, labels == 3)


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0, 255, np.uint8), (0, 1, np.uint8), (-1, 7, np.int32), (0, 255, np.float32)]
)
def test_of_two_values_the_larger_is_pore_and_that_is_said(low: int, high: int, dtype: type, tmp_path: Path) -> None:
    values = np.where(TRUTHS, high, low).astype(dtype)
    image = read_image(saved(values, tmp_path), spacing=SPACING)
    assert np.array_equal(image.void, TRUTHS)
    assert any("the larger was taken as pore" in line for line in image.source)
    assert not needs_segmentation(values)


@pytest.mark.parametrize("values", [RNG.integers(0, 256, (6, 5, 4)).astype(np.uint8), RNG.normal(size=(6, 5, 4))])
def test_grey_values_are_sent_to_segmentation(values: np.ndarray, tmp_path: Path) -> None:
    assert needs_segmentation(values)
    with pytest.raises(InvalidInput, match="Segment it"):
        read_image(saved(values, tmp_path), spacing=SPACING)


def test_what_needs_no_segmentation(tmp_path: Path) -> None:
    assert not needs_segmentation(TRUTHS)
    assert not needs_segmentation(RNG.random((3, 3)))
    assert not needs_segmentation(np.zeros((2, 2), np.uint8))
    assert needs_segmentation(np.array([[0, 1, 2]], np.uint8))
    assert needs_segmentation(np.array([[0.5, np.nan, 7.25]]))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    values = RNG.random((3, 3, 3))
    values[1, 1, 1] = np.nan
    with pytest.raises(InvalidInput) as caught:
        read_image(saved(values, tmp_path))
    spacing, nan = caught.value.faults
    assert '--spacing "10 nm"' in spacing.remedy
    assert "NaN" in nan.value
    with pytest.raises(InvalidInput) as caught:
        read_image(saved(values, tmp_path), spacing=(1e-8, 1.0, -1.0))
    assert [fault.field for fault in caught.value.faults] == ["spacing, y", "spacing, z", "FILE"]


def test_truths_that_were_saved_as_floats_are_truths(tmp_path: Path) -> None:
    image = read_image(saved(TRUTHS.astype(np.float32), tmp_path), spacing=SPACING)
    assert image.is_binary
    assert np.array_equal(image.void, TRUTHS)


def test_infinity_is_no_void_fraction_and_is_no_label(tmp_path: Path) -> None:
    values = np.full((3, 3, 3), np.inf)
    for label in (None, 1):
        with pytest.raises(InvalidInput):
            read_image(saved(values, tmp_path), spacing=SPACING, pore_label=label)


@pytest.mark.parametrize(
    ("values", "label", "reason"),
    [
        (np.zeros((3, 3, 3), np.uint8), None, "All voxels have the same value"),
        (np.zeros((3, 3, 3), np.uint8), 4, "No voxel has this label"),
        (np.full((3, 3, 3), 0.5), 1, "A label is a whole number"),
        (TRUTHS, 7, "The image holds truths"),
    ],
)
def test_a_label_that_cannot_be_is_refused(values: np.ndarray, label: int | None, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=reason):
        read_image(saved(values, tmp_path), spacing=SPACING, pore_label=label)


def test_large_labels_are_told_apart_to_the_last_digit(tmp_path: Path) -> None:
    labels = np.full((2, 2, 2), 2**63 + 1, np.uint64)
    labels[0] = 2**63
    assert read_image(saved(labels, tmp_path), spacing=SPACING).void.sum() == 4
    labels[1, 1, 1] = 2**63 + 2
    assert needs_segmentation(labels)


def test_source_tells_file_format_and_spacing(tmp_path: Path) -> None:
    image = read_image(saved(TRUTHS, tmp_path), spacing=SPACING, name="membrane", periodic=(True, True, False))
    assert image.name == "membrane"
    assert image.periodic == (True, True, False)
    assert image.source[0] == "image.npy, NumPy .npy"
    assert image.source[1] == "spacing 10 nm x 20 nm x 30 nm from the caller"
