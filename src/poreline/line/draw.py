"""The programme as curves: what the film would be if the draw ended earlier, and what it is after each station."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from poreline.line.evaluate import evaluate
from poreline.line.plan import Plan
from poreline.materials import Materials
from poreline.quantities.trees import transform
from poreline.recipe import Duty

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DrawCurve:
    """Results along the draw. Every point is a film drawn to that elongation and annealed as the recipe says."""

    elongation: Array
    """Elongation at each point, in the direction that its step draws."""
    step: npt.NDArray[np.int_]
    """Index of the step that each point lies in."""
    nominal: dict[str, Array]
    low: dict[str, Array]
    high: dict[str, Array]


@dataclass(frozen=True, kw_only=True)
class Station:
    """The film as it leaves one stretch station, still held at length: nominal results and their 5-95 % bands."""

    step: int
    nominal: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]


def ended_after(plan: Plan, step: int) -> Plan:
    """The plan with the programme ended after `step`."""
    return replace(plan, steps=plan.steps[: step + 1])


def draw_curve(
    nominal: Plan,
    sampled: Plan,
    names: Sequence[str],
    duties: Sequence[Duty] = (),
    materials: Materials | None = None,
    points: int = 13,
) -> DrawCurve:
    """Results along every step of the programme; `sampled` holds the samples that the bands come from."""
    parts: list[tuple[int, Array]] = []
    reached = {"machine": 0.0, "transverse": 0.0}
    for index, step in enumerate(nominal.steps):
        directions = ("machine", "transverse") if step.direction == "both" else (step.direction,)
        start = max(reached[direction] for direction in directions)
        end = float(step.elongation)
        # The first point of a later step is the end of the one before it, at the new temperature.
        parts.append((index, np.linspace(start, end, points) if end > start else np.array([end])))
        reached |= dict.fromkeys(directions, end)
    nominal_curves: dict[str, list[Array]] = {name: [] for name in names}
    low: dict[str, list[Array]] = {name: [] for name in names}
    high: dict[str, list[Array]] = {name: [] for name in names}
    for index, elongations in parts:
        center = evaluate(_drawn_to(ended_after(nominal, index), elongations), duties, materials).findings()
        spread = evaluate(
            _drawn_to(transform(ended_after(sampled, index), _column), elongations), duties, materials
        ).findings()
        for name in names:
            shape = elongations.shape
            if name not in center:
                continue
            nominal_curves[name].append(np.broadcast_to(np.asarray(center[name].values, dtype=float), shape))
            values = np.asarray(spread[name].values, dtype=float)
            if values.ndim < 2:
                values = np.broadcast_to(
                    values.reshape(-1, 1) if values.ndim else values, (max(values.size, 1), *shape)
                )
            low_part, high_part = np.nanpercentile(_finite(values), [5, 95], axis=0)
            low[name].append(np.broadcast_to(low_part, shape))
            high[name].append(np.broadcast_to(high_part, shape))
    return DrawCurve(
        elongation=np.concatenate([e for _, e in parts]) if parts else np.zeros(0),
        step=np.concatenate([np.full(e.shape, index) for index, e in parts]) if parts else np.zeros(0, dtype=int),
        nominal=_joined(nominal_curves),
        low=_joined(low),
        high=_joined(high),
    )


def stations(nominal: Plan, sampled: Plan, names: Sequence[str]) -> tuple[Station, ...]:
    """The film after each station, held at length: nothing has sprung back."""
    found = []
    for index in range(len(nominal.steps)):
        center = evaluate(_held(ended_after(nominal, index))).findings()
        spread = evaluate(_held(ended_after(sampled, index))).findings()
        low, high = {}, {}
        for name in names:
            low[name], high[name] = (
                float(x) for x in np.percentile(np.asarray(spread[name].values, dtype=float), [5, 95])
            )
        found.append(
            Station(step=index, nominal={name: float(center[name].values) for name in names}, low=low, high=high)
        )
    return tuple(found)


def _held(plan: Plan) -> Plan:
    constants = replace(plan.constants, stretch=replace(plan.constants.stretch, springback_unannealed=0.0))
    return replace(plan, anneal=None, constants=constants)


def _drawn_to(plan: Plan, elongations: Array) -> Plan:
    last = replace(plan.steps[-1], elongation=elongations)  # type: ignore[arg-type]  # the laws broadcast over arrays
    return replace(plan, steps=(*plan.steps[:-1], last))


def _column(leaf: float | Array) -> float | Array:
    """Samples down the rows, so that points of the draw go along the columns."""
    return leaf[:, None] if isinstance(leaf, np.ndarray) and leaf.ndim == 1 else leaf


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def _joined(parts: dict[str, list[Array]]) -> dict[str, Array]:
    return {name: np.concatenate(arrays) for name, arrays in parts.items() if arrays}
