"""Colour pictures as grey ones."""

from __future__ import annotations

import math

import numpy as np

from poreline.voxels.files.image_file import AnyArray, Source, allow

_WEIGHTS = (0.299, 0.587, 0.114)  # of red, green and blue: ITU-R BT.601, as common programs weigh them
_CHUNK = 2**20  # pixels that are converted together
_COLOURED = 0.02  # mean difference of the channels, as a share of their range, above which colour carries something


def luminance(source: Source, colours: AnyArray) -> tuple[AnyArray, tuple[str, ...]]:
    """Grey values 0.299 R + 0.587 G + 0.114 B of colours on the last axis, in their type, and remarks on it.

    A fourth channel is opacity and is left out, as is the second of two. Channels that are equal everywhere keep
    their exact values.
    """
    if colours.shape[-1] < 3:
        return colours[..., 0], ("Its second channel (opacity) was left out.",)
    pixels = math.prod(colours.shape[:-1])
    allow(source, pixels * colours.dtype.itemsize)
    grey = np.empty(colours.shape[:-1], colours.dtype.newbyteorder("="))
    step = max(1, _CHUNK * colours.shape[0] // pixels)
    spread, low, high = 0.0, np.inf, -np.inf
    for start in range(0, colours.shape[0], step):
        channels = colours[start : start + step, ..., :3].astype(np.float64)
        red = channels[..., 0]
        # As differences from red: equal channels keep their value to the last bit.
        weighted = red + sum(weight * (channels[..., k] - red) for k, weight in enumerate(_WEIGHTS))
        grey[start : start + step] = np.rint(weighted) if grey.dtype.kind in "ui" else weighted
        spread += float((channels.max(-1) - channels.min(-1)).sum())
        low, high = min(low, float(channels.min())), max(high, float(channels.max()))
    remarks = ["Its colours were converted to grey values (luminance)."]
    if spread == 0.0:
        remarks = ["Its colour channels are equal: a grey picture saved as colour."]
    elif spread / pixels > _COLOURED * (high - low):
        remarks.append(
            "It is really coloured: an overlay or a false-colour map may hide the grey values of the original."
        )
    if colours.shape[-1] == 4:
        remarks.append("Its fourth channel (opacity) was left out.")
    return grey, tuple(remarks)
