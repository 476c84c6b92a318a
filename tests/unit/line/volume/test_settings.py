"""What a volume simulation is asked for, and what it refuses."""

from __future__ import annotations

import pytest

from poreline.line.volume import QUALITIES, volume_settings
from poreline.line.volume import settings as module
from poreline.line.volume.settings import check_memory, memory_needed
from poreline.quantities import InvalidInput


@pytest.mark.parametrize(("quality", "voxels", "cells"), [("preview", 32, 1), ("standard", 64, 4), ("fine", 96, 4)])
def test_a_quality_decides_grid_and_number_of_cells(quality: str, voxels: int, cells: int) -> None:
    found = volume_settings(quality=quality)
    assert (found.voxels, len(found.seeds)) == (voxels, cells)


def test_what_the_user_names_replaces_what_the_quality_decides() -> None:
    found = volume_settings(quality="preview", voxels=40, seed=7, seeds=3)
    assert (found.voxels, found.seeds) == (40, (7, 8, 9))


def test_more_quality_never_means_fewer_voxels_or_cells() -> None:
    grades = [QUALITIES[name] for name in ("preview", "standard", "fine")]
    assert [grade.voxels for grade in grades] == sorted(grade.voxels for grade in grades)
    assert [grade.seeds for grade in grades] == sorted(grade.seeds for grade in grades)


@pytest.mark.parametrize("voxels", [0, 1, -3, 15, 10**6])
def test_a_grid_that_is_too_small_or_too_large_is_refused_with_its_limits(voxels: int) -> None:
    with pytest.raises(InvalidInput) as error:
        volume_settings(voxels=voxels)
    (fault,) = error.value.faults
    assert (fault.field, fault.value) == ("--voxels", str(voxels))
    assert "16 to 1000" in fault.limit


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        volume_settings(quality="preveiw", voxels=1, domains=0, seeds=0, steps_factor=float("nan"), device="tpu")
    fields = {fault.field for fault in error.value.faults}
    assert fields == {"--quality", "--voxels", "--domains", "--seeds", "--steps-factor", "--device"}
    assert any("preview" in fault.remedy for fault in error.value.faults)


def test_memory_grows_with_the_number_of_voxels() -> None:
    small, large = (memory_needed(volume_settings(voxels=n), 260.0) for n in (100, 200))
    base = module._BYTES_OF_PROGRAM
    assert (large - base) / (small - base) == pytest.approx(8.0, rel=1e-6)


def test_more_memory_than_there_is_is_refused_with_both_numbers_and_a_grid_that_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "memory_available", lambda: 2 * 10**9)
    with pytest.raises(InvalidInput) as error:
        check_memory(volume_settings(voxels=500), 260.0)
    (fault,) = error.value.faults
    assert "2 GB" in fault.reason
    assert "GB" in fault.limit
    fitting = int(fault.remedy.split("--voxels ")[1].split()[0])
    check_memory(volume_settings(voxels=fitting), 260.0)
