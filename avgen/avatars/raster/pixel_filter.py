"""The pixel filter: pixels overlap a little, as a path tracer's do, so that edges do not shimmer.

Also for pictures that are drawn smaller than they are, whose detail would shimmer likewise.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.raster.compile import kernel
from avgen.types import FloatArray

OVERLAP = 0.1
"""Weight of either neighbour along each axis, in the pixel filter."""
SHRINKING_OVERLAP = 0.16
"""The same for pictures drawn at 1 / sqrt(2) of their size; otherwise in proportion to the texels that a
pixel covers, less one. Nearest to path-traced pictures of that size (scripts/bench/head.md)."""
LARGEST_OVERLAP = 0.25
"""Of one pass of the filter."""
MOST_TEXELS = 6.0
"""Along one side of a pixel, for which pictures are smoothed: of a head of that size nobody sees strands."""


@kernel
def _copy(row: NDArray[np.generic], out: FloatArray) -> None:
    """Copy a row; as a loop, because numba spends seconds on compiling an assignment that might not fit."""
    for k in range(len(row)):
        out[k] = row[k]


@kernel
def _across(row: FloatArray, channels: int, overlap: float, out: FloatArray) -> None:
    """Filter a row [W * channels] along itself; what lies beyond its ends is as they are.

    Parts of the row are indexed from zero, because an index that might be negative keeps a loop from vectors.
    """
    side, middle = np.float32(overlap), np.float32(1 - 2 * overlap)
    last = len(row) - channels
    left, here, right, inner = (
        row[: last - channels],
        row[channels:last],
        row[2 * channels :],
        out[channels:last],
    )
    for k in range(len(inner)):
        inner[k] = middle * here[k] + side * (left[k] + right[k])
    for k in range(channels):
        out[k], out[last + k] = row[k], row[last + k]


@kernel
def _down(above: FloatArray, here: FloatArray, below: FloatArray, overlap: float, out: FloatArray) -> None:
    """Filter a row between its neighbours, all filtered along themselves."""
    side, middle = np.float32(overlap), np.float32(1 - 2 * overlap)
    for k in range(len(out)):
        out[k] = middle * here[k] + side * (above[k] + below[k])


@kernel
def _premultiply(row: NDArray[np.uint8], out: FloatArray) -> None:
    """Straight colour and opacity [W * 4] to colour times opacity."""
    for k in range(0, len(row), 4):
        share = np.float32(row[k + 3]) / np.float32(255)
        for c in range(3):
            out[k + c] = share * row[k + c]
        out[k + 3] = row[k + 3]


@kernel
def _write(line: FloatArray, straight: bool, out: NDArray[np.uint8]) -> None:
    """Round a row [W * channels], or one [W * 4] whose colour is straightened first."""
    half, full = np.float32(0.5), np.float32(255)
    if straight:
        for k in range(0, len(line), 4):
            gain = full / max(line[k + 3], np.float32(0.1))
            for c in range(3):
                line[k + c] = gain * line[k + c]
    for k in range(len(line)):
        out[k] = np.uint8(min(line[k] + half, full))


@kernel
def filter_pixels(picture: NDArray[np.uint8], overlap: float, straight: bool) -> None:
    """Filter a picture [H, W, channels] in place.

    A dithered background stays dithered: its middle pixel outweighs the others together.

    Args:
        picture: of 3 channels, or 4 of which the last is opacity.
        overlap: weight of either neighbour along each axis.
        straight: whether the colour of 4 channels is not multiplied by the opacity.
    """
    height, width, channels = picture.shape
    pixels = picture.reshape(height, width * channels)
    rows, line = np.empty((3, width * channels), np.float32), np.empty(width * channels, np.float32)
    for y in range(-1, height):
        below = pixels[min(y + 1, height - 1)]
        if straight:
            _premultiply(below, line)
        else:
            _copy(below, line)
        _across(line, channels, overlap, rows[(y + 1) % 3])
        if y == -1:
            _copy(rows[0], rows[2])
            continue
        _down(rows[(y + 2) % 3], rows[y % 3], rows[(y + 1) % 3], overlap, line)
        _write(line, straight, pixels[y])


class ShrunkPictures:
    """Pictures that are drawn at a fraction of their size: each is smoothed when it is first needed.

    Args:
        pictures: [Q, h, w, 4] uint8, premultiplied; drawn as they are if they are drawn larger.
        texels: along one side of a pixel.
    """

    def __init__(self, pictures: NDArray[np.uint8], texels: float) -> None:
        self.pictures = pictures
        self.overlap = max(SHRINKING_OVERLAP * (min(texels, MOST_TEXELS) ** 2 - 1), 0.0)
        self.done = np.full(len(pictures), self.overlap == 0)
        self.out = np.empty_like(pictures) if self.overlap else pictures

    def smoothed(self, chosen: NDArray[np.integer]) -> NDArray[np.uint8]:
        """All pictures [Q, h, w, 4], of which those chosen are ready; threads may ask for the same ones."""
        for k in chosen[~self.done[chosen]]:
            picture, passes = self.pictures[k].copy(), math.ceil(self.overlap / LARGEST_OVERLAP)
            for _ in range(passes):
                filter_pixels(picture, self.overlap / passes, False)
            self.out[k] = picture
            self.done[k] = True
        return self.out
