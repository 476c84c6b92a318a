"""Grey pictures and volumes parted into solid and void, with the wall's place below the voxel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.quantities.faults import Caution
from poreline.voxels.image import OPEN_FROM, BoolArray, FloatArray
from poreline.voxels.segmentation.data_bar import data_bar_rows
from poreline.voxels.segmentation.settings import Segmentation

if TYPE_CHECKING:
    from poreline.voxels.segmentation.levels import Found

Progress = Callable[[float], None]
SENSITIVITY_STEP = 0.05
"""Share of the contrast by which the threshold is moved to see how far the porosity depends on it."""

_SLAB = 2**24  # voxels worked on at a time, beside the result
_SLAB_NLM = 2**22  # non-local means needs many times its slab
_DEAD_ZONE = 3.0  # standard deviations of the noise within which a voxel belongs to its plateau
_NOISE_PLANES = 16
_DENOISED, _LEVELS_DONE = 0.6, 0.8  # shares of the work that are done after these steps, roughly
_QUANTISATION = 12.0**-0.5  # standard deviation of the rounding to whole grey values, whatever the picture
_RATIO_NONE, _RATIO_LOW = 2.0, 4.0  # contrast over noise: below the first no phase can be told, see Rose (1948)
_SATURATED = 0.01
_SHALLOW_VALLEY = 0.3
_SENSITIVE = 0.02  # porosity that moves with the threshold


@dataclass(frozen=True, kw_only=True)
class _Segmented:
    """What picture and volume have in common."""

    void: FloatArray
    """Void fraction of each voxel, 0 to 1: 0.5 where a wall cuts the middle of a voxel."""
    threshold: float
    """Grey value of the wall, in the units of the input; with flattening, where the brightness is the mean one."""
    grey_pore: float
    """Grey value of pure void."""
    grey_solid: float
    """Grey value of pure solid."""
    noise: float
    """Standard deviation of the noise before denoising, grey value. Too low where neighbours share their noise, as after
    resampling."""
    contrast_to_noise: float
    """|grey_solid - grey_pore| / noise; infinite without noise."""
    porosity: float
    """Mean void fraction."""
    porosity_low: float
    """Porosity if the threshold moves by 5 % of the contrast towards the pores."""
    porosity_high: float
    """Porosity if the threshold moves by 5 % of the contrast towards the solid."""
    share_undecided: float
    """Share of voxels that change phase between the two."""
    valley_depth: float
    """How deep a valley of the histogram the threshold sits in: 1 - its height / height of the lower peak. 1: the phases
    are apart; 0 or less: no valley."""
    brightness_drift: float
    """Range of the slow change of brightness that was removed, as a share of the contrast."""
    remarks: tuple[str, ...] = ()
    """How it was done, one line each."""
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentedPicture(_Segmented):
    """A grey picture parted into solid and void. All arrays have the shape of the picture without its data bar."""

    original: FloatArray
    """Grey values as they came, without the data bar."""
    binary: BoolArray
    """True where a pixel is at least half void."""
    rows_cut: tuple[int, int]
    """Rows of the data bar that were cut at the top and at the bottom."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentedVolume(_Segmented):
    """A grey volume parted into solid and void."""

    @property
    def binary(self) -> BoolArray:
        """True where a voxel is at least half void; made anew on each call, 1 byte a voxel."""
        return self.void >= OPEN_FROM


@dataclass
class _Seen:
    """What a pass over the grey values found."""

    low: float = np.inf
    high: float = -np.inf
    at_limits: list[int] = field(default_factory=lambda: [0, 0])


def segment_picture(grey: npt.NDArray[Any], settings: Segmentation | None = None) -> SegmentedPicture:
    """Part a grey picture, (rows, columns), into solid and void.

    Steps: cut the data bar; denoise; find the two phases by Otsu's threshold or the one given; remove slow changes of
    brightness; take as level of each phase the median of its pixels away from any wall; make the void fraction linear
    in the grey value from level to level. A pixel that a wall cuts shows the mean of both phases, so the wall is known
    to a fraction of a pixel. Pixels that differ from a level by less than three times the noise, and that touch no
    pixel of the other phase, count as pure. Integers and floats of any depth.

    Raises InvalidInput for anything but a picture with two axes, for values that are not finite, and for a picture
    that is one even tone. Whatever else is wrong is said in `cautions`.
    """
    settings = settings or Segmentation()
    faults = _faults_of_grey(grey, 2, "picture")
    if faults:
        raise InvalidInput(faults, "picture")
    grey = np.asarray(grey)
    _check_finite(grey, "picture")
    top, bottom = data_bar_rows(grey) if settings.data_bar == "cut" else (0, 0)
    grey = grey[top : len(grey) - bottom]
    remarks = [f"data bar cut: {top + bottom} rows at the {'top' if top else 'bottom'}"] if top or bottom else []
    # The kernels run in parallel along the first axis and know three.
    found = _segment(grey[:, None, :], settings, "picture", remarks)
    void = found.pop("void")[:, 0, :]
    original = np.array(grey, np.float32)
    return SegmentedPicture(original=original, void=void, binary=void >= OPEN_FROM, rows_cut=(top, bottom), **found)


def segment_volume(
    grey: npt.NDArray[Any], settings: Segmentation | None = None, progress: Progress | None = None
) -> SegmentedVolume:
    """Part a grey volume with three axes into solid and void, as `segment_picture` does; it has no data bar.

    `grey` may be mapped from a file: it is read twice, slab by slab. Memory beside it: 4 bytes a voxel for the result,
    in which the denoised grey values lie before it is made, and about 300 MB for slabs and block sums. `progress` is
    called with the share that is done.

    Raises InvalidInput for anything but a volume with three axes, for values that are not finite, and for one even tone.
    """
    settings = settings or Segmentation()
    faults = _faults_of_grey(grey, 3, "volume")
    if faults:
        raise InvalidInput(faults, "volume")
    return SegmentedVolume(**_segment(grey, settings, "volume", [], progress))


def _segment(
    grey: npt.NDArray[Any],
    settings: Segmentation,
    subject: str,
    remarks: list[str],
    progress: Progress | None = None,
) -> dict[str, Any]:
    from poreline.voxels.segmentation.levels import find_levels

    planes = _planes(grey)
    two_valued = all(len(np.unique(plane)) <= 2 for plane in planes)
    noise = 0.0 if two_valued else _noise(planes)
    remarks = [*remarks, "two grey values only: it was parted before"] if two_valued else remarks
    tell = progress or (lambda share: None)
    buffer, seen = _denoised(grey, settings, noise, subject, tell)
    if not seen.high > seen.low:
        raise InvalidInput([_fault_even_tone(seen.low)], subject)
    found = find_levels(buffer, settings)
    tell(_LEVELS_DONE)
    contrast = abs(found.levels.solid_mean - found.levels.void_mean)
    ratio = contrast / noise if noise > 0.0 else float("inf")
    failed = ratio < _RATIO_NONE
    tallies = _fill(buffer, found, tell, hard=failed)
    tell(1.0)
    count = float(buffer.size)
    void_sum, opened, leaving, joining = tallies
    porosity = void_sum / count
    undecided = (leaving + joining) / count
    band = (0.0, 1.0) if failed else (max(0.0, porosity - leaving / count), min(1.0, porosity + joining / count))
    return {
        "void": buffer,
        "threshold": found.levels.grey(found.wall),
        "grey_pore": found.levels.void_mean,
        "grey_solid": found.levels.solid_mean,
        "noise": noise,
        "contrast_to_noise": ratio,
        "porosity": porosity,
        "porosity_low": band[0],
        "porosity_high": band[1],
        "share_undecided": undecided,
        "valley_depth": found.valley_depth,
        "brightness_drift": found.drift,
        "remarks": (*remarks, *_remarks(settings, found.drift)),
        "cautions": tuple(
            _cautions(found, ratio, () if two_valued else _saturated(seen, count), opened / count, undecided)
        ),
    }


def _remarks(settings: Segmentation, drift: float) -> Iterator[str]:
    if settings.denoise == "median":
        yield f"denoised: median on a cross with arms of {settings.denoise_strength:.0f}"
    elif settings.denoise == "nlm":
        yield f"denoised: non-local means, {settings.denoise_strength:g} times the usual strength"
    if settings.flatten:
        yield (
            f"slow change of brightness removed: {drift:.0%} of the contrast"
            if drift
            else "no slow change of brightness"
        )
    how = {"otsu": "half-way between the plateaus that Otsu's threshold parts",
           "local": f"half-way between the plateaus in a window of {settings.local_window} pixels",
           "manual": "given by hand"}  # fmt: skip
    yield f"threshold: {how[settings.method]}"


def _saturated(seen: _Seen, count: float) -> Iterator[str]:
    """The ends of the scale at which many voxels lie, in words."""
    for name, number in zip(("lowest", "highest"), seen.at_limits, strict=True):
        if number > _SATURATED * count:
            yield f"{number / count:.1%} of the voxels are at the {name} grey value"


def _cautions(
    found: Found, ratio: float, saturated: Iterable[str], opened: float, undecided: float
) -> Iterator[Caution]:
    if ratio < _RATIO_NONE:
        text = f"The two grey values differ by only {ratio:.1f} times the noise: there may be one phase, and the porosity is not known."
        yield Caution("no-contrast", text)
    elif ratio < _RATIO_LOW:
        text = f"The contrast is {ratio:.1f} times the noise; small pores and noise look alike below {_RATIO_LOW:.0f}."
        yield Caution("low-contrast", text)
    ends = " and ".join(saturated)
    if ends:
        yield Caution("saturated", f"{ends}: saturated, so walls beside them may be shifted.")
    if found.valley_depth < _SHALLOW_VALLEY:
        text = f"The threshold sits in no clear valley of the histogram (depth {max(found.valley_depth, 0.0):.2f} of 1): the phases overlap."
        yield Caution("threshold-not-in-valley", text)
    if undecided > _SENSITIVE:
        text = (
            f"{undecided:.1%} of the voxels change phase if the threshold moves by 5 % of the contrast to either side."
        )
        yield Caution("threshold-sensitive", text)
    if not found.edge < found.wall < 1.0:
        text = "The threshold lies beyond the grey values of both phases; the void fraction is 0 or 1 only."
        yield Caution("threshold-outside-plateaus", text)
    if opened in {0.0, 1.0}:
        yield Caution("one-phase", f"Every voxel is {'void' if opened else 'solid'}.")
    elif not found.plateaus.void_seen:
        text = "No pore is wide enough to show the grey value of pure void; void fractions are upper estimates. Give it, as --grey-pore or `grey_pore`."
        yield Caution("pore-plateau-not-seen", text)
    elif not found.plateaus.solid_seen:
        text = "No wall is thick enough to show the grey value of pure solid; void fractions are lower estimates. Give it, as --grey-solid or `grey_solid`."
        yield Caution("solid-plateau-not-seen", text)


def _fill(buffer: FloatArray, found: Found, tell: Progress, *, hard: bool) -> tuple[float, float, float, float]:
    """Turn the grey values in `buffer` into void fractions, in place, slab by slab; sums of the tallies of `fill_void`."""
    from poreline.voxels.segmentation.kernels import fill_void

    levels, plateaus = found.levels, found.plateaus
    dead_solid, dead_void = (min(_DEAD_ZONE * sigma, 0.5) for sigma in (plateaus.solid_noise, plateaus.void_noise))
    totals = np.zeros(4)
    before = buffer[:0].copy()
    for start, stop in _slabs(buffer.shape, _SLAB):
        slab = np.concatenate([before, buffer[start : stop + 1]])
        before = buffer[stop - 1 : stop].copy()
        skip = 1 if start else 0
        tallies = np.zeros((stop - start, 4))
        out = buffer[start:stop]
        fill_void(slab, start, stop - start, skip, levels.solid, levels.void, levels.block, found.wall, found.edge,
                  dead_solid, dead_void, SENSITIVITY_STEP, out, tallies)  # fmt: skip
        if hard:
            np.greater_equal(out, OPEN_FROM, out=out, casting="unsafe")
            tallies[:, 0] = out.sum(axis=(1, 2), dtype=np.float64)
        totals += tallies.sum(axis=0)
        tell(_LEVELS_DONE + (1.0 - _LEVELS_DONE) * stop / len(buffer))
    return float(totals[0]), float(totals[1]), float(totals[2]), float(totals[3])


def _denoised(
    grey: npt.NDArray[Any], settings: Segmentation, noise: float, subject: str, tell: Progress
) -> tuple[FloatArray, _Seen]:
    """The grey values as float32, denoised, and what was seen on the way."""
    from poreline.voxels.segmentation.kernels import cross_median

    buffer = np.empty(grey.shape, np.float32)
    seen = _Seen()
    halo = {"none": 0, "median": int(settings.denoise_strength), "nlm": 4}[settings.denoise]
    for start, stop in _slabs(grey.shape, _SLAB_NLM if settings.denoise == "nlm" else _SLAB):
        first = max(0, start - halo)
        raw = np.asarray(grey[first : stop + halo])
        own = raw[start - first : stop - first]
        _look(own, seen, subject)
        slab = np.ascontiguousarray(raw, np.float32)
        if settings.denoise == "median":
            cross_median(slab, start - first, stop - first, halo, buffer[start:stop])
        elif settings.denoise == "nlm" and noise > 0.0:
            buffer[start:stop] = _non_local_means(slab, noise, settings.denoise_strength)[start - first : stop - first]
        else:
            buffer[start:stop] = slab[start - first : stop - first]
        tell(_DENOISED * stop / len(grey))
    return buffer, seen


def _non_local_means(slab: FloatArray, noise: float, strength: float) -> FloatArray:
    from skimage.restoration import denoise_nl_means

    picture = slab.shape[1] == 1
    values = slab[:, 0, :] if picture else slab
    patch, distance = (5, 6) if picture else (3, 2)
    calm = denoise_nl_means(
        values, patch_size=patch, patch_distance=distance, h=0.8 * strength * noise, sigma=noise, fast_mode=True
    )
    return np.asarray(calm, np.float32).reshape(slab.shape)


def _look(raw: npt.NDArray[Any], seen: _Seen, subject: str) -> None:
    """Range of the values, and how many lie at the ends of what the file can hold."""
    _check_finite(raw, subject)
    seen.low, seen.high = min(seen.low, float(raw.min())), max(seen.high, float(raw.max()))
    if raw.dtype.kind in "ui":
        limits = np.iinfo(raw.dtype)
        seen.at_limits[0] += int(np.count_nonzero(raw == limits.min))
        seen.at_limits[1] += int(np.count_nonzero(raw == limits.max))


def _planes(grey: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    """A picture, or some planes of a volume."""
    if grey.shape[1] == 1:
        return [np.asarray(grey[:, 0, :])]
    return [np.asarray(grey[i]) for i in np.unique(np.linspace(0, len(grey) - 1, _NOISE_PLANES).astype(int))]


def _noise(planes: list[npt.NDArray[Any]]) -> float:
    """Standard deviation of the noise, grey value: median of the second differences along both axes (Immerkaer 1996).

    The median is that of the even regions as long as edges are in less than half of the picture.
    """
    found = []
    for plane in planes:
        values = np.diff(np.diff(np.asarray(plane, np.float32), 2, axis=0), 2, axis=1)
        found.append(float(np.median(np.abs(values))) / 0.6745 / 6.0)
    noise = float(np.median(found))
    return max(noise, _QUANTISATION) if planes[0].dtype.kind in "ui" else noise


def _slabs(shape: tuple[int, ...], voxels: int) -> Iterator[tuple[int, int]]:
    """First and last plane + 1 of slabs of about so many voxels."""
    step = max(1, voxels // (shape[1] * shape[2]))
    for start in range(0, shape[0], step):
        yield start, min(start + step, shape[0])


def _check_finite(raw: npt.NDArray[Any], subject: str) -> None:
    if raw.dtype.kind == "f" and not np.isfinite(raw).all():
        fault = Fault("grey values", "NaN or infinity", "finite", "Some have no grey value.", "Fill or crop them.")
        raise InvalidInput([fault], subject)


def _fault_even_tone(value: float) -> Fault:
    reason = "It has no contrast: every grey value is the same, so solid and void cannot be told apart."
    return Fault("grey values", f"{value:g} everywhere", "two phases", reason, "Check exposure and export.")


def _faults_of_grey(grey: npt.NDArray[Any], axes: int, subject: str) -> list[Fault]:
    faults = []
    if grey.ndim != axes:
        remedy = "Convert colour to grey first." if grey.ndim == 3 and axes == 2 else f"Give an array with {axes} axes."
        reason = f"A grey {subject} has {axes}."
        faults.append(Fault(subject, f"{grey.ndim} axes", f"{axes} axes", reason, remedy))
    elif min(grey.shape) < 3:
        reason = "It is too small to hold two phases."
        faults.append(Fault(subject, str(grey.shape), "3 or more along each axis", reason, "Check the export."))
    if grey.dtype == np.bool_:
        reason = "It is already parted into two phases."
        faults.append(Fault("grey values", "bool", "integers or floats", reason, "Use it as an image of voids."))
    elif grey.dtype.kind not in "uif":
        reason = "They are no grey values."
        faults.append(Fault("grey values", str(grey.dtype), "integers or floats", reason, "Convert them first."))
    return faults
