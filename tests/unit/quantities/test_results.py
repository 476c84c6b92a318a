"""Estimates, what cannot be determined, and the meanings that fields carry."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass

import numpy as np
import pytest

from poreline.quantities import Estimate, Meaning, NotDetermined, meanings, quantity
from poreline.quantities.fields import findings


@dataclass(frozen=True)
class Stage:
    width: float = quantity("m", "width of a thing", symbol="w", shown_in="nm", method="measured")
    share: float = quantity("1", "share of it", default=0.5)
    note: str = ""


def test_an_estimate_is_plain_fields_for_a_program() -> None:
    made = Estimate(1.0, 0.5, 2.0, "m", "width", "measured")
    assert made.as_dict() == {
        "value": 1.0,
        "low": 0.5,
        "high": 2.0,
        "unit": "m",
        "meaning": "width",
        "method": "measured",
    }
    with pytest.raises(FrozenInstanceError):
        made.value = 2.0  # type: ignore[misc]


def test_what_is_not_determined_says_why_and_has_no_value() -> None:
    made = NotDetermined("it wets: it enters by itself", "Pa", "entry pressure")
    found = made.as_dict()
    assert found["value"] is None
    assert found["reason"] == "it wets: it enters by itself"
    assert set(found) == {"value", "reason", "unit", "meaning"}


def test_a_field_knows_its_unit_and_meaning() -> None:
    found = dict(meanings(Stage))
    assert list(found) == ["width", "share"], "fields without a unit have no meaning of their own"
    assert found["width"] == Meaning("m", "width of a thing", "w", "nm", "measured")
    assert found["width"].display_unit == "nm"
    assert found["share"].display_unit == "1"


def test_a_stage_gives_its_findings_by_name() -> None:
    found = findings(Stage(width=1e-9))
    assert {name: finding.values for name, finding in found.items()} == {"width": 1e-9, "share": 0.5}
    arrays = findings(Stage(width=np.array([1.0, 2.0])))
    assert np.array_equal(arrays["width"].values, [1.0, 2.0])
