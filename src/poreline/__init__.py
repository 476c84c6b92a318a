"""poreline: a virtual pilot line for microporous membranes made by stretching an immiscible polymer blend.

    >>> import poreline
    >>> run = poreline.simulate("recipe.toml")
    >>> run.results["porosity"].value

The names below load on first use, so that `import poreline` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poreline.line.run import Run as Run
    from poreline.line.simulate import simulate as simulate
    from poreline.quantities import Estimate, InvalidInput, NotDetermined
    from poreline.recipe import Recipe, read_recipe

__version__ = "0.1.0"
"""The version, read by the build and kept with every run."""

_HOMES = {
    "simulate": "poreline.line",
    "Run": "poreline.line",
    "read_recipe": "poreline.recipe",
    "Recipe": "poreline.recipe",
    "Estimate": "poreline.quantities",
    "NotDetermined": "poreline.quantities",
    "InvalidInput": "poreline.quantities",
}

__all__ = ["Estimate", "InvalidInput", "NotDetermined", "Recipe", "Run", "__version__", "read_recipe", "simulate"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'poreline' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
