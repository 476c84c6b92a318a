"""What was measured on an image of a membrane, real or simulated, as the claims look at it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from poreline.line.store import INFINITE
from poreline.quantities import Estimate, Infinite, MeasuredResult, NotDetermined, Truth, printable

if TYPE_CHECKING:
    from poreline.line.measurement import Measurement
    from poreline.line.volume import VolumeRun


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasuredFacts:
    """The structure of a membrane as it was measured on an image of it: by `poreline measure`, or on a simulated volume."""

    id: str
    """Id of the measurement in its folder of runs; empty for one that was not kept."""
    name: str
    """The name of the image."""
    image_digest: str
    """SHA-256 of the image: equal for equal structures."""
    is_section: bool
    """Whether the image is one voxel thick."""
    results: Mapping[str, MeasuredResult]
    """Every result by its name, SI."""
    source: Literal["measurement", "volume simulation"] = "measurement"
    """Where the image is from: a film that exists, or a simulated one."""
    ruptured: bool = False
    """Whether a simulated film broke in its programme; one that was measured exists."""

    @classmethod
    def of(cls, made: Measurement, run_id: str = "") -> MeasuredFacts:
        """The facts of a measurement."""
        return cls(
            id=run_id,
            name=made.name,
            image_digest=made.provenance.image_digest,
            is_section=made.image.is_section,
            results=made.structure.results,
        )

    @classmethod
    def of_volume(cls, made: VolumeRun) -> MeasuredFacts:
        """The facts of a volume simulation: what was measured on the images of its cells, as one."""
        return cls(
            id="",
            name=made.run.recipe.name,
            image_digest=made.run.provenance.run_digest,
            is_section=False,
            results=made.measured,
            source="volume simulation",
            ruptured=made.run.outcome.kind == "ruptured",
        )

    @classmethod
    def of_summary(cls, summary: Mapping[str, Any], run_id: str) -> MeasuredFacts:
        """The facts of a stored measurement, from its checked summary (`poreline.line.store.read_summary`)."""
        shape = summary["image"].get("shape")
        return cls(
            id=run_id,
            name=printable(summary["image"]["name"]),
            image_digest=_clean(summary["provenance"]["image_digest"]),
            is_section=isinstance(shape, list) and shape[-1:] == [1],
            results={name: _result(entry) for name, entry in summary["results"].items()},
        )

    def as_dict(self) -> dict[str, str]:
        """What was judged, for machine-readable output."""
        return {"id": self.id, "image_digest": self.image_digest}


def _result(entry: Mapping[str, Any]) -> MeasuredResult:
    """A stored result. A summary is a file that anyone may have written: what is no finite number is not determined."""
    meaning, unit = _clean(entry["meaning"]), _clean(entry["unit"])
    method, reason = (_clean(entry.get(key, "")) for key in ("method", "reason"))
    value = entry.get("value")
    if isinstance(value, bool):
        return Truth(value, meaning, method)
    if value == INFINITE:
        return Infinite(reason, unit, meaning)
    if value is None:
        return NotDetermined(reason or "The measurement tells no reason.", unit, meaning)
    try:
        number, low, high = (float(found) for found in (value, entry["low"], entry["high"]))
    except OverflowError:
        number = low = high = math.inf
    if not all(map(math.isfinite, (number, low, high))):
        return NotDetermined("What is stored is no finite number.", unit, meaning)
    return Estimate(number, min(low, number), max(high, number), unit, meaning, method)


def _clean(text: object) -> str:
    """The whole text, safe on a terminal."""
    whole = str(text)
    return printable(whole, len(whole))
