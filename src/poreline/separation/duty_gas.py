"""Duties with one gas: permeance and Gurley time; what all duties with gases share."""

from __future__ import annotations

import numpy as np

from poreline.materials import Gas
from poreline.membrane.membrane import Membrane
from poreline.quantities import Meaning
from poreline.quantities.constants import STANDARD_TEMPERATURE
from poreline.quantities.fields import Finding, Values
from poreline.recipe.duty import GasDuty, GurleyDuty
from poreline.separation.gas import (
    ADSORBED_LAYER,
    SURFACE_DIFFUSION_LIMIT,
    VISCOUS_CONSTANT,
    free_pore_diameter,
    mean_free_path,
    permeance_gas,
)
from poreline.separation.gurley import GURLEY_STANDARD, gurley_time
from poreline.separation.performance import DutyResult, FluidLibrary, Warnings, found, join, warn

DUSTY_GAS = "dusty gas, single species (Mason and Malinauskas 1983)"
_AIR = {"N2": 0.79, "O2": 0.21}
_CLOSED = 1e-2  # share of the pores below which the film counts as not connected
_ROOM = 2.5  # K, around 25 degC: within 1 % of viscosity and diffusivity


def pore_conductance(membrane: Membrane) -> Values:
    """Transport porosity over tortuosity: what the structure of the pores lets through, of one."""
    return membrane.transport_porosity / membrane.tortuosity


def dense_permeability(membrane: Membrane, gas: str) -> Values:
    """Permeability of the polymer between the pores to a gas, mol/(m s Pa); 0 where it is not known.

    Air that is not listed itself counts as 79 % N2 and 21 % O2.
    """
    known = membrane.dense_permeability
    if gas == "air" and gas not in known:
        return sum((share * known.get(part, 0.0) for part, share in _AIR.items()), start=0.0)
    return known.get(gas, 0.0)


def permeance_of(membrane: Membrane, gas: Gas, temperature: Values, mean_pressure: Values) -> Values:
    """Permeance of a membrane to one gas, mol/(m2 s Pa), at `temperature` (K) and `mean_pressure` (Pa)."""
    return permeance_gas(
        conductance=pore_conductance(membrane),
        thickness=membrane.film_thickness,
        pore_diameter=gas_pore_diameter(membrane, gas),
        molar_mass=gas.molar_mass,
        viscosity=gas.viscosity,
        temperature=temperature,
        mean_pressure=mean_pressure,
        viscous_constant=VISCOUS_CONSTANT[membrane.pore_shape],
        dense_permeability=dense_permeability(membrane, gas.name),
    )


def gas_pore_diameter(membrane: Membrane, gas: Gas) -> Values:
    """Pore diameter in m that is free for a gas: a condensable vapour covers the wall with a layer."""
    diameter = membrane.pore_diameter_mean
    return free_pore_diameter(diameter, ADSORBED_LAYER) if gas.condensable else diameter


def gas_warnings(membrane: Membrane, temperature: Values) -> Warnings:
    """What limits the gas laws on this membrane at this temperature."""
    narrow = membrane.pore_diameter_mean < SURFACE_DIFFUSION_LIMIT
    return join(
        warn(
            narrow,
            "pores-below-2-nm",
            "The pores are narrower than 2 nm: activated and surface diffusion, not in the model, carry the gas there.",
        ),
        warn(
            membrane.open_share < _CLOSED,
            "not-connected",
            "Hardly any pore passes through the film: what is given is mostly the permeance of the dense polymer.",
        ),
        warn(
            np.abs(temperature - STANDARD_TEMPERATURE) > _ROOM,
            "properties-at-25-degc",
            "The viscosity of the gas and the permeability of the polymer are those at 25 degC.",
        ),
    )


def drive_warning(duty: GasDuty) -> Warnings:
    """A warning when no pressure difference drives the gas."""
    return warn(
        duty.feed_pressure <= duty.permeate_pressure,
        "no-pressure-difference",
        "The feed pressure does not exceed the permeate pressure: nothing is driven through the membrane.",
    )


def permeance_findings(membrane: Membrane, gas: str, permeance: Values, method: str) -> dict[str, Finding]:
    """Permeance to a gas and permeability, as results."""
    reason = "not defined: no pressure difference drives this gas"
    return {
        f"permeance_gas_{gas}": found(
            permeance,
            Meaning("mol/(m2 s Pa)", f"permeance to {gas}", symbol=f"Pi_{gas}", shown_in="GPU", method=method),
            reason,
        ),
        f"permeability_gas_{gas}": found(
            permeance * membrane.film_thickness,
            Meaning(
                "mol/(m s Pa)",
                f"permeability to {gas}, permeance times thickness",
                symbol=f"P_{gas}",
                shown_in="barrer",
                method=method,
            ),
            reason,
        ),
    }


def knudsen_number_finding(membrane: Membrane, gas: Gas, temperature: Values, pressure: Values) -> dict[str, Finding]:
    """Knudsen number of a gas at `temperature` (K) and `pressure` (Pa), as a result."""
    path = mean_free_path(gas.viscosity, gas.molar_mass, temperature, pressure)
    with np.errstate(divide="ignore"):
        number = np.divide(path, membrane.pore_diameter_mean)
    meaning = Meaning(
        "1",
        f"mean free path of {gas.name} over the pore diameter",
        symbol="Kn",
        method="viscosity-based mean free path (kinetic theory)",
    )
    return {f"knudsen_number_{gas.name}": found(number, meaning, "not defined: the film has no pores")}


def on_single_gas(membrane: Membrane, duty: GasDuty, materials: FluidLibrary) -> DutyResult:
    """Permeance, permeability and Knudsen number of one gas."""
    gas = materials.gas(duty.gas)
    pressure = 0.5 * (duty.feed_pressure + duty.permeate_pressure)
    permeance = permeance_of(membrane, gas, duty.temperature, pressure)
    return DutyResult(
        kind=duty.kind,
        title=f"permeance to {gas.name}",
        duty=duty,
        results={
            **permeance_findings(membrane, gas.name, permeance, DUSTY_GAS),
            **knudsen_number_finding(membrane, gas, duty.temperature, pressure),
        },
        warnings=join(
            gas_warnings(membrane, duty.temperature),
            drive_warning(duty),
        ),
    )


def on_gurley(membrane: Membrane, duty: GurleyDuty, materials: FluidLibrary) -> DutyResult:
    """Gurley time of air at 25 degC."""
    standard = GURLEY_STANDARD[duty.standard]
    permeance = permeance_of(membrane, materials.gas("air"), STANDARD_TEMPERATURE, standard.mean_pressure)
    volume = f"{standard.volume * 1e6:.0f} cm3"
    meaning = Meaning(
        "s", f"time in which {volume} of air pass ({duty.standard})", symbol="t", method=f"{duty.standard}; {DUSTY_GAS}"
    )
    return DutyResult(
        kind=duty.kind,
        title=f"Gurley time, {duty.standard}",
        duty=duty,
        results={"gurley_time": found(gurley_time(permeance, standard), meaning, "no air passes the film")},
        warnings=gas_warnings(membrane, STANDARD_TEMPERATURE),
    )
