"""One stage of the programme after the other: stress, debonding, nucleation and opening of microcracks, break."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from poreline.film import Film
from poreline.materials import Drawing
from poreline.quantities.fields import Values
from poreline.stretch.meanfield import breaking, cavitation, debonding, flow_stress, stress_concentration
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.programme import Stage

_ADHESION_TEMPERATURE = 293.15  # K, where surface tensions give the work of adhesion


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """State of a film in the course of its programme; what has not happened yet is zero."""

    debonding_radius: Values = np.inf
    cracks_machine: Values = 0.0
    cracks_transverse: Values = 0.0
    nucleated_machine: Values = 0.0
    nucleated_transverse: Values = 0.0
    cold_nucleated: Values = 0.0
    cavitation: Values = 0.0
    stress_cold: Values = 0.0
    hot_stresses: tuple[Values, ...] = ()
    """True stress at the end of each hot stage."""
    stress_last: Values = 0.0
    stress_largest: Values = 0.0
    clamping: Values = 0.0
    machine_after_cold: Values = 1.0
    transverse_after_cold: Values = 1.0
    break_margin: Values = 0.0
    break_ratio: Values = 0.0
    natural_ratio: Values = 1.0
    free_draw: Values = 0.0
    """Logarithm of the machine-direction draw that happened at free width."""

    @property
    def stress_hot(self) -> Values:
        """True stress at the end of the last hot stage; 0 without one."""
        return self.hot_stresses[-1] if self.hot_stresses else 0.0


def matrix(film: Film) -> Drawing:
    """Drawing data of the film's matrix. Raises ValueError if it has none."""
    drawing = film.blend.substances.second.drawing
    if drawing is None:
        raise ValueError(f"{film.blend.substances.second.name} has no drawing data and cannot be a matrix")
    return drawing


def draw(film: Film, stage: Stage, state: Drawn, constants: StretchConstants) -> Drawn:
    """The film after one more stage."""
    drawing = matrix(film)
    yielding = film.yield_factor * drawing.yield_stress(stage.strain_rate, stage.temperature)
    hardening_modulus = drawing.hardening_modulus(stage.temperature)
    stress = yielding + hardening_modulus * _hardening(stage, state, stage.machine_end, stage.transverse_end)
    # A cold stretch nucleates all the way to its end; hot ones at their onset, before hardening sets in: later the fibrils
    # draw. The onset is the end of the cold stretch, however many hot steps follow, so that a pause nucleates nothing new.
    cold = stage.regime == "cold"
    onset = _hardening(stage, state, state.machine_after_cold, state.transverse_after_cold)
    nucleating = stress if cold else yielding + hardening_modulus * onset
    share = cavitation.cavitation_share(
        nucleating,
        constants.stress_concentration,
        drawing.cavitation_stress * film.cavitation_factor,
        drawing.cavitation_width,
    )
    state = _cracks(stage, state, share, drawing, constants)
    state = _debonded(film, stage, state, stress, yielding, constants)
    state = _strained(film, stage, state, constants)
    return replace(
        state,
        cavitation=np.maximum(state.cavitation, share),
        stress_cold=stress if cold else state.stress_cold,
        hot_stresses=state.hot_stresses if cold else (*state.hot_stresses, stress),
        stress_last=stress,
        stress_largest=np.maximum(state.stress_largest, stress),
        machine_after_cold=stage.machine_end if cold else state.machine_after_cold,
        transverse_after_cold=stage.transverse_end if cold else state.transverse_after_cold,
        natural_ratio=flow_stress.natural_draw_ratio(yielding / hardening_modulus),
    )


def _hardening(stage: Stage, state: Drawn, machine: Values, transverse: Values) -> Values:
    """Strain measure of the stress in the direction that the stage draws (the harder one when it draws both)."""
    if not stage.draws_transverse and not stage.transverse_before:
        return flow_stress.uniaxial_hardening(machine)
    width = transverse * np.exp(-0.5 * state.free_draw)
    along = flow_stress.biaxial_hardening(machine, width) if stage.draws_machine else 0.0
    across = flow_stress.biaxial_hardening(width, machine) if stage.draws_transverse else 0.0
    return np.maximum(along, across)


def _debonded(
    film: Film, stage: Stage, state: Drawn, stress: Values, yielding: Values, constants: StretchConstants
) -> Drawn:
    """The domains that come off in the stage; cooling clamps them in a cold one."""
    first, second = film.blend.substances.first, film.blend.substances.second
    clamping: Values = 0.0
    if stage.regime == "cold":
        clamping = stress_concentration.thermal_clamping(
            first, second, stage.temperature, constants.setting_temperature
        )
    above = debonding.debonding_radius(
        stress,
        clamping,
        yielding / matrix(film).yield_strain,
        adhesion(film, constants),
        constants.debonding_coefficient,
    )
    return replace(
        state,
        debonding_radius=np.minimum(state.debonding_radius, above),
        clamping=clamping if stage.regime == "cold" else state.clamping,
    )


def _strained(film: Film, stage: Stage, state: Drawn, constants: StretchConstants) -> Drawn:
    """How far the stage brings the film towards its break, and how much of the draw happened at free width."""
    break_ratio = breaking.break_stretch_ratio(
        matrix(film).break_ratio(stage.temperature),
        film.blend.first_volume_fraction,
        film.copolymer_coverage,
        constants.break_relief,
    )
    reached = np.maximum(
        stage.machine_end if stage.draws_machine else 1.0, stage.transverse_end if stage.draws_transverse else 1.0
    )
    narrows = stage.draws_machine and not stage.draws_transverse and stage.width == "free"
    return replace(
        state,
        break_margin=np.maximum(state.break_margin, reached / break_ratio),
        break_ratio=break_ratio,
        free_draw=state.free_draw + (np.log(stage.machine_end / stage.machine_start) if narrows else 0.0),
    )


def adhesion(film: Film, constants: StretchConstants) -> Values:
    """Fracture energy of the interface between domain and matrix, J/m2."""
    substances = film.blend.substances
    surfaces = [p.surface_tension(_ADHESION_TEMPERATURE) for p in (substances.first, substances.second)]
    work = surfaces[0] + surfaces[1] - film.blend.interfacial_tension
    copolymer = substances.copolymer
    coefficient: Values = 0.0
    if copolymer is not None:
        coefficient = copolymer.adhesion_coefficient * (1.0 if substances.anchored else copolymer.foreign_adhesion)
    return debonding.adhesion_energy(constants.bare_adhesion, coefficient, film.copolymer_areal_density, work)


def _cracks(stage: Stage, state: Drawn, share: Values, drawing: Drawing, constants: StretchConstants) -> Drawn:
    """Microcracks that the stage nucleates and opens, in each direction that it draws."""
    if stage.draws_machine:
        cracks, nucleated, cold = _family(
            stage, (stage.machine_start, stage.machine_end), (state.cracks_machine, state.nucleated_machine),
            state.cold_nucleated, share, drawing, constants,
        )  # fmt: skip
        state = replace(state, cracks_machine=cracks, nucleated_machine=nucleated, cold_nucleated=cold)
    if stage.draws_transverse:
        cracks, nucleated, cold = _family(
            stage, (stage.transverse_start, stage.transverse_end), (state.cracks_transverse, state.nucleated_transverse),
            state.cold_nucleated, share, drawing, constants,
        )  # fmt: skip
        cold = np.maximum(state.cold_nucleated, cold)
        state = replace(state, cracks_transverse=cracks, nucleated_transverse=nucleated, cold_nucleated=cold)
    return state


def _family(
    stage: Stage,
    draw_ratios: tuple[Values, Values],
    family: tuple[Values, Values],
    cold_nucleated: Values,
    share: Values,
    drawing: Drawing,
    constants: StretchConstants,
) -> tuple[Values, Values, Values]:
    """Void ratio and nucleated share of the cracks of one direction, and the share that cold stretching nucleated."""
    (start, end), (cracks, nucleated) = draw_ratios, family
    if stage.regime == "cold":
        past = [np.maximum(ratio - 1.0 - drawing.yield_strain, 0.0) for ratio in (start, end)]
        opened = constants.microcrack_opening_cold * (past[1] - past[0]) * share
        sites = cavitation.nucleated_by_cold_stretch(
            end - 1.0, drawing.yield_strain, share, constants.nucleation_strain
        )
        nucleated = np.maximum(nucleated, sites)
        return cracks + opened, nucleated, nucleated
    nucleated = np.maximum(nucleated, cold_nucleated + (1.0 - cold_nucleated) * share)
    return cracks + constants.microcrack_opening_hot * (end - start) * nucleated, nucleated, cold_nucleated
