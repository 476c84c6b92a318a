"""A network of pores and throats: for network models, as OpenPNM reads it, and with a conductance of its own."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.pores import Distance, PoreTable, contacts_of, individual_pores
from poreline.quantities.fields import quantity
from poreline.voxels import AXIS_NAMES, Axis, VoxelImage

Array = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Shape = Literal["pyramids", "cylinders"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Pores and the throats between them."""

    pores: PoreTable
    conns: IntArray = quantity("1", "(m, 2) the pores that each throat joins, from 0, the lower number first")
    throat_area: Array = quantity("m2", "area of the throat, seen along its normal", shown_in="nm2")
    throat_diameter_inscribed: Array = quantity(
        "m", "diameter of the largest ball that passes the throat", shown_in="nm"
    )
    throat_centroid: Array = quantity("m", "(m, 3) middle of the throat, from the corner of the image", shown_in="um")
    throat_lengths: Array = quantity("m", "(m, 2) way from either pore's centre to the throat's middle", shown_in="nm")
    throat_wraps: IntArray = quantity(
        "1", "(m, 3) images that the way from the first pore to the second crosses on periodic axes"
    )
    face_area: Array = quantity(
        "m2", "(n, 3, 2) area of each pore on the first and the last face along each axis", shown_in="nm2"
    )
    spacing: tuple[float, float, float]
    edges: tuple[float, float, float]
    periodic: tuple[bool, bool, bool]

    @property
    def throat_count(self) -> int:
        """Number of throats."""
        return int(self.throat_area.size)


def extract_network(image: VoxelImage, distance: Distance, pores: PoreTable | None = None) -> Network:
    """Pores and throats of an image, from the distance to the wall in m (0 outside the pores).

    A throat is the contact of two pores. Its area is the length of the sum of its faces' normals, which counts no steps of
    the grid; its inscribed diameter is twice the largest distance to the wall on it. Two pores that also meet across a periodic face
    have a throat for each way. `pores` are those of `individual_pores`, if known. Memory: as `individual_pores`, and about
    100 bytes for each face between two pores. Raises InvalidInput as `individual_pores` does.
    """
    pores = individual_pores(image, distance) if pores is None else pores
    contacts = contacts_of(pores.regions, image.periodic)
    spacing, shape, edges = np.array(image.spacing), np.array(image.shape), np.array(image.edges)
    first_is_lower = contacts.pairs[:, 0] < contacts.pairs[:, 1]
    low, high = contacts.pairs.min(axis=1), contacts.pairs.max(axis=1)
    unit = np.eye(3)[contacts.axes]
    voxel = np.stack(np.unravel_index(contacts.places, image.shape), axis=1)
    place = (voxel + 0.5 + 0.5 * unit) * spacing
    # Way from the face to each pore's centre, by the shortest image.
    images = np.array(image.periodic)
    here, there = (
        _nearest_images(pores.centre[low], place, edges, images),
        _nearest_images(pores.centre[high], place, edges, images),
    )
    wraps = here - there
    behind = (voxel + unit.astype(np.int64)) % shape
    flat = distance.reshape(-1)
    radius = 0.5 * (flat[contacts.places].astype(np.float64) + flat[np.ravel_multi_index(tuple(behind.T), image.shape)])
    key = np.column_stack([low, high, wraps])
    throats, of_face = (
        np.unique(key, axis=0, return_inverse=True) if len(key) else (np.zeros((0, 5), np.int64), np.zeros(0, np.int64))
    )
    number, of_face = len(throats), of_face.reshape(-1)
    face = np.prod(spacing) / spacing
    toward = np.where(first_is_lower, 1.0, -1.0)[:, None] * unit * face
    area = np.linalg.norm(_sum_by(of_face, toward, number), axis=1)
    widest = np.zeros(number)
    np.maximum.at(widest, of_face, radius)
    # Seen from the first pore's centre, so that faces on both sides of a periodic axis lie together.
    centre = (
        _sum_by(of_face, place + here * edges, number) / np.maximum(np.bincount(of_face, minlength=number), 1)[:, None]
    )
    one, two = pores.centre[throats[:, 0]], pores.centre[throats[:, 1]] + throats[:, 2:] * edges
    lengths = np.stack([np.linalg.norm(centre - one, axis=1), np.linalg.norm(centre - two, axis=1)], axis=1)
    return Network(
        pores=pores,
        conns=throats[:, :2].astype(np.int64),
        # A throat that folds back on itself has next to no net normal, but lets at least its largest ball through.
        throat_area=np.maximum(area, np.pi * widest**2 if number else area),
        throat_diameter_inscribed=2.0 * widest,
        throat_centroid=np.where(images, np.mod(centre, edges), centre),
        throat_lengths=lengths,
        throat_wraps=throats[:, 2:].astype(np.int64),
        face_area=_face_areas(pores, image),
        spacing=image.spacing,
        edges=image.edges,
        periodic=image.periodic,
    )


def _nearest_images(centre: Array, place: Array, edges: Array, images: npt.NDArray[np.bool_]) -> IntArray:
    """Edges to add to a place so that it lies in the image of the centre that is nearest to it."""
    return np.where(images, np.round((centre - place) / edges), 0.0).astype(np.int64)


def _sum_by(group: IntArray, values: Array, number: int) -> Array:
    return np.stack([np.bincount(group, weights=values[:, axis], minlength=number) for axis in range(3)], axis=1)


def _face_areas(pores: PoreTable, image: VoxelImage) -> Array:
    areas = np.zeros((pores.count, 3, 2))
    face = image.voxel_volume / np.array(image.spacing)
    for axis in range(3):
        for side, index in enumerate((0, -1)):
            plane = np.take(pores.regions, index, axis=axis).reshape(-1)
            areas[:, axis, side] = np.bincount(plane, minlength=pores.count + 1)[1:] * face[axis]
    return areas


def diffusive_sizes(network: Network, shape: Shape = "pyramids") -> Array:
    """Diffusive size of each throat in m: flow = diffusivity * size * difference of concentration.

    "cylinders": a cylinder of the throat's inscribed diameter d over the whole way between the centres, pi d^2 / 4 / (L1 + L2).
    It leaves out the pores' width: a lower estimate. "pyramids": on either side a square frustum of length L that narrows
    from the pore's side D (of a cube of the pore's volume) to the throat's side T (of its area), whose resistance is
    L / (D T); the two in series. It leaves out that flow crowds towards the throat: an upper estimate, 27 % high on a random image of
    porosity 0.4 with throats 7 voxels wide, 40 % on cubes joined by ducts of a sixth of their section.
    """
    lengths = np.maximum(network.throat_lengths, 0.5 * min(network.spacing))
    if shape == "cylinders":
        sizes: Array = 0.25 * np.pi * network.throat_diameter_inscribed**2 / lengths.sum(axis=1)
        return sizes
    side = np.sqrt(network.throat_area)
    pore = np.maximum(np.cbrt(network.pores.volume)[network.conns], side[:, None])
    resistance: Array = (lengths / (pore * side[:, None])).sum(axis=1)
    return 1.0 / resistance


def _face_sizes(network: Network, axis: Axis, side: int, way: Array, shape: Shape) -> Array:
    """Diffusive size in m between each pore's centre and a face of the image `way` off, 0 where the pore does not reach it."""
    area = network.face_area[:, axis, side]
    wide = np.maximum(np.cbrt(network.pores.volume), np.sqrt(area)) if shape == "pyramids" else np.sqrt(area)
    sizes: Array = wide * np.sqrt(area) / np.maximum(way, 0.5 * network.spacing[axis])
    return sizes


def diffusivity_relative(network: Network, axis: Axis, shape: Shape = "pyramids") -> float:
    """Effective diffusivity over that of the free fluid along an axis, D_eff / D0, from the network alone.

    Conservation of the amount in each pore, with the throats' sizes of `diffusive_sizes`. On a periodic axis the concentration
    falls by one from image to image; elsewhere both faces are held, and a pore on a face meets it as it would meet a throat of its area
    there. Zero where nothing goes through. Compare it with a solve on the voxels: a network of pores and throats has an
    error of its own, often tens of per cent.
    """
    from scipy.sparse import coo_matrix, csr_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.sparse.linalg import spsolve

    number = network.pores.count
    length = network.edges[axis]
    section = float(np.prod(network.edges)) / length
    size = diffusive_sizes(network, shape)
    one, two = network.conns[:, 0], network.conns[:, 1]
    jump = network.throat_wraps[:, axis].astype(np.float64)
    inlet, outlet = np.zeros(number), np.zeros(number)
    if not network.periodic[axis]:
        at = network.pores.centre[:, axis]
        inlet, outlet = _face_sizes(network, axis, 0, at, shape), _face_sizes(network, axis, 1, length - at, shape)
        jump[:] = 0.0
    _, cluster = connected_components(
        coo_matrix((np.ones(one.size), (one, two)), shape=(number, number)), directed=False
    )
    source = inlet.copy()
    source += np.bincount(two, size * jump, number) - np.bincount(one, size * jump, number)
    diagonal = inlet + outlet + np.bincount(one, size, number) + np.bincount(two, size, number)
    # A cluster without a face has a level of its own, which no flow depends on: hold its first pore.
    held = np.bincount(cluster, inlet + outlet, minlength=number)[cluster] == 0.0
    firsts = np.unique(cluster, return_index=True)[1]
    diagonal[firsts] += np.where(held[firsts], np.maximum(diagonal[firsts], min(network.spacing)), 0.0)
    rows, columns = np.concatenate([one, two, np.arange(number)]), np.concatenate([two, one, np.arange(number)])
    matrix = csr_matrix((np.concatenate([-size, -size, diagonal]), (rows, columns)), shape=(number, number))
    # Concentration 1 at the first face; on a periodic axis, the part that repeats. It falls by 1 from image to image.
    level = np.atleast_1d(spsolve(matrix, source))
    if network.periodic[axis]:
        flow = float((size * jump * (level[one] - level[two] + jump)).sum())
    else:
        flow = float((inlet * (1.0 - level)).sum())
    return flow * length / section


def openpnm_dictionary(network: Network) -> dict[str, npt.NDArray[Any]]:
    """The network under the names that PoreSpy writes and OpenPNM reads, SI units.

    Throats across a periodic face are left out: OpenPNM knows no images, and would draw them through the whole network.
    """
    pores = network.pores
    inside = ~network.throat_wraps.any(axis=1)
    conns = network.conns[inside]
    area = network.throat_area[inside]
    found: dict[str, npt.NDArray[Any]] = {
        "pore.coords": pores.centre,
        "pore.all": np.ones(pores.count, np.bool_),
        "pore.volume": pores.volume,
        "pore.region_volume": pores.volume,
        "pore.equivalent_diameter": pores.diameter_equivalent,
        "pore.extended_diameter": pores.diameter_equivalent,
        "pore.inscribed_diameter": pores.diameter_inscribed,
        "pore.diameter": pores.diameter_inscribed,
        "pore.geometric_centroid": pores.centroid,
        "pore.local_peak": pores.centre,
        "pore.global_peak": pores.centre,
        "pore.region_label": np.arange(1, pores.count + 1),
        "pore.phase": np.ones(pores.count, np.int64),
        "throat.conns": conns,
        "throat.all": np.ones(len(conns), np.bool_),
        "throat.inscribed_diameter": network.throat_diameter_inscribed[inside],
        "throat.diameter": network.throat_diameter_inscribed[inside],
        "throat.cross_sectional_area": area,
        "throat.equivalent_diameter": np.sqrt(4.0 * area / np.pi),
        "throat.total_length": network.throat_lengths[inside].sum(axis=1),
        "throat.direct_length": np.linalg.norm(pores.centre[conns[:, 0]] - pores.centre[conns[:, 1]], axis=1),
        "throat.global_peak": network.throat_centroid[inside],
        "throat.phases": np.ones((len(conns), 2), np.int64),
    }
    for axis, name in enumerate(AXIS_NAMES):
        for side, end in enumerate(("min", "max")):
            found[f"pore.{name}{end}"] = network.face_area[:, axis, side] > 0.0
    return found


def write_openpnm(network: Network, path: Path) -> tuple[Path, Path, Path]:
    """Write the network to `path` with the ending .npz, and the same as two CSV tables, `..._pores.csv` and `..._throats.csv`.

    Load it with `openpnm.io.network_from_porespy(dict(numpy.load(path)))`. SI units. Returns the three paths.
    """
    columns = openpnm_dictionary(network)
    npz = path.with_suffix(".npz")
    np.savez_compressed(npz, **columns)  # type: ignore[arg-type]
    tables = []
    for kind in ("pore", "throat"):
        table = path.with_name(f"{path.stem}_{kind}s.csv")
        names, values = [], []
        for name, column in columns.items():
            if name.startswith(kind):
                parts = column.reshape(len(column), -1).T
                names += [name] if column.ndim == 1 else [f"{name}[{n}]" for n in range(len(parts))]
                values += list(parts)
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(zip(*(value.tolist() for value in values), strict=True))
        tables.append(table)
    return npz, tables[0], tables[1]
