"""Fixtures that every test may use."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

# A shell starts what it runs in the background with interruptions ignored, and a command that a test starts would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

_FULL_RECIPE: dict[str, Any] = {
    "name": "PS10/PP90 + SEEPS 5",
    "composition": {
        "first": {"polymer": "PS", "parts": 10},
        "second": {"polymer": "PP", "parts": 90},
        "compatibiliser": {"copolymer": "SEEPS", "parts": 5},
    },
    "mixing": {"order": "premix-first", "temperature": "210 degC", "shear_rate": "50 1/s"},
    "film": {"process": "extrusion", "thickness": "100 um"},
    "stretch": [
        {"temperature": "20 degC", "elongation": "25 %", "strain_rate": "0.01 1/s"},
        {"temperature": "87 degC", "elongation": "300 %", "strain_rate": "0.05 1/s"},
    ],
    "anneal": {"temperature": "94 degC", "duration": "10 min"},
    "duty": [{"kind": "gas", "gas": "N2"}, {"kind": "liquid", "liquid": "methanol"}],
}


@pytest.fixture
def full_recipe() -> dict[str, Any]:
    """The tables of claim 11's recipe with its whole method, free to change."""
    return copy.deepcopy(_FULL_RECIPE)


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def poreline(tmp_path: Path) -> Command:
    """Runs the command as a user would, in a process of its own, in an empty folder."""

    def call(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from poreline.app.cli.main import main; main()", *map(str, arguments)]
        options = {"timeout": 120, **options}
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, **options)

    return call
