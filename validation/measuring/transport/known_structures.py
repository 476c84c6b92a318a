"""Images whose diffusivity is known, and what the solver finds on them."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.transport import DiffusionSolution, solve_diffusion
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXES

SPACING = 1e-8
WALLS, REPEATS = (False,) * 3, (True,) * 3


def image_of(void: npt.NDArray[Any], periodic: tuple[bool, bool, bool] = WALLS) -> VoxelImage:
    return VoxelImage(void=void, spacing=(SPACING,) * 3, periodic=periodic)


@cache
def straight_channel(length: int) -> DiffusionSolution:
    """A channel of three voxels by two in a solid, along the axis of the flow."""
    void = np.zeros((length, 7, 6), bool)
    void[:, 2:5, 2:4] = True
    return solve_diffusion(image_of(void), 0)


@cache
def layers(conductivities: tuple[float, ...], *, in_series: bool) -> float:
    """Relative diffusivity of layers three voxels thick, all void, across or along them."""
    field = np.repeat(np.asarray(conductivities, np.float32), 3)[:, None, None] * np.ones((1, 5, 4), np.float32)
    void = np.ones(field.shape, bool)
    return solve_diffusion(image_of(void), 0 if in_series else 1, conductivity=field).diffusivity_relative


@cache
def inclined_channel(voxels: int, across: int, fine: int = 16) -> tuple[float, float]:
    """Relative diffusivity along a channel at the slope 1 : across through half of a period, and porosity cos^2."""
    place = (np.arange(voxels * fine) + 0.5) / (voxels * fine)
    inside = np.mod(place[:, None] + across * place[None, :] + 0.3 / voxels, 1.0) < 0.5
    void = inside.reshape(voxels, fine, voxels, fine).mean((1, 3), dtype=np.float32)
    found = solve_diffusion(image_of(void[:, None, :].copy(), REPEATS), 0)
    return found.diffusivity_relative, float(void.mean()) * across**2 / (1.0 + across**2)


@cache
def spheres(concentration: float, voxels: int, fine: int = 4) -> float:
    """Relative diffusivity around a simple cubic lattice of spheres, from an eighth of a cell of `voxels` a period."""
    half = voxels // 2
    radius = (3.0 * concentration / (4.0 * math.pi)) ** (1.0 / 3.0)
    square = np.square((np.arange(half * fine) + 0.5) / (voxels * fine))
    outside = square[:, None, None] + square[:, None] + square > radius**2
    void = outside.reshape(half, fine, half, fine, half, fine).mean((1, 3, 5), dtype=np.float32)
    return solve_diffusion(image_of(void), 0).diffusivity_relative


@cache
def random_image(porosity: float, seed: int) -> DiffusionSolution:
    """Diffusion through a periodic image of blurred noise, 40 voxels an edge."""
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).standard_normal((40,) * 3), 2.0, mode="wrap")
    return solve_diffusion(image_of(noise < np.quantile(noise, porosity), REPEATS), AXES[seed % 3])
