"""How grey values are told apart: method, denoising, flattening."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from poreline.quantities import Fault, InvalidInput, nearest

Method = Literal["otsu", "local", "manual"]
Pores = Literal["dark", "bright"]
Denoise = Literal["none", "median", "nlm"]
DataBar = Literal["cut", "keep"]

SMALLEST_WINDOW = 8
"""Pixels; in a smaller window a pore is the background."""
LONGEST_MEDIAN_ARM = 4


@dataclass(frozen=True, kw_only=True)
class Segmentation:
    """How solid and void are told apart in grey values.

    Raises InvalidInput, with every fault at once, for a word that is not known, a manual method without a threshold or
    a threshold without it, a strength or window outside its range, or known grey values on the wrong sides.
    """

    method: Method = "otsu"
    """How the wall's grey value is found. `otsu`: Otsu's threshold (1979) parts the grey values, the wall is half-way
    between the plateaus of solid and void that it parts. `local`: the same, with the plateaus of a window around each
    pixel. `manual`: `threshold`."""
    threshold: float | None = None
    """Grey value of the wall, in the units of the picture; for `manual`, where it is required."""
    pores: Pores = "dark"
    """Whether pores are darker or brighter than the solid."""
    denoise: Denoise = "median"
    """`median`: of the pixels on a cross around each pixel, which keeps cracks of one pixel along the axes. `nlm`:
    non-local means (Buades 2005), slower, for much noise. `none`: nothing."""
    denoise_strength: float = 1.0
    """For `median` the length of the cross's arms in pixels, 1 to 4; for `nlm` the filter strength as a multiple of the
    usual 0.8 of the noise."""
    flatten: bool = True
    """Whether slow changes of brightness (charging, beam hardening) are removed."""
    flatten_window: int | None = None
    """Pixels over which a change counts as slow; None: a third of the shortest edge, and at least 32."""
    local_window: int = 64
    """Edge in pixels of the window that `local` looks at; several pores and walls wide."""
    data_bar: DataBar = "cut"
    """Whether the strip with text below or above a picture is looked for and cut. Volumes have none."""
    grey_pore: float | None = None
    """Grey value of a voxel that is all void, where it is known: from a large pore, or from vacuum in the same scan.
    Needed for true void fractions if every pore is narrower than about 3 voxels. None: from the image."""
    grey_solid: float | None = None
    """Grey value of a voxel that is all solid, where it is known. None: from the image."""

    def __post_init__(self) -> None:
        """Check the settings."""
        faults = [*self._faults_of_words(), *self._faults_of_threshold(), *self._faults_of_numbers()]
        if faults:
            raise InvalidInput(faults, "segmentation")

    def _faults_of_words(self) -> list[Fault]:
        faults = []
        for field, known in (("method", Method), ("pores", Pores), ("denoise", Denoise), ("data_bar", DataBar)):
            word, words = getattr(self, field), get_args(known)
            if word not in words:
                near = nearest(str(word), words)
                remedy = f"Did you mean {near}?" if near else f"Write {words[0]}."
                faults.append(Fault(field, str(word), ", ".join(words), "This word is not known.", remedy))
        return faults

    def _faults_of_threshold(self) -> list[Fault]:
        if self.method == "manual" and self.threshold is None:
            reason = "A manual threshold is asked for and none is given."
            return [Fault("threshold", "", "a grey value", reason, 'Give it, or use method "otsu".')]
        if self.method in {"otsu", "local"} and self.threshold is not None:
            reason = f'The method "{self.method}" finds its own threshold.'
            return [Fault("threshold", f"{self.threshold:g}", "", reason, 'Use method "manual", or leave it out.')]
        return []

    def _faults_of_numbers(self) -> list[Fault]:
        faults = []
        for field in ("threshold", "grey_pore", "grey_solid"):
            value = getattr(self, field)
            if value is not None and not math.isfinite(value):
                faults.append(
                    Fault(field, f"{value:g}", "a finite number", "It is a grey value.", "Read it off a pixel.")
                )
        if self.denoise == "median" and self.denoise_strength not in range(1, LONGEST_MEDIAN_ARM + 1):
            reason = "It is the length of the cross's arms in pixels."
            limit = f"1 to {LONGEST_MEDIAN_ARM}, whole"
            faults.append(Fault("denoise_strength", f"{self.denoise_strength:g}", limit, reason, "Give 1."))
        if self.denoise == "nlm" and not 0.1 <= self.denoise_strength <= 5.0:
            reason = "It is a multiple of the usual strength."
            faults.append(Fault("denoise_strength", f"{self.denoise_strength:g}", "0.1 to 5", reason, "Give 1."))
        for field in ("flatten_window", "local_window"):
            value = getattr(self, field)
            if value is not None and not SMALLEST_WINDOW <= value < math.inf:
                reason = "A single pore would be its background."
                limit = f"{SMALLEST_WINDOW} pixels or more"
                faults.append(Fault(field, f"{value:g}", limit, reason, "Give several times the width of a pore."))
        if self.grey_pore is not None and self.grey_solid is not None:
            darker = self.grey_pore < self.grey_solid
            if self.grey_pore == self.grey_solid or darker != (self.pores == "dark"):
                found = f"{self.grey_pore:g}, solid {self.grey_solid:g}"
                limit = "below the solid's" if self.pores == "dark" else "above the solid's"
                remedy = "Swap them, or set `pores`."
                faults.append(Fault("grey_pore", found, limit, f"The pores are said to be {self.pores}.", remedy))
        return faults
