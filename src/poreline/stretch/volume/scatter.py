"""Local strength: a random field whose modes and seed do not depend on the grid, so that grids can be compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_MODES = 16  # a side: -16 ... 15 along each axis of the cell
_WIDTH = 1.2
_CLIP = 2.5  # standard deviations


def strength_scatter(voxels: int, deviation: float, length: float, seed: int) -> npt.NDArray[np.float64]:
    """xi = exp(deviation clip(z, -2.5, 2.5)) on a periodic cubic grid, (N, N, N).

    z is a Gaussian field of unit variance: random complex amplitudes on the modes -16 ... 15 per axis times
    exp(-(1.2 pi length)^2 |k|^2/2), `length` in cell edges, real part of the inverse transform. A grid of fewer than 32
    voxels drops the modes that it cannot hold.
    """
    random = np.random.default_rng(seed)
    real, imaginary = random.standard_normal((2, 2 * _MODES, 2 * _MODES, 2 * _MODES))
    k = np.arange(-_MODES, _MODES)
    square = k[:, None, None] ** 2 + k[None, :, None] ** 2 + k[None, None, :] ** 2
    amplitudes = (real + 1j * imaginary) * np.exp(-0.5 * (_WIDTH * np.pi * length) ** 2 * square)
    held = k[(k >= -(voxels // 2)) & (k < (voxels + 1) // 2)]
    inside = np.ix_(held + _MODES, held + _MODES, held + _MODES)
    spectrum = np.zeros((voxels, voxels, voxels), complex)
    spectrum[np.ix_(held % voxels, held % voxels, held % voxels)] = amplitudes[inside]
    z = np.fft.ifftn(spectrum).real
    z -= z.mean()
    z /= max(float(z.std()), 1e-300)
    return np.exp(deviation * np.clip(z, -_CLIP, _CLIP))
