"""Mel cepstral distortion with dynamic time warping (paper section 4, MCD)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

Array = NDArray[np.floating[Any]]

CEPSTRA: Final = 13
"""Coefficients 1 to 13; the zeroth, loudness, does not count."""
BAND_FRAMES: Final = 120
"""Farthest that warping strays from the straight line between the clips' ends (1.4 s)."""


def mel_cepstra(mel: FloatArray) -> Array:
    """Mel cepstra 1 to 13 [N, 13] of a natural-log mel spectrogram [N, K].

    An orthonormal DCT-II scaled by sqrt(2 / K), so that log mel = c_0 + sum of c_k cos(...): the scale that
    Kubichek's formula (1993) expects.
    """
    bands = mel.shape[1]
    angle = np.pi / bands * (np.arange(bands) + 0.5)[:, None] * np.arange(1, CEPSTRA + 1)
    cepstra: Array = mel.astype(np.float64) @ (2 / bands * np.cos(angle))
    return cepstra


def mel_cepstral_distortion(reference: FloatArray, generated: FloatArray, *, warp: bool = True) -> float:
    """MCD in dB: 10 / ln 10 sqrt(2 sum of (c - c')^2), averaged over frames (Kubichek 1993).

    Args:
        reference: [N, K] natural-log mel spectrogram.
        generated: [M, K].
        warp: pair frames by dynamic time warping; else frame by frame, N = M.

    Raises:
        ValueError: a clip has no frames, or their lengths differ and warping is off.
    """
    if not len(reference) or not len(generated):
        raise ValueError("mel cepstral distortion needs at least one frame of each clip")
    if not warp and len(reference) != len(generated):
        raise ValueError(f"frame by frame needs equal lengths, got {len(reference)} and {len(generated)}")
    a, b = mel_cepstra(reference), mel_cepstra(generated)
    mean = warped_distance(a, b) if warp else float(np.linalg.norm(a - b, axis=1).mean())
    return float(10 / np.log(10) * np.sqrt(2)) * mean


def warped_distance(a: Array, b: Array, band: int = BAND_FRAMES) -> float:
    """Mean Euclidean distance along the cheapest monotonous pairing of two sequences.

    Steps (1, 0), (0, 1) and (1, 1) cost the distance of the frames they reach (Sakoe & Chiba 1978). Computed
    along anti-diagonals, so memory and the inner loop are those of one diagonal.

    Args:
        a: [N, K].
        b: [M, K].
        band: frames by which a pairing may leave the straight line between the ends.
    """
    n, m = len(a), len(b)
    slope = (m - 1) / max(n - 1, 1)
    room = max(band, round(abs(slope)) + 1)
    last, before = _Diagonal(n), _Diagonal(n)
    for total in range(n + m - 1):
        i = np.arange(max(0, total - m + 1), min(n, total + 1))
        i = i[np.abs(total - i - slope * i) <= room] if n > 1 else i
        now = _Diagonal(n)
        if len(i):
            near = np.linalg.norm(a[i] - b[total - i], axis=1)
            origins = [last.at(i - 1), last.at(i), before.at(i - 1)]
            costs = np.stack([cost for cost, _ in origins])
            best = costs.argmin(0), np.arange(len(i))
            steps = np.stack([count for _, count in origins])[best]
            start = total == 0
            now.cost[i + 1] = near + (0.0 if start else costs[best])
            now.steps[i + 1] = 1 if start else steps + 1
        last, before = now, last
    return float(last.cost[n] / last.steps[n])


class _Diagonal:
    """Cost and length of the cheapest pairing that ends at every frame of `a`; entry 0 lies outside."""

    __slots__ = ("cost", "steps")

    def __init__(self, num_frames: int) -> None:
        self.cost = np.full(num_frames + 1, np.inf)
        self.steps = np.zeros(num_frames + 1, np.int64)

    def at(self, frames: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
        return self.cost[frames + 1], self.steps[frames + 1]
