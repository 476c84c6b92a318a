"""A three-dimensional image of a structure: what is void in each voxel, how large the voxels are, what lies around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput, format_quantity

Axis = Literal[0, 1, 2]
AXES: tuple[Axis, ...] = (0, 1, 2)
AXIS_NAMES = ("x", "y", "z")
SMALLEST_SPACING, LARGEST_SPACING = 1e-11, 1e-3
"""Edges of a voxel in m beyond which it shows no pore of a polymer: below an atom, above a millimetre."""
PHASE_VOID, PHASE_MATRIX, PHASE_DOMAIN, PHASE_SHELL = 0, 1, 2, 3
OPEN_FROM = 0.5
"""Void fraction from which a voxel without a pore width of its own counts as open."""

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class VoxelImage:
    """A structure on a regular grid. Axis 0 is x (machine direction), 1 is y (width), 2 is z (thickness).

    Raises InvalidInput, with every fault at once, for an image that has no voxels, not three axes, a void fraction
    outside 0 to 1, or a spacing that no pore has.
    """

    void: npt.NDArray[np.bool_ | np.float32]
    """True where the voxel is void; or the void fraction of each voxel, 0 to 1, float32."""
    spacing: tuple[float, float, float]
    """Edges of a voxel, m."""
    periodic: tuple[bool, bool, bool] = (False, False, False)
    """Axes along which the structure repeats beyond the image."""
    pore_width: FloatArray | None = None
    """Width in m of the microcracks inside a partly open voxel that are too narrow for the grid; 0 where there is none."""
    pore_normal: FloatArray | None = None
    """Unit normals of those microcracks, of shape (3, nx, ny, nz); None: no direction is known."""
    phase: npt.NDArray[np.uint8] | None = None
    """Material of each voxel: 0 void, 1 matrix, 2 domain of the first polymer, 3 copolymer shell; None: not known."""
    name: str = "image"
    source: tuple[str, ...] = ()
    """How the image came about, one remark each: file, format, where the spacing is from, segmentation."""

    def __post_init__(self) -> None:
        """Check the image."""
        faults = [*_faults_of_array(self.void), *faults_of_spacing(self.spacing), *self._faults_of_companions()]
        if faults:
            raise InvalidInput(faults, self.name)

    def _faults_of_companions(self) -> list[Fault]:
        shapes = {"pore_width": (self.pore_width, self.void.shape), "pore_normal": (self.pore_normal, (3, *self.void.shape)),
                  "phase": (self.phase, self.void.shape)}  # fmt: skip
        faults = []
        for field, (array, shape) in shapes.items():
            if array is not None and array.shape != shape:
                reason = "It does not have the shape of the image."
                faults.append(Fault(field, str(array.shape), str(shape), reason, "Give one value for each voxel."))
        if (
            self.pore_width is not None
            and not faults
            and not (np.isfinite(self.pore_width).all() and (self.pore_width >= 0).all())
        ):
            faults.append(
                Fault(
                    "pore_width",
                    "",
                    "0 or more, finite",
                    "Some widths are not.",
                    "Write 0 where there is no microcrack.",
                )
            )
        return faults

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels along each axis."""
        return self.void.shape

    @property
    def is_binary(self) -> bool:
        """Whether every voxel is either void or solid."""
        return self.void.dtype == np.bool_

    @property
    def is_section(self) -> bool:
        """Whether the image is one voxel thick: a section, which shows no connection across it."""
        return self.shape[2] == 1

    @property
    def voxel_volume(self) -> float:
        """Volume of a voxel, m3."""
        return self.spacing[0] * self.spacing[1] * self.spacing[2]

    @property
    def edges(self) -> tuple[float, float, float]:
        """Edge lengths of the image, m."""
        return tuple(n * h for n, h in zip(self.shape, self.spacing, strict=True))  # type: ignore[return-value]

    @property
    def is_cubic(self) -> bool:
        """Whether the voxels are cubes, to a millionth."""
        return max(self.spacing) <= min(self.spacing) * (1.0 + 1e-6)

    def open_voxels(self) -> BoolArray:
        """Voxels that count as pore where a yes or no is asked for: connection, labels, run lengths.

        At least half void, or holding a microcrack of its own width.
        """
        if self.is_binary:
            return self.void  # type: ignore[return-value]
        opened = self.void >= OPEN_FROM
        if self.pore_width is not None:
            opened |= (self.pore_width > 0) & (self.void > 0)
        return opened


def faults_of_spacing(spacing: tuple[float, float, float]) -> list[Fault]:
    """What is wrong with the edges of a voxel (m)."""
    faults = []
    limit = f"{format_quantity(SMALLEST_SPACING, 'nm')} to {format_quantity(LARGEST_SPACING, 'mm')}"
    for axis, edge in zip(AXIS_NAMES, spacing, strict=True):
        if not np.isfinite(edge) or not SMALLEST_SPACING <= edge <= LARGEST_SPACING:
            shown = format_quantity(edge, "m") if np.isfinite(edge) else str(edge)
            reason = "A voxel of this size shows no pore of a membrane."
            faults.append(Fault(f"spacing, {axis}", shown, limit, reason, 'Give the edge of one voxel, like "10 nm".'))
    return faults


_CHUNK = 2**24  # values that are looked at together, so that checking a mapped file does not load it whole


def _faults_of_array(void: npt.NDArray[np.bool_ | np.float32]) -> list[Fault]:
    if void.ndim != 3:
        remedy = "Give a stack of slices; a picture is an image one voxel thick."
        return [Fault("image", f"{void.ndim} axes", "3 axes", "A structure has three.", remedy)]
    if 0 in void.shape:
        return [
            Fault("image", str(void.shape), "at least one voxel along each axis", "It is empty.", "Check the export.")
        ]
    if void.dtype == np.bool_:
        return []
    if void.dtype != np.float32:
        return [Fault("image", str(void.dtype), "bool or float32", "It is no void fraction.", "Convert it first.")]
    step = max(1, _CHUNK // max(1, void.shape[1] * void.shape[2]))
    for start in range(0, void.shape[0], step):
        slab = void[start : start + step]
        low, high = float(slab.min()), float(slab.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            return [Fault("image", "NaN or infinity", "0 to 1", "Some voxels have no value.", "Fill or crop them.")]
        if low < 0.0 or high > 1.0:
            found, remedy = f"{low:.4g} to {high:.4g}", "Scale it: 0 is solid, 1 is void."
            return [Fault("image", found, "0 to 1", "A void fraction lies between solid and void.", remedy)]
    return []
