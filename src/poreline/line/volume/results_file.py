"""The results of a volume simulation as one netCDF-4 file: those of any run, its programme, its cells, both models.

Beside what others read the file holds everything that is known of each cell after it was measured, as it stands in memory
(`/cells/record`), and the frames of its film (`/frames`): a report can be drawn again from it and the image of the first cell.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from poreline.line.results_file import write_results
from poreline.line.volume.drawn import CellNumbers, CellQuality, ProgrammeCurve
from poreline.line.volume.frames import Frame, frames_as_arrays, frames_from_arrays
from poreline.line.volume.volume_run import VolumeRun
from poreline.quantities import Estimate, Infinite, MeasuredResult, NotDetermined, Truth
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Meaning

RECORD = "record"
"""In `/cells`: what is known of each cell, a text of JSON as bytes."""
_KINDS: dict[str, type[MeasuredResult]] = {kind.__name__: kind for kind in (Estimate, NotDetermined, Infinite, Truth)}
_CURVE = ("stretch_ratio", "width_ratio", "thickness_ratio", "stress", "porosity", "temperature")


def write_volume_results(made: VolumeRun, path: Path) -> None:
    """Write the results of a simulation.

    As `write_results`, and `/programme` with the curves (value, low, high at every recorded step), `/cells` with the
    numbers of each cell, `/mean_field` with value, low and high of the mean-field model's results, `/crack_widths` with
    samples of widths (m) and their weights from each cell, `/frames` with the places of the nodes of a plane and its void at
    moments of the draw.
    """
    import h5py  # here, because few commands need it

    write_results(made.run, path)
    with h5py.File(path, "a", track_order=True) as file:
        file.attrs["device"] = made.device
        _programme(file, made)
        _cells(file, made)
        frames = file.create_group("frames")
        for name, values in frames_as_arrays(made.frames).items():
            frames.create_dataset(name, data=values, compression="gzip")
        beside = file.create_group("mean_field")
        beside.attrs["outcome"] = made.mean_field.outcome.kind
        for name, result in made.mean_field.results.items():
            triple = (result.value, result.low, result.high) if isinstance(result, Estimate) else (np.nan,) * 3
            variable = beside.create_dataset(name, data=np.array(triple))
            variable.dims[0].attach_scale(file["estimate"])
            about = made.mean_field.meanings[name]
            variable.attrs["units"], variable.attrs["long_name"] = about.unit, about.meaning
            if not isinstance(result, Estimate):
                variable.attrs["reason"] = result.reason


def _programme(file: Any, made: VolumeRun) -> None:
    group = file.create_group("programme")
    first = next(iter(made.curves.values()))
    point = group.create_dataset("point", data=np.arange(first.x.size))
    point.make_scale("point")
    point.attrs["long_name"] = "number of the recorded step"
    for name, values, unit, meaning in (
        ("stretch_ratio", first.x, "1", "stretch ratio in the machine direction"),
        ("stage", first.stage.astype("i4"), "1", "; ".join(f"{i}: {words}" for i, words in enumerate(first.stages))),
    ):
        variable = group.create_dataset(name, data=values)
        variable.dims[0].attach_scale(point)
        variable.attrs["units"], variable.attrs["long_name"] = unit, meaning
    for name, curve in made.curves.items():
        variable = group.create_dataset(name, data=np.stack([curve.y, curve.low, curve.high], axis=1))
        variable.dims[0].attach_scale(point)
        variable.dims[1].attach_scale(file["estimate"])
        variable.attrs["units"], variable.attrs["long_name"] = curve.about.unit, curve.about.meaning


def _cells(file: Any, made: VolumeRun) -> None:
    group = file.create_group("cells")
    scale = group.create_dataset("seed", data=np.array([cell.seed for cell in made.cells], np.int64))
    scale.make_scale("seed")
    scale.attrs["long_name"] = "seed of the cell"
    for name in made.cells[0].numbers:
        variable = group.create_dataset(name, data=np.array([cell.numbers.get(name, np.nan) for cell in made.cells]))
        variable.dims[0].attach_scale(scale)
        about = made.run.meanings.get(name)
        if about is not None:
            variable.attrs["units"], variable.attrs["long_name"] = about.unit, about.meaning
    for name in made.cells[0].quality.as_dict():
        variable = group.create_dataset(
            f"quality_{name}", data=np.array([float(getattr(cell.quality, name)) for cell in made.cells])
        )
        variable.dims[0].attach_scale(scale)
    widths = file.create_group("crack_widths")
    for cell in made.cells:
        of_cell = widths.create_group(f"cell_{cell.seed}")
        for name, values in cell.widths.items():
            of_cell.create_dataset(name, data=np.asarray(values, np.float32))
    text = json.dumps([_record(cell) for cell in made.cells], default=lambda value: value.item())
    group.create_dataset(RECORD, data=np.frombuffer(text.encode(), np.uint8), compression="gzip")


# Everything that is known of the cells, to the file and back


def _record(cell: CellNumbers) -> dict[str, Any]:
    curve = cell.curve
    return {
        "seed": cell.seed,
        "numbers": dict(cell.numbers),
        "reasons": dict(cell.reasons),
        "measured": {name: {"kind": type(one).__name__, **one.__dict__} for name, one in cell.measured.items()},
        "meanings": {name: dataclasses.asdict(about) for name, about in cell.meanings.items()},
        "cautions": [dataclasses.asdict(caution) for caution in cell.cautions],
        "curve": {
            "stage": curve.stage.tolist(),
            "stages": list(curve.stages),
            **{name: getattr(curve, name).tolist() for name in _CURVE},
        },
        "quality": cell.quality.as_dict(),
        "rupture_stretch_ratio": cell.rupture_stretch_ratio,
        "wall_time": cell.wall_time,
        "outcome": cell.outcome,
        "remarks": list(cell.remarks),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredCell:
    """A cell as its file holds it: what `CellNumbers` takes, but for the membrane, which follows from it."""

    parts: Mapping[str, Any]

    @property
    def measured(self) -> Mapping[str, MeasuredResult]:
        """What was measured on its image."""
        found: Mapping[str, MeasuredResult] = self.parts["measured"]
        return found


def read_volume_cells(path: Path) -> tuple[list[StoredCell], tuple[Frame, ...]]:
    """The cells and frames that `write_volume_results` wrote.

    Raises KeyError for a file without them, as earlier versions wrote it, and OSError, TypeError or ValueError for a damaged one.
    """
    import h5py  # here, because few commands need it

    with h5py.File(path, "r") as file:
        records = json.loads(bytes(np.asarray(file["cells"][RECORD], np.uint8)))
        widths = {
            name: {key: np.asarray(values, np.float32) for key, values in group.items()}
            for name, group in file["crack_widths"].items()
        }
        frames = frames_from_arrays({name: np.asarray(values) for name, values in file["frames"].items()})
    return [_cell_of(record, widths[f"cell_{int(record['seed'])}"]) for record in records], frames


def _cell_of(record: Mapping[str, Any], widths: Mapping[str, Any]) -> StoredCell:
    curve = record["curve"]
    parts = {
        **record,
        "seed": int(record["seed"]),
        "numbers": {str(name): float(value) for name, value in record["numbers"].items()},
        "measured": {name: _KINDS[one["kind"]](**_without_kind(one)) for name, one in record["measured"].items()},
        "meanings": {name: Meaning(**about) for name, about in record["meanings"].items()},
        "cautions": tuple(Caution(**caution) for caution in record["cautions"]),
        "curve": ProgrammeCurve(
            stage=np.array(curve["stage"], np.int64),
            stages=tuple(curve["stages"]),
            **{name: np.array(curve[name], np.float64) for name in _CURVE},
        ),
        "quality": CellQuality(**record["quality"]),
        "remarks": tuple(record["remarks"]),
        "widths": widths,
    }
    return StoredCell(parts=parts)


def _without_kind(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "kind"}
