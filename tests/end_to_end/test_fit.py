"""`poreline fit`: from stored simulations to a set of parameters, and on to a recipe that names it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.design.stored_simulations import RECIPE, stored_simulation

Command = Callable[..., Any]


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    names = []
    for number, (elongation, share, factor) in enumerate(((40, 0.75, 4.0), (80, 0.9, 2.9), (160, 0.97, 2.2))):
        names.append(f"film-{number}-0123abcd")
        stored_simulation(
            tmp_path / "runs", names[-1], elongation, open_share=share, tortuosity=(factor, 1.05 * factor)
        )
    return names


def test_runs_become_a_set_and_a_recipe_uses_it(poreline: Command, runs: list[str], tmp_path: Path) -> None:
    done = poreline("fit", *runs, "--output", "fitted.toml", "--date", "2026-11-26")
    assert done.returncode == 0, done.stderr
    for words in ("percolation_threshold", "film-0-0123abcd", "Written: fitted.toml"):
        assert words in done.stdout
    written = tomllib.loads((tmp_path / "fitted.toml").read_text(encoding="utf-8"))
    assert written["date"] == "2026-11-26"
    recipe = RECIPE.format(elongation=80, threshold=2.4).replace("percolation_threshold = 2.4", 'file = "fitted.toml"')
    (tmp_path / "film.toml").write_text(recipe, encoding="utf-8")
    ran = poreline("run", "film.toml", "--samples", "50", "--json")
    assert ran.returncode == 0, ran.stderr
    cautions = json.loads(ran.stdout)["warnings"]
    assert any(caution["code"] == "parameter-set" for caution in cautions)


def test_json_gives_constants_runs_and_residuals(poreline: Command, runs: list[str]) -> None:
    done = poreline("fit", *runs, "--json", "--date", "2026-11-26")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["constants"]["open_rate"]["unit"] == "1"
    assert len(found["runs"]) == 3
    one = found["runs"][0]
    assert one["open_share_residual"] == pytest.approx(one["open_share_model"] - one["open_share"])
    assert one["tortuosity_residual"] == pytest.approx(np.log(one["tortuosity_model"] / one["tortuosity"]))


def test_without_runs_it_names_those_that_there_are(poreline: Command, runs: list[str]) -> None:
    done = poreline("fit")
    assert done.returncode == 2
    assert runs[0] in done.stderr


def test_without_any_simulation_it_says_how_to_make_one(poreline: Command) -> None:
    done = poreline("fit")
    assert done.returncode == 2
    assert "--model volume" in done.stderr


def test_two_runs_are_too_few(poreline: Command, runs: list[str], tmp_path: Path) -> None:
    done = poreline("fit", *runs[:2])
    assert done.returncode == 2
    assert "at least 3" in done.stderr
    assert not (tmp_path / "fitted.toml").exists()


def test_a_run_named_twice_counts_once(poreline: Command, runs: list[str]) -> None:
    done = poreline("fit", runs[0], runs[0], runs[1])
    assert done.returncode == 2
    assert "runs is 2" in done.stderr


def test_every_unusable_run_is_told_at_once(poreline: Command, runs: list[str], tmp_path: Path) -> None:
    stored_simulation(tmp_path / "runs", "quick-0123abcd", 80, model="mean-field")
    stored_simulation(tmp_path / "runs", "broken-0123abcd", 80, outcome="ruptured")
    done = poreline("fit", *runs, "quick-0123abcd", "broken-0123abcd", "absent-0123", "--json")
    assert done.returncode == 2
    assert done.stderr == "" or "Traceback" not in done.stderr
    texts = done.stdout + done.stderr
    for words in ("mean-field model", "ruptured", "no such run"):
        assert words in texts


def test_a_file_that_exists_is_not_replaced_unasked(poreline: Command, runs: list[str], tmp_path: Path) -> None:
    (tmp_path / "fitted.toml").write_text("mine", encoding="utf-8")
    assert poreline("fit", *runs).returncode == 2
    assert (tmp_path / "fitted.toml").read_text(encoding="utf-8") == "mine"
    assert poreline("fit", *runs, "--force").returncode == 0


@pytest.mark.parametrize(
    "arguments", [("--date", "yesterday"), ("--output", "absent/fitted.toml"), ("--output", "runs")]
)
def test_bad_options_are_faults(arguments: tuple[str, str], poreline: Command, runs: list[str]) -> None:
    done = poreline("fit", *runs, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_simulations_that_were_really_made_can_be_fitted(poreline: Command, tmp_path: Path) -> None:
    for elongation in (60, 100, 150):
        recipe = RECIPE.format(elongation=elongation, threshold=2.4)
        (tmp_path / f"r{elongation}.toml").write_text(recipe, encoding="utf-8")
    made = poreline(
        "run", "r60.toml", "r100.toml", "r150.toml", "--model", "volume", "--voxels", "16", "--domains", "1",
        "--seeds", "1", "--steps-factor", "2", "--samples", "50", "--json", timeout=600,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    names = [Path(run["folder"]).name for run in json.loads(made.stdout)["runs"]]
    done = poreline("fit", *names, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    contacts = [run["contacts"] for run in found["runs"]]
    assert contacts == sorted(contacts)
    # Crazes and wakes of bare domains meet: most void is one network, and no way is shorter than the straight one.
    assert all(0.5 < run["open_share"] <= 1.0 for run in found["runs"])
    assert all(run["tortuosity"] is None or run["tortuosity"] > 0.99 for run in found["runs"])
