"""Faults of a recipe in our words, from what the validation of its sections found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from poreline.quantities import Fault, nearest, printable
from poreline.recipe.composition import Composition
from poreline.recipe.duty import (
    ContactorDuty,
    DistillationDuty,
    GasDuty,
    GurleyDuty,
    LiquidDuty,
    MechanicsDuty,
    SeparatorDuty,
    SoluteDuty,
)
from poreline.recipe.forming import Extrusion, MeltCasting, SolutionCasting, Spraying
from poreline.recipe.programme import StretchStep
from poreline.recipe.recipe import Recipe
from poreline.recipe.understood import key_of

_DUTIES: dict[Any, type] = {
    "gas": GasDuty,
    "gurley": GurleyDuty,
    "liquid": LiquidDuty,
    "solute": SoluteDuty,
    "contactor": ContactorDuty,
    "distillation": DistillationDuty,
    "separator": SeparatorDuty,
    "mechanics": MechanicsDuty,
}
_FILMS: dict[Any, type] = {
    "extrusion": Extrusion,
    "casting-melt": MeltCasting,
    "casting-solution": SolutionCasting,
    "spray": Spraying,
}
_UNIONS = {"duty": _DUTIES, "film": _FILMS}
_PROCESSES, _SOURCES = ("extrusion", "casting", "spray"), ("melt", "solution")

# What pydantic says of a value of the wrong kind: what is wrong with it, and what to write.
_WRONG_KINDS = {
    "tuple_type": ("It is not a list.", "Write it in square brackets."),
    "list_type": ("It is not a list.", "Write it in square brackets."),
    "string_type": ("It is not a text.", "Write it in quotes."),
    "bool_type": ("It is neither true nor false.", "Write true or false without quotes."),
    "bool_parsing": ("It is neither true nor false.", "Write true or false without quotes."),
    "float_type": ("It is not a number.", "Write a plain number without quotes."),
    "float_parsing": ("It is not a number.", "Write a plain number without quotes."),
    "finite_number": ("It is not a finite number.", "Write a plain finite number."),
}


def worded(where: tuple[str | int, ...], detail: Any) -> Fault:
    """The fault that pydantic's `detail` of the section or item at `where` stands for."""
    # For a union pydantic names the chosen type first; that is no key of the user's.
    root, location = str(where[0]), list(detail["loc"])
    chosen = _UNIONS.get(root, {}).get(location[0]) if location else None
    if chosen is not None:
        location = location[1:]
    kind, context, found = detail["type"], detail.get("ctx") or {}, detail["input"]
    field = path_of((*where, *location))
    if kind == "poreline":
        return Fault(field, shown(found), context["limit"], context["reason"], context["remedy"])
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        known = _known_keys(chosen or _ROOTS[root], location[:-1])
        return unknown_field(field, str(location[-1]), known, path_of((*where, *location[:-1])))
    if kind in {"missing", "missing_argument"}:
        return Fault(field, "", "", "It is missing.", "Add it; see `poreline init` for a commented recipe.")
    if kind == "literal_error":
        return _no_choice(field, found, _quoted_names(context["expected"]))
    if kind in {"union_tag_invalid", "union_tag_not_found"} and isinstance(found, dict):
        return _no_duty(field, found)
    if kind == "film_process" and isinstance(found, dict):
        return _no_process(field, found)
    if kind in {"dataclass_type", "dict_type", "union_tag_not_found", "film_process", "model_attributes_type"}:
        return _no_table(field, found, None if kind == "dict_type" else chosen or _ROOTS.get(root), location)
    if kind in _WRONG_KINDS:
        reason, remedy = _WRONG_KINDS[kind]
        return Fault(field, shown(found), "", reason, remedy)
    if kind == "string_pattern_mismatch":
        allowed = str(context["pattern"]).strip("^$()").split("|")
        return _no_choice(field, found, allowed)
    return Fault(field, shown(found), "", f"{detail['msg']}.", "See `poreline schema` for what is allowed.")


def _quoted_names(expected: str) -> list[str]:
    """The names in pydantic's "'a', 'b' or 'c'"."""
    return [name.strip("' ") for name in expected.replace(" or ", ", ").split(",")]


def _no_choice(
    field: str, found: Any, allowed: Iterable[str], reason: str = "It is not one of the choices.", also: str = ""
) -> Fault:
    names = list(allowed)
    near = nearest(found, names) if isinstance(found, str) else None
    remedy = f'Did you mean "{near}"?' if near else f"Choose one of them.{also}"
    return Fault(field, shown(found), ", ".join(f'"{name}"' for name in names), reason, remedy)


def _no_duty(field: str, found: dict[str, Any]) -> Fault:
    if "kind" not in found:
        allowed = ", ".join(f'"{name}"' for name in _DUTIES)
        return Fault(f"{field}.kind", "", allowed, "It is missing.", 'Say what the duty is, like kind = "gas".')
    return _no_choice(f"{field}.kind", found["kind"], _DUTIES, "It is not one of the kinds of duty.")


def _no_process(field: str, film: dict[str, Any]) -> Fault:
    if film.get("process") == "casting":
        reason, also = "A film is not cast from it.", ' A suspension is from = "solution" with suspension = true.'
        return _no_choice(f"{field}.from", film.get("from"), _SOURCES, reason, also)
    return _no_choice(f"{field}.process", film.get("process"), _PROCESSES, "It is not a film-forming process.")


def _no_table(field: str, found: Any, root: type | None, location: list[Any]) -> Fault:
    """A text, number or list where a table is due; the limit is the table's keys."""
    above = field.split("[")[0]
    if field.endswith("]"):
        remedy = f"Write [[{above}]] above its keys."
    elif location:
        remedy = f"Write {location[-1]} = {{ ... }} with these keys."
    else:
        remedy = f"Write [{field}] above its keys."
    limit = "a table"
    if above == "duty" and not location:
        limit = "a table with the key kind and the keys of that kind"
    elif root is not None:
        limit = f"a table with the keys {', '.join(_known_keys(root, location))}"
    return Fault(field, shown(found), limit, "It is not a table.", remedy)


def _sections() -> dict[str, type]:
    """The dataclass behind each top-level table of a recipe."""
    hints = get_type_hints(Recipe)
    found = {"stretch": StretchStep, "duty": GasDuty, "film": Extrusion, "composition": Composition}
    for name, hint in hints.items():
        for candidate in (hint, *get_args(hint)):
            if is_dataclass(candidate) and isinstance(candidate, type):
                found.setdefault(name, candidate)
    return found


_ROOTS = _sections()


def _known_keys(kind: type, location: Iterable[Any]) -> list[str]:
    """The keys of the table at `location` below a section of type `kind`."""
    for step in location:
        if isinstance(step, str):
            hint = get_type_hints(kind).get(step)
            kind = next((c for c in (hint, *get_args(hint)) if isinstance(c, type) and is_dataclass(c)), kind)
    return [key_of(kind, f.name) for f in fields(kind)]


def unknown_field(where: str, key: str, known: list[str], table: str) -> Fault:
    """The fault of a key that `table` does not have."""
    near = nearest(key, known)
    remedy = f"Did you mean {near}?" if near else "Remove it, or use one of those."
    return Fault(printable(where, 100), "", ", ".join(known), f"{printable(table)} has no such field.", remedy)


def path_of(location: Iterable[str | int]) -> str:
    """A place in a recipe as a user would write it: `stretch[1].temperature`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{printable(step)}" if text else printable(step)
    return text


def shown(found: Any) -> str:
    """A found value as short safe text; tables and lists by their kind only, since they may be huge or deep."""
    if isinstance(found, dict):
        return "a table"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    if isinstance(found, str):
        return f'"{printable(found)}"'
    return printable(found)
