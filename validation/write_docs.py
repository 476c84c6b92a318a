"""Writes the comparisons with published data into the documentation: `python -m validation.write_docs`."""

from __future__ import annotations

from pathlib import Path

from validation.report import as_markdown

PAGE = Path(__file__).parent.parent / "docs" / "accuracy.md"
_MARK = "<!-- tables: written by python -m validation.write_docs -->\n"


def page() -> str:
    """The page with the tables as they are now."""
    written = PAGE.read_text(encoding="utf-8")
    head, _, _ = written.partition(_MARK)
    return f"{head}{_MARK}\n{as_markdown()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
