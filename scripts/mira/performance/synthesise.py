"""The performer: one passage of speech and a seed -> face channels and head pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.mira.contact import Contact
from scripts.mira.performance.curves import drift, low_pass
from scripts.mira.performance.face import (
    add,
    eyes_in_head,
    move_brows,
    rest_face,
    show_mood,
    squint,
    turn_eyes,
)
from scripts.mira.performance.gaze import blink, look_around
from scripts.mira.performance.head import move_head
from scripts.mira.performance.listening import Reactions
from scripts.mira.performance.mouth import Hold, Mouth, breathe, move_mouth
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.styles import mood, no_emotion
from scripts.mira.performance.units import FACE_UNITS, MOUTH_CLOSE, UNIT, open_lip_gaps, rim_above_incisors

Array = NDArray[np.float64]
SINGLE_UNITS: Final = {
    "jaw": "jawOpen",
    "pucker": "mouthPucker",
    "funnel": "mouthFunnel",
    "roll_lower": "mouthRollLower",
    "roll_upper": "mouthRollUpper",
    "tongue": "tongueOut",
    "tip": "tongueTip",
    "forward": "jawForward",
}
PAIRED_UNITS: Final = {
    "smile": "mouthSmile",
    "stretch": "mouthStretch",
    "upper_up": "mouthUpperUp",
    "lower_down": "mouthLowerDown",
    "press": "mouthPress",
}
LID_CLOSURE_LIMIT: Final = 1.1


@dataclass(frozen=True, slots=True)
class Performance:
    """What the actor does in a passage.

    Attributes:
        channels: [N, 53] face channels.
        head: [N, 7] unit quaternion (w, x, y, z) and translation in metres.
        angles: [3, N] pitch, yaw and roll of the head in degrees.
        gaze: [2, N] gaze direction in the world, degrees left and up.
        blinks: start of every blink, seconds.
        holds: lip closures of p, b and m.
    """

    channels: NDArray[np.float32]
    head: NDArray[np.float32]
    angles: Array
    gaze: Array
    blinks: tuple[float, ...]
    holds: tuple[Hold, ...]


def perform(
    speech: Speech,
    contact: Contact,
    seed: int,
    emotion: Array | None = None,
    reactions: Reactions | None = None,
) -> Performance:
    """Perform a passage; the same seed gives the same performance.

    Args:
        speech: the passage.
        contact: where the actor's lips, lids and teeth touch.
        seed: non-negative.
        emotion: [N, 5] as in ``avgen.emotion.EMOTIONS``, neutral when missing; a step becomes a smooth
            transition about its place.
        reactions: what a conversation adds.
    """
    streams = np.random.default_rng(seed).spawn(7)
    felt = mood(speech, no_emotion(speech.frames) if emotion is None else emotion, streams[6])
    mouth = move_mouth(speech, felt["mouth"], streams[0])
    if reactions is None:
        gaze = look_around(speech, felt, streams[1])
        blinks = blink(speech, gaze.shifts, felt, streams[2])
    else:
        mouth, gaze = breathe(mouth, reactions.inhale), reactions.gaze
        felt = felt.with_offsets(reactions.offsets)
        blinks = blink(speech, gaze.shifts, felt, streams[2], reactions.blinks)
    motion = move_head(speech, gaze.direction, felt, streams[3])
    if reactions is not None:
        motion = motion.plus(reactions.angles, reactions.forward)
    eyes = eyes_in_head(gaze, motion.angles, blinks)
    channels = np.zeros((speech.frames, len(FACE_UNITS)))
    _write_mouth(channels, mouth, streams[4])
    rounding = np.clip(mouth.gestures["pucker"] + mouth.gestures["funnel"], 0, 1)
    rest_face(channels, rounding, felt["smile"], streams[4])
    show_mood(channels, felt, mouth, streams[6])
    turn_eyes(channels, eyes)
    lift = low_pass(low_pass(np.clip(eyes[1], 0, 12), 0.12), 0.12)
    move_brows(channels, speech, lift, felt["brow"], streams[5])
    add(channels, "browDown", 0.05 * blinks.closure.max(0))
    squint(channels, streams[5])
    channels = np.clip(channels, 0, 1)
    channels[:, [UNIT["eyeBlinkLeft"], UNIT["eyeBlinkRight"]]] = np.clip(
        blinks.closure.T, 0, LID_CLOSURE_LIMIT
    )
    settle_jaw(channels, mouth.teeth, contact)
    channels[:, MOUTH_CLOSE] = mouth.contact
    return Performance(
        channels=channels.astype(np.float32),
        head=motion.pose().astype(np.float32),
        angles=motion.angles,
        gaze=gaze.direction + gaze.micro,
        blinks=blinks.times,
        holds=mouth.holds,
    )


def _write_mouth(channels: Array, mouth: Mouth, rng: np.random.Generator) -> None:
    for gesture, unit in SINGLE_UNITS.items():
        add(channels, unit, mouth.gestures[gesture])
    for offset, side in ((0.03, "Left"), (-0.03, "Right")):
        share = 1 + offset + 0.05 * drift(rng, len(channels), 2.0)
        for gesture, unit in PAIRED_UNITS.items():
            add(channels, unit + side, mouth.gestures[gesture] * share)


def settle_jaw(channels: Array, teeth: Array, contact: Contact) -> None:
    """Move the jaw so that f and v meet the incisors and open lips do not pass through each other.

    Args:
        channels: [N, 53], changed in place.
        teeth: [N] how far the lower lip is on the incisors.
        contact: the actor's distances.
    """
    jaw = UNIT["jawOpen"]
    excess = rim_above_incisors(contact, channels) - 0.0004
    channels[:, jaw] = np.clip(channels[:, jaw] + teeth * excess / -contact.fv[jaw], 0, 1)
    stations = len(contact.g0)
    middle = slice(stations // 4 + 1, stations - stations // 4 - 1)
    narrowest = open_lip_gaps(contact, channels)[:, middle].min(1) + 0.0003
    overlap = 0.5 * (np.sqrt(narrowest**2 + 1e-8) - narrowest)
    channels[:, jaw] = np.clip(channels[:, jaw] + overlap / contact.G[middle, jaw].mean(), 0, 1)
