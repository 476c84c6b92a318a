"""Blend to film: extrusion, casting, spray."""

from poreline.film.film import Film
from poreline.film.form import form, line_shear

__all__ = ["Film", "form", "line_shear"]
