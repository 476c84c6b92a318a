"""Figures of a volume simulation: curves along the programme beside the mean-field model, crack widths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from poreline.line.volume import Curve, VolumeRun
from poreline.quantities import from_si
from poreline.report.figures import (
    AXES_BOX,
    COLOURS,
    DASHES,
    FIGURE_SETTINGS,
    FILLS,
    PANEL_SIZE,
    Picture,
    decade_text,
    decade_ticks,
    name_axes,
)
from poreline.report.text import pretty_unit
from poreline.voxels import VoxelImage

Array = npt.NDArray[np.float64]

_OPENED = 0.2  # void fraction at which the view in three dimensions cuts a cracked zone open


def volume_pictures(made: VolumeRun) -> tuple[Picture, ...]:
    """All curves: along the programme, crack widths and pores."""
    return (*curve_pictures(made), *width_pictures(made))


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


# The view in three dimensions


def opened_image(image: VoxelImage) -> VoxelImage:
    """The cell as the view in three dimensions shows it: zones with more void than a fifth are cut open."""
    void = np.clip(image.void.astype(np.float32) * np.float32(0.5 / _OPENED), 0.0, 1.0).astype(np.float32)
    return VoxelImage(void=void, spacing=image.spacing, periodic=image.periodic, name=image.name)
