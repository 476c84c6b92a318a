"""Film to stretched film by the mean-field model: the programme stage by stage, then voids, anneal, dimensions and break."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from poreline.film import Film
from poreline.film.form import NORMAL_95
from poreline.materials import glassy_flow_stress, rigid_share
from poreline.quantities.fields import Values
from poreline.recipe import Anneal, Measured, StretchStep
from poreline.stretch.meanfield import annealing, breaking, debonding, stress_concentration, wakes
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.meanfield.drawing import Drawn, adhesion, draw
from poreline.stretch.programme import Stage, stages
from poreline.stretch.stretched_film import StretchedFilm

_SMALLEST = 1e-12


def stretch(
    film: Film,
    steps: tuple[StretchStep, ...],
    anneal: Anneal | None,
    constants: StretchConstants | None = None,
    measured: Measured | None = None,
) -> StretchedFilm:
    """Draw a film through its programme and anneal it.

    All numbers of film, steps and anneal may be arrays that broadcast together. A measured porosity replaces the
    predicted one (all voids are scaled to it), a measured membrane thickness the predicted thickness. Raises ValueError
    if the matrix cannot be drawn or a step does not say whether it is cold or hot.
    """
    constants, measured = constants or StretchConstants(), measured or Measured()
    programme = stages(steps)
    state = Drawn()
    for stage in programme:
        state = draw(film, stage, state, constants)
    machine: Values = programme[-1].machine_end if programme else 1.0
    transverse: Values = programme[-1].transverse_end if programme else 1.0
    voids = _annealed(_opened(film, programme, state, constants), film, anneal, constants)
    voids, porosity = _measured(voids, film, measured.porosity)
    final = [1.0 + (ratio - 1.0) * (1.0 - voids.springback / 2.0) for ratio in (machine, transverse)]
    width, thickness = _dimensions(programme, state, voids, (final[0], final[1]))
    predicted = film.film_thickness_unstretched * thickness
    film_thickness = predicted if measured.membrane_thickness is None else measured.membrane_thickness
    solid_stress = state.stress_largest / (1.0 - porosity)
    bridged = film.domain_diameter_median * film.domain_diameter_spread**NORMAL_95 >= film_thickness
    ruptured = (state.break_margin > 1.0) | (solid_stress > constants.strength) | bridged
    substances = film.blend.substances
    return StretchedFilm(
        film=film,
        stretch_ratio=machine,
        stretch_ratio_transverse=transverse,
        stretch_ratio_final=final[0],
        stretch_ratio_final_transverse=final[1],
        width_ratio=width,
        thickness_ratio=thickness,
        film_thickness=film_thickness,
        flow_stress_cold=state.stress_cold,
        flow_stress_hot=state.stress_hot,
        engineering_stress=state.stress_last / _drawn_last(programme),
        natural_draw_ratio=state.natural_ratio,
        necked_share=_necked_share(programme, state),
        stress_concentration_elastic=stress_concentration.elastic_concentration(substances.first, substances.second),
        thermal_clamping=state.clamping,
        adhesion_energy=adhesion(film, constants),
        nucleated_share=np.maximum(state.nucleated_machine, state.nucleated_transverse),
        nucleated_share_cold=state.cold_nucleated,
        nucleated_sum=_nucleated_sum(state),
        transverse_share=_transverse_share(state),
        debonded_share=voids.debonded,
        pole_crazed_share=constants.pole_share * voids.crazed,
        wake_share=voids.debonded + 0.5 * voids.crazed,
        rigid_share=_rigid(film, programme),
        void_ratio_debonded=voids.wakes,
        void_ratio_poles=voids.pole_wakes,
        void_ratio_microcracks=voids.cracks,
        volume_ratio=voids.volume,
        porosity=porosity,
        microcrack_share=(1.0 - voids.fraction) * voids.cracks / np.maximum(voids.volume - 1.0, _SMALLEST),
        density_ratio=(1.0 - film.residual_porosity) / voids.volume,
        springback=voids.springback,
        break_stretch_ratio=state.break_ratio,
        break_margin=state.break_margin,
        break_probability=breaking.break_probability(
            np.maximum(state.break_margin, _SMALLEST), constants.break_scatter
        ),
        true_stress_largest=solid_stress,
        ruptured=np.where(ruptured, 1.0, 0.0),
    )


# Voids


@dataclass(frozen=True, kw_only=True)
class _Voids:
    """Voids per unstretched volume (microcracks: per unstretched matrix volume), and the domains that have one."""

    fraction: Values
    debonded: Values
    crazed: Values
    """Bonded domains at whose poles the matrix cavitates; a part of them fibrillates."""
    wakes: Values
    pole_wakes: Values
    cracks: Values
    springback: Values = 0.0

    @property
    def volume(self) -> Values:
        """Volume over unstretched volume."""
        return 1.0 + self.wakes + self.pole_wakes + (1.0 - self.fraction) * self.cracks


def _opened(film: Film, programme: tuple[Stage, ...], state: Drawn, constants: StretchConstants) -> _Voids:
    """The voids at the end of the draw, before anything springs back."""
    phi = film.blend.first_volume_fraction
    debonded = debonding.volume_share_above(
        state.debonding_radius, film.domain_diameter_across / 2.0, film.domain_diameter_spread
    )
    # Per domain of full share: what opens behind it, and behind one that follows part of the hot draw.
    wake, wake_rigid = _wake(film, programme, state, debonded, constants, follows=False)
    pole, pole_rigid = _wake(film, programme, state, debonded, constants, follows=True)
    crazed = (1.0 - debonded) * state.cavitation
    return _Voids(
        fraction=phi,
        debonded=debonded * wake_rigid,
        crazed=crazed * pole_rigid,
        wakes=phi * debonded * wake,
        pole_wakes=phi * crazed * constants.pole_share * pole,
        cracks=state.cracks_machine + state.cracks_transverse,
    )


def _wake(
    film: Film,
    programme: tuple[Stage, ...],
    state: Drawn,
    debonded: Values,
    constants: StretchConstants,
    *,
    follows: bool,
) -> tuple[Values, Values]:
    """Void behind a domain over its volume, and the share of rigid domains averaged over its opening.

    The film opens as far as its domains are rigid at each stage: what an earlier, cooler stage has opened stays open when
    a later one is too warm to open more. `follows`: the domain is bonded and is drawn out with the matrix in part.
    """
    if not programme:
        return 0.0, 1.0
    first = film.blend.substances.first
    closure = _closure(programme, state, constants)
    biaxial = any(stage.draws_transverse for stage in programme)
    hot = [stage for stage in programme if stage.regime == "hot"]
    counted = hot or [programme[-1]]
    stretched: list[Values] = [1.0, 1.0]
    before: Values = 0.0
    opened: Values = 0.0
    for index, stage in enumerate(counted):
        rigid = rigid_share(first, stage.temperature)
        if follows and hot:
            xi = _codraw(film, stage, state.hot_stresses[index], debonded, constants)
            start_machine = state.machine_after_cold if index == 0 else stage.machine_start
            start_transverse = state.transverse_after_cold if index == 0 else stage.transverse_start
            stretched[0] = stretched[0] + xi * (stage.machine_end - start_machine)
            stretched[1] = stretched[1] + xi * (stage.transverse_end - start_transverse)
        void = wakes.wake_void(
            stage.machine_end / stretched[0], stage.transverse_end / stretched[1], closure, biaxial=biaxial
        )
        opened = opened + rigid * (void - before)
        before = void
    return opened, np.where(np.asarray(before) > 0.0, opened / np.maximum(before, _SMALLEST), rigid)


def _codraw(film: Film, stage: Stage, stress: Values, debonded: Values, constants: StretchConstants) -> Values:
    """Share of the draw that a bonded domain follows at a stage."""
    glassy = glassy_flow_stress(film.blend.substances.first, stage.temperature)
    return (
        constants.domain_codraw * (1.0 - debonded) / (1.0 + (glassy / (constants.stress_concentration * stress)) ** 4)
    )


def _closure(programme: tuple[Stage, ...], state: Drawn, constants: StretchConstants) -> Values:
    """Lateral closure behind the domains: full at free width, half of it at fixed width, in between by the logarithmic draw."""
    if all(stage.width == "free" and not stage.draws_transverse for stage in programme):
        return constants.lateral_closure
    total = np.log(programme[-1].machine_end)
    free = np.where(total > 0.0, state.free_draw / np.maximum(total, _SMALLEST), 0.0)
    return constants.lateral_closure * (0.5 + 0.5 * free)


def _annealed(voids: _Voids, film: Film, anneal: Anneal | None, constants: StretchConstants) -> _Voids:
    """The voids after the anneal: what has sprung back is gone, softened domains let part of their wakes close."""
    if anneal is None or not anneal.under_tension:
        # Without a hold at length nothing takes the springback away.
        springback: Values = constants.springback_unannealed
        kept: Values = 1.0
    else:
        relaxation = annealing.relaxation_time(
            anneal.temperature, constants.relaxation_time, constants.relaxation_energy
        )
        springback = annealing.springback_left(
            constants.springback_unannealed, anneal.duration, relaxation, constants.relaxation_exponent
        )
        kept = 1.0 - annealing.wake_closing(film.blend.substances.first.glass_transition, anneal.temperature)
    left = 1.0 - springback
    return replace(
        voids,
        wakes=voids.wakes * left * kept,
        pole_wakes=voids.pole_wakes * left * kept,
        cracks=voids.cracks * left,
        springback=springback,
    )


def _measured(voids: _Voids, film: Film, porosity: Values | None) -> tuple[_Voids, Values]:
    """Voids and porosity; a measured porosity replaces the sum of the voids, their shares stay as predicted."""
    if porosity is None:
        return voids, 1.0 - (1.0 - film.residual_porosity) / voids.volume
    volume = np.maximum((1.0 - film.residual_porosity) / (1.0 - porosity), 1.0)
    scale = (volume - 1.0) / np.maximum(voids.volume - 1.0, _SMALLEST)
    scaled = replace(voids, wakes=voids.wakes * scale, pole_wakes=voids.pole_wakes * scale, cracks=voids.cracks * scale)
    return scaled, porosity + 0.0 * scale


def _rigid(film: Film, programme: tuple[Stage, ...]) -> Values:
    """Share of rigid domains at the last hot stretch, or at the cold one if there is no hot one."""
    if not programme:
        return 1.0
    hot = [stage for stage in programme if stage.regime == "hot"]
    return rigid_share(film.blend.substances.first, (hot or list(programme))[-1].temperature)


def _transverse_share(state: Drawn) -> Values:
    """Share of the microcrack volume that opened in transverse draws."""
    return state.cracks_transverse / np.maximum(state.cracks_machine + state.cracks_transverse, _SMALLEST)


def _nucleated_sum(state: Drawn) -> Values:
    """Nucleated share over the directions of draw, each counted as far as its cracks have opened beside the other's."""
    larger = np.maximum(state.cracks_machine, state.cracks_transverse)
    along, across = (c / np.maximum(larger, _SMALLEST) for c in (state.cracks_machine, state.cracks_transverse))
    opened = along * state.nucleated_machine + across * state.nucleated_transverse
    return np.where(larger > 0.0, opened, np.maximum(state.nucleated_machine, state.nucleated_transverse))


# Dimensions and stress


def _dimensions(
    programme: tuple[Stage, ...], state: Drawn, voids: _Voids, final: tuple[Values, Values]
) -> tuple[Values, Values]:
    """Width and thickness over their unstretched values; machine x width x thickness is the volume ratio.

    Free width: width and thickness share the contraction equally; fixed: thickness takes it all. In a programme with
    both, the width contracts in proportion to the logarithm of the draw at free width. Before a transverse draw the
    film enters at the width that the machine draw left, with the voids of that draw.
    """
    machine, transverse = final
    if not programme or all(stage.width == "free" and not stage.draws_transverse for stage in programme):
        width = np.sqrt(voids.volume / machine)
        return width, width
    free = state.free_draw / np.maximum(np.log(programme[-1].machine_end), _SMALLEST)
    at_entry = 1.0 + (voids.volume - 1.0) * (1.0 - _transverse_share(state))
    width = (at_entry / machine) ** (0.5 * free) * transverse
    return width, voids.volume / (machine * width)


def _drawn_last(programme: tuple[Stage, ...]) -> Values:
    """Stretch ratio in the direction that the last stage draws; the larger one where it draws both."""
    if not programme:
        return 1.0
    last = programme[-1]
    along = last.machine_end if last.draws_machine else 1.0
    return np.maximum(along, last.transverse_end if last.draws_transverse else 1.0)


def _necked_share(programme: tuple[Stage, ...], state: Drawn) -> Values:
    """Share of the film that has necked, if it draws in two zones: (lam - lam_before)/(lam_n - lam_before)."""
    if not programme:
        return 1.0
    last = programme[-1]
    start, end = (
        (last.machine_start, last.machine_end) if last.draws_machine else (last.transverse_start, last.transverse_end)
    )
    span = np.maximum(state.natural_ratio - start, _SMALLEST)
    return np.where(state.natural_ratio > start, np.clip((end - start) / span, 0.0, 1.0), 1.0)
