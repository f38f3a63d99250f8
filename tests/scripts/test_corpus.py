"""Corpus shards round-trip through the reader; who speaks which sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
from scripts.voices import corpus as made
from scripts.voices.corpus import SHARD_SIZE, UNHEARD, Corpus, crowd_mix, jobs, read_index, recipes
from scripts.voices.teachers import checked
from tests.scripts.conftest import LENGTHS


def test_reader_gives_back_each_utterance(corpora: Path) -> None:
    corpus = Corpus(corpora / "mira")
    assert [len(utterance.mel) for utterance in corpus] == list(LENGTHS)
    assert corpus[1].text == "Text 1." and corpus[1].durations.tolist() == [2, 2, 2, 2]
    assert corpus[2].f0.shape == (20,) and corpus.samples(2).shape == (25 * 256,)
    assert 0.1 < np.abs(corpus.samples(2)).max() < 9000 / 32767 + 1e-6


def test_a_voice_is_described_by_its_pitch_and_pace(corpora: Path) -> None:
    seconds = sum(LENGTHS) * 256 / 22050
    expected = f"mira: mean pitch 200 Hz, {21 / seconds:.1f} characters a second"
    assert made.describe(corpora / "mira") == expected


def test_half_written_index_line_is_left_out(corpora: Path) -> None:
    assert len(read_index(corpora / "mira")) == 3


def test_voices_take_turns_and_read_sentences_of_their_own(tmp_path: Path) -> None:
    sentences = [f"Sentence {i}." for i in range(200)]
    pending = jobs(tmp_path, sentences, ["mira", "ada"], 2 * SHARD_SIZE, None, held=False)
    assert [(job.voice, job.shard) for job in pending] == [("mira", 0), ("ada", 0), ("mira", 1), ("ada", 1)]
    assert pending[0].sentences != pending[1].sentences
    held = jobs(tmp_path, sentences, ["mira", "ada"], SHARD_SIZE, None, held=True)
    assert held[0].sentences == held[1].sentences == tuple(sentences[:SHARD_SIZE])


def test_shards_that_are_there_are_not_made_again(corpora: Path) -> None:
    pending = jobs(corpora, [f"Sentence {i}." for i in range(120)], ["mira"], 120, None, held=False)
    assert [job.shard for job in pending] == [1, 2]


def test_a_crowd_holds_neither_test_voices_nor_whisperers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "kokoro_voices", lambda folder: [*UNHEARD, "am_adam", "bf_emma", "jm_kumo"])
    mixes = [crowd_mix(tmp_path, number) for number in range(60)]
    assert not UNHEARD & {name for mix in mixes for name in mix}
    assert all(sum(mix.values()) == pytest.approx(1) for mix in mixes)
    assert len({frozenset(mix) for mix in mixes}) > 1


def test_every_shipped_voice_has_a_recipe_that_no_other_has() -> None:
    mixes = [tuple(sorted(recipe.get("mix", {}).items())) for recipe in recipes().values()]
    assert len(mixes) >= 8 and len(set(mixes)) == len(mixes)
    assert all(not UNHEARD & {name for name, _ in mix} for mix in mixes)


def test_a_teacher_whose_parts_differ_in_length_is_refused() -> None:
    checked([0, 5, 0], np.array([[2, 3, 1]]), np.zeros(12), np.zeros(3600))
    with pytest.raises(ValueError, match="differ in length"):
        checked([0, 5, 0], np.array([[2, 3, 1]]), np.zeros(11), np.zeros(3600))
