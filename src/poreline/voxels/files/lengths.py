"""Units of length as image files spell them."""

from __future__ import annotations

import math
from typing import Any

from poreline.quantities import to_si
from poreline.voxels.image import LARGEST_SPACING

FINEST_PRINT = 2e-6
"""Pixels in m above which a resolution tag speaks of a screen, a printer or a scanner, not of the object: 12 700 dpi."""

_SPELLINGS = {
    "m": ("m", "meter", "metre", "meters", "metres"),
    "cm": ("cm", "centimeter", "centimetre", "centimeters", "centimetres"),
    "mm": ("mm", "millimeter", "millimetre", "millimeters", "millimetres"),
    "um": ("um", "µm", "μm", "\\u00b5m", "\\u03bcm", "âµm", "micron", "microns", "micrometer", "micrometre", "micrometers", "micrometres"),
    "nm": ("nm", "nanometer", "nanometre", "nanometers", "nanometres"),
    "angstrom": ("angstrom", "angstroms", "å", "a", "\\u00c5"),
    "pm": ("pm", "picometer", "picometre", "picometers", "picometres"),
    "inch": ("inch", "in", "inches"),
}  # fmt: skip
_UNIT = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}


def metres(value: Any, unit: Any) -> float | None:
    """A length as a file tells it, in m; None if the unit is not one of length or the number is not above 0."""
    number = positive(value)
    known = _UNIT.get(str(unit).strip().strip("\"'").lower())
    if number is None or known is None:
        return None
    length = to_si(number, known)
    return length if math.isfinite(length) and length > 0 else None


def positive(value: Any) -> float | None:
    """A number above 0, or None."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def is_object_scale(edge: float) -> bool:
    """Whether pixels of this edge (m) can come from a microscope rather than from a screen, a printer or a scanner."""
    return 0 < edge <= min(FINEST_PRINT, LARGEST_SPACING)
