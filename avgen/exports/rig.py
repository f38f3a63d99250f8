"""The joints of a take's 3D files, and their keys in time.

The head turns about a pivot in the neck, and skin of the neck takes a share of that turn. Three joints hold
it, each after the first turned by half of the whole, and skin hangs on the nearest two. Of a bust the first
is the torso; of a figure it is the chest, in a skeleton of all bones with the names of VRM 1.0's humanoid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.body import Body, swayed
from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW, HeadTurn, rotation_matrices
from avgen.body.channels import SWAY
from avgen.body.posing import bone_turns
from avgen.body.skeleton import CHEST_BONE, PARENTS, PLACE
from avgen.body.standards import GLTF_JOINTS
from avgen.types import FloatArray

RIGID: Final = ("eye_left", "eye_right", "teeth_upper", "teeth_lower")
"""Blocks 2 to 5 of the mesh, each fixed to a joint of its own that is named like it: the last joints."""
Scalar = TypeVar("Scalar", np.float32, np.float64)
Moves = dict[int, tuple[FloatArray, FloatArray]]
"""Rotation matrices [T, 3, 3] and translations [T, 3] of joints in their parents, by joint."""


@dataclass(frozen=True, eq=False, slots=True)
class Rig:
    """Joints at rest, where all their axes are the room's.

    Attributes:
        names: of the J joints.
        parents: index of every joint's parent; -1 for the first, which is the root.
        rest: [J, 3] where they are, metres.
        torso: the joint that carries the neck.
        neck: the joint that has half of the head's turn.
        head: the joint that has all of it.
        sliding: those that move in their parents, not only turn.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    rest: FloatArray
    torso: int
    neck: int
    head: int
    sliding: tuple[int, ...]

    @property
    def first_rigid(self) -> int:
        """The joint of the first of RIGID."""
        return len(self.names) - len(RIGID)

    @property
    def offsets(self) -> FloatArray:
        """[J, 3] from every joint's parent to it, and of the root its place."""
        return self.in_parents(self.rest)

    def in_parents(self, places: NDArray[Scalar]) -> NDArray[Scalar]:
        """Places [J, 3] of the joints, each from its parent's, the root's as it is."""
        above = np.array(self.parents)
        return np.where(above[:, None] >= 0, places - places[above], places)


@dataclass(frozen=True, slots=True)
class Motion:
    """Keys of a take, one a picture of its video, and one at the end.

    Attributes:
        times: [T + 1] seconds.
        weights: [T + 1, U] of the morph targets.
        rotations: [T + 1, J, 4] of the joints in their parents: unit quaternions (w, x, y, z) that go on the
            short way.
        translations: [T + 1, J, 3] likewise, metres.
    """

    times: NDArray[np.float64]
    weights: FloatArray
    rotations: FloatArray
    translations: FloatArray


def make_rig(avatar: TexturedMesh) -> Rig:
    """Joints of an avatar: of the bust alone, or of a whole figure if it has a body."""
    mesh, starts = avatar.mesh, avatar.mesh.starts
    teeth = [mesh.rest[starts[k] : starts[k + 1]].mean(0) for k in (4, 5)]
    fixed = [avatar.eyes[0, 0], avatar.eyes[1, 0], *teeth]
    if avatar.body is None:
        x, _, z = mesh.pivot
        base = np.array([x, mesh.rest[:, 1].min(), z], np.float32)
        places = np.stack([base, mesh.pivot, mesh.pivot, *fixed]).astype(np.float32)
        joints = tuple(range(len(places)))
        return Rig(("torso", "neck", "head", *RIGID), (-1, 0, 1, 2, 2, 2, 2), places, 0, 1, 2, joints)
    names = (*GLTF_JOINTS.values(), *RIGID)
    torso, neck, head = (PLACE[bone] for bone in (CHEST_BONE, "neck01", "head"))
    parents = (*PARENTS.tolist(), *(head for _ in RIGID))
    places = np.concatenate([avatar.body.skeleton.heads, fixed]).astype(np.float32)
    return Rig(names, parents, places, torso, neck, head, (0, neck, head, *range(len(PARENTS), len(names))))


def make_motion(
    avatar: TexturedMesh, rig: Rig, times: NDArray[np.float64], tracks: Mapping[str, FloatArray]
) -> Motion:
    """Keys of an avatar's joints and morph targets.

    Args:
        avatar: whose.
        rig: its joints.
        times: [T + 1] seconds.
        tracks: its tracks at these times.
    """
    weights = avatar.codec.unit_weights(tracks["face"])
    if avatar.body is None:
        turn = HeadTurn.from_poses(tracks["head"], avatar.mesh.pivot)
        moves = _torso_moves(rig, turn)
    else:
        moves, turn = _bone_moves(avatar.body, tracks, avatar.mesh.pivot)
    moves |= _neck_moves(rig, turn) | _rigid_moves(avatar, rig, weights)
    rotations = np.zeros((len(times), len(rig.names), 4), np.float32)
    translations = np.empty((len(times), len(rig.names), 3), np.float32)
    for joint, (matrices, places) in moves.items():
        rotations[:, joint] = _unwound(_quaternions(matrices))
        translations[:, joint] = places
    return Motion(times, weights, rotations, translations)


def _torso_moves(rig: Rig, turn: HeadTurn) -> Moves:
    """A bust's torso, which follows the head."""
    still = np.tile(np.eye(3, dtype=np.float32), (len(turn.shifts), 1, 1))
    return {rig.torso: (still, rig.rest[rig.torso] + SHOULDER_FOLLOW * turn.shifts)}


def _bone_moves(body: Body, tracks: Mapping[str, FloatArray], pivot: FloatArray) -> tuple[Moves, HeadTurn]:
    """All bones of a body, and how the head turns on its chest."""
    skeleton, code = body.skeleton, swayed(tracks["body"], tracks["head"])
    turns, shift = bone_turns(skeleton, code, tracks["hands"]), code[:, SWAY].astype(np.float64)
    rotation, _ = skeleton.forward(turns, shift)
    moves = {
        joint: (turns[:, joint].astype(np.float32), offset) for joint, offset in enumerate(skeleton.offsets)
    }
    moves[0] = moves[0][0], skeleton.heads[0] + shift
    chest = rotation[:, PLACE[CHEST_BONE]].astype(np.float32)
    return moves, HeadTurn.from_poses_on(chest, tracks["head"], pivot)


def _neck_moves(rig: Rig, turn: HeadTurn) -> Moves:
    """Neck and head. Both turn about the pivot, wherever their joints are: these are moved along."""
    half = rotation_matrices(np.asarray(turn.vectors / 2, np.float32))
    rise = turn.shifts * np.float32((1 - SHOULDER_FOLLOW) / 2)
    neck, head = (
        rig.offsets[joint] + (half - np.eye(3, dtype=np.float32)) @ (rig.rest[joint] - turn.pivot)
        for joint in (rig.neck, rig.head)
    )
    return {rig.neck: (half, neck + rise), rig.head: (half, head + (rise[:, None] @ half)[:, 0])}


def _rigid_moves(avatar: TexturedMesh, rig: Rig, weights: FloatArray) -> Moves:
    """Eyes and teeth in the head."""
    matrices, shifts = avatar.rigid.motions(weights)
    moves: Moves = {}
    for k in range(len(RIGID)):
        joint = rig.first_rigid + k
        place = matrices[:, k] @ rig.rest[joint] + shifts[:, k] - rig.rest[rig.head]
        moves[joint] = matrices[:, k], place
    return moves


def _quaternions(matrices: FloatArray) -> FloatArray:
    """Unit quaternions [..., 4] (w, x, y, z) of rotation matrices [..., 3, 3], by less than half a turn."""
    m = matrices.astype(np.float64)
    w = np.sqrt(np.maximum(1 + np.trace(m, axis1=-2, axis2=-1), 1e-12)) / 2
    axis = [m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]]
    q = np.stack([w, *(value / (4 * w) for value in axis)], -1)
    return np.asarray(q / np.linalg.norm(q, axis=-1, keepdims=True), np.float32)


def _unwound(quaternions: FloatArray) -> FloatArray:
    """Quaternions [T, 4] with the signs by which each is near to the one before."""
    turns = np.sign(np.einsum("ti,ti->t", quaternions[1:], quaternions[:-1]))
    signs = np.cumprod(np.concatenate([[1.0], np.where(turns < 0, -1.0, 1.0)]))
    return (quaternions * signs[:, None]).astype(np.float32)
