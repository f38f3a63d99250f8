"""Curves that motion is made of: steps, bumps, drift, and the priority-weighted tracker."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import solveh_banded
from scipy.signal import lfilter

from avgen.types import CODE_RATE

Array = NDArray[np.float64]
_THIRD_DIFFERENCE = np.array([-1.0, 3.0, -3.0, 1.0])


def minimum_jerk(u: ArrayLike) -> Array:
    """Smoothest step from 0 to 1 over u in [0, 1] (Flash & Hogan 1985)."""
    x = np.clip(u, 0, 1)
    return x * x * x * (10 - 15 * x + 6 * x * x)


def bump(time: Array, apex: float, rise: float, hold: float, fall: float) -> Array:
    """Minimum-jerk rise that reaches 1 at ``apex``, stays for ``hold`` and falls; all in seconds."""
    return minimum_jerk((time - apex + rise) / rise) * (1 - minimum_jerk((time - apex - hold) / fall))


def soft_clip(x: Array, corner: float = 0.005) -> Array:
    """Clip to [0, 1] with rounded corners, so that velocity stays continuous."""

    def soft_positive(y: Array) -> Array:
        return 0.5 * (y + np.sqrt(y * y + 4 * corner**2)) - corner

    return np.clip(1 - soft_positive(1 - soft_positive(x)), 0, 1)


def low_pass(x: Array, seconds: float) -> Array:
    """Causal one-pole low-pass with the given time constant, at rest on the first value."""
    a = np.exp(-1 / (seconds * CODE_RATE))
    filtered: Array = lfilter([1 - a], [1, -a], x, zi=[a * x[0]])[0]
    return filtered


def drift(rng: np.random.Generator, frames: int, seconds: float) -> Array:
    """Unit-variance noise [frames], low-passed twice, stationary from the first frame."""
    a = np.exp(-1 / (seconds * CODE_RATE))
    warm_up = int(8 * seconds * CODE_RATE)
    x = rng.standard_normal(frames + warm_up)
    for _ in range(2):
        x = lfilter([1 - a], [1, -a], x)
    deviation = np.sqrt((1 - a) ** 4 * (1 + a * a) / (1 - a * a) ** 3)
    return x[warm_up:] / deviation


def track(target: Array, priority: Array, cutoff: float) -> Array:
    """Curve that follows a target as closely as its priority asks and moves as smoothly as it may.

    Minimises sum p (x - target)^2 + L sum (third difference of x)^2 with L = (rate / (2 pi cutoff))^6,
    so that at priority 1 the tracker is a zero-phase low-pass with that cut-off.

    Args:
        target: [N].
        priority: [N] >= 0.
        cutoff: Hz.

    Returns:
        [N].
    """
    frames = len(target)
    smoothness = (CODE_RATE / (2 * np.pi * cutoff)) ** 6
    bands = np.zeros((4, frames))
    for k in range(4):
        for i in range(4 - k):
            product = _THIRD_DIFFERENCE[i] * _THIRD_DIFFERENCE[i + k]
            bands[3 - k, k + i : frames - 3 + k + i] += smoothness * product
    bands[3] += priority + 1e-6
    solution: Array = solveh_banded(bands, priority * target)
    return solution
