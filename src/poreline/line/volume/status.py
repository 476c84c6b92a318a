"""Where a simulation stands: what its cells report, put together for one who waits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

_DRAWING_SHARE = 0.88
"""Share of the time of a cell in which it is drawn; the rest is measuring."""


@dataclass(frozen=True, kw_only=True)
class Status:
    """Where a simulation stands: the whole, and the cell under way that is farthest behind."""

    cell: int
    """Number of that cell, from 0."""
    under_way: tuple[int, ...]
    """Numbers of all cells under way."""
    cells: int
    phase: Literal["drawing", "measuring", "reporting"]
    """Of that cell: measuring only where none is drawn any more; reporting: all cells are done."""
    doing: str
    """What happens in the cell, in a few words."""
    share: float
    """Of the whole simulation that is done, 0 to 1."""
    porosity: float
    """Of the cell."""
    stretch_ratio: float


Progress = Callable[[Status], None]


@dataclass
class _Standing:
    share: float = 0.0
    phase: Literal["drawing", "measuring"] = "drawing"
    doing: str = ""
    porosity: float = 0.0
    stretch_ratio: float = 1.0


@dataclass
class Board:
    """What the cells report to, from their threads; `progress` and `say` are called by one thread at a time."""

    cells: int
    progress: Progress | None = None
    sayer: Callable[[str], None] | None = None
    _under_way: dict[int, _Standing] = field(default_factory=dict)
    _ended: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, text: str) -> None:
        """Tell the user something."""
        if self.sayer is not None:
            with self._lock:
                self.sayer(text)

    def drawing(self, number: int, share: float, doing: str, porosity: float, stretch_ratio: float) -> None:
        """A cell has been drawn so far."""
        with self._lock:
            self._under_way[number] = _Standing(_DRAWING_SHARE * share, "drawing", doing, porosity, stretch_ratio)
            self._tell()

    def measuring(self, number: int, share: float, doing: str) -> None:
        """A drawn cell has been measured so far."""
        with self._lock:
            standing = self._under_way[number]
            standing.share = _DRAWING_SHARE + (1.0 - _DRAWING_SHARE) * share
            standing.phase, standing.doing = "measuring", doing
            self._tell()

    def ended(self, number: int) -> None:
        """A cell is done."""
        with self._lock:
            del self._under_way[number]
            self._ended += 1

    def _tell(self) -> None:
        if self.progress is None:
            return
        behind = min(self._under_way, key=lambda number: self._under_way[number].share)
        standing = self._under_way[behind]
        done = self._ended + sum(one.share for one in self._under_way.values())
        self.progress(
            Status(
                cell=behind,
                under_way=tuple(sorted(self._under_way)),
                cells=self.cells,
                phase=standing.phase,
                doing=standing.doing,
                share=done / self.cells,
                porosity=standing.porosity,
                stretch_ratio=standing.stretch_ratio,
            )
        )
