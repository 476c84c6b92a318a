"""Between domain and matrix: bare, bonded, or a copolymer shell; and which bare domains have the energy to debond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from poreline.film import Film
from poreline.stretch.meanfield import debonding, flow_stress, stress_concentration
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.meanfield.drawing import adhesion, matrix
from poreline.stretch.volume.parameters import shell_thickness
from poreline.stretch.volume.properties import LAYER, LOOSE_LAYER
from poreline.stretch.volume.state import VolumeState

InterfaceKind = Literal["bare", "bonded", "shell"]
"""bare: a layer of matrix that debonds at a normal traction; bonded: no layer; shell: a layer of copolymer that holds."""
INTERFACE_KINDS: tuple[InterfaceKind, ...] = ("bare", "bonded", "shell")

_INSET: dict[InterfaceKind, float] = {"bare": 0.25, "bonded": 0.25, "shell": 0.05}


def interface_of(film: Film) -> InterfaceKind:
    """The interface of a film: a shell where a copolymer covers it, else bare."""
    covered = film.blend.substances.copolymer is not None and float(np.asarray(film.copolymer_areal_density)) > 0.0
    return "shell" if covered else "bare"


def layer_voxels(kind: InterfaceKind, film: Film, voxel_edge: float) -> float:
    """Thickness of the layer that a voxelised blend needs for this interface, in voxels: 0 bonded, else at least 1."""
    if kind == "bonded":
        return 0.0
    return max(1.0, shell_thickness_of(film) / voxel_edge) if kind == "shell" else 1.0


def inset_voxels(kind: InterfaceKind) -> float:
    """How far, in voxels, the surface of a domain is set inward on the grid, so that the porosity does not depend on the grid.

    Fitted: porosities of one cell on 32, 64 and 96 voxels along an edge. Without an inset a bonded domain stiffens the matrix as a
    ball a quarter of a voxel larger would, and the porosity at 200 % falls by 15 % from 32 voxels to 96. A shell yields, and
    needs little.
    """
    return _INSET[kind]


def shell_thickness_of(film: Film) -> float:
    """Thickness of the film's copolymer shell, m; 0 without a copolymer."""
    copolymer = film.blend.substances.copolymer
    if copolymer is None:
        return 0.0
    density = float(np.asarray(film.copolymer_areal_density))
    return shell_thickness(density, float(copolymer.molar_mass), float(copolymer.density_solid))


@dataclass(frozen=True)
class DebondingRule:
    """Which domains may debond: those that the energy criterion of the mean-field model lets go at the current flow stress.

    sigma_d(R) = C_d sqrt(E_s G_c/R) + p_T below Y + G_R h(lambda), with the clamping p_T in cold stages. Source: form by
    Gent 1980. Without a film every domain may debond as soon as its interface reaches the strength.
    """

    film: Film | None
    constants: StretchConstants
    holds: bool = False
    """True: no domain ever debonds (a copolymer shell)."""

    def radius(self, temperature: float, rate: float, machine: float, across: float, *, cold: bool) -> float:
        """Radius above which domains may debond, m. `machine` and `across` stretch ratios of length and width (drawn)."""
        if self.holds:
            return math.inf
        if self.film is None:
            return 0.0
        drawing = matrix(self.film)
        yielding = float(np.asarray(self.film.yield_factor * drawing.yield_stress(rate, temperature)))
        hardening = flow_stress.uniaxial_hardening(machine)
        if across > 1.0:
            along, wide = (flow_stress.biaxial_hardening(a, b) for a, b in ((machine, across), (across, machine)))
            hardening = max(float(np.asarray(along)), float(np.asarray(wide)))
        stress = yielding + float(np.asarray(drawing.hardening_modulus(temperature))) * hardening
        clamping = 0.0
        if cold:
            substances = self.film.blend.substances
            clamping = float(
                np.asarray(
                    stress_concentration.thermal_clamping(
                        substances.first, substances.second, temperature, self.constants.setting_temperature
                    )
                )
            )
        found = debonding.debonding_radius(
            stress,
            clamping,
            yielding / drawing.yield_strain,
            adhesion(self.film, self.constants),
            self.constants.debonding_coefficient,
        )
        return float(np.asarray(found))


def loosen(state: VolumeState, above: float) -> bool:
    """Let the domains of a radius above `above` (m) debond; True if any is new. What may debond once may debond from then on."""
    now: npt.NDArray[np.bool_] = state.permitted | (state.radius > above)
    if np.array_equal(now, state.permitted):
        return False
    state.permitted[:] = now
    layer = state.kind == LAYER
    state.kind[layer & now[state.domain]] = LOOSE_LAYER
    return True


def hold_again(state: VolumeState, permitted: npt.NDArray[np.bool_]) -> bool:
    """Undo what `loosen` did since these domains were `permitted`; True if that is any."""
    if np.array_equal(permitted, state.permitted):
        return False
    state.permitted[:] = permitted
    layer = state.kind == LOOSE_LAYER
    state.kind[layer & ~permitted[state.domain]] = LAYER
    return True
