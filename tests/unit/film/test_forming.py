"""Film forming: extrusion, casting from melt and solution, spray."""

from __future__ import annotations

import numpy as np
import pytest

from poreline.blend import Amounts, Blend, Substances, mix
from poreline.film import form, line_shear
from poreline.film.casting import evaporation_time, viscous_coarsening, wet_thickness
from poreline.film.extrusion import die_gap, draw_down, film_thickness
from poreline.film.spray import broadened, drying_time, splats
from poreline.materials import default_materials
from poreline.recipe import Extrusion, Measured, MeltCasting, Mixing, SolutionCasting, Spraying

MATERIALS = default_materials()


def blend(copolymer: float = 0.0) -> Blend:
    return mix(
        Amounts(first=10.0, second=90.0, copolymer=copolymer),
        Mixing(temperature=483.15),
        line_shear(Extrusion()),
        Substances(
            first=MATERIALS.polymer("PS"),
            second=MATERIALS.matrix("PP"),
            tension=MATERIALS.tension("PS", "PP"),
            copolymer=MATERIALS.copolymer("SEEPS") if copolymer else None,
        ),
    )


def test_only_a_melt_is_sheared_between_mixer_and_film() -> None:
    assert line_shear(Extrusion()) == line_shear(MeltCasting())
    assert line_shear(Spraying()) is None
    assert line_shear(SolutionCasting(source="solution")) is None


# Extrusion


@pytest.mark.parametrize(
    ("film", "thickness", "gap", "draw"),
    [
        (Extrusion(), 100e-6, 500e-6, 5.0),
        (Extrusion(thickness=50e-6), 50e-6, 500e-6, 10.0),
        (Extrusion(draw_down=10.0), 50e-6, 500e-6, 10.0),
        (Extrusion(thickness=50e-6, draw_down=4.0), 50e-6, 200e-6, 4.0),
        (Extrusion(die_gap=1e-3, draw_down=10.0, width_ratio=0.8), 125e-6, 1e-3, 10.0),
        (Extrusion(thickness=100e-6, die_gap=400e-6, width_ratio=0.8), 100e-6, 400e-6, 5.0),
    ],
)
def test_two_of_gap_thickness_and_draw_down_give_the_third(
    film: Extrusion, thickness: float, gap: float, draw: float
) -> None:
    assert film_thickness(film) == pytest.approx(thickness, rel=1e-12)
    assert die_gap(film) == pytest.approx(gap, rel=1e-12)
    assert draw_down(film) == pytest.approx(draw, rel=1e-12)
    assert die_gap(film) == pytest.approx(film_thickness(film) * draw_down(film) * film.width_ratio, rel=1e-12)


def test_domains_relax_to_spheres_unless_a_draw_time_is_given() -> None:
    assert form(blend(), Extrusion()).domain_aspect_ratio == 1.0
    aspects = [float(form(blend(), Extrusion(draw_time=time)).domain_aspect_ratio) for time in (0.0, 0.1, 1.0, 100.0)]
    assert aspects == sorted(aspects, reverse=True)
    assert aspects[-1] == pytest.approx(1.0, abs=0.05), "a slow draw leaves them round"


def test_a_draw_of_no_time_at_all_leaves_the_affine_drop() -> None:
    """Length over width of a drop that takes f ln(5) of the elongation without relaxing."""
    made = blend()
    follow = 5.0 / (2.0 * float(made.viscosity_ratio_line) + 3.0)
    film = form(made, Extrusion(draw_time=0.0))
    assert float(film.domain_aspect_ratio) == pytest.approx(np.exp(1.5 * follow * np.log(5.0)), rel=1e-6)


def test_drawn_out_domains_are_narrower_across() -> None:
    film = form(blend(), Extrusion(draw_time=0.1))
    assert film.domain_diameter_across < film.domain_diameter_median
    assert form(blend(), Extrusion()).domain_diameter_across == film.domain_diameter_median


# Casting


def test_a_melt_at_rest_coarsens_less_with_copolymer() -> None:
    growth = {}
    for parts in (0.0, 5.0):
        made = blend(parts)
        film = form(made, MeltCasting(melt_time=600.0))
        growth[parts] = float(film.domain_diameter_median / made.domain_diameter_blend)
    assert growth[0.0] == pytest.approx(3.0 ** (1.0 / 3.0), rel=1e-12), "1 + 600 s/300 s, cubic root"
    assert 1.0 < growth[5.0] < growth[0.0]


def test_the_wet_film_holds_what_the_dry_one_weighs() -> None:
    by_gap = SolutionCasting(source="solution", solids=0.1, wet_thickness=500e-6)
    by_thickness = SolutionCasting(source="solution", solids=0.1, thickness=50e-6)
    assert float(form(blend(), by_gap).film_thickness_unstretched) == pytest.approx(50e-6, rel=1e-12)
    assert wet_thickness(by_thickness) == pytest.approx(500e-6, rel=1e-12)
    assert form(blend(), SolutionCasting(source="solution")).film_thickness_unstretched == 100e-6


def test_a_solvent_leaves_in_proportion_to_what_there_is_of_it() -> None:
    """0.5 mm of a 10 % solution at 1 g/(m2 s): 0.45 mm of liquid of 900 kg/m3 in 405 s."""
    assert evaporation_time(SolutionCasting(source="solution", wet_thickness=500e-6)) == pytest.approx(405.0, rel=1e-12)


def test_slow_drying_coarsens_up_to_a_third_of_the_film() -> None:
    def diameter(**changes: float) -> float:
        film = SolutionCasting(source="solution", wet_thickness=500e-6, **changes)
        return float(form(blend(), film).domain_diameter_median)

    assert diameter(evaporation_flux=1e-2, demixing_viscosity=100.0) > diameter(
        evaporation_flux=1e-1, demixing_viscosity=100.0
    )
    assert diameter(demixing_viscosity=1e-3) == pytest.approx(0.3 * 50e-6, rel=1e-12)
    assert float(viscous_coarsening(5e-3, SolutionCasting(source="solution", wet_thickness=500e-6))) > 0.0


def test_the_copolymer_in_solution_makes_finer_domains_or_leaves_the_bound_of_a_droplet() -> None:
    casting = SolutionCasting(source="solution", wet_thickness=500e-6, evaporation_flux=1e-2, demixing_viscosity=100.0)
    assert form(blend(5.0), casting).domain_diameter_median < form(blend(), casting).domain_diameter_median
    sprayed = form(blend(5.0), Spraying())
    assert sprayed.copolymer_coverage > 0.5
    assert sprayed.domain_diameter_spread < form(blend(), Spraying()).domain_diameter_spread


def test_a_suspension_keeps_the_domains_of_its_blend() -> None:
    made = blend()
    film = form(made, SolutionCasting(source="solution", suspension=True))
    assert film.domain_diameter_median == made.domain_diameter_blend
    sprayed = form(made, Spraying(suspension=True))
    assert float(sprayed.domain_diameter_median) == pytest.approx(float(made.domain_diameter_blend), rel=1e-12)
    fine = form(made, Spraying(suspension=True, droplet_diameter=2e-6))
    assert fine.domain_diameter_median < made.domain_diameter_blend, "a droplet holds no domain larger than its content"


# Spray


def test_a_hundred_micrometres_are_many_splats() -> None:
    assert splats(100e-6, 40e-6, 0.05) == pytest.approx(100.0 / (0.1 * 40.0 * 0.05 ** (1 / 3)), rel=1e-12)
    assert float(form(blend(), Spraying()).splats_per_thickness) > 5.0  # type: ignore[arg-type]
    assert form(blend(), Extrusion()).splats_per_thickness is None


def test_a_droplet_dries_within_a_second() -> None:
    assert drying_time(40e-6, 3e-9) == pytest.approx(0.533, rel=1e-3)
    assert broadened(1.0) == pytest.approx(np.exp(0.3), rel=1e-12)


def test_porosity_between_splats_is_there_before_the_stretch() -> None:
    assert form(blend(), Spraying(residual_porosity=0.1)).residual_porosity == 0.1


# Measurements


@pytest.mark.parametrize("film", [Extrusion(), MeltCasting(), SolutionCasting(source="solution"), Spraying()])
def test_a_measurement_replaces_the_prediction_in_every_process(
    film: Extrusion | MeltCasting | SolutionCasting | Spraying,
) -> None:
    measured = Measured(film_thickness=80e-6, domain_diameter=0.7e-6, domain_diameter_spread=1.4)
    made = form(blend(), film, measured=measured)
    assert made.film_thickness_unstretched == 80e-6
    assert made.domain_diameter_median == 0.7e-6
    assert made.domain_diameter_spread == 1.4
    assert made.domain_diameter_large == pytest.approx(0.7e-6 * 1.4**1.645, rel=1e-12)
