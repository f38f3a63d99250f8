"""Corpus shards round-trip through the reader; vocoder training resumes where it stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")
from scripts.mira.corpus import Corpus, read_index
from tests.scripts.conftest import LENGTHS


def test_reader_gives_back_each_utterance(folder: Path) -> None:
    corpus = Corpus(folder)
    assert [len(utterance.mel) for utterance in corpus] == list(LENGTHS)
    assert corpus[1].text == "Text 1." and corpus[1].durations.tolist() == [2, 2, 2, 2]
    assert corpus[2].f0.shape == (20,) and corpus.targets(1) is None
    targets = corpus.targets(2)
    assert targets and targets[0].harmonic.shape == (25, 513) and targets[1].shape == (25 * 256,)


def test_half_written_index_line_is_left_out(folder: Path) -> None:
    assert len(read_index(folder)) == 3


def test_vocoder_training_resumes_from_its_checkpoint(folder: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from avgen.vocoders.source_filter import SourceFilterConfig
    from scripts.train.train_vocoder import Options, Targets, Trainer

    options = Options(budget=1e6, batch=2, crop=16, spectral_from=0.0)
    config = SourceFilterConfig(channels=8, blocks=1)
    trainer = Trainer(config, Targets(folder), options)
    losses = [trainer.step() for _ in range(2)]
    assert set(losses[0]) == {"harmonic", "noise", "voicing", "pitch", "spectral"}
    trainer.save(tmp_path / "checkpoint.pt")
    resumed = Trainer(config, Targets(folder), options)
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.steps == 2 and resumed.elapsed == pytest.approx(trainer.elapsed, abs=2)
    for ours, theirs in zip(trainer.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    resumed.step()


def test_vocoder_training_lowers_the_loss(folder: Path) -> None:
    pytest.importorskip("torch")
    from avgen.vocoders.source_filter import SourceFilterConfig
    from scripts.train.train_vocoder import Options, Targets, Trainer

    options = Options(budget=1e6, batch=4, crop=20, spectral_from=1.0, rate=1e-2)
    trainer = Trainer(SourceFilterConfig(channels=16, blocks=1), Targets(folder), options)
    sums = [sum(trainer.step().values()) for _ in range(60)]
    assert np.mean(sums[-10:]) < 0.9 * np.mean(sums[:10])
