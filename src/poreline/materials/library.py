"""The library of materials: what is shipped, what a user adds, and what a recipe chooses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

from poreline.materials.copolymer import Copolymer
from poreline.materials.fluids import Gas, Liquid, Solute
from poreline.materials.interfacial_tension import HarmonicMeanTension, InterfacialTension, LinearTension
from poreline.materials.material_file import (
    Entry,
    MaterialFile,
    merged,
    outside,
    pair_key,
    parse_material_text,
    read_material_file,
)
from poreline.materials.polymer import Drawing, Polymer
from poreline.materials.priors import Prior
from poreline.materials.records import (
    FACTOR_OF,
    HARMONIC_MEAN_PRIOR,
    PERMEABILITY,
    Category,
    Record,
    Reference,
    default_prior,
    meaning_of,
    own_prior,
    properties,
)
from poreline.quantities import (
    Fault,
    InvalidInput,
    Meaning,
    UnitError,
    Values,
    meanings,
    nearest,
    parse_quantity,
    printable,
)

DEFAULT_TENSION_SLOPE: Final = -2e-5
"""N/(m K): the change with temperature of a pair's tension whose records give none."""
AIR: Final = {"N2": 0.79, "O2": 0.21}
"""Mole fractions of air: the dense permeability of a polymer to air is their mean of N2 and O2."""
_OF_A_RECIPE: Final = "recipe"  # bibliography key of a number that the recipe gives itself
_SUBJECTS: Final[tuple[Category, ...]] = ("polymer", "copolymer", "gas", "liquid", "solute")

Key = tuple[Category, str]


@cache
def default_materials() -> Materials:
    """The materials that are shipped. Their files are read when one of them is first asked for."""
    return Materials()


@dataclass(frozen=True, eq=False)
class Materials:
    """Polymers, copolymers, pairs and fluids, each number with its source.

    Names are matched without regard to case, and other usual names are understood. Every method that takes a name
    raises InvalidInput, with the names that exist, when it knows no such thing.
    """

    own: Mapping[Key, Entry] = field(default_factory=dict)
    """Entries that a user's file or a recipe's choice added or changed, complete."""
    own_immiscible: frozenset[str] = frozenset()
    own_references: Mapping[str, Reference] = field(default_factory=dict)

    # What there is

    @property
    def polymer_names(self) -> tuple[str, ...]:
        """Names of the polymers."""
        return self._names("polymer")

    @property
    def matrix_names(self) -> tuple[str, ...]:
        """Names of the polymers that have the numbers of drawing and can be the matrix."""
        return tuple(name for name in self.polymer_names if not self._missing_for_drawing(name))

    @property
    def copolymer_names(self) -> tuple[str, ...]:
        """Names of the copolymers."""
        return self._names("copolymer")

    @property
    def gas_names(self) -> tuple[str, ...]:
        """Names of the gases."""
        return self._names("gas")

    @property
    def liquid_names(self) -> tuple[str, ...]:
        """Names of the liquids."""
        return self._names("liquid")

    @property
    def solute_names(self) -> tuple[str, ...]:
        """Names of the families of solutes."""
        return self._names("solute")

    @property
    def pair_names(self) -> tuple[str, ...]:
        """Names of the pairs that have records of their own, like "PS+PP"."""
        return self._names("pair")

    # Materials

    def polymer(self, name: str) -> Polymer:
        """The polymer `name`, with `drawing` where all its numbers of drawing are known."""
        entry = self._entry("polymer", name)
        numbers = _numbers(entry)
        permeability: dict[str, Values] = {
            key.removeprefix(PERMEABILITY): numbers[key] for key in numbers if key.startswith(PERMEABILITY)
        }
        if "air" not in permeability and permeability.keys() >= AIR.keys():
            permeability["air"] = sum(share * permeability[gas] for gas, share in AIR.items())
        drawing = None if _missing(Drawing, numbers) else Drawing(**_fields(Drawing, numbers))
        texts = _texts(Polymer, entry)
        return Polymer(**texts, **_fields(Polymer, numbers), permeability=permeability, drawing=drawing)

    def matrix(self, name: str) -> Polymer:
        """The polymer `name` for use as the matrix, which is drawn.

        Raises InvalidInput naming the numbers that are missing and the polymers that have them all.
        """
        polymer = self.polymer(name)
        if polymer.drawing is None:
            missing = ", ".join(self._missing_for_drawing(polymer.name))
            fault = Fault(
                "matrix",
                printable(polymer.name),
                ", ".join(self.matrix_names),
                f"it has no {missing}, so how it draws is not known.",
                "Choose another second polymer, or add these numbers in a material file.",
            )
            raise InvalidInput([fault], "materials")
        return polymer

    def copolymer(self, name: str) -> Copolymer:
        """The copolymer `name`."""
        entry = self._entry("copolymer", name)
        return Copolymer(**_texts(Copolymer, entry), **_fields(Copolymer, _numbers(entry)))

    def tension(self, first: str, second: str) -> InterfacialTension:
        """Tension of the interface between two polymers, in either order.

        A pair without a number of its own gets the harmonic mean of its surface tensions.
        """
        entry = self._pair(first, second)
        numbers = _numbers(entry) if entry is not None else {}
        if "value" not in numbers:
            return HarmonicMeanTension()
        return LinearTension(**{"slope": DEFAULT_TENSION_SLOPE, **_fields(LinearTension, numbers)})

    def known_immiscible(self, first: str, second: str) -> bool:
        """True if the two polymers are known to form two phases in the melt."""
        names = (self._entry("polymer", first).name, self._entry("polymer", second).name)
        key = pair_key("+".join(names))
        return key in self.own_immiscible or key in _shipped_immiscible()

    def gas(self, name: str) -> Gas:
        """The gas `name`."""
        entry = self._entry("gas", name)
        condensable = bool(entry.header.get("condensable", False))
        return Gas(**_texts(Gas, entry), condensable=condensable, **_fields(Gas, _numbers(entry)))

    def liquid(self, name: str) -> Liquid:
        """The liquid `name`."""
        entry = self._entry("liquid", name)
        return Liquid(**_texts(Liquid, entry), **_fields(Liquid, _numbers(entry)))

    def solute(self, name: str) -> Solute:
        """The family of solutes `name`."""
        entry = self._entry("solute", name)
        return Solute(**_texts(Solute, entry), **_fields(Solute, _numbers(entry)))

    # Records

    def records(self, subject: str) -> tuple[Record, ...]:
        """Every record of a polymer, copolymer, fluid or pair ("PS+PP"): in use, alternatives, information."""
        entry = self._subject(subject)
        return entry.records if entry is not None else ()

    def record(self, subject: str, name: str) -> Record:
        """The record in use for one property. Raises InvalidInput if there is none."""
        found = self._in_use(subject, name)
        if found is None:
            known = sorted(record.property for record in self.records(subject) if record.default)
            near = nearest(name, known)
            remedy = f"Did you mean {near!r}?" if near else "Choose one of these, or add it in a material file."
            fault = Fault(printable(f"{subject}.{name}", 120), "", ", ".join(known), "there is no such number.", remedy)
            raise InvalidInput([fault], "materials")
        return found

    def alternatives(self, subject: str, name: str) -> tuple[Record, ...]:
        """The records of one property that a recipe can choose instead of the one in use."""
        return tuple(r for r in self.records(subject) if r.property == name and not r.default and not r.information)

    def records_used(self, *subjects: str) -> tuple[Record, ...]:
        """The records in use of these subjects, each once: what a run that used them rests on.

        A pair ("PS+PP") without a tension of its own rests on the surface tensions of its two polymers.
        """
        used: dict[str, Record] = {}
        for subject in subjects:
            entry = self._subject(subject)
            own = tuple(record for record in entry.records if record.default) if entry is not None else ()
            if "+" in subject and not any(record.property == "value" for record in own):
                first, second = self._pair_of(subject)
                names = ("surface_tension_20c", "surface_tension_slope", "surface_polarity")
                own = tuple(self.record(polymer, name) for polymer, name in product((first, second), names))
            used |= {record.identifier: record for record in own}
        return tuple(used.values())

    def prior(self, subject: str, name: str) -> Prior | None:
        """The prior of a number, or None if it is not varied on its own.

        `name` is a field of the material, `permeability.GAS`, or the factor on a law as a whole: `viscosity_factor`,
        `yield_factor`, or `factor` of a pair's tension.
        """
        entry = self._subject(subject)
        category: Category = entry.category if entry is not None else "pair"
        if name not in FACTOR_OF and meaning_of(category, name) is None:
            raise _unknown(f"{subject}.{name}", name, (*properties(category), *FACTOR_OF), f"number of a {category}")
        record = self._in_use(subject, FACTOR_OF.get(name, name))
        if record is None and name == f"{PERMEABILITY}air":
            # The mean of two gases is known as well as each: their errors have the same causes.
            record = self._in_use(subject, f"{PERMEABILITY}N2")
        if record is None:
            return HARMONIC_MEAN_PRIOR if name == "factor" and "+" in subject else None
        if name in FACTOR_OF.values():
            return None
        if record.prior is None:
            return default_prior(category, name, record.kind)
        return _relative(record.prior, record.value) if name in FACTOR_OF else record.prior

    def bibliography(self, key: str) -> Reference:
        """The reference with this key."""
        known = {**_shipped_references(), **self.own_references}
        if key not in known:
            raise _unknown("bibliography", key, known, "source")
        return known[key]

    # Additions and choices

    def with_file(self, path: Path | str) -> Materials:
        """These materials and those of a user's file, which may also add records to materials that exist.

        A record of the file takes the place of the one in use, which becomes an alternative. Raises InvalidInput with
        every fault found.
        """
        place = Path(path)
        return self.with_contents(read_material_file(place), place.name)

    def with_contents(self, contents: MaterialFile, label: str) -> Materials:
        """These materials and those of a file that has been read already; `label` names it in faults."""
        own = dict(self.own)
        for entry in contents.entries:
            base = self._find(entry.category, entry.name)
            complete = merged(entry, base)
            own[complete.category, _identity(complete)] = complete
        references = {**self.own_references, **{reference.key: reference for reference in contents.references}}
        pairs = frozenset(
            pair_key(f"{first}+{second}")
            for group in contents.immiscible
            for first, second in product(group.first, group.second)
        )
        extended = Materials(own, self.own_immiscible | pairs, references)
        faults = [fault for entry in contents.entries for fault in extended._faults(entry)]
        faults += [fault for entry in contents.entries for fault in self._clash(entry, contents)]
        known = {**_shipped_references(), **references}
        for index, group in enumerate(contents.immiscible, start=1):
            place = f"immiscible[{index}]"
            if group.source not in known:
                faults.append(_source_fault(f"{place}.source", group.source, known))
            faults += [
                _unknown(place, name, extended.polymer_names, "polymer").faults[0]
                for name in (*group.first, *group.second)
                if extended._find("polymer", name) is None
            ]
        if faults:
            raise InvalidInput(faults, label)
        return extended

    def with_choices(self, choices: Mapping[str, str]) -> Materials:
        """These materials with other numbers in use.

        Keys are like "PP.youngs_modulus" or "PS+PP.value"; a value is the id of an alternative
        ("PP.youngs_modulus:flexural-23C", or "flexural-23C") or a quantity ("0.91 GPa"), which may carry its
        uncertainty ("0.91 GPa ± 0.05 GPa", "0.91 GPa x/÷ 1.1"). A quantity without one keeps the uncertainty of the
        number it replaces. Raises InvalidInput with every fault found.
        """
        chosen = self
        faults: list[Fault] = []
        touched: dict[Key, Entry] = {}
        for key, text in choices.items():
            try:
                entry = chosen._chosen(key, text)
            except InvalidInput as error:
                faults += error.faults
                continue
            identity: Key = (entry.category, _identity(entry))
            touched[identity] = entry
            chosen = dataclasses.replace(chosen, own={**chosen.own, identity: entry})
        faults += [fault for entry in touched.values() for fault in chosen._incomplete(entry)]
        if faults:
            raise InvalidInput(faults, "choices of materials")
        return chosen

    def _chosen(self, key: str, text: str) -> Entry:
        subject, _, name = key.partition(".")
        if not name:
            remedy = "Write it like 'PP.youngs_modulus'."
            raise InvalidInput([Fault(printable(key), "", "", "it names no number of a material.", remedy)], "choices")
        entry = self._subject(subject)
        if entry is None:
            first, second = self._pair_of(subject)
            entry = Entry("pair", f"{first}+{second}", {}, ())
        meaning = meaning_of(entry.category, name)
        if meaning is None:
            raise _unknown(key, name, properties(entry.category), f"number of a {entry.category}")
        others = [r for r in entry.records if r.property == name and not r.default and not r.information]
        wanted = text.strip()
        for record in others:
            if wanted in (record.identifier, record.identifier.partition(":")[2]):
                return _put(entry, dataclasses.replace(record, default=True))
        in_use = self._in_use(entry.name, name)
        if in_use is not None and wanted == in_use.identifier:
            return entry
        return _put(entry, self._stated(entry, name, wanted, meaning, [record.identifier for record in others]))

    def _stated(self, entry: Entry, name: str, text: str, meaning: Meaning, others: list[str]) -> Record:
        where = f"{entry.name}.{name}"
        number, uncertainty = _split(text)
        try:
            value = parse_quantity(_with_unit(number, meaning), meaning.display_unit)
            prior = own_prior(uncertainty, value, meaning.unit) if uncertainty else None
        except UnitError as error:
            listed = f"; or one of {', '.join(others)}" if others else ""
            fault = Fault(
                where, printable(text), f"a quantity in {meaning.display_unit}{listed}", error.reason, error.remedy
            )
            raise InvalidInput([fault], "choices of materials") from error
        fault_found = outside(where, name, value, text, meaning)
        if fault_found is not None:
            raise InvalidInput([fault_found], "choices of materials")
        if prior is None and self._in_use(entry.name, name) is not None:
            of_the_law = {record: factor for factor, record in FACTOR_OF.items()}
            prior = self.prior(entry.name, of_the_law.get(name, name))
        printed, unit = _printed(number, value)
        return Record(
            subject=entry.name,
            property=name,
            value=value,
            printed=printed,
            unit=unit,
            kind="assumed",
            source=_OF_A_RECIPE,
            uncertainty=uncertainty,
            prior=prior,
            identifier=Record.identify(entry.name, name, _OF_A_RECIPE),
        )

    # Finding

    def _names(self, category: Category) -> tuple[str, ...]:
        shipped = _shipped_names(category)
        added = [entry.name for (kind, key), entry in self.own.items() if kind == category and key not in shipped]
        return (*shipped.values(), *added)

    def _find(self, category: Category, name: str) -> Entry | None:
        """The entry with this very name, whatever its case."""
        identity = pair_key(name) if category == "pair" else name.strip().lower()
        own = self.own.get((category, identity))
        return own if own is not None else _shipped(category, identity)

    def _entry(self, category: Category, name: str) -> Entry:
        found = self._find(category, name)
        return found if found is not None else self._by_synonym(category, name)

    def _by_synonym(self, category: Category, name: str) -> Entry:
        entries = [self._find(category, known) for known in self._names(category)]
        wanted = name.strip().lower()
        matches = [e for e in entries if e is not None and wanted in (other.lower() for other in e.names())]
        if len(matches) == 1:
            return matches[0]
        names = self._names(category)
        if matches:
            which = " or ".join(entry.name for entry in matches)
            fault = Fault(category, printable(name), which, f"it can be more than one {category}.", f"Choose {which}.")
            raise InvalidInput([fault], "materials")
        raise _unknown(
            category, name, names, category, {other: e.name for e in entries if e is not None for other in e.names()}
        )

    def _subject(self, subject: str) -> Entry | None:
        """The entry of any category; None for a pair of known polymers that has no records."""
        if "+" in subject:
            first, second = self._pair_of(subject)
            return self._find("pair", f"{first}+{second}")
        for category in _SUBJECTS:
            found = self._find(category, subject)
            if found is not None:
                return found
        for category in _SUBJECTS:
            try:
                return self._by_synonym(category, subject)
            except InvalidInput as error:
                if "more than one" in error.faults[0].reason:
                    raise
        raise _unknown(
            "material", subject, [name for category in _SUBJECTS for name in self._names(category)], "material"
        )

    def _pair(self, first: str, second: str) -> Entry | None:
        names = (self._entry("polymer", first).name, self._entry("polymer", second).name)
        return self._find("pair", "+".join(names))

    def _pair_of(self, subject: str) -> tuple[str, str]:
        parts = subject.split("+")
        if len(parts) != 2:
            fault = Fault("pair", printable(subject), "", "a pair has two polymers.", "Write it like 'PS+PP'.")
            raise InvalidInput([fault], "materials")
        return self._entry("polymer", parts[0]).name, self._entry("polymer", parts[1]).name

    def _in_use(self, subject: str, name: str) -> Record | None:
        return next((r for r in self.records(subject) if r.property == name and r.default), None)

    def _missing_for_drawing(self, name: str) -> list[str]:
        return _missing(Drawing, _numbers(self._entry("polymer", name)))

    # Checking what a file or a choice made

    def _faults(self, entry: Entry) -> list[Fault]:
        known = {**_shipped_references(), **self.own_references}
        faults = [
            _source_fault(f"{record.identifier}: source", record.source, known)
            for record in entry.records
            if record.source not in known
        ]
        for record in entry.records:
            gas = record.property.removeprefix(PERMEABILITY)
            if entry.category == "polymer" and gas != record.property and gas not in self.gas_names:
                faults.append(_unknown(record.identifier, gas, self.gas_names, "gas").faults[0])
        if entry.category == "pair":
            unknown = [part for part in entry.name.split("+") if self._find("polymer", part) is None]
            return (
                faults
                + [_unknown(f"pair.{entry.name}", part, self.polymer_names, "polymer").faults[0] for part in unknown]
                + (self._incomplete(entry) if not unknown else [])
            )
        return faults + self._incomplete(entry)

    def _incomplete(self, entry: Entry) -> list[Fault]:
        complete = self._find(entry.category, entry.name)
        if complete is None:
            return []
        numbers = _numbers(complete)
        faults = []
        if entry.category == "polymer":
            faults = [
                Fault(
                    f"polymer.{entry.name}.{key}",
                    "",
                    "",
                    "it is missing.",
                    f"Write {key} = '...' under [polymer.{entry.name}].",
                )
                for key in ("family", "order", "affinity")
                if not complete.header.get(key)
            ]
            if complete.header.get("order") == "semicrystalline" and "melting_point" not in numbers:
                remedy = "Add a record of it, or say order = 'amorphous'."
                faults.append(
                    Fault(f"polymer.{entry.name}.melting_point", "", "", "a semicrystalline polymer has one.", remedy)
                )
        missing = _missing(_BUILT[entry.category], numbers)
        if entry.category == "pair":
            missing = [name for name in missing if name != "slope"] if numbers else []
        if missing:
            remedy = f"Add one [[{entry.category}.{entry.name}.record]] for each."
            reason = f"these numbers are missing: {', '.join(missing)}."
            faults.append(Fault(f"{entry.category}.{entry.name}", "", "", reason, remedy))
        return faults

    def _clash(self, entry: Entry, contents: MaterialFile) -> list[Fault]:
        """Faults of a name or synonym that already means a material of another category or another material."""
        faults: list[Fault] = []
        if entry.category == "pair":
            return faults
        for category in _SUBJECTS:
            others = [e for e in contents.entries if e.category == category and e is not entry]
            taken = {other.lower() for e in others for other in e.names()} | set(_shipped_names(category))
            taken |= {key for kind, key in self.own if kind == category}
            for name in entry.names():
                own = category == entry.category and name.lower() == entry.name.lower()
                if name.lower() in taken and not own:
                    reason = f"the name already belongs to a {category}."
                    faults.append(
                        Fault(f"{entry.category}.{entry.name}", printable(name), "", reason, "Choose another name.")
                    )
        return faults


_BUILT: Final[dict[Category, type]] = {
    "polymer": Polymer,
    "copolymer": Copolymer,
    "pair": LinearTension,
    "gas": Gas,
    "liquid": Liquid,
    "solute": Solute,
}


def _numbers(entry: Entry) -> dict[str, float]:
    return {record.property: record.value for record in entry.records if record.default}


def _fields(kind: type, numbers: Mapping[str, float]) -> dict[str, Any]:
    return {name: numbers[name] for name, _ in meanings(kind) if name in numbers}


def _missing(kind: type, numbers: Mapping[str, float]) -> list[str]:
    """The quantity fields without a default that `numbers` does not fill."""
    required = {f.name for f in dataclasses.fields(kind) if f.default is dataclasses.MISSING}
    return [name for name, _ in meanings(kind) if name in required and name not in numbers]


def _texts(kind: type, entry: Entry) -> dict[str, Any]:
    names = {f.name for f in dataclasses.fields(kind)}
    return {"name": entry.name, **{k: v for k, v in entry.header.items() if k in names and k != "condensable"}}


def _identity(entry: Entry) -> str:
    return pair_key(entry.name) if entry.category == "pair" else entry.name.lower()


def _put(entry: Entry, record: Record) -> Entry:
    """The entry with `record` in use."""
    changed = Entry(entry.category, entry.name, {}, (record,))
    return merged(changed, entry)


def _relative(prior: Prior, value: float) -> Prior:
    """The prior of a number as the prior of the factor 1 on its law."""
    if prior.shape == "lognormal":
        return prior
    return Prior("normal", prior.spread / abs(value), lowest=prior.lowest / value)


def _split(text: str) -> tuple[str, str]:
    """The quantity and the uncertainty of a text like '0.91 GPa ± 0.05 GPa'."""
    for mark in ("±", "+-", "+/-", "x/÷", "x/:", "*/"):
        before, found, after = text.partition(mark)
        if found:
            return before.strip(), mark + after
    return text, ""


def _with_unit(text: str, meaning: Meaning) -> str:
    """The text, with the unit 1 after a plain number where a plain ratio is asked for."""
    try:
        float(text)
    except ValueError:
        return text
    return f"{text} 1" if meaning.unit == "1" else text


def _printed(text: str, value: float) -> tuple[float, str]:
    number, _, unit = text.strip().partition(" ")
    try:
        return float(number), unit.strip() or "1"
    except ValueError:  # written without a space
        return value, "SI"


def _unknown(
    where: str, found: str, known: Iterable[str], what: str, spellings: Mapping[str, str] | None = None
) -> InvalidInput:
    names = list(known)
    every = spellings if spellings is not None else {name: name for name in names}
    near = nearest(found, every)
    remedy = f"Did you mean {every[near]!r}?" if near else "Choose one of these, or add it in a material file."
    fault = Fault(printable(where, 120), printable(found), ", ".join(names), f"there is no such {what}.", remedy)
    return InvalidInput([fault], "materials")


def _source_fault(where: str, source: str, known: Iterable[str]) -> Fault:
    near = nearest(source, known)
    remedy = (
        f"Did you mean {near!r}?" if near else f"Add [bibliography.{printable(source, 30)}] with authors and title."
    )
    return Fault(printable(where, 120), printable(source), "", "the bibliography has no such source.", remedy)


# The shipped files. Each is read once, when something in it is first asked for.

_Shelf = Literal["polymers", "copolymers"]
_SHELVES: Final[dict[Category, _Shelf]] = {"polymer": "polymers", "copolymer": "copolymers"}
_FILES: Final[dict[Category, str]] = {
    "pair": "pairs.toml",
    "gas": "fluids.toml",
    "liquid": "fluids.toml",
    "solute": "fluids.toml",
}


@cache
def _shipped_file(name: str) -> MaterialFile:
    text = files("poreline.materials").joinpath("data").joinpath(*name.split("/")).read_text(encoding="utf-8")
    return parse_material_text(text, name)


@cache
def _shipped_names(category: Category) -> dict[str, str]:
    """Name by name in small letters."""
    if category in _SHELVES:
        shelf = files("poreline.materials").joinpath("data", _SHELVES[category])
        names = sorted(file.name.removesuffix(".toml") for file in shelf.iterdir() if file.name.endswith(".toml"))
        return {name.lower(): name for name in names}
    contents = _shipped_file(_FILES[category])
    return {_identity(entry): entry.name for entry in contents.entries if entry.category == category}


@cache
def _shipped(category: Category, identity: str) -> Entry | None:
    names = _shipped_names(category)
    if identity not in names:
        return None
    file = f"{_SHELVES[category]}/{names[identity]}.toml" if category in _SHELVES else _FILES[category]
    entries = _shipped_file(file).entries
    return next((entry for entry in entries if entry.category == category and _identity(entry) == identity), None)


@cache
def _shipped_immiscible() -> frozenset[str]:
    groups = _shipped_file("pairs.toml").immiscible
    return frozenset(pair_key(f"{a}+{b}") for group in groups for a, b in product(group.first, group.second))


@cache
def _shipped_references() -> dict[str, Reference]:
    return {reference.key: reference for reference in _shipped_file("bibliography.toml").references}
