"""Nods and laughs, on top of what the head does."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.emotion import NEUTRAL, Emotion
from avgen.inputs.dialogues import AGREES, LAUGH, LAUGHS, NODS
from avgen.pose import head_angles
from avgen.stages.acts import (
    AGREE_DEGREES,
    AGREE_SECONDS,
    AMUSED,
    LAUGH_EDGES,
    LAUGH_LIFT_DEGREES,
    NOD_DEGREES,
    NOD_SECONDS,
    act,
    amused,
    laughs_of,
)
from avgen.types import CODE_RATE, EmotionChange, FloatArray, Interval, Tokens

SAD = Emotion.parse("sad:0.5")
TURN = np.array([np.cos(0.1), 0.0, np.sin(0.1), 0.0, 0.01, 0.02, 0.03], np.float32)
HEAD = np.tile(TURN, (300, 1))


def tokens(marks: tuple[Interval, ...], *words: Interval, emotions: tuple[EmotionChange, ...] = ()) -> Tokens:
    return Tokens(np.zeros((300, 2), np.float32), "phonemes", words, (), emotions, marks=marks)


def turned(acted: FloatArray) -> FloatArray:
    """Pitch, yaw and roll [3, N] in degrees that were added."""
    return (head_angles(acted) - head_angles(HEAD)).T


def test_the_head_goes_down_twice_and_comes_back_to_where_it_was() -> None:
    head, nodded = HEAD, act(HEAD, tokens((Interval(NODS, 0.5, 0.5),)))
    pitch, yaw, roll = turned(nodded)
    start, stop = round(0.5 * CODE_RATE), round((0.5 + 2 * NOD_SECONDS) * CODE_RATE)
    np.testing.assert_array_equal(nodded[:start], head[:start])
    np.testing.assert_allclose(nodded[stop + 1 :], head[stop + 1 :], atol=1e-6)
    assert pitch.min() == pytest.approx(-NOD_DEGREES[0], abs=0.1)
    assert np.sum(np.diff(np.sign(np.diff(pitch))) > 0) == 2  # two lowest places
    assert np.abs(yaw).max() < 0.1 and np.abs(roll).max() < 0.1
    np.testing.assert_array_equal(nodded[:, 4:], head[:, 4:])
    np.testing.assert_allclose(np.linalg.norm(nodded[:, :4], axis=1), 1.0, atol=1e-6)


def test_listeners_nod_less_than_a_script_asks_for_and_never_alike() -> None:
    starts = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    nods = [turned(act(HEAD, tokens((Interval(AGREES, start, start),))))[0] for start in starts]
    depths = np.array([-pitch.min() for pitch in nods])
    assert depths.min() > AGREE_DEGREES / 2 and depths.max() < 2 * AGREE_DEGREES and len(set(depths)) > 6
    assert len({int(np.sum(np.diff(np.sign(np.diff(pitch.round(3)))) > 0)) for pitch in nods}) > 1  # dips
    for start, pitch in zip(starts, nods, strict=True):
        assert np.abs(pitch[: int(start * CODE_RATE)]).max() < 1e-6
        assert np.abs(pitch[int((start + 3 * AGREE_SECONDS[1]) * CODE_RATE) + 2 :]).max() < 1e-3
    twice = turned(act(HEAD, tokens((Interval(AGREES, 0.3, 0.3), Interval(AGREES, 2.0, 2.0)))))[0]
    np.testing.assert_allclose(twice[: round(1.9 * CODE_RATE)], nods[0][: round(1.9 * CODE_RATE)], atol=1e-3)


def test_a_laugh_throws_the_head_back_and_shakes_it() -> None:
    marks = (Interval(LAUGHS, 0.5, 0.5), Interval("mine", 2.0, 2.0))
    said = tokens(marks, Interval(f"{LAUGH},", 0.5, 1.3), Interval("so", 1.4, 1.6), Interval(LAUGH, 2.0, 2.4))
    assert laughs_of(said) == (said.words[0],)  # the other is somebody's own word
    pitch, yaw, _ = turned(act(HEAD, said))
    during = pitch[round(0.8 * CODE_RATE) : round(1.3 * CODE_RATE)]
    assert during.mean() == pytest.approx(LAUGH_LIFT_DEGREES, abs=0.5)
    assert np.sum(np.diff(np.sign(np.diff(during))) != 0) >= 3
    assert np.abs(pitch[: round(0.25 * CODE_RATE)]).max() < 1e-3
    assert np.abs(pitch[-40:]).max() < 1e-3 and np.abs(yaw).max() < 0.1


def test_who_laughs_is_amused_and_then_as_before() -> None:
    laugh, marks = Interval(LAUGH, 1.0, 1.8), (Interval(LAUGHS, 1.0, 1.0),)
    start, end = 1.0 - LAUGH_EDGES[0], 1.8 + LAUGH_EDGES[1]
    assert amused(tokens((), laugh), NEUTRAL).emotions == ()
    both = EmotionChange(start, AMUSED), EmotionChange(end, NEUTRAL)
    assert amused(tokens(marks, laugh), NEUTRAL).emotions == both
    changes = EmotionChange(0.2, AMUSED), EmotionChange(1.5, SAD), EmotionChange(3.0, NEUTRAL)
    held = amused(tokens(marks, laugh, emotions=changes), NEUTRAL).emotions
    assert held == (changes[0], both[0], EmotionChange(end, SAD), changes[2])
