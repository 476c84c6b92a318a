"""The documentation shows what the comparisons find now."""

from __future__ import annotations

import math
import re

import pytest
from validation.report import MEASURING, cases, section
from validation.write_docs import PAGE, PAGE_MEASURING, page, tables_of

WRITE = "run `python -m validation.write_docs`"
SLOW = {"blurred_noise"}
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
NAMES = sorted(folder.name for folder in MEASURING.iterdir() if any(folder.glob("case_*.py")))


def same(written: str, now: str) -> bool:
    """Whether two texts are the same but for one unit of the last digit of a number; powers of ten, for a power.

    The last digit depends on the processor.
    """
    if _NUMBER.sub("#", written) != _NUMBER.sub("#", now):
        return False
    return all(map(_near, _NUMBER.findall(written), _NUMBER.findall(now)))


def _near(written: str, now: str) -> bool:
    first, second = float(written), float(now)
    if "e" in written or "e" in now:
        return first == second or abs(math.log10(first / second)) < 1.5
    # The shorter of both has lost a trailing zero.
    digits = max(len(text.partition(".")[2]) for text in (written, now))
    return abs(first - second) < 1.5 * 10.0**-digits if digits else first == second


def test_the_page_on_accuracy_shows_the_comparisons_as_they_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), WRITE


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in SLOW else n for n in NAMES])
def test_the_page_on_measuring_shows_what_is_measured_now(name: str) -> None:
    module = next(module for found, module in cases(MEASURING) if found == name)
    now = section(name, module)
    title = now.partition("\n")[0]
    written = {part.partition("\n")[0]: part for part in re.split(r"^(?=## )", tables_of(PAGE_MEASURING), flags=re.M)}
    assert title in written, WRITE
    assert same(written[title].rstrip(), now.rstrip()), f"{title}: {WRITE}"


def test_the_page_on_measuring_has_every_case_and_no_other() -> None:
    titles = re.findall(r"^## (.+)$", tables_of(PAGE_MEASURING), flags=re.M)
    assert [title.replace(" ", "_") for title in titles] == NAMES, WRITE


def test_a_page_is_not_current_once_a_number_or_a_word_moves() -> None:
    assert same("mean 2.716, below 1e-5", "mean 2.717, below 1e-6")
    assert same("3.4", "3.41")
    assert not same("mean 2.716", "mean 2.719")
    assert not same("3 of 4 agree", "4 of 4 agree")
    assert not same("agrees", "differs")
