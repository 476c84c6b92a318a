from __future__ import annotations

import math
from pathlib import Path

import pytest

from poreline.quantities import InvalidInput
from poreline.quantities.toml_text import LARGEST_FILE
from poreline.report.line_file import Line, read_line, read_line_text

EXAMPLES = Path(__file__).parents[3] / "examples" / "lines"


def faults_of(text: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        read_line_text(text)
    return {fault.field: str(fault) for fault in caught.value.faults}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.name)
def test_every_example_line_reads(path):
    assert isinstance(read_line(path), Line)


def test_texts_with_units_become_si():
    line = read_line_text(
        '[line]\ninlet_speed = "3 m/min"\nscrew_speed_max = "300 rpm"\noven_temperature_max = "120 degC"'
    )
    assert line.inlet_speed == pytest.approx(0.05)
    assert line.screw_speed_max == pytest.approx(300 * 2 * math.pi / 60)
    assert line.oven_temperature_max == pytest.approx(393.15)


def test_an_empty_line_limits_nothing():
    line = read_line_text("[line]")
    assert line == Line()
    assert line.station_count is None


def test_a_station_has_its_own_limits_and_the_line_s_where_it_has_none():
    line = read_line_text(
        '[line]\nroll_speed_max = "6 m/min"\ndraw_force_max = "2 kN"\n[[line.station]]\ngap = "50 mm"\nroll_speed_max = "3 m/min"'
    )
    assert line.at(0).roll_speed_max == pytest.approx(0.05)
    assert line.at(0).draw_force_max == pytest.approx(2000.0)
    assert line.at(0).gap == pytest.approx(0.05)
    assert line.at(1).roll_speed_max == pytest.approx(0.1)
    assert line.at(1).gap is None
    assert line.station_count == 1


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ('[line]\ninlet_sped = "1 m/min"', "line.inlet_sped", "Did you mean inlet_speed?"),
        ("[line]\ninlet_speed = 1", "line.inlet_speed", "no unit"),
        ('[line]\ninlet_speed = "1 kg"', "line.inlet_speed", "a mass, not a speed"),
        ('[line]\ninlet_speed = "-1 m/min"', "line.inlet_speed", "above 0 m/min"),
        ('[line]\ntenter = "yes"', "line.tenter", "neither true nor false"),
        ("[line]\nname = 3", "line.name", "not a text"),
        ("[line]\nname = 0x" + "F" * 3900, "line.name", "more than 18 digits"),
        ("[line]\nstretch_stations = 1.5", "line.stretch_stations", "whole number"),
        ('[line]\nroll_speed_min = "2 m/min"\nroll_speed_max = "1 m/min"', "line.roll_speed_min", "range is empty"),
        (
            '[line]\nroll_speed_max = "1 m/min"\n[[line.station]]\nroll_speed_min = "2 m/min"',
            "line.station[0].roll_speed_min",
            "range is empty",
        ),
        (
            '[line]\nscrew_diameter = "25 mm"\nchannel_depth = "13 mm"',
            "line.channel_depth",
            "below half the screw diameter, 12.5 mm",
        ),
        ('[line]\nroll_speed_max = "1 m/min"\ninlet_speed = "2 m/min"', "line.inlet_speed", "one of the rolls"),
        ("[line]\nstretch_stations = 1\n[[line.station]]\n[[line.station]]", "line.stretch_stations", "at least 2"),
        ('[line]\nstation = "two"', "line.station", "list of tables"),
        ("[line]\nstation = [1]", "line.station[0]", "not a table"),
        ("[line]\n[[line.station]]\ngab = 3", "line.station[0].gab", "Did you mean gap?"),
        ('[lien]\nname = "x"', "lien", "Did you mean line?"),
        ("name = 'x'", "line", "missing"),
        ("line = 3", "line", "missing"),
        ("[line", "file", "not TOML"),
        ("a." * 61 + "b = 1", "line 1", "too nested"),
        ("[line]\nname = " + "[" * 3000, "file", ""),
    ],
    ids=lambda part: part[:40],
)
def test_a_bad_line_file_is_told_what_and_why(text, field, words):
    found = faults_of(text)
    assert field in found
    assert words in found[field]


def test_all_faults_are_told_at_once():
    text = '[line]\ninlet_speed = 1\ndie_width = "2 kg"\nrolls = 3\n[[line.station]]\ngap = "x"\n[extra]'
    assert set(faults_of(text)) == {"line.inlet_speed", "line.die_width", "line.rolls", "line.station[0].gap", "extra"}


def test_a_disagreement_is_told_beside_a_wrong_unit():
    text = '[line]\ninlet_speed = 1\nroll_speed_min = "2 m/min"\nroll_speed_max = "1 m/min"'
    assert set(faults_of(text)) == {"line.inlet_speed", "line.roll_speed_min"}


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path):
    for path in (tmp_path / "absent.toml", tmp_path, "\0"):
        with pytest.raises(InvalidInput, match="cannot be read"):
            read_line(path)


def test_a_file_of_more_than_256_kb_is_refused(tmp_path):
    path = tmp_path / "line.toml"
    path.write_text("[line]\n" + "#\n" * (LARGEST_FILE // 2))
    with pytest.raises(InvalidInput, match="too large"):
        read_line(path)


def test_a_file_that_is_not_utf8_is_refused_and_a_byte_order_mark_is_not(tmp_path):
    path = tmp_path / "line.toml"
    path.write_bytes(b"[line]\nname = '\xff'")
    with pytest.raises(InvalidInput, match="UTF-8"):
        read_line(path)
    path.write_bytes(b"\xef\xbb\xbf[line]\nname = 'pilot'")
    assert read_line(path).name == "pilot"
