"""Pore size: fibrils, cracks, throats and their spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.physics.films import MATERIALS, composition, kelvin, recipe, results

from poreline.membrane.cracks import crack_width, domain_distance
from poreline.recipe import Anneal, Extrusion, Mixing, Recipe, StretchStep
from poreline.stretch.fibrils import (
    fibril_spacing,
    fibril_surface_energy,
    fibril_survival,
    hydraulic_diameter,
    throat_diameter,
)

PRINTED = 0.01
NM = 1e-9
BOND = 6e-19  # J


def test_crazes_of_polystyrene() -> None:
    """The surface energy of the literature, 0.087 J/m2, and fibrils of 20 nm at 35 MPa (seen: 5-30 nm)."""
    energy = fibril_surface_energy(0.040, 1.0, 3.3e25, 9.6e-9, BOND)
    assert energy == pytest.approx(0.08752, rel=PRINTED)
    assert fibril_spacing(energy, 35e6) == pytest.approx(20.0 * NM, rel=PRINTED)


def test_the_spacing_maximises_the_stress_gradient() -> None:
    """g = (S - 2 G/r)/r over the half spacing r: the largest is at r = 4 G/S."""
    energy, stress = 0.05, 35e6
    r = np.linspace(1e-9, 60e-9, 200_001)
    steepest = r[np.argmax((stress - 2.0 * energy / r) / r)]
    assert fibril_spacing(energy, stress) == pytest.approx(2.0 * float(steepest), rel=1e-4)


@pytest.mark.parametrize(
    ("celsius", "rate", "scission", "energy", "nanometre"),
    [(20, 0.01, 0.30, 0.0499, 11.34), (66, 0.05, 0.10, 0.0367, 11.50), (87, 0.05, 0.10, 0.0367, 14.51)],
)
def test_fibrils_of_polypropylene(
    celsius: float, rate: float, scission: float, energy: float, nanometre: float
) -> None:
    pp = MATERIALS.matrix("PP").drawing
    assert pp is not None
    found = fibril_surface_energy(
        pp.fibril_surface_energy, scission, pp.entanglement_density, pp.entanglement_length, BOND
    )
    assert found == pytest.approx(energy, rel=PRINTED)
    assert float(fibril_spacing(found, pp.yield_stress(rate, kelvin(celsius)))) == pytest.approx(
        nanometre * NM, rel=PRINTED
    )


@pytest.mark.parametrize(("name", "nanometre"), [("PS10/PP90", 12.280), ("PET15/PP85", 11.388)])
def test_the_film_remembers_the_spacing_of_its_cold_stretch(name: str, nanometre: float) -> None:
    assert results(recipe(name), ())["fibril_spacing"] == pytest.approx(nanometre * NM, rel=PRINTED)


def test_hydraulic_diameter_between_fibrils() -> None:
    spacing, draw = 12.28 * NM, 3.5
    assert np.sqrt(1.0 / draw) * spacing == pytest.approx(6.564 * NM, rel=PRINTED)
    assert float(hydraulic_diameter(spacing, draw)) == pytest.approx(16.41 * NM, rel=PRINTED)
    ratios = [float(hydraulic_diameter(1.0, lam)) for lam in (3.0, 3.5, 4.0)]
    assert ratios == pytest.approx([1.15, 1.34, 1.50], abs=0.005)


def test_hydraulic_diameter_is_four_times_void_over_surface() -> None:
    """Parallel fibrils of diameter D at the share v: void (1 - v), surface 4 v/D per volume."""
    spacing, draw = 10e-9, 3.0
    share = 1.0 / draw
    fibril = np.sqrt(share) * spacing
    assert float(hydraulic_diameter(spacing, draw)) == pytest.approx(4.0 * (1.0 - share) / (4.0 * share / fibril))


@pytest.mark.parametrize(("cold", "rate", "nanometre"), [(20, 0.01, 15.2), (66, 0.05, 15.4), (87, 0.05, 19.4)])
def test_hydraulic_diameter_by_temperature_alone(cold: float, rate: float, nanometre: float) -> None:
    pp = MATERIALS.matrix("PP").drawing
    assert pp is not None
    scission = 0.30 if cold == 20 else 0.10
    energy = fibril_surface_energy(
        pp.fibril_surface_energy, scission, pp.entanglement_density, pp.entanglement_length, BOND
    )
    found = hydraulic_diameter(fibril_spacing(energy, pp.yield_stress(rate, kelvin(cold))), 3.5)
    assert float(found) == pytest.approx(nanometre * NM, rel=PRINTED)


def test_domains_on_a_lattice_have_the_distance_of_their_volume_fraction() -> None:
    """One sphere of diameter d per cube of edge L fills phi = pi d^3/(6 L^3)."""
    distance = float(domain_distance(1e-6, 0.1))
    assert np.pi / 6.0 * (1e-6 / distance) ** 3 == pytest.approx(0.1, rel=1e-12)


@pytest.mark.parametrize(
    ("name", "radius", "width"), [("PS10/PP90", 1.0525e-6, 98.18e-9), ("PS10/PP90+SEEPS5", 0.41491e-6, 66.26e-9)]
)
def test_cracks_of_the_examples(name: str, radius: float, width: float) -> None:
    found = results(recipe(name), ())
    assert found["crack_radius"] == pytest.approx(radius, rel=PRINTED)
    assert found["crack_width_mean"] == pytest.approx(width, rel=PRINTED)


def test_the_void_volume_is_cracks_times_area_times_opening() -> None:
    found = results(recipe("PS10/PP90"), ())
    cracks = found["cracks_per_domain"] * found["domains_per_volume"]
    volume = cracks * np.pi * found["crack_radius"] ** 2 * found["crack_width_mean"]
    assert volume == pytest.approx(found["void_ratio_microcracks"] / found["volume_ratio"], rel=1e-9)
    assert float(crack_width(0.1, 1.1, 0.0, 1e-6)) == 0.0, "no cracks, no opening"


def test_fibrils_narrow_a_crack() -> None:
    assert throat_diameter(100 * NM, 0.8, 16.4 * NM) == pytest.approx(18.59 * NM, rel=PRINTED)
    assert throat_diameter(100 * NM, 0.0, 16.4 * NM) == pytest.approx(200 * NM, rel=1e-12), "a clean slit is 2 w"
    assert fibril_survival(100 * NM, 100 * NM) == 0.5


@pytest.mark.parametrize(("name", "nanometre"), [("PS10/PP90", 27.69), ("PS10/PP90+SEEPS5", 15.59)])
def test_pore_diameter_of_the_examples(name: str, nanometre: float) -> None:
    assert results(recipe(name), ())["pore_diameter_mean"] == pytest.approx(nanometre * NM, rel=PRINTED)


@pytest.mark.parametrize(("name", "slope", "spread"), [("PS10/PP90", 1.005, 1.707), ("PS10/PP90+SEEPS5", 0.248, 1.309)])
def test_throats_that_fibrils_limit_do_not_inherit_the_spread_of_the_domains(
    name: str, slope: float, spread: float
) -> None:
    found = results(recipe(name), ())
    assert found["pore_diameter_spread"] == pytest.approx(spread, rel=PRINTED)
    # The slope dlnD/dlnw back out of the spread and that of the domains.
    back = np.sqrt(np.log(found["pore_diameter_spread"]) ** 2 - 0.25**2) / np.log(found["domain_diameter_spread"])
    assert float(back) == pytest.approx(slope, rel=PRINTED)


def finest(percent: float) -> Recipe:
    """PS10/PP90 with 15 parts SEEPS, mixed and drawn as fast as it goes."""
    return Recipe(
        composition=composition("PS", (10, 90, 15)),
        mixing=Mixing(temperature=kelvin(210), shear_rate=150.0),
        film=Extrusion(thickness=100e-6, shear_rate=80.0),
        stretch=(
            StretchStep(temperature=kelvin(15), elongation=0.25, strain_rate=0.5),
            StretchStep(temperature=kelvin(87), elongation=percent / 100.0, strain_rate=1.0),
        ),
        anneal=Anneal(temperature=kelvin(94), duration=600.0),
    )


def test_pores_below_ten_nanometres_at_the_edge_of_the_model() -> None:
    once, twice = results(finest(100)), results(finest(200))
    assert once["domain_diameter_median"] == pytest.approx(0.288e-6, rel=PRINTED)
    assert once["crack_width_mean"] == pytest.approx(14.0 * NM, rel=PRINTED)
    assert once["fibril_hydraulic_diameter"] == pytest.approx(13.87 * NM, rel=PRINTED)
    assert once["pore_diameter_mean"] == pytest.approx(9.29 * NM, rel=PRINTED)
    assert once["porosity"] == pytest.approx(0.0834, rel=PRINTED)
    assert once["connectivity"] == pytest.approx(1.68, rel=PRINTED)
    assert twice["pore_diameter_mean"] == pytest.approx(10.8 * NM, rel=PRINTED)
    assert twice["porosity"] == pytest.approx(0.128, rel=PRINTED)


def test_hotter_or_slower_drawing_makes_wider_pores() -> None:
    """Lower drawing stress, wider fibril spacing: about 1 % per kelvin."""
    made = recipe("PS10/PP90+SEEPS5")
    cold, hot = made.stretch
    base = results(made, ())["fibril_hydraulic_diameter"]
    slower = results(replace(made, stretch=(cold, replace(hot, strain_rate=0.005))), ())["fibril_hydraulic_diameter"]
    hotter = results(replace(made, stretch=(cold, replace(hot, temperature=kelvin(90)))), ())[
        "fibril_hydraulic_diameter"
    ]
    assert slower > base
    assert 0.0 < np.log(hotter / base) / 3.0 < 0.02
