"""Images and surfaces as files, whole or not at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from poreline.quantities import Fault, InvalidInput, printable
from poreline.voxels.files.companions import COMPANIONS
from poreline.voxels.files.image_file import memory_allowed
from poreline.voxels.image import VoxelImage

WRITTEN = (".tif", ".tiff", ".nrrd", ".npy", ".npz", ".raw", ".nc", ".h5", ".vti")
"""Extensions of the formats that are written."""

_WITH_COMPANIONS = {".npz", ".nc", ".h5", ".vti"}
_BYTES_PER_VOXEL_SURFACE = 8


def write_image(image: VoxelImage, path: Path | str) -> tuple[str, ...]:
    """Write an image in the format of the extension and return what that format does not keep, one remark each.

    .tif: pages (z, y, x) with ImageJ's spacing, truths as 0 and 255; .nrrd, .vti and .raw (with a sidecar .raw.toml):
    x fastest; .npy: values alone; .npz, .nc, .h5, .vti: also the companions. The file is written beside its place and
    then moved there, so that a file of that name is replaced whole or stays. Written slice by slice: no copy of the image.

    Reading it again gives the same values to the last bit. Raises InvalidInput for an extension that is not known, or
    a place that cannot be written to.
    """
    path = Path(path)
    extension = path.suffix.lower()
    if extension not in WRITTEN:
        reason = "The extension names the format."
        raise _fault(path, ", ".join(WRITTEN), reason, "Name it IMAGE.tif, or IMAGE.npz to keep everything.")
    if extension == ".raw":
        from poreline.voxels.files.raw import sidecar_of, write_raw

        _write([path, sidecar_of(path)], lambda places: write_raw(image, places[0], places[1]))
    else:
        _write([path], lambda places: _writer(extension)(image, places[0]))
    return _left_out(image, extension)


def write_surface(image: VoxelImage, path: Path | str) -> tuple[str, ...]:
    """Write the pore wall, where the void fraction is 0.5, as a binary STL in m; its triangles face the solid.

    Marching cubes (Lewiner and others 2003). Along an axis that is not periodic the image ends in solid, so that pores
    are closed there; along a periodic one the surface spans one period and is open at both ends. Vertices are at
    most 0.5 voxels from the wall of a binary image. Memory: about 8 bytes a voxel and 72 a triangle.

    Raises InvalidInput for another extension, an image without a wall, one that does not fit into the memory available,
    or a place that cannot be written to.
    """
    path = Path(path)
    if path.suffix.lower() != ".stl":
        raise _fault(path, ".stl", "A surface is written as STL.", "Name it SURFACE.stl.")
    needed, allowed = _BYTES_PER_VOXEL_SURFACE * image.void.size, memory_allowed()
    if needed > allowed:
        reason = f"Its surface needs {needed / 1e9:.3g} GB, and {allowed / 1e9:.3g} GB are available."
        raise _fault(path, "", reason, "Crop or bin the image.")
    from poreline.voxels.files.surface import pore_wall, write_stl

    vertices, triangles = pore_wall(image)
    if len(triangles) == 0:
        raise _fault(
            path, "", "The image has no wall: it is all void or all solid.", "Write the surface of another image."
        )
    _write([path], lambda places: write_stl(vertices, triangles, places[0]))
    return ()


def _writer(extension: str) -> Callable[[VoxelImage, Path], None]:
    if extension in {".tif", ".tiff"}:
        from poreline.voxels.files.tiff import write_tiff

        return write_tiff
    if extension == ".nrrd":
        from poreline.voxels.files.nrrd_format import write_nrrd

        return write_nrrd
    if extension == ".npy":
        from poreline.voxels.files.numpy_format import write_npy

        return write_npy
    if extension == ".npz":
        from poreline.voxels.files.numpy_format import write_npz

        return write_npz
    if extension == ".vti":
        from poreline.voxels.files.vti import write_vti

        return write_vti
    from poreline.voxels.files.hdf5 import write_hdf5

    return write_hdf5


def _left_out(image: VoxelImage, extension: str) -> tuple[str, ...]:
    remarks = []
    if extension == ".npy":
        remarks.append("A .npy file keeps no spacing; give it when the file is read.")
        if any(image.periodic):
            remarks.append("A .npy file does not keep which axes are periodic.")
    for name, (_, meaning) in COMPANIONS.items():
        if getattr(image, name) is not None and extension not in _WITH_COMPANIONS:
            remarks.append(f"A {extension} file does not keep the {meaning.partition(':')[0]} ({name}).")
    return tuple(remarks)


def _write(paths: Sequence[Path], write: Callable[[list[Path]], None]) -> None:
    """Write files beside their places, then move them there; leave nothing behind if that fails."""
    for path in paths:
        if path.is_dir():
            raise _fault(path, "a file", "It is a folder.", "Name a file in it.")
        if not path.parent.is_dir():
            raise _fault(path, "a file in a folder that exists", "There is no such folder.", "Make it first.")
    token = secrets.token_hex(4)
    unfinished = [path.with_name(f".unfinished-{token}-{path.name}") for path in paths]
    try:
        write(unfinished)
        for place, path in zip(unfinished, paths, strict=True):
            place.replace(path)
    except OSError as error:
        reason = f"It cannot be written: {printable(error.strerror or error, 160)}."
        raise _fault(paths[0], "a file that can be written", reason, "Choose another place.") from error
    finally:
        for place in unfinished:
            place.unlink(missing_ok=True)


def _fault(path: Path, limit: str, reason: str, remedy: str) -> InvalidInput:
    return InvalidInput([Fault("FILE", printable(path, 160), limit, reason, remedy)], str(path))
