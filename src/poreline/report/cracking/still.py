"""A cracked film in three dimensions, as rays see it: the film with a corner cut out, or its voids and domains alone.

Parallel rays are marched through the voxels in steps of a third of a voxel. The film is opaque: a ray ends on the first solid,
coloured as in the slices and shaded by the slope of the void around it. Of the voids alone, the matrix is clear, void clouds
the view the more the denser it is, and domains are drawn as tinted skins.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import matplotlib as mpl
import numba as nb
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from poreline.quantities import Fault, InvalidInput, from_si, printable
from poreline.report.cracking.look import DARKEST_AT, DOMAIN, MATRIX, SHELL, VOID, darkness, edged, smoothed
from poreline.report.cracking.slices import image_of
from poreline.report.figures import FIGURE_SETTINGS, GREY, INK, Picture
from poreline.report.measured.curves import shown_length
from poreline.report.measured.surface import view_axes
from poreline.report.text import pretty_unit
from poreline.stretch.microcracks.structure import StretchedStructure
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXIS_NAMES, PHASE_DOMAIN, PHASE_SHELL, PHASE_VOID
from poreline.voxels.threads import parallel

Array = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]
Shown = Literal["film", "voids"]

_WIDTH = 7.6  # inches
_PIXELS = 1100
_MARGIN = 0.07  # of the width, beside the box
_MOST_REPEATS = 3
_THINNEST = 0.42  # of the longest edge, that the others reach by repeats
_ROUNDING = 0.7
_LAMP = np.array([-0.35, 0.40, 0.85])
_SKY = 0.55
_STEP = 0.34  # voxels
_OPENED = 0.38  # void fraction at which the film's surface is drawn
_CUT = (0.42, 0.55, 0.5)  # of the edges: the corner that is taken out, at the front, right and top


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
    cut = np.array([-1.0 + 2.0 * (1.0 - _CUT[0]), -1.0 + 2.0 * _CUT[1], -1.0 + 2.0 * _CUT[2]])
    tints = np.array([MATRIX, DOMAIN, SHELL, VOID], np.float32)
    march = _march_film if of == "film" else _march_voids
    march(*fields, np.array(repeats), half, axes, scale, lamp, depth_step, cut, tints, found)
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
    shell = smoothed(image.phase == PHASE_SHELL, _ROUNDING, image.periodic) / solid
    return smoothed(void, 0.5, image.periodic), np.minimum(domain, 1.0).astype(np.float32), edged(shell)


@nb.njit(cache=True, error_model="numpy", inline="always")
def _sample(values, x, y, z):  # type: ignore[no-untyped-def]
    """Linear interpolation between middles of voxels, repeated beyond the box; places in voxels."""
    nx, ny, nz = values.shape
    x, y, z = x - 0.5, y - 0.5, z - 0.5
    i, j, k = np.int64(np.floor(x)), np.int64(np.floor(y)), np.int64(np.floor(z))
    a, b, c = x - i, y - j, z - k
    i, j, k = i % nx, j % ny, k % nz
    i1, j1, k1 = (i + 1) % nx, (j + 1) % ny, (k + 1) % nz
    low = (values[i, j, k] * (1 - c) + values[i, j, k1] * c) * (1 - b)
    low += (values[i, j1, k] * (1 - c) + values[i, j1, k1] * c) * b
    high = (values[i1, j, k] * (1 - c) + values[i1, j, k1] * c) * (1 - b)
    high += (values[i1, j1, k] * (1 - c) + values[i1, j1, k1] * c) * b
    return low * (1 - a) + high * a


@nb.njit(cache=True, error_model="numpy", inline="always")
def _entry(origin, direction, low, high, found):  # type: ignore[no-untyped-def]
    """Where a ray enters and leaves a box, and the axis of the face that it enters by; found = first, last, axis."""
    first, last, axis = -1e30, 1e30, 0
    for c in range(3):
        if abs(direction[c]) < 1e-12:
            if origin[c] < low[c] or origin[c] > high[c]:
                first, last = 1.0, -1.0
            continue
        one, other = (low[c] - origin[c]) / direction[c], (high[c] - origin[c]) / direction[c]
        near, far = min(one, other), max(one, other)
        if near > first:
            first, axis = near, c
        last = min(last, far)
    found[0], found[1], found[2] = first, last, axis


@parallel(error_model="numpy")
def _march_film(void, domain, shell, repeats, half, axes, scale, lamp, step, cut, tints, found):  # type: ignore[no-untyped-def]
    height, width = found.shape[:2]
    n = np.array([void.shape[0] * repeats[0], void.shape[1] * repeats[1], void.shape[2] * repeats[2]])
    for line in nb.prange(height):
        row = np.int64(line)
        direction, origin, at, slope, spans = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
        hole_low, hole_high = np.empty(3), np.empty(3)
        for c in range(3):
            direction[c] = -axes[2, c]
            hole_low[c], hole_high[c] = -half[c], half[c]
        hole_low[0], hole_high[1], hole_low[2] = cut[0] * half[0], -cut[1] * half[1] + 0.0, cut[2] * half[2] * 0.0
        for column in range(width):
            sx, sy = (column + 0.5 - 0.5 * width) / scale, (0.5 * height - row - 0.5) / scale
            for c in range(3):
                origin[c] = sx * axes[0, c] + sy * axes[1, c] + 4.0 * axes[2, c]
            _entry(origin, direction, -half, half, spans)
            first, last, axis = spans[0], spans[1], np.int64(spans[2])
            if last <= first:
                found[row, column, 3] = 0.0
                continue
            begin = first
            _entry(origin, direction, hole_low, hole_high, spans)
            if spans[1] > spans[0] and spans[0] <= first + 1e-9 and spans[1] > first + 1e-9:
                # The ray falls into the hole, and lands on the face of it through which it leaves.
                begin = spans[1]
                for c in range(3):
                    place = origin[c] + direction[c] * begin
                    if abs(place - hole_low[c]) < 1e-6 or abs(place - hole_high[c]) < 1e-6:
                        axis = c
                if begin >= last - 1e-9:
                    found[row, column, 3] = 0.0
                    continue
            place = begin + 1e-6
            on_face, hit, depth = True, False, 0.0
            f = 0.0
            while place < last:
                for c in range(3):
                    at[c] = (origin[c] + direction[c] * place + half[c]) / (2.0 * half[c]) * n[c]
                f = _sample(void, at[0], at[1], at[2])
                if f < 0.38:
                    hit = True
                    break
                on_face = False
                place += step
            if not hit:
                for c in range(3):
                    found[row, column, c] = tints[3, c] * 0.6
                continue
            depth = place - begin
            d = min(1.0, max(0.0, (_sample(domain, at[0], at[1], at[2]) - 0.5) * 5.0 + 0.5))
            s = _sample(shell, at[0], at[1], at[2])
            if on_face:
                tone = 0.80 + 0.20 * abs(1.0 if axis == 2 else 0.35 if axis == 1 else 0.65)
            else:
                length = 0.0
                for c in range(3):
                    shift = 0.7
                    if c == 0:
                        ahead, back = _sample(void, at[0] + shift, at[1], at[2]), _sample(void, at[0] - shift, at[1], at[2])
                    elif c == 1:
                        ahead, back = _sample(void, at[0], at[1] + shift, at[2]), _sample(void, at[0], at[1] - shift, at[2])
                    else:
                        ahead, back = _sample(void, at[0], at[1], at[2] + shift), _sample(void, at[0], at[1], at[2] - shift)
                    slope[c] = ahead - back
                    length += slope[c] * slope[c]
                length = np.sqrt(length) + 1e-9
                facing = (slope[0] * lamp[0] + slope[1] * lamp[1] + slope[2] * lamp[2]) / length
                # Deep in a cavity little light arrives.
                tone = (0.30 + 0.55 * max(0.0, facing)) * np.exp(-2.2 * depth / half[2])
            grey = min(1.0, max(0.0, f / 0.55)) ** 0.75 if on_face else 0.0
            for c in range(3):
                solid = tints[0, c] + s * (tints[2, c] - tints[0, c])
                solid += d * (tints[1, c] - solid)
                solid += grey * (tints[3, c] - solid)
                found[row, column, c] = min(1.0, solid * tone)


@parallel(error_model="numpy")
def _march_voids(void, domain, shell, repeats, half, axes, scale, lamp, step, cut, tints, found):  # type: ignore[no-untyped-def]
    height, width = found.shape[:2]
    n = np.array([void.shape[0] * repeats[0], void.shape[1] * repeats[1], void.shape[2] * repeats[2]])
    for line in nb.prange(height):
        row = np.int64(line)
        direction, origin, at, slope, spans = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(3)
        colour = np.empty(3)
        for c in range(3):
            direction[c] = -axes[2, c]
        for column in range(width):
            sx, sy = (column + 0.5 - 0.5 * width) / scale, (0.5 * height - row - 0.5) / scale
            for c in range(3):
                origin[c] = sx * axes[0, c] + sy * axes[1, c] + 4.0 * axes[2, c]
            _entry(origin, direction, -half, half, spans)
            first, last = spans[0], spans[1]
            if last <= first:
                found[row, column, 3] = 0.0
                continue
            through = 1.0
            colour[0], colour[1], colour[2] = 0.0, 0.0, 0.0
            before = 0.0
            place = first + 1e-6
            while place < last and through > 0.01:
                for c in range(3):
                    at[c] = (origin[c] + direction[c] * place + half[c]) / (2.0 * half[c]) * n[c]
                f = _sample(void, at[0], at[1], at[2])
                d = _sample(domain, at[0], at[1], at[2])
                skin = (d > 0.5) != (before > 0.5)
                before = d
                dense = max(0.0, f - 0.12)
                if dense > 0.0 or skin:
                    which = domain if skin else void
                    length = 0.0
                    for c in range(3):
                        if c == 0:
                            slope[c] = _sample(which, at[0] + 0.8, at[1], at[2]) - _sample(which, at[0] - 0.8, at[1], at[2])
                        elif c == 1:
                            slope[c] = _sample(which, at[0], at[1] + 0.8, at[2]) - _sample(which, at[0], at[1] - 0.8, at[2])
                        else:
                            slope[c] = _sample(which, at[0], at[1], at[2] + 0.8) - _sample(which, at[0], at[1], at[2] - 0.8)
                        length += slope[c] * slope[c]
                    length = np.sqrt(length) + 1e-6
                    facing = -(slope[0] * lamp[0] + slope[1] * lamp[1] + slope[2] * lamp[2]) / length
                    lit = 0.62 + 0.38 * facing
                    fog = 0.35 * (place - first) / (2.0 * half[0])
                    if skin:
                        rim = abs(slope[0] * axes[2, 0] + slope[1] * axes[2, 1] + slope[2] * axes[2, 2]) / length
                        opacity = 0.22 + 0.45 * (1.0 - rim) ** 2
                        for c in range(3):
                            tone = tints[1, c] * (0.72 + 0.34 * max(0.0, facing))
                            colour[c] += through * opacity * (tone + fog * (1.0 - tone))
                        through *= 1.0 - opacity
                    else:
                        opacity = 1.0 - np.exp(-dense * 26.0 * step / half[2])
                        share = min(1.0, dense / 0.45)
                        for c in range(3):
                            light, dark = (0.42, 0.60, 0.78)[c], (0.04, 0.14, 0.30)[c]
                            tone = (light + share * (dark - light)) * (0.55 + 0.75 * lit)
                            colour[c] += through * opacity * (tone + fog * (1.0 - tone))
                        through *= 1.0 - opacity
                place += step
            for c in range(3):
                found[row, column, c] = min(1.0, colour[c] + through)


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
        _box(canvas, half, axes, scale, texts, behind=of == "voids")
        canvas.imshow(shown, extent=span, interpolation="antialiased", aspect="auto", zorder=2)
        canvas.set_xlim(span[:2])
        canvas.set_ylim(span[2:])
    what = "the film with a corner cut out" if of == "film" else "the voids (blue, the darker the denser) and domains (amber skins)"
    again = "" if max(repeats) == 1 else "; the cell is repeated across the draw"
    words = f"{title} in three dimensions: {what}, in a box of {', '.join(texts)}{again}."
    return Picture(f"cracking-{of}", "The film, cut open" if of == "film" else "Voids and domains", words, figure)


def _box(axes: Any, half: Array, view: Array, scale: float, texts: list[str], *, behind: bool) -> None:
    """The edges of the box, and its lengths along three of them."""

    def seen(corner: tuple[float, float, float]) -> Array:
        return np.asarray(view[:2] @ (np.array(corner) * half) * scale)

    for axis in range(3):
        others = [a for a in range(3) if a != axis]
        for first in (-1.0, 1.0):
            for second in (-1.0, 1.0):
                ends = []
                for sign in (-1.0, 1.0):
                    corner = [0.0, 0.0, 0.0]
                    corner[axis], corner[others[0]], corner[others[1]] = sign, first, second
                    ends.append(seen((corner[0], corner[1], corner[2])))
                # Edges that meet the corner farthest from the viewer lie behind everything.
                hidden = _hidden(axis, others, first, second, view)
                if hidden and not behind:
                    continue
                axes.plot(*np.array(ends).T, color=GREY, linewidth=0.6, zorder=1 if hidden else 3, alpha=0.8)
    for axis, corner in ((0, (0.0, -1.0, -1.0)), (1, (1.0, 0.0, -1.0)), (2, (-1.0, -1.0, 0.0))):
        x, y = seen(corner)
        shift = {0: (0.0, -16.0), 1: (16.0, -12.0), 2: (-10.0, 0.0)}[axis]
        side = {0: "center", 1: "left", 2: "right"}[axis]
        axes.text(x + shift[0], y + shift[1], texts[axis], fontsize=8.0, color=INK, ha=side, va="center", zorder=4)


def _hidden(axis: int, others: list[int], first: float, second: float, view: Array) -> bool:
    towards = view[2]
    return bool(first * towards[others[0]] < 0.0 and second * towards[others[1]] < 0.0)
