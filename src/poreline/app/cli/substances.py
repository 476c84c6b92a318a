"""`poreline materials`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from poreline.app.cli.screen import clean, console, table
from poreline.blend import miscibility
from poreline.materials import Materials, Record, default_materials
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


def show_pair(first: str, second: str, temperature: str, file: Path | None, *, as_json: bool) -> None:
    """Show how two polymers meet in the melt."""
    known = _materials(file)
    try:
        kelvin = parse_quantity(temperature, "K")
    except UnitError as error:
        raise InvalidInput(
            [
                Fault(
                    "--temperature", printable(temperature), "a temperature", error.reason, 'Write it like "210 degC".'
                )
            ],
            "command line",
        ) from error
    if not 200.0 < kelvin < 800.0:
        raise InvalidInput(
            [
                Fault(
                    "--temperature",
                    printable(temperature),
                    "-73 to 526 degC",
                    "No polymer melt has it.",
                    'Write it like "210 degC".',
                )
            ],
            "command line",
        )
    a, b = known.polymer(first), known.polymer(second)
    if a.name == b.name:
        raise InvalidInput(
            [
                Fault(
                    "pair",
                    a.name,
                    "two different polymers",
                    "A polymer does not meet itself.",
                    "Name another second polymer.",
                )
            ],
            "command line",
        )
    law = known.tension(a.name, b.name)
    tension = float(law.at(kelvin, a, b))
    chi = float(miscibility.interaction_parameter(a.solubility_parameter, b.solubility_parameter, kelvin))
    lengths = [miscibility.chain_length(p.molar_mass, p.density_melt) for p in (a, b)]
    critical = float(miscibility.critical_interaction_parameter(*lengths))
    records = (
        known.records(f"{a.name}+{b.name}")
        if f"{a.name}+{b.name}" in known.pair_names or f"{b.name}+{a.name}" in known.pair_names
        else ()
    )
    content = {
        "first": a.name,
        "second": b.name,
        "temperature": {"value": kelvin, "unit": "K"},
        "interfacial_tension": {
            "value": tension,
            "unit": "N/m",
            "method": "the pair's own record" if records else "harmonic mean of the surface tensions",
        },
        "interaction_parameter": {"value": chi, "unit": "1", "method": "solubility parameters"},
        "interaction_over_critical": {"value": chi / critical, "unit": "1", "method": "Flory-Huggins"},
        "interface_width": {
            "value": float(miscibility.interface_width(chi)),
            "unit": "m",
            "method": "Helfand and Tagami 1972",
        },
        "known_immiscible": known.known_immiscible(a.name, b.name),
        "records": [_as_dict(record, known) for record in records],
    }
    if as_json:
        typer.echo(to_json(content))
        return
    screen = console()
    rows = [
        ("interfacial tension", format_quantity(tension, "mN/m", 3), content["interfacial_tension"]["method"]),  # type: ignore[index]
        ("interaction parameter chi", f"{chi:.3g}", "solubility parameters (Hildebrand)"),
        (
            "chi over its critical value",
            f"{chi / critical:.3g}",
            "Flory-Huggins; above 1 the pair demixes at some composition",
        ),
        (
            "width of the bare interface",
            format_quantity(float(miscibility.interface_width(chi)), "nm", 3),
            "Helfand and Tagami 1972",
        ),
        ("known to be immiscible", "yes" if content["known_immiscible"] else "not listed", "pair list"),
    ]
    screen.print(
        table(("", "value", "method"), rows, title=f"{a.name} and {b.name} at {format_quantity(kelvin, 'degC', 4)}")
    )
    if records:
        sources = _Sources(known)
        screen.print(_records_table("Records", records, known, sources))
        for line in sources.lines():
            screen.print(clean(line))
