"""The numbers of the law at a temperature, from the materials: one table row a phase, in MPa.

The matrix takes its yield law, hardening and cavitation stress from the same material records as the mean-field model.
Sources of what is assumed stand at the constants. All temperatures in K.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from poreline.materials import Drawing, Polymer, rigid_share
from poreline.materials.polymer import GLASSY_STRESS_AT_TRANSITION, GLASSY_STRESS_SLOPE
from poreline.quantities.constants import AVOGADRO, BOLTZMANN, GAS_CONSTANT, ZERO_CELSIUS
from poreline.stretch import fibrils
from poreline.stretch.volume import properties as p
from poreline.stretch.volume.constants import VolumeConstants

Array = npt.NDArray[np.float64]

MEGA = 1e6
_ROOM = ZERO_CELSIUS + 23.0  # K, of the tabulated moduli
_REFERENCE = ZERO_CELSIUS + 20.0  # K, where a craze is drawn as hard as it nucleates
_REFERENCE_RATE = 0.01  # 1/s
_SCISSION_COLD, _SCISSION_RANGE = ZERO_CELSIUS + 25.0, 35.0  # K, from here on chains slip instead of breaking
_GLASSY_RATE = 1e-3  # 1/s, of the flow stress of a glassy domain
_LEAST_GLASSY_STRESS = 2e6  # Pa
_POISSON_LIMIT = 0.4999
_NEVER = 1e30
_SHIFT, _SHIFT_RANGE = 17.44, 51.6  # decades, K: of a relaxation time above a glass transition
_STRETCH_OF_DOMAIN = 1.5  # Pa of hourglass stiffness per Pa of modulus: 3 mu/2 in a plastic tangent
_SAFETY = 0.85  # of the fictitious time step; up to 1 it is stable for a pressure alone, and further for shear


@dataclass(frozen=True)
class Shell:
    """A copolymer layer around the domains: its thickness and the edge of a voxel, m."""

    thickness: float
    voxel_edge: float

    @property
    def resolved(self) -> bool:
        """Whether a voxel is thinner than the shell: the layer is then copolymer alone."""
        return self.voxel_edge < self.thickness

    @property
    def share(self) -> float:
        """Share of the layer of voxels that is copolymer."""
        return min(1.0, self.thickness / self.voxel_edge)


def shell_thickness(areal_density: float, molar_mass: float, density: float) -> float:
    """Thickness of a copolymer shell, Sigma M_c/(rho_c N_A), m."""
    return areal_density * molar_mass / (density * AVOGADRO)


def shear_modulus(youngs: float, bulk: float) -> float:
    """mu = E/(2 (1 + nu)) with nu = 1/2 - E/(6 K), Pa."""
    return youngs / (2.0 * (1.0 + min(0.5 - youngs / (6.0 * bulk), _POISSON_LIMIT)))


def fibril_surface_energy(drawing: Drawing, temperature: float, bond_energy: float) -> float:
    """Energy per new surface of a fibril, J/m2 (`fibrils.fibril_surface_energy`); the scission f_sc falls from cold to hot."""
    hot = min(max((temperature - _SCISSION_COLD) / _SCISSION_RANGE, 0.0), 1.0)
    scission = drawing.chain_scission_cold + (drawing.chain_scission_hot - drawing.chain_scission_cold) * hot
    strands = drawing.entanglement_density, drawing.entanglement_length
    return float(fibrils.fibril_surface_energy(drawing.fibril_surface_energy, scission, *strands, bond_energy))


def drawing_ratio(drawing: Drawing, temperature: float, bond_energy: float) -> float:
    """Pressure that draws a craze over the one that nucleates it, r_d = [Y G_s](T)/[Y G_s](20 degC), at most 1."""
    at = [
        float(drawing.yield_stress(_REFERENCE_RATE, t)) * fibril_surface_energy(drawing, t, bond_energy)
        for t in (temperature, _REFERENCE)
    ]
    return min(1.0, at[0] / at[1])


def nucleation_pressure(matrix: Polymer, constants: VolumeConstants) -> float:
    """Pressure that nucleates a craze, p_n, Pa: 14 MPa sig_cav/45 MPa for PP, else 0.40 of the yield stress at 20 degC."""
    drawing = _drawing(matrix)
    if matrix.kind == "polypropylene" or matrix.name == "PP":
        return float(constants.nucleation_pressure * drawing.cavitation_stress / 45e6)
    return float(constants.nucleation_share * drawing.yield_stress(_REFERENCE_RATE, _REFERENCE) / drawing.yield_factor)


def fibril_spacing(
    drawing: Drawing, temperature: float, rate: float, bond_energy: float, yield_factor: float = 1.0
) -> float:
    """Distance between fibrils that are drawn now, m (`fibrils.fibril_spacing` under the yield stress Y).

    `yield_factor` is that of the film, from how it was cooled.
    """
    energy = fibril_surface_energy(drawing, temperature, bond_energy)
    return float(fibrils.fibril_spacing(energy, yield_factor * drawing.yield_stress(rate, temperature)))


def _drawing(matrix: Polymer) -> Drawing:
    if matrix.drawing is None:
        raise ValueError(f"{matrix.name} has no drawing data and cannot be a matrix")
    return matrix.drawing


@dataclass(frozen=True)
class Parameters:
    """The phases of a film: matrix, domain and layer, and what the film's cooling did to the matrix."""

    matrix: Polymer
    domain: Polymer
    shell: Shell | None = None
    yield_factor: float = 1.0
    cavitation_factor: float = 1.0
    voxel_edge: float = 60e-9
    """m. Breaks take an opening, a length; nothing else depends on it."""
    crazing: bool = True
    """False: neither crazes nor breaks, for tests of the flow alone."""
    constants: VolumeConstants = field(default_factory=VolumeConstants)

    def shear_moduli(self, temperature: float) -> Array:
        """Shear moduli of matrix, domain and layer, Pa."""
        c, matrix = self.constants, self.matrix
        youngs = float(matrix.youngs_modulus) * math.exp(-c.matrix_softening * (temperature - _ROOM))
        in_matrix = shear_modulus(youngs, c.matrix_bulk_modulus)
        rigid = float(rigid_share(self.domain, temperature))
        glassy = max(float(self.domain.youngs_modulus) - c.domain_modulus_slope * (temperature - _ROOM), 0.0)
        in_domain = shear_modulus(rigid * glassy + (1.0 - rigid) * c.domain_rubber_modulus, c.domain_bulk_modulus)
        in_layer = in_matrix
        if self.shell is not None:
            share = self.shell.share
            in_layer = 1.0 / (share / c.shell_modulus + (1.0 - share) / in_matrix)
        return np.array([in_matrix, in_domain, in_layer])

    def matrix_tangent(self, temperature: float) -> float:
        """K + 4 mu/3 of the matrix, MPa: the stiffness of the macroscopic directions."""
        return (self.constants.matrix_bulk_modulus + 4.0 / 3.0 * self.shear_moduli(temperature)[0]) / MEGA

    def rate_constants(self, temperature: float) -> Array:
        """r0 of matrix, domain and layer, 1/s."""
        drawing = _drawing(self.matrix)
        r0 = math.exp(drawing.log_rate_constant - drawing.activation_enthalpy / (GAS_CONSTANT * temperature))
        slope = float(GLASSY_STRESS_SLOPE * (self.domain.glass_transition - temperature))
        glassy = max(_LEAST_GLASSY_STRESS, GLASSY_STRESS_AT_TRANSITION + slope)
        activation = BOLTZMANN * temperature / self.constants.domain_activation_volume
        of_layer = 0.0 if self.shell is not None and self.shell.resolved else r0
        return np.array([r0, _GLASSY_RATE / math.sinh(glassy / activation), of_layer])

    def healing_rate(self, temperature: float) -> float:
        """Rate at which young crazes heal as the domains flow, 1/s: 1/t_h at their glass transition Tg, by its shift elsewhere.

        10^(17.44 (T - Tg)/(51.6 K + T - Tg))/t_h, nothing from 51.6 K below Tg down. Source of the shift: Williams, Landel and
        Ferry 1955, universal constants.
        """
        above = temperature - float(self.domain.glass_transition)
        if above <= 1.0 - _SHIFT_RANGE:
            return 0.0
        return 10.0 ** (_SHIFT * above / (_SHIFT_RANGE + above)) / self.constants.healing_time

    def table(self, temperature: float, rate: float) -> Array:
        """The property table at a temperature and rate of draw, (phases, properties); flow increments are left 0."""
        c, drawing = self.constants, _drawing(self.matrix)
        mu = self.shear_moduli(temperature)
        hardening = float(drawing.hardening_modulus(temperature))
        thermal = BOLTZMANN * temperature
        table = np.zeros((p.PHASES, p.PHASE_PROPERTIES))
        own = table[p.MATRIX]
        own[p.BULK_MODULUS] = c.matrix_bulk_modulus / MEGA
        own[p.SHEAR_MODULUS] = mu[0] / MEGA
        own[p.REFERENCE_CHANGE] = 1.0
        own[p.ACTIVATION_STRESS] = (
            thermal / drawing.activation_volume * self.yield_factor * float(drawing.yield_factor) / MEGA
        )
        own[p.NETWORK_MODULUS] = c.elastic_share * hardening / MEGA
        own[p.HARDENING_MODULUS] = (1.0 - c.elastic_share) * hardening / MEGA
        own[p.RESIDUAL_MODULUS] = c.residual_modulus / MEGA
        # At the plastic tangent: an elastic hourglass stiffness would keep shear bands from forming.
        own[p.HOURGLASS_STIFFNESS] = 0.3 * (3.0 * hardening / MEGA + 10.0) / 48.0
        own[p.HOURGLASS_LEAST] = 0.05 * c.residual_modulus / MEGA
        pressure = nucleation_pressure(self.matrix, c) * self.cavitation_factor / MEGA
        own[p.NUCLEATION_PRESSURE] = pressure if self.crazing else _NEVER
        # Where no rigid domain holds its fibrils, a craze is nucleated again rather than drawn.
        rigid = float(rigid_share(self.domain, temperature))
        ratio = rigid * drawing_ratio(drawing, temperature, c.bond_energy) + 1.0 - rigid
        own[p.DRAWING_RATIO] = ratio
        own[p.ELONGATION_RESISTANCE] = c.elongation_resistance
        own[p.INTERFACE_STRENGTH] = _NEVER
        own[p.BREAK_STRETCH] = math.sqrt(3.0 * c.break_elongation) if self.crazing else _NEVER
        own[p.BREAK_GROWTH] = 1.0 / (1.0 - c.break_fraction)
        own[p.BREAK_RATE] = self.voxel_edge / c.break_opening
        own[p.DEBONDING_RATE] = self.voxel_edge / c.debonding_opening
        spacing = fibril_spacing(drawing, temperature, rate, c.bond_energy, self.yield_factor)
        own[p.CRAZE_RATE] = ratio**4 / (spacing * 1e6)
        own[p.CRAZE_SPACING_LOG] = math.log(spacing * 1e9)

        table[p.DOMAIN] = own
        inside = table[p.DOMAIN]
        inside[p.BULK_MODULUS] = c.domain_bulk_modulus / MEGA
        inside[p.SHEAR_MODULUS] = mu[1] / MEGA
        inside[p.ACTIVATION_STRESS] = thermal / c.domain_activation_volume / MEGA
        inside[p.NETWORK_MODULUS] = c.domain_network_modulus / MEGA
        inside[p.HARDENING_MODULUS] = c.domain_hardening_modulus / MEGA
        inside[p.HOURGLASS_STIFFNESS] = 0.05 * _STRETCH_OF_DOMAIN * _youngs(mu[1], c.domain_bulk_modulus) / MEGA / 48.0
        inside[p.NUCLEATION_PRESSURE] = _NEVER
        inside[p.BREAK_RATE] = 0.0
        inside[p.CRAZE_RATE] = 0.0

        table[p.LAYER] = own
        layer = table[p.LAYER]
        layer[p.INTERFACE_STRENGTH] = c.interface_strength / MEGA
        if self.shell is not None:
            layer[p.SHEAR_MODULUS] = mu[2] / MEGA
            self._shell(layer, pressure, drawing)
        return table

    def _shell(self, layer: Array, of_matrix: float, drawing: Drawing) -> None:
        assert self.shell is not None
        c = self.constants
        # Cavitation of a rubber, 2.5 mu, and the surface that a void in a thin layer has to make.
        surface = 4.0 * float(drawing.fibril_surface_energy) / max(self.shell.thickness, 1e-12)
        layer[p.NUCLEATION_PRESSURE] = (
            min(of_matrix, (2.5 * c.shell_modulus + surface) / MEGA) if self.crazing else _NEVER
        )
        layer[p.INTERFACE_STRENGTH] = _NEVER
        if self.shell.resolved:
            layer[p.NETWORK_MODULUS] = c.shell_network_modulus / MEGA
            layer[p.DRAWING_RATIO] = 1.0
            layer[p.ELONGATION_RESISTANCE] = 0.0

    def common(self) -> Array:
        """The numbers common to all phases; the breaking increment and the healed share are left 0."""
        c = self.constants
        common = np.zeros(p.COMMON_PROPERTIES)
        common[p.NUCLEATION_FRACTION] = c.nucleation_fraction
        common[p.WIDENING_FRACTION] = c.widening_fraction
        common[p.LARGEST_FRACTION] = c.largest_fraction
        common[p.WIDENING_HARDENING] = c.widening_hardening
        common[p.CLOSING_PRESSURE] = c.closing_pressure / MEGA
        common[p.MASS_SCALE] = 1.0 / (8.0 * _SAFETY**2)
        common[p.HEALING_LIMIT] = -math.log(1.0 - c.healing_fraction)
        return common


def _youngs(shear: float, bulk: float) -> float:
    return 9.0 * bulk * shear / (3.0 * bulk + shear)
