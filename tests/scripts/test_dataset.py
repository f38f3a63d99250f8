from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avgen.types import CODE_RATE
from scripts.mira import dataset
from scripts.mira.dataset import Passage, Passages, Recording
from scripts.mira.phones import Phone


def recording(mark: str, lead: int = 20, speech: int = 40, tail: int = 30) -> Recording:
    """A vowel between two silences; frame counts."""
    borders = np.cumsum([0, lead, speech, tail]) / CODE_RATE
    names = ("$", "a", mark)
    phones = tuple(Phone(n, 0, a, b) for n, a, b in zip(names, borders[:-1], borders[1:], strict=True))
    mel = np.full((lead + speech + tail, 80), -11.5, np.float32)
    mel[lead : lead + speech] = -3.0
    return Recording(f"A{mark}", phones, mel, np.zeros(len(mel), np.float32))


def test_joined_phones_cover_the_passage_and_follow_the_mel() -> None:
    joined = dataset.assemble([recording("."), recording("?"), recording("!")], np.random.default_rng(0))
    assert [p.name for p in joined.phones] == ["$", "a", ".", "a", "?", "a", "!"]
    assert joined.phones[0].start == 0
    assert joined.phones[-1].end == pytest.approx(len(joined.mel) / CODE_RATE)
    for before, after in pairwise(joined.phones):
        assert before.end == pytest.approx(after.start)
    for phone in joined.phones:
        first, last = round(phone.start * CODE_RATE), round(phone.end * CODE_RATE)
        assert np.all(joined.mel[first:last] == (-3.0 if phone.name == "a" else -11.5))
    assert joined.text == "A. A? A!"


def test_every_utterance_is_in_one_group() -> None:
    found = np.concatenate(dataset.groups(101, np.random.default_rng(0)))
    np.testing.assert_array_equal(np.sort(found), np.arange(101))


def test_passages_are_read_back_as_written(tmp_path) -> None:
    source = recording(".")
    frames = len(source.mel)
    written = [
        Passage(
            source.text,
            seed,
            source.phones,
            source.mel,
            source.f0,
            np.full((frames, 53), seed / 8, np.float32),
            np.tile(np.eye(7, dtype=np.float32)[0], (frames, 1)),
            np.tile(np.float32([0.25 * seed, 0, 0, 0, -0.5]), (frames, 1)),
        )
        for seed in (1, 2, 3)
    ]
    dataset.write_shard(tmp_path / "passages_000.npz", written, [False, True, False])
    passages = Passages(tmp_path)
    assert len(passages) == 3
    assert [p.seed for p in Passages(tmp_path, "train")] == [1, 3]
    (valid,) = Passages(tmp_path, "valid")
    assert valid.text == "A."
    assert valid.phones == source.phones
    np.testing.assert_array_equal(valid.channels, written[1].channels)
    np.testing.assert_array_equal(valid.mel, source.mel)
    np.testing.assert_array_equal(valid.emotion, written[1].emotion)


def test_codec_statistics_mark_channels_that_move(tmp_path) -> None:
    source = recording(".")
    channels = np.zeros((len(source.mel), 53), np.float32)
    channels[::2, 4] = 0.5
    head = np.zeros((len(source.mel), 7), np.float32)
    emotion = np.zeros((len(source.mel), 5), np.float32)
    passage = Passage("A.", 0, source.phones, source.mel, source.f0, channels, head, emotion)
    dataset.write_shard(tmp_path / "passages_000.npz", [passage], [False])
    statistics = dataset.codec_statistics(Passages(tmp_path))
    assert np.flatnonzero(statistics["active"]).tolist() == [4]
    assert statistics["mean"][4] == pytest.approx(0.25)
    assert statistics["scale"][4] == pytest.approx(0.25)
    assert statistics["scale"][5] == dataset.LEAST_SCALE
