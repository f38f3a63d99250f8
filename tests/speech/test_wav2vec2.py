"""The extractor of characters hears what torchaudio's own model hears."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchaudio.functional import resample
from torchaudio.models import wav2vec2_base
from torchaudio.pipelines import WAV2VEC2_ASR_BASE_960H

from avgen.speech import wav2vec2
from avgen.speech.audio import at_level
from avgen.speech.extractor import at_code_rate
from avgen.speech.wav2vec2 import Wav2Vec2Config, Wav2Vec2Extractor
from avgen.text.labels import CHARACTERS
from avgen.types import HOP_SIZE, SAMPLE_RATE
from tests.wav2vec2 import SIZES, published_model


def speech(hops: int) -> np.ndarray:
    time = np.arange(hops * HOP_SIZE) / SAMPLE_RATE
    swell = 0.2 + np.sin(5 * time) ** 2
    return (0.1 * swell * np.random.default_rng(0).standard_normal(len(time))).astype(np.float32)


@pytest.fixture(scope="module")
def extractor() -> Wav2Vec2Extractor:
    made = Wav2Vec2Extractor(SIZES)
    made.model.load_state_dict(published_model(outputs=29).state_dict())
    return made.eval()


def test_labels_are_those_of_the_published_model() -> None:
    assert CHARACTERS.labels == WAV2VEC2_ASR_BASE_960H.get_labels()
    assert CHARACTERS.name == Wav2Vec2Extractor.label_set
    assert WAV2VEC2_ASR_BASE_960H.sample_rate == 16_000


def test_the_published_sizes_are_the_default() -> None:
    with torch.device("meta"):
        ours, theirs = Wav2Vec2Extractor(Wav2Vec2Config()).model, wav2vec2_base(aux_num_out=29)
    shapes = {name: value.shape for name, value in theirs.state_dict().items()}
    assert {name: value.shape for name, value in ours.state_dict().items()} == shapes
    assert sum(value.numel() for value in ours.parameters()) == 94_393_245


def test_logits_are_those_of_torchaudios_model_at_the_code_rate(extractor: Wav2Vec2Extractor) -> None:
    samples = speech(441)  # 256 times 20 ms
    sound = torch.from_numpy(at_level(samples, SIZES.speech_level))
    padded = torch.nn.functional.pad(resample(sound, SAMPLE_RATE, 16_000), (40, 40))
    with torch.inference_mode():
        features = published_model(outputs=29)(padded[None])[0][0]
    assert features.shape == (256, 29)
    expected = at_code_rate(features, 0, 0, 441)
    np.testing.assert_allclose(extractor.logits(samples), expected, atol=1e-4)


@pytest.mark.parametrize("hops", [26, 172, 700])
def test_there_are_logits_for_every_hop(extractor: Wav2Vec2Extractor, hops: int) -> None:
    assert extractor.logits(speech(hops)).shape == (hops, 29)


def test_windows_hear_about_what_the_whole_hears(
    extractor: Wav2Vec2Extractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Statistics of a window differ a little, as the first layer's normalisation sees all of it."""
    samples = speech(700)
    whole = extractor.logits(samples)
    monkeypatch.setattr(wav2vec2, "WINDOW_FEATURES", 150)
    heard: list[int] = []
    monkeypatch.setattr(extractor, "_features", lambda part: heard.append(len(part)) or run(part))
    run = Wav2Vec2Extractor._features.__get__(extractor)
    parts = extractor.logits(samples)
    assert len(heard) > 2 and max(heard) <= 320 * 400
    assert np.corrcoef(whole.ravel(), parts.ravel())[0, 1] > 0.98
