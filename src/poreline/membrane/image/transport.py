"""Transport through the pores of an image: effective diffusivity, tortuosity, and any conduction with local laws.

Finite volumes on the voxel grid: each voxel has a conductivity along each axis, two neighbours are in series (harmonic
mean), and the flux through a face is its conductance times the difference of potential. Between voxels that a wall cuts,
the face is open by the mean of both void fractions where neither is solid. That is the best of the rules that were
compared: errors of D / (porosity cos^2) in a channel at 45 degrees, 16 and 64 voxels a period, are -1.9 and -0.5 % with
it, -8.6 and -2.1 % with the harmonic mean, -12.5 and -3.1 % with the smaller one of both or a threshold.

Along an axis that is not periodic the potential is held on the two faces of the image, half a voxel from the outermost
centres; the sides let nothing pass. Along a periodic axis the mean gradient is one and the rest repeats. In both cases
the unknown is the deviation from the straight profile, so a straight channel is exact.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from numba import njit

from poreline.membrane.image.algebraic_multigrid import AlgebraicMultigrid, graph_of
from poreline.membrane.image.local_laws import diffusivity_local, hydraulic_conductivity_local
from poreline.membrane.image.multigrid import (
    OPEN,
    CodeOperator,
    FaceOperator,
    Grid,
    Operator,
    Solved,
    conjugate_gradients,
    faces_of,
    padded,
    plane,
    wrap,
)
from poreline.quantities import Fault, InvalidInput
from poreline.voxels.device import Device, choose_device
from poreline.voxels.image import AXES, Axis, VoxelImage
from poreline.voxels.launch import Shape

Precision = Literal["auto", "single", "double"]
PoreShape = Literal["slit", "tube"]
Progress = Callable[[float], None]
FloatArray = npt.NDArray[np.float32]

TOLERANCE = 1e-6
"""Default relative error of the solution, in the energy norm."""
MOST_ITERATIONS = 1000
MOST_IMBALANCE = 1e-4
"""Relative deviation of the flux through a cross-section from the mean above which a solution does not count as one."""
DOUBLE_UP_TO = 2**21
"""Voxels of an image up to which "auto" computes in float64; images with microcracks it always does."""
SMALLEST_CONDUCTIVITY = 1e-9
"""Conductivity of a voxel, relative to the largest in the image, below which it counts as closed."""
RANDOM_SHEETS = 2.0 / 3.0
"""Conductance of microcracks without a known direction over that of the same void in line: the mean of 1 - n_a^2."""

_INLET, _OUTLET = -1, -2
_SLAB, _SMALL_SLAB = 2**24, 2**20  # voxels that are converted together: in one step, and by a law that takes several


@dataclass(frozen=True, kw_only=True, eq=False)
class DiffusionSolution:
    """How much the pores of an image slow down diffusion along one axis."""

    axis: Axis
    connected: bool
    """Whether the pores connect both ends of the image along the axis (periodic: whether a path repeats)."""
    diffusivity_relative: float
    """Effective diffusivity of the image over that in free space, D_eff / D_0; 0 where nothing connects."""
    porosity_open: float
    """Void of the voxels that connect both ends, over the volume of the image."""
    column: tuple[float, float, float] | None
    """Mean flux along each axis over D_0 times the mean gradient: a column of the tensor. None unless all axes repeat."""
    flux_in: float
    """Flux through the inlet over that of free space under the same mean gradient."""
    flux_out: float
    flux_imbalance: float
    """Largest deviation of the flux through a cross-section from the mean of all, over that mean: the error bar."""
    iterations: int
    residual: float
    """Relative residual in the norm of the preconditioner."""
    converged: bool
    """Whether the solver reached its tolerance and every cross-section passes the same flux, to `MOST_IMBALANCE`."""
    reason: str
    """Why it did not converge, a sentence; empty where it did."""
    precision: str
    """Numbers that the solver kept: `single` (float32) or `double` (float64)."""
    device: str
    flux_magnitude: FloatArray | None = None
    """Magnitude of the flux in each voxel, 1 in free space; where it was asked for."""

    @property
    def tortuosity(self) -> float:
        """Tortuosity factor: open porosity over relative diffusivity; infinite where nothing connects."""
        return self.porosity_open / self.diffusivity_relative if self.diffusivity_relative > 0.0 else math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class ConductanceSolution:
    """Effective conductivity of an image whose voxels have conductivities of their own, along one axis."""

    axis: Axis
    connected: bool
    conductivity_effective: float
    """In the unit of the local conductivity: m2/s for diffusion, m2 (a permeability) for viscous flow."""
    flux_in: float
    """Flux through the inlet over the mean gradient and the area, in the same unit."""
    flux_out: float
    flux_imbalance: float
    iterations: int
    residual: float
    converged: bool
    """As in `DiffusionSolution`, and so is `reason`."""
    reason: str
    precision: str
    device: str
    flux_magnitude: FloatArray | None = None
    """Magnitude of the flux in each voxel over the mean gradient, in the same unit; where it was asked for."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DiffusivityTensor:
    """Relative diffusivity of an image along all axes."""

    values: npt.NDArray[np.float64]
    """3 x 3, flux along the row's axis for a gradient along the column's. NaN where it is not determined: off the
    diagonal of an image that is not periodic along every axis."""
    solutions: tuple[DiffusionSolution, DiffusionSolution, DiffusionSolution]

    @property
    def is_full(self) -> bool:
        """Whether every element is determined."""
        return bool(np.isfinite(self.values).all())


def solve_diffusion(
    image: VoxelImage,
    axis: Axis,
    *,
    conductivity: FloatArray | None = None,
    device: str = "cpu",
    tolerance: float = TOLERANCE,
    precision: Precision = "auto",
    flux_map: bool = False,
    progress: Progress | None = None,
) -> DiffusionSolution:
    """Effective diffusivity of the pores along an axis, D_eff / D_0, and the tortuosity porosity / (D_eff / D_0).

    Open voxels have the conductivity 1, solid ones 0, those with microcracks that of `conductivity_of_voids`; voxels that
    a wall cuts count by `apertures_of_voids`. `conductivity` (the shape of the image, relative to free space) multiplies
    it. `precision`: float32 vectors halve the memory and are
    the choice of "auto" for large images; sums are float64. Memory beside the image: 25 bytes a voxel for a binary image
    in single precision, 40 for a void fraction; twice that in double. An image whose pores do not connect gives 0 and an
    infinite tortuosity, `connected` False. A way through leads over voxels that count as open (`VoxelImage.open_voxels`), as it does
    wherever connection is asked for; what is less than half void conducts beside such a way and makes none.

    An image with microcracks inside voxels is solved by `algebraic_multigrid` on one thread of the processor, in double
    precision unless single is asked for, at 180 bytes for each voxel that conducts beside 40 a voxel; and beyond its tolerance where
    the fluxes through the cross-sections differ by more than `MOST_IMBALANCE`.

    Raises InvalidInput for a wrong axis, tolerance, precision, device, or a conductivity that is negative, not finite
    or of another shape. Source: finite volumes (Patankar 1980).
    """
    _check(image, axis, tolerance, precision, conductivity, "conductivity")
    one = Conduction(image, conductivity, device=device, precision=precision, relative=True)
    return one.diffusion(axis, tolerance=tolerance, flux_map=flux_map, progress=progress)


def solve_conductance(
    image: VoxelImage,
    axis: Axis,
    conductivity_field: FloatArray,
    *,
    device: str = "cpu",
    tolerance: float = TOLERANCE,
    precision: Precision = "auto",
    flux_map: bool = False,
    progress: Progress | None = None,
) -> ConductanceSolution:
    """Effective conductivity along an axis where the void of each voxel conducts by `conductivity_field`.

    The field has the shape of the image and any unit; it counts where there is void, times `conductivity_of_voids`.
    Otherwise as `solve_diffusion`.
    """
    _check(image, axis, tolerance, precision, conductivity_field, "conductivity_field")
    one = Conduction(image, conductivity_field, device=device, precision=precision)
    return one.conductance(axis, tolerance=tolerance, flux_map=flux_map, progress=progress)


def solve_gas_diffusion(
    image: VoxelImage,
    axis: Axis,
    local_thickness: FloatArray,
    *,
    free_diffusivity: float,
    molecular_speed: float,
    pore_shape: PoreShape = "slit",
    **options: Any,
) -> ConductanceSolution:
    """Effective diffusivity of a gas at any Knudsen number, m2/s, with the local width of the pores.

    `local_thickness` in m, of the shape of the image; microcracks inside a voxel use their own width. In each voxel
    1/D = 1/D_m + 1/D_K (`diffusivity_local`), with `free_diffusivity` D_m in m2/s and `molecular_speed` in m/s.
    `options` as in `solve_conductance`. Source: Bosanquet's interpolation, as in Pollard and Present 1948.
    """
    field = gas_diffusivities(
        image,
        local_thickness,
        free_diffusivity=free_diffusivity,
        molecular_speed=molecular_speed,
        pore_shape=pore_shape,
    )
    return solve_conductance(image, axis, field, **options)


def gas_diffusivities(
    image: VoxelImage,
    local_thickness: FloatArray,
    *,
    free_diffusivity: float,
    molecular_speed: float,
    pore_shape: PoreShape = "slit",
) -> FloatArray:
    """Diffusivity of a gas in the void of each voxel, m2/s: the field that `solve_gas_diffusion` solves with."""
    _check_map(image, local_thickness, "local_thickness")
    width = _width(image, local_thickness)
    field = np.empty(image.shape, np.float32)
    for slab in _slabs(image, _SMALL_SLAB):
        field[slab] = diffusivity_local(width[slab], free_diffusivity, molecular_speed, pore_shape)
    return field


def solve_viscous_flow(
    image: VoxelImage,
    axis: Axis,
    local_thickness: FloatArray,
    wall_distance: FloatArray,
    *,
    edge_across: FloatArray | None = None,
    pore_shape: PoreShape = "slit",
    **options: Any,
) -> ConductanceSolution:
    """Permeability to viscous flow, m2, from a local hydraulic conductivity in each voxel.

    `local_thickness` w and `wall_distance` d (from the centre of the voxel to the wall) in m, of the shape of the
    image; so is `edge_across` (`edges_across`), which voxels that are not cubes need. The law is
    `hydraulic_conductivity_local`, the parabolic profile of a slit or tube; a microcrack inside a voxel has w^2/12 times
    its void. Exact for straight slits whose voxels are at least half void; elsewhere an estimate without a Stokes solve.
    `options` as in `solve_conductance`.
    """
    field = viscous_conductivities(
        image, local_thickness, wall_distance, edge_across=edge_across, pore_shape=pore_shape
    )
    return solve_conductance(image, axis, field, **options)


def viscous_conductivities(
    image: VoxelImage,
    local_thickness: FloatArray,
    wall_distance: FloatArray,
    *,
    edge_across: FloatArray | None = None,
    pore_shape: PoreShape = "slit",
) -> FloatArray:
    """Hydraulic conductivity of the void of each voxel, m2: the field that `solve_viscous_flow` solves with."""
    _check_map(image, local_thickness, "local_thickness")
    _check_map(image, wall_distance, "wall_distance")
    if edge_across is not None:
        _check_map(image, edge_across, "edge_across")
    field = np.empty(image.shape, np.float32)
    for slab in _slabs(image, _SMALL_SLAB):
        edge = None if edge_across is None else edge_across[slab]
        maps = (local_thickness[slab], wall_distance[slab])
        found = hydraulic_conductivity_local(*maps, image.spacing, pore_shape, edge)
        if image.pore_width is not None:
            width = image.pore_width[slab]
            found = np.where(_cracked(image.void[slab], width), np.square(width) / 12.0, found)
        field[slab] = found
    return field


def tensor(image: VoxelImage, **options: Any) -> DiffusivityTensor:
    """Relative diffusivity along all three axes: the full tensor of an image that repeats along all, else its diagonal.

    `options` as in `solve_diffusion`.
    """
    solving = {name: options.pop(name) for name in ("tolerance", "flux_map", "progress") if name in options}
    _check(
        image, 0, solving.get("tolerance", TOLERANCE), options.get("precision", "auto"), options.get("conductivity"),
        "conductivity",
    )  # fmt: skip
    shared = Conduction(image, options.pop("conductivity", None), relative=True, **options)
    found = tuple(shared.diffusion(axis, **solving) for axis in AXES)
    values = np.full((3, 3), np.nan)
    for axis, solution in zip(AXES, found, strict=True):
        if solution.column is not None:
            values[:, axis] = solution.column
        values[axis, axis] = solution.diffusivity_relative
    return DiffusivityTensor(values=values, solutions=(found[0], found[1], found[2]))


def apertures_of_voids(void: npt.NDArray[Any], pore_width: npt.NDArray[Any] | None) -> npt.NDArray[Any]:
    """Share of a voxel's faces through which its void reaches: the void fraction of a voxel that a wall cuts.

    1 in a voxel with microcracks narrower than itself (`pore_width`), whose void counts by `conductivity_of_voids`.
    """
    return void if pore_width is None else np.where(_cracked(void, pore_width), 1.0, void).astype(void.dtype)


def conductivity_of_voids(
    void: npt.NDArray[Any], pore_width: npt.NDArray[Any] | None, normal: npt.NDArray[Any] | None
) -> npt.NDArray[Any]:
    """Conductivity along one axis of the void of voxels, relative to free space: 1 where there is any, but in cracks.

    A voxel of void fraction a with microcracks narrower than itself conducts by a (1 - n^2), with `normal` n the part
    of their unit normal along the axis: nothing passes across the sheets. Cracks without a direction (`normal` None or
    all zero) count as random, 2/3 a.
    """
    some = (void > 0).astype(void.dtype)
    if pore_width is None:
        return some
    along = RANDOM_SHEETS if normal is None else 1.0 - np.square(normal)
    return np.where(_cracked(void, pore_width), void * along, some).astype(void.dtype)


def _cracked(void: npt.NDArray[Any], pore_width: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    return (pore_width > 0) & (void > 0) & (void < 1)


def _cracked_voxels(image: VoxelImage) -> bool:
    """Whether any voxel holds microcracks narrower than itself."""
    return image.pore_width is not None and bool(_cracked(image.void, image.pore_width).any())


def _width(image: VoxelImage, local_thickness: FloatArray) -> FloatArray:
    if image.pore_width is None:
        return local_thickness
    return np.where(_cracked(image.void, image.pore_width), image.pore_width, local_thickness).astype(np.float32)


def _check_map(image: VoxelImage, values: FloatArray, field: str) -> None:
    faults = _faults_of_map(image, values, field)
    if faults:
        raise InvalidInput(faults, image.name)


def _faults_of_map(image: VoxelImage, values: FloatArray, field: str) -> list[Fault]:
    if values.shape != image.shape:
        reason = "It does not have the shape of the image."
        return [Fault(field, str(values.shape), str(image.shape), reason, "Give one value for each voxel.")]
    if not (np.isfinite(values).all() and (values >= 0).all()):
        return [Fault(field, "", "0 or more, finite", "Some values are not.", "Write 0 where nothing conducts.")]
    return []


def _check(
    image: VoxelImage, axis: int, tolerance: float, precision: str, values: FloatArray | None, field: str
) -> None:
    faults = []
    if axis not in AXES:
        reason = "An image has three axes: 0 is x, 1 is y, 2 is z."
        faults.append(Fault("axis", str(axis), "0, 1 or 2", reason, "Name one of them."))
    if not 0.0 < tolerance < 1.0:
        reason = "It is the relative error at which the solver stops."
        faults.append(Fault("tolerance", str(tolerance), "above 0, below 1", reason, f"The default is {TOLERANCE:g}."))
    if precision not in ("auto", "single", "double"):
        reason = "There is no such precision."
        faults.append(Fault("precision", str(precision), "auto, single, double", reason, 'Write "auto".'))
    if values is not None:
        faults.extend(_faults_of_map(image, values, field))
    if faults:
        raise InvalidInput(faults, image.name)


# ---- assembly -------------------------------------------------------------------------------------------------------


def count_links(i: int, j: int, k: int, code: Any, fixed: int, n0: int, n1: int, n2: int) -> None:
    """Write the numbers of links of an open voxel into its code. A fixed end face is half a voxel away: two links."""
    a, b, c = i + 1, j + 1, k + 1
    # Other voxels change only the low bits of their code meanwhile; the bit that is read here stays.
    along_0 = (code[a - 1, b, c] >> 6) + (code[a + 1, b, c] >> 6) + 2 * (fixed == 0) * ((i == 0) + (i == n0 - 1))
    along_1 = (code[a, b - 1, c] >> 6) + (code[a, b + 1, c] >> 6) + 2 * (fixed == 1) * ((j == 0) + (j == n1 - 1))
    along_2 = (code[a, b, c - 1] >> 6) + (code[a, b, c + 1] >> 6) + 2 * (fixed == 2) * ((k == 0) + (k == n2 - 1))
    code[a, b, c] = (code[a, b, c] >> 6) * (OPEN | along_0 | (along_1 << 2) | (along_2 << 4))


def links_of_code(i: int, j: int, k: int, code: Any, links: Any) -> None:
    """Bits 0, 1, 2: the lower face along that axis conducts; bit 6: the voxel is open. From open voxels."""
    a, b, c = i + 1, j + 1, k + 1
    below = (code[a - 1, b, c] >> 6) | ((code[a, b - 1, c] >> 6) << 1) | ((code[a, b, c - 1] >> 6) << 2)
    links[i, j, k] = (code[a, b, c] >> 6) * (OPEN | below)


def links_of_faces(i: int, j: int, k: int, g0: Any, g1: Any, g2: Any, links: Any) -> None:
    """Bits 0, 1, 2: the lower face along that axis conducts; bit 6: the voxel is open. From face conductances."""
    a, b, c = i + 1, j + 1, k + 1
    bits = (g0[a, b, c] > 0) | ((g1[a, b, c] > 0) << 1) | ((g2[a, b, c] > 0) << 2)
    if bits or g0[a + 1, b, c] > 0 or g1[a, b + 1, c] > 0 or g2[a, b, c + 1] > 0:
        bits |= OPEN
    links[i, j, k] = bits


def faces_from_cells(
    i: int, j: int, k: int, cell: Any, aperture: Any, g: Any, axis: int, n: int, fixed: bool, weight: float
) -> None:
    """Conductance of the lower face of a voxel: both halves in series, through the open part of the face.

    A fixed end face has one half, which is twice as short.
    """
    i, j, k = i + 1, j + 1, k + 1
    p, q, r = i - (axis == 0), j - (axis == 1), k - (axis == 2)
    here, below = cell[i, j, k], cell[p, q, r]
    open_here, open_below = aperture[i, j, k], aperture[p, q, r]
    face = 0.0
    if here > 0 and below > 0 and open_here > 0 and open_below > 0:
        face = (open_here + open_below) * here * below / (here + below)
    place = i if axis == 0 else (j if axis == 1 else k)
    if fixed and place == 1:
        face = 2.0 * here * open_here
    if fixed and place == n + 1:
        face = 2.0 * below * open_below
    g[i, j, k] = weight * face


def close_dropped(i: int, j: int, k: int, kept: Any, g0: Any, g1: Any, g2: Any, n0: int, n1: int, n2: int) -> None:
    """Set the faces of voxels that lead nowhere to zero. A conducting face never lies between kept and dropped."""
    if kept[i, j, k] == 0:
        a, b, c = i + 1, j + 1, k + 1
        g0[a, b, c] = 0
        g1[a, b, c] = 0
        g2[a, b, c] = 0
        if i == n0 - 1:
            g0[a + 1, b, c] = 0
        if j == n1 - 1:
            g1[a, b + 1, c] = 0
        if k == n2 - 1:
            g2[a, b, c + 1] = 0


@njit(cache=True)
def _root(parent: Any, voxel: int) -> int:
    while parent[voxel] != voxel:
        parent[voxel] = parent[parent[voxel]]
        voxel = parent[voxel]
    return voxel


@njit(cache=True)
def _join(parent: Any, first: int, second: int) -> int:
    a, b = _root(parent, first), _root(parent, second)
    if a < b:
        parent[b] = a
        return a
    parent[a] = b
    return b


@njit(cache=True)
def _label(links: Any, parent: Any) -> None:
    """Number of the first voxel of its cluster for each open voxel, -1 for the others. Faces 0 of each axis are left."""
    n0, n1, n2 = links.shape
    for i in range(n0):
        for j in range(n1):
            for k in range(n2):
                bits = links[i, j, k]
                voxel = (i * n1 + j) * n2 + k
                if bits < 64:
                    parent[voxel] = -1
                    continue
                parent[voxel] = voxel
                root = voxel
                if k > 0 and bits & 4:
                    root = _root(parent, voxel - 1)
                    parent[voxel] = root
                if j > 0 and bits & 2:
                    root = _join(parent, root, voxel - n2)
                if i > 0 and bits & 1:
                    _join(parent, root, voxel - n1 * n2)
    for voxel in range(parent.size):
        if parent[voxel] >= 0:
            parent[voxel] = parent[parent[voxel]]


@njit(cache=True)
def _mark_clusters_of(seeds: Any, parent: Any) -> Any:
    """First voxels of the clusters that hold a seed, each once; their parent becomes -2."""
    found = np.empty(16, np.int64)
    count = 0
    for voxel in range(parent.size):
        first = parent[voxel]
        if seeds[voxel] and first >= 0 and parent[first] != -2:
            if count == found.size:
                found = np.concatenate((found, np.empty_like(found)))
            found[count] = first
            count += 1
            parent[first] = -2
    return found[:count]


@njit(cache=True)
def _keep(parent: Any, kept: Any) -> None:
    """Mark the voxels whose cluster was marked by a parent of -2 at its first voxel."""
    for voxel in range(parent.size):
        first = parent[voxel]
        kept[voxel] = first == -2 or (first >= 0 and parent[first] == -2)


class _Clusters:
    """Clusters joined across the seams of a periodic image, with the number of turns along the axis of the flow."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}
        self.turns: dict[int, int] = {}
        self.endless: set[int] = set()

    def find(self, name: int) -> tuple[int, int]:
        path, turns = [], 0
        while self.parent.setdefault(name, name) != name:
            path.append(name)
            name = self.parent[name]
        for passed in reversed(path):
            turns += self.turns[passed]
            self.parent[passed], self.turns[passed] = name, turns
        return name, turns

    def join(self, first: int, second: int, turn: int) -> None:
        """`second` lies `turn` turns further than `first`; a cluster that meets itself further on never ends."""
        (a, turns_a), (b, turns_b) = self.find(first), self.find(second)
        if a == b:
            if turns_b - turns_a != turn:
                self.endless.add(a)
            return
        self.parent[b], self.turns[b] = a, turns_a + turn - turns_b
        if b in self.endless:
            self.endless.add(a)


def _pairs(first: npt.NDArray[Any], second: npt.NDArray[Any], linked: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [tuple(pair) for pair in np.unique(np.stack([first[linked], second[linked]]), axis=1).T.tolist()]


def _through(
    links: npt.NDArray[np.uint8],
    periodic: tuple[bool, bool, bool],
    axis: int,
    ends: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None = None,
    seeds: npt.NDArray[np.bool_] | None = None,
) -> npt.NDArray[np.bool_]:
    """Voxels whose cluster connects both ends along the axis; with `seeds`, those whose cluster holds one of them.

    `ends` tells which voxels of the first and the last layer have an end face that conducts; None: every open one. 5 bytes a
    voxel meanwhile.
    """
    parent = np.empty(links.size, np.int32 if links.size < 2**31 else np.int64)
    _label(links, parent)
    labels = parent.reshape(links.shape)
    clusters = _Clusters()
    for along in AXES:
        if periodic[along]:
            first, last = np.asarray(labels.take(0, along)), np.asarray(labels.take(-1, along))
            linked = np.asarray((links.take(0, along) & (1 << along)) > 0)
            for above, below in _pairs(first, last, linked):
                clusters.join(below, above, int(along == axis))
    faces: list[Any] = [labels.take(place, axis) for place in (0, -1)]
    if ends is not None and not periodic[axis]:
        faces = [np.where(conducts, face, -1) for face, conducts in zip(faces, ends, strict=True)]
    inlet, outlet = ({int(name) for name in np.unique(face) if name >= 0} for face in faces)
    seeded = [] if seeds is None else _mark_clusters_of(seeds.reshape(-1), parent).tolist()
    if seeds is not None:
        good = {clusters.find(name)[0] for name in seeded}
    elif periodic[axis]:
        good = {clusters.find(name)[0] for name in clusters.endless}
    else:
        good = {clusters.find(name)[0] for name in inlet} & {clusters.find(name)[0] for name in outlet}
    names = [name for name in tuple(clusters.parent) if clusters.find(name)[0] in good]
    parent[names] = -2
    kept = np.empty(links.size, np.bool_)
    _keep(parent, kept)
    return kept.reshape(links.shape)


@dataclass(frozen=True, eq=False)
class _Problem:
    operator: Operator
    porosity_open: float
    connected: bool
    kept: npt.NDArray[np.bool_] | None = None
    """Voxels that take part, where the solver needs to know."""


_CPU = Device("cpu", "processor")


def _weights(image: VoxelImage) -> tuple[float, float, float]:
    """Conductance of a link of free space along each axis, over the largest of the three."""
    found = [image.voxel_volume / spacing**2 for spacing in image.spacing]
    return tuple(value / max(found) for value in found)  # type: ignore[return-value]


def _fill_ghosts(array: Any, image: VoxelImage) -> None:
    for axis in AXES:
        if image.periodic[axis]:
            _CPU.run(wrap, plane(image.shape, axis), array, axis, image.shape[axis])


def _binary_problem(image: VoxelImage, axis: int, grid: Grid) -> _Problem:
    fixed = -1 if image.periodic[axis] else axis
    code = np.zeros(padded(image.shape), np.uint8)
    inside = code[1:-1, 1:-1, 1:-1]
    np.multiply(image.void, np.uint8(OPEN), out=inside)
    _fill_ghosts(code, image)
    links = np.empty(image.shape, np.uint8)
    _CPU.run(links_of_code, image.shape, code, links)
    kept = _through(links, image.periodic, axis)
    count = int(np.count_nonzero(kept))
    np.multiply(kept, np.uint8(OPEN), out=inside)
    del links, kept
    _fill_ghosts(code, image)
    _CPU.run(count_links, image.shape, code, fixed, *image.shape)
    operator = CodeOperator(grid, grid.device.array(code), _weights(image), fixed)
    return _Problem(operator, count / image.void.size, count > 0)


def _slabs(image: VoxelImage, size: int = _SLAB) -> Iterator[slice]:
    step = max(1, size // (image.shape[1] * image.shape[2]))
    return (slice(start, min(start + step, image.shape[0])) for start in range(0, image.shape[0], step))


def _inside(slab: slice) -> tuple[slice, slice, slice]:
    return slice(slab.start + 1, slab.stop + 1), slice(1, -1), slice(1, -1)


def _apertures(image: VoxelImage, dtype: Any) -> Any:
    """Open share of every voxel, with ghosts."""
    found = np.zeros(padded(image.shape), dtype)
    for slab in _slabs(image):
        width = None if image.pore_width is None else image.pore_width[slab]
        found[_inside(slab)] = apertures_of_voids(image.void[slab].astype(dtype), width)
    _fill_ghosts(found, image)
    return found


def _fill_cells(cell: Any, image: VoxelImage, conductivity: FloatArray | None, unit: float, axis: int) -> None:
    """Conductivity of the void of every voxel along an axis, relative to `unit`, a slab at a time."""
    for slab in _slabs(image):
        width = None if image.pore_width is None else image.pore_width[slab]
        normal = None
        if image.pore_normal is not None and width is not None:
            unknown = ~image.pore_normal[:, slab].any(axis=0)
            normal = np.where(unknown, np.float32(math.sqrt(1.0 - RANDOM_SHEETS)), image.pore_normal[axis][slab])
        found = conductivity_of_voids(image.void[slab].astype(cell.dtype), width, normal)
        if conductivity is not None:
            found *= conductivity[slab] / unit
        found[found < SMALLEST_CONDUCTIVITY] = 0.0
        cell[_inside(slab)] = found
    _fill_ghosts(cell, image)


def _links_of_open(links: npt.NDArray[np.uint8], image: VoxelImage) -> npt.NDArray[np.uint8]:
    """The links between voxels that count as open: a way through leads over them alone, as in `connection`.

    What is less than half void conducts beside such a way, where it belongs to the pore that a wall cuts, and makes none.
    """
    opened = image.open_voxels()
    if opened[links > 0].all():
        return links
    found = np.where(opened, links, np.uint8(0))
    for along in AXES:
        bit = np.uint8(1 << along)
        upper = tuple(slice(1, None) if axis == along else slice(None) for axis in AXES)
        lower = tuple(slice(None, -1) if axis == along else slice(None) for axis in AXES)
        found[upper] &= np.where(opened[lower], np.uint8(255), ~bit)
        if image.periodic[along]:
            first = tuple(slice(0, 1) if axis == along else slice(None) for axis in AXES)
            last = tuple(slice(-1, None) if axis == along else slice(None) for axis in AXES)
            found[first] &= np.where(opened[last], np.uint8(255), ~bit)
    return found


def _faces(
    image: VoxelImage, axis: int, dtype: Any, conductivity: FloatArray | None, unit: float
) -> tuple[list[Any], npt.NDArray[np.uint8]]:
    """Conductances of the lower faces along each axis for a flow along `axis`, and which of them conduct."""
    aperture = _apertures(image, dtype)
    cell = np.zeros(padded(image.shape), dtype)
    faces: list[Any] = []
    weights = _weights(image)
    for along in AXES:
        if along == 0 or (image.pore_width is not None and image.pore_normal is not None):
            _fill_cells(cell, image, conductivity, unit, along)
        g = np.zeros(padded(image.shape), dtype)
        fixed = along == axis and not image.periodic[axis]
        launched, n = faces_of(image.shape, along), image.shape[along]
        _CPU.run(faces_from_cells, launched, cell, aperture, g, along, n, fixed, dtype(weights[along]))
        faces.append(g)
    links = np.empty(image.shape, np.uint8)
    _CPU.run(links_of_faces, image.shape, *faces, links)
    return faces, links


def _kept(
    image: VoxelImage, axis: int, faces: list[Any], links: npt.NDArray[np.uint8]
) -> tuple[npt.NDArray[np.bool_], bool]:
    """Voxels of the clusters that a way through belongs to, and whether there is one."""
    inside = (slice(1, -1), slice(1, -1))
    first, last = (np.take(faces[axis], place, axis)[inside] > 0 for place in (1, image.shape[axis] + 1))
    ways = _links_of_open(links, image)
    way = _through(ways, image.periodic, axis, (first, last))
    connected = bool(way.any())
    # Where all that conducts counts as open, the clusters are those of the ways.
    return (way if ways is links or not connected else _through(links, image.periodic, axis, seeds=way)), connected


def _open_void(image: VoxelImage, kept: npt.NDArray[np.bool_]) -> float:
    return float(np.sum(image.void, where=kept, dtype=np.float64)) / image.void.size


def _general_problem(
    image: VoxelImage, axis: int, grid: Grid, conductivity: FloatArray | None, unit: float
) -> _Problem:
    faces, links = _faces(image, axis, grid.dtype, conductivity, unit)
    kept, connected = _kept(image, axis, faces, links)
    _CPU.run(close_dropped, image.shape, kept.view(np.uint8), *faces, *image.shape)
    moved = [grid.device.array(faces.pop(0)) for _ in AXES]
    operator = FaceOperator(grid, (moved[0], moved[1], moved[2]))
    return _Problem(operator, _open_void(image, kept), connected)


# ---- solution and fluxes --------------------------------------------------------------------------------------------


def divergence(i: int, j: int, k: int, g: Any, right: Any, axis: int, n: int, fixed: bool) -> None:
    """Net flux out of a voxel under the straight profile, which the deviation has to balance."""
    a, b, c = i + 1, j + 1, k + 1
    place = i if axis == 0 else (j if axis == 1 else k)
    lower = g[a, b, c] * (0.5 if fixed and place == 0 else 1.0)
    upper = g[a + (axis == 0), b + (axis == 1), c + (axis == 2)] * (0.5 if fixed and place == n - 1 else 1.0)
    right[a, b, c] = upper - lower


def flux_of_line(i: int, j: int, k: int, g: Any, u: Any, sums: Any, axis: int, n: int, fixed: bool, line: int) -> None:
    """Flux through the lower faces of a line of voxels across the axis, in float64: along axis 2, or 1 for axis 2."""
    place = i if axis == 0 else (j if axis == 1 else k)
    distance = 0.5 if fixed and (place == 0 or place == n) else 1.0
    flux = 0.0
    for step in range(line):
        a = i + 1
        b = step + 1 if axis == 2 else j + 1
        c = k + 1 if axis == 2 else step + 1
        difference = np.float64(u[a, b, c]) - np.float64(u[a - (axis == 0), b - (axis == 1), c - (axis == 2)])
        flux += np.float64(g[a, b, c]) * (distance + difference)
    if axis == 2:
        sums[i, k] = flux
    else:
        sums[i, j] = flux


def flux_across(i: int, j: int, k: int, g: Any, u: Any, axis: int) -> float:
    """Flux through the lower face of a voxel along another axis than that of the flow."""
    a, b, c = i + 1, j + 1, k + 1
    difference = np.float64(u[a, b, c]) - np.float64(u[a - (axis == 0), b - (axis == 1), c - (axis == 2)])
    return np.float64(g[a, b, c]) * difference


def add_flux_squared(
    i: int, j: int, k: int, g: Any, u: Any, out: Any, axis: int, n: int, flow: bool, fixed: bool, scale: float
) -> None:
    """Add the square of the flux along an axis, the mean of both faces of the voxel."""
    a, b, c = i + 1, j + 1, k + 1
    place = i if axis == 0 else (j if axis == 1 else k)
    x, y, z = axis == 0, axis == 1, axis == 2
    straight_lower = straight_upper = 1.0 if flow else 0.0
    if fixed:
        straight_lower = 0.5 if place == 0 else 1.0
        straight_upper = 0.5 if place == n - 1 else 1.0
    lower = g[a, b, c] * (straight_lower + u[a, b, c] - u[a - x, b - y, c - z])
    upper = g[a + x, b + y, c + z] * (straight_upper + u[a + x, b + y, c + z] - u[a, b, c])
    flux = 0.5 * scale * (lower + upper)
    out[i, j, k] += flux * flux


@dataclass(frozen=True, kw_only=True, eq=False)
class _Raw:
    connected: bool
    mean: float
    porosity_open: float
    column: tuple[float, float, float] | None
    flux_in: float
    flux_out: float
    flux_imbalance: float
    iterations: int
    residual: float
    reason: str
    precision: str
    device: str
    flux_magnitude: FloatArray | None


class Conduction:
    """Conduction through an image, to be solved along several axes: what these have in common is made once.

    The void of each voxel conducts by `conductivity_field`, in any unit (None: as free space). `relative`: the field counts
    relative to free space, as that of `solve_diffusion` does, and is not scaled. What is common are the conductances and, for
    images with microcracks that repeat along every axis, the levels of the solver. `device`, `precision` and errors as in
    `solve_diffusion`; images with microcracks are solved on the processor whatever the device, by `algebraic_multigrid`.
    """

    def __init__(
        self,
        image: VoxelImage,
        conductivity_field: FloatArray | None = None,
        *,
        device: str = "cpu",
        precision: Precision = "auto",
        relative: bool = False,
    ) -> None:
        """Check and keep what is given; nothing is computed yet."""
        _check(image, 0, TOLERANCE, precision, conductivity_field, "conductivity_field")
        largest = 0.0 if relative or conductivity_field is None else float(np.max(conductivity_field, initial=0.0))
        self._image, self._field, self._unit = image, conductivity_field, largest if largest > 0.0 else 1.0
        # Conductances that differ by orders of magnitude, and are few: levels that follow them beat a GPU.
        self._cracked = _cracked_voxels(image)
        self._device = _CPU if self._cracked else choose_device(device)
        small = image.void.size <= DOUBLE_UP_TO
        double = precision == "double" or (precision == "auto" and (small or self._cracked))
        self._dtype: Any = np.float64 if double else np.float32
        self._assembled: tuple[int, list[Any], npt.NDArray[np.uint8]] | None = None
        self._levels: tuple[int, npt.NDArray[np.bool_], FaceOperator, AlgebraicMultigrid] | None = None

    def diffusion(
        self,
        axis: Axis,
        *,
        tolerance: float = TOLERANCE,
        flux_map: bool = False,
        progress: Progress | None = None,
    ) -> DiffusionSolution:
        """Relative diffusivity along an axis, where the field is relative to free space; as `solve_diffusion`."""
        raw = self._solve(axis, tolerance, flux_map, progress)
        return DiffusionSolution(
            axis=axis,
            connected=raw.connected,
            diffusivity_relative=raw.mean,
            porosity_open=raw.porosity_open,
            column=raw.column,
            flux_in=raw.flux_in,
            flux_out=raw.flux_out,
            flux_imbalance=raw.flux_imbalance,
            iterations=raw.iterations,
            residual=raw.residual,
            converged=not raw.reason,
            reason=raw.reason,
            precision=raw.precision,
            device=raw.device,
            flux_magnitude=raw.flux_magnitude,
        )

    def conductance(
        self,
        axis: Axis,
        *,
        tolerance: float = TOLERANCE,
        flux_map: bool = False,
        progress: Progress | None = None,
    ) -> ConductanceSolution:
        """Effective conductivity along an axis, in the unit of the field; as `solve_conductance`."""
        raw, unit = self._solve(axis, tolerance, flux_map, progress), self._unit
        magnitude = raw.flux_magnitude
        if magnitude is not None:
            magnitude *= np.float32(unit)
        return ConductanceSolution(
            axis=axis,
            connected=raw.connected,
            conductivity_effective=raw.mean * unit,
            flux_in=raw.flux_in * unit,
            flux_out=raw.flux_out * unit,
            flux_imbalance=raw.flux_imbalance,
            iterations=raw.iterations,
            residual=raw.residual,
            converged=not raw.reason,
            reason=raw.reason,
            precision=raw.precision,
            device=raw.device,
            flux_magnitude=magnitude,
        )

    def _solve(self, axis: Axis, tolerance: float, flux_map: bool, progress: Progress | None) -> _Raw:
        image, field, device, dtype = self._image, self._field, self._device, self._dtype
        _check(image, axis, tolerance, "auto", None, "")
        grid = Grid(device, image.shape, image.periodic, dtype)
        fixed = not image.periodic[axis]
        if self._cracked:
            problem, levels = self._cracked_problem(axis, grid)
        # A single layer between two fixed faces has four half-links, more than its code can count.
        elif image.is_binary and field is None and not (fixed and image.shape[axis] == 1):
            problem, levels = _binary_problem(image, axis, grid), None
        else:
            problem, levels = _general_problem(image, axis, grid, field, self._unit), None
        settings = {"precision": "double" if dtype is np.float64 else "single", "device": device.name}
        full = all(image.periodic)
        if not problem.connected:
            nothing = np.zeros(image.shape, np.float32) if flux_map else None
            return _Raw(
                connected=False, mean=0.0, porosity_open=0.0, column=(0.0, 0.0, 0.0) if full else None, flux_in=0.0,
                flux_out=0.0, flux_imbalance=0.0, iterations=0, residual=0.0, reason="", flux_magnitude=nothing,
                **settings,
            )  # fmt: skip
        operator, weights = problem.operator, _weights(image)
        right = grid.vector()
        scratch = grid.vector() if isinstance(operator, CodeOperator) else None
        device.run(divergence, image.shape, operator.faces(axis, scratch), right, axis, image.shape[axis], fixed)
        del scratch
        options: dict[str, Any] = {
            "tolerance": tolerance,
            "most_iterations": MOST_ITERATIONS,
            "progress": progress,
        }
        if levels is None:
            solved = conjugate_gradients(operator, right, weights, **options)
        else:
            solved = _solve_on_graph(levels, operator, right, problem.kept, axis, fixed, options)
        sections, mean, imbalance = _balance(operator, solved, axis, fixed)
        area = weights[axis] * image.void.size / image.shape[axis]
        sections, mean = sections / area, mean / area
        column = _column(operator, solved, axis, image, mean) if full else None
        magnitude = _magnitude(operator, solved, axis, fixed, image) if flux_map else None
        return _Raw(
            connected=True, mean=mean, porosity_open=problem.porosity_open, column=column,
            flux_in=float(sections[0]), flux_out=float(sections[-1]), flux_imbalance=imbalance,
            iterations=solved.iterations, residual=solved.residual, reason=_why_not_converged(solved, imbalance),
            flux_magnitude=magnitude, **settings,
        )  # fmt: skip

    def _cracked_problem(self, axis: Axis, grid: Grid) -> tuple[_Problem, AlgebraicMultigrid | None]:
        """The equations of an image with microcracks and their levels: those of the axis before, where they are equal."""
        image = self._image
        fixed = -1 if image.periodic[axis] else axis
        if self._assembled is None or self._assembled[0] != fixed:
            self._levels = None
            self._assembled = (fixed, *_faces(image, axis, grid.dtype, self._field, self._unit))
        faces, links = self._assembled[1:]
        kept, connected = _kept(image, axis, faces, links)
        void = _open_void(image, kept)
        if self._levels is None or not np.array_equal(kept, self._levels[1]):
            self._levels = None
            if not np.array_equal(kept, links > 0):
                faces = [g.copy() for g in faces]
                _CPU.run(close_dropped, image.shape, kept.view(np.uint8), *faces, *image.shape)
            operator = FaceOperator(grid, (faces[0], faces[1], faces[2]))
            if not connected:
                return _Problem(operator, void, connected, kept), None
            # Nothing here holds on to the graph, which is as large as its levels.
            levels = AlgebraicMultigrid(graph_of(kept, operator.conductances, image.periodic))
            self._levels = (fixed, kept, operator, levels)
        return _Problem(self._levels[2], void, connected, kept), self._levels[3]


def _solve_on_graph(
    levels: AlgebraicMultigrid,
    operator: Operator,
    right: Any,
    kept: Any,
    axis: int,
    fixed: bool,
    options: dict[str, Any],
) -> Solved:
    """Solution on the grid, good enough for every cross-section to pass the same flux; `right` is overwritten by it.

    Where hardly anything passes along the axis and much along others, that takes more than the tolerance.
    """
    inner = right[1:-1, 1:-1, 1:-1]

    def on_grid(potential: npt.NDArray[np.float64]) -> Solved:
        inner[kept] = potential
        operator.grid.fill_ghosts(right)
        return Solved(right, 0, 0.0, True, (None, None, None))

    def settled(potential: npt.NDArray[np.float64]) -> bool:
        return _balance(operator, on_grid(potential), axis, fixed)[2] <= MOST_IMBALANCE

    found = levels.solve(inner[kept].astype(np.float64), settled=settled, **options)
    return dataclasses.replace(
        on_grid(found.potential), iterations=found.iterations, residual=found.residual, converged=found.converged
    )


def _balance(
    operator: Operator, solved: Solved, axis: int, fixed: bool
) -> tuple[npt.NDArray[np.float64], float, float]:
    """Flux through every cross-section, the mean, and the largest deviation from it over the mean."""
    sections = _fluxes(operator, solved, axis, fixed)
    shares = np.ones(len(sections))
    if fixed:
        shares[[0, -1]] = 0.5  # half as far from the next potential
    mean = float(np.average(sections, weights=shares))
    with np.errstate(divide="ignore", invalid="ignore"):
        return sections, mean, float(np.abs(sections / mean - 1.0).max())


def _why_not_converged(solved: Solved, imbalance: float) -> str:
    """Why a solution does not count as one; empty where it does. A balance that is not a number is none."""
    if not solved.converged:
        return (
            f"The solver stopped after {solved.iterations} iterations at a relative residual of {solved.residual:.1e}."
        )
    if not imbalance <= MOST_IMBALANCE:
        return f"The flux differs by {imbalance:.1e} of its mean between cross-sections, and {MOST_IMBALANCE:.0e} is allowed."
    return ""


def _fluxes(operator: Operator, solved: Solved, axis: int, fixed: bool) -> npt.NDArray[np.float64]:
    """Flux through every cross-section, with both end faces where they are fixed."""
    grid = operator.grid
    n = grid.shape[axis]
    launched: list[int] = list(faces_of(grid.shape, axis) if fixed else grid.shape)
    across = 1 if axis == 2 else 2
    line, launched[across] = grid.shape[across], 1
    sums = grid.device.zeros((launched[0], launched[2] if axis == 2 else launched[1]), np.float64)
    shape: Shape = (launched[0], launched[1], launched[2])
    g = operator.faces(axis, solved.spare[0])
    grid.device.run(flux_of_line, shape, g, solved.solution, sums, axis, n, fixed, line)
    return grid.device.host(sums).sum(axis=1 if axis == 0 else 0)


def _column(
    operator: Operator, solved: Solved, axis: int, image: VoxelImage, mean: float
) -> tuple[float, float, float]:
    weights = _weights(image)
    found = []
    for along in AXES:
        if along == axis:
            found.append(mean)
            continue
        g = operator.faces(along, solved.spare[0])
        flux = operator.grid.device.total(flux_across, image.shape, g, solved.solution, along)
        stretch = image.spacing[axis] / image.spacing[along]
        found.append(flux * stretch / (weights[along] * image.void.size))
    return (found[0], found[1], found[2])


def _magnitude(operator: Operator, solved: Solved, axis: int, fixed: bool, image: VoxelImage) -> FloatArray:
    device, weights = operator.grid.device, _weights(image)
    squares = device.zeros(image.shape, np.float32)
    for along in AXES:
        g = operator.faces(along, solved.spare[0])
        scale = image.spacing[axis] / image.spacing[along] / weights[along]
        flow = along == axis
        device.run(
            add_flux_squared, image.shape, g, solved.solution, squares, along, image.shape[along], flow,
            flow and fixed, np.float32(scale),
        )  # fmt: skip
    found: FloatArray = device.host(squares)
    return np.sqrt(found, out=found)
