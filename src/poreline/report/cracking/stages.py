"""The film at the moments between which its programme goes over to something else, beside one another at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from poreline.line.volume.frames import Frame
from poreline.quantities import Fault, InvalidInput, from_si, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.report.cracking.animation import colour_legend
from poreline.report.cracking.deformed import deformed_picture
from poreline.report.figures import FIGURE_SETTINGS, GREY, INK, Picture
from poreline.report.measured.pictures import round_length
from poreline.report.text import pretty_unit

_WIDTH = 7.6  # inches
_GAP, _LABELS, _FOOT = 0.30, 0.42, 0.36
_LABELS_WIDE = 1.75  # inches, that the words above a picture take
_DOTS = 180  # an inch
_LONG = 8  # frames of a draw from which its middle is shown too


def stages_figure(frames: Sequence[Frame], *, name: str = "") -> Picture:
    """A plane of the cell at rest, in the middle of a long draw, at the end of each draw and at the end of all, to one scale.

    Raises InvalidInput without a frame.
    """
    if not frames:
        remedy = "Record some: FrameRecorder as at_station of stretch()."
        raise InvalidInput([Fault("frames", "0", "one or more", "There is no frame to show.", remedy)], "stages")
    chosen = chosen_frames(frames)
    scale = _WIDTH / max(frame.length for frame in chosen)  # inches for each m
    rows = _rows([max(_LABELS_WIDE, scale * frame.length) for frame in chosen])
    heights = [_LABELS + max(scale * chosen[i].thickness for i in row) for row in rows]
    whole = sum(heights) + (len(rows) - 1) * 0.12 + _FOOT
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(_WIDTH, whole))
        top = whole
        for row, height in zip(rows, heights, strict=True):
            left = 0.0
            for index in row:
                frame = chosen[index]
                _draw(figure, frame, scale, left, top, whole)
                left += max(_LABELS_WIDE, scale * frame.length) + _GAP
            top -= height + 0.12
        _foot(figure, chosen[0], scale, whole)
    described = "; ".join(f"{_when(frame)}: {_state(frame)}" for frame in chosen)
    words = (
        f"{printable(name, 80) or 'The film'}: the plane along the draw and the thickness that cuts the most domains, at "
        f"{len(chosen)} moments to one scale. {described}."
    )
    return Picture("cracking-stages", "The film, stage by stage", words, figure)


def chosen_frames(frames: Sequence[Frame]) -> list[Frame]:
    """The first, the middle of a long draw, the end of each draw, and the last."""
    found = [0]
    start = 0
    for words, group in groupby(frames, lambda frame: frame.words):
        end = start + len(list(group))
        if words.endswith("stretch"):
            if end - start >= _LONG:
                middle = 0.5 * (frames[start].stretch_ratio + frames[end - 1].stretch_ratio)
                found.append(min(range(start, end), key=lambda i: abs(frames[i].stretch_ratio - middle)))
            found.append(end - 1)
        start = end
    return [frames[i] for i in dict.fromkeys([*found, len(frames) - 1])]


def _rows(widths: Sequence[float]) -> list[list[int]]:
    rows: list[list[int]] = []
    left = 0.0
    for index, width in enumerate(widths):
        if not rows or left + width > _WIDTH + 1e-6:
            rows.append([])
            left = 0.0
        rows[-1].append(index)
        left += width + _GAP
    return rows


def _draw(figure: Figure, frame: Frame, scale: float, left: float, top: float, whole: float) -> None:
    wide, tall = scale * frame.length, scale * frame.thickness
    figure.text(left / _WIDTH, (top - 0.10) / whole, _when(frame), fontsize=8.4, color=INK, va="center")
    figure.text(left / _WIDTH, (top - 0.27) / whole, _state(frame), fontsize=8.0, color=GREY, va="center")
    bottom = top - _LABELS - tall
    axes = figure.add_axes((left / _WIDTH, bottom / whole, wide / _WIDTH, tall / whole))
    axes.set_axis_off()
    picture = deformed_picture(frame, 1.0 / (scale * _DOTS))
    axes.imshow(np.round(255 * picture).astype(np.uint8), interpolation="antialiased", aspect="auto")


def _when(frame: Frame) -> str:
    hot = f", {frame.temperature - ZERO_CELSIUS:.0f} °C" if frame.temperature > 0.0 else ""
    return f"{frame.words or 'film'}{hot}"


def _state(frame: Frame) -> str:
    return f"stretch {frame.stretch_ratio:.2f}, porosity {100.0 * frame.porosity:.1f} %"


def _foot(figure: Figure, frame: Frame, scale: float, whole: float) -> None:
    length = round_length(0.22 * _WIDTH / scale)
    wide, middle = scale * length / _WIDTH, 0.14 / whole
    bar = Line2D(
        [0.0, wide], [middle] * 2, color=INK, linewidth=2.2, solid_capstyle="butt", transform=figure.transFigure
    )
    figure.add_artist(bar)
    unit = "um" if length >= 0.9995e-6 else "nm"
    text = f"{from_si(length, unit):.4g} {pretty_unit(unit)}"
    figure.text(wide + 0.012, middle, text, fontsize=8.0, color=INK, va="center")
    figure.text(0.34, middle, "draw  ⟶", fontsize=8.0, color=GREY, va="center", ha="center")
    colour_legend(figure, 1.0, middle, _WIDTH, whole, shell=bool(frame.shell.any()))
