"""The grey values of pure solid and pure void, and of the wall between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from poreline.voxels.segmentation.kernels import (
    BINS,
    CHUNKS,
    HIGHEST_COORDINATE,
    LOWEST_COORDINATE,
    Block,
    FloatArray,
    Map,
    count_coordinates,
    sum_blocks,
)
from poreline.voxels.segmentation.settings import Segmentation

Histogram = npt.NDArray[np.float64]

_COORDINATES = LOWEST_COORDINATE + (np.arange(BINS) + 0.5) * (HIGHEST_COORDINATE - LOWEST_COORDINATE) / BINS
_ROUNDS = 4
_FARTHEST = 4  # steps from a wall beyond which neither the blur nor the brightening of edges changes a plateau
_FEWEST_INSIDE = 40  # voxels whose median is a plateau, to a sixth of the noise
_FEWEST_SHARE = 0.01  # share of a phase's voxels that is not a chance of the noise
_SEEN = 0.1  # share of a phase's voxels more than 2 steps from the walls, from which its plateau is beyond doubt
_EXTREME = 0.9  # share of a phase's own voxels below the value that stands for a plateau nobody sees
_PRIOR = 0.002  # share of a window that counts for the level already known: it decides where a phase is absent
_LEVELS_SHIFT_LEAST = 0.02  # share of the contrast: below it the slow change is too small to tell how the pores follow
_TELLING_DISTANCE = 3.0  # plateaus apart over their noise; noise that is cut in two comes to 1.6
_FLATTER_LEAST = 0.9  # of the distance before: it is known to a tenth, and a picture without drift stays as it is
_TAILS = (2.5, 3.5, 5.0)  # standard deviations from the main phase at which a rare one is looked for
_EDGE_LEAST = 0.02  # share of the contrast; less is not told from noise
_EDGE_MOST = -0.8
_EDGE_GROWTH = 2.5  # most by which an edge is brighter than what is seen 1.5 voxels beside it
_MOST_LOOKED_AT = 2**24  # voxels from which levels are found; more planes than that are passed over


@dataclass(frozen=True, eq=False)
class Levels:
    """Grey values of pure solid and pure void, on a coarse grid of blocks."""

    solid: Map
    void: Map
    block: Block

    @property
    def solid_mean(self) -> float:
        """Mean over the image."""
        return float(self.solid.mean())

    @property
    def void_mean(self) -> float:
        """Mean over the image."""
        return float(self.void.mean())

    def rebased(self, solid: float, void: float) -> Levels:
        """The levels moved to these void coordinates."""
        span = self.void - self.solid
        return Levels(self.solid + solid * span, self.solid + void * span, self.block)

    def coordinate(self, grey: float) -> float:
        """Void coordinate of a grey value, with the mean levels."""
        return (self.solid_mean - grey) / (self.solid_mean - self.void_mean)

    def grey(self, coordinate: float) -> float:
        """Grey value of a void coordinate, with the mean levels."""
        return self.solid_mean + coordinate * (self.void_mean - self.solid_mean)


@dataclass(frozen=True, eq=False)
class Plateaus:
    """Where the two phases lie, in void coordinates."""

    solid: float
    void: float
    solid_noise: float
    """Standard deviation on the plateau."""
    void_noise: float
    solid_seen: bool
    """Whether enough voxels lie away from all walls, so that their grey value is that of the phase alone."""
    void_seen: bool
    edge: float
    """Void coordinate of the solid right beside a wall, extrapolated; below `solid` where edges are bright."""
    found: bool
    """Whether both phases have voxels."""

    @property
    def distance(self) -> float:
        """How far apart the phases are, over their noise (Ashman's D)."""
        noise = float(np.hypot(self.solid_noise, self.void_noise))
        if not self.found:
            return 0.0
        return (self.void - self.solid) / noise if noise > 0.0 else float("inf")


@dataclass(frozen=True, eq=False)
class Found:
    """Levels, wall and what the histogram says about them."""

    levels: Levels
    wall: float
    """Void coordinate of the wall."""
    edge: float
    """Void coordinate of the solid beside a wall: 0, or below where edges are bright."""
    plateaus: Plateaus
    valley_depth: float
    drift: float
    """Range of the slow change of brightness that was removed, as a share of the contrast."""


@dataclass(frozen=True, eq=False)
class _Parted:
    """Levels, and the wall between them as a void coordinate."""

    levels: Levels
    wall: float
    plateaus: Plateaus


def find_levels(grey: FloatArray, settings: Segmentation) -> Found:
    """Levels and wall of a grey image without noise spikes, with three axes. Memory beside the image: about 10 MB."""
    parted = _otsu_parted(grey, _first_levels(grey, settings.pores == "bright"))
    drift = 0.0
    if settings.flatten:
        parted, drift = _flattened(grey, parted, settings.flatten_window)
    if settings.threshold is not None:
        parted = _around_threshold(grey, parted.levels, settings.threshold)
    else:
        parted = _half_way(grey, parted)
    if settings.method == "local":
        parted = _half_way(grey, _local(grey, parted, settings.local_window))
    if settings.grey_pore is not None or settings.grey_solid is not None:
        parted = _known(grey, parted, settings)
    valley = _valley_depth(_all_counts(grey, parted.levels), parted.wall)
    # Bright edges fade with depth: an edge brighter than this is an outlier of the extrapolation.
    edge = min(0.0, max(parted.plateaus.edge, _EDGE_MOST))
    return Found(parted.levels, parted.wall, edge, parted.plateaus, valley, drift)


def _first_levels(grey: FloatArray, pores_bright: bool) -> Levels:
    """The darkest and brightest grey values, less the few outliers beyond which there is nothing."""
    low, high = float(grey.min()), float(grey.max())
    for _ in range(3):
        solid, void = (low, high) if pores_bright else (high, low)
        levels = Levels(np.full((1, 1, 1), solid), np.full((1, 1, 1), void), (1, 1, 1))
        cumulative = np.cumsum(_all_counts(grey, levels))
        cumulative /= cumulative[-1]
        first, last = _COORDINATES[np.searchsorted(cumulative, [5e-4, 1.0 - 5e-4])]
        if last - first > 0.5 or high <= low:  # the histogram resolves the two phases
            break
        low, high = sorted((levels.grey(float(first) - 0.01), levels.grey(float(last) + 0.01)))
    return levels


def _every(grey: FloatArray) -> int:
    """Every so manieth plane is looked at."""
    return max(1, grey.size // _MOST_LOOKED_AT)


def _counts(grey: FloatArray, levels: Levels, wall: float) -> Histogram:
    """Histograms of the void coordinate by steps to the nearest wall: 1, 2, ... _FARTHEST, more."""
    return _counted(grey, levels, wall, _FARTHEST)


def _all_counts(grey: FloatArray, levels: Levels) -> Histogram:
    """Histogram of the void coordinate of all voxels."""
    return np.asarray(_counted(grey, levels, 0.5, 0)[0])


def _counted(grey: FloatArray, levels: Levels, wall: float, farthest: int) -> Histogram:
    counts = np.zeros((CHUNKS, farthest + 1, BINS), np.int64)
    count_coordinates(grey, _every(grey), levels.solid, levels.void, levels.block, wall, farthest, counts)
    return np.asarray(counts.sum(axis=0), np.float64)


def otsu(counts: Histogram, values: Histogram) -> tuple[float, float, float, float]:
    """Otsu's threshold, the means of the two classes that it parts, and the share of the variance that lies between them."""
    total = counts.sum()
    below = np.cumsum(counts)
    moment = np.cumsum(counts * values)
    above = total - below
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_below, mean_above = moment / below, (moment[-1] - moment) / above
        between = below * above * (mean_below - mean_above) ** 2
    between[~np.isfinite(between)] = 0.0
    # Between two separate peaks every bin is as good: the middle of the gap is the fair choice.
    best = np.flatnonzero(between >= between.max() * (1.0 - 1e-12))
    place = int(best[len(best) // 2])
    variance = float((counts * values**2).sum() / total - (moment[-1] / total) ** 2)
    threshold = 0.5 * (values[best[0]] + values[min(best[-1] + 1, len(values) - 1)])
    separability = float(between[place]) / float(total) ** 2 / variance if variance > 0.0 else 0.0
    return float(threshold), float(mean_below[place]), float(mean_above[place]), separability


def _otsu_parted(grey: FloatArray, levels: Levels) -> _Parted:
    """The image parted by Otsu's threshold, with levels at the means of his classes.

    Otsu's threshold cuts the noise of the main phase in two where the other phase is rare. Then the two come out closer
    than phases are, and the rare one is looked for in the tails.
    """
    counts = _all_counts(grey, levels)
    threshold, solid, void, _ = otsu(counts, _COORDINATES)
    best = _parted_at(grey, levels, threshold, solid, void)
    if best.plateaus.distance >= _TELLING_DISTANCE:
        return best
    middle = _quantile(counts, 0.5)
    noise = 1.4826 * _quantile_of_distance(counts, middle, 0.5)
    for deviations in _TAILS:
        for wall in (middle + deviations * noise, middle - deviations * noise):
            below, above = counts * (wall > _COORDINATES), counts * (wall <= _COORDINATES)
            if min(below.sum(), above.sum()) >= _FEWEST_INSIDE:
                other = _parted_at(grey, levels, wall, _quantile(below, 0.5), _quantile(above, 0.5))
                settled = _half_way(grey, other)
                if settled.plateaus.distance > max(best.plateaus.distance, _TELLING_DISTANCE):
                    best = settled
    return best


def _parted_at(grey: FloatArray, levels: Levels, threshold: float, solid: float, void: float) -> _Parted:
    """Levels moved to these void coordinates, and the wall at a third."""
    if not void > solid:
        return _Parted(levels, threshold, _plateaus(_counts(grey, levels, threshold), threshold))
    return _with_plateaus(grey, levels.rebased(solid, void), (threshold - solid) / (void - solid))


def _with_plateaus(grey: FloatArray, levels: Levels, wall: float) -> _Parted:
    return _Parted(levels, wall, _plateaus(_counts(grey, levels, wall), wall))


def _half_way(grey: FloatArray, parted: _Parted) -> _Parted:
    """Levels on the plateaus, and the wall half-way from the void to the solid beside it.

    There a voxel cut by a wall is half void. Bright edges count: the wall is half-way up the edge, not half-way to the
    plateau behind it.
    """
    for _ in range(_ROUNDS):
        plateaus = parted.plateaus
        if not plateaus.void > plateaus.solid:
            break
        edge = (plateaus.edge - plateaus.solid) / (plateaus.void - plateaus.solid)
        wall = 0.5 * (1.0 + min(0.0, max(edge, _EDGE_MOST)))
        change = abs(plateaus.solid) + abs(plateaus.void - 1.0) + abs(wall - parted.wall)
        parted = _with_plateaus(grey, parted.levels.rebased(plateaus.solid, plateaus.void), wall)
        if change < 0.004:
            break
    return parted


def _around_threshold(grey: FloatArray, levels: Levels, threshold: float) -> _Parted:
    """Levels on the plateaus of the two phases that a given threshold parts."""
    parted = _with_plateaus(grey, levels, levels.coordinate(threshold))
    if parted.plateaus.found and parted.plateaus.void > parted.plateaus.solid:
        levels = levels.rebased(parted.plateaus.solid, parted.plateaus.void)
    return _with_plateaus(grey, levels, levels.coordinate(threshold))


def _known(grey: FloatArray, parted: _Parted, settings: Segmentation) -> _Parted:
    """Levels at grey values that the user knows; the wall stays half-way unless it was given too."""
    levels = parted.levels
    solid = 0.0 if settings.grey_solid is None else levels.coordinate(settings.grey_solid)
    void = 1.0 if settings.grey_pore is None else levels.coordinate(settings.grey_pore)
    if void <= solid:
        return parted
    wall = 0.5 if settings.threshold is None else (parted.wall - solid) / (void - solid)
    known = _with_plateaus(grey, levels.rebased(solid, void), wall)
    seen = replace(
        known.plateaus,
        solid_seen=known.plateaus.solid_seen or settings.grey_solid is not None,
        void_seen=known.plateaus.void_seen or settings.grey_pore is not None,
    )
    return replace(known, plateaus=seen)


def _plateaus(counts: Histogram, wall: float) -> Plateaus:
    """Median and noise of each phase, from voxels away from the walls where there are enough."""
    of_solid, of_void = np.where(wall > _COORDINATES, counts, 0.0), np.where(wall <= _COORDINATES, counts, 0.0)
    found = bool(of_solid.any() and of_void.any())
    solid, solid_noise, solid_seen = _plateau(of_solid, 1.0 - _EXTREME)
    void, void_noise, void_seen = _plateau(of_void, _EXTREME)
    if np.isnan(solid_noise):
        solid_noise = 0.0 if np.isnan(void_noise) else void_noise
    if np.isnan(void_noise):
        void_noise = solid_noise
    if not found:
        solid, void = (solid, 1.0) if of_solid.any() else (0.0, void)
    edge = _edge(of_solid, solid)
    return Plateaus(solid, void, solid_noise, void_noise, solid_seen, void_seen, edge, found)


def _plateau(counts: Histogram, extreme: float) -> tuple[float, float, bool]:
    """Value and noise (NaN if not seen) of one phase, and whether enough of it lies away from the walls."""
    total = counts.sum()
    seen = bool(counts[2:].sum() >= max(_FEWEST_INSIDE, _SEEN * total))
    for steps in range(_FARTHEST, 0, -1):
        inside = counts[steps:].sum(axis=0)
        if inside.sum() >= max(_FEWEST_INSIDE, _FEWEST_SHARE * total):
            value = _quantile(inside, 0.5)
            return value, 1.4826 * _quantile_of_distance(inside, value, 0.5), seen
    return (_quantile(counts.sum(axis=0), extreme) if total > 0.0 else 0.0), float("nan"), False


def _edge(of_solid: Histogram, plateau: float) -> float:
    """Coordinate of the solid right beside a wall; below the plateau where edges are bright, never above.

    Voxels 1 step from the wall are blurred with the void, and those at 2 steps may be; those at 2, 3 and 4 steps lie
    1.5, 2.5 and 3.5 voxels from it on average. The extra brightness is taken to fall exponentially from the wall on, as
    electrons escape beside an edge.
    """
    if min(counts.sum() for counts in of_solid[1:4]) < _FEWEST_INSIDE:
        return plateau
    extra = [plateau - _quantile(counts, 0.5) for counts in of_solid[1:4]]
    first = 0 if extra[0] >= extra[1] else 1
    near, far = extra[first], extra[first + 1]
    if near <= _EDGE_LEAST:
        return plateau
    growth = (near / max(far, 1e-9)) ** (1.5 + first)
    return float(plateau - near * min(max(growth, 1.0), _EDGE_GROWTH))


def _quantile_of_distance(counts: Histogram, value: float, share: float) -> float:
    """Quantile of the distance from a value."""
    distance = np.abs(_COORDINATES - value)
    order = np.argsort(distance, kind="stable")
    cumulative = np.cumsum(counts[order])
    return float(distance[order[np.searchsorted(cumulative, share * cumulative[-1])]])


def _quantile(counts: Histogram, share: float) -> float:
    cumulative = np.cumsum(counts)
    return float(_COORDINATES[np.searchsorted(cumulative, share * cumulative[-1])])


def _valley_depth(counts: Histogram, wall: float) -> float:
    """1 - (height of the histogram at the wall) / (height of the lower of the two peaks beside it)."""
    from scipy.ndimage import gaussian_filter1d

    # The two outermost bins hold all that lies beyond.
    smooth = gaussian_filter1d(counts[1:-1], 0.02 * BINS / (HIGHEST_COORDINATE - LOWEST_COORDINATE))
    place = int(np.clip(np.searchsorted(_COORDINATES, wall) - 1, 1, len(smooth) - 1))
    lower_peak = min(smooth[:place].max(), smooth[place:].max())
    return float(1.0 - smooth[place] / lower_peak) if lower_peak > 0.0 else 0.0


def _flattened(grey: FloatArray, parted: _Parted, window: int | None) -> tuple[_Parted, float]:
    """Levels that follow slow changes of brightness, unless that parts the two phases worse; and their range.

    The level is a locally linear fit to the solid alone, so that a region of many pores is not taken for a dark one.
    The void follows it by a slope: 1 where brightness is added, (void / solid) where it is multiplied.
    """
    edges = [edge for edge in grey.shape if edge > 1]
    window = window or max(32, min(edges) // 3)
    if max(edges) < window:
        return parted, 0.0
    block = _blocks(grey.shape, max(1, window // 8))
    spread = window / 4.0
    spanned = replace(parted, levels=_on_blocks(parted.levels, grey.shape, block))
    # To begin with, everything is fitted: one threshold may not part the phases at all under a strong drift.
    sums = _block_sums(grey, spanned)
    start = _smoothed(sums[4] - sums[5] * (sums[4].sum() / sums[5].sum()), sums[5], block, spread)
    shifted = _otsu_parted(grey, _shifted(spanned.levels, start, start))
    told = parted.plateaus.distance >= _TELLING_DISTANCE
    current = spanned if told and parted.plateaus.distance > shifted.plateaus.distance else shifted
    for _ in range(_ROUNDS):
        sums = _block_sums(grey, current)
        change = _smoothed(sums[0] - sums[1] * (sums[0].sum() / max(sums[1].sum(), 1.0)), sums[1], block, spread)
        current = _otsu_parted(grey, _void_follows(grey, current, change))
    if told and current.plateaus.distance < _FLATTER_LEAST * parted.plateaus.distance:
        return parted, 0.0
    return current, float(np.ptp(current.levels.solid)) / abs(current.levels.solid_mean - current.levels.void_mean)


def _void_follows(grey: FloatArray, before: _Parted, change_solid: Map) -> Levels:
    """The solid's level moved, and the void's level as a straight line over the solid's, fitted to the blocks' means."""
    levels = before.levels
    moved = _shifted(levels, change_solid, np.zeros_like(change_solid))
    sums = _block_sums(grey, before)
    weight = sums[3]
    total = weight.sum()
    change = moved.solid - moved.solid_mean
    span = abs(levels.solid_mean - levels.void_mean)
    slope = 1.0
    if total > 0.0:
        excess = sums[2] / np.maximum(weight, 1.0)
        means = levels.void + excess * (levels.void - levels.solid)
        centred = change - (weight * change).sum() / total
        variance = (weight * centred**2).sum() / total
        if variance > (_LEVELS_SHIFT_LEAST * span) ** 2:
            slope = float(np.clip((weight * centred * means).sum() / total / variance, 0.0, 1.2))
    return Levels(moved.solid, levels.void_mean + slope * change, moved.block)


def _local(grey: FloatArray, parted: _Parted, window: int) -> _Parted:
    """Levels of both phases in a window around each voxel; where a phase is absent, its level is the one known before."""
    block = _blocks(grey.shape, max(1, window // 8))
    levels = _on_blocks(parted.levels, grey.shape, block)
    # From where the phases are told apart, each round carries their levels half a window further.
    for _ in range(2 * _ROUNDS):
        sums = _block_sums(grey, replace(parted, levels=levels))
        solid = _smoothed(sums[0], sums[1], block, window / 4.0, slopes=False)
        void = _smoothed(sums[2], sums[3], block, window / 4.0, slopes=False)
        # The two phases must stay apart: a window of one phase only would otherwise split its noise.
        levels = _shifted(levels, np.clip(solid, -0.4, 0.4), np.clip(void, -0.4, 0.4))
    return _with_plateaus(grey, levels, parted.wall)


def _shifted(levels: Levels, solid: Map, void: Map) -> Levels:
    span = levels.void - levels.solid
    return Levels(levels.solid + solid * span, levels.void + void * span, levels.block)


def _blocks(shape: tuple[int, ...], edge: int) -> Block:
    a, b, c = (min(edge, length) for length in shape)
    return a, b, c


def _on_blocks(levels: Levels, shape: tuple[int, ...], block: Block) -> Levels:
    """The same levels on other blocks."""
    from scipy.ndimage import map_coordinates

    count = [-(-length // edge) for length, edge in zip(shape, block, strict=True)]
    if levels.solid.size == 1:
        return Levels(np.full(count, levels.solid_mean), np.full(count, levels.void_mean), block)
    axes = [(np.arange(n) + 0.5) * new / old - 0.5 for n, new, old in zip(count, block, levels.block, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"))
    solid, void = (map_coordinates(level, places, order=1, mode="nearest") for level in (levels.solid, levels.void))
    return Levels(solid, void, block)


def _block_sums(grey: FloatArray, parted: _Parted) -> npt.NDArray[np.float64]:
    levels = parted.levels
    sums = np.zeros((6, *levels.solid.shape))
    sum_blocks(grey, _every(grey), levels.solid, levels.void, levels.block, parted.wall, sums)
    return sums


def _smoothed(sums: Map, counts: Map, block: Block, spread: float, *, slopes: bool = True) -> Map:
    """Mean in a Gaussian window around each block, from sums and counts of blocks; with `slopes`, a local straight fit.

    The straight fit has no error at the image's faces, where a mean would lean inwards. Where there is nothing in the
    window it comes to 0.
    """
    from scipy.ndimage import gaussian_filter

    sigma = [spread / edge if n > 1 else 0.0 for n, edge in zip(counts.shape, block, strict=True)]

    def window(values: Map) -> Map:
        return np.asarray(gaussian_filter(values, sigma, mode="constant", truncate=3.0))

    prior = _PRIOR * float(block[0] * block[1] * block[2])
    if not slopes:
        return window(sums) / (window(counts) + prior)
    places = [
        ((np.arange(n) - 0.5 * (n - 1)) / s).reshape([-1 if axis == own else 1 for axis in range(3)])
        for own, (n, s) in enumerate(zip(counts.shape, sigma, strict=True))
        if n > 1
    ]
    base = [np.ones((1, 1, 1)), *places]
    raw = [[window(counts * first * second) for second in base] for first in base]
    right = [window(sums * first) for first in base]
    # Moments about each block's own place, from moments about the middle of the image.
    size = len(base)
    matrix = np.empty((*counts.shape, size, size))
    vector = np.empty((*counts.shape, size))
    for a in range(size):
        vector[..., a] = right[a] - (base[a] * right[0] if a else 0.0)
        for b in range(size):
            moved = raw[a][b]
            if a:
                moved = moved - base[a] * raw[0][b]
            if b:
                moved = moved - base[b] * raw[a][0]
            if a and b:
                moved = moved + base[a] * base[b] * raw[0][0]
            matrix[..., a, b] = moved
    matrix[..., range(size), range(size)] += prior
    return np.ascontiguousarray(np.linalg.solve(matrix, vector[..., None])[..., 0, 0])
