"""The stretch programme: steps in order, then an anneal."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from poreline.quantities.constants import ZERO_CELSIUS
from poreline.recipe.edge import Duration, Elongation, StrainRate, Temperature, section

Direction = Literal["machine", "transverse", "both"]
Regime = Literal["cold", "hot"]

_STEP_IN_TEMPERATURE = 10.0  # K, a step this much colder than the hottest one prepares it: it is a cold stretch
_WARMEST_COLD = ZERO_CELSIUS + 65.0  # K, no step above it is called cold, whatever follows
_WARMEST_LONE_COLD = (
    ZERO_CELSIUS + 45.0
)  # K, a programme at one temperature is cold up to here: above it nucleation dies out


@section
class StretchStep:
    """One stretch at one temperature, to an elongation of the unstretched film."""

    temperature: Annotated[Temperature, Field(description="Temperature of the film.")]
    elongation: Annotated[
        Elongation,
        Field(
            description="Elongation, cumulative in its direction: of the unstretched length; across, of the width at entry."
        ),
    ]
    strain_rate: Annotated[StrainRate, Field(description="Rate of change of the stretch ratio.")] = 0.05
    direction: Annotated[
        Direction,
        Field(description="machine, transverse (of the width at which the film enters), or both at once."),
    ] = "machine"
    width: Annotated[
        Literal["free", "fixed"], Field(description="free: the film may narrow; fixed: its width is held.")
    ] = "free"
    regime: Annotated[
        Regime | None,
        Field(description="cold or hot; by default told from the temperatures of the programme."),
    ] = None

    @property
    def stretch_ratio(self) -> float:
        """Length over unstretched length at the end of the step."""
        return 1.0 + self.elongation


@section
class Anneal:
    """Heat setting after the last stretch."""

    temperature: Temperature
    duration: Duration = 600.0
    under_tension: Annotated[bool, Field(description="True: the length is held; false: the film may shrink back.")] = (
        True
    )


def regimes(steps: tuple[StretchStep, ...]) -> tuple[Regime, ...]:
    """cold or hot for every step: what the step says, or else what its temperature among the others says.

    A leading step is cold if it is at least 10 K colder than the hottest step and not above 65 degC. In a programme at
    one temperature the steps are cold up to 45 degC.
    """
    if not steps:
        return ()
    hottest = max(step.temperature for step in steps)
    lone = hottest - min(step.temperature for step in steps) < _STEP_IN_TEMPERATURE
    found: list[Regime] = []
    for step in steps:
        if lone:
            cold = step.temperature <= _WARMEST_LONE_COLD
        else:
            cold = step.temperature <= min(hottest - _STEP_IN_TEMPERATURE, _WARMEST_COLD)
        leading = all(earlier == "cold" for earlier in found)
        found.append(step.regime or ("cold" if cold and leading else "hot"))
    return tuple(found)
