"""Checkpoints: the state of an unfinished cell on disk, whole or not at all, and only for the simulation that wrote it.

A checkpoint is an uncompressed .npz file: the arrays of the solver, and one text of JSON that says what they belong to.
It is written beside its place, flushed to the disk and renamed, so that an interruption at any moment leaves the one before.
"""

from __future__ import annotations

import errno
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput, printable

FORMAT = 2
"""Raised when the content of a checkpoint changes its meaning."""
_IDENTITY = "checkpoint_of"
_FIELDS = {
    "format": "format of the checkpoint",
    "version": "version of poreline",
    "recipe_digest": "recipe",
    "settings": "settings",
    "seed": "seed",
    "device": "device",
}
_LARGEST_TEXT = 2**20

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a checkpoint belongs to. The same steps follow from it only where all of this is equal."""

    version: str
    recipe_digest: str
    settings: Mapping[str, Any]
    """Grid, number of domains, steps: what decides the computation of one cell."""
    seed: int
    device: str

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, as they are stored."""
        return {"format": FORMAT, **self.__dict__, "settings": dict(self.settings)}


def checkpoint_name(seed: int | Literal["*"]) -> str:
    """File name of the checkpoint of the cell of a seed; of any cell, as a pattern."""
    return f"cell-{seed}.npz"


def image_name(seed: int) -> str:
    """File name of the image of the cell of a seed, beside the checkpoints and in the run's folder."""
    return f"structure-{seed}.nc"


def _unfinished(path: Path, process: str) -> Path:
    return path.with_name(f".unfinished-{process}-{path.name}")


def forget_cells(folder: Path, seeds: Iterable[int]) -> None:
    """Delete what is kept in `folder` of the cells of these seeds, and the folder if no other cell is kept in it."""
    with suppress(OSError):
        for seed in seeds:
            checkpoint = folder / checkpoint_name(seed)
            for path in (checkpoint, folder / image_name(seed), *folder.glob(_unfinished(checkpoint, "*").name)):
                path.unlink(missing_ok=True)
        folder.rmdir()


def write_checkpoint(path: Path, identity: Identity, arrays: Mapping[str, Any]) -> str:
    """Write a checkpoint, whole or not at all. Returns why it could not be written, or an empty text.

    A disk that is full or a folder that is gone does not end a simulation: the checkpoint before stays.
    """
    unfinished = _unfinished(path, str(os.getpid()))
    text = np.frombuffer(json.dumps(identity.as_dict(), sort_keys=True).encode(), np.uint8)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            content: dict[str, Any] = {_IDENTITY: text, **arrays}
            np.savez(file, **content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        if error.errno == errno.ENOSPC:
            return "the disk is full"
        return printable(error.strerror or error, 120)
    return ""


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a loss of power, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_checkpoint(path: Path, identity: Identity) -> Arrays:
    """The arrays of a checkpoint. Raises InvalidInput for one that is damaged or belongs to something else."""
    try:
        if path.stat().st_size == 0:
            raise ValueError("it is empty")
        if not zipfile.is_zipfile(path):
            raise ValueError("it is no archive of arrays")
        # Opened here: NumPy leaves the file open where it finds it damaged.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            written = _identity(file)
            faults = _differences(path, written, identity)
            if faults:
                raise InvalidInput(faults, printable(path, 200))
            # The checksum of each array is compared as it is read.
            return {name: file[name] for name in file.files if name != _IDENTITY}
    except InvalidInput:
        raise
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, MemoryError) as error:
        reason = f"It cannot be read: {printable(_said(error), 120)}. It was cut short or damaged."
        remedy = f"Delete it to begin this cell anew: {printable(path, 200)}"
        fault = Fault("checkpoint", printable(path.name, 100), "a checkpoint of this run", reason, remedy)
        raise InvalidInput([fault], printable(path, 200)) from error


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _identity(file: Any) -> dict[str, Any]:
    """What the checkpoint says that it belongs to. Raises ValueError."""
    if _IDENTITY not in file.files:
        raise ValueError("it does not say what it belongs to")
    text = file[_IDENTITY]
    if text.dtype != np.uint8 or text.ndim != 1 or text.size > _LARGEST_TEXT:
        raise ValueError("it does not say what it belongs to")
    found = json.loads(bytes(text))
    if not isinstance(found, dict):
        raise ValueError("it does not say what it belongs to")
    return found


def _differences(path: Path, written: Mapping[str, Any], identity: Identity) -> list[Fault]:
    wanted = json.loads(json.dumps(identity.as_dict()))
    faults = []
    for name, meaning in _FIELDS.items():
        found, here = written.get(name), wanted[name]
        if found == here:
            continue
        if name == "settings" and isinstance(found, dict):
            keys = [key for key in sorted({*found, *here}) if found.get(key) != here.get(key)]
            found = ", ".join(f"{key} {found.get(key)}" for key in keys)
            here = ", ".join(f"{key} {here.get(key)}" for key in keys)
        reason = f"The checkpoint is of another {meaning}: going on from it would give neither run."
        remedy = f"Run with what it was made with, or delete {printable(path, 200)}"
        faults.append(Fault(f"checkpoint, {name}", printable(found, 100), printable(here, 100), reason, remedy))
    return faults
