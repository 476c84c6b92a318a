"""Microcracks narrower than a voxel: how many, how wide, which way they face, and the throats between their fibrils.

A voxel of the volume simulation carries its void and how many crazes it has: C, the number per unstretched length along
the draw, and Q, the sum of ln(D0) over them, D0 being the fibril spacing at which each was born. New void makes new crazes
where drawing costs as much as nucleating, else it widens the old ones; C and Q give width and throat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import Values
from poreline.voxels.threads import parallel

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

SPACING_UNIT = 1e-9
"""Length in m over which D0 is taken before its logarithm: Q holds ln(D0 / 1 nm), small numbers in float32."""
_LEAST_VOLUME = 0.05  # det F below which a voxel counts as crushed
_OUTPUTS = 7


def newborn_crazes(void_ratio_growth: Values, drawing_ratio: Values, fibril_spacing: Values) -> tuple[Values, Values]:
    """Crazes dC that a growth of the void ratio exp L makes, and their dQ, both 1/m of unstretched length.

    dC = r_d^4 d(exp L)/D0 and dQ = ln(D0/1 nm) dC for a growth above 0, else nothing: a newborn craze is one fibril spacing
    wide. `drawing_ratio` r_d = p_d/p_n; `fibril_spacing` D0 = 8 G_s/Y in m. Closure of this model.
    """
    born = np.maximum(void_ratio_growth, 0.0) * np.power(drawing_ratio, 4) / fibril_spacing
    return born, np.log(np.divide(fibril_spacing, SPACING_UNIT)) * born


def polar_crack_spacing(domain_diameter: Values, polar_spacing: Values) -> Values:
    """Unstretched length s_c for each microcrack at a domain's poles, d/(1 + d/s_c0), m. Closure of this model."""
    return domain_diameter / (1.0 + domain_diameter / polar_spacing)


@dataclass(frozen=True, kw_only=True)
class FibrilClosure:
    """What turns void and craze counts into widths and throats. Lengths in m."""

    fibril_spacing_late: float
    """Fibril spacing D0 at the end of the draw: that of the crazes by which the count is raised to the least."""
    crack_spacing_largest: float
    """Unstretched length s_c along the draw that holds at least one microcrack (`polar_crack_spacing`)."""
    breakdown_width: float
    """Width w_b of a crack at which half of its fibrils have failed; 100 nm (1 + 2 theta), theta the copolymer's coverage."""
    fibril_volume_fraction: float = 1.0 / 3.5
    """Share v_f of a craze that is fibril: one over the draw ratio of fibrils."""

    def __post_init__(self) -> None:
        """Check the lengths and the share."""
        faults = [
            Fault(name, f"{getattr(self, name):g}", "above 0 m, finite", "It is a length.", "Give it in m.")
            for name in ("fibril_spacing_late", "crack_spacing_largest", "breakdown_width")
            if not 0.0 < getattr(self, name) < math.inf
        ]
        if not 0.0 < self.fibril_volume_fraction < 1.0:
            found, reason = f"{self.fibril_volume_fraction:g}", "It is a share."
            faults.append(Fault("fibril_volume_fraction", found, "above 0, below 1", reason, "Take 1/3.5."))
        if faults:
            raise InvalidInput(faults, "fibrils of microcracks")


@dataclass(frozen=True, kw_only=True, eq=False)
class Microcracks:
    """The microcracks of every voxel, in its current state; arrays have the shape of the grid."""

    void_fraction: FloatArray
    """Void over the current volume of the voxel, f = 1 - exp(-L)."""
    volume_ratio: FloatArray
    """Current over unstretched volume, J = det F, at least 0.05."""
    width: FloatArray
    """Opening of one microcrack, m; 0 without void."""
    separation: FloatArray
    """Distance between microcracks along their normal, m."""
    normal: FloatArray
    """(3, ...) unit normal of the microcracks: the direction of largest stretch, with a first component of 0 or more."""
    fibril_spacing: FloatArray
    """Distance D0 between fibrils, geometric mean over the voxel's crazes, m."""
    fibril_survival: FloatArray
    """Share of the fibrils that still bridge the crack; 0 in an open crack."""
    pore_diameter: FloatArray
    """Hydraulic diameter D_flow of the throats between walls and fibrils, m; 0 without void. A clean slit has 2 width."""
    opened: BoolArray
    """True where no fibrils are left: broken voxels, and those with more void than a craze can have."""

    @property
    def throat_width(self) -> FloatArray:
        """Width of the clean slit with the same hydraulic diameter, D_flow/2, m: what a flow law for slits takes."""
        return np.float32(0.5) * self.pore_diameter


def microcracks(
    void: FloatArray,
    broken: FloatArray,
    craze_count: FloatArray,
    craze_spacing_sum: FloatArray,
    gradient: FloatArray,
    closure: FibrilClosure,
) -> Microcracks:
    """Width, spacing, normal and throat of the microcracks of every voxel.

    `void` L = ln of the void volume ratio, `broken` D, `craze_count` C in 1/m and `craze_spacing_sum` Q in 1/m (of
    ln(D0 / 1 nm), see `newborn_crazes`), all of one shape; `gradient` F of shape (3, 3, ...). With J = det F, B = F F^T
    and its largest eigenvalue lam_n^2:

        C < 1/s_c:  Q += (1/s_c - C) ln D0(late), C = 1/s_c
        w = (exp L - 1) lam_n/(J C),  D0 = exp(Q/C),  D_hf = D0 (1 - v_f)/sqrt(v_f)
        q = 1/(1 + (w/w_b)^2), 0 where f > 1 - v_f or D > 1/2;  1/D_flow = 1/(2 w) + q/D_hf

    Where two directions are stretched alike the normal is the one of them nearest to x. Memory: 41 bytes a voxel.
    Raises InvalidInput for shapes that do not match. Source: Kramer and Berger 1990 for fibrils; the rest closures of this model.
    """
    shape = void.shape
    named = {"broken": broken, "craze_count": craze_count, "craze_spacing_sum": craze_spacing_sum}
    faults = [_of_shape(name, array.shape, shape) for name, array in named.items() if array.shape != shape] + [
        _of_shape("gradient", gradient.shape, (3, 3, *shape)) for _ in range(gradient.shape != (3, 3, *shape))
    ]
    if faults:
        raise InvalidInput(faults, "microcracks")
    found = np.empty((_OUTPUTS, void.size), np.float32)
    normal, opened = np.empty((3, void.size), np.float32), np.empty(void.size, np.bool_)
    _every_voxel(
        np.ascontiguousarray(void).reshape(-1),
        np.ascontiguousarray(broken).reshape(-1),
        np.ascontiguousarray(craze_count).reshape(-1),
        np.ascontiguousarray(craze_spacing_sum).reshape(-1),
        np.ascontiguousarray(gradient).reshape(3, 3, -1),
        closure.fibril_spacing_late,
        closure.crack_spacing_largest,
        closure.breakdown_width,
        closure.fibril_volume_fraction,
        found,
        normal,
        opened,
    )
    fraction, ratio, width, separation, spacing, survival, diameter = found.reshape(_OUTPUTS, *shape)
    return Microcracks(
        void_fraction=fraction,
        volume_ratio=ratio,
        width=width,
        separation=separation,
        normal=normal.reshape(3, *shape),
        fibril_spacing=spacing,
        fibril_survival=survival,
        pore_diameter=diameter,
        opened=opened.reshape(shape),
    )


def _of_shape(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> Fault:
    return Fault(name, str(found), str(wanted), "It does not have the shape of the grid.", "Give one for each voxel.")


@numba.njit(cache=True, error_model="numpy")
def _null_vector(b, root, out):  # type: ignore[no-untyped-def]
    """Eigenvector of a symmetric matrix (xx, yy, zz, xy, xz, yz) as the largest cross product of rows of b - root; its square."""
    xx, yy, zz, xy, xz, yz = b[0] - root, b[1] - root, b[2] - root, b[3], b[4], b[5]
    largest = -1.0
    for pair in range(3):
        if pair == 0:
            x, y, z = xy * yz - xz * yy, xz * xy - xx * yz, xx * yy - xy * xy
        elif pair == 1:
            x, y, z = xy * zz - xz * yz, xz * xz - xx * zz, xx * yz - xy * xz
        else:
            x, y, z = yy * zz - yz * yz, yz * xz - xy * zz, xy * yz - yy * xz
        square = x * x + y * y + z * z
        if square > largest:
            largest = square
            out[0], out[1], out[2] = x, y, z
    length = np.sqrt(largest)
    if length > 0.0:
        for axis in range(3):
            out[axis] /= length
    return largest


@numba.njit(cache=True, error_model="numpy")
def _largest_direction(b, out):  # type: ignore[no-untyped-def]
    """Largest eigenvalue of a symmetric matrix (xx, yy, zz, xy, xz, yz) by its cosines; `out` receives the unit eigenvector.

    Where the two largest are equal, the direction in their plane that is nearest to x; where all are, x.
    """
    mean = (b[0] + b[1] + b[2]) / 3.0
    dx, dy, dz = b[0] - mean, b[1] - mean, b[2] - mean
    size = np.sqrt((dx * dx + dy * dy + dz * dz + 2.0 * (b[3] * b[3] + b[4] * b[4] + b[5] * b[5])) / 6.0)
    if size < 1e-7 * abs(mean):
        out[0], out[1], out[2] = 1.0, 0.0, 0.0
        return mean
    determinant = (
        dx * (dy * dz - b[5] * b[5]) - b[3] * (b[3] * dz - b[5] * b[4]) + b[4] * (b[3] * b[5] - dy * b[4])
    ) / size**3
    angle = np.arccos(max(-1.0, min(1.0, 0.5 * determinant))) / 3.0
    largest = mean + 2.0 * size * np.cos(angle)
    if _null_vector(b, largest, out) < 1e-10 * size**4:
        _null_vector(b, mean + 2.0 * size * np.cos(angle + 2.0 * np.pi / 3.0), out)
        x, y, z = out[0], out[1], out[2]
        if abs(x) < 0.9:
            out[0], out[1], out[2] = 1.0 - x * x, -x * y, -x * z
        else:
            out[0], out[1], out[2] = -x * y, 1.0 - y * y, -y * z
        length = np.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2)
        for axis in range(3):
            out[axis] /= length
    return largest


@parallel(error_model="numpy")
def _every_voxel(  # type: ignore[no-untyped-def]
    void, broken, count, spacing_sum, gradient, late, largest_spacing, breakdown, share, found, normal, opened
):
    slabs = 64
    size = len(void)
    for slab in numba.prange(slabs):
        part = np.int64(slab)
        b, direction = np.empty(6), np.empty(3)
        for voxel in range(part * size // slabs, (part + 1) * size // slabs):
            g11, g12, g13 = gradient[0, 0, voxel], gradient[0, 1, voxel], gradient[0, 2, voxel]
            g21, g22, g23 = gradient[1, 0, voxel], gradient[1, 1, voxel], gradient[1, 2, voxel]
            g31, g32, g33 = gradient[2, 0, voxel], gradient[2, 1, voxel], gradient[2, 2, voxel]
            b[0] = g11 * g11 + g12 * g12 + g13 * g13
            b[1] = g21 * g21 + g22 * g22 + g23 * g23
            b[2] = g31 * g31 + g32 * g32 + g33 * g33
            b[3] = g11 * g21 + g12 * g22 + g13 * g23
            b[4] = g11 * g31 + g12 * g32 + g13 * g33
            b[5] = g21 * g31 + g22 * g32 + g23 * g33
            ratio = max(
                g11 * (g22 * g33 - g23 * g32) - g12 * (g21 * g33 - g23 * g31) + g13 * (g21 * g32 - g22 * g31),
                _LEAST_VOLUME,
            )
            stretch = np.sqrt(_largest_direction(b, direction))
            sign = 1.0 if direction[0] >= 0.0 else -1.0
            for axis in range(3):
                normal[axis, voxel] = sign * direction[axis]
            c, q = np.float64(count[voxel]), np.float64(spacing_sum[voxel])
            least = 1.0 / largest_spacing
            if c < least:
                q += (least - c) * np.log(late / SPACING_UNIT)
                c = least
            growth = np.expm1(np.float64(void[voxel]))
            fraction = growth / (1.0 + growth)
            width = growth * stretch / (ratio * c)
            spacing = SPACING_UNIT * np.exp(q / c)
            hydraulic = spacing * (1.0 - share) / np.sqrt(share)
            is_open = fraction > 1.0 - share or broken[voxel] > 0.5
            survival = 0.0 if is_open else 1.0 / (1.0 + (width / breakdown) ** 2)
            found[0, voxel] = fraction
            found[1, voxel] = ratio
            found[2, voxel] = width
            found[3, voxel] = stretch / c
            found[4, voxel] = spacing
            found[5, voxel] = survival
            found[6, voxel] = 2.0 * width / (1.0 + 2.0 * width * survival / hydraulic)
            opened[voxel] = is_open
