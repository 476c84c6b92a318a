"""Diffusion through known structures: exact values, bounds, formulas that hold in the limit of fine voxels."""

import numpy as np
import pytest
from scipy import ndimage

from poreline.membrane.image.transport import solve_diffusion
from poreline.voxels import VoxelImage

EDGE = 1e-8
WALLS, ALL_AROUND = (False,) * 3, (True,) * 3


def image(void, periodic=WALLS, spacing=(EDGE,) * 3):
    return VoxelImage(void=void, spacing=spacing, periodic=periodic)


@pytest.mark.parametrize("periodic", [WALLS, ALL_AROUND])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_straight_channel_has_a_tortuosity_of_one(axis, periodic):
    void = np.zeros((9, 8, 7), bool)
    place = [slice(2, 5)] * 3
    place[axis] = slice(None)
    void[tuple(place)] = True
    found = solve_diffusion(image(void, periodic, (EDGE, 2 * EDGE, 3 * EDGE)), axis)
    assert found.tortuosity == pytest.approx(1.0, abs=1e-6)
    assert found.flux_imbalance < 1e-4


def test_layers_in_parallel_add_and_layers_in_series_resist():
    conductivity = np.ones((12, 6, 6), np.float32)
    conductivity[:, :, 3:] = 0.25
    void = np.ones(conductivity.shape, bool)
    along = solve_diffusion(image(void), 0, conductivity=conductivity)
    across = solve_diffusion(image(void), 2, conductivity=conductivity)
    assert along.diffusivity_relative == pytest.approx(0.625, abs=1e-6)
    assert across.diffusivity_relative == pytest.approx(2 / (1 / 1.0 + 1 / 0.25), abs=1e-6)


def test_what_does_not_connect_conducts_nothing():
    void = np.ones((8, 8, 8), bool)
    void[4] = False
    found = solve_diffusion(image(void), 0)
    assert not found.connected
    assert found.diffusivity_relative == 0.0
    assert found.tortuosity == np.inf


def test_the_bound_of_hashin_and_shtrikman_holds_on_random_images():
    for seed in range(3):
        field = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(24,) * 3), 1.5, mode="wrap")
        found = solve_diffusion(image(field < np.quantile(field, 0.5), ALL_AROUND), seed)
        assert found.diffusivity_relative <= 2 * 0.5 / (3 - 0.5)
        assert found.flux_imbalance < 1e-4


def spheres(n, share):
    """A cell of insulating spheres in a simple cubic array; void fractions from 27 points a voxel."""
    radius = (3 * share / (4 * np.pi)) ** (1 / 3) * n
    void = np.zeros((n,) * 3, np.float32)
    steps = (np.arange(3) - 1) / 3
    grid = np.arange(n) - (n - 1) / 2
    for a in steps:
        for b in steps:
            for c in steps:
                x, y, z = (grid + a)[:, None, None], (grid + b)[None, :, None], (grid + c)[None, None, :]
                void += (x * x + y * y + z * z) > radius**2
    return image((void / 27).astype(np.float32), ALL_AROUND)


# The corrected series of Rayleigh; the often quoted 0.6075 and 0.3905 are of his first, uncorrected lattice sum.
RAYLEIGH = {0.1: (0.8571, 0.02), 0.3: (0.6056, 0.02), 0.5: (0.3737, 0.02)}


@pytest.mark.parametrize("share", RAYLEIGH)
def test_rayleighs_spheres(share):
    expected, bound = RAYLEIGH[share]
    assert solve_diffusion(spheres(32, share), 0).diffusivity_relative == pytest.approx(expected, rel=bound)


def test_equal_solves_give_equal_bits():
    field = ndimage.gaussian_filter(np.random.default_rng(9).normal(size=(20,) * 3), 1.5)
    pores = image(field < np.quantile(field, 0.6))
    assert solve_diffusion(pores, 1).diffusivity_relative == solve_diffusion(pores, 1).diffusivity_relative
