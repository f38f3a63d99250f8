"""How emotions sound: what they do to pitch, melody, loudness, brightness and tempo.

The directions are those that listeners agree on: angry and happy speech is fast, loud, bright, high and
lively in pitch, sad speech slow, soft, dark, low and flat (Juslin and Laukka 2003, who review a hundred
studies). The sizes are ours: what a source-filter vocoder can do without a loss of quality or words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from avgen.emotion import EMOTIONS
from avgen.types import FloatArray


class Prosody(NamedTuple):
    """How frames [N] of a speaker's speech depart from what the mel says."""

    pitch: FloatArray
    """Semitones by which the speaker's mean pitch moves."""
    melody: FloatArray
    """Octaves by which the excursions of pitch around that mean widen (1 doubles them, -1 halves them)."""
    level: FloatArray
    """dB by which all of it grows louder."""
    tilt: FloatArray
    """dB per octave by which it grows brighter."""
    mean_pitch: FloatArray
    """Hz of the speaker's mean pitch."""

    @classmethod
    def of(cls, emotion: FloatArray, mean_pitch: FloatArray) -> Prosody:
        """What weights of the emotions [N, E] do to speech of mean pitches [N] in Hz; they add up."""
        pitch, melody, level, tilt = np.ascontiguousarray((emotion @ _TABLE).T)
        return cls(pitch, melody, level, tilt, mean_pitch)

    @property
    def curves(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Pitch, melody, level and tilt, each [N]."""
        return self[:4]


_AT_FULL_WEIGHT: Final = {
    "happy": (1.5, 0.45, 1.5, 0.7),
    "sad": (-1.5, -0.65, -3.0, -1.2),
    "angry": (1.0, 0.35, 2.5, 1.5),
    "surprised": (2.5, 0.5, 1.5, 0.7),
    "energy": (0.7, 0.3, 1.5, 0.7),
}
"""In the order of `Prosody.curves`."""
_TABLE: Final = np.array([_AT_FULL_WEIGHT[name] for name in EMOTIONS], np.float32)
_LOG_TEMPO: Final = {"happy": 0.06, "sad": -0.14, "angry": 0.06, "surprised": 0.02, "energy": 0.06}
"""Natural logarithm of the tempo at full weight."""


def tempo(emotion: Sequence[float]) -> float:
    """Speaking rate of an emotion, relative to neutral."""
    return math.exp(sum(_LOG_TEMPO[name] * weight for name, weight in zip(EMOTIONS, emotion, strict=True)))
