"""How far the film can be drawn."""

from __future__ import annotations

import numpy as np

from poreline.quantities.fields import Values
from poreline.quantities.normal import normal_share


def break_stretch_ratio(neat: Values, fraction_first: Values, coverage: Values, relief: Values) -> Values:
    """Stretch ratio at break of the blend, 1 + (lam0 - 1)[1 - (1 - 0.6 theta) phi^(1/3)].

    Source: phi^(1/3) law of Nielsen 1966; relief by the copolymer is a closure of this model.
    """
    return 1.0 + (neat - 1.0) * (1.0 - (1.0 - relief * coverage) * np.cbrt(fraction_first))


def break_probability(margin: Values, scatter: Values) -> Values:
    """Probability that a film drawn to `margin` times its break stretch breaks, Phi(ln(margin)/scatter)."""
    return normal_share(np.log(np.maximum(margin, 1e-12)) / scatter)
