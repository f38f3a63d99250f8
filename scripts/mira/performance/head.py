"""Head: nods on beats, postures, melody, drift and breath, as angles and a pose about the neck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.gestures.hearing import Phrase
from avgen.pose import head_turned
from avgen.types import CODE_RATE, FloatArray
from scripts.mira.performance.curves import bump, drift, low_pass, minimum_jerk
from scripts.mira.performance.speech import Accent, Speech
from scripts.mira.performance.styles import Mood

Array = NDArray[np.float64]
GREATEST_NOD: Final = 5.5
LEAST_NOD_GAP: Final = 0.28
APEX_LAG: Final = -0.01
"""Seconds from a beat to the apex of its nod."""
NOD_FORWARD: Final = 0.0006
"""Metres by which the head comes forward with a degree of a nod."""
UPWARD_SHARE: Final = 0.22
POSTURE_DEGREES: Final = np.array([1.6, 3.3, 1.7])
"""Standard deviation of pitch, yaw and roll between phrases."""
DRIFT_DEGREES: Final = np.array([0.9, 1.4, 0.9])
TREMOR_DEGREES: Final = np.array([0.05, 0.07, 0.05])
"""Quicker wander while speaking."""
MELODY_DEGREES: Final = 2.2
"""Pitch of the head per standard deviation of F0."""
LEAST_MELODY_STEP: Final = 0.20
GREATEST_MELODY_STEP: Final = 0.6
MELODY_REACH: Final = 0.06
"""Seconds after a beat whose melody the head reaches on it."""
GAZE_SHARE: Final = 0.22
"""Share of a gaze shift that the head takes over."""


@dataclass(frozen=True, slots=True)
class HeadMotion:
    """Head motion of a passage.

    Attributes:
        angles: [3, N] degrees: pitch (up), yaw (to the actor's left), roll (towards the actor's right).
        translation: [3, N] metres.
    """

    angles: Array
    translation: Array

    def plus(self, angles: Array, forward: Array) -> HeadMotion:
        """Add angles [3, N] in degrees and a lean [N] in metres towards the viewer."""
        coupled = np.stack([0.00086 * angles[1], np.zeros(len(forward)), forward - 0.0004 * angles[0]])
        return HeadMotion(self.angles + angles, self.translation + coupled)

    def pose(self) -> FloatArray:
        """[N, 7] unit quaternion (w, x, y, z), rotation Y(yaw) X(-pitch) Z(roll), and translation."""
        pitch, yaw, roll = self.angles
        out = head_turned(yaw, pitch, roll)
        out[:, 4:] = self.translation.T
        return out


@dataclass(frozen=True, slots=True)
class _Stroke:
    """A nod's turning points in seconds: where it starts, its apex, and where it has come back."""

    start: float
    apex: float
    end: float


def move_head(speech: Speech, gaze: Array, felt: Mood, rng: np.random.Generator) -> HeadMotion:
    """Head motion of a passage.

    Args:
        speech: the passage.
        gaze: [2, N] gaze direction in degrees; the head follows part of it.
        felt: the style of every frame.
        rng: source of chance.
    """
    angles = np.zeros((3, speech.frames))
    forward = np.zeros(speech.frames)
    liveliness = rng.lognormal(0, 0.25)
    _nod(speech, liveliness, felt, angles, forward, rng)
    for phrase in speech.phrases:
        _phrase_motion(speech, phrase, felt, angles, rng)
    angles[0] += MELODY_DEGREES * liveliness * felt["nod"] * _melody(speech) + felt["pitch"]
    angles += felt["head"] * _wander(speech, rng)
    angles[2] -= 0.18 * angles[1]
    for axis, source in ((1, gaze[0]), (0, gaze[1])):
        angles[axis] += GAZE_SHARE * low_pass(low_pass(_delay(source, 4), 0.12), 0.12)
    breath = _breath(speech.frames, rng)
    angles[0] += 0.30 * breath
    return HeadMotion(angles, _translation(angles, forward - felt["back"], breath, rng))


def _nod(
    speech: Speech,
    liveliness: float,
    felt: Mood,
    angles: Array,
    forward: Array,
    rng: np.random.Generator,
) -> None:
    last = -np.inf
    for accent in speech.accents:
        if accent.time - last < LEAST_NOD_GAP or rng.random() > 0.25 + 0.75 * accent.strength:
            continue
        last = accent.time
        frame = speech.frame(accent.time)
        size = min((0.4 + 2.8 * accent.strength) * liveliness * rng.lognormal(0, 0.3), GREATEST_NOD)
        size *= felt["nod"][frame]
        stroke = _stroke(speech, accent, float(felt["tempo"][frame]), rng)
        shape = _stroke_shape(speech.time, stroke)
        if rng.random() < UPWARD_SHARE:
            angles[0] += 0.7 * size * shape
        else:
            angles[0] -= size * shape
        angles[1] += rng.normal(0, 0.45) * size * shape
        angles[2] += rng.normal(0, 0.30) * size * shape
        forward += NOD_FORWARD * size * shape


def _stroke(speech: Speech, accent: Accent, tempo: float, rng: np.random.Generator) -> _Stroke:
    """Turning points of a nod: its apex on the accent's beat, start and end on neighbouring beats."""
    apex = accent.time + APEX_LAG + rng.normal(0, 0.010)
    before = [b for b in speech.beats if 0.14 < tempo * (accent.time - b) < 0.32]
    after = [b for b in speech.beats if 0.26 < tempo * (b - accent.time) < 0.60]
    start = before[-1] + APEX_LAG if before else apex - 0.20 / tempo * rng.lognormal(0, 0.12)
    end = after[0] + APEX_LAG if after else apex + 0.38 / tempo * rng.lognormal(0, 0.15)
    return _Stroke(start, apex, end)


def _stroke_shape(time: Array, stroke: _Stroke) -> Array:
    return bump(time, stroke.apex, stroke.apex - stroke.start, 0.0, stroke.end - stroke.apex)


def _phrase_motion(
    speech: Speech, phrase: Phrase, felt: Mood, angles: Array, rng: np.random.Generator
) -> None:
    """A new posture for the phrase, an in-breath before it, and a nod or a raised head at its end."""
    time = speech.time
    nod, head, tempo = (float(felt[n][speech.frame(phrase.start)]) for n in ("nod", "head", "tempo"))
    if phrase.question:
        close = bump(time, phrase.end - 0.15, 0.45, 0.25, 0.5)
        angles[0] += 1.8 * nod * close
        angles[2] += rng.choice([-1, 1]) * 1.8 * nod * close
    else:
        angles[0] -= nod * (1.2 + 1.2 * rng.random()) * bump(time, phrase.end - 0.18, 0.32, 0.1, 0.9)
    posture = minimum_jerk((time - phrase.start + 0.10) * tempo / 0.75)
    posture = posture * (1 - minimum_jerk((time - phrase.end + 0.35) / 1.6))
    angles += head * (POSTURE_DEGREES * rng.standard_normal(3))[:, None] * posture
    if phrase.start > 0.35:
        angles[0] += 0.8 * bump(time, phrase.start - 0.08, 0.3, 0.05, 0.5)


def _melody(speech: Speech) -> Array:
    """Melody of the speech [N] as the head follows it: from beat to beat, at rest on every beat."""
    heard = np.clip(speech.pitch, -2, 2) * (speech.loudness > -2)
    slow = low_pass(low_pass(heard, 0.06), 0.06)
    curve = np.zeros(speech.frames)
    level, last = 0.0, 0.0
    for beat in [*speech.beats, speech.time[-1]]:
        if beat - last < LEAST_MELODY_STEP:
            continue
        target = slow[speech.frame(beat + MELODY_REACH)]
        length = min(beat - last, GREATEST_MELODY_STEP)
        curve += (target - level) * minimum_jerk((speech.time - beat + length) / length)
        level, last = target, beat
    return curve


def _wander(speech: Speech, rng: np.random.Generator) -> Array:
    talking = low_pass(low_pass((speech.loudness > -2.5).astype(float), 0.25), 0.25)
    slow = np.stack([drift(rng, speech.frames, 1.6) for _ in range(3)])
    quick = np.stack([drift(rng, speech.frames, 0.25) for _ in range(3)])
    return DRIFT_DEGREES[:, None] * slow + TREMOR_DEGREES[:, None] * quick * (0.25 + 0.75 * talking)


def _breath(frames: int, rng: np.random.Generator) -> Array:
    """Breathing [N] in [-1, 1], 12 to 17 a minute."""
    per_frame = rng.uniform(12, 17) / 60 / CODE_RATE
    phase = np.cumsum(per_frame * (1 + 0.12 * drift(rng, frames, 2.0))) + rng.random()
    return np.sin(2 * np.pi * phase)


def _translation(angles: Array, forward: Array, breath: Array, rng: np.random.Generator) -> Array:
    pitch, yaw, _ = angles
    sway = 0.0022 * np.stack([drift(rng, len(breath), 1.6) for _ in range(3)])
    coupled = np.stack([0.00086 * yaw, 0.0011 * breath, forward + 0.0006 * breath - 0.0004 * pitch])
    return sway + coupled


def _delay(x: Array, frames: int) -> Array:
    return np.concatenate([np.full(frames, x[0]), x[:-frames]])
