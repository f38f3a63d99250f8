"""Where the eyes of people who talk are."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.stages.attention import BACK_SECONDS, attend_to, own_turns
from avgen.types import CODE_RATE, FloatArray, Interval, Tokens

AWAY_DEGREES = 3.0


def talk(*turns: tuple[float, float], seconds: float) -> Tokens:
    """Tokens of somebody who makes one sound after the other between some seconds."""
    phonemes: list[Interval] = []
    now = 0.0
    for start, end in turns:
        phonemes.append(Interval("$", now, start))
        phonemes += [Interval("a", t, t + 0.1) for t in np.arange(start, end - 0.05, 0.1)]
        now = end
    phonemes.append(Interval("$", now, seconds))
    return Tokens(np.zeros((round(seconds * CODE_RATE), 1), np.float32), "phonemes", (), tuple(phonemes))


def on_partner(gaze: FloatArray, start: float, end: float) -> float:
    """Share of the frames between two seconds in which the gaze is on the partner."""
    part = gaze[round(start * CODE_RATE) : round(end * CODE_RATE)]
    return float((np.hypot(*part.T) <= AWAY_DEGREES).mean())


def test_turns_are_bridged_over_pauses_and_short_answers_are_none() -> None:
    tokens = talk((1.0, 3.0), (3.5, 5.0), (10.0, 10.4), (20.0, 21.5), seconds=30.0)
    assert own_turns(tokens) == [pytest.approx((1.0, 5.0)), pytest.approx((20.0, 21.5))]


def test_listeners_look_at_the_partner_longer_than_speakers_do() -> None:
    listening = [on_partner(attend_to(talk(seconds=300.0), seed), 0, 300) for seed in range(4)]
    speaking = [on_partner(attend_to(talk((0.1, 299.0), seconds=300.0), seed), 0, 300) for seed in range(4)]
    assert np.mean(listening) == pytest.approx(0.78, abs=0.06)
    assert np.mean(speaking) == pytest.approx(0.40, abs=0.06)
    assert len({round(share, 6) for share in listening}) == 4


def test_turns_begin_with_a_look_aside_and_end_at_the_partner() -> None:
    turns = [(start, start + 5.0) for start in np.arange(10.0, 600.0, 12.0)]
    gaze = attend_to(talk(*turns, seconds=620.0), 3)
    begun = np.mean([on_partner(gaze, start + 0.3, start + 0.8) for start, _ in turns])
    before = np.mean([on_partner(gaze, start - 3.0, start - 1.0) for start, _ in turns])
    ended = np.mean([on_partner(gaze, end - BACK_SECONDS[1] + 0.1, end) for _, end in turns])
    assert begun < 0.4 and before > 0.65 and ended > 0.9


def test_eyes_jump_and_rest_and_stay_within_reach() -> None:
    gaze = attend_to(talk((5.0, 60.0), seconds=120.0), 1)
    assert gaze.dtype == np.float32 and gaze.shape == (round(120 * CODE_RATE), 2)
    moving = np.abs(np.diff(gaze, axis=0)).max(1) > 0.01
    assert 0.01 < moving.mean() < 0.15
    assert np.hypot(*gaze.T).max() < 30 and np.abs(gaze[:, 1]).max() > np.abs(gaze[:, 0]).max()
