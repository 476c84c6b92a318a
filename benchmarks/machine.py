"""The machine and the versions that a figure was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path


def describe() -> str:
    """One line: processor, cores, Python, NumPy, commit."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    root = Path(__file__).parent
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=root, capture_output=True, text=True, check=False
    )
    commit = found.stdout.strip() or "no commit"
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pydantic"))
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}, {versions}; poreline {version('poreline')} at {commit}"
