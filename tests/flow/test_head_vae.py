"""The head-pose VAE learns slow motion and decodes unit quaternions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.flow.head_vae import HeadVAE, HeadVAEConfig, de_emphasise


def motion(num_frames: int) -> np.ndarray:
    """A nod of 10 degrees at 1 Hz with a sway of 1 cm."""
    angle = np.radians(10) * np.sin(2 * np.pi * np.arange(num_frames) / 86.13)
    pose = np.zeros((num_frames, 7), np.float32)
    pose[:, 0], pose[:, 1] = np.cos(angle / 2), np.sin(angle / 2)
    pose[:, 4] = 0.01 * np.cos(2 * np.pi * np.arange(num_frames) / 172.26)
    return pose


def test_training_reconstructs_motion_to_half_a_degree() -> None:
    torch.manual_seed(0)
    pose = torch.from_numpy(motion(400))
    model = HeadVAE()
    model.mean.copy_(pose.mean(0))
    model.scale.copy_(pose.std(0).clamp(min=1e-3))
    optimiser = torch.optim.AdamW(model.parameters(), 5e-3)
    for step in range(150):
        optimiser.param_groups[0]["lr"] = 5e-3 * (1 - step / 150)
        start = int(torch.randint(400 - 64, (1,)))
        crop = pose[None, start : start + 64]
        loss, divergence = model.loss(crop, torch.randn(1, 64, 8), beta=1e-3)
        optimiser.zero_grad()
        (loss + divergence).backward()
        optimiser.step()
    decoded = model.decode(model.encode(motion(400)))
    angle = 2 * np.degrees(np.arcsin(decoded[:, 1])) - 2 * np.degrees(np.arcsin(motion(400)[:, 1]))
    assert np.abs(angle[20:-20]).mean() < 0.5


def test_decoding_gives_unit_quaternions_and_the_same_in_chunks() -> None:
    torch.manual_seed(1)
    model = HeadVAE()
    latent = np.random.default_rng(0).normal(size=(130, 8)).astype(np.float32)
    whole = model.decode(latent)
    np.testing.assert_allclose(np.linalg.norm(whole[:, :4], axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(model.decode(latent, chunk=37), whole, atol=1e-5)


def test_emphasis_is_undone_by_decoding() -> None:
    torch.manual_seed(2)
    plain, emphasised = HeadVAE(HeadVAEConfig(emphasis=0.0)), HeadVAE()
    emphasised.load_state_dict(plain.state_dict())
    for model in (plain, emphasised):
        model.standardise([motion(500)])
    latents = [model.encode(motion(300)) for model in (plain, emphasised)]
    assert emphasised.encode(motion(500))[1:].std() == pytest.approx(1.0, abs=1e-3)
    assert np.abs(latents[0] - latents[1]).max() > 0.5
    np.testing.assert_allclose(emphasised.decode(latents[1]), plain.decode(latents[0]), atol=1e-4)


def test_white_errors_of_a_latent_become_slow_ones_of_the_pose() -> None:
    errors = np.random.default_rng(0).normal(size=(4000, 8)).astype(np.float32)
    slow = de_emphasise(errors, 0.97)
    assert np.diff(slow, axis=0).std() / slow.std() < 0.3 < np.diff(errors, axis=0).std() / errors.std()
    np.testing.assert_allclose(slow[1:] - 0.97 * slow[:-1], errors[1:], atol=1e-5)
