from __future__ import annotations

import numpy as np

from avgen.takes.archive import dump, load_codes, load_tokens, load_waveform
from avgen.types import Codes, Interval, Tokens, Waveform

RNG = np.random.default_rng(0)


def random(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def test_tokens_survive_with_their_times() -> None:
    words = (Interval("“Hé,”", 0.1, 1 / 3), Interval("there.", 0.4, 0.7000000001))
    tokens = Tokens(random(4, 3), "phonemes", words, words[:1])
    again = load_tokens(dump(tokens))
    np.testing.assert_array_equal(again.logits, tokens.logits)
    assert (again.label_set, again.words, again.phonemes) == ("phonemes", words, words[:1])


def test_codes_and_waveform_survive() -> None:
    codes = Codes(random(4, 80), random(4, 5), random(4, 7))
    again = load_codes(dump(codes))
    for name in ("mel", "face", "head"):
        np.testing.assert_array_equal(getattr(again, name), getattr(codes, name))
    wave = Waveform(random(9), 16000)
    np.testing.assert_array_equal(load_waveform(dump(wave)).samples, wave.samples)
    assert load_waveform(dump(wave)).sample_rate == 16000


def test_same_value_same_bytes_whatever_its_memory_layout() -> None:
    mel = random(80, 4)
    codes = Codes(mel.T, random(4, 5), random(4, 7))
    assert dump(codes) == dump(Codes(np.ascontiguousarray(mel.T), codes.face, codes.head))
