"""`poreline measure` as a user types it: what it prints, what it writes, what it refuses, how its report behaves."""

from __future__ import annotations

import functools
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poreline.app.cli.measuring import spacing_of
from poreline.quantities import InvalidInput
from poreline.voxels.files import read_image
from poreline.voxels.phantoms import as_sem, as_tomogram, blobs

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUICK = "porosity,connection,local-thickness"
EDGE = "10 nm"
COMPILING = 900.0
"""Seconds that a command may take: the first one compiles its loops, on a machine that others may be using."""


@pytest.fixture
def poreline(poreline):
    """The command, with the time that it needs where nothing is compiled yet."""
    return functools.partial(poreline, timeout=COMPILING)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with a sponge as truths and as grey values, a closed film, a picture."""
    rng = np.random.default_rng(7)
    void = blobs((32, 28, 24), porosity=0.45, blob_size=2.5, rng=rng)
    np.save(tmp_path / "sponge.npy", void >= 0.5)
    np.save(tmp_path / "grey.npy", as_tomogram(void, rng=rng))
    closed = void >= 0.5
    closed[:, :, 12] = False
    np.save(tmp_path / "closed.npy", closed)
    flat = blobs((150, 200, 1), porosity=0.35, blob_size=4.0, rng=rng)[:, :, 0]
    np.save(tmp_path / "picture.npy", as_sem(flat, rng=rng, data_bar=False))
    return tmp_path


def object_of(found: subprocess.CompletedProcess[str]) -> Any:
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout)


# What it measures and writes


def test_measure_prints_one_object_and_writes_a_whole_folder(poreline, images):
    printed = object_of(poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", QUICK, "--json"))
    assert {
        "results",
        "distributions",
        "outcome",
        "outcome_text",
        "warnings",
        "source",
        "provenance",
        "files",
    } <= printed.keys()
    assert printed["outcome"] == "ok"
    void = np.load(images / "sponge.npy")
    porosity = printed["results"]["porosity"]
    assert porosity["value"] == pytest.approx(void.mean(), rel=1e-6)
    assert porosity["low"] <= porosity["value"] <= porosity["high"]
    assert porosity["unit"] == "1"
    assert porosity["meaning"]
    assert porosity["method"]
    assert printed["results"]["connected_z"]["value"] is True
    # A pore of a sponge smoothed by 2.5 voxels is a few voxels wide.
    assert 2e-8 < printed["results"]["local_thickness_mean"]["value"] < 3e-7
    for path in printed["files"].values():
        assert (images / path).stat().st_size > 0
    assert [path.name for path in (images / "runs").iterdir() if path.name.startswith(".")] == []
    assert (
        json.loads((images / printed["files"]["summary"]).read_text(encoding="utf-8"))["results"] == printed["results"]
    )
    for key in (
        "version",
        "image_digest",
        "settings_digest",
        "device",
        "created",
        "wall_time",
        "python",
        "numpy",
        "platform",
    ):
        assert printed["provenance"][key]


def test_two_measurements_of_one_image_are_equal(poreline, images):
    first, second = (
        object_of(poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", "porosity,connection", "--json"))
        for _ in range(2)
    )
    assert first["results"] == second["results"]
    assert first["provenance"]["run_digest"] == second["provenance"]["run_digest"]
    files = [(images / printed["files"]["results"]).read_bytes() for printed in (first, second)]
    assert files[0] == files[1]
    found = object_of(poreline("runs", "compare", Path(first["folder"]).name, Path(second["folder"]).name, "--json"))
    assert found["identical"]
    assert found["results"] == []


def test_a_closed_film_is_a_result_and_not_an_error(poreline, images):
    printed = object_of(
        poreline("measure", "closed.npy", "--spacing", EDGE, "--only", "connection,diffusion", "--axis", "z", "--json")
    )
    assert printed["outcome"] == "not-connected"
    assert "no path of pores" in printed["outcome_text"].lower()
    assert printed["results"]["tortuosity_z"]["value"] == "infinite"
    assert printed["results"]["tortuosity_z"]["reason"]
    assert printed["results"]["diffusivity_relative_z"]["value"] == 0.0
    assert "tortuosity_x" not in printed["results"]


def test_grey_values_are_parted_and_the_threshold_is_in_the_band(poreline, images):
    printed = object_of(poreline("measure", "grey.npy", "--spacing", EDGE, "--only", "porosity", "--json"))
    true = float(np.load(images / "sponge.npy").mean())
    found = printed["results"]["porosity"]
    # Noise of a tenth of the contrast: the wall is known to a small part of a voxel.
    assert found["value"] == pytest.approx(true, abs=0.03)
    assert found["low"] < found["value"] < found["high"]
    assert any("threshold" in remark for remark in printed["source"])
    assert printed["settings"]["segmentation"]["method"] == "otsu"


def test_a_known_grey_value_of_void_and_of_solid_sets_the_scale(poreline, images):
    printed = object_of(
        poreline(
            *("measure", "grey.npy", "--spacing", EDGE, "--only", "porosity", "--json"),
            *("--grey-pore", "40", "--grey-solid", "150"),
        )
    )
    assert printed["settings"]["segmentation"]["grey_pore"] == 40.0
    assert printed["settings"]["segmentation"]["grey_solid"] == 150.0
    refused = poreline("measure", "sponge.npy", "--spacing", EDGE, "--grey-pore", "40", "--json")
    assert refused.returncode == 2
    assert [fault["field"] for fault in json.loads(refused.stdout)["error"]] == ["--grey-pore"]
    swapped = poreline("measure", "grey.npy", "--spacing", EDGE, "--grey-pore", "150", "--grey-solid", "40")
    assert swapped.returncode == 2
    assert "--grey-pore" in swapped.stderr


def test_a_higher_threshold_finds_more_dark_pores(poreline, images):
    low, high = (
        object_of(
            poreline("measure", "picture.npy", "--spacing", EDGE, "--only", "porosity", "--threshold", grey, "--json")
        )
        for grey in ("80", "120")
    )
    assert low["results"]["porosity"]["value"] < high["results"]["porosity"]["value"]
    assert low["settings"]["segmentation"]["threshold"] == 80.0


def test_a_picture_tells_what_a_section_can_tell(poreline, images):
    printed = object_of(poreline("measure", "picture.npy", "--spacing", EDGE, "--json"))
    assert printed["outcome"] == "ok"
    assert printed["image"]["shape"] == [200, 150, 1]
    results = printed["results"]
    assert results["porosity"]["value"] == pytest.approx(0.35, abs=0.06)
    assert results["chord_length_mean_x"]["value"] > 0
    for name in ("connected_z", "tortuosity_z", "permeability_z"):
        assert results[name]["value"] is None
        assert "section" in results[name]["reason"]
    page = (images / printed["files"]["report"]).read_text(encoding="utf-8")
    assert "What a section cannot tell" in page
    assert "poreline measure picture.npy" in page


def test_the_screen_shows_sizes_by_definition_and_where_the_files_are(poreline, images):
    found = poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", QUICK)
    assert found.returncode == 0, found.stderr
    for text in (
        "Local thickness",
        "pores connect",
        "yes",
        "90 % band",
        "report.html",
        "Pores connect along x, y and z",
    ):
        assert text in found.stdout
    assert "\x1b" not in found.stdout


def test_the_order_of_the_spacing_is_x_y_z(poreline, images):
    printed = object_of(
        poreline("measure", "sponge.npy", "--spacing", "10 nm,20 nm,30 nm", "--only", "porosity", "--json")
    )
    assert printed["image"]["edges"] == pytest.approx([3.2e-7, 5.6e-7, 7.2e-7])
    flat = object_of(poreline("measure", "picture.npy", "--spacing", "10 nm,20 nm", "--only", "porosity", "--json"))
    assert flat["image"]["edges"][:2] == pytest.approx([2e-6, 3e-6])


# Exports


def test_an_exported_image_is_the_image(poreline, images):
    endings = (".tif", ".nrrd", ".vti", ".nc", ".npz")
    exports = [word for ending in endings for word in ("--export", images / f"copy{ending}")]
    printed = object_of(poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", "porosity", *exports, "--json"))
    void = np.load(images / "sponge.npy")
    for number, ending in enumerate(endings, start=1):
        assert printed["files"][f"export_{number}"] == str(images / f"copy{ending}")
        again = read_image(images / f"copy{ending}")
        assert np.array_equal(again.open_voxels(), void)
        assert again.spacing == pytest.approx((1e-8,) * 3, rel=1e-6)


def test_a_surface_and_a_network_are_exported(poreline, images):
    arguments = ["measure", "sponge.npy", "--spacing", EDGE, "--only", "porosity"]
    found = poreline(*arguments, "--export", images / "wall.stl", "--export", images / "net.pnm.npz", "--json")
    assert object_of(found)["files"]["export_2"] == str(images / "net.pnm.npz")
    assert (images / "wall.stl").stat().st_size > 84
    with np.load(images / "net.pnm.npz") as network:
        assert len(network["pore.coords"]) > 0
        assert network["throat.conns"].max() < len(network["pore.coords"])
    assert [path.name for path in images.iterdir() if "unfinished" in path.name] == []


# Stored measurements


def test_a_measurement_is_listed_shown_and_removed_but_not_redrawn(poreline, images):
    printed = object_of(poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", "porosity,connection", "--json"))
    run = Path(printed["folder"]).name
    (listed,) = object_of(poreline("runs", "list", "--json"))["runs"]
    assert (listed["id"], listed["name"], listed["model"]) == (run, "sponge", "measurement")
    assert "image" in poreline("runs", "list").stdout
    shown = poreline("runs", "show", run)
    assert shown.returncode == 0
    assert "connected_z" in shown.stdout
    assert object_of(poreline("runs", "show", run, "--json"))["results"] == printed["results"]
    redrawn = poreline("runs", "report", run)
    assert redrawn.returncode == 2
    assert "drawn from the image" in redrawn.stderr
    assert object_of(poreline("runs", "remove", run, "--yes", "--json"))["removed"]
    assert object_of(poreline("runs", "list", "--json"))["runs"] == []


def test_a_run_and_a_measurement_can_be_compared(poreline, images):
    recipe = Path(__file__).parents[2] / "examples" / "ps10-pp90-seeps5.toml"
    run = object_of(poreline("run", recipe, "--samples", 100, "--json"))
    measured = object_of(poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", "porosity", "--json"))
    names = [Path(printed["folder"]).name for printed in (run, measured)]
    found = object_of(poreline("runs", "compare", *names, "--json"))
    porosity = next(row for row in found["results"] if row["name"] == "porosity")
    assert porosity["ratio"] == pytest.approx(
        measured["results"]["porosity"]["value"] / run["results"]["porosity"]["value"]
    )
    assert not found["identical"]
    assert poreline("runs", "compare", *names).returncode == 0


# What it refuses


def test_a_file_without_spacing_is_refused_with_the_remedy(poreline, images):
    found = poreline("measure", "sponge.npy")
    assert found.returncode == 2
    assert '--spacing "10 nm"' in found.stderr
    assert not (images / "runs").exists()


def test_a_result_that_is_asked_for_by_its_name_leads_to_its_measure(poreline, images):
    found = poreline("measure", "sponge.npy", "--spacing", EDGE, "--only", "tortuosity,permeability")
    assert found.returncode == 2
    for measure in ("diffusion", "viscous"):
        assert f"Did you mean {measure}?" in found.stderr


def test_a_fault_of_grey_values_names_the_file(poreline, images):
    np.save(images / "holes.npy", np.full((6, 6, 6), np.nan, np.float32))
    found = poreline("measure", "holes.npy", "--spacing", EDGE)
    assert found.returncode == 2
    assert found.stderr.startswith("poreline: holes.npy: 1 fault")
    assert "none: " not in poreline("measure", "sponge.npy").stderr


@pytest.mark.parametrize(
    "spacing",
    [
        "0 nm",
        "-1 nm",
        "1 m",
        "1e-20 m",
        "10",
        "10 kg",
        "10 nm,,10 nm",
        "1 nm,1 nm,1 nm,1 nm",
        "nan nm",
        ",",
        "1e400 nm",
    ],
)
def test_an_absurd_spacing_is_a_fault(spacing):
    with pytest.raises(InvalidInput) as refused:
        spacing_of(spacing)
    assert {fault.field for fault in refused.value.faults} == {"--spacing"}
    assert all(fault.remedy for fault in refused.value.faults)


def test_all_faults_come_at_once(poreline, images):
    found = poreline(
        *(
            "measure",
            "absent.tif",
            "--spacing",
            "0 nm",
            "--only",
            "porosty,local-thicknes",
            "--axis",
            "w",
            "--device",
            "gpu",
        ),
        *(
            "--threshold",
            "otsi",
            "--pores",
            "drak",
            "--denoise",
            "blur",
            "--periodic",
            "q",
            "--export",
            "x.jpeg",
            "--json",
        ),
    )
    assert found.returncode == 2
    faults = json.loads(found.stdout)["error"]
    fields = [fault["field"] for fault in faults]
    for option in ("--spacing", "--axis", "--device", "--threshold", "--pores", "--denoise", "--periodic", "--export"):
        assert option in fields
    remedies = " ".join(fault["remedy"] for fault in faults)
    for meant in ("porosity?", "local-thickness?", "otsu?", "dark?"):
        assert f"Did you mean {meant}" in remedies
    assert fields.count("--only") == 2
    assert any(
        "absent.tif" in fault["value"] or "absent.tif" in fault["reason"] or fault["field"] == "FILE"
        for fault in faults
    )


def test_the_measured_file_is_not_overwritten(poreline, images):
    before = (images / "sponge.npy").read_bytes()
    shutil.copyfile(images / "sponge.npy", images / "other.npz")
    found = poreline("measure", "sponge.npy", "--spacing", EDGE, "--export", images / "sponge.npy")
    assert found.returncode == 2
    assert "It is the image that is measured" in found.stderr
    assert (images / "sponge.npy").read_bytes() == before


def test_too_little_memory_says_what_fits(poreline, images, tmp_path):
    code = (
        "import poreline.app.cli.measuring as m; m.memory_available = lambda: 32 * 28 * 24 * 8; "
        "from poreline.app.cli.main import main; main()"
    )
    arguments = [sys.executable, "-c", code, "measure", "sponge.npy", "--spacing", EDGE]
    found = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=COMPILING)
    assert found.returncode == 2
    assert "These fit: --only porosity" in found.stderr
    assert "MB are available" in found.stderr


@pytest.mark.skipif(os.name == "nt", reason="not run: no such signals here")
def test_an_interrupted_measurement_leaves_nothing(images, tmp_path):
    np.save(images / "large.npy", np.random.default_rng(1).random((150, 150, 150)) < 0.5)
    command = [
        sys.executable,
        "-c",
        "from poreline.app.cli.main import main; main()",
        "measure",
        "large.npy",
        "--spacing",
        EDGE,
    ]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        # The first line with a share that is done: now it measures.
        first = next(line for line in running.stderr if "%" in line)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=COMPILING)
    assert "%" in first
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []


# The report in a browser

FLAGS = [
    *(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
    ),
    *("--disable-component-update", "--disable-sync", "--hide-scrollbars"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]
# The page stands in a frame as wide as the device; the view is drawn twice, with the cut elsewhere in between.
PROBE = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe id="frame" width="{width}" height="800" style="border:0" srcdoc="{page}"></iframe><pre id="found"></pre>
<script>
document.getElementById("frame").addEventListener("load", event => {{
  const frame = event.target.contentWindow, page = frame.document, root = page.documentElement;
  const host = page.getElementById("structure"), canvas = host && host.querySelector("canvas");
  const drawn = () => {{
    const copy = document.createElement("canvas"), place = copy.getContext("2d");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    place.drawImage(canvas, 0, 0);
    return place.getImageData(0, 0, copy.width, copy.height).data.filter((value, at) => at % 4 === 3 && value > 0).length;
  }};
  const hidden = element => element.closest(".scroll, .hidden, svg, details:not([open]) > :not(summary)");
  const outside = [...page.body.querySelectorAll("*")].filter(element => !hidden(element) && element.getClientRects().length
    && (element.getBoundingClientRect().right > root.clientWidth + 1 || element.getBoundingClientRect().left < -1));
  const found = {{
    scroll: Math.max(root.scrollWidth, page.body.scrollWidth),
    outside: outside.slice(0, 5).map(element => element.outerHTML.slice(0, 120)),
    fetched: frame.performance.getEntriesByType("resource").map(entry => entry.name).filter(name => !name.startsWith("data:")),
    live: !!host && host.classList.contains("live"),
  }};
  const end = () => document.getElementById("found").textContent = JSON.stringify(found);
  if (!found.live) {{ end(); return; }}
  found.labels = [...host.querySelectorAll(".axis")].map(label => label.textContent);
  setTimeout(() => {{
    found.whole = drawn();
    const slider = host.querySelector("input");
    slider.value = 30;
    slider.dispatchEvent(new frame.Event("input"));
    // A frame is drawn when the browser comes to it.
    let looks = 0;
    const look = () => {{
      found.cut = drawn();
      if (found.cut !== found.whole || ++looks > 80) end();
      else frame.requestAnimationFrame(() => setTimeout(look, 50));
    }};
    look();
  }}, 500);
}});
</script>"""


def probe(page: str, width: int, folder: Path) -> Any:
    """What a browser finds in the page at this width."""
    host = folder / "probe.html"
    host.write_text(PROBE.format(width=width, page=html.escape(page)), encoding="utf-8")
    assert BROWSER is not None
    found = None
    # The browser's own clock may run out on a busy machine, where a frame takes long to draw: it then gets more of it.
    for budget in (20_000, 60_000, 180_000):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            command = [
                BROWSER,
                *FLAGS,
                f"--user-data-dir={profile}",
                "--window-size=1400,1000",
                f"--virtual-time-budget={budget}",
            ]
            dumped = subprocess.run(
                [*command, "--dump-dom", host.as_uri()], capture_output=True, text=True, check=False, timeout=120
            ).stdout
        found = re.search(r'<pre id="found">(.+?)</pre>', dumped, flags=re.DOTALL)
        if found is not None:
            break
    assert found is not None, "the page was not loaded"
    return json.loads(html.unescape(found[1]))


@pytest.mark.skipif(BROWSER is None, reason="not run: no Chromium")
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "telephone"])
def test_the_page_fits_and_the_structure_turns(tmp_path, width):
    from tests.unit.report.measured_images import sponge

    from poreline.report.measured import render_measured_report

    found = probe(render_measured_report(sponge(32)), width, tmp_path)
    assert found["scroll"] <= width
    assert found["outside"] == []
    assert found["fetched"] == []
    assert found["live"], "the browser has WebGL 2 in software, and the script did not draw"
    assert found["labels"] == ["x 320 nm", "y 320 nm", "z 320 nm"]
    # The box fills a good part of the picture; the cut takes most of the solid away.
    assert found["whole"] > 10_000
    assert found["cut"] < 0.9 * found["whole"]


@pytest.mark.skipif(BROWSER is None, reason="not run: no Chromium")
def test_the_page_of_a_section_fits_a_telephone(tmp_path):
    from tests.unit.report.measured_images import section

    from poreline.report.measured import render_measured_report

    found = probe(render_measured_report(section()), 390, tmp_path)
    assert found["scroll"] <= 390
    assert found["outside"] == []
    assert not found["live"]
