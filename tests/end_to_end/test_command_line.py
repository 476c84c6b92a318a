"""The commands in other people's hands: options in the wrong place, odd names, damaged folders."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
MEASURED = EXAMPLES / "celgard-2400.toml"
MADE = EXAMPLES / "ps10-pp90.toml"


def refused(found) -> str:
    """The message of a command that cannot do what it is asked."""
    assert found.returncode == 2, found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    assert all(character.isprintable() or character == "\n" for character in found.stderr)
    return found.stderr


def test_version_and_schema_take_json(poreline):
    assert set(json.loads(poreline("--version", "--json").stdout)) == {"poreline"}
    assert poreline("schema", "--json").stdout == poreline("schema").stdout
    assert "after the command" in refused_json(poreline("--json", "schema"))


def refused_json(found) -> str:
    assert found.returncode == 2
    return json.loads(found.stdout)["error"][0]["reason"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "a\x1b[31m.toml"),
        ("run", MADE, "--model", "\x1b[31m"),
        ("run", MADE, "--batch", "10\x9b31m kg"),
        ("run", MADE, "--why", "\x1b[31mporosity", "--samples", 50),
        ("run", MADE, "--line", "\x1b[31m.toml"),
        ("check", MADE, "--require", "\x1b[31m"),
        ("materials", "show", "\x1b[31m"),
        ("materials", "pair", "PS", "PP", "--temperature", "\x1b[31m"),
        ("runs", "show", "\x1b[31m", "--out", "\x1b[32m"),
        ("\x1b[31m",),
        ("run", MADE, "--\x1b[31m"),
    ],
)
def test_terminal_escapes_in_arguments_never_reach_the_terminal(arguments, poreline):
    assert refused(poreline(*arguments))


def test_names_for_why_are_checked_for_all_before_anything_is_written(poreline, tmp_path):
    found = poreline("run", MADE, MEASURED, "--why", "domain_diameter_median", "--samples", 50)
    assert "celgard-2400.toml has no such result" in refused(found)
    assert not (tmp_path / "runs").exists()


def test_an_unusable_output_folder_is_told_before_anything_is_computed(poreline, tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for out in ("taken", "taken/runs", "x" * 3000):
        assert "output folder" in refused(poreline("run", MEASURED, "--out", out))
        assert "output folder" in refused(poreline("demo", "--out", out))


def test_a_bad_line_file_is_named(poreline, tmp_path):
    (tmp_path / "own-line.toml").write_text('[line]\ninlet_speed = "3 kg"\n', encoding="utf-8")
    for verb in ("run", "sheet"):
        message = refused(poreline(verb, MADE, "--line", "own-line.toml"))
        assert message.startswith("poreline: own-line.toml: 1 fault\n")
        assert "own-line.toml: line.inlet_speed" in message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused_and_not_waited_for(poreline, tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    for arguments in (("run", "pipe.toml"), ("sheet", MADE, "--line", "pipe.toml"), ("run", "/dev/zero"), ("run", ".")):
        assert "not a file" in refused(poreline(*arguments))
    assert "not a file" in refused(poreline("materials", "list", "--file", "pipe.toml"))


def test_runs_that_are_damaged_or_not_named_are_faults(poreline, tmp_path):
    made = json.loads(poreline("run", MEASURED, "--samples", 50, "--json").stdout)
    folder = tmp_path / made["folder"]
    assert "--yes" in refused_json(poreline("runs", "remove", folder.name, "--json")) or folder.exists()
    assert folder.exists()
    for verb in ("show", "remove", "report"):
        refused(poreline("runs", verb, ""))
    refused(poreline("runs", "remove", "c", "--yes"))
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    for arguments in (("show", folder.name), ("report", folder.name), ("compare", folder.name, folder.name)):
        refused(poreline("runs", *arguments))


def test_a_folder_with_an_escape_in_its_name_is_shown_and_removed_safely(poreline, tmp_path):
    made = json.loads(poreline("run", MEASURED, "--samples", 50, "--json").stdout)
    (tmp_path / made["folder"]).rename(tmp_path / "runs" / "odd\x1b[31m\x9b")
    for arguments in (
        ("list",),
        ("show", "odd\x1b"),
        ("report", "odd\x1b"),
        ("list", "--json"),
        ("remove", "odd\x1b", "--yes"),
    ):
        found = poreline("runs", *arguments)
        assert found.returncode == 0, found.stderr
        assert not {"\x1b", "\x9b"} & set(found.stdout + found.stderr)
    assert [path.name for path in (tmp_path / "runs").iterdir() if path.is_dir()] == []
