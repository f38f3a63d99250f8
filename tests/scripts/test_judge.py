"""What `scripts.evaluate.judge` makes of scores, and the poses that it looks at."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.pose import head_angles
from scripts.evaluate.judge import BOUNDS, REST, TURN, UNEVEN, Scores, nine_poses, reading, table

SCORES: Scores = {
    "browInnerUp": np.array([0.1, 0.3, 0.2]),
    "eyeSquintLeft": np.array([0.5, 0.4, 0.6]),
    "eyeSquintRight": np.array([0.3, 0.4, 0.2]),
    "eyeLookInLeft": np.array([0.9, 0.9, 0.9]),
    "eyeLookInRight": np.array([0.0, 0.0, 0.0]),
}


def test_a_reading_is_the_median_of_both_sides() -> None:
    assert reading("browInnerUp", SCORES) == pytest.approx(0.2)
    assert reading("eyeSquint", SCORES) == pytest.approx(0.4)


def test_sides_are_as_uneven_as_the_worst_pair_but_for_gaze() -> None:
    assert reading(UNEVEN, SCORES) == pytest.approx(0.2)


def test_what_is_outside_its_bound_is_marked() -> None:
    names = {bound.score + side for bound in BOUNDS for side in ("", "Left", "Right")}
    quiet = {name: np.full(3, 0.19) for name in names if name != UNEVEN}
    lines = table({"anna": dict.fromkeys(("happy", "sad", "angry", "surprised", REST), quiet)})
    marked = [line for line in lines if "**" in line]
    assert len(marked) == sum(bound.least > 0 for bound in BOUNDS)
    assert "| rest: browInnerUp <= 0.2 | 0.19 |" in lines
    assert "| sad: mouthFrown >= 0.25 | **0.19** |" in lines


def test_poses_go_to_every_side() -> None:
    poses = nine_poses()
    np.testing.assert_allclose(np.linalg.norm(poses[:, :4], axis=1), 1, atol=1e-6)
    pitch, yaw = np.round(head_angles(poses)[:, :2].T, 1)
    assert {*zip(pitch.tolist(), yaw.tolist(), strict=True)} == {
        (a, b) for a in (-TURN, 0.0, TURN) for b in (-TURN, 0.0, TURN)
    }
