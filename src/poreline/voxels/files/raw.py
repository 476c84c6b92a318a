"""Raw values beside a small TOML file that says what they are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

import numpy as np

from poreline.quantities import Fault, InvalidInput, UnitError, nearest, parse_quantity, printable
from poreline.voxels.files.image_file import (
    ImageFile,
    Periodic,
    Source,
    Spacing,
    as_truths,
    bytes_of,
    kind_of,
    mapped,
    unreadable,
)
from poreline.voxels.image import VoxelImage

LONGEST_SIDECAR = 2**16
TYPES = (
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "float32",
    "float64",
)
_KEYS = ("shape", "dtype", "byte_order", "order", "spacing", "offset", "periodic")
_EXAMPLE = 'shape = [200, 200, 100], dtype = "uint8", spacing = "10 nm"'


def sidecar_of(path: Path) -> Path:
    """The description beside raw values: `image.raw.toml` for `image.raw`."""
    return path.with_name(f"{path.name}.toml")


def read_raw(source: Source) -> ImageFile:
    """Map raw values as their sidecar describes them.

    `shape` along x, y, z (or rows, columns); `dtype`; `byte_order` little or big (little); `order` "x-fastest" or
    "z-fastest", also "F" or "C" (x-fastest); `spacing` a length, or one for each axis, as text with unit or numbers in
    m; `offset` in bytes (0); `periodic`. Raises InvalidInput with every fault of the sidecar.
    """
    beside = sidecar_of(source.path)
    if not beside.is_file():
        reason = "Raw values do not tell what they are."
        raise unreadable("", f"a file {printable(beside.name)} beside it", reason, f"Write it: {_EXAMPLE}.")
    with beside.open("rb") as stream:
        text = stream.read(LONGEST_SIDECAR + 1)
    if len(text) > LONGEST_SIDECAR:
        raise unreadable(
            beside.name, f"{LONGEST_SIDECAR:,} bytes", "Its description is too long.", f"Write: {_EXAMPLE}."
        )
    try:
        told = tomllib.loads(text.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unreadable(
            beside.name, "TOML", f"It cannot be read: {printable(error, 100)}.", f"Write: {_EXAMPLE}."
        ) from error
    described = _Described(told, beside.name)
    if described.faults:
        raise InvalidInput(described.faults, beside.name)
    needed = described.offset + bytes_of(described.shape, described.dtype)
    if needed != source.size:
        reason = "Shape, type and offset do not give the size of the file."
        remedy = f"Correct shape, dtype or offset in {printable(beside.name)}."
        raise unreadable(f"{source.size:,} bytes", f"{needed:,} bytes", reason, remedy)
    array = mapped(source, described.shape, described.dtype, described.offset, described.order)
    if described.is_truth:
        array = as_truths(array)
    spacing = described.spacing
    if array.ndim == 2 and spacing is not None and described.spacings == 2:
        spacing = (spacing[0], spacing[1], spacing[0])
    axes = "(x, y, z)" if array.ndim == 3 else "(rows, columns)"
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from=f"spacing in {beside.name}" if spacing else f"none: {beside.name} has no spacing",
        kind=kind_of(array),
        format="raw",
        remarks=(f"The array is {axes}, as the shape in {beside.name} is.",),
        periodic=described.periodic,
    )


class _Described:
    """The contents of a sidecar, checked; every fault is kept."""

    def __init__(self, told: dict[str, Any], file: str) -> None:
        self._file = printable(file)
        self.faults: list[Fault] = []
        for key in told:
            if key not in _KEYS:
                near = nearest(key, _KEYS)
                remedy = f"Did you mean {near}?" if near else "Remove it."
                self._fault(key, "", ", ".join(_KEYS), "This key is not known.", remedy)
        self.shape = self._shape(told.get("shape"))
        dtype = told.get("dtype")
        if dtype not in TYPES:
            near = nearest(str(dtype), TYPES)
            self._fault("dtype", dtype, ", ".join(TYPES), "This type is not known.", f"Write {near or 'uint8'}.")
            dtype = "uint8"
        self.is_truth = dtype == "bool"
        byte_order = told.get("byte_order", "little")
        if byte_order not in ("little", "big"):
            self._fault("byte_order", byte_order, "little, big", "This word is not known.", "Write little.")
        name = "uint8" if self.is_truth else str(dtype)
        self.dtype = np.dtype(name).newbyteorder(">" if byte_order == "big" else "<")
        order = told.get("order", "x-fastest")
        orders: dict[str, Literal["C", "F"]] = {"x-fastest": "F", "F": "F", "z-fastest": "C", "C": "C"}
        if not isinstance(order, str) or order not in orders:
            self._fault("order", order, "x-fastest, z-fastest", "This word is not known.", "Write x-fastest.")
        self.order = orders.get(str(order), "F")
        offset = told.get("offset", 0)
        if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**63:
            self._fault(
                "offset", offset, "0 or more, whole", "It is the number of bytes before the values.", "Write 0."
            )
            offset = 0
        self.offset: int = offset
        self.spacings = 0
        self.spacing = self._spacing(told.get("spacing"))
        self.periodic = self._periodic(told.get("periodic"))

    def _fault(self, field: str, value: Any, limit: str, reason: str, remedy: str) -> None:
        self.faults.append(
            Fault(f"{self._file}: {printable(field)}", "" if value is None else printable(value), limit, reason, remedy)
        )

    def _shape(self, told: Any) -> tuple[int, ...]:
        whole = isinstance(told, list) and all(
            isinstance(edge, int) and not isinstance(edge, bool) and 0 < edge < 2**63 for edge in told
        )
        if not whole or len(told) not in (2, 3):
            limit = "2 or 3 whole numbers above 0"
            self._fault(
                "shape", told, limit, "It is the number of voxels along each axis.", "Write shape = [200, 200, 100]."
            )
            return (1, 1, 1)
        return tuple(told)

    def _spacing(self, told: Any) -> Spacing | None:
        if told is None:
            return None
        edges = told if isinstance(told, list) else [told] * 3
        if len(edges) not in (len(self.shape), 3):
            self._fault(
                "spacing", told, "one length, or one for each axis", "Their number does not fit.", 'Write "10 nm".'
            )
            return None
        found = []
        for edge in edges:
            try:
                if isinstance(edge, str):
                    value = parse_quantity(edge, "m")
                elif isinstance(edge, (int, float)) and not isinstance(edge, bool):
                    value = float(edge)
                else:
                    raise UnitError("It is no length.", 'Write "10 nm".')
                if not 0.0 < value < float("inf"):
                    raise UnitError("An edge is above 0 and finite.", 'Write "10 nm".')
                found.append(value)
            except (UnitError, OverflowError) as error:
                reason = getattr(error, "reason", "It is too large.")
                self._fault("spacing", edge, "a length above 0", reason, getattr(error, "remedy", 'Write "10 nm".'))
        if len(found) != len(edges):
            return None
        self.spacings = len(found)
        return (found[0], found[1], found[2] if len(found) > 2 else found[0])

    def _periodic(self, told: Any) -> Periodic | None:
        if told is None:
            return None
        if not isinstance(told, list) or len(told) != 3 or any(not isinstance(axis, bool) for axis in told):
            self._fault("periodic", told, "three of true, false", "It tells each axis.", "Write [false, false, false].")
            return None
        return told[0], told[1], told[2]


def write_raw(image: VoxelImage, path: Path, sidecar: Path) -> None:
    """Write the values with x fastest, and the sidecar that describes them."""
    from poreline.voxels.files.nrrd_format import write_x_fastest

    with path.open("wb") as stream:
        write_x_fastest(stream, image.void)
    truth = [str(axis).lower() for axis in image.periodic]
    lines = [
        f"shape = [{', '.join(str(edge) for edge in image.shape)}]  # voxels along x, y, z",
        f'dtype = "{image.void.dtype.name}"',
        'byte_order = "little"',
        'order = "x-fastest"',
        f"spacing = [{', '.join(repr(float(edge)) for edge in image.spacing)}]  # m",
        "offset = 0",
        f"periodic = [{', '.join(truth)}]",
    ]
    sidecar.write_text("\n".join(lines) + "\n", encoding="utf-8")
