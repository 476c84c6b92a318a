"""The results of a run as one netCDF-4 file: unit and meaning on every variable, groups named like the recipe's tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from poreline.line.run import Run
from poreline.quantities import Estimate


def write_results(run: Run, path: Path) -> None:
    """Write results, samples and curves of a run.

    Groups: the stages (`/blend`, `/film`, `/stretch`, `/structure`, `/membrane`, `/separation`) hold value, low and high
    of every result; `/samples` the samples of every result that varies; `/draw` the curves along the draw. NaN where not determined, with `reason`.
    """
    import h5netcdf  # here, because no other command needs it

    with h5netcdf.File(path, "w", track_order=True) as file:
        file.attrs["title"] = f"poreline run of {run.recipe.name}"
        file.attrs["Conventions"] = "CF-1.11"
        file.attrs["outcome"] = run.outcome.kind
        for key, value in run.provenance.as_dict().items():
            if key not in {"created", "wall_time"}:  # equal runs give equal files
                file.attrs[key] = value
        file.dimensions = {"estimate": 3, "sample": run.provenance.samples}
        labels = file.create_variable("estimate", ("estimate",), "S8", data=np.array([b"value", b"low", b"high"]))
        labels.attrs["long_name"] = "value at the nominal parameters; 5 % and 95 % of the samples"
        for name, result in run.results.items():
            group = _group(file, run.stage_of[name])
            estimate = (result.value, result.low, result.high) if isinstance(result, Estimate) else (np.nan,) * 3
            variable = group.create_variable(name, ("estimate",), "f8", data=np.array(estimate))
            _describe(variable, run, name)
            if not isinstance(result, Estimate):
                variable.attrs["reason"] = result.reason
        samples = file.create_group("samples")
        for name, values in run.samples.items():
            if np.ptp(values) == 0.0:  # nothing uncertain acts on it: its estimate says everything
                continue
            _describe(samples.create_variable(name, ("sample",), "f8", data=values), run, name)
        _write_curve(file, run)


def _group(file: Any, name: str) -> Any:
    return file[name] if name in file.groups else file.create_group(name)


def _describe(variable: Any, run: Run, name: str) -> None:
    about = run.meanings[name]
    variable.attrs["units"] = about.unit
    variable.attrs["long_name"] = about.meaning
    for key in ("symbol", "method"):
        if getattr(about, key):
            variable.attrs[key] = getattr(about, key)


def _write_curve(file: Any, run: Run) -> None:
    if run.curve is None:
        return
    group = file.create_group("draw")
    group.dimensions = {"point": run.curve.elongation.size}
    elongation = group.create_variable("elongation", ("point",), "f8", data=run.curve.elongation)
    elongation.attrs["units"] = "1"
    elongation.attrs["long_name"] = "elongation of the unstretched film at which the draw ends"
    step = group.create_variable("step", ("point",), "i4", data=run.curve.step.astype("i4"))
    step.attrs["units"] = "1"
    step.attrs["long_name"] = "index of the stretch step that the point lies in"
    for name in run.curve.nominal:
        stacked = np.stack([run.curve.nominal[name], run.curve.low[name], run.curve.high[name]], axis=1)
        _describe(group.create_variable(name, ("point", "estimate"), "f8", data=stacked), run, name)
