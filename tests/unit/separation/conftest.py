from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from poreline.materials import Materials, default_materials
from poreline.membrane.membrane import Membrane


@pytest.fixture(scope="session")
def materials() -> Materials:
    return default_materials()


@pytest.fixture(scope="session")
def membrane_with() -> Callable[..., Membrane]:
    """A membrane of 15 % porosity, tortuosity 5, 20 nm equal cylinders, 50 um thick, with the changes given."""

    def make(**changes: Any) -> Membrane:
        usual = {
            "film_thickness": 50e-6,
            "porosity": 0.15,
            "open_share": 1.0,
            "porosity_open": 0.15,
            "transport_porosity": 0.15,
            "tortuosity": 5.0,
            "pore_diameter_mean": 20e-9,
            "pore_diameter_spread": 1.0,
            "pore_shape": "cylinder",
        }
        return Membrane(**(usual | changes))

    return make
