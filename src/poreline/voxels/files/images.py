"""An image file that needs no segmentation, as a VoxelImage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput, format_quantity, printable
from poreline.voxels.files.arrays import read_array
from poreline.voxels.files.image_file import AnyArray, ImageFile, Periodic, Spacing, memory_allowed, slabs
from poreline.voxels.image import VoxelImage, faults_of_spacing

_REMEDY_SPACING = 'Give it: --spacing "10 nm", or one length for each axis.'
_TILE = 64


def read_image(
    path: Path | str,
    *,
    spacing: Spacing | None = None,
    periodic: Periodic | None = None,
    pore_label: int | None = None,
    dataset: str = "",
    name: str = "",
    largest_bytes: int | None = None,
) -> VoxelImage:
    """Read a structure whose voxels are already told apart: truths, void fractions or labels.

    Truths: True is pore. Floats from 0 to 1: void fraction. With `pore_label`, integers: that label is pore. Without it,
    two distinct whole numbers: the larger is pore, which a remark in `source` says. `spacing` (m, along x, y, z) and
    `periodic` replace what the file tells. A picture becomes an image one voxel thick, its columns x, its rows y.

    The array is C-contiguous and in memory, unless it does not fit there: a mapped file of truths or float32 void
    fractions then stays mapped. Memory: 1 byte a voxel for truths and labels, 4 for void
    fractions; while reading also the values of a file that is not mapped (1 byte a voxel for truths in a TIFF).

    Raises InvalidInput with every fault that was found: whatever `read_array` finds; no spacing, or one that no pore
    has; NaN; grey values, which need a segmentation; a label that is not there.
    """
    found = read_array(path, dataset=dataset, largest_bytes=largest_bytes)
    subject = str(path)
    faults: list[Fault] = []
    edges = spacing if spacing is not None else _turned(found)
    if edges is None:
        reason = f"The file tells no size of a voxel ({found.spacing_from.removeprefix('none: ')})."
        faults.append(Fault("spacing", "", "the edges of a voxel", reason, _REMEDY_SPACING))
    else:
        faults += faults_of_spacing(edges)
    allowed = memory_allowed() if largest_bytes is None else largest_bytes
    array = found.array if found.array.ndim == 3 else found.array.T[:, :, None]
    try:
        void, remark = _void(array, pore_label, allowed)
    except InvalidInput as error:
        faults += error.faults
    if faults or edges is None:
        raise InvalidInput(faults, subject)
    how = f"spacing {_shown(edges)} from {'the caller' if spacing is not None else found.spacing_from}"
    return VoxelImage(
        void=void,
        spacing=edges,
        periodic=periodic if periodic is not None else found.periodic or (False, False, False),
        pore_width=found.pore_width,
        pore_normal=found.pore_normal,
        phase=found.phase,
        name=name or Path(path).name.partition(".")[0] or "image",
        source=(f"{printable(Path(path).name, 120)}, {found.format}", how, *found.remarks, remark),
    )


def needs_segmentation(array: AnyArray) -> bool:
    """Whether values are grey ones, which have to be parted into solid and void before anything is measured.

    Truths are not, nor floats from 0 to 1, nor whole numbers of which there are at most two. NaN is left out of account.
    """
    if array.dtype == np.bool_ or array.size == 0:
        return False
    low, high, _ = _range(array)
    if array.dtype.kind == "f" and low >= 0 and high <= 1:
        return False
    return not _has_two_values(array, low, high)


def _turned(found: ImageFile) -> Spacing | None:
    """The spacing along x, y, z: that of a picture is told for rows, columns, depth."""
    if found.spacing is None or found.kind == "volume":
        return found.spacing
    return found.spacing[1], found.spacing[0], found.spacing[2]


def _shown(edges: Spacing) -> str:
    one = len(set(edges)) == 1
    return " x ".join(format_quantity(edge, "nm") for edge in (edges[:1] if one else edges))


def _fault(value: str, limit: str, reason: str, remedy: str) -> InvalidInput:
    return InvalidInput([Fault("FILE", value, limit, reason, remedy)], "image file")


def _range(array: AnyArray) -> tuple[float | int, float | int, bool]:
    """Lowest and highest value, and whether there is NaN, which does not count."""
    low: float | int | None = None
    high: float | int | None = None
    has_nan = False
    for slab in slabs(array):
        lowest, highest = slab.min().item(), slab.max().item()
        if lowest != lowest:
            has_nan = True
            finite = slab[~np.isnan(slab)]
            if finite.size == 0:
                continue
            lowest, highest = finite.min().item(), finite.max().item()
        low = lowest if low is None else min(low, lowest)
        high = highest if high is None else max(high, highest)
    return (np.nan, np.nan, True) if low is None or high is None else (low, high, has_nan)


def _has_two_values(array: AnyArray, low: float | int, high: float | int) -> bool:
    """Whether every value is `low` or `high`, and these are whole numbers."""
    if low != low or int(low) != low or int(high) != high if np.isfinite([low, high]).all() else True:
        return False
    return all(bool(((slab == low) | (slab == high) | (slab != slab)).all()) for slab in slabs(array))


def _void(array: AnyArray, pore_label: int | None, allowed: int) -> tuple[npt.NDArray[np.bool_ | np.float32], str]:
    """Void of every voxel, C-contiguous, and how it was understood."""
    if array.dtype == np.bool_ and pore_label in {None, 1}:
        return _contiguous(array, allowed), "True is pore."
    if array.dtype == np.bool_:
        if pore_label == 0:
            return _where_equal(array, False, allowed), "False is pore."
        raise _fault(f"label {pore_label}", "0 or 1", "The image holds truths.", "Give 0 or 1, or leave the label out.")
    low, high, has_nan = _range(array)
    if has_nan:
        raise _fault("NaN", "a value for every voxel", "Some voxels have no value.", "Fill or crop them.")
    shown = f"values from {low:.6g} to {high:.6g}"
    is_fraction = array.dtype.kind == "f" and low >= 0 and high <= 1
    if pore_label is not None:
        if array.dtype.kind == "f" and not _is_whole(array):
            raise _fault(shown, "whole numbers", "A label is a whole number.", "Export labels, or leave the label out.")
        if not low <= pore_label <= high or not any(bool((slab == pore_label).any()) for slab in slabs(array)):
            reason = "No voxel has this label."
            raise _fault(f"label {pore_label}", shown, reason, "Give the label of the pores.")
        return _where_equal(array, pore_label, allowed), f"The label {pore_label} is pore."
    if is_fraction and _has_two_values(array, low, high):
        # A mask that was saved as floats knows its wall to half a voxel, as any mask, and is not a set of exact fractions.
        return _where_equal(array, 1.0, allowed), "It holds 0 and 1 alone: 1 is pore."
    if is_fraction:
        remark = "Its values, from 0 to 1, are void fractions: 1 is void."
        return _contiguous(array, allowed, np.float32), remark
    if low == high:
        reason = "All voxels have the same value: nothing tells whether they are pore."
        raise _fault(shown, "at least two values", reason, "Give the label of the pores: --pore-label.")
    if not _has_two_values(array, low, high):
        reason = "Grey values or several labels: nothing tells which are pore."
        remedy = "Segment it, or give the label of the pores: --pore-label."
        raise _fault(shown, "truths, void fractions from 0 to 1, or two values", reason, remedy)
    return _where_equal(
        array, high, allowed
    ), f"It holds two values, {low:g} and {high:g}; the larger was taken as pore."


def _is_whole(array: AnyArray) -> bool:
    return all(bool((np.isfinite(slab) & (slab == np.rint(slab))).all()) for slab in slabs(array))


def _allow(needed: int, allowed: int) -> None:
    if needed > allowed:
        reason = "The image does not fit into the memory available."
        remedy = "Crop or bin it, or save it as .npy of bool or float32, which need not be loaded whole."
        raise _fault(f"{needed / 1e9:,.4g} GB needed", f"{allowed / 1e9:,.4g} GB available", reason, remedy)


def _contiguous(array: AnyArray, allowed: int, dtype: type | None = None) -> AnyArray:
    wanted = np.dtype(dtype) if dtype is not None else array.dtype
    if array.dtype == wanted and array.flags.c_contiguous:
        return array
    if array.dtype == wanted and array.size * wanted.itemsize > allowed:
        return array  # only a mapped file can be larger than what is allowed
    _allow(array.size * wanted.itemsize, allowed)
    out = np.empty(array.shape, wanted)
    for where in _tiles(array):
        out[where] = array[where]
    return out


def _where_equal(array: AnyArray, value: float | int | bool, allowed: int) -> npt.NDArray[np.bool_]:
    _allow(array.size, allowed)
    out = np.empty(array.shape, np.bool_)
    for where in _tiles(array):
        np.equal(array[where], value, out=out[where])
    return out


def _tiles(array: AnyArray) -> list[tuple[slice, slice]]:
    """Places that together cover the array, small in x and y so that turned axes stay in the processor's cache."""
    if array.flags.c_contiguous:
        step = max(1, 2**24 // max(1, array[0].size))
        return [(slice(start, start + step), slice(None)) for start in range(0, array.shape[0], step)]
    return [
        (slice(i, i + _TILE), slice(j, j + _TILE))
        for i in range(0, array.shape[0], _TILE)
        for j in range(0, array.shape[1], _TILE)
    ]
