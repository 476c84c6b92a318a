"""The film of a simulation to look at: how it cracks open, and what it looks like at the end, as files and for the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from poreline.line.volume import VolumeRun
from poreline.report.cracking import animation, slices_figure, stages_figure, still, webp_of, write_gif
from poreline.report.figures import FIGURE_SETTINGS, Picture

ANIMATION = "film.gif"
_DOTS = 160  # an inch of a still: sharp on paper
_PAGE_PIXELS = 1216  # across a still in the page: sharp on a screen of twice the usual density
_QUALITY = 78
_MARGIN = 12  # pixels above and below a still
_PNG_LEVEL = 4  # of compression: half the time of the usual 6, and a twentieth larger
_WEBP_METHOD = 2  # a third of the time of the usual 4, and a fifteenth larger


@dataclass(frozen=True, eq=False)
class Still:
    """A picture in its pixels."""

    picture: Picture
    image: Any
    """Pillow image."""


@dataclass(frozen=True, eq=False)
class FilmPictures:
    """All pictures of the first cell's film."""

    pages: tuple[Any, ...]
    """Pages of the animation, Pillow images; empty where no frames were recorded."""
    stills: Mapping[str, Still]
    """By name: `cracking-stages` (where there are frames), `cracking-film`, `cracking-voids`, `cracking-slices`."""


@dataclass(frozen=True)
class PageImage:
    """A picture that stands in the page itself."""

    name: str
    title: str
    description: str
    source: str
    """Address that holds the data."""
    width: int
    height: int


def film_pictures(made: VolumeRun) -> FilmPictures:
    """Draw the pictures of a simulation's film."""
    image, name = made.image.image, made.run.recipe.name
    drawn = [still(image, name=name), still(image, "voids", name=name), slices_figure(image, name=name)]
    if made.frames:
        drawn.insert(0, stages_figure(made.frames, name=name))
    pages = tuple(animation(made.frames, name=name)) if len(made.frames) > 1 else ()
    return FilmPictures(pages, {picture.name: Still(picture, _pixels(picture)) for picture in drawn})


def write_film_pictures(film: FilmPictures, folder: Path) -> dict[str, str]:
    """Write `film.gif` and the stills as PNG; names of the files by what they are."""
    files: dict[str, str] = {}
    if film.pages:
        files["animation"] = write_gif(folder / ANIMATION, film.pages).name
    for name, one in film.stills.items():
        one.image.save(folder / f"{name}.png", format="PNG", dpi=(_DOTS, _DOTS), compress_level=_PNG_LEVEL)
        files[f"picture_{name.replace('-', '_')}"] = f"{name}.png"
    return files


def page_images(film: FilmPictures) -> dict[str, PageImage]:
    """The pictures as they stand in the page, by name; the animation is `animation`."""
    found = {}
    for name, one in film.stills.items():
        image = one.image
        if image.width > _PAGE_PIXELS:
            image = image.resize((_PAGE_PIXELS, round(image.height * _PAGE_PIXELS / image.width)), reducing_gap=2.0)
        stream = io.BytesIO()
        image.save(stream, format="WEBP", quality=_QUALITY, method=_WEBP_METHOD)
        found[name] = _of_page(name, one.picture.title, one.picture.description, stream.getvalue(), image)
    if film.pages:
        words = "The film as it is drawn, with its stretch ratio, porosity and temperature, over and over."
        found["animation"] = _of_page("animation", "The film cracking open", words, webp_of(film.pages), film.pages[0])
    return found


def _of_page(name: str, title: str, description: str, data: bytes, image: Any) -> PageImage:
    source = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
    return PageImage(name, title, description, source, image.width, image.height)


def _pixels(picture: Picture) -> Any:
    from PIL import Image

    with mpl.rc_context(FIGURE_SETTINGS):
        picture.figure.set_dpi(_DOTS)
        picture.figure.set_facecolor("white")
        canvas: Any = FigureCanvasAgg(picture.figure)
        canvas.draw()
        return Image.fromarray(_trimmed(np.asarray(canvas.buffer_rgba())[..., :3]))


def _trimmed(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Without the empty rows above and below."""
    rows = np.flatnonzero((pixels < 250).any(axis=(1, 2)))
    if not rows.size:
        return pixels
    return np.ascontiguousarray(pixels[max(0, rows[0] - _MARGIN) : rows[-1] + 1 + _MARGIN])
