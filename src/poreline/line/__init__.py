"""The whole line: simulate() takes a recipe from its composition to its duties, with the band of every number."""

from poreline.line.evaluate import LineResult, evaluate, evaluate_many, evaluate_samples
from poreline.line.plan import Constants, MembranePlan, Plan, parameter_names, plan, varied
from poreline.line.run import Outcome, Provenance, Run
from poreline.line.simulate import causes_of, simulate

__all__ = [
    "Constants",
    "LineResult",
    "MembranePlan",
    "Outcome",
    "Plan",
    "Provenance",
    "Run",
    "causes_of",
    "evaluate",
    "evaluate_many",
    "evaluate_samples",
    "parameter_names",
    "plan",
    "simulate",
    "varied",
]
