"""The line as a sentence: blend, film, stretched film, membrane. One evaluation serves one recipe or thousands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from poreline.blend import Blend, mix
from poreline.film import Film, form, line_shear
from poreline.line.plan import MembranePlan, Plan
from poreline.materials import Materials, default_materials
from poreline.membrane import Membrane, PoreStructure, as_measured, characterise
from poreline.quantities.fields import Finding, findings, meanings
from poreline.quantities.trees import grouped, stack, transform
from poreline.recipe import Duty
from poreline.separation import Performance, separate
from poreline.stretch import StretchedFilm
from poreline.stretch.meanfield import stretch

Array = npt.NDArray[np.float64]

BLOCK = 4096  # recipes evaluated at a time: the working arrays of a block stay in a core's cache


@dataclass(frozen=True, kw_only=True)
class LineResult:
    """What came out of each stage of the line; a measured membrane has none before `membrane`."""

    blend: Blend | None = None
    film: Film | None = None
    stretched: StretchedFilm | None = None
    structure: PoreStructure | None = None
    membrane: Membrane
    performance: Performance = Performance()

    def stages(self) -> Iterator[tuple[str, object]]:
        """Name and result of every stage, in the order of the line."""
        named = (
            ("blend", self.blend),
            ("film", self.film),
            ("stretch", self.stretched),
            ("structure", self.structure),
            ("membrane", self.membrane),
        )
        return ((name, stage) for name, stage in named if stage is not None)

    def findings(self) -> dict[str, Finding]:
        """Every quantity of every stage and duty, by its name."""
        return {name: finding for _, group in self.findings_by_stage() for name, finding in group.items()}

    def findings_by_stage(self) -> Iterator[tuple[str, dict[str, Finding]]]:
        """The quantities of every stage, the duties last under "separation"; a name belongs to the first stage that has it."""
        seen: set[str] = set()
        for name, stage in self.stages():
            group = {
                key: finding
                for key, finding in findings(stage).items()
                if finding.values is not None and key not in seen
            }
            seen |= group.keys()
            yield name, group
        yield "separation", self.performance.results


def evaluate(plan: Plan | MembranePlan, duties: Sequence[Duty] = (), materials: Materials | None = None) -> LineResult:
    """Run the mean-field line on a plan; its numbers may be arrays that broadcast together."""
    if isinstance(plan, MembranePlan):
        membrane = as_measured(plan.membrane)
        return LineResult(membrane=membrane, performance=_separated(membrane, duties, materials))
    constants, measured = plan.constants, plan.measured
    blend = mix(plan.amounts, plan.mixing, line_shear(plan.film), plan.substances, constants.blend, measured)
    film = form(blend, plan.film, constants.blend, measured)
    stretched = stretch(film, plan.steps, plan.anneal, constants.stretch, measured)
    pores, membrane = characterise(stretched, plan.steps, constants.membrane, measured)
    performance = _separated(membrane, duties, materials)
    return LineResult(
        blend=blend, film=film, stretched=stretched, structure=pores, membrane=membrane, performance=performance
    )


def _separated(membrane: Membrane, duties: Sequence[Duty], materials: Materials | None) -> Performance:
    return separate(membrane, duties, materials or default_materials()) if duties else Performance()


def evaluate_many(
    plans: Sequence[Plan], names: Sequence[str], duties: Sequence[Duty] = (), materials: Materials | None = None
) -> dict[str, Array]:
    """The named results of many plans, in their order, as one array per name.

    Plans of one structure (same kinds of film, steps and components; only numbers differ) are stacked and evaluated
    together in blocks. A result that a plan does not have is NaN.
    """
    results = {name: np.full(len(plans), np.nan) for name in names}
    for members in grouped(plans):
        for start in range(0, len(members), BLOCK):
            block = members[start : start + BLOCK]
            found = evaluate(stack([plans[index] for index in block]), duties, materials).findings()
            for name in names:
                if name in found:
                    results[name][block] = found[name].values
    return results


def evaluate_samples(
    plan: Plan | MembranePlan,
    count: int,
    names: Sequence[str] | None = None,
    duties: Sequence[Duty] = (),
    materials: Materials | None = None,
) -> dict[str, Array]:
    """The named results (by default all) of a plan whose numbers are scalars or arrays of length `count`, in blocks."""
    results: dict[str, Array] = {}
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        found = evaluate(_samples(plan, part), duties, materials).findings()
        for name in names if names is not None else found:
            if name in found:
                results.setdefault(name, np.full(count, np.nan))[part] = found[name].values
    return results


def _samples(plan: Plan | MembranePlan, part: slice) -> Plan | MembranePlan:
    """The plan with a part of its samples."""

    def cut(leaf: float | Array) -> float | Array:
        return leaf[part] if isinstance(leaf, np.ndarray) and leaf.ndim else leaf

    return transform(plan, cut)


@cache
def result_names() -> frozenset[str]:
    """Names of the results that the stages of the line have, duties aside."""
    kinds = (Blend, Film, StretchedFilm, PoreStructure, Membrane)
    return frozenset(name for kind in kinds for name, _ in meanings(kind))
