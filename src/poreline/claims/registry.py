"""The claims as data: what each one adds, and the windows that its requirements are judged by."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from poreline.claims.window import Bound, Window
from poreline.quantities import from_si, parse_quantity
from poreline.recipe import ClaimSettings

Kind = Literal["membrane", "method", "membrane by process"]
Judge = Literal["share", "polymers", "immiscible", "choice", "sequence", "step", "anneal", "result", "survival"]
ImageJudge = Literal["number", "truth", "existence"]

_OF_STRUCTURE: tuple[Judge, ...] = ("result", "survival")
_BOUNDS = {"minimum": ("low", False), "above": ("low", True), "maximum": ("high", False), "below": ("high", True)}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One thing that is judged."""

    judge: Judge
    quantity: str
    """What is judged: a share of the composition, a field of the recipe, a result of the line."""
    window: Window | None = None
    allowed: tuple[str, ...] = ()
    """What a choice, a class or a sequence may be."""
    synonyms: tuple[str, ...] = ()
    """Other names of what is allowed."""
    of: tuple[str, ...] = ()
    """The components that a class is asked of: first, second, copolymer."""
    within_family: str = ""
    """Ask only the polymers of this family; one of them must be."""
    basis: Literal["polymers", "total"] = "polymers"
    """What a share counts per: first and second polymer together, or everything."""
    regime: Literal["any", "cold", "hot"] = "any"
    relative_to: str = ""
    """The temperature that the window counts from."""
    coldest: float = float("nan")
    """K; without a cold stretch, a window relative to a lower temperature than this has no meaning."""
    reading: str = ""
    """The setting that says how the claim's words are read."""
    beside: str = ""
    """A result that is shown beside the judged one."""
    direct: bool = False
    """Whether a measurement of the quantity is the definition itself (as its requirement says)."""


@dataclass(frozen=True, kw_only=True)
class ImageCondition:
    """One thing that is judged on what was measured on an image."""

    judge: ImageJudge
    quantity: str
    """A result of the measurement."""
    window: Window | None = None
    over: str = ""
    """The result that the quantity is divided by before it is judged."""
    needs: str = ""
    """A result without which the number is not the one that the definition means."""
    beside: str = ""
    """A result that is shown beside the judged one."""
    either: tuple[ImageCondition, ...] = ()
    """Conditions of which one is enough, this one included."""
    instead: tuple[ImageCondition, ...] = ()
    """Conditions that are judged, all of them, where the measurement does not hold the quantity."""


@dataclass(frozen=True, kw_only=True)
class Band:
    """How the band of a measured number is read."""

    low: float
    """Share of a normal distribution below the low end."""
    high: float
    """The same for the high end."""
    samples: int
    """Number of samples where no recipe brings them."""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that a claim asks for: all its conditions, and the requirements that belong to it."""

    identifier: str
    title: str
    conditions: tuple[Condition, ...]
    includes: tuple[str, ...] = ()
    direct: bool = False
    """Whether a measurement of the judged quantity is the definition itself."""
    image: str = ""
    """The definition on an image of the membrane."""
    on_image: tuple[ImageCondition, ...] = ()
    """The same as conditions, which take the place of `conditions` where an image is given."""
    section: str = ""
    """Why a section cannot tell; empty where it can."""
    proxy: str = ""
    """What the mean-field model judges in its place."""
    better: str = "an image"
    """What decides better than the proxy."""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim: its place among the others, and the requirements that it adds to its parent's."""

    number: int
    parent: int | None
    kind: Kind
    group: str
    title: str
    adds: tuple[str, ...]
    shows: tuple[str, ...] = ()
    """Requirements that are listed as evidence without being binding."""
    shows_bind: str = ""
    """The setting that makes them binding."""


@dataclass(frozen=True, eq=False)
class Registry:
    """All claims and requirements, by number and identifier. Equal only to itself."""

    claims: Mapping[int, Claim]
    requirements: Mapping[str, Requirement]
    band: Band

    def chain(self, number: int) -> tuple[Claim, ...]:
        """The claim and those it depends on, the independent one first."""
        claim = self.claims[number]
        before = self.chain(claim.parent) if claim.parent is not None else ()
        return (*before, claim)

    def conditions(self, number: int) -> Iterator[Condition]:
        """Every condition that a claim binds, those of its parents included."""
        for claim in self.chain(number):
            for identifier in claim.adds:
                yield from self.conditions_of(identifier)

    def conditions_of(self, identifier: str) -> tuple[Condition, ...]:
        """The conditions of a requirement, those of the requirements it includes last."""
        requirement = self.requirements[identifier]
        included = (condition for other in requirement.includes for condition in self.conditions_of(other))
        return (*requirement.conditions, *included)


@cache
def registry() -> Registry:
    """The claims that are shipped."""
    text = files("poreline.claims").joinpath("registry.toml").read_text(encoding="utf-8")
    return parse_registry(tomllib.loads(text))


def parse_registry(written: Mapping[str, Any]) -> Registry:
    """The registry from its tables. Raises ValueError where they contradict themselves."""
    sets: dict[str, list[str]] = written.get("set", {})
    requirements = {name: _requirement(name, table) for name, table in written["requirement"].items()}
    claims = [_claim(table, sets) for table in written["claim"]]
    made = Registry({claim.number: claim for claim in claims}, requirements, _band(written["band"]))
    _check(claims, made)
    return made


def _band(table: Mapping[str, Any]) -> Band:
    low, high = (parse_quantity(table[end], "1") for end in ("low", "high"))
    if not 0 < low < high < 1 or not table["samples"] > 1:
        raise ValueError("A band lies between two shares, of several samples.")
    return Band(low=low, high=high, samples=table["samples"])


def _claim(table: Mapping[str, Any], sets: Mapping[str, list[str]]) -> Claim:
    lists = {
        key: tuple(name for entry in table.get(key, ()) for name in sets.get(entry, [entry]))
        for key in ("adds", "shows")
    }
    return Claim(**{"parent": None, **table, **lists})


def _requirement(name: str, table: Mapping[str, Any]) -> Requirement:
    values = {key: value for key, value in table.items() if key != "condition"}
    try:
        direct = table.get("direct", False)
        conditions = tuple(dataclasses.replace(_condition(each), direct=direct) for each in table["condition"])
        on_image = tuple(_image_condition(each) for each in table.get("on_image", ()))
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"requirement {name}: {error}") from error
    lists = {"includes": tuple(table.get("includes", ())), "on_image": on_image}
    return Requirement(identifier=name, conditions=conditions, **{**values, **lists})


def _condition(table: Mapping[str, Any]) -> Condition:
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if key not in _BOUNDS and key not in ("unit", "about")
    }
    if "coldest" in values:
        values["coldest"] = parse_quantity(values["coldest"], "degC")
    condition = Condition(**values, window=_window(table))
    if condition.judge not in get_args(Judge):
        raise ValueError(f"{condition.judge!r} is not a way of judging.")
    if condition.reading and not hasattr(ClaimSettings(), condition.reading):
        raise ValueError(f"There is no setting {condition.reading!r}.")
    return condition


def _image_condition(table: Mapping[str, Any]) -> ImageCondition:
    values: dict[str, Any] = {
        key: tuple(_image_condition(each) for each in value) if key in ("either", "instead") else value
        for key, value in table.items()
        if key not in _BOUNDS and key not in ("unit", "about")
    }
    condition = ImageCondition(**values, window=_window(table))
    if condition.judge not in get_args(ImageJudge):
        raise ValueError(f"{condition.judge!r} is not a way of judging an image.")
    if (condition.judge == "number") != (condition.window is not None):
        raise ValueError("A number has a window, and nothing else has.")
    return condition


def _window(table: Mapping[str, Any]) -> Window | None:
    found = {key: value for key, value in table.items() if key in _BOUNDS}
    if not found:
        return None
    unit = table["unit"]
    sides: dict[str, Bound] = {}
    for key, value in found.items():
        side, strict = _BOUNDS[key]
        if side in sides:
            raise ValueError(f"Two bounds on the same side: {key}.")
        sides[side] = dataclasses.replace(_bound(value, unit), strict=strict)
    return Window(unit=unit, about=table.get("about", False), **sides)


def _bound(written: str | Mapping[str, str], unit: str) -> Bound:
    if isinstance(written, Mapping):
        setting = written["setting"]
        if not hasattr(ClaimSettings(), setting):
            raise ValueError(f"There is no setting {setting!r}.")
        return Bound(setting=setting)
    # A bound is written in the unit it is shown in; a detour over SI would only round it.
    value, _, of = written.partition(" ")
    return Bound(float(value) if of == unit else from_si(parse_quantity(written, unit), unit))


def _check(claims: list[Claim], made: Registry) -> None:
    if [claim.number for claim in claims] != list(range(1, len(claims) + 1)):
        raise ValueError("The claims must be numbered from 1 on, in order and without gaps.")
    for claim in claims:
        if claim.kind not in get_args(Kind):
            raise ValueError(f"Claim {claim.number}: {claim.kind!r} is not a kind of claim.")
        if claim.parent is not None and not 0 < claim.parent < claim.number:
            raise ValueError(f"Claim {claim.number}: its parent {claim.parent} does not come before it.")
        if claim.shows_bind and not hasattr(ClaimSettings(), claim.shows_bind):
            raise ValueError(f"Claim {claim.number}: there is no setting {claim.shows_bind!r}.")
        for name in (*claim.adds, *claim.shows):
            if name not in made.requirements:
                raise ValueError(f"Claim {claim.number}: there is no requirement {name!r}.")
    for name, requirement in made.requirements.items():
        modelled = any(condition.judge in _OF_STRUCTURE for condition in requirement.conditions)
        if modelled != bool(requirement.on_image):
            raise ValueError(
                f"Requirement {name}: what is judged by the model is judged on an image, and nothing else is."
            )
    used = {name for claim in claims for name in (*claim.adds, *claim.shows)}
    used |= {other for requirement in made.requirements.values() for other in requirement.includes}
    if used != made.requirements.keys():
        raise ValueError(f"No claim asks for {', '.join(sorted(made.requirements.keys() - used))}.")
