"""How likely two places at a distance along an axis both lie in pores, or in the same pore cluster.

A binary image is packed to one bit a voxel. Two places are then compared 64 at a time: shift, AND, count the ones.
Definitions: Torquato 2002, chapter 2 (two-point probability function S2, two-point cluster function C2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba as nb
import numpy as np
import numpy.typing as npt
from numba.core import types
from numba.extending import intrinsic

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.voxels import AXES, Axis, VoxelImage
from poreline.voxels.image import faults_of_spacing
from poreline.voxels.threads import parallel

Array = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
Periodic = tuple[bool, bool, bool]

CLUSTER_LAGS = 64
"""Distances at which the cluster function is taken, unless another number is asked for."""
FAR_SHARE = 0.1
"""Share of the distances, the longest ones, whose mean tells what the curve tends to."""
_PARTS = 16  # groups of lines with sums of their own; a fixed number makes sums the same for any number of threads
_BLOCK = 32  # lines whose void fractions are multiplied together: a block of 1000 voxels fits the second cache
_PACKED_TOGETHER = 2**24  # voxels that are packed at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoPoint:
    """Two-point probability function along one axis. Values that cannot be known are NaN, and `reason` says why."""

    axis: Axis
    distance: Array = quantity(
        "m", "(n,) distances between two places: 0 and every whole number of voxels", shown_in="nm"
    )
    probability: Array = quantity("1", "(n,) probability that both places lie in pores", symbol="S2")
    """With void fractions: mean product of the two voxels' fractions, which at distance 0 is less than the porosity."""
    porosity: float = quantity("1", "volume of the voids over total volume")
    probability_far: float = quantity(
        "1", "mean probability over the longest tenth of the distances; porosity squared if nothing correlates there"
    )
    correlation_length: float = quantity(
        "m", "integral of the normalised autocovariance from 0 to its first zero", shown_in="nm"
    )
    periodic: bool
    reason: str = ""

    @property
    def autocovariance(self) -> Array:
        """(n,) normalised autocovariance, (S2(r) - porosity^2) / (S2(0) - porosity^2): 1 at distance 0; NaN without contrast."""
        return _autocovariance(self.probability, self.porosity)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClusterFunction:
    """Two-point cluster function along one axis."""

    axis: Axis
    distance: Array = quantity("m", "(n,) distances between two places", shown_in="nm")
    probability: Array = quantity("1", "(n,) probability that both places lie in the same pore cluster", symbol="C2")
    periodic: bool


def two_point(image: VoxelImage, most: int | None = None) -> tuple[TwoPoint, TwoPoint, TwoPoint]:
    """Two-point probability function along x, y and z: S2(r) = probability that two places at distance r both lie in pores.

    Every pair of voxels along each axis counts, at every distance from 0 to `most` voxels (half the edge if not given; at
    most the edge less one voxel). Along a periodic axis pairs go round; elsewhere S2 is the share of the pairs that lie
    in the image. The value at distance 0 is the porosity of a binary image; with void fractions, S2 is their mean product.

    Memory: 1 bit a voxel for a binary image, nothing for each voxel otherwise.
    Time grows with voxels * `most`; void fractions take some ten times as long as a binary image.
    Raises InvalidInput if `most` is no whole number or below 0.
    """
    faults = _faults_of_count("most", most, 0)
    if faults:
        raise InvalidInput(faults, "two-point probability function")
    words = pack_bits(image.void) if image.is_binary else None  # type: ignore[arg-type]
    porosity = float(image.void.mean(dtype=np.float64))
    x, y, z = (_two_point_along(image, words, porosity, axis, most) for axis in AXES)
    return x, y, z


def _two_point_along(image: VoxelImage, words: Words | None, porosity: float, axis: Axis, most: int | None) -> TwoPoint:
    along, spacing, periodic = image.shape[axis], image.spacing[axis], image.periodic[axis]
    lags = np.arange(_longest(along, most) + 1)
    sums: npt.NDArray[Any]
    if words is None:
        sums = np.zeros((_PARTS, lags.size))
        _sum_products(image.void, axis, lags, periodic, sums)
    else:
        sums = np.zeros((_PARTS, lags.size), np.int64)
        if axis == 2:
            _count_along_words(words, along, lags.size, periodic, sums)
        else:
            _count_across_words(words, axis, lags.size, periodic, sums)
    probability = sums.sum(axis=0) / _pairs(image.shape, axis, lags, periodic)
    distance: Array = lags.astype(np.float64) * spacing
    correlation_length, reason = _correlation_length(distance, _autocovariance(probability, porosity))
    far = max(1, round(FAR_SHARE * lags.size))
    return TwoPoint(
        axis=axis,
        distance=distance,
        probability=probability,
        porosity=porosity,
        probability_far=float(probability[-far:].mean()),
        correlation_length=correlation_length,
        periodic=periodic,
        reason=reason,
    )


def cluster_function(
    labels: npt.NDArray[np.int32],
    spacing: tuple[float, float, float],
    periodic: Periodic = (False, False, False),
    *,
    most: int | None = None,
    lags: int = CLUSTER_LAGS,
) -> tuple[ClusterFunction, ClusterFunction, ClusterFunction]:
    """Two-point cluster function along x, y and z: C2(r) = probability that two places at distance r lie in one cluster.

    `labels` (nx, ny, nz) numbers the clusters, 0 is solid; `spacing` is the edges of a voxel in m. About `lags` distances are
    spread from 0 to `most` voxels (half the edge if not given). Pairs count as in `two_point`, so C2 <= S2, and they
    are equal where all pores are one cluster. Memory: nothing for each voxel.
    Raises InvalidInput for labels that are not int32 on three axes, a spacing that no pore has, `most` below 0 or `lags` below 1.
    """
    faults = [*faults_of_spacing(spacing), *_faults_of_count("most", most, 0), *_faults_of_count("lags", lags, 1)]
    if labels.ndim != 3 or labels.dtype != np.int32 or 0 in labels.shape:
        reason, remedy = (
            "Clusters are numbered voxel by voxel.",
            "Give the labels of `poreline.voxels.labelling.label`.",
        )
        found = f"{labels.dtype}, shape {labels.shape}"
        faults.append(Fault("labels", found, "int32, three axes, at least one voxel", reason, remedy))
    if faults:
        raise InvalidInput(faults, "two-point cluster function")
    x, y, z = (_cluster_along(labels, spacing[axis], periodic[axis], axis, most, lags) for axis in AXES)
    return x, y, z


def _cluster_along(
    labels: npt.NDArray[np.int32], spacing: float, periodic: bool, axis: Axis, most: int | None, number: int
) -> ClusterFunction:
    longest = _longest(labels.shape[axis], most)
    lags = np.unique(np.round(np.linspace(0, longest, number)).astype(np.int64))
    sums = np.zeros((_PARTS, lags.size), np.int64)
    _count_same(labels, axis, lags, periodic, sums)
    shape: tuple[int, int, int] = labels.shape
    probability = sums.sum(axis=0) / _pairs(shape, axis, lags, periodic)
    distance: Array = lags.astype(np.float64) * spacing
    return ClusterFunction(axis=axis, distance=distance, probability=probability, periodic=periodic)


def _faults_of_count(field: str, count: int | None, least: int) -> list[Fault]:
    if count is None or (isinstance(count, int | np.integer) and not isinstance(count, bool) and count >= least):
        return []
    return [
        Fault(field, repr(count), f"a whole number from {least}", "It counts voxels or distances.", "Leave it out.")
    ]


def _longest(along: int, most: int | None) -> int:
    return along // 2 if most is None else min(int(most), along - 1)


def _pairs(shape: tuple[int, int, int], axis: Axis, lags: npt.NDArray[np.int64], periodic: bool) -> Array:
    """Pairs of voxels at each lag."""
    lines = shape[0] * shape[1] * shape[2] // shape[axis]
    pairs: Array = lines * (np.full(lags.size, shape[axis]) if periodic else shape[axis] - lags).astype(np.float64)
    return pairs


def _autocovariance(probability: Array, porosity: float) -> Array:
    contrast = probability[0] - porosity**2
    # All pore or all solid: what is left is rounding.
    if contrast <= 1e-12:
        return np.full_like(probability, np.nan)
    return (probability - porosity**2) / contrast


def _correlation_length(distance: Array, autocovariance: Array) -> tuple[float, str]:
    """Integral to the first zero (m), or NaN and the reason. Between voxels the curve is straight, so trapezia are exact."""
    if np.isnan(autocovariance[0]):
        return np.nan, "The image shows no contrast between pore and solid."
    below = np.flatnonzero(autocovariance <= 0.0)
    if below.size == 0:
        return np.nan, "Pores still correlate at the longest distance."
    zero = int(below[0])
    before = autocovariance[zero - 1]
    step = distance[zero] - distance[zero - 1]
    last = 0.5 * before * step * before / (before - autocovariance[zero])
    whole = 0.5 * step * (autocovariance[: zero - 1] + autocovariance[1:zero]).sum()
    return float(whole + last), ""


def pack_bits(mask: npt.NDArray[np.bool_]) -> Words:
    """The mask as bits along its last axis: (nx, ny, ceil(nz / 64)) words; bit k of a word is voxel 64 w + k, 0 beyond the end."""
    nx, ny, nz = mask.shape
    words = np.zeros((nx, ny, -(-nz // 64)), np.dtype("<u8"))
    octets = words.view(np.uint8)
    planes = max(1, _PACKED_TOGETHER // (ny * nz))
    for start in range(0, nx, planes):
        octets[start : start + planes, :, : -(-nz // 8)] = np.packbits(
            mask[start : start + planes], axis=2, bitorder="little"
        )
    return words


def _count_ones(typing_context, word):  # type: ignore[no-untyped-def]
    return types.uint64(types.uint64), lambda _, builder, signature, arguments: builder.ctpop(arguments[0])


def _lowest_one(typing_context, word):  # type: ignore[no-untyped-def]
    def build(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))

    return types.uint64(types.uint64), build


count_ones: Any = intrinsic(_count_ones)
"""Number of ones in a 64-bit word, inside compiled code: one instruction of the processor."""
lowest_one: Any = intrinsic(_lowest_one)
"""Place of the lowest one in a 64-bit word, inside compiled code; 64 if there is none."""


@nb.njit(cache=True)
def lines_of(shape, axis):  # type: ignore[no-untyped-def]
    """Numbers of voxels: across the lines along `axis`, along them, and across them again, where neighbours lie closest."""
    if axis == 0:
        return shape[1], shape[0], shape[2]
    return (shape[0], shape[1], shape[2]) if axis == 1 else (shape[0], shape[2], shape[1])


@nb.njit(cache=True)
def on_line(values, axis, o, a, k):  # type: ignore[no-untyped-def]
    """Value at place `a` of line (o, k) along `axis`. Arrays keep their layout, so that a loop compiles once for all axes."""
    if axis == 0:
        return values[a, o, k]
    return values[o, a, k] if axis == 1 else values[o, k, a]


@parallel()
def _count_across_words(words, axis, lags, wraps, counts):  # type: ignore[no-untyped-def]
    """Pairs of ones along the first or the second axis, for each lag from 0."""
    outer, along, width = lines_of(words.shape, axis)
    parts = counts.shape[0]
    for part in nb.prange(parts):
        p = np.int64(part)
        # A copy that lies together: it stays in the cache for all lags.
        line = np.empty(along * width, np.uint64)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            for a in range(along):
                for w in range(width):
                    line[a * width + w] = on_line(words, axis, o, a, w)
            for lag in range(lags):
                total = np.uint64(0)
                ahead = line[lag * width :]
                for i in range(ahead.size):
                    total += count_ones(line[i] & ahead[i])
                if wraps:
                    around = line[(along - lag) * width :]
                    for i in range(around.size):
                        total += count_ones(around[i] & line[i])
                counts[p, lag] += np.int64(total)


@parallel()
def _count_along_words(words, along, lags, wraps, counts):  # type: ignore[no-untyped-def]
    """Pairs of ones along the bits of the words, for each lag from 0; `along` bits are in use."""
    outer, rows, width = words.shape
    parts = counts.shape[0]
    for part in nb.prange(parts):
        p = np.int64(part)
        # Words of neighbouring rows lie together, so that one shift serves many; behind the last word come zeros, or
        # the row again where it wraps.
        plane = np.empty((2 * width + 1, rows), np.uint64)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            plane[width:] = np.uint64(0)
            for w in range(width):
                for j in range(rows):
                    plane[w, j] = words[o, j, w]
            if wraps:
                at, shift = along // 64, np.uint64(along % 64)
                for w in range(width):
                    for j in range(rows):
                        plane[at + w, j] |= words[o, j, w] << shift
                        if shift > 0:
                            plane[at + w + 1, j] |= words[o, j, w] >> (np.uint64(64) - shift)
            for lag in range(lags):
                at, shift = lag // 64, np.uint64(lag % 64)
                back = np.uint64(64) - shift
                total = np.uint64(0)
                for w in range(width):
                    low, high = plane[w + at], plane[w + at + 1]
                    for j in range(rows):
                        ahead = low[j] if shift == 0 else (low[j] >> shift) | (high[j] << back)
                        total += count_ones(words[o, j, w] & ahead)
                counts[p, lag] += np.int64(total)


@parallel(fastmath={"reassoc", "contract", "nsz"})
def _sum_products(values, axis, lags, wraps, sums):  # type: ignore[no-untyped-def]
    """Sum of the products of pairs along an axis, for each lag."""
    outer, along, inner = lines_of(values.shape, axis)
    parts = sums.shape[0]
    for part in nb.prange(parts):
        p = np.int64(part)
        block = np.zeros(along * _BLOCK)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            for first in range(0, inner, _BLOCK):
                width = min(_BLOCK, inner - first)
                if width < _BLOCK:
                    block[:] = 0.0
                for a in range(along):
                    for k in range(width):
                        block[a * _BLOCK + k] = on_line(values, axis, o, a, first + k)
                for n in range(lags.size):
                    total = 0.0
                    ahead = block[lags[n] * _BLOCK :]
                    for i in range(ahead.size):
                        total += block[i] * ahead[i]
                    if wraps:
                        around = block[(along - lags[n]) * _BLOCK :]
                        for i in range(around.size):
                            total += around[i] * block[i]
                    sums[p, n] += total


@parallel()
def _count_same(labels, axis, lags, wraps, counts):  # type: ignore[no-untyped-def]
    """Pairs with the same label other than 0 along an axis, for each lag."""
    outer, along, inner = lines_of(labels.shape, axis)
    parts = counts.shape[0]
    for part in nb.prange(parts):
        p = np.int64(part)
        block = np.zeros(along * _BLOCK, np.int32)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            for first in range(0, inner, _BLOCK):
                width = min(_BLOCK, inner - first)
                if width < _BLOCK:
                    block[:] = 0
                for a in range(along):
                    for k in range(width):
                        block[a * _BLOCK + k] = on_line(labels, axis, o, a, first + k)
                for n in range(lags.size):
                    total = np.int64(0)
                    ahead = block[lags[n] * _BLOCK :]
                    for i in range(ahead.size):
                        total += np.int64((block[i] == ahead[i]) & (block[i] != 0))
                    if wraps:
                        around = block[(along - lags[n]) * _BLOCK :]
                        for i in range(around.size):
                            total += np.int64((around[i] == block[i]) & (block[i] != 0))
                    counts[p, n] += total
