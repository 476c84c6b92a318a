"""A plane of a cell as it lies deformed in space: every element drawn where its nodes have gone.

Each element is cut into so many parts that every pixel gets one or more, also where an element is stretched far; a pixel has
the mean of the parts that fall into it.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.line.volume.frames import Frame
from poreline.report.cracking.look import colours, edged, smoothed

FloatArray = npt.NDArray[np.float32]

_ROUNDING = 0.7  # voxels: hard voxels of a domain become a round outline
_SPREAD = 3.0  # times the mean, that an element may be stretched before pixels in it get no part
_MOST_PARTS = 48


def deformed_picture(frame: Frame, pixel: float, repeats: int = 1) -> FloatArray:
    """Red, green, blue and opacity (height, width, 4) of a frame; `pixel` in m, row 0 at the top of the film.

    The cell is repeated `repeats` times through the thickness; the opacity is 1 everywhere.
    """
    n, m = frame.void.shape
    width, height = max(1, round(frame.length / pixel)), max(1, round(frame.thickness / pixel))
    # Of the nodes what is left of their regular places repeats, and can be interpolated around the cell; in pixels.
    i, k = np.arange(n)[:, None] * (frame.length / n), np.arange(m)[None, :] * (frame.thickness / m)
    moved = np.stack([(frame.x - i) * (width / frame.length), (frame.z - k) * (height / frame.thickness)])
    # The layer is drawn below the domains, which it surrounds: a ring without gaps, however thin.
    around = smoothed(frame.domain | frame.shell, _ROUNDING)
    of_elements = np.stack([frame.void, smoothed(frame.domain, _ROUNDING), around])
    sums = np.zeros((4, height, width))
    _scatter(moved.astype(np.float64), of_elements.astype(np.float64), _parts(n, width), _parts(m, height), sums)
    filled = sums[3] > 0.0
    mean = (sums[:3] / np.maximum(sums[3], 1.0)).astype(np.float32)
    _fill(mean, filled)
    found = np.ones((height, width, 4), np.float32)
    found[..., :3] = colours(mean[0], edged(mean[1]), edged(mean[2]) if frame.shell.any() else None)
    return np.tile(found[::-1], (repeats, 1, 1))


def _parts(elements: int, pixels: int) -> int:
    """Parts of an element along one axis."""
    return min(_MOST_PARTS, max(2, math.ceil(_SPREAD * pixels / elements)))


@nb.njit(cache=True, error_model="numpy")
def _scatter(moved, of_elements, across, along, sums):  # type: ignore[no-untyped-def]
    """Add the parts of all elements to the pixels that they fall into: three values of the elements, and one for each part.

    `moved` (2, n, m) is by how many pixels each node has moved, `of_elements` (3, n, m) stands in the middle of the elements.
    """
    _, n, m = moved.shape
    _, height, width = sums.shape
    row_of_nodes, row_of_elements = np.empty((2, m)), np.empty((3, m))
    for i in range(n):
        for a in range(across):
            s = (a + 0.5) / across
            first, share = (i, s - 0.5) if s >= 0.5 else (i - 1, s + 0.5)
            for k in range(m):
                for c in range(2):
                    row_of_nodes[c, k] = (1.0 - s) * moved[c, i, k] + s * moved[c, (i + 1) % n, k]
                for c in range(3):
                    row_of_elements[c, k] = (1.0 - share) * of_elements[c, first, k]
                    row_of_elements[c, k] += share * of_elements[c, (first + 1) % n, k]
            for k in range(m):
                next_node = (k + 1) % m
                for b in range(along):
                    t = (b + 0.5) / along
                    x = (i + s) * width / n + (1.0 - t) * row_of_nodes[0, k] + t * row_of_nodes[0, next_node]
                    z = (k + t) * height / m + (1.0 - t) * row_of_nodes[1, k] + t * row_of_nodes[1, next_node]
                    column, row = int(np.floor(x)) % width, int(np.floor(z)) % height
                    below, part = (k, t - 0.5) if t >= 0.5 else (k - 1, t + 0.5)
                    above = (below + 1) % m
                    for c in range(3):
                        sums[c, row, column] += (1.0 - part) * row_of_elements[c, below] + part * row_of_elements[
                            c, above
                        ]
                    sums[3, row, column] += 1.0


def _fill(mean: FloatArray, filled: npt.NDArray[np.bool_]) -> None:
    """Give pixels that no part fell into the values of the nearest one."""
    if filled.all() or not filled.any():
        return
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~filled, return_distances=False, return_indices=True)
    mean[...] = mean[:, nearest[0], nearest[1]]
