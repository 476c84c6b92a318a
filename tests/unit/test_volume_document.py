"""The page of the volume simulation names every constant of its law as it is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from poreline.quantities import format_quantity
from poreline.stretch.volume.constants import VolumeConstants

PAGE = Path(__file__).parents[2] / "docs" / "volume.md"


@pytest.mark.parametrize("field", dataclasses.fields(VolumeConstants), ids=lambda field: field.name)
def test_a_constant_stands_on_the_page_with_value_and_source(field: dataclasses.Field) -> None:
    about = field.metadata["quantity"]
    unit = about.display_unit
    value = f"{field.default:g}" if unit == "1" else format_quantity(field.default, unit, 6)
    row = f"| `{field.name}` | {about.symbol} | {value} | {about.meaning} | {about.method} |"
    assert row in PAGE.read_text(encoding="utf-8")
