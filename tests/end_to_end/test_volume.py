"""`poreline run --model volume` as a user calls it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import pytest
from tests.conftest import Command
from tests.unit.line.volume.volume_recipes import short_recipe

from poreline.recipe import to_toml

SMALL = ("--model", "volume", "--voxels", "16", "--seeds", "1", "--samples", "50", "--device", "cpu")
CALL = [sys.executable, "-c", "from poreline.app.cli.main import main; main()"]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "short.toml"
    path.write_text(to_toml(short_recipe()), encoding="utf-8")
    return path


def faults(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return {fault["field"]: fault for fault in json.loads(done.stdout)["error"]}


def without_pixels(page: str) -> str:
    """A page without its images and its mesh: a voxel's edge in the file of an image is rounded."""
    return re.sub(r'webp;base64,[^"]*|structure-data">.*?</script>', "", page, flags=re.DOTALL)


@pytest.mark.slow
def test_a_simulation_prints_one_object_keeps_its_run_and_leaves_no_checkpoint(
    poreline: Command, recipe: Path, tmp_path: Path
) -> None:
    done = poreline("run", recipe, *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    assert "about" in done.stderr  # the cost, before the start
    assert "memory" in done.stderr
    folder = Path(tmp_path, printed["folder"])
    assert json.loads((folder / "summary.json").read_text())["provenance"]["model"] == "volume"
    for name in printed["files"].values():
        assert Path(tmp_path, name).is_file(), name
    assert not (tmp_path / "runs" / "checkpoints").exists()
    listed = json.loads(poreline("runs", "list", "--json").stdout)["runs"]
    assert [run["model"] for run in listed] == ["volume"]
    shown = poreline("runs", "show", folder.name)
    assert shown.returncode == 0, shown.stderr
    assert "porosity_curve" in shown.stdout
    measured = poreline("measure", folder / "structure-0.nc", "--only", "porosity", "--json")
    assert measured.returncode == 0, measured.stderr
    porosity = json.loads(measured.stdout)["results"]["porosity"]["value"]
    assert porosity == pytest.approx(printed["results"]["porosity"]["value"], rel=1e-6)
    assert {"animation", "picture_cracking_film", "picture_cracking_stages"} < printed["files"].keys()
    # The report is drawn again from what the folder holds: the same page.
    page = (folder / "report.html").read_text(encoding="utf-8")
    (folder / "report.html").unlink()
    again = poreline("runs", "report", folder.name)
    assert again.returncode == 0, again.stderr
    assert without_pixels((folder / "report.html").read_text(encoding="utf-8")) == without_pixels(page)
    page = (folder / "report.html").read_text(encoding="utf-8")
    # Where a part is missing it is named, and the page that is there stays.
    (folder / "structure-0.nc").rename(folder / "elsewhere.nc")
    missing = faults(poreline("runs", "report", folder.name, "--json"))
    assert "not there" in missing["structure-0.nc"]["reason"]
    assert "poreline run" in missing["structure-0.nc"]["remedy"]
    (folder / "elsewhere.nc").rename(folder / "structure-0.nc")
    with h5py.File(folder / "results.nc", "a") as file:
        del file["cells"]["record"]
    assert "did not keep" in faults(poreline("runs", "report", folder.name, "--json"))["results.nc"]["reason"]
    (folder / "results.nc").write_bytes(b"no results")
    assert "cannot be read" in faults(poreline("runs", "report", folder.name, "--json"))["results.nc"]["reason"]
    assert (folder / "report.html").read_text(encoding="utf-8") == page


@pytest.mark.slow
def test_an_interruption_ends_with_130_says_how_to_go_on_and_changes_no_number(
    poreline: Command, recipe: Path, tmp_path: Path
) -> None:
    # So many steps that there is time to interrupt.
    options = [*SMALL, "--steps-factor", "12", "--json"]
    whole = json.loads(poreline("run", recipe, *options, "--out", "whole").stdout)
    started = subprocess.Popen(
        [*CALL, "run", str(recipe), *options, "--out", "cut"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    assert started.stderr is not None
    assert "steps a cell" in started.stderr.readline()
    time.sleep(0.7)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err
    assert out == ""
    assert "goes on from there" in err
    kept = list((tmp_path / "cut" / "checkpoints").glob("*/cell-0.npz"))
    assert len(kept) == 1
    done = poreline("run", recipe, *options, "--out", "cut", "--resume")
    assert done.returncode == 0, done.stderr
    assert "goes on from its checkpoint" in done.stderr
    again = json.loads(done.stdout)
    assert again["results"] == whole["results"]
    assert again["provenance"]["run_digest"] == whole["provenance"]["run_digest"]
    assert not (tmp_path / "cut" / "checkpoints").exists()


@pytest.mark.slow
def test_a_kill_leaves_a_checkpoint_or_nothing_and_no_half_written_run(
    poreline: Command, recipe: Path, tmp_path: Path
) -> None:
    options = [*SMALL, "--json"]
    started = subprocess.Popen([*CALL, "run", str(recipe), *options], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip
    assert started.stderr is not None
    started.stderr.readline()
    time.sleep(1.0)
    os.kill(started.pid, signal.SIGKILL)
    started.communicate(timeout=60)
    assert not list((tmp_path / "runs").glob("*/summary.json"))
    done = poreline("run", recipe, *options)
    assert done.returncode == 0, done.stderr


def test_every_fault_is_named_before_anything_starts(poreline: Command, recipe: Path) -> None:
    done = poreline(
        "run", recipe, "--model", "volume", "--voxels", "1", "--domains", "0", "--quality", "fien", "--why", "porosity",
        "--batch", "much", "--json",
    )  # fmt: skip
    found = faults(done)
    assert found.keys() == {"--voxels", "--domains", "--quality", "--why", "--batch"}
    assert "fine" in found["--quality"]["remedy"]


@pytest.mark.parametrize("voxels", ["0", "1000000"])
def test_a_size_out_of_range_names_the_range(poreline: Command, recipe: Path, voxels: str) -> None:
    found = faults(poreline("run", recipe, "--model", "volume", "--voxels", voxels, "--json"))
    assert "16 to 1000" in found["--voxels"]["limit"]


def test_a_size_that_is_no_whole_number_is_refused(poreline: Command, recipe: Path) -> None:
    done = poreline("run", recipe, "--model", "volume", "--voxels", "32.5", "--json")
    assert done.returncode == 2
    assert "--voxels" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_device_that_is_absent_is_refused(poreline: Command, recipe: Path) -> None:
    from poreline.voxels.launch import cuda_available

    if cuda_available():
        pytest.skip("not run: there is a GPU here")
    found = faults(poreline("run", recipe, "--model", "volume", "--device", "cuda", "--json"))
    assert "No CUDA GPU" in found["--device"]["reason"]


def test_a_cell_that_does_not_fit_into_memory_is_refused_with_the_number(poreline: Command, recipe: Path) -> None:
    found = faults(poreline("run", recipe, "--model", "volume", "--voxels", "1000", "--json"))
    assert "GB" in found["memory"]["limit"]
    assert "--voxels" in found["memory"]["remedy"]


def test_options_of_the_simulation_without_it_are_refused(poreline: Command, recipe: Path) -> None:
    found = faults(poreline("run", recipe, "--voxels", "32", "--fresh", "--json"))
    assert found.keys() == {"--voxels", "--fresh"}


def test_fixed_width_is_refused_with_the_reason(poreline: Command, tmp_path: Path) -> None:
    steps = short_recipe()["stretch"]
    steps[1]["width"] = "fixed"
    path = tmp_path / "fixed.toml"
    path.write_text(to_toml(short_recipe(stretch=steps)), encoding="utf-8")
    found = faults(poreline("run", path, "--model", "volume", "--voxels", "16", "--json"))
    assert "constraint" in found["stretch[1].width"]["reason"]


def test_nothing_to_resume_is_said(poreline: Command, recipe: Path) -> None:
    found = faults(poreline("run", recipe, *SMALL, "--resume", "--json"))
    assert "No checkpoint" in found["--resume"]["reason"]


def test_a_truncated_checkpoint_is_named_with_the_remedy(poreline: Command, recipe: Path, tmp_path: Path) -> None:
    from poreline.line.store import folder_name
    from poreline.line.volume import prepare, volume_settings
    from poreline.recipe import read_recipe

    prepared = prepare(read_recipe(recipe), volume_settings(voxels=16, seeds=1, device="cpu"), samples=50)
    folder = tmp_path / "runs" / "checkpoints" / folder_name("PS15/PP85, a short draw", prepared.cells_digest)
    folder.mkdir(parents=True)
    (folder / "cell-0.npz").write_bytes(b"PK\x03\x04 cut short")
    found = faults(poreline("run", recipe, *SMALL, "--json"))
    assert "Delete it" in found["checkpoint"]["remedy"]
