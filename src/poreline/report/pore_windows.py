"""The pore sizes that claims ask for, as they are drawn over a distribution."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.claims import registry
from poreline.quantities import to_si

_PORE = "pore_diameter_mean"


@dataclass(frozen=True)
class PoreWindow:
    """A stretch of the pore-size axis that claims ask for, in m."""

    label: str
    low: float
    high: float


def pore_windows() -> tuple[PoreWindow, ...]:
    """The pore sizes that claims ask for, each with the claims that add it."""
    book = registry()
    found: dict[tuple[float, float], list[int]] = {}
    for number, claim in book.claims.items():
        for name in claim.adds:
            for condition in book.conditions_of(name):
                window = condition.window
                if (
                    condition.quantity == _PORE
                    and window is not None
                    and window.low is not None
                    and window.high is not None
                ):
                    ends = (to_si(window.low.value, window.unit), to_si(window.high.value, window.unit))
                    found.setdefault(ends, []).append(number)
    return tuple(
        PoreWindow(f"claim{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}", low, high)
        for (low, high), numbers in found.items()
    )
