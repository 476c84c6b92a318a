"""A compatibilising block copolymer."""

from __future__ import annotations

from dataclasses import dataclass, field

from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class Copolymer:
    """A styrenic block copolymer that settles at the interface between the two polymers."""

    name: str = field(compare=False)
    full_name: str = field(compare=False, default="")
    anchors_in: tuple[str, ...] = field(compare=False, default=("PS",))
    """Polymers that the end blocks entangle with."""

    density_solid: Values = quantity("kg/m3", "density at 23 degC", symbol="rho", shown_in="g/cm3")
    density_melt: Values = quantity("kg/m3", "density of the melt", symbol="rho_melt", shown_in="g/cm3")
    molar_mass: Values = quantity("kg/mol", "molar mass of the chain", symbol="M_c")
    glass_transition: Values = quantity("K", "glass transition of the soft block", symbol="Tg", shown_in="degC")
    styrene_glass_transition: Values = quantity(
        "K", "glass transition of the styrene block", symbol="Tg,S", shown_in="degC"
    )
    saturation_density: Values = quantity(
        "1/m2", "chains per area of a saturated interface", symbol="Sigma_sat", shown_in="1/nm2"
    )
    adhesion_coefficient: Values = quantity(
        "J m2", "fracture energy per square of the areal chain density", symbol="k_S", shown_in="J nm4/m2"
    )
    foreign_uptake: Values = quantity(
        "1", "factor on the share that reaches the interface of a first polymer the end blocks do not anchor in"
    )
    foreign_adhesion: Values = quantity(
        "1", "factor on the adhesion coefficient in a first polymer the end blocks do not anchor in"
    )
