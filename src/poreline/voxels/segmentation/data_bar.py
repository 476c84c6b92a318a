"""The strip with text that an electron microscope writes below, or above, its picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST_ROWS = 48  # a picture of fewer rows has no strip that could be told from it
_LOWEST, _HIGHEST = 8, 0.3  # rows of a strip, share of the picture
_SAME = 0.004  # share of the grey range within which two pixels are the same tone: one step of 8 bits
_TEXT_CONTRAST = 0.25  # share of the grey range by which text differs from its background
_BLANK = 0.985  # share of pixels of one tone in a row without text; a frame at the sides may take the rest
_FEWEST_BLANK_ROWS = 0.1  # share of a strip's rows that are blank: margins around the text
_BACKGROUND = 0.5  # share of a strip's pixels that have the tone of its background
_TEXT = (0.002, 0.45)  # share of a strip's pixels that stand out
_FEWEST_TEXT_ROWS = 3
_STROKES = 0.6  # share of the text's pixels that touch another one along a row or column: strokes, not specks
_NOISY = 0.75  # share of neighbours of the same tone in the rows of a picture, at most
_BESIDE = 10  # rows of the picture that are looked at


def data_bar_rows(grey: npt.NDArray[Any]) -> tuple[int, int]:
    """Rows of a data bar at the top and at the bottom of a picture; 0 where there is none.

    A strip is a data bar if all of this holds: it spans the width and takes no more than 30 % of the rows; most of it is
    one tone without noise; the row next to the picture is blank, as are other rows; something on it stands out like
    text; and the rows of the picture beside it do have noise. A picture without noise is therefore never cut: its own
    plateaus look the same.
    """
    rows, columns = grey.shape
    if rows < _FEWEST_ROWS or columns < 16:
        return 0, 0
    values = grey.astype(np.float32)
    span = float(values.max() - values.min())
    if span <= 0.0:
        return 0, 0
    return _strip_height(values[::-1], span), _strip_height(values, span)


def _strip_height(values: npt.NDArray[np.float32], span: float) -> int:
    """Height of the strip in the last rows, the highest that is a data bar."""
    highest = int(_HIGHEST * len(values))
    lower = values[::-1][: highest + _BESIDE]
    tolerance = _SAME * span
    equal = (np.abs(np.diff(lower, axis=1)) <= tolerance).mean(axis=1)
    tone = np.median(lower, axis=1)
    blank = (np.abs(lower - tone[:, None]) <= tolerance).mean(axis=1) >= _BLANK
    for height in range(highest, _LOWEST - 1, -1):
        beside = equal[height : height + _BESIDE]
        if (
            blank[height - 1]
            and np.median(beside) <= _NOISY
            and _is_data_bar(lower[:height], blank[:height], tone, span)
        ):
            return height
    return 0


def _is_data_bar(
    strip: npt.NDArray[np.float32], blank: npt.NDArray[np.bool_], tone: npt.NDArray[np.float32], span: float
) -> bool:
    background = float(np.median(tone[: len(strip)][blank]))
    off = np.abs(strip - background)
    text = off >= _TEXT_CONTRAST * span
    return bool(
        blank.mean() >= _FEWEST_BLANK_ROWS
        and (off <= 2.0 * _SAME * span).mean() >= _BACKGROUND
        and _TEXT[0] <= text.mean() <= _TEXT[1]
        and text[~blank].any(axis=1).sum() >= _FEWEST_TEXT_ROWS
        and _share_in_strokes(text) >= _STROKES
    )


def _share_in_strokes(text: npt.NDArray[np.bool_]) -> float:
    padded = np.pad(text, 1)
    touching = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return float((text & touching).sum() / text.sum())
