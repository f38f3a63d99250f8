"""Train the head-pose VAE on the passages' head poses (paper section 3.1), then steady its decoder.

python -m scripts.train.train_head_vae --passages work/passages --run work/runs/head_vae --minutes 3

A decoder that has only seen exact latents shows the small errors of a flow as trembling: a hundred times the
performances' power above 12 Hz. So at the end it alone is trained on, with noise on the latents.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import torch
import yaml

from avgen.flow.head_vae import HeadVAE
from avgen.flow.losses import head_vae_losses
from avgen.types import Cues, FloatArray
from scripts.mira.dataset import Passages
from scripts.train.loop import Run, export

LATENT_NOISE = 0.02
"""Standard deviation of the noise that the decoder learns to ignore, in those of the VAE's latents."""
VELOCITY_WEIGHT = 16.0
UNHEARD = Cues(*(np.zeros((0, 0), np.float32),) * 3)
"""A VAE without a prior moves to nothing."""
FRAMES = 128
"""Of a crop."""
BETA = 0.002
HELD = 40
"""Held-out passages that errors are measured on."""


def crops(poses: list[torch.Tensor], rng: np.random.Generator, batch: int, frames: int) -> torch.Tensor:
    """Random stretches of head motion: [batch, frames, 7]."""
    rows = []
    for index in rng.integers(len(poses), size=batch):
        start = rng.integers(len(poses[index]) - frames + 1)
        rows.append(poses[index][start : start + frames])
    return torch.stack(rows)


def main() -> None:
    """Train, log the reconstruction error on held-out passages, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--steady-steps", type=int, default=1500, help="of the decoder alone, at the end")
    parser.add_argument("--beta", type=float, default=BETA)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    held = [item.head for item in islice(Passages(args.passages, "valid"), HELD)]
    poses = [
        torch.from_numpy(item.head) for item in Passages(args.passages, "train") if len(item.head) >= FRAMES
    ]
    train_head_vae(HeadVAE(), poses, held, args.run, args.minutes, args.steady_steps, args.beta)


def train_head_vae(
    model: HeadVAE,
    poses: list[torch.Tensor],
    held: Sequence[FloatArray],
    folder: Path,
    minutes: float,
    steady_steps: int,
    beta: float = BETA,
) -> None:
    """Train a VAE without a prior, and write it with its configuration.

    Args:
        model: of random weights.
        poses: [N, 7] of heads, each of at least FRAMES.
        held: others to measure it on.
        folder: of the run.
        minutes: that it takes.
        steady_steps: of the decoder alone, at the end.
        beta: weight of the divergence.
    """
    rng = np.random.default_rng(0)
    everything = torch.cat(poses)
    model.mean.copy_(everything.mean(0))
    model.scale.copy_(everything.std(0).clamp(min=1e-4))
    run = Run(folder, minutes, model, torch.optim.AdamW(model.parameters()), peak_rate=2e-3)
    for step in run.steps():
        pose = crops(poses, rng, 16, FRAMES)
        loss, divergence = head_vae_losses(model, pose, torch.randn(*pose.shape[:2], model.config.latent))
        run.update(loss + beta * divergence)
        if step % 500 == 0:
            run.log(loss=loss.item(), divergence=beta * divergence.item(), **evaluate(model, held))
    model.load_state_dict(run.ema)
    run.log(**evaluate(model, held))
    model.standardise([pose.numpy() for pose in poses[:400]])
    steady(model, poses, rng, steady_steps)
    run.log(steady=steady_steps, **evaluate(model, held))
    export(model.state_dict(), folder / "head_vae.safetensors", dtype=torch.float32)
    (folder / "head_vae.yaml").write_text(yaml.safe_dump(asdict(model.config), sort_keys=False))


def steady(model: HeadVAE, poses: list[torch.Tensor], rng: np.random.Generator, steps: int) -> None:
    """Train the decoder alone on noisy latents; what the encoder gives stays as it is."""
    decoder = [
        parameter
        for part in (model.from_latent, model.decoder, model.leave)
        for parameter in part.parameters()
    ]
    optimiser = torch.optim.AdamW(decoder, lr=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / 100, max(0.02, 2 * (1 - step / steps)))
    )
    for _ in range(steps):
        pose = crops(poses, rng, 16, FRAMES)
        with torch.no_grad():
            latent = model.encode_moments(pose)[0]
        noisy = latent + LATENT_NOISE * latent.std((0, 1)) * torch.randn_like(latent)
        error = (model.decode_normalised(noisy) - pose) / model.scale
        loss = error.square().mean() + VELOCITY_WEIGHT * error.diff(dim=1).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


@torch.no_grad()
def evaluate(model: HeadVAE, poses: Sequence[FloatArray]) -> dict[str, float]:
    """Reconstruction error in degrees and millimetres, and the latent's spread, on held-out poses [N, 7]."""
    degrees, millimetres, spread = [], [], []
    for pose in poses:
        latent = model.encode(pose, UNHEARD)
        decoded = model.decode(latent, UNHEARD)
        dot = np.abs((decoded[:, :4] * pose[:, :4]).sum(1)).clip(max=1.0)
        degrees.append(np.degrees(2 * np.arccos(dot)).mean())
        millimetres.append(1e3 * np.linalg.norm(decoded[:, 4:] - pose[:, 4:], axis=1).mean())
        spread.append(latent.std())
    return {
        "degrees": float(np.mean(degrees)),
        "millimetres": float(np.mean(millimetres)),
        "latent_std": float(np.mean(spread)),
    }


if __name__ == "__main__":
    main()
