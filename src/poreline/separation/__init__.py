"""Membrane and duties -> Performance: gases, liquids, solutes, contactors, distillation, separators, mechanics."""

from poreline.separation.performance import DutyResult, FluidLibrary, Performance
from poreline.separation.separate import separate

__all__ = ["DutyResult", "FluidLibrary", "Performance", "separate"]
