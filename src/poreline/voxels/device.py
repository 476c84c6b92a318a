"""Where a computation on voxels runs: the processor or a CUDA GPU, behind one small set of operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.voxels import launch
from poreline.voxels.launch import Kind, Shape

DEVICES = ("auto", "cpu", "cuda")


def _product(i: int, j: int, k: int, first: Any, second: Any) -> float:
    return np.float64(first[i, j, k]) * np.float64(second[i, j, k])


def _value(i: int, j: int, k: int, array: Any) -> float:
    return np.float64(array[i, j, k])


@dataclass(frozen=True)
class Device:
    """A processor or GPU. Arrays that `zeros` and `array` make are for laws run on the same device."""

    kind: Kind
    name: str
    """What it is, for provenance."""

    def zeros(self, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Any:
        """An array of zeros on this device."""
        return launch.zeros_on_cuda(shape, dtype) if self.kind == "cuda" else np.zeros(shape, dtype)

    def array(self, host: npt.NDArray[Any]) -> Any:
        """The NumPy array on this device; on the processor the array itself, not a copy."""
        return launch.to_cuda(np.ascontiguousarray(host)) if self.kind == "cuda" else np.ascontiguousarray(host)

    def host(self, array: Any) -> npt.NDArray[Any]:
        """An array of this device as a NumPy array; on the processor the array itself, not a copy."""
        return np.asarray(array.copy_to_host()) if self.kind == "cuda" else np.asarray(array)

    def run(self, law: Callable[..., Any], shape: Shape, *arguments: Any) -> None:
        """Call `law(i, j, k, *arguments)` for every voxel of `shape`."""
        launch.run(law, shape, arguments, self.kind)

    def total(self, law: Callable[..., Any], shape: Shape, *arguments: Any) -> float:
        """Sum of what `law(i, j, k, *arguments)` returns over `shape`: float64, bit-identical from run to run."""
        return launch.total(law, shape, arguments, self.kind)

    def dot(self, first: Any, second: Any) -> float:
        """Scalar product of two arrays with three axes, summed in float64."""
        return self.total(_product, first.shape, first, second)

    def sum(self, array: Any) -> float:
        """Sum of an array with three axes, in float64."""
        return self.total(_value, array.shape, array)


def choose_device(name: str = "auto") -> Device:
    """The device of that name: `cpu`, `cuda`, or `auto` for a GPU where there is one.

    Raises InvalidInput for another name, and for `cuda` where no GPU can be used.
    """
    if name not in DEVICES:
        reason, remedy = "There is no such device.", 'Write "auto" to use a GPU where there is one.'
        raise InvalidInput([Fault("device", name, ", ".join(DEVICES), reason, remedy)], "device")
    found = name != "cpu" and launch.cuda_available()
    if name == "cuda" and not found:
        reason = "No CUDA GPU can be used here: there is none, or its driver or numba-cuda is missing."
        remedy = 'Write "cpu", or install the GPU packages: pip install "poreline[gpu]".'
        raise InvalidInput([Fault("device", name, "auto, cpu", reason, remedy)], "device")
    return Device("cuda", launch.cuda_name()) if found else Device("cpu", "processor")
