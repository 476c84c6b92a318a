"""Debonding of the layer around a domain, and break of fibrils."""

from __future__ import annotations


def broken_share(share: float, goal: float, increment: float) -> float:
    """Broken share D after a step: it follows `goal`, by at most `increment` a step, never back and not beyond 1.

    `goal` is the opening of the voxel beyond its limit over the opening that a break takes, edge (lambda - lambda_b)/w_c. A
    length and not a strain: what a break dissipates per area then does not depend on the grid. Source of the idea: crack band of
    Bazant and Oh 1983. The increment only keeps a break from sending a wave.
    """
    return min(1.0, share + min(increment, max(0.0, goal - share)))


def integrity(share: float) -> float:
    """What is left of a voxel's strength, g = 1 - 0.999 D."""
    return 1.0 - 0.999 * share
