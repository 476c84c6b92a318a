"""Constants of pore size, connection and tortuosity in the mean-field model, with their priors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from poreline.materials.priors import SHARE, Bounds, Prior, model_constant
from poreline.quantities.fields import Values


@dataclass(frozen=True, kw_only=True)
class MembraneConstants:
    """What pore size and connection lean on. Every constant may be replaced by name in a recipe's [parameters]."""

    bond_energy: Values = model_constant(
        6e-19, "J", "energy of one chain scission", symbol="U", source="Kramer and Berger 1990"
    )
    fibril_draw_ratio: Values = model_constant(
        3.5,
        "1",
        "draw ratio of the fibrils",
        symbol="lam_f",
        prior=Prior("normal", 0.5, lowest=2.0),
        source="assumed, typical of crazes",
        bounds=Bounds(1.01, 1e3),
    )
    fibril_breakdown_width: Values = model_constant(
        100e-9, "m", "crack width at which half of the fibrils have failed, bare", symbol="w_b", prior=Prior("lognormal", 1.6),
        source="estimated", shown_in="nm",
    )  # fmt: skip
    fibril_toughening: Values = model_constant(
        2.0, "1", "relative growth of that width at full coverage", source="estimated", bounds=Bounds(0.0, 1e300)
    )
    polar_crack_spacing: Values = model_constant(
        0.4e-6, "m", "domain diameter per additional pair of polar microcracks", symbol="s_c0", prior=Prior("lognormal", 1.6),
        source="fitted: through-connection of a compatibilised film starts near 100 %", shown_in="um",
    )  # fmt: skip
    matrix_crack_spacing: Values = model_constant(
        2e-6, "m", "distance between microcracks that the matrix nucleates by itself", symbol="s_0", prior=Prior("lognormal", 1.6),
        source="estimated", shown_in="um",
    )  # fmt: skip
    smallest_crack_radius: Values = model_constant(
        0.25e-6, "m", "radius of the smallest stable microcrack", symbol="a_min", prior=Prior("lognormal", 1.5),
        source="fitted: through-connection of a compatibilised film starts near 100 %", shown_in="um",
    )  # fmt: skip
    largest_crack_reach: Values = model_constant(
        1.5,
        "1",
        "largest radius of a crack far from domains over the distance of self-nucleated cracks, which relieve it",
        source="assumed",
    )
    throat_scatter: Values = model_constant(
        0.25,
        "1",
        "standard deviation of the logarithm of the throat width at one crack width",
        source="assumed",
        bounds=Bounds(0.0, 1e300),
    )
    percolation_threshold: Values = model_constant(
        2.4, "1", "connectivity at which the void network spans a large film", symbol="B_c", prior=Prior("normal", 0.25, lowest=1.5),
        source="Monte Carlo of random discs, agrees with Charlaix 1986 and Yi and Tawerghi 2009",
    )  # fmt: skip
    crack_tilt: Values = model_constant(
        float(np.deg2rad(20.0)), "rad", "standard deviation of the tilt of the microcracks' normals", symbol="s_t",
        prior=Prior("normal", float(np.deg2rad(4.0)), float(np.deg2rad(5.0)), float(np.deg2rad(40.0))), source="assumed", shown_in="deg",
    )  # fmt: skip
    smoothing: Values = model_constant(
        0.05, "1", "rounding of the percolation threshold in a thick film", symbol="sw", source="assumed"
    )
    finite_thickness: Values = model_constant(
        0.5,
        "1",
        "rounding of the threshold per domain spacing over thickness",
        source="assumed",
        bounds=Bounds(0.0, 1e300),
    )
    correlation_exponent: Values = model_constant(
        0.8765, "1", "exponent of the correlation length", symbol="nu", source="3-D percolation"
    )
    open_rate: Values = model_constant(2.0, "1", "growth of the open share past the threshold", source="assumed")
    network_conductance: Values = model_constant(
        0.8, "1", "conductance of a fully connected crack network over its porosity", source="assumed", bounds=SHARE
    )
    conductance_exponent: Values = model_constant(
        1.5, "1", "exponent of the network conductance", source="assumed, between mean field and percolation"
    )
