"""Diffusion through structures whose answer is exact, or bounded."""

from __future__ import annotations

import pytest
from validation.comparison import Comparison, as_table, judged, read_rows, trend, unaccounted
from validation.measuring.transport.known_structures import (
    inclined_channel,
    layers,
    random_image,
    spheres,
    straight_channel,
)
from validation.measuring.transport.lattice_of_spheres import conductivity

ROWS = {row["id"]: row for row in read_rows(__file__)}
EXACT = 1.0 + 1e-6
INCLINED = {16: 1.10, 64: 1.02}
"""Accepted factor by voxels a period: a wall that steps through coarse voxels conducts too little."""
SPHERES = 1.01
LAYERS = (1.0, 0.25, 0.5)
DEGREES = {"S1": 9, "S2": 13, "S3": 21}
IMAGES = ((0.3, 1), (0.5, 2), (0.8, 3))


def exact() -> list[Comparison]:
    found = [
        judged(f"straight channel, length {length} voxel{'s' if length > 1 else ''}: tortuosity", 1.0, straight_channel(length).tortuosity, "",
               EXACT, rows=())
        for length in (1, 2, 9)
    ]  # fmt: skip
    series = len(LAYERS) / sum(1.0 / value for value in LAYERS)
    parallel = sum(LAYERS) / len(LAYERS)
    found.append(judged("layers in series", series, layers(LAYERS, in_series=True), "", EXACT, rows=()))
    found.append(judged("layers in parallel", parallel, layers(LAYERS, in_series=False), "", EXACT, rows=()))
    return found


def inclined() -> list[Comparison]:
    names = {1: "channel at 45 degrees", 2: "channel at a slope of 1 : 2"}
    found = []
    for across, name in names.items():
        for voxels, within in INCLINED.items():
            value, cosine = inclined_channel(voxels, across)
            what = f"{name}, {voxels} voxels a period"
            found.append(judged(what, cosine, value, "", within, rows=(), note="porosity cos² of the angle"))
    return found


def lattices() -> list[Comparison]:
    quoted = {ROWS[key]["concentration"]: ROWS[key]["relative_diffusivity"] for key in ("S4", "S5")}
    found = []
    for key, degree in DEGREES.items():
        share = ROWS[key]["concentration"]
        value, again = float(ROWS[key]["relative_diffusivity"]), conductivity(float(share), degree)
        note = f"by multipoles up to degree {degree}: {again:.4f}"
        if share in quoted:
            note += f"; often quoted, from the uncorrected lattice sum: {quoted[share]}"
        one = judged(f"lattice of spheres, volume share {share}, 64 voxels a period", value, spheres(float(share), 64),
                     "", SPHERES, rows=(key,), note=note, digits=4)  # fmt: skip
        found.append(one)
    return found


def bounds() -> list[Comparison]:
    found = []
    for porosity, seed in IMAGES:
        image = random_image(porosity, seed)
        bound = 0.5 * (3.0 - image.porosity_open)
        found.append(
            trend(
                f"random image, porosity {porosity:g}: bound of Hashin and Shtrikman",
                f"tortuosity {bound:.3f} or more",
                f"{image.tortuosity:.3f}",
                image.tortuosity >= bound,
                rows=(),
            )
        )
    return found


def compare() -> list[Comparison]:
    return [*exact(), *inclined(), *lattices(), *bounds()]


def as_markdown() -> str:
    return as_table(compare(), heads=("exact", "here"))


def test_every_row_is_used_or_left_out_for_a_reason() -> None:
    assert unaccounted(list(ROWS.values()), "id", compare()) == set()


def test_every_comparison_agrees() -> None:
    assert [comparison for comparison in compare() if comparison.verdict != "agrees"] == []


@pytest.mark.parametrize("across", [1, 2])
def test_an_inclined_channel_comes_nearer_with_finer_voxels(across: int) -> None:
    coarse, fine = (abs(value / exact - 1.0) for value, exact in (inclined_channel(n, across) for n in (16, 64)))
    assert fine < 0.5 * coarse


@pytest.mark.parametrize("key", DEGREES)
def test_the_multipoles_give_the_corrected_values_and_not_the_quoted_ones(key: str) -> None:
    share = ROWS[key]["concentration"]
    again = conductivity(float(share), DEGREES[key])
    # The values have four digits, and the last degrees still move that of the densest spheres by 0.02 %.
    assert again == pytest.approx(float(ROWS[key]["relative_diffusivity"]), rel=5e-4)
    quoted = [float(row["relative_diffusivity"]) for row in ROWS.values() if row["used"] == "no" and row["concentration"] == share]  # fmt: skip
    assert all(abs(again / value - 1.0) > 0.0025 for value in quoted)


def test_multipoles_of_degree_one_alone_are_maxwell_s_law() -> None:
    share = 0.01
    # The next term of the series is of the order of the share to 10/3.
    assert conductivity(share, 1) == pytest.approx(1.0 - 3.0 * share / (2.0 + share), abs=1e-5)
