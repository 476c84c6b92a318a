"""simulate(): a recipe through the whole line, with the band of every number."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from poreline import __version__
from poreline.line.cautions import line_cautions, outcome
from poreline.line.draw import DrawCurve, Station, draw_curve, ended_after, stations
from poreline.line.evaluate import LineResult, evaluate, evaluate_samples, result_names
from poreline.line.plan import MembranePlan, Plan, parameter_names, plan
from poreline.line.resolve import resolved
from poreline.line.run import Outcome, Provenance, Run
from poreline.line.sensitivity import Causes, sobol_causes
from poreline.line.uncertainty import Priors, UncertainNumber, normal_deviates, sampled, uncertain_numbers
from poreline.quantities import Estimate, Fault, InvalidInput, NotDetermined, Result, printable
from poreline.quantities.faults import Caution
from poreline.quantities.fields import Finding
from poreline.quantities.trees import transform
from poreline.recipe import Duty, Recipe, UnderstoodRecipe, digest, read_recipe, read_recipe_table
from poreline.recipe.understood import as_text

Array = npt.NDArray[np.float64]

MODELS = ("mean-field",)
PRIORS = ("all", "model")
USUAL_SAMPLES = 4000
_CURVE_SAMPLES = 300
_STATION_SAMPLES = 1000
_CAUSE_SAMPLES = 512
_CURVES = (
    "engineering_stress",
    "porosity",
    "porosity_open",
    "pore_diameter_mean",
    "crack_width_mean",
    "connectivity",
    "film_thickness",
    "tortuosity",
)
STATION_RESULTS = (
    "film_thickness",
    "width_ratio",
    "thickness_ratio",
    "density_ratio",
    "porosity",
    "engineering_stress",
    "break_probability",
    "stretch_ratio",
)
_CAUSES = ("porosity", "pore_diameter_mean", "connectivity", "domain_diameter_median", "crack_width_mean")


def simulate(
    recipe: UnderstoodRecipe | Recipe | str | Path,
    *,
    model: Literal["mean-field"] = "mean-field",
    samples: int = USUAL_SAMPLES,
    seed: int = 0,
    priors: Priors = "all",
    causes: Sequence[str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Run:
    """Run a recipe (read, or a path to its file) through the line.

    `samples` draws of the uncertain numbers, seeded, give each result its 5-95 % band; `priors` = "model" leaves the
    material records as they are. `causes` names the results whose band is taken apart (by default the headline ones).
    Equal recipe, materials, version, seed and samples give equal numbers, bit for bit on one machine.
    Raises InvalidInput for a recipe that cannot be used; physics that fails is the run's outcome.
    """
    started = time.perf_counter()
    _check_arguments(model, samples, seed, priors)
    understood = resolved(_understood(recipe))
    made = plan(understood.recipe, understood.materials)
    duties, materials = understood.recipe.duty, understood.materials
    nominal = evaluate(made, duties, materials)
    numbers = uncertain_numbers(made, duties, materials, priors)
    rng = np.random.default_rng(seed)
    deviates = normal_deviates(samples, len(numbers), rng)
    with_samples = sampled(made, numbers, deviates)
    drawn = evaluate_samples(with_samples, samples, None, duties, materials)
    results, meanings, stage_of = _results(nominal, drawn)
    curve, held, ending, cautions = _line_parts(understood, made, with_samples, nominal, results)
    wanted = (
        list(causes)
        if causes is not None
        else [name for name in results if name in _CAUSES or name.startswith("permeance_")]
    )
    found = _causes(made, numbers, wanted, understood, rng)
    return Run(
        understood=understood,
        plan=made,
        outcome=ending,
        results=results,
        meanings=meanings,
        stage_of=stage_of,
        nominal=nominal,
        samples=drawn,
        numbers=numbers,
        inputs={
            number.name: number.prior.sample(number.nominal, column)
            for number, column in zip(numbers, deviates.T, strict=True)
        },
        curve=curve,
        stations=held,
        causes=found,
        cautions=(
            *understood.cautions,
            *cautions,
            *(Caution(code, text) for code, text in nominal.performance.warnings),
        ),
        provenance=_provenance(
            understood, numbers, (model, seed, samples, priors), clock(), time.perf_counter() - started
        ),
    )


_FEWEST_SAMPLES = 10


def _check_arguments(model: str, samples: int, seed: int, priors: str) -> None:
    faults = []
    if model not in MODELS:
        faults.append(Fault("model", printable(model), ", ".join(MODELS), "There is no such model.", "Choose one."))
    if priors not in PRIORS:
        faults.append(Fault("priors", printable(priors), ", ".join(PRIORS), "There is no such set.", "Choose one."))
    if samples < _FEWEST_SAMPLES:
        limit = f"at least {_FEWEST_SAMPLES}"
        faults.append(Fault("samples", str(samples), limit, "A band needs samples.", "Take some thousands."))
    if seed < 0:
        faults.append(Fault("seed", str(seed), "at least 0", "A seed is not negative.", "Take any whole number."))
    if faults:
        raise InvalidInput(faults, "simulate")


def causes_of(run: Run, names: Sequence[str], samples: int = 1024) -> dict[str, Causes]:
    """The causes of the named results' bands, with more samples than a run spends on them."""
    rng = np.random.default_rng(run.provenance.seed)
    return _causes(run.plan, run.numbers, names, run.understood, rng, samples)


def _understood(recipe: UnderstoodRecipe | Recipe | str | Path) -> UnderstoodRecipe:
    if isinstance(recipe, UnderstoodRecipe):
        return recipe
    if isinstance(recipe, Recipe):
        return read_recipe_table(as_text(recipe), parameter_names=parameter_names())
    return read_recipe(recipe, parameter_names())


def _results(nominal: LineResult, drawn: dict[str, Array]) -> tuple[dict[str, Result], dict[str, Any], dict[str, str]]:
    results: dict[str, Result] = {}
    meanings, stage_of = {}, {}
    missing = _without_meaning(nominal)
    for stage, group in nominal.findings_by_stage():
        for name, finding in group.items():
            about = finding.meaning
            if name in missing:
                results[name] = NotDetermined(missing[name], about.unit, about.meaning)
            else:
                results[name] = _result(finding, drawn.get(name))
            meanings[name], stage_of[name] = finding.meaning, stage
    return results, meanings, stage_of


_OF_PORES = (
    "pore_diameter_mean",
    "pore_diameter_spread",
    "crack_width_mean",
    "fibril_survival",
    "microcrack_share",
    "tortuosity",
    "tortuosity_machine",
    "open_share",
)
_OF_STRETCHES = (
    "flow_stress_cold",
    "flow_stress_hot",
    "engineering_stress",
    "break_stretch_ratio",
    "break_margin",
    "break_probability",
    "true_stress_largest",
)
_OF_DOMAINS = (
    "domain_diameter_median",
    "domain_diameter_spread",
    "domain_diameter_large",
    "domain_distance",
    "cracks_per_domain",
    "copolymer_coverage",
    "copolymer_areal_density",
    "breakup_diameter",
    "mixed_diameter",
    "wake_length",
)


def _without_meaning(nominal: LineResult) -> dict[str, str]:
    """Results that this membrane does not have, and why."""
    missing: dict[str, str] = {}
    if nominal.blend is not None and float(np.asarray(nominal.blend.first_volume_fraction)) == 0.0:
        missing |= dict.fromkeys(_OF_DOMAINS, "there is no first polymer and so no domain")
    if nominal.stretched is not None and float(np.asarray(nominal.stretched.stretch_ratio)) == 1.0 == float(
        np.asarray(nominal.stretched.stretch_ratio_transverse)
    ):
        missing |= dict.fromkeys(_OF_STRETCHES, "the film is not stretched")
    if float(np.asarray(nominal.membrane.pore_diameter_mean)) == 0.0:
        missing |= dict.fromkeys(_OF_PORES, "nothing has opened: the film has no pores")
    return missing


def _result(finding: Finding, samples: Array | None) -> Result:
    about, value = finding.meaning, float(np.asarray(finding.values))
    if not np.isfinite(value):
        return NotDetermined(finding.reason or "infinite at the nominal parameters", about.unit, about.meaning)
    low = high = value
    if samples is not None:
        usable = samples[np.isfinite(samples)]
        if usable.size:
            low, high = (float(x) for x in np.percentile(usable, [5, 95]))
    return Estimate(value, min(low, value), max(high, value), about.unit, about.meaning, about.method)


def _line_parts(
    understood: UnderstoodRecipe,
    made: Plan | MembranePlan,
    with_samples: Plan | MembranePlan,
    nominal: LineResult,
    results: dict[str, Result],
) -> tuple[DrawCurve | None, tuple[Station, ...], Outcome, tuple[Caution, ...]]:
    """Curve, stations, outcome and cautions of a simulated line; a measured membrane has none of its own."""
    if isinstance(made, MembranePlan) or isinstance(with_samples, MembranePlan):
        return None, (), Outcome("ok", "Measured membrane: only its duties are computed."), ()
    cautions = tuple(line_cautions(understood.recipe, made, nominal, understood.materials))
    if not made.steps:
        return None, (), outcome(made, nominal, []), cautions
    duties = tuple(duty for duty in understood.recipe.duty if duty.kind in ("gas", "liquid"))
    names = [*_CURVES, *(name for name in results if name.startswith(("permeance_gas_", "permeance_liquid_")))]
    curve = draw_curve(made, _first(with_samples, _CURVE_SAMPLES), names, duties, understood.materials)
    held = stations(made, _first(with_samples, _STATION_SAMPLES), STATION_RESULTS)
    parts = [evaluate(ended_after(made, index)).stretched for index in range(len(made.steps))]
    return curve, held, outcome(made, nominal, [part for part in parts if part is not None]), cautions


def _first(plan_with_samples: Plan, count: int) -> Plan:
    return transform(
        plan_with_samples, lambda leaf: leaf[:count] if isinstance(leaf, np.ndarray) and leaf.ndim else leaf
    )


def _causes(
    made: Plan | MembranePlan,
    numbers: tuple[UncertainNumber, ...],
    names: Sequence[str],
    understood: UnderstoodRecipe,
    rng: np.random.Generator,
    samples: int = _CAUSE_SAMPLES,
) -> dict[str, Causes]:
    if not names or not numbers:
        return {}
    duties, materials = _duties_behind(names, understood), understood.materials

    def results_at(deviates: Array) -> dict[str, Array]:
        return evaluate_samples(sampled(made, numbers, deviates), len(deviates), names, duties, materials)

    return sobol_causes(results_at, numbers, names, samples, rng)


def _duties_behind(names: Sequence[str], understood: UnderstoodRecipe) -> tuple[Duty, ...]:
    """The duties that the named results come from: a rejection is a hundred times dearer than all of the line."""
    line_only = {"gas": "permeance_gas_", "gurley": "gurley_", "liquid": "permeance_liquid_"}
    cheap = tuple(line_only.values())
    simple = all(name.startswith(cheap) or name in result_names() for name in names)
    return tuple(duty for duty in understood.recipe.duty if not simple or duty.kind in line_only)


def _provenance(
    understood: UnderstoodRecipe,
    numbers: tuple[UncertainNumber, ...],
    settings: tuple[str, int, int, str],
    now: datetime,
    wall_time: float,
) -> Provenance:
    model, seed, samples, priors = settings
    recipe_digest = digest(understood.recipe)
    # Everything that the numbers depend on: recipe, version, settings, every record used, every prior.
    records = [
        (record.identifier, record.value, record.kind, record.uncertainty, record.source)
        for record in understood.materials.records_used(*_subjects(understood))
    ]
    sampled_numbers = [(number.name, number.nominal, repr(number.prior)) for number in numbers]
    content = [recipe_digest, __version__, *settings, records, sampled_numbers]
    return Provenance(
        version=__version__,
        model=model,
        seed=seed,
        samples=samples,
        priors=priors,
        recipe_digest=recipe_digest,
        run_digest=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16],
        python=".".join(map(str, sys.version_info[:3])),
        numpy=np.__version__,
        platform=platform.platform(terse=True),
        created=now.isoformat(timespec="seconds"),
        wall_time=wall_time,
    )


def _subjects(understood: UnderstoodRecipe) -> list[str]:
    """Every material that the run looks up."""
    materials, composition = understood.materials, understood.recipe.composition
    subjects: list[str] = []
    if composition is not None:
        first = materials.polymer(composition.first.polymer).name
        second = materials.polymer(composition.second.polymer).name
        subjects += [first, second]
        if {f"{first}+{second}", f"{second}+{first}"} & set(materials.pair_names):
            subjects.append(f"{first}+{second}")
        if composition.compatibiliser is not None:
            subjects.append(materials.copolymer(composition.compatibiliser.copolymer).name)
    known = {*materials.gas_names, *materials.liquid_names, *materials.solute_names}
    for duty in understood.recipe.duty:
        named = {getattr(duty, key, None) for key in ("gas", "liquid", "solute")} | set(
            getattr(duty, "mixture", None) or ()
        )
        subjects += sorted(name for name in named if name in known)
    return list(dict.fromkeys(subjects))
