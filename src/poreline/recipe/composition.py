"""What is blended: two polymers, a compatibilising copolymer if any, additives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from poreline.recipe.edge import Name, Parts, section


@section
class PolymerShare:
    """A polymer and how much of it."""

    polymer: Annotated[Name, Field(description="PP, HDPE, LDPE, PMP, PS, PET, PBT, PMMA, PC, PA6, or the user's own.")]
    parts: Annotated[Parts, Field(description="Parts by weight, or percent where basis says so.")]


@section
class CopolymerShare:
    """A compatibilising block copolymer and how much of it."""

    copolymer: Annotated[Name, Field(description="SEEPS, SEBS, SEP, or the user's own.")]
    parts: Annotated[Parts, Field(description="Parts by weight, or percent where basis says so.")]


@section
class AdditiveShare:
    """Anything else in the composition; it is weighed out and judged by the claims, and plays no part in the physics."""

    name: Name
    parts: Parts


@section
class Composition:
    """The first polymer (domains), the second (matrix), and what else is in the blend."""

    first: Annotated[PolymerShare, Field(description="The polymer dispersed as domains.")]
    second: Annotated[PolymerShare, Field(description="The matrix polymer.")]
    compatibiliser: CopolymerShare | None = None
    additives: tuple[AdditiveShare, ...] = ()
    basis: Annotated[
        Literal["parts", "weight-percent"],
        Field(description="parts: any numbers, by weight; weight-percent: numbers that sum to 100."),
    ] = "parts"

    @property
    def copolymer_parts(self) -> float:
        """Parts of the compatibiliser; 0 without one."""
        return self.compatibiliser.parts if self.compatibiliser is not None else 0.0

    @property
    def polymer_parts(self) -> float:
        """Parts of the first and second polymer together: what the claims' percentages count."""
        return self.first.parts + self.second.parts

    @property
    def total_parts(self) -> float:
        """Parts of everything."""
        return self.polymer_parts + self.copolymer_parts + sum(additive.parts for additive in self.additives)
