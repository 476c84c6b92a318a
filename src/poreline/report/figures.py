"""Figures of a run: curves along the draw and pore-size distribution, as SVG for the report and PNG for the run's folder."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from poreline.line import Plan, Run
from poreline.quantities import Estimate, from_si, printable
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.report.pore_windows import PoreWindow, pore_windows
from poreline.report.text import pretty_unit

Array = npt.NDArray[np.float64]

# Each series differs in colour, dash, marker and hatch: any one of them is enough to tell it, in grey print too.
COLOURS = ("#1b4f72", "#b9550c", "#3d6b2f")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)))
MARKERS = ("o", "s", "^")
FILLS = ("#c9dbe8", "#f3d9c2", "#d4e3cd")
_HATCHES = ("", "////", "....")
GREY, INK, _BREAK = "#6b7280", "#1f2933", "#8e1b1b"
_ELONGATION = "elongation (% of unstretched length)"
PANEL_SIZE = (3.9, 2.75)
"""Inches: 281 points wide, so that 8.5 points stay readable on a telephone."""
AXES_BOX = (0.16, 0.165, 0.82, 0.755)
"""Left, bottom, width and height of the axes, as shares of the panel."""
_SALT = "poreline"
_LONGEST_FLUID = 24  # letters in a legend
FIGURE_SETTINGS: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titley": 1.09,  # a fixed place: finding room would measure every label first
    "axes.titlepad": 0.0,
    "axes.labelsize": 8.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": "#e5e7eb",
    "grid.linewidth": 0.6,
    "xtick.bottom": False,  # the grid's lines mark the numbers
    "ytick.left": False,
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.fontsize": 7.6,
    "legend.frameon": True,
    "legend.framealpha": 0.85,
    "legend.edgecolor": "none",
    "legend.handlelength": 2.6,
    "legend.borderaxespad": 0.2,
    "hatch.linewidth": 0.5,
    "lines.linewidth": 1.5,
    "svg.fonttype": "none",
    "svg.hashsalt": _SALT,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "text.usetex": False,
}


@dataclass(frozen=True)
class Picture:
    """One figure with its title and what it shows in words."""

    name: str
    """A file name without ending, and the prefix of the figure's identifiers in a page."""
    title: str
    description: str
    figure: Figure = field(repr=False)

    @cached_property
    def svg(self) -> str:
        """The figure as an SVG document, drawn once, for the file and for the page."""
        buffer = io.BytesIO()
        with mpl.rc_context(FIGURE_SETTINGS):
            canvas: Any = FigureCanvasSVG(self.figure)
            canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return buffer.getvalue().decode()


TICK_STEPS = (1, 2, 2.5, 5, 10)
"""Distances between the numbers on an axis, times a power of ten."""
_WINDOW_LABEL_WIDTH = 0.02  # of the axes' width: a character of a window's label
_LABEL_WIDTH, _LABEL_OVERHANG = 0.0185, 0.19  # of the axes' width: a character above them, and the margin on their left

# Every axes of a figure is drawn by one of these: a panel of the report, or a part of a picture file.
_Draw = Callable[[Any], None]


@dataclass(frozen=True)
class _Panel:
    name: str
    title: str
    description: str
    draw: _Draw


def pictures(run: Run) -> tuple[Picture, ...]:
    """The figures of the report, each a panel of its own, so that they can stand under each other on a telephone."""
    made = []
    with mpl.rc_context(FIGURE_SETTINGS):
        for panel in (*_draw_panels(run), *_pore_panels(run)):
            figure = Figure(figsize=PANEL_SIZE)
            panel.draw(figure.add_axes(AXES_BOX))
            made.append(Picture(panel.name, panel.title, panel.description, figure))
    return tuple(made)


def write_pictures(drawn: Sequence[Picture], folder: Path) -> list[Path]:
    """Write figures as SVG files; the paths written."""
    written = []
    for picture in drawn:
        path = folder / f"{picture.name}.svg"
        path.write_text(picture.svg, encoding="utf-8")
        written.append(path)
    return written


def svg_text(picture: Picture) -> str:
    """The figure as an SVG element for a page: identifiers with the figure's own prefix, no width, no date, no addresses."""
    return inline(picture.svg, picture.name)


_IDENTIFIER = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]+)"')
_PAINT = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"font(-family)?:([^;\"]*?)'?DejaVu Sans'?(?:, sans-serif)?")
_OPENING = re.compile(r"<svg\b[^>]*>")
_VIEW = re.compile(r'viewBox="([^"]+)"')


def inline(svg: str, prefix: str) -> str:
    """A matplotlib SVG document as an element that can stand in an HTML page beside others."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->|<style.*?</style>", "", body, flags=re.DOTALL)
    used = {*_REFERENCE.findall(body), *_PAINT.findall(body)}
    body = _IDENTIFIER.sub(lambda m: f'id="{prefix}-{m[1]}"' if m[1] in used else "", body)
    body = _REFERENCE.sub(lambda m: f'href="#{prefix}-{m[1]}"', body)
    body = _PAINT.sub(lambda m: f"url(#{prefix}-{m[1]})", body)
    body = _FONT.sub(r"font\1:\2 system-ui, sans-serif", body)
    opening = _OPENING.search(body)
    view = _VIEW.search(body)
    assert opening is not None  # matplotlib wrote it
    assert view is not None
    head = f'<svg viewBox="{view[1]}" role="img" aria-labelledby="{prefix}-name" aria-describedby="{prefix}-words" stroke-linejoin="round">'
    body = head + body[opening.end() :]
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"<g\s+>", "<g>", body)).strip()


# Curves along the draw


@dataclass(frozen=True)
class _Series:
    label: str
    name: str


def _draw_panels(run: Run) -> Iterator[_Panel]:
    if run.curve is None or run.curve.elongation.size == 0:
        return
    known = run.curve.nominal
    yield _panel(
        run,
        "stress",
        "Stress",
        "engineering stress (MPa)",
        [_Series("force over unstretched section", "engineering_stress")],
    )
    yield _panel(
        run,
        "porosity",
        "Porosity",
        "porosity (%)",
        [_Series("all voids", "porosity"), _Series("connected voids", "porosity_open")],
    )
    yield _panel(
        run,
        "pore-size",
        "Pore size",
        "size (nm)",
        [_Series("mean pore, by flow", "pore_diameter_mean"), _Series("crack width, as seen", "crack_width_mean")],
        logarithmic=True,
    )
    yield _panel(
        run,
        "connection",
        "Connection",
        "connectivity (threshold = 1)",
        [_Series("contacts per void over threshold", "connectivity")],
        mark=(1.0, "connected above"),
    )
    yield _panel(run, "thickness", "Thickness", "film thickness (µm)", [_Series("film thickness", "film_thickness")])
    for kind, title, unit in (("gas", "Gas permeance", "GPU"), ("liquid", "Liquid permeance", "L/(m² h bar)")):
        names = [name for name in known if name.startswith(f"permeance_{kind}_") and np.any(known[name] > 0)]
        for number, start in enumerate(range(0, len(names), 2), start=1):
            series = [_Series(_fluid(n, kind), n) for n in names[start : start + 2]]
            more = f" ({number})" if len(names) > 2 else ""
            yield _panel(
                run, f"permeance-{kind}-{number}", title + more, f"permeance ({unit})", series, logarithmic=True
            )


def _fluid(name: str, kind: str) -> str:
    """The fluid that a permeance belongs to, short enough for a legend."""
    return printable(name.removeprefix(f"permeance_{kind}_"), _LONGEST_FLUID).replace("_", " ")


def _panel(
    run: Run,
    name: str,
    title: str,
    ylabel: str,
    series: Sequence[_Series],
    *,
    logarithmic: bool = False,
    mark: tuple[float, str] | None = None,
) -> _Panel:
    present = [s for s in series if run.curve is not None and s.name in run.curve.nominal]
    what = " and ".join(s.label for s in present)
    description = f"{ylabel} against elongation: {what}; line: nominal, area: 5-95 % band. {_in_words(run, present)}"
    return _Panel(name, title, description, lambda axes: _draw_curves(axes, run, present, ylabel, logarithmic, mark))


def _in_words(run: Run, series: Sequence[_Series]) -> str:
    """Begin and end of every curve, for a reader who hears the figure."""
    assert run.curve is not None
    parts = []
    for s in series:
        unit = run.meanings[s.name].display_unit
        first, last = (from_si(float(run.curve.nominal[s.name][k]), unit) for k in (0, -1))
        parts.append(f"{s.label}: from {first:.3g} to {last:.3g} {pretty_unit(unit)}".rstrip())
    return "; ".join(parts) + "."


def _along(run: Run) -> tuple[Array, str]:
    """Where the points of the draw lie on the axis, in percent, and the name of the axis.

    Steps in different directions start anew, so that their elongations are added up.
    """
    assert run.curve is not None
    elongation = 100.0 * run.curve.elongation
    if np.all(np.diff(elongation) >= 0):
        return elongation, _ELONGATION
    places, reached = np.empty_like(elongation), 0.0
    for step in np.unique(run.curve.step):
        inside = run.curve.step == step
        places[inside] = reached + elongation[inside] - elongation[inside][0]
        reached = float(places[inside][-1])
    return places, "elongation, added up over the steps (%)"


def _draw_curves(
    axes: Any, run: Run, series: Sequence[_Series], ylabel: str, logarithmic: bool, mark: tuple[float, str] | None
) -> None:
    curve = run.curve
    assert curve is not None
    places, xlabel = _along(run)
    handles: list[Any] = []
    labels: list[str] = []
    tallest = 0.0
    for index, s in enumerate(series):
        unit = run.meanings[s.name].display_unit
        middle, low, high = (_in_unit(part[s.name], unit) for part in (curve.nominal, curve.low, curve.high))
        if logarithmic:
            middle, low, high = (np.where(part > 0, part, np.nan) for part in (middle, low, high))
        for step in np.unique(curve.step):
            inside = curve.step == step
            area = axes.fill_between(
                places[inside],
                low[inside],
                high[inside],
                facecolor=FILLS[index],
                edgecolor=COLOURS[index] if _HATCHES[index] else "none",
                hatch=_HATCHES[index] or None,
                linewidth=0.0,
                alpha=0.75,
                zorder=1 + 0.1 * index,
            )
            (line,) = axes.plot(
                places[inside],
                middle[inside],
                color=COLOURS[index],
                linestyle=DASHES[index],
                marker=MARKERS[index],
                markevery=[-1],
                markersize=4.0,
                zorder=3,
            )
        handles.append((area, line))
        labels.append(s.label)
        tallest = max(tallest, float(np.nanmax(middle)) if np.isfinite(middle).any() else 0.0)
    rises = all(curve.nominal[s.name][-1] >= curve.nominal[s.name][0] for s in series)
    if logarithmic and tallest > 0.0:
        _logarithmic(axes, tallest)
    else:
        axes.set_ylim(0.0, 1.2 * max(axes.get_ylim()[1], 1e-9))  # room for the legend
        axes.yaxis.set_major_locator(MaxNLocator(5, steps=TICK_STEPS))
    axes.set_xlim(0.0, max(float(places.max()) * 1.02, 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=TICK_STEPS))
    if mark is not None:
        handles.append(axes.axhline(mark[0], color=INK, linewidth=0.9, linestyle=(0, (6, 2, 1, 2)), zorder=2))
        labels.append(mark[1])
    broken = _break(run, xlabel, places)
    if broken is not None:
        handles.append(axes.axvline(broken, color=_BREAK, linewidth=1.4, linestyle=(0, (4, 1.2, 1, 1.2)), zorder=4))
        labels.append("breaks")
    name_axes(axes, xlabel, ylabel)
    _mark_steps(axes, run, places)
    axes.legend(handles, labels, loc="upper right" if not rises else "lower right" if logarithmic else "upper left")


def _break(run: Run, xlabel: str, places: Array) -> float | None:
    """Where on the axis the film breaks by being drawn too far; None where it does not."""
    limit = run.results.get("break_stretch_ratio")
    if run.outcome.kind != "ruptured" or not isinstance(limit, Estimate) or xlabel != _ELONGATION:
        return None
    place = 100.0 * (limit.value - 1.0)
    return place if 0.0 < place < float(places.max()) else None


def _in_unit(values: Array, unit: str) -> Array:
    one, zero = from_si(1.0, unit), from_si(0.0, unit)
    return zero + (one - zero) * np.asarray(values, dtype=float)


def name_axes(axes: Any, xlabel: str, ylabel: str) -> None:
    """Write what the axes show, at fixed places."""
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    # Finding room for each would take as long as drawing the rest.
    axes.xaxis.set_label_coords(0.5, -0.125)
    axes.yaxis.set_label_coords(-0.145, 0.5)


def _mark_steps(axes: Any, run: Run, places: Array) -> None:
    """A line where each step begins, and above it the step's kind and temperature."""
    assert run.curve is not None
    assert isinstance(run.plan, Plan)
    whole = axes.get_xlim()[1]
    starts = [float(places[run.curve.step == step][0]) / whole for step in np.unique(run.curve.step)]
    free = -_LABEL_OVERHANG
    for start, end, about in zip(starts, [*starts[1:], 1.0], run.plan.steps, strict=False):
        direction = {"machine": "", "transverse": " TD", "both": " MD+TD"}[about.direction]
        text = f"{about.regime}{direction} {float(about.temperature) - ZERO_CELSIUS:.0f} °C"
        if start > 0:
            axes.axvline(start * whole, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=2)
        wide = _LABEL_WIDTH * len(text)
        # A label wider than its step gives way to the left, as far as the ones before it leave room.
        place = max(free, min(start, end - wide))
        free = place + wide
        if free <= 1.05:
            axes.text(place, 1.015, text, transform=axes.transAxes, fontsize=7.4, color=INK, va="bottom")


def _logarithmic(axes: Any, tallest: float) -> None:
    """A logarithmic value axis with plain numbers at whole decades, and at 2 and 5 where there is room.

    It ends eight decades below the largest nominal value: what lies lower is nothing in practice.
    """
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    low = max(low, 1e-8 * tallest)
    axes.yaxis.set_major_locator(FixedLocator(decade_ticks(low, high)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: decade_text(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_ylim(low, high)


def decade_ticks(low: float, high: float) -> list[float]:
    """Round values for a logarithmic axis between two ends: decades, and 2 and 5 times them where there is room."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps: tuple[float, ...] = (1.0, 2.0, 5.0) if last - first <= 3 else (1.0,)
    every = max(1, round((last - first) / 6))
    found = [step * 10.0**power for power in range(first, last + 1, every) for step in steps]
    return [value for value in found if low <= value <= high]


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decade_text(value: float) -> str:
    """A round number on a logarithmic axis: 0.01, 200, 10⁵."""
    power = math.floor(math.log10(value) + 1e-9)
    lead = round(value / 10.0**power)
    if -3 <= power <= 4:
        return f"{lead * 10.0**power:.{max(0, -power)}f}"
    return f"{'' if lead == 1 else f'{lead}·'}10{str(power).translate(_RAISED)}"


# Pore sizes

_BAND_SAMPLES = 500
_POINTS = 120
_REACH = 3.0  # standard deviations on each side
_NARROWEST = 1.02  # a spread below it is drawn as if it were this: a line has no area


def _pore_panels(run: Run) -> Iterator[_Panel]:
    diameter, spread = run.results.get("pore_diameter_mean"), run.results.get("pore_diameter_spread")
    if not isinstance(diameter, Estimate) or not isinstance(spread, Estimate) or diameter.value <= 0.0:
        return
    windows = pore_windows()
    curves = _Distribution.of(run, diameter.value, spread.value)
    quartiles = [1e9 * diameter.value * spread.value**z for z in (-1.645, 0.0, 1.645)]
    words = (
        "By the model half of the flow passes pores narrower than {1:.3g} nm, 5 % pores narrower than {0:.3g} nm "
        "and 5 % pores wider than {2:.3g} nm."
    ).format(*quartiles)
    yield _Panel(
        "pore-sizes",
        "Pore sizes by flow",
        f"Lognormal distribution of the pore diameter, weighted by flow, with 5-95 % band. {words}",
        lambda axes: _draw_distribution(axes, curves, windows, cumulative=False),
    )
    yield _Panel(
        "pore-sizes-sum",
        "Flow through narrower pores",
        f"Share of the flow that passes pores narrower than a diameter, with 5-95 % band. {words}",
        lambda axes: _draw_distribution(axes, curves, windows, cumulative=True),
    )


@dataclass(frozen=True)
class _Distribution:
    diameters: Array
    density: tuple[Array, Array, Array]
    """Nominal, low, high; percent of the flow per tenth of a decade."""
    cumulative: tuple[Array, Array, Array]

    @staticmethod
    def of(run: Run, diameter: float, spread: float) -> _Distribution:
        sampled = [
            run.samples.get(name, np.array([value]))
            for name, value in (("pore_diameter_mean", diameter), ("pore_diameter_spread", spread))
        ]
        medians, spreads = (np.asarray(part, dtype=float)[:_BAND_SAMPLES] for part in sampled)
        usable = np.isfinite(medians) & np.isfinite(spreads) & (medians > 0)
        medians, spreads = (part[usable] if part.size == usable.size else part for part in (medians, spreads))
        if medians.size == 0:
            medians, spreads = np.array([diameter]), np.array([spread])
        low, high = np.percentile(medians, [5, 95])
        reach = max(spread, float(np.median(spreads)), 1.1) ** _REACH
        diameters = np.geomspace(min(low, diameter) / reach, max(high, diameter) * reach, _POINTS)
        middle = _lognormal(diameters, np.array([diameter]), np.array([spread]))
        band = _lognormal(diameters, medians, spreads)
        made = []
        for nominal, samples in zip(middle, band, strict=True):
            lower, upper = np.percentile(samples, [5, 95], axis=0)
            made.append((nominal[0], lower, upper))
        return _Distribution(diameters, made[0], made[1])


def _lognormal(diameters: Array, medians: Array, spreads: Array) -> tuple[Array, Array]:
    """Density (percent per tenth of a decade) and sum (percent) of lognormal distributions, one row each."""
    width = np.log(np.maximum(spreads, _NARROWEST))[:, None]
    z = np.log(diameters[None, :] / medians[:, None]) / width
    density = 10.0 * math.log(10.0) * np.exp(-0.5 * z**2) / (width * math.sqrt(2.0 * math.pi))
    return density, 100.0 * _normal_sum(z)


def _normal_sum(z: Array) -> Array:
    """Normal distribution function by Abramowitz and Stegun 7.1.26, within 2e-7: ample for a curve."""
    x = np.abs(z) / math.sqrt(2.0)
    t = 1.0 / (1.0 + 0.3275911 * x)
    polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    half = 0.5 * polynomial * np.exp(-(x**2))
    return np.where(z < 0, half, 1.0 - half)


def _draw_distribution(axes: Any, curves: _Distribution, windows: Sequence[PoreWindow], *, cumulative: bool) -> None:
    nominal, low, high = curves.cumulative if cumulative else curves.density
    places = 1e9 * curves.diameters
    area = axes.fill_between(places, low, high, facecolor=FILLS[0], edgecolor="none", linewidth=0.0)
    (line,) = axes.plot(places, nominal, color=COLOURS[0])
    axes.set_xscale("log")
    left, right = float(places[0]), float(places[-1])
    axes.set_xlim(left, right)
    axes.xaxis.set_major_locator(FixedLocator(decade_ticks(left, right)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: decade_text(value)))
    tallest = 100.0 if cumulative else max(float(np.max(nominal)), float(np.max(high)), 1e-9)
    shown = [w for w in windows if 1e9 * w.high > left and 1e9 * w.low < right]
    step = 0.1 * tallest
    axes.set_ylim(0.0, tallest * 1.06 + step * (len(shown) + 2.6))
    # A line of arrows' ends above the curve for every claimed window: told apart by its label, not by a colour.
    for index, window in enumerate(shown):
        height = tallest * 1.06 + step * (index + 0.5)
        start, end = max(1e9 * window.low, left), min(1e9 * window.high, right)
        axes.plot([start, end], [height, height], color=INK, linewidth=1.0, solid_capstyle="butt")
        for place, inside in ((start, 1e9 * window.low >= left), (end, 1e9 * window.high <= right)):
            if inside:
                axes.plot([place, place], [height - 0.3 * step, height + 0.3 * step], color=INK, linewidth=1.0)
        # A window of which little is seen keeps its whole label inside.
        half = 0.5 * _WINDOW_LABEL_WIDTH * len(window.label)
        middle = math.log(math.sqrt(start * end) / left) / math.log(right / left)
        place = left * (right / left) ** min(max(middle, half), 1.0 - half)
        axes.text(place, height + 0.12 * step, window.label, fontsize=7.0, ha="center", va="bottom")
    axes.yaxis.set_major_locator(FixedLocator([0, 25, 50, 75, 100]) if cumulative else MaxNLocator(5, steps=TICK_STEPS))
    name_axes(
        axes,
        "pore diameter, hydraulic (nm)",
        "flow through narrower pores (%)" if cumulative else "flow per 0.1 decade of size (%)",
    )
    axes.legend([area, line], ["5-95 % of the samples", "nominal"], loc="upper left", ncols=2)
