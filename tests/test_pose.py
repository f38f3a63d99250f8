"""Head poses and their angles."""

from __future__ import annotations

import numpy as np

from avgen.pose import head_angles, head_turned


def test_angles_are_read_back_from_the_pose_they_make() -> None:
    pitch, yaw, roll = np.random.default_rng(0).uniform(-50, 50, (3, 20))
    poses = head_turned(yaw, pitch, roll)
    np.testing.assert_allclose(head_angles(poses), np.stack([pitch, yaw, roll], 1), atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(poses[:, :4], axis=1), 1, atol=1e-6)
    assert not poses[:, 4:].any()


def test_a_turn_to_one_side_is_about_the_upright_axis() -> None:
    np.testing.assert_allclose(head_turned(90.0)[0, :4], [np.sqrt(0.5), 0, np.sqrt(0.5), 0], atol=1e-6)
    np.testing.assert_array_equal(head_turned(), np.eye(1, 7))
