"""Which uncertain numbers cause the band of a result: Sobol indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.line.uncertainty import UncertainNumber

Array = npt.NDArray[np.float64]
_LOGARITHMIC_FROM = 2.0  # high over low of a positive result from which its logarithm is analysed


@dataclass(frozen=True, kw_only=True)
class Cause:
    """What one uncertain number does to one result."""

    number: UncertainNumber
    first_order: float
    """Share of the variance that it causes alone."""
    total: float
    """Share of the variance that it causes alone and together with others."""
    effect: float
    """Change of the result from the number's low (5 %) to its high (95 %) end, the others nominal; in the result's unit."""


@dataclass(frozen=True, kw_only=True)
class Causes:
    """The causes of one result's band, the largest first."""

    result: str
    logarithmic: bool
    """Whether the variance is that of the logarithm."""
    causes: tuple[Cause, ...]
    samples: int


def sobol_causes(
    evaluate: Callable[[Array], Mapping[str, Array]],
    numbers: tuple[UncertainNumber, ...],
    results: Sequence[str],
    count: int,
    rng: np.random.Generator,
) -> dict[str, Causes]:
    """First-order and total Sobol indices of the results over all numbers.

    `evaluate` maps standard normal deviates (rows samples, columns numbers) to arrays of results. Estimators of
    Saltelli 2010 (first order) and Jansen 1999 (total) on count x (numbers + 2) evaluations; a strongly skewed positive
    result is analysed by its logarithm. Indices below 0 by sampling error are given as 0.
    """
    columns = len(numbers)
    first, second = rng.standard_normal((2, count, columns))
    mixed = np.repeat(first[None], columns, axis=0)
    for column in range(columns):
        mixed[column, :, column] = second[:, column]
    # The 5 % and 95 % ends of each number alone ride along in the same evaluation.
    ends = np.zeros((2 * columns, columns))
    for column in range(columns):
        ends[2 * column : 2 * column + 2, column] = -1.6448536269514722, 1.6448536269514722
    found = evaluate(np.concatenate([first, second, mixed.reshape(-1, columns), ends]))
    return {name: _causes(name, found[name], numbers, count) for name in results if name in found}


def _causes(name: str, values: Array, numbers: tuple[UncertainNumber, ...], count: int) -> Causes:
    ends = values[-2 * len(numbers) :].reshape(-1, 2)
    sampled = values[: -2 * len(numbers)]
    logarithmic = _skewed(sampled[: 2 * count])
    usable = np.log(np.maximum(sampled, 1e-300)) if logarithmic else sampled
    blocks = usable.reshape(-1, count)
    a, b, mixed = blocks[0], blocks[1], blocks[2:]
    good = np.isfinite(a) & np.isfinite(b) & np.all(np.isfinite(mixed), axis=0)
    a, b, mixed = a[good], b[good], mixed[:, good]
    variance = float(np.var(np.concatenate([a, b]))) if a.size > 1 else 0.0
    if variance <= 1e-24 * float(
        np.mean(np.abs(usable[np.isfinite(usable)]) ** 2) if np.isfinite(usable).any() else 1.0
    ):
        return Causes(result=name, logarithmic=logarithmic, causes=(), samples=count)
    first_order = np.maximum(np.mean((b - b.mean()) * (mixed - a), axis=1) / variance, 0.0)
    total = 0.5 * np.mean((a - mixed) ** 2, axis=1) / variance
    causes = [
        Cause(number=number, first_order=float(s), total=float(t), effect=float(high - low))
        for number, s, t, (low, high) in zip(numbers, first_order, total, ends, strict=True)
    ]
    return Causes(
        result=name,
        logarithmic=logarithmic,
        causes=tuple(sorted(causes, key=lambda cause: -cause.total)),
        samples=count,
    )


def _skewed(values: Array) -> bool:
    finite = values[np.isfinite(values)]
    if finite.size == 0 or finite.min() <= 0.0:
        return False
    low, high = np.percentile(finite, [5, 95])
    return bool(high > _LOGARITHMIC_FROM * low)
