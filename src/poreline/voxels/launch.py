"""The one place where a law of a voxel becomes a loop over voxels, on the processor or on a GPU.

A law is a plain function `law(i, j, k, *arrays_and_numbers)` of scalars. It reads what it likes, writes its own voxel of
its output arrays and nothing else, and may return a number. `run` calls it for every voxel of a shape, `total` adds up
what it returns. The same function is compiled for the processor (numba, planes of the first axis shared among threads,
the last axis innermost and vectorised) and for a GPU (one thread for each voxel). A law without branches on the values of
voxels is vectorised and several times faster.

Totals are float64 and bit-identical from run to run: one partial sum for each plane of the first axis on the processor,
one for each block of threads on a GPU, added in order. The number of threads does not change them.

The threads are a pool of Python threads, which numba's loops free of the interpreter lock. Numba's own parallel loops
take twice as long to compile, wait for each other by spinning on a busy machine, die in a forked process, and with some
thread layers abort when two Python threads use them; none of this happens here. Loops that are no law of a voxel use them
nevertheless, by way of `poreline.voxels.threads`.

Compiled loops are kept on disk beside the file of the law, as numba does: a second process starts without compiling.
Numba cannot keep a loop that takes its law from a closure, since a closure has no name that another process knows.
Therefore each loop is a copy of a template whose globals hold the law and whose code claims the law's file and line: an
edit of the law's file makes it compile again. A law that calls a jitted function of another file is not seen to change
when that file does.
"""

from __future__ import annotations

import itertools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from types import FunctionType
from typing import Any, Literal

import numba
import numpy as np
from numba import njit

try:
    from numba import cuda  # at the top of the module, or the simulator does not find it
except ImportError:  # the core works without it
    cuda = None

Kind = Literal["cpu", "cuda"]
Law = Callable[..., Any]
Shape = tuple[int, int, int]

_FASTMATH = {"reassoc", "contract", "nsz", "arcp"}  # vectorised sums; NaN and infinity keep their meaning
_SMALL = 2**15  # voxels up to which one thread is as quick as several
_SHARES = 4  # parts for each thread: one that is held up leaves its other parts to the rest
_MANY_PLANES = 48  # from here on a heavy loop is cut into more parts than threads
_BLOCK = 256  # threads of a block on a GPU
_MOST_BLOCKS = 2048  # partial sums of a total on a GPU


@cache
def _pool(process: int) -> ThreadPoolExecutor:  # one for each process: threads do not survive a fork
    return ThreadPoolExecutor(numba.config.NUMBA_NUM_THREADS, "voxels")


_limit = threading.local()


def thread_count() -> int:
    """Threads that a loop started by this Python thread runs on."""
    return min(getattr(_limit, "threads", sys.maxsize), numba.config.NUMBA_NUM_THREADS)


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """Loops that this Python thread starts inside run on at most so many threads: for several simulations side by side."""
    before = getattr(_limit, "threads", sys.maxsize)
    _limit.threads = threads
    try:
        yield
    finally:
        _limit.threads = before


def _on_threads(loop: Any, count: int, arguments: tuple[Any, ...], shares: int) -> None:
    """Call `loop(start, stop, *arguments)` for parts of 0 ... count, `shares` of them for each thread."""
    threads = min(thread_count(), count)
    if threads <= 1:
        loop(0, count, *arguments)
        return
    parts = min(count, threads * shares)
    loop(0, 0, *arguments)  # compiles once, before several threads would
    numbers = itertools.count()  # a thread takes the next part when it is done with one

    def work() -> None:
        while (part := next(numbers)) < parts:
            loop(count * part // parts, count * (part + 1) // parts, *arguments)

    # This thread works too: nothing waits for another thread to wake up before the first part begins.
    pool = _pool(os.getpid())
    others = [pool.submit(work) for _ in range(threads - 1)]
    try:
        work()
    finally:
        for other in others:
            other.result()


def _planes_on_threads(loop: Any, shape: Shape, arguments: tuple[Any, ...]) -> None:
    if shape[0] * shape[1] * shape[2] <= _SMALL:
        loop(0, *shape, *arguments)
    else:
        _on_threads(loop, shape[0], (*shape[1:], *arguments), _SHARES)


def cuda_available() -> bool:
    """Whether a CUDA GPU, or numba's simulator of one, can run laws."""
    return cuda is not None and bool(cuda.is_available())


def cuda_name() -> str:
    """Name of the GPU in use."""
    current = getattr(cuda, "get_current_device", None)  # the simulator has none
    name = current().name if current is not None else "CUDA simulator"
    return name.decode() if isinstance(name, bytes) else str(name)


def to_cuda(host: Any) -> Any:
    """The NumPy array as an array on the GPU."""
    return cuda.to_device(host)


def zeros_on_cuda(shape: tuple[int, ...], dtype: Any) -> Any:
    """An array of zeros on the GPU."""
    return cuda.to_device(np.zeros(shape, dtype))


def run(law: Law, shape: Shape, arguments: tuple[Any, ...], kind: Kind = "cpu") -> None:
    """Call `law(i, j, k, *arguments)` for every voxel of `shape`. Arrays must lie on the device of `kind`."""
    if min(shape) < 1:
        return
    if kind == "cuda":
        threads, blocks = _grid(shape)
        _cuda_loop(law)[blocks, threads](*shape, arguments)
        return
    _planes_on_threads(_cpu_loop(law), shape, (arguments,))


def run_planes(loop: Any, shape: Shape, arguments: tuple[Any, ...]) -> None:
    """Call a compiled loop `loop(start, stop, n1, n2, *arguments)` that frees the interpreter lock, on the pool's threads.

    For loops over planes that are more than one law of a voxel, and so heavy that a small shape is worth several threads. The
    loop writes what belongs to its own planes and nothing else; then the number of threads changes nothing.
    """
    _on_threads(loop, shape[0], (*shape[1:], *arguments), _SHARES if shape[0] >= _MANY_PLANES else 1)


def run_tasks(loop: Any, count: int, arguments: tuple[Any, ...]) -> None:
    """Call a compiled loop `loop(start, stop, *arguments)` over tasks 0 ... count - 1 on the pool's threads.

    As `run_planes`, for loops over anything. A task is worth a thread.
    """
    _on_threads(loop, count, arguments, _SHARES)


def total(law: Law, shape: Shape, arguments: tuple[Any, ...], kind: Kind = "cpu") -> float:
    """Sum over every voxel of `shape` of what `law(i, j, k, *arguments)` returns, in float64."""
    if min(shape) < 1:
        return 0.0
    if kind == "cuda":
        count = shape[0] * shape[1] * shape[2]
        threads = _BLOCK if count > 16 * _BLOCK else 32
        blocks = min(_MOST_BLOCKS, -(-count // threads))
        sums = cuda.device_array(blocks, np.float64)
        _cuda_total(law)[blocks, threads](*shape, arguments, sums)
        return float(sums.copy_to_host().sum())
    partial = np.empty(shape[0])
    _planes_on_threads(_cpu_total(law), shape, (arguments, partial))
    return float(partial.sum())


law: Law  # in a copy of a template: the compiled law


def _loop(start: int, stop: int, n1: int, n2: int, arguments: Any) -> None:
    for i in range(start, stop):
        for j in range(n1):
            for k in range(n2):
                law(i, j, k, *arguments)  # noqa: F821


def _total(start: int, stop: int, n1: int, n2: int, arguments: Any, partial: Any) -> None:
    for i in range(start, stop):
        plane = 0.0
        for j in range(n1):
            for k in range(n2):
                plane += law(i, j, k, *arguments)  # noqa: F821
        partial[i] = plane


def _compiled(template: FunctionType, law: Law, purpose: str) -> Any:
    """The template with this law inside, compiled and kept on disk under the law's file and line."""
    plain = law.__code__
    name = f"{purpose}_{law.__name__}"
    code = template.__code__.replace(
        co_filename=plain.co_filename, co_firstlineno=plain.co_firstlineno, co_name=name, co_qualname=name
    )
    inner = njit(fastmath=_FASTMATH, error_model="numpy")(law)
    loop = FunctionType(code, {"law": inner, "__name__": law.__module__}, name)
    return njit(cache=True, nogil=True, fastmath=_FASTMATH, error_model="numpy")(loop)


@cache
def _cpu_loop(law: Law) -> Any:
    return _compiled(_loop, law, "loop_of")  # type: ignore[arg-type]


@cache
def _cpu_total(law: Law) -> Any:
    return _compiled(_total, law, "total_of")  # type: ignore[arg-type]


def _grid(shape: Shape) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Threads of a block and blocks of a grid, both with the last axis of the voxels first: it lies together."""
    along_2 = min(shape[2], 64)
    along_1 = min(shape[1], max(1, _BLOCK // along_2))
    along_0 = min(shape[0], max(1, _BLOCK // (along_1 * along_2)), 64)
    threads = (along_2, along_1, along_0)
    return threads, (-(-shape[2] // along_2), -(-shape[1] // along_1), -(-shape[0] // along_0))


@cache
def _cuda_loop(law: Law) -> Any:
    inner = cuda.jit(device=True)(law)

    def loop(n0: int, n1: int, n2: int, arguments: Any) -> None:
        k, j, i = cuda.grid(3)
        if i < n0 and j < n1 and k < n2:
            inner(i, j, k, *arguments)

    return cuda.jit(loop)


@cache
def _cuda_total(law: Law) -> Any:
    inner = cuda.jit(device=True)(law)

    def sums(n0: int, n1: int, n2: int, arguments: Any, partial: Any) -> None:
        shared = cuda.shared.array(_BLOCK, np.float64)
        thread = cuda.threadIdx.x
        own = 0.0
        voxel = cuda.grid(1)
        while voxel < n0 * n1 * n2:
            row = voxel // n2
            own += inner(row // n1, row % n1, voxel % n2, *arguments)
            voxel += cuda.gridsize(1)
        shared[thread] = own
        cuda.syncthreads()
        half = cuda.blockDim.x // 2
        while half > 0:
            if thread < half:
                shared[thread] += shared[thread + half]
            cuda.syncthreads()
            half //= 2
        if thread == 0:
            partial[cuda.blockIdx.x] = shared[0]

    return cuda.jit(sums)
