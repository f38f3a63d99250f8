"""What hands do, as data: shapes, the two ends of every kind of stroke, where hands rest.

Written for the left hand in Mira's proportions: decimetres from her mesh's origin as seen from the chest at
rest, X to the actor's left, Y up, Z to the front; other bodies have them at their own size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from avgen.body.arms import ArmAxes, Reach, girdle, solve
from avgen.body.channels import DEVIATION, HAND, PRONATION
from avgen.body.rotations import Array

WRIST: Final = slice(0, 3)
SWIVEL: Final = 3
TURN: Final = slice(4, 7)
SHAPE: Final = slice(7, 7 + len(HAND))
KEY: Final = 7 + len(HAND)
"""Numbers of a key: wrist (metres), swivel of the elbow, pronation, flexion and deviation of the wrist, 16
angles of the fingers (radians)."""
_SHOULDER: Final = np.array([0.155, 0.451, 0.021])
_ARM: Final = 0.445
"""Mira's left shoulder and the length of her arm up to the wrist, metres: what the keys are written for."""

SHAPES: Final[Mapping[str, Array]] = {
    name: np.array([angle for finger in fingers for angle in finger], float)
    for name, fingers in {
        "relaxed": (
            (0.1, 0.05, 0.15, 0.15),
            (0.1, 0.02, 0.25),
            (0.22, 0, 0.32),
            (0.3, -0.02, 0.36),
            (0.32, -0.04, 0.36),
        ),
        "open": (
            (-0.15, -0.1, -0.05, 0),
            (-0.18, 0.08, -0.08),
            (-0.12, 0.02, -0.05),
            (-0.1, -0.03, -0.03),
            (-0.1, -0.12, 0),
        ),
        "soft_open": (
            (-0.05, 0, 0.05, 0.05),
            (-0.05, 0.05, 0.05),
            (0.05, 0.01, 0.12),
            (0.12, -0.02, 0.18),
            (0.15, -0.08, 0.2),
        ),
        "cup": (
            (0.1, 0.05, 0.1, 0.1),
            (0.25, 0.06, 0.25),
            (0.28, 0.02, 0.28),
            (0.3, -0.02, 0.3),
            (0.32, -0.08, 0.3),
        ),
        "pinch": (
            (0.4, 0.03, 0.19, 0.18),
            (0.61, 0, 0.62),
            (0.35, 0.02, 0.45),
            (0.3, -0.02, 0.4),
            (0.25, -0.06, 0.36),
        ),
        "loose_fist": (
            (1, -0.25, 0.1, 0.5),
            (0.85, 0, 1.05),
            (0.95, 0, 1.15),
            (1, 0, 1.2),
            (1, 0, 1.15),
        ),
        "point": (
            (1.05, -0.25, 0.05, 0.6),
            (-0.12, 0, -0.05),
            (1.05, 0, 1.25),
            (1.1, 0, 1.3),
            (1.1, 0, 1.25),
        ),
        "two": (
            (1.1, -0.1, 0.12, 0.15),
            (-0.12, 0.1, -0.05),
            (-0.1, -0.08, -0.05),
            (1.1, 0, 1.3),
            (1.1, 0, 1.25),
        ),
        "three": (
            (1.05, 0.3, 0.2, 0.2),
            (-0.12, 0.1, -0.05),
            (-0.1, 0, -0.05),
            (-0.1, -0.1, 0),
            (1.1, 0, 1.25),
        ),
        "four": (
            (0.8, 0.5, 0.5, 0.3),
            (-0.12, 0.1, -0.05),
            (-0.1, 0.02, -0.05),
            (-0.1, -0.05, 0),
            (-0.1, -0.14, 0),
        ),
        "five": (
            (-0.2, -0.15, -0.1, 0),
            (-0.15, 0.14, -0.05),
            (-0.12, 0.04, -0.05),
            (-0.1, -0.06, 0),
            (-0.1, -0.18, 0),
        ),
    }.items()
}
"""Angles [16] of a hand, in the order of `HAND`. Fingers that pinch meet."""
FINGERS_SHOWN: Final = ("point", "two", "three", "four", "five")
"""Shapes that show one to five."""


class Key(NamedTuple):
    """What a hand does: wrist in decimetres, swivel of the elbow, where palm and fingers face, its shape."""

    x: float
    y: float
    z: float
    swivel: float
    palm: tuple[float, float, float]
    pointing: tuple[float, float, float]
    shape: str

    def placed(self, axes: ArmAxes) -> Array:
        """The key [KEY] as a body's left arm has it."""
        scale = (axes.upper + axes.fore) / _ARM
        wrist = axes.shoulder + scale * (0.1 * np.array(self[:3]) - _SHOULDER)
        reach = Reach(wrist[None], *(np.array([value], float) for value in self[3:6]))
        turned = solve(axes, reach, girdle(axes, wrist[None]))[0, PRONATION : DEVIATION + 1]
        return np.concatenate([wrist, [self.swivel], turned, SHAPES[self.shape]])


class Kind(NamedTuple):
    """A kind of gesture: start and end of its stroke, share of both hands, how long it is held.

    `hold` is the factor of a beat's hold; `lift` shrugs the shoulders.
    """

    start: Key
    end: Key
    both: float
    hold: float = 1.0
    lift: float = 0.0


KINDS: Final[Mapping[str, Kind]] = {
    "beat": Kind(
        Key(1.7, 2.2, 3.1, 0.42, (-0.8, -0.3, 0.3), (-0.25, 0.45, 0.9), "soft_open"),
        Key(1.75, 1.55, 3.4, 0.38, (-0.75, -0.3, 0.1), (-0.2, 0.05, 1), "soft_open"),
        0.45,
    ),
    "present": Kind(
        Key(1.2, 1.7, 2.8, 0.38, (-0.75, 0.55, 0.15), (-0.4, 0.2, 0.9), "soft_open"),
        Key(2.2, 2.0, 3.5, 0.48, (-0.15, 0.95, 0.2), (0.3, 0.2, 0.95), "open"),
        0.6,
        1.6,
    ),
    "frame": Kind(
        Key(1.5, 1.9, 2.9, 0.42, (-0.9, 0, 0.2), (-0.3, 0.35, 0.9), "cup"),
        Key(1.55, 2.15, 3.5, 0.48, (-0.95, 0.05, 0.1), (-0.1, 0.45, 0.9), "cup"),
        0.85,
        1.5,
    ),
    "roll": Kind(
        Key(1.2, 2.3, 2.9, 0.5, (-0.45, -0.3, -0.8), (-0.75, 0.55, 0.35), "relaxed"),
        Key(1.9, 2.2, 3.5, 0.5, (-0.5, 0.8, 0.1), (0.05, 0.3, 0.95), "soft_open"),
        0.3,
    ),
    "precise": Kind(
        Key(1.3, 2.7, 3.0, 0.5, (-0.7, -0.45, 0.4), (-0.25, 0.6, 0.75), "pinch"),
        Key(1.35, 2.1, 3.45, 0.42, (-0.7, -0.5, 0.25), (-0.2, 0.3, 0.95), "pinch"),
        0.1,
    ),
    "me": Kind(
        Key(1.3, 1.9, 2.7, 0.5, (-0.6, 0.1, -0.75), (-0.75, 0.5, 0.1), "soft_open"),
        Key(1.15, 2.75, 2.15, 0.55, (-0.15, -0.05, -1), (-0.85, 0.5, 0.05), "soft_open"),
        0.12,
        1.3,
    ),
    "you": Kind(
        Key(1.4, 1.9, 2.8, 0.4, (-0.6, 0.5, 0.3), (-0.2, 0.35, 0.9), "soft_open"),
        Key(1.5, 2.2, 3.95, 0.35, (-0.3, 0.85, 0.35), (0, 0.25, 1), "open"),
        0.35,
        1.4,
    ),
    "there": Kind(
        Key(1.4, 2.0, 2.8, 0.4, (-0.7, -0.3, 0.3), (-0.1, 0.45, 0.9), "loose_fist"),
        Key(2.9, 2.4, 3.2, 0.5, (-0.6, -0.6, 0.3), (0.65, 0.25, 0.75), "point"),
        0.0,
        1.5,
    ),
    "deny": Kind(
        Key(1.0, 2.3, 3.1, 0.55, (-0.25, -0.95, 0.1), (-0.5, 0.1, 0.85), "open"),
        Key(2.3, 2.0, 3.35, 0.5, (-0.1, -0.95, 0.15), (0.25, 0.05, 0.95), "open"),
        0.7,
        1.2,
    ),
    "wide": Kind(
        Key(1.1, 2.1, 3.0, 0.45, (-0.9, 0.2, 0.1), (-0.3, 0.3, 0.9), "soft_open"),
        Key(2.75, 2.5, 3.2, 0.6, (-0.6, 0.7, 0.3), (0.45, 0.4, 0.8), "open"),
        0.95,
        1.3,
    ),
    "count": Kind(
        Key(1.3, 2.9, 2.9, 0.4, (-0.5, -0.1, 0.8), (-0.15, 0.9, 0.3), "loose_fist"),
        Key(1.35, 3.1, 3.2, 0.38, (-0.45, -0.15, 0.85), (-0.1, 0.95, 0.25), "point"),
        0.0,
        2.2,
    ),
    "small": Kind(
        Key(1.2, 2.4, 3.1, 0.45, (-0.85, -0.1, 0.2), (-0.3, 0.45, 0.85), "pinch"),
        Key(1.15, 2.2, 3.5, 0.42, (-0.9, -0.1, 0.1), (-0.2, 0.45, 0.9), "pinch"),
        0.35,
    ),
    "shrug": Kind(
        Key(1.6, 1.5, 2.7, 0.35, (-0.6, 0.7, 0.1), (-0.2, 0.1, 1), "soft_open"),
        Key(2.6, 1.85, 2.9, 0.3, (-0.1, 0.98, 0.1), (0.45, 0.05, 0.85), "open"),
        0.9,
        1.6,
        0.30,
    ),
}
"""By name, as the left hand does them."""
RESTS: Final[Mapping[str, Key]] = {
    "front": Key(1.58, 1.25, 2.1, 0.5, (-0.4, 0.35, -0.8), (-0.78, -0.46, 0.42), "relaxed"),
    "low": Key(1.55, 0.95, 1.95, 0.4, (-0.75, -0.1, -0.65), (-0.5, -0.75, 0.45), "relaxed"),
    "hang": Key(2.55, 0.35, 0.75, 0.2, (-0.95, -0.05, -0.3), (-0.08, -0.97, 0.25), "relaxed"),
    "ready": Key(1.62, 1.35, 2.45, 0.45, (-0.75, 0.1, -0.5), (-0.55, 0.1, 0.8), "soft_open"),
}
"""Where hands lie between gestures: before the belly, lower, at the sides, ready at the waist."""
