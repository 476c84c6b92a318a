"""The format of a material file: one parser for the files that are shipped and for a user's own.

A file holds tables `[polymer.NAME]`, `[copolymer.NAME]`, `[pair."FIRST+SECOND"]`, `[gas.NAME]`, `[liquid.NAME]`,
`[solute.NAME]` with their records `[[polymer.NAME.record]]`, one per number, and tables `[[immiscible]]` and
`[bibliography.KEY]`.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from poreline.materials.priors import Prior
from poreline.materials.records import (
    CATEGORIES,
    KINDS,
    PERMEABILITY,
    Category,
    Kind,
    Record,
    Reference,
    limits,
    meaning_of,
    own_prior,
    properties,
)
from poreline.quantities import Fault, InvalidInput, Meaning, UnitError, format_quantity, nearest, printable, to_si
from poreline.quantities.toml_text import parse_toml, read_toml
from poreline.quantities.units import dimension

_WHAT, _REMEDY = "materials file", "Correct the line named, or use the format of `poreline materials show`."
_LONGEST_NAME = 40
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9 _-]{{0,{_LONGEST_NAME - 1}}}")
_SUFFIX = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST_NAME - 1}}}")
_PROPERTY = re.compile(r"[a-z][A-Za-z0-9_.]{0,59}")

_CHOICES: dict[str, tuple[str, ...]] = {
    "family": ("polyolefin", "polystyrene", "polyester", "acrylic", "polycarbonate", "polyamide", "other"),
    "order": ("amorphous", "semicrystalline"),
    "affinity": ("hydrophobic", "hydrophilic"),
}
_POLYOLEFINS = ("polypropylene", "polyethylene", "poly(4-methyl-1-pentene)", "other")
_HEADERS: dict[Category, dict[str, type]] = {
    "polymer": {
        **dict.fromkeys(("full_name", "family", "kind", "order", "affinity", "grade"), str),
        "synonyms": list,
    },
    "copolymer": {"full_name": str, "anchors_in": list, "synonyms": list},
    "pair": {"note": str},
    "gas": {"full_name": str, "condensable": bool, "synonyms": list},
    "liquid": {"full_name": str, "synonyms": list},
    "solute": {"full_name": str, "synonyms": list},
}
_RECORD_KEYS = (
    "property",
    "value",
    "unit",
    "condition",
    "kind",
    "source",
    "place",
    "verified",
    "range",
    "uncertainty",
    "id",
    "default",
    "information",
    "note",
)
_REFERENCE_KEYS = ("authors", "title", "container", "year", "doi", "seen")
_SEEN = ("full", "abstract", "secondary", "not re-read")

Header = Mapping[str, str | bool | tuple[str, ...]]


@dataclass(frozen=True)
class Entry:
    """One polymer, copolymer, pair or fluid: what it is called and classed as, and its records."""

    category: Category
    name: str
    header: Header
    records: tuple[Record, ...]

    def names(self) -> tuple[str, ...]:
        """Its name and the other names that it is known by."""
        full_name = str(self.header.get("full_name", ""))
        synonyms = cast("tuple[str, ...]", self.header.get("synonyms", ()))
        return (self.name, *synonyms, *([full_name] if full_name else []))


@dataclass(frozen=True)
class Immiscible:
    """Pairs known to form two phases in the melt: every polymer of `first` with every polymer of `second`."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    source: str
    note: str = ""


@dataclass(frozen=True)
class MaterialFile:
    """What one file holds."""

    entries: tuple[Entry, ...] = ()
    immiscible: tuple[Immiscible, ...] = ()
    references: tuple[Reference, ...] = ()


def read_material_file(path: Path) -> MaterialFile:
    """Read and check a user's file.

    Raises InvalidInput with every fault found: a file that is missing, too large, not UTF-8 text or not TOML; unknown
    tables, keys, properties, units or kinds; numbers that are not finite or not sensible; missing sources; duplicates.
    """
    _, tree = read_toml(path, _WHAT, _REMEDY)
    return _checked(tree, path.name)


def parse_material_text(text: str, label: str) -> MaterialFile:
    """Check the text of a material file; `label` names it in faults. Raises InvalidInput with every fault found."""
    return _checked(parse_toml(text, label, _WHAT, _REMEDY), label)


def _checked(tree: Mapping[str, Any], label: str) -> MaterialFile:
    parser = _Parser()
    parsed = parser.document(tree)
    if parser.faults:
        raise InvalidInput(parser.faults, label)
    return parsed


class _Parser:
    """Walks the tree of a file and collects its faults, so that all of them are reported at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, field: str, value: object, limit: str, reason: str, remedy: str) -> None:
        self.faults.append(Fault(printable(field, 120), printable(value), limit, reason, remedy))

    def document(self, tree: Mapping[str, Any]) -> MaterialFile:
        entries: list[Entry] = []
        known = (*CATEGORIES, "immiscible", "bibliography")
        for key, value in tree.items():
            if key not in known:
                self.unknown(key, key, known, "table")
            elif key in CATEGORIES and isinstance(value, dict):
                entries += self.entries(cast("Category", key), value)
            elif (key == "immiscible") != isinstance(value, list) or not isinstance(value, list | dict):
                example = "[[immiscible]]" if key == "immiscible" else f"[{key}.NAME]"
                self.fault(key, "", "", "it is not a table of the right form.", f"Write {example}.")
        immiscible = tree.get("immiscible", [])
        bibliography = tree.get("bibliography", {})
        return MaterialFile(
            tuple(entries),
            tuple(self.immiscible(immiscible) if isinstance(immiscible, list) else ()),
            tuple(self.references(bibliography) if isinstance(bibliography, dict) else ()),
        )

    def unknown(self, field: str, found: str, known: Iterable[str], what: str) -> None:
        names = sorted(known)
        near = nearest(found, names)
        remedy = f"Did you mean {near!r}?" if near else "Leave it out."
        self.fault(field, found, ", ".join(names), f"there is no such {what}.", remedy)

    def entries(self, category: Category, table: Mapping[str, Any]) -> list[Entry]:
        found: list[Entry] = []
        taken: set[str] = set()
        for name, content in table.items():
            field = f"{category}.{name}"
            subject = self.subject(category, name, field)
            if subject is None:
                continue
            identity = pair_key(subject) if category == "pair" else subject.lower()
            if identity in taken:
                self.fault(field, name, "", "it is there twice.", "Keep one of the two.")
            elif not isinstance(content, dict):
                self.fault(field, content, "", "it is not a table.", f"Write [{field}] and [[{field}.record]].")
            else:
                taken.add(identity)
                header = self.header(category, field, content)
                found.append(Entry(category, subject, header, self.records(category, subject, field, content)))
        return found

    def subject(self, category: Category, name: str, field: str) -> str | None:
        parts = name.split("+") if category == "pair" else [name]
        parts = [part.strip() for part in parts]
        if len(parts) != (2 if category == "pair" else 1) or not all(_NAME.fullmatch(part) for part in parts):
            example = '[pair."PS+PP"]' if category == "pair" else f"[{category}.MY-NAME]"
            limit = f"letters, digits, space, - and _, at most {_LONGEST_NAME} characters"
            self.fault(field, name, limit, "it is no usable name.", f"Write it like {example}.")
            return None
        if len(parts) == 2 and parts[0].lower() == parts[1].lower():
            self.fault(field, name, "", "a pair needs two different polymers.", 'Write it like [pair."PS+PP"].')
            return None
        return "+".join(parts)

    def header(self, category: Category, field: str, content: Mapping[str, Any]) -> Header:
        allowed = _HEADERS[category]
        header: dict[str, str | bool | tuple[str, ...]] = {}
        for key, value in content.items():
            where = f"{field}.{key}"
            if key == "record":
                continue
            if key not in allowed:
                self.unknown(where, key, (*allowed, "record"), "key")
            elif allowed[key] is list:
                if self.texts(where, value):
                    header[key] = tuple(value)
            elif not isinstance(value, allowed[key]):
                kind = "true or false" if allowed[key] is bool else "a text"
                self.fault(where, value, kind, "it is of the wrong type.", f"Write {kind}.")
            elif key in _CHOICES and value not in _CHOICES[key]:
                self.unknown(where, str(value), _CHOICES[key], key)
            else:
                header[key] = cast("str | bool", value)
        if header.get("family") == "polyolefin" and header.get("kind") not in _POLYOLEFINS:
            self.unknown(f"{field}.kind", str(header.get("kind", "")), _POLYOLEFINS, "kind of polyolefin")
        return header

    def texts(self, field: str, value: object) -> bool:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return True
        self.fault(field, value, 'a list of texts, like ["PS"]', "it is of the wrong type.", "Write a list of texts.")
        return False

    def records(self, category: Category, subject: str, field: str, content: Mapping[str, Any]) -> tuple[Record, ...]:
        tables = content.get("record", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.fault(
                f"{field}.record", "", "", "records are a list of tables.", f"Write [[{field}.record]] once per number."
            )
            return ()
        found: list[Record] = []
        identifiers: set[str] = set()
        defaults: set[str] = set()
        for index, table in enumerate(tables):
            where = f"{field}.record[{index + 1}]"
            record = self.record(category, subject, where, table)
            if record is None:
                continue
            in_use = record.default and not record.information
            if record.identifier in identifiers or (in_use and record.property in defaults):
                remedy = "Keep one, or give the other an `id` and `default = false`."
                self.fault(where, record.identifier, "", "this number is there twice.", remedy)
                continue
            identifiers.add(record.identifier)
            if in_use:
                defaults.add(record.property)
            found.append(record)
        return tuple(found)

    def record(self, category: Category, subject: str, field: str, table: Mapping[str, Any]) -> Record | None:
        before = len(self.faults)
        for key in table:
            if key not in _RECORD_KEYS:
                self.unknown(f"{field}.{key}", key, _RECORD_KEYS, "key of a record")
        text = {key: self.text(field, table, key) for key in ("condition", "place", "note", "uncertainty", "id")}
        flag = {key: self.flag(field, table, key, key == "default") for key in ("verified", "default", "information")}
        name = self.text(field, table, "property", required=True)
        source = self.text(field, table, "source", required=True)
        kind = self.text(field, table, "kind", required=True)
        if kind and kind not in KINDS:
            self.unknown(f"{field}.kind", kind, KINDS, "kind of number")
        if text["id"] and not _SUFFIX.fullmatch(text["id"]):
            limit = f"letters, digits and . _ -, at most {_LONGEST_NAME} characters"
            self.fault(f"{field}.id", text["id"], limit, "it is no usable id.", "Write it like 'flexural-23C'.")
        if not flag["default"] and not text["id"] and not flag["information"]:
            remedy = "Add `id`, like 'flexural-23C'."
            self.fault(f"{field}.id", "", "", "an alternative needs an id, so that a recipe can name it.", remedy)
        meaning = self.property(category, field, name, flag["information"]) if name else None
        number = self.number(field, table.get("value"))
        unit = self.text(field, table, "unit", required=True)
        value = self.si(field, name, number, unit, meaning) if number is not None and unit else None
        spread = self.range(field, table.get("range"))
        prior = self.prior(field, text["uncertainty"], value, unit)
        if len(self.faults) > before or number is None or value is None:
            return None
        return Record(
            subject=subject,
            property=name,
            value=value,
            printed=number,
            unit=unit,
            condition=text["condition"],
            kind=cast("Kind", kind),
            verified=flag["verified"],
            source=source,
            place=text["place"],
            printed_range=spread,
            uncertainty=text["uncertainty"],
            prior=prior,
            identifier=Record.identify(subject, name, text["id"]),
            default=flag["default"] and not flag["information"],
            information=flag["information"],
            note=text["note"],
        )

    def text(self, field: str, table: Mapping[str, Any], key: str, required: bool = False) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.fault(f"{field}.{key}", value, "a text", "it is of the wrong type.", "Write a text in quotes.")
            return ""
        if required and not value.strip():
            self.fault(f"{field}.{key}", "", "", "it is missing.", _REMEDYS[key])
        return value.strip()

    def flag(self, field: str, table: Mapping[str, Any], key: str, default: bool) -> bool:
        value = table.get(key, default)
        if isinstance(value, bool):
            return value
        self.fault(f"{field}.{key}", value, "true or false", "it is of the wrong type.", "Write true or false.")
        return default

    def property(self, category: Category, field: str, name: str, information: bool) -> Meaning | None:
        if not _PROPERTY.fullmatch(name):
            self.fault(f"{field}.property", name, "", "it is no usable name.", "Write it like 'density_solid'.")
            return None
        meaning = meaning_of(category, name)
        if information:
            return None
        if meaning is None:
            known = list(properties(category))
            if category == "polymer":
                known.append(f"{PERMEABILITY}N2")
            near = nearest(name, known)
            remedy = (
                f"Did you mean {near!r}?"
                if near
                else "Add `information = true` to keep a number that the model does not use."
            )
            self.fault(f"{field}.property", name, ", ".join(known), f"a {category} has no such property.", remedy)
        return meaning

    def number(self, field: str, value: object) -> float | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                number = float(value)
            except OverflowError:
                number = math.inf
            if math.isfinite(number):
                return number
            self.fault(f"{field}.value", value, "", "it is not a finite number.", "Write a number, like 0.905.")
        elif value is None:
            self.fault(f"{field}.value", "", "", "it is missing.", "Write a number, like value = 0.905.")
        else:
            self.fault(
                f"{field}.value",
                value,
                "a number",
                "it is of the wrong type.",
                "Write a number without quotes; the unit has its own key.",
            )
        return None

    def si(self, field: str, name: str, number: float, unit: str, meaning: Meaning | None) -> float | None:
        try:
            found = dimension(unit)
            if meaning is not None and found != dimension(meaning.unit):
                remedy = f"Write unit = {meaning.display_unit!r}."
                self.fault(
                    f"{field}.unit", unit, meaning.display_unit, f"the {meaning.meaning} is not measured in it.", remedy
                )
                return None
            value = to_si(number, unit)
        except UnitError as error:
            self.fault(f"{field}.unit", unit, meaning.display_unit if meaning else "", error.reason, error.remedy)
            return None
        if meaning is None:
            return value
        fault = outside(f"{field}.value", name, value, f"{number:g} {unit}", meaning)
        if fault is not None:
            self.faults.append(fault)
            return None
        return value

    def range(self, field: str, value: object) -> tuple[float, float] | None:
        if value is None:
            return None
        if isinstance(value, list) and len(value) == 2:
            low, high = (
                float(v) if isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < 1e300 else math.nan
                for v in value
            )
            if low <= high:
                return low, high
        self.fault(
            f"{field}.range",
            value,
            "two numbers, lowest first",
            "it is not a range.",
            "Write it like range = [0.90, 0.91].",
        )
        return None

    def prior(self, field: str, uncertainty: str, value: float | None, unit: str) -> Prior | None:
        if not uncertainty or value is None:
            return None
        try:
            return own_prior(uncertainty, value, unit)
        except UnitError as error:
            self.fault(f"{field}.uncertainty", uncertainty, "", error.reason, error.remedy)
            return None

    def immiscible(self, tables: list[Any]) -> list[Immiscible]:
        found = []
        for index, table in enumerate(tables):
            field = f"immiscible[{index + 1}]"
            if not isinstance(table, dict):
                self.fault(field, table, "", "it is not a table.", "Write [[immiscible]].")
                continue
            for key in table:
                if key not in ("first", "second", "source", "note"):
                    self.unknown(f"{field}.{key}", key, ("first", "second", "source", "note"), "key")
            source = self.text(field, table, "source", required=True)
            if self.texts(f"{field}.first", table.get("first")) and self.texts(f"{field}.second", table.get("second")):
                found.append(
                    Immiscible(tuple(table["first"]), tuple(table["second"]), source, self.text(field, table, "note"))
                )
        return found

    def references(self, tables: Mapping[str, Any]) -> list[Reference]:
        found = []
        for key, table in tables.items():
            field = f"bibliography.{key}"
            if not isinstance(table, dict):
                self.fault(field, table, "", "it is not a table.", f"Write [{field}].")
                continue
            for name in table:
                if name not in _REFERENCE_KEYS:
                    self.unknown(f"{field}.{name}", name, _REFERENCE_KEYS, "key of a reference")
            year = table.get("year")
            if year is not None and (not isinstance(year, int) or isinstance(year, bool) or not 1500 <= year <= 3000):
                self.fault(f"{field}.year", year, "a whole number", "it is no year.", "Write it like year = 1999.")
                year = None
            seen = self.text(field, table, "seen") or "not re-read"
            if seen not in _SEEN:
                self.unknown(f"{field}.seen", seen, _SEEN, "answer")
                seen = "not re-read"
            found.append(
                Reference(
                    key=key,
                    authors=self.text(field, table, "authors", required=True),
                    title=self.text(field, table, "title", required=True),
                    container=self.text(field, table, "container"),
                    year=year,
                    doi=self.text(field, table, "doi"),
                    seen=cast("Any", seen),
                )
            )
        return found


_REMEDYS = {
    "property": "Write the name of the number, like property = 'density_solid'.",
    "unit": "Write the unit, like unit = 'g/cm3'; '1' for a plain ratio.",
    "kind": f"Write one of {', '.join(KINDS)}.",
    "source": "Write the key of a bibliography entry; a number without a source cannot be judged.",
    "authors": "Write the authors or the publisher.",
    "title": "Write the title.",
}


def outside(field: str, name: str, value: float, shown: str, meaning: Meaning) -> Fault | None:
    """The fault of a value that no material of this kind has, or None."""
    low, high = limits(name)
    if low <= value <= high:
        return None
    unit = meaning.display_unit
    limit = "above 0" if high >= 1e300 else f"{format_quantity(low, unit)} to {format_quantity(high, unit)}"
    return Fault(
        field, printable(shown), limit, f"it is not a sensible {meaning.meaning}.", "Check the number and its unit."
    )


def pair_key(name: str) -> str:
    """The pair's name with its two polymers in one fixed order, in small letters."""
    return "+".join(sorted(part.strip().lower() for part in name.split("+")))


def merged(entry: Entry, base: Entry | None) -> Entry:
    """The entry laid over `base`: its records come into use, and those they replace become alternatives."""
    if base is None:
        return entry
    header = {**base.header, **entry.header}
    in_use = {record.property for record in entry.records if record.default}
    own = {record.identifier for record in entry.records}
    kept: list[Record] = []
    for record in base.records:
        if record.property in in_use and record.default:
            suffix = record.identifier.partition(":")[2] or "shipped"
            identifier = Record.identify(record.subject, record.property, suffix)
            record = dataclasses.replace(record, default=False, identifier=identifier)
        if record.identifier not in own:
            kept.append(record)
    fresh = [_renamed(record, base.name) for record in entry.records]
    return Entry(base.category, base.name, header, (*fresh, *kept))


def _renamed(record: Record, subject: str) -> Record:
    suffix = record.identifier.partition(":")[2]
    return dataclasses.replace(record, subject=subject, identifier=Record.identify(subject, record.property, suffix))
