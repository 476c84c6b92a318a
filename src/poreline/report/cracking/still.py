"""A cracked film in three dimensions, as rays see it: the film with a corner cut out, or its voids and domains alone.

Parallel rays are marched through the voxels in steps of a third of a voxel. The film is opaque: a ray ends on the first solid,
coloured as in the slices and shaded by the slope of the void around it. Of the voids alone, the matrix is clear, void clouds
the view the more the denser it is, and domains are drawn as tinted skins.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from poreline.quantities import Fault, InvalidInput, from_si, printable
from poreline.report.cracking.look import DOMAIN, MATRIX, SHELL, VOID, edged, smoothed
from poreline.report.cracking.ray_march import march_film, march_voids
from poreline.report.cracking.slices import image_of
from poreline.report.figures import FIGURE_SETTINGS, GREY, INK, Picture
from poreline.report.measured.curves import shown_length
from poreline.report.measured.surface import view_axes
from poreline.report.text import pretty_unit
from poreline.stretch.microcracks.structure import StretchedStructure
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXIS_NAMES, PHASE_DOMAIN, PHASE_SHELL, PHASE_VOID

Array = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]
Shown = Literal["film", "voids"]

_WIDTH = 7.6  # inches
_PIXELS = 900
_MARGIN = 0.095  # of the width, beside the box
_MOST_REPEATS = 3
_THINNEST = 0.42  # of the longest edge, that the others reach by repeats
_ROUNDING = 0.7
_LAMP = np.array([-0.35, 0.40, 0.85])
_STEP, _STEP_OF_CLOUD = 0.34, 0.5  # voxels
_SHORTEST_STEP = 0.005  # of half the longest edge: a cloud shows nothing finer
_CUT = np.array([0.10, 0.05, -0.05])
"""Where the corner that is cut out begins, at the right, front and top: along each axis, from -1 to 1."""


def still(shown: VoxelImage | StretchedStructure, of: Shown = "film", *, name: str = "") -> Picture:
    """A cell in three dimensions: the `film`, opaque, with a corner cut out, or its `voids` with the domains between them.

    The cell is repeated across the draw until it is no thread. Raises InvalidInput for a section, which has no depth, and for
    another choice.
    """
    image = image_of(shown)
    faults = []
    if image.is_section or min(image.shape) < 2:
        reason, remedy = "A section has no depth to look into.", "Draw its slice."
        faults.append(Fault("image", str(image.shape), "two voxels or more along each axis", reason, remedy))
    if of not in ("film", "voids"):
        faults.append(Fault("of", printable(of), "film, voids", "There is no such view.", "Choose one."))
    if faults:
        raise InvalidInput(faults, "picture in three dimensions")
    repeats = _repeats(image)
    fields = _fields(image)
    edges = np.array(image.edges) * repeats
    half = edges / edges.max()
    axes = view_axes()
    right, up = (float(np.abs(axes[row] * half).sum()) for row in (0, 1))
    scale = _PIXELS * (0.5 - _MARGIN) / right  # pixels for each half of the longest edge
    width, height = _PIXELS, math.ceil(2.0 * scale * up + 2.0 * _MARGIN * _PIXELS)
    steps = half / (0.5 * np.array(image.shape) * repeats)
    found = np.ones((height, width, 4), np.float32)
    depth_step = _STEP * float(steps.min())
    lamp = _LAMP / np.linalg.norm(_LAMP)
    tints = np.array([MATRIX, DOMAIN, SHELL, VOID], np.float32)
    ways = (np.array(repeats), half, axes, scale, lamp, depth_step)
    if of == "film":
        march_film(*fields, *ways, _CUT, tints, found)
    else:
        void, domain, _ = fields
        together = np.stack([void, domain, _facing(void, lamp)], axis=-1)
        step = max(_STEP_OF_CLOUD * float(steps.min()), _SHORTEST_STEP)
        march_voids(together, domain, *ways[:-1], step, tints, found)
    return _picture(found, image, of, repeats, half, axes, scale, name)


def _repeats(image: VoxelImage) -> tuple[int, int, int]:
    """How often the cell stands beside itself across the draw, where it repeats."""
    longest = max(image.edges)
    return tuple(
        min(_MOST_REPEATS, max(1, round(_THINNEST * longest / edge))) if around else 1
        for edge, around in zip(image.edges, image.periodic, strict=True)
    )  # type: ignore[return-value]


def _fields(image: VoxelImage) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Void fraction, share of domain and of copolymer in the solid, smoothed to round surfaces."""
    void = np.ascontiguousarray(image.void, np.float32)
    nothing = np.zeros(image.shape, np.float32)
    if image.phase is None:
        return smoothed(void, 0.5, image.periodic), nothing, nothing
    solid = np.maximum(smoothed(image.phase != PHASE_VOID, _ROUNDING, image.periodic), np.float32(0.05))
    domain = smoothed(image.phase == PHASE_DOMAIN, _ROUNDING, image.periodic) / solid
    around = (image.phase == PHASE_SHELL) | (image.phase == PHASE_DOMAIN)
    shell: FloatArray = nothing
    if (image.phase == PHASE_SHELL).any():  # below the domains, which it surrounds
        shell = (smoothed(around, _ROUNDING, image.periodic) / solid).astype(np.float32)
    return smoothed(void, 0.5, image.periodic), np.minimum(domain, 1.0).astype(np.float32), edged(shell)


def _facing(void: FloatArray, lamp: Array) -> FloatArray:
    """How far the surface of the void faces the lamp, -1 to 1, at every voxel."""
    slopes = [np.roll(void, -1, axis) - np.roll(void, 1, axis) for axis in range(3)]
    steep = np.sqrt(sum(slope * slope for slope in slopes)) + np.float32(1e-9)
    towards = sum(np.float32(part) * slope for part, slope in zip(lamp, slopes, strict=True))
    return np.asarray(-towards / steep, np.float32)


def _picture(
    found: FloatArray,
    image: VoxelImage,
    of: Shown,
    repeats: tuple[int, int, int],
    half: Array,
    axes: Array,
    scale: float,
    name: str,
) -> Picture:
    height, width = found.shape[:2]
    title = printable(name or image.name, 80)
    sizes = [edge * count for edge, count in zip(image.edges, repeats, strict=True)]
    unit = shown_length(np.array(sizes), "m", "")
    texts = [f"{AXIS_NAMES[a]} {from_si(size, unit):.3g} {pretty_unit(unit)}" for a, size in enumerate(sizes)]
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(_WIDTH, _WIDTH * height / width))
        canvas = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        canvas.set_axis_off()
        shown = np.round(255 * np.clip(found, 0.0, 1.0)).astype(np.uint8)
        span = (-width / 2, width / 2, -height / 2, height / 2)
        _box(canvas, half, axes, scale, texts, clear=of == "voids")
        canvas.imshow(shown, extent=span, interpolation="antialiased", aspect="auto", zorder=2)
        canvas.set_xlim(span[:2])
        canvas.set_ylim(span[2:])
    what = (
        "the film with a corner cut out"
        if of == "film"
        else "the voids (blue, the darker the denser) and domains (amber skins)"
    )
    again = "" if max(repeats) == 1 else "; the cell is repeated across the draw"
    words = f"{title} in three dimensions: {what}, in a box of {', '.join(texts)}{again}."
    return Picture(f"cracking-{of}", "The film, cut open" if of == "film" else "Voids and domains", words, figure)


def _box(axes: Any, half: Array, view: Array, scale: float, texts: list[str], *, clear: bool) -> None:
    """The edges of the box, and its lengths along three of them."""

    def seen(corner: tuple[float, float, float]) -> Array:
        return np.asarray(view[:2] @ (np.array(corner) * half) * scale)

    for axis in range(3):
        others = [a for a in range(3) if a != axis]
        for first in (-1.0, 1.0):
            for second in (-1.0, 1.0):
                # Edges that meet the corner farthest from the viewer lie behind everything.
                hidden = _hidden(others, first, second, view)
                if hidden and not clear:
                    continue
                low, high = -1.0, 1.0
                at = {others[0]: first, others[1]: second}
                if not clear and all(at[a] == _CORNER[a] for a in others):  # it is cut short
                    low, high = (-1.0, _CUT[axis]) if _CORNER[axis] > 0.0 else (_CUT[axis], 1.0)
                ends = np.array([seen(_placed(axis, place, at)) for place in (low, high)])
                axes.plot(*ends.T, color=GREY, linewidth=0.6, zorder=1 if hidden else 3, alpha=0.8)
    for axis, corner in ((0, (0.0, -1.0, -1.0)), (1, (1.0, 0.0, -1.0)), (2, (-1.0, -1.0, 0.0))):
        x, y = seen(corner)
        shift = {0: (0.0, -16.0), 1: (16.0, -12.0), 2: (-10.0, 0.0)}[axis]
        side = {0: "center", 1: "left", 2: "right"}[axis]
        axes.text(x + shift[0], y + shift[1], texts[axis], fontsize=8.0, color=INK, ha=side, va="center", zorder=4)


_CORNER = (1.0, -1.0, 1.0)  # of the box, that is cut out


def _placed(axis: int, place: float, at: dict[int, float]) -> tuple[float, float, float]:
    found = {axis: place, **at}
    return found[0], found[1], found[2]


def _hidden(others: list[int], first: float, second: float, view: Array) -> bool:
    towards = view[2]
    return bool(first * towards[others[0]] < 0.0 and second * towards[others[1]] < 0.0)
