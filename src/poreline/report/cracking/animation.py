"""The film cracking open along its programme, as an animated picture: one frame for each station."""

from __future__ import annotations

import contextlib
import io
import math
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.ticker
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from poreline.line.volume.frames import Frame
from poreline.quantities import Fault, InvalidInput, from_si, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.report.cracking.deformed import deformed_picture
from poreline.report.cracking.look import DOMAIN, MATRIX, RAMP_LABEL, SHELL, draw_ramp
from poreline.report.figures import COLOURS, FIGURE_SETTINGS, GREY, INK
from poreline.report.measured.pictures import round_length
from poreline.report.text import pretty_unit

_LETTER = 0.066  # inches, that a letter of the legend takes
_DOTS = 100  # a printed inch, for the sizes of letters
_WIDTH = 7.6  # inches
_MARGIN = 0.22
_HEAD, _FOOT, _CURVE = 0.62, 0.42, 1.12
_FILM_SHARE = 0.30  # of the width, that the film takes in height if it can be repeated so often
_MOST_REPEATS = 4
_COLOURS_OF_GIF = 160
_QUALITY = 72  # of the WebP: letters stay clear
_PAPER = "#ffffff"
MILLISECONDS, MILLISECONDS_FIRST, MILLISECONDS_LAST = 140, 900, 2200
"""How long a frame stands: any, the first, the last."""


def animation(frames: Sequence[Frame], *, name: str = "") -> list[Any]:
    """The frames as Pillow images of one size, in their order: film, stretch ratio, porosity, curve of the porosity.

    All have the scale of the longest, so that the film is seen to grow; cells are repeated through the thickness. Raises
    InvalidInput without a frame.
    """
    if not frames:
        reason = "There is no frame to show."
        remedy = "Record some: FrameRecorder as at_station of stretch()."
        raise InvalidInput([Fault("frames", "0", "one or more", reason, remedy)], "animation")
    pixels = round((_WIDTH - 2.0 * _MARGIN) * _DOTS)
    pixel = max(frame.length for frame in frames) / pixels
    thickest = max(frame.thickness for frame in frames)
    repeats = min(_MOST_REPEATS, max(1, round(_FILM_SHARE * pixels * pixel / thickest)))
    film_height = repeats * math.ceil(thickest / pixel)
    pages = _Pages(frames, pixel, repeats, film_height, name)
    return [pages.page(index) for index in range(len(frames))]


def write_animation(path: Path, frames: Sequence[Frame], *, name: str = "") -> Path:
    """Write the animation as a GIF, whole or not at all; returns the path. Raises InvalidInput as `animation`, and for a path."""
    return write_gif(path, animation(frames, name=name))


def write_gif(path: Path, images: Sequence[Any]) -> Path:
    """Write the images of `animation` as a GIF, whole or not at all; returns the path. Raises InvalidInput for a path."""
    palette = _palette(images)
    reduced = [image.quantize(palette=palette, dither=0) for image in images]
    unfinished = ""
    try:
        handle, unfinished = tempfile.mkstemp(dir=path.absolute().parent, prefix=".unfinished-", suffix=".gif")
        with os.fdopen(handle, "wb") as stream:
            reduced[0].save(
                stream, format="GIF", append_images=reduced[1:], optimize=True, disposal=1, **_timing(images)
            )
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(unfinished or path.with_suffix(".none")).unlink(missing_ok=True)
        reason = f"It cannot be written: {error.strerror or error}."
        fault = Fault("path", printable(path, 200), "a file that can be written", reason, "Choose another file.")
        raise InvalidInput([fault], "animation") from error
    return path


def webp_of(images: Sequence[Any]) -> bytes:
    """The images of `animation` as an animated WebP, a quarter of a GIF's size: for a page that holds its pictures itself."""
    stream = io.BytesIO()
    images[0].save(stream, format="WEBP", append_images=list(images[1:]), quality=_QUALITY, method=2, **_timing(images))
    return stream.getvalue()


def _timing(images: Sequence[Any]) -> dict[str, Any]:
    durations = [MILLISECONDS] * len(images)
    durations[0] = MILLISECONDS_FIRST
    durations[-1] = MILLISECONDS_LAST
    return {"save_all": True, "duration": durations, "loop": 0}


def _palette(images: Sequence[Any]) -> Any:
    """One palette for all frames: with one for each the colours would flicker."""
    from PIL import Image

    chosen = [images[i] for i in sorted({0, len(images) // 2, len(images) - 1})]
    width, height = chosen[0].size
    together = Image.new("RGB", (width, height * len(chosen)))
    for place, image in enumerate(chosen):
        together.paste(image, (0, place * height))
    return together.quantize(colors=_COLOURS_OF_GIF, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


class _Pages:
    """The pages of an animation: what all have in common is drawn once, and on a copy of it what changes."""

    def __init__(self, frames: Sequence[Frame], pixel: float, repeats: int, film_height: int, name: str) -> None:
        self._frames, self._pixel, self._repeats, self._film_height = frames, pixel, repeats, film_height
        whole = _HEAD + film_height / _DOTS + _FOOT + _CURVE
        with mpl.rc_context(FIGURE_SETTINGS):
            figure = Figure(figsize=(_WIDTH, whole), dpi=_DOTS, facecolor=_PAPER)
            canvas: Any = FigureCanvasAgg(figure)
            self._texts = _title(figure, name, whole)
            _legend(figure, frames[0], pixel, (_CURVE + 0.13) / whole, whole)
            self._lines = _curve(figure, frames, whole)
            canvas.draw()
            self._canvas, self._common = canvas, canvas.copy_from_bbox(figure.bbox)

    def page(self, index: int) -> Any:
        """The page of one frame, a Pillow image."""
        from PIL import Image

        frame = self._frames[index]
        self._canvas.restore_region(self._common)
        with mpl.rc_context(FIGURE_SETTINGS):
            for text, words in zip(self._texts, _words(frame), strict=True):
                text.set_text(words)
                text.figure.draw_artist(text)
            done = self._frames[: index + 1]
            for line, part in zip(self._lines, (done, done[-1:]), strict=True):
                line.set_data([one.stretch_ratio for one in part], [100.0 * one.porosity for one in part])
                line.axes.draw_artist(line)
        page = np.asarray(self._canvas.buffer_rgba())[..., :3].copy()
        picture = deformed_picture(frame, self._pixel, self._repeats)
        height, width = picture.shape[:2]
        top = round(_HEAD * _DOTS) + (self._film_height - height) // 2
        left = (page.shape[1] - width) // 2
        page[top : top + height, left : left + width] = np.round(255 * picture[..., :3]).astype(np.uint8)
        _outline(page, top, left, height, width)
        return Image.fromarray(page)


def _outline(page: npt.NDArray[np.uint8], top: int, left: int, height: int, width: int) -> None:
    """A hairline above and below the film; its ends are open, since the cell repeats."""
    for row in (top - 1, top + height):
        page[row, left : left + width] = (107, 114, 128)


def _title(figure: Figure, name: str, whole: float) -> list[Any]:
    """The name, and the texts that change: what `_words` gives goes there."""
    left, right = _MARGIN / _WIDTH, 1.0 - _MARGIN / _WIDTH
    upper, lower = 1.0 - 0.21 / whole, 1.0 - 0.45 / whole
    big: dict[str, Any] = {"fontsize": 12.5, "color": INK, "va": "center", "fontweight": "bold", "animated": True}
    small: dict[str, Any] = {"fontsize": 8.5, "color": GREY, "va": "center"}
    figure.text(left, lower, printable(name, 70), **small)
    return [
        figure.text(left, upper, "", **big),
        figure.text(right, upper, "", ha="right", **big),
        figure.text(right, lower, "", ha="right", animated=True, **small),
    ]


def _words(frame: Frame) -> tuple[str, str, str]:
    parts = [frame.words] if frame.words else []
    if frame.temperature > 0.0:
        parts.append(f"{frame.temperature - ZERO_CELSIUS:.0f} °C")
    return f"stretch ratio {frame.stretch_ratio:.2f}", f"porosity {100.0 * frame.porosity:.1f} %", ", ".join(parts)


def _legend(figure: Figure, frame: Frame, pixel: float, height: float, whole: float) -> None:
    """A scale bar, and what the colours are."""
    left = _MARGIN / _WIDTH
    length = round_length(0.22 * (_WIDTH - 2.0 * _MARGIN) * _DOTS * pixel)
    wide = length / pixel / _DOTS / _WIDTH
    bar = Line2D(
        [left, left + wide], [height + 0.1 / whole] * 2, color=INK, linewidth=2.2, solid_capstyle="butt",
        transform=figure.transFigure,
    )  # fmt: skip
    figure.add_artist(bar)
    unit = "um" if length >= 0.9995e-6 else "nm"
    text = f"{from_si(length, unit):.4g} {pretty_unit(unit)}"
    middle = height + 0.1 / whole
    figure.text(left + wide + 0.012, middle, text, fontsize=8.0, color=INK, va="center")
    colour_legend(figure, 1.0 - _MARGIN / _WIDTH, middle, _WIDTH, whole, shell=bool(frame.shell.any()))
    figure.text(0.36, middle, "draw  ⟶", fontsize=8.0, color=GREY, va="center", ha="center")


def colour_legend(figure: Figure, right: float, middle: float, width: float, height: float, *, shell: bool) -> None:
    """What the colours are, in one line that ends at `right`; places as shares of the figure, its size in inches."""
    entries = [("matrix", MATRIX), ("domain", DOMAIN), *((("copolymer", SHELL),) if shell else ()), (RAMP_LABEL, None)]
    place, tall = right * width, 0.12
    for label, colour in reversed(entries):
        wide = 0.12 if colour is not None else 0.42
        place -= _LETTER * len(label) + 0.06 + wide
        figure.text((place + wide + 0.06) / width, middle, label, fontsize=8.0, color=INK, va="center")
        low = middle - tall / 2.0 / height
        if colour is None:
            draw_ramp(figure, (place / width, low, wide / width, tall / height))
        else:
            patch = Rectangle(
                (place / width, low), wide / width, tall / height, facecolor=colour, edgecolor=GREY, linewidth=0.4,
                transform=figure.transFigure,
            )  # fmt: skip
            figure.add_artist(patch)
        place -= 0.10


def _curve(figure: Figure, frames: Sequence[Frame], whole: float) -> list[Any]:
    """Porosity against the stretch ratio, the whole way in grey; the lines of what is done, and where the film is."""
    ratios = [frame.stretch_ratio for frame in frames]
    porosities = [100.0 * frame.porosity for frame in frames]
    bottom, height = 0.40 / whole, (_CURVE - 0.50) / whole
    axes = figure.add_axes(((_MARGIN + 0.36) / _WIDTH, bottom, 1.0 - (2.0 * _MARGIN + 0.40) / _WIDTH, height))
    axes.plot(ratios, porosities, color="#d3d8de", linewidth=1.4)
    done = axes.plot([], [], color=COLOURS[0], linewidth=1.8, animated=True)
    here = axes.plot([], [], "o", color=COLOURS[0], markersize=5, animated=True)
    axes.set_xlim(1.0, max(1.05, *ratios) + 0.02 * max(0.05, max(ratios) - 1.0))
    axes.set_ylim(0.0, max(1.0, 1.12 * max(porosities)))
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(2))
    axes.set_xlabel("stretch ratio", fontsize=8.0, labelpad=1.0)
    axes.set_ylabel("porosity (%)", fontsize=8.0)
    return [*done, *here]
