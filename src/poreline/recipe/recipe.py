"""A recipe: everything that the user says about one membrane."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from pydantic import Field

from poreline.recipe.composition import Composition
from poreline.recipe.duty import Duty
from poreline.recipe.edge import Number, PlainText, PositiveShare, Quantity, section
from poreline.recipe.forming import Extrusion, FilmForming
from poreline.recipe.measured import Measured, MeasuredMembrane
from poreline.recipe.mixing import Mixing
from poreline.recipe.programme import Anneal, StretchStep

TemperatureDifference = Annotated[float, Quantity("K", "K", 0.0, 50.0, example="1 K")]


@section
class MaterialsChoice:
    """Own materials, and which record of a number to use."""

    file: Annotated[str | None, Field(description="File with own materials, beside the recipe.")] = None
    use: Annotated[
        dict[str, str],
        Field(description='Other numbers than the defaults: {"PP.youngs_modulus" = "1.3 GPa"}, or the id of a record.'),
    ] = dataclasses.field(default_factory=dict)


@section
class ClaimSettings:
    """How the claims are read; every setting is printed with the verdicts."""

    about: Annotated[
        PositiveShare, Field(description="Relative width of the word 'about' on each side of a bound.")
    ] = 0.05
    about_temperature: Annotated[TemperatureDifference, Field(description="The same for a temperature.")] = 1.0
    final_dimension: Annotated[
        Literal["elongation", "ratio"],
        Field(
            description="Whether 'a final dimension of 100 to 400 % of the original' means the elongation or the ratio."
        ),
    ] = "elongation"
    structure_binds_method: Annotated[
        bool, Field(description="Whether the preamble of the method claims, which describes the membrane, is binding.")
    ] = False
    domain_spread_limit: Annotated[float, Number(1.0, 10.0)] = 1.8
    pore_spread_limit: Annotated[float, Number(1.0, 10.0)] = 2.0
    connectivity_limit: Annotated[float, Number(0.0, 10.0)] = 1.0
    open_share_limit: PositiveShare = 0.5
    cracks_per_domain_limit: Annotated[float, Number(0.0, 1e3)] = 1.0
    matrix_share_limit: Annotated[
        PositiveShare, Field(description="Volume share of the first polymer up to which the second is the matrix.")
    ] = 0.35
    aspect_ratio_limit: Annotated[float, Number(1.0, 1e6)] = 12.0
    network_extent_limit: Annotated[
        float,
        Number(0.0, 1e3),
        Field(description="Length of the largest cluster of voids along the draw on an image, in domain spacings."),
    ] = 3.0
    network_share_limit: Annotated[
        PositiveShare, Field(description="The same as a share of the image's edge, for an image that is short.")
    ] = 0.5
    void_variation_limit: Annotated[
        float,
        Number(0.0, 1e3),
        Field(description="Coefficient of variation of the void fraction between sub-volumes of an image."),
    ] = 1.0
    additive_limit: Annotated[
        PositiveShare,
        Field(description="Additives up to which a composition consists essentially of the claimed ones."),
    ] = 0.01


@section
class Recipe:
    """One membrane from its composition to its duties, or a measured membrane and its duties."""

    name: Annotated[str, PlainText(120), Field(description="Name of the recipe, as it stands in reports.")] = (
        "unnamed recipe"
    )
    notes: Annotated[str, PlainText(4000, lines=True), Field(description="Anything worth keeping with it.")] = ""
    composition: Composition | None = None
    mixing: Mixing = Mixing()
    film: FilmForming = Extrusion()
    stretch: Annotated[
        tuple[StretchStep, ...], Field(max_length=40, description="The steps of the stretch programme, in order.")
    ] = ()
    anneal: Anneal | None = None
    duty: Annotated[tuple[Duty, ...], Field(max_length=60, description="What the membrane should separate.")] = ()
    measured: Measured = Measured()
    membrane: MeasuredMembrane | None = None
    materials: MaterialsChoice = MaterialsChoice()
    claims: ClaimSettings = ClaimSettings()
    parameters: Annotated[
        dict[str, Annotated[float, Number()]],
        Field(
            description="Constants of the model that replace the defaults, by name, in SI; those of the volume simulation as "
            "volume.NAME, also as texts with a unit; `file` names a set of them."
        ),
    ] = dataclasses.field(default_factory=dict)
