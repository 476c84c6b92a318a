"""Figures of a volume simulation: curves along the programme beside the mean-field model, crack widths, slices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from poreline.line.volume import Curve, VolumeRun
from poreline.quantities import from_si
from poreline.report.figures import (
    AXES_BOX,
    COLOURS,
    DASHES,
    FIGURE_SETTINGS,
    FILLS,
    INK,
    PANEL_SIZE,
    Picture,
    decade_text,
    decade_ticks,
    name_axes,
)
from poreline.report.text import pretty_unit
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXES, AXIS_NAMES, PHASE_DOMAIN, PHASE_SHELL

Array = npt.NDArray[np.float64]

_MOST_PIXELS = 480
_SLICE_WIDTH, _SLICE_FOOT, _TALLEST = 3.9, 0.42, 3.9  # inches
_MATRIX, _DOMAIN, _SHELL = (0.29, 0.35, 0.41), (0.75, 0.55, 0.30), (0.45, 0.55, 0.32)
_SHOWN_FROM = 0.6  # void fraction that is drawn white: microcracks hardly have more
_OPENED = 0.2  # void fraction at which the view in three dimensions cuts a cracked zone open


def volume_pictures(made: VolumeRun) -> tuple[Picture, ...]:
    """All figures: along the programme, crack widths and pores, slices of the first cell."""
    return (*curve_pictures(made), *width_pictures(made), *slice_pictures(made.image.image))


# Along the programme


def curve_pictures(made: VolumeRun) -> Iterator[Picture]:
    """Stress and porosity against the stretch ratio, the mean-field model's dashed beside it."""
    beside = made.mean_field.curve
    for name, title, unit, ylabel, other in (
        ("stress_x_curve", "Stress", "MPa", "engineering stress (MPa)", "engineering_stress"),
        ("porosity_curve", "Porosity", "%", "porosity (%)", "porosity"),
    ):
        curve = made.curves[name]
        with mpl.rc_context(FIGURE_SETTINGS):
            figure = Figure(figsize=PANEL_SIZE)
            axes = figure.add_axes(AXES_BOX)
            _draw_curve(axes, curve, unit)
            if beside is not None and other in beside.nominal:
                x, y = 1.0 + beside.elongation, from_si(1.0, unit) * beside.nominal[other]
                axes.plot(x, y, color=COLOURS[1], linestyle=DASHES[1], label="mean-field")
            axes.legend(loc="best")
            name_axes(axes, "stretch ratio", ylabel)
        end = from_si(float(curve.y[curve.at]), unit)
        words = (
            f"{ylabel} against stretch ratio: volume simulation, mean of {len(made.cells)} cells with its 90 % band, and the "
            f"mean-field model. At the end of the last draw {end:.3g} {pretty_unit(unit)}."
        )
        yield Picture(f"volume-{title.lower()}", title, words, figure)


def _draw_curve(axes: Any, curve: Curve, unit: str) -> None:
    scale = from_si(1.0, unit)
    draws = np.array([words.endswith("stretch") for words in curve.stages])[curve.stage]
    # Between draws the length stands still, and the line goes straight up or down.
    axes.fill_between(
        np.where(draws, curve.x, np.nan), curve.low * scale, curve.high * scale, color=FILLS[0], linewidth=0.0
    )
    axes.plot(curve.x, curve.y * scale, color=COLOURS[0], linestyle=DASHES[0], label="volume")


# Widths


def width_pictures(made: VolumeRun) -> Iterator[Picture]:
    """How wide the microcracks are, by their area, and how wide the pores between their fibrils, by volume."""
    parts = [cell.widths for cell in made.cells if cell.widths and cell.widths["width"].size]
    if not parts:
        return
    together = {name: np.concatenate([part[name] for part in parts]).astype(np.float64) for name in parts[0]}
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=PANEL_SIZE)
        axes = figure.add_axes(AXES_BOX)
        said = []
        for index, (name, weight, label) in enumerate(
            (("width", "area", "crack width, by area"), ("pore_diameter", "void", "pore between fibrils, by volume"))
        ):
            x, share = _shares(together[name], together[weight])
            axes.plot(1e9 * x, 100.0 * share, color=COLOURS[index], linestyle=DASHES[index], label=label)
            said.append(f"{label}: median {1e9 * float(np.interp(0.5, share, x)):.3g} nm")
        _logarithmic(axes, 1e9 * float(together["pore_diameter"].min()), 1e9 * float(together["width"].max()))
        axes.set_ylim(0.0, 102.0)
        axes.legend(loc="lower right")
        name_axes(axes, "size (nm)", "share below (%)")
    yield Picture("volume-widths", "Microcracks", f"Share of the microcracks below a size. {'; '.join(said)}.", figure)
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=PANEL_SIZE)
        axes = figure.add_axes(AXES_BOX)
        x, share = _shares(together["tilt"], together["area"])
        axes.plot(x, 100.0 * share, color=COLOURS[0])
        axes.set_xlim(0.0, max(10.0, float(np.interp(0.99, share, x))))
        axes.set_ylim(0.0, 102.0)
        name_axes(axes, "tilt of the normal from the draw (degrees)", "share of the area below (%)")
    middle = float(np.interp(0.5, share, x))
    words = f"Share of the crack area whose normal lies within an angle of the draw: half of it within {middle:.2g} degrees."
    yield Picture("volume-tilt", "Direction of the microcracks", words, figure)


def _logarithmic(axes: Any, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(max(low, high / 1e4), high)
    ticks = decade_ticks(*axes.get_xlim())
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, place: decade_text(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def _shares(values: Array, weights: Array) -> tuple[Array, Array]:
    """Sorted values, and the share of the weight at or below each; thinned to what can be seen."""
    order = np.argsort(values)
    share = np.cumsum(weights[order])
    share /= share[-1]
    step = max(1, values.size // 400)
    return values[order][::step], share[::step]


# Slices


@dataclass(frozen=True)
class _Cut:
    across: int
    right: int
    up: int


def slice_pictures(image: VoxelImage) -> Iterator[Picture]:
    """Planes through the middle of a cell: matrix dark, domains brown, void white."""
    for across in (1, 2, 0):
        right, up = (axis for axis in AXES if axis != across)
        cut = _Cut(across, right, up)
        place = image.shape[across] // 2
        void = np.take(image.void, place, axis=across).astype(np.float64)
        phase = np.take(image.phase, place, axis=across) if image.phase is not None else np.ones(void.shape, np.uint8)
        name = f"{AXIS_NAMES[right]}-{AXIS_NAMES[up]}"
        title = f"Plane {name}, middle of {AXIS_NAMES[across]}"
        words = f"{title}: matrix dark, domains brown, void white; {100 * void.mean():.3g} % of this plane is void."
        with mpl.rc_context(FIGURE_SETTINGS):
            figure = _slice(image, cut, _colours(void, phase))
        yield Picture(f"volume-slice-{name.replace('-', '')}", title, words, figure)


def _colours(void: Array, phase: npt.NDArray[Any]) -> Array:
    base = np.empty((*void.shape, 3))
    base[...] = _MATRIX
    base[phase == PHASE_DOMAIN] = _DOMAIN
    base[phase == PHASE_SHELL] = _SHELL
    white = np.clip(void / _SHOWN_FROM, 0.0, 1.0)[..., None]
    return base + (1.0 - base) * white


def _slice(image: VoxelImage, cut: _Cut, colours: Array) -> Figure:
    from poreline.report.measured.pictures import round_length

    width, height = image.edges[cut.right], image.edges[cut.up]
    step = max(1, -(-max(colours.shape[:2]) // _MOST_PIXELS))
    tall = min(_TALLEST, max(0.5, _SLICE_WIDTH * height / width))
    wide = min(_SLICE_WIDTH, tall * width / height)
    whole = tall + _SLICE_FOOT
    figure = Figure(figsize=(_SLICE_WIDTH, whole))
    axes = figure.add_axes((0.0, _SLICE_FOOT / whole, wide / _SLICE_WIDTH, tall / whole))
    axes.set_axis_off()
    shown = np.swapaxes(colours[::step, ::step], 0, 1)
    axes.imshow(shown, origin="lower", extent=(0.0, width, 0.0, height), interpolation="none", aspect="auto")
    length = round_length(0.3 * width)
    ends = [0.0, wide / _SLICE_WIDTH * length / width]
    line = Line2D(
        ends, [0.28 / whole] * 2, color=INK, linewidth=2.2, solid_capstyle="butt", transform=figure.transFigure
    )
    figure.add_artist(line)
    unit = "um" if length >= 1e-6 else "nm"
    figure.text(0.0, 0.05 / whole, f"{from_si(length, unit):.4g} {pretty_unit(unit)}", fontsize=7.8, color=INK)
    names = f"→ {AXIS_NAMES[cut.right]}   ↑ {AXIS_NAMES[cut.up]}"
    figure.text(wide / _SLICE_WIDTH, 0.05 / whole, names, fontsize=7.8, color=INK, ha="right")
    return figure


def opened_image(image: VoxelImage) -> VoxelImage:
    """The cell as the view in three dimensions shows it: zones with more void than a fifth are cut open."""
    void = np.clip(image.void.astype(np.float32) * np.float32(0.5 / _OPENED), 0.0, 1.0).astype(np.float32)
    return VoxelImage(void=void, spacing=image.spacing, periodic=image.periodic, name=image.name)
