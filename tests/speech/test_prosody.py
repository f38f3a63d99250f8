"""What emotions do to the voice: neutral nothing, each what listeners know it by."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.emotion import EMOTIONS, Emotion
from avgen.speech.prosody import Prosody, tempo


def curves(*emotions: str) -> np.ndarray:
    """[4, N] what the emotions of N frames do to a voice."""
    weights = np.array([Emotion.parse(text) for text in emotions], np.float32)
    return np.array(Prosody.of(weights, np.full(len(weights), 200.0, np.float32)).curves)


def test_neutral_changes_nothing() -> None:
    assert not np.any(curves("neutral", "neutral"))
    assert tempo(Emotion.parse("neutral")) == 1.0


def test_half_an_emotion_does_half_and_two_add_up() -> None:
    full, half, other, both = curves("happy", "happy:0.5", "sad:0.5", "happy:0.5,sad:0.5").T
    np.testing.assert_allclose(half, full / 2, rtol=1e-6)
    np.testing.assert_allclose(both, half + other, rtol=1e-5)
    assert tempo(Emotion.parse("happy:0.5,sad:0.5")) == pytest.approx(
        tempo(Emotion.parse("happy:0.5")) * tempo(Emotion.parse("sad:0.5"))
    )


@pytest.mark.parametrize(("emotion", "sign"), [("sad", -1), ("angry", 1), ("happy", 1), ("energy:-1", -1)])
def test_low_spirits_are_low_flat_soft_dark_and_slow(emotion: str, sign: int) -> None:
    assert (np.sign(curves(emotion)) == sign).all()
    assert np.sign(np.log(tempo(Emotion.parse(emotion)))) == sign


def test_every_emotion_is_heard() -> None:
    assert all(np.abs(np.ravel(curves(name))).max() > 0.5 for name in EMOTIONS)
