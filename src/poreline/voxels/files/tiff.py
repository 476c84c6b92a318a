"""TIFF: pictures and stacks of electron microscopes, ImageJ and OME; classic and BigTIFF."""

from __future__ import annotations

import itertools
import lzma
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np

from poreline.voxels.files.colour import luminance
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
    checked_type,
    damaged,
    truncated,
    unreadable,
)
from poreline.voxels.files.tiff_scale import Description, describe
from poreline.voxels.image import VoxelImage

_NONE, _LZW, _DEFLATE, _OLD_DEFLATE, _LZMA = 1, 5, 8, 32946, 34925
_WHITE_IS_ZERO, _PALETTE = 0, 3
_TILED_BY_SAMPLE = 2
_MOST_PER_BYTE = {_LZW: 2731, _LZMA: 10_000}
"""Longest text of 4096 codes of 12 bits for LZW; measured on zeros for LZMA. Other codecs: that of deflate."""
_MOST_PER_BYTE_OTHERS = 40_000
_CLASSIC_MOST = 2**32 - 2**25  # bytes of an image that a classic TIFF holds beside its pages' headers
_BITS_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1], axis=1)[:, 0]


def read_tiff(source: Source) -> ImageFile:
    """Read a TIFF picture, or a stack of pages, which are (z, y, x) on disk, as (x, y, z).

    Uncompressed pages at equal distances are mapped, not loaded. The spacing is that of OME, ImageJ, the microscope
    (Thermo Fisher/FEI, Zeiss, Olympus, TVIPS) or of resolution tags that are finer than any print.
    Raises InvalidInput; also lets through what tifffile and Pillow raise.
    """
    import tifffile

    with tifffile.TiffFile(source.path) as file:
        pages, remarks = _pages(file)
        first = pages[0]
        description = describe(file, first)
        planes = _number_of_planes(first, len(pages), description)
        shape = (planes, int(first.imagelength), int(first.imagewidth), int(first.samplesperpixel))
        checked_shape(shape[:3])
        checked_type(_type_of(first))
        array = _mapped(source, file, pages, shape)
        if array is None:
            array = _loaded(source, file, pages, shape)
        if first.photometric == _WHITE_IS_ZERO:
            remarks.append('The file asks to show 0 as white ("white is zero"); the values are as stored.')
        if first.photometric == _PALETTE:
            remarks.append("It has a palette: the values are its numbers, not the colours shown.")
    samples = shape[3]
    array = array if planes > 1 else array[0]
    if samples > 1:
        array, more = luminance(source, array)
        remarks += more
    else:
        array = array[..., 0]
    if description.is_truth and array.dtype == np.uint8:
        array = as_truths(_ones(source, array))
    x, y, z = description.x, description.y, description.z
    spacing: Spacing | None = None
    spacing_from = description.where
    if array.ndim == 2:
        remarks.append("A picture: rows are y, columns are x.")
        if x is not None and y is not None:
            spacing = (y, x, z if z is not None else y)
    else:
        array = array.transpose(2, 1, 0)
        remarks.append("Its pages were taken as z, their rows as y, their columns as x: the array is (x, y, z).")
        if x is not None and y is not None and z is not None:
            spacing = (x, y, z)
        elif x is not None and y is not None:
            spacing_from = f"none: {spacing_from} tells the edges of a pixel ({x:.4g} m and {y:.4g} m), not the distance of the slices"
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from=spacing_from,
        kind="picture" if array.ndim == 2 else "volume",
        format=description.format,
        remarks=(*remarks, *description.remarks),
        periodic=description.periodic,
    )


def _pages(file: Any) -> tuple[list[Any], list[str]]:
    """The pages that are the image: without thumbnails and masks, all alike."""
    found: list[Any] = []
    seen = set()
    while True:
        try:
            page = file.pages[len(found)]
        except IndexError:
            break
        if page.offset in seen:
            raise damaged("its pages point at each other in a circle")
        seen.add(page.offset)
        found.append(page)
    if not found:
        raise damaged("it has no page")
    images = [page for page in found if not page.is_reduced and not page.is_mask] or found[:1]
    first = images[0]
    for page in images[1:]:
        if _nature(page) != _nature(first):
            reason = "Its pages differ in size or type, so they are no stack."
            shown = f"page 1: {_shown(first)}; page {found.index(page) + 1}: {_shown(page)}"
            raise unreadable(shown, "pages that are alike", reason, "Export the stack alone.")
    left_out = len(found) - len(images)
    return images, [f"{left_out} reduced or masking page(s) were left out."] if left_out else []


def _nature(page: Any) -> tuple[Any, ...]:
    return page.imagelength, page.imagewidth, page.samplesperpixel, page.dtype, page.bitspersample, page.imagedepth


def _shown(page: Any) -> str:
    return f"{page.imagewidth} x {page.imagelength}, {page.dtype}"


def _type_of(page: Any) -> np.dtype[Any]:
    bits, dtype = page.bitspersample, page.dtype
    whole = isinstance(bits, int) and dtype is not None and (bits == 1 or bits == 8 * dtype.itemsize)
    if not whole:
        raise unreadable(
            f"{bits} bits for a value",
            "1, 8, 16, 32 or 64 bits",
            "Such values cannot be read.",
            "Export it with 8 or 16 bits.",
        )
    return np.dtype(bool) if bits == 1 else np.dtype(dtype)


def _number_of_planes(page: Any, pages: int, description: Description) -> int:
    if page.imagedepth != 1:
        reason = "Pages that are volumes themselves cannot be read."
        raise unreadable(f"pages {page.imagedepth} deep", "pages 1 deep", reason, "Export one page for each slice.")
    declared = description.planes
    if declared is None or declared == pages:
        return pages
    if pages == 1:
        return declared  # ImageJ writes one header for a stack beyond 4 GB; the slices follow each other
    if description.format == "OME-TIFF" and declared > pages:
        reason = "Some of its planes lie in other files."
        raise unreadable(f"{pages} of {declared} planes", "all planes in one file", reason, "Export it as one file.")
    return pages


def _mapped(source: Source, file: Any, pages: list[Any], shape: tuple[int, ...]) -> AnyArray | None:
    """The planes as a view of the file; None where they are compressed, tiled or irregular."""
    first = pages[0]
    if first.bitspersample == 1 or any(not _is_plain(page) for page in pages):
        return None
    dtype = _type_of(first).newbyteorder(file.byteorder)
    plane = bytes_of(shape[1:], dtype)
    offsets = [int(page.dataoffsets[0]) for page in pages]
    steps = {after - before for before, after in itertools.pairwise(offsets)}
    step = steps.pop() if len(steps) == 1 else plane
    if steps or step < plane:
        return None
    needed = step * (shape[0] - 1) + plane
    if offsets[0] + needed > source.size:
        raise truncated(max(0, source.size - offsets[0]), needed)
    if step == plane:
        return np.memmap(source.path, dtype, "r", offsets[0], shape)
    strides = (step, shape[2] * shape[3] * dtype.itemsize, shape[3] * dtype.itemsize, dtype.itemsize)
    whole = np.memmap(source.path, np.uint8, "r")
    return np.ndarray(shape, dtype, whole, offsets[0], strides)


def _is_plain(page: Any) -> bool:
    """Whether the values of a page lie in the file one after another."""
    if page.compression != _NONE or page.is_tiled or page.fillorder != 1 or not page.dataoffsets:
        return False
    if page.samplesperpixel > 1 and page.planarconfig == _TILED_BY_SAMPLE:
        return False
    strip = int(page.rowsperstrip) * int(page.imagewidth) * int(page.samplesperpixel) * (int(page.bitspersample) // 8)
    start = page.dataoffsets[0]
    return all(offset == start + k * strip for k, offset in enumerate(page.dataoffsets))


def _loaded(source: Source, file: Any, pages: list[Any], shape: tuple[int, ...]) -> AnyArray:
    """The planes in memory."""
    if shape[0] != len(pages):
        raise unreadable(
            f"{len(pages)} page for {shape[0]} planes",
            "a page for each plane",
            "Compressed planes need their own page.",
            "Export it again.",
        )
    dtype = _type_of(pages[0])
    packed = 0
    for page in pages:
        counts, offsets = page.databytecounts, page.dataoffsets
        if any(
            start < 0 or size < 0 or start + size > source.size for start, size in zip(offsets, counts, strict=False)
        ):
            raise truncated(source.size, max(start + size for start, size in zip(offsets, counts, strict=False)))
        packed += sum(counts)
    if packed > source.size:
        raise damaged("its strips lie on top of each other")
    codec = int(pages[0].compression)
    most = {_NONE: 1, _DEFLATE: 1040, _OLD_DEFLATE: 1040}.get(codec, _MOST_PER_BYTE.get(codec, _MOST_PER_BYTE_OTHERS))
    # A byte of one-bit values becomes eight bytes.
    allow_packed(source, bytes_of(shape, dtype), packed, most * (8 if pages[0].bitspersample == 1 else 1))
    for page in pages:
        if page.is_tiled:
            allow(source, 2 * bytes_of((page.tilelength, page.tilewidth, page.samplesperpixel), dtype))
    array = np.empty(shape, dtype)
    picture = None
    try:
        with source.path.open("rb") as stream:
            for k, page in enumerate(pages):
                if page.compression in {_NONE, _DEFLATE, _OLD_DEFLATE, _LZMA}:
                    _decode(page, stream, file.byteorder, array[k])
                    continue
                if picture is None:
                    picture = _opened_by_pillow(source)
                _decode_by_pillow(picture, page, array[k])
    finally:
        if picture is not None:
            picture.close()
    return array


def _decode(page: Any, stream: IO[bytes], byteorder: Literal["<", ">"], plane: AnyArray) -> None:
    """Unpack the strips or tiles of a page into `plane` (rows, columns, samples)."""
    rows, columns, samples = plane.shape
    if page.is_tiled:
        tall, wide = int(page.tilelength), int(page.tilewidth)
    else:
        tall, wide = min(int(page.rowsperstrip), rows), columns
    if tall < 1 or wide < 1:
        raise damaged("its strips or tiles have no size")
    apart = samples > 1 and page.planarconfig == _TILED_BY_SAMPLE
    together = 1 if apart else samples
    corners = [
        (sample, top, left)
        for sample in range(samples if apart else 1)
        for top in range(0, rows, tall)
        for left in range(0, columns, wide)
    ]
    if len(corners) != len(page.dataoffsets) or len(corners) != len(page.databytecounts):
        raise damaged("the number of its strips or tiles does not fit its size")
    for (sample, top, left), offset, count in zip(corners, page.dataoffsets, page.databytecounts, strict=True):
        high = tall if page.is_tiled else min(tall, rows - top)
        row_bytes = math.ceil(wide * together * int(page.bitspersample) / 8)
        stream.seek(offset)
        unpacked = _unpack(stream.read(count), int(page.compression), high * row_bytes)
        values = _values(page, np.frombuffer(unpacked, np.uint8).reshape(high, row_bytes), wide, together, byteorder)
        target = plane[top : top + high, left : left + wide, sample if apart else slice(None)]
        cut = values[: target.shape[0], : target.shape[1]]
        target[...] = cut[..., 0] if apart else cut


def _unpack(packed: bytes, compression: int, size: int) -> bytes:
    if compression in {_DEFLATE, _OLD_DEFLATE}:
        unpacked = zlib.decompressobj().decompress(packed, size)
    elif compression == _LZMA:
        unpacked = lzma.LZMADecompressor().decompress(packed, size)
    else:
        unpacked = packed[:size]
    if len(unpacked) < size:
        raise truncated(len(unpacked), size)
    return unpacked


def _values(page: Any, raw: AnyArray, wide: int, samples: int, byteorder: Literal["<", ">"]) -> AnyArray:
    """Bytes of a strip or tile (rows, bytes) as values (rows, columns, samples)."""
    if page.fillorder != 1:
        raw = _BITS_REVERSED[raw]
    if page.bitspersample == 1:
        return np.unpackbits(raw, axis=1)[:, : wide * samples].reshape(len(raw), wide, samples).view(bool)
    dtype = _type_of(page)
    predictor = int(page.predictor) if page.compression != _NONE else 1
    if predictor == 3:  # differences of the bytes of floats, highest bytes first
        summed = np.cumsum(raw.reshape(len(raw), -1, samples), axis=1, dtype=np.uint8)
        by_value = summed.reshape(len(raw), dtype.itemsize, wide * samples).transpose(0, 2, 1)
        return np.ascontiguousarray(by_value).view(dtype.newbyteorder(">")).reshape(len(raw), wide, samples)
    values = raw.view(dtype.newbyteorder(byteorder)).reshape(len(raw), wide, samples)
    if predictor == 2:  # differences along the row
        whole = np.dtype(f"u{dtype.itemsize}")
        steps = values.astype(dtype).view(whole)
        return np.cumsum(steps, axis=1, dtype=whole).view(dtype)
    if predictor != 1:
        raise unreadable(f"predictor {predictor}", "1, 2 or 3", "It cannot be undone.", "Export it uncompressed.")
    return values


def _opened_by_pillow(source: Source) -> Any:
    from PIL import Image

    return Image.open(source.path, formats=("TIFF",))


def _decode_by_pillow(picture: Any, page: Any, plane: AnyArray) -> None:
    """A page that is packed in another way (LZW, JPEG, PackBits, CCITT), by Pillow's copy of libtiff."""
    picture.seek(page.index)
    values = np.asarray(picture) if picture.mode in {"1", "L", "P", "I;16", "I;16B", "I", "F", "RGB", "RGBA"} else None
    if values is not None and values.dtype == np.bool_:
        values = values.view(np.uint8) != 0  # Pillow keeps a true one as 255
    if values is not None and values.ndim == 2:
        values = values[..., None]
    if values is None or values.shape != plane.shape or values.dtype.newbyteorder("=") != plane.dtype:
        codec = str(getattr(page.compression, "name", page.compression))
        reason = "This compression with this type of values cannot be read."
        raise unreadable(f"{codec}, {page.dtype}", "no compression, or deflate", reason, "Save it uncompressed.")
    if page.photometric == _WHITE_IS_ZERO and picture.mode in {"1", "L"}:
        values = ~values  # Pillow shows such a page as it is meant to be seen; the values are wanted as stored
    plane[...] = values


def _ones(source: Source, array: AnyArray) -> AnyArray:
    """0 and 255 as 0 and 1."""
    allow(source, array.size)
    return np.minimum(array, 1)


def write_tiff(image: VoxelImage, path: Path, *, classic_most: int = _CLASSIC_MOST) -> None:
    """Write pages (z, y, x) with ImageJ's description of the spacing; truths as 0 and 255.

    An image that a classic TIFF cannot hold is written as OME-TIFF in a BigTIFF.
    """
    import tifffile

    nx, ny, nz = image.shape
    dtype = np.dtype(np.uint8 if image.is_binary else np.float32)
    unit, scale = ("nm", 1e9) if max(image.spacing) < 1e-6 else ("micron", 1e6)
    x, y, z = (_scaled(edge, scale) for edge in image.spacing)
    periodic = "".join("yes " if axis else "no " for axis in image.periodic).strip()
    common: dict[str, Any] = {
        "data": _planes(image),
        "shape": (nz, ny, nx),
        "dtype": dtype,
        "photometric": "minisblack",
    }
    if nx * ny * nz * dtype.itemsize <= classic_most:
        metadata: dict[str, Any] = {"axes": "ZYX", "unit": unit, "spacing": f"{z!r}", "poreline_periodic": periodic}
        metadata |= {"poreline_values": "truth"} if image.is_binary else {"min": 0.0, "max": 1.0}
        with tifffile.TiffWriter(path, imagej=True, byteorder="<") as writer:
            writer.write(**common, resolution=(1.0 / x, 1.0 / y), metadata=metadata)
        return
    ome: dict[str, Any] = {f"PhysicalSize{axis}": edge for axis, edge in zip("XYZ", (x, y, z), strict=True)}
    ome |= {f"PhysicalSize{axis}Unit": "nm" if unit == "nm" else "µm" for axis in "XYZ"}
    note = f"poreline_periodic={periodic}" + (" poreline_values=truth" if image.is_binary else "")
    with tifffile.TiffWriter(path, ome=True, bigtiff=True, byteorder="<") as writer:
        writer.write(**common, metadata={"axes": "ZYX", "Description": note, **ome})


def _scaled(edge: float, scale: float) -> float:
    """An edge in m in another unit, without the rounding of the product: 1e-8 in nm is 10."""
    return float(f"{edge * scale:.15g}")


def _planes(image: VoxelImage) -> Iterator[AnyArray]:
    for k in range(image.shape[2]):
        plane = image.void[:, :, k].T
        yield np.where(plane, np.uint8(255), np.uint8(0)) if image.is_binary else np.ascontiguousarray(plane)
