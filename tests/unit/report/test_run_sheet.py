from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poreline.line import Run, simulate
from poreline.quantities import InvalidInput, from_si
from poreline.recipe import AdditiveShare, read_recipe_text
from poreline.report.line_file import Line, read_line, read_line_text
from poreline.report.run_sheet import (
    CSV_COLUMNS,
    RunSheet,
    gap_length,
    gap_time,
    run_sheet,
    screw_speed,
    sections,
    to_csv,
)

ROOT = Path(__file__).parents[3]
# The four compositions that the claims name, with the temperatures of their method.
COMPOSITIONS = {
    "PS10": ("PS", 10.0, 90.0, 0.0, 87, 94),
    "PS10+SEEPS5": ("PS", 10.0, 90.0, 5.0, 87, 94),
    "PS15+SEEPS7.5": ("PS", 15.0, 85.0, 7.5, 87, 94),
    "PET15": ("PET", 15.0, 85.0, 0.0, 66, 73),
}
ORDERS = ("premix-first", "premix-second", "simultaneous")


def recipe_text(name: str, order: str = "premix-first", film: str = 'thickness = "100 um"', stretch: str = "") -> str:
    first, parts, second, copolymer, hot, anneal = COMPOSITIONS[name]
    compatibiliser = f'compatibiliser = {{ copolymer = "SEEPS", parts = {copolymer} }}' if copolymer else ""
    stretch = stretch or (
        '[[stretch]]\ntemperature = "20 degC"\nelongation = "25 %"\nstrain_rate = "0.01 1/s"\n'
        f'[[stretch]]\ntemperature = "{hot} degC"\nelongation = "300 %"\nstrain_rate = "0.05 1/s"\n'
    )
    return f"""
        name = "{name}"
        [composition]
        first = {{ polymer = "{first}", parts = {parts} }}
        second = {{ polymer = "PP", parts = {second} }}
        {compatibiliser}
        [mixing]
        order = "{order}"
        shear_rate = "50 1/s"
        [film]
        {film}
        {stretch}
        [anneal]
        temperature = "{anneal} degC"
        """


@cache
def run_of(
    name: str = "PS10+SEEPS5", order: str = "premix-first", film: str = 'thickness = "100 um"', stretch: str = ""
) -> Run:
    return simulate(read_recipe_text(recipe_text(name, order, film, stretch)), samples=60, causes=[])


def line_of(*keys: str) -> Line:
    return read_line_text("\n".join(["[line]", *keys]))


def problems_of(sheet: RunSheet) -> dict[tuple[str, str], str]:
    return {(problem.step, problem.what): problem.text for problem in sheet.problems}


# Weigh-out


@pytest.mark.parametrize("name", COMPOSITIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_the_weighed_masses_sum_to_the_batch(name, order):
    sheet = run_sheet(run_of(name, order), 10.0)
    masses = [Decimal(component.mass.number_text) for component in sheet.weigh_out.components]
    assert sum(masses) == Decimal("10.000")
    assert sheet.weigh_out.remainder.value == 0.0


@pytest.mark.parametrize("name", COMPOSITIONS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_component_is_fed_once_and_a_premix_is_the_sum_of_its_own(name, order):
    sheet = run_sheet(run_of(name, order), 10.0)
    weighed = {component.name: component.mass.value for component in sheet.weigh_out.components}
    fed = [pair for step in sheet.mixing.steps for pair in zip(step.feeds, step.masses, strict=True)]
    assert {feed: mass.value for feed, mass in fed if feed != "premix"} == weighed
    assert len(fed) - len(weighed) == len(sheet.mixing.steps) - 1
    last = sheet.mixing.steps[-1]
    assert sum(mass.value for mass in last.masses) == pytest.approx(10.0, abs=1e-9)


def test_the_premix_holds_the_copolymer_and_its_carrier_in_the_recipe_s_ratio():
    first = run_sheet(run_of(order="premix-first"), 10.0).mixing.steps
    assert first[0].feeds == ("SEEPS", "PS")
    assert first[1].feeds == ("premix", "PP")
    # 5 : 10 parts; each mass is rounded to the gram.
    assert first[0].masterbatch_ratio.value == pytest.approx(0.5, rel=2e-3)
    second = run_sheet(run_of(order="premix-second"), 10.0).mixing.steps
    assert second[0].feeds == ("SEEPS", "PP")
    assert second[0].masterbatch_ratio.value == pytest.approx(5.0 / 90.0, rel=2e-3)
    assert "unusual" in second[0].note
    (only,) = run_sheet(run_of(order="simultaneous"), 10.0).mixing.steps
    assert only.masterbatch_ratio is None


def test_without_a_compatibiliser_there_is_nothing_to_premix():
    (only,) = run_sheet(run_of("PS10", "premix-first"), 10.0).mixing.steps
    assert "nothing to premix" in only.note


def with_parts(run: Run, first: float, second: float, copolymer: float, extra: float) -> Run:
    composition = run.recipe.composition
    changed = dataclasses.replace(
        composition,
        first=dataclasses.replace(composition.first, parts=first),
        second=dataclasses.replace(composition.second, parts=second),
        compatibiliser=dataclasses.replace(composition.compatibiliser, parts=copolymer),
        additives=(AdditiveShare(name="antioxidant", parts=extra),),
    )
    recipe = dataclasses.replace(run.recipe, composition=changed)
    return dataclasses.replace(run, understood=dataclasses.replace(run.understood, recipe=recipe))


PARTS = st.floats(1e-3, 1e4)


@settings(deadline=None)  # the first example runs the line
@given(first=PARTS, second=PARTS, copolymer=PARTS, extra=PARTS, batch=st.floats(1e-3, 1e5))
def test_masses_and_remainder_are_the_batch_whatever_the_parts(first, second, copolymer, extra, batch):
    sheet = run_sheet(with_parts(run_of(), first, second, copolymer, extra), batch).weigh_out
    resolution = sheet.resolution.value
    counts = [component.mass.value / resolution for component in sheet.components]
    assert counts == pytest.approx([round(count) for count in counts], rel=1e-9)
    assert sum(component.mass.value for component in sheet.components) + sheet.remainder.value == pytest.approx(batch)
    assert 0.0 <= sheet.remainder.value < resolution
    assert resolution <= 1e-3
    total = first + second + copolymer + extra
    for component, parts in zip(sheet.components, (first, second, copolymer, extra), strict=True):
        # No mass is off by more than one step of the scale, on top of the remainder's own step.
        assert component.mass.value == pytest.approx(batch * parts / total, abs=2 * resolution)
    printed = [Decimal(component.mass.number_text) for component in sheet.components]
    scale = Decimal(1 if sheet.batch.display_unit == "kg" else 1000)
    assert sum(printed) == scale * sum(round(count) * Decimal(str(resolution)) for count in counts)


def test_what_is_below_the_scale_s_resolution_is_shown():
    sheet = run_sheet(run_of(), 10.0004)
    assert sheet.weigh_out.remainder.text == "0.400 g"
    weigh_out = next(section for section in sections(sheet) if section.title == "Weigh-out")
    assert any("0.400 g of the batch is below the resolution" in note for note in weigh_out.notes)


@pytest.mark.parametrize("batch", [0.0, -1.0, math.nan, math.inf, 1e-4, 1e6])
def test_a_batch_that_no_scale_weighs_is_refused(batch):
    with pytest.raises(InvalidInput, match="1 g to 100 t"):
        run_sheet(run_of(), batch)


def test_a_measured_membrane_has_no_run_sheet():
    text = '[membrane]\nporosity = "30 %"\npore_diameter_mean = "20 nm"\nthickness = "50 um"'
    with pytest.raises(InvalidInput, match="not made here"):
        run_sheet(simulate(read_recipe_text(text), samples=10, causes=[]), 10.0)


# Mixing


def test_the_usual_screw_shears_at_50_per_second_at_150_rpm_and_at_100_at_300():
    assert from_si(screw_speed(50.0, 25e-3, 4e-3), "rpm") == pytest.approx(150, rel=0.03)
    assert from_si(screw_speed(100.0, 25e-3, 4e-3), "rpm") == pytest.approx(300, rel=0.03)


def test_the_screw_speed_is_for_the_line_s_own_screw():
    own = line_of('screw_diameter = "50 mm"', 'channel_depth = "8 mm"')
    usual, same_ratio = run_sheet(run_of(), 10.0).mixing, run_sheet(run_of(), 10.0, own).mixing
    assert usual.screw_diameter.assumed
    assert not same_ratio.screw_diameter.assumed
    assert usual.screw_speed.value == pytest.approx(same_ratio.screw_speed.value)


def test_a_polyester_is_dried():
    assert any("PET (polyester): dry" in note for note in run_sheet(run_of("PET15"), 10.0).mixing.notes)
    assert run_sheet(run_of("PS10"), 10.0).mixing.notes == ()


# Stretch


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_the_roll_speeds_multiply_to_the_total_stretch_ratio(name):
    sheet = run_sheet(run_of(name), 10.0)
    ratios = [step.speed_out.value / step.speed_in.value for step in sheet.stretch]
    assert math.prod(ratios) == pytest.approx(4.0)
    assert ratios == pytest.approx([step.ratio.value for step in sheet.stretch])
    for before, after in zip(sheet.stretch, sheet.stretch[1:], strict=False):
        assert after.speed_in.value == pytest.approx(before.speed_out.value)
    assert sheet.stretch[0].speed_in.value == pytest.approx(1.0 / 60.0)
    assert sheet.stretch[0].speed_in.assumed


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_time_in_the_gap_times_strain_rate_is_the_change_of_the_stretch_ratio(name):
    reached = 1.0
    for step in run_sheet(run_of(name), 10.0).stretch:
        change = step.ratio_cumulative.value - reached
        assert step.residence_time.value * step.strain_rate.value == pytest.approx(change)
        assert gap_time(step.gap.value, step.speed_in.value, step.speed_out.value) == pytest.approx(
            step.residence_time.value
        )
        reached = step.ratio_cumulative.value


def test_a_gap_without_draw_is_speed_times_time():
    assert gap_length(10.0, 0.1, 0.1) == 1.0
    assert gap_length(10.0, 0.1, 0.1 * (1 + 1e-12)) == pytest.approx(1.0)
    # Linear rise of speed from v to 2 v: the mean that counts is the logarithmic one.
    assert gap_length(10.0, 0.1, 0.2) == pytest.approx(1.0 / math.log(2.0))


@given(time=st.floats(1e-2, 1e4), speed_in=st.floats(1e-4, 10.0), ratio=st.floats(1.0, 20.0))
def test_a_gap_lies_between_those_of_its_two_speeds_and_time_is_its_inverse(time, speed_in, ratio):
    length = gap_length(time, speed_in, speed_in * ratio)
    assert speed_in * time * (1 - 1e-12) <= length <= speed_in * ratio * time * (1 + 1e-12)
    assert gap_time(length, speed_in, speed_in * ratio) == pytest.approx(time)


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_length_times_width_times_thickness_is_the_volume(name):
    run = run_of(name)
    sheet = run_sheet(run, 10.0)
    for step, station, check in zip(sheet.stretch, run.stations, sheet.checks[1:], strict=False):
        box = step.ratio_cumulative.value * step.width.value * step.thickness.value / (0.3 * 100e-6)
        assert box == pytest.approx(1.0 / station.nominal["density_ratio"])
        # What is weighed is what was drawn: mass per area is density times thickness.
        assert check.areal_mass.value == pytest.approx(check.density.value * check.thickness.value)
    end = sheet.checks[-1]
    assert end.areal_mass.value == pytest.approx(end.density.value * end.thickness.value)
    assert end.punch_mass.value == pytest.approx(end.areal_mass.value * sheet.punch_area.value)
    made = sheet.wind_up.membrane_length.value * end.width.value * end.areal_mass.value
    assert made == pytest.approx(10.0)


def test_a_narrow_film_is_weighed_as_a_disc_of_47_mm():
    assert run_sheet(run_of(), 10.0).punch_area.value == pytest.approx(100e-4)
    narrow = run_sheet(run_of(), 10.0, line_of('film_width = "100 mm"'))
    assert narrow.punch_area.value == pytest.approx(17.35e-4, rel=1e-3)


def test_the_ovens_take_the_claims_windows():
    cold, hot = (step.oven_temperature for step in run_sheet(run_of(), 10.0).stretch)
    assert (cold.range_text, hot.range_text) == ("15 to 25 degC (claim window)", "85 to 90 degC (claim window)")
    assert run_sheet(run_of(), 10.0).anneal.temperature.range_text == "92 to 97 degC (claim window)"
    assert run_sheet(run_of("PET15"), 10.0).stretch[1].oven_temperature.range_text == "63 to 68 degC (claim window)"


def test_outside_a_claim_window_the_tolerance_is_a_degree_and_says_so():
    step = '[[stretch]]\ntemperature = "80 degC"\nelongation = "200 %"\n'
    (oven,) = (s.oven_temperature for s in run_sheet(run_of("PS10", stretch=step), 10.0).stretch)
    assert oven.range_text == "79 to 81 degC (assumed tolerance)"
    assert oven.note == "outside the claim window of 85 to 90 degC"


def test_the_draw_force_is_engineering_stress_times_the_unstretched_cross_section():
    run = run_of()
    for step, station in zip(run_sheet(run, 10.0).stretch, run.stations, strict=True):
        stress = station.nominal["engineering_stress"]
        assert step.draw_force_per_width.value == pytest.approx(stress * 100e-6)
        assert step.draw_force.value == pytest.approx(stress * 100e-6 * 0.3)
        assert step.draw_force_peak.value >= step.draw_force.value


ACROSS = """
[[stretch]]
temperature = "87 degC"
elongation = "100 %"
[[stretch]]
temperature = "87 degC"
elongation = "150 %"
direction = "transverse"
"""


def test_a_transverse_stretch_is_set_by_its_clips_and_leaves_the_speed():
    step = run_sheet(run_of(stretch=ACROSS), 10.0).stretch[1]
    assert step.speed_in.value == step.speed_out.value
    assert step.clip_width_out.value / step.clip_width_in.value == pytest.approx(2.5)
    assert step.clip_width_out.value == pytest.approx(step.width.value)
    assert step.residence_time.value == pytest.approx(1.5 / 0.05)
    assert step.width_rate.value * step.residence_time.value == pytest.approx(
        step.clip_width_out.value - step.clip_width_in.value
    )
    assert step.gap.value == pytest.approx(step.speed_in.value * step.residence_time.value)


def test_a_recipe_without_a_stretch_has_a_sheet_without_stations():
    text = recipe_text("PS10").split("[[stretch]]")[0]
    sheet = run_sheet(simulate(read_recipe_text(text), samples=20, causes=[]), 1.0)
    assert sheet.stretch == ()
    assert sheet.anneal is None
    assert sheet.wind_up.membrane_length.value == pytest.approx(sheet.wind_up.film_length.value)
    assert to_csv(sheet)


# Anneal and winding


def test_the_anneal_oven_is_as_long_as_speed_times_duration():
    anneal = run_sheet(run_of(), 10.0).anneal
    assert anneal.oven_length.value == pytest.approx(4.0 / 60.0 * 600.0)
    assert anneal.speed_out.value == anneal.speed.value


def test_the_shrinkage_allowance_is_what_springs_back():
    run = run_of()
    allowance = run_sheet(run, 10.0).wind_up.shrinkage_machine
    assert allowance.value == pytest.approx(1.0 - run.value("stretch_ratio_final") / 4.0)
    assert 0.0 < allowance.low <= allowance.value <= allowance.high


# Film forming


def test_the_film_runs_at_melt_speed_times_draw_down():
    line = line_of('throughput = "2 kg/h"', 'die_width = "350 mm"')
    film = run_sheet(run_of(film='thickness = "100 um"\ndraw_down = 5'), 10.0, line).film.settings
    assert film["die_gap"].value == pytest.approx(0.5e-3)
    assert film["film_speed"].value == pytest.approx(5.0 * film["melt_speed"].value)
    # The melt is lighter than the film: what leaves the die per time is what is taken off.
    taken = film["take_off_speed"].value * 0.35 * 100e-6
    density = run_sheet(run_of(), 10.0).checks[0].density.value
    assert taken * density == pytest.approx(2.0 / 3600.0)
    assert "film_speed" not in run_sheet(run_of(), 10.0).film.settings


def test_a_solution_leaves_as_much_solvent_as_the_dryer_takes():
    film = 'process = "casting"\nfrom = "solution"\nsolids = "10 %"'
    sheet = run_sheet(run_of(film=film), 10.0)
    found = sheet.film.settings
    evaporated = found["evaporation_time"].value * found["evaporation_flux"].value
    dry = sheet.checks[0].areal_mass.value
    assert evaporated / dry == pytest.approx(found["solvent_per_polymer"].value)
    assert found["solvent_density"].assumed
    assert found["solvent"].value == pytest.approx(10.0 * found["solvent_per_polymer"].value)


def test_the_passes_of_a_spray_sum_to_its_areal_mass():
    film = 'process = "spray"\npasses = 20\nresidual_porosity = "10 %"'
    sheet = run_sheet(run_of(film=film), 10.0)
    found = sheet.film.settings
    assert 20 * found["areal_mass_per_pass"].value == pytest.approx(sheet.checks[0].areal_mass.value)
    assert found["wet_mass_per_pass"].value * found["solids_by_mass"].value == pytest.approx(
        found["areal_mass_per_pass"].value
    )


def test_a_melt_is_cast_thicker_than_the_film():
    found = run_sheet(run_of(film='process = "casting"\nthickness = "100 um"'), 10.0).film.settings
    assert 100e-6 < found["gap"].value < 130e-6


# Problems


def test_the_example_line_makes_the_example_recipe():
    run = simulate(ROOT / "examples" / "ps10-pp90-seeps5.toml", samples=60, causes=[])
    assert run_sheet(run, 10.0, read_line(ROOT / "examples" / "lines" / "pilot-line.toml")).problems == ()


def test_an_exit_roll_that_is_too_slow_lowers_the_inlet_speed():
    sheet = run_sheet(run_of(), 10.0, line_of('roll_speed_max = "3 m/min"'))
    assert problems_of(sheet) == {
        (
            "stretch[1]",
            "exit roll",
        ): "stretch[1]: needs 4 m/min (exit roll), the line allows up to 3 m/min: lower the inlet speed to 0.75 m/min."
    }
    (problem,) = sheet.problems
    assert (problem.needed.value, problem.available.value) == pytest.approx((4.0 / 60.0, 3.0 / 60.0))
    assert not run_sheet(run_of(), 10.0, line_of('roll_speed_max = "3 m/min"', 'inlet_speed = "0.75 m/min"')).problems


def test_a_fixed_gap_gives_its_own_strain_rate_and_the_inlet_speed_that_restores_the_recipe_s():
    gap = run_sheet(run_of(), 10.0).stretch[0].gap.value
    double = line_of("[[line.station]]", f'gap = "{2 * gap} m"')
    sheet = run_sheet(run_of(), 10.0, double)
    step = sheet.stretch[0]
    assert step.line_strain_rate.value == pytest.approx(0.005)
    assert step.line_inlet_speed.value == pytest.approx(2.0 / 60.0)
    assert "0.5 times the recipe's" in problems_of(sheet)[("stretch[0]", "strain rate")]
    restored = line_of('inlet_speed = "2 m/min"', "[[line.station]]", f'gap = "{2 * gap} m"')
    assert ("stretch[0]", "strain rate") not in problems_of(run_sheet(run_of(), 10.0, restored))


@pytest.mark.parametrize(
    ("keys", "problem", "words"),
    [
        (
            ['oven_temperature_max = "80 degC"'],
            ("stretch[1]", "oven"),
            "needs 87 degC (oven), the line allows up to 80",
        ),
        (['oven_temperature_min = "30 degC"'], ("stretch[0]", "oven"), "the line goes down to 30 degC"),
        (['oven_temperature_max = "90 degC"'], ("anneal", "oven"), "needs 94 degC"),
        (['anneal_oven_length = "10 m"'], ("anneal", "oven length"), "needs 40 m (oven length), the line has 10 m"),
        (['screw_speed_max = "100 rpm"'], ("mixing", "screw speed"), "the shear rate is 32.7 1/s"),
        (['mixer_temperature_max = "200 degC"'], ("mixing", "melt in the mixer"), "needs 210 degC"),
        (['die_temperature_max = "200 degC"'], ("film", "die temperature"), "needs 210 degC"),
        (['die_gap_max = "0.4 mm"'], ("film", "die gap"), "a draw-down of 4 gives the same thickness"),
        (['die_gap_min = "1 mm"'], ("film", "die gap"), "starts at 1 mm"),
        (['die_width = "200 mm"', 'film_width = "300 mm"'], ("film", "film width"), "at most 200 mm"),
        (["stretch_stations = 1"], ("stretch[1]", "stretch stations"), "needs 2 (stretch stations), the line has 1"),
        (['draw_force_max = "500 N"'], ("stretch[0]", "draw force"), "allows up to 500 N"),
        (['roll_speed_min = "2 m/min"'], ("stretch[0]", "entry roll"), "raise the inlet speed to 2 m/min"),
        (
            ['roll_speed_min = "2 m/min"', 'roll_speed_max = "4 m/min"'],
            ("line", "inlet speed"),
            "as a whole allows up to 1 m/min",
        ),
    ],
    ids=lambda part: part[0] if isinstance(part, list) else "",
)
def test_a_line_that_cannot_do_it_is_told_which_step_and_by_how_much(keys, problem, words):
    assert words in problems_of(run_sheet(run_of(), 10.0, line_of(*keys)))[problem]


def test_a_line_without_a_tenter_cannot_draw_across():
    found = problems_of(run_sheet(run_of(stretch=ACROSS), 10.0, line_of("tenter = false")))
    assert "has no tenter" in found[("stretch[1]", "transverse stretch ratio")]
    assert not problems_of(run_sheet(run_of(stretch=ACROSS), 10.0, line_of("tenter = true")))
    wide = run_sheet(run_of(stretch=ACROSS), 10.0).stretch[1].clip_width_out.value
    found = problems_of(run_sheet(run_of(stretch=ACROSS), 10.0, line_of(f'tenter_width_max = "{wide / 2} m"')))
    assert "start from a film of at most 150 mm" in found[("stretch[1]", "width between the clips")]


# Text and files


def cells(sheet: RunSheet) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(sheet))))


@pytest.mark.parametrize("name", COMPOSITIONS)
def test_the_csv_file_is_one_table(name):
    rows = cells(run_sheet(run_of(name), 10.0, line_of('roll_speed_max = "3 m/min"')))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert {len(row) for row in rows} == {len(CSV_COLUMNS)}
    masses = [Decimal(row[2]) for row in rows if row[0] == "weigh-out" and "parts by weight" in row[5]]
    assert sum(masses) == Decimal("10.000")


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", " =1", "＝1"])
def test_no_cell_of_the_csv_file_is_a_formula(name):
    run = with_parts(run_of(), 10, 90, 5, 1)
    composition = dataclasses.replace(run.recipe.composition, additives=(AdditiveShare(name=name, parts=1.0),))
    recipe = dataclasses.replace(run.recipe, name=name, composition=composition)
    run = dataclasses.replace(run, understood=dataclasses.replace(run.understood, recipe=recipe))
    sheet = run_sheet(run, 10.0, Line(name=name))
    found = [cell for row in cells(sheet) for cell in row]
    assert found.count("'" + name) >= 3
    assert not [cell for cell in found if cell.strip()[:1] in "=+-@＝" and cell.strip() and not _is_number(cell)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_a_cold_set_point_stays_a_number_in_the_csv_file():
    step = '[[stretch]]\ntemperature = "-5 degC"\nelongation = "25 %"\n'
    rows = cells(run_sheet(run_of("PS10", stretch=step), 10.0))
    assert next(row for row in rows if row[1] == "stretch[0]: oven set-point")[2:4] == ["-5", "degC"]


@pytest.mark.parametrize("stretch", ["", ACROSS])
def test_sections_are_tables_without_gaps(stretch):
    for section in sections(run_sheet(run_of(stretch=stretch), 10.0, line_of('roll_speed_max = "1 m/min"'))):
        assert section.rows
        assert {len(row) for row in section.rows} == {len(section.columns)}
        assert not [cell for row in section.rows for cell in row if "nan" in cell.split() or "not known" in cell]


def test_the_json_object_has_units_and_bands_in_si():
    found = json.loads(json.dumps(run_sheet(run_of(), 10.0).as_dict(), allow_nan=False))
    step = found["stretch"][1]
    assert step["oven_temperature"] == {
        "value": pytest.approx(360.15),
        "unit": "K",
        "low": pytest.approx(358.15),
        "high": pytest.approx(363.15),
        "range": "claim window",
    }
    assert step["width"]["low"] < step["width"]["value"] < step["width"]["high"]
    assert found["inlet_speed"]["assumed"] is True


def test_what_the_recipe_leaves_out_is_marked_as_assumed():
    mixing = run_sheet(run_of(), 10.0).mixing
    assert mixing.temperature.assumed
    assert mixing.time.assumed
    assert not mixing.shear_rate.assumed


def test_a_film_that_breaks_still_has_a_sheet_and_says_so():
    step = '[[stretch]]\ntemperature = "87 degC"\nelongation = "900 %"\n'
    sheet = run_sheet(run_of("PS10", stretch=step), 10.0)
    assert sheet.outcome.startswith("RUPTURED")
    assert sections(sheet)[0].notes == (sheet.outcome,)
