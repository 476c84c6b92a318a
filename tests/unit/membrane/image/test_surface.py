"""Specific surface of shapes whose area is known."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.membrane.image.surface import SpecificSurface, specific_surface
from poreline.quantities import NotDetermined
from poreline.voxels import VoxelImage

EDGE = 1e-8


def measured(
    void: np.ndarray, spacing: tuple[float, float, float] = (1.0, 1.0, 1.0), **more: object
) -> SpecificSurface:
    found = specific_surface(VoxelImage(void=void, spacing=tuple(EDGE * h for h in spacing), **more))  # type: ignore[arg-type]
    assert isinstance(found, SpecificSurface)
    return found


def area(void: np.ndarray, spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> float:
    """Area in squares of the unit of `spacing`."""
    return measured(void, spacing).surface * EDGE * void.size * float(np.prod(spacing))


def ball(diameter: float, spacing: tuple[float, float, float], sub: int, seed: int) -> np.ndarray:
    """Void fraction of a ball at a random place between the voxels, from sub^3 points a voxel."""
    shape = [int((diameter + 8) / h) for h in spacing]
    centre = [
        0.5 * n * h + o
        for n, h, o in zip(shape, spacing, np.random.default_rng(seed).uniform(-0.5, 0.5, 3), strict=True)
    ]
    axes = [(np.arange(n * sub) + 0.5) * h / sub - c for n, h, c in zip(shape, spacing, centre, strict=True)]
    inside = axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2 < diameter**2 / 4
    return inside.reshape(shape[0], sub, shape[1], sub, shape[2], sub).mean(axis=(1, 3, 5)).astype(np.float32)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3, 10])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slits_along_the_grid_are_exact_from_one_voxel_up(axis: int, width: int, grey: bool) -> None:
    spacing = (1.0, 1.5, 2.0)
    void = np.zeros((20, 20, 20), bool)
    void[tuple(slice(5, 5 + width) if a == axis else slice(None) for a in range(3))] = True
    exact = 2.0 * 400 * float(np.prod(spacing)) / spacing[axis]
    assert area(void.astype(np.float32) if grey else void, spacing) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("diameter", "limit"), [(10, 0.03), (20, 0.02), (36, 0.01)])
def test_binary_balls_are_within_three_per_cent_from_ten_voxels(diameter: float, limit: float) -> None:
    found = [area(ball(diameter, (1, 1, 1), 1, seed) > 0.5) for seed in range(4)]
    assert np.mean(found) == pytest.approx(np.pi * diameter**2, rel=limit)


@pytest.mark.parametrize("diameter", [5, 8, 14, 24])
def test_balls_of_exact_void_fraction_are_within_one_and_a_half_per_cent_from_five_voxels(diameter: float) -> None:
    found = [area(ball(diameter, (1, 1, 1), 5, seed)) for seed in range(3)]
    assert np.mean(found) == pytest.approx(np.pi * diameter**2, rel=0.015)


@pytest.mark.parametrize("sub", [1, 4])
def test_balls_in_voxels_twice_as_high_are_within_four_per_cent(sub: int) -> None:
    found = [ball(12, (1, 1, 2), sub, seed) for seed in range(4)]
    areas = [area(one > 0.5 if sub == 1 else one, (1, 1, 2)) for one in found]
    assert np.mean(areas) == pytest.approx(np.pi * 144, rel=0.04)


@pytest.mark.parametrize("grey", [False, True])
def test_walls_tilted_against_a_periodic_grid_count_as_often_as_they_are_long(grey: bool) -> None:
    # A wall of slope p/q repeats after q voxels: its area over the box is exact.
    n, sub = 24, 1 if not grey else 6
    x = (np.arange(n * sub) + 0.5) / sub
    for rise in (1, 2, 3):
        height = (x[:, None] * rise + x[None, :] * 2 + 0.37) % n
        fine = height < 12
        void = fine.reshape(n, sub, n, sub).mean(axis=(1, 3)).astype(np.float32)[:, :, None].repeat(6, axis=2)
        found = measured(void if grey else void > 0.5, periodic=(True, True, True))
        exact = 2.0 * np.hypot(rise, 2.0) / n
        # Without void fractions, a wall that always cuts the voxels the same way has the normal that this pattern shows.
        assert found.surface * EDGE == pytest.approx(exact, rel=0.015 if grey else 0.035)


def test_a_tilted_slit_of_two_voxels_keeps_both_its_walls() -> None:
    n, sub = 24, 6
    x = (np.arange(n * sub) + 0.5) / sub
    height = (x[:, None] + x[None, :] * 2) % n
    fine = height < 2.0 * np.sqrt(5.0)
    void = fine.reshape(n, sub, n, sub).mean(axis=(1, 3)).astype(np.float32)[:, :, None].repeat(4, axis=2)
    found = measured(void, periodic=(True, True, True))
    assert found.surface * EDGE == pytest.approx(2.0 * np.sqrt(5.0) / n, rel=0.02)


def test_the_faces_of_an_image_are_no_wall() -> None:
    assert measured(np.ones((6, 6, 6), bool)).surface == 0.0
    half = np.zeros((8, 8, 8), bool)
    half[:4] = True
    # Repeated along x, the layer has a second wall at the face.
    assert measured(half).surface * EDGE == pytest.approx(1 / 8)
    assert measured(half, periodic=(True, False, False)).surface * EDGE == pytest.approx(2 / 8)


def test_a_microcrack_narrower_than_a_voxel_has_two_walls() -> None:
    void = np.zeros((8, 8, 8), np.float32)
    width = np.zeros_like(void)
    void[3], width[3] = 0.2, 0.2 * EDGE
    found = measured(void, pore_width=width)
    assert found.surface * EDGE == pytest.approx(2 / 8, rel=1e-6)
    assert found.microcrack_share == 1.0
    assert found.surface_of_void * EDGE == pytest.approx((2 / 8) / (0.2 / 8), rel=1e-6)


def test_the_band_holds_the_value_and_closes_where_all_octants_agree() -> None:
    layers = np.zeros((16, 16, 16), bool)
    layers[:, :, [2, 3, 10, 11]] = True
    found = measured(layers, periodic=(True, True, True))
    assert found.low == pytest.approx(found.surface) == pytest.approx(found.high)
    noise = np.random.default_rng(1).random((16, 16, 16)) < 0.3
    other = measured(noise)
    assert other.low < other.surface < other.high


def test_no_void_and_a_section_have_no_specific_surface() -> None:
    for void in (np.zeros((5, 5, 5), bool), np.ones((5, 5, 1), bool)):
        assert isinstance(specific_surface(VoxelImage(void=void, spacing=(EDGE,) * 3)), NotDetermined)
