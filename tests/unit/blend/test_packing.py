"""Domains in space keep their sizes, their volume fraction and their distance."""

import math

import numpy as np
import pytest

from poreline.blend.packing import ARRANGEMENTS, domain_diameters, pack
from poreline.quantities import InvalidInput

MICRON = 1e-6


def smallest_gap(packing):
    """Smallest distance between the surfaces of balls, over all periodic images."""
    apart = packing.centres[:, None] - packing.centres[None]
    apart -= packing.edge * np.round(apart / packing.edge)
    radius = packing.radius
    gaps = np.sqrt((apart**2).sum(axis=2)) - radius[:, None] - radius[None]
    gaps[np.diag_indices(packing.count)] = packing.edge - 2.0 * radius
    return gaps.min()


def balls(**changes):
    settings = {"diameter_median": MICRON, "diameter_spread": 1.5, "volume_fraction": 0.15, "count": 27} | changes
    return pack(**settings)


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize(("volume_fraction", "spread"), [(0.05, 1.6), (0.30, 1.0), (0.45, 1.0), (0.45, 1.6)])
def test_domains_keep_their_gap_up_to_45_percent(arrangement, volume_fraction, spread):
    gap = 0.04 * MICRON
    found = balls(
        volume_fraction=volume_fraction, diameter_spread=spread, count=48, gap=gap, arrangement=arrangement, seed=5
    )
    assert smallest_gap(found) >= found.gap * (1.0 - 1e-9) >= gap * (1.0 - 1e-9)
    volume = (math.pi / 6.0 * (2.0 * found.radius) ** 3).sum()
    assert volume / found.edge**3 == pytest.approx(volume_fraction, rel=1e-12)
    assert ((found.centres >= 0.0) & (found.centres <= found.edge)).all()


def test_spread_out_domains_are_much_further_apart_than_random_ones():
    loose, tight = balls(seed=1), balls(seed=1, arrangement="anti-clustered")
    assert smallest_gap(tight) > 3.0 * smallest_gap(loose)


def test_spread_out_domains_scatter_less_than_chance_and_random_ones_like_hard_balls():
    def dispersion(arrangement):
        found = [balls(count=64, volume_fraction=0.05, seed=seed, arrangement=arrangement) for seed in range(6)]
        tallies = [
            np.bincount(
                np.ravel_multi_index(np.floor(p.centres.T / p.edge * 2.999).astype(int), (3, 3, 3)), minlength=27
            )
            for p in found
        ]
        return np.mean([tally.var(ddof=1) / tally.mean() for tally in tallies])

    # Points thrown at random have 1; six sets of 27 sub-volumes tell it to about 0.1.
    assert dispersion("anti-clustered") < 0.6
    assert 0.7 < dispersion("random") < 1.1


def test_same_seed_gives_the_same_places_and_another_seed_others():
    np.testing.assert_array_equal(balls(seed=3).centres, balls(seed=3).centres)
    assert np.abs(balls(seed=3).centres - balls(seed=4).centres).max() > 0.1 * MICRON


@pytest.mark.parametrize("count", [2, 8, 9, 64])
def test_a_few_domains_have_the_median_and_spread_of_all(count):
    diameters = domain_diameters(0.63 * MICRON, 1.6, count)
    logs = np.log(diameters / MICRON)
    assert np.exp(logs.mean()) == pytest.approx(0.63)
    assert np.exp(logs.std()) == pytest.approx(1.6)
    assert (np.diff(diameters) <= 0.0).all()


def test_many_domains_have_the_number_mean_of_the_log_normal_distribution():
    expected = math.exp(0.5 * math.log(1.6) ** 2)
    assert domain_diameters(1.0, 1.6, 1000).mean() == pytest.approx(expected, rel=2e-3)


def test_one_domain_has_the_median_and_fills_its_share():
    found = balls(count=1, volume_fraction=0.1)
    assert found.radius[0] == pytest.approx(0.5 * MICRON)
    assert (found.radius[0] / found.edge) ** 3 * 4.0 / 3.0 * math.pi == pytest.approx(0.1)


@pytest.mark.parametrize("aspect_ratio", [0.5, 3.0])
def test_drawn_out_domains_keep_volume_ratio_and_gap(aspect_ratio):
    gap = 0.05 * MICRON
    found = balls(aspect_ratio=aspect_ratio, count=64, diameter_spread=1.2, volume_fraction=0.25, gap=gap, seed=2)
    axes = found.semi_axes
    np.testing.assert_allclose(axes[:, 0] / axes[:, 1], aspect_ratio)
    np.testing.assert_allclose(axes[:, 1], axes[:, 2])
    np.testing.assert_allclose(np.sort(2.0 * found.radius), np.sort(domain_diameters(MICRON, 1.2, 64)))
    # An ellipsoid with semi-axes longer by the gap lies within the gap of the ellipsoid itself: no other surface enters it.
    steps = np.random.default_rng(0).normal(size=(400, 3))
    steps /= np.linalg.norm(steps, axis=1, keepdims=True)
    for one in range(found.count):
        surface = found.centres[one] + steps * axes[one]
        for other in range(found.count):
            if other != one:
                apart = surface - found.centres[other]
                apart -= found.edge * np.round(apart / found.edge)
                assert ((apart / (axes[other] + gap)) ** 2).sum(axis=1).min() > 1.0


def test_the_voxels_that_resolve_the_smallest_domain():
    found = balls(aspect_ratio=2.0, count=64)
    voxels = found.voxels_for(5.0)
    assert found.semi_axes.min() / (found.edge / voxels) >= 5.0 - 1e-9
    assert found.semi_axes.min() / (found.edge / (voxels - 1)) < 5.0


def test_too_dense_a_packing_tells_what_can_be_reached_and_that_can_be_packed():
    settings = {"diameter_spread": 1.0, "count": 32, "gap": 0.1 * MICRON}
    with pytest.raises(InvalidInput) as caught:
        balls(volume_fraction=0.6, **settings)
    (fault,) = caught.value.faults
    assert fault.field == "volume_fraction"
    reachable = float(fault.limit.split()[2])
    # Balls at random fill 0.60 to 0.64; a gap of a tenth of the diameter leaves 1.1^-3 of it.
    assert 0.42 < reachable < 0.50
    assert smallest_gap(balls(volume_fraction=reachable - 0.02, **settings)) >= 0.1 * MICRON * (1.0 - 1e-9)


def test_a_domain_as_long_as_the_cube_is_said_to_meet_its_own_image():
    with pytest.raises(InvalidInput, match="own image"):
        balls(count=1, volume_fraction=0.6)


def test_every_wrong_setting_is_named_at_once():
    with pytest.raises(InvalidInput) as caught:
        balls(diameter_median=0.0, diameter_spread=0.5, volume_fraction=1.0, count=0, aspect_ratio=100.0, gap=-1.0,
              arrangement="clustered", seed=-1)  # fmt: skip
    assert [fault.field for fault in caught.value.faults] == [
        "diameter_median", "diameter_spread", "volume_fraction", "count", "aspect_ratio", "gap", "seed", "arrangement",
    ]  # fmt: skip
