"""Roots of a function of one variable, bracketed, for many samples at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from poreline.quantities.fields import Values


def bracketed_root(
    function: Callable[[npt.NDArray[np.float64]], Values],
    low: Values,
    high: Values,
    *,
    tolerance: float = 1e-9,
    steps: int = 60,
) -> npt.NDArray[np.float64]:
    """Where `function` is zero between `low` and `high`, element by element; NaN where it has one sign at both ends.

    `function` maps an array to an array of the same shape. Stops when every bracket or step is below `tolerance`
    (absolute). Illinois variant of the false position. Source: Dowell and Jarratt, BIT 11 (1971) 168, not re-read.
    """
    a, b = (np.array(end, dtype=float) for end in np.broadcast_arrays(low, high))
    fa, fb = np.asarray(function(a), dtype=float), np.asarray(function(b), dtype=float)
    a, b, fa, fb = (np.array(part) for part in np.broadcast_arrays(a, b, fa, fb))
    bracketed = np.sign(fa) * np.sign(fb) <= 0.0
    root = b
    for _ in range(steps):
        slope = fb - fa
        flat = slope == 0.0
        new = np.where(flat, b, b - fb * (b - a) / np.where(flat, 1.0, slope))
        moved = np.abs(new - root)
        fnew = np.asarray(function(new), dtype=float)
        crossed = np.sign(fnew) * np.sign(fb) < 0.0
        a, fa = np.where(crossed, b, a), np.where(crossed, fb, 0.5 * fa)
        b, fb, root = new, fnew, new
        if not np.any((moved > tolerance) & (np.abs(b - a) > tolerance) & (fb != 0.0) & bracketed):
            break
    return np.where(bracketed, root, np.nan)
