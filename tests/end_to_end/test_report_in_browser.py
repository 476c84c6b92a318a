"""The report in a real browser: nothing sticks out on a desk or a telephone, nothing is fetched, a hostile name stays text."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from poreline.claims import check
from poreline.line import Run, parameter_names, simulate
from poreline.recipe import read_recipe_table
from poreline.report.html import render_report
from poreline.report.run_sheet import run_sheet

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="not run: no Chromium")

DESK, PHONE = (1280, 800), (390, 844)
INJECTED = '</h1><script>window.injected = 1</script><img src=x onerror="window.injected = 2">'
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]
# A window is never as narrow as a telephone, so that the page is shown in a frame of that width and measured from outside.
PROBE = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe id="frame" width="{width}" height="{height}" style="border:0" srcdoc="{page}"></iframe>
<pre id="found"></pre>
<script>
document.getElementById("frame").addEventListener("load", event => {{
  const frame = event.target.contentWindow, page = frame.document, root = page.documentElement;
  const bottom = name => page.querySelector(name).getBoundingClientRect().bottom;
  const hidden = element => element.closest(".scroll, .hidden, svg, details:not([open]) > :not(summary)");
  const outside = [...page.body.querySelectorAll("*")].filter(element => !hidden(element)
    && (element.getBoundingClientRect().right > root.clientWidth + 1 || element.getBoundingClientRect().left < -1));
  document.getElementById("found").textContent = JSON.stringify({{
    width: root.clientWidth,
    scroll: Math.max(root.scrollWidth, page.body.scrollWidth),
    outside: outside.slice(0, 5).map(element => element.outerHTML.slice(0, 120)),
    sections: [...page.querySelectorAll("section")].map(element => element.id),
    figures: page.querySelectorAll("figure svg").length,
    flat: [...page.querySelectorAll("figure svg")].filter(svg => svg.getBoundingClientRect().height < 100).length,
    claims: page.querySelectorAll(".claim-grid li").length,
    grid: bottom(".claim-grid"),
    headline: bottom(".headline"),
    fetched: frame.performance.getEntriesByType("resource").map(entry => entry.name),
    scripts: page.scripts.length,
    images: page.images.length,
    injected: frame.injected ?? null,
    heading: page.querySelector("h1").textContent,
  }});
}});
</script>"""


def probe(page: str, size: tuple[int, int], folder: Path) -> Any:
    """What a browser finds in the page at this size."""
    host = folder / "probe.html"
    host.write_text(PROBE.format(width=size[0], height=size[1], page=html.escape(page)), encoding="utf-8")
    dumped = browse(["--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", host.as_uri()])
    found = re.search(r'<pre id="found">(.+?)</pre>', dumped, flags=re.DOTALL)
    assert found is not None, "the page was not loaded"
    return json.loads(html.unescape(found[1]))


def browse(arguments: list[str]) -> str:
    assert BROWSER is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120).stdout


def page_of(run: Run) -> str:
    sheet = run_sheet(run, 10.0) if run.recipe.composition is not None else None
    return render_report(run, check(run), sheet)


def run_of(recipe: dict[str, Any]) -> Run:
    return simulate(read_recipe_table(recipe, parameter_names=parameter_names()), samples=300)


MEASURED = {
    "name": "measured",
    "membrane": {"porosity": "41 %", "pore_diameter_mean": "43 nm", "thickness": "25 um"},
    "duty": [{"kind": "gas", "gas": "N2"}, {"kind": "separator"}],
}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "telephone"])
def test_the_page_fits_its_window_and_fetches_nothing(
    full_recipe: dict[str, Any], tmp_path: Path, size: tuple[int, int]
) -> None:
    found = probe(page_of(run_of(full_recipe)), size, tmp_path)
    assert found["width"] == size[0]
    assert found["scroll"] <= size[0]
    assert found["outside"] == []
    assert found["fetched"] == []
    assert found["claims"] == 48
    assert found["figures"] >= 8
    assert found["flat"] == 0
    assert found["sections"] == [
        *("summary", "line", "draw", "pores", "claims", "causes", "sheet"),
        *("cautions", "assumptions", "results", "trust", "sources", "provenance"),
    ]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "telephone"])
def test_the_first_screen_holds_the_numbers_and_the_claims(
    full_recipe: dict[str, Any], tmp_path: Path, size: tuple[int, int]
) -> None:
    found = probe(page_of(run_of(full_recipe)), size, tmp_path)
    assert found["headline"] < size[1]
    assert found["grid"] < size[1]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize("kind", ["measured", "ruptured", "unstretched", "many duties"])
def test_other_runs_fit_too(full_recipe: dict[str, Any], tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    recipe = full_recipe
    if kind == "measured":
        recipe = MEASURED
    elif kind == "ruptured":
        recipe["stretch"][-1]["elongation"] = "1900 %"
    elif kind == "unstretched":
        recipe.update(stretch=[], anneal=None)
        del recipe["anneal"]
    else:
        kinds = ("gurley", "solute", "contactor", "distillation", "separator", "mechanics")
        recipe["duty"] += [{"kind": "gas", "gas": gas} for gas in ("He", "CO2", "O2")]
        recipe["duty"] += [{"kind": "gas", "mixture": {"He": 0.5, "N2": 0.5}}, *({"kind": kind} for kind in kinds)]
    found = probe(page_of(run_of(recipe)), size, tmp_path)
    assert found["scroll"] <= size[0]
    assert found["outside"] == []
    assert found["claims"] == 48


def test_a_hostile_name_does_nothing(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    full_recipe["name"] = INJECTED
    full_recipe["notes"] = INJECTED
    found = probe(page_of(run_of(full_recipe)), DESK, tmp_path)
    assert found["injected"] is None
    assert (found["scripts"], found["images"]) == (0, 0)
    assert found["heading"] == INJECTED


def test_a_long_name_without_a_gap_does_not_widen_the_page(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    full_recipe["name"] = "x" * 120
    found = probe(page_of(run_of(full_recipe)), PHONE, tmp_path)
    assert found["scroll"] <= PHONE[0]


def test_the_page_prints(full_recipe: dict[str, Any], tmp_path: Path) -> None:
    host, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    host.write_text(page_of(run_of(full_recipe)), encoding="utf-8")
    browse(["--no-pdf-header-footer", f"--print-to-pdf={printed}", host.as_uri()])
    assert printed.read_bytes().startswith(b"%PDF")
