"""The results of a run as one netCDF-4 file: unit and meaning on every variable, groups named like the recipe's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from poreline.line.run import Run
from poreline.quantities import Estimate

_PART_OF_NO_RUN = {"created", "wall_time"}  # of the provenance: equal runs give equal files


def write_results(run: Run, path: Path) -> None:
    """Write results, samples and curves of a run.

    Groups: the stages (`/blend`, `/film`, `/stretch`, `/structure`, `/membrane`, `/separation`) hold value, low and high
    of every result; `/samples` the samples of every result that varies; `/draw` the curves along the draw. NaN where not
    determined, with `reason`. netCDF-4 is HDF5 with dimension scales, which is how it is written here.
    """
    import h5py  # here, because no other command needs it

    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["title"] = f"poreline run of {run.recipe.name}"
        file.attrs["Conventions"] = "CF-1.11"
        file.attrs["outcome"] = run.outcome.kind
        file.attrs.update({k: v for k, v in run.provenance.as_dict().items() if k not in _PART_OF_NO_RUN})
        about = "value at the nominal parameters; 5 % and 95 % of the samples"
        estimate = _dimension(file, "estimate", np.array([b"value", b"low", b"high"]), about)
        sample = _dimension(file, "sample", np.arange(run.provenance.samples), "number of the sample")
        for name, result in run.results.items():
            triple = (result.value, result.low, result.high) if isinstance(result, Estimate) else (np.nan,) * 3
            variable = _variable(file.require_group(run.stage_of[name]), name, np.array(triple), [estimate])
            _describe(variable, run, name)
            if not isinstance(result, Estimate):
                variable.attrs["reason"] = result.reason
        samples = file.create_group("samples")
        for name, values in run.samples.items():
            if np.ptp(values) == 0.0:  # nothing uncertain acts on it: its estimate says everything
                continue
            _describe(_variable(samples, name, values, [sample]), run, name)
        _write_curve(file, run, estimate)


def _dimension(group: Any, name: str, values: Any, meaning: str) -> Any:
    scale = group.create_dataset(name, data=values)
    scale.make_scale(name)
    scale.attrs["units"] = "1"
    scale.attrs["long_name"] = meaning
    return scale


def _variable(group: Any, name: str, values: Any, dimensions: list[Any]) -> Any:
    variable = group.create_dataset(name, data=values)
    for axis, dimension in enumerate(dimensions):
        variable.dims[axis].attach_scale(dimension)
    return variable


def _describe(variable: Any, run: Run, name: str) -> None:
    about = run.meanings[name]
    texts = {"units": about.unit, "long_name": about.meaning, "symbol": about.symbol, "method": about.method}
    for key, text in texts.items():
        if text:
            variable.attrs[key] = text


def _write_curve(file: Any, run: Run, estimate: Any) -> None:
    if run.curve is None:
        return
    group = file.create_group("draw")
    point = _dimension(group, "point", np.arange(run.curve.elongation.size), "number of the point along the draw")
    elongation = _variable(group, "elongation", run.curve.elongation, [point])
    elongation.attrs["units"] = "1"
    elongation.attrs["long_name"] = "elongation of the unstretched film at which the draw ends"
    step = _variable(group, "step", run.curve.step.astype("i4"), [point])
    step.attrs["units"] = "1"
    step.attrs["long_name"] = "index of the stretch step that the point lies in"
    for name in run.curve.nominal:
        stacked = np.stack([run.curve.nominal[name], run.curve.low[name], run.curve.high[name]], axis=1)
        _describe(_variable(group, name, stacked, [point, estimate]), run, name)
