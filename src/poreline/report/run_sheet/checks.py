"""In-line checks: what a gauge and a punch should find at each place of the line."""

from __future__ import annotations

from collections.abc import Iterator

from poreline.line.draw import Station
from poreline.report.run_sheet import bands
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.film_forming import THICKNESS_TOLERANCE
from poreline.report.run_sheet.numbers import RangeKind, SheetNumber, around, number
from poreline.report.run_sheet.sheet import Check


def checks(facts: Facts) -> Iterator[Check]:
    """Acceptance limits of the unstretched film, after every station, and of the membrane."""
    yield _unstretched(facts)
    for index, station in enumerate(facts.run.stations):
        yield _held(facts, index, station)
    yield _let_go(facts)


def _unstretched(facts: Facts) -> Check:
    thickness, areal = facts.thickness, facts.areal_mass()
    bounds = around(thickness, THICKNESS_TOLERANCE * thickness)
    return _check(
        facts,
        "unstretched film",
        facts.width,
        number(thickness, "m", "thickness", "um", *bounds),
        number(facts.density_film, "kg/m3", "density", "g/cm3"),
        (areal, *around(areal, THICKNESS_TOLERANCE * areal)),
        "assumed tolerance",
    )


def _held(facts: Facts, index: int, station: Station) -> Check:
    along, width = float(facts.stages[index].machine_end), facts.width
    # The mass per area follows the drawn area alone: what thins by voids weighs the same.
    mass, low, high = (
        facts.areal_mass(along * band["width_ratio"]) for band in (station.nominal, station.high, station.low)
    )
    return _check(
        facts,
        f"after stretch[{index}], held",
        bands.after_station(station, "width_ratio", width.value, "m", "width", "mm", assumed=width.assumed),
        bands.after_station(station, "film_thickness", 1.0, "m", "thickness", "um"),
        bands.after_station(station, "density_ratio", facts.density_film, "kg/m3", "density", "g/cm3"),
        (mass, min(low, mass), max(high, mass)),
    )


def _let_go(facts: Facts) -> Check:
    run, width = facts.run, facts.width
    return _check(
        facts,
        "membrane, let go",
        bands.of_membrane(run, "width_ratio", width.value, "m", "width", "mm", assumed=width.assumed),
        bands.of_membrane(run, "film_thickness", 1.0, "m", "thickness", "um"),
        bands.of_membrane(run, "density_ratio", facts.density_film, "kg/m3", "density", "g/cm3"),
        bands.of_formula(run, lambda value: facts.areal_mass(value("stretch_ratio_final") * value("width_ratio"))),
    )


def _check(
    facts: Facts,
    place: str,
    width: SheetNumber,
    thickness: SheetNumber,
    density: SheetNumber,
    mass: tuple[float, float, float],
    kind: RangeKind = "90 % band",
) -> Check:
    """Limits at one place; `mass` is the mass per area with its low and high, kg/m2."""
    areal = number(mass[0], "kg/m2", "mass per area", "g/m2", *mass[1:], kind=kind)
    punched = tuple(part * facts.punch.value for part in mass)
    return Check(
        place=place,
        width=width,
        thickness=thickness,
        density=density,
        areal_mass=areal,
        punch_mass=number(punched[0], "kg", "mass of the punch", "mg", *punched[1:], kind=kind),
    )
