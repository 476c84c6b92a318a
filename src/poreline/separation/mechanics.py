"""Stiffness and strength of the stretched film. Closures of this model, +-40 %; puncture is not predicted."""

from __future__ import annotations

import numpy as np

from poreline.materials import Drawing
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.quantities.fields import Values

ORIENTATION_LIMIT = 5.0
"""Stretch ratio up to which the modulus in the machine direction grows in proportion."""
TEST_RATE = 0.05
"""Tensile strain rate of the strength, 1/s."""
TEST_TEMPERATURE = ZERO_CELSIUS + 23.0
"""Temperature of the strength, K."""


def youngs_modulus_machine(modulus: Values, stretch_ratio: Values, porosity: Values) -> Values:
    """Young's modulus along the stretch, E lam (1 - porosity)^2, Pa; lam not above 5.

    `modulus` E of the unstretched matrix in Pa; broadcast together. A closure of this model.
    """
    return modulus * np.minimum(stretch_ratio, ORIENTATION_LIMIT) * np.square(1.0 - porosity)


def youngs_modulus_transverse(modulus: Values, porosity: Values) -> Values:
    """Young's modulus across the stretch, 0.7 E (1 - porosity)^3, Pa. A closure of this model."""
    return 0.7 * modulus * (1.0 - porosity) ** 3


def strength_machine(drawing: Drawing, stretch_ratio: Values, porosity: Values) -> Values:
    """Strength along the stretch on the section of the film, [Y + G_R (lam^2 - 1/lam)] (1 - porosity)^1.5, Pa.

    The stress that the drawn matrix flows at, at 0.05 1/s and 23 degC (Haward's law). A closure of this model.
    """
    flow = drawing.yield_stress(TEST_RATE, TEST_TEMPERATURE)
    hardening = drawing.hardening_modulus(TEST_TEMPERATURE) * (np.square(stretch_ratio) - 1.0 / stretch_ratio)
    return (flow + hardening) * (1.0 - porosity) ** 1.5
