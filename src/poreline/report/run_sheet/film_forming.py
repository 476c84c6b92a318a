"""Film forming: the numbers that each process needs, from the die gap to the passes of the spray gun."""

from __future__ import annotations

from poreline.film import casting, extrusion, spray
from poreline.recipe import Extrusion, MeltCasting, SolutionCasting, Spraying
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.mixing import melt_temperature
from poreline.report.run_sheet.numbers import SheetNumber, around, number
from poreline.report.run_sheet.sheet import FilmSheet

THICKNESS_TOLERANCE = 0.05  # of the thickness of an unstretched film

Settings = dict[str, SheetNumber]
Made = tuple[str, Settings, tuple[str, ...]]
"""The process in words, its settings, and notes."""


def film_sheet(facts: Facts) -> FilmSheet:
    """How the film is formed: its own thickness and width first, then what the process needs."""
    film = facts.plan.film
    if isinstance(film, Extrusion):
        made = _extrusion(facts, film)
    elif isinstance(film, MeltCasting):
        made = _melt_casting(facts, film)
    elif isinstance(film, SolutionCasting):
        made = _solution_casting(facts, film)
    else:
        made = _spraying(facts, film)
    process, settings, notes = made
    return FilmSheet(
        process=process, settings={"thickness": _thickness(facts), "width": facts.width} | settings, notes=notes
    )


def _thickness(facts: Facts) -> SheetNumber:
    measured = facts.plan.measured.film_thickness is not None
    left_out = facts.assumed("film.thickness")
    return number(
        facts.thickness,
        "m",
        "thickness of the unstretched film",
        "um",
        *around(facts.thickness, THICKNESS_TOLERANCE * facts.thickness),
        assumed=left_out and not measured and not _thickness_follows(facts),
        note="as measured" if measured else "",
    )


def _thickness_follows(facts: Facts) -> bool:
    """True where the thickness is not written but follows from what is."""
    film = facts.plan.film
    if isinstance(film, Extrusion):
        return not facts.assumed("film.draw_down")
    return isinstance(film, SolutionCasting) and not facts.assumed("film.wet_thickness")


def _feed_rate(facts: Facts) -> SheetNumber:
    """Throughput that feeds the stretch line at its inlet speed."""
    rate = facts.areal_mass() * facts.width.value * facts.inlet.value
    meaning, assumed = "throughput that keeps up with the stretch line", facts.inlet.assumed or facts.width.assumed
    return number(rate, "kg/s", meaning, "kg/h", note="at its inlet speed", assumed=assumed)


def _extrusion(facts: Facts, film: Extrusion) -> Made:
    gap, draw = float(extrusion.die_gap(film)), float(extrusion.draw_down(film))
    gap_left_out, draw_left_out = facts.assumed("film.die_gap"), facts.assumed("film.draw_down")
    derived = not facts.assumed("film.thickness") and not draw_left_out
    draw_note = "from die gap, thickness and width ratio" if draw_left_out else ""
    settings = {
        "die_temperature": melt_temperature(facts, "die temperature", assumed=True, note="as in the mixer"),
        "die_gap": number(gap, "m", "die gap", "mm", assumed=gap_left_out and not derived),
        "draw_down": number(
            draw,
            "1",
            "draw-down: film speed over melt speed at the die",
            note=draw_note,
            assumed=draw_left_out and gap_left_out,
        ),
        "feed_rate": _feed_rate(facts),
    }
    shrinkage = (
        f"Draw-down counts the melt. On solidifying the film thins to {100.0 * facts.density_melt / facts.density_solid:.1f} % "
        "(melt over solid density): trim the take-off on the measured thickness."
    )
    speeds = _die_speeds(facts, gap, draw)
    relative = (
        "The line file gives no throughput and die width: the film speed is relative to the melt speed at the die."
    )
    return "extrusion through a slit die", settings | speeds, (shrinkage,) if speeds else (relative, shrinkage)


def _die_speeds(facts: Facts, gap: float, draw: float) -> Settings:
    """Speeds at the die, where the line file gives what runs through it."""
    throughput, die_width, film_width = facts.line.throughput, facts.line.die_width, facts.width_from_die
    if throughput is None or die_width is None or film_width is None:
        return {}
    speed = throughput / (facts.density_melt * die_width * gap)
    target = throughput / (facts.areal_mass() * film_width)
    note = "counts the solid's density"
    return {
        "melt_speed": number(speed, "m/s", "melt speed at the die", "m/min"),
        "film_speed": number(speed * draw, "m/s", "film speed: melt speed times draw-down", "m/min"),
        "take_off_speed": number(target, "m/s", "take-off speed that holds the thickness", "m/min", note=note),
    }


def _melt_casting(facts: Facts, film: MeltCasting) -> Made:
    gap = facts.thickness * facts.density_solid / facts.density_melt
    gap_note = "thickness times solid over melt density"
    time_assumed, rate_assumed = facts.assumed("film.melt_time"), facts.assumed("film.cooling_rate")
    settings = {
        "die_temperature": melt_temperature(facts, "melt temperature", assumed=True, note="as in the mixer"),
        "gap": number(gap, "m", "gap of the die or the knife", "um", note=gap_note),
        "melt_time": number(film.melt_time, "s", "longest time molten at rest", assumed=time_assumed),
        "cooling_rate": number(film.cooling_rate, "K/s", "cooling rate", assumed=rate_assumed, note="at least"),
        "feed_rate": _feed_rate(facts),
    }
    return "casting from the melt", settings, ()


def _solvent(facts: Facts, solids: float) -> Settings:
    """Solvent per polymer, and how much of it the batch takes."""
    ratio = (1.0 - solids) / solids * casting.SOLVENT_DENSITY / facts.density_solid
    note = "with the solvent density assumed here"
    return {
        "solids": number(solids, "1", "polymer in the liquid, by volume", "%", assumed=facts.assumed("film.solids")),
        "solids_by_mass": number(1.0 / (1.0 + ratio), "1", "polymer in the liquid, by mass", "%", note=note),
        "solvent_per_polymer": number(ratio, "1", "mass of solvent per mass of polymer", "kg/kg", note=note),
        "solvent": number(ratio * facts.batch, "kg", "solvent for the batch", note=note),
        "solvent_density": number(casting.SOLVENT_DENSITY, "kg/m3", "density of the solvent", "g/cm3", assumed=True),
    }


def _solution_casting(facts: Facts, film: SolutionCasting) -> Made:
    wet, time = float(casting.wet_thickness(film)), float(casting.evaporation_time(film))
    flux, flux_assumed = film.evaporation_flux, facts.assumed("film.evaporation_flux")
    dryer, dryer_assumed = time * facts.inlet.value, facts.inlet.assumed
    dryer_meaning = "length of the dryer at the inlet speed"
    settings = {
        "wet_thickness": number(wet, "m", "gap of the casting knife (wet thickness)", "um"),
        **_solvent(facts, film.solids),
        "evaporation_flux": number(
            flux, "kg/(m2 s)", "mass of solvent that leaves per area and time", assumed=flux_assumed
        ),
        "evaporation_time": number(time, "s", "evaporation time", "min", note="at that flux"),
        "drying_length": number(dryer, "m", dryer_meaning, assumed=dryer_assumed, note="or dry off line"),
    }
    process = "casting from a suspension" if film.suspension else "casting from a solution"
    return process, settings, ("Extract the vapour and keep it below its explosive limit: it is a solvent.",)


def _spraying(facts: Facts, film: Spraying) -> Made:
    solvent = _solvent(facts, film.solids)
    areal = facts.areal_mass()
    per_pass = areal / film.passes
    wet = per_pass * (1.0 + solvent["solvent_per_polymer"].value)
    drying = float(spray.drying_time(film.droplet_diameter, film.drying_constant))
    splats = float(spray.splats(film.thickness, film.droplet_diameter, film.solids))
    droplet, droplet_assumed = film.droplet_diameter, facts.assumed("film.droplet_diameter")
    fewest = f"at least {spray.FEWEST_SPLATS:g}, or pinholes are likely"
    settings = {
        "droplet_diameter": number(droplet, "m", "Sauter diameter of the droplets", "um", assumed=droplet_assumed),
        **solvent,
        "areal_mass": number(areal, "kg/m2", "dry mass per area", "g/m2"),
        "passes": number(film.passes, "1", "passes", assumed=facts.assumed("film.passes")),
        "areal_mass_per_pass": number(per_pass, "kg/m2", "dry mass per area and pass", "g/m2"),
        "wet_mass_per_pass": number(wet, "kg/m2", "sprayed mass per area and pass", "g/m2"),
        "drying_time": number(drying, "s", "drying time of a droplet", "ms", note="pause at least as long"),
        "splats": number(splats, "1", "dried splats across the film", note=fewest),
    }
    process = "spraying a suspension" if film.suspension else "spraying a solution"
    return process, settings, ("Strip the film from the substrate before it is stretched.",)
