"""The results of a volume simulation under the names of the mean-field model, and what only one of the models has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from poreline.line.run import Run
from poreline.line.volume.drawn import CellNumbers, CellQuality
from poreline.line.volume.ensemble import (
    DISCRETISATION_OF_RUPTURE,
    DISCRETISATION_OF_WIDTHS,
    band_words,
    combined,
    grid_share,
    half_width,
)
from poreline.line.volume.volume_run import Curve
from poreline.membrane.image.measured import OCTANT_BAND
from poreline.quantities import Estimate, Infinite, MeasuredResult, NotDetermined, Result, Truth
from poreline.quantities.fields import Meaning

SHARED_STAGES = ("blend", "film")
"""Stages before the film is drawn: one computation serves both models."""

_METHOD = "volume simulation"
_IMAGE = "volume simulation, measured on the image of the drawn cell"
_EXACT = {"stretch_ratio", "stretch_ratio_transverse", "stretch_ratio_final_transverse"}
_OF_SOLID = {
    "stretch_ratio_final", "width_ratio", "thickness_ratio", "film_thickness", "volume_ratio", "density_ratio",
    "flow_stress_cold", "flow_stress_hot", "engineering_stress", "true_stress_largest",
}  # fmt: skip
"""Dimensions and stresses: they follow the solid, so that a change of the porosity eps moves them by eps/(1 - eps) of it."""
_WIDTHS = {
    "crack_width_mean", "microcrack_width_mean", "pore_width_mean", "pore_diameter_mean", "pore_diameter_hydraulic",
    "local_thickness_mean",
}  # fmt: skip
_PERMEABILITIES = {f"permeability_{axis}" for axis in "xyz"}
_OF_IMAGE = {"porosity", "open_share", "porosity_open", "transport_porosity", "tortuosity", "tortuosity_machine",
             "pore_diameter_mean", "pore_diameter_spread"}  # fmt: skip

_MERGED = "cracks of a simulated cell have grown together: they have no number and no radius of their own"
NO_COUNTERPART: dict[str, str] = {
    "natural_draw_ratio": "a cell that repeats cannot neck: all its slabs contract alike",
    "necked_share": "a cell that repeats cannot neck: all its slabs contract alike",
    "stress_concentration_elastic": "the stress around the domains is computed place by place, not by one factor",
    "thermal_clamping": "cooling before the draw is not simulated; clamping enters only the choice of domains that may debond",
    "adhesion_energy": "an input of the choice which domains may debond, not a result of the simulation",
    "nucleated_share": "nucleation is a pressure in each voxel here, not a share of sites",
    "nucleated_share_cold": "nucleation is a pressure in each voxel here, not a share of sites",
    "nucleated_sum": "nucleation is a pressure in each voxel here, not a share of sites",
    "pole_crazed_share": "voids at the poles of bonded domains are microcracks here and are counted with these",
    "void_ratio_poles": "voids at the poles of bonded domains are microcracks here and are counted with these",
    "wake_share": "what lies behind a domain is resolved: see void_ratio_debonded and debonded_share",
    "rigid_share": "an input of the simulation (the stiffness of the domains), not a result",
    "springback": "the film has sprung back in the simulation already: stretch_ratio_final tells by how much",
    "transverse_share": "draws along the machine only are simulated",
    "break_stretch_ratio": "it takes a cell that is drawn until it breaks: see rupture_stretch_ratio",
    "break_margin": "it takes a cell that is drawn until it breaks: see rupture_stretch_ratio",
    "break_probability": "a few cells tell no probability",
    "cracks_per_domain": _MERGED,
    "crack_radius": _MERGED,
    "connectivity": "connection is seen on the image, not counted in contacts: see connected_z and open_share",
    "through_connection_probability": "a few cells tell no probability: see connected_z",
}
"""Results of the mean-field model that the volume simulation does not have, and why."""
_UNKNOWN = "the volume simulation has no such number"

EXTRA: dict[str, tuple[str, Meaning]] = {
    "microcrack_density": (
        "structure",
        Meaning("1/m", "area of the microcracks per volume of membrane", "A_c", "1/um", f"{_METHOD}: crazes of each voxel"),
    ),
    "microcrack_width_mean": (
        "structure",
        Meaning("m", "mean opening of the microcracks, by their area", "w", "nm", f"{_METHOD}: void over crack area"),
    ),
    "rupture_stretch_ratio": (
        "stretch",
        Meaning("1", "stretch ratio at which the film breaks in its programme", "lam_b", "", f"{_METHOD}: the stress collapses"),
    ),
    "pore_width_mean": (
        "membrane",
        Meaning("m", "flow-weighted mean width of the throats, half of the hydraulic diameter", "w_flow", "nm", _IMAGE),
    ),
    "pore_diameter_hydraulic": (
        "membrane",
        Meaning("m", "hydraulic diameter of equal pores with this diffusivity and permeability: what the duties are computed with",
                "D_h", "nm", f"{_IMAGE}: sqrt(48 k tau/eps)")),
    "local_thickness_mean": (
        "membrane", Meaning("m", "mean local thickness of the pores, by volume", "D_lt", "nm", _IMAGE)),
    "specific_surface": (
        "membrane", Meaning("1/m", "area of the pores' wall over total volume", "S", "1/um", _IMAGE)),
    **{
        f"diffusivity_relative_{axis}": (
            "membrane",
            Meaning("1", f"effective diffusivity over that in free space, along {axis}", "D/D0", "", _IMAGE))
        for axis in "xyz"
    },
    **{
        f"diffusivity_gas_N2_{axis}": (
            "membrane",
            Meaning("m2/s", f"effective diffusivity of nitrogen at 298.15 K and 1 atm, along {axis}", "D_N2", "", _IMAGE))
        for axis in "xyz"
    },
    **{
        f"permeability_{axis}": (
            "membrane",
            Meaning("m2", f"permeability to viscous flow, along {axis}: the diagonal of its tensor", "k", "",
                    f"{_IMAGE}; band: pores as tubes and as slits"))
        for axis in "xyz"
    },
}  # fmt: skip
"""Results that only the volume simulation has: their stage and meaning."""


def results_of(
    cells: Sequence[CellNumbers], mean_field: Run
) -> tuple[dict[str, Result], dict[str, Meaning], dict[str, str]]:
    """Every result by name, its meaning and stage: those of the mean-field model in its order, then the others.

    Blend and film are the same numbers. What the simulation does not have is not determined, and says why; nothing else is
    taken over from the mean-field model.
    """
    results: dict[str, Result] = {}
    meanings: dict[str, Meaning] = {}
    stages: dict[str, str] = {}
    for name, found in mean_field.results.items():
        about, stage = mean_field.meanings[name], mean_field.stage_of[name]
        stages[name] = stage
        if stage in SHARED_STAGES:
            results[name], meanings[name] = found, about
            continue
        if stage != "separation":
            about = replace(about, method=_IMAGE if name in _OF_IMAGE else _METHOD)
        meanings[name] = about
        results[name] = _result(name, about, cells)
    for name, (stage, about) in EXTRA.items():
        if any(name in cell.numbers or name in cell.reasons for cell in cells):
            results[name], meanings[name], stages[name] = _result(name, about, cells), about, stage
    return results, meanings, stages


def _result(name: str, about: Meaning, cells: Sequence[CellNumbers]) -> Result:
    if name in NO_COUNTERPART:
        return NotDetermined(f"{NO_COUNTERPART[name]}.", about.unit, about.meaning)
    if name == "ruptured":
        broken = float(any(cell.rupture_stretch_ratio is not None for cell in cells))
        method = f"{_METHOD}: 1 if a cell breaks; it broke in {_count(cells)} of {len(cells)}"
        return Estimate(broken, broken, broken, about.unit, about.meaning, method)
    if name == "rupture_stretch_ratio" and any(cell.rupture_stretch_ratio is not None for cell in cells):
        cells = [cell for cell in cells if cell.rupture_stretch_ratio is not None]
    if not any(name in cell.numbers for cell in cells):
        reason = next((cell.reasons[name] for cell in cells if cell.reasons.get(name)), _UNKNOWN)
        return NotDetermined(f"{reason.rstrip('.')}.", about.unit, about.meaning)
    found = combined(
        [cell.numbers.get(name, math.nan) for cell in cells],
        about,
        reasons=[cell.reasons.get(name, "") for cell in cells],
        exact=name in _EXACT
        and len({cell.numbers.get(name) for cell in cells}) == 1,  # a cell that broke ends before the others
        weight=_weight(cells) if name in _OF_SOLID else 1.0,
        share=about.display_unit == "%",
        grid=_grid_band(name, cells),
    )
    if name in _PERMEABILITIES:
        return _with_own_bands(found, [part for cell in cells if (part := cell.measured.get(name)) is not None])
    return found


def _grid_band(name: str, cells: Sequence[CellNumbers]) -> float:
    if name == "rupture_stretch_ratio":
        return DISCRETISATION_OF_RUPTURE
    share = grid_share(longest_draw(cells))
    return max(share, DISCRETISATION_OF_WIDTHS) if name in _WIDTHS else share


def longest_draw(cells: Sequence[CellNumbers]) -> float:
    """The largest stretch ratio along the machine that any of the cells reached."""
    return max(float(cell.curve.stretch_ratio.max()) for cell in cells)


def _weight(cells: Sequence[CellNumbers]) -> float:
    porosity = float(np.mean([cell.numbers["porosity"] for cell in cells]))
    return min(1.0, porosity / max(1.0 - porosity, 1e-9))


def _count(cells: Sequence[CellNumbers]) -> int:
    return sum(cell.rupture_stretch_ratio is not None for cell in cells)


# What was measured on the images


def measured_of(cells: Sequence[CellNumbers]) -> dict[str, MeasuredResult]:
    """What was measured on the images of all cells, as one result each: numbers averaged, a yes where most cells say it."""
    first, grid = cells[0], grid_share(longest_draw(cells))
    return {
        name: _merged([cell.measured.get(name) for cell in cells], first.meanings.get(name), grid)
        for name in first.measured
    }


def _merged(parts: Sequence[MeasuredResult | None], about: Meaning | None, grid: float) -> MeasuredResult:
    known = [part for part in parts if part is not None]
    first = known[0]
    if isinstance(first, Truth):
        yes = sum(isinstance(part, Truth) and part.value for part in known)
        return Truth(2 * yes > len(known), first.meaning, f"{first.method}; in {yes} of {len(known)} cells")
    unit = getattr(first, "unit", "1")
    if all(isinstance(part, Infinite) for part in known):
        return first
    numbers = [part.value if isinstance(part, Estimate) else math.nan for part in known]
    reasons = [getattr(part, "reason", "") for part in known]
    meaning = about or Meaning(unit, first.meaning)
    method = meaning.method.replace(f"; {OCTANT_BAND}", "")
    about = replace(meaning, unit=unit, meaning=first.meaning, method=method)
    found = combined(numbers, about, reasons=reasons, grid=grid)
    return _with_own_bands(found, known)


def _with_own_bands(found: Result, parts: Sequence[MeasuredResult]) -> Result:
    """Add in squares the mean of the bands that the measures of the single cells have.

    But for those of the octants: they tell how another piece would differ, which the cells themselves show.
    """
    own = [part for part in parts if isinstance(part, Estimate) and OCTANT_BAND not in part.method]
    if not isinstance(found, Estimate) or not own:
        return found
    below = math.hypot(found.value - found.low, float(np.mean([part.value - part.low for part in own])))
    above = math.hypot(found.high - found.value, float(np.mean([part.high - part.value for part in own])))
    least = 0.0 if found.low >= 0.0 else -math.inf
    return replace(found, low=max(found.value - below, least), high=found.value + above)


# Curves


def curves_of(cells: Sequence[CellNumbers]) -> dict[str, Curve]:
    """Stress along each axis and porosity over the programme: means over the cells with their bands."""
    meanings = {
        "stress_x_curve": Meaning("Pa", "force over undrawn section in the machine direction", "s", "MPa", _METHOD),
        "stress_y_curve": Meaning("Pa", "force over undrawn section across the width, 0 where it is free", "s_y", "MPa", _METHOD),
        "stress_z_curve": Meaning("Pa", "force over undrawn section through the thickness, 0 but for the balance", "s_z", "MPa", _METHOD),
        "porosity_curve": Meaning("1", "porosity over the programme", "eps", "%", _METHOD),
    }  # fmt: skip
    length = min(cell.curve.porosity.size for cell in cells)
    values = {
        **{f"stress_{axis}_curve": [cell.curve.stress[i, :length] for cell in cells] for i, axis in enumerate("xyz")},
        "porosity_curve": [cell.curve.porosity[:length] for cell in cells],
    }
    return {name: _curve(values[name], cells, about, length) for name, about in meanings.items()}


def _curve(parts: list[npt.NDArray[np.float64]], cells: Sequence[CellNumbers], about: Meaning, length: int) -> Curve:
    stacked = np.stack(parts)
    first = cells[0].curve
    of_voids = about.symbol == "eps"
    weight = 1.0 if of_voids else _weight(cells)
    stretch_ratio = np.mean([cell.curve.stretch_ratio[:length] for cell in cells], axis=0)
    # What cavitated once stays uncertain on release.
    grid = [grid_share(reached) for reached in np.maximum.accumulate(stretch_ratio).tolist()]
    width = np.array([half_width(c, weight, share) for c, share in zip(stacked.T.tolist(), grid, strict=True)])
    mean = stacked.mean(axis=0)
    draws = [index for index, words in enumerate(first.stages) if words.endswith("stretch")]
    at = max((int(np.flatnonzero(first.stage[:length] == d)[-1]) for d in draws if (first.stage[:length] == d).any()),
             default=length - 1)  # fmt: skip
    return Curve(
        x=stretch_ratio,
        y=mean,
        low=np.maximum(mean - width, 0.0) if of_voids else mean - width,
        high=np.minimum(mean + width, 1.0) if of_voids else mean + width,
        stage=first.stage[:length],
        stages=first.stages,
        about=replace(about, method=f"{about.method}; {band_words(len(cells), max(grid))}"),
        at=at,
    )


def quality_of(cells: Sequence[CellNumbers], at_a_time: int = 1) -> dict[str, float | int | bool]:
    """The quality of a simulation: of its worst cell; the speed is that of all cells together, `at_a_time` side by side."""
    parts: list[CellQuality] = [cell.quality for cell in cells]
    return {
        "residual": max(part.residual for part in parts),
        "residual_end": max(part.residual_end for part in parts),
        "residual_largest": max(part.residual_largest for part in parts),
        "energy_ratio": max(part.energy_ratio for part in parts),
        "steps": max(part.steps for part in parts),
        "min_det_F": min(part.min_det_F for part in parts),
        "element_steps_per_second": at_a_time * float(np.mean([part.element_steps_per_second for part in parts])),
        "bytes_per_voxel": max(part.bytes_per_voxel for part in parts),
        "converged": all(part.converged for part in parts),
    }
