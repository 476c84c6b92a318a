"""VTI: the image files of VTK and ParaView."""

from __future__ import annotations

import base64
import binascii
import lzma
import math
import mmap
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from poreline.quantities import printable
from poreline.voxels.files.companions import COMPANIONS, fitting
from poreline.voxels.files.image_file import (
    AnyArray,
    ImageFile,
    Source,
    Spacing,
    allow,
    allow_packed,
    as_truths,
    bytes_of,
    checked_shape,
    damaged,
    mapped,
    tidy,
    truncated,
    unreadable,
)
from poreline.voxels.files.lengths import metres
from poreline.voxels.files.nrrd_format import write_x_fastest
from poreline.voxels.files.numpy_format import OWN_NAMES, no_such_array, periodic_of
from poreline.voxels.files.xml_reading import parse
from poreline.voxels.image import VoxelImage

_TYPES = {
    "Int8": "i1",
    "UInt8": "u1",
    "Int16": "i2",
    "UInt16": "u2",
    "Int32": "i4",
    "UInt32": "u4",
    "Int64": "i8",
    "UInt64": "u8",
    "Float32": "f4",
    "Float64": "f8",
}
_ZLIB, _LZMA = "vtkZLibDataCompressor", "vtkLZMADataCompressor"
_MOST_PER_BYTE = {_ZLIB: 1040, _LZMA: 10_000}
_WHITE = b" \t\r\n"
_UPRIGHT = "1 0 0 0 1 0 0 0 1"


@dataclass
class _DataArray:
    """A DataArray element, before its values are read."""

    attributes: dict[str, str]
    place: str
    """"PointData", "CellData" or "FieldData"."""
    text: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.attributes.get("Name", "")


@dataclass
class _Header:
    """What the XML tells."""

    file: dict[str, str] = field(default_factory=dict)
    image: dict[str, str] = field(default_factory=dict)
    pieces: list[dict[str, str]] = field(default_factory=list)
    arrays: list[_DataArray] = field(default_factory=list)
    scalars: dict[str, str] = field(default_factory=dict)


def read_vti(source: Source) -> ImageFile:
    """Read one array of points or cells of a VTI file of one piece; x is the fastest axis.

    ascii, base64 or appended, compressed with zlib or LZMA or not; appended raw data that is not compressed is mapped.
    `Spacing` is in m unless an attribute `Unit` of ImageData or a text array `unit` of the field data names another;
    the 1 1 1 of a grid that was never given one is no spacing. Raises InvalidInput, also for an XML document type.
    """
    with source.path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        head, appended, encoding = _parts(source, whole)
        header = _header(head)
        order = "<" if header.file.get("byte_order", "LittleEndian") == "LittleEndian" else ">"
        size_type = np.dtype(order + _TYPES.get(header.file.get("header_type", "UInt32"), "u4"))
        if size_type.kind != "u" or size_type.itemsize < 4:
            raise damaged("the type of its header is no UInt32 or UInt64")
        reader = _Values(source, whole, appended, encoding, header.file.get("compressor", ""), order, size_type)
        extent = _extent(header)
        chosen = _choice(source, header)
        counts = tuple(edges + (chosen.place == "PointData") for edges in extent)
        shape = checked_shape(tuple(max(1, count) if chosen.place == "CellData" else count for count in counts))
        array = reader.read(chosen, shape)
        fields = {item.name: item for item in header.arrays if item.place == "FieldData"}
        if "truth" in fields and array.dtype == np.uint8 and reader.small(fields["truth"], 1).tolist() == [1]:
            array = as_truths(array)
        periodic = periodic_of(reader.small(fields["periodic"], 3)) if "periodic" in fields else None
        unit = header.image.get("Unit", "")
        for name in ("unit", "units", "spacing_unit", "spacing_units"):
            if not unit and name in fields:
                unit = reader.words(fields[name])
        others = {}
        for item in header.arrays:
            if item.name in COMPANIONS and item.place == chosen.place and item is not chosen:
                others[item.name] = reader.read(item, (3, *shape) if item.name == "pore_normal" else shape)
    companions, more = fitting(array, others)
    spacing, where = _spacing(header, unit)
    remarks = [
        f'Its array "{printable(chosen.name)}" of {"points" if chosen.place == "PointData" else "cells"} was read.'
    ]
    remarks.append("Its first axis, the fastest, is x: the array is (x, y, z).")
    if header.image.get("Direction", _UPRIGHT).split() != _UPRIGHT.split():
        remarks.append("Its axes are turned against space; the turn plays no part here.")
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from=where,
        kind="volume",
        format="VTI",
        remarks=(*remarks, *more),
        periodic=periodic,
        **companions,
    )


def _parts(source: Source, whole: mmap.mmap) -> tuple[bytes, int, str]:
    """The XML without its appended data, where these start, and how they are encoded."""
    at = whole.find(b"<AppendedData")
    if at < 0:
        allow(source, 4 * source.size)
        return whole[:], -1, ""
    close = whole.find(b">", at)
    mark = whole.find(b"_", close)
    if close < 0 or mark < 0 or whole[close + 1 : mark].strip(_WHITE):
        raise damaged("its appended data have no start")
    encoding = "raw" if b"raw" in whole[at:close] else "base64"
    allow(source, 4 * at)
    return whole[:at] + b"</VTKFile>", mark + 1, encoding


def _header(text: bytes) -> _Header:
    header = _Header()
    places: list[str] = []
    current: list[_DataArray] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        places.append(name)
        if name == "VTKFile":
            header.file = attributes
        elif name == "ImageData":
            header.image = attributes
        elif name == "Piece":
            header.pieces.append(attributes)
        elif name in {"PointData", "CellData"} and "Scalars" in attributes:
            header.scalars[name] = attributes["Scalars"]
        elif name in {"DataArray", "Array"} and len(places) > 1:
            current.append(_DataArray(attributes, places[-2]))

    def on_end(name: str) -> None:
        places.pop()
        if name in {"DataArray", "Array"} and current:
            header.arrays.append(current.pop())

    def on_characters(words: str) -> None:
        if current and places[-1] in {"DataArray", "Array"}:
            current[-1].text.append(words)

    parse(text, on_start, on_end, on_characters)
    if header.file.get("type") != "ImageData":
        shown = printable(header.file.get("type", "no VTKFile"))
        raise unreadable(shown, "ImageData", "It is no VTK image.", "Resample it to an image (.vti).")
    if len(header.pieces) != 1:
        raise unreadable(f"{len(header.pieces)} pieces", "1 piece", "It is cut into pieces.", "Save it as one piece.")
    return header


def _extent(header: _Header) -> tuple[int, int, int]:
    """Number of cells along each axis."""
    words = header.pieces[0].get("Extent", header.image.get("WholeExtent", "")).split()
    try:
        ends = [int(word) for word in words]
    except ValueError:
        ends = []
    if len(ends) != 6 or any(end < start for start, end in zip(ends[::2], ends[1::2], strict=True)):
        raise damaged("its extent is not six whole numbers in order")
    return ends[1] - ends[0], ends[3] - ends[2], ends[5] - ends[4]


def _choice(source: Source, header: _Header) -> _DataArray:
    arrays = [item for item in header.arrays if item.place in {"PointData", "CellData"}]
    if source.dataset:
        for item in arrays:
            if item.name == source.dataset:
                return item
        raise no_such_array(printable(source.dataset), [printable(item.name) for item in arrays])
    for own in OWN_NAMES:
        for item in arrays:
            if item.name == own:
                return item
    single = [
        item
        for item in arrays
        if item.attributes.get("NumberOfComponents", "1") == "1"
        and item.name not in COMPANIONS
        and item.attributes.get("type") in _TYPES
    ]
    active = [item for item in single if header.scalars.get(item.place) == item.name]
    for candidates in (single, active):
        if len(candidates) == 1:
            return candidates[0]
    known = ", ".join(printable(item.name) for item in single[:12]) or "one array of numbers"
    reason = "It holds several images." if single else "It holds no image."
    raise unreadable(f"{len(single)} arrays", known, reason, "Name the dataset to read.")


def _spacing(header: _Header, unit: str) -> tuple[Spacing | None, str]:
    words = header.image.get("Spacing", "1 1 1").split()
    edges = [metres(word, unit or "m") for word in words]
    if len(edges) != 3 or not all(edges):
        shown = printable(f"{header.image.get('Spacing', '')} {unit}".strip())
        return None, f"none: its Spacing ({shown}) is not three lengths"
    x, y, z = (tidy(edge) for edge in edges if edge is not None)
    if not unit and (x, y, z) == (1.0, 1.0, 1.0):
        return None, "none: its Spacing is 1 1 1 without a unit"
    return (x, y, z), f"its Spacing, in {printable(unit) or 'm, as no unit is told'}"


class _Values:
    """Reads the values of arrays wherever they are."""

    def __init__(
        self,
        source: Source,
        whole: mmap.mmap,
        appended: int,
        encoding: str,
        compressor: str,
        order: str,
        size_type: np.dtype[Any],
    ) -> None:
        if compressor and compressor not in _MOST_PER_BYTE:
            known = ", ".join(_MOST_PER_BYTE)
            raise unreadable(
                printable(compressor), known, "It cannot be unpacked.", "Save it with zlib, or uncompressed."
            )
        self.source, self.whole, self.appended, self.encoding = source, whole, appended, encoding
        self.compressor, self.order, self.size_type = compressor, order, size_type

    def read(self, item: _DataArray, shape: tuple[int, ...]) -> AnyArray:
        """The values of an array; the axes of `shape` are fastest first, as VTK's are."""
        kind = item.attributes.get("type", "")
        if kind not in _TYPES:
            raise unreadable(
                f"values of type {printable(kind)}", "integers or floats", "Such values are no image.", "Convert them."
            )
        components = item.attributes.get("NumberOfComponents", "1") or "1"
        wanted = str(shape[0]) if len(shape) == 4 else "1"
        if components != wanted:
            reason = "An image has one value for each voxel."
            raise unreadable(
                f"{printable(components)} components", f"{wanted} component(s)", reason, "Save one component."
            )
        dtype = np.dtype(self.order + _TYPES[kind])
        form = item.attributes.get("format", "ascii")
        if form == "ascii":
            return self._of_text(item, dtype, math.prod(shape)).reshape(shape, order="F")
        needed = bytes_of(shape, dtype)
        if form == "binary":
            # Base64 text of an inline array: white space may stand anywhere around it.
            text = "".join(item.text).encode("ascii", "replace").translate(None, _WHITE)
            raw = self._unpacked(lambda start, size: _decoded(text, start, size), needed, spread=_in_base64)
        elif form == "appended":
            start = self._start(item)
            if self.encoding == "raw" and not self.compressor:
                told = self._number(self._bytes_at(start, self.size_type.itemsize))
                if told != needed:
                    raise damaged(f"its appended array has {told:,} bytes where its extent asks for {needed:,}")
                return mapped(self.source, shape, dtype, start + self.size_type.itemsize, "F")
            if self.encoding == "raw":
                raw = self._unpacked(
                    lambda at, size: self._bytes_at(start + at, size), needed, spread=lambda size: size
                )
            else:
                text = self.whole[start:] if len(self.whole) - start < 2**16 else self._base64_from(start)
                raw = self._unpacked(lambda at, size: _decoded(text, at, size), needed, spread=_in_base64)
        else:
            raise unreadable(
                f"format {printable(form)}", "ascii, binary, appended", "It is not known.", "Save it again."
            )
        return raw.view(dtype).reshape(shape, order="F")

    def _start(self, item: _DataArray) -> int:
        try:
            offset = int(item.attributes.get("offset", ""))
        except ValueError as error:
            raise damaged("an appended array has no offset") from error
        if self.appended < 0 or not 0 <= offset <= len(self.whole) - self.appended:
            raise damaged("an appended array lies outside the file")
        return self.appended + offset

    def _base64_from(self, start: int) -> bytes:
        allow(self.source, 2 * (len(self.whole) - start))
        return self.whole[start:]

    def _bytes_at(self, start: int, size: int) -> bytes:
        if start + size > len(self.whole):
            raise truncated(max(0, len(self.whole) - start), size)
        return self.whole[start : start + size]

    def _number(self, raw: bytes) -> int:
        return int(np.frombuffer(raw, self.size_type)[0])

    def _unpacked(self, at: Callable[[int, int], bytes], needed: int, spread: Callable[[int], int]) -> AnyArray:
        """The bytes of an array from its encoded text: `at` decodes bytes from a place, `spread` gives their length there."""
        width = self.size_type.itemsize
        if not self.compressor:
            packed_size = len(self.whole)
            if needed > packed_size:
                raise truncated(packed_size, needed)
            allow(self.source, 3 * needed)
            head = at(0, width)
            told = self._number(head)
            if told != needed:
                raise damaged(f"an array has {told:,} bytes where its extent asks for {needed:,}")
            # VTK writes size and values as one text; some programs write two, so that the first ends with padding.
            try:
                return np.frombuffer(at(0, width + needed)[width:], np.uint8)
            except _PaddedError:
                return np.frombuffer(at(spread(width), needed), np.uint8)
        blocks = self._number(at(0, width))
        most = _MOST_PER_BYTE[self.compressor]
        allow_packed(self.source, needed, len(self.whole), most)
        if blocks > len(self.whole):
            raise damaged("it declares more blocks than it has bytes")
        sizes = np.frombuffer(at(0, (3 + blocks) * width), self.size_type).tolist()
        block, last, packed = sizes[1], sizes[2], sizes[3:]
        if (blocks - (last > 0)) * block + last != needed or sum(packed) > len(self.whole):
            raise damaged("the sizes of its compressed blocks do not fit its extent")
        allow_packed(self.source, needed, sum(packed), most)
        start = spread((3 + blocks) * width)
        everything = at(start, sum(packed))
        out = np.empty(needed, np.uint8)
        done = taken = 0
        for k, size in enumerate(packed):
            length = last if last and k == blocks - 1 else block
            unpacker: Any = zlib.decompressobj() if self.compressor == _ZLIB else lzma.LZMADecompressor()
            piece = unpacker.decompress(everything[taken : taken + size], length) if length else b""
            if len(piece) != length:
                raise truncated(done + len(piece), needed)
            out[done : done + length] = np.frombuffer(piece, np.uint8)
            done, taken = done + length, taken + size
        return out

    def _of_text(self, item: _DataArray, dtype: np.dtype[Any], count: int) -> AnyArray:
        text = "".join(item.text)
        if len(text) < 2 * count - 1:
            raise truncated(len(text), 2 * count - 1)
        allow(self.source, 3 * len(text) + count * dtype.itemsize)
        values = np.fromstring(text, dtype.newbyteorder("="), sep=" ")
        if values.size != count:
            raise damaged(f"an array holds {values.size:,} numbers where its extent asks for {count:,}")
        return values

    def small(self, item: _DataArray, count: int) -> AnyArray:
        """A few numbers of the field data."""
        return self.read(item, (count, 1, 1)).ravel()

    def words(self, item: _DataArray) -> str:
        """A text of the field data: VTK writes the codes of its characters."""
        text = "".join(item.text).strip()[:400]
        codes = text.split()
        if item.attributes.get("format", "ascii") == "ascii" and codes and all(code.isdigit() for code in codes):
            return "".join(chr(int(code)) for code in codes if 0 < int(code) < 0x110000).strip()
        return text


class _PaddedError(Exception):
    """A base64 text that ends before the bytes asked for."""


def _in_base64(size: int) -> int:
    return 4 * ((size + 2) // 3)


def _decoded(text: bytes, start: int, size: int) -> bytes:
    """`size` bytes from a base64 text that begins at `start`."""
    piece = text[start : start + _in_base64(size)]
    if b"=" in piece[:-2]:
        raise _PaddedError
    try:
        raw = base64.b64decode(piece, validate=True)
    except binascii.Error as error:
        raise damaged("its base64 text cannot be decoded") from error
    if len(raw) < size:
        if b"=" in piece:
            raise _PaddedError
        raise truncated(len(raw), size)
    return raw[:size]


def write_vti(image: VoxelImage, path: Path) -> None:
    """Write cells with appended raw values, x fastest, and the companions. Spacing in m."""
    nx, ny, nz = image.shape
    name = "void" if image.is_binary else "void_fraction"
    arrays: list[tuple[str, AnyArray]] = [(name, image.void.view(np.uint8) if image.is_binary else image.void)]
    arrays += [(key, getattr(image, key)) for key in COMPANIONS if getattr(image, key) is not None]
    lines = [
        '<?xml version="1.0"?>',
        '<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" header_type="UInt64">',
        f'  <ImageData WholeExtent="0 {nx} 0 {ny} 0 {nz}" Origin="0 0 0" Spacing="{" ".join(repr(float(edge)) for edge in image.spacing)}">',
        "    <FieldData>",
        _field("periodic", [int(axis) for axis in image.periodic]),
        _field("truth", [int(image.is_binary)]),
        _field("unit", [ord("m"), 0], kind="String"),
        "    </FieldData>",
        f'    <Piece Extent="0 {nx} 0 {ny} 0 {nz}">',
        f'      <CellData Scalars="{name}">',
    ]
    offset = 0
    for key, array in arrays:
        kind = "UInt8" if array.dtype == np.uint8 else "Float32"
        parts = 3 if key == "pore_normal" else 1
        lines.append(
            f'        <DataArray type="{kind}" Name="{key}" NumberOfComponents="{parts}" format="appended" offset="{offset}"/>'
        )
        offset += 8 + array.size * array.dtype.itemsize
    lines += ["      </CellData>", "    </Piece>", "  </ImageData>", '  <AppendedData encoding="raw">', "_"]
    with path.open("wb") as stream:
        stream.write("\n".join(lines).encode("ascii"))
        for _, array in arrays:
            stream.write((array.size * array.dtype.itemsize).to_bytes(8, "little"))
            if array.ndim == 3:
                write_x_fastest(stream, array)
                continue
            for k in range(nz):
                stream.write(
                    np.ascontiguousarray(array[:, :, :, k].transpose(2, 1, 0)).astype("<f4", copy=False).tobytes()
                )
        stream.write(b"\n  </AppendedData>\n</VTKFile>\n")


def _field(name: str, values: list[int], kind: str = "UInt8") -> str:
    text = " ".join(str(value) for value in values)
    element = "Array" if kind == "String" else "DataArray"
    count = 1 if kind == "String" else len(values)
    return f'      <{element} type="{kind}" Name="{name}" NumberOfTuples="{count}" format="ascii">{text}</{element}>'
