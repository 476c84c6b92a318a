"""Which threads numba's own parallel loops run on, and that only one of them runs at a time.

Without a choice numba takes what it finds installed: TBB, OpenMP or its own work queue. They differ where it hurts: after
OpenMP a forked process is killed at its first parallel loop, and the work queue kills a process in which two Python threads
start loops together. The work queue is part of numba everywhere and survives a fork; `parallel` and `one_at_a_time` keep
threads apart, which costs nothing, since one loop uses all cores. Loops over a law of a voxel need none of this: see `launch`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

LAYER = "workqueue"
_VARIABLE = "NUMBA_THREADING_LAYER"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@cache
def _lock(process: int) -> AbstractContextManager[bool]:
    # One for each process: a thread of the parent that held it does not exist in a fork.
    return threading.RLock()


def one_at_a_time() -> AbstractContextManager[bool]:
    """What is held while a parallel loop runs; a thread that holds it may start loops itself."""
    return _lock(os.getpid())


def choose_layer() -> None:
    """Have numba's parallel loops run on its work queue, unless the environment names another layer.

    Numba itself is not imported: what needs no loop starts without it. Where a loop of someone else has run already, the
    layer is fixed and stays.
    """
    chosen = os.environ.setdefault(_VARIABLE, LAYER)
    config = getattr(sys.modules.get("numba"), "config", None)
    if config is not None:
        config.THREADING_LAYER = chosen


def parallel(**options: Any) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """A decorator: `numba.njit` with parallel loops, kept on disk, of which one runs at a time.

    `options` are those of `numba.njit`. The compiled function is its attribute `compiled`, for other compiled functions.
    """
    import numba

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        compiled = numba.njit(cache=True, parallel=True, **options)(function)

        @wraps(function)
        def call(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
            with one_at_a_time():
                return compiled(*arguments, **named)

        call.compiled = compiled  # type: ignore[attr-defined]
        return call

    return decorate
