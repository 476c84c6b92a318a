"""Chord lengths: how long straight lines stay inside the pores, or inside the solid, along each axis of an image.

Every line of voxels is followed. A binary image is packed to one bit a voxel, and only the bits that change along a line
are looked at. Where the void fraction is known, the ends of a chord lie inside voxels; lines are then followed in blocks
of neighbours, so that the image is read in the order in which it lies in memory.
Definitions: Torquato 2002, chapter 2 (chord lengths, lineal path); Underwood 1970 (mean intercept).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numba as nb
import numpy as np
import numpy.typing as npt

from poreline.membrane.image.correlation import Words, lines_of, lowest_one, on_line, pack_bits
from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.voxels import AXES, Axis, VoxelImage
from poreline.voxels.threads import parallel

Array = npt.NDArray[np.float64]
Phase = Literal["pore", "solid"]

BINS_PER_VOXEL = 16
"""Bins of the histogram for each voxel length, where chords end inside voxels."""
MEAN_COSINE = 0.5
"""Mean |cosine| between an axis and directions that are spread over the sphere: for microcracks without a direction."""
_PARTS = 16  # groups of lines with a histogram each; a fixed number makes sums the same for any number of threads
_BLOCK = 64  # lines with void fractions that are followed together


@dataclass(frozen=True, kw_only=True, eq=False)
class ChordLengths:
    """Lengths of the chords along one axis. Values that cannot be known are NaN, and `reason` says why."""

    axis: Axis
    of: Phase
    mean: float = quantity("m", "mean length of the complete chords, each counting once", shown_in="nm")
    mean_length_weighted: float = quantity(
        "m", "mean length of the chord that a point of the phase lies on, complete chords", shown_in="nm"
    )
    spread: float = quantity("1", "geometric standard deviation of the complete chords, each counting once")
    intercept_mean: float = quantity(
        "m", "mean intercept: share of the phase over half the number of its walls per length of line", shown_in="nm"
    )
    """A long chord is more likely to be cut by a face, which makes `mean` too small. Here cut chords count too, with the ends
    that they have inside the image. Walls are seen on the faces between voxels, of which a line of n has n - 1."""
    count: float = quantity("1", "complete chords")
    truncated_count: float = quantity("1", "chords that a face of the image cuts off")
    truncated_length_total: float = quantity("m", "length of those chords inside the image, together", shown_in="um")
    infinite_count: int = quantity("1", "lines along a periodic axis that never leave the phase")
    length: Array = quantity("m", "lengths of the chords of each bin, from the shortest bin to the longest chord")
    """(n,) whole voxels in a binary image; the mean length in a bin where there is a void fraction, its middle if it is empty."""
    number: Array = quantity("1", "(n,) complete chords in each bin")
    number_truncated: Array = quantity("1", "(n,) cut chords in each bin")
    bin_width: float = quantity("m", "width of a bin", shown_in="nm")
    edge: float = quantity("m", "edge of the image along the axis", shown_in="um")
    line_count: int = quantity("1", "lines that were followed")
    periodic: bool
    reason: str = ""

    @property
    def length_density(self) -> Array:
        """(n,) share of the complete chords per length, 1/m, of each bin of `length`; zero without a chord."""
        density: Array = self.number / (max(self.count, 1e-300) * self.bin_width)
        return density

    def lineal_path(self, distance: npt.ArrayLike) -> Array:
        """Probability that a straight segment of length `distance` (m), thrown along the axis, lies wholly in the phase.

        L(r) = sum over chords of max(0, l - r) / (number of lines * (edge - r)) for segments that lie wholly in the image;
        cut chords count with their length in the image. Along a periodic axis a segment may start anywhere:
        L(r) = (sum of max(0, l - r) + edge * lines that never leave) / (number of lines * edge).
        L(0) is the porosity (with void fractions: without the voids that no open voxel belongs to). Any shape; exact for
        binary images, to a bin's width otherwise. NaN for a segment that does not fit into the image.
        """
        r = np.asarray(distance, dtype=np.float64)
        number = self.number + self.number_truncated
        # Sums over the chords longer than r; the extra entry is for an r beyond the longest.
        longer = np.append(np.cumsum(number[::-1])[::-1], 0.0)
        longer_length = np.append(np.cumsum((number * self.length)[::-1])[::-1], 0.0)
        at = np.searchsorted(self.length, r, side="right")
        starts = longer_length[at] - r * longer[at] + self.infinite_count * self.edge * self.periodic
        room = self.edge if self.periodic else self.edge - r
        # As long as the image: what remains in the limit are the lines that lie in the phase from face to face.
        whole = np.isclose(r, self.edge, rtol=1e-9, atol=0.0) & (not self.periodic)
        uncut = number[np.isclose(self.length, self.edge, rtol=1e-9, atol=0.0)].sum() / self.line_count
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(whole, uncut, np.maximum(starts, 0.0) / (self.line_count * room))
        fits = (r >= 0.0) & (self.periodic | whole | (r < self.edge))
        found: Array = np.where(fits, np.minimum(share, 1.0), np.nan)
        return found


def chord_lengths(image: VoxelImage, of: Phase = "pore") -> tuple[ChordLengths, ChordLengths, ChordLengths]:
    """Lengths of the straight chords through the pores (or the solid) along x, y and z, over every line of the image.

    A chord is a maximal run of voxels of the phase, wrapping around a periodic axis. Chords that a face cuts off are
    counted apart. In a binary image a chord is as long as its voxels.

    With a void fraction f its length is the sum of f over the open voxels of the run and over the partly open ones (0 < f < 0.5)
    that follow one another from its ends; where these fill the gap to the next chord, each takes half. A slit of 3.4
    voxels measures 3.4 wherever it lies on the grid. A microcrack of width w and unit normal n, narrower than a voxel of edge
    h, is met by the share c = max(f, min(1, f h |n| / w)) of the lines through its voxel (|n| along the axis; 1/2 where no
    direction is known): a run counts as max(c) chords of length sum(f) / max(c) and may be no whole number of chords.

    Memory: 1 bit a voxel for a binary image; 1 byte with a void fraction, 4 while microcracks are marked.
    Raises InvalidInput for another phase.
    """
    if of not in get_args(Phase):
        reason, remedy = "Chords lie in one of two phases.", 'Ask for of="pore" or of="solid".'
        raise InvalidInput([Fault("of", repr(of), " or ".join(get_args(Phase)), reason, remedy)], "chord lengths")
    if image.is_binary:
        words = pack_bits(image.open_voxels())
        x, y, z = (_whole_chords(image, words, axis, of) for axis in AXES)
    else:
        open_voxels = image.open_voxels()
        x, y, z = (_partial_chords(image, open_voxels, axis, of) for axis in AXES)
    return x, y, z


def _whole_chords(image: VoxelImage, words: Words, axis: Axis, of: Phase) -> ChordLengths:
    along, solid, wraps = image.shape[axis], of == "solid", image.periodic[axis]
    number, cut, infinite = np.zeros((_PARTS, along + 1)), np.zeros((_PARTS, along + 1)), np.zeros(_PARTS, np.int64)
    if axis == 2:
        _runs_along_words(words, along, solid, wraps, number, cut, infinite)
    else:
        _runs_across_words(words, axis, image.shape[2], solid, wraps, number, cut, infinite)
    number, cut = number.sum(axis=0)[1:], cut.sum(axis=0)[1:]
    lengths = np.arange(1.0, along + 1.0)
    logs = np.log(lengths)
    moments = np.array([number @ term for term in (np.ones(along), lengths, lengths**2, logs, logs**2)])
    spanning = 0.0 if wraps else float(cut[-1])
    return _described(image, axis, of, moments, spanning, int(infinite.sum()), (lengths, number, cut), 1.0)


def _partial_chords(image: VoxelImage, open_voxels: npt.NDArray[np.bool_], axis: Axis, of: Phase) -> ChordLengths:
    void = image.void
    # The void fraction stands in for arrays that are not there; the flags keep it from being read as such.
    width = void if image.pore_width is None else image.pore_width
    normal = void if image.pore_normal is None else image.pore_normal[axis]
    known = (image.pore_width is not None, image.pore_normal is not None)
    bins = image.shape[axis] * BINS_PER_VOXEL + 1
    sums = tuple(np.zeros((_PARTS, size)) for size in (bins, bins, bins, 5))
    spans, infinite = np.zeros(_PARTS), np.zeros(_PARTS, np.int64)
    edge, solid, wraps = image.spacing[axis], of == "solid", image.periodic[axis]
    _partial_runs(void, axis, open_voxels, width, normal, known, edge, solid, wraps, sums, spans, infinite)
    number, cut, summed, moments = (values.sum(axis=0) for values in sums)
    middles = (np.arange(bins) + 0.5) / BINS_PER_VOXEL
    lengths = np.divide(summed, number + cut, out=middles, where=number + cut > 0.0)
    found = (lengths, number, cut)
    return _described(image, axis, of, moments, float(spans.sum()), int(infinite.sum()), found, 1.0 / BINS_PER_VOXEL)


def _described(
    image: VoxelImage,
    axis: Axis,
    of: Phase,
    moments: Array,
    spanning: float,
    infinite: int,
    bins: tuple[Array, Array, Array],
    bin_width: float,
) -> ChordLengths:
    """The result from what was counted in voxels.

    `moments` are the sums of 1, l, l2, ln l and (ln l)2 over the complete chords; `spanning` counts those from face to
    face; `bins` are the lengths, the complete and the cut chords of each bin.
    """
    spacing, along = image.spacing[axis], image.shape[axis]
    lengths, number, cut = bins
    count, total, square, logs, squared_logs = (float(value) for value in moments)
    cut_count = float(cut.sum())
    finite = float((number + cut) @ lengths)
    whole = finite + infinite * along
    ends = 2.0 * count + cut_count - spanning
    seen = 1.0 if image.periodic[axis] else (along - 1) / along  # faces between voxels, for each voxel
    mean = weighted = spread = np.nan
    reason = ""
    if count > 0.0:
        mean, weighted = spacing * total / count, spacing * square / total
        spread = float(np.exp(np.sqrt(max(0.0, squared_logs / count - (logs / count) ** 2))))
    elif whole == 0.0:
        reason = f"The image shows no {of}."
    else:
        reason = f"No chord of the {of} has both of its ends inside the image."
    last = int(np.flatnonzero(number + cut).max(initial=-1)) + 1
    return ChordLengths(
        axis=axis,
        of=of,
        mean=mean,
        mean_length_weighted=weighted,
        spread=spread,
        intercept_mean=2.0 * spacing * whole * seen / ends if ends > 0.0 else np.nan,
        count=count,
        truncated_count=cut_count,
        truncated_length_total=spacing * max(0.0, finite - total) if cut_count > 0.0 else 0.0,
        infinite_count=infinite,
        length=lengths[:last] * spacing,
        number=number[:last],
        number_truncated=cut[:last],
        bin_width=bin_width * spacing,
        edge=along * spacing,
        line_count=image.shape[0] * image.shape[1] * image.shape[2] // along,
        periodic=image.periodic[axis],
        reason=reason,
    )


@parallel()
def _runs_across_words(words, axis, used, solid, wraps, number, cut, infinite):  # type: ignore[no-untyped-def]
    """Runs of ones (of zeros, if solid) along the first or second axis, counted by their length; the first `used` bits are lines.

    Only the bits that change from one voxel of the lines to the next are looked at.
    """
    outer, along, width = lines_of(words.shape, axis)
    parts = infinite.size
    for part in nb.prange(parts):
        p = np.int64(part)
        before = np.empty(width, np.uint64)
        start, head = np.empty(64 * width, np.int64), np.empty(64 * width, np.int64)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            before[:] = ~np.uint64(0) if solid else np.uint64(0)
            start[:] = -1  # where the run begins that the line is in; none
            head[:] = 0  # length of a run that begins on the first voxel
            for a in range(along):
                for w in range(width):
                    here = on_line(words, axis, o, a, w)
                    change = here ^ before[w]
                    before[w] = here
                    while change != 0:
                        line = 64 * w + np.int64(lowest_one(change))
                        change &= change - np.uint64(1)
                        length = a - start[line]
                        if start[line] < 0:
                            start[line] = a
                            continue
                        if start[line] > 0:
                            number[p, length] += 1.0
                        elif wraps:
                            head[line] = length
                        else:
                            cut[p, length] += 1.0
                        start[line] = -1
            for voxel in range(used):
                tail = along - start[voxel] if start[voxel] >= 0 else np.int64(0)
                if tail == along and wraps:
                    infinite[p] += 1
                elif tail > 0 and not wraps:
                    cut[p, tail] += 1.0
                elif head[voxel] + tail > 0:
                    number[p, head[voxel] + tail] += 1.0


@parallel()
def _runs_along_words(words, along, solid, wraps, number, cut, infinite):  # type: ignore[no-untyped-def]
    """Runs of ones (of zeros, if solid) along the bits of each row of words, counted by their length; `along` bits are in use."""
    outer, rows, width = words.shape
    parts = infinite.size
    for part in nb.prange(parts):
        p = np.int64(part)
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            for j in range(rows):
                start, head = np.int64(-1), np.int64(0)
                last = np.uint64(1) if solid else np.uint64(0)
                for w in range(width):
                    here = words[o, j, w]
                    change = here ^ ((here << np.uint64(1)) | last)
                    last = here >> np.uint64(63)
                    while change != 0:
                        at = 64 * w + np.int64(lowest_one(change))
                        change &= change - np.uint64(1)
                        if at >= along:
                            break
                        length = at - start
                        if start < 0:
                            start = at
                            continue
                        if start > 0:
                            number[p, length] += 1.0
                        elif wraps:
                            head = length
                        else:
                            cut[p, length] += 1.0
                        start = np.int64(-1)
                tail = along - start if start >= 0 else np.int64(0)
                if tail == along and wraps:
                    infinite[p] += 1
                elif tail > 0 and not wraps:
                    cut[p, tail] += 1.0
                elif head + tail > 0:
                    number[p, head + tail] += 1.0


# What a line is in: solid; a run; partly open voxels behind a run; nothing more that counts.
_GAP, _RUN, _BEHIND, _DONE = 0, 1, 2, 3
# What is known of a chord: void in its run, in partly open voxels before and behind it, how many chords it counts as.
_INSIDE, _BEFORE, _AFTER, _WEIGHT = 0, 1, 2, 3


@nb.njit(cache=True, error_model="numpy")
def _add_chord(chord, touches, p, sums):  # type: ignore[no-untyped-def]
    number, cut, summed, moments = sums
    weight = chord[_WEIGHT]
    length = chord[_INSIDE] / weight + chord[_BEFORE] + chord[_AFTER]
    place = min(np.int64(length * BINS_PER_VOXEL), number.shape[1] - 1)
    summed[p, place] += weight * length
    if touches:
        cut[p, place] += weight
        return
    number[p, place] += weight
    logarithm = np.log(length)
    moments[p, 0] += weight
    moments[p, 1] += weight * length
    moments[p, 2] += weight * length * length
    moments[p, 3] += weight * logarithm
    moments[p, 4] += weight * logarithm * logarithm


@nb.njit(cache=True, error_model="numpy")
def _covered(share, width, cosine, edge):  # type: ignore[no-untyped-def]
    """Share of the lines through a voxel that meet the microcrack in it; all, if the voxel holds none."""
    return max(share, min(1.0, share * edge * cosine / width)) if width > 0.0 else 1.0


@parallel(error_model="numpy")
def _partial_runs(void, axis, opened, crack, normal, known, edge, solid, wraps, sums, spans, infinite):  # type: ignore[no-untyped-def]
    """Chords with ends inside voxels along an axis; lengths in voxels.

    A periodic line is followed round and round: every chord then begins once in the second round, with what lies before
    it known from the first, and ends in the third at the latest.
    """
    outer, along, inner = lines_of(void.shape, axis)
    cracked, directed = known
    parts = infinite.size
    begin, end = (along, 2 * along) if wraps else (0, along)  # where the chords begin that count
    for part in nb.prange(parts):
        p = np.int64(part)
        state, start, chord = np.empty(_BLOCK, np.int64), np.empty(_BLOCK, np.int64), np.empty((_BLOCK, 4))
        for o in range(p * outer // parts, (p + 1) * outer // parts):
            for first in range(0, inner, _BLOCK):
                width = min(_BLOCK, inner - first)
                state[:] = _GAP
                chord[:, _AFTER] = 0.0
                for step in range(3 * along if wraps else along):
                    a = step % along
                    if wraps and step == along:
                        for k in range(width):
                            if state[k] == _RUN and start[k] == 0:
                                state[k] = _DONE
                                infinite[p] += 1
                    if step >= end:
                        busy = False
                        for k in range(width):
                            busy = busy or ((state[k] == _RUN or state[k] == _BEHIND) and start[k] < end)
                        if not busy:
                            break
                    for k in range(width):
                        if state[k] == _DONE:
                            continue
                        share = np.float64(on_line(void, axis, o, a, first + k))
                        if solid:
                            share = 1.0 - share
                        counts = begin <= start[k] < end
                        if on_line(opened, axis, o, a, first + k) != solid:
                            weight = 1.0
                            if cracked and not solid:
                                cosine = MEAN_COSINE
                                if directed:
                                    cosine = abs(np.float64(on_line(normal, axis, o, a, first + k)))
                                wide = np.float64(on_line(crack, axis, o, a, first + k))
                                weight = _covered(share, wide, cosine, edge)
                            if state[k] == _RUN:
                                chord[k, _INSIDE] += share
                                chord[k, _WEIGHT] = max(chord[k, _WEIGHT], weight)
                                continue
                            if state[k] == _BEHIND:
                                chord[k, _AFTER] *= 0.5
                                if counts:
                                    _add_chord(chord[k], not wraps and start[k] == 0, p, sums)
                            state[k] = _RUN
                            start[k] = step
                            chord[k, _INSIDE] = share
                            chord[k, _BEFORE] = chord[k, _AFTER]
                            chord[k, _AFTER] = 0.0
                            chord[k, _WEIGHT] = weight
                            continue
                        if state[k] == _RUN:
                            state[k] = _BEHIND
                        if share > 0.0:
                            chord[k, _AFTER] += share
                            continue
                        if state[k] == _BEHIND and counts:
                            _add_chord(chord[k], not wraps and start[k] == 0, p, sums)
                        state[k] = _GAP
                        chord[k, _AFTER] = 0.0
                for k in range(width):
                    if not wraps and (state[k] == _RUN or state[k] == _BEHIND):
                        _add_chord(chord[k], state[k] == _RUN or start[k] == 0, p, sums)
                        if state[k] == _RUN and start[k] == 0:
                            spans[p] += chord[k, _WEIGHT]
