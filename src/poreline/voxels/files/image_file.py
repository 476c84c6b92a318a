"""What a file with an image holds, and what every reader checks before it takes memory."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput, printable
from poreline.voxels.memory import memory_available

AnyArray = npt.NDArray[Any]
Spacing = tuple[float, float, float]
Periodic = tuple[bool, bool, bool]

SHARE_OF_MEMORY = 0.8
"""Share of the memory available that an image may take when nothing else is said."""
MOST_PER_BYTE_DEFLATE = 1040
"""Bytes that one byte of a deflate stream can become; the format allows 1032, the rest is rounding."""

_MEMORY_UNKNOWN = 4 * 2**30  # assumed where the system does not tell
_CHUNK = 2**24  # values that are looked at together, so that a mapped file is not loaded whole


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageFile:
    """The image of a file, not yet parted into solid and void.

    A stack is (x, y, z). A picture is always (rows, columns), which is (y, x), whatever the format.
    """

    array: AnyArray
    """The values, in the machine's byte order: bool, integer or float. A view of the file where it is not compressed."""
    spacing: Spacing | None
    """Edges of a voxel in m, in the order of the axes of `array`; None where the file does not tell. A picture has
    (rows, columns, depth); a depth that is not known repeats the first."""
    spacing_from: str
    """Where the spacing was found, or why there is none, in words."""
    kind: Literal["picture", "volume"]
    format: str
    """Name of the format: "ImageJ TIFF"."""
    remarks: tuple[str, ...] = ()
    """What a reader of results should know of the file: the order of its axes, what was converted, what was left out."""
    pore_width: npt.NDArray[np.float32] | None = None
    """Width in m of the microcracks of partly open voxels, where the file holds it."""
    pore_normal: npt.NDArray[np.float32] | None = None
    """Unit normals of those microcracks, (3, nx, ny, nz)."""
    phase: npt.NDArray[np.uint8] | None = None
    """Material of each voxel, where the file holds it."""
    periodic: Periodic | None = None
    """Axes along which the structure repeats, where the file tells."""


@dataclass(frozen=True)
class Source:
    """A regular file that is about to be read, and how much memory its image may take."""

    path: Path
    size: int
    """Bytes."""
    dataset: str
    """Name of the array in a file of several; empty: to be chosen."""
    largest_bytes: int


def unreadable(value: str, limit: str, reason: str, remedy: str) -> InvalidInput:
    """The one fault of a file that cannot be read, ready to raise."""
    return InvalidInput([Fault("FILE", printable(value, 160), limit, reason, remedy)], "image file")


def truncated(found: int, needed: int) -> InvalidInput:
    """A file that is shorter than what its header declares."""
    reason = "It ends before the image that its header declares does."
    return unreadable(f"{found:,} bytes of data", f"{needed:,} bytes", reason, "Copy or export it again.")


def damaged(what: str, remedy: str = "Copy or export it again.") -> InvalidInput:
    """A file whose parts do not fit together."""
    return unreadable("", "", f"It is damaged: {what}.", remedy)


def memory_allowed() -> int:
    """Bytes that an image may take: 0.8 of the memory available to a new program."""
    return int(SHARE_OF_MEMORY * _memory_available())


def _memory_available() -> int:
    found = memory_available()
    if found is not None:
        return found
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _MEMORY_UNKNOWN


def allow(source: Source, needed: int) -> None:
    """Raise InvalidInput if an image needs more bytes than it may take. Called before the memory is taken."""
    if needed > source.largest_bytes:
        reason = "The image does not fit into the memory available."
        remedy = "Crop or bin it, or save it uncompressed as .npy or .tif, which are read without loading them whole."
        raise unreadable(f"{_in_words(needed)} needed", f"{_in_words(source.largest_bytes)} available", reason, remedy)


def allow_packed(source: Source, needed: int, packed: int, most_per_byte: int = MOST_PER_BYTE_DEFLATE) -> None:
    """Raise InvalidInput if `packed` compressed bytes can never become the `needed` ones, or if these do not fit."""
    allow(source, needed)
    if needed > packed * most_per_byte + most_per_byte:
        reason = "So few compressed bytes cannot hold the image that the header declares."
        raise unreadable(f"{packed:,} bytes", f"{needed // most_per_byte:,} bytes or more", reason, "Export it again.")


def _in_words(size: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:,.4g} {unit}" if size < 1e18 else f"{float(size) / scale:.3g} {unit}"
    return f"{size} bytes"


def bytes_of(shape: Sequence[int], dtype: np.dtype[Any]) -> int:
    """Bytes of an array, exact for any declared shape."""
    return math.prod(int(edge) for edge in shape) * dtype.itemsize


def checked_shape(shape: Sequence[Any]) -> tuple[int, ...]:
    """The shape of a picture or a stack without surplus axes of length 1; InvalidInput for anything else."""
    edges = tuple(int(edge) for edge in shape)
    shown = " x ".join(str(edge) for edge in edges[:8]) or "a single value"
    if any(edge < 1 for edge in edges):
        raise unreadable(shown, "at least one voxel along each axis", "The image is empty.", "Check the export.")
    while len(edges) > 3 and 1 in edges:
        at = edges.index(1)
        edges = edges[:at] + edges[at + 1 :]
    if len(edges) not in {2, 3}:
        reason = "It is neither a picture nor a stack of slices."
        remedy = "Export one channel at one time, as a picture (2 axes) or a stack (3 axes)."
        raise unreadable(
            f"{len(edges)} {'axis' if len(edges) == 1 else 'axes'} ({shown})", "2 or 3 axes", reason, remedy
        )
    return edges


def checked_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type of the values, if they are truths, integers or floats; InvalidInput for anything else."""
    if (
        dtype.subdtype is None
        and dtype.names is None
        and (dtype.kind in "bui" or (dtype.kind, dtype.itemsize) in _FLOATS)
    ):
        return dtype
    limit = "bool, integers of 8 to 64 bits, or floats of 16 to 64 bits"
    raise unreadable(f"values of type {dtype}", limit, "Such values are no image.", "Export grey values or labels.")


_FLOATS = {("f", 2), ("f", 4), ("f", 8)}


def slabs(array: AnyArray) -> Iterator[AnyArray]:
    """Views that together hold the array, cut along its slowest axis so that a mapped file is read in its own order."""
    axis = max(range(array.ndim), key=lambda k: (array.shape[k] > 1, abs(array.strides[k])))
    step = max(1, _CHUNK * array.shape[axis] // max(1, array.size))
    for start in range(0, array.shape[axis], step):
        yield array[(slice(None),) * axis + (slice(start, start + step),)]


def as_truths(array: AnyArray) -> npt.NDArray[np.bool_]:
    """Bytes that are 0 or 1 as bool, without a copy; InvalidInput for any other byte."""
    raw = array.view(np.uint8)
    if any(int(slab.max()) > 1 for slab in slabs(raw)):
        raise damaged("values that are said to be true or false are neither")
    return array.view(np.bool_)


def mapped(
    source: Source, shape: Sequence[int], dtype: np.dtype[Any], offset: int, order: Literal["C", "F"]
) -> AnyArray:
    """An uncompressed array as a read-only view of the file; InvalidInput if the file ends before it."""
    needed = bytes_of(shape, dtype)
    if offset < 0 or offset + needed > source.size:
        raise truncated(max(0, source.size - offset), needed)
    return np.memmap(source.path, dtype, "r", offset, tuple(int(edge) for edge in shape), order)


def kind_of(array: AnyArray) -> Literal["picture", "volume"]:
    """What an array is by the number of its axes."""
    return "picture" if array.ndim == 2 else "volume"


def tidy(value: float) -> float:
    """A length without the rounding of the ratio or the unit that it was stored in."""
    return float(f"{value:.9g}")
