"""An image through all its measures: names, units, typed results."""

import numpy as np
import pytest

from poreline.membrane import characterise
from poreline.membrane.image import transport
from poreline.membrane.image.characterise import MEASURES, characterise_image, memory_needed
from poreline.quantities import Estimate, Infinite, InvalidInput, NotDetermined, Truth
from poreline.voxels import VoxelImage
from poreline.voxels.phantoms import blobs

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
