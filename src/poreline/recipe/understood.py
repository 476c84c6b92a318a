"""The recipe as understood: every value with its unit, what was written and what was assumed, and its digest."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from poreline.quantities import format_quantity, parse_quantity
from poreline.recipe.edge import Quantity
from poreline.recipe.recipe import Recipe

_DIGITS = (4, 8, 12, 15, 16, 17)  # of a value written back: the fewest that read as the same number again


@dataclass(frozen=True)
class Assumed:
    """A field that the user left out, and the value that stands in for it."""

    field: str
    value: str
    meaning: str


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _marks(hint: Any) -> Iterator[Any]:
    """All Annotated metadata of a type hint, unions and nesting included."""
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        yield from marks
        yield from _marks(inner)
    else:
        for argument in get_args(hint):
            if not isinstance(argument, str):
                yield from _marks(argument)


@cache
def unit_of(kind: type, field: str) -> Quantity | None:
    """The Quantity mark of a recipe field, if it holds a number with a unit."""
    return next((mark for mark in _marks(_hints(kind)[field]) if isinstance(mark, Quantity)), None)


@cache
def meaning_of(kind: type, field: str) -> str:
    """The description of a recipe field; empty if it needs none."""
    marks = _marks(_hints(kind)[field])
    return next((mark.description for mark in marks if isinstance(mark, FieldInfo) and mark.description), "")


@cache
def key_of(kind: type, field: str) -> str:
    """The key that a recipe writes for a field."""
    marks = _marks(_hints(kind)[field])
    return next((mark.alias for mark in marks if isinstance(mark, FieldInfo) and mark.alias), field)


def as_text(node: Any, kind: type | None = None, field: str = "") -> Any:
    """A recipe, or a part of it, as nested tables of texts with units, numbers and booleans; absent parts left out."""
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        table = {}
        for f in dataclasses.fields(node):
            value = as_text(getattr(node, f.name), type(node), f.name)
            if value is not None and value != {} and value != []:
                table[key_of(type(node), f.name)] = value
        return table
    if isinstance(node, tuple):
        return [as_text(item) for item in node]
    mark = unit_of(kind, field) if kind is not None else None
    if mark is not None and isinstance(node, float | int) and not isinstance(node, bool):
        return _exact(float(node), mark)
    return node


def _exact(value: float, mark: Quantity) -> str:
    """Text of an SI value that reads as the same value again."""
    texts = [format_quantity(value, mark.shown_in, digits) for digits in _DIGITS]
    return next((text for text in texts if _reads_as(text, mark) == value), texts[-1])


def _reads_as(text: str, mark: Quantity) -> float:
    return parse_quantity(text if mark.shown_in != "1" else f"{text} 1", mark.unit)


def assumed(recipe: Recipe, written: dict[str, Any]) -> tuple[Assumed, ...]:
    """Every field that the text `written` leaves out and that has a value all the same."""
    return tuple(_assumed(recipe, written, ""))


_SILENT = {
    "name",
    "notes",
    "claims",
    "materials",
    "parameters",
    "measured",
}  # a default here assumes nothing about the membrane


def _assumed(node: Any, written: Any, path: str) -> Iterator[Assumed]:
    if isinstance(node, tuple):
        for index, item in enumerate(node):
            yield from _assumed(item, written[index] if isinstance(written, list) else {}, f"{path}[{index}]")
        return
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        return
    for f in dataclasses.fields(node):
        if not path and (
            f.name in _SILENT or (f.name in {"mixing", "film"} and getattr(node, "composition", 1) is None)
        ):
            continue
        key = key_of(type(node), f.name)
        value, where = getattr(node, f.name), f"{path}.{key}" if path else key
        present = isinstance(written, dict) and key in written
        if dataclasses.is_dataclass(value) or isinstance(value, tuple):
            yield from _assumed(value, written[key] if present else {}, where)
        elif not present and value is not None and value != {}:
            yield Assumed(where, _value(as_text(value, type(node), f.name)).strip('"'), meaning_of(type(node), f.name))


def digest(recipe: Recipe) -> str:
    """Sixteen hexadecimal digits that are equal for equal recipes, whatever their name, units and order of writing."""
    content = dataclasses.asdict(recipe)
    del content["name"], content["notes"]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def to_toml(tables: dict[str, Any]) -> str:
    """Tables of texts, numbers, booleans and lists as TOML."""
    lines: list[str] = []
    _write(tables, (), lines)
    return "\n".join(lines).strip() + "\n"


def _write(table: dict[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    for key, value in table.items():
        if not isinstance(value, dict) and not (isinstance(value, list) and value and isinstance(value[0], dict)):
            lines.append(f"{_key(key)} = {_value(value)}")
    for key, value in table.items():
        if isinstance(value, dict):
            lines += ["", f"[{'.'.join(map(_key, (*path, key)))}]"]
            _write(value, (*path, key), lines)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                lines += ["", f"[[{'.'.join(map(_key, (*path, key)))}]]"]
                _write(item, (*path, key), lines)


def _key(key: str) -> str:
    plain = key.replace("-", "").replace("_", "")
    return key if plain.isascii() and plain.isalnum() else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    short = f"{value:g}"
    return short if float(short) == value else repr(value)
