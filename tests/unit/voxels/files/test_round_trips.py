"""What is written is read again: to the last bit, with its spacing, whatever the format."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

from poreline.quantities import InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.files import read_array, read_image, write_image
from poreline.voxels.files.tiff import write_tiff

FORMATS = ("tif", "nrrd", "npy", "npz", "raw", "nc", "h5", "vti")
SPACING = (1e-8, 1.3e-8, 2.7e-8)


def an_image(kind: str, shape: tuple[int, int, int] = (7, 5, 6)) -> VoxelImage:
    rng = np.random.default_rng(7)
    values = rng.random(shape, dtype=np.float32)
    return VoxelImage(
        void=values < 0.4 if kind == "truths" else values,
        spacing=SPACING,
        periodic=(True, False, True),
        pore_width=rng.random(shape, dtype=np.float32) * np.float32(1e-9),
        pore_normal=rng.random((3, *shape), dtype=np.float32),
        phase=rng.integers(0, 4, shape).astype(np.uint8),
    )


@pytest.mark.parametrize("kind", ["truths", "fractions"])
@pytest.mark.parametrize("extension", FORMATS)
def test_an_image_comes_back_to_the_last_bit(extension: str, kind: str, tmp_path: Path) -> None:
    image = an_image(kind)
    path = tmp_path / f"image.{extension}"
    write_image(image, path)
    again = read_image(path, spacing=SPACING if extension == "npy" else None)
    assert again.void.dtype == image.void.dtype
    assert np.array_equal(again.void.view(np.uint8), image.void.view(np.uint8))
    assert again.void.flags.c_contiguous
    # ImageJ's tags hold pixels per unit as a ratio of 32-bit numbers, read to nine digits.
    assert again.spacing == pytest.approx(SPACING, rel=1e-9, abs=0)
    assert again.periodic == ((False,) * 3 if extension == "npy" else image.periodic)


@pytest.mark.parametrize("extension", ["npz", "nc", "vti"])
def test_companions_come_back_in_the_formats_that_keep_them(extension: str, tmp_path: Path) -> None:
    image = an_image("fractions")
    path = tmp_path / f"image.{extension}"
    assert write_image(image, path) == ()
    again = read_image(path)
    for name in ("pore_width", "pore_normal", "phase"):
        written, read = getattr(image, name), getattr(again, name)
        assert read.dtype == written.dtype
        assert np.array_equal(read, written)


@pytest.mark.parametrize("extension", ["tif", "nrrd", "npy", "raw"])
def test_what_a_format_does_not_keep_is_said(extension: str, tmp_path: Path) -> None:
    remarks = write_image(an_image("fractions"), tmp_path / f"image.{extension}")
    for name in ("pore_width", "pore_normal", "phase"):
        assert any(name in remark for remark in remarks)


@pytest.mark.parametrize("extension", FORMATS)
def test_a_section_keeps_its_axes_and_its_depth(extension: str, tmp_path: Path) -> None:
    image = an_image("truths", (7, 5, 1))
    path = tmp_path / f"section.{extension}"
    write_image(image, path)
    again = read_image(path, spacing=SPACING if extension == "npy" else None)
    assert again.is_section
    assert np.array_equal(again.void, image.void)
    assert again.spacing == pytest.approx(SPACING, rel=1e-9, abs=0)


@pytest.mark.parametrize("all_void", [True, False])
@pytest.mark.parametrize("extension", ["tif", "nrrd", "raw", "nc", "vti"])
def test_an_image_of_one_phase_is_still_one_of_truths(extension: str, all_void: bool, tmp_path: Path) -> None:
    image = VoxelImage(void=np.full((3, 4, 5), all_void), spacing=SPACING)
    write_image(image, tmp_path / f"one.{extension}")
    again = read_image(tmp_path / f"one.{extension}")
    assert again.void.dtype == np.bool_
    assert again.void.all() == all_void


def test_an_image_that_is_not_contiguous_is_written_as_it_looks(tmp_path: Path) -> None:
    turned = an_image("fractions", (5, 6, 7)).void.transpose(2, 0, 1)[::-1]
    image = VoxelImage(void=turned, spacing=SPACING)
    for extension in FORMATS:
        write_image(image, tmp_path / f"turned.{extension}")
        again = read_image(tmp_path / f"turned.{extension}", spacing=SPACING)
        assert np.array_equal(again.void, turned), extension


@pytest.mark.parametrize("kind", ["truths", "fractions"])
def test_an_image_beyond_a_classic_tiff_becomes_an_ome_bigtiff(kind: str, tmp_path: Path) -> None:
    image = an_image(kind)
    path = tmp_path / "large.tif"
    write_tiff(image, path, classic_most=10)
    with tifffile.TiffFile(path) as file:
        assert file.is_bigtiff
        assert file.is_ome
    again = read_image(path)
    assert np.array_equal(again.void, image.void)
    assert again.void.dtype == image.void.dtype
    assert again.spacing == pytest.approx(SPACING, rel=1e-9, abs=0)
    assert again.periodic == image.periodic


@pytest.mark.parametrize("extension", ["tif", "nrrd", "npy", "raw", "vti"])
def test_uncompressed_fractions_are_mapped_and_not_loaded(extension: str, tmp_path: Path) -> None:
    image = an_image("fractions", (16, 16, 16))
    write_image(image, tmp_path / f"mapped.{extension}")
    # Mapped files may be larger than the memory allowed.
    found = read_array(tmp_path / f"mapped.{extension}", largest_bytes=10_000 if extension == "vti" else 1_000)
    assert isinstance(found.array, np.memmap)
    assert np.array_equal(found.array, image.void)


def test_a_mapped_file_beyond_the_memory_allowed_is_an_image_all_the_same(tmp_path: Path) -> None:
    image = an_image("fractions", (16, 16, 16))
    write_image(image, tmp_path / "large.tif")
    again = read_image(tmp_path / "large.tif", largest_bytes=1_000)
    assert isinstance(again.void, np.memmap)
    assert np.array_equal(again.void, image.void)


def test_other_programs_read_the_tiff(tmp_path: Path) -> None:
    image = an_image("truths")
    write_image(image, tmp_path / "image.tif")
    with tifffile.TiffFile(tmp_path / "image.tif") as file:
        stack = file.asarray()
        about = file.imagej_metadata
    assert np.array_equal(stack, np.where(image.void.transpose(2, 1, 0), 255, 0))
    assert about is not None
    assert about["unit"] == "nm"
    assert about["spacing"] == pytest.approx(27.0)


def test_xarray_reads_the_netcdf(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    image = an_image("truths")
    write_image(image, tmp_path / "image.nc")
    with xarray.open_dataset(tmp_path / "image.nc", engine="h5netcdf") as opened:
        void = opened["void"]
        assert void.dims == ("x", "y", "z")
        assert void.dtype == np.bool_
        assert np.array_equal(void.values, image.void)
        assert void.attrs["long_name"] == "1 where the voxel is void"
        assert float(opened["z"][0]) == pytest.approx(SPACING[2] / 2)
        assert opened["pore_width"].attrs["units"] == "m"


def test_pynrrd_reads_the_nrrd(tmp_path: Path) -> None:
    import nrrd

    image = an_image("fractions")
    write_image(image, tmp_path / "image.nrrd")
    data, header = nrrd.read(str(tmp_path / "image.nrrd"))
    assert np.array_equal(data, image.void)
    assert tuple(header["spacings"]) == SPACING
    assert header["units"] == ["m", "m", "m"]


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "image.npy"
    path.write_bytes(b"old")
    write_image(an_image("truths"), path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["image.npy"]
    assert read_array(path).array.shape == (7, 5, 6)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "image.npy"
    path.write_bytes(b"old")
    monkeypatch.setattr(np.lib.format, "write_array", fails)
    with pytest.raises(InvalidInput, match="No space left on device"):
        write_image(an_image("truths"), path)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["image.npy"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("image.gif", "The extension names the format"),
        ("image", "The extension names the format"),
        ("no/image.npy", "no such folder"),
    ],
)
def test_a_place_that_cannot_be_written_is_one_fault(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=reason) as caught:
        write_image(an_image("truths"), tmp_path / name)
    assert len(caught.value.faults) == 1


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "image.npy").mkdir()
    with pytest.raises(InvalidInput, match="It is a folder"):
        write_image(an_image("truths"), tmp_path / "image.npy")
