"""`poreline materials`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from poreline.app.cli.screen import clean, console, table
from poreline.blend import miscibility
from poreline.materials import Materials, Polymer, Record, default_materials
from poreline.materials.records import FACTOR_OF
from poreline.quantities import Fault, InvalidInput, UnitError, format_quantity, parse_quantity, printable
from poreline.report.machine import to_json


def _materials(file: Path | None) -> Materials:
    return default_materials() if file is None else default_materials().with_file(file)


def list_materials(file: Path | None, *, as_json: bool) -> None:
    """List what is known."""
    known = _materials(file)
    names = {
        "polymers": known.polymer_names,
        "copolymers": known.copolymer_names,
        "pairs": known.pair_names,
        "gases": known.gas_names,
        "liquids": known.liquid_names,
        "solutes": known.solute_names,
    }
    if as_json:
        typer.echo(to_json({**names, "matrices": known.matrix_names}))
        return
    screen = console()
    rows = []
    for name in known.polymer_names:
        polymer = known.polymer(name)
        roles = "domains or matrix" if polymer.drawing is not None else "domains"
        rows.append(
            (
                name,
                polymer.full_name,
                polymer.family,
                polymer.order,
                roles,
                format_quantity(float(polymer.glass_transition), "degC", 3),
                polymer.grade,
            )
        )
    screen.print(table(("polymer", "full name", "family", "order", "can be", "Tg", "grade"), rows))
    screen.print(
        table(("copolymer", "full name"), [(name, known.copolymer(name).full_name) for name in known.copolymer_names])
    )
    for kind in ("pairs", "gases", "liquids", "solutes"):
        screen.print(clean(f"{kind}: {', '.join(names[kind])}"))
    screen.print(
        clean(
            "Any other pair gets its interfacial tension from the surface tensions. `poreline materials show PP` gives every number."
        )
    )


def show_material(name: str, file: Path | None, *, as_json: bool) -> None:
    """Show every record of a material."""
    known = _materials(file)
    records = known.records(name)
    if as_json:
        content = {
            "name": records[0].subject if records else name,
            "records": [_as_dict(record, known) for record in records],
        }
        typer.echo(to_json(content))
        return
    screen = console()
    sources = _Sources(known)
    for title, chosen in (
        (f"{records[0].subject}: the numbers in use", [r for r in records if r.default and not r.information]),
        ("Alternatives that a recipe can name", [r for r in records if not r.default and not r.information]),
        ("For information, not used by the model", [r for r in records if r.information]),
    ):
        if chosen:
            screen.print(_records_table(title, chosen, known, sources))
    for line in sources.lines():
        screen.print(clean(line))
    screen.print(
        clean('"handbook, not re-read": the page was not opened again; check the value before you rely on it.')
    )


class _Sources:
    """Numbers the sources in the order in which they are used."""

    def __init__(self, known: Materials) -> None:
        self._known = known
        self._keys: list[str] = []

    def number(self, record: Record) -> str:
        """The source's number in brackets, and the place in it."""
        if record.source not in self._keys:
            self._keys.append(record.source)
        found = f"[{self._keys.index(record.source) + 1}]"
        return f"{found} {record.place}" if record.place else found

    def lines(self) -> list[str]:
        """The list of sources."""
        return [f"[{index}] {self._known.bibliography(key)}" for index, key in enumerate(self._keys, start=1)]


def _records_table(title: str, records: Sequence[Record], known: Materials, sources: _Sources) -> Any:
    alternatives = any(not record.default and not record.information for record in records)
    columns = ["number", "value", "condition", "kind", "prior, 1 sd", "source"]
    rows = [
        [
            record.property,
            f"{record.printed:g} {record.unit}" if record.unit != "1" else f"{record.printed:g}",
            record.condition,
            record.kind if record.verified or record.kind != "handbook" else "handbook, not re-read",
            _prior(record, known),
            sources.number(record),
            *([record.identifier] if alternatives else []),
        ]
        for record in records
    ]
    return table([*columns, *(["id"] if alternatives else [])], rows, title=title)


def _prior(record: Record, known: Materials) -> str:
    """The prior of a number in the unit it is printed in; of a law as a whole beside the number that stands for it."""
    if record.prior is not None:
        return record.prior.text(record.unit)
    if record.information or not record.default:
        return ""
    own = known.prior(record.subject, record.property)
    if own is not None:
        return own.text(record.unit)
    factor = next((name for name, of in FACTOR_OF.items() if of == record.property), None)
    whole = known.prior(record.subject, factor) if factor is not None else None
    return "" if whole is None else f"{whole.text('1')}, the law as a whole"


def _as_dict(record: Record, known: Materials) -> dict[str, Any]:
    return {
        "property": record.property,
        "value": record.value,
        "printed": record.printed,
        "unit_printed": record.unit,
        "condition": record.condition,
        "kind": record.kind,
        "verified": record.verified,
        "uncertainty": _prior(record, known),
        "source": str(known.bibliography(record.source)),
        "place": record.place,
        "id": record.identifier,
        "default": record.default,
        "information": record.information,
        "note": record.note,
    }


@dataclass(frozen=True)
class _Pair:
    """How two polymers meet in the melt, SI."""

    first: Polymer
    second: Polymer
    temperature: float
    tension: float
    interaction: float
    interaction_over_critical: float
    interface_width: float
    known_immiscible: bool
    records: Sequence[Record]

    @property
    def tension_method(self) -> str:
        return "the pair's own record" if self.records else "harmonic mean of the surface tensions"


def show_pair(first: str, second: str, temperature: str, file: Path | None, *, as_json: bool) -> None:
    """Show how two polymers meet in the melt."""
    known = _materials(file)
    pair = _pair(known, first, second, _melt_temperature(temperature))
    if as_json:
        typer.echo(to_json(_pair_object(pair, known)))
    else:
        _print_pair(pair, known)


def _melt_temperature(text: str) -> float:
    """The option's temperature, K. Raises InvalidInput."""
    remedy = 'Write it like "210 degC".'
    try:
        kelvin = parse_quantity(text, "K")
    except UnitError as error:
        fault = Fault("--temperature", printable(text), "a temperature", error.reason, remedy)
        raise InvalidInput([fault], "command line") from error
    if not 200.0 < kelvin < 800.0:
        fault = Fault("--temperature", printable(text), "-73 to 526 degC", "No polymer melt has it.", remedy)
        raise InvalidInput([fault], "command line")
    return kelvin


def _pair(known: Materials, first: str, second: str, kelvin: float) -> _Pair:
    a, b = known.polymer(first), known.polymer(second)
    if a.name == b.name:
        reason, remedy = "A polymer does not meet itself.", "Name another second polymer."
        raise InvalidInput([Fault("pair", a.name, "two different polymers", reason, remedy)], "command line")
    chi = float(miscibility.interaction_parameter(a.solubility_parameter, b.solubility_parameter, kelvin))
    lengths = [miscibility.chain_length(p.molar_mass, p.density_melt) for p in (a, b)]
    names = (f"{a.name}+{b.name}", f"{b.name}+{a.name}")
    return _Pair(
        first=a,
        second=b,
        temperature=kelvin,
        tension=float(known.tension(a.name, b.name).at(kelvin, a, b)),
        interaction=chi,
        interaction_over_critical=chi / float(miscibility.critical_interaction_parameter(*lengths)),
        interface_width=float(miscibility.interface_width(chi)),
        known_immiscible=known.known_immiscible(a.name, b.name),
        records=known.records(names[0]) if any(name in known.pair_names for name in names) else (),
    )


def _pair_object(pair: _Pair, known: Materials) -> dict[str, Any]:
    def number(value: float, unit: str, method: str) -> dict[str, Any]:
        return {"value": value, "unit": unit, "method": method}

    return {
        "first": pair.first.name,
        "second": pair.second.name,
        "temperature": {"value": pair.temperature, "unit": "K"},
        "interfacial_tension": number(pair.tension, "N/m", pair.tension_method),
        "interaction_parameter": number(pair.interaction, "1", "solubility parameters"),
        "interaction_over_critical": number(pair.interaction_over_critical, "1", "Flory-Huggins"),
        "interface_width": number(pair.interface_width, "m", "Helfand and Tagami 1972"),
        "known_immiscible": pair.known_immiscible,
        "records": [_as_dict(record, known) for record in pair.records],
    }


def _print_pair(pair: _Pair, known: Materials) -> None:
    demixing = "Flory-Huggins; above 1 the pair demixes at some composition"
    rows = [
        ("interfacial tension", format_quantity(pair.tension, "mN/m", 3), pair.tension_method),
        ("interaction parameter chi", f"{pair.interaction:.3g}", "solubility parameters (Hildebrand)"),
        ("chi over its critical value", f"{pair.interaction_over_critical:.3g}", demixing),
        (
            "width of the bare interface",
            format_quantity(pair.interface_width, "nm", 3),
            "Helfand and Tagami 1972",
        ),
        ("known to be immiscible", "yes" if pair.known_immiscible else "not listed", "pair list"),
    ]
    screen = console()
    title = f"{pair.first.name} and {pair.second.name} at {format_quantity(pair.temperature, 'degC', 4)}"
    screen.print(table(("", "value", "method"), rows, title=title))
    if pair.records:
        sources = _Sources(known)
        screen.print(_records_table("Records", pair.records, known, sources))
        for line in sources.lines():
            screen.print(clean(line))
