"""How long do the commands take, interpreter start included? Median, minimum and maximum of several runs after a warm-up."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import describe

ROOT = Path(__file__).parent.parent
COMMAND = [str(Path(sys.executable).with_name("poreline"))]
RUNS = 7


def timed(arguments: list[str]) -> list[float]:
    """Wall times of a command after one warm-up."""
    seconds = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - started)
    return seconds[1:]


def main() -> None:
    recipe = str(ROOT / "examples" / "ps10-pp90-seeps5.toml")
    with tempfile.TemporaryDirectory() as folder:
        commands = {
            "poreline --help": ["--help"],
            "poreline run RECIPE (4000 samples, causes, claims, report)": ["run", recipe, "--out", folder],
            "poreline check RECIPE": ["check", recipe],
            "poreline sheet RECIPE": ["sheet", recipe],
            "poreline materials show PP": ["materials", "show", "PP"],
        }
        print(f"{describe()}\n\n| command | median s | minimum s | maximum s |\n|---|---|---|---|")
        for label, arguments in commands.items():
            seconds = timed(arguments)
            print(f"| {label} | {statistics.median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} |")


if __name__ == "__main__":
    main()
