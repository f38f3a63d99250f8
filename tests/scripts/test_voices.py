"""The table of the voices, and the sounds that a vocoder and text-to-tokens learn them from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.flow.text_to_tokens import TextToTokens, TextToTokensConfig  # noqa: E402
from avgen.speech.wav2vec2 import Wav2Vec2Extractor  # noqa: E402
from avgen.text.labels import LABELS  # noqa: E402
from avgen.types import CODE_RATE  # noqa: E402
from scripts.evaluate.voices import Speaker, row, table  # noqa: E402
from scripts.mira.align import phones_path, write_phones  # noqa: E402
from scripts.mira.phones import Phone  # noqa: E402
from scripts.train.data import Batch, Crops, Example  # noqa: E402
from scripts.train.train_tokens import Draw, begin, collate, expand, read_sentences  # noqa: E402
from scripts.voices.corpus import Corpus  # noqa: E402
from tests.wav2vec2 import SIZES  # noqa: E402


def speaker(words_wrong: float, angle: float) -> Speaker:
    """Somebody whose embedding points at an angle."""
    return Speaker(words_wrong, 3.9, np.array([np.cos(angle), np.sin(angle)]), 120.0, 2.5)


FOUND = {
    "ada": (speaker(0.02, 0.0), speaker(0.0, 0.1), 0.7),
    "ben": (speaker(0.04, 1.2), speaker(0.0, 1.1), 0.6),
    "leo": (speaker(0.03, 1.5), speaker(0.0, 1.5), 0.6),
}


def test_a_row_names_the_nearest_other_voice() -> None:
    assert "| ben | 4.0% / 0.0% | 3.90 / 3.90 | 1.00 | 0.96 (leo) |" in row("ben", FOUND)
    assert "| 0.36 (ben) |" in row("ada", FOUND)


def test_the_table_has_every_voice_and_the_mean() -> None:
    text = table(FOUND, {"ada": 12, "ben": 12, "leo": 24}, "command")
    assert "12 to 24 held-out sentences" in text and "Words wrong, mean: 3.0%." in text
    assert text.count("\n| ") == 5


def test_crops_are_told_whose_they_are_and_rarer_voices_are_drawn_more_often() -> None:
    def example(voice: int) -> Example:
        labels = torch.zeros(50, dtype=torch.uint8)
        return Example(labels, torch.zeros(50, 5).half(), torch.full((50, 3), float(voice)).half(), voice)

    crops = Crops([*(example(0) for _ in range(16)), example(1)], 2, 20, 500, seed=0)
    batch = crops()
    assert isinstance(batch, Batch) and batch.voice.shape == (500, 20, 2)
    assert torch.equal(batch.voice.argmax(-1).float(), batch.targets[..., 0])
    assert batch.voice[:, 0, 1].mean().item() == pytest.approx(1 / 5, abs=0.06)  # the root of 1 : 16
    assert set(batch.conditions()) == {"tokens", "emotion", "voice"}


def test_sentences_keep_their_voice(tmp_path: Path) -> None:
    phones = [Phone("$", 0, 0.0, 0.1), Phone("m", 0, 0.1, 0.2), Phone("A", 2, 0.2, 0.5)]
    write_phones(phones_path(tmp_path, 0), {0: phones, 1: phones[:2]})
    sentences = read_sentences(tmp_path, torch.tensor([0.0, 1.0]))
    labels, frames, mask, voice = collate(sentences)
    assert labels.shape == frames.shape == mask.shape == (2, 3) and mask.sum() == 5
    assert voice.tolist() == [[0.0, 1.0], [0.0, 1.0]]
    assert len(Draw(sentences)(4, np.random.default_rng(0))) == 4


def test_a_run_begins_with_what_another_knew_and_acts_as_it_did() -> None:
    torch.manual_seed(0)
    old = TextToTokens(TextToTokensConfig(len(LABELS), width=16, num_blocks=1)).eval()
    new = TextToTokens(TextToTokensConfig(len(LABELS), width=16, num_blocks=0, num_voices=3)).eval()
    begin(new, old.state_dict())
    labels, mask = torch.randint(0, len(LABELS), (1, 7)), torch.ones(1, 7)
    told = new.encode(labels, mask, torch.tensor([[0.0, 1.0, 0.0]]))
    for ours, theirs in zip(told, old.encode(labels, mask), strict=True):
        assert torch.equal(ours, theirs)
    new.voice.weight.data.normal_()
    assert not torch.equal(new.encode(labels, mask, torch.eye(3)[1:2])[1], told[1])


def test_text_to_tokens_learns_the_letters_that_are_heard(corpora: Path) -> None:
    folder = corpora / "mira"
    phones = [Phone("$", 0, 0.0, 0.1), Phone("m", 0, 0.1, 0.2), Phone("A", 2, 0.2, 40 / CODE_RATE)]
    write_phones(phones_path(folder, 0), {1: phones, 0: phones[:2]})
    torch.manual_seed(0)
    ear = Wav2Vec2Extractor(SIZES).eval()
    (plain, _), (heard, short) = (read_sentences(folder, torch.ones(1), one) for one in (None, ear))
    assert plain.heard is None and plain.targets().shape == (40, len(LABELS))
    assert short.heard.shape[0] == short.frames.sum() and heard.heard.shape == (40, 29)
    expected = torch.from_numpy(ear.logits(Corpus(folder).samples(1))).softmax(-1)
    torch.testing.assert_close(heard.targets(), expected[:40], atol=1e-3, rtol=0)
    network = TextToTokens(TextToTokensConfig(len(LABELS), width=16))
    features, *_ = network.encode(heard.labels[None], torch.ones(1, 3))
    rows, targets = expand(features, [heard], 30, np.random.default_rng(0))
    assert rows.shape == (1, 30, 16) and targets.shape == (1, 30, 29)
