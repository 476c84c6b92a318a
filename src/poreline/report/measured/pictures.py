"""Pictures of a measured image: middle slices beside the local thickness, and a section beside its segmentation."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from poreline.line.measurement import Measurement
from poreline.quantities import format_quantity, from_si
from poreline.report.figures import FIGURE_SETTINGS, INK, Picture
from poreline.report.measured.curves import shown_length
from poreline.report.text import pretty_unit
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXES, AXIS_NAMES
from poreline.voxels.segmentation import SegmentedPicture

_MOST_PIXELS = 360  # along an edge of a slice: the width of its picture on a desk
_MOST_PIXELS_PICTURE = 900  # of a section, which is the only picture of its page
_SOLID, _VOID = "#4a5a68", "#ffffff"
_WIDTH, _FOOT = 3.9, 0.4  # inches
_TALLEST = 3.9
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Slice:
    """A plane through the middle of the image, first axis to the right, second axis up."""

    across: int
    right: int
    up: int
    void: FloatArray
    thickness: FloatArray | None

    @property
    def title(self) -> str:
        return f"{AXIS_NAMES[self.right]}-{AXIS_NAMES[self.up]} plane, middle of {AXIS_NAMES[self.across]}"


def slice_pictures(made: Measurement) -> list[Picture]:
    """Middle slices: the image, and beside it the local thickness where it was measured. A section has one of each."""
    return list(_slice_pictures(made))


def _slice_pictures(made: Measurement) -> Iterator[Picture]:
    image, thickness = made.image, made.structure.maps.get("local_thickness")
    slices = [_middle(image, thickness, across) for across in (2, 1, 0) if not image.is_section or across == 2]
    top = (
        float(np.percentile(thickness[thickness > 0], 99.5)) if thickness is not None and (thickness > 0).any() else 0.0
    )
    for cut in slices:
        name = f"{AXIS_NAMES[cut.right]}{AXIS_NAMES[cut.up]}"
        share = float(cut.void.mean())
        words = f"{cut.title}: pores white, solid dark; {100 * share:.3g} % of this plane is open."
        if not isinstance(made.segmented, SegmentedPicture):  # it is shown larger, beside its original
            with mpl.rc_context(FIGURE_SETTINGS):
                figure, axes = _sheet(image.edges[cut.right], image.edges[cut.up])
                axes.imshow(cut.void.T, cmap=ListedColormap(_tones()), vmin=0.0, vmax=1.0, **_placed(image, cut))
                _scale_bar(axes, image.edges[cut.right], _names(image, cut))
            yield Picture(f"slice-{name}", f"Image, {cut.title}" if not image.is_section else "Image", words, figure)
        if cut.thickness is not None and top > 0.0:
            yield _thickness_picture(image, cut, top, name)


def _thickness_picture(image: VoxelImage, cut: _Slice, top: float, name: str) -> Picture:
    assert cut.thickness is not None
    unit = shown_length(np.array([top]), "m", "")
    inside = cut.thickness > 0
    mean = float(cut.thickness[inside].mean()) if inside.any() else 0.0
    words = f"{cut.title}: local thickness of the pores in colour, mean {format_quantity(mean, unit, 3)}; the solid is grey."
    with mpl.rc_context(FIGURE_SETTINGS):
        figure, axes = _sheet(image.edges[cut.right], image.edges[cut.up])
        scale = from_si(1.0, unit)
        values = np.ma.masked_where(~inside, cut.thickness * scale)
        colours = mpl.colormaps["viridis"].with_extremes(bad="#d9dee3")
        shown = axes.imshow(values.T, cmap=colours, vmin=0.0, vmax=top * scale, **_placed(image, cut))
        _scale_bar(axes, image.edges[cut.right])
        place, whole = axes.get_position(), figure.get_figheight()
        bar = figure.add_axes((place.x0 + 0.4 * place.width, 0.24 / whole, 0.46 * place.width, 0.09 / whole))
        figure.colorbar(shown, cax=bar, orientation="horizontal").outline.set_linewidth(0.4)
        bar.xaxis.set_major_locator(MaxNLocator(4))
        bar.tick_params(labelsize=7.4, pad=1.5, length=0)
        text = f" {pretty_unit(unit)}"
        figure.text(place.x0 + 0.88 * place.width, 0.285 / whole, text, fontsize=7.6, color=INK, va="center")
    title = f"Local thickness, {cut.title}" if not image.is_section else "Local thickness"
    return Picture(f"thickness-{name}", title, words, figure)


def _tones() -> list[tuple[float, float, float]]:
    solid, void = (np.array([int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)]) for c in (_SOLID, _VOID))
    return [tuple(solid + (void - solid) * t) for t in np.linspace(0.0, 1.0, 64)]


def _middle(image: VoxelImage, thickness: FloatArray | None, across: int) -> _Slice:
    right, up = (axis for axis in AXES if axis != across)
    place = image.shape[across] // 2
    void = np.take(image.void, place, axis=across).astype(np.float32)
    found = np.take(thickness, place, axis=across) if thickness is not None else None
    step = max(1, math.ceil(max(void.shape) / _MOST_PIXELS))
    # The thickness of a place is not averaged with its neighbours: between a wide and a narrow pore there is none of middle width.
    return _Slice(
        across, right, up, reduced(void, step), None if found is None else np.ascontiguousarray(found[::step, ::step])
    )


def reduced(values: npt.NDArray[Any], step: int) -> FloatArray:
    """Means of blocks of `step` x `step`; what is left over at the ends is cut."""
    if step == 1:
        return np.asarray(values, np.float32)
    rows, columns = (length // step for length in values.shape)
    whole = np.asarray(values[: rows * step, : columns * step], np.float32)
    return whole.reshape(rows, step, columns, step).mean(axis=(1, 3))


def _sheet(width: float, height: float, tallest: float = _TALLEST) -> tuple[Figure, Any]:
    """A figure for a picture of this width and height, in any unit, with a foot for the scale bar."""
    tall = min(tallest, max(0.5, _WIDTH * height / width))
    wide = min(_WIDTH, tall * width / height)
    whole = tall + _FOOT
    figure = Figure(figsize=(_WIDTH, whole))
    axes = figure.add_axes((0.0, _FOOT / whole, wide / _WIDTH, tall / whole))
    axes.set_axis_off()
    return figure, axes


def _placed(image: VoxelImage, cut: _Slice) -> dict[str, Any]:
    extent = (0.0, image.edges[cut.right], 0.0, image.edges[cut.up])
    # The rows of a picture count downwards.
    origin = "upper" if image.is_section else "lower"
    return {"origin": origin, "extent": extent, "interpolation": "none", "aspect": "auto"}


def _names(image: VoxelImage, cut: _Slice) -> str:
    return f"→ {AXIS_NAMES[cut.right]}   {'↓' if image.is_section else '↑'} {AXIS_NAMES[cut.up]}"


def round_length(longest: float) -> float:
    """The longest of 1, 2, 5 times a power of ten that is no longer."""
    power = 10.0 ** math.floor(math.log10(longest))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= longest * (1 + 1e-12))


def _scale_bar(axes: Any, width: float, names: str = "") -> None:
    """Below the picture a bar of round length with its length, and at the right `names`; `width` in m."""
    figure = axes.figure
    length = round_length(0.3 * width)
    place, whole = axes.get_position(), figure.get_figheight()
    # In the foot, not on the picture: it must not hide a pore.
    ends, height = [place.x0, place.x0 + place.width * length / width], 0.26 / whole
    bar = Line2D(ends, [height, height], color=INK, linewidth=2.2, solid_capstyle="butt", transform=figure.transFigure)
    figure.add_artist(bar)
    unit = shown_length(np.array([length]), "m", "")
    text = f"{from_si(length, unit):.4g} {pretty_unit(unit)}"
    figure.text(ends[0], 0.04 / whole, text, fontsize=7.8, color=INK, va="bottom")
    figure.text(place.x0 + place.width, 0.04 / whole, names, fontsize=7.8, color=INK, va="bottom", ha="right")


# A section and its segmentation


def section_pictures(made: Measurement) -> list[Picture]:
    """A grey picture, and the same with the outline of what counts as pore; none for an image without grey values."""
    seen = made.segmented
    if not isinstance(seen, SegmentedPicture):
        return []
    step = max(1, math.ceil(max(seen.original.shape) / _MOST_PIXELS_PICTURE))
    grey, void = reduced(seen.original, step), reduced(seen.void, step)
    low, high = np.percentile(grey, [0.5, 99.5])
    edges = made.image.edges
    made_pictures = []
    for name, title, words in (
        ("section-original", "As photographed", "The picture without its data bar, brightness stretched."),
        ("section-pores", "What counts as pore", "The same picture: pores tinted, their outline drawn."),
    ):
        with mpl.rc_context(FIGURE_SETTINGS):
            figure, axes = _sheet(edges[0], edges[1], 2.0 * _TALLEST)
            axes.imshow(grey, cmap="gray", vmin=low, vmax=max(high, low + 1e-6), interpolation="none", aspect="auto")
            if name == "section-pores":
                _outline(axes, void)
            _scale_bar(axes, edges[0])
        made_pictures.append(Picture(name, title, words, figure))
    return made_pictures


def _outline(axes: Any, void: FloatArray) -> None:
    tint = np.zeros((*void.shape, 4), np.float32)
    tint[..., :3] = [0.73, 0.33, 0.05]
    tint[..., 3] = 0.45 * (void >= 0.5)
    tint[_edges(void >= 0.5)] = [1.0, 0.62, 0.2, 1.0]
    # Drawn as pixels: as a path, the outline of a few thousand pores would be megabytes.
    axes.imshow(tint, interpolation="none", aspect="auto")


def _edges(opened: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Open pixels beside a closed one."""
    padded = np.pad(opened, 1, mode="edge")
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return opened & ~inner
