"""The variants of the ablation differ in what their names say, and in nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from avgen.emotion import EMOTIONS
from avgen.flow.avflow import AVFlow
from avgen.flow.config import AVFlowConfig, Condition
from avgen.flow.dit import DiTConfig, Window
from avgen.text.labels import LABELS
from scripts.train.ablation import PAPER, Training, averaged, size, table, variants
from scripts.train.data import Crops, Example
from scripts.train.loop import Run

FRAMES, FACE = 24, 3
DIT = DiTConfig(num_blocks=2, width=16, hidden=32, num_heads=2, window=Window(3, 2), conv_kernel=3)
CONDITIONS = {
    "tokens": Condition(len(LABELS), flag=False),
    "emotion": Condition(len(EMOTIONS)),
    "voice": Condition(1),
}
TRACKS = {"mel": 80, "face": FACE, "head_latent": 8}
CONFIG = AVFlowConfig(CONDITIONS, TRACKS, audio=DIT, visual=DIT)
STATE = 80 + FACE + 8


def shaken(models: dict[str, AVFlow]) -> dict[str, AVFlow]:
    """Highways and modulation start at zero: random weights show what is connected."""
    torch.manual_seed(0)
    for model in models.values():
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.2)
    return {name: model.eval() for name, model in models.items()}


@pytest.fixture(scope="module")
def models() -> dict[str, AVFlow]:
    return shaken(variants(CONFIG))


def test_variants_are_the_papers(models: dict[str, AVFlow]) -> None:
    assert list(models) == list(PAPER)
    assert size(models["shared"]) == pytest.approx(size(models["joint"]), rel=0.25)
    assert size(models["separate"]) < size(models["joint"])


@torch.no_grad()
def test_modalities_meet_only_where_they_should(models: dict[str, AVFlow]) -> None:
    x_t, t = torch.randn(1, FRAMES, STATE), torch.tensor([0.3])
    louder = x_t.clone()
    louder[..., :80] += 1
    for name, model in models.items():
        tokens = model.conditions({"tokens": torch.rand(1, FRAMES, len(LABELS))})
        moved = (model(louder, t, tokens) - model(x_t, t, tokens))[..., 80:].abs().max()
        assert (moved > 1e-4) == (name in ("joint", "shared")), name


@torch.no_grad()
def test_cascaded_motion_follows_speech_and_not_the_text(models: dict[str, AVFlow]) -> None:
    model, x_t, t = models["cascaded"], torch.randn(1, FRAMES, STATE), torch.tensor([0.3])
    tokens = model.conditions({"tokens": torch.rand(1, FRAMES, len(LABELS))})
    other_text, other_speech = tokens.clone(), tokens.clone()
    other_text[..., : len(LABELS)] += 1
    other_speech[..., -80:] += 1
    text, speech = (model(x_t, t, c) - model(x_t, t, tokens) for c in (other_text, other_speech))
    assert text[..., 80:].abs().max() == 0 and text[..., :80].abs().max() > 1e-4
    assert speech[..., 80:].abs().max() > 1e-4 and speech[..., :80].abs().max() == 0


def test_all_variants_sample_the_same_in_windows(models: dict[str, AVFlow]) -> None:
    logits = np.random.default_rng(0).normal(size=(70, len(LABELS))).astype(np.float32)
    for model in models.values():
        whole = model.sample({"tokens": logits}, 1, num_steps=2)
        parts = model.sample({"tokens": logits}, 1, num_steps=2, chunk=16)
        assert list(whole) == list(TRACKS)
        for name, track in whole.items():
            assert track.shape == (70, TRACKS[name]) and np.abs(track - parts[name]).max() < 2e-3


def test_one_step_trains_every_variant_and_a_run_goes_on(tmp_path: Path) -> None:
    labels = torch.randint(0, len(LABELS), (80,), dtype=torch.uint8)
    example = Example(labels, torch.zeros(80, 5).half(), torch.randn(80, STATE).half())
    trained = torch.nn.ModuleDict(variants(CONFIG))
    training = Training(trained, Crops([example], 1, FRAMES, 2, seed=0), torch.device("cpu"), compiled=False)
    optimiser = torch.optim.AdamW(trained.parameters(), lr=1e-3)
    run = Run(tmp_path, 1, trained, optimiser, peak_rate=1e-3)
    before = {name: model.audio.head.weight.clone() for name, model in trained.items()}
    losses = training.update(optimiser)
    assert list(losses) == list(PAPER)
    for name, model in trained.items():
        assert not torch.equal(before[name], model.audio.head.weight), name
        assert set(averaged(run, name)) == set(model.state_dict())
    run.save()
    again = Run(tmp_path, 1, torch.nn.ModuleDict(variants(CONFIG)), optimiser, peak_rate=1e-3)
    assert torch.equal(again.model["joint"].audio.head.weight, trained["joint"].audio.head.weight)


def test_table_shows_ours_beside_the_papers() -> None:
    keys = ("lip_f1", "frechet_face", "diversity_head", "diversity_face", "beat_head", "beat_face", "mcd")
    more = ("lip_f1_bilabials", "smile_f1", "frechet_face_halves", "beat_head_shuffled", "beat_face_shuffled")
    values = dict.fromkeys((*keys, *more, "word_error_rate", "av_offset_ms", "blinks"), 0.5)
    text = table({"joint": values}, {"joint": 8_000_000}, "Made so.")
    assert "joint 8.00 M" in text
    assert "| joint | 0.964 | 0.861 | 0.029 | 0.680 | 0.258 | 0.229 | 0.900 | 0.157 |" in text
