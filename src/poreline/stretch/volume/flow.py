"""Viscoplastic flow of the solid: Eyring's law, slowed by orientation and by the fibrils of a craze."""

from __future__ import annotations

from poreline.stretch.volume.arithmetic import exponential, logarithm

_STEPS = 2  # of Halley's rule; fixed, so that a loop over voxels has no branch
_LEAST = 0.5  # trial stress over activation stress below which nothing flows
_LARGEST = 85.0  # stress over activation stress from which the exponential is held, within the range of float32


def stress_estimate(trial: float, hindrance: float) -> float:
    """Estimate of the stress y that flow leaves, within a fifth or .1: y + k sinh(y) = y_tr, stresses over the activation stress.

    `trial` y_tr > 0; `hindrance` k = H dt r0 exp(-X)/A > 0, A = kT/V* the activation stress. y = ln(1 + 2 (y_tr - y)/k): with y_tr in
    place of the difference the logarithm is an upper bound y_0. The rest, ln(1 - y/y_tr), is about -2 p/(2 - p), p = y_0/y_tr, of
    which seven tenths balance the error of `stress_left` over all p.
    """
    bound = min(logarithm(1.0 + 2.0 * trial / hindrance), trial)
    return max(0.0, bound - 1.4 * bound / (2.0 * trial - bound))


def stress_left(trial: float, hindrance: float, estimate: float) -> float:
    """Share of the trial stress that is left after an implicit step of flow, y/y_tr, from its estimate.

    Below y_tr = 1/2 nothing flows. Two steps of Halley's rule; relative error below 1e-5.
    """
    y = estimate
    half = 0.5 * hindrance
    for _ in range(_STEPS):
        grown = exponential(min(y, _LARGEST))
        shrunk = 1.0 / grown
        bent = half * (grown - shrunk)
        excess = y - trial + bent
        slope = 1.0 + half * (grown + shrunk)
        y = y - 2.0 * excess * slope / (2.0 * slope * slope - excess * bent)
    return 1.0 if trial < _LEAST else y / trial


def orientation_hindrance(network: float, alignment: float) -> float:
    """Exponent X by which orientation slows the flow, at most 50: G_h q_B/A, times the alignment of stress and network.

    `network` G_h q_B/A, with q_B the equivalent of the deviator of J^-2/3 B; `alignment` the cosine between elastic strain and
    dev B, taken as at least 0.3. Closure of this model: it makes the hardening dissipative, so that a drawn film springs back
    little.
    """
    return min(50.0, network * min(max(alignment, 0.3), 1.0))
