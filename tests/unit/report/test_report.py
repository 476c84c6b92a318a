"""The report of a run: complete, self-contained, reproducible, and safe whatever a recipe's name holds."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from poreline import read_recipe, simulate
from poreline.claims import check
from poreline.line import parameter_names
from poreline.quantities import Estimate, NotDetermined, from_si
from poreline.recipe import read_recipe_text
from poreline.report.bibliography import laws_of, records_of, sources_of
from poreline.report.diagram import boxes
from poreline.report.figures import decade_text, pictures, svg_text, write_pictures
from poreline.report.headline import headline, number_text, shown
from poreline.report.html import render_report
from poreline.report.run_sheet import run_sheet
from poreline.report.text import pretty_number, pretty_symbol, pretty_text, pretty_unit

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> $\\\\frac{1}{2}$ 'q' &amp; {{ 7*7 }}"

BLEND = """
[composition]
first = { polymer = "PS", parts = 10 }
second = { polymer = "PP", parts = 90 }
"""
GAS = """
[[duty]]
kind = "gas"
gas = "N2"
"""
RECIPES = {
    "whole": BLEND
    + GAS
    + """
[[stretch]]
temperature = "20 degC"
elongation = "25 %"
[[stretch]]
temperature = "87 degC"
elongation = "200 %"
[anneal]
temperature = "94 degC"
[[duty]]
kind = "liquid"
liquid = "methanol"
""",
    "ruptured": BLEND
    + GAS
    + """
[[stretch]]
temperature = "20 degC"
elongation = "25 %"
[[stretch]]
temperature = "87 degC"
elongation = "1500 %"
""",
    "unstretched": BLEND + GAS,
    "biaxial": BLEND
    + GAS
    + """
[[stretch]]
temperature = "20 degC"
elongation = "25 %"
[[stretch]]
temperature = "87 degC"
elongation = "100 %"
[[stretch]]
temperature = "87 degC"
elongation = "80 %"
direction = "transverse"
""",
    "measured": GAS
    + """
[membrane]
porosity = "41 %"
pore_diameter_mean = "43 nm"
thickness = "25 um"
""",
}


def run_of(text, name="a film", **options):
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    understood = read_recipe_text(f'name = "{quoted}"\n{text}', parameter_names=parameter_names())
    return simulate(understood, **({"samples": 200, "causes": ("porosity",)} | options))


@pytest.fixture(scope="module")
def runs():
    return {kind: run_of(text) for kind, text in RECIPES.items()}


@pytest.fixture(scope="module")
def pages(runs):
    return {kind: page_of(run) for kind, run in runs.items()}


def page_of(run):
    sheet = run_sheet(run, 10.0) if run.recipe.composition is not None else None
    return render_report(run, check(run), sheet)


class Reading(HTMLParser):
    """The tags, identifiers, addresses and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.identifiers, self.addresses, self.handlers, self.words = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.identifiers.append(value)
            if name in {"src", "href", "xlink:href", "action", "data", "poster", "srcset"}:
                self.addresses.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"[ \n]+", " ", " ".join(self.words))


# Numbers


def test_numbers_keep_three_significant_digits():
    for value in (1.0, 0.1534, 15.342, 153.42, 1534.2, 15342.0, 987654.0, 1.234e-7, 9.996, 99.96, 0.0009996, 4.56e12):
        assert float(number_text(value)) == pytest.approx(value, rel=6e-3)
        assert float(number_text(-value)) == pytest.approx(-value, rel=6e-3)


def test_numbers_people_read_have_no_power_of_ten():
    assert [number_text(v) for v in (0.0, 14988.0, 0.5, 999.6, 0.0012)] == ["0", "15000", "0.5", "1000", "0.0012"]


def test_a_tiny_share_is_said_to_be_below_what_matters():
    assert number_text(2e-6, "%") == "<0.001"


def test_typesetting():
    assert pretty_number("1.25e-6") == "1.25 × 10⁻⁶"
    assert pretty_number("8e+25") == "8 × 10²⁵"
    assert pretty_number("15000") == "15\u202f000"
    assert pretty_number("-3.5") == "−3.5"
    assert [pretty_unit(u) for u in ("um", "1/um3", "L/(m2 h bar)", "degC", "1", "%")] == ["µm", "1/µm³", "L/(m² h bar)", "°C", "", "%"]  # fmt: skip
    assert pretty_symbol("eps_c") == "ε<sub>c</sub>"
    assert pretty_symbol("<b>") == "&lt;b&gt;"
    assert pretty_text("hot 87 degC of 100 um") == "hot 87\u00a0°C of 100\u00a0µm"
    assert [decade_text(v) for v in (0.01, 1.0, 200.0, 1e5, 5e-6)] == ["0.01", "1", "200", "10⁵", "5·10⁻⁶"]


# Headline


def test_the_headline_covers_the_membrane_every_duty_and_the_break(runs):
    names = [row.name for row in headline(runs["whole"])]
    assert names[:3] == ["domain_diameter_median", "porosity", "pore_diameter_mean"]
    assert {"crack_width_mean", "pore_diameter_spread", "connectivity", "tortuosity", "film_thickness"} <= set(names)
    assert {"permeance_gas_N2", "permeance_liquid_methanol"} <= set(names)
    assert names[-1] == "break_probability"


def test_the_headline_says_the_value_in_its_display_unit(runs):
    run = runs["whole"]
    row = next(row for row in headline(run) if row.name == "pore_diameter_mean")
    assert row.unit == "nm"
    assert float(row.value_text) == pytest.approx(1e9 * run.value("pore_diameter_mean"), rel=6e-3)
    low, high = (float(text) for text in row.band_text.split("-"))
    assert low <= float(row.value_text) <= high


def test_the_page_shows_every_headline_value(runs, pages):
    for kind, run in runs.items():
        text = Reading(pages[kind]).text
        for row in headline(run):
            assert row.label in text
            assert (pretty_number(row.value_text) if row.value_text else row.band_text) in text


def test_what_is_not_determined_shows_its_reason(runs):
    results = runs["unstretched"].results
    undetermined = [name for name, result in results.items() if isinstance(result, NotDetermined)]
    assert undetermined
    page = Reading(page_of(runs["unstretched"])).text
    for name in undetermined:
        assert results[name].reason in page
    assert shown(NotDetermined("no pores", "m", "size"), runs["whole"].meanings["film_thickness"]).reason == "no pores"


def test_a_certain_number_has_no_band_and_an_uncertain_one_has(runs):
    about = runs["whole"].meanings["porosity"]
    assert shown(Estimate(0.1, 0.1, 0.1, "1", "", ""), about).band == ""
    assert shown(Estimate(0.1, 0.05, 0.2, "1", "", ""), about).band == "5-20"
    assert shown(Estimate(1e-9, 0.0, 2e-9, "1", "", ""), about).band == "0-<0.001"


# The page


@pytest.mark.parametrize("kind", RECIPES)
def test_the_page_needs_nothing_from_outside(pages, kind):
    page = Reading(pages[kind])
    assert all(address.startswith("#") for address in page.addresses)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not page.handlers
    assert "@import" not in pages[kind]
    assert not re.search(r"url\((?!#)", pages[kind])
    assert "http" not in pages[kind]


@pytest.mark.parametrize("kind", RECIPES)
def test_identifiers_are_unique_and_links_lead_somewhere(pages, kind):
    page = Reading(pages[kind])
    assert len(page.identifiers) == len(set(page.identifiers))
    assert {address[1:] for address in page.addresses} <= set(page.identifiers)
    assert set(re.findall(r"url\(#([^)]+)\)", pages[kind])) <= set(page.identifiers)


@pytest.mark.parametrize("kind", RECIPES)
def test_the_page_is_small_and_has_every_section(pages, kind):
    assert len(pages[kind].encode()) < 1_500_000
    wanted = [
        "summary",
        "line",
        "pores",
        "claims",
        "causes",
        "cautions",
        "assumptions",
        "results",
        "trust",
        "sources",
        "provenance",
    ]
    assert set(wanted) <= set(Reading(pages[kind]).identifiers)
    assert {f"claim-{number}" for number in range(1, 49)} <= set(Reading(pages[kind]).identifiers)


def test_a_drawn_film_has_curves_and_a_run_sheet_others_do_not(pages):
    sections = {kind: set(Reading(page).identifiers) for kind, page in pages.items()}
    assert {"draw", "sheet"} <= sections["whole"]
    assert "draw" not in sections["unstretched"]
    assert not {"draw", "sheet"} & sections["measured"]


def test_the_outcome_is_said_in_words(pages):
    assert "Connected membrane" in pages["whole"]
    assert "RUPTURED" in pages["ruptured"]
    assert "NOT CONNECTED" in pages["unstretched"]
    assert "Measured membrane" in pages["measured"]


def test_the_same_run_gives_the_same_page(runs, pages):
    for kind, run in runs.items():
        assert page_of(run) == pages[kind]


def test_only_time_distinguishes_two_runs_of_one_recipe(runs, pages):
    again = run_of(RECIPES["whole"])
    same_time = replace(
        again,
        provenance=replace(
            again.provenance,
            created=runs["whole"].provenance.created,
            wall_time=runs["whole"].provenance.wall_time,
        ),
    )
    assert page_of(same_time) == pages["whole"]


def test_a_hostile_name_stays_text():
    run = run_of(RECIPES["whole"], HOSTILE, samples=50)
    page = page_of(run)
    reading = Reading(page)
    assert not {"script", "img"} & set(reading.tags)
    assert not reading.handlers
    assert unescape(run.recipe.name) != ""
    assert run.recipe.name in " ".join(reading.words)  # shown as it was written, not as it would be evaluated


def test_every_result_assumption_caution_and_cause_is_on_the_page(runs, pages):
    run, text = runs["whole"], Reading(pages["whole"]).text
    assert all(name in text for name in run.results)
    assert all(item.field in text for item in run.understood.assumed)
    assert all(caution.code in text for caution in run.cautions)
    leading = run.causes["porosity"].causes[0].number
    assert leading.name in text


def test_causes_never_show_less_in_all_than_alone(pages):
    pairs = re.findall(r"<span>(\d+) / (\d+) %</span>", pages["whole"])
    assert pairs
    assert all(int(alone) <= int(together) <= 100 for alone, together in pairs)


def test_the_verdicts_are_told_apart_without_colour(pages):
    page = pages["whole"]
    for verdict, symbol in (("met", "✓"), ("not-met", "✕")):
        assert f'<span class="key {verdict}">{symbol}</span>' in page


# The line


def test_the_line_diagram_follows_the_recipe(runs):
    assert [box.kind for box in boxes(runs["whole"])] == ["blend", "film", "cold", "hot", "anneal", "membrane"]
    assert [box.kind for box in boxes(runs["unstretched"])] == ["blend", "film", "membrane"]
    assert [box.kind for box in boxes(runs["measured"])] == ["membrane"]


# Figures


@pytest.mark.parametrize("kind", ["whole", "ruptured", "biaxial", "measured"])
def test_every_axis_has_name_and_unit(runs, kind):
    made = pictures(runs[kind])
    assert made
    for picture in made:
        (axes,) = picture.figure.axes
        for label in (axes.get_xlabel(), axes.get_ylabel()):
            assert re.fullmatch(r".+ \(.+\)", label)
        assert axes.get_legend() is not None


def test_series_differ_in_more_than_colour(runs):
    for picture in pictures(runs["whole"]):
        (axes,) = picture.figure.axes
        handles = [line for line in axes.get_lines() if line.get_marker() not in {"None", ""}]
        looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in handles}
        assert len({look[0] for look in looks}) == len({look[1:] for look in looks}) == len(looks)


def test_curves_end_at_the_results_of_the_run(runs):
    run = runs["whole"]
    picture = next(p for p in pictures(run) if p.name == "porosity")
    whole = [line for line in picture.figure.axes[0].get_lines() if line.get_marker() == "o"][-1]
    assert whole.get_ydata()[-1] == pytest.approx(100 * run.value("porosity"), rel=1e-9)
    assert whole.get_xdata()[-1] == pytest.approx(200.0)


def test_elongations_across_the_draw_are_added_up(runs):
    picture = pictures(runs["biaxial"])[0]
    (axes,) = picture.figure.axes
    assert "added up" in axes.get_xlabel()
    assert max(line.get_xdata()[-1] for line in axes.get_lines() if line.get_marker() == "o") == pytest.approx(180.0)


def test_half_of_the_flow_passes_pores_below_the_mean(runs):
    run = runs["whole"]
    density, total = (p.figure.axes[0] for p in pictures(run) if p.name.startswith("pore-sizes"))
    curve = next(line for line in total.get_lines() if len(line.get_xdata()) > 10)
    middle = np.interp(50.0, curve.get_ydata(), curve.get_xdata())
    assert middle == pytest.approx(from_si(run.value("pore_diameter_mean"), "nm"), rel=0.01)
    shape = next(line for line in density.get_lines() if len(line.get_xdata()) > 10)
    decades = np.log10(shape.get_xdata())
    # Percent per tenth of a decade: over all decades it is the whole flow.
    area = np.sum(0.5 * (shape.get_ydata()[1:] + shape.get_ydata()[:-1]) * np.diff(decades)) / 0.1
    assert area == pytest.approx(100.0, rel=0.01)


def test_pictures_carry_no_date_and_no_address(runs):
    for picture in pictures(runs["whole"]):
        text = svg_text(picture)
        assert text.startswith("<svg viewBox=")
        assert "http" not in text
        assert "metadata" not in text


def test_pictures_are_written_as_svg_documents_and_equal_runs_give_equal_bytes(runs, tmp_path):
    written = write_pictures(pictures(runs["whole"]), tmp_path)
    assert {"porosity.svg", "pore-size.svg"} & {path.name for path in written}
    assert all(ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg" for path in written)
    first = [path.read_bytes() for path in written]
    assert [path.read_bytes() for path in write_pictures(pictures(runs["whole"]), tmp_path)] == first
    assert write_pictures(pictures(runs["unstretched"]), tmp_path) == []


def test_a_gas_with_an_odd_name_is_drawn_too(tmp_path):
    name = "odd gas with quite a long name-2"
    file = tmp_path / "own.toml"
    records = "".join(
        f'[[gas."{name}".record]]\nproperty = "{key}"\nvalue = {value}\nunit = "{unit}"\nkind = "assumed"\nsource = "handbook"\n'
        for key, value, unit in (
            ("molar_mass", 28.0, "g/mol"),
            ("viscosity", 1.8e-5, "Pa s"),
            ("diffusion_volume", 18.0, "1"),
        )
    )
    file.write_text(f'[gas."{name}"]\nfull_name = "odd"\n{records}', encoding="utf-8")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        f'materials = {{ file = "own.toml" }}\n{RECIPES["whole"]}[[duty]]\nkind = "gas"\ngas = "{name}"\n',
        encoding="utf-8",
    )
    run = simulate(read_recipe(recipe, parameter_names()), samples=50, causes=())
    page = page_of(run)
    assert name in " ".join(Reading(page).words)
    assert "odd gas with quite a" in svg_text(next(p for p in pictures(run) if p.name.startswith("permeance-gas")))


# Sources


def test_every_number_in_use_has_its_source_in_the_bibliography(runs):
    for kind in ("whole", "measured"):
        records = records_of(runs[kind])
        assert records
        keys = {reference.key for reference in sources_of(runs[kind], records)}
        assert {record.source for record in records} == keys


def test_numbers_that_play_no_part_are_not_listed(runs):
    identifiers = {record.identifier for record in records_of(runs["whole"])}
    assert "PP.youngs_modulus" in identifiers
    assert "N2.viscosity" in identifiers
    assert not any("permeability.CO2" in identifier for identifier in identifiers)
    assert not any(identifier.startswith(("PET", "SEEPS", "water")) for identifier in identifiers)
    assert {record.subject for record in records_of(runs["measured"])} == {"N2"}


def test_laws_name_the_results_they_give(runs):
    laws = laws_of(runs["whole"])
    assert {name for law in laws for name in law.results} <= set(runs["whole"].results)
    assert any("Wu 1987" in law.text for law in laws)
