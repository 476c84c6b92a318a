"""SI inside, text with units at the edge; estimates with their bands; faults of an input."""

from poreline.quantities.estimate import Estimate, Infinite, MeasuredResult, NotDetermined, Result, Truth
from poreline.quantities.faults import Fault, InvalidInput, nearest, printable
from poreline.quantities.fields import Meaning, Values, meanings, quantity
from poreline.quantities.units import (
    UnitError,
    difference_from_si,
    difference_to_si,
    format_quantity,
    from_si,
    parse_quantity,
    to_si,
)

__all__ = [
    "Estimate",
    "Fault",
    "Infinite",
    "InvalidInput",
    "Meaning",
    "MeasuredResult",
    "NotDetermined",
    "Result",
    "Truth",
    "UnitError",
    "Values",
    "difference_from_si",
    "difference_to_si",
    "format_quantity",
    "from_si",
    "meanings",
    "nearest",
    "parse_quantity",
    "printable",
    "quantity",
    "to_si",
]
