"""Stretch stations: ovens, rolls, gaps and clips, and the film and forces to expect there."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from poreline.report.run_sheet import bands
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import SheetNumber, number
from poreline.report.run_sheet.ovens import stretch_set_point
from poreline.report.run_sheet.sheet import StretchSheet
from poreline.stretch import Stage

Numbers = dict[str, Any]
"""Numbers of a StretchSheet by field."""


def gap_length(time: float, speed_in: float, speed_out: float) -> float:
    """Length of a gap in which a film whose speed rises linearly along it stays `time`: t (v2 - v1)/ln(v2/v1). SI.

    The mean is the logarithmic one; for equal speeds it is the speed itself.
    """
    return time * _mean_speed(speed_in, speed_out)


def gap_time(length: float, speed_in: float, speed_out: float) -> float:
    """Time that a film stays in a gap of `length`; the inverse of gap_length. SI."""
    return length / _mean_speed(speed_in, speed_out)


def _mean_speed(speed_in: float, speed_out: float) -> float:
    exponent = math.log(speed_out / speed_in)
    return speed_in * math.expm1(exponent) / exponent if exponent else speed_in


def stretch_sheets(facts: Facts) -> tuple[StretchSheet, ...]:
    """Every station, in the order of the programme."""
    return tuple(_station(facts, index, stage) for index, stage in enumerate(facts.stages))


def _station(facts: Facts, index: int, stage: Stage) -> StretchSheet:
    step, rate = facts.plan.steps[index], float(stage.strain_rate)
    start, end = float(stage.machine_start), float(stage.machine_end)
    rate_meaning = "strain rate of the recipe: change of the stretch ratio per time"
    rate_assumed = facts.assumed(f"stretch[{index}].strain_rate")
    return StretchSheet(
        step=index,
        regime=stage.regime,
        direction=step.direction,
        width_held=step.width == "fixed",
        oven_temperature=stretch_set_point(facts, float(stage.temperature), stage.regime),
        elongation=number(step.elongation, "1", "elongation at the end, cumulative", "%"),
        ratio=number(end / start, "1", "stretch ratio in this station (speed out over in)"),
        ratio_cumulative=number(end, "1", "stretch ratio, cumulative"),
        strain_rate=number(rate, "1/s", rate_meaning, assumed=rate_assumed),
        **_rolls(facts, index, stage),
        **_clips(facts, index, stage),
        **_film_there(facts, index, stage),
        **_forces(facts, index, stage),
    )


def _change(stage: Stage) -> float:
    """Change of the stretch ratio that takes the time of the stage: of the direction that changes most."""
    machine = float(stage.machine_end - stage.machine_start) if stage.draws_machine else 0.0
    transverse = float(stage.transverse_end - stage.transverse_start) if stage.draws_transverse else 0.0
    return max(machine, transverse)


def _rolls(facts: Facts, index: int, stage: Stage) -> Numbers:
    """Speeds of the rolls, and the gap between them that gives the strain rate, beside the gap that the line has."""
    inlet, assumed = facts.inlet.value, facts.inlet.assumed
    speed_in, speed_out = inlet * float(stage.machine_start), inlet * float(stage.machine_end)
    change, rate = _change(stage), float(stage.strain_rate)
    time = change / rate
    gap, own_gap = gap_length(time, speed_in, speed_out), facts.line.at(index).gap
    found: Numbers = {
        "residence_time": number(time, "s", "time in the gap: change of the stretch ratio over strain rate"),
        "speed_in": number(speed_in, "m/s", "speed of the entry roll", "m/min", assumed=assumed),
        "speed_out": number(speed_out, "m/s", "speed of the exit roll", "m/min", assumed=assumed),
        "gap": number(gap, "m", "length of the gap that gives the strain rate", "mm", assumed=assumed),
    }
    if own_gap is None or gap <= 0.0:
        return found
    rate_there = change / gap_time(own_gap, speed_in, speed_out)
    restored, meaning = inlet * own_gap / gap, "inlet speed at which that gap gives the recipe's rate"
    return found | {
        "line_gap": number(own_gap, "m", "length of the line's gap", "mm", note="from the line file"),
        "line_strain_rate": number(rate_there, "1/s", "strain rate in the line's gap", assumed=assumed),
        "line_inlet_speed": number(restored, "m/s", meaning, "m/min"),
    }


def _clips(facts: Facts, index: int, stage: Stage) -> Numbers:
    """Clips of the tenter, in a station that draws across the film."""
    if not stage.draws_transverse:
        return {}
    start, end = float(stage.transverse_start), float(stage.transverse_end)
    assumed = facts.width.assumed
    wide = facts.run.stations[index].nominal["width_ratio"] * facts.width.value
    narrow, time = wide * start / end, _change(stage) / float(stage.strain_rate)
    parting = (wide - narrow) / time if end > start else 0.0
    return {
        "ratio_transverse": number(end / start, "1", "transverse stretch ratio in this station (width out over in)"),
        "ratio_transverse_cumulative": number(end, "1", "transverse stretch ratio, cumulative"),
        "clip_width_in": number(narrow, "m", "width between the clips at the entry", "mm", assumed=assumed),
        "clip_width_out": number(wide, "m", "width between the clips at the exit", "mm", assumed=assumed),
        "width_rate": number(parting, "m/s", "speed at which the clips part", "mm/s", assumed=assumed),
    }


def _film_there(facts: Facts, index: int, stage: Stage) -> Numbers:
    """The film at the end of a station, from the run's prediction."""
    station, width = facts.run.stations[index], facts.width
    risk = "probability that the film has broken by here"
    return {
        "width": bands.after_station(
            station, "width_ratio", width.value, "m", "width at the exit", "mm", assumed=width.assumed
        ),
        "thickness": bands.after_station(station, "film_thickness", 1.0, "m", "thickness at the exit", "um"),
        "break_risk": bands.after_station(station, "break_probability", 1.0, "1", risk, "%", decimals=2),
    }


def _forces(facts: Facts, index: int, stage: Stage) -> Numbers:
    """Forces on rolls and clips at the end of a station, from the run's prediction."""
    station, name = facts.run.stations[index], "engineering_stress"
    along, across = float(stage.machine_end), float(stage.transverse_end)
    wide, assumed = facts.width.value, facts.width.assumed
    true = max(along, across)  # the true stress is the engineering stress times this
    forces: Numbers = {}
    if stage.draws_machine:
        per_width, meaning = facts.thickness * true / along, "draw force at the exit"
        forces["draw_force_per_width"] = bands.after_station(
            station, name, per_width, "N/m", f"{meaning} per unstretched width"
        )
        forces["draw_force"] = bands.after_station(station, name, per_width * wide, "N", meaning, assumed=assumed)
        if across == 1.0:
            forces["draw_force_peak"] = _peak(facts, index)
    if stage.draws_transverse:
        per_length = facts.thickness * true / (along * station.nominal["width_ratio"])
        meaning = "force on the clips at the exit per length of film"
        forces["clip_force"] = bands.after_station(station, name, per_length, "N/m", meaning)
    return forces


def _peak(facts: Facts, index: int) -> SheetNumber:
    """Largest draw force of the station; yielding at its start may take more than its end."""
    station, curve, name = facts.run.stations[index], facts.run.curve, "engineering_stress"
    reached = [(source[name] for source in (station.nominal, station.low, station.high))]
    if curve is not None and name in curve.nominal:
        here = curve.step == index
        reached += [(float(np.max(source[name][here])) for source in (curve.nominal, curve.low, curve.high))]
    section = facts.thickness * facts.width.value
    value, low, high = (section * max(parts) for parts in zip(*reached, strict=True))
    bounds, meaning = (low, max(high, value)), "largest draw force in the station"
    return number(value, "N", meaning, "", *bounds, kind="90 % band", assumed=facts.width.assumed)
