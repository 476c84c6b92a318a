"""Files written by hand or by other packages: which axis is which, and how large a voxel is."""

import base64
import gzip
import io
import lzma
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from poreline.voxels.files import ImageFile, read_array, read_image


def near(value: object, rel: float = 1e-8) -> object:
    """Equal to a relative tolerance alone: the usual absolute one is as large as these lengths."""
    return pytest.approx(value, rel=rel, abs=0)


NX, NY, NZ = 4, 3, 2


def xyz() -> np.ndarray:
    """Values that tell their place: 100 x + 10 y + z."""
    x, y, z = np.indices((NX, NY, NZ))
    return (100 * x + 10 * y + z).astype(np.uint16)


def is_xyz(found: ImageFile) -> bool:
    return found.array.dtype.isnative and np.array_equal(found.array, xyz())


# TIFF


def test_pages_of_an_imagej_stack_are_z(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    about = {"axes": "ZYX", "spacing": 0.05, "unit": "um"}
    tifffile.imwrite(path, xyz().T, imagej=True, resolution=(1 / 0.02, 1 / 0.03), metadata=about)
    found = read_array(path)
    assert is_xyz(found)
    assert found.kind == "volume"
    assert found.spacing == near((2e-8, 3e-8, 5e-8), rel=1e-8)
    assert "ImageJ" in found.spacing_from
    assert any("z" in remark and "pages" in remark for remark in found.remarks)


@pytest.mark.parametrize("unit", ["micron", "\\u00B5m", "um", "microns"])
def test_imagej_spells_the_micrometre_in_several_ways(unit: str, tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(
        path, xyz().T, imagej=True, resolution=(50, 50), metadata={"axes": "ZYX", "spacing": 0.02, "unit": unit}
    )
    assert read_array(path).spacing == near((2e-8,) * 3)


def test_an_imagej_stack_in_pixels_has_no_spacing(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, xyz().T, imagej=True, metadata={"axes": "ZYX", "spacing": 2.0, "unit": "pixel"})
    found = read_array(path)
    assert found.spacing is None
    assert "pixel" in found.spacing_from


def test_a_stack_without_the_distance_of_its_slices_has_no_spacing(tmp_path: Path) -> None:
    path = tmp_path / "stack.tif"
    tifffile.imwrite(path, xyz().T, imagej=True, resolution=(50, 50), metadata={"axes": "ZYX", "unit": "um"})
    found = read_array(path)
    assert found.spacing is None
    assert "not the distance of the slices" in found.spacing_from


def test_ome_tells_three_edges_with_their_units(tmp_path: Path) -> None:
    path = tmp_path / "stack.ome.tif"
    sizes = {
        "PhysicalSizeX": 20.0,
        "PhysicalSizeXUnit": "nm",
        "PhysicalSizeY": 0.03,
        "PhysicalSizeZ": 50.0,
        "PhysicalSizeZUnit": "nm",
    }
    tifffile.imwrite(path, xyz().T, ome=True, photometric="minisblack", metadata={"axes": "ZYX", **sizes})
    found = read_array(path)
    assert is_xyz(found)
    assert found.format == "OME-TIFF"
    assert found.spacing == near((2e-8, 3e-8, 5e-8))  # micrometres where the unit is left out


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize(
    "options", [{}, {"compression": "zlib"}, {"compression": "zlib", "predictor": True}, {"compression": "lzma"}]
)
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_every_packing_holds_the_same_values(
    byteorder: str, options: dict[str, object], tile: tuple[int, int] | None, dtype: type, tmp_path: Path
) -> None:
    if np.dtype(dtype).kind == "f" and "predictor" in options:
        options = {"compression": "zlib"}
    rng = np.random.default_rng(3)
    stack = (rng.random((3, 21, 37)) * 200 - (50 if dtype is np.int16 else 0)).astype(dtype)
    path = tmp_path / "stack.tif"
    tifffile.imwrite(
        path,
        stack,
        byteorder=byteorder,
        tile=tile,
        bigtiff=tile is None,
        rowsperstrip=None if tile else 8,
        photometric="minisblack",
        **options,
    )
    found = read_array(path)
    assert found.array.dtype == dtype
    assert np.array_equal(found.array, stack.transpose(2, 1, 0))


@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "tiff_adobe_deflate", "tiff_deflate"])
@pytest.mark.parametrize("mode", ["L", "1", "F", "I;16"])
def test_pages_that_libtiff_packed_are_read(compression: str, mode: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    values = rng.integers(0, 200, (23, 31))
    arrays = {
        "L": values.astype(np.uint8),
        "F": values.astype(np.float32) / 7,
        "I;16": (values * 300).astype(np.uint16),
    }
    array = arrays.get(mode, values > 100)
    pages = [Image.fromarray(page) for page in (array, array[::-1])]
    path = tmp_path / "stack.tif"
    pages[0].save(path, save_all=True, append_images=pages[1:], compression=compression)
    assert np.array_equal(read_array(path).array, np.stack([array, array[::-1]]).transpose(2, 1, 0))


def test_floats_with_the_floating_point_predictor_are_put_together_again(tmp_path: Path) -> None:
    rows = np.random.default_rng(5).random((6, 8)).astype(np.float32)
    # TIFF technical note 3: bytes of a row, highest of every value first, then differences of neighbouring bytes.
    shuffled = rows.astype(">f4").view(np.uint8).reshape(6, 8, 4).transpose(0, 2, 1).reshape(6, 32)
    differences = np.diff(shuffled, axis=1, prepend=np.zeros((6, 1), np.uint8)).astype(np.uint8)
    packed = zlib.compress(differences.tobytes())
    entries = [(256, 4, 8), (257, 4, 6), (258, 3, 32), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 4, 6)]
    entries += [(279, 4, len(packed)), (317, 3, 3), (339, 3, 3)]
    body = packed + b"\0" * (len(packed) % 2)
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries
    )
    path = tmp_path / "predicted.tif"
    path.write_bytes(b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory + struct.pack("<I", 0))
    assert np.array_equal(read_array(path).array, rows)


def test_pages_at_equal_distances_are_mapped_though_headers_lie_between(tmp_path: Path) -> None:
    stack = np.random.default_rng(6).integers(0, 60_000, (5, 8, 9)).astype(np.uint16)
    path = tmp_path / "stack.tif"
    with tifffile.TiffWriter(path) as writer:
        for page in stack:
            writer.write(page, contiguous=False, metadata=None)
    found = read_array(path, largest_bytes=100)
    assert not found.array.flags.owndata
    assert np.array_equal(found.array, stack.transpose(2, 1, 0))


def test_the_scale_of_a_thermo_fisher_microscope_is_found(tmp_path: Path) -> None:
    path = tmp_path / "fei.tif"
    text = b"[User]\r\nUser=x\r\n[Scan]\r\nPixelWidth=1.5e-009\r\nPixelHeight=2e-009\r\n"
    tifffile.imwrite(path, xyz()[:, :, 0].T, extratags=[(34682, 2, len(text) + 1, text, True)], metadata=None)
    found = read_array(path)
    assert found.spacing == near((2e-9, 1.5e-9, 2e-9))  # rows, columns, and rows again
    assert "FEI" in found.spacing_from
    assert found.kind == "picture"


def test_the_scale_of_a_zeiss_microscope_is_found(tmp_path: Path) -> None:
    path = tmp_path / "zeiss.tif"
    text = b"AP_WD\r\nWD = 5.1 mm\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 2.233 nm\r\n"
    tifffile.imwrite(path, xyz()[:, :, 0].T, extratags=[(34118, 2, len(text) + 1, text, True)], metadata=None)
    assert read_array(path).spacing == near((2.233e-9,) * 3)


@pytest.mark.parametrize(("dots", "expected"), [(72, None), (96, None), (1200, None), (2.54e6, 1e-8)])
def test_only_resolutions_finer_than_print_are_a_scale(dots: float, expected: float | None, tmp_path: Path) -> None:
    path = tmp_path / "picture.tif"
    tifffile.imwrite(path, xyz()[:, :, 0].T, resolution=(dots, dots), resolutionunit="INCH", metadata=None)
    found = read_array(path)
    assert found.spacing == (None if expected is None else near((expected,) * 3))
    assert ("screen" in found.spacing_from) == (expected is None)


def test_a_reduced_page_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "thumbnail.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(xyz()[:, :, 0].T, metadata=None)
        writer.write(xyz()[::2, ::2, 0].T, subfiletype=1, metadata=None)
    found = read_array(path)
    assert found.array.shape == (NY, NX)
    assert any("reduced" in remark for remark in found.remarks)


def test_an_imagej_stack_with_one_header_is_read_whole(tmp_path: Path) -> None:
    # As ImageJ writes stacks beyond 4 GB: the slices follow the first, which alone has a header.
    path = tmp_path / "one_header.tif"
    stack = np.ascontiguousarray(xyz().T)
    text = f"ImageJ=1.53t\nimages={NZ}\nslices={NZ}\nunit=nm\nspacing=5\n"
    tifffile.imwrite(path, stack[0], description=text, resolution=(0.5, 0.5), metadata=None, software=False)
    with tifffile.TiffFile(path) as file:
        offset = file.pages[0].dataoffsets[0]
    raw = path.read_bytes()
    assert offset + stack[0].nbytes == len(raw)
    path.write_bytes(raw[:offset] + stack.tobytes())
    found = read_array(path)
    assert is_xyz(found)
    assert found.spacing == near((2e-9, 2e-9, 5e-9))


# Colours


def test_a_grey_picture_saved_as_colour_keeps_its_values(tmp_path: Path) -> None:
    grey = np.random.default_rng(8).integers(0, 256, (12, 17)).astype(np.uint8)
    for name, array in (
        ("rgb.tif", np.stack([grey] * 3, -1)),
        ("rgba.png", np.stack([grey] * 3 + [np.full_like(grey, 255)], -1)),
    ):
        Image.fromarray(array).save(tmp_path / name)
        found = read_array(tmp_path / name)
        assert np.array_equal(found.array, grey)
        assert any("equal" in remark for remark in found.remarks)


def test_a_coloured_picture_becomes_its_luminance_and_says_so(tmp_path: Path) -> None:
    colours = np.zeros((10, 10, 3), np.uint8)
    colours[:5, :, 0], colours[5:, :, 2] = 200, 100
    Image.fromarray(colours).save(tmp_path / "colour.png")
    found = read_array(tmp_path / "colour.png")
    assert found.array.shape == (10, 10)
    assert found.array[0, 0] == round(0.299 * 200)
    assert found.array[9, 0] == round(0.114 * 100)
    assert any("really coloured" in remark for remark in found.remarks)


def test_a_colour_stack_becomes_a_grey_stack(tmp_path: Path) -> None:
    stack = np.repeat(np.ascontiguousarray(xyz().T)[..., None], 3, axis=-1).astype(np.uint8)
    tifffile.imwrite(tmp_path / "stack.tif", stack, photometric="rgb")
    found = read_array(tmp_path / "stack.tif")
    assert np.array_equal(found.array, xyz().astype(np.uint8))


# Pictures


def test_a_png_is_rows_and_columns(tmp_path: Path) -> None:
    rows = xyz()[:, :, 0].T.astype(np.uint8)
    Image.fromarray(rows).save(tmp_path / "picture.png", dpi=(96, 96))
    found = read_array(tmp_path / "picture.png")
    assert np.array_equal(found.array, rows)
    assert found.kind == "picture"
    assert found.spacing is None
    assert "dots per inch" in found.spacing_from


def test_a_png_with_pixels_of_nanometres_has_a_spacing(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((4, 5), np.uint8)).save(tmp_path / "picture.png", dpi=(0.0254 / 2e-8, 0.0254 / 1e-8))
    found = read_array(tmp_path / "picture.png")
    assert found.spacing == near((1e-8, 2e-8, 1e-8), rel=1e-5)  # rows first; whole pixels per metre in the file


def test_a_sixteen_bit_png_keeps_its_bits(tmp_path: Path) -> None:
    values = np.random.default_rng(9).integers(0, 65_536, (6, 7)).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert np.array_equal(read_array(tmp_path / "deep.png").array, values)


def test_a_one_bit_png_holds_truths(tmp_path: Path) -> None:
    truths = np.random.default_rng(10).random((9, 11)) < 0.5
    Image.fromarray(truths).save(tmp_path / "mask.png")
    image = read_image(tmp_path / "mask.png", spacing=(1e-8, 2e-8, 1e-8))
    assert np.array_equal(image.void[:, :, 0], truths.T)  # columns are x


def test_a_jpeg_says_that_it_is_lossy(tmp_path: Path) -> None:
    Image.fromarray(np.full((16, 16), 90, np.uint8)).save(tmp_path / "picture.jpg")
    found = read_array(tmp_path / "picture.jpg")
    assert found.array.shape == (16, 16)
    assert any("lossy" in remark for remark in found.remarks)


# NRRD

HEAD = "NRRD0004\n# by hand\ntype: unsigned short\ndimension: 3\nsizes: 4 3 2\nendian: {endian}\nencoding: {encoding}\n{more}\n\n"


@pytest.mark.parametrize("endian", ["little", "big"])
@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
def test_the_first_axis_of_a_nrrd_is_x(endian: str, encoding: str, tmp_path: Path) -> None:
    import bz2

    more = 'spacings: 10 20 30\nunits: "nm" "nm" "nm"'
    values = xyz().ravel(order="F")
    raw = values.astype("<u2" if endian == "little" else ">u2").tobytes()
    text = " ".join(str(value) for value in values).encode()
    data = {"raw": raw, "gzip": gzip.compress(raw), "bzip2": bz2.compress(raw), "ascii": text}[encoding]
    path = tmp_path / "hand.nrrd"
    path.write_bytes(HEAD.format(endian=endian, encoding=encoding, more=more).encode() + data)
    found = read_array(path)
    assert is_xyz(found)
    assert found.spacing == (1e-8, 2e-8, 3e-8)


def test_space_directions_give_the_edges(tmp_path: Path) -> None:
    more = 'space dimension: 3\nspace directions: (0.01,0,0) (0,0.02,0) (0,0,0.03)\nspace units: "um" "um" "um"'
    path = tmp_path / "hand.nrrd"
    path.write_bytes(HEAD.format(endian="little", encoding="raw", more=more).encode() + xyz().tobytes(order="F"))
    assert read_array(path).spacing == (1e-8, 2e-8, 3e-8)


@pytest.mark.parametrize("more", ["spacings: 1 1 1", "content: nothing", 'spacings: 1 1 1\nunits: "s" "s" "s"'])
def test_a_nrrd_without_a_unit_has_no_spacing(more: str, tmp_path: Path) -> None:
    path = tmp_path / "hand.nrrd"
    path.write_bytes(HEAD.format(endian="little", encoding="raw", more=more).encode() + xyz().tobytes(order="F"))
    found = read_array(path)
    assert found.spacing is None
    assert found.spacing_from.startswith("none")


def test_a_detached_header_finds_its_data_beside_it(tmp_path: Path) -> None:
    (tmp_path / "values.raw").write_bytes(b"skip" + xyz().tobytes(order="F"))
    head = HEAD.format(endian="little", encoding="raw", more="byte skip: -1\ndata file: values.raw")
    (tmp_path / "head.nhdr").write_text(head)
    assert is_xyz(read_array(tmp_path / "head.nhdr"))


# NumPy and raw


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_axes_of_npy_are_taken_as_they_are(order: str, tmp_path: Path) -> None:
    np.save(tmp_path / "image.npy", np.asarray(xyz(), order=order))
    found = read_array(tmp_path / "image.npy")
    assert is_xyz(found)
    assert found.spacing is None


def test_npz_with_packed_bits_and_a_shape_is_unpacked(tmp_path: Path) -> None:
    void = np.random.default_rng(11).random((5, 7, 9)) < 0.4
    np.savez_compressed(tmp_path / "blobs.npz", bits=np.packbits(void), shape=np.array(void.shape), spacing=1e-8)
    found = read_array(tmp_path / "blobs.npz")
    assert found.array.dtype == np.bool_
    assert np.array_equal(found.array, void)
    assert found.spacing == (1e-8,) * 3


def test_npz_takes_its_own_names_first_then_the_first_stack_or_what_is_asked_for(tmp_path: Path) -> None:
    other = np.zeros((2, 2, 2), np.uint8)
    np.savez(tmp_path / "own.npz", other=other, image=xyz(), spacing=np.array([1e-8, 2e-8, 3e-8]))
    assert is_xyz(read_array(tmp_path / "own.npz"))
    assert read_array(tmp_path / "own.npz").spacing == (1e-8, 2e-8, 3e-8)
    assert np.array_equal(read_array(tmp_path / "own.npz", dataset="other").array, other)
    np.savez(tmp_path / "first.npz", line=np.arange(5), scan=xyz())
    assert is_xyz(read_array(tmp_path / "first.npz"))


@pytest.mark.parametrize(("order", "memory"), [("x-fastest", "F"), ("F", "F"), ("z-fastest", "C"), ("C", "C")])
@pytest.mark.parametrize(("byte_order", "code"), [("little", "<"), ("big", ">")])
def test_raw_values_are_what_the_sidecar_says(
    order: str, memory: str, byte_order: str, code: str, tmp_path: Path
) -> None:
    raw = xyz().astype(f"{code}u2").tobytes(order=memory)
    (tmp_path / "scan.raw").write_bytes(b"head" + raw)
    (tmp_path / "scan.raw.toml").write_text(
        f'shape = [4, 3, 2]\ndtype = "uint16"\nbyte_order = "{byte_order}"\norder = "{order}"\n'
        'spacing = ["10 nm", 2e-8, "0.03 um"]\noffset = 4\n'
    )
    found = read_array(tmp_path / "scan.raw")
    assert is_xyz(found)
    assert found.spacing == near((1e-8, 2e-8, 3e-8))


# HDF5


def test_a_dataset_is_found_by_name_or_as_the_only_stack(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file["line"] = np.arange(9)
        file["entry/data"] = xyz()
        file["entry/data"].attrs["voxel_size"] = [10.0, 20.0, 30.0]
        file["entry/data"].attrs["voxel_size_unit"] = "nm"
    found = read_array(tmp_path / "scan.h5")
    assert is_xyz(found)
    assert isinstance(found.array, np.memmap)
    assert found.spacing == (1e-8, 2e-8, 3e-8)
    assert is_xyz(read_array(tmp_path / "scan.h5", dataset="/entry/data"))


def test_element_size_um_goes_with_axes_z_y_x(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        data = file.create_dataset("exported", data=xyz().transpose(2, 1, 0), compression="gzip", chunks=(1, 2, 2))
        data.attrs["element_size_um"] = [0.05, 0.03, 0.02]
    found = read_array(tmp_path / "scan.h5")
    assert is_xyz(found)
    assert found.spacing == near((2e-8, 3e-8, 5e-8))
    assert any("(z, y, x)" in remark for remark in found.remarks)


def test_named_dimensions_with_coordinates_give_axes_and_spacing(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.nc", "w") as file:
        data = file.create_dataset("image", data=xyz().transpose(2, 0, 1))
        for axis, (name, edges, step) in enumerate((("z", NZ, 50.0), ("x", NX, 20.0), ("y", NY, 30.0))):
            scale = file.create_dataset(name, data=np.arange(edges) * step)
            scale.attrs["units"] = "nm"
            scale.make_scale(name)
            data.dims[axis].attach_scale(scale)
    found = read_array(tmp_path / "scan.nc")
    assert is_xyz(found)
    assert found.spacing == near((2e-8, 3e-8, 5e-8))
    assert "coordinate" in found.spacing_from


# VTI


def vti(
    body: str,
    *,
    of: str = "CellData",
    compressor: str = "",
    header: str = "UInt32",
    extra: str = "",
    after: bytes = b"",
) -> bytes:
    extent = "0 4 0 3 0 2" if of == "CellData" else "0 3 0 2 0 1"
    packed = f'compressor="{compressor}" ' if compressor else ""
    head = (
        f'<?xml version="1.0"?>\n<VTKFile type="ImageData" version="1.0" byte_order="LittleEndian" {packed}header_type="{header}">\n'
        f'<ImageData WholeExtent="{extent}" Origin="0 0 0" Spacing="1e-8 2e-8 3e-8" {extra}>\n'
        f'<Piece Extent="{extent}"><{of}>{body}</{of}></Piece></ImageData>\n'
    )
    return head.encode() + after + b"</VTKFile>\n"


def element(form: str, text: str = "", more: str = "") -> str:
    return f'<DataArray type="UInt16" Name="grey" format="{form}" {more}>{text}</DataArray>'


def framed(raw: bytes, code: str) -> bytes:
    return struct.pack(code, len(raw)) + raw


def blocks(raw: bytes, code: str, pack: object) -> tuple[bytes, bytes]:
    """Header and blocks of 20 bytes, the last one shorter, as VTK compresses."""
    parts = [raw[start : start + 20] for start in range(0, len(raw), 20)]
    packed = [pack(part) for part in parts]  # type: ignore[operator]
    numbers = [len(parts), 20, len(raw) % 20, *(len(part) for part in packed)]
    return b"".join(struct.pack(code, number) for number in numbers), b"".join(packed)


def read_vti_bytes(content: bytes, tmp_path: Path) -> ImageFile:
    (tmp_path / "hand.vti").write_bytes(content)
    return read_array(tmp_path / "hand.vti")


@pytest.mark.parametrize("of", ["CellData", "PointData"])
def test_ascii_values_of_cells_and_points_have_x_fastest(of: str, tmp_path: Path) -> None:
    text = "\n   ".join(str(value) for value in xyz().ravel(order="F"))
    found = read_vti_bytes(vti(element("ascii", text), of=of), tmp_path)
    assert is_xyz(found)
    assert found.spacing == (1e-8, 2e-8, 3e-8)


@pytest.mark.parametrize(("header", "code"), [("UInt32", "<I"), ("UInt64", "<Q")])
def test_base64_values_are_read_as_one_text_or_two(header: str, code: str, tmp_path: Path) -> None:
    raw = xyz().tobytes(order="F")
    together = base64.b64encode(framed(raw, code)).decode()
    apart = base64.b64encode(struct.pack(code, len(raw))).decode() + base64.b64encode(raw).decode()
    for text in (together, f"\n  {together}\n ", apart):
        assert is_xyz(read_vti_bytes(vti(element("binary", text), header=header), tmp_path))


@pytest.mark.parametrize(("header", "code"), [("UInt32", "<I"), ("UInt64", "<Q")])
@pytest.mark.parametrize(
    ("compressor", "pack"), [("vtkZLibDataCompressor", zlib.compress), ("vtkLZMADataCompressor", lzma.compress)]
)
@pytest.mark.parametrize("place", ["inline", "appended base64", "appended raw"])
def test_compressed_values_are_read_wherever_they_are(
    header: str, code: str, compressor: str, pack: object, place: str, tmp_path: Path
) -> None:
    head, body = blocks(xyz().tobytes(order="F"), code, pack)
    text = base64.b64encode(head) + base64.b64encode(body)
    if place == "inline":
        content = vti(element("binary", text.decode()), compressor=compressor, header=header)
    else:
        encoding = place.split()[1]
        data = text if encoding == "base64" else head + body
        after = f'<AppendedData encoding="{encoding}">\n _'.encode() + b"filler.." + data + b"\n</AppendedData>\n"
        content = vti(element("appended", more='offset="8"'), compressor=compressor, header=header, after=after)
    assert is_xyz(read_vti_bytes(content, tmp_path))


@pytest.mark.parametrize("encoding", ["raw", "base64"])
def test_appended_values_are_read_from_their_offset(encoding: str, tmp_path: Path) -> None:
    data = framed(xyz().tobytes(order="F"), "<I")
    data = base64.b64encode(data) if encoding == "base64" else data
    after = f'<AppendedData encoding="{encoding}">\n _'.encode() + b"&<>_" + data + b"\n</AppendedData>\n"
    found = read_vti_bytes(vti(element("appended", more='offset="4"'), after=after), tmp_path)
    assert is_xyz(found)


def test_a_unit_of_the_file_is_heeded(tmp_path: Path) -> None:
    text = " ".join(str(value) for value in xyz().ravel(order="F"))
    content = vti(element("ascii", text), extra='Unit="um"').replace(b"1e-8 2e-8 3e-8", b"0.01 0.02 0.03")
    assert read_vti_bytes(content, tmp_path).spacing == near((1e-8, 2e-8, 3e-8))
    # A text of the field data, which VTK writes as the codes of its characters.
    field = b'<FieldData><Array type="String" Name="unit" NumberOfTuples="1" format="ascii">110 109 0</Array></FieldData><Piece'
    content = vti(element("ascii", text)).replace(b"1e-8 2e-8 3e-8", b"10 20 30").replace(b"<Piece", field, 1)
    assert read_vti_bytes(content, tmp_path).spacing == near((1e-8, 2e-8, 3e-8))


def test_a_grid_that_was_never_given_a_spacing_has_none(tmp_path: Path) -> None:
    text = " ".join(str(value) for value in xyz().ravel(order="F"))
    found = read_vti_bytes(vti(element("ascii", text)).replace(b"1e-8 2e-8 3e-8", b"1 1 1"), tmp_path)
    assert found.spacing is None
    assert "1 1 1" in found.spacing_from


# All together


def test_a_picture_in_an_image_has_columns_along_x(tmp_path: Path) -> None:
    rows = np.zeros((3, 5), bool)
    rows[0, 4] = True
    np.save(tmp_path / "rows.npy", rows)
    image = read_image(tmp_path / "rows.npy", spacing=(1e-8, 2e-8, 3e-8))
    assert image.shape == (5, 3, 1)
    assert image.void[4, 0, 0]
    assert image.spacing == (1e-8, 2e-8, 3e-8)


def test_a_known_format_is_read_under_a_name_without_extension(tmp_path: Path) -> None:
    stream = io.BytesIO()
    np.save(stream, xyz())
    (tmp_path / "scan").write_bytes(stream.getvalue())
    assert is_xyz(read_array(tmp_path / "scan"))
