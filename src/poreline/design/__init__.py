"""What simulations teach the fast model: its constants fitted to them."""

from poreline.design.fit_connection import ConnectionFit, FittedConstant, fit_connection
from poreline.design.fitted_file import parameter_set_text
from poreline.design.volume_evidence import VolumeEvidence, evidence_of, stored_evidence

__all__ = [
    "ConnectionFit",
    "FittedConstant",
    "VolumeEvidence",
    "evidence_of",
    "fit_connection",
    "parameter_set_text",
    "stored_evidence",
]
