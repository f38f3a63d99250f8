"""The vocoder: training by spectral distance on several voices, its weights as a vocoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("scipy")
from avgen.vocoders.source_filter import ControlNetwork, Controls, SourceFilter, SourceFilterConfig  # noqa: E402
from scripts.train.loop import Run, export  # noqa: E402
from scripts.train.train_vocoder import (  # noqa: E402
    Sounds,
    losses,
    make_network,
    resynthesis,
    spectral_loss,
    validate,
)

SMALL = SourceFilterConfig(channels=16, blocks=1)
CPU = torch.device("cpu")


def test_crops_lie_inside_utterances_of_all_voices(corpora: Path) -> None:
    sounds = Sounds([corpora / "mira", corpora / "mira"])
    assert len(sounds) == 6 and list(sounds.voices) == [0, 0, 0, 1, 1, 1]
    batch = sounds.draw(4, 20, np.random.default_rng(0), CPU)
    assert batch.mel.shape == (4, 20, 80) and batch.samples.shape == (4, 20 * 256)


def test_training_lowers_the_distance(corpora: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    network, sounds = make_network(SMALL, None), Sounds([corpora / "mira"])
    run = Run(tmp_path / "run", 1, network, torch.optim.AdamW(network.parameters()), peak_rate=3e-2)
    found = []
    for step in range(40):
        batch = sounds.draw(4, 20, np.random.default_rng(step), CPU)
        parts = losses(network, network(batch.mel), batch)
        assert set(parts) == {"spectral", "voicing", "pitch"}
        run.optimiser.param_groups[0]["lr"] = 1e-2
        run.update(sum(parts.values()))
        found.append(parts["spectral"].item())
    assert np.mean(found[-8:]) < 0.9 * np.mean(found[:4])


def test_the_distance_is_least_for_the_sound_itself() -> None:
    torch.manual_seed(0)
    sound = torch.randn(1, 40 * 256) * 0.1
    assert spectral_loss(sound, sound) == 0
    assert spectral_loss(sound * 0.5, sound).item() == pytest.approx(np.log(2), rel=0.02)


def test_resynthesis_has_the_pitch_it_is_given() -> None:
    frames = 40
    flat = Controls(
        torch.full((1, frames, 513), -3.0),
        torch.full((1, 4 * frames, 129), -12.0),
        torch.ones(1, frames),
        torch.zeros(1, frames, 128),
    )
    sound = resynthesis(flat, torch.full((1, frames), 200.0))[0].numpy()
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    peak = np.fft.rfftfreq(len(sound), 1 / 22050)[spectrum[: int(300 / 22050 * len(sound))].argmax()]
    assert peak == pytest.approx(200, abs=3)


def test_validation_leaves_the_weights_alone(corpora: Path) -> None:
    network, held = make_network(SMALL, None), Sounds([corpora / "mira"])
    before = {name: value.clone() for name, value in network.state_dict().items()}
    averaged = {name: torch.zeros_like(value) for name, value in before.items()}
    measures = validate(network, averaged, held)
    assert {"held_spectral", "voicing_error", "cents", "gross"} <= set(measures)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_what_is_exported_speaks_and_can_be_begun_with(tmp_path: Path) -> None:
    network = ControlNetwork(SMALL)
    export(network.state_dict(), tmp_path / "vocoder.safetensors")
    vocoder = SourceFilter.load({"channels": 16, "blocks": 1}, tmp_path / "vocoder.safetensors")
    samples = vocoder(np.full((12, 80), -4, np.float32), seed=0)
    assert samples.shape == (12 * 256,) and np.isfinite(samples).all()
    again = make_network(SMALL, tmp_path / "vocoder.safetensors")
    assert torch.allclose(again.stem.weight, network.stem.weight, atol=1e-3)
