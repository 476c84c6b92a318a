"""Evidence made from constants that are known, with noise as the fit assumes it."""

from __future__ import annotations

import dataclasses

import numpy as np

from poreline.design import VolumeEvidence
from poreline.design.fit_connection import SHARE_ERROR, TORTUOSITY_ERROR
from poreline.membrane import MembraneConstants
from poreline.membrane.connectivity import open_share, smoothed_distance, tortuosity_factor

KNOWN = MembraneConstants(percolation_threshold=2.1, open_rate=1.3, network_conductance=0.6, conductance_exponent=2.0)
SPACINGS, TRANSPORT = 2.5, 0.9


def evidence(
    count: int, *, lowest: float = 1.0, highest: float = 9.0, noise: float = 1.0, seed: int = 0,
    constants: MembraneConstants = KNOWN,
) -> list[VolumeEvidence]:  # fmt: skip
    """Simulations with numbers of contacts from `lowest` to `highest`; below the threshold they have no way through."""
    rng = np.random.default_rng(seed)
    found = []
    for number, contacts in enumerate(np.linspace(lowest, highest, count)):
        rounding = constants.smoothing + constants.finite_thickness * SPACINGS ** (
            -1.0 / constants.correlation_exponent
        )
        past = smoothed_distance(contacts / constants.percolation_threshold, rounding)
        share = float(open_share(past, constants.open_rate))
        factor = float(tortuosity_factor(past, constants.network_conductance, constants.conductance_exponent))
        factor *= float(np.exp(noise * TORTUOSITY_ERROR * rng.normal())) / TRANSPORT
        found.append(
            VolumeEvidence(
                name=f"film {number}",
                run=f"film-{number}",
                recipe_digest="0123456789abcdef",
                run_digest="fedcba9876543210",
                version="0",
                seeds=(0, 1),
                voxels=32,
                domains=8,
                stretch_ratio=2.0,
                contacts=float(contacts),
                spacings=SPACINGS,
                transport_share=TRANSPORT,
                porosity=0.3,
                open_share=share + noise * SHARE_ERROR * float(rng.normal()),
                tortuosity=factor if contacts > constants.percolation_threshold else None,
            )
        )
    return found


def one_at(contacts: float, **changes: object) -> VolumeEvidence:
    """One simulation of the known constants, without noise."""
    return dataclasses.replace(evidence(1, lowest=contacts, noise=0.0)[0], **changes)  # type: ignore[arg-type]
