"""All comparisons with published data as one markdown text: `python -m validation.report`."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

from validation.comparison import Comparison, as_table

HERE = Path(__file__).parent


def cases() -> Iterator[tuple[str, list[Comparison]]]:
    """Name and comparisons of every case."""
    for path in sorted(HERE.glob("*/case_*.py")):
        spec = importlib.util.spec_from_file_location(f"validation.{path.parent.name}.{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield path.parent.name, module.compare()


def as_markdown() -> str:
    """One table a case."""
    parts = []
    for name, comparisons in cases():
        agree = sum(c.verdict == "agrees" for c in comparisons)
        judged = sum(c.verdict != "not judged" for c in comparisons)
        parts.append(f"## {name.replace('_', ' ')}\n\n{agree} of {judged} agree.\n\n{as_table(comparisons)}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(as_markdown())
