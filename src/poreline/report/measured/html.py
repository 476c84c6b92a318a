"""The report of a measurement: one HTML file with its figures, slices and a view in three dimensions, and nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from markupsafe import Markup

from poreline.claims import MeasuredFacts, check
from poreline.line.measurement import Measurement
from poreline.quantities import Estimate, format_quantity
from poreline.report.claims_view import claims_view, judged_on_image
from poreline.report.figures import Picture, svg_text
from poreline.report.html import FigureView, environment
from poreline.report.measured.curves import Panel, curve_panels, histogram_panel, pore_panels, threshold_words
from poreline.report.measured.pictures import section_pictures, slice_pictures
from poreline.report.measured.results_view import (
    BANDS,
    GROUPS,
    connection_rows,
    groups,
    headline_results,
    size_definitions,
)
from poreline.report.measured.surface import Mesh, encoded, still, surface_mesh
from poreline.voxels.image import AXIS_NAMES

_OUTCOMES = {
    "ok": ("●", "Pores lead through"),
    "not-connected": ("○", "NOT CONNECTED: no path of pores leads through the image"),
}
_SECTION, _PLAIN = ("◧", "Measured section"), ("●", "Measured image")
_COARSE, _FAIR = 3.0, 10.0
"""Voxels across a mean pore: below the first its size is mostly the grid's, from the second on it is known within 3 %."""


@dataclass(frozen=True)
class Drawn:
    """The figures of a measurement, drawn once for the page and for the folder."""

    panels: tuple[Panel, ...]
    slices: tuple[Picture, ...]
    section: tuple[Picture, ...]
    mesh: Mesh | None
    still: Picture | None

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All figures."""
        last = (self.still,) if self.still is not None else ()
        return (*(panel.picture for panel in self.panels), *self.slices, *self.section, *last)


def drawn(made: Measurement) -> Drawn:
    """The figures of a measurement."""
    histogram = histogram_panel(made)
    mesh = surface_mesh(made.image)
    return Drawn(
        panels=(*curve_panels(made), *pore_panels(made), *((histogram,) if histogram is not None else ())),
        slices=tuple(slice_pictures(made)),
        section=tuple(section_pictures(made)),
        mesh=mesh,
        still=still(mesh, made.name) if mesh is not None else None,
    )


def render_measured_report(made: Measurement, figures: Drawn | None = None) -> str:
    """One measurement as a self-contained HTML page; `figures` are those that have been drawn already.

    The same measurement gives the same text, apart from the time in its provenance.
    """
    return environment().get_template("measured.html.j2").render(**_content(made, figures or drawn(made)))


def _content(made: Measurement, figures: Drawn) -> dict[str, Any]:
    subjects = {group.name: group for group in groups(made)}
    verdicts = check(measured=MeasuredFacts.of(made))
    return {
        "made": made,
        "claims": claims_view(verdicts),
        "judged": judged_on_image(verdicts),
        "style": Markup(_text("style.css") + _text("measured/measured.css")),
        "script": Markup(_text("measured/viewer.js")) if figures.mesh is not None else "",
        "structure": _structure(figures),
        "outcome": _outcome(made),
        "facts": _facts(made),
        "headline": headline_results(made),
        "bands": BANDS,
        "connection": connection_rows(made),
        "definitions": size_definitions(made),
        "subjects": subjects,
        "figures": {name: _views(figures.panels, name) for name in (*GROUPS, "picture")},
        "slices": [_view(picture) for picture in figures.slices],
        "section": [_view(picture) for picture in figures.section],
        "is_section": made.image.is_section,
        "threshold": threshold_words(made),
        "trust": _trust(made),
        "provenance": _provenance(made),
        "blocks": _blocks(made, figures.mesh),
    }


def _text(name: str) -> str:
    return files("poreline.report").joinpath(*name.split("/")).read_text(encoding="utf-8")


def _structure(figures: Drawn) -> dict[str, Any] | None:
    if figures.mesh is None or figures.still is None:
        return None
    # A page may hold nothing that ends its script early.
    data = json.dumps(encoded(figures.mesh)).replace("<", "\\u003c")
    return {"still": _view(figures.still), "data": Markup(data), "axes": AXIS_NAMES}


def _blocks(made: Measurement, mesh: Mesh | None) -> str:
    """How coarse the view is, in words."""
    if mesh is None:
        return ""
    if max(mesh.blocks) == 1:
        return "Every voxel of the image is shown."
    size = format_quantity(max(n * h for n, h in zip(mesh.blocks, made.image.spacing, strict=True)), "nm", 3)
    return f"Averaged over blocks of {' × '.join(map(str, mesh.blocks))} voxels: pores much narrower than {size} are not shown."


def _views(panels: Sequence[Panel], group: str) -> list[FigureView]:
    return [_view(panel.picture) for panel in panels if panel.group == group]


def _view(picture: Picture) -> FigureView:
    # matplotlib has escaped every text in it.
    return FigureView(picture.name, picture.title, picture.description, Markup(svg_text(picture)))


def _outcome(made: Measurement) -> tuple[str, str]:
    if made.image.is_section:
        return _SECTION
    if made.outcome.kind == "ok" and not connection_rows(made):
        return _PLAIN
    return _OUTCOMES[made.outcome.kind]


def _facts(made: Measurement) -> str:
    """The image in one line: voxels, spacing, edges."""
    image = made.image
    count = 2 if image.is_section else 3
    voxels = " × ".join(str(n) for n in image.shape[:count])
    spacing = dict.fromkeys(format_quantity(h, "nm") for h in image.spacing[:count])
    edges = " × ".join(format_quantity(edge, "um", 3).removesuffix(" um") for edge in image.edges[:count])
    wrapped = [axis for axis, periodic in zip(AXIS_NAMES, image.periodic, strict=True) if periodic]
    kind = "pixels" if image.is_section else "voxels"
    periodic = f", periodic along {', '.join(wrapped)}" if wrapped else ""
    return f"{voxels} {kind} of {' × '.join(spacing)}: {edges} um{periodic}"


def _trust(made: Measurement) -> list[str]:
    """What limits the numbers of this image, in sentences."""
    image, said = made.image, []
    found = made.structure.results.get("local_thickness_mean")
    if isinstance(found, Estimate) and found.value > 0.0:
        across = found.value / max(image.spacing)
        sentence = f"The mean pore is {across:.3g} voxels wide (local thickness over the longest edge of a voxel). "
        if across < _COARSE:
            sentence += "Below 3 voxels a pore's size and what flows through it are mostly the grid's: measure with finer voxels."
        elif across < _FAIR:
            sentence += (
                "From 3 voxels on its size is known within about 10 %; flow through such a pore is less well resolved."
            )
        else:
            sentence += "From 10 voxels on its size is known within about 3 %."
        said.append(sentence)
        if not image.is_section:
            edges = min(edge for edge in image.edges) / found.value
            said.append(f"The image's shortest edge is {edges:.3g} mean pores long; ten or more make a fair sample.")
    said.append("A band holds what the measure itself leaves open, and the threshold where grey values were parted. It does not "
                "hold how this piece differs from the rest of the film.")  # fmt: skip
    return said


def _provenance(made: Measurement) -> list[tuple[str, str]]:
    about = made.provenance
    rows = [("poreline", about.version), ("device", about.device)]
    rows += [(key.replace("_", " "), _plain(value)) for key, value in made.settings.items()]
    rows += [(f"source {number}", text) for number, text in enumerate(made.image.source, start=1)]
    return [
        *rows,
        ("digest of the image", about.image_digest),
        ("digest of the settings", about.settings_digest),
        ("digest of the run", about.run_digest),
        ("Python, NumPy", f"{about.python}, {about.numpy}"),
        ("platform", about.platform),
        ("made", about.created),
        ("wall time of the measurement", f"{about.wall_time:.2f} s"),
    ]


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_plain(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value)
    return "–" if value in (None, "") else str(value)
