"""Other descriptions of bodies: there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from avgen.body.channels import BODY_LIMITS, HAND_LIMITS, HIPS, SWAY
from avgen.body.posing import bone_turns
from avgen.body.skeleton import BONES, Skeleton
from avgen.body.standards import GLTF_JOINTS, from_a2p, joint_rotations, joint_turns, to_a2p


def codes(frames: int = 30) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    body, hands = (
        rng.uniform(*limits.T, (frames, len(limits))).astype(np.float32)
        for limits in (BODY_LIMITS, HAND_LIMITS)
    )
    return body, hands


def test_every_bone_has_a_joint_of_its_own() -> None:
    assert tuple(GLTF_JOINTS) == BONES and len(set(GLTF_JOINTS.values())) == len(BONES)
    assert GLTF_JOINTS["upperarm01.L"] == "leftUpperArm" and GLTF_JOINTS["finger5-3.R"] == "rightLittleDistal"
    assert (
        GLTF_JOINTS["finger1-1.L"] == "leftThumbMetacarpal" and GLTF_JOINTS["upperarm02.L"] == "upperarm02.L"
    )


def test_joints_turn_as_bones_do() -> None:
    with np.load(Path(__file__).with_name("skeleton.npz")) as tensors:
        skeleton = Skeleton.from_tensors(tensors)
    turns = bone_turns(skeleton, *codes())
    rotations = joint_rotations(turns)
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1, atol=1e-6)
    np.testing.assert_allclose(joint_turns(rotations), turns, atol=2e-6)


def test_what_is_known_of_audio2photoreal_comes_back() -> None:
    body, _ = codes()
    neck = np.random.default_rng(1).uniform(-0.5, 0.5, (len(body), 3)).astype(np.float32)
    parameters = to_a2p(body, neck)
    assert parameters.shape == (len(body), 104) and not parameters[:, 16:].any()
    again, turned = from_a2p(parameters)
    np.testing.assert_allclose(again[:, SWAY], body[:, SWAY])
    np.testing.assert_allclose(again[:, HIPS], body[:, HIPS], atol=1e-6)
    np.testing.assert_array_equal(turned, neck)
