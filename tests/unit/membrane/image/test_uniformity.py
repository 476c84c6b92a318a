"""Scatter of the void between sub-volumes, and of domains against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from poreline.membrane.image.uniformity import (
    DomainDispersion,
    VoidVariation,
    dispersion_of_points,
    domain_dispersion,
    void_variation,
)
from poreline.quantities import InvalidInput, NotDetermined
from poreline.voxels import VoxelImage

EDGE = 1e-8
BOX = (1e-6, 1e-6, 1e-6)


def image(void: np.ndarray, **more: object) -> VoxelImage:
    return VoxelImage(void=void, spacing=(EDGE, EDGE, EDGE), **more)  # type: ignore[arg-type]


def lattice(n: int) -> np.ndarray:
    places = (np.arange(n) + 0.5) / n * BOX[0]
    return np.stack(np.meshgrid(places, places, places, indexing="ij"), axis=-1).reshape(-1, 3)


def test_points_at_random_are_accepted_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(11)
    accepted = 0
    for _ in range(600):
        found = dispersion_of_points(rng.random((200, 3)) * BOX[0], BOX)
        assert isinstance(found, DomainDispersion)
        accepted += found.is_uniform
    # 600 trials of 0.95 scatter by 0.009; counts are whole numbers, which moves the level by about as much.
    assert accepted / 600 == pytest.approx(0.95, abs=0.03)


def test_clustered_points_are_refused() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        parents = rng.random((15, 3))
        points = (parents[rng.integers(0, 15, 200)] + 0.03 * rng.standard_normal((200, 3))) % 1.0
        found = dispersion_of_points(points * BOX[0], BOX)
        assert isinstance(found, DomainDispersion)
        assert not found.is_uniform
        assert found.index > 2.0


def test_points_on_a_lattice_do_not_scatter_at_all() -> None:
    found = dispersion_of_points(lattice(8), BOX)
    assert isinstance(found, DomainDispersion)
    assert (found.number, found.subvolumes, found.index) == (512, 64, 0.0)
    assert found.spacing_mean == pytest.approx(1.25e-7)
    assert found.edge_of_subvolume == pytest.approx(2.5e-7)
    assert found.index_limit == pytest.approx(chi2.ppf(0.95, 63) / 63)


def test_few_points_get_smaller_sub_volumes_and_too_few_no_verdict() -> None:
    points = np.random.default_rng(1).random((12, 3)) * BOX[0]
    found = dispersion_of_points(points, BOX)
    assert isinstance(found, DomainDispersion)
    assert found.subvolumes == 8
    few = dispersion_of_points(points[:9], BOX)
    assert isinstance(few, NotDetermined)
    assert "9 domains" in few.reason
    assert isinstance(dispersion_of_points(points, BOX, edge_of_subvolume=1e-6), NotDetermined)


def test_domains_of_an_image_are_counted_once_across_periodic_faces() -> None:
    phase = np.ones((32, 32, 32), np.uint8)
    for x in range(0, 32, 8):
        for y in range(0, 32, 8):
            for z in range(0, 32, 8):
                phase[np.ix_([x, (x - 1) % 32], [y, y + 1], [z, (z - 1) % 32])] = 2
    void = np.zeros(phase.shape, bool)
    found = domain_dispersion(image(void, phase=phase, periodic=(True, True, True)))
    assert isinstance(found, DomainDispersion)
    assert found.number == 64
    assert found.spacing_mean == pytest.approx(8 * EDGE)
    cut = domain_dispersion(image(void, phase=phase))
    assert isinstance(cut, DomainDispersion)
    # The domains on the faces of x and z are cut in two: five layers of them instead of four.
    assert cut.number == 5 * 4 * 5


def test_without_phases_domains_are_not_determined() -> None:
    found = domain_dispersion(image(np.zeros((8, 8, 8), bool)))
    assert isinstance(found, NotDetermined)
    assert "polymer" in found.reason


def test_void_variation_of_a_checkerboard_of_sub_volumes_is_exact() -> None:
    blocks = np.indices((4, 4, 4)).sum(axis=0) % 2
    void = np.kron(blocks, np.ones((6, 6, 6))).astype(np.float32) * 0.5
    found = void_variation(image(void), 6 * EDGE)
    assert isinstance(found, VoidVariation)
    # Half of the 64 sub-volumes 0.5, half 0: standard deviation 0.25 sqrt(64 / 63) over the mean 0.25.
    assert found.variation == pytest.approx(np.sqrt(64 / 63))
    assert found.number == 64
    assert found.edge_of_subvolume == pytest.approx(6 * EDGE)
    coarse = void_variation(image(void), 12 * EDGE)
    assert isinstance(coarse, VoidVariation)
    assert coarse.variation == pytest.approx(0.0, abs=1e-9)
    assert coarse.curve_edge == pytest.approx([12 * EDGE, 6 * EDGE, 3 * EDGE])
    assert coarse.curve_variation[:2] == pytest.approx([0.0, np.sqrt(64 / 63)], abs=1e-9)


def test_smaller_sub_volumes_scatter_more() -> None:
    void = np.random.default_rng(1).random((48, 48, 48)) < 0.3
    found = void_variation(image(void))
    assert isinstance(found, VoidVariation)
    assert np.all(np.diff(found.curve_variation) > 0)
    assert np.all(np.diff(found.curve_edge) < 0)


def test_sub_volumes_are_two_domain_spacings_where_domains_are_known() -> None:
    phase = np.ones((48, 48, 48), np.uint8)
    phase[3::8, 3::8, 3::8] = 2
    void = np.random.default_rng(1).random(phase.shape) < 0.3
    found = void_variation(image(void, phase=phase))
    assert isinstance(found, VoidVariation)
    assert found.edge_of_subvolume == pytest.approx(16 * EDGE)
    assert found.number == 27


def test_no_void_and_too_few_sub_volumes_are_not_determined() -> None:
    assert isinstance(void_variation(image(np.zeros((16, 16, 16), bool))), NotDetermined)
    few = void_variation(image(np.ones((16, 16, 16), bool)), 16 * EDGE)
    assert isinstance(few, NotDetermined)
    assert "1 sub-volumes" in few.reason


def test_an_edge_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput):
        void_variation(image(np.ones((8, 8, 8), bool)), 0.0)
    with pytest.raises(InvalidInput):
        dispersion_of_points(lattice(3), BOX, float("nan"))
