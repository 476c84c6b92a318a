"""Springback, and how the anneal under tension takes it away."""

from __future__ import annotations

import numpy as np

from poreline.quantities.constants import GAS_CONSTANT, ZERO_CELSIUS
from poreline.quantities.fields import Values

_REFERENCE = ZERO_CELSIUS + 90.0  # K, where the relaxation time is stated
_SOFTENING_WIDTH = 0.25  # K


def relaxation_time(temperature: Values, reference_time: Values, energy: Values) -> Values:
    """Relaxation time of the anneal, tau = tau_90 exp[E/R (1/T - 1/363.15 K)], s. Closure of this model."""
    return reference_time * np.exp(energy / GAS_CONSTANT * (1.0 / temperature - 1.0 / _REFERENCE))


def springback_left(unannealed: Values, duration: Values, relaxation: Values, exponent: Values) -> Values:
    """Share of the draw that still springs back after the anneal, x0 exp[-(t/tau)^0.4]. Source: form of Kohlrausch."""
    return unannealed * np.exp(-((duration / relaxation) ** exponent))


def wake_closing(glass_transition: Values, temperature: Values) -> Values:
    """Share of the wakes that close because the domains soften: half of them above Tg (K), a logistic 0.25 K wide. Closure."""
    return 0.5 / (1.0 + np.exp(np.clip((glass_transition - temperature) / _SOFTENING_WIDTH, -500.0, 500.0)))
