"""Head pose on rest geometry in decimetres: rigid above the neck, fading into the torso."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avgen.avatars.mesh.skinning import SHOULDER_FOLLOW
from scripts.mira.geometry import NECK_PIVOT, head_weight

Array = NDArray[np.float64]


def rotation_matrices(vectors: Array) -> Array:
    """Rotation matrices [..., 3, 3] of rotation vectors [..., 3] in radians (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=-1, keepdims=True)
    x, y, z = np.moveaxis(vectors / np.maximum(angle, 1e-12), -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    angle = angle[..., None]
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Turn of the head in degrees; the rotation is exp of the vector (pitch, yaw, roll).

    Attributes:
        yaw: positive turns the face towards the viewer's right.
        pitch: positive looks down.
        roll: positive leans the top of the head towards the viewer's left.
        shift: movement of the head in decimetres; the torso follows a part of it.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift: tuple[float, float, float] = (0.0, 0.0, 0.0)

    @property
    def vector(self) -> Array:
        """Rotation vector in radians."""
        return np.radians([self.pitch, self.yaw, self.roll])

    def move(self, points: Array) -> Array:
        """Points [..., 3] that move with the head."""
        return (points - NECK_PIVOT) @ rotation_matrices(self.vector).T + NECK_PIVOT + self.shift

    def skin(self, points: Array, rest: Array) -> Array:
        """Skin points [V, 3]: each turns by its share of the rotation."""
        weight = head_weight(rest)[:, None]
        turned = np.einsum("vij,vj->vi", rotation_matrices(weight * self.vector), points - NECK_PIVOT)
        follow = SHOULDER_FOLLOW + (1 - SHOULDER_FOLLOW) * weight
        return turned + NECK_PIVOT + follow * np.array(self.shift)
