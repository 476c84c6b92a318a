"""How fast is a step of the volume simulation, against what the machine's memory and arithmetic allow?

    python volume_step.py [--voxels 32,48,64,96,128] [--seconds 6] [--device cpu|cuda]

A cell of the example recipe is drawn cold; whole steps are timed: elements, nodes, balance of the free directions, records. The
limits stand beside: the operations and the bytes of an element step, worked out here from the laws and the arrays, over the
rates that plain loops reach on this machine in the same run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
import numpy as np
from machine import describe

from poreline.blend.packing import pack
from poreline.blend.voxelise import voxelise
from poreline.line import parameter_names
from poreline.line.volume import VolumeSettings, prepare
from poreline.line.volume.cell import cell_plan
from poreline.recipe import read_recipe
from poreline.stretch.volume import arithmetic, voxel
from poreline.stretch.volume import properties as p
from poreline.stretch.volume.interface import inset_voxels, layer_voxels
from poreline.stretch.volume.model import stretch
from poreline.stretch.volume.solver import SolverSettings
from poreline.stretch.volume.state import VolumeState
from poreline.voxels import launch
from poreline.voxels.device import choose_device

RECIPE = Path(__file__).parent.parent / "examples" / "ps10-pp90.toml"
DOMAINS = 8
BUTTERFLY = 3 * (8 + 7) + 9 + 9 + 12 + 3 * (3 + 3 + 5 + 12 + 4 + 4)
"""Operations of the gradients, the forces and what elements give to nodes; every term written out in stretch/volume/grid.py."""
NODE = 3 * 9 + 5
FIELDS = {
    "displacement, velocity, its mean: read and written": 3 * 3 * 4 * 2,
    "state of the voxel: read and written": 10 * 4 * 2,
    "kind, scatter, inverse mass: read": 1 + 4 + 4,
}
"""Bytes of an element step that must move between memory and processor. Normals are read in rows that may debond only."""


class Counted:
    """A number that counts what is done with it. Comparisons, minima and selections are not counted."""

    operations = 0

    def __init__(self, value: float) -> None:
        self.value = value

    @staticmethod
    def _of(other: Any) -> float:
        return other.value if isinstance(other, Counted) else float(other)

    def _made(self, value: float) -> Counted:
        Counted.operations += 1
        return Counted(value)

    def __add__(self, other: Any) -> Counted:
        return self._made(self.value + self._of(other))

    def __sub__(self, other: Any) -> Counted:
        return self._made(self.value - self._of(other))

    def __mul__(self, other: Any) -> Counted:
        return self._made(self.value * self._of(other))

    def __truediv__(self, other: Any) -> Counted:
        return self._made(self.value / self._of(other))

    def __rsub__(self, other: Any) -> Counted:
        return self._made(self._of(other) - self.value)

    def __rtruediv__(self, other: Any) -> Counted:
        return self._made(self._of(other) / self.value)

    def __neg__(self) -> Counted:
        return Counted(-self.value)

    def __lt__(self, other: Any) -> bool:
        return self.value < self._of(other)

    def __gt__(self, other: Any) -> bool:
        return self.value > self._of(other)

    def __ge__(self, other: Any) -> bool:
        return self.value >= self._of(other)

    __radd__ = __add__
    __rmul__ = __mul__


class CountedMath:
    """`math` for counted numbers."""

    @staticmethod
    def sqrt(x: Any) -> Counted:
        Counted.operations += 1
        return Counted(float(np.sqrt(Counted._of(x))))


def counted_function(plain: Callable[[float], float], operations: int) -> Callable[[Any], Counted]:
    """An exponential or logarithm that counts the operations of its float32 polynomial."""

    def function(x: Any) -> Counted:
        Counted.operations += operations
        return Counted(plain(Counted._of(x)))

    return function


def counting(law: FunctionType, known: dict[str, Any]) -> FunctionType:
    """A copy of a law, and of the laws that it calls, that works on counted numbers."""
    names = dict(law.__globals__)
    for name in law.__code__.co_names:
        value = names.get(name)
        if name in known:
            names[name] = known[name]
        elif isinstance(value, FunctionType) and value.__module__.startswith("poreline.stretch.volume"):
            names[name] = counting(value, known)
    return FunctionType(law.__code__, names, law.__name__)


def operations_of_a_voxel() -> int:
    """Additions, multiplications, divisions and roots of one voxel of matrix in one step, exponentials by their polynomials."""
    known = {
        "math": CountedMath,
        "exponential": counted_function(arithmetic.exponential, 21),
        "logarithm": counted_function(arithmetic.logarithm, 29),
        "inverse_cube_root": counted_function(arithmetic.inverse_cube_root, 18),
    }
    advance = counting(voxel.advance, known)  # type: ignore[arg-type]
    gradient = tuple(Counted(x) for x in (1.02, 0.001, 0.0, 0.0, 0.99, 0.001, 0.0, 0.0, 0.995))
    state = tuple(Counted(x) for x in (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.01, 0.0, 0.1, 0.2))
    row = tuple(Counted(1.0) for _ in range(p.RELATIVE_FLOW + 1))
    common = tuple(Counted(0.1 + 0.05 * n) for n in range(p.COMMON_PROPERTIES))
    normal = tuple(Counted(x) for x in (1.0, 0.0, 0.0))
    Counted.operations = 0
    advance(gradient, state, normal, Counted(1.0), (False, False, False), (row, row, row), common)
    return Counted.operations


@numba.njit(fastmath={"contract"}, nogil=True, error_model="numpy")
def _arithmetic(start: int, stop: int, x: Any, out: Any) -> None:
    for block in range(start, stop):
        for k in range(512):
            a = x[k]
            b = x[k] + np.float32(block)
            c = x[k] - np.float32(block)
            d = x[k] * np.float32(block)
            for _ in range(
                16
            ):  # few enough that the compiler writes them out, and the loop around becomes one of vectors
                a = a * x[k] + np.float32(0.5)
                b = b * x[k] + np.float32(0.25)
                c = c * x[k] + np.float32(0.125)
                d = d * x[k] + np.float32(0.0625)
            out[block, k] = (a + b) + (c + d)


@numba.njit(fastmath=True, nogil=True, error_model="numpy")
def _memory(start: int, stop: int, x: Any, out: Any) -> None:
    for row in range(start, stop):
        for k in range(x.shape[1]):
            out[row, k] = np.float32(0.5) * out[row, k] + x[row, k]


def rate(loop: Callable[[], None], work: float, repeats: int = 7) -> float:
    """Work per second in the best of some repeats."""
    best = float("inf")
    for _ in range(repeats):
        begin = time.perf_counter()
        loop()
        best = min(best, time.perf_counter() - begin)
    return work / best


def limits(threads: int) -> tuple[float, float]:
    """Operations per second of float32 multiply-adds in registers, and bytes per second of a loop over 400 MB."""
    with launch.limited_threads(threads):
        x, out = np.full(512, 0.5, np.float32), np.empty((4096, 512), np.float32)
        operations = rate(lambda: launch.run_tasks(_arithmetic, 4096, (x, out)), 4096 * 512 * 16 * 8.0)
        big, other = np.ones((100, 500_000), np.float32), np.ones((100, 500_000), np.float32)
        bytes_ = rate(lambda: launch.run_tasks(_memory, 100, (big, other)), 100 * 500_000 * 12.0)
    return operations, bytes_


def cell_of(voxels: int, interface: str) -> tuple[Any, ...]:
    """Film, programme and domains on a grid."""
    settings = VolumeSettings(voxels=voxels, seeds=(0,), domains=DOMAINS)
    understood = read_recipe(RECIPE, parameter_names())
    prepared = prepare(understood, replace(settings, voxels=64), samples=10)
    plan, film = prepared.plan, prepared.cell.film
    cell = cell_plan(plan, film, settings)
    packing = pack(
        diameter_median=float(film.domain_diameter_median),
        diameter_spread=float(film.domain_diameter_spread),
        volume_fraction=float(np.asarray(film.blend.first_volume_fraction)),
        count=DOMAINS,
        gap=0.01 * cell.edge,
        seed=0,
    )
    layer, inset = layer_voxels(interface, film, cell.voxel_edge), inset_voxels(interface)  # type: ignore[arg-type]
    blend = voxelise(packing, voxels, layer, inset)
    return film, plan, blend


def steps_per_second(voxels: int, threads: int, seconds: float, device: str, interface: str) -> float:
    """Element steps per second of whole steps, after a start of 40."""
    film, plan, blend = cell_of(voxels, interface)

    def go_on(state: VolumeState | None, steps: int) -> VolumeState:
        made = stretch(
            film,
            plan.steps,
            None,
            plan.constants.stretch,
            blend=blend,
            interface=interface,  # type: ignore[arg-type]
            settings=SolverSettings(device=choose_device(device)),
            state=state,
            most_steps=steps,
        )
        return made.state

    with launch.limited_threads(threads):
        state = go_on(None, 40)
        done, begin = state.counters.steps, time.perf_counter()
        while state.outcome == "running" and time.perf_counter() - begin < seconds:
            state = go_on(state, max(20, round(4e6 / voxels**3)))
        taken = time.perf_counter() - begin
    return (state.counters.steps - done) * float(voxels) ** 3 / taken


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--voxels", default="32,48,64,96,128")
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--interface", default="bare", choices=("bare", "bonded", "shell"))
    options = parser.parse_args()
    print(describe(), f"numba {numba.__version__}", f"{launch.thread_count()} threads", sep="; ")
    operations = operations_of_a_voxel() + BUTTERFLY + NODE
    moved = sum(FIELDS.values())
    print(
        f"\nAn element step: {operations} operations ({operations_of_a_voxel()} of the law), {moved} bytes between memory and processor."
    )
    most = launch.thread_count() if options.device == "cpu" else 1
    print(
        "\n| voxels an edge | threads | M element steps/s | of the arithmetic limit | of the memory limit |\n|---|---|---|---|---|"
    )
    for threads in sorted({1, most}):
        arithmetic_rate, memory_rate = limits(threads) if options.device == "cpu" else (float("nan"), float("nan"))
        for voxels in (int(part) for part in options.voxels.split(",")):
            found = steps_per_second(voxels, threads, options.seconds, options.device, options.interface)
            of_arithmetic, of_memory = found * operations / arithmetic_rate, found * moved / memory_rate
            print(f"| {voxels} | {threads} | {found / 1e6:.1f} | {of_arithmetic:.0%} | {of_memory:.0%} |", flush=True)
        print(
            f"| limit | {threads} | | {arithmetic_rate / 1e9:.0f} G operations/s, {arithmetic_rate / operations / 1e6:.0f} M/s "
            f"| {memory_rate / 1e9:.0f} GB/s, {memory_rate / moved / 1e6:.0f} M/s |",
            flush=True,
        )


if __name__ == "__main__":
    main()
