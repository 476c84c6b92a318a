import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.claims import Window
from poreline.claims.window import Bound
from poreline.recipe import ClaimSettings

RANGE = Window("nm", Bound(10.0), Bound(20.0), about=True).limits(ClaimSettings())
POINT = Window("%", Bound(15.0), Bound(15.0), about=True).limits(ClaimSettings())
COLD = Window("degC", Bound(15.0), Bound(25.0), about=True).limits(ClaimSettings())
STRICT = Window("1", low=Bound(1.0, strict=True)).limits(ClaimSettings())


@pytest.mark.parametrize(
    ("limits", "value", "verdict"),
    [
        (RANGE, 10.0, "met"),
        (RANGE, 20.0, "met"),
        (RANGE, 9.999, "met-within-about"),
        (RANGE, 9.5, "met-within-about"),
        (RANGE, 9.499, "not-met"),
        (RANGE, 21.0, "met-within-about"),
        (RANGE, 21.001, "not-met"),
        (POINT, 15.0, "met"),
        (POINT, 14.25, "met-within-about"),
        (POINT, 15.76, "not-met"),
        (COLD, 14.0, "met-within-about"),
        (COLD, 13.9, "not-met"),
        (COLD, 26.0, "met-within-about"),
        (COLD, 26.1, "not-met"),
        (STRICT, 1.0, "not-met"),
        (STRICT, 1.001, "met"),
        (RANGE, math.nan, "undetermined"),
    ],
)
def test_about_widens_each_bound_by_its_own_tolerance(limits, value, verdict):
    assert limits.verdict(value) == verdict


def test_the_tolerance_is_a_setting():
    settings = ClaimSettings(about=0.10, about_temperature=2.0)
    assert Window("nm", Bound(10.0), Bound(20.0), about=True).limits(settings).verdict(9.0) == "met-within-about"
    assert Window("degC", Bound(15.0), Bound(25.0), about=True).limits(settings).verdict(27.0) == "met-within-about"
    assert Window("nm", Bound(10.0), Bound(20.0), about=False).limits(settings).verdict(9.9) == "not-met"


@given(st.floats(0.0, 1e3))
def test_the_margin_is_positive_inside_and_negative_outside(value):
    assert (RANGE.margin(value) >= 0.0) == (10.0 <= value <= 20.0)
    assert bool(RANGE.inside(np.array(value))) == (RANGE.verdict(value) == "met")


def test_nothing_that_is_not_a_number_lies_inside():
    assert list(RANGE.inside(np.array([15.0, np.nan, 25.0]))) == [True, False, False]


def test_windows_in_words():
    assert RANGE.text == "about 10-20 nm"
    assert POINT.text == "about 15 %"
    assert STRICT.text == "above 1"
    assert Window("K", Bound(-15.0), Bound(-10.0)).limits(ClaimSettings()).text == "-15 to -10 K"
    limit = Window("1", high=Bound(setting="pore_spread_limit")).limits(ClaimSettings())
    assert limit.text == "at most 2 (setting pore_spread_limit)"


def test_two_ranges_that_only_touch_do_not_meet_and_a_point_in_a_range_does():
    lower = Window("nm", Bound(1.0), Bound(10.0)).limits(ClaimSettings())
    assert not RANGE.shares_more_than_a_bound(lower)
    assert RANGE.shares_more_than_a_bound(RANGE)
    assert POINT.shares_more_than_a_bound(POINT)
    assert Window("%", Bound(15.0), Bound(25.0)).limits(ClaimSettings()).shares_more_than_a_bound(POINT)
