"""Constants of the mean-field drawing model, with their priors."""

from __future__ import annotations

from dataclasses import dataclass

from poreline.materials.priors import SHARE, Bounds, Prior, model_constant
from poreline.quantities.constants import ZERO_CELSIUS
from poreline.quantities.fields import Values


@dataclass(frozen=True, kw_only=True)
class StretchConstants:
    """What voids, springback and break lean on. Every constant may be replaced by name in a recipe's [parameters]."""

    stress_concentration: Values = model_constant(
        2.0,
        "1",
        "hydrostatic tension at a domain's pole over the flow stress",
        symbol="K_pl",
        source="Goodier 1933, limit of a plastic matrix",
    )
    setting_temperature: Values = model_constant(
        ZERO_CELSIUS + 95.0,
        "K",
        "temperature below which matrix and domains clamp on cooling",
        symbol="T_set",
        source="assumed",
        shown_in="degC",
    )
    bare_adhesion: Values = model_constant(
        0.5,
        "J/m2",
        "fracture energy of a bare interface",
        symbol="G_c0",
        prior=Prior("lognormal", 2.0),
        source="estimated",
        bounds=Bounds(0.0, 1e300),
    )
    debonding_coefficient: Values = model_constant(
        1.5,
        "1",
        "prefactor of the debonding stress",
        symbol="C_d",
        prior=Prior("lognormal", 1.4),
        source="form by Gent 1980; value estimated",
    )
    nucleation_strain: Values = model_constant(
        0.15, "1", "cold elongation past yield in which microcracks nucleate", source="estimated"
    )
    microcrack_opening_cold: Values = model_constant(
        0.25, "1", "void volume in microcracks per cold elongation past yield", symbol="om_c", prior=Prior("lognormal", 1.5),
        source="fitted to porosities of 8-30 %", bounds=Bounds(0.0, 1e300))  # fmt: skip
    microcrack_opening_hot: Values = model_constant(
        0.06, "1", "void volume in microcracks per hot elongation and nucleated share", symbol="om_h", prior=Prior("lognormal", 1.6),
        source="fitted to porosities of 8-30 %", bounds=Bounds(0.0, 1e300))  # fmt: skip
    lateral_closure: Values = model_constant(
        0.5, "1", "how far the matrix closes in behind a domain when the width is free; half of it at fixed width", symbol="c_l",
        prior=Prior("normal", 0.15, 0.0, 1.0), source="assumed, between the bounds 0 and 1", bounds=SHARE)  # fmt: skip
    pole_share: Values = model_constant(
        0.5,
        "1",
        "share of the bonded domains whose poles fibrillate",
        symbol="kap_f",
        prior=Prior("normal", 0.12, 0.0, 1.0),
        source="assumed",
        bounds=SHARE,
    )
    domain_codraw: Values = model_constant(
        0.45,
        "1",
        "share of the draw that a soft bonded domain follows",
        symbol="xi0",
        prior=Prior("normal", 0.12, 0.0, 0.9),
        source="assumed",
        bounds=SHARE,
    )
    springback_unannealed: Values = model_constant(
        0.35,
        "1",
        "share of the draw that springs back without anneal",
        symbol="x0",
        prior=Prior("normal", 0.08, 0.0, 0.9),
        source="assumed",
        bounds=SHARE,
    )
    relaxation_time: Values = model_constant(
        30.0, "s", "relaxation time of the anneal at 90 degC", symbol="tau", source="assumed"
    )
    relaxation_energy: Values = model_constant(
        120e3, "J/mol", "activation energy of the anneal", source="assumed", shown_in="kJ/mol"
    )
    relaxation_exponent: Values = model_constant(
        0.4, "1", "stretching exponent of the anneal", source="typical 0.3-0.5"
    )
    break_relief: Values = model_constant(
        0.6, "1", "relief of the break stretch by a covered interface", source="estimated", bounds=SHARE
    )
    break_scatter: Values = model_constant(
        0.15, "1", "standard deviation of the logarithm of the break stretch", source="assumed"
    )
    strength: Values = model_constant(
        250e6,
        "Pa",
        "true stress at which the drawn matrix breaks",
        symbol="sigma_f",
        source="estimated",
        shown_in="MPa",
    )
