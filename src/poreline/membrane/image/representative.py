"""Whether an image is large enough: how a mean changes from sub-volume to sub-volume, and the band that follows for the whole.

A mean over one image is one draw from the membrane. The spread between its sub-volumes tells how far another draw would
lie off (representative volume: Kanit et al. 2003). Sub-volumes are equal boxes that fill the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.voxels.threads import parallel

Array = npt.NDArray[np.float64]
Counts = tuple[int, int, int]

FEWEST_BLOCKS = 4
"""Sub-volumes with a value below which their spread tells nothing."""
MOST_DIVISIONS = 10
"""Parts of an edge up to which the curve over sub-volume size goes."""
FITTED_DIVISIONS = 4
"""Largest sub-volumes that the decay is fitted to; smaller ones are no larger than the structure and scatter by another law."""
SMALLEST_BLOCK = 4
"""Voxels along the edge of the smallest sub-volume."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SubvolumeCurve:
    """How a mean scatters between sub-volumes, over the size of the sub-volume."""

    edge: Array
    """(n,) edge of a cube as large as the sub-volume (of a square, in a section), m; the largest first."""
    number: npt.NDArray[np.int64]
    """(n,) sub-volumes that hold a value."""
    spread: Array
    """(n,) standard deviation between the sub-volumes over their mean."""
    decay: float = quantity("1", "exponent d of the fit, spread = c edge^-d; 1.5 where distant places are independent")
    error_relative: float = quantity(
        "1", "standard error of the whole image's mean over the mean: the fit at the whole image"
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Representative:
    """A mean over the image with its 5-95 % band, and how it came about."""

    mean: float
    low: float
    high: float
    curve: SubvolumeCurve


@parallel(fastmath={"reassoc", "nsz", "contract"})
def _cell_sums(values, weights, weighted, x, y, z, sums, totals):  # type: ignore[no-untyped-def]
    """Sum of weight times value, and of the weights, of every box; x, y, z are the first voxels of the boxes."""
    for bx in nb.prange(sums.shape[0]):
        for by in range(sums.shape[1]):
            sums[bx, by] = 0.0
            totals[bx, by] = 0.0
            for i in range(x[bx], x[bx + 1]):
                for j in range(y[by], y[by + 1]):
                    for bz in range(sums.shape[2]):
                        total, mass = 0.0, 0.0
                        if weighted:
                            for k in range(z[bz], z[bz + 1]):
                                weight = np.float64(weights[i, j, k])
                                total += weight * values[i, j, k] if weight > 0.0 else 0.0
                                mass += weight
                        else:
                            for k in range(z[bz], z[bz + 1]):
                                total += np.float64(values[i, j, k])
                            mass = np.float64(z[bz + 1] - z[bz])
                        sums[bx, by, bz] += total
                        totals[bx, by, bz] += mass


@parallel()
def _ranges(values, weights, weighted, lows, highs):  # type: ignore[no-untyped-def]
    """Least and greatest value of each plane, of the voxels that have a weight."""
    nx, ny, nz = values.shape
    for i in nb.prange(nx):
        low, high = np.inf, -np.inf
        for j in range(ny):
            for k in range(nz):
                value = np.float64(values[i, j, k])
                if not weighted or weights[i, j, k] > 0:
                    low, high = min(low, value), max(high, value)
        lows[i], highs[i] = low, high


def block_edges(length: int, count: int) -> npt.NDArray[np.int64]:
    """First voxel of each of `count` nearly equal parts of an edge of `length` voxels, and the end: (count + 1,)."""
    return np.arange(count + 1, dtype=np.int64) * length // count


def means_of_divisions(
    values: npt.NDArray[np.generic], divided: Sequence[Counts], weights: npt.NDArray[np.generic] | None = None
) -> list[tuple[Array, Array]]:
    """Mean of each sub-volume and its weight, for several divisions of the image in one pass over it.

    `values` and `weights` (or None: all equal) have the image's shape and any real or bool type; no copy is made. A division is the
    number of sub-volumes along each axis; its two arrays have that shape. The mean is NaN where a sub-volume has no
    weight. Memory: 16 bytes for each box between the cuts of all divisions.
    """
    _check(values, divided, weights)
    # Every sub-volume of every division is made of whole boxes between the cuts of all of them.
    cuts = [
        np.unique(np.concatenate([block_edges(length, counts[axis]) for counts in divided]))
        for axis, length in enumerate(values.shape)
    ]
    sums = np.empty(tuple(cut.size - 1 for cut in cuts))
    totals = np.empty_like(sums)
    _cell_sums(
        values, values if weights is None else weights, weights is not None, cuts[0], cuts[1], cuts[2], sums, totals
    )
    found = []
    for counts in divided:
        part, mass = sums, totals
        for axis, (length, count) in enumerate(zip(values.shape, counts, strict=True)):
            starts = np.searchsorted(cuts[axis], block_edges(length, count)[:-1])
            part, mass = np.add.reduceat(part, starts, axis=axis), np.add.reduceat(mass, starts, axis=axis)
        found.append((np.divide(part, mass, out=np.full(counts, np.nan), where=mass > 0), mass))
    return found


def block_means(
    values: npt.NDArray[np.generic], counts: Counts, weights: npt.NDArray[np.generic] | None = None
) -> tuple[Array, Array]:
    """Mean and weight of each sub-volume of one division, as in `means_of_divisions`."""
    return means_of_divisions(values, [counts], weights)[0]


def _limits(values: npt.NDArray[np.generic], weights: npt.NDArray[np.generic] | None) -> tuple[float, float]:
    """Least and greatest value of the voxels that have a weight."""
    lows, highs = np.empty(values.shape[0]), np.empty(values.shape[0])
    _ranges(values, values if weights is None else weights, weights is not None, lows, highs)
    return float(lows.min()), float(highs.max())


def _check(values: npt.NDArray[np.generic], divided: Sequence[Counts], weights: npt.NDArray[np.generic] | None) -> None:
    faults = []
    if weights is not None and weights.shape != values.shape:
        reason = "It does not have the shape of the values."
        remedy = "Give one weight for each voxel."
        faults.append(Fault("weights", str(weights.shape), str(values.shape), reason, remedy))
    if values.ndim != 3:
        reason, remedy = "A map of a structure has three axes.", "A picture is a map one voxel thick."
        faults.append(Fault("values", f"{values.ndim} axes", "3 axes", reason, remedy))
    else:
        reason, remedy = "A sub-volume has at least one voxel.", "Ask for fewer sub-volumes."
        faults += [
            Fault("counts", str(counts), f"1 to {values.shape}", reason, remedy)
            for counts in divided
            if any(not 1 <= count <= length for count, length in zip(counts, values.shape, strict=True))
        ]
    if faults:
        raise InvalidInput(faults, "sub-volumes")


def band_of_blocks(
    means: Array, weights: Array | None = None, limits: tuple[float, float] = (-np.inf, np.inf)
) -> tuple[float, float, float]:
    """Mean of the whole and its 5-95 % band from the means of sub-volumes, taken as independent draws.

    mean = sum(w m) / sum(w); the band is mean -/+ t s / sqrt(n) with Student's 95 % quantile of n - 1 degrees of freedom
    and s the standard deviation of w (m - mean) / mean(w), the linearised error of a ratio (Cochran 1977). Sub-volumes
    without weight, or whose mean is NaN, are left out. The band stays inside `limits`; low and high are NaN where fewer than four sub-volumes
    have a value, and so is the mean where none has.
    """
    from scipy.special import stdtrit  # scipy.stats has it too, and takes a second to be read

    weights = np.ones_like(means) if weights is None else weights
    used = (weights > 0) & np.isfinite(means)
    number = int(used.sum())
    if number == 0:
        return np.nan, np.nan, np.nan
    m, w = means[used], weights[used]
    mean = float((w * m).sum() / w.sum())
    if number < FEWEST_BLOCKS:
        return mean, np.nan, np.nan
    deviation = w / w.mean() * (m - mean)
    error = float(np.sqrt((deviation**2).sum() / (number - 1) / number))
    reach = float(stdtrit(number - 1, 0.95)) * error
    return mean, min(mean, max(limits[0], mean - reach)), max(mean, min(limits[1], mean + reach))


def octants(shape: tuple[int, ...]) -> Counts:
    """Sub-volumes along each axis for a band: 2 x 2 x 2; 3 x 3 in a section; fewer along an edge that has fewer voxels."""
    per_edge = 3 if min(shape) == 1 else 2
    return tuple(min(per_edge, length) for length in shape)  # type: ignore[return-value]


def mean_with_band(
    values: npt.NDArray[np.generic], weights: npt.NDArray[np.generic] | None = None
) -> tuple[float, float, float]:
    """Weighted mean of a map over the whole image and its 5-95 % band (mean, low, high), from the octants.

    The band says how far the mean of another image of this size, cut from the same membrane, would lie off; see
    `band_of_blocks`. It stays inside the range of the values. In a section nine squares take the octants' place.
    Raises InvalidInput for a map without three axes and weights of another shape.
    """
    means, totals = block_means(values, octants(values.shape), weights)
    return band_of_blocks(means, totals, _limits(values, weights))


def divisions(shape: tuple[int, ...]) -> list[Counts]:
    """Divisions of the image into 2, 3, 4 ... parts along each edge, an edge of one voxel left whole."""
    found = []
    for parts in range(2, MOST_DIVISIONS + 1):
        if any(1 < length < SMALLEST_BLOCK * parts for length in shape):
            break
        found.append(tuple(1 if length == 1 else parts for length in shape))
    return found  # type: ignore[return-value]


def subvolume_curve(
    values: npt.NDArray[np.generic],
    spacing: tuple[float, float, float],
    weights: npt.NDArray[np.generic] | None = None,
) -> SubvolumeCurve:
    """Spread of a map's mean between sub-volumes over their size, and the error of the whole image's mean that it leads to.

    `spacing` is the edge of a voxel in m. A power law is fitted to spread over edge for the four largest sub-volumes, and
    followed up to the whole image. The exponent stays between 0 and that of independent places (1.5 in a volume, 1 in a
    section), since only noise decays faster. NaN where the map is too small for two divisions, or its mean is 0.
    """
    shape = values.shape
    volume = float(np.prod([n * h for n, h in zip(shape, spacing, strict=True) if n > 1]))
    dimensions = max(1, sum(n > 1 for n in shape))
    edges, numbers, spreads = [], [], []
    divided = divisions(shape)
    for counts, (means, totals) in zip(
        divided, means_of_divisions(values, divided, weights) if divided else [], strict=True
    ):
        used = totals > 0
        if used.sum() < FEWEST_BLOCKS:
            continue
        m, w = means[used], totals[used]
        mean = (w * m).sum() / w.sum()
        deviation = w / w.mean() * (m - mean)
        edges.append((volume / np.prod(counts)) ** (1.0 / dimensions))
        numbers.append(int(used.sum()))
        spreads.append(np.sqrt((deviation**2).sum() / (used.sum() - 1)) / abs(mean) if mean != 0.0 else np.nan)
    edge, number, spread = np.array(edges), np.array(numbers, dtype=np.int64), np.array(spreads)
    decay, error = _follow(edge, number, spread, volume ** (1.0 / dimensions), 0.5 * dimensions)
    return SubvolumeCurve(edge=edge, number=number, spread=spread, decay=decay, error_relative=error)


def _follow(
    edge: Array, number: npt.NDArray[np.int64], spread: Array, whole: float, steepest: float
) -> tuple[float, float]:
    """Exponent of the decay, and the fit's value at the edge of the whole image."""
    edge, number, spread = edge[:FITTED_DIVISIONS], number[:FITTED_DIVISIONS], spread[:FITTED_DIVISIONS]
    if edge.size < 2 or not np.isfinite(spread).all():
        return np.nan, np.nan
    if (spread == 0.0).any():
        return steepest, 0.0
    # A spread from n sub-volumes is known to 1 / sqrt(2 n); the root again leaves the largest ones, which matter most, a say.
    weight = np.sqrt(number) / np.sqrt(number).sum()
    x, y = np.log(edge / whole), np.log(spread)
    x_mean, y_mean = (weight * x).sum(), (weight * y).sum()
    slope = (weight * (x - x_mean) * (y - y_mean)).sum() / (weight * (x - x_mean) ** 2).sum()
    decay = float(np.clip(-slope, 0.0, steepest))
    return decay, float(np.exp(y_mean + decay * x_mean))


def representative(
    values: npt.NDArray[np.generic],
    spacing: tuple[float, float, float],
    weights: npt.NDArray[np.generic] | None = None,
) -> Representative:
    """Mean of a map over the image, its band, and how it changes with the size of the sub-volume.

    The band is the wider of two: that of the octants (`mean_with_band`), and the one with the standard error that `subvolume_curve`
    reaches by extrapolation, which sees structure larger than an octant.
    """
    mean, low, high = mean_with_band(values, weights)
    curve = subvolume_curve(values, spacing, weights)
    if np.isfinite(curve.error_relative) and np.isfinite(low):
        from scipy.special import ndtri

        limits = _limits(values, weights)
        reach = float(ndtri(0.95)) * curve.error_relative * abs(mean)
        low, high = max(limits[0], min(low, mean - reach)), min(limits[1], max(high, mean + reach))
    return Representative(mean=mean, low=low, high=high, curve=curve)
