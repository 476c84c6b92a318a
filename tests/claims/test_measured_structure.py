"""The claims held against a structure that was measured on an image, with and without the recipe it was made by."""

import copy
import json
import math
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from poreline.app.cli.checking import check_membrane, measured_structure
from poreline.claims import MeasuredFacts, check, registry
from poreline.claims.registry import parse_registry
from poreline.line.measurement import measure
from poreline.line.store import RunStore
from poreline.quantities import Estimate, Infinite, InvalidInput, NotDetermined, Truth
from poreline.voxels import VoxelImage
from poreline.voxels.image import PHASE_DOMAIN, PHASE_MATRIX, PHASE_VOID

EXAMPLE = Path(__file__).parents[2] / "examples" / "ps10-pp90-seeps5.toml"
STRUCTURE = registry().claims[13].shows
M, A, N, U = "met", "met-within-about", "not-met", "undetermined"

# A structure inside every window of claims 1 and 3, SI.
GOOD = {
    "porosity": 0.2,
    "pore_diameter_mean": 15e-9,
    "pore_diameter_spread": 1.5,
    "local_thickness_mean": 12e-9,
    **{f"connected_{axis}": True for axis in "xyz"},
    **{f"largest_cluster_connected_{axis}": True for axis in "xyz"},
    "connected_share": 0.9,
    **{f"largest_cluster_extent_{axis}": 4e-6 for axis in "xyz"},
    **{f"largest_cluster_extent_relative_{axis}": 1.0 for axis in "xyz"},
    **{f"matrix_connected_{axis}": True for axis in "xyz"},
    "void_variation": 0.4,
    "domain_dispersion_index": 0.7,
    "domain_dispersion_limit": 1.3,
    "domain_spacing": 1e-6,
    "domain_diameter_spread": 1.6,
}
UNIT = {"pore_diameter_mean": "m", "local_thickness_mean": "m", "domain_spacing": "m"}
UNIT |= dict.fromkeys([f"largest_cluster_extent_{axis}" for axis in "xyz"], "m")


def result(name, value):
    if isinstance(value, bool):
        return Truth(value, f"the {name}", "")
    if isinstance(value, tuple):
        return Estimate(*value, UNIT.get(name, "1"), f"the {name}", "")
    if isinstance(value, float | int):
        return Estimate(value, value, value, UNIT.get(name, "1"), f"the {name}", "")
    return value


def facts(*, is_section=False, without=(), **changes):
    """A good structure with other values; a tuple is value, low and high."""
    found = {name: result(name, value) for name, value in {**GOOD, **changes}.items() if name not in without}
    return MeasuredFacts(id="film-1234", name="film", image_digest="ab", is_section=is_section, results=found)


def judgement(verdicts, claim, requirement):
    return next(found for found in verdicts.of(claim).evidence if found.requirement == requirement)


def of_structure(verdicts):
    return {name: judgement(verdicts, 1, name) for name in STRUCTURE}


# Without a recipe


def test_a_structure_inside_every_window_meets_the_structure_and_not_by_proxy():
    held = check(measured=facts())
    for found in of_structure(held).values():
        assert found.verdict == M, found.text
        assert found.source == "measurement"
        assert not found.by_proxy
        assert found.probability is None  # nothing uncertain was given
    assert judgement(held, 3, "pore-10-20").verdict == M
    assert not any(verdict.by_proxy for verdict in held)


def test_without_a_recipe_composition_and_method_are_undetermined():
    held = check(measured=facts())
    assert held.met == ()
    assert {held.of(claim).verdict for claim in (1, 3, 4, 11, 13, 19, 22, 31, 47)} == {U}
    for verdict in held:
        for found in verdict.evidence:
            if found.requirement not in {*STRUCTURE, "pore-1-10", "pore-10-20"}:
                assert found.verdict == U
                assert found.text == "no recipe: what it was made of and how is not known"


def test_a_structure_outside_a_window_decides_without_a_recipe():
    held = check(measured=facts(porosity=0.6))
    assert held.of(1).verdict == held.of(11).verdict == held.of(31).verdict == N
    assert held.of(13).verdict == U  # a method, whose steps nobody told


VIOLATED = [
    ("porosity-5-40", {"porosity": 0.6}),
    ("porosity-5-40", {"porosity": 0.02}),
    ("pore-1-200", {"pore_diameter_mean": 300e-9}),
    ("pore-1-200", {"pore_diameter_mean": 0.5e-9}),
    ("pores-uniform", {"pore_diameter_spread": 2.1}),
    ("cracks-uniform", {"void_variation": 1.1}),
    ("cracks-connected", {"connected_share": 0.4}),
    ("cracks-network", {"largest_cluster_connected_z": False}),
    ("cracks-network", {"largest_cluster_connected_y": False}),
    ("cracks-network", {"largest_cluster_extent_x": 2.9e-6, "largest_cluster_extent_relative_x": 0.4}),
    ("matrix-continuous", {"matrix_connected_x": False}),
    ("matrix-continuous", {"matrix_connected_y": False}),
    ("matrix-continuous", {"matrix_connected_z": False}),
    ("domains-uniform", {"domain_dispersion_index": 1.4}),
]


@pytest.mark.parametrize(("requirement", "changes"), VIOLATED)
def test_one_violated_window_fails_its_requirement_alone(requirement, changes):
    found = of_structure(check(measured=facts(**changes)))
    assert [name for name in STRUCTURE if found[name].verdict != M] == [requirement]
    assert found[requirement].verdict == N
    assert not found[requirement].by_proxy


BOUNDS = [
    ("porosity-5-40", "porosity", [(0.05, M), (0.048, A), (0.047, N), (0.40, M), (0.42, A), (0.421, N)]),
    ("pore-1-200", "pore_diameter_mean", [(1e-9, M), (0.95e-9, A), (200e-9, M), (210e-9, A), (211e-9, N)]),
    ("pores-uniform", "pore_diameter_spread", [(2.0, M), (2.01, N)]),
    ("cracks-uniform", "void_variation", [(1.0, M), (1.01, N)]),
    ("cracks-connected", "connected_share", [(0.5, M), (0.499, N)]),
    ("domains-uniform", "domain_dispersion_index", [(1.3, M), (1.31, N)]),
]


@pytest.mark.parametrize(("requirement", "name", "values"), BOUNDS)
def test_bounds_of_the_measured_structure(requirement, name, values):
    for value, verdict in values:
        assert judgement(check(measured=facts(**{name: value})), 1, requirement).verdict == verdict, value


def test_the_mean_pore_decides_between_claims_2_and_3():
    small, middle = (check(measured=facts(pore_diameter_mean=size)) for size in (8e-9, 15e-9))
    assert [judgement(small, claim, name).verdict for claim, name in ((2, "pore-1-10"), (3, "pore-10-20"))] == [M, N]
    assert [judgement(middle, claim, name).verdict for claim, name in ((2, "pore-1-10"), (3, "pore-10-20"))] == [N, M]
    assert "beside it: the local_thickness_mean 12 nm" in judgement(middle, 3, "pore-10-20").text


@pytest.mark.parametrize(
    ("extent", "share", "spacing", "verdict"),
    [
        (3.0e-6, 0.1, 1e-6, M),  # three spacings, in a long image
        (1.0e-6, 0.5, 1e-6, M),  # half of a short image
        (2.9e-6, 0.49, 1e-6, N),
        (2.9e-6, 0.49, 0.9e-6, M),
        (1.0e-6, 0.5, NotDetermined("There are no domains.", "m", "mean spacing"), M),
        (1.0e-6, 0.49, NotDetermined("There are no domains.", "m", "mean spacing"), U),
    ],
)
def test_three_domain_spacings_or_half_the_image_along_the_draw(extent, share, spacing, verdict):
    changed = facts(largest_cluster_extent_x=extent, largest_cluster_extent_relative_x=share, domain_spacing=spacing)
    found = judgement(check(measured=changed), 1, "cracks-network")
    assert found.verdict == verdict, found.text
    if verdict == U:
        assert "There are no domains" in found.text


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [({}, M), ({"connected_z": False}, N), ({"largest_cluster_extent_relative_y": 0.9}, N)],
)
def test_a_run_that_does_not_say_whether_the_largest_cluster_goes_through_says_it_by_its_length(changes, verdict):
    without = [f"largest_cluster_connected_{axis}" for axis in "xyz"]
    found = check(measured=facts(without=without, **changes))
    assert judgement(found, 1, "cracks-network").verdict == verdict


ASKED = {
    "porosity": "porosity-5-40",
    "pore_diameter_mean": "pore-1-200",
    "pore_diameter_spread": "pores-uniform",
    "connected_share": "cracks-connected",
    "void_variation": "cracks-uniform",
    "domain_dispersion_index": "domains-uniform",
    "domain_dispersion_limit": "domains-uniform",
    "matrix_connected_x": "matrix-continuous",
    "matrix_connected_z": "matrix-continuous",
}


@pytest.mark.parametrize(("name", "requirement"), ASKED.items())
def test_what_was_not_measured_is_undetermined(name, requirement):
    found = of_structure(check(measured=facts(without=[name])))
    assert [each for each in STRUCTURE if found[each].verdict != M] == [requirement]
    assert found[requirement].verdict == U
    assert f"{name} is not among the results" in found[requirement].text


@pytest.mark.parametrize(("name", "requirement"), ASKED.items())
def test_what_the_image_does_not_tell_is_undetermined_with_its_reason(name, requirement):
    missing = NotDetermined("The image is too small.", "1", "what was looked for")
    found = judgement(check(measured=facts(**{name: missing})), 1, requirement)
    assert found.verdict == U
    assert found.value is None
    assert "not determined on the image: The image is too small" in found.text


def test_what_was_not_measured_never_falls_back_on_the_model(full, run):
    held = check(run(full), facts(without=["porosity"]))
    assert judgement(held, 1, "porosity-5-40").verdict == held.of(1).verdict == U
    assert not held.of(1).by_proxy


def test_the_scatter_of_the_voids_needs_the_spacing_of_the_domains():
    # Without domains the sub-volumes have another edge than the definition's, and the scatter depends on the edge.
    unknown = NotDetermined("The image tells void from solid.", "m", "mean spacing")
    found = judgement(check(measured=facts(domain_spacing=unknown)), 1, "cracks-uniform")
    assert (found.verdict, found.value) == (U, 0.4)
    assert "The image tells void from solid" in found.text


def test_a_film_without_a_way_through_has_no_mean_pore_and_no_network():
    closed = {f"{name}_{axis}": False for name in ("connected", "largest_cluster_connected") for axis in "xyz"}
    held = check(measured=facts(without=["pore_diameter_mean", "pore_diameter_spread"], **closed))
    assert judgement(held, 1, "cracks-network").verdict == held.of(1).verdict == N
    assert judgement(held, 1, "pore-1-200").verdict == U


def test_an_infinite_number_lies_outside_an_upper_bound():
    endless = Infinite("There is one void.", "1", "scatter")
    found = judgement(check(measured=facts(void_variation=endless)), 1, "cracks-uniform")
    assert (found.verdict, found.value) == (N, "infinite")


def test_domains_without_a_limit_for_chance_are_undetermined():
    found = judgement(check(measured=facts(domain_dispersion_limit=0.0)), 1, "domains-uniform")
    assert found.verdict == U


def test_a_yes_is_no_number_and_a_number_no_yes():
    found = of_structure(check(measured=facts(porosity=True, matrix_connected_x=1.0)))
    assert found["porosity-5-40"].verdict == found["matrix-continuous"].verdict == U
    assert "not stored as what it should be" in found["porosity-5-40"].text


def test_nothing_to_judge_is_refused():
    with pytest.raises(InvalidInput, match="nothing to judge"):
        check()


# A section


def test_a_section_tells_the_porosity_and_says_why_not_the_rest():
    # Whatever was measured in the plane: what connects there, or does not, says little of the volume.
    flat = facts(is_section=True, largest_cluster_connected_y=False, void_variation=2.0, connected_share=0.1)
    found = of_structure(check(measured=flat))
    assert {name for name in STRUCTURE if found[name].verdict == M} == {"membrane-whole", "porosity-5-40"}
    for name in set(STRUCTURE) - {"membrane-whole", "porosity-5-40"}:
        assert found[name].verdict == U
        assert "a section does not tell it: " in found[name].text
        assert found[name].value is None
    assert "network" in found["cracks-network"].text


def test_a_section_can_refute_by_its_porosity(full, run):
    held = check(run(full), facts(is_section=True, porosity=0.6))
    assert held.of(1).verdict == N


# With a recipe


EXCLUDED = {2, 7, 8, 12, 14, 15, 22, 24, 25, 32, 33, 40, 42, 43}


def test_the_recipe_of_claim_11_with_a_good_structure_meets_its_claims_and_not_by_proxy(full, run):
    held = check(run(full), facts())
    assert {1, 9, 10, 11} <= set(held.met)
    assert set(held.met) == set(range(1, 49)) - EXCLUDED
    assert not any(verdict.by_proxy for verdict in held)
    assert all(verdict.verdict == M for verdict in held if verdict.holds)


@pytest.mark.parametrize(("requirement", "changes"), VIOLATED)
def test_a_good_recipe_does_not_help_a_structure_outside_its_window(requirement, changes, full, run):
    held = check(run(full), facts(**changes))
    assert held.of(11).verdict == held.of(31).verdict == N
    assert held.of(13).verdict == M
    assert judgement(held, 1, requirement).verdict == N


def test_what_was_measured_exists_although_the_model_has_it_break(full, change, run):
    held = check(run(change(full, stretch__1__elongation="900 %")), facts())
    whole = judgement(held, 1, "membrane-whole")
    assert (whole.verdict, whole.by_proxy) == (M, False)
    assert "the mean-field model has the film rupture" in whole.text
    assert held.of(1).verdict == M


def test_the_structure_binds_the_method_by_the_setting(full, change, run):
    bound = run(change(full, claims={"structure_binds_method": True}))
    assert check(bound, facts()).of(13).verdict == M
    assert not check(bound, facts()).of(13).by_proxy
    assert check(bound, facts(porosity=0.6)).of(13).verdict == N


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("pore_spread_limit", 1.2),
        ("open_share_limit", "95 %"),
        ("void_variation_limit", 0.3),
    ],
)
def test_every_limit_of_the_measured_structure_is_a_setting(setting, value, full, change, run):
    held = check(run(change(full, claims={setting: value})), facts())
    failing = [found for found in held.of(1).evidence if found.verdict == N]
    assert [setting in found.window for found in failing] == [True]


def test_both_lengths_of_the_network_are_settings(full, change, run):
    part = facts(largest_cluster_extent_relative_x=0.6)
    far = {"network_extent_limit": 5.0, "network_share_limit": "70 %"}
    for settings, verdict in (({}, M), (far, N), ({"network_extent_limit": 5.0}, M), ({"network_share_limit": 0.7}, M)):
        written = {key: "70 %" if value == 0.7 else value for key, value in settings.items()}
        held = check(run(change(full, claims=written)), part)
        assert judgement(held, 1, "cracks-network").verdict == verdict, written


# Probabilities


def test_a_band_is_read_as_the_middle_90_percent_of_a_normal_distribution():
    def probability(value, low, high):
        return judgement(check(measured=facts(porosity=(value, low, high))), 1, "porosity-5-40").probability

    step = 1e-3  # one sample of the 4000 more or less, and the tail at the other bound
    assert probability(0.40, 0.38, 0.42) == pytest.approx(0.50, abs=step)
    assert probability(0.38, 0.36, 0.40) == pytest.approx(0.95, abs=step)
    assert probability(0.42, 0.40, 0.44) == pytest.approx(0.05, abs=step)
    # The half of the band on the side of the bound decides.
    assert probability(0.38, 0.30, 0.40) == pytest.approx(0.95, abs=step)
    # Twice the distance that holds 45 %: the normal distribution at 2 x 1.6449 is 0.99950.
    assert probability(0.36, 0.34, 0.38) == pytest.approx(0.9995, abs=step)
    assert probability(0.20, 0.20, 0.20) is None


def test_the_band_stands_beside_the_value():
    text = judgement(check(measured=facts(porosity=(0.38, 0.36, 0.40))), 1, "porosity-5-40").text
    assert "the porosity: 38 % (90 % band 36 to 40), about 5-40 %" in text


def test_bands_of_two_quantities_are_independent_and_those_of_one_are_the_same(full, run):
    uncertain = facts(porosity=(0.40, 0.38, 0.42), pore_diameter_mean=(20e-9, 18e-9, 22e-9))
    held = check(run(full, samples=4000), uncertain)
    porosity, pore = judgement(held, 1, "porosity-5-40"), judgement(held, 3, "pore-10-20")
    assert porosity.probability == pytest.approx(0.5, abs=1e-3)
    assert pore.probability == pytest.approx(0.5, abs=1e-3)
    others = [found.inside for found in held.of(1).evidence if found.inside is not None and found is not porosity]
    certain = float(np.mean(np.logical_and.reduce(others)))
    # Three standard errors of a share of 4000 samples.
    error = 3.0 * math.sqrt(0.25 * 0.75 / 4000)
    assert held.of(3).probability == pytest.approx(0.25 * certain, abs=error)
    assert held.of(1).probability == pytest.approx(0.5 * certain, abs=error)


def test_samples_of_the_run_and_of_the_image_are_judged_together(full, run):
    held = check(run(full, samples=200), facts(porosity=(0.40, 0.38, 0.42)))
    assert judgement(held, 1, "porosity-5-40").inside.shape == (200,)
    assert 0.0 < held.of(19).probability < 1.0  # Tg of the first polymer
    assert held.of(37).probability <= held.of(31).probability <= 0.5


def test_what_certainly_lies_outside_leaves_no_probability(full, run):
    held = check(run(full), facts(porosity=(0.40, 0.38, 0.42), connected_share=0.1))
    assert held.of(1).probability == 0.0


def test_an_uncertain_length_counts_in_the_network():
    # Short of half the image for certain; three spacings at the middle of a band.
    even = facts(largest_cluster_extent_x=(3e-6, 2e-6, 4e-6), largest_cluster_extent_relative_x=0.1)
    assert judgement(check(measured=even), 1, "cracks-network").probability == pytest.approx(0.5, abs=1e-3)
    long = facts(largest_cluster_extent_x=(3e-6, 2e-6, 4e-6))
    assert judgement(check(measured=long), 1, "cracks-network").probability is None


def test_verdicts_on_an_image_as_plain_tables():
    tables = check(measured=facts(porosity=(0.38, 0.36, 0.40))).as_dicts()
    assert json.loads(json.dumps(tables, allow_nan=False)) == tables


# The image itself


def test_a_measured_image_is_judged_from_memory_as_from_its_summary():
    # Slits through a block of matrix: they cross from face to face along x and z, and are apart along y.
    void = np.zeros((12, 12, 12), bool)
    void[:, 1::4, :] = True
    made = measure(VoxelImage(void=void, spacing=(10e-9,) * 3), only=["porosity", "connection"], device="cpu")
    summary = {"image": {"name": "slits", "shape": [12, 12, 12]}, "provenance": made.provenance.as_dict()}
    summary["results"] = {name: found.as_dict() for name, found in made.structure.results.items()}
    for found in (MeasuredFacts.of(made), MeasuredFacts.of_summary(summary, "slits-1234")):
        held = of_structure(check(measured=found))
        assert held["porosity-5-40"].verdict == M
        assert held["porosity-5-40"].value == pytest.approx(25.0)
        assert held["cracks-network"].verdict == N  # nothing leads through the width
        assert held["cracks-connected"].verdict == M  # all of it reaches both faces along x
        assert held["matrix-continuous"].verdict == U  # the image does not tell the polymers apart
        assert held["pores-uniform"].verdict == U


def lattice(*, through=(0, 1, 2)):
    """A film of 4 nm voxels: 4 x 4 x 4 domains, and channels of 3 x 3 voxels between them along the axes `through`."""
    place = np.arange(64) % 16
    middle = np.abs(place - 10)
    x, y, z = np.meshgrid(middle, middle, middle, indexing="ij", sparse=True)
    phase = np.where(x**2 + y**2 + z**2 <= 16, PHASE_DOMAIN, PHASE_MATRIX).astype(np.uint8)
    near = np.abs(place - 2) <= 1
    void = np.zeros(phase.shape, bool)
    for axis in through:
        across = [near if other != axis else np.ones(64, bool) for other in range(3)]
        void |= np.logical_and.reduce(np.meshgrid(*across, indexing="ij"))
    phase[void] = PHASE_VOID
    return VoxelImage(void=void, spacing=(4e-9, 4e-9, 4e-9), phase=phase)


MEASURES = ("porosity", "connection", "local-thickness", "uniformity", "viscous")


@pytest.mark.slow
def test_a_film_whose_image_shows_everything_meets_claims_3_and_11(full, run):
    held = check(run(full), MeasuredFacts.of(measure(lattice(), only=MEASURES, device="cpu")))
    assert {found.verdict for found in of_structure(held).values()} == {M}
    # Three families of channels, 9 of 256 voxels each, less two of three where they cross.
    crossing = (3 / 16) ** 3
    assert judgement(held, 1, "porosity-5-40").value == pytest.approx(100 * (3 * (9 / 256) - 2 * crossing))
    assert {1, 3, 9, 10, 11} <= set(held.met)
    assert not held.of(11).by_proxy


@pytest.mark.slow
def test_a_film_whose_channels_run_along_the_draw_alone_is_no_network(full, run):
    held = check(run(full), MeasuredFacts.of(measure(lattice(through=(0,)), only=MEASURES, device="cpu")))
    assert judgement(held, 1, "cracks-network").verdict == held.of(11).verdict == N


# The command


def written(values, shape=(40, 40, 40)):
    """The summary of a measurement."""
    keys = ("created", "version", "image_digest", "settings_digest", "run_digest", "device")
    return {
        "kind": "measurement",
        "image": {"name": "tomogram", "shape": list(shape)},
        "settings": {},
        "outcome": "ok",
        "outcome_text": "Measured.",
        "results": {name: result(name, value).as_dict() for name, value in values.items()},
        "provenance": {**dict.fromkeys(keys, "x"), "image_digest": "c0ffee"},
    }


@pytest.fixture
def stored(tmp_path):
    """Writes a run's summary into the folder of runs."""

    def store(name, summary):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")

    return store


def printed(capsys, tmp_path, **options):
    asked = {"recipe": None, "measured": None, "require": "", "seed": 0, "samples": 200, "priors": "all"}
    asked |= {"out": tmp_path / "runs", "evidence": False, "as_json": True, **options}
    check_membrane(asked.pop("recipe"), **asked)
    return capsys.readouterr().out


def test_check_judges_a_stored_measurement(stored, capsys, tmp_path):
    stored("tomogram-1a2b3c4d", written(GOOD))
    found = json.loads(printed(capsys, tmp_path, measured="tomogram-1a"))
    assert found["measured"] == {"id": "tomogram-1a2b3c4d", "image_digest": "c0ffee"}
    assert found["recipe"] is None
    claims = {claim["claim"]: claim for claim in found["claims"]}
    assert sorted(claims) == list(range(1, 49))
    evidence = {entry["requirement"]: entry for entry in claims[1]["evidence"]}
    assert {evidence[name]["verdict"] for name in STRUCTURE} == {M}
    assert claims[1]["verdict"] == U


def test_check_judges_a_recipe_and_a_measurement_together(stored, poreline, tmp_path):
    stored("tomogram-1a2b3c4d", written({**GOOD, "porosity": (0.2, 0.18, 0.22)}))
    arguments = ("check", EXAMPLE, "--measured", "tomogram-1a2b3c4d", "--samples", 200, "--require", "1,9,10,11")
    found = poreline(*arguments, "--json")
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert answer["recipe"]
    assert answer["measured"]["id"] == "tomogram-1a2b3c4d"
    claims = {claim["claim"]: claim for claim in answer["claims"]}
    for claim in (1, 9, 10, 11):
        assert claims[claim]["verdict"] in {M, A}
        assert claims[claim]["by_proxy"] is False
    seen = poreline(*arguments, "--out", "runs")
    assert seen.returncode == 0
    assert "Structure: an image, tomogram, measured in run tomogram-1a2b3c4d" in seen.stdout
    assert "proxy" not in seen.stdout


def test_a_measured_section_says_so(stored, capsys, tmp_path):
    stored("picture-1a2b3c4d", written({"porosity": 0.3}, shape=(200, 150, 1)))
    found = printed(capsys, tmp_path, measured="picture-1a2b", as_json=False)
    assert "Structure: a section, tomogram" in found
    assert "not known without a recipe" in found


def test_check_without_recipe_and_measurement_is_refused(poreline):
    found = poreline("check", "--json")
    assert found.returncode == 2
    (fault,) = json.loads(found.stdout)["error"]
    assert fault["reason"] == "There is nothing to judge."
    assert "--measured RUN" in fault["remedy"]


@pytest.mark.parametrize(
    ("run_id", "message"),
    [
        ("", "an empty text"),
        ("tom", "too short"),
        ("elsewhere", "no such run"),
        ("tomogram", "2 runs begin so"),
        ("../runs/tomogram-1a2b3c4d", "no such run"),
    ],
)
def test_an_id_that_names_no_run_is_refused(run_id, message, stored, tmp_path):
    stored("tomogram-1a2b3c4d", written(GOOD))
    stored("tomogram-2a2b3c4d", written(GOOD))
    with pytest.raises(InvalidInput, match=message) as caught:
        measured_structure(run_id, RunStore(tmp_path / "runs"))
    (fault,) = caught.value.faults
    assert fault.field == "--measured"
    assert fault.remedy


def test_the_run_of_a_recipe_is_no_measurement(stored, tmp_path):
    provenance = dict.fromkeys(("created", "model", "version", "recipe_digest", "run_digest", "priors"), "x")
    summary = {"recipe": {"name": "blend"}, "outcome": "ok", "outcome_text": "", "results": {}, "claims": []}
    stored("blend-1a2b3c4d", {**summary, "provenance": {**provenance, "seed": 0, "samples": 100}})
    store = RunStore(tmp_path / "runs")
    with pytest.raises(InvalidInput, match="run of a recipe") as alone:
        measured_structure("blend-1a", store)
    assert "poreline measure FILE" in alone.value.faults[0].remedy
    stored("tomogram-1a2b3c4d", written(GOOD))
    with pytest.raises(InvalidInput, match=re.escape("Measured: tomogram-1a2b3c4d.")):
        measured_structure("blend-1a", store)


def test_all_faults_come_at_once(capsys, tmp_path):
    with pytest.raises(InvalidInput) as caught:
        printed(capsys, tmp_path, recipe=tmp_path / "none.toml", measured="nothing-like-it", require="49")
    assert len(caught.value.faults) == 3


def test_numbers_that_anyone_may_have_written_are_not_trusted():
    entry = {"unit": "1", "meaning": "porosity \x1b[31m"}
    results = {
        "huge": {**entry, "value": 10**400, "low": 0, "high": 1},
        "endless": {**entry, "value": math.inf, "low": 0.0, "high": 1.0},
        "crossed": {**entry, "value": 0.2, "low": 0.3, "high": 0.1},
        "silent": {**entry, "value": None},
    }
    summary = {**written({}), "results": results}
    found = MeasuredFacts.of_summary(summary, "x").results
    assert isinstance(found["huge"], NotDetermined)
    assert isinstance(found["endless"], NotDetermined)
    assert (found["crossed"].low, found["crossed"].high) == (0.2, 0.2)
    assert found["silent"].reason
    assert all(each.meaning.isprintable() for each in found.values())


# The registry


def on_image(tables, name):
    return tables["requirement"][name]["on_image"]


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda t: on_image(t, "porosity-5-40")[0].update(judge="guess"), "judging an image"),
        (lambda t: on_image(t, "matrix-continuous")[0].update(minimum="1 1", unit="1"), "has a window"),
        (lambda t: on_image(t, "cracks-connected")[0].pop("minimum"), "has a window"),
        (lambda t: on_image(t, "cracks-connected")[0].update(minimum={"setting": "x"}), "setting"),
        (lambda t: t["requirement"]["porosity-5-40"].pop("on_image"), "judged on an image"),
        (lambda t: t["requirement"]["film"].update(on_image=on_image(t, "membrane-whole")), "judged on an image"),
        (lambda t: t["band"].update(low="96 %"), "two shares"),
    ],
)
def test_conditions_on_an_image_that_contradict_themselves_are_refused(break_it, message):
    text = files("poreline.claims").joinpath("registry.toml").read_text(encoding="utf-8")
    tables = copy.deepcopy(tomllib.loads(text))
    break_it(tables)
    with pytest.raises(ValueError, match=message):
        parse_registry(tables)
