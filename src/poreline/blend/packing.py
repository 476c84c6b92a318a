"""Domains in space: ellipsoids of the blend's sizes in a cube that repeats along every axis, without overlap.

Sizes are quantiles of the log-normal distribution, so that few domains stand for all. Places: random sequential
addition, largest first; whatever does not fit is pushed apart; if that jams, all domains grow together from small ones
at random places and push each other apart on the way (after Lubachevsky and Stillinger 1990, without their events).
Domains of one aspect ratio are packed as balls in a box that is scaled back afterwards: an affine map keeps what does
not overlap.

**Arrangement.** `random` is what any mixing gives: a melt is stirred until breakup and coalescence balance, and neither draws
domains together. The orders of mixing (simultaneous, premixed into the first or the second polymer) act on size and coverage
and leave no pattern in space that is known, so no order implies clusters. `anti-clustered` spreads the same domains
as far apart as they go: the other bound, for asking what the pattern matters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numba
import numpy as np
import numpy.typing as npt

from poreline.quantities import Fault, InvalidInput, format_quantity

Array = npt.NDArray[np.float64]
Arrangement = Literal["random", "anti-clustered"]
ARRANGEMENTS: tuple[Arrangement, ...] = ("random", "anti-clustered")

SMALLEST_RADIUS_IN_VOXELS = 5.0
"""Semi-axis of a domain in voxels from which the stress around it is resolved."""
_CANDIDATES = 512  # places that are tried at once for a domain
_SWEEPS = 3000  # rounds of pushing apart before a packing counts as jammed
_MARGIN = 1e-4  # by how much more than needed a pair is pushed apart, so that pushing ends
_GROWTH = 1.03  # factor on all sizes between two rounds of growth
_MOST = 5000


@dataclass(frozen=True, kw_only=True, eq=False)
class Packing:
    """Domains in a cube that repeats along every axis: ellipsoids with their axes along x, y, z."""

    centres: Array
    """(n, 3) centres in m, from the corner of the cube, each from 0 to `edge`."""
    semi_axes: Array
    """(n, 3) semi-axes in m, along x, y, z."""
    edge: float
    """Edge of the cube, m."""
    volume_fraction: float
    """Volume of the domains over that of the cube."""
    gap: float
    """No two domains come nearer to each other than this, m."""
    seed: int
    """Seed of the places."""

    @property
    def count(self) -> int:
        """Number of domains."""
        return len(self.centres)

    @property
    def radius(self) -> Array:
        """(n,) radius in m of a ball as large as each domain."""
        return np.cbrt(np.prod(self.semi_axes, axis=1))

    def voxels_for(self, radius_in_voxels: float = SMALLEST_RADIUS_IN_VOXELS) -> int:
        """Voxels along the edge at which the shortest semi-axis of all domains has this many voxels."""
        return math.ceil(self.edge / float(self.semi_axes.min()) * radius_in_voxels - 1e-9)


def domain_diameters(diameter_median: float, diameter_spread: float, count: int) -> Array:
    """Diameters of `count` domains that stand for a log-normal distribution, largest first, m.

    Quantiles at the middles of `count` equal shares, their logarithms stretched so that the geometric mean is exactly
    `diameter_median` (m) and the geometric standard deviation exactly `diameter_spread`. One domain has the median.
    """
    score = np.array([NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)][::-1])
    if count > 1:
        score *= 1.0 / math.sqrt(float(np.mean(np.square(score))))
    return diameter_median * np.exp(math.log(diameter_spread) * score)


def pack(
    *,
    diameter_median: float,
    diameter_spread: float,
    volume_fraction: float,
    count: int,
    aspect_ratio: float = 1.0,
    gap: float = 0.0,
    arrangement: Arrangement = "random",
    seed: int = 0,
) -> Packing:
    """Pack `count` domains at a volume fraction, the edge of the cube following exactly from both.

    `diameter_median` (m, of a ball as large as the domain) and `diameter_spread` (geometric standard deviation, 1 or
    more) are those of the log-normal distribution by number; `aspect_ratio` is length along x over width of the domains,
    common to all. `gap` in m is the smallest distance between surfaces, periodic images included. With
    `anti-clustered` the gap is the largest that the pushing apart reaches, and the packing says it. The same
    seed gives the same packing.

    Raises InvalidInput for values out of range, and for a volume fraction that cannot be packed with this gap: the fault
    names the one that was reached. Balls of one size reach about 0.6 less what the gap takes.
    """
    faults = _faults(diameter_median, diameter_spread, volume_fraction, count, aspect_ratio, gap, arrangement, seed)
    if faults:
        raise InvalidInput(faults, "packing of domains")
    shape = np.array([aspect_ratio ** (2.0 / 3.0), aspect_ratio ** (-1.0 / 3.0), aspect_ratio ** (-1.0 / 3.0)])
    radius = domain_diameters(diameter_median, diameter_spread, count) / 2.0
    volume = float(4.0 / 3.0 * math.pi * np.sum(radius**3))
    edge = float(np.cbrt(volume / volume_fraction))
    # Balls in a box scaled along x, y, z: the shortest semi-axis shrinks a distance between surfaces the most.
    box, gap_of_balls = edge / shape, gap / float(shape.min())
    rng = np.random.Generator(np.random.PCG64(seed))
    places, reached = _places(radius, gap_of_balls, box, rng)
    if reached < 1.0:
        own_image = 2.0 * float(radius.max()) + gap_of_balls > float(box.min())
        raise InvalidInput([_too_dense(volume_fraction, reached, gap, own_image)], "packing of domains")
    if arrangement == "anti-clustered":
        places, gap_of_balls = _spread_out(places, radius, gap_of_balls, box)
        gap = gap_of_balls * float(shape.min())
    centres = np.mod(places * shape, edge)
    return Packing(
        centres=centres,
        semi_axes=radius[:, None] * shape,
        edge=edge,
        volume_fraction=volume_fraction,
        gap=gap,
        seed=seed,
    )


def _faults(
    diameter_median: float,
    diameter_spread: float,
    volume_fraction: float,
    count: int,
    aspect_ratio: float,
    gap: float,
    arrangement: str,
    seed: int,
) -> list[Fault]:
    faults = []
    allowed = {
        "diameter_median": (0.0 < diameter_median < math.inf, diameter_median, "above 0 m", "It is a length."),
        "diameter_spread": (1.0 <= diameter_spread <= 5.0, diameter_spread, "1 to 5", "It is a geometric deviation."),
        "volume_fraction": (
            0.0 < volume_fraction < 0.74,
            volume_fraction,
            "above 0, below 0.74",
            "Balls fill no more.",
        ),
        "count": (1 <= count <= _MOST, count, f"1 to {_MOST}", "So many domains can be packed."),
        "aspect_ratio": (0.05 <= aspect_ratio <= 20.0, aspect_ratio, "0.05 to 20", "Longer ones are fibrils."),
        "gap": (0.0 <= gap < math.inf, gap, "0 m or more", "It is a distance."),
        "seed": (seed >= 0, seed, "0 or more", "A seed is a whole number."),
    }
    for name, (holds, value, limit, reason) in allowed.items():
        if not holds:
            faults.append(Fault(name, f"{value:g}", limit, reason, "Take a value in this range."))
    if arrangement not in ARRANGEMENTS:
        reason, remedy = "There is no such arrangement.", "What mixing gives is random."
        faults.append(Fault("arrangement", str(arrangement), " or ".join(ARRANGEMENTS), reason, remedy))
    return faults


def _too_dense(wanted: float, reached: float, gap: float, own_image: bool) -> Fault:
    reachable = math.floor(1000.0 * wanted * reached**3) / 1000.0
    apart = f" with a gap of {format_quantity(gap, 'um')}" if gap > 0.0 else ""
    if own_image:
        reason = f"The largest domain would meet its own image in the next cube{apart}."
        remedy = "Take more domains, which makes the cube larger, or less spread."
    else:
        reason = f"So many domains cannot be placed without overlap{apart}."
        remedy = "Lower the volume fraction or the gap."
    return Fault("volume_fraction", f"{wanted:g}", f"up to {reachable:g} with these domains", reason, remedy)


def _places(radius: Array, gap: float, box: Array, rng: np.random.Generator) -> tuple[Array, float]:
    """Places (n, 3) of balls, and the factor on sizes and gap that they allow: 1 where they fit as they are."""
    reach = radius + 0.5 * gap
    # A ball must not meet its own image.
    largest = min(1.0, float(box.min()) / (2.0 * float(reach.max())))
    if largest == 1.0:
        places = _added(reach, box, rng)
        if _push_apart(places, reach, box, _SWEEPS):
            return places, 1.0
    places = rng.random((len(radius), 3)) * box
    fits, factor = 0.0, 0.3 * largest
    while factor < largest:
        if not _push_apart(places, factor * reach, box, _SWEEPS // 4):
            break
        fits, factor = factor, factor * _GROWTH
    low, high, best = fits, min(largest, factor), places.copy()
    for step in range(8):
        trial, factor = best.copy(), high if step == 0 else 0.5 * (low + high)
        if _push_apart(trial, factor * reach, box, _SWEEPS):
            low, best = factor, trial
            if factor == largest:
                break
        else:
            high = factor
    return best, low


def _added(reach: Array, box: Array, rng: np.random.Generator) -> Array:
    """Random sequential addition in the given order; a ball that finds no free place takes the least crowded one."""
    places = np.empty((len(reach), 3))
    for ball in range(len(reach)):
        tried = rng.random((_CANDIDATES, 3)) * box
        places[ball] = tried[_freest(tried, places, reach, ball, box)]
    return places


def _spread_out(places: Array, radius: Array, gap: float, box: Array) -> tuple[Array, float]:
    """Push balls apart to the largest gap that is reached; places and gap."""
    most = float(box.min()) - 2.0 * float(radius.max())  # to the ball's own image
    step = 0.1 * float(np.cbrt(np.prod(box) / len(radius)))
    smallest = step / 32.0
    while step > smallest:
        trial = places.copy()
        wider = min(gap + step, most)
        if wider > gap and _push_apart(trial, radius + 0.5 * wider, box, _SWEEPS // 4):
            places, gap = trial, wider
        else:
            step *= 0.5
    return places, gap


@numba.njit(cache=True, error_model="numpy")
def _freest(tried, places, reach, ball, box):  # type: ignore[no-untyped-def]
    """First of the tried places at which a ball meets none of the balls before it; else the one that it overlaps least."""
    best, room = 0, -np.inf
    for place in range(len(tried)):
        least = np.inf
        for other in range(ball):
            square = 0.0
            for axis in range(3):
                d = tried[place, axis] - places[other, axis]
                d -= box[axis] * np.round(d / box[axis])
                square += d * d
            least = min(least, np.sqrt(square) - reach[other] - reach[ball])
            if least < room:
                break
        if least >= 0.0:
            return place
        if least > room:
            best, room = place, least
    return best


@numba.njit(cache=True, error_model="numpy")
def _push_apart(places, reach, box, sweeps):  # type: ignore[no-untyped-def]
    """Push overlapping balls apart, pair by pair, until none overlap; False if some still do. In place."""
    n = len(reach)
    first = np.empty(64 * n, np.int64)
    second = np.empty(64 * n, np.int64)
    apart = np.empty(3)
    for sweep in range(sweeps):
        if sweep % 10 == 0:
            # Pairs that are near enough to meet soon. Whether all is free is decided when they are found anew.
            pairs, overlaps = 0, 0
            for a in range(n):
                for b in range(a + 1, n):
                    square = 0.0
                    for axis in range(3):
                        d = places[a, axis] - places[b, axis]
                        d -= box[axis] * np.round(d / box[axis])
                        square += d * d
                    contact = reach[a] + reach[b]
                    overlaps += square < contact * contact
                    if square < 2.0 * contact * contact and pairs < len(first):
                        first[pairs], second[pairs] = a, b
                        pairs += 1
            if overlaps == 0:
                return True
        for pair in range(pairs):
            a, b = first[pair], second[pair]
            square = 0.0
            for axis in range(3):
                d = places[a, axis] - places[b, axis]
                apart[axis] = d - box[axis] * np.round(d / box[axis])
                square += apart[axis] * apart[axis]
            contact = reach[a] + reach[b]
            if square >= contact * contact:
                continue
            distance = np.sqrt(square)
            if distance < 1e-9 * contact:
                apart[0], apart[1], apart[2], distance = contact, 0.0, 0.0, contact
                push = 1.0
            else:
                push = (contact * (1.0 + _MARGIN) - distance) / distance
            share = reach[b] / contact  # the smaller one gives way
            for axis in range(3):
                places[a, axis] += share * push * apart[axis]
                places[b, axis] -= (1.0 - share) * push * apart[axis]
    return False
