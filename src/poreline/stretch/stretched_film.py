"""The stretched film: its voids, its dimensions, and how it stood the programme."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.film import Film
from poreline.quantities.fields import Values, quantity

_DRAWING = "mean-field drawing model"


@dataclass(frozen=True, kw_only=True)
class StretchedFilm:
    """A film after its stretch programme and anneal. Void ratios are volumes per unstretched volume, after the anneal."""

    film: Film
    stretch_ratio: Values = quantity(
        "1", "stretch ratio in the machine direction at the end of the last stretch", symbol="lam"
    )
    stretch_ratio_transverse: Values = quantity(
        "1", "stretch ratio in the transverse direction at the end of the last stretch", symbol="lam_TD"
    )
    stretch_ratio_final: Values = quantity(
        "1",
        "stretch ratio in the machine direction after anneal and springback",
        symbol="lam_final",
        method="springback by a stretched exponential",
    )
    stretch_ratio_final_transverse: Values = quantity(
        "1", "stretch ratio drawn in the transverse direction after anneal and springback", symbol="lam_final,TD"
    )
    width_ratio: Values = quantity("1", "width over unstretched width", symbol="lam_w")
    thickness_ratio: Values = quantity("1", "thickness over unstretched thickness", symbol="lam_t")
    film_thickness: Values = quantity(
        "m", "thickness of the stretched film", symbol="H", shown_in="um", method="volume balance of drawing and voids"
    )
    flow_stress_cold: Values = quantity(
        "Pa",
        "true flow stress at the end of the cold stretch",
        symbol="sigma_c",
        shown_in="MPa",
        method="Haward-Thackray with Eyring yield",
    )
    flow_stress_hot: Values = quantity(
        "Pa",
        "true flow stress at the end of the last hot stretch",
        symbol="sigma_h",
        shown_in="MPa",
        method="Haward-Thackray with Eyring yield",
    )
    engineering_stress: Values = quantity(
        "Pa",
        "force over unstretched cross-section at the end of the last stretch",
        symbol="s",
        shown_in="MPa",
        method="flow stress over stretch ratio",
    )
    natural_draw_ratio: Values = quantity(
        "1",
        "stretch ratio below which the drawn film necks; 1 where it does not neck",
        symbol="lam_n",
        method="Considere",
    )
    necked_share: Values = quantity(
        "1", "share of the film that has necked, were it to draw in two zones", method="two-zone mixing rule"
    )
    stress_concentration_elastic: Values = quantity(
        "1",
        "traction at a domain's pole over the stress, before the matrix yields",
        symbol="K",
        method="Eshelby 1957, Goodier 1933",
    )
    thermal_clamping: Values = quantity(
        "Pa",
        "pressure of the matrix on the domains at the cold stretch, from cooling",
        symbol="p_T",
        shown_in="MPa",
        method="elastic sphere in a matrix",
    )
    adhesion_energy: Values = quantity(
        "J/m2",
        "fracture energy of the interface between domain and matrix",
        symbol="G_c",
        method="Creton, Kramer and Brown: square of the areal density",
    )
    nucleated_share: Values = quantity(
        "1",
        "share of the sites at which a microcrack has nucleated",
        symbol="S_t",
        shown_in="%",
        method="cold nucleation and hot cavitation",
    )
    nucleated_share_cold: Values = quantity(
        "1", "share of the sites nucleated by the cold stretch", symbol="S_n", shown_in="%", method="cold nucleation"
    )
    debonded_share: Values = quantity(
        "1",
        "volume share of the domains that debonded",
        symbol="f_d",
        shown_in="%",
        method="energy criterion by domain size (Gent 1980)",
    )
    pole_crazed_share: Values = quantity(
        "1", "volume share of the domains bonded with fibrillated poles", symbol="f_f", shown_in="%"
    )
    wake_share: Values = quantity(
        "1",
        "domains with a void behind them over all domains, fibrillated poles counting half",
        symbol="f_d + f_f/(2 kap_f)",
        shown_in="%",
    )
    rigid_share: Values = quantity(
        "1", "share of the domains that are rigid at the hot stretch", symbol="f_rig", shown_in="%"
    )
    void_ratio_debonded: Values = quantity(
        "1", "void volume in the wakes of debonded domains per unstretched volume", symbol="e_d"
    )
    void_ratio_poles: Values = quantity("1", "void volume at fibrillated poles per unstretched volume", symbol="e_f")
    void_ratio_microcracks: Values = quantity(
        "1", "void volume in matrix microcracks per unstretched matrix volume", symbol="e_c"
    )
    volume_ratio: Values = quantity("1", "volume over unstretched volume", symbol="J", method="sum of the voids")
    porosity: Values = quantity("1", "void volume over total volume", symbol="eps", shown_in="%", method="1 - 1/J")
    microcrack_share: Values = quantity("1", "share of the void volume that lies in matrix microcracks", shown_in="%")
    density_ratio: Values = quantity(
        "1", "density over that of the unstretched film", symbol="rho/rho0", method="mass balance"
    )
    springback: Values = quantity(
        "1",
        "share of the draw that can still spring back after the anneal",
        symbol="x_sb",
        shown_in="%",
        method="stretched exponential in anneal time",
    )
    nucleated_sum: Values = quantity("1", "nucleated share summed over the directions of draw, as far as they opened")
    transverse_share: Values = quantity("1", "share of the microcrack volume from transverse draws", shown_in="%")
    break_stretch_ratio: Values = quantity(
        "1",
        "stretch ratio at which the film breaks at the temperature of the last stretch",
        symbol="lam_max",
        method="phi^(1/3) law (Nielsen 1966) with relief by the copolymer",
    )
    break_margin: Values = quantity(
        "1", "largest ratio of stretch to break stretch over the steps", method="phi^(1/3) law (Nielsen 1966)"
    )
    break_probability: Values = quantity(
        "1",
        "probability that the film breaks during the programme",
        shown_in="%",
        method="lognormal scatter of 15 % of the break stretch",
    )
    true_stress_largest: Values = quantity("Pa", "largest true stress on the solid between the voids", shown_in="MPa")
    ruptured: Values = quantity("1", "1 if the film breaks during the programme, else 0")
