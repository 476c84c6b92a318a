"""Cells side by side: each in a Python thread of its own, on its share of the machine's threads.

A small grid makes poor use of several threads: waking one takes as long as a tenth of a step. Cells know nothing of one
another, so as many of them go on at once as there are threads, and the last one gets all threads. The number of threads
changes no bit of a cell, and neither does its company.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from poreline.voxels import launch

Result = TypeVar("Result")
TakeShare = Callable[[], None]
"""Called now and then by a cell: its thread takes what is its share now, more when others have ended."""
_LOOK_EVERY = 0.2  # seconds: the main thread must wake up to hear the user's Ctrl-C, on every system


class Interrupted(KeyboardInterrupt):
    """The user stopped the simulation, and a checkpoint was kept."""


@dataclass
class Cores:
    """The machine's threads, shared evenly among the cells that are under way."""

    at_a_time: int
    """Cells that are under way together, as long as there are so many."""
    left: int
    """Cells that have not ended."""
    threads: int = field(default_factory=launch.thread_count)

    def ended(self) -> None:
        """A cell has ended: the others may take more."""
        self.left -= 1

    @property
    def share(self) -> int:
        """Threads of one cell, one at least."""
        return max(1, self.threads // max(1, min(self.at_a_time, self.left)))


def side_by_side(
    work: Callable[[int, TakeShare], Result], count: int, at_a_time: int, halt: threading.Event
) -> list[Result]:
    """Call `work(number, take_share)` for numbers 0 ... count - 1, `at_a_time` of them in threads of their own; their results.

    `halt` is set where one fails or the user does not want to wait: the others should then end with Interrupted. What the
    first of them raised is raised here, an Interrupted only if nothing else was.
    """
    cores = Cores(at_a_time, count)
    if at_a_time <= 1:
        return [work(number, _nothing_to_share) for number in range(count)]
    found: dict[int, Result] = {}
    failed: dict[int, BaseException] = {}
    numbers = itertools.count()  # taking the next one is a single operation of the interpreter

    def one_after_another() -> None:
        with ExitStack() as held:

            def take_share() -> None:
                held.close()
                held.enter_context(launch.limited_threads(cores.share))

            while not halt.is_set() and (number := next(numbers)) < count:
                take_share()
                try:
                    found[number] = work(number, take_share)
                except BaseException as error:  # raised again by the thread that waits
                    failed[number] = error
                    halt.set()
                    return
                cores.ended()

    # Daemons: where the user does not want to wait, the process ends without them. What they write is whole or not there.
    workers = [threading.Thread(target=one_after_another, name=f"cell-{i}", daemon=True) for i in range(at_a_time)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(_LOOK_EVERY)
    except BaseException:
        halt.set()
        raise
    _raise_first([failed[number] for number in sorted(failed)])
    if len(found) < count:
        raise Interrupted
    return [found[number] for number in range(count)]


def _raise_first(errors: Sequence[BaseException]) -> None:
    for error in sorted(errors, key=lambda one: isinstance(one, Interrupted)):
        raise error


def _nothing_to_share() -> None:
    pass
