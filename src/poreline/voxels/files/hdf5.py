"""HDF5 and netCDF-4: arrays with names, dimensions and units."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from poreline.quantities import printable
from poreline.voxels.files.companions import COMPANIONS, fitting
from poreline.voxels.files.image_file import (
    AnyArray,
    ImageFile,
    Periodic,
    Source,
    Spacing,
    allow,
    as_truths,
    bytes_of,
    checked_shape,
    checked_type,
    damaged,
    kind_of,
    mapped,
    tidy,
    unreadable,
)
from poreline.voxels.files.lengths import metres, positive
from poreline.voxels.files.numpy_format import OWN_NAMES, no_such_array, periodic_of, remarks_on_axes
from poreline.voxels.image import AXIS_NAMES, VoxelImage

MOST_OBJECTS = 10_000
LONGEST_LOOK = 60.0
"""Seconds after which a file that is being looked through counts as damaged; a sound one takes less than one."""

_LOOK = "import sys; from poreline.voxels.files.hdf5 import look_through; look_through(*sys.argv[1:3])"
_EVEN = 1e-3  # deviation of coordinates from equal steps, as a share of the step, that rounding explains
_CHUNK = 64  # voxels along each edge of what is compressed together
_MOST_PER_BYTE = 2**20  # filters can be chained; this leaves out only what was never written


def read_hdf5(source: Source) -> ImageFile:
    """Read a dataset: the one that is asked for, else `void_fraction`, `void`, `image`, else the only stack.

    Its axes are (x, y, z) as they are, unless its dimensions are named otherwise, or it has `element_size_um`, whose
    programs write (z, y, x). The spacing is that of its attributes `spacing` (m, or `spacing_units`), `voxel_size` or
    `element_size_um`, or of coordinate variables with a unit. Uncompressed datasets are mapped. Links to other files,
    external storage and virtual datasets are not followed.

    Some damaged files make the HDF5 library run for ever or break down; therefore another process looks through the
    file first. Raises InvalidInput; also lets through what h5py raises.
    """
    import h5py

    _let_another_process_look(source)
    with h5py.File(source.path, "r") as file:
        plan = _plan(source, file)
        array = _values(source, plan.dataset).reshape(plan.shape)
        if plan.is_truth and array.dtype.itemsize == 1:
            array = as_truths(array)
        others = {key: _values(source, other) for key, other in plan.others.items()}
    spacing, periodic, remarks = plan.spacing, plan.periodic, remarks_on_axes(array)
    companions, more = fitting(array, others)
    axes = plan.axes
    if axes is not None and axes != (0, 1, 2):
        array = array.transpose(axes)
        spacing = (spacing[axes[0]], spacing[axes[1]], spacing[axes[2]]) if spacing else None
        on_disk = ", ".join(AXIS_NAMES[axes.index(k)] for k in range(3))
        remarks = (f"Its axes are ({on_disk}); the array is (x, y, z).",)
        companions, _ = fitting(array, {})
        more = tuple(f'Its array "{key}" was left out: its axes are in another order.' for key in others)
        periodic = None
    return ImageFile(
        array=array,
        spacing=spacing,
        spacing_from=plan.where,
        kind=kind_of(array),
        format="netCDF-4" if source.path.suffix.lower().startswith(".nc") else "HDF5",
        remarks=(f'Its dataset "{printable(plan.name)}" was read.', *remarks, *more),
        periodic=periodic,
        **companions,
    )


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What is to be read, before any value is."""

    name: str
    dataset: Any
    shape: tuple[int, ...]
    axes: tuple[int, int, int] | None
    """Where x, y and z are among the axes; None: as they are."""
    spacing: Spacing | None
    """In the order of the axes on disk."""
    where: str
    is_truth: bool
    periodic: Periodic | None
    others: dict[str, Any]
    """Companions by name."""


def _plan(source: Source, file: Any) -> _Plan:
    datasets = _datasets(file)
    name = _choice(source, datasets)
    dataset = datasets[name]
    shape = checked_shape(dataset.shape)
    is_whole = len(shape) == 3 == len(dataset.shape)
    spacing, where, is_reversed = _spacing(file, dataset, len(shape))
    axes = _axes(dataset) if is_whole else None
    if axes is None and is_reversed and len(shape) == 3:
        axes = (2, 1, 0)
    folder = name.rpartition("/")[0]
    others = {}
    for key in COMPANIONS:
        other = datasets.get(f"{folder}/{key}" if folder else key)
        if other is not None and other.name != dataset.name and (other.shape or ())[-3:] == shape:
            others[key] = other
    attributes = dataset.attrs if "periodic" in dataset.attrs else file.attrs
    return _Plan(
        name=name,
        dataset=dataset,
        shape=shape,
        axes=axes,
        spacing=spacing,
        where=where,
        is_truth=_text(dataset.attrs, "dtype") == "bool",
        periodic=periodic_of(attributes["periodic"]) if "periodic" in attributes else None,
        others=others,
    )


def _let_another_process_look(source: Source) -> None:
    """Raise InvalidInput for a file over which the HDF5 library breaks down or does not come to an end."""
    if not sys.executable or getattr(sys, "frozen", False):
        return  # there is no interpreter to start
    command = [sys.executable, "-P", "-c", _LOOK, str(source.path), source.dataset]
    silent = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=silent, stdout=silent, stderr=silent, timeout=LONGEST_LOOK, check=False)
    except subprocess.TimeoutExpired as error:
        raise damaged(f"the HDF5 library does not come to an end with it in {LONGEST_LOOK:g} s") from error
    except OSError:
        return
    if done.returncode < 0:
        raise damaged("the HDF5 library breaks down over it")


def look_through(path: str, dataset: str) -> None:
    """Do with a file what reading it does, without its values: names, attributes, the place of every chunk."""
    import h5py

    place = Path(path)
    source = Source(place, place.stat().st_size, dataset, sys.maxsize)
    with h5py.File(place, "r") as file:
        plan = _plan(source, file)
        for found in (plan.dataset, *plan.others.values()):
            if found.chunks and hasattr(found.id, "chunk_iter"):
                found.id.chunk_iter(lambda _: None)
            found.id.get_offset()
            found[(0,) * len(found.shape)]


def _datasets(file: Any) -> dict[str, Any]:
    """Datasets by path, in this file only: what visits them follows no link to elsewhere."""
    import h5py

    found: dict[str, Any] = {}
    count = 0

    def visit(name: str, thing: Any) -> bool | None:
        nonlocal count
        count += 1
        if isinstance(thing, h5py.Dataset):
            found[name] = thing
        return True if count > MOST_OBJECTS else None

    if file.visititems(visit):
        raise unreadable(
            f"more than {MOST_OBJECTS:,} objects", "", "It holds too many to look through.", "Save the image alone."
        )
    return found


def _choice(source: Source, datasets: Mapping[str, Any]) -> str:
    if source.dataset:
        asked = source.dataset.strip("/")
        if asked in datasets:
            return asked
        raise no_such_array(printable(source.dataset), [printable(name) for name in datasets])
    for own in OWN_NAMES:
        if own in datasets:
            return own
    images = {
        name: dataset
        for name, dataset in datasets.items()
        if _is_image(dataset) and name.rpartition("/")[2] not in COMPANIONS
    }
    for axes in (3, 2):
        of_rank = [name for name, dataset in images.items() if sum(edge != 1 for edge in dataset.shape) == axes]
        if len(of_rank) == 1:
            return of_rank[0]
        if of_rank:
            known = ", ".join(printable(name) for name in of_rank[:12])
            raise unreadable(f"{len(of_rank)} datasets", known, "It holds several images.", "Name the dataset to read.")
    if len(images) == 1:
        return next(iter(images))
    one_other = next((dataset for dataset in datasets.values() if dataset.shape), None)
    if len(datasets) == 1 and one_other is not None:
        checked_type(one_other.dtype)
        checked_shape(one_other.shape)
    raise unreadable(
        f"{len(datasets)} datasets", "one with 2 or 3 axes", "It holds no image.", "Name the dataset to read."
    )


def _is_image(dataset: Any) -> bool:
    return dataset.shape is not None and len(dataset.shape) >= 2 and dataset.dtype.kind in "buif"


def _values(source: Source, dataset: Any) -> AnyArray:
    """All values of a dataset: a view of the file where they lie in it as they are."""
    dtype = checked_type(dataset.dtype)
    shape = dataset.shape
    needed = bytes_of(shape, dtype)
    if dataset.is_virtual or dataset.external:
        remedy = "Save the dataset itself, for example with h5repack."
        raise unreadable(printable(dataset.name), "values in this file", "Its values lie in other files.", remedy)
    stored = dataset.id.get_storage_size()
    if stored == 0:
        raise unreadable(
            printable(dataset.name), "a dataset with values", "Nothing was ever written into it.", "Export it again."
        )
    offset = dataset.id.get_offset()
    if offset is not None and dataset.chunks is None:
        return mapped(source, shape, dtype, offset, "C")
    chunk = bytes_of(dataset.chunks, dtype) if dataset.chunks else 0
    allow(source, needed + 2 * chunk)
    if needed > stored * _MOST_PER_BYTE:
        reason = "Most of it was never written."
        raise unreadable(f"{stored:,} bytes for {needed:,}", "a dataset with values", reason, "Export it again.")
    out = np.empty(shape, dtype.newbyteorder("="))
    dataset.read_direct(out)
    return out


def _axes(dataset: Any) -> tuple[int, int, int] | None:
    """Where x, y and z are among the axes, if the dimensions are named so."""
    names = []
    for dimension in dataset.dims:
        label = str(dimension.label or "")
        if not label and len(dimension):
            label = str(dimension[0].name).rpartition("/")[2]
        names.append(label.strip().lower())
    if sorted(names) != list(AXIS_NAMES):
        return None
    return names.index("x"), names.index("y"), names.index("z")


def _spacing(file: Any, dataset: Any, axes: int) -> tuple[Spacing | None, str, bool]:
    """Edges in m in the order of the axes on disk, where they were found, and whether these are (z, y, x)."""
    for holder, words in ((dataset.attrs, "its dataset"), (file.attrs, "the file")):
        for key, unit in (("spacing", "m"), ("voxel_size", "m"), ("element_size_um", "um")):
            edges = _numbers(holder, key)
            if edges is None:
                continue
            if key != "element_size_um":
                unit = next((told for suffix in ("_units", "_unit") if (told := _text(holder, key + suffix))), unit)
            known = [metres(edge, unit) for edge in edges]
            known = known * 3 if len(known) == 1 else known
            if len(known) == 2 and axes == 2:
                known.append(known[0])
            if axes == 2 and len(known) == 3 and key == "element_size_um":
                known = [known[1], known[2], known[0]]
            if len(known) == 3 and all(known):
                x, y, z = (tidy(edge) for edge in known if edge is not None)
                return (x, y, z), f'attribute "{key}" of {words}', key == "element_size_um"
    steps = _steps(dataset) if len(dataset.shape) == axes else None
    if steps is not None:
        return (steps[0], steps[1], steps[2] if axes == 3 else steps[0]), "its coordinate variables", False
    return (
        None,
        "none: it has no attribute spacing, voxel_size or element_size_um, and no coordinates with a unit",
        False,
    )


def _steps(dataset: Any) -> list[float] | None:
    """Steps of the coordinate variables in m, if every axis has one with equal steps and a unit of length."""
    steps = []
    for axis, dimension in enumerate(dataset.dims):
        if not len(dimension):
            return None
        scale = dimension[0]
        unit = _text(scale.attrs, "units")
        length = dataset.shape[axis]
        if scale.shape != (length,) or scale.dtype.kind not in "iuf" or length < 2 or length > 2**20:
            return None
        values = np.asarray(scale[...], float)
        step = float(values[-1] - values[0]) / (length - 1)
        even = np.allclose(np.diff(values), step, rtol=_EVEN, atol=0.0)
        edge = metres(abs(step), unit) if even else None
        if edge is None:
            return None
        steps.append(tidy(edge))
    return steps


def _numbers(attributes: Any, key: str) -> list[float] | None:
    if key not in attributes:
        return None
    values = np.ravel(np.asarray(attributes[key]))
    if values.dtype.kind not in "iuf" or not 1 <= values.size <= 3:
        return None
    numbers = [positive(value) for value in values]
    return None if None in numbers else [number for number in numbers if number is not None]


def _text(attributes: Any, key: str) -> str:
    if key not in attributes:
        return ""
    value = attributes[key]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def write_hdf5(image: VoxelImage, path: Path) -> None:
    """Write netCDF-4 by way of h5py: dimensions x, y, z with coordinates in m, every variable with unit and meaning."""
    import h5py

    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["title"] = printable(image.name)
        file.attrs["Conventions"] = "CF-1.11"
        file.attrs["source"] = "; ".join(printable(line, 200) for line in image.source) or "poreline"
        scales = []
        for axis, (name, edges, edge) in enumerate(zip(AXIS_NAMES, image.shape, image.spacing, strict=True)):
            scale = file.create_dataset(name, data=(np.arange(edges) + 0.5) * edge)
            scale.make_scale(name)
            scale.attrs["units"] = "m"
            scale.attrs["long_name"] = f"{('machine', 'transverse', 'thickness')[axis]} direction, middle of the voxel"
            scales.append(scale)
        name = "void" if image.is_binary else "void_fraction"
        meaning = "1 where the voxel is void" if image.is_binary else "void fraction of the voxel"
        variable = _write_variable(file, name, image.void, scales, "1", meaning)
        variable.attrs["spacing"] = np.array(image.spacing)
        variable.attrs["spacing_units"] = "m"
        variable.attrs["periodic"] = np.array(image.periodic, np.uint8)
        if image.pore_normal is not None:
            component = file.create_dataset("component", data=np.arange(3, dtype=np.int32))
            component.make_scale("component")
            component.attrs["units"] = "1"
            component.attrs["long_name"] = "component along x, y, z"
        for key, (unit, about) in COMPANIONS.items():
            array = getattr(image, key)
            if array is not None:
                dimensions = [component, *scales] if key == "pore_normal" else scales
                _write_variable(file, key, array, dimensions, unit, about)


def _write_variable(file: Any, name: str, array: AnyArray, scales: list[Any], unit: str, meaning: str) -> Any:
    is_truth = array.dtype == np.bool_
    chunks = tuple(min(edge, _CHUNK) for edge in array.shape)
    dtype = np.int8 if is_truth else array.dtype
    variable = file.create_dataset(
        name, array.shape, dtype, chunks=chunks, compression="gzip", compression_opts=1, shuffle=True
    )
    axis = array.ndim - 3
    for start in range(0, array.shape[axis], _CHUNK):
        where = (slice(None),) * axis + (slice(start, start + _CHUNK),)
        variable[where] = array[where].astype(dtype, copy=False)
    for k, scale in enumerate(scales):
        variable.dims[k].attach_scale(scale)
    variable.attrs["units"] = unit
    variable.attrs["long_name"] = meaning
    if is_truth:
        variable.attrs["dtype"] = "bool"  # as xarray writes and understands it
    return variable
