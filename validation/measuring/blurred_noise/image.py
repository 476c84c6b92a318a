"""The image of blurred noise, and what is found on it."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.transport import DiffusionSolution, solve_diffusion
from poreline.voxels import AXES, VoxelImage

SEED, POROSITY, BLUR, EDGE = 20261122, 0.4, 5.0, 200
SPACING = 1e-8


@cache
def blurred_noise(edge: int = EDGE) -> npt.NDArray[np.bool_]:
    """Uniform noise blurred periodically; the lowest values are void, exactly as many as the porosity asks for."""
    from scipy.ndimage import gaussian_filter

    # The old generator of NumPy: the other packages' image is drawn from it.
    noise = np.random.RandomState(SEED).random_sample((edge, edge, edge))
    gaussian_filter(noise, BLUR, mode="wrap", output=noise)
    rank = round(POROSITY * noise.size)
    found: npt.NDArray[np.bool_] = noise < np.partition(noise, rank, axis=None)[rank]
    return found


@cache
def solved(edge: int = EDGE) -> tuple[DiffusionSolution, ...]:
    """Diffusion along each axis between the two faces of the image."""
    image = VoxelImage(void=blurred_noise(edge), spacing=(SPACING,) * 3)
    return tuple(solve_diffusion(image, axis) for axis in AXES)
