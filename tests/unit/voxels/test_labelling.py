"""Connected components against other ways to find them, and what winds around a periodic axis."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy import ndimage

from poreline.quantities import InvalidInput
from poreline.voxels.labelling import components_of, label, trim_to_through

PERIODIC = (True, True, True)
STRUCTURES = {6: ndimage.generate_binary_structure(3, 1), 26: np.ones((3, 3, 3))}


def random_mask(shape: tuple[int, int, int], share: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < share


def walked(
    mask: np.ndarray, periodic: tuple[bool, ...], neighbours: int
) -> list[tuple[int, tuple[bool, ...], tuple[int, ...]]]:
    """Volume, winding and extent of every component, by walking from voxel to voxel in the endless structure."""
    steps = [s for s in product((-1, 0, 1), repeat=3) if any(s) and (neighbours == 26 or sum(map(abs, s)) == 1)]
    seen: dict[tuple[int, ...], tuple[int, ...]] = {}
    found = []
    for start in zip(*np.nonzero(mask), strict=True):
        if tuple(start) in seen:
            continue
        seen[tuple(start)] = tuple(map(int, start))
        waiting, places, winds = [tuple(map(int, start))], [], [False] * 3
        while waiting:
            place = waiting.pop()
            places.append(place)
            for step in steps:
                there = [p + s for p, s in zip(place, step, strict=True)]
                if any(not wraps and not 0 <= p < n for p, wraps, n in zip(there, periodic, mask.shape, strict=True)):
                    continue
                home = tuple(p % n for p, n in zip(there, mask.shape, strict=True))
                if not mask[home]:
                    continue
                if home not in seen:
                    seen[home] = tuple(there)
                    waiting.append(tuple(there))
                else:
                    winds = [w or p != q for w, p, q in zip(winds, there, seen[home], strict=True)]
        extent = np.ptp(places, axis=0) + 1
        found.append((len(places), tuple(winds), tuple(int(e) for e, w in zip(extent, winds, strict=True) if not w)))
    return found


@pytest.mark.parametrize("neighbours", [6, 26])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_components_and_their_order_are_those_of_scipy(share: float, neighbours: int) -> None:
    mask = random_mask((37, 9, 11), share, 1)
    expected, count = ndimage.label(mask, STRUCTURES[neighbours])
    found = label(mask, neighbours=neighbours)
    assert found.count == count
    assert np.array_equal(found.labels, expected)
    assert found.labels.dtype == np.int32
    assert np.array_equal(found.volumes, np.bincount(expected.ravel())[1:])
    assert not found.winds.any()
    boxes = ndimage.find_objects(expected)
    assert [tuple(e) for e in found.components.extents.tolist()] == [
        tuple(s.stop - s.start for s in box) for box in boxes
    ]
    centres = ndimage.center_of_mass(mask, expected, range(1, count + 1))
    assert np.allclose(found.components.centroids, centres, atol=1e-12)


@pytest.mark.parametrize("neighbours", [6, 26])
@pytest.mark.parametrize("periodic", [PERIODIC, (True, False, False), (False, False, True), (False, True, True)])
def test_periodic_components_are_those_of_a_walk_through_the_endless_structure(
    periodic: tuple[bool, bool, bool], neighbours: int
) -> None:
    for seed in range(12):
        shape = ((7, 6, 5), (2, 9, 3), (1, 4, 8), (12, 2, 1))[seed % 4]
        mask = random_mask(shape, (0.12, 0.25, 0.4)[seed % 3], seed)
        found = components_of(mask, periodic, neighbours)  # type: ignore[arg-type]
        expected = walked(mask, periodic, neighbours)
        assert found.volumes.tolist() == [volume for volume, _, _ in expected]
        assert [tuple(w) for w in found.winds.tolist()] == [winds for _, winds, _ in expected]
        ours = [
            tuple(extent) for extent, winds in zip(found.extents.tolist(), found.winds, strict=True) if not winds.any()
        ]
        assert ours == [extent for _, winds, extent in expected if not any(winds)]


def test_labels_of_a_periodic_mask_are_one_component_each() -> None:
    mask = random_mask((9, 8, 7), 0.25, 5)
    found = label(mask, PERIODIC)
    assert np.array_equal(found.labels > 0, mask)
    assert np.array_equal(np.bincount(found.labels.ravel())[1:], found.volumes)
    for axis in range(3):
        first, last = np.take(found.labels, 0, axis), np.take(found.labels, -1, axis)
        both = (first > 0) & (last > 0)
        assert np.array_equal(first[both], last[both])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_straight_tube_winds_around_its_own_axis_alone(axis: int) -> None:
    mask = np.zeros((5, 5, 5), bool)
    mask[tuple(slice(None) if a == axis else 2 for a in range(3))] = True
    found = components_of(mask, PERIODIC)
    assert found.count == 1
    assert found.winds[0].tolist() == [a == axis for a in range(3)]
    assert found.extents[0].tolist() == [5 if a == axis else 1 for a in range(3)]


def two_passages() -> np.ndarray:
    """Two tubes along x that change places from image to image: one leaves where the other enters."""
    mask = np.zeros((9, 9, 5), bool)
    mask[:4, 2, 1], mask[3, 2:7, 1], mask[3:, 6, 1] = True, True, True
    mask[:6, 6, 3], mask[5, 2:7, 3], mask[5:, 2, 3] = True, True, True
    # The exit at (y 6, z 1) meets the entrance at (y 6, z 3) over a bridge on the last plane, and so does the other pair.
    mask[8, 6, 1:4], mask[8, 2, 3] = True, True
    mask[0, 2, 1:4] = True
    return mask


def test_a_tube_that_meets_itself_after_two_passages_winds() -> None:
    mask = two_passages()
    found = components_of(mask, (True, False, False))
    assert found.count == 1
    assert found.winds.tolist() == [[True, False, False]]
    # Without the bridge back, the path ends after two passages, one voxel into the third image.
    mask[0, 2, 2] = False
    broken = components_of(mask, (True, False, False))
    assert broken.count == 1
    assert not broken.winds.any()
    assert broken.extents[0, 0] == 19


def test_a_diagonal_tube_winds_around_both_axes() -> None:
    steps = np.arange(6)
    mask = np.zeros((6, 6, 3), bool)
    mask[steps, steps, 1], mask[(steps + 1) % 6, steps, 1] = True, True
    assert components_of(mask, PERIODIC).winds.tolist() == [[True, True, False]]
    # With y closed the staircase still wraps along x, but only into its own beginning's row: it does not meet itself.
    assert not components_of(mask, (True, False, False)).winds.any()


def test_a_loop_that_crosses_a_periodic_face_and_comes_back_does_not_wind() -> None:
    mask = np.zeros((8, 6, 3), bool)
    mask[6:, 1, 1], mask[:2, 1, 1], mask[6:, 4, 1], mask[:2, 4, 1] = True, True, True, True
    mask[6, 1:5, 1], mask[1, 1:5, 1] = True, True
    found = components_of(mask, PERIODIC)
    assert found.count == 1
    assert not found.winds.any()
    assert found.extents[0].tolist() == [4, 4, 1]
    # Half way between the last plane and the first of the next image.
    assert (found.centroids[0] % 8).tolist() == [7.5, 2.5, 1.0]


def test_faces_and_corners_differ_on_a_diagonal_contact() -> None:
    mask = np.zeros((4, 4, 4), bool)
    mask[np.arange(4), np.arange(4), np.arange(4)] = True
    assert components_of(mask).count == 4
    assert components_of(mask, neighbours=26).count == 1
    assert not trim_to_through(mask, 0).any()
    assert np.array_equal(trim_to_through(mask, 0, neighbours=26), mask)
    assert components_of(mask, PERIODIC, 26).winds.tolist() == [[True, True, True]]


@pytest.mark.parametrize("periodic", [(False, False, False), (True, False, True), PERIODIC])
def test_the_trim_keeps_exactly_the_components_that_go_through(periodic: tuple[bool, bool, bool]) -> None:
    mask = random_mask((20, 21, 22), 0.34, 3)
    labels = label(mask, periodic)
    for axis in (0, 1, 2):
        through = np.flatnonzero(labels.components.reaches_both(axis)) + 1
        assert np.array_equal(trim_to_through(mask, axis, periodic), np.isin(labels.labels, through))


def test_nothing_and_everything_are_components_too() -> None:
    assert label(np.zeros((3, 4, 5), bool), PERIODIC).count == 0
    full = components_of(np.ones((3, 4, 5), bool), PERIODIC)
    assert (full.count, full.volumes.tolist(), full.winds.all()) == (1, [60], True)


def test_a_view_of_an_array_is_labelled_like_its_copy() -> None:
    mask = random_mask((12, 13, 14), 0.3, 8)
    view = mask.transpose(2, 0, 1)[::2]
    assert np.array_equal(label(view).labels, label(view.copy()).labels)


def test_wrong_input_is_refused_with_every_fault() -> None:
    with pytest.raises(InvalidInput) as error:
        label(np.zeros((3, 3), np.uint8), neighbours=18)  # type: ignore[arg-type]
    assert [fault.field for fault in error.value.faults] == ["mask", "neighbours"]
