"""Head pose on rest geometry in decimetres: rigid above the neck, fading into the torso."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    @property
    def vector(self) -> Array:
        """Rotation vector in radians."""
        return np.radians([self.pitch, self.yaw, self.roll])

    def move(self, points: Array) -> Array:
        """Points [..., 3] that move with the head."""
        return (points - NECK_PIVOT) @ rotation_matrices(self.vector).T + NECK_PIVOT

    def skin(self, points: Array, rest: Array) -> Array:
        """Skin points [V, 3]: each turns by its share of the rotation."""
        turns = rotation_matrices(head_weight(rest)[:, None] * self.vector)
        return np.einsum("vij,vj->vi", turns, points - NECK_PIVOT) + NECK_PIVOT
