"""Any bytes under any name are an image or one clear refusal."""

import bz2
import gzip
import io
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.files import ImageFile, needs_segmentation, read_array, write_image

EXTENSIONS = ("tif", "nrrd", "npy", "npz", "raw", "vti", "png", "jpg", "bmp")
STARTS = {"tif": b"II*\0\x08\0\0\0", "nrrd": b"NRRD0004\n", "npy": b"\x93NUMPY\x01\0", "npz": b"PK\x03\x04", "h5": b"\x89HDF\r\n\x1a\n",
          "vti": b"<VTKFile", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "bmp": b"BM", "raw": b""}  # fmt: skip
ALLOWED = 10**8


def check_image_or_refusal(folder: Path, extension: str, content: bytes, sidecar: bytes | None = None) -> None:
    """Read the bytes; only an image or InvalidInput may come of them."""
    path = folder / f"fuzzed.{extension}"
    path.unlink(missing_ok=True)  # a mapped file must not change under an array
    path.write_bytes(content)
    if extension == "raw":
        (folder / "fuzzed.raw.toml").write_bytes(sidecar if sidecar is not None else SIDECAR)
    try:
        found = read_array(path, largest_bytes=ALLOWED)
    except InvalidInput:
        return
    assert isinstance(found, ImageFile)
    assert found.array.ndim == (2 if found.kind == "picture" else 3)
    assert found.array.dtype.kind in "buif"
    needs_segmentation(found.array)  # every value can be reached


SIDECAR = b'shape = [5, 4, 3]\ndtype = "float32"\nspacing = "10 nm"\n'


@cache
def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Valid files of every format and packing."""
    rng = np.random.default_rng(13)
    found: list[tuple[str, bytes]] = []
    for void in (rng.random((5, 4, 3), dtype=np.float32), rng.random((5, 4, 3)) < 0.5):
        image = VoxelImage(void=void, spacing=(1e-8,) * 3, phase=rng.integers(0, 4, (5, 4, 3)).astype(np.uint8))
        for extension in ("tif", "nrrd", "npy", "npz", "raw", "vti"):
            write_image(image, folder / f"seed.{extension}")
            found.append((extension, (folder / f"seed.{extension}").read_bytes()))
    grey = rng.integers(0, 256, (3, 20, 24)).astype(np.uint8)
    for options in (
        {"compression": "zlib", "predictor": True},
        {"tile": (16, 16)},
        {"ome": True},
        {"compression": "lzma"},
    ):
        stream = io.BytesIO()
        tifffile.imwrite(stream, grey, photometric="minisblack", **options)  # type: ignore[arg-type]
        found.append(("tif", stream.getvalue()))
    for name, extension in (("PNG", "png"), ("JPEG", "jpg"), ("BMP", "bmp")):
        for picture in (grey[0], np.stack([grey[0], grey[1], grey[2]], -1)):
            stream = io.BytesIO()
            Image.fromarray(picture).save(stream, name)
            found.append((extension, stream.getvalue()))
    for encoding, packed in (("gzip", gzip.compress(grey.tobytes())), ("bzip2", bz2.compress(grey.tobytes()))):
        head = f"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 24 20 3\nspacings: 1 1 2\nencoding: {encoding}\n\n"
        found.append(("nrrd", head.encode() + packed))
    text = " ".join(str(value) for value in grey.ravel())
    found.append(("vti", (
        '<VTKFile type="ImageData" byte_order="LittleEndian"><ImageData WholeExtent="0 24 0 20 0 3" Spacing="1 1 1">'
        f'<Piece Extent="0 24 0 20 0 3"><CellData><DataArray type="UInt8" Name="a" format="ascii">{text}</DataArray></CellData>'
        "</Piece></ImageData></VTKFile>").encode()))  # fmt: skip
    return found


edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "cut", "insert", "end"]),
        st.floats(0, 1),
        st.one_of(
            st.binary(min_size=1, max_size=6),
            st.sampled_from([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"99999999", b"-1"]),
        ),
    ),
    min_size=1,
    max_size=5,
)


def edited(content: bytes, changes: list[tuple[str, float, bytes]]) -> bytes:
    """The content with bytes overwritten, cut out, put in, or its end cut off."""
    for kind, place, piece in changes:
        at = int(place * len(content))
        if kind == "set":
            content = content[:at] + piece + content[at + len(piece) :]
        elif kind == "cut":
            content = content[:at] + content[at + len(piece) :]
        elif kind == "insert":
            content = content[:at] + piece + content[at:]
        else:
            content = content[: max(1, at)]
    return content


few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
many = settings(few, max_examples=1500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@few
@given(extension=st.sampled_from(EXTENSIONS), is_marked=st.booleans(), content=st.binary(max_size=400))
def test_random_bytes_are_an_image_or_a_refusal(folder: Path, extension: str, is_marked: bool, content: bytes) -> None:
    check_image_or_refusal(folder, extension, (STARTS[extension] if is_marked else b"") + content)


@few
@given(data=st.data(), changes=edits)
def test_changed_files_are_an_image_or_a_refusal(
    folder: Path, data: st.DataObject, changes: list[tuple[str, float, bytes]]
) -> None:
    extension, content = data.draw(st.sampled_from(seeds(folder)))
    check_image_or_refusal(folder, extension, edited(content, changes))


@few
@given(changes=edits)
def test_changed_sidecars_are_an_image_or_a_refusal(folder: Path, changes: list[tuple[str, float, bytes]]) -> None:
    check_image_or_refusal(folder, "raw", bytes(240), edited(SIDECAR, changes))


@settings(few, max_examples=2)
@given(content=st.binary(max_size=3000))
def test_random_bytes_are_no_hdf5(folder: Path, content: bytes) -> None:
    check_image_or_refusal(folder, "h5", STARTS["h5"] + content)


@pytest.mark.slow
@many
@given(extension=st.sampled_from(EXTENSIONS), is_marked=st.booleans(), content=st.binary(max_size=2000))
def test_many_random_bytes_are_an_image_or_a_refusal(
    folder: Path, extension: str, is_marked: bool, content: bytes
) -> None:
    check_image_or_refusal(folder, extension, (STARTS[extension] if is_marked else b"") + content)


@pytest.mark.slow
@many
@given(data=st.data(), changes=edits)
def test_many_changed_files_are_an_image_or_a_refusal(
    folder: Path, data: st.DataObject, changes: list[tuple[str, float, bytes]]
) -> None:
    extension, content = data.draw(st.sampled_from(seeds(folder)))
    check_image_or_refusal(folder, extension, edited(content, changes))


@pytest.mark.slow
@settings(few, max_examples=40)
@given(changes=edits)
def test_changed_hdf5_files_are_an_image_or_a_refusal(folder: Path, changes: list[tuple[str, float, bytes]]) -> None:
    image = VoxelImage(void=np.random.default_rng(14).random((5, 4, 3)) < 0.5, spacing=(1e-8,) * 3)
    write_image(image, folder / "seed.nc")
    check_image_or_refusal(folder, "nc", edited((folder / "seed.nc").read_bytes(), changes))
