"""Which voids go through, which end inside, and to whom the void of a half-open voxel belongs."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.membrane.image.connection import connect, through_mask
from poreline.quantities import Estimate, NotDetermined, Truth
from poreline.voxels import VoxelImage
from poreline.voxels.labelling import label

SPACING = (1e-8, 2e-8, 4e-8)


def image(void: np.ndarray, **more: object) -> VoxelImage:
    return VoxelImage(void=void, spacing=SPACING, **more)  # type: ignore[arg-type]


def tubes() -> np.ndarray:
    """A tube through x, a U open to the first face of x, a closed pore; 10, 7 and 2 voxels of 1000."""
    void = np.zeros((10, 10, 10), bool)
    void[:, 2, 2] = True
    void[:3, 5, 5], void[2, 6, 5], void[:3, 7, 5] = True, True, True
    void[5:7, 8, 8] = True
    return void


def test_open_blind_and_closed_pores_are_told_apart() -> None:
    found = connect(image(tubes()))
    assert found.porosity == pytest.approx(0.019)
    assert found.connected == (True, False, False)
    assert found.porosity_open == pytest.approx((0.010, 0.0, 0.0))
    assert found.porosity_blind == pytest.approx((0.007, 0.0, 0.0))
    assert found.porosity_closed == pytest.approx((0.002, 0.019, 0.019))
    assert found.connected_share == found.largest_cluster_share == pytest.approx(10 / 19)
    assert found.largest_cluster_extent == pytest.approx((1e-7, 2e-8, 4e-8))
    assert found.largest_cluster_extent_share == pytest.approx((1.0, 0.1, 0.1))
    assert found.clusters == 3


def test_a_u_shaped_tube_is_blind_although_it_opens_twice() -> None:
    void = np.zeros((6, 6, 3), bool)
    void[:4, 1, 1], void[3, 1:5, 1], void[:4, 4, 1] = True, True, True
    found = connect(image(void))
    assert not any(found.connected)
    assert found.porosity_blind[0] == found.porosity
    assert found.porosity_open[0] == found.porosity_closed[0] == 0.0


def test_three_parts_add_up_to_the_porosity_along_every_axis() -> None:
    grey = np.random.default_rng(2).random((16, 17, 18)).astype(np.float32)
    for periodic in ((False, False, False), (True, False, True)):
        found = connect(image(grey, periodic=periodic))
        for parts in zip(found.porosity_open, found.porosity_blind, found.porosity_closed, strict=True):
            assert sum(parts) == pytest.approx(found.porosity, rel=1e-12)
        assert found.porosity == pytest.approx(float(grey.mean(dtype=float)), rel=1e-6)


def test_void_below_the_threshold_belongs_to_the_cluster_that_it_hangs_on() -> None:
    void = np.zeros((5, 9, 3), np.float32)
    void[:, 1, 1] = 1.0  # through
    void[2, 2, 1] = 0.4  # on its wall
    void[2, 5, 1] = 0.3  # alone
    void[2, 7, 1] = 0.8  # a closed pore
    found = connect(image(void))
    assert found.porosity_open[0] * 135 == pytest.approx(5.4)
    assert found.porosity_closed[0] * 135 == pytest.approx(0.3 + 0.8)
    assert found.porosity_blind[0] == 0.0


def test_void_between_two_clusters_is_shared_by_their_openness() -> None:
    void = np.zeros((4, 5, 3), np.float32)
    void[:, 1, 1], void[1, 2, 1], void[1, 3, 1] = 1.0, 0.3, 0.5
    found = connect(image(void))
    assert found.porosity_open[0] * 60 == pytest.approx(4.0 + 0.2)
    assert found.porosity_closed[0] * 60 == pytest.approx(0.5 + 0.1)


def test_a_partly_open_voxel_with_a_microcrack_connects_the_void_and_the_matrix() -> None:
    void = np.full((6, 4, 4), 0.05, np.float32)
    found = connect(image(void, pore_width=np.full(void.shape, 1e-9, np.float32), phase=np.ones(void.shape, np.uint8)))
    assert found.connected == (True, True, True)
    assert found.solid_connected == found.matrix_connected == (True, True, True)


def test_a_cluster_is_open_along_a_periodic_axis_only_if_it_winds() -> None:
    void = np.zeros((6, 6, 6), bool)
    void[:, 2, 2] = True
    void[0, 4, 4] = void[-1, 4, 4] = True  # one pore, cut by the periodic face
    found = connect(image(void, periodic=(True, False, False)))
    assert found.clusters == 2
    assert found.connected == (True, False, False)
    assert found.porosity_open[0] * 216 == pytest.approx(6)
    assert found.porosity_blind[0] == 0.0
    assert found.porosity_closed[0] * 216 == pytest.approx(2)


def test_corners_connect_where_faces_do_not() -> None:
    void = np.zeros((5, 5, 5), bool)
    void[np.arange(5), np.arange(5), np.arange(5)] = True
    found = connect(image(void))
    assert found.connected == (False, False, False)
    assert found.connected_26 == (True, True, True)


def test_the_matrix_percolates_only_along_layers() -> None:
    void, phase = np.zeros((6, 6, 6), bool), np.ones((6, 6, 6), np.uint8)
    phase[:, 3, :] = 2
    found = connect(image(void, phase=phase))
    assert found.matrix_connected == (True, False, True)
    assert found.solid_connected == (True, True, True)
    assert np.isnan(found.connected_share)


def test_through_voxels_are_the_same_with_and_without_labels() -> None:
    void = np.random.default_rng(4).random((18, 19, 20)) < 0.33
    shown = image(void, periodic=(False, True, False))
    labels = label(void, shown.periodic)
    for axis in (0, 1, 2):
        assert np.array_equal(through_mask(shown, axis), through_mask(shown, axis, labels))
    assert through_mask(image(tubes()), 0).sum() == 10


def test_results_are_named_by_axis_and_say_what_is_not_known() -> None:
    results = connect(image(tubes())).results()
    assert results["connected_x"].as_dict()["value"] is True
    assert isinstance(results["connected_z"], Truth)
    assert isinstance(results["porosity_open_x"], Estimate)
    assert results["porosity_open_x"].value == pytest.approx(0.01)
    assert isinstance(results["matrix_connected_y"], NotDetermined)
    assert isinstance(results["porosity"], Estimate)


def test_a_section_shows_no_connection_across_it() -> None:
    found = connect(image(np.ones((8, 8, 1), bool)))
    assert found.connected == (True, True, False)
    assert np.isnan(found.porosity_open[2])
    assert isinstance(found.results()["porosity_open_z"], NotDetermined)
    assert isinstance(found.results()["connected_z"], NotDetermined)


def test_an_image_without_void_has_no_shares() -> None:
    found = connect(image(np.zeros((4, 4, 4), bool)))
    assert found.porosity == 0.0
    assert isinstance(found.results()["connected_share"], NotDetermined)
    assert isinstance(found.results()["porosity"], Estimate)
