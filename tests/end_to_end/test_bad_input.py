"""Bad input: one clear message with every fault, exit status 2, nothing half-written, nothing dangerous on the terminal."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sqlite3
from pathlib import Path

import pytest

from poreline.line.store import RunStore
from poreline.quantities import InvalidInput
from poreline.recipe import read_recipe_table, read_recipe_text, to_toml

EXAMPLES = Path(__file__).parents[2] / "examples"


def refused(poreline, tmp_path, text: str | bytes) -> list[dict[str, str]]:
    """The faults of a recipe that cannot be used, after checking that both ways of printing them are clean."""
    file = tmp_path / "bad.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    plain = poreline("run", "bad.toml")
    assert plain.returncode == 2
    assert plain.stdout == ""
    assert "Traceback" not in plain.stderr
    assert all(character.isprintable() or character == "\n" for character in plain.stderr)
    as_json = poreline("run", "bad.toml", "--json")
    assert as_json.returncode == 2
    assert "Traceback" not in as_json.stderr
    assert not (tmp_path / "runs").exists()
    return json.loads(as_json.stdout)["error"]


def faults_of(table: dict) -> dict[str, str]:
    """Field and whole text of every fault of a recipe's tables."""
    with pytest.raises(InvalidInput) as caught:
        read_recipe_table(table)
    return {fault.field: str(fault) for fault in caught.value.faults}


def test_all_faults_come_at_once_with_the_nearest_right_name(poreline, tmp_path):
    faults = refused(
        poreline,
        tmp_path,
        """
nam = "x"
[composition]
first = { polymer = "PSS", parts = -10 }
second = { polymer = "PP", parts = nan }
compatibilizer = { copolymer = "SEEPS", parts = 5 }
[mixing]
order = "premix first"
[[stretch]]
temperature = "87 K degC"
elongation = "25 % m"
strainrate = "3 1/s"
""",
    )
    by_field = {fault["field"]: fault for fault in faults}
    assert by_field["nam"]["remedy"] == "Did you mean name?"
    assert by_field["composition.compatibilizer"]["remedy"] == "Did you mean compatibiliser?"
    assert "premix-first" in by_field["mixing.order"]["remedy"]
    assert "strain_rate" in by_field["stretch[0].strainrate"]["remedy"]
    assert {
        "composition.first.polymer",
        "composition.first.parts",
        "composition.second.parts",
        "stretch[0].temperature",
        "stretch[0].elongation",
    } <= by_field.keys()
    for fault in faults:
        assert fault["reason"]


@pytest.mark.parametrize(
    ("where", "value", "field"),
    [
        (("composition", "first", "polymer"), "PSQ", "composition.first.polymer"),
        (("composition", "second", "polymer"), "PS", "composition.second.polymer"),
        (("composition", "second", "polymer"), "PET", "composition.second.polymer"),
        (("composition", "second", "parts"), 0, "composition.second.parts"),
        (("composition", "first", "parts"), float("inf"), "composition.first.parts"),
        (("composition", "first", "parts"), "10", "composition.first.parts"),
        (("composition", "first", "parts"), True, "composition.first.parts"),
        (("composition", "basis"), "weight-percent", "composition"),
        (("composition", "compatibiliser", "copolymer"), "SEEP", "composition.compatibiliser.copolymer"),
        (("mixing", "temperature"), "-300 degC", "mixing.temperature"),
        (("mixing", "temperature"), "120 degC", "mixing.temperature"),
        (("mixing", "shear_rate"), "50", "mixing.shear_rate"),
        (("film", "thickness"), "100 degC", "film.thickness"),
        (("film", "process"), "extrude", "film.process"),
        (("stretch", 0, "elongation"), 25, "stretch[0].elongation"),
        (("stretch", 1, "elongation"), "20 %", "stretch[1].elongation"),
        (("stretch", 1, "temperature"), "172 degC", "stretch[1].temperature"),
        (("stretch", 1, "temperature"), "87", "stretch[1].temperature"),
        (("anneal", "temperature"), "180 degC", "anneal.temperature"),
        (("anneal", "duration"), "-1 min", "anneal.duration"),
        (("duty", 0, "gas"), "N3", "duty[0].gas"),
        (("duty", 0, "permeate_pressure"), "9 bar", "duty[0].feed_pressure"),
        (("duty", 0, "kind"), "gasses", "duty[0].kind"),
        (("duty", 1, "liquid"), "methanl", "duty[1].liquid"),
    ],
)
def test_each_fault_names_its_field_and_a_remedy(where, value, field, full_recipe):
    *path, last = where
    node = full_recipe
    for step in path:
        node = node[step]
    node[last] = value
    faults = faults_of(full_recipe)
    assert field in faults
    assert "remedy" in faults[field]


def test_a_polymer_blended_with_itself_is_refused(full_recipe):
    full_recipe["composition"]["first"]["polymer"] = "PP"
    assert "no domains" in faults_of(full_recipe)["composition.second.polymer"]


def test_all_parts_zero_is_refused(full_recipe):
    full_recipe["composition"]["first"]["parts"] = 0
    full_recipe["composition"]["second"]["parts"] = 0
    assert "composition.second.parts" in faults_of(full_recipe)


@pytest.mark.parametrize(
    "text",
    [
        b"\x00\xff\xfe" * 1000,
        os.urandom(4096),
        b"x" * 10_000_000,
        b"a = " + b"[" * 100_000,
        b"a = " + b"{a = " * 3000,
        b"\n".join(b"[" + b".".join([b"a"] * 50) + b".b%d]" % index for index in range(2000)),
        b".".join([b"a"] * 100_000) + b" = 1",
        b"name = 'unclosed",
        b"",
        b'name = "\x1b[31mred"',
        b'name = "a\\u001b[2Jb"\n[membrane]\nporosity = "40 %"\npore_diameter_mean = "40 nm"\nthickness = "25 um"\n',
    ],
    ids=[
        "binary",
        "random",
        "10 MB",
        "nested lists",
        "nested tables",
        "dotted tables",
        "dotted key",
        "unclosed",
        "empty",
        "raw escape",
        "escape",
    ],
)
def test_garbage_and_bombs_are_refused_quickly_and_quietly(text, poreline, tmp_path):
    assert refused(poreline, tmp_path, text)


def test_a_name_with_separators_and_markup_runs_in_a_safe_folder(poreline, tmp_path, full_recipe):
    full_recipe["name"] = '../../etc/passwd <script>alert("x")</script> [bold red]$x_1$'
    (tmp_path / "odd.toml").write_text(to_toml(full_recipe), encoding="utf-8")
    found = poreline("run", "odd.toml", "--samples", 100, "--json")
    assert found.returncode == 0, found.stderr
    printed = json.loads(found.stdout)
    folder = (tmp_path / printed["folder"]).resolve()
    assert folder.parent == (tmp_path / "runs").resolve()
    report = (tmp_path / printed["files"]["report"]).read_text(encoding="utf-8")
    assert "<script>alert" not in report
    assert "&lt;script&gt;" in report
    shown = poreline("run", "odd.toml", "--samples", 100)
    assert "[bold red]" in shown.stdout


def test_a_missing_recipe_is_a_fault_not_a_traceback(poreline):
    found = poreline("run", "nowhere.toml", "--json")
    assert found.returncode == 2
    assert json.loads(found.stdout)["error"][0]["field"] == "file"
    assert "Traceback" not in found.stderr


def test_wrong_options_are_faults_too(poreline):
    for arguments in (
        ("run", EXAMPLES / "ps10-pp90.toml", "--samples", "many"),
        ("run", EXAMPLES / "ps10-pp90.toml", "--model", "volumne"),
        ("run", EXAMPLES / "ps10-pp90.toml", "--why", "porosty"),
        ("sheet", EXAMPLES / "ps10-pp90.toml", "--batch", "10"),
        ("sheet", EXAMPLES / "ps10-pp90.toml", "--batch", "-3 kg"),
        ("materials", "show", "PQ"),
        ("nonsense",),
    ):
        found = poreline(*arguments, "--json")
        assert found.returncode == 2, arguments
        assert "Traceback" not in found.stderr
        assert json.loads(found.stdout)["error"]


def test_one_bad_recipe_among_several_stops_all_before_the_first(poreline, tmp_path):
    (tmp_path / "bad.toml").write_text("[composition]\n", encoding="utf-8")
    found = poreline("run", EXAMPLES / "ps10-pp90.toml", "bad.toml")
    assert found.returncode == 2
    assert "bad.toml: composition" in found.stderr
    assert not (tmp_path / "runs").exists()


def test_hot_stretch_above_tg_runs_with_the_physics_in_a_warning(full_recipe):
    full_recipe["stretch"][1]["temperature"] = "110 degC"
    codes = {caution.code for caution in read_recipe_table(full_recipe).cautions}
    assert "hot-stretch-above-tg" in codes


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("when", ["mkdtemp", "write", "rename"])
def test_a_full_or_read_only_folder_leaves_nothing_behind(number, when, tmp_path, monkeypatch):
    store = RunStore(tmp_path / "runs")

    def fail(*_args, **_options):
        raise OSError(number, os.strerror(number))

    if when == "mkdtemp":
        monkeypatch.setattr("tempfile.mkdtemp", fail)
    if when == "rename":
        monkeypatch.setattr(Path, "rename", fail)

    def write_a_run():
        with store.new("name", "0123456789abcdef") as (folder, _):
            (folder / "file").write_text("half", encoding="utf-8")
            if when == "write":
                fail()

    with pytest.raises(InvalidInput, match="nothing was written"):
        write_a_run()
    left = list((tmp_path / "runs").iterdir()) if (tmp_path / "runs").exists() else []
    assert left == []


def test_an_error_of_our_own_leaves_nothing_behind_either(tmp_path):
    store = RunStore(tmp_path)
    with pytest.raises(ZeroDivisionError), store.new("name", "0123456789abcdef"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_an_output_folder_that_is_a_file_is_refused(poreline, tmp_path):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    found = poreline("run", EXAMPLES / "celgard-2400.toml", "--samples", 100, "--out", "taken", "--json")
    assert found.returncode == 2
    assert json.loads(found.stdout)["error"][0]["field"] == "output folder"


def test_a_damaged_catalogue_does_not_lose_runs(poreline, tmp_path):
    assert poreline("run", EXAMPLES / "celgard-2400.toml", "--samples", 100).returncode == 0
    (tmp_path / "runs" / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    for extra in ("catalogue.sqlite-wal", "catalogue.sqlite-shm"):
        (tmp_path / "runs" / extra).unlink(missing_ok=True)
    found = poreline("runs", "list", "--json")
    assert found.returncode == 0
    assert len(json.loads(found.stdout)["runs"]) == 1
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "runs" / "catalogue.sqlite").execute("SELECT * FROM runs")


def test_text_of_every_kind_is_read_or_refused(full_recipe):
    text = to_toml(full_recipe)
    again = read_recipe_text(text)
    assert again.recipe == read_recipe_table(full_recipe).recipe
    for cut in range(0, len(text), 37):
        with contextlib.suppress(InvalidInput):
            assert read_recipe_text(text[:cut]).recipe
