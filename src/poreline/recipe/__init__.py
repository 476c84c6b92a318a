"""What the user wrote: composition, mixing, film forming, stretch programme, duties."""

from poreline.recipe.composition import AdditiveShare, Composition, CopolymerShare, PolymerShare
from poreline.recipe.duty import (
    ContactorDuty,
    DistillationDuty,
    Duty,
    GasDuty,
    GurleyDuty,
    LiquidDuty,
    MechanicsDuty,
    SeparatorDuty,
    SoluteDuty,
)
from poreline.recipe.forming import Extrusion, FilmForming, MeltCasting, SolutionCasting, Spraying
from poreline.recipe.measured import Measured, MeasuredMembrane
from poreline.recipe.mixing import Mixing
from poreline.recipe.parameter_set import ParameterSet, read_parameter_set
from poreline.recipe.programme import Anneal, StretchStep, regimes
from poreline.recipe.read import UnderstoodRecipe, read_recipe, read_recipe_table, read_recipe_text
from poreline.recipe.recipe import ClaimSettings, MaterialsChoice, Recipe
from poreline.recipe.understood import Assumed, as_text, digest, to_toml

__all__ = [
    "AdditiveShare",
    "Anneal",
    "Assumed",
    "ClaimSettings",
    "Composition",
    "ContactorDuty",
    "CopolymerShare",
    "DistillationDuty",
    "Duty",
    "Extrusion",
    "FilmForming",
    "GasDuty",
    "GurleyDuty",
    "LiquidDuty",
    "MaterialsChoice",
    "Measured",
    "MeasuredMembrane",
    "MechanicsDuty",
    "MeltCasting",
    "Mixing",
    "ParameterSet",
    "PolymerShare",
    "Recipe",
    "SeparatorDuty",
    "SoluteDuty",
    "SolutionCasting",
    "Spraying",
    "StretchStep",
    "UnderstoodRecipe",
    "as_text",
    "digest",
    "read_parameter_set",
    "read_recipe",
    "read_recipe_table",
    "read_recipe_text",
    "regimes",
    "to_toml",
]
