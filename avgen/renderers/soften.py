"""The pixel filter: pixels overlap a little, as a path tracer's do, so that edges do not shimmer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avgen.renderers.compile import kernel
from avgen.types import FloatArray

OVERLAP = 0.1
"""Weight of either neighbour along each axis."""


@kernel
def _across(row: NDArray[np.uint8], line: FloatArray, out: FloatArray) -> None:
    """Filter a row [W, 3 or 4] along itself, with premultiplied colour; line [W, C] is overwritten."""
    side, middle = np.float32(OVERLAP), np.float32(1 - 2 * OVERLAP)
    width, channels = row.shape
    for x in range(width):
        share = np.float32(row[x, 3]) / np.float32(255) if channels == 4 else np.float32(1)
        for c in range(3):
            line[x, c] = share * row[x, c]
        if channels == 4:
            line[x, 3] = row[x, 3]
    for x in range(1, width - 1):
        for c in range(channels):
            out[x, c] = middle * line[x, c] + side * (line[x - 1, c] + line[x + 1, c])
    for c in range(channels):
        out[0, c], out[width - 1, c] = line[0, c], line[width - 1, c]


@kernel
def soften(picture: NDArray[np.uint8]) -> None:
    """Filter a picture [H, W, 3], or [H, W, 4] of straight colour and opacity, in place.

    A dithered background stays dithered: its middle pixel outweighs the others together.
    """
    height, width, channels = picture.shape
    side, middle = np.float32(OVERLAP), np.float32(1 - 2 * OVERLAP)
    half, full = np.float32(0.5), np.float32(255)
    rows, line = np.empty((3, width, channels), np.float32), np.empty((width, channels), np.float32)
    _across(picture[0], line, rows[0])
    rows[1] = rows[0]
    for y in range(height):
        above, here, below = rows[y % 3], rows[(y + 1) % 3], rows[(y + 2) % 3]
        _across(picture[min(y + 1, height - 1)], line, below)
        for x in range(width):
            gain = np.float32(1)
            if channels == 4:
                opacity = middle * here[x, 3] + side * (above[x, 3] + below[x, 3])
                gain = full / max(opacity, np.float32(0.1))
                picture[y, x, 3] = np.uint8(opacity + half)
            for c in range(3):
                level = gain * (middle * here[x, c] + side * (above[x, c] + below[x, c]))
                picture[y, x, c] = np.uint8(min(level + half, full))
