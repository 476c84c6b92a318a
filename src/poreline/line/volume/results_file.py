"""The results of a volume simulation as one netCDF-4 file: those of any run, its programme, its cells, both models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from poreline.line.results_file import write_results
from poreline.line.volume.volume_run import VolumeRun
from poreline.quantities import Estimate


def write_volume_results(made: VolumeRun, path: Path) -> None:
    """Write the results of a simulation.

    As `write_results`, and `/programme` with the curves (value, low, high at every recorded step), `/cells` with the
    numbers of each cell, `/mean_field` with value, low and high of the mean-field model's results, `/crack_widths` with
    samples of widths (m) and their weights from each cell.
    """
    import h5py  # here, because few commands need it

    write_results(made.run, path)
    with h5py.File(path, "a", track_order=True) as file:
        file.attrs["device"] = made.device
        _programme(file, made)
        _cells(file, made)
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
