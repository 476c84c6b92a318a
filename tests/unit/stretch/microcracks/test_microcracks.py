"""Microcracks below the voxel: count, width, normal, throat."""

import numpy as np
import pytest

from poreline.quantities import InvalidInput
from poreline.stretch.microcracks.microcracks import (
    FibrilClosure,
    microcracks,
    newborn_crazes,
    polar_crack_spacing,
)

NM = 1e-9


def closure(**changes):
    settings = {"fibril_spacing_late": 15.7 * NM, "crack_spacing_largest": 0.25e-6, "breakdown_width": 100 * NM}
    return FibrilClosure(**(settings | changes))


def state(*, void=0.3, broken=0.0, count=8.85e6, spacing=11.7 * NM, gradient=None):
    """One voxel: void ratio less 1, broken share, crazes per m, their mean fibril spacing."""
    gradient = np.diag([3.25, 0.6325, 0.6325]) if gradient is None else np.asarray(gradient)
    count = np.array([count], np.float32)
    return (
        np.array([np.log1p(void)], np.float32),
        np.array([broken], np.float32),
        count,
        (count * np.log(spacing / NM)).astype(np.float32),
        gradient.astype(np.float32).reshape(3, 3, 1),
    )


def test_worked_example_cold_crazes_opened_hot():
    """A void ratio of 0.10 made cold at D0 = 11.6 nm, opened to 0.30 hot at 15.7 nm and r_d^4 = 0.018; J = 1.3, stretch 3.25."""
    cold = newborn_crazes(0.10, 1.0, 11.6 * NM)
    hot = newborn_crazes(0.20, 0.018**0.25, 15.7 * NM)
    count, spacings = cold[0] + hot[0], cold[1] + hot[1]
    assert cold[0] == pytest.approx(8.62e6, rel=1e-3)
    assert hot[0] == pytest.approx(0.23e6, rel=5e-3)
    across = np.sqrt(1.3 / 3.25)
    arrays = (
        np.array([np.log(1.3)], np.float32),
        np.zeros(1, np.float32),
        np.array([count], np.float32),
        np.array([spacings], np.float32),
        np.diag([3.25, across, across]).astype(np.float32).reshape(3, 3, 1),
    )
    covered = microcracks(*arrays, closure(breakdown_width=100 * NM * (1 + 2 * 0.69)))
    bare = microcracks(*arrays, closure())
    # The example's numbers are given to three digits.
    assert covered.width[0] == pytest.approx(84.7 * NM, rel=1e-3)
    assert covered.fibril_spacing[0] == pytest.approx(11.7 * NM, rel=5e-3)
    assert covered.fibril_survival[0] == pytest.approx(0.888, abs=1e-3)
    assert covered.pore_diameter[0] == pytest.approx(15.9 * NM, rel=5e-3)
    assert bare.fibril_survival[0] == pytest.approx(0.582, abs=1e-3)
    assert bare.pore_diameter[0] == pytest.approx(23.1 * NM, rel=5e-3)


def test_widths_of_all_cracks_add_up_to_the_void():
    found = microcracks(*state(), closure())
    # Without elastic growth of volume, det F is the void ratio; the example's state has it to 1e-4.
    assert found.width[0] / found.separation[0] == pytest.approx(found.void_fraction[0], rel=1e-3)
    assert found.void_fraction[0] == pytest.approx(0.3 / 1.3, rel=1e-6)


def test_a_newborn_craze_is_one_fibril_spacing_wide():
    born, _ = newborn_crazes(0.06, 1.0, 11.6 * NM)
    found = microcracks(*state(void=0.06, count=born, spacing=11.6 * NM, gradient=np.diag([1.06, 1.0, 1.0])), closure())
    assert found.width[0] == pytest.approx(11.6 * NM, rel=1e-5)


def test_closing_void_makes_no_crazes():
    assert newborn_crazes(-0.1, 1.0, 10 * NM) == (0.0, 0.0)


def test_few_crazes_are_raised_to_one_in_the_polar_spacing():
    found = microcracks(*state(count=0.0), closure())
    assert found.separation[0] == pytest.approx(3.25 * 0.25e-6, rel=1e-6)
    assert found.fibril_spacing[0] == pytest.approx(15.7 * NM, rel=1e-5)


def test_polar_spacing_is_the_domain_for_small_ones_and_constant_for_large_ones():
    assert polar_crack_spacing(1e-9, 0.4e-6) == pytest.approx(1e-9, rel=0.01)
    assert polar_crack_spacing(1e-3, 0.4e-6) == pytest.approx(0.4e-6, rel=0.01)


@pytest.mark.parametrize("changes", [{"broken": 0.6}, {"void": 3.0}])
def test_without_fibrils_a_crack_is_a_clean_slit(changes):
    found = microcracks(*state(**changes), closure())
    assert found.opened[0]
    assert found.fibril_survival[0] == 0.0
    assert found.pore_diameter[0] == pytest.approx(2.0 * found.width[0], rel=1e-6)
    assert found.throat_width[0] == pytest.approx(found.width[0], rel=1e-6)


def test_half_broken_fibrils_still_bridge():
    assert not microcracks(*state(broken=0.5), closure()).opened[0]


def test_without_void_there_is_no_width_and_no_pore():
    found = microcracks(*state(void=0.0), closure())
    assert found.width[0] == found.pore_diameter[0] == found.void_fraction[0] == 0.0


def test_normals_and_separations_are_those_of_the_largest_stretch():
    rng = np.random.default_rng(2)
    gradient = (np.eye(3)[..., None] + 0.5 * rng.normal(size=(3, 3, 500))).astype(np.float32)
    count = np.full(500, 8e6, np.float32)
    found = microcracks(np.zeros(500, np.float32), np.zeros(500, np.float32), count, count, gradient, closure())
    strain = np.einsum("iav,jav->vij", gradient, gradient)
    values, vectors = np.linalg.eigh(strain)
    cosine = np.abs(np.einsum("iv,vi->v", found.normal, vectors[:, :, -1]))
    np.testing.assert_allclose(cosine, 1.0, atol=1e-5)
    np.testing.assert_allclose(found.separation, np.sqrt(values[:, -1]) / 8e6, rtol=1e-5)
    assert (found.normal[0] >= 0.0).all()


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [((1.0, 1.0, 1.0), (1, 0, 0)), ((2.0, 2.0, 0.5), (1, 0, 0)), ((0.5, 2.0, 2.0), (0, 1, 0))],
)
def test_of_directions_stretched_alike_one_of_them_is_the_normal(stretches, expected):
    found = microcracks(*state(gradient=np.diag(stretches)), closure())
    lengths = np.array(stretches)
    along = np.abs(found.normal[:, 0]) @ (lengths == lengths.max())
    assert along == pytest.approx(1.0, abs=1e-5)
    if expected[0]:
        assert found.normal[0, 0] == pytest.approx(1.0, abs=1e-5)


def test_arrays_of_other_shapes_are_refused_together():
    void, _, count, spacings, gradient = state()
    with pytest.raises(InvalidInput) as caught:
        microcracks(void, np.zeros(2, np.float32), count, spacings, gradient[:2], closure())
    assert [fault.field for fault in caught.value.faults] == ["broken", "gradient"]


def test_lengths_and_shares_out_of_range_are_refused_together():
    with pytest.raises(InvalidInput) as caught:
        closure(fibril_spacing_late=0.0, breakdown_width=np.inf, fibril_volume_fraction=1.0)
    assert [fault.field for fault in caught.value.faults] == [
        "fibril_spacing_late", "breakdown_width", "fibril_volume_fraction",
    ]  # fmt: skip
