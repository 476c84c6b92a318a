"""How evenly voids and domains are spread: void fraction from place to place, the number of domains against chance, their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from poreline.membrane.image.representative import Counts, means_of_divisions
from poreline.quantities import Fault, InvalidInput, NotDetermined, format_quantity
from poreline.quantities.fields import quantity
from poreline.voxels import AXES, VoxelImage
from poreline.voxels.image import PHASE_DOMAIN

if TYPE_CHECKING:
    from poreline.voxels.labelling import Components

Array = npt.NDArray[np.float64]

FEWEST_DOMAINS = 10
"""Domains below which their pattern tells nothing."""
FEWEST_SUBVOLUMES = 8
"""Sub-volumes below which their scatter tells nothing."""
SPACINGS_PER_SUBVOLUME = 2.0
"""Default edge of a sub-volume, in mean spacings of the domains."""
CHANCE = 0.95
"""Share of completely random patterns that stay below the limit of the index of dispersion."""
_CURVE_POINTS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class VoidVariation:
    """Scatter of the void fraction between sub-volumes."""

    variation: float = quantity("1", "standard deviation of the void fraction of sub-volumes over their mean")
    edge_of_subvolume: float = quantity("m", "edge of a cube as large as the sub-volume", shown_in="um")
    number: int = quantity("1", "sub-volumes")
    curve_edge: Array = quantity("m", "edges of the sub-volumes of the curve", shown_in="um")
    curve_variation: Array = quantity("1", "variation at each of these edges")


@dataclass(frozen=True, kw_only=True, eq=False)
class DomainDispersion:
    """How the domains of the first polymer are spread, against points thrown at random."""

    number: int = quantity("1", "domains")
    spacing_mean: float = quantity("m", "mean spacing of the domains: cube root of the volume for each", shown_in="um")
    index: float = quantity("1", "index of dispersion: variance over mean of the number of domains in a sub-volume")
    index_limit: float = quantity("1", "95 % limit of that index for domains placed at random")
    subvolumes: int = quantity("1", "sub-volumes")
    edge_of_subvolume: float = quantity("m", "edge of a cube as large as the sub-volume", shown_in="um")

    @property
    def is_uniform(self) -> bool:
        """Whether the domains scatter no more than chance would have it."""
        return self.index <= self.index_limit


@dataclass(frozen=True, kw_only=True, eq=False)
class DomainSizes:
    """How large the domains of the first polymer are, by number."""

    median: float = quantity(
        "m", "number-median diameter of the balls as large as the domains", symbol="d", shown_in="um"
    )
    spread: float = quantity("1", "geometric standard deviation of these diameters, by number", symbol="sigma_g")
    number: int = quantity("1", "domains that lie whole in the image")
    diameter: Array = quantity("m", "(n,) diameter of each of them", shown_in="um")
    weight: Array = quantity("1", "(n,) how many domains each of them stands for, relative to the others")


def subvolume_counts(edges: tuple[float, ...], edge_of_subvolume: float, most: tuple[int, ...] | None = None) -> Counts:
    """Sub-volumes along each axis whose edge comes nearest to the wanted one (m); at least one, at most `most`."""
    most = most or tuple(2**31 for _ in edges)
    counts = (min(cap, max(1, round(edge / edge_of_subvolume))) for edge, cap in zip(edges, most, strict=True))
    return tuple(counts)  # type: ignore[return-value]


def _check_edge(edge_of_subvolume: float | None) -> None:
    if edge_of_subvolume is not None and not (np.isfinite(edge_of_subvolume) and edge_of_subvolume > 0.0):
        reason, remedy = "A sub-volume has an edge.", "Give two spacings of the domains."
        raise InvalidInput(
            [Fault("edge_of_subvolume", str(edge_of_subvolume), "above 0 m", reason, remedy)], "uniformity"
        )


def _cube_edge(image: VoxelImage, counts: Counts) -> float:
    """Edge in m of a cube (square, in a section) as large as a sub-volume."""
    parts = [edge / count for edge, count, n in zip(image.edges, counts, image.shape, strict=True) if n > 1]
    return float(np.prod(parts) ** (1.0 / len(parts))) if parts else image.spacing[0]


def void_variation(image: VoxelImage, edge_of_subvolume: float | None = None) -> VoidVariation | NotDetermined:
    """Coefficient of variation of the void fraction between sub-volumes, at the given edge (m) and as a curve over the edge.

    The image is divided into equal boxes whose edges come nearest to `edge_of_subvolume`; without one, two mean spacings of
    the domains where the image shows domains, a quarter of the image elsewhere. Values depend on the edge: small sub-volumes scatter
    more. Not determined for fewer than eight sub-volumes and for an image without void. Raises InvalidInput for an edge that
    is not positive.
    """
    meaning = "scatter of the void fraction between sub-volumes"
    _check_edge(edge_of_subvolume)
    if edge_of_subvolume is None:
        domains = domain_dispersion(image)
        spread = [edge for edge, n in zip(image.edges, image.shape, strict=True) if n > 1]
        quarter = float(np.prod(spread) ** (1.0 / max(1, len(spread)))) / 4.0
        found = isinstance(domains, DomainDispersion)
        edge_of_subvolume = SPACINGS_PER_SUBVOLUME * domains.spacing_mean if found else quarter  # type: ignore[union-attr]
    counts = subvolume_counts(image.edges, edge_of_subvolume, image.shape)
    number = int(np.prod(counts))
    if number < FEWEST_SUBVOLUMES:
        wanted = format_quantity(edge_of_subvolume, "um")
        return NotDetermined(
            f"The image holds {number} sub-volumes of edge {wanted}; {FEWEST_SUBVOLUMES} are needed.", "1", meaning
        )
    divided = [counts, *_divisions(image)]
    variations = [_variation(means, weights) for means, weights in means_of_divisions(image.void, divided)]
    if np.isnan(variations[0]):
        return NotDetermined("The image shows no void.", "1", meaning)
    return VoidVariation(
        variation=variations[0],
        edge_of_subvolume=_cube_edge(image, counts),
        number=number,
        curve_edge=np.array([_cube_edge(image, counts_here) for counts_here in divided[1:]]),
        curve_variation=np.array(variations[1:]),
    )


def _variation(means: Array, weights: Array) -> float:
    mean = float((means * weights).sum() / weights.sum())
    return float(means.std(ddof=1) / mean) if mean > 0.0 else np.nan


def _divisions(image: VoxelImage) -> list[Counts]:
    """Divisions with cube-like sub-volumes, from eight for the whole image, halving their edge, down to two voxels."""
    edge = max(image.edges) / 2.0
    counts = subvolume_counts(image.edges, edge, image.shape)
    while np.prod(counts) < FEWEST_SUBVOLUMES and counts != image.shape:
        edge *= 0.95
        counts = subvolume_counts(image.edges, edge, image.shape)
    found: list[Counts] = []
    while len(found) < _CURVE_POINTS and all(
        n == 1 or 2 * count <= n for count, n in zip(counts, image.shape, strict=True)
    ):
        found.append(counts)
        # Halved sub-volumes share their cuts with the larger ones, and one pass over the image serves all.
        counts = tuple(1 if n == 1 else 2 * count for count, n in zip(counts, image.shape, strict=True))  # type: ignore[assignment]
    return found


def dispersion_of_points(
    points: Array, edges: tuple[float, ...], edge_of_subvolume: float | None = None
) -> DomainDispersion | NotDetermined:
    """Index of dispersion of points (n, 3), in m from the corner of a box with these edges (m), over equal sub-volumes.

    index = variance / mean of the counts. For points placed at random, (m - 1) index over m sub-volumes follows
    chi-square with m - 1 degrees of freedom (Fisher 1922), whose 95 % quantile gives the limit. An edge of 0 is an axis that does not
    count. Without an edge for the sub-volumes: two mean spacings, or what makes eight sub-volumes, if that is less.
    """
    from scipy.special import chdtri

    meaning = "scatter of the number of domains between sub-volumes"
    _check_edge(edge_of_subvolume)
    number = len(points)
    if number < FEWEST_DOMAINS:
        return NotDetermined(f"The image shows {number} domains; at least {FEWEST_DOMAINS} are needed.", "1", meaning)
    axes = [axis for axis, edge in enumerate(edges) if edge > 0.0]
    used = tuple(edges[axis] for axis in axes)
    spacing = float((np.prod(used) / number) ** (1.0 / len(used)))
    edge = edge_of_subvolume if edge_of_subvolume is not None else SPACINGS_PER_SUBVOLUME * spacing
    counts = subvolume_counts(used, edge)
    while np.prod(counts) < FEWEST_SUBVOLUMES and edge_of_subvolume is None:
        edge *= 0.95
        counts = subvolume_counts(used, edge)
    subvolumes = int(np.prod(counts))
    if subvolumes < FEWEST_SUBVOLUMES:
        return NotDetermined(f"The image holds {subvolumes} sub-volumes; {FEWEST_SUBVOLUMES} are needed.", "1", meaning)
    places = [
        np.clip((points[:, axis] / length * count).astype(np.int64), 0, count - 1)
        for axis, length, count in zip(axes, used, counts, strict=True)
    ]
    tally = np.bincount(np.ravel_multi_index(places, counts), minlength=subvolumes)
    free = subvolumes - 1
    parts = [length / count for length, count in zip(used, counts, strict=True)]
    return DomainDispersion(
        number=number,
        spacing_mean=spacing,
        index=float(tally.var(ddof=1) / tally.mean()),
        index_limit=float(chdtri(free, 1.0 - CHANCE) / free),
        subvolumes=subvolumes,
        edge_of_subvolume=float(np.prod(parts) ** (1.0 / len(parts))),
    )


def domains_of(image: VoxelImage) -> Components | None:
    """The domains of the first polymer (phase 2), in voxels; None where the image tells no phases.

    A domain is a connected region of its phase, across periodic faces too; domains that touch count as one. Memory: 5
    bytes a voxel.
    """
    from poreline.voxels.labelling import components_of

    return None if image.phase is None else components_of(image.phase == PHASE_DOMAIN, image.periodic)


_NO_PHASES = "The image tells void from solid, not the first polymer from the second."


def domain_dispersion(
    image: VoxelImage, edge_of_subvolume: float | None = None, domains: Components | None = None
) -> DomainDispersion | NotDetermined:
    """How evenly the domains of the first polymer are spread over sub-volumes of the given edge (m), by their centroids.

    `domains` are those of `domains_of`, if they are known already. Not determined without phase labels and for fewer
    than ten domains; see `dispersion_of_points`.
    """
    found = domains if domains is not None else domains_of(image)
    if found is None:
        return NotDetermined(_NO_PHASES, "1", "scatter of the domains")
    spacing = np.array(image.spacing)
    edges = tuple(edge if n > 1 else 0.0 for edge, n in zip(image.edges, image.shape, strict=True))
    return dispersion_of_points((found.centroids + 0.5) * spacing, edges, edge_of_subvolume)


def domain_sizes(image: VoxelImage, domains: Components | None = None) -> DomainSizes | NotDetermined:
    """Median and spread of the domains' diameters, by number, each the diameter of the ball of equal volume.

    A domain that a face of the image cuts has no size. Leaving it out alone would favour small domains, which are cut more
    rarely; so each whole domain counts as one over the share of the places in the image where it would lie whole, from the
    box around it (Miles 1974, Lantuejoul 1978; not re-read). `domains` are those of `domains_of`, if they are known already.

    Not determined without phase labels, on a section, which cuts domains anywhere, and for fewer than ten whole domains.
    """
    meaning = "spread of the diameters of the domains"
    found = domains if domains is not None else domains_of(image)
    if found is None:
        return NotDetermined(_NO_PHASES, "1", meaning)
    if image.is_section:
        return NotDetermined("A section cuts domains anywhere; their diameters do not show.", "1", meaning)
    walls = [axis for axis in AXES if not image.periodic[axis]]
    whole = ~found.touches[:, walls].any(axis=(1, 2)) & ~found.winds.any(axis=1)
    number = int(whole.sum())
    if number < FEWEST_DOMAINS:
        reason = f"The image shows {number} whole domains; at least {FEWEST_DOMAINS} are needed."
        return NotDetermined(reason, "1", meaning)
    # A box of e voxels that touches neither face has n - e - 1 places along an edge of n.
    weight = np.ones(number)
    for axis in walls:
        weight *= image.shape[axis] / (image.shape[axis] - found.extents[whole, axis] - 1.0)
    diameter = np.cbrt(6.0 / np.pi * image.voxel_volume * found.volumes[whole])
    logs = np.log(diameter)
    mean = np.average(logs, weights=weight)
    return DomainSizes(
        median=_weighted_median(diameter, weight),
        spread=float(np.exp(np.sqrt(np.average(np.square(logs - mean), weights=weight)))),
        number=number,
        diameter=diameter,
        weight=weight,
    )


def _weighted_median(values: Array, weights: Array) -> float:
    """The value below and above which half of the weight lies; between two, their mean."""
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order]) / weights.sum()
    first, last = (int(np.searchsorted(passed, 0.5, side=side)) for side in ("left", "right"))
    return float(0.5 * (values[order[first]] + values[order[min(last, len(values) - 1)]]))
