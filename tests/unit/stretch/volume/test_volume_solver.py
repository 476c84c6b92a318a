"""The driver of a volume: the same numbers every time, checkpoints, adaptive steps, typed ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.stretch.volume.volumes import COLD, HOT, draw, of_one_phase, parameters, with_ball

from poreline.quantities.constants import ZERO_CELSIUS
from poreline.recipe import Anneal
from poreline.stretch.meanfield.constants import StretchConstants
from poreline.stretch.programme import Stage
from poreline.stretch.volume import solver
from poreline.stretch.volume.constants import VolumeConstants
from poreline.stretch.volume.interface import DebondingRule
from poreline.stretch.volume.properties import LAYER, LOOSE_LAYER
from poreline.stretch.volume.schedule import ROOM_TEMPERATURE, Segment, hold_time, segments
from poreline.stretch.volume.solver import SolverSettings
from poreline.stretch.volume.state import VolumeState
from poreline.voxels import launch

COLD_DRAW = (draw(1.06, 150),)
MOVING = ("displacement", "velocity", "velocity_mean", "voxel", "inverse_mass", "mean_gradient", "stress")


def same(first: VolumeState, second: VolumeState) -> None:
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name], name)


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for threads in (1, 1, 2, 3):
        monkeypatch.setattr(launch.numba.config, "NUMBA_NUM_THREADS", threads)
        launch._pool.cache_clear()
        found.append(solver.run(with_ball(10), COLD_DRAW, parameters()))
    assert found[0].voxel[6].max() > 0.0
    for other in found[1:]:
        same(found[0], other)


def test_a_run_continues_from_a_checkpoint_bit_for_bit() -> None:
    whole = solver.run(with_ball(8), COLD_DRAW, parameters())
    kept: list[dict[str, np.ndarray]] = []
    solver.run(
        with_ball(8),
        COLD_DRAW,
        parameters(),
        checkpoint=lambda state: kept.append({name: a.copy() for name, a in state.arrays().items()}),
    )
    assert len(kept) > 5
    same(whole, solver.run(VolumeState.from_arrays(kept[3]), COLD_DRAW, parameters()))


def test_a_run_can_stop_between_records_and_go_on() -> None:
    whole = solver.run(with_ball(8), COLD_DRAW, parameters())
    state = solver.run(with_ball(8), COLD_DRAW, parameters(), most_steps=60)
    assert state.outcome == "running"
    assert 60 <= state.counters.steps < 70
    solver.run(state, COLD_DRAW, parameters())
    assert state.outcome == "completed"
    same(whole, state)


def test_float32_gives_the_porosity_of_float64() -> None:
    programme = (draw(1.15, 360),)
    found = []
    for precision in ("float32", "float64"):
        settings = SolverSettings(precision=precision)
        state = solver.run(with_ball(10, precision), programme, parameters(), settings=settings)
        found.append(state.record()["porosity"][-1])
    assert found[1] > 0.01
    assert found[0] == pytest.approx(found[1], rel=1e-3)


def test_progress_is_told_with_all_steps_and_the_porosity() -> None:
    told: list[tuple[int, int, float]] = []
    solver.run(with_ball(8), COLD_DRAW, parameters(), progress=lambda *now: told.append(now))
    done = [now[0] for now in told]
    assert done == sorted(done)
    assert done[-1] == 150
    assert all(now[1] == 150 and 0.0 <= now[2] < 1.0 for now in told)


def test_stations_are_told_when_the_stretch_passes_them() -> None:
    seen: list[float] = []
    solver.run(
        with_ball(8),
        COLD_DRAW,
        parameters(),
        stations=(1.02, 1.04),
        at_station=lambda state: seen.append(float(state.mean_gradient[0])),
    )
    assert seen == sorted(seen)
    assert len(seen) == 3
    assert seen[0] == pytest.approx(1.02, abs=0.005)
    assert seen[-1] == pytest.approx(1.06)


def test_a_violent_draw_takes_smaller_steps_and_never_returns_nan() -> None:
    state = solver.run(with_ball(8), (draw(3.0, 8),), parameters(), settings=SolverSettings(interval=8))
    assert state.outcome in ("completed", "unstable")
    assert state.counters.steps > 8
    assert all(np.isfinite(getattr(state, name)).all() for name in MOVING)
    assert np.isfinite(np.array(state.history)).all()


def test_a_state_that_cannot_go_on_is_unstable_and_stays_as_it_was() -> None:
    state = with_ball(6)
    absurd = replace(parameters(), constants=VolumeConstants(matrix_bulk_modulus=-1e9))
    solver.run(state, COLD_DRAW, absurd)
    assert state.outcome == "unstable"
    assert state.counters.retries > 0
    # The layer that was let go in the piece that failed holds again.
    assert not state.permitted.any()
    assert (state.kind == LAYER).any()
    assert not (state.kind == LOOSE_LAYER).any()
    assert all(np.isfinite(getattr(state, name)).all() for name in MOVING)


def test_free_directions_have_no_mean_stress_and_held_ones_keep_their_length() -> None:
    free = solver.run(of_one_phase(4), (draw(1.1, 400),), parameters(crazing=False))
    held = solver.run(of_one_phase(4), (draw(1.1, 400, free=(False, False, True)),), parameters(crazing=False))
    assert abs(free.stress[1]) < 0.03 * free.stress[0]
    assert held.mean_gradient[1] == 1.0
    assert held.stress[1] > 0.2 * held.stress[0]


def test_cooling_keeps_the_stress_and_heating_the_strain() -> None:
    pull = draw(1.02, 200, HOT)
    cool = Segment("cool", COLD, 40, (False, True, True), None, None, 1e-6)
    state = solver.run(of_one_phase(4), (pull,), parameters(crazing=False))
    before = float(state.stress[0])
    state.counters.outcome = 0
    solver.run(state, (pull, cool), parameters(crazing=False))
    assert state.stress[0] == pytest.approx(before, rel=0.1)


def stage(temperature: float, start: float, end: float, regime: str = "hot", direction: str = "machine") -> Stage:
    machine = direction in ("machine", "both")
    transverse = direction in ("transverse", "both")
    return Stage(
        temperature=temperature,
        strain_rate=0.02,
        regime=regime,  # type: ignore[arg-type]
        width="free",
        draws_machine=machine,
        draws_transverse=transverse,
        transverse_before=False,
        machine_start=start,
        machine_end=end if machine else start,
        transverse_start=1.0,
        transverse_end=end if transverse else 1.0,
    )


def test_a_programme_has_its_draws_changes_of_temperature_anneal_and_release() -> None:
    both = (stage(COLD, 1.0, 1.25, "cold"), stage(HOT, 1.25, 3.0))
    found = segments(both, Anneal(temperature=HOT + 6.0, duration=100.0), 64)
    kinds = [s.kind for s in found]
    assert kinds == ["draw", *["heat"] * 6, "draw", *["heat"] * 6, "anneal", *["cool"] * 6, "release"]
    assert [s.steps for s in found if s.kind == "draw"] == [900, 3605]
    assert found[6].temperature == pytest.approx(HOT)
    assert found[-1].free == (True, True, True)
    assert found[-1].temperature == ROOM_TEMPERATURE


def test_a_transverse_draw_holds_the_length_and_pulls_the_width() -> None:
    programme = segments((stage(HOT, 1.0, 1.1, direction="transverse"),), None, 4)[:1]
    state = solver.run(of_one_phase(4), programme, parameters(crazing=False))
    assert state.mean_gradient[0] == 1.0
    assert state.mean_gradient[1] == pytest.approx(1.1)
    assert state.mean_gradient[2] < 0.96


def test_a_hold_starts_with_short_times() -> None:
    times = [hold_time(x, 100.0) for x in np.linspace(0.0, 1.0, 11)]
    assert times[0] == 0.0
    assert times[-1] == pytest.approx(100.0)
    assert np.all(np.diff(np.diff(times)[1:]) > 0.0)


def test_release_shrinks_a_drawn_film() -> None:
    programme = segments((stage(ZERO_CELSIUS + 60.0, 1.0, 1.2),), None, 4, steps_factor=4.0)
    state = solver.run(of_one_phase(4), programme, parameters(crazing=False))
    assert state.outcome == "completed"
    assert 1.05 < state.mean_gradient[0] < 1.195
    assert abs(state.stress).max() < 0.5


def test_a_change_of_the_step_sends_no_wave(monkeypatch: pytest.MonkeyPatch) -> None:
    def residual_after_a_change() -> float:
        state = with_ball(12, layer=0.0)
        programme = (draw(1.01, 1200),)
        solver.run(state, programme, parameters(crazing=False), most_steps=700)
        assert state.counters.increment == solver.FULL
        driver = solver._Driver(
            state,
            programme,
            parameters(crazing=False),
            DebondingRule(None, StretchConstants()),
            SolverSettings(interval=30),
        )
        state.counters.increment = solver.FULL // 4
        driver._pace(0.25)
        driver._piece()
        return state.history[-1][12]

    with_pace = residual_after_a_change()
    monkeypatch.setattr("poreline.stretch.volume.device._OnProcessor.pace", lambda self, factor: None)
    assert with_pace < 0.5 * residual_after_a_change()
