"""How many recipes per second does the mean-field line evaluate on one core, and in how much memory?

A batch of 100,000 mixed recipes: every example that makes a membrane (four compositions, three matrices, extrusion, casting,
spray, with and without copolymer, one to three steps, biaxial), its amounts, temperatures, rates and elongations varied at random.
Three ways in: columns over a base recipe, a list of plans, and one recipe at a time.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import dataclasses
import resource
import time
from pathlib import Path

import numpy as np
from machine import describe

from poreline.line import Plan, evaluate, evaluate_many, evaluate_samples, plan, varied
from poreline.recipe import read_recipe

COUNT = 100_000
NAMES = (
    "porosity",
    "pore_diameter_mean",
    "connectivity",
    "tortuosity",
    "film_thickness",
    "domain_diameter_median",
    "break_probability",
)
RESULTS = (*NAMES, "permeance_gas_N2")


def bases() -> list[tuple[Plan, tuple[object, ...], object]]:
    """Plans of all examples that make a membrane."""
    found = []
    for path in sorted((Path(__file__).parent.parent / "examples").glob("*.toml")):
        understood = read_recipe(path)
        if understood.recipe.composition is not None:
            gas = tuple(duty for duty in understood.recipe.duty if duty.kind == "gas")
            found.append((plan(understood.recipe, understood.materials), gas, understood.materials))
    return found


def columns(base: Plan, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random variations around a base recipe that keep its structure."""
    made = {
        "amounts.first": float(base.amounts.first) * rng.uniform(0.3, 2.0, count),
        "mixing.shear_rate": float(base.mixing.shear_rate) * rng.uniform(0.5, 3.0, count),
        "mixing.temperature": float(base.mixing.temperature) + rng.uniform(-10, 20, count),
    }
    if base.amounts.copolymer:
        made["amounts.copolymer"] = float(base.amounts.copolymer) * rng.uniform(0.1, 3.0, count)
    for index, step in enumerate(base.steps):
        made[f"steps.{index}.temperature"] = step.temperature + rng.uniform(-5, 5, count)
        made[f"steps.{index}.strain_rate"] = step.strain_rate * rng.uniform(0.3, 3.0, count)
        made[f"steps.{index}.elongation"] = step.elongation * rng.uniform(0.8, 1.2, count)
    return made


def main() -> None:
    rng = np.random.default_rng(0)
    ready = bases()
    each = [COUNT // len(ready) + (index < COUNT % len(ready)) for index in range(len(ready))]
    batches = [
        (varied(base, columns(base, n, rng)), n, duties, materials)
        for (base, duties, materials), n in zip(ready, each, strict=True)
    ]
    for batch, n, duties, materials in batches:  # touch every path once, so that nothing is first-time
        evaluate_samples(batch, min(n, 100), RESULTS, duties, materials)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{describe()}\none thread\n")
    print("| way in | recipes | seconds | recipes/s | us per recipe |\n|---|---|---|---|---|")
    started = time.perf_counter()
    for batch, n, duties, materials in batches:
        evaluate_samples(batch, n, RESULTS, duties, materials)
    row("columns over base recipes, all stages and N2 permeance", COUNT, time.perf_counter() - started)
    started = time.perf_counter()
    for batch, n, _, _ in batches:
        evaluate_samples(batch, n, NAMES)
    row("columns over base recipes, to the membrane", COUNT, time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    plans = listed(ready, each, rng)
    started = time.perf_counter()
    evaluate_many(plans, NAMES)
    row("list of plans, shuffled, to the membrane", len(plans), time.perf_counter() - started)
    peak_list = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    few = plans[:1000]
    started = time.perf_counter()
    for one in few:
        evaluate(one)
    row("one at a time, to the membrane", len(few), time.perf_counter() - started)
    print(
        f"\npeak memory of the process: {before:.0f} MB before, {peak:.0f} MB after the column batch, {peak_list:.0f} MB with the list of plans"
    )


def listed(
    ready: list[tuple[Plan, tuple[object, ...], object]], each: list[int], rng: np.random.Generator
) -> list[Plan]:
    """The same kind of batch as separate plans in random order."""
    plans = []
    for (base, _, _), n in zip(ready, each, strict=True):
        parts = base.amounts.first * rng.uniform(0.3, 2.0, n)
        ends = base.steps[-1].elongation * rng.uniform(0.9, 1.2, n)
        for part, end in zip(parts.tolist(), ends.tolist(), strict=True):
            last = dataclasses.replace(base.steps[-1], elongation=end)
            plans.append(
                dataclasses.replace(
                    base, amounts=dataclasses.replace(base.amounts, first=part), steps=(*base.steps[:-1], last)
                )
            )
    return [plans[index] for index in rng.permutation(len(plans))]


def row(way: str, count: int, seconds: float) -> None:
    print(f"| {way} | {count} | {seconds:.2f} | {count / seconds:,.0f} | {1e6 * seconds / count:.1f} |")


if __name__ == "__main__":
    main()
