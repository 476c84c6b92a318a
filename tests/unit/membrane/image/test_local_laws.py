"""Conductances of single pores against their closed formulas, limits and published values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from poreline.membrane.image.local_laws import (
    diffusivity_local,
    duct_conductivity,
    ellipse_conductivity,
    hydraulic_conductivity_local,
    mean_molecular_speed,
    slit_conductivity,
    slit_knudsen_diffusivity,
    tube_conductivity,
    tube_knudsen_diffusivity,
)
from poreline.quantities import NotDetermined
from poreline.separation.gas import knudsen_diffusivity

NITROGEN_SPEED = math.sqrt(8.0 * 8.314462618 * 298.15 / (math.pi * 28.0134e-3))


def test_nitrogen_at_room_temperature_moves_at_475_metres_a_second() -> None:
    assert mean_molecular_speed(28.0134e-3, 298.15) == pytest.approx(NITROGEN_SPEED, rel=1e-12)
    assert mean_molecular_speed(28.0134e-3, 298.15) == pytest.approx(474.7, abs=0.1)


def test_there_is_one_knudsen_law() -> None:
    for diameter in (1e-9, np.array([2e-9, 20e-9])):
        of_separation = knudsen_diffusivity(diameter, 28.0134e-3, 298.15)
        assert np.array_equal(of_separation, tube_knudsen_diffusivity(diameter, mean_molecular_speed(28.0134e-3, 298.15)))  # fmt: skip
    assert knudsen_diffusivity(10e-9, 28.0134e-3, 298.15) == pytest.approx(1.582e-6, rel=1e-3)


def test_an_ellipse_with_equal_axes_is_a_tube() -> None:
    assert ellipse_conductivity(3e-9, 3e-9) == pytest.approx(tube_conductivity(6e-9), rel=1e-14)


def test_a_flat_ellipse_carries_three_quarters_of_a_slit_of_its_widest_opening() -> None:
    # b^2/4 against (2b)^2/12: the limit a >> b of a^2 b^2 / (4 (a^2 + b^2)).
    assert ellipse_conductivity(1.0, 1e-6) == pytest.approx(0.75 * slit_conductivity(2e-6), rel=1e-9)


def test_the_flow_through_an_ellipse_is_the_published_one() -> None:
    a, b = 5e-9, 2e-9
    flow = ellipse_conductivity(a, b) * math.pi * a * b
    assert flow == pytest.approx(math.pi * a**3 * b**3 / (4.0 * (a**2 + b**2)), rel=1e-14)


def test_a_square_duct_carries_the_published_flow() -> None:
    assert duct_conductivity(2.0, 2.0) * 4.0 == pytest.approx(0.035144 * 2.0**4, rel=2e-5)  # five digits published


def test_a_wide_duct_is_a_slit_less_its_two_ends() -> None:
    # tanh -> 1: the series tends to 1 - 0.630 h / w.
    assert duct_conductivity(1000.0, 1.0) == pytest.approx(slit_conductivity(1.0) * (1.0 - 0.63025e-3), rel=1e-6)
    assert duct_conductivity(1.0, 1000.0) == duct_conductivity(1000.0, 1.0)


def test_conductances_accept_arrays() -> None:
    widths = np.array([[1.0], [2.0]])
    assert duct_conductivity(widths, np.array([1.0, 2.0, 3.0])).shape == (2, 3)
    assert tube_conductivity(widths).shape == slit_conductivity(widths).shape == (2, 1)


def test_a_tube_of_10_nm_has_the_published_knudsen_diffusivity_of_nitrogen() -> None:
    assert tube_knudsen_diffusivity(10e-9, NITROGEN_SPEED) == pytest.approx(1.582e-6, rel=5e-4)  # four digits given


def test_a_slit_without_a_breadth_has_no_knudsen_diffusivity() -> None:
    found = slit_knudsen_diffusivity(10e-9, NITROGEN_SPEED)
    assert isinstance(found, NotDetermined)
    assert "breadth" in found.reason


def test_the_knudsen_diffusivity_of_a_slit_grows_with_the_logarithm_of_its_breadth() -> None:
    narrow, wide = (slit_knudsen_diffusivity(1e-9, 400.0, breadth=b) for b in (1e-7, 1e-5))
    assert not isinstance(narrow, NotDetermined)
    assert not isinstance(wide, NotDetermined)
    assert wide - narrow == pytest.approx(0.25 * 1e-9 * 400.0 * math.log(100.0), rel=1e-12)


def mean_distance_to_wall(width: float, breadth: float) -> float:
    """Mean over the section of a duct, and over all directions in it, of the distance to the wall."""
    angles = (np.arange(360) + 0.5) * (math.pi / 2.0 / 360)
    x, y = np.meshgrid((np.arange(200) + 0.5) / 200 * breadth, (np.arange(40) + 0.5) / 40 * width, indexing="ij")
    runs = [np.minimum((breadth - x) / math.cos(a), (width - y) / math.sin(a)).mean() for a in angles]
    return float(np.mean(runs))


def test_a_wide_slit_follows_the_integral_over_free_flights() -> None:
    # A wall that forgets directions: D = <v_z dz to the wall> = v <distance in the section> <cos^2 / sin> = pi/4 v <...>,
    # which for a circle (8 R / 3 pi) is Knudsen's d v / 3.
    assert math.pi / 4.0 * 8.0 / (3.0 * math.pi) == pytest.approx(tube_knudsen_diffusivity(2.0, 1.0))
    found = slit_knudsen_diffusivity(1.0, 1.0, breadth=100.0)
    assert found == pytest.approx(math.pi / 4.0 * mean_distance_to_wall(1.0, 100.0), rel=0.01)  # terms of order w / W


def test_a_wide_pore_diffuses_as_free_space_and_a_narrow_one_as_its_walls_allow() -> None:
    assert diffusivity_local(1.0, 2e-5, 475.0) == pytest.approx(2e-5, rel=1e-6)
    assert diffusivity_local(1e-12, 2e-5, 475.0, "tube") == pytest.approx(1e-12 * 475.0 / 3.0, rel=1e-5)
    assert diffusivity_local(0.0, 2e-5, 475.0) == 0.0


@pytest.mark.parametrize("voxels", [1, 2, 3, 7, 20])
def test_the_mean_over_a_slit_is_exact_at_any_number_of_voxels(voxels: int) -> None:
    place = np.arange(voxels) + 0.5
    distance = np.minimum(place, voxels - place) * 1e-9
    found = hydraulic_conductivity_local(np.full(voxels, voxels * 1e-9), distance, (1e-9, 1e-9, 1e-9))
    # An odd slit has a voxel across its middle, where the distance has a kink and the profile has none.
    assert float(np.mean(found)) == pytest.approx(slit_conductivity(voxels * 1e-9), rel=1e-9)


def test_the_mean_over_a_tube_of_twenty_voxels_is_that_of_poiseuille() -> None:
    place = np.arange(24) - 11.5
    radius = np.hypot(*np.meshgrid(place, place))
    inside = radius < 10.0
    found = hydraulic_conductivity_local(np.full(radius.shape, 20.0), 10.0 - radius, (1.0, 1.0, 1.0), "tube")
    # The flow of all voxels over the true section; the rough outline is worth 1 % at ten voxels a radius.
    assert float(found[inside].sum()) / (math.pi * 100.0) == pytest.approx(tube_conductivity(20.0), rel=0.01)


def test_no_flow_beyond_the_wall() -> None:
    assert hydraulic_conductivity_local(4.0, 0.0, (1.0, 1.0, 1.0)) == 0.0


def test_a_slit_narrower_than_its_voxel_flows_as_a_slit() -> None:
    width = 0.6
    found = hydraulic_conductivity_local(width, 0.5 * width, (1.0, 1.0, 1.0))
    assert found == pytest.approx(slit_conductivity(width), rel=1e-12)


@pytest.mark.parametrize(("edges", "across"), [((1.0, 1.0, 4.0), 1.0), ((1.0, 1.0, 4.0), 4.0)])
def test_only_the_edge_across_the_wall_counts(edges: tuple[float, float, float], across: float) -> None:
    width = 3.0 * across
    distance = np.array([0.5, 1.5, 0.5]) * across
    found = hydraulic_conductivity_local(width, distance, edges, edge_across=across)
    assert float(np.mean(found)) == pytest.approx(slit_conductivity(width), rel=1e-12)
