"""A user's material file: what it can add, and how each way of getting it wrong is answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.materials import LinearTension, Materials, Prior, default_materials
from poreline.materials.material_file import _RECORD_KEYS, _Parser, parse_material_text
from poreline.materials.records import CATEGORIES
from poreline.quantities import InvalidInput
from poreline.quantities.toml_text import LARGEST_FILE, LONGEST_LINE

NUMBERS = {
    "density_solid": (1.08, "g/cm3"),
    "density_melt": (0.95, "g/cm3"),
    "solubility_parameter": (19.5, "MPa^0.5"),
    "molar_mass": (120, "kg/mol"),
    "glass_transition": (108, "degC"),
    "processing_temperature": (230, "degC"),
    "viscosity_zero_shear": (5000, "Pa s"),
    "viscosity_reference_temperature": (230, "degC"),
    "viscosity_relaxation_time": (0.1, "s"),
    "viscosity_exponent": (0.3, "1"),
    "flow_activation_energy": (100, "kJ/mol"),
    "youngs_modulus": (3.5, "GPa"),
    "poisson_ratio": (0.35, "1"),
    "thermal_expansion": (7e-5, "1/K"),
    "surface_tension_20c": (42, "mN/m"),
    "surface_tension_slope": (-0.07, "mN/(m K)"),
    "surface_polarity": (0.25, "1"),
    "permeability.N2": (0.1, "barrer"),
}
HEADER = '[polymer.SAN]\nfamily = "polystyrene"\norder = "amorphous"\naffinity = "hydrophobic"\nsynonyms = ["luran"]\n'


def record(subject: str, name: str, value: object, unit: str, more: str = 'kind = "measured"\nsource = "lab"') -> str:
    return f'[[{subject}.record]]\nproperty = "{name}"\nvalue = {value}\nunit = "{unit}"\n{more}\n'


LAB = '[bibliography.lab]\nauthors = "our laboratory"\ntitle = "data sheet 7"\nyear = 2020\n'
SAN = HEADER + "".join(record("polymer.SAN", name, *number) for name, number in NUMBERS.items()) + LAB


@pytest.fixture
def add(tmp_path: Path):  # type: ignore[no-untyped-def]
    def with_text(text: str | bytes) -> Materials:
        path = tmp_path / "mine.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return default_materials().with_file(path)

    return with_text


def test_a_user_adds_a_polymer(add) -> None:  # type: ignore[no-untyped-def]
    materials = add(SAN)
    san = materials.polymer("Luran")
    assert san.name == "SAN"
    assert san.density_solid == pytest.approx(1080.0)
    assert san.permeability == {"N2": pytest.approx(0.1 * 3.3464e-16, rel=1e-4)}
    assert san.drawing is None
    assert "SAN" in materials.polymer_names
    assert "SAN" not in default_materials().polymer_names
    assert materials.bibliography("lab").year == 2020
    assert materials.prior("SAN", "youngs_modulus") == Prior("lognormal", 1.05)
    assert materials.polymer("PP") == default_materials().polymer("PP")


def test_a_user_adds_the_pair_and_says_that_it_is_immiscible(add) -> None:  # type: ignore[no-untyped-def]
    pair = (
        '[pair."PP+SAN"]\n'
        + record('pair."PP+SAN"', "value", 6.0, "mN/m")
        + record('pair."PP+SAN"', "temperature", 220, "degC")
    )
    known = '[[immiscible]]\nfirst = ["SAN"]\nsecond = ["PP", "HDPE"]\nsource = "lab"\n'
    materials = add(SAN + pair + known)
    tension = materials.tension("SAN", "PP")
    assert isinstance(tension, LinearTension)
    assert (tension.value, tension.slope) == pytest.approx((6e-3, -2e-5))
    assert materials.prior("SAN+PP", "factor") == Prior("lognormal", 1.05)
    assert materials.known_immiscible("HDPE", "SAN")
    assert not materials.known_immiscible("LDPE", "SAN")
    assert not isinstance(materials.tension("SAN", "HDPE"), LinearTension)


def test_a_user_changes_one_number_of_a_shipped_polymer(add) -> None:  # type: ignore[no-untyped-def]
    materials = add(record("polymer.PP", "youngs_modulus", 1.6, "GPa") + LAB)
    assert materials.polymer("PP").youngs_modulus == pytest.approx(1.6e9)
    assert materials.polymer("PP").full_name == default_materials().polymer("PP").full_name
    assert "PP.youngs_modulus:shipped" in {r.identifier for r in materials.alternatives("PP", "youngs_modulus")}
    assert materials.with_choices({"PP.youngs_modulus": "shipped"}).polymer("PP").youngs_modulus == pytest.approx(1.4e9)


def test_a_user_adds_an_alternative(add) -> None:  # type: ignore[no-untyped-def]
    more = 'kind = "measured"\nsource = "lab"\nid = "film"\ndefault = false\nuncertainty = "± 0.1 GPa"'
    materials = add(record("polymer.PP", "youngs_modulus", 1.6, "GPa", more) + LAB)
    assert materials.polymer("PP").youngs_modulus == pytest.approx(1.4e9)
    chosen = materials.with_choices({"PP.youngs_modulus": "film"})
    assert chosen.polymer("PP").youngs_modulus == pytest.approx(1.6e9)
    prior = chosen.prior("PP", "youngs_modulus")
    assert prior is not None
    assert (prior.shape, prior.spread) == ("normal", pytest.approx(1e8))


def test_a_user_makes_a_matrix(add) -> None:  # type: ignore[no-untyped-def]
    numbers = {r.property: r for r in default_materials().records("PP") if r.default}
    drawing = [n for n in numbers if n not in NUMBERS and n != "melting_point" and not n.startswith("permeability.")]
    text = "".join(record("polymer.SAN", n, numbers[n].printed, numbers[n].unit) for n in drawing)
    materials = add(HEADER + "".join(record("polymer.SAN", n, *v) for n, v in NUMBERS.items()) + text + LAB)
    assert materials.matrix("SAN").drawing == default_materials().matrix("PP").drawing
    assert "SAN" in materials.matrix_names


def test_a_user_adds_fluids_and_a_copolymer(add) -> None:  # type: ignore[no-untyped-def]
    text = '[gas.Ar]\nfull_name = "argon"\n' + record("gas.Ar", "molar_mass", 39.948, "g/mol")
    text += record("gas.Ar", "viscosity", 22.6e-6, "Pa s") + record("gas.Ar", "diffusion_volume", 16.2, "1")
    text += record("polymer.PP", "permeability.Ar", 0.9, "barrer")
    text += '[copolymer.SBS]\nanchors_in = ["PS"]\n'
    shipped = [r for r in default_materials().records("SEBS") if r.default]
    text += "".join(record("copolymer.SBS", r.property, r.printed, r.unit) for r in shipped)
    materials = add(text + LAB)
    assert materials.gas("argon").molar_mass == pytest.approx(0.039948)
    assert "Ar" in materials.polymer("PP").permeability
    assert materials.copolymer("SBS") == default_materials().copolymer("SEBS")


ONE = record("polymer.PP", "youngs_modulus", 1.6, "GPa")
FAULTS = {
    "unknown property": (record("polymer.PP", "youngs_modulos", 1.6, "GPa") + LAB, "Did you mean 'youngs_modulus'?"),
    "wrong unit": (record("polymer.PP", "youngs_modulus", 1.6, "g/cm3") + LAB, "is not measured in it"),
    "unknown unit": (record("polymer.PP", "youngs_modulus", 1.6, "zorks") + LAB, "not a unit that poreline knows"),
    "not finite": (record("polymer.PP", "youngs_modulus", "inf", "GPa") + LAB, "not a finite number"),
    "not a number": (record("polymer.PP", "youngs_modulus", '"1.6"', "GPa") + LAB, "without quotes"),
    "a truth value": (record("polymer.PP", "youngs_modulus", "true", "GPa") + LAB, "wrong type"),
    "huge integer": (record("polymer.PP", "youngs_modulus", "1" + "0" * 500, "GPa") + LAB, "more than 18 digits"),
    "not sensible": (record("polymer.PP", "density_solid", 0.905, "kg/m3") + LAB, "not a sensible density"),
    "negative": (record("polymer.PP", "viscosity_zero_shear", -1, "Pa s") + LAB, "above 0"),
    "unknown kind": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "guess"\nsource = "lab"') + LAB,
        "no such kind of number",
    ),
    "missing source": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "measured"') + LAB,
        "a number without a source",
    ),
    "unknown source": (ONE, "the bibliography has no such source"),
    "missing value": (
        '[[polymer.PP.record]]\nproperty = "youngs_modulus"\nunit = "GPa"\nkind = "measured"\nsource = "poreline"\n',
        "it is missing",
    ),
    "duplicate": (ONE + ONE + LAB, "there twice"),
    "unknown key of a record": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "measured"\nsource = "lab"\nsauce = 1') + LAB,
        "'source'",
    ),
    "alternative without id": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "measured"\nsource = "lab"\ndefault = false') + LAB,
        "needs an id",
    ),
    "bad uncertainty": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "measured"\nsource = "lab"\nuncertainty = "± 3 s"')
        + LAB,
        "does not measure",
    ),
    "bad range": (
        record("polymer.PP", "youngs_modulus", 1, "GPa", 'kind = "measured"\nsource = "lab"\nrange = [2, 1]') + LAB,
        "not a range",
    ),
    "unknown table": ("[polymers.PP]\n", "Did you mean 'polymer'?"),
    "unknown header key": (SAN.replace("synonyms", "synonym"), "Did you mean 'synonyms'?"),
    "unknown family": (SAN.replace('"polystyrene"', '"styrenic"'), "no such family"),
    "missing family": (SAN.replace('family = "polystyrene"\n', ""), "polymer.SAN.family"),
    "missing numbers": (HEADER + LAB, "these numbers are missing: density_solid"),
    "semicrystalline without melting point": (SAN.replace("amorphous", "semicrystalline"), "melting_point"),
    "unknown gas": (SAN.replace("permeability.N2", "permeability.Xx"), "no such gas"),
    "bad name": ('[polymer."a.b+c"]\n', "no usable name"),
    "pair of one": ('[pair."PP"]\n', "no usable name"),
    "pair with itself": ('[pair."PP+pp"]\n', "two different polymers"),
    "pair of unknown polymers": (
        '[pair."PP+XYZ"]\n' + record('pair."PP+XYZ"', "value", 5, "mN/m") + LAB,
        "no such polymer",
    ),
    "pair without temperature": (
        '[pair."PP+PC"]\n' + record('pair."PP+PC"', "value", 5, "mN/m") + LAB,
        "missing: temperature",
    ),
    "immiscible unknown": ('[[immiscible]]\nfirst = ["PP"]\nsecond = ["Q"]\nsource = "poreline"\n', "no such polymer"),
    "immiscible text": ('[[immiscible]]\nfirst = "PP"\nsecond = ["PS"]\nsource = "poreline"\n', "wrong type"),
    "name of another category": (SAN.replace("SAN", "water"), "already belongs to a liquid"),
    "reference without title": ('[bibliography.x]\nauthors = "A"\n', "bibliography.x.title"),
    "reference of no year": (LAB.replace("2020", '"2020"'), "no year"),
    "records are no list": ("[polymer.PP]\nrecord = 3\n", "list of tables"),
    "a table that is none": ("polymer = 3\n", "not a table"),
    "not TOML": ("[polymer.PP\n", "not TOML"),
    "long line": ("# " + "x" * LONGEST_LINE, "too long"),
    "deep nesting": ("a = " + "\n".join("[" for _ in range(50_000)), "nested too deeply"),
    "too large": ("# x\n" * (LARGEST_FILE // 4 + 10), "larger than"),
    "not text": (b"\xff\xfe\x00", "not UTF-8"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_of_the_file_is_named(add, what: str) -> None:  # type: ignore[no-untyped-def]
    text, part = FAULTS[what]
    with pytest.raises(InvalidInput) as error:
        add(text)
    assert part in str(error.value)
    assert all(fault.reason for fault in error.value.faults)


def test_all_faults_are_reported_at_once(add) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InvalidInput) as error:
        add(record("polymer.PP", "a_b", 1, "GPa") + record("polymer.PS", "youngs_modulus", 1, "s") + "[nothing]\n")
    assert len(error.value.faults) >= 3


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.toml", Path("/dev/zero"), "nul\0l.toml"):
        with pytest.raises(InvalidInput):
            default_materials().with_file(path)


def test_files_build_on_each_other(add, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    second = tmp_path / "second.toml"
    second.write_text(record("polymer.SAN", "youngs_modulus", 3.9, "GPa"), encoding="utf-8")
    materials = add(SAN).with_file(second)
    assert materials.polymer("SAN").youngs_modulus == pytest.approx(3.9e9)
    assert materials.polymer("SAN").density_solid == pytest.approx(1080.0)


def made_or_faults(make: Callable[[], object]) -> object:
    """What `make` returns, or the faults that it raises; anything else it raises fails the test."""
    try:
        return make()
    except InvalidInput as error:
        return error.faults


@given(st.text(max_size=200))
def test_any_text_is_a_file_or_a_fault(text: str) -> None:
    assert made_or_faults(lambda: parse_material_text(text, "text"))


LEAF = st.one_of(st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates())
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3), max_leaves=4)
RECORD = st.dictionaries(st.sampled_from(_RECORD_KEYS), VALUE, max_size=6) | VALUE
ENTRY = st.dictionaries(
    st.sampled_from(["record", "family", "order", "synonyms"]), st.lists(RECORD, max_size=2) | VALUE
)
TABLE = st.dictionaries(st.sampled_from(["PP", "PP+PS", "x", "", "\x1b"]), ENTRY | VALUE, max_size=2)
TOP = st.sampled_from([*CATEGORIES, "immiscible", "bibliography", "other"])


@given(st.dictionaries(TOP, TABLE | st.lists(ENTRY, max_size=2) | VALUE, max_size=3))
def test_any_tree_is_a_file_or_a_list_of_faults(tree: dict[str, object]) -> None:
    parser = _Parser()
    contents = parser.document(tree)
    assert parser.faults or made_or_faults(lambda: default_materials().with_contents(contents, "tree"))
