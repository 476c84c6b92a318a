"""Viscoplastic flow of the solid: Eyring's law, slowed by orientation and by the fibrils of a craze."""

from __future__ import annotations

import math

from poreline.stretch.volume.arithmetic import exponential, logarithm

_NEWTON_STEPS = 4  # fixed, so that a loop over voxels has no branch; the start is an upper bound near the root


def stress_after_flow(trial: float, hindrance: float, activation: float) -> float:
    """Stress s that is left of the trial stress: s + kk sinh(s/A) = s_tr, all in MPa.

    `trial` s_tr, `hindrance` kk = H dt r0 exp(-X) > 0, `activation` A = kT/V*. Below A/2 nothing flows. Implicit in time.
    """
    ratio = min(trial / hindrance, 1e15)
    y = min(logarithm(ratio + math.sqrt(ratio * ratio + 1.0)), trial / activation)
    half = 0.5 * hindrance
    for _ in range(_NEWTON_STEPS):
        # Numerator and denominator are multiplied by exp(y): one division less. Above 43 nothing flows at all.
        grown = exponential(min(y, 43.0))
        square = half * grown * grown
        excess = (activation * y - trial) * grown + (square - half)
        y = y - excess / (activation * grown + (square + half))
    return trial if trial < 0.5 * activation else y * activation


def orientation_hindrance(hardening: float, network: float, activation: float, alignment: float) -> float:
    """Exponent X by which orientation slows the flow, at most 50: G_h q_B/A, times the alignment of stress and network.

    `hardening` G_h (MPa), `network` q_B the equivalent of the deviator of J^-2/3 B, `activation` A (MPa), `alignment`
    the cosine between elastic strain and dev B, taken as at least 0.3. Closure of this model: it makes the hardening
    dissipative, so that a drawn film springs back little.
    """
    return min(50.0, hardening * network / activation * min(max(alignment, 0.3), 1.0))
