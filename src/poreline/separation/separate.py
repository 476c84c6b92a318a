"""The room's verb: what a membrane does on its duties."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from poreline.membrane.membrane import Membrane
from poreline.recipe.duty import (
    ContactorDuty,
    DistillationDuty,
    GasDuty,
    GurleyDuty,
    LiquidDuty,
    MechanicsDuty,
    SeparatorDuty,
    SoluteDuty,
)
from poreline.separation.duty_film import on_mechanics, on_separator
from poreline.separation.duty_gas import on_gurley
from poreline.separation.duty_liquid import on_liquid
from poreline.separation.duty_mixture import on_gas
from poreline.separation.duty_solute import on_solute
from poreline.separation.duty_transfer import on_contactor, on_distillation
from poreline.separation.performance import DutyResult, FluidLibrary, Performance

Duty = GasDuty | GurleyDuty | LiquidDuty | SoluteDuty | ContactorDuty | DistillationDuty | SeparatorDuty | MechanicsDuty

_ON: dict[type, Callable[[Membrane, Any, FluidLibrary], DutyResult]] = {
    GasDuty: on_gas,
    GurleyDuty: on_gurley,
    LiquidDuty: on_liquid,
    SoluteDuty: on_solute,
    ContactorDuty: on_contactor,
    DistillationDuty: on_distillation,
    SeparatorDuty: on_separator,
    MechanicsDuty: on_mechanics,
}


def separate(membrane: Membrane, duties: Sequence[Duty], materials: FluidLibrary) -> Performance:
    """What `membrane` does on each of `duties`, with the fluids of `materials`.

    Membrane, duties and fluids hold numbers or arrays (samples, recipes) that broadcast; warnings are given for
    numbers only. Conditions outside the validity of a law are warnings, not errors. Raises InvalidInput for a gas,
    liquid or solute that `materials` does not know, and for a mixture that is not a pair.
    """
    return Performance(duties=tuple(_ON[type(duty)](membrane, duty, materials) for duty in duties))
