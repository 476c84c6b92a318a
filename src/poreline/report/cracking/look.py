"""Colours of a film that cracks open: solid light, void dark as in a micrograph of a section, domains tinted."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.report.figures import GREY

FloatArray = npt.NDArray[np.float32]

MATRIX = (0.870, 0.890, 0.905)
DOMAIN = (0.905, 0.655, 0.335)
SHELL = (0.560, 0.700, 0.440)
VOID = (0.045, 0.085, 0.150)
DARKEST_AT = 0.55
"""Void fraction that is drawn as dark as void itself: microcracks with their fibrils hardly have more."""
BEND = 0.75
"""Power of the void fraction over that: below 1 the first crazes are seen."""


def darkness(void: FloatArray) -> FloatArray:
    """How far void darkens a place, 0 to 1."""
    return (np.clip(void / np.float32(DARKEST_AT), 0.0, 1.0) ** np.float32(BEND)).astype(np.float32)


def colours(void: FloatArray, domain: FloatArray, shell: FloatArray | None = None) -> FloatArray:
    """Red, green, blue (0 to 1) of places with this void fraction; `domain` and `shell` are shares of the solid, 0 to 1; domains
    are drawn over the shell."""
    made = np.empty((*void.shape, 3), np.float32)
    made[...] = MATRIX
    for share, tint in ((shell, SHELL), (domain, DOMAIN)):
        if share is not None:
            made += share[..., None] * (np.array(tint, np.float32) - made)
    made += darkness(void)[..., None] * (np.array(VOID, np.float32) - made)
    return made


def void_ramp(count: int = 64) -> FloatArray:
    """Colours (1, count, 3) of matrix with a void fraction from 0 to `DARKEST_AT`, for a legend."""
    void = np.linspace(0.0, DARKEST_AT, count, dtype=np.float32)[None, :]
    return colours(void, np.zeros_like(void))


def draw_ramp(figure: Any, box: tuple[float, float, float, float]) -> None:
    """Draw the ramp of the void into a box of a figure: left, bottom, width, height as shares of it."""
    axes = figure.add_axes(box)
    axes.imshow(void_ramp(), aspect="auto", interpolation="bilinear")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set(visible=True, linewidth=0.4, color=GREY)


RAMP_LABEL = f"void 0 to {100 * DARKEST_AT:.0f} %"


def edged(share: FloatArray, sharpness: float = 4.0) -> FloatArray:
    """A share that was smoothed, with its edge at a half made sharp again: round outlines from voxels."""
    return np.clip((share - np.float32(0.5)) * np.float32(sharpness) + np.float32(0.5), 0.0, 1.0).astype(np.float32)


def smoothed(values: npt.NDArray[Any], width: float, periodic: bool | tuple[bool, ...] = True) -> FloatArray:
    """Gaussian means with a standard deviation of `width` voxels."""
    from scipy.ndimage import gaussian_filter

    around = (periodic,) * values.ndim if isinstance(periodic, bool) else periodic
    modes = ["wrap" if one else "nearest" for one in around]
    return np.asarray(gaussian_filter(values.astype(np.float32), width, mode=modes), np.float32)
