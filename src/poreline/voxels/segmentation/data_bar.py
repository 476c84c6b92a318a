"""The strip with text that an electron microscope writes below, or above, its picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_FEWEST_ROWS = 48  # a picture of fewer rows has no strip that could be told from it
_LOWEST, _HIGHEST = 8, 0.3  # rows of a strip, share of the picture
_SAME = 0.004  # share of the grey range within which two pixels are the same tone: one step of 8 bits
_TEXT_CONTRAST = 0.25  # share of the grey range by which text differs from its background
_BLANK_ROW = 0.97  # share of pixels of background in a row without text
_BACKGROUND_ROW = 0.4  # share of pixels of background in a row with text
_EQUAL_IN_STRIP = 0.6  # share of neighbours of the same tone in a row of a strip: most of it is background
_EQUAL_STEP = 0.25  # a picture's rows have at least so much less of it, because of their noise


def data_bar_rows(grey: npt.NDArray[Any]) -> tuple[int, int]:
    """Rows of a data bar at the top and at the bottom of a picture; 0 where there is none.

    A strip is a data bar if all of this holds: it spans the width; nearly all of its rows have one common background
    tone, without noise; the row next to the picture is blank; something on it stands out like text; and the rows of the
    picture beside it do have noise. A picture without noise is therefore never cut: its own plateaus look the same.
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
    """Height of the strip in the last rows."""
    rows = len(values)
    tolerance = _SAME * span
    lower = values[::-1][: int(_HIGHEST * rows) + 12]
    equal = (np.abs(np.diff(lower, axis=1)) <= tolerance).mean(axis=1)
    tone = np.median(lower, axis=1)
    own = (np.abs(lower - tone[:, None]) <= tolerance).mean(axis=1)
    flat = (equal >= _EQUAL_IN_STRIP) & (own >= _BACKGROUND_ROW)
    # A frame or a separator is a blank row of another tone, and a row through a line of text may have the text's tone.
    height = int(np.argmin(flat)) if not flat.all() else len(flat)
    if not _LOWEST <= height <= _HIGHEST * rows:
        return 0
    strip = lower[:height]
    background = float(np.median(tone[:height]))
    is_background = np.abs(strip - background) <= 2.0 * tolerance
    if is_background.mean(axis=1).mean() < _EQUAL_IN_STRIP:
        return 0
    blank_edge = own[height - 1] >= _BLANK_ROW
    text = np.abs(strip - background) >= _TEXT_CONTRAST * span
    with_text = (text.mean(axis=1) > 0.0) & (text.mean(axis=1) < _BLANK_ROW)
    has_text = 0.002 <= text.mean() <= 0.5 and with_text.sum() >= 3
    beside = equal[height : height + 10]
    noisy = len(beside) > 0 and float(np.median(equal[:height]) - np.median(beside)) >= _EQUAL_STEP
    return height if blank_edge and has_text and noisy else 0
