"""Film to stretched film by the mean-field model: the programme stage by stage, then anneal, dimensions and break."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from poreline.film import Film
from poreline.film.form import NORMAL_95
from poreline.materials import Drawing, glassy_flow_stress, rigid_share
from poreline.quantities.fields import Values
from poreline.recipe import Anneal, StretchStep
from poreline.stretch.meanfield import (
    annealing,
    breaking,
    cavitation,
    debonding,
    flow_stress,
    stress_concentration,
    wakes,
)
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.programme import Stage, stages
from poreline.stretch.stretched_film import StretchedFilm


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """State of a film in the course of its programme; what has not happened yet is zero."""

    debonding_radius: Values = np.inf
    cracks_machine: Values = 0.0
    cracks_transverse: Values = 0.0
    nucleated_machine: Values = 0.0
    nucleated_transverse: Values = 0.0
    cold_nucleated: Values = 0.0
    cavitation: Values = 0.0
    stress_cold: Values = 0.0
    stress_hot: Values = 0.0
    stress_last: Values = 0.0
    clamping: Values = 0.0
    machine_after_cold: Values = 1.0
    transverse_after_cold: Values = 1.0
    break_margin: Values = 0.0
    break_ratio: Values = 0.0
    natural_ratio: Values = 1.0
    free_draw: Values = 0.0
    """Logarithm of the machine-direction draw that happened at free width."""
    necking_start: Values = 1.0


def stretch(
    film: Film,
    steps: tuple[StretchStep, ...],
    anneal: Anneal | None,
    constants: StretchConstants | None = None,
    *,
    measured_porosity: Values | None = None,
) -> StretchedFilm:
    """Draw a film through its programme and anneal it.

    All numbers of film, steps and anneal may be arrays that broadcast together. A measured porosity replaces the
    predicted one: all voids are scaled to it. Raises ValueError if the matrix cannot be drawn or a step has no regime.
    """
    constants = constants or StretchConstants()
    programme = stages(steps)
    state = _Drawn()
    for stage in programme:
        state = _draw(film, stage, state, constants)
    return _result(film, programme, anneal, state, constants, measured_porosity)


def _matrix(film: Film) -> Drawing:
    drawing = film.blend.substances.second.drawing
    if drawing is None:
        raise ValueError(f"{film.blend.substances.second.name} has no drawing data and cannot be a matrix")
    return drawing


def _draw(film: Film, stage: Stage, state: _Drawn, constants: StretchConstants) -> _Drawn:
    """One stage: stress, debonding, nucleation, microcracks, break."""
    drawing, blend = _matrix(film), film.blend
    first, second = blend.substances.first, blend.substances.second
    temperature, rate = stage.temperature, stage.strain_rate
    yielding = film.yield_factor * drawing.yield_stress(rate, temperature)
    hardening_modulus = drawing.hardening_modulus(temperature)
    cold = stage.regime == "cold"
    stress = yielding + hardening_modulus * _hardening(stage, state, stage.machine_end, stage.transverse_end)
    # A cold stretch nucleates all the way to its end; hot ones at their onset, before hardening sets in: later the fibrils
    # draw. The onset is the end of the cold stretch, however many hot steps follow, so that a pause nucleates nothing new.
    onset = _hardening(stage, state, state.machine_after_cold, state.transverse_after_cold)
    nucleating = stress if cold else yielding + hardening_modulus * onset
    share = cavitation.cavitation_share(
        nucleating,
        constants.stress_concentration,
        drawing.cavitation_stress * film.cavitation_factor,
        drawing.cavitation_width,
    )
    clamping = (
        stress_concentration.thermal_clamping(first, second, temperature, constants.setting_temperature)
        if cold
        else 0.0
    )
    debonds_above = debonding.debonding_radius(
        stress, clamping, yielding / drawing.yield_strain, _adhesion(film, constants), constants.debonding_coefficient
    )
    neat = drawing.break_ratio(temperature)
    break_ratio = breaking.break_stretch_ratio(
        neat, blend.first_volume_fraction, film.copolymer_coverage, constants.break_relief
    )
    reached = np.maximum(
        stage.machine_end if stage.draws_machine else 1.0, stage.transverse_end if stage.draws_transverse else 1.0
    )
    state = _cracks(stage, state, share, drawing, constants)
    free = np.log(stage.machine_end / stage.machine_start) if stage.draws_machine and stage.width == "free" else 0.0
    return replace(
        state,
        debonding_radius=np.minimum(state.debonding_radius, debonds_above),
        cavitation=np.maximum(state.cavitation, share),
        stress_cold=stress if cold else state.stress_cold,
        stress_hot=state.stress_hot if cold else stress,
        stress_last=stress,
        clamping=clamping if cold else state.clamping,
        machine_after_cold=stage.machine_end if cold else state.machine_after_cold,
        transverse_after_cold=stage.transverse_end if cold else state.transverse_after_cold,
        break_margin=np.maximum(state.break_margin, reached / break_ratio),
        break_ratio=break_ratio,
        natural_ratio=flow_stress.natural_draw_ratio(yielding / hardening_modulus),
        necking_start=stage.machine_start,
        free_draw=state.free_draw + free,
    )


def _hardening(stage: Stage, state: _Drawn, machine: Values, transverse: Values) -> Values:
    """Strain measure of the stress in the direction that the stage draws (the harder one when it draws both)."""
    if not stage.draws_transverse and not stage.transverse_before:
        return flow_stress.uniaxial_hardening(machine)
    width = transverse * np.exp(-0.5 * state.free_draw)
    along = flow_stress.biaxial_hardening(machine, width) if stage.draws_machine else 0.0
    across = flow_stress.biaxial_hardening(width, machine) if stage.draws_transverse else 0.0
    return np.maximum(along, across)


def _cracks(stage: Stage, state: _Drawn, share: Values, drawing: Drawing, constants: StretchConstants) -> _Drawn:
    """Microcracks that the stage nucleates and opens, in each direction that it draws."""

    def family(start: Values, end: Values, cracks: Values, nucleated: Values) -> tuple[Values, Values, Values]:
        if stage.regime == "cold":
            past_yield = np.maximum(end - 1.0 - drawing.yield_strain, 0.0) - np.maximum(
                start - 1.0 - drawing.yield_strain, 0.0
            )
            opened = constants.microcrack_opening_cold * past_yield * share
            sites = cavitation.nucleated_by_cold_stretch(
                end - 1.0, drawing.yield_strain, share, constants.nucleation_strain
            )
            nucleated = np.maximum(nucleated, sites)
            return cracks + opened, nucleated, nucleated
        nucleated = np.maximum(nucleated, state.cold_nucleated + (1.0 - state.cold_nucleated) * share)
        return cracks + constants.microcrack_opening_hot * (end - start) * nucleated, nucleated, state.cold_nucleated

    if stage.draws_machine:
        cracks, nucleated, cold = family(
            stage.machine_start, stage.machine_end, state.cracks_machine, state.nucleated_machine
        )
        state = replace(state, cracks_machine=cracks, nucleated_machine=nucleated, cold_nucleated=cold)
    if stage.draws_transverse:
        cracks, nucleated, cold = family(
            stage.transverse_start, stage.transverse_end, state.cracks_transverse, state.nucleated_transverse
        )
        state = replace(
            state,
            cracks_transverse=cracks,
            nucleated_transverse=nucleated,
            cold_nucleated=np.maximum(state.cold_nucleated, cold),
        )
    return state


def _adhesion(film: Film, constants: StretchConstants) -> Values:
    """Fracture energy of the interface between domain and matrix, J/m2."""
    substances = film.blend.substances
    room = 293.15  # K, where the work of adhesion is taken
    work = (
        substances.first.surface_tension(room)
        + substances.second.surface_tension(room)
        - film.blend.interfacial_tension
    )
    copolymer = substances.copolymer
    coefficient: Values = 0.0
    if copolymer is not None:
        coefficient = copolymer.adhesion_coefficient * (1.0 if substances.anchored else copolymer.foreign_adhesion)
    return debonding.adhesion_energy(constants.bare_adhesion, coefficient, film.copolymer_areal_density, work)


def _result(
    film: Film,
    programme: tuple[Stage, ...],
    anneal: Anneal | None,
    state: _Drawn,
    constants: StretchConstants,
    measured_porosity: Values | None,
) -> StretchedFilm:
    blend = film.blend
    phi = blend.first_volume_fraction
    machine: Values = programme[-1].machine_end if programme else 1.0
    transverse: Values = programme[-1].transverse_end if programme else 1.0
    biaxial = any(stage.draws_transverse for stage in programme)

    debonded = debonding.volume_share_above(
        state.debonding_radius, film.domain_diameter_across / 2.0, film.domain_diameter_spread
    )
    rigid = _rigid(film, programme)
    poles = (1.0 - debonded) * state.cavitation * constants.pole_share * rigid
    wake_machine, wake_transverse = _pole_stretch(film, programme, state, debonded, constants)
    closure = _closure(programme, constants)
    wake_debonded = phi * debonded * rigid * wakes.wake_void(machine, transverse, closure, biaxial=biaxial)
    wake_poles = phi * poles * wakes.wake_void(wake_machine, wake_transverse, closure, biaxial=biaxial)
    cracks = state.cracks_machine + state.cracks_transverse

    springback, wake_kept = _springback(film, anneal, constants)
    keep = 1.0 - springback
    e_d, e_f, e_c = wake_debonded * keep * wake_kept, wake_poles * keep * wake_kept, cracks * keep
    volume = 1.0 + e_d + e_f + (1.0 - phi) * e_c
    if measured_porosity is not None:
        # The measurement replaces the sum of the voids; their shares stay as predicted.
        scale = (1.0 / (1.0 - measured_porosity) - 1.0) / np.maximum(volume - 1.0, 1e-12)
        e_d, e_f, e_c = e_d * scale, e_f * scale, e_c * scale
        volume = 1.0 + e_d + e_f + (1.0 - phi) * e_c
    final_machine = 1.0 + (machine - 1.0) * (1.0 - springback / 2.0)
    final_transverse = 1.0 + (transverse - 1.0) * (1.0 - springback / 2.0)
    width, thickness = _dimensions(programme, state, volume, final_machine, final_transverse)
    porosity = 1.0 - (1.0 - film.residual_porosity) / volume
    solid_stress = state.stress_last / (1.0 - porosity)
    film_thickness = film.film_thickness_unstretched * thickness
    bridged = film.domain_diameter_median * film.domain_diameter_spread**NORMAL_95 >= film_thickness
    ruptured = (state.break_margin > 1.0) | (solid_stress > constants.strength) | bridged
    margin = np.maximum(state.break_margin, 1e-12)
    return StretchedFilm(
        film=film,
        stretch_ratio=machine,
        stretch_ratio_transverse=transverse,
        stretch_ratio_final=final_machine,
        stretch_ratio_final_transverse=final_transverse,
        width_ratio=width,
        thickness_ratio=thickness,
        film_thickness=film_thickness,
        flow_stress_cold=state.stress_cold,
        flow_stress_hot=state.stress_hot,
        engineering_stress=state.stress_last / np.maximum(machine, transverse),
        natural_draw_ratio=state.natural_ratio,
        necked_share=_necked_share(machine, state),
        thermal_clamping=state.clamping,
        adhesion_energy=_adhesion(film, constants),
        nucleated_share=np.maximum(state.nucleated_machine, state.nucleated_transverse),
        nucleated_share_cold=state.cold_nucleated,
        debonded_share=debonded * rigid,
        pole_crazed_share=poles,
        wake_share=debonded * rigid + 0.5 * (1.0 - debonded) * state.cavitation * rigid,
        rigid_share=rigid,
        void_ratio_debonded=e_d,
        void_ratio_poles=e_f,
        void_ratio_microcracks=e_c,
        volume_ratio=volume,
        porosity=porosity,
        microcrack_share=(1.0 - phi) * e_c / np.maximum(volume - 1.0, 1e-12),
        density_ratio=1.0 / volume,
        springback=springback,
        nucleated_sum=state.nucleated_machine + state.nucleated_transverse,
        break_stretch_ratio=state.break_ratio,
        break_margin=state.break_margin,
        break_probability=breaking.break_probability(margin, constants.break_scatter),
        true_stress_largest=solid_stress,
        ruptured=np.where(ruptured, 1.0, 0.0),
    )


def _rigid(film: Film, programme: tuple[Stage, ...]) -> Values:
    """Share of rigid domains at the last hot stretch, or at the cold one if there is no hot one."""
    if not programme:
        return 1.0
    hot = [stage for stage in programme if stage.regime == "hot"]
    return rigid_share(film.blend.substances.first, (hot or list(programme))[-1].temperature)


def _pole_stretch(
    film: Film, programme: tuple[Stage, ...], state: _Drawn, debonded: Values, constants: StretchConstants
) -> tuple[Values, Values]:
    """Stretch of the matrix over that of a bonded domain, which follows part of the hot draw: machine, transverse."""
    if not programme:
        return 1.0, 1.0
    machine, transverse = programme[-1].machine_end, programme[-1].transverse_end
    hot = [stage for stage in programme if stage.regime == "hot"]
    if not hot:
        return machine, transverse
    glassy = glassy_flow_stress(film.blend.substances.first, hot[-1].temperature)
    follows = (
        constants.domain_codraw
        * (1.0 - debonded)
        / (1.0 + (glassy / (constants.stress_concentration * state.stress_hot)) ** 4)
    )
    return (
        machine / (1.0 + follows * (machine - state.machine_after_cold)),
        transverse / (1.0 + follows * (transverse - state.transverse_after_cold)),
    )


def _closure(programme: tuple[Stage, ...], constants: StretchConstants) -> Values:
    """Lateral closure behind the domains: as given at free width, half of it at fixed width."""
    fixed = bool(programme) and programme[-1].width == "fixed"
    return constants.lateral_closure * (0.5 if fixed else 1.0)


def _springback(film: Film, anneal: Anneal | None, constants: StretchConstants) -> tuple[Values, Values]:
    """Springback left after the anneal, and the share of the wakes that softened domains keep open."""
    if anneal is None or not anneal.under_tension:
        # Without a hold at length nothing takes the springback away.
        return constants.springback_unannealed, 1.0
    relaxation = annealing.relaxation_time(anneal.temperature, constants.relaxation_time, constants.relaxation_energy)
    left = annealing.springback_left(
        constants.springback_unannealed, anneal.duration, relaxation, constants.relaxation_exponent
    )
    first = film.blend.substances.first
    softened = np.where(
        anneal.temperature > first.glass_transition, 0.5 * (1.0 - rigid_share(first, anneal.temperature)), 0.0
    )
    return left, 1.0 - softened


def _dimensions(
    programme: tuple[Stage, ...], state: _Drawn, volume: Values, machine: Values, transverse: Values
) -> tuple[Values, Values]:
    """Width and thickness over their unstretched values; machine x width x thickness is the volume ratio.

    Free width: width and thickness share the contraction equally; fixed: thickness takes it all. In a programme with
    both, the width contracts in proportion to the logarithm of the draw at free width. Before a transverse draw the
    film enters at the width that the machine draw left, its voids included.
    """
    if any(stage.draws_transverse for stage in programme):
        free = state.free_draw / np.maximum(np.log(programme[-1].machine_end), 1e-9)
        entry = ((1.0 + state.cracks_machine) / machine) ** (0.5 * np.minimum(free, 1.0))
        width = entry * transverse
        return width, volume / (machine * width)
    if not programme or all(stage.width == "free" for stage in programme):
        width = np.sqrt(volume / machine)
        return width, width
    if all(stage.width == "fixed" for stage in programme):
        width = np.ones(np.shape(volume))
        return width, volume / machine
    free = state.free_draw / np.maximum(np.log(programme[-1].machine_end), 1e-9)
    width = (volume / machine) ** (0.5 * free)
    return width, volume / (machine * width)


def _necked_share(machine: Values, state: _Drawn) -> Values:
    """Share of the film that has necked, if it draws in two zones: (lam - lam_before)/(lam_n - lam_before)."""
    span = np.maximum(state.natural_ratio - state.necking_start, 1e-9)
    return np.where(
        state.natural_ratio > state.necking_start, np.clip((machine - state.necking_start) / span, 0.0, 1.0), 1.0
    )
