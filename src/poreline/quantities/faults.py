"""What is wrong with an input, said once and completely: field, value, limit, reason, remedy."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass

_LONGEST_SHOWN = 60


def printable(text: object, longest: int = _LONGEST_SHOWN) -> str:
    """The text with control, format and other invisible characters replaced, cut to `longest`: safe on a terminal."""
    try:
        raw = text if isinstance(text, str) else str(text)
    except ValueError:  # an integer of thousands of digits, which Python refuses to write out
        raw = "a number of thousands of digits"
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        else character
        for character in raw[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like `name`, or None if none is near."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    matches = difflib.get_close_matches(name[:_LONGEST_SHOWN].lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input."""

    field: str
    """Where it is, as the user wrote it: `stretch[1].temperature`."""
    value: str
    """What was found there."""
    limit: str
    """What is allowed."""
    reason: str
    """Why."""
    remedy: str
    """What to write instead."""

    def __str__(self) -> str:
        found = f" is {self.value}" if self.value else ""
        allowed = f"\n    allowed: {self.limit}" if self.limit else ""
        remedy = f"\n    remedy:  {self.remedy}" if self.remedy else ""
        return f"{self.field}{found}: {self.reason}{allowed}{remedy}"

    def as_dict(self) -> dict[str, str]:
        """The fault as plain text fields, for machine-readable output."""
        return asdict(self)


class InvalidInput(Exception):  # noqa: N818 - reads as what it is: `raise InvalidInput(faults)`
    """Input that cannot be used, with every fault that was found."""

    def __init__(self, faults: Iterable[Fault], subject: str = "input") -> None:
        self.faults = tuple(faults)
        self.subject = printable(subject, 200)
        super().__init__(str(self))

    def __str__(self) -> str:
        count = len(self.faults)
        head = f"{self.subject}: {count} fault{'s' if count != 1 else ''}"
        return "\n".join([head, *(f"  {fault}" for fault in self.faults)])


@dataclass(frozen=True)
class Caution:
    """Something that a user should know about a result: the physics that it leans on, or a limit that it leaves."""

    code: str
    """Short stable name, for programs."""
    text: str
    """What it means, for people."""

    def as_dict(self) -> dict[str, str]:
        """Plain fields, for machine-readable output."""
        return asdict(self)
