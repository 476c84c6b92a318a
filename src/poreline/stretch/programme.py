"""The stretch programme as the models drive it: stages with start and end ratios in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from poreline.quantities.fields import Values
from poreline.recipe import StretchStep


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One step of the programme with the stretch ratios that it starts from and ends at."""

    temperature: Values
    strain_rate: Values
    regime: Literal["cold", "hot"]
    width: Literal["free", "fixed"]
    draws_machine: bool
    draws_transverse: bool
    transverse_before: bool
    """Whether an earlier stage drew the film transversely."""
    machine_start: Values
    machine_end: Values
    transverse_start: Values
    transverse_end: Values


def stages(steps: tuple[StretchStep, ...]) -> tuple[Stage, ...]:
    """The stages of a programme whose steps all say whether they are cold or hot (recipe.regimes tells the default)."""
    found: list[Stage] = []
    machine: Values = 1.0
    transverse: Values = 1.0
    for step in steps:
        if step.regime is None:
            raise ValueError("every step must say whether it is cold or hot before the film is stretched")
        draws_machine = step.direction in ("machine", "both")
        draws_transverse = step.direction in ("transverse", "both")
        ratio: Values = 1.0 + step.elongation
        stage = Stage(
            temperature=step.temperature,
            strain_rate=step.strain_rate,
            regime=step.regime,
            width=step.width,
            draws_machine=draws_machine,
            draws_transverse=draws_transverse,
            transverse_before=any(earlier.draws_transverse for earlier in found),
            machine_start=machine,
            machine_end=ratio if draws_machine else machine,
            transverse_start=transverse,
            transverse_end=ratio if draws_transverse else transverse,
        )
        found.append(stage)
        machine, transverse = stage.machine_end, stage.transverse_end
    return tuple(found)
