"""A measurement: equal images have equal digests, the outcome says what connects, the file holds every number."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from tests.unit.report.measured_images import section, sponge

from poreline.line.measurement import (
    connections,
    image_digest,
    measure,
    outcome_of,
)
from poreline.line.measurement_file import write_measurement
from poreline.line.store import RunStore, is_measurement, name_of
from poreline.quantities import Estimate, InvalidInput, NotDetermined, Truth
from poreline.report.machine import to_json
from poreline.report.measured.machine import measurement_object
from poreline.voxels import VoxelImage
from poreline.voxels.memory import memory_available
from poreline.voxels.phantoms import as_tomogram, blobs
from poreline.voxels.segmentation import segment_volume

EDGES = (1e-8, 1e-8, 1e-8)


def image(**changes) -> VoxelImage:
    settings = {"void": np.random.default_rng(1).random((8, 7, 6)) < 0.5, "spacing": EDGES}
    return VoxelImage(**{**settings, **changes})


# Digests


def test_the_digest_is_that_of_the_structure_and_not_of_its_name():
    assert image_digest(image()) == image_digest(image(name="another", source=("elsewhere",)))


@pytest.mark.parametrize(
    "change",
    [
        {"spacing": (1e-8, 1e-8, 2e-8)},
        {"periodic": (True, False, False)},
        {"void": np.zeros((8, 7, 6), bool)},
        {"void": np.zeros((7, 8, 6), bool)},
        {"pore_width": np.full((8, 7, 6), 1e-9, np.float32)},
        {"pore_normal": np.zeros((3, 8, 7, 6), np.float32)},
        {"phase": np.ones((8, 7, 6), np.uint8)},
    ],
)
def test_another_structure_has_another_digest(change):
    assert image_digest(image(**change)) != image_digest(image())


def test_the_digest_does_not_depend_on_the_order_in_memory():
    void = np.asfortranarray(image().void)
    assert image_digest(image(void=void)) == image_digest(image())


# Outcome


def test_the_outcome_is_that_of_the_thickness():
    assert outcome_of(sponge(20).structure).kind == "ok"
    closed = outcome_of(sponge(20, connected=False).structure)
    assert closed.kind == "not-connected"
    assert closed.text.startswith("Pores connect along x; no path of pores leads through the image along y and z.")


def test_without_the_thickness_any_axis_decides():
    found = sponge(20, connected=False).structure
    plane = {name: result for name, result in found.results.items() if not name.endswith("_z")}
    assert outcome_of(dataclasses.replace(found, results=plane)).kind == "ok"
    across = {name: result for name, result in plane.items() if not name.endswith("_x")}
    assert outcome_of(dataclasses.replace(found, results=across)).kind == "not-connected"


def test_what_was_not_determined_is_no_connection_and_no_lack_of_it():
    found = sponge(20).structure
    unknown = {"connected_z": NotDetermined("Not looked at.", "1", "pores connect")}
    assert connections(dataclasses.replace(found, results=unknown)) == {}
    assert outcome_of(dataclasses.replace(found, results=unknown)).kind == "ok"
    assert outcome_of(section().structure).kind == "ok"


# Measuring


def test_measuring_a_slit_finds_its_connection():
    void = np.zeros((12, 12, 12), bool)
    void[4:8] = True
    told = []
    made = measure(
        VoxelImage(void=void, spacing=EDGES),
        only=("porosity", "connection"),
        device="cpu",
        progress=lambda name, share: told.append((name, share)),
    )
    porosity = made.structure.results["porosity"]
    assert isinstance(porosity, Estimate)
    assert porosity.value == pytest.approx(1 / 3, rel=1e-6)  # void fractions may be kept as float32
    assert [isinstance(made.structure.results[f"connected_{axis}"], Truth) for axis in "xyz"] == [True] * 3
    assert connections(made.structure) == {"x": False, "y": True, "z": True}
    assert made.outcome.kind == "ok"
    assert made.provenance.device.startswith("cpu")
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert [share for _, share in told] == sorted(share for _, share in told)


def test_equal_images_and_settings_have_equal_digests_whatever_the_time():
    void = np.random.default_rng(2).random((10, 10, 10)) < 0.6
    first, second = (
        measure(VoxelImage(void=void, spacing=EDGES, name=name), only=("porosity",), device="cpu") for name in "ab"
    )
    assert first.provenance.run_digest == second.provenance.run_digest
    other = measure(VoxelImage(void=void, spacing=EDGES), only=("porosity", "connection"), device="cpu")
    assert other.provenance.image_digest == first.provenance.image_digest
    assert other.provenance.run_digest != first.provenance.run_digest


def test_the_porosity_is_as_uncertain_as_the_threshold_leaves_it():
    rng = np.random.default_rng(3)
    grey = as_tomogram(blobs((32, 32, 32), porosity=0.4, blob_size=2.5, rng=rng), rng=rng, noise=0.15)
    segmented = segment_volume(grey)
    made = measure(
        VoxelImage(void=segmented.void, spacing=EDGES), only=("porosity",), device="cpu", segmented=segmented
    )
    porosity = made.structure.results["porosity"]
    assert isinstance(porosity, Estimate)
    assert porosity.low <= segmented.porosity_low < segmented.porosity_high <= porosity.high
    assert set(segmented.cautions) <= set(made.cautions)


def test_there_is_memory():
    found = memory_available()
    assert found is None or found > 0


# Files


@pytest.mark.parametrize("make", [sponge, section])
def test_the_file_holds_every_number_with_its_unit(make, tmp_path):
    h5py = pytest.importorskip("h5py")
    made = make()
    write_measurement(made, tmp_path / "results.nc")
    with h5py.File(tmp_path / "results.nc") as file:
        assert set(file["results"]) == set(made.structure.results)
        for name, result in made.structure.results.items():
            variable = file["results"][name]
            assert variable.attrs["units"] == getattr(result, "unit", "1")
            assert variable.attrs["long_name"] == result.meaning
            if isinstance(result, Estimate):
                assert list(variable) == [result.value, result.low, result.high]
            elif not isinstance(result, Truth):
                assert variable.attrs["reason"]
                assert not np.isfinite(variable[0])
        for name, curve in made.structure.distributions.items():
            group = file["distributions"][name]
            assert np.array_equal(group["x"][:], curve.x)
            assert np.array_equal(group["y"][:], curve.y)
            assert group["y"].dims[0][0].name == group["x"].name
        for name, field in made.structure.maps.items():
            assert np.array_equal(file["maps"][name][:], field)


def test_xarray_reads_the_file(tmp_path):
    xarray = pytest.importorskip("xarray")
    made = sponge(20)
    write_measurement(made, tmp_path / "results.nc")
    with xarray.open_dataset(tmp_path / "results.nc", engine="h5netcdf", group="results") as read:
        assert float(read["porosity"][0]) == made.structure.value("porosity")
    with xarray.open_dataset(tmp_path / "results.nc", engine="h5netcdf", group="maps") as read:
        assert read["local_thickness"].dims == ("x", "y", "z")


# The store


def stored(root, made, digest="12345678"):
    store = RunStore(root)
    with store.new(made.name, digest) as (folder, final):
        summary = to_json(measurement_object(made, {}))
        (folder / "summary.json").write_text(summary, encoding="utf-8")
    return store, final[0]


def test_a_measurement_is_listed_beside_runs(tmp_path):
    store, folder = stored(tmp_path, sponge(20, connected=False))
    (listed,) = store.runs()
    assert listed.is_measurement
    assert (listed.name, listed.outcome, listed.samples) == ("sponge", "not-connected", 0)
    read = store.summary(folder.name)
    assert is_measurement(read)
    assert name_of(read) == "sponge"
    assert read["results"]["tortuosity_z"]["value"] == "infinite"
    store.remove(folder.name)
    assert store.runs() == []


@pytest.mark.parametrize(
    "change", [{"image": 3}, {"image": {}}, {"provenance": {}}, {"results": {"porosity": 3}}, {"settings": []}]
)
def test_a_damaged_measurement_is_no_run(change, tmp_path):
    store, folder = stored(tmp_path, sponge(20))
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    (folder / "summary.json").write_text(json.dumps({**summary, **change}), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"summary\.json cannot be used"):
        store.summary(folder.name)
