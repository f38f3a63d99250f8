"""What can be heard of how something is said: pitch, melody, dynamics, brightness and tempo."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.speech.audio import ACTIVE_RANGE_DB
from avgen.speech.mel import FFT_SIZE, hann_window, mel_filters, mel_spectrogram
from avgen.types import CODE_RATE, HOP_SIZE, SAMPLE_RATE, FloatArray

MEASURES: Final = ("pitch", "melody", "slope", "dynamics", "tilt", "size", "tempo")
"""Mean pitch (semitones over 100 Hz); distance between the 10th and the 90th centile of pitch (semitones);
its slope (semitones a second); standard deviation of level (dB); tilt of the spectrum (dB an octave); its
centre (octaves over 1000 Hz), which tells of the length of a vocal tract; loud peaks, about as many as
syllables, a second. Sound that is only amplified measures the same."""
LOWEST, HIGHEST = 65.0, 500.0
"""Hz of pitch."""
VOICED: Final = 0.5
"""Least autocorrelation of a voiced frame, relative to a perfectly periodic one's."""
OCTAVE_COST: Final = 0.03
"""What a candidate of pitch loses for every octave below the highest (Boersma 1993)."""
_BLOCK_FRAMES: Final = 2048
_BANDS: Final = (200.0, 3500.0)
"""Hz between which the spectrum is looked at: what a telephone carries."""
_SYLLABLE_SECONDS: Final = 0.12
_PEAK_DB: Final = 15.0
"""A peak of level that far below the loud frames is no syllable."""
_LEAST_FRAMES: Final = 8


class Heard(NamedTuple):
    """Frames [N] of a recording."""

    mel: FloatArray
    """[N, 80] natural-log mel."""
    level: FloatArray
    """[N] dB."""
    pitch: FloatArray
    """[N] Hz, 0 where unvoiced."""
    active: NDArray[np.bool_]
    """[N] whether speech is loud there."""


def listen(samples: FloatArray) -> Heard:
    """Frames of sound [S] at 22,050 Hz; at least one."""
    mel = mel_spectrogram(samples)
    whole = samples[: len(mel) * HOP_SIZE].reshape(-1, HOP_SIZE)
    level = (10 * np.log10(np.square(whole, dtype=np.float32).mean(1) + 1e-10)).astype(np.float32)
    active = level > np.quantile(level, 0.95) - ACTIVE_RANGE_DB
    return Heard(mel, level, np.where(active, pitch(samples), 0).astype(np.float32), active)


def measure(heard: Heard, part: slice = slice(None)) -> FloatArray:
    """MEASURES [7] of a part of a recording; nan for what cannot be told, such as pitch in a whisper."""
    mel, level, hertz, active = heard.mel[part], heard.level[part], heard.pitch[part], heard.active[part]
    voiced = np.flatnonzero(hertz)
    found = dict.fromkeys(MEASURES, np.nan)
    if len(voiced) >= _LEAST_FRAMES:
        semitones = 12 * np.log2(hertz[voiced] / 100)
        low, high = np.percentile(semitones, [10, 90])
        found["pitch"], found["melody"] = float(semitones.mean()), high - low
        found["slope"] = float(np.polyfit(voiced / CODE_RATE, semitones, 1)[0])
    if active.sum() >= _LEAST_FRAMES:
        found["dynamics"] = float(level[active].std())
        found["tilt"], found["size"] = _spectrum(mel[active])
        found["tempo"] = _peaks(level) / (active.sum() / CODE_RATE)
    return np.array([found[name] for name in MEASURES], np.float32)


def pitch(samples: FloatArray) -> FloatArray:
    """Pitch [S // 256] of sound [S] in Hz by autocorrelation, 0 where nothing is periodic."""
    frames = len(samples) // HOP_SIZE
    found = np.zeros(frames, np.float32)
    padded = np.pad(np.asarray(samples, np.float32), (FFT_SIZE - HOP_SIZE) // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, FFT_SIZE)[::HOP_SIZE][:frames]
    for start in range(0, frames, _BLOCK_FRAMES):
        found[start : start + _BLOCK_FRAMES] = _pitch_of(windows[start : start + _BLOCK_FRAMES])
    return _median(found)


def _pitch_of(windows: FloatArray) -> FloatArray:
    """Pitch [n] in Hz of windows [n, 1024], 0 where nothing is periodic."""
    first, last = int(SAMPLE_RATE / HIGHEST), int(SAMPLE_RATE / LOWEST)
    centred = (windows - windows.mean(1, keepdims=True)) * hann_window()
    power = np.square(np.abs(np.fft.rfft(centred, 2 * FFT_SIZE, axis=1)))
    correlation = np.fft.irfft(power, axis=1)[:, : last + 2]
    share = correlation / (correlation[:, :1] + 1e-9) / _window_correlation()[: last + 2]
    inner = share[:, first : last + 1]
    peaks = (inner >= share[:, first - 1 : last]) & (inner >= share[:, first + 1 : last + 2])
    lags = np.arange(first, last + 1)
    worth = np.where(peaks, inner - OCTAVE_COST * np.log2(lags / first), -np.inf)
    best = worth.argmax(1)
    rows = np.arange(len(windows))
    before, at, after = (share[rows, lags[best] + step] for step in (-1, 0, 1))
    bend = before - 2 * at + after
    shift = np.where(bend < 0, (before - after) / (2 * np.minimum(bend, -1e-9)), 0)
    voiced = peaks.any(1) & (inner[rows, best] > VOICED)
    hertz: FloatArray = np.where(voiced, SAMPLE_RATE / (lags[best] + np.clip(shift, -1, 1)), 0)
    return hertz.astype(np.float32)


@cache
def _window_correlation() -> FloatArray:
    """Autocorrelation [1024] of the window, 1 at 0."""
    power = np.square(np.abs(np.fft.rfft(hann_window(), 2 * FFT_SIZE)))
    correlation = np.fft.irfft(power)[:FFT_SIZE]
    normalised: FloatArray = correlation / correlation[0]
    return normalised


def _median(values: FloatArray, width: int = 5) -> FloatArray:
    """Medians [N] of neighbours, which drop single errors by an octave."""
    padded = np.pad(values, width // 2, mode="edge")
    medians: FloatArray = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    return medians


def _spectrum(mel: FloatArray) -> tuple[float, float]:
    """Tilt (dB an octave) and centre (octaves over 1000 Hz) of the mean of log-mels [n, 80]."""
    filters = mel_filters()
    hertz = filters @ np.linspace(0, SAMPLE_RATE / 2, filters.shape[1]) / filters.sum(1)
    kept = (hertz > _BANDS[0]) & (hertz < _BANDS[1])
    octaves = np.log2(hertz[kept] / 1000)
    decibels = 20 / np.log(10) * mel[:, kept].mean(0)
    weights = 10 ** ((decibels - decibels.max()) / 20) * np.gradient(octaves)
    return float(np.polyfit(octaves, decibels, 1)[0]), float((weights * octaves).sum() / weights.sum())


def _peaks(level: FloatArray) -> int:
    """Number of loud peaks in a level [n] in dB, as long as syllables."""
    width = round(_SYLLABLE_SECONDS * CODE_RATE) | 1
    shape = np.hanning(width + 2)[1:-1]
    smooth = np.convolve(level, shape / shape.sum(), mode="same")
    middle = smooth[1:-1]
    tops = (middle > smooth[:-2]) & (middle >= smooth[2:]) & (middle > np.quantile(level, 0.95) - _PEAK_DB)
    return int(tops.sum())
