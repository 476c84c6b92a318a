"""What `make bench` does to the machine it runs on."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_measuring_installs_nothing_unless_it_is_asked_to(tmp_path):
    # No bar is set for an image of 16 voxels, so that nothing is timed; what is to be installed would be installed first.
    command = [
        sys.executable,
        ROOT / "benchmarks" / "measuring.py",
        "--sizes",
        "16",
        "--environment",
        tmp_path / "there",
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert found.returncode == 0, found.stderr
    assert "installing" not in found.stderr
    assert "other tools" not in found.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("make") is None, reason="not run: no make")
def test_the_other_tools_have_a_target_of_their_own():
    def plan(target: str) -> str:
        command = ["make", "--dry-run", "--no-print-directory", target]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout

    assert "--only both" in plan("bench-reference")
    assert "--only both" not in plan("bench")
