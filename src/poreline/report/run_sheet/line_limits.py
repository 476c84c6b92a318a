"""What this line cannot do, or would do otherwise than the recipe says: the parts of the sheet against its line file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

from poreline.quantities import format_quantity
from poreline.recipe import Extrusion
from poreline.report.line_file import LineStation
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import SheetNumber, number, rounded, speed_text
from poreline.report.run_sheet.sheet import AnnealSheet, FilmSheet, MixingSheet, Problem, StretchSheet

_RATE_TOLERANCE = 0.1  # a strain rate this far from the recipe's is a problem
_SLACK = 1e-9  # relative, so that the last bit of a product is no problem


def problems(
    facts: Facts,
    mixing: MixingSheet,
    film: FilmSheet,
    stretch: tuple[StretchSheet, ...],
    anneal: AnnealSheet | None,
) -> Iterator[Problem]:
    """Every problem, in the order of the line; none where nothing is known of the line."""
    yield from _mixer(facts, mixing)
    yield from _die(facts, film)
    yield from _station_count(facts)
    for step in stretch:
        yield from _oven(step.label, step.oven_temperature, facts.line.at(step.step))
        yield from _rolls(facts, step)
        yield from _tenter(facts, step)
        yield from _gap(step)
        yield from _draw_force(facts, step)
    if anneal is not None:
        yield from _anneal(facts, anneal)
    yield from _inlet_speed(facts, stretch, anneal)


def _problem(step: str, what: str, needed: SheetNumber, available: float, relation: str, remedy: str) -> Problem:
    """A problem whose text says what is needed, what the line allows, and what helps."""
    have = dataclasses.replace(needed, value=float(available), meaning=relation, note="", low=None, high=None)
    text = f"{step}: needs {needed.text} ({what}), the line {relation} {have.text}: {remedy}."
    return Problem(step=step, what=what, needed=needed, available=have, text=text)


Remedy = Callable[[float], str]
"""What helps, from the limit that is not kept."""


def _over(
    step: str, what: str, needed: SheetNumber, highest: float | None, remedy: Remedy, relation: str = "allows up to"
) -> Iterator[Problem]:
    if highest is not None and needed.value > highest * (1.0 + _SLACK):
        yield _problem(step, what, needed, highest, relation, remedy(highest))


def _under(
    step: str, what: str, needed: SheetNumber, lowest: float | None, remedy: Remedy, relation: str = "starts at"
) -> Iterator[Problem]:
    if lowest is not None and needed.value < lowest * (1.0 - _SLACK):
        yield _problem(step, what, needed, lowest, relation, remedy(lowest))


def _mixer(facts: Facts, mixing: MixingSheet) -> Iterator[Problem]:
    def slower(limit: float) -> str:
        reached = format_quantity(mixing.shear_rate.value * limit / mixing.screw_speed.value, "1/s", 3)
        return f"at that speed the shear rate is {reached}, and the domains grow about in inverse proportion"

    yield from _over("mixing", "screw speed", mixing.screw_speed, facts.line.screw_speed_max, slower)
    yield from _melt("mixing", "melt in the mixer", mixing.temperature, facts.line.mixer_temperature_max)
    for step in mixing.steps[:-1]:
        yield from _melt("mixing: premix", "melt in the mixer", step.temperature, facts.line.mixer_temperature_max)


def _melt(step: str, what: str, temperature: SheetNumber, highest: float | None) -> Iterator[Problem]:
    yield from _over(step, what, temperature, highest, lambda _: "take grades that flow at that temperature")


def _die(facts: Facts, film: FilmSheet) -> Iterator[Problem]:
    forming, line = facts.plan.film, facts.line
    melt = film.settings.get("die_temperature")
    if melt is not None:
        yield from _melt("film", melt.meaning, melt, line.die_temperature_max)
    if not isinstance(forming, Extrusion):
        return
    opened = facts.thickness * float(forming.width_ratio)  # the gap of a die without draw-down

    def drawn(limit: float) -> str:
        return f"with that gap a draw-down of {limit / opened:.3g} gives the same thickness"

    yield from _under("film", "die gap", film.settings["die_gap"], line.die_gap_min, drawn)
    yield from _over("film", "die gap", film.settings["die_gap"], line.die_gap_max, drawn)
    widest, relation = facts.width_from_die, "makes a film of at most"
    yield from _over("film", "film width", facts.width, widest, lambda _: "draw a narrower film", relation)


def _station_count(facts: Facts) -> Iterator[Problem]:
    have, needed = facts.line.station_count, number(len(facts.stages), "1", "stretch stations")
    remedy = "pass the film more than once, or join steps"
    yield from _over(f"stretch[{have}]", "stretch stations", needed, have, lambda _: remedy, "has")


def _oven(step: str, oven: SheetNumber, at: LineStation) -> Iterator[Problem]:
    yield from _over(step, "oven", oven, at.oven_temperature_max, lambda _: "use a hotter oven")
    yield from _under(step, "oven", oven, at.oven_temperature_min, lambda _: "cool the chamber", "goes down to")


def _rolls(facts: Facts, step: StretchSheet) -> Iterator[Problem]:
    at = facts.line.at(step.step)
    for roll, what in ((step.speed_in, "entry roll"), (step.speed_out, "exit roll")):
        ratio = roll.value / facts.inlet.value

        def lower(limit: float, ratio: float = ratio) -> str:
            return f"lower the inlet speed to {speed_text(limit / ratio, math.floor)}"

        def higher(limit: float, ratio: float = ratio) -> str:
            return f"raise the inlet speed to {speed_text(limit / ratio, math.ceil)}"

        yield from _over(step.label, what, roll, at.roll_speed_max, lower)
        yield from _under(step.label, what, roll, at.roll_speed_min, higher)


def _tenter(facts: Facts, step: StretchSheet) -> Iterator[Problem]:
    ratio, wide = step.ratio_transverse, step.clip_width_out
    if ratio is None or wide is None:
        return
    if facts.line.tenter is False:
        remedy, relation = "draw across on another line", "has no tenter and keeps"
        yield _problem(step.label, "transverse stretch ratio", ratio, 1.0, relation, remedy)
        return

    def narrower(limit: float) -> str:
        return f"start from a film of at most {_narrowed(facts, limit / wide.value)}"

    yield from _over(step.label, "width between the clips", wide, facts.line.tenter_width_max, narrower)


def _narrowed(facts: Facts, share: float) -> str:
    return format_quantity(rounded(facts.width.value * share, math.floor), "mm")


def _gap(step: StretchSheet) -> Iterator[Problem]:
    """A gap that the line fixes draws at another rate; an inlet speed restores the recipe's."""
    there, restored = step.line_strain_rate, step.line_inlet_speed
    if there is None or restored is None:
        return
    times = there.value / step.strain_rate.value
    if abs(times - 1.0) > _RATE_TOLERANCE:
        needed = dataclasses.replace(step.strain_rate, meaning="strain rate of the recipe", assumed=False)
        remedy = (
            f"{times:.3g} times the recipe's; an inlet speed of {speed_text(restored.value)} gives the recipe's, "
            f"or a gap of {step.gap.text}"
        )
        yield _problem(step.label, "strain rate", needed, there.value, "gives", remedy)


def _draw_force(facts: Facts, step: StretchSheet) -> Iterator[Problem]:
    force = step.draw_force_peak or step.draw_force
    if force is None:
        return

    def narrower(limit: float) -> str:
        return f"draw a film of at most {_narrowed(facts, limit / force.value)}"

    yield from _over(step.label, "draw force", force, facts.line.at(step.step).draw_force_max, narrower)


def _anneal(facts: Facts, anneal: AnnealSheet) -> Iterator[Problem]:
    line, path = facts.line, anneal.oven_length
    yield from _oven("anneal", anneal.temperature, line.at(len(line.station)))  # the line's own limits

    def slower(limit: float) -> str:
        inlet = speed_text(facts.inlet.value * limit / path.value, math.floor)
        return f"lower the inlet speed to {inlet}, or anneal off line on a frame"

    yield from _over("anneal", "oven length", path, line.anneal_oven_length, slower, "has")


def _inlet_speed(facts: Facts, stretch: tuple[StretchSheet, ...], anneal: AnnealSheet | None) -> Iterator[Problem]:
    """A problem of its own where no inlet speed suits every limit of the line."""
    slowest, fastest, inlet = [0.0], [math.inf], facts.inlet.value
    for step in stretch:
        at = facts.line.at(step.step)
        ratios = (step.speed_in.value / inlet, step.speed_out.value / inlet)
        slowest += [at.roll_speed_min / ratio for ratio in ratios if at.roll_speed_min is not None]
        fastest += [at.roll_speed_max / ratio for ratio in ratios if at.roll_speed_max is not None]
    oven = facts.line.anneal_oven_length
    if anneal is not None and oven is not None and anneal.oven_length.value > 0.0:
        fastest.append(inlet * oven / anneal.oven_length.value)
    needed = number(max(slowest), "m/s", "slowest inlet speed that the rolls turn at", "m/min")
    remedy, relation = "no inlet speed suits all of it: run part of the line off line", "as a whole allows up to"
    yield from _over("line", "inlet speed", needed, min(fastest), lambda _: remedy, relation)
