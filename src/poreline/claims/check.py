"""check(): every claim held against one run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from poreline.claims.exclusion import exclusions
from poreline.claims.facts import Facts
from poreline.claims.judge import judge
from poreline.claims.judgement import Judgement, joint, weakest
from poreline.claims.measured import MeasuredFacts
from poreline.claims.registry import Claim, Kind, Registry, registry
from poreline.claims.window import Verdict
from poreline.line import Run
from poreline.quantities import Fault, InvalidInput
from poreline.recipe import ClaimSettings

HOLDS: tuple[Verdict, ...] = ("met", "met-within-about")


@dataclass(frozen=True, kw_only=True)
class ClaimVerdict:
    """One claim held against one membrane."""

    claim: int
    parent: int | None
    kind: Kind
    group: str
    title: str
    verdict: Verdict
    by_proxy: bool
    """Whether a model judged stand-ins for the structure, here or in a claim that this one depends on."""
    probability: float | None
    """Share of the samples in which the claim holds, its parents included: sampled windows as written, without "about".

    None where nothing uncertain acts on the claim, or where something is undetermined.
    """
    evidence: tuple[Judgement, ...]
    """The requirements that this claim adds; those of its parents are the parents' evidence."""
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the claim is met, the word "about" included."""
        return self.verdict in HOLDS

    def as_dict(self) -> dict[str, Any]:
        """Plain fields, for machine-readable output."""
        names = ("claim", "parent", "kind", "group", "title", "verdict", "by_proxy", "probability", "note")
        plain = {name: getattr(self, name) for name in names}
        return {**plain, "evidence": [judgement.as_dict() for judgement in self.evidence]}


@dataclass(frozen=True)
class Verdicts:
    """Every claim held against one membrane, in the order of the claims."""

    claims: tuple[ClaimVerdict, ...]
    settings: ClaimSettings
    """How the claims were read; to be printed with the verdicts."""
    registry: Registry = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[ClaimVerdict]:
        return iter(self.claims)

    def __len__(self) -> int:
        return len(self.claims)

    def of(self, claim: int) -> ClaimVerdict:
        """The verdict on one claim."""
        return next(verdict for verdict in self.claims if verdict.claim == claim)

    def chain(self, claim: int) -> tuple[ClaimVerdict, ...]:
        """The verdicts on a claim and those it depends on, the independent one first."""
        return tuple(self.of(each.number) for each in self.registry.chain(claim))

    @property
    def met(self) -> tuple[int, ...]:
        """Numbers of the claims that hold, the word "about" included."""
        return tuple(verdict.claim for verdict in self.claims if verdict.holds)

    def excluded_by(self, claim: int) -> tuple[int, ...]:
        """Numbers of the claims that cannot hold together with this one, whatever the run."""
        return exclusions(self.registry, self.settings)[claim]

    @property
    def excluded(self) -> dict[int, tuple[int, ...]]:
        """The claims that do not hold and could not: each with the claims of this run that hold and exclude it."""
        found: dict[int, tuple[int, ...]] = {}
        for claim in self.met:
            for other in self.excluded_by(claim):
                if not self.of(other).holds:
                    found[other] = (*found.get(other, ()), claim)
        return dict(sorted(found.items()))

    def as_dicts(self) -> list[dict[str, Any]]:
        """The verdicts as plain tables, for machine-readable output."""
        return [verdict.as_dict() for verdict in self.claims]


def check(run: Run | None = None, measured: MeasuredFacts | None = None) -> Verdicts:
    """Every claim held against a membrane: the recipe it was made by and the structure it came to.

    How the claims are read is the recipe's [claims]. Structure is judged on what was measured on an image, if that is
    given, and otherwise by the mean-field model, except where the recipe holds a measurement; the model's verdicts say
    "by proxy". Without a run, composition and method are undetermined. Raises InvalidInput without both.
    """
    if run is None and measured is None:
        reason, remedy = "There is nothing to judge.", "Give the run of a recipe, a measured structure, or both."
        raise InvalidInput([Fault("run, measured", "", "at least one of both", reason, remedy)], "check")
    facts, book = Facts(run, measured), registry()
    judged = {identifier: judge(identifier, facts, book) for identifier in book.requirements}
    verdicts: dict[int, ClaimVerdict] = {}
    binding: dict[int, tuple[Judgement, ...]] = {}
    for number, claim in book.claims.items():
        evidence = _evidence(claim, judged, facts.settings)
        before = binding[claim.parent] if claim.parent is not None else ()
        binding[number] = (*before, *(judgement for judgement in evidence if judgement.binding))
        parent = verdicts[claim.parent] if claim.parent is not None else None
        verdicts[number] = _verdict(claim, parent, evidence, binding[number], facts)
    return Verdicts(tuple(verdicts.values()), facts.settings, book)


def _evidence(claim: Claim, judged: dict[str, Judgement], settings: ClaimSettings) -> tuple[Judgement, ...]:
    shown_bind = bool(claim.shows_bind) and bool(getattr(settings, claim.shows_bind))
    shown = (replace(judged[identifier], binding=shown_bind) for identifier in claim.shows)
    return (*(judged[identifier] for identifier in claim.adds), *shown)


def _verdict(
    claim: Claim,
    parent: ClaimVerdict | None,
    evidence: tuple[Judgement, ...],
    binding: tuple[Judgement, ...],
    facts: Facts,
) -> ClaimVerdict:
    own = [judgement for judgement in evidence if judgement.binding]
    verdict = weakest([*(judgement.verdict for judgement in own), *([parent.verdict] if parent else [])])
    return ClaimVerdict(
        claim=claim.number,
        parent=claim.parent,
        kind=claim.kind,
        group=claim.group,
        title=claim.title,
        verdict=verdict,
        by_proxy=any(judgement.by_proxy for judgement in binding),
        probability=_probability(binding),
        evidence=evidence,
        note=" ".join(_notes(claim, parent, own, verdict, facts)),
    )


def _probability(binding: tuple[Judgement, ...]) -> float | None:
    """Share of the samples in which everything holds that the claim and its parents ask for."""
    inside = joint(binding)
    if inside is None or any(judgement.verdict == "undetermined" for judgement in binding):
        return None
    # What is certain and lies outside the plain window, even within "about", lies outside in every sample.
    if any(judgement.verdict != "met" and judgement.inside is None for judgement in binding):
        return 0.0
    return float(np.mean(inside))


def _notes(
    claim: Claim, parent: ClaimVerdict | None, own: list[Judgement], verdict: Verdict, facts: Facts
) -> Iterator[str]:
    if parent is not None and not parent.holds:
        yield f"Claim {parent.claim}, on which it depends, is {parent.verdict.replace('-', ' ')}."
    if verdict == "met-within-about":
        near = [judgement.title for judgement in own if judgement.verdict == verdict]
        near += [f"claim {parent.claim}"] if parent is not None and parent.verdict == verdict else []
        yield f"Holds only within 'about': {', '.join(near)}."
    yield from _note_on_total(parent, own, verdict)
    yield from dict.fromkeys(judgement.note for judgement in own if judgement.note)
    ruptured = facts.run is not None and facts.run.outcome.kind == "ruptured"
    if claim.parent is None and claim.kind == "method" and ruptured:
        yield "A method is judged by its steps; the simulated film ruptures before they end."


def _note_on_total(parent: ClaimVerdict | None, own: list[Judgement], verdict: Verdict) -> Iterator[str]:
    """What the claim would be if its percentages counted on everything in the composition."""
    changed = [judgement for judgement in own if judgement.on_total is not None]
    before = [parent.verdict] if parent is not None else []
    other = weakest([*(judgement.on_total or judgement.verdict for judgement in own), *before])
    if changed and other != verdict:
        shares = ", ".join(judgement.text.partition(";")[0] for judgement in changed)
        yield f"Counted on the total it would be {other}: {shares}."
