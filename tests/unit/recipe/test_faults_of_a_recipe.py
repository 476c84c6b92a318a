"""What is refused in a recipe, and in which words."""

from __future__ import annotations

import math
import os

import pytest

from poreline.quantities import InvalidInput
from poreline.recipe import read_recipe, read_recipe_table


def faults_of(table: dict, parameter_names: tuple[str, ...] = ()) -> dict[str, str]:
    """Field and whole text of every fault."""
    with pytest.raises(InvalidInput) as caught:
        read_recipe_table(table, parameter_names=parameter_names)
    return {fault.field: str(fault) for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("film", "field", "words"),
    [
        ({"process": ["x"]}, "film.process", '"extrusion", "casting", "spray"'),
        ({"process": {}}, "film.process", "not a film-forming process"),
        ({"process": "casting", "from": "suspension"}, "film.from", '"melt", "solution"'),
        ({"process": "casting", "from": ["melt"]}, "film.from", '"melt", "solution"'),
        ({"process": "spray", "residual_porosity": "100 %"}, "film.residual_porosity", "at most 95 %"),
        ({"thickness": "0.6 mm", "draw_time": "1 s"}, "film.die_gap", "Give die_gap"),
        ({"thickness": "70 um", "die_gap": "0.5 mm", "draw_down": 5}, "film.thickness", "75 um to 100 um"),
        ({"thickness": "103 um", "die_gap": "0.5 mm", "draw_down": 5}, "film.thickness", "mass balance"),
        ("x", "film", "process, thickness, die_gap"),
    ],
)
def test_a_film_that_cannot_be_made(film, field, words, full_recipe):
    full_recipe["film"] = film
    assert words in faults_of(full_recipe)[field]


@pytest.mark.parametrize("thickness", ["100 um", "80 um", "75 um"])
def test_a_film_may_or_may_not_grow_denser_as_it_turns_solid(thickness, full_recipe):
    full_recipe["film"] = {"thickness": thickness, "die_gap": "0.5 mm", "draw_down": 5}
    assert read_recipe_table(full_recipe).recipe.film.draw_down == 5


def test_a_thick_film_without_draw_needs_no_die(full_recipe):
    full_recipe["film"] = {"thickness": "0.6 mm"}
    assert read_recipe_table(full_recipe).recipe.film.die_gap is None


@pytest.mark.parametrize(
    ("key", "value", "field", "words"),
    [
        ("composition", 3, "composition", "a table with the keys first, second"),
        ("anneal", "hot", "anneal", "a table with the keys temperature, duration"),
        ("parameters", "x", "parameters", "not a table"),
        ("duty", ["x"], "duty[0]", "a table with the key kind"),
        ("duty", [{"kind": ["x"]}], "duty[0].kind", '"gas", "gurley"'),
        ("stretch", ["x"], "stretch[0]", "Write [[stretch]]"),
        ("stretch", "x", "stretch", "list of tables"),
        ("duty", [{"kind": "liquid", "prewetted": "wet"}], "duty[0].prewetted", "neither true nor false"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_in_plain_words(key, value, field, words, full_recipe):
    full_recipe[key] = value
    text = faults_of(full_recipe)[field]
    assert words in text
    assert "instance of" not in text


@pytest.mark.parametrize(("key", "count", "most"), [("stretch", 41, 40), ("duty", 61, 60)])
def test_too_many_tables_are_counted(key, count, most, full_recipe):
    full_recipe[key] = [full_recipe[key][0]] * count
    text = faults_of(full_recipe)[key]
    assert str(count) in text
    assert f"at most {most}" in text


@pytest.mark.parametrize("value", ["x", "1.5", True, math.nan, math.inf])
def test_a_constant_of_the_wrong_type_does_not_hide_unknown_names(value, full_recipe):
    full_recipe["parameters"] = {"crack_tilt": value, "crack_tlt": 1.0}
    found = faults_of(full_recipe, ("crack_tilt",))
    assert "number" in found["parameters.crack_tilt"]
    assert "Did you mean crack_tilt?" in found["parameters.crack_tlt"]


def test_a_polymer_that_cannot_be_drawn_is_told_so_without_property_names(full_recipe):
    full_recipe["composition"]["second"]["polymer"] = "PET"
    text = faults_of(full_recipe)["composition.second.polymer"]
    assert "cannot be the matrix" in text
    assert "PP" in text
    assert "_" not in text


def test_more_additives_than_polymers_are_no_blend(full_recipe):
    full_recipe["composition"]["additives"] = [{"name": "chalk", "parts": 60}, {"name": "oil", "parts": 41}]
    assert "101 parts" in faults_of(full_recipe)["composition.additives"]


def test_a_mixer_too_hot_for_polyolefins(full_recipe):
    full_recipe["mixing"]["temperature"] = "360 degC"
    assert "mixing-degrades" in {caution.code for caution in read_recipe_table(full_recipe).cautions}
    full_recipe["mixing"]["temperature"] = "401 degC"
    assert "at most 400 degC" in faults_of(full_recipe)["mixing.temperature"]


def test_a_bound_written_in_per_cent_is_allowed(full_recipe):
    full_recipe["film"] = {"process": "spray", "solids": "99.9 %"}
    assert read_recipe_table(full_recipe).recipe.film.solids == 0.999


@pytest.mark.parametrize("file", ["x" * 3000, "a\0b", "/dev/zero", "/", "x/" * 2000])
def test_a_materials_file_that_cannot_be_one_is_a_fault(file, full_recipe):
    full_recipe["materials"] = {"file": file}
    assert "materials: file" in faults_of(full_recipe)


@pytest.mark.parametrize("share", ["25 %%", "30 %^0.5", "3 rad", "1 rev", "150 rpm", "0.3 m/m"])
def test_a_share_is_written_in_one_plain_unit(share, full_recipe):
    full_recipe["stretch"][0]["elongation"] = share
    assert (
        "25 %" in faults_of(full_recipe)["stretch[0].elongation"]
        or "300 %" in faults_of(full_recipe)["stretch[0].elongation"]
    )


@pytest.mark.parametrize(("where", "key"), [("mixing", "shear_rate"), ("film", "shear_rate")])
def test_turns_per_time_are_no_shear_rate(where, key, full_recipe):
    full_recipe[where][key] = "150 rpm"
    assert "a speed of rotation" in faults_of(full_recipe)[f"{where}.{key}"]


def test_a_contact_angle_is_an_angle(full_recipe):
    duty = {"kind": "liquid", "liquid": "methanol", "contact_angle": "50 %"}
    full_recipe["duty"] = [duty]
    assert "not an angle" in faults_of(full_recipe)["duty[0].contact_angle"]
    duty["contact_angle"] = "180 deg"
    assert read_recipe_table(full_recipe).recipe.duty[0].contact_angle == pytest.approx(math.pi)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    pipe = tmp_path / "recipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(InvalidInput, match="a pipe or a device"):
        read_recipe(pipe)
    with pytest.raises(InvalidInput, match="a folder"):
        read_recipe(tmp_path)
