"""Duties of the film itself: battery separator, stiffness and strength."""

from __future__ import annotations

from poreline.membrane.membrane import Membrane
from poreline.quantities import Meaning
from poreline.quantities.fields import Finding, Values
from poreline.recipe.duty import MechanicsDuty, SeparatorDuty
from poreline.separation.mechanics import (
    ORIENTATION_LIMIT,
    strength_machine,
    youngs_modulus_machine,
    youngs_modulus_transverse,
)
from poreline.separation.performance import DutyResult, FluidLibrary, found, join, warn
from poreline.separation.separator import SEPARATOR_LIMIT, area_resistance, macmullin_number

_MECHANICS = "closure of this model; its own +-40 % is not in the band"
_NAN = float("nan")


def on_separator(membrane: Membrane, duty: SeparatorDuty, materials: FluidLibrary) -> DutyResult:
    """MacMullin number and area resistance of the film filled with electrolyte."""
    number = macmullin_number(membrane.porosity_open, membrane.tortuosity)
    reason = "not defined: no pore passes through the film"
    return DutyResult(
        kind=duty.kind,
        title="battery separator",
        duty=duty,
        results={
            "macmullin_number": found(
                number,
                Meaning("1", "resistance of the filled film over that of the electrolyte", "N_M", method="tau / eps"),
                reason,
            ),
            "area_resistance": found(
                area_resistance(number, membrane.film_thickness, duty.conductivity),
                Meaning(
                    "ohm m2",
                    "resistance of the filled film times its area",
                    "R_A",
                    shown_in="ohm cm2",
                    method="N_M H / kappa",
                ),
                reason,
            ),
        },
        warnings=warn(
            number > SEPARATOR_LIMIT,
            "macmullin-number-high",
            "The MacMullin number is {number:.3g}: a battery separator wants below 12.",
            number=number,
        ),
    )


def _modulus(values: Values, meaning: str, symbol: str, reason: str) -> Finding:
    return found(values, Meaning("Pa", meaning, symbol, shown_in="GPa", method=_MECHANICS), reason)


def on_mechanics(membrane: Membrane, duty: MechanicsDuty, materials: FluidLibrary) -> DutyResult:
    """Young's moduli and strength; not known for a measured membrane, whose polymer and stretch are not."""
    matrix, ratio, porosity = membrane.matrix, membrane.stretch_ratio_final, membrane.porosity
    reason = "not known: the polymer and the stretch of a measured membrane are not given"
    machine: Values = _NAN
    transverse: Values = _NAN
    strength: Values = _NAN
    if membrane.drawn_across:
        reason = "not known: the laws are for a film drawn along the machine only"
    elif matrix is not None and ratio is not None:
        machine = youngs_modulus_machine(matrix.youngs_modulus, ratio, porosity)
        transverse = youngs_modulus_transverse(matrix.youngs_modulus, porosity)
        reason = f"not known: {matrix.name} has no data for drawing"
        if matrix.drawing is not None:
            strength = strength_machine(matrix.drawing, ratio, porosity)
    strength_meaning = "strength in the machine direction, on the section of the film"
    return DutyResult(
        kind=duty.kind,
        title="stiffness and strength",
        duty=duty,
        results={
            "youngs_modulus_machine": _modulus(machine, "Young's modulus in the machine direction", "E_MD", reason),
            "youngs_modulus_transverse": _modulus(transverse, "Young's modulus across it", "E_TD", reason),
            "strength_machine": found(
                strength, Meaning("Pa", strength_meaning, "sigma_MD", shown_in="MPa", method=_MECHANICS), reason
            ),
        },
        warnings=join(
            ()
            if ratio is None
            else warn(
                ratio > ORIENTATION_LIMIT,
                "stretch-ratio-above-5",
                "The stretch ratio is {ratio:.2f}: the modulus law holds up to 5 and is kept constant above.",
                ratio=ratio,
            )
        ),
    )
