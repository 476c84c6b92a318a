"""Gases, liquids and solutes that a membrane separates."""

from __future__ import annotations

from dataclasses import dataclass, field

from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class Gas:
    """A permanent gas (air counts as one)."""

    name: str = field(compare=False)
    full_name: str = field(compare=False, default="")
    molar_mass: Values = quantity("kg/mol", "molar mass", symbol="M", shown_in="g/mol")
    viscosity: Values = quantity("Pa s", "viscosity at 25 degC", symbol="mu")
    diffusion_volume: Values = quantity("1", "Fuller diffusion volume, cm3/mol", symbol="v")
    condensable: bool = False
    """True for a vapour that adsorbs a layer on the pore wall."""


@dataclass(frozen=True, kw_only=True)
class Liquid:
    """A liquid, and its contact angle on the matrix."""

    name: str = field(compare=False)
    full_name: str = field(compare=False, default="")
    viscosity: Values = quantity("Pa s", "viscosity at 25 degC", symbol="mu", shown_in="mPa s")
    surface_tension: Values = quantity("N/m", "surface tension at 25 degC", symbol="gamma", shown_in="mN/m")
    contact_angle: Values = quantity("rad", "contact angle on a polyolefin at 25 degC", symbol="theta", shown_in="deg")
    density: Values = quantity("kg/m3", "density at 25 degC", symbol="rho")


@dataclass(frozen=True, kw_only=True)
class Solute:
    """A family of flexible-chain solutes: Stokes radius r = a (M / (g/mol))^b."""

    name: str = field(compare=False)
    full_name: str = field(compare=False, default="")
    radius_coefficient: Values = quantity("m", "Stokes radius at 1 g/mol", symbol="a", shown_in="nm")
    radius_exponent: Values = quantity("1", "exponent of the molar mass", symbol="b")

    def stokes_radius(self, molar_mass: Values) -> Values:
        """Stokes radius in m of a chain of `molar_mass` in kg/mol."""
        return self.radius_coefficient * (1e3 * molar_mass) ** self.radius_exponent

    def molar_mass(self, stokes_radius: Values) -> Values:
        """Molar mass in kg/mol of the chain with `stokes_radius` in m; the inverse of stokes_radius."""
        return 1e-3 * (stokes_radius / self.radius_coefficient) ** (1.0 / self.radius_exponent)
