"""Voids behind domains that do not follow the matrix."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values

_UNSTRETCHED = 1.0 + 1e-6


def free_contraction_void(stretch_ratio: Values) -> Values:
    """Volume of the wake over that of the sphere when the matrix closes in laterally as it would alone (lower bound).

    Volume of the isochoric prolate spheroid that an embedded sphere of matrix would become, minus what of it the rigid
    sphere fills: u(2, 3, 5) = 0.378, 0.555, 0.718.
    """
    lam = np.maximum(stretch_ratio, _UNSTRETCHED)
    z = np.sqrt((1.0 - 1.0 / lam) / (1.0 - lam**-3.0))
    cap_spheroid = (lam - z) - (lam**3 - z**3) / (3.0 * lam**2)
    cap_sphere = (1.0 - z) - (1.0 - z**3) / 3.0
    return np.maximum(1.5 * (cap_spheroid / lam - cap_sphere), 0.0)


def wake_void(machine: Values, transverse: Values, closure: Values, *, biaxial: bool) -> Values:
    """Void volume behind a rigid domain over the domain's volume.

    v = (1 - c_l)(lam - 1) + c_l u(lam), between the rigid wake (upper bound) and free lateral contraction (lower bound);
    drawn in both directions lam1 lam2 - 1 takes the place of lam - 1, and c_l falls to 0 as the two ratios become equal.
    """
    if not biaxial:
        return (1.0 - closure) * (machine - 1.0) + closure * free_contraction_void(machine)
    larger, smaller = np.maximum(machine, transverse), np.minimum(machine, transverse)
    biaxiality = (smaller - 1.0) / np.maximum(larger - 1.0, _UNSTRETCHED - 1.0)
    left = closure * (1.0 - np.clip(biaxiality, 0.0, 1.0))
    return (1.0 - left) * (machine * transverse - 1.0) + left * free_contraction_void(larger)
