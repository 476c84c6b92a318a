"""The recipe with every default filled in: what a field that was left out amounts to, said as assumed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from poreline.film import casting, extrusion
from poreline.line.plan import usual_mixing_temperature
from poreline.recipe import Assumed, Extrusion, Recipe, SolutionCasting, UnderstoodRecipe, regimes
from poreline.recipe.understood import as_text, meaning_of


def resolved(understood: UnderstoodRecipe) -> UnderstoodRecipe:
    """The recipe as understood with the defaults that depend on other fields filled in, and listed as assumed."""
    recipe = understood.recipe
    if recipe.composition is None:
        return understood
    full = replace(
        recipe,
        mixing=_mixing(recipe, understood),
        film=_film(recipe.film),
        stretch=tuple(
            replace(step, regime=regime) for step, regime in zip(recipe.stretch, regimes(recipe.stretch), strict=True)
        ),
    )
    found = [*_filled("mixing", recipe.mixing, full.mixing), *_filled("film", recipe.film, full.film)]
    for index, (before, after) in enumerate(zip(recipe.stretch, full.stretch, strict=True)):
        found += _filled(f"stretch[{index}]", before, after)
    return replace(understood, recipe=full, assumed=(*understood.assumed, *found))


def _mixing(recipe: Recipe, understood: UnderstoodRecipe) -> Any:
    if recipe.mixing.temperature is not None or recipe.composition is None:
        return recipe.mixing
    return replace(recipe.mixing, temperature=usual_mixing_temperature(recipe.composition, understood.materials))


def _film(film: Any) -> Any:
    """The film forming with thickness, die and draw-down, or wet thickness, that follow from one another."""
    if isinstance(film, Extrusion):
        return replace(
            film,
            thickness=float(extrusion.film_thickness(film)),
            die_gap=float(extrusion.die_gap(film)),
            draw_down=float(extrusion.draw_down(film)),
        )
    if isinstance(film, SolutionCasting):
        return replace(
            film,
            thickness=float(casting.solution_thickness(film)),
            wet_thickness=float(casting.wet_thickness(film)),
        )
    return film


def _filled(where: str, before: Any, after: Any) -> list[Assumed]:
    """The fields that were empty before."""
    texts = as_text(after)
    kind: type = type(after)
    return [
        Assumed(f"{where}.{name}", str(texts[name]), meaning_of(kind, name))
        for name, value in vars(after).items()
        if value is not None and getattr(before, name) is None
    ]
