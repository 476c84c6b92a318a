"""From a drawn cell to numbers: its structure, its image measured as any image is, and the membrane that follows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poreline.line.plan import Plan
from poreline.line.run import OutcomeKind
from poreline.line.volume.cell import CellPlan
from poreline.line.volume.drawn import CellNumbers, DrawnCell
from poreline.line.volume.passing import passing
from poreline.materials import Materials
from poreline.membrane import Membrane, characterise
from poreline.quantities import Estimate, Infinite, NotDetermined, Truth
from poreline.quantities.fields import Values
from poreline.recipe import Duty
from poreline.separation import separate
from poreline.separation.gas import VISCOUS_CONSTANT
from poreline.stretch import fibrils
from poreline.stretch.microcracks.current_configuration import CONNECTED_FROM
from poreline.voxels import VoxelImage

if TYPE_CHECKING:
    from poreline.blend.voxelise import VoxelisedBlend
    from poreline.membrane.image.measured import MeasuredStructure
    from poreline.stretch.microcracks.structure import StretchedStructure

Progress = Callable[[str, float], None]

MEASURES = ("porosity", "connection", "surface", "local-thickness", "uniformity")
"""What is measured on the image of each cell, beside what passes through its pores; `poreline measure` takes the rest."""
CRACKED_FROM = 0.01
"""Void fraction from which a voxel counts as crossed by microcracks."""
_DEBONDED = 0.5  # broken share from which a voxel of the layer counts as parted
_NOTHING_OPENED = "nothing has opened: the film has no pores"
_NO_WAY = "no way of pores leads through the cell"


def structure_of(drawn: DrawnCell, cell: CellPlan, blend: VoxelisedBlend, plan: Plan) -> StretchedStructure:
    """The structure of a drawn cell: microcracks, cavities, connection, and its grid in space."""
    from poreline.line.volume.solving import fibril_closure
    from poreline.stretch.microcracks.structure import stretched_structure

    return stretched_structure(
        drawn.displacement,
        drawn.mean_gradient,
        void=drawn.void,
        broken=drawn.broken,
        craze_count=drawn.craze_count,
        craze_spacing_sum=drawn.craze_spacing_sum,
        phase=blend.image(shell=cell.interface == "shell").phase,  # type: ignore[arg-type]
        voxel_edge=cell.voxel_edge,
        closure=fibril_closure(plan, cell.film),
    )


def measure_cell(
    drawn: DrawnCell,
    cell: CellPlan,
    blend: VoxelisedBlend,
    plan: Plan,
    duties: tuple[Duty, ...],
    materials: Materials,
    *,
    dense_permeability: Mapping[str, Values],
    name: str,
    device: str = "auto",
    progress: Progress | None = None,
) -> tuple[CellNumbers, MeasuredStructure]:
    """Numbers of one drawn cell: of its voxels, of its image, and of the membrane that the image comes to.

    `dense_permeability` is that of the polymer between the pores, by gas. Widths in the image are those of the throats, so
    that gas and liquid pass as they do between the fibrils. The flow pore is a hydraulic diameter, twice the width of a
    slit, as the mean-field model and the claims mean it. Returns the numbers and the measured image.
    """
    structure = structure_of(drawn, cell, blend, plan)
    image = structure.configuration.image("throat", name=f"{name}, cell {drawn.seed}")
    measured = _named_as_claims(_measured(image, structure, device, progress))
    thickness = _film_thickness(drawn, cell, plan)
    membrane = membrane_of(measured, thickness, float(drawn.mean_gradient[0, 0]), plan, dense_permeability)
    numbers, reasons = _numbers(drawn, cell, blend, plan, structure, measured, membrane)
    performance = separate(membrane, duties, materials)
    for key, finding in performance.results.items():
        numbers[key], reasons[key] = float(np.asarray(finding.values)), finding.reason
    outcome: OutcomeKind = "ok" if _truth(measured, "connected_z") else "not-connected"
    if drawn.rupture_stretch_ratio is not None:
        outcome = "ruptured"
    elif not drawn.quality.converged:
        outcome = "not-converged"
    return (
        CellNumbers(
            seed=drawn.seed,
            numbers=numbers,
            reasons=reasons,
            measured=measured.results,
            meanings=measured.meanings,
            cautions=measured.cautions,
            membrane=membrane,
            performance=performance,
            curve=drawn.curve,
            quality=drawn.quality,
            rupture_stretch_ratio=drawn.rupture_stretch_ratio,
            wall_time=drawn.wall_time,
            outcome=outcome,
            remarks=drawn.remarks,
            widths=_width_samples(structure),
        ),
        measured,
    )


def _measured(
    image: VoxelImage, structure: StretchedStructure, device: str, progress: Progress | None
) -> MeasuredStructure:
    """All measures of a cell's image. Crazes too thin to connect are void, but nothing passes through them."""

    def part(first: float, last: float) -> Progress:
        def tell(what: str, share: float) -> None:
            if progress is not None:
                progress(what, first + (last - first) * share)

        return tell

    found = characterise(image, only=MEASURES, device=device, progress=part(0.0, 0.3))
    shape = structure.configuration
    closed = shape.cracked & (shape.void_of_elements < CONNECTED_FROM)
    open_ways = dataclasses.replace(image, void=np.where(closed, np.float32(0.0), image.void))
    through = passing(open_ways, device=device, progress=part(0.3, 1.0))
    return dataclasses.replace(
        found,
        results={**found.results, **through.results},
        meanings={**found.meanings, **through.meanings},
        cautions=tuple(dict.fromkeys((*found.cautions, *through.cautions))),
    )


def _film_thickness(drawn: DrawnCell, cell: CellPlan, plan: Plan) -> float:
    """Thickness of the drawn film, m: measured, or the undrawn one contracted as the cell is."""
    if plan.measured.membrane_thickness is not None:
        return float(plan.measured.membrane_thickness)
    return float(cell.film.film_thickness_unstretched) * float(drawn.mean_gradient[2, 2])


def _named_as_claims(measured: MeasuredStructure) -> MeasuredStructure:
    """The measured image with its flow pore as a hydraulic diameter, and the width that it is twice of beside it."""
    found = measured.results.get("pore_diameter_mean")
    if not isinstance(found, Estimate):
        return measured
    about = measured.meanings["pore_diameter_mean"]
    meaning = "flow-weighted mean pore diameter (hydraulic: twice the width of the throats)"
    method = f"twice the width: {found.method}"
    diameter = Estimate(2.0 * found.value, 2.0 * found.low, 2.0 * found.high, "m", meaning, method)
    meanings = {
        **measured.meanings,
        "pore_diameter_mean": dataclasses.replace(about, meaning=meaning, method=method),
        "pore_width_mean": dataclasses.replace(about, symbol="w_flow"),
    }
    results = {**measured.results, "pore_diameter_mean": diameter, "pore_width_mean": found}
    return dataclasses.replace(measured, results=results, meanings=meanings)


def membrane_of(
    measured: MeasuredStructure,
    thickness: float,
    stretch_ratio: float,
    plan: Plan,
    dense_permeability: Mapping[str, Values],
) -> Membrane:
    """The membrane that the image of a cell comes to, through its thickness (z).

    What the laws of separation take, a conductance eps/tau and one pore of hydraulic diameter D, is made so that they give
    what was solved on the image: eps/tau is the relative diffusivity, and eps/tau D^2/48 the permeability. The pore that
    carries most of the flow, which the claims ask for, is wider where wide and narrow pores follow one another. Where no pore
    goes through, nothing but the dense polymer conducts.
    """
    porosity = _number(measured, "porosity")
    through = _number(measured, "porosity_open_z")
    open_ = through if math.isfinite(through) else 0.0
    diffusivity = _number(measured, "diffusivity_relative_z")
    conducts = diffusivity > 0.0 and open_ > 0.0
    permeability, spread = (_number(measured, key) for key in ("permeability_z", "pore_diameter_spread"))
    diameter = math.sqrt(VISCOUS_CONSTANT["slit"] * permeability / diffusivity) if conducts else math.nan
    return Membrane(
        film_thickness=thickness,
        porosity=porosity,
        open_share=open_ / porosity if porosity > 0.0 else 0.0,
        porosity_open=open_,
        transport_porosity=open_ if conducts else 0.0,
        tortuosity=open_ / diffusivity if conducts else math.inf,
        pore_diameter_mean=diameter if math.isfinite(diameter) else 0.0,
        pore_diameter_spread=spread if math.isfinite(spread) else 1.0,
        pore_shape="slit",
        dense_permeability=dict(dense_permeability),
        matrix=plan.substances.second,
        stretch_ratio_final=stretch_ratio,
        drawn_across=False,
    )


def _number(measured: MeasuredStructure, name: str) -> float:
    return measured.value(name)


def _truth(measured: MeasuredStructure, name: str) -> bool:
    found = measured.results.get(name)
    return isinstance(found, Truth) and found.value


# Numbers of the voxels


def _numbers(
    drawn: DrawnCell,
    cell: CellPlan,
    blend: VoxelisedBlend,
    plan: Plan,
    structure: StretchedStructure,
    measured: MeasuredStructure,
    membrane: Membrane,
) -> tuple[dict[str, float], dict[str, str]]:
    numbers = {
        **_of_programme(drawn, cell, membrane),
        **_of_voids(drawn, cell, blend, structure),
        **_of_cracks(structure, membrane, float(np.asarray(plan.constants.membrane.fibril_draw_ratio))),
        **_of_membrane(measured, membrane),
        **_of_image(measured),
    }
    reasons = {
        name: found.reason for name, found in measured.results.items() if isinstance(found, NotDetermined | Infinite)
    }
    for name, source in (("tortuosity", "tortuosity_z"), ("tortuosity_machine", "tortuosity_x")):
        if source in reasons:
            reasons[name] = reasons[source]
    has_pores = float(np.asarray(membrane.porosity)) > 0.0
    for name in ("tortuosity", "tortuosity_machine", "pore_diameter_mean", "pore_diameter_spread", "pore_width_mean",
                 "pore_diameter_hydraulic"):  # fmt: skip
        reasons[name] = reasons.get(name) or (_NO_WAY if has_pores else _NOTHING_OPENED)
    for name in ("crack_width_mean", "microcrack_width_mean", "fibril_spacing", "fibril_hydraulic_diameter",
                 "fibril_survival", "microcrack_share"):  # fmt: skip
        reasons[name] = "no microcrack has opened"
    reasons["wake_length"] = "no cavity has opened beside a domain"
    reasons["debonded_share"] = "the interface is bonded: there is no layer that could part"
    reasons["rupture_stretch_ratio"] = (
        f"the cell did not break up to a stretch ratio of {float(drawn.curve.stretch_ratio.max()):.3g}"
    )
    reasons |= {name: _no_such_step(name) for name in ("flow_stress_cold", "flow_stress_hot")}
    return numbers, reasons


def _no_such_step(name: str) -> str:
    return f"the programme has no {name.rpartition('_')[2]} stretch"


def _of_programme(drawn: DrawnCell, cell: CellPlan, membrane: Membrane) -> dict[str, float]:
    """Dimensions and stresses."""
    curve, film = drawn.curve, cell.film
    gradient = np.diag(np.asarray(drawn.mean_gradient, np.float64))
    draws = [curve.last_of(stage) for stage, words in enumerate(curve.stages) if words.endswith("stretch")]
    last = max(draws, default=-1)
    ends = {
        regime: max(
            (curve.last_of(s) for s, words in enumerate(curve.stages) if words == f"{regime} stretch"), default=-1
        )
        for regime in ("cold", "hot")
    }
    stress = curve.true_stress
    volume = float(np.prod(gradient))
    on_solid = stress / (1.0 - np.minimum(curve.porosity, 0.999))
    ruptured = drawn.rupture_stretch_ratio
    return {
        "stretch_ratio": float(curve.stretch_ratio[last]) if last >= 0 else math.nan,
        "stretch_ratio_transverse": 1.0,
        "stretch_ratio_final": float(gradient[0]),
        "stretch_ratio_final_transverse": 1.0,
        "width_ratio": float(gradient[1]),
        "thickness_ratio": float(gradient[2]),
        "film_thickness": float(np.asarray(membrane.film_thickness)),
        "flow_stress_cold": float(stress[ends["cold"]]) if ends["cold"] >= 0 else math.nan,
        "flow_stress_hot": float(stress[ends["hot"]]) if ends["hot"] >= 0 else math.nan,
        "engineering_stress": float(curve.stress[0, last]) if last >= 0 else math.nan,
        "true_stress_largest": float(on_solid.max()),
        "volume_ratio": volume,
        "density_ratio": (1.0 - float(np.asarray(film.residual_porosity))) / volume,
        "ruptured": 0.0 if ruptured is None else 1.0,
        "rupture_stretch_ratio": math.nan if ruptured is None else ruptured,
        "domain_distance": cell.edge / float(np.cbrt(cell.domains)),
        "domains_per_volume": cell.domains / (cell.edge**3 * volume),
    }


def _of_voids(
    drawn: DrawnCell, cell: CellPlan, blend: VoxelisedBlend, structure: StretchedStructure
) -> dict[str, float]:
    """Where the void lies: in microcracks, or in cavities beside the domains."""
    from poreline.blend.voxelise import DOMAIN, LAYER

    cracks = structure.microcracks
    void = cracks.void_fraction.astype(np.float64) * cracks.volume_ratio
    total, of_cavities = float(void.sum()), float(void[cracks.opened].sum())
    around = np.count_nonzero(blend.phase != DOMAIN)
    parted = math.nan
    if cell.interface == "bare" and blend.domain_radius is not None:
        loose = (blend.phase == LAYER) & (drawn.broken > _DEBONDED)
        volumes = np.asarray(blend.domain_radius, np.float64) ** 3
        parted = float(volumes[np.unique(blend.domain[loose])].sum() / volumes.sum())
    return {
        "void_ratio_debonded": of_cavities / void.size,
        "void_ratio_microcracks": (total - of_cavities) / around,
        "microcrack_share": (total - of_cavities) / total if total > 0.0 else math.nan,
        "debonded_share": parted,
        "wake_length": _plain(structure.cavities.opening_median),
    }


def _of_cracks(structure: StretchedStructure, membrane: Membrane, fibril_draw_ratio: float) -> dict[str, float]:
    """Microcracks narrower than a voxel, by their area."""
    cracks = structure.microcracks
    crossed = crossed_by_microcracks(structure)
    volume = cracks.volume_ratio.astype(np.float64)
    void = cracks.void_fraction.astype(np.float64) * volume
    of_cracks = float(void[~cracks.opened].sum())
    nan = math.nan
    found = {
        "microcrack_density": 0.0,
        "microcrack_width_mean": nan,
        "crack_width_mean": nan,
        "fibril_spacing": nan,
        "fibril_hydraulic_diameter": nan,
        "fibril_survival": nan,
        "crack_porosity": of_cracks / float(volume.sum()),
    }
    if not crossed.any():
        return found
    area = volume[crossed] / cracks.separation[crossed]
    weight = void[crossed]

    def by_void(values: npt.NDArray[Any]) -> float:
        return float((values[crossed] * weight).sum() / weight.sum())

    width = float((cracks.width[crossed] * area).sum() / area.sum())
    spacing = by_void(cracks.fibril_spacing)
    return found | {
        "microcrack_density": float(area.sum() / volume.sum()),
        "microcrack_width_mean": width,
        "crack_width_mean": width,
        "fibril_spacing": spacing,
        "fibril_hydraulic_diameter": float(fibrils.hydraulic_diameter(spacing, fibril_draw_ratio)),
        "fibril_survival": by_void(cracks.fibril_survival),
    }


def crossed_by_microcracks(structure: StretchedStructure) -> npt.NDArray[np.bool_]:
    """Voxels of the undrawn grid that hold microcracks still bridged by fibrils."""
    cracks = structure.microcracks
    return (cracks.void_fraction >= CRACKED_FROM) & ~cracks.opened & (cracks.width > 0)


def _of_membrane(measured: MeasuredStructure, membrane: Membrane) -> dict[str, float]:
    machine = _number(measured, "tortuosity_x")
    hydraulic = float(np.asarray(membrane.pore_diameter_mean))
    return {
        "porosity": float(np.asarray(membrane.porosity)),
        "open_share": float(np.asarray(membrane.open_share)),
        "porosity_open": float(np.asarray(membrane.porosity_open)),
        "transport_porosity": float(np.asarray(membrane.transport_porosity)),
        "tortuosity": float(np.asarray(membrane.tortuosity)),
        "tortuosity_machine": machine,
        "pore_diameter_mean": _number(measured, "pore_diameter_mean"),
        "pore_diameter_spread": _number(measured, "pore_diameter_spread"),
        "pore_diameter_hydraulic": hydraulic if hydraulic > 0.0 else math.nan,
        "pore_width_mean": _number(measured, "pore_width_mean"),
    }


OF_IMAGE = ("diffusivity_relative", "diffusivity_gas_N2", "permeability")
"""Results along each axis that are solved on the image and kept under their own names."""


def _of_image(measured: MeasuredStructure) -> dict[str, float]:
    names = [f"{stem}_{axis}" for stem in OF_IMAGE for axis in "xyz"]
    names += ["local_thickness_mean", "specific_surface"]
    return {name: _number(measured, name) for name in names if name in measured.results}


def _plain(found: float | NotDetermined) -> float:
    return math.nan if isinstance(found, NotDetermined) else float(found)


_MOST_SAMPLES = 4000


def _width_samples(structure: StretchedStructure) -> dict[str, npt.NDArray[np.float32]]:
    """Crack widths and pore diameters (m) of up to 4000 voxels, evenly taken, with their crack area and void as weights."""
    cracks = structure.microcracks
    places = np.flatnonzero(crossed_by_microcracks(structure).ravel())
    places = places[:: max(1, math.ceil(places.size / _MOST_SAMPLES))]
    volume = cracks.volume_ratio.ravel()[places]
    return {
        "width": cracks.width.ravel()[places],
        "pore_diameter": cracks.pore_diameter.ravel()[places],
        "area": volume / cracks.separation.ravel()[places],
        "void": volume * cracks.void_fraction.ravel()[places],
        "tilt": np.degrees(np.arccos(np.clip(cracks.normal[0].ravel()[places], 0.0, 1.0))).astype(np.float32),
    }
