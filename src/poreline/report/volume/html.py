"""The report of a volume simulation: both models side by side, the structure, its numbers, and what limits them."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from poreline.claims import Verdicts
from poreline.line import Constants
from poreline.line.volume import VolumeRun
from poreline.line.volume.ensemble import band_words, grid_share
from poreline.line.volume.results import NO_COUNTERPART, longest_draw
from poreline.line.volume.simulate import LIMITS
from poreline.quantities import Estimate, Result, Truth, format_quantity
from poreline.quantities.fields import Meaning
from poreline.report.claims_view import claims_view
from poreline.report.figures import Picture, svg_text
from poreline.report.headline import headline, number_text, shown
from poreline.report.html import FigureView, environment
from poreline.report.measured.surface import Mesh, encoded, still, surface_mesh
from poreline.report.run_sheet import RunSheet, sections
from poreline.report.volume.figures import opened_image, volume_pictures
from poreline.report.volume.film import FilmPictures, film_pictures, page_images
from poreline.voxels.image import AXIS_NAMES

_OUTCOMES = {
    "ok": ("●", "Connected membrane"),
    "ruptured": ("✕", "RUPTURED: the film breaks while it is drawn"),
    "not-connected": ("○", "NOT CONNECTED: the voids do not lead through the film"),
    "not-converged": ("?", "NOT CONVERGED: the balance of forces was lost"),
}
_STAGES = {
    "blend": "Blend, the same in both models",
    "film": "Film, the same in both models",
    "stretch": "Stretched film",
    "structure": "Structure of the voids",
    "membrane": "Membrane",
    "separation": "Separation",
}
_CRACKS = ("microcrack_density", "microcrack_width_mean", "fibril_spacing", "fibril_hydraulic_diameter", "fibril_survival",
           "crack_porosity", "microcrack_share", "void_ratio_microcracks", "void_ratio_debonded", "debonded_share",
           "wake_length")  # fmt: skip
_OF_CELL = (
    ("porosity", "porosity"),
    ("pore_diameter_mean", "mean pore, by flow"),
    ("crack_width_mean", "crack width"),
    ("open_share", "connected voids"),
    ("tortuosity", "tortuosity factor"),
    ("stretch_ratio_final", "final stretch ratio"),
)


@dataclass(frozen=True)
class Drawn:
    """The figures of a simulation, drawn once for the page and for the folder."""

    pictures: tuple[Picture, ...]
    mesh: Mesh | None
    still: Picture | None
    film: FilmPictures


@dataclass(frozen=True)
class Beside:
    """One result by both models, as text."""

    name: str
    label: str
    meaning: str
    symbol: str
    value: str
    band: str
    unit: str
    reason: str
    other_value: str
    other_band: str
    other_reason: str


def drawn(made: VolumeRun) -> Drawn:
    """The figures of a simulation."""
    mesh = surface_mesh(opened_image(made.image.image))
    view = still(mesh, made.run.recipe.name) if mesh is not None else None
    pictures = (*volume_pictures(made), *((view,) if view is not None else ()))
    return Drawn(pictures, mesh, view, film_pictures(made))


def render_volume_report(
    made: VolumeRun, verdicts: Verdicts, sheet: RunSheet | None = None, figures: Drawn | None = None
) -> str:
    """One simulation as a self-contained HTML page; `figures` are those that have been drawn already."""
    return (
        environment().get_template("volume.html.j2").render(**_content(made, verdicts, sheet, figures or drawn(made)))
    )


def _content(made: VolumeRun, verdicts: Verdicts, sheet: RunSheet | None, figures: Drawn) -> dict[str, Any]:
    views = [_view(picture) for picture in figures.pictures if picture is not figures.still]
    by_name = {view.name: view for view in views}
    return {
        "made": made,
        "run": made.run,
        "style": Markup(_text("style.css") + _text("measured/measured.css") + _text("volume/volume.css")),
        "script": Markup(_text("measured/viewer.js")) if figures.mesh is not None else "",
        "structure": _structure(figures),
        "outcome": _OUTCOMES[made.run.outcome.kind],
        "facts": _facts(made),
        "headline": [_beside(made, row.name, row.label) for row in headline(made.run)],
        "connected": _connected(made),
        "programme_figures": [by_name[name] for name in ("volume-stress", "volume-porosity") if name in by_name],
        "crack_figures": [by_name[name] for name in ("volume-widths", "volume-tilt") if name in by_name],
        "film": page_images(figures.film),
        "film_begins": _where_it_begins(made),
        "stages_of_programme": ", ".join(next(iter(made.curves.values())).stages),
        "cracks": [_beside(made, name, "") for name in _CRACKS if name in made.run.results],
        "cells": _cells(made),
        "cell_columns": [label for _, label in _OF_CELL],
        "quality": _quality(made),
        "limits": LIMITS,
        "claims": claims_view(verdicts),
        "stages": _stages(made),
        "missing": [(name, made.run.meanings[name].meaning, reason) for name, reason in NO_COUNTERPART.items()
                    if name in made.run.results],
        "cautions": [caution for caution in made.run.cautions if caution not in LIMITS],
        "sheet": sections(sheet) if sheet is not None else (),
        "band": band_words(len(made.cells), grid_share(longest_draw(made.cells))),
        "images": [made.files[cell.seed] for cell in made.cells if cell.seed in made.files],
        "provenance": _provenance(made),
    }  # fmt: skip


def _where_it_begins(made: VolumeRun) -> str:
    """What to say of an animation that does not begin at rest, because the cell's earlier frames were not kept."""
    if not made.frames or made.frames[0].stretch_ratio <= 1.0:
        return ""
    return f"It begins at a stretch ratio of {made.frames[0].stretch_ratio:.2f}: what came before was not recorded."


def _text(name: str) -> str:
    return files("poreline.report").joinpath(*name.split("/")).read_text(encoding="utf-8")


def _view(picture: Picture) -> FigureView:
    # matplotlib has escaped every text in it.
    return FigureView(picture.name, picture.title, picture.description, Markup(svg_text(picture)))


def _structure(figures: Drawn) -> dict[str, Any] | None:
    if figures.mesh is None or figures.still is None:
        return None
    # A page may hold nothing that ends its script early.
    data = json.dumps(encoded(figures.mesh)).replace("<", "\\u003c")
    return {"still": _view(figures.still), "data": Markup(data), "axes": AXIS_NAMES}


def _facts(made: VolumeRun) -> str:
    """The simulation in one line."""
    cells = "1 cell" if len(made.cells) == 1 else f"{len(made.cells)} cells"
    n = made.settings.voxels
    edge, voxel = format_quantity(made.cell.edge, "um", 3), format_quantity(made.cell.voxel_edge, "nm", 3)
    kind = {"bare": "bare interface", "bonded": "bonded interface", "shell": "copolymer shell"}[made.cell.interface]
    return f"{cells} of {n} × {n} × {n} voxels of {voxel}, edge {edge}, {made.cell.domains} domains each, {kind}"


def _beside(made: VolumeRun, name: str, label: str) -> Beside:
    about = made.run.meanings[name]
    own = shown(made.run.results[name], about)
    other = made.mean_field.results.get(name)
    value, band, reason = "", "", "the mean-field model has no such number"
    if other is not None:
        text = shown(other, made.mean_field.meanings[name])
        value, band, reason = text.value, text.band, text.reason
    return Beside(name, label or about.meaning, about.meaning, about.symbol, own.value, own.band, own.unit, own.reason,
                  value, band, reason)  # fmt: skip


def _connected(made: VolumeRun) -> list[tuple[str, str, str]]:
    found = []
    for axis in AXIS_NAMES:
        result = made.measured.get(f"connected_{axis}")
        if isinstance(result, Truth):
            found.append((axis, "yes" if result.value else "no", result.method.rpartition("; ")[2]))
    return found


def _cells(made: VolumeRun) -> list[tuple[int, str, list[str]]]:
    rows: list[tuple[int, str, list[str]]] = []
    for cell in made.cells:
        texts = []
        for name, _ in _OF_CELL:
            about, value = made.run.meanings[name], cell.numbers.get(name, float("nan"))
            if math.isnan(value):
                texts.append("–")
                continue
            text = shown(Estimate(value, value, value, about.unit, about.meaning, ""), about)
            texts.append(f"{text.value} {text.unit}".strip())
        rows.append((cell.seed, cell.outcome, texts))
    return rows


def _quality(made: VolumeRun) -> list[tuple[str, str, str]]:
    q = made.quality
    return [
        ("residual", number_text(float(q["residual"])), "unbalanced force over that of an element (rms), median over the draws"),
        ("residual at the end", number_text(float(q["residual_end"])), "the same after everything was released"),
        ("energy ratio", number_text(float(q["energy_ratio"])), "kinetic energy of the fictitious motion over the work done"),
        ("least det F", number_text(float(q["min_det_F"])), "smallest volume ratio of a voxel"),
        ("steps", str(q["steps"]), "of a cell"),
        ("speed", f"{float(q['element_steps_per_second']) / 1e6:.3g} million", _beside_words(made)),
        ("memory", f"{float(q['bytes_per_voxel']):.3g} bytes", "for each voxel while it is drawn"),
        ("converged", "yes" if q["converged"] else "no", "all cells"),
    ]  # fmt: skip


def _beside_words(made: VolumeRun) -> str:
    side = f" of {made.at_a_time} cells side by side" if made.at_a_time > 1 else ""
    return f"element steps a second{side}"


def _stages(made: VolumeRun) -> list[tuple[str, list[tuple[Beside, str]]]]:
    groups: dict[str, list[tuple[Beside, str]]] = {}
    for name in made.run.results:
        row = _beside(made, name, "")
        groups.setdefault(made.run.stage_of[name], []).append((row, made.run.meanings[name].method))
    return [(_STAGES.get(stage, stage), rows) for stage, rows in groups.items()]


def _provenance(made: VolumeRun) -> list[tuple[str, str]]:
    about = made.run.provenance
    return [
        ("poreline", about.version),
        ("model", about.model),
        ("quality", made.settings.quality),
        ("cells", ", ".join(f"seed {cell.seed}" for cell in made.cells)),
        ("steps factor", f"{made.settings.steps_factor:g}"),
        ("device", made.device),
        ("constants of the recipe", "; ".join(own_constants(made)) or "none: the defaults"),
        ("digest of the recipe", about.recipe_digest),
        ("digest of the run", about.run_digest),
        ("Python, NumPy", f"{about.python}, {about.numpy}"),
        ("platform", about.platform),
        ("made", about.created),
        ("wall time", f"{about.wall_time:.1f} s"),
    ]


def own_constants(made: VolumeRun) -> list[str]:
    """The constants that the recipe or its set of parameters gives, each with the default that it replaces."""
    given = made.run.recipe.parameters
    found = []
    for room in dataclasses.fields(Constants):
        held, prefix = getattr(Constants(), room.name), f"{room.name}." if room.name == "volume" else ""
        for field in dataclasses.fields(held):
            name, about = f"{prefix}{field.name}", field.metadata["quantity"]
            if name in given:
                value, default = (
                    format_quantity(number, about.display_unit, 4)
                    for number in (given[name], getattr(held, field.name))
                )
                found.append(f"{name} {value} (default {default})")
    return found


def result_text(result: Result, about: Meaning) -> str:
    """A result in one line: value and unit, or why there is none."""
    text = shown(result, about)
    return f"{text.value} {text.unit}".strip() if text.value else f"not determined: {text.reason}"
