"""One task done by another package, timed; and the stopwatch that both sides of a comparison share.

    python _reference_tools.py TASK IMAGE.npy [REPEATS] [PATIENCE]

Runs in an environment that holds PoreSpy, OpenPNM, PyAMG and TauFactor, and knows nothing of poreline. Prints one line of
JSON. The packages are called as their documentation shows, with their default options where nothing else is said.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

Work = Callable[[np.ndarray], Any]
"""Does the task. Timed, and its memory counted."""
Numbers = Callable[[Any, np.ndarray], dict[str, float]]
"""Reads the numbers worth showing from what the work returned. Neither timed nor counted."""
WARM_UP_EDGE = 48
SEED, POROSITY, BLUR = 20261122, 0.4, 5.0
"""The images: noise blurred by a Gaussian of 5 voxels, cut at a porosity of 0.4."""
SHOWN_DISTANCE = 10
"""Distance in voxels at which the two-point probability, over that at distance 0, is shown."""


def memory_now() -> float:
    """Memory that the process holds, MB; the largest so far where the system does not tell the present one."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        if "VmRSS" in lines:
            return int(lines["VmRSS"].split()[0]) / 1024
    return memory_peak()


def memory_peak() -> float:
    """Largest memory that the process held since `forget_peak`, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        if "VmHWM" in lines:
            return int(lines["VmHWM"].split()[0]) / 1024
    scale = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def forget_peak() -> float:
    """Start counting the peak anew; returns the base that it is counted from, MB.

    Without this, what importing and loading once took would hide as much of the task's own memory.
    """
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return memory_peak()
    return memory_now()


def measured(
    work: Work, numbers: Numbers, image: np.ndarray, repeats: int = 3, patience: float = 10.0
) -> dict[str, Any]:
    """Times, peak memory and numbers of a task, after a warm-up on a corner of the image (loops compile there).

    The task is repeated while the first time is at most `patience` seconds. Memory is that of the first time, the image itself not counted.
    """
    corner = image[:WARM_UP_EDGE, :WARM_UP_EDGE, :WARM_UP_EDGE].copy()
    started = time.perf_counter()
    numbers(work(corner), corner)
    warm_up = time.perf_counter() - started
    base = forget_peak()
    seconds, processor, peak = [], [], 0.0
    found: dict[str, float] = {}
    for _ in range(repeats):
        started, used = time.perf_counter(), time.process_time()
        result = work(image)
        seconds.append(time.perf_counter() - started)
        processor.append(time.process_time() - used)
        if not found:
            peak = memory_peak()
            found = numbers(result, image)
        del result
        if seconds[0] > patience:
            break
    return {
        "seconds": seconds,
        "seconds_of_processor": statistics.median(processor),
        "seconds_of_warm_up": warm_up,
        "peak_mb": peak,
        "extra_mb": peak - base,
        "bytes_per_voxel": (peak - base) * 2**20 / image.size,
        "numbers": found,
    }


def mean_diameter(radius: np.ndarray, image: np.ndarray) -> dict[str, float]:
    found = radius[image]
    found = found[found > 0]
    return {"mean diameter": 2.0 * float(found.mean(dtype=np.float64)), "sizes": float(np.unique(found).size)}


def tasks() -> dict[str, tuple[Work, Numbers]]:
    """Every task by name. The packages are imported here: the help needs none of them."""
    import porespy as ps

    ps.settings.tqdm["disable"] = True
    ps.settings.loglevel = 40

    def chords(image: np.ndarray) -> list[np.ndarray]:
        # A spacing of 0 would let neighbouring lines grow together: PoreSpy then labels several chords as one.
        lines = (ps.filters.apply_chords(image, axis=axis, spacing=1, trim_edges=True) for axis in range(3))
        return [ps.metrics.chord_counts(drawn) for drawn in lines]

    def taufactor(image: np.ndarray) -> Any:
        import taufactor as tau
        import torch

        torch.set_num_threads(os.cpu_count() or 1)
        solver = tau.Solver(image, device=torch.device("cpu"))
        solver.solve(verbose=False, conv_crit=1e-2, iter_limit=20000)
        return solver

    def same_blobs(image: np.ndarray) -> Any:
        return ps.generators.blobs(
            shape=list(image.shape), porosity=POROSITY, blobiness=image.shape[0] / (40 * BLUR), seed=SEED
        )

    def thickness(method: str) -> tuple[Work, Numbers]:
        return lambda image: ps.filters.local_thickness(image, method=method), mean_diameter

    def intrusion(method: str) -> tuple[Work, Numbers]:
        return lambda image: ps.filters.porosimetry(image, method=method), mean_diameter

    return {
        "image": (same_blobs, lambda made, image: {"voxels that differ": float((made != image).sum())}),
        "thickness-bf": thickness("bf"),
        "thickness-dt": thickness("dt"),
        "intrusion-dt": intrusion("dt"),
        "intrusion-fft": intrusion("fft"),
        "two-point": (
            ps.metrics.two_point_correlation,
            lambda found, image: {
                f"at {SHOWN_DISTANCE} voxels": float(np.interp(SHOWN_DISTANCE, found.distance, found.probability))
            },
        ),
        "chords": (
            chords,
            lambda found, image: {f"mean {axis}": float(c.mean()) for axis, c in zip("xyz", found, strict=True)},
        ),
        "tortuosity-porespy": (
            lambda image: ps.simulations.tortuosity_fd(image, axis=0),
            lambda found, image: {"tau": float(found.tortuosity), "converged": float(found.converged)},
        ),
        "tortuosity-taufactor": (
            taufactor,
            lambda solver, image: {
                "tau": float(np.ravel(solver.tau)[0]),
                "iterations": float(solver.iter),
                "converged": float(solver.converged),
            },
        ),
        "trim": (
            lambda image: ps.filters.trim_nonpercolating_paths(image, axis=0),
            lambda left, image: {"porosity left": float(left.mean())},
        ),
    }


def versions() -> dict[str, str]:
    return {name: version(name) for name in ("porespy", "openpnm", "pyamg", "taufactor", "torch", "numpy", "numba")}


def main() -> None:
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    if sys.argv[1] == "versions":
        print(json.dumps(versions()))
        return
    name, path, *rest = sys.argv[1:]
    repeats = int(rest[0]) if rest else 3
    patience = float(rest[1]) if len(rest) > 1 else 10.0
    work, numbers = tasks()[name]
    print(json.dumps(measured(work, numbers, np.load(path), repeats, patience)))


if __name__ == "__main__":
    main()
