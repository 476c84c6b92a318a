"""PNG, JPEG and BMP pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from poreline.voxels.files.colour import luminance
from poreline.voxels.files.image_file import (
    ImageFile,
    Source,
    Spacing,
    allow,
    allow_packed,
    checked_shape,
    checked_type,
    unreadable,
)
from poreline.voxels.files.lengths import is_object_scale

_INCH = 0.0254
_MOST_PER_BYTE_JPEG = 4096  # 8 x 8 values can take less than a bit where all are alike
_MOST_PER_BYTE_BMP = 128  # runs of 255 in two bytes


def read_picture(source: Source) -> ImageFile:
    """Read a PNG, JPEG or BMP picture as (rows, columns); colours become grey values, one-bit pictures become truths.

    The pixel size is that of the file only where it is finer than any screen or print (2 µm). Raises InvalidInput; also
    lets through what Pillow raises.
    """
    from PIL import Image

    with Image.open(source.path, formats=("PNG", "JPEG", "BMP")) as picture:
        width, height = picture.size
        checked_shape((height, width))
        packed = {"PNG": 1040, "JPEG": _MOST_PER_BYTE_JPEG, "BMP": _MOST_PER_BYTE_BMP}[str(picture.format)]
        # Pillow holds the picture, a converted copy and the array.
        channels = len(picture.getbands()) * (4 if picture.mode in {"I", "F"} else 2)
        allow(source, 3 * width * height * channels)
        allow_packed(source, width * height // (8 if picture.mode == "1" else 1), source.size, packed)
        remarks = ["A picture: rows are y, columns are x."]
        spacing, where = _spacing(picture)
        if getattr(picture, "n_frames", 1) > 1:
            remarks.append("It has several frames; the first was read.")
        mode = picture.mode
        if mode in {"P", "PA", "CMYK", "YCbCr", "LAB", "HSV", "RGBX", "RGBa", "La"}:
            mode = "RGBA" if mode in {"PA", "RGBa"} else "LA" if mode == "La" else "RGB"
            values = np.asarray(picture.convert(mode))
        else:
            values = np.asarray(picture)
        if mode == "1":
            values = values.view(np.uint8) != 0  # Pillow keeps a true one as 255
        if picture.format == "JPEG":
            remarks.append(
                "JPEG is lossy: it blurs walls and adds ripples beside them. Export PNG or TIFF for measuring."
            )
    checked_type(values.dtype)
    if values.ndim == 3:
        values, more = luminance(source, values)
        remarks += more
    if values.ndim != 2:
        raise unreadable(f"mode {mode}", "grey values or colours", "It is not known.", "Save it as 8-bit grey values.")
    return ImageFile(
        array=values,
        spacing=spacing,
        spacing_from=where,
        kind="picture",
        format=str(picture.format),
        remarks=tuple(remarks),
    )


def _spacing(picture: Any) -> tuple[Spacing | None, str]:
    """(rows, columns, rows) in m from dots per inch, if no screen, printer or scanner has such fine ones."""
    dots = picture.info.get("dpi")
    try:
        x, y = (_INCH / float(number) for number in dots)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None, f"none: the {picture.format} tells no pixel size"
    if not (is_object_scale(x) and is_object_scale(y)):
        return None, f"none: {_INCH / x:.4g} dots per inch are those of a screen or a print, not a scale"
    x, y = float(f"{x:.6g}"), float(f"{y:.6g}")
    return (y, x, y), "pixels per metre in the file, finer than any print; screen resolutions are not taken as a scale"
