"""A recipe that names a set of the model's constants, and what is refused in such a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from poreline.line import parameter_names, plan, simulate
from poreline.quantities import InvalidInput
from poreline.recipe import as_text, digest, read_recipe_table
from poreline.recipe.parameter_set import read_parameter_set_text
from poreline.recipe.schema import recipe_schema

SET = """
name = "fitted to cells"
[parameter.percolation_threshold]
value = 2.1
unit = "1"
standard_error = 0.1
[parameter.smallest_crack_radius]
value = 300
unit = "nm"
"""


def read(recipe: dict[str, Any], folder: Path) -> Any:
    return read_recipe_table(recipe, folder=folder, parameter_names=parameter_names())


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_parameter_set_text(text, parameter_names())
    return {fault.field: str(fault) for fault in caught.value.faults}


def test_a_set_replaces_constants_by_name_in_si(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "fitted.toml").write_text(SET, encoding="utf-8")
    full_recipe["parameters"] = {"file": "fitted.toml"}
    understood = read(full_recipe, tmp_path)
    assert understood.recipe.parameters == {"percolation_threshold": 2.1, "smallest_crack_radius": 300e-9}
    made = plan(understood.recipe, understood.materials)
    assert made.constants.membrane.percolation_threshold == 2.1
    assert understood.parameter_set.name == "fitted to cells"


def test_a_constant_in_the_recipe_goes_before_the_set(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "fitted.toml").write_text(SET, encoding="utf-8")
    full_recipe["parameters"] = {"file": "fitted.toml", "percolation_threshold": 2.2}
    understood = read(full_recipe, tmp_path)
    assert understood.recipe.parameters["percolation_threshold"] == 2.2
    (caution,) = [caution for caution in understood.cautions if caution.code == "parameter-set"]
    assert "smallest_crack_radius" in caution.text
    assert "percolation_threshold" not in caution.text


def test_the_recipe_as_understood_holds_the_numbers_and_needs_no_file(
    full_recipe: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "fitted.toml").write_text(SET, encoding="utf-8")
    full_recipe["parameters"] = {"file": "fitted.toml"}
    understood = read(full_recipe, tmp_path)
    again = read(as_text(understood.recipe), tmp_path / "elsewhere")
    assert digest(again.recipe) == digest(understood.recipe)


def test_a_set_moves_the_results_and_says_so(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "fitted.toml").write_text(SET, encoding="utf-8")
    before = simulate(read(full_recipe, tmp_path), samples=20, causes=())
    full_recipe["parameters"] = {"file": "fitted.toml"}
    after = simulate(read(full_recipe, tmp_path), samples=20, causes=())
    assert after.value("connectivity") != before.value("connectivity")
    assert "parameter-set" in {caution.code for caution in after.cautions}


@pytest.mark.parametrize("file", ["absent.toml", "", 3, True, ["fitted.toml"]])
def test_a_set_that_is_not_there_is_a_fault_of_its_key(file: Any, full_recipe: dict[str, Any], tmp_path: Path) -> None:
    full_recipe["parameters"] = {"file": file, "crack_tlt": 1.0}
    with pytest.raises(InvalidInput) as caught:
        read(full_recipe, tmp_path)
    fields = [fault.field for fault in caught.value.faults]
    assert any(field.startswith("parameters.file") for field in fields)
    assert "parameters.crack_tlt" in fields  # all faults at once


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("", "parameter", "It holds no constant"),
        ("parameter = 3", "parameter", "It holds no constant"),
        ("[parameters.crack_tilt]\nvalue = 1\nunit = '1'", "parameters", "Did you mean parameter?"),
        ("[parameter]\ncrack_tilt = 0.3", "parameter.crack_tilt", "with value and unit"),
        ("[parameter.crack_tlt]\nvalue = 1\nunit = 'rad'", "parameter.crack_tlt", "Did you mean crack_tilt?"),
        ("[parameter.open_rate]\nvalue = 'x'\nunit = '1'", "parameter.open_rate.value", "not a finite number"),
        ("[parameter.open_rate]\nvalue = nan\nunit = '1'", "parameter.open_rate.value", "not a finite number"),
        ("[parameter.open_rate]\nvalue = true\nunit = '1'", "parameter.open_rate.value", "not a finite number"),
        ("[parameter.open_rate]\nunit = '1'", "parameter.open_rate.value", "It is missing"),
        ("[parameter.open_rate]\nvalue = 1", "parameter.open_rate.unit", "It is missing"),
        ("[parameter.open_rate]\nvalue = 1\nunit = 'nm'", "parameter.open_rate.unit", "something else"),
        ("[parameter.open_rate]\nvalue = 1\nunit = 'flurb'", "parameter.open_rate.unit", "not a unit"),
        ("[parameter.open_rate]\nvalue = 1\nunit = '1'\nsd = 2", "parameter.open_rate.sd", "no such key"),
    ],
)
def test_what_is_wrong_with_a_set_is_told_in_plain_words(text: str, field: str, words: str) -> None:
    assert words in faults_of(text)[field]


def test_a_value_that_the_model_has_no_meaning_for_is_refused_as_in_the_recipe(
    full_recipe: dict[str, Any], tmp_path: Path
) -> None:
    text = "[parameter.network_conductance]\nvalue = 1.5\nunit = '1'"
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    full_recipe["parameters"] = {"file": "bad.toml"}
    understood = read(full_recipe, tmp_path)
    with pytest.raises(InvalidInput, match="0 to 1"):
        plan(understood.recipe, understood.materials)


def test_the_schema_knows_the_key() -> None:
    assert recipe_schema()["properties"]["parameters"]["properties"]["file"]["type"] == "string"


# Constants of the volume simulation


def test_constants_of_the_volume_simulation_have_its_name_before_theirs_and_may_have_a_unit(
    full_recipe: dict[str, Any], tmp_path: Path
) -> None:
    full_recipe["parameters"] = {"volume": {"nucleation_pressure": "12 MPa", "scatter": 0.2}, "bond_energy": 7e-19}
    understood = read(full_recipe, tmp_path)
    assert understood.recipe.parameters == {
        "volume.nucleation_pressure": 12e6,
        "volume.scatter": 0.2,
        "bond_energy": 7e-19,
    }
    made = plan(understood.recipe, understood.materials)
    assert (made.constants.volume.nucleation_pressure, made.constants.volume.scatter) == (12e6, 0.2)
    # Constants of one name in both models are told apart.
    assert (made.constants.membrane.bond_energy, made.constants.volume.bond_energy) == (7e-19, 6e-19)
    again = read(as_text(understood.recipe), tmp_path)
    assert again.recipe.parameters == understood.recipe.parameters
    assert digest(again.recipe) == digest(understood.recipe)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"volume": {"nucleation_presure": "12 MPa"}}, "volume.nucleation_presure", "Did you mean volume.nucleation_pressure?"),
        ({"nucleation_pressure": 12e6}, "nucleation_pressure", "Did you mean volume.nucleation_pressure?"),
        ({"volume": {"nucleation_pressure": "12 nm"}}, "volume.nucleation_pressure", "a length, not a pressure"),
        ({"volume": {"nucleation_pressure": "much"}}, "volume.nucleation_pressure", "finite number"),
        ({"volume": {"scatter": {"x": 1}}}, "volume.scatter", "not a number"),
    ],
)  # fmt: skip
def test_a_wrong_constant_of_the_volume_simulation_is_one_fault(
    full_recipe: dict[str, Any], tmp_path: Path, given: dict[str, Any], field: str, words: str
) -> None:
    full_recipe["parameters"] = given
    with pytest.raises(InvalidInput) as caught:
        read(full_recipe, tmp_path)
    (fault,) = caught.value.faults
    assert fault.field == f"parameters.{field}"
    assert words in str(fault)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"volume": {"nucleation_pressure": "-1 MPa"}}, "volume.nucleation_pressure"),
        ({"volume": {"healing_fraction": 1.0}}, "volume.healing_fraction"),
        ({"volume": {"nucleation_fraction": 0.0}}, "volume.nucleation_fraction"),
        ({"volume": {"largest_fraction": 0.1}}, "volume.largest_fraction"),
    ],
)
def test_values_without_meaning_in_the_law_of_a_voxel_are_refused(
    full_recipe: dict[str, Any], tmp_path: Path, given: dict[str, Any], field: str
) -> None:
    full_recipe["parameters"] = given
    understood = read(full_recipe, tmp_path)
    with pytest.raises(InvalidInput) as caught:
        plan(understood.recipe, understood.materials)
    assert [fault.field for fault in caught.value.faults] == [f"parameters.{field}"]
