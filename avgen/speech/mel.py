"""Log-mel spectrogram of BigVGAN's `22khz_80band` layout, in numpy.

Window and FFT of 1024 samples, hop 256, periodic Hann, reflect padding of 384 samples at both ends without
centring, magnitude sqrt(|X|^2 + 1e-9), 80 slaney filters from 0 to 8000 Hz, natural log clamped at 1e-5.
One frame covers 256 samples: frame n is centred on sample 256 n + 128.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np

from avgen.types import HOP_SIZE, MEL_BINS, SAMPLE_RATE, FloatArray

if TYPE_CHECKING:
    from torch import Tensor

_Array = TypeVar("_Array", FloatArray, "Tensor")

FFT_SIZE: Final = 1024
EDGE_PADDING: Final = (FFT_SIZE - HOP_SIZE) // 2
"""Samples mirrored at both ends, so that S samples give S // 256 frames."""
MAX_FREQUENCY: Final = 8000.0
POWER_FLOOR: Final = 1e-9
MEL_FLOOR: Final = 1e-5
LOG_FLOOR: Final = float(np.log(MEL_FLOOR))
"""Smallest value a log-mel can take: -11.51."""
_BLOCK_FRAMES: Final = 2048


class MelScale(NamedTuple):
    """How a network's mel is normalised; part of what it learnt."""

    mean: float
    std: float

    def normalise(self, mel: _Array) -> _Array:
        """Natural-log mel -> about zero mean and unit variance."""
        return (mel - self.mean) / self.std

    def restore(self, mel: _Array) -> _Array:
        """Inverse of `normalise`."""
        return mel * self.std + self.mean


SPEECH: Final = MelScale(-6.7, 3.0)
"""Of networks that make speech or move to it: the statistics of passages with their pauses."""
SOUND: Final = MelScale(-6.0, 3.0)
"""Of networks that read a mel: vocoders."""


def hertz_to_mel(frequency: FloatArray) -> FloatArray:
    """Slaney's scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998)."""
    log_part = 15 + np.log(np.maximum(frequency, 1e-9) / 1000) * 27 / np.log(6.4)
    return np.where(frequency >= 1000, log_part, frequency * 3 / 200)


def mel_to_hertz(mel: FloatArray) -> FloatArray:
    """Inverse of `hertz_to_mel`."""
    return np.where(mel >= 15, 1000 * np.exp((mel - 15) * np.log(6.4) / 27), mel * 200 / 3)


@cache
def mel_filters(fft_size: int = FFT_SIZE, sample_rate: int = SAMPLE_RATE) -> FloatArray:
    """Triangular filters of unit area.

    Returns:
        [80, fft_size // 2 + 1] weights over the FFT bins.
    """
    low, high = hertz_to_mel(np.array([0.0, MAX_FREQUENCY], np.float64))
    edges = mel_to_hertz(np.linspace(low, high, MEL_BINS + 2))
    bins = np.linspace(0, sample_rate / 2, fft_size // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


@cache
def hann_window() -> FloatArray:
    """[1024] periodic Hann window."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE)).astype(np.float32)


def mel_spectrogram(samples: FloatArray) -> FloatArray:
    """Log-mel spectrogram of speech.

    Args:
        samples: [S] in [-1, 1] at 22,050 Hz.

    Returns:
        [S // 256, 80] natural log of mel magnitudes, at least -11.51.
    """
    frames = len(samples) // HOP_SIZE
    mel = np.empty((frames, MEL_BINS), np.float32)
    if not frames:
        return mel
    padded = np.pad(np.asarray(samples, np.float32), EDGE_PADDING, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP_SIZE]
    for start in range(0, frames, _BLOCK_FRAMES):
        stop = min(start + _BLOCK_FRAMES, frames)
        spectrum = np.fft.rfft(windows[start:stop] * hann_window(), axis=1)
        power = np.square(spectrum.real, dtype=np.float32) + np.square(spectrum.imag, dtype=np.float32)
        magnitude = np.sqrt(power + np.float32(POWER_FLOOR))
        mel[start:stop] = np.log(np.maximum(magnitude @ mel_filters().T, MEL_FLOOR))
    return mel
