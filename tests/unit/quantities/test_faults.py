"""Faults of an input: safe to print, complete, and helpful about spelling."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poreline.quantities import Fault, InvalidInput, nearest, printable

SEARCH = settings(max_examples=200, deadline=None, derandomize=True)
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@SEARCH
@given(st.text(max_size=200))
def test_whatever_is_printed_is_short_and_moves_no_cursor(text: str) -> None:
    shown = printable(text)
    assert len(shown) <= 60
    assert not any(unicodedata.category(character) in INVISIBLE for character in shown)


@pytest.mark.parametrize("text", ["polypropylene", "Ångström µm", "", "ß°C"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_escape_sequences_and_reversed_text_are_made_visible() -> None:
    assert printable("\x1b[31mred") == "�[31mred"
    assert printable("PP\u202egnp") == "PP�gnp"


def test_a_long_text_is_cut_with_a_mark() -> None:
    assert printable("x" * 61) == "x" * 59 + "…"
    assert printable("x" * 60) == "x" * 60
    assert printable("x" * 10, 5) == "xxxx…"


def test_other_objects_are_shown_as_text() -> None:
    assert printable(12.5) == "12.5"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("stretsh", "stretch"), ("POLYPROPILENE", "polypropylene"), ("anneal", "anneal"), ("zzz", None)],
)
def test_the_nearest_name(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["stretch", "anneal", "polypropylene"]) == meant


def test_the_nearest_name_to_a_huge_one_is_found_quickly() -> None:
    assert nearest("x" * 1_000_000, ["stretch"]) is None


def test_a_fault_says_where_what_and_what_instead() -> None:
    fault = Fault("stretch[1].temperature", "172 degC", "below 165 degC", "The film would melt.", "Draw colder.")
    text = str(InvalidInput([fault, fault], "recipe.toml"))
    assert text.startswith("recipe.toml: 2 faults")
    for part in ("stretch[1].temperature", "172 degC", "below 165 degC", "The film would melt.", "Draw colder."):
        assert part in text
    assert str(InvalidInput([fault])).startswith("input: 1 fault\n")
    assert fault.as_dict()["remedy"] == "Draw colder."


def test_a_fault_without_value_and_limit_is_one_line() -> None:
    assert str(Fault("membrane", "", "", "It is missing.", "")) == "membrane: It is missing."


def test_the_subject_of_the_faults_is_printable() -> None:
    assert "\x1b" not in str(InvalidInput([], "\x1b[2Jrecipe"))
