"""How a recording sounds -> the emotion that a face shows with it.

`energy` follows how lively the speech is; the other emotions are estimated only if that is asked for. Both
are cautious: typical speech gives 0, short recordings little, and no estimate is certain.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from avgen.emotion import EMOTIONS, Emotion, EmotionChoice
from avgen.speech.measures import MEASURES, Heard, listen, measure
from avgen.types import CODE_RATE, FloatArray

FELT: Final = EMOTIONS[:-1]
"""Emotions that are estimated; what is left of 1 is neutral."""
LIVELY: Final = ("melody", "dynamics", "tempo")
"""Measures that energy follows."""
MOST_ENERGY: Final = 0.4
"""Largest energy that is heard, of either sign."""
WINDOW_SECONDS: Final = 8.0
"""Sound that an energy is heard in."""
STEP_SECONDS: Final = 2.0
"""From one window to the next; between them energy goes straight."""
SURE_SECONDS: Final = 2.0
"""Seconds of speech of which half of what is heard is believed."""
_FURTHEST: Final = 2.0
"""Standard deviations from typical speech beyond which a measure counts no further."""


@dataclass(frozen=True, slots=True)
class Ear:
    """What was learnt from speech of many voices and emotions (scripts/train/train_emotion.py).

    Attributes:
        typical: [7] MEASURES of neutral speech.
        spread: [7] their standard deviations between neutral sentences.
        weights: [7, 4] by which standardised measures speak for the emotions, against neutral.
        bias: [4] where all measures are typical.
    """

    typical: FloatArray
    spread: FloatArray
    weights: FloatArray
    bias: FloatArray

    def standard(self, measures: FloatArray) -> FloatArray:
        """Measures [..., 7] in standard deviations from typical ones; 0 where nothing can be told."""
        standard: FloatArray = (measures - self.typical) / self.spread
        return np.nan_to_num(np.clip(standard, -_FURTHEST, _FURTHEST), nan=0.0)

    def chances(self, measures: FloatArray) -> FloatArray:
        """Chances [..., 4] of the emotions given measures [..., 7]; what is left is neutral."""
        odds = np.exp(self.standard(measures) @ self.weights + self.bias)
        chances: FloatArray = odds / (1 + odds.sum(-1, keepdims=True))
        return chances


@cache
def ear() -> Ear:
    """Return what avgen ships."""
    values = json.loads(Path(__file__).with_name("affect.json").read_text(encoding="utf-8"))
    return Ear(*(np.array(values[name], np.float32) for name in Ear.__slots__))


def heard_emotion(samples: FloatArray, frames: int, emotion: EmotionChoice) -> FloatArray:
    """Emotion [N, 5] of every frame of recorded speech.

    Args:
        samples: [S] at 22,050 Hz, at least one frame.
        frames: N.
        emotion: that is asked for; `auto` to estimate it. Its energy is heard unless it has one.
    """
    if isinstance(emotion, Emotion) and emotion.energy:
        return np.tile(np.asarray(emotion, np.float32), (frames, 1))
    heard = listen(samples)
    base = emotion if isinstance(emotion, Emotion) else estimate(heard)
    track = np.tile(np.asarray(base, np.float32), (frames, 1))
    track[:, EMOTIONS.index("energy")] = energy(heard, frames)
    return track


def estimate(heard: Heard) -> Emotion:
    """Weights of the emotions in a whole recording; they sum to less than 1."""
    weights = _belief(heard, slice(None)) * ear().chances(measure(heard))
    return Emotion(**{name: float(weight) for name, weight in zip(FELT, weights, strict=True)})


def energy(heard: Heard, frames: int) -> FloatArray:
    """Energy [N] of a recording.

    With z the mean of melody, dynamics and tempo in 8 seconds, each in standard deviations from typical
    speech, and s the seconds of speech in them, it is 0.4 tanh(z) s / (s + 2).
    """
    places = [MEASURES.index(name) for name in LIVELY]
    length = len(heard.level)
    half, step = (round(seconds * CODE_RATE) for seconds in (WINDOW_SECONDS / 2, STEP_SECONDS))
    centres = np.arange(min(half, length // 2), max(length - half, length // 2) + 1, step)
    values = []
    for centre in centres:
        part = slice(max(centre - half, 0), centre + half)
        z = ear().standard(measure(heard, part))[places].mean()
        values.append(MOST_ENERGY * np.tanh(z) * _belief(heard, part))
    track: FloatArray = np.interp(np.arange(frames), centres, values).astype(np.float32)
    return track


def _belief(heard: Heard, part: slice) -> float:
    """How far a part of a recording is believed: 0 of silence, 1 of endless speech."""
    seconds = heard.active[part].sum() / CODE_RATE
    return float(seconds / (seconds + SURE_SECONDS))
