"""Duty with a pair of gases: permeances and separation."""

from __future__ import annotations

import numpy as np

from poreline.materials import Gas
from poreline.membrane.membrane import Membrane
from poreline.quantities import Fault, InvalidInput, Meaning
from poreline.quantities.fields import Finding, Values
from poreline.recipe.duty import GasDuty
from poreline.separation.duty_gas import (
    DUSTY_GAS,
    dense_permeability,
    drive_warning,
    gas_warnings,
    knudsen_number_finding,
    on_single_gas,
    permeance_findings,
    permeance_of,
    pore_conductance,
)
from poreline.separation.gas import VISCOUS_CONSTANT
from poreline.separation.mixture import LINEAR_LIMIT, GasOfPair, PairPermeation, permeation_pair
from poreline.separation.performance import DutyResult, FluidLibrary, found, join, warn

_PAIR = "dusty gas, binary, linear gradients (Mason and Malinauskas 1983)"
_REASON = "not defined: the feed pressure does not exceed the permeate pressure, or the feed holds one gas only"


def on_gas(membrane: Membrane, duty: GasDuty, materials: FluidLibrary) -> DutyResult:
    """What passes of one gas; of a mixture of two also their separation."""
    if duty.mixture is None:
        return on_single_gas(membrane, duty, materials)
    first, second = _pair_of(duty.mixture)
    gases = (materials.gas(first), materials.gas(second))
    total = duty.mixture[first] + duty.mixture[second]
    fraction = duty.mixture[first] / np.maximum(total, np.finfo(float).tiny)
    names = f"{gases[0].name} and {gases[1].name}"
    return DutyResult(
        kind=duty.kind,
        title=f"separation of {names}",
        duty=duty,
        results=_results(membrane, duty, gases, _permeation(membrane, duty, gases, fraction)),
        warnings=join(
            gas_warnings(membrane, duty.temperature),
            drive_warning(duty),
            warn(
                membrane.pore_diameter_mean > LINEAR_LIMIT,
                "pores-wide-for-separation",
                "In pores above 300 nm the mixture law overestimates what little separation there is.",
            ),
            warn(
                np.abs(total - 1.0) > 1e-6,
                "mole-fractions",
                "The mole fractions of {names} add up to {total:.4g}, not 1: their ratio is used.",
                names=names,
                total=total,
            ),
        ),
    )


def _pair_of(mixture: dict[str, float]) -> tuple[str, str]:
    if len(mixture) != 2:
        fault = Fault(
            field="duties.mixture",
            value=", ".join(mixture) or "empty",
            limit="two gases",
            reason="The mixture law is for a pair.",
            remedy="Write it like { N2 = 0.79, O2 = 0.21 }.",
        )
        raise InvalidInput([fault], "gas duty")
    first, second = mixture
    return first, second


def _permeation(membrane: Membrane, duty: GasDuty, gases: tuple[Gas, Gas], fraction: Values) -> PairPermeation:
    first, second = (
        GasOfPair(gas.molar_mass, gas.viscosity, gas.diffusion_volume, dense_permeability(membrane, gas.name))
        for gas in gases
    )
    return permeation_pair(
        first,
        second,
        feed_fraction=fraction,
        feed_pressure=duty.feed_pressure,
        permeate_pressure=duty.permeate_pressure,
        conductance=pore_conductance(membrane),
        thickness=membrane.film_thickness,
        pore_diameter=membrane.pore_diameter_mean,
        temperature=duty.temperature,
        viscous_constant=VISCOUS_CONSTANT[membrane.pore_shape],
    )


def _ideal_selectivity(membrane: Membrane, duty: GasDuty, gases: tuple[Gas, Gas], pressure: Values) -> Values:
    first, second = (permeance_of(membrane, gas, duty.temperature, pressure) for gas in gases)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.divide(first, second)


def _results(membrane: Membrane, duty: GasDuty, gases: tuple[Gas, Gas], passed: PairPermeation) -> dict[str, Finding]:
    pressure = 0.5 * (duty.feed_pressure + duty.permeate_pressure)
    first, second = (gas.name for gas in gases)
    separation = Meaning("1", f"separation factor of {first} over {second}, permeate over feed", "alpha", method=_PAIR)
    ideal = Meaning("1", f"ratio of the single-gas permeances to {first} and {second}", "alpha*", method=DUSTY_GAS)
    permeate = Meaning("1", f"mole fraction of {first} in the permeate", "y", shown_in="%", method=_PAIR)
    return {
        **permeance_findings(membrane, first, passed.permeance_first, _PAIR),
        **permeance_findings(membrane, second, passed.permeance_second, _PAIR),
        f"selectivity_{first}_{second}": found(passed.selectivity, separation, _REASON),
        f"selectivity_ideal_{first}_{second}": found(
            _ideal_selectivity(membrane, duty, gases, pressure), ideal, "not defined: nothing passes"
        ),
        f"mole_fraction_permeate_{first}": found(passed.permeate_fraction, permeate, _REASON),
        **knudsen_number_finding(membrane, gases[0], duty.temperature, pressure),
        **knudsen_number_finding(membrane, gases[1], duty.temperature, pressure),
    }
