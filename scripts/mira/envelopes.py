"""Envelopes of the teacher's decoder, converted to the source-filter vocoder's frames.

The teacher shapes a pulse train by exp(lh), noise by exp(ln) and a free-phase part by exp(lr), 601 bins of
20 Hz at 80 frames a second. Its noise sits mostly in the free-phase part, so both are folded into one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avgen.speech.mel import FFT_SIZE
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray

TEACHER_BIN_HZ = 20.0
TEACHER_FRAME_RATE = 80.0
TEACHER_FFT, TEACHER_RATE = 1200, 24_000
LOG_LIMIT = 7.0
"""Logarithms above this are clipped, as the teacher's own synthesis does."""
VOICED_HZ = 40.0
HARMONIC_GAIN = float(np.log(FFT_SIZE / TEACHER_FFT))
"""A harmonic's STFT magnitude grows with the window length."""
NOISE_GAIN = 0.5 * float(np.log(FFT_SIZE * SAMPLE_RATE / (TEACHER_FFT * TEACHER_RATE)))
"""Noise of the same density: magnitude grows with the root of window length and bandwidth."""


@dataclass(frozen=True, slots=True)
class Envelopes:
    """What the vocoder's network learns to predict, per mel frame.

    Attributes:
        harmonic: [N, 513] log magnitude of the pulse-train filter.
        noise: [N, 513] log magnitude of the noise filter.
        f0: [N] Hz, 0 where unvoiced.
    """

    harmonic: FloatArray
    noise: FloatArray
    f0: FloatArray


def teacher_envelopes(
    lh: FloatArray, ln: FloatArray, lr: FloatArray, f0: FloatArray, frames: int
) -> Envelopes:
    """Teacher's decoder outputs [F, 601], [F, 601], [F, 601], [F] resampled to `frames` mel frames."""
    ln, lr = np.minimum(ln, LOG_LIMIT), np.minimum(lr, LOG_LIMIT)
    noise = 0.5 * np.log(np.exp(2 * ln) + 0.5 * np.exp(2 * lr) + 1e-12)
    centres = (np.arange(frames) + 0.5) / CODE_RATE * TEACHER_FRAME_RATE
    harmonic = _to_bins(_lerp(np.minimum(lh, LOG_LIMIT), centres)) + HARMONIC_GAIN
    return Envelopes(harmonic, _to_bins(_lerp(noise, centres)) + NOISE_GAIN, _pitch(f0, centres - 0.5))


def _lerp(values: FloatArray, positions: FloatArray) -> FloatArray:
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
