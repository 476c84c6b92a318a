"""Mixing: what a measurement replaces, what the line's shear does, and how wrong input is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from poreline.blend import Amounts, BlendConstants, LineShear, Substances, mix
from poreline.blend.copolymer import coverage, uptake
from poreline.materials import default_materials
from poreline.recipe import Measured, Mixing

MATERIALS = default_materials()
MIXING = Mixing(temperature=483.15, shear_rate=50.0)
LINE = LineShear(shear_rate=20.0, total_shear=1000.0)
AMOUNTS = Amounts(first=10.0, second=90.0)


def substances(copolymer: str | None = None, *, anchored: bool = True) -> Substances:
    return Substances(
        first=MATERIALS.polymer("PS"),
        second=MATERIALS.matrix("PP"),
        tension=MATERIALS.tension("PS", "PP"),
        copolymer=MATERIALS.copolymer(copolymer) if copolymer else None,
        anchored=anchored,
    )


def test_a_blend_for_casting_meets_no_line() -> None:
    blend = mix(AMOUNTS, MIXING, None, substances())
    assert blend.domain_diameter_blend == blend.mixed_diameter
    assert blend.viscosity_ratio_line == blend.viscosity_ratio
    assert mix(AMOUNTS, MIXING, LINE, substances()).domain_diameter_blend > blend.domain_diameter_blend


def test_the_mixing_temperature_must_be_known() -> None:
    with pytest.raises(ValueError, match="mixing temperature"):
        mix(AMOUNTS, Mixing(), LINE, substances())


def test_a_measured_viscosity_moves_the_whole_curve_of_its_polymer() -> None:
    nominal = mix(AMOUNTS, MIXING, LINE, substances())
    doubled = Measured(viscosity_second=2.0 * float(nominal.viscosity_second))
    blend = mix(AMOUNTS, MIXING, LINE, substances(), measured=doubled)
    assert blend.viscosity_second == pytest.approx(2.0 * nominal.viscosity_second, rel=1e-12)
    assert blend.viscosity_second_line == pytest.approx(2.0 * nominal.viscosity_second_line, rel=1e-12)
    assert blend.viscosity_ratio == pytest.approx(0.5 * nominal.viscosity_ratio, rel=1e-12)
    assert blend.viscosity_first == nominal.viscosity_first


def test_a_measured_domain_replaces_the_predicted_one_and_keeps_what_led_to_it() -> None:
    measured = Measured(domain_diameter=0.7e-6, domain_diameter_spread=1.4)
    blend = mix(AMOUNTS, MIXING, LINE, substances(), measured=measured)
    assert blend.domain_diameter_blend == 0.7e-6
    assert blend.domain_diameter_spread_blend == 1.4
    assert blend.breakup_diameter == mix(AMOUNTS, MIXING, LINE, substances()).breakup_diameter


def test_a_copolymer_that_does_not_anchor_reaches_the_interface_less() -> None:
    amounts = replace(AMOUNTS, copolymer=5.0)
    anchored = mix(amounts, MIXING, LINE, substances("SEEPS"))
    foreign = mix(amounts, MIXING, LINE, substances("SEEPS", anchored=False))
    assert foreign.copolymer_coverage_blend < anchored.copolymer_coverage_blend
    assert foreign.domain_diameter_blend > anchored.domain_diameter_blend


def test_size_and_coverage_agree_with_one_another() -> None:
    """The fixed point: the coverage that the final size implies is the coverage that the size was computed with."""
    copolymer = MATERIALS.copolymer("SEEPS")
    blend = mix(replace(AMOUNTS, copolymer=5.0), MIXING, LINE, substances("SEEPS"))
    implied = coverage(
        uptake(MIXING, copolymer, BlendConstants(), anchored=True),
        blend.copolymer_volume_fraction_melt,
        copolymer,
        blend.domain_diameter_blend,
        blend.first_volume_fraction_melt,
    )
    assert float(implied) == pytest.approx(float(blend.copolymer_coverage_blend), abs=1e-9)


def test_many_blends_at_once_are_those_one_by_one() -> None:
    shares = np.array([1.0, 5.0, 10.0, 20.0])
    together = mix(Amounts(first=shares, second=100.0 - shares), MIXING, LINE, substances())
    for index, share in enumerate(shares):
        alone = mix(Amounts(first=float(share), second=100.0 - float(share)), MIXING, LINE, substances())
        assert together.domain_diameter_blend[index] == pytest.approx(float(alone.domain_diameter_blend), rel=1e-14)


@pytest.mark.parametrize("copolymer", ["SEEPS", "SEBS", "SEP"])
def test_every_shipped_copolymer_compatibilises(copolymer: str) -> None:
    bare = mix(AMOUNTS, MIXING, LINE, substances())
    covered = mix(replace(AMOUNTS, copolymer=5.0), MIXING, LINE, substances(copolymer))
    assert 0.3 < covered.copolymer_coverage_blend < 1.0
    assert covered.domain_diameter_blend < 0.6 * bare.domain_diameter_blend


def test_a_better_order_of_mixing_brings_more_copolymer_to_the_interface() -> None:
    constants = BlendConstants()
    first, together, second = (
        uptake(Mixing(order=order), MATERIALS.copolymer("SEEPS"), constants, anchored=True)  # type: ignore[arg-type]
        for order in ("premix-first", "simultaneous", "premix-second")
    )
    assert first > together > second > 0.0
