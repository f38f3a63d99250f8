"""The body code and the bones: there and back, limits, mirror images, feet that stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.body.arms import Reach, arm_axes, arm_places, girdle, solve
from avgen.body.channels import (
    BODY_CHANNELS,
    BODY_LIMITS,
    CHANNELS,
    HAND_CHANNELS,
    HAND_LIMITS,
    arm,
    hand,
    mirrored,
    within_limits,
)
from avgen.body.posing import pose, read_pose
from avgen.body.rotations import rotation_vector, trunk_angles, turn, turn_trunk
from avgen.body.skeleton import BONES, PARENTS, PLACE, Skeleton
from avgen.pose import head_turned

FRAMES = 40


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    with np.load(Path(__file__).with_name("skeleton.npz")) as tensors:
        return Skeleton.from_tensors(tensors)


@pytest.fixture(scope="module")
def codes() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    body, hands = (
        rng.uniform(0.9 * limits[:, 0], 0.9 * limits[:, 1], (FRAMES, len(limits))).astype(np.float32)
        for limits in (BODY_LIMITS, HAND_LIMITS)
    )
    for side in "LR":  # rotation vectors below half a turn
        body[:, arm(side)][:, :3] *= 0.6
    return body, hands


def test_there_are_62_channels_with_zero_inside_their_limits() -> None:
    assert len(CHANNELS) == len(set(CHANNELS)) == 62
    assert (len(BODY_CHANNELS), len(HAND_CHANNELS)) == (30, 32)
    for limits in (BODY_LIMITS, HAND_LIMITS):
        assert (limits[:, 0] < 0).all() and (limits[:, 1] > 0).all()


def test_limits_hold_for_body_hands_and_both() -> None:
    far = np.full((1, 62), 9.0, np.float32)
    np.testing.assert_array_equal(within_limits(far)[0, :30], BODY_LIMITS[:, 1])
    np.testing.assert_array_equal(within_limits(-far[:, 30:])[0], HAND_LIMITS[:, 0])


def test_parents_come_first() -> None:
    assert len(BONES) == 70 and (np.arange(len(BONES)) > PARENTS).all()
    assert BONES[PARENTS[PLACE["finger2-1.R"]]] == "metacarpal1.R"


def test_zero_is_the_mesh_at_rest(skeleton: Skeleton) -> None:
    rotation, position = pose(skeleton, np.zeros((1, 30), np.float32), np.zeros((1, 32), np.float32))
    legs = [k for k, name in enumerate(BONES) if "leg" in name or "foot" in name or "toe" in name]
    others = np.setdiff1d(np.arange(len(BONES)), legs)
    np.testing.assert_allclose(rotation[0, others], np.tile(np.eye(3), (len(others), 1, 1)), atol=1e-6)
    np.testing.assert_allclose(position[0, others], skeleton.heads[others], atol=1e-6)
    np.testing.assert_allclose(position[0, legs], skeleton.heads[legs], atol=0.006)


def test_codes_come_back_from_the_bones(skeleton: Skeleton, codes: tuple[np.ndarray, np.ndarray]) -> None:
    body, hands = read_pose(skeleton, *pose(skeleton, *codes))
    np.testing.assert_allclose(body, codes[0], atol=2e-5)
    np.testing.assert_allclose(hands, codes[1], atol=2e-5)


def test_mirrored_codes_are_the_mirror_image(
    skeleton: Skeleton, codes: tuple[np.ndarray, np.ndarray]
) -> None:
    _, there = pose(skeleton, *codes)
    _, image = pose(skeleton.mirror, *mirrored(*codes))
    other = [PLACE[n[:-1] + {"L": "R", "R": "L"}[n[-1]] if n[-2:] in (".L", ".R") else n] for n in BONES]
    np.testing.assert_allclose(image[:, other] * [-1, 1, 1], there, atol=1e-5)


def test_feet_stand_while_the_pelvis_moves(skeleton: Skeleton) -> None:
    body = np.zeros((3, 30), np.float32)
    body[1:, 0], body[1:, 1], body[2, 4:6] = 0.04, -0.02, (0.1, -0.08)
    rotation, position = pose(skeleton, body, np.zeros((3, 32), np.float32))
    for bone in ("foot.L", "foot.R"):
        np.testing.assert_allclose(position[:, PLACE[bone]], [skeleton.head(bone)] * 3, atol=2e-3)
        np.testing.assert_allclose(rotation[:, PLACE[bone]], [np.eye(3)] * 3, atol=1e-5)


def test_the_head_turns_in_the_room(skeleton: Skeleton, codes: tuple[np.ndarray, np.ndarray]) -> None:
    head = head_turned(yaw=np.linspace(-20, 20, FRAMES), pitch=5.0)
    rotation, _ = pose(skeleton, *codes, head)
    turned = rotation_vector(rotation[:, PLACE["head"]].astype(np.float64))
    assert np.degrees(turned[0, 1]) == pytest.approx(-20, abs=0.5)
    assert np.degrees(turned[-1, 0]) == pytest.approx(-5, abs=0.5)


@pytest.mark.parametrize("side", ["L", "R"])
def test_a_hand_gets_where_it_is_wanted(skeleton: Skeleton, side: str) -> None:
    rng = np.random.default_rng(1)
    axes = arm_axes(skeleton, side)
    wrist = np.array([0.16, 0.22, 0.30]) + rng.uniform(-0.05, 0.05, (FRAMES, 3))
    swivel = rng.uniform(0.2, 0.6, FRAMES)
    palm = np.tile([-0.8, -0.3, 0.3], (FRAMES, 1))
    pointing = np.tile([-0.2, 0.3, 0.9], (FRAMES, 1))
    channels = solve(axes, Reach(wrist, swivel, palm, pointing), girdle(axes, wrist))
    np.testing.assert_allclose(arm_places(axes, channels)[1], wrist, atol=1e-6)
    body = np.zeros((FRAMES, 30), np.float32)
    body[:, arm(side)] = channels
    rotation, position = pose(skeleton, body, np.zeros((FRAMES, 32), np.float32))
    mirror = np.array([-1 if side == "R" else 1, 1, 1])
    np.testing.assert_allclose(position[:, PLACE[f"wrist.{side}"]] * mirror, wrist, atol=1e-5)
    points = (rotation[:, PLACE[f"wrist.{side}"]] @ (axes.pointing * mirror)) * mirror
    aim = np.array([-0.2, 0.3, 0.9]) / np.linalg.norm([-0.2, 0.3, 0.9])
    assert (points @ aim > 0.9).all()


def test_rotations_come_back() -> None:
    vectors = np.random.default_rng(2).uniform(-1.2, 1.2, (50, 3))
    np.testing.assert_allclose(rotation_vector(turn(vectors)), vectors, atol=1e-9)
    np.testing.assert_allclose(trunk_angles(turn_trunk(vectors)), vectors, atol=1e-9)


def test_a_skeleton_of_other_bones_is_refused(skeleton: Skeleton) -> None:
    tensors = skeleton.tensors()
    tensors["skeleton.heads"] = tensors["skeleton.heads"][:60]
    with pytest.raises(ValueError, match="60 bones"):
        Skeleton.from_tensors(tensors)


def test_the_palm_is_where_the_fingers_curl_to(skeleton: Skeleton) -> None:
    axes = arm_axes(skeleton, "L")
    bases, tips = (
        np.mean([end(f"finger{k}-{joint}.L") for k in range(2, 6)], 0)
        for end, joint in ((skeleton.head, 1), (skeleton.tail, 3))
    )
    assert (tips - bases) @ axes.palm > 0.01


@pytest.mark.parametrize("side", ["L", "R"])
def test_fingers_bend_towards_the_palm_and_the_thumb_comes_across(skeleton: Skeleton, side: str) -> None:
    hands = np.zeros((3, 32), np.float32)
    hands[1, hand(side)], hands[2, hand(side)][0] = 0.6, 0.8
    _, position = pose(skeleton, np.zeros((3, 30), np.float32), hands)
    axes = arm_axes(skeleton, side)
    moved = (position - position[0]) * [-1 if side == "R" else 1, 1, 1]
    for finger in range(2, 6):
        assert moved[1, PLACE[f"finger{finger}-3.{side}"]] @ axes.palm > 0.01
    thumb = moved[2, PLACE[f"finger1-3.{side}"]]
    assert thumb @ np.cross(axes.palm, axes.pointing) < -0.01
