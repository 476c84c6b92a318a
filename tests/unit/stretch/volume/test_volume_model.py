"""From a film and its programme to a stretched volume: the verb that the line calls."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.physics.films import EXAMPLES, planned, recipe
from tests.unit.stretch.volume.volumes import COLD, ball, parameters, with_ball

from poreline.film import Film
from poreline.line import evaluate
from poreline.quantities import InvalidInput
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.recipe import Anneal, StretchStep
from poreline.stretch.meanfield import StretchConstants
from poreline.stretch.volume.interface import (
    DebondingRule,
    hold_again,
    interface_of,
    layer_voxels,
    loosen,
    shell_thickness_of,
)
from poreline.stretch.volume.model import stretch
from poreline.stretch.volume.parameters import Shell, drawing_ratio, nucleation_pressure, shell_thickness
from poreline.stretch.volume.properties import LOOSE_LAYER
from poreline.stretch.volume.scatter import strength_scatter
from poreline.stretch.volume.state import VolumeState

STEPS = (
    StretchStep(temperature=COLD, elongation=0.1, strain_rate=0.01, regime="cold"),
    StretchStep(temperature=ZERO_CELSIUS + 87.0, elongation=0.3, strain_rate=0.05, regime="hot"),
)
ANNEAL = Anneal(temperature=ZERO_CELSIUS + 94.0, duration=600.0)


def film(name: str) -> Film:
    found = evaluate(planned(recipe(name, 200))).film
    assert found is not None
    return found


def test_a_programme_is_drawn_annealed_and_released() -> None:
    told: list[int] = []
    result = stretch(
        film("PS10/PP90"),
        STEPS,
        ANNEAL,
        blend=ball(8, 0.3),
        progress=lambda done, everything, _: told.append(everything),
    )
    assert result.outcome == "completed"
    assert result.interface == "bare"
    assert result.stretch_ratio == pytest.approx(1.3)
    assert 1.0 < result.stretch_ratio_final < 1.3
    assert 0.0 < result.porosity < result.porosity_drawn < 0.5
    assert result.volume_ratio == pytest.approx(
        result.stretch_ratio_final * result.width_ratio * result.thickness_ratio, rel=1e-9
    )
    assert result.engineering_stress > 1e6
    assert set(told) == {sum(segment.steps for segment in result.programme)}
    assert result.history["temperature"].max() == pytest.approx(ANNEAL.temperature)


def test_a_shell_holds_where_a_bare_interface_debonds() -> None:
    covered = stretch(film("PS10/PP90+SEEPS5"), STEPS[:1], None, blend=ball(8, 0.3))
    bare = stretch(film("PS10/PP90"), STEPS[:1], None, blend=ball(8, 0.3, edge=4e-6))
    small = stretch(film("PS10/PP90"), STEPS[:1], None, blend=ball(8, 0.3))
    assert covered.interface == "shell"
    assert covered.debonded_share == 0.0
    assert bare.debonded_share > 0.1
    assert small.debonded_share == 0.0  # a bare ball of 0.3 um has not the energy
    assert covered.porosity_drawn < bare.porosity_drawn


def test_a_checkpoint_of_the_model_goes_on_bit_for_bit() -> None:
    blend, made = ball(8, 0.3), film("PS10/PP90")
    whole = stretch(made, STEPS[:1], None, blend=blend)
    begun = stretch(made, STEPS[:1], None, blend=blend, most_steps=40)
    assert begun.outcome == "running"
    kept = VolumeState.from_arrays(begun.state.arrays())
    ended = stretch(made, STEPS[:1], None, blend=blend, state=kept)
    np.testing.assert_array_equal(ended.state.voxel, whole.state.voxel)
    assert ended.porosity == whole.porosity


def test_an_unstretched_film_is_dense() -> None:
    result = stretch(film("PS10/PP90"), (), None, blend=ball(8, 0.3))
    assert (result.porosity, result.volume_ratio, result.stretch_ratio) == (0.0, 1.0, 1.0)
    assert result.outcome == "completed"


def test_a_blend_with_the_wrong_layer_is_refused_with_its_remedy() -> None:
    with pytest.raises(InvalidInput, match="layer_voxels"):
        stretch(film("PS10/PP90"), STEPS, None, blend=ball(8, 0.3), interface="bonded")


def test_only_large_bare_domains_have_the_energy_to_debond() -> None:
    rule = DebondingRule(film("PS10/PP90"), StretchConstants())
    above = rule.radius(COLD, 0.01, 1.25, 1.0, cold=True)
    # physics: bare, R = 0.945 um needs 22.9 + 4.9 MPa of the 36.6 MPa there are, so a radius below that will do.
    assert above == pytest.approx(0.945e-6 * (22.9 / (36.6 - 4.9)) ** 2, rel=0.03)
    covered = DebondingRule(film("PS10/PP90+SEEPS5"), StretchConstants())
    assert covered.radius(COLD, 0.01, 1.25, 1.0, cold=True) > 3e-6
    assert DebondingRule(None, StretchConstants(), holds=True).radius(COLD, 0.01, 1.25, 1.0, cold=True) == math.inf


def test_what_may_debond_once_may_debond_from_then_on() -> None:
    state = with_ball(8)
    assert not loosen(state, 1e-6)
    assert loosen(state, 0.1e-6)
    layer = int((state.kind == LOOSE_LAYER).sum())
    assert layer > 0
    assert not loosen(state, 1.0)
    assert int((state.kind == LOOSE_LAYER).sum()) == layer
    # Unless the piece of the programme in which it began is taken back.
    assert not hold_again(state, state.permitted.copy())
    assert hold_again(state, np.zeros_like(state.permitted))
    assert not state.permitted.any()
    assert not (state.kind == LOOSE_LAYER).any()


def test_the_shell_of_an_example_is_some_ten_nanometres_thick() -> None:
    made = film("PS10/PP90+SEEPS5")
    assert interface_of(made) == "shell"
    assert 8e-9 < shell_thickness_of(made) < 12e-9
    assert layer_voxels("shell", made, 60e-9) == 1.0
    assert layer_voxels("shell", made, 2e-9) > 4.0
    assert layer_voxels("bonded", made, 60e-9) == 0.0
    # 0.0694 chains/nm2 of 90 kg/mol at 0.91 g/cm3.
    assert shell_thickness(0.069379e18, 90.0, 910.0) == pytest.approx(11.4e-9, rel=0.01)


def test_a_craze_is_drawn_at_the_pressures_that_fall_on_heating() -> None:
    drawing = parameters().matrix.drawing
    assert drawing is not None
    found = [drawing_ratio(drawing, ZERO_CELSIUS + t, 6e-19) for t in (20, 40, 60, 88, 100)]
    assert found == pytest.approx([1.0, 0.76, 0.52, 0.37, 0.30], abs=0.012)


def test_polypropylene_nucleates_crazes_at_14_mpa_as_the_other_rule_would_nearly_say() -> None:
    base = parameters()
    assert nucleation_pressure(base.matrix, base.constants) == pytest.approx(14e6)
    drawing = base.matrix.drawing
    assert drawing is not None
    assert 0.40 * drawing.yield_stress(0.01, COLD) == pytest.approx(14e6, rel=0.03)


def test_a_thin_shell_does_not_cavitate_before_the_matrix() -> None:
    shell = parameters(shell=Shell(10e-9, 60e-9))
    table = shell.table(COLD, 0.01)
    assert table[2, 10] == pytest.approx(14.0)
    assert table[2, 1] < 0.1 * table[0, 1]


def test_the_field_of_strength_is_the_same_on_every_grid() -> None:
    coarse, fine = strength_scatter(32, 0.1, 0.063, 3), strength_scatter(64, 0.1, 0.063, 3)
    assert float(np.log(fine).std()) == pytest.approx(0.1, rel=0.05)
    np.testing.assert_allclose(fine[::2, ::2, ::2], coarse, rtol=0.01)
    assert not np.array_equal(strength_scatter(32, 0.1, 0.063, 4), coarse)


def test_the_examples_all_have_an_interface() -> None:
    assert {interface_of(film(name)) for name in EXAMPLES} == {"bare", "shell"}
