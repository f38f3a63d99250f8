"""What the trunk does: weight shifts, sway, breath, leaning into strokes, the posture of an emotion."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.body.channels import CHEST, HIPS, SPINE, TRUNK
from avgen.body.gestures.curves import RATE, drift, minimum_jerk, pulse, smooth
from avgen.body.gestures.hearing import Hearing
from avgen.body.gestures.planning import Plan
from avgen.body.gestures.poses import KINDS
from avgen.body.rotations import Array
from avgen.emotion import EMOTIONS

SHIFT_SECONDS: Final = 7.0
"""Between shifts of weight, in the median; they begin with a phrase where one is near."""
SHIFT_METRES: Final = (0.012, 0.042)
BREATHS: Final = (12.0, 17.0)
"""Breaths a minute."""
PELVIS_DROP: Final = 0.012
"""Metres by which a standing person's pelvis is lower than with legs stretched out."""
_PITCH, _YAW, _ROLL = range(3)
_SLUMP: Final = np.array(
    [{"sad": 0.09, "happy": -0.03, "angry": 0.05, "surprised": -0.05}.get(n, 0) for n in EMOTIONS]
)
"""Radians by which the spine bends forwards in each emotion at full weight."""
_SHOULDERS: Final = np.array([{"sad": -0.05, "angry": 0.03, "surprised": 0.05}.get(n, 0) for n in EMOTIONS])
"""Radians by which shoulders rise."""


def trunk_motion(
    hearing: Hearing, plan: Plan, time: Array, emotion: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """What pelvis, spine, chest and shoulders do.

    Args:
        hearing: of the clip.
        plan: of its gestures.
        time: [M] in seconds.
        emotion: [M, E].
        rng: of what is left to chance.

    Returns:
        The trunk's channels [M, 12], and what is added to `clavicle_up` of each arm [M, 2].
    """
    out = np.zeros((len(time), len(TRUNK)))
    weight = _weight(hearing, time, rng)
    sway = drift(rng, len(time), 6, 1.1)
    breath = np.sin(
        2
        * np.pi
        * np.cumsum(rng.uniform(*BREATHS) / 60 / RATE * (1 + 0.1 * drift(rng, len(time), 1, 4.0)[:, 0]))
    )
    out[:, 0] = weight + 0.004 * sway[:, 0]
    out[:, 1] = -PELVIS_DROP - 0.25 * np.abs(weight)
    out[:, 2] = 0.004 * sway[:, 1]
    hips, spine, chest = out[:, HIPS], out[:, SPINE], out[:, CHEST]
    hips[:, _YAW] = 0.3 * weight + 0.01 * sway[:, 3]
    hips[:, _ROLL] = -0.9 * weight
    spine[:, _ROLL] = weight + 0.004 * sway[:, 2]
    chest[:, _PITCH] = -0.010 * breath + 0.008 * sway[:, 4]
    chest[:, _YAW] = 0.015 * sway[:, 5]
    mood = smooth(emotion @ np.stack([_SLUMP, _SHOULDERS], 1), 0.3)
    spine[:, _PITCH] += 0.4 * mood[:, 0] + 0.02 * _listens(hearing, time)
    chest[:, _PITCH] += 0.6 * mood[:, 0]
    shoulders = np.tile((0.012 * breath + mood[:, 1])[:, None], (1, 2))
    for stroke in plan.strokes:
        lean = pulse(time, stroke.apex, 0.3, 0.1, 0.6)
        chest[:, _PITCH] += 0.022 * stroke.strength * stroke.size * lean
        if len(stroke.hands) == 1:
            chest[:, _YAW] += (0.03 if stroke.hands[0] == "L" else -0.03) * lean
        if KINDS[stroke.kind].lift:
            shoulders += KINDS[stroke.kind].lift * pulse(time, stroke.apex, 0.35, 0.35, 0.5)[:, None]
    return out, shoulders


def _weight(hearing: Hearing, time: Array, rng: np.random.Generator) -> Array:
    """How far [M] the weight is to the left, metres."""
    starts = np.array([phrase.start for phrase in hearing.phrases] or [0.0])
    side, at, level = rng.choice([-1, 1]), rng.uniform(0, 2), 0.0
    weight = np.zeros(len(time))
    while at < time[-1]:
        near = starts[np.abs(starts - at).argmin()]
        begin = near - 0.2 if abs(near - at) < 1.5 else at
        target = side * rng.uniform(*SHIFT_METRES)
        weight += (target - level) * minimum_jerk((time - begin) / rng.uniform(1.0, 1.8))
        level, side, at = target, -side, at + rng.lognormal(np.log(SHIFT_SECONDS), 0.5)
    return weight


def _listens(hearing: Hearing, time: Array) -> Array:
    """Share [M] of a listener's attention: 1 in silences of some seconds, 0 in speech."""
    speaking = np.zeros(len(time))
    for phrase in hearing.phrases:
        speaking[(time > phrase.start - 1.0) & (time < phrase.end + 1.0)] = 1.0
    listening: Array = 1 - smooth(speaking[:, None], 0.4)[:, 0]
    return listening
