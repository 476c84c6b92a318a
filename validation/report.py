"""All comparisons as markdown texts: `python -m validation.report`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from validation.comparison import as_table

HERE = Path(__file__).parent
MEASURING = HERE / "measuring"


def cases(folder: Path = HERE) -> Iterator[tuple[str, ModuleType]]:
    """Name and module of every case in a folder of cases: those of the line, or those of `MEASURING`."""
    for path in sorted(folder.glob("*/case_*.py")):
        spec = importlib.util.spec_from_file_location(f"validation.{path.parent.name}.{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield path.parent.name, module


def section(name: str, module: ModuleType) -> str:
    """The table of one case under its name; a case may write a table of its own."""
    comparisons = module.compare()
    agree = sum(c.verdict == "agrees" for c in comparisons)
    judged = sum(c.verdict != "not judged" for c in comparisons)
    table = module.as_markdown() if hasattr(module, "as_markdown") else as_table(comparisons)
    return f"## {name.replace('_', ' ')}\n\n{agree} of {judged} agree.\n\n{table}\n"


def as_markdown(folder: Path = HERE) -> str:
    """One table a case."""
    return "\n".join(section(name, module) for name, module in cases(folder))


if __name__ == "__main__":
    print(as_markdown())
    print(as_markdown(MEASURING))
