"""The film before it is stretched."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.blend import Blend
from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class Film:
    """An unstretched film: its thickness, and the domains as forming left them."""

    blend: Blend
    film_thickness_unstretched: Values = quantity(
        "m", "thickness of the unstretched film", symbol="H0", shown_in="um", method="mass balance of the film forming"
    )
    domain_diameter_median: Values = quantity(
        "m",
        "number-median domain diameter in the film",
        symbol="d",
        shown_in="um",
        method="domain size after film forming",
    )
    domain_diameter_spread: Values = quantity(
        "1", "geometric standard deviation of the domain diameter in the film", symbol="sigma_g"
    )
    copolymer_coverage: Values = quantity(
        "1", "share of the interface covered in the film", symbol="theta", shown_in="%"
    )
    copolymer_areal_density: Values = quantity(
        "1/m2", "copolymer chains per area of interface in the film", symbol="Sigma", shown_in="1/nm2"
    )
    domain_aspect_ratio: Values = quantity(
        "1", "length over width of the domains", symbol="AR", method="drop relaxation (Palierne)"
    )
    domain_diameter_large: Values = quantity(
        "m", "diameter that 95 % of the domains stay below", symbol="d_95", shown_in="um", method="lognormal by number"
    )
    yield_factor: Values = quantity("1", "factor on the matrix's yield stress from how the film was cooled")
    cavitation_factor: Values = quantity("1", "factor on the matrix's cavitation stress from how the film was cooled")
    residual_porosity: Values = quantity("1", "porosity of the unstretched film", shown_in="%")
    splats_per_thickness: Values | None = quantity(
        "1", "dried splats across the thickness of a sprayed film", default=None
    )

    @property
    def domain_diameter_across(self) -> Values:
        """Diameter of the drawn-out domains across the machine direction, d AR^(-1/3), m."""
        return self.domain_diameter_median * self.domain_aspect_ratio ** (-1.0 / 3.0)
