"""The documentation shows what the comparisons find now."""

from __future__ import annotations

from validation.write_docs import PAGE, page


def test_the_page_on_accuracy_shows_the_comparisons_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m validation.write_docs`"
