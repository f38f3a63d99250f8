"""Sound: one gain for everything, and no hard clipping."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avgen.emotion import NEUTRAL, Emotion
from avgen.errors import StageError
from avgen.speech.prosody import Prosody
from avgen.stages.vocode import CEILING, KNEE, soften_peaks, vocode
from avgen.tracks import Codes, Track
from avgen.types import CODE_RATE, HOP_SIZE, EmotionChange, FloatArray, Tokens, VoiceChange

VOICE = {"seed": 0, "speech_gain_db": 0.0, "voice": (1.0, 0.0), "mean_pitches": (190.0, 110.0)}


def codes(frames: int) -> Codes:
    return Codes({"mel": Track(np.zeros((frames, 80), np.float32))})


def tokens(frames: int, *changes: EmotionChange) -> Tokens:
    return Tokens(np.zeros((frames, 1), np.float32), "phonemes", (), (), changes)


def test_gain_is_the_same_everywhere() -> None:
    quiet = np.linspace(-0.2, 0.2, 3 * HOP_SIZE, dtype=np.float32)
    louder = {**VOICE, "emotion": NEUTRAL, "speech_gain_db": 6.0}
    wave = vocode(codes(3), tokens(3), lambda mel, seed, prosody: quiet, **louder)
    np.testing.assert_allclose(wave.samples, quiet * 10 ** (6 / 20), rtol=1e-5)


def test_loud_speech_is_bent_and_its_length_is_checked() -> None:
    loud = np.full(3 * HOP_SIZE, 2.0, np.float32)
    wave = vocode(codes(3), tokens(3), lambda mel, seed, prosody: loud, emotion=NEUTRAL, **VOICE)
    assert wave.samples.max() <= 1.0
    with pytest.raises(StageError, match=r"vocode failed: samples has shape \[5\], expected \[768\]"):
        vocode(codes(3), tokens(3), lambda mel, seed, prosody: loud[:5], emotion=NEUTRAL, **VOICE)


def test_the_vocoder_learns_what_is_felt_and_nothing_of_neutral() -> None:
    heard: list[Prosody | None] = []

    def vocoder(mel: FloatArray, seed: int, prosody: Prosody | None = None) -> FloatArray:
        heard.append(prosody)
        return np.zeros(len(mel) * HOP_SIZE, np.float32)

    vocode(codes(3), tokens(3), vocoder, emotion=NEUTRAL, **VOICE)
    felt = tokens(3, EmotionChange(1 / CODE_RATE, Emotion(happy=1.0)), EmotionChange(2 / CODE_RATE, NEUTRAL))
    vocode(codes(3), felt, vocoder, emotion=NEUTRAL, **VOICE)
    vocode(codes(3), tokens(3), vocoder, emotion=Emotion(happy=1.0), **VOICE)
    assert heard[0] is None and heard[1] is not None and heard[2] is not None
    assert (heard[1].pitch != 0).tolist() == [False, True, False]
    assert (heard[2].pitch != 0).all() and (heard[2].mean_pitch == 190.0).all()


def test_pitch_moves_about_the_mean_of_who_speaks() -> None:
    heard: list[Prosody] = []

    def vocoder(mel: FloatArray, seed: int, prosody: Prosody) -> FloatArray:
        heard.append(prosody)
        return np.zeros(len(mel) * HOP_SIZE, np.float32)

    spoken = replace(
        tokens(4),
        voices=(VoiceChange(1 / CODE_RATE, (0.0, 1.0)), VoiceChange(2 / CODE_RATE, (0.5, 0.5))),
    )
    vocode(codes(4), spoken, vocoder, emotion=Emotion(sad=1.0), **VOICE)
    mixed = np.sqrt(190.0 * 110.0)
    np.testing.assert_allclose(heard[0].mean_pitch, [190.0, 110.0, mixed, mixed], rtol=1e-6)


@settings(deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=50))
def test_peaks_bend_without_a_step_or_a_clip(values: list[float]) -> None:
    samples = np.sort(np.array(values, np.float32))
    soft = soften_peaks(samples)
    assert np.abs(soft).max() <= CEILING + 1e-6
    assert (np.diff(soft) >= 0).all()
    small = np.abs(samples) <= KNEE
    np.testing.assert_array_equal(soft[small], samples[small])
    np.testing.assert_allclose(soften_peaks(-samples), -soft)


def test_the_bend_begins_smoothly() -> None:
    above = soften_peaks(np.array([KNEE, KNEE + 1e-3], np.float32))
    assert (above[1] - above[0]) / 1e-3 == pytest.approx(1.0, abs=0.01)
