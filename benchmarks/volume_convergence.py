"""How far the results of the volume simulation move with the grid, the number of steps and where the domains lie.

    python volume_convergence.py OUT.jsonl [--voxels 64,96] [--steps 1,2] [--kinds bare,bonded,shell] [--seeds 0,1,2,3] [--until 3]
    python volume_convergence.py OUT.jsonl --table [--figure FIGURE.svg]

A cell of twenty domains of the recipe's sizes, the same packing on every grid, drawn cold to 1.25 and hot to 3, or on to the
ratio `--until`. Each run is one line of the file; a run whose line is there is not repeated, so that a study may be stopped
and goes on. The widths of the microcracks are means over their volume.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

RECIPES = {"bare": "ps10-pp90.toml", "bonded": "ps10-pp90.toml", "shell": "ps15-pp85-seeps7.5.toml"}
DOMAINS = 20
STATIONS = (1.25, 1.5, 2.0, 2.5, 3.0)
HEAD = (
    "| interface | seed | voxels | steps | "
    + " | ".join(f"{s:g}" for s in STATIONS)
    + " | width at 2, nm | ruptured at | residual | minutes |"
)


def drawn(kind: str, voxels: int, factor: float, seed: int, until: float = STATIONS[-1]) -> dict[str, Any]:
    """One run, drawn `until` a stretch ratio or until it ruptures: porosity and microcrack width at each station, rupture, and
    how well the balance held."""
    from poreline.blend.packing import pack
    from poreline.blend.voxelise import voxelise
    from poreline.line import parameter_names
    from poreline.line.volume import VolumeSettings, prepare
    from poreline.line.volume.cell import cell_plan
    from poreline.line.volume.solving import fibril_closure
    from poreline.recipe import read_recipe
    from poreline.stretch.microcracks.current_configuration import deformation_gradient
    from poreline.stretch.microcracks.microcracks import microcracks
    from poreline.stretch.volume.interface import inset_voxels, layer_voxels
    from poreline.stretch.volume.model import stretch
    from poreline.stretch.volume.properties import BROKEN, CRAZE_COUNT, CRAZE_SPACING_SUM, VOID
    from poreline.stretch.volume.state import VolumeState

    examples = Path(__file__).parents[1] / "examples"
    settings = VolumeSettings(voxels=voxels, seeds=(seed,), domains=DOMAINS)
    understood = read_recipe(examples / RECIPES[kind], parameter_names())
    prepared = prepare(understood, replace(settings, voxels=64), samples=10)
    plan, film = prepared.plan, prepared.cell.film
    cell = cell_plan(plan, film, settings)
    # The gap of the coarsest grid, so that every grid holds the same packing.
    gap = 0.5 * cell.edge / 48
    packing = pack(
        diameter_median=float(film.domain_diameter_median),
        diameter_spread=float(film.domain_diameter_spread),
        volume_fraction=float(np.asarray(film.blend.first_volume_fraction)),
        count=DOMAINS,
        gap=gap,
        seed=seed,
    )
    blend = voxelise(packing, voxels, layer_voxels(kind, film, cell.voxel_edge), inset_voxels(kind))
    steps = (
        replace(plan.steps[0], elongation=0.25, temperature=293.15, strain_rate=0.005),
        replace(plan.steps[1], elongation=until - 1.0, temperature=361.15, strain_rate=0.02),
    )
    closure = fibril_closure(plan, film)
    width: dict[str, float] = {}

    def at_station(state: VolumeState) -> None:
        reached = max(s for s in STATIONS if s <= float(state.mean_gradient[0]) + 1e-3)
        gradient = deformation_gradient(state.displacement, np.diag(state.mean_gradient))
        count, spacing = (state.voxel[name] * np.float32(1e6) for name in (CRAZE_COUNT, CRAZE_SPACING_SUM))
        found = microcracks(state.voxel[VOID], state.voxel[BROKEN], count, spacing, gradient, closure)
        cracked = (found.void_fraction > 0.05) & ~found.opened
        weight = (found.void_fraction * found.volume_ratio)[cracked]
        width[f"{reached:g}"] = float(np.average(found.width[cracked], weights=weight)) if cracked.any() else 0.0

    begin = time.perf_counter()
    made = stretch(
        film,
        steps,
        None,
        plan.constants.stretch,
        blend=blend,
        interface=kind,
        steps_factor=factor,
        seed=seed,
        stations=STATIONS,
        at_station=at_station,
    )
    in_draws = np.isin(made.history["segment"], [n for n, s in enumerate(made.programme) if s.kind == "draw"])
    ratio, porosity = made.history["stretch_machine"][in_draws], made.history["porosity"][in_draws]
    return {
        "kind": kind,
        "voxels": voxels,
        "factor": factor,
        "seed": seed,
        "radius": 0.5 * float(film.domain_diameter_median) / cell.voxel_edge,
        "porosity": {f"{s:g}": float(np.interp(s, ratio, porosity)) for s in STATIONS},
        "width": width,
        "residual": made.residual_median,
        "outcome": made.outcome,
        "until": until,
        "inset": inset_voxels(kind),
        "rupture": made.stretch_ratio_rupture,
        "steps": made.steps,
        "seconds": time.perf_counter() - begin,
    }


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def name_of(run: dict[str, Any]) -> tuple[str, int, float, int, float, float]:
    return run["kind"], run["voxels"], run["factor"], run["seed"], run["until"], run["inset"]


def table(runs: list[dict[str, Any]]) -> str:
    """The runs, and how far each moved from the same cell on a coarser grid or with fewer steps."""
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    for run in sorted(runs, key=lambda r: (r["kind"], r["seed"], r["voxels"], r["factor"])):
        cells = [f"{run['porosity'][f'{s:g}']:.4f}" for s in STATIONS]
        width = 1e9 * run["width"].get("2", float("nan"))
        rupture = f"{run['rupture']:.2f}" if run.get("rupture") else "-"
        lines.append(
            f"| {run['kind']} | {run['seed']} | {run['voxels']} | {run['factor']:g} | {' | '.join(cells)} | {width:.1f} "
            f"| {rupture} | {run['residual']:.3f} | {run['seconds'] / 60:.0f} |"
        )
    return "\n".join(lines)


def draw(runs: list[dict[str, Any]], path: Path) -> None:
    """Porosity against stretch ratio, all packings of each interface, one line type for each grid; as SVG."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from poreline.report.figures import FIGURE_SETTINGS

    whole = [run for run in runs if run["factor"] == 1.0 and run.get("until", STATIONS[-1]) == STATIONS[-1]]
    grids = sorted({run["voxels"] for run in whole})
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(8.4, 3.0), layout="constrained")
        for axes, kind in zip(figure.subplots(1, len(RECIPES), sharey=True), RECIPES, strict=True):
            for grid, (line, colour) in zip(
                grids, (("--", "#6b7280"), ("-", "#1d4ed8"), (":", "#111827")), strict=False
            ):
                of_grid = [run for run in whole if (run["kind"], run["voxels"]) == (kind, grid)]
                for n, run in enumerate(of_grid):
                    name = f"{grid} voxels an edge" if n == 0 else None
                    shown = [100.0 * run["porosity"][f"{s:g}"] for s in STATIONS]
                    axes.plot(STATIONS, shown, line, color=colour, linewidth=1.1, label=name)
            axes.set_title(kind)
            axes.set_xlabel("stretch ratio")
            axes.set_ylim(bottom=0.0)
        figure.axes[0].set_ylabel("porosity, %")
        figure.axes[-1].legend(frameon=False, loc="upper left")
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--voxels", default="48,64")
    parser.add_argument("--steps", default="1", help="factors on the number of steps")
    parser.add_argument("--kinds", default=",".join(RECIPES))
    parser.add_argument("--seeds", default="0")
    parser.add_argument(
        "--until", type=float, default=STATIONS[-1], help="stretch ratio to draw to; 9: until the film breaks"
    )
    parser.add_argument("--table", action="store_true", help="print what the file holds and run nothing")
    parser.add_argument("--figure", type=Path, help="file for a drawing of what the file holds")
    chosen = parser.parse_args()
    from poreline.stretch.volume.interface import inset_voxels

    if not chosen.table:
        wanted = product(
            map(int, chosen.seeds.split(",")),
            map(float, chosen.steps.split(",")),
            map(int, chosen.voxels.split(",")),
            chosen.kinds.split(","),
        )
        for seed, factor, voxels, kind in wanted:
            if (kind, voxels, factor, seed, chosen.until, inset_voxels(kind)) in map(name_of, read(chosen.path)):
                continue
            run = drawn(kind, voxels, factor, seed, chosen.until)
            with chosen.path.open("a") as file:
                file.write(json.dumps(run) + "\n")
            print(
                f"{kind}, {voxels} voxels, steps x {factor:g}, seed {seed}: {run['porosity']}",
                file=sys.stderr,
                flush=True,
            )
    print(table(read(chosen.path)))
    if chosen.figure:
        draw(read(chosen.path), chosen.figure)


if __name__ == "__main__":
    main()
