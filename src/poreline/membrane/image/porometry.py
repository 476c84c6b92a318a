"""Virtual porometry: what a capillary-flow or a liquid-liquid porometer would report of the pores that go through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.voxels import Axis, VoxelImage

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Instrument:
    """A porometer and the pores that it can see."""

    name: str
    title: str
    meaning: str
    tension: float
    """Interfacial tension of the fluid that wets the pores against the one that displaces it, N/m (contact angle 0)."""
    largest_pressure: float
    """Pa"""
    largest: float
    """Widest pore that it sees, m."""

    @property
    def smallest(self) -> float:
        """Narrowest pore that it sees, 4 tension / pressure, m."""
        return 4.0 * self.tension / self.largest_pressure

    @property
    def range_text(self) -> str:
        """The range in words."""
        return f"{self.smallest * 1e9:.3g} nm to {self.largest * 1e6:.3g} um"


INSTRUMENTS = (
    Instrument(
        "capillary_flow",
        "A capillary-flow porometer",
        "share of the dry film's flow through pores that gas has emptied of a wetting liquid",
        16e-3,
        3.5e6,
        500e-6,
    ),
    Instrument(
        "liquid_liquid",
        "A liquid-liquid porometer",
        "share of the flow through pores that one liquid has emptied of another",
        2e-3,
        3.5e6,
        1e-6,
    ),
)
"""Usual instruments; tensions (perfluoropolyether against gas; two immiscible liquids) and 35 bar are assumed typical values."""


@dataclass(frozen=True, eq=False)
class FlowCurve:
    """Flow through the pores that are open at each diameter."""

    diameter: Array
    """m, falling."""
    flow_share: Array
    """Flow of the wet film over that of the dry film when all throats at least this wide are open."""

    @property
    def mean_flow_diameter(self) -> float:
        """Diameter at which half of the dry film's flow passes, m."""
        return float(self.diameter[int(np.searchsorted(self.flow_share, 0.5))])


def pressure(diameter: Array, tension: float) -> Array:
    """Pressure difference that opens a round throat, 4 tension / diameter, Pa. Source: Young and Laplace, contact angle 0."""
    return 4.0 * tension / diameter


def flow_curve(image: VoxelImage, through: npt.NDArray[np.float32], axis: Axis) -> FlowCurve | None:
    """Flow over the diameter of the throats that are open; None where nothing goes through.

    `through` is the radius in m of the widest ball that covers each voxel on its way through the image. Each voxel of the
    middle plane stands for a bundle of ways with its own throat, whose flow grows as the square of the throat (laminar flow
    per area). Exact for straight tubes and slits; else an estimate: ways that share a throat are not told apart.
    """
    middle = np.take(through, through.shape[axis] // 2, axis=axis)
    area = np.take(image.void, image.shape[axis] // 2, axis=axis).astype(np.float64)
    open_ = (middle > 0) & (area > 0)
    if not open_.any():
        return None
    diameters, where = np.unique(2.0 * middle[open_].astype(np.float64), return_inverse=True)
    flow = np.bincount(where, weights=area[open_] * np.square(2.0 * middle[open_].astype(np.float64)))
    share = np.cumsum(flow[::-1]) / flow.sum()
    return FlowCurve(diameters[::-1], share)
