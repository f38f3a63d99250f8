"""Upper face and rest: brows on accents and questions, eyes in the head, and the friendly face at rest."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.mira.performance.curves import bump, drift, low_pass
from scripts.mira.performance.gaze import Blinks, Gaze
from scripts.mira.performance.mouth import Mouth
from scripts.mira.performance.speech import Speech
from scripts.mira.performance.styles import Mood
from scripts.mira.performance.units import both_sides

Array = NDArray[np.float64]
DEGREES_PER_UNIT: Final = {"Up": 10.0, "Down": 11.5, "In": 15.4, "Out": 15.0}
"""Turn of the eyes at weight 1 of the eyeLook units."""
EYE_LIMIT: Final = {"Up": 14.0, "Down": 16.0, "In": 22.0, "Out": 22.0}
VERGENCE: Final = 1.4
"""Degrees each eye turns in to meet the viewer's."""
REFLEX_GAIN: Final = 0.97
"""Turn of the eyes against the head, per turn of the head, while they look at something."""
LEAST_BROW_GAP: Final = 0.5
GREATEST_RAISE: Final = 0.45
MELODY_BROW: Final = 0.045
"""Lift of the brows per standard deviation of F0 above the middle."""


REST: Final = {"browInnerUp": 0.05, "browOuterUp": 0.05}
"""Weights that are always there."""
SMILE: Final = (0.12, 0.035)
"""Mean and wander of the trace of a smile."""


def add(channels: Array, unit: str, curve: Array | float) -> None:
    """Add a curve [N] to a unit, or to both sides of a paired one."""
    for index in both_sides(unit):
        channels[:, index] += curve


def move_brows(channels: Array, speech: Speech, lift: Array, gain: Array, rng: np.random.Generator) -> None:
    """Raise or lower the brows with accents, questions, melody and upward gaze.

    Args:
        channels: [N, 53], changed in place.
        speech: the passage.
        lift: [N] degrees by which the eyes look up.
        gain: [N] how readily and how far the brows move.
        rng: source of chance.
    """
    inner, outer, down = _accented_brows(speech, gain, rng)
    melody = low_pass(low_pass(np.clip(speech.pitch, -0.5, 2) * (speech.loudness > -2), 0.10), 0.10)
    follow = MELODY_BROW * gain * np.concatenate([melody[6:], np.full(6, melody[-1])]) + 0.011 * lift
    rest = [0.03 * np.clip(1 + drift(rng, speech.frames, 2.0), 0, 5) for _ in range(2)]
    slant = 1 + np.clip(0.18 * drift(rng, speech.frames, 2.0), -0.4, 0.4)
    add(channels, "browInnerUp", inner + rest[0] + follow)
    add(channels, "browOuterUpLeft", (outer + rest[1] + follow) * slant)
    add(channels, "browOuterUpRight", (outer + rest[1] + follow) * (2 - slant))
    add(channels, "browDown", down)
    add(channels, "eyeWide", 0.2 * inner)


def _accented_brows(speech: Speech, gain: Array, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    inner, outer, down = np.zeros((3, speech.frames))
    last = -np.inf
    for accent in speech.accents:
        share = np.sqrt(gain[speech.frame(accent.time)])
        if accent.time - last < LEAST_BROW_GAP or rng.random() > 1.1 * share * (accent.strength - 0.35):
            continue
        last = accent.time
        size = share * min((0.08 + 0.38 * accent.strength) * rng.lognormal(0, 0.35), GREATEST_RAISE)
        rise, fall = 0.21 * rng.lognormal(0, 0.2), 0.48 * rng.lognormal(0, 0.25)
        shape = size * bump(speech.time, accent.time + rng.normal(0, 0.03), rise, rng.uniform(0, 0.12), fall)
        if rng.random() < 0.85:
            inner += shape
            outer += rng.uniform(0.4, 1.0) * shape
        else:
            down += 0.6 * shape
    for phrase in speech.phrases:
        if phrase.question:
            raised = gain * bump(speech.time, phrase.end - 0.15, 0.45, 0.25, 0.5)
            inner += 0.38 * raised
            outer += 0.32 * raised
    return np.clip(inner, 0, 1), np.clip(outer, 0, 1), np.clip(down, 0, 1)


def eyes_in_head(gaze: Gaze, angles: Array, blinks: Blinks) -> Array:
    """Turn of the eyes [2, N] in degrees (left, up): gaze less the head's own turn, with a dip in blinks.

    Args:
        gaze: where the eyes look in the world.
        angles: [3, N] pitch, yaw and roll of the head in degrees.
        blinks: lid closure.
    """
    eyes = gaze.direction + gaze.micro - REFLEX_GAIN * angles[[1, 0]]
    closure = blinks.closure[0]
    eyes[1] -= 1.6 * closure
    eyes[0] -= 0.4 * np.tanh(eyes[0]) * closure
    return eyes


def turn_eyes(channels: Array, eyes: Array) -> None:
    """Write the turn of the eyes [2, N] into the eyeLook channels [N, 53]."""
    for side, outward in (("Left", 1), ("Right", -1)):
        sideways = eyes[0] * outward - VERGENCE
        turns = {"Out": sideways, "In": -sideways, "Up": eyes[1], "Down": -eyes[1]}
        for way, degrees in turns.items():
            add(channels, f"eyeLook{way}{side}", np.clip(degrees, 0, EYE_LIMIT[way]) / DEGREES_PER_UNIT[way])


def rest_face(channels: Array, rounding: Array, gain: Array, rng: np.random.Generator) -> None:
    """Add the face at rest and a trace of a smile that comes and goes.

    Args:
        channels: [N, 53], changed in place.
        rounding: [N] of the lips, which leaves less of the smile.
        gain: [N] of the smile.
        rng: source of chance.
    """
    for unit, weight in REST.items():
        add(channels, unit, weight)
    mean, wander = SMILE
    smile = gain * np.clip(mean + wander * drift(rng, len(channels), 3.0), 0, 2 * mean)
    add(channels, "mouthSmile", smile * (1 - 0.6 * rounding))


def show_mood(channels: Array, felt: Mood, mouth: Mouth, rng: np.random.Generator) -> None:
    """Add what the emotion does to the face; at the mouth it gives way to rounding and contact.

    Args:
        channels: [N, 53], changed in place.
        felt: the style of every frame.
        mouth: curves of the mouth.
        rng: source of chance: both sides differ a little.
    """
    rounding = np.clip(mouth.gestures["pucker"] + mouth.gestures["funnel"], 0, 1)
    room = (1 - 0.7 * rounding) * (1 - 0.7 * mouth.labiodental)
    uneven = 0.06 * rng.standard_normal()
    yielding = {"mouthSmile": 1 - mouth.gestures["smile"], "jawOpen": _jaw_room(mouth)}
    for unit, curve in felt.offsets.items():
        given = curve * yielding.get(unit, 1.0) * (room if unit.startswith("mouth") else 1.0)
        if unit == "mouthUpperUp":
            given = given * (1 - 0.75 * mouth.contact)
        for index, side in zip(both_sides(unit), (1 + uneven, 1 - uneven), strict=False):
            channels[:, index] += given * (side if len(both_sides(unit)) == 2 else 1)
    press = felt["press"] * mouth.rest
    for unit, share in (("mouthPress", 1.0), ("mouthRollLower", 0.5), ("mouthRollUpper", 0.4)):
        add(channels, unit, share * press)


def _jaw_room(mouth: Mouth) -> Array:
    """How far [N] a lower jaw is free to show: in vowels and pauses, not in sounds that need it closed."""
    return np.maximum(np.clip((mouth.gestures["jaw"] - 0.06) / 0.14, 0, 1), mouth.rest)


def squint(channels: Array, rng: np.random.Generator) -> None:
    """Let cheeks and lower lids follow the smile."""
    smile = channels[:, both_sides("mouthSmile")].mean(1)
    add(channels, "cheekSquint", 0.30 * smile)
    add(channels, "eyeSquint", 0.08 * smile + 0.03 * np.clip(drift(rng, len(channels), 2.0), 0, 2))
