"""A real line: what its rolls, ovens, screw and die can do, read from a TOML file with all faults at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import Field, Strict, TypeAdapter, ValidationError

from poreline.quantities import Fault, InvalidInput, format_quantity, nearest, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.quantities.toml_text import parse_toml, read_toml
from poreline.recipe.edge import Name, Number, Quantity, Temperature, section

_WHAT, _REMEDY = "line file", 'Write lines like inlet_speed = "1 m/min".'
_MOST_STATIONS = 40  # as many as a recipe may have steps

Speed = Annotated[float, Quantity("m/s", "m/min", 0.0, 1000.0 / 60.0, above_minimum=True, example="1 m/min")]
"""Speed of a roll or of the film."""
Length = Annotated[float, Quantity("m", "m", 0.0, 1000.0, above_minimum=True, example="0.5 m")]
"""Length or width of a part of the line."""
SmallLength = Annotated[float, Quantity("m", "mm", 0.0, 1.0, above_minimum=True, example="25 mm")]
"""Screw and die."""
Force = Annotated[float, Quantity("N", "N", 0.0, 1e7, above_minimum=True, example="2 kN")]
"""Force that a pair of rolls holds."""
ScrewSpeed = Annotated[float, Quantity("rad/s", "rpm", 0.0, 200.0 * math.pi, above_minimum=True, example="300 rpm")]
"""Speed of rotation of the mixer's screws, at most 100 turns per second."""
Throughput = Annotated[float, Quantity("kg/s", "kg/h", 0.0, 10.0, above_minimum=True, example="5 kg/h")]
"""Mass of melt per time."""
OvenTemperature = Annotated[
    float,
    Quantity("K", "degC", ZERO_CELSIUS - 60.0, ZERO_CELSIUS + 500.0, reason="No oven works there.", example="120 degC"),
]
"""Set-point of an oven, or of a cooled chamber."""


@section
class LineStation:
    """One stretch station, where it differs from the line as a whole."""

    gap: Annotated[Length | None, Field(description="Length of the draw gap; not given: it can be set.")] = None
    roll_speed_min: Speed | None = None
    roll_speed_max: Speed | None = None
    oven_temperature_min: OvenTemperature | None = None
    oven_temperature_max: OvenTemperature | None = None
    draw_force_max: Annotated[Force | None, Field(description="Largest draw force over the film's width.")] = None


@section
class Line:
    """A line as its operator describes it. Nothing is required: what is not given is not checked."""

    name: Annotated[Name, Field(description="Name of the line, as it stands on the sheet.")] = "unnamed line"
    inlet_speed: Annotated[Speed | None, Field(description="Speed of the unstretched film into the line.")] = None
    film_width: Annotated[Length | None, Field(description="Width of the unstretched film.")] = None
    stretch_stations: Annotated[
        Annotated[float, Number(1, _MOST_STATIONS, whole=True)] | None,
        Field(description="Number of stretch stations; by default as many as there are [[line.station]]."),
    ] = None
    roll_speed_min: Speed | None = None
    roll_speed_max: Speed | None = None
    oven_temperature_min: OvenTemperature | None = None
    oven_temperature_max: OvenTemperature | None = None
    draw_force_max: Annotated[Force | None, Field(description="Largest draw force over the film's width.")] = None
    tenter: Annotated[
        Annotated[bool, Strict()] | None, Field(description="Whether the line can draw transversely.")
    ] = None
    tenter_width_max: Annotated[Length | None, Field(description="Widest that the tenter's clips go.")] = None
    anneal_oven_length: Annotated[Length | None, Field(description="Path of the film in the anneal oven.")] = None
    screw_diameter: SmallLength | None = None
    channel_depth: SmallLength | None = None
    screw_speed_max: ScrewSpeed | None = None
    mixer_temperature_max: Annotated[Temperature | None, Field(description="Highest melt temperature.")] = None
    throughput: Annotated[Throughput | None, Field(description="Melt through the die.")] = None
    die_width: Length | None = None
    die_gap_min: SmallLength | None = None
    die_gap_max: SmallLength | None = None
    die_temperature_max: Temperature | None = None
    station: Annotated[
        tuple[LineStation, ...], Field(description="The stretch stations in order, as [[line.station]].")
    ] = ()

    @property
    def station_count(self) -> int | None:
        """Number of stretch stations; None where the file does not say."""
        return int(self.stretch_stations) if self.stretch_stations is not None else len(self.station) or None

    def at(self, step: int) -> LineStation:
        """What the station of a step can do: its own limits, and the line's where it has none."""
        own = self.station[step] if step < len(self.station) else LineStation()
        merged = {
            f.name: mine if (mine := getattr(own, f.name)) is not None else getattr(self, f.name, None)
            for f in fields(LineStation)
        }
        return LineStation(**merged)


def read_line(path: str | Path) -> Line:
    """Read a line file (TOML). Raises InvalidInput with every fault found."""
    _, written = read_toml(path, _WHAT, _REMEDY)
    return _line(written, printable(path, 200))


def read_line_text(text: str, *, subject: str = "line file") -> Line:
    """Read a line from its TOML text. Raises InvalidInput with every fault found."""
    return _line(parse_toml(text, subject, _WHAT, _REMEDY), subject)


def _line(written: Mapping[str, Any], subject: str) -> Line:
    faults = [_unknown(key, key, ["line"], "line file") for key in written if key != "line"]
    table = written.get("line")
    if not isinstance(table, dict):
        found = "" if table is None else "not a table"
        faults.append(Fault("line", found, "a table", "The table [line] is missing.", "Write [line] above its keys."))
        raise InvalidInput(faults, subject)
    stations = table.get("station", [])
    made = _table(Line, {key: value for key, value in table.items() if key != "station"}, "line", faults)
    if not isinstance(stations, list) or len(stations) > _MOST_STATIONS:
        limit = f"at most {_MOST_STATIONS} tables"
        faults.append(
            Fault("line.station", "", limit, "station is a list of tables.", "Write [[line.station]] above each.")
        )
        stations = []
    read = tuple(
        LineStation(**_table(LineStation, item, f"line.station[{index}]", faults))
        for index, item in enumerate(stations)
    )
    line = Line(**made, station=read)
    faults += _disagreements(line)
    if faults:
        raise InvalidInput(faults, subject)
    return line


@cache
def _adapters(kind: type) -> dict[str, TypeAdapter[Any]]:
    hints = get_type_hints(kind, include_extras=True)
    return {f.name: TypeAdapter(hints[f.name]) for f in fields(kind) if f.name != "station"}


def _table(kind: type, written: Any, where: str, faults: list[Fault]) -> dict[str, Any]:
    """The keys of a table that are right in themselves; the faults of the others are added to `faults`."""
    if not isinstance(written, Mapping):
        faults.append(Fault(where, "", "a table", "It is not a table.", f"Write [[{where.split('[')[0]}]] above it."))
        return {}
    made: dict[str, Any] = {}
    for key, value in written.items():
        adapter = _adapters(kind).get(key)
        if adapter is None:
            known = [*_adapters(kind), *(["station"] if kind is Line else [])]
            faults.append(_unknown(f"{where}.{printable(key)}", key, known, where))
            continue
        try:
            made[key] = adapter.validate_python(value)
        except ValidationError as error:
            faults.append(_fault(f"{where}.{key}", value, error.errors(include_url=False)[0]))
    return made


def _fault(field: str, value: Any, detail: Any) -> Fault:
    shown = _shown(value)
    context = detail.get("ctx") or {}
    if detail["type"] == "poreline":
        return Fault(field, shown, context["limit"], context["reason"], context["remedy"])
    return Fault(field, shown, "true or false", "It is neither true nor false.", "Write true or false without quotes.")


def _shown(value: Any) -> str:
    """A found value as short safe text; nothing for tables and lists, which may be huge."""
    if isinstance(value, str):
        return f'"{printable(value)}"'
    return printable(value) if isinstance(value, bool | int | float) else ""


def _unknown(where: str, key: str, known: list[str], table: str) -> Fault:
    near = nearest(key, known)
    remedy = f"Did you mean {near}?" if near else "Remove it, or use one of those."
    return Fault(printable(where, 100), "", ", ".join(known), f"{printable(table)} has no such field.", remedy)


_RANGES = {"roll_speed": "m/min", "oven_temperature": "degC", "die_gap": "mm"}
_STATION_RANGES = ("roll_speed", "oven_temperature")


def _disagreements(line: Line) -> Iterator[Fault]:
    """What is right in itself and cannot be true together."""
    yield from (fault for name in _RANGES for fault in _reversed(line, name, "line"))
    for index in range(len(line.station)):
        if any(_own(line.station[index], name) for name in _STATION_RANGES):
            at = line.at(index)
            yield from (fault for name in _STATION_RANGES for fault in _reversed(at, name, f"line.station[{index}]"))
    if line.stretch_stations is not None and line.stretch_stations < len(line.station):
        yield Fault(
            "line.stretch_stations",
            f"{line.stretch_stations:g}",
            f"at least {len(line.station)}",
            "There are more [[line.station]] than stations.",
            "Raise the number or remove tables.",
        )
    if line.screw_diameter and line.channel_depth and line.channel_depth >= line.screw_diameter / 2.0:
        yield Fault(
            "line.channel_depth",
            format_quantity(line.channel_depth, "mm"),
            f"below half the screw diameter, {format_quantity(line.screw_diameter / 2.0, 'mm')}",
            "A channel is cut into the screw.",
            "Check both; 4 mm is usual for a screw of 25 mm.",
        )
    if line.inlet_speed and line.roll_speed_max and line.inlet_speed > line.roll_speed_max:
        yield Fault(
            "line.inlet_speed",
            format_quantity(line.inlet_speed, "m/min"),
            f"at most {format_quantity(line.roll_speed_max, 'm/min')}, the line's own roll_speed_max",
            "The inlet roll is one of the rolls.",
            "Lower the inlet speed.",
        )


def _own(station: LineStation, name: str) -> bool:
    return getattr(station, f"{name}_min") is not None or getattr(station, f"{name}_max") is not None


def _reversed(owner: Line | LineStation, name: str, where: str) -> Iterator[Fault]:
    low, high = getattr(owner, f"{name}_min"), getattr(owner, f"{name}_max")
    if low is not None and high is not None and low > high:
        yield Fault(
            f"{where}.{name}_min",
            format_quantity(low, _RANGES[name]),
            f"at most {format_quantity(high, _RANGES[name])}, its {name}_max",
            "The range is empty.",
            "Exchange the two.",
        )
