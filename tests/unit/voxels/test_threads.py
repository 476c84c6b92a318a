"""Numba's parallel loops: the same layer of threads everywhere, safe for forks and for several Python threads."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

import poreline
from poreline.voxels import threads
from poreline.voxels.threads import parallel

SOURCE = Path(poreline.__file__).parent
LOOPS = """
import numpy as np
from poreline.voxels import VoxelImage
from poreline.voxels.labelling import label
from poreline.membrane.image.characterise import characterise_image
mask = np.random.default_rng(0).random((40, 40, 40)) < 0.4
image = VoxelImage(void=mask, spacing=(1e-8,) * 3)
def work():
    return label(mask).count
def whole():
    return characterise_image(image, only=["porosity", "surface", "chords", "two-point", "representative"], device="cpu").results
"""


def output_of(code: str, **environment: str) -> str:
    plain = {key: value for key, value in os.environ.items() if key != "NUMBA_THREADING_LAYER"}
    plain["NUMBA_NUM_THREADS"] = "2"
    command = [sys.executable, "-c", LOOPS + code]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, env={**plain, **environment}
    )
    assert done.returncode == 0, f"{done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def test_the_layer_is_the_one_that_is_everywhere() -> None:
    assert output_of("import numba; work(); print(numba.threading_layer())") == "workqueue"


def test_the_layer_is_chosen_where_numba_was_imported_first() -> None:
    code = "import numba; assert numba.config.THREADING_LAYER == 'workqueue'"
    plain = {key: value for key, value in os.environ.items() if key != "NUMBA_THREADING_LAYER"}
    command = [sys.executable, "-c", f"import numba, poreline.voxels; {code}"]
    assert subprocess.run(command, check=False, timeout=300, env=plain).returncode == 0


def test_the_environment_has_the_last_word() -> None:
    code = "import numba; print(numba.config.THREADING_LAYER)"
    assert output_of(code, NUMBA_THREADING_LAYER="omp") == "omp"


def test_images_without_loops_do_not_start_numba() -> None:
    code = "import sys, poreline.voxels; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=300).returncode == 0


def test_python_threads_may_measure_at_the_same_time() -> None:
    found = output_of(
        """
import threading
expected, results = work(), whole()
found = []
def several():
    for _ in range(10):
        found.append(work() == expected)
        found.append({name: str(one) for name, one in whole().items()} == {name: str(one) for name, one in results.items()})
workers = [threading.Thread(target=several) for _ in range(4)]
[worker.start() for worker in workers]
[worker.join() for worker in workers]
print(len(found), all(found))
"""
    )
    assert found == "80 True"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="not run: this system has no fork")
def test_a_forked_process_may_measure_too() -> None:
    found = output_of(
        """
import os, threading, warnings
warnings.simplefilter("ignore")
from poreline.voxels.threads import one_at_a_time
expected = work()
held, done = threading.Event(), threading.Event()
def hold():
    with one_at_a_time():
        held.set()
        done.wait()
threading.Thread(target=hold).start()
held.wait()
child = os.fork()
if child == 0:
    os._exit(0 if work() == expected else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
done.set()
"""
    )
    assert found == "0"


@parallel(error_model="numpy")
def doubled(values: np.ndarray, out: np.ndarray) -> int:
    for n in numba.prange(len(values)):
        out[n] = 2.0 * values[n]
    return len(values)


def test_a_parallel_function_is_called_as_it_is_written() -> None:
    out = np.empty(3)
    assert doubled(np.arange(3.0), out) == 3
    assert out.tolist() == [0.0, 2.0, 4.0]
    with threads.one_at_a_time():
        assert doubled(np.ones(3), out=out) == 3  # whoever holds the turn may use it
    assert doubled.__name__ == "doubled"


def bare_loops(path: Path) -> bool:
    """Whether a module hands a parallel loop to numba itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(
        "njit" in (text := ast.unparse(decorator)) and "parallel=True" in text
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    )


def test_loops_of_images_take_turns() -> None:
    rooms = ("voxels", "blend", "stretch", "membrane")
    found = [path.stem for room in rooms for path in (SOURCE / room).rglob("*.py") if bare_loops(path)]
    assert found == []
