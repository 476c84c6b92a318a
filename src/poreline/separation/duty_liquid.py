"""Duties with liquids: permeance, entry pressure and bubble point; rejection of a solute."""

from __future__ import annotations

import numpy as np

from poreline.materials import Liquid
from poreline.membrane.membrane import Membrane
from poreline.quantities import Meaning
from poreline.quantities.constants import STANDARD_TEMPERATURE
from poreline.quantities.fields import Finding, Values
from poreline.recipe.duty import LiquidDuty
from poreline.separation.duty_gas import pore_conductance
from poreline.separation.gas import VISCOUS_CONSTANT
from poreline.separation.liquid import Truth, enters, permeance_liquid
from poreline.separation.performance import DutyResult, FluidLibrary, Warnings, found, join, warn
from poreline.separation.wetting import bubble_point_pressure, entry_pressure, largest_pore, pore_opening

_DARCY = "Darcy flow in filled pores (Hagen-Poiseuille)"
_LAPLACE = "Young-Laplace at the largest pore, D s_g^2"
_NO_PORES = "not defined: the film has no pores"
_ROOM = 0.5  # K around 25 degC: within 1 % of the viscosity of water
_RIGHT_ANGLE = 0.5 * np.pi


def liquid_of(duty: LiquidDuty, materials: FluidLibrary) -> Liquid:
    """The liquid of a duty, with the duty's own numbers in place of the tabulated ones."""
    own = (duty.viscosity, duty.surface_tension, duty.contact_angle)
    viscosity, tension, angle = own
    if viscosity is not None and tension is not None and angle is not None:
        return Liquid(
            name=duty.liquid, viscosity=viscosity, surface_tension=tension, contact_angle=angle, density=np.nan
        )
    known = materials.liquid(duty.liquid)
    return Liquid(
        name=known.name,
        viscosity=known.viscosity if viscosity is None else viscosity,
        surface_tension=known.surface_tension if tension is None else tension,
        contact_angle=known.contact_angle if angle is None else angle,
        density=known.density,
    )


def on_liquid(membrane: Membrane, duty: LiquidDuty, materials: FluidLibrary) -> DutyResult:
    """Permeance and flux, both zero where the liquid does not enter; entry pressure or bubble point."""
    liquid = liquid_of(duty, materials)
    shape = membrane.pore_shape
    opening = pore_opening(largest_pore(membrane.pore_diameter_mean, membrane.pore_diameter_spread), shape)
    entry = entry_pressure(liquid.surface_tension, liquid.contact_angle, opening, shape)
    bubble = bubble_point_pressure(liquid.surface_tension, liquid.contact_angle, opening, shape)
    wets = liquid.contact_angle < _RIGHT_ANGLE
    fills = enters(liquid.contact_angle, entry, duty.pressure_difference, duty.prewetted)
    filled = permeance_liquid(
        conductance=pore_conductance(membrane),
        thickness=membrane.film_thickness,
        pore_diameter=membrane.pore_diameter_mean,
        viscosity=liquid.viscosity,
        viscous_constant=VISCOUS_CONSTANT[shape],
    )
    permeance = np.where(fills, filled, 0.0)[()]
    return DutyResult(
        kind=duty.kind,
        title=f"permeance to {liquid.name}",
        duty=duty,
        results={
            **_flow_findings(liquid.name, permeance, duty.pressure_difference),
            **_wetting_findings(liquid.name, wets, entry, bubble),
        },
        warnings=_liquid_warnings(membrane, duty, liquid, fills, entry),
    )


def _flow_findings(liquid: str, permeance: Values, pressure_difference: Values) -> dict[str, Finding]:
    return {
        f"permeance_liquid_{liquid}": found(
            permeance, Meaning("m/(s Pa)", f"permeance to {liquid}", "A", shown_in="L/(m2 h bar)", method=_DARCY)
        ),
        f"flux_liquid_{liquid}": found(
            permeance * pressure_difference,
            Meaning("m/s", f"volume flux of {liquid}", "J_v", shown_in="L/(m2 h)", method=_DARCY),
        ),
    }


def _wetting_findings(liquid: str, wets: Truth, entry: Values, bubble: Values) -> dict[str, Finding]:
    if np.ndim(wets) == 0:
        entry_reason = "wets: enters by itself" if wets else _NO_PORES
        bubble_reason = _NO_PORES if wets else "does not wet: leaves by itself"
    else:
        entry_reason, bubble_reason = (
            "wets: enters by itself, or no pores",
            "does not wet: leaves by itself, or no pores",
        )
    return {
        "liquid_entry_pressure": found(
            np.where(wets, np.nan, entry)[()],
            Meaning(
                "Pa", f"pressure at which {liquid} enters the largest pores", "LEP", shown_in="bar", method=_LAPLACE
            ),
            entry_reason,
        ),
        "bubble_point_pressure": found(
            np.where(wets, bubble, np.nan)[()],
            Meaning(
                "Pa",
                f"gas pressure that empties the largest pores of {liquid}",
                "p_b",
                shown_in="bar",
                method=_LAPLACE,
            ),
            bubble_reason,
        ),
    }


def _liquid_warnings(membrane: Membrane, duty: LiquidDuty, liquid: Liquid, fills: Truth, entry: Values) -> Warnings:
    tabulated = [
        name
        for name, own in (
            ("viscosity", duty.viscosity),
            ("surface tension", duty.surface_tension),
            ("contact angle", duty.contact_angle),
        )
        if own is None
    ]
    return join(
        warn(
            np.logical_not(fills),
            "liquid-does-not-enter",
            "{liquid} does not wet the film and enters only above {entry:.3g} bar, or after the pores were filled"
            " with alcohol: nothing flows.",
            liquid=liquid.name,
            entry=entry / 1e5,
        ),
        warn(
            (np.abs(duty.temperature - STANDARD_TEMPERATURE) > _ROOM) & bool(tabulated),
            "properties-at-25-degc",
            "The {what} of {liquid} are those at 25 degC: give your own for another temperature.",
            what=" and ".join(tabulated),
            liquid=liquid.name,
        ),
        warn(
            membrane.open_share < 1e-2,
            "not-connected",
            "Hardly any pore passes through the film: hardly any liquid does.",
        ),
    )
