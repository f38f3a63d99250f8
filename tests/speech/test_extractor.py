"""The token extractor: windows change nothing, and it learns what it is shown."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from avgen.speech.extractor import ExtractorConfig, MelExtractor, band_centres, warping

CONFIG = ExtractorConfig(num_labels=5, channels=8, dilations=(1, 2))


def mel(frames: int) -> np.ndarray:
    return np.random.default_rng(0).normal(-6, 3, (frames, 80)).astype(np.float32)


def test_windows_do_not_change_the_logits() -> None:
    torch.manual_seed(0)
    model = MelExtractor(CONFIG).eval()
    whole = model.logits(mel(100))
    assert whole.shape == (100, 5)
    np.testing.assert_allclose(model.logits(mel(100), window_frames=17), whole, atol=1e-5)


def test_context_is_what_a_frame_depends_on() -> None:
    torch.manual_seed(0)
    model = MelExtractor(CONFIG).eval()
    heard = mel(80)
    changed = heard.copy()
    changed[40] += 1.0
    with torch.inference_mode():
        before, after = (model(torch.from_numpy(part)[None])[0].numpy() for part in (heard, changed))
    moved = np.flatnonzero(np.abs(after - before).max(1) > 1e-6)
    assert moved.min() == 40 - CONFIG.context
    assert moved.max() == 40 + CONFIG.context


@pytest.mark.parametrize("factor", [0.9, 1.2])
def test_warping_moves_formants_by_its_factor(factor: float) -> None:
    centres = band_centres()
    for hertz in (700.0, 1500.0, 3000.0):
        formant = -(((centres - hertz) / 300) ** 2)
        found = centres[(warping(factor) @ formant).argmax()]
        assert found == pytest.approx(hertz * factor, rel=0.04)


@pytest.mark.parametrize("factor", [1.0, 1.2])
def test_a_longer_vocal_tract_is_made_up_for(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that is sure only of a formant at 1500 Hz hears it at 1500 / 1.2 Hz too."""
    centres = band_centres()
    network = MelExtractor(CONFIG)

    def sure(mel: np.ndarray, window_frames: int) -> np.ndarray:
        found = centres[mel.argmax(1)]
        certainty = np.exp(-(((found - 1500) / 100) ** 2)) * 10
        return np.stack([certainty, *np.zeros((4, len(mel)))], axis=1).astype(np.float32)

    monkeypatch.setattr(network, "_logits", sure)
    formant = -(((centres - 1500 / factor) / 300) ** 2)
    assert network.logits(np.tile(formant, (20, 1)).astype(np.float32))[:, 0].min() > 5


def test_weights_return_from_a_file(tmp_path: Path) -> None:
    model = MelExtractor(CONFIG).eval()
    file = tmp_path / "extractor.safetensors"
    save_file({name: value.half() for name, value in model.state_dict().items()}, file)
    stored = {**asdict(CONFIG), "dilations": [1, 2]}
    again = MelExtractor.load(stored, file)
    np.testing.assert_allclose(again.logits(mel(30)), model.logits(mel(30)), atol=0.02)
    assert again.speech_level == pytest.approx(-24.9)


def test_an_even_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="kernel must be odd, got 4"):
        ExtractorConfig(num_labels=5, kernel=4)
