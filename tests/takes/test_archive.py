from __future__ import annotations

import numpy as np
import pytest

from avgen.emotion import Emotion
from avgen.takes.archive import FORMS
from avgen.tracks import Codes, Kind, Track
from avgen.types import EmotionChange, Interval, Tokens, VoiceChange, Waveform

RNG = np.random.default_rng(0)


def random(*shape: int) -> np.ndarray:
    return RNG.standard_normal(shape).astype(np.float32)


def codes(mel: np.ndarray) -> Codes:
    """Codes of a mel, with a track that no stage of avgen knows."""
    kinds: dict[str, tuple[np.ndarray, Kind]] = {
        "mel": (mel, "linear"),
        "head": (random(len(mel), 7), "pose"),
        "jaw": (random(len(mel), 4), "rotation"),
    }
    return Codes({name: Track(*each) for name, each in kinds.items()}, rate=50.0)


def test_tokens_survive_with_their_times_emotions_and_voices() -> None:
    words = (Interval("“Hé,”", 0.1, 1 / 3), Interval("there.", 0.4, 0.7000000001))
    emotions = (EmotionChange(0.2, Emotion(happy=0.1, energy=-1 / 3)),)
    voices = (VoiceChange(1 / 3, (1.0, 0.0)), VoiceChange(0.7, (0.6, 0.4)))
    tokens = Tokens(random(4, 3), "phonemes", words, words[:1], emotions, voices=voices)
    form = FORMS["tokens"]
    again = form.load(form.dump(tokens))
    np.testing.assert_array_equal(again.logits, tokens.logits)
    assert (again.label_set, again.words, again.phonemes) == ("phonemes", words, words[:1])
    assert again.emotions == emotions and again.voices == voices


def test_codes_survive_whatever_their_tracks() -> None:
    form, before = FORMS["codes"], codes(random(4, 80))
    again = form.load(form.dump(before))
    assert again.rate == 50.0 and again.tracks.keys() == before.tracks.keys()
    for name, track in before.tracks.items():
        assert again.tracks[name].kind == track.kind
        np.testing.assert_array_equal(again[name], track.values)


def test_waveforms_survive() -> None:
    form, wave = FORMS["waveform"], Waveform(random(9), 16000)
    again = form.load(form.dump(wave))
    np.testing.assert_array_equal(again.samples, wave.samples)
    assert again.sample_rate == 16000


def test_same_value_same_bytes_whatever_its_memory_layout() -> None:
    mel = random(80, 4).T
    one = codes(mel)
    straight = Track(np.ascontiguousarray(mel), "linear")
    assert FORMS["codes"].dump(one) == FORMS["codes"].dump(Codes({**one.tracks, "mel": straight}, one.rate))


def test_what_is_no_result_of_the_kind_is_a_value_error() -> None:
    """Whole files with the right hash may still hold something else: another kind, or a forgery."""
    whole = {
        "tokens": FORMS["tokens"].dump(Tokens(random(4, 3), "phonemes", (), ())),
        "codes": FORMS["codes"].dump(codes(random(4, 80))),
        "waveform": FORMS["waveform"].dump(Waveform(random(9))),
    }
    for kind, data in whole.items():
        for other in whole.keys() - {kind}:
            with pytest.raises(ValueError, match="not a result of this kind"):
                FORMS[other].load(data)
        for part in (b"", b"\0" * 8, data[:-3], data.replace(b"avgen", b"avgem"), b"\xff" * len(data)):
            with pytest.raises(ValueError):
                FORMS[kind].load(part)
    uneven = FORMS["codes"].dump(Codes({"mel": Track(random(4, 2)), "face": Track(random(5, 2))}))
    with pytest.raises(ValueError, match="tracks of different lengths"):
        FORMS["codes"].load(uneven)
