"""The edge between what a user writes and what the line computes with: texts with units become SI floats here, once."""

from __future__ import annotations

import dataclasses
import math
import unicodedata
from typing import Annotated, Any, TypeVar, dataclass_transform

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from poreline.quantities import UnitError, format_quantity, parse_quantity
from poreline.quantities.constants import ZERO_CELSIUS

Section = TypeVar("Section")
_ROUNDING = 1e-12  # relative


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,))
def section(cls: type[Section]) -> type[Section]:
    """A part of a recipe: a frozen dataclass that refuses keys it does not know when it is read from text."""
    made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    made.__pydantic_config__ = ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    return made


@dataclasses.dataclass(frozen=True)
class Quantity:
    """Marks a field as a number in SI `unit` that is written as text with a unit; bounds are in SI."""

    unit: str
    """SI unit of the number inside."""
    shown_in: str
    """Unit of the bounds and examples that the user sees."""
    minimum: float = -math.inf
    maximum: float = math.inf
    above_minimum: bool = False
    """True if the minimum itself is not allowed."""
    reason: str = ""
    example: str = ""

    @property
    def limit(self) -> str:
        """The bounds in words."""
        parts = []
        if math.isfinite(self.minimum):
            parts.append(
                f"{'above' if self.above_minimum else 'at least'} {format_quantity(self.minimum, self.shown_in, 6)}"
            )
        if math.isfinite(self.maximum):
            parts.append(f"at most {format_quantity(self.maximum, self.shown_in, 6)}")
        return ", ".join(parts) or "any"

    def parse(self, found: Any) -> float:
        """The SI value of a user's text; raises PydanticCustomError with reason, limit and remedy."""
        remedy = f'Write it like "{self.example}".' if self.example else "Write one number and one unit in quotes."
        if isinstance(found, bool) or not isinstance(found, str):
            if isinstance(found, int | float):
                raise _fault("It has no unit.", self.limit, remedy)
            raise _fault("It is not a text with a number and a unit.", self.limit, remedy)
        try:
            value = parse_quantity(found, self.unit)
        except UnitError as error:
            raise _fault(error.reason, self.limit, remedy) from error
        # A bound that is written in another unit than SI's may come out past it by a rounding: it is the bound.
        if math.isclose(value, self.maximum, rel_tol=_ROUNDING):
            value = self.maximum
        elif math.isclose(value, self.minimum, rel_tol=_ROUNDING):
            value = self.minimum
        too_low = value <= self.minimum if self.above_minimum else value < self.minimum
        if too_low or value > self.maximum:
            raise _fault(self.reason or "It lies outside what makes sense here.", self.limit, remedy)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "string",
            "pattern": r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\S.*$",
            "examples": [self.example],
            "x-unit": self.unit,
            "x-limit": self.limit,
        }


@dataclasses.dataclass(frozen=True)
class Number:
    """Marks a field as a plain finite number with bounds."""

    minimum: float = -math.inf
    maximum: float = math.inf
    above_minimum: bool = False
    reason: str = ""
    whole: bool = False

    def parse(self, found: Any) -> float:
        """The number; raises PydanticCustomError for texts, booleans, NaN, infinities and numbers out of bounds."""
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise _fault("It is not a number.", self.limit, "Write a plain number without quotes.")
        try:
            value = float(found)
        except OverflowError:
            value = math.inf
        if not math.isfinite(value):
            raise _fault("It is not a finite number.", self.limit, "Write a plain finite number.")
        if (value <= self.minimum if self.above_minimum else value < self.minimum) or value > self.maximum:
            raise _fault(
                self.reason or "It lies outside what makes sense here.", self.limit, "Write a number within the limits."
            )
        if self.whole and value != round(value):
            raise _fault("It is not a whole number.", self.limit, "Write a whole number.")
        return value

    @property
    def limit(self) -> str:
        """The bounds in words."""
        parts = []
        if math.isfinite(self.minimum):
            parts.append(f"{'above' if self.above_minimum else 'at least'} {self.minimum:g}")
        if math.isfinite(self.maximum):
            parts.append(f"at most {self.maximum:g}")
        return ", ".join(parts) or "any finite number"

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made: JsonSchemaValue = {"type": "number"}
        if math.isfinite(self.minimum):
            made["exclusiveMinimum" if self.above_minimum else "minimum"] = self.minimum
        if math.isfinite(self.maximum):
            made["maximum"] = self.maximum
        return made


@dataclasses.dataclass(frozen=True)
class PlainText:
    """Marks a field as text of bounded length without control characters."""

    longest: int = 120
    lines: bool = False

    def parse(self, found: Any) -> str:
        """The text; raises PydanticCustomError."""
        limit = f"text of at most {self.longest} characters without control characters"
        if not isinstance(found, str):
            raise _fault("It is not a text.", limit, "Write it in quotes.")
        if len(found) > self.longest:
            raise _fault(f"It has {len(found)} characters.", limit, "Shorten it.")
        allowed = {"\n", "\t"} if self.lines else set()
        if any(
            unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in allowed for character in found
        ):
            raise _fault("It contains control characters.", limit, "Remove the invisible characters.")
        return found

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "maxLength": self.longest}


def _fault(reason: str, limit: str, remedy: str) -> PydanticCustomError:
    # pydantic formats the message template with the context, so texts go into the context only.
    return PydanticCustomError("poreline", "{reason}", {"reason": reason, "limit": limit, "remedy": remedy})


_BELOW_ABSOLUTE_ZERO = "Nothing is colder than absolute zero, and no polymer outlasts 500 degC."

Temperature = Annotated[
    float,
    Quantity(
        "K", "degC", 0.0, ZERO_CELSIUS + 500.0, above_minimum=True, reason=_BELOW_ABSOLUTE_ZERO, example="87 degC"
    ),
]
"""Temperature; K inside."""
Elongation = Annotated[
    float,
    Quantity(
        "1",
        "%",
        0.0,
        20.0,
        above_minimum=True,
        reason="A stretch makes the film longer, and no film survives 2000 %.",
        example="300 %",
    ),
]
"""Elongation of the unstretched length; a plain ratio inside (0.25 for 25 %)."""
StrainRate = Annotated[float, Quantity("1/s", "1/s", 1e-7, 1e4, example="0.05 1/s")]
ShearRate = Annotated[float, Quantity("1/s", "1/s", 1e-3, 1e6, example="50 1/s")]
Duration = Annotated[float, Quantity("s", "s", 0.0, 1e8, example="10 min")]
FilmThickness = Annotated[float, Quantity("m", "um", 1e-7, 1e-2, example="100 um")]
PositiveLength = Annotated[float, Quantity("m", "um", 1e-9, 10.0, example="40 um")]
PoreDiameter = Annotated[float, Quantity("m", "nm", 1e-10, 1e-3, example="15 nm")]
DomainDiameter = Annotated[float, Quantity("m", "um", 1e-9, 1e-3, example="0.7 um")]
Pressure = Annotated[float, Quantity("Pa", "bar", 0.0, 1e9, above_minimum=True, example="2 bar")]
Viscosity = Annotated[float, Quantity("Pa s", "Pa s", 1e-6, 1e9, example="0.89 mPa s")]
Share = Annotated[
    float, Quantity("1", "%", 0.0, 1.0, reason="A share lies between nothing and everything.", example="30 %")
]
PositiveShare = Annotated[
    float,
    Quantity(
        "1", "%", 0.0, 0.999, above_minimum=True, reason="A share lies between nothing and everything.", example="30 %"
    ),
]
Parts = Annotated[float, Number(0.0, 1e9, reason="Nothing can weigh less than nothing.")]
Ratio = Annotated[float, Number(1.0, 1e4, reason="A ratio of at least 1 is meant.")]
PositiveNumber = Annotated[float, Number(0.0, 1e12, above_minimum=True)]
Name = Annotated[str, PlainText(60)]
