"""What the user has measured: a stage result that replaces the predicted one, or a whole membrane."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from poreline.recipe.edge import DomainDiameter, FilmThickness, Number, PoreDiameter, PositiveShare, Viscosity, section

Spread = Annotated[float, Number(1.0, 10.0, reason="A geometric standard deviation is at least 1.")]
InteractionParameter = Annotated[float, Number(-1.0, 100.0)]
TortuosityFactor = Annotated[
    float, Number(1.0, 1e6, reason="A path through a film is at least as long as the film is thick.")
]


@section
class Measured:
    """Stage results that were measured; the rest of the line goes on from them."""

    interaction_parameter: Annotated[
        InteractionParameter | None,
        Field(
            description="Flory interaction parameter of the two polymers at the mixing temperature, per 100 cm3/mol."
        ),
    ] = None
    viscosity_first: Annotated[
        Viscosity | None, Field(description="Viscosity of the first polymer at mixing conditions.")
    ] = None
    viscosity_second: Annotated[
        Viscosity | None, Field(description="Viscosity of the second polymer at mixing conditions.")
    ] = None
    domain_diameter: Annotated[
        DomainDiameter | None, Field(description="Number-median diameter of the domains in the film.")
    ] = None
    domain_diameter_spread: Annotated[
        Spread | None, Field(description="Geometric standard deviation of the domain diameter.")
    ] = None
    film_thickness: Annotated[FilmThickness | None, Field(description="Thickness of the unstretched film.")] = None
    porosity: Annotated[PositiveShare | None, Field(description="Porosity of the membrane, after the anneal.")] = None
    pore_diameter_mean: Annotated[PoreDiameter | None, Field(description="Flow-weighted mean pore diameter.")] = None
    pore_diameter_spread: Annotated[
        Spread | None, Field(description="Geometric standard deviation of the pore diameter.")
    ] = None
    tortuosity: Annotated[TortuosityFactor | None, Field(description="Tortuosity factor through the thickness.")] = None
    membrane_thickness: Annotated[FilmThickness | None, Field(description="Thickness of the membrane.")] = None


@section
class MeasuredMembrane:
    """A membrane that was measured, not made here: it goes straight to its duties."""

    porosity: Annotated[PositiveShare, Field(description="Void volume over total volume.")]
    pore_diameter_mean: PoreDiameter
    thickness: FilmThickness
    tortuosity: Annotated[
        TortuosityFactor | None, Field(description="Tortuosity factor; by default porosity^-1.5.")
    ] = None
    pore_diameter_spread: Annotated[Spread, Field(description="Geometric standard deviation of the pore diameter.")] = (
        1.3
    )
    pore_shape: Annotated[str, Field(pattern="^(slit|cylinder)$", description="slit or cylinder.")] = "cylinder"
