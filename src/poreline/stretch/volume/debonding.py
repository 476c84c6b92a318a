"""Debonding of the layer around a domain, and break of fibrils."""

from __future__ import annotations


def broken_share(share: float, starts: bool, increment: float) -> float:
    """Broken share D after a step: it starts once the limit is passed, then goes on to 1 by `increment` a step."""
    return min(1.0, share + increment) if (starts or share > 0.0) else 0.0


def integrity(share: float) -> float:
    """What is left of a voxel's strength, g = 1 - 0.999 D."""
    return 1.0 - 0.999 * share
