"""Checkpoints: whole or not at all, and only for the simulation that wrote them."""

from __future__ import annotations

import dataclasses
import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poreline.line.volume import checkpoint as module
from poreline.line.volume.checkpoint import Identity, forget_cells, read_checkpoint, write_checkpoint
from poreline.quantities import InvalidInput

MADE_BY = Identity(
    version="1.0", recipe_digest="0123456789abcdef", settings={"voxels": 16, "domains": 4}, seed=3, device="cpu"
)


@pytest.fixture
def arrays() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {
        "displacement": rng.standard_normal((3, 4, 4, 4)).astype(np.float32),
        "kind": rng.integers(0, 4, (4, 4, 4)).astype(np.uint8),
        "counters": np.array([1.0, np.pi, 1e-300]),
    }


def test_what_is_read_is_what_was_written_to_the_last_bit(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = tmp_path / "folder" / "cell-3.npz"
    assert write_checkpoint(path, MADE_BY, arrays) == ""
    found = read_checkpoint(path, MADE_BY)
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        assert found[name].tobytes() == array.tobytes()
    assert [other.name for other in path.parent.iterdir()] == ["cell-3.npz"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": "0.9"}, "checkpoint, version"),
        ({"recipe_digest": "f" * 16}, "checkpoint, recipe_digest"),
        ({"settings": {"voxels": 32, "domains": 4}}, "checkpoint, settings"),
        ({"seed": 4}, "checkpoint, seed"),
        ({"device": "cuda"}, "checkpoint, device"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused_and_says_what_differs(
    tmp_path: Path, arrays: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    path = tmp_path / "cell-3.npz"
    write_checkpoint(path, dataclasses.replace(MADE_BY, **change), arrays)
    with pytest.raises(InvalidInput) as error:
        read_checkpoint(path, MADE_BY)
    (fault,) = error.value.faults
    assert fault.field == field
    assert fault.value != fault.limit
    assert str(path) in fault.remedy


def test_a_checkpoint_cut_at_any_place_is_refused_with_the_remedy(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = tmp_path / "cell-3.npz"
    write_checkpoint(path, MADE_BY, arrays)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), max(1, len(whole) // 40)), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(InvalidInput) as error:
            read_checkpoint(path, MADE_BY)
        (fault,) = error.value.faults
        assert "Delete it" in fault.remedy


def test_a_flipped_bit_in_an_array_is_noticed(tmp_path: Path, arrays: dict[str, Any]) -> None:
    path = tmp_path / "cell-3.npz"
    write_checkpoint(path, MADE_BY, arrays)
    whole = bytearray(path.read_bytes())
    place = whole.index(arrays["displacement"].tobytes()[:16])
    whole[place] ^= 1
    path.write_bytes(whole)
    with pytest.raises(InvalidInput):
        read_checkpoint(path, MADE_BY)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04", np.random.default_rng(1).bytes(500)])
def test_another_file_is_no_checkpoint(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cell-3.npz"
    path.write_bytes(content)
    with pytest.raises(InvalidInput):
        read_checkpoint(path, MADE_BY)


def test_arrays_without_a_word_on_where_they_belong_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cell-3.npz"
    np.savez(path, displacement=np.zeros(3))
    with pytest.raises(InvalidInput, match="does not say what it belongs to"):
        read_checkpoint(path, MADE_BY)


def test_no_code_of_a_checkpoint_is_run(tmp_path: Path) -> None:
    path = tmp_path / "cell-3.npz"
    text = np.frombuffer(json.dumps(MADE_BY.as_dict()).encode(), np.uint8)
    np.savez(path, checkpoint_of=text, displacement=np.array([{"pickled": 1}], dtype=object))
    with pytest.raises(InvalidInput):
        read_checkpoint(path, MADE_BY)


def test_a_full_disk_leaves_the_checkpoint_before_and_says_why(
    tmp_path: Path, arrays: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cell-3.npz"
    write_checkpoint(path, MADE_BY, arrays)
    before = path.read_bytes()

    def full(file: Any, **content: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.np, "savez", full)
    assert write_checkpoint(path, MADE_BY, {"displacement": np.ones(3)}) == "the disk is full"
    assert path.read_bytes() == before
    assert [other.name for other in tmp_path.iterdir()] == ["cell-3.npz"]


def test_cells_are_forgotten_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "film-01234567"
    folder.mkdir()
    for name in ("cell-0.npz", "cell-1.npz", "cell-10.npz", "structure-0.nc", ".unfinished-7-cell-0.npz"):
        (folder / name).touch()
    forget_cells(folder, [0])
    assert sorted(path.name for path in folder.iterdir()) == ["cell-1.npz", "cell-10.npz"]
    forget_cells(folder, [1, 10])
    assert not folder.exists()
    forget_cells(folder, [0])  # nothing is kept: nothing to do
