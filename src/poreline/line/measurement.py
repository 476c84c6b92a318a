"""A measurement: one image of a structure, what was measured on it, with what, and how it came out."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from poreline import __version__
from poreline.line.run import Outcome
from poreline.membrane.image.measured import MeasuredStructure
from poreline.quantities import Estimate, Truth
from poreline.quantities.faults import Caution
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXIS_NAMES
from poreline.voxels.segmentation import SegmentedPicture, SegmentedVolume
from poreline.voxels.segmentation.segment import SENSITIVITY_STEP

Progress = Callable[[str, float], None]
Segmented = SegmentedPicture | SegmentedVolume
_CHUNK = 2**26  # bytes that are hashed together, so that a mapped file is not loaded whole
_THICKNESS = "z"


@dataclass(frozen=True, kw_only=True)
class MeasurementProvenance:
    """What a measurement was made of and made with."""

    version: str
    image_digest: str
    """SHA-256 of voids, microcracks and phases with shape, type, spacing and periodicity: equal for equal structures."""
    settings_digest: str
    """SHA-256 of what was asked: measures, axes, segmentation."""
    run_digest: str
    """Of both and the version: equal digests, equal numbers."""
    device: str
    python: str
    numpy: str
    platform: str
    created: str
    """Date and time, ISO 8601, UTC; not part of a digest."""
    wall_time: float
    """Seconds; not part of a digest."""

    def as_dict(self) -> dict[str, str | float]:
        """Plain fields, for machine-readable output."""
        return dict(self.__dict__)


@dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """One image, measured."""

    structure: MeasuredStructure
    outcome: Outcome
    settings: Mapping[str, Any]
    """What was asked, in plain words and numbers: file, spacing, measures, axes, segmentation."""
    provenance: MeasurementProvenance
    segmented: Segmented | None = None
    """How the grey values were parted, where the file holds grey values."""
    cautions: tuple[Caution, ...] = ()
    """Those of the segmentation and of the measures."""
    command: str = ""
    """The command line that measures this file again, for readers who change a setting."""

    @property
    def name(self) -> str:
        """The name of the image."""
        return self.structure.image.name

    @property
    def image(self) -> VoxelImage:
        """The image."""
        return self.structure.image


def measure(
    image: VoxelImage,
    *,
    only: Collection[str] | None = None,
    axes: tuple[int, ...] = (0, 1, 2),
    device: str = "auto",
    settings: Mapping[str, Any] | None = None,
    segmented: Segmented | None = None,
    command: str = "",
    progress: Progress | None = None,
    created: datetime.datetime | None = None,
) -> Measurement:
    """Measure an image along `axes`: all measures, or those named in `only`.

    `settings` are recorded as given. `segmented` says how the image was made from grey values: its cautions are kept, and
    the porosity's band covers what the threshold leaves open. `progress` is called with the measure under way and the
    share that is done, 0 to 1.

    Raises InvalidInput for an unknown measure or device.
    """
    from poreline.membrane.image.characterise import characterise_image
    from poreline.voxels.device import choose_device

    chosen = choose_device(device)
    moment = created or datetime.datetime.now(datetime.UTC)
    begin = time.perf_counter()
    structure = characterise_image(image, only=only, axes=axes, device=chosen.kind, progress=progress)
    wall_time = time.perf_counter() - begin
    if segmented is not None:
        structure = _with_band_of_threshold(structure, segmented)
    asked = {
        "measures": sorted(only) if only else "all",
        "axes": "".join(AXIS_NAMES[axis] for axis in sorted(axes)),
        **(settings or {}),
    }
    return Measurement(
        structure=structure,
        outcome=outcome_of(structure),
        settings=asked,
        provenance=_provenance(image, asked, f"{chosen.kind}: {chosen.name}", moment, wall_time),
        segmented=segmented,
        cautions=(*(segmented.cautions if segmented is not None else ()), *structure.cautions),
        command=command,
    )


def _with_band_of_threshold(structure: MeasuredStructure, segmented: Segmented) -> MeasuredStructure:
    """The porosity with a band as wide as the threshold leaves it open."""
    found = structure.results.get("porosity")
    if not isinstance(found, Estimate):
        return structure
    low, high = min(found.low, segmented.porosity_low), max(found.high, segmented.porosity_high)
    method = f"{found.method}; band: threshold moved by {100 * SENSITIVITY_STEP:.0f} % of the contrast to either side"
    banded = dataclasses.replace(found, low=low, high=high, method=method)
    return dataclasses.replace(structure, results={**structure.results, "porosity": banded})


def _provenance(
    image: VoxelImage, asked: Mapping[str, Any], device: str, moment: datetime.datetime, wall_time: float
) -> MeasurementProvenance:
    of_image, of_settings = image_digest(image), _digest(asked)
    return MeasurementProvenance(
        version=__version__,
        image_digest=of_image,
        settings_digest=of_settings,
        run_digest=_digest([of_image, of_settings, __version__])[:16],
        device=device,
        python=".".join(map(str, sys.version_info[:3])),
        numpy=np.__version__,
        platform=platform.platform(terse=True),
        created=moment.isoformat(timespec="seconds"),
        wall_time=wall_time,
    )


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def image_digest(image: VoxelImage) -> str:
    """SHA-256 of all that is measured of an image, hexadecimal: void, spacing, periodicity; microcracks and phases it has.

    The name and the remarks play no part. Read slab by slab: 64 MiB of memory, whatever the image.
    """
    normal = () if image.pore_normal is None else tuple(image.pore_normal)
    more = {"pore_width": (image.pore_width,), "pore_normal": normal, "phase": (image.phase,)}
    known = {name: arrays for name, arrays in more.items() if arrays and arrays[0] is not None}
    head = [list(image.shape), str(image.void.dtype), list(image.spacing), list(image.periodic), *known]
    found = hashlib.sha256(json.dumps(head).encode())
    for array in (image.void, *(array for arrays in known.values() for array in arrays)):
        assert array is not None
        step = max(1, _CHUNK // max(1, array[0].nbytes))
        for start in range(0, len(array), step):
            found.update(np.ascontiguousarray(array[start : start + step]).data)
    return found.hexdigest()


# Outcome


def connections(structure: MeasuredStructure) -> dict[str, bool]:
    """Whether pores connect the faces across each axis, by its name, for the axes where that was found out.

    Where both neighbourhoods were measured, that of common faces decides: through an edge or a corner nothing flows.
    """
    found: dict[str, bool] = {}
    for axis in AXIS_NAMES:
        result = structure.results.get(f"connected_{axis}")
        if isinstance(result, Truth):
            found[axis] = result.value
    return found


def outcome_of(structure: MeasuredStructure) -> Outcome:
    """Whether the pores lead through the film.

    Through the thickness (z) where that was looked at, else through any of the axes looked at.
    """
    if structure.image.is_section:
        text = (
            "A section: porosity and sizes in the plane; whether pores connect through the film cannot be seen on it."
        )
        return Outcome("ok", text)
    found = connections(structure)
    if not found:
        return Outcome("ok", "Measured; connection was not among the measures.")
    through = [axis for axis, connected in found.items() if connected]
    blocked = [axis for axis in found if axis not in through]
    parts = [f"pores connect along {_listed(through)}"] if through else []
    parts += [f"no path of pores leads through the image along {_listed(blocked)}"] if blocked else []
    sentence = "; ".join(parts)
    decides = found.get(_THICKNESS, bool(through))
    text = f"{sentence[0].upper()}{sentence[1:]}."
    if decides:
        return Outcome("ok", text)
    advice = " A larger image, finer voxels or another threshold may show a path; else the film is closed."
    return Outcome("not-connected", text + advice)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
