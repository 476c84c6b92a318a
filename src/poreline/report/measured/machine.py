"""A measurement as a plain object for other programs: what --json prints and summary.json holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from poreline.line.measurement import Measurement
from poreline.line.store import MEASUREMENT
from poreline.voxels.image import AXIS_NAMES


def measurement_object(made: Measurement, files: Mapping[str, str]) -> dict[str, Any]:
    """One measurement: the image, outcome, results, curves, warnings, where it all comes from, files."""
    image = made.image
    return {
        "kind": MEASUREMENT,
        "image": {
            "name": made.name,
            "shape": list(image.shape),
            "spacing": list(image.spacing),
            "edges": list(image.edges),
            "unit": "m",
            "periodic": "".join(axis for axis, on in zip(AXIS_NAMES, image.periodic, strict=True) if on),
        },
        "outcome": made.outcome.kind,
        "outcome_text": made.outcome.text,
        "results": {name: result.as_dict() for name, result in made.structure.results.items()},
        "distributions": {name: curve.as_dict() for name, curve in made.structure.distributions.items()},
        "warnings": [caution.as_dict() for caution in made.cautions],
        "source": list(image.source),
        "settings": dict(made.settings),
        "provenance": made.provenance.as_dict(),
        "files": dict(files),
    }
