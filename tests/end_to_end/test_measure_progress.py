"""What `poreline measure` shows while it works, and what it says when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from poreline.voxels.phantoms import as_tomogram, blobs
from poreline.voxels.segmentation import segment, segment_volume

EDGE = ("--spacing", "10 nm", "--only", "porosity")
START = "import poreline.app.cli.measuring as m; {}; from poreline.app.cli.main import main; main()"
AT_ONCE = "m._SILENT_SECONDS = 0.0"
# A step that takes long, so that there is time to stop it there: it says so first.
SLOW = (
    "import time\ndef slow(*a, **k):\n    print('now', flush=True)\n    time.sleep(60)\n"
    "import poreline.app.cli.measuring as m\nm.{} = slow\nfrom poreline.app.cli.main import main\nmain()"
)


@pytest.fixture
def grey(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    np.save(tmp_path / "grey.npy", as_tomogram(blobs((32, 32, 32), porosity=0.4, blob_size=2.5, rng=rng), rng=rng))
    return tmp_path


def test_reading_and_segmenting_are_told_before_measuring(grey):
    command = [sys.executable, "-c", START.format(AT_ONCE), "measure", "grey.npy", *EDGE]
    found = subprocess.run(command, cwd=grey, capture_output=True, text=True, check=False, timeout=300)
    assert found.returncode == 0, found.stderr
    lines = found.stderr.splitlines()
    places = [next(n for n, line in enumerate(lines) if text in line) for text in ("segmenting", "% porosity")]
    assert places == sorted(places)
    assert all(line.startswith("poreline: ") for line in lines)


def test_a_quick_measurement_says_nothing_of_its_progress(grey):
    quiet = START.format("m._SILENT_SECONDS = 600.0")
    command = [sys.executable, "-c", quiet, "measure", "grey.npy", *EDGE]
    found = subprocess.run(command, cwd=grey, capture_output=True, text=True, check=False, timeout=300)
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="not run: no such terminals here")
def test_a_terminal_shows_a_bar_for_each_stage(grey):
    import pty

    # A little pause in each stage, so that the bar is drawn in it.
    pause = (
        "import time; read, part = m.read_array, m.segment_volume; "
        "m.read_array = lambda *a, **k: (time.sleep(0.5), read(*a, **k))[1]; "
        "m.segment_volume = lambda *a, **k: (part(*a, **k), time.sleep(0.5))[0]"
    )
    code = START.format(f"{AT_ONCE}; {pause}")
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", code, "measure", "grey.npy", *EDGE],
        cwd=grey, stdout=subprocess.DEVNULL, stderr=slave, env=environment,
    ) as running:  # fmt: skip
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        os.close(master)
    assert running.returncode == 0
    text = shown.decode(errors="replace")
    assert "reading grey.npy" in text
    assert "segmenting" in text
    assert "100 %" in text


@pytest.mark.skipif(os.name == "nt", reason="not run: no such signals here")
@pytest.mark.parametrize("step", ["read_array", "segment_volume", "measure"])
def test_a_stop_is_one_clear_line_and_leaves_nothing(grey, step):
    command = [sys.executable, "-c", SLOW.format(step), "measure", "grey.npy", *EDGE]
    with subprocess.Popen(command, cwd=grey, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "now\n"
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=120)
    assert running.returncode == 130
    last = errors.splitlines()[-1]
    assert last == "poreline: interrupted; nothing was written."
    assert "Traceback" not in errors
    assert [path.name for path in grey.iterdir()] == ["grey.npy"]


@pytest.mark.skipif(os.name == "nt", reason="not run: no such signals here")
def test_a_stop_while_exporting_says_that_the_measurement_is_kept(grey):
    command = [sys.executable, "-c", SLOW.format("write_export"), "measure", "grey.npy", *EDGE, "--export", "copy.tif"]
    with subprocess.Popen(command, cwd=grey, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "now\n"
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=120)
    assert running.returncode == 130
    (kept,) = (path for path in (grey / "runs").iterdir() if path.is_dir())
    assert f"the measurement is kept in {Path('runs') / kept.name}" in errors
    assert not (grey / "copy.tif").exists()


@pytest.mark.skipif(os.name == "nt", reason="not run: no such signals here")
def test_every_command_says_that_it_was_stopped(tmp_path):
    code = (
        "import os, signal, poreline.app.cli.starting as s\n"
        "s.examine = lambda **k: os.kill(os.getpid(), signal.SIGINT)\n"
        "from poreline.app.cli.main import main\nmain()"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, "doctor"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )
    assert found.returncode == 130
    assert found.stderr == "poreline: interrupted; nothing half-written is left.\n"


def test_segmenting_reports_its_share_slab_by_slab(monkeypatch):
    rng = np.random.default_rng(1)
    grey = as_tomogram(blobs((24, 16, 16), porosity=0.4, blob_size=2.0, rng=rng), rng=rng)
    monkeypatch.setattr(segment, "_SLAB", 4 * 16 * 16)
    shares: list[float] = []
    segment_volume(grey, progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > 12  # six slabs, twice
    assert shares[-1] == 1.0
    assert shares[0] > 0.0
