"""The store of runs: what it refuses to read, to name and to write."""

from __future__ import annotations

import json
import os

import pytest

from poreline.line.store import RunStore
from poreline.quantities import InvalidInput

SUMMARY = {
    "recipe": {"name": "x"},
    "outcome": "ok",
    "outcome_text": "well",
    "results": {"porosity": {"value": 0.1, "low": 0.0, "high": 0.2, "unit": "1", "meaning": "voids"}},
    "claims": [{"claim": 1, "verdict": "met"}],
    "provenance": {
        **dict.fromkeys(("created", "model", "version", "recipe_digest", "run_digest", "priors"), "x"),
        "seed": 0,
        "samples": 100,
    },
}


def stored(root, name, summary) -> RunStore:
    (root / name).mkdir()
    (root / name / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return RunStore(root)


def test_a_sound_summary_is_read_and_listed(tmp_path):
    store = stored(tmp_path, "film-12345678", SUMMARY)
    assert store.summary("film-12345678")["outcome"] == "ok"
    assert [run.name for run in store.runs()] == ["x"]


@pytest.mark.parametrize(
    "change",
    [
        {"recipe": []},
        {"results": {"porosity": 3}},
        {"results": {"porosity": {"value": "x", "unit": "1", "meaning": "m"}}},
        {"results": {"porosity": {"value": 1.0, "unit": "1", "meaning": "m"}}},
        {"claims": [{"claim": 1}]},
        {"claims": 3},
        {"provenance": {}},
        {"provenance": {**SUMMARY["provenance"], "seed": 2**70}},
        {"provenance": {**SUMMARY["provenance"], "model": ["x"]}},
        {"provenance": {**SUMMARY["provenance"], "created": "\ud800"}},
        {"outcome": None},
    ],
)
def test_a_foreign_summary_is_no_run(change, tmp_path):
    stored(tmp_path, "sound-12345678", SUMMARY)
    store = stored(tmp_path, "film-12345678", {**SUMMARY, **change})
    assert [run.id for run in store.runs()] == ["sound-12345678"]
    with pytest.raises(InvalidInput):
        store.summary("film-12345678")


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", "[" * 100_000, "{}"])
def test_a_damaged_summary_is_a_fault(text, tmp_path):
    store = stored(tmp_path, "film-12345678", SUMMARY)
    assert store.runs()  # it is in the catalogue before it is damaged
    (tmp_path / "film-12345678" / "summary.json").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"summary\.json cannot be used"):
        store.summary("film-12345678")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_place_of_a_summary_is_not_waited_for(tmp_path):
    (tmp_path / "film").mkdir()
    os.mkfifo(tmp_path / "film" / "summary.json")
    assert RunStore(tmp_path).runs() == []


def test_a_run_is_named_by_its_id_or_four_characters_of_it(tmp_path):
    store = stored(tmp_path, "film-12345678", SUMMARY)
    stored(tmp_path, "abc", SUMMARY)
    assert store.folder("film").name == "film-12345678"
    assert store.folder("abc").name == "abc"
    for short in ("", "f", "fil"):
        with pytest.raises(InvalidInput, match="too short"):
            store.folder(short)


def test_an_odd_folder_name_is_printable_in_faults(tmp_path):
    store = stored(tmp_path, "odd\x1b[31m", SUMMARY)
    with pytest.raises(InvalidInput) as caught:
        store.folder("nothing")
    assert "\x1b" not in str(caught.value)


def test_writability_is_checked_without_leaving_anything(tmp_path):
    RunStore(tmp_path / "new" / "runs").check_writable()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "taken").write_text("", encoding="utf-8")
    for root in (tmp_path / "taken", tmp_path / "taken" / "runs", tmp_path / ("x" * 3000)):
        with pytest.raises(InvalidInput) as caught:
            RunStore(root).check_writable()
        assert caught.value.faults[0].field == "output folder"


def test_a_damaged_catalogue_stops_no_run_and_loses_none(tmp_path):
    (tmp_path / "catalogue.sqlite").write_bytes(b"not a database" * 100)
    store = RunStore(tmp_path)
    with store.new("name", "0123456789abcdef") as (folder, final):
        (folder / "summary.json").write_text(json.dumps(SUMMARY), encoding="utf-8")
    assert final[0].is_dir()
    assert [run.id for run in store.runs()] == [final[0].name]
