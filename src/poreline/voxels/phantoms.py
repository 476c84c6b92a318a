"""Phantoms: images made from known geometry, to test what a segmentation or a measurement makes of them.

Nothing here was measured. A shape is written down, the void fraction of every voxel follows from it, and `as_tomogram`
or `as_sem` adds what an instrument would: blur, noise, drift, charging, a data bar. Lengths are in voxels. Every random
choice comes from the generator that is passed in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numba
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput
from poreline.voxels.threads import parallel

FloatArray = npt.NDArray[np.float32]
Shape = tuple[int, int, int]
Vector = tuple[float, float, float]

_HALF_DIAGONAL = math.sqrt(3.0) / 2.0
_TEXT_OF_DATA_BAR = (
    "15.00 kV   x 50,000   WD 5.1 mm   SE2",
    "HV 5.0 kV  mag 80 000 x  HFW 3.7 um",
    "2.0kV 4.8mm x60.0k SE(UL)",
)
_SLOW_TERMS = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0))
"""Powers of x, y, z in the slow change of brightness: gradients along each axis, cupping, a twist."""


def random_direction(rng: np.random.Generator) -> Vector:
    """A unit vector whose direction is uniform on the sphere."""
    drawn = rng.normal(size=3)
    x, y, z = drawn / np.linalg.norm(drawn)
    return float(x), float(y), float(z)


def random_offset(rng: np.random.Generator) -> Vector:
    """A shift of up to half a voxel along each axis: where a body lies on the grid is chance."""
    x, y, z = rng.uniform(-0.5, 0.5, size=3)
    return float(x), float(y), float(z)


def slit(shape: Shape, width: float, normal: Vector = (1.0, 0.0, 0.0), offset: float = 0.0) -> FloatArray:
    """Void fraction of an endless slit between two planes, exact for every voxel at any tilt and any width above 0.

    The fraction of a voxel below a plane is the volume of a cube cut by a plane (Scardovelli and Zaleski 2000); the slit
    is the difference of two. `width` in voxels; `normal` of any length; `offset` is the distance in voxels of the slit's
    middle plane from the middle of the image, along the normal. Its local thickness is `width` everywhere and its
    hydraulic diameter 2 * width. Memory: 4 bytes a voxel, the result.

    Raises InvalidInput for a shape without voxels, a width that is not above 0, or a normal of length 0.
    """
    faults = [*_faults_of_shape(shape), *_faults_of_length("width", width), *_faults_of_direction("normal", normal)]
    if faults:
        raise InvalidInput(faults, "slit")
    void = np.empty(shape, np.float32)
    _fill_slit(void, np.asarray(_unit(normal)), float(width), float(offset))
    return void


def cylinder(
    shape: Shape,
    diameter: float,
    axis: Vector = (0.0, 0.0, 1.0),
    offset: Vector = (0.0, 0.0, 0.0),
    samples: int = 8,
) -> FloatArray:
    """Void fraction of an endless round pore.

    `diameter` in voxels; `axis` of any length; `offset` of the axis from the middle of the image, in voxels; `samples`
    points along each edge of a voxel that the wall cuts, so the fraction comes in steps of samples**-3. Local thickness
    and hydraulic diameter are `diameter`. Memory: 4 bytes a voxel, the result.

    Raises InvalidInput for a shape without voxels, a diameter that is not above 0, an axis of length 0, or `samples`
    outside 1 to 64.
    """
    faults = [*_faults_of_shape(shape), *_faults_of_length("diameter", diameter), *_faults_of_direction("axis", axis)]
    faults += _faults_of_samples(samples)
    if faults:
        raise InvalidInput(faults, "cylinder")
    body = (*_middle(shape, offset), *_unit(axis), diameter / 2.0, math.inf)
    return _union(shape, np.asarray([body]), samples)


def ball(shape: Shape, diameter: float, offset: Vector = (0.0, 0.0, 0.0), samples: int = 8) -> FloatArray:
    """Void fraction of a round hole; volume pi d**3 / 6 and local thickness `diameter`, where it lies inside the image.

    `diameter` and `offset` from the middle of the image in voxels; `samples` as for `cylinder`. Memory: 4 bytes a voxel.

    Raises InvalidInput for a shape without voxels, a diameter that is not above 0, or `samples` outside 1 to 64.
    """
    faults = [*_faults_of_shape(shape), *_faults_of_length("diameter", diameter), *_faults_of_samples(samples)]
    if faults:
        raise InvalidInput(faults, "ball")
    body = (*_middle(shape, offset), 0.0, 0.0, 0.0, diameter / 2.0, 0.0)
    return _union(shape, np.asarray([body]), samples)


def microcracks(
    shape: Shape,
    *,
    porosity: float,
    diameter: float,
    width: float,
    rng: np.random.Generator,
    normal: Vector = (1.0, 0.0, 0.0),
    normal_spread: float = 0.15,
    diameter_spread: float = 1.3,
    width_spread: float = 1.3,
    samples: int = 4,
) -> FloatArray:
    """Void fraction of a stretched film as a sketch: flat round cracks at random places in a solid, free to overlap.

    A Boolean model: the number of cracks in and around the image is a Poisson number of mean -ln(1 - porosity) / (mean
    volume of a crack) per voxel, so `porosity` is the expected one; the mean of the result is that of this image.
    `diameter` and `width` are medians in voxels, their spreads geometric standard deviations (1: all equal). Normals
    lie around `normal` with a standard deviation of `normal_spread` radians about each of two axes. `samples` as for
    `cylinder`. Memory: 4 bytes a voxel and 8 numbers for each crack.

    Raises InvalidInput for a shape without voxels, a porosity outside 0 to 0.95, a length that is not above 0, a spread
    below 1, a normal of length 0, or `samples` outside 1 to 64.
    """
    faults = [*_faults_of_shape(shape), *_faults_of_length("diameter", diameter), *_faults_of_length("width", width)]
    faults += [
        *_faults_of_direction("normal", normal),
        *_faults_of_samples(samples),
        *_faults_of_porosity(porosity, 0.0),
    ]
    for name, spread in (("diameter_spread", diameter_spread), ("width_spread", width_spread)):
        if not 1.0 <= spread <= 5.0:
            reason = "A geometric standard deviation is a factor."
            faults.append(Fault(name, f"{spread:g}", "1 to 5", reason, "1 makes all cracks equal."))
    if not 0.0 <= normal_spread <= math.pi:
        reason = "It is an angle in radians."
        faults.append(Fault("normal_spread", f"{normal_spread:g}", "0 to pi", reason, "0 makes all cracks parallel."))
    if faults:
        raise InvalidInput(faults, "microcracks")
    # The mean of r**2 w over two log-normal sizes gives the mean volume, not that of the median crack.
    log_diameter, log_width = math.log(diameter_spread), math.log(width_spread)
    volume_mean = math.pi / 4.0 * diameter**2 * width * math.exp(2.0 * log_diameter**2 + 0.5 * log_width**2)
    reach = diameter * math.exp(3.0 * log_diameter)  # a crack that starts outside the image reaches into it
    box = np.asarray(shape) + 2.0 * reach
    count = int(rng.poisson(-math.log1p(-porosity) * float(np.prod(box)) / volume_mean))
    bodies = np.empty((count, 8))
    bodies[:, :3] = rng.uniform(0.0, 1.0, (count, 3)) * box - reach - 0.5
    bodies[:, 3:6] = _tilted(np.asarray(_unit(normal)), normal_spread, count, rng)
    bodies[:, 6] = 0.5 * diameter * np.exp(log_diameter * rng.normal(size=count))
    bodies[:, 7] = 0.5 * width * np.exp(log_width * rng.normal(size=count))
    return _union(shape, bodies, samples)


def blobs(shape: Shape, *, porosity: float, blob_size: float, rng: np.random.Generator) -> FloatArray:
    """Void fraction of a sponge: where smoothed Gaussian noise lies above its quantile of 1 - porosity. Periodic.

    `blob_size` is the standard deviation of the smoothing in voxels; pores and walls are about three times as wide. The
    wall inside a voxel is the plane of the field's value and gradient there. Memory: 4 bytes a voxel for the result,
    and 12 while it is made.

    Raises InvalidInput for a shape without voxels, a porosity outside 0.01 to 0.95, or a blob size below 1 voxel, whose
    walls would be rougher than the voxels.
    """
    from scipy.ndimage import gaussian_filter

    faults = [*_faults_of_shape(shape), *_faults_of_porosity(porosity, 0.01)]
    if not 1.0 <= blob_size < math.inf:
        reason = "A finer field has no walls that voxels can show."
        faults.append(Fault("blob_size", f"{blob_size:g}", "1 voxel or more", reason, "Give 2 to 10 voxels."))
    if faults:
        raise InvalidInput(faults, "blobs")
    field = rng.standard_normal(shape, dtype=np.float32)
    # Along an axis of one voxel there is nothing to smooth.
    sigma = [blob_size if edge > 1 else 0.0 for edge in shape]
    field = gaussian_filter(field, sigma, output=np.float32, mode="wrap", truncate=3.5)
    level = float(np.quantile(field, 1.0 - porosity))
    void = np.empty(shape, np.float32)
    _fill_above(field, level, void)
    return void


def as_tomogram(
    void: FloatArray,
    *,
    rng: np.random.Generator,
    blur: float = 0.7,
    noise: float = 0.1,
    contrast: float = 0.5,
    drift: float = 0.2,
    depth: Literal["uint8", "uint16"] = "uint8",
) -> npt.NDArray[np.uint8 | np.uint16]:
    """The grey volume that a tomograph would show of a known void fraction; pores are dark.

    grey / full scale = 0.5 + contrast * (0.5 - void, blurred) + contrast * (drift * slow change + noise * normal deviate).

    `blur` is the standard deviation of the point spread in voxels; `noise` the standard deviation of the noise and
    `drift` the range of a slow change of brightness (beam hardening, charging), both as a share of the contrast between
    solid and void; `contrast` a share of the full scale. Values beyond the scale saturate. Memory: 12 bytes a voxel.

    Raises InvalidInput for a void fraction without three axes or a setting outside its range.
    """
    faults = _faults_of_instrument(void, 3, blur=blur, noise=noise, drift=drift)
    if not 0.0 < contrast <= 1.0:
        faults.append(
            Fault("contrast", f"{contrast:g}", "above 0, up to 1", "It is a share of the full scale.", "Give 0.5.")
        )
    if faults:
        raise InvalidInput(faults, "tomogram")
    grey = _blurred(void, blur)
    grey *= -contrast
    grey += 0.5 + 0.5 * contrast
    slow = _slow_change(void.shape, rng)
    slow *= drift * contrast
    grey += slow
    del slow
    grey += rng.standard_normal(void.shape, dtype=np.float32) * np.float32(noise * contrast)
    return _digitised(grey, depth)


def as_sem(
    void: FloatArray,
    *,
    rng: np.random.Generator,
    blur: float = 0.8,
    noise: float = 0.15,
    charging: float = 0.3,
    edge_brightening: float = 0.3,
    data_bar: bool = True,
    shading_depth: float = 3.0,
) -> npt.NDArray[np.uint8]:
    """The picture that a scanning electron microscope would show of a known void fraction; pores are dark.

    `void` is a section (rows, columns), or a volume whose third axis points away from the observer: solid that lies
    deeper is darker by exp(-depth / `shading_depth`), depth in voxels. Solid near a pore is brighter by up to
    `edge_brightening`; brightness changes slowly by the factor 1 + charging * (-0.5 to 0.5); the shot noise of the
    electrons has the standard deviation `noise` in the solid and less in the dark. `noise` and `edge_brightening` are
    shares of the contrast between solid and void; `blur` is the standard deviation of the beam in pixels. With `data_bar`
    a strip with text is added below, so the picture has more rows than `void`.

    Raises InvalidInput for a void fraction without two or three axes or a setting outside its range.
    """
    from scipy.ndimage import gaussian_filter

    faults = _faults_of_instrument(
        void, 2, 3, blur=blur, noise=noise, charging=charging, edge_brightening=edge_brightening
    )
    if not 0.0 < shading_depth < math.inf:
        faults.append(Fault("shading_depth", f"{shading_depth:g}", "above 0", "It is a depth in voxels.", "Give 3."))
    if faults:
        raise InvalidInput(faults, "SEM picture")
    seen = _seen_solid(void, shading_depth)
    nearby_pore = gaussian_filter(1.0 - seen, 2.0, mode="nearest")
    brightness_void, brightness_contrast = 0.18, 0.42
    # A wall has pore on one side only, so half of its surroundings is pore and the edge gets the full extra.
    signal = brightness_void + brightness_contrast * seen * (1.0 + 2.0 * edge_brightening * nearby_pore)
    signal = _blurred(signal.astype(np.float32), blur)
    signal *= 1.0 + charging * _slow_change((*signal.shape, 1), rng)[:, :, 0]
    if noise > 0.0:
        bright = brightness_void + brightness_contrast
        electrons = bright / (noise * brightness_contrast) ** 2
        signal = (rng.poisson(np.maximum(signal, 0.0) * electrons) / electrons).astype(np.float32)
    picture = _digitised(signal, "uint8").astype(np.uint8)
    return np.vstack([picture, _data_bar(picture.shape, rng)]) if data_bar else picture


def _data_bar(shape: tuple[int, ...], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The strip below a picture of `shape`: one tone, with text and a scale bar in the other."""
    from PIL import Image, ImageDraw, ImageFont

    rows, columns = shape
    height = max(20, round(rows * rng.uniform(0.05, 0.1)))
    paper, ink = [(0, 255), (255, 0), (24, 230)][int(rng.integers(3))]
    strip = Image.new("L", (columns, height), paper)
    draw = ImageDraw.Draw(strip)
    size = max(8, round(0.45 * height))
    middle = height // 2
    text = _TEXT_OF_DATA_BAR[int(rng.integers(len(_TEXT_OF_DATA_BAR)))]
    font = ImageFont.load_default(size=size)
    draw.text((max(4, columns // 50), middle - size // 2 - 1), text, fill=ink, font=font)
    left, right = round(0.78 * columns), round(0.95 * columns)
    draw.line([(left, middle), (right, middle)], fill=ink, width=max(1, height // 16))
    for x in (left, right):
        draw.line([(x, middle - height // 6), (x, middle + height // 6)], fill=ink, width=max(1, height // 16))
    return np.asarray(strip, np.uint8)


def _seen_solid(void: FloatArray, shading_depth: float) -> FloatArray:
    """Solid as the observer sees it, 0 to 1: a section itself, or the solid of a volume that is not hidden, darker with depth."""
    if void.ndim == 2:
        return (1.0 - void).astype(np.float32)
    open_view = np.ones(void.shape[:2], np.float32)
    seen = np.zeros(void.shape[:2], np.float32)
    for depth in range(void.shape[2]):
        solid = 1.0 - void[:, :, depth]
        seen += open_view * solid * np.float32(math.exp(-depth / shading_depth))
        open_view *= 1.0 - solid
    return seen


def _blurred(values: FloatArray, blur: float) -> FloatArray:
    from scipy.ndimage import gaussian_filter

    sigma = [blur if edge > 1 else 0.0 for edge in values.shape]
    return np.asarray(gaussian_filter(values, sigma, output=np.float32, mode="nearest"))


def _slow_change(shape: tuple[int, ...], rng: np.random.Generator) -> FloatArray:
    """A random smooth field of low order whose range is 1, around 0."""
    axes = [np.linspace(-1.0, 1.0, edge, dtype=np.float32) if edge > 1 else np.zeros(1, np.float32) for edge in shape]
    x, y, z = np.ix_(*axes)
    field = np.zeros(shape, np.float32)
    for (power_x, power_y, power_z), factor in zip(_SLOW_TERMS, rng.normal(size=len(_SLOW_TERMS)), strict=True):
        field += np.float32(factor) * x**power_x * y**power_y * z**power_z
    low, high = float(field.min()), float(field.max())
    field -= 0.5 * (low + high)
    if high > low:
        field /= high - low
    return field


def _digitised(values: FloatArray, depth: Literal["uint8", "uint16"]) -> npt.NDArray[np.uint8 | np.uint16]:
    """Values of 0 to 1 as whole numbers; what lies beyond saturates. Works in place."""
    full = np.iinfo(depth).max
    values *= full
    np.rint(values, out=values)
    np.clip(values, 0, full, out=values)
    return values.astype(depth)


def _tilted(
    normal: npt.NDArray[np.float64], spread: float, count: int, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Unit vectors around a unit normal, tilted by normal angles about the two axes across it."""
    helper = np.eye(3)[int(np.argmin(np.abs(normal)))]
    first = np.cross(normal, helper)
    first /= np.linalg.norm(first)
    second = np.cross(normal, first)
    tilt = np.tan(np.clip(rng.normal(0.0, spread, (count, 2)), -1.5, 1.5))
    drawn = normal + tilt[:, :1] * first + tilt[:, 1:] * second
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector)
    return vector[0] / length, vector[1] / length, vector[2] / length


def _middle(shape: Shape, offset: Vector) -> Vector:
    x, y, z = ((edge - 1) / 2.0 + shift for edge, shift in zip(shape, offset, strict=True))
    return x, y, z


def _union(shape: Shape, bodies: npt.NDArray[np.float64], samples: int) -> FloatArray:
    """Void fraction of bodies that overlap, each a row: middle (3), axis (3; zero for a ball), radius, half length."""
    void = np.zeros(shape, np.float32)
    if len(bodies):
        axis, radius, half_length = bodies[:, 3:6], bodies[:, 6], bodies[:, 7]
        # Half the box around a finite cylinder along each axis; a ball has no axis, so its half length does not count.
        with np.errstate(invalid="ignore"):
            along = np.where(axis == 0.0, 0.0, half_length[:, None] * np.abs(axis))
        extent = along + radius[:, None] * np.sqrt(np.clip(1.0 - axis**2, 0.0, 1.0)) + 0.5
        _fill_union(void, np.ascontiguousarray(bodies), extent, samples)
    return void


@numba.njit(cache=True, error_model="numpy")
def _cut_cube(smallest: float, middle: float, largest: float, distance: float) -> float:
    """Volume of the unit cube below a plane; components of the plane's unit normal by size, distance from the cube's middle."""
    total = smallest + middle + largest
    m1, m2, m3 = smallest / total, middle / total, largest / total
    alpha = distance / total + 0.5
    if alpha <= 0.0:
        return 0.0
    if alpha >= 1.0:
        return 1.0
    flipped = alpha > 0.5
    if flipped:
        alpha = 1.0 - alpha
    if m1 < 1e-5:  # the cubic terms would cancel to noise; the cube is cut like a square, to 1e-5
        m1, m2 = 0.0, m2 / (m2 + m3)
        m3 = 1.0 - m2
    if alpha < m1:
        volume = alpha**3 / (6.0 * m1 * m2 * m3)
    elif alpha < m2:
        volume = alpha * (alpha - m1) / (2.0 * m2 * m3) + m1 * m1 / (6.0 * m2 * m3)
    elif alpha >= m1 + m2:
        volume = (2.0 * alpha - m1 - m2) / (2.0 * m3)
    else:
        volume = alpha * alpha * (3.0 * (m1 + m2) - alpha) + m1 * m1 * (m1 - 3.0 * alpha) + m2 * m2 * (m2 - 3.0 * alpha)
        if alpha > m3:
            volume += (alpha - m3) ** 3
        volume /= 6.0 * m1 * m2 * m3
    return 1.0 - volume if flipped else volume


@numba.njit(cache=True, error_model="numpy")
def _by_size(a: float, b: float, c: float) -> tuple[float, float, float]:
    a, b, c = abs(a), abs(b), abs(c)
    low, high = min(a, b, c), max(a, b, c)
    return low, max(min(a, b), min(max(a, b), c)), high


@parallel(error_model="numpy")
def _fill_slit(void: FloatArray, normal: npt.NDArray[np.float64], width: float, offset: float) -> None:
    nx, ny, nz = void.shape
    low, middle, high = _by_size(normal[0], normal[1], normal[2])
    for i in numba.prange(nx):
        for j in range(ny):
            for k in range(nz):
                place = (
                    normal[0] * (i - 0.5 * (nx - 1))
                    + normal[1] * (j - 0.5 * (ny - 1))
                    + normal[2] * (k - 0.5 * (nz - 1))
                )
                distance = offset - place
                upper = _cut_cube(low, middle, high, distance + 0.5 * width)
                void[i, j, k] = max(0.0, upper - _cut_cube(low, middle, high, distance - 0.5 * width))


@parallel(error_model="numpy")
def _fill_above(field: FloatArray, level: float, void: FloatArray) -> None:
    nx, ny, nz = field.shape
    for i in numba.prange(nx):
        for j in range(ny):
            for k in range(nz):
                gx = 0.5 * (field[(i + 1) % nx, j, k] - field[i - 1, j, k])
                gy = 0.5 * (field[i, (j + 1) % ny, k] - field[i, j - 1, k])
                gz = 0.5 * (field[i, j, (k + 1) % nz] - field[i, j, k - 1])
                height = field[i, j, k] - level
                slope = math.sqrt(gx * gx + gy * gy + gz * gz)
                if abs(height) >= slope * _HALF_DIAGONAL:
                    void[i, j, k] = 1.0 if height > 0.0 else 0.0
                else:
                    low, middle, high = _by_size(gx / slope, gy / slope, gz / slope)
                    void[i, j, k] = _cut_cube(low, middle, high, height / slope)


@numba.njit(cache=True, error_model="numpy")
def _depth_outside(bodies: npt.NDArray[np.float64], which: int, x: float, y: float, z: float) -> float:
    """How far a point is outside a body (negative: inside): exact inside, never more than the distance outside."""
    dx, dy, dz = x - bodies[which, 0], y - bodies[which, 1], z - bodies[which, 2]
    along = dx * bodies[which, 3] + dy * bodies[which, 4] + dz * bodies[which, 5]
    across = math.sqrt(max(0.0, dx * dx + dy * dy + dz * dz - along * along))
    if bodies[which, 3] == 0.0 and bodies[which, 4] == 0.0 and bodies[which, 5] == 0.0:
        return float(across - bodies[which, 6])
    return float(max(abs(along) - bodies[which, 7], across - bodies[which, 6]))


@parallel(error_model="numpy")
def _fill_union(
    void: FloatArray, bodies: npt.NDArray[np.float64], extent: npt.NDArray[np.float64], samples: int
) -> None:
    nx, ny, nz = void.shape
    count = bodies.shape[0]
    for i in numba.prange(nx):
        in_plane = np.empty(count, np.int64)
        in_row = np.empty(count, np.int64)
        cut = np.empty(count, np.int64)
        planes = 0
        for body in range(count):
            if abs(i - bodies[body, 0]) <= extent[body, 0]:
                in_plane[planes] = body
                planes += 1
        for j in range(ny):
            rows = 0
            for index in range(planes):
                body = in_plane[index]
                if abs(j - bodies[body, 1]) <= extent[body, 1]:
                    in_row[rows] = body
                    rows += 1
            for k in range(nz):
                inside = False
                cuts = 0
                for index in range(rows):
                    body = in_row[index]
                    if abs(k - bodies[body, 2]) > extent[body, 2]:
                        continue
                    outside = _depth_outside(bodies, body, i, j, k)
                    if outside < -_HALF_DIAGONAL:
                        inside = True
                        break
                    if outside < _HALF_DIAGONAL:
                        cut[cuts] = body
                        cuts += 1
                if inside:
                    void[i, j, k] = 1.0
                elif cuts > 0:
                    void[i, j, k] = _share_inside(bodies, cut, cuts, i, j, k, samples)


@numba.njit(cache=True, error_model="numpy")
def _share_inside(
    bodies: npt.NDArray[np.float64], cut: npt.NDArray[np.int64], cuts: int, i: int, j: int, k: int, samples: int
) -> float:
    hits = 0
    for a in range(samples):
        x = i - 0.5 + (a + 0.5) / samples
        for b in range(samples):
            y = j - 0.5 + (b + 0.5) / samples
            for c in range(samples):
                z = k - 0.5 + (c + 0.5) / samples
                for index in range(cuts):
                    if _depth_outside(bodies, cut[index], x, y, z) <= 0.0:
                        hits += 1
                        break
    return hits / samples**3


def _faults_of_shape(shape: Sequence[int]) -> list[Fault]:
    if len(shape) == 3 and all(edge >= 1 for edge in shape):
        return []
    reason = "A phantom has voxels along three axes."
    return [Fault("shape", str(tuple(shape)), "three numbers, 1 or more", reason, "A section has 1 along the third.")]


def _faults_of_length(name: str, length: float) -> list[Fault]:
    if 0.0 < length < math.inf:
        return []
    return [Fault(name, f"{length:g}", "above 0, finite", "It is a length.", "Give it in voxels.")]


def _faults_of_direction(name: str, direction: Sequence[float]) -> list[Fault]:
    if len(direction) == 3 and 0.0 < math.hypot(*direction) < math.inf:
        return []
    return [Fault(name, str(tuple(direction)), "three numbers", "It points nowhere.", "(1, 0, 0) is the first axis.")]


def _faults_of_samples(samples: int) -> list[Fault]:
    if 1 <= samples <= 64:
        return []
    reason = "It is the number of points along the edge of a voxel."
    return [Fault("samples", f"{samples:g}", "1 to 64", reason, "8 gives the void fraction to about 0.003.")]


def _faults_of_porosity(porosity: float, lowest: float) -> list[Fault]:
    if lowest <= porosity <= 0.95:
        return []
    return [Fault("porosity", f"{porosity:g}", f"{lowest:g} to 0.95", "It is a share.", "Give 0.2 for 20 %.")]


def _faults_of_instrument(void: FloatArray, *axes: int, **settings: float) -> list[Fault]:
    faults = []
    allowed = " or ".join(map(str, axes))
    if void.ndim not in axes or 0 in void.shape:
        reason = "The instrument looks at something else."
        faults.append(
            Fault("void", f"shape {void.shape}", f"{allowed} axes, not empty", reason, "Add or take a section.")
        )
    for name, value in settings.items():
        if not 0.0 <= value <= 10.0:
            faults.append(Fault(name, f"{value:g}", "0 to 10", "No instrument is like this.", "0 switches it off."))
    return faults
