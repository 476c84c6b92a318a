"""Planes through a cracked film where they cut the most domains, all at one scale: along the draw from above and from the side, and across it."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from poreline.quantities import from_si, printable
from poreline.report.cracking.look import DOMAIN, MATRIX, RAMP_LABEL, SHELL, colours, draw_ramp, edged, smoothed
from poreline.report.figures import FIGURE_SETTINGS, GREY, INK, Picture
from poreline.report.measured.pictures import round_length
from poreline.report.text import pretty_unit
from poreline.stretch.microcracks.structure import THROAT, StretchedStructure
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXIS_NAMES, PHASE_DOMAIN, PHASE_SHELL, PHASE_VOID

FloatArray = npt.NDArray[np.float32]

_WIDTH = 7.6  # inches
_TALLEST = 5.2
_GAP, _LABEL, _FOOT = 0.14, 0.22, 0.34
_FINEST = 260  # pixels an inch
_ROUNDING = 0.9  # voxels: hard voxels of a domain become a round outline
_MOST_PIXELS = 1400


def image_of(shown: VoxelImage | StretchedStructure) -> VoxelImage:
    """The image of a structure; an image is its own."""
    return shown if isinstance(shown, VoxelImage) else shown.configuration.image(THROAT)


def slices_figure(shown: VoxelImage | StretchedStructure, *, name: str = "") -> Picture:
    """Three planes of a cell in one figure, each where it cuts the most domains: solid light, void dark, domains and copolymer tinted.

    `name` begins the title; without it the image's name does. Materials are shown where the image knows its phases.
    """
    image = image_of(shown)
    ex, ey, ez = image.edges
    planes = {across: _plane(image, across) for across in (0, 1, 2)}
    void = {across: plane[1] for across, plane in planes.items()}
    scale = (_WIDTH - _GAP) / (ex + ey)  # inches for each m
    scale = min(scale, (_TALLEST - 2.0 * _LABEL - _FOOT) / (ey + ez))
    whole = scale * (ey + ez) + 2.0 * _LABEL + _FOOT + _GAP
    lower, upper = _FOOT, _FOOT + scale * ez + _LABEL + _GAP
    right = scale * ex + _GAP
    width = right + scale * ey
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(width, whole))
        for across, left, bottom, wide, tall in (
            (2, 0.0, upper, ex, ey),
            (1, 0.0, lower, ex, ez),
            (0, right, lower, ey, ez),
        ):
            box = (left / width, bottom / whole, scale * wide / width, scale * tall / whole)
            axes = figure.add_axes(box)
            axes.set_axis_off()
            axes.imshow(_cut_down(planes[across][0]), origin="lower", interpolation="antialiased", aspect="auto")
            first, second = (AXIS_NAMES[axis] for axis in range(3) if axis != across)
            label = f"→ {first}   ↑ {second}"
            figure.text(
                left / width, (bottom + scale * tall + 0.06) / whole, label, fontsize=8.0, color=INK, va="bottom"
            )
            share = f"{100.0 * void[across]:.1f} % void"
            ends = (left + scale * wide) / width
            if scale * wide > 1.6:
                figure.text(
                    ends,
                    (bottom + scale * tall + 0.06) / whole,
                    share,
                    fontsize=8.0,
                    color=GREY,
                    ha="right",
                    va="bottom",
                )
        _foot(figure, image, scale, width, whole)
        _legend(figure, image, (right + 0.02) / width, (upper + scale * ey) / whole, whole, width)
    title = printable(name or image.name, 80)
    words = (
        f"{title}: planes through the most domains, from above (x-y), from the side (x-z) and across the draw (y-z), all "
        f"to one scale. Solid light, void dark, domains tinted; {100.0 * float(image.void.mean()):.3g} % of the cell is void."
    )
    return Picture("cracking-slices", "Slices along and across the draw", words, figure)


def telling_plane(image: VoxelImage, across: int) -> int:
    """Number of the plane across an axis that cuts the most domains; the middle where the image knows none."""
    if image.phase is None:
        return image.shape[across] // 2
    found = (image.phase == PHASE_DOMAIN).mean(axis=tuple(axis for axis in range(3) if axis != across))
    return int(np.argmax(found)) if found.any() else image.shape[across] // 2


def _plane(image: VoxelImage, across: int) -> tuple[FloatArray, float]:
    """Colours (up, right, 3) of a plane across an axis, at square pixels, and its void fraction."""
    at = telling_plane(image, across)
    periodic = tuple(p for axis, p in enumerate(image.periodic) if axis != across)
    void = np.take(image.void, at, axis=across).astype(np.float32)
    share = float(void.mean())
    phase = None if image.phase is None else np.take(image.phase, at, axis=across)
    shape = tuple(max(1, round(_pixels(image, axis))) for axis in range(3) if axis != across)
    nothing = np.zeros(shape, np.float32)
    domain, shell = nothing, None
    if phase is not None:
        # A cavity is no material: it takes that of its surroundings, so that a domain keeps its outline beside it.
        solid = smoothed((phase != PHASE_VOID).astype(np.float32), _ROUNDING, periodic)
        domain = _share(phase == PHASE_DOMAIN, solid, periodic, shape)
        if (phase == PHASE_SHELL).any():
            # Drawn below the domains, which it surrounds: a ring without gaps, however thin.
            shell = _share((phase == PHASE_SHELL) | (phase == PHASE_DOMAIN), solid, periodic, shape)
    made = colours(_resampled(void, shape, periodic), domain, shell)
    return np.swapaxes(made, 0, 1), share


def _share(
    here: npt.NDArray[np.bool_], solid: FloatArray, periodic: tuple[bool, ...], shape: tuple[int, ...]
) -> FloatArray:
    part = smoothed(here, _ROUNDING, periodic) / np.maximum(solid, np.float32(0.05))
    return edged(_resampled(part.astype(np.float32), shape, periodic))


def _pixels(image: VoxelImage, axis: int) -> float:
    """Pixels along an axis, so that a pixel is square and the longest edge has about so many as can be seen."""
    longest = max(image.edges)
    return image.edges[axis] / longest * min(_MOST_PIXELS, _FINEST * _WIDTH)


def _resampled(values: FloatArray, shape: tuple[int, ...], periodic: tuple[bool, ...]) -> FloatArray:
    """Linear interpolation between the middles of voxels."""
    for axis, (count, around) in enumerate(zip(shape, periodic, strict=True)):
        n = values.shape[axis]
        place = (np.arange(count) + 0.5) * (n / count) - 0.5
        low = np.floor(place).astype(np.int64)
        weight = (place - low).astype(np.float32)
        first, second = (low % n, (low + 1) % n) if around else (np.clip(low, 0, n - 1), np.clip(low + 1, 0, n - 1))
        weight = weight.reshape([-1 if a == axis else 1 for a in range(values.ndim)])
        values = (1.0 - weight) * np.take(values, first, axis) + weight * np.take(values, second, axis)
    return values.astype(np.float32)


def _cut_down(made: FloatArray) -> npt.NDArray[np.uint8]:
    return np.round(255.0 * np.clip(made, 0.0, 1.0)).astype(np.uint8)


def _foot(figure: Figure, image: VoxelImage, scale: float, width: float, whole: float) -> None:
    """A scale bar for all planes, and which way the film is drawn."""
    length = round_length(0.25 * image.edges[0])
    ends = [0.0, scale * length / width]
    bar = Line2D(
        ends, [0.17 / whole] * 2, color=INK, linewidth=2.2, solid_capstyle="butt", transform=figure.transFigure
    )
    figure.add_artist(bar)
    unit = "um" if length >= 0.9995e-6 else "nm"
    text = f"{from_si(length, unit):.4g} {pretty_unit(unit)}"
    figure.text(ends[1] + 0.012, 0.17 / whole, text, fontsize=8.0, color=INK, va="center")
    middle = scale * image.edges[0] / width
    figure.text(middle, 0.17 / whole, "draw  ⟶", fontsize=8.0, color=GREY, va="center", ha="right")


def _legend(figure: Figure, image: VoxelImage, left: float, top: float, whole: float, width: float) -> None:
    entries: list[tuple[str, Any]] = [("matrix", MATRIX)]
    if image.phase is not None and (image.phase == PHASE_DOMAIN).any():
        entries.append(("domains", DOMAIN))
    if image.phase is not None and (image.phase == PHASE_SHELL).any():
        entries.append(("copolymer", SHELL))
    entries.append((RAMP_LABEL, None))
    for number, (label, colour) in enumerate(entries):
        y = top - (0.16 + 0.2 * number) / whole
        if colour is None:
            # Below one another there is room for a name only: the ramp stands below it.
            figure.text(left, y, label, fontsize=8.0, color=INK, va="center")
            draw_ramp(figure, (left, y - 0.23 / whole, 0.75 / width, 0.11 / whole))
            continue
        patch = Rectangle(
            (left, y - 0.055 / whole), 0.14 / width, 0.11 / whole, facecolor=colour, edgecolor=GREY, linewidth=0.4,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(patch)
        figure.text(left + 0.21 / width, y, label, fontsize=8.0, color=INK, va="center")
