"""A share has one of four units; an angle and a speed of rotation are no shares and no rates."""

from __future__ import annotations

import math

import pytest

from poreline.quantities import UnitError, from_si, parse_quantity
from poreline.quantities.units import dimension


@pytest.mark.parametrize(("text", "value"), [("25 %", 0.25), ("25 percent", 0.25), ("3 ppm", 3e-6), ("0.25 1", 0.25)])
def test_a_share_is_read(text, value):
    assert parse_quantity(text, "1") == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    ["25 %%", "30 %^0.5", "30 %2", "3 rad", "1 rev", "2 deg", "5 %/%", "5 % ppm", "3 g/g", "1 m/um", "2 (%)", "1 1/1"],
)
def test_what_is_no_share_is_refused(text):
    with pytest.raises(UnitError):
        parse_quantity(text, "1")


@pytest.mark.parametrize("text", ["5 % um", "5 um %", "5 um ppm"])
def test_a_share_of_a_unit_is_no_unit(text):
    with pytest.raises(UnitError):
        parse_quantity(text, "m")


def test_an_angle_is_a_dimension_of_its_own():
    assert dimension("deg") == dimension("rev") == dimension("rad") == "[angle]"
    assert parse_quantity("0.5 rev", "rad") == pytest.approx(math.pi)
    with pytest.raises(UnitError, match="not an angle"):
        parse_quantity("50 %", "rad")


def test_turns_per_time_are_no_rate():
    assert parse_quantity("60 rpm", "rad/s") == pytest.approx(2.0 * math.pi)
    assert from_si(2.0 * math.pi, "rpm") == pytest.approx(60.0)
    with pytest.raises(UnitError, match="a speed of rotation"):
        parse_quantity("150 rpm", "1/s")


def test_a_strain_rate_may_be_written_in_per_cent():
    assert parse_quantity("500 %/min", "1/s") == pytest.approx(5.0 / 60.0)
    for text in ("5 %/s2", "5 %/(s ppm)", "5 %2/s"):
        with pytest.raises(UnitError):
            parse_quantity(text, "1/s")
