"""An image through all its measures: names, units, typed results."""

import numpy as np
import pytest

from poreline.membrane import characterise
from poreline.membrane.image import transport
from poreline.membrane.image.characterise import MEASURES, characterise_image, memory_needed
from poreline.quantities import Estimate, Infinite, InvalidInput, NotDetermined, Truth
from poreline.voxels import VoxelImage
from poreline.voxels.phantoms import blobs, cylinder

LIGHT = ("porosity", "connection", "surface", "local-thickness", "intrusion", "chords", "two-point", "diffusion")


@pytest.fixture(scope="module")
def slit():
    void = np.zeros((16, 16, 16), bool)
    void[:, :, 6:10] = True
    return characterise(VoxelImage(void=void, spacing=(1e-8,) * 3), only=LIGHT)


def test_a_slit_measures_what_it_is(slit):
    assert slit.value("porosity") == pytest.approx(0.25)
    assert slit.value("local_thickness_mean") == pytest.approx(4e-8, rel=1e-5)
    assert slit.value("intrusion_diameter_mean") == pytest.approx(4e-8, rel=0.02)
    assert slit.value("bubble_point_diameter_x") == pytest.approx(4e-8, rel=1e-5)
    assert slit.value("chord_length_mean_z") == pytest.approx(4e-8)
    assert slit.value("specific_surface") == pytest.approx(2 / 16e-8, rel=0.01)
    assert slit.value("tortuosity_x") == pytest.approx(1.0, abs=1e-6)
    assert slit.value("diffusivity_relative_y") == pytest.approx(0.25, abs=1e-6)


def test_what_does_not_connect_is_infinite_and_never_negative(slit):
    assert isinstance(slit.results["tortuosity_z"], Infinite)
    assert slit.value("diffusivity_relative_z") == 0.0
    assert slit.results["connected_z"] == Truth(False, slit.results["connected_z"].meaning, "connected components")
    assert slit.results["connected_x"].value is True


def test_bands_hold_their_values(slit):
    estimates = [result for result in slit.results.values() if isinstance(result, Estimate)]
    assert len(estimates) > 20
    assert all(result.low <= result.value <= result.high for result in estimates)


@pytest.mark.parametrize("fill", [True, False])
def test_an_image_of_one_phase_gives_typed_results(fill):
    found = characterise(VoxelImage(void=np.full((8, 8, 8), fill), spacing=(1e-8,) * 3), only=LIGHT)
    assert found.value("porosity") == float(fill)
    assert isinstance(found.results["local_thickness_mean"], NotDetermined)
    assert found.value("tortuosity_x") == 1.0 if fill else isinstance(found.results["tortuosity_x"], Infinite)


def test_unknown_measures_and_axes_are_refused_together():
    image = VoxelImage(void=np.ones((4, 4, 4), bool), spacing=(1e-8,) * 3)
    with pytest.raises(InvalidInput) as caught:
        characterise(image, only=["porosty"], axes=(3,))
    assert [fault.field for fault in caught.value.faults] == ["only", "axes"]
    assert "porosity" in caught.value.faults[0].remedy


def test_memory_grows_with_the_image_and_names_what_is_cheap():
    assert memory_needed((1000,) * 3, ["porosity", "chords"]) < 8e9 < memory_needed((1000,) * 3, MEASURES)


def test_every_solve_that_did_not_converge_is_a_caution(monkeypatch):
    rng = np.random.default_rng(8)
    image = VoxelImage(void=blobs((20, 20, 20), porosity=0.5, blob_size=2.0, rng=rng), spacing=(1e-8,) * 3)
    monkeypatch.setattr(transport, "MOST_IMBALANCE", 0.0)
    found = characterise_image(image, only=["diffusion", "gas", "viscous"], axes=(2,), device="cpu")
    texts = [caution.text for caution in found.cautions if caution.code == "not-converged"]
    for what in ("diffusion along z", "gas diffusion along z", "flow in tubes along z", "flow in slits along z"):
        assert any(what in text for text in texts)


def test_a_pore_that_correlates_through_the_whole_image_says_so():
    void = np.zeros((16, 16, 16), bool)
    void[:, 4:9, 4:9] = True
    results = characterise_image(VoxelImage(void=void, spacing=(1e-8,) * 3), only=["two-point"], device="cpu").results
    assert "longest distance" in results["correlation_length_x"].reason
    assert results["correlation_length_y"].value > 0.0


@pytest.mark.parametrize("binary", [False, True])
def test_flow_weights_two_straight_tubes_by_the_fourth_power_of_their_diameters(binary):
    wide, narrow = (cylinder((20, 20, 12), diameter, (0.0, 0.0, 1.0)) for diameter in (12.0, 6.0))
    void = np.concatenate([wide, narrow]).astype(np.float32)
    image = VoxelImage(void=void >= 0.5 if binary else void, spacing=(1e-8,) * 3)
    found = characterise(image, only=["viscous", "porometry"], axes=(2,))
    diameter = np.array([12e-8, 6e-8])
    exact = (diameter**5).sum() / (diameter**4).sum()
    # Viscous flow favours the middle of a tube, where the fitted balls lie: 1 to 2 % at six voxels.
    assert found.value("pore_diameter_mean") == pytest.approx(exact, rel=0.03)
    # The wide tube carries 16 parts of 17, so half of the flow passes in it.
    assert found.value("porometry_diameter_mean") == pytest.approx(12e-8, rel=0.03)


def test_all_measures_agree_about_the_axes_that_something_passes_along():
    rng = np.random.default_rng(5)
    seen = set()
    for number in range(6):
        noise = rng.random((12, 12, 12)).astype(np.float32) * np.float32(rng.uniform(0.7, 0.85))
        void = noise if number % 2 else np.clip(blobs(noise.shape, porosity=0.25, blob_size=1.5, rng=rng) - 0.1, 0, 1)
        image = VoxelImage(
            void=void.astype(np.float32), spacing=(1e-8, 1e-8, 2e-8), periodic=tuple(map(bool, rng.random(3) < 0.5))
        )
        found = characterise(image, only=["connection", "intrusion", "diffusion", "gas", "viscous"])
        for axis in "xyz":
            connected = found.results[f"connected_{axis}"].value
            assert (found.value(f"diffusivity_relative_{axis}") > 0) == connected
            assert (found.value(f"diffusivity_gas_N2_{axis}") > 0) == connected
            assert (found.value(f"permeability_{axis}") > 0) == connected
            assert isinstance(found.results[f"bubble_point_diameter_{axis}"], Estimate) == connected
            seen.add(connected)
    assert seen == {True, False}


@pytest.mark.parametrize(("width", "axis"), [(1, 0), (3, 0), (1, 2), (2, 2), (5, 2)])
def test_a_slit_of_voxels_that_are_no_cubes_has_its_width_and_its_flow(width, axis):
    void = np.zeros((12, 12, 12), bool)
    place = [slice(None)] * 3
    place[axis] = slice(3, 3 + width)
    void[tuple(place)] = True
    spacing = (1e-8, 1e-8, 5e-8)
    found = characterise(VoxelImage(void=void, spacing=spacing), only=["local-thickness", "viscous"], axes=(1,))
    opening = width * spacing[axis]
    assert found.value("local_thickness_mean") == pytest.approx(opening, rel=1e-5)
    # The upper end of the band takes the pores as slits.
    assert found.results["permeability_y"].high == pytest.approx(width / 12 * opening**2 / 12, rel=1e-4)


def test_individual_pores_of_a_section_are_discs():
    x, y = np.indices((48, 48))
    disc = (x - 20) ** 2 + (y - 25) ** 2 < 8.2**2
    found = characterise(VoxelImage(void=disc[:, :, None], spacing=(1e-8,) * 3), only=["pores", "network", "viscous"])
    assert found.value("pore_diameter_equivalent_mean") == pytest.approx(2e-8 * np.sqrt(disc.sum() / np.pi), rel=1e-6)
    assert found.value("pore_diameter_inscribed_mean") == pytest.approx(16.4e-8, rel=0.03)
    assert not found.tables["pores"]["touches_face"].any()
    for name in ("network_diffusivity_relative_x", "network_diffusivity_relative_z", "pore_diameter_mean"):
        assert isinstance(found.results[name], NotDetermined)
    assert "in-plane" in {caution.code for caution in found.cautions}


def test_a_film_that_is_all_microcracks_has_their_width():
    image = VoxelImage(
        void=np.full((8, 8, 8), 0.3, np.float32), spacing=(1e-8,) * 3, pore_width=np.full((8, 8, 8), 3e-9, np.float32)
    )
    found = characterise(image, only=["local-thickness", "intrusion", "porometry", "viscous"], axes=(2,))
    for name in ("local_thickness_mean", "bubble_point_diameter_z", "porometry_diameter_mean", "pore_diameter_mean"):
        assert found.value(name) == pytest.approx(3e-9, rel=1e-6)
    # Directions are not known: two thirds of the void conduct.
    assert found.value("permeability_z") == pytest.approx(0.2 * 9e-18 / 12, rel=1e-5)


def test_nothing_passes_a_solid_film():
    found = characterise(VoxelImage(void=np.zeros((6, 6, 6), bool), spacing=(1e-8,) * 3), only=["gas", "viscous"])
    assert found.value("permeability_z") == 0.0
    assert found.value("diffusivity_gas_N2_x") == 0.0
    assert isinstance(found.results["pore_diameter_mean"], NotDetermined)


def test_a_line_of_voxels_says_only_what_a_line_shows():
    line = VoxelImage(void=np.array([1, 1, 0, 1, 0, 0, 1], bool).reshape(1, 1, 7), spacing=(1e-8,) * 3)
    found = characterise(line, only=["local-thickness", "connection"])
    assert "thickness-cut" in {caution.code for caution in found.cautions}
    assert isinstance(found.results["connected_x"], NotDetermined)
    assert found.results["connected_z"].value is False


def test_a_pore_that_meets_itself_around_a_periodic_axis_is_not_said_to_pass_nothing():
    void = np.zeros((12, 12, 16), np.float32)
    void[3:9, 3:9] = 1.0
    image = VoxelImage(void=void, spacing=(1e-8,) * 3, periodic=(False, False, True))
    results = characterise(image, only=("diffusion", "network"), axes=(2,)).results
    assert results["diffusivity_relative_z"].value == pytest.approx(0.25, rel=1e-4)
    assert isinstance(results["network_diffusivity_relative_z"], NotDetermined)
