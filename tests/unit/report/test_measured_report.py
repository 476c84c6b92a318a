"""The report of a measurement: complete, self-contained, reproducible, safe whatever a file's name holds, and small."""

from __future__ import annotations

import base64
import dataclasses
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from tests.unit.report.measured_images import SPACING, measurement, section, sponge, structure

from poreline.claims import MeasuredFacts, check
from poreline.quantities import Estimate, Infinite, NotDetermined, Truth
from poreline.report.claims_view import judged_on_image
from poreline.report.measured import render_measured_report
from poreline.report.measured.curves import equivalent_diameters, histogram_panel
from poreline.report.measured.html import drawn
from poreline.report.measured.machine import measurement_object
from poreline.report.measured.pictures import reduced, round_length, section_pictures
from poreline.report.measured.results_view import group_of, groups, headline_results, label_of, shown_result
from poreline.report.measured.surface import (
    MOST_TRIANGLES,
    Mesh,
    block_means,
    encoded,
    still,
    surface_mesh,
    view_axes,
)
from poreline.voxels import VoxelImage

HOSTILE = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> $\\frac{1}{2}$ 'q' &amp; {{ 7*7 }}"


class Reading(HTMLParser):
    """The tags, identifiers, addresses and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.identifiers, self.addresses, self.handlers, self.words = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.identifiers.append(value)
            if name in {"src", "href", "xlink:href", "action", "data", "poster", "srcset"}:
                self.addresses.append(value)
            if name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return re.sub(r"[ \n]+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def made():
    return {"sponge": sponge(), "closed": sponge(30, connected=False), "section": section()}


@pytest.fixture(scope="module")
def pages(made):
    return {kind: render_measured_report(one) for kind, one in made.items()}


# The page


@pytest.mark.parametrize("kind", ["sponge", "closed", "section"])
def test_a_page_refers_to_nothing_outside_itself(pages, kind):
    page = Reading(pages[kind])
    assert [address for address in page.addresses if not address.startswith(("#", "data:image/png;base64,"))] == []
    assert not re.search(r"\b(?:fetch|XMLHttpRequest|import)\s*\(|@import|url\((?!#)", pages[kind])
    assert page.handlers == []


@pytest.mark.parametrize("kind", ["sponge", "closed", "section"])
def test_identifiers_are_unique_and_links_lead_somewhere(pages, kind):
    page = Reading(pages[kind])
    assert len(page.identifiers) == len(set(page.identifiers))
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.identifiers)


def test_one_measurement_gives_one_page(pages, made):
    assert render_measured_report(made["section"]) == pages["section"]
    assert render_measured_report(made["closed"]) == pages["closed"]


def test_a_hostile_name_stays_text():
    page = Reading(render_measured_report(section(name=HOSTILE)))
    assert "alert(1)" in page.text
    assert "script" not in page.tags
    assert "img" not in page.tags
    volume = Reading(render_measured_report(sponge(24, name=HOSTILE)))
    # The mesh and the viewer, nothing else.
    assert volume.tags.count("script") == 2
    assert "onerror" not in volume.handlers


def test_every_result_stands_in_the_page(pages, made):
    for kind, one in made.items():
        for name in one.structure.results:
            assert f"<code>{name}</code>" in pages[kind]


def test_a_film_that_does_not_connect_says_so_on_the_first_screen(pages):
    head = Reading(pages["closed"][: pages["closed"].index('class="contents"')]).text
    assert "NOT CONNECTED" in head
    assert "no path of pores leads through the image along y and z" in head
    assert "infinite" in head


def test_a_section_says_what_it_cannot_tell(pages):
    text = Reading(pages["section"]).text
    assert "What a section cannot tell" in text
    assert "A section does not show it." in text
    assert "poreline measure picture.tif" in text
    assert "canvas" not in Reading(pages["section"]).tags


@pytest.mark.parametrize("kept", ["porosity", "two_point", "pore_count", "tortuosity", "local_thickness"])
def test_a_measurement_of_one_thing_has_a_page(made, kept):
    whole = made["sponge"].structure
    few = dataclasses.replace(
        whole,
        results={name: result for name, result in whole.results.items() if name.startswith(kept)},
        distributions={name: curve for name, curve in whole.distributions.items() if name.startswith(kept)},
        maps={},
        tables={},
    )
    page = Reading(render_measured_report(measurement(few)))
    assert page.identifiers.count("results") == 1
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.identifiers)


def test_a_page_of_many_triangles_stays_below_four_megabytes():
    rng = np.random.default_rng(2)
    # Noise has the most wall that an image can have.
    image = VoxelImage(void=rng.random((96, 96, 96)) < 0.5, spacing=(SPACING,) * 3, name="noise")
    mesh = surface_mesh(image)
    assert mesh is None or len(mesh.triangles) <= MOST_TRIANGLES
    # Every body of one voxel is eight triangles: nothing has more wall.
    void = np.ones((120, 120, 120), bool)
    void[::3, ::3, ::3] = False
    page = render_measured_report(measurement(structure(VoxelImage(void=void, spacing=(SPACING,) * 3))))
    assert len(page) < 4e6


# Numbers


def test_a_result_of_every_kind_is_written(made):
    one, results = made["closed"], made["closed"].structure.results
    kinds = {
        kind: next(n for n, r in results.items() if isinstance(r, kind))
        for kind in (Estimate, NotDetermined, Infinite, Truth)
    }
    assert shown_result(one, kinds[Estimate]).plain == "40 [38-42] %"
    assert shown_result(one, kinds[NotDetermined]).plain == "not determined"
    assert shown_result(one, kinds[NotDetermined]).reason == "The image is too small to say."
    assert shown_result(one, kinds[Infinite]).plain == "infinite"
    assert shown_result(one, kinds[Truth]).plain == "yes"


def test_results_along_axes_share_a_row(made):
    by_name = {group.name: group for group in groups(made["sponge"])}
    transport = by_name["transport"]
    assert transport.columns == ("x", "y", "z")
    assert [row.label for row in transport.by_axis] == ["tortuosity factor", "permeability"]
    assert transport.by_axis[0].meaning == "tortuosity factor"
    assert sum(group.count for group in by_name.values()) == len(made["sponge"].structure.results)


def test_labels_are_words():
    assert label_of("local_thickness_mean") == "local thickness, mean"
    assert label_of("porosity_open_z") == "porosity, open, along z"
    assert label_of("permeability_xy") == "permeability, xy"


def test_every_name_has_a_group():
    assert group_of("intrusion_diameter_mean_z") == "sizes"
    assert group_of("connected_26_x") == "connection"
    assert group_of("pore_diameter_mean") == "sizes"
    assert group_of("pore_diameter_inscribed_mean") == "pores"
    assert group_of("network_diffusivity_relative_z") == "network"
    assert group_of("cluster_x") == "correlation"
    assert group_of("clusters") == "connection"
    assert group_of("nothing_known") == "other"


def test_the_headline_of_a_section_leaves_out_what_it_cannot_tell(made):
    assert [row.name for row in headline_results(made["section"])] == ["porosity", "chord_length_mean_x"]


def test_the_object_is_strict_json_with_every_result(made):
    from poreline.report.machine import to_json

    for one in made.values():
        read = json.loads(to_json(measurement_object(one, {})))
        assert read["results"].keys() == one.structure.results.keys()
        assert read["distributions"].keys() == one.structure.distributions.keys()
    closed = json.loads(to_json(measurement_object(made["closed"], {})))
    assert closed["outcome"] == "not-connected"
    assert closed["results"]["tortuosity_z"]["value"] == "infinite"
    assert closed["results"]["connected_z"]["value"] is False
    assert closed["results"]["porosity_error_relative"]["value"] is None
    assert len(closed["distributions"]["intrusion"]["x"]) == 60


# Three dimensions


def ball(edge: int, radius: float) -> VoxelImage:
    """A solid ball in void."""
    places = np.indices((edge,) * 3) + 0.5 - edge / 2
    return VoxelImage(void=(places**2).sum(axis=0) >= radius**2, spacing=(SPACING,) * 3)


def enclosed(mesh: Mesh) -> float:
    """Volume inside the triangles, m3; positive if they are counter-clockwise from outside."""
    a, b, c = (mesh.positions[mesh.triangles[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c))) / 6.0


def test_a_mesh_encloses_the_solid():
    image = ball(40, 15.0)
    mesh = surface_mesh(image)
    assert mesh is not None
    # The surface runs half-way between voxels of 0 and 1: within half a voxel of 15.
    assert enclosed(mesh) == pytest.approx(4 / 3 * np.pi * 15**3 * SPACING**3, rel=0.03)


def test_a_mesh_is_closed_where_the_image_cuts_the_solid():
    mesh = surface_mesh(VoxelImage(void=np.zeros((8, 6, 4), bool), spacing=(SPACING,) * 3))
    assert mesh is not None
    # A block of solid: the edges lose a little to the rounding of marching cubes.
    assert enclosed(mesh) == pytest.approx(8 * 6 * 4 * SPACING**3, rel=0.05)
    sides = np.concatenate([mesh.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    edges, counts = np.unique(np.sort(sides, axis=1), axis=0, return_counts=True)
    assert len(edges) > 0
    assert (counts == 2).all()


def test_an_image_without_solid_or_of_one_layer_has_no_mesh():
    assert surface_mesh(VoxelImage(void=np.ones((8, 8, 8), bool), spacing=(SPACING,) * 3)) is None
    assert surface_mesh(VoxelImage(void=np.eye(8, dtype=bool)[:, :, None], spacing=(SPACING,) * 3)) is None


def test_flat_voxels_are_averaged_to_cubes():
    rng = np.random.default_rng(4)
    mesh = surface_mesh(VoxelImage(void=rng.random((40, 40, 20)) < 0.3, spacing=(1e-8, 1e-8, 2e-8)))
    assert mesh is not None
    assert mesh.blocks[0] == 2 * mesh.blocks[2]
    assert mesh.edges == pytest.approx((4e-7, 4e-7, 4e-7))


def test_block_means_keep_the_porosity():
    void = np.random.default_rng(3).random((10, 9, 7)).astype(np.float32)
    means = block_means(VoxelImage(void=void, spacing=(SPACING,) * 3), (2, 3, 7))
    assert means.shape == (5, 3, 1)
    assert means == pytest.approx(void.reshape(5, 2, 3, 3, 7).mean(axis=(1, 3, 4))[:, :, None], rel=1e-6)
    # Blocks at the far ends hold fewer voxels.
    rest = block_means(VoxelImage(void=void, spacing=(SPACING,) * 3), (4, 4, 4))
    assert rest[2, 2, 1] == pytest.approx(void[8:, 8:, 4:].mean(), rel=1e-6)


def test_what_the_page_holds_is_the_mesh():
    mesh = surface_mesh(ball(24, 8.0))
    assert mesh is not None
    found = encoded(mesh)
    vertices = np.frombuffer(base64.b64decode(found["vertices"]), "<u2").reshape(-1, 3)
    triangles = np.frombuffer(base64.b64decode(found["triangles"]), "<u4").reshape(-1, 3)
    assert np.array_equal(vertices, mesh.vertices)
    assert np.array_equal(triangles, mesh.triangles)
    assert triangles.max() < len(vertices)
    assert found["lengths"] == ["x 240 nm", "y 240 nm", "z 240 nm"]


def test_the_view_is_a_rotation():
    assert view_axes() @ view_axes().T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(view_axes()) == pytest.approx(1.0)


def test_the_still_shows_a_ball_as_a_disc():
    from poreline.report.measured.surface import _drawn

    mesh = surface_mesh(ball(40, 18.0))
    assert mesh is not None
    half = np.full(3, 0.5)
    seen = _drawn(mesh, half, 300.0)[..., 3] / 255.0
    # The ball of 18/40 of the box's edge, seen at 300 pixels for that edge.
    assert seen.sum() == pytest.approx(np.pi * (300 * 18 / 40) ** 2, rel=0.03)
    picture = still(mesh, "ball")
    assert "x 400 nm" in picture.description


# Pictures


def test_pore_sizes_by_definition_share_a_figure(made):
    by_name = {panel.picture.name: panel for panel in drawn(made["sponge"]).panels}
    assert by_name["pore-sizes"].group == "sizes"
    assert (
        "local thickness, by volume, intrusion from the faces, by volume" in by_name["pore-sizes"].picture.description
    )
    assert "curve-intrusion" not in by_name
    assert "curve-chord-length" in by_name


def test_a_scale_bar_is_a_round_length():
    for longest, length in ((3.1e-7, 2e-7), (5e-8, 5e-8), (9.9e-6, 5e-6), (1e-6, 1e-6)):
        assert round_length(longest) == pytest.approx(length)


def test_reduced_pictures_keep_the_mean():
    values = np.arange(24.0).reshape(4, 6)
    assert reduced(values, 2).mean() == pytest.approx(values.mean())


def test_slices_come_in_pairs_with_the_local_thickness(made):
    names = [picture.name for picture in drawn(made["sponge"]).slices]
    assert names == ["slice-xy", "thickness-xy", "slice-xz", "thickness-xz", "slice-yz", "thickness-yz"]


def test_a_picture_is_shown_beside_its_pores(made):
    first, second = section_pictures(made["section"])
    assert first.figure.get_size_inches() == pytest.approx(second.figure.get_size_inches())
    panel = histogram_panel(made["section"])
    assert panel is not None
    assert f"threshold {made['section'].segmented.threshold:.4g}" in panel.picture.description


def test_individual_pores_are_balls_of_equal_volume(made):
    found = equivalent_diameters(made["sponge"])
    volumes = made["sponge"].structure.tables["pores"]["volume"]
    assert np.pi / 6.0 * found**3 == pytest.approx(volumes)


def test_an_image_that_is_all_void_or_all_solid_has_a_page():
    for open_ in (True, False):
        image = VoxelImage(void=np.full((12, 12, 12), open_), spacing=(SPACING,) * 3)
        found = dataclasses.replace(structure(image), tables={}, distributions={})
        assert "<h1>image</h1>" in render_measured_report(measurement(found))


# Claims


@pytest.mark.parametrize("kind", ["sponge", "closed", "section"])
def test_every_claim_has_a_verdict_and_a_reason(made, pages, kind):
    page = pages[kind]
    part = page[page.index('<section id="claims">') : page.index('<section id="cautions">')]
    rows = dict(re.findall(r'<tr id="claim-(\d+)">(.*?)</tr>', part))
    verdicts = check(measured=MeasuredFacts.of(made[kind]))
    assert [int(number) for number in rows] == [verdict.claim for verdict in verdicts]
    words = {"met": "met", "met-within-about": "met, within", "not-met": "not met", "undetermined": "undetermined"}
    for verdict in verdicts:
        row = rows[str(verdict.claim)]
        assert f'class="key {verdict.verdict}"' in row
        assert f"</span> {words[verdict.verdict]}" in row
        reason = re.sub(r"<[^>]+>", " ", row.rpartition("<td>")[2]).strip()
        assert len(reason) > 10, verdict.claim


def test_what_the_image_decides_is_told_once_with_its_number(made, pages):
    page = pages["sponge"]
    part = page[page.index("What the image decides") : page.index('<tr id="claim-1">')]
    assert part.count('<th scope="row">porosity</th>') == 1
    (row,) = re.findall(r'<tr><th scope="row">porosity</th>(.*?)</tr>', part)
    assert 'class="key met"' in row
    assert "40" in row
    judged = judged_on_image(check(measured=MeasuredFacts.of(made["sponge"])))
    assert len({item.title for item in judged}) == len(judged)
    assert {item.source for item in judged} == {"measurement"}
