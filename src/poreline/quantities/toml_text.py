"""TOML texts that anyone may have written, read within limits: no text costs more than a moment or ends in a traceback."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from poreline.quantities.faults import Fault, InvalidInput, printable

LARGEST_FILE = 256 * 1024  # bytes; a recipe has a few thousand
LONGEST_LINE = 4000  # characters
MOST_DOTS = 60  # in one line: the parser's time grows with the square of a dotted key's length
DEEPEST = 12  # tables and lists within one another
LARGEST_INTEGER = 10**18  # beyond a few thousand digits Python refuses to write a number out, or to read it
_MOST_FAULTS = 10  # of one kind, as many as help
_DIGITS = re.compile(r"\d[\d_]*")
_REMEDY = "Correct the line named; the examples show how it is written."


def read_toml(path: str | Path, what: str, remedy: str = _REMEDY) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file, and its tables. `what` it should be, as "recipe", stands in the faults.

    UTF-8, with or without a byte order mark. Raises InvalidInput for a file that cannot be read or is too large, for a
    folder, pipe or device, and for what parse_toml refuses; `remedy` is what helps a text that is not TOML.
    """
    subject = printable(path, 200)

    def refused(limit: str, reason: str, help_: str) -> InvalidInput:
        return InvalidInput([Fault("file", subject, limit, reason, help_)], subject)

    try:
        # Looked at before it is opened: a pipe that nobody writes to would keep the reader waiting for ever.
        kind = Path(path).stat().st_mode
        if not stat.S_ISREG(kind):
            found = "a folder" if stat.S_ISDIR(kind) else "a pipe or a device"
            reason = f"It cannot be read: it is {found}, not a file."
            raise refused("a readable file", reason, f"Give the path of a {what} (TOML text).")
        with Path(path).open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that holds a NUL
        reason = f"It cannot be read: {printable(getattr(error, 'strerror', None) or error, 100)}."
        raise refused("a readable file", reason, "Check the path and its permissions.") from error
    if len(raw) > LARGEST_FILE:
        limit = f"at most {LARGEST_FILE // 1024} kB"
        reason = f"It is larger than {LARGEST_FILE // 1024} kB: too large to be a {what}."
        raise refused(limit, reason, f"Give the {what} itself.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"It is not UTF-8 text (byte {error.start})."
        raise refused("a TOML text in UTF-8", reason, f"Save the {what} as UTF-8 text.") from error
    return text, parse_toml(text, subject, what, remedy)


def parse_toml(text: str, subject: str, what: str, remedy: str = _REMEDY) -> dict[str, Any]:
    """The tables of a TOML text; `subject` names it in the faults.

    Raises InvalidInput for what is not TOML, for lines too long or with too many dots, for tables nested too deeply and
    for integers beyond 10^18.
    """
    limit = f"a {what} in TOML"
    _check_lines(text, subject, what)
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = f"It is not TOML: {printable(error, 200)}."
        raise InvalidInput([Fault("file", "", limit, reason, remedy)], subject) from error
    except ValueError as error:  # an integer of more digits than Python converts
        raise InvalidInput([_endless(f"line {_line_of_longest_number(text)}")], subject) from error
    except RecursionError as error:
        raise InvalidInput([_too_deep(limit)], subject) from error
    faults = list(islice(_faults_within(written, limit), _MOST_FAULTS))
    if faults:
        raise InvalidInput(faults, subject)
    return written


def _check_lines(text: str, subject: str, what: str) -> None:
    # Only a line feed ends a line of TOML; str.splitlines knows more ends, which would hide the dots of a long key.
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE or line.count(".") > MOST_DOTS:
            limit = f"at most {LONGEST_LINE} characters and {MOST_DOTS} dots"
            reason = f"The line is too long or too nested for a {what}."
            raise InvalidInput([Fault(f"line {number}", printable(line, 40), limit, reason, "Shorten it.")], subject)


def _faults_within(written: Mapping[str, Any], limit: str) -> Iterator[Fault]:
    """Faults of nesting and of endless integers, found level by level without recursion."""
    level: list[tuple[str, Any]] = [("", written)]
    for _ in range(DEEPEST + 1):
        inner = [child for where, node in level for child in _children(where, node)]
        yield from (_endless(where) for where, value in inner if isinstance(value, int))
        level = [(where, value) for where, value in inner if not isinstance(value, int)]
        if not level:
            return
    yield _too_deep(limit)


def _children(where: str, node: Mapping[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    """The tables, lists and endless integers in a table or a list, each with its place as a user would write it."""
    items = node.items() if isinstance(node, Mapping) else enumerate(node)
    for key, value in items:
        if isinstance(value, dict | list) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
            step = f"[{key}]" if isinstance(key, int) else f".{printable(key)}" if where else printable(key)
            yield where + step, value


def _endless(where: str) -> Fault:
    reason = "It is a whole number of more than 18 digits."
    return Fault(printable(where, 100), "", "up to 10^18", reason, "Check it; a number as large is written like 1e20.")


def _too_deep(limit: str) -> Fault:
    return Fault("file", "", limit, "It is nested too deeply.", "Remove the nesting.")


def _line_of_longest_number(text: str) -> int:
    lengths = [max(map(len, _DIGITS.findall(line)), default=0) for line in text.split("\n")]
    return 1 + lengths.index(max(lengths))
