"""Duties with solutes: rejection of one solute, and the molecular-weight cut-off of its family."""

from __future__ import annotations

from typing import Any

import numpy as np

from poreline.membrane.membrane import Membrane
from poreline.quantities import Meaning
from poreline.quantities.fields import Values
from poreline.recipe.duty import SoluteDuty
from poreline.separation.duty_gas import pore_conductance
from poreline.separation.gas import VISCOUS_CONSTANT
from poreline.separation.liquid import permeance_liquid
from poreline.separation.performance import DutyResult, FluidLibrary, Warnings, found, join, warn
from poreline.separation.solute import cut_off_radius, rejection

_HINDERED = "hindered transport (Dechadilok and Deen 2006), flow-weighted over the pore sizes"
_NO_PORES = "not defined: no pore passes through the film"
_DARCY = "Darcy's law in slits or cylinders"
_USUAL_PRESSURE = 10e5  # Pa, above which filtration through a film is unusual
_CONTINUUM_LIMIT = 0.5e-9  # m, Stokes radius of a solute that is large against the molecules of the liquid


def on_solute(membrane: Membrane, duty: SoluteDuty, materials: FluidLibrary) -> DutyResult:
    """Rejection of the duty's solute, by radius or by molar mass, and the cut-off of its family."""
    family = materials.solute(duty.solute)
    radius = family.stokes_radius(duty.molar_mass) if duty.radius is None else duty.radius
    conductance = pore_conductance(membrane)
    membrane_and_flow: dict[str, Any] = {
        "pore_diameter": membrane.pore_diameter_mean,
        "spread": membrane.pore_diameter_spread,
        "flux": duty.flux,
        "conductance": conductance,
        "thickness": membrane.film_thickness,
        "viscosity": duty.viscosity,
        "temperature": duty.temperature,
        "pore_shape": membrane.pore_shape,
    }
    rejected = rejection(solute_radius=radius, **membrane_and_flow)
    cut_off = family.molar_mass(cut_off_radius(**membrane_and_flow))
    with np.errstate(divide="ignore"):
        pressure = np.divide(duty.flux, _filled_permeance(membrane, duty, conductance))
    open_pores = (conductance > 0.0) & (np.asarray(membrane.pore_diameter_mean) > 0.0)
    what = f"a {family.name} of the duty's molar mass" if duty.radius is None else "a solute of the duty's radius"
    return DutyResult(
        kind=duty.kind,
        title=f"rejection of {family.name}" if duty.radius is None else "rejection of a solute",
        duty=duty,
        results={
            "rejection": found(
                np.where(open_pores, rejected, np.nan)[()],
                Meaning("1", f"share of {what} that is held back", "R", shown_in="%", method=_HINDERED),
                _NO_PORES,
            ),
            "molecular_weight_cutoff": found(
                np.where(open_pores, cut_off, np.nan)[()],
                Meaning(
                    "kg/mol", f"molar mass of the {family.name} of which 90 % is held back", "MWCO", method=_HINDERED
                ),
                _NO_PORES,
            ),
            "pressure_for_flux": found(
                np.where(open_pores, pressure, np.nan)[()],
                Meaning(
                    "Pa", "pressure that drives the duty's flux through filled pores", shown_in="bar", method=_DARCY
                ),
                _NO_PORES,
            ),
        },
        warnings=_solute_warnings(membrane, radius, pressure),
    )


def _filled_permeance(membrane: Membrane, duty: SoluteDuty, conductance: Values) -> Values:
    return permeance_liquid(
        conductance=conductance,
        thickness=membrane.film_thickness,
        pore_diameter=membrane.pore_diameter_mean,
        viscosity=duty.viscosity,
        viscous_constant=VISCOUS_CONSTANT[membrane.pore_shape],
    )


def _solute_warnings(membrane: Membrane, radius: Values, pressure: Values) -> Warnings:
    return join(
        warn(
            pressure > _USUAL_PRESSURE,
            "pressure-high-for-flux",
            "The duty's flux needs {pressure:.3g} bar through pores that are filled; a polyolefin's must be prewetted for water.",
            pressure=pressure * 1e-5,
        ),
        warn(
            radius < _CONTINUUM_LIMIT,
            "solute-below-0-5-nm",
            "The Stokes radius is {radius:.2g} nm: the hindrance laws are for solutes much larger than the solvent.",
            radius=radius * 1e9,
        ),
        warn(
            membrane.open_share < 1e-2,
            "not-connected",
            "Hardly any pore passes through the film: the flux of the duty is not reached at any usual pressure.",
        ),
    )
