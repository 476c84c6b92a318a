"""What the documents show works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from poreline.line import parameter_names, simulate
from poreline.materials import default_materials
from poreline.recipe import read_recipe_text

ROOT = Path(__file__).parents[2]


def blocks(document: str) -> list[str]:
    """The TOML blocks of a document."""
    return re.findall(r"```toml\n(.*?)```", (ROOT / document).read_text(encoding="utf-8"), re.DOTALL)


def test_the_readme_s_recipe_runs():
    (recipe,) = blocks("README.md")
    made = simulate(read_recipe_text(recipe, parameter_names=parameter_names()), samples=50, causes=())
    assert made.outcome.kind == "ok"


def test_the_example_of_own_materials_loads(tmp_path):
    _, own = blocks("docs/materials.md")
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    materials = default_materials().with_file(tmp_path / "own.toml")
    assert materials.polymer("PS").density_solid == 1047.0
