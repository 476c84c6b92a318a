"""The options of the volume simulation, as the user wrote them after `poreline run`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poreline.line.volume import VolumeSettings


@dataclasses.dataclass(frozen=True, kw_only=True)
class VolumeOptions:
    """What the user wrote for the volume simulation after `poreline run`; None: nothing."""

    domains: int | None = None
    voxels: int | None = None
    seeds: int | None = None
    quality: str | None = None
    steps_factor: float | None = None
    device: str | None = None
    resume: bool = False
    fresh: bool = False

    def settings(self, seed: int) -> VolumeSettings:
        """The settings that they come to. Raises InvalidInput."""
        from poreline.line.volume.settings import volume_settings

        given = {
            name: value
            for name in ("domains", "voxels", "seeds", "quality", "steps_factor", "device")
            if (value := getattr(self, name)) is not None
        }
        return volume_settings(seed=seed, **given)

    def check_unused(self) -> None:
        """Raise InvalidInput for every option that another model than the volume simulation does not have."""
        from poreline.quantities import Fault, InvalidInput, printable

        faults = [
            Fault(f"--{field.name.replace('_', '-')}", printable(getattr(self, field.name)), "with --model volume",
                  "The mean-field model has no such setting.", "Add --model volume, or leave it out.")
            for field in dataclasses.fields(self)
            if getattr(self, field.name) not in (None, False)
        ]  # fmt: skip
        if faults:
            raise InvalidInput(faults, "command line")
