"""Flow stress of the matrix while it is drawn, and whether it necks."""

from __future__ import annotations

import numpy as np

from poreline.materials import Drawing
from poreline.quantities.fields import Values

_NECKING = 3.0  # yield over hardening above which the engineering stress has a maximum


def uniaxial_hardening(stretch_ratio: Values) -> Values:
    """lam^2 - 1/lam: the strain measure of a film drawn in one direction at constant volume."""
    return stretch_ratio**2 - 1.0 / stretch_ratio


def biaxial_hardening(drawn: Values, across: Values) -> Values:
    """lam1^2 - (lam1 lam2)^-2, not below 0: the strain measure in the drawn direction when the other is held or drawn too."""
    return np.maximum(drawn**2 - (drawn * across) ** -2.0, 0.0)


def flow_stress(
    drawing: Drawing, hardening: Values, rate: Values, temperature: Values, yield_factor: Values = 1.0
) -> Values:
    """True stress of the drawn matrix Y(rate, T) + G_R(T) h(lam), Pa. Source: Haward and Thackray; Haward 1993."""
    return yield_factor * drawing.yield_stress(rate, temperature) + drawing.hardening_modulus(temperature) * hardening


def natural_draw_ratio(yield_over_hardening: Values) -> Values:
    """Stretch ratio of the neck: the minimum of the engineering stress, Y/G_R = lam^2 + 2/lam; 1 where no neck forms.

    The largest root of lam^3 - (Y/G_R) lam + 2 = 0. Source: Considere 1885.
    """
    necks = yield_over_hardening > _NECKING
    k = np.where(necks, yield_over_hardening, _NECKING)
    angle = np.arccos(np.clip(-((3.0 / k) ** 1.5), -1.0, 1.0)) / 3.0
    return np.where(necks, 2.0 * np.sqrt(k / 3.0) * np.cos(angle), 1.0)
