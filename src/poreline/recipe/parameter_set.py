"""A named set of the model's constants in a file beside the recipe, as `poreline fit` writes it.

A recipe refers to it as `[parameters] file = "fitted.toml"`; a constant that stands in the recipe itself goes before the
set's. Of each constant the file holds value and unit, and whatever else tells where they come from.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poreline.quantities import Fault, InvalidInput, UnitError, nearest, parse_quantity, printable, to_si
from poreline.quantities.faults import Caution
from poreline.quantities.toml_text import parse_toml, read_toml
from poreline.quantities.units import dimension

FILE_KEY = "file"
"""Key in a recipe's [parameters] that names the file of a set."""
_WHAT, _REMEDY = "set of parameters", "Write it with `poreline fit`, or as [parameter.NAME] with value and unit."
_TABLES = ("parameter",)
_ABOUT_SET = ("name", "notes", "made_by", "version", "date", "run")
_OF_A_CONSTANT = ("value", "unit")
_ABOUT_CONSTANT = ("standard_error", "determined", "prior", "meaning", "symbol", "source", "note")


@dataclass(frozen=True, kw_only=True)
class ParameterSet:
    """Constants of the model by name, in SI, and the set's own name."""

    name: str
    values: Mapping[str, float]
    subject: str = ""
    """The file, as it was named."""

    def caution(self, own: Collection[str] = ()) -> Caution:
        """What a result that leans on the set says of it; `own` are the constants that the recipe gives itself."""
        used = sorted(self.values.keys() - set(own))
        named = f" ({self.name})" if self.name else ""
        words = ", ".join(used) if used else "none, as the recipe gives each itself"
        text = f"Constants from {self.subject}{named} in place of the defaults: {words}."
        return Caution("parameter-set", text)


def read_parameter_set(path: str | Path, names: Collection[str] = ()) -> ParameterSet:
    """Read a set from its file. Raises InvalidInput with every fault found.

    `names` are the constants that the model has, where possible as a mapping to their SI units, which the units in the file
    must then measure the same as; without names any is taken.
    """
    text, written = read_toml(path, _WHAT, _REMEDY)
    del text
    return _understood(written, printable(path, 200), names)


def read_parameter_set_text(text: str, names: Collection[str] = (), subject: str = _WHAT) -> ParameterSet:
    """The same from a text."""
    return _understood(parse_toml(text, subject, _WHAT, _REMEDY), subject, names)


def _understood(written: Mapping[str, Any], subject: str, names: Collection[str]) -> ParameterSet:
    faults = list(_faults_of_set(written))
    table = written.get("parameter")
    values: dict[str, float] = {}
    for name, entry in table.items() if isinstance(table, Mapping) else ():
        found, wrong = _constant(name, entry, names)
        faults += wrong
        values[name] = found
    if faults:
        raise InvalidInput(faults, subject)
    return ParameterSet(name=printable(written.get("name", ""), 120), values=values, subject=subject)


def _faults_of_set(written: Mapping[str, Any]) -> Iterator[Fault]:
    known = (*_TABLES, *_ABOUT_SET)
    for key in written:
        if key not in known:
            near = nearest(key, known)
            remedy = f"Did you mean {near}?" if near else "Remove it."
            yield Fault(printable(key), "", ", ".join(known), f"A {_WHAT} has no such key.", remedy)
    if "name" in written and not isinstance(written["name"], str):
        yield Fault("name", printable(written["name"]), "a text", "It is not a text.", "Write it in quotes.")
    table = written.get("parameter")
    if not isinstance(table, Mapping) or not table:
        reason = "It holds no constant."
        yield Fault("parameter", "", "one table [parameter.NAME] for each constant", reason, _REMEDY)


def _constant(name: str, entry: Any, names: Collection[str]) -> tuple[float, list[Fault]]:
    """SI value of a constant, and what is wrong with it."""
    field = f"parameter.{printable(name)}"
    faults: list[Fault] = []
    if names and name not in names:
        near = nearest(name, names)
        remedy = f"Did you mean {near}?" if near else "Choose one of them."
        faults.append(Fault(field, "", ", ".join(sorted(names)), "The model has no such constant.", remedy))
    if not isinstance(entry, Mapping):
        remedy = f"Write [parameter.{printable(name)}] with value and unit."
        return math.nan, [*faults, Fault(field, printable(entry), "a table", "It is not a table.", remedy)]
    known = (*_OF_A_CONSTANT, *_ABOUT_CONSTANT)
    for key in entry:
        if key not in known:
            near = nearest(key, known)
            remedy = f"Did you mean {near}?" if near else "Remove it."
            faults.append(
                Fault(f"{field}.{printable(key)}", "", ", ".join(known), "A constant has no such key.", remedy)
            )
    value, unit = entry.get("value"), entry.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        shown = "" if value is None else printable(value)
        reason = "It is missing." if value is None else "It is not a finite number."
        faults.append(Fault(f"{field}.value", shown, "a finite number", reason, "Write a plain finite number."))
    if not isinstance(unit, str):
        shown = "" if unit is None else printable(unit)
        reason = "It is missing." if unit is None else "It is not a text."
        faults.append(Fault(f"{field}.unit", shown, "a unit", reason, 'Write it in quotes; a plain number has "1".'))
    if faults:
        return math.nan, faults
    assert isinstance(unit, str)
    assert isinstance(value, int | float)
    try:
        found = to_si(float(value), unit)
        wanted = names.get(name) if isinstance(names, Mapping) else None
        if wanted is not None and dimension(unit) != dimension(wanted):
            reason = "It measures something else than the constant."
            remedy = f"The constant is in {'plain numbers, unit 1' if wanted == '1' else wanted}."
            return math.nan, [Fault(f"{field}.unit", printable(unit), f"a unit like {wanted}", reason, remedy)]
    except UnitError as error:
        return math.nan, [Fault(f"{field}.unit", printable(unit), "a unit", error.reason, error.remedy)]
    return found, []


def with_flat_parameters(written: Mapping[str, Any], names: Collection[str], faults: list[Fault]) -> Mapping[str, Any]:
    """The tables of a recipe with the constants of a model in one table: `volume.scatter` beside those without a dot.

    TOML reads a dot in a key as a table within a table. A constant with a dot may be a text with a unit, like "12 MPa", where
    `names` tells its own; faults of such texts are added to `faults`.
    """
    table = written.get("parameters")
    if not isinstance(table, Mapping):
        return written
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and key != FILE_KEY:
            flat |= {f"{key}.{name}": inner for name, inner in value.items()}
        else:
            flat[key] = value
    for name, value in list(flat.items()):
        if "." not in name or not isinstance(value, str) or not isinstance(names, Mapping):
            continue
        if name not in names:
            flat[name] = 0.0  # the name is the fault, whatever the value
            continue
        try:
            flat[name] = parse_quantity(value, names[name])
        except UnitError as error:
            limit = f"a number in {names[name]}, or a text with a unit"
            faults.append(Fault(f"parameters.{printable(name)}", printable(value), limit, error.reason, error.remedy))
            del flat[name]
    return {**written, "parameters": flat}


def with_parameter_set(
    written: Mapping[str, Any], folder: Path | None, names: Collection[str], faults: list[Fault]
) -> tuple[Mapping[str, Any], ParameterSet | None, Collection[str]]:
    """The tables of a recipe with the constants of its set filled in, the set, and the names that the recipe gives itself.

    Without a set the tables are as they were. Faults of the set are added to `faults`.
    """
    table = written.get("parameters")
    if not isinstance(table, Mapping) or FILE_KEY not in table:
        return written, None, ()
    own = {key: value for key, value in table.items() if key != FILE_KEY}
    found: ParameterSet | None = None
    file = table[FILE_KEY]
    if not isinstance(file, str) or not file.strip():
        remedy = 'Write its path in quotes, beside the recipe: file = "fitted.toml".'
        reason = "It is not the path of a file."
        faults.append(Fault(f"parameters.{FILE_KEY}", printable(file), "a set of parameters", reason, remedy))
    else:
        try:
            found = read_parameter_set((folder or Path()) / file, names)
            found = ParameterSet(name=found.name, values=found.values, subject=printable(file, 100))
        except InvalidInput as error:
            faults += [
                Fault(f"parameters.{FILE_KEY}: {fault.field}", fault.value, fault.limit, fault.reason, fault.remedy)
                for fault in error.faults
            ]
    filled = {**(found.values if found is not None else {}), **own}
    return {**written, "parameters": filled}, found, own
