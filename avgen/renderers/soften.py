"""The pixel filter: pixels overlap a little, as a path tracer's do, so that edges do not shimmer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avgen.renderers.compile import kernel
from avgen.types import FloatArray

OVERLAP = 0.1
"""Weight of either neighbour along each axis."""


@kernel
def _copy(row: NDArray[np.generic], out: FloatArray) -> None:
    """Copy a row; as a loop, because numba spends seconds on compiling an assignment that might not fit."""
    for k in range(len(row)):
        out[k] = row[k]


@kernel
def _across(row: FloatArray, channels: int, out: FloatArray) -> None:
    """Filter a row [W * channels] along itself; what lies beyond its ends is as they are."""
    side, middle = np.float32(OVERLAP), np.float32(1 - 2 * OVERLAP)
    last = len(row) - channels
    for k in range(channels, last):
        out[k] = middle * row[k] + side * (row[k - channels] + row[k + channels])
    for k in range(channels):
        out[k], out[last + k] = row[k], row[last + k]


@kernel
def _down(above: FloatArray, here: FloatArray, below: FloatArray, out: FloatArray) -> None:
    """Filter a row between its neighbours, all filtered along themselves."""
    side, middle = np.float32(OVERLAP), np.float32(1 - 2 * OVERLAP)
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
def _write(line: FloatArray, channels: int, out: NDArray[np.uint8]) -> None:
    """Round a row, whose colour is straightened if it has an opacity."""
    half, full = np.float32(0.5), np.float32(255)
    if channels == 4:
        for k in range(0, len(line), 4):
            gain = full / max(line[k + 3], np.float32(0.1))
            for c in range(3):
                line[k + c] = gain * line[k + c]
    for k in range(len(line)):
        out[k] = np.uint8(min(line[k] + half, full))


@kernel
def soften(picture: NDArray[np.uint8]) -> None:
    """Filter a picture [H, W, 3], or [H, W, 4] of straight colour and opacity, in place.

    A dithered background stays dithered: its middle pixel outweighs the others together.
    """
    height, width, channels = picture.shape
    pixels = picture.reshape(height, width * channels)
    rows, line = np.empty((3, width * channels), np.float32), np.empty(width * channels, np.float32)
    for y in range(-1, height):
        below = pixels[min(y + 1, height - 1)]
        if channels == 4:
            _premultiply(below, line)
        else:
            _copy(below, line)
        _across(line, channels, rows[(y + 1) % 3])
        if y == -1:
            _copy(rows[0], rows[2])
            continue
        _down(rows[(y + 2) % 3], rows[y % 3], rows[(y + 1) % 3], line)
        _write(line, channels, pixels[y])
