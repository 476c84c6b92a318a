"""Numbers of several cells as one: the mean, and a band for what cells and grid leave open."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from poreline.quantities import Estimate, NotDetermined, Result
from poreline.quantities.fields import Meaning

DISCRETISATION = 0.06
"""Relative half-width of the band of grid and steps up to a stretch ratio of 3.8: from 1.5 to 3 porosity moved by at most 4.0 % from 64 to 96
voxels along an edge and by 4.1 % with twice the steps, together in squares 5.7 %; from 2 on by 2.4 %, at 3.8 by 4.5 % (one cell). Assumed to hold for all
else that is no width and no rupture."""
DISCRETISATION_OF_WIDTHS = 0.09
"""The same of widths of microcracks and pores: from a stretch ratio of 2 on by 6.7 % with the grid and 6.6 % with the steps, together
in squares at most 8.9 % in one kind of film."""
DISCRETISATION_OF_RUPTURE = 0.13
"""The same of the stretch ratio at rupture: of four bare cells it fell by 1 to 13 % from 64 to 96 voxels, by 7.4 % in their mean, of a
bonded and a shelled one by 3.3 and 2.6 %."""
CAVITATES_FROM = 4.05
"""Stretch ratio from which a matrix with domains may cavitate throughout: at 88 degC it does somewhere between 4.2 and 5.2."""
DISCRETISATION_OF_CAVITATION = 0.28
"""The half-width of grid and steps from 4.2 on: where that cavitation begins moves by 0.3 of stretch ratio, and the porosity around it
by up to 28 % to either side of its middle (one packing each of bare, bonded and two kinds of shelled film on 32, 48 and 64 voxels,
and with twice the steps)."""
_DRAWN_TO = 3.8, 4.0, 4.2
_SHARES = DISCRETISATION, 0.08, DISCRETISATION_OF_CAVITATION
"""Relative half-widths of grid and steps at those stretch ratios; at 4 the shelled cell that cavitates first moved by 1.8 % from 48
to 64 voxels and by 6.5 % with twice the steps. Between them interpolated."""
PACKING_SCATTER = 0.12
"""Relative half-width of what one packing of eight domains leaves open in the porosity: three packings scattered so far."""
_SHARE = 0.95  # of the distribution below the high end: the band holds 90 %


def student_t(degrees: int, share: float = _SHARE) -> float:
    """Quantile of Student's t distribution for a number of degrees of freedom, 1 or more."""
    from scipy.special import stdtrit  # without scipy.stats, which takes half a second to import

    return float(stdtrit(degrees, share))


def grid_share(stretch_ratio: float) -> float:
    """Relative half-width of the band of grid and steps of a cell drawn to that stretch ratio."""
    return float(np.interp(stretch_ratio, _DRAWN_TO, _SHARES))


def half_width(values: Sequence[float], weight: float = 1.0, grid: float = DISCRETISATION) -> float:
    """Half-width of the 90 % band of a mean over cells; same unit as the values.

    Several cells: t s/sqrt(n) with the standard deviation s between them; one cell: `PACKING_SCATTER` of its value.
    The share `grid` of the mean is added in squares. Both are seen for the porosity; `weight` tells how far a number follows it.
    """
    mean = float(np.mean(values))
    scatter = weight * PACKING_SCATTER * abs(mean)
    if len(values) > 1:
        scatter = student_t(len(values) - 1) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return math.hypot(scatter, weight * grid * mean)


def band_words(count: int, grid: float = DISCRETISATION) -> str:
    """How the band of a mean over `count` cells came about."""
    resolved = f"{100 * grid:.2g} % for grid and steps"
    if count == 1:
        return f"band: one cell, {100 * PACKING_SCATTER:g} % for where its domains lie (seen for porosity), {resolved}"
    return f"band: scatter between {count} cells (Student's t), {resolved}"


def combined(
    values: Sequence[float],
    about: Meaning,
    *,
    reasons: Sequence[str] = (),
    exact: bool = False,
    share: bool = False,
    weight: float = 1.0,
    grid: float = DISCRETISATION,
) -> Result:
    """The mean over cells with its band; not determined where a cell has no number.

    `exact` numbers are the same in every cell and have no band; a `share` of at most 1 in every cell stays there. `reasons` says for each
    cell why it has no number; `weight` and `grid` as in `half_width`.
    """
    known = [value for value in values if math.isfinite(value)]
    if len(known) < len(values) or not known:
        why = next((reason for reason in reasons if reason), "It came out as no finite number.")
        where = "" if len(values) == 1 or not known else f" (in {len(values) - len(known)} of {len(values)} cells)"
        return NotDetermined(f"{why.rstrip('.')}{where}.", about.unit, about.meaning)
    mean = float(np.mean(known))
    width = 0.0 if exact else half_width(known, weight, grid)
    low, high = mean - width, mean + width
    if min(known) >= 0.0:
        low = max(low, 0.0)
    if share and max(known) <= 1.0:
        high = min(high, 1.0)
    method = about.method if exact else "; ".join(part for part in (about.method, band_words(len(known), grid)) if part)
    return Estimate(mean, low, high, about.unit, about.meaning, method)
