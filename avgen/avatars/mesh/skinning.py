"""How posed points follow the face units and the head: blendshapes, rigid parts, a turning neck."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from avgen.types import FloatArray

SHOULDER_FOLLOW = 0.35
"""Share of the head's translation that the torso follows: the body sways and breathes with the head."""


def rotation_vectors(quaternions: FloatArray) -> FloatArray:
    """Rotation vectors [..., 3] in radians of unit quaternions [..., 4] (w, x, y, z)."""
    q = quaternions / np.linalg.norm(quaternions, axis=-1, keepdims=True)
    q = np.where(q[..., :1] < 0, -q, q)
    sine = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, q[..., :1])
    vectors: FloatArray = q[..., 1:] * np.where(sine > 1e-8, angle / np.maximum(sine, 1e-8), 2)
    return vectors.astype(np.float32)


def rotation_matrices(vectors: FloatArray) -> FloatArray:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3] in radians (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(vectors / np.maximum(angle, 1e-8), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    angle = angle[..., None]
    turn = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * (cross @ cross)
    return np.asarray(turn, np.float32)


@dataclass(frozen=True, slots=True)
class RigidParts:
    """Parts that follow some points of the face as rigid bodies (eyeballs, tooth rows).

    The best rotation (Kabsch 1976) comes from C(w) = sum (a - mean a)(b - mean b)^T over the points at rest a
    and in motion b; b is affine in the unit weights w, and so are C and the mean of b.

    Attributes:
        cross: [P, 1 + U, 3, 3] C at rest and its change per unit, for P parts.
        centre: [P, 1 + U, 3] mean at rest and its change per unit, metres.
    """

    cross: FloatArray
    centre: FloatArray

    def motions(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Rotations [T, P, 3, 3] and translations [T, P, 3] under unit weights [T, U]."""
        cross = self.cross[:, 0] + np.einsum("tu,puij->tpij", weights, self.cross[:, 1:])
        centre = self.centre[:, 0] + np.einsum("tu,pui->tpi", weights, self.centre[:, 1:])
        u, _, vt = np.linalg.svd(cross)
        mirrored = np.linalg.det(u) * np.linalg.det(vt) < 0
        vt[mirrored, 2] *= -1
        rotation = np.swapaxes(u @ vt, -1, -2)
        shift = centre - np.einsum("tpij,pj->tpi", rotation, self.centre[:, 0])
        return rotation.astype(np.float32), shift.astype(np.float32)


@dataclass(frozen=True, slots=True)
class HeadTurn:
    """Head poses ready to be applied to points.

    Attributes:
        vectors: [T, 3] rotation vectors, radians.
        matrices: [T, 3, 3] the same rotations.
        shifts: [T, 3] translations, metres.
        pivot: [3] point of the neck about which the head turns.
    """

    vectors: FloatArray
    matrices: FloatArray
    shifts: FloatArray
    pivot: FloatArray

    @classmethod
    def from_poses(cls, head: FloatArray, pivot: FloatArray) -> HeadTurn:
        """Turns of head poses [T, 7]: quaternion (w, x, y, z) and translation in metres."""
        vectors = rotation_vectors(np.asarray(head[:, :4], np.float32))
        return cls(vectors, rotation_matrices(vectors), np.asarray(head[:, 4:], np.float32), pivot)

    @classmethod
    def from_poses_on(cls, chest: FloatArray, head: FloatArray, pivot: FloatArray) -> HeadTurn:
        """Turns on a chest that turns itself, by [T, 3, 3], of head poses [T, 7] in the room."""
        in_room = rotation_matrices(rotation_vectors(head[:, :4]))
        return cls.from_matrices(np.swapaxes(chest, 1, 2) @ in_room, head[:, 4:], pivot)

    @classmethod
    def from_matrices(cls, matrices: FloatArray, shifts: FloatArray, pivot: FloatArray) -> HeadTurn:
        """Turns of rotation matrices [T, 3, 3] below half a turn, and translations [T, 3] in metres."""
        sine = np.stack([matrices[:, k, j] - matrices[:, j, k] for j, k in ((1, 2), (2, 0), (0, 1))], -1) / 2
        size = np.linalg.norm(sine, axis=-1, keepdims=True)
        cosine = (np.trace(matrices, axis1=1, axis2=2)[:, None] - 1) / 2
        vectors = sine * np.where(size > 1e-6, np.arctan2(size, cosine) / np.maximum(size, 1e-6), 1)
        return cls(
            vectors.astype(np.float32), matrices.astype(np.float32), np.asarray(shifts, np.float32), pivot
        )

    def at(self, frame: int) -> HeadTurn:
        """The turn of one frame."""
        one = slice(frame, frame + 1)
        return HeadTurn(self.vectors[one], self.matrices[one], self.shifts[one], self.pivot)

    def move(self, points: FloatArray) -> FloatArray:
        """Points [T, V, 3] or [V, 3] that are fixed to the head -> [T, V, 3]."""
        turned = (points - self.pivot) @ np.swapaxes(self.matrices, 1, 2)
        return turned + (self.pivot + self.shifts)[:, None]

    def skin(self, points: FloatArray, weight: FloatArray) -> FloatArray:
        """Skin points [T, V, 3]: each turns by its share weight [V] of the rotation vector."""
        out = self.move(points)
        partial = np.flatnonzero(weight < 1)
        turns = rotation_matrices(self.vectors[:, None] * weight[partial, None])
        bent = np.einsum("tvij,tvj->tvi", turns, points[:, partial] - self.pivot)
        follow = SHOULDER_FOLLOW + (1 - SHOULDER_FOLLOW) * weight[partial]
        out[:, partial] = bent + self.pivot + self.shifts[:, None] * follow[:, None]
        return out
