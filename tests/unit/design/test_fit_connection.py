"""Constants of connection fitted to simulations: known ones come back, and what the data do not tell keeps its default."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from tests.unit.design.known_connection import KNOWN, evidence, one_at

from poreline.design import fit_connection
from poreline.design.fit_connection import FITTED
from poreline.membrane import MembraneConstants
from poreline.quantities import InvalidInput


def test_fifty_simulations_without_noise_give_the_constants_back() -> None:
    fit = fit_connection(evidence(50, noise=0.0))
    for name in FITTED:
        # The priors pull towards the defaults by a few per cent.
        assert fit[name].value == pytest.approx(getattr(KNOWN, name), rel=0.05)
        assert fit[name].determined


def test_noisy_simulations_give_the_constants_back_within_their_standard_errors() -> None:
    off = np.array(
        [
            [(fit[name].value - getattr(KNOWN, name)) / fit[name].standard_error for name in FITTED]
            for fit in (fit_connection(evidence(20, seed=seed)) for seed in range(25))
        ]
    )
    # Root mean square over 25 seeds: 1 if the errors are honest, known to 1/sqrt(50); the priors make it smaller.
    assert np.all(np.sqrt((off**2).mean(axis=0)) < 1.4)
    assert np.all(np.abs(off.mean(axis=0)) < 0.8)


def test_more_simulations_narrow_every_constant() -> None:
    few, many = fit_connection(evidence(8)), fit_connection(evidence(60))
    for name in FITTED:
        assert many[name].standard_error < few[name].standard_error


def test_the_fit_explains_what_the_defaults_do_not() -> None:
    fit = fit_connection(evidence(30))
    assert fit.misfit == pytest.approx(1.0, abs=0.3)
    assert fit.misfit_default > 2.0 * fit.misfit


def test_simulations_that_obey_the_defaults_leave_them() -> None:
    defaults = MembraneConstants()
    fit = fit_connection(evidence(30, noise=0.0, constants=defaults))
    for name in FITTED:
        assert fit[name].value == pytest.approx(getattr(defaults, name), rel=1e-3)


def test_far_above_the_threshold_it_keeps_its_default_and_says_why() -> None:
    fit = fit_connection(evidence(8, lowest=7.0, highest=12.0))
    threshold = fit["percolation_threshold"]
    assert not threshold.determined
    assert threshold.value == MembraneConstants().percolation_threshold
    assert "nearer to the threshold" in threshold.note
    # Nothing but the prior speaks: its spread, twice the constant's own, is what is left.
    assert threshold.standard_error == pytest.approx(0.5, rel=0.25)


def test_without_any_way_through_the_tortuosity_keeps_its_constants() -> None:
    films = [dataclasses.replace(one, tortuosity=None) for one in evidence(12)]
    fit = fit_connection(films)
    for name in ("network_conductance", "conductance_exponent"):
        assert not fit[name].determined
        assert "Only 0 of the runs" in fit[name].note
    assert fit["percolation_threshold"].determined
    assert np.isnan(fit.tortuosity_residual).all()


def test_data_that_scatter_more_than_assumed_widen_the_standard_errors() -> None:
    calm, wild = fit_connection(evidence(40)), fit_connection(evidence(40, noise=4.0))
    assert wild["network_conductance"].standard_error > 2.0 * calm["network_conductance"].standard_error
    assert any("scatter" in note for note in wild.notes)


def test_a_constant_stays_inside_what_it_may_be() -> None:
    films = [dataclasses.replace(one, tortuosity=0.5) for one in evidence(12)]
    fit = fit_connection(films)
    assert fit["network_conductance"].value <= 1.0
    assert any("network_conductance" in note for note in fit.notes)


def test_residuals_are_model_minus_simulation() -> None:
    fit = fit_connection(evidence(10))
    shares = np.array([one.open_share for one in fit.evidence])
    assert fit.open_share_residual == pytest.approx(fit.open_share - shares)


def test_the_ratio_along_the_machine_is_told() -> None:
    films = [
        dataclasses.replace(one, tortuosity_machine=None if one.tortuosity is None else 2.0 * one.tortuosity)
        for one in evidence(10)
    ]
    assert any("2 times that through the thickness" in note for note in fit_connection(films).notes)


@pytest.mark.parametrize(
    ("films", "words"),
    [
        ([], "fewer"),
        ([one_at(2.0), one_at(5.0)], "fewer"),
        ([one_at(2.0), one_at(2.001), one_at(5.0), one_at(5.01)], "no further point"),
    ],
)
def test_fewer_than_three_degrees_of_connection_are_refused(films: list, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        fit_connection(films)
    assert words in str(caught.value)
    assert "at least 3" in str(caught.value)
