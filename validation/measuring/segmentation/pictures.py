"""Grey pictures and volumes of known void fraction, and what segmentation makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.voxels.phantoms import as_sem, as_tomogram, blobs, microcracks
from poreline.voxels.segmentation import segment_picture, segment_volume

Kind = Literal["SEM picture", "tomogram"]
Structure = Literal["cracks", "sponge"]
SEEDS = (1, 2, 3)
PICTURE, VOLUME = (200, 280, 1), (64, 64, 64)


@dataclass(frozen=True)
class Found:
    """One picture, segmented."""

    porosity_true: float
    porosity: float
    low: float
    high: float
    share_wrong: float


def void_of(kind: Kind, structure: Structure, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Void fractions: cracks 5 voxels wide of 20 % porosity, or a sponge blurred by 4 voxels of 30 %."""
    shape = PICTURE if kind == "SEM picture" else VOLUME
    if structure == "cracks":
        diameter = 60.0 if kind == "SEM picture" else 30.0
        return microcracks(shape, porosity=0.2, diameter=diameter, width=5.0, rng=rng)
    return blobs(shape, porosity=0.3, blob_size=4.0, rng=rng)


@cache
def segmented(kind: Kind, structure: Structure, noise: float, seed: int) -> Found:
    """A picture with noise of this share of the contrast, parted by the default settings."""
    rng = np.random.default_rng(seed)
    void = void_of(kind, structure, rng)
    parted: Any
    if kind == "SEM picture":
        void = void[:, :, 0]
        parted = segment_picture(as_sem(void, rng=rng, noise=noise))
    else:
        parted = segment_volume(as_tomogram(void, rng=rng, noise=noise))
    wrong = float(np.mean(parted.binary != (void >= 0.5)))
    return Found(float(void.mean(dtype=float)), parted.porosity, parted.porosity_low, parted.porosity_high, wrong)
