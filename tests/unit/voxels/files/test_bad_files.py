"""Whatever is wrong with a file is one clear fault, and no header makes the reader take memory."""

import gzip
import io
import os
import struct
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.files import hdf5, read_array, write_image

ENOUGH = 10**10
"""Bytes allowed where a test asks for the fault of a header and not for that of the memory."""


def the_fault(path: Path, **options: object) -> str:
    """The one fault of a file, as text; memory taken for it stays small and the answer comes soon."""
    tracemalloc.start()
    began = time.monotonic()
    try:
        with pytest.raises(InvalidInput) as caught:
            read_array(path, **options)  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50e6, "memory was taken for a file that is refused"
    assert time.monotonic() - began < 60.0
    (fault,) = caught.value.faults
    assert fault.field.endswith("FILE") or ":" in fault.field
    assert fault.reason
    assert fault.remedy
    return str(fault)


# Not a file


def test_a_missing_file_a_folder_and_an_empty_file_are_named(tmp_path: Path) -> None:
    assert "There is no such file" in the_fault(tmp_path / "none.tif")
    (tmp_path / "folder.tif").mkdir()
    assert "It is a folder" in the_fault(tmp_path / "folder.tif")
    (tmp_path / "empty.tif").touch()
    assert "The file is empty" in the_fault(tmp_path / "empty.tif")
    (tmp_path / "file").write_text("x")
    assert "There is no such file" in the_fault(tmp_path / "file" / "below.tif")
    assert "cannot be looked at" in the_fault(Path("a\0b.tif"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_and_a_device_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tif")
    assert "a pipe or a device" in the_fault(tmp_path / "pipe.tif")
    assert "a pipe or a device" in the_fault(Path("/dev/zero"))


def test_a_file_without_permission_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.npy"
    np.save(path, np.zeros((2, 2)))

    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuses)  # an administrator may open everything
    assert "Permission denied" in the_fault(path)


@pytest.mark.parametrize(
    "name", ["text.tif", "text.nrrd", "text.npy", "text.npz", "text.vti", "text.png", "text.csv", "text.h5"]
)
def test_a_text_is_no_image_whatever_its_name(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("x, y, z\n1, 2, 3\n" * 20)
    assert the_fault(tmp_path / name)


def test_contents_of_another_format_tell_the_right_name(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(stream, "PNG")
    (tmp_path / "picture.tif").write_bytes(stream.getvalue())
    assert "Rename it to .png" in the_fault(tmp_path / "picture.tif")
    (tmp_path / "old.nc").write_bytes(b"CDF\x01" + bytes(60))
    assert "nccopy" in the_fault(tmp_path / "old.nc")


# Not an image


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros(5), "neither a picture nor a stack"),
        (np.zeros((2, 2, 2, 2)), "neither a picture nor a stack"),
        (np.float64(1.0), "neither a picture nor a stack"),
        (np.zeros((0, 4, 4)), "The image is empty"),
        (np.zeros((2, 2), np.complex64), "Such values are no image"),
        (np.array([["a", "b"]]), "Such values are no image"),
        (np.zeros((2, 2), [("a", "u1"), ("b", "f4")]), "Such values are no image"),
        (np.zeros((2, 2), "M8[s]"), "Such values are no image"),
        (np.zeros((2, 2), np.longdouble), "Such values are no image"),
    ],
)
@pytest.mark.parametrize("extension", ["npy", "npz"])
def test_arrays_that_are_no_image_are_refused(array: np.ndarray, reason: str, extension: str, tmp_path: Path) -> None:
    path = tmp_path / f"array.{extension}"
    if extension == "npy":
        np.save(path, array)
    else:
        np.savez(path, void=array)
    assert reason in the_fault(path)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.save(tmp_path / "objects.npy", np.array([[Trap()]], object), allow_pickle=True)
    assert "values of type object" in the_fault(tmp_path / "objects.npy")
    assert not (tmp_path / "sprung").exists()


def test_axes_of_length_one_are_dropped_from_more_than_three(tmp_path: Path) -> None:
    np.save(tmp_path / "five.npy", np.zeros((1, 4, 3, 2, 1), np.uint8))
    assert read_array(tmp_path / "five.npy").array.shape == (4, 3, 2)


def test_truths_that_are_neither_true_nor_false_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "truths.npy", np.full((3, 3, 3), 2, np.uint8).view(bool))
    assert "neither" in the_fault(tmp_path / "truths.npy")


def test_channels_and_films_of_stacks_are_refused(tmp_path: Path) -> None:
    for axes, shape, reason in (("CYX", (2, 5, 6), "2 channels"), ("TZYX", (3, 4, 5, 6), "4 slices at 3 times")):
        path = tmp_path / f"{axes}.tif"
        tifffile.imwrite(path, np.zeros(shape, np.uint8), imagej=True, metadata={"axes": axes})
        assert reason in the_fault(path)
        tifffile.imwrite(path, np.zeros(shape, np.uint8), ome=True, photometric="minisblack", metadata={"axes": axes})
        assert reason in the_fault(path)


def test_pages_of_different_sizes_are_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "pages.tif") as writer:
        writer.write(np.zeros((5, 6), np.uint8), metadata=None)
        writer.write(np.zeros((7, 6), np.uint8), metadata=None)
    assert "page 2: 6 x 7" in the_fault(tmp_path / "pages.tif")


# Truncated


def valid_files(tmp_path: Path) -> dict[str, Path]:
    rng = np.random.default_rng(2)
    image = VoxelImage(void=rng.random((9, 8, 7), dtype=np.float32), spacing=(1e-8,) * 3)
    paths = {}
    for extension in ("tif", "nrrd", "npy", "npz", "raw", "vti", "nc"):
        paths[extension] = tmp_path / f"image.{extension}"
        write_image(image, paths[extension])
    for extension in ("png", "jpg", "bmp"):
        paths[extension] = tmp_path / f"image.{extension}"
        Image.fromarray(rng.integers(0, 256, (40, 50)).astype(np.uint8)).save(paths[extension])
    return paths


@pytest.mark.parametrize("extension", ["tif", "nrrd", "npy", "npz", "raw", "vti", "nc", "png", "jpg", "bmp"])
def test_a_truncated_file_is_refused(extension: str, tmp_path: Path) -> None:
    path = valid_files(tmp_path)[extension]
    whole = path.read_bytes()
    for share in (0.2, 0.6, 0.9) if extension != "nc" else (0.6,):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert the_fault(path)


# More declared than there is


def test_an_image_beyond_the_memory_allowed_says_how_much_is_needed(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "image.npz", void=np.zeros((100, 100, 100), np.float32))
    fault = the_fault(tmp_path / "image.npz", largest_bytes=10**6)
    assert "4 MB needed" in fault
    assert "1 MB available" in fault


@pytest.mark.parametrize("allowed", [10**6, 10**15])
def test_npz_with_a_huge_shape_is_refused_before_it_is_unpacked(allowed: int, tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "|u1", "fortran_order": False, "shape": (10_000, 10_000, 10_000)}
    )
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("void.npy", header.getvalue() + bytes(10**6))
    assert the_fault(tmp_path / "bomb.npz", largest_bytes=allowed)


def test_npz_with_packed_bits_of_a_huge_shape_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bomb.npz", bits=np.zeros(10, np.uint8), shape=np.array([10**6] * 3))
    assert "do not fit" in the_fault(tmp_path / "bomb.npz")


def test_npy_with_a_huge_shape_or_header_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (2**40, 2**40, 2**40)}
    )
    (tmp_path / "bomb.npy").write_bytes(header.getvalue())
    assert "It ends before the image" in the_fault(tmp_path / "bomb.npy")
    (tmp_path / "bomb.npy").write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + bytes(1000))
    assert "header is longer" in the_fault(tmp_path / "bomb.npy")
    nested = b"(" * 9000
    (tmp_path / "bomb.npy").write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(nested)) + nested)
    assert the_fault(tmp_path / "bomb.npy")


def test_a_gzip_nrrd_is_unpacked_no_further_than_its_declared_size(tmp_path: Path) -> None:
    head = "NRRD0004\ntype: uint8\ndimension: 3\nsizes: {} {} {}\nencoding: gzip\n\n"
    data = gzip.compress(bytes(50_000_000), 9)
    (tmp_path / "bomb.nrrd").write_bytes(head.format(10, 10, 10).encode() + data)
    tracemalloc.start()
    found = read_array(tmp_path / "bomb.nrrd")
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()
    assert found.array.shape == (10, 10, 10)
    (tmp_path / "bomb.nrrd").write_bytes(head.format(10**4, 10**4, 10**4).encode() + data[:10_000])
    assert "So few compressed bytes" in the_fault(tmp_path / "bomb.nrrd", largest_bytes=10**15)
    assert "1,000 GB needed" in the_fault(tmp_path / "bomb.nrrd", largest_bytes=10**9)


def png_of(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    ends = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + ends[0] + chunk(b"IDAT", zlib.compress(bytes(1000))) + ends[1]


@pytest.mark.parametrize(("width", "height"), [(2**31 - 1, 2**31 - 1), (60_000, 60_000), (10_000, 10_000)])
def test_a_png_of_giant_declared_size_is_refused(width: int, height: int, tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_of(width, height))
    assert the_fault(tmp_path / "bomb.png", largest_bytes=ENOUGH)


@pytest.mark.parametrize("compression", [None, "zlib", "lzma"])
def test_a_tiff_of_huge_width_is_refused(compression: str | None, tmp_path: Path) -> None:
    path = tmp_path / "bomb.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint8), compression=compression)
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[0].tags["ImageWidth"].overwrite(2**31 - 1)
    assert the_fault(path, largest_bytes=10**15)


def test_a_strip_that_unpacks_to_more_than_its_size_is_cut(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(50_000_000), 9)
    entries = [
        (256, 4, 8),
        (257, 4, 8),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, 8),
        (278, 4, 8),
        (279, 4, len(packed)),
    ]
    body = packed + b"\0" * (len(packed) % 2)
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries
    )
    (tmp_path / "bomb.tif").write_bytes(b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory + bytes(4))
    tracemalloc.start()
    assert read_array(tmp_path / "bomb.tif").array.shape == (8, 8)
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_pages_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    path = tmp_path / "circle.tif"
    with tifffile.TiffWriter(path) as writer:
        for _ in range(3):
            writer.write(np.zeros((4, 4), np.uint8), metadata=None, contiguous=False)
    with tifffile.TiffFile(path) as file:
        first, last = file.pages[0].offset, file.pages[-1]
        end = last.offset + 2 + 12 * len(last.tags)
    raw = bytearray(path.read_bytes())
    raw[end : end + 4] = struct.pack("<I", first)
    path.write_bytes(raw)
    assert "in a circle" in the_fault(path)


def test_a_vti_that_declares_entities_is_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 10}">' for k in range(1, 10))
    text = (
        f'<?xml version="1.0"?><!DOCTYPE VTKFile [<!ENTITY a0 "ha">{laughs}]><VTKFile type="ImageData">&a9;</VTKFile>'
    )
    (tmp_path / "laughs.vti").write_text(text)
    assert "document type" in the_fault(tmp_path / "laughs.vti")


def test_a_vti_of_huge_extent_or_depth_is_refused(tmp_path: Path) -> None:
    extent = "0 100000 0 100000 0 100000"
    for form in ("ascii", "binary"):
        for packing in ("", 'compressor="vtkZLibDataCompressor"'):
            text = (
                f'<VTKFile type="ImageData" byte_order="LittleEndian" {packing}><ImageData WholeExtent="{extent}"><Piece Extent="{extent}">'
                f'<CellData><DataArray type="UInt8" Name="a" format="{form}">AAAA</DataArray></CellData></Piece></ImageData></VTKFile>'
            )
            (tmp_path / "huge.vti").write_text(text)
            assert the_fault(tmp_path / "huge.vti", largest_bytes=10**18)
    (tmp_path / "deep.vti").write_text("<VTKFile>" + "<a>" * 100_000)
    assert "nested" in the_fault(tmp_path / "deep.vti")


def test_a_detached_header_reads_no_file_elsewhere(tmp_path: Path) -> None:
    for name in ("/etc/passwd", "../secret.raw", "LIST", "slice%03d.raw 1 9 1"):
        head = f"NRRD0004\ntype: uint8\ndimension: 2\nsizes: 2 2\nencoding: raw\ndata file: {name}\n\n"
        (tmp_path / "head.nhdr").write_text(head)
        assert "must lie beside the header" in the_fault(tmp_path / "head.nhdr")


# HDF5


def test_datasets_that_hold_no_values_of_their_own_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "elsewhere.h5", "w") as file:
        file["void"] = np.ones((3, 3, 3), np.uint8)
    with h5py.File(tmp_path / "never.h5", "w") as file:
        file.create_dataset("void", (10**4, 10**4, 10**4), np.uint8, chunks=(100, 100, 100))
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["void"] = h5py.ExternalLink("elsewhere.h5", "void")
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((3, 3, 3), np.uint8)
        layout[...] = h5py.VirtualSource("elsewhere.h5", "void", (3, 3, 3))
        file.create_virtual_dataset("void", layout)
    with h5py.File(tmp_path / "external.h5", "w") as file:
        file.create_dataset("void", (3, 3, 3), np.uint8, external=[("/etc/hostname", 0, 27)])
    assert "Nothing was ever written" in the_fault(tmp_path / "never.h5")
    assert "no image" in the_fault(tmp_path / "link.h5")
    assert "other files" in the_fault(tmp_path / "virtual.h5")
    assert "other files" in the_fault(tmp_path / "external.h5")


def test_several_stacks_ask_for_a_name_and_a_wrong_name_lists_them(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "two.h5", "w") as file:
        file["first"] = np.ones((3, 3, 3), np.uint8)
        file["second"] = np.ones((3, 3, 3), np.uint8)
    assert "first, second" in the_fault(tmp_path / "two.h5")
    assert "first, second" in the_fault(tmp_path / "two.h5", dataset="third")


@pytest.mark.parametrize(
    ("code", "reason"),
    [("import time; time.sleep(600)", "not come to an end"), ("import os; os.abort()", "breaks down")],
)
def test_a_library_that_hangs_or_breaks_down_is_a_fault(
    code: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with h5py.File(tmp_path / "sound.h5", "w") as file:
        file["void"] = np.ones((3, 3, 3), np.uint8)
    monkeypatch.setattr(hdf5, "_LOOK", code)
    monkeypatch.setattr(hdf5, "LONGEST_LOOK", 30.0 if "abort" in code else 0.5)
    assert reason in the_fault(tmp_path / "sound.h5")


# Sidecars


def test_every_fault_of_a_sidecar_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "scan.raw").write_bytes(bytes(24))
    told = 'shap = [1]\nshape = [4, 3]\ndtype = "uint12"\nbyte_order = "middle"\norder = "y"\nspacing = ["10 K", -1, 2]\noffset = -1\nperiodic = [1]\n'
    (tmp_path / "scan.raw.toml").write_text(told)
    with pytest.raises(InvalidInput) as caught:
        read_array(tmp_path / "scan.raw")
    fields = [fault.field.removeprefix("scan.raw.toml: ") for fault in caught.value.faults]
    assert fields == ["shap", "dtype", "byte_order", "order", "offset", "spacing", "spacing", "periodic"]
    assert "Did you mean shape?" in str(caught.value)


def test_a_sidecar_that_is_missing_or_does_not_fit_is_told(tmp_path: Path) -> None:
    (tmp_path / "scan.raw").write_bytes(bytes(24))
    assert "scan.raw.toml beside it" in the_fault(tmp_path / "scan.raw")
    for text, reason in (
        ("shape = [", "cannot be read"),
        ('shape = [4, 3, 3]\ndtype = "uint8"', "do not give the size"),
    ):
        (tmp_path / "scan.raw.toml").write_text(text)
        assert reason in the_fault(tmp_path / "scan.raw")


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RecursionError("deep"), struct.error("short"), Image.DecompressionBombError("bomb"), KeyError()],
)
def test_whatever_a_reader_raises_is_a_fault(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object, **__: object) -> None:
        raise error

    read: Callable[..., object] = raises
    monkeypatch.setattr(np, "memmap", read)
    np.save(tmp_path / "image.npy", np.zeros((2, 2)))
    assert the_fault(tmp_path / "image.npy")
