"""What a run rests on: the material numbers in use with their sources, and the laws with theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poreline.line import Plan, Run
from poreline.materials import Materials, Record, Reference
from poreline.quantities import meanings
from poreline.recipe import (
    ContactorDuty,
    DistillationDuty,
    Duty,
    GasDuty,
    GurleyDuty,
    LiquidDuty,
    SoluteDuty,
)

_PERMEABILITY = "permeability."


@dataclass(frozen=True)
class Law:
    """One law or method, and the results that it gives."""

    text: str
    results: tuple[str, ...]


def records_of(run: Run) -> tuple[Record, ...]:
    """The material records that a run used, subject by subject; a measured membrane uses only those of its fluids."""
    materials = run.understood.materials
    gases = set(_gases(run.recipe.duty))
    found: list[Record] = []
    if isinstance(run.plan, Plan):
        substances = run.plan.substances
        first, second = substances.first.name, substances.second.name
        # The first polymer is not drawn: its numbers of drawing play no part.
        drawing = (
            {name for name, _ in meanings(type(substances.second.drawing))} if substances.second.drawing else set()
        )
        drawing -= {name for name, _ in meanings(type(substances.first))}
        found += [r for r in materials.records_used(first) if r.property not in drawing and _passes(r, gases)]
        found += [r for r in materials.records_used(second) if _passes(r, gases)]
        found += materials.records_used(f"{first}+{second}")
        if substances.copolymer is not None:
            found += materials.records_used(substances.copolymer.name)
    found += materials.records_used(*_fluids(run.recipe.duty, materials))
    return tuple({record.identifier: record for record in found if not record.information}.values())


def _passes(record: Record, gases: set[str]) -> bool:
    gas = record.property.removeprefix(_PERMEABILITY)
    return gas == record.property or gas in gases or ("air" in gases and gas in {"N2", "O2"})


def _gases(duties: Sequence[Duty]) -> Iterator[str]:
    for duty in duties:
        if isinstance(duty, GasDuty):
            yield from duty.mixture if duty.mixture is not None else (duty.gas,)
        elif isinstance(duty, GurleyDuty):
            yield "air"
        elif isinstance(duty, ContactorDuty):
            yield duty.gas


def _fluids(duties: Sequence[Duty], materials: Materials) -> list[str]:
    """Names of the fluids of the duties, each once."""
    names = [materials.gas(name).name for name in _gases(duties)]
    for duty in duties:
        if isinstance(duty, LiquidDuty | ContactorDuty):
            names.append(materials.liquid(duty.liquid).name)
        elif isinstance(duty, DistillationDuty):
            names.append(materials.liquid("water").name)
        elif isinstance(duty, SoluteDuty):
            names.append(materials.solute(duty.solute).name)
    return list(dict.fromkeys(names))


def sources_of(run: Run, records: Sequence[Record]) -> tuple[Reference, ...]:
    """The bibliography entries of the records, each once, by author."""
    materials = run.understood.materials
    found = [materials.bibliography(key) for key in dict.fromkeys(record.source for record in records)]
    return tuple(sorted(found, key=lambda reference: (reference.authors.lower(), reference.year or 0, reference.key)))


def laws_of(run: Run) -> tuple[Law, ...]:
    """The laws that the results of a run come from, in the order of the line."""
    by_law: dict[str, list[str]] = {}
    for name, about in run.meanings.items():
        if about.method:
            by_law.setdefault(about.method, []).append(name)
    return tuple(Law(text, tuple(names)) for text, names in by_law.items())


def law_sources(run: Run) -> tuple[Reference, ...]:
    """The publications that the laws and constants of a run name, as far as their full titles are recorded here."""
    said = [about.method for about in run.meanings.values()] + [number.source for number in run.numbers]
    if run.causes:
        said += ["Saltelli 2010", "Jansen 1999"]
    return tuple(
        reference for marks, reference in _LAW_SOURCES if any(all(mark in text for mark in marks) for text in said)
    )


def _law(key: str, authors: str, title: str, container: str, year: int) -> Reference:
    return Reference(key=key, authors=authors, title=title, container=container, year=year)


# Words that name the publication in the text of a method, and the publication. None was re-read for this list.
_LAW_SOURCES: tuple[tuple[tuple[str, ...], Reference], ...] = (
    (
        ("Charlaix 1986",),
        _law(
            "charlaix-1986",
            "E. Charlaix",
            "Percolation threshold of a random array of discs: a numerical simulation",
            "J. Phys. A 19, L533",
            1986,
        ),
    ),
    (
        ("Creton, Kramer and Brown",),
        _law(
            "creton-1992",
            "C. Creton, E. J. Kramer, C.-Y. Hui, H. R. Brown",
            "Failure mechanisms of polymer interfaces reinforced with block copolymers",
            "Macromolecules 25, 3075",
            1992,
        ),
    ),
    (
        ("Dechadilok and Deen 2006",),
        _law(
            "dechadilok-2006",
            "P. Dechadilok, W. M. Deen",
            "Hindrance factors for diffusion and convection in pores",
            "Ind. Eng. Chem. Res. 45, 6953",
            2006,
        ),
    ),
    (
        ("Flory",),
        _law("flory-1953", "P. J. Flory", "Principles of Polymer Chemistry", "Cornell University Press", 1953),
    ),
    (
        ("Gent 1980",),
        _law(
            "gent-1980",
            "A. N. Gent",
            "Detachment of an elastic matrix from a rigid spherical inclusion",
            "J. Mater. Sci. 15, 2884",
            1980,
        ),
    ),
    (
        ("Haward-Thackray",),
        _law(
            "haward-thackray-1968",
            "R. N. Haward, G. Thackray",
            "The use of a mathematical model to describe isothermal stress-strain curves in glassy thermoplastics",
            "Proc. R. Soc. A 302, 453",
            1968,
        ),
    ),
    (
        ("Helfand and Tagami 1972",),
        _law(
            "helfand-1972",
            "E. Helfand, Y. Tagami",
            "Theory of the interface between immiscible polymers. II",
            "J. Chem. Phys. 56, 3592",
            1972,
        ),
    ),
    (
        ("Jansen 1999",),
        _law(
            "jansen-1999",
            "M. J. W. Jansen",
            "Analysis of variance designs for model output",
            "Comput. Phys. Commun. 117, 35",
            1999,
        ),
    ),
    (
        ("Kramer", "meniscus"),
        _law(
            "kramer-1983",
            "E. J. Kramer",
            "Microscopic and molecular fundamentals of crazing",
            "Adv. Polym. Sci. 52/53, 1",
            1983,
        ),
    ),
    (
        ("Lepers, Favis and Tabar 1997",),
        _law(
            "lepers-1997",
            "J.-C. Lepers, B. D. Favis, R. J. Tabar",
            "The relative role of coalescence and interfacial tension in controlling dispersed phase size reduction "
            "during the compatibilization of polyethylene terephthalate/polypropylene blends",
            "J. Polym. Sci. B 35, 2271",
            1997,
        ),
    ),
    (
        ("Mason and Malinauskas 1983",),
        _law(
            "mason-1983",
            "E. A. Mason, A. P. Malinauskas",
            "Gas Transport in Porous Media: The Dusty-Gas Model",
            "Elsevier",
            1983,
        ),
    ),
    (
        ("Nielsen 1966",),
        _law(
            "nielsen-1966",
            "L. E. Nielsen",
            "Simple theory of stress-strain properties of filled polymers",
            "J. Appl. Polym. Sci. 10, 97",
            1966,
        ),
    ),
    (
        ("Palierne",),
        _law(
            "palierne-1990",
            "J. F. Palierne",
            "Linear rheology of viscoelastic emulsions with interfacial tension",
            "Rheol. Acta 29, 204",
            1990,
        ),
    ),
    (
        ("Saltelli 2010",),
        _law(
            "saltelli-2010",
            "A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto, S. Tarantola",
            "Variance based sensitivity analysis of model output. Design and estimator for the total sensitivity index",
            "Comput. Phys. Commun. 181, 259",
            2010,
        ),
    ),
    (
        ("Schofield, Fane and Fell 1987",),
        _law(
            "schofield-1987",
            "R. W. Schofield, A. G. Fane, C. J. D. Fell",
            "Heat and mass transfer in membrane distillation",
            "J. Membr. Sci. 33, 299",
            1987,
        ),
    ),
    (
        ("Tang and Huang 1994",),
        _law(
            "tang-1994",
            "T. Tang, B. Huang",
            "Interfacial behaviour of compatibilizers in polymer blends",
            "Polymer 35, 281",
            1994,
        ),
    ),
    (
        ("Wu 1987",),
        _law(
            "wu-1987",
            "S. Wu",
            "Formation of dispersed phase in incompatible polymer blends: interfacial and rheological effects",
            "Polym. Eng. Sci. 27, 335",
            1987,
        ),
    ),
    (
        ("Yi and Tawerghi 2009",),
        _law(
            "yi-2009",
            "Y.-B. Yi, E. Tawerghi",
            "Geometric percolation thresholds of interpenetrating plates in three-dimensional space",
            "Phys. Rev. E 79, 041134",
            2009,
        ),
    ),
)
