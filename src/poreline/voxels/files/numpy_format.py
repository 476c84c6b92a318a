"""NumPy's own files: .npy with one array, .npz with several."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from poreline.voxels.files.companions import fitting
from poreline.voxels.files.image_file import (
    AnyArray,
    ImageFile,
    Periodic,
    Source,
    Spacing,
    allow,
    allow_packed,
    bytes_of,
    checked_shape,
    checked_type,
    damaged,
    kind_of,
    mapped,
    truncated,
    unreadable,
)
from poreline.voxels.files.lengths import positive
from poreline.voxels.image import VoxelImage

LONGEST_HEADER = 2**14
MOST_MEMBERS = 1000
OWN_NAMES = ("void_fraction", "void", "image")
"""Names under which an image is looked for first, here and in HDF5 and VTI."""

_MAGIC = b"\x93NUMPY"
_PIECE = 2**24


@dataclass(frozen=True)
class _Header:
    shape: tuple[int, ...]
    is_x_fastest: bool
    dtype: np.dtype[Any]
    length: int
    """Bytes before the values."""

    @property
    def needed(self) -> int:
        return bytes_of(self.shape, self.dtype)


def _header(stream: IO[bytes]) -> _Header:
    """The header of an array, of bounded length."""
    start = stream.read(8)
    if len(start) < 8 or start[:6] != _MAGIC:
        raise damaged("it does not start as a NumPy array")
    version = (start[6], start[7])
    width = {(1, 0): 2, (2, 0): 4}.get(version)
    if width is None:
        shown = f"version {version[0]}.{version[1]}"
        raise unreadable(
            shown, "versions 1.0 and 2.0", "Its header cannot be read.", "Save plain numbers with numpy.save."
        )
    size = stream.read(width)
    length = int.from_bytes(size, "little")
    if length > LONGEST_HEADER:
        raise damaged("its header is longer than any")
    text = io.BytesIO(size + stream.read(length))
    read = np.lib.format.read_array_header_1_0 if width == 2 else np.lib.format.read_array_header_2_0
    shape, is_x_fastest, dtype = read(text, max_header_size=LONGEST_HEADER)
    return _Header(tuple(int(edge) for edge in shape), bool(is_x_fastest), dtype, 8 + width + length)


def read_npy(source: Source) -> ImageFile:
    """Map a .npy file. Its first axis is x, its last is z; a picture is (rows, columns). No spacing. Raises InvalidInput."""
    with source.path.open("rb") as stream:
        header = _header(stream)
    shape = checked_shape(header.shape)
    checked_type(header.dtype)
    array = mapped(source, header.shape, header.dtype, header.length, "F" if header.is_x_fastest else "C").reshape(
        shape
    )
    return ImageFile(
        array=array,
        spacing=None,
        spacing_from="none: a .npy file tells no scale",
        kind=kind_of(array),
        format="NumPy .npy",
        remarks=remarks_on_axes(array),
    )


def remarks_on_axes(array: AnyArray) -> tuple[str, ...]:
    """How the axes of an array without names were understood."""
    if array.ndim == 2:
        return ("A picture: the first axis is the rows (y), the second the columns (x).",)
    remark = "Its axes were taken as they are: (x, y, z)."
    if array.shape[2] in {3, 4} and array.dtype == np.uint8:
        return (
            remark,
            f"Its last axis was taken as {array.shape[2]} slices. A colour picture belongs in a .png or .tif file.",
        )
    return (remark,)


def read_npz(source: Source) -> ImageFile:
    """Read an .npz file: `void_fraction`, `void`, `image` or the first stack; or `bits` (numpy.packbits) and `shape`.

    Also `spacing` (m), `periodic`, `pore_width`, `pore_normal` and `phase`. Sizes are checked before anything is
    unpacked. Axes are (x, y, z). Raises InvalidInput.
    """
    with zipfile.ZipFile(source.path) as archive:
        members = {
            info.filename.removesuffix(".npy"): info for info in archive.infolist() if info.filename.endswith(".npy")
        }
        if len(members) > MOST_MEMBERS:
            raise unreadable(
                f"{len(members)} arrays", f"{MOST_MEMBERS} arrays", "They are too many.", "Save the image alone."
            )
        headers = {name: _header_of(archive, info) for name, info in members.items()}
        name = _choice(source, headers)
        small = {
            key: _small(source, archive, members[key], headers[key])
            for key in ("spacing", "periodic", "shape")
            if key in headers
        }
        if name == "bits":
            array = _unpacked_bits(source, archive, members["bits"], headers["bits"], small.get("shape"))
        else:
            shape = checked_shape(headers[name].shape)
            checked_type(headers[name].dtype)
            array = _array(source, archive, members[name], headers[name]).reshape(shape)
        others: dict[str, AnyArray] = {}
        for key in ("pore_width", "pore_normal", "phase"):
            if key in headers and key != name and headers[key].shape[-3:] == array.shape:
                others[key] = _array(source, archive, members[key], headers[key])
    spacing = _spacing(small.get("spacing"), array.ndim)
    companions, remarks = fitting(array, others)
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from='its array "spacing"' if spacing else 'none: it has no array "spacing" of three lengths in m',
        kind=kind_of(array),
        format="NumPy .npz",
        remarks=(f'Its array "{name}" was read.', *remarks_on_axes(array), *remarks),
        periodic=periodic_of(small.get("periodic")),
        **companions,
    )


def _choice(source: Source, headers: Mapping[str, _Header]) -> str:
    stacks = [name for name, header in headers.items() if len(header.shape) == 3]
    pictures = [name for name, header in headers.items() if len(header.shape) == 2]
    is_packed = "bits" in headers and "shape" in headers
    if source.dataset:
        if source.dataset in headers:
            return source.dataset
        raise no_such_array(source.dataset, list(headers))
    for name in OWN_NAMES:
        if name in headers:
            return name
    if is_packed:
        return "bits"
    for names in (stacks, pictures):
        if names:
            return names[0]
    raise unreadable("", "an array with 2 or 3 axes", "It holds no image.", "Save the image as the array void.")


def no_such_array(name: str, known: list[str]) -> Exception:
    """The fault of an array that was asked for by name and is not there."""
    limit = ", ".join(known[:12]) or "none in this file"
    return unreadable(f"dataset {name}", limit, "There is no array of this name.", "Name one of these.")


def _header_of(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Header:
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise unreadable(
            f"compression {info.compress_type}", "none or deflate", "It cannot be read.", "Use numpy.savez."
        )
    with archive.open(info) as stream:
        return _header(stream)


def _small(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: _Header) -> AnyArray | None:
    if math.prod(header.shape) > 16 or header.dtype.kind not in "buif" or header.needed < 0:
        return None
    return _array(source, archive, info, header)


def _array(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: _Header) -> AnyArray:
    """The values of a member, once its declared size is known to fit."""
    checked_type(header.dtype)
    needed = header.needed
    if any(edge < 0 for edge in header.shape):
        raise damaged("an array has a negative edge")
    if info.file_size != header.length + needed:
        raise truncated(max(0, info.file_size - header.length), needed)
    packed = min(info.compress_size, source.size)
    allow_packed(source, needed, packed, 1 if info.compress_type == zipfile.ZIP_STORED else 1040)
    out = np.empty(needed, np.uint8)
    with archive.open(info) as stream:
        stream.read(header.length)
        done = 0
        while done < needed:
            piece = stream.read(min(_PIECE, needed - done))
            if not piece:
                raise truncated(done, needed)
            out[done : done + len(piece)] = np.frombuffer(piece, np.uint8)
            done += len(piece)
        stream.read(1)  # at the end of the member its checksum is compared
    return out.view(header.dtype).reshape(header.shape, order="F" if header.is_x_fastest else "C")


def _unpacked_bits(
    source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, header: _Header, declared: AnyArray | None
) -> AnyArray:
    if declared is None or declared.ndim != 1 or declared.dtype.kind not in "ui":
        raise damaged('its "shape" is not a few whole numbers')
    shape = checked_shape(declared.tolist())
    count = math.prod(shape)
    if header.dtype != np.uint8 or len(header.shape) != 1 or header.shape[0] != (count + 7) // 8:
        raise damaged('its "bits" do not fit its "shape"')
    allow(source, count + header.needed)
    return np.unpackbits(_array(source, archive, info, header), count=count).reshape(shape).view(np.bool_)


def _spacing(found: AnyArray | None, axes: int) -> Spacing | None:
    """One, two (a picture) or three edges in m."""
    if found is None:
        return None
    edges = [positive(value) for value in found.ravel().tolist()]
    if len(edges) == 1:
        edges *= 3
    if len(edges) == 2 and axes == 2:
        edges.append(edges[0])
    if len(edges) != 3 or any(edge is None for edge in edges):
        return None
    x, y, z = (float(edge) for edge in edges if edge is not None)
    return x, y, z


def periodic_of(found: Any) -> Periodic | None:
    """Three truths, or None."""
    values = None if found is None else np.ravel(np.asarray(found))
    if values is None or values.size != 3 or values.dtype.kind not in "bui" or not np.isin(values, (0, 1)).all():
        return None
    x, y, z = (bool(value) for value in values)
    return x, y, z


def write_npy(image: VoxelImage, path: Path) -> None:
    """Write the values as .npy, which can be mapped and knows no spacing."""
    with path.open("wb") as stream:
        np.lib.format.write_array(stream, image.void, allow_pickle=False)


def write_npz(image: VoxelImage, path: Path) -> None:
    """Write `void`, `spacing` (m), `periodic` and the companions as a compressed .npz."""
    arrays: dict[str, Any] = {
        "void": image.void,
        "spacing": np.array(image.spacing),
        "periodic": np.array(image.periodic),
    }
    arrays |= {name: getattr(image, name) for name in ("pore_width", "pore_normal", "phase")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            if array is not None:
                with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                    np.lib.format.write_array(stream, array, allow_pickle=False)
