"""Measured images for the tests of their report: a sponge and a section, with results of every kind."""

from __future__ import annotations

import datetime

import numpy as np

from poreline.line.measurement import Measurement, MeasurementProvenance, outcome_of
from poreline.membrane.image.measured import Distribution, MeasuredStructure
from poreline.quantities import Estimate, Infinite, Meaning, MeasuredResult, NotDetermined, Truth
from poreline.quantities.faults import Caution
from poreline.voxels import VoxelImage
from poreline.voxels.phantoms import as_sem, blobs
from poreline.voxels.segmentation import segment_picture

SPACING = 10e-9


def sponge(edge: int = 40, *, connected: bool = True, name: str = "sponge") -> Measurement:
    """A sponge with results of every kind; without connection if asked for."""
    void = blobs((edge, edge, edge), porosity=0.4, blob_size=2.5, rng=np.random.default_rng(3))
    image = VoxelImage(void=void >= 0.5, spacing=(SPACING,) * 3, name=name, source=("stack.tif: 40 slices",))
    return measurement(structure(image, connected=connected))


def structure(image: VoxelImage, *, connected: bool = True) -> MeasuredStructure:
    """What measures would find, roughly."""
    from scipy.ndimage import distance_transform_edt

    thickness = (2.0 * SPACING * distance_transform_edt(image.void)).astype(np.float32)
    results: dict[str, MeasuredResult] = {
        "porosity": Estimate(float(image.void.mean()), 0.38, 0.42, "1", "void over total volume", "counted"),
        "local_thickness_mean": _estimate(84e-9, "m", "mean local thickness by volume"),
        "local_thickness_spread": _estimate(1.31, "1", "geometric standard deviation of the local thickness"),
        "intrusion_diameter_mean": _estimate(71e-9, "m", "mean intrusion diameter"),
        "porometry_diameter_mean": _estimate(55e-9, "m", "flow-weighted mean of the through-going pores"),
        "specific_surface": _estimate(2.1e7, "1/m", "surface over total volume"),
        "pore_count": _estimate(120.0, "1", "individual pores"),
        "porosity_error_relative": NotDetermined(
            "The image is too small to say.", "1", "standard error of the porosity"
        ),
    }
    through = ", along {}"
    for axis in "xyz":
        ok = connected or axis == "x"
        results[f"connected_{axis}"] = Truth(ok, "pores connect" + through.format(axis), "union-find")
        results[f"tortuosity_{axis}"] = (
            _estimate(1.8, "1", "tortuosity factor" + through.format(axis))
            if ok
            else Infinite("No path of pores.", "1", "tortuosity factor" + through.format(axis))
        )
        results[f"permeability_{axis}"] = _estimate(3.2e-17 if ok else 0.0, "m2", "permeability" + through.format(axis))
    meanings = {name: Meaning(getattr(r, "unit", "1"), r.meaning, "eps" if name == "porosity" else "",
                              {"m": "nm", "m2": "nm2"}.get(getattr(r, "unit", "1"), "%" if name == "porosity" else ""))
                for name, r in results.items()}  # fmt: skip
    return MeasuredStructure(
        image=image,
        results=results,
        meanings=meanings,
        distributions=_distributions(),
        maps={"local_thickness": thickness},
        tables={"pores": {"volume": np.random.default_rng(1).lognormal(np.log(1e-22), 1.0, 120)}},
        cautions=(Caution("coarse", "The pores are few voxels wide."),),
    )


def _distributions() -> dict[str, Distribution]:
    sizes = np.linspace(10e-9, 200e-9, 60)
    wider = 1.0 / (1.0 + (sizes / 90e-9) ** 5)
    lags = np.arange(20) * SPACING
    reached = 1.0 / (1.0 + (sizes / 60e-9) ** 6)
    made = {
        "intrusion": _curve(
            "share that balls reach from the faces", sizes, reached, "diameter", "share of the pore volume"
        ),
        "local_thickness": _curve(
            "share of the pore volume with at least this local thickness",
            sizes,
            wider,
            "local thickness",
            "share of the pore volume",
        ),
        "representative_porosity": _curve(
            "spread of porosity", np.geomspace(5e-8, 8e-7, 8), np.geomspace(0.3, 0.01, 8), "edge", "spread"
        ),
    }
    for number, axis in enumerate("xyz"):
        shorter = 1.0 - np.exp(-sizes / (60e-9 + 10e-9 * number))
        made[f"chord_length_{axis}"] = _curve(
            f"share of the chords of at most this length, along {axis}",
            sizes,
            shorter,
            "chord length",
            "share of the chords",
        )
        made[f"two_point_{axis}"] = _curve(
            "two places in pores", lags, 0.16 + 0.24 * np.exp(-lags / 3e-8), "distance", "probability"
        )
    return made


def _curve(meaning: str, x, y, x_meaning: str, y_meaning: str) -> Distribution:
    return Distribution(meaning=meaning, x=x, y=y, x_unit="m", y_unit="1", x_meaning=x_meaning, y_meaning=y_meaning)


def _estimate(value: float, unit: str, meaning: str) -> Estimate:
    return Estimate(value, 0.95 * value, 1.05 * value, unit, meaning, "for a test")


def section(*, name: str = "micrograph") -> Measurement:
    """A section of a sponge as a microscope shows it, parted into pores and solid."""
    void = blobs((160, 200, 1), porosity=0.35, blob_size=4.0, rng=np.random.default_rng(5))[:, :, 0]
    seen = segment_picture(as_sem(void, rng=np.random.default_rng(6)))
    image = VoxelImage(
        void=np.ascontiguousarray(seen.void.T)[:, :, None], spacing=(SPACING,) * 3, name=name, source=("picture.tif",)
    )
    reason = "A section does not show it."
    results: dict[str, MeasuredResult] = {
        "porosity": Estimate(seen.porosity, seen.porosity_low, seen.porosity_high, "1", "area of pores", "counted"),
        "chord_length_mean_x": _estimate(90e-9, "m", "mean chord length, along x"),
        "connected_z": NotDetermined(reason, "1", "pores connect, along z"),
        "tortuosity_z": NotDetermined(reason, "1", "tortuosity factor, along z"),
    }
    found = MeasuredStructure(image=image, results=results, meanings={}, distributions={})
    return measurement(found, segmented=seen, command='poreline measure picture.tif --spacing "10 nm" --threshold 118')


def measurement(found: MeasuredStructure, **more) -> Measurement:
    """A measurement with a fixed provenance."""
    made = MeasurementProvenance(
        **dict.fromkeys(
            ("version", "image_digest", "settings_digest", "run_digest", "device", "python", "numpy", "platform"), "x"
        ),
        created=datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC).isoformat(),
        wall_time=1.5,
    )
    return Measurement(
        structure=found,
        outcome=outcome_of(found),
        settings={"measures": "all", "axes": "xyz"},
        provenance=made,
        cautions=found.cautions,
        **more,
    )
