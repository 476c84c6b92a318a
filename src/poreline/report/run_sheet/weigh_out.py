"""Weigh-out: masses that a scale can show and that sum to the batch."""

from __future__ import annotations

import math
from fractions import Fraction

from poreline.quantities import printable
from poreline.report.run_sheet.facts import Facts
from poreline.report.run_sheet.numbers import around, number
from poreline.report.run_sheet.sheet import Component, WeighOut

_TOLERANCE = 0.005  # of a mass
_COARSEST, _FINEST = Fraction(1, 1000), Fraction(1, 1_000_000)  # kg, resolution of the weigh-out

_Listed = tuple[str, str, float]
"""Name, role and parts."""


def weigh_out(facts: Facts) -> WeighOut:
    """What is weighed for the batch, and what of it the scale does not show."""
    listed = _listed(facts)
    # Fractions, so that the printed masses sum to the batch to the last digit.
    shares = [Fraction(parts) for _, _, parts in listed]
    total = sum(shares)
    batch = Fraction(repr(facts.batch))  # as it was written
    resolution = _resolution(Fraction(facts.batch) * min(shares) / total)
    units = int(batch / resolution)
    counts = _apportioned([share * units / total for share in shares], units)
    shown_in, decimals = _scale(facts.batch, resolution)
    components = tuple(
        _component(entry, float(share / total), count * resolution, resolution, shown_in, decimals)
        for entry, share, count in zip(listed, shares, counts, strict=True)
    )
    composition = facts.run.recipe.composition
    assert composition is not None
    left = float(batch - units * resolution)
    return WeighOut(
        batch=number(facts.batch, "kg", "batch", shown_in, decimals=decimals),
        basis="parts by weight" if composition.basis == "parts" else "weight percent",
        components=components,
        resolution=number(float(resolution), "kg", "weighed to", shown_in, decimals=decimals),
        remainder=number(left, "kg", "of the batch, below the resolution", "g", decimals=3),
    )


def _listed(facts: Facts) -> list[_Listed]:
    composition, substances = facts.run.recipe.composition, facts.plan.substances
    assert composition is not None  # a plan that makes a membrane has one
    listed = [
        (substances.first.name, "first polymer (domains)", composition.first.parts),
        (substances.second.name, "second polymer (matrix)", composition.second.parts),
    ]
    if composition.compatibiliser is not None and substances.copolymer is not None:
        listed.append((substances.copolymer.name, "compatibiliser", composition.compatibiliser.parts))
    listed += [(printable(extra.name), "additive", extra.parts) for extra in composition.additives]
    return [entry for entry in listed if entry[2] > 0]


def _component(
    entry: _Listed, share: float, weighed: Fraction, resolution: Fraction, shown_in: str, decimals: int
) -> Component:
    name, role, parts = entry
    mass = float(weighed)
    bounds = around(mass, max(_TOLERANCE * mass, float(resolution)))
    return Component(
        name=name,
        role=role,
        parts=parts,
        mass_share=number(share, "1", f"share of the total, {name}", "%"),
        mass=number(mass, "kg", f"mass of {name}", shown_in, *bounds, decimals=decimals),
        note="too little to weigh: feed it as a masterbatch" if not weighed else "",
    )


def _resolution(smallest: Fraction) -> Fraction:
    """Power of ten that gives the smallest mass (kg) three digits; 1 g or finer, not below 1 mg."""
    power = Fraction(10) ** (math.floor(math.log10(max(smallest, _FINEST))) - 2)
    return max(min(power, _COARSEST), _FINEST)


def _apportioned(quotas: list[Fraction], units: int) -> list[int]:
    """Whole numbers next to the quotas that sum to `units`: the largest remainders are rounded up."""
    counts = [math.floor(quota) for quota in quotas]
    by_remainder = sorted(range(len(quotas)), key=lambda index: counts[index] - quotas[index])
    for index in by_remainder[: units - sum(counts)]:
        counts[index] += 1
    return counts


def _scale(batch: float, resolution: Fraction) -> tuple[str, int]:
    """Unit in which masses are printed, and the decimals that show the resolution."""
    digits = round(-math.log10(resolution))
    return ("kg", digits) if batch >= 1.0 else ("g", max(digits - 3, 0))
