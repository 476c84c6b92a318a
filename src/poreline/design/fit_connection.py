"""The constants of connection and tortuosity in the mean-field model, fitted to volume simulations.

With the distance past the threshold x = w ln(1 + exp((B/B_c - 1)/w)), rounded over w = w_0 + w_1 (H/L)^(-1/nu) of the simulated
cell, the mean-field model has for the open share and for the tortuosity factor through the thickness

    P_open = 1 - exp(-r x)          tau = 1/(g [x/(1 + x)]^n)

B is its number of contacts, which the fit takes as given; B_c, r, g and n are fitted. The factor of a simulation is that of its
open porosity; tau is that of the porosity that transport passes through, so tau is compared times open over transport porosity.

Least squares over both, the factor by its logarithm, with each constant's prior as a weak further datum. A constant that
the data hardly narrow keeps its default, and says so.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from poreline.design.volume_evidence import VolumeEvidence, different
from poreline.materials.priors import Bounds, Prior
from poreline.membrane import MembraneConstants
from poreline.membrane.connectivity import open_share, smoothed_distance, tortuosity_factor
from poreline.quantities import Fault, InvalidInput
from poreline.quantities.fields import Meaning

Array = npt.NDArray[np.float64]

FITTED = ("percolation_threshold", "open_rate", "network_conductance", "conductance_exponent")
"""The constants that are fitted, by their names in a recipe's [parameters]."""
FEWEST = 3
"""Simulations with different numbers of contacts that a fit takes at least."""
WIDENED = 2.0
"""Factor on the spread of a constant's own prior: the data are to decide where they can."""
UNKNOWN = Prior("lognormal", 2.0)
"""Prior of a constant that has none of its own. Assumed."""
SHARE_ERROR, TORTUOSITY_ERROR = 0.05, 0.10
"""What one number of contacts leaves open in a cell: in the open share, and in the logarithm of the tortuosity factor. Assumed;
where the data scatter more, both grow by what they scatter."""
NARROWED = 0.8
"""Standard error over the prior's, above which the data count as not determining a constant."""


@dataclass(frozen=True, kw_only=True)
class FittedConstant:
    """One constant after the fit."""

    name: str
    about: Meaning
    value: float
    standard_error: float
    """With the others free; that of the prior as far as the data leave it."""
    default: float
    """Where the prior has its middle: the value of the model without a fit."""
    prior: str
    """One standard deviation of the prior in the fit, in words."""
    determined: bool
    note: str = ""
    """Why the constant keeps its default; empty where it was fitted."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ConnectionFit:
    """The constants, and what they leave unexplained."""

    constants: tuple[FittedConstant, ...]
    evidence: tuple[VolumeEvidence, ...]
    open_share: Array
    """(n,) of the model with these constants."""
    tortuosity: Array
    """(n,) of the open porosity, of the model with these constants; NaN where the simulation has none."""
    open_share_residual: Array
    """(n,) model minus simulation."""
    tortuosity_residual: Array
    """(n,) ln(model/simulation); NaN where the simulation has none."""
    misfit: float
    """Root mean square of the residuals over their errors, per degree of freedom: 1 where the laws hold as well as assumed."""
    misfit_default: float
    """The same of the constants before the fit."""
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> FittedConstant:
        """A constant by its name."""
        return next(constant for constant in self.constants if constant.name == name)

    @property
    def values(self) -> dict[str, float]:
        """The constants by name, as a recipe's [parameters] takes them."""
        return {constant.name: constant.value for constant in self.constants}


def fit_connection(evidence: Sequence[VolumeEvidence], constants: MembraneConstants | None = None) -> ConnectionFit:
    """Fit percolation threshold, open rate, network conductance and conductance exponent to volume simulations.

    `constants` gives the defaults that the priors are centred on, and the rounding of the threshold. Raises InvalidInput for
    fewer than three simulations with different numbers of contacts.
    """
    constants = constants or MembraneConstants()
    count = different(evidence)
    if count < FEWEST:
        reason = (
            "Four constants cannot be told apart by fewer."
            if len(evidence) < FEWEST
            else f"The {len(evidence)} runs hold {count} different numbers of contacts: further cells of one film are no further point."
        )
        remedy = "Simulate more recipes, or other stretch ratios: near the threshold as well as far above it."
        limit = f"at least {FEWEST} with different connection"
        raise InvalidInput([Fault("runs", str(count), limit, reason, remedy)], "fit")
    problem = _Problem(tuple(evidence), constants)
    held: dict[str, float] = {}
    place = problem.minimum(held)
    errors = problem.errors(place)
    notes: dict[str, str] = {}
    # One after the other, the least determined first: what is held narrows the others.
    while (name := problem.least_determined(place, held)) is not None:
        held[name] = 0.0
        notes[name] = problem.why(name)
        place = problem.minimum(held)
    return problem.result(place, errors, notes)


@dataclass(frozen=True)
class _Coordinate:
    """A constant as a number of standard deviations of its prior from its default."""

    name: str
    default: float
    prior: Prior
    lowest: float
    highest: float

    def value(self, u: float) -> float:
        if self.prior.shape == "lognormal":
            return self.default * math.exp(u * math.log(self.prior.spread))
        return self.default + u * self.prior.spread

    def slope(self, u: float) -> float:
        return self.value(u) * math.log(self.prior.spread) if self.prior.shape == "lognormal" else self.prior.spread

    def place(self, value: float) -> float:
        if self.prior.shape == "lognormal":
            # Outside the numbers that a float's logarithm has, the bound does not bind.
            return math.log(max(value, 1e-300) / self.default) / math.log(self.prior.spread)
        return (value - self.default) / self.prior.spread


def _coordinate(constants: MembraneConstants, name: str) -> _Coordinate:
    field = next(f for f in dataclasses.fields(constants) if f.name == name)
    own: Prior | None = field.metadata["prior"]
    bounds: Bounds = field.metadata["bounds"]
    default = float(np.asarray(getattr(constants, name)))
    lowest, highest = bounds.lowest, bounds.highest
    prior = UNKNOWN
    if own is not None:
        spread = own.spread**WIDENED if own.shape == "lognormal" else own.spread * WIDENED
        prior = Prior(own.shape, spread)
        lowest, highest = max(lowest, own.lowest), min(highest, own.highest)
    return _Coordinate(name, default, prior, lowest, highest)


class _Problem:
    """The residuals of a fit and their minimum."""

    def __init__(self, evidence: tuple[VolumeEvidence, ...], constants: MembraneConstants) -> None:
        self.evidence = evidence
        self.constants = constants
        self.coordinates = tuple(_coordinate(constants, name) for name in FITTED)
        self.contacts = np.array([one.contacts for one in evidence])
        spacings = np.array([one.spacings for one in evidence])
        exponent, finite, smallest = (
            float(np.asarray(getattr(constants, name)))
            for name in ("correlation_exponent", "finite_thickness", "smoothing")
        )
        self.rounding = smallest + finite * spacings ** (-1.0 / exponent)
        self.transport = np.array([one.transport_share for one in evidence])
        self.shares = np.array([one.open_share for one in evidence])
        self.factors = np.array([math.nan if one.tortuosity is None else one.tortuosity for one in evidence])
        self.has_factor = np.isfinite(self.factors)
        self.share_errors = np.hypot(SHARE_ERROR, [one.open_share_error for one in evidence])
        self.factor_errors = np.hypot(TORTUOSITY_ERROR, [one.tortuosity_error for one in evidence])
        self.scatter = 1.0  # of the data over their errors, where it is more

    def values(self, place: Array) -> dict[str, float]:
        return {c.name: c.value(float(u)) for c, u in zip(self.coordinates, place, strict=True)}

    def predicted(self, place: Array) -> tuple[Array, Array]:
        """Open share, and tortuosity factor of the open porosity."""
        made = self.values(place)
        past = np.asarray(smoothed_distance(self.contacts / made["percolation_threshold"], self.rounding))
        share = np.asarray(open_share(past, made["open_rate"]))
        factor = tortuosity_factor(np.maximum(past, 1e-12), made["network_conductance"], made["conductance_exponent"])
        return share, np.asarray(factor) / self.transport

    def data_residuals(self, place: Array) -> Array:
        """Over their errors, without the priors."""
        share, factor = self.predicted(place)
        of_factor = np.log(factor[self.has_factor] / self.factors[self.has_factor])
        return np.concatenate(
            [(share - self.shares) / self.share_errors, of_factor / self.factor_errors[self.has_factor]]
        )

    def minimum(self, held: dict[str, float]) -> Array:
        """Where data and priors agree best, with some constants held; the scatter of the data is found on the way."""
        free = [i for i, c in enumerate(self.coordinates) if c.name not in held]
        place = np.array([held.get(c.name, 0.0) for c in self.coordinates])
        if not free:
            return place
        # Twice: the first pass tells how far the data scatter, which the priors are then weighed against.
        for _ in range(2):
            place[free] = self._solved(place, free)
            residuals = self.data_residuals(place)
            freedom = max(1, residuals.size - len(free))
            self.scatter = max(1.0, math.sqrt(float(residuals @ residuals) / freedom))
        return place

    def _solved(self, place: Array, free: list[int]) -> Array:
        from scipy.optimize import least_squares  # here, because few commands need it

        whole = place.copy()
        coordinates = [self.coordinates[i] for i in free]
        low = np.array([max(-_FARTHEST, c.place(c.lowest)) for c in coordinates])
        high = np.array([min(_FARTHEST, c.place(c.highest)) for c in coordinates])

        def residuals(u: Array) -> Array:
            whole[free] = u
            return np.concatenate([self.data_residuals(whole) / self.scatter, u])

        begin = np.clip(place[free], low + 1e-6, high - 1e-6)
        found = least_squares(residuals, begin, bounds=(low, high), x_scale=1.0, xtol=1e-12, ftol=1e-12, gtol=1e-10)
        return np.asarray(found.x, np.float64)

    def errors(self, place: Array) -> Array:
        """Standard errors of the coordinates, all free: 1 is what the prior alone leaves."""
        slopes = _slopes(self.data_residuals, place) / self.scatter
        information = slopes.T @ slopes + np.eye(len(self.coordinates))
        return np.sqrt(np.diag(np.linalg.inv(information)))

    def least_determined(self, place: Array, held: dict[str, float]) -> str | None:
        """The free constant that the data narrow least, if that is hardly at all."""
        free = [i for i, c in enumerate(self.coordinates) if c.name not in held]
        if not free:
            return None
        slopes = _slopes(self.data_residuals, place)[:, free] / self.scatter
        errors = np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes + np.eye(len(free)))))
        worst = int(np.argmax(errors))
        return self.coordinates[free[worst]].name if errors[worst] > NARROWED else None

    def why(self, name: str) -> str:
        """In words, why the data do not tell a constant."""
        shares = self.shares
        if name in ("percolation_threshold", "open_rate") and (shares > 0.9).all():
            return "All voids are connected in nearly every run: simulate films nearer to the threshold."
        if name in ("percolation_threshold", "open_rate") and (shares < 0.1).all():
            return "Hardly any void is connected in the runs: simulate films further above the threshold."
        if name in ("network_conductance", "conductance_exponent") and self.has_factor.sum() < FEWEST:
            return f"Only {int(self.has_factor.sum())} of the runs have a way through, of which a tortuosity is known."
        return "The runs scatter more, or lie closer together, than what this constant changes."

    def result(self, place: Array, errors: Array, notes: dict[str, str]) -> ConnectionFit:
        share, factor = self.predicted(place)
        about = {f.name: f.metadata["quantity"] for f in dataclasses.fields(self.constants)}
        fitted = [
            FittedConstant(
                name=c.name,
                about=about[c.name],
                value=c.value(float(u)),
                standard_error=float(error) * c.slope(float(u)),
                default=c.default,
                prior=c.prior.text(about[c.name].unit),
                determined=c.name not in notes,
                note=f"{notes[c.name]} It keeps its default." if c.name in notes else "",
            )
            for c, u, error in zip(self.coordinates, place, errors, strict=True)
        ]
        freedom = len(FITTED) - len(notes)
        return ConnectionFit(
            constants=tuple(fitted),
            evidence=self.evidence,
            open_share=share,
            tortuosity=np.where(self.has_factor, factor, math.nan),
            open_share_residual=share - self.shares,
            tortuosity_residual=np.log(factor / self.factors),
            misfit=self._misfit(place, freedom),
            misfit_default=self._misfit(np.zeros(len(FITTED)), 0),
            notes=tuple(self._notes(place)),
        )

    def _misfit(self, place: Array, freedom: int) -> float:
        residuals = self.data_residuals(place)
        return math.sqrt(float(residuals @ residuals) / max(1, residuals.size - freedom))

    def _notes(self, place: Array) -> list[str]:
        notes = [
            f"{c.name} lies at {bound:.4g}, the end of what it may be."
            for c, u in zip(self.coordinates, place, strict=True)
            for bound in (c.lowest, c.highest)
            if math.isclose(c.value(float(u)), bound, rel_tol=1e-4)
        ]
        if self.scatter > 1.0:
            notes.append(
                f"The runs scatter {self.scatter:.2g} times as much as assumed around these laws; the standard errors hold that."
            )
        machine = [
            one.tortuosity_machine / one.tortuosity
            for one in self.evidence
            if one.tortuosity is not None and one.tortuosity_machine is not None
        ]
        if machine:
            notes.append(
                f"The tortuosity factor along the machine is {np.exp(np.log(machine).mean()):.3g} times that through the "
                f"thickness in {len(machine)} runs; the mean-field model has 3, which is not fitted."
            )
        return notes


_FARTHEST = 12.0  # standard deviations of the prior from a default, as far as a minimum is looked for
_STEP = 1e-5


def _slopes(of: Callable[[Array], Array], place: Array) -> Array:
    """Derivatives of residuals, by central differences."""
    columns = []
    for i in range(place.size):
        step = np.zeros(place.size)
        step[i] = _STEP
        columns.append((of(place + step) - of(place - step)) / (2.0 * _STEP))
    return np.stack(columns, axis=1)
