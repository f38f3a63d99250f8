from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.speech.mel import mel_spectrogram  # noqa: E402
from avgen.vocoders.bigvgan import BigVGAN, BigVGANConfig  # noqa: E402
from scripts.train import train_bigvgan  # noqa: E402
from scripts.train.discriminators import (  # noqa: E402
    PERIODS,
    Discriminators,
    adversarial_loss,
    discriminator_loss,
    feature_loss,
)

TINY: dict[str, Any] = {
    "upsample_rates": [8, 8, 2, 2],
    "upsample_kernel_sizes": [16, 16, 4, 4],
    "upsample_initial_channel": 32,
    "resblock_kernel_sizes": [3],
    "resblock_dilation_sizes": [[1]],
    "resblock": "2",
}


def test_every_judge_sees_all_samples() -> None:
    torch.manual_seed(0)
    judges, samples = Discriminators(width=2), torch.randn(2, 5000)
    verdicts = judges(samples)
    assert len(verdicts) == 8 and all(verdict[-1].shape[:2] == (2, 1) for verdict in verdicts)
    for judge, period in zip(judges.judges, PERIODS, strict=False):
        plane = judge.plane(samples)
        assert plane.shape[-1] == period
        assert torch.equal(plane.flatten(1)[:, :5000], samples)
    assert [judge.plane(samples).shape[2] for judge in judges.judges[5:]] == [513, 1025, 257]


def test_losses_are_least_where_each_side_wants_them() -> None:
    one, zero, seen = torch.ones(2, 1, 3), torch.zeros(2, 1, 3), torch.full((2, 4), 3.0)
    assert discriminator_loss([[seen, one]], [[seen, zero]]) == 0
    assert discriminator_loss([[seen, zero]], [[seen, one]]) == 2
    assert adversarial_loss([[seen, one]]) == 0 and adversarial_loss([[seen, zero]]) == 1
    assert feature_loss([[seen, one]], [[seen, zero]]) == 0
    assert feature_loss([[seen, one]], [[seen - 1, one]]) == 2


def test_mel_with_gradient_is_the_mel() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 20 * 256).astype(np.float32)
    mel = train_bigvgan.LogMel()(torch.from_numpy(samples)[None])[0].T.numpy()
    assert mel == pytest.approx(mel_spectrogram(samples), abs=1e-3)


def test_generator_learns_and_leaves_the_judges_alone() -> None:
    torch.manual_seed(0)
    training = train_bigvgan.Training(BigVGANConfig.from_mapping(TINY), discriminator_width=2)
    time = torch.arange(8 * 256) / 22050
    samples = 0.3 * torch.sin(2 * torch.pi * torch.tensor([[220.0], [330.0]]) * time)
    mel = training["mel"](samples)
    optimiser = torch.optim.AdamW(training["generator"].parameters(), 2e-3)
    before = [p.clone() for p in training["discriminators"].parameters()]
    losses = []
    for _ in range(40):
        found = training.generator_losses(mel, samples)
        optimiser.zero_grad()
        torch.stack(list(found.values())).sum().backward()
        optimiser.step()
        losses.append(found["mel"].item())
    assert losses[-1] < 0.6 * losses[0]
    assert all(p.grad is None for p in training["discriminators"].parameters())
    assert all(map(torch.equal, before, training["discriminators"].parameters()))


def test_training_resumes_and_its_weights_speak(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_bigvgan, "read_config", lambda file, name: TINY)
    run = tmp_path / "run"
    steps, elapsed = [], 0.0
    for _ in range(2):
        minutes = elapsed / 60 + 1e-4  # time for one step at least, however busy the machine
        options = {"--corpora": corpora, "--held": corpora, "--run": run, "--minutes": minutes, "--batch": 2}
        options |= {"--frames": 8, "--discriminator-width": 1, "--log-every": 1}
        monkeypatch.setattr(sys, "argv", ["train", *(str(x) for pair in options.items() for x in pair)])
        train_bigvgan.main()
        elapsed = torch.load(run / "checkpoint.pt", weights_only=True)["elapsed"]
        rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        steps.append(rows[-1]["step"])
    assert 0 < steps[0] < steps[1]
    assert {"judges", "adversarial", "features", "mel", "valid_mel"} <= rows[0].keys()
    vocoder = BigVGAN.load({}, run / "bigvgan.safetensors")
    spoken = vocoder(np.random.default_rng(0).uniform(-8, 0, (6, 80)).astype(np.float32), 0)
    assert spoken.shape == (6 * 256,) and np.isfinite(spoken).all() and spoken.std() > 0
