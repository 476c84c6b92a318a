"""A measured membrane as it is, and measured values in place of predicted ones."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.line import evaluate, plan
from poreline.line.plan import MembranePlan, Plan
from poreline.materials import default_materials
from poreline.membrane import Membrane, as_measured, usual_tortuosity
from poreline.membrane.connectivity import mean_sine, smoothed_distance
from poreline.membrane.cracks import crack_density, crack_radius
from poreline.recipe import (
    Composition,
    Measured,
    MeasuredMembrane,
    PolymerShare,
    Recipe,
    StretchStep,
)

MATERIALS = default_materials()
SEPARATOR = MeasuredMembrane(porosity=0.41, pore_diameter_mean=43e-9, thickness=25e-6)


def test_a_measured_membrane_is_open_throughout() -> None:
    found = as_measured(SEPARATOR)
    assert float(found.open_share) == 1.0
    assert found.transport_porosity == found.porosity_open == found.porosity == 0.41
    assert found.pore_shape == "cylinder"
    assert found.dense_permeability == {}
    assert found.matrix is None


def test_a_membrane_without_tortuosity_gets_the_usual_one() -> None:
    assert usual_tortuosity(0.41) == pytest.approx(0.41**-1.5, rel=1e-12)
    assert as_measured(SEPARATOR).tortuosity == pytest.approx(0.41**-1.5, rel=1e-12)
    own = MeasuredMembrane(porosity=0.41, pore_diameter_mean=43e-9, thickness=25e-6, tortuosity=2.3)
    assert as_measured(own).tortuosity == 2.3


def test_the_plan_of_a_measured_membrane_says_whether_its_tortuosity_was_assumed() -> None:
    made = plan(Recipe(membrane=SEPARATOR), MATERIALS)
    assert isinstance(made, MembranePlan)
    assert made.tortuosity_assumed
    assert made.membrane.tortuosity == pytest.approx(0.41**-1.5, rel=1e-12)
    assert evaluate(made).stretched is None


def membrane(measured: Measured) -> Membrane:
    recipe = Recipe(
        composition=Composition(
            first=PolymerShare(polymer="PS", parts=10.0), second=PolymerShare(polymer="PP", parts=90.0)
        ),
        stretch=(
            StretchStep(temperature=293.15, elongation=0.25, strain_rate=0.01),
            StretchStep(temperature=360.15, elongation=2.0),
        ),
        measured=measured,
    )
    made = plan(recipe, MATERIALS)
    assert isinstance(made, Plan)
    return evaluate(made).membrane


@pytest.mark.parametrize(
    ("given_as", "found_as", "value"),
    [
        ("porosity", "porosity", 0.33),
        ("pore_diameter_mean", "pore_diameter_mean", 30e-9),
        ("pore_diameter_spread", "pore_diameter_spread", 1.2),
        ("tortuosity", "tortuosity", 4.0),
        ("membrane_thickness", "film_thickness", 30e-6),
    ],
)
def test_what_was_measured_stands(given_as: str, found_as: str, value: float) -> None:
    assert float(getattr(membrane(Measured(**{given_as: value})), found_as)) == pytest.approx(value, rel=1e-9)


def test_a_crack_does_not_outgrow_its_bound() -> None:
    assert float(crack_radius(1e-3, 3.0, 0.6, 0.25e-6, 3e-6)) == 3e-6
    assert float(crack_radius(1e-6, 3.0, 0.6, 0.25e-6, 3e-6)) < 3e-6


def test_without_nucleation_there_are_no_cracks() -> None:
    assert crack_density(1e18, 1e-6, 0.0, 0.4e-6, 2e-6, 0.5e-6) == 0.0
    assert crack_density(0.0, 1e-6, 1.0, 0.4e-6, 2e-6, 0.5e-6) > 0.0, "the matrix nucleates some by itself"


def test_tilts_beyond_the_table_keep_its_ends() -> None:
    assert float(mean_sine(0.0)) == 0.1042
    assert float(mean_sine(1.5)) == 0.634


def test_the_rounded_distance_is_never_negative_and_far_above_it_is_the_distance() -> None:
    ratios = np.linspace(0.0, 5.0, 51)
    rounded = smoothed_distance(ratios, 0.05)
    assert np.all(rounded > 0.0)
    assert np.all(rounded >= np.maximum(ratios - 1.0, 0.0) - 1e-12), "rounded upwards, to the last digits"
    assert np.all(np.diff(rounded) > 0.0)
    assert rounded[-1] == pytest.approx(4.0, rel=1e-9)
