"""Records: priors by kind, own uncertainties, and what is true of every number that is shipped."""

from __future__ import annotations

import math
import re
from importlib.resources import files

import numpy as np
import pytest

from poreline.materials import Prior, Record, default_materials
from poreline.materials.records import KINDS, default_prior, limits, meaning_of, own_prior
from poreline.quantities import UnitError, from_si

MATERIALS = default_materials()
SUBJECTS = (
    *MATERIALS.polymer_names,
    *MATERIALS.copolymer_names,
    *MATERIALS.pair_names,
    *MATERIALS.gas_names,
    *MATERIALS.liquid_names,
    *MATERIALS.solute_names,
)
RECORDS = [record for subject in SUBJECTS for record in MATERIALS.records(subject)]


def test_every_record_has_a_source_in_the_bibliography() -> None:
    for record in RECORDS:
        assert MATERIALS.bibliography(record.source).title, record.identifier


def test_identifiers_are_unique_and_say_what_they_name() -> None:
    assert len({record.identifier for record in RECORDS}) == len(RECORDS)
    for record in RECORDS:
        assert record.identifier.startswith(f"{record.subject}.{record.property}")


def test_the_printed_value_is_the_value() -> None:
    for record in RECORDS:
        assert from_si(record.value, record.unit) == pytest.approx(record.printed, rel=1e-12, abs=1e-12)


def test_every_property_has_one_number_in_use_inside_its_limits() -> None:
    for subject in SUBJECTS:
        in_use = [record for record in MATERIALS.records(subject) if record.default]
        assert len({record.property for record in in_use}) == len(in_use)
        for record in in_use:
            low, high = limits(record.property)
            assert low <= record.value <= high, record.identifier


def test_a_default_lies_in_the_range_found_or_says_why_not() -> None:
    reasons = {
        "PP.solubility_parameter": "one compilation",
        "PP.thermal_expansion": "cooling range",
        "HDPE.thermal_expansion": "cooling range",
        "PS.density_melt": "specific volume",
    }
    outside = {}
    for record in RECORDS:
        if record.default and record.printed_range is not None:
            low, high = record.printed_range
            slack = 1e-9 * max(abs(low), abs(high))
            if not low - slack <= record.printed <= high + slack:
                outside[record.identifier] = record.note
    assert outside.keys() == reasons.keys()
    for identifier, note in outside.items():
        assert reasons[identifier] in note


def test_a_handbook_number_that_was_not_re_read_says_so() -> None:
    for record in RECORDS:
        if record.kind == "handbook" and not record.verified:
            assert "not re-read" in record.note, record.identifier
        if record.verified:
            assert MATERIALS.bibliography(record.source).seen != "not re-read", record.identifier
            assert record.kind in ("measured", "handbook"), record.identifier


def test_shipped_texts_are_for_users() -> None:
    data = files("poreline.materials").joinpath("data")
    texts = [file for folder in (data, data / "polymers", data / "copolymers") for file in folder.iterdir()]
    words = re.compile(r"memory|todo|fixme", re.IGNORECASE)
    for file in texts:
        if file.name.endswith(".toml"):
            assert not words.search(file.read_text(encoding="utf-8")), file.name


def test_sources_of_the_main_numbers_are_stated_as_what_they_are() -> None:
    assert MATERIALS.record("PP", "viscosity_zero_shear").kind == "estimated"
    assert MATERIALS.record("PP", "activation_volume").kind == "fitted"
    assert MATERIALS.record("PP", "cavitation_stress").kind == "fitted"
    assert MATERIALS.record("LDPE", "cavitation_stress").kind == "assumed"
    assert MATERIALS.record("PMMA", "flow_activation_energy").kind == "estimated"
    assert MATERIALS.record("PS", "glass_transition").verified
    assert not MATERIALS.record("PET", "surface_tension_20c").verified
    assert {record.kind for record in RECORDS} == set(KINDS)


def lognormal(percent: float) -> Prior:
    return Prior("lognormal", 1 + percent / 100)


def test_default_priors_by_kind() -> None:
    for kind, percent, kelvins in zip(KINDS, (5, 10, 10, 25, 50), (1, 3, 3, 5, 10), strict=True):
        assert default_prior("polymer", "youngs_modulus", kind) == lognormal(percent)
        assert default_prior("polymer", "density_solid", kind) == lognormal(percent / 5)
        assert default_prior("polymer", "viscosity_factor", kind) == lognormal(2 * percent)
        assert default_prior("polymer", "permeability.N2", kind) == lognormal(2 * percent)
        assert default_prior("polymer", "yield_factor", kind) == lognormal(percent)
        assert default_prior("polymer", "glass_transition", kind) == Prior("normal", kelvins)
        assert default_prior("polymer", "solubility_parameter", kind) == Prior("normal", 300.0)
        poisson = default_prior("polymer", "poisson_ratio", kind)
        assert poisson is not None
        assert poisson.spread == pytest.approx(1 + percent / 500)


@pytest.mark.parametrize(
    ("subject", "name", "expected"),
    [
        ("PS", "density_solid", Prior("lognormal", 1.02)),
        ("PS", "viscosity_factor", Prior("lognormal", 1.5)),
        ("PP", "yield_factor", Prior("lognormal", 1.1)),
        ("PP", "cavitation_stress", Prior("normal", 7e6)),
        ("PP", "chain_scission_cold", Prior("normal", 0.1, lowest=0.03)),
        ("PP", "break_ratio_23c", Prior("lognormal", 1.25)),
        ("PS", "glass_transition", Prior("normal", 3.0)),
        ("PS", "permeability.N2", Prior("lognormal", 1.5)),
        ("PS", "permeability.H2", Prior("lognormal", 1.7)),
        ("PBT", "permeability.N2", Prior("lognormal", 2.0)),
        ("PS", "permeability.air", Prior("lognormal", 1.5)),
        ("SEEPS", "saturation_density", Prior("lognormal", 1.5)),
        ("SEEPS", "adhesion_coefficient", Prior("lognormal", 2.0)),
        ("SEEPS", "foreign_uptake", Prior("lognormal", 1.5, highest=1.0)),
        ("PS+PP", "factor", Prior("lognormal", 1.2)),
        ("PP+PET", "factor", Prior("lognormal", 1.35)),
        ("LDPE+PS", "factor", Prior("lognormal", 1.25)),
        ("PA6+PP", "factor", Prior("lognormal", 1.25)),
    ],
)
def test_priors_of_shipped_numbers(subject: str, name: str, expected: Prior) -> None:
    assert MATERIALS.prior(subject, name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("activation_volume", "log_rate_constant", "activation_enthalpy", "cavitation_width", "chain_scission_hot"),
        *("viscosity_zero_shear", "viscosity_relaxation_time", "viscosity_exponent", "flow_activation_energy"),
        *("viscosity_reference_temperature", "processing_temperature"),
    ],
)
def test_numbers_of_a_law_that_is_uncertain_as_a_whole_have_no_prior_of_their_own(name: str) -> None:
    assert MATERIALS.prior("PP", name) is None


def test_pairs_vary_as_wholes_and_fluids_not_at_all() -> None:
    for name in ("value", "temperature", "slope"):
        assert MATERIALS.prior("PS+PP", name) is None
    assert MATERIALS.prior("N2", "viscosity") is None
    assert MATERIALS.prior("water", "surface_tension") is None


def test_samples_of_every_prior_stay_sensible() -> None:
    deviates = np.linspace(-3.0, 3.0, 13)
    for subject in SUBJECTS:
        for record in MATERIALS.records(subject):
            if not record.default:
                continue
            prior = MATERIALS.prior(subject, record.property)
            if prior is None:
                continue
            samples = prior.sample(record.value, deviates)
            low, high = limits(record.property)
            assert np.all(np.isfinite(samples)), record.identifier
            assert np.all(samples <= high), record.identifier
            assert np.all(samples >= low), record.identifier


def test_own_uncertainties() -> None:
    assert own_prior("x/÷ 1.5", 3.0, "1") == Prior("lognormal", 1.5)
    assert own_prior("x/÷1.5", 3.0, "1") == Prior("lognormal", 1.5)
    assert own_prior("± 7 MPa", 45e6, "Pa") == Prior("normal", 7e6, lowest=0.05 * 45e6)
    assert own_prior("+- 3 degC", 373.15, "K") == Prior("normal", 3.0, lowest=0.05 * 373.15)
    twenty = own_prior("± 20 %", -5e-5, "N/(m K)")
    assert (twenty.shape, twenty.highest) == ("normal", -0.05 * 5e-5)
    assert twenty.spread == pytest.approx(1e-5)
    assert twenty.lowest == -math.inf


@pytest.mark.parametrize(
    "text", ["x/÷ 1", "x/÷ 0.5", "x/÷ 1000", "± 7 s", "± 0 MPa", "about 5", "7 MPa", "± nan MPa", ""]
)
def test_an_uncertainty_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        own_prior(text, 45e6, "Pa")


def test_meanings_come_from_the_fields() -> None:
    meaning = meaning_of("polymer", "youngs_modulus")
    assert meaning is not None
    assert (meaning.unit, meaning.display_unit) == ("Pa", "GPa")
    assert meaning_of("polymer", "viscosity_factor") is None
    assert meaning_of("polymer", "permeability.") is None
    assert meaning_of("gas", "permeability.N2") is None
    assert meaning_of("copolymer", "youngs_modulus") is None


def test_a_reference_reads_as_one_line() -> None:
    text = str(MATERIALS.bibliography("visscher-willemse-1999"))
    assert "10.1002/pen.11512" in text
    assert "(1999)" in text
    assert "abstract" in text
    assert "\n" not in text


def test_a_record_is_identified_by_subject_property_and_suffix() -> None:
    assert Record.identify("PP", "youngs_modulus", "flexural-23C") == "PP.youngs_modulus:flexural-23C"
    assert Record.identify("PP", "youngs_modulus") == "PP.youngs_modulus"
