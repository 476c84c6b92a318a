"""Reading everything that a command is given before it starts, so that all faults of all of it come at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from poreline.line import parameter_names
from poreline.quantities import Fault, InvalidInput, UnitError, nearest, parse_quantity, printable
from poreline.recipe import UnderstoodRecipe, read_recipe
from poreline.report.line_file import Line, read_line

Read = TypeVar("Read")
PRIORS = ("all", "model")
_COMMAND_LINE = "command line"


class Inputs:
    """Reads the inputs of a command one after the other and keeps their faults; `check` raises them together."""

    def __init__(self, command: str) -> None:
        self._command = command
        self._faults: list[Fault] = []
        self._subjects: list[str] = []

    def read(self, reader: Callable[[], Read], name: str = "") -> Read | None:
        """What `reader` returns, or None if it finds faults; their fields begin with `name`, if one is given."""
        try:
            return reader()
        except InvalidInput as error:
            place = f"{name}: " if name else ""
            self._faults += [dataclasses.replace(fault, field=f"{place}{fault.field}") for fault in error.faults]
            self._subjects.append(error.subject)
            return None

    def recipe(self, path: Path, *, among_others: bool = False) -> UnderstoodRecipe | None:
        """A recipe; its faults name the file where there are several."""
        name = printable(path, 100) if among_others else ""
        return self.read(lambda: read_recipe(path, parameter_names()), name)

    def line(self, path: Path | None) -> Line | None:
        """The user's line, if one is given; its faults name the file."""
        return None if path is None else self.read(lambda: read_line(path), printable(path, 100))

    def check(self) -> None:
        """Raise every fault found, under the name of the file that has them if it is one."""
        if self._faults:
            subjects = set(self._subjects)
            raise InvalidInput(self._faults, subjects.pop() if len(subjects) == 1 else self._command)


def chosen(option: str, found: str, allowed: Sequence[str]) -> str:
    """The choice that the user made. Raises InvalidInput for what is none."""
    if found in allowed:
        return found
    near = nearest(found, allowed)
    remedy = f"Did you mean {near}?" if near else "Choose one of them."
    fault = Fault(option, printable(found), ", ".join(allowed), "It is not one of the choices.", remedy)
    raise InvalidInput([fault], _COMMAND_LINE)


def batch_mass(text: str) -> float:
    """A batch like "10 kg" in kg. Raises InvalidInput."""
    remedy = 'Write it like "10 kg".'
    try:
        mass = parse_quantity(text, "kg")
    except UnitError as error:
        raise InvalidInput(
            [Fault("--batch", printable(text), "a mass", error.reason, remedy)], _COMMAND_LINE
        ) from error
    if not 1e-6 <= mass <= 1e7:
        reason = "Nobody weighs out such a batch."
        raise InvalidInput([Fault("--batch", printable(text), "1 mg to 10000 t", reason, remedy)], _COMMAND_LINE)
    return mass
