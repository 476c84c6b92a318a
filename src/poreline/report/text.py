"""Plain texts with units, numbers and symbols as they are typeset."""

from __future__ import annotations

import re

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"(?<=[A-Za-zµ])(-?\d)(?![\d.])")


def pretty_unit(unit: str) -> str:
    """A unit as it is typeset: um3 -> µm³, degC -> °C; empty for a plain ratio."""
    if unit == "1":
        return ""
    plain = re.sub(r"\bum", "µm", unit).replace("degC", "°C").replace("^0.5", "⁰·⁵")
    return _POWER.sub(lambda m: m[1].translate(_RAISED), re.sub(r"\bdeg\b", "°", plain))


def pretty_number(text: str) -> str:
    """A number as it is typeset: 1.2e-6 -> 1.2 × 10⁻⁶, -3 with a true minus, 15000 with a narrow gap."""
    mantissa, mark, power = text.partition("e")
    if mark and power.lstrip("-").isdigit():
        return f"{mantissa.replace('-', '−')} × 10{power.translate(_RAISED)}"
    digits = text.lstrip("-")
    if digits.isdigit() and len(digits) > 4:
        return text.replace("-", "−")[: -3] + "\u202f" + text[-3:]
    return text.replace("-", "−") if text[:1] == "-" and text[1:2].isdigit() else text
