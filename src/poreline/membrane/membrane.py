"""The membrane: what a structure, simulated or measured, offers to transport."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from poreline.materials import Polymer
from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class Membrane:
    """Porosity, pore sizes, connection and tortuosity of a membrane, and the film around the pores."""

    film_thickness: Values = quantity("m", "thickness of the membrane", symbol="H", shown_in="um")
    porosity: Values = quantity("1", "void volume over total volume", symbol="eps", shown_in="%")
    open_share: Values = quantity(
        "1", "share of the void volume that is connected through the film", symbol="P_open", shown_in="%"
    )
    porosity_open: Values = quantity("1", "connected void volume over total volume", symbol="eps P_open", shown_in="%")
    transport_porosity: Values = quantity(
        "1", "porosity that transport passes through, obstruction by fibrils included", symbol="eps_t", shown_in="%"
    )
    tortuosity: Values = quantity("1", "tortuosity factor through the thickness: D_eff = D eps / tau", symbol="tau")
    pore_diameter_mean: Values = quantity(
        "m", "flow-weighted mean pore diameter (hydraulic, what porometry reports)", symbol="D_flow", shown_in="nm"
    )
    pore_diameter_spread: Values = quantity("1", "geometric standard deviation of the pore diameter", symbol="s_g,pore")
    pore_shape: Literal["slit", "cylinder"] = "slit"
    """Slits of width pore_diameter_mean / 2 (hydraulic diameter = twice the width), or cylinders."""
    dense_permeability: dict[str, Values] = field(default_factory=dict)
    """Permeability of the polymer between the pores by gas, mol/(m s Pa); empty for a measured membrane."""
    matrix: Polymer | None = None
    """The second polymer, for mechanics; None for a measured membrane."""
    stretch_ratio_final: Values | None = None
    """Stretch ratio in the machine direction after anneal; None for a measured membrane."""
    drawn_across: bool = False
    """Whether the film was drawn in the transverse direction too."""
