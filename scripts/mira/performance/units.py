"""Face channels in order, and the distances they set between lips and teeth.

A channel vector [53] is a vector of face-unit weights except for ``mouthClose`` (lip-contact fraction: 0 as
open as the other units make the lips, 1 sealed) and ``eyeBlinkLeft/Right`` (lid-closure fraction).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.mira.contact import Contact

Array = NDArray[np.float64]

FACE_UNITS: Final = (
    *("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight"),
    *("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft", "eyeBlinkRight"),
    *("eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight"),
    *("eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight"),
    *("eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight"),
    *("jawForward", "jawLeft", "jawOpen", "jawRight", "mouthClose"),
    *("mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft", "mouthFrownRight", "mouthFunnel"),
    *("mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthPressLeft", "mouthPressRight"),
    *("mouthPucker", "mouthRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower"),
    *("mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft"),
    *("mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight", "noseSneerLeft"),
    *("noseSneerRight", "tongueOut", "tongueTip"),
)
"""The 52 ARKit units in alphabetical order, then our own tongue tip."""
UNIT: Final = {name: index for index, name in enumerate(FACE_UNITS)}
MOUTH_CLOSE: Final = UNIT["mouthClose"]


def both_sides(name: str) -> list[int]:
    """Channels of a unit: one, or the left and right one of a paired unit named without its side."""
    return [UNIT[name]] if name in UNIT else [UNIT[name + "Left"], UNIT[name + "Right"]]


def open_lip_gaps(contact: Contact, channels: Array) -> Array:
    """Lip gaps [N, K] in metres that the channels [N, 53] leave before the lips are closed."""
    rates = contact.G.copy()
    rates[:, MOUTH_CLOSE] = 0
    return contact.g0 + channels @ rates.T


def lip_gaps(contact: Contact, channels: Array) -> Array:
    """Lip gaps [N, K] in metres with the lip contact that the channels [N, 53] ask for."""
    gaps = open_lip_gaps(contact, channels)
    per_close = -contact.G[:, MOUTH_CLOSE]
    needed = np.clip(((gaps + contact.margin) / per_close).max(1), 0, None)
    return gaps - (channels[:, MOUTH_CLOSE] * needed)[:, None] * per_close


def rim_above_incisors(contact: Contact, channels: Array) -> Array:
    """Height [N] in metres of the open lower lip's rim above the edge of the upper incisors."""
    rates = contact.fv.copy()
    rates[MOUTH_CLOSE] = 0
    return contact.fv_gap + channels @ rates
