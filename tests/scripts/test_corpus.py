"""Corpus shards round-trip through the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("scipy")
from scripts.voices.corpus import Corpus, read_index
from tests.scripts.conftest import LENGTHS


def test_reader_gives_back_each_utterance(folder: Path) -> None:
    corpus = Corpus(folder)
    assert [len(utterance.mel) for utterance in corpus] == list(LENGTHS)
    assert corpus[1].text == "Text 1." and corpus[1].durations.tolist() == [2, 2, 2, 2]
    assert corpus[2].f0.shape == (20,) and corpus.targets(1) is None
    targets = corpus.targets(2)
    assert targets and targets[0].harmonic.shape == (25, 513)
    assert targets[0].noise.shape == (100, 129) and targets[1].shape == (25 * 256,)


def test_half_written_index_line_is_left_out(folder: Path) -> None:
    assert len(read_index(folder)) == 3
