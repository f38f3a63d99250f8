"""Speech as microphones, rooms, lines and other people's noise leave it: waveforms [S] at 22.05 kHz, seeded.

Everything takes and gives float arrays and draws from one generator, so that a seed is a recording condition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, istft, sosfilt, stft

from avgen.types import SAMPLE_RATE, FloatArray

CLEAN_SHARE: Final = 0.3
"""Share of recordings that are left as they are."""
_TINY: Final = 1e-9
_INTERVALS: Final = (0, 3, 4, 5, 7, 9, 12, 16, 19)
"""Semitones above the root that music's tones have."""
Rng = np.random.Generator
Floats = NDArray[np.floating]


def environment(samples: FloatArray, others: Sequence[FloatArray], rng: Rng) -> FloatArray:
    """A recording as one random condition leaves it.

    Args:
        samples: [S] of speech and pauses.
        others: other speakers, for babble.
        rng: draws the condition.
    """
    if rng.random() < CLEAN_SHARE:
        return samples
    power = float(np.mean(samples**2)) * 1.4 + _TINY
    if rng.random() < 0.5:
        samples = equalised(samples, rng)
    if rng.random() < 0.4:
        samples = distant(samples, rng) if rng.random() < 0.3 else in_room(samples, rng)
    if rng.random() < 0.65:
        samples = with_background(samples, power, others, rng)
    if rng.random() < 0.07:
        limit = 2.5 * samples.std()
        samples = np.clip(samples, -limit, limit)
    return transmitted(samples, rng).astype(np.float32)


def with_background(samples: FloatArray, power: float, others: Sequence[FloatArray], rng: Rng) -> FloatArray:
    """Add noise, music, babble or hum, 3 to 35 dB below speech of some power, babble at least 8 dB."""
    size = len(samples)
    kinds: list[Callable[[], FloatArray]] = [
        lambda: coloured(size, rng.uniform(-0.3, 2.0), rng),
        lambda: music(size, rng),
        lambda: babble(size, others, rng),
        lambda: hum(size, rng),
    ]
    kind = int(rng.choice(len(kinds), p=(0.5, 0.25, 0.15, 0.1)))
    below = rng.uniform(8 if kind == 2 else 3, 35)
    added: FloatArray = samples + kinds[kind]() * np.sqrt(power) * 10 ** (-below / 20)
    return added


def transmitted(samples: FloatArray, rng: Rng) -> FloatArray:
    """What a telephone, a narrow band or a codec leaves; more than half of all recordings are spared."""
    kind = rng.random()
    if kind < 0.15:
        return telephone(samples, rng)
    if kind < 0.3:
        band = butter(8, rng.uniform(3500, 8000), "low", fs=SAMPLE_RATE, output="sos")
        return _float(sosfilt(band, samples))
    return coded(samples, rng) if kind < 0.4 else samples


def not_speech(size: int, rng: Rng) -> FloatArray:
    """Sound [size] that nobody speaks: noise, music, tones, breath, knocks, hum, or almost nothing."""
    kinds: list[Callable[[int, Rng], FloatArray]] = [noise, music, tones, breath, knocks, hum, hush]
    sound = kinds[int(rng.integers(len(kinds)))](size, rng)
    if rng.random() < 0.3:
        sound = sound + 10 ** (-rng.uniform(0, 30) / 20) * noise(size, rng)
    return _float(sound * 10 ** (-rng.uniform(15, 45) / 20))


def coloured(size: int, slope: float, rng: Rng) -> FloatArray:
    """Noise [size] of power 1 that falls with frequency as f ** -slope."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum *= np.maximum(np.arange(len(spectrum)), 1) ** (-slope / 2)
    return _unit(np.fft.irfft(spectrum, size))


def noise(size: int, rng: Rng) -> FloatArray:
    """Noise of a random colour, steady or swelling."""
    sound = coloured(size, rng.uniform(-0.3, 2.0), rng)
    if rng.random() < 0.4:
        sound = sound * np.exp(rng.uniform(0.2, 1.5) * _slow(size, rng.uniform(0.2, 4.0), rng))
    return _unit(sound)


def music(size: int, rng: Rng) -> FloatArray:
    """Chords and a beat: harmonic tones that decay."""
    out, beat, root = np.zeros(size), rng.uniform(0.25, 0.8), rng.uniform(80, 260)
    for start in range(0, size, int(SAMPLE_RATE * beat)):
        length = min(size - start, int(SAMPLE_RATE * beat * rng.uniform(0.8, 2.5)))
        time = np.arange(length) / SAMPLE_RATE
        for semitones in rng.choice(_INTERVALS, int(rng.integers(1, 4))):
            pitch, dull, decay = root * 2 ** (semitones / 12), rng.uniform(0.6, 1.6), rng.uniform(0.3, 5)
            for harmonic in range(1, int(min(rng.integers(2, 9), SAMPLE_RATE / 2 // pitch))):
                wave = np.sin(2 * np.pi * harmonic * pitch * time + rng.uniform(0, 6))
                out[start : start + length] += wave / harmonic**dull * np.exp(-time * decay)
        if rng.random() < 0.6:
            hit = min(length, 2000)
            out[start : start + hit] += _burst(hit, 300, rng) * rng.uniform(0, 3)
    return _unit(out)


def tones(size: int, rng: Rng) -> FloatArray:
    """One or two steady tones, gliding a little, perhaps switched on and off as telephones do."""
    out, time = np.zeros(size), np.arange(size) / SAMPLE_RATE
    for _ in range(int(rng.integers(1, 3))):
        pitch = np.exp(rng.uniform(np.log(60), np.log(5000))) * (
            1 + 0.2 * rng.uniform(-1, 1) * time / time[-1]
        )
        out += np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE)
    if rng.random() < 0.4:
        out *= (time / rng.uniform(0.1, 2.0)) % 1 < rng.uniform(0.2, 0.8)
    return _unit(out)


def breath(size: int, rng: Rng) -> FloatArray:
    """Breathing: noise in a moving band that comes and goes."""
    low = rng.uniform(200, 900)
    band = butter(2, [low, low * rng.uniform(2, 8)], "band", fs=SAMPLE_RATE, output="sos")
    swell = np.sin(np.pi * np.arange(size) / SAMPLE_RATE / rng.uniform(0.6, 2.0) + rng.uniform(0, 3)) ** 2
    return _unit(sosfilt(band, rng.standard_normal(size)) * swell ** rng.uniform(1, 4))


def knocks(size: int, rng: Rng) -> FloatArray:
    """Knocks and clicks at random times."""
    out = 1e-3 * rng.standard_normal(size)
    for start in rng.integers(0, size, int(1 + size / SAMPLE_RATE * rng.uniform(0.5, 6))):
        hit = min(size - int(start), int(SAMPLE_RATE * rng.uniform(0.01, 0.15)))
        out[start : start + hit] += _burst(hit, hit / rng.uniform(3, 8), rng) * rng.uniform(0.1, 1)
    return _unit(sosfilt(butter(2, rng.uniform(600, 9000), "low", fs=SAMPLE_RATE, output="sos"), out))


def hum(size: int, rng: Rng) -> FloatArray:
    """Mains hum with some of its harmonics."""
    phase = 2 * np.pi * rng.choice([50, 60, 100, 120]) * np.arange(size) / SAMPLE_RATE
    harmonics = sum(rng.uniform(0, 1) / k * np.sin(k * phase) for k in range(2, 6))
    return _unit(np.sin(phase) + harmonics + 0.3 * coloured(size, 1.0, rng))


def hush(size: int, rng: Rng) -> FloatArray:
    """Next to nothing: the hiss of a quiet room."""
    return _float(10 ** (-rng.uniform(20, 60) / 20) * coloured(size, rng.uniform(0, 1.5), rng))


def babble(size: int, others: Sequence[FloatArray], rng: Rng) -> FloatArray:
    """Three to eight other speakers at once."""
    out = np.zeros(size)
    for _ in range(int(rng.integers(3, 9))):
        out += _unit(excerpt(others[int(rng.integers(len(others)))], size, rng))
    return _unit(out)


def excerpt(sound: FloatArray, size: int, rng: Rng) -> FloatArray:
    """[size] of a sound, from anywhere in it, over and over if it is short."""
    looped = np.tile(sound, size // len(sound) + 2)
    start = int(rng.integers(len(looped) - size))
    return _float(looped[start : start + size])


def in_room(samples: FloatArray, rng: Rng, direct: float = 1.0) -> FloatArray:
    """Reverberation of 0.1 to 0.8 s behind the direct sound."""
    length = int(rng.uniform(0.1, 0.8) * SAMPLE_RATE)
    echo = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    echo[: int(0.002 * SAMPLE_RATE)] = 0
    echo *= rng.uniform(0.15, 0.9) / np.sqrt((echo**2).sum())
    return _float(direct * samples + fftconvolve(samples, echo)[: len(samples)])


def distant(samples: FloatArray, rng: Rng) -> FloatArray:
    """Spoken across a room: mostly reverberation, and dull."""
    far = in_room(samples, rng, direct=rng.uniform(0.15, 0.5))
    return _float(sosfilt(butter(1, rng.uniform(2500, 8000), "low", fs=SAMPLE_RATE, output="sos"), far))


def equalised(samples: FloatArray, rng: Rng) -> FloatArray:
    """A smooth random gain over frequency, within 12 dB."""
    spectrum = np.fft.rfft(samples)
    place = np.linspace(0, 1, len(spectrum))
    gain = rng.normal(0, 4) * (place - 0.5)
    for wave in range(1, 5):
        gain += rng.normal(0, 2) * np.cos(np.pi * wave * np.sqrt(place) + rng.uniform(0, 3))
    return _float(np.fft.irfft(spectrum * 10 ** (np.clip(gain, -12, 12) / 20), len(samples)))


def telephone(samples: FloatArray, rng: Rng) -> FloatArray:
    """The band of a telephone, in 8 bits of mu-law."""
    band = [rng.uniform(150, 350), rng.uniform(3200, 3800)]
    narrow = sosfilt(butter(4, band, "band", fs=SAMPLE_RATE, output="sos"), samples)
    peak = np.abs(narrow).max() + _TINY
    companded = np.round(127 * np.log1p(255 * np.abs(narrow) / peak) / np.log(256)) / 127
    return _float(np.sign(narrow) * (256**companded - 1) / 255 * peak)


def coded(samples: FloatArray, rng: Rng) -> FloatArray:
    """What a codec of a low bit rate leaves: of every moment, what is not far below its loudest parts."""
    _, _, spectrum = stft(samples, SAMPLE_RATE, nperseg=1024)
    size = np.abs(spectrum)
    top = int(len(size) * rng.uniform(0.4, 1.0))
    spectrum[size < size.max(0) * 10 ** (-rng.uniform(25, 45) / 20)] = 0
    spectrum[top:] = 0
    return _float(istft(spectrum, SAMPLE_RATE)[1][: len(samples)])


def _burst(size: int, decay: float, rng: Rng) -> FloatArray:
    return _float(rng.standard_normal(size) * np.exp(-np.arange(size) / decay))


def _slow(size: int, rate: float, rng: Rng) -> FloatArray:
    """[size] random values of spread 1 that change `rate` times a second."""
    knots = rng.standard_normal(int(size / SAMPLE_RATE * rate) + 3)
    return _float(np.interp(np.arange(size) * rate / SAMPLE_RATE, np.arange(len(knots)), knots))


def _unit(samples: Floats) -> FloatArray:
    """The same sound with power 1."""
    return _float(samples / (samples.std() + _TINY))


def _float(samples: Floats) -> FloatArray:
    return np.asarray(samples, np.float32)
