"""From a film to a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.unit.line.volume.volume_recipes import short_recipe, understood

from poreline.blend.voxelise import DOMAIN, LAYER
from poreline.line import simulate
from poreline.line.volume import prepare, volume_settings
from poreline.line.volume.cell import (
    FEWEST_DOMAINS,
    RESOLVED_RADIUS,
    CellPlan,
    cell_cautions,
    cell_edge,
    cell_plan,
    domains_that_fit,
    packed,
)
from poreline.line.volume.settings import VolumeSettings
from poreline.quantities import InvalidInput

COPOLYMER = {
    "first": {"polymer": "PS", "parts": 10},
    "second": {"polymer": "PP", "parts": 90},
    "compatibiliser": {"copolymer": "SEEPS", "parts": 5},
}


def planned(settings: VolumeSettings, **changes: Any) -> CellPlan:
    made = simulate(understood(**changes), samples=50, causes=())
    assert made.nominal.film is not None
    return cell_plan(made.plan, made.nominal.film, settings)  # type: ignore[arg-type]


def test_the_median_radius_has_five_voxels_and_one_more_domain_would_not() -> None:
    cell = planned(volume_settings(voxels=64))
    assert cell.median_radius_in_voxels >= RESOLVED_RADIUS
    film = cell.film
    assert domains_that_fit(film, 64) == cell.domains
    longest = 0.5 * float(film.domain_diameter_median) * 64 / RESOLVED_RADIUS
    assert cell_edge(film, cell.domains) <= longest < cell_edge(film, cell.domains + 1)


def test_a_coarse_grid_keeps_a_few_domains_and_says_that_they_are_coarse() -> None:
    settings = volume_settings(voxels=16)
    cell = planned(settings)
    assert cell.domains == FEWEST_DOMAINS
    assert {"domains-coarse", "grid-coarse"} <= {caution.code for caution in cell_cautions(cell, settings)}


def test_the_number_of_domains_fixes_the_edge_by_the_volume_fraction() -> None:
    cell = planned(volume_settings(voxels=32, domains=8))
    blend = packed(cell, 0)
    assert blend.voxel_edge * 32 == pytest.approx(cell.edge, rel=1e-9)
    # Domains, half of their layer and the inset of a quarter of a voxel: radii r; a voxel of layer rounds by a few per cent.
    inside = np.count_nonzero(blend.phase == DOMAIN) + 0.7 * np.count_nonzero(blend.phase == LAYER)
    assert inside / blend.phase.size == pytest.approx(float(cell.film.blend.first_volume_fraction), rel=0.1)


def test_a_copolymer_makes_a_shell_and_none_a_bare_interface() -> None:
    bare, shell = planned(volume_settings(voxels=32)), planned(volume_settings(voxels=32), composition=COPOLYMER)
    assert (bare.interface, bare.shell_thickness) == ("bare", 0.0)
    assert shell.interface == "shell"
    assert 5e-9 < shell.shell_thickness < 15e-9  # Sigma M_c/(rho_c N_A) of a nearly saturated interface


def test_seeds_place_domains_anew_and_equal_seeds_alike() -> None:
    cell = planned(volume_settings(voxels=24))
    first, again, other = packed(cell, 1), packed(cell, 1), packed(cell, 2)
    assert np.array_equal(first.phase, again.phase)
    assert not np.array_equal(first.phase, other.phase)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"width": "fixed"}, "stretch[1].width"), ({"direction": "transverse"}, "stretch[1].direction")],
)
def test_draws_that_are_not_settled_are_refused_with_the_reason(change: dict[str, str], field: str) -> None:
    steps = short_recipe()["stretch"]
    steps[1] |= change
    with pytest.raises(InvalidInput) as error:
        prepare(understood(stretch=steps), volume_settings(voxels=16), samples=50)
    (fault,) = error.value.faults
    assert fault.field == field
    assert "mean-field" in fault.remedy


def test_a_film_that_is_not_drawn_or_has_no_domains_is_refused() -> None:
    nothing = {"first": {"polymer": "PS", "parts": 0}, "second": {"polymer": "PP", "parts": 100}}
    with pytest.raises(InvalidInput) as error:
        prepare(understood(stretch=[], composition=nothing), volume_settings(voxels=16), samples=50)
    assert {fault.field for fault in error.value.faults} == {"stretch", "composition.first"}


def test_a_volume_fraction_that_cannot_be_packed_names_the_reachable_one() -> None:
    much = {"first": {"polymer": "PS", "parts": 68}, "second": {"polymer": "PP", "parts": 32}}
    with pytest.raises(InvalidInput) as error:
        prepare(understood(composition=much), volume_settings(voxels=24, domains=6), samples=50)
    (fault,) = error.value.faults
    assert fault.field == "volume_fraction"
    assert "up to 0." in fault.limit


def test_a_measured_membrane_has_no_film_to_draw() -> None:
    from poreline.line import parameter_names
    from poreline.recipe import read_recipe_table

    membrane = {"porosity": "40 %", "pore_diameter_mean": "40 nm", "thickness": "25 um"}
    read = read_recipe_table({"name": "m", "membrane": membrane}, parameter_names=parameter_names())
    with pytest.raises(InvalidInput, match="no film to draw"):
        prepare(read, volume_settings(voxels=16), samples=50)
