"""`poreline measure` with all its measures, on grey pictures as instruments write them, whose geometry is known."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from poreline.membrane.image.characterise import MEASURES
from poreline.voxels.phantoms import as_sem, as_tomogram, ball, blobs, cylinder

EDGE, SPACING = 48, 20e-9
DIAMETER = 12.0
"""Of the pores that cross the volume along each axis, voxels."""
# A result of each measure that an image with pores along all axes must have as a number.
NUMBERS = {
    "porosity": "porosity",
    "connection": "porosity_open_z",
    "surface": "specific_surface",
    "local-thickness": "local_thickness_mean",
    "intrusion": "intrusion_diameter_mean",
    "porometry": "porometry_diameter_mean",
    "chords": "chord_length_mean_x",
    "pores": "pore_count",
    "uniformity": "void_variation",
    "representative": "porosity_error_relative",
    "diffusion": "tortuosity_z",
    "gas": "diffusivity_gas_N2_z",
    "viscous": "permeability_z",
    "network": "network_diffusivity_relative_z",
}
COMPILING = 900.0
"""Seconds allowed: the first run after an installation compiles every loop."""
CURVES = {"two-point": "two_point_y", "lineal-path": "lineal_path_x", "cluster": "cluster_x"}


@pytest.fixture(scope="module")
def geometry() -> np.ndarray[Any, Any]:
    """Void fractions (x, y, z): a round pore along each axis that meet in the middle, and a closed ball in a corner."""
    shape = (EDGE,) * 3
    directions = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    pores = [cylinder(shape, DIAMETER, axis, (0.3, -0.2, 0.1)) for axis in directions]
    return np.maximum.reduce([*pores, ball(shape, 10.0, (-15.0, -15.0, -15.0))])


@pytest.fixture
def stack(geometry, tmp_path) -> Path:
    """The volume as a tomograph would save it: 16 bits, pages along z, the scale in its description."""
    grey = as_tomogram(geometry, rng=np.random.default_rng(3), noise=0.1, blur=0.7, drift=0.2, depth="uint16")
    per_nanometre = 1e-9 / SPACING
    tifffile.imwrite(
        tmp_path / "film.tif",
        np.ascontiguousarray(grey.T),
        imagej=True,
        resolution=(per_nanometre, per_nanometre),
        metadata={"spacing": 1e9 * SPACING, "unit": "nm", "axes": "ZYX"},
    )
    return tmp_path / "film.tif"


def test_every_measure_of_a_grey_stack_comes_out(poreline, stack, geometry):
    found = poreline("measure", stack.name, "--json", timeout=COMPILING)
    assert found.returncode == 0, found.stderr
    printed = json.loads(found.stdout)
    results = printed["results"]

    assert printed["outcome"] == "ok"
    assert printed["image"]["shape"] == [EDGE] * 3
    assert printed["image"]["edges"] == pytest.approx([EDGE * SPACING] * 3)
    assert set(NUMBERS) | set(CURVES) == set(MEASURES)
    for name in NUMBERS.values():
        assert results[name]["value"] is not None, f"{name}: {results[name]}"
        assert math.isfinite(results[name]["value"])
    assert set(CURVES.values()) <= set(printed["distributions"])

    true = float(geometry.mean(dtype=float))
    porosity = results["porosity"]
    assert porosity["value"] == pytest.approx(true, abs=0.02)
    assert porosity["low"] <= porosity["value"] <= porosity["high"]
    assert all(results[f"connected_{axis}"]["value"] for axis in "xyz")
    # The ball is closed: so much of the volume is void and leads nowhere.
    assert results["porosity_closed_z"]["value"] == pytest.approx(math.pi * 10.0**3 / 6.0 / EDGE**3, abs=0.002)
    # Pores of 12 voxels, which are wider where they meet; grey values know the wall to a part of a voxel.
    assert results["local_thickness_mean"]["value"] == pytest.approx(DIAMETER * SPACING, rel=0.1)
    assert results["bubble_point_diameter_z"]["value"] == pytest.approx(DIAMETER * SPACING, rel=0.1)
    # A straight pore carries the flow; the others and the ball are beside the way.
    open_along = results["diffusivity_relative_z"]["value"] / (math.pi / 4.0 * (DIAMETER / EDGE) ** 2)
    assert 0.9 < open_along < 1.4

    page = Path(stack.parent / printed["files"]["report"]).read_text(encoding="utf-8")
    for part in ("Pore sizes", "Transport", "Individual pores", "Cautions", "Provenance"):
        assert f"<h2>{part}" in page
    assert "film" in page
    for path in printed["files"].values():
        assert (stack.parent / path).stat().st_size > 0


def test_every_measure_of_a_micrograph_comes_out_or_says_why_not(poreline, tmp_path):
    rng = np.random.default_rng(11)
    void = blobs((160, 220, 1), porosity=0.3, blob_size=4.0, rng=rng)[:, :, 0]
    per_centimetre = 1e-2 / 5e-9
    tifffile.imwrite(
        tmp_path / "section.tif",
        as_sem(void, rng=rng, noise=0.1),
        resolution=(per_centimetre, per_centimetre),
        resolutionunit="CENTIMETER",
    )
    found = poreline("measure", "section.tif", "--json", timeout=COMPILING)
    assert found.returncode == 0, found.stderr
    printed = json.loads(found.stdout)
    results = printed["results"]

    assert printed["outcome"] == "ok"
    # Rows are along y, columns along x; the strip with text is cut off.
    assert printed["image"]["shape"] == [220, 160, 1]
    assert results["porosity"]["value"] == pytest.approx(float(void.mean(dtype=float)), abs=0.02)
    assert results["chord_length_mean_x"]["value"] > 0.0
    for name in ("connected_z", "tortuosity_z", "permeability_z", "bubble_point_diameter_z"):
        assert results[name]["value"] is None
        assert results[name]["reason"]
    assert all(entry.get("reason") for entry in results.values() if entry["value"] is None)
    page = (tmp_path / printed["files"]["report"]).read_text(encoding="utf-8")
    assert "What a section cannot tell" in page
