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
from scripts.mira.dataset import Passage, Passages
from scripts.train.data import cues, frame_labels
from scripts.train.loop import Run, export

LATENT_NOISE = 0.02
"""Standard deviation of the noise that the decoder learns to ignore, in those of the VAE's latents."""
VELOCITY_WEIGHT = 16.0
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
    parser.add_argument("--beta", type=float, default=0.002)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    held = list(islice(Passages(args.passages, "valid"), HELD))
    poses = [
        torch.from_numpy(item.head) for item in Passages(args.passages, "train") if len(item.head) >= 128
    ]
    model = HeadVAE()
    everything = torch.cat(poses)
    model.mean.copy_(everything.mean(0))
    model.scale.copy_(everything.std(0).clamp(min=1e-4))
    run = Run(args.run, args.minutes, model, torch.optim.AdamW(model.parameters()), peak_rate=2e-3)
    for step in run.steps():
        pose = crops(poses, rng, 16, 128)
        loss, divergence = head_vae_losses(model, pose, torch.randn(*pose.shape[:2], model.config.latent))
        run.update(loss + args.beta * divergence)
        if step % 500 == 0:
            run.log(loss=loss.item(), divergence=args.beta * divergence.item(), **evaluate(model, held))
    model.load_state_dict(run.ema)
    run.log(**evaluate(model, held))
    model.standardise([pose.numpy() for pose in poses[:400]])
    steady(model, poses, rng, args.steady_steps)
    run.log(steady=args.steady_steps, **evaluate(model, held))
    export(model.state_dict(), args.run / "head_vae.safetensors", dtype=torch.float32)
    (args.run / "head_vae.yaml").write_text(yaml.safe_dump(asdict(model.config), sort_keys=False))


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
        pose = crops(poses, rng, 16, 128)
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
def evaluate(model: HeadVAE, passages: Sequence[Passage]) -> dict[str, float]:
    """Reconstruction error in degrees and millimetres, and the latent's spread, on held-out passages."""
    degrees, millimetres, spread = [], [], []
    for passage in passages:
        pose, heard = passage.head, cues(passage, frame_labels(passage.phones, len(passage.mel)))
        latent = model.encode(pose, heard)
        decoded = model.decode(latent, heard)
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
