"""What a body hears in the speech that it moves to: phrases, accents, words, loudness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.rotations import Array
from avgen.types import CODE_RATE, FloatArray, Interval

PHRASE_PAUSE: Final = 0.15
"""Seconds of silence that end a phrase."""
RANGE_DB: Final = 35.0
STRESSES: Final = "012"
"""Last letter of a vowel's label: no stress, secondary or primary stress."""
QUESTION: Final = "?"
NEIGHBOURS: Final = 1.5
"""Seconds within which an accent is compared."""
NUCLEUS: Final = 0.5
"""What the last accent of a phrase has ahead."""
_WORD_EDGES: Final = ".,!?;:\"“”‘’'()…—-"
_MEL_FLOOR: Final = -8.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Speech between two pauses, in seconds, and whether a question mark ends it."""

    start: float
    end: float
    question: bool


@dataclass(frozen=True, slots=True)
class Accent:
    """A stressed vowel.

    Attributes:
        time: its beat, in seconds: the moment of fastest rise in the sound near the vowel's start.
        strength: 0 to 1, from pitch, loudness, length and stress.
        words: the word it stands in, and the two before it in the same phrase, in small letters; empty where
            nothing is known of the words.
        phrase: index of its phrase.
    """

    time: float
    strength: float
    words: tuple[str, ...]
    phrase: int


@dataclass(frozen=True, slots=True)
class Hearing:
    """A clip as the body hears it.

    Attributes:
        frames: number N of code frames.
        phrases: in order; where there is none, the body listens.
        accents: in order.
        loudness: [N] in units of 8 dB about the median of the speech.
        marks: gestures that the script asks for, at their times.
    """

    frames: int
    phrases: tuple[Phrase, ...]
    accents: tuple[Accent, ...]
    loudness: Array = field(repr=False)
    marks: tuple[Interval, ...] = ()


def hear(
    mel: FloatArray,
    pitch: FloatArray,
    phonemes: Sequence[Interval],
    words: Sequence[Interval] = (),
    marks: Sequence[Interval] = (),
) -> Hearing:
    """Read a clip.

    Args:
        mel: [N, 80] natural-log mel.
        pitch: [N] Hz, 0 where unvoiced.
        phonemes: timed labels that cover the clip: vowels end in their stress (`æ2`); punctuation, space and
            `$` are silence.
        words: timed words as written, if they are known.
        marks: gestures that the script asks for.
    """
    loudness = _loudness(mel)
    phrases = _phrases(phonemes)
    melody, rise = _melody(pitch), _rise(mel)
    time = (np.arange(len(mel)) + 0.5) / CODE_RATE
    found: list[tuple[float, float, int]] = []
    for phoneme in phonemes:
        if phoneme.label[-1:] not in ("1", "2"):
            continue
        first, last = np.searchsorted(time, [phoneme.start - 0.03, phoneme.end + 0.03])
        near = slice(*np.searchsorted(time, [phoneme.start - 0.05, phoneme.start + 0.05]))
        if last <= first or near.stop <= near.start or phoneme.end <= phoneme.start:
            continue
        salience = 0.8 * melody[first:last].max() + 0.5 * loudness[first:last].mean()
        salience += 0.5 * np.log((phoneme.end - phoneme.start) / 0.1) - 0.4 * (phoneme.label[-1] == "1")
        beat = float(time[near][rise[near].argmax()])
        phrase = next((k for k, one in enumerate(phrases) if phoneme.start < one.end), len(phrases) - 1)
        found.append((beat, salience, phrase))
    accents = [
        Accent(beat, strength, _words_at(words, beat, phrases[phrase].start), phrase)
        for (beat, _, phrase), strength in zip(found, _strengths(found), strict=True)
    ]
    return Hearing(len(mel), phrases, tuple(accents), loudness, tuple(marks))


def _strengths(found: Sequence[tuple[float, float, int]]) -> list[float]:
    """Strengths of accents, given as time, salience and phrase each: beside their phrase's, 0 to 1.

    Pitch sinks through a phrase, so that what stands out is told beside its neighbours; the last accent of a
    phrase is its nucleus.
    """
    out = []
    for n, (time, salience, phrase) in enumerate(found):
        others = [s for t, s, p in found if p == phrase and 0 < abs(t - time) < NEIGHBOURS]
        around = 0.5 * float(np.mean(others)) if others else 0.0
        nucleus = n + 1 == len(found) or found[n + 1][2] != phrase
        out.append(float(1 / (1 + np.exp(-1.6 * (salience - around - 0.35 + NUCLEUS * nucleus)))))
    return out


def _words_at(words: Sequence[Interval], time: float, earliest: float) -> tuple[str, ...]:
    """The word at a time and the two before it, latest first."""
    said = [word for word in words if earliest - 0.05 <= word.start <= time + 0.05]
    if not said or said[-1].end < time - 0.05:
        return ()
    return tuple(word.label.lower().replace("’", "'").strip(_WORD_EDGES) for word in said[:-4:-1])


def _loudness(mel: FloatArray) -> Array:
    power = np.exp(2 * mel.astype(np.float64)).mean(1)
    decibel = 10 * np.log10(power + 1e-9)
    heard = decibel[decibel > decibel.max() - RANGE_DB]
    loudness: Array = (decibel - np.median(heard)) / 8
    return loudness


def _melody(pitch: FloatArray) -> Array:
    """Z-score [N] of log pitch, held through unvoiced frames, within +-2.5."""
    voiced = np.flatnonzero(pitch)
    if not len(voiced):
        return np.zeros(len(pitch))
    log = np.interp(np.arange(len(pitch)), voiced, np.log2(pitch[voiced].astype(np.float64)))
    kernel = np.hanning(9)
    course = np.convolve(np.pad(log, 4, "edge"), kernel / kernel.sum(), "valid")
    reference = course[voiced]
    melody: Array = np.clip((course - np.median(reference)) / (reference.std() + 0.05), -2.5, 2.5)
    return melody


def _rise(mel: FloatArray) -> NDArray[np.float64]:
    """How fast [N] the sound rises, over all bands."""
    floored = np.maximum(mel.astype(np.float64), _MEL_FLOOR)
    rise = np.maximum(np.diff(floored, axis=0, prepend=floored[:1]), 0).mean(1)
    kernel = np.hanning(7)
    return np.convolve(rise, kernel / kernel.sum(), "same")


def _is_sound(label: str) -> bool:
    return label[:1].isalpha() or label[:1] in "ˈˌ"


def _phrases(phonemes: Sequence[Interval]) -> tuple[Phrase, ...]:
    phrases: list[Phrase] = []
    start: float | None = None
    end = 0.0
    mark = ""
    for phoneme in phonemes:
        if _is_sound(phoneme.label):
            if start is None:
                start = phoneme.start
            elif phoneme.start - end > PHRASE_PAUSE:
                phrases.append(Phrase(start, end, mark == QUESTION))
                start = phoneme.start
            end, mark = phoneme.end, ""
        elif not mark or phoneme.label == QUESTION:
            mark = phoneme.label
    if start is not None:
        phrases.append(Phrase(start, end, mark == QUESTION))
    return tuple(phrases)
