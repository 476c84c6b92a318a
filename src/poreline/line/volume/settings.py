"""What a volume simulation is asked for: its grid, how many cells, and what that costs before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from poreline.quantities import Fault, InvalidInput, nearest, printable
from poreline.voxels.memory import memory_available

Quality = Literal["preview", "standard", "fine"]
USUAL_QUALITY: Quality = "standard"
FEWEST_VOXELS, MOST_VOXELS = 16, 1000
"""Voxels along an edge: below the first no domain is round, above the last a row leaves the solver's working memory."""
TRUSTED_VOXELS = 32
"""Voxels along an edge from which the results were seen to settle."""
MOST_DOMAINS, MOST_SEEDS = 5000, 64
LEAST_STEPS_FACTOR, LARGEST_STEPS_FACTOR = 0.1, 20.0
_LARGEST_SEED = 2**32 - 1
_STRETCHED = 1.6  # volume of the drawn cell over the undrawn one, beyond which the measures of the image hardly go
_BYTES_OF_STRUCTURE = 190
"""Bytes for each voxel of the undrawn grid while the drawn structure is made: its state, gradients, cracks, parts in space."""
_BYTES_OF_IMAGE = 600
"""Bytes for each voxel of the image while it is measured, its companions and the hierarchy of the solves included."""
_BYTES_OF_PROGRAM = 400_000_000
"""Bytes of the program itself, with its compiled loops."""


@dataclass(frozen=True)
class _Grade:
    voxels: int
    seeds: int
    about: str


QUALITIES: dict[Quality, _Grade] = {
    "preview": _Grade(32, 1, "one cell of 32 x 32 x 32 voxels: which way things go"),
    "standard": _Grade(64, 4, "four cells of 64 x 64 x 64 voxels: a mean with its band"),
    "fine": _Grade(96, 4, "four cells of 96 x 96 x 96 voxels: more domains in each cell, for numbers to keep"),
}
"""What each quality simulates."""


@dataclass(frozen=True, kw_only=True)
class VolumeSettings:
    """Settings of a volume simulation, all of them decided."""

    quality: Quality = USUAL_QUALITY
    voxels: int = QUALITIES[USUAL_QUALITY].voxels
    """Voxels along each edge of a cell."""
    seeds: tuple[int, ...] = (0,)
    """Seed of each cell: where its domains lie, and the scatter of its matrix."""
    domains: int | None = None
    """Domains in a cell; None: as many as the grid resolves."""
    steps_factor: float = 1.0
    """Factor on the number of steps."""
    device: str = "auto"
    """auto, cpu or cuda."""

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output."""
        return {**self.__dict__, "seeds": list(self.seeds)}


def volume_settings(
    *,
    quality: str = USUAL_QUALITY,
    voxels: int | None = None,
    domains: int | None = None,
    seed: int = 0,
    seeds: int | None = None,
    steps_factor: float = 1.0,
    device: str = "auto",
) -> VolumeSettings:
    """The settings that a user's choices come to: `seeds` cells from `seed` on; what is None is decided by the quality.

    Raises InvalidInput with every fault: an unknown quality, sizes out of range, a device that is absent.
    """
    faults = [
        *_out_of_range("--voxels", voxels, FEWEST_VOXELS, MOST_VOXELS, "voxels along an edge",
                       "A cell is a cube of voxels; smaller ones hold no round domain, larger ones fit no machine."),
        *_out_of_range("--domains", domains, 1, MOST_DOMAINS, "domains in a cell", "A cell holds some domains."),
        *_out_of_range("--seeds", seeds, 1, MOST_SEEDS, "cells", "Each seed is a cell that is simulated."),
        *_out_of_range("--seed", seed, 0, _LARGEST_SEED, "", "A seed is a whole number."),
    ]  # fmt: skip
    if not LEAST_STEPS_FACTOR <= steps_factor <= LARGEST_STEPS_FACTOR:
        limit = f"{LEAST_STEPS_FACTOR:g} to {LARGEST_STEPS_FACTOR:g}"
        reason = "Fewer steps do not keep the balance of forces; more change nothing."
        faults.append(Fault("--steps-factor", f"{steps_factor:g}", limit, reason, "2 shows whether the steps matter."))
    if quality not in QUALITIES:
        near = nearest(quality, QUALITIES)
        remedy = f"Did you mean {near}?" if near else "Choose one of them."
        faults.append(Fault("--quality", printable(quality), ", ".join(QUALITIES), "There is no such quality.", remedy))
    faults += _faults_of_device(device)
    if faults:
        raise InvalidInput(faults, "command line")
    grade = QUALITIES[quality]  # type: ignore[index]  # it was looked up above
    count = grade.seeds if seeds is None else seeds
    return VolumeSettings(
        quality=quality,  # type: ignore[arg-type]
        voxels=grade.voxels if voxels is None else voxels,
        seeds=tuple((seed + step) % (_LARGEST_SEED + 1) for step in range(count)),
        domains=domains,
        steps_factor=float(steps_factor),
        device=device,
    )


def _out_of_range(field: str, found: int | None, lowest: int, highest: int, what: str, reason: str) -> list[Fault]:
    if found is None or lowest <= found <= highest:
        return []
    limit = f"{lowest} to {highest} {what}".rstrip()
    return [Fault(field, str(found), limit, reason, f"Take a whole number from {lowest} to {highest}.")]


def _faults_of_device(name: str) -> list[Fault]:
    from poreline.voxels.device import choose_device

    try:
        choose_device(name)
    except InvalidInput as error:
        return [Fault("--device", f.value, f.limit, f.reason, f.remedy) for f in error.faults]
    return []


def memory_needed(settings: VolumeSettings, bytes_per_voxel: float, at_a_time: int = 1) -> int:
    """Bytes that cells side by side take at their peak: while they are drawn, their structure is made, or their image is measured.

    `bytes_per_voxel` is what the solver holds for each voxel.
    """
    voxels = settings.voxels**3
    solving = bytes_per_voxel * voxels
    making = (_BYTES_OF_STRUCTURE + _STRETCHED * _BYTES_OF_IMAGE) * voxels
    return round(_BYTES_OF_PROGRAM + at_a_time * max(solving, making))


def cells_at_a_time(settings: VolumeSettings, bytes_per_voxel: float, threads: int) -> int:
    """Cells that are drawn side by side: as many as there are threads, if there is memory for them."""
    available = memory_available()
    found = max(1, min(len(settings.seeds), threads))
    while available is not None and found > 1 and memory_needed(settings, bytes_per_voxel, found) > available:
        found -= 1
    return found


def check_memory(settings: VolumeSettings, bytes_per_voxel: float) -> None:
    """Raise InvalidInput where one cell needs more memory than there is."""
    available, needed = memory_available(), memory_needed(settings, bytes_per_voxel)
    if available is None or needed <= available:
        return
    share = max(0, available - _BYTES_OF_PROGRAM) / max(1, needed - _BYTES_OF_PROGRAM)
    fitting = int(share ** (1.0 / 3.0) * settings.voxels)
    reason = (
        f"A cell of {settings.voxels} voxels along each edge needs {gigabytes(needed)}, "
        f"and {gigabytes(available)} are available."
    )
    remedy = f"Take --voxels {max(FEWEST_VOXELS, fitting)} or fewer, or a machine with more memory."
    fault = Fault("memory", gigabytes(available), f"{gigabytes(needed)} or more", reason, remedy)
    raise InvalidInput([fault], "volume simulation")


def gigabytes(size: float) -> str:
    """A number of bytes as people read it."""
    return f"{size / 1e9:.3g} GB" if size >= 1e8 else f"{size / 1e6:.3g} MB"
