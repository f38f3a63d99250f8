"""Eyes in the head and gaze in the world."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.flow.gaze import WANDER_DEGREES, GazeStabiliser  # noqa: E402
from scripts.mira.performance.face import turn_eyes  # noqa: E402
from scripts.mira.performance.head import HeadMotion  # noqa: E402
from scripts.mira.performance.units import FACE_UNITS, UNIT  # noqa: E402
from scripts.train.data import CodecStatistics, eye_units, signed_eyes  # noqa: E402

FRAMES = 200
EYES = np.array([unit for unit, *_ in eye_units()])


def codec() -> CodecStatistics:
    rng = np.random.default_rng(1)
    size = len(FACE_UNITS)
    active = rng.random(size) < 0.8
    active[EYES] = True
    values = rng.uniform(0.1, 0.3, (2, size)).astype(np.float32)
    return CodecStatistics(values[0], values[1], active)


def head(angles: np.ndarray) -> np.ndarray:
    return HeadMotion(angles, np.zeros_like(angles)).pose().astype(np.float32)


def test_a_steady_gaze_is_steady_in_the_world_and_mirrors_the_head_in_it() -> None:
    rng = np.random.default_rng(0)
    angles = np.cumsum(rng.normal(0, 0.4, (3, FRAMES)), axis=1)
    channels = rng.uniform(0, 1, (1, len(FACE_UNITS))).repeat(FRAMES, 0)
    channels[:, EYES] = 0
    turn_eyes(channels, np.array([[2.0], [-1.0]]) - 0.97 * angles[[1, 0]])
    channels = channels.astype(np.float32)
    statistics = codec()
    gaze, pose = statistics.gaze(), head(angles)
    world = gaze.release(statistics.encode(signed_eyes(channels)), pose)
    assert np.ptp(world, axis=0).max() < 1e-3
    np.testing.assert_allclose(gaze.hold(world, pose), statistics.encode(channels), atol=1e-3)


def test_only_eyes_are_turned_and_each_by_one_of_two_opposite_units() -> None:
    statistics = codec()
    gaze, still = statistics.gaze(), np.zeros((1, statistics.num_codes), np.float32)
    left_and_up = gaze.hold(still, head(np.array([[5.0], [8.0], [0.0]])))
    kept = np.isin(np.flatnonzero(statistics.active), EYES, invert=True)
    assert (left_and_up[0, kept] == 0).all()
    channels = statistics.mean.copy()
    channels[statistics.active] += statistics.scale[statistics.active] * left_and_up[0]
    for side in ("Left", "Right"):
        assert channels[UNIT[f"eyeLookDown{side}"]] > statistics.mean[UNIT[f"eyeLookDown{side}"]]
        assert channels[UNIT[f"eyeLookUp{side}"]] == pytest.approx(0, abs=1e-6)
    assert channels[UNIT["eyeLookInLeft"]] > 0.5 > 0.1 > channels[UNIT["eyeLookOutLeft"]]
    assert channels[UNIT["eyeLookOutRight"]] > 0.5 > 0.1 > channels[UNIT["eyeLookInRight"]]


def test_without_eyes_nothing_changes() -> None:
    face = np.random.default_rng(2).normal(size=(3, 4)).astype(np.float32)
    pose = head(np.full((3, 3), 20.0))
    gaze = GazeStabiliser(4)
    assert (gaze.hold(face, pose) == face).all()
    assert (gaze.release(face, pose) == face).all()


def test_eyes_follow_a_target_and_wander_about_it_as_they_did() -> None:
    rng = np.random.default_rng(2)
    channels = rng.uniform(0, 1, (1, len(FACE_UNITS))).repeat(FRAMES, 0)
    channels[:, EYES] = 0
    looks = np.where(np.arange(FRAMES) < FRAMES // 2, 0.4, 9.0)[None] * np.array([[0.6], [0.8]])
    turn_eyes(channels, looks)  # to the own left, and up
    statistics = codec()
    gaze = statistics.gaze()
    drawn = statistics.encode(signed_eyes(channels.astype(np.float32)))
    target = np.tile(np.float32([3.0, -7.0]), (FRAMES, 1))
    aimed = gaze.aim(drawn, target)
    reached = (gaze.aim(drawn, np.zeros_like(target)) - aimed) @ np.linalg.pinv(gaze.per_degree.numpy())
    np.testing.assert_allclose(reached, target, atol=1e-3)
    wandering = gaze.aim(drawn, np.zeros_like(target))
    np.testing.assert_allclose(wandering[0], drawn[0], atol=1e-3)  # near the target they stay as they are
    off = (gaze.least.numpy() - wandering) @ np.linalg.pinv(gaze.per_degree.numpy())
    np.testing.assert_allclose(np.hypot(*off[-1]), WANDER_DEGREES, atol=1e-2)
    others = np.isin(np.flatnonzero(statistics.active), EYES, invert=True)
    np.testing.assert_array_equal(aimed[:, others], drawn[:, others])
