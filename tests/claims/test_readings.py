"""How the claims are read: bases, readings, settings, and recipes that the claims did not think of."""

import dataclasses
import json
import re
from importlib.resources import files

import numpy as np
import pytest

from poreline.claims import check
from poreline.claims.facts import Facts
from poreline.line import evaluate_samples, simulate
from poreline.line.uncertainty import normal_deviates, sampled
from poreline.quantities import to_si
from poreline.recipe import read_recipe_table


def judgement(verdicts, claim, requirement):
    return next(found for found in verdicts.of(claim).evidence if found.requirement == requirement)


def test_percentages_count_per_100_parts_of_the_two_polymers(full, verdicts):
    found = judgement(verdicts(full), 11, "copolymer-5")
    assert found.value == pytest.approx(5.0)
    assert "4.762 % of the total" in found.text
    assert found.unit == "%"
    assert found.source == "recipe"


def test_a_verdict_that_the_total_would_change_says_so(full, change, verdicts):
    # 5 parts in 105 are 4.76 %, which is "about 5 %" and no longer 5 %; 26 parts in 126 are 20.6 %.
    within = verdicts(full).of(11)
    assert within.verdict == "met"
    assert "Counted on the total it would be met-within-about" in within.note
    copolymer = {"composition__compatibiliser__parts": 26.0}
    over = verdicts(change(full, **copolymer))
    assert over.of(9).verdict == "met-within-about"
    assert "Counted on the total it would be met" in over.of(9).note
    inside = verdicts(change(full, composition__compatibiliser__parts=10.0))
    assert "total" not in inside.of(9).note


def test_weight_percent_is_turned_into_parts_of_the_two_polymers(full, change, verdicts):
    composition = {
        "first": {"polymer": "PS", "parts": 9.5},
        "second": {"polymer": "PP", "parts": 85.5},
        "compatibiliser": {"copolymer": "SEEPS", "parts": 5.0},
        "basis": "weight-percent",
    }
    held = verdicts(change(full, composition=composition))
    assert judgement(held, 11, "first-10").value == pytest.approx(10.0)
    assert judgement(held, 11, "copolymer-5").value == pytest.approx(5.263, rel=1e-3)
    assert held.of(11).verdict == "not-met"


def test_the_literal_reading_counts_the_final_dimension_as_a_ratio(full, change, verdicts):
    literal = verdicts(change(full, claims={"final_dimension": "ratio"}))
    found = judgement(literal, 19, "final-100-400")
    assert found.value == pytest.approx(400.0)
    assert literal.of(19).verdict == "met"
    assert "read literally, as a ratio" in literal.of(19).note
    further = change(full, stretch__1__elongation="350 %")
    assert verdicts(further).of(19).verdict == "met"
    assert verdicts(change(further, claims={"final_dimension": "ratio"})).of(19).verdict == "not-met"
    # No stretch ends at 20-30 % of the original length; the claims that say "above the original" do not change.
    assert [literal.of(claim).verdict for claim in (18, 28, 36, 46)] == ["met", "not-met", "met", "not-met"]


def test_the_reading_is_printed_with_the_verdict(full, verdicts):
    held = verdicts(full)
    for claim in (19, 28, 29, 37, 46, 47):
        assert "read as an elongation" in held.of(claim).note
    assert "read as an elongation" in judgement(held, 19, "final-100-400").window


def test_a_hot_window_below_the_cold_stretch_has_no_meaning(full, change, verdicts):
    composition = {"first": {"polymer": "HDPE", "parts": 10}, "second": {"polymer": "PP", "parts": 90}}
    held = verdicts(change(full, composition=composition))
    for claim, requirement in ((19, "hot-temperature"), (20, "anneal-below-transition")):
        found = judgement(held, claim, requirement)
        assert found.verdict == "not-met"
        assert (found.value, found.margin, found.low, found.high, found.probability) == (None,) * 5
        assert "have no meaning" in found.text
        assert "have no meaning" in held.of(claim).note
    # The pair demixes, but by observation: the solubility parameters leave it open.
    immiscible = judgement(held, 1, "immiscible")
    assert immiscible.verdict == "met"
    assert "uncertain by solubility parameters" in immiscible.text
    assert "list of pairs" in immiscible.text


def test_without_a_cold_stretch_the_transition_still_has_to_lie_above_it(full, change, verdicts):
    composition = {"first": {"polymer": "LDPE", "parts": 10}, "second": {"polymer": "PP", "parts": 90}}
    held = verdicts(change(full, composition=composition, stretch__0=None))
    assert "any cold stretch" in judgement(held, 19, "hot-temperature").text


def test_a_pair_that_nothing_decides_is_undetermined(full, change, verdicts):
    composition = {"first": {"polymer": "PMP", "parts": 10}, "second": {"polymer": "HDPE", "parts": 90}}
    held = verdicts(change(full, composition=composition, mixing=None))
    found = judgement(held, 1, "immiscible")
    assert found.verdict == held.of(13).verdict == "undetermined"
    assert "not in the list" in found.text
    assert found.source == "materials"


@pytest.fixture
def own_polystyrene(tmp_path, full, change):
    """A run of claim 11's recipe with polystyrene under the user's own name, with changes to its header."""

    def run_with(kind='kind = "polystyrene"', more=""):
        text = files("poreline.materials").joinpath("data/polymers/PS.toml").read_text(encoding="utf-8")
        text = re.sub(r"^synonyms = .*$", "", text.replace("polymer.PS", "polymer.OWN"), flags=re.MULTILINE)
        text = text.replace('kind = "polystyrene"', kind) + more
        (tmp_path / "own.toml").write_text(text, encoding="utf-8")
        recipe = change(full, composition__first__polymer="OWN", materials={"file": "own.toml"})
        return simulate(read_recipe_table(recipe, folder=tmp_path), samples=200, causes=())

    return run_with


def test_an_unlisted_pair_is_judged_by_its_solubility_parameters(own_polystyrene):
    found = judgement(check(own_polystyrene()), 1, "immiscible")
    assert found.verdict == "met"
    assert "immiscible by solubility parameters" in found.text
    assert "not in the list" in found.text


def test_a_pair_that_mixes_is_not_met_and_one_that_may_has_a_probability(own_polystyrene):
    run = own_polystyrene()
    mixed = dataclasses.replace(run.nominal.blend, immiscibility_probability=0.01, segregation_degree=0.1)
    held = check(dataclasses.replace(run, nominal=dataclasses.replace(run.nominal, blend=mixed)))
    assert judgement(held, 1, "immiscible").verdict == held.of(13).verdict == "not-met"
    scattered = np.where(np.arange(200) < 50, 0.5, 5.0)
    held = check(dataclasses.replace(run, samples={**run.samples, "segregation_degree": scattered}))
    assert judgement(held, 13, "immiscible").probability == held.of(13).probability == 0.75


def test_a_polymer_counts_by_its_kind_and_not_by_its_name(own_polystyrene):
    assert check(own_polystyrene()).of(11).verdict == "met"
    assert check(own_polystyrene(kind='kind = "high-impact polystyrene"')).of(11).verdict == "not-met"


def test_a_polymer_of_no_given_kind_leaves_the_named_claims_undetermined(own_polystyrene):
    held = check(own_polystyrene(kind=""))
    assert held.of(11).verdict == "undetermined"
    assert "material file" in judgement(held, 10, "first-is-ps").text
    assert held.of(5).verdict == "met"


def test_claims_of_polyolefins_need_one(full, run):
    found = run(full)
    substances = found.plan.substances
    second = dataclasses.replace(substances.second, family="polyester")
    plan = dataclasses.replace(found.plan, substances=dataclasses.replace(substances, second=second))
    held = check(dataclasses.replace(found, plan=plan))
    assert held.of(5).verdict == "met"
    assert "neither polymer" in judgement(held, 6, "polyolefins").text
    assert held.of(6).verdict == "not-met"


@pytest.mark.parametrize(("parts", "verdict"), [(0.5, "met"), (1.05, "met"), (2.0, "not-met")])
def test_additives_are_flagged_and_bind_above_their_limit(parts, verdict, full, change, verdicts):
    held = verdicts(change(full, composition__additives=[{"name": "talc", "parts": parts}]))
    found = judgement(held, 13, "essentially")
    assert found.verdict == held.of(13).verdict == verdict
    assert "talc" in held.of(13).note
    assert found.value == pytest.approx(100 * parts / (105 + parts))


def test_the_compatibiliser_is_no_additive_but_no_part_of_a_claim_that_names_the_whole(full, verdicts):
    held = verdicts(full)
    assert judgement(held, 1, "essentially").value == 0.0
    assert judgement(held, 8, "two-polymers").verdict == "not-met"


def test_another_copolymer_is_a_compatibiliser_but_not_the_claimed_one(full, change, verdicts):
    held = verdicts(change(full, composition__compatibiliser__copolymer="SEP"))
    assert held.of(9).verdict == "met"
    assert held.of(10).verdict == "not-met"


def test_a_measured_membrane_is_judged_by_its_measurement(verdicts):
    membrane = {"porosity": "38 %", "pore_diameter_mean": "30 nm", "thickness": "25 um"}
    held = verdicts({"membrane": membrane})
    pores, porosity = judgement(held, 1, "pore-1-200"), judgement(held, 1, "porosity-5-40")
    for found in (pores, porosity):
        assert found.verdict == "met"
        assert found.source == "measurement"
        assert not found.by_proxy
        assert found.probability is not None
    assert judgement(held, 1, "pores-uniform").verdict == "undetermined"  # the recipe left the spread out
    assert judgement(held, 1, "first-1-25").verdict == "undetermined"
    assert held.of(3).verdict == "not-met"  # 30 nm decides, whatever it was made of
    assert {held.of(claim).verdict for claim in (1, 11, 13, 19, 23, 31)} == {"undetermined"}
    assert held.met == ()


def test_a_measured_spread_judges_the_uniformity_of_the_pores(verdicts):
    membrane = {
        "porosity": "50 %",
        "pore_diameter_mean": "30 nm",
        "thickness": "25 um",
        "pore_diameter_spread": 1.4,
    }
    held = verdicts({"membrane": membrane})
    assert judgement(held, 1, "pores-uniform").verdict == "met"
    assert held.of(1).verdict == held.of(11).verdict == "not-met"  # porosity
    assert held.of(13).verdict == "undetermined"


def test_a_measured_stage_result_is_no_proxy(full, change, verdicts):
    held = verdicts(change(full, measured={"porosity": "18 %", "domain_diameter_spread": 1.5}))
    porosity, domains = judgement(held, 1, "porosity-5-40"), judgement(held, 1, "domains-uniform")
    assert (porosity.source, porosity.by_proxy) == ("measurement", False)
    assert porosity.value == pytest.approx(18.0)
    assert domains.by_proxy  # the spread of the diameters stands in for how the domains are distributed
    assert held.of(1).by_proxy


def test_a_ruptured_film_is_no_membrane(full, change, verdicts):
    held = verdicts(change(full, stretch__1__elongation="900 %"))
    whole = judgement(held, 1, "membrane-whole")
    assert whole.verdict == "not-met"
    assert "the film ruptures" in whole.text
    assert held.of(1).verdict == held.of(11).verdict == held.of(31).verdict == "not-met"
    assert "The film ruptures." in held.of(1).note
    assert held.of(13).verdict == "met"
    assert "ruptures" in held.of(13).note
    assert judgement(held, 1, "porosity-5-40").value is not None


def test_an_unstretched_film_is_judged_by_its_numbers(full, change, verdicts):
    held = verdicts(change(full, stretch=None, anneal=None))
    assert judgement(held, 1, "porosity-5-40").verdict == "not-met"
    assert judgement(held, 1, "porosity-5-40").value == 0.0
    assert judgement(held, 1, "domains-uniform").verdict == "met"
    assert "no stretch" in judgement(held, 13, "stretch-100").text
    assert held.of(1).verdict == held.of(13).verdict == held.of(17).verdict == "not-met"


def test_the_structure_binds_the_method_only_by_the_setting(full, change, verdicts):
    weak = change(full, stretch__0=None)  # hardly a pore without the cold stretch
    free = verdicts(weak)
    assert free.of(13).verdict == "met"
    assert not free.of(13).by_proxy
    assert not judgement(free, 13, "cracks-network").binding
    assert judgement(free, 13, "cracks-network").verdict == "not-met"
    bound = verdicts(change(weak, claims={"structure_binds_method": True}))
    assert bound.of(13).verdict == "not-met"
    assert bound.of(13).by_proxy
    assert judgement(bound, 13, "cracks-network").binding


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("domain_spread_limit", 1.2),
        ("pore_spread_limit", 1.2),
        ("connectivity_limit", 3.0),
        ("open_share_limit", "95 %"),
        ("cracks_per_domain_limit", 50.0),
        ("matrix_share_limit", "5 %"),
    ],
)
def test_every_limit_is_a_setting(setting, value, full, change, verdicts):
    held = verdicts(change(full, claims={setting: value}))
    assert held.of(1).verdict == "not-met"
    failing = [found for found in held.of(1).evidence if found.verdict == "not-met"]
    assert any(setting in found.window for found in failing)


def test_the_other_settings(full, change, verdicts):
    talc = change(full, composition__additives=[{"name": "talc", "parts": 2.0}])
    assert verdicts(change(talc, claims={"additive_limit": "3 %"})).of(13).verdict == "met"
    drawn = change(full, film={"process": "extrusion", "thickness": "100 um", "draw_down": 5.0, "draw_time": "0.1 s"})
    strict = verdicts(change(drawn, claims={"aspect_ratio_limit": 1.1}))
    assert judgement(strict, 1, "domains-uniform").verdict == "not-met"
    off = change(full, stretch__1__temperature="84 degC")
    assert verdicts(change(off, claims={"about_temperature": "0.5 K"})).of(19).verdict == "not-met"
    rich = change(full, composition__compatibiliser__parts=5.25)
    assert verdicts(change(rich, claims={"about": "1 %"})).of(11).verdict == "not-met"


def test_structure_is_judged_by_proxy_and_composition_is_not(full, verdicts):
    held = verdicts(full)
    for requirement in ("cracks-network", "matrix-continuous", "porosity-5-40"):
        found = judgement(held, 1, requirement)
        assert found.by_proxy
        assert found.text.startswith("by proxy: ")
        assert found.text.endswith("an image decides better")
    assert not judgement(held, 1, "first-1-25").by_proxy
    assert held.of(11).by_proxy
    assert held.of(31).by_proxy
    assert not any(held.of(claim).by_proxy for claim in range(13, 31))


def test_the_crack_width_stands_beside_the_pore_diameter(full, run):
    found = run(full)
    text = judgement(check(found), 1, "pore-1-200").text
    assert f"{found.value('crack_width_mean') / to_si(1, 'nm'):.4g} nm" in text


# Probabilities


def test_probability_is_the_joint_share_of_samples_with_the_parents(full, run):
    found = run(full)
    held = check(found)
    pores = found.samples["pore_diameter_mean"]
    assert judgement(held, 3, "pore-10-20").probability == pytest.approx(np.mean((pores >= 10e-9) & (pores <= 20e-9)))
    inside = [e.inside for claim in (1, 3) for e in held.of(claim).evidence if e.inside is not None]
    assert held.of(3).probability == pytest.approx(np.mean(np.logical_and.reduce(inside)))
    assert held.of(3).probability <= held.of(1).probability
    assert held.of(13).probability is None  # nothing uncertain acts on it
    assert held.of(12).probability == 0.0  # the composition is another one, for certain
    assert held.of(19).probability < 1.0  # Tg of polystyrene is uncertain by as much as the window is wide


def test_the_samples_of_the_transition_are_those_of_the_run(full, run):
    # They are drawn again from the run's seed: the same draw must give the run's results.
    found = run(full)
    deviates = normal_deviates(
        found.provenance.samples, len(found.numbers), np.random.default_rng(found.provenance.seed)
    )
    again = evaluate_samples(sampled(found.plan, found.numbers, deviates), found.provenance.samples, ["porosity"])
    np.testing.assert_array_equal(again["porosity"], found.samples["porosity"])
    transition = Facts(found).samples_of_transition()
    assert transition is not None
    assert np.std(transition) == pytest.approx(3.0, rel=0.2)
    assert Facts(run(full, priors="model")).samples_of_transition() is None


# The published probabilities over the priors of the model: porosity, mean pore in 1-200 nm and in 10-20 nm, spread.
EXPECTED = {
    7: [(1, 1, 0.68, 0.97), (1, 1, 0.40, 0.84), (1, 0.98, 0.21, 0.66), (0.95, 0.95, 0.11, 0.49)],
    8: [(1, 1, 0.58, 0.96), (1, 0.99, 0.29, 0.82), (1, 0.97, 0.14, 0.62), (0.97, 0.92, 0.07, 0.45)],
    11: [(0.98, 1, 0.89, 1), (1, 1, 0.83, 1), (1, 1, 0.69, 1), (0.99, 1, 0.55, 1)],
    12: [(0.99, 1, 0.87, 1), (1, 1, 0.85, 1), (1, 1, 0.74, 1), (0.99, 1, 0.62, 1)],
}


@pytest.mark.parametrize("claim", EXPECTED)
def test_probabilities_over_the_priors_of_the_model(claim, recipe_of, run):
    for elongation, expected in zip(("100 %", "200 %", "300 %", "400 %"), EXPECTED[claim], strict=True):
        held = check(run(recipe_of(claim, elongation), samples=8000, priors="model"))
        found = (
            judgement(held, 1, "porosity-5-40"),
            judgement(held, 1, "pore-1-200"),
            judgement(held, 3, "pore-10-20"),
            judgement(held, 1, "pores-uniform"),
        )
        assert [each.probability for each in found] == pytest.approx(expected, abs=0.03), elongation


def test_verdicts_as_plain_tables(full, verdicts):
    tables = verdicts(full).as_dicts()
    assert [entry["claim"] for entry in tables] == list(range(1, 49))
    assert {"claim", "parent", "kind", "title", "verdict", "by_proxy", "probability", "evidence"} <= tables[0].keys()
    assert {"value", "window", "margin", "unit", "source", "by_proxy", "text"} <= tables[0]["evidence"][0].keys()
    assert json.loads(json.dumps(tables, allow_nan=False)) == tables


@pytest.mark.parametrize("parts", [0.0, 0.01])
def test_a_recipe_without_a_compatibiliser_in_it_has_none(parts, full, change, verdicts):
    held = verdicts(change(full, composition__compatibiliser__parts=parts))
    assert held.of(21).holds == (parts > 0)
    assert held.of(9).verdict == "not-met"
    assert held.of(23).holds == (parts > 0)


def test_what_was_assumed_is_said(full, change, verdicts):
    held = verdicts(change(full, mixing__order=None, film=None))
    assert "(assumed)" in judgement(held, 23, "premixed-first").text
    assert "(assumed)" in judgement(held, 16, "extrusion").text
