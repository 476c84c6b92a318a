"""What the terminal shows: tables and texts, with nothing of a user's text taken for markup or control characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from poreline.quantities import printable

_LONGEST_CELL = 400
VERDICT_SIGNS = {"met": "●", "met-within-about": "◐", "not-met": "○", "undetermined": "?"}
VERDICT_STYLES = {"met": "green", "met-within-about": "yellow", "not-met": "red", "undetermined": "dim"}


def console() -> Console:
    """The terminal on stdout; at least 80 columns where it is not a terminal, so that piped tables stay whole."""
    made = Console(highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made = Console(highlight=False, markup=False, emoji=False, width=140, no_color=True)
    return made


def clean(text: object, style: str = "") -> Text:
    """A cell's text without control characters or markup."""
    lines = str(text).split("\n")
    return Text("\n".join(printable(line, _LONGEST_CELL) for line in lines), style=style)


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "", right: Sequence[int] = ()
) -> Table:
    """A plain table; the columns numbered in `right` are aligned right."""
    made = Table(
        title=clean(title, "bold") if title else None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False
    )
    for index, column in enumerate(columns):
        made.add_column(clean(column), justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else clean(cell) for cell in row))
    return made
