"""Cues of a speaker for whoever listens."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.speech.cues import CLAUSE_SECONDS, LOW_SECONDS, PAUSE_SECONDS, clause_ends, find_cues
from avgen.types import CODE_RATE, SAMPLE_RATE, FloatArray, Interval


def voice(*parts: tuple[float, float]) -> FloatArray:
    """A buzz of some seconds at some pitch each, which trembles a little; 0 Hz is silence."""
    hertz = np.concatenate([np.full(round(seconds * SAMPLE_RATE), pitch) for seconds, pitch in parts])
    hertz = hertz * (1 + 0.03 * np.sin(2 * np.pi * 7 * np.arange(len(hertz)) / SAMPLE_RATE))
    phase = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE
    buzz = sum(np.sin(k * phase) / k for k in range(1, 6))
    return np.where(hertz > 0, 0.1 * buzz, 0).astype(np.float32)


def test_low_pitch_after_speech_is_a_cue_and_not_before_enough_of_it() -> None:
    found = find_cues(voice((0.3, 110), (1.7, 200), (0.3, 110), (1.5, 210)))
    assert len(found) == 1
    assert found[0] == pytest.approx(2.0 + LOW_SECONDS, abs=0.06)


def test_low_pitch_that_is_short_is_none() -> None:
    assert find_cues(voice((2.0, 200), (0.03, 110), (2.0, 200))) == ()


def test_a_pause_is_a_cue_and_silence_goes_on_without_another() -> None:
    (cue,) = find_cues(voice((1.5, 200), (3.0, 0)))
    assert cue == pytest.approx(1.5 + PAUSE_SECONDS, abs=0.08)
    assert find_cues(voice((0.4, 200), (3.0, 0))) == ()


def test_cues_are_apart_and_noise_without_a_voice_has_none() -> None:
    low = [(0.2, 110), (0.3, 200)] * 8
    found = np.array(find_cues(voice((1.5, 200), *low)))
    assert len(found) >= 3 and np.diff(found).min() >= 0.79
    hiss = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert find_cues(hiss) == () and find_cues(np.zeros(SAMPLE_RATE, np.float32)) == ()


def phonemes(*lengths: float) -> list[Interval]:
    """Sounds and pauses in turn, of some seconds each."""
    ends = np.cumsum(lengths).tolist()
    starts = [0.0, *ends]
    return [
        Interval("a,"[k % 2], start, end) for k, (start, end) in enumerate(zip(starts, ends, strict=False))
    ]


def test_where_only_phonemes_are_known_the_ends_of_clauses_are_cues() -> None:
    ends = clause_ends(phonemes(1.5, 2 * CLAUSE_SECONDS, 2.0, 0.5, 1.0), ",")
    assert ends == pytest.approx((1.5, 3.7, 5.2), abs=1.5 / CODE_RATE)
    assert clause_ends([], ",") == ()


def test_short_pauses_end_no_clause_and_short_speech_asks_for_nothing() -> None:
    assert clause_ends(phonemes(1.5, CLAUSE_SECONDS / 2, 1.0), ",") == pytest.approx((2.55,), abs=0.02)
    assert clause_ends(phonemes(0.5, 1.0), ",") == ()
    assert len(clause_ends(phonemes(1.5, 0.2, 0.3, 0.1), ",")) == 1  # not again within 0.8 s
