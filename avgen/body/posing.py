"""The body code -> where every bone is, and back."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from avgen.body.arms import arm_axes, arm_turns, read_arm
from avgen.body.channels import BODY_CHANNELS, CHEST, HAND_CHANNELS, HIPS, SIDES, SPINE, SWAY, arm, hand
from avgen.body.legs import plant_legs
from avgen.body.rotations import (
    Array,
    rotation_vector,
    transposed,
    trunk_angles,
    turn,
    turn_quaternion,
    turn_trunk,
)
from avgen.body.skeleton import ARM_BONES, BONES, CHEST_BONE, PARENTS, PLACE, Skeleton
from avgen.types import FloatArray

SPINE_SHARES: Final = {"spine05": 0.2, "spine04": 0.4, "spine03": 0.4}
"""Of the lumbar spine's turn, at each of its bones."""
CHEST_SHARES: Final = {"spine02": 0.55, "spine01": 0.45}
"""Of the chest's."""
NECK_SHARE: Final = 0.5
"""Of the head's turn against the room, at the neck."""
_ARMS: Final = {side: [PLACE[f"{bone}.{side}"] for bone in ARM_BONES] for side in SIDES}
_MIRROR: Final = np.outer([-1, 1, 1], [-1, 1, 1])


def pose(
    skeleton: Skeleton, body: FloatArray, hands: FloatArray, head: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Place the bones.

    Args:
        skeleton: of the person.
        body: [T, 30].
        hands: [T, 32].
        head: [T, 7] head poses (or the quaternion [T, 4] alone), as the flow makes them: how the head is
            turned in the room, whatever the trunk does, so that the gaze stays on the viewer. Without them
            the head goes with the chest. Their metres are not used.

    Returns:
        Rotations [T, 70, 3, 3] and heads [T, 70, 3] in metres of all bones, in the order of `BONES`; see
        `Skeleton.forward`.
    """
    local, shift = bone_turns(skeleton, body, hands), body[:, SWAY].astype(np.float64)
    rotation, position = skeleton.forward(local, shift)
    if head is not None:
        turned = turn_quaternion(head[:, :4])
        half = turn(NECK_SHARE * rotation_vector(turned))
        local[:, PLACE["neck01"]] = transposed(rotation[:, PLACE[CHEST_BONE]]) @ half
        local[:, PLACE["head"]] = transposed(half) @ turned
        rotation, position = skeleton.forward(local, shift)
    return rotation.astype(np.float32), position.astype(np.float32)


def bone_turns(skeleton: Skeleton, body: FloatArray, hands: FloatArray) -> Array:
    """Turns [T, 70, 3, 3] of every bone on top of its parent's, of codes [T, 30] and [T, 32]."""
    code, fingers = body.astype(np.float64), hands.astype(np.float64)
    local = np.empty((len(code), len(BONES), 3, 3))
    local[:] = np.eye(3)
    local[:, PLACE["root"]] = turn_trunk(code[:, HIPS])
    for angles, shares in ((SPINE, SPINE_SHARES), (CHEST, CHEST_SHARES)):
        for bone, share in shares.items():
            local[:, PLACE[bone]] = turn_trunk(share * code[:, angles])
    for side in SIDES:
        turns = arm_turns(arm_axes(skeleton, side), code[:, arm(side)], fingers[:, hand(side)])
        local[:, _ARMS[side]] = turns * _MIRROR if side == "R" else turns
    plant_legs(skeleton, local, code[:, SWAY])
    return local


def read_pose(
    skeleton: Skeleton, rotation: NDArray[np.floating[Any]], position: NDArray[np.floating[Any]]
) -> tuple[FloatArray, FloatArray]:
    """Codes [T, 30] and [T, 32] of bones as `pose` places them: its inverse.

    Args:
        skeleton: of the person.
        rotation: [T, 70, 3, 3].
        position: [T, 70, 3], metres.
    """
    rotations: Array = rotation.astype(np.float64)
    parent = np.maximum(PARENTS, 0)
    local = transposed(rotations[:, parent]) @ rotations
    local[:, 0] = rotations[:, 0]
    body = np.zeros((len(local), len(BODY_CHANNELS)), np.float32)
    hands = np.zeros((len(local), len(HAND_CHANNELS)), np.float32)
    body[:, SWAY] = position[:, 0] - skeleton.heads[0]
    body[:, HIPS] = trunk_angles(local[:, 0])
    for angles, shares in ((SPINE, SPINE_SHARES), (CHEST, CHEST_SHARES)):
        bone, share = next(iter(shares.items()))
        body[:, angles] = trunk_angles(local[:, PLACE[bone]]) / share
    for side in SIDES:
        turns = local[:, _ARMS[side]]
        channels, fingers = read_arm(arm_axes(skeleton, side), turns * _MIRROR if side == "R" else turns)
        body[:, arm(side)], hands[:, hand(side)] = channels, fingers
    return body, hands
