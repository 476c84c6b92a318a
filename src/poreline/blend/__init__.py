"""Recipe to blend: domains of the first polymer in the second."""

from poreline.blend.blend import Amounts, Blend, Substances
from poreline.blend.constants import BlendConstants
from poreline.blend.mix import LineShear, mix

__all__ = ["Amounts", "Blend", "BlendConstants", "LineShear", "Substances", "mix"]
