"""Stretched film or measurement to membrane: porosity, pore sizes, connection, tortuosity."""

from poreline.membrane.characterise import as_measured, characterise, usual_tortuosity
from poreline.membrane.constants import MembraneConstants
from poreline.membrane.membrane import Membrane
from poreline.membrane.structure import PoreStructure

__all__ = ["Membrane", "MembraneConstants", "PoreStructure", "as_measured", "characterise", "usual_tortuosity"]
