"""A fit as a file that a recipe names: numbers come back, and every run stands in it."""

from __future__ import annotations

import datetime
import tomllib

from tests.unit.design.known_connection import evidence

from poreline.design import fit_connection, parameter_set_text
from poreline.line import parameter_names
from poreline.recipe.parameter_set import read_parameter_set_text

DAY = datetime.date(2026, 11, 26)


def test_the_file_reads_back_as_the_same_constants() -> None:
    fit = fit_connection(evidence(12))
    found = read_parameter_set_text(parameter_set_text(fit, name="cells", date=DAY), parameter_names())
    assert found.name == "cells"
    assert found.values == {name: float(f"{value:.6g}") for name, value in fit.values.items()}


def test_the_file_tells_where_the_constants_come_from() -> None:
    films = evidence(12)
    written = tomllib.loads(parameter_set_text(fit_connection(films), name="cells", date=DAY))
    assert written["date"] == "2026-11-26"
    assert [run["id"] for run in written["run"]] == [film.run for film in films]
    assert written["run"][0]["seeds"] == [0, 1]
    assert {"recipe_digest", "run_digest", "voxels", "version"} <= written["run"][0].keys()
    assert written["parameter"]["percolation_threshold"]["prior"] == "2.4 ± 0.5"


def test_equal_fits_give_equal_files() -> None:
    first, second = (parameter_set_text(fit_connection(evidence(8)), name="a", date=DAY) for _ in range(2))
    assert first == second


def test_a_name_with_quotes_cannot_leave_the_comment() -> None:
    text = parameter_set_text(fit_connection(evidence(8)), name='x"\n[y]', date=DAY, file_name='a"\nb = 1\n.toml')
    written = tomllib.loads(text)
    assert written["name"] == 'x"\n[y]'
    assert "b" not in written
