"""What passes through the pores of a drawn cell: diffusion, gas and liquid along each axis, and the pore that carries the flow.

The same solves as those of `poreline measure`, one law after the other: the axes of a law share its conductances and the
levels of its solver.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.measured import OCTANT_BAND
from poreline.quantities import Estimate, Infinite, MeasuredResult, NotDetermined
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Meaning
from poreline.voxels import AXES, AXIS_NAMES, Axis, VoxelImage

if TYPE_CHECKING:
    from poreline.membrane.image.transport import ConductanceSolution, Conduction, DiffusionSolution

FloatArray = npt.NDArray[np.float32]
Progress = Callable[[str, float], None]

_ROUGH = 0.01  # flux imbalance above which a reader is told
_NITROGEN_DIFFUSIVITY, _NITROGEN_MASS, _TEMPERATURE = 2.0e-5, 28.0134e-3, 298.15  # as `poreline measure` takes them
_NO_WAY = "No pore goes through: nothing passes."
_NO_PORE = "There is no pore, or no wall."
_UNSETTLED = "Hardly anything passes along this axis, and the solve did not settle."


@dataclass
class Passing:
    """Results by name with their meanings, and what a reader should know."""

    results: dict[str, MeasuredResult] = field(default_factory=dict)
    meanings: dict[str, Meaning] = field(default_factory=dict)
    cautions: list[Caution] = field(default_factory=list)

    def add(self, name: str, value: float, about: Meaning, error: float = 0.0, reason: str = _NO_PORE) -> None:
        """Keep a number with a band of its relative error, or why there is none."""
        self.meanings[name] = about
        if not math.isfinite(value):
            self.results[name] = NotDetermined(reason, about.unit, about.meaning)
            return
        part = min(1.0, abs(error) if math.isfinite(error) else 0.0)
        self.results[name] = Estimate(
            value, value * (1.0 - part), value * (1.0 + part), about.unit, about.meaning, about.method
        )


def passing(image: VoxelImage, *, device: str = "cpu", progress: Progress | None = None) -> Passing:
    """Relative diffusivity, tortuosity, diffusivity of nitrogen and permeability along x, y, z; the flow pore through z.

    Names and definitions are those of `poreline measure`. Where pores do not go through, conductances are 0 and the
    tortuosity is infinite.
    """
    from poreline.membrane import characterise
    from poreline.membrane.image.local_laws import mean_molecular_speed
    from poreline.membrane.image.local_thickness import patch_distances
    from poreline.membrane.image.transport import Conduction, gas_diffusivities, viscous_conductivities
    from poreline.membrane.image.wall import wall_of
    from poreline.voxels.device import choose_device

    kind = choose_device(device).kind
    found = Passing()
    opened = image.open_voxels()
    if not opened.any() or opened.all():
        _nothing(found)
        return found
    _tell(progress, "local thickness", 0.0)
    thickness = characterise(image, only=("local-thickness",)).maps["local_thickness"]
    distance = patch_distances(image, wall_of(image)) * np.float32(min(image.spacing))
    conduction = Conduction(image, device=kind)
    for axis in AXES:
        _tell(progress, f"diffusion along {AXIS_NAMES[axis]}", 0.1 + 0.1 * axis)
        _diffusion(found, conduction, axis)
    speed = float(mean_molecular_speed(_NITROGEN_MASS, _TEMPERATURE))
    diffusivities = gas_diffusivities(image, thickness, free_diffusivity=_NITROGEN_DIFFUSIVITY, molecular_speed=speed)
    conduction = Conduction(image, diffusivities, device=kind)
    for axis in AXES:
        _tell(progress, f"gas along {AXIS_NAMES[axis]}", 0.4 + 0.1 * axis)
        _gas(found, conduction, axis)
    fields = [viscous_conductivities(image, thickness, distance, pore_shape=shape) for shape in ("slit", "tube")]
    # Microcracks are slits whatever the pores are: where there is nothing but them, both bounds are one.
    if np.array_equal(fields[0][image.void > 0], fields[1][image.void > 0]):
        fields.pop()
    bounds: list[list[ConductanceSolution]] = []
    for number, values in enumerate(fields):
        conduction = Conduction(image, values, device=kind)
        bounds.append([])
        for axis in AXES:
            part = (3 * number + axis) / (3 * len(fields))
            _tell(progress, f"viscous flow along {AXIS_NAMES[axis]}", 0.7 + 0.3 * part)
            mapped = axis == AXES[-1] and number == 0
            bounds[-1].append(_settled(found, "viscous flow", conduction.conductance(axis, flux_map=mapped)))
    for axis in AXES:
        _permeability(found, axis, [solutions[axis] for solutions in bounds])
    flow = bounds[0][AXES[-1]]
    _flow_weighted(found, thickness, flow.flux_magnitude if flow.connected else None)
    return found


def _tell(progress: Progress | None, what: str, share: float) -> None:
    if progress is not None:
        progress(what, share)


def _along(axis: Axis) -> str:
    return f", along {AXIS_NAMES[axis]}"


def _meaning(stem: str, axis: Axis) -> Meaning:
    by = "finite volumes on the voxels"
    known = {
        "diffusivity_relative": ("1", "effective diffusivity over that in free space", "D/D0", "", by),
        "tortuosity": ("1", "tortuosity factor: open porosity over relative diffusivity", "tau", "", by),
        "diffusivity_gas_N2": (
            "m2/s", "effective diffusivity of nitrogen at 298.15 K and 1 atm (free: 2.0e-5 m2/s, assumed)", "D_N2", "",
            "local Knudsen and free diffusivity (Bosanquet), slits of the local width"),
        "permeability": (
            "m2", "permeability to viscous flow by local hydraulic conductances; band: pores as tubes and as slits", "k", "",
            "parabolic profile of a slit or a tube in each pore"),
    }  # fmt: skip
    unit, meaning, symbol, shown_in, method = known[stem]
    return Meaning(unit, f"{meaning}{_along(axis)}", symbol, shown_in, method)


Solution = TypeVar("Solution", "DiffusionSolution", "ConductanceSolution")


def _settled(found: Passing, what: str, solution: Solution) -> Solution:
    """The solution, with a caution where it is rough."""
    if solution.connected and not solution.flux_imbalance <= _ROUGH:
        text = (
            f"The solve of {what} along {AXIS_NAMES[solution.axis]} is rough: its flux differs by "
            f"{100 * solution.flux_imbalance:.2g} % between cross-sections."
        )
        found.cautions.append(Caution("transport-rough", text))
    return solution


def _conductance(solution: ConductanceSolution) -> float:
    """The effective conductivity; NaN where the solve did not settle on one."""
    value = solution.conductivity_effective
    return value if value > 0.0 or not solution.connected else math.nan


def _diffusion(found: Passing, conduction: Conduction, axis: Axis) -> None:
    solution = _settled(found, "diffusion", conduction.diffusion(axis))
    letter, error, value = AXIS_NAMES[axis], solution.flux_imbalance, solution.diffusivity_relative
    settled = value > 0.0 or not solution.connected
    about = _meaning("diffusivity_relative", axis)
    found.add(f"diffusivity_relative_{letter}", value if settled else math.nan, about, error, _UNSETTLED)
    about = _meaning("tortuosity", axis)
    if solution.connected:
        found.add(f"tortuosity_{letter}", solution.tortuosity if settled else math.nan, about, error, _UNSETTLED)
        return
    found.meanings[f"tortuosity_{letter}"] = about
    found.results[f"tortuosity_{letter}"] = Infinite(_NO_WAY, "1", about.meaning)


def _gas(found: Passing, conduction: Conduction, axis: Axis) -> None:
    solution = _settled(found, "gas diffusion", conduction.conductance(axis))
    name = f"diffusivity_gas_N2_{AXIS_NAMES[axis]}"
    about, error = _meaning("diffusivity_gas_N2", axis), solution.flux_imbalance
    found.add(name, _conductance(solution), about, error, _UNSETTLED)


def _permeability(found: Passing, axis: Axis, bounds: list[ConductanceSolution]) -> None:
    """Between the permeability of slits and that of tubes."""
    values = [_conductance(solution) for solution in bounds]
    low, high = min(values), max(values)
    name, about = f"permeability_{AXIS_NAMES[axis]}", _meaning("permeability", axis)
    found.meanings[name] = about
    if all(math.isfinite(value) for value in values):
        found.results[name] = Estimate(math.sqrt(low * high), low, high, about.unit, about.meaning, about.method)
    else:
        found.results[name] = NotDetermined(_UNSETTLED, about.unit, about.meaning)


def _flow_weighted(found: Passing, thickness: FloatArray, flux: FloatArray | None) -> None:
    """Mean width of the pores as the flow through the film sees them, and its geometric standard deviation."""
    from poreline.membrane.image.representative import mean_with_band

    mean_about = Meaning("m", "flow-weighted mean width of the connected pores, by local thickness", "w_flow", "nm",
                         f"local thickness weighted by viscous flow, along z; {OCTANT_BAND}")  # fmt: skip
    spread_about = Meaning(
        "1",
        "geometric standard deviation of the pore width, weighted by flow",
        "s_g,pore",
        "",
        "weighted by viscous flow",
    )
    found.meanings |= {"pore_diameter_mean": mean_about, "pore_diameter_spread": spread_about}
    if flux is None:
        found.results["pore_diameter_mean"] = NotDetermined(_NO_WAY, "m", mean_about.meaning)
        found.results["pore_diameter_spread"] = NotDetermined(_NO_WAY, "1", spread_about.meaning)
        return
    weights = np.where(thickness > 0, flux, np.float32(0.0))
    mean, low, high = mean_with_band(thickness, weights)
    low, high = (mean if not math.isfinite(edge) else edge for edge in (low, high))
    found.results["pore_diameter_mean"] = Estimate(
        mean, min(low, mean), max(high, mean), "m", mean_about.meaning, mean_about.method
    )
    kept = weights > 0
    logs, parts = np.log(thickness[kept].astype(np.float64)), weights[kept].astype(np.float64)
    middle = float((logs * parts).sum() / parts.sum())
    found.add(
        "pore_diameter_spread",
        math.exp(math.sqrt(float((np.square(logs - middle) * parts).sum() / parts.sum()))),
        spread_about,
    )


def _nothing(found: Passing) -> None:
    for axis in AXES:
        for stem in ("diffusivity_relative", "diffusivity_gas_N2", "permeability"):
            found.add(f"{stem}_{AXIS_NAMES[axis]}", 0.0, _meaning(stem, axis))
        about = _meaning("tortuosity", axis)
        found.meanings[f"tortuosity_{AXIS_NAMES[axis]}"] = about
        found.results[f"tortuosity_{AXIS_NAMES[axis]}"] = Infinite(_NO_WAY, "1", about.meaning)
    _flow_weighted(found, np.zeros((1, 1, 1), np.float32), None)
