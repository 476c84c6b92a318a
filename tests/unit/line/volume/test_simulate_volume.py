"""A recipe through the volume simulation: one small cell, drawn once, looked at from all sides."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.unit.line.volume.volume_recipes import understood

from poreline.claims import MeasuredFacts, check
from poreline.line.volume import Prepared, Status, VolumeRun, cost_of, prepare, simulate_volume, volume_settings
from poreline.line.volume import settings as settings_module
from poreline.line.volume import solving as solving_module
from poreline.line.volume.cell import packed
from poreline.line.volume.drawn import DrawnCell
from poreline.line.volume.results import EXTRA, NO_COUNTERPART, SHARED_STAGES, curves_of, results_of
from poreline.line.volume.settings import cells_at_a_time, memory_needed
from poreline.line.volume.simulate import _cautions as cautions_of
from poreline.line.volume.simulate import check_checkpoints, outcome_of_cells
from poreline.line.volume.solving import Interrupted, Keeper, solve_cell
from poreline.quantities import Estimate, InvalidInput, NotDetermined, Truth
from poreline.report.volume.film import film_pictures, write_film_pictures
from poreline.report.volume.html import drawn, own_constants, render_volume_report
from poreline.report.volume.machine import volume_object
from poreline.voxels.files import read_image


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    settings = volume_settings(voxels=16, seeds=2, steps_factor=0.5, device="cpu")
    return prepare(understood(), settings, samples=100)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("volume")


@pytest.fixture(scope="module")
def made(prepared: Prepared, folder: Path) -> VolumeRun:
    return simulate_volume(prepared, images=folder)


def solved(prepared: Prepared, keeper: Keeper, seed: int = 0) -> DrawnCell:
    blend = packed(prepared.cell, seed)
    return solve_cell(
        prepared.plan,
        prepared.cell,
        blend,
        prepared.settings,
        seed,
        device="cpu",
        keeper=keeper,
        progress=lambda *_: None,
    )


# Results


def test_every_result_of_the_mean_field_model_is_there_with_a_number_or_a_reason(made: VolumeRun) -> None:
    for name in made.mean_field.results:
        found = made.run.results[name]
        assert isinstance(found, Estimate | NotDetermined)
        if isinstance(found, NotDetermined):
            assert len(found.reason) > 10


def test_nothing_past_the_film_is_taken_over_from_the_mean_field_model(made: VolumeRun) -> None:
    programme = {"stretch_ratio", "stretch_ratio_transverse", "stretch_ratio_final_transverse", "ruptured"}
    for name, found in made.run.results.items():
        beside = made.mean_field.results.get(name)
        if made.run.stage_of[name] in SHARED_STAGES:
            assert found == beside
        elif isinstance(found, Estimate) and isinstance(beside, Estimate) and name not in programme and found.value:
            assert found.value != beside.value, name


def test_results_without_counterpart_are_not_determined_with_their_own_reason(made: VolumeRun) -> None:
    for name, reason in NO_COUNTERPART.items():
        found = made.run.results[name]
        assert isinstance(found, NotDetermined)
        assert found.reason.startswith(reason[:20])


def test_what_only_the_simulation_knows_is_added(made: VolumeRun) -> None:
    assert EXTRA.keys() - made.run.results.keys() == set()
    assert {"stress_x_curve", "stress_y_curve", "stress_z_curve", "porosity_curve"} == made.curves.keys()


def test_volume_of_the_film_is_length_times_width_times_thickness(made: VolumeRun) -> None:
    # The mean of a product is that of the means as far as two cells are alike.
    value = made.run.value
    product = value("stretch_ratio_final") * value("width_ratio") * value("thickness_ratio")
    assert value("volume_ratio") == pytest.approx(product, rel=1e-3)


def test_porosity_of_the_image_is_that_of_the_voxels(made: VolumeRun) -> None:
    # The solid keeps its volume, but for what is left of its elastic strain.
    assert made.run.value("porosity") == pytest.approx(1.0 - 1.0 / made.run.value("volume_ratio"), abs=0.01)
    assert made.run.value("porosity") == pytest.approx(float(made.curves["porosity_curve"].y[-1]), abs=1e-3)


def test_void_in_microcracks_and_cavities_is_all_void(made: VolumeRun) -> None:
    value = made.run.value
    matrix = 1.0 - value("first_volume_fraction")
    void = value("void_ratio_microcracks") * matrix + value("void_ratio_debonded")
    # The layer lies partly inside the domains, which makes the room around them larger than the matrix.
    assert void / value("volume_ratio") == pytest.approx(value("porosity"), rel=0.1)


def test_free_directions_bear_no_stress_beside_the_draw(made: VolumeRun) -> None:
    largest = float(made.curves["stress_x_curve"].y.max())
    for axis in "yz":
        assert (
            abs(float(made.curves[f"stress_{axis}_curve"].y[made.curves[f"stress_{axis}_curve"].at])) < 0.05 * largest
        )


def test_stress_ends_at_zero_after_the_release(made: VolumeRun) -> None:
    curve = made.curves["stress_x_curve"]
    assert abs(float(curve.y[-1])) < 0.02 * float(curve.y.max())


def test_duties_give_what_was_solved_on_the_image(made: VolumeRun) -> None:
    """The permeance by the duty's laws is near that of the gas diffusion that was solved place by place."""
    value = made.run.value
    if value("diffusivity_relative_z") == 0.0:
        pytest.skip("not connected")
    permeance = value("diffusivity_gas_N2_z") / (8.314462618 * 298.15) / value("film_thickness")
    dense = made.mean_field.nominal.membrane.dense_permeability["N2"] / value("film_thickness")
    # Averages over places against one effective pore: within a factor of two.
    assert 0.5 < (value("permeance_gas_N2") - float(dense)) / permeance < 2.0


def test_bands_hold_the_value_and_say_how_they_came_about(made: VolumeRun) -> None:
    found = made.run.results["porosity"]
    assert isinstance(found, Estimate)
    assert found.low < found.value < found.high
    assert "2 cells (Student's t)" in found.method
    assert (found.high - found.value) / found.value >= 0.05 - 1e-9


# Claims, files, report


def test_claims_judge_structure_on_the_simulated_images(made: VolumeRun) -> None:
    verdicts = check(made.run, MeasuredFacts.of_volume(made))
    sources = {judgement.source for claim in verdicts for judgement in claim.evidence}
    assert "volume simulation" in sources
    assert not {"measurement", "mean-field model"} & sources
    assert not any(claim.by_proxy for claim in verdicts)


def test_a_cell_drawn_to_where_the_matrix_cavitates_throughout_says_so_and_has_wider_bands(
    made: VolumeRun, prepared: Prepared
) -> None:
    longer = []
    for cell in made.cells:
        stretch_ratio = cell.curve.stretch_ratio * 4.8 / cell.curve.stretch_ratio.max()
        longer.append(dataclasses.replace(cell, curve=dataclasses.replace(cell.curve, stretch_ratio=stretch_ratio)))
    known, found = made.run.results["porosity"], results_of(longer, made.mean_field)[0]["porosity"]
    assert isinstance(known, Estimate)
    assert isinstance(found, Estimate)
    wider = (found.high - found.value) ** 2 - (known.high - known.value) ** 2
    assert wider == pytest.approx((0.28**2 - 0.06**2) * found.value**2, rel=1e-6)
    assert "28 % for grid and steps" in found.method
    curve, before = curves_of(longer)["porosity_curve"], made.curves["porosity_curve"]
    near = curve.x > 3.8
    assert (curve.high[near] > before.high[near]).all()
    np.testing.assert_array_equal(curve.high[: near.argmax()], before.high[: near.argmax()])
    codes = [caution.code for caution in cautions_of(prepared, longer, ())]
    assert "volume-cavitation" in codes
    assert "volume-cavitation" not in [caution.code for caution in made.run.cautions]


def test_a_ruptured_cell_is_no_membrane(made: VolumeRun) -> None:
    broken = dataclasses.replace(made.cells[0], rupture_stretch_ratio=3.5, outcome="ruptured")
    ending = outcome_of_cells([broken, made.cells[1]])
    assert ending.kind == "ruptured"
    assert "1 of 2 cells" in ending.text
    facts = dataclasses.replace(MeasuredFacts.of_volume(made), ruptured=True)
    whole = [j for claim in check(made.run, facts) for j in claim.evidence if j.requirement == "membrane-whole"]
    assert {judgement.verdict for judgement in whole} == {"not-met"}


def test_the_kept_image_is_measured_like_any_other(made: VolumeRun, folder: Path) -> None:
    image = read_image(folder / made.files[0])
    own = made.image.image
    assert np.array_equal(image.void, own.void)
    assert image.periodic == (True, True, True)
    assert image.pore_width is not None
    assert image.phase is not None
    assert float(image.void.mean(dtype=np.float64)) == pytest.approx(made.cells[0].numbers["porosity"], rel=1e-6)


def test_the_object_for_other_programs_is_json_with_curves_connection_and_quality(made: VolumeRun) -> None:
    from poreline.report.machine import to_json

    verdicts = check(made.run, MeasuredFacts.of_volume(made))
    printed = json.loads(to_json(volume_object(made, verdicts, {})))
    quality = {
        "residual",
        "energy_ratio",
        "steps",
        "min_det_F",
        "element_steps_per_second",
        "bytes_per_voxel",
        "converged",
    }
    assert quality <= printed["quality"].keys()
    results = printed["results"]
    assert {f"connected_{axis}" for axis in "xyz"} <= results.keys()
    curve = results["porosity_curve"]["curve"]
    assert len(curve["x"]) == len(curve["y"]) == len(curve["stage"])
    assert printed["mean_field"]["results"]["porosity"]["value"] == made.mean_field.value("porosity")
    assert [cell["seed"] for cell in printed["cells"]] == [0, 1]


def test_the_report_shows_both_models_and_the_known_limits(made: VolumeRun) -> None:
    verdicts = check(made.run, MeasuredFacts.of_volume(made))
    figures = drawn(made)
    page = render_volume_report(made, verdicts, None, figures)
    assert page.startswith("\n") or page.lstrip().startswith("<!DOCTYPE html>")
    for text in ("mean-field", "Known limits", "fixed width", "volume-calibration", "healing", "Microcracks"):
        assert text in page or text.lower() in page.lower()
    assert page.count("<svg") >= 4
    assert page.count("data:image/webp;base64,") == 5  # the animation, three stills, the stages
    assert len(page) < 3e6
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_frames_begin_at_rest_and_tell_each_stage_of_the_programme(made: VolumeRun) -> None:
    words = [frame.words for frame in made.frames]
    assert words[0] == "at rest"
    assert list(dict.fromkeys(words[1:])) == [
        "cold stretch", "heating", "hot stretch", "anneal", "cooling", "release",
    ]  # fmt: skip
    assert made.frames[-1].stretch_ratio == pytest.approx(made.cells[0].numbers["stretch_ratio_final"], rel=1e-12)
    assert made.frames[-1].porosity == pytest.approx(made.cells[0].numbers["porosity"], rel=0.02)


def test_pictures_of_the_film_are_written_as_files_that_open(made: VolumeRun, tmp_path: Path) -> None:
    files = write_film_pictures(film_pictures(made), tmp_path)
    assert files["animation"] == "film.gif"
    assert {"picture_cracking_film", "picture_cracking_voids", "picture_cracking_slices"} < files.keys()
    for name in files.values():
        with Image.open(tmp_path / name) as image:
            image.load()
            assert getattr(image, "n_frames", 1) == (len(made.frames) if name.endswith(".gif") else 1)


def test_a_film_without_its_early_moments_says_where_it_begins_and_one_without_any_has_none(made: VolumeRun) -> None:
    verdicts = check(made.run, MeasuredFacts.of_volume(made))
    late = dataclasses.replace(made, frames=made.frames[5:])
    assert f"begins at a stretch ratio of {made.frames[5].stretch_ratio:.2f}" in render_volume_report(late, verdicts)
    none = render_volume_report(dataclasses.replace(made, frames=()), verdicts)
    assert "there is no animation" in none
    assert "film.gif" not in none


def test_a_truth_of_several_cells_says_in_how_many(made: VolumeRun) -> None:
    found = made.measured["connected_z"]
    assert isinstance(found, Truth)
    assert found.method.endswith("of 2 cells")


# Cost, checkpoints


def test_cells_side_by_side_give_the_numbers_of_cells_one_after_the_other_to_the_last_bit(
    prepared: Prepared, made: VolumeRun
) -> None:
    other = 1 if made.at_a_time > 1 else 2
    beside = simulate_volume(dataclasses.replace(prepared, at_a_time=other))
    assert beside.at_a_time != made.at_a_time
    for one, two in zip(made.cells, beside.cells, strict=True):
        assert one.numbers.keys() == two.numbers.keys()
        for name, value in one.numbers.items():
            assert np.float64(value).tobytes() == np.float64(two.numbers[name]).tobytes(), name
        assert one.curve.porosity.tobytes() == two.curve.porosity.tobytes()
    assert np.array_equal(made.image.image.void, beside.image.image.void)


def test_stopping_cells_side_by_side_keeps_a_checkpoint_of_each_from_which_all_go_on(
    prepared: Prepared, made: VolumeRun, tmp_path: Path
) -> None:
    stop, both = threading.Event(), dataclasses.replace(prepared, at_a_time=2)

    def soon(status: Status) -> None:
        if status.under_way == (0, 1) and status.stretch_ratio > 1.05:
            stop.set()

    with pytest.raises(Interrupted):
        simulate_volume(both, checkpoints=tmp_path, progress=soon, stop=stop)
    assert check_checkpoints(both, tmp_path) == [0, 1]
    again = simulate_volume(both, checkpoints=tmp_path)
    assert {cell.seed: cell.numbers["porosity"] for cell in again.cells} == {
        cell.seed: cell.numbers["porosity"] for cell in made.cells
    }


def test_fewer_cells_go_on_together_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = volume_settings(voxels=200, seeds=4)
    one, three = (memory_needed(settings, 260.0, count) for count in (1, 3))
    assert cells_at_a_time(settings, 260.0, threads=2) == 2
    monkeypatch.setattr(settings_module, "memory_available", lambda: three)
    assert cells_at_a_time(settings, 260.0, threads=8) == 3
    monkeypatch.setattr(settings_module, "memory_available", lambda: one)
    assert cells_at_a_time(settings, 260.0, threads=8) == 1


def test_the_cost_is_known_before_the_start(prepared: Prepared) -> None:
    cost = cost_of(prepared)
    assert cost.steps > 100
    assert cost.memory > 16**3 * 200
    assert cost.seconds > 0.0


def test_an_interrupted_cell_goes_on_to_the_same_numbers_to_the_last_bit(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving_module, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(solving_module, "_WRITING_SHARE", 0.0)
    whole = solved(prepared, Keeper.of(None, prepared.identity(0), None))
    # Stopped at several moments, each time by a fresh keeper as a new process has.
    for records in (3, 5, 4):
        stop = threading.Event()
        keeper = Keeper.of(tmp_path, prepared.identity(0), None, stop)
        seen = 0

        def count(*_: object, stop: threading.Event = stop, records: int = records) -> None:
            nonlocal seen
            seen += 1
            if seen == records:
                stop.set()

        with pytest.raises(Interrupted):
            solve_cell(
                prepared.plan, prepared.cell, packed(prepared.cell, 0), prepared.settings, 0, device="cpu",
                keeper=keeper, progress=count,
            )  # fmt: skip
    assert check_checkpoints(prepared, tmp_path) == [0]
    said: list[str] = []
    again = solved(prepared, Keeper.of(tmp_path, prepared.identity(0), said.append))
    assert "goes on from its checkpoint" in said[0]
    for name in ("displacement", "void", "broken", "craze_count", "craze_spacing_sum", "mean_gradient"):
        assert getattr(again, name).tobytes() == getattr(whole, name).tobytes(), name
    assert again.curve.porosity.tobytes() == whole.curve.porosity.tobytes()
    assert again.quality.steps == whole.quality.steps
    # The frames of the film are those of a cell that was not stopped, too.
    assert [frame.stretch_ratio for frame in again.frames] == [frame.stretch_ratio for frame in whole.frames]
    for one, two in zip(again.frames, whole.frames, strict=True):
        assert one.void.tobytes() == two.void.tobytes()
        assert (one.words, one.porosity) == (two.words, two.porosity)


def test_a_cell_that_was_drawn_is_not_drawn_again(prepared: Prepared, tmp_path: Path) -> None:
    first = solved(prepared, Keeper.of(tmp_path, prepared.identity(0), None))
    said: list[str] = []
    second = solved(prepared, Keeper.of(tmp_path, prepared.identity(0), said.append))
    assert "was drawn before" in said[0]
    assert second.void.tobytes() == first.void.tobytes()


def test_without_room_for_a_checkpoint_the_simulation_goes_on_and_says_so_once(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solving_module, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(solving_module, "_WRITING_SHARE", 0.0)
    monkeypatch.setattr(solving_module, "write_checkpoint", lambda *_: "the disk is full")
    said: list[str] = []
    keeper = Keeper.of(tmp_path, prepared.identity(0), said.append)
    found = solved(prepared, keeper)
    assert found.curve.porosity[-1] > 0.0
    assert len(said) == 1
    assert "the disk is full" in said[0]
    assert keeper.remarks == said


def test_a_checkpoint_of_another_grid_or_recipe_is_found_before_anything_starts(
    prepared: Prepared, tmp_path: Path
) -> None:
    solved(prepared, Keeper.of(tmp_path, prepared.identity(0), None))
    finer = dataclasses.replace(prepared, settings=dataclasses.replace(prepared.settings, steps_factor=0.7))
    with pytest.raises(InvalidInput) as error:
        check_checkpoints(finer, tmp_path)
    assert [fault.field for fault in error.value.faults] == ["checkpoint, settings"]
    steps = understood().recipe.stretch
    other = prepare(
        understood(stretch=[{"temperature": "20 degC", "elongation": "30 %"}, {"temperature": "87 degC", "elongation": "80 %"}]),
        prepared.settings, samples=100,
    )  # fmt: skip
    assert len(steps) == 2
    with pytest.raises(InvalidInput) as error:
        check_checkpoints(other, tmp_path)
    assert [fault.field for fault in error.value.faults] == ["checkpoint, recipe_digest"]


# Constants of the recipe


def test_a_constant_of_the_recipe_reaches_the_voxels_and_belongs_to_the_checkpoint(prepared: Prepared) -> None:
    given = {"volume": {"nucleation_pressure": "30 MPa"}, "open_rate": 2.5}
    other = prepare(understood(parameters=given), prepared.settings, samples=100)
    assert other.plan.constants.volume.nucleation_pressure == 30e6
    assert other.digest != prepared.digest
    assert other.cells_digest != prepared.cells_digest
    assert other.identity(0).recipe_digest != prepared.identity(0).recipe_digest
    stiff, usual = (solved(one, Keeper.of(None, one.identity(0), None)) for one in (other, prepared))
    assert stiff.curve.porosity.max() < 0.5 * usual.curve.porosity.max()  # what does not nucleate does not open


def test_the_report_names_the_constants_of_the_recipe_beside_their_defaults(made: VolumeRun) -> None:
    assert own_constants(made) == []
    run = made.run
    recipe = dataclasses.replace(run.recipe, parameters={"volume.nucleation_pressure": 12e6, "open_rate": 2.5})
    given = dataclasses.replace(run, understood=dataclasses.replace(run.understood, recipe=recipe))
    words = own_constants(dataclasses.replace(made, run=given))
    assert words == ["open_rate 2.5 (default 2)", "volume.nucleation_pressure 12 MPa (default 14 MPa)"]


def test_equal_seeds_give_equal_numbers_and_digests_tell_settings_apart(prepared: Prepared) -> None:
    again = prepare(understood(), prepared.settings, samples=100)
    assert again.digest == prepared.digest
    assert again.cells_digest == prepared.cells_digest
    more = prepare(understood(), dataclasses.replace(prepared.settings, seeds=(0, 1, 2)), samples=100)
    assert more.digest != prepared.digest
    # Cells do not depend on how many others there are, nor on the bands of the mean-field model.
    assert more.cells_digest == prepared.cells_digest
    assert prepare(understood(), prepared.settings, samples=200).cells_digest == prepared.cells_digest
