"""The body code: 62 numbers a frame, as the tracks `body` [N, 30] and `hands` [N, 32].

Zero everywhere is the mesh at rest: upright, arms hanging obliquely, elbows bent by some 40 degrees, fingers
a little curled. Translations are in metres, angles in radians. X points to the actor's left, Y up, Z to the
front; of the trunk, pitch leans forwards, yaw turns to the actor's left, roll leans to the right:
`Y(yaw) X(pitch) Z(roll)`.

An arm's channels mean the same on both sides: those of the right are what the mirror image, which is a left
arm, would have. So equal numbers are a symmetric pose. Legs have no channels: they follow from the pelvis and
from feet that stand still. Neck and head come from the head code.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from avgen.types import FloatArray

SIDES: Final = ("L", "R")
TRUNK: Final = (
    *("sway_x", "sway_y", "sway_z"),
    *(f"{part}_{angle}" for part in ("hips", "spine", "chest") for angle in ("pitch", "yaw", "roll")),
)
"""Shift of the pelvis in metres; turns of pelvis, lumbar spine and chest, each on top of the one before."""
ARM: Final = (
    *("shoulder_x", "shoulder_y", "shoulder_z", "elbow", "pronation", "wrist_flexion", "wrist_deviation"),
    *("clavicle_up", "clavicle_forward"),
)
"""Rotation vector of the upper arm from rest; flexion of the elbow; turn of the forearm; the wrist's flexion
towards the palm and deviation towards the thumb; the shoulder girdle."""
FINGERS: Final = ("index", "middle", "ring", "little")
HAND: Final = (
    *("thumb_across", "thumb_base", "thumb_middle", "thumb_tip"),
    *(f"{finger}_{joint}" for finger in FINGERS for joint in ("base", "side", "middle")),
)
"""Flexion of the joints, and spreading of the fingers at their base; last joints follow the middle ones."""
BODY_CHANNELS: Final = (*TRUNK, *(f"{name}.{side}" for side in SIDES for name in ARM))
HAND_CHANNELS: Final = tuple(f"{name}.{side}" for side in SIDES for name in HAND)
CHANNELS: Final = (*BODY_CHANNELS, *HAND_CHANNELS)
"""All 62, in the order of both tracks side by side."""

SWAY: Final = slice(0, 3)
HIPS: Final = slice(3, 6)
SPINE: Final = slice(6, 9)
CHEST: Final = slice(9, 12)
SHOULDER: Final = slice(0, 3)
ELBOW, PRONATION, FLEXION, DEVIATION, CLAVICLE_UP, CLAVICLE_FORWARD = range(3, 9)
"""Places among the nine of an arm."""

_LIMITS: Final = {
    "sway_x": (-0.12, 0.12),
    "sway_y": (-0.10, 0.02),
    "sway_z": (-0.10, 0.10),
    "hips": (-0.35, 0.35),
    "spine": (-0.40, 0.40),
    "chest": (-0.35, 0.35),
    "shoulder": (-2.2, 2.2),
    "elbow": (-0.62, 1.80),
    "pronation": (-1.5, 1.3),
    "wrist_flexion": (-1.0, 1.05),
    "wrist_deviation": (-0.40, 0.55),
    "clavicle_up": (-0.10, 0.45),
    "clavicle_forward": (-0.30, 0.40),
    "thumb": (-0.4, 1.2),
    "base": (-0.5, 1.6),
    "side": (-0.30, 0.30),
    "middle": (-0.3, 1.9),
}


def _limits(names: tuple[str, ...]) -> NDArray[np.float32]:
    def of(name: str) -> tuple[float, float]:
        plain = name.split(".")[0]
        parts = (plain, plain.rsplit("_", 1)[0], plain.split("_")[0], plain.split("_")[-1])
        return next(_LIMITS[part] for part in parts if part in _LIMITS)

    return np.array([of(name) for name in names], np.float32)


BODY_LIMITS: Final = _limits(BODY_CHANNELS)
"""[30, 2] least and most of every channel."""
HAND_LIMITS: Final = _limits(HAND_CHANNELS)
"""[32, 2] likewise."""
LIMITS: Final = np.concatenate([BODY_LIMITS, HAND_LIMITS])
"""[62, 2] of all."""
_MIRRORED: Final = np.array(
    [-1 if n == "sway_x" or n.endswith(("_yaw", "_roll")) else 1 for n in TRUNK], np.float32
)


def arm(side: str) -> slice:
    """Place of an arm's nine channels in `body`; side is L or R."""
    start = len(TRUNK) + SIDES.index(side) * len(ARM)
    return slice(start, start + len(ARM))


def hand(side: str) -> slice:
    """Place of a hand's sixteen channels in `hands`; side is L or R."""
    start = SIDES.index(side) * len(HAND)
    return slice(start, start + len(HAND))


def within_limits(code: FloatArray) -> FloatArray:
    """Body [N, 30], hands [N, 32] or both [N, 62], every channel brought between its limits."""
    limits = {len(BODY_CHANNELS): BODY_LIMITS, len(HAND_CHANNELS): HAND_LIMITS}.get(code.shape[-1], LIMITS)
    return np.clip(code, limits[:, 0], limits[:, 1])


def mirrored(body: FloatArray, hands: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Codes [N, 30] and [N, 32] of the mirror image: left is right."""
    flipped = (body[:, : len(TRUNK)] * _MIRRORED, body[:, arm("R")], body[:, arm("L")])
    swapped = (hands[:, hand("R")], hands[:, hand("L")])
    return np.concatenate(flipped, 1), np.concatenate(swapped, 1)
