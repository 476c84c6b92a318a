import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from poreline.separation.solute import (
    convective_hindrance_cylinder,
    convective_hindrance_slit,
    cut_off_radius,
    diffusive_hindrance_cylinder,
    diffusive_hindrance_slit,
    ferry_convection,
    free_diffusivity,
    rejection,
    renkin_diffusion,
)

HINDRANCES = [
    diffusive_hindrance_cylinder,
    convective_hindrance_cylinder,
    diffusive_hindrance_slit,
    convective_hindrance_slit,
    ferry_convection,
]
OPERATION = {"flux": 1e-5, "conductance": 0.03, "thickness": 50e-6, "viscosity": 8.9e-4, "temperature": 298.15}

shapes = st.sampled_from(["slit", "cylinder"])
spreads = st.floats(1.0, 2.5)
diameters = st.floats(2e-9, 200e-9)
fluxes = st.floats(1e-9, 1e-2)


def rejected(radius, diameter, spread=1.0, shape="slit", **changes):
    return rejection(
        solute_radius=radius, pore_diameter=diameter, spread=spread, pore_shape=shape, **(OPERATION | changes)
    )


@pytest.mark.parametrize(
    ("size", "diffusive_cylinder", "convective_cylinder", "diffusive_slit", "convective_slit"),
    [
        (0.1, 0.5918, 0.9388, 0.7515, 0.9745),
        (0.3, 0.2033, 0.6450, 0.4479, 0.8201),
        (0.5, 0.0474, 0.3364, 0.2445, 0.5872),
        (0.7, 0.0049, 0.1151, 0.1086, 0.3307),
    ],
)
def test_hindrance_factors(size, diffusive_cylinder, convective_cylinder, diffusive_slit, convective_slit):
    assert diffusive_hindrance_cylinder(size) == pytest.approx(diffusive_cylinder, abs=5.1e-5)
    assert convective_hindrance_cylinder(size) == pytest.approx(convective_cylinder, abs=5.1e-5)
    assert diffusive_hindrance_slit(size) == pytest.approx(diffusive_slit, abs=5.1e-5)
    assert convective_hindrance_slit(size) == pytest.approx(convective_slit, abs=5.1e-5)


def test_older_laws():
    assert ferry_convection(0.5) == pytest.approx(0.4375)
    assert renkin_diffusion(0.5) == pytest.approx(0.0449, abs=5e-5)
    # The older law of diffusion agrees with the newer one for small solutes.
    assert renkin_diffusion(0.1) == pytest.approx(diffusive_hindrance_cylinder(0.1), rel=0.1)


@pytest.mark.parametrize("hindrance", HINDRANCES)
def test_hindrance_falls_from_one_for_a_point_to_zero_for_a_solute_that_fills_the_pore(hindrance):
    factors = hindrance(np.linspace(0.0, 1.0, 2001))
    assert factors[0] == pytest.approx(1.0)
    assert factors[-1] == pytest.approx(0.0, abs=1e-12)
    assert np.all(np.diff(factors) < 0.0)
    assert hindrance(1.7) == pytest.approx(0.0, abs=1e-12)


def test_diffusion_of_a_small_solute_ends_at_the_polynomials_without_a_jump():
    below, above = diffusive_hindrance_slit(0.95), diffusive_hindrance_slit(0.95 + 1e-12)
    assert above == pytest.approx(below, rel=1e-9)


def test_stokes_radii(materials):
    glycol, dextran = materials.solute("PEG"), materials.solute("dextran")
    assert glycol.stokes_radius(10.0) == pytest.approx(2.828e-9, rel=1e-3)
    assert glycol.stokes_radius(35.0) == pytest.approx(5.683e-9, rel=1e-3)
    assert dextran.stokes_radius(40.0) == pytest.approx(5.249e-9, rel=1e-3)
    assert dextran.stokes_radius(70.0) == pytest.approx(7.291e-9, rel=1e-3)


def test_free_diffusivity_of_a_nanometre_sphere_in_water():
    assert free_diffusivity(1e-9, 8.9e-4, 298.15) == pytest.approx(2.45e-10, rel=0.01)


@pytest.mark.parametrize(
    ("diameter", "shape", "kilodalton"),
    [
        (20e-9, "slit", 22.6),
        (20e-9, "cylinder", 53.4),
        (15e-9, "slit", 13.5),
        (15e-9, "cylinder", 31.9),
        (10e-9, "slit", 6.5),
        (10e-9, "cylinder", 15.4),
    ],
)
def test_cut_off_of_equal_pores(materials, diameter, shape, kilodalton):
    radius = cut_off_radius(pore_diameter=diameter, spread=1.0, pore_shape=shape, **OPERATION)
    assert materials.solute("PEG").molar_mass(radius) == pytest.approx(kilodalton, rel=0.01)


@given(diameter=diameters, size=st.floats(1e-3, 1e3), spread=spreads, shape=shapes, flux=fluxes)
def test_rejection_lies_between_nothing_and_everything(diameter, size, spread, shape, flux):
    found = rejected(size * diameter, diameter, spread, shape, flux=flux)
    assert 0.0 <= found <= 1.0


@given(diameter=diameters, spread=spreads, shape=shapes, flux=fluxes)
def test_rejection_grows_with_the_solute(diameter, spread, shape, flux):
    radii = diameter * np.geomspace(1e-3, 5.0, 60)
    # 1e-4 is the error of the quadrature over the pore sizes.
    assert np.all(np.diff(rejected(radii, diameter, spread, shape, flux=flux)) > -1e-4)


@given(diameter=diameters, spread=spreads, shape=shapes, flux=fluxes)
def test_rejection_grows_with_the_flux_towards_that_of_convection(diameter, spread, shape, flux):
    slow, fast = (rejected(0.1 * diameter, diameter, spread, shape, flux=factor * flux) for factor in (1.0, 3.0))
    assert fast >= slow - 1e-4
    if shape == "cylinder" and spread == 1.0:
        assert fast <= 1.0 - convective_hindrance_cylinder(0.2) + 1e-4


@given(diameter=diameters, spread=spreads, shape=shapes)
def test_a_solute_that_fits_into_no_pore_is_held_back(diameter, spread, shape):
    assert rejected(0.51 * diameter * spread**4, diameter, spread, shape) == pytest.approx(1.0)


@given(diameter=diameters, factor=st.floats(1.01, 5.0), spread=spreads, shape=shapes)
def test_cut_off_falls_with_the_pores(diameter, factor, spread, shape):
    narrow, wide = (
        cut_off_radius(pore_diameter=size, spread=spread, pore_shape=shape, **OPERATION)
        for size in (diameter, factor * diameter)
    )
    assert narrow < wide


@given(diameter=diameters, spread=spreads, shape=shapes, flux=fluxes)
def test_nine_tenths_are_rejected_at_the_cut_off(diameter, spread, shape, flux):
    operation = OPERATION | {"flux": flux}
    radius = cut_off_radius(pore_diameter=diameter, spread=spread, pore_shape=shape, **operation)
    assert rejected(radius, diameter, spread, shape, flux=flux) == pytest.approx(0.9, abs=3e-4)


def sum_over_classes(radius, diameter, spread, shape):
    """The mean over numbers of pores, each with its own flow D^4 or D^3 and its own velocity, summed term by term."""
    exponent, half, diffusive, convective = {
        "cylinder": (4, 0.5, diffusive_hindrance_cylinder, convective_hindrance_cylinder),
        "slit": (3, 0.25, diffusive_hindrance_slit, convective_hindrance_slit),
    }[shape]
    log_spread = np.log(spread)
    z = np.linspace(-9.0, 9.0 + exponent * log_spread, 20_001)
    classes = diameter * np.exp(-exponent * log_spread**2 + log_spread * z)
    number = np.exp(-0.5 * z**2)
    area, flow = number * classes ** (exponent - 2), number * classes**exponent
    velocity = OPERATION["flux"] / OPERATION["conductance"] * classes**2 * area.sum() / flow.sum()
    size = radius / (half * classes)
    enters = size < 1.0
    passed, hindered = convective(size[enters]), diffusive(size[enters])
    free = free_diffusivity(radius, OPERATION["viscosity"], OPERATION["temperature"])
    peclet = passed * velocity[enters] * OPERATION["thickness"] / (hindered * free)
    sieving = passed / (passed + (1.0 - passed) * -np.expm1(-peclet))
    return 1.0 - (sieving * flow[enters]).sum() / flow.sum()


@pytest.mark.parametrize("shape", ["slit", "cylinder"])
@pytest.mark.parametrize("spread", [1.1, 1.3, 1.7, 2.2])
def test_the_quadrature_agrees_with_a_sum_over_many_pores_weighted_by_their_flow(spread, shape):
    radii = np.geomspace(0.3e-9, 30e-9, 12)
    expected = [sum_over_classes(radius, 20e-9, spread, shape) for radius in radii]
    assert rejected(radii, 20e-9, spread, shape) == pytest.approx(expected, abs=1e-4)


def test_laws_broadcast_over_more_samples_than_a_block():
    diameters = np.geomspace(5e-9, 50e-9, 3000).reshape(1500, 2)
    together = rejected(3e-9, diameters, np.array([1.2, 1.5]))
    assert together.shape == (1500, 2)
    assert together[1400, 1] == pytest.approx(rejected(3e-9, diameters[1400, 1], 1.5), rel=1e-12)
    radii = cut_off_radius(pore_diameter=diameters, spread=1.3, pore_shape="slit", **OPERATION)
    alone = cut_off_radius(pore_diameter=diameters[1400, 1], spread=1.3, pore_shape="slit", **OPERATION)
    assert radii[1400, 1] == pytest.approx(alone, rel=1e-4)


def test_without_pores_nothing_passes():
    assert rejected(1e-9, 0.0) == 1.0
    assert cut_off_radius(pore_diameter=0.0, spread=1.3, pore_shape="slit", **OPERATION) == 0.0
