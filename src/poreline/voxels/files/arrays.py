"""An image file as an array, whatever its format and however broken it is."""

from __future__ import annotations

import logging
import stat
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from poreline.quantities import InvalidInput, printable
from poreline.voxels.files.image_file import (
    ImageFile,
    Source,
    allow,
    as_truths,
    checked_shape,
    checked_type,
    memory_allowed,
    unreadable,
)

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "TIFF": (".tif", ".tiff", ".btf", ".tf8"),
    "NRRD": (".nrrd", ".nhdr"),
    "raw": (".raw",),
    "npy": (".npy",),
    "npz": (".npz",),
    "HDF5": (".nc", ".nc4", ".h5", ".hdf5", ".he5", ".ilastik"),
    "VTI": (".vti",),
    "picture": (".png", ".jpg", ".jpeg", ".bmp"),
}
"""Extensions of the formats that are read."""

_FORMAT_OF = {extension: name for name, extensions in EXTENSIONS.items() for extension in extensions}
_STARTS = (
    (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"II+\0", "TIFF"), (b"MM\0+", "TIFF"), (b"NRRD", "NRRD"), (b"\x93NUMPY", "npy"),
    (b"PK\x03\x04", "npz"), (b"\x89HDF\r\n\x1a\n", "HDF5"), (b"\x89PNG\r\n\x1a\n", "picture"), (b"\xff\xd8\xff", "picture"),
    (b"BM", "picture"), (b"<?xml", "VTI"), (b"<VTKFile", "VTI"),
)  # fmt: skip
_LIMIT = "a .tif, .nrrd, .npy, .npz, .raw, .nc, .h5, .vti, .png, .jpg or .bmp file"
_logging_is_silent = threading.Lock()


def read_array(path: Path | str, *, dataset: str = "", largest_bytes: int | None = None) -> ImageFile:
    """Read an image file: TIFF, NRRD, raw with a sidecar, NumPy, netCDF-4/HDF5, VTI, PNG, JPEG, BMP.

    `dataset` names the array in a file of several. An image may take `largest_bytes`; None: 0.8 of the memory available.
    Uncompressed files are mapped and may be larger. The array of a stack is (x, y, z): pages of a TIFF are z and are
    turned round; the first, fastest axis of NRRD and VTI is x; axis 0 of NumPy and HDF5 is x unless its dimensions are
    named otherwise. The array of a picture is (rows, columns), which is (y, x). Colours become grey values.

    Raises InvalidInput, with the field "FILE", for a file that is missing, not a regular file, not to be opened, of
    another format, empty, truncated, damaged or too large, and for values that are no image. Nothing else is raised,
    whatever the file holds, and no memory is taken for sizes that only a header declares.
    """
    path = Path(path)
    subject = str(path)
    try:
        size = _size_of_regular_file(path)
        source = Source(path, size, dataset, memory_allowed() if largest_bytes is None else largest_bytes)
        reader = _reader(_format(path))
        with _silence():
            found = reader(source)
            return _checked(source, found)
    except InvalidInput as error:
        raise InvalidInput(error.faults, subject) from error
    except MemoryError as error:
        reason = "The image does not fit into the memory available."
        fault = unreadable(printable(path.name), "", reason, "Crop or bin it, or save it uncompressed as .npy.")
        raise InvalidInput(fault.faults, subject) from error
    except Exception as error:  # whatever a reader makes of a damaged file means one thing here
        words = printable(" ".join(str(error).split()), 160) or type(error).__name__
        fault = unreadable(printable(path.name), _LIMIT, f"It cannot be read: {words}.", "Copy or export it again.")
        raise InvalidInput(fault.faults, subject) from error


def _size_of_regular_file(path: Path) -> int:
    """Bytes of the file, once it is known to be one that ends and can be opened."""
    shown = printable(path, 160)
    try:
        about = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise unreadable(shown, _LIMIT, "There is no such file.", "Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        reason = f"It cannot be looked at: {printable(getattr(error, 'strerror', None) or error)}."
        raise unreadable(shown, _LIMIT, reason, "Check the name and the permissions.") from error
    if stat.S_ISDIR(about.st_mode):
        raise unreadable(
            shown, _LIMIT, "It is a folder.", "Give one file; a folder of slices is first saved as one stack."
        )
    if not stat.S_ISREG(about.st_mode):
        raise unreadable(shown, _LIMIT, "It is a pipe or a device, not a file.", "Save the image to a file first.")
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        reason = f"It cannot be opened: {error.strerror or error}."
        raise unreadable(shown, _LIMIT, reason, "Ask for permission to read it, or copy it.") from error
    if about.st_size == 0:
        raise unreadable(shown, _LIMIT, "The file is empty.", "Copy or export it again.")
    return about.st_size


def _format(path: Path) -> str:
    """The format, from the extension and the first bytes, which must agree."""
    with path.open("rb") as stream:
        start = stream.read(16)
    extension = path.suffix.lower()
    told = _FORMAT_OF.get(extension)
    held = next((name for begin, name in _STARTS if start.startswith(begin)), None)
    if told == "raw" or (told is not None and told == held):
        return told
    if told == "VTI" and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return told
    if told == "HDF5" and held is None:
        if start.startswith(b"CDF"):
            remedy = "Convert it: nccopy -k nc4 OLD NEW."
            raise unreadable(printable(path.name), "netCDF-4", "It is a netCDF file of the classic format.", remedy)
        return told  # a block of the user's own may lie before the signature
    if told is None and held is not None:
        return held
    shown = printable(path.name)
    if told is None:
        raise unreadable(shown, _LIMIT, "It is not an image of a known format.", "Export it as one of these.")
    if held is not None:
        expected = EXTENSIONS[held][0]
        reason = f"Its name says {extension}, its contents are those of a {expected} file."
        raise unreadable(shown, _LIMIT, reason, f"Rename it to {expected}.")
    raise unreadable(shown, _LIMIT, f"It does not start as a {extension} file does.", "Copy or export it again.")


def _reader(name: str) -> Callable[[Source], ImageFile]:
    # Imported here: each format brings a package of its own, and a file needs one of them.
    if name == "TIFF":
        from poreline.voxels.files.tiff import read_tiff

        return read_tiff
    if name == "NRRD":
        from poreline.voxels.files.nrrd_format import read_nrrd

        return read_nrrd
    if name == "raw":
        from poreline.voxels.files.raw import read_raw

        return read_raw
    if name == "npy":
        from poreline.voxels.files.numpy_format import read_npy

        return read_npy
    if name == "npz":
        from poreline.voxels.files.numpy_format import read_npz

        return read_npz
    if name == "HDF5":
        from poreline.voxels.files.hdf5 import read_hdf5

        return read_hdf5
    if name == "VTI":
        from poreline.voxels.files.vti import read_vti

        return read_vti
    from poreline.voxels.files.picture import read_picture

    return read_picture


@contextmanager
def _silence() -> Iterator[None]:
    """Without the warnings and log lines of third-party readers: what matters is a fault or a remark."""
    logger = logging.getLogger("tifffile")
    with _logging_is_silent, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        was = logger.disabled
        logger.disabled = True
        try:
            yield
        finally:
            logger.disabled = was


def _checked(source: Source, found: ImageFile) -> ImageFile:
    """The image in the machine's byte order, with truths that are 0 or 1."""
    array = found.array
    checked_shape(array.shape)
    checked_type(array.dtype)
    if not array.dtype.isnative:
        allow(source, array.nbytes)
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype == np.bool_:
        array = as_truths(array)
    return found if array is found.array else replace(found, array=array)
