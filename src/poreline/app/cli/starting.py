"""`poreline init`, `poreline demo`, `poreline doctor`."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

import typer

from poreline import __version__
from poreline.app.cli.screen import clean, console, table
from poreline.quantities import Fault, InvalidInput, printable

_PACKAGES = ("numpy", "pydantic", "pint", "h5py", "matplotlib", "jinja2", "typer", "rich")


def starter_recipe() -> str:
    """The commented recipe that `init` writes and `demo` runs."""
    return files("poreline.app.cli").joinpath("starter.toml").read_text(encoding="utf-8")


def write_starter(file: Path, *, force: bool, as_json: bool) -> None:
    """Write the commented recipe."""
    from poreline.report.machine import to_json

    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(starter_recipe())
    except FileExistsError as error:
        raise InvalidInput(
            [Fault("file", printable(file, 200), "", "It exists already.", "Choose another name, or use --force.")],
            "init",
        ) from error
    except OSError as error:
        reason = f"It cannot be written: {error.strerror or error}."
        raise InvalidInput(
            [Fault("file", printable(file, 200), "a file that can be written", reason, "Choose another place.")], "init"
        ) from error
    if as_json:
        typer.echo(to_json({"recipe": str(file)}))
    else:
        typer.echo(f"Written: {printable(file, 200)}\nRun it:  poreline run {printable(file, 200)}")


def run_demo(out: Path, *, as_json: bool) -> None:
    """Run the starter recipe."""
    from poreline.app.cli.running import keep, show
    from poreline.claims import check
    from poreline.line import parameter_names, simulate
    from poreline.line.store import RunStore
    from poreline.recipe import read_recipe_text
    from poreline.report.machine import to_json

    store = RunStore(out)
    store.check_writable()
    made = simulate(read_recipe_text(starter_recipe(), subject="demo", parameter_names=parameter_names()))
    verdicts = check(made)
    folder, printed = keep(made, verdicts, store, batch=10.0, line=None)
    if as_json:
        typer.echo(to_json(printed))
    else:
        show(made, verdicts, folder)


def examine(*, as_json: bool) -> None:
    """Show the environment, and run one small line through it."""
    from poreline.line import parameter_names, simulate
    from poreline.recipe import read_recipe_text
    from poreline.report.machine import to_json

    packages = {name: _version(name) for name in _PACKAGES}
    made = simulate(read_recipe_text(starter_recipe(), parameter_names=parameter_names()), samples=200, causes=())
    content = {
        "poreline": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "platform": platform.platform(terse=True),
        "packages": packages,
        "devices": ["cpu"],
        "models": ["mean-field"],
        "self_test": {
            "outcome": made.outcome.kind,
            "porosity": made.value("porosity"),
            "wall_time_s": made.provenance.wall_time,
        },
    }
    if as_json:
        typer.echo(to_json(content))
        return
    rows = [
        ("poreline", __version__),
        ("python", content["python"]),
        ("platform", content["platform"]),
        *packages.items(),
    ]
    rows += [
        ("devices", "cpu (the mean-field model needs no other)"),
        (
            "self-test",
            f"{made.outcome.kind}, porosity {100 * made.value('porosity'):.1f} %, {made.provenance.wall_time:.2f} s",
        ),
    ]
    console().print(table(("", ""), rows, title="poreline doctor"))
    missing = [name for name, found in packages.items() if found == "missing"]
    if missing:
        console().print(clean(f"Missing packages: {', '.join(missing)}", "bold red"))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
