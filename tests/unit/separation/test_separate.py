import dataclasses

import numpy as np
import pytest

from poreline.quantities import InvalidInput, from_si
from poreline.recipe.duty import (
    ContactorDuty,
    DistillationDuty,
    GasDuty,
    GurleyDuty,
    LiquidDuty,
    MechanicsDuty,
    SeparatorDuty,
    SoluteDuty,
)
from poreline.separation import separate

ALL_DUTIES = (
    GasDuty(),
    GasDuty(gas="air"),
    GasDuty(mixture={"He": 0.3, "N2": 0.7}),
    GurleyDuty(),
    LiquidDuty(),
    LiquidDuty(liquid="water"),
    LiquidDuty(liquid="water", prewetted=True),
    SoluteDuty(),
    SoluteDuty(radius=3e-9),
    ContactorDuty(),
    ContactorDuty(side_wetted="liquid", gas_coefficient=1e-2, liquid_coefficient=1e-4),
    DistillationDuty(),
    SeparatorDuty(),
    MechanicsDuty(),
)


def shown(finding):
    return from_si(float(finding.values), finding.meaning.display_unit)


def codes(performance):
    return {code for code, _ in performance.warnings}


@pytest.fixture
def film(membrane_with, materials):
    """A membrane made from polypropylene: slits, dense polymer between, known stretch."""
    return membrane_with(
        porosity=0.119,
        pore_shape="slit",
        pore_diameter_spread=1.3,
        dense_permeability={"N2": 1.5e-16, "O2": 8e-16, "He": 1.3e-14},
        matrix=materials.polymer("PP"),
        stretch_ratio_final=3.0,
    )


def test_results_of_the_reference_membrane(membrane_with, materials):
    performance = separate(membrane_with(), [GasDuty(), GurleyDuty(), LiquidDuty(), SeparatorDuty()], materials)
    results = performance.results
    assert shown(results["permeance_gas_N2"]) == pytest.approx(2365, rel=1e-3)
    assert shown(results["permeability_gas_N2"]) == pytest.approx(2365 * 50, rel=1e-3)
    assert shown(results["gurley_time"]) == pytest.approx(6776, rel=1e-3)
    assert shown(results["bubble_point_pressure"]) == pytest.approx(44.2, rel=1e-3)
    assert shown(results["macmullin_number"]) == pytest.approx(33.3, rel=0.01)
    assert [duty.kind for duty in performance.duties] == ["gas", "gurley", "liquid", "separator"]


def test_a_simulated_film_has_slits_and_a_measured_one_cylinders(membrane_with, materials):
    slit, cylinder = (
        separate(membrane_with(pore_shape=shape), [LiquidDuty()], materials).results["permeance_liquid_methanol"].values
        for shape in ("slit", "cylinder")
    )
    assert cylinder / slit == pytest.approx(1.5)


@pytest.mark.parametrize("duty", ALL_DUTIES, ids=lambda duty: duty.kind)
def test_samples_give_what_each_gives_alone(film, materials, duty):
    diameters, thicknesses = np.array([8e-9, 20e-9, 90e-9]), np.array([20e-6, 50e-6, 80e-6])
    many = dataclasses.replace(
        film, pore_diameter_mean=diameters, film_thickness=thicknesses, tortuosity=np.full(3, 5.0)
    )
    together = separate(many, [duty], materials)
    assert together.warnings == ()  # warnings are made once, for the nominal values
    for index in range(3):
        one = dataclasses.replace(film, pore_diameter_mean=diameters[index], film_thickness=thicknesses[index])
        for name, finding in separate(one, [duty], materials).results.items():
            values = np.broadcast_to(together.results[name].values, 3)
            assert values[index] == pytest.approx(finding.values, rel=2e-4, nan_ok=True), name


@pytest.mark.parametrize("duty", ALL_DUTIES, ids=lambda duty: duty.kind)
def test_every_result_says_what_it_is_and_why_it_is_missing(film, materials, duty):
    for name, finding in separate(film, [duty], materials).results.items():
        assert finding.meaning.meaning, name
        assert finding.meaning.method, name
        assert np.isfinite(finding.values) == (finding.reason == ""), name
        from_si(1.0, finding.meaning.display_unit)


@pytest.mark.parametrize("tortuosity", [1e15, 1e300, np.inf])
@pytest.mark.parametrize("diameter", [0.0, 20e-9])
def test_a_film_whose_pores_do_not_connect_has_the_permeance_of_the_dense_polymer(
    film, materials, tortuosity, diameter
):
    closed = dataclasses.replace(
        film,
        open_share=0.0,
        porosity_open=0.0,
        transport_porosity=0.0,
        tortuosity=tortuosity,
        pore_diameter_mean=diameter,
    )
    performance = separate(closed, ALL_DUTIES, materials)
    results = performance.results
    assert results["permeance_gas_N2"].values == pytest.approx(1.5e-16 / 50e-6)
    assert results["permeance_gas_air"].values == pytest.approx((0.79 * 1.5e-16 + 0.21 * 8e-16) / 50e-6)
    assert results["permeance_liquid_methanol"].values == 0.0
    assert results["distillation_flux"].values == 0.0
    for name in ("macmullin_number", "area_resistance", "rejection", "molecular_weight_cutoff"):
        assert np.isnan(results[name].values)
        assert results[name].reason
    assert "not-connected" in codes(performance)


def test_a_measured_membrane_without_a_path_passes_nothing(membrane_with, materials):
    closed = membrane_with(tortuosity=np.inf)
    results = separate(closed, [GasDuty(), GurleyDuty()], materials).results
    assert results["permeance_gas_N2"].values == 0.0
    assert np.isnan(results["gurley_time"].values)
    assert results["gurley_time"].reason == "no air passes the film"


def test_a_gas_without_known_permeability_passes_the_pores_only(film, materials):
    closed = dataclasses.replace(film, tortuosity=np.inf)
    assert separate(closed, [GasDuty(gas="CO2")], materials).results["permeance_gas_CO2"].values == 0.0


def test_water_flows_only_when_pressed_or_brought_in(membrane_with, materials):
    # 42.1 bar is the entry pressure of 20 nm cylinders.
    def flux(**changes):
        duty = LiquidDuty(liquid="water", **changes)
        return separate(membrane_with(), [duty], materials).results["flux_liquid_water"].values

    assert flux() == 0.0
    assert flux(pressure_difference=40e5) == 0.0
    assert flux(pressure_difference=45e5) > 0.0
    assert flux(prewetted=True) == pytest.approx(flux(pressure_difference=45e5) / 45.0)


def test_entry_pressure_or_bubble_point_with_the_reason_for_the_other(membrane_with, materials):
    methanol = separate(membrane_with(), [LiquidDuty()], materials).results
    water = separate(membrane_with(), [LiquidDuty(liquid="water")], materials).results
    assert methanol["liquid_entry_pressure"].reason == "wets: enters by itself"
    assert shown(water["liquid_entry_pressure"]) == pytest.approx(42.1, rel=1e-3)
    assert water["bubble_point_pressure"].reason == "does not wet: leaves by itself"


def test_a_liquid_of_the_users_own_needs_no_table(membrane_with, materials):
    duty = LiquidDuty(liquid="electrolyte", viscosity=3e-3, surface_tension=0.03, contact_angle=0.2)
    results = separate(membrane_with(), [duty], materials).results
    water = separate(membrane_with(), [LiquidDuty(liquid="water", prewetted=True)], materials).results
    ratio = results["permeance_liquid_electrolyte"].values / water["permeance_liquid_water"].values
    assert ratio == pytest.approx(8.9e-4 / 3e-3)


def test_mechanics_of_a_film_and_of_a_measured_membrane(film, membrane_with, materials):
    made = separate(film, [MechanicsDuty()], materials).results
    assert shown(made["youngs_modulus_machine"]) == pytest.approx(3.26, rel=1e-3)
    measured = separate(membrane_with(), [MechanicsDuty()], materials).results
    assert all(np.isnan(finding.values) and "measured" in finding.reason for finding in measured.values())


def test_helium_is_enriched_over_nitrogen(film, materials):
    duty = GasDuty(mixture={"He": 0.5, "N2": 0.5}, permeate_pressure=1.0)
    results = separate(film, [duty], materials).results
    assert 2.0 < results["selectivity_He_N2"].values < results["selectivity_ideal_He_N2"].values
    assert results["mole_fraction_permeate_He"].values > 0.65
    assert {"permeance_gas_He", "permeance_gas_N2"} <= set(results)


def test_a_mixture_is_a_pair(membrane_with, materials):
    with pytest.raises(InvalidInput, match="pair"):
        separate(membrane_with(), [GasDuty(mixture={"He": 0.3, "N2": 0.3, "O2": 0.4})], materials)


def test_an_unknown_gas_is_refused(membrane_with, materials):
    with pytest.raises(InvalidInput):
        separate(membrane_with(), [GasDuty(gas="phlogiston")], materials)


def test_a_name_that_two_duties_give_is_numbered(membrane_with, materials):
    duties = [GasDuty(), GasDuty(temperature=310.0), GasDuty(temperature=320.0)]
    results = separate(membrane_with(), duties, materials).results
    assert {"permeance_gas_N2", "permeance_gas_N2_2", "permeance_gas_N2_3"} <= set(results)
    assert results["permeance_gas_N2"].values > results["permeance_gas_N2_3"].values


@pytest.mark.parametrize(
    ("duty", "changes", "code"),
    [
        (GasDuty(), {"pore_diameter_mean": 1.5e-9}, "pores-below-2-nm"),
        (GasDuty(), {"open_share": 1e-6}, "not-connected"),
        (GasDuty(temperature=350.0), {}, "properties-at-25-degc"),
        (GasDuty(feed_pressure=1e5), {}, "no-pressure-difference"),
        (GasDuty(mixture={"He": 0.3, "N2": 0.3}), {}, "mole-fractions"),
        (GasDuty(mixture={"He": 0.3, "N2": 0.7}), {"pore_diameter_mean": 5e-7}, "pores-wide-for-separation"),
        (LiquidDuty(liquid="water"), {}, "liquid-does-not-enter"),
        (LiquidDuty(temperature=350.0), {}, "properties-at-25-degc"),
        (SoluteDuty(radius=1e-10), {}, "solute-below-0-5-nm"),
        (ContactorDuty(liquid="methanol"), {}, "liquid-wets-the-pores"),
        (ContactorDuty(temperature=350.0), {}, "properties-at-25-degc"),
        (ContactorDuty(gas="O2"), {}, "diffusivity-of-another-gas"),
        (DistillationDuty(feed_temperature=300.0), {}, "no-temperature-difference"),
        (DistillationDuty(feed_temperature=390.0), {}, "boiling"),
        (SeparatorDuty(), {}, "macmullin-number-high"),
        (SoluteDuty(), {}, "pressure-high-for-flux"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_conditions_outside_the_validity_of_a_law_are_warnings(membrane_with, materials, duty, changes, code):
    assert code in codes(separate(membrane_with(**changes), [duty], materials))


def test_the_users_own_values_at_another_temperature_are_not_warned_about(membrane_with, materials):
    duty = LiquidDuty(temperature=320.0, viscosity=4e-4, surface_tension=0.02, contact_angle=0.0)
    assert separate(membrane_with(), [duty], materials).warnings == ()


def test_the_reference_duties_are_without_warning(film, materials):
    duties = [
        GasDuty(),
        GurleyDuty(),
        LiquidDuty(),
        SoluteDuty(flux=1e-6),
        ContactorDuty(),
        DistillationDuty(),
        MechanicsDuty(),
    ]
    assert separate(film, duties, materials).warnings == ()
