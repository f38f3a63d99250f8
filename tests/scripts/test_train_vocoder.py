"""Mira's vocoder: the teacher's envelopes, training by regression, its weights as a vocoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.vocoders.source_filter import SourceFilter, SourceFilterConfig  # noqa: E402
from scripts.mira.envelopes import teacher_envelopes  # noqa: E402
from scripts.train.train_vocoder import Options, Targets, Trainer, export  # noqa: E402

SMALL = SourceFilterConfig(channels=16, blocks=1)
REGRESSION = Options(budget=1e6, batch=4, crop=20, spectral_from=1.0, rate=1e-2)
SPECTRAL = Options(budget=1e6, batch=2, crop=16, spectral_from=0.0)


def test_noise_envelope_is_its_standard_deviation_at_its_time() -> None:
    noise = np.random.default_rng(0).standard_normal(100 * 256).astype(np.float32)
    noise[: 50 * 256] *= 0.01
    harmonic, f0 = np.zeros((95, 601), np.float32), np.full(95, 200, np.float32)
    envelope = teacher_envelopes(harmonic, f0, noise, 100).noise
    assert envelope.shape == (400, 129)
    level = np.sqrt(np.exp(2 * envelope).mean(1))
    assert level[210:390].mean() == pytest.approx(1, rel=0.05)
    assert level[10:190].mean() == pytest.approx(0.01, rel=0.05)


def test_regression_lowers_the_loss(folder: Path) -> None:
    trainer = Trainer(SMALL, Targets(folder), REGRESSION)
    sums = [sum(trainer.step().values()) for _ in range(60)]
    assert np.mean(sums[-10:]) < 0.9 * np.mean(sums[:10])


def test_training_resumes_from_its_checkpoint(folder: Path, tmp_path: Path) -> None:
    trainer = Trainer(SMALL, Targets(folder), SPECTRAL)
    losses = [trainer.step() for _ in range(2)]
    assert set(losses[0]) == {"harmonic", "noise", "voicing", "pitch", "spectral"}
    trainer.save(tmp_path / "checkpoint.pt")
    resumed = Trainer(SMALL, Targets(folder), SPECTRAL)
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.steps == 2 and resumed.elapsed == pytest.approx(trainer.elapsed, abs=2)
    for ours, theirs in zip(trainer.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(ours, theirs)
    resumed.step()


def test_export_speaks(folder: Path, tmp_path: Path) -> None:
    trainer = Trainer(SMALL, Targets(folder), REGRESSION)
    export(trainer.network, tmp_path / "vocoder.safetensors")
    config = {"channels": 16, "blocks": 1}
    vocoder = SourceFilter.load(config, tmp_path / "vocoder.safetensors")
    samples = vocoder(np.full((12, 80), -4, np.float32), seed=0)
    assert samples.shape == (12 * 256,) and np.isfinite(samples).all()
