"""Faces followed through pictures that our own renderer drew."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from avgen.actors.actor import find_actor
from avgen.avatars.mesh.avatar import TexturedMesh
from avgen.casting.portrait.tracker import FaceTracker, face_of
from avgen.partner import ARKIT_UNITS, FACE_CHANNELS
from avgen.pose import head_angles, head_turned
from scripts.cast.photographs import Pose, take

SMILE = [ARKIT_UNITS.index(f"mouthSmile{side}") for side in ("Left", "Right")]


def test_a_smile_and_a_turn_are_seen_and_an_empty_picture_is_no_face() -> None:
    pytest.importorskip("mediapipe")
    part = find_actor("mira").components["avatar"]
    mira = TexturedMesh.load(part.config, part.file)
    weights = np.zeros((3, len(mira.codec.units)), np.float32)
    weights[2, [mira.codec.units.index(ARKIT_UNITS[unit]) for unit in SMILE]] = 1.0
    with FaceTracker() as tracker:
        front, turned, smiling = (
            tracker(take(mira, Pose(yaw), weights[number : number + 1], 320)[0], number / 30)
            for number, yaw in enumerate((0.0, 20.0, 0.0))
        )
        assert not tracker(np.zeros((320, 320, 3), np.uint8), 1.0).any()
    assert abs(np.degrees(front[-2])) < 8 and abs(np.degrees(turned[-2] - front[-2]) - 20) < 6
    assert smiling[SMILE].mean() > front[SMILE].mean() + 0.3
    assert front.shape == (FACE_CHANNELS,) and front[:-3].min() >= 0 and front[:-3].max() <= 1


@pytest.mark.parametrize("angles", [(20.0, 5.0, 0.0), (0.0, 15.0, -10.0), (-30.0, -12.0, 25.0)])
def test_angles_are_those_of_head_poses(angles: tuple[float, float, float]) -> None:
    """The matrix of a turn, as MediaPipe gives it, is read as the turn that it was made of."""
    head = head_turned(*angles)
    w, x, y, z = head[0, :4].astype(float)
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    scores = [SimpleNamespace(category_name=name, score=0.5) for name in ("_neutral", "jawOpen")]
    face = face_of(scores, matrix)
    assert np.degrees(face[-3:]) == pytest.approx(head_angles(head)[0], abs=1e-3)
    assert face[ARKIT_UNITS.index("jawOpen")] == 0.5 and face[:-3].sum() == 0.5
