"""Tension of the interface between two molten polymers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from poreline.materials.polymer import Polymer
from poreline.quantities.fields import Values, quantity

_SMALLEST_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class LinearTension:
    """A pair's own tension, linear in temperature: G0 + s (T - T0)."""

    value: Values = quantity(
        "N/m", "interfacial tension at the reference temperature", symbol="Gamma12", shown_in="mN/m"
    )
    temperature: Values = quantity("K", "reference temperature", symbol="T0", shown_in="degC")
    slope: Values = quantity("N/(m K)", "change with temperature", symbol="s", shown_in="mN/(m K)")
    factor: Values = quantity("1", "factor on the tension as a whole", default=1.0)

    def at(self, temperature: Values, first: Polymer, second: Polymer) -> Values:
        """Tension in N/m at `temperature` in K; not below a tenth of the reference value, where the linear law ends."""
        del first, second  # the pair's own number needs no surface tensions
        linear = self.value + self.slope * (temperature - self.temperature)
        return self.factor * np.maximum(linear, _SMALLEST_SHARE * self.value)


@dataclass(frozen=True, kw_only=True)
class HarmonicMeanTension:
    """The tension of a pair that has no number of its own, from the surface tensions and polarities."""

    factor: Values = quantity("1", "factor on the tension as a whole", default=1.0)

    def at(self, temperature: Values, first: Polymer, second: Polymer) -> Values:
        """Tension in N/m at `temperature` in K by the harmonic mean of the dispersive and polar parts."""
        return self.factor * harmonic_mean_tension(
            first.surface_tension(temperature),
            first.surface_polarity,
            second.surface_tension(temperature),
            second.surface_polarity,
        )


InterfacialTension = LinearTension | HarmonicMeanTension


def harmonic_mean_tension(first: Values, first_polarity: Values, second: Values, second_polarity: Values) -> Values:
    """Interfacial tension from two surface tensions (N/m) and their polar shares, N/m.

    Gamma12 = g1 + g2 - 4 g1d g2d/(g1d + g2d) - 4 g1p g2p/(g1p + g2p), gp = x_p g, gd = (1 - x_p) g; the last term is 0
    where both polar parts vanish. Source: Wu, Polymer Interface and Adhesion, 1982.
    """
    polar_first, polar_second = first_polarity * first, second_polarity * second
    dispersive_first, dispersive_second = first - polar_first, second - polar_second
    polar_sum = polar_first + polar_second
    polar = np.where(polar_sum > 0, 4 * polar_first * polar_second / np.where(polar_sum > 0, polar_sum, 1.0), 0.0)
    dispersive = 4 * dispersive_first * dispersive_second / (dispersive_first + dispersive_second)
    return first + second - dispersive - polar
