"""One record per number: what was found where, how well it is known, and the prior that follows from it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, get_args

from poreline.materials.copolymer import Copolymer
from poreline.materials.fluids import Gas, Liquid, Solute
from poreline.materials.interfacial_tension import LinearTension
from poreline.materials.polymer import Drawing, Polymer
from poreline.materials.priors import Prior
from poreline.quantities import Meaning, UnitError, difference_to_si, meanings
from poreline.quantities.units import dimension

Category = Literal["polymer", "copolymer", "pair", "gas", "liquid", "solute"]
Kind = Literal["measured", "handbook", "fitted", "estimated", "assumed"]
CATEGORIES: Final = get_args(Category)
KINDS: Final = get_args(Kind)
PERMEABILITY: Final = "permeability."


@dataclass(frozen=True, kw_only=True)
class Record:
    """One number of one subject, with its origin.

    `value` is SI; `printed` and `unit` are as the source file has them.
    """

    subject: str
    """The polymer, copolymer, fluid or pair ("PS+PP") it belongs to."""
    property: str
    """The field it fills, like `density_solid` or `permeability.N2`; for information, any name."""
    value: float
    printed: float
    unit: str
    condition: str = ""
    """Temperature, grade, rate."""
    kind: Kind
    verified: bool = False
    """True if the number was seen in the source named."""
    source: str
    """Key of the bibliography."""
    place: str = ""
    """Table, page or section of the source."""
    printed_range: tuple[float, float] | None = None
    """Lowest and highest number found for it, in `unit`."""
    uncertainty: str = ""
    """The record's own uncertainty as printed: "x/÷ 1.5" or "± 7 MPa", one standard deviation."""
    prior: Prior | None = None
    """The prior of its own uncertainty; None where the default of its kind applies."""
    identifier: str
    """What a recipe calls it: `PP.youngs_modulus`, or `PP.youngs_modulus:flexural-23C` for an alternative."""
    default: bool = True
    """True for the record in use, False for an alternative."""
    information: bool = False
    """True for a number that is shown and not used by the model."""
    note: str = ""

    @staticmethod
    def identify(subject: str, name: str, suffix: str = "") -> str:
        """The identifier of a record."""
        return f"{subject}.{name}:{suffix}" if suffix else f"{subject}.{name}"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One entry of the bibliography."""

    key: str
    authors: str
    title: str
    container: str = ""
    """Journal, book, publisher or kind of source."""
    year: int | None = None
    doi: str = ""
    seen: Literal["full", "abstract", "secondary", "not re-read"] = "not re-read"
    """How much of it was read for this library."""

    def __str__(self) -> str:
        year = f" ({self.year})" if self.year is not None else ""
        doi = f" doi:{self.doi}" if self.doi else ""
        container = f" {self.container}{year}." if self.container or year else ""
        return f"{self.authors}: {self.title}.{container}{doi} [{self.seen}]"


# Factors on a whole law: they are sampled, and they are 1 by definition in every record.
_FACTORS = frozenset({"factor", "viscosity_factor", "yield_factor"})
_BARRER = Meaning("mol/(m s Pa)", "permeability of the dense polymer", "P", "barrer")
_TYPES: dict[Category, tuple[type, ...]] = {
    "polymer": (Polymer, Drawing),
    "copolymer": (Copolymer,),
    "pair": (LinearTension,),
    "gas": (Gas,),
    "liquid": (Liquid,),
    "solute": (Solute,),
}


@cache
def properties(category: Category) -> dict[str, Meaning]:
    """Name and meaning of every number that a subject of this category can have, permeabilities excepted."""
    return {name: meaning for kind in _TYPES[category] for name, meaning in meanings(kind) if name not in _FACTORS}


def meaning_of(category: Category, name: str) -> Meaning | None:
    """Unit and meaning of a property, or None if the category has no such property."""
    if category == "polymer" and name.startswith(PERMEABILITY) and len(name) > len(PERMEABILITY):
        return _BARRER
    return properties(category).get(name)


# Lowest and highest sensible value in SI. A number outside is a slip of the unit or the decimal point.
_LIMITS: dict[str, tuple[float, float]] = {
    "density_solid": (300.0, 5000.0),
    "density_melt": (300.0, 5000.0),
    "density": (300.0, 5000.0),
    "solubility_parameter": (5e3, 6e4),
    "glass_transition": (50.0, 800.0),
    "styrene_glass_transition": (50.0, 800.0),
    "melting_point": (200.0, 800.0),
    "processing_temperature": (250.0, 800.0),
    "viscosity_reference_temperature": (250.0, 800.0),
    "temperature": (250.0, 800.0),
    "viscosity_exponent": (0.01, 0.99),
    "poisson_ratio": (0.01, 0.499),
    "youngs_modulus": (1e5, 1e12),
    "thermal_expansion": (0.0, 1e-2),
    "surface_tension_20c": (1e-3, 0.2),
    "surface_tension_slope": (-1e-3, 1e-3),
    "surface_tension": (1e-3, 1.0),
    "surface_polarity": (0.0, 1.0),
    "value": (1e-6, 0.1),
    "slope": (-1e-3, 1e-3),
    "log_rate_constant": (-500.0, 500.0),
    "hardening_modulus_slope": (-1e6, 1e6),
    "break_ratio_23c": (1.0, 100.0),
    "break_ratio_slope": (-1.0, 1.0),
    "chain_scission_cold": (0.0, 1.0),
    "chain_scission_hot": (0.0, 1.0),
    "foreign_uptake": (0.0, 1.0),
    "foreign_adhesion": (0.0, 1.0),
    "contact_angle": (0.0, math.pi),
    "radius_exponent": (0.1, 1.0),
}
_POSITIVE = (1e-300, 1e300)


def limits(name: str) -> tuple[float, float]:
    """Lowest and highest sensible value of a property in SI; where nothing narrower is known, above zero."""
    return _LIMITS.get(name, _POSITIVE)


_LOGNORMAL = re.compile(r"(?:x/÷|x/:|\*/)\s*(\d+(?:\.\d+)?)")
_NORMAL = re.compile(r"(?:±|\+-|\+/-)\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*)")
_LARGEST_FACTOR = 100.0
_KEPT_SHARE = 0.05  # of the value: a normal prior never changes the sign of what it varies


def own_prior(uncertainty: str, value: float, unit: str) -> Prior:
    """The prior that a record's own uncertainty states.

    "x/÷ 1.5" is a lognormal factor of one standard deviation; "± 7 MPa" a normal standard deviation in any unit of the
    same kind as `unit`, "± 20 %" one relative to `value` (SI). Normal priors keep the sign of the value.
    Raises UnitError when the text is neither.
    """
    text = uncertainty.strip()
    found = _LOGNORMAL.fullmatch(text)
    if found is not None:
        factor = float(found.group(1))
        if not 1.0 < factor <= _LARGEST_FACTOR:
            raise UnitError(
                f"{factor:g} is no factor of a spread.", "Write a factor above 1 and at most 100, like 'x/÷ 1.5'."
            )
        return Prior("lognormal", factor)
    found = _NORMAL.fullmatch(text)
    if found is None:
        raise UnitError("It is neither a factor nor a spread.", f"Write it like 'x/÷ 1.5' or '± 7 {unit}'.")
    number, spread_unit = float(found.group(1)), found.group(2).strip() or "1"
    if spread_unit == "%":
        spread = 0.01 * number * abs(value)
    elif dimension(spread_unit) != dimension(unit):
        raise UnitError(
            f"{spread_unit!r} does not measure what {unit!r} measures.", f"Write it like '± 7 {unit}' or '± 20 %'."
        )
    else:
        spread = difference_to_si(number, spread_unit)
    if not (0.0 < spread < math.inf):
        raise UnitError("The spread is not above zero.", f"Write it like '± 7 {unit}' or leave it out.")
    lowest = _KEPT_SHARE * value if value > 0 else -math.inf
    highest = _KEPT_SHARE * value if value < 0 else math.inf
    return Prior("normal", spread, lowest, highest)


_PERCENT: dict[Kind, float] = {"measured": 5, "handbook": 10, "fitted": 10, "estimated": 25, "assumed": 50}
_KELVIN: dict[Kind, float] = {"measured": 1, "handbook": 3, "fitted": 3, "estimated": 5, "assumed": 10}
_A_FIFTH = frozenset({"density_solid", "density_melt", "poisson_ratio"})
_TEMPERATURES = frozenset({"glass_transition", "styrene_glass_transition", "melting_point"})
_FIXED: dict[str, Prior] = {
    "solubility_parameter": Prior("normal", 300.0),
    "cavitation_stress": Prior("normal", 7e6),
    "chain_scission_cold": Prior("normal", 0.1, lowest=0.03),
    "saturation_density": Prior("lognormal", 1.5),
    "adhesion_coefficient": Prior("lognormal", 2.0),
}
# Clipped where a wide prior would leave the range in which the number has a meaning.
_HIGHEST = {"poisson_ratio": 0.499, "surface_polarity": 1.0, "foreign_uptake": 1.0, "foreign_adhesion": 1.0}
_WITHOUT = frozenset(
    {
        # The Eyring stress, the viscosity curve and the tension are uncertain as wholes, through their factor.
        *("activation_volume", "log_rate_constant", "activation_enthalpy"),
        *("viscosity_zero_shear", "viscosity_reference_temperature", "viscosity_relaxation_time"),
        *("viscosity_exponent", "flow_activation_energy", "value", "temperature", "slope"),
        # Settings and widths of the model, not measured numbers; a hot share follows the cold one.
        *("processing_temperature", "cavitation_width", "chain_scission_hot"),
    }
)
FACTOR_OF: Final[dict[str, str]] = {
    "viscosity_factor": "viscosity_zero_shear",
    "yield_factor": "activation_volume",
    "factor": "value",
}
"""The factor on a whole law, and the record whose kind and uncertainty say how well the law is known."""
HARMONIC_MEAN_PRIOR: Final = Prior("lognormal", 1.25)
"""How well the harmonic mean of two surface tensions meets measured interfacial tensions."""


def default_prior(category: Category, name: str, kind: Kind) -> Prior | None:
    """The prior of a number whose record states no uncertainty of its own; None if it has none.

    One standard deviation, lognormal: measured 5 %, handbook and fitted 10 %, estimated 25 %, assumed 50 %; a fifth of
    it for densities and Poisson ratios, twice it for permeabilities and for the melt viscosity as a whole
    (`viscosity_factor`). Normal for Tg and Tm (1, 3, 3, 5, 10 K), the solubility parameter (0.3 MPa^0.5), the
    cavitation stress (7 MPa) and the share of broken strands in the cold stretch (0.1). Fluids have no default prior:
    their numbers are known far better than those of a membrane.
    """
    if category in ("gas", "liquid", "solute") or name in _WITHOUT:
        return None
    if name in _FIXED:
        return _FIXED[name]
    if name in _TEMPERATURES:
        return Prior("normal", _KELVIN[kind])
    percent = _PERCENT[kind]
    if name in _A_FIFTH:
        percent /= 5
    elif name == "viscosity_factor" or name.startswith(PERMEABILITY):
        percent *= 2
    return Prior("lognormal", 1 + percent / 100, highest=_HIGHEST.get(name, math.inf))
