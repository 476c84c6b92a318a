"""Film to stretched volume: the same programme as the mean-field model's, drawn voxel by voxel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.blend.voxelise import DOMAIN, LAYER, VoxelisedBlend
from poreline.film import Film
from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import quantity
from poreline.recipe import Anneal, StretchStep
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.programme import stages
from poreline.stretch.volume.constants import VolumeConstants
from poreline.stretch.volume.grid import LONGEST_ROW
from poreline.stretch.volume.interface import (
    INTERFACE_KINDS,
    DebondingRule,
    InterfaceKind,
    interface_of,
    shell_thickness_of,
)
from poreline.stretch.volume.parameters import Parameters, Shell
from poreline.stretch.volume.scatter import strength_scatter
from poreline.stretch.volume.schedule import Segment, segments
from poreline.stretch.volume.solver import Hook, Progress, SolverSettings, run
from poreline.stretch.volume.state import Outcome, VolumeState, unstretched

FEWEST_VOXELS = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class StretchedVolume:
    """A representative volume after its programme: the state of every voxel, and what a film made of it would show."""

    film: Film
    blend: VoxelisedBlend
    interface: InterfaceKind
    programme: tuple[Segment, ...]
    parameters: Parameters
    state: VolumeState
    """Every voxel; `VolumeState` tells what is in it."""
    outcome: Outcome
    """completed, ruptured, unstable; running where the call ended after `most_steps`."""
    history: dict[str, npt.NDArray[np.float64]]
    """The programme as it went, by the columns of `state.RECORD`."""
    stretch_ratio: float = quantity(
        "1", "largest stretch ratio in the machine direction that was reached", symbol="lam"
    )
    stretch_ratio_final: float = quantity("1", "stretch ratio in the machine direction at the end", symbol="lam_final")
    width_ratio: float = quantity("1", "width over unstretched width at the end", symbol="lam_w")
    thickness_ratio: float = quantity("1", "thickness over unstretched thickness at the end", symbol="lam_t")
    volume_ratio: float = quantity("1", "volume over unstretched volume at the end", symbol="J")
    porosity_drawn: float = quantity("1", "porosity at the end of the last draw", symbol="eps_d", shown_in="%")
    porosity: float = quantity("1", "void volume over total volume at the end", symbol="eps", shown_in="%")
    engineering_stress: float = quantity(
        "Pa", "force over unstretched section at the end of the last draw", symbol="s", shown_in="MPa"
    )
    stress_across_largest: float = quantity(
        "Pa", "largest nominal stress across a free direction during the draws", shown_in="MPa"
    )
    debonded_share: float = quantity("1", "share of the interface layer that has broken", shown_in="%")
    residual_median: float = quantity("1", "median residual of the draws: unbalanced over element force")
    residual_largest: float = quantity("1", "largest residual of the draws after the first record of each")
    residual_end: float = quantity("1", "residual at the end")
    kinetic_ratio_largest: float = quantity("1", "largest kinetic energy of the fictitious motion over the work done")
    determinant_least: float = quantity("1", "smallest volume ratio of any voxel during the programme")
    stretch_ratio_rupture: float | None = quantity("1", "stretch ratio at rupture; none: not ruptured", default=None)
    steps: int = 0
    """Steps that were taken."""
    retries: int = 0
    """Pieces of the programme that were repeated with smaller steps."""


def stretch(
    film: Film,
    steps: tuple[StretchStep, ...],
    anneal: Anneal | None,
    constants: StretchConstants | None = None,
    *,
    blend: VoxelisedBlend,
    interface: InterfaceKind | None = None,
    volume_constants: VolumeConstants | None = None,
    settings: SolverSettings | None = None,
    steps_factor: float = 1.0,
    seed: int = 0,
    state: VolumeState | None = None,
    progress: Progress | None = None,
    checkpoint: Hook | None = None,
    stations: tuple[float, ...] = (),
    at_station: Hook | None = None,
    most_steps: int | None = None,
) -> StretchedVolume:
    """Draw a volume of a film through its programme and anneal it, voxel by voxel.

    `blend` holds the film's domains on a grid, with the layer and the inset that `layer_voxels` and `inset_voxels` tell for the
    interface (another inset makes the porosity depend on the grid); `interface` is by
    default a copolymer shell where the film has one, else bare. `steps_factor` multiplies the numbers of steps: a result is
    converged where 2 changes little. `seed` is that of the local strength. `state` is a checkpoint of the same run to go on
    from, bit for bit. `progress`, `checkpoint`, `stations`, `at_station` and `most_steps` as in `solver.run`.

    Raises InvalidInput for a grid that cannot be simulated and ValueError as the mean-field model does; physics that fails is
    the outcome.
    """
    constants, volume_constants = constants or StretchConstants(), volume_constants or VolumeConstants()
    settings, kind = settings or SolverSettings(), interface or interface_of(film)
    _check(blend, kind, steps_factor, state)
    substances = film.blend.substances
    programme = segments(stages(steps), anneal, blend.phase.shape[0], steps_factor)
    parameters = Parameters(
        substances.second,
        substances.first,
        shell=Shell(shell_thickness_of(film), blend.voxel_edge) if kind == "shell" else None,
        yield_factor=float(np.asarray(film.yield_factor)),
        cavitation_factor=float(np.asarray(film.cavitation_factor)),
        voxel_edge=blend.voxel_edge,
        constants=volume_constants,
    )
    if state is None:
        state = _at_rest(blend, film, volume_constants, settings, seed)
    rule = DebondingRule(film, constants, holds=kind != "bare")
    run(
        state,
        programme,
        parameters,
        rule=rule,
        settings=settings,
        progress=progress,
        checkpoint=checkpoint,
        stations=stations,
        at_station=at_station,
        most_steps=most_steps,
    )
    return _summary(film, blend, kind, programme, parameters, state)


def _at_rest(
    blend: VoxelisedBlend, film: Film, constants: VolumeConstants, settings: SolverSettings, seed: int
) -> VolumeState:
    voxels = blend.phase.shape[0]
    diameter = float(np.asarray(film.domain_diameter_median))
    length = constants.scatter_length * diameter / (voxels * blend.voxel_edge)
    domains = int(blend.domain.max()) + 1
    # Without radii every domain counts as one of the median size.
    radius = np.full(domains, diameter / 2.0) if blend.domain_radius is None else blend.domain_radius
    scatter = strength_scatter(voxels, constants.scatter, length, seed)
    return unstretched(blend.phase, blend.domain, blend.normal, scatter, radius, settings.precision)


def _check(blend: VoxelisedBlend, kind: str, steps_factor: float, state: VolumeState | None) -> None:
    faults = []
    shape = blend.phase.shape
    if kind not in INTERFACE_KINDS:
        faults.append(
            Fault("interface", kind, ", ".join(INTERFACE_KINDS), "There is no such interface.", "Choose one.")
        )
    if len(set(shape)) != 1 or not FEWEST_VOXELS <= shape[0] <= LONGEST_ROW - 1:
        limit = f"a cube of {FEWEST_VOXELS} to {LONGEST_ROW - 1} voxels along each edge"
        faults.append(Fault("blend", str(shape), limit, "The grid cannot be simulated.", "Voxelise it anew."))
    if not 0.0 < steps_factor < 1e6:
        faults.append(Fault("steps_factor", f"{steps_factor:g}", "above 0", "A programme needs steps.", "Take 1."))
    has_layer = bool((blend.phase == LAYER).any())
    if has_layer == (kind == "bonded") and bool((blend.phase == DOMAIN).any()):
        wanted = "no layer" if kind == "bonded" else "a layer of at least one voxel"
        found = f"{blend.layer_thickness:g} voxels of layer"
        faults.append(
            Fault(
                "blend", found, wanted, f"The interface is {kind}.", "Voxelise with layer_voxels() and inset_voxels()."
            )
        )
    if state is not None and state.shape != shape:
        faults.append(Fault("state", str(state.shape), str(shape), "It is of another grid.", "Take its own blend."))
    if faults:
        raise InvalidInput(faults, "volume simulation")


def _summary(
    film: Film,
    blend: VoxelisedBlend,
    kind: InterfaceKind,
    programme: tuple[Segment, ...],
    parameters: Parameters,
    state: VolumeState,
) -> StretchedVolume:
    history = state.record()
    if not len(history["step"]):  # not stretched at all
        history = {name: np.zeros(1) for name in history}
        for name in ("stretch_machine", "stretch_transverse", "stretch_thickness", "volume_ratio", "determinant_least"):
            history[name][:] = 1.0
    draws = np.array([programme[int(number)].kind == "draw" if programme else True for number in history["segment"]])
    onset = np.diff(history["segment"], prepend=-1.0) != 0.0
    at = int(np.flatnonzero(draws)[-1]) if draws.any() else 0
    layer = state.kind >= LAYER
    broken = float((state.voxel[7][layer] > 0.5).mean()) if layer.any() else 0.0
    free_across = [
        np.where([programme[int(n)].free[axis] if programme else True for n in history["segment"]], history[name], 0.0)
        for axis, name in ((1, "stress_transverse"), (2, "stress_thickness"))
    ]
    last = programme[int(history["segment"][at])] if programme else None
    across = last is not None and last.machine is None
    return StretchedVolume(
        film=film,
        blend=blend,
        interface=kind,
        programme=programme,
        parameters=parameters,
        state=state,
        outcome=state.outcome,
        history=history,
        stretch_ratio=float(history["stretch_machine"].max()),
        stretch_ratio_final=float(state.mean_gradient[0]),
        width_ratio=float(state.mean_gradient[1]),
        thickness_ratio=float(state.mean_gradient[2]),
        volume_ratio=float(np.prod(state.mean_gradient)),
        porosity_drawn=float(history["porosity"][at]),
        porosity=float(history["porosity"][-1]),
        engineering_stress=float(history["stress_transverse" if across else "stress_machine"][at]),
        stress_across_largest=float(max(np.abs(part[draws]).max(initial=0.0) for part in free_across)),
        debonded_share=broken,
        residual_median=float(np.median(history["residual"][draws])) if draws.any() else 0.0,
        residual_largest=float(history["residual"][draws & ~onset].max(initial=0.0)),
        residual_end=float(history["residual"][-1]),
        kinetic_ratio_largest=float(history["kinetic_ratio"].max()),
        determinant_least=float(history["determinant_least"].min()),
        stretch_ratio_rupture=state.counters.ruptured_at if state.outcome == "ruptured" else None,
        steps=state.counters.steps,
        retries=state.counters.retries,
    )
