"""A fit as a set of parameters that a recipe can name: a TOML text with values, errors, and every run they come from."""

from __future__ import annotations

import datetime
from typing import Any

from poreline import __version__
from poreline.design.fit_connection import ConnectionFit, FittedConstant
from poreline.design.volume_evidence import VolumeEvidence
from poreline.recipe import to_toml

_HEAD = """\
# Constants of the mean-field model, fitted to volume simulations. In a recipe beside this file:
#   [parameters]
#   file = "{name}"
"""


def parameter_set_text(fit: ConnectionFit, *, name: str, date: datetime.date, file_name: str = "fitted.toml") -> str:
    """The file of a fit. `name` is that of the set; `date` stands in it as given."""
    tables: dict[str, Any] = {
        "name": name,
        "made_by": "poreline fit: percolation and tortuosity of the mean-field model, fitted to volume simulations",
        "version": __version__,
        "date": date.isoformat(),
        "parameter": {constant.name: _constant(constant) for constant in fit.constants},
        "run": [_run(one) for one in fit.evidence],
    }
    if fit.notes:
        tables["notes"] = "\n".join(fit.notes)
    shown = "".join(c for c in file_name if c.isprintable() and c not in '"\\')
    return _HEAD.format(name=shown) + "\n" + to_toml(tables)


def _constant(constant: FittedConstant) -> dict[str, Any]:
    made: dict[str, Any] = {
        "value": _short(constant.value),
        "unit": constant.about.unit,
        "standard_error": _short(constant.standard_error),
        "determined": constant.determined,
        "prior": f"{constant.default:g} {constant.prior}",
        "meaning": constant.about.meaning,
        "symbol": constant.about.symbol,
        "note": constant.note,
    }
    return {key: value for key, value in made.items() if value != ""}


def _run(one: VolumeEvidence) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": one.run,
        "recipe": one.name,
        "recipe_digest": one.recipe_digest,
        "run_digest": one.run_digest,
        "version": one.version,
        "seeds": list(one.seeds),
        "voxels": one.voxels,
        "domains": one.domains,
        "stretch_ratio": _short(one.stretch_ratio),
        "contacts": _short(one.contacts),
        "spacings": _short(one.spacings),
        "transport_share": _short(one.transport_share),
        "porosity": _short(one.porosity),
        "open_share": _short(one.open_share),
        "open_share_error": _short(one.open_share_error),
    }
    if one.tortuosity is not None:
        made |= {"tortuosity": _short(one.tortuosity), "tortuosity_error": _short(one.tortuosity_error)}
    return made


def _short(value: float) -> float:
    """Six digits: more than a fit knows."""
    return float(f"{value:.6g}")
