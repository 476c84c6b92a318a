"""How the blend is mixed in the melt."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from poreline.recipe.edge import Duration, ShearRate, Temperature, section

MixingOrder = Literal["simultaneous", "premix-first", "premix-second"]


@section
class Mixing:
    """Melt mixing: the order in which the components meet, temperature, shear rate, time."""

    order: Annotated[
        MixingOrder,
        Field(
            description="Where the copolymer starts: all at once, premixed with the first polymer, or with the second."
        ),
    ] = "premix-first"
    temperature: Annotated[
        Temperature | None,
        Field(
            description="Melt temperature; by default the higher of the two polymers' usual processing temperatures."
        ),
    ] = None
    shear_rate: Annotated[ShearRate, Field(description="Mean shear rate in the mixer; pi D N / h of a twin screw.")] = (
        50.0
    )
    time: Annotated[Duration, Field(description="Mixing time; goes into the run sheet, not into the domain size.")] = (
        180.0
    )
