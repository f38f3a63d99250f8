"""Linear blend skinning against quaternions, joint by joint."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body.skeleton import Skeleton, euler_matrices, matrices
from tests.codec_bodies import GRID, skeleton

POSE = 104


@pytest.fixture
def bones() -> Skeleton:
    tensors = skeleton(3, POSE, np.random.default_rng(5))
    tensors["lbs_fn.lbs_template_verts"] = torch.randn(GRID**2, 3)
    tensors["lbs_fn.global_scaling"] = torch.tensor([10.0, 10.0, 10.0])
    made = Skeleton(GRID**2, 4, POSE, 3)
    made.load_state_dict({name.removeprefix("lbs_fn."): value for name, value in tensors.items()})
    made.prepare()
    return made


def times(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Product of quaternions x, y, z, w."""
    v, w = np.cross(p[:3], q[:3]) + p[3] * q[:3] + q[3] * p[:3], p[3] * q[3] - p[:3] @ q[:3]
    return np.append(v, w)


def about(axis: int, angle: float) -> np.ndarray:
    q = np.zeros(4)
    q[axis], q[3] = np.sin(angle / 2), np.cos(angle / 2)
    return q


def turned(q: np.ndarray, point: np.ndarray) -> np.ndarray:
    return times(times(q, np.append(point, 0)), q * [-1, -1, -1, 1])[:3]


def states(bones: Skeleton, numbers: np.ndarray) -> list[tuple[np.ndarray, float, np.ndarray]]:
    """Rotation, scale and place of every joint."""
    found: list[tuple[np.ndarray, float, np.ndarray]] = []
    for joint, (t, euler, scale) in enumerate((n[:3], n[3:6], n[6]) for n in numbers.reshape(-1, 7)):
        own = times(about(2, euler[2]), times(about(1, euler[1]), about(0, euler[0])))
        rotation = times(bones.joint_rotation[joint].double().numpy(), own)
        place, size = bones.joint_offset[joint].double().numpy() + t, 2.0**scale
        parent = int(bones.joint_parents[joint])
        if parent >= 0:
            above, larger, there = found[parent]
            place = there + larger * turned(above, place)
            rotation, size = times(above, rotation), larger * size
        found.append((rotation, size, place))
    return found


def test_poses_match_quaternions(bones: Skeleton) -> None:
    pose = np.random.default_rng(1).normal(0, 0.5, POSE).astype(np.float32)
    numbers = bones.transform.double().numpy() @ np.append(pose, bones.lbs_scale.numpy())
    rest, now = states(bones, np.zeros_like(numbers)), states(bones, numbers)
    displacement = torch.randn(1, GRID**2, 3)
    expected = np.zeros((GRID**2, 3))
    for vertex, point in enumerate((bones.lbs_template_verts + displacement[0]).double().numpy()):
        for joint, weight in zip(bones.skin_indices[vertex], bones.skin_weights[vertex], strict=True):
            q, size, place = rest[joint]
            local = turned(q * [-1, -1, -1, 1], point - place) / size
            q, size, place = now[joint]
            expected[vertex] += float(weight) * (place + size * turned(q, local))
    found = bones(torch.from_numpy(pose)[None], displacement)[0]
    np.testing.assert_allclose(found.numpy(), 10 * expected, atol=2e-4)


def test_at_rest_nothing_moves(bones: Skeleton) -> None:
    bones.lbs_scale.zero_()
    found = bones(torch.zeros(2, POSE), torch.zeros(2, GRID**2, 3))
    torch.testing.assert_close(found, 10 * bones.lbs_template_verts.expand(2, -1, -1), atol=1e-4, rtol=1e-4)


def test_the_root_moves_the_whole_body(bones: Skeleton) -> None:
    pose = 0.3 * torch.randn(1, POSE)
    moved = pose.clone()
    moved[:, :3] += torch.tensor([1.0, 2.0, 3.0])
    shift = bones(moved, torch.zeros(1, 1, 3)) - bones(pose, torch.zeros(1, 1, 3))
    torch.testing.assert_close(shift, torch.tensor([10.0, 20.0, 30.0]).expand_as(shift), atol=1e-3, rtol=1e-4)


def test_matrices_are_rotations() -> None:
    quaternion = torch.nn.functional.normalize(torch.randn(5, 4), dim=-1)
    for turn in (matrices(quaternion), euler_matrices(torch.randn(5, 3))):
        torch.testing.assert_close(turn @ turn.mT, torch.eye(3).expand(5, -1, -1), atol=1e-5, rtol=0)
        torch.testing.assert_close(torch.linalg.det(turn), torch.ones(5))
