"""Duties in which pores hold gas beside a liquid: membrane contactor, membrane distillation."""

from __future__ import annotations

import dataclasses

import numpy as np

from poreline.membrane.membrane import Membrane
from poreline.quantities import Meaning
from poreline.quantities.constants import STANDARD_TEMPERATURE, ZERO_CELSIUS
from poreline.quantities.fields import Values
from poreline.recipe.duty import ContactorDuty, DistillationDuty
from poreline.separation.contactor import membrane_coefficient, overall_coefficient
from poreline.separation.distillation import (
    distillation_coefficient,
    face_temperatures,
    vapour_pressure_water,
)
from poreline.separation.duty_gas import gas_pore_diameter, pore_conductance
from poreline.separation.gas import SURFACE_DIFFUSION_LIMIT, knudsen_diffusivity
from poreline.separation.performance import DutyResult, FluidLibrary, Warnings, found, join, warn

_RIGHT_ANGLE = 0.5 * np.pi
_ROOM = 2.5  # K around 25 degC
_BOILING = ZERO_CELSIUS + 100.0
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(ContactorDuty)}


def on_contactor(membrane: Membrane, duty: ContactorDuty, materials: FluidLibrary) -> DutyResult:
    """Coefficient of the membrane alone, and of membrane, gas side and liquid side together."""
    gas, liquid = materials.gas(duty.gas), materials.liquid(duty.liquid)
    wetted = duty.side_wetted == "liquid"
    if wetted:
        diffusivity: Values = duty.liquid_diffusivity
        method = "diffusion in pores that hold liquid"
    else:
        knudsen = knudsen_diffusivity(gas_pore_diameter(membrane, gas), gas.molar_mass, duty.temperature)
        diffusivity = knudsen * duty.gas_diffusivity / (knudsen + duty.gas_diffusivity)
        method = "diffusion in pores that hold gas, 1/D = 1/D_K + 1/D_AB"
    alone = membrane_coefficient(diffusivity, pore_conductance(membrane), membrane.film_thickness)
    overall = overall_coefficient(
        alone, duty.gas_coefficient, duty.liquid_coefficient, duty.partition, pores_hold_liquid=wetted
    )
    return DutyResult(
        kind=duty.kind,
        title=f"contactor, {gas.name} into {liquid.name}, pores filled with {'liquid' if wetted else 'gas'}",
        duty=duty,
        results={
            "contactor_coefficient": found(
                alone, Meaning("m/s", f"mass-transfer coefficient of the membrane for {gas.name}", "k_m", method=method)
            ),
            "contactor_coefficient_overall": found(
                overall,
                Meaning(
                    "m/s",
                    f"mass-transfer coefficient of gas side, membrane and liquid side for {gas.name}, on the gas side",
                    "K",
                    method="resistances in series",
                ),
            ),
        },
        warnings=_contactor_warnings(membrane, duty, liquid.contact_angle),
    )


def _contactor_warnings(membrane: Membrane, duty: ContactorDuty, contact_angle: Values) -> Warnings:
    tabulated = (duty.gas_diffusivity == _DEFAULTS["gas_diffusivity"]) | (
        duty.liquid_diffusivity == _DEFAULTS["liquid_diffusivity"]
    )
    return join(
        warn(
            (contact_angle < _RIGHT_ANGLE) & (duty.side_wetted == "none"),
            "liquid-wets-the-pores",
            "{liquid} wets the film and fills the pores by itself: they do not stay filled with gas.",
            liquid=duty.liquid,
        ),
        warn(
            tabulated & (np.abs(duty.temperature - STANDARD_TEMPERATURE) > _ROOM),
            "properties-at-25-degc",
            "The default diffusivities are those of CO2 at 25 degC: give your own for another temperature.",
        ),
        warn(
            tabulated & (duty.gas != _DEFAULTS["gas"]),
            "diffusivity-of-another-gas",
            "The default diffusivities are those of CO2 in air and in water: give those of {gas}.",
            gas=duty.gas,
        ),
        _narrow(membrane),
    )


def _narrow(membrane: Membrane) -> Warnings:
    return warn(
        membrane.pore_diameter_mean < SURFACE_DIFFUSION_LIMIT,
        "pores-below-2-nm",
        "The pores are narrower than 2 nm: activated and surface diffusion, not in the model, carry the gas there.",
    )


def on_distillation(membrane: Membrane, duty: DistillationDuty, materials: FluidLibrary) -> DutyResult:
    """Distillation coefficient and mass flux of water between the faces of the membrane."""
    warm, cold = face_temperatures(duty.feed_temperature, duty.permeate_temperature, duty.polarisation)
    drive = vapour_pressure_water(warm) - vapour_pressure_water(cold)
    vapour = 0.5 * (vapour_pressure_water(warm) + vapour_pressure_water(cold))
    coefficient = distillation_coefficient(
        conductance=pore_conductance(membrane),
        thickness=membrane.film_thickness,
        pore_diameter=membrane.pore_diameter_mean,
        temperature=0.5 * (warm + cold),
        air_pressure=np.maximum(duty.pressure - vapour, 0.0),
    )
    method = "Knudsen and molecular diffusion through stagnant air (Schofield, Fane and Fell 1987)"
    return DutyResult(
        kind=duty.kind,
        title="membrane distillation of water",
        duty=duty,
        results={
            "distillation_coefficient": found(
                coefficient,
                Meaning("kg/(m2 s Pa)", "water that passes per vapour pressure difference", "C", method=method),
            ),
            "distillation_flux": found(
                coefficient * drive,
                Meaning("kg/(m2 s)", "mass flux of water", "J", shown_in="kg/(m2 h)", method=method),
            ),
        },
        warnings=_distillation_warnings(membrane, duty, duty.pressure - vapour),
    )


def _distillation_warnings(membrane: Membrane, duty: DistillationDuty, air_pressure: Values) -> Warnings:
    return join(
        warn(
            duty.feed_temperature <= duty.permeate_temperature,
            "no-temperature-difference",
            "The feed is not warmer than the permeate: water does not pass from feed to permeate.",
        ),
        warn(
            (duty.feed_temperature > _BOILING) | (air_pressure < 0.0),
            "boiling",
            "The water boils at these temperatures and this pressure: there is no air left in the pores.",
        ),
        _narrow(membrane),
    )
