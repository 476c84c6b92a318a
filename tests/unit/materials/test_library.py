"""The library: names, pairs, choices, and what a run rests on."""

from __future__ import annotations

import pytest

from poreline.materials import HarmonicMeanTension, LinearTension, Prior, default_materials
from poreline.quantities import InvalidInput

MATERIALS = default_materials()


def faults(error: pytest.ExceptionInfo[InvalidInput]) -> str:
    return str(error.value)


def test_the_library_is_read_once() -> None:
    assert default_materials() is default_materials()


def test_what_is_shipped() -> None:
    assert set(MATERIALS.polymer_names) == {"PP", "HDPE", "LDPE", "PMP", "PS", "PET", "PBT", "PMMA", "PC", "PA6"}
    assert set(MATERIALS.matrix_names) == {"PP", "HDPE", "LDPE", "PMP"}
    assert set(MATERIALS.copolymer_names) == {"SEEPS", "SEBS", "SEP"}
    assert set(MATERIALS.gas_names) == {"He", "H2", "N2", "O2", "CO2", "CH4", "air"}
    assert set(MATERIALS.liquid_names) == {"water", "methanol", "ethanol"}
    assert set(MATERIALS.solute_names) == {"PEG", "dextran"}


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("pp", "PP"),
        ("iPP", "PP"),
        ("polypropylene", "PP"),
        ("TPX", "PMP"),
        ("Polystyrene", "PS"),
        ("nylon 6", "PA6"),
        (" ps ", "PS"),
    ],
)
def test_usual_names_are_understood(spelling: str, name: str) -> None:
    assert MATERIALS.polymer(spelling).name == name


def test_other_names_of_fluids_are_understood() -> None:
    assert MATERIALS.gas("nitrogen").name == "N2"
    assert MATERIALS.liquid("MeOH").name == "methanol"
    assert MATERIALS.solute("peg").name == "PEG"
    assert MATERIALS.copolymer("seeps").name == "SEEPS"


def test_a_name_that_may_mean_two_polymers_asks_which() -> None:
    with pytest.raises(InvalidInput) as error:
        MATERIALS.polymer("PE")
    assert "Choose HDPE or LDPE" in faults(error)
    with pytest.raises(InvalidInput):
        MATERIALS.records("polyethylene")


def test_an_unknown_name_lists_what_there_is_and_the_nearest() -> None:
    with pytest.raises(InvalidInput) as error:
        MATERIALS.polymer("PMPP")
    assert "HDPE, LDPE" in faults(error)
    assert "Did you mean 'PMP'?" in faults(error)
    for ask in (MATERIALS.copolymer, MATERIALS.gas, MATERIALS.liquid, MATERIALS.solute, MATERIALS.records):
        with pytest.raises(InvalidInput):
            ask("unobtainium")
    with pytest.raises(InvalidInput):
        MATERIALS.bibliography("nobody-1900")


def test_names_with_control_characters_reach_no_terminal() -> None:
    with pytest.raises(InvalidInput) as error:
        MATERIALS.polymer("\x1b[31mPP" + "x" * 10_000)
    assert "\x1b" not in faults(error)
    assert len(faults(error)) < 1000


def test_a_polymer_without_numbers_of_drawing_cannot_be_the_matrix() -> None:
    assert MATERIALS.matrix("PP").drawing is not None
    with pytest.raises(InvalidInput) as error:
        MATERIALS.matrix("PS")
    assert "activation_volume" in faults(error)
    assert "HDPE, LDPE, PMP, PP" in faults(error)


def test_classes_that_the_claims_speak_of() -> None:
    assert MATERIALS.polymer("LDPE").kind == "polyethylene"
    assert MATERIALS.polymer("PMP").kind == "poly(4-methyl-1-pentene)"
    assert {name for name in MATERIALS.polymer_names if MATERIALS.polymer(name).family == "polyester"} == {"PET", "PBT"}
    assert {name for name in MATERIALS.polymer_names if MATERIALS.polymer(name).family == "polyolefin"} == set(
        MATERIALS.matrix_names
    )
    assert {name for name in MATERIALS.polymer_names if MATERIALS.polymer(name).affinity == "hydrophilic"} == {"PA6"}
    assert {name for name in MATERIALS.polymer_names if MATERIALS.polymer(name).order == "amorphous"} == {
        "PS",
        "PMMA",
        "PC",
    }


def test_a_pair_with_a_number_uses_it_and_another_the_harmonic_mean() -> None:
    assert isinstance(MATERIALS.tension("PP", "PS"), LinearTension)
    assert MATERIALS.tension("PP", "PS") == MATERIALS.tension("PS", "iPP")
    assert MATERIALS.tension("PA6", "PP") == HarmonicMeanTension()
    assert MATERIALS.tension("PMMA", "HDPE") == HarmonicMeanTension()


def test_pairs_known_to_be_immiscible() -> None:
    for first in ("PS", "PET", "PBT", "PC", "PA6", "PMMA"):
        for second in ("PP", "HDPE", "LDPE", "PMP"):
            assert MATERIALS.known_immiscible(first, second)
            assert MATERIALS.known_immiscible(second, first)
    for polyolefin in ("HDPE", "LDPE", "PMP"):
        assert MATERIALS.known_immiscible("PP", polyolefin)
    assert not MATERIALS.known_immiscible("HDPE", "LDPE")
    assert not MATERIALS.known_immiscible("PET", "PBT")
    with pytest.raises(InvalidInput):
        MATERIALS.known_immiscible("PP", "nothing")


def test_records_in_use_alternatives_and_information() -> None:
    assert MATERIALS.record("iPP", "youngs_modulus").printed == 1.4
    (flexural,) = MATERIALS.alternatives("PP", "youngs_modulus")
    assert flexural.identifier == "PP.youngs_modulus:flexural-23C"
    information = {record.property for record in MATERIALS.records("PP") if record.information}
    assert {
        "hansen_dispersion",
        "crystallinity",
        "entanglement_molar_mass",
        "critical_surface_tension",
        "tensile_yield",
    } <= information
    assert MATERIALS.records("PA6+PP") == ()
    with pytest.raises(InvalidInput) as error:
        MATERIALS.record("PP", "youngs_moduluss")
    assert "youngs_modulus" in faults(error)


def test_an_alternative_can_be_chosen_by_its_id() -> None:
    for text in ("PP.youngs_modulus:flexural-23C", "flexural-23C"):
        chosen = MATERIALS.with_choices({"PP.youngs_modulus": text})
        assert chosen.polymer("PP").youngs_modulus == pytest.approx(1.45e9)
        assert chosen.record("PP", "youngs_modulus").verified
        back = chosen.with_choices({"PP.youngs_modulus": "shipped"})
        assert back.polymer("PP") == MATERIALS.polymer("PP")
    assert MATERIALS.polymer("PP").youngs_modulus == pytest.approx(1.4e9)


def test_every_alternative_can_be_chosen() -> None:
    subjects = (
        *MATERIALS.polymer_names,
        *MATERIALS.copolymer_names,
        *MATERIALS.pair_names,
        *MATERIALS.gas_names,
        *MATERIALS.solute_names,
    )
    others = [r for s in subjects for r in MATERIALS.records(s) if not r.default and not r.information]
    assert len(others) > 20
    for record in others:
        chosen = MATERIALS.with_choices({f"{record.subject}.{record.property}": record.identifier})
        assert chosen.record(record.subject, record.property).value == record.value


def test_a_quantity_can_be_chosen_and_keeps_the_uncertainty_of_what_it_replaces() -> None:
    chosen = MATERIALS.with_choices({"PP.youngs_modulus": "910 MPa", "PS.viscosity_zero_shear": "6000 Pa s"})
    assert chosen.polymer("PP").youngs_modulus == pytest.approx(0.91e9)
    assert chosen.prior("PP", "youngs_modulus") == MATERIALS.prior("PP", "youngs_modulus")
    assert chosen.prior("PS", "viscosity_factor") == MATERIALS.prior("PS", "viscosity_factor")
    record = chosen.record("PP", "youngs_modulus")
    assert (record.source, record.printed, record.unit) == ("recipe", 910.0, "MPa")
    assert chosen.bibliography("recipe").title


def test_a_chosen_quantity_may_carry_its_uncertainty() -> None:
    chosen = MATERIALS.with_choices(
        {
            "PP.youngs_modulus": "0.91 GPa x/÷ 1.1",
            "PS.glass_transition": "97 degC ± 2 K",
            "PP.viscosity_zero_shear": "4000 Pa s ± 400 Pa s",
        }
    )
    assert chosen.prior("PP", "youngs_modulus") == Prior("lognormal", 1.1)
    transition = chosen.prior("PS", "glass_transition")
    assert transition is not None
    assert (transition.shape, transition.spread) == ("normal", 2.0)
    viscosity = chosen.prior("PP", "viscosity_factor")
    assert viscosity is not None
    assert viscosity.spread == pytest.approx(0.1)


def test_ratios_need_no_unit() -> None:
    assert MATERIALS.with_choices({"PS.poisson_ratio": "0.35"}).polymer("PS").poisson_ratio == pytest.approx(0.35)
    assert MATERIALS.with_choices({"PP.yield_strain": "9 %"}).matrix("PP").drawing is not None


def test_the_tension_of_a_pair_can_be_chosen() -> None:
    chosen = MATERIALS.with_choices({"PP+PS.value": "visscher-1999"})
    tension = chosen.tension("PS", "PP")
    assert isinstance(tension, LinearTension)
    assert tension.value == pytest.approx(4.9e-3)
    chosen = MATERIALS.with_choices({"PA6+PP.value": "11 mN/m ± 20 %", "PA6+PP.temperature": "250 degC"})
    tension = chosen.tension("PP", "PA6")
    assert isinstance(tension, LinearTension)
    assert (tension.value, tension.slope) == pytest.approx((11e-3, -2e-5))
    factor = chosen.prior("PA6+PP", "factor")
    assert factor is not None
    assert factor.spread == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("key", "text", "part"),
    [
        ("PP.youngs_modulu", "1 GPa", "youngs_modulus"),
        ("PP.youngs_modulus", "1 g/cm3", "measures a density"),
        ("PP.youngs_modulus", "flexural", "flexural-23C"),
        ("PP.density_solid", "0.9 kg/m3", "not a sensible"),
        ("PS.poisson_ratio", "0.7", "not a sensible"),
        ("PP", "1 GPa", "names no number"),
        ("XX.density_solid", "1 g/cm3", "no such material"),
        ("PA6+PP.value", "11 mN/m", "temperature"),
        ("PP.youngs_modulus", "1 GPa ± 3 s", "does not measure"),
        ("PP.permeability.N2", "nan barrer", "finite number"),
    ],
)
def test_a_wrong_choice_says_what_is_wrong(key: str, text: str, part: str) -> None:
    with pytest.raises(InvalidInput) as error:
        MATERIALS.with_choices({key: text})
    assert part in faults(error)


def test_all_faults_of_the_choices_are_reported_at_once() -> None:
    with pytest.raises(InvalidInput) as error:
        MATERIALS.with_choices({"PP.a": "1 m", "PS.b": "1 m", "PC.youngs_modulus": "1 s"})
    assert len(error.value.faults) == 3


def test_a_run_can_print_what_it_rests_on() -> None:
    used = MATERIALS.records_used("PS", "PP", "PS+PP", "SEEPS", "N2")
    assert all(record.default and not record.information for record in used)
    identifiers = {record.identifier for record in used}
    assert {"PS.density_solid", "PS+PP.value", "SEEPS.adhesion_coefficient", "N2.molar_mass"} <= identifiers
    assert {MATERIALS.bibliography(record.source).key for record in used} >= {"wu-1982", "poreline"}
    chosen = MATERIALS.with_choices({"PP.youngs_modulus": "flexural-23C"})
    assert "PP.youngs_modulus:flexural-23C" in {record.identifier for record in chosen.records_used("PP")}


def test_a_harmonic_mean_rests_on_the_surface_tensions() -> None:
    properties = {(r.subject, r.property) for r in MATERIALS.records_used("PMMA+HDPE")}
    assert len(properties) == 6
    assert ("HDPE", "surface_tension_slope") in properties


def test_priors_of_unknown_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput):
        MATERIALS.prior("PP", "colour")
    assert MATERIALS.prior("PS", "melting_point") is None
    assert MATERIALS.prior("PS", "yield_factor") is None
