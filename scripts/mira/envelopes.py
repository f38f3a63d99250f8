"""Envelopes of the teacher's speech, converted to the source-filter vocoder's frames.

The teacher shapes a pulse train by exp(lh), noise by exp(ln) and a free-phase part by exp(lr), 601 bins of
20 Hz at 80 frames a second. Its noise sits mostly in the free-phase part, whose phases place it within the
frame: both are heard as one, and measured by short windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

from avgen.speech.mel import FFT_SIZE
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray
from avgen.vocoders.synthesis import NOISE_FFT_SIZE, NOISE_FRAMES, NOISE_HOP_SIZE

TEACHER_BIN_HZ = 20.0
TEACHER_FRAME_RATE = 80.0
TEACHER_FFT, TEACHER_RATE = 1200, 24_000
LOG_LIMIT = 7.0
"""Logarithms above this are clipped, as the teacher's own synthesis does."""
VOICED_HZ = 40.0
HARMONIC_GAIN = float(np.log(FFT_SIZE / TEACHER_FFT))
"""A harmonic's STFT magnitude grows with the window length."""
NOISE_SMOOTHING = np.hanning(7)[1:-1] / 3
"""Weights of the noise's power over neighbouring frames of 64 samples, so that it varies less by chance."""
POWER_FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Envelopes:
    """What the vocoder's network learns to predict, per mel frame.

    Attributes:
        harmonic: [N, 513] log magnitude of the pulse-train filter.
        noise: [4 N, 129] log standard deviation of the noise.
        f0: [N] Hz, 0 where unvoiced.
    """

    harmonic: FloatArray
    noise: FloatArray
    f0: FloatArray


def teacher_envelopes(lh: FloatArray, f0: FloatArray, noise: FloatArray, frames: int) -> Envelopes:
    """Teacher's envelope [F, 601] and F0 [F], and its noise at 22,050 Hz, in `frames` mel frames."""
    centres = (np.arange(frames) + 0.5) / CODE_RATE * TEACHER_FRAME_RATE
    harmonic = _to_bins(_lerp(np.minimum(lh, LOG_LIMIT), centres)) + HARMONIC_GAIN
    return Envelopes(harmonic, _noise_envelope(noise, frames), _pitch(f0, centres - 0.5))


def _noise_envelope(noise: FloatArray, frames: int) -> FloatArray:
    """[4 * frames, 129] log standard deviation per bin of white noise that a filter would make this noise."""
    count, edge = frames * NOISE_FRAMES, (NOISE_FFT_SIZE - NOISE_HOP_SIZE) // 2
    missing = max(0, count * NOISE_HOP_SIZE - len(noise))
    padded = np.pad(noise[: count * NOISE_HOP_SIZE], (edge, edge + missing))
    window = np.hanning(NOISE_FFT_SIZE + 1)[:-1].astype(np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, NOISE_FFT_SIZE)[::NOISE_HOP_SIZE]
    power = np.abs(np.fft.rfft(pieces * window)) ** 2 / (window**2).sum()
    return 0.5 * np.log(convolve1d(power, NOISE_SMOOTHING, axis=0) + POWER_FLOOR).astype(np.float32)


def _lerp(values: FloatArray, positions: NDArray[np.floating]) -> FloatArray:
    """Linear interpolation along axis 0 at fractional positions [N]."""
    positions = np.clip(positions, 0, len(values) - 1)
    low = np.minimum(np.floor(positions).astype(int), len(values) - 2)
    weight = (positions - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - weight) + values[low + 1] * weight


def _to_bins(spectra: FloatArray) -> FloatArray:
    """[N, 601] bins of 20 Hz -> [N, 513] bins of 22050 / 1024 Hz."""
    positions = np.linspace(0, SAMPLE_RATE / 2, FFT_SIZE // 2 + 1) / TEACHER_BIN_HZ
    return _lerp(spectra.T, positions).T


def _pitch(f0: FloatArray, positions: FloatArray) -> FloatArray:
    """F0 at the mel frames, averaged over voiced neighbours only; 0 where most of them are unvoiced."""
    voiced = (f0 > VOICED_HZ).astype(np.float32)
    share = _lerp(voiced, positions)
    pitch = _lerp(f0 * voiced, positions) / np.maximum(share, 1e-6)
    return np.where(share > 0.5, pitch, 0).astype(np.float32)
