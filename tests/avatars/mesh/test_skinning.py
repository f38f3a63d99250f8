from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.avatars.mesh.skinning import HeadTurn, RigidParts, rotation_matrices, rotation_vectors

angles = st.floats(-0.5, 0.5)


def pose(x: float, y: float, z: float, shift: tuple[float, float, float] = (0, 0, 0)) -> np.ndarray:
    """Head pose [1, 7] of a rotation vector."""
    angle = np.linalg.norm([x, y, z])
    axis = np.array([x, y, z]) / max(angle, 1e-12)
    return np.array([[np.cos(angle / 2), *(np.sin(angle / 2) * axis), *shift]], np.float32)


@given(angles, angles, angles)
def test_quaternion_and_vector_agree(x: float, y: float, z: float) -> None:
    assert rotation_vectors(pose(x, y, z)[:, :4])[0] == pytest.approx([x, y, z], abs=1e-5)


@given(angles, angles, angles)
def test_rotations_keep_lengths(x: float, y: float, z: float) -> None:
    turn = rotation_matrices(np.array([x, y, z], np.float32))
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-5)


def test_opposite_quaternions_are_the_same_turn() -> None:
    q = pose(0.1, 0.2, -0.3)[:, :4]
    assert rotation_vectors(-q) == pytest.approx(rotation_vectors(q), abs=1e-6)


def test_head_is_rigid_and_torso_still() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(0, 0.1, (1, 12, 3)).astype(np.float32)
    weight = np.repeat([0.0, 1.0], 6).astype(np.float32)
    turn = HeadTurn.from_poses(pose(0.1, 0.3, 0.05), np.array([0, 0.5, 0], np.float32))
    moved = turn.skin(points, weight)
    assert moved[0, :6] == pytest.approx(points[0, :6], abs=1e-6)
    before = np.linalg.norm(points[0, 6:, None] - points[0, None, 6:], axis=-1)
    after = np.linalg.norm(moved[0, 6:, None] - moved[0, None, 6:], axis=-1)
    assert after == pytest.approx(before, abs=1e-5)


def test_rigid_part_recovers_a_rotation() -> None:
    """The part's points turn by 0.4 radians at unit weight 1: the fit finds the turn exactly."""
    rng = np.random.default_rng(1)
    start = rng.normal(0, 1, (30, 3))
    turn = rotation_matrices(np.array([0.1, 0.38, 0.05])).astype(float)
    moves = np.stack([start, start @ turn.T + [1, 2, 3] - start])
    centred = moves - moves.mean(1, keepdims=True)
    cross = np.einsum("ni,unj->uij", centred[0], centred)[None].astype(np.float32)
    parts = RigidParts(cross, moves.mean(1)[None].astype(np.float32))
    rotation, shift = parts.motions(np.ones((1, 1), np.float32))
    assert rotation[0, 0] == pytest.approx(turn, abs=1e-5)
    assert start @ rotation[0, 0].T + shift[0, 0] == pytest.approx(start @ turn.T + [1, 2, 3], abs=1e-4)


@pytest.mark.assets
class TestMira:
    def test_neutral_pose_is_the_rest_mesh(self, mira: TexturedMesh) -> None:
        weights = np.zeros((1, len(mira.codec.units)), np.float32)
        posed = mira.pose_weights(weights, pose(0, 0, 0))
        assert posed.vertices[0] == pytest.approx(mira.mesh.rest, abs=1e-6)

    def test_eyes_follow_the_gaze_units(self, mira: TexturedMesh) -> None:
        weights = np.zeros((1, len(mira.codec.units)), np.float32)
        weights[0, [mira.codec.unit("eyeLookOutLeft"), mira.codec.unit("eyeLookInRight")]] = 1
        axes = mira.pose_weights(weights, pose(0, 0, 0)).eyes[0, :, 2]
        turned = np.degrees(np.arctan2(axes[:, 0], axes[:, 2]) - np.arctan2(*mira.eyes[:, 2, ::2].T))
        assert np.all((turned > 12) & (turned < 19))

    def test_open_jaw_lowers_the_lower_teeth_only(self, mira: TexturedMesh) -> None:
        weights = np.zeros((1, len(mira.codec.units)), np.float32)
        weights[0, mira.codec.unit("jawOpen")] = 0.5
        moved = mira.pose_weights(weights, pose(0, 0, 0)).vertices[0] - mira.mesh.rest
        starts = mira.mesh.starts
        assert np.abs(moved[starts[4] : starts[5]]).max() < 1e-5
        assert moved[starts[5] : starts[6], 1].mean() < -0.004
