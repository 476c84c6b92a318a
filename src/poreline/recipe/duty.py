"""What the membrane should separate, or do: one type per kind of duty."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from poreline.quantities.constants import ATMOSPHERE, STANDARD_TEMPERATURE, ZERO_CELSIUS
from poreline.recipe.edge import (
    Name,
    Number,
    PositiveLength,
    PositiveNumber,
    Pressure,
    Quantity,
    Temperature,
    Viscosity,
    section,
)

SurfaceTension = Annotated[float, Quantity("N/m", "mN/m", 0.0, 1.0, above_minimum=True, example="72 mN/m")]
ContactAngle = Annotated[float, Quantity("rad", "deg", 0.0, 3.141592653589794, example="107 deg")]
Diffusivity = Annotated[float, Quantity("m2/s", "m2/s", 0.0, 1.0, above_minimum=True, example="1.6e-5 m2/s")]
Velocity = Annotated[float, Quantity("m/s", "m/s", 0.0, 1.0, above_minimum=True, example="1e-5 m/s")]
MolarMass = Annotated[float, Quantity("kg/mol", "kg/mol", 0.0, 1e6, above_minimum=True, example="10 kg/mol")]
Conductivity = Annotated[float, Quantity("S/m", "S/m", 0.0, 1e8, above_minimum=True, example="1.0 S/m")]


@section
class GasDuty:
    """Permeance to one gas, or to a binary mixture."""

    kind: Literal["gas"] = "gas"
    gas: Annotated[Name, Field(description="Name of the gas: He, H2, N2, O2, CO2, CH4, air, or the user's own.")] = "N2"
    mixture: Annotated[
        dict[str, Annotated[float, Number(0.0, 1.0)]] | None,
        Field(description="Two gases with their mole fractions on the feed side, instead of one gas."),
    ] = None
    temperature: Temperature = STANDARD_TEMPERATURE
    feed_pressure: Annotated[Pressure, Field(description="Absolute pressure on the feed side.")] = 2e5
    permeate_pressure: Annotated[Pressure, Field(description="Absolute pressure on the permeate side.")] = 1e5


@section
class GurleyDuty:
    """Time that a standard volume of air takes through the film."""

    kind: Literal["gurley"] = "gurley"
    standard: Literal["JIS P8117", "ASTM"] = "JIS P8117"


@section
class LiquidDuty:
    """Permeance to a liquid, and the pressures at which it enters or leaves the pores."""

    kind: Literal["liquid"] = "liquid"
    liquid: Annotated[Name, Field(description="Name of the liquid: methanol, water, ethanol, or the user's own.")] = (
        "methanol"
    )
    viscosity: Annotated[
        Viscosity | None, Field(description="Own viscosity, instead of the tabulated one at 25 degC.")
    ] = None
    surface_tension: SurfaceTension | None = None
    contact_angle: ContactAngle | None = None
    temperature: Temperature = STANDARD_TEMPERATURE
    pressure_difference: Pressure = 1e5
    prewetted: Annotated[
        bool, Field(description="True if the pores were filled beforehand, with alcohol for example.")
    ] = False


@section
class SoluteDuty:
    """Rejection of a dissolved chain, and the molecular-weight cut-off of its family."""

    kind: Literal["solute"] = "solute"
    solute: Annotated[Name, Field(description="Family of the solute: PEG, dextran, or the user's own.")] = "PEG"
    radius: Annotated[PositiveLength | None, Field(description="Stokes radius, instead of family and molar mass.")] = (
        None
    )
    molar_mass: MolarMass = 10.0
    flux: Annotated[Velocity, Field(description="Volume flux through the membrane.")] = 1e-5
    viscosity: Viscosity = 8.9e-4
    temperature: Temperature = STANDARD_TEMPERATURE


@section
class ContactorDuty:
    """Transfer of a gas into a liquid through the membrane."""

    kind: Literal["contactor"] = "contactor"
    gas: Name = "CO2"
    liquid: Name = "water"
    side_wetted: Annotated[
        Literal["none", "liquid"], Field(description="none: the pores hold gas; liquid: they hold liquid.")
    ] = "none"
    gas_diffusivity: Annotated[Diffusivity, Field(description="Diffusivity of the gas in the gas phase, D_AB.")] = (
        1.6e-5
    )
    liquid_diffusivity: Annotated[Diffusivity, Field(description="Diffusivity of the gas in the liquid.")] = 1.92e-9
    gas_coefficient: Annotated[
        Velocity | None, Field(description="Mass-transfer coefficient of the gas side; none: no resistance there.")
    ] = None
    liquid_coefficient: Annotated[
        Velocity | None, Field(description="Mass-transfer coefficient of the liquid side; none: no resistance there.")
    ] = None
    partition: Annotated[
        PositiveNumber, Field(description="Concentration in the liquid over that in the gas, at equilibrium.")
    ] = 0.83
    temperature: Temperature = STANDARD_TEMPERATURE


@section
class DistillationDuty:
    """Direct-contact membrane distillation of water."""

    kind: Literal["distillation"] = "distillation"
    feed_temperature: Temperature = ZERO_CELSIUS + 60.0
    permeate_temperature: Temperature = ZERO_CELSIUS + 50.0
    polarisation: Annotated[
        float,
        Number(0.0, 1.0, above_minimum=True),
        Field(
            description="Temperature difference of the membrane's faces over that of the bulk; 1: the temperatures are the faces'."
        ),
    ] = 0.6
    pressure: Pressure = ATMOSPHERE


@section
class SeparatorDuty:
    """Ionic resistance of the film as a battery separator."""

    kind: Literal["separator"] = "separator"
    conductivity: Annotated[Conductivity, Field(description="Conductivity of the electrolyte alone.")] = 1.0


@section
class MechanicsDuty:
    """Stiffness and strength of the film."""

    kind: Literal["mechanics"] = "mechanics"


Duty = Annotated[
    GasDuty | GurleyDuty | LiquidDuty | SoluteDuty | ContactorDuty | DistillationDuty | SeparatorDuty | MechanicsDuty,
    Field(discriminator="kind"),
]
