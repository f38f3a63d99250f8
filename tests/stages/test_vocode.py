"""Sound: one gain for everything, and no hard clipping."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avgen.emotion import EMOTIONS
from avgen.speech.prosody import Prosody
from avgen.stages.vocode import CEILING, KNEE, soften_peaks, vocode
from avgen.types import HOP_SIZE, Codes, FloatArray


def codes(frames: int) -> Codes:
    return Codes(*(np.zeros((frames, size), np.float32) for size in (80, 1, 7)))


def test_gain_is_the_same_everywhere() -> None:
    quiet = np.linspace(-0.2, 0.2, 3 * HOP_SIZE, dtype=np.float32)
    wave = vocode(codes(3), lambda mel, seed, prosody: quiet, seed=0, mean_pitch=200.0, gain_db=6.0)
    np.testing.assert_allclose(wave.samples, quiet * 10 ** (6 / 20), rtol=1e-5)


def test_the_vocoder_learns_of_an_emotion_and_nothing_of_neutral() -> None:
    heard: list[Prosody | None] = []

    def vocoder(mel: FloatArray, seed: int, prosody: Prosody | None = None) -> FloatArray:
        heard.append(prosody)
        return np.zeros(len(mel) * HOP_SIZE, np.float32)

    emotion = np.zeros((3, len(EMOTIONS)), np.float32)
    vocode(codes(3), vocoder, seed=0, mean_pitch=120.0, emotion=emotion)
    emotion[1, 0] = 1.0
    vocode(codes(3), vocoder, seed=0, mean_pitch=120.0, emotion=emotion)
    assert heard[0] is None and heard[1] is not None
    assert heard[1].mean_pitch == 120.0
    assert (heard[1].pitch != 0).tolist() == [False, True, False]


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
