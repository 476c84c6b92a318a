"""What the polymers, copolymers and fluids are: their numbers with sources, and their laws of temperature and rate."""

from poreline.materials.copolymer import Copolymer
from poreline.materials.fluids import Gas, Liquid, Solute
from poreline.materials.interfacial_tension import (
    HarmonicMeanTension,
    InterfacialTension,
    LinearTension,
    harmonic_mean_tension,
)
from poreline.materials.library import Materials, default_materials
from poreline.materials.polymer import Drawing, Polymer, glassy_flow_stress, rigid_share
from poreline.materials.priors import Prior
from poreline.materials.records import Record, Reference

__all__ = [
    "Copolymer",
    "Drawing",
    "Gas",
    "HarmonicMeanTension",
    "InterfacialTension",
    "LinearTension",
    "Liquid",
    "Materials",
    "Polymer",
    "Prior",
    "Record",
    "Reference",
    "Solute",
    "default_materials",
    "glassy_flow_stress",
    "harmonic_mean_tension",
    "rigid_share",
]
