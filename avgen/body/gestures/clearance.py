"""Keeps hands and forearms out of trunk and face, and hands out of each other."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.body.arms import ArmAxes, arm_places, bend_arm, girdle
from avgen.body.gestures.curves import smooth
from avgen.body.gestures.poses import SWIVEL, TURN, WRIST
from avgen.body.rotations import Array
from avgen.body.skeleton import Skeleton

HAND_BALLS: Final = ((0.0, 0.045), (0.08, 0.050), (0.165, 0.032))
"""Metres from the wrist towards the fingers, and radius, of the balls that stand for a hand."""
FOREARM_BALLS: Final = (0.0, 0.35, 0.7)
FOREARM_RADIUS: Final = 0.052
"""Shares of the forearm at which its balls are, and their radius."""
EXPONENT: Final = 2.5
"""Of the trunk's sections, which are superellipses."""
HEAD_RADIUS: Final = 0.125
HEAD_MIDDLE: Final = (0.0, 0.075, 0.025)
"""Of the ball that stands for the head, and metres to its middle from the head's joint."""
ROUNDS: Final = 4
MOST_SWIVEL: Final = 1.2
BETWEEN_HANDS: Final = 0.012
"""Metres that are left between two hands."""
_MIRROR: Final = np.array([-1.0, 1, 1])


def out_of_trunk(trunk: Array, points: Array, radius: float) -> Array:
    """Shifts [M, 3] that bring balls at points [M, 3] out of sections [K, 4] of a trunk, and no further."""
    half, front, back = (np.interp(points[:, 1], trunk[:, 0], trunk[:, k]) for k in (1, 2, 3))
    wide, deep = half + radius, (front - back) / 2 + radius
    u, v = points[:, 0] / wide, (points[:, 2] - (front + back) / 2) / deep
    inside = (np.abs(u) ** EXPONENT + np.abs(v) ** EXPONENT) ** (1 / EXPONENT)
    slope = np.stack(
        [
            np.sign(u) * np.abs(u) ** (EXPONENT - 1) / wide,
            np.zeros(len(u)),
            np.sign(v) * np.abs(v) ** (EXPONENT - 1) / deep,
        ],
        1,
    )
    slope /= np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-9)
    depth = np.where(points[:, 1] < trunk[-1, 0] + radius, np.maximum(1 - inside, 0), 0)
    shift: Array = (depth * np.minimum(wide, deep))[:, None] * slope
    return shift


def out_of_ball(middle: Array, least: float, points: Array) -> Array:
    """Shifts [M, 3] that bring points [M, 3] at least so many metres from a middle [3] or [M, 3]."""
    away = points - middle
    distance = np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    shift: Array = away / distance * np.maximum(least - distance, 0)
    return shift


def clear_body(skeleton: Skeleton, axes: ArmAxes, keys: Array) -> None:
    """Move the wrists and elbows of keys [M, KEY] of a left arm out of trunk and head, in place."""
    face = skeleton.head("head") + HEAD_MIDDLE
    for _ in range(ROUNDS):
        _, _, pointing = arm_places(axes, reached(axes, keys))
        for along, radius in HAND_BALLS:
            keys[:, WRIST] += out_of_trunk(skeleton.trunk, keys[:, WRIST] + along * pointing, radius)
            points = keys[:, WRIST] + along * pointing
            keys[:, WRIST] += out_of_ball(face, HEAD_RADIUS + radius, points)
        elbow, wrist, _ = arm_places(axes, reached(axes, keys))
        deep = np.zeros(len(keys))
        for share in FOREARM_BALLS:
            shift = out_of_trunk(skeleton.trunk, elbow + share * (wrist - elbow), FOREARM_RADIUS)
            deep = np.maximum(deep, np.linalg.norm(shift, axis=1))
        hit = deep > 0.003
        swivel = np.minimum(keys[:, SWIVEL] + 3.5 * deep + 0.02, MOST_SWIVEL)
        keys[:, SWIVEL] = np.where(hit, np.maximum(swivel, keys[:, SWIVEL]), keys[:, SWIVEL])
        keys[:, 2] += np.where(hit, 0.25 * deep, 0)


def clear_hands(arms: tuple[ArmAxes, ArmAxes], left: Array, right: Array) -> None:
    """Move two hands' keys [M, KEY] apart where they meet, in place; the right ones are mirrored."""
    for _ in range(ROUNDS):
        ahead = [
            arm_places(axes, reached(axes, keys))[2] for axes, keys in zip(arms, (left, right), strict=True)
        ]
        for along, radius in HAND_BALLS:
            for other, thick in HAND_BALLS:
                points = left[:, WRIST] + along * ahead[0]
                against = (right[:, WRIST] + other * ahead[1]) * _MIRROR
                shift = 0.5 * out_of_ball(against, radius + thick + BETWEEN_HANDS, points)
                left[:, WRIST] += shift
                right[:, WRIST] -= shift * _MIRROR


def clear(skeleton: Skeleton, arms: tuple[ArmAxes, ArmAxes], keys: tuple[Array, Array]) -> None:
    """Keep both hands' keys [M, KEY] clear of everything, in place, without steps from frame to frame."""
    before = [one.copy() for one in keys]
    for _ in range(2):
        clear_hands(arms, *keys)
        for axes, one in zip(arms, keys, strict=True):
            clear_body(skeleton, axes, one)
    for one, was in zip(keys, before, strict=True):
        one[:] = was + smooth(one - was, 0.05)


def reached(axes: ArmAxes, keys: Array) -> Array:
    """Channels [M, 9] of a left arm that follows keys [M, KEY]."""
    raised = girdle(axes, keys[:, WRIST])
    bent, _ = bend_arm(axes, keys[:, WRIST], keys[:, SWIVEL], raised)
    return np.column_stack([bent, keys[:, TURN], raised])
