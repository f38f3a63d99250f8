"""Train what the head VAE expects of a head given the speech: mean and spread of its latents, by likelihood.

    python -m scripts.train.train_head_prior --passages work/passages \
        --head-vae work/head_vae/head_vae.safetensors --run work/head_prior --minutes 10

Exports the whole head VAE with its prior. The flow is trained afterwards, on what the prior leaves open.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
import yaml
from torch import Tensor

from avgen.emotion import EMOTIONS
from avgen.flow.head_vae import HeadVAE, PriorConfig, SpeechPrior
from avgen.text.labels import LABELS
from avgen.types import MEL_BINS
from scripts.mira.dataset import SPLITS, Passages, Split
from scripts.train.data import Crops, Example, frame_labels, load_head_vae, posteriors
from scripts.train.loop import Run, export

FRAMES, BATCH = 256, 12


def load(folder: Path, split: Split, head_vae: HeadVAE) -> list[Example]:
    """All passages of a split; their targets [N, 80 + 8] are the mel and the head's whitened steps."""
    examples = []
    for item in Passages(folder, split):
        labels = torch.from_numpy(frame_labels(item.phones, len(item.mel))).to(torch.uint8)
        steps = head_vae.steps(item.head.astype(np.float32))
        targets = torch.cat([torch.from_numpy(item.mel).float(), steps], dim=1).half()
        examples.append(Example(labels, torch.from_numpy(item.emotion).half(), targets))
    return examples


def negative_log_likelihood(
    prior: SpeechPrior, labels: Tensor, emotion: Tensor, targets: Tensor, soften: Tensor | None = None
) -> Tensor:
    """Of the steps per channel and frame, without the constant: 0.5 on average for a prior of 0 and 1."""
    mel, steps = targets[..., :MEL_BINS], targets[..., MEL_BINS:]
    mean, log_std = prior(mel, posteriors(labels, soften), emotion)
    return (0.5 * ((steps - mean) / log_std.exp()).square() + log_std).mean()


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
    plain = load_head_vae(args.head_vae)
    train, valid = (load(args.passages, split, plain) for split in SPLITS)
    config = replace(plain.config, prior=PriorConfig(len(LABELS), len(EMOTIONS)))
    head_vae = HeadVAE(config)
    head_vae.load_state_dict({**head_vae.state_dict(), **plain.state_dict()})
    assert head_vae.prior is not None
    prior = head_vae.prior
    run = Run(args.run, args.minutes, prior, torch.optim.AdamW(prior.parameters()), peak_rate=3e-3)
    crops = Crops(train, 1, FRAMES, BATCH, seed=run.step)
    recent = []
    for step in run.steps():
        batch = crops()
        soften = torch.rand(BATCH) < 0.25
        loss = negative_log_likelihood(prior, batch.labels, batch.emotion, batch.targets, soften)
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
        negative_log_likelihood(prior, one.labels[None], one.emotion[None].float(), one.targets[None].float())
        for one in examples[:40]
    ]
    return {"valid_nll": float(np.mean([loss.item() for loss in losses]))}


if __name__ == "__main__":
    main()
