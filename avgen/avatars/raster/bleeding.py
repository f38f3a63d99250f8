"""Colour behind transparent pixels.

Pictures with opacity hold straight colour, so that it may be anything where nothing is seen. Encoders do not
know that: they halve the resolution of colour and blur it, and black there would darken the actor's edge.
So the colours nearby go on outwards (the pull-push of Gortler et al. 1996, "The Lumigraph").
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.raster.compile import kernel
from avgen.types import FloatArray


@kernel
def _halve(colour: FloatArray, weight: FloatArray, out: FloatArray, out_weight: FloatArray) -> None:
    """Mean [h, w, 3] of each 2 x 2 block of colour [2h, 2w, 3] (or one less) by weight, and total weight."""
    height, width = weight.shape
    for y in range(out_weight.shape[0]):
        for x in range(out_weight.shape[1]):
            total = red = green = blue = np.float32(0)
            for j in range(2 * y, min(2 * y + 2, height)):
                for i in range(2 * x, min(2 * x + 2, width)):
                    share = weight[j, i]
                    total += share
                    red += share * colour[j, i, 0]
                    green += share * colour[j, i, 1]
                    blue += share * colour[j, i, 2]
            norm = np.float32(1) / max(total, np.float32(1e-6))
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = red * norm, green * norm, blue * norm
            out_weight[y, x] = min(total, np.float32(1))


@kernel
def _fill(colour: FloatArray, weight: FloatArray, coarse: FloatArray) -> None:
    """Mix into colour [h, w, 3], where its weight is below one, the coarser level, interpolated."""
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            keep = weight[y, x]
            if keep < 1:
                j = y // 2
                i = x // 2
                row = min(max(j - 1 + 2 * (y % 2), 0), coarse.shape[0] - 1)
                column = min(max(i - 1 + 2 * (x % 2), 0), coarse.shape[1] - 1)
                for c in range(3):
                    behind = (
                        np.float32(0.5625) * coarse[j, i, c] + np.float32(0.0625) * coarse[row, column, c]
                    )
                    behind += np.float32(0.1875) * (coarse[row, i, c] + coarse[j, column, c])
                    colour[y, x, c] = keep * colour[y, x, c] + (np.float32(1) - keep) * behind


@kernel
def _take_up(picture: NDArray[np.uint8], colour: FloatArray, weight: FloatArray) -> None:
    """Colour [H, W, 3] and opacity [H, W] (0 to 1) of a picture [H, W, 4]."""
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            weight[y, x] = picture[y, x, 3] / np.float32(255)
            for c in range(3):
                colour[y, x, c] = picture[y, x, c]


@kernel
def _put_down(picture: NDArray[np.uint8], colour: FloatArray) -> None:
    """Colour [H, W, 3] into the unseen pixels of a picture [H, W, 4]."""
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            if picture[y, x, 3] == 0:
                for c in range(3):
                    picture[y, x, c] = np.uint8(colour[y, x, c] + np.float32(0.5))


def colour_unseen(picture: NDArray[np.uint8]) -> None:
    """Give the pixels of a picture [H, W, 4] that are fully transparent the colours of their surroundings."""
    height, width = picture.shape[:2]
    levels = [(np.empty((height, width, 3), np.float32), np.empty((height, width), np.float32))]
    _take_up(picture, *levels[0])
    while max(height, width) > 1:
        height, width = (height + 1) // 2, (width + 1) // 2
        levels.append((np.empty((height, width, 3), np.float32), np.empty((height, width), np.float32)))
        _halve(*levels[-2], *levels[-1])
    for k in range(len(levels) - 1, 0, -1):
        _fill(*levels[k - 1], levels[k][0])
    _put_down(picture, levels[0][0])
