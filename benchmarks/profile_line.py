"""Where does the time of one evaluation go? Shares of the rooms in a batch of one structure."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import time
from pathlib import Path

import numpy as np
from machine import describe

from poreline.blend import mix
from poreline.film import form, line_shear
from poreline.line import plan
from poreline.line.evaluate import BLOCK
from poreline.line.uncertainty import normal_deviates, sampled, uncertain_numbers
from poreline.membrane import characterise
from poreline.recipe import read_recipe
from poreline.separation import separate
from poreline.stretch.meanfield import stretch

REPEATS = 20


def main() -> None:
    understood = read_recipe(Path(__file__).parent.parent / "examples" / "ps10-pp90-seeps5.toml")
    base, duties, materials = (
        plan(understood.recipe, understood.materials),
        understood.recipe.duty,
        understood.materials,
    )
    numbers = uncertain_numbers(base, duties, materials)
    batch = sampled(base, numbers, normal_deviates(BLOCK, len(numbers), np.random.default_rng(0)))
    spent: dict[str, float] = dict.fromkeys(("blend", "film", "stretch", "membrane", "separation"), 0.0)
    for repeat in range(REPEATS + 1):
        marks = [time.perf_counter()]
        blend = mix(batch.amounts, batch.mixing, line_shear(batch.film), batch.substances, batch.constants.blend)
        marks.append(time.perf_counter())
        film = form(blend, batch.film, batch.constants.blend)
        marks.append(time.perf_counter())
        stretched = stretch(film, batch.steps, batch.anneal, batch.constants.stretch)
        marks.append(time.perf_counter())
        _, membrane = characterise(stretched, batch.steps, batch.constants.membrane)
        marks.append(time.perf_counter())
        separate(membrane, duties, materials)
        marks.append(time.perf_counter())
        if repeat:  # the first round warms up
            for name, start, end in zip(spent, marks, marks[1:], strict=False):
                spent[name] += end - start
    total = sum(spent.values())
    print(
        f"{describe()}\none thread, blocks of {BLOCK} samples of the SEEPS recipe\n\n| room | us per recipe | share |\n|---|---|---|"
    )
    for name, seconds in spent.items():
        print(f"| {name} | {1e6 * seconds / (REPEATS * BLOCK):.2f} | {100 * seconds / total:.0f} % |")
    print(f"| all | {1e6 * total / (REPEATS * BLOCK):.2f} | 100 % |")


if __name__ == "__main__":
    main()
