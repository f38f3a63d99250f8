"""Words that start after a pause -> the same words, each from where it is heard.

A token begins before its sound does: lips and breath are made ready in it. Inside a phrase the sound before
it goes on, after a pause nothing is heard, and a word that lights up then would be early.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from avgen.speech.audio import speech_level
from avgen.types import FloatArray, Interval, Waveform

LEAST_PAUSE: Final = 0.05
"""Seconds without a word, before the next one, that count as a pause."""
HEARD_DB: Final = -50.0
"""Sound is heard from this level on, relative to that of the speech; a vocoder's pauses are 10 dB softer."""
WINDOW: Final = 0.01
"""Seconds over which the level is taken."""
STEP: Final = 0.0025
"""Seconds from one level to the next."""


def heard(words: Sequence[Interval], waveform: Waveform) -> tuple[Interval, ...]:
    """Let each word after a pause, and the first, start where its sound does.

    It is looked for between the start and the end of the word; a word without such a sound stays as it is.
    """
    samples, rate = waveform.samples, waveform.sample_rate
    if not words or len(samples) < rate * WINDOW:
        return tuple(words)
    threshold = 10 ** ((speech_level(samples) + HEARD_DB) / 10)
    found, silent_since = [], -LEAST_PAUSE
    for word in words:
        start = word.start
        if start - silent_since >= LEAST_PAUSE:
            start = _onset(samples, rate, word, threshold)
        found.append(Interval(word.label, start, word.end))
        silent_since = word.end
    return tuple(found)


def _onset(samples: FloatArray, rate: int, word: Interval, threshold: float) -> float:
    """Seconds at which the mean square of samples [S] first passes a threshold within a word."""
    centres = np.arange(word.start, word.end, STEP)
    reach = round(rate * WINDOW / 2)
    first = max(round(word.start * rate) - reach, 0)
    energy = np.square(samples[first : round(word.end * rate) + reach], dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(energy)])
    middle = np.round(centres * rate).astype(np.int64) - first
    before, after = (np.clip(middle + side, 0, len(energy)) for side in (-reach, reach))
    passed = np.flatnonzero(sums[after] - sums[before] > threshold * 2 * reach)
    return float(centres[passed[0]]) if len(passed) else word.start
