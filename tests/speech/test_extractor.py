"""The token extractor: clocks, windows, levels, and weights that return from a file."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from avgen.speech.encoder import EncoderConfig
from avgen.speech.extractor import (
    FEATURE_SAMPLES,
    LEAD_FEATURES,
    ExtractorConfig,
    WhisperExtractor,
    at_code_rate,
)
from avgen.types import HOP_SIZE, SAMPLE_RATE

CONFIG = ExtractorConfig(
    num_labels=5, channels=8, dilations=(1, 2), encoder=EncoderConfig(width=8, num_heads=2, num_blocks=1)
)
SMALL = 2 * LEAD_FEATURES + 50
"""Features of a window that has 50 of its own."""


def speech(hops: int) -> np.ndarray:
    time = np.arange(hops * HOP_SIZE) / SAMPLE_RATE
    swell = 0.2 + np.sin(5 * time) ** 2
    return (0.1 * swell * np.random.default_rng(0).standard_normal(len(time))).astype(np.float32)


def extractor(max_features: int = 1500) -> WhisperExtractor:
    torch.manual_seed(0)
    encoder = replace(CONFIG.encoder, max_features=max_features)
    return WhisperExtractor(replace(CONFIG, encoder=encoder)).eval()


@pytest.mark.parametrize("hops", [26, 172, 700])
def test_there_are_logits_for_every_hop(hops: int) -> None:
    assert extractor().logits(speech(hops)).shape == (hops, 5)
    assert extractor(SMALL).logits(speech(hops)).shape == (hops, 5)


def test_windows_hear_what_one_hears_that_holds_it_all() -> None:
    """But for the far ends that a window does not see: attention here hardly tells."""
    whole, parts = (extractor(size).logits(speech(700)) for size in (1500, SMALL))
    assert np.corrcoef(whole.ravel(), parts.ravel())[0, 1] > 0.99


def test_the_level_of_a_recording_does_not_matter() -> None:
    network, heard = extractor(), speech(100)
    np.testing.assert_allclose(network.logits(0.01 * heard), network.logits(heard), atol=1e-3)


def test_features_are_taken_at_the_centres_of_code_frames() -> None:
    centres = (torch.arange(200) + 0.5) * FEATURE_SAMPLES
    found = at_code_rate(centres[:, None], 0, 3, 300)[:, 0]
    np.testing.assert_allclose(found, (np.arange(3, 300) + 0.5) * HOP_SIZE, rtol=1e-5)
    late = at_code_rate(centres[100:, None], 100, 200, 300)[:, 0]
    np.testing.assert_allclose(late, found[197:], rtol=1e-5)


def test_weights_return_from_a_file(tmp_path: Path) -> None:
    model = extractor()
    file = tmp_path / "extractor.safetensors"
    save_file({name: value.half() for name, value in model.state_dict().items()}, file)
    stored = {**asdict(CONFIG), "dilations": [1, 2]}
    again = WhisperExtractor.load(stored, file)
    np.testing.assert_allclose(again.logits(speech(30)), model.logits(speech(30)), atol=0.02)
    assert again.speech_level == pytest.approx(-24.9)
    assert again.change_cost == CONFIG.change_cost


def test_an_even_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel must be odd, got 4"):
        ExtractorConfig(num_labels=5, kernel=4)
