"""Pores cut at their throats: how many there are, how large, and who their neighbours are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from poreline.membrane.image.pores import PoreTable, individual_pores
from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage

EDGE = 1e-8


def image(void: np.ndarray, **more: object) -> VoxelImage:
    return VoxelImage(void=void, spacing=(EDGE, EDGE, EDGE), **more)  # type: ignore[arg-type]


def distance(void: np.ndarray) -> np.ndarray:
    """Distance to the wall of a binary image, with the solid going on beyond the image."""
    inside = ndimage.distance_transform_edt(np.pad(void, 1))[1:-1, 1:-1, 1:-1]
    return np.where(void, (inside - 0.5) * EDGE, 0.0).astype(np.float32)


def balls(shape: tuple[int, int, int], centres: list[tuple[float, float, float]], radius: float) -> np.ndarray:
    x, y, z = np.indices(shape)
    void = np.zeros(shape, bool)
    for a, b, c in centres:
        void |= (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 < radius**2
    return void


def table(void: np.ndarray, **more: object) -> PoreTable:
    return individual_pores(image(void, **more), distance(void))


def test_two_balls_that_touch_are_two_pores_of_half_the_volume() -> None:
    void = balls((46, 24, 24), [(12, 11.5, 11.5), (33, 11.5, 11.5)], 11.2)
    found = table(void)
    assert found.count == 2
    assert found.volume.sum() == pytest.approx(void.sum() * EDGE**3)
    assert found.volume[0] == pytest.approx(found.volume[1], rel=0.03)
    assert found.neighbours.tolist() == [1, 1]
    assert found.diameter_inscribed == pytest.approx(2 * distance(void).max())
    assert found.diameter_equivalent == pytest.approx(np.cbrt(6 * found.volume / np.pi))
    # Centres of voxels lie half an edge inside the image's corner.
    assert found.centroid[0] / EDGE == pytest.approx([12.5, 12, 12], abs=0.3)
    assert not found.touches_face.any()
    assert np.array_equal(found.regions > 0, void)


def test_a_straight_channel_is_one_pore() -> None:
    void = np.zeros((60, 12, 12), bool)
    void[:, 3:9, 3:9] = True
    found = table(void)
    assert found.count == 1
    assert found.touches_face.tolist() == [True]


def test_two_balls_that_hardly_narrow_are_one_pore() -> None:
    assert table(balls((34, 24, 24), [(11, 11.5, 11.5), (17, 11.5, 11.5)], 10.2)).count == 1


def test_a_pore_across_a_periodic_face_is_one_pore_around_the_face() -> None:
    void = balls((24, 24, 24), [(12, 12, 12)], 8.2)
    rolled = np.roll(void, 12, axis=0)
    near = np.roll(distance(void), 12, axis=0)
    found = individual_pores(image(rolled, periodic=(True, False, False)), near)
    assert found.count == 1
    assert found.volume[0] == pytest.approx(void.sum() * EDGE**3)
    assert found.centroid[0, 1:] / EDGE == pytest.approx([12.5, 12.5])
    assert found.centroid[0, 0] / EDGE == pytest.approx(0.5)
    assert not found.touches_face[0]
    cut = individual_pores(image(rolled), near)
    assert cut.count == 2
    assert cut.touches_face.tolist() == [True, True]


def test_regions_are_those_of_the_watershed_from_the_same_peaks() -> None:
    from skimage.segmentation import watershed

    noise = ndimage.gaussian_filter(np.random.default_rng(6).standard_normal((50, 50, 50)), 3)
    void = noise > np.quantile(noise, 0.6)
    near = distance(void)
    found = individual_pores(image(void), near)
    markers = np.zeros(void.shape, np.int32)
    markers[tuple((found.centre / EDGE).astype(int).T)] = np.arange(1, found.count + 1)
    levels = np.floor(near.astype(float) / (EDGE / 32))
    expected = watershed(-levels, markers, mask=void)
    # Ties between equal distances may be cut one voxel aside.
    assert (expected == found.regions)[void].mean() > 0.99


def test_a_partly_open_voxel_counts_with_its_void() -> None:
    void = balls((20, 20, 20), [(10, 10, 10)], 6)
    grey = np.where(void, np.float32(0.75), np.float32(0.0)).astype(np.float32)
    found = individual_pores(image(grey), distance(void))
    assert found.volume[0] == pytest.approx(0.75 * void.sum() * EDGE**3, rel=1e-6)


def test_a_stricter_limit_keeps_fewer_pores() -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(1).standard_normal((40, 40, 40)), 2)
    void = noise > 0
    shown, near = image(void), distance(void)
    counts = [individual_pores(shown, near, narrowing, 0.0).count for narrowing in (0.0, 0.1, 0.3, 0.6)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert counts[-1] >= ndimage.label(void)[1]


def test_an_image_without_pores_has_an_empty_table() -> None:
    found = table(np.zeros((5, 5, 5), bool))
    assert found.count == 0
    assert found.as_columns()["centroid_x"].shape == (0,)


def test_the_table_has_one_column_for_each_number() -> None:
    columns = table(balls((24, 24, 24), [(11, 11, 11)], 8)).as_columns()
    assert set(columns) == {
        "volume", "diameter_equivalent", "diameter_inscribed", "neighbours", "touches_face",
        "centroid_x", "centroid_y", "centroid_z", "centre_x", "centre_y", "centre_z",
    }  # fmt: skip
    assert all(column.shape == (1,) for column in columns.values())


def test_wrong_input_is_refused_with_every_fault() -> None:
    with pytest.raises(InvalidInput) as error:
        individual_pores(image(np.ones((4, 4, 4), bool)), np.ones((3, 3, 3), np.float32), 1.5, -1.0)
    assert [fault.field for fault in error.value.faults] == ["inscribed", "narrowing", "narrowing_voxels"]
