"""The pore structure of a stretched film: what the membrane's transport numbers are made of."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.quantities.fields import Values, quantity


@dataclass(frozen=True, kw_only=True)
class PoreStructure:
    """Microcracks, fibrils and wakes of a simulated film, their sizes and their connection."""

    domain_distance: Values = quantity("m", "centre distance of the domains", symbol="L", shown_in="um")
    domains_per_volume: Values = quantity("1/m3", "domains per volume of membrane", symbol="N_p", shown_in="1/um3")
    cracks_per_domain: Values = quantity(
        "1", "microcracks per domain", symbol="N_c/N_p", method="polar and matrix nucleation"
    )
    crack_radius: Values = quantity(
        "m", "mean radius of the microcracks", symbol="a", shown_in="um", method="growth to the neighbouring domains"
    )
    crack_width_mean: Values = quantity(
        "m",
        "mean opening of the microcracks (what a microscope shows)",
        symbol="w",
        shown_in="nm",
        method="void volume over crack area",
    )
    fibril_spacing: Values = quantity(
        "m",
        "distance between the fibrils in a microcrack",
        symbol="D0",
        shown_in="nm",
        method="meniscus instability (Kramer)",
    )
    fibril_hydraulic_diameter: Values = quantity(
        "m",
        "hydraulic diameter between the fibrils",
        symbol="D_hf",
        shown_in="nm",
        method="fibril spacing and draw ratio",
    )
    fibril_survival: Values = quantity(
        "1", "share of the fibrils that still bridge the microcracks", symbol="q", shown_in="%"
    )
    wake_length: Values = quantity("m", "length of the void behind a domain", symbol="D_wake", shown_in="um")
    connectivity: Values = quantity(
        "1",
        "contacts per void over those at the percolation threshold; connected above 1",
        symbol="B/B_c",
        method="excluded volumes of cracks and wakes",
    )
    through_connection_probability: Values = quantity(
        "1",
        "probability that a path of voids leads through the film",
        symbol="Pi",
        shown_in="%",
        method="finite-size percolation",
    )
    tortuosity_machine: Values = quantity("1", "tortuosity factor along the machine direction", symbol="tau_MD")
    crack_porosity: Values = quantity("1", "microcrack volume over total volume", symbol="eps_c", shown_in="%")
