"""Mixing: the settings of the screw, and the order in which the components meet."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from poreline.materials import Polymer
from poreline.recipe import SolutionCasting, Spraying
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import SheetNumber, around, number
from poreline.report.run_sheet.sheet import Component, FeedStep, MixingSheet, WeighOut

_USUAL_SCREW, _USUAL_CHANNEL = 25e-3, 4e-3  # m
_MELT_TOLERANCE = 5.0  # K, of a melt temperature

_DRYING = {
    "polyester": "dry before melting: 120-150 degC for 4-6 h, below 50 ppm of water (usual, assumed), or it hydrolyses",
    "polyamide": "dry before melting: 80 degC in vacuum for 8-12 h, below 0.1 % of water (usual, assumed)",
    "polycarbonate": "dry before melting: 120 degC for 4 h, below 200 ppm of water (usual, assumed)",
    "acrylic": "dry before melting: 80 degC for 4 h, below 500 ppm of water (usual, assumed)",
}


def mixing_sheet(facts: Facts, weighed: WeighOut) -> MixingSheet:
    """Settings of the mixer, and its feeds in the masses of the weigh-out."""
    mixing, line = facts.plan.mixing, facts.line
    own = line.screw_diameter is not None and line.channel_depth is not None
    diameter = line.screw_diameter if line.screw_diameter is not None else _USUAL_SCREW
    depth = line.channel_depth if line.channel_depth is not None else _USUAL_CHANNEL
    rotation = screw_speed(mixing.shear_rate, diameter, depth)
    screw_note = "shear rate = pi D N / h" + ("" if own else ", for the screw assumed below")
    rate_assumed = facts.assumed("mixing.shear_rate")
    as_usual = facts.assumed("mixing.temperature")
    temperature = melt_temperature(facts, "melt temperature in the mixer", assumed=as_usual)
    return MixingSheet(
        temperature=temperature,
        shear_rate=number(mixing.shear_rate, "1/s", "mean shear rate in the mixer", assumed=rate_assumed),
        screw_speed=number(rotation, "rad/s", "screw speed", "rpm", note=screw_note),
        screw_diameter=number(diameter, "m", "screw diameter", "mm", assumed=line.screw_diameter is None),
        channel_depth=number(depth, "m", "channel depth", "mm", assumed=line.channel_depth is None),
        time=number(mixing.time, "s", "mixing time", "min", assumed=facts.assumed("mixing.time")),
        steps=tuple(_feed_steps(facts, weighed, temperature)),
        notes=tuple(_notes(facts)),
    )


def screw_speed(shear_rate: float, diameter: float, channel_depth: float) -> float:
    """Angular speed, rad/s, that shears the melt at `shear_rate` in the channel: 2 pi N with rate = pi D N/h. SI."""
    return 2.0 * shear_rate * channel_depth / diameter


def melt_temperature(facts: Facts, meaning: str, *, assumed: bool, note: str = "") -> SheetNumber:
    """Temperature of the melt in the mixer, which a die takes over."""
    melt = facts.plan.mixing.temperature
    assert melt is not None  # a plan has it filled in
    return number(melt, "K", meaning, "degC", *around(melt, _MELT_TOLERANCE), assumed=assumed, note=note)


def _feed_steps(facts: Facts, weighed: WeighOut, temperature: SheetNumber) -> Iterator[FeedStep]:
    by_role = {component.role.split()[0]: component for component in weighed.components}
    copolymer, order = by_role.get("compatibiliser"), facts.plan.mixing.order
    role = order.removeprefix("premix-")
    if copolymer is None or role not in by_role:  # "simultaneous" is no role
        note = "nothing to premix without a compatibiliser" if copolymer is None and order != "simultaneous" else ""
        yield _feed("all components at once", weighed.components, temperature, note=note)
        return
    premixed = (copolymer, by_role[role])
    yield _premix(copolymer, by_role[role], getattr(facts.plan.substances, role))
    rest = tuple(component for component in weighed.components if component not in premixed)
    total = sum(component.mass.value for component in premixed)
    premix = dataclasses.replace(copolymer.mass, value=total, low=None, high=None, meaning="mass of the premix")
    let_down = _feed("let down: the premix into the rest", rest, temperature)
    yield dataclasses.replace(let_down, feeds=("premix", *let_down.feeds), masses=(premix, *let_down.masses))


def _premix(copolymer: Component, carrier: Component, polymer: Polymer) -> FeedStep:
    """The copolymer melted into the polymer that carries it, at that polymer's usual temperature."""
    usual = float(polymer.processing_temperature)
    meaning, bounds = "melt temperature of the premix", around(usual, _MELT_TOLERANCE)
    temperature = number(usual, "K", meaning, "degC", *bounds, assumed=True, note=f"usual for {polymer.name}")
    whole_matrix = carrier.role.startswith("second")
    note = "a masterbatch of the whole matrix is unusual: it is the whole batch but the first polymer, melted twice"
    title = f"premix: {copolymer.name} into {carrier.name}"
    step = _feed(title, (copolymer, carrier), temperature, note=note if whole_matrix else "")
    if not carrier.mass.value:
        return step
    ratio = copolymer.mass.value / carrier.mass.value
    meaning = "mass of copolymer per mass of carrier in the masterbatch"
    return dataclasses.replace(step, masterbatch_ratio=number(ratio, "1", meaning, "%"))


def _feed(title: str, components: tuple[Component, ...], temperature: SheetNumber, *, note: str = "") -> FeedStep:
    return FeedStep(
        title=title,
        feeds=tuple(component.name for component in components),
        masses=tuple(component.mass for component in components),
        temperature=temperature,
        note=note,
    )


def _notes(facts: Facts) -> Iterator[str]:
    for polymer in (facts.plan.substances.first, facts.plan.substances.second):
        if polymer.family in _DRYING:
            yield f"{polymer.name} ({polymer.family}): {_DRYING[polymer.family]}."
    film = facts.plan.film
    if isinstance(film, SolutionCasting | Spraying) and not film.suspension:
        yield "The components meet again in the solvent: melt mixing only makes the pellets and may be left out."
