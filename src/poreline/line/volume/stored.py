"""A volume simulation that was kept, as it was: from its folder instead of from its cells, which take minutes to draw."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from poreline.line.plan import Plan
from poreline.line.simulate import simulate
from poreline.line.uncertainty import Priors
from poreline.line.volume.cell import cell_plan
from poreline.line.volume.checkpoint import image_name
from poreline.line.volume.drawn import CellNumbers
from poreline.line.volume.measuring import membrane_of
from poreline.line.volume.results_file import StoredCell, read_volume_cells
from poreline.line.volume.settings import VolumeSettings
from poreline.line.volume.simulate import REMARK, Prepared, as_run
from poreline.line.volume.volume_run import VolumeRun
from poreline.membrane.image.measured import MeasuredStructure
from poreline.quantities import Fault, InvalidInput, printable
from poreline.recipe import UnderstoodRecipe
from poreline.separation import separate
from poreline.voxels import VoxelImage
from poreline.voxels.files import read_image

_AGAIN = "Simulate it again: poreline run {recipe} --model volume"
RESULTS = "results.nc"


def stored_volume_run(
    folder: Path, understood: UnderstoodRecipe, summary: Mapping[str, Any], priors: Priors
) -> VolumeRun:
    """The simulation in `folder`, from its results, the image of its first cell and its recipe; no cell is drawn.

    The mean-field model beside it is run anew. Raises InvalidInput, and says what is missing, where the folder does not hold all
    of it.
    """
    about, simulation = summary["provenance"], summary.get("simulation")
    cells, frames = _cells(folder)
    if not isinstance(simulation, Mapping) or not cells:
        raise _missing(folder, "summary.json", "It does not tell how the cells were simulated.")
    seeds = tuple(int(cell.parts["seed"]) for cell in cells)
    image = _image(folder, seeds[0])
    mean_field = simulate(understood, samples=int(about["samples"]), seed=seeds[0], priors=priors, causes=())
    plan = mean_field.plan
    if not isinstance(plan, Plan) or mean_field.nominal.film is None:
        raise _missing(folder, "recipe.toml", "It makes no film that could have been drawn.")
    try:
        settings = VolumeSettings(
            quality=simulation["quality"],
            voxels=int(simulation["voxels"]),
            seeds=seeds,
            domains=int(simulation["domains"]),
            steps_factor=float(simulation["steps_factor"]),
        )
        device, at_a_time = printable(simulation["device"], 100), int(simulation.get("cells_at_a_time", 1))
        made_at, wall_time = datetime.fromisoformat(about["created"]), float(about["wall_time"])
    except (KeyError, TypeError, ValueError) as error:
        raise _missing(folder, "summary.json", f"It cannot be read: {printable(error, 100)}.") from error
    prepared = Prepared(
        understood=mean_field.understood,
        plan=plan,
        mean_field=mean_field,
        settings=settings,
        cell=cell_plan(plan, mean_field.nominal.film, settings),
        device="cpu",
        digest=printable(about["run_digest"], 40),
        at_a_time=at_a_time,
    )
    numbers = [_with_membrane(cell, prepared, image) for cell in cells]
    files = {seed: image_name(seed) for seed in seeds if (folder / image_name(seed)).is_file()}
    remarks = tuple(str(one["text"]) for one in summary.get("warnings", ()) if one.get("code") == REMARK)
    made = as_run(prepared, numbers, _measured(cells[0], image), frames, files, remarks, made_at, wall_time)
    # Who made it stays as it was; the text above is what this version writes.
    names = ("version", "python", "numpy", "platform", "created")
    kept: dict[str, Any] = {name: printable(about[name], 200) for name in names if name in about}
    provenance = dataclasses.replace(made.run.provenance, **kept)
    return dataclasses.replace(made, run=dataclasses.replace(made.run, provenance=provenance), device=device)


def _cells(folder: Path) -> tuple[list[StoredCell], Any]:
    path = folder / RESULTS
    try:
        return read_volume_cells(path)
    except KeyError as error:
        reason = f"It holds no {printable(error.args[0] if error.args else error, 80)}: it was written by a version that did not keep what a report needs."
        raise _missing(folder, RESULTS, reason) from error
    except FileNotFoundError as error:
        raise _missing(folder, RESULTS, "The file is not there.") from error
    except (OSError, TypeError, ValueError) as error:
        raise _missing(folder, RESULTS, f"It cannot be read: {printable(error, 120)}.") from error


def _image(folder: Path, seed: int) -> VoxelImage:
    name = image_name(seed)
    if not (folder / name).is_file():
        raise _missing(folder, name, "The image of the first cell, which the pictures are drawn from, is not there.")
    return read_image(folder / name)


def _measured(cell: StoredCell, image: VoxelImage) -> MeasuredStructure:
    return MeasuredStructure(
        image=image,
        results=dict(cell.measured),
        meanings=dict(cell.parts["meanings"]),
        distributions={},
        cautions=cell.parts["cautions"],
    )


def _with_membrane(cell: StoredCell, prepared: Prepared, image: VoxelImage) -> CellNumbers:
    """The cell with the membrane that its measured numbers come to, and what that does on the duties."""
    numbers, understood = cell.parts["numbers"], prepared.understood
    membrane = membrane_of(
        _measured(cell, image),
        numbers["film_thickness"],
        numbers["stretch_ratio_final"],
        prepared.plan,
        prepared.mean_field.nominal.membrane.dense_permeability,
    )
    performance = separate(membrane, understood.recipe.duty, understood.materials)
    return CellNumbers(**cell.parts, membrane=membrane, performance=performance)


def _missing(folder: Path, name: str, reason: str) -> InvalidInput:
    recipe = printable(folder / "recipe.toml", 200)
    fault = Fault(
        name, printable(folder.name, 100), "what the report is drawn from", reason, _AGAIN.format(recipe=recipe)
    )
    return InvalidInput([fault], "runs")
