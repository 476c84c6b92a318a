"""The stretched blend as an image: what lies where after the deformation, on a regular grid.

The volume simulation knows void and crack of every element of the unstretched grid and where its nodes have moved. Every element is
cut into parts no longer than a voxel of the image; each part, as a box, leaves its share of the element's current volume
in the voxels that it overlaps, and a voxel takes the means. Exact where elements are stretched along the axes only; nothing
is interpolated between elements, so void is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.image import OPEN_FROM, PHASE_DOMAIN, PHASE_MATRIX, PHASE_SHELL, PHASE_VOID, faults_of_spacing
from poreline.voxels.threads import parallel

FloatArray = npt.NDArray[np.float32]

CONNECTED_FROM = 0.10
"""Void fraction from which cracks of neighbouring voxels count as connected. Assumed."""
_MOST_PARTS = 64.0
_THINNEST = 1e-3  # half the length of a part in voxels of the image, where an element is turned or crushed
_LEAST_VOLUME = 0.05  # det F below which an element counts as crushed
_NO_VOID = 1e-3  # void fraction that rounding and a corner of a crack leave in a voxel
_ALIGNED = 1e-6  # off-diagonal part of the mean gradient that a box of the image may not have
# What a voxel of the image adds up: volume, void, void of microcracks, their normals' tensor (xx, yy, zz, xy, xz, yz), the
# solid of each material, void times the void fraction of its element, then the widths and the fields.
_VOLUME, _VOID, _CRACKED, _TENSOR, _SOLID, _LOCAL, _CARRIED = 0, 1, 2, 3, 9, 12, 13


@dataclass(frozen=True, kw_only=True, eq=False)
class CurrentConfiguration:
    """The stretched structure on a regular grid that repeats along every axis."""

    void: FloatArray
    """(nx, ny, nz) void fraction of each voxel, 0 to 1."""
    phase: npt.NDArray[np.uint8]
    """Material that fills most of a voxel: 1 matrix, 2 domain, 3 shell; 0 where half or more is void that the grid resolves."""
    normal: FloatArray
    """(3, nx, ny, nz) unit normals of the microcracks, by volume; 0 where there is none."""
    cracked: npt.NDArray[np.bool_]
    """True where the void is mostly that of microcracks narrower than the grid, not of a pore that the grid resolves."""
    void_of_elements: FloatArray
    """Void fraction of the elements that the void of a voxel is from, mean over that void; more than `void` at the rim of a crack."""
    spacing: tuple[float, float, float]
    """Edges of a voxel, m."""
    widths: Mapping[str, FloatArray] = field(default_factory=dict)
    """Widths of the microcracks by name, means over their void, m; 0 where there is none."""
    fields: Mapping[str, FloatArray] = field(default_factory=dict)
    """Other values by name, means over the voxel's volume."""
    correction: float = 1.0
    """Factor on all void fractions that made the porosity that of the elements: how well boxes stand for the parts of elements."""
    missed: int = 0
    """Voxels that no part of an element came to; they have the values of their neighbours along x."""

    @property
    def porosity(self) -> float:
        """Mean void fraction."""
        return float(self.void.mean(dtype=np.float64))

    def image(self, width: str, *, connected_from: float = CONNECTED_FROM, name: str = "stretched blend") -> VoxelImage:
        """The structure as an image to be measured, with the microcracks' widths that are named `width`.

        A microcrack counts, with its width and normal, where its elements are void to `connected_from` or more; thinner void
        stays in the void fraction, closed. Raises InvalidInput for a width that was not given.
        """
        if width not in self.widths:
            reason, known = "There is no such width.", " or ".join(self.widths) or "none"
            raise InvalidInput([Fault("width", width, known, reason, "Name one of these.")], name)
        counts = self.cracked & (self.void_of_elements >= connected_from) & (self.void > _NO_VOID)
        return VoxelImage(
            void=self.void,
            spacing=self.spacing,
            periodic=(True, True, True),
            pore_width=np.where(counts, self.widths[width], np.float32(0.0)),
            pore_normal=np.where(counts, self.normal, np.float32(0.0)),
            phase=self.phase,
            name=name,
            source=("volume simulation, current configuration",),
        )


def deformation_gradient(displacement: FloatArray, mean_gradient: npt.ArrayLike) -> FloatArray:
    """Deformation gradient F = Fbar + grad u in the middle of every element, (3, 3, nx, ny, nz).

    `displacement` u of shape (3, nx, ny, nz): of the nodes, in voxels, periodic. Element (i, j, k) has the nodes
    (i + s_i, j + s_j, k + s_k), s in {0, 1}; dU/dX_j = 1/4 sum of sgn_j u. 36 bytes a voxel.
    """
    mean = np.asarray(mean_gradient, np.float64)
    faults = _faults_of_displacement(displacement, mean)
    if faults:
        raise InvalidInput(faults, "deformation gradient")
    found = np.empty((3, *displacement.shape), np.float32)
    _gradients(np.ascontiguousarray(displacement, np.float32), mean, found)
    return found


def current_configuration(
    displacement: FloatArray,
    mean_gradient: npt.ArrayLike,
    *,
    voxel_edge: float,
    void: FloatArray,
    phase: npt.NDArray[np.uint8],
    normal: FloatArray | None = None,
    widths: Mapping[str, FloatArray] | None = None,
    fields: Mapping[str, FloatArray] | None = None,
    voxels: Sequence[int] | None = None,
) -> CurrentConfiguration:
    """The deformed structure on a regular grid in space.

    `displacement` u (3, nx, ny, nz) of the nodes in voxels, periodic, and the diagonal `mean_gradient` Fbar (3, 3) place the nodes
    at Fbar X + u. `voxel_edge` in m is that of the unstretched grid. Of every element: `void` fraction of its current volume;
    `phase` (1 matrix, 2 domain, 3 shell); `normal` (3, ...) of its microcracks; `widths` by name, in m, 0 in all where the grid
    itself resolves the void; further `fields` by name. `voxels` along each axis: without them the edge of a voxel stays
    as near to `voxel_edge` as a whole number of voxels allows.

    A part of an element counts with det F of the element's middle, at least 0.05. The porosity of the result is that of the
    elements, sum(f J)/sum(J); `correction` tells what that took. Memory: 52 bytes a voxel of the image, 4 more for each
    width and field, and as much again for the result. One thread; about 3 s for 128^3 elements.

    Raises InvalidInput for shapes that do not match, a mean gradient that shears or turns the box, and phases or void fractions
    out of range.
    """
    mean = np.asarray(mean_gradient, np.float64)
    widths, fields = dict(widths or {}), dict(fields or {})
    shape = void.shape
    faults = _faults_of_displacement(displacement, mean)
    arrays: dict[str, tuple[Any, tuple[int, ...]]] = {"phase": (phase, shape)}
    arrays |= {name: (array, shape) for name, array in (widths | fields).items()}
    if normal is not None:
        arrays["normal"] = (normal, (3, *shape))
    arrays["void"] = (void, displacement.shape[1:])
    for name, (array, wanted) in arrays.items():
        if array.shape != wanted:
            reason, remedy = "It does not have the shape of the grid.", "Give one value for each element."
            faults.append(Fault(name, str(array.shape), str(wanted), reason, remedy))
    if not faults:
        faults += _faults_of_values(mean, void, phase, voxel_edge, voxels)
    if faults:
        raise InvalidInput(faults, "current configuration")
    stretch = np.diag(mean)
    counts = np.array(
        voxels if voxels is not None else [max(1, round(s * n)) for s, n in zip(stretch, shape, strict=True)]
    )
    spacing = stretch * np.array(shape) * voxel_edge / counts
    normals = normal if normal is not None else np.zeros((3, *shape), np.float32)
    given = [*widths.values(), *fields.values()]
    carried = np.ascontiguousarray(given, np.float32) if given else np.zeros((0, *shape), np.float32)
    sums = np.zeros((*counts, _CARRIED + len(carried)), np.float32)
    totals = np.zeros(2)
    _scatter(
        np.ascontiguousarray(displacement, np.float32),
        mean,
        void,
        phase,
        normals,
        carried,
        len(widths),
        sums,
        totals,
    )
    missed = _fill_missed(sums)
    return _means(sums, tuple(widths), tuple(fields), totals[0] / totals[1], tuple(float(h) for h in spacing), missed)


def _means(
    sums: FloatArray,
    widths: tuple[str, ...],
    fields: tuple[str, ...],
    porosity: float,
    spacing: tuple[float, ...],
    missed: int,
) -> CurrentConfiguration:
    volume, void, of_cracks = sums[..., _VOLUME], sums[..., _VOID], sums[..., _CRACKED]
    fraction = (void / volume).astype(np.float32)
    correction = 1.0
    for _ in range(4):  # cutting at 1 takes a little off again
        mean = float(fraction.mean(dtype=np.float64))
        if mean > 0.0:
            correction *= porosity / mean
            np.minimum(fraction * np.float32(porosity / mean), np.float32(1.0), out=fraction)
    cracked = (of_cracks > 0.5 * void) & (of_cracks > 0.0)
    weight = np.where(cracked, of_cracks, np.float32(1.0))
    normal = np.zeros((3, *fraction.shape), np.float32)
    _directions(sums, cracked, normal)
    solid = np.argmax(sums[..., _SOLID:_LOCAL], axis=-1)
    phase = np.array([PHASE_MATRIX, PHASE_DOMAIN, PHASE_SHELL], np.uint8)[solid]
    phase[(fraction >= OPEN_FROM) & ~cracked] = PHASE_VOID
    at = _CARRIED
    return CurrentConfiguration(
        void=fraction,
        phase=phase,
        normal=normal,
        cracked=cracked,
        void_of_elements=(sums[..., _LOCAL] / np.where(void > 0.0, void, np.float32(1.0))).astype(np.float32),
        spacing=spacing,  # type: ignore[arg-type]
        widths={
            name: np.where(cracked, sums[..., at + i] / weight, np.float32(0.0)).astype(np.float32)
            for i, name in enumerate(widths)
        },
        fields={name: (sums[..., at + len(widths) + i] / volume).astype(np.float32) for i, name in enumerate(fields)},
        correction=correction,
        missed=missed,
    )


def _fill_missed(sums: FloatArray) -> int:
    """Give voxels without a part the sums of the next voxel along x that has one; how many there were."""
    empty = sums[..., _VOLUME] <= 0.0
    missed = int(np.count_nonzero(empty))
    for _ in range(sums.shape[0] if missed else 0):
        before = np.roll(sums, 1, axis=0)
        sums[empty] = before[empty]
        empty = sums[..., _VOLUME] <= 0.0
        if not empty.any():
            break
    return missed


def _faults_of_displacement(displacement: FloatArray, mean: npt.NDArray[np.float64]) -> list[Fault]:
    faults = []
    if displacement.ndim != 4 or displacement.shape[0] != 3:
        reason, remedy = "It is no vector at each node.", "Put the three components first."
        faults.append(Fault("displacement", str(displacement.shape), "(3, nx, ny, nz)", reason, remedy))
    if mean.shape != (3, 3):
        reason, remedy = "It is no tensor.", "Give the mean deformation gradient."
        faults.append(Fault("mean_gradient", str(mean.shape), "(3, 3)", reason, remedy))
    return faults


def _faults_of_values(
    mean: npt.NDArray[np.float64],
    void: FloatArray,
    phase: npt.NDArray[np.uint8],
    voxel_edge: float,
    voxels: Sequence[int] | None,
) -> list[Fault]:
    faults = list(faults_of_spacing((voxel_edge,) * 3))[:1]
    if not (np.abs(mean - np.diag(np.diag(mean))).max() <= _ALIGNED and (np.diag(mean) > 0.0).all()):
        found, reason = str(mean.tolist()), "The box must keep its edges along x, y, z."
        faults.append(Fault("mean_gradient", found, "diagonal, above 0", reason, "Draw along an axis."))
    if not (np.isfinite(void).all() and float(void.min()) >= 0.0 and float(void.max()) <= 1.0):
        found, reason = f"{float(void.min()):.4g} to {float(void.max()):.4g}", "It is a share of a volume."
        faults.append(Fault("void", found, "0 to 1", reason, "Give 1 - exp(-L)."))
    if not (phase.min() >= PHASE_MATRIX and phase.max() <= PHASE_SHELL):
        found, reason = f"{phase.min()} to {phase.max()}", "An element is of a material; its void is told apart."
        faults.append(Fault("phase", found, "1, 2 or 3", reason, "1 is matrix, 2 domain, 3 shell."))
    if voxels is not None and (len(voxels) != 3 or min(voxels) < 1):
        reason = "An image has voxels along x, y and z."
        faults.append(Fault("voxels", str(tuple(voxels)), "three numbers, 1 or more", reason, "Leave them out."))
    return faults


@parallel(error_model="numpy")
def _gradients(u, mean, found):  # type: ignore[no-untyped-def]
    nx, ny, nz = u.shape[1:]
    for plane in numba.prange(nx):
        i = np.int64(plane)
        corner = np.empty((2, 2, 2))
        for j in range(ny):
            for k in range(nz):
                for c in range(3):
                    _corners(u, c, i, j, k, corner)
                    dx, dy, dz = 0.0, 0.0, 0.0
                    for a in range(2):
                        for b in range(2):
                            dx += corner[1, a, b] - corner[0, a, b]
                            dy += corner[a, 1, b] - corner[a, 0, b]
                            dz += corner[a, b, 1] - corner[a, b, 0]
                    found[c, 0, i, j, k] = mean[c, 0] + 0.25 * dx
                    found[c, 1, i, j, k] = mean[c, 1] + 0.25 * dy
                    found[c, 2, i, j, k] = mean[c, 2] + 0.25 * dz


@numba.njit(cache=True, error_model="numpy", inline="always")
def _corners(u, c, i, j, k, corner):  # type: ignore[no-untyped-def]
    """One component of the displacement at the eight nodes of an element."""
    nx, ny, nz = u.shape[1:]
    i1, j1, k1 = (i + 1) % nx, (j + 1) % ny, (k + 1) % nz
    corner[0, 0, 0], corner[0, 0, 1] = u[c, i, j, k], u[c, i, j, k1]
    corner[0, 1, 0], corner[0, 1, 1] = u[c, i, j1, k], u[c, i, j1, k1]
    corner[1, 0, 0], corner[1, 0, 1] = u[c, i1, j, k], u[c, i1, j, k1]
    corner[1, 1, 0], corner[1, 1, 1] = u[c, i1, j1, k], u[c, i1, j1, k1]


@numba.njit(cache=True, error_model="numpy")
def _scatter(u, mean, void, phase, normal, carried, widths, sums, totals):  # type: ignore[no-untyped-def]
    """Carry the parts of every element to the voxels that they overlap; totals of void and volume.

    One thread: parts of different elements meet in a voxel, and the order of a float32 sum is kept.
    """
    nx, ny, nz = void.shape
    size = np.array([nx, ny, nz])
    counts = np.array([sums.shape[0], sums.shape[1], sums.shape[2]])
    scale = np.empty(3)  # voxels of the image per voxel of length in space
    for c in range(3):
        scale[c] = counts[c] / (mean[c, c] * size[c])
    corner = np.empty((3, 2, 2, 2))
    f, edge, line = np.empty((3, 3)), np.empty((3, 2, 2)), np.empty((3, 2))
    parts, first, last = np.empty(3, np.int64), np.empty(3, np.int64), np.empty(3, np.int64)
    start, half, low, high, tensor = np.empty(3), np.empty(3), np.empty(3), np.empty(3), np.empty(6)
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                start[0], start[1], start[2] = i, j, k
                for c in range(3):
                    _corners(u, c, i, j, k, corner[c])
                    for d in range(3):
                        f[c, d] = mean[c, d]
                    for a in range(2):
                        for b in range(2):
                            f[c, 0] += 0.25 * (corner[c, 1, a, b] - corner[c, 0, a, b])
                            f[c, 1] += 0.25 * (corner[c, a, 1, b] - corner[c, a, 0, b])
                            f[c, 2] += 0.25 * (corner[c, a, b, 1] - corner[c, a, b, 0])
                ratio = max(
                    f[0, 0] * (f[1, 1] * f[2, 2] - f[1, 2] * f[2, 1])
                    - f[0, 1] * (f[1, 0] * f[2, 2] - f[1, 2] * f[2, 0])
                    + f[0, 2] * (f[1, 0] * f[2, 1] - f[1, 1] * f[2, 0]),
                    _LEAST_VOLUME,
                )
                for d in range(3):
                    span = max(abs(f[0, d]) * scale[0], abs(f[1, d]) * scale[1], abs(f[2, d]) * scale[2])
                    parts[d] = np.int64(min(_MOST_PARTS, max(1.0, np.ceil(span - 1e-6))))
                    half[d] = max(0.5 * abs(f[d, d]) * scale[d] / parts[d], _THINNEST)
                weight = ratio / (parts[0] * parts[1] * parts[2])
                fraction = np.float64(void[i, j, k])
                totals[0] += ratio * fraction
                totals[1] += ratio
                solid = _SOLID - PHASE_MATRIX + phase[i, j, k]
                n0, n1, n2 = normal[0, i, j, k], normal[1, i, j, k], normal[2, i, j, k]
                tensor[0], tensor[1], tensor[2] = n0 * n0, n1 * n1, n2 * n2
                tensor[3], tensor[4], tensor[5] = n0 * n1, n0 * n2, n1 * n2
                cracked = fraction > 0.0 and widths > 0 and carried[0, i, j, k] > 0.0
                for pa in range(parts[0]):
                    a = (pa + 0.5) / parts[0]
                    for c in range(3):
                        for s in range(2):
                            for t in range(2):
                                edge[c, s, t] = (1.0 - a) * corner[c, 0, s, t] + a * corner[c, 1, s, t]
                    for pb in range(parts[1]):
                        b = (pb + 0.5) / parts[1]
                        for c in range(3):
                            for t in range(2):
                                line[c, t] = (1.0 - b) * edge[c, 0, t] + b * edge[c, 1, t]
                        for pc in range(parts[2]):
                            e = (pc + 0.5) / parts[2]
                            for c in range(3):
                                x = mean[c, c] * (start[c] + (a if c == 0 else b if c == 1 else e))
                                x += (1.0 - e) * line[c, 0] + e * line[c, 1]
                                low[c], high[c] = x * scale[c] - half[c], x * scale[c] + half[c]
                                first[c], last[c] = np.int64(np.floor(low[c])), np.int64(np.floor(high[c]))
                            for p0 in range(first[0], last[0] + 1):
                                s0 = weight * _overlap(p0, low[0], high[0])
                                for p1 in range(first[1], last[1] + 1):
                                    s1 = s0 * _overlap(p1, low[1], high[1])
                                    for p2 in range(first[2], last[2] + 1):
                                        share = s1 * _overlap(p2, low[2], high[2])
                                        if share <= 0.0:
                                            continue
                                        voxel = sums[p0 % counts[0], p1 % counts[1], p2 % counts[2]]
                                        hollow = share * fraction
                                        voxel[_VOLUME] += share
                                        voxel[solid] += share - hollow
                                        voxel[_VOID] += hollow
                                        voxel[_LOCAL] += hollow * fraction
                                        for m in range(widths, len(carried)):
                                            voxel[_CARRIED + m] += share * carried[m, i, j, k]
                                        if cracked:
                                            voxel[_CRACKED] += hollow
                                            for m in range(6):
                                                voxel[_TENSOR + m] += hollow * tensor[m]
                                            for m in range(widths):
                                                voxel[_CARRIED + m] += hollow * carried[m, i, j, k]


@numba.njit(cache=True, error_model="numpy", inline="always")
def _overlap(voxel, low, high):  # type: ignore[no-untyped-def]
    """Share of the stretch from low to high that lies in a voxel."""
    return (min(high, voxel + 1.0) - max(low, 1.0 * voxel)) / (high - low)


@parallel(error_model="numpy")
def _directions(sums, cracked, normal):  # type: ignore[no-untyped-def]
    """Main direction of the normals in each cracked voxel, by powers of their tensor."""
    nx, ny, nz = cracked.shape
    for plane in numba.prange(nx):
        i = np.int64(plane)
        t, square = np.empty((3, 3)), np.empty((3, 3))
        for j in range(ny):
            for k in range(nz):
                tensor = sums[i, j, k, _TENSOR:_SOLID]
                trace = tensor[0] + tensor[1] + tensor[2]
                if not cracked[i, j, k] or trace <= 0.0:
                    continue
                for c in range(3):
                    t[c, c] = tensor[c] / trace
                t[0, 1], t[0, 2], t[1, 2] = tensor[3] / trace, tensor[4] / trace, tensor[5] / trace
                t[1, 0], t[2, 0], t[2, 1] = t[0, 1], t[0, 2], t[1, 2]
                for _ in range(8):  # the 256th power: the main direction, unless two are as strong to 1 %
                    norm = 0.0
                    for a in range(3):
                        for b in range(3):
                            square[a, b] = t[a, 0] * t[0, b] + t[a, 1] * t[1, b] + t[a, 2] * t[2, b]
                    norm = square[0, 0] + square[1, 1] + square[2, 2]
                    for a in range(3):
                        for b in range(3):
                            t[a, b] = square[a, b] / norm
                row = 0 if t[0, 0] >= t[1, 1] and t[0, 0] >= t[2, 2] else 1 if t[1, 1] >= t[2, 2] else 2
                length = np.sqrt(t[row, 0] ** 2 + t[row, 1] ** 2 + t[row, 2] ** 2)
                sign = 1.0 if t[row, 0] >= 0.0 else -1.0
                for c in range(3):
                    normal[c, i, j, k] = sign * t[row, c] / length
