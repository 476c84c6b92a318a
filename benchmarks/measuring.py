"""How long do measures of an image take, in how much memory; on request against the tools of today, on the same images in turn?

    python measuring.py                                  # poreline alone, all measures
    python measuring.py --tasks thickness,trim --sizes 200
    python measuring.py --only both                      # the other tools too: installed for the run alone, some gigabytes
    python measuring.py --only both --environment FOLDER # install them there, or use what is there, and keep it
    python measuring.py --large [--large-edge 1000]      # poreline alone, on an image near the ceiling

The images are blurred noise of 40 % porosity, cubes of 200 and 300 voxels: the same voxels, to the last one, as
`porespy.generators.blobs` makes, which a run checks. Every time is that of a process of its own, after a warm-up on a
corner of the image; processes of both sides alternate, so that a busy machine slows both. Medians over all of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from _reference_tools import BLUR, POROSITY, SEED, SHOWN_DISTANCE, Numbers, Work, measured
from machine import describe

HERE = Path(__file__).parent
REQUIREMENTS = ("porespy==3.2.0", "openpnm==3.6.4", "taufactor==1.2.1", "torch==2.13.0")
"""The other tools, at the versions that the bars speak of. OpenPNM and torch are what their solvers stand on."""
ROUNDS = 3
"""Processes of each side for each task, in turn."""
REPEATS = 3
"""Times in each process."""
PATIENCE, BUDGET = 10.0, 30.0
"""Seconds above which a task is not repeated in its process; seconds in all after which no further process starts."""
VOXEL = 1e-8
OURS, CHILD = "poreline", "--child"
LARGE_EDGE = 1000
LARGE_EDGE_OF_TRANSPORT = 0.6
"""Edge of the image that diffusion is solved on, over that of the other measures."""
LARGE_TASKS = ("porosity", "trim", "thickness", "chords", "two-point")
SLAB = 50  # planes of the large image that are made together


@dataclass(frozen=True)
class Bar:
    """What a measure must reach beside the fastest of the other tools."""

    times_as_fast: float
    megabytes: float = float("inf")
    bytes_per_voxel: float = float("inf")

    def __str__(self) -> str:
        parts = [f"{self.times_as_fast:g}x as fast" if self.times_as_fast != 1.0 else "no slower"]
        if np.isfinite(self.megabytes):
            parts.append(f"{self.megabytes:g} MB")
        if np.isfinite(self.bytes_per_voxel):
            parts.append(f"{self.bytes_per_voxel:g} B/voxel")
        return ", ".join(parts)

    def met(self, ratio: float, ours: dict[str, Any]) -> bool:
        return (
            ratio >= self.times_as_fast
            and ours["extra_mb"] <= self.megabytes
            and ours["bytes_per_voxel"] <= self.bytes_per_voxel
        )


@dataclass(frozen=True)
class Task:
    """A measure, its counterparts elsewhere, and the bar for each edge of the image."""

    label: str
    others: dict[str, str]
    """Names of the counterparts in `_reference_tools`, each with the label it is shown under."""
    bars: dict[int, Bar]


TASKS = {
    "thickness": Task(
        "local thickness",
        {"thickness-bf": "PoreSpy"},
        {200: Bar(1.0, bytes_per_voxel=8.0), 300: Bar(1.0, bytes_per_voxel=8.0)},
    ),
    "intrusion": Task("intrusion porosimetry, six faces", {"intrusion-dt": "PoreSpy"}, {200: Bar(10.0)}),
    "two-point": Task("two-point correlation", {"two-point": "PoreSpy"}, {200: Bar(4.0, megabytes=800.0)}),
    "chords": Task("chord lengths, 3 axes", {"chords": "PoreSpy"}, {200: Bar(20.0)}),
    "tortuosity": Task(
        "tortuosity along x",
        {"tortuosity-porespy": "PoreSpy", "tortuosity-taufactor": "TauFactor"},
        {200: Bar(3.0, megabytes=500.0), 300: Bar(4.0, megabytes=1500.0)},
    ),
    "trim": Task("pores connected through x", {"trim": "PoreSpy"}, {200: Bar(1.0)}),
}


def of_poreline(task: str) -> tuple[Work, Numbers]:
    """A task done by poreline, and the numbers read from it, lengths in voxels. Imports what the task needs, no more."""
    from poreline.voxels import VoxelImage

    def as_image(void: np.ndarray) -> VoxelImage:
        return VoxelImage(void=void, spacing=(VOXEL, VOXEL, VOXEL))

    if task == "porosity":
        return lambda void: np.count_nonzero(void), lambda found, void: {"porosity": found / void.size}
    if task == "thickness":
        from poreline.membrane.image.local_thickness import local_thickness

        return lambda void: local_thickness(as_image(void)), lambda found, void: {
            "mean diameter": float(found.thickness[void].mean(dtype=np.float64)) / VOXEL
        }
    if task == "intrusion":
        from poreline.membrane.image.intrusion import intrusion

        return lambda void: intrusion(as_image(void)), lambda found, void: {
            "mean diameter": 2.0 * float(found.reached[void & (found.reached > 0.0)].mean(dtype=np.float64)) / VOXEL
        }
    if task == "two-point":
        from poreline.membrane.image.correlation import two_point

        return lambda void: two_point(as_image(void)), lambda found, void: {
            f"at {SHOWN_DISTANCE} voxels, {axis}": float(curve.probability[SHOWN_DISTANCE] / curve.probability[0])
            for axis, curve in zip("xyz", found, strict=True)
        }
    if task == "chords":
        from poreline.membrane.image.chords import chord_lengths

        return lambda void: chord_lengths(as_image(void)), lambda found, void: {
            f"mean {axis}": along.mean / VOXEL for axis, along in zip("xyz", found, strict=True)
        }
    if task == "trim":
        from poreline.voxels.labelling import trim_to_through

        return lambda void: trim_to_through(void, 0), lambda left, void: {"porosity left": float(left.mean())}
    if task == "tortuosity":
        from poreline.membrane.image.transport import solve_diffusion

        return lambda void: solve_diffusion(as_image(void), 0), lambda found, void: {
            "tau": found.tortuosity,
            "imbalance": found.flux_imbalance,
            "iterations": float(found.iterations),
            "converged": float(found.converged),
        }
    raise KeyError(task)


def blobs(edge: int) -> np.ndarray:
    """The image that both sides measure: noise blurred periodically, cut so that exactly the porosity of it is void."""
    from scipy.ndimage import gaussian_filter

    # The old generator: PoreSpy draws from it.
    noise = np.random.RandomState(SEED).random_sample((edge, edge, edge))
    gaussian_filter(noise, BLUR, mode="wrap", output=noise)
    rank = round(POROSITY * noise.size)
    return noise < np.partition(noise, rank, axis=None)[rank]


def write_large_blobs(path: Path, edge: int) -> None:
    """Write an image of the same kind slab by slab, so that making it takes little memory.

    The noise comes from one generator for each plane. The cut is where a normal distribution with the deviation of the
    blurred noise has the porosity below it; so many patches average that the image has it too.
    """
    from scipy.ndimage import gaussian_filter1d
    from scipy.special import ndtri

    reach = int(4 * BLUR)
    impulse = np.zeros(2 * reach + 1)
    impulse[reach] = 1.0
    weights = gaussian_filter1d(impulse, BLUR, mode="constant")
    cut = 0.5 + ndtri(POROSITY) * np.sqrt(1 / 12) * np.sum(weights**2) ** 1.5
    image = np.lib.format.open_memmap(path, mode="w+", dtype=np.bool_, shape=(edge, edge, edge))

    def plane(index: int) -> np.ndarray:
        noise = np.random.default_rng([SEED, index % edge]).random((edge, edge), dtype=np.float32)
        return gaussian_filter1d(gaussian_filter1d(noise, BLUR, axis=0, mode="wrap"), BLUR, axis=1, mode="wrap")

    for start in range(0, edge, SLAB):
        stop = min(start + SLAB, edge)
        planes = np.stack([plane(index) for index in range(start - reach, stop + reach)])
        image[start:stop] = gaussian_filter1d(planes, BLUR, axis=0)[reach : reach + stop - start] < cut
    image.flush()


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def versions_of(python: Path) -> dict[str, str]:
    """Versions of the other tools in an environment; empty where one is missing."""
    command = [str(python), str(HERE / "_reference_tools.py"), "versions"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=quiet())
    except (OSError, subprocess.CalledProcessError):
        return {}
    return json.loads(found.stdout)


def prepare(environment: Path) -> dict[str, str]:
    """Install the other tools into an environment, if they are not there; returns their versions, empty if that fails."""
    python = python_of(environment)
    found = versions_of(python) if python.exists() else {}
    if found:
        return found
    print(f"installing {', '.join(REQUIREMENTS)} into {environment}: some gigabytes, some minutes", file=sys.stderr)
    venv.create(environment, with_pip=False, symlinks=os.name != "nt")
    # pip before uv: it heeds the indexes and folders of wheels that the machine is set up with, such as torch without CUDA.
    installers = (
        [sys.executable, "-m", "pip", "--python", str(python), "install"],
        [shutil.which("uv") or str(Path(sys.executable).with_name("uv")), "pip", "install", "--python", str(python)],
    )
    has_pip = importlib.util.find_spec("pip") is not None
    command = [*installers[0 if has_pip else 1], "--quiet", *REQUIREMENTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")][-5:]
        print(
            f"The other tools could not be installed (exit {done.returncode}), poreline is measured alone.",
            file=sys.stderr,
        )
        print("\n".join(said), file=sys.stderr)
    return versions_of(python)


def quiet() -> dict[str, str]:
    """The environment of a process that measures: no progress bars."""
    return {**os.environ, "TQDM_DISABLE": "1"}


def measure(command: list[str], repeats: int = REPEATS) -> dict[str, Any]:
    """What a process that measures a task found; `failed` with the last line of its complaint where it ended otherwise."""
    done = subprocess.run(
        [*command, str(repeats), str(PATIENCE)], capture_output=True, text=True, check=False, env=quiet()
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        complaint = done.stderr.strip().splitlines()
        return {"failed": complaint[-1][:200] if complaint else f"ended with {done.returncode}"}
    return json.loads(lines[-1])


def compare(task: str, image: Path, sides: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    """Measure a task by every side in turn, several times round; the findings of each side put together."""
    rounds: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, command in sides.items():
            if any("failed" in found for found in rounds[side]):
                continue
            if sum(sum(found["seconds"]) for found in rounds[side]) < BUDGET:
                print(f"{task}, {image.stem}: {side}", file=sys.stderr)
                rounds[side].append(measure([*command, str(image)]))
    return {side: together(found) for side, found in rounds.items()}


def together(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Findings of several processes as one: all times, the largest memory."""
    if "failed" in rounds[-1]:
        return rounds[-1]
    seconds = [time for found in rounds for time in found["seconds"]]
    return {
        "seconds": statistics.median(seconds),
        "seconds_least": min(seconds),
        "seconds_most": max(seconds),
        "seconds_of_processor": statistics.median(found["seconds_of_processor"] for found in rounds),
        "times": len(seconds),
        "extra_mb": max(found["extra_mb"] for found in rounds),
        "bytes_per_voxel": max(found["bytes_per_voxel"] for found in rounds),
        "numbers": rounds[-1]["numbers"],
    }


def shown(numbers: dict[str, float]) -> str:
    """Numbers as a cell of a table."""
    return ", ".join(f"{name} {value:.5g}" for name, value in numbers.items())


def row(
    task: Task, edge: int, side: str, found: dict[str, Any], ratio: str = "", bar: str = "", verdict: str = ""
) -> str:
    """A line of the table."""
    if "failed" in found:
        return f"| {task.label} | {edge} | {side} | failed: {found['failed']} | | | | | | {ratio} | {bar} | {verdict} |"
    spread = f"{found['seconds_least']:.3g} to {found['seconds_most']:.3g}" if found["times"] > 1 else "once"
    cells = (
        task.label,
        str(edge),
        side,
        f"{found['seconds']:.3g}",
        spread,
        f"{found['seconds_of_processor']:.3g}",
        f"{found['extra_mb']:.0f}",
        f"{found['bytes_per_voxel']:.1f}",
        shown(found["numbers"]),
        ratio,
        bar,
        verdict,
    )
    return f"| {' | '.join(cells)} |"


def rows(task: Task, edge: int, found: dict[str, dict[str, Any]]) -> list[str]:
    """Lines of the table for a task: the others', and ours with the ratio to the fastest of them and what the bar says."""
    others = {side: result for side, result in found.items() if side != OURS}
    lines = [row(task, edge, side, result) for side, result in others.items()]
    if OURS not in found:
        return lines
    bar = task.bars.get(edge)
    times = [result["seconds"] for result in others.values() if "failed" not in result]
    if "failed" in found[OURS] or not times:
        return [*lines, row(task, edge, OURS, found[OURS], bar=str(bar or ""))]
    ratio = min(times) / found[OURS]["seconds"]
    verdict = ("met" if bar.met(ratio, found[OURS]) else "not met") if bar else ""
    return [*lines, row(task, edge, OURS, found[OURS], f"{ratio:.3g}", str(bar or ""), verdict)]


HEAD = """| measure | edge | tool | median s | range s | processor s | memory MB | B/voxel | numbers, in voxels | as fast, times | bar | |
|---|---|---|---|---|---|---|---|---|---|---|---|"""
HEAD_LARGE = """| measure | edge | seconds | memory MB beside the image | B/voxel | most memory of the process MB | numbers, in voxels |
|---|---|---|---|---|---|---|"""


def side_by_side(names: list[str], sizes: list[int], only: str, environment: Path, folder: Path) -> dict[str, Any]:
    """Print the table of all tasks on both sides, line by line; returns what it was made from."""
    found_versions = prepare(environment) if only != "ours" else {}
    theirs = [str(python_of(environment)), str(HERE / "_reference_tools.py")]
    print_machine()
    if found_versions:
        print("other tools: " + ", ".join(f"{name} {number}" for name, number in found_versions.items()))
    everything: dict[str, Any] = {"machine": describe(), "versions": found_versions, "load before": load()}
    image_of = {}
    for edge in sizes:
        image_of[edge] = folder / f"{edge}.npy"
        np.save(image_of[edge], blobs(edge))
        if found_versions:
            made = measure([*theirs, "image", str(image_of[edge])], repeats=1)
            said = made.get("failed") or f"{made['numbers']['voxels that differ']:.0f} differ from what PoreSpy makes"
            print(f"image of {edge} voxels: {said}")
    print(f"load of the machine before: {everything['load before']:.1f}\n\n{HEAD}", flush=True)
    for name, edge in ((name, edge) for name in names for edge in sizes):
        task = TASKS[name]
        sides = {label: [*theirs, other] for other, label in task.others.items()} if found_versions else {}
        if only != "theirs":
            sides = {OURS: [sys.executable, __file__, CHILD, name], **sides}
        if edge in task.bars and sides:
            found = compare(name, image_of[edge], sides)
            everything[f"{name} {edge}"] = found
            print("\n".join(rows(task, edge, found)), flush=True)
    print(f"\nload of the machine after: {load():.1f}")
    return everything


def large(edge: int, folder: Path) -> dict[str, Any]:
    """Print what poreline alone takes for images near the ceiling; returns what the table was made from."""
    print_machine()
    print(f"\n{HEAD_LARGE}", flush=True)
    everything: dict[str, Any] = {"machine": describe()}
    for size, names in ((edge, LARGE_TASKS), (round(edge * LARGE_EDGE_OF_TRANSPORT), ("tortuosity",))):
        image = folder / "large.npy"
        write_large_blobs(image, size)
        for name in names:
            print(f"{name}, {size} voxels", file=sys.stderr)
            found = measure([sys.executable, __file__, CHILD, name, str(image)], repeats=1)
            everything[f"{name} {size}"] = found
            print(row_large(name, size, found), flush=True)
        image.unlink()
    return everything


def row_large(name: str, edge: int, found: dict[str, Any]) -> str:
    """A line of the table of large images."""
    label = TASKS[name].label if name in TASKS else name
    if "failed" in found:
        return f"| {label} | {edge} | failed: {found['failed']} | | | | |"
    cells = (
        label,
        str(edge),
        f"{found['seconds'][0]:.3g}",
        f"{found['extra_mb']:.0f}",
        f"{found['bytes_per_voxel']:.1f}",
        f"{found['peak_mb']:.0f}",
        shown(found["numbers"]),
    )
    return f"| {' | '.join(cells)} |"


def print_machine() -> None:
    """Print the machine and the versions on our side."""
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB of memory"
    print(f"{describe()}, numba {version('numba')}, scipy {version('scipy')}{memory}")


def load() -> float:
    """Processes that want a core, averaged over a minute: above the number of cores, times are of a busy machine."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def child(task: str, path: str, repeats: str, patience: str) -> None:
    """Measure one task by poreline in this process and print what was found, as `_reference_tools` does."""
    work, numbers = of_poreline(task)
    print(json.dumps(measured(work, numbers, np.load(path), int(repeats), float(patience))))


def main() -> None:
    if sys.argv[1:2] == [CHILD]:
        child(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", default=",".join(TASKS), help=f"some of {', '.join(TASKS)}")
    parser.add_argument("--sizes", default="200,300", help="edges of the images in voxels")
    parser.add_argument(
        "--only", choices=("both", "ours", "theirs"), default="ours", help="side to measure; the others are installed"
    )
    parser.add_argument("--environment", type=Path, help="folder of the other tools, kept and used again")
    parser.add_argument("--large", action="store_true", help="measure large images, poreline alone")
    parser.add_argument("--large-edge", type=int, default=LARGE_EDGE, help="their edge in voxels")
    parser.add_argument("--json", type=Path, help="file for what the tables are made from")
    chosen = parser.parse_args()
    names, sizes = chosen.tasks.split(","), [int(size) for size in chosen.sizes.split(",")]
    if unknown := set(names) - set(TASKS):
        parser.error(f"no such task: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="poreline-benchmark-") as made:
        folder = Path(made)
        if chosen.large:
            found = large(chosen.large_edge, folder)
        else:
            found = side_by_side(names, sizes, chosen.only, chosen.environment or folder / "environment", folder)
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
