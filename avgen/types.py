"""Values that cross stage boundaries: frozen, plain numpy, no torch.

Shape letters used throughout the project:

B batch, L phonemes, N frames at the code rate, T frames at the video rate,
S audio samples, D token labels, C face-code channels, U face units,
V vertices, F triangles, H W picture height and width,
K values of a track, E emotions; of speech V is voices.

Of the textured mesh: M vertices that the face units move, P rigid parts, J stations
along the lips, R features of the residual colour; of its hair, X vertices and
G triangles of the hull, Q pictures.

Lower-case letters are sizes that matter only where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avgen.emotion import Emotion
from avgen.voices import Shares

FloatArray = NDArray[np.float32]

SAMPLE_RATE: Final = 22_050
"""Samples per second of all speech inside avgen."""
HOP_SIZE: Final = 256
"""Samples per mel frame; tokens, mel, face and head codes all share this clock."""
MEL_BINS: Final = 80
CODE_RATE: Final = SAMPLE_RATE / HOP_SIZE
"""Frames per second of tokens and codes: 86.13 (paper, supplement B)."""
LOGIT: Final = 8.0
"""Logit of the label that is being spoken; all others are 0."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A labelled stretch of time, in seconds from the start of the clip."""

    label: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class EmotionChange:
    """An emotion that the script asks for from some moment on.

    Attributes:
        start: in seconds from the start of the clip.
        emotion: from then on.
    """

    start: float
    emotion: Emotion


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """Who the script lets speak from some moment on.

    Attributes:
        start: in seconds from the start of the clip.
        shares: [V] of the actor's voices from then on.
    """

    start: float
    shares: Shares


@dataclass(frozen=True, slots=True)
class Inflection:
    """A stretch of time in which the script asks the voice to be otherwise.

    Attributes:
        start: in seconds from the start of the clip.
        end: likewise.
        pitch: semitones by which it is higher.
        volume: decibels by which it is louder.
    """

    start: float
    end: float
    pitch: float
    volume: float


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is said and when: the input of the joint flow.

    Attributes:
        logits: [N, D] unnormalised log-probabilities of the label at every frame.
        label_set: name of the label set that gives D its meaning.
        words: words as written in the script, in order.
        phonemes: phonemes, pauses included, covering the whole clip; the letters of a recording that is heard
            by letters.
        emotions: changes of emotion, in order; before the first one the clip's own emotion holds.
        inflections: where pitch and volume are the script's, in order.
        marks: named moments of the script, in order; they take no time.
        voices: changes of voice, in order; before the first one the clip's own voice speaks.
    """

    logits: FloatArray
    label_set: str
    words: tuple[Interval, ...]
    phonemes: tuple[Interval, ...]
    emotions: tuple[EmotionChange, ...] = ()
    inflections: tuple[Inflection, ...] = ()
    marks: tuple[Interval, ...] = ()
    voices: tuple[VoiceChange, ...] = ()


class Cues(NamedTuple):
    """What a head moves to."""

    mel: FloatArray
    """[N, 80] natural-log mel of the speech."""
    logits: FloatArray
    """[N, D] tokens."""
    emotion: FloatArray
    """[N, E] weights of the emotions."""
    listens: bool = False
    """Whether there is a partner, whom it answers."""


@dataclass(frozen=True, slots=True)
class Waveform:
    """Mono speech.

    Attributes:
        samples: [S] in [-1, 1].
        sample_rate: samples per second.
    """

    samples: FloatArray
    sample_rate: int = SAMPLE_RATE

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.sample_rate
