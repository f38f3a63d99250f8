"""The mel transform against torch's STFT and torchaudio's slaney filters."""

from __future__ import annotations

import numpy as np
import pytest

from avgen.speech import mel


def reference_mel(samples: np.ndarray) -> np.ndarray:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchaudio.functional")
    padded = torch.nn.functional.pad(torch.from_numpy(samples)[None, None], (384, 384), mode="reflect")[0]
    spectrum = torch.stft(
        padded, 1024, 256, 1024, torch.hann_window(1024), center=False, onesided=True, return_complex=True
    )
    magnitude = torch.sqrt(torch.view_as_real(spectrum).pow(2).sum(-1) + 1e-9)
    filters = functional.melscale_fbanks(513, 0.0, 8000.0, 80, 22050, norm="slaney", mel_scale="slaney")
    return torch.log(torch.clamp(filters.T @ magnitude, min=1e-5))[0].T.numpy()


@pytest.mark.parametrize("length", [1024, 5000, 22050])
def test_mel_equals_the_torch_reference(length: int) -> None:
    time = np.arange(length) / 22050
    noise = np.random.default_rng(0).standard_normal(length) * 0.01
    samples = (0.3 * np.sin(2 * np.pi * 440 * time) * np.exp(-3 * time) + noise).astype(np.float32)
    np.testing.assert_allclose(mel.mel_spectrogram(samples), reference_mel(samples), atol=2e-4)


@pytest.mark.parametrize("length", [0, 255, 256, 511, 512, 22050, 22272])
def test_frames_are_whole_hops(length: int) -> None:
    assert mel.mel_spectrogram(np.zeros(length, np.float32)).shape == (length // 256, 80)


def test_silence_is_the_root_of_the_power_floor() -> None:
    silence = mel.mel_spectrogram(np.zeros(4096, np.float32))
    floor = np.log(np.maximum(np.sqrt(1e-9) * mel.mel_filters().sum(1), 1e-5))
    np.testing.assert_allclose(silence, np.broadcast_to(floor, silence.shape), atol=1e-4)


def test_filters_have_unit_area() -> None:
    area = mel.mel_filters().sum(1) * 22050 / 1024
    np.testing.assert_allclose(area[20:], 1, atol=0.06)


def test_blocks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = np.random.default_rng(1).standard_normal(20000).astype(np.float32)
    whole = mel.mel_spectrogram(samples)
    monkeypatch.setattr(mel, "_BLOCK_FRAMES", 7)
    np.testing.assert_allclose(mel.mel_spectrogram(samples), whole, atol=1e-5)
