"""The head-pose VAE learns slow motion and decodes unit quaternions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from avgen.flow.head_vae import HeadVAE, HeadVAEConfig, PriorConfig, SpeechPrior, de_emphasise
from avgen.flow.losses import head_vae_losses
from avgen.types import MEL_BINS, Cues


def motion(num_frames: int) -> np.ndarray:
    """A nod of 10 degrees at 1 Hz with a sway of 1 cm."""
    angle = np.radians(10) * np.sin(2 * np.pi * np.arange(num_frames) / 86.13)
    pose = np.zeros((num_frames, 7), np.float32)
    pose[:, 0], pose[:, 1] = np.cos(angle / 2), np.sin(angle / 2)
    pose[:, 4] = 0.01 * np.cos(2 * np.pi * np.arange(num_frames) / 172.26)
    return pose


def cues(num_frames: int) -> Cues:
    """Noise, five labels and two emotions."""
    rng = np.random.default_rng(num_frames)
    mel, labels, emotion = (
        rng.normal(size=(num_frames, size)).astype(np.float32) for size in (MEL_BINS, 5, 2)
    )
    return Cues(mel, labels, emotion)


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
        loss, divergence = head_vae_losses(model, crop, torch.randn(1, 64, 8))
        optimiser.zero_grad()
        (loss + 1e-3 * divergence).backward()
        optimiser.step()
    with torch.no_grad():
        decoded = model.decode_normalised(model.encode_moments(pose[None])[0])[0].numpy()
    angle = 2 * np.degrees(np.arcsin(decoded[:, 1])) - 2 * np.degrees(np.arcsin(motion(400)[:, 1]))
    assert np.abs(angle[20:-20]).mean() < 0.5


def test_decoding_gives_unit_quaternions_and_the_same_in_chunks() -> None:
    torch.manual_seed(1)
    model = HeadVAE()
    latent = np.random.default_rng(0).normal(size=(130, 8)).astype(np.float32)
    whole = model.decode(latent, cues(130))
    np.testing.assert_allclose(np.linalg.norm(whole[:, :4], axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(model.decode(latent, cues(130), chunk=37), whole, atol=1e-5)


def test_emphasis_is_undone_by_decoding() -> None:
    torch.manual_seed(2)
    plain, emphasised = HeadVAE(HeadVAEConfig(emphasis=0.0)), HeadVAE()
    emphasised.load_state_dict(plain.state_dict())
    for model in (plain, emphasised):
        model.standardise([motion(500)])
    latents = [model.encode(motion(300), cues(300)) for model in (plain, emphasised)]
    assert np.abs(latents[0] - latents[1]).max() > 0.5
    poses = [
        model.decode(latent, cues(300)) for model, latent in zip((plain, emphasised), latents, strict=True)
    ]
    apart = np.abs(poses[1] - poses[0]).max(1)  # an emphasised latent leaves open where the head begins
    assert apart[250:].max() < 0.1 * apart[:50].max()


def test_steps_become_white() -> None:
    torch.manual_seed(2)
    model = HeadVAE()
    poses = [motion(500), motion(400)[::-1].copy()]
    model.standardise(poses)
    steps = torch.cat([model.steps(pose) for pose in poses])
    spread = torch.cov(steps.T)
    strong = spread.diag() > 0.5  # the rest is below a millionth of the strongest
    assert strong.sum() >= 2
    torch.testing.assert_close(spread[strong][:, strong], torch.eye(int(strong.sum())), atol=0.05, rtol=0)


def test_a_prior_is_undone_by_decoding_and_knows_nothing_before_training() -> None:
    torch.manual_seed(3)
    config = HeadVAEConfig(prior=PriorConfig(5, 2, width=8, kernel=3, dilations=(1, 2)))
    plain, given = HeadVAE(), HeadVAE(config)
    plain.load_state_dict({k: v for k, v in given.state_dict().items() if not k.startswith("prior.")})
    np.testing.assert_array_equal(given.encode(motion(90), cues(90)), plain.encode(motion(90), cues(90)))
    assert given.prior is not None
    torch.nn.init.normal_(given.prior.leave.weight)
    latent = given.encode(motion(90), cues(90))
    assert np.abs(latent - plain.encode(motion(90), cues(90))).max() > 0.1
    assert given.decode(latent, cues(90)) == pytest.approx(
        plain.decode(plain.encode(motion(90), cues(90)), cues(90)), abs=1e-4
    )


def test_a_listeners_head_may_move_while_speech_says_that_it_rests() -> None:
    torch.manual_seed(3)
    vae = HeadVAE(HeadVAEConfig(prior=PriorConfig(5, 2, width=8, kernel=3, dilations=(1,))))
    assert vae.prior is not None
    torch.nn.init.constant_(vae.prior.leave.bias, -2.0)  # the logarithm of a small spread
    spoken, pose = cues(90), motion(90)
    alone, listening = (vae.encode(pose, spoken._replace(listens=listens)) for listens in (False, True))
    np.testing.assert_allclose(listening * vae.config.listening_spread, alone * np.exp(-2), atol=1e-4)
    decoded = vae.decode(listening, spoken._replace(listens=True))
    np.testing.assert_allclose(decoded, vae.decode(alone, spoken), atol=1e-4)


def test_a_prior_learns_when_a_head_rests() -> None:
    """Spread of 1 while one label is said, of 0.1 while the other is."""
    torch.manual_seed(4)
    prior = SpeechPrior(PriorConfig(2, 1, width=16, kernel=3, dilations=(1,)), latent=1)
    optimiser = torch.optim.AdamW(prior.parameters(), 1e-2)
    mel, emotion = torch.zeros(4, 100, MEL_BINS), torch.zeros(4, 100, 1)
    for _ in range(150):
        rests = (torch.rand(4, 10) < 0.5).float().repeat_interleave(10, 1)[..., None]
        steps = torch.randn(4, 100, 1) * (1 - 0.9 * rests)
        mean, log_std = prior(mel, torch.cat([rests, 1 - rests], -1), emotion)
        loss = (0.5 * ((steps - mean) / log_std.exp()).square() + log_std).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    inside = rests.bool().squeeze(-1)
    assert log_std[inside].exp().median().item() == pytest.approx(0.1, rel=0.5)
    assert log_std[~inside].exp().median().item() == pytest.approx(1.0, rel=0.3)


def test_white_errors_of_a_latent_become_slow_ones_of_the_pose() -> None:
    errors = np.random.default_rng(0).normal(size=(4000, 8)).astype(np.float32)
    slow = de_emphasise(errors, 0.97)
    assert np.diff(slow, axis=0).std() / slow.std() < 0.3 < np.diff(errors, axis=0).std() / errors.std()
    np.testing.assert_allclose(slow[1:] - 0.97 * slow[:-1], errors[1:], atol=1e-5)
