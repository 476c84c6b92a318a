"""NRRD: one array with a readable header, raw or compressed, attached or beside it."""

from __future__ import annotations

import bz2
import io
import math
import zlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from poreline.voxels.files.image_file import (
    AnyArray,
    ImageFile,
    Periodic,
    Source,
    Spacing,
    allow,
    allow_packed,
    as_truths,
    bytes_of,
    checked_shape,
    checked_type,
    damaged,
    mapped,
    tidy,
    truncated,
    unreadable,
)
from poreline.voxels.files.lengths import metres
from poreline.voxels.image import VoxelImage

LONGEST_HEADER = 2**16
_TYPES = {
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": ("longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_CODE = {name: code for code, names in _TYPES.items() for name in names}
_TEXT = {"ascii", "text", "txt"}
_GZIP, _BZIP2 = {"gzip", "gz"}, {"bzip2", "bz2"}
_MOST_PER_BYTE_BZIP2 = 25_000  # 45 bytes hold a block of 900 000 zeros
_PIECE = 2**20  # compressed bytes read at a time


def read_nrrd(source: Source) -> ImageFile:
    """Read a NRRD file, whose first axis is the fastest and is x; a picture has columns first.

    Raw data are mapped. Spacing from `spacings` and `units`, or `space directions` and `space units`; numbers without a
    unit are no spacing. Data in a file of their own must lie in the same folder. Raises InvalidInput.
    """
    import nrrd

    with source.path.open("rb") as stream:
        head = io.BytesIO(stream.read(LONGEST_HEADER))
        try:
            header = nrrd.read_header(head)
        except StopIteration as error:
            raise damaged("it has no header") from error
        start = head.tell()
    if start >= LONGEST_HEADER:
        raise unreadable("", f"{LONGEST_HEADER:,} bytes", "Its header has no end.", "Export it again.")
    missing = [key for key in ("dimension", "type", "encoding", "sizes") if key not in header]
    if missing:
        raise damaged(f"its header has no {' and no '.join(missing)}")
    sizes = tuple(int(size) for size in np.atleast_1d(header["sizes"]))
    if len(sizes) != int(header["dimension"]):
        raise damaged("the number of its sizes is not its dimension")
    shape = checked_shape(sizes)
    dtype = _type(header)
    held, start = _where_data_is(source, header, start)
    array = _data(held, header, start, shape, dtype)
    remarks = ["Its first axis, the fastest, was taken as x: the array is (x, y, z)."]
    if array.ndim == 2:
        array = array.T
        remarks = ["A picture: the first, fastest axis is the columns (x), the second the rows (y)."]
    if header.get("values") == "truth" and array.dtype == np.uint8:
        array = as_truths(array)
    kept = (
        [axis for axis, size in enumerate(sizes) if size != 1] if len(shape) < len(sizes) else list(range(len(sizes)))
    )
    edges, where, more = _edges(header, len(sizes))
    spacing: Spacing | None = None
    if edges is not None:
        used = [edges[axis] for axis in kept[:3]]
        used += [used[0]] * (3 - len(used)) if used else []
        if all(edge is not None for edge in used) and used:
            x, y, z = (tidy(edge) for edge in used if edge is not None)
            spacing = (x, y, z) if array.ndim == 3 else (y, x, y)
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from=where,
        kind="picture" if array.ndim == 2 else "volume",
        format="NRRD",
        remarks=(*remarks, *more),
        periodic=_periodic(header),
    )


def _type(header: Mapping[str, Any]) -> np.dtype[Any]:
    name = str(header["type"]).strip().lower()
    if name not in _CODE:
        raise unreadable(
            f"values of type {name}", "integers or floats", "Such values are no image.", "Export grey values or labels."
        )
    dtype = np.dtype(_CODE[name])
    endian = str(header.get("endian", "")).strip().lower()
    if dtype.itemsize > 1 and header["encoding"].lower() not in _TEXT:
        if endian not in {"little", "big"}:
            raise damaged("its header does not tell the order of bytes (endian)")
        dtype = dtype.newbyteorder("<" if endian == "little" else ">")
    return checked_type(dtype)


def _where_data_is(source: Source, header: Mapping[str, Any], start: int) -> tuple[Source, int]:
    """The file that holds the data, and where they start in it."""
    name = header.get("datafile", header.get("data file"))
    if name is None:
        return source, start
    name = str(name)
    if "/" in name or "\\" in name or name in {"", ".", ".."} or name.startswith("LIST") or "%" in name:
        reason = "The file of its data must lie beside the header, and be one file."
        raise unreadable(
            f"data file: {name}", "the name of a file in the same folder", reason, "Save it as one .nrrd file."
        )
    path = source.path.with_name(name)
    if not path.is_file():
        raise unreadable(
            f"data file: {name}", "a file in the same folder", "The file of its data is not there.", "Copy it too."
        )
    return replace(source, path=path, size=path.stat().st_size), 0


def _data(
    source: Source, header: Mapping[str, Any], start: int, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> AnyArray:
    encoding = str(header["encoding"]).lower()
    lines = int(header.get("lineskip", header.get("line skip", 0)))
    skip = int(header.get("byteskip", header.get("byte skip", 0)))
    needed = bytes_of(shape, dtype)
    if lines < 0 or skip < -1 or (skip == -1 and encoding != "raw"):
        raise damaged("it skips a negative number of lines or bytes")
    with source.path.open("rb") as stream:
        stream.seek(start)
        for _ in range(lines):
            if not stream.readline(LONGEST_HEADER):
                raise truncated(0, needed)
        if encoding == "raw":
            offset = source.size - needed if skip == -1 else stream.tell() + skip
            return mapped(source, shape, dtype, offset, "F")
        rest = source.size - stream.tell()
        if encoding in _TEXT:
            stream.seek(skip, io.SEEK_CUR)
            return _of_text(source, stream, shape, dtype)
        if encoding in _GZIP:
            allow_packed(source, needed + skip, rest)
            unpacked = _inflated(stream, zlib.decompressobj(zlib.MAX_WBITS | 16), needed, skip)
        elif encoding in _BZIP2:
            allow_packed(source, needed + skip, rest, _MOST_PER_BYTE_BZIP2)
            unpacked = _inflated(stream, bz2.BZ2Decompressor(), needed, skip)
        else:
            raise unreadable(f"encoding {encoding}", "raw, gzip, bzip2, ascii", "It is not known.", "Save it as raw.")
    return unpacked.view(dtype).reshape(shape, order="F")


def _inflated(stream: IO[bytes], unpacker: Any, needed: int, skip: int) -> AnyArray:
    """`needed` bytes after the first `skip`, unpacked piece by piece and never more than these."""
    out = np.empty(needed, np.uint8)
    done = -skip
    fed = b""
    while done < needed and not unpacker.eof:
        if isinstance(unpacker, bz2.BZ2Decompressor):
            fed = stream.read(_PIECE) if unpacker.needs_input else b""
            stuck = unpacker.needs_input and not fed
        else:
            fed = unpacker.unconsumed_tail or stream.read(_PIECE)
            stuck = not fed
        if stuck:
            break
        piece = np.frombuffer(unpacker.decompress(fed, _PIECE), np.uint8)
        used = piece[max(0, -done) : needed - done]
        begin = max(0, done)
        out[begin : begin + used.size] = used
        done += piece.size
    if done < needed:
        raise truncated(max(0, done), needed)
    return out


def _of_text(source: Source, stream: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> AnyArray:
    count = math.prod(shape)
    rest = source.size - stream.tell()
    if rest < 2 * count - 1:
        raise truncated(max(0, rest), 2 * count - 1)
    allow(source, 2 * rest + count * dtype.itemsize)
    values = np.fromstring(stream.read().decode("ascii", "replace"), dtype, sep=" ")
    if values.size != count:
        raise damaged(f"it holds {values.size:,} numbers where its sizes ask for {count:,}")
    return values.reshape(shape, order="F")


def _edges(header: Mapping[str, Any], axes: int) -> tuple[list[float | None] | None, str, tuple[str, ...]]:
    """Edges of a voxel in m along each axis of the file, where they were found, and remarks."""
    directions = header.get("space directions")
    if directions is not None:
        rows = np.atleast_2d(np.asarray([np.full(3, np.nan) if row is None else row for row in directions], float))
        lengths = np.linalg.norm(rows, axis=1)
        units = list(header.get("space units", []))
        words = "space directions"
        remarks: tuple[str, ...] = ()
        square = rows.shape[0] == rows.shape[1] and np.isfinite(rows).all()
        if square and np.count_nonzero(np.abs(rows) > 1e-6 * np.abs(rows).max()) > rows.shape[0]:
            remarks = ("Its axes are turned against space; the turn plays no part here.",)
        units = [units[0]] * len(lengths) if units and len(set(units)) == 1 else units
    elif "spacings" in header:
        lengths = np.atleast_1d(np.asarray(header["spacings"], float))
        units, words, remarks = list(header.get("units", [])), "spacings", ()
    else:
        return None, "none: its header has no spacings", ()
    if not any(units):
        shown = " ".join(f"{length:.6g}" for length in lengths[:4])
        return None, f"none: its {words} ({shown}) have no unit", remarks
    if len(lengths) != axes or len(units) != axes:
        return None, f"none: its {words} and their units do not fit its axes", remarks
    found = [metres(length, unit) for length, unit in zip(lengths, units, strict=True)]
    unit_words = f"{words} and {'space units' if directions is not None else 'units'} of its header"
    return (
        (found, unit_words, remarks)
        if any(found)
        else (None, f"none: the units of its {words} are no lengths", remarks)
    )


def _periodic(header: Mapping[str, Any]) -> Periodic | None:
    words = str(header.get("periodic", "")).split()
    if len(words) != 3 or any(word not in {"yes", "no"} for word in words):
        return None
    x, y, z = (word == "yes" for word in words)
    return x, y, z


def write_nrrd(image: VoxelImage, path: Path) -> None:
    """Write raw data with x fastest; truths as 0 and 1. Spacings in m."""
    header = [
        "NRRD0005",
        f"type: {'uint8' if image.is_binary else 'float'}",
        "dimension: 3",
        f"sizes: {' '.join(str(edge) for edge in image.shape)}",
        f"spacings: {' '.join(repr(edge) for edge in image.spacing)}",
        'units: "m" "m" "m"',
        "kinds: domain domain domain",
        "endian: little",
        "encoding: raw",
        f"values:={'truth' if image.is_binary else 'void fraction'}",
        f"periodic:={' '.join('yes' if axis else 'no' for axis in image.periodic)}",
    ]
    with path.open("wb") as stream:
        stream.write(("\n".join(header) + "\n\n").encode("ascii"))
        write_x_fastest(stream, image.void)


def write_x_fastest(stream: IO[bytes], array: AnyArray) -> None:
    """Write a (x, y, z) array slice by slice, little-endian, x fastest."""
    for k in range(array.shape[2]):
        plane = np.ascontiguousarray(array[:, :, k].T)
        stream.write(plane.astype(plane.dtype.newbyteorder("<"), copy=False).tobytes())
