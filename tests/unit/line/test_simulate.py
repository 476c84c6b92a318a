"""simulate(): what it promises about recipe, digest, bands and outcome."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from poreline.claims import check
from poreline.line import evaluate, parameter_names, plan, simulate
from poreline.line.cautions import outcome
from poreline.quantities import Estimate, InvalidInput, NotDetermined
from poreline.recipe import as_text, read_recipe_table, read_recipe_text, to_toml


def run_of(table, **options):
    return simulate(read_recipe_table(table, parameter_names=parameter_names()), samples=60, causes=(), **options)


def test_the_recipe_as_understood_gives_the_same_run_again(full_recipe):
    full_recipe["composition"]["first"]["parts"] = 12.345678901
    full_recipe["stretch"][1]["elongation"] = "233.3333333333 %"
    del full_recipe["mixing"]["temperature"]
    del full_recipe["film"]["thickness"]
    first = run_of(full_recipe)
    again = simulate(read_recipe_text(to_toml(as_text(first.recipe))), samples=60, causes=())
    assert again.provenance.run_digest == first.provenance.run_digest
    assert {name: result.as_dict() for name, result in again.results.items()} == {
        name: result.as_dict() for name, result in first.results.items()
    }
    from_types = simulate(first.recipe, samples=60, causes=())
    assert from_types.provenance.run_digest == first.provenance.run_digest


def test_defaults_that_depend_on_other_fields_are_shown_as_assumed(full_recipe):
    del full_recipe["mixing"]["temperature"]
    del full_recipe["film"]
    assumed = {entry.field: entry.value for entry in run_of(full_recipe).understood.assumed}
    assert assumed["mixing.temperature"] == "210 degC"
    assert assumed["film.thickness"] == "100 um"
    assert assumed["film.die_gap"] == "500 um"
    assert assumed["stretch[0].regime"] == "cold"
    assert assumed["stretch[1].regime"] == "hot"


def test_a_default_written_out_gives_the_same_digest(full_recipe):
    written = run_of(full_recipe).provenance.run_digest
    del full_recipe["mixing"]["temperature"]
    assert run_of(full_recipe).provenance.run_digest == written


def test_the_digest_knows_every_number_that_the_run_leans_on(full_recipe, tmp_path):
    plain = run_of(full_recipe).provenance.run_digest
    assert run_of(full_recipe, seed=1).provenance.run_digest != plain
    assert run_of(full_recipe, priors="model").provenance.run_digest != plain
    full_recipe["materials"] = {"use": {"PP.poisson_ratio": "0.41 1"}}
    other = run_of(full_recipe).provenance.run_digest
    assert other != plain
    del full_recipe["materials"]
    full_recipe["parameters"] = {"smoothing": 0.06}
    assert run_of(full_recipe).provenance.run_digest not in {plain, other}


def test_the_digest_knows_the_gas_of_a_duty(full_recipe, tmp_path):
    digests = set()
    for mass in (131.3, 31.3):
        records = "".join(
            f'[[gas.Xe.record]]\nproperty = "{key}"\nvalue = {value}\nunit = "{unit}"\nkind = "assumed"\nsource = "handbook"\n'
            for key, value, unit in (
                ("molar_mass", mass, "g/mol"),
                ("viscosity", 2.3e-5, "Pa s"),
                ("diffusion_volume", 32.7, "1"),
            )
        )
        (tmp_path / "own.toml").write_text(f'[gas.Xe]\nfull_name = "xenon"\n{records}', encoding="utf-8")
        full_recipe["materials"] = {"file": "own.toml"}
        full_recipe["duty"] = [{"kind": "gas", "gas": "Xe"}]
        understood = read_recipe_table(full_recipe, folder=tmp_path)
        digests.add(simulate(understood, samples=60, causes=()).provenance.run_digest)
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fibril_draw_ratio", 0.0),
        ("correlation_exponent", -1.0),
        ("lateral_closure", 5.0),
        ("breakup_coefficient", -4.0),
    ],
)
def test_a_constant_out_of_its_bounds_is_refused(name, value, full_recipe):
    full_recipe["parameters"] = {name: value}
    with pytest.raises(InvalidInput, match=name):
        run_of(full_recipe)


@pytest.mark.parametrize(
    "options",
    [{"model": "junk"}, {"priors": "junk"}, {"samples": 0}, {"seed": -1}],
    ids=lambda options: next(iter(options)),
)
def test_wrong_arguments_are_refused_with_their_name(options, full_recipe):
    understood = read_recipe_table(full_recipe)
    with pytest.raises(InvalidInput, match=next(iter(options))):
        simulate(understood, **{"samples": 60, **options})


def test_the_value_is_that_of_the_nominal_parameters_and_lies_in_its_band(full_recipe):
    run = run_of(full_recipe)
    nominal = evaluate(plan(run.recipe, run.understood.materials)).findings()
    for name in ("porosity", "pore_diameter_mean", "film_thickness"):
        result = run.results[name]
        assert isinstance(result, Estimate)
        assert result.value == float(nominal[name].values)
        assert result.low <= result.value <= result.high
        assert result.low < result.high


def test_samples_do_not_depend_on_how_many_duties_there_are(full_recipe):
    many = run_of(full_recipe).samples["porosity"]
    full_recipe["duty"] = []
    assert np.array_equal(run_of(full_recipe).samples["porosity"], many)


def test_an_unstretched_film_says_that_nothing_has_opened(full_recipe):
    full_recipe["stretch"] = []
    run = run_of(full_recipe)
    assert run.outcome.kind == "not-connected"
    assert isinstance(run.results["pore_diameter_mean"], NotDetermined)
    assert isinstance(run.results["break_stretch_ratio"], NotDetermined)
    assert run.value("porosity") == 0.0


def test_a_film_drawn_past_its_break_says_where(full_recipe):
    full_recipe["stretch"][1]["elongation"] = "900 %"
    run = run_of(full_recipe)
    assert run.outcome.kind == "ruptured"
    assert "stretch[1]" in run.outcome.text
    assert "696 %" in run.outcome.text


def test_numbers_that_are_not_finite_are_no_success(full_recipe):
    run = run_of(full_recipe)
    stretched = dataclasses.replace(run.nominal.stretched, porosity=np.nan)
    assert outcome(run.plan, dataclasses.replace(run.nominal, stretched=stretched), []).kind == "not-converged"


def test_measured_domains_carry_the_coverage_of_their_own_interface(full_recipe):
    predicted = run_of(full_recipe)
    full_recipe["measured"] = {"domain_diameter": "3 um"}
    measured = run_of(full_recipe)
    assert measured.value("domain_diameter_median") == pytest.approx(3e-6)
    assert measured.value("copolymer_coverage") > predicted.value("copolymer_coverage") + 0.2


def test_a_measured_porosity_stands_whatever_the_film_started_with(full_recipe):
    full_recipe["film"] = {"process": "spray", "residual_porosity": "10 %"}
    full_recipe["measured"] = {"porosity": "30 %"}
    assert run_of(full_recipe).value("porosity") == pytest.approx(0.3)


def test_a_measured_porosity_and_tortuosity_carry_transport_together(full_recipe):
    full_recipe["measured"] = {
        "porosity": "30 %",
        "tortuosity": 4.0,
        "pore_diameter_mean": "30 nm",
        "membrane_thickness": "20 um",
    }
    run = run_of(full_recipe)
    assert run.value("transport_porosity") == pytest.approx(0.3)
    assert run.value("film_thickness") == pytest.approx(20e-6)
    assert run.value("tortuosity") == 4.0


def test_no_sample_makes_numpy_warn(full_recipe):
    """Thousands of samples from the tails of every prior, under a filter that turns warnings into errors."""
    for table in (full_recipe, {**full_recipe, "stretch": full_recipe["stretch"][1:]}, {**full_recipe, "stretch": []}):
        porosity = simulate(read_recipe_table(table), samples=8000, causes=()).samples["porosity"]
        assert np.isfinite(porosity).all()


def test_a_measured_interaction_parameter_decides_over_the_solubility_parameters(full_recipe):
    full_recipe["composition"] = {"first": {"polymer": "LDPE", "parts": 10}, "second": {"polymer": "HDPE", "parts": 90}}
    full_recipe["stretch"][1]["temperature"] = "80 degC"
    full_recipe["anneal"]["temperature"] = "85 degC"
    del full_recipe["mixing"]
    full_recipe["measured"] = {"interaction_parameter": 1e-5}
    run = run_of(full_recipe)
    assert "miscible-pair" in {caution.code for caution in run.cautions}
    verdict = check(run).of(1)
    assert verdict.verdict == "not-met"
    assert any(judgement.value == "miscible" for judgement in verdict.evidence)
    full_recipe["measured"] = {"interaction_parameter": 0.1}
    assert run_of(full_recipe).value("immiscibility_probability") == 1.0


def test_the_pressure_for_a_flux_is_the_flux_over_the_permeance(full_recipe):
    full_recipe["duty"] = [
        {"kind": "solute", "flux": "1e-5 m/s", "viscosity": "0.89 mPa s"},
        {"kind": "liquid", "liquid": "water", "prewetted": True, "viscosity": "0.89 mPa s"},
    ]
    run = run_of(full_recipe)
    assert run.value("pressure_for_flux") == pytest.approx(1e-5 / run.value("permeance_liquid_water"))
    assert "pressure-high-for-flux" in {caution.code for caution in run.cautions}


def test_the_stiffness_of_a_film_drawn_both_ways_is_not_claimed_to_be_known(full_recipe):
    full_recipe["duty"] = [{"kind": "mechanics"}]
    assert run_of(full_recipe).value("youngs_modulus_transverse") > 0.0
    full_recipe["stretch"].append({"temperature": "87 degC", "elongation": "100 %", "direction": "transverse"})
    found = run_of(full_recipe).results["youngs_modulus_transverse"]
    assert isinstance(found, NotDetermined)
    assert "machine only" in found.reason


def test_what_certainly_lies_outside_a_window_is_inside_it_with_no_probability(full_recipe):
    full_recipe["anneal"]["temperature"] = "97.9 degC"  # 10.9 K above the hot stretch: within "about" of 10
    verdict = check(run_of(full_recipe)).of(30)
    assert verdict.verdict == "met-within-about"
    assert verdict.probability == 0.0


def test_a_run_without_a_solution_leaves_the_structure_undetermined(full_recipe):
    run = run_of(full_recipe)
    lost = dataclasses.replace(run, outcome=dataclasses.replace(run.outcome, kind="not-converged"))
    assert check(lost).of(1).verdict == "undetermined"


def test_a_cool_step_after_a_warm_one_says_what_it_counts_as(full_recipe):
    full_recipe["stretch"].append({"temperature": "20 degC", "elongation": "320 %"})
    assert "cool-step-counts-as-hot" in {caution.code for caution in run_of(full_recipe).cautions}
