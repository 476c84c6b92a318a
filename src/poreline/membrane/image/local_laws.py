"""Conductances of single pores, and the local laws that a voxel of a pore takes from its width and its distance to the wall.

Viscous conductivities k give the mean velocity k dp / (mu L) and are areas, m2; flow rates follow by the cross-section.
All laws broadcast.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities import NotDetermined
from poreline.quantities.constants import GAS_CONSTANT
from poreline.quantities.fields import Values

PoreShape = Literal["slit", "tube"]
SLIT_KNUDSEN_MEANING = "diffusivity of a gas in a slit whose molecules meet only the walls"


def tube_conductivity(diameter: Values) -> Values:
    """Viscous conductivity of a circular tube, d^2 / 32, m2, from `diameter` in m. Source: Hagen 1839, Poiseuille 1840."""
    return np.square(diameter) / 32.0


def slit_conductivity(width: Values) -> Values:
    """Viscous conductivity of a wide slit, h^2 / 12, m2, from `width` h in m. Source: plane Poiseuille flow."""
    return np.square(width) / 12.0


def ellipse_conductivity(semi_axis_first: Values, semi_axis_second: Values) -> Values:
    """Viscous conductivity of an elliptic tube, a^2 b^2 / (4 (a^2 + b^2)), m2, from its semi-axes in m.

    The flow rate is pi a^3 b^3 dp / (4 mu L (a^2 + b^2)). Source: Boussinesq 1868, in White, Viscous Fluid Flow.
    """
    a, b = np.square(semi_axis_first), np.square(semi_axis_second)
    return a * b / (4.0 * (a + b))


def duct_conductivity(width: Values, height: Values) -> Values:
    """Viscous conductivity of a rectangular duct, m2, from its sides in m; for a square 0.035144 a^2.

    h^2/12 (1 - 192 h / (pi^5 w) sum over odd n of tanh(n pi w / (2 h)) / n^5) with h the shorter side. Fifty terms: the
    rest is below 1e-9. The flow rate is this times the area: 0.035144 a^4 dp / (mu L) for a square.
    Source: Boussinesq 1868, in White, Viscous Fluid Flow.
    """
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    ratio = np.asarray(longer / shorter, dtype=np.float64)[..., None]
    odd = np.arange(1.0, 100.0, 2.0)
    series = np.sum(np.tanh(0.5 * math.pi * odd * ratio) / odd**5, axis=-1)
    return (np.square(shorter) / 12.0 * (1.0 - 192.0 / math.pi**5 * series / ratio[..., 0]))[()]


def mean_molecular_speed(molar_mass: Values, temperature: Values) -> Values:
    """Mean speed of the molecules of a gas, sqrt(8 R T / (pi M)), m/s.

    `molar_mass` in kg/mol, `temperature` in K, broadcast together. Source: kinetic theory of gases.
    """
    return np.sqrt(8.0 * GAS_CONSTANT / np.pi * (temperature / molar_mass))


def tube_knudsen_diffusivity(diameter: Values, molecular_speed: Values) -> Values:
    """Diffusivity of a gas in a long tube whose molecules meet only the wall, d v / 3, m2/s.

    `diameter` in m, `molecular_speed` (mean) in m/s; diffuse reflection. Source: Knudsen 1909.
    """
    return np.multiply(diameter, molecular_speed) / 3.0


def slit_knudsen_diffusivity(
    width: Values, molecular_speed: Values, *, breadth: Values | None = None
) -> Values | NotDetermined:
    """Diffusivity of a gas in a slit whose molecules meet only the walls, m2/s, for a slit of finite breadth.

    w v / 4 (1/2 + ln(2 W / w)) for `width` w much smaller than `breadth` W, both in m, and the mean `molecular_speed` v
    in m/s: a molecule that flies along the slit travels far, so that the diffusivity of an endless slit grows without
    bound. Without a breadth there is no number, which is the result then.
    Source: Kennard 1938 (long rectangular tubes); not re-read, asymptote checked against the view-factor integral.
    """
    if breadth is None:
        reason = (
            "A slit without ends has no finite Knudsen diffusivity: flights along it have no bound. Give a breadth."
        )
        return NotDetermined(reason, "m2/s", SLIT_KNUDSEN_MEANING)
    return 0.25 * np.multiply(width, molecular_speed) * (0.5 + np.log(2.0 * np.divide(breadth, width)))


def diffusivity_local(
    width: Values | npt.NDArray[np.float32],
    free_diffusivity: float,
    molecular_speed: float,
    pore_shape: PoreShape = "slit",
) -> Values:
    """Diffusivity of a gas in a pore of the local `width` (m), 1/D = 1/D_m + 1/D_K, m2/s; 0 at width 0.

    D_K = d_h v / 3 with the hydraulic diameter d_h: the width of a tube, twice the width of a slit. `free_diffusivity`
    D_m in m2/s, `molecular_speed` v in m/s. Source: Bosanquet's interpolation, as in Pollard and Present 1948.
    """
    hydraulic = np.multiply(width, 2.0 if pore_shape == "slit" else 1.0)
    knudsen = tube_knudsen_diffusivity(hydraulic, molecular_speed)
    return knudsen * free_diffusivity / (knudsen + free_diffusivity)


def hydraulic_conductivity_local(
    local_thickness: Values | npt.NDArray[np.float32],
    wall_distance: Values | npt.NDArray[np.float32],
    spacing: tuple[float, float, float],
    pore_shape: PoreShape = "slit",
    edge_across: Values | npt.NDArray[np.float32] | None = None,
) -> Values:
    """Viscous conductivity of the void of one voxel of a pore, m2: the parabolic profile at its distance from the wall.

    (2 R d - d^2) / 2 in a slit and / 4 in a tube, with R half the `local_thickness` and d the `wall_distance` of the
    centre of the voxel, in m, averaged over the part of the voxel that lies in the pore, from d - h/2 or the wall to d + h/2 or the
    wall beyond. h is `edge_across`, the extent of the voxel across the wall, sqrt(sum (n_a h_a)^2) with the wall's normal
    n; without it the root mean square of `spacing`, which is right for cubes. The mean over a slit is exactly w^2 / 12 at any
    number of voxels, that over a tube d^2 / 32 up to its rough outline. Zero beyond the wall.
    Source: plane and circular Poiseuille profiles.
    """
    radius = 0.5 * np.asarray(local_thickness)
    distance = np.minimum(wall_distance, radius)
    edge = math.sqrt(float(np.mean(np.square(spacing)))) if edge_across is None else edge_across
    low, high = np.maximum(distance - 0.5 * edge, 0.0), np.minimum(distance + 0.5 * edge, 2.0 * radius)
    profile = radius * (low + high) - (np.square(low) + low * high + np.square(high)) / 3.0
    if pore_shape == "slit":
        return np.where(distance > 0.0, 0.5 * profile, 0.0)[()]
    # The profile of a tube is curved along the wall too. Half of it is left where the tube is hardly wider than the voxel.
    beside = 0.5 * (float(np.sum(np.square(spacing))) - np.square(edge))
    return np.where(distance > 0.0, 0.25 * np.maximum(profile - beside / 12.0, 0.5 * profile), 0.0)[()]
