"""Train what the head VAE expects of a head given the speech: mean and spread of its latents, by likelihood.

    python -m scripts.train.train_head_prior --passages work/passages \
        --head-vae work/head_vae/head_vae.safetensors --run work/head_prior --minutes 10

Exports the whole head VAE with its prior. The flow is trained afterwards, on what the prior leaves open.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import yaml
from safetensors.torch import load_file
from torch import Tensor

from avgen.emotion import EMOTIONS
from avgen.flow.head_vae import HeadVAE, HeadVAEConfig, PriorConfig, SpeechPrior
from avgen.text.labels import LABELS
from scripts.mira.dataset import Passages
from scripts.train.data import frame_labels, posteriors
from scripts.train.loop import Run, export

FRAMES, BATCH = 256, 12


class Example(NamedTuple):
    """One passage: mel [N, 80], labels [N], emotion [N, E], whitened steps of the head [N, 8]."""

    mel: Tensor
    labels: Tensor
    emotion: Tensor
    steps: Tensor


def load(folder: Path, split: str, head_vae: HeadVAE) -> list[Example]:
    """All passages of a split, in half precision."""
    return [
        Example(
            torch.from_numpy(item.mel).half(),
            torch.from_numpy(frame_labels(item.phones, len(item.mel))).to(torch.uint8),
            torch.from_numpy(item.emotion).half(),
            head_vae.steps(item.head.astype(np.float32)).half(),
        )
        for item in Passages(folder, split)
    ]


def crops(examples: list[Example], rng: np.random.Generator) -> Example:
    """A batch of random stretches [BATCH, FRAMES, ...]."""
    rows = []
    for index in rng.integers(len(examples), size=BATCH):
        start = int(rng.integers(len(examples[index].labels) - FRAMES + 1))
        rows.append([part[start : start + FRAMES] for part in examples[index]])
    return Example(*(torch.stack(parts) for parts in zip(*rows, strict=True)))


def negative_log_likelihood(prior: SpeechPrior, batch: Example, soften: Tensor | None = None) -> Tensor:
    """Of the steps per channel and frame, without the constant: 0.5 on average for a prior of 0 and 1."""
    tokens = posteriors(batch.labels, soften)
    mean, log_std = prior(batch.mel.float(), tokens, batch.emotion.float())
    return (0.5 * ((batch.steps.float() - mean) / log_std.exp()).square() + log_std).mean()


def main() -> None:
    """Train, log the likelihood of held-out passages, export."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=Path, required=True)
    parser.add_argument("--head-vae", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    config = replace(HeadVAEConfig(), prior=PriorConfig(len(LABELS), len(EMOTIONS)))
    head_vae = HeadVAE(config)
    head_vae.load_state_dict(load_file(args.head_vae), strict=False)
    assert head_vae.prior is not None
    train, valid = (load(args.passages, split, head_vae) for split in ("train", "valid"))
    train = [example for example in train if len(example.labels) >= FRAMES]
    prior = head_vae.prior
    run = Run(args.run, args.minutes, prior, torch.optim.AdamW(prior.parameters()), peak_rate=3e-3)
    rng = np.random.default_rng(run.step)
    recent = []
    for step in run.steps():
        loss = negative_log_likelihood(prior, crops(train, rng), torch.rand(BATCH) < 0.25)
        run.update(loss)
        recent.append(loss.item())
        if step % 500 == 499:
            run.log(nll=float(np.mean(recent)), **validate(head_vae, run.ema, valid))
            recent.clear()
    run.log(**validate(head_vae, run.ema, valid))
    prior.load_state_dict(run.ema)
    export(head_vae.state_dict(), args.run / "head_vae.safetensors", dtype=torch.float32)
    (args.run / "head_vae.yaml").write_text(yaml.safe_dump(asdict(config), sort_keys=False))


@torch.no_grad()
def validate(head_vae: HeadVAE, weights: dict[str, Tensor], examples: list[Example]) -> dict[str, float]:
    """Negative log likelihood of held-out passages under averaged weights."""
    assert head_vae.config.prior is not None
    prior = SpeechPrior(head_vae.config.prior, head_vae.config.latent)
    prior.load_state_dict(weights)
    losses = [
        negative_log_likelihood(prior, Example(*(part[None] for part in example)))
        for example in examples[:40]
    ]
    return {"valid_nll": float(np.mean([loss.item() for loss in losses]))}


if __name__ == "__main__":
    main()
