"""Curves that body motion is made of, at a third of the code rate."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from avgen.body.rotations import Array
from avgen.types import CODE_RATE, FloatArray

STRIDE: Final = 3
"""Code frames per frame of motion: no channel moves faster than about 6 Hz."""
RATE: Final = CODE_RATE / STRIDE
"""Frames of motion a second: 28.7."""


def num_coarse(frames: int) -> int:
    """Number M of frames of motion that cover N code frames."""
    return (frames + STRIDE - 2) // STRIDE + 1


def coarse_times(frames: int) -> Array:
    """Seconds [M] of the frames of motion that cover N code frames; each is a code frame's centre."""
    times: Array = (STRIDE * np.arange(num_coarse(frames)) + 0.5).astype(np.float64) / CODE_RATE
    return times


def upsample(values: Array, frames: int) -> FloatArray:
    """Values [M, K] at `coarse_times` -> [N, K] at the code rate, through all of them (Catmull and Rom)."""
    position = np.arange(frames) / STRIDE
    first = np.minimum(position.astype(np.int64), max(len(values) - 2, 0))
    u = (position - first)[:, None]
    before, start, end, after = (values[np.clip(first + step, 0, len(values) - 1)] for step in (-1, 0, 1, 2))
    slope, bend = end - before, 2 * before - 5 * start + 4 * end - after
    third = 3 * (start - end) + after - before
    between: FloatArray = (start + 0.5 * u * (slope + u * (bend + u * third))).astype(np.float32)
    return between


def minimum_jerk(u: ArrayLike) -> Array:
    """Smoothest step from 0 to 1 over u in [0, 1] (Flash and Hogan 1985)."""
    x = np.clip(u, 0, 1)
    step: Array = x * x * x * (10 - 15 * x + 6 * x * x)
    return step


def pulse(time: Array, apex: float, rise: float, hold: float, fall: float) -> Array:
    """Minimum-jerk rise that reaches 1 at ``apex``, stays for ``hold`` and falls; all in seconds."""
    return minimum_jerk((time - apex + rise) / rise) * (1 - minimum_jerk((time - apex - hold) / fall))


def smooth(values: Array, seconds: float) -> Array:
    """Values [M, K] after a zero-phase Gaussian of this deviation."""
    reach = max(1, int(np.ceil(3 * seconds * RATE)))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / (seconds * RATE)) ** 2)
    padded = np.pad(values, ((reach, reach), (0, 0)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    smoothed: Array = windows @ (kernel / kernel.sum())
    return smoothed


def drift(rng: np.random.Generator, frames: int, channels: int, seconds: float) -> Array:
    """Noise [M, K] of unit variance that wanders within this many seconds."""
    length = 1 << int(np.ceil(np.log2(frames + 8 * seconds * RATE + 1)))
    spectrum = np.fft.rfft(rng.standard_normal((length, channels)), axis=0)
    response = 1 / (1 + (2 * np.pi * np.fft.rfftfreq(length, 1 / RATE) * seconds) ** 2)
    power = (response[1:-1] ** 2).sum() * 2 + response[0] ** 2 + response[-1] ** 2
    wandering: Array = np.fft.irfft(spectrum * response[:, None], length, axis=0)
    wandering = wandering[:frames] / np.sqrt(power / length)
    return wandering
