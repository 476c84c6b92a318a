"""The results of a measurement as one netCDF-4 file: unit and meaning on every variable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.line.measurement import Measurement
from poreline.quantities import Estimate, Infinite, MeasuredResult, Truth
from poreline.voxels.image import AXIS_NAMES

_PART_OF_NO_MEASUREMENT = {"created", "wall_time"}  # of the provenance: equal measurements give equal files
_LARGEST_MAP = 2**27
"""Voxels of a map that goes into the file: half a gigabyte before it is packed. Larger ones are left to `--export`."""


def write_measurement(made: Measurement, path: Path) -> None:
    """Write the results, curves, tables and maps of a measurement.

    `/results` holds value, low and high of every result, `/distributions` a group for each curve, `/tables` a group for
    each table, `/maps` the values per voxel. NaN with `reason` where not determined, infinity with `reason` where
    infinite, 1 and 0 for yes and no. netCDF-4 is HDF5 with dimension scales, which is how it is written here.
    """
    import h5py  # here, because few commands need it

    structure = made.structure
    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["title"] = f"poreline measurement of {made.name}"
        file.attrs["Conventions"] = "CF-1.11"
        file.attrs["outcome"] = made.outcome.kind
        file.attrs.update({k: v for k, v in made.provenance.as_dict().items() if k not in _PART_OF_NO_MEASUREMENT})
        file.attrs["spacing"] = np.array(made.image.spacing)
        file.attrs["source"] = "; ".join(made.image.source)
        about = "value; 5 % and 95 % end of its band"
        estimate = _dimension(file, "estimate", np.array([b"value", b"low", b"high"]), "1", about)
        results = file.create_group("results")
        for name, result in structure.results.items():
            variable = results.create_dataset(name, data=_triple(result))
            variable.dims[0].attach_scale(estimate)
            meaning = structure.meanings.get(name)
            texts = {"units": result_unit(result), "long_name": result.meaning}
            texts |= {"symbol": meaning.symbol if meaning else "", "method": getattr(result, "method", "")}
            texts["reason"] = getattr(result, "reason", "")
            variable.attrs.update({key: text for key, text in texts.items() if text})
        for name, curve in structure.distributions.items():
            group = file.require_group("distributions").create_group(name)
            group.attrs["long_name"] = curve.meaning
            scale = _dimension(group, "x", curve.x, curve.x_unit, curve.x_meaning)
            values = group.create_dataset("y", data=curve.y)
            values.dims[0].attach_scale(scale)
            values.attrs["units"] = curve.y_unit
            values.attrs["long_name"] = curve.y_meaning
        for name, table in structure.tables.items():
            group = file.require_group("tables").create_group(name)
            for column, numbers in table.items():
                group.create_dataset(column, data=numbers)
        _write_maps(file, made)


def _write_maps(file: Any, made: Measurement) -> None:
    maps = {name: field for name, field in made.structure.maps.items() if field.size <= _LARGEST_MAP}
    if not maps:
        return
    group = file.create_group("maps")
    image = made.image
    scales = [
        _dimension(group, axis, (np.arange(count) + 0.5) * edge, "m", f"middle of the voxel along {axis}")
        for axis, count, edge in zip(AXIS_NAMES, image.shape, image.spacing, strict=True)
    ]
    for name, field in maps.items():
        variable = group.create_dataset(name, data=field, compression="gzip", compression_opts=1, shuffle=True)
        for axis, scale in enumerate(scales):
            variable.dims[axis].attach_scale(scale)
        variable.attrs["units"] = "m"
        variable.attrs["long_name"] = f"{name.replace('_', ' ')} of each voxel; 0 in the solid"


def _triple(result: MeasuredResult) -> npt.NDArray[np.float64]:
    if isinstance(result, Estimate):
        return np.array([result.value, result.low, result.high])
    if isinstance(result, Truth):
        return np.full(3, float(result.value))
    return np.full(3, np.inf if isinstance(result, Infinite) else np.nan)


def result_unit(result: MeasuredResult) -> str:
    """SI unit of a result; 1 for a yes or no."""
    return getattr(result, "unit", "1")


def _dimension(group: Any, name: str, values: Any, unit: str, meaning: str) -> Any:
    scale = group.create_dataset(name, data=values)
    scale.make_scale(name)
    scale.attrs["units"] = unit
    scale.attrs["long_name"] = meaning
    return scale
