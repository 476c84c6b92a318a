"""Reading a recipe: from a file, a text or a table, with all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from poreline.materials import Materials, default_materials
from poreline.quantities import Fault, InvalidInput, nearest, printable
from poreline.quantities.faults import Caution
from poreline.quantities.toml_text import parse_toml, read_toml
from poreline.recipe.check import check
from poreline.recipe.composition import Composition
from poreline.recipe.duty import (
    ContactorDuty,
    DistillationDuty,
    Duty,
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
from poreline.recipe.understood import Assumed, assumed, key_of

_WHAT, _REMEDY = "recipe", "See `poreline init` for a commented recipe."


@dataclass(frozen=True)
class UnderstoodRecipe:
    """A recipe that was read: the recipe, what it leaves out and was assumed, what to be cautious about, its materials."""

    recipe: Recipe
    assumed: tuple[Assumed, ...]
    cautions: tuple[Caution, ...]
    materials: Materials
    text: str = ""


def read_recipe(path: str | Path, parameter_names: Collection[str] = ()) -> UnderstoodRecipe:
    """Read a recipe file (TOML). Raises InvalidInput with every fault found."""
    text, written = read_toml(path, _WHAT, _REMEDY)
    return read_recipe_table(
        written, folder=Path(path).parent, subject=str(path), parameter_names=parameter_names, text=text
    )


def read_recipe_text(
    text: str, *, folder: Path | None = None, subject: str = "recipe", parameter_names: Collection[str] = ()
) -> UnderstoodRecipe:
    """Read a recipe from its TOML text; `folder` is where a file of own materials lies."""
    written = parse_toml(text, subject, _WHAT, _REMEDY)
    return read_recipe_table(written, folder=folder, subject=subject, parameter_names=parameter_names, text=text)


def read_recipe_table(
    written: Mapping[str, Any],
    *,
    folder: Path | None = None,
    subject: str = "recipe",
    parameter_names: Collection[str] = (),
    text: str = "",
) -> UnderstoodRecipe:
    """Read a recipe from nested tables, as TOML or JSON give them."""
    faults: list[Fault] = []
    parts = _parts(written, faults)
    materials = _materials(parts, folder, faults)
    found = check(parts, materials, parameter_names, written)
    faults += found.faults
    if faults:
        raise InvalidInput(faults, subject)
    recipe = Recipe(**parts)
    return UnderstoodRecipe(recipe, assumed(recipe, dict(written)), found.cautions, materials, text)


@cache
def _adapter(field: str) -> TypeAdapter[Any]:
    if field == "stretch":
        return TypeAdapter(StretchStep)
    if field == "duty":
        return TypeAdapter(Duty)
    return TypeAdapter(get_type_hints(Recipe, include_extras=True)[field])


_LISTS = {"stretch": 40, "duty": 60}


def _parts(written: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The sections of a recipe that are right in themselves; the faults of the others are added to `faults`."""
    names = [f.name for f in fields(Recipe)]
    parts: dict[str, Any] = {}
    for key, value in written.items():
        if key not in names:
            faults.append(_unknown(printable(key), key, names, "recipe"))
        elif key in _LISTS:
            parts[key] = _items(key, value, faults)
        else:
            made = _validated(key, value, (key,), faults)
            if made is not None:
                parts[key] = made
    return {key: value for key, value in parts.items() if value is not None}


def _items(key: str, value: Any, faults: list[Fault]) -> tuple[Any, ...] | None:
    if not isinstance(value, list) or len(value) > _LISTS[key]:
        limit = f"at most {_LISTS[key]} tables, each written [[{key}]]"
        faults.append(Fault(key, _shown(value), limit, f"{key} is a list of tables.", f"Write [[{key}]] above each."))
        return None
    # An item that is wrong in itself is None: the others are still checked against one another.
    return tuple(_validated(key, item, (key, index), faults) for index, item in enumerate(value))


def _validated(field: str, value: Any, where: tuple[str | int, ...], faults: list[Fault]) -> Any:
    try:
        return _adapter(field).validate_python(value)
    except ValidationError as error:
        faults += [_fault(where, detail) for detail in error.errors(include_url=False)]
        return None


def _fault(where: tuple[str | int, ...], detail: Any) -> Fault:
    """A fault in our words from one of pydantic's."""
    # For a union pydantic names the chosen type first; that is no key of the user's.
    location = list(detail["loc"])
    chosen = _UNIONS.get(str(where[0]), {}).get(location[0]) if location else None
    if chosen is not None:
        location = location[1:]
    field = _path((*where, *location))
    kind, context, found = detail["type"], detail.get("ctx") or {}, detail["input"]
    if kind == "poreline":
        return Fault(field, _shown(found), context["limit"], context["reason"], context["remedy"])
    if kind in {"unexpected_keyword_argument", "extra_forbidden"}:
        return _unknown(
            field,
            str(location[-1]),
            _known_keys(chosen or _ROOTS[str(where[0])], location[:-1]),
            _path((*where, *location[:-1])),
        )
    if kind in {"missing", "missing_argument"}:
        return Fault(field, "", "", "It is missing.", "Add it; see `poreline init` for a commented recipe.")
    if kind == "literal_error":
        allowed = context["expected"].replace("'", '"')
        near = (
            nearest(str(found), [name.strip('"') for name in allowed.replace(" or ", ", ").split(", ")])
            if isinstance(found, str)
            else None
        )
        return Fault(
            field,
            _shown(found),
            allowed,
            "It is not one of the choices.",
            f'Did you mean "{near}"?' if near else "Choose one of them.",
        )
    if kind == "union_tag_invalid":
        allowed = context["expected_tags"].replace("'", '"')
        near = nearest(context["tag"], [name.strip('" ') for name in allowed.split(",")])
        remedy = f'Did you mean "{near}"?' if near else "Choose one of them."
        return Fault(f"{field}.kind", _shown(context["tag"]), allowed, "It is not one of the kinds of duty.", remedy)
    if kind == "union_tag_not_found":
        return Fault(f"{field}.kind", "", "", "It is missing.", 'Say what the duty is, like kind = "gas".')
    if kind == "film_process":
        process = found.get("process", "extrusion") if isinstance(found, dict) else found
        near = nearest(printable(process), ["extrusion", "casting", "spray"])
        allowed = '"extrusion", "casting" with from = "melt" or "solution", "spray"'
        return Fault(
            f"{field}.process",
            _shown(process),
            allowed,
            "It is not a film-forming process.",
            f'Did you mean "{near}"?' if near else "Choose one.",
        )
    return Fault(field, _shown(found), "", f"{detail['msg']}.", "See `poreline schema` for what is allowed.")


_UNIONS: dict[str, dict[Any, type]] = {
    "duty": {
        "gas": GasDuty,
        "gurley": GurleyDuty,
        "liquid": LiquidDuty,
        "solute": SoluteDuty,
        "contactor": ContactorDuty,
        "distillation": DistillationDuty,
        "separator": SeparatorDuty,
        "mechanics": MechanicsDuty,
    },
    "film": {
        "extrusion": Extrusion,
        "casting-melt": MeltCasting,
        "casting-solution": SolutionCasting,
        "spray": Spraying,
    },
}


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


def _unknown(where: str, key: str, known: list[str], table: str) -> Fault:
    near = nearest(key, known)
    remedy = f"Did you mean {near}?" if near else "Remove it, or use one of those."
    return Fault(printable(where, 100), "", ", ".join(known), f"{printable(table)} has no such field.", remedy)


def _path(location: Iterable[str | int]) -> str:
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{printable(step)}" if text else printable(step)
    return text


def _shown(found: Any) -> str:
    """A found value as short safe text; tables and lists by their kind only, since they may be huge or deep."""
    if isinstance(found, dict):
        return "a table"
    if isinstance(found, list):
        return f"a list of {len(found)}"
    if isinstance(found, str):
        return f'"{printable(found)}"'
    return printable(found)


def _materials(parts: dict[str, Any], folder: Path | None, faults: list[Fault]) -> Materials:
    """The default materials with the recipe's own file and choices."""
    materials = default_materials()
    choice = parts.get("materials")
    if choice is None:
        return materials
    try:
        if choice.file is not None:
            materials = materials.with_file((folder or Path()) / choice.file)
        if choice.use:
            materials = materials.with_choices(choice.use)
    except InvalidInput as error:
        faults += [
            Fault(f"materials: {fault.field}", fault.value, fault.limit, fault.reason, fault.remedy)
            for fault in error.faults
        ]
    return materials
