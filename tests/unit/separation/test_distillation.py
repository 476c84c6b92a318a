import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.quantities.constants import ATMOSPHERE, ZERO_CELSIUS
from poreline.separation.distillation import (
    diffusivity_pressure_water_air,
    distillation_coefficient,
    face_temperatures,
    vapour_pressure_water,
)


def coefficient(**changes):
    usual = {
        "conductance": 0.1,
        "thickness": 40e-6,
        "pore_diameter": 100e-9,
        "temperature": ZERO_CELSIUS + 55.0,
        "air_pressure": 85.2e3,
    }
    return distillation_coefficient(**(usual | changes))


def test_coefficient_and_flux_of_the_reference_membrane():
    warm, cold = vapour_pressure_water(ZERO_CELSIUS + 60.0), vapour_pressure_water(ZERO_CELSIUS + 50.0)
    air = ATMOSPHERE - 0.5 * (warm + cold)
    assert air == pytest.approx(85.2e3, rel=1e-3)
    assert coefficient() == pytest.approx(2.177e-7, rel=1e-3)
    assert 3600.0 * coefficient(air_pressure=air) * (warm - cold) == pytest.approx(5.95, rel=1e-3)


@pytest.mark.parametrize(("celsius", "pressure"), [(25.0, 3169.0), (60.0, 19_946.0), (100.0, 101_418.0)])
def test_vapour_pressure_of_water(celsius, pressure):
    # Steam tables (IAPWS-95).
    assert vapour_pressure_water(ZERO_CELSIUS + celsius) == pytest.approx(pressure, rel=0.01)


def test_diffusivity_of_water_vapour_in_air():
    # 2.5e-5 m2/s at 25 degC and 1 atm is measured; the correlation is 2 % above.
    assert diffusivity_pressure_water_air(298.15) / ATMOSPHERE == pytest.approx(2.5e-5, rel=0.03)


@given(air=st.floats(0.0, 2e5), factor=st.floats(1.01, 5.0))
def test_wider_pores_and_less_air_pass_more(air, factor):
    assert coefficient(pore_diameter=factor * 1e-7, air_pressure=air) > coefficient(air_pressure=air)
    assert coefficient(air_pressure=air / factor) >= coefficient(air_pressure=air)


def test_no_pores_no_vapour():
    assert coefficient(pore_diameter=0.0) == 0.0
    assert coefficient(conductance=0.0) == 0.0


def test_polarisation_narrows_the_difference_around_the_same_mean():
    warm, cold = face_temperatures(333.15, 323.15, 0.6)
    assert warm - cold == pytest.approx(6.0)
    assert 0.5 * (warm + cold) == pytest.approx(328.15)
