"""Styles: what an emotion and its energy do to the face, the lids, the gaze and the head.

An emotion is a row of ``avgen.emotion.EMOTIONS``: weights of happy, sad, angry and surprised (what is
missing to 1 is neutral) and an energy from -1 to 1. Styles mix linearly; energy scales how much all moves.
The faces follow Ekman & Friesen's prototypes (1978): happy action units 6 + 12, sad 1 + 4 + 15, angry
4 + 7 + 23 with some 9, surprised 1 + 2 + 5 + 26.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import EMOTIONS
from avgen.types import CODE_RATE
from scripts.mira.performance.curves import drift, low_pass
from scripts.mira.performance.speech import Speech

Array = NDArray[np.float64]
TRANSITION: Final = 0.6
"""Seconds in which one emotion gives way to another, half of them before the step of the track."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a performance feels; the defaults are neutral.

    Attributes:
        offsets: face-unit weights that are there throughout (paired units without their side).
        mouth: gain of the vowels.
        head: gain of postures, drift and sway.
        nod: gain of nods and of the melody in the head.
        brow: gain of raised brows.
        smile: gain of the trace of a smile that the neutral face wears.
        tempo: gain of the speed of head movements.
        blink: gain of the blink rate.
        blink_length: gain of a blink's duration.
        away: gain of the probability of looking away.
        pitch: posture of the head, degrees up.
        back: posture of the head, metres away from the viewer.
        gaze: degrees up of where the eyes rest.
        droop: lid closure between blinks.
        press: pressing of the lips in pauses.
    """

    offsets: dict[str, float] = field(default_factory=dict)
    mouth: float = 1.0
    head: float = 1.0
    nod: float = 1.0
    brow: float = 1.0
    smile: float = 1.0
    tempo: float = 1.0
    blink: float = 1.0
    blink_length: float = 1.0
    away: float = 1.0
    pitch: float = 0.0
    back: float = 0.0
    gaze: float = 0.0
    droop: float = 0.0
    press: float = 0.0


NEUTRAL: Final = Style()
STYLES: Final = {
    "happy": Style(
        offsets={
            "mouthSmile": 0.58,
            "mouthDimple": 0.12,
            "mouthUpperUp": 0.08,
            "cheekSquint": 0.36,
            "eyeSquint": 0.10,
            "browInnerUp": 0.08,
            "browOuterUp": 0.16,
        },
        mouth=1.06,
        smile=0.5,
        head=1.3,
        nod=1.35,
        brow=1.3,
        tempo=1.1,
        blink=1.1,
        away=0.7,
        pitch=1.5,
    ),
    "sad": Style(
        offsets={
            "mouthFrown": 0.85,
            "mouthShrugLower": 0.22,
            "browInnerUp": 0.95,
            "browDown": 0.10,
            "eyeSquint": 0.04,
        },
        mouth=0.80,
        head=0.6,
        nod=0.5,
        brow=0.5,
        smile=0.0,
        tempo=0.7,
        blink=0.9,
        blink_length=1.45,
        away=1.5,
        pitch=-6.0,
        gaze=-2.5,
        droop=0.13,
    ),
    "angry": Style(
        offsets={
            "browDown": 0.95,
            "noseSneer": 0.40,
            "eyeSquint": 0.48,
            "mouthFrown": 0.25,
            "mouthUpperUp": 0.08,
            "jawForward": 0.10,
        },
        mouth=1.15,
        head=1.05,
        nod=1.5,
        brow=0.3,
        smile=0.0,
        tempo=1.25,
        blink=0.7,
        away=0.4,
        pitch=-3.5,
        press=0.30,
    ),
    "surprised": Style(
        offsets={"browInnerUp": 0.90, "browOuterUp": 0.85, "eyeWide": 0.90, "jawOpen": 0.09},
        nod=0.9,
        brow=0.6,
        smile=0.3,
        tempo=1.1,
        blink=0.8,
        away=0.6,
        pitch=3.0,
        back=0.006,
    ),
}
ENERGY: Final = {"mouth": 0.18, "head": 0.40, "nod": 0.50, "brow": 0.60, "tempo": 0.12, "blink": 0.10}
"""What a unit of energy adds to each gain, as a share of it."""
ENERGY_OF_OFFSETS: Final = 0.15
_SCALARS: Final = tuple(f.name for f in fields(Style) if f.name != "offsets")


@dataclass(frozen=True, slots=True)
class Mood:
    """The style of every frame of a passage.

    Attributes:
        offsets: [N] weight by unit (paired units without their side).
        scalars: [N] by name of the other fields of `Style`.
    """

    offsets: dict[str, Array]
    scalars: dict[str, Array]

    def __getitem__(self, name: str) -> Array:
        return self.scalars[name]

    def with_offsets(self, more: Mapping[str, Array]) -> Mood:
        """Add face-unit weights [N] by name."""
        names = {**self.offsets, **more}
        still = np.zeros(1)
        return Mood(
            {name: self.offsets.get(name, still) + more.get(name, still) for name in names}, self.scalars
        )


def no_emotion(frames: int) -> Array:
    """Neutral emotion track [frames, 5]."""
    return np.zeros((frames, len(EMOTIONS)))


def mood(speech: Speech, emotion: Array, rng: np.random.Generator) -> Mood:
    """The style of every frame.

    Args:
        speech: the passage; expressions swell a little with its melody.
        emotion: [N, 5] as in ``avgen.emotion.EMOTIONS``; steps become smooth transitions.
        rng: source of chance.
    """
    felt = smoothed(emotion)
    weights, energy = felt[:, : len(STYLES)], felt[:, EMOTIONS.index("energy")]
    scalars = {}
    for name in _SCALARS:
        neutral = getattr(NEUTRAL, name)
        change = np.array([getattr(style, name) - neutral for style in STYLES.values()])
        scalars[name] = (neutral + weights @ change) * (1 + ENERGY.get(name, 0.0) * energy)
    swell = 1 + 0.16 * drift(rng, speech.frames, 2.0) + 0.15 * np.clip(speech.pitch, -1, 1) * speech.voiced
    swell = low_pass(np.clip(swell, 0.6, 1.25), 0.19) * (1 + ENERGY_OF_OFFSETS * energy)
    offsets: dict[str, Array] = {}
    for column, style in zip(weights.T, STYLES.values(), strict=True):
        for unit, weight in style.offsets.items():
            offsets[unit] = offsets.get(unit, 0.0) + weight * column * swell
    return Mood(offsets, scalars)


def smoothed(emotion: Array) -> Array:
    """Emotion [N, 5] whose steps are transitions."""
    half = round(TRANSITION / 2 * CODE_RATE)
    kernel = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(np.asarray(emotion, np.float64), ((half, half), (0, 0)), "edge")
    return np.stack([np.convolve(c, kernel / kernel.sum(), "valid") for c in padded.T], 1)
