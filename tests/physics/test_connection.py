"""Connection: excluded volumes, connectivity, open share, tortuosity."""

from __future__ import annotations

import numpy as np
import pytest
from tests.physics.films import recipe, results

from poreline.membrane.connectivity import (
    connectivity_number,
    excluded_volumes,
    machine_direction_tortuosity,
    mean_sine,
    open_share,
    smoothed_distance,
    through_connection_probability,
    tortuosity_factor,
)

PRINTED = 0.01
NU = 0.8765


def normals(tilt_degrees: float, count: int, rng: np.random.Generator) -> np.ndarray:
    tilt = np.abs(rng.normal(0.0, np.deg2rad(tilt_degrees), count))
    azimuth = rng.uniform(0.0, 2.0 * np.pi, count)
    return np.stack([np.cos(tilt), np.sin(tilt) * np.cos(azimuth), np.sin(tilt) * np.sin(azimuth)], axis=1)


@pytest.mark.parametrize(("tilt", "sine"), [(5, 0.1042), (10, 0.2055), (20, 0.3891), (30, 0.5343), (40, 0.634)])
def test_mean_angle_between_tilted_cracks(tilt: float, sine: float) -> None:
    """Half-normal tilts, against 200 000 random pairs, which know the mean to 0.2 %."""
    assert float(mean_sine(np.deg2rad(tilt))) == pytest.approx(sine, rel=1e-9)
    rng = np.random.default_rng(3)
    one, two = normals(tilt, 200_000, rng), normals(tilt, 200_000, rng)
    drawn = np.mean(np.sqrt(np.maximum(1.0 - np.sum(one * two, axis=1) ** 2, 0.0)))
    assert float(drawn) == pytest.approx(sine, rel=PRINTED)


def test_two_families_at_right_angles_hit_one_another_more() -> None:
    one, two = float(mean_sine(np.deg2rad(20.0))), float(mean_sine(np.deg2rad(20.0), cross_share=0.5))
    assert two == pytest.approx(0.5 * one + 0.5 * 0.93, rel=1e-12)


def test_isotropic_discs_exclude_pi_squared_a_cubed() -> None:
    cracks, _, _ = excluded_volumes(1.0, np.pi / 4.0, 0.5, 1.0)
    assert float(cracks) == pytest.approx(np.pi**2, rel=1e-12)


def test_spheres_exclude_eight_times_their_volume() -> None:
    _, _, wakes = excluded_volumes(1.0, 0.3, 0.7, 1.0)
    assert float(wakes) == pytest.approx(8.0 * 4.0 / 3.0 * np.pi * 0.7**3, rel=1e-12)


def test_disc_and_sphere_exclude_the_volume_around_the_disc() -> None:
    """Points within R of a disc of radius a, by half a million random points: known to 0.2 %."""
    a, r = 1.0, 0.8
    rng = np.random.default_rng(5)
    half = np.array([r, a + r, a + r])
    points = rng.uniform(-half, half, (500_000, 3))
    beyond = np.maximum(np.hypot(points[:, 1], points[:, 2]) - a, 0.0)
    near = np.mean(np.hypot(points[:, 0], beyond) <= r)
    _, mixed, _ = excluded_volumes(a, 0.3, r, 1.0)
    assert float(mixed) == pytest.approx(float(near) * float(np.prod(2.0 * half)), rel=PRINTED)


def test_connectivity_of_cracks_and_wakes() -> None:
    """a = 1 um, R = 0.8 um, 0.3 cracks and 0.06 wakes per um3."""
    volumes = excluded_volumes(1.0, 0.3891, 0.8, 1.0)
    cracks, mixed, wakes = (float(v) for v in volumes)
    matrix = np.array([[0.3 * cracks, 0.06 * mixed], [0.3 * mixed, 0.06 * wakes]])
    assert matrix == pytest.approx(np.array([[1.4669, 0.8093], [4.0463, 1.0294]]), rel=PRINTED)
    found = float(connectivity_number(0.3, 0.06, volumes))
    assert found == pytest.approx(3.0709, rel=PRINTED)
    assert found == pytest.approx(float(np.max(np.linalg.eigvals(matrix).real)), rel=1e-12)


def test_without_wakes_the_cracks_alone_count_and_the_other_way_round() -> None:
    volumes = excluded_volumes(1.0, 0.3891, 0.8, 1.0)
    assert float(connectivity_number(0.3, 0.0, volumes)) == pytest.approx(0.3 * float(volumes[0]), rel=1e-12)
    assert float(connectivity_number(0.0, 0.06, volumes)) == pytest.approx(0.06 * float(volumes[2]), rel=1e-12)
    assert float(connectivity_number(0.0, 0.0, volumes)) == 0.0


def test_twice_the_threshold() -> None:
    """In a thick film without rounding x = 1: tau = 3.536, P_open = 0.8647."""
    distance = smoothed_distance(2.0, 1e-6)
    assert float(distance) == pytest.approx(1.0, rel=1e-9)
    assert float(tortuosity_factor(distance, 0.8, 1.5)) == pytest.approx(3.536, rel=PRINTED)
    assert float(open_share(distance, 2.0)) == pytest.approx(0.8647, rel=PRINTED)


def test_far_above_the_threshold_the_way_is_a_quarter_longer() -> None:
    assert float(tortuosity_factor(1e6, 0.8, 1.5)) == pytest.approx(1.25, rel=1e-4)
    assert float(open_share(1e6, 2.0)) == 1.0


def test_far_below_the_threshold_nothing_is_connected() -> None:
    assert float(smoothed_distance(0.0, 0.05)) == pytest.approx(0.0, abs=1e-9)
    assert float(through_connection_probability(0.0, 100.0, NU)) < 1e-6


def test_a_thick_film_connects_sharply_and_a_thin_one_gradually() -> None:
    thin = through_connection_probability(np.array([0.8, 1.0, 1.2]), 2.0, NU)
    thick = through_connection_probability(np.array([0.8, 1.0, 1.2]), 100.0, NU)
    assert thin[1] == thick[1] == 0.5
    assert thick[0] < thin[0] < 0.5 < thin[2] < thick[2]


def test_the_way_along_the_machine_is_three_times_as_tortuous() -> None:
    assert machine_direction_tortuosity(2.0) == 6.0


@pytest.mark.parametrize(
    ("name", "ratio", "opened", "tau"),
    [
        ("PET15/PP85", 4.0498, 0.99776, 1.9127),
        ("PS10/PP90", 2.5890, 0.95833, 2.5997),
        ("PS10/PP90+SEEPS5", 1.4199, 0.56824, 7.7719),
        ("PS15/PP85+SEEPS7.5", 1.8225, 0.80698, 4.1231),
    ],
)
def test_connection_of_the_examples(name: str, ratio: float, opened: float, tau: float) -> None:
    found = results(recipe(name), ())
    assert found["connectivity"] == pytest.approx(ratio, rel=1e-3)
    assert found["open_share"] == pytest.approx(opened, rel=1e-3)
    assert found["tortuosity"] == pytest.approx(tau, rel=1e-3)


def test_compatibilised_films_connect_near_a_hundred_percent_and_bare_ones_before_25() -> None:
    assert results(recipe("PS10/PP90+SEEPS5", 100), ())["connectivity"] == pytest.approx(1.1, abs=0.05)
    assert results(recipe("PS10/PP90", 25), ())["connectivity"] > 1.0
    assert results(recipe("PET15/PP85", 25), ())["connectivity"] > 1.0
