import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.quantities import from_si, to_si
from poreline.separation.gas import (
    bulk_diffusivity,
    free_pore_diameter,
    graham_flux_ratio,
    knudsen_diffusivity,
    knudsen_selectivity,
    mean_free_path,
    mean_molecular_speed,
    permeance_gas,
    pore_diffusivity,
)

NITROGEN, HELIUM, CARBON_DIOXIDE = 28.0134e-3, 4.0026e-3, 44.0095e-3
ROOM = 298.15

diameters = st.floats(2e-9, 1e-6)
masses = st.floats(2e-3, 0.2)


def permeance(**changes):
    usual = {
        "conductance": 0.15 / 5.0,
        "thickness": 50e-6,
        "pore_diameter": 20e-9,
        "molar_mass": NITROGEN,
        "viscosity": 1.78e-5,
        "temperature": ROOM,
        "mean_pressure": 1.5e5,
        "viscous_constant": 32.0,
    }
    return permeance_gas(**(usual | changes))


def test_speed_and_path_of_nitrogen():
    assert mean_molecular_speed(NITROGEN, ROOM) == pytest.approx(474.7, rel=1e-3)
    assert knudsen_diffusivity(20e-9, NITROGEN, ROOM) == pytest.approx(3.165e-6, rel=1e-3)
    assert mean_free_path(1.78e-5, NITROGEN, ROOM, 101_325.0) == pytest.approx(65.5e-9, rel=0.01)
    assert mean_free_path(1.78e-5, NITROGEN, ROOM, 1e5) == pytest.approx(66.4e-9, rel=0.01)


def test_knudsen_selectivities():
    assert knudsen_selectivity(HELIUM, NITROGEN) == pytest.approx(2.6455, rel=1e-3)
    assert knudsen_selectivity(CARBON_DIOXIDE, NITROGEN) == pytest.approx(0.7978, rel=1e-3)


def test_permeance_of_the_reference_membrane_to_nitrogen():
    assert permeance() == pytest.approx(7.915e-7, rel=1e-3)
    assert from_si(float(permeance()), "GPU") == pytest.approx(2365, rel=1e-3)


def test_units_of_permeation():
    assert to_si(1.0, "barrer") == pytest.approx(3.3464e-16, rel=1e-4)
    assert to_si(1.0, "GPU") == pytest.approx(3.3464e-10, rel=1e-4)
    assert to_si(1.0, "GPU") * 1e-6 == pytest.approx(to_si(1.0, "barrer"))


def test_bulk_diffusivity_of_nitrogen_and_carbon_dioxide():
    # Measured 0.165 cm2/s at 298 K and 1 atm (Poling, Prausnitz and O'Connell 2001); the correlation is good to 5 %.
    found = bulk_diffusivity(NITROGEN, CARBON_DIOXIDE, 18.5, 26.9, 298.0, 101_325.0)
    assert found == pytest.approx(1.65e-5, rel=0.05)


def test_bulk_diffusivity_is_inverse_to_pressure_and_the_same_either_way():
    one = bulk_diffusivity(NITROGEN, HELIUM, 18.5, 2.67, ROOM, 1e5)
    assert bulk_diffusivity(NITROGEN, HELIUM, 18.5, 2.67, ROOM, 2e5) == pytest.approx(one / 2.0)
    assert bulk_diffusivity(HELIUM, NITROGEN, 2.67, 18.5, ROOM, 1e5) == pytest.approx(one)


def test_a_trace_diffuses_with_both_resistances_in_series():
    assert 1.0 / pore_diffusivity(3e-6, 1.6e-5) == pytest.approx(1.0 / 3e-6 + 1.0 / 1.6e-5)


def test_at_uniform_pressure_the_fluxes_obey_graham():
    ratio = graham_flux_ratio(HELIUM, NITROGEN)
    assert ratio == pytest.approx(-np.sqrt(HELIUM / NITROGEN))
    # Fluxes of equal and opposite partial pressure gradients, each from its own diffusivity, must keep that ratio.
    bulk, y = 7e-5, 0.3
    helium = pore_diffusivity(knudsen_diffusivity(50e-9, HELIUM, ROOM), bulk, y, ratio)
    nitrogen = pore_diffusivity(knudsen_diffusivity(50e-9, NITROGEN, ROOM), bulk, 1.0 - y, 1.0 / ratio)
    assert -nitrogen / helium == pytest.approx(ratio)


@given(diameter=diameters, thickness=st.floats(1e-7, 1e-3), factor=st.floats(0.1, 10.0))
def test_permeance_is_inverse_to_thickness(diameter, thickness, factor):
    one = permeance(pore_diameter=diameter, thickness=thickness, dense_permeability=1e-16)
    other = permeance(pore_diameter=diameter, thickness=factor * thickness, dense_permeability=1e-16)
    assert one == pytest.approx(factor * other, rel=1e-12)


@given(first=masses, second=masses)
def test_narrow_pores_separate_by_molar_mass(first, second):
    ratio = permeance(molar_mass=first, pore_diameter=1e-14) / permeance(molar_mass=second, pore_diameter=1e-14)
    assert ratio == pytest.approx(knudsen_selectivity(first, second), rel=1e-6)


def test_wide_pores_separate_by_viscosity_only():
    ratio = permeance(molar_mass=HELIUM, pore_diameter=1.0) / permeance(pore_diameter=1.0)
    assert ratio == pytest.approx(1.0, rel=1e-4)


@given(narrow=diameters, factor=st.floats(1.001, 10.0))
def test_permeance_grows_with_the_pores(narrow, factor):
    assert permeance(pore_diameter=factor * narrow) > permeance(pore_diameter=narrow)


def test_without_pores_the_dense_polymer_remains():
    assert permeance(conductance=0.0, dense_permeability=1e-16) == pytest.approx(1e-16 / 50e-6)
    assert permeance(pore_diameter=0.0, dense_permeability=1e-16) == pytest.approx(1e-16 / 50e-6)


def test_a_slit_has_less_viscous_flow_than_a_cylinder_of_the_same_hydraulic_diameter():
    knudsen = permeance(mean_pressure=1e-9)
    slit, cylinder = permeance(viscous_constant=48.0) - knudsen, permeance(viscous_constant=32.0) - knudsen
    assert cylinder / slit == pytest.approx(1.5, rel=1e-6)


def test_laws_broadcast_over_samples():
    diameters = np.geomspace(2e-9, 2e-7, 7)
    together = permeance(pore_diameter=diameters[:, None], thickness=np.array([1e-5, 2e-5]))
    assert together.shape == (7, 2)
    assert together[3, 1] == pytest.approx(permeance(pore_diameter=diameters[3], thickness=2e-5))


def test_an_adsorbed_layer_narrows_the_pore_but_not_below_zero():
    assert free_pore_diameter(10e-9, 0.35e-9) == pytest.approx(9.3e-9)
    assert free_pore_diameter(0.5e-9, 0.35e-9) == 0.0
