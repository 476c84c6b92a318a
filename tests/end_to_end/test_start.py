"""What a command loads when it starts: the libraries that cost time are not touched by those that do not need them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from poreline import simulate
from poreline.line.results_file import write_results
from poreline.quantities import Estimate

EXAMPLE = Path(__file__).parents[2] / "examples" / "ps10-pp90-seeps5.toml"
_SHOW = """
import sys
from poreline.app.cli.ending import guarded
from poreline.app.cli.main import app
sys.argv = ["poreline", *sys.argv[1:]]
guarded(app)
print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def loaded(tmp_path: Path, *arguments: str | Path) -> set[str]:
    """Top-level modules that a command has loaded by its end."""
    found = subprocess.run(
        [sys.executable, "-c", _SHOW, *map(str, arguments)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return set(found.stdout.rsplit("LOADED", 1)[1].split())


def test_help_loads_no_numerical_library(tmp_path):
    assert not loaded(tmp_path, "--help") & {"numpy", "pint", "pydantic", "matplotlib", "h5py"}


def test_check_loads_neither_figures_nor_files(tmp_path):
    assert not loaded(tmp_path, "check", EXAMPLE, "--samples", 100) & {
        "matplotlib",
        "h5py",
        "h5netcdf",
        "pandas",
    }


def test_run_loads_no_library_for_reading_its_results(tmp_path):
    modules = loaded(tmp_path, "run", EXAMPLE, "--samples", 100)
    assert "matplotlib" in modules
    assert not modules & {"xarray", "pandas", "plotly"}


def test_the_results_file_holds_every_result_as_it_is_in_memory(tmp_path):
    xarray = pytest.importorskip("xarray")
    run = simulate(EXAMPLE, samples=100, causes=())
    write_results(run, tmp_path / "results.nc")
    groups = {
        stage: xarray.open_dataset(tmp_path / "results.nc", group=stage)
        for stage in {*run.stage_of.values(), "samples"}
    }
    for name, result in run.results.items():
        variable = groups[run.stage_of[name]][name]
        assert variable.attrs["units"] == run.meanings[name].unit
        assert variable.attrs["long_name"] == run.meanings[name].meaning
        if isinstance(result, Estimate):
            assert variable.values.tolist() == [result.value, result.low, result.high]
        else:
            assert np.isnan(variable.values).all()
            assert variable.attrs["reason"] == result.reason
    varying = {name for name, values in run.samples.items() if np.ptp(values) > 0}
    assert varying <= set(groups["samples"].data_vars)
    for name in varying:
        np.testing.assert_array_equal(groups["samples"][name].values, run.samples[name])
    for group in groups.values():
        group.close()


def test_an_interruption_that_python_drops_in_a_callback_comes_again(tmp_path: Path) -> None:
    # As the compiler's callbacks do: an exception that is raised in one is dropped.
    code = """
import ctypes, signal, time
import typer
from poreline.app.cli.ending import guarded

app = typer.Typer()

@app.command()
def work() -> None:
    ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()
    print("dropped", flush=True)
    time.sleep(20.0)
    print("never interrupted")

raise SystemExit(guarded(app))
"""
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert found.stdout == "dropped\n"
    assert found.returncode == 130
    assert "interrupted" in found.stderr
    assert "Traceback" not in found.stderr


def test_what_fails_because_an_interruption_was_dropped_is_an_interruption(tmp_path: Path) -> None:
    # As the compiler does where the callback that hands over its object code was interrupted.
    code = """
import ctypes, signal
import typer
from poreline.app.cli.ending import guarded

app = typer.Typer()

@app.command()
def work(interrupt: bool = False) -> None:
    if interrupt:
        ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGINT))()
    raise RuntimeError("no compiled object yet")

raise SystemExit(guarded(app))
"""

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    stopped, broken = run("--interrupt"), run()
    assert stopped.returncode == 130
    assert "interrupted" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    # A fault of our own is still told as one.
    assert broken.returncode == 1
    assert "RuntimeError: no compiled object yet" in broken.stderr


def test_an_interrupted_command_ends_though_a_thread_is_still_in_a_loop(tmp_path: Path) -> None:
    code = """
import signal, threading, time
import typer
from poreline.app.cli.ending import guarded, leave

app = typer.Typer()

@app.command()
def work() -> None:
    threading.Thread(target=time.sleep, args=(600.0,)).start()
    signal.raise_signal(signal.SIGINT)

leave(guarded(app))
"""
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert found.returncode == 130
    assert "interrupted" in found.stderr
