"""Writes the comparisons into the documentation: `python -m validation.write_docs`, a minute on one core."""

from __future__ import annotations

from pathlib import Path

from validation.report import HERE, MEASURING, as_markdown

DOCS = HERE.parent / "docs"
PAGE = DOCS / "accuracy.md"
PAGE_MEASURING = DOCS / "measuring-accuracy.md"
_MARK = "<!-- tables: written by python -m validation.write_docs -->\n"


def head_of(path: Path) -> str:
    """What stands on a page before its tables."""
    return path.read_text(encoding="utf-8").partition(_MARK)[0]


def tables_of(path: Path) -> str:
    """The tables as they stand on a page."""
    return path.read_text(encoding="utf-8").partition(_MARK)[2].lstrip("\n")


def page(path: Path = PAGE, folder: Path = HERE) -> str:
    """The page with the tables as they are now."""
    return f"{head_of(path)}{_MARK}\n{as_markdown(folder)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    PAGE_MEASURING.write_text(page(PAGE_MEASURING, MEASURING), encoding="utf-8")
