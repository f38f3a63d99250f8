"""What the performance hears in the speech: loudness, melody, phrases, accents and beats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.gestures.hearing import Phrase
from avgen.types import CODE_RATE
from scripts.mira.phones import VOWELS, Phone, is_pause

Array = NDArray[np.float64]
PHRASE_PAUSE: Final = 0.15
"""Seconds of silence that end a phrase."""
SPEECH_RANGE_DB: Final = 35.0
F0_RATE: Final = 80.0
"""Frames per second of the teacher's F0."""
F0_FLOOR: Final = 40.0
"""Hz; the teacher's F0 below it means unvoiced."""


@dataclass(frozen=True, slots=True)
class Accent:
    """A stressed vowel.

    Attributes:
        time: its beat, in seconds: the moment of fastest rise in the audio near the vowel's start.
        strength: 0 to 1, from pitch, loudness, length and stress.
    """

    time: float
    strength: float


@dataclass(frozen=True, slots=True)
class Speech:
    """One passage as the performance hears it.

    Attributes:
        phones: cover the passage.
        time: [N] centre of every frame in seconds.
        loudness: [N] in units of 8 dB about the median of the speech.
        pitch: [N] z-score of log F0, held through unvoiced frames, within +-2.5.
        voiced: [N].
        phrases: in order.
        accents: stressed vowels in order.
        beats: beat of every vowel, in seconds.
    """

    phones: tuple[Phone, ...]
    time: Array
    loudness: Array
    pitch: Array
    voiced: NDArray[np.bool_]
    phrases: tuple[Phrase, ...]
    accents: tuple[Accent, ...]
    beats: tuple[float, ...]

    @property
    def frames(self) -> int:
        """N."""
        return len(self.time)

    def frame(self, seconds: float) -> int:
        """Frame at a time, kept inside the passage."""
        return min(max(int(seconds * CODE_RATE), 0), self.frames - 1)


def hear(phones: Sequence[Phone], mel: NDArray[np.floating], f0: NDArray[np.floating]) -> Speech:
    """Read a passage.

    Args:
        phones: timed phones that cover the passage; those of zero length are not heard.
        mel: [N, 80] natural-log mel.
        f0: [N] Hz, 0 where unvoiced.
    """
    phones = [phone for phone in phones if phone.duration > 0]
    time = ((np.arange(len(mel)) + 0.5) / CODE_RATE).astype(np.float64)
    loudness = _loudness(mel)
    pitch, voiced = _pitch(f0)
    beats = _beats(phones, mel)
    return Speech(
        phones=tuple(phones),
        time=time,
        loudness=loudness,
        pitch=pitch,
        voiced=voiced,
        phrases=_phrases(phones),
        accents=_accents(phones, beats, time, loudness, pitch),
        beats=tuple(beats.values()),
    )


def frame_f0(f0: NDArray[np.floating], frames: int) -> Array:
    """The teacher's F0 (80 per second, near 0 where unvoiced) at the code rate: [frames], 0 unvoiced."""
    source = (np.arange(len(f0)) + 0.5) / F0_RATE
    time = (np.arange(frames) + 0.5) / CODE_RATE
    voiced = np.asarray(f0) > F0_FLOOR
    if not voiced.any():
        return np.zeros(frames)
    log_f0 = np.interp(time, source[voiced], np.log2(f0[voiced]))
    return np.where(np.interp(time, source, voiced.astype(float)) > 0.5, 2**log_f0, 0.0)


def _loudness(mel: NDArray[np.floating]) -> Array:
    power = np.exp(2 * np.asarray(mel, np.float64)).mean(1)
    decibel = 10 * np.log10(power + 1e-9)
    heard = decibel[decibel > decibel.max() - SPEECH_RANGE_DB]
    return (decibel - np.median(heard)) / 8


def _pitch(f0: NDArray[np.floating]) -> tuple[Array, NDArray[np.bool_]]:
    voiced = np.asarray(f0) > 0
    if not voiced.any():
        return np.zeros(len(f0)), voiced
    frames = np.arange(len(f0))
    log_f0 = np.interp(frames, frames[voiced], np.log2(f0[voiced]))
    kernel = np.hanning(9)
    smooth = np.convolve(np.pad(log_f0, 4, "edge"), kernel / kernel.sum(), "valid")
    reference = smooth[voiced]
    z = (smooth - np.median(reference)) / (reference.std() + 0.05)
    return np.clip(z, -2.5, 2.5), voiced


def _phrases(phones: Sequence[Phone]) -> tuple[Phrase, ...]:
    phrases: list[Phrase] = []
    start: float | None = None
    end = 0.0
    for phone in phones:
        if not is_pause(phone.name):
            start = phone.start if start is None else start
            end = phone.end
        elif start is not None and phone.duration > PHRASE_PAUSE:
            phrases.append(Phrase(start, end, phone.name == "?"))
            start = None
    if start is not None:
        phrases.append(Phrase(start, end, False))
    return tuple(phrases)


def _beats(phones: Sequence[Phone], mel: NDArray[np.floating]) -> dict[int, float]:
    """Beat of every vowel, by its index: the fastest rise of the mel near the vowel's start."""
    floored = np.maximum(np.asarray(mel, np.float64), -8)
    rise = np.maximum(np.diff(floored, axis=0, prepend=floored[:1]), 0).mean(1)
    kernel = np.hanning(7)
    rise = np.convolve(rise, kernel / kernel.sum(), "same")
    beats = {}
    for index, phone in enumerate(phones):
        if phone.name in VOWELS:
            first = max(int((phone.start - 0.05) * CODE_RATE), 0)
            last = min(int((phone.start + 0.05) * CODE_RATE) + 1, len(rise))
            if last > first:
                beats[index] = (first + int(np.argmax(rise[first:last])) + 0.5) / CODE_RATE
    return beats


def _accents(
    phones: Sequence[Phone], beats: dict[int, float], time: Array, loudness: Array, pitch: Array
) -> tuple[Accent, ...]:
    accents = []
    for index, beat in beats.items():
        phone = phones[index]
        near = (time > phone.start - 0.03) & (time < phone.end + 0.03)
        if phone.stress and near.any():
            salience = 0.8 * pitch[near].max() + 0.5 * loudness[near].mean()
            salience += 0.5 * np.log(phone.duration / 0.1) - 0.75 - 0.4 * (phone.stress == 1)
            accents.append(Accent(beat, float(1 / (1 + np.exp(-1.6 * salience)))))
    return tuple(accents)
