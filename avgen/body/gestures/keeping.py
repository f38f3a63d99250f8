"""Keeps a body that something else moved clear of itself, and leaves it as it is elsewhere."""

from __future__ import annotations

import numpy as np

from avgen.body.arms import HANGING, ArmAxes, arm_axes, arm_places, clavicle
from avgen.body.channels import CLAVICLE_UP, PRONATION, SIDES, arm
from avgen.body.gestures.clearance import clear, reached
from avgen.body.gestures.poses import KEY, SWIVEL, TURN, WRIST
from avgen.body.rotations import Array, dot, unit
from avgen.body.skeleton import Skeleton
from avgen.types import FloatArray


def keep_clear(skeleton: Skeleton, body: FloatArray) -> FloatArray:
    """Bring hands and forearms out of trunk and head, and hands out of each other.

    Args:
        skeleton: of the person.
        body: [M, 30] at a third of the code rate.

    Returns:
        [M, 30]; frames that nothing stands in the way of are as they were.
    """
    arms = (arm_axes(skeleton, "L"), arm_axes(skeleton, "R"))
    channels = [body[:, arm(side)].astype(np.float64) for side in SIDES]
    left, right = (_keys(axes, one) for axes, one in zip(arms, channels, strict=True))
    before = [reached(axes, keys) for axes, keys in zip(arms, (left, right), strict=True)]
    clear(skeleton, arms, (left, right))
    out: FloatArray = body.copy()
    for side, axes, keys, was in zip(SIDES, arms, (left, right), before, strict=True):
        out[:, arm(side)] += (reached(axes, keys) - was).astype(np.float32)
    return out


def _keys(axes: ArmAxes, channels: Array) -> Array:
    """Keys [M, KEY] of channels [M, 9] of a left arm; the fingers' are zero."""
    keys = np.zeros((len(channels), KEY))
    elbow, keys[:, WRIST], _ = arm_places(axes, channels)
    turned = clavicle(channels[:, CLAVICLE_UP:])
    shoulder = axes.collar + turned @ (axes.shoulder - axes.collar)
    aim = unit(keys[:, WRIST] - shoulder)
    down = unit(HANGING - aim * (aim @ HANGING)[:, None])
    aside = elbow - shoulder
    keys[:, SWIVEL] = np.arctan2(dot(aside, np.cross(aim, down)), dot(aside, down))
    keys[:, TURN] = channels[:, PRONATION : PRONATION + 3]
    return keys
