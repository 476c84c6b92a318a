"""One scalar source of the law, compiled for float32 or float64, for the processor or a GPU.

The laws of this package are plain Python functions with plain float literals. Python's float is float64, and one
float64 literal would make a float32 loop twice as wide. Therefore a function is copied before it is compiled: its
literals and the floats that it names in its module become numbers of the wanted type, and the functions that it calls
are copied the same way. The plain functions stay callable from Python, which is how their tests call them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from types import CodeType, FunctionType
from typing import Any, Literal

import numpy as np
from numba import njit

from poreline.stretch.volume.arithmetic import (
    exponential,
    exponential_float32,
    inverse_cube_root,
    inverse_cube_root_float32,
    logarithm,
    logarithm_float32,
)

cuda: Any
try:
    from numba import cuda  # at the top of the module, or the simulator does not find it
except ImportError:  # the core works without it
    cuda = None

Precision = Literal["float32", "float64"]
Target = Literal["cpu", "cuda"]

_FASTMATH = True  # a square root is vectorised only without regard to NaN; the solver looks for NaN in the sums
_EXACT_ORDER = {"contract"}
# The processor's own exp and log are calls, which stop a loop from being vectorised.
_OWN: dict[Callable[..., Any], Callable[..., Any]] = {
    exponential: exponential_float32,
    logarithm: logarithm_float32,
    inverse_cube_root: inverse_cube_root_float32,
}


def _is_law(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__module__.startswith("poreline.stretch.volume")


def _typed(value: Any, precision: Precision) -> Any:
    return np.dtype(precision).type(value) if isinstance(value, float) else value


def _digest(function: FunctionType, seen: set[str]) -> str:
    """Identifies what a function and all that it calls compute: an edited law must not find its old machine code."""
    content = [function.__code__.co_code, repr(function.__code__.co_consts).encode()]
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, (int, float)):
            content.append(repr((name, value)).encode())
        if isinstance(value, FunctionType) and _is_law(value) and name not in seen:
            seen.add(name)
            own: Any = _OWN.get(value)
            content += [_digest(f, seen).encode() for f in (value, own) if f is not None]
    return hashlib.sha256(b"\0".join(content)).hexdigest()[:12]


def _copy(function: FunctionType, precision: Precision, names: dict[str, Any], name: str) -> FunctionType:
    code: CodeType = function.__code__
    consts = tuple(_typed(value, precision) for value in code.co_consts)
    code = code.replace(co_consts=consts, co_name=name, co_qualname=name)
    known = {key: _typed(value, precision) for key, value in function.__globals__.items()}
    return FunctionType(code, {**known, **names}, name)


@cache
def _part(function: FunctionType, precision: Precision, target: Target) -> Any:
    """A function that a compiled loop calls, to be inlined there."""
    own: Any = _OWN.get(function) if target == "cpu" and precision == "float32" else None
    source = own or function
    flags: Any = _FASTMATH if own is None else _EXACT_ORDER  # the splitting of an argument must not be undone
    copied = _copy(source, precision, _parts_of(source, precision, target), source.__name__)
    if target == "cuda":
        return cuda.jit(device=True)(copied)
    return njit(fastmath=flags, error_model="numpy", forceinline=True)(copied)


def _parts_of(function: FunctionType, precision: Precision, target: Target) -> dict[str, Any]:
    named = ((name, function.__globals__.get(name)) for name in function.__code__.co_names)
    return {
        name: _part(value, precision, target)
        for name, value in named
        if isinstance(value, FunctionType) and _is_law(value)
    }


@cache
def planes_loop(function: FunctionType, precision: Precision) -> Any:
    """A loop `function(start, stop, n1, n2, *arrays)` over planes, compiled for the processor and kept on disk."""
    name = f"{function.__name__}_{precision}_{_digest(function, set())}"
    copied = _copy(function, precision, _parts_of(function, precision, "cpu"), name)
    return njit(cache=True, nogil=True, fastmath=_FASTMATH, error_model="numpy")(copied)


@cache
def cuda_law(function: FunctionType, precision: Precision) -> Callable[..., Any]:
    """A law `function(i, j, k, *arrays)` of one voxel in that precision, for poreline.voxels.launch on a GPU."""
    return _copy(function, precision, _parts_of(function, precision, "cuda"), function.__name__)
