"""The head's pose moves what hangs on the head as the skeleton does."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from avgen.avatars.ca_body.head import head_joint, head_pose
from avgen.avatars.ca_body.skeleton import Skeleton, euler_matrices
from tests.codec_bodies import GRID, skeleton

POSE = 104


@pytest.fixture
def network() -> SimpleNamespace:
    tensors = skeleton(3, POSE, np.random.default_rng(5))
    tensors["lbs_fn.lbs_template_verts"] = torch.randn(GRID**2, 3)
    tensors["lbs_fn.global_scaling"] = torch.full((3,), 10.0)
    tensors["lbs_fn.transform_offsets"] = 0.2 * torch.randn(1, 28)
    tensors["lbs_fn.transform_offsets"][:, 6::7] = 0.0
    bones = Skeleton(GRID**2, 4, POSE, 3)
    bones.load_state_dict({name.removeprefix("lbs_fn."): value for name, value in tensors.items()})
    bones.prepare()
    axes = 0.01 * euler_matrices(torch.tensor([0.3, -1.2, 2.0]))
    world = torch.cat([axes, torch.tensor([[0.1], [1.5], [-0.4]])], 1)
    return SimpleNamespace(
        lbs_fn=bones, world=world, to_world=lambda points: points @ world[:, :3].T + world[:, 3]
    )


def turned(quaternion: np.ndarray, points: np.ndarray) -> np.ndarray:
    w, v = quaternion[0], quaternion[1:]
    return points + 2 * np.cross(v, np.cross(v, points) + w * points)


def test_what_hangs_on_the_head_goes_with_its_pose(network: SimpleNamespace) -> None:
    bones, generator = network.lbs_fn, torch.Generator().manual_seed(0)
    assert head_joint(bones.transform) == 3
    poses = torch.cat([torch.zeros(1, POSE), torch.randn(20, POSE, generator=generator)])
    with torch.inference_mode():
        turn, shift = bones.motion(poses)
        points = torch.randn(9, 3, generator=generator)
        placed = (turn[:, None, 3] @ points[..., None])[..., 0] + shift[:, None, 3]
        placed = network.to_world(placed * bones.global_scaling).numpy()
    heads = head_pose(network, poses.numpy())
    rest = placed[0] - heads[0, 4:]
    for head, expected in zip(heads, placed, strict=True):
        np.testing.assert_allclose(turned(head[:4], rest) + head[4:], expected, atol=1e-5)
    np.testing.assert_allclose(heads[0, :4], [1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(heads[:, :4], axis=1), 1, atol=1e-6)


def test_a_turning_head_never_jumps(network: SimpleNamespace) -> None:
    poses = np.zeros((400, POSE), np.float32)
    poses[:, 4] = np.linspace(0, 4 * np.pi, 400)  # the whole body turns twice
    heads = head_pose(network, poses)
    assert np.abs(np.diff(heads[:, :4], axis=0)).max() < 0.05
    assert heads[:, :4].min() < -0.5
