"""Whether microcracks and wakes connect, and how tortuous the way through is."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

# Mean of |sin| of the angle between two normals whose tilts are half-normal: Monte Carlo, five tilts in degrees.
_TILTS = np.deg2rad(np.array([5.0, 10.0, 20.0, 30.0, 40.0]))
_MEAN_SINES = np.array([0.1042, 0.2055, 0.3891, 0.5343, 0.634])
_CROSS_FAMILY_SINE = 0.93
_MACHINE_DIRECTION_TORTUOSITY = 3.0


def mean_sine(tilt: Values, cross_share: Values = 0.0) -> Values:
    """Mean |sin| of the angle between two cracks' normals (tilt in rad).

    `cross_share` is the share of pairs whose cracks belong to different directions of draw, at right angles.
    """
    within = np.interp(tilt, _TILTS, _MEAN_SINES)
    return (1.0 - cross_share) * within + cross_share * _CROSS_FAMILY_SINE


def excluded_volumes(
    crack_radius: Values, sine: Values, domain_radius: Values, draw: Values
) -> tuple[Values, Values, Values]:
    """Excluded volumes crack-crack, crack-wake, wake-wake, m3.

    Discs of radius a: 4 pi a^3 <|sin|>; disc and spheroid with semi-axes lam R, R, R by Steiner's formula
    lam (2 pi a^2 R + pi^2 a R^2 + 4 pi R^3/3); two such spheroids 32 pi lam R^3/3. Source: Balberg et al. 1984.
    """
    a, r = crack_radius, domain_radius
    cracks = 4.0 * np.pi * a**3 * sine
    mixed = draw * (2.0 * np.pi * a**2 * r + np.pi**2 * a * r**2 + 4.0 / 3.0 * np.pi * r**3)
    wakes = 32.0 / 3.0 * np.pi * r**3 * draw
    return cracks, mixed, wakes


def connectivity_number(crack_density: Values, wake_density: Values, volumes: tuple[Values, Values, Values]) -> Values:
    """Mean number of contacts of a void through the network: largest eigenvalue of [[Nc Vcc, Nw Vcw], [Nc Vcw, Nw Vww]]."""
    cracks, mixed, wakes = volumes
    first, second = crack_density * cracks, wake_density * wakes
    cross = crack_density * wake_density * mixed**2
    return 0.5 * (first + second + np.sqrt((first - second) ** 2 + 4.0 * cross))


def smoothed_distance(ratio: Values, width: Values) -> Values:
    """Distance past the percolation threshold, w ln(1 + exp((B/B_c - 1)/w)): rounded, never negative."""
    return width * np.logaddexp(0.0, (ratio - 1.0) / width)


def open_share(distance: Values, rate: Values) -> Values:
    """Share of the void volume that is connected, 1 - exp(-2 x). Closure of this model."""
    return -np.expm1(-rate * distance)


def through_connection_probability(ratio: Values, spacings_per_thickness: Values, exponent: Values) -> Values:
    """Probability that a path leads through the film, logistic in (B/B_c - 1)(H/L)^(1/nu). Source: finite-size scaling."""
    argument = 2.0 * (ratio - 1.0) * spacings_per_thickness ** (1.0 / exponent)
    return 1.0 / (1.0 + np.exp(np.clip(-argument, -500.0, 500.0)))


def tortuosity_factor(distance: Values, conductance: Values, exponent: Values) -> Values:
    """Tortuosity factor through the thickness, 1/(0.8 [x/(1 + x)]^1.5); 1.25 far above the threshold. Closure of this model."""
    return 1.0 / (conductance * (distance / (1.0 + distance)) ** exponent)


def machine_direction_tortuosity(through: Values) -> Values:
    """Tortuosity factor along the machine direction: cracks lie across it. Closure of this model."""
    return _MACHINE_DIRECTION_TORTUOSITY * through
