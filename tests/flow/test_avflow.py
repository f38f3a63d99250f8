"""The joint model: streaming, highways, seeds, the paper's configuration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from avgen.errors import StageError
from avgen.flow.avflow import (
    AVFlow,
    AVFlowConfig,
    AVSample,
    LossWeights,
    both,
    coloured,
    flow_loss,
    halo_windows,
)
from avgen.flow.dit import DiTConfig, Window
from avgen.flow.solver import FittedSolver
from avgen.types import CODE_RATE

SMALL = AVFlowConfig(
    num_labels=7,
    face_channels=5,
    audio=DiTConfig(2, 16, 32, 2, Window(7, 2), conv_kernel=3),
    visual=DiTConfig(2, 24, 32, 2, Window(5, 4), conv_kernel=3),
)


def small(config: AVFlowConfig = SMALL) -> AVFlow:
    """A model whose every weight matters (zero initialisations replaced by noise)."""
    torch.manual_seed(0)
    model = AVFlow(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def logits(num_frames: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(num_frames, 7)).astype(np.float32)


def test_streaming_in_windows_equals_one_pass() -> None:
    model = small()
    whole = model.sample(logits(301), seed=3, num_steps=2, chunk=10_000)
    for chunk in (32, 100):
        parts = model.sample(logits(301), seed=3, num_steps=2, chunk=chunk)
        for a, b in zip(whole, parts, strict=True):
            np.testing.assert_allclose(a, b, atol=2e-5)


def test_coloured_noise_is_scaled_below_and_above_the_rate_of_postures() -> None:
    noise = torch.randn(4, 4096, 3, generator=torch.Generator().manual_seed(0))
    before, after = (torch.fft.rfft(x, dim=1).abs() for x in (noise, coloured(noise, 1.5, 0.5)))
    rate = torch.fft.rfftfreq(noise.shape[1], 1 / CODE_RATE)
    gain = after.mean((0, 2)) / before.mean((0, 2))
    np.testing.assert_allclose(gain[rate < 0.02], 1.5, atol=0.01)
    np.testing.assert_allclose(gain[rate > 3], 0.5, atol=0.01)
    torch.testing.assert_close(coloured(noise, 1.0, 1.0), noise, atol=1e-5, rtol=0)


def test_only_the_noise_of_the_head_is_coloured() -> None:
    """A model without weights moves nothing, so that what it generates is its noise."""

    def generated(config: AVFlowConfig) -> AVSample:
        model = small(config)
        for parameter in model.parameters():
            parameter.data.zero_()
        return model.sample(logits(50), seed=3, num_steps=1)

    a, b = generated(SMALL), generated(replace(SMALL, slow_head_noise=1.5, fast_head_noise=0.5))
    np.testing.assert_allclose(b.mel, a.mel, atol=1e-5)
    np.testing.assert_allclose(b.face, a.face, atol=1e-5)
    expected = coloured(torch.from_numpy(a.head_latent)[None], 1.5, 0.5)[0]
    np.testing.assert_allclose(b.head_latent, expected, atol=1e-5)
    assert np.abs(b.head_latent - a.head_latent).max() > 0.1


def test_a_halo_too_small_would_be_noticed() -> None:
    """The streaming test can fail: without halo the chunks differ from one pass."""
    model = small()
    x, t, tokens = torch.randn(1, 90, 93), torch.tensor([0.5]), torch.randn(1, 90, 7).softmax(-1)
    cut = torch.cat([model(x[:, :45], t, tokens[:, :45]), model(x[:, 45:], t, tokens[:, 45:])], dim=1)
    assert (cut - model(x, t, tokens)).abs().max() > 1e-3


@pytest.mark.parametrize("frames,chunk", [(1, 4), (4, 4), (103, 25)])
def test_halo_windows_cover_every_frame_once(frames: int, chunk: int) -> None:
    covered = [i for a, b, lo, hi in halo_windows(frames, chunk, (9, 3)) for i in range(a + lo, a + hi) if b]
    assert covered == list(range(frames))


def test_without_highways_the_modalities_are_independent() -> None:
    model = small(replace(SMALL, highways=False))
    x, t, tokens = torch.randn(1, 20, 93), torch.tensor([0.5]), torch.randn(1, 20, 7).softmax(-1)
    other = x.clone()
    other[..., 80:] = 0.0
    assert torch.equal(model(x, t, tokens)[..., :80], model(other, t, tokens)[..., :80])
    other = x.clone()
    other[..., :80] = 0.0
    assert torch.equal(model(x, t, tokens)[..., 80:], model(other, t, tokens)[..., 80:])


def test_highways_carry_sound_to_sight_and_back() -> None:
    model = small()
    x, t, tokens = torch.randn(1, 20, 93), torch.tensor([0.5]), torch.randn(1, 20, 7).softmax(-1)
    silent, still = x.clone(), x.clone()
    silent[..., :80] = 0.0
    still[..., 80:] = 0.0
    out = model(x, t, tokens)
    assert not torch.allclose(out[..., 80:], model(silent, t, tokens)[..., 80:], atol=1e-3)
    assert not torch.allclose(out[..., :80], model(still, t, tokens)[..., :80], atol=1e-3)


def test_a_seed_gives_the_same_codes_whatever_else_was_sampled() -> None:
    model = small()
    alone = model.sample(logits(50), seed=11, num_steps=2)
    torch.manual_seed(99)
    model.sample(logits(70), seed=5, num_steps=2)
    again = model.sample(logits(50), seed=11, num_steps=2)
    other = model.sample(logits(50), seed=12, num_steps=2)
    for a, b, c in zip(alone, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - c).max() > 0.1


def test_a_helper_changes_no_bit() -> None:
    model = small()
    x, t, tokens = torch.randn(1, 90, 80 + 5 + 8), torch.tensor([0.3]), torch.randn(1, 90, 7)
    with torch.inference_mode(), ThreadPoolExecutor(1) as helper:
        assert torch.equal(model(x, t, tokens, helper), model(x, t, tokens))


def test_an_error_of_the_helper_is_raised() -> None:
    def fail() -> Tensor:
        raise ValueError("nothing to see")

    with ThreadPoolExecutor(1) as helper, pytest.raises(ValueError, match="nothing to see"):
        both(lambda: torch.zeros(1), fail, helper)


def test_temperature_zero_is_the_same_for_every_seed() -> None:
    model = small()
    a, b = (model.sample(logits(20), seed=s, num_steps=2, temperature=0.0).face for s in (1, 2))
    np.testing.assert_array_equal(a, b)


def test_emotion_changes_the_motion_and_its_absence_is_known() -> None:
    model = small(replace(SMALL, emotion_channels=3))
    neutral = np.zeros((40, 3), np.float32)
    happy = neutral + np.array([1.0, 0.0, 0.0], np.float32)
    plain = model.sample(logits(40), seed=1, num_steps=2)
    np.testing.assert_array_equal(
        plain.face, model.sample(logits(40), seed=1, num_steps=2, emotion=neutral).face
    )
    assert np.abs(plain.face - model.sample(logits(40), seed=1, num_steps=2, emotion=happy).face).max() > 1e-2
    tokens = torch.zeros(1, 4, 7)
    assert not torch.equal(model.conditions(tokens), torch.zeros_like(model.conditions(tokens)))


def test_a_model_without_emotions_refuses_them() -> None:
    happy = np.ones((9, 5), np.float32)
    with pytest.raises(StageError, match="trained without emotions"):
        small().sample(logits(9), seed=1, emotion=happy)
    small().sample(logits(9), seed=1, num_steps=1, emotion=0 * happy)


def test_guidance_of_one_is_none_and_more_is_stronger() -> None:
    model = small()
    plain, same, more = (
        model.sample(logits(30), seed=1, num_steps=2, guidance_scale=scale)
        for scale in (1.0, 1.0 + 1e-9, 2.0)
    )
    np.testing.assert_allclose(plain.face, same.face, atol=1e-4)
    assert np.abs(plain.face - more.face).max() > 1e-3


def test_recorded_speech_is_kept_and_moves_the_face() -> None:
    model = small()
    mel = np.random.default_rng(4).normal(-6, 2, size=(50, 80)).astype(np.float32)
    drawn = model.sample(logits(50), seed=1, num_steps=3, mel=mel)
    np.testing.assert_allclose(drawn.mel, mel, atol=1e-3)
    other = model.sample(logits(50), seed=1, num_steps=3, mel=mel + 2.0)
    assert np.abs(drawn.face - other.face).max() > 1e-2


def test_recorded_speech_is_kept_by_a_fitted_solver_and_heard_as_it_is_at_every_time() -> None:
    """Whatever the solver makes of the mel: what the face follows depends on nothing but the recording."""
    model = small()
    mel = np.random.default_rng(4).normal(-6, 2, size=(50, 80)).astype(np.float32)
    weights = 0.3 * torch.randn(3, 4, sum(model.channels))
    model.solvers[3] = FittedSolver(torch.tensor([0.0, 0.2, 0.5]), weights)
    drawn = model.sample(logits(50), seed=1, num_steps=3, mel=mel)
    np.testing.assert_array_equal(drawn.mel, mel)
    weights[..., :80] = 7.0
    np.testing.assert_array_equal(model.sample(logits(50), seed=1, num_steps=3, mel=mel).face, drawn.face)


def test_fitted_solvers_are_read_with_the_weights_and_used_for_as_many_steps(tmp_path: Path) -> None:
    model, file = small(), tmp_path / "flow.safetensors"
    solver = FittedSolver(torch.tensor([0.0, 0.3]), torch.randn(2, 3, sum(model.channels)))
    save_file(
        {**model.state_dict(), "solver.2.times": solver.times, "solver.2.weights": solver.weights}, file
    )
    loaded = AVFlow.load(asdict(SMALL), file)
    for read, written in zip(loaded.solvers[2], solver, strict=True):
        assert torch.equal(read, written)
    plain, fitted = (one.sample(logits(50), seed=1, num_steps=2).face for one in (model, loaded))
    assert np.abs(plain - fitted).max() > 1e-2
    others = (one.sample(logits(50), seed=1, num_steps=3).face for one in (model, loaded))
    np.testing.assert_array_equal(*others)


def test_the_papers_configuration_instantiates_and_trains() -> None:
    torch.manual_seed(0)
    model = AVFlow(AVFlowConfig(num_labels=29, face_channels=256))
    assert len(model.audio.blocks) == 8 and model.config.audio.width == 512
    assert model.config.halo == (56, 16)
    optimiser = torch.optim.AdamW(model.parameters(), 3e-4, betas=(0.9, 0.98), eps=1e-9)
    x_0, x_1 = torch.randn(1, 8, 344), torch.randn(1, 8, 344)
    tokens, t = torch.randn(1, 8, 29).softmax(-1), torch.tensor([0.5])
    history = []
    for _ in range(4):
        loss = LossWeights().total(*flow_loss(model, model.channels, x_1, tokens, x_0, t))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        history.append(loss.item())
    assert history[-1] < 0.9 * history[0]


def test_loss_weights_are_the_papers() -> None:
    assert LossWeights() == LossWeights(mel=3.0, face=1.0, head=0.2)
    one = torch.tensor(1.0)
    assert LossWeights().total(one, one, one).item() == pytest.approx(4.2)


def test_loss_is_zero_only_for_the_true_velocity() -> None:
    x_0, x_1 = torch.randn(1, 9, 93), torch.randn(1, 9, 93)
    t, tokens = torch.tensor([0.4]), torch.zeros(1, 9, 7)
    parts = flow_loss(lambda *_: x_1 - x_0, (80, 5, 8), x_1, tokens, x_0, t)
    assert max(part.item() for part in parts) < 1e-5
    parts = flow_loss(lambda *_: x_1 - x_0 + 0.5, (80, 5, 8), x_1, tokens, x_0, t)
    assert [part.item() for part in parts] == pytest.approx([0.5, 0.25, 0.25], abs=1e-4)


def test_configuration_and_weights_survive_a_round_trip(tmp_path: Path) -> None:
    model = small()
    save_file(model.state_dict(), tmp_path / "flow.safetensors")
    loaded = AVFlow.load(asdict(SMALL), tmp_path / "flow.safetensors")
    assert loaded.config == SMALL
    np.testing.assert_array_equal(model.sample(logits(9), seed=0).mel, loaded.sample(logits(9), seed=0).mel)


def test_unequal_depths_are_refused() -> None:
    with pytest.raises(ValueError, match="same number of blocks"):
        AVFlowConfig(num_labels=3, face_channels=2, audio=DiTConfig(num_blocks=2))
