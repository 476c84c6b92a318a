"""Figures of measured curves: one panel for each curve, with a line for each axis where it was measured along axes."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from poreline.line.measurement import Measurement
from poreline.membrane.image.measured import Distribution
from poreline.quantities import Estimate, from_si
from poreline.report.figures import (
    AXES_BOX,
    COLOURS,
    DASHES,
    FIGURE_SETTINGS,
    FILLS,
    GREY,
    INK,
    MARKERS,
    PANEL_SIZE,
    TICK_STEPS,
    Picture,
    decade_text,
    decade_ticks,
    name_axes,
)
from poreline.report.measured.results_view import group_of
from poreline.report.text import pretty_unit

Array = npt.NDArray[np.float64]

_ALONG = re.compile(r"_(x|y|z)$")
_WIDE = 20.0  # ratio of the ends of an axis from which it is logarithmic
_FLAT = 0.002  # share of a curve's range below which it does not change
_LONGEST_LABEL = 46  # letters beside an axis
_POINTS = 300  # of a line: more cannot be seen


@dataclass(frozen=True)
class Panel:
    """A figure, and the subject that it belongs to."""

    group: str
    picture: Picture


_COMPARED = {
    "local_thickness": "local thickness, by volume",
    "intrusion": "intrusion from the faces, by volume",
    "pore_diameter_flow_weighted": "width of the pores, by flow",
}
"""Curves of pore sizes that all say how much lies at or above a size, so that one figure can hold them."""
_TITLES = {
    "chord_length": "Chord lengths",
    "two_point": "Two-point probability",
    "lineal_path": "Lineal path",
    "cluster": "Two-point cluster function",
    "void_variation": "Uniformity of the voids",
    "representative_porosity": "Representative volume, porosity",
    "representative_local_thickness": "Representative volume, local thickness",
    "pore_diameter_flow_weighted": "Pore sizes by flow",
}


def curve_panels(made: Measurement) -> list[Panel]:
    """A panel for each measured curve; the pore sizes by several definitions share one."""
    stems: dict[str, list[tuple[str, Distribution]]] = {}
    for name, curve in made.structure.distributions.items():
        along = _ALONG.search(name)
        stem = name[: along.start()] if along else name
        finite = np.isfinite(curve.x) & np.isfinite(curve.y)
        if finite.sum() > 1:
            whole = dataclasses.replace(curve, x=curve.x[finite], y=curve.y[finite])
            stems.setdefault(stem, []).append((f"along {along[1]}" if along else "", whole))
    single = {stem: curves[0][1] for stem, curves in stems.items() if not curves[0][0]}
    compared = [(label, single[stem]) for stem, label in _COMPARED.items() if stem in single]
    panels = []
    if len(compared) > 1:
        meaning = "Share of the pore volume, or of the flow, in pores of at least this size, by definition"
        panels.append(
            Panel(
                "sizes",
                _curve_picture(
                    "pore-sizes", "Pore sizes, side by side", meaning, compared, "pore size", "share at or above"
                ),
            )
        )
        stems = {stem: curves for stem, curves in stems.items() if stem not in _COMPARED}
    for stem, curves in stems.items():
        title = _TITLES.get(stem, stem.replace("porometry_", "porometry, ").replace("_", " "))
        title = title[0].upper() + title[1:]
        meaning = re.sub(r", along [xyz]$", "", curves[0][1].meaning)
        panels.append(Panel(group_of(stem), _curve_picture(f"curve-{stem.replace('_', '-')}", title, meaning, curves)))
    return panels


def _curve_picture(
    name: str,
    title: str,
    meaning: str,
    curves: Sequence[tuple[str, Distribution]],
    x_meaning: str = "",
    y_meaning: str = "",
) -> Picture:
    """A figure of curves with their labels; `x_meaning` and `y_meaning` name the axes where the curves' own differ."""
    what = ", ".join(label for label, _ in curves if label)
    description = f"{meaning[0].upper()}{meaning[1:]}{f': {what}' if what else ''}. {_in_words(curves)}"
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=PANEL_SIZE)
        _draw(
            figure.add_axes(AXES_BOX), curves, x_meaning or curves[0][1].x_meaning, y_meaning or curves[0][1].y_meaning
        )
    return Picture(name, title, description, figure)


def _in_words(curves: Sequence[tuple[str, Distribution]]) -> str:
    """The ends and the top of every curve, for a reader who hears the figure."""
    parts = []
    for label, curve in curves:
        unit = shown_length(curve.x, curve.x_unit, curve.shown_in)
        x, y = _in_unit(curve.x, unit), curve.y
        top = int(np.argmax(y))
        about = f"{label}: " if label else ""
        ends = f"{about}{x[0]:.3g} to {x[-1]:.3g} {pretty_unit(unit)}, largest {y[top]:.3g} at {x[top]:.3g}"
        parts.append(ends.strip())
    return f"{curves[0][1].x_meaning}: {'; '.join(parts)}."


def shown_length(values: Array, unit: str, shown_in: str) -> str:
    """The unit in which values are shown: the one given, or for lengths nm, µm or mm by their size."""
    if shown_in or unit != "m":
        return shown_in or unit
    longest = float(np.nanmax(np.abs(values)))
    return "nm" if longest < 0.9995e-6 else "um" if longest < 0.9995e-3 else "mm"


def _in_unit(values: Array, unit: str) -> Array:
    one, zero = from_si(1.0, unit), from_si(0.0, unit)
    return zero + (one - zero) * np.asarray(values, dtype=float)


def _draw(axes: Any, curves: Sequence[tuple[str, Distribution]], x_meaning: str, y_meaning: str) -> None:
    first = curves[0][1]
    unit = shown_length(np.concatenate([curve.x for _, curve in curves]), first.x_unit, first.shown_in)
    share = first.y_unit in {"1", "%"} and all(np.max(np.abs(curve.y)) <= 1.0 + 1e-9 for _, curve in curves)
    ys = np.concatenate([curve.y for _, curve in curves])
    for index, (label, curve) in enumerate(curves):
        x, y = _thinned(_in_unit(curve.x, unit), curve.y)
        kind = index % len(COLOURS)
        axes.plot(x, y, color=COLOURS[kind], linestyle=DASHES[kind], label=label, zorder=3 - 0.1 * index,
                  marker=MARKERS[kind] if x.size <= 12 else None, markersize=4.0)  # fmt: skip
    if len(curves) == 1:
        axes.fill_between(x, 0.0, y, facecolor=FILLS[0], edgecolor="none", zorder=1)
    low, high = _telling_range([(_in_unit(curve.x, unit), curve.y) for _, curve in curves])
    if low > 0.0 and high > _WIDE * low:
        _logarithmic_x(axes, 0.8 * low, high)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=TICK_STEPS))
        axes.set_xlim(min(0.0, low), 1.03 * high or 1.0)
    low, high = float(ys.min()), float(ys.max())
    if share and high > 0.5:
        axes.set_ylim(min(0.0, 1.08 * low), 1.08)
    else:
        axes.set_ylim(min(0.0, 1.1 * low), 1.15 * high if high > 0.0 else 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=TICK_STEPS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _plain(value)))
    name_axes(axes, _label(x_meaning, unit), _label(y_meaning, first.y_unit))
    if len(curves) > 1:
        axes.legend(loc="best")


def _telling_range(curves: Sequence[tuple[Array, Array]]) -> tuple[float, float]:
    """Where the curves change: a sum of sizes is flat below the smallest and above the largest."""
    ends = []
    for x, y in curves:
        steps, span = np.diff(y), np.ptp(y)
        inside = np.ones(x.size, dtype=bool)
        if span > 0.0 and ((steps <= 0.0).all() or (steps >= 0.0).all()):
            inside = np.abs(y - y[0]) >= _FLAT * span
            inside[1:] &= np.abs(y - y[-1])[:-1] >= _FLAT * span  # the first place of the end belongs to it
        ends += [float(x[inside].min()), float(x[inside].max())]
    return min(ends), max(ends)


def _plain(value: float) -> str:
    return decade_text(value) if 0 < abs(value) < 1e-3 or abs(value) >= 1e5 else f"{value:.4g}".replace("-", "−")


def _thinned(x: Array, y: Array) -> tuple[Array, Array]:
    if x.size <= _POINTS:
        return x, y
    kept = np.unique(np.linspace(0, x.size - 1, _POINTS).round().astype(int))
    return x[kept], y[kept]


def _label(meaning: str, unit: str) -> str:
    shown = pretty_unit(unit)
    room = _LONGEST_LABEL - len(shown) - 3
    text = meaning if len(meaning) <= room else f"{meaning[: room - 1].rstrip()}…"
    return f"{text} ({shown})" if shown else text


def _logarithmic_x(axes: Any, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.xaxis.set_major_locator(FixedLocator(decade_ticks(low, high)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: decade_text(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


# Individual pores


def pore_panels(made: Measurement) -> list[Panel]:
    """Histogram of the individual pores by their equivalent diameter; none where they were not measured."""
    return list(_pore_panels(made))


def _pore_panels(made: Measurement) -> Iterator[Panel]:
    found = equivalent_diameters(made)
    if found is None or found.size < 3:
        return
    unit = shown_length(found, "m", "")
    values = _in_unit(found, unit)
    middle, largest = float(np.median(values)), float(values.max())
    description = (
        f"Number of individual pores by the diameter of the ball of equal volume: {found.size} pores, "
        f"median {middle:.3g} {pretty_unit(unit)}, largest {largest:.3g} {pretty_unit(unit)}."
    )
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=PANEL_SIZE)
        axes = figure.add_axes(AXES_BOX)
        low, high = float(values.min()), largest
        wide = high > _WIDE * low
        count = int(min(40, max(8, 2.0 * found.size ** (1 / 3))))
        edges = np.geomspace(low, high * (1 + 1e-9), count + 1) if wide else np.linspace(low, high * (1 + 1e-9) + 1e-12, count + 1)  # fmt: skip
        axes.hist(values, list(edges), color=FILLS[0], edgecolor=COLOURS[0], linewidth=0.7)
        axes.axvline(middle, color=INK, linewidth=1.0, linestyle=(0, (6, 2, 1, 2)), label="median")
        if wide:
            _logarithmic_x(axes, 0.8 * low, high)
        else:
            axes.set_xlim(min(0.0, low) if low < 0.3 * high else low, high)
            axes.xaxis.set_major_locator(MaxNLocator(6, steps=TICK_STEPS))
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        name_axes(axes, f"diameter of the ball of equal volume ({pretty_unit(unit)})", "number of pores")
        axes.legend(loc="upper right")
    yield Panel("pores", Picture("pores-by-size", "Individual pores", description, figure))


def equivalent_diameters(made: Measurement) -> Array | None:
    """Diameter of the ball of equal volume of every individual pore, m; None where pores were not told apart."""
    table = made.structure.tables.get("pores", {})
    column = table.get("diameter_equivalent")
    if column is None and "volume" in table:
        column = np.cbrt(6.0 * np.asarray(table["volume"], dtype=float) / np.pi)
    if column is None:
        return None
    values = np.asarray(column, dtype=float)
    return values[np.isfinite(values) & (values > 0)]


# The grey values of a picture


def histogram_panel(made: Measurement) -> Panel | None:
    """Histogram of a picture's grey values, with the threshold and the band that the porosity's band comes from."""
    from poreline.voxels.segmentation import SegmentedPicture
    from poreline.voxels.segmentation.segment import SENSITIVITY_STEP

    seen = made.segmented
    if not isinstance(seen, SegmentedPicture):
        return None
    step = SENSITIVITY_STEP * abs(seen.grey_solid - seen.grey_pore)
    low, high = seen.threshold - step, seen.threshold + step
    description = (
        f"Number of pixels by grey value; threshold {seen.threshold:.4g}, between the pores at {seen.grey_pore:.4g} and the "
        f"solid at {seen.grey_solid:.4g}; the band reaches from {low:.4g} to {high:.4g}."
    )
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=PANEL_SIZE)
        axes = figure.add_axes(AXES_BOX)
        counts, edges = _grey_histogram(seen.original)
        axes.stairs(counts, edges, fill=True, facecolor=FILLS[0], edgecolor=COLOURS[0], linewidth=0.7)
        axes.axvspan(low, high, facecolor=FILLS[1], edgecolor=COLOURS[1], hatch="////", linewidth=0.4, zorder=2, alpha=0.75, label="band")  # fmt: skip
        axes.axvline(seen.threshold, color=COLOURS[1], linewidth=1.6, zorder=3, label="threshold")
        for place, name in ((seen.grey_pore, "pore"), (seen.grey_solid, "solid")):
            axes.axvline(place, color=GREY, linewidth=0.9, linestyle=(0, (2, 2)), zorder=2)
            axes.text(place, 1.015, name, transform=axes.get_xaxis_transform(), fontsize=7.4, ha="center", va="bottom")
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0.0, 1.25 * float(counts.max()))
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=TICK_STEPS))
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=TICK_STEPS))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        name_axes(axes, "grey value", "pixels per grey value (%)")
        axes.legend(loc="upper right", ncols=2)
    return Panel("picture", Picture("grey-values", "Grey values", description, figure))


def _grey_histogram(original: npt.NDArray[np.float32]) -> tuple[Array, Array]:
    """Percent of the pixels per grey value, and the edges of the bins; outliers beyond 99.9 % are left out."""
    low, high = (float(value) for value in np.percentile(original, [0.05, 99.95]))
    width = max(high - low, 1e-6) / 100
    if bool(np.all(original[:64] == np.round(original[:64]))):
        # Whole grey values in bins of equal numbers of them: others would make a comb.
        width = max(1.0, math.ceil(width))
        low = math.floor(low) - 0.5
    edges: Array = low + width * np.arange(math.ceil((high - low) / width) + 2, dtype=float)
    counts, _ = np.histogram(original, edges)
    return 100.0 * counts / original.size / width, edges


def threshold_words(made: Measurement) -> str:
    """What the threshold leaves open, in one sentence; empty for an image without grey values."""
    seen = made.segmented
    found = made.structure.results.get("porosity")
    if seen is None or not isinstance(found, Estimate):
        return ""
    return (
        f"Threshold {seen.threshold:.4g}; moved by 5 % of the contrast to either side, the porosity goes from "
        f"{100 * seen.porosity_low:.3g} to {100 * seen.porosity_high:.3g} %."
    )
