"""What a fit takes of a simulation: means over cells, and the mean-field model's contacts of the same recipe."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from tests.unit.design.stored_simulations import stored_simulation
from tests.unit.line.volume.volume_recipes import understood

from poreline.claims import MeasuredFacts, check
from poreline.design import evidence_of, stored_evidence
from poreline.line import evaluate, parameter_names, plan
from poreline.line.run import Outcome
from poreline.line.store import RunStore
from poreline.line.volume import prepare, simulate_volume, volume_settings
from poreline.quantities import InvalidInput
from poreline.recipe import read_recipe


def refusal(folder: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        stored_evidence(folder)
    return str(caught.value)


def test_contacts_are_the_mean_field_model_s_whatever_threshold_the_recipe_has(tmp_path: Path) -> None:
    usual = stored_simulation(tmp_path, "usual", 80)
    other = stored_simulation(tmp_path, "other", 80, threshold=3.0)
    read = read_recipe(usual / "recipe.toml", parameter_names())
    structure = evaluate(plan(read.recipe, read.materials)).structure
    assert structure is not None
    assert stored_evidence(usual).contacts == pytest.approx(2.4 * float(structure.connectivity))
    assert stored_evidence(other).contacts == pytest.approx(stored_evidence(usual).contacts)


def test_further_draws_have_more_contacts(tmp_path: Path) -> None:
    found = [stored_evidence(stored_simulation(tmp_path, f"r{e}", e)).contacts for e in (40, 80, 160)]
    assert found == sorted(found)
    assert found[0] < found[2]


def test_numbers_are_means_over_the_cells_with_their_scatter(tmp_path: Path) -> None:
    found = stored_evidence(stored_simulation(tmp_path, "run", 80))
    assert found.porosity == pytest.approx(0.31)
    assert found.open_share == pytest.approx(0.9)
    assert found.tortuosity == pytest.approx(math.sqrt(3.0 * 3.3))
    assert found.tortuosity_error == pytest.approx(0.5 * math.log(3.3 / 3.0))
    assert found.tortuosity_machine == pytest.approx(2.5 * math.sqrt(3.0 * 3.3))
    # Eight domains stand two to an edge, which has shrunk to 0.8.
    assert found.spacings == pytest.approx(1.6)
    assert found.seeds == (0, 1)
    assert found.voxels == 32


def test_cells_without_a_way_through_count_in_the_open_share_only(tmp_path: Path) -> None:
    one = stored_evidence(stored_simulation(tmp_path, "one", 80, tortuosity=(3.0, math.inf)))
    none = stored_evidence(stored_simulation(tmp_path, "none", 80, tortuosity=(math.inf, math.inf), open_share=0.0))
    assert one.tortuosity == pytest.approx(3.0)
    assert none.tortuosity is None
    assert none.open_share == 0.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "mean-field"}, "It is a run of the mean-field model"),
        ({"outcome": "ruptured"}, "It ended as ruptured"),
        ({"outcome": "not-converged"}, "--steps-factor 2"),
        ({"porosity": (0.0, 0.0)}, "Nothing has opened"),
    ],
)
def test_what_is_no_whole_simulation_is_refused(changes: dict, words: str, tmp_path: Path) -> None:
    assert words in refusal(stored_simulation(tmp_path, "run", 80, **changes))


def test_damaged_files_are_told_and_no_traceback(tmp_path: Path) -> None:
    folder = stored_simulation(tmp_path, "run", 80)
    (folder / "results.nc").write_bytes(b"nothing")
    assert "Its results cannot be read" in refusal(folder)
    (folder / "recipe.toml").write_text("name = 3", encoding="utf-8")
    assert "run: " in refusal(folder)
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    assert "Its summary cannot be used" in refusal(folder)


@pytest.mark.slow
def test_a_run_in_memory_and_the_same_run_stored_are_the_same_evidence(tmp_path: Path) -> None:
    from poreline.app.cli.volume import keep

    settings = volume_settings(voxels=16, seeds=2, domains=1, steps_factor=0.5, device="cpu")
    made = simulate_volume(prepare(understood(), settings, samples=100), images=tmp_path)
    whole = dataclasses.replace(made, run=dataclasses.replace(made.run, outcome=Outcome("ok", "as if it were so")))
    verdicts = check(whole.run, MeasuredFacts.of_volume(whole))
    folder, _ = keep(whole, verdicts, RunStore(tmp_path / "runs"), tmp_path, batch=1.0, line=None)
    memory, stored = evidence_of(whole, folder.name), stored_evidence(folder)
    for field in dataclasses.fields(memory):
        first, second = getattr(memory, field.name), getattr(stored, field.name)
        if isinstance(first, float):
            assert np.isclose(first, second, rtol=1e-9), field.name
        else:
            assert first == second, field.name
