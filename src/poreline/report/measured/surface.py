"""The walls of the pores in three dimensions: a coarse mesh for the page's viewer, and a still of it for paper.

The mesh is that of the solid, closed where the image cuts it, so that a cut shows solid as an area.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numba as nb
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from poreline.quantities import from_si
from poreline.report.figures import FIGURE_SETTINGS, GREY, INK, Picture
from poreline.report.headline import number_text
from poreline.report.measured.curves import shown_length
from poreline.report.text import pretty_unit
from poreline.voxels import VoxelImage
from poreline.voxels.image import AXIS_NAMES

Array = npt.NDArray[np.float64]
FloatArray = npt.NDArray[np.float32]

MOST_VOXELS = 96
"""Voxels along the longest edge of the reduced image."""
MOST_TRIANGLES = 130_000
"""Triangles of a mesh: 2.1 MB in the page."""
_FEWEST_VOXELS = 24
_STEPS_OF_VERTEX = 65_535

# The page's viewer begins with the same view as the still: x to the right and to the front, y to the back, z up.
TURN, TILT = math.radians(34.0), math.radians(24.0)
_SOLID = np.array([0.60, 0.69, 0.77])
_LAMP = np.array([-0.3, 0.45, 0.84])  # beside the viewer's left shoulder
_PIXELS = (760, 620)
_REACH = 0.98  # half of the picture over half of the box's diagonal
_FINER = 2  # rays along a pixel's edge


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in a box: vertices in steps of 1/65535 of the box's edges."""

    vertices: npt.NDArray[np.uint16]
    """(vertices, 3)."""
    triangles: npt.NDArray[np.uint32]
    """(triangles, 3), counter-clockwise seen from the void."""
    edges: tuple[float, float, float]
    """Edges of the box, m."""
    blocks: tuple[int, int, int]
    """Voxels that were averaged along each axis."""

    @property
    def positions(self) -> Array:
        """Vertices in m."""
        return self.vertices / _STEPS_OF_VERTEX * np.array(self.edges)


def surface_mesh(image: VoxelImage) -> Mesh | None:
    """The surface of the solid where half of the surroundings is void; None where there is nothing to see.

    The image is averaged over blocks until it has at most MOST_VOXELS along its longest edge and the mesh at most
    MOST_TRIANGLES: what is much narrower than a block is not shown.
    """
    if image.is_section or min(image.shape) < 2:
        return None
    most = float(MOST_VOXELS)
    while True:
        blocks = _blocks(image, most)
        mesh = _mesh(image, blocks)
        if mesh is None or len(mesh.triangles) <= MOST_TRIANGLES or most <= _FEWEST_VOXELS:
            return mesh
        most = max(_FEWEST_VOXELS, min(0.95 * most, most * math.sqrt(MOST_TRIANGLES / len(mesh.triangles))))


def _blocks(image: VoxelImage, most: float) -> tuple[int, int, int]:
    """Voxels to average along each axis, so that blocks are about cubes."""
    edge = max(max(image.edges) / most, max(image.spacing))
    a, b, c = (max(1, min(math.ceil(edge / h - 1e-9), n)) for n, h in zip(image.shape, image.spacing, strict=True))
    return a, b, c


def block_means(image: VoxelImage, blocks: tuple[int, int, int]) -> FloatArray:
    """Void fraction averaged over blocks; blocks at the far ends may be smaller. Reads the image plane by plane."""
    nx, ny, nz = image.shape
    starts = [np.arange(0, n, step) for n, step in zip(image.shape, blocks, strict=True)]
    made = np.empty([len(start) for start in starts], np.float32)
    widths = [np.diff([*start, n]) for start, n in zip(starts, (nx, ny, nz), strict=True)]
    for row, first in enumerate(starts[0]):
        slab = np.add.reduce(image.void[first : first + blocks[0]], axis=0, dtype=np.float32)
        summed = np.add.reduceat(np.add.reduceat(slab, starts[1], axis=0), starts[2], axis=1)
        made[row] = summed / (widths[0][row] * np.outer(widths[1], widths[2]))
    return made


def _mesh(image: VoxelImage, blocks: tuple[int, int, int]) -> Mesh | None:
    from skimage.measure import marching_cubes

    solid = np.pad(1.0 - block_means(image, blocks), 1)
    if not solid.min() < 0.5 < solid.max():
        return None
    vertices, triangles, _, _ = marching_cubes(solid, 0.5, allow_degenerate=False)  # type: ignore[no-untyped-call]
    # In steps of a block from the corner of the box; what lies in the padding belongs on the box's faces.
    places = (vertices - 0.5) * np.array(blocks) * np.array(image.spacing)
    edges = np.array(image.edges)
    quantised = np.rint(np.clip(places / edges, 0.0, 1.0) * _STEPS_OF_VERTEX).astype(np.uint16)
    return Mesh(quantised, _outward(quantised, triangles).astype(np.uint32), image.edges, blocks)


def _outward(vertices: npt.NDArray[np.uint16], triangles: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The triangles turned so that the volume inside them is positive."""
    a, b, c = (vertices[triangles[:, corner]].astype(np.float64) for corner in range(3))
    volume = float(np.einsum("ij,ij->", a, np.cross(b, c)))
    return triangles if volume >= 0.0 else triangles[:, ::-1]


def encoded(mesh: Mesh) -> dict[str, Any]:
    """The mesh for the page's viewer: little-endian numbers in base64, edges in m, lengths as text."""
    return {
        "vertices": base64.b64encode(mesh.vertices.astype("<u2").tobytes()).decode(),
        "triangles": base64.b64encode(mesh.triangles.astype("<u4").tobytes()).decode(),
        "edges": [edge / max(mesh.edges) for edge in mesh.edges],
        "lengths": _lengths(mesh),
        "turn": TURN,
        "tilt": TILT,
    }


def _lengths(mesh: Mesh) -> list[str]:
    """Name and length of every edge of the box."""
    unit = shown_length(np.array(mesh.edges), "m", "")
    return [
        f"{name} {number_text(from_si(edge, unit))} {pretty_unit(unit)}"
        for name, edge in zip(AXIS_NAMES, mesh.edges, strict=True)
    ]


# Still


def still(mesh: Mesh, name: str) -> Picture:
    """The mesh as a picture: for paper, and where the viewer cannot run."""
    texts = _lengths(mesh)
    half = np.array(mesh.edges) / max(mesh.edges) / 2.0
    reach = _REACH * float(np.linalg.norm(half))
    width, height = _PIXELS
    scale = 0.5 * min(width, height) / reach
    image = _drawn(mesh, half, scale)
    words = f"The solid of {name}, its pores open, in a box of {', '.join(texts)}."
    with mpl.rc_context(FIGURE_SETTINGS):
        figure = Figure(figsize=(3.9, 3.9 * height / width))
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set_axis_off()
        axes.imshow(image, interpolation="none", extent=(-width / 2, width / 2, -height / 2, height / 2), aspect="auto")
        _box(axes, half, scale, texts)
        axes.set_xlim(-width / 2, width / 2)
        axes.set_ylim(-height / 2, height / 2)
    return Picture("structure-still", "Structure", words, figure)


def view_axes() -> Array:
    """Rows: directions of the picture's right, up and towards the viewer, for the first view."""
    ct, st, cl, sl = math.cos(TURN), math.sin(TURN), math.cos(TILT), math.sin(TILT)
    return np.array([[ct, st, 0.0], [-st * sl, ct * sl, cl], [st * cl, -ct * cl, sl]])


def _drawn(mesh: Mesh, half: Array, scale: float) -> npt.NDArray[np.uint8]:
    """The mesh seen from the first view, hidden parts hidden, as red, green, blue, opacity."""
    width, height = _PIXELS
    fine = _FINER * np.array([width, height])
    seen = (mesh.vertices / _STEPS_OF_VERTEX * 2.0 - 1.0) * half @ view_axes().T
    seen[:, :2] = seen[:, :2] * (_FINER * scale) + fine / 2
    depth = np.full(fine[::-1], -np.inf, np.float32)
    shade = np.zeros(fine[::-1], np.float32)
    _rasterise(seen, mesh.triangles, _LAMP / np.linalg.norm(_LAMP), _FINER * scale, depth, shade)
    blocks = (height, _FINER, width, _FINER)
    share = np.isfinite(depth).reshape(blocks).mean(axis=(1, 3))
    tone = shade.reshape(blocks).sum(axis=(1, 3)) / np.maximum(share * _FINER**2, 1.0)
    found = np.empty((height, width, 4), np.uint8)
    found[..., :3] = np.clip(tone[..., None] * _SOLID, 0.0, 1.0) * 255
    found[..., 3] = 255 * share
    return found[::-1]


@nb.njit(cache=True, error_model="numpy")
def _rasterise(
    seen: Array, triangles: npt.NDArray[np.uint32], lamp: Array, scale: float, depth: FloatArray, shade: FloatArray
) -> None:
    """Fill the nearest depth and its shade; `seen` has x and y in pixels and z towards the viewer."""
    height, width = depth.shape
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = seen[b, 0] - seen[a, 0], seen[b, 1] - seen[a, 1], (seen[b, 2] - seen[a, 2]) * scale
        wx, wy, wz = seen[c, 0] - seen[a, 0], seen[c, 1] - seen[a, 1], (seen[c, 2] - seen[a, 2]) * scale
        nx, ny, nz = uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx
        if nz <= 0.0:  # turned away
            continue
        facing = (nx * lamp[0] + ny * lamp[1] + nz * lamp[2]) / np.sqrt(nx * nx + ny * ny + nz * nz)
        tone = 0.45 + 0.55 * max(facing, 0.0)
        x_low, x_high = min(seen[a, 0], seen[b, 0], seen[c, 0]), max(seen[a, 0], seen[b, 0], seen[c, 0])
        y_low, y_high = min(seen[a, 1], seen[b, 1], seen[c, 1]), max(seen[a, 1], seen[b, 1], seen[c, 1])
        for y in range(max(0, int(np.ceil(y_low - 0.5))), min(height, int(np.floor(y_high - 0.5)) + 1)):
            for x in range(max(0, int(np.ceil(x_low - 0.5))), min(width, int(np.floor(x_high - 0.5)) + 1)):
                px, py = x + 0.5 - seen[a, 0], y + 0.5 - seen[a, 1]
                along_b, along_c = (px * wy - py * wx) / nz, (py * ux - px * uy) / nz
                if along_b < 0.0 or along_c < 0.0 or along_b + along_c > 1.0:
                    continue
                level = seen[a, 2] + (along_b * uz + along_c * wz) / scale
                if level > depth[y, x]:
                    depth[y, x] = level
                    shade[y, x] = tone


def _box(axes: Any, half: Array, scale: float, texts: list[str]) -> None:
    """The edges of the box that lie in front, and beside one edge along each axis its name and length."""
    view = view_axes()
    signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], float)
    corners = signs * half @ view.T
    hidden = int(np.argmin(corners[:, 2]))
    for one in range(8):
        for other in range(one + 1, 8):
            if np.abs(signs[one] - signs[other]).sum() == 2.0 and hidden not in (one, other):
                axes.plot(*(scale * corners[[one, other], :2]).T, color=GREY, linewidth=0.7)
    # The lowest corner in front: the edges along x and y begin there; z stands at the outer left.
    for axis in range(3):
        ends = [
            (one, other)
            for one in range(8)
            for other in range(one + 1, 8)
            if signs[one][axis] != signs[other][axis] and np.abs(signs[one] - signs[other]).sum() == 2.0
        ]
        if axis == 2:
            middle = min(
                (scale * corners[list(pair), :2].mean(axis=0) for pair in ends), key=lambda place: float(place[0])
            )
            axes.text(
                middle[0] - 12, middle[1], texts[axis], ha="right", va="center", fontsize=6.4, color=INK, rotation=90
            )
        else:
            middle = min(
                (scale * corners[list(pair), :2].mean(axis=0) for pair in ends), key=lambda place: float(place[1])
            )
            side = "right" if middle[0] < 0 else "left"
            axes.text(
                middle[0] + (-6 if middle[0] < 0 else 6),
                middle[1] - 8,
                texts[axis],
                ha=side,
                va="top",
                fontsize=6.4,
                color=INK,
            )
