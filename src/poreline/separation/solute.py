"""Dissolved chains and pores: hindrance, rejection over a distribution of pore sizes, molecular-weight cut-off.

`relative_size` is the Stokes radius over the radius of a cylinder, or over the half-width of a slit.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from poreline.quantities.constants import BOLTZMANN
from poreline.quantities.fields import Values
from poreline.separation.root import bracketed_root

Array = npt.NDArray[np.float64]

HINDRANCE_LIMIT = 0.95
"""Relative size above which the diffusive polynomials are replaced by a straight line to zero at 1."""
CUT_OFF_REJECTION = 0.9
"""Rejection that defines the molecular-weight cut-off."""

_REACH = 4.0  # standard deviations of the logarithm of the pore diameter that count, either way
_POINTS, _LENGTHS = np.polynomial.legendre.leggauss(12)
_POINTS, _LENGTHS = 0.5 * (_POINTS + 1.0), 0.5 * _LENGTHS  # on the interval from 0 to 1
_NORMAL = 1.0 / (math.sqrt(2.0 * math.pi) * math.erf(_REACH / math.sqrt(2.0)))
_NARROWEST = 1e-6  # logarithm of the spread of pores that count as equal
_BLOCK = 2048  # samples whose pore classes are in memory at one time
_TINY = 1e-300
_CONVECTION = 1e100  # 1/m, a Peclet number per radius beyond which diffusion plays no part
_SMALLEST_SIZE = 0.2  # relative size at which the search begins: half of the flow rejects less than a third

_CYLINDER_DIFFUSION = (1.0, -1.56034, 0.528155, 1.91521, -2.81903, 0.270788, 1.10115, -0.435933)
_SLIT_DIFFUSION = (1.0, -1.19358, 0.0, 0.4285, -0.3192, 0.08428)
_CYLINDER_LAG = (1.0, 3.867, -1.907, -0.834)
_CYLINDER_LAG_BELOW = (1.0, 1.867, -0.741)
_SLIT_CONVECTION = (1.0, 0.0, -3.02, 5.776, -12.3675, 18.9775, -15.2185, 4.8525)


def _polynomial(x: Array, coefficients: tuple[float, ...]) -> Array:
    total = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total *= x
        total += coefficient
    return total


def _inside(relative_size: Values) -> Array:
    return np.clip(np.asarray(relative_size, dtype=float), 0.0, 1.0)


def _diffusion(relative_size: Values, logarithm: float, coefficients: tuple[float, ...]) -> Values:
    size = _inside(relative_size)

    def law(x: Array) -> Array:
        return _polynomial(x, coefficients) + logarithm * x * np.log(np.maximum(x, _TINY))

    at_limit = law(np.array(HINDRANCE_LIMIT))
    line = at_limit * (1.0 - size) / (1.0 - HINDRANCE_LIMIT)
    return np.where(size <= HINDRANCE_LIMIT, law(size), line)[()]


def diffusive_hindrance_cylinder(relative_size: Values) -> Values:
    """Hindrance factor of diffusion in a cylinder, partitioning included, H_d (1 for a point, 0 at relative size 1).

    1 + 9/8 l ln l - 1.56034 l + 0.528155 l^2 + 1.91521 l^3 - 2.81903 l^4 + 0.270788 l^5 + 1.10115 l^6 - 0.435933 l^7
    up to l = 0.95, linear to zero above. Source: Dechadilok and Deen 2006, eq. 16; compared with public codes.
    """
    return _diffusion(relative_size, 9.0 / 8.0, _CYLINDER_DIFFUSION)


def diffusive_hindrance_slit(relative_size: Values) -> Values:
    """Hindrance factor of diffusion in a slit, partitioning included, H_d (1 for a point, 0 at relative size 1).

    1 + 9/16 l ln l - 1.19358 l + 0.4285 l^3 - 0.3192 l^4 + 0.08428 l^5 up to l = 0.95, linear to zero above.
    Source: Dechadilok and Deen 2006, not re-read; the polynomial ends at zero.
    """
    return _diffusion(relative_size, 9.0 / 16.0, _SLIT_DIFFUSION)


def convective_hindrance_cylinder(relative_size: Values) -> Values:
    """Hindrance factor of convection in a cylinder, partitioning included, W (1 for a point, 0 at relative size 1).

    (1 - l)^2 (1 + 3.867 l - 1.907 l^2 - 0.834 l^3) / (1 + 1.867 l - 0.741 l^2).
    Source: Dechadilok and Deen 2006, eq. 18; compared with public codes.
    """
    size = _inside(relative_size)
    lag = _polynomial(size, _CYLINDER_LAG) / _polynomial(size, _CYLINDER_LAG_BELOW)
    return (np.square(1.0 - size) * lag)[()]


def convective_hindrance_slit(relative_size: Values) -> Values:
    """Hindrance factor of convection in a slit, partitioning included, W (1 for a point, 0 at relative size 1).

    1 - 3.02 l^2 + 5.776 l^3 - 12.3675 l^4 + 18.9775 l^5 - 15.2185 l^6 + 4.8525 l^7.
    Source: Dechadilok and Deen 2006, not re-read; the polynomial ends at zero.
    """
    return np.maximum(_polynomial(_inside(relative_size), _SLIT_CONVECTION), 0.0)[()]


def ferry_convection(relative_size: Values) -> Values:
    """Steric convection in a cylinder without hydrodynamic lag, 2 (1 - l)^2 - (1 - l)^4. Source: Ferry 1936."""
    partition = np.square(1.0 - _inside(relative_size))
    return (2.0 * partition - np.square(partition))[()]


def renkin_diffusion(relative_size: Values) -> Values:
    """Diffusion in a cylinder, (1 - l)^2 (1 - 2.104 l + 2.09 l^3 - 0.95 l^5); valid to l = 0.4. Source: Renkin 1954."""
    size = _inside(relative_size)
    return (np.square(1.0 - size) * _polynomial(size, (1.0, -2.104, 0.0, 2.09, 0.0, -0.95)))[()]


_HINDRANCE: dict[str, tuple[Callable[[Values], Values], Callable[[Values], Values], float]] = {
    # diffusive, convective, half of the opening over the hydraulic diameter
    "cylinder": (diffusive_hindrance_cylinder, convective_hindrance_cylinder, 0.5),
    "slit": (diffusive_hindrance_slit, convective_hindrance_slit, 0.25),
}


def free_diffusivity(solute_radius: Values, viscosity: Values, temperature: Values) -> Values:
    """Diffusivity of a solute in the free liquid, D_inf = k T / (6 pi mu r), m2/s.

    `solute_radius` (Stokes) in m, `viscosity` in Pa s, `temperature` in K. Source: Stokes and Einstein.
    """
    return BOLTZMANN / (6.0 * np.pi) * (temperature / (viscosity * solute_radius))


def _sieving(size: Array, log_spread: Array, flow: Array, pore_shape: str) -> Array:
    """Flow-weighted mean of W / (1 - (1 - W) exp(-Pe)) over the pore classes that the solute enters.

    `size` is the relative size in the pore of flow-weighted diameter, `flow` times W/H_d the Peclet number there. The
    integral begins at the class that the solute just fits, where its kink is.
    """
    diffusive, convective, _ = _HINDRANCE[pore_shape]
    log_spread = np.maximum(log_spread, _NARROWEST)[..., None]
    fits = np.clip(np.log(np.maximum(size, _TINY))[..., None] / log_spread, -_REACH, _REACH)
    z = fits + (_REACH - fits) * _POINTS
    scale = np.exp(log_spread * z)  # diameter of the class over the flow-weighted one
    relative = size[..., None] / scale
    passed, hindered = np.asarray(convective(relative)), np.asarray(diffusive(relative))
    velocity = np.square(scale) * (flow[..., None] * np.exp(2.0 * np.square(log_spread)))
    peclet = passed * velocity / np.maximum(hindered, _TINY)
    remains = np.exp(-peclet)
    sieving = passed / np.maximum(passed + (1.0 - passed) * (1.0 - remains), _TINY)
    mean = (sieving * np.exp(-0.5 * np.square(z))) @ _LENGTHS
    return np.minimum(_NORMAL * (_REACH - fits[..., 0]) * mean, 1.0)


def _in_blocks(law: Callable[..., Array], *values: Values) -> Values:
    """`law` of one-dimensional arrays, applied to values of any shapes, a block of samples at a time."""
    shape = np.broadcast_shapes(*(np.shape(value) for value in values))
    flat = [np.broadcast_to(np.asarray(value, dtype=float), shape).ravel() for value in values]
    made = np.empty(flat[0].size)
    for start in range(0, made.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        made[block] = law(*(value[block] for value in flat))
    return made.reshape(shape)[()]


def _flow(flux: Values, conductance: Values, thickness: Values, viscosity: Values, temperature: Values) -> Values:
    """Peclet number per radius of the solute, without hindrance, v H / (D_inf r), 1/m; infinite without a path."""
    with np.errstate(divide="ignore"):
        return np.divide(flux * thickness / free_diffusivity(1.0, viscosity, temperature), conductance)


def rejection(
    *,
    solute_radius: Values,
    pore_diameter: Values,
    spread: Values,
    flux: Values,
    conductance: Values,
    thickness: Values,
    viscosity: Values,
    temperature: Values,
    pore_shape: str,
) -> Values:
    """Share of a solute that the membrane holds back, R = 1 - <W / (1 - (1 - W) exp(-Pe))>, between 0 and 1.

    Pe = W v H / (H_d D_inf) with the velocity v = `flux` / `conductance` (tortuosity / porosity included), scaled in
    every pore class by its diameter squared. The mean <> is weighted by flow: numbers of pores are lognormal with
    geometric standard deviation `spread`, each carries D^4 (cylinder) or D^3 (slit, per length), and so the flow is
    lognormal too, with the same spread around `pore_diameter`, the flow-weighted diameter that porometry reports.

    SI (m, m/s, Pa s, K); broadcast together. Concentration polarisation is not included. 1 without pores.
    Source: Anderson and Quinn 1974 and Deen 1987 for one pore, not re-read; hindrance of Dechadilok and Deen 2006.
    """
    radius = _HINDRANCE[pore_shape][2] * pore_diameter
    flow = np.minimum(_flow(flux, conductance, thickness, viscosity, temperature), _CONVECTION) * solute_radius
    with np.errstate(divide="ignore"):
        size = np.minimum(np.divide(solute_radius, radius), _CONVECTION)

    def law(size: Array, log_spread: Array, flow: Array) -> Array:
        return 1.0 - _sieving(size, log_spread, flow, pore_shape)

    return _in_blocks(law, size, np.log(spread), flow)


def cut_off_radius(
    *,
    pore_diameter: Values,
    spread: Values,
    flux: Values,
    conductance: Values,
    thickness: Values,
    viscosity: Values,
    temperature: Values,
    pore_shape: str,
) -> Values:
    """Stokes radius of the solute of which 90 % is rejected, m. Arguments as `rejection`; 0 without pores.

    A bracketed root of the rejection in the logarithm of the radius, for all samples at once.
    """
    radius = _HINDRANCE[pore_shape][2] * pore_diameter
    flow = np.minimum(_flow(flux, conductance, thickness, viscosity, temperature), _CONVECTION) * radius

    def law(log_spread: Array, flow: Array) -> Array:
        def excess(log_size: Array) -> Array:
            size = np.exp(log_size)
            return 1.0 - CUT_OFF_REJECTION - _sieving(size, log_spread, flow * size, pore_shape)

        smallest = np.full_like(flow, np.log(_SMALLEST_SIZE))
        return np.exp(bracketed_root(excess, smallest, _REACH * log_spread, tolerance=1e-5))

    return radius * _in_blocks(law, np.log(spread), flow)
