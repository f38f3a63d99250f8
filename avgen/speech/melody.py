"""The melody of speech, of its mel alone: what moves to speech may know it before there is sound."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.speech.mel import FFT_SIZE, mel_filters
from avgen.types import SAMPLE_RATE, FloatArray

LOWEST, HIGHEST, STEPS = 65.0, 430.0, 64
"""Hz between which pitch is looked for, and in how many steps."""
VOICED: Final = 0.5
"""Least correlation of a voiced frame with the best template."""
_BANDS: Final = 28
"""Bands of the mel in which harmonics stand apart: up to 1050 Hz."""
_HARMONICS: Final = 12
_LINE_HERTZ: Final = 25.0
"""Width of a harmonic through the window."""
_JUMP_COST: Final = 0.15
"""What a change by one step costs from frame to frame."""
_ENVELOPE: Final = np.ones(7) / 7
RANGE_NATS: Final = 4.6
"""Frames that are softer than the loudest by more (40 dB) are not voiced."""


@cache
def _templates() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pitches [STEPS] in Hz, and what a buzz of each looks like [_BANDS, STEPS], flattened, at length 1."""
    hertz = np.geomspace(LOWEST, HIGHEST, STEPS)
    bins = np.fft.rfftfreq(FFT_SIZE, 1 / SAMPLE_RATE)
    harmonics = np.arange(1, _HARMONICS)[:, None, None] * hertz[:, None]
    lines = np.exp(-0.5 * ((bins - harmonics) / _LINE_HERTZ) ** 2) / np.sqrt(
        np.arange(1, _HARMONICS)[:, None, None]
    )
    filters = mel_filters().astype(np.float64)
    buzz = np.log(lines.sum(0) @ filters.T + 1e-3 * filters.sum(1))[:, :_BANDS]
    flat = _flatten(buzz)
    return hertz, (flat / np.linalg.norm(flat, axis=1, keepdims=True)).T


def _flatten(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bands [n, _BANDS] less their own smooth course."""
    padded = np.pad(bands, ((0, 0), (3, 3)), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(_ENVELOPE), axis=1)
    flat: NDArray[np.float64] = bands - windows @ _ENVELOPE
    return flat


def mel_pitch(mel: FloatArray) -> FloatArray:
    """Pitch [N] in Hz of a mel [N, 80], 0 where unvoiced: the steadiest path through the best combs.

    Half of all voiced frames are within a fifth of a semitone of what the autocorrelation of the sound says.
    """
    hertz, templates = _templates()
    bands = _flatten(mel[:, :_BANDS].astype(np.float64))
    match = bands @ templates
    steps = np.arange(STEPS)
    cost = _JUMP_COST * np.abs(steps - steps[:, None])
    back = np.zeros((len(mel), STEPS), np.int64)
    score = match[0]
    for n in range(1, len(mel)):
        reach = score - cost
        back[n] = reach.argmax(1)
        score = match[n] + reach[steps, back[n]]
    path = np.empty(len(mel), np.int64)
    path[-1] = score.argmax()
    for n in range(len(mel) - 1, 0, -1):
        path[n - 1] = back[n, path[n]]
    alike = match[np.arange(len(mel)), path] / (np.linalg.norm(bands, axis=1) + 1e-9)
    loudness = mel[:, :_BANDS].mean(1)
    voiced = (alike > VOICED) & (loudness > loudness.max() - RANGE_NATS)
    return np.where(voiced, hertz[path], 0.0).astype(np.float32)
