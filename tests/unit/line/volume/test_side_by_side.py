"""Cells side by side: who works when, on how many threads, and how it ends."""

from __future__ import annotations

import threading
import time

import pytest

from poreline.line.volume.side_by_side import Cores, Interrupted, TakeShare, side_by_side
from poreline.line.volume.status import Board, Status
from poreline.voxels import launch


def test_results_come_in_the_order_of_the_numbers_however_long_each_takes() -> None:
    def work(number: int, take_share: TakeShare) -> int:
        del take_share
        time.sleep(0.03 * (3 - number))
        return number * number

    assert side_by_side(work, 4, 2, threading.Event()) == [0, 1, 4, 9]


def test_so_many_are_under_way_at_a_time_and_no_more() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def work(number: int, take_share: TakeShare) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1

    side_by_side(work, 7, 3, threading.Event())
    assert most == 3


def test_threads_are_shared_evenly_and_the_last_one_gets_all() -> None:
    cores = Cores(at_a_time=4, left=6, threads=8)
    shares = [cores.share]
    for _ in range(5):
        cores.ended()
        shares.append(cores.share)
    assert shares == [2, 2, 2, 2, 4, 8]
    assert Cores(at_a_time=4, left=4, threads=2).share == 1


def test_a_thread_works_with_its_share_and_takes_more_when_others_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.numba.config, "NUMBA_NUM_THREADS", 4)
    second_has_begun, first_has_ended = threading.Event(), threading.Event()

    def both(number: int, take_share: TakeShare) -> list[int]:
        begun = launch.thread_count()
        if number == 0:
            assert second_has_begun.wait(5.0)
            first_has_ended.set()
            return [begun]
        second_has_begun.set()
        assert first_has_ended.wait(5.0)
        time.sleep(0.1)
        take_share()
        return [begun, launch.thread_count()]

    assert side_by_side(both, 2, 2, threading.Event()) == [[2], [2, 4]]
    assert launch.thread_count() == 4  # nothing is left of the limits


def test_a_failure_ends_the_others_and_is_what_is_raised() -> None:
    halt = threading.Event()

    def work(number: int, take_share: TakeShare) -> None:
        del take_share
        if number == 1:
            raise ValueError("of the second")
        assert halt.wait(5.0)
        raise Interrupted

    with pytest.raises(ValueError, match="of the second"):
        side_by_side(work, 5, 2, halt)


def test_an_interruption_of_all_is_an_interruption() -> None:
    halt = threading.Event()
    begun: list[int] = []

    def work(number: int, take_share: TakeShare) -> None:
        del take_share
        begun.append(number)
        raise Interrupted

    with pytest.raises(Interrupted):
        side_by_side(work, 5, 2, halt)
    assert len(begun) <= 2


def test_the_board_tells_the_whole_and_the_cell_that_is_farthest_behind() -> None:
    seen: list[Status] = []
    board = Board(3, seen.append)
    board.drawing(0, 1.0, "hot stretch", 0.2, 3.0)
    board.measuring(0, 0.5, "connection")
    board.drawing(1, 0.4, "cold stretch", 0.05, 1.2)
    last = seen[-1]
    assert (last.cell, last.under_way, last.phase, last.doing) == (1, (0, 1), "drawing", "cold stretch")
    assert (last.porosity, last.stretch_ratio) == (0.05, 1.2)
    board.ended(0)
    board.drawing(1, 1.0, "hot stretch", 0.2, 3.0)
    board.measuring(1, 1.0, "surface")
    assert seen[-1].share == pytest.approx(2.0 / 3.0)
    assert [status.share for status in seen] == sorted(status.share for status in seen)
