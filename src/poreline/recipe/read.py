"""Reading a recipe: from a file, a text or a table, with all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from poreline.materials import Materials, default_materials
from poreline.quantities import Fault, InvalidInput, printable
from poreline.quantities.faults import Caution
from poreline.quantities.toml_text import parse_toml, read_toml
from poreline.recipe.check import check
from poreline.recipe.duty import Duty
from poreline.recipe.edge import Number
from poreline.recipe.parameter_set import ParameterSet, with_flat_parameters, with_parameter_set
from poreline.recipe.programme import StretchStep
from poreline.recipe.recipe import Recipe
from poreline.recipe.understood import Assumed, assumed
from poreline.recipe.wording import shown, unknown_field, worded

_WHAT, _REMEDY = "recipe", "See `poreline init` for a commented recipe."


@dataclass(frozen=True)
class UnderstoodRecipe:
    """A recipe that was read: the recipe, what it leaves out and was assumed, what to be cautious about, its materials."""

    recipe: Recipe
    assumed: tuple[Assumed, ...]
    cautions: tuple[Caution, ...]
    materials: Materials
    text: str = ""
    materials_file: Path | None = None
    """Where the file of own materials lies."""
    parameter_set: ParameterSet | None = None
    """The set of constants that the recipe names; its values stand among the recipe's parameters."""


def read_recipe(path: str | Path, parameter_names: Collection[str] = ()) -> UnderstoodRecipe:
    """Read a recipe file (TOML). Raises InvalidInput with every fault found.

    `parameter_names` are the model's constants, that [parameters] may replace; as a mapping to their SI units it also checks
    the units of a set of parameters.
    """
    text, written = read_toml(path, _WHAT, _REMEDY)
    return read_recipe_table(
        written, folder=Path(path).parent, subject=str(path), parameter_names=parameter_names, text=text
    )


def read_recipe_text(
    text: str, *, folder: Path | None = None, subject: str = "recipe", parameter_names: Collection[str] = ()
) -> UnderstoodRecipe:
    """Read a recipe from its TOML text; `folder` is where files of own materials and parameters lie."""
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
    written = with_flat_parameters(written, parameter_names, faults)
    written, constants, beside = with_parameter_set(written, folder, parameter_names, faults)
    parts = _parts(written, faults)
    materials = _materials(parts, folder, faults)
    found = check(parts, materials, parameter_names, written)
    faults += found.faults
    if faults:
        raise InvalidInput(faults, subject)
    recipe = Recipe(**parts)
    own = recipe.materials.file
    place = (folder or Path()) / own if own is not None else None
    cautions = found.cautions
    if constants is not None:
        cautions = (*cautions, constants.caution(beside))
    return UnderstoodRecipe(recipe, assumed(recipe, dict(written)), cautions, materials, text, place, constants)


@cache
def _adapter(field: str) -> TypeAdapter[Any]:
    if field == "stretch":
        return TypeAdapter(StretchStep)
    if field == "duty":
        return TypeAdapter(Duty)
    if field == "parameters":  # plain finite numbers: no texts that read as one, no NaN
        return TypeAdapter(dict[str, Annotated[float, Number()]])
    return TypeAdapter(get_type_hints(Recipe, include_extras=True)[field])


_LISTS = {"stretch": 40, "duty": 60}


def _parts(written: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """The sections of a recipe that are right in themselves; the faults of the others are added to `faults`."""
    names = [f.name for f in fields(Recipe)]
    parts: dict[str, Any] = {}
    for key, value in written.items():
        if key not in names:
            faults.append(unknown_field(printable(key), key, names, "recipe"))
        elif key in _LISTS:
            parts[key] = _items(key, value, faults)
        else:
            made = _validated(key, value, (key,), faults)
            if made is not None:
                parts[key] = made
    return {key: value for key, value in parts.items() if value is not None}


def _items(key: str, value: Any, faults: list[Fault]) -> tuple[Any, ...] | None:
    most = _LISTS[key]
    limit, remedy = f"at most {most} tables, each written [[{key}]]", f"Write [[{key}]] above each."
    if not isinstance(value, list):
        faults.append(Fault(key, shown(value), limit, f"{key} is a list of tables.", remedy))
        return None
    if len(value) > most:
        reason = f"There are {len(value)} tables [[{key}]], more than the {most} that a recipe may have."
        faults.append(Fault(key, "", limit, reason, f"Remove {len(value) - most} of them."))
        return None
    # An item that is wrong in itself is None: the others are still checked against one another.
    return tuple(_validated(key, item, (key, index), faults) for index, item in enumerate(value))


def _validated(field: str, value: Any, where: tuple[str | int, ...], faults: list[Fault]) -> Any:
    try:
        return _adapter(field).validate_python(value)
    except ValidationError as error:
        faults += [worded(where, detail) for detail in error.errors(include_url=False)]
        return None


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
