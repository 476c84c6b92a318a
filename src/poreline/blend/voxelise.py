"""Domains on a grid: which voxel is matrix, domain or the layer between, the nearest domain, and which way its surface faces.

Voxels are hard, not mixed, and matched by volume: all voxels are ranked by their signed distance to the nearest surface;
the lowest are domain until the volume of the domains, shrunk by half the layer, is reached, the next are layer up to the
domains grown by half the layer, the rest is matrix. An inset moves both boundaries inward: a domain of voxels holds the
solid around it, with which it shares the nodes of its surface, as a somewhat larger ball would. For balls of radius r, a
layer t and an inset d the boundaries are r - t/2 - d and r + t/2 - d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from poreline.blend.packing import Array, Packing
from poreline.quantities import Fault, InvalidInput
from poreline.voxels import VoxelImage
from poreline.voxels.distance import NOWHERE, distance_to, spread_nearest
from poreline.voxels.image import PHASE_DOMAIN, PHASE_MATRIX, PHASE_SHELL
from poreline.voxels.labelling import label
from poreline.voxels.threads import parallel

FloatArray = npt.NDArray[np.float32]

MATRIX, DOMAIN, LAYER = 0, 1, 2
"""Phases of a voxelised blend. They are what the simulation computes with; an image has the labels of its own."""

_SMOOTHING = 1.0  # voxels, of the signed distance to labelled domains
_PERIODIC = (True, True, True)


@dataclass(frozen=True, kw_only=True, eq=False)
class VoxelisedBlend:
    """Domains, matrix and layer on a cubic grid that repeats along every axis. Voxel (i, j, k) has its centre at (i + 1/2, ...)."""

    phase: npt.NDArray[np.uint8]
    """(N, N, N) phase of each voxel: `MATRIX`, `DOMAIN` or `LAYER`."""
    domain: npt.NDArray[np.int32]
    """(N, N, N) number of the domain whose surface is nearest, from 0."""
    normal: FloatArray
    """(3, N, N, N) unit normal of that surface, out of the domain."""
    voxel_edge: float
    """Edge of a voxel, m."""
    layer_thickness: float
    """Thickness of the layer between domain and matrix, in voxels; 0: there is none."""
    domain_radius: Array | None = None
    """(n,) radius in m of a ball as large as each domain; None: not known."""

    def image(self, name: str = "blend", *, shell: bool = False) -> VoxelImage:
        """The blend as an image without void, to be measured, written or shown.

        The layer is labelled copolymer shell with `shell`, else matrix. Uniformity of the domains is what the image measures of the
        membrane take from it.
        """
        labels = np.array([PHASE_MATRIX, PHASE_DOMAIN, PHASE_SHELL if shell else PHASE_MATRIX], np.uint8)
        return VoxelImage(
            void=np.zeros(self.phase.shape, np.bool_),
            spacing=(self.voxel_edge,) * 3,
            periodic=_PERIODIC,
            phase=labels[self.phase],
            name=name,
        )


def voxelise(packing: Packing, voxels: int, layer_thickness: float, inset: float = 0.0) -> VoxelisedBlend:
    """A packing on a grid of `voxels` along each edge, with a layer of `layer_thickness` in voxels (0: none).

    Volumes of domain, and of domain with layer, are those of ellipsoids with semi-axes a - t/2 - d and a + t/2 - d, to half
    a voxel, d the `inset` in voxels; t = d = 0 gives the domains as they are. Distances to ellipsoids are exact. Layers meet
    where domains are closer than t - 2 d, and the matched volume then counts both. Memory: 17 bytes a voxel, 9 more at the peak.

    Raises InvalidInput for fewer than 2 voxels, a negative layer or inset, or domains that layer and inset would use up.
    """
    _check(voxels, layer_thickness, inset)
    edge = packing.edge / voxels
    semi_axes = packing.semi_axes / edge
    inward, outward = _boundaries(layer_thickness, inset)
    smallest = float(semi_axes.min())
    if -inward >= smallest:
        name, value, most = (
            ("inset", inset, smallest)
            if inset >= smallest
            else ("layer_thickness", layer_thickness, 2.0 * (smallest - inset))
        )
        reason = "Layer and inset would use up the smallest domain."
        fault = Fault(name, f"{value:g}", f"below {most:.3g} voxels", reason, "Take more voxels, or less of it.")
        raise InvalidInput([fault], "domains on a grid")
    shape = (voxels,) * 3
    distance, domain = np.empty(shape, np.float32), np.empty(shape, np.int32)
    normal = np.empty((3, *shape), np.float32)
    _distances(np.ascontiguousarray(packing.centres / edge), semi_axes, distance, domain, normal)
    volumes = [float(4.0 / 3.0 * math.pi * np.prod(semi_axes + offset, axis=1).sum()) for offset in (inward, outward)]
    inner, outer = (min(round(volume), distance.size) for volume in volumes)
    return VoxelisedBlend(
        phase=_ranked(distance, inner, outer),
        domain=domain,
        normal=normal,
        voxel_edge=edge,
        layer_thickness=layer_thickness,
        domain_radius=packing.radius,
    )


def voxelise_labels(image: VoxelImage, layer_thickness: float, inset: float = 0.0) -> VoxelisedBlend:
    """The labelled image of a real blend as a voxelised blend: the domains as they were seen, with a layer (voxels) around each.

    The first polymer (phase 2) makes the domains, each a connected region; all else is matrix, a copolymer shell
    too, since the layer is made anew. The image counts as repeating along every axis: domains that a face cuts meet
    what lies on the opposite face. Distances to the labels' surface, to half a voxel, are smoothed over a voxel; without
    layer and inset the domains keep their volume. Layer and inset as in `voxelise`; small domains that they use up are lost.

    Memory: 17 bytes a voxel, about 30 more at the peak. Raises InvalidInput for an image without phases, without both
    polymers, whose voxels or shape are not cubic, or whose domains layer and inset would all use up.
    """
    _check(image.shape[0], layer_thickness, inset)
    is_domain = _domains_of(image)
    found = label(is_domain, _PERIODIC)
    places = np.flatnonzero(is_domain)
    index = np.full(image.shape, NOWHERE, np.int32)
    index.reshape(-1)[places] = np.arange(places.size, dtype=np.int32)
    spread_nearest(index, places, (1.0, 1.0, 1.0), _PERIODIC)
    domain = (found.labels.reshape(-1)[places] - 1)[index]
    del index, places
    distance = _smooth_distance(is_domain)
    normal, slope = _gradient(distance)
    # The level that encloses as many voxels as the label does.
    volume = int(is_domain.sum())
    level = float(np.partition(distance, volume, axis=None)[volume])
    # Distances from stairs of voxels grow by less than the way gone across the surface.
    growth = float(slope[np.abs(distance - level) < 1.0].mean())
    inner, outer = (
        int(np.count_nonzero(distance < level + growth * offset)) if offset else volume
        for offset in _boundaries(layer_thickness, inset)
    )
    if not inner:
        largest = float(np.cbrt(found.volumes.max() * 6.0 / math.pi))
        reason = f"Layer and inset would use up every domain; the largest is {largest:.3g} voxels across."
        remedy = "Use an image of finer voxels, or less of it."
        raise InvalidInput(
            [Fault("layer_thickness", f"{layer_thickness:g}", "less than the domains", reason, remedy)], image.name
        )
    return VoxelisedBlend(
        phase=_ranked(distance, inner, outer),
        domain=domain.astype(np.int32, copy=False),
        normal=normal,
        voxel_edge=image.spacing[0],
        layer_thickness=layer_thickness,
        domain_radius=np.cbrt(found.volumes * image.voxel_volume * 3.0 / (4.0 * math.pi)),
    )


def _boundaries(layer_thickness: float, inset: float) -> tuple[float, float]:
    """Where the layer begins and where it ends, in voxels outward from the surface."""
    return -0.5 * layer_thickness - inset, 0.5 * layer_thickness - inset


def _check(voxels: int, layer_thickness: float, inset: float) -> None:
    faults = []
    if voxels < 2:
        faults.append(Fault("voxels", str(voxels), "2 or more", "A grid has voxels.", "32 shows few domains."))
    if not 0.0 <= layer_thickness < math.inf:
        remedy = "1 for domains that debond or carry a shell, 0 for bonded ones."
        faults.append(Fault("layer_thickness", f"{layer_thickness:g}", "0 voxels or more", "It is a length.", remedy))
    if not 0.0 <= inset < math.inf:
        remedy = "0 for domains as they are, else what inset_voxels() tells."
        faults.append(Fault("inset", f"{inset:g}", "0 voxels or more", "It is a length.", remedy))
    if faults:
        raise InvalidInput(faults, "domains on a grid")


def _domains_of(image: VoxelImage) -> npt.NDArray[np.bool_]:
    faults = []
    if not image.is_cubic or len(set(image.shape)) > 1:
        found = f"{image.shape} voxels of {tuple(float(f'{h:.4g}') for h in image.spacing)} m"
        remedy = "Resample the image and crop a cube."
        faults.append(
            Fault("image", found, "as many cubic voxels along each axis", "The simulation's cell is a cube.", remedy)
        )
    if image.phase is None:
        remedy = "Label 1 the second polymer and 2 the first."
        faults.append(Fault("phase", "none", "labels", "It does not tell one polymer from the other.", remedy))
        raise InvalidInput(faults, image.name)
    is_domain: npt.NDArray[np.bool_] = image.phase == PHASE_DOMAIN
    if not is_domain.any() or is_domain.all():
        reason = "Both polymers are needed: domains in a matrix."
        faults.append(Fault("phase", "one polymer only", "1 and 2", reason, "Check which label is which."))
    if faults:
        raise InvalidInput(faults, image.name)
    return is_domain


def _ranked(distance: FloatArray, inner: int, outer: int) -> npt.NDArray[np.uint8]:
    """Phases of voxels ranked by distance: `inner` voxels domain, up to `outer` layer; equals in the order of the grid."""
    phase = np.full(distance.shape, MATRIX, np.uint8)
    flat = phase.reshape(-1)
    for number, kind in ((outer, LAYER), (inner, DOMAIN)):
        if 0 < number < distance.size:
            level = np.partition(distance, number - 1, axis=None)[number - 1]
            below = distance < level
            phase[below] = kind
            equal = np.flatnonzero(distance == level)
            flat[equal[: number - int(np.count_nonzero(below))]] = kind
        elif number > 0:
            phase[...] = kind
    return phase


def _smooth_distance(is_domain: npt.NDArray[np.bool_]) -> FloatArray:
    from scipy.ndimage import gaussian_filter

    distance = distance_to(is_domain, periodic=_PERIODIC)
    distance -= distance_to(~is_domain, periodic=_PERIODIC)
    # Centres of voxels lie half a voxel from the face between them.
    distance -= np.where(is_domain, np.float32(-0.5), np.float32(0.5))
    return np.asarray(gaussian_filter(distance, _SMOOTHING, mode="wrap"), np.float32)


def _gradient(distance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Unit vectors along the gradient of a field on a grid that repeats, x where it has none; and its size."""
    normal = np.empty((3, *distance.shape), np.float32)
    for axis in range(3):
        normal[axis] = np.roll(distance, -1, axis) - np.roll(distance, 1, axis)
    length = np.sqrt(np.sum(np.square(normal), axis=0))
    nowhere = length < 1e-6
    normal /= np.where(nowhere, np.float32(1.0), length)
    normal[:, nowhere] = np.array([[1.0], [0.0], [0.0]], np.float32)
    return normal, np.float32(0.5) * length


@numba.njit(cache=True, error_model="numpy")
def _to_ellipsoid(x, a, out):  # type: ignore[no-untyped-def]
    """Signed distance from a point to an ellipsoid around the origin, negative inside; `out` receives the outward normal.

    Newton's method on sum (a_i y_i / (t + a_i^2))^2 = 1 with y = |x|, convex, from below its root. Source: Eberly 2013,
    Distance from a point to an ellipse, an ellipsoid, or a hyperellipsoid (not re-read).
    """
    smallest = min(a[0], a[1], a[2])
    if max(a[0], a[1], a[2]) - smallest < 1e-12 * smallest:
        length = np.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
        for i in range(3):
            out[i] = x[i] / length if length > 1e-12 * smallest else 1.0 * (i == 0)
        return length - smallest
    tiny = 1e-9 * smallest  # off the planes of symmetry, where the nearest point leaves the plane
    t = -np.inf
    for i in range(3):
        t = max(t, -a[i] * a[i] + a[i] * max(abs(x[i]), tiny))
    for _ in range(100):
        value, slope = -1.0, 0.0
        for i in range(3):
            part = a[i] * max(abs(x[i]), tiny) / (t + a[i] * a[i])
            value += part * part
            slope -= 2.0 * part * part / (t + a[i] * a[i])
        step = -value / slope
        t += step
        if step <= 1e-13 * (abs(t) + smallest * smallest):
            break
    square, length = 0.0, 0.0
    for i in range(3):
        y = max(abs(x[i]), tiny)
        out[i] = y / (t + a[i] * a[i])
        length += out[i] * out[i]
        apart = y - a[i] * a[i] * out[i]
        square += apart * apart
    length = np.sqrt(length)
    for i in range(3):
        out[i] = out[i] / length if x[i] >= 0.0 else -out[i] / length
    return np.sqrt(square) if t > 0.0 else -np.sqrt(square)


@numba.njit(cache=True, error_model="numpy")
def _bounds(x, a):  # type: ignore[no-untyped-def]
    """What the signed distance to an ellipsoid is at least and at most: from its level, and along the ray to its centre."""
    level, length = 0.0, 0.0
    for i in range(3):
        level += (x[i] / a[i]) ** 2
        length += x[i] * x[i]
    level, length = np.sqrt(level), np.sqrt(length)
    smallest = min(a[0], a[1], a[2])
    if level < 1e-9:
        return -smallest, -smallest + length
    along = length * (1.0 - 1.0 / level)
    by_level = smallest * (level - 1.0)
    return min(along, by_level), max(along, by_level)


@parallel(error_model="numpy")
def _distances(centres, semi_axes, distance, domain, normal):  # type: ignore[no-untyped-def]
    """Signed distance in voxels, nearest domain and its normal, for the centre of every voxel.

    Blocks of 8 x 8 x 8 voxels share a list of the domains that can be nearest somewhere in them. Of the images of a
    domain the one with the nearest centre is the nearest, since the distance grows with each |x|, |y|, |z|.
    """
    n = distance.shape[0]
    count = len(centres)
    blocks = (n + 8 - 1) // 8
    for part in numba.prange(blocks * blocks * blocks):
        block = np.int64(part)  # the loop's own variable is unsigned, and a signed sum with it a float
        bx, by, bz = block // (blocks * blocks), (block // blocks) % blocks, block % blocks
        near = np.empty(count, np.int64)
        least = np.empty(count)
        x, out, best = np.empty(3), np.empty(3), np.empty(3)
        reach = 0.0
        middle = np.empty(3)
        for axis in range(3):
            start = 8 * (bx if axis == 0 else by if axis == 1 else bz)
            edge = min(8, n - start)
            middle[axis] = start + 0.5 * edge
            reach += (0.5 * (edge - 1)) ** 2
        reach = np.sqrt(reach)  # signed distances change by at most the way gone
        upper = np.inf
        for d in range(count):
            for axis in range(3):
                x[axis] = middle[axis] - centres[d, axis]
                x[axis] -= n * np.round(x[axis] / n)
            low, high = _bounds(x, semi_axes[d])
            least[d] = low
            upper = min(upper, high)
        kept = 0
        for d in range(count):
            if least[d] - reach <= upper + reach:
                near[kept] = d
                kept += 1
        for i in range(8 * bx, min(8 * bx + 8, n)):
            for j in range(8 * by, min(8 * by + 8, n)):
                for k in range(8 * bz, min(8 * bz + 8, n)):
                    nearest, which = np.inf, 0
                    for candidate in range(kept):
                        d = near[candidate]
                        x[0], x[1], x[2] = i + 0.5 - centres[d, 0], j + 0.5 - centres[d, 1], k + 0.5 - centres[d, 2]
                        for axis in range(3):
                            x[axis] -= n * np.round(x[axis] / n)
                        if _bounds(x, semi_axes[d])[0] >= nearest:
                            continue
                        found = _to_ellipsoid(x, semi_axes[d], out)
                        if found < nearest:
                            nearest, which = found, d
                            best[0], best[1], best[2] = out[0], out[1], out[2]
                    distance[i, j, k] = nearest
                    domain[i, j, k] = which
                    for axis in range(3):
                        normal[axis, i, j, k] = best[axis]
