"""Emotions as text."""

from __future__ import annotations

import pytest

from avgen.emotion import AUTO, EMOTIONS, Emotion, parse_choice
from avgen.errors import InputError


@pytest.mark.parametrize(
    ("text", "weights", "canonical"),
    [
        ("neutral", (0, 0, 0, 0, 0), "neutral"),
        ("happy:0.7,surprised:.2", (0.7, 0, 0, 0.2, 0), "happy:0.7,surprised:0.2"),
        (" Surprised:0.20 , HAPPY:0.70 ", (0.7, 0, 0, 0.2, 0), "happy:0.7,surprised:0.2"),
        ("sad", (0, 1, 0, 0, 0), "sad:1"),
        ("energy:-0.5", (0, 0, 0, 0, -0.5), "energy:-0.5"),
        ("angry:1,energy:1", (0, 0, 1, 0, 1), "angry:1,energy:1"),
        ("happy:0", (0, 0, 0, 0, 0), "neutral"),
    ],
)
def test_emotions_are_read_and_written(text: str, weights: tuple[float, ...], canonical: str) -> None:
    assert Emotion.parse(text) == weights
    assert str(Emotion.parse(text)) == canonical
    assert len(weights) == len(EMOTIONS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hapy:0.5", "unknown emotion 'hapy'"),
        ("", "unknown emotion ''"),
        ("happy:0.7;sad:0.1", "not a number"),
        ("happy:nan", "not a number"),
        ("happy:1e-1", "not a number"),
        ("happy:1.2", "from 0 to 1"),
        ("happy:-0.1", "from 0 to 1"),
        ("energy:-1.5", "from -1 to 1"),
        ("happy:0.7,sad:0.4", "more than 1"),
        ("happy:0.2,happy:0.3", "twice"),
    ],
)
def test_wrong_emotions_say_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Emotion.parse(text)


def test_a_clip_may_leave_its_emotion_to_be_heard() -> None:
    assert parse_choice(" Auto ") == AUTO
    assert parse_choice("happy:0.5") == Emotion(happy=0.5)
    with pytest.raises(InputError, match="unknown emotion 'auto'"):
        Emotion.parse("auto")  # in the middle of a script nothing can be heard
