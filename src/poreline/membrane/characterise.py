"""Stretched film to membrane: pore sizes, connection, tortuosity; or a measured membrane as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, overload

import numpy as np

from poreline.materials import Polymer
from poreline.membrane import connectivity, cracks
from poreline.membrane.constants import MembraneConstants
from poreline.membrane.membrane import Membrane
from poreline.membrane.structure import PoreStructure
from poreline.quantities.fields import Values
from poreline.recipe import Measured, MeasuredMembrane, StretchStep
from poreline.stretch import StretchedFilm, fibrils
from poreline.voxels import VoxelImage

if TYPE_CHECKING:
    from poreline.membrane.image.measured import MeasuredStructure

_TORTUOSITY_EXPONENT = -1.5  # of porosity, for a measured membrane without a tortuosity of its own
_WIDTH_STEP = 1.05  # relative change of crack width by which its effect on the throat is found
_MAXWELL_FROM = 0.1  # volume fraction of domains from which their dense permeability mixes by Maxwell's law


@overload
def characterise(structure: VoxelImage, /, **options: Any) -> MeasuredStructure: ...
@overload
def characterise(
    structure: StretchedFilm,
    /,
    steps: tuple[StretchStep, ...],
    constants: MembraneConstants | None = None,
    measured: Measured | None = None,
) -> tuple[PoreStructure, Membrane]: ...
def characterise(structure: VoxelImage | StretchedFilm, /, *arguments: Any, **options: Any) -> Any:
    """What a structure offers to transport: measured on an image, or of a stretched film by the mean-field closures.

    An image takes the options of `characterise_image` (only, axes, device, progress) and gives a `MeasuredStructure`; a
    stretched film takes the steps of its programme, constants and measured values, and gives its pore structure and membrane.
    """
    if isinstance(structure, VoxelImage):
        # Imported here: the kernels of the image measures are not needed where no image is measured.
        from poreline.membrane.image.characterise import characterise_image

        return characterise_image(structure, *arguments, **options)
    return characterise_film(structure, *arguments, **options)


def characterise_film(
    stretched: StretchedFilm,
    steps: tuple[StretchStep, ...],
    constants: MembraneConstants | None = None,
    measured: Measured | None = None,
) -> tuple[PoreStructure, Membrane]:
    """Pore structure and membrane of a stretched film; measured values replace the predicted ones."""
    constants, measured = constants or MembraneConstants(), measured or Measured()
    film = stretched.film
    blend = film.blend
    cracked = _cracked(stretched, constants)
    spacing, hydraulic = _fibrils(stretched, steps, constants)
    breakdown = constants.fibril_breakdown_width * (1.0 + constants.fibril_toughening * film.copolymer_coverage)
    throat, spread = _throat(cracked.width, breakdown, hydraulic, film.domain_diameter_spread, constants)
    survival = fibrils.fibril_survival(cracked.width, breakdown)
    network = _connected(stretched, cracked, constants)
    crack_porosity = (1.0 - blend.first_volume_fraction) * stretched.void_ratio_microcracks / stretched.volume_ratio
    through = _transport_porosity(stretched, crack_porosity * network.open_share, survival, constants)
    opened, tortuosity = network.open_share, network.tortuosity
    if measured.tortuosity is not None:
        tortuosity = measured.tortuosity
        if measured.porosity is not None:
            # Porosity and tortuosity of one measurement belong together: all of the porosity is what they speak of.
            opened, through = np.ones(np.shape(through)), stretched.porosity
    drawn = np.maximum(stretched.stretch_ratio_final, stretched.stretch_ratio_final_transverse)
    structure = PoreStructure(
        domain_distance=cracked.distance,
        domains_per_volume=cracked.domains,
        cracks_per_domain=cracked.density / np.maximum(cracked.domains, 1e-12),
        crack_radius=cracked.radius,
        crack_width_mean=cracked.width,
        fibril_spacing=spacing,
        fibril_hydraulic_diameter=hydraulic,
        fibril_survival=survival,
        wake_length=(drawn - 1.0) * film.domain_diameter_median,
        connectivity=network.ratio,
        through_connection_probability=network.through_probability,
        tortuosity_machine=connectivity.machine_direction_tortuosity(tortuosity),
        crack_porosity=crack_porosity,
    )
    membrane = Membrane(
        film_thickness=stretched.film_thickness,
        porosity=stretched.porosity,
        open_share=opened,
        porosity_open=stretched.porosity * opened,
        transport_porosity=through,
        tortuosity=tortuosity,
        pore_diameter_mean=throat if measured.pore_diameter_mean is None else measured.pore_diameter_mean,
        pore_diameter_spread=spread if measured.pore_diameter_spread is None else measured.pore_diameter_spread,
        pore_shape="slit",
        dense_permeability=_dense_permeability(
            blend.substances.first, blend.substances.second, blend.first_volume_fraction
        ),
        matrix=blend.substances.second,
        stretch_ratio_final=stretched.stretch_ratio_final,
        drawn_across=any(step.direction in ("transverse", "both") for step in steps),
    )
    return structure, membrane


@dataclass(frozen=True, kw_only=True)
class _Cracked:
    """Number and size of the microcracks, and the domains between them."""

    distance: Values
    domains: Values
    radius: Values
    density: Values
    width: Values


def _cracked(stretched: StretchedFilm, constants: MembraneConstants) -> _Cracked:
    film = stretched.film
    phi, diameter = film.blend.first_volume_fraction, film.domain_diameter_median
    distance = cracks.domain_distance(diameter, phi) * film.domain_aspect_ratio ** (-1.0 / 3.0)
    domains = cracks.domain_density(diameter, phi, stretched.volume_ratio)
    radius = cracks.crack_radius(
        distance,
        np.maximum(stretched.stretch_ratio_final, stretched.stretch_ratio_final_transverse),
        _crack_section(stretched),
        constants.smallest_crack_radius,
        # Far from any domain a crack ends where the matrix's own cracks relieve it.
        np.maximum(constants.largest_crack_reach * constants.matrix_crack_spacing, diameter),
    )
    density = cracks.crack_density(
        domains,
        diameter,
        stretched.nucleated_sum,
        constants.polar_crack_spacing,
        constants.matrix_crack_spacing,
        radius,
    )
    width = cracks.crack_width(stretched.void_ratio_microcracks, stretched.volume_ratio, density, radius)
    return _Cracked(distance=distance, domains=domains, radius=radius, density=density, width=width)


@dataclass(frozen=True, kw_only=True)
class _Network:
    """How far cracks and wakes connect."""

    ratio: Values
    open_share: Values
    tortuosity: Values
    through_probability: Values


def _connected(stretched: StretchedFilm, cracked: _Cracked, constants: MembraneConstants) -> _Network:
    across = stretched.transverse_share
    volumes = connectivity.excluded_volumes(
        cracked.radius,
        connectivity.mean_sine(constants.crack_tilt, 2.0 * across * (1.0 - across)),
        stretched.film.domain_diameter_across / 2.0,
        stretched.stretch_ratio_final * stretched.stretch_ratio_final_transverse,
    )
    number = connectivity.connectivity_number(cracked.density, cracked.domains * stretched.wake_share, volumes)
    ratio = number / constants.percolation_threshold
    spacings = stretched.film_thickness / cracked.distance
    rounding = constants.finite_thickness * spacings ** (-1.0 / constants.correlation_exponent)
    past = connectivity.smoothed_distance(ratio, constants.smoothing + rounding)
    return _Network(
        ratio=ratio,
        open_share=connectivity.open_share(past, constants.open_rate),
        tortuosity=connectivity.tortuosity_factor(past, constants.network_conductance, constants.conductance_exponent),
        through_probability=connectivity.through_connection_probability(
            ratio, spacings, constants.correlation_exponent
        ),
    )


def _transport_porosity(
    stretched: StretchedFilm, open_cracks: Values, survival: Values, constants: MembraneConstants
) -> Values:
    """Porosity that transport passes through: open cracks with perfectly conducting wakes between them (Maxwell).

    Surviving fibrils obstruct in two dimensions.
    """
    wakes = (stretched.void_ratio_debonded + stretched.void_ratio_poles) / stretched.volume_ratio
    return open_cracks * (1.0 + 2.0 * wakes) / (1.0 - wakes) / (1.0 + survival / constants.fibril_draw_ratio)


def _crack_section(stretched: StretchedFilm) -> Values:
    """Linear contraction of the section that the cracks lie in.

    Cracks lie across the draw: in the width and thickness of a film drawn along the machine, in its length and thickness
    where it was drawn across; with both, the geometric mean weighted by the cracks of each direction.
    """
    across = stretched.transverse_share
    held = stretched.width_ratio ** (1.0 - across) * stretched.stretch_ratio_final**across
    return np.sqrt(held * stretched.thickness_ratio)


def usual_tortuosity(porosity: Values) -> Values:
    """Tortuosity factor porosity^-1.5 of a measured membrane that comes without one.

    Assumed: from the MacMullin numbers porosity^-2.5 of measured separators, whose exponents scatter from 1.5 to 2.3.
    """
    return porosity**_TORTUOSITY_EXPONENT


def as_measured(measured: MeasuredMembrane) -> Membrane:
    """A measured membrane as it is: its porosity is all open, and without a tortuosity it gets the usual one."""
    tortuosity = measured.tortuosity
    return Membrane(
        film_thickness=measured.thickness,
        porosity=measured.porosity,
        open_share=np.ones(np.shape(measured.porosity)),
        porosity_open=measured.porosity,
        transport_porosity=measured.porosity,
        tortuosity=usual_tortuosity(measured.porosity) if tortuosity is None else tortuosity,
        pore_diameter_mean=measured.pore_diameter_mean,
        pore_diameter_spread=measured.pore_diameter_spread,
        pore_shape=cast(Literal["slit", "cylinder"], measured.pore_shape),
    )


def _fibrils(
    stretched: StretchedFilm, steps: tuple[StretchStep, ...], constants: MembraneConstants
) -> tuple[Values, Values]:
    """Fibril spacing and hydraulic diameter: the cold stretch is remembered as far as it nucleated."""
    film = stretched.film
    drawing = film.blend.substances.second.drawing
    assert drawing is not None  # a film that was stretched has one

    def spacing(step: StretchStep, scission: Values) -> Values:
        energy = fibrils.fibril_surface_energy(
            drawing.fibril_surface_energy,
            scission,
            drawing.entanglement_density,
            drawing.entanglement_length,
            constants.bond_energy,
        )
        return fibrils.fibril_spacing(
            energy, film.yield_factor * drawing.yield_stress(step.strain_rate, step.temperature)
        )

    cold = [step for step in steps if step.regime == "cold"]
    hot = [step for step in steps if step.regime == "hot"]
    found: Values = 0.0
    if cold and hot:
        share = stretched.nucleated_share_cold
        found = spacing(cold[-1], drawing.chain_scission_cold) ** share * spacing(
            hot[-1], drawing.chain_scission_hot
        ) ** (1.0 - share)
    elif hot:
        found = spacing(hot[-1], drawing.chain_scission_hot)
    elif cold:
        found = spacing(cold[-1], drawing.chain_scission_cold)
    return found, fibrils.hydraulic_diameter(found, constants.fibril_draw_ratio)


def _throat(
    width: Values, breakdown: Values, hydraulic: Values, domain_spread: Values, constants: MembraneConstants
) -> tuple[Values, Values]:
    """Flow-weighted pore diameter and its spread: throats that fibrils limit do not inherit the domains' spread."""
    safe = np.where(np.asarray(hydraulic) > 0.0, hydraulic, 1.0)

    def diameter(w: Values) -> Values:
        return fibrils.throat_diameter(w, fibrils.fibril_survival(w, breakdown), safe)

    throat = diameter(width)
    open_ = throat > 0.0
    slope = np.log(np.where(open_, diameter(width * _WIDTH_STEP), 1.0) / np.where(open_, throat, 1.0)) / np.log(
        _WIDTH_STEP
    )
    return throat, np.exp(np.hypot(slope * np.log(domain_spread), constants.throat_scatter))


def _dense_permeability(first: Polymer, second: Polymer, phi: Values) -> dict[str, Values]:
    """Permeability of the unvoided blend by gas: parallel paths at few domains, Maxwell from a tenth."""
    found: dict[str, Values] = {}
    for gas in second.permeability.keys() & first.permeability.keys():
        matrix, domain = second.permeability[gas], first.permeability[gas]
        parallel = (1.0 - phi) * matrix + phi * domain
        contrast = domain - matrix
        maxwell = matrix * (domain + 2.0 * matrix + 2.0 * phi * contrast) / (domain + 2.0 * matrix - phi * contrast)
        found[gas] = np.where(np.asarray(phi) > _MAXWELL_FROM, maxwell, parallel)
    return dict(sorted(found.items()))
