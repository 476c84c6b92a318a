"""What a TIFF tells of its scale: OME, ImageJ, microscopes, resolution tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poreline.quantities import printable
from poreline.voxels.files.image_file import Periodic, tidy, unreadable
from poreline.voxels.files.lengths import is_object_scale, metres, positive
from poreline.voxels.files.xml_reading import parse

_INCH, _CENTIMETRE = 2, 3
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 282, 283, 296


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the header of a TIFF tells beside its values."""

    format: str = "TIFF"
    x: float | None = None
    """Width of a pixel, m."""
    y: float | None = None
    """Height of a pixel, m."""
    z: float | None = None
    """Distance of the slices, m."""
    where: str = "none: its tags tell no scale"
    planes: int | None = None
    """Number of planes that a description declares."""
    is_truth: bool = False
    """Whether it was written from truths, as 0 and 255."""
    periodic: Periodic | None = None
    remarks: tuple[str, ...] = ()


def describe(file: Any, page: Any) -> Description:
    """Scale, format and number of planes of a TIFF; the first source that tells a scale counts.

    Raises InvalidInput for several channels, or for slices at several times.
    """
    if file.is_ome and (found := _of_ome(str(file.ome_metadata))) is not None:
        return found
    imagej = file.imagej_metadata if file.is_imagej else None
    if isinstance(imagej, dict):
        return _of_imagej(imagej, page)
    for name, source in _MICROSCOPES:
        edges = source(file)
        if edges is not None:
            return Description(x=edges[0], y=edges[1], where=f"metadata of the microscope ({name})")
    return _of_resolution(page)


def _of_ome(text: str) -> Description | None:
    pixels: list[dict[str, str]] = []
    notes: list[str] = []

    def on_start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Pixels":
            pixels.append(attributes)

    parse(text.encode("utf-8", "replace"), on_start, characters=notes.append)
    if not pixels:
        return None
    about = pixels[0]
    counts = {axis: int(positive(about.get(f"Size{axis}", 1)) or 1) for axis in "CZT"}
    channels = counts["C"]
    samples = 1 if "RGB" not in about.get("Type", "") else 3
    note = " ".join(notes)
    _refuse_more_than_a_stack(
        1 if channels in {3, 4} and counts["Z"] == 1 else channels // samples, counts["Z"], counts["T"]
    )
    edges = {}
    for axis in "XYZ":
        edges[axis] = metres(about.get(f"PhysicalSize{axis}"), about.get(f"PhysicalSize{axis}Unit", "µm"))
    planes = None if channels > 1 else counts["Z"] * counts["T"]
    return Description(
        format="OME-TIFF",
        x=edges["X"],
        y=edges["Y"],
        z=edges["Z"],
        where="PhysicalSize of its OME-XML" if edges["X"] else "none: its OME-XML tells no PhysicalSize",
        planes=planes,
        is_truth="poreline_values=truth" in note,
        periodic=_periodic(note.partition("poreline_periodic=")[2].split()[:3]),
        remarks=_remarks_on_time(counts["Z"], counts["T"]),
    )


def _of_imagej(about: Mapping[str, Any], page: Any) -> Description:
    images, channels, slices, frames = (
        int(positive(about.get(key, 1)) or 1) for key in ("images", "channels", "slices", "frames")
    )
    _refuse_more_than_a_stack(channels, slices, frames)
    unit = about.get("unit", "")
    if metres(1.0, unit) is None and metres(1.0, about.get("yunit", "")) is not None:
        unit = about["yunit"]
    x, y = (_edge_of_tag(page, tag, 1.0) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    is_own = "poreline_values" in about or "poreline_periodic" in about
    known = metres(1.0, unit) is not None and x is not None and y is not None
    remarks = _remarks_on_time(slices, frames)
    where = "resolution tags, unit and spacing of its ImageJ description"
    if not known:
        where = f"none: its ImageJ description has the unit {printable(str(unit) or 'pixel', 20)!r}"
    return Description(
        format="ImageJ TIFF",
        x=_tidy_metres(x, unit) if known else None,
        y=_tidy_metres(y, unit) if known else None,
        z=_tidy_metres(about.get("spacing"), about.get("zunit", unit)) if known else None,
        where=where,
        planes=images,
        is_truth=about.get("poreline_values") == "truth",
        periodic=_periodic(str(about.get("poreline_periodic", "")).split()) if is_own else None,
        remarks=remarks,
    )


def _tidy_metres(value: Any, unit: Any) -> float | None:
    found = metres(value, unit)
    return None if found is None else tidy(found)


def _periodic(words: list[str]) -> Periodic | None:
    if len(words) != 3 or any(word not in {"yes", "no"} for word in words):
        return None
    x, y, z = (word == "yes" for word in words)
    return x, y, z


def _refuse_more_than_a_stack(channels: int, slices: int, frames: int) -> None:
    if channels > 1:
        reason = "Its channels show different things."
        raise unreadable(
            f"{channels} channels", "1 channel", reason, "Split the channels and export the one to measure."
        )
    if slices > 1 and frames > 1:
        reason = "It is a film of a stack."
        raise unreadable(f"{slices} slices at {frames} times", "one stack", reason, "Export one time.")


def _remarks_on_time(slices: int, frames: int) -> tuple[str, ...]:
    return ("Its pages are labelled as times; they were taken as slices.",) if frames > 1 and slices == 1 else ()


def _of_fei(file: Any) -> tuple[float, float] | None:
    about = file.fei_metadata if file.is_fei else None
    for section in ("Scan", "EScan", "IScan"):
        scan = about.get(section) if isinstance(about, dict) else None
        if isinstance(scan, dict):
            x, y = metres(scan.get("PixelWidth"), "m"), metres(scan.get("PixelHeight"), "m")
            if x is not None and y is not None:
                return x, y
    return None


def _of_zeiss(file: Any) -> tuple[float, float] | None:
    about = file.sem_metadata if file.is_sem else None
    if not isinstance(about, dict):
        return None
    for key in ("ap_image_pixel_size", "ap_pixel_size"):
        found = about.get(key)
        if isinstance(found, tuple) and len(found) > 2 and (edge := metres(found[1], found[2])) is not None:
            return edge, edge
    unnamed = about.get("")
    edge = metres(unnamed[3], "m") if isinstance(unnamed, tuple) and len(unnamed) > 3 else None
    return None if edge is None else (edge, edge)


def _of_olympus(file: Any) -> tuple[float, float] | None:
    about = file.sis_metadata if file.is_sis else None
    if not isinstance(about, dict):
        return None
    x, y = metres(about.get("pixelsizex"), "m"), metres(about.get("pixelsizey"), "m")
    return None if x is None or y is None else (x, y)


def _of_tvips(file: Any) -> tuple[float, float] | None:
    about = file.tvips_metadata if file.is_tvips else None
    if not isinstance(about, dict):
        return None
    x, y = (metres(about.get(f"PhysicalPixelSize{axis}"), "nm") for axis in "XY")
    return None if x is None or y is None else (x, y)


def _of_resolution(page: Any) -> Description:
    unit = {_INCH: 0.0254, _CENTIMETRE: 0.01}.get(int(page.tags.valueof(_RESOLUTION_UNIT, _INCH)))
    if unit is None:
        return Description()
    x, y = (_edge_of_tag(page, tag, unit) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    if x is None or y is None:
        return Description()
    if not (is_object_scale(x) and is_object_scale(y)):
        dots = f"{0.0254 / x:.4g} dots per inch"
        return Description(where=f"none: its resolution tags ({dots}) speak of a screen or a printer")
    return Description(x=tidy(x), y=tidy(y), where="its resolution tags")


def _edge_of_tag(page: Any, tag: int, unit: float) -> float | None:
    """Edge of a pixel in m from pixels for each `unit` (m), which are stored as a ratio."""
    value = page.tags.valueof(tag)
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    above, below = positive(value[0]), positive(value[1])
    return None if above is None or below is None else unit * below / above


_MICROSCOPES = (("FEI", _of_fei), ("Zeiss", _of_zeiss), ("Olympus", _of_olympus), ("TVIPS", _of_tvips))
