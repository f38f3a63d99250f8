"""Whisper's encoder: its mel, its shapes, and how it sees the order of things."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.speech.encoder import ENCODER_RATE, FEATURE_HOP, EncoderConfig, WhisperEncoder, whisper_mel

CONFIG = EncoderConfig(width=8, num_heads=2, num_blocks=2, max_features=40)


def tone(seconds: float, hertz: float, gain: float = 0.1) -> torch.Tensor:
    time = torch.arange(int(seconds * ENCODER_RATE)) / ENCODER_RATE
    return gain * torch.sin(2 * np.pi * hertz * time)


def test_a_tone_stands_in_its_band_and_ten_times_louder_is_half_a_unit_more() -> None:
    soft, loud = (whisper_mel(tone(0.4, 1000, gain)) for gain in (0.01, 0.1))
    assert soft.shape == (80, 40)
    assert soft[:, 20].argmax() == loud[:, 20].argmax()
    assert (loud - soft)[:, 20].max() == pytest.approx(0.5, abs=0.01)
    assert loud.max() - loud.min() <= 2.0


def test_two_frames_become_one_feature() -> None:
    torch.manual_seed(0)
    encoder = WhisperEncoder(CONFIG).eval()
    with torch.inference_mode():
        features = encoder(whisper_mel(tone(0.5, 300))[None])
    assert features.shape == (1, int(0.5 * ENCODER_RATE) // FEATURE_HOP, 8)


def test_every_feature_sees_all_others_and_its_own_position() -> None:
    torch.manual_seed(0)
    encoder = WhisperEncoder(CONFIG).eval()
    torch.nn.init.normal_(encoder.positions)
    mel = torch.zeros(1, 80, 40)
    with torch.inference_mode():
        before = encoder(mel)
        mel[..., 30] = 1.0
        after = encoder(mel)
    assert (after - before)[0, 2].abs().max() > 1e-6
    assert (before[0, 4] - before[0, 8]).abs().max() > 1e-3
