"""The film cracking open along its programme, as an animated picture: one frame for each station."""

from __future__ import annotations

import contextlib
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

from poreline.quantities import Fault, InvalidInput, from_si, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.report.cracking.deformed import deformed_picture
from poreline.report.cracking.frames import Frame
from poreline.report.cracking.look import DOMAIN, MATRIX, SHELL, VOID
from poreline.report.figures import COLOURS, FIGURE_SETTINGS, GREY, INK
from poreline.report.measured.pictures import round_length
from poreline.report.text import pretty_unit

_LETTER = 0.0092  # of the width, that a letter of the legend takes
_DOTS = 100  # a printed inch, for the sizes of letters
_WIDTH = 7.6  # inches
_MARGIN = 0.22
_HEAD, _FOOT, _CURVE = 0.62, 0.42, 1.12
_FILM_SHARE = 0.30  # of the width, that the film takes in height if it can be repeated so often
_MOST_REPEATS = 4
_COLOURS_OF_GIF = 160
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
    film_height = math.ceil(repeats * thickest / pixel)
    return [_page(frames, index, pixel, repeats, film_height, name) for index in range(len(frames))]


def write_animation(path: Path, frames: Sequence[Frame], *, name: str = "") -> Path:
    """Write the animation as a GIF, whole or not at all; returns the path. Raises InvalidInput as `animation`, and for a path."""
    images = animation(frames, name=name)
    palette = _palette(images)
    reduced = [image.quantize(palette=palette, dither=0) for image in images]
    durations = [MILLISECONDS] * len(images)
    durations[0] = MILLISECONDS_FIRST
    durations[-1] = MILLISECONDS_LAST
    unfinished = ""
    try:
        handle, unfinished = tempfile.mkstemp(dir=path.absolute().parent, prefix=".unfinished-", suffix=".gif")
        with os.fdopen(handle, "wb") as stream:
            reduced[0].save(
                stream,
                format="GIF",
                save_all=True,
                append_images=reduced[1:],
                duration=durations,
                loop=0,
                optimize=True,
                disposal=1,
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


def _palette(images: Sequence[Any]) -> Any:
    """One palette for all frames: with one for each the colours would flicker."""
    from PIL import Image

    chosen = [images[i] for i in sorted({0, len(images) // 2, len(images) - 1})]
    width, height = chosen[0].size
    together = Image.new("RGB", (width, height * len(chosen)))
    for place, image in enumerate(chosen):
        together.paste(image, (0, place * height))
    return together.quantize(colors=_COLOURS_OF_GIF, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def _page(frames: Sequence[Frame], index: int, pixel: float, repeats: int, film_height: int, name: str) -> Any:
    from PIL import Image

    frame = frames[index]
    film = film_height / _DOTS
    whole = _HEAD + film + _FOOT + _CURVE
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(_WIDTH, whole), dpi=_DOTS, facecolor=_PAPER)
        canvas: Any = FigureCanvasAgg(figure)
        _title(figure, frame, name, whole)
        _legend(figure, frame, pixel, (_CURVE + 0.13) / whole, whole)
        _curve(figure, frames, index, whole)
        canvas.draw()
        page = np.asarray(canvas.buffer_rgba())[..., :3].copy()
    picture = deformed_picture(frame, pixel, repeats)
    height, width = picture.shape[:2]
    top = round(_HEAD * _DOTS) + (film_height - height) // 2
    left = (page.shape[1] - width) // 2
    page[top : top + height, left : left + width] = np.round(255 * picture[..., :3]).astype(np.uint8)
    _outline(page, top, left, height, width)
    return Image.fromarray(page)


def _outline(page: npt.NDArray[np.uint8], top: int, left: int, height: int, width: int) -> None:
    """A hairline above and below the film; its ends are open, since the cell repeats."""
    for row in (top - 1, top + height):
        page[row, left : left + width] = (107, 114, 128)


def _title(figure: Figure, frame: Frame, name: str, whole: float) -> None:
    left, right = _MARGIN / _WIDTH, 1.0 - _MARGIN / _WIDTH
    upper, lower = 1.0 - 0.21 / whole, 1.0 - 0.45 / whole
    big: dict[str, Any] = {"fontsize": 12.5, "color": INK, "va": "center", "fontweight": "bold"}
    figure.text(left, upper, f"stretch ratio {frame.stretch_ratio:.2f}", **big)
    figure.text(right, upper, f"porosity {100.0 * frame.porosity:.1f} %", ha="right", **big)
    small: dict[str, Any] = {"fontsize": 8.5, "color": GREY, "va": "center"}
    figure.text(left, lower, printable(name, 70), **small)
    parts = [frame.words] if frame.words else []
    if frame.temperature > 0.0:
        parts.append(f"{frame.temperature - ZERO_CELSIUS:.0f} °C")
    figure.text(right, lower, ", ".join(parts), ha="right", **small)


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
    figure.text(left + wide + 0.012, height + 0.1 / whole, text, fontsize=8.0, color=INK, va="center")
    entries = [("matrix", MATRIX), ("domain", DOMAIN), ("void", VOID)]
    if frame.shell.any():
        entries.insert(2, ("copolymer", SHELL))
    place = 1.0 - _MARGIN / _WIDTH
    for label, colour in reversed(entries):
        figure.text(place, height + 0.1 / whole, label, fontsize=8.0, color=INK, va="center", ha="right")
        place -= _LETTER * len(label) + 0.026
        patch = Rectangle(
            (place, height + 0.04 / whole), 0.016, 0.12 / whole, facecolor=colour, edgecolor=GREY, linewidth=0.4,
            transform=figure.transFigure,
        )  # fmt: skip
        figure.add_artist(patch)
        place -= 0.022
    figure.text(0.5, height + 0.1 / whole, "draw  ⟶", fontsize=8.0, color=GREY, va="center", ha="center")


def _curve(figure: Figure, frames: Sequence[Frame], index: int, whole: float) -> None:
    """Porosity against the stretch ratio: the whole way in grey, what is done in colour."""
    ratios = [frame.stretch_ratio for frame in frames]
    porosities = [100.0 * frame.porosity for frame in frames]
    bottom, height = 0.40 / whole, (_CURVE - 0.50) / whole
    axes = figure.add_axes(((_MARGIN + 0.36) / _WIDTH, bottom, 1.0 - (2.0 * _MARGIN + 0.40) / _WIDTH, height))
    axes.plot(ratios, porosities, color="#d3d8de", linewidth=1.4)
    axes.plot(ratios[: index + 1], porosities[: index + 1], color=COLOURS[0], linewidth=1.8)
    axes.plot(ratios[index], porosities[index], "o", color=COLOURS[0], markersize=5)
    axes.set_xlim(1.0, max(1.05, *ratios) + 0.02 * max(0.05, max(ratios) - 1.0))
    axes.set_ylim(0.0, max(1.0, 1.12 * max(porosities)))
    axes.yaxis.set_major_locator(mpl.ticker.MaxNLocator(2))
    axes.set_xlabel("stretch ratio", fontsize=8.0, labelpad=1.0)
    axes.set_ylabel("porosity (%)", fontsize=8.0)
