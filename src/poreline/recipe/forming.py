"""How the blend is made into a film: one type per process."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from poreline.recipe.edge import (
    Duration,
    FilmThickness,
    PositiveLength,
    PositiveNumber,
    PositiveShare,
    Quantity,
    Ratio,
    ShearRate,
    Viscosity,
    section,
)

CoolingRate = Annotated[float, Quantity("K/s", "K/s", 0.0, 1e6, above_minimum=True, example="50 K/s")]
EvaporationFlux = Annotated[
    float, Quantity("kg/(m2 s)", "kg/(m2 s)", 0.0, 1.0, above_minimum=True, example="1e-3 kg/(m2 s)")
]
DryingConstant = Annotated[float, Quantity("m2/s", "m2/s", 0.0, 1e-5, above_minimum=True, example="3e-9 m2/s")]
ResidualPorosity = Annotated[
    float, Quantity("1", "%", 0.0, 0.95, reason="Between the splats must be a film.", example="5 %")
]

USUAL_DIE_GAP = 0.5e-3  # m, of an extrusion whose recipe gives no die
USUAL_THICKNESS = 100e-6  # m, of a film whose recipe gives neither thickness nor die
_THICKNESS = "Thickness of the unstretched film."


@section
class Extrusion:
    """Extrusion through a slit die and draw-down to a chill roll."""

    process: Literal["extrusion"] = "extrusion"
    thickness: Annotated[
        FilmThickness | None,
        Field(description=_THICKNESS + " By default it follows from die gap and draw-down, or is 100 um."),
    ] = None
    die_gap: Annotated[
        PositiveLength | None, Field(description="Gap of the die; 0.5 mm unless thickness and draw_down fix it.")
    ] = None
    draw_down: Annotated[Ratio | None, Field(description="Film speed over melt speed at the die.")] = None
    width_ratio: Annotated[
        PositiveNumber, Field(description="Film width over die width (neck-in makes it smaller than 1).")
    ] = 1.0
    draw_time: Annotated[
        Duration | None,
        Field(
            description="Time in the air gap until the domains freeze. Not given: the domains relax back to spheres."
        ),
    ] = None
    shear_rate: Annotated[ShearRate, Field(description="Mean shear rate in the film line.")] = 20.0
    total_shear: Annotated[PositiveNumber, Field(description="Shear rate times time in the film line.")] = 1000.0


@section
class MeltCasting:
    """Casting from the melt: onto a chill roll without draw, or pressing."""

    process: Literal["casting"] = "casting"
    source: Annotated[Literal["melt"], Field(alias="from")] = "melt"
    thickness: Annotated[FilmThickness, Field(description=_THICKNESS)] = USUAL_THICKNESS
    melt_time: Annotated[Duration, Field(description="Time that the film stays molten at rest.")] = 0.0
    cooling_rate: Annotated[CoolingRate, Field(description="Below 5 K/s the matrix grows more crystalline.")] = 50.0
    shear_rate: ShearRate = 20.0
    total_shear: PositiveNumber = 1000.0


@section
class SolutionCasting:
    """Casting from a solution of both polymers, or from a suspension of the blend."""

    process: Literal["casting"] = "casting"
    source: Annotated[Literal["solution"], Field(alias="from")]
    solids: Annotated[PositiveShare, Field(description="Volume share of polymer in the solution.")] = 0.1
    wet_thickness: Annotated[
        PositiveLength | None,
        Field(description="Gap of the casting knife; by default the one that gives the thickness."),
    ] = None
    thickness: Annotated[
        FilmThickness | None,
        Field(description=_THICKNESS + " By default it follows from wet thickness and solids, or is 100 um."),
    ] = None
    evaporation_flux: Annotated[
        EvaporationFlux, Field(description="Mass of solvent that leaves per area and time.")
    ] = 1e-3
    demixing_viscosity: Annotated[Viscosity, Field(description="Viscosity of the solution where it demixes.")] = 10.0
    suspension: Annotated[
        bool, Field(description="True for a powder or dispersion of a ready blend: the domains keep their size.")
    ] = False


@section
class Spraying:
    """Spraying onto a substrate."""

    process: Literal["spray"] = "spray"
    droplet_diameter: Annotated[PositiveLength, Field(description="Sauter diameter of the droplets.")] = 40e-6
    solids: Annotated[PositiveShare, Field(description="Volume share of polymer in the droplets.")] = 0.05
    thickness: Annotated[FilmThickness, Field(description=_THICKNESS)] = USUAL_THICKNESS
    passes: Annotated[
        PositiveNumber, Field(description="Number of passes over the substrate; goes into the run sheet.")
    ] = 10.0
    drying_constant: Annotated[
        DryingConstant, Field(description="Shrinkage of the droplet's squared diameter per time.")
    ] = 3e-9
    suspension: Annotated[
        bool, Field(description="True for a dispersion of a ready blend: the domains keep their size.")
    ] = False
    residual_porosity: Annotated[ResidualPorosity, Field(description="Porosity left between the dried splats.")] = 0.0


def _which(film: Any) -> str | None:
    """The tag of a film-forming table, from its process and, for casting, its source."""
    if isinstance(film, dict):
        process, source = film.get("process", "extrusion"), film.get("from", "melt")
    else:
        process, source = getattr(film, "process", None), getattr(film, "source", "melt")
    if process == "casting":
        return f"casting-{source}" if source in ("melt", "solution") else None
    return process if process in ("extrusion", "spray") else None


FilmForming = Annotated[
    Annotated[Extrusion, Tag("extrusion")]
    | Annotated[MeltCasting, Tag("casting-melt")]
    | Annotated[SolutionCasting, Tag("casting-solution")]
    | Annotated[Spraying, Tag("spray")],
    Discriminator(
        _which,
        custom_error_type="film_process",
        custom_error_message='process must be "extrusion", "casting" (with from = "melt" or "solution") or "spray"',
    ),
]
