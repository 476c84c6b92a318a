"""Scatter of the void between sub-volumes, and of domains against chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2

from poreline.membrane.image.characterise import characterise_image
from poreline.membrane.image.uniformity import (
    DomainDispersion,
    DomainSizes,
    VoidVariation,
    dispersion_of_points,
    domain_dispersion,
    domain_sizes,
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


def domains_of_balls(diameters: np.ndarray, shape: int, rng: np.random.Generator, periodic: bool) -> VoxelImage:
    """Balls of phase 2 at random places that keep a voxel between them; they may reach beyond the image."""
    phase = np.ones((shape,) * 3, np.uint8)
    taken: list[tuple[np.ndarray, float]] = []
    grid = np.arange(shape) + 0.5
    for diameter in sorted(diameters, reverse=True):
        for _ in range(1000):
            middle = rng.random(3) * shape if periodic else rng.random(3) * (shape + diameter) - 0.5 * diameter
            gaps = [middle - other for other, _ in taken]
            if periodic:
                gaps = [gap - shape * np.round(gap / shape) for gap in gaps]
            if all(
                np.linalg.norm(gap) > 0.5 * (diameter + other) + 2.0
                for gap, (_, other) in zip(gaps, taken, strict=True)
            ):
                break
        else:
            raise AssertionError("no room")
        taken.append((middle, diameter))
        along = [grid - place for place in middle]
        if periodic:
            along = [distance - shape * np.round(distance / shape) for distance in along]
        x, y, z = np.ix_(*along)
        phase[x**2 + y**2 + z**2 <= 0.25 * diameter**2] = 2
    return image(np.zeros(phase.shape, bool), phase=phase, periodic=(periodic,) * 3)


@pytest.mark.parametrize("periodic", [False, True])
def test_equal_domains_have_their_diameter_and_a_spread_of_one(periodic: bool) -> None:
    shape = domains_of_balls(np.full(40, 9.0), 72, np.random.default_rng(4), periodic)
    found = domain_sizes(shape)
    assert isinstance(found, DomainSizes)
    # Counting voxels gives the volume of a ball of 9 voxels to 3 %, its diameter to 1 %.
    assert found.median == pytest.approx(9.0 * EDGE, rel=0.02)
    assert found.spread == pytest.approx(1.0, abs=0.02)
    assert found.number == 40 if periodic else 10 <= found.number < 40


def test_domains_that_the_faces_cut_do_not_make_the_others_look_small() -> None:
    edge, small, large = 64, 5.0, 15.0
    counted, weighted = [], []
    for seed in range(12):
        diameters = np.repeat([small, large], 26)
        found = domain_sizes(domains_of_balls(diameters, edge, np.random.default_rng(seed), periodic=False))
        assert isinstance(found, DomainSizes)
        is_large = found.diameter > 10.0 * EDGE
        counted.append(is_large.mean())
        weighted.append(found.weight[is_large].sum() / found.weight.sum())
    # Middles lie in a box that reaches half a ball beyond the image, so that large balls are thinner spread.
    density = [(edge + diameter) ** -3.0 for diameter in (large, small)]
    whole = [((edge - diameter - 1.0) / (edge + diameter)) ** 3 for diameter in (large, small)]
    assert np.mean(counted) == pytest.approx(whole[0] / sum(whole), abs=0.05)
    assert np.mean(weighted) == pytest.approx(density[0] / sum(density), abs=0.05)
    assert np.mean(weighted) > np.mean(counted) + 0.08


def test_the_spread_of_two_sizes_is_that_of_their_logarithms() -> None:
    phase = np.ones((60, 30, 30), np.uint8)
    for n in range(10):
        edge = 2 if n % 2 else 4
        phase[6 * n + 1 : 6 * n + 1 + edge, 10 : 10 + edge, 10 : 10 + edge] = 2
    found = domain_sizes(image(np.zeros(phase.shape, bool), phase=phase, periodic=(True,) * 3))
    assert isinstance(found, DomainSizes)
    # Half the domains are twice as wide as the others: the deviation of the logarithm is half of log 2.
    assert found.spread == pytest.approx(2.0**0.5, rel=1e-12)
    equal = np.cbrt(6.0 / np.pi) * EDGE
    assert found.median == pytest.approx(3.0 * equal, rel=1e-12)


def test_sizes_of_domains_are_not_determined_without_phases_on_sections_and_for_few() -> None:
    void = np.zeros((20, 20, 20), bool)
    assert isinstance(domain_sizes(image(void)), NotDetermined)
    one = np.ones(void.shape, np.uint8)
    one[5:8, 5:8, 5:8] = 2
    few = domain_sizes(image(void, phase=one))
    assert isinstance(few, NotDetermined)
    assert "1 whole domains" in few.reason
    flat = domain_sizes(image(void[:, :, :1], phase=one[:, :, 5:6].copy()))
    assert isinstance(flat, NotDetermined)
    assert "section" in flat.reason


def test_a_measurement_names_the_sizes_of_domains_as_the_claims_do() -> None:
    shape = domains_of_balls(np.full(40, 9.0), 72, np.random.default_rng(4), periodic=True)
    results = characterise_image(shape, only=["uniformity"], device="cpu").results
    assert getattr(results["domain_diameter_spread"], "value", 0.0) == pytest.approx(1.0, abs=0.02)
    assert getattr(results["domain_diameter_median"], "unit", "") == "m"
    unknown = characterise_image(image(np.zeros((9, 9, 9), bool)), only=["uniformity"], device="cpu").results
    assert "first polymer" in getattr(unknown["domain_diameter_spread"], "reason", "")
