"""The results of a measurement as people read them: labels, groups, tables with one column for each axis, the headline."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poreline.line.measurement import Measurement
from poreline.quantities import Infinite, Meaning, MeasuredResult, NotDetermined, Truth
from poreline.report.headline import shown
from poreline.report.text import pretty_number
from poreline.voxels.image import AXIS_NAMES

_ALONG = re.compile(r"_(x|y|z)$")
_TENSOR = re.compile(r"_(xx|yy|zz|xy|xz|yz)$")

# In the order in which they are shown.
_TITLES = {
    "porosity": "Porosity",
    "connection": "Connection",
    "sizes": "Pore sizes",
    "transport": "Transport",
    "surface": "Surface",
    "pores": "Individual pores",
    "correlation": "Correlation",
    "representative": "Uniformity and representative volume",
    "network": "Pore network",
    "other": "Other results",
}
GROUPS = tuple(_TITLES)
# The first pattern that fits decides.
_PATTERNS = (
    ("network", r"network|coordination"),
    ("representative", r"representative|error_relative|dispersion|domain_|variation|uniform"),
    ("connection", r"connected|largest_cluster|^clusters$|percolat"),
    ("porosity", r"porosity"),
    ("pores", r"^pores|pore_count|equivalent|inscribed"),
    ("sizes", r"thickness|intrusion|porometry|chord|bubble_point|pore_diameter"),
    ("surface", r"surface|euler|curvature"),
    ("correlation", r"two_point|lineal|cluster|correlation"),
    ("transport", r"diffusi|tortuosity|gas|permeab|conduct|flux|macmullin"),
    ("other", r""),
)
# What answers "which structure", in this order; of results along axes that through the thickness, or the last one there is.
_HEADLINES = (
    "porosity",
    "porosity_open",
    "pore_diameter_mean",
    "local_thickness_mean",
    "intrusion_diameter_mean",
    "porometry_diameter_mean",
    "bubble_point_diameter",
    "chord_length_mean",
    "specific_surface",
    "tortuosity",
    "diffusivity_relative",
    "permeability",
    "pore_count",
    "void_variation",
)
_DEFINITIONS = (
    (
        ("pore_diameter_mean", "pore_diameter_spread"),
        "Mean pore, by flow",
        "the width of each place of the pores, weighted by the flow through it; compare it with the claims",
    ),
    (
        ("porometry", "bubble_point"),
        "Porometry",
        "the widest ball that passes from face to face, as a gas-flow porometer finds it",
    ),
    (("intrusion",), "Intrusion", "the widest ball that gets in from a face, as a mercury porosimeter finds it"),
    (("local_thickness",), "Local thickness", "the widest ball that lies in the pore and covers a place, by volume"),
    (("chord_length",), "Chord length", "the length of straight lines inside pores, as a section shows them"),
    (
        ("pore_diameter_equivalent", "pore_diameter_inscribed"),
        "Individual pores",
        "pores cut apart at their throats, by number: the ball of equal volume, and the widest ball inside",
    ),
)
_LABELS = {
    "connected": "pores connect",
    "connected_26": "pores connect, corners included",
    "connected_share": "largest connected share of the voids",
    "clusters": "connected clusters",
    "porosity_open": "porosity, open",
    "porosity_blind": "porosity, open to one face",
    "porosity_closed": "porosity, closed",
    "porosity_error_relative": "porosity, relative error",
    "pore_diameter_mean": "mean pore, by flow",
    "pore_diameter_spread": "spread, by flow",
    "diffusivity_gas_N2": "diffusivity of nitrogen",
    "tortuosity": "tortuosity factor",
    "pore_count": "individual pores",
    "void_variation": "variation of the void fraction",
}


BANDS = (
    "Bands: the 90 % band of the mean in another piece of the same membrane, from the octants of the image; of a tortuosity or a "
    "diffusivity the flux balance of its solve, of a permeability from tubes to slits, of a bubble point half a voxel."
)
"""What the bands of a measurement are, to stand beside a table of them."""


@dataclass(frozen=True)
class ShownResult:
    """One result as text."""

    name: str
    label: str
    value: str
    """The number, "yes", "no" or "infinite"; empty where it is not determined."""
    band: str
    """Empty where there is none, or where both ends read like the value."""
    unit: str
    meaning: str
    method: str
    reason: str
    """Why it is infinite or not determined."""
    symbol: str = ""

    @property
    def plain(self) -> str:
        """Value, band and unit in one line."""
        if not self.value:
            return "not determined"
        band = f" [{self.band}]" if self.band else ""
        return f"{self.value}{band} {self.unit}".rstrip()


@dataclass(frozen=True)
class AxisRow:
    """Results that differ only by the axis, in one row."""

    label: str
    cells: tuple[ShownResult | None, ...]
    """One for each column of the table."""
    unit: str
    meaning: str
    reason: str


@dataclass(frozen=True)
class Group:
    """The results of one subject."""

    name: str
    title: str
    rows: tuple[ShownResult, ...]
    """Results without a direction."""
    columns: tuple[str, ...]
    """Names of the axes of the table beside them; empty without one."""
    by_axis: tuple[AxisRow, ...]
    everything: tuple[ShownResult, ...]
    """All of them, one by one."""

    @property
    def count(self) -> int:
        """Number of results."""
        return len(self.everything)


def meaning_of_result(made: Measurement, name: str) -> Meaning:
    """Symbol, units and method of a result; where none was given, what the result itself says."""
    found = made.structure.meanings.get(name)
    if found is not None:
        return found
    result = made.structure.results[name]
    unit = getattr(result, "unit", "1")
    shown_in = "nm" if unit == "m" else ""
    return Meaning(unit, result.meaning, shown_in=shown_in, method=getattr(result, "method", ""))


def shown_result(made: Measurement, name: str) -> ShownResult:
    """A result as text in its display unit."""
    result, about = made.structure.results[name], meaning_of_result(made, name)
    value, band, unit, reason = _texts(result, about)
    method = about.method or getattr(result, "method", "")
    return ShownResult(name, label_of(name), value, band, unit, result.meaning, method, reason, about.symbol)


def _texts(result: MeasuredResult, about: Meaning) -> tuple[str, str, str, str]:
    if isinstance(result, Truth):
        return ("yes" if result.value else "no"), "", "", ""
    if isinstance(result, Infinite):
        return "infinite", "", "", result.reason
    text = shown(result, about)
    # A band that reads like the value says nothing more.
    return text.value, text.band if text.band != text.value else "", text.unit, text.reason


def label_of(name: str) -> str:
    """A result's name as words: `local_thickness_mean` is "local thickness, mean"; the axis stands at the end."""
    stem, axis = _without_axis(name)
    words = _LABELS.get(stem, stem.replace("_", " "))
    for last in ("mean", "median", "spread", "mode", "largest", "smallest", "mean by volume"):
        if words.endswith(f" {last}"):
            words = f"{words.removesuffix(f' {last}')}, {last}"
            break
    return f"{words}, {'along ' if len(axis) == 1 else ''}{axis}" if axis else words


def _without_axis(name: str) -> tuple[str, str]:
    found = _TENSOR.search(name) or _ALONG.search(name)
    return (name[: found.start()], found[1]) if found else (name, "")


def group_of(name: str) -> str:
    """The subject that a result or a curve belongs to."""
    return next(group for group, pattern in _PATTERNS if re.search(pattern, name))


def groups(made: Measurement) -> list[Group]:
    """Every result, by subject; results along axes in a table with a column for each."""
    members: dict[str, list[str]] = {group: [] for group in _TITLES}
    for name in made.structure.results:
        members[group_of(name)].append(name)
    return [_group(made, group, title, members[group]) for group, title in _TITLES.items() if members[group]]


def _group(made: Measurement, group: str, title: str, names: Sequence[str]) -> Group:
    single = [name for name in names if not _without_axis(name)[1]]
    directed = [name for name in names if _without_axis(name)[1]]
    columns = [axis for axis in (*AXIS_NAMES, "xx", "yy", "zz", "xy", "xz", "yz") if _any_along(directed, axis)]
    rows: dict[str, dict[str, str]] = {}
    for name in directed:
        stem, axis = _without_axis(name)
        rows.setdefault(stem, {})[axis] = name
    by_axis = [_axis_row(made, stem, by, columns) for stem, by in rows.items()]
    plain, everything = (tuple(shown_result(made, name) for name in part) for part in (single, names))
    return Group(group, title, plain, tuple(columns), tuple(by_axis), everything)


def _any_along(names: Sequence[str], axis: str) -> bool:
    return any(_without_axis(name)[1] == axis for name in names)


def _axis_row(made: Measurement, stem: str, by: dict[str, str], columns: Sequence[str]) -> AxisRow:
    cells = [shown_result(made, by[axis]) if axis in by else None for axis in columns]
    there = [cell for cell in cells if cell is not None]
    reasons = list(dict.fromkeys(cell.reason for cell in there if cell.reason))
    unit = next((cell.unit for cell in there if cell.unit), "")
    return AxisRow(label_of(stem), tuple(cells), unit, _common_meaning(there), " ".join(reasons))


def _common_meaning(cells: Sequence[ShownResult]) -> str:
    """The meaning of results that differ only by their axis, which it does not name."""
    text = re.sub(r",? (?:along|in) (?:xx|yy|zz|xy|xz|yz|x|y|z)\b", "", cells[0].meaning)
    return re.sub(r"\b(through|across) (?:x|y|z)\b", r"\1 the axis", text)


def headline_results(made: Measurement) -> list[ShownResult]:
    """The results for the first screen, in order."""
    return [shown_result(made, name) for name in _headline_names(made)]


def _headline_names(made: Measurement) -> Iterator[str]:
    results = made.structure.results
    for wanted in _HEADLINES:
        names = [name for name in results if name == wanted or _without_axis(name)[0] == wanted]
        known = [name for name in names if not isinstance(results[name], NotDetermined)]
        # What a section cannot show is said once, below.
        shown_names = known or ([] if made.image.is_section else names)
        yield from shown_names[-1:]


@dataclass(frozen=True)
class SizeDefinition:
    """What one definition of pore size found."""

    title: str
    definition: str
    rows: tuple[ShownResult, ...]


def size_definitions(made: Measurement) -> list[SizeDefinition]:
    """The named definitions of pore size side by side: those that were measured."""
    return list(_size_definitions(made))


def _size_definitions(made: Measurement) -> Iterator[SizeDefinition]:
    for stems, title, definition in _DEFINITIONS:
        names = [name for name in made.structure.results if name.startswith(stems)]
        if names:
            yield SizeDefinition(title, definition, tuple(_by_stem(made, names)))


def _by_stem(made: Measurement, names: Sequence[str]) -> Iterator[ShownResult]:
    """The results, those that differ only by the axis as one: "108 / 96 / 89" along "x / y / z"."""
    stems: dict[str, list[str]] = {}
    for name in names:
        stems.setdefault(_without_axis(name)[0], []).append(name)
    for stem, members in stems.items():
        rows = [shown_result(made, name) for name in members]
        known = [(row, _without_axis(row.name)[1]) for row in rows if row.value]
        if len(rows) == 1 or not known:
            yield rows[0]
            continue
        yield dataclasses.replace(
            rows[0],
            label=f"{label_of(stem)}, along {' / '.join(axis for _, axis in known)}",
            value=" / ".join(pretty_number(row.value) for row, _ in known),
            band=known[0][0].band if len(known) == 1 else "",
            unit=known[0][0].unit,
            meaning=_common_meaning(rows),
            reason="",
        )


def connection_rows(made: Measurement) -> list[tuple[str, str]]:
    """For each axis that was looked at: its name, and whether pores connect its faces."""
    found = []
    for axis in AXIS_NAMES:
        result = made.structure.results.get(f"connected_{axis}")
        if result is not None:
            text = ("yes" if result.value else "no") if isinstance(result, Truth) else "not determined"
            found.append((axis, text))
    return found
