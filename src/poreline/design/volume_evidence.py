"""What a volume simulation says of connection, beside the number of contacts that the mean-field model gives the same film."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.line import MembranePlan, Plan, evaluate, parameter_names, plan
from poreline.line.store import MEASUREMENT, VOLUME, read_summary
from poreline.line.volume import VolumeRun
from poreline.quantities import Fault, InvalidInput, printable
from poreline.quantities.fields import quantity
from poreline.recipe import read_recipe

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class VolumeEvidence:
    """One recipe by both models: what the fit takes of it, and where that is from.

    The numbers of the simulation are means over its cells; their standard errors are from the scatter between cells, 0 with
    one cell. `contacts` does not depend on the percolation threshold that the recipe was run with.
    """

    name: str
    """Of the recipe."""
    run: str
    """Id of the stored run; empty for one in memory."""
    recipe_digest: str
    run_digest: str
    version: str
    seeds: tuple[int, ...]
    voxels: int
    domains: int
    stretch_ratio: float = quantity("1", "stretch ratio in the machine direction at the end", symbol="lam_final")
    contacts: float = quantity("1", "connectivity number of the mean-field model", symbol="B")
    spacings: float = quantity("1", "thickness of the drawn cell over the distance between domains", symbol="H/L")
    transport_share: float = quantity(
        "1", "porosity that transport passes through over the open porosity, in the mean-field model", default=1.0
    )
    porosity: float = quantity("1", "porosity of the simulated cells", symbol="eps", shown_in="%")
    open_share: float = quantity("1", "open over total porosity through the thickness", symbol="P_open", shown_in="%")
    open_share_error: float = quantity("1", "standard error of the open share", default=0.0)
    tortuosity: float | None = quantity(
        "1", "open porosity over relative diffusivity, through the thickness; none: fewer than half of the cells connect",
        symbol="tau", default=None,
    )  # fmt: skip
    tortuosity_error: float = quantity("1", "standard error of its logarithm", default=0.0)
    tortuosity_machine: float | None = quantity("1", "the same in the machine direction", default=None)


def evidence_of(made: VolumeRun, run: str = "") -> VolumeEvidence:
    """The evidence of a simulation in memory. Raises InvalidInput for one that ruptured or did not converge."""
    provenance = made.run.provenance
    return _evidence(
        plan_of=made.mean_field.plan,
        outcome=made.run.outcome.kind,
        numbers={
            name: np.array([float(cell.numbers.get(name, math.nan)) for cell in made.cells]) for name in _FROM_CELLS
        },
        of={
            "name": made.run.recipe.name,
            "run": run,
            "recipe_digest": provenance.recipe_digest,
            "run_digest": provenance.run_digest,
            "version": provenance.version,
            "seeds": tuple(cell.seed for cell in made.cells),
            "voxels": made.cell.voxels,
            "domains": made.cell.domains,
        },
    )


def stored_evidence(folder: Path) -> VolumeEvidence:
    """The evidence of a stored run; the mean-field model is run anew on its recipe.

    Raises InvalidInput for a folder that holds no volume simulation, for files that are damaged, and for a simulation that
    ruptured or did not converge.
    """
    shown = printable(folder.name, 100)
    try:
        summary = read_summary(folder)
    except (OSError, ValueError) as error:
        raise _refused(
            shown, f"Its summary cannot be used: {printable(error, 200)}.", "Run the recipe again."
        ) from error
    if summary.get("kind") == MEASUREMENT:
        raise _refused(shown, "It is a measured image, of which no mean-field model is known.", _REMEDY)
    provenance, simulation = summary["provenance"], summary.get("simulation")
    if provenance["model"] != VOLUME or not isinstance(simulation, Mapping):
        raise _refused(shown, f"It is a run of the {printable(provenance['model'])} model.", _REMEDY)
    try:
        understood = read_recipe(folder / "recipe.toml", parameter_names())
    except InvalidInput as error:
        raise InvalidInput(
            [replace(fault, field=f"{shown}: {fault.field}") for fault in error.faults], "fit"
        ) from error
    try:
        numbers, seeds = _stored_numbers(folder / "results.nc")
        voxels, domains = int(simulation["voxels"]), int(simulation["domains"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        reason = f"Its results cannot be read: {printable(error, 200)}."
        raise _refused(shown, reason, "Run the recipe again.") from error
    return _evidence(
        plan_of=plan(understood.recipe, understood.materials),
        outcome=summary["outcome"],
        numbers=numbers,
        of={
            "name": understood.recipe.name,
            "run": folder.name,
            "recipe_digest": provenance["recipe_digest"],
            "run_digest": provenance["run_digest"],
            "version": provenance["version"],
            "seeds": seeds,
            "voxels": voxels,
            "domains": domains,
        },
    )


_REMEDY = "Make one with: poreline run RECIPE --model volume"
_FROM_CELLS = (
    "porosity",
    "porosity_open",
    "tortuosity",
    "tortuosity_machine",
    "thickness_ratio",
    "stretch_ratio_final",
)


def _refused(found: str, reason: str, remedy: str) -> InvalidInput:
    return InvalidInput([Fault("run", found, "a finished volume simulation", reason, remedy)], "fit")


def _stored_numbers(path: Path) -> tuple[dict[str, Array], tuple[int, ...]]:
    import h5py  # here, because few commands need it

    with h5py.File(path, "r") as file:
        cells = file["cells"]
        numbers = {name: np.atleast_1d(np.asarray(cells[name], np.float64)) for name in _FROM_CELLS}
        return numbers, tuple(int(seed) for seed in cells["seed"])


def _evidence(
    *, plan_of: Plan | MembranePlan, outcome: str, numbers: Mapping[str, Array], of: dict[str, Any]
) -> VolumeEvidence:
    """Raises InvalidInput for a simulation whose end is not that of the mean-field model's programme."""
    shown = printable(of["run"] or of["name"], 100)
    if outcome not in ("ok", "not-connected"):
        reason = f"It ended as {printable(outcome)}: its numbers are not those of the whole programme."
        raise _refused(shown, reason, "Leave it out; draw less, or take --steps-factor 2.")
    assert isinstance(plan_of, Plan)  # a measured membrane is never drawn
    structure = evaluate(plan_of).structure
    membrane = evaluate(plan_of).membrane
    assert structure is not None  # a film that is drawn has one
    porosity = _mean(numbers["porosity"])
    if not porosity > 0.0:
        raise _refused(shown, "Nothing has opened in its cells.", "Leave it out; draw further.")
    shares = np.nan_to_num(numbers["porosity_open"] / numbers["porosity"], nan=0.0)
    ways = numbers["tortuosity"][np.isfinite(numbers["tortuosity"]) & (numbers["tortuosity"] > 0.0)]
    known = 2 * ways.size >= shares.size and ways.size > 0
    open_ = float(np.asarray(membrane.porosity_open))
    return VolumeEvidence(
        **of,
        stretch_ratio=_mean(numbers["stretch_ratio_final"]),
        contacts=float(np.asarray(structure.connectivity))
        * float(np.asarray(plan_of.constants.membrane.percolation_threshold)),
        # The domains of a cell are as far apart as their number says: edge over their cube root.
        spacings=_mean(numbers["thickness_ratio"]) * float(of["domains"]) ** (1.0 / 3.0),
        transport_share=float(np.asarray(membrane.transport_porosity)) / open_ if open_ > 0.0 else 1.0,
        porosity=porosity,
        open_share=float(np.clip(shares.mean(), 0.0, 1.0)),
        open_share_error=_standard_error(shares),
        tortuosity=float(np.exp(np.log(ways).mean())) if known else None,
        tortuosity_error=_standard_error(np.log(ways)) if known else 0.0,
        tortuosity_machine=_machine(numbers["tortuosity_machine"]),
    )


def _mean(values: Array) -> float:
    return float(np.mean(values))


def _standard_error(values: Array) -> float:
    return float(np.std(values, ddof=1) / math.sqrt(values.size)) if values.size > 1 else 0.0


def _machine(values: Array) -> float | None:
    known = values[np.isfinite(values) & (values > 0.0)]
    return float(np.exp(np.log(known).mean())) if 2 * known.size >= values.size and known.size else None


def different(evidence: Sequence[VolumeEvidence]) -> int:
    """How many degrees of connection the evidence holds: numbers of contacts that lie within 1 % count as one."""
    found: list[float] = []
    for contacts in sorted(one.contacts for one in evidence):
        if not found or contacts > found[-1] * 1.01:
            found.append(contacts)
    return len(found)
