"""Film to stretched film: the programme of cold and hot stretches, the anneal, and what opens in the film."""

from poreline.stretch.programme import Stage, stages
from poreline.stretch.stretched_film import StretchedFilm

__all__ = ["Stage", "StretchedFilm", "stages"]
