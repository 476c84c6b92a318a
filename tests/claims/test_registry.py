import ast
import copy
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import poreline.claims
from poreline.claims import registry
from poreline.claims.judge import JUDGES
from poreline.claims.registry import parse_registry
from poreline.recipe import ClaimSettings

# Parent of every claim, from the table of the claims.
PARENTS = {1: None, 13: None, 31: None}
PARENTS |= dict.fromkeys([2, 3, 4, 5, 7, 8, 9], 1) | {6: 5, 10: 9, 11: 10, 12: 10}
PARENTS |= dict.fromkeys([14, 15, 16, 17, 21], 13) | dict.fromkeys([18, 19, 20], 17)
PARENTS |= dict.fromkeys([22, 23, 24, 25, 26, 27], 21) | dict.fromkeys([28, 29, 30], 27)
PARENTS |= dict.fromkeys([32, 33, 34, 35, 39], 31) | dict.fromkeys([36, 37, 38], 35)
PARENTS |= dict.fromkeys([40, 41, 42, 43, 44, 45], 39) | dict.fromkeys([46, 47, 48], 45)


def written():
    return tomllib.loads(files("poreline.claims").joinpath("registry.toml").read_text(encoding="utf-8"))


def test_there_are_48_claims_with_the_parents_of_the_table():
    assert {number: claim.parent for number, claim in registry().claims.items()} == PARENTS


def test_kinds():
    kinds = [claim.kind for claim in registry().claims.values()]
    assert kinds == ["membrane"] * 12 + ["method"] * 18 + ["membrane by process"] * 18


def test_every_kind_of_judgement_has_a_judge_and_is_used():
    used = {condition.judge for number in registry().claims for condition in registry().conditions(number)}
    assert used == JUDGES.keys()


def test_the_later_claims_ask_what_the_earlier_ones_do():
    # 18 and 28, 36 and 46: same windows in other words; 19 and 29, 37 and 47 differ in the final dimension.
    claims = registry().claims
    assert claims[36].adds == claims[18].adds
    assert claims[46].adds == claims[28].adds
    assert claims[37].adds == claims[19].adds
    assert claims[47].adds == claims[29].adds
    assert claims[20].adds == claims[30].adds == claims[38].adds == claims[48].adds
    assert claims[13].shows == claims[31].adds[: len(claims[13].shows)]


def limits(identifier, settings=None):
    window = registry().requirements[identifier].conditions[0].window
    found = window.limits(settings or ClaimSettings())
    return found.low, found.high, found.unit


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("porosity-5-40", (5, 40, "%")),
        ("pore-1-200", (1, 200, "nm")),
        ("pore-1-10", (1, 10, "nm")),
        ("pore-10-20", (10, 20, "nm")),
        ("first-1-25", (1, 25, "%")),
        ("first-1-35", (1, 35, "%")),
        ("second-65-99", (65, 99, "%")),
        ("copolymer-range", (0.5, 25, "%")),
        ("cold-temperature", (15, 25, "degC")),
        ("cold-elongation", (20, 30, "%")),
        ("hot-temperature", (-15, -10, "K")),
        ("final-100-400", (100, 400, "%")),
        ("final-100-700", (100, 700, "%")),
        ("anneal-above-hot", (5, 10, "K")),
        ("matrix-continuous", (-float("inf"), 35, "%")),
        ("cracks-connected", (50, float("inf"), "%")),
        ("pores-uniform", (-float("inf"), 2, "1")),
    ],
)
def test_windows(identifier, expected):
    low, high, unit = limits(identifier)
    assert (low, high) == pytest.approx(expected[:2])
    assert unit == expected[2]


def test_a_limit_that_the_claims_do_not_give_is_the_setting():
    assert limits("pores-uniform", ClaimSettings(pore_spread_limit=1.5))[1] == 1.5
    assert limits("essentially", ClaimSettings(additive_limit=0.02))[1] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda t: t["claim"].pop(3), "numbered"),
        (lambda t: t["claim"][1].update(parent=2), "parent"),
        (lambda t: t["claim"][1].update(adds=["nothing-like-it"]), "no requirement"),
        (lambda t: t["claim"][1].update(kind="thing"), "kind"),
        (lambda t: t["claim"][12].update(shows_bind="no_such_setting"), "setting"),
        (lambda t: t["claim"][1].update(adds=[]), "No claim asks for pore-1-10"),
        (lambda t: t["requirement"]["film"]["condition"][0].update(judge="guess"), "film"),
        (lambda t: t["requirement"]["pores-uniform"]["condition"][0].update(below="2 1"), "same side"),
        (lambda t: t["requirement"]["pores-uniform"]["condition"][0].update(maximum={"setting": "x"}), "setting"),
        (lambda t: t["requirement"]["porosity-5-40"]["condition"][0].update(maximum="40 nm"), "porosity-5-40"),
        (lambda t: t["requirement"]["film"]["condition"][0].update(colour="red"), "colour"),
        (lambda t: t["requirement"]["cold-dimension"]["condition"][0].update(reading="x"), "setting"),
    ],
)
def test_a_registry_that_contradicts_itself_is_refused(break_it, message):
    tables = copy.deepcopy(written())
    break_it(tables)
    with pytest.raises(ValueError, match=message):
        parse_registry(tables)


def test_no_window_number_stands_in_python():
    # 0 and 1 count and index; the other one is rounding.
    allowed = {0, 1, 1e-9}
    for file in Path(poreline.claims.__file__).parent.glob("*.py"):
        numbers = {
            node.value
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
        }
        assert numbers <= allowed, (file.name, numbers - allowed)


def test_a_structural_requirement_tells_its_definition_on_an_image_and_its_proxy():
    for identifier in registry().claims[13].shows:
        requirement = registry().requirements[identifier]
        assert requirement.image
        assert requirement.proxy
