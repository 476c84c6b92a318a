from __future__ import annotations

import contextlib
import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.toml_text import DEEPEST, LARGEST_FILE, LONGEST_LINE, MOST_DOTS, parse_toml, read_toml


def faults_of(text: str) -> list[Fault]:
    with pytest.raises(InvalidInput) as caught:
        parse_toml(text, "own.toml", "recipe")
    assert caught.value.subject == "own.toml"
    return list(caught.value.faults)


def test_a_text_is_its_tables():
    text = '[a]\nb = [1, 2.5, "x"]\n[[c.d]]\ne = true\n'
    assert parse_toml(text, "own.toml", "recipe") == {"a": {"b": [1, 2.5, "x"]}, "c": {"d": [{"e": True}]}}


def test_a_file_is_its_text_and_its_tables(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("name = 'Füllstoff'\n", encoding="utf-8")
    assert read_toml(path, "recipe") == ("name = 'Füllstoff'\n", {"name": "Füllstoff"})
    assert read_toml(str(path), "recipe") == read_toml(path, "recipe")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b"\xef\xbb\xbfname = 'x'")
    assert read_toml(path, "recipe") == ("name = 'x'", {"name": "x"})


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("name = 'unclosed", "file", "not TOML"),
        ("a = 1\na = 2", "file", "not TOML"),
        ("day = 2020-13-01", "file", "not TOML"),
        ("a = 1\n# " + "x" * LONGEST_LINE, "line 2", "too long"),
        (".".join("a" * (MOST_DOTS + 2)) + " = 1", "line 1", "too nested for a recipe"),
        # A separator that ends no line of TOML does not hide the dots after it.
        ('"\u2028".' + ".".join("a" * MOST_DOTS) + '."\u2028".a = 1', "line 1", "too nested"),
        ("a = " + "[\n" * (DEEPEST + 1) + "]\n" * (DEEPEST + 1), "file", "nested too deeply"),
        ("a = " + "[\n" * 100_000, "file", "nested too deeply"),
        ("[" + ".".join("a" * (DEEPEST + 1)) + "]", "file", "nested too deeply"),
    ],
    ids=lambda part: part[:20],
)
def test_what_is_no_plain_toml_is_told_where_and_why(text, field, words):
    (fault,) = faults_of(text)
    assert fault.field == field
    assert words in fault.reason
    assert fault.remedy


def test_the_remedy_is_the_reader_s_own():
    with pytest.raises(InvalidInput, match="See the commented recipe"):
        parse_toml("[", "own.toml", "recipe", "See the commented recipe.")


def test_nesting_up_to_the_limit_is_read():
    text = "a = " + "[" * DEEPEST + "1" + "]" * DEEPEST
    assert list(parse_toml(text, "own.toml", "recipe")) == ["a"]


@pytest.mark.parametrize(
    "number",
    ["0x" + "F" * 3900, "9" * 3900, "-" + "9" * 3900, str(10**18 + 1), "0b1" + "0" * 64, "1_000_000_" * 3 + "0"],
)
def test_an_endless_integer_is_told_by_its_field(number):
    (fault,) = faults_of(f"x = {number}")
    assert fault.field == "x"
    assert "more than 18 digits" in fault.reason
    fields = [fault.field for fault in faults_of(f"[[a]]\n[[a]]\nb.c = [0, {number}]\nd = {number}")]
    assert sorted(fields) == ["a[1].b.c[1]", "a[1].d"]


def test_an_integer_that_python_does_not_convert_is_told_by_its_line():
    usual = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        (fault,) = faults_of(f"a = 12345\nx = {'9' * 700}\nb = 123456")
    finally:
        sys.set_int_max_str_digits(usual)
    assert fault.field == "line 2"
    assert "more than 18 digits" in fault.reason


def test_5000_digits_are_a_line_too_long():
    (fault,) = faults_of("x = " + "9" * 5000)
    assert fault.field == "line 1"


def test_integers_up_to_10_to_the_18_are_read():
    assert parse_toml(f"x = [{10**18}, {-(10**18)}]", "own.toml", "recipe") == {"x": [10**18, -(10**18)]}


def test_ten_endless_integers_are_enough():
    assert len(faults_of("x = [\n" + f"{10**19},\n" * 1000 + "]")) == 10


def test_keys_are_safe_on_a_terminal():
    (fault,) = faults_of(f'"\\u001b[2J" = {10**20}')
    assert "\x1b" not in fault.field


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path):
    for path in (tmp_path / "absent.toml", tmp_path, "\0"):
        with pytest.raises(InvalidInput, match="cannot be read") as caught:
            read_toml(path, "line file")
        assert caught.value.faults[0].field == "file"


def test_a_file_of_more_than_256_kb_is_refused_unread(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("#\n" * (LARGEST_FILE // 2), encoding="utf-8")
    assert read_toml(path, "recipe")[1] == {}
    path.write_text("#\n" * (LARGEST_FILE // 2) + "#", encoding="utf-8")
    with pytest.raises(InvalidInput, match="larger than 256 kB: too large to be a recipe"):
        read_toml(path, "recipe")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_a_device_is_refused_before_it_is_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    for path in (tmp_path / "pipe.toml", "/dev/zero"):
        with pytest.raises(InvalidInput, match="a pipe or a device, not a file"):
            read_toml(path, "recipe")


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(b"name = '\xff'")
    with pytest.raises(InvalidInput, match=r"not UTF-8 text \(byte 8\)"):
        read_toml(path, "recipe")


@given(st.text(max_size=200))
def test_any_text_is_tables_or_a_fault(text):
    with contextlib.suppress(InvalidInput):
        assert isinstance(parse_toml(text, "own.toml", "recipe"), dict)
