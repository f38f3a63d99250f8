"""Measures of trunk, arms and hands on motion that is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avgen.body.arms import Reach, arm_axes, girdle, solve
from avgen.body.channels import BODY_CHANNELS, HAND_CHANNELS, SIDES, arm
from avgen.body.gestures.keeping import keep_clear
from avgen.body.skeleton import Skeleton
from avgen.metrics.gestures import BodyMotion, accent_speed
from avgen.types import CODE_RATE, FloatArray

SECONDS = 12.0
STROKES = (2.0, 5.0, 8.0)
FRAMES = round(SECONDS * CODE_RATE)
TIME = (np.arange(FRAMES) + 0.5) / CODE_RATE


@pytest.fixture(scope="module")
def skeleton() -> Skeleton:
    with np.load(Path(__file__).parents[1] / "body" / "skeleton.npz") as tensors:
        return Skeleton.from_tensors(tensors)


def reach(skeleton: Skeleton, wrist: np.ndarray) -> FloatArray:
    """Body [T, 30] both of whose hands are at places [T, 3] of the left one."""
    body = np.zeros((len(wrist), len(BODY_CHANNELS)), np.float32)
    ahead, side = (np.tile(np.array(one, float), (len(wrist), 1)) for one in ((0, 0, 1), (-1, 0, 0)))
    for name in SIDES:
        axes = arm_axes(skeleton, name)
        wish = Reach(wrist, np.full(len(wrist), 0.4), side, ahead)
        body[:, arm(name)] = solve(axes, wish, girdle(axes, wrist))
    return body


def motion(skeleton: Skeleton, body: FloatArray) -> BodyMotion:
    return BodyMotion(skeleton, body, np.zeros((len(body), len(HAND_CHANNELS)), np.float32))


@pytest.fixture(scope="module")
def waving(skeleton: Skeleton) -> BodyMotion:
    """Both hands rise by 15 cm within .3 s, three times, and sink slowly."""
    up = np.zeros(FRAMES)
    for apex in STROKES:
        rise = np.clip((TIME - apex + 0.3) / 0.3, 0, 1)
        up += 0.15 * (3 * rise**2 - 2 * rise**3) * (1 - np.clip((TIME - apex - 0.2) / 1.2, 0, 1))
    return motion(skeleton, reach(skeleton, np.stack([0 * up + 0.2, 0.15 + up, 0 * up + 0.32], 1)))


def test_strokes_are_counted_and_what_is_between_is_rest(waving: BodyMotion) -> None:
    expected = len(STROKES)
    assert waving.strokes == expected
    assert waving.measures()["gestures_per_minute"] == pytest.approx(expected * 60 / SECONDS, rel=0.01)
    still = np.abs(TIME - 10.8) < 1.0
    assert waving.resting[still].all() and not waving.resting[np.abs(TIME - 4.85) < 0.05].any()


def test_hands_brake_just_before_a_stroke_ends(waving: BodyMotion) -> None:
    assert len(waving.beats) == len(STROKES)
    assert np.abs(waving.beats / CODE_RATE - np.array(STROKES)).max() < 0.12


def test_hands_are_fast_about_their_own_accents(waving: BodyMotion) -> None:
    own = np.array([(apex - 0.05, 1.0) for apex in STROKES])
    later = np.roll(waving.speed, round(1.2 * CODE_RATE))
    assert accent_speed([waving.speed, later], [own, own + np.array([1.2, 0.0])], strongest=1.0) > 2
    assert accent_speed([waving.speed] * 2, [own, own], strongest=1.0) == pytest.approx(1.0)


def test_feet_stand_whatever_the_pelvis_does(skeleton: Skeleton) -> None:
    body = np.zeros((200, len(BODY_CHANNELS)), np.float32)
    body[:, 0] = 0.03 * np.sin(TIME[:200])
    body[:, 1] = -0.02
    found = motion(skeleton, body).measures()
    assert found["foot_slide"] < 0.1 and found["hands_resting"] == 1.0 and found["gestures_per_minute"] == 0.0


def test_collisions_are_seen_and_kept_out(skeleton: Skeleton) -> None:
    deep = reach(skeleton, np.tile([0.05, 0.15, 0.1], (60, 1)))
    near = reach(skeleton, np.tile([0.02, 0.2, 0.35], (60, 1)))
    assert motion(skeleton, deep).measures()["hands_in_trunk"] == 1.0
    assert motion(skeleton, near).measures()["hands_touching"] == 1.0
    for body in (deep, near):
        kept = motion(skeleton, keep_clear(skeleton, body)).measures()
        assert kept["hands_in_trunk"] == 0.0 and kept["hands_touching"] == 0.0


def test_what_is_clear_stays_as_it_is(skeleton: Skeleton) -> None:
    free = reach(skeleton, np.tile([0.25, 0.2, 0.35], (60, 1)))
    assert np.abs(keep_clear(skeleton, free) - free).max() < 1e-3
