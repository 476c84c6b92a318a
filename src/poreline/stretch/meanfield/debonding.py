"""Which domains come off the matrix."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_NODES = 61
_RANGE = 3.0  # standard deviations of the logarithm of the size on each side


def adhesion_energy(bare: Values, coefficient: Values, areal_density: Values, work_of_adhesion: Values) -> Values:
    """Fracture energy of the interface G_c = max(G_c0 + k_S Sigma^2, W), J/m2.

    Source: Creton, Kramer and Brown 1992 (square law); the thermodynamic work of adhesion W is the floor.
    """
    return np.maximum(bare + coefficient * areal_density**2, work_of_adhesion)


def debonding_radius(
    stress: Values, clamping: Values, secant_modulus: Values, adhesion: Values, coefficient: Values
) -> Values:
    """Radius above which a domain debonds under the flow stress, m; infinite where the clamping exceeds the stress.

    From sigma_d = C_d sqrt(E_s G_c/R) + p_T (Pa, J/m2, m) with the secant modulus at yield. Source: form by Gent 1980.
    """
    net = stress - clamping
    positive = net > 0.0
    return np.where(positive, secant_modulus * adhesion * (coefficient / np.where(positive, net, 1.0)) ** 2, np.inf)


def volume_share_above(radius: Values, median_radius: Values, spread: Values) -> Values:
    """Volume share of a lognormal population of domains that is at least as large as `radius`.

    61 classes equally spaced in the logarithm over +-3 standard deviations, each weighted by number times volume. The
    classes debond as a whole: real blends hold a finite number of large domains.
    """
    log_spread = np.log(spread)
    threshold = np.log(np.maximum(radius, 1e-300) / median_radius) / np.maximum(log_spread, 1e-12)
    nodes = np.linspace(-_RANGE, _RANGE, _NODES)
    ratio = np.exp(3.0 * log_spread * (nodes[1] - nodes[0]))
    # The weight exp(-z^2/2 + 3 z ln sg) from class to class by multiplication: no exponential per class and sample.
    growth = np.exp(3.0 * log_spread * nodes[0])
    above = np.zeros(np.broadcast(threshold, ratio).shape)
    total = np.zeros(np.shape(ratio))
    for node, number in zip(nodes, np.exp(-0.5 * nodes**2), strict=True):
        weight = number * growth
        total = total + weight
        above += np.where(node >= threshold, weight, 0.0)
        growth = growth * ratio
    return above / total
