from __future__ import annotations

import numpy as np
import pytest

from avgen.emotion import AUTO, EMOTIONS, NEUTRAL, Emotion
from avgen.speech import affect
from avgen.speech.affect import FELT, MOST_ENERGY, ear, heard_emotion
from avgen.speech.measures import MEASURES, Heard
from avgen.types import CODE_RATE, SAMPLE_RATE

ENERGY = EMOTIONS.index("energy")


def speech(lively: float, seconds: float = 6.0) -> np.ndarray:
    """A buzz whose pitch and loudness move, by as much as is wanted."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    hertz = 180 * 2 ** (lively * 0.4 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    loudness = 10 ** (0.7 * lively * (np.sin(2 * np.pi * 5 * time) - 1))
    return (0.1 * loudness * sum(np.sin(k * phase) / k for k in range(1, 16))).astype(np.float32)


def test_lively_speech_has_more_energy_than_flat_speech() -> None:
    flat, lively = (
        heard_emotion(speech(amount), round(6 * CODE_RATE), NEUTRAL)[:, ENERGY] for amount in (0.02, 1.0)
    )
    assert flat.mean() < -0.1 < 0.1 < lively.mean()
    assert np.abs(np.concatenate([flat, lively])).max() < MOST_ENERGY


def test_energy_is_smooth_and_follows_changes() -> None:
    samples = np.concatenate([speech(0.02, 20.0), speech(1.0, 20.0)])
    track = heard_emotion(samples, len(samples) // 256, NEUTRAL)[:, ENERGY]
    assert track[: len(track) // 3].mean() < track[-len(track) // 3 :].mean()
    assert np.abs(np.diff(track)).max() < 0.01


def test_of_silence_and_of_the_shortest_sound_nothing_is_heard() -> None:
    for frames in (1, 300):
        for emotion in (NEUTRAL, AUTO):
            silent = heard_emotion(np.zeros(256 * frames, np.float32), frames, emotion)
            assert silent.shape == (frames, len(EMOTIONS)) and np.abs(silent).max() < 0.6


def test_what_is_asked_for_stays() -> None:
    asked = Emotion(happy=0.5, energy=-0.3)
    assert np.array_equal(heard_emotion(speech(1.0), 9, asked), np.tile(np.float32(asked), (9, 1)))
    happy = heard_emotion(speech(1.0), 9, Emotion(happy=0.5))
    assert (happy[:, 0] == 0.5).all() and not happy[:, 1:ENERGY].any() and happy[:, ENERGY].any()


def test_an_estimate_is_a_mixture_that_leaves_something_neutral() -> None:
    felt = heard_emotion(speech(1.0), 500, AUTO)[:, :ENERGY]
    assert (felt > 0).all() and (felt.sum(1) < 1).all() and (felt == felt[0]).all()


def test_typical_measures_have_no_energy_and_unknown_ones_count_as_typical(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(affect, "measure", lambda heard, part: ear().typical)
    active = np.ones(400, bool)
    heard = Heard(np.zeros((400, 80)), np.zeros(400), np.zeros(400), active)
    assert affect.energy(heard, 400) == pytest.approx(np.zeros(400))
    assert not ear().standard(np.full(len(MEASURES), np.nan)).any()


def test_what_was_learnt_hears_what_the_voice_does() -> None:
    """The directions of avgen/speech/prosody.py: all but sad speech is livelier than neutral."""
    melody = ear().weights[MEASURES.index("melody")]
    assert melody[FELT.index("sad")] < 0 < melody[FELT.index("happy")]
