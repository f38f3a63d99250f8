"""The skeleton: pose parameters -> joints -> vertices, by linear blend skinning."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

JOINT: Final = 7
"""Numbers of a joint: translation, Euler angles x, y and z in radians, base-2 logarithm of the scale."""


class Skeleton(nn.Module):
    """Joints, and what hangs on them.

    Attributes:
        lbs_scale: [S] parameters of the actor's proportions, which follow the pose's.
        lbs_template_verts: [V, 3] at rest.
        global_scaling: [3] of what is skinned.
        joint_parents: [J, 1] -1 for a root; parents come first.
        joint_rotation: [J, 4] before the joint's own, quaternions x, y, z, w.
        joint_offset: [J, 3] from the parent.
        skin_weights: [V, 8] shares of the joints.
        skin_indices: [V, 8] which joints.
        transform_offsets: [1, 7 J] of the joints' numbers.
        transform: [7 J, pose + S] parameters to the joints' numbers.
    """

    lbs_scale: Tensor
    lbs_template_verts: Tensor
    global_scaling: Tensor
    joint_parents: Tensor
    joint_rotation: Tensor
    joint_offset: Tensor
    skin_weights: Tensor
    skin_indices: Tensor
    transform_offsets: Tensor
    transform: Tensor

    def __init__(self, vertices: int, joints: int, pose: int, scales: int) -> None:
        super().__init__()
        shapes: dict[str, tuple[int, ...]] = {
            "lbs_scale": (scales,),
            "lbs_template_verts": (vertices, 3),
            "global_scaling": (3,),
            "joint_rotation": (joints, 4),
            "joint_offset": (joints, 3),
            "skin_weights": (vertices, 8),
            "transform_offsets": (1, JOINT * joints),
            "transform": (JOINT * joints, pose + scales),
        }
        for name, shape in shapes.items():
            self.register_buffer(name, torch.empty(shape))
        self.register_buffer("joint_parents", torch.empty(joints, 1, dtype=torch.int64))
        self.register_buffer("skin_indices", torch.empty(vertices, 8, dtype=torch.int64))

    def prepare(self) -> None:
        """Work out what does not change: the joints at rest."""
        self._parents = self.joint_parents[:, 0].tolist()
        turn, place = self.joints(torch.zeros_like(self.transform_offsets))
        self._unbind = torch.linalg.inv(turn[0])
        self._rest = place[0]

    def joints(self, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Turn and scale [B, J, 3, 3] and place [B, J, 3] of every joint, of its numbers [B, 7 J]."""
        numbers = numbers.view(len(numbers), -1, JOINT)
        turn = matrices(self.joint_rotation) @ euler_matrices(numbers[..., 3:6])
        turn = turn * torch.exp2(numbers[..., 6])[..., None, None]
        place = self.joint_offset + numbers[..., :3]
        turns: list[Tensor] = []
        places: list[Tensor] = []
        for joint, parent in enumerate(self._parents):
            here, there = turn[:, joint], place[:, joint]
            if parent >= 0:
                there = (turns[parent] @ there[..., None])[..., 0] + places[parent]
                here = turns[parent] @ here
            turns.append(here)
            places.append(there)
        return torch.stack(turns, 1), torch.stack(places, 1)

    def placed(self, pose: Tensor) -> tuple[Tensor, Tensor]:
        """Turn and scale [B, J, 3, 3] and place [B, J, 3] of every joint, of poses [B, 104]."""
        scale = self.lbs_scale.expand(len(pose), -1)
        return self.joints(torch.cat([pose, scale], 1) @ self.transform.T + self.transform_offsets)

    def motion(self, pose: Tensor) -> tuple[Tensor, Tensor]:
        """How joints move space from rest, of poses [B, 104]: matrices [B, J, 3, 3], shifts [B, J, 3]."""
        turn, place = self.placed(pose)
        turn = turn @ self._unbind
        return turn, place - (turn @ self._rest[..., None])[..., 0]

    def forward(self, pose: Tensor, displacement: Tensor) -> Tensor:
        """Vertices [B, V, 3] of poses [B, 104] and displacements of the template [B, V, 3]."""
        turn, shift = self.motion(pose)
        rest = self.lbs_template_verts + displacement
        weights = self.skin_weights[..., None]
        skinned = torch.zeros_like(rest)
        for k in range(self.skin_indices.shape[1]):
            which = self.skin_indices[:, k]
            moved = (turn[:, which] @ rest[..., None])[..., 0] + shift[:, which]
            skinned += weights[:, k] * moved
        return skinned * self.global_scaling


def matrices(quaternions: Tensor) -> Tensor:
    """Rotation matrices [..., 3, 3] of unit quaternions (x, y, z, w)."""
    x, y, z, w = quaternions.unbind(-1)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def euler_matrices(angles: Tensor) -> Tensor:
    """Rotation matrices Rz Ry Rx [..., 3, 3] of angles about x, y and z [..., 3] in radians."""
    (a, b, c), (p, q, r) = torch.cos(angles).unbind(-1), torch.sin(angles).unbind(-1)
    rows = (
        (b * c, p * q * c - a * r, a * q * c + p * r),
        (b * r, p * q * r + a * c, a * q * r - p * c),
        (-q, p * b, a * b),
    )
    return torch.stack([torch.stack(row, -1) for row in rows], -2)
