"""An image through all its measures: named results with bands, curves, maps, tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from poreline.membrane.image import chords as chords_of
from poreline.membrane.image import (
    connection,
    correlation,
    network,
    pores,
    representative,
    surface,
    transport,
    uniformity,
)
from poreline.membrane.image.intrusion import Face, covered_by, faces_of, intrude, openings, through_access
from poreline.membrane.image.local_laws import mean_molecular_speed
from poreline.membrane.image.local_thickness import (
    LocalThickness,
    edges_across,
    largest_balls,
    local_thickness,
    patch_distances,
)
from poreline.membrane.image.measured import OCTANT_BAND, Distribution, MeasuredStructure
from poreline.membrane.image.porometry import INSTRUMENTS, flow_curve, pressure
from poreline.membrane.image.wall import Wall, wall_of
from poreline.quantities import (
    Estimate,
    Fault,
    Infinite,
    InvalidInput,
    Meaning,
    MeasuredResult,
    NotDetermined,
    nearest,
    printable,
)
from poreline.quantities.faults import Caution
from poreline.voxels import AXES, AXIS_NAMES, Axis, VoxelImage
from poreline.voxels.device import choose_device
from poreline.voxels.labelling import label
from poreline.voxels.threads import one_at_a_time

Progress = Callable[[str, float], None]

MEASURES: tuple[str, ...] = (
    "porosity", "connection", "surface", "local-thickness", "intrusion", "porometry", "chords", "two-point", "lineal-path",
    "cluster", "pores", "uniformity", "representative", "diffusion", "gas", "viscous", "network",
)  # fmt: skip
"""What can be asked for by name, in the order in which it is measured."""

_BYTES = {
    "porosity": 1, "connection": 10, "surface": 2, "local-thickness": 17, "intrusion": 34, "porometry": 30, "chords": 1,
    "two-point": 2, "lineal-path": 1, "cluster": 6, "pores": 30, "uniformity": 8, "representative": 14, "diffusion": 38,
    "gas": 52, "viscous": 62, "network": 34,
}  # fmt: skip
"""Bytes a voxel that each measure holds at its peak, beside the image: measured on sponges of porosity 0.4, pores 12 voxels wide."""
_BYTES_SHARED = 8
"""Bytes a voxel that are kept from other measures meanwhile: the widest balls around each voxel, and the weights."""
_SHARES = {
    "intrusion": 3.0,
    "porometry": 3.0,
    "local-thickness": 4.0,
    "diffusion": 6.0,
    "gas": 6.0,
    "viscous": 6.0,
    "pores": 3.0,
}
_NITROGEN = {"diffusivity": 2.0e-5, "molar_mass": 28.0134e-3}
"""Self-diffusivity of nitrogen at 298.15 K and 1 atm in m2/s (assumed, rounded), and its molar mass in kg/mol."""
_TEMPERATURE = 298.15
_CURVE_POINTS = 200
_CHUNK = 2**20  # values whose logarithms are taken together
_OF_SECTION = "A section does not show it: it needs the third direction."


def memory_needed(shape: Sequence[int], only: Collection[str] | None = None) -> int:
    """Memory in bytes that measuring an image of this shape takes at its peak, the image included."""
    asked = MEASURES if only is None else only
    shared = _BYTES_SHARED if len(asked) > 1 and max(_BYTES[name] for name in asked) > _BYTES_SHARED else 0
    return int(math.prod(shape)) * (4 + shared + max(_BYTES[name] for name in asked))


class _Bench:
    """What several measures of one image share, made when it is first asked for."""

    def __init__(self, image: VoxelImage, axes: tuple[Axis, ...], device: str) -> None:
        self.image, self.axes, self.device = image, axes, device
        self.results: dict[str, MeasuredResult] = {}
        self.meanings: dict[str, Meaning] = {}
        self.distributions: dict[str, Distribution] = {}
        self.tables: dict[str, dict[str, Any]] = {}
        self.cautions: list[Caution] = []
        self.pore = image.open_voxels()
        self.has_pore = bool(self.pore.any())
        # A voxel with microcracks is open and has walls of its own.
        self.has_wall = not bool(self.pore.all()) or bool(image.pore_width is not None and (image.pore_width > 0).any())

    @cached_property
    def wall(self) -> Wall:
        return wall_of(self.image)

    @cached_property
    def balls(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        return largest_balls(self.image, self.wall)

    @cached_property
    def thickness(self) -> LocalThickness:
        return local_thickness(self.image, self.wall, self.balls)

    @cached_property
    def opening(self) -> npt.NDArray[np.float32]:
        return openings(self.image, self.wall, self.balls[0])

    @cached_property
    def wall_distance(self) -> npt.NDArray[np.float32]:
        return patch_distances(self.image, self.wall) * np.float32(min(self.image.spacing))

    @cached_property
    def edge_across(self) -> npt.NDArray[np.float32] | None:
        """Extent of the voxels across the wall, m; None where they are cubes."""
        return None if self.image.is_cubic else edges_across(self.image, self.wall)

    @cached_property
    def connected(self) -> connection.Connection:
        return connection.connect(self.image)

    @cached_property
    def weights(self) -> npt.NDArray[np.float32]:
        """Void fraction of the open voxels, 0 in the others: the weight of a voxel in a volume-weighted mean."""
        return np.where(self.pore, self.image.void, 0).astype(np.float32)

    def add(self, name: str, result: MeasuredResult, *, symbol: str = "", shown_in: str = "") -> None:
        """Keep a result under its name."""
        self.results[name] = result
        unit = getattr(result, "unit", "1")
        self.meanings[name] = Meaning(unit, result.meaning, symbol, shown_in, getattr(result, "method", ""))

    def number(self, name: str, value: float, unit: str, meaning: str, method: str, low: float = math.nan, high: float = math.nan,
               symbol: str = "", shown_in: str = "", reason: str = "The image shows no such pore.") -> None:  # fmt: skip
        """Keep a number with its band (without one: the number itself), or why there is none."""
        if not np.isfinite(value):
            self.add(name, NotDetermined(reason, unit, meaning), symbol=symbol, shown_in=shown_in)
            return
        low, high = (value if not np.isfinite(edge) else edge for edge in (low, high))
        self.add(
            name,
            Estimate(value, min(low, value), max(high, value), unit, meaning, method),
            symbol=symbol,
            shown_in=shown_in,
        )

    def curve(
        self,
        name: str,
        meaning: str,
        x: Any,
        y: Any,
        x_unit: str,
        y_unit: str,
        x_meaning: str,
        y_meaning: str,
        shown_in: str = "",
    ) -> None:
        """Keep a curve."""
        self.distributions[name] = Distribution(
            meaning=meaning, x=np.asarray(x, float), y=np.asarray(y, float), x_unit=x_unit, y_unit=y_unit,
            x_meaning=x_meaning, y_meaning=y_meaning, shown_in=shown_in,
        )  # fmt: skip


def _along(axis: int) -> str:
    return f", along {AXIS_NAMES[axis]}"


def _porosity(bench: _Bench) -> None:
    mean, low, high = representative.mean_with_band(bench.image.void)
    meaning = "volume of the voids over total volume"
    bench.number("porosity", mean, "1", meaning, f"mean void fraction; {OCTANT_BAND}", low, high, "eps", "%")


_RENAMED = {"largest_cluster_extent_share": "largest_cluster_extent_relative"}


def _connection(bench: _Bench) -> None:
    shown = {"m": "um", "1": "%"}
    for name, result in bench.connected.results().items():
        stem, _, axis = name.rpartition("_")
        if axis in AXIS_NAMES and AXIS_NAMES.index(axis) not in bench.axes and not name.startswith("matrix"):
            continue
        if axis in AXIS_NAMES and image_is_flat(bench.image, AXES[AXIS_NAMES.index(axis)]):
            result = NotDetermined(_OF_SECTION, getattr(result, "unit", "1"), result.meaning)
        key = f"{_RENAMED[stem]}_{axis}" if stem in _RENAMED else name
        if key not in bench.results:
            percent = "porosity" in key or "share" in key
            bench.add(
                key, result, shown_in=shown["m"] if getattr(result, "unit", "") == "m" else "%" if percent else ""
            )


def _surface(bench: _Bench) -> None:
    found = surface.specific_surface(bench.image)
    if isinstance(found, NotDetermined):
        bench.add("specific_surface", found, symbol="S", shown_in="1/um")
        return
    meaning = "area of the pores' wall over total volume"
    bench.number(
        "specific_surface",
        found.surface,
        "1/m",
        meaning,
        f"gradient of the void fraction; {OCTANT_BAND}",
        found.low,
        found.high,
        "S",
        "1/um",
    )


def _quantiles(
    values: npt.NDArray[Any], weights: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Distinct levels of a distribution, thinned, and the share of the weight at or above each."""
    edges = np.linspace(0.0, float(values.max()) * (1 + 1e-6), _CURVE_POINTS + 1)
    mass = np.histogram(values, bins=edges, weights=weights)[0]
    total = mass.sum()
    return edges[:-1], np.cumsum(mass[::-1])[::-1] / (total if total > 0 else 1.0)


def _spread(values: npt.NDArray[Any], weights: npt.NDArray[Any]) -> float:
    """Geometric standard deviation of positive values."""
    sums = np.zeros(3)
    for start in range(0, values.size, _CHUNK):
        weight = weights[start : start + _CHUNK].astype(np.float64)
        logs = np.log(values[start : start + _CHUNK].astype(np.float64) / values[0])
        sums += weight.sum(), weight @ logs, weight @ np.square(logs)
    total, first, second = sums
    return float(np.exp(np.sqrt(max(0.0, float(second / total - np.square(first / total))))))


def _local_thickness(bench: _Bench) -> None:
    meaning, method = "mean local thickness of the pores, by volume", "largest ball that covers a place, sub-voxel wall"
    spread_meaning = "geometric standard deviation of the local thickness, by volume"
    if not (bench.has_pore and bench.has_wall):
        reason = "There is no pore." if not bench.has_pore else _ALL_VOID
        bench.number("local_thickness_mean", math.nan, "m", meaning, method, shown_in="nm", reason=reason)
        bench.number("local_thickness_spread", math.nan, "1", spread_meaning, method, reason=reason)
        return
    found = bench.thickness
    kept = (found.thickness > 0) & bench.pore
    if not kept.any():
        reason = "No ball fits between the walls that the image shows."
        bench.number("local_thickness_mean", math.nan, "m", meaning, method, shown_in="nm", reason=reason)
        bench.number("local_thickness_spread", math.nan, "1", spread_meaning, method, reason=reason)
        return
    whole = kept & found.bounded
    if bench.image.void.sum(where=whole, dtype=np.float64) < _SHARE_NOT_CUT * bench.image.void.sum(
        where=kept, dtype=np.float64
    ):
        text = "Nearly all pores are cut by the faces of the image before their width shows: local thickness is a lower bound."
        bench.cautions.append(Caution("thickness-cut", text))
    else:
        kept = whole
    mean, low, high = representative.mean_with_band(found.thickness, np.where(kept, bench.image.void, np.float32(0.0)))
    bench.number("local_thickness_mean", mean, "m", meaning, f"{method}; {OCTANT_BAND}", low, high, "D_lt", "nm")
    values, weights = found.thickness[kept], bench.image.void[kept].astype(np.float32)
    bench.number("local_thickness_spread", _spread(values, weights), "1", spread_meaning, method)
    x, y = _quantiles(values, weights)
    bench.curve(
        "local_thickness",
        "share of the pore volume with at least this local thickness",
        x,
        y,
        "m",
        "1",
        "local thickness",
        "share of the pore volume",
        "nm",
    )


def _intrusion(bench: _Bench) -> None:
    image = bench.image
    meaning = "mean diameter by intrusion from the open faces, by volume"
    method = "one flood from wide to narrow; ball openings, sub-voxel wall"
    faces = tuple(face for axis in bench.axes for face in faces_of(image, axis))
    if not (bench.has_pore and bench.has_wall and faces):
        reason = (
            "There is no pore."
            if not bench.has_pore
            else "There is no face to enter from: the image repeats on all sides, or all is void."
        )
        bench.number("intrusion_diameter_mean", math.nan, "m", meaning, method, shown_in="nm", reason=reason)
    else:
        _intruded(bench, faces, meaning, method)
    for axis in bench.axes:
        _bubble_point(bench, axis)


def _intruded(bench: _Bench, faces: tuple[Face, ...], meaning: str, method: str) -> None:
    image = bench.image
    _, reached = intrude(bench.opening, faces, image.spacing, image.periodic)
    entered = np.where(reached > 0, bench.weights, np.float32(0.0))
    mean, low, high = representative.mean_with_band(2.0 * reached, entered) if entered.any() else (math.nan,) * 3
    bench.number(
        "intrusion_diameter_mean", mean, "m", meaning, f"{method}; {OCTANT_BAND}", low, high, "D_in", "nm",
        "No pore opens to a face of the image.",
    )  # fmt: skip
    if entered.any():
        values, weights = 2.0 * reached[entered > 0], entered[entered > 0]
        bench.number(
            "intrusion_diameter_spread",
            _spread(values, weights),
            "1",
            "geometric standard deviation of the intrusion diameter",
            method,
        )
        x, y = _quantiles(values, weights)
        bench.curve(
            "intrusion",
            "share of the pore volume that balls of this diameter reach from the faces",
            x,
            y * float(entered.sum() / bench.weights.sum()),
            "m",
            "1",
            "diameter",
            "share of the pore volume",
            "nm",
        )


def _bubble_point(bench: _Bench, axis: Axis) -> None:
    name, meaning = (
        f"bubble_point_diameter_{AXIS_NAMES[axis]}",
        f"diameter of the largest ball that passes through the image{_along(axis)}",
    )
    method = "widest way through (bottleneck path)"
    if image_is_flat(bench.image, axis):
        bench.add(name, NotDetermined(_OF_SECTION, "m", meaning), shown_in="nm")
        return
    if not (bench.has_pore and bench.has_wall):
        bench.number(name, math.nan, "m", meaning, method, shown_in="nm", reason="There is no pore, or no wall.")
        return
    widest = 2.0 * float(through_access(bench.image, bench.opening, axis).max())
    half = 0.5 * max(bench.image.spacing)
    reason = "No pore goes through."
    bench.number(
        name,
        widest if widest > 0 else math.nan,
        "m",
        meaning,
        f"{method}; band: half a voxel",
        max(widest - half, 0.0),
        widest + half,
        "D_bp",
        "nm",
        reason,
    )


def image_is_flat(image: VoxelImage, axis: Axis) -> bool:
    """Whether the image has no depth along an axis, so that nothing can be said about a way through."""
    return image.shape[axis] == 1


def _chords(bench: _Bench) -> None:
    found = chords_of.chord_lengths(bench.image)
    for axis in bench.axes:
        one, name = found[axis], AXIS_NAMES[axis]
        meaning = f"mean length of the straight lines inside pores{_along(axis)}, by number, whole ones only"
        reason = "No line inside a pore ends within the image." if bench.has_pore else "There is no pore."
        if image_is_flat(bench.image, axis):
            reason = _OF_SECTION
        bench.number(
            f"chord_length_mean_{name}",
            one.mean,
            "m",
            meaning,
            "run lengths on every line of the grid",
            shown_in="nm",
            reason=reason,
        )
        bench.number(
            f"chord_length_spread_{name}",
            one.spread,
            "1",
            f"geometric standard deviation of these lengths{_along(axis)}",
            "run lengths on every line of the grid",
            reason=reason,
        )
        if one.count:
            share = np.cumsum(one.number) / one.number.sum()
            bench.curve(
                f"chord_length_{name}",
                f"share of the chords of at most this length{_along(axis)}",
                one.length,
                share,
                "m",
                "1",
                "chord length",
                "share of the chords",
                "nm",
            )


def _two_point(bench: _Bench) -> None:
    for axis, one in zip(AXES, correlation.two_point(bench.image), strict=True):
        if axis in bench.axes and one.distance.size > 1:
            name = AXIS_NAMES[axis]
            bench.curve(
                f"two_point_{name}",
                f"probability that both ends of a line of this length lie in pores{_along(axis)}",
                one.distance,
                one.probability,
                "m",
                "1",
                "distance",
                "probability",
                "nm",
            )
            bench.number(
                f"correlation_length_{name}",
                one.correlation_length,
                "m",
                f"integral of the normalised autocovariance up to its first zero{_along(axis)}",
                "two-point correlation at every lag",
                shown_in="nm",
                reason=one.reason,
            )


def _lineal_path(bench: _Bench) -> None:
    for axis, one in zip(AXES, chords_of.chord_lengths(bench.image), strict=True):
        if axis in bench.axes and bench.image.shape[axis] > 1:
            distance = np.arange(bench.image.shape[axis] // 2 + 1) * bench.image.spacing[axis]
            bench.curve(
                f"lineal_path_{AXIS_NAMES[axis]}",
                f"probability that a line of this length lies in one pore{_along(axis)}",
                distance,
                one.lineal_path(distance),
                "m",
                "1",
                "length",
                "probability",
                "nm",
            )


def _cluster(bench: _Bench) -> None:
    labels = label(bench.pore, bench.image.periodic).labels
    for axis, one in zip(
        AXES, correlation.cluster_function(labels, bench.image.spacing, bench.image.periodic), strict=True
    ):
        if axis in bench.axes and one.distance.size > 1:
            bench.curve(
                f"cluster_{AXIS_NAMES[axis]}",
                f"probability that both ends of a line of this length lie in the same connected pore{_along(axis)}",
                one.distance,
                one.probability,
                "m",
                "1",
                "distance",
                "probability",
                "nm",
            )


def _pores(bench: _Bench) -> None:
    if not (bench.has_pore and bench.has_wall):
        return
    table = pores.individual_pores(bench.image, bench.opening)
    bench.tables["pores"] = table.as_columns()
    bench.number(
        "pore_count",
        float(table.volume.size),
        "1",
        "pores, cut at their throats",
        "watershed of the distance to the wall",
    )
    bench.number(
        "pore_diameter_equivalent_mean",
        float(table.diameter_equivalent.mean()),
        "m",
        f"mean diameter of {'discs' if 1 in bench.image.shape else 'balls'} as large as the individual pores, by number",
        "watershed of the distance to the wall",
        shown_in="nm",
    )
    bench.number(
        "pore_diameter_inscribed_mean",
        float(table.diameter_inscribed.mean()),
        "m",
        "mean diameter of the largest ball in each individual pore, by number",
        "watershed of the distance to the wall",
        shown_in="nm",
    )


_OF_DOMAINS = {
    "domain_dispersion_index": ("1", "variance over mean of the number of domains in a sub-volume"),
    "domain_dispersion_limit": ("1", "95 % limit of that index for domains placed at random"),
    "domain_spacing": ("m", "mean spacing of the domains"),
}
"""Unit and meaning of what tells how the domains are spread."""


def _domain_sizes(bench: _Bench, found: uniformity.DomainSizes | NotDetermined) -> None:
    """Under the names that the domains of a blend have too."""
    meaning = "number-median diameter of the domains of the first polymer, balls of equal volume"
    spread = "geometric standard deviation of the domain diameter, by number"
    if isinstance(found, NotDetermined):
        bench.add("domain_diameter_median", NotDetermined(found.reason, "m", meaning), symbol="d", shown_in="um")
        bench.add("domain_diameter_spread", NotDetermined(found.reason, "1", spread), symbol="sigma_g")
        return
    method = f"{found.number} connected domains that lie whole in the image, weighted for those that its faces cut"
    bench.number("domain_diameter_median", found.median, "m", meaning, method, symbol="d", shown_in="um")
    bench.number("domain_diameter_spread", found.spread, "1", spread, method, symbol="sigma_g")


def _uniformity(bench: _Bench) -> None:
    domains = uniformity.domains_of(bench.image)
    _domain_sizes(bench, uniformity.domain_sizes(bench.image, domains))
    dispersion = uniformity.domain_dispersion(bench.image, domains=domains)
    edge = None
    if isinstance(dispersion, NotDetermined):
        for name, (unit, meaning) in _OF_DOMAINS.items():
            bench.add(name, NotDetermined(dispersion.reason, unit, meaning), shown_in="nm" if unit == "m" else "")
    else:
        edge = 2.0 * dispersion.spacing_mean
        method = "centres of the connected domains"
        bench.number(
            "domain_dispersion_index",
            dispersion.index,
            *_OF_DOMAINS["domain_dispersion_index"],
            method,
        )
        bench.number(
            "domain_dispersion_limit",
            dispersion.index_limit,
            *_OF_DOMAINS["domain_dispersion_limit"],
            method,
        )
        bench.number("domain_spacing", dispersion.spacing_mean, *_OF_DOMAINS["domain_spacing"], method, shown_in="nm")
    found = uniformity.void_variation(bench.image, edge)
    if isinstance(found, NotDetermined):
        bench.add("void_variation", found)
        return
    size = "two domain spacings" if edge is not None else "a default edge, since no domains are known"
    bench.number(
        "void_variation",
        found.variation,
        "1",
        "standard deviation of the void fraction of sub-volumes over their mean",
        f"sub-volumes of {size}",
    )
    bench.curve(
        "void_variation",
        "variation of the void fraction between sub-volumes of this edge",
        found.curve_edge,
        found.curve_variation,
        "m",
        "1",
        "edge of the sub-volumes",
        "variation",
        "nm",
    )


def _representative(bench: _Bench) -> None:
    curve = representative.subvolume_curve(bench.image.void, bench.image.spacing)
    meaning = "standard error of the porosity over the porosity, from how sub-volumes differ"
    reason = "The image is too small to be divided twice, or holds no void."
    bench.number(
        "porosity_error_relative",
        curve.error_relative,
        "1",
        meaning,
        "power law over the size of the sub-volumes",
        shown_in="%",
        reason=reason,
    )
    if curve.edge.size:
        bench.curve(
            "representative_porosity",
            "spread of the porosity between sub-volumes of this edge, over the mean",
            curve.edge,
            curve.spread,
            "m",
            "1",
            "edge of the sub-volumes",
            "relative spread",
            "nm",
        )
    if "local_thickness_mean" in bench.results and bench.has_pore and bench.has_wall:
        curve = representative.subvolume_curve(bench.thickness.thickness, bench.image.spacing, bench.weights)
        if curve.edge.size:
            bench.curve(
                "representative_local_thickness",
                "spread of the local thickness between sub-volumes of this edge, over the mean",
                curve.edge,
                curve.spread,
                "m",
                "1",
                "edge of the sub-volumes",
                "relative spread",
                "nm",
            )


_NO_WAY = "No pore goes through: nothing passes."
_SHARE_NOT_CUT = 0.05
"""Share of the pores whose width the faces of the image do not cut, from which on the others are left out of a mean width."""
_ALL_VOID = "There is no wall: all is void."


def _check_converged(
    bench: _Bench, found: transport.DiffusionSolution | transport.ConductanceSolution, what: str
) -> None:
    if not found.converged:
        text = f"The solve of {what} along {AXIS_NAMES[found.axis]} did not converge, and its numbers are rough: {found.reason}"
        bench.cautions.append(Caution("not-converged", text))


def _diffusion(bench: _Bench) -> None:
    conduction = transport.Conduction(bench.image, device=bench.device)
    for axis in bench.axes:
        name = AXIS_NAMES[axis]
        slow, fast = (
            f"tortuosity factor{_along(axis)}: open porosity over relative diffusivity",
            f"effective diffusivity over that in free space{_along(axis)}",
        )
        if image_is_flat(bench.image, axis):
            bench.add(f"diffusivity_relative_{name}", NotDetermined(_OF_SECTION, "1", fast), symbol="D/D0")
            bench.add(f"tortuosity_{name}", NotDetermined(_OF_SECTION, "1", slow), symbol="tau")
            continue
        found = conduction.diffusion(axis)
        method = f"finite volumes on the voxels, {found.iterations} iterations, flux balance {found.flux_imbalance:.1e}"
        error = found.flux_imbalance if np.isfinite(found.flux_imbalance) else 0.0
        value = found.diffusivity_relative
        bench.number(
            f"diffusivity_relative_{name}",
            value,
            "1",
            fast,
            method if found.connected else _NO_WAY,
            value * (1 - error),
            value * (1 + error),
            "D/D0",
        )
        if found.connected:
            tortuosity = found.tortuosity
            bench.number(
                f"tortuosity_{name}",
                tortuosity,
                "1",
                slow,
                method,
                tortuosity * (1 - error),
                tortuosity * (1 + error),
                "tau",
            )
        else:
            bench.add(f"tortuosity_{name}", Infinite(_NO_WAY, "1", slow), symbol="tau")
        _check_converged(bench, found, "diffusion")


def _gas(bench: _Bench) -> None:
    speed = float(mean_molecular_speed(_NITROGEN["molar_mass"], _TEMPERATURE))
    conduction = None
    for axis in bench.axes:
        meaning = f"effective diffusivity of nitrogen at 298.15 K and 1 atm (free: 2.0e-5 m2/s, assumed){_along(axis)}"
        name, method = (
            f"diffusivity_gas_N2_{AXIS_NAMES[axis]}",
            "local Knudsen and free diffusivity (Bosanquet), slits of the local thickness",
        )
        if image_is_flat(bench.image, axis):
            bench.add(name, NotDetermined(_OF_SECTION, "m2/s", meaning))
        elif bench.has_pore and bench.has_wall:
            if conduction is None:
                field = transport.gas_diffusivities(
                    bench.image,
                    bench.thickness.thickness,
                    free_diffusivity=_NITROGEN["diffusivity"],
                    molecular_speed=speed,
                )
                conduction = transport.Conduction(bench.image, field, device=bench.device)
            found = conduction.conductance(axis)
            bench.number(name, found.conductivity_effective, "m2/s", meaning, method if found.connected else _NO_WAY)
            _check_converged(bench, found, "gas diffusion")
        elif not bench.has_pore:
            bench.number(name, 0.0, "m2/s", meaning, _NO_WAY)
        else:
            bench.number(name, math.nan, "m2/s", meaning, method, reason=_ALL_VOID)


_SHAPES: tuple[transport.PoreShape, ...] = ("tube", "slit")


def _viscous(bench: _Bench) -> None:
    solved: dict[tuple[str, Axis], transport.ConductanceSolution] = {}
    axes = [axis for axis in bench.axes if not image_is_flat(bench.image, axis)]
    if axes and bench.has_pore and bench.has_wall:
        maps = (bench.thickness.thickness, bench.wall_distance)
        for shape in _SHAPES:
            field = transport.viscous_conductivities(
                bench.image, *maps, edge_across=bench.edge_across, pore_shape=shape
            )
            conduction = transport.Conduction(bench.image, field, device=bench.device)
            for axis in axes:
                mapped = shape == "slit" and axis == max(bench.axes)
                solved[shape, axis] = conduction.conductance(axis, flux_map=mapped)
    for axis in bench.axes:
        _viscous_along(bench, axis, solved)


def _viscous_along(bench: _Bench, axis: Axis, solved: Mapping[tuple[str, Axis], transport.ConductanceSolution]) -> None:
    letter = AXIS_NAMES[axis]
    meaning = (
        f"permeability to viscous flow by local hydraulic conductances{_along(axis)}; band: pores as tubes and as slits"
    )
    method = "parabolic profile of a slit or a tube in each pore, local thickness and distance to the wall"
    if image_is_flat(bench.image, axis) or not (bench.has_pore and bench.has_wall):
        closed = not image_is_flat(bench.image, axis) and not bench.has_pore
        reason = _OF_SECTION if image_is_flat(bench.image, axis) else _NO_WAY if closed else _ALL_VOID
        value, how = (0.0, _NO_WAY) if closed else (math.nan, method)
        bench.number(f"permeability_{letter}", value, "m2", meaning, how, reason=reason)
        if axis == max(bench.axes):
            _no_flow_weighted(bench, reason)
        return
    tube, slit = (solved[shape, axis] for shape in _SHAPES)
    _check_converged(bench, tube, "viscous flow in tubes")
    _check_converged(bench, slit, "viscous flow in slits")
    low, high = sorted((tube.conductivity_effective, slit.conductivity_effective))
    middle = math.sqrt(low * high)
    bench.number(f"permeability_{letter}", middle, "m2", meaning, method if slit.connected else _NO_WAY, low, high, "k")
    flux = slit.flux_magnitude
    if axis == max(bench.axes):
        if flux is not None and slit.connected:
            _flow_weighted(bench, axis, flux)
        else:
            _no_flow_weighted(bench, _NO_WAY)


_FLOW_WEIGHTED = "flow-weighted mean width of the connected pores, by local thickness"
_FLOW_WEIGHTED_SPREAD = "geometric standard deviation of the pore width, weighted by flow"


def _no_flow_weighted(bench: _Bench, reason: str) -> None:
    bench.add("pore_diameter_mean", NotDetermined(reason, "m", _FLOW_WEIGHTED), symbol="D_flow", shown_in="nm")
    bench.add("pore_diameter_spread", NotDetermined(reason, "1", _FLOW_WEIGHTED_SPREAD))


def _flow_weighted(bench: _Bench, axis: Axis, flux: npt.NDArray[np.float32]) -> None:
    """Mean pore as flow sees it, through the last of the axes: the thickness, if it is measured."""
    thickness = bench.thickness.thickness
    weights = np.where(thickness > 0, flux, np.float32(0.0))
    of_whole = np.where(bench.thickness.bounded, weights, np.float32(0.0))
    if of_whole.sum(dtype=np.float64) >= _SHARE_NOT_CUT * weights.sum(dtype=np.float64):
        weights = of_whole  # a pore that a face cuts does not show its width
    mean, low, high = representative.mean_with_band(thickness, weights)
    method = f"local thickness weighted by viscous flow{_along(axis)}; {OCTANT_BAND}"
    bench.number(
        "pore_diameter_mean",
        mean,
        "m",
        _FLOW_WEIGHTED,
        method,
        low,
        high,
        "D_flow",
        "nm",
    )
    kept = weights > 0
    bench.number(
        "pore_diameter_spread",
        _spread(thickness[kept], weights[kept]),
        "1",
        _FLOW_WEIGHTED_SPREAD,
        method,
    )
    x, y = _quantiles(thickness[kept], weights[kept])
    bench.curve(
        "pore_diameter_flow_weighted",
        "share of the viscous flow in pores of at least this width",
        x,
        y,
        "m",
        "1",
        "pore width",
        "share of the flow",
        "nm",
    )


def _porometry(bench: _Bench) -> None:
    axis: Axis = max(bench.axes)
    meaning = f"mean flow pore: widest throats on the ways through that carry half of the flow{_along(axis)}"
    method = "throats of the ways through, weighted by their section at the middle of the image"
    name = "porometry_diameter_mean"
    if image_is_flat(bench.image, axis) or not (bench.has_pore and bench.has_wall):
        bench.number(
            name,
            math.nan,
            "m",
            meaning,
            method,
            shown_in="nm",
            reason=_OF_SECTION if image_is_flat(bench.image, axis) else "There is no pore, or no wall.",
        )
        return
    passing = through_access(bench.image, bench.opening, axis)
    through = covered_by(passing, bench.pore, bench.image.spacing, bench.image.periodic)
    curve = flow_curve(bench.image, through, axis)
    if curve is None:
        bench.number(name, math.nan, "m", meaning, method, shown_in="nm", reason="No pore goes through.")
        return
    bench.number(name, curve.mean_flow_diameter, "m", meaning, method, symbol="D_mf", shown_in="nm")
    for instrument in INSTRUMENTS:
        seen = (curve.diameter >= instrument.smallest) & (curve.diameter <= instrument.largest)
        bench.distributions[f"porometry_{instrument.name}"] = Distribution(
            meaning=f"{instrument.meaning}; only what the instrument sees ({instrument.range_text})",
            x=pressure(curve.diameter[seen], instrument.tension),
            y=curve.flow_share[seen],
            x_unit="Pa",
            y_unit="1",
            x_meaning="pressure difference",
            y_meaning="flow of the wet over the dry film",
            shown_in="bar",
        )
        unseen = float(1.0 - curve.flow_share[seen].max()) if seen.any() else 1.0
        if unseen > 0.05:
            text = f"{instrument.title} would miss {100 * unseen:.0f} % of the flow: its pores lie outside {instrument.range_text}."
            bench.cautions.append(Caution(f"porometry-{instrument.name}", text))


def _network(bench: _Bench) -> None:
    if not (bench.has_pore and bench.has_wall):
        return
    # Pores and throats of a section have no volumes and no areas, along whichever axis.
    found = None if 1 in bench.image.shape else network.extract_network(bench.image, bench.opening)
    for axis in bench.axes:
        meaning = f"effective diffusivity of the pore network over that in free space{_along(axis)}"
        name = f"network_diffusivity_relative_{AXIS_NAMES[axis]}"
        if found is None:
            bench.add(name, NotDetermined(_OF_SECTION, "1", meaning))
            continue
        value = network.diffusivity_relative(found, axis)
        direct = bench.results.get(f"diffusivity_relative_{AXIS_NAMES[axis]}")
        beside = f"; direct solve {direct.value:.4g}" if isinstance(direct, Estimate) else ""
        if value == 0.0 and isinstance(direct, Estimate) and direct.value > 0.0:
            reason = "A single pore goes around the periodic axis and meets itself, where a network has no throat."
            bench.add(name, NotDetermined(reason, "1", meaning))
            continue
        how = f"pyramids between the middles of pores and throats{beside}" if value > 0.0 else _NO_WAY
        bench.number(name, value, "1", meaning, how)


_IN_PLANE = frozenset({"connection", "intrusion", "porometry", "diffusion", "gas", "viscous"})
_PORES_LEAVE = (
    "In the plane of a section pores that connect above or below it look closed: what is said of connection and transport "
    "along that plane holds for the section, not for the film."
)
_HOW: dict[str, Callable[[_Bench], None]] = {
    "porosity": _porosity, "connection": _connection, "surface": _surface, "local-thickness": _local_thickness,
    "intrusion": _intrusion, "porometry": _porometry, "chords": _chords, "two-point": _two_point,
    "lineal-path": _lineal_path, "cluster": _cluster, "pores": _pores, "uniformity": _uniformity,
    "representative": _representative, "diffusion": _diffusion, "gas": _gas, "viscous": _viscous, "network": _network,
}  # fmt: skip


def _check(only: Collection[str] | None, axes: tuple[int, ...]) -> None:
    faults = []
    for name in only or ():
        if name not in MEASURES:
            near = nearest(name, MEASURES)
            faults.append(
                Fault(
                    "only",
                    printable(name),
                    ", ".join(MEASURES),
                    "There is no such measure.",
                    f"Did you mean {near}?" if near else "Choose some.",
                )
            )
    if not axes or any(axis not in AXES for axis in axes):
        faults.append(Fault("axes", printable(axes), "0, 1, 2", "There is no such axis.", "x is 0, y is 1, z is 2."))
    if faults:
        raise InvalidInput(faults, "characterise")


def characterise_image(
    image: VoxelImage,
    *,
    only: Collection[str] | None = None,
    axes: tuple[int, ...] = (0, 1, 2),
    device: str = "auto",
    progress: Progress | None = None,
) -> MeasuredStructure:
    """Everything that an image shows of its pores, or the measures named in `only`, along the `axes`.

    `progress` is called with the measure under way and the share that is done. What the image cannot show is a typed
    result: `NotDetermined` with the reason, `Infinite` for the tortuosity of pores that do not connect. Raises InvalidInput for
    unknown measures and axes.
    """
    _check(only, axes)
    asked = [name for name in MEASURES if only is None or name in only]
    along: tuple[Axis, ...] = tuple(axis for axis in AXES if axis in axes)
    bench = _Bench(image, along, choose_device(device).kind)
    if 1 in image.shape and not _IN_PLANE.isdisjoint(asked):
        bench.cautions.append(Caution("in-plane", _PORES_LEAVE))
    done, total = 0.0, sum(_SHARES.get(name, 1.0) for name in asked)
    for name in asked:
        if progress is not None:
            progress(name, done / total)
        with one_at_a_time():
            _HOW[name](bench)
        done += _SHARES.get(name, 1.0)
    if progress is not None:
        progress("done", 1.0)
    maps = {"local_thickness": bench.thickness.thickness} if "thickness" in bench.__dict__ else {}
    return MeasuredStructure(
        image=image,
        results=bench.results,
        meanings=bench.meanings,
        distributions=bench.distributions,
        maps=maps,
        tables=bench.tables,
        cautions=tuple(bench.cautions),
    )
