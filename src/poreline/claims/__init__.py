"""The claims: their windows as data, and the verdict on each of them for a run, a measured structure, or both."""

from poreline.claims.check import ClaimVerdict, Verdicts, check
from poreline.claims.judgement import Judgement
from poreline.claims.measured import MeasuredFacts
from poreline.claims.registry import Claim, Condition, Registry, Requirement, registry
from poreline.claims.window import Limits, Verdict, Window

__all__ = [
    "Claim",
    "ClaimVerdict",
    "Condition",
    "Judgement",
    "Limits",
    "MeasuredFacts",
    "Registry",
    "Requirement",
    "Verdict",
    "Verdicts",
    "Window",
    "check",
    "registry",
]
