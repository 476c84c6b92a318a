"""The stretch programme: which steps are cold, and where each stage starts and ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poreline.recipe import StretchStep, regimes
from poreline.stretch import stages


def steps(*celsius: float) -> tuple[StretchStep, ...]:
    return tuple(StretchStep(temperature=t + 273.15, elongation=0.25 * (index + 1)) for index, t in enumerate(celsius))


@pytest.mark.parametrize(
    ("celsius", "expected"),
    [
        ((), ()),
        ((20,), ("cold",)),
        ((45,), ("cold",)),
        ((46,), ("hot",)),
        ((87,), ("hot",)),
        ((20, 87), ("cold", "hot")),
        ((60, 87), ("cold", "hot")),
        ((66, 87), ("hot", "hot")),
        ((78, 87), ("hot", "hot")),
        ((20, 25), ("cold", "cold")),
        ((40, 50), ("cold", "hot")),
        ((20, 30, 87), ("cold", "cold", "hot")),
        ((20, 87, 30), ("cold", "hot", "hot")),
        ((87, 20), ("hot", "hot")),
        ((50, 55), ("hot", "hot")),
    ],
)
def test_a_leading_step_well_below_the_hottest_is_cold(celsius: tuple[float, ...], expected: tuple[str, ...]) -> None:
    assert regimes(steps(*celsius)) == expected


def test_what_a_step_says_itself_holds() -> None:
    one, two = steps(20, 87)
    assert regimes((replace(one, regime="hot"), two)) == ("hot", "hot")
    assert regimes((one, replace(two, regime="cold"))) == ("cold", "cold")


def told(*found: StretchStep) -> tuple[StretchStep, ...]:
    return tuple(replace(step, regime=regime) for step, regime in zip(found, regimes(found), strict=True))


def test_stages_follow_one_another_in_each_direction() -> None:
    cold = StretchStep(temperature=293.15, elongation=0.25)
    along = StretchStep(temperature=360.15, elongation=2.0)
    across = StretchStep(temperature=360.15, elongation=1.5, direction="transverse")
    both = StretchStep(temperature=360.15, elongation=3.0, direction="both")
    found = stages(told(cold, along, across, both))
    assert [(s.machine_start, s.machine_end) for s in found] == [(1.0, 1.25), (1.25, 3.0), (3.0, 3.0), (3.0, 4.0)]
    assert [(s.transverse_start, s.transverse_end) for s in found] == [(1.0, 1.0), (1.0, 1.0), (1.0, 2.5), (2.5, 4.0)]
    assert [s.transverse_before for s in found] == [False, False, False, True]
    assert [s.regime for s in found] == ["cold", "hot", "hot", "hot"]


def test_a_programme_of_no_steps_has_no_stages() -> None:
    assert stages(()) == ()


def test_every_step_must_say_whether_it_is_cold() -> None:
    with pytest.raises(ValueError, match="cold or hot"):
        stages(steps(20))


def test_ratios_may_be_arrays() -> None:
    (stage,) = stages(told(StretchStep(temperature=293.15, elongation=np.array([0.1, 0.2]))))  # type: ignore[arg-type]
    assert stage.machine_end == pytest.approx(np.array([1.1, 1.2]))


def test_the_ratio_of_a_step_is_one_more_than_its_elongation() -> None:
    assert steps(20)[0].stretch_ratio == 1.25
