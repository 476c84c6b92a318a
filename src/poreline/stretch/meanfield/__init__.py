"""The closed-form model of drawing: a few hundred operations for a film, on one recipe or on thousands at once."""

from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.meanfield.model import stretch

__all__ = ["StretchConstants", "stretch"]
