"""The line as a sentence: blend, film, stretched film, membrane. One evaluation serves one recipe or thousands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from poreline.blend import Blend, mix
from poreline.film import Film, form, line_shear
from poreline.line.plan import Plan
from poreline.membrane import Membrane, PoreStructure, characterise
from poreline.quantities.fields import Finding, findings
from poreline.quantities.trees import stack, structure, transform
from poreline.stretch import StretchedFilm
from poreline.stretch.meanfield import stretch

BLOCK = 4096  # recipes evaluated at a time: the working arrays of a block stay in a core's cache


@dataclass(frozen=True, kw_only=True)
class LineResult:
    """What came out of each stage of the line."""

    blend: Blend
    film: Film
    stretched: StretchedFilm
    structure: PoreStructure
    membrane: Membrane

    def stages(self) -> Iterator[tuple[str, object]]:
        """Name and result of every stage, in the order of the line."""
        yield "blend", self.blend
        yield "film", self.film
        yield "stretch", self.stretched
        yield "structure", self.structure
        yield "membrane", self.membrane

    def findings(self) -> dict[str, Finding]:
        """Every quantity of every stage, by its name."""
        return {name: finding for _, stage in self.stages() for name, finding in findings(stage).items() if finding.values is not None}


def evaluate(plan: Plan) -> LineResult:
    """Run the mean-field line on a plan; its numbers may be arrays that broadcast together."""
    constants, measured = plan.constants, plan.measured
    blend = mix(plan.amounts, plan.mixing, line_shear(plan.film), plan.substances, constants.blend, measured)
    film = form(blend, plan.film, constants.blend, measured)
    stretched = stretch(film, plan.steps, plan.anneal, constants.stretch, measured_porosity=measured.porosity)
    pores, membrane = characterise(stretched, plan.steps, constants.membrane, measured)
    return LineResult(blend=blend, film=film, stretched=stretched, structure=pores, membrane=membrane)


def evaluate_many(plans: Sequence[Plan], names: Sequence[str]) -> dict[str, np.ndarray]:
    """The named results of many plans, in their order, as one array per name.

    Plans of one structure (same kinds of film, steps and components; only numbers differ) are stacked and evaluated
    together in blocks. A result that a plan does not have is NaN.
    """
    groups: dict[object, list[int]] = {}
    for index, plan in enumerate(plans):
        groups.setdefault(structure(plan), []).append(index)
    results = {name: np.full(len(plans), np.nan) for name in names}
    for members in groups.values():
        for start in range(0, len(members), BLOCK):
            block = members[start : start + BLOCK]
            found = evaluate(stack([plans[index] for index in block])).findings()
            for name in names:
                if name in found:
                    results[name][block] = found[name].values
    return results


def evaluate_samples(stacked: Plan, count: int, names: Sequence[str]) -> dict[str, np.ndarray]:
    """The named results of a plan whose numbers are scalars or arrays of length `count`, evaluated in blocks."""
    results = {name: np.empty(count) for name in names}
    for start in range(0, count, BLOCK):
        part = slice(start, min(start + BLOCK, count))
        found = evaluate(transform(stacked, lambda leaf, part=part: leaf[part] if np.ndim(leaf) else leaf)).findings()
        for name in names:
            results[name][part] = found[name].values
    return results


def result_names() -> tuple[str, ...]:
    """Names of the results that every line has."""
    kinds = (Blend, Film, StretchedFilm, PoreStructure, Membrane)
    return tuple(f.name for kind in kinds for f in fields(kind) if "quantity" in f.metadata)
