"""Where runs are kept: a folder per run, written whole or not at all, and a catalogue of them."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from poreline.quantities import Fault, InvalidInput, printable

USUAL_FOLDER = Path("runs")
SUMMARY = "summary.json"
MEASUREMENT = "measurement"
"""What the summary of a measured image says under `kind`, and the catalogue under `model`."""
VOLUME = "volume"
"""What the provenance of a volume simulation says under `model`."""
INFINITE = "infinite"
"""What a summary says in place of a number without an upper bound."""
_CATALOGUE = "catalogue.sqlite"
_UNFINISHED = ".unfinished-"
_LONGEST_NAME = 40
_BUSY_SECONDS = 30.0
_SHORTEST_BEGINNING = 4  # characters of an id that stand for the whole of it
_LARGEST_SUMMARY = 64 * 1024**2  # bytes; a run of forty steps and sixty duties has less than a hundredth of it
_COLUMNS = ("id", "created", "name", "outcome", "model", "seed", "samples", "version", "recipe_digest", "run_digest")


@dataclass(frozen=True)
class StoredRun:
    """One row of the catalogue: a run through the line, or a measurement, which has no seed and no samples (both 0)."""

    id: str
    created: str
    name: str
    outcome: str
    model: str
    seed: int
    samples: int
    version: str
    recipe_digest: str
    """Digest of the recipe, or of the measured image."""
    run_digest: str

    @property
    def is_measurement(self) -> bool:
        """Whether an image was measured."""
        return self.model == MEASUREMENT

    def as_dict(self) -> dict[str, str | int]:
        """Plain fields, for machine-readable output."""
        return dict(self.__dict__)


def folder_name(name: str, digest: str) -> str:
    """A folder name that any file system takes: letters, digits and dashes of the recipe's name, and the digest."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower()[:_LONGEST_NAME].strip("-")
    return f"{words or 'run'}-{digest[:8]}"


class RunStore:
    """The runs under one folder."""

    def __init__(self, root: str | Path = USUAL_FOLDER) -> None:
        self.root = Path(root)

    def check_writable(self) -> None:
        """Raise InvalidInput where no run can be written, without leaving anything: before hours of computing."""
        try:
            trial = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=_nearest_existing(self.root)))
            trial.rmdir()
        except OSError as error:
            raise _unwritable(self.root, error) from error

    @contextmanager
    def new(self, name: str, digest: str) -> Iterator[tuple[Path, list[Path]]]:
        """A folder to write one run into, and the list that receives its final path.

        The folder appears under its final name only when the block ends without an error; otherwise nothing of it is
        left. Two runs that end at the same moment get two folders. Raises InvalidInput where the folder cannot be
        written or the disk is full.
        """
        final: list[Path] = []
        unfinished: Path | None = None
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.root))
            yield unfinished, final
            unfinished.chmod(0o755)
            final.append(self._settle(unfinished, folder_name(name, digest)))
        except OSError as error:
            raise _unwritable(self.root, error) from error
        finally:
            if unfinished is not None and unfinished.exists():
                shutil.rmtree(unfinished, ignore_errors=True)
        # The run is whole by now. A catalogue that cannot be written is only an index: the next listing catches up.
        with suppress(sqlite3.Error):
            self._record(final[0])

    def _settle(self, unfinished: Path, name: str) -> Path:
        """Rename the finished folder; a number is added while the name is taken."""
        for number in range(1, 10_000):
            target = self.root / (name if number == 1 else f"{name}-{number}")
            if target.exists():
                continue
            try:
                unfinished.rename(target)
            except OSError as error:
                # Another run of the same recipe took the name between the look and the rename.
                if error.errno in {errno.EEXIST, errno.ENOTEMPTY}:
                    continue
                raise
            return target
        raise OSError(errno.EEXIST, "too many runs of one recipe")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.root / _CATALOGUE, timeout=_BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"CREATE TABLE IF NOT EXISTS runs ({', '.join(_COLUMNS)}, PRIMARY KEY (id))")
        return connection

    def _record(self, folder: Path) -> None:
        row = _row(folder)
        if row is not None:
            with closing(self._connect()) as connection, connection:
                connection.execute(f"INSERT OR REPLACE INTO runs VALUES ({','.join('?' * len(_COLUMNS))})", row)

    def runs(self) -> list[StoredRun]:
        """All runs, the newest first. The folders decide: runs copied in appear, deleted ones do not."""
        if not self.root.is_dir():
            return []
        found = {path.parent.name for path in self.root.glob(f"*/{SUMMARY}") if not path.parent.name.startswith(".")}
        try:
            rows = self._synchronised(found)
        except sqlite3.Error:
            # A catalogue that is damaged or read-only is only an index: the folders hold everything.
            rows = [row for name in found if (row := _row(self.root / name)) is not None]
        return sorted((StoredRun(*row) for row in rows), key=lambda stored: (stored.created, stored.id), reverse=True)

    def _synchronised(self, found: set[str]) -> list[tuple[Any, ...]]:
        with closing(self._connect()) as connection, connection:
            known = {row[0] for row in connection.execute("SELECT id FROM runs")}
            connection.executemany("DELETE FROM runs WHERE id = ?", [(name,) for name in known - found])
            new = [row for name in found - known if (row := _row(self.root / name)) is not None]
            connection.executemany(f"INSERT OR REPLACE INTO runs VALUES ({','.join('?' * len(_COLUMNS))})", new)
            return list(connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs"))

    def folder(self, run_id: str) -> Path:
        """The folder of a run by its id, or by the beginning of it if only one run begins so. Raises InvalidInput."""
        ids = [stored.id for stored in self.runs()]
        matches = [name for name in ids if name == run_id]
        if not matches and len(run_id) >= _SHORTEST_BEGINNING:
            matches = [name for name in ids if name.startswith(run_id)]
        if len(matches) == 1:
            return self.root / matches[0]
        shown, limit = (
            printable(run_id),
            f"the id of a run, or at least {_SHORTEST_BEGINNING} characters of its beginning",
        )
        if matches:
            reason, remedy = f"{len(matches)} runs begin so.", "Choose: " + _listed(matches)
        elif ids:
            reason, remedy = "There is no such run.", "Known: " + _listed(ids)
            if len(run_id) < _SHORTEST_BEGINNING:
                reason = "It is too short to name a run."
        else:
            reason, remedy = "There is no such run.", f"No runs lie in {printable(self.root, 200)}."
        raise InvalidInput([Fault("run", shown or "an empty text", limit, reason, remedy)], "runs")

    def summary(self, run_id: str) -> dict[str, Any]:
        """What a run printed with --json, checked: a summary is a file that anyone may have written. Raises InvalidInput."""
        folder = self.folder(run_id)
        try:
            return read_summary(folder)
        except (OSError, ValueError) as error:
            reason = f"Its {SUMMARY} cannot be used: {printable(error, 200)}."
            fault = Fault("run", printable(folder.name), "", reason, "Run the recipe again.")
            raise InvalidInput([fault], "runs") from error

    def remove(self, run_id: str) -> Path:
        """Delete a run's folder. Raises InvalidInput."""
        folder = self.folder(run_id)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise _unwritable(self.root, error) from error
        self.runs()
        return folder


def _listed(ids: list[str]) -> str:
    return ", ".join(printable(name, 100) for name in ids[:8])


def _nearest_existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists. Raises OSError for a path that can never exist."""
    for candidate in (path, *path.parents):
        try:
            candidate.stat()
        except FileNotFoundError:
            continue
        return candidate
    return Path()


def read_summary(folder: Path) -> dict[str, Any]:
    """A run's summary. Raises OSError or ValueError for one that is damaged or that no run has written."""
    path = folder / SUMMARY
    found = path.stat()
    if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST_SUMMARY:
        raise ValueError("it is no file that a run writes")
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if is_measurement(made):
        _check(made, _MEASURED_KEYS, "")
        _check(made["image"], {"name": str}, "image.")
        _check(made["provenance"], _MEASURED_PROVENANCE_KEYS, "provenance.")
    else:
        _check(made, _SUMMARY_KEYS, "")
        _check(made["provenance"], _PROVENANCE_KEYS, "provenance.")
        for index, claim in enumerate(made["claims"]):
            _check(claim, {"claim": int, "verdict": str}, f"claims[{index}].")
    for name, result in made["results"].items():
        _check_result(name, result)
    return dict(made)


def is_measurement(summary: object) -> bool:
    """Whether a summary is that of a measured image and not of a run through the line."""
    return isinstance(summary, dict) and summary.get("kind") == MEASUREMENT


def name_of(summary: Mapping[str, Any]) -> str:
    """The name of the recipe or of the image."""
    return str(summary["image" if is_measurement(summary) else "recipe"].get("name", ""))


_SUMMARY_KEYS = {
    "recipe": dict,
    "outcome": str,
    "outcome_text": str,
    "results": dict,
    "claims": list,
    "provenance": dict,
}
_PROVENANCE_KEYS = {
    **dict.fromkeys(("created", "model", "version", "recipe_digest", "run_digest", "priors"), str),
    **dict.fromkeys(("seed", "samples"), int),
}

_MEASURED_KEYS = {
    "image": dict,
    "settings": dict,
    "outcome": str,
    "outcome_text": str,
    "results": dict,
    "provenance": dict,
}
_MEASURED_PROVENANCE_KEYS = dict.fromkeys(
    ("created", "version", "image_digest", "settings_digest", "run_digest", "device"), str
)


def _check(table: object, keys: Mapping[str, type], where: str) -> None:
    """Raise ValueError unless `table` has these keys with values of these types."""
    if not isinstance(table, dict):
        raise ValueError(f"{where.rstrip('.') or 'it'} is no object")
    for key, kind in keys.items():
        if key not in table:
            raise ValueError(f"{where}{key} is missing")
        value = table[key]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"{where}{key} is of the wrong type")
        if isinstance(value, int) and not 0 <= value < 2**63:
            raise ValueError(f"{where}{key} is out of range")


def _check_result(name: str, result: object) -> None:
    """Raise ValueError unless it is a result: a number with its band, none with the reason, infinite, or a yes or no."""
    where = f"results.{name}."
    _check(result, {"unit": str, "meaning": str}, where)
    assert isinstance(result, dict)
    numbers = [result.get("value")]
    if isinstance(numbers[0], bool) or numbers[0] == INFINITE:
        return
    if numbers[0] is not None:
        numbers += [result.get("low"), result.get("high")]
    for number in numbers:
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise ValueError(f"{where}value is no number")
    if numbers[0] is not None and None in numbers:
        raise ValueError(f"{where}low or high is missing")


def _row(folder: Path) -> tuple[Any, ...] | None:
    """The catalogue's row for a run's folder, or None if it holds no readable run."""
    try:
        summary = read_summary(folder)
        provenance = summary["provenance"]
        made_by: tuple[Any, ...] = (
            (MEASUREMENT, 0, 0, provenance["version"], provenance["image_digest"], provenance["run_digest"])
            if is_measurement(summary)
            else tuple(provenance[k] for k in ("model", "seed", "samples", "version", "recipe_digest", "run_digest"))
        )
        row = (folder.name, provenance["created"], name_of(summary), summary["outcome"], *made_by)
        for text in row:
            str(text).encode()  # a lone surrogate is no text that a database takes
    except (OSError, ValueError):
        return None
    return row


def _unwritable(root: Path, error: OSError) -> InvalidInput:
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        reason, remedy = (
            "The disk is full; nothing was written.",
            "Free some space, or choose another folder with --out.",
        )
    elif number in {errno.EACCES, errno.EPERM, errno.EROFS}:
        reason, remedy = "It cannot be written to; nothing was written.", "Choose another folder with --out."
    elif number in {errno.ENOTDIR, errno.EEXIST}:
        reason, remedy = "It is not a folder; nothing was written.", "Choose another folder with --out."
    else:
        reason, remedy = (
            f"Writing failed ({printable(getattr(error, 'strerror', None) or error, 120)}).",
            "Choose another folder with --out.",
        )
    shown = printable(os.fspath(root), 200)
    return InvalidInput([Fault("output folder", shown, "a folder that can be written to", reason, remedy)], shown)
