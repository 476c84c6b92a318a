"""Plain texts with units, numbers and symbols as they are typeset."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

GAP = "\u00a0"
"""Between a number and its unit: a line does not break there."""
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
    if mark and power.lstrip("+-").isdigit():
        return f"{mantissa.replace('-', '−')} × 10{str(int(power)).translate(_RAISED)}"
    digits = text.lstrip("-")
    if digits.isdigit() and len(digits) > 4:
        return text.replace("-", "−")[:-3] + "\u202f" + text[-3:]
    return text.replace("-", "−") if text[:1] == "-" and text[1:2].isdigit() else text


_GREEK = {
    "eps": "ε",
    "lam": "λ",
    "tau": "τ",
    "phi": "φ",
    "sigma": "σ",
    "sig": "σ",
    "theta": "θ",
    "eta": "η",
    "Gamma": "Γ",
    "gamma": "γ",
    "Sigma": "Σ",
    "Pi": "Π",
    "rho": "ρ",
    "chi": "χ",
    "alpha": "α",
    "kappa": "κ",
    "kap": "κ",
    "delta": "δ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "om": "ω",
}
_TOKEN = re.compile(r"([A-Za-z]+)(\d*)(?:_([A-Za-z0-9,]+))?")


def pretty_symbol(symbol: str) -> Markup:
    """A symbol as it is typeset: eps_c -> ε with the index c."""
    pieces, end = [], 0
    for found in _TOKEN.finditer(symbol):
        letters, digits, index = found.groups()
        below = (digits or "") + (index or "")
        pieces += [escape(symbol[end : found.start()]), escape(_GREEK.get(letters, letters))]
        if below:
            pieces.append(Markup("<sub>{}</sub>").format(below))
        end = found.end()
    return Markup("").join([*pieces, escape(symbol[end:])])


_IN_TEXT = re.compile(r"(?<=\d) (um|degC|%|nm|mm|MPa|GPa|bar|min|s|h|K|kg|parts)(?![\w/])")


def pretty_text(text: str) -> str:
    """A sentence with its units as they are typeset and never parted from their numbers: "87 degC" -> "87 °C"."""
    return _IN_TEXT.sub(lambda m: GAP + pretty_unit(m[1]), text)
