"""The JSON Schema of a recipe, so that editors complete and check it."""

from __future__ import annotations

import dataclasses
from typing import Any

from pydantic import TypeAdapter

from poreline.recipe.parameter_set import FILE_KEY
from poreline.recipe.recipe import Recipe
from poreline.recipe.understood import as_text, key_of


def recipe_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a recipe file; defaults are texts with units, as a user would write them."""
    schema = TypeAdapter(Recipe).json_schema()
    for definition in (schema, *schema.get("$defs", {}).values()):
        kind = _section(definition.get("title", ""))
        if kind is not None:
            _write_defaults(definition, kind)
    about = "File with a set of constants, beside the recipe, as `poreline fit` writes it."
    of_volume = {
        "type": "object",
        "description": 'Constants of the volume simulation, as numbers in SI or texts with a unit, like "12 MPa".',
        "additionalProperties": {"type": ["number", "string"]},
    }
    schema["properties"]["parameters"]["properties"] = {
        FILE_KEY: {"type": "string", "description": about},
        "volume": of_volume,
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _section(title: str) -> type | None:
    """The recipe section with this class name."""
    seen: list[type] = [Recipe]
    for kind in seen:
        if kind.__name__ == title:
            return kind
        for mark in _classes_in(kind):
            if mark not in seen:
                seen.append(mark)
    return None


def _classes_in(kind: type) -> list[type]:
    from typing import get_args, get_type_hints

    found: list[type] = []
    queue = list(get_type_hints(kind, include_extras=True).values())
    while queue:
        hint = queue.pop()
        if isinstance(hint, type) and dataclasses.is_dataclass(hint):
            found.append(hint)
        queue += [argument for argument in get_args(hint) if not isinstance(argument, str)]
    return found


def _write_defaults(definition: dict[str, Any], kind: type) -> None:
    for field in dataclasses.fields(kind):
        entry = definition.get("properties", {}).get(key_of(kind, field.name))
        if entry is None or "default" not in entry:
            continue
        default = field.default if field.default is not dataclasses.MISSING else None
        text = as_text(default, kind, field.name)
        if text is None or text == [] or text == {}:
            del entry["default"]
        else:
            entry["default"] = text
