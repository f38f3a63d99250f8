"""The body code beside other descriptions of bodies: glTF's joints, Audio2Photoreal's parameters."""

from __future__ import annotations

from typing import Final

import numpy as np

from avgen.body.channels import BODY_CHANNELS, HIPS, SIDES, SWAY
from avgen.body.rotations import (
    Array,
    quaternions,
    trunk_angles,
    turn,
    turn_trunk,
)
from avgen.body.skeleton import BONES
from avgen.types import FloatArray


def _gltf_joints() -> dict[str, str]:
    """Names of VRM 1.0's humanoid by bone; what it has no name for keeps its own."""
    trunk = {"root": "hips", "spine05": "spine", "spine03": "chest", "spine01": "upperChest"}
    limbs = {
        "clavicle": "Shoulder",
        "upperarm01": "UpperArm",
        "lowerarm01": "LowerArm",
        "wrist": "Hand",
        "upperleg01": "UpperLeg",
        "lowerleg01": "LowerLeg",
        "foot": "Foot",
        "toe1-1": "Toes",
    }
    fingers = ("Thumb", "Index", "Middle", "Ring", "Little")
    for number, finger in enumerate(fingers, start=1):
        joints = "Metacarpal Proximal Distal" if number == 1 else "Proximal Intermediate Distal"
        limbs |= {
            f"finger{number}-{k}": f"{finger}{joint}" for k, joint in enumerate(joints.split(), start=1)
        }
    names = {"neck01": "neck", "head": "head", **trunk}
    sides = dict(zip(SIDES, ("left", "right"), strict=True))
    names |= {f"{bone}.{side}": f"{sides[side]}{name}" for side in SIDES for bone, name in limbs.items()}
    return {bone: names.get(bone, bone) for bone in BONES}


GLTF_JOINTS: Final = _gltf_joints()
"""Joint of a glTF skeleton by bone: the names of VRM 1.0's humanoid bones; twist bones, metacarpals and the
spine's other vertebrae have names of their own. At rest all joints' axes are the room's, so that a joint's
rotation is its bone's, and its translation the bone's offset from its parent (`Skeleton.offsets`)."""

A2P_PARAMETERS: Final = 104
A2P_TRANSLATION: Final = slice(0, 3)
A2P_ROTATION: Final = slice(3, 6)
A2P_NECK: Final = slice(12, 15)
"""Places among Audio2Photoreal's pose parameters of what is known of them: shift of the root, its Euler
angles in radians (`Z(c) Y(b) X(a)`), and twist, lean and bend of the neck."""


def joint_rotations(turns: Array) -> FloatArray:
    """Unit quaternions (x, y, z, w) [T, J, 4], as glTF has them, of turns [T, J, 3, 3] of bones."""
    found: FloatArray = np.roll(quaternions(turns), -1, axis=-1).astype(np.float32)
    return found


def joint_turns(rotations: FloatArray) -> Array:
    """Turns [T, J, 3, 3] of glTF's quaternions [T, J, 4]: the inverse of `joint_rotations`."""
    x, y, z, w = np.moveaxis(rotations.astype(np.float64), -1, 0)
    half = np.arctan2(np.sqrt(x * x + y * y + z * z), w)
    scale = 2 * half / np.maximum(np.sin(half), 1e-12)
    return turn(np.stack([x, y, z], -1) * np.where(half < 1e-9, 2.0, scale)[..., None])


def to_a2p(body: FloatArray, neck: FloatArray) -> FloatArray:
    """Audio2Photoreal's parameters [N, 104] of a body code, as far as their meaning is known; others are 0.

    Args:
        body: [N, 30].
        neck: [N, 3] yaw, roll and pitch of the head against the chest, radians.
    """
    out = np.zeros((len(body), A2P_PARAMETERS), np.float32)
    out[:, A2P_TRANSLATION] = body[:, SWAY]
    m = turn_trunk(body[:, HIPS].astype(np.float64))
    out[:, A2P_ROTATION] = np.stack(
        [
            np.arctan2(m[:, 2, 1], m[:, 2, 2]),
            -np.arcsin(np.clip(m[:, 2, 0], -1, 1)),
            np.arctan2(m[:, 1, 0], m[:, 0, 0]),
        ],
        1,
    )
    out[:, A2P_NECK] = neck
    return out


def from_a2p(parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Body code [N, 30] and neck [N, 3] of Audio2Photoreal's parameters [N, 104]: the inverse of `to_a2p`."""
    body = np.zeros((len(parameters), len(BODY_CHANNELS)), np.float32)
    body[:, SWAY] = parameters[:, A2P_TRANSLATION]
    a, b, c = parameters[:, A2P_ROTATION].astype(np.float64).T
    zero = np.zeros_like(a)
    about = [turn(np.stack(axis, 1)) for axis in ((zero, zero, c), (zero, b, zero), (a, zero, zero))]
    body[:, HIPS] = trunk_angles(about[0] @ about[1] @ about[2])
    return body, parameters[:, A2P_NECK]
