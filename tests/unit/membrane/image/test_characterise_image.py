"""An image through all its measures: names, units, typed results."""

import numpy as np
import pytest

from poreline.membrane import characterise
from poreline.membrane.image.characterise import MEASURES, memory_needed
from poreline.quantities import Estimate, Infinite, InvalidInput, NotDetermined, Truth
from poreline.voxels import VoxelImage

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
