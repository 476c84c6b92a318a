"""Laws of a voxel become loops: the same numbers every time, on any number of threads, in any process."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poreline.quantities import InvalidInput
from poreline.voxels import launch
from poreline.voxels.device import Device, choose_device

SHAPE = (64, 40, 30)  # more voxels than one thread takes alone


def add_place(i: int, j: int, k: int, out: Any, step: float) -> None:
    out[i, j, k] += step * (i + 100 * j + 10_000 * k)


def value_of(i: int, j: int, k: int, values: Any) -> float:
    return np.float64(values[i, j, k])


def random_values(shape: tuple[int, int, int] = SHAPE) -> np.ndarray[Any, Any]:
    return np.random.default_rng(5).standard_normal(shape).astype(np.float32)


def expected_places() -> np.ndarray[Any, Any]:
    i, j, k = np.indices(SHAPE)
    return 0.5 * (i + 100 * j + 10_000 * k)


def test_a_law_is_called_once_for_every_voxel() -> None:
    out = np.zeros(SHAPE)
    launch.run(add_place, SHAPE, (out, 0.5))
    np.testing.assert_array_equal(out, expected_places())


def test_an_empty_shape_calls_no_law() -> None:
    out = np.zeros((4, 4, 4))
    launch.run(add_place, (4, 0, 4), (out, 0.5))
    assert not out.any()
    assert launch.total(value_of, (0, 4, 4), (out,)) == 0.0


def test_a_total_is_float64_and_bit_identical_from_run_to_run() -> None:
    values = random_values()
    first = launch.total(value_of, SHAPE, (values,))
    assert first == pytest.approx(float(values.sum(dtype=np.float64)), rel=1e-12)
    assert all(launch.total(value_of, SHAPE, (values,)) == first for _ in range(5))


def test_the_number_of_threads_does_not_change_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    values = random_values()
    totals = set()
    for threads in (1, 2, 3):
        monkeypatch.setattr(launch.numba.config, "NUMBA_NUM_THREADS", threads)
        totals.add(launch.total(value_of, SHAPE, (values,)))
    assert len(totals) == 1


def test_two_python_threads_can_run_laws_at_the_same_time() -> None:
    values = random_values()
    expected = launch.total(value_of, SHAPE, (values,))
    found: list[float] = []

    def work() -> None:
        found.extend(launch.total(value_of, SHAPE, (values,)) for _ in range(20))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert found == [expected] * 60


def _child(values: np.ndarray[Any, Any], queue: Any) -> None:
    queue.put(launch.total(value_of, SHAPE, (values,)))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="not run: this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_gets_the_same_total() -> None:
    values = random_values()
    expected = launch.total(value_of, SHAPE, (values,))  # the threads of this process exist by now
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=_child, args=(values, queue))
    process.start()
    assert queue.get(timeout=60) == expected
    process.join(60)
    assert process.exitcode == 0


_COUNT_COMPILATIONS = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from poreline.voxels import launch
from law_of_a_user import double
values = np.ones((4, 4, 4))
launch.run(double, values.shape, (values,))
assert values.sum() == float(sys.argv[2]), values.sum()
loop = launch._cpu_loop(double)
print("kept" if sum(loop.stats.cache_hits.values()) else "compiled")
"""


def test_a_second_process_does_not_compile_and_an_edited_law_does(tmp_path: Path) -> None:
    law = tmp_path / "law_of_a_user.py"

    def told(factor: int) -> str:
        # A file date is coarse on some systems; the size of the file changes with the comment.
        law.write_text(f"def double(i, j, k, out):\n    out[i, j, k] *= {factor}  # {'x' * factor}\n", encoding="utf-8")
        os.utime(law, (factor, factor))
        command = [sys.executable, "-c", _COUNT_COMPILATIONS, str(tmp_path), str(64.0 * factor)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.strip()

    assert [told(2), told(2), told(3)] == ["compiled", "kept", "compiled"]


def test_a_scalar_product_is_summed_in_float64() -> None:
    values = np.full((50, 50, 50), 0.1, np.float32)
    device = Device("cpu", "processor")
    # 125 000 values: float32 sums would be off in the fourth digit.
    assert device.dot(values, values) == pytest.approx(125_000 * float(np.float32(0.1)) ** 2, rel=1e-12)
    assert device.sum(values) == pytest.approx(125_000 * float(np.float32(0.1)), rel=1e-12)


def test_an_unknown_device_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="auto, cpu, cuda"):
        choose_device("tpu")


def test_cuda_without_a_gpu_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "cuda_available", lambda: False)
    with pytest.raises(InvalidInput, match=r"poreline\[gpu\]"):
        choose_device("cuda")
    assert choose_device("auto") == Device("cpu", "processor")
