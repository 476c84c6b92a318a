"""Chord lengths and the lineal path, against counting line by line and against shapes of known width."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from poreline.membrane.image.chords import BINS_PER_VOXEL, chord_lengths
from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.phantoms import slit

SPACING = (1e-9, 2e-9, 5e-9)
NEVER, ALWAYS = (False, False, False), (True, True, True)


def _image(void, periodic=NEVER, spacing=SPACING, **more) -> VoxelImage:
    return VoxelImage(void=void, spacing=spacing, periodic=periodic, **more)


def _random(shape, seed=1, share=0.55):
    return np.random.default_rng(seed).random(shape) < share


def _lines(array, axis):
    return np.moveaxis(array, axis, -1).reshape(-1, array.shape[axis])


def _counted(void, axis, wraps):
    """Complete and cut runs by length in voxels, and lines that are open throughout and wrap."""
    complete, cut, infinite = {}, {}, 0
    for line in _lines(void, axis):
        if wraps and line.all():
            infinite += 1
            continue
        if wraps and not line.all():
            line = np.roll(line, -int(np.argmin(line)))
        at = 0
        for opened, run in itertools.groupby(line):
            length = len(list(run))
            if opened:
                kind = cut if not wraps and (at == 0 or at + length == line.size) else complete
                kind[length] = kind.get(length, 0) + 1
            at += length
    return complete, cut, infinite


@pytest.mark.parametrize("shape", [(7, 5, 70), (3, 66, 64), (65, 4, 3), (6, 5, 129), (5, 4, 1), (1, 1, 1)])
@pytest.mark.parametrize("periodic", [NEVER, ALWAYS, (True, False, False), (False, True, False), (False, False, True)])
@pytest.mark.parametrize("of", ["pore", "solid"])
def test_every_run_of_every_line_is_counted(shape, periodic, of):
    void = _random(shape)
    for axis, found in enumerate(chord_lengths(_image(void, periodic), of)):
        complete, cut, infinite = _counted(void if of == "pore" else ~void, axis, periodic[axis])
        lengths = np.round(found.length / SPACING[axis]).astype(int)
        assert found.length == pytest.approx(np.arange(1, lengths.size + 1) * SPACING[axis], rel=1e-12)
        assert {n: count for n, count in zip(lengths, found.number, strict=True) if count} == complete
        assert {n: count for n, count in zip(lengths, found.number_truncated, strict=True) if count} == cut
        assert found.infinite_count == infinite
        assert found.count == sum(complete.values())
        assert found.truncated_count == sum(cut.values())
        total = sum(n * count for n, count in cut.items()) * SPACING[axis]
        assert found.truncated_length_total == pytest.approx(total, rel=1e-12)


def test_means_and_spread_follow_from_the_complete_chords():
    void = _random((40, 6, 5), seed=3)
    found = chord_lengths(_image(void))[0]
    complete, _, _ = _counted(void, 0, False)
    lengths = np.repeat(list(complete), list(complete.values())) * SPACING[0]
    assert found.mean == pytest.approx(lengths.mean())
    assert found.mean_length_weighted == pytest.approx((lengths**2).sum() / lengths.sum())
    assert found.spread == pytest.approx(np.exp(np.log(lengths).std()))
    assert (found.length_density * found.bin_width).sum() == pytest.approx(1.0)


def test_an_image_is_counted_the_same_however_it_lies_in_memory():
    void = _random((9, 8, 70))
    expected = chord_lengths(_image(void))
    for same in (np.asfortranarray(void), np.repeat(void, 2, axis=1)[:, ::2]):
        for found, known in zip(chord_lengths(_image(same)), expected, strict=True):
            assert (found.number == known.number).all()


def test_void_fractions_of_nought_and_one_give_the_chords_of_the_binary_image():
    void = _random((13, 9, 70), seed=5)
    for periodic, of in itertools.product((NEVER, ALWAYS), ("pore", "solid")):
        pairs = zip(
            chord_lengths(_image(void, periodic), of),
            chord_lengths(_image(void.astype(np.float32), periodic), of),
            strict=True,
        )
        for whole, partial in pairs:
            for name in ("mean", "mean_length_weighted", "spread", "intercept_mean", "count", "truncated_count"):
                assert getattr(partial, name) == pytest.approx(getattr(whole, name), nan_ok=True)
            assert partial.infinite_count == whole.infinite_count
            assert partial.truncated_length_total == pytest.approx(whole.truncated_length_total)
            places = np.round(whole.length / whole.edge * partial.edge / partial.bin_width).astype(int)
            assert (partial.number[places] == whole.number).all()


def _chords_of_fractions(line, wraps):
    """Complete and cut chords of a line of void fractions, by the definition; a line must hold open and closed voxels."""
    opened = line >= 0.5
    if wraps:
        # Begin with a run, so that every run and every gap lies in one piece.
        first = next(i for i in range(line.size) if opened[i] and not opened[i - 1])
        line, opened = np.roll(line, -first), np.roll(opened, -first)
    pieces, at = [], 0
    for kind, run in itertools.groupby(opened):
        length = len(list(run))
        pieces.append((bool(kind), line[at : at + length].astype(float)))
        at += length
    complete, cut = [], []
    for number, (kind, values) in enumerate(pieces):
        if not kind:
            continue
        total = values.sum()
        sides = ((number - 1, -1), (number + 1, 1))
        for other, side in sides:
            if not wraps and not 0 <= other < len(pieces):
                continue
            gap = pieces[other % len(pieces)][1][::side]
            partial = gap[: np.argmin(gap > 0)] if (gap == 0).any() else gap
            between = wraps or 0 < other < len(pieces) - 1
            total += partial.sum() * (0.5 if between and partial.size == gap.size else 1.0)
        at_face = not wraps and number in (0, len(pieces) - 1)
        (cut if at_face else complete).append(total)
    return complete, cut


@pytest.mark.parametrize("wraps", [False, True])
@pytest.mark.parametrize("of", ["pore", "solid"])
def test_chords_of_void_fractions_follow_their_definition_on_every_line(wraps, of):
    rng = np.random.default_rng(7)
    # Two in five voxels are wholly solid or void, so that gaps with and without a solid voxel both occur.
    void = np.clip(rng.uniform(-0.35, 1.35, (28, 16, 33)), 0.0, 1.0).astype(np.float32)
    void[void == 0.5] = 0.6
    phase = void if of == "pore" else 1.0 - void.astype(np.float64)
    for axis, found in enumerate(chord_lengths(_image(void, (wraps,) * 3), of)):
        lines = [_chords_of_fractions(line, wraps) for line in _lines(phase, axis)]
        complete = np.concatenate([line[0] for line in lines]) * SPACING[axis]
        cut = np.concatenate([line[1] for line in lines]) * SPACING[axis]
        assert found.count == complete.size
        assert found.truncated_count == cut.size
        assert found.mean == pytest.approx(complete.mean(), rel=1e-6)
        assert found.spread == pytest.approx(np.exp(np.log(complete).std()), rel=1e-6)
        assert found.truncated_length_total == pytest.approx(cut.sum(), rel=1e-6)
        # A bin holds the chords between its edges: rounding may move single ones that lie on an edge.
        binned = np.bincount((complete / found.bin_width).astype(int), minlength=found.number.size)
        assert np.abs(binned - found.number).sum() <= 4


@pytest.mark.parametrize("offset", [0.0, 0.13, 0.5, 0.77])
def test_a_slit_of_a_width_between_whole_voxels_measures_its_width(offset):
    for axis in range(3):
        normal = tuple(float(axis == other) for other in range(3))
        void = slit((12, 13, 14), 3.4, normal, offset)
        found = chord_lengths(_image(void))[axis]
        assert found.mean == pytest.approx(3.4 * SPACING[axis], rel=1e-6)
        assert found.mean_length_weighted == pytest.approx(3.4 * SPACING[axis], rel=1e-6)
        assert found.spread == pytest.approx(1.0, abs=1e-6)
        assert found.count == void.size / void.shape[axis]


@pytest.mark.parametrize("normal", [(1.0, 0.5, 0.2), (0.3, 1.0, 0.2), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("width", [1.0, 2.0, 3.4, 10.0])
def test_chords_through_a_tilted_slit_are_its_width_over_the_cosine(normal, width):
    void = slit((64, 61, 62), width, normal, 0.13)
    found = chord_lengths(_image(void, spacing=(1e-9,) * 3))[0]
    expected = width * 1e-9 * np.linalg.norm(normal) / normal[0]
    # 1.5 %: corners of voxels that the wall cuts, where it passes through several voxels along the line.
    assert found.mean == pytest.approx(expected, rel=0.015)


def test_walls_thinner_than_their_voxels_are_shared_by_the_pores_on_both_sides():
    void = np.array([0.0, 1.0, 0.2, 1.0, 1.0, 0.0], np.float32).reshape(6, 1, 1)
    pore, solid = (chord_lengths(_image(void), of)[0] for of in ("pore", "solid"))
    assert pore.mean == pytest.approx((1.1 + 2.1) / 2 * SPACING[0], rel=1e-6)
    assert solid.mean == pytest.approx(0.8 * SPACING[0], rel=1e-6)
    assert (solid.count, solid.truncated_count) == (1, 2)


def test_a_slit_between_the_voxels_of_a_periodic_face_is_one_chord():
    void = np.array([1.0, 0.7, 0.0, 0.0, 0.4, 1.0], np.float32).reshape(1, 1, 6)
    found = chord_lengths(_image(void, ALWAYS))[2]
    assert found.mean == pytest.approx(3.1 * SPACING[2], rel=1e-6)
    assert (found.count, found.truncated_count) == (1, 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("cosine", [1.0, 0.8, 0.5])
def test_microcracks_narrower_than_a_voxel_measure_their_width_over_the_cosine(axis, cosine):
    # A crack through the middle of a voxel holds width / (edge * cosine) of it.
    width, edge = 2e-9, 20e-9
    void, widths, normal = np.zeros((9, 9, 9), np.float32), np.zeros((9, 9, 9), np.float32), np.zeros((3, 9, 9, 9))
    layer = tuple(4 if axis == other else slice(None) for other in range(3))
    void[layer], widths[layer] = width / (edge * cosine), width
    normal[axis], normal[axis - 1] = cosine, np.sqrt(1.0 - cosine**2)
    image = _image(void, spacing=(edge,) * 3, pore_width=widths, pore_normal=normal.astype(np.float32))
    found = chord_lengths(image)[axis]
    assert found.mean == pytest.approx(width / cosine, rel=1e-5)
    assert found.count == pytest.approx(81, rel=1e-5)


def test_microcracks_that_lines_follow_are_as_long_as_they_are_and_hold_their_share_of_the_lines():
    edge, share = 20e-9, 0.1
    void, widths = np.zeros((9, 4, 4), np.float32), np.zeros((9, 4, 4), np.float32)
    void[2:7], widths[2:7] = share, share * edge
    normal = np.zeros((3, 9, 4, 4), np.float32)
    normal[1] = 1.0
    found = chord_lengths(_image(void, spacing=(edge,) * 3, pore_width=widths, pore_normal=normal))[0]
    assert found.mean == pytest.approx(5 * edge, rel=1e-6)
    assert found.count == pytest.approx(16 * share, rel=1e-6)


def test_microcracks_without_a_direction_have_the_mean_chord_of_random_planes():
    # The mean chord of a layer over all directions is twice its width.
    width, edge = 1e-9, 20e-9
    void, widths = np.zeros((5, 4, 4), np.float32), np.zeros((5, 4, 4), np.float32)
    void[2], widths[2] = 0.06, width
    found = chord_lengths(_image(void, spacing=(edge,) * 3, pore_width=widths))[0]
    assert found.mean == pytest.approx(2.0 * width, rel=1e-6)


def test_without_contrast_no_chord_ends_and_the_reason_is_told():
    for void in (np.ones((4, 5, 6), bool), np.ones((4, 5, 6), np.float32)):
        for found, along in zip(chord_lengths(_image(void)), (4, 5, 6), strict=True):
            assert (found.count, found.truncated_count) == (0, 120 / along)
            assert found.truncated_length_total == pytest.approx(120 * found.edge / along)
            assert np.isnan([found.mean, found.spread, found.intercept_mean]).all()
            assert "both of its ends" in found.reason
        for found, along in zip(chord_lengths(_image(void, ALWAYS)), (4, 5, 6), strict=True):
            assert (found.count, found.truncated_count, found.infinite_count) == (0, 0, 120 / along)
            assert found.lineal_path([0.0, 3.0 * found.edge]) == pytest.approx([1.0, 1.0])
        for found in chord_lengths(_image(~void if void.dtype == bool else 0.0 * void)):
            assert found.length.size == found.number.size == found.count == 0
            assert found.lineal_path([0.0, found.edge / 2]) == pytest.approx([0.0, 0.0])
            assert found.reason == "The image shows no pore."


def test_a_single_open_voxel_is_one_chord_along_each_axis():
    void = np.zeros((5, 6, 70), bool)
    void[2, 3, 64] = True
    for found in (*chord_lengths(_image(void)), *chord_lengths(_image(void, ALWAYS))):
        assert (found.count, found.mean, found.spread) == (1, found.bin_width, 1.0)
        assert found.truncated_count == 0


def _share_of_open_segments(void, axis, voxels, wraps):
    """Share of the places of a segment of a whole number of voxels, its ends on faces of voxels, that lie in the pore."""
    lines = _lines(void, axis)
    along = lines.shape[1]
    tiled = np.concatenate([lines] * (2 + voxels // along), axis=1) if wraps else lines
    # Between two places of its ends on faces the covered share is not constant: it is the mean over the offsets, taken
    # with ten offsets in each voxel.
    offsets = (np.arange(10) + 0.5) / 10
    found = []
    for start in range(along if wraps else along - voxels):
        found += [tiled[:, start : int(np.ceil(start + offset + voxels))].all(axis=1).mean() for offset in offsets]
    return np.mean(found)


@pytest.mark.parametrize("periodic", [NEVER, ALWAYS])
def test_the_lineal_path_is_the_share_of_segments_that_lie_in_the_pore(periodic):
    void = _random((12, 9, 11), seed=11, share=0.8)
    void[:, 4, 4] = True
    for axis, found in enumerate(chord_lengths(_image(void, periodic))):
        assert found.lineal_path(0.0) == pytest.approx(void.mean())
        for voxels in (1, 2, 5, 8):
            expected = _share_of_open_segments(void, axis, voxels, periodic[axis])
            assert found.lineal_path(voxels * SPACING[axis]) == pytest.approx(expected), (axis, voxels)
    along_x = chord_lengths(_image(void, periodic))[0]
    uncut = void.all(axis=0).mean()
    assert along_x.lineal_path([along_x.edge]) == pytest.approx([uncut])


def test_segments_that_do_not_fit_into_the_image_have_no_probability():
    found = chord_lengths(_image(_random((8, 8, 8))))[1]
    values = found.lineal_path([[0.0, found.edge], [1.01 * found.edge, -1e-9]])
    assert np.isnan(values).tolist() == [[False, False], [True, True]]


def test_the_lineal_path_of_a_fractional_slit_falls_to_zero_at_its_width():
    void = slit((20, 3, 3), 3.4, (1.0, 0.0, 0.0), 0.2)
    found = chord_lengths(_image(void, ALWAYS))[0]
    distance = np.array([0.0, 1.7, 3.4, 4.0]) * SPACING[0]
    assert found.lineal_path(distance) == pytest.approx([3.4 / 20, 1.7 / 20, 0.0, 0.0], abs=1e-6)


def test_cut_chords_do_not_shift_the_mean_intercept():
    void = _random((400, 30, 30), seed=13, share=0.8)
    endless = chord_lengths(_image(void, ALWAYS))[0].mean
    window = chord_lengths(_image(np.ascontiguousarray(void[:12])))[0]
    assert window.mean < 0.8 * endless  # long chords do not fit
    # 4 %: two standard errors of the number of walls (about 1 700 between 9 900 pairs of voxels), and of the void fraction.
    assert window.intercept_mean == pytest.approx(endless, rel=0.04)


def test_bins_of_void_fractions_are_a_sixteenth_of_a_voxel():
    found = chord_lengths(_image(slit((12, 3, 3), 3.4, (1.0, 0.0, 0.0))))[0]
    assert found.bin_width == SPACING[0] / BINS_PER_VOXEL
    assert np.flatnonzero(found.number).tolist() == [int(3.4 * BINS_PER_VOXEL)]
    assert (np.diff(found.length) > 0).all()


def test_another_phase_is_refused_with_the_remedy():
    with pytest.raises(InvalidInput, match='of="solid"'):
        chord_lengths(_image(_random((3, 3, 3))), "fibre")
