"""From the film to a representative cell: how many domains, where they lie, what lies between them and the matrix."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from poreline.film import Film
from poreline.line.plan import Plan
from poreline.line.volume.settings import TRUSTED_VOXELS, VolumeSettings
from poreline.quantities import Fault, InvalidInput, format_quantity
from poreline.quantities.faults import Caution
from poreline.recipe import StretchStep

if TYPE_CHECKING:
    from poreline.blend.packing import Packing
    from poreline.blend.voxelise import VoxelisedBlend
    from poreline.stretch.volume.interface import InterfaceKind

FEWEST_DOMAINS = 4
"""Domains in a cell where the grid would resolve fewer: one or two do not stand for a distribution of sizes."""
RESOLVED_RADIUS = 5.0
"""Voxels of the median radius from which the stress around a domain is resolved."""
_GAP = 0.5  # of the layer's thickness: where layers meet they are counted twice, which adds at most half a per cent to them
_SMALLEST_CORE = 0.45  # voxels of radius that layer and inset leave of the smallest domain
_TRIES = 40
_MORE_DOMAINS = 1.15


@dataclass(frozen=True, kw_only=True)
class CellPlan:
    """What every cell of an ensemble has in common."""

    film: Film
    interface: InterfaceKind
    shell_thickness: float
    """Thickness of the copolymer at the interface, m; 0 without one."""
    domains: int
    edge: float
    """Edge of the undrawn cell, m."""
    voxels: int
    layer: float
    """Thickness of the layer between domain and matrix in voxels; 0: none."""
    inset: float
    """How far the surface of a domain is set inward on the grid, in voxels."""

    @property
    def voxel_edge(self) -> float:
        """Edge of a voxel of the undrawn cell, m."""
        return self.edge / self.voxels

    @property
    def median_radius_in_voxels(self) -> float:
        """Median radius of the domains, in voxels."""
        return 0.5 * float(self.film.domain_diameter_median) / self.voxel_edge


def cell_plan(plan: Plan, film: Film, settings: VolumeSettings) -> CellPlan:
    """The cell that stands for a film: as many domains as the grid resolves, unless the settings name their number.

    Raises InvalidInput for a film that the simulation cannot draw (see `faults_of_programme`) or without domains.
    """
    from poreline.stretch.volume.interface import inset_voxels, interface_of, layer_voxels, shell_thickness_of

    faults = faults_of_programme(plan.steps)
    fraction = float(np.asarray(film.blend.first_volume_fraction))
    if fraction <= 0.0:
        reason = "There is no first polymer, and so no domain that a cell could be built around."
        faults.append(Fault("composition.first", "0 parts", "above 0", reason, "Use the mean-field model."))
    if faults:
        raise InvalidInput(faults, "volume simulation")
    domains = settings.domains or domains_that_fit(film, settings.voxels)
    edge = cell_edge(film, domains)
    kind = interface_of(film)
    return CellPlan(
        film=film,
        interface=kind,
        shell_thickness=shell_thickness_of(film) if kind == "shell" else 0.0,
        domains=domains,
        edge=edge,
        voxels=settings.voxels,
        layer=layer_voxels(kind, film, edge / settings.voxels),
        inset=inset_voxels(kind),
    )


def faults_of_programme(steps: tuple[StretchStep, ...]) -> list[Fault]:
    """What the simulation cannot draw in a programme."""
    if not steps:
        remedy = "Add a [[stretch]], or use the mean-field model."
        return [Fault("stretch", "none", "one or more", "The film is not drawn: nothing could crack.", remedy)]
    faults = []
    for index, step in enumerate(steps):
        if step.direction != "machine":
            reason = (
                "The volume simulation draws along the machine only: what opens in a cell drawn across is not settled."
            )
            remedy = "Use the mean-field model for this recipe."
            faults.append(Fault(f"stretch[{index}].direction", step.direction, "machine", reason, remedy))
        elif step.width != "free":
            reason = (
                "At fixed width the constraint adds a tension that no real film cavitates by; the law that leaves it out is "
                "assumed and was not compared with films drawn so."
            )
            remedy = 'Write width = "free", or use the mean-field model.'
            faults.append(Fault(f"stretch[{index}].width", step.width, "free", reason, remedy))
    return faults


def domains_that_fit(film: Film, voxels: int) -> int:
    """Largest number of domains whose median radius still has `RESOLVED_RADIUS` voxels; not below `FEWEST_DOMAINS`."""
    longest = 0.5 * float(film.domain_diameter_median) * voxels / RESOLVED_RADIUS
    count = FEWEST_DOMAINS
    while cell_edge(film, count + 1) <= longest:
        count += 1
    return count


def cell_edge(film: Film, domains: int) -> float:
    """Edge in m of the cell in which so many domains of the film's sizes have its volume fraction."""
    from poreline.blend.packing import domain_diameters

    diameters = domain_diameters(float(film.domain_diameter_median), _spread(film), domains)
    fraction = float(np.asarray(film.blend.first_volume_fraction))
    return float(np.cbrt(math.pi / 6.0 * np.sum(diameters**3) / fraction))


def _spread(film: Film) -> float:
    return max(1.0, float(film.domain_diameter_spread))


@lru_cache(maxsize=1)  # the cell that was tried is the one whose speed is measured, and the first that is drawn
def _packed(
    median: float,
    spread: float,
    fraction: float,
    count: int,
    aspect: float,
    seed: int,
    gap: float,
) -> Packing:
    from poreline.blend.packing import pack

    return pack(
        diameter_median=median,
        diameter_spread=spread,
        volume_fraction=fraction,
        count=count,
        aspect_ratio=aspect,
        seed=seed,
        gap=gap,
    )


def packed(plan: CellPlan, seed: int) -> VoxelisedBlend:
    """The domains of one cell on its grid. Raises InvalidInput where they cannot be packed, or are too small for the grid."""
    from poreline.blend.voxelise import voxelise

    film = plan.film
    packing = _packed(
        float(film.domain_diameter_median),
        _spread(film),
        float(np.asarray(film.blend.first_volume_fraction)),
        plan.domains,
        float(film.domain_aspect_ratio),
        seed,
        _GAP * plan.layer * plan.voxel_edge,
    )
    smallest = float(packing.semi_axes.min())
    needed = 0.5 * plan.layer + plan.inset + _SMALLEST_CORE
    if smallest < needed * plan.voxel_edge:
        # A layer of one voxel gets thinner with the grid, a thicker one is as thick as its shell.
        resolved = plan.layer > 1.0
        left = smallest - 0.5 * plan.shell_thickness if resolved else smallest
        needed = plan.inset + _SMALLEST_CORE + (0.0 if resolved else 0.5 * plan.layer)
        voxels = math.ceil(needed * plan.edge / left) if left > 0.0 else 0
        found, voxel = (format_quantity(length, "um", 3) for length in (smallest, plan.voxel_edge))
        reason = (
            f"The smallest domain has a radius of {found}: with a layer around it, hardly a voxel of {voxel} is left."
        )
        fewer = f"fewer domains (there are {plan.domains})"
        remedy = f"Take --voxels {voxels} or more, or {fewer}." if voxels else f"Take {fewer}."
        limit = f"{voxels} or more" if voxels else "domains larger than their shell"
        fault = Fault("--voxels", str(plan.voxels), limit, reason, remedy)
        raise InvalidInput([fault], "volume simulation")
    return voxelise(packing, plan.voxels, plan.layer, plan.inset)


def packable(plan: Plan, film: Film, settings: VolumeSettings) -> CellPlan:
    """The cell plan with a number of domains that can be packed: more than the grid resolves, where fewer do not fit.

    Raises InvalidInput where the settings name a number that cannot be packed, or none can: it says what can be reached.
    """
    made = cell_plan(plan, film, settings)
    count = made.domains
    for _ in range(_TRIES):
        try:
            packed(made, settings.seeds[0])
        except InvalidInput as error:
            # A large domain that meets its own image fits into a larger cell.
            if settings.domains is not None or not any("own image" in fault.reason for fault in error.faults):
                raise
            count = max(count + 1, math.ceil(count * _MORE_DOMAINS))
            made = cell_plan(plan, film, replace(settings, domains=count))
            continue
        return made
    packed(made, settings.seeds[0])
    return made


def cell_cautions(plan: CellPlan, settings: VolumeSettings) -> Iterator[Caution]:
    """What to be cautious about in a cell."""
    radius = plan.median_radius_in_voxels
    if radius < RESOLVED_RADIUS:
        text = (
            f"The median radius of the {plan.domains} domains is {radius:.2g} voxels, below the {RESOLVED_RADIUS:g} from which "
            "the stress around a domain is resolved: take more voxels, or fewer domains."
        )
        yield Caution("domains-coarse", text)
    if settings.voxels < TRUSTED_VOXELS:
        text = (
            f"Grids below {TRUSTED_VOXELS} voxels along an edge were not compared with finer ones: take it as a trial."
        )
        yield Caution("grid-coarse", text)
    if len(settings.seeds) < 4:
        count = "one cell" if len(settings.seeds) == 1 else f"{len(settings.seeds)} cells"
        text = f"The numbers are those of {count}. Where the domains lie moves the porosity by about 12 %: average four cells or more."
        yield Caution("few-cells", text)
    if plan.layer > 0.0 and plan.voxel_edge > 4.0 * max(plan.shell_thickness, 1e-9) and plan.interface == "shell":
        shell, voxel = (format_quantity(length, "nm", 3) for length in (plan.shell_thickness, plan.voxel_edge))
        text = f"The copolymer's layer of {shell} is computed as one voxel of {voxel}, with the stiffness of both in series."
        yield Caution("shell-below-voxel", text)
