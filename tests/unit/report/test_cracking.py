"""Pictures of a film that cracks open: they show what is there, at one scale, and nothing of them depends on the day."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poreline.blend.packing import pack
from poreline.blend.voxelise import DOMAIN, VoxelisedBlend, voxelise
from poreline.line.volume.frames import frames_as_arrays, frames_from_arrays, telling_plane
from poreline.quantities import InvalidInput
from poreline.report.cracking import (
    Frame,
    FrameRecorder,
    animation,
    frame_at_rest,
    frame_of,
    slices_figure,
    stages_figure,
    still,
    usual_stations,
    webp_of,
    write_animation,
    write_gif,
)
from poreline.report.cracking.deformed import deformed_picture
from poreline.report.cracking.look import DOMAIN as DOMAIN_COLOUR
from poreline.report.cracking.look import MATRIX as MATRIX_COLOUR
from poreline.report.cracking.look import VOID as VOID_COLOUR
from poreline.report.cracking.look import colours
from poreline.report.cracking.stages import chosen_frames
from poreline.stretch.volume.properties import VOID
from poreline.stretch.volume.schedule import Segment
from poreline.stretch.volume.state import VolumeState, unstretched
from poreline.voxels import VoxelImage


@pytest.fixture(scope="module")
def blend() -> VoxelisedBlend:
    packing = pack(diameter_median=630e-9, diameter_spread=1.0, volume_fraction=0.15, count=2, gap=30e-9, seed=1)
    return voxelise(packing, 16, 1.0)


def drawn(blend: VoxelisedBlend, stretch_ratio: float, void: float = 0.0) -> VolumeState:
    """A cell drawn evenly, every element with the same void fraction."""
    assert blend.domain_radius is not None
    state = unstretched(blend.phase, blend.domain, blend.normal, np.ones(blend.phase.shape), blend.domain_radius)
    across = 1.0 / np.sqrt(stretch_ratio * (1.0 - void))
    state.mean_gradient[:] = stretch_ratio, across, across
    state.voxel[VOID] = -np.log1p(-void)
    state.history.append((0.0, 1.0, 1.0, 293.15, stretch_ratio, *(0.0,) * 5, void, *(1.0,) * 5))
    return state


def frames(blend: VoxelisedBlend) -> list[Frame]:
    recorder = FrameRecorder(blend, programme=(Segment("draw", 293.15, 1, (False, True, True)),))
    for stretch_ratio, void in ((1.5, 0.1), (2.0, 0.3)):
        recorder(drawn(blend, stretch_ratio, void))
    return recorder.frames


# Frames


def test_the_recorder_begins_with_the_film_at_rest(blend: VoxelisedBlend) -> None:
    found = frames(blend)
    assert [frame.stretch_ratio for frame in found] == [1.0, 1.5, 2.0]
    assert [frame.words for frame in found] == ["at rest", "cold stretch", "cold stretch"]
    assert found[0].void.max() == 0.0


def test_a_frame_shows_the_plane_with_the_most_domains(blend: VoxelisedBlend) -> None:
    shares = (blend.phase == DOMAIN).mean(axis=(0, 2))
    at = telling_plane(blend)
    assert max(shares[at], shares[at - 1]) == shares.max()
    assert frame_at_rest(blend).domain.any()


def test_a_frame_has_the_size_and_void_of_its_cell(blend: VoxelisedBlend) -> None:
    frame = frame_of(drawn(blend, 2.0, 0.3), blend)
    assert frame.length == pytest.approx(2.0 * 16 * blend.voxel_edge)
    assert frame.void == pytest.approx(0.3)
    assert frame.porosity == 0.3
    assert frame.temperature == 293.15


def test_stations_lie_closer_together_where_cracks_form() -> None:
    stations = usual_stations(4.0, 10)
    steps = np.diff([1.0, *stations])
    assert stations[-1] == 4.0
    assert np.all(np.diff(steps) > 0.0)
    assert usual_stations(1.0) == ()


# Deformed planes


def test_void_is_dark_and_domains_are_tinted() -> None:
    void, domain = np.array([0.0, 0.0, 1.0], np.float32), np.array([0.0, 1.0, 0.0], np.float32)
    made = colours(void, domain)
    for found, expected in zip(made, (MATRIX_COLOUR, DOMAIN_COLOUR, VOID_COLOUR), strict=True):
        assert found == pytest.approx(expected, abs=1e-6)


def test_more_void_is_never_lighter() -> None:
    made = colours(np.linspace(0.0, 1.0, 50, dtype=np.float32), np.zeros(50, np.float32)).sum(axis=1)
    assert np.all(np.diff(made) <= 0.0)


@pytest.mark.parametrize("stretch_ratio", [1.0, 2.5])
def test_the_tinted_area_is_that_of_the_domains(stretch_ratio: float, blend: VoxelisedBlend) -> None:
    frame = frame_of(drawn(blend, stretch_ratio), blend)
    picture = deformed_picture(frame, frame.length / 300)
    height, width = picture.shape[:2]
    assert width == 300
    assert height == pytest.approx(300 * frame.thickness / frame.length, abs=1.0)
    tinted = (picture[..., 0] - picture[..., 2] > 0.2).mean()
    # Rounding the outline of hard voxels moves it by a fraction of a voxel.
    assert tinted == pytest.approx(frame.domain.mean(), rel=0.15)


def test_an_even_film_has_one_colour_wherever_its_nodes_are(blend: VoxelisedBlend) -> None:
    frame = frame_of(drawn(blend, 2.0, 0.3), blend)
    rng = np.random.default_rng(0)
    shaken = dataclasses.replace(
        frame,
        domain=np.zeros_like(frame.domain),
        x=frame.x + rng.normal(0.0, 0.2 * blend.voxel_edge, frame.x.shape).astype(np.float32),
    )
    picture = deformed_picture(shaken, frame.length / 200, repeats=2)
    assert np.ptp(picture[..., :3], axis=(0, 1)) == pytest.approx(0.0, abs=1e-5)


def test_a_stretched_element_takes_the_place_that_it_has(blend: VoxelisedBlend) -> None:
    frame = frame_at_rest(blend)
    n = frame.void.shape[0]
    void = np.zeros_like(frame.void)
    void[4:8] = 1.0
    # The open quarter is drawn to half of the length, the rest gives way.
    places = np.interp(np.arange(n), [0, 4, 8, n], [0.0, 4.0, 12.0, 16.0]) / n * frame.length
    x = np.repeat(places[:, None], frame.x.shape[1], axis=1).astype(np.float32)
    picture = deformed_picture(
        dataclasses.replace(frame, x=x, void=void, domain=np.zeros_like(frame.domain)), frame.length / 320
    )
    dark = picture[picture.shape[0] // 2, :, 0] < 0.5 * (MATRIX_COLOUR[0] + VOID_COLOUR[0])
    assert dark.mean() == pytest.approx(0.5, abs=0.06)
    assert dark[int(0.5 * 320)]


# Stages and animation


def test_stages_show_the_film_at_rest_at_the_end_of_each_draw_and_at_the_end_of_all(blend: VoxelisedBlend) -> None:
    cold, hot, end = (
        [frame_of(drawn(blend, ratio, void), blend, words=words) for ratio, void in moments]
        for words, moments in (
            ("cold stretch", ((1.1, 0.01), (1.25, 0.03))),
            ("hot stretch", tuple((1.25 + 0.1 * k, 0.03 + 0.01 * k) for k in range(1, 16))),
            ("release", ((2.6, 0.17),)),
        )
    )
    whole = [frame_at_rest(blend), *cold, *hot, *end]
    assert chosen_frames(whole) == [whole[0], cold[-1], hot[7], hot[-1], end[0]]
    made = stages_figure(whole, name="PS15/PP85")
    texts = [text.get_text() for text in made.figure.texts]
    for words in ("stretch 1.25, porosity 3.0 %", "stretch 2.75, porosity 18.0 %", "stretch 2.60, porosity 17.0 %"):
        assert words in texts
    with pytest.raises(InvalidInput):
        stages_figure([])


def test_stages_are_drawn_to_one_scale_inside_the_figure(blend: VoxelisedBlend) -> None:
    made = stages_figure(
        [frame_at_rest(blend), *(frame_of(drawn(blend, ratio), blend, words="hot stretch") for ratio in (2.0, 3.0))]
    )
    boxes = [
        axes.get_position() for axes in made.figure.axes if axes.images and axes.images[0].get_array().shape[2] == 4
    ]
    widths = [box.width for box in boxes]
    assert widths == pytest.approx([widths[-1] / 3.0, widths[-1]], rel=0.01)  # a short draw has no middle
    for box in boxes:
        assert box.x0 > -1e-6
        assert box.x1 < 1.0 + 1e-6
        assert box.y0 > 0.0
        assert box.y1 < 1.0


def test_an_animation_for_a_page_has_all_frames_and_is_smaller_than_the_file(
    blend: VoxelisedBlend, tmp_path: Path
) -> None:
    images = animation(frames(blend), name="PS15/PP85")
    data = webp_of(images)
    with Image.open(io.BytesIO(data)) as found:
        assert found.format == "WEBP"
        assert getattr(found, "n_frames", 1) == len(images)
        assert found.size == images[0].size
    assert len(data) < write_gif(tmp_path / "film.gif", images).stat().st_size


def test_frames_come_back_from_a_file_as_they_were(blend: VoxelisedBlend) -> None:
    before = frames(blend)
    after = frames_from_arrays(frames_as_arrays(before))
    assert len(after) == len(before)
    for one, two in zip(before, after, strict=True):
        for part in dataclasses.fields(Frame):
            first, second = getattr(one, part.name), getattr(two, part.name)
            assert np.array_equal(first, second) if isinstance(first, np.ndarray) else first == second
    assert frames_from_arrays({}) == ()


def test_every_frame_of_an_animation_has_one_size_and_the_film_grows(blend: VoxelisedBlend) -> None:
    images = animation(frames(blend), name="PS15/PP85")
    assert len({image.size for image in images}) == 1
    widths = []
    for image in images:
        rows = np.asarray(image)[90:-160].astype(int)
        widths.append(int((np.abs(rows - 255).max(axis=2) > 8).any(axis=0).sum()))
    assert widths == sorted(widths)
    assert widths[-1] == pytest.approx(2.0 * widths[0], rel=0.03)


def test_a_written_animation_has_its_frames_and_runs_for_ever(blend: VoxelisedBlend, tmp_path: Path) -> None:
    path = write_animation(tmp_path / "film.gif", frames(blend))
    with Image.open(path) as found:
        assert found.n_frames == 3
        assert found.info["loop"] == 0
        assert found.info["duration"] == 900
    assert [entry.name for entry in tmp_path.iterdir()] == ["film.gif"]


def test_equal_frames_give_equal_files(blend: VoxelisedBlend, tmp_path: Path) -> None:
    first, second = (write_animation(tmp_path / f"{i}.gif", frames(blend)).read_bytes() for i in range(2))
    assert first == second


def test_no_frames_and_no_folder_are_told(blend: VoxelisedBlend, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no frame"):
        animation([])
    with pytest.raises(InvalidInput, match="cannot be written"):
        write_animation(tmp_path / "absent" / "film.gif", frames(blend)[:1])


# Slices and stills


@pytest.fixture(scope="module")
def image() -> VoxelImage:
    place = np.indices((30, 10, 12))
    phase = np.ones((30, 10, 12), np.uint8)
    phase[(place[0] - 14.5) ** 2 + (place[1] - 4.5) ** 2 + (place[2] - 5.5) ** 2 < 9.0] = 2
    void = np.where((place[0] > 19) & (place[0] < 24), 0.9, 0.0).astype(np.float32)
    phase[void > 0.5] = 0
    return VoxelImage(void=void, spacing=(5e-8,) * 3, periodic=(True,) * 3, phase=phase, name="cell")


def test_slices_go_through_the_domains_and_tell_their_void(image: VoxelImage) -> None:
    made = slices_figure(image)
    assert f"{100 * image.void.mean():.3g} %" in made.description
    texts = [text.get_text() for text in made.figure.texts]
    assert sum("% void" in text for text in texts) >= 1
    assert {"matrix", "domains", "void 0 to 55 %"} <= set(texts)
    assert "copolymer" not in texts


def test_slices_of_an_image_without_phases_and_of_yes_or_no(image: VoxelImage) -> None:
    plain = VoxelImage(void=image.void > 0.5, spacing=image.spacing, name="plain")
    texts = [text.get_text() for text in slices_figure(plain).figure.texts]
    assert "domains" not in texts


@pytest.mark.parametrize("of", ["film", "voids"])
def test_a_still_shows_domains_and_void(of: str, image: VoxelImage) -> None:
    made = still(image, of)  # type: ignore[arg-type]
    (canvas,) = made.figure.axes
    pixels = np.asarray(canvas.images[0].get_array()).astype(int)
    inside = pixels[..., 3] > 0
    assert 0.2 < inside.mean() < 0.9
    amber = (pixels[..., 0] - pixels[..., 2] > 40) & inside
    assert amber.sum() > 500
    dark = (pixels[..., :3].sum(axis=2) < 330) & inside
    assert dark.sum() > 500


def test_a_still_is_the_same_every_time(image: VoxelImage) -> None:
    assert still(image).svg == still(image).svg


def test_a_cell_is_repeated_across_the_draw_until_it_is_no_thread(image: VoxelImage) -> None:
    thin = dataclasses.replace(image, void=image.void[:, :5, :6], phase=image.phase[:, :5, :6])  # type: ignore[index]
    assert "repeated" in still(thin).description
    assert "repeated" not in still(dataclasses.replace(thin, periodic=(False,) * 3)).description


def test_a_section_and_an_unknown_view_are_refused(image: VoxelImage) -> None:
    section = VoxelImage(void=np.zeros((8, 8, 1), np.float32), spacing=(1e-7,) * 3)
    with pytest.raises(InvalidInput, match="no depth"):
        still(section)
    with pytest.raises(InvalidInput, match="no such view"):
        still(image, "walls")  # type: ignore[arg-type]
