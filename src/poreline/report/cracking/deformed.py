"""A deformed plane as a picture: every element cut into parts smaller than a pixel, each of which colours the pixel it falls into."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from poreline.report.cracking.frames import Frame
from poreline.report.cracking.look import colours, edged, smoothed

Array = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]

_ROUNDING = 0.7  # voxels: hard voxels of a domain become a round outline
_PARTS_PER_PIXEL = 1.3
_MOST_PARTS = 48


def deformed_picture(frame: Frame, pixel: float, repeats: int = 1) -> FloatArray:
    """Red, green, blue and opacity (height, width, 4) of a frame; `pixel` in m, row 0 at the top of the film.

    The cell stands in the middle, repeated `repeats` times through the thickness; the opacity is 1 on the film and 0 beside it.
    """
    n, m = frame.void.shape
    width, height = max(1, round(frame.length / pixel)), max(1, round(repeats * frame.thickness / pixel))
    across, along = _parts(frame.length / n, pixel), _parts(frame.thickness / m, pixel)
    s, t = ((np.arange(parts) + 0.5) / parts for parts in (across, along))
    # Of the nodes what is left of their regular places repeats, and can be interpolated around the cell.
    i, k = np.arange(n)[:, None] * (frame.length / n), np.arange(m)[None, :] * (frame.thickness / m)
    u, w = frame.x - i, frame.z - k
    fine_i = ((np.arange(n)[:, None] + s) * (frame.length / n)).reshape(-1, 1)
    fine_k = ((np.arange(m)[:, None] + t) * (frame.thickness / m)).reshape(1, -1)
    x, z = fine_i + _fine(u, s, t, 0.0), fine_k + _fine(w, s, t, 0.0)
    void = _fine(frame.void, s, t, 0.5)
    domain = edged(_fine(smoothed(frame.domain, _ROUNDING), s, t, 0.5))
    # The layer is drawn below the domains, which it surrounds: a ring without gaps, however thin.
    around = frame.domain | frame.shell
    shell = edged(_fine(smoothed(around, _ROUNDING), s, t, 0.5)) if frame.shell.any() else None
    coloured = colours(void, domain, shell).reshape(-1, 3)
    column = np.floor(x / pixel).astype(np.int64).ravel() % width
    found = np.zeros((height, width, 4), np.float32)
    for repeat in range(repeats):
        row = np.floor((z + repeat * frame.thickness) / pixel).astype(np.int64).ravel() % height
        place = row * width + column
        count = np.bincount(place, minlength=height * width)
        for channel in range(3):
            sums = np.bincount(place, weights=coloured[:, channel], minlength=height * width)
            found[..., channel] += sums.reshape(height, width)
        found[..., 3] += count.reshape(height, width)
    weight = found[..., 3].copy()
    found[..., :3] /= np.maximum(weight, 1.0)[..., None]
    _fill(found, weight > 0)
    found[..., 3] = 1.0
    return found[::-1]


def _parts(length: float, pixel: float) -> int:
    """Parts of an element along one axis: enough where it is stretched three times as far as the mean."""
    return min(_MOST_PARTS, max(2, math.ceil(3.0 * _PARTS_PER_PIXEL * length / pixel)))


def _fine(values: npt.NDArray[np.float32], s: Array, t: Array, offset: float) -> FloatArray:
    """Periodic linear interpolation to parts at s and t within every element; values stand at `offset` in it."""
    return _along(_along(np.asarray(values, np.float32), s, offset).T, t, offset).T


def _along(values: FloatArray, s: Array, offset: float) -> FloatArray:
    n = values.shape[0]
    place = np.arange(n)[:, None] + (s - offset)[None, :]
    low = np.floor(place).astype(np.int64)
    share = (place - low).astype(np.float32).ravel()[:, None]
    low = low.ravel()
    return (1.0 - share) * values[low % n] + share * values[(low + 1) % n]


def _fill(found: FloatArray, filled: npt.NDArray[np.bool_]) -> None:
    """Give pixels that no part fell into the colour of the nearest one."""
    if filled.all() or not filled.any():
        return
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~filled, return_distances=False, return_indices=True)
    found[...] = found[tuple(nearest)]
